//! Placeholder.

pub mod election;
pub mod journal;
pub mod store;
