//! Placeholder.

pub mod journal;
pub mod store;
