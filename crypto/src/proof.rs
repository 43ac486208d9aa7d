//! Proofs in zero knowledge, one statement in a file.
//!
//! - [`zero_one`]: the ciphertexts of a contest hold bits of which exactly s are one (PROTOCOL §7.3).
//! - [`batch`]: many ballots at once by one multiscalar multiplication (PROTOCOL §7.5).

pub mod batch;
pub mod zero_one;
