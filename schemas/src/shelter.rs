//! What staff and terminals ask of the appliance about shelters, and what it answers.
//!
//! Paths are under `/api/v1/shelter` on the staff port.

pub mod case;
#[cfg(feature = "search")]
pub mod changes;
mod event;
pub mod facility;
pub mod figures;
pub mod import;
#[cfg(feature = "search")]
pub mod index;
mod inquiry;
pub mod jis;
#[cfg(feature = "search")]
pub mod likeness;
pub mod merged;
pub mod overview;
mod people;
pub mod questionnaire;
#[cfg(feature = "search")]
pub mod reading;
#[cfg(feature = "search")]
pub mod residents;
mod said;
#[cfg(feature = "search")]
pub mod support;
pub mod table;
pub mod telling;
mod terminal;

pub use event::{EventAsked, EventEnded, EventMade, EventSpec, EventSummary, EventView, RoomFill, RoomView, Rooms, ShelterView, Totals};
pub use inquiry::{Inquiry, InquiryAnswer};
pub use people::{
    Alike, ConflictKind, Duplicates, Extent, LinkCase, LinkDone, LinkRequest, LinkShown, PeopleFound, PeopleSearch, PersonAct, PersonDone, PersonView,
    QuestionnaireSeen, StepView,
};
pub use telling::StatementMade;
pub use terminal::{AsideView, Pack, SetupFile, SetupShelter, TerminalAsking, TerminalRequest, TerminalView, Way, anchors};

use serde::{Deserialize, Serialize};

use crate::CitizenId;
use crate::roll::{Day, Protection};
use crate::roster::person::Sex;

/// A resident, as the register was imported. It lies sealed, and goes sealed to terminals.
///
/// There is no `Debug`: a register must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resident {
    /// The resident system's number.
    pub number: String,
    /// The name as written.
    pub name: String,
    /// The name with 外字 replaced, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_jis: Option<String>,
    /// The name in full-width katakana; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// The birth date; month and day may be unknown; none if nothing is.
    pub birth: Option<Day>,
    /// The sex.
    pub sex: Sex,
    /// The address.
    pub address: String,
    /// The district (行政区).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    /// The number of the household; residents with one are of one household.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub household: String,
    /// Whether the resident is the head of it.
    #[serde(default)]
    pub relation: crate::roster::person::Relation,
    /// The citizen ID, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<CitizenId>,
    /// Whether the address is kept from others (支援措置): found by no search, only by the own card.
    #[serde(default)]
    pub protection: Protection,
    /// On the action-support list (避難行動要支援者名簿): why support is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
}

/// An entry of the action-support list (Disaster Countermeasures Basic Act 49-10).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Support {
    /// Special needs that it says.
    pub needs: Vec<crate::roster::Need>,
    /// The reason in words.
    pub reason: String,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Who helps (避難支援等関係者); may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub helper: String,
}

/// How a name within a kind gives a handle (PROTOCOL §17.2): residents by number, others with a card by the hash of the card's person.
pub mod handle {
    /// A resident, by the resident system's number.
    pub const RESIDENT: &str = "resident";
    /// A citizen, by the 16 bytes of the citizen ID.
    pub const CITIZEN: &str = "citizen";
    /// A card's holder who is no resident, by the 32 bytes of the hash of the person (PROTOCOL §5.1).
    pub const PERSON: &str = "person";
}
