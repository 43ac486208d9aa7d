//! Proofs without knowledge gained, one statement each.

pub mod equality;
