//! NGSI-LD entities for the data platform of the city (ETSI GS CIM 009, normalized form): shelters with how full they are, without persons; and what comes from it.
//!
//! | direction | entity | in |
//! |---|---|---|
//! | out | `EvacuationShelter` | [`ShelterEntity`] |
//! | in | `StepCount` | [`steps`] |
//! | in | `Alert` | [`warnings`] |
//!
//! Names that the core context does not define are in a vocabulary of the appliance, which [`CONTEXT`] gives within each entity, so that a broker needs no other file
//! than the core context. **Not** verified: a common vocabulary for shelters that are open (the Smart Data Models that were looked at have none), and the one that a
//! city's platform may ask for.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tachiai_crypto::roster::EventId;

use super::shared::degrees;
use crate::Timestamp;
use crate::election::Text;
use crate::roster::{Declared, EventKind, Hlc, OpenState, ShelterId, ShelterState};

pub mod steps;
pub mod warnings;

/// The media type of entities that bring their context along.
pub const MEDIA_TYPE: &str = "application/ld+json";

/// The core context.
pub const CORE_CONTEXT: &str = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.7.jsonld";

/// The vocabulary of the names that the core context does not define.
pub const VOCABULARY: &str = "urn:tachiai:vocabulary:";

/// What names mean: the core context, and the appliance's own vocabulary for all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context(Vocabulary, String);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Vocabulary {
    #[serde(rename = "@vocab")]
    vocab: String,
}

impl Default for Context {
    fn default() -> Self {
        Self(Vocabulary { vocab: VOCABULARY.to_owned() }, CORE_CONTEXT.to_owned())
    }
}

/// The type of an attribute: one word each, which must stand there.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub enum $name {
            #[doc = concat!("`", stringify!($name), "`.")]
            #[default]
            $name,
        }
    };
}

word! {
    /// The type of an attribute with a value.
    Property
}
word! {
    /// The type of an attribute with a place.
    GeoProperty
}
word! {
    /// The type of an attribute that leads to another entity.
    Relationship
}
word! {
    /// The type of a shelter's entity.
    EvacuationShelter
}
word! {
    /// The type of a place's geometry.
    Point
}

/// An attribute with a value, and when it was so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Valued<T> {
    /// `Property`.
    #[serde(rename = "type")]
    pub kind: Property,
    /// The value.
    pub value: T,
    /// When it was so; none for what does not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
}

impl<T> Valued<T> {
    /// A value that does not change.
    pub const fn fixed(value: T) -> Self {
        Self { kind: Property::Property, value, observed_at: None }
    }

    /// A value of a moment.
    pub const fn observed(value: T, at: Timestamp) -> Self {
        Self { kind: Property::Property, value, observed_at: Some(at) }
    }
}

/// An attribute with a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Placed {
    /// `GeoProperty`.
    #[serde(rename = "type")]
    pub kind: GeoProperty,
    /// The place.
    pub value: Geometry,
}

/// A point in GeoJSON: longitude, latitude.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Geometry {
    /// `Point`.
    #[serde(rename = "type")]
    pub kind: Point,
    /// Longitude and latitude, as decimals.
    pub coordinates: [Box<RawValue>; 2],
}

/// How many people a shelter takes care of, as far as it may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headcount {
    /// So many.
    Of(u64),
    /// Fewer than the least group of which totals are stated, and more than none.
    Fewer,
}

impl Headcount {
    /// What may be said of so many people.
    #[must_use]
    pub const fn of(persons: u64, min_group: u16) -> Self {
        if persons > 0 && persons < min_group as u64 { Self::Fewer } else { Self::Of(persons) }
    }
}

/// A shelter and how full it is.
///
/// It holds a number of heads and nothing that tells people apart. A number between none and the event's least group is not said, only that it is below.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShelterEntity {
    /// `urn:ngsi-ld:EvacuationShelter:MUNICIPALITY:EVENT:SHELTER`: a drill never overwrites a disaster.
    pub id: String,
    /// `EvacuationShelter`.
    #[serde(rename = "type")]
    pub kind: EvacuationShelter,
    /// The name in Japanese.
    pub name: Valued<String>,
    /// The name in English.
    pub alternate_name: Valued<String>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Valued<String>>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Placed>,
    /// How many people it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Valued<u32>>,
    /// How many people it takes care of; absent if they are too few to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupancy: Option<Valued<u64>>,
    /// Instead of the number: it is above none and below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupancy_below: Option<Valued<u64>>,
    /// `open`, `crowded`, `full` or `closed`.
    pub status: Valued<OpenState>,
    /// `disaster` or `drill`.
    pub event_kind: Valued<EventKind>,
    /// The title of the event.
    pub event_title: Valued<String>,
    /// The event.
    pub event: Related,
    /// What the names mean.
    #[serde(rename = "@context")]
    pub context: Context,
}

/// An attribute that leads to another entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// `Relationship`.
    #[serde(rename = "type")]
    pub kind: Relationship,
    /// The other's URN.
    pub object: String,
}

impl ShelterEntity {
    /// Of a shelter as it was at a moment.
    #[must_use]
    pub fn new(event: EventId, declared: &Declared, shelter: &ShelterState, heads: Headcount, at: Hlc) -> Self {
        let ShelterState { shelter: id, name: Text { ja, en }, address, position, capacity, state, .. } = shelter;
        let at = at.timestamp();
        let coordinates = position.and_then(|position| {
            let decimal = |part| RawValue::from_string(degrees(part)).ok();
            Some([decimal(position.longitude)?, decimal(position.latitude)?])
        });
        let (occupancy, below) = match heads {
            Headcount::Of(heads) => (Some(heads), None),
            Headcount::Fewer => (None, Some(u64::from(declared.min_group))),
        };
        Self {
            id: urn(&declared.municipality, event, id),
            kind: EvacuationShelter::EvacuationShelter,
            name: Valued::fixed(ja.clone()),
            alternate_name: Valued::fixed(en.clone()),
            address: Some(address.clone()).filter(|address| !address.is_empty()).map(Valued::fixed),
            location: coordinates.map(|coordinates| Placed { kind: GeoProperty::GeoProperty, value: Geometry { kind: Point::Point, coordinates } }),
            capacity: capacity.map(Valued::fixed),
            occupancy: occupancy.map(|heads| Valued::observed(heads, at)),
            occupancy_below: below.map(|heads| Valued::observed(heads, at)),
            status: Valued::observed(*state, at),
            event_kind: Valued::fixed(declared.kind),
            event_title: Valued::fixed(declared.title.ja.clone()),
            event: Related { kind: Relationship::Relationship, object: format!("urn:ngsi-ld:EvacuationEvent:{event}") },
            context: Context::default(),
        }
    }
}

/// The URN of a shelter in an event.
#[must_use]
pub fn urn(municipality: &str, event: EventId, shelter: &ShelterId) -> String {
    format!("urn:ngsi-ld:EvacuationShelter:{municipality}:{event}:{shelter}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::shared::testing::{declared, marked, markers, shelter};
    use super::*;

    const GOLDEN: &str = include_str!("../../tests/data/shelter.jsonld");

    fn entity(heads: u64) -> ShelterEntity {
        let declared = declared();
        let heads = Headcount::of(heads, declared.min_group);
        ShelterEntity::new(EventId([2; 16]), &declared, &shelter(), heads, Hlc::at("2026-09-01T12:00:00Z".parse().unwrap()))
    }

    #[test]
    fn a_shelter_is_the_entity_that_is_kept() {
        let written = serde_json::to_string_pretty(&entity(120)).unwrap() + "\n";
        assert_eq!(written, GOLDEN);
    }

    #[test]
    fn an_entity_names_nobody_and_a_few_people_are_no_number() {
        for heads in 1..10 {
            let text = serde_json::to_value(entity(heads)).unwrap();
            assert!(text.get("occupancy").is_none());
            assert_eq!(text["occupancyBelow"]["value"], 10);
        }
        assert_eq!(serde_json::to_value(entity(0)).unwrap()["occupancy"]["value"], 0);
        let text = serde_json::to_string(&entity(10)).unwrap();
        assert!(text.contains("\"occupancy\":{\"type\":\"Property\",\"value\":10,"));
        assert!(markers().iter().all(|(_, marker)| !text.contains(marker)) && !marked().name.is_empty());
    }

    proptest! {
        #[test]
        fn an_entity_survives_its_text(heads: u32) {
            let text = serde_json::to_string(&entity(heads.into())).unwrap();
            let again: ShelterEntity = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(serde_json::to_string(&again).unwrap(), text);
        }
    }

    #[test]
    fn another_type_of_attribute_is_no_property() {
        let text = serde_json::to_string(&entity(120)).unwrap().replace("\"type\":\"Property\"", "\"type\":\"LanguageProperty\"");
        assert!(serde_json::from_str::<ShelterEntity>(&text).is_err());
    }
}
