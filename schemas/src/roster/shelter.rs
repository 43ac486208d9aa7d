//! A shelter as it is open in an event.

use serde::{Deserialize, Serialize};

use super::ShelterId;
use crate::election::Text;

/// Whether a shelter takes people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OpenState {
    /// Open (開設).
    Open,
    /// Crowded (混雑).
    Crowded,
    /// Full (満員).
    Full,
    /// Closed (閉鎖).
    Closed,
}

/// Whether pets may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Pets {
    /// Together with their people (同伴).
    Inside,
    /// In a place of their own (同行).
    Apart,
    /// No.
    No,
    /// Not said.
    Unknown,
}

/// What a shelter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Feature {
    /// No steps for wheelchairs (段差解消).
    StepFree,
    /// A toilet for wheelchairs and ostomates (多機能トイレ).
    AccessibleToilet,
    /// A lift.
    Lift,
    /// A nursing room (授乳室).
    Nursing,
    /// Air conditioning.
    Cooling,
    /// Heating.
    Heating,
    /// Emergency power.
    Power,
    /// Showers or a bath.
    Bath,
    /// A kitchen.
    Kitchen,
    /// Wi-Fi.
    Network,
    /// Room for special needs (福祉避難スペース).
    CareSpace,
    /// Parking for people who stay in vehicles.
    Parking,
}

/// A room of a shelter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Room {
    /// Its name, such as 体育館.
    pub name: String,
    /// How many people it takes, if that is known.
    pub capacity: Option<u32>,
    /// For whom it is kept, such as 要配慮者; for everybody if empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub whom: String,
}

/// Where it is: hundred-thousandths of a degree of WGS 84 (about a metre).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Position {
    /// Latitude.
    pub latitude: i32,
    /// Longitude.
    pub longitude: i32,
}

/// A shelter in an event: all of it, as it is from this entry on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShelterState {
    /// Its ID.
    pub shelter: ShelterId,
    /// Its name.
    pub name: Text,
    /// Its address.
    pub address: String,
    /// The district, as the municipality names it; may be empty.
    pub district: String,
    /// Where it is, if that is known.
    pub position: Option<Position>,
    /// How many people it takes, if that is known.
    pub capacity: Option<u32>,
    /// Rooms.
    pub rooms: Vec<Room>,
    /// What it has, ascending, each at most once.
    pub features: Vec<Feature>,
    /// Pets.
    pub pets: Pets,
    /// Whether it takes people.
    pub state: OpenState,
}
