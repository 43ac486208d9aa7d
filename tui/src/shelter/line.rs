//! The line to the appliance, as far as a terminal needs it.

use tachiai_schemas::roster::hand_in::{HandInAnswer, News, SignedHandIn};
use tachiai_schemas::roster::{EventId, TerminalId};
use tachiai_schemas::shelter::Way;

use crate::client::Client;
use crate::failure::Failure;

/// What a terminal asks of the appliance.
pub trait Line {
    /// Hands in. Everything is durable there once it returns; the same again changes nothing.
    ///
    /// # Errors
    /// [`Failure`]: no connection (4), or a refusal of the whole.
    fn hand_in(&self, file: &SignedHandIn, way: Way) -> Result<HandInAnswer, Failure>;

    /// What a terminal has not seen: the entries from a leaf on, at most so many.
    ///
    /// # Errors
    /// [`Failure`]: no connection (4), or a refusal.
    fn news(&self, event: EventId, terminal: &TerminalId, from: u64, count: u64) -> Result<News, Failure>;
}

fn base(event: EventId) -> String {
    format!("/api/v1/shelter/events/{event}")
}

impl Line for Client {
    fn hand_in(&self, file: &SignedHandIn, way: Way) -> Result<HandInAnswer, Failure> {
        let way = match way {
            Way::Network => "",
            Way::Stick => "?way=stick",
        };
        self.post(&format!("{}/hand-ins{way}", base(file.body.event)), None, file)
    }

    fn news(&self, event: EventId, terminal: &TerminalId, from: u64, count: u64) -> Result<News, Failure> {
        self.get(&format!("{}/terminals/{terminal}/news?from={from}&count={count}", base(event)), None)
    }
}
