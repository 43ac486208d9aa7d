//! The commands, one file for each person who types them.

pub mod approve;
pub mod card;
pub mod counter;
pub mod election;
pub mod receipt;
pub mod trustee;
pub mod vote;
