//! Proofs in zero knowledge, one statement in a file.
//!
//! - [`zero_one`]: the ciphertexts of a contest hold bits of which exactly s are one (PROTOCOL §7.3).
//! - [`batch`]: many ballots at once by one multiscalar multiplication (PROTOCOL §7.5).
//! - [`equality`]: a decryption share is made with the key behind the share key (PROTOCOL §8.4).

pub mod batch;
pub mod equality;
pub mod zero_one;
