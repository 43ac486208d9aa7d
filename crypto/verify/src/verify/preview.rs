//! A first look over a record's entries that says which ballots will count, so that sums need never be subtracted from.
//!
//! It believes everything. The fold decides, and [`Counting::agrees`] compares.

use std::collections::HashMap;

use tachiai_crypto::journal::tiles::parse_entry_bundle;
use tachiai_schemas::LeafIndex;
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::{BallotText, Entry};

use super::{MAX_BUNDLE, bundles};
use crate::board::Board;
use crate::failure::Failure;
use crate::record::RecordDir;
use crate::rule::{Breaks, Rule};

/// One bit for each leaf: whether it is a ballot that counts.
pub(super) struct Counting {
    bits: Vec<u64>,
    ballots: u64,
}

impl Counting {
    /// Looks through the record.
    pub(super) fn preview(record: &RecordDir) -> Result<Self, Failure> {
        let mut last: HashMap<u32, u64> = HashMap::new();
        for tile in bundles(record) {
            let bytes = record.read(&tile.to_string(), MAX_BUNDLE)?;
            let entries = parse_entry_bundle(&bytes, tile).breaks(Rule::R107)?;
            for (leaf, bytes) in (tile.start()..).zip(entries) {
                if let Some([_, a, b, c, d, _]) = BallotText::split(bytes).and_then(|ballot| ballot.first()) {
                    last.insert(u32::from_be_bytes([a, b, c, d]), leaf);
                } else if bytes.starts_with(CHALLENGED)
                    && let Ok(Entry { body: Body::Challenged(challenged), .. }) = Entry::from_bytes(bytes)
                {
                    last.remove(&challenged.slot.0);
                }
            }
        }
        let words = usize::try_from(record.index().size.div_ceil(64)).unwrap_or_default();
        let mut counting = Self { bits: vec![0; words], ballots: last.len() as u64 };
        for leaf in last.into_values() {
            if let Some(word) = usize::try_from(leaf / 64).ok().and_then(|word| counting.bits.get_mut(word)) {
                *word |= 1 << (leaf % 64);
            }
        }
        Ok(counting)
    }

    /// Whether the ballot at a leaf will count.
    pub(super) fn counts(&self, leaf: LeafIndex) -> bool {
        usize::try_from(leaf.0 / 64).ok().and_then(|word| self.bits.get(word)).is_some_and(|word| word >> (leaf.0 % 64) & 1 == 1)
    }

    /// Whether the fold found the same.
    pub(super) fn agrees(&self, board: &Board) -> bool {
        self.ballots == board.counted_ballots() && board.counted().all(|(_, leaf)| self.counts(leaf))
    }
}

const CHALLENGED: &[u8] = br#"{"v":1,"kind":"challenged","#;
