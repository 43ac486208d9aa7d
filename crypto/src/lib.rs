//! Placeholder.

pub mod hash;
