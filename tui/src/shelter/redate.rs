//! What a wrong clock dated is dated anew, once the appliance's clock was heard: as long as an entry is here alone it is written and signed again with the moment at
//! which it was really made. The old ones stay in the terminal's journal.

use std::collections::BTreeMap;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::pen::{Pen, PenError, Position, Stroke, Written};
use tachiai_schemas::roster::{Body, Hlc, PersonEntry};
use tachiai_schemas::{Blob, HashBytes};

use super::clock::{Measured, TOLERATED, appliance_time};
use super::record::{Record, Redated, Wrote};
use super::state::{Own, Reception};
use crate::failure::Failure;

impl Reception {
    /// Notes what the appliance's clock shows now.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn hear_clock(&mut self, appliance: u64) -> Result<(), Failure> {
        let at = self.stamp();
        // A difference that is within the noise of the line is not worth a record each time.
        if self.measured().is_some_and(|measured| appliance_time(Some(measured), &at).abs_diff(appliance) < 1000) {
            return Ok(());
        }
        self.record(vec![Record::Measured(Measured { appliance, at })])
    }

    /// How far the wrong one of the clocks dated the entries that are here alone wrong: the greatest difference in milliseconds.
    #[must_use]
    pub fn misdated(&self) -> u64 {
        let off = |own: &Own| appliance_time(self.measured(), &own.stamp).abs_diff(own.entry.body.entered.millis());
        self.waiting().map(off).max().unwrap_or(0)
    }

    /// Dates the entries that are here alone anew, if one of them is off by more than the appliance tolerates. Gives how many.
    ///
    /// # Errors
    /// [`Failure`]: then all stay as they are.
    pub fn redate(&mut self) -> Result<usize, Failure> {
        if self.misdated() <= TOLERATED {
            return Ok(0);
        }
        let waiting: Vec<Own> = self.waiting().cloned().collect();
        let mut renamed: BTreeMap<Hash32, Hash32> = BTreeMap::new();
        let (mut latest, mut new) = (Hlc::at_millis(0), Vec::with_capacity(waiting.len()));
        for own in &waiting {
            let written = self
                .written_again(own, &renamed, latest)
                .map_err(|error| Failure::incomplete(format!("日時を直せません: {error}"), format!("the entries cannot be dated anew: {error}")))?;
            latest = written.entry.body.entered;
            renamed.insert(own.hash, written.hash);
            new.push(Wrote { entry: Blob(written.bytes), opening: written.opening, stamp: own.stamp.clone() });
        }
        let old = waiting.iter().map(|own| HashBytes::from(own.hash)).collect();
        self.record(vec![Record::Redated(Redated { old, new })])?;
        Ok(waiting.len())
    }

    fn written_again(&self, own: &Own, renamed: &BTreeMap<Hash32, Hash32>, latest: Hlc) -> Result<Written, Failure> {
        let body = &own.entry.body;
        let new_name = |hash: Hash32| renamed.get(&hash).copied().unwrap_or(hash);
        let position = Position { number: body.number, before: body.before.map(|hash| new_name(hash.hash())) };
        let millis = appliance_time(self.measured(), &own.stamp);
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
