//! A patient (JP Core `JP_Patient`): a person of the roster.

use super::super::shared::{Permitted, SharedPerson};
use super::Systems;
use super::form::{Address, ContactPoint, Extension, HumanName, Identifier, Meta, Patient, id_of};
use crate::roll::Day;
use crate::roster::Person;
use crate::roster::person::{Birth, Sex};

const PROFILE: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Patient";

/// Which writing a name is in.
const REPRESENTATION: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";

/// The ID of somebody in every bundle of the event.
pub(super) fn patient_id(person: &SharedPerson) -> String {
    id_of("Patient", &[&person.chain.0])
}

/// The patient.
pub(super) fn patient(shared: &SharedPerson, permitted: &Permitted, systems: &Systems) -> Patient {
    let person = shared.person();
    let mut identifier = vec![Identifier::new("usual", systems.event("person"), shared.chain)];
    identifier.extend(person.citizen.map(|citizen| Identifier::new("official", systems.host("citizen"), citizen)));
    identifier.extend(person.resident.as_ref().map(|number| Identifier::new("secondary", systems.host("resident"), number)));
    let phone = ContactPoint { system: "phone", value: person.phone.clone() };
    let address = Address { usage: Some("home"), text: person.address.clone() };
    Patient {
        id: patient_id(shared),
        meta: Meta::of(PROFILE),
        identifier,
        name: names(person),
        telecom: Some(phone).filter(|phone| !phone.value.is_empty()).into_iter().collect(),
        gender: permitted.has("sex").then(|| gender(person.sex)),
        birth_date: birth_date(person.birth),
        address: Some(address).filter(|address| !address.text.is_empty()).into_iter().collect(),
    }
}

fn names(person: &Person) -> Vec<HumanName> {
    let Person { name, name_jis, kana, .. } = person;
    let written = [("official", "IDE", name.as_str()), ("usual", "IDE", name_jis.as_deref().unwrap_or_default()), ("official", "SYL", kana.as_str())];
    written.into_iter().filter_map(|(usage, code, name)| human_name(usage, code, name)).collect()
}

/// A name of one writing: its parts with one half-width space between them; family and given name where there are just two.
fn human_name(usage: &'static str, code: &'static str, name: &str) -> Option<HumanName> {
    let parts: Vec<&str> = name.split_whitespace().collect();
    let (family, given) = match parts.as_slice() {
        [] => return None,
        [family, given] => ((*family).to_owned(), vec![(*given).to_owned()]),
        _ => (String::new(), Vec::new()),
    };
    let extension = vec![Extension { url: REPRESENTATION, value_code: code }];
    Some(HumanName { extension, usage, text: parts.join(" "), family, given })
}

const fn gender(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown => "unknown",
    }
}

/// A birth date, as far as it is known: `1950-04-01`, `1950-04` or `1950`. An age that somebody gave is no date.
fn birth_date(birth: Birth) -> String {
    match birth {
        Birth::Day(day) => known_part(day),
        Birth::Years(_) | Birth::Unknown => String::new(),
    }
}

fn known_part(day: Day) -> String {
    let text = day.to_string();
    text.trim_end_matches("-00").to_owned()
}
