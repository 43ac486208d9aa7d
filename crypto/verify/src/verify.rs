//! Verifying a record: one pass over its entries, the proofs on all cores, then the count (PROTOCOL, every rule).
//!
//! The reading thread runs the fold, which is cheap, and hands chunks of obligations to worker threads through a bounded channel, so that memory
//! does not grow with the ballots' bytes. Sums are only added to: a first look over the entries, which decodes no proof, says which ballots will count, and
//! the fold's own answer is compared with it at the end.

mod chunks;
mod preview;
mod verdict;

pub use verdict::{ContestOutcome, OptionOutcome, Trust, TrusteesOutcome, Verdict};

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;

use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{TileId, TileKind, hash_tile, new_tiles, parse_entry_bundle};
use tachiai_crypto::journal::{SignedCheckpoint, Tree, leaf_hash};
use tachiai_crypto::proof::equality::DecryptionShare;
use tachiai_schemas::LeafIndex;
use tachiai_schemas::election::{Body, TallyResult};
use tachiai_schemas::entry::{Entry, MAX_ENTRY};
use tachiai_schemas::receipt::Phase;

use crate::board::{Board, Lookup};
use crate::failure::{Failure, Incomplete};
use crate::obligation::Obligation;
use crate::record::RecordDir;
use crate::rule::{Breaks, Rule, Violation};
use crate::tally::{Count, Shares, Sums};

use chunks::Crew;
use preview::Counting;

/// Whether a record has to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// A record that does not end with `published` is incomplete.
    #[default]
    Published,
    /// A record may end anywhere: what is there is verified. Trustees verify so before they sign.
    Partial,
}

/// How to verify.
#[derive(Default)]
pub struct Options<'a> {
    /// The fingerprint of the public notice; without it manifest and board key are taken on trust (R302).
    pub expect: Option<Fingerprint>,
    /// Worker threads; one for each core if not given.
    pub jobs: Option<NonZeroUsize>,
    /// Whether the record has to be whole.
    pub extent: Extent,
    /// Whether the board that comes back can look up ballots by hash.
    pub lookup: Lookup,
    /// Told how many leaves of how many were read, now and then.
    pub progress: Option<&'a dyn Fn(u64, u64)>,
}

/// A record that holds.
pub struct Verified {
    /// What was found, for people and programs.
    pub verdict: Verdict,
    /// The board.
    pub board: Board,
    /// Its tree.
    pub tree: Tree,
    /// Its signed checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// The sums of the ballots that count.
    pub sums: Sums,
}

/// The most worker threads; more would only take memory.
pub(crate) const MAX_JOBS: usize = 256;

/// The longest bundle of entries in bytes.
pub(crate) const MAX_BUNDLE: u64 = 256 * (2 + MAX_ENTRY as u64);

/// The longest attachment `result` in bytes: 256 contests of 4,096 units would not have as many.
const MAX_RESULT: u64 = 256 << 20;

/// Verifies the record in a folder.
///
/// # Errors
/// [`Failure::Refuted`] with the rule and, where there is one, the lowest leaf that breaks a rule; [`Failure::Incomplete`].
pub fn verify_record(root: &Path, options: &Options<'_>) -> Result<Verified, Failure> {
    let record = RecordDir::open(root)?;
    let counting = Counting::preview(&record)?;
    let jobs = options.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get).min(MAX_JOBS);
    let (board, tree, sums) = chunks::run(jobs, &counting, |crew| read(&record, options, crew))?;
    let sums = sums.ok_or_else(|| Violation::of_record(Rule::R103, "the board has no manifest"))?;
    if !counting.agrees(&board) {
        return Err(Incomplete::Fault("the record changed while it was read").into());
    }
    check_tiles(&record, &tree)?;
    let checkpoint = check_checkpoint(&record, &board, &tree)?;
    check_attachments(&record, &board)?;
    let trust = check_fingerprint(&board, options.expect.as_ref())?;
    let count = check_count(&record, &board, &sums)?;
    if options.extent == Extent::Published && board.phase() != Phase::Published {
        return Err(Incomplete::NotPublished(board.phase()).into());
    }
    let verdict = Verdict::new(&board, checkpoint.checkpoint(), trust, count)?;
    Ok(Verified { verdict, board, tree, checkpoint, sums })
}

/// Reads every entry in order and folds the board.
fn read(record: &RecordDir, options: &Options<'_>, crew: &mut Crew<'_>) -> Result<(Board, Tree), Failure> {
    let mut board = Board::new(options.lookup);
    let mut tree = Tree::new();
    let size = record.index().size;
    for tile in bundles(record) {
        let bytes = record.read(&tile.to_string(), MAX_BUNDLE)?;
        let entries = parse_entry_bundle(&bytes, tile).breaks(Rule::R107)?;
        for (at, bytes) in (tile.start()..).zip(entries) {
            let leaf = LeafIndex(at);
            let entry = Entry::from_bytes(bytes).breaks(Rule::R101).map_err(|violation| violation.at(leaf))?;
            if let Body::Opened(opened) = &entry.body {
                attach_roll(record, &mut board, opened.roll.slots, opened.roll.file.hash()).map_err(|failure| at_leaf(failure, leaf))?;
            }
            let hash = leaf_hash(bytes);
            match board.check(leaf, hash, &entry, &tree)? {
                Obligation::Nothing => {}
                obligation => crew.owe(obligation)?,
            }
            board.apply(leaf, hash, &entry);
            if let Body::Manifest(manifest) = &entry.body {
                crew.start_sums(manifest)?;
            }
            tree.push(hash);
        }
        if let Some(progress) = options.progress {
            progress(tree.len(), size);
        }
    }
    Ok((board, tree))
}

fn attach_roll(record: &RecordDir, board: &mut Board, slots: u32, file: Hash32) -> Result<(), Failure> {
    if board.roll().is_none() {
        board.attach_roll(&record.attachment(file, u64::from(slots) * 34)?)?;
    }
    Ok(())
}

fn at_leaf(failure: Failure, leaf: LeafIndex) -> Failure {
    match failure {
        Failure::Refuted(violation) => violation.at(leaf).into(),
        incomplete @ Failure::Incomplete(_) => incomplete,
    }
}

fn bundles(record: &RecordDir) -> impl Iterator<Item = TileId> {
    new_tiles(0, record.index().size).filter(|tile| tile.kind() == TileKind::Entries)
}

/// R107: the tiles of hashes are those of the entries.
fn check_tiles(record: &RecordDir, tree: &Tree) -> Result<(), Failure> {
    for tile in new_tiles(0, record.index().size).filter(|tile| tile.kind() != TileKind::Entries) {
        let path = tile.to_string();
        let expected = hash_tile(tree, tile).breaks(Rule::R107)?;
        if record.read(&path, expected.len() as u64)? != expected {
            return Err(Violation::of_record(Rule::R107, format!("{path} is not what the entries give")).into());
        }
    }
    Ok(())
}

/// R102.
fn check_checkpoint(record: &RecordDir, board: &Board, tree: &Tree) -> Result<SignedCheckpoint, Failure> {
    let missing = || Violation::of_record(Rule::R103, "the board has no manifest");
    let (origin, key) = (board.origin().ok_or_else(missing)?, board.board_key().ok_or_else(missing)?);
    if record.index().origin != origin.as_str() {
        return Err(Violation::of_record(Rule::R102, "the index has another origin than the manifest").into());
    }
    let signed = SignedCheckpoint::parse_and_verify(&record.checkpoint()?, origin, &key).breaks(Rule::R102)?;
    let checkpoint = signed.checkpoint();
    if checkpoint.size != tree.len() || checkpoint.root != tree.root() {
        return Err(Violation::of_record(Rule::R102, format!("the checkpoint is of another tree than these {} leaves", tree.len())).into());
    }
    Ok(signed)
}

/// R106: the attachments of the record are those that entries name.
fn check_attachments(record: &RecordDir, board: &Board) -> Result<(), Violation> {
    let named = board.attachments();
    let names: BTreeSet<Hash32> = named.iter().map(|(_, name)| *name).collect();
    let found: BTreeSet<Hash32> = record.attachments().collect();
    if let Some((leaf, name)) = named.iter().find(|(_, name)| !found.contains(name)) {
        return Err(Violation::of_record(Rule::R106, format!("the attachment {name} is not in the record")).at(*leaf));
    }
    match found.difference(&names).next() {
        Some(name) => Err(Violation::of_record(Rule::R106, format!("no entry names the attachment {name}"))),
        None => Ok(()),
    }
}

/// R302.
fn check_fingerprint(board: &Board, expect: Option<&Fingerprint>) -> Result<Trust, Violation> {
    match (board.fingerprint(), expect) {
        (_, None) => Ok(Trust::Assumed),
        (Some(found), Some(expected)) if found.matches(expected) => Ok(Trust::Fingerprint),
        (Some(found), Some(expected)) => Err(Violation::of_record(Rule::R302, format!("the fingerprint is {found}, {expected} was expected"))),
        (None, Some(_)) => Err(Violation::of_record(Rule::R302, "an election that is not open has no fingerprint yet")),
    }
}

/// What the attachments of the count show.
#[derive(Default)]
struct Counted {
    valid: Vec<TrusteeIndex>,
    discarded: Vec<TrusteeIndex>,
    result: Option<TallyResult>,
}

/// R602–R605.
fn check_count(record: &RecordDir, board: &Board, sums: &Sums) -> Result<Counted, Failure> {
    let mut counted = Counted::default();
    if board.declared_statement().is_none() {
        return Ok(counted);
    }
    let tally = board.tally_leaf().unwrap_or(LeafIndex(0));
    let count = Count::new(board, sums).map_err(|violation| violation.at(tally))?;
    let mut shares: Vec<(TrusteeIndex, Vec<DecryptionShare>)> = Vec::new();
    for (trustee, state) in board.shares() {
        let file = record.attachment(state.file, count.shares_len() as u64).map_err(|failure| at_leaf(failure, state.leaf))?;
        match count.check_shares(trustee, &file).map_err(|violation| violation.at(state.leaf))? {
            Shares::Valid(of_trustee) => {
                counted.valid.push(trustee);
                shares.push((trustee, of_trustee));
            }
            Shares::Invalid(_) => counted.discarded.push(trustee),
        }
    }
    if let Some((leaf, entry)) = board.result() {
        let file = record.attachment(entry.file.hash(), MAX_RESULT).map_err(|failure| at_leaf(failure, leaf))?;
        counted.result = Some(count.check_result(&shares, &file).map_err(|violation| violation.at(leaf))?);
    }
    Ok(counted)
}
