//! A stay in a shelter (JP Core `JP_Encounter`), and the shelter (`JP_Location`).

use tachiai_crypto::roster::Stay;

use super::super::shared::{Permitted, SharedPerson, degrees};
use super::form::{Address, CodeableConcept, Coding, Encounter, EncounterLocation, Identifier, Location, Meta, Period, Position, Reference, decimal, id_of};
use super::patient::patient_id;
use super::{Systems, key};
use crate::roster::person::Triage;
use crate::roster::{OpenState, ShelterState};
use crate::sharing::table::words;

const ENCOUNTER: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter";
const LOCATION: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Location";
const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// The ID of somebody's stay in every bundle of the event.
pub(super) fn encounter_id(person: &SharedPerson) -> String {
    id_of("Encounter", &[&person.chain.0])
}

fn location_id(shelter: &ShelterState, systems: &Systems) -> String {
    id_of("Location", &[systems.event.as_bytes(), shelter.shelter.as_str().as_bytes()])
}

/// The stay. Where somebody may not be told how a person stays, it is one in the field like those of everybody else.
pub(super) fn encounter(person: &SharedPerson, permitted: &Permitted, systems: &Systems) -> Encounter {
    let stay = permitted.has("stay").then_some(person.person().stay);
    let class = match stay {
        Some(Stay::Home) => Coding::new(ACT, "HH", "home health"),
        Some(Stay::Shelter | Stay::Vehicle) | None => Coding::new(ACT, "FLD", "field"),
    };
    let service_type = match stay {
        Some(stay) => CodeableConcept { coding: vec![Coding::new(systems.host("stay"), key(stay), words::stay(stay))], text: "避難生活".to_owned() },
        None => CodeableConcept::said("避難生活"),
    };
    let priority = |triage: Triage| CodeableConcept::coded(Coding::new(systems.host("triage"), key(triage), words::triage(triage)));
    Encounter {
        id: encounter_id(person),
        meta: Meta::of(ENCOUNTER),
        status: "in-progress",
        class,
        service_type,
        priority: person.person().triage.map(priority),
        subject: Reference::to(&patient_id(person)),
        period: Period { start: person.since.timestamp() },
        location: vec![EncounterLocation { location: Reference::to(&location_id(&person.shelter, systems)), status: "active" }],
    }
}

/// The shelter.
pub(super) fn location(shelter: &ShelterState, systems: &Systems) -> Location {
    let ShelterState { shelter: id, name, address, position, state, .. } = shelter;
    let position = position.and_then(|position| {
        let (longitude, latitude) = (decimal(degrees(position.longitude)).ok()?, decimal(degrees(position.latitude)).ok()?);
        Some(Position { longitude, latitude })
    });
    Location {
        id: location_id(shelter, systems),
        meta: Meta::of(LOCATION),
        identifier: vec![Identifier::new("official", systems.host("shelter"), id)],
        status: match state {
            OpenState::Open | OpenState::Crowded | OpenState::Full => "active",
            OpenState::Closed => "inactive",
        },
        name: name.ja.clone(),
        alias: Some(name.en.clone()).filter(|en| !en.is_empty() && *en != name.ja).into_iter().collect(),
        mode: "instance",
        address: Some(Address { usage: None, text: address.clone() }).filter(|address| !address.text.is_empty()),
        position,
    }
}
