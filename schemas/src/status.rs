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
use crate::{ElectionId, Timestamp};

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
