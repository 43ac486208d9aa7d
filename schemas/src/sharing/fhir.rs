//! People of a disclosure as one FHIR R4 Bundle, for hospitals and ambulance crews: who, where since when, what they answered, on what grounds it is given.
//!
//! | resource | says | profile |
//! |---|---|---|
//! | Patient | name, birth, sex, address, telephone, identifiers | JP Core `JP_Patient` |
//! | Encounter | the stay in the shelter, its urgency | JP Core `JP_Encounter` |
//! | Location | the shelter | JP Core `JP_Location` |
//! | QuestionnaireResponse | the answers to the questionnaire; a second one has the fields of the roster that have no element of their own | R4 |
//! | Consent | that the people consented, where that is the basis | R4 |
//! | AuditEvent | who gave what to whom, what for, on what basis | R4 |
//!
//! JP Core 1.1.2 was read from <https://jpfhir.jp/fhir/core/1.1.2/>: a patient has an identifier with a value, its names are `JP_HumanName` (one representation
//! code of IDE, SYL and ABC each; family and given name in `text` with one half-width space between them), a patient's stay refers to `JP_Patient`, and its place
//! to `JP_Location`. The tests hold every bundle against that, and `tests/fhir` parses the kept example with an R4 library that takes nothing unknown. JP Core has no
//! profile of the other three. **Not** checked: bindings of value sets beyond those used here, FHIRPath invariants beyond those that the tests name, and
//! `identifier.system`: JP Core's is that of a medical institution, which a city is not, so an appliance has its own under its host.
//!
//! A code that no published system has is the key that the roster uses, in a system under the appliance's host. Numbers are decimals as they were written, never
//! floats. A stay that is no medical encounter is one in the field (`FLD`), at home one at home (`HH`).

use serde::Serialize;

use super::shared::SharedPeople;

mod form;
mod grounds;
mod patient;
mod sheet;
mod stay;

use form::{Bundle, Entry, Resource};

/// The media type of a bundle.
pub const MEDIA_TYPE: &str = "application/fhir+json";

/// The bundle cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FhirError {
    /// JSON.
    #[error("the bundle has no JSON form: {0}")]
    Json(#[from] serde_json::Error),
}

/// The bundle, as JSON.
///
/// # Errors
/// [`FhirError`], never for these types.
pub fn bundle(people: &SharedPeople) -> Result<Vec<u8>, FhirError> {
    let systems = Systems::of(people);
    let mut entries: Vec<Entry> = Vec::new();
    let mut add = |resource: Resource| entries.push(Entry::new(resource));
    for shelter in people.shelters() {
        add(Resource::Location(Box::new(stay::location(shelter, &systems))));
    }
    for person in people.people() {
        add(Resource::Patient(Box::new(patient::patient(person, people.permitted(), &systems))));
        add(Resource::Encounter(Box::new(stay::encounter(person, people.permitted(), &systems))));
        if let Some(filled) = person.questionnaire() {
            add(Resource::QuestionnaireResponse(Box::new(sheet::answers(person, filled, people, &systems)?)));
        }
        if let Some(sheet) = sheet::reception(person, people, &systems) {
            add(Resource::QuestionnaireResponse(Box::new(sheet)));
        }
        if let Some(consent) = grounds::consent(person, people) {
            add(Resource::Consent(Box::new(consent)));
        }
    }
    add(Resource::AuditEvent(Box::new(grounds::audit(people, &systems))));
    Ok(serde_json::to_vec(&Bundle::collection(people.made.timestamp(), entries))?)
}

/// The systems of the appliance's own codes and identifiers: URLs that name things, and lead nowhere.
struct Systems {
    /// `https://HOST`.
    host: String,
    /// `https://HOST/EVENT`.
    event: String,
}

impl Systems {
    fn of(people: &SharedPeople) -> Self {
        let origin = &people.declared.origin;
        let host = origin.split_once('/').map_or(origin.as_str(), |(host, _)| host);
        Self { host: format!("https://{host}"), event: format!("https://{origin}") }
    }

    /// A system that is the same in every event.
    fn host(&self, name: &str) -> String {
        format!("{}/{name}", self.host)
    }

    /// A system of this event alone.
    fn event(&self, name: &str) -> String {
        format!("{}/{name}", self.event)
    }
}

/// The key of a closed enum, as it stands in JSON.
fn key<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(key)) => key,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
