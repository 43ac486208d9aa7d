//! The trustees' ceremony, run by run, and the opening that ends it (PROTOCOL §4, §5).

use std::collections::{BTreeMap, BTreeSet};

use tachiai_crypto::ceremony::{CeremonyError, CeremonyId, CeremonyResult, Commitments, DealPublic, TrusteeIndex, derive};
use tachiai_crypto::election::context::{Context, ElectionId};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::signature::Signature;
use tachiai_schemas::election::Opened;
use tachiai_schemas::trustee::{Commit, Complaint, Confirm, Deal, Signed, SignedKind};
use tachiai_schemas::{HashBytes, LeafIndex};

use super::{Board, Fixed, Stage};
use crate::obligation::Obligation;
use crate::rule::{Breaks, Rule, Violation, require};

/// One run of the ceremony.
pub struct Run {
    number: u32,
    commits: BTreeMap<TrusteeIndex, Hash32>,
    deals: BTreeMap<TrusteeIndex, DealPublic>,
    confirmed: BTreeSet<TrusteeIndex>,
    derived: Option<CeremonyResult>,
}

impl Run {
    pub(super) const fn new(number: u32) -> Self {
        Self { number, commits: BTreeMap::new(), deals: BTreeMap::new(), confirmed: BTreeSet::new(), derived: None }
    }

    /// The number of the run, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// How many committed, dealt and confirmed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.commits.len(), self.deals.len(), self.confirmed.len())
    }

    /// The deals so far, by ascending index.
    pub fn deals(&self) -> impl Iterator<Item = &DealPublic> {
        self.deals.values()
    }

    /// What the deals give, once all are there.
    #[must_use]
    pub const fn derived(&self) -> Option<&CeremonyResult> {
        self.derived.as_ref()
    }

    pub(super) fn apply_commit(&mut self, commit: &Commit) {
        self.commits.insert(commit.trustee, commit.commitment.hash());
    }

    pub(super) fn apply_deal(&mut self, fixed: &Fixed, deal: &Deal) {
        if let Ok(public) = self.public(fixed, deal) {
            self.deals.insert(deal.trustee, public);
        }
        if self.deals.len() == usize::from(fixed.quorum.trustees()) {
            let deals: Vec<DealPublic> = self.deals.values().cloned().collect();
            self.derived = derive(&fixed.ceremony_id(self.number), fixed.quorum, &deals).ok();
        }
    }

    pub(super) fn apply_confirm(&mut self, confirm: &Confirm) {
        self.confirmed.insert(confirm.trustee);
    }

    /// The deal with the trustee's commit, decoded.
    fn public(&self, fixed: &Fixed, deal: &Deal) -> Result<DealPublic, Violation> {
        let Deal { manifest: _, run: _, trustee, commitments, possession, shares } = deal;
        let commit = self.commits.get(trustee).copied().ok_or_else(|| Violation::of_record(Rule::R201, "a deal without a commit"))?;
        let encodings: Vec<[u8; 32]> = commitments.iter().map(|bytes| bytes.0).collect();
        let share_hashes = shares.iter().map(|share| (share.to, share.sha256.hash()));
        Ok(DealPublic {
            index: *trustee,
            commit,
            commitments: Commitments::decode(&encodings, fixed.quorum).breaks(Rule::R202)?,
            possession: Signature::decode(&possession.0).breaks(Rule::R203)?,
            share_hashes: share_hashes.collect(),
        })
    }
}

/// What `opened` fixed for the rest of the election.
pub struct OpenedState {
    leaf: LeafIndex,
    leaf_hash: Hash32,
    entry: Opened,
    context: Context,
    joint_key: Element,
    share_keys: Vec<Element>,
}

impl OpenedState {
    pub(super) fn new(fixed: &Fixed, result: &CeremonyResult, leaf: LeafIndex, leaf_hash: Hash32, entry: &Opened) -> Self {
        let CeremonyResult { joint_key, share_keys, hash } = result;
        let election = ElectionId::from_bytes(fixed.manifest.election.0);
        let context = Context::new(&election, fixed.hash, leaf_hash, joint_key, *hash, entry.roll.root.hash());
        Self { leaf, leaf_hash, entry: entry.clone(), context, joint_key: *joint_key, share_keys: share_keys.clone() }
    }

    /// Its leaf.
    #[must_use]
    pub const fn leaf(&self) -> LeafIndex {
        self.leaf
    }

    /// O, its leaf hash.
    #[must_use]
    pub const fn leaf_hash(&self) -> Hash32 {
        self.leaf_hash
    }

    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> &Opened {
        &self.entry
    }

    /// CTX.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// H, derived.
    #[must_use]
    pub const fn joint_key(&self) -> &Element {
        &self.joint_key
    }

    /// X_1…X_n, derived.
    #[must_use]
    pub fn share_keys(&self) -> &[Element] {
        &self.share_keys
    }
}

impl Board {
    /// What holds for every trustee entry of a run (R105, R201).
    fn check_trustee<T: SignedKind>(&self, signed: &Signed<T>, manifest: &HashBytes, run: u32, trustee: TrusteeIndex) -> Result<&Fixed, Violation> {
        require!(self.stage == Stage::Ceremony, R105, "`{}` belongs to the ceremony", T::KIND);
        let fixed = self.fixed()?;
        require!(manifest.hash() == fixed.hash, R201, "it names another manifest");
        require!(run == self.run.number, R201, "run {run} is not the current run {}", self.run.number);
        fixed.verify_signed(trustee, signed, Rule::R201)?;
        Ok(fixed)
    }

    pub(super) fn check_commit(&self, signed: &Signed<Commit>) -> Result<Obligation, Violation> {
        let Commit { manifest, run, trustee, commitment: _ } = &signed.body;
        self.check_trustee(signed, manifest, *run, *trustee)?;
        require!(!self.run.commits.contains_key(trustee), R201, "trustee {trustee} committed twice");
        Ok(Obligation::Nothing)
    }

    pub(super) fn check_deal(&self, signed: &Signed<Deal>) -> Result<Obligation, Violation> {
        let deal = &signed.body;
        let fixed = self.check_trustee(signed, &deal.manifest, deal.run, deal.trustee)?;
        let all = usize::from(fixed.quorum.trustees());
        require!(self.run.commits.len() == all, R201, "a deal before all {all} commits");
        require!(!self.run.deals.contains_key(&deal.trustee), R201, "trustee {} dealt twice", deal.trustee);
        let public = self.run.public(fixed, deal)?;
        let ceremony = fixed.ceremony_id(self.run.number);
        public.verify(&ceremony, fixed.quorum).map_err(|error| breach(&error))?;
        if self.run.deals.len() + 1 == all {
            self.derive_with(fixed, &ceremony, public)?;
        }
        Ok(Obligation::Nothing)
    }

    fn derive_with(&self, fixed: &Fixed, ceremony: &CeremonyId, last: DealPublic) -> Result<CeremonyResult, Violation> {
        let deals: Vec<DealPublic> = self.run.deals.values().cloned().chain([last]).collect();
        derive(ceremony, fixed.quorum, &deals).map_err(|error| breach(&error))
    }

    pub(super) fn check_confirm(&self, signed: &Signed<Confirm>) -> Result<Obligation, Violation> {
        let Confirm { manifest, run, trustee, joint_key, share_keys, ceremony } = &signed.body;
        self.check_trustee(signed, manifest, *run, *trustee)?;
        let Some(derived) = &self.run.derived else {
            return Err(Violation::of_record(Rule::R201, "a confirmation before all deals"));
        };
        require!(!self.run.confirmed.contains(trustee), R201, "trustee {trustee} confirmed twice");
        let share_keys: Vec<[u8; 32]> = share_keys.iter().map(|key| key.0).collect();
        derived.check_declared(&joint_key.0, &share_keys, ceremony.hash()).breaks(Rule::R205)?;
        Ok(Obligation::Nothing)
    }

    pub(super) fn check_complaint(&self, signed: &Signed<Complaint>) -> Result<Obligation, Violation> {
        let Complaint { manifest, run, trustee, against, reason: _ } = &signed.body;
        let fixed = self.check_trustee(signed, manifest, *run, *trustee)?;
        let known = fixed.quorum.contains(*against);
        require!(known && against != trustee, R201, "a complaint is about another trustee, not about {against}");
        require!(self.run.derived.is_some(), R201, "a complaint before all deals");
        require!(!self.run.confirmed.contains(trustee), R201, "trustee {trustee} confirmed this run already");
        Ok(Obligation::Nothing)
    }

    pub(super) fn check_opened(&self, opened: &Opened) -> Result<Obligation, Violation> {
        let Opened { manifest, run, joint_key, share_keys, ceremony, roll } = opened;
        require!(self.stage == Stage::Ceremony, R105, "`opened` comes once, after the ceremony");
        let fixed = self.fixed()?;
        require!(manifest.hash() == fixed.hash, R301, "it names another manifest");
        require!(*run == self.run.number, R206, "it names run {run}, the current one is {}", self.run.number);
        let confirmed = self.run.confirmed.len();
        let all = usize::from(fixed.quorum.trustees());
        let derived = self.run.derived.as_ref().filter(|_| confirmed == all);
        let derived = derived.ok_or_else(|| Violation::of_record(Rule::R206, format!("{confirmed} of {all} trustees confirmed")))?;
        let share_keys: Vec<[u8; 32]> = share_keys.iter().map(|key| key.0).collect();
        derived.check_declared(&joint_key.0, &share_keys, ceremony.hash()).breaks(Rule::R206)?;
        self.check_roll(roll)?;
        Ok(Obligation::Nothing)
    }
}

/// The rule that an error of the ceremony breaks.
fn breach(error: &CeremonyError) -> Violation {
    let rule = match error {
        CeremonyError::CommitmentCount { .. } | CeremonyError::Commitment { .. } | CeremonyError::IdentityConstant | CeremonyError::NotCommitted(_) => {
            Rule::R202
        }
        CeremonyError::Possession(_) => Rule::R203,
        CeremonyError::ShareHashes(_) => Rule::R204,
        CeremonyError::IdentityJointKey
        | CeremonyError::IdentityShareKey(_)
        | CeremonyError::JointKeyDiffers
        | CeremonyError::ShareKeyCount { .. }
        | CeremonyError::ShareKeyDiffers(_)
        | CeremonyError::CeremonyHashDiffers => Rule::R205,
        _ => Rule::R201,
    };
    Violation::of_record(rule, error)
}
