//! What a board is, in memory: the verifier's own fold of it, the tree over it, and an index for questions that the
//! verifier does not ask.
//!
//! Nothing here does I/O. The committer holds one state, which may be ahead of the disk; readers hold another, which
//! never is ([`ledger`](super::ledger)).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::Tree;
use tachiai_schemas::election::{Authority, Body, Manifest, Opened, ResultEntry, SignedTallyStatement};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_schemas::trustee::{Commit, Confirm, Deal, SharesFile, Signed};
use tachiai_schemas::{LeafIndex, Slot, Timestamp};
use tachiai_verify::board::Board;

/// The files of the trustees in the current run, and what they released.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rounds {
    /// The current run, from 1.
    pub run: u32,
    /// Round 0.
    pub commits: BTreeMap<u8, Signed<Commit>>,
    /// Rounds 1 and 2.
    pub deals: BTreeMap<u8, Signed<Deal>>,
    /// Round 3.
    pub confirms: BTreeMap<u8, Signed<Confirm>>,
    /// Who complained in which run.
    pub complaints: BTreeMap<u32, tachiai_schemas::trustee::Complaint>,
    /// Decryption shares.
    pub shares: BTreeMap<u8, Signed<SharesFile>>,
}

/// What became of a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is its slot's current one.
    Current,
    /// The ballot at this leaf replaced it.
    SupersededBy(u64),
    /// The challenge at this leaf names it.
    ChallengedAt(u64),
}

/// A ballot on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BallotMark {
    /// Its leaf.
    pub leaf: u64,
    /// Its slot.
    pub slot: u32,
    /// What became of it.
    pub fate: Fate,
}

/// The index of a board: derived from the entries alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// The trustees' files.
    pub rounds: Rounds,
    /// Every ballot by its hash.
    pub ballots: HashMap<Hash32, BallotMark>,
    /// The current ballot of a slot.
    pub current: HashMap<u32, Hash32>,
    /// How many registrations.
    pub registrations: u64,
    /// The leaf of `opened`.
    pub opened: Option<u64>,
    /// The leaf of `poll-closed`.
    pub poll_closed: Option<u64>,
    /// The statement, once it stands.
    pub statement: Option<SignedTallyStatement>,
    /// The leaf of `result`, once it stands.
    pub result: Option<(u64, ResultEntry)>,
    /// Attachments, with the leaf that names each.
    pub attachments: BTreeMap<u64, Hash32>,
    /// The time of the last entry.
    pub last_at: Option<Timestamp>,
}

/// What an index needs to know of a ballot; the board's parser has read it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BallotNote {
    /// The ballot's hash.
    pub hash: Hash32,
    /// Its slot.
    pub slot: Slot,
}

impl BallotNote {
    /// Reads it from the ballot's bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let header = tachiai_crypto::election::ballot::BallotHeader::peek(bytes).ok()?;
        let hash = tachiai_crypto::hash::tagged(tachiai_crypto::labels::hash::BALLOT, &[bytes]);
        Some(Self { hash, slot: Slot(header.slot.0) })
    }
}

impl Index {
    /// Takes an entry over.
    pub fn apply(&mut self, leaf: LeafIndex, entry: &Entry) {
        self.last_at = Some(entry.at);
        let leaf = leaf.0;
        match &entry.body {
            Body::Manifest(_) => self.rounds.run = 1,
            Body::Commit(file) => {
                self.rounds.commits.insert(file.body.trustee.0, file.clone());
            }
            Body::Deal(file) => {
                self.rounds.deals.insert(file.body.trustee.0, file.clone());
            }
            Body::Confirm(file) => {
                self.rounds.confirms.insert(file.body.trustee.0, file.clone());
            }
            Body::Complaint(file) => {
                let rounds = &mut self.rounds;
                rounds.complaints.insert(rounds.run, file.body.clone());
                rounds.run += 1;
                rounds.commits.clear();
                rounds.deals.clear();
                rounds.confirms.clear();
            }
            Body::Opened(opened) => {
                self.opened = Some(leaf);
                self.attachments.insert(leaf, opened.roll.file.hash());
            }
            Body::Registration(_) => self.registrations += 1,
            Body::Ballot(ballot) => {
                if let Some(note) = BallotNote::of(&ballot.ballot.0) {
                    self.ballot(leaf, note);
                }
            }
            Body::Challenged(challenged) => {
                if let Some(mark) = self.ballots.get_mut(&challenged.ballot.hash()) {
                    mark.fate = Fate::ChallengedAt(leaf);
                }
                self.current.remove(&challenged.slot.0);
            }
            Body::OnlineClosed(_) | Body::Published(_) => {}
            Body::PollClosed(_) => self.poll_closed = Some(leaf),
            Body::TallyStatement(statement) => self.statement = Some(SignedTallyStatement::clone(statement)),
            Body::Shares(file) => {
                self.attachments.insert(leaf, file.body.file.hash());
                self.rounds.shares.insert(file.body.trustee.0, file.clone());
            }
            Body::Result(result) => {
                self.attachments.insert(leaf, result.file.hash());
                self.result = Some((leaf, result.clone()));
            }
        }
    }

    fn ballot(&mut self, leaf: u64, note: BallotNote) {
        let slot = note.slot.0;
        if let Some(before) = self.current.insert(slot, note.hash)
            && let Some(mark) = self.ballots.get_mut(&before)
        {
            mark.fate = Fate::SupersededBy(leaf);
        }
        self.ballots.insert(note.hash, BallotMark { leaf, slot, fate: Fate::Current });
    }

    /// What became of a ballot.
    #[must_use]
    pub fn ballot_status(&self, hash: Hash32) -> Option<BallotStatus> {
        self.ballots.get(&hash).map(|mark| mark.status())
    }

    /// Every attachment that the first `size` entries name.
    #[must_use]
    pub fn attachments_at(&self, size: u64) -> BTreeSet<Hash32> {
        self.attachments.range(..size).map(|(_, hash)| *hash).collect()
    }
}

impl BallotMark {
    /// As it is told.
    #[must_use]
    pub const fn status(&self) -> BallotStatus {
        let leaf = LeafIndex(self.leaf);
        match self.fate {
            Fate::Current => BallotStatus::Counted { leaf },
            Fate::SupersededBy(by) => BallotStatus::Superseded { leaf, by: LeafIndex(by) },
            Fate::ChallengedAt(by) => BallotStatus::Challenged { leaf, by: LeafIndex(by) },
        }
    }
}
