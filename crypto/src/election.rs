//! An election as its proofs see it: identifiers, roll, registrations, ballots, tally (PROTOCOL §5 to §8, §16).

pub mod ballot;
pub mod challenge;
pub mod context;
pub mod opening;
pub mod paper;
pub mod registration;
pub mod roll;
mod statement;
pub mod tally;
