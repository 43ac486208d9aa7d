//! The outcome of a contest: so far, the votes from which it is decided.

mod votes;

pub use votes::{Votes, VotesError};
