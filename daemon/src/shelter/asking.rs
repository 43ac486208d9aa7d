//! Terminals that ask to be admitted. They are kept in memory alone: a terminal asks again until it is admitted, so nothing is lost with them.

use std::sync::{Mutex, PoisonError};

use tachiai_schemas::roster::{TerminalId, TerminalState, TerminalStatus};
use tachiai_schemas::shelter::{TerminalAsking, TerminalRequest};
use tachiai_schemas::{Bytes, Refusal, Timestamp};

use super::{Event, decide};
use crate::refused::Refused;

/// So many are kept. One more is refused: nobody's request makes another's go.
const MOST: usize = 64;

/// So many are kept of those that one official asks for.
const MOST_OF_ONE: usize = 4;

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

    /// Somebody at a terminal asks, or asks again. A request proves nothing of who has the key, so it takes the place of the same alone, and of what the same
    /// official asked for with that key.
    ///
    /// # Errors
    /// [`Refusal::AskingMany`].
    pub fn ask(&self, by: String, request: TerminalRequest, now: Timestamp) -> Result<(), Refusal> {
        self.with(now, |all| {
            let since = all.iter().find(|(known, _)| known.request == request).map_or(now, |(known, _)| known.since);
            let (replaced, kept): (Vec<_>, Vec<_>) =
                all.drain(..).partition(|(known, _)| known.request == request || (known.by == by && known.request.key == request.key));
            let many = kept.len() >= MOST || kept.iter().filter(|(known, _)| known.by == by).count() >= MOST_OF_ONE;
            all.extend(kept);
            if many {
                all.extend(replaced);
                return Err(Refusal::AskingMany);
            }
            all.push((TerminalAsking { request, by, since }, now));
            Ok(())
        })
    }

    /// Nobody has to decide any more on the terminal with this name, or this key.
    pub fn settle(&self, name: &TerminalId, key: &Bytes<32>, now: Timestamp) {
        self.with(now, |all| all.retain(|(known, _)| known.request.key != *key && known.request.terminal != *name));
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
    /// A terminal asks to be admitted. One that is admitted as it is asks for nothing; one that moved asks.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`], [`Refusal::TerminalTaken`], [`Refusal::AskingMany`], [`Refusal::EventClosed`].
    pub fn ask_admission(&self, by: &str, request: TerminalRequest) -> Result<(), Refused> {
        decide::check_terminal(&request)?;
        self.is_open()?;
        if request.event != self.id {
            return Err(Refused::about(Refusal::ShelterInvalid, "event: this terminal was set up for another one"));
        }
        let known = self.published().roster.terminals().get(&request.terminal).map(|terminal| terminal.state.clone());
        match known {
            Some(state) if state.key != request.key || state.status == TerminalStatus::Revoked => Err(Refusal::TerminalTaken.into()),
            Some(TerminalState { shelter, recipient, .. }) if (&shelter, &recipient) == (&request.shelter, &request.recipient) => Ok(()),
            Some(_) | None => Ok(self.asking.ask(by.to_owned(), request, self.services.clock.now())?),
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
        for (name, key, seconds) in [("gym-1", 1, 0), ("gym-2", 2, 0), ("gym-1", 1, 600)] {
            asking.ask("受付".to_owned(), request(name, key), at(seconds)).unwrap();
        }
        let all = asking.all(at(LASTS));
        assert_eq!(all.iter().map(|one| (one.request.terminal.as_str(), one.since)).collect::<Vec<_>>(), [("gym-1", at(0))]);
        asking.settle(&"gym-1".parse().unwrap(), &Bytes([1; 32]), at(LASTS));
        assert!(asking.all(at(LASTS)).is_empty());
    }

    #[test]
    fn two_of_one_name_are_both_shown_and_with_the_one_that_is_admitted_its_rival_goes() {
        let asking = Asking::default();
        asking.ask("受付".to_owned(), request("gym-1", 1), at(0)).unwrap();
        asking.ask("誰か".to_owned(), request("gym-1", 2), at(1)).unwrap();
        asking.ask("誰か".to_owned(), request("gym-2", 3), at(1)).unwrap();
        assert_eq!(asking.all(at(2)).len(), 3);
        asking.settle(&"gym-1".parse().unwrap(), &Bytes([1; 32]), at(2));
        assert_eq!(asking.all(at(2)).iter().map(|one| one.request.terminal.as_str()).collect::<Vec<_>>(), ["gym-2"]);
    }

    #[test]
    fn nobody_makes_the_request_of_another_go_however_often_somebody_asks() {
        let asking = Asking::default();
        let honest = request("gym-1", 1);
        asking.ask("受付".to_owned(), honest.clone(), at(0)).unwrap();
        // Whoever knows the key asks for it under another recipient.
        let other = TerminalRequest { recipient: "age1other".to_owned(), ..honest.clone() };
        asking.ask("誰か".to_owned(), other, at(1)).unwrap();
        let refused = (2..=200).filter(|key| asking.ask("誰か".to_owned(), request("gym-1", *key), at(2)) == Err(Refusal::AskingMany)).count();
        assert_eq!(refused, 199 - (MOST_OF_ONE - 1));
        let all = asking.all(at(3));
        assert_eq!((all.len(), all.iter().filter(|one| one.by == "受付" && one.request == honest).count()), (1 + MOST_OF_ONE, 1));
        asking.ask("受付".to_owned(), honest, at(3)).unwrap();
    }

    #[test]
    fn where_as_many_ask_as_somebody_can_look_at_one_more_is_refused_and_those_stay() {
        let asking = Asking::default();
        for number in 0..MOST {
            asking.ask(format!("受付{}", number / MOST_OF_ONE), request(&format!("gym-{number}"), u8::try_from(number).unwrap()), at(0)).unwrap();
        }
        assert_eq!(asking.ask("受付".to_owned(), request("late", 100), at(1)), Err(Refusal::AskingMany));
        asking.ask("受付0".to_owned(), request("gym-0", 0), at(1)).unwrap();
        assert_eq!(asking.all(at(1)).len(), MOST);
    }
}
