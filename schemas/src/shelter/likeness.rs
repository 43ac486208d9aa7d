//! Whether two people of whom something is known may be one: by name or reading, and by birth or age.

use std::collections::BTreeSet;

use super::reading::key;
use super::{Alike, Resident};
use crate::roll::Day;
use crate::roster::Person;
use crate::roster::person::Birth;

/// By how many years an age that somebody states may be off.
const OFF: u16 = 1;

/// What two people are compared by.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq)]
pub struct Traits {
    written: BTreeSet<String>,
    read: BTreeSet<String>,
    birth: Birth,
    address: String,
}

/// How two births go together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Births {
    Same,
    Near,
    Unknown,
    Other,
}

impl Traits {
    fn new(name: &str, name_jis: Option<&str>, kana: &str, birth: Birth, address: &str) -> Self {
        let keys = |texts: &[&str]| texts.iter().map(|text| key(text)).filter(|key| !key.is_empty()).collect::<BTreeSet<_>>();
        let written = keys(&[name, name_jis.unwrap_or_default()]);
        // Whoever is asked for a name in a hurry is often written down in kana.
        let is_reading = |key: &&String| key.chars().all(|c| matches!(c, 'ァ'..='ヺ' | 'ー'));
        let read = keys(&[kana]).into_iter().chain(written.iter().filter(is_reading).cloned()).collect();
        Self { written, read, birth, address: key(address) }
    }

    /// Those of a person of a roster.
    #[must_use]
    pub fn of(person: &Person) -> Self {
        Self::new(&person.name, person.name_jis.as_deref(), &person.kana, person.birth, &person.address)
    }

    /// Those of a resident.
    #[must_use]
    pub fn of_resident(resident: &Resident) -> Self {
        let birth = resident.birth.map_or(Birth::Unknown, Birth::Day);
        Self::new(&resident.name, resident.name_jis.as_deref(), &resident.kana, birth, &resident.address)
    }

    /// The keys of names and readings: who shares none is not alike.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.written.union(&self.read)
    }

    /// Why two may be one, if they may; `on` is the day on which ages are reckoned.
    #[must_use]
    pub fn alike(&self, other: &Self, on: Day) -> Option<Alike> {
        let births = births(self.birth, other.birth, on);
        if births == Births::Other {
            return None;
        }
        let has_address = !self.address.is_empty() && self.address == other.address;
        match (births, self.written.is_disjoint(&other.written), self.read.is_disjoint(&other.read)) {
            (Births::Same, false, _) => Some(Alike::NameAndBirth),
            (Births::Same, true, false) if has_address => Some(Alike::ReadingBirthAndAddress),
            (Births::Near, false, _) => Some(Alike::NameAndAge),
            (Births::Same | Births::Near, true, false) => Some(Alike::ReadingAndAge),
            (Births::Unknown, false, _) => Some(Alike::Name),
            (Births::Unknown, true, false) | (_, true, true) | (Births::Other, ..) => None,
        }
    }
}

fn births(one: Birth, other: Birth, on: Day) -> Births {
    match (one, other) {
        (Birth::Day(one), Birth::Day(other)) if one.is_known() && other.is_known() => {
            if one == other {
                Births::Same
            } else {
                Births::Other
            }
        }
        _ => match (one.years(on), other.years(on)) {
            (Some(one), Some(other)) if one.abs_diff(other) <= OFF => Births::Near,
            (Some(_), Some(_)) => Births::Other,
            _ => Births::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::Stay;
    use crate::roster::person::Identified;

    fn traits(name: &str, kana: &str, birth: Birth) -> Traits {
        Traits::of(&Person { name: name.to_owned(), kana: kana.to_owned(), birth, ..Person::unknown(Identified::Typed, Stay::Shelter) })
    }

    fn day(text: &str) -> Birth {
        Birth::Day(Day::read(text).unwrap())
    }

    #[test]
    fn who_is_typed_with_name_and_age_is_like_the_resident_of_that_name_within_a_year() {
        let on = Day::read("2026-09-01").unwrap();
        let resident = traits("養父　花子", "ヤブ　ハナコ", day("1980-02-17"));
        let alike = |other: &Traits| resident.alike(other, on);
        assert_eq!(alike(&traits("養父 花子", "", day("1980-02-17"))), Some(Alike::NameAndBirth));
        for age in [45, 46, 47] {
            assert_eq!(alike(&traits("養父花子", "", Birth::Years(age))), Some(Alike::NameAndAge), "{age}");
            assert_eq!(alike(&traits("やぶ はなこ", "", Birth::Years(age))), Some(Alike::ReadingAndAge), "{age}");
        }
        assert_eq!(alike(&traits("薮　花子", "ヤブ　ハナコ", Birth::Years(46))), Some(Alike::ReadingAndAge));
        assert_eq!(alike(&traits("養父　花子", "", day("1980-00-00"))), Some(Alike::NameAndAge));
        assert_eq!(alike(&traits("養父　花子", "", Birth::Unknown)), Some(Alike::Name));
        for other in [
            traits("養父　花子", "", Birth::Years(44)),
            traits("養父　花子", "ヤブ　ハナコ", day("1980-02-18")),
            traits("養父　一郎", "ヤブ　イチロウ", day("1980-02-17")),
            traits("", "", day("1980-02-17")),
            traits("やぶ　はなこ", "", Birth::Unknown),
        ] {
            assert_eq!(alike(&other), None);
        }
    }
}
