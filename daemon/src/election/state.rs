//! What a board is, in memory: the verifier's own fold of it, the tree over it, and the trustees' files, which the
//! verifier checks but does not keep.
//!
//! Nothing here does I/O. The committer holds one state, which may be ahead of the disk; readers hold another, which
//! never is ([`ledger`](super::ledger)).

use std::collections::BTreeMap;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::Tree;
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::paper::RollChanged;
use tachiai_schemas::trustee::{Commit, Complaint, Confirm, Deal, SharesFile, Signed};
use tachiai_schemas::{LeafIndex, TrusteeIndex};
use tachiai_verify::board::{Board, Lookup};

use super::desk::again::{self, Recorded};

/// The files of the trustees: of the current run of the ceremony, and of the count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rounds {
    /// Round 0.
    pub commits: BTreeMap<TrusteeIndex, Signed<Commit>>,
    /// Rounds 1 and 2.
    pub deals: BTreeMap<TrusteeIndex, Signed<Deal>>,
    /// Round 3.
    pub confirms: BTreeMap<TrusteeIndex, Signed<Confirm>>,
    /// The complaint that ended each earlier run.
    pub complaints: BTreeMap<u32, Signed<Complaint>>,
    /// Decryption shares.
    pub shares: BTreeMap<TrusteeIndex, Signed<SharesFile>>,
}

/// A board as far as its entries were applied.
#[derive(Default)]
pub struct BoardState {
    /// The verifier's fold.
    pub board: Board,
    /// The tree over the entries.
    pub tree: Tree,
    /// The trustees' files.
    pub rounds: Rounds,
    /// The registrations, by the hash of the evidence that the private journal must hold.
    pub evidence: BTreeMap<Hash32, LeafIndex>,
    /// The changes of the roll after the opening.
    pub roll_changes: Vec<(LeafIndex, RollChanged)>,
    /// The hand-outs, by the hash of the evidence that the private journal must hold.
    pub papers: BTreeMap<Hash32, Recorded>,
    /// The undo of each hand-out that was undone, by the leaf of the hand-out.
    pub undone: BTreeMap<LeafIndex, LeafIndex>,
}

impl BoardState {
    /// A board without entries.
    #[must_use]
    pub fn new(lookup: Lookup) -> Self {
        Self { board: Board::new(lookup), ..Self::default() }
    }

    /// The leaf that the next entry gets.
    #[must_use]
    pub fn next_leaf(&self) -> LeafIndex {
        LeafIndex(self.tree.len())
    }

    /// Takes an entry over that was checked.
    pub fn apply(&mut self, leaf_hash: Hash32, entry: &Entry) {
        self.board.apply(self.next_leaf(), leaf_hash, entry);
        self.rounds.apply(entry);
        if let Body::Registration(registration) = &entry.body {
            self.evidence.insert(registration.evidence.hash(), self.next_leaf());
        }
        match &entry.body {
            Body::PaperIssued(issue) => {
                // A body that was read from JSON has a JSON form.
                let signed = again::signed(&issue.body).unwrap_or(leaf_hash);
                self.papers.insert(issue.body.evidence.hash(), Recorded { leaf: self.next_leaf(), signed });
            }
            Body::PaperUndone(undone) => {
                self.undone.insert(undone.body.leaf, self.next_leaf());
            }
            Body::RollChanged(changed) => self.roll_changes.push((self.next_leaf(), changed.clone())),
            _ => {}
        }
        self.tree.push(leaf_hash);
    }
}

impl Rounds {
    fn apply(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Commit(file) => {
                self.commits.insert(file.body.trustee, file.clone());
            }
            Body::Deal(file) => {
                self.deals.insert(file.body.trustee, file.clone());
            }
            Body::Confirm(file) => {
                self.confirms.insert(file.body.trustee, file.clone());
            }
            Body::Complaint(file) => {
                let Self { commits, deals, confirms, complaints, shares: _ } = self;
                complaints.insert(file.body.run, file.clone());
                commits.clear();
                deals.clear();
                confirms.clear();
            }
            Body::Shares(file) => {
                self.shares.insert(file.body.trustee, file.clone());
            }
            Body::Manifest(_)
            | Body::Opened(_)
            | Body::Registration(_)
            | Body::Ballot(_)
            | Body::Challenged(_)
            | Body::PaperIssued(_)
            | Body::PaperUndone(_)
            | Body::DayClosed(_)
            | Body::RollChanged(_)
            | Body::CandidateOut(_)
            | Body::PaperCount(_)
            | Body::Lot(_)
            | Body::OnlineClosed(_)
            | Body::PollClosed(_)
            | Body::TallyStatement(_)
            | Body::Result(_)
            | Body::Published(_) => {}
        }
    }
}
