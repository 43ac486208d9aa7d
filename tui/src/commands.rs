//! The commands, one file for each person who types them; `ask` is what all of them ask.

pub mod approve;
mod ask;
mod by_name;
pub mod card;
pub mod count;
pub mod counter;
pub mod election;
pub mod papers;
pub mod poll;
pub mod receipt;
pub mod rehearse;
pub mod trustee;
pub mod turnout;
pub mod vote;
