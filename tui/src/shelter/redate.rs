//! What a wrong clock dated is dated anew, once the appliance's clock was heard: as long as an entry is here alone it is written and signed again with the moment at
//! which it was really made. The old ones stay in the terminal's journal.
//!
//! When that was is known for each boot within which the appliance's clock was heard. What was entered within another boot keeps its time, unless it would lie in the
//! future or after what was entered later: then it is dated by the wall clock as that went when the appliance's was heard last, and no later than either. Nothing is
//! dated before what it follows. What lies on a stick stays as it is, as long as the stick may bring it.

use std::collections::BTreeMap;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::pen::{Pen, PenError, Position, Stroke, Written};
use tachiai_schemas::roster::{Body, Hlc, PersonEntry};
use tachiai_schemas::{Blob, HashBytes};

use super::clock::{Measured, Stamp, TOLERATED};
use super::record::{Record, Redated, Wrote};
use super::state::{Copies, Fate, Own, Reception};
use crate::failure::Failure;

impl Reception {
    /// Notes what the appliance's clock shows now.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn hear_clock(&mut self, appliance: u64) -> Result<(), Failure> {
        let now = self.stamp();
        self.hear_answer(&now, appliance)
    }

    /// Notes what the appliance's clock showed in the answer to what was asked at some moment. It is the middle between asking and hearing that it showed this (Cristian
    /// 1989).
    pub(super) fn hear_answer(&mut self, asked: &Stamp, appliance: u64) -> Result<(), Failure> {
        let heard = self.stamp();
        let open = asked.half(&heard);
        let measured = Measured { appliance, at: asked.middle(heard) };
        if self.heard().is_new(&measured, open) { self.record(vec![Record::Measured(measured)]) } else { Ok(()) }
    }

    /// How far the wrong one of the clocks dated the entries that are here alone wrong: the greatest difference in milliseconds.
    #[must_use]
    pub fn misdated(&self) -> u64 {
        let off = |(own, millis): (&Own, u64)| millis.abs_diff(own.entry.body.entered.millis());
        self.moments().into_iter().map(off).max().unwrap_or(0)
    }

    /// The entries that are here alone, with the moments at which they were made, in milliseconds since 1970, as far as that can be told.
    fn moments(&self) -> Vec<(&Own, u64)> {
        let (heard, mut end) = (self.heard(), self.now());
        if heard.last().is_none() {
            return Vec::new();
        }
        let here_alone: Vec<&Own> = self.waiting().filter(|own| own.copies == Copies::None).collect();
        let mut moments: Vec<(&Own, u64)> = Vec::with_capacity(here_alone.len());
        for own in here_alone.into_iter().rev() {
            let known = heard.known(&own.stamp);
            end = end.min(known.unwrap_or(u64::MAX));
            let written = own.entry.body.entered.millis();
            let otherwise = || if written <= end { written } else { heard.time(&own.stamp) };
            moments.push((own, known.unwrap_or_else(otherwise).min(end)));
        }
        moments.reverse();
        moments
    }

    /// Dates the entries that are here alone anew, if one of them is off by more than the appliance tolerates. Gives how many.
    ///
    /// # Errors
    /// [`Failure`]: then all stay as they are.
    pub fn redate(&mut self) -> Result<usize, Failure> {
        if self.misdated() <= TOLERATED {
            return Ok(0);
        }
        let moments: BTreeMap<Hash32, u64> = self.moments().into_iter().map(|(own, millis)| (own.hash, millis)).collect();
        let soon = Hlc::at_millis(self.now().saturating_add(TOLERATED));
        let mut renamed: BTreeMap<Hash32, Hash32> = BTreeMap::new();
        let (mut latest, mut old, mut new) = (Hlc::at_millis(0), Vec::with_capacity(moments.len()), Vec::with_capacity(moments.len()));
        for own in self.own() {
            let Some(millis) = moments.get(&own.hash) else {
                // What the appliance will never take with its time is before nothing.
                let stands = own.fate == Fate::Taken || own.fate == Fate::Waiting && own.entry.body.entered <= soon;
                latest = if stands { latest.max(own.entry.body.entered) } else { latest };
                continue;
            };
            let floor = latest.max(self.followed_by(own, &moments));
            if is_right(own, *millis, &renamed, floor) {
                latest = own.entry.body.entered;
                continue;
            }
            let written = self
                .written_again(own, *millis, &renamed, floor)
                .map_err(|error| Failure::incomplete(format!("日時を直せません: {error}"), format!("the entries cannot be dated anew: {error}")))?;
            latest = written.entry.body.entered;
            renamed.insert(own.hash, written.hash);
            old.push(HashBytes::from(own.hash));
            new.push(Wrote { entry: Blob(written.bytes), opening: written.opening, stamp: own.stamp.clone() });
        }
        let count = new.len();
        self.record(vec![Record::Redated(Redated { old, new })])?;
        Ok(count)
    }

    /// The latest moment of what an entry follows, but for what is dated anew with it.
    fn followed_by(&self, own: &Own, moments: &BTreeMap<Hash32, u64>) -> Hlc {
        let Body::Person(PersonEntry { chain, after, .. }) = &own.entry.body.body else { return Hlc::at_millis(0) };
        let handles = self.roster().person(*chain).map(|group| group.handles).unwrap_or_default();
        let steps = handles.iter().flat_map(|handle| self.roster().steps(handle)).map(|step| &step.moment);
        let followed = steps.filter(|moment| after.iter().any(|hash| hash.hash() == moment.hash) && !moments.contains_key(&moment.hash));
        followed.map(|moment| moment.time).max().unwrap_or(Hlc::at_millis(0))
    }

    fn written_again(&self, own: &Own, millis: u64, renamed: &BTreeMap<Hash32, Hash32>, latest: Hlc) -> Result<Written, Failure> {
        let body = &own.entry.body;
        let new_name = |hash: Hash32| renamed.get(&hash).copied().unwrap_or(hash);
        let position = Position { number: body.number, before: body.before.map(|hash| new_name(hash.hash())) };
        let failed = |error: PenError| Failure::incomplete(error.to_string(), error.to_string());
        let mut pen = Pen::new(body.event, body.terminal.clone(), self.key.signing(), self.began()?, position, latest);
        match &body.body {
            Body::Person(PersonEntry { chain, seq, after, shelter, act, fields: _, proof: _ }) => {
                let lost = || Failure::incomplete("登録の内容がありません。", "what the entry says is missing.");
                let person = self.people().person(&own.hash).cloned().ok_or_else(lost)?;
                // All that it follows have lesser numbers; the greatest of them gives its own.
                let after: Vec<(Hash32, u64)> = after.iter().map(|hash| (new_name(hash.hash()), seq.saturating_sub(1))).collect();
                // What was typed from a paper form is the form's word, and no clock's.
                let time = (body.time != body.entered).then_some(body.time);
                let stroke = Stroke { chain: *chain, after: &after, shelter: shelter.clone(), act: *act, person: &person, time };
                pen.person(&stroke, millis, &mut OsRng).map_err(failed)
            }
            Body::Report(report) => pen.report_again(report, own.opening.as_ref(), millis, &mut OsRng).map_err(failed),
            other => pen.write(other.clone(), millis).map_err(failed),
        }
    }
}

/// Whether an entry has its right time already, after this floor, and names none that was written anew.
fn is_right(own: &Own, millis: u64, renamed: &BTreeMap<Hash32, Hash32>, floor: Hlc) -> bool {
    let body = &own.entry.body;
    let is_renamed = |hash: &HashBytes| renamed.contains_key(&hash.hash());
    let follows_renamed = matches!(&body.body, Body::Person(person) if person.after.iter().any(is_renamed));
    body.entered.millis() == millis && body.entered > floor && !body.before.as_ref().is_some_and(is_renamed) && !follows_renamed
}
