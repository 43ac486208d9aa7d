//! Staff: roles, commands that need a second official, and their approval.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;

use crate::counting::{OutNotice, Recorded};
use crate::desk::{AttendedSearch, LookApproved, PaperPerson, Papers, Prepared};
use crate::election::Text;
use crate::evidence::NameReason;
use crate::identity::case::{CitizenCaseShown, CitizenEraseDone, CitizenLinkDone};
use crate::identity::{CounterPerson, Enrolled, FallbackReason};
use crate::paper::{CandidateOut, RollChangeKind, RollChangeReason};
use crate::receipt::Phase;
use crate::roll::{RollCase, RollDone};
use crate::roster::{ChainId, EventId, LinkVerdict};
use crate::sharing::agency::{Grant, GrantMade};
use crate::shelter::case::{AsideDone, AsideVerdict, CaseShown, EraseDone, EraseGround};
use crate::shelter::{EventEnded, EventMade, EventSpec, LinkDone, LinkShown};
use crate::{Bytes, CitizenId, ElectionId, HashBytes, Timestamp, TrusteeIndex};

mod next;

pub use next::NextDeed;

/// What a member of staff may do; it stands in the client certificate (organizational unit) and in the staff list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Election commission (選挙管理委員会).
    Commission,
    /// Polling place.
    Poll,
    /// Shelter reception.
    Reception,
    /// Disaster headquarters.
    Headquarters,
    /// Trustee (開票立会人).
    Trustee,
    /// Auditor.
    Auditor,
    /// Partner agency.
    Agency,
}

impl Role {
    /// Every role, with the name that certificates and commands use.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Commission, "commission"),
        (Self::Poll, "poll"),
        (Self::Reception, "reception"),
        (Self::Headquarters, "headquarters"),
        (Self::Trustee, "trustee"),
        (Self::Auditor, "auditor"),
        (Self::Agency, "agency"),
    ];

    /// The name that certificates and commands use.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(role, _)| *role)
            .ok_or_else(|| format!("unknown role {text}: use one of {}", Self::ALL.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")))
    }
}

/// An act of an election that needs two officials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Act {
    /// Open the election.
    Open,
    /// Close online voting.
    CloseOnline,
    /// Close the poll.
    ClosePoll,
    /// Combine the shares and record the result.
    Count,
    /// Publish the result.
    Publish,
}

impl Act {
    /// The act by which an election leaves a phase; none where trustees do it, or nothing is left to do.
    #[must_use]
    pub const fn after(phase: Phase) -> Option<Self> {
        match phase {
            Phase::Ceremony => Some(Self::Open),
            Phase::Open => Some(Self::CloseOnline),
            Phase::OnlineClosed => Some(Self::ClosePoll),
            Phase::Tallying => Some(Self::Count),
            Phase::Tallied => Some(Self::Publish),
            Phase::Draft | Phase::PollClosed | Phase::Published => None,
        }
    }
}

/// What an election would be opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollToOpen {
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// SHA-256 of the sealed roll: it names one import, and another one even of the same file has another.
    pub import: HashBytes,
    /// How many electors are on it.
    pub electors: u64,
}

/// What two officials decide on. It stands in the appliance's journal, so nothing of a resident stands in it in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Matter {
    /// An act of an election.
    Election {
        /// The election.
        election: ElectionId,
        /// The act.
        act: Act,
        /// For `open`: what is opened, so that no other roll is put in its place before the second official approves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roll: Option<RollToOpen>,
    },
    /// A candidate of an election is one no more.
    CandidateOut {
        /// The election.
        election: ElectionId,
        /// Who, and why.
        out: CandidateOut,
    },
    /// Binding a card to a person without a signing certificate.
    EnrolCounter {
        /// The citizen under whose key the evidence is sealed, and who gets the card.
        citizen: CitizenId,
        /// Why at a counter.
        reason: FallbackReason,
        /// The commitment of [`CounterPerson`].
        commitment: HashBytes,
    },
    /// Adding somebody to the roll, or striking or restoring somebody.
    RollChange {
        /// The election.
        election: ElectionId,
        /// What it comes to; absent for a correction by which the same people may vote as before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<RollChangeKind>,
        /// Why.
        reason: RollChangeReason,
        /// The commitment of [`RollCase`].
        commitment: HashBytes,
    },
    /// Looking for somebody at a desk who may be under protection (支援措置).
    AttendedLook {
        /// The election.
        election: ElectionId,
        /// The commitment of [`AttendedSearch`].
        commitment: HashBytes,
    },
    /// Handing papers to somebody whom no card identified.
    PapersByName {
        /// The election.
        election: ElectionId,
        /// The papers; the slot is a pseudonym.
        papers: Papers,
        /// The slot's commitment, which [`PaperPerson`] opens.
        slot_commitment: HashBytes,
        /// Why no card signed.
        reason: NameReason,
    },
    /// Declaring a disaster.
    DeclareEvent {
        /// What it is.
        spec: Box<EventSpec>,
    },
    /// Closing a disaster or another event: nothing is recorded in it any more.
    CloseEvent {
        /// The event.
        event: EventId,
        /// With something still out: the commitment of [`Case`](crate::shelter::case::Case), which holds the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commitment: Option<HashBytes>,
    },
    /// Taking over or dropping entries of a hand-in that were set aside.
    SettleAside {
        /// The event.
        event: EventId,
        /// The hand-in, by the SHA-256 of its file.
        file: HashBytes,
        /// What is to become of them.
        verdict: AsideVerdict,
        /// The commitment of [`Case`](crate::shelter::case::Case), which holds the entries and the reason.
        commitment: HashBytes,
    },
    /// Deciding whether two handles of an event are of one person.
    LinkPeople {
        /// The event.
        event: EventId,
        /// The handle that is kept in sight.
        chain: ChainId,
        /// The other.
        other: ChainId,
        /// Whether they are.
        verdict: LinkVerdict,
        /// The commitment of [`LinkCase`](crate::shelter::LinkCase), which holds the evidence.
        commitment: HashBytes,
    },
    /// Erasing somebody who left: nothing of them opens any more, and every entry and proof stays.
    ErasePerson {
        /// The event.
        event: EventId,
        /// A handle of the person.
        chain: ChainId,
        /// On what ground.
        ground: EraseGround,
        /// The commitment of [`Case`](crate::shelter::case::Case), which holds the reason.
        commitment: HashBytes,
    },
    /// Granting an agency what it may be given.
    Grant {
        /// The grant, which names no resident.
        grant: Box<Grant>,
    },
    /// Deciding whether two citizen IDs are of one person.
    LinkCitizens {
        /// The ID that goes on.
        citizen: CitizenId,
        /// The other.
        other: CitizenId,
        /// Whether they are.
        verdict: LinkVerdict,
        /// The commitment of [`CitizenCase`](crate::identity::case::CitizenCase), which holds evidence and reason.
        commitment: HashBytes,
    },
    /// Erasing a citizen: nothing of them opens any more, and every entry and proof stays.
    EraseCitizen {
        /// The ID.
        citizen: CitizenId,
        /// On what ground.
        ground: EraseGround,
        /// The commitment of [`CitizenCase`](crate::identity::case::CitizenCase), which holds the reason.
        commitment: HashBytes,
    },
}

impl Matter {
    /// The act of an election that it is, if it is one.
    #[must_use]
    pub const fn act(&self) -> Option<Act> {
        match self {
            Self::Election { act, .. } => Some(*act),
            _ => None,
        }
    }

    /// The election that it is about, if it is about one.
    #[must_use]
    pub const fn election(&self) -> Option<ElectionId> {
        match self {
            Self::Election { election, act: _, roll: _ } | Self::CandidateOut { election, out: _ } | Self::RollChange { election, .. } => Some(*election),
            // Hand-outs are no acts of the election, and come in their hundreds.
            Self::EnrolCounter { .. } | Self::AttendedLook { .. } | Self::PapersByName { .. } => None,
            Self::DeclareEvent { .. } | Self::CloseEvent { .. } | Self::SettleAside { .. } | Self::LinkPeople { .. } | Self::ErasePerson { .. } => None,
            Self::Grant { .. } | Self::LinkCitizens { .. } | Self::EraseCitizen { .. } => None,
        }
    }

    /// The event that it is about, if it is about one that there is.
    #[must_use]
    pub const fn event(&self) -> Option<EventId> {
        match self {
            Self::CloseEvent { event, commitment: _ } | Self::SettleAside { event, .. } | Self::LinkPeople { event, .. } | Self::ErasePerson { event, .. } => {
                Some(*event)
            }
            Self::Election { .. } | Self::CandidateOut { .. } | Self::RollChange { .. } => None,
            Self::EnrolCounter { .. } | Self::AttendedLook { .. } | Self::PapersByName { .. } => None,
            Self::DeclareEvent { .. } | Self::Grant { .. } | Self::LinkCitizens { .. } | Self::EraseCitizen { .. } => None,
        }
    }

    /// Whether officials of this role ask for it, and approve it: the commission, for papers by name and the look-up before them also a polling place, for events
    /// and grants the headquarters alone, and for citizen IDs the commission and the headquarters.
    #[must_use]
    pub fn is_for(&self, role: Role) -> bool {
        match self {
            Self::Election { .. } | Self::CandidateOut { .. } | Self::EnrolCounter { .. } | Self::RollChange { .. } => role == Role::Commission,
            Self::PapersByName { .. } | Self::AttendedLook { .. } => matches!(role, Role::Commission | Role::Poll),
            Self::DeclareEvent { .. } | Self::CloseEvent { .. } | Self::SettleAside { .. } | Self::LinkPeople { .. } | Self::ErasePerson { .. } => {
                role == Role::Headquarters
            }
            Self::Grant { .. } => role == Role::Headquarters,
            Self::LinkCitizens { .. } | Self::EraseCitizen { .. } => matches!(role, Role::Commission | Role::Headquarters),
        }
    }
}

/// A matter that waits for its second official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pending {
    /// Its ID: 8 characters.
    pub id: String,
    /// What it is about.
    pub matter: Matter,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// What the second official signs: `H("approval"; JSON of this without `message`)`.
    pub message: HashBytes,
}

impl Pending {
    /// What the second official signs: `H("approval"; JSON of this without `message`)`. An official computes it from what was shown, and signs
    /// nothing else.
    #[must_use]
    pub fn message_hash(&self) -> Hash32 {
        #[derive(Serialize)]
        struct Request<'a> {
            id: &'a str,
            matter: &'a Matter,
            requested_by: &'a str,
            requested_at: Timestamp,
        }
        let Self { id, matter, requested_by, requested_at, message: _ } = self;
        let request = Request { id, matter, requested_by, requested_at: *requested_at };
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(&request).expect("JSON");
        tagged(labels::hash::APPROVAL, &[&json])
    }
}

/// What the second official is shown before deciding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shown {
    /// What waits.
    pub pending: Pending,
    /// For an enrolment at a counter: whom it is about. An official approves nobody whom this does not show, and checks that it
    /// is what the matter commits to.
    pub person: Option<CounterPerson>,
    /// For a change of the roll: whom it is about, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll: Option<Box<RollCase>>,
    /// For papers by name: whom they are for, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elector: Option<PaperPerson>,
    /// For a link of two handles: the evidence, and the people as they stand, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Box<LinkShown>>,
    /// For what was set aside, and for the close of an event with something still out: the reason and what it is about, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<CaseShown>>,
    /// For a look-up with a second official: whom it is for, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Box<AttendedSearch>>,
    /// For two citizen IDs, and for erasing a citizen: the evidence or the reason, and whom it is about, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizens: Option<Box<CitizenCaseShown>>,
}

impl From<Pending> for Shown {
    /// What waits, and nothing of whom or what it is about.
    fn from(pending: Pending) -> Self {
        Self { pending, person: None, roll: None, elector: None, link: None, case: None, search: None, citizens: None }
    }
}

/// The second official's approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    /// The message of [`Pending`].
    pub message: HashBytes,
    /// Signature of the message by the key of the official's client certificate (ECDSA P-256 with SHA-256, ASN.1).
    pub signature: crate::Blob,
}

/// What was asked for is not to be done: whoever asked withdraws it, or another official declines it with a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decline {
    /// Why; needed of whoever did not ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was declined or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Declined {
    /// What was asked for.
    pub pending: Pending,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why; nothing where it was withdrawn.
    pub reason: Option<String>,
}

/// What an approval brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "result", rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Settled {
    /// An act of an election is done.
    Election(Done),
    /// A candidate is out, as the board says from now on.
    CandidateOut(Recorded),
    /// A card is bound to a person.
    EnrolCounter(Enrolled),
    /// The roll is changed.
    RollChange(RollDone),
    /// The desk may look: it does by the same command as before.
    AttendedLook(LookApproved),
    /// A hand-out is prepared: the desk hands the papers out by the same command as before.
    PapersByName(Box<Prepared>),
    /// A disaster is declared.
    DeclareEvent(EventMade),
    /// An event is closed.
    CloseEvent(EventEnded),
    /// Entries that were set aside are taken over or dropped.
    SettleAside(AsideDone),
    /// Two handles are of one person, or are not any more.
    LinkPeople(LinkDone),
    /// Somebody is erased.
    ErasePerson(EraseDone),
    /// An agency is granted what it may be given.
    Grant(Box<GrantMade>),
    /// Two citizen IDs are of one person, or are not any more.
    LinkCitizens(CitizenLinkDone),
    /// A citizen is erased.
    EraseCitizen(CitizenEraseDone),
}

/// What an approved act of an election brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Done {
    /// The election.
    pub election: ElectionId,
    /// The act.
    pub act: Act,
    /// The phase now.
    pub phase: Phase,
    /// For `open`: the fingerprint for the public notice.
    pub fingerprint: Option<String>,
}

/// The ID of a new election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Created {
    /// The election.
    pub election: ElectionId,
}

/// What an import of the roll found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollReport {
    /// The encoding that was found: `utf-8`, `shift_jis`, or `utf-16` or `binary`, which are not read.
    pub encoding: String,
    /// Rows read, without the header.
    pub rows: u64,
    /// Electors taken over who may vote on the polling date; 0 when there is any error: a roll is imported whole or not at all.
    pub electors: u64,
    /// People taken over who may not, and get no slot: `warnings` says why, by line.
    #[serde(default)]
    pub unqualified: u64,
    /// What is wrong, by line.
    pub errors: Vec<RowProblem>,
    /// What a person should look at: characters outside JIS (外字) and the like.
    pub warnings: Vec<RowProblem>,
}

/// A problem in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowProblem {
    /// The line in the file, the header being 1.
    pub line: u64,
    /// The column's name, if it is about one.
    pub column: Option<String>,
    /// What is wrong, in Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
}

/// Where an election stands, for staff and trustees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElectionStatus {
    /// As in the list.
    pub summary: crate::receipt::ElectionSummary,
    /// Electors imported.
    pub electors: u64,
    /// Leaf hash of the manifest, once it stands.
    pub manifest: Option<HashBytes>,
    /// Fingerprint, once open.
    pub fingerprint: Option<String>,
    /// How many trustees the election is to have: the ceremony begins with no fewer.
    pub trustees_wanted: u8,
    /// How many of them decrypt.
    pub quorum: u8,
    /// The trustees and how far each is.
    pub trustees: Vec<TrusteeStatus>,
    /// The current run of the ceremony.
    pub run: u32,
    /// How many witnesses must have cosigned the published board.
    pub witness_quorum: u8,
    /// The witnesses and how far each has followed the board.
    pub witnesses: Vec<WitnessStatus>,
    /// Registrations on the board.
    pub registrations: u64,
    /// Ballots on the board.
    pub ballots: u64,
    /// Ballots that count now.
    pub counted: u64,
    /// The candidates who are out.
    pub out: Vec<OutCandidate>,
    /// The titles of the contests that are held without a poll (無投票), as things stand.
    pub without_poll: Vec<Text>,
    /// Acts waiting for a second official.
    pub pending: Vec<Pending>,
    /// What to do next, in Japanese.
    pub next_ja: String,
    /// What to do next, in English.
    pub next_en: String,
    /// The same as a deed of the commission; none where others are awaited.
    #[serde(default)]
    pub next_deed: Option<NextDeed>,
}

/// A candidate who is out, with the names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutCandidate {
    /// The contest's title.
    pub contest: Text,
    /// The candidate's name.
    pub name: Text,
    /// Who, why and since when.
    pub notice: OutNotice,
}

/// How far a witness has followed a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WitnessStatus {
    /// Its name.
    pub name: String,
    /// The greatest size whose cosignature was handed in.
    pub size: Option<u64>,
    /// When the witness made that cosignature.
    pub at: Option<Timestamp>,
}

impl ElectionStatus {
    /// How many trustees are still to be listed.
    #[must_use]
    pub fn trustees_missing(&self) -> usize {
        usize::from(self.trustees_wanted).saturating_sub(self.trustees.len())
    }

    /// The witnesses that have not cosigned the whole board, if fewer have than a published one needs.
    #[must_use]
    pub fn witnesses_missing(&self) -> Vec<&str> {
        let behind: Vec<&str> = self.witnesses.iter().filter(|witness| witness.size != Some(self.summary.size)).map(|witness| witness.name.as_str()).collect();
        let enough = self.witnesses.len().saturating_sub(behind.len()) >= usize::from(self.witness_quorum);
        if enough { Vec::new() } else { behind }
    }
}

/// How far a trustee is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrusteeStatus {
    /// Index.
    pub trustee: TrusteeIndex,
    /// Name.
    pub name: String,
    /// Fingerprint of the signing key, to be compared in person.
    pub signing_key: Bytes<32>,
    /// Files received in the current run: `commit`, `deal`, `confirm`, `tally-signature`, `shares`.
    pub received: Vec<String>,
}
