//! What a disclosure would give, shown to an official before it is made: whoever asks for it then says what was seen, and nothing else leaves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::tagged;
use tachiai_crypto::labels;
use tachiai_crypto::roster::shown::FlagSet;

use super::Name;
use super::agency::{AgencyKind, Format};
use super::shared::{SharedPeople, SharedPerson};
use crate::canonical::{self, CanonicalError};
use crate::roster::disclosure::{Basis, Disclosed, Selection, ShownField, Withheld};
use crate::roster::{ChainId, EventId, ShelterId};
use crate::{HashBytes, Timestamp};

/// What would leave.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The agency.
    pub agency: Name,
    /// What it is.
    pub kind: AgencyKind,
    /// The age recipient that everything is encrypted to.
    pub recipient: String,
    /// The grant.
    pub grant: Name,
    /// The purpose.
    pub purpose: String,
    /// The legal basis.
    pub basis: Basis,
    /// The event.
    pub event: EventId,
    /// The shelters; empty is the whole event.
    pub shelters: Vec<ShelterId>,
    /// Who was asked for.
    pub of: Selection,
    /// The fields that are given of each person.
    pub fields: Vec<String>,
    /// The form in which people are given beside the proof.
    pub format: Option<Format>,
    /// The people, ascending by handle.
    pub people: Vec<PersonShown>,
    /// How many are withheld, by grounds.
    pub withheld: Vec<Withheld>,
}

/// Somebody who would be given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonShown {
    /// The handle.
    pub chain: ChainId,
    /// The shelter where the person counts: it leaves with everybody, as the time does.
    pub shelter: ShelterId,
    /// Since when the person is there, by the latest entry.
    pub since: Timestamp,
    /// Those of the opened flags that are set.
    pub set: FlagSet,
    /// The fields that the person has.
    pub fields: Vec<FieldShown>,
}

/// A field as it is given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldShown {
    /// The name.
    pub name: String,
    /// The value, as JSON text.
    pub value: String,
}

impl Preview {
    /// What was seen: H(`disclosure-preview`; JSON of this). Whoever was shown it reckons it anew.
    ///
    /// # Errors
    /// [`CanonicalError`], never for this type.
    pub fn seen(&self) -> Result<HashBytes, CanonicalError> {
        Ok(tagged(labels::hash::DISCLOSURE_PREVIEW, &[&canonical::to_bytes(self)?]).into())
    }
}

impl PersonShown {
    /// People as a disclosure gives them, without the proofs, each where the same person is in the other forms; `None` if somebody is not there.
    #[must_use]
    pub fn of(people: &[Disclosed], shared: &SharedPeople) -> Option<Vec<Self>> {
        let places: BTreeMap<ChainId, &SharedPerson> = shared.people().iter().map(|person| (person.chain, person)).collect();
        let field = |ShownField { index: _, name, salt: _, value, proof: _ }: &ShownField| FieldShown { name: name.clone(), value: value.clone() };
        let shown = people.iter().map(|Disclosed { chain, leaf: _, set, size: _, fields }| {
            let place = places.get(chain)?;
            let (shelter, since) = (place.shelter.shelter.clone(), place.since.timestamp());
            Some(Self { chain: *chain, shelter, since, set: *set, fields: fields.iter().map(field).collect() })
        });
        let mut shown: Vec<Self> = shown.collect::<Option<_>>()?;
        shown.sort_by_key(|person| person.chain);
        Some(shown)
    }
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;

    use super::*;

    #[test]
    fn whoever_saw_another_value_another_shelter_or_one_person_less_saw_something_else() {
        let field = |value: &str| FieldShown { name: "name".to_owned(), value: value.to_owned() };
        let since: Timestamp = "2026-11-26T02:00:00Z".parse().unwrap();
        let person = |id: u8, value: &str| PersonShown {
            chain: ChainId([id; 16]),
            shelter: "gym".parse().unwrap(),
            since,
            set: FlagSet::default(),
            fields: vec![field(value)],
        };
        let shown = Preview {
            agency: "fire".parse().unwrap(),
            kind: AgencyKind::Fire,
            recipient: "age1".to_owned(),
            grant: "care".parse().unwrap(),
            purpose: "救急搬送の準備".to_owned(),
            basis: Basis::AffectedLedger,
            event: EventId::generate(&mut OsRng),
            shelters: vec![],
            of: Selection::Everybody {},
            fields: vec!["name".to_owned()],
            format: None,
            people: vec![person(1, "\"甲\""), person(2, "\"乙\"")],
            withheld: vec![],
        };
        let seen = shown.seen().unwrap();
        assert_eq!(shown.clone().seen().unwrap(), seen);
        let others = [
            Preview { people: vec![person(1, "\"甲\"")], ..shown.clone() },
            Preview { people: vec![person(1, "\"甲\""), person(2, "\"丙\"")], ..shown.clone() },
            Preview { people: vec![person(1, "\"甲\""), PersonShown { shelter: "hall".parse().unwrap(), ..person(2, "\"乙\"") }], ..shown.clone() },
            Preview { people: vec![person(1, "\"甲\""), PersonShown { since: since.plus(60), ..person(2, "\"乙\"") }], ..shown.clone() },
            Preview { recipient: "age2".to_owned(), ..shown },
        ];
        assert!(others.iter().all(|other| other.seen().unwrap() != seen));
    }
}
