//! Registrations, ballots and challenges: what a slot's state lets through (PROTOCOL §6, §7).

use std::collections::HashMap;
use std::sync::Arc;

use tachiai_crypto::election::ballot::{BallotHeader, Statement};
use tachiai_crypto::election::context::{BallotStyle, Choose, ContestShape};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_schemas::election::{Challenged, Choice, Contest, Manifest, Registration};
use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::{Bytes, LeafIndex, Timestamp};

use super::slots::{CurrentBallot, SlotState};
use super::{Board, Fixed, Lookup, OpenedState, Roots, Stage};
use crate::obligation::{BallotProof, ChallengeProof, Obligation, PossessionProof};
use crate::rule::{Breaks, Rule, Violation, require};

/// A ballot style with what is read from a ballot's bytes without decoding it.
#[derive(Debug, PartialEq, Eq)]
pub struct StyleInfo {
    style: Arc<BallotStyle>,
    length: usize,
    /// Contest and offset of its first A.
    first_as: Vec<(u16, usize)>,
}

impl StyleInfo {
    fn new(style: BallotStyle) -> Self {
        Self { length: style.ballot_len(), first_as: style.first_as().collect(), style: Arc::new(style) }
    }

    /// The style.
    #[must_use]
    pub const fn style(&self) -> &Arc<BallotStyle> {
        &self.style
    }

    /// The length of every ballot of the style, in bytes.
    #[must_use]
    pub const fn ballot_len(&self) -> usize {
        self.length
    }

    /// The length of the part of a ballot in which all the first A's are.
    pub(crate) fn first_as_end(&self) -> usize {
        self.first_as.last().map_or(0, |(_, at)| at + 32)
    }

    /// The first A of each contest, not decoded, with the contest's index in the manifest.
    pub(crate) fn first_as<'a>(&'a self, ballot: &'a [u8]) -> impl Iterator<Item = (u16, &'a [u8; 32])> {
        self.first_as.iter().filter_map(|(contest, at)| Some((*contest, ballot.get(*at..)?.first_chunk()?)))
    }
}

/// The shape of a contest for proofs.
///
/// # Errors
/// A [`Violation`] of R108 for numbers that no manifest has.
pub fn shape_of(contest: &Contest) -> Result<ContestShape, Violation> {
    let options = u16::try_from(contest.options.len()).breaks(Rule::R108)?;
    let choose = match contest.choose {
        Choice::Exactly(number) => Choose::Exactly(number),
        Choice::UpTo(number) => Choose::UpTo(number),
    };
    ContestShape::new(options, choose).breaks(Rule::R108)
}

/// The style of every district; districts with the same contests share one.
pub(super) fn styles(manifest: &Manifest) -> Result<Vec<Arc<StyleInfo>>, Violation> {
    let mut known: HashMap<Vec<u16>, Arc<StyleInfo>> = HashMap::new();
    let mut styles = Vec::with_capacity(manifest.districts.len());
    for district in (0..=u16::MAX).take(manifest.districts.len()) {
        let held = (0..=u16::MAX).zip(&manifest.contests).filter(|(_, contest)| is_held(contest, district));
        let indices: Vec<u16> = held.clone().map(|(index, _)| index).collect();
        let style = match known.get(&indices) {
            Some(style) => Arc::clone(style),
            None => {
                let contests = held.map(|(index, contest)| Ok((index, shape_of(contest)?))).collect::<Result<_, Violation>>()?;
                let style = Arc::new(StyleInfo::new(BallotStyle::new(contests).breaks(Rule::R108)?));
                known.insert(indices, Arc::clone(&style));
                style
            }
        };
        styles.push(style);
    }
    Ok(styles)
}

/// The ballot style of every district of a manifest, in order.
///
/// # Errors
/// A [`Violation`] of R108 for shapes that no manifest has.
pub fn ballot_styles(manifest: &Manifest) -> Result<Vec<Arc<BallotStyle>>, Violation> {
    Ok(styles(manifest)?.iter().map(|info| Arc::clone(info.style())).collect())
}

/// Whether a contest is held in a district.
pub(crate) fn is_held(contest: &Contest, district: u16) -> bool {
    contest.districts.as_ref().is_none_or(|held| held.binary_search(&district).is_ok())
}

impl Board {
    /// The state of an open election, for a rule that asks for it.
    fn voting(&self, rule: Rule) -> Result<(&Fixed, &OpenedState), Violation> {
        let opened = self.opened.as_ref().filter(|_| self.stage == Stage::Open);
        let opened = opened.ok_or_else(|| Violation::of_record(rule, "the election is not open"))?;
        Ok((self.fixed()?, opened))
    }

    fn check_hours(fixed: &Fixed, at: Timestamp, rule: Rule) -> Result<(), Violation> {
        let Manifest { opens, online_closes, .. } = &fixed.manifest;
        if (opens..=online_closes).contains(&&at) {
            return Ok(());
        }
        Err(Violation::of_record(rule, format!("{at} is not within {opens} and {online_closes}")))
    }

    pub(super) fn check_registration(&self, leaf: LeafIndex, at: Timestamp, registration: &Registration, roots: &dyn Roots) -> Result<Obligation, Violation> {
        let Registration { slot, slot_commitment, voting_key, seq, previous, checkpoint, nonce, origin, possession, evidence: _ } = registration;
        let (fixed, opened) = self.voting(Rule::R406)?;
        Self::check_hours(fixed, at, Rule::R406)?;
        let listed = self.roll_slot(*slot).ok_or_else(|| Violation::of_record(Rule::R401, format!("there is no slot {slot}")))?;
        self.check_online(*slot)?;
        require!(slot_commitment.hash() == listed.commitment, R401, "the commitment is not that of slot {slot}");
        require!(*origin == fixed.manifest.origin, R401, "the origin is not the manifest's");
        let current = self.slot(*slot);
        let expected = current.map_or(Some(0), |state| state.seq.checked_add(1));
        require!(Some(*seq) == expected, R402, "number {seq} of slot {slot} does not follow the one before");
        require!(previous.map(|hash| hash.hash()) == current.map(|state| state.leaf_hash), R402, "it names another previous registration of slot {slot}");
        require!(!self.voting_keys.contains(&voting_key.0), R403, "the voting key was registered before");
        let sizes = opened.leaf().0 + 1..=leaf.0;
        require!(sizes.contains(&checkpoint.size), R405, "the checkpoint has size {}, not one after `opened` and up to this leaf", checkpoint.size);
        let root = roots.root_at(checkpoint.size);
        let root = root.ok_or_else(|| Violation::of_record(Rule::R405, format!("the board had no size {}", checkpoint.size)))?;
        require!(root == checkpoint.root.hash(), R405, "the checkpoint of size {} has another root", checkpoint.size);
        Ok(Obligation::Possession(Box::new(PossessionProof {
            leaf,
            origin: origin.clone(),
            nonce: nonce.0,
            election: fixed.manifest.election,
            manifest: fixed.hash,
            opened: opened.leaf_hash(),
            slot: *slot,
            slot_commitment: listed.commitment,
            voting_key: voting_key.0,
            seq: *seq,
            previous: previous.map(|hash| hash.hash()),
            checkpoint_size: checkpoint.size,
            checkpoint_root: root,
            signature: possession.0,
        })))
    }

    pub(super) fn apply_registration(&mut self, leaf: LeafIndex, leaf_hash: Hash32, registration: &Registration) {
        let Registration { slot, voting_key, seq, .. } = registration;
        self.registrations += 1;
        self.voting_keys.insert(&voting_key.0);
        // A registration alone removes no ballot (§7.6).
        let ballot = self.slot(*slot).and_then(|state| state.ballot);
        self.set_slot(*slot, SlotState { leaf, leaf_hash, seq: *seq, voting_key: voting_key.0, counter: None, ballot });
    }

    pub(super) fn check_ballot(&self, leaf: LeafIndex, at: Timestamp, bytes: &[u8]) -> Result<Obligation, Violation> {
        let (fixed, opened) = self.voting(Rule::R507)?;
        Self::check_hours(fixed, at, Rule::R507)?;
        let header = BallotHeader::peek(bytes).breaks(Rule::R501)?;
        let slot = header.slot;
        let state = self.slot(slot).ok_or_else(|| Violation::of_record(Rule::R502, format!("slot {slot} has no registration")))?;
        let district = self.roll_slot(slot).map(|listed| listed.district);
        let style = district.and_then(|district| fixed.styles.get(usize::from(district)));
        let (Some(district), Some(style)) = (district, style) else {
            return Err(Violation::of_record(Rule::R502, format!("slot {slot} is not on the roll")));
        };
        self.check_online(slot)?;
        require!(bytes.len() == style.length, R501, "{} bytes where the style of slot {slot} has {}", bytes.len(), style.length);
        require!(header.registration == state.leaf, R502, "registration {} is not the current one of slot {slot}", header.registration);
        require!(header.voting_key == state.voting_key, R502, "the voting key is not the current one of slot {slot}");
        let counter = header.counter;
        require!(state.counter.is_none_or(|last| last < counter), R503, "counter {counter} is not greater than the one before");
        for (contest, a) in style.first_as(bytes) {
            require!(!self.first_as.contains(a), R506, "the first A of contest {contest} appears in an earlier ballot");
        }
        let statement =
            Statement { context: *opened.context(), joint_key: *opened.joint_key(), registration: state.leaf_hash, style: Arc::clone(&style.style) };
        Ok(Obligation::Ballot(Box::new(BallotProof { leaf, slot, district, bytes: bytes.to_vec(), statement })))
    }

    pub(super) fn apply_ballot(&mut self, leaf: LeafIndex, bytes: &[u8]) {
        self.ballots += 1;
        let Ok(header) = BallotHeader::peek(bytes) else { return };
        let slot = header.slot;
        let style = self.roll_slot(slot).and_then(|listed| self.style_of(listed.district)).cloned();
        for (_, a) in style.iter().flat_map(|style| style.first_as(bytes)) {
            self.first_as.insert(a);
        }
        let Some(mut state) = self.slot(slot) else { return };
        let hash = tagged(labels::hash::BALLOT, &[bytes]);
        state.counter = Some(header.counter);
        let replaced = state.ballot.replace(CurrentBallot { leaf, hash, voting_key: header.voting_key });
        self.set_slot(slot, state);
        if self.lookup == Lookup::ByHash {
            self.marks.insert(hash, BallotStatus::Counted { leaf });
        }
        match replaced {
            Some(old) => self.mark(old.hash, BallotStatus::Superseded { leaf: old.leaf, by: leaf }),
            None => self.counted += 1,
        }
    }

    pub(super) fn check_challenged(&self, leaf: LeafIndex, at: Timestamp, challenged: &Challenged) -> Result<Obligation, Violation> {
        let Challenged { slot, ballot, leaf: named, signature } = challenged;
        let (fixed, opened) = self.voting(Rule::R508)?;
        Self::check_hours(fixed, at, Rule::R508)?;
        let current = self.slot(*slot).and_then(|state| state.ballot);
        let current = current.ok_or_else(|| Violation::of_record(Rule::R508, format!("slot {slot} has no ballot")))?;
        require!(current.leaf == *named && current.hash == ballot.hash(), R508, "the ballot at leaf {named} is not the current one of slot {slot}");
        let Bytes(signature) = *signature;
        Ok(Obligation::Challenge(Box::new(ChallengeProof {
            leaf,
            context: *opened.context(),
            slot: *slot,
            ballot: current.hash,
            ballot_leaf: current.leaf,
            voting_key: current.voting_key,
            signature,
        })))
    }

    pub(super) fn apply_challenged(&mut self, leaf: LeafIndex, challenged: &Challenged) {
        self.challenges += 1;
        let Some(mut state) = self.slot(challenged.slot) else { return };
        if let Some(old) = state.ballot.take() {
            self.set_slot(challenged.slot, state);
            self.counted -= 1;
            self.mark(old.hash, BallotStatus::Challenged { leaf: old.leaf, by: leaf });
        }
    }

    pub(super) fn mark(&mut self, hash: Hash32, status: BallotStatus) {
        if let Some(mark) = self.marks.get_mut(&hash) {
            *mark = status;
        }
    }
}
