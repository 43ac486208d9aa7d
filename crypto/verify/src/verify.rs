//! Verifying a record: a first look, one pass over its entries with the proofs on all cores, then the count (PROTOCOL, every rule).
//!
//! The reading thread runs the fold, which is cheap, and hands chunks of obligations to worker threads through a bounded channel, so that memory
//! does not grow with the ballots' bytes. Sums are only added to: a first look over the entries, which decodes no proof, says which ballots will count, and
//! the fold's own answer is compared with it at the end.
//!
//! [`verify_record`] keeps board and tree in memory, for who has more to ask of them. [`audit_record`] gives the same verdict in little memory: slots and roots
//! lie in temporary files, and of keys and ciphertexts only those are remembered that the first look found suspicious. The look itself takes four bytes for each
//! slot, key and first A, and the index of the record is kept: some 15 bytes a ballot beside the 20 MB that the worker threads need.

mod chunks;
mod leaves;
mod paper;
mod preview;
mod resume;
mod scratch;
mod verdict;

pub use paper::{CandidateOutOutcome, Elected, Participation, PlaceOutcome, SessionOutcome, UncontestedOutcome};
pub use verdict::{ContestOutcome, OptionOutcome, PapersOutcome, TieOutcome, Trust, TrusteesOutcome, Verdict};

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;

use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{TileId, TileKind, new_tiles, parse_entry_bundle};
use tachiai_crypto::journal::{BoardKey, SignedCheckpoint, Tree, leaf_hash};
use tachiai_crypto::proof::equality::DecryptionShare;
use tachiai_schemas::LeafIndex;
use tachiai_schemas::election::{Body, Opened, TallyResult};
use tachiai_schemas::entry::{Entry, MAX_ENTRY};
use tachiai_schemas::receipt::Phase;

use crate::board::{Board, Lookup, Roots};
use crate::elected::{missing_lot, outcomes};
use crate::failure::{Failure, Incomplete};
use crate::obligation::Obligation;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::rule::{Breaks, Rule, Violation};
use crate::tally::{Count, Shares, Sums};
use crate::witness::{self, Times, Witnessed};

use chunks::Crew;
use leaves::{Edge, Leaves, TileCheck};
use preview::{Counting, Look, read_roll};
use resume::Progress;
use scratch::Scratch;

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
    /// What the witnesses cosigned.
    pub witnessed: Witnessed,
}

/// The most worker threads; more would only take memory.
pub(crate) const MAX_JOBS: usize = 256;

/// The longest bundle of entries in bytes.
pub(crate) const MAX_BUNDLE: u64 = 256 * (2 + MAX_ENTRY as u64);

/// What an audit needs besides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Audit<'a> {
    /// A folder for temporary files, some 300 bytes for each elector; the system's if not given.
    pub scratch: Option<&'a Path>,
    /// A file from which an interrupted audit goes on, and into which this one writes how far it is. It is removed at the end.
    pub resume: Option<&'a Path>,
    /// How many leaves are verified between two writes of that file; 65,536 if not given.
    pub step: Option<u64>,
}

/// Verifies a record and keeps its board and tree.
///
/// # Errors
/// [`Failure::Refuted`] with the rule and, where there is one, the lowest leaf that breaks a rule; [`Failure::Incomplete`].
pub fn verify_record(root: &Path, options: &Options<'_>) -> Result<Verified, Failure> {
    let record = Record::open(root)?;
    let counting = Counting::preview(&record)?;
    let (mut board, mut tree) = (Board::new(options.lookup), Tree::new());
    let attach = |board: &mut Board, opened: &Opened| {
        let roll = record.attachment(opened.roll.file.hash(), u64::from(opened.roll.slots) * 34)?;
        Ok(board.attach_roll(&roll)?)
    };
    let pass = Pass { record: &record, options, counting: &counting };
    let (Audited { verdict, checkpoint, witnessed, board_key: _ }, sums) = pass.over(&mut board, &mut tree, attach, &mut Progress::none())?;
    Ok(Verified { verdict, board, tree, checkpoint, sums, witnessed })
}

/// What an audit keeps of a record that holds.
pub struct Audited {
    /// What was found, for people and programs.
    pub verdict: Verdict,
    /// The signed checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// The cosignatures of the witnesses.
    pub witnessed: Witnessed,
    /// The key that signed it.
    pub board_key: BoardKey,
}

/// Verifies a record in little memory, whatever its size, and keeps nothing but the verdict.
///
/// # Errors
/// As [`verify_record`], and [`Incomplete::Scratch`], [`Incomplete::Unwritable`].
pub fn audit_record(root: &Path, options: &Options<'_>, audit: &Audit<'_>) -> Result<Audited, Failure> {
    let record = Record::open(root)?;
    let mut progress = audit.resume.map_or_else(|| Ok(Progress::none()), |file| Progress::from_file(file, audit.step, &record))?;
    let scratch = Scratch::new(audit.scratch);
    let Look { counting, mut sizes, voting_keys, first_as, roll } = Look::over(&record, &scratch)?;
    let mut board = Board::remembering(voting_keys.suspects(), first_as.suspects());
    record.cosigned().for_each(|size| sizes.insert(size));
    let mut edge = Edge::new(sizes, scratch.file()?);
    let mut roll = roll;
    let attach = |board: &mut Board, opened: &Opened| {
        let (slots, commitment) = match roll.take() {
            Some((file, slots, commitment)) if file == opened.roll.file.hash() => (slots, commitment),
            _ => read_roll(&record, opened, board.manifest().map_or(0, |manifest| manifest.districts.len()), &scratch)?,
        };
        board.attach_slots(Box::new(slots), commitment);
        Ok(())
    };
    let resumed = progress.verified();
    let pass = Pass { record: &record, options, counting: &counting };
    let outcome = pass.over(&mut board, &mut edge, attach, &mut progress);
    // A temporary file that failed looks like a rule that is broken.
    scratch.check()?;
    if !matches!(outcome, Err(Failure::Incomplete(_))) {
        progress.finish();
    }
    let (mut audited, _) = outcome?;
    audited.verdict.resumed = (resumed > LeafIndex(0)).then_some(resumed);
    Ok(audited)
}

/// A pass over a record.
struct Pass<'a> {
    record: &'a Record,
    options: &'a Options<'a>,
    counting: &'a Counting,
}

impl Pass<'_> {
    fn over(
        &self,
        board: &mut Board,
        leaves: &mut (impl Leaves + Sync),
        attach: impl FnMut(&mut Board, &Opened) -> Result<(), Failure>,
        progress: &mut Progress,
    ) -> Result<(Audited, Sums), Failure> {
        let Self { record, options, counting } = self;
        let jobs = options.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get).min(MAX_JOBS);
        let mut times = Times::of(record);
        let (tiles, sums) = chunks::run(jobs, record.index().size, counting, progress, |crew| self.read(board, leaves, attach, &mut times, crew))?;
        if !counting.agrees(board) {
            return Err(Incomplete::Fault("the record changed while it was read").into());
        }
        tiles?;
        let checkpoint = check_checkpoint(record, board, leaves)?;
        check_attachments(record, board)?;
        let witnessed = witness::check(record, board, leaves, &times)?;
        let trust = check_fingerprint(board, options.expect.as_ref())?;
        let count = check_count(record, board, &sums, jobs)?;
        if options.extent == Extent::Published && board.phase() != Phase::Published {
            if let Some(tie) = missing_lot(board, &count.outcomes) {
                return Err(Incomplete::Tied(tie).into());
            }
            return Err(Incomplete::NotPublished(board.phase()).into());
        }
        if options.extent == Extent::Published {
            witnessed.complete(leaves.len())?;
        }
        let verdict = Verdict::new(record.hash(), board, checkpoint.checkpoint(), trust, count, witnessed.outcome(board))?;
        let board_key = board.board_key().ok_or_else(|| Violation::of_record(Rule::R103, "the board has no manifest"))?;
        Ok((Audited { verdict, checkpoint, witnessed, board_key }, sums))
    }

    /// Reads every entry in order, folds the board, and gives what is to be said of the tiles.
    fn read(
        &self,
        board: &mut Board,
        leaves: &mut impl Leaves,
        mut attach: impl FnMut(&mut Board, &Opened) -> Result<(), Failure>,
        times: &mut Times,
        crew: &mut Crew<'_>,
    ) -> Result<Result<(), Failure>, Failure> {
        let Self { record, options, counting: _ } = self;
        let size = record.index().size;
        let mut tiles = TileCheck::new(record);
        for tile in bundles(record) {
            let bytes = record.read(&tile.to_string(), MAX_BUNDLE)?;
            let entries = parse_entry_bundle(&bytes, tile).breaks(Rule::R107)?;
            for (at, bytes) in (tile.start()..).zip(entries) {
                let leaf = LeafIndex(at);
                let entry = Entry::from_bytes(bytes).breaks(Rule::R101).map_err(|violation| violation.at(leaf))?;
                if let Body::Opened(opened) = &entry.body
                    && board.roll_len() == 0
                {
                    attach(board, opened).map_err(|failure| at_leaf(failure, leaf))?;
                }
                times.note(leaf, entry.at);
                let hash = leaf_hash(bytes);
                match board.check(leaf, hash, &entry, leaves)? {
                    Obligation::Nothing => {}
                    obligation => crew.owe(obligation)?,
                }
                board.apply(leaf, hash, &entry);
                if let Body::Manifest(manifest) = &entry.body {
                    crew.start_sums(manifest)?;
                }
                leaves.push_leaf(hash);
                tiles.push(hash);
            }
            if let Some(progress) = options.progress {
                progress(leaves.len(), size);
            }
        }
        Ok(tiles.finish())
    }
}

fn at_leaf(failure: Failure, leaf: LeafIndex) -> Failure {
    match failure {
        Failure::Refuted(violation) => violation.at(leaf).into(),
        incomplete @ Failure::Incomplete(_) => incomplete,
    }
}

fn bundles(record: &Record) -> impl Iterator<Item = TileId> {
    new_tiles(0, record.index().size).filter(|tile| tile.kind() == TileKind::Entries)
}

/// R102.
fn check_checkpoint(record: &Record, board: &Board, leaves: &impl Roots) -> Result<SignedCheckpoint, Failure> {
    let missing = || Violation::of_record(Rule::R103, "the board has no manifest");
    let (origin, key) = (board.origin().ok_or_else(missing)?, board.board_key().ok_or_else(missing)?);
    if record.index().origin != origin.as_str() {
        return Err(Violation::of_record(Rule::R102, "the index has another origin than the manifest").into());
    }
    let signed = SignedCheckpoint::parse_and_verify(&record.checkpoint()?, origin, &key).breaks(Rule::R102)?;
    let checkpoint = signed.checkpoint();
    if checkpoint.size != leaves.len() || Some(checkpoint.root) != leaves.root_at(leaves.len()) {
        return Err(Violation::of_record(Rule::R102, format!("the checkpoint is of another tree than these {} leaves", leaves.len())).into());
    }
    Ok(signed)
}

/// R106: the attachments of the record are those that entries name.
fn check_attachments(record: &Record, board: &Board) -> Result<(), Violation> {
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
    /// One for each contest, if there is a result.
    outcomes: Vec<Outcome>,
}

/// R602–R605, and R809 and R810 as far as they are about votes.
fn check_count(record: &Record, board: &Board, sums: &Sums, jobs: usize) -> Result<Counted, Failure> {
    let mut counted = Counted::default();
    if board.declared_statement().is_none() {
        return Ok(counted);
    }
    let tally = board.tally_leaf().unwrap_or(LeafIndex(0));
    let count = Count::new(board, sums).map_err(|violation| violation.at(tally))?;
    let mut shares: Vec<(TrusteeIndex, Vec<DecryptionShare>)> = Vec::new();
    for (trustee, state) in board.shares() {
        let file = record.attachment(state.file, count.shares_len() as u64).map_err(|failure| at_leaf(failure, state.leaf))?;
        match count.check_shares_on(jobs, trustee, &file).map_err(|violation| violation.at(state.leaf))? {
            Shares::Valid(of_trustee) => {
                counted.valid.push(trustee);
                shares.push((trustee, of_trustee));
            }
            Shares::Invalid(_) => counted.discarded.push(trustee),
        }
    }
    if let Some((leaf, entry)) = board.result() {
        let file = record.attachment(entry.file.hash(), count.result_most()).map_err(|failure| at_leaf(failure, leaf))?;
        let result = count.check_result(&shares, &file).map_err(|violation| violation.at(leaf))?;
        // `published` is the last entry of a board (R605).
        let published = board.size().checked_sub(1).filter(|_| board.phase() == Phase::Published).map(LeafIndex);
        counted.outcomes = outcomes(board, &result.contests, published)?;
        counted.result = Some(result);
    }
    Ok(counted)
}
