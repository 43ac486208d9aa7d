//! What is known of warnings: what their entries say together, and what of an answer is to be recorded. Nothing here waits or reads a clock.
//!
//! Only what changes is an entry, so the journal does not grow while nothing does; and no more of them within a day than [`DAILY`], whatever the platform tells.

use std::collections::{BTreeMap, VecDeque};

use tachiai_schemas::Timestamp;
use tachiai_schemas::sharing::warning::{Silent, Warning, WarningKnown};

use crate::sharing::Event;

/// The most warnings that are kept; the most severe and latest stay.
pub const MOST: usize = 200;

/// The most entries about warnings within a day.
pub const DAILY: usize = 1_000;

const DAY: i64 = 24 * 3600;

/// The state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The warnings, by their URNs; those that are over are forgotten with the next entry.
    standing: BTreeMap<String, WarningKnown>,
    /// Since when the platform tells nothing, if it does not.
    silent: Option<Silent>,
    /// When entries were made within the last day.
    recent: VecDeque<Timestamp>,
}

/// What of an answer is to be recorded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The entries.
    pub events: Vec<Event>,
    /// How many warnings were too many to be kept.
    pub left_out: u32,
    /// Whether all of it may be recorded.
    pub room: Room,
}

/// Whether there is room for entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Room {
    /// There is.
    #[default]
    Enough,
    /// There were so many within a day that the rest has to wait.
    UsedUp,
}

impl Known {
    /// Adds that a warning was told.
    pub fn told(&mut self, at: Timestamp, warning: &Warning) {
        self.noted(at);
        let first = self.standing.get(&warning.id).map_or(at, |known| known.first);
        self.standing.insert(warning.id.clone(), WarningKnown { warning: warning.clone(), first, told: at });
    }

    /// Adds that one is told no more.
    pub fn gone(&mut self, at: Timestamp, id: &str) {
        self.noted(at);
        self.standing.remove(id);
    }

    /// Adds that nothing is told.
    pub fn fell_silent(&mut self, at: Timestamp, silent: &Silent) {
        self.noted(at);
        self.silent = Some(silent.clone());
    }

    /// Adds that something is told again.
    pub fn heard(&mut self, at: Timestamp) {
        self.noted(at);
        self.silent = None;
    }

    /// Since when nothing is told, as far as it is recorded.
    #[must_use]
    pub fn silent(&self) -> Option<&Silent> {
        self.silent.as_ref()
    }

    /// What counts now, the most severe first.
    #[must_use]
    pub fn counting(&self, now: Timestamp) -> Vec<&WarningKnown> {
        let mut counting: Vec<&WarningKnown> = self.standing.values().filter(|known| known.warning.counts(now)).collect();
        counting.sort_by_cached_key(|known| known.warning.rank());
        counting
    }

    /// What is to be recorded of everything that the platform tells.
    #[must_use]
    pub fn changes(&self, now: Timestamp, told: BTreeMap<String, Warning>) -> Changes {
        let mut counting: Vec<Warning> = told.into_values().filter(|warning| warning.counts(now)).collect();
        counting.sort_by_cached_key(Warning::rank);
        let left_out = u32::try_from(counting.len().saturating_sub(MOST)).unwrap_or(u32::MAX);
        counting.truncate(MOST);
        let is_told = |id: &String| counting.iter().any(|warning| warning.id == *id);
        let over = |known: &WarningKnown| known.warning.ends() <= now;
        let gone = self.standing.iter().filter(|(id, known)| !over(known) && !is_told(id)).map(|(id, _)| Event::WarningGone { id: id.clone() });
        let heard = self.silent.iter().map(|_| Event::WarningsHeard {});
        let mut events: Vec<Event> = heard.chain(gone).collect();
        // What was over and is told anew is new.
        let is_known = |warning: &Warning| self.standing.get(&warning.id).is_some_and(|known| known.warning == *warning);
        events.extend(counting.into_iter().filter(|warning| !is_known(warning)).map(|warning| Event::WarningTold { warning: Box::new(warning) }));
        let left = self.left(now);
        let room = if events.len() > left { Room::UsedUp } else { Room::Enough };
        events.truncate(left);
        Changes { events, left_out, room }
    }

    /// What is to be recorded when the platform does not tell: once, until it tells again.
    #[must_use]
    pub fn silence(&self, now: Timestamp, silent: &Silent) -> Option<Event> {
        (self.silent.is_none() && self.left(now) > 0).then(|| Event::WarningsSilent(silent.clone()))
    }

    /// How many more entries there may be.
    fn left(&self, now: Timestamp) -> usize {
        DAILY.saturating_sub(self.recent.iter().filter(|at| at.plus(DAY) > now).count())
    }

    /// With each entry, what is over is forgotten.
    fn noted(&mut self, at: Timestamp) {
        self.standing.retain(|_, known| at < known.warning.ends());
        self.recent.retain(|then| then.plus(DAY) > at);
        self.recent.push_back(at);
    }
}

#[cfg(test)]
mod tests;
