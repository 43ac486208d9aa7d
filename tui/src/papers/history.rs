//! What the entries of a verified record tell besides the board that they give: who signed, when, and what happened in a day of a polling place.
//!
//! The record is read again, and each entry held against the verified tree, so that nothing else is printed than what was verified.

use std::collections::BTreeMap;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{TileKind, new_tiles, parse_entry_bundle};
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::{Entry, MAX_ENTRY};
use tachiai_schemas::paper::{Attested, Identified, Manner, Officer, OfficerRole, RollChanged, UndoReason};
use tachiai_schemas::{LeafIndex, Timestamp};
use tachiai_verify::record::Record;
use tachiai_verify::{Board, Lookup};

use super::record::{changed, does_not_hold};
use crate::failure::Failure;

/// An entry that officers signed: where and when it was recorded, and who signed, by their place in the list of officers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignedEntry {
    pub(super) leaf: LeafIndex,
    pub(super) at: Timestamp,
    signers: Vec<u8>,
}

/// Papers that were handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HandOut {
    pub(super) leaf: LeafIndex,
    pub(super) place: u16,
    pub(super) session: u16,
    pub(super) manner: Manner,
    pub(super) identified: Identified,
    pub(super) issued_at: Timestamp,
}

/// A hand-out that was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undo {
    /// The leaf of the hand-out.
    pub(super) of: LeafIndex,
    pub(super) reason: UndoReason,
    pub(super) signed: SignedEntry,
}

/// A change of the roll after the opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) leaf: LeafIndex,
    pub(super) at: Timestamp,
    pub(super) changed: RollChanged,
}

/// What the entries tell.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) hand_outs: Vec<HandOut>,
    pub(super) undos: Vec<Undo>,
    pub(super) changes: Vec<Change>,
    /// The day-closes by place and session.
    pub(super) closes: BTreeMap<(u16, u16), SignedEntry>,
    /// The counts of papers by contest.
    pub(super) counts: BTreeMap<u16, SignedEntry>,
    /// The lots by contest.
    pub(super) lots: BTreeMap<u16, SignedEntry>,
    poll_closed: Option<Timestamp>,
    tally: Option<Timestamp>,
    result: Option<Timestamp>,
}

impl SignedEntry {
    fn of<T>(leaf: LeafIndex, at: Timestamp, attested: &Attested<T>) -> Self {
        Self { leaf, at, signers: attested.signatures.iter().map(|signature| signature.officer).collect() }
    }

    /// Who signed, of the officers who could.
    pub(super) fn officers<'a>(&self, listed: &'a [Officer]) -> impl Iterator<Item = &'a Officer> {
        self.signers.iter().filter_map(|signer| listed.get(usize::from(*signer)))
    }

    /// The names of those who signed and hold this office.
    pub(super) fn names(&self, listed: &[Officer], role: OfficerRole) -> Vec<String> {
        self.officers(listed).filter(|officer| officer.role == role).map(|officer| officer.name.clone()).collect()
    }
}

impl History {
    pub(super) fn of(record: &Record, tree: &Tree) -> Result<Self, Failure> {
        let mut history = Self::default();
        each_entry(record, tree, |leaf, _, Entry { at, body }| {
            history.take(leaf, *at, body);
            Ok(Go::On)
        })?;
        Ok(history)
    }

    fn take(&mut self, leaf: LeafIndex, at: Timestamp, body: &Body) {
        match body {
            Body::PaperIssued(issued) => {
                let issue = &issued.body;
                let (place, session, manner, identified, issued_at) = (issue.place, issue.session, issue.manner, issue.identified, issue.issued_at);
                self.hand_outs.push(HandOut { leaf, place, session, manner, identified, issued_at });
            }
            Body::PaperUndone(undone) => {
                self.undos.push(Undo { of: undone.body.leaf, reason: undone.body.reason, signed: SignedEntry::of(leaf, at, undone) });
            }
            Body::DayClosed(closed) => {
                self.closes.insert((closed.body.place, closed.body.session), SignedEntry::of(leaf, at, closed));
            }
            Body::PaperCount(count) => {
                self.counts.insert(count.body.contest, SignedEntry::of(leaf, at, count));
            }
            Body::Lot(lot) => {
                self.lots.insert(lot.body.contest, SignedEntry::of(leaf, at, lot));
            }
            Body::RollChanged(changed) => self.changes.push(Change { leaf, at, changed: changed.clone() }),
            Body::PollClosed(_) => self.poll_closed = Some(at),
            Body::TallyStatement(_) => self.tally = Some(at),
            Body::Result(_) => self.result = Some(at),
            Body::Manifest(_)
            | Body::Commit(_)
            | Body::Deal(_)
            | Body::Confirm(_)
            | Body::Complaint(_)
            | Body::Opened(_)
            | Body::Registration(_)
            | Body::Ballot(_)
            | Body::Challenged(_)
            | Body::CandidateOut(_)
            | Body::OnlineClosed(_)
            | Body::Shares(_)
            | Body::Published(_) => {}
        }
    }

    /// When the poll closed, the count began and the result was recorded.
    pub(super) fn times(&self) -> Option<(Timestamp, Timestamp, Timestamp)> {
        Some((self.poll_closed?, self.tally?, self.result?))
    }
}

/// The board as it was at a time: the verifier's own fold of the entries up to then.
pub(super) fn board_at(record: &Record, tree: &Tree, until: Timestamp) -> Result<Board, Failure> {
    let mut board = Board::new(Lookup::None);
    each_entry(record, tree, |leaf, hash, entry| {
        if entry.at > until {
            return Ok(Go::Stop);
        }
        if let Body::Opened(opened) = &entry.body {
            let roll = record.attachment(opened.roll.file.hash(), u64::from(opened.roll.slots) * 34).map_err(|e| does_not_hold(&e))?;
            board.attach_roll(&roll).map_err(|_| changed())?;
        }
        board.apply(leaf, hash, entry);
        Ok(Go::On)
    })?;
    Ok(board)
}

/// Whether more entries are wanted.
enum Go {
    On,
    Stop,
}

/// Gives out the entries in their order, each held against the verified tree.
fn each_entry(record: &Record, tree: &Tree, mut take: impl FnMut(LeafIndex, Hash32, &Entry) -> Result<Go, Failure>) -> Result<(), Failure> {
    for tile in new_tiles(0, tree.len()).filter(|tile| tile.kind() == TileKind::Entries) {
        let bundle = record.read(&tile.to_string(), 256 * (2 + MAX_ENTRY as u64)).map_err(|e| does_not_hold(&e))?;
        let entries = parse_entry_bundle(&bundle, tile).map_err(|_| changed())?;
        for (leaf, bytes) in (tile.start()..).zip(entries) {
            let hash = leaf_hash(bytes);
            if tree.leaf(leaf) != Some(hash) {
                return Err(changed());
            }
            let entry = Entry::from_bytes(bytes).map_err(|_| changed())?;
            if matches!(take(LeafIndex(leaf), hash, &entry)?, Go::Stop) {
                return Ok(());
            }
        }
    }
    Ok(())
}
