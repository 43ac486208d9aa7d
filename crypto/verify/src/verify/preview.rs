//! A first look over a record's entries: which ballots will count, so that sums need never be subtracted from, and, where memory is short, what of keys,
//! ciphertexts and roots will be asked for again.
//!
//! It believes everything. The fold decides, and what the look found is compared with what the fold found at the end.

use std::collections::HashMap;
use std::sync::Arc;

use tachiai_crypto::election::roll::{RollError, RollSlot};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::leaf_hash;
use tachiai_crypto::journal::tiles::parse_entry_bundle;
use tachiai_schemas::election::{Body, Opened, RollCommitment};
use tachiai_schemas::entry::{BallotText, Entry, RegistrationText};
use tachiai_schemas::{LeafIndex, Slot};

use super::leaves::Sizes;
use super::scratch::{Scratch, ScratchSlots};
use super::{MAX_BUNDLE, bundles};
use crate::board::{Board, Fixed, RollReading, SlotStore};
use crate::failure::Failure;
use crate::record::Record;
use crate::rule::{Breaks, Rule, Violation};
use crate::seen::FirstLook;

/// One bit for each leaf: whether it is a ballot that counts.
pub(super) struct Counting {
    bits: Vec<u64>,
    ballots: u64,
}

/// The last ballot of each slot so far, by its leaf plus one.
enum Last {
    /// Where nothing is known of the slots.
    Any(HashMap<u32, u32>),
    /// Of the slots of a roll: 0 where there is no ballot.
    OfRoll(Vec<u32>),
}

impl Last {
    fn set(&mut self, slot: u32, leaf: Option<u64>) {
        // No index lists as many leaves as would not fit; a ballot there would not be counted, which is found at the end.
        let leaf = leaf.map_or(0, |leaf| u32::try_from(leaf + 1).unwrap_or_default());
        match self {
            Self::Any(last) => {
                last.insert(slot, leaf);
            }
            Self::OfRoll(last) => {
                if let Some(place) = last.get_mut(slot as usize) {
                    *place = leaf;
                }
            }
        }
    }

    fn take(&mut self, leaf: u64, bytes: &[u8]) {
        if let Some(slot) = BallotText::split(bytes).and_then(|ballot| slot_of(&ballot)) {
            self.set(slot, Some(leaf));
        } else if bytes.starts_with(CHALLENGED)
            && let Ok(Entry { body: Body::Challenged(challenged), .. }) = Entry::from_bytes(bytes)
        {
            self.set(challenged.slot.0, None);
        } else if bytes.starts_with(PAPER_ISSUED)
            && let Ok(Entry { body: Body::PaperIssued(issued), .. }) = Entry::from_bytes(bytes)
        {
            self.set(issued.body.slot.0, None);
        }
    }

    fn leaves(self) -> Box<dyn Iterator<Item = u64>> {
        let all: Box<dyn Iterator<Item = u32>> = match self {
            Self::Any(last) => Box::new(last.into_values()),
            Self::OfRoll(last) => Box::new(last.into_iter()),
        };
        Box::new(all.filter_map(|leaf| leaf.checked_sub(1)).map(u64::from))
    }
}

impl Counting {
    fn of(last: Last, size: u64) -> Self {
        let words = usize::try_from(size.div_ceil(64)).unwrap_or_default();
        let mut counting = Self { bits: vec![0; words], ballots: 0 };
        for leaf in last.leaves() {
            counting.ballots += 1;
            if let Some(word) = usize::try_from(leaf / 64).ok().and_then(|word| counting.bits.get_mut(word)) {
                *word |= 1 << (leaf % 64);
            }
        }
        counting
    }

    /// Looks through the record.
    pub(super) fn preview(record: &Record) -> Result<Self, Failure> {
        let mut last = Last::Any(HashMap::new());
        each_entry(record, |leaf, bytes| {
            last.take(leaf, bytes);
            Ok(())
        })?;
        Ok(Self::of(last, record.index().size))
    }

    /// Whether the ballot at a leaf will count.
    pub(super) fn counts(&self, leaf: LeafIndex) -> bool {
        usize::try_from(leaf.0 / 64).ok().and_then(|word| self.bits.get(word)).is_some_and(|word| word >> (leaf.0 % 64) & 1 == 1)
    }

    /// Whether the fold found the same.
    pub(super) fn agrees(&self, board: &Board) -> bool {
        self.ballots == board.counted_ballots() && board.counted().all(|(_, leaf)| self.counts(leaf)) && board.remembers_all()
    }
}

/// The slot of a ballot, as it is read without a look at anything else.
fn slot_of(ballot: &BallotText<'_>) -> Option<u32> {
    let [_, a, b, c, d, _] = ballot.first()?;
    Some(u32::from_be_bytes([a, b, c, d]))
}

const CHALLENGED: &[u8] = br#"{"v":1,"kind":"challenged","#;
const PAPER_ISSUED: &[u8] = br#"{"v":1,"kind":"paper-issued","#;
const MANIFEST: &[u8] = br#"{"v":1,"kind":"manifest","#;
const OPENED: &[u8] = br#"{"v":1,"kind":"opened","#;
const POLL_CLOSED: &[u8] = br#"{"v":1,"kind":"poll-closed","#;

fn each_entry(record: &Record, mut take: impl FnMut(u64, &[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
    for tile in bundles(record) {
        // What is believed here is held against what is read and verified later.
        let bytes = record.peek(&tile.to_string(), MAX_BUNDLE)?;
        let entries = parse_entry_bundle(&bytes, tile).breaks(Rule::R107)?;
        (tile.start()..).zip(entries).try_for_each(|(leaf, bytes)| take(leaf, bytes))?;
    }
    Ok(())
}

/// What a look finds for a verification whose memory does not grow with the election.
pub(super) struct Look {
    pub(super) counting: Counting,
    /// The sizes whose roots will be asked for (R405, R601).
    pub(super) sizes: Sizes,
    pub(super) voting_keys: FirstLook,
    pub(super) first_as: FirstLook,
    /// The roll of the first `opened`, if there is one that can be read.
    pub(super) roll: Option<(Hash32, ScratchSlots, RollCommitment)>,
}

impl Look {
    /// Looks through the record.
    pub(super) fn over(record: &Record, scratch: &Scratch) -> Result<Self, Failure> {
        let size = record.index().size;
        let mut last = Last::OfRoll(Vec::new());
        let mut fixed: Option<Arc<Fixed>> = None;
        let (mut sizes, mut voting_keys, mut first_as) = (Sizes::new(size), FirstLook::default(), FirstLook::default());
        let mut roll: Option<(Hash32, ScratchSlots, RollCommitment)> = None;
        each_entry(record, |leaf, bytes| {
            last.take(leaf, bytes);
            if let Some(ballot) = BallotText::split(bytes) {
                let (Some(fixed), Some((_, slots, _))) = (&fixed, &roll) else { return Ok(()) };
                let district = slot_of(&ballot).and_then(|slot| slots.listed(Slot(slot))).map(|listed| listed.district);
                let Some(style) = district.and_then(|district| fixed.styles.get(usize::from(district))) else { return Ok(()) };
                let Some(start) = ballot.prefix(style.first_as_end()) else { return Ok(()) };
                style.first_as(&start).for_each(|(_, a)| first_as.see(a));
            } else if let Some(RegistrationText { voting_key, checkpoint }) = RegistrationText::find(bytes) {
                voting_keys.see(&voting_key);
                sizes.insert(checkpoint);
            } else if bytes.starts_with(POLL_CLOSED) {
                sizes.insert(leaf + 1);
            } else if bytes.starts_with(MANIFEST) && leaf == 0 {
                let Ok(Entry { body: Body::Manifest(manifest), .. }) = Entry::from_bytes(bytes) else { return Ok(()) };
                fixed = Fixed::new(&manifest, leaf_hash(bytes)).ok().map(Arc::new);
            } else if bytes.starts_with(OPENED) && roll.is_none() {
                let (Some(fixed), Ok(Entry { body: Body::Opened(opened), .. })) = (&fixed, Entry::from_bytes(bytes)) else { return Ok(()) };
                // What is wrong with it, the fold says at this leaf.
                roll = read_roll(record, &opened, fixed.manifest.districts.len(), scratch).ok().map(|(slots, found)| (opened.roll.file.hash(), slots, found));
                last = Last::OfRoll(vec![0; roll.as_ref().map_or(0, |(_, slots, _)| slots.len() as usize)]);
            }
            Ok(())
        })?;
        scratch.check()?;
        Ok(Self { counting: Counting::of(last, size), sizes, voting_keys, first_as, roll })
    }
}

/// Reads the roll that `opened` names into a file (R301, as far as it is about the roll alone).
pub(super) fn read_roll(record: &Record, opened: &Opened, districts: usize, scratch: &Scratch) -> Result<(ScratchSlots, RollCommitment), Failure> {
    const SLOT: usize = 34;
    let file = opened.roll.file.hash();
    let mut slots = ScratchSlots::new(scratch)?;
    let mut reading = RollReading::new(districts);
    let rest = record.each(&record.path_of(file)?, u64::from(opened.roll.slots) * SLOT as u64, |bytes: &[u8; SLOT]| {
        let (district, commitment) = bytes.split_first_chunk().ok_or_else(|| Violation::of_record(Rule::R301, "a slot has no district"))?;
        let slot = RollSlot { district: u16::from_be_bytes(*district), commitment: Hash32::from_bytes(commitment.try_into().breaks(Rule::R301)?) };
        reading.push(&slot)?;
        slots.push(&slot);
        Ok(())
    })?;
    slots.complete();
    scratch.check()?;
    if rest != 0 {
        return Err(Violation::of_record(Rule::R301, RollError::Length(slots.len() as usize * SLOT + rest)).into());
    }
    Ok((slots, reading.commitment(file)))
}
