//! Whom the register of residents protects (支援措置), recognised by what an entry of a roster says of a person, so that an entry that does not say so hides them too.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::Person;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::shelter::Resident;
use tachiai_schemas::shelter::likeness::Traits;
use tachiai_schemas::{CitizenId, HashBytes};

use crate::shelter::Codes;

/// The residents under protection.
///
/// There is no `Debug`: a register must not reach a log.
pub struct Protected {
    codes: Arc<dyn Codes>,
    residents: Vec<One>,
    numbers: BTreeMap<String, usize>,
    /// By the ID under which the code was given out that the register has: whoever lost a code has another one.
    citizens: BTreeMap<CitizenId, usize>,
    /// By the keyed hash under which an ID is given to a person.
    persons: BTreeMap<HashBytes, usize>,
    /// By keys of names and readings.
    names: BTreeMap<String, Vec<usize>>,
}

/// One of them.
struct One {
    birth: Option<Day>,
    traits: Traits,
}

impl Protected {
    /// Those of a register.
    #[must_use]
    pub fn of(residents: &[Resident], codes: Arc<dyn Codes>) -> Self {
        let (numbers, citizens, persons, names) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut protected = Self { codes, residents: Vec::new(), numbers, citizens, persons, names };
        for (place, resident) in residents.iter().filter(|resident| resident.protection == Protection::Protected).enumerate() {
            let traits = Traits::of_resident(resident);
            protected.numbers.insert(resident.number.clone(), place);
            protected.citizens.extend(resident.citizen.map(|code| (protected.codes.whose(code), place)));
            protected.persons.extend(protected.codes.person(resident).map(|person| (person, place)));
            for key in traits.keys() {
                protected.names.entry(key.clone()).or_default().push(place);
            }
            protected.residents.push(One { birth: resident.birth, traits });
        }
        protected
    }

    /// Whether a person is perhaps one of them: by the number, by any code of a citizen ID of the person, or by name or reading with the birth.
    #[must_use]
    pub fn fits(&self, person: &Person) -> bool {
        self.place(person).is_some()
    }

    fn place(&self, person: &Person) -> Option<usize> {
        let by_number = || person.resident.as_ref().and_then(|number| self.numbers.get(number).copied());
        let of_citizen = |citizen: &CitizenId| self.citizens.get(citizen).or_else(|| self.persons.get(&self.codes.person_of(*citizen)?)).copied();
        let by_citizen = || person.citizen.and_then(|code| self.codes.ids(code).iter().find_map(of_citizen));
        let by_name = || {
            let Birth::Day(birth) = person.birth else { return None };
            self.named(&Traits::of(person)).find(|place| self.residents.get(*place).is_some_and(|one| one.birth == Some(birth)))
        };
        by_number().or_else(by_citizen).or_else(by_name)
    }

    fn named(&self, traits: &Traits) -> impl Iterator<Item = usize> {
        let keys = traits.keys().cloned().collect::<Vec<_>>();
        keys.into_iter().filter_map(|key| self.names.get(&key)).flatten().copied()
    }

    /// Which of them a person may be, also by name or reading with an age alone; `on` is the day on which ages are reckoned.
    #[must_use]
    pub fn perhaps(&self, person: &Person, on: Day) -> Option<usize> {
        let traits = Traits::of(person);
        let is_like = |place: &usize| self.residents.get(*place).is_some_and(|one| traits.alike(&one.traits, on).is_some());
        self.place(person).or_else(|| self.named(&traits).find(is_like))
    }
}
