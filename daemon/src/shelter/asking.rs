//! Terminals that ask to be admitted. They are kept in memory alone: a terminal asks again until it is admitted, so nothing is lost with them.

use std::sync::{Mutex, PoisonError};

use tachiai_schemas::roster::TerminalStatus;
use tachiai_schemas::shelter::{TerminalAsking, TerminalRequest};
use tachiai_schemas::{Refusal, Timestamp};

use super::{Event, decide};
use crate::refused::Refused;

/// So many are kept; of more the one that asked least lately is forgotten.
const MOST: usize = 64;

/// Whoever has not asked again for so many seconds is forgotten.
const LASTS: i64 = 15 * 60;

/// Who asks, each with when it asked last.
#[derive(Default)]
pub struct Asking(Mutex<Vec<(TerminalAsking, Timestamp)>>);

impl Asking {
    fn with<T>(&self, now: Timestamp, does: impl FnOnce(&mut Vec<(TerminalAsking, Timestamp)>) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, last)| now.unix().saturating_sub(last.unix()) < LASTS);
        does(&mut all)
    }

    /// Somebody at a terminal asks, or asks again.
    pub fn ask(&self, by: String, request: TerminalRequest, now: Timestamp) {
        self.with(now, |all| {
            let since = all.iter().find(|(known, _)| known.request == request).map_or(now, |(known, _)| known.since);
            all.retain(|(known, _)| known.request.key != request.key);
            if all.len() >= MOST {
                all.remove(0);
            }
            all.push((TerminalAsking { request, by, since }, now));
        });
    }

    /// Nobody has to decide any more on the terminal with this key.
    pub fn settle(&self, request: &TerminalRequest, now: Timestamp) {
        self.with(now, |all| all.retain(|(known, _)| known.request.key != request.key));
    }

    /// Who asks, by name.
    #[must_use]
    pub fn all(&self, now: Timestamp) -> Vec<TerminalAsking> {
        let mut all: Vec<TerminalAsking> = self.with(now, |all| all.iter().map(|(asking, _)| asking.clone()).collect());
        all.sort_by(|one, other| (&one.request.terminal, one.since).cmp(&(&other.request.terminal, other.since)));
        all
    }
}

impl Event {
    /// A terminal asks to be admitted. One that is admitted asks for nothing.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`], [`Refusal::TerminalTaken`], [`Refusal::EventClosed`].
    pub fn ask_admission(&self, by: &str, request: TerminalRequest) -> Result<(), Refused> {
        decide::check_terminal(&request)?;
        self.is_open()?;
        if request.event != self.id {
            return Err(Refused::about(Refusal::ShelterInvalid, "event: this terminal was set up for another one"));
        }
        let known = self.published().roster.terminals().get(&request.terminal).map(|terminal| terminal.state.clone());
        match known {
            Some(state) if state.key != request.key || state.status == TerminalStatus::Revoked => Err(Refusal::TerminalTaken.into()),
            Some(_) => Ok(()),
            None => {
                self.asking.ask(by.to_owned(), request, self.services.clock.now());
                Ok(())
            }
        }
    }

    /// Who asks to be admitted.
    #[must_use]
    pub fn asking(&self) -> Vec<TerminalAsking> {
        self.asking.all(self.services.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;

    use super::*;

    fn request(name: &str, key: u8) -> TerminalRequest {
        TerminalRequest {
            terminal: name.parse().unwrap(),
            key: Bytes([key; 32]),
            recipient: "age1".to_owned(),
            shelter: "gym".parse().unwrap(),
            event: tachiai_schemas::roster::EventId([1; 16]),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn whoever_asks_again_stays_and_whoever_does_not_is_forgotten() {
        let asking = Asking::default();
        asking.ask("受付".to_owned(), request("gym-1", 1), at(0));
        asking.ask("受付".to_owned(), request("gym-2", 2), at(0));
        asking.ask("受付".to_owned(), request("gym-1", 1), at(600));
        let all = asking.all(at(LASTS));
        assert_eq!(all.iter().map(|one| (one.request.terminal.as_str(), one.since)).collect::<Vec<_>>(), [("gym-1", at(0))]);
        asking.settle(&request("gym-1", 1), at(LASTS));
        assert!(asking.all(at(LASTS)).is_empty());
    }

    #[test]
    fn two_of_one_name_are_both_shown_and_no_more_are_kept_than_somebody_can_look_at() {
        let asking = Asking::default();
        asking.ask("受付".to_owned(), request("gym-1", 1), at(0));
        asking.ask("誰か".to_owned(), request("gym-1", 2), at(1));
        assert_eq!(asking.all(at(2)).len(), 2);
        for key in 3..=200 {
            asking.ask("誰か".to_owned(), request("x", key), at(3));
        }
        assert_eq!(asking.all(at(3)).len(), MOST);
    }
}
