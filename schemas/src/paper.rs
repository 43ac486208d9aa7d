//! Paper on the board: polling places and their officers, every ballot paper that is handed out, the close of each day, and the count of the papers
//! (PROTOCOL §16).
//!
//! Sources: Public Offices Election Act (公職選挙法) articles 37 and 38 (poll manager and witnesses), 48-2 (early voting), 49 (absentee voting), 50 (provisional
//! voting), 61 and 62 (count manager and witnesses), 95 (lot).

use serde::{Deserialize, Serialize};
use tachiai_crypto::labels;

use crate::election::{ContestKind, ContestOption, Text};
use crate::trustee::SignedKind;
use crate::{Bytes, HashBytes, LeafIndex, Slot, Timestamp};

/// What kind of polling place this is; it gives the channel of its papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PlaceKind {
    /// Early voting (期日前投票所).
    Early,
    /// On the day (投票所).
    Day,
    /// The desk that sends absentee papers and takes them back (不在者投票).
    Absentee,
}

/// What an officer of a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OfficerRole {
    /// Manager (投票管理者, 開票管理者).
    Manager,
    /// Witness (投票立会人, 開票立会人).
    Witness,
}

/// A person who signs for a place or for the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Officer {
    /// The name.
    pub name: String,
    /// The role.
    pub role: OfficerRole,
    /// The Ed25519 key.
    pub key: Bytes<32>,
}

/// When papers are handed out at a place: one day of it, or the whole time of an absentee desk. Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The first moment.
    pub opens: Timestamp,
    /// The last moment.
    pub closes: Timestamp,
}

/// What a desk does while it cannot reach the appliance, set before the election.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LinkPolicy {
    /// It hands out nothing.
    Stop,
    /// It hands out provisional papers (仮投票), which are entered when the link is back and decided at the count.
    Provisional,
}

/// A polling place, as the manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// Short identifier.
    pub id: String,
    /// The name.
    pub name: Text,
    /// The kind.
    pub kind: PlaceKind,
    /// The Ed25519 key of its desks, which signs every hand-out.
    pub key: Bytes<32>,
    /// One manager and at least one witness.
    pub officers: Vec<Officer>,
    /// The days, ascending.
    pub sessions: Vec<Session>,
    /// What its desks do while the link is cut.
    pub offline: LinkPolicy,
}

/// A contest without a poll (無投票): no more candidates than seats when the manifest was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Uncontested {
    /// Short identifier, unique among all contests.
    pub id: String,
    /// The title.
    pub title: Text,
    /// Mayor or council.
    pub kind: ContestKind,
    /// Seats to fill.
    pub seats: u16,
    /// The candidates, at most as many as seats.
    pub options: Vec<ContestOption>,
}

/// How an elector marks the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Manner {
    /// By own hand.
    Own,
    /// By proxy (代理投票): two helpers whom the manager named.
    Proxy,
    /// In braille (点字投票).
    Braille,
    /// Provisionally (仮投票): in an envelope, accepted or not at the count.
    Provisional,
}

impl Manner {
    /// Every manner with the word that commands use.
    pub const ALL: &[(Self, &'static str)] = &[(Self::Own, "own"), (Self::Proxy, "proxy"), (Self::Braille, "braille"), (Self::Provisional, "provisional")];
}

/// How the elector was identified at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Identified {
    /// The card signed the purpose `paper-issue`.
    Card,
    /// By name and a second official.
    Name,
}

/// A ballot paper, or one for each of several contests, is handed out. It takes an online ballot of the slot out of the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaperIssue {
    /// The leaf hash of `opened`.
    pub opened: HashBytes,
    /// The index of the place in the manifest.
    pub place: u16,
    /// The index of the session of that place.
    pub session: u16,
    /// To whom.
    pub slot: Slot,
    /// The contests whose papers are handed out, ascending.
    pub contests: Vec<u16>,
    /// How it is marked.
    pub manner: Manner,
    /// How the elector was identified.
    pub identified: Identified,
    /// When, by the desk.
    pub issued_at: Timestamp,
    /// The hash of the sealed evidence.
    pub evidence: HashBytes,
}

impl SignedKind for PaperIssue {
    const KIND: &'static str = labels::file::PAPER_ISSUED;
}

/// Why a paper came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UndoReason {
    /// It was handed to the wrong person, or was the wrong paper.
    Mistake,
    /// The elector does not vote after all.
    Declined,
    /// It was spoiled; another may be handed out.
    Spoiled,
}

impl UndoReason {
    /// Every reason with the word that commands use.
    pub const ALL: &[(Self, &'static str)] = &[(Self::Mistake, "mistake"), (Self::Declined, "declined"), (Self::Spoiled, "spoiled")];
}

/// A hand-out is undone: every paper of it came back unused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaperUndo {
    /// The leaf hash of `opened`.
    pub opened: HashBytes,
    /// The slot.
    pub slot: Slot,
    /// The leaf of the hand-out.
    pub leaf: LeafIndex,
    /// Why.
    pub reason: UndoReason,
}

impl SignedKind for PaperUndo {
    const KIND: &'static str = labels::file::PAPER_UNDONE;
}

/// The papers of one contest on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayPapers {
    /// The index of the contest.
    pub contest: u16,
    /// Handed out: the sum of the other three.
    pub issued: u32,
    /// Came back and undone (返還).
    pub returned: u32,
    /// Taken home, or sent and never came back (持ち帰り).
    pub taken_home: u32,
    /// In the box (投函).
    pub in_box: u32,
}

/// A day of a place is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayClose {
    /// The leaf hash of `opened`.
    pub opened: HashBytes,
    /// The index of the place.
    pub place: u16,
    /// The index of the session.
    pub session: u16,
    /// The papers of every contest of which any was handed out, ascending.
    pub papers: Vec<DayPapers>,
    /// Hand-outs that were not undone.
    pub electors: u32,
    /// How many of them were to holders of a card that signed.
    pub with_card: u32,
    /// How many hand-outs, undone or not, took an online ballot out of the count.
    pub replaced: u32,
    /// The digest of the day's leaves.
    pub digest: HashBytes,
}

impl SignedKind for DayClose {
    const KIND: &'static str = labels::file::DAY_CLOSED;
}

/// The papers of one contest, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaperCount {
    /// The leaf hash of `opened`.
    pub opened: HashBytes,
    /// The index of the contest.
    pub contest: u16,
    /// For each option its votes in thousandths: names that several candidates share are split (按分, Act article 68-2).
    pub thousandths: Vec<u64>,
    /// Papers that name a candidate.
    pub valid: u64,
    /// Blank papers (白票).
    pub blank: u64,
    /// Other invalid papers, provisional ones that were not accepted included.
    pub invalid: u64,
}

impl SignedKind for PaperCount {
    const KIND: &'static str = labels::file::PAPER_COUNT;
}

/// A lot is drawn between candidates with equally many votes (くじ, Act article 95 (2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lot {
    /// The leaf hash of `opened`.
    pub opened: HashBytes,
    /// The index of the contest.
    pub contest: u16,
    /// The options among which it was drawn, ascending.
    pub tied: Vec<u16>,
    /// Those who got a seat, ascending.
    pub chosen: Vec<u16>,
}

impl SignedKind for Lot {
    const KIND: &'static str = labels::file::LOT;
}

/// An officer's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfficerSignature {
    /// The index in the list of officers.
    pub officer: u8,
    /// Ed25519 over `H("file/<kind>"; JSON of the body)`.
    pub signature: Bytes<64>,
}

/// A body that several officers signed, by ascending index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attested<T> {
    /// What is signed.
    pub body: T,
    /// Who signed.
    pub signatures: Vec<OfficerSignature>,
}

/// How the roll changed after the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RollChangeKind {
    /// Somebody was left out and votes on paper (補正登録).
    Added,
    /// A slot registers, casts and gets papers no more (抹消・失権).
    Struck,
    /// A slot that was struck by mistake is entitled again.
    Restored,
}

/// Why the roll changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RollChangeReason {
    /// An objection (異議の申出, Act article 24) or a judgement.
    Objection,
    /// An error of the office (脱漏・誤載).
    Correction,
    /// Death.
    Death,
    /// The person never had, or lost, the right (失権・停止).
    Disqualified,
    /// The person moved away.
    Moved,
}

impl RollChangeReason {
    /// Every reason with the word that commands use.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Objection, "objection"),
        (Self::Correction, "correction"),
        (Self::Death, "death"),
        (Self::Disqualified, "disqualified"),
        (Self::Moved, "moved"),
    ];
}

/// Somebody who was added to the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddedSlot {
    /// The index of the district.
    pub district: u16,
    /// The slot's commitment (PROTOCOL §5.1).
    pub commitment: HashBytes,
}

/// The roll changed after the opening; the public counts the changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollChanged {
    /// How.
    pub change: RollChangeKind,
    /// Which slot; one that is added has the next number.
    pub slot: Slot,
    /// Who is added, as a commitment.
    pub added: Option<AddedSlot>,
    /// Why.
    pub reason: RollChangeReason,
}

/// Why a candidate is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OutReason {
    /// Withdrawn (辞退).
    Withdrawn,
    /// Died (死亡).
    Died,
    /// Not eligible, or the nomination was rejected (却下).
    Disqualified,
}

impl OutReason {
    /// Every reason with the word that commands use.
    pub const ALL: &[(Self, &'static str)] = &[(Self::Withdrawn, "withdrawn"), (Self::Died, "died"), (Self::Disqualified, "disqualified")];
}

/// A candidate is one no more; votes for them are invalid (Act article 68 (1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CandidateOut {
    /// The index of the contest.
    pub contest: u16,
    /// The index of the option.
    pub option: u16,
    /// Why.
    pub reason: OutReason,
}
