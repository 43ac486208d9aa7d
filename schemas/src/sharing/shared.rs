//! What a disclosure gives, before it takes a form: people with those fields alone that their receiver may have.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::roster::disclosure::Basis;
use crate::roster::{ChainId, Declared, EventId, Hlc, Person, ShelterState};
use crate::shelter::questionnaire::{Definition, Filled};

/// Every field of a person, by its key.
pub const FIELDS: [&str; 29] = [
    "name",
    "name_jis",
    "kana",
    "birth",
    "sex",
    "address",
    "phone",
    "district",
    "association",
    "household",
    "resident",
    "citizen",
    "identified",
    "stay",
    "needs",
    "needs_note",
    "allergies",
    "medication",
    "pets",
    "language",
    "qualifications",
    "damage",
    "wish",
    "room",
    "disclosure",
    "protection",
    "destination",
    "questionnaire",
    "triage",
];

/// The field of remarks, which stands last.
const NOTE: &str = "note";

/// There is no such field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no field \"{0}\" of a person; known are {known}, {NOTE}", known = FIELDS.join(", "))]
pub struct FieldError(String);

/// The fields that a receiver may have. A form asks this, and not the value: a field that must have a value, such as the stay, has one also where it is not
/// permitted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permitted(BTreeSet<String>);

impl Permitted {
    /// These fields.
    ///
    /// # Errors
    /// [`FieldError`] for the first that does not exist.
    pub fn new<'a>(fields: impl IntoIterator<Item = &'a str>) -> Result<Self, FieldError> {
        let known = |field: &str| field == NOTE || FIELDS.contains(&field);
        let check = |field: &'a str| if known(field) { Ok(field.to_owned()) } else { Err(FieldError(field.to_owned())) };
        fields.into_iter().map(check).collect::<Result<_, _>>().map(Self)
    }

    /// Every field.
    #[must_use]
    pub fn all() -> Self {
        Self(FIELDS.iter().chain(&[NOTE]).map(|field| (*field).to_owned()).collect())
    }

    /// Whether a field is one of them.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.contains(field)
    }

    /// They, ascending.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// A person with the permitted fields alone. What must have a value has that of somebody of whom nothing is known.
#[must_use]
pub fn restrict(person: &Person, permitted: &Permitted) -> Person {
    let nobody = Person::unknown(crate::roster::person::Identified::Typed, tachiai_crypto::roster::Stay::Shelter);
    let (Some(mut kept), Some(given)) = (object(&nobody), object(person)) else { return nobody };
    kept.extend(given.into_iter().filter(|(field, _)| permitted.has(field)));
    Person::deserialize(Value::Object(kept)).unwrap_or(nobody)
}

fn object(person: &Person) -> Option<Map<String, Value>> {
    match serde_json::to_value(person) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// To whom people are given, what for, and on what grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// The agency's name.
    pub agency: String,
    /// The purpose, in words.
    pub purpose: String,
    /// The legal basis.
    pub basis: Basis,
}

/// A person who is given.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone)]
pub struct SharedPerson {
    /// The handle.
    pub chain: ChainId,
    /// The person, restricted.
    person: Person,
    /// The shelter.
    pub shelter: ShelterState,
    /// Since when the person is there, by the latest entry.
    pub since: Hlc,
    /// The answers to a questionnaire, if they are permitted and there are any.
    questionnaire: Option<Filled>,
}

impl SharedPerson {
    /// The person, with the permitted fields alone.
    #[must_use]
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// The answers to a questionnaire, if they are permitted and there are any.
    #[must_use]
    pub const fn questionnaire(&self) -> Option<&Filled> {
        self.questionnaire.as_ref()
    }
}

/// People who are given: there is no way to put a field in that is not permitted.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone)]
pub struct SharedPeople {
    /// The event.
    pub event: EventId,
    /// What it is.
    pub declared: Declared,
    /// When this was made.
    pub made: Hlc,
    /// To whom.
    pub receiver: Receiver,
    /// The questionnaires that answers are of, as far as they are here: they have the words of the questions.
    pub questionnaires: Vec<Definition>,
    permitted: Permitted,
    people: Vec<SharedPerson>,
}

impl SharedPeople {
    /// Nobody yet.
    #[must_use]
    pub const fn new(event: EventId, declared: Declared, made: Hlc, receiver: Receiver, permitted: Permitted) -> Self {
        Self { event, declared, made, receiver, questionnaires: Vec::new(), permitted, people: Vec::new() }
    }

    /// Adds somebody, with the permitted fields alone.
    pub fn give(&mut self, chain: ChainId, person: &Person, shelter: ShelterState, since: Hlc, questionnaire: Option<Filled>) {
        let person = restrict(person, &self.permitted);
        let questionnaire = questionnaire.filter(|_| self.permitted.has("questionnaire"));
        self.people.push(SharedPerson { chain, person, shelter, since, questionnaire });
    }

    /// The fields that the receiver may have.
    #[must_use]
    pub const fn permitted(&self) -> &Permitted {
        &self.permitted
    }

    /// The people, in the order in which they were given.
    #[must_use]
    pub fn people(&self) -> &[SharedPerson] {
        &self.people
    }

    /// The shelters in which they are, each once, in the order of their IDs.
    #[must_use]
    pub fn shelters(&self) -> Vec<&ShelterState> {
        let mut shelters: Vec<&ShelterState> = self.people.iter().map(|person| &person.shelter).collect();
        shelters.sort_by(|one, two| one.shelter.cmp(&two.shelter));
        shelters.dedup_by(|one, two| one.shelter == two.shelter);
        shelters
    }
}

/// Hundred-thousandths of a degree as a decimal number of degrees, exactly.
pub(super) fn degrees(hundred_thousandths: i32) -> String {
    let (sign, size) = (if hundred_thousandths < 0 { "-" } else { "" }, hundred_thousandths.unsigned_abs());
    format!("{sign}{}.{:05}", size / 100_000, size % 100_000)
}

#[cfg(test)]
pub(super) mod testing;

#[cfg(test)]
mod tests {
    use super::testing::{marked, markers};
    use super::*;

    #[test]
    fn every_field_of_a_person_is_known_and_no_other_is_permitted() {
        let keys: BTreeSet<String> = object(&marked()).unwrap().into_iter().map(|(key, _)| key).collect();
        assert_eq!(Permitted::all().0, keys);
        assert!(Permitted::new(["name", "my_number"]).unwrap_err().to_string().starts_with("there is no field \"my_number\""));
    }

    #[test]
    fn a_restricted_person_has_the_permitted_fields_and_nothing_of_the_others() {
        let person = restrict(&marked(), &Permitted::new(["name", "birth"]).unwrap());
        let text = serde_json::to_string(&person).unwrap();
        assert_eq!(person.birth, marked().birth);
        for (field, marker) in markers() {
            assert_eq!(text.contains(marker), ["name", "birth"].contains(&field), "{field}");
        }
    }

    #[test]
    fn answers_are_not_taken_where_they_are_not_permitted() {
        let with = |fields: &[&str]| testing::people(Permitted::new(fields.iter().copied()).unwrap()).people()[0].questionnaire().is_some();
        assert!(with(&["questionnaire"]) && !with(&["name"]));
    }

    #[test]
    fn degrees_are_exact() {
        for (number, text) in [(3_540_500, "35.40500"), (-1, "-0.00001"), (0, "0.00000"), (13_476_543, "134.76543")] {
            assert_eq!(degrees(number), text);
        }
    }
}
