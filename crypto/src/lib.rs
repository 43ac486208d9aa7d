//! The cryptography of Tachiai: groups, proofs, ceremony, ballots, tally, journal trees and checkpoints.
//!
//! Nothing here does I/O, reads a clock or logs. The normative text is `crypto/PROTOCOL.md`.

pub mod ceremony;
pub mod commitment;
pub mod election;
pub mod elgamal;
pub mod group;
pub mod hash;
pub mod journal;
pub mod labels;
pub mod proof;
pub mod signature;
pub mod transcript;
