//! An election on its board: the manifest and every later entry's body (PROTOCOL §9).

use serde::{Deserialize, Serialize};

use crate::paper::{Attested, CandidateOut, DayClose, Lot, Officer, PaperCount, PaperIssue, PaperUndo, Place, RollChanged, Uncontested};
use crate::trustee::{Commit, Complaint, Confirm, Deal, SharesFile, Signed, TallySignature};
use crate::{Blob, Bytes, ElectionId, HashBytes, LeafIndex, Slot, Timestamp};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Text {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// The legal authority under which an election is held; every screen and paper shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Authority {
    /// The Public Offices Election Act (公職選挙法).
    Statutory,
    /// A municipal ordinance, such as for a referendum (住民投票条例).
    Ordinance,
    /// A mock election without legal effect (模擬選挙).
    Mock,
    /// A national strategic special zone (国家戦略特区).
    SpecialZone,
}

/// Whether a fresh revocation list of the card certificates is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CrlRequirement {
    /// No fresh list means refusal.
    Required,
    /// Revocation is not checked; every screen and the manifest say so.
    NotRequired,
}

/// How many options a ballot chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Choice {
    /// Exactly this many.
    Exactly(u16),
    /// At most this many; what is not used counts as blank (白票).
    UpTo(u16),
}

/// What kind of contest this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ContestKind {
    /// Mayor (市長): plurality.
    Mayor,
    /// City council (市議会): single non-transferable vote.
    Council,
    /// A referendum (住民投票).
    Referendum,
}

/// One option of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContestOption {
    /// Short identifier, unique within the contest: `[a-z0-9-]`, 1 to 32 characters.
    pub id: String,
    /// The name on the ballot.
    pub name: Text,
}

/// One question of an election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contest {
    /// Short identifier, unique within the election.
    pub id: String,
    /// The title on the ballot.
    pub title: Text,
    /// The kind.
    pub kind: ContestKind,
    /// Seats to fill; 1 for a mayor, 0 for a referendum.
    pub seats: u16,
    /// How many options a ballot chooses.
    pub choose: Choice,
    /// The options in ballot order, 2 to 128.
    pub options: Vec<ContestOption>,
    /// The districts in which it is held (indices of `Manifest::districts`, ascending); `null` for all.
    pub districts: Option<Vec<u16>>,
}

/// One polling district (投票区).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct District {
    /// The identifier that the roll uses.
    pub id: String,
    /// The name.
    pub name: Text,
}

/// One trustee (開票立会人) as listed in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrusteeEntry {
    /// The name.
    pub name: String,
    /// The Ed25519 key that signs the trustee's files.
    pub signing_key: Bytes<32>,
    /// The age recipient (`age1…`) of shares.
    pub recipient: String,
}

/// A witness of the board's checkpoints, as listed in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WitnessEntry {
    /// The name of the key, such as `witness.example/w1`.
    pub name: String,
    /// The Ed25519 key that makes cosignatures.
    pub key: Bytes<32>,
}

/// Who watches the board, and how many of them must have cosigned its end (PROTOCOL §3.4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Witnesses {
    /// k: how many witnesses must have cosigned a published board; 0 if there are none.
    pub quorum: u8,
    /// The witnesses, at most 16.
    pub keys: Vec<WitnessEntry>,
}

/// Leaf 0 of a board: everything that is fixed before the ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Manifest {
    /// The election.
    pub election: ElectionId,
    /// `<host>/<election id>`: origin of the checkpoints and of what cards sign.
    pub origin: String,
    /// The title.
    pub title: Text,
    /// The legal authority.
    pub authority: Authority,
    /// When online voting opens.
    pub opens: Timestamp,
    /// When online voting closes.
    pub online_closes: Timestamp,
    /// When the poll closes.
    pub poll_closes: Timestamp,
    /// The polling districts, in order.
    pub districts: Vec<District>,
    /// The contests, in ballot order.
    pub contests: Vec<Contest>,
    /// The contests without a poll (無投票).
    pub uncontested: Vec<Uncontested>,
    /// The least number of ballots in a unit whose totals are opened.
    pub min_unit: u32,
    /// t: how many trustees must act to decrypt.
    pub quorum: u8,
    /// The trustees, index 1 first.
    pub trustees: Vec<TrusteeEntry>,
    /// The Ed25519 key that signs checkpoints.
    pub board_key: Bytes<32>,
    /// age recipients of the evidence behind registrations.
    pub authority_recipients: Vec<String>,
    /// The witnesses of the checkpoints.
    pub witnesses: Witnesses,
    /// The polling places that hand out papers.
    pub places: Vec<Place>,
    /// Who signs the count of the papers and lots: one manager (開票管理者) and at least one witness; nobody if there are no places and no lot can be needed.
    pub count_officers: Vec<Officer>,
    /// Whether card certificates are checked for revocation.
    pub crl: CrlRequirement,
    /// SHA-256 of each trusted card certificate authority (DER), ascending.
    pub card_anchors: Vec<HashBytes>,
}

/// The roll as `opened` commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollCommitment {
    /// The root over the slots (PROTOCOL §5.2).
    pub root: HashBytes,
    /// How many slots.
    pub slots: u32,
    /// Slots per district, in manifest order.
    pub districts: Vec<u32>,
    /// SHA-256 of the attachment `roll`.
    pub file: HashBytes,
}

/// The election is open: joint key and roll are fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Opened {
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// The ceremony's run.
    pub run: u32,
    /// The joint key H.
    pub joint_key: Bytes<32>,
    /// The share keys X_1…X_n.
    pub share_keys: Vec<Bytes<32>>,
    /// The ceremony hash CH.
    pub ceremony: HashBytes,
    /// The roll.
    pub roll: RollCommitment,
}

/// A board's size and root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TreeHead {
    /// How many leaves.
    pub size: u64,
    /// The root.
    pub root: HashBytes,
}

/// A voting key for a slot (PROTOCOL §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registration {
    /// The slot.
    pub slot: Slot,
    /// The slot's commitment.
    pub slot_commitment: HashBytes,
    /// The voting key V.
    pub voting_key: Bytes<32>,
    /// 0 for the slot's first registration, then one more each time.
    pub seq: u32,
    /// Leaf hash of the slot's previous registration.
    pub previous: Option<HashBytes>,
    /// The checkpoint that the voter's device had verified.
    pub checkpoint: TreeHead,
    /// The server's nonce, used once.
    pub nonce: Bytes<32>,
    /// The origin that the device spoke to.
    pub origin: String,
    /// The voting key's signature over the text.
    pub possession: Bytes<64>,
    /// The hash of the sealed evidence.
    pub evidence: HashBytes,
}

/// A ballot (PROTOCOL §7.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BallotEntry {
    /// The bytes.
    pub ballot: Blob,
}

/// The holder of a ballot's key had it opened instead of counted (PROTOCOL §7.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Challenged {
    /// The slot.
    pub slot: Slot,
    /// The ballot's hash.
    pub ballot: HashBytes,
    /// The ballot's leaf.
    pub leaf: LeafIndex,
    /// The voting key's signature.
    pub signature: Bytes<64>,
}

/// Why a phase was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CloseReason {
    /// The time of the manifest had come.
    Scheduled,
    /// Earlier, which only a mock election may.
    Early,
}

/// A close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Closed {
    /// Why now.
    pub reason: CloseReason,
}

/// A unit of the count: districts whose ballots are added before anything is opened (PROTOCOL §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unit {
    /// Indices of the districts, ascending.
    pub districts: Vec<u16>,
    /// Counted ballots.
    pub ballots: u64,
}

/// The units of one contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContestUnits {
    /// Index of the contest.
    pub contest: u16,
    /// Its units, in order.
    pub units: Vec<Unit>,
}

/// What the trustees agree to decrypt, once (PROTOCOL §8.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TallyStatement {
    /// The board's origin.
    pub origin: String,
    /// The board just after `poll-closed`.
    pub board: TreeHead,
    /// The leaf of `poll-closed`.
    pub poll_closed: LeafIndex,
    /// How many ballots count.
    pub counted: u64,
    /// The digest of the counted ballots.
    pub digest: HashBytes,
    /// The units of every contest.
    pub contests: Vec<ContestUnits>,
}

/// The tally statement with the trustees' signatures, by ascending index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedTallyStatement {
    /// The statement.
    pub statement: TallyStatement,
    /// Who signed.
    pub signatures: Vec<TallySignature>,
}

/// Names the attachment with the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResultEntry {
    /// The tally statement's hash.
    pub statement: HashBytes,
    /// SHA-256 of the attachment `result`, a [`TallyResult`].
    pub file: HashBytes,
}

/// The attachment `result`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TallyResult {
    /// One for each contest, in manifest order.
    pub contests: Vec<ContestResult>,
}

/// The totals of one contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContestResult {
    /// Index of the contest.
    pub contest: u16,
    /// Counted ballots.
    pub ballots: u64,
    /// The total of each column: the options, then for *up to m* the blanks.
    pub totals: Vec<u64>,
    /// The columns' totals of each unit.
    pub units: Vec<Vec<u64>>,
}

/// The result is published; the board ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Published {
    /// The leaf of `result`.
    pub result: LeafIndex,
}

/// The body of a board's entry, with its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `manifest`
    Manifest(Box<Manifest>),
    /// `trustee-commit`
    Commit(Signed<Commit>),
    /// `trustee-deal`
    Deal(Signed<Deal>),
    /// `trustee-confirm`
    Confirm(Signed<Confirm>),
    /// `trustee-complaint`
    Complaint(Signed<Complaint>),
    /// `opened`
    Opened(Box<Opened>),
    /// `registration`
    Registration(Box<Registration>),
    /// `ballot`
    Ballot(BallotEntry),
    /// `challenged`
    Challenged(Challenged),
    /// `paper-issued`
    PaperIssued(Box<Signed<PaperIssue>>),
    /// `paper-undone`
    PaperUndone(Attested<PaperUndo>),
    /// `day-closed`
    DayClosed(Attested<DayClose>),
    /// `roll-changed`
    RollChanged(RollChanged),
    /// `candidate-out`
    CandidateOut(CandidateOut),
    /// `online-closed`
    OnlineClosed(Closed),
    /// `poll-closed`
    PollClosed(Closed),
    /// `tally-statement`
    TallyStatement(Box<SignedTallyStatement>),
    /// `decryption-shares`
    Shares(Signed<SharesFile>),
    /// `paper-count`
    PaperCount(Attested<PaperCount>),
    /// `result`
    Result(ResultEntry),
    /// `lot`
    Lot(Attested<Lot>),
    /// `published`
    Published(Published),
}
