//! What this crate claims, each claim a test: on certificates of real test cards and on forged ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "claims/card_texts.rs"]
mod card_texts;
#[path = "claims/forged_certificates.rs"]
mod forged_certificates;
#[path = "claims/forged_signatures.rs"]
mod forged_signatures;
#[path = "claims/real_cards.rs"]
mod real_cards;
#[path = "claims/revocation.rs"]
mod revocation;
#[path = "claims/statements.rs"]
mod statements;
#[path = "claims/support.rs"]
mod support;
#[path = "claims/vectors.rs"]
mod vectors;
#[path = "claims/words.rs"]
mod words;
