//! From what a log shows, the file that shows to anyone that its key signed two boards (PROTOCOL §10.9).

use tachiai_crypto::journal::{BoardKey, ConsistencyProof, LogCheckpoint, SignedCheckpoint, Tree};
use tachiai_schemas::fork::ForkEvidence;
use tachiai_verify::fork::{Of, check_fork, evidence, from_proof as of_proof};

use crate::state::Log;

/// What is pinned of a board; evidence in this form is about boards of elections only.
fn of(log: &Log, key: &BoardKey) -> Option<Of> {
    let board = log.board.as_ref()?;
    Some(Of { manifest: board.manifest.hash(), opened: board.opened.map(|opened| opened.hash()), board_key: *key })
}

fn signed(note: &LogCheckpoint, key: &BoardKey) -> Option<SignedCheckpoint> {
    SignedCheckpoint::parse_and_verify(&note.to_string(), &note.checkpoint().origin, key).ok()
}

/// Two roots of one size.
#[must_use]
pub fn of_one_size(log: &Log, key: &BoardKey, known: &LogCheckpoint, new: &LogCheckpoint) -> Option<ForkEvidence> {
    good(evidence(&of(log, key)?, &signed(known, key)?, &Tree::new(), &signed(new, key)?)?)
}

/// A larger checkpoint, and a proof that begins at the known size in another root.
#[must_use]
pub fn from_proof(log: &Log, key: &BoardKey, known: &LogCheckpoint, new: &LogCheckpoint, proof: &ConsistencyProof) -> Option<ForkEvidence> {
    good(of_proof(&of(log, key)?, &signed(known, key)?, &signed(new, key)?, proof)?)
}

/// A larger checkpoint, and the tree of the board that it is of.
#[must_use]
pub fn from_tree(log: &Log, key: &BoardKey, known: &LogCheckpoint, tree: &Tree, new: &LogCheckpoint) -> Option<ForkEvidence> {
    good(evidence(&of(log, key)?, &signed(known, key)?, tree, &signed(new, key)?)?)
}

/// The evidence, if it convinces others as well.
fn good(evidence: ForkEvidence) -> Option<ForkEvidence> {
    check_fork(&evidence, None).is_ok().then_some(evidence)
}
