//! Which resident has which citizen ID: by the register's own column, else by name, birth date, sex and address, as an ID is issued and a card is bound.
//!
//! What the column says holds. Of two residents who are alike in all four nobody knows which has the ID, so neither has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_schemas::shelter::Resident;
use tachiai_schemas::{CitizenId, HashBytes};

use crate::shelter::Codes;

/// Residents and citizens.
///
/// There is no `Debug`: a register must not reach a log.
pub struct Known {
    codes: Arc<dyn Codes>,
    /// The numbers of residents, by the IDs under which their codes were given out.
    numbers: BTreeMap<CitizenId, String>,
    /// The same by the keyed hash of a person.
    by_person: BTreeMap<HashBytes, String>,
    persons: BTreeMap<String, HashBytes>,
}

impl Known {
    /// Those of a register.
    #[must_use]
    pub fn of(residents: &[Resident], codes: Arc<dyn Codes>) -> Self {
        let numbers = residents.iter().filter_map(|resident| Some((codes.whose(resident.citizen?), resident.number.clone()))).collect();
        let mut found: BTreeMap<HashBytes, Option<&str>> = BTreeMap::new();
        for resident in residents {
            if let Some(person) = codes.person(resident) {
                found.entry(person).and_modify(|number| *number = None).or_insert(Some(&resident.number));
            }
        }
        let alone = || found.iter().filter_map(|(person, number)| Some((*person, (*number)?.to_owned())));
        let (by_person, persons) = (alone().collect(), alone().map(|(person, number)| (number, person)).collect());
        Self { codes, numbers, by_person, persons }
    }

    /// The number of the resident to whom a code leads, whichever of the person's codes the register has.
    #[must_use]
    pub fn number_of(&self, code: CitizenId) -> Option<String> {
        let ids = self.codes.ids(code);
        let by_person = |citizen: &CitizenId| self.by_person.get(&self.codes.person_of(*citizen)?);
        ids.iter().find_map(|citizen| self.numbers.get(citizen)).or_else(|| ids.iter().find_map(by_person)).cloned()
    }

    /// The citizen ID of a resident, or a code of it.
    #[must_use]
    pub fn citizen_of(&self, resident: &Resident) -> Option<CitizenId> {
        resident.citizen.or_else(|| self.codes.of_person(self.persons.get(&resident.number)?))
    }
}
