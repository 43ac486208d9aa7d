//! Warnings and hazards (防災情報) from the city's data platform: what others tell of heavy rain, floods and closed roads. They are about nobody, so there is neither a consent
//! nor a key, and nothing of them stands in the access log; and they are no authority: nothing follows from them here, but that people see them.
//!
//! What the platform told last is what is shown. What changes is an entry of the appliance's journal ([`known`]), so that it can be shown afterwards what headquarters could
//! know when; where that is too much it is said, and hides nothing. **Never silently old**: since when the platform tells nothing stands beside the list wherever that is
//! shown, and its beginning and end in the journal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tachiai_schemas::sharing::ngsi::warnings::{Told, clean, take};
use tachiai_schemas::sharing::warning::{Silent, WarningKnown, Warnings};
use tachiai_schemas::status::WARNINGS;
use tachiai_schemas::{Refusal, Timestamp};

use super::{Platform, Sharing, offload};
use crate::refused::Refused;

pub mod known;

use known::{Answer, Changes};

/// The most characters of why the platform did not tell: some of it may be the platform's words.
const WHY: usize = 200;

/// How asking goes, since the appliance started.
#[derive(Default)]
pub struct Asking {
    /// One round at a time.
    round: tokio::sync::Mutex<()>,
    last: Mutex<Last>,
}

/// What came of the last round.
#[derive(Default, Clone)]
struct Last {
    /// When the platform told last.
    heard: Option<Timestamp>,
    /// What is wrong since.
    trouble: Option<Silent>,
    /// What it told then.
    known: Vec<WarningKnown>,
    left_out: u32,
    unrecorded: u32,
}

impl Sharing {
    /// What is known.
    ///
    /// # Errors
    /// [`Refusal::NoPlatform`].
    pub fn warnings(&self) -> Result<Warnings, Refused> {
        if self.services.platform.is_none() || self.services.warnings_seconds == 0 {
            return Err(Refusal::NoPlatform.into());
        }
        let now = self.now();
        let Last { heard, trouble, known, left_out, unrecorded } = self.last_round().clone();
        let state = self.state();
        // Nobody was told anything since the start yet: then that holds which was before.
        let known: Vec<WarningKnown> = match heard {
            Some(_) => known.into_iter().filter(|known| known.warning.counts(now)).collect(),
            None => state.warnings.counting(now).into_iter().cloned().collect(),
        };
        let silent = trouble.or_else(|| heard.is_none().then(|| state.warnings.silent().cloned()).flatten());
        let late = i64::from(self.services.warnings_seconds) * 3 + 60;
        let unasked = || heard.filter(|heard| heard.plus(late) < now).map(|since| Silent { since, what: "it was not asked since".to_owned() });
        Ok(Warnings { heard, silent: silent.or_else(unasked), left_out, unrecorded, all: known.len() as u64, known })
    }

    /// The same for the status, with a few of them at most; nothing where nobody is asked.
    #[must_use]
    pub fn first_warnings(&self) -> Option<Warnings> {
        let mut warnings = self.warnings().ok()?;
        if warnings.known.len() > WARNINGS {
            // What is urgent and new is never behind what was told before.
            warnings.known.sort_by_key(|known| std::cmp::Reverse(known.warning.is_urgent().then_some(known.told)));
            warnings.known.truncate(WARNINGS);
            warnings.known.sort_by_cached_key(WarningKnown::rank);
        }
        Some(warnings)
    }

    /// Asks the platform, and records what changed.
    ///
    /// # Errors
    /// [`Refusal::NoPlatform`]; [`Refusal::Busy`] while somebody else asks; what the journal refuses. That the platform does not tell is no error: it stands in the answer.
    pub async fn fetch_warnings(self: &Arc<Self>) -> Result<Warnings, Refused> {
        let platform = self.services.platform.clone().filter(|_| self.services.warnings_seconds > 0).ok_or(Refusal::NoPlatform)?;
        let _round = self.asking.round.try_lock().map_err(|_| Refused::about(Refusal::Busy, "the data platform is being asked"))?;
        let this = Arc::clone(self);
        match offload(move || Ok(this.ask(platform.as_ref()))).await? {
            Ok(told) => self.take(told).await?,
            Err(what) => self.fall_silent(what).await?,
        }
        self.warnings()
    }

    /// Everything that the platform tells, or why it does not.
    fn ask(&self, platform: &dyn Platform) -> Result<Told, String> {
        let mut told = Told::default();
        platform.warnings(&mut |page| {
            if self.is_stopping() {
                return Err("the appliance is being stopped".to_owned());
            }
            take(&page, &mut told).map_err(|error| error.to_string())
        })?;
        Ok(told)
    }

    async fn take(&self, Told { warnings, unread }: Told) -> Result<(), Refused> {
        let now = self.now();
        let Last { heard, known: before, .. } = self.last_round().clone();
        let (Answer { known, left_out }, Changes { events, unrecorded }) = {
            let state = self.state();
            let before = if heard.is_some() { before } else { state.warnings.counting(now).into_iter().cloned().collect() };
            let answer = Answer::of(warnings, now, &before);
            let changes = state.warnings.changes(now, &answer.known);
            (answer, changes)
        };
        if unrecorded > 0 {
            tracing::error!(unrecorded, "the data platform changes its warnings more often than can be recorded");
        }
        let entries = u32::try_from(events.len()).unwrap_or(u32::MAX);
        // It is shown whatever becomes of the entries.
        *self.last_round() = Last { heard: Some(now), trouble: None, known, left_out: left_out.saturating_add(unread), unrecorded };
        if !events.is_empty()
            && let Err(refused) = self.record(events).await
        {
            self.last_round().unrecorded = unrecorded.saturating_add(entries);
            return Err(refused);
        }
        Ok(())
    }

    async fn fall_silent(&self, what: String) -> Result<(), Refused> {
        if self.is_stopping() {
            return Ok(());
        }
        let now = self.now();
        let what = clean(&what, WHY);
        tracing::warn!(%what, "the data platform told no warnings");
        let silent = {
            let mut last = self.last_round();
            // Since before a restart, where that is known.
            let before = self.state().warnings.silent().map(|silent| silent.since).filter(|_| last.heard.is_none());
            let earlier = last.trouble.as_ref().map(|trouble| trouble.since);
            let since = last.heard.or(before).or(earlier).unwrap_or(now);
            last.trouble.insert(Silent { since, what }).clone()
        };
        let event = self.state().warnings.silence(now, &silent);
        match event {
            Some(event) => self.record(vec![event]).await.map(drop),
            None => Ok(()),
        }
    }

    fn last_round(&self) -> MutexGuard<'_, Last> {
        self.asking.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
