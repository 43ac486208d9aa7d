//! An election as its proofs see it: identifiers, roll, registrations, ballots (PROTOCOL §5 to §7).

pub mod ballot;
pub mod challenge;
pub mod context;
pub mod opening;
pub mod registration;
pub mod roll;
