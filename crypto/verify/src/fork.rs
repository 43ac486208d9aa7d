//! Evidence of a fork: two checkpoints that one key signed and of which neither extends the other (PROTOCOL §10.9).
//!
//! It convinces without trust in who made it: only the holder of the board key can sign a checkpoint, and a tree of `second`'s root has one root at the size
//! of `first`. Either it is another than `first`'s, and the key signed two boards, or the evidence proves nothing.

use tachiai_crypto::election::context::{Fingerprint, fingerprint};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, ConsistencyProof, Origin, SignedCheckpoint, Tree, old_root_shown, verify_consistency};
use tachiai_schemas::Bytes;
use tachiai_schemas::fork::{FORK_FORMAT, ForkEvidence, OtherPrefix};

use crate::rule::{Breaks, Rule, Violation, require};
use crate::verify::Trust;

/// Evidence that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The origin.
    pub origin: Origin,
    /// The sizes of both checkpoints.
    pub sizes: (u64, u64),
    /// The size at which both boards are known to differ.
    pub differ_at: u64,
    /// The fingerprint of the election whose key it was, if the evidence names `opened`.
    pub fingerprint: Option<Fingerprint>,
    /// Whether the fingerprint was expected.
    pub trust: Trust,
}

/// Checks evidence (R113), and that it is about the expected election (R302).
///
/// # Errors
/// A [`Violation`]: it proves nothing, or is about another election.
pub fn check_fork(evidence: &ForkEvidence, expect: Option<&Fingerprint>) -> Result<Fork, Violation> {
    let ForkEvidence { format, origin, manifest, opened, board_key, first, second, between } = evidence;
    require!(format == FORK_FORMAT, R113, "the format is \"{format}\", this program knows \"{FORK_FORMAT}\"");
    let origin = Origin::new(origin).breaks(Rule::R113)?;
    let key = BoardKey::from_bytes(&board_key.0).breaks(Rule::R113)?;
    let signed = |text: &str| SignedCheckpoint::parse_and_verify(text, &origin, &key).map(|signed| signed.checkpoint().clone()).breaks(Rule::R113);
    let (first, second) = (signed(first)?, signed(second)?);
    require!(first.size <= second.size, R113, "the second checkpoint is smaller than the first");
    match between {
        None => {
            require!(first.size == second.size, R113, "the checkpoints have different sizes, and nothing is said of what lies between them");
            require!(first.root != second.root, R113, "both checkpoints are of one board");
        }
        Some(OtherPrefix { root, hashes }) => {
            require!(first.size < second.size, R113, "the checkpoints have one size, so nothing lies between them");
            require!(root.hash() != first.root, R113, "the second board extends the first");
            let proof = ConsistencyProof::from_hashes(hashes.iter().map(|hash| hash.hash()).collect());
            verify_consistency(first.size, root.hash(), second.size, second.root, &proof).breaks(Rule::R113)?;
        }
    }
    let fingerprint = opened.map(|opened| fingerprint(manifest.hash(), opened.hash(), &board_key.0));
    if let Some(expected) = expect {
        let found = fingerprint.ok_or_else(|| Violation::of_record(Rule::R302, "the evidence does not name `opened`, so it has no fingerprint"))?;
        require!(found.matches(expected), R302, "the fingerprint is {found}, {expected} was expected");
    }
    let trust = expect.map_or(Trust::Assumed, |_| Trust::Fingerprint);
    Ok(Fork { origin, sizes: (first.size, second.size), differ_at: first.size, fingerprint, trust })
}

/// What names an election in evidence.
#[derive(Debug, Clone, Copy)]
pub struct Of {
    /// Leaf hash of the manifest.
    pub manifest: Hash32,
    /// Leaf hash of `opened`, if it is known.
    pub opened: Option<Hash32>,
    /// The board key.
    pub board_key: BoardKey,
}

/// The evidence that a signed checkpoint is not of the board of which there are a tree and a signed checkpoint, both under one key and origin; `None` if the
/// board extends it, or is too small to tell.
#[must_use]
pub fn evidence(of: &Of, seen: &SignedCheckpoint, tree: &Tree, newest: &SignedCheckpoint) -> Option<ForkEvidence> {
    let (a, b) = (seen.checkpoint(), newest.checkpoint());
    let between = if a.size == b.size {
        (a.root != b.root).then_some(None)?
    } else {
        let root = tree.root_at(a.size).ok().filter(|root| *root != a.root)?;
        let hashes = tree.consistency(a.size, b.size).ok()?.into_hashes();
        Some(OtherPrefix { root: root.into(), hashes: hashes.into_iter().map(Into::into).collect() })
    };
    Some(file(of, seen, newest, between))
}

/// The same from a consistency proof that begins at the size of the seen checkpoint in another root; `None` if the proof does not show one.
#[must_use]
pub fn from_proof(of: &Of, seen: &SignedCheckpoint, newest: &SignedCheckpoint, proof: &ConsistencyProof) -> Option<ForkEvidence> {
    let (a, b) = (seen.checkpoint(), newest.checkpoint());
    let root = old_root_shown(a.size, b.size, b.root, proof).filter(|root| *root != a.root)?;
    let hashes = proof.hashes().iter().copied().map(Into::into).collect();
    Some(file(of, seen, newest, Some(OtherPrefix { root: root.into(), hashes })))
}

fn file(of: &Of, seen: &SignedCheckpoint, newest: &SignedCheckpoint, between: Option<OtherPrefix>) -> ForkEvidence {
    ForkEvidence {
        format: FORK_FORMAT.to_owned(),
        origin: seen.checkpoint().origin.to_string(),
        manifest: of.manifest.into(),
        opened: of.opened.map(Into::into),
        board_key: Bytes(of.board_key.to_bytes()),
        first: seen.as_str().to_owned(),
        second: newest.as_str().to_owned(),
        between,
    }
}
