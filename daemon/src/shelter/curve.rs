//! How many people there were, by time: those who were registered, and the heads that shelters counted (概数).

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use tachiai_schemas::roster::{Body, Hlc, OpenState, Report, ReportEntry, ShelterId, SignedEntry};
use tachiai_schemas::shelter::overview::CurvePoint;
use tachiai_verify::roster::{Moment, Step};

use super::Event;
use super::ledger::Published;

/// A minute in milliseconds.
const MINUTE: u64 = 60_000;

/// Every count of heads, by its moment; none where a shelter closes. The roster keeps the latest alone.
#[derive(Default)]
pub struct Counts(BTreeMap<Moment, (ShelterId, Option<u32>)>);

impl Counts {
    /// Takes over what an entry says of heads.
    pub fn apply(&mut self, moment: Moment, entry: &SignedEntry) {
        let said = match &entry.body.body {
            Body::Report(ReportEntry { shelter, report: Report::Headcount { persons, how: _ } }) => (shelter.clone(), Some(*persons)),
            Body::Shelter(state) if state.state == OpenState::Closed => (state.shelter.clone(), None),
            Body::Report(_)
            | Body::Shelter(_)
            | Body::Declared(_)
            | Body::Terminal(_)
            | Body::Person(_)
            | Body::Link(_)
            | Body::Stated(_)
            | Body::Closed {} => return,
        };
        self.0.insert(moment, said);
    }
}

/// What changes at a moment.
enum Change<'a> {
    /// Somebody comes.
    Came,
    /// Somebody leaves.
    Left,
    /// Heads are counted, or a shelter closes.
    Heads(&'a ShelterId, Option<u32>),
}

/// What changes, in the order of time; of one shelter alone, if one is named.
fn changes<'a>(published: &'a Published, only: Option<&ShelterId>) -> Vec<(Hlc, Change<'a>)> {
    let is_meant = |shelter: &ShelterId| only.is_none_or(|only| only == shelter);
    let mut changes: Vec<(Hlc, Change<'a>)> = Vec::new();
    for group in published.roster.groups() {
        let mut steps: Vec<&Step> = group.handles.iter().flat_map(|handle| published.roster.steps(handle)).collect();
        steps.sort_by(|one, two| one.moment.cmp(&two.moment));
        let mut was_here = false;
        for step in steps {
            let is_here = step.act.is_present() && is_meant(&step.shelter);
            match (was_here, is_here) {
                (false, true) => changes.push((step.moment.time, Change::Came)),
                (true, false) => changes.push((step.moment.time, Change::Left)),
                (true, true) | (false, false) => {}
            }
            was_here = is_here;
        }
    }
    let counts = published.counts.0.iter().filter(|(_, (shelter, _))| is_meant(shelter));
    changes.extend(counts.map(|(moment, (shelter, heads))| (moment.time, Change::Heads(shelter, *heads))));
    // Counts of one moment stay in the order of their terminals: the sort is stable.
    changes.sort_by_key(|(time, _)| *time);
    changes
}

impl Event {
    /// How many people there were, one point for each interval of so many minutes in which anything changed, at the last change in it.
    #[must_use]
    pub fn curve(&self, every: NonZeroU16, only: Option<&ShelterId>) -> Vec<CurvePoint> {
        let published = self.published();
        let interval = u64::from(every.get()) * MINUTE;
        let mut points: Vec<(u64, CurvePoint)> = Vec::new();
        let mut present = 0_u64;
        let mut heads: BTreeMap<&ShelterId, u32> = BTreeMap::new();
        for (time, change) in changes(&published, only) {
            match change {
                Change::Came => present += 1,
                Change::Left => present = present.saturating_sub(1),
                Change::Heads(shelter, Some(persons)) => {
                    heads.insert(shelter, persons);
                }
                Change::Heads(shelter, None) => {
                    heads.remove(shelter);
                }
            }
            let counted = u32::try_from(heads.len()).unwrap_or(u32::MAX);
            let point = CurvePoint { time, present, heads: heads.values().copied().map(u64::from).sum(), counted };
            let place = time.millis() / interval;
            match points.last_mut() {
                Some((last, known)) if *last == place => *known = point,
                _ => points.push((place, point)),
            }
        }
        points.into_iter().map(|(_, point)| point).collect()
    }
}
