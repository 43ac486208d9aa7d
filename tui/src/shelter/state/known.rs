//! What the records of a terminal's journal say together, folded one after another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::opening::{self, Opening};
use tachiai_schemas::roster::report::ReportOpened;
use tachiai_schemas::roster::{self, APPLIANCE, Body, Report, SignedEntry};
use tachiai_schemas::{Blob, HashBytes};
use tachiai_verify::roster::Roster;
use tachiai_verify::roster::people::People;
use zeroize::Zeroizing;

use super::super::clock::Heard;
use super::super::record::{About, Answered, Exported, Freed, Leaf, Learned, Packed, PutAside, Record, Redated, Rewound, Wrote};
use super::{Carried, Copies, Fate, Own, unreadable};
use crate::failure::Failure;

/// What the records say together.
pub struct Known {
    pub(super) roster: Roster,
    pub(super) people: People,
    pub(super) own: Vec<Own>,
    pub(super) superseded: BTreeSet<Hash32>,
    /// The leaves of the event's journal.
    pub(super) leaves: Vec<Hash32>,
    pub(super) carried: BTreeMap<Hash32, Carried>,
    /// What the appliance's clock showed when its journal was found to be another.
    pub(super) rewound: Option<u64>,
    /// How often that was so.
    pub(super) rewinds: u64,
    pub(super) heard: Heard,
    pub(super) copied: Copied,
    pub(super) reports: BTreeMap<Hash32, ReportOpened>,
    /// The pack that came last, and the one before it.
    pub(super) packs: [Option<Hash32>; 2],
    /// The last entry under this terminal's name that came from the event's journal and was not written here.
    pub(super) foreign: Option<(u64, Hash32)>,
}

impl Known {
    fn new() -> Self {
        Self {
            roster: Roster::new(),
            // The day is set when the event is heard of; before that nobody is opened.
            people: People::new(Day::of(tachiai_schemas::Timestamp::LAST)),
            own: Vec::new(),
            superseded: BTreeSet::new(),
            leaves: Vec::new(),
            carried: BTreeMap::new(),
            rewound: None,
            rewinds: 0,
            heard: Heard::default(),
            copied: Copied::No,
            reports: BTreeMap::new(),
            packs: [None; 2],
            foreign: None,
        }
    }

    pub(super) fn of(about: &About, records: &[Zeroizing<Vec<u8>>]) -> Result<Self, Failure> {
        let records = records.iter().map(|bytes| Record::from_bytes(bytes)).collect::<Result<Vec<_>, _>>()?;
        let mut known = Self::new();
        // What a later record took back is never folded in.
        known.superseded = superseded(&records);
        let (gone, since) = taken_back(&records);
        for (place, record) in records.into_iter().enumerate() {
            match record {
                Record::Learned(Learned { from: _, leaves }) => {
                    for (leaf, number) in leaves.into_iter().zip(0..) {
                        if gone.contains(&(place, number)) { known.lost(about, leaf)? } else { known.learned(about, leaf)? }
                    }
                }
                Record::Answered(Answered { taken: _, aside: _, copied }) if place < since => known.heard_of_copy(copied),
                record => known.take(about, record)?,
            }
        }
        Ok(known)
    }

    pub(super) fn take(&mut self, about: &About, record: Record) -> Result<(), Failure> {
        match record {
            Record::Wrote(wrote) => self.wrote(wrote)?,
            Record::Learned(Learned { from: _, leaves }) => leaves.into_iter().try_for_each(|leaf| self.learned(about, leaf))?,
            Record::Measured(measured) => self.heard.take(measured),
            Record::Answered(Answered { taken, aside, copied }) => {
                self.answered(&taken, aside);
                self.heard_of_copy(copied);
            }
            // Which of the old ones hold was reckoned over all records.
            Record::Redated(Redated { old: _, new }) => {
                new.into_iter().try_for_each(|wrote| self.wrote(wrote))?;
                self.own.sort_by_key(|own| own.entry.body.number);
            }
            Record::Exported(Exported { entries }) => self.lies(&entries, Copies::Stick),
            Record::Freed(Freed { entries }) => self.lies(&entries, Copies::None),
            // Which leaves it takes back was reckoned over all records.
            Record::Rewound(Rewound { kept: _, size: _, root: _, now }) => (self.rewound, self.rewinds) = (Some(now), self.rewinds + 1),
            // It is for whoever asks later who looked.
            Record::Looked(_) => {}
            Record::Packed(Packed { pack }) => self.packs = [Some(pack.hash()), self.packs[0]],
        }
        Ok(())
    }

    /// Whether a record says of earlier ones that they do not hold.
    pub(super) fn takes_back(&self, record: &Record) -> bool {
        match record {
            Record::Redated(_) | Record::Rewound(_) => true,
            Record::Learned(Learned { from: _, leaves }) if !self.superseded.is_empty() => {
                leaves.iter().any(|leaf| if let Leaf::Other { entry, .. } = leaf { self.superseded.contains(&roster::leaf_hash(&entry.0)) } else { false })
            }
            Record::Learned(_)
            | Record::Wrote(_)
            | Record::Measured(_)
            | Record::Answered(_)
            | Record::Exported(_)
            | Record::Freed(_)
            | Record::Looked(_)
            | Record::Packed(_) => false,
        }
    }

    fn heard_of_copy(&mut self, copied: Copied) {
        if copied == Copied::Twice {
            self.copied = copied;
        }
    }

    fn lies(&mut self, entries: &[HashBytes], copies: Copies) {
        let entries: BTreeSet<Hash32> = entries.iter().map(|hash| hash.hash()).collect();
        self.own.iter_mut().filter(|own| entries.contains(&own.hash)).for_each(|own| own.copies = copies);
    }

    fn wrote(&mut self, Wrote { entry: Blob(bytes), opening, stamp }: Wrote) -> Result<(), Failure> {
        let hash = roster::leaf_hash(&bytes);
        if self.superseded.contains(&hash) {
            return Ok(());
        }
        let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
        self.fold(hash, &entry, opening.as_ref());
        self.own.push(Own { hash, bytes, entry, opening, stamp, fate: Fate::Waiting, copies: Copies::None });
        Ok(())
    }

    fn learned(&mut self, about: &About, leaf: Leaf) -> Result<(), Failure> {
        match leaf {
            Leaf::Own { hash } => {
                self.leaves.push(hash.hash());
                self.answered(&[hash], Vec::new());
            }
            Leaf::Other { entry: Blob(bytes), opening, in_place_of } => {
                let hash = roster::leaf_hash(&bytes);
                let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
                self.leaves.push(hash);
                self.carried.remove(&hash);
                self.fold(hash, &entry, opening.as_ref());
                if let Some(absent) = in_place_of {
                    self.roster.stand_in(absent.hash(), hash);
                    self.answered(&[absent], Vec::new());
                }
                if self.own.iter().any(|own| own.hash == hash) {
                    // It was dated anew, and a stick brought it all the same.
                    self.answered(&[hash.into()], Vec::new());
                } else if entry.body.terminal == about.terminal {
                    // Under this name, and not from this journal: an older state of the folder was restored, or its key is in two places.
                    self.copied = Copied::Twice;
                    self.foreign = self.foreign.max(Some((entry.body.number, hash)));
                }
            }
        }
        Ok(())
    }

    /// A leaf that the appliance has no longer. What it wrote itself it must write again; what a terminal wrote can be brought back by whoever has it with its opening.
    fn lost(&mut self, about: &About, leaf: Leaf) -> Result<(), Failure> {
        // An own one waits again where it stands.
        let Leaf::Other { entry: Blob(bytes), opening, in_place_of: _ } = leaf else { return Ok(()) };
        let hash = roster::leaf_hash(&bytes);
        let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
        if entry.body.terminal.as_str() == APPLIANCE {
            return Ok(());
        }
        self.fold(hash, &entry, opening.as_ref());
        if entry.body.terminal == about.terminal {
            self.foreign = self.foreign.max(Some((entry.body.number, hash)));
        }
        if opening.is_some() || opening::place(&entry.body).is_none() {
            self.carried.insert(hash, Carried { bytes, opening });
        }
        Ok(())
    }

    fn answered(&mut self, taken: &[HashBytes], aside: Vec<PutAside>) {
        let taken: BTreeSet<Hash32> = taken.iter().map(|hash| hash.hash()).collect();
        self.own.iter_mut().filter(|own| taken.contains(&own.hash)).for_each(|own| own.fate = Fate::Taken);
        let told = taken.iter().copied().chain(aside.iter().map(|aside| aside.entry.hash()));
        told.for_each(|hash| drop(self.carried.remove(&hash)));
        for PutAside { entry, reason, detail } in aside {
            if let Some(own) = self.own.iter_mut().find(|own| own.hash == entry.hash() && own.fate != Fate::Taken) {
                own.fate = Fate::Aside { reason, detail };
            }
        }
    }

    /// Adds an entry. What its opening says in a form that this program does not know stays unread: the record is durable by then, and the terminal must open.
    fn fold(&mut self, hash: Hash32, entry: &SignedEntry, opening: Option<&Opening>) {
        self.roster.apply(hash, entry);
        if let Body::Declared(declared) = &entry.body.body {
            self.people = People::new(Day::of(declared.began));
        }
        match (&entry.body.body, opening) {
            (Body::Person(_), Some(opening)) => {
                if let Ok(person) = opening.read() {
                    self.people.open(hash, Arc::new(person));
                }
            }
            (Body::Report(report), Some(opening)) => {
                let opened = match &report.report {
                    Report::Handover { handle: _, fields: _ } => opening.read().ok().map(ReportOpened::Handover),
                    Report::Health { day: _, handle: _, fields: _ } => opening.read().ok().map(ReportOpened::Health),
                    // What people answered is sealed to the appliance once more.
                    Report::Headcount { .. } | Report::Supply { .. } | Report::Assessment { .. } | Report::Questionnaire { .. } => None,
                };
                self.reports.extend(opened.map(|opened| (hash, opened)));
            }
            _ => {}
        }
    }
}

/// The versions of own entries that hold no longer: of those that are of one, the last holds, unless another stands in the event's journal.
fn superseded(records: &[Record]) -> BTreeSet<Hash32> {
    let redated: Vec<&Redated> = records.iter().filter_map(|record| if let Record::Redated(redated) = record { Some(redated) } else { None }).collect();
    if redated.is_empty() {
        return BTreeSet::new();
    }
    let leaves = records.iter().filter_map(|record| if let Record::Learned(learned) = record { Some(&learned.leaves) } else { None }).flatten();
    let learned: BTreeSet<Hash32> = leaves
        .map(|leaf| match leaf {
            Leaf::Own { hash } => hash.hash(),
            Leaf::Other { entry, .. } => roster::leaf_hash(&entry.0),
        })
        .collect();
    let (mut superseded, mut void) = (BTreeSet::new(), BTreeSet::new());
    for Redated { old, new } in redated {
        for (old, new) in old.iter().map(|old| old.hash()).zip(new) {
            if learned.contains(&old) || void.contains(&old) {
                void.insert(roster::leaf_hash(&new.entry.0));
            } else {
                superseded.insert(old);
            }
        }
    }
    superseded.append(&mut void);
    superseded
}

/// Where a leaf stands: in which record, and where in it.
type Place = (usize, usize);

/// The leaves that later records took back, and the last record that did so: what was heard of hand-ins before it holds no longer.
fn taken_back(records: &[Record]) -> (BTreeSet<Place>, usize) {
    let (mut standing, mut gone, mut since): (Vec<Place>, BTreeSet<Place>, usize) = (Vec::new(), BTreeSet::new(), 0);
    for (place, record) in records.iter().enumerate() {
        match record {
            Record::Learned(Learned { from: _, leaves }) => standing.extend((0..leaves.len()).map(|number| (place, number))),
            Record::Rewound(Rewound { kept, size: _, root: _, now: _ }) => {
                gone.extend(standing.split_off(usize::try_from(*kept).unwrap_or(usize::MAX).min(standing.len())));
                since = place;
            }
            Record::Wrote(_)
            | Record::Measured(_)
            | Record::Answered(_)
            | Record::Redated(_)
            | Record::Exported(_)
            | Record::Freed(_)
            | Record::Looked(_)
            | Record::Packed(_) => {}
        }
    }
    (gone, since)
}
