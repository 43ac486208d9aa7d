//! What trustees do together, through the public API only: the ceremony, decryption, the tally, and the forgeries that each must refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ceremony;
mod decryption;
mod setup;
mod tally;
mod vectors;
