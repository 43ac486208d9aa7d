//! What the private journal says of the roll since its import: corrections, cases, changes after the opening, objections. A fold without I/O; what is sealed
//! stays in the journal, and here stands where.

use std::collections::BTreeMap;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::paper::{RollChangeKind, RollChanged};
use tachiai_schemas::roll::case::Ruling;
use tachiai_schemas::{LeafIndex, Slot};

/// A roll as it was imported, with the corrections since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollRef {
    /// The file of the import.
    pub payload: Hash32,
    /// How many people may vote on the polling date.
    pub electors: u64,
    /// How many people are on it who may not.
    pub unqualified: u64,
    /// Names this state of the roll: the import and every correction since.
    pub version: Hash32,
}

/// An objection, by its number less one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectionOnFile {
    /// The entry that holds it.
    pub received: u64,
    /// How it was decided, and the entry that says why.
    pub decided: Option<(Ruling, u64)>,
}

/// A change that was made after the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The case that was decided on.
    pub case: Hash32,
    /// What it comes to.
    pub change: RollChangeKind,
    /// The slot.
    pub slot: Slot,
    /// The first leaf that the board's entry can stand on.
    pub from: LeafIndex,
    /// For a slot that was added, the commitment that the board has.
    pub commitment: Option<Hash32>,
    /// The entry.
    pub seq: u64,
}

impl Changed {
    /// Whether this entry of the board is what was prepared here.
    #[must_use]
    pub fn is(&self, leaf: LeafIndex, entry: &RollChanged) -> bool {
        let RollChanged { change, slot, added, reason: _ } = entry;
        leaf >= self.from && *change == self.change && *slot == self.slot && added.map(|added| added.commitment.hash()) == self.commitment
    }
}

/// Everything since the import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollLog {
    /// The entries with the corrections of the draft roll, in order.
    pub corrections: Vec<u64>,
    /// Every case that two officials were asked to decide on, with the entry that holds it.
    pub cases: BTreeMap<Hash32, u64>,
    /// The cases that corrected the draft.
    pub drafted: BTreeMap<Hash32, u64>,
    /// What was prepared for the board, in order; one whose entry did not come to the board is left over from an interrupted command.
    pub changed: Vec<Changed>,
    /// The objections, in the order of their numbers.
    pub objections: Vec<ObjectionOnFile>,
}

impl RollLog {
    /// A new roll is imported: the corrections of the one before are gone with it. Cases and objections stay.
    pub fn imported(&mut self) {
        self.corrections.clear();
    }

    /// A case with this number of an objection may be decided on: there is none, or it was upheld.
    #[must_use]
    pub fn is_granted(&self, objection: Option<u32>) -> bool {
        objection.is_none_or(|number| matches!(self.objection(number), Some(ObjectionOnFile { received: _, decided: Some((Ruling::Upheld, _)) })))
    }

    /// The objection with this number, from 1.
    #[must_use]
    pub fn objection(&self, number: u32) -> Option<ObjectionOnFile> {
        self.objections.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// An objection is decided; the first decision stands.
    pub fn decide(&mut self, number: u32, ruling: Ruling, seq: u64) {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        if let Some(objection) = place.and_then(|place| self.objections.get_mut(place)) {
            objection.decided.get_or_insert((ruling, seq));
        }
    }

    /// The entry with the record of a slot that was added with this commitment.
    #[must_use]
    pub fn added(&self, commitment: &Hash32) -> Option<u64> {
        self.changed.iter().find(|changed| changed.commitment.as_ref() == Some(commitment)).map(|changed| changed.seq)
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::paper::RollChangeReason;

    use super::*;

    #[test]
    fn an_entry_of_the_board_is_what_was_prepared_only_if_it_came_after_it() {
        let noted = Changed { case: Hash32::ZERO, change: RollChangeKind::Struck, slot: Slot(4), from: LeafIndex(9), commitment: None, seq: 1 };
        let entry = RollChanged { change: RollChangeKind::Struck, slot: Slot(4), added: None, reason: RollChangeReason::Death };
        assert!(noted.is(LeafIndex(9), &entry) && !noted.is(LeafIndex(8), &entry));
        assert!(!noted.is(LeafIndex(9), &RollChanged { slot: Slot(5), ..entry.clone() }));
        assert!(!noted.is(LeafIndex(9), &RollChanged { change: RollChangeKind::Restored, ..entry }));
    }

    #[test]
    fn a_change_that_grants_an_objection_waits_until_it_is_upheld() {
        let mut log = RollLog::default();
        assert!(log.is_granted(None) && !log.is_granted(Some(1)) && !log.is_granted(Some(0)));
        log.objections = vec![ObjectionOnFile { received: 3, decided: None }; 2];
        assert!(!log.is_granted(Some(1)));
        log.decide(1, Ruling::Upheld, 5);
        log.decide(2, Ruling::Dismissed, 6);
        log.decide(1, Ruling::Dismissed, 7);
        assert!(log.is_granted(Some(1)) && !log.is_granted(Some(2)) && !log.is_granted(Some(3)));
    }
}
