//! The card itself: which one is meant, what is on it, and binding it to its holder.
//!
//! | file | holds |
//! |---|---|
//! | `choice.rs` | the options that say which card is meant |
//! | `holder.rs` | what is said to its holder, and the PINs |
//! | `info.rs` | `card info` |
//! | `enrol.rs` | `card enrol` |

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::card::{Holds, Reader, TransportError, printable};
use crate::cli::Global;
use crate::commands::counter::{EnrolCounter, Fallbacks};
use crate::failure::{Exit, Failure};

pub mod choice;
pub mod enrol;
pub mod holder;
pub mod info;

use choice::{ReaderTimeout, asked_readers};
use enrol::Enrol;
use info::Info;

/// Commands about cards.
#[derive(Subcommand, Debug)]
pub enum CardCommand {
    /// Show what is on a card: its kind, certificates and how often each PIN may still be typed; nothing personal
    Info(Info),
    /// List the card readers and what is in them
    Readers(Readers),
    /// Bind a card to its holder, with the signing password and the 4-digit PIN
    Enrol(Enrol),
    /// Enrol somebody without a usable signing certificate, at a counter; a second official approves (by the commission)
    EnrolCounter(EnrolCounter),
    /// List the cards that were bound at a counter (by the commission, or an auditor)
    Fallbacks(Fallbacks),
}

impl CardCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Info(command) => command.run(global),
            Self::Readers(command) => command.run(global),
            Self::Enrol(command) => command.run(global),
            Self::EnrolCounter(command) => command.run(global),
            Self::Fallbacks(command) => command.run(global),
        }
    }
}

/// List the card readers.
#[derive(Args, Debug)]
pub struct Readers {
    #[command(flatten)]
    timeout: ReaderTimeout,
}

impl Readers {
    fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let readers = asked_readers(global, self.timeout.patience())?;
        if global.json {
            let list: Vec<Value> = readers.iter().map(|Reader { name, holds }| json!({ "name": name, "holds": holds_code(*holds) })).collect();
            outln!("{}", json!({ "readers": list }));
            return Ok(Exit::Done);
        }
        if readers.is_empty() {
            return Err(TransportError::NoReaders.into());
        }
        for Reader { name, holds } in &readers {
            outln!("{}: {}", printable(name), holds_text(global, *holds));
        }
        Ok(Exit::Done)
    }
}

const fn holds_code(holds: Holds) -> &'static str {
    match holds {
        Holds::Nothing => "nothing",
        Holds::Card => "card",
        Holds::CardInUse => "card-in-use",
        Holds::Mute => "mute",
    }
}

fn holds_text(global: &Global, holds: Holds) -> &'static str {
    let (ja, en) = match holds {
        Holds::Nothing => ("カードなし", "no card"),
        Holds::Card => ("カードあり", "a card"),
        Holds::CardInUse => ("カードあり（ほかのプログラムが使用中）", "a card, in use by another program"),
        Holds::Mute => ("応答しないカード", "something that does not answer as a card"),
    };
    global.lang().pick(ja, en)
}
