//! Votes as exact numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "outcome/votes.rs"]
mod votes;

use tachiai_verify::outcome::Votes;

fn number(text: &str) -> Votes {
    text.parse().unwrap()
}
