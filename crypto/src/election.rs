//! What an election is made of.

pub mod tally;
