//! An obligation is a proof that an entry still owes after the cheap rules: it is checked in batches, on any thread (PROTOCOL §7.5).

use rand_core::{CryptoRng, RngCore};
use tachiai_crypto::election::ballot::{Ballot, ProofError, Statement};
use tachiai_crypto::election::challenge::challenge_message;
use tachiai_crypto::election::context::Context;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::labels::purpose;
use tachiai_crypto::proof::batch::{BatchItem, Verdicts, verify_together};
use tachiai_crypto::signature::{self, PublicKey, Signature};
use tachiai_schemas::{ElectionId, LeafIndex, Slot};

use crate::known::KnownKeys;
use crate::rule::{Breaks, Rule, Violation};

/// How many obligations are fastest together.
pub const CHUNK: usize = 512;

/// What an entry owes.
pub enum Obligation {
    /// Nothing.
    Nothing,
    /// A registration: R403 (the key is a point and not the identity), R404.
    Possession(Box<PossessionProof>),
    /// A ballot: R501, R504, R505.
    Ballot(Box<BallotProof>),
    /// A challenge: R508.
    Challenge(Box<ChallengeProof>),
}

impl Obligation {
    /// The leaf of the entry, if it owes something.
    #[must_use]
    pub fn leaf(&self) -> Option<LeafIndex> {
        match self {
            Self::Nothing => None,
            Self::Possession(proof) => Some(proof.leaf),
            Self::Ballot(proof) => Some(proof.leaf),
            Self::Challenge(proof) => Some(proof.leaf),
        }
    }
}

/// A registration with all that its text says (PROTOCOL §6).
pub struct PossessionProof {
    pub(crate) leaf: LeafIndex,
    pub(crate) origin: String,
    pub(crate) nonce: [u8; 32],
    pub(crate) election: ElectionId,
    pub(crate) manifest: Hash32,
    pub(crate) opened: Hash32,
    pub(crate) slot: Slot,
    pub(crate) slot_commitment: Hash32,
    pub(crate) voting_key: [u8; 32],
    pub(crate) seq: u32,
    pub(crate) previous: Option<Hash32>,
    pub(crate) checkpoint_size: u64,
    pub(crate) checkpoint_root: Hash32,
    pub(crate) signature: [u8; 64],
}

/// A ballot with what it is checked against.
pub struct BallotProof {
    pub(crate) leaf: LeafIndex,
    pub(crate) slot: Slot,
    pub(crate) district: u16,
    pub(crate) bytes: Vec<u8>,
    pub(crate) statement: Statement,
}

/// A challenge with the ballot that it names.
pub struct ChallengeProof {
    pub(crate) leaf: LeafIndex,
    pub(crate) context: Context,
    pub(crate) slot: Slot,
    pub(crate) ballot: Hash32,
    pub(crate) ballot_leaf: LeafIndex,
    pub(crate) voting_key: [u8; 32],
    pub(crate) signature: [u8; 64],
}

impl BallotProof {
    /// The ballot's leaf.
    #[must_use]
    pub const fn leaf(&self) -> LeafIndex {
        self.leaf
    }

    /// The slot that votes.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        self.slot
    }

    /// The district of the slot.
    #[must_use]
    pub const fn district(&self) -> u16 {
        self.district
    }

    fn parse(&self, keys: &KnownKeys) -> Result<Ballot, Violation> {
        Ballot::parse_with_key(&self.bytes, &self.statement.style, |key| keys.get(key)).breaks(Rule::R501).map_err(|violation| violation.at(self.leaf))
    }
}

/// Checks obligations, all ballots and signatures among them in one batch, and gives each one's verdict in order.
///
/// `rng` draws the weights of the batch: it must be the operating system's.
pub fn discharge(obligations: &[Obligation], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Result<(), Violation>> {
    discharge_each(obligations, &KnownKeys::default(), rng, |_, _| {})
}

/// As [`discharge`], and hands over every ballot that holds. The keys of registrations are remembered in `keys` for later ballots, in this call or another.
pub(crate) fn discharge_each(
    obligations: &[Obligation],
    keys: &KnownKeys,
    rng: &mut (impl RngCore + CryptoRng),
    mut valid: impl FnMut(&BallotProof, &Ballot),
) -> Vec<Result<(), Violation>> {
    let mut verdicts: Vec<Result<(), Violation>> = Vec::with_capacity(obligations.len());
    let mut ballots: Vec<(usize, &BallotProof, Ballot)> = Vec::new();
    let mut signed: Vec<(usize, Signed)> = Vec::new();
    for (index, obligation) in obligations.iter().enumerate() {
        verdicts.push(match obligation {
            Obligation::Nothing => Ok(()),
            Obligation::Possession(proof) => proof.signed().map(|message| {
                keys.remember(&message.key);
                signed.push((index, message));
            }),
            Obligation::Challenge(proof) => proof.signed().map(|message| signed.push((index, message))),
            Obligation::Ballot(proof) => proof.parse(keys).map(|ballot| ballots.push((index, proof, ballot))),
        });
    }
    let of_ballots: Vec<BatchItem<'_>> = ballots.iter().map(|(_, proof, ballot)| BatchItem { ballot, statement: &proof.statement }).collect();
    let of_signed: Vec<signature::BatchItem<'_>> = signed.iter().map(|(_, signed)| signed.item()).collect();
    let Verdicts { ballots: of_ballots, signatures: of_signed } = verify_together(&of_ballots, &of_signed, rng);
    for ((index, Signed { rule, leaf, .. }), verdict) in signed.iter().zip(of_signed) {
        if let (Err(error), Some(place)) = (verdict, verdicts.get_mut(*index)) {
            *place = Err(Violation::of_record(*rule, error).at(*leaf));
        }
    }
    for ((index, proof, ballot), verdict) in ballots.iter().zip(of_ballots) {
        match verdict {
            Ok(()) => valid(proof, ballot),
            Err(error) => {
                let rule = broken(&error);
                if let Some(verdict) = verdicts.get_mut(*index) {
                    *verdict = Err(Violation::of_record(rule, error).at(proof.leaf));
                }
            }
        }
    }
    verdicts
}

/// The rule that a ballot with this error breaks.
pub(crate) const fn broken(error: &ProofError) -> Rule {
    match error {
        ProofError::Style => Rule::R501,
        ProofError::Equation { .. } => Rule::R504,
        ProofError::Signature => Rule::R505,
    }
}

/// A signature that is owed, decoded.
struct Signed {
    rule: Rule,
    leaf: LeafIndex,
    key: PublicKey,
    purpose: &'static str,
    message: Vec<u8>,
    signature: Signature,
}

impl Signed {
    fn item(&self) -> signature::BatchItem<'_> {
        let Self { rule: _, leaf: _, key, purpose, message, signature } = self;
        signature::BatchItem { key, purpose, message, signature }
    }
}

impl PossessionProof {
    fn signed(&self) -> Result<Signed, Violation> {
        let Self {
            leaf,
            origin,
            nonce,
            election,
            manifest,
            opened,
            slot,
            slot_commitment,
            voting_key,
            seq,
            previous,
            checkpoint_size,
            checkpoint_root,
            signature,
        } = self;
        let key = PublicKey::decode(voting_key).breaks(Rule::R403).map_err(|violation| violation.at(*leaf))?;
        let signature = Signature::decode(signature).breaks(Rule::R404).map_err(|violation| violation.at(*leaf))?;
        let message = registration_text(&RegistrationFields {
            origin: origin.clone(),
            nonce: *nonce,
            election: *election,
            manifest: *manifest,
            opened: *opened,
            slot: *slot,
            slot_commitment: *slot_commitment,
            voting_key: key,
            seq: *seq,
            previous: *previous,
            checkpoint_size: *checkpoint_size,
            checkpoint_root: *checkpoint_root,
        });
        Ok(Signed { rule: Rule::R404, leaf: *leaf, key, purpose: purpose::REGISTRATION, message, signature })
    }
}

impl ChallengeProof {
    fn signed(&self) -> Result<Signed, Violation> {
        let Self { leaf, context, slot, ballot, ballot_leaf, voting_key, signature } = self;
        let key = PublicKey::decode(voting_key).breaks(Rule::R508).map_err(|violation| violation.at(*leaf))?;
        let signature = Signature::decode(signature).breaks(Rule::R508).map_err(|violation| violation.at(*leaf))?;
        let message = challenge_message(context, *slot, *ballot, *ballot_leaf).as_bytes().to_vec();
        Ok(Signed { rule: Rule::R508, leaf: *leaf, key, purpose: purpose::CHALLENGE, message, signature })
    }
}
