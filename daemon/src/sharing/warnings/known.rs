//! What is known of warnings: what is shown of an answer, what of it is to be recorded, and what the entries say together. Nothing here waits or reads a clock.
//!
//! What the platform told last is always shown, and only what changes is an entry, so that the journal does not grow while nothing does; and no more of it within a day
//! than [`DAILY`], whatever the platform tells. The last of that is kept for what is urgent.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use tachiai_schemas::Timestamp;
use tachiai_schemas::sharing::warning::{Silent, Warning, WarningKnown};

use crate::sharing::Event;

/// The most warnings that are kept; the most severe and latest stay.
pub const MOST: usize = 200;

/// The most that entries about warnings take of the journal within a day, in bytes: fifty warnings that are issued anew every ten minutes take half of it.
pub const DAILY: usize = 16 << 20;

/// So much of it is for what is urgent, and for the beginnings and ends of silences.
pub const RESERVE: usize = 4 << 20;

/// What an entry takes beside its texts, in bytes.
const ENTRY: usize = 400;

const DAY: i64 = 24 * 3600;

/// The state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The warnings, by their URNs; those that are over are forgotten with the next entry.
    standing: BTreeMap<String, WarningKnown>,
    /// Since when the platform tells nothing, if it does not.
    silent: Option<Silent>,
    /// When entries were made within the last day, with what they took.
    recent: VecDeque<(Timestamp, usize)>,
}

/// What is shown of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The warnings that count, the most severe first.
    pub known: Vec<WarningKnown>,
    /// How many were too many to be kept, or say that they are issued long after now.
    pub left_out: u32,
}

/// What of an answer is to be recorded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The entries, what is urgent first.
    pub events: Vec<Event>,
    /// For how many more there is no room within this day.
    pub unrecorded: u32,
}

impl Answer {
    /// Everything that the platform tells, after what was known before.
    #[must_use]
    pub fn of(told: BTreeMap<String, Warning>, now: Timestamp, before: &[WarningKnown]) -> Self {
        // What was over and is told anew is new.
        let before: BTreeMap<&str, &WarningKnown> =
            before.iter().filter(|known| now < known.warning.ends()).map(|known| (known.warning.id.as_str(), known)).collect();
        let (odd, told): (Vec<_>, Vec<_>) = told.into_values().partition(|warning| warning.is_of_the_future(now));
        let mut known: Vec<WarningKnown> = told
            .into_iter()
            .filter(|warning| warning.counts(now))
            .map(|warning| {
                let before = before.get(warning.id.as_str());
                let first = before.map_or(now, |known| known.first);
                let told = before.filter(|known| known.warning == warning).map_or(now, |known| known.told);
                WarningKnown { warning, first, told }
            })
            .collect();
        known.sort_by_cached_key(WarningKnown::rank);
        let left_out = u32::try_from(odd.len() + known.len().saturating_sub(MOST)).unwrap_or(u32::MAX);
        known.truncate(MOST);
        Self { known, left_out }
    }
}

impl Known {
    /// Adds that a warning was told.
    pub fn told(&mut self, at: Timestamp, warning: &Warning) {
        self.noted(at, of_warning(warning));
        let first = self.standing.get(&warning.id).map_or(at, |known| known.first);
        self.standing.insert(warning.id.clone(), WarningKnown { warning: warning.clone(), first, told: at });
    }

    /// Adds that one is told no more.
    pub fn gone(&mut self, at: Timestamp, id: &str) {
        self.noted(at, ENTRY + id.len());
        self.standing.remove(id);
    }

    /// Adds that nothing is told.
    pub fn fell_silent(&mut self, at: Timestamp, silent: &Silent) {
        self.noted(at, ENTRY + silent.what.len());
        self.silent = Some(silent.clone());
    }

    /// Adds that something is told again.
    pub fn heard(&mut self, at: Timestamp) {
        self.noted(at, ENTRY);
        self.silent = None;
    }

    /// Since when nothing is told, as far as it is recorded.
    #[must_use]
    pub fn silent(&self) -> Option<&Silent> {
        self.silent.as_ref()
    }

    /// What counts now as far as it is recorded, the most severe first.
    #[must_use]
    pub fn counting(&self, now: Timestamp) -> Vec<&WarningKnown> {
        let mut counting: Vec<&WarningKnown> = self.standing.values().filter(|known| known.warning.counts(now)).collect();
        counting.sort_by_cached_key(|known| known.rank());
        counting
    }

    /// What is to be recorded of an answer. What there is no room for is looked at again with the next one.
    #[must_use]
    pub fn changes(&self, now: Timestamp, answer: &[WarningKnown]) -> Changes {
        let is_told = |id: &String| answer.iter().any(|known| known.warning.id == *id);
        let is_known = |warning: &Warning| self.standing.get(&warning.id).is_some_and(|known| now < known.warning.ends() && known.warning == *warning);
        let told = answer.iter().map(|known| &known.warning).filter(|warning| !is_known(warning));
        let told = told.map(|warning| (warning.is_urgent(), of_warning(warning), Event::WarningTold { warning: Box::new(warning.clone()) }));
        let gone = self.standing.values().map(|known| &known.warning).filter(|warning| now < warning.ends() && !is_told(&warning.id));
        let gone = gone.map(|warning| (warning.is_urgent(), ENTRY + warning.id.len(), Event::WarningGone { id: warning.id.clone() }));
        let heard = self.silent.iter().map(|_| (true, ENTRY, Event::WarningsHeard {}));
        let mut all: Vec<(bool, usize, Event)> = heard.chain(gone).chain(told).collect();
        all.sort_by_key(|(is_urgent, ..)| Reverse(*is_urgent));
        let (mut left, mut changes) = (self.left(now), Changes::default());
        for (is_urgent, bytes, event) in all {
            match left.checked_sub(bytes).filter(|left| is_urgent || *left >= RESERVE) {
                Some(less) => {
                    left = less;
                    changes.events.push(event);
                }
                None => changes.unrecorded = changes.unrecorded.saturating_add(1),
            }
        }
        changes
    }

    /// What is to be recorded when the platform does not tell: once, until it tells again.
    #[must_use]
    pub fn silence(&self, now: Timestamp, silent: &Silent) -> Option<Event> {
        (self.silent.is_none() && self.left(now) >= ENTRY + silent.what.len()).then(|| Event::WarningsSilent(silent.clone()))
    }

    /// For how many bytes there is room within this day.
    fn left(&self, now: Timestamp) -> usize {
        let taken = self.recent.iter().filter(|(at, _)| at.plus(DAY) > now).map(|(_, bytes)| bytes).sum();
        DAILY.saturating_sub(taken)
    }

    /// With each entry, what is over is forgotten.
    fn noted(&mut self, at: Timestamp, bytes: usize) {
        self.standing.retain(|_, known| at < known.warning.ends());
        while self.recent.front().is_some_and(|(then, _)| then.plus(DAY) <= at) {
            self.recent.pop_front();
        }
        self.recent.push_back((at, bytes));
    }
}

/// What the entry of a warning takes, in bytes.
fn of_warning(warning: &Warning) -> usize {
    let Warning { id, hazard: _, what, severity: _, issued: _, from: _, until: _, description, area, source } = warning;
    ENTRY + [id, what, description, area, source].iter().map(|text| text.len()).sum::<usize>()
}

#[cfg(test)]
mod tests;
