//! Events with their shelters: what is asked for, and how they stand.

use serde::{Deserialize, Serialize};
use tachiai_crypto::roster::EventId;

use super::terminal::{TerminalAsking, TerminalView};
use crate::Timestamp;
use crate::election::Text;
use crate::roster::shelter::Room;
use crate::roster::{CardRule, Declared, EventKind, Hlc, ShelterState};
use crate::staff::Pending;

/// What is asked for when an event is declared: `POST events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventSpec {
    /// The kind.
    pub kind: EventKind,
    /// The title.
    pub title: Text,
    /// The municipality's code, six digits.
    pub municipality: String,
    /// When it began.
    pub began: Timestamp,
    /// How cards are used.
    pub card: CardRule,
    /// Totals are stated over at least so many people (2 to 1,000; 10 by default).
    pub min_group: u16,
}

/// What came of asking for an event. A disaster is declared by two officials, everything else by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventAsked {
    /// It is declared.
    Declared {
        /// Its ID.
        event: EventId,
    },
    /// It waits for a second official.
    Waiting {
        /// The request.
        pending: Box<Pending>,
    },
}

/// An event in the list: `GET events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventSummary {
    /// Its ID.
    pub event: EventId,
    /// What it is.
    pub declared: Declared,
    /// When it was closed.
    pub closed: Option<Hlc>,
    /// Shelters that are not closed.
    pub open_shelters: u32,
    /// People who count.
    pub present: u64,
    /// Conflicts that nobody has settled.
    pub conflicts: u64,
}

/// Totals of a shelter, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// People who count.
    pub present: u64,
    /// By age band, in its order: under 1, 1–5, 6–14, 15–64, 65–74, 75 and more, unknown.
    pub ages: [u64; 7],
    /// By stay: in the shelter, at home, in a vehicle.
    pub stays: [u64; 3],
    /// By need, in its order: care, disability, medical, pregnant, foreign, food, support.
    pub needs: [u64; 7],
    /// Heads that were counted (概数), if the shelter said so.
    pub heads: Option<u32>,
    /// People whose attributes nobody can open any more.
    pub erased: u64,
}

/// Whether a room takes more people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RoomFill {
    /// It does, or nobody said how many it takes.
    Free,
    /// As many are in it as it takes, or more.
    Full,
}

/// A room of a shelter with who is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomView {
    /// The room.
    pub room: Room,
    /// People who count and have this room in their record.
    pub present: u64,
    /// Whether it takes more.
    pub fill: RoomFill,
}

/// The rooms of a shelter with who is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rooms {
    /// In the order in which the shelter names them.
    pub rooms: Vec<RoomView>,
    /// People who count, stay in the shelter, and have none of these rooms in their record.
    pub without: u64,
}

/// A shelter with its totals: `GET events/{event}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShelterView {
    /// The shelter.
    pub state: ShelterState,
    /// Its totals.
    pub totals: Totals,
    /// Its rooms; none if it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rooms: Option<Rooms>,
}

/// An event with its shelters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventView {
    /// As in the list.
    pub summary: EventSummary,
    /// Shelters.
    pub shelters: Vec<ShelterView>,
    /// Terminals.
    pub terminals: Vec<TerminalView>,
    /// Terminals that ask to be admitted: told to the headquarters alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asking: Vec<TerminalAsking>,
    /// Totals over all.
    pub totals: Totals,
    /// Hand-ins with something set aside on which nobody has decided.
    pub aside: u64,
    /// How many of those who count may be others who count, under another handle: told to the headquarters alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubles: Option<u64>,
    /// The fingerprint for the public notice: that of the first entry, by which statements, disclosures and own entries are checked.
    pub fingerprint: String,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// The ID of a new event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventMade {
    /// The event.
    pub event: EventId,
}

/// An event that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventEnded {
    /// The event.
    pub event: EventId,
    /// How many entries it has for good.
    pub size: u64,
}
