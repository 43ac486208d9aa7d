//! The electors of the simulated city.

use std::collections::HashSet;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use tachiai_jpki::{BirthDate, FourAttributes, Sex, Substitutes, Validity};
use tachiai_schemas::Timestamp;

use super::names::{FAMILY, given};
use super::places::City;
use crate::card::Order;

/// How many in 1,000 residents of Yabu are 65 or older.
const OLD_PER_MILLE: usize = 395;

/// The oldest.
const OLDEST: u64 = 103;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    /// The year.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month.
    pub day: u8,
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Day { year, month, day } = self;
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Day {
    /// The day of a time in UTC, or 2026-01-01 if it cannot be told.
    pub fn of(time: Timestamp) -> Day {
        let text = time.to_string();
        let number = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u16>().ok());
        match (number(0..4), number(5..7), number(8..10)) {
            (Some(year), Some(month), Some(day)) => Day { year, month: month as u8, day: day as u8 },
            _ => Day { year: 2026, month: 1, day: 1 },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    Old,
    Younger,
}

/// One elector.
#[derive(Clone)]
pub struct Elector {
    /// The number in this city, from 0: that of the card, too.
    pub number: usize,
    /// Family and given name, parted by U+3000.
    pub name: String,
    /// Their reading.
    pub kana: String,
    /// Birth date.
    pub birth: Day,
    /// Sex.
    pub sex: Sex,
    /// Address.
    pub address: String,
    /// Index of the polling district.
    pub district: usize,
}

impl Elector {
    /// What a card says about this person.
    pub fn attributes(&self) -> FourAttributes {
        let Elector { number: _, name, kana: _, birth, sex, address, district: _ } = self;
        let (name, address) = (name.clone(), address.clone());
        FourAttributes {
            name_substitutes: Substitutes::none_in(&name),
            address_substitutes: Substitutes::none_in(&address),
            // Every date of a simulated person exists, so there is always an era for it.
            birth_date: BirthDate::from_iso(&birth.to_string())
                .or_else(|| BirthDate::from_iso("1970-01-01"))
                .unwrap_or_else(|| unreachable!("1970-01-01 is a date")),
            sex: *sex,
            name,
            address,
        }
    }

    /// The order for this person's card, with the usual PINs.
    pub fn order(&self, validity: Validity) -> Order {
        Order::usual(self.number, self.attributes(), validity)
    }

    /// The number that the resident system knows the person by.
    pub fn resident_number(&self) -> String {
        format!("{:010}", 2_820_000_000 + 7 * self.number as u64)
    }
}

/// Chance for simulations: numbers below a bound and weighted choices.
pub(super) struct Dice(ChaCha20Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A number below `bound`, nearly uniform: the bounds here are far below 2⁶⁴.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound.max(1)
    }

    pub(super) fn of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let index = self.below(list.len() as u64) as usize;
        list.get(index).copied()
    }

    /// The index of one of these weights.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut at = self.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            if at < weight {
                return index;
            }
            at -= weight;
        }
        0
    }
}

impl City {
    /// `count` electors, all of age on `polled`. A larger count begins with the people of a smaller one.
    pub fn electors(&self, seed: u64, count: usize, polled: Day) -> Vec<Elector> {
        let mut dice = Dice::new(seed);
        let mut known = HashSet::new();
        let mut electors = Vec::with_capacity(count);
        while electors.len() < count {
            let elector = self.elector(electors.len(), polled, &mut dice);
            // No roll has one person twice.
            if known.insert((elector.name.clone(), elector.birth, elector.address.clone())) {
                electors.push(elector);
            }
        }
        electors
    }

    fn elector(&self, number: usize, polled: Day, dice: &mut Dice) -> Elector {
        // Spread evenly over the numbers, so that every tenth of the city is as old as the whole.
        let generation = if number * OLD_PER_MILLE % 1000 < OLD_PER_MILLE { Generation::Old } else { Generation::Younger };
        let age = match generation {
            // The larger of two would be too old: there are fewer, the older they are.
            Generation::Old => 65 + dice.below(OLDEST - 65).min(dice.below(OLDEST - 65)),
            Generation::Younger => 18 + dice.below(65 - 18),
        };
        let sex = match (generation, dice.below(100)) {
            (Generation::Old, 0..57) | (Generation::Younger, 0..50) => Sex::Female,
            _ => Sex::Male,
        };
        let (family, family_kana) = dice.of(FAMILY).unwrap_or(("山田", "ヤマダ"));
        let (given, given_kana) = dice.of(given(sex, generation)).unwrap_or(("薫", "カオル"));
        let index = dice.weighted(self.places.iter().map(|place| place.weight));
        let (place, district) = self.places.get(index).map_or(("", 0), |place| (place.name.as_str(), place.district));
        let house = 1 + dice.below(1800);
        let branch = if dice.below(4) == 0 { format!("の{}", 1 + dice.below(9)) } else { String::new() };
        Elector {
            number,
            name: format!("{family}\u{3000}{given}"),
            kana: format!("{family_kana}\u{3000}{given_kana}"),
            birth: birth(age, polled, dice),
            sex,
            address: format!("兵庫県養父市{place}{house}番地{branch}"),
            district,
        }
    }
}

/// A day so many full years before `polled`.
pub(super) fn birth(age: u64, polled: Day, dice: &mut Dice) -> Day {
    const DAYS: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = 1 + dice.below(12) as u8;
    let day = 1 + dice.below(u64::from(DAYS.get(usize::from(month) - 1).copied().unwrap_or(28))) as u8;
    let had_birthday = (month, day) <= (polled.month, polled.day);
    let year = polled.year - age as u16 - u16::from(!had_birthday);
    Day { year, month, day }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLLED: Day = Day { year: 2026, month: 11, day: 22 };

    fn age(birth: Day) -> u16 {
        POLLED.year - birth.year - u16::from((birth.month, birth.day) > (POLLED.month, POLLED.day))
    }

    #[test]
    fn the_same_seed_makes_the_same_people() {
        let city = City::yabu().unwrap();
        let [first, again, longer] = [100, 100, 120].map(|count| city.electors(7, count, POLLED));
        let names = |people: &[Elector]| people.iter().map(|e| format!("{}{}{}", e.name, e.birth, e.address)).collect::<Vec<_>>();
        assert_eq!(names(&first), names(&again));
        assert_eq!(names(&first), names(&longer[..100]));
        assert_ne!(names(&first), names(&city.electors(8, 100, POLLED)));
    }

    #[test]
    fn everyone_is_of_age_and_395_of_1000_are_65_or_older() {
        let people = City::yabu().unwrap().electors(1, 2000, POLLED);
        assert!(people.iter().all(|e| age(e.birth) >= 18));
        assert_eq!(people.iter().filter(|e| age(e.birth) >= 65).count(), 790);
    }

    #[test]
    fn nobody_lives_in_the_city_twice() {
        let people = City::yabu().unwrap().electors(1, 18_700, POLLED);
        let distinct: HashSet<_> = people.iter().map(|e| (&e.name, e.birth, &e.address)).collect();
        assert_eq!(distinct.len(), 18_700);
    }

    #[test]
    fn every_birth_date_is_one_that_a_card_can_say() {
        let people = City::yabu().unwrap().electors(3, 3000, POLLED);
        assert!(people.iter().all(|e| e.attributes().birth_date.iso() == Some(e.birth.to_string())));
    }
}
