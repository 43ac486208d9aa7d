//! A board is the fold of its entries: what stands after each, and which entry may come next (PROTOCOL §3 to §9).
//!
//! [`Board`] does no I/O and reads no clock. The verifier, the trustee's tool and the daemon run the same fold: for every entry [`Board::check`],
//! then the [`Obligation`] it gives (the expensive proofs, in batches and on other threads), then [`Board::apply`].
//!
//! | file | rules |
//! |---|---|
//! | `board/ceremony.rs` | R201–R206 |
//! | `board/roll.rs` | R301 |
//! | `board/voting.rs` | R401–R403, R405, R406, R501–R503, R506–R508 |
//! | `board/paper.rs` | R801–R812 as far as entries show it |
//! | `board/count.rs` | R601, R602, R605 as far as entries show it |
//! | [`crate::obligation`] | R404, R501, R504, R505, R508 |
//! | [`crate::tally`] | R602–R605 with the attachments |

mod ceremony;
mod count;
mod paper;
mod roll;
mod slots;
mod voting;

pub use ceremony::{OpenedState, Run};
pub use count::SharesState;
pub use paper::{DayState, Missing, RollChanges, WITNESSES, missing};
pub(crate) use roll::RollReading;
pub use roll::roll_commitment;
pub use slots::{ContestSet, CurrentBallot, DeskState, PaperState, SlotState, SlotStore};
pub use voting::{StyleInfo, ballot_styles, shape_of};

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tachiai_crypto::ceremony::{CeremonyId, Quorum, trustee_list_hash};
use tachiai_crypto::election::ballot::Statement;
use tachiai_crypto::election::context::{Context, Fingerprint, fingerprint};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Origin, Tree};
use tachiai_schemas::election::{Authority, Body, CloseReason, Closed, Manifest, Opened};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{LeafIndex, Slot, Timestamp, TrusteeIndex, canonical};

use crate::obligation::Obligation;
use crate::rule::{Breaks, Rule, Violation, require};
use crate::seen::Seen;

/// Whether ballots can be looked up by their hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lookup {
    /// [`Board::ballot_status`] knows every ballot: some 100 bytes each.
    #[default]
    ByHash,
    /// It knows none.
    None,
}

/// The roots that a tree had at every size so far.
pub trait Roots {
    /// The number of leaves.
    fn len(&self) -> u64;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The root at a size up to [`Self::len`].
    fn root_at(&self, size: u64) -> Option<Hash32>;
}

impl Roots for Tree {
    fn len(&self) -> u64 {
        self.len()
    }

    fn root_at(&self, size: u64) -> Option<Hash32> {
        self.root_at(size).ok()
    }
}

/// Where the fold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Empty,
    Ceremony,
    Open,
    OnlineClosed,
    PollClosed,
    Tallying,
    Tallied,
    Published,
}

/// The manifest with what follows from it.
pub(crate) struct Fixed {
    pub(crate) manifest: Manifest,
    pub(crate) hash: Hash32,
    pub(crate) quorum: Quorum,
    pub(crate) trustees: Hash32,
    pub(crate) trustee_keys: Vec<BoardKey>,
    pub(crate) board_key: BoardKey,
    pub(crate) origin: Origin,
    /// One for each district.
    pub(crate) styles: Vec<Arc<StyleInfo>>,
}

/// A board as far as its entries were applied.
pub struct Board {
    lookup: Lookup,
    size: u64,
    last: Option<Timestamp>,
    stage: Stage,
    fixed: Option<Arc<Fixed>>,
    run: Run,
    roll: Option<roll::AttachedRoll>,
    opened: Option<OpenedState>,
    voting_keys: Seen,
    /// The first A of every contest of every ballot.
    first_as: Seen,
    marks: HashMap<Hash32, BallotStatus>,
    registrations: u64,
    ballots: u64,
    challenges: u64,
    counted: u64,
    online_closed: Option<LeafIndex>,
    poll_closed: Option<LeafIndex>,
    tally: Option<count::Declared>,
    shares: BTreeMap<TrusteeIndex, SharesState>,
    result: Option<count::ResultState>,
    papers: paper::Papers,
}

impl Default for Board {
    fn default() -> Self {
        Self::new(Lookup::default())
    }
}

impl Board {
    /// A board without entries.
    #[must_use]
    pub fn new(lookup: Lookup) -> Self {
        Self {
            lookup,
            size: 0,
            last: None,
            stage: Stage::Empty,
            fixed: None,
            run: Run::new(1),
            roll: None,
            opened: None,
            voting_keys: Seen::default(),
            first_as: Seen::default(),
            marks: HashMap::new(),
            registrations: 0,
            ballots: 0,
            challenges: 0,
            counted: 0,
            online_closed: None,
            poll_closed: None,
            tally: None,
            shares: BTreeMap::new(),
            result: None,
            papers: paper::Papers::default(),
        }
    }

    /// A board without entries that remembers only what it has to of keys and ciphertexts.
    pub(crate) fn remembering(voting_keys: Seen, first_as: Seen) -> Self {
        Self { voting_keys, first_as, ..Self::new(Lookup::None) }
    }

    /// Whether nothing that was to be remembered was missed.
    pub(crate) fn remembers_all(&self) -> bool {
        self.voting_keys.is_complete() && self.first_as.is_complete()
    }

    /// Checks the rules that are cheap: everything but the proofs, which come back as an [`Obligation`] to be discharged.
    ///
    /// `leaf` is the index that the entry has or would get, `roots` are those of the tree of all leaves before it. Nothing changes.
    ///
    /// # Errors
    /// The [`Violation`] at this leaf.
    pub fn check(&self, leaf: LeafIndex, leaf_hash: Hash32, entry: &Entry, roots: &dyn Roots) -> Result<Obligation, Violation> {
        self.check_entry(leaf, leaf_hash, entry, roots).map_err(|violation| violation.at(leaf))
    }

    fn check_entry(&self, leaf: LeafIndex, leaf_hash: Hash32, entry: &Entry, roots: &dyn Roots) -> Result<Obligation, Violation> {
        let Entry { at, body } = entry;
        require!(leaf.0 == self.size && roots.len() == self.size, R102, "leaf {leaf} does not follow a board of {} leaves", self.size);
        require!(self.last.is_none_or(|last| last <= *at), R104, "{at} is earlier than the entry before");
        require!((leaf.0 == 0) == matches!(body, Body::Manifest(_)), R103, "leaf 0 is the manifest, and no other leaf is");
        require!(self.stage != Stage::Published, R605, "the board ended with `published`");
        match body {
            Body::Manifest(manifest) => Fixed::new(manifest, leaf_hash).map(|_| Obligation::Nothing),
            Body::Commit(commit) => self.check_commit(commit),
            Body::Deal(deal) => self.check_deal(deal),
            Body::Confirm(confirm) => self.check_confirm(confirm),
            Body::Complaint(complaint) => self.check_complaint(complaint),
            Body::Opened(opened) => self.check_opened(opened),
            Body::Registration(registration) => self.check_registration(leaf, *at, registration, roots),
            Body::Ballot(ballot) => self.check_ballot(leaf, *at, &ballot.ballot.0),
            Body::Challenged(challenged) => self.check_challenged(leaf, entry.at, challenged),
            Body::PaperIssued(issued) => self.check_paper_issued(*at, issued),
            Body::PaperUndone(undone) => self.check_paper_undone(undone),
            Body::DayClosed(closed) => self.check_day_closed(*at, closed),
            Body::RollChanged(changed) => self.check_roll_changed(changed),
            Body::CandidateOut(out) => self.check_candidate_out(out),
            Body::OnlineClosed(closed) => {
                require!(self.stage == Stage::Open, R105, "`online-closed` comes once, while the election is open");
                self.check_close(closed, *at, |manifest| manifest.online_closes)
            }
            Body::PollClosed(closed) => {
                require!(self.stage == Stage::OnlineClosed, R105, "`poll-closed` comes once, after `online-closed`");
                self.check_days_closed()?;
                self.check_close(closed, *at, |manifest| manifest.poll_closes)
            }
            Body::TallyStatement(signed) => self.check_tally_statement(signed, roots),
            Body::Shares(shares) => self.check_shares(shares),
            Body::PaperCount(counted) => self.check_paper_count(counted),
            Body::Result(result) => self.check_result(result),
            Body::Lot(drawn) => self.check_lot(drawn),
            Body::Published(published) => self.check_published(published),
        }
    }

    /// Takes over an entry that [`Self::check`] passed and whose obligation was discharged. Nothing is checked again.
    pub fn apply(&mut self, leaf: LeafIndex, leaf_hash: Hash32, entry: &Entry) {
        let Entry { at, body } = entry;
        self.size += 1;
        self.last = Some(*at);
        match body {
            Body::Manifest(manifest) => {
                if let Ok(fixed) = Fixed::new(manifest, leaf_hash) {
                    self.fixed = Some(Arc::new(fixed));
                    self.stage = Stage::Ceremony;
                }
            }
            Body::Commit(commit) => self.run.apply_commit(&commit.body),
            Body::Deal(deal) => {
                if let Some(fixed) = self.fixed.clone() {
                    self.run.apply_deal(&fixed, &deal.body);
                }
            }
            Body::Confirm(confirm) => self.run.apply_confirm(&confirm.body),
            Body::Complaint(_) => self.run = Run::new(self.run.number().saturating_add(1)),
            Body::Opened(opened) => self.apply_opened(leaf, leaf_hash, opened),
            Body::Registration(registration) => self.apply_registration(leaf, leaf_hash, registration),
            Body::Ballot(ballot) => self.apply_ballot(leaf, &ballot.ballot.0),
            Body::Challenged(challenged) => self.apply_challenged(leaf, challenged),
            Body::PaperIssued(issued) => self.apply_paper_issued(leaf, leaf_hash, &issued.body),
            Body::PaperUndone(undone) => self.apply_paper_undone(leaf, leaf_hash, &undone.body),
            Body::DayClosed(closed) => self.apply_day_closed(leaf, &closed.body),
            Body::RollChanged(changed) => self.apply_roll_changed(leaf, changed),
            Body::CandidateOut(out) => self.apply_candidate_out(leaf, out),
            Body::OnlineClosed(_) => {
                self.stage = Stage::OnlineClosed;
                self.online_closed = Some(leaf);
            }
            Body::PollClosed(_) => {
                self.stage = Stage::PollClosed;
                self.poll_closed = Some(leaf);
            }
            Body::TallyStatement(signed) => self.apply_tally_statement(leaf, signed),
            Body::Shares(shares) => self.apply_shares(leaf, &shares.body),
            Body::PaperCount(counted) => self.apply_paper_count(leaf, &counted.body),
            Body::Result(result) => self.apply_result(leaf, result),
            Body::Lot(drawn) => self.apply_lot(leaf, &drawn.body),
            Body::Published(_) => self.stage = Stage::Published,
        }
    }

    fn check_close(&self, Closed { reason }: &Closed, at: Timestamp, time: impl Fn(&Manifest) -> Timestamp) -> Result<Obligation, Violation> {
        let manifest = &self.fixed()?.manifest;
        let due = time(manifest);
        match reason {
            CloseReason::Scheduled => require!(at >= due, R109, "closed as scheduled at {at}, before {due}"),
            CloseReason::Early => {
                require!(at < due, R109, "closed early at {at}, which is not before {due}");
                require!(manifest.authority == Authority::Mock, R109, "only a mock election may be closed early");
            }
        }
        Ok(Obligation::Nothing)
    }

    /// R105 for what comes before the manifest: [`Self::check_entry`] asks for it first, so this cannot be reached with leaf 0 missing.
    fn fixed(&self) -> Result<&Arc<Fixed>, Violation> {
        self.fixed.as_ref().ok_or_else(|| Violation::of_record(Rule::R103, "there is no manifest yet"))
    }

    /// How many entries were applied.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The time of the last entry.
    #[must_use]
    pub const fn last_at(&self) -> Option<Timestamp> {
        self.last
    }

    /// Where the election stands.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        match self.stage {
            Stage::Empty => Phase::Draft,
            Stage::Ceremony => Phase::Ceremony,
            Stage::Open => Phase::Open,
            Stage::OnlineClosed => Phase::OnlineClosed,
            Stage::PollClosed => Phase::PollClosed,
            Stage::Tallying => Phase::Tallying,
            Stage::Tallied => Phase::Tallied,
            Stage::Published => Phase::Published,
        }
    }

    /// The manifest, once it stands.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.fixed.as_ref().map(|fixed| &fixed.manifest)
    }

    /// M, the leaf hash of the manifest.
    #[must_use]
    pub fn manifest_hash(&self) -> Option<Hash32> {
        self.fixed.as_ref().map(|fixed| fixed.hash)
    }

    /// The key that signs checkpoints.
    #[must_use]
    pub fn board_key(&self) -> Option<BoardKey> {
        self.fixed.as_ref().map(|fixed| fixed.board_key)
    }

    /// The origin of checkpoints.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.fixed.as_ref().map(|fixed| &fixed.origin)
    }

    /// t of n.
    #[must_use]
    pub fn quorum(&self) -> Option<Quorum> {
        self.fixed.as_ref().map(|fixed| fixed.quorum)
    }

    /// The current run of the trustees' ceremony.
    #[must_use]
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// What every message of the current run is bound to.
    #[must_use]
    pub fn ceremony_id(&self) -> Option<CeremonyId> {
        self.fixed.as_ref().map(|fixed| fixed.ceremony_id(self.run.number()))
    }

    /// What `opened` fixed.
    #[must_use]
    pub const fn opened(&self) -> Option<&OpenedState> {
        self.opened.as_ref()
    }

    /// CTX, once the election is open.
    #[must_use]
    pub fn context(&self) -> Option<&Context> {
        self.opened.as_ref().map(OpenedState::context)
    }

    /// The fingerprint for the public notice, once the election is open.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        let (fixed, opened) = (self.fixed.as_ref()?, self.opened.as_ref()?);
        Some(fingerprint(fixed.hash, opened.leaf_hash(), &fixed.board_key.to_bytes()))
    }

    /// The style of a district, by its index in the manifest.
    #[must_use]
    pub fn style_of(&self, district: u16) -> Option<&Arc<StyleInfo>> {
        self.fixed.as_ref()?.styles.get(usize::from(district))
    }

    /// What stands for a slot that was registered.
    #[must_use]
    pub fn slot(&self, slot: Slot) -> Option<SlotState> {
        self.opened.as_ref()?;
        self.roll.as_ref()?.slots.state(slot)
    }

    fn set_slot(&mut self, slot: Slot, state: SlotState) {
        if let Some(roll) = &mut self.roll {
            roll.slots.set(slot, state);
        }
    }

    /// Every registered slot, ascending.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, SlotState)> {
        (0..self.roll_len()).map(Slot).filter_map(|slot| Some((slot, self.slot(slot)?)))
    }

    /// Every slot with a ballot that counts as things stand, ascending, with the ballot's leaf.
    pub fn counted(&self) -> impl Iterator<Item = (Slot, LeafIndex)> {
        self.slots().filter_map(|(slot, state)| Some((slot, state.ballot()?.leaf)))
    }

    /// What became of a ballot, if the board was made with [`Lookup::ByHash`] and has it.
    #[must_use]
    pub fn ballot_status(&self, hash: Hash32) -> Option<BallotStatus> {
        self.marks.get(&hash).copied()
    }

    /// What a ballot of this slot under its current registration is proved and verified against.
    #[must_use]
    pub fn statement_for(&self, slot: Slot) -> Option<Statement> {
        let opened = self.opened.as_ref()?;
        let state = self.slot(slot)?;
        let style = self.style_of(self.roll_slot(slot)?.district)?;
        Some(Statement {
            context: *opened.context(),
            joint_key: *opened.joint_key(),
            registration: state.registration_hash(),
            style: Arc::clone(style.style()),
        })
    }

    /// How many registrations the board has.
    #[must_use]
    pub const fn registrations(&self) -> u64 {
        self.registrations
    }

    /// How many ballots the board has.
    #[must_use]
    pub const fn ballots(&self) -> u64 {
        self.ballots
    }

    /// How many ballots were challenged.
    #[must_use]
    pub const fn challenges(&self) -> u64 {
        self.challenges
    }

    /// How many ballots count as things stand.
    #[must_use]
    pub const fn counted_ballots(&self) -> u64 {
        self.counted
    }

    /// The leaf of `online-closed`.
    #[must_use]
    pub const fn online_closed(&self) -> Option<LeafIndex> {
        self.online_closed
    }

    /// The leaf of `poll-closed`.
    #[must_use]
    pub const fn poll_closed(&self) -> Option<LeafIndex> {
        self.poll_closed
    }

    /// The SHA-256 of every attachment that entries so far name, with the leaf that names it.
    #[must_use]
    pub fn attachments(&self) -> Vec<(LeafIndex, Hash32)> {
        let roll = self.opened.iter().map(|opened| (opened.leaf(), opened.entry().roll.file.hash()));
        let shares = self.shares.values().map(|shares| (shares.leaf, shares.file));
        let result = self.result.iter().map(|result| (result.leaf, result.entry.file.hash()));
        roll.chain(shares).chain(result).collect()
    }
}

impl Fixed {
    pub(crate) fn new(manifest: &Manifest, hash: Hash32) -> Result<Self, Violation> {
        manifest.validate().map_err(|errors| {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Violation::of_record(Rule::R108, all.join("; "))
        })?;
        let quorum = u8::try_from(manifest.trustees.len()).breaks(Rule::R108).and_then(|n| Quorum::new(n, manifest.quorum).breaks(Rule::R108))?;
        let trustees = trustee_list_hash(manifest.trustees.iter().map(|trustee| (&trustee.signing_key.0, trustee.recipient.as_str())));
        let trustee_keys = manifest.trustees.iter().map(|trustee| BoardKey::from_bytes(&trustee.signing_key.0).breaks(Rule::R108)).collect::<Result<_, _>>()?;
        Ok(Self {
            hash,
            quorum,
            trustees,
            trustee_keys,
            board_key: BoardKey::from_bytes(&manifest.board_key.0).breaks(Rule::R108)?,
            origin: Origin::new(&manifest.origin).breaks(Rule::R108)?,
            styles: voting::styles(manifest)?,
            manifest: manifest.clone(),
        })
    }

    pub(crate) const fn ceremony_id(&self, run: u32) -> CeremonyId {
        CeremonyId { manifest: self.hash, run, trustees: self.trustees }
    }

    /// Checks that the trustee of this index signed the body.
    pub(crate) fn verify_signed<T: SignedKind>(&self, trustee: TrusteeIndex, signed: &Signed<T>, rule: Rule) -> Result<(), Violation> {
        let Signed { body, signature } = signed;
        let json = canonical::to_bytes(body).breaks(rule)?;
        self.verify_trustee(trustee, T::KIND, &json, &signature.0, rule)
    }

    fn verify_trustee(&self, trustee: TrusteeIndex, kind: &str, json: &[u8], signature: &[u8; 64], rule: Rule) -> Result<(), Violation> {
        let key = usize::from(trustee.get()).checked_sub(1).and_then(|position| self.trustee_keys.get(position));
        let key = key.ok_or_else(|| Violation::of_record(rule, format!("the manifest lists no trustee {trustee}")))?;
        key.verify_bytes(&format!("file/{kind}"), json, signature).map_err(|_| Violation::of_record(rule, format!("trustee {trustee} did not sign this")))
    }
}

impl Board {
    fn apply_opened(&mut self, leaf: LeafIndex, leaf_hash: Hash32, opened: &Opened) {
        let (Some(fixed), Some(result)) = (&self.fixed, self.run.derived()) else { return };
        self.opened = Some(OpenedState::new(fixed, result, leaf, leaf_hash, opened));
        self.papers = paper::Papers::new(&fixed.manifest, leaf_hash);
        self.stage = Stage::Open;
    }
}
