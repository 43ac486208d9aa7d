//! The authority's audit: that every slot is an elector of the official roll, and that this elector's card, and not the operator, registered each
//! voting key and took each hand-out of papers (PROTOCOL §14, R701–R710).
//!
//! It begins with the record itself, as [`verify_record`]. Then every slot is opened, and the evidence of every registration and hand-out, bundle by bundle,
//! on all cores. What is decrypted stays in memory and is wiped; nothing personal goes into a verdict or a violation.
//!
//! | file | is |
//! |---|---|
//! | [`folder`] | the folder with the evidence |
//! | [`keys`] | the authority's age identities |
//! | [`people`] | slots and roll, R701, R702 and R710 |
//! | [`trusted`] | certificates, and the revocation lists that were in force |
//! | [`registration`] | the evidence of one registration, R703–R706 and R708 |
//! | `handout` | the evidence of one hand-out of papers, R709 |
//! | [`verdict`] | what was found |

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{TileKind, new_tiles, parse_entry_bundle};
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::{HashBytes, LeafIndex, Slot};
use zeroize::Zeroizing;

use crate::board::Lookup;
use crate::failure::{Failure, Incomplete};
use crate::record::Record;
use crate::rule::{Breaks, Rule, Violation};
use crate::verify::{self, Extent, MAX_BUNDLE, Verified, verify_record};

pub mod folder;
mod handout;
pub mod keys;
pub mod people;
pub mod registration;
#[cfg(feature = "testing")]
pub mod testing;
pub mod trusted;
pub mod verdict;

pub use folder::{EvidenceDir, EvidenceWriter};
pub use keys::{Identities, KeyError, seal};
pub use people::{People, openings};
pub use registration::{is_fifteen, person_hash};
pub use trusted::Cards;
pub use verdict::{Eligibility, FlaggedHandout, FlaggedRegistration, HandoutsFound, SeveralCards};

use handout::{HandoutClaim, ShownHandout};
use registration::{Claim, Judge, Shown};
use trusted::Trusted;

/// How to audit.
#[derive(Default)]
pub struct Options<'a> {
    /// The fingerprint of the public notice; without it manifest and board key are taken on trust (R302).
    pub expect: Option<Fingerprint>,
    /// Worker threads; one for each core if not given.
    pub jobs: Option<NonZeroUsize>,
    /// Whether the record has to be whole.
    pub extent: Extent,
    /// Whose cards.
    pub cards: Cards,
    /// SHA-256 of the certificates of the certification authorities that may be trusted; empty: those of the manifest, which are taken on trust.
    pub card_anchors: &'a [HashBytes],
    /// SHA-256 of the keys for cards' texts that may be trusted; empty: those of the evidence, which are taken on trust.
    pub text_anchors: &'a [HashBytes],
    /// Told how many of how many were checked: leaves first, then registrations.
    pub progress: Option<&'a dyn Fn(u64, u64)>,
}

/// An election whose electors are eligible.
pub struct Audited {
    /// What was found.
    pub verdict: Eligibility,
    /// Who the electors are, for a report that may name them.
    pub people: People,
}

/// Audits a record with the authority's evidence against the official roll, a CSV as the commission imports it.
///
/// # Errors
/// As [`verify_record`]; [`Failure::Refuted`] with a rule of R701–R710; [`Failure::Incomplete`] for files that are missing or not as they should be.
pub fn verify_eligibility(record: &Path, evidence: &Path, roll: &[u8], identities: &Identities, options: &Options<'_>) -> Result<Audited, Failure> {
    let Options { expect, jobs, extent, cards: _, card_anchors: _, text_anchors: _, progress } = options;
    let lookup = Lookup::None;
    let verified = verify_record(record, &verify::Options { expect: *expect, jobs: *jobs, extent: *extent, lookup, progress: *progress })?;
    let board = &verified.board;
    let manifest = board.manifest().ok_or_else(|| Violation::of_record(Rule::R103, "the board has no manifest"))?;
    let (Some(opened), Some(hash)) = (board.opened(), board.manifest_hash()) else {
        return Err(Incomplete::NotPublished(board.phase()).into());
    };
    let folder = EvidenceDir::open(evidence, &manifest.election)?;
    identities.are_of(manifest)?;
    let people = People::check(board, manifest, &folder, identities, roll)?;
    let trusted = Trusted::read(&folder, manifest, options)?;
    let judge = Judge { manifest, manifest_hash: hash, opened: opened.leaf_hash(), board, identities, trusted: &trusted };
    let jobs = jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get).min(verify::MAX_JOBS);
    let mut found = Found::default();
    let mut batch = Vec::with_capacity(BATCH);
    let (mut sealed, mut papers) = (folder.registrations(), folder.papers());
    let handouts: u64 = board.days().iter().flatten().map(|day| u64::from(day.handouts())).sum();
    claims(record, &verified, |claim| {
        let evidence = match &claim {
            Claimed::Registration(claim) => sealed.of(claim.leaf)?,
            Claimed::Handout(claim) => papers.of(claim.leaf)?,
        };
        batch.push((claim, evidence));
        if batch.len() >= BATCH {
            found.take(&judge, jobs, &mut batch)?;
            if let Some(progress) = progress {
                progress(found.registrations + found.papers.handouts, board.registrations() + handouts);
            }
        }
        Ok(())
    })?;
    found.take(&judge, jobs, &mut batch)?;
    sealed.end(verified.tree.len())?;
    papers.end(verified.tree.len())?;
    let verdict = Eligibility::new(&verified, manifest, &people, &trusted, found, options);
    Ok(Audited { verdict, people })
}

/// Reads what was decrypted, in the one accepted form (PROTOCOL §1.6), and wipes what it wrote to compare. Nothing is said of what is wrong: a parser's
/// message may quote what was sealed.
fn read_secret<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let value = serde_json::from_slice(bytes).ok()?;
    let mut again = Zeroizing::new(Vec::with_capacity(bytes.len() + 1));
    serde_json::to_writer(&mut *again, &value).ok()?;
    (again.as_slice() == bytes).then_some(value)
}

/// Registrations and hand-outs that are checked together.
const BATCH: usize = 1024;

/// What has evidence.
enum Claimed {
    Registration(Claim),
    Handout(HandoutClaim),
}

/// What its evidence showed.
enum Seen {
    Registration(Shown),
    Handout(ShownHandout),
}

/// Gives every registration and hand-out of the record, in order. What is read now is held against the tree that was verified.
fn claims(root: &Path, verified: &Verified, mut take: impl FnMut(Claimed) -> Result<(), Failure>) -> Result<(), Failure> {
    let record = Record::open(root)?;
    let mut tree = Tree::new();
    for tile in new_tiles(0, record.index().size).filter(|tile| tile.kind() == TileKind::Entries) {
        let bytes = record.read(&tile.to_string(), MAX_BUNDLE)?;
        for (leaf, bytes) in (tile.start()..).zip(parse_entry_bundle(&bytes, tile).breaks(Rule::R107)?) {
            tree.push(leaf_hash(bytes));
            let entry = Entry::from_bytes(bytes).breaks(Rule::R101)?;
            let leaf = LeafIndex(leaf);
            match entry.body {
                Body::Registration(registration) => take(Claimed::Registration(Claim { leaf, at: entry.at, registration: *registration }))?,
                Body::PaperIssued(issued) => take(Claimed::Handout(HandoutClaim { leaf, at: entry.at, issue: issued.body }))?,
                _ => {}
            }
        }
    }
    if tree.len() == verified.tree.len() && tree.root() == verified.tree.root() {
        Ok(())
    } else {
        Err(Incomplete::Fault("the record changed while it was read").into())
    }
}

/// What registrations and hand-outs have shown so far.
#[derive(Default)]
struct Found {
    registrations: u64,
    /// The slot for which each card registered or took papers.
    card_of: HashMap<Hash32, Slot>,
    /// The cards that registered for each slot.
    cards_of: BTreeMap<Slot, BTreeSet<Hash32>>,
    fallbacks: Vec<FlaggedRegistration>,
    revoked_since: Vec<FlaggedRegistration>,
    papers: HandoutsFound,
    /// The nonces that cards signed for papers.
    nonces: HashSet<[u8; 32]>,
}

impl Found {
    /// Checks a batch on all cores and takes it over in order, so that the lowest leaf is named.
    fn take(&mut self, judge: &Judge<'_>, jobs: usize, batch: &mut Vec<(Claimed, Option<Vec<u8>>)>) -> Result<(), Failure> {
        let each = batch.len().div_ceil(jobs).max(1);
        let one = |claim: &Claimed, sealed: Option<&[u8]>| match claim {
            Claimed::Registration(claim) => registration::check(judge, claim, sealed).map(Seen::Registration),
            Claimed::Handout(claim) => handout::check(judge, claim, sealed).map(Seen::Handout),
        };
        let checked: Vec<Result<Seen, Failure>> = std::thread::scope(|scope| {
            let check = |part: &[(Claimed, Option<Vec<u8>>)]| -> Vec<Result<Seen, Failure>> {
                part.iter().map(|(claim, sealed)| one(claim, sealed.as_deref())).collect()
            };
            let workers: Vec<_> = batch.chunks(each).map(|part| scope.spawn(move || check(part))).collect();
            let join = |worker: std::thread::ScopedJoinHandle<'_, Vec<Result<Seen, Failure>>>| worker.join().unwrap_or_else(|_| vec![Err(STOPPED.into())]);
            workers.into_iter().flat_map(join).collect()
        });
        for ((claim, _), seen) in batch.iter().zip(checked) {
            match (claim, seen) {
                (Claimed::Registration(claim), Ok(Seen::Registration(shown))) => self.add(claim, shown)?,
                (Claimed::Handout(claim), Ok(Seen::Handout(shown))) => self.add_handout(claim, shown)?,
                (_, Ok(_)) => return Err(STOPPED.into()),
                (_, Err(failure)) => return Err(judge.trusted.all_of_other_kind().unwrap_or(failure)),
            }
        }
        batch.clear();
        Ok(())
    }

    /// R707.
    fn one_slot(&mut self, card: Hash32, slot: Slot, leaf: LeafIndex) -> Result<(), Violation> {
        let first = *self.card_of.entry(card).or_insert(slot);
        if first != slot {
            return Err(Violation::of_record(Rule::R707, format!("the card that signed for slot {slot} signed for slot {first} before")).at(leaf));
        }
        Ok(())
    }

    /// R707, and what is to be listed.
    fn add(&mut self, claim: &Claim, shown: Shown) -> Result<(), Violation> {
        let (leaf, slot) = (claim.leaf, claim.registration.slot);
        let Shown { card, fallback, revoked_since } = shown;
        self.one_slot(card, slot, leaf)?;
        self.cards_of.entry(slot).or_default().insert(card);
        self.registrations += 1;
        let flagged = |fallback| FlaggedRegistration { leaf, slot, fallback };
        if revoked_since {
            self.revoked_since.push(flagged(None));
        }
        if let Some(fallback) = fallback {
            self.fallbacks.push(flagged(Some(fallback)));
        }
        Ok(())
    }

    /// R707 and R709 for hand-outs, and what is to be listed.
    fn add_handout(&mut self, claim: &HandoutClaim, shown: ShownHandout) -> Result<(), Violation> {
        let (leaf, slot) = (claim.leaf, claim.issue.slot);
        self.papers.handouts += 1;
        match shown {
            ShownHandout::Card { card, nonce, fallback, revoked_since } => {
                self.one_slot(card, slot, leaf)?;
                if !self.nonces.insert(nonce) {
                    return Err(Violation::of_record(Rule::R709, "the card's signature served for an earlier hand-out").at(leaf));
                }
                self.papers.with_card += 1;
                let flagged = |fallback| FlaggedRegistration { leaf, slot, fallback };
                if revoked_since {
                    self.papers.revoked_since.push(flagged(None));
                }
                if let Some(fallback) = fallback {
                    self.papers.fallbacks.push(flagged(Some(fallback)));
                }
            }
            ShownHandout::ByName(reason) => self.papers.by_name.push(FlaggedHandout { leaf, slot, reason }),
        }
        Ok(())
    }
}

const STOPPED: Incomplete = Incomplete::Fault("a worker thread stopped");
