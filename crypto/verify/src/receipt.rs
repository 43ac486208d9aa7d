//! A receipt shows without a network that a ballot stands on its board; an opening shows what a challenged ballot holds (PROTOCOL §10.3 to §10.5, §7.7).
//!
//! The second device takes the ballot from the receipt's entries, which a signed checkpoint includes, and never from the device that made it.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::election::ballot::{Ballot, BallotHeader, Statement};
use tachiai_crypto::election::context::{Context, Fingerprint, fingerprint};
use tachiai_crypto::election::opening::Opening;
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{Checkpoint, InclusionProof, LogProof, SignedCheckpoint, leaf_hash, verify_inclusion};
use tachiai_schemas::election::{Body, Challenged, Contest, Manifest, Opened, Registration, Text};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{BallotStatus, OpeningFile, Phase, ProvenEntry, Receipt, ReceiptFile};
use tachiai_schemas::trustee::{Confirm, Signed};
use tachiai_schemas::{LeafIndex, Slot, Timestamp};

use crate::board::{Fixed, StyleInfo};
use crate::failure::{Failure, Incomplete};
use crate::obligation::{ChallengeProof, Obligation, PossessionProof, broken, discharge};
use crate::rule::{Breaks, Rule, Violation, require};
use crate::verify::{Trust, Verified};

/// The value of [`ReceiptFile::format`].
pub const RECEIPT_FORMAT: &str = "tachiai-receipt/1";

/// The value of [`OpeningFile::format`].
pub const OPENING_FORMAT: &str = "tachiai-opening/1";

/// A receipt whose entries are included, belong together and hold.
pub struct CheckedReceipt {
    /// The manifest.
    pub manifest: Manifest,
    /// The fingerprint of the election.
    pub fingerprint: Fingerprint,
    /// Whether the fingerprint was expected.
    pub trust: Trust,
    /// The slot.
    pub slot: Slot,
    /// The registration's leaf.
    pub registration: LeafIndex,
    /// The ballot, unless the receipt is for a registration.
    pub ballot: Option<CheckedBallot>,
    /// The newest checkpoint that the receipt holds.
    pub checkpoint: SignedCheckpoint,
    /// The checkpoint of the receipt's own proof.
    pub given: SignedCheckpoint,
    receipt: Receipt,
}

/// The ballot of a receipt.
pub struct CheckedBallot {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// Its hash.
    pub hash: Hash32,
    /// The leaf of `challenged`, if the receipt has it.
    pub challenged: Option<LeafIndex>,
    ballot: Ballot,
    joint_key: Element,
}

/// What an opening shows in one contest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedContest {
    /// The contest's title.
    pub title: Text,
    /// The names of the chosen options.
    pub chosen: Vec<Text>,
    /// How many selections were left blank.
    pub blanks: usize,
}

/// What a record says about a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// What became of the ballot.
    Ballot(BallotStatus),
    /// The registration is on the board; `current` says whether it is the slot's last one.
    Registered {
        /// Its leaf.
        leaf: LeafIndex,
        /// Whether a later registration replaced it.
        replaced: bool,
    },
    /// Receipt and record are signed by one key and contradict each other: evidence against the operator.
    Fork {
        /// The receipt's signed checkpoint.
        receipt: String,
        /// The record's signed checkpoint.
        record: String,
    },
}

/// Where an entry stands.
#[derive(Clone, Copy)]
struct Place {
    leaf: LeafIndex,
    hash: Hash32,
    at: Timestamp,
}

/// The entries of a receipt by kind.
struct Parts {
    manifest: Box<Manifest>,
    manifest_hash: Hash32,
    confirms: Vec<Signed<Confirm>>,
    opened: Option<(Hash32, Box<Opened>)>,
    registration: Option<(Place, Box<Registration>)>,
    ballot: Option<(Place, Vec<u8>)>,
    challenged: Option<(LeafIndex, Challenged)>,
}

impl Parts {
    fn of(entries: &[ProvenEntry]) -> Result<Self, Violation> {
        let mut parsed = entries.iter().map(|proven| {
            let bytes = &proven.entry.0;
            let entry = Entry::from_bytes(bytes).breaks(Rule::R101).map_err(|violation| violation.at(proven.index))?;
            Ok::<_, Violation>((proven.index, leaf_hash(bytes), entry))
        });
        let first = parsed.next().transpose()?;
        let Some((LeafIndex(0), manifest_hash, Entry { body: Body::Manifest(manifest), .. })) = first else {
            return Err(Violation::of_record(Rule::R103, "the first entry of a receipt is the manifest at leaf 0"));
        };
        let mut parts = Self { manifest, manifest_hash, confirms: Vec::new(), opened: None, registration: None, ballot: None, challenged: None };
        let mut before = LeafIndex(0);
        for entry in parsed {
            let (leaf, hash, entry) = entry?;
            require!(leaf > before, R110, "the entries are not in the order of their leaves");
            before = leaf;
            let (kind, place) = (entry.kind(), Place { leaf, hash, at: entry.at });
            let twice = match entry.body {
                Body::Confirm(confirm) => {
                    parts.confirms.push(confirm);
                    false
                }
                Body::Opened(opened) => parts.opened.replace((hash, opened)).is_some(),
                Body::Registration(registration) => parts.registration.replace((place, registration)).is_some(),
                Body::Ballot(ballot) => parts.ballot.replace((place, ballot.ballot.0)).is_some(),
                Body::Challenged(challenged) => parts.challenged.replace((leaf, challenged)).is_some(),
                _ => true,
            };
            require!(!twice, R110, "a receipt holds no `{kind}`, or not two");
        }
        require!(parts.challenged.is_none() || parts.ballot.is_some(), R110, "a receipt without a ballot holds no `challenged`");
        Ok(parts)
    }
}

/// Checks a receipt file by itself: every entry is under one checkpoint signed by the manifest's board key, all trustees confirmed the joint key,
/// registration and ballot belong together, and their proofs hold.
///
/// Which slots and districts there are is not in a receipt: the record shows that.
///
/// # Errors
/// A [`Violation`] of R110, or of the rule that an entry breaks.
pub fn check_receipt(file: &ReceiptFile, expect: Option<&Fingerprint>) -> Result<CheckedReceipt, Violation> {
    let ReceiptFile { format, receipt, entries } = file;
    require!(format == RECEIPT_FORMAT, R110, "the format is \"{format}\", this program knows \"{RECEIPT_FORMAT}\"");
    let parts = Parts::of(entries)?;
    let fixed = Fixed::new(&parts.manifest, parts.manifest_hash)?;
    let checkpoint = included(entries, &fixed)?;
    let (opened_hash, opened) = parts.opened.as_ref().ok_or_else(|| Violation::of_record(Rule::R110, "the entry `opened` is missing"))?;
    confirmed(&parts.confirms, opened, &fixed)?;
    let found = fingerprint(fixed.hash, *opened_hash, &fixed.board_key.to_bytes());
    if let Some(expected) = expect {
        require!(found.matches(expected), R302, "the fingerprint is {found}, {expected} was expected");
    }
    let joint_key = Element::decode_non_identity(&opened.joint_key.0).breaks(Rule::R205)?;
    let context = Context::new(&fixed.manifest.election, fixed.hash, *opened_hash, &joint_key, opened.ceremony.hash(), opened.roll.root.hash());
    let registration = parts.registration.as_ref().ok_or_else(|| Violation::of_record(Rule::R110, "the registration is missing"))?;
    let (registered, body) = registration;
    possessed(registered.leaf, body, &fixed, *opened_hash)?;
    let mut place = *registered;
    let mut checked = None;
    if let Some((of_ballot, bytes)) = &parts.ballot {
        let ballot = proved(bytes, of_ballot.leaf, &fixed, context, joint_key, (registered, body))?;
        let challenged = parts.challenged.as_ref().map(|(leaf, challenged)| named(*leaf, challenged, of_ballot.leaf, &ballot, context)).transpose()?;
        checked = Some(CheckedBallot { leaf: of_ballot.leaf, hash: ballot.hash(), challenged, ballot, joint_key });
        place = *of_ballot;
    }
    let own = given(receipt, &place, checked.as_ref().map(|ballot| ballot.hash), &fixed)?;
    let (a, b) = (own.checkpoint(), checkpoint.checkpoint());
    require!(a.size != b.size || a.root == b.root, R102, "the board signed two roots of one size: evidence of a fork\n{own}\n{checkpoint}");
    let given = own.clone();
    Ok(CheckedReceipt {
        fingerprint: found,
        trust: expect.map_or(Trust::Assumed, |_| Trust::Fingerprint),
        slot: body.slot,
        registration: registered.leaf,
        ballot: checked,
        checkpoint: if a.size > b.size { own } else { checkpoint },
        given,
        manifest: fixed.manifest,
        receipt: receipt.clone(),
    })
}

/// Checks the receipt's own proof and that it names the entry at `place`; gives the checkpoint of the proof.
fn given(receipt: &Receipt, place: &Place, ballot: Option<Hash32>, fixed: &Fixed) -> Result<SignedCheckpoint, Violation> {
    let Receipt { election, at, leaf, leaf_hash, ballot: named, proof } = receipt;
    require!(*election == fixed.manifest.election, R110, "the receipt is of another election than its manifest");
    require!(*leaf == place.leaf && leaf_hash.hash() == place.hash && *at == place.at, R110, "the receipt names another entry than it holds");
    require!(named.map(|hash| hash.hash()) == ballot, R110, "the receipt names another ballot than it holds");
    let proof: LogProof = proof.parse().breaks(Rule::R110)?;
    require!(proof.index == leaf.0, R110, "the proof is of leaf {}", proof.index);
    require!(proof.extra.as_deref() == ballot.as_ref().map(|hash| hash.as_bytes().as_slice()), R110, "the proof names another ballot");
    proof.verify(place.hash, &fixed.origin, &fixed.board_key).breaks(Rule::R110)?;
    SignedCheckpoint::parse_and_verify(&proof.checkpoint, &fixed.origin, &fixed.board_key).breaks(Rule::R110)
}

/// Every entry is under one checkpoint of the manifest's board.
fn included(entries: &[ProvenEntry], fixed: &Fixed) -> Result<SignedCheckpoint, Violation> {
    let text = entries.first().map_or("", |proven| &proven.checkpoint);
    let signed = SignedCheckpoint::parse_and_verify(text, &fixed.origin, &fixed.board_key).breaks(Rule::R110)?;
    let Checkpoint { origin: _, size, root } = signed.checkpoint();
    for ProvenEntry { index, entry, hashes, checkpoint } in entries {
        require!(checkpoint == text, R110, "the entries are proved against different checkpoints");
        let proof = InclusionProof::from_hashes(hashes.iter().map(|hash| hash.hash()).collect());
        verify_inclusion(leaf_hash(&entry.0), index.0, *size, &proof, *root).breaks(Rule::R110).map_err(|violation| violation.at(*index))?;
    }
    Ok(signed)
}

/// Every trustee signed a confirmation of the keys that `opened` repeats.
fn confirmed(confirms: &[Signed<Confirm>], opened: &Opened, fixed: &Fixed) -> Result<(), Violation> {
    require!(opened.manifest.hash() == fixed.hash, R301, "`opened` names another manifest");
    // They come by ascending leaf (§10.4), and trustees confirm in any order.
    let mut trustees: Vec<_> = confirms.iter().map(|confirm| confirm.body.trustee).collect();
    trustees.sort_unstable();
    require!(trustees.into_iter().eq(fixed.quorum.indices()), R206, "the confirmations are not one by each trustee");
    for signed in confirms {
        let Confirm { manifest, run, trustee, joint_key, share_keys, ceremony } = &signed.body;
        require!(manifest.hash() == fixed.hash && *run == opened.run, R201, "trustee {trustee} confirmed another run");
        fixed.verify_signed(*trustee, signed, Rule::R201)?;
        let same = *joint_key == opened.joint_key && *share_keys == opened.share_keys && *ceremony == opened.ceremony;
        require!(same, R206, "trustee {trustee} confirmed other keys than `opened` repeats");
    }
    Ok(())
}

fn possessed(leaf: LeafIndex, registration: &Registration, fixed: &Fixed, opened: Hash32) -> Result<(), Violation> {
    let Registration { slot, slot_commitment, voting_key, seq, previous, checkpoint, nonce, origin, possession, evidence: _ } = registration;
    require!(*origin == fixed.manifest.origin, R401, "the registration has another origin");
    hold(Obligation::Possession(Box::new(PossessionProof {
        leaf,
        origin: origin.clone(),
        nonce: nonce.0,
        election: fixed.manifest.election,
        manifest: fixed.hash,
        opened,
        slot: *slot,
        slot_commitment: slot_commitment.hash(),
        voting_key: voting_key.0,
        seq: *seq,
        previous: previous.map(|hash| hash.hash()),
        checkpoint_size: checkpoint.size,
        checkpoint_root: checkpoint.root.hash(),
        signature: possession.0,
    })))
}

fn hold(obligation: Obligation) -> Result<(), Violation> {
    discharge(&[obligation], &mut OsRng).into_iter().collect()
}

/// Verifies the ballot under the registration. A receipt does not show the slot's district, so every style of the election is tried; the proof binds it.
fn proved(
    bytes: &[u8],
    leaf: LeafIndex,
    fixed: &Fixed,
    context: Context,
    joint_key: Element,
    (registered, body): (&Place, &Registration),
) -> Result<Ballot, Violation> {
    let header = BallotHeader::peek(bytes).breaks(Rule::R501).map_err(|violation| violation.at(leaf))?;
    require!(header.slot == body.slot && header.registration == registered.leaf && registered.leaf < leaf, R502, "the ballot is not under this registration");
    require!(header.voting_key == body.voting_key.0, R502, "the ballot is under another voting key");
    let mut last = Violation::of_record(Rule::R501, "the ballot has the form of no style of this election");
    let mut tried: Vec<&Arc<StyleInfo>> = Vec::new();
    for style in fixed.styles.iter().filter(|style| style.ballot_len() == bytes.len()) {
        if tried.contains(&style) {
            continue;
        }
        tried.push(style);
        let statement = Statement { context, joint_key, registration: registered.hash, style: Arc::clone(style.style()) };
        let parsed = Ballot::parse(bytes, style.style()).breaks(Rule::R501);
        match parsed.and_then(|ballot| ballot.clone().verify(&statement).map_err(|error| Violation::of_record(broken(&error), error)).map(|_| ballot)) {
            Ok(ballot) => return Ok(ballot),
            Err(violation) => last = violation,
        }
    }
    Err(last.at(leaf))
}

/// Checks that `challenged` names the ballot of the receipt.
fn named(leaf: LeafIndex, challenged: &Challenged, ballot_leaf: LeafIndex, ballot: &Ballot, context: Context) -> Result<LeafIndex, Violation> {
    let Challenged { slot, ballot: hash, leaf: named, signature } = challenged;
    let same = *slot == ballot.slot() && hash.hash() == ballot.hash() && *named == ballot_leaf && leaf > ballot_leaf;
    require!(same, R508, "`challenged` names another ballot");
    let proof =
        ChallengeProof { leaf, context, slot: *slot, ballot: ballot.hash(), ballot_leaf, voting_key: *ballot.voting_key().as_bytes(), signature: signature.0 };
    hold(Obligation::Challenge(Box::new(proof)))?;
    Ok(leaf)
}

/// Checks an opening against the ballot of a receipt and gives the choices by name (R509).
///
/// # Errors
/// A [`Violation`] of R509 if the receipt has no ballot or the opening is not of it.
pub fn check_opening(receipt: &CheckedReceipt, file: &OpeningFile) -> Result<Vec<OpenedContest>, Violation> {
    let OpeningFile { format, ballot: named, opening } = file;
    require!(format == OPENING_FORMAT, R509, "the format is \"{format}\", this program knows \"{OPENING_FORMAT}\"");
    let ballot = receipt.ballot.as_ref().ok_or_else(|| Violation::of_record(Rule::R509, "the receipt is not for a ballot"))?;
    let CheckedBallot { leaf, hash, challenged: _, ballot, joint_key } = ballot;
    require!(named.hash() == *hash, R509, "the opening is of another ballot than the one at leaf {leaf}");
    let style = ballot.style();
    let opening = Opening::from_bytes(&opening.0, style).breaks(Rule::R509).map_err(|violation| violation.at(*leaf))?;
    let chosen = opening.check(ballot, joint_key).breaks(Rule::R509).map_err(|violation| violation.at(*leaf))?;
    let contests = style.contests().iter().zip(chosen).filter_map(|((index, shape), chosen)| {
        let Contest { title, options, .. } = receipt.manifest.contests.get(usize::from(*index))?;
        let blanks = usize::from(shape.selections()).saturating_sub(chosen.len());
        let chosen = chosen.into_iter().filter_map(|option| Some(options.get(option)?.name.clone())).collect();
        Some(OpenedContest { title: title.clone(), chosen, blanks })
    });
    Ok(contests.collect())
}

/// Compares a receipt with a record, which has to be verified with [`crate::Lookup::ByHash`].
///
/// # Errors
/// A [`Violation`] of R302 if they are of different boards; [`Incomplete`] if the record is older than the receipt.
pub fn find(receipt: &CheckedReceipt, verified: &Verified) -> Result<Finding, Failure> {
    let Verified { board, tree, checkpoint, .. } = verified;
    let (Some(origin), Some(key)) = (board.origin(), board.board_key()) else {
        return Err(Violation::of_record(Rule::R103, "the board has no manifest").into());
    };
    if SignedCheckpoint::parse_and_verify(receipt.checkpoint.as_str(), origin, &key).is_err() {
        return Err(Violation::of_record(Rule::R302, "receipt and record are of different boards").into());
    }
    let newest = receipt.checkpoint.checkpoint();
    let fork = || Finding::Fork { receipt: receipt.checkpoint.as_str().to_owned(), record: checkpoint.as_str().to_owned() };
    for seen in [newest, receipt.given.checkpoint()] {
        match tree.root_at(seen.size) {
            Ok(root) if root == seen.root => {}
            Ok(_) => return Ok(fork()),
            // Nothing follows `published`, so a longer board is another one.
            Err(_) if board.phase() == Phase::Published => return Ok(fork()),
            Err(_) => return Err(Incomplete::Fault("the record is older than the receipt: get a newer one").into()),
        }
    }
    let Some(ballot) = &receipt.ballot else {
        let current = board.slot(receipt.slot).map(|state| state.registration());
        return Ok(Finding::Registered { leaf: receipt.registration, replaced: current != Some(receipt.registration) });
    };
    // The tree agrees with the receipt, so the ballot is on the board.
    let status = board.ballot_status(ballot.hash).ok_or_else(|| Violation::of_record(Rule::R102, "the ballot is not on the board").at(ballot.leaf))?;
    Ok(Finding::Ballot(status))
}

impl CheckedReceipt {
    /// The receipt itself.
    #[must_use]
    pub const fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The signed checkpoints that it holds.
    #[must_use]
    pub fn checkpoints(&self) -> [&SignedCheckpoint; 2] {
        [&self.checkpoint, &self.given]
    }
}
