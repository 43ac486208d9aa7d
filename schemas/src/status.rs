//! What is going on now: the one answer that a console's first screen is drawn from, as far as the role of whoever asks may see it.

use serde::{Deserialize, Serialize};

use crate::election::Text;
use crate::health::Ailment;
use crate::receipt::ElectionSummary;
use crate::roster::{EventId, OpenState, ShelterId};
use crate::sharing::alert::Alert;
use crate::sharing::warning::Warnings;
use crate::shelter::EventSummary;
use crate::staff::{NextDeed, Role, WitnessStatus};
use crate::{ElectionId, Lang, Say, Timestamp};

/// The most warnings in a status: it is told to everybody who follows, whenever anything changes.
pub const WARNINGS: usize = 8;

/// What is going on: `GET status`, and live over `GET status/stream`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    /// What the appliance's clock shows.
    pub at: Timestamp,
    /// Who asks.
    pub viewer: Viewer,
    /// The elections, by their closes.
    pub elections: Vec<ElectionNow>,
    /// The events that are not closed; none for a role that sees no shelters.
    pub events: Option<Vec<EventNow>>,
    /// What waits for a second official, the oldest first; none for a role that approves nothing and looks at nothing that waits.
    pub waiting: Option<Vec<WaitingNow>>,
    /// The emergency accesses (緊急閲覧) of the last day, the latest first; none for a role that is not told of them.
    pub alerts: Option<Vec<Alert>>,
    /// Warnings and hazards that the city's data platform tells of, at most a few of them ([`WARNINGS`]); none for a role that sees no shelters, and where it is not asked.
    #[serde(default)]
    pub warnings: Option<Warnings>,
    /// How the appliance is; none for a role that does not look after it.
    pub appliance: Option<ApplianceNow>,
}

impl Status {
    /// Whether the other one says the same, at whatever time.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let Self { at: _, viewer, elections, events, waiting, alerts, warnings, appliance } = self;
        (viewer, elections, events, waiting, alerts, warnings, appliance)
            == (&other.viewer, &other.elections, &other.events, &other.waiting, &other.alerts, &other.warnings, &other.appliance)
    }
}

/// Who asks, as the staff list has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Viewer {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
}

/// An election as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElectionNow {
    /// As everybody sees it.
    pub summary: ElectionSummary,
    /// What else the commission, trustees and auditors see.
    pub inside: Option<ElectionInside>,
}

/// What the commission, trustees and auditors see of an election at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElectionInside {
    /// Electors on the roll.
    pub electors: u64,
    /// Ballots that count now.
    pub counted: u64,
    /// What to do next.
    pub next: Text,
    /// The same as a deed of the commission; none where others are awaited.
    #[serde(default)]
    pub next_deed: Option<NextDeed>,
    /// How often a count of papers was entered, or something was signed by an officer of the count.
    #[serde(default)]
    pub papers: u64,
    /// How many entries the newest signed checkpoint covers.
    pub checkpoint: Option<u64>,
    /// How many witnesses must have cosigned the published board.
    pub witness_quorum: u8,
    /// How far each witness has followed.
    pub witnesses: Vec<WitnessStatus>,
}

/// An open event as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventNow {
    /// As in the list of events.
    pub summary: EventSummary,
    /// Its shelters that are not closed.
    pub shelters: Vec<ShelterNow>,
    /// So many terminals ask to be admitted.
    #[serde(default)]
    pub asking: u32,
}

/// An open shelter with how full it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShelterNow {
    /// Its ID.
    pub shelter: ShelterId,
    /// Its name.
    pub name: Text,
    /// The district; may be empty.
    pub district: String,
    /// Whether it takes people.
    pub state: OpenState,
    /// How many it takes, if that is known.
    pub capacity: Option<u32>,
    /// People who count and stay in it.
    pub staying: u64,
    /// Heads that were counted (概数), if the shelter said so.
    pub heads: Option<u32>,
}

/// Something that waits for a second official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitingNow {
    /// Its ID.
    pub id: String,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// The election that it is about, if it is about one.
    pub election: Option<ElectionId>,
    /// The event that it is about, if it is about one.
    pub event: Option<EventId>,
    /// Whether reading it is recorded.
    #[serde(default)]
    pub reading: Reading,
}

/// Whether it is recorded who reads something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reading {
    /// It is not.
    #[default]
    Free,
    /// It is, for the people whom it names.
    Recorded,
}

/// How the appliance is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplianceNow {
    /// The daemon's version.
    pub version: String,
    /// How full the disk of the data is.
    pub disk: Option<DiskNow>,
    /// The journals, by name.
    pub journals: Vec<JournalNow>,
    /// How far the logs are signed that have checkpoints: those of elections and events that go on, and the access log.
    #[serde(default)]
    pub checkpoints: Vec<CheckpointNow>,
    /// Why it is not in order; empty where it is.
    pub broken: Vec<Ailment>,
    /// What somebody should look at while it serves.
    pub warnings: Vec<Ailment>,
    /// When whoever makes the backups said last that one was made; never, where nobody did.
    #[serde(default)]
    pub backup: Option<Timestamp>,
}

/// How full a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiskNow {
    /// In use, in percent, rounded up.
    pub used_percent: u8,
    /// Nothing more is written from so many percent on.
    pub limit_percent: u8,
    /// Free, in megabytes (1,000,000 bytes).
    pub free_mb: u64,
}

/// How large a journal is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JournalNow {
    /// Its name.
    pub name: String,
    /// The bytes of its segments.
    pub bytes: u64,
}

/// A log of which the appliance signs checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Log {
    /// The board of an election.
    Election {
        /// The election.
        election: ElectionId,
    },
    /// The roster of an event.
    Event {
        /// The event.
        event: EventId,
    },
    /// The access log.
    Access {},
}

impl Say for Log {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Election { election }, Lang::Ja) => format!("選挙 {election} の掲示板"),
            (Self::Election { election }, Lang::En) => format!("the board of election {election}"),
            (Self::Event { event }, Lang::Ja) => format!("災害・行事 {event} の名簿"),
            (Self::Event { event }, Lang::En) => format!("the roster of event {event}"),
            (Self::Access {}, _) => lang.pick("開示記録", "the access log").to_owned(),
        }
    }
}

/// How far a log is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckpointNow {
    /// The log.
    pub log: Log,
    /// When its newest checkpoint was signed, by the appliance's clock; never yet since the appliance was started, where nobody asked for one.
    pub signed: Option<Timestamp>,
    /// How many entries that covers.
    pub size: u64,
    /// How many entries came since, and are under none yet.
    pub waiting: u64,
    /// How many witnesses cosigned it, as far as they said so.
    pub cosigned: u8,
    /// How many must cosign the published one; 0 where nobody does.
    pub quorum: u8,
    /// Since when that many witnesses have cosigned none: the time of the cosignature by which there were last enough. Never, where there never were.
    pub witnessed: Option<Timestamp>,
}

/// Why a log is not signed as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// Entries are under no checkpoint, though each is signed as soon as it is durable.
    Unsigned,
    /// Too few witnesses have cosigned for a while.
    Unwitnessed,
}

impl CheckpointNow {
    /// For so many seconds witnesses may be behind while entries come: they look by themselves, now and then.
    pub const WITNESSES: i64 = 3_600;

    /// What is late, at the appliance's time. The access log is signed whenever somebody asks for it, so that nothing of it ever is.
    #[must_use]
    pub fn late(&self, at: Timestamp) -> Option<Late> {
        let Self { log, signed: _, size: _, waiting, cosigned, quorum, witnessed } = self;
        let is_recent = |then: Timestamp| at.unix().saturating_sub(then.unix()) <= Self::WITNESSES;
        match log {
            Log::Access {} => None,
            Log::Election { .. } | Log::Event { .. } if *waiting > 0 => Some(Late::Unsigned),
            Log::Election { .. } | Log::Event { .. } => (cosigned < quorum && !witnessed.is_some_and(is_recent)).then_some(Late::Unwitnessed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(log: Log) -> CheckpointNow {
        CheckpointNow { log, signed: Some(at(0)), size: 12, waiting: 0, cosigned: 1, quorum: 2, witnessed: Some(at(0)) }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn witnesses_may_be_behind_for_an_hour_and_no_entry_may_be_unsigned() {
        let board = checkpoint(Log::Election { election: "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap() });
        assert_eq!(board.late(at(CheckpointNow::WITNESSES)), None);
        assert_eq!(board.late(at(CheckpointNow::WITNESSES + 1)), Some(Late::Unwitnessed));
        assert_eq!(CheckpointNow { witnessed: None, ..board.clone() }.late(at(0)), Some(Late::Unwitnessed));
        assert_eq!(CheckpointNow { cosigned: 2, witnessed: None, ..board.clone() }.late(at(9_999)), None);
        assert_eq!(CheckpointNow { waiting: 1, ..board }.late(at(0)), Some(Late::Unsigned));
    }

    #[test]
    fn the_access_log_is_signed_when_it_is_asked_for_and_never_late() {
        let log = CheckpointNow { signed: None, size: 0, waiting: 12, ..checkpoint(Log::Access {}) };
        assert_eq!(log.late(at(9_999)), None);
    }
}
