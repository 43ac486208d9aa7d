//! The console of Tachiai and its commands, as a library.
//!
//! `card` speaks to a My Number Card, `client` to the appliance; `voter` and `trustee` hold what these two people's programs do; `papers` (feature
//! `pdf`) sets what the commission prints; `commands` are the command line that `cli` parses;
//! `console` is what opens without one.

/// Writes a line to standard output. Where nobody reads it any more (`tachiai … | head`), that is no reason to fail: the act was done.
macro_rules! outln {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), $($text)*);
    }};
}

pub mod card;
pub mod cli;
pub mod client;
pub mod commands;
pub mod console;
pub mod draft;
pub mod failure;
mod owned;
#[cfg(feature = "pdf")]
pub mod papers;
pub mod poll;
pub mod profile;
pub mod protect;
pub mod rehearsal;
pub mod scratch;
pub mod secret_input;
pub mod shelter;
pub mod trustee;
pub mod voter;
