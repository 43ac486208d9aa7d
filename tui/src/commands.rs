//! The commands, one file for each person who types them; `ask` is what all of them ask.

pub mod approve;
mod ask;
pub mod card;
pub mod counter;
pub mod election;
pub mod papers;
pub mod receipt;
pub mod trustee;
pub mod vote;
