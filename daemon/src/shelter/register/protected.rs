//! Whom the register of residents protects (支援措置), recognised by what an entry of a roster says of a person, so that an entry that does not say so hides them too.

use std::collections::{BTreeMap, BTreeSet};

use tachiai_schemas::CitizenId;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::Person;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::shelter::Resident;
use tachiai_schemas::shelter::reading::key;

/// The residents under protection.
///
/// There is no `Debug`: a register must not reach a log.
#[derive(Default)]
pub struct Protected {
    numbers: BTreeSet<String>,
    citizens: BTreeSet<CitizenId>,
    /// Keys of names and readings by the birth.
    names: BTreeMap<Day, BTreeSet<String>>,
}

impl Protected {
    /// Those of a register.
    #[must_use]
    pub fn of(residents: &[Resident]) -> Self {
        let mut protected = Self::default();
        for resident in residents.iter().filter(|resident| resident.protection == Protection::Protected) {
            protected.numbers.insert(resident.number.clone());
            protected.citizens.extend(resident.citizen);
            if let Some(birth) = resident.birth {
                protected.names.entry(birth).or_default().extend(keys(&resident.name, resident.name_jis.as_deref(), &resident.kana));
            }
        }
        protected
    }

    /// Whether a person is perhaps one of them: by the number, by the citizen ID, or by name or reading with the birth.
    #[must_use]
    pub fn fits(&self, person: &Person) -> bool {
        let by_number = person.resident.as_ref().is_some_and(|number| self.numbers.contains(number));
        let by_citizen = person.citizen.as_ref().is_some_and(|citizen| self.citizens.contains(citizen));
        let by_name = || {
            let Birth::Day(birth) = person.birth else { return false };
            let Some(names) = self.names.get(&birth) else { return false };
            keys(&person.name, person.name_jis.as_deref(), &person.kana).any(|name| names.contains(&name))
        };
        by_number || by_citizen || by_name()
    }
}

fn keys<'a>(name: &'a str, name_jis: Option<&'a str>, kana: &'a str) -> impl Iterator<Item = String> + 'a {
    [Some(name), name_jis, Some(kana)].into_iter().flatten().map(key).filter(|key| !key.is_empty())
}
