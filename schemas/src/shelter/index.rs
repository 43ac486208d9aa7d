//! The residents of a municipality, found by number, household or the beginning of their name. Nobody under protection is found by name.

use std::collections::HashMap;

use super::reading::{key, queries};
use super::{Extent, Resident};
use crate::CitizenId;
use crate::roll::Protection;

/// Residents with an index over them.
///
/// There is no `Debug`: a register must not reach a log.
#[derive(Clone, Default)]
pub struct Residents {
    all: Vec<Resident>,
    /// Keys of readings and names, ascending, with whose they are.
    keys: Vec<(Box<str>, u32)>,
    numbers: HashMap<Box<str>, u32>,
    households: HashMap<Box<str>, Vec<u32>>,
    citizens: HashMap<CitizenId, Vec<u32>>,
}

impl Residents {
    /// Takes a register. Of two residents with one number the first is found by it.
    #[must_use]
    pub fn new(all: Vec<Resident>) -> Self {
        let mut index = Self { keys: Vec::with_capacity(2 * all.len()), ..Self::default() };
        // A municipality has fewer people than 32 bits count.
        for (place, resident) in (0_u32..).zip(&all) {
            index.numbers.entry(resident.number.as_str().into()).or_insert(place);
            if !resident.household.is_empty() {
                index.households.entry(resident.household.as_str().into()).or_default().push(place);
            }
            if let Some(code) = resident.citizen {
                index.citizens.entry(code).or_default().push(place);
            }
            if resident.protection == Protection::Protected {
                continue;
            }
            let names = [Some(resident.kana.as_str()), Some(resident.name.as_str()), resident.name_jis.as_deref()];
            for name in names.into_iter().flatten().filter(|name| !name.is_empty()) {
                index.keys.push((key(name).into(), place));
            }
        }
        index.keys.sort_unstable();
        index.keys.dedup();
        index.all = all;
        index
    }

    /// Everybody, in the order of the register.
    #[must_use]
    pub fn all(&self) -> &[Resident] {
        &self.all
    }

    /// The resident with a number.
    #[must_use]
    pub fn by_number(&self, number: &str) -> Option<&Resident> {
        self.at(*self.numbers.get(number)?)
    }

    /// Everybody of a household.
    pub fn household(&self, number: &str) -> impl Iterator<Item = &Resident> {
        self.households.get(number).into_iter().flatten().filter_map(|place| self.at(*place))
    }

    /// The residents of whom the register says this code of a citizen ID.
    pub fn by_citizen(&self, code: CitizenId) -> impl Iterator<Item = &Resident> {
        self.citizens.get(&code).into_iter().flatten().filter_map(|place| self.at(*place))
    }

    /// Up to `limit` residents whose name or reading begins so, in the order of their readings; an empty query finds nobody.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> (Vec<&Resident>, Extent) {
        let mut places: Vec<u32> = Vec::new();
        for query in queries(query).iter().filter(|query| !query.is_empty()) {
            let from = self.keys.partition_point(|(key, _)| **key < **query);
            let found = self.keys.iter().skip(from).take_while(|(key, _)| key.starts_with(query.as_str()));
            for (_, place) in found {
                if !places.contains(place) {
                    places.push(*place);
                }
                if places.len() > limit {
                    places.truncate(limit);
                    return (self.of(&places), Extent::More);
                }
            }
        }
        (self.of(&places), Extent::All)
    }

    fn of(&self, places: &[u32]) -> Vec<&Resident> {
        places.iter().filter_map(|place| self.at(*place)).collect()
    }

    fn at(&self, place: u32) -> Option<&Resident> {
        self.all.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::person::{Relation, Sex};

    fn resident(number: &str, name: &str, kana: &str, household: &str, protection: Protection) -> Resident {
        Resident {
            number: number.to_owned(),
            name: name.to_owned(),
            name_jis: None,
            kana: kana.to_owned(),
            birth: None,
            sex: Sex::Unknown,
            address: String::new(),
            district: String::new(),
            household: household.to_owned(),
            relation: Relation::Member,
            citizen: None,
            protection,
            support: None,
        }
    }

    fn register() -> Residents {
        Residents::new(vec![
            resident("1", "田中　太郎", "タナカ　タロウ", "a", Protection::Open),
            resident("2", "田中　花子", "タナカ　ハナコ", "a", Protection::Open),
            resident("3", "谷口　一", "タニグチ　ハジメ", "b", Protection::Open),
            resident("4", "田中　隠", "タナカ　カクレ", "c", Protection::Protected),
        ])
    }

    fn numbers(found: Vec<&Resident>) -> Vec<&str> {
        found.into_iter().map(|resident| resident.number.as_str()).collect()
    }

    #[test]
    fn a_name_is_found_by_the_beginning_of_its_reading_however_it_is_typed() {
        let register = register();
        for query in ["たなか", "タナカ", "ﾀﾅｶ", "tanaka", "田中"] {
            assert_eq!(numbers(register.search(query, 10).0), ["1", "2"], "{query}");
        }
        assert_eq!(numbers(register.search("た", 10).0), ["1", "2", "3"]);
        assert_eq!(register.search("た", 2).1, Extent::More);
        assert!(register.search("", 10).0.is_empty());
    }

    #[test]
    fn nobody_under_protection_is_found_by_name() {
        let register = register();
        for query in ["タナカカクレ", "田中　隠", "tanakakakure"] {
            assert!(register.search(query, 10).0.is_empty(), "{query}");
        }
        assert!(register.by_number("4").is_some());
    }

    #[test]
    fn a_household_is_found_whole() {
        assert_eq!(numbers(register().household("a").collect()), ["1", "2"]);
    }
}
