//! Placeholder.

pub mod election;
