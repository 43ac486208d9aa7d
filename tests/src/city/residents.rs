//! Everybody who lives in the simulated city, by households: children too, whom no roll of electors has.

use tachiai_jpki::Sex;

use super::names::{FAMILY, given};
use super::people::{Day, Dice, Generation, birth};
use super::places::City;

/// How many in 1,000 people of 65 and more are on the action-support list.
const SUPPORT_PER_MILLE: u64 = 90;

/// One resident.
#[derive(Debug, Clone)]
pub struct Resident {
    /// The resident system's number.
    pub number: String,
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
    /// The district (行政区): the place.
    pub district: String,
    /// The number of the household.
    pub household: String,
    /// Whether this is its head.
    pub is_head: bool,
    /// Why the person is on the action-support list, if so.
    pub support: Option<&'static str>,
}

/// Who lives together: ages from oldest to youngest.
fn ages(dice: &mut Dice) -> Vec<u64> {
    let old = |dice: &mut Dice| 65 + dice.below(36).min(dice.below(36));
    match dice.below(100) {
        0..18 => vec![old(dice)],
        18..42 => vec![old(dice), old(dice)],
        42..52 => vec![22 + dice.below(43)],
        52..64 => vec![30 + dice.below(35), 28 + dice.below(35)],
        64..78 => {
            let parent = 28 + dice.below(20);
            let children = 1 + dice.below(3);
            let mut ages = vec![parent, parent - dice.below(4)];
            ages.extend((0..children).map(|_| dice.below(parent - 24)));
            ages
        }
        78..90 => {
            let parent = 40 + dice.below(20);
            vec![old(dice), old(dice), parent, parent - dice.below(5), dice.below(parent - 25)]
        }
        _ => vec![old(dice), 40 + dice.below(24)],
    }
}

impl City {
    /// At least `count` residents, whole households, on a day. Everything follows from the seed.
    pub fn residents(&self, seed: u64, count: usize, on: Day) -> Vec<Resident> {
        let mut dice = Dice::new(seed);
        let mut residents: Vec<Resident> = Vec::with_capacity(count + 8);
        let mut household = 0_u64;
        while residents.len() < count {
            household += 1;
            let (family, family_kana) = dice.of(FAMILY).unwrap_or(("山田", "ヤマダ"));
            let index = dice.weighted(self.places.iter().map(|place| place.weight));
            let place = self.places.get(index).map_or("", |place| place.name.as_str());
            let address = format!("兵庫県養父市{place}{}番地", 1 + dice.below(1800));
            for (place_in_it, age) in ages(&mut dice).into_iter().enumerate() {
                let generation = if age >= 65 { Generation::Old } else { Generation::Younger };
                let sex = if dice.below(2) == 0 { Sex::Female } else { Sex::Male };
                let (given, given_kana) = dice.of(given(sex, generation)).unwrap_or(("薫", "カオル"));
                let needs = age >= 65 && dice.below(1000) < SUPPORT_PER_MILLE;
                let support = if needs { dice.of(&["要介護3以上", "身体障害者手帳1級", "独居で歩行困難", "難病"]) } else { None };
                residents.push(Resident {
                    number: format!("{:010}", 2_830_000_000 + 7 * residents.len() as u64),
                    name: format!("{family}\u{3000}{given}"),
                    kana: format!("{family_kana}\u{3000}{given_kana}"),
                    birth: birth(age, on, &mut dice),
                    sex,
                    address: address.clone(),
                    district: place.to_owned(),
                    household: format!("{household:07}"),
                    is_head: place_in_it == 0,
                    support,
                });
            }
        }
        residents
    }
}

/// The register as the resident system exports it.
pub fn residents_csv(residents: &[Resident]) -> String {
    let mut text = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,行政区,世帯番号,続柄\r\n".to_owned();
    for Resident { number, name, kana, birth, sex, address, district, household, is_head, support: _ } in residents {
        let sex = match sex {
            Sex::Male => "男",
            Sex::Female => "女",
            Sex::Unknown => "不明",
        };
        let relation = if *is_head { "世帯主" } else { "同居人" };
        text += &format!("{number},{name},{kana},{birth},{sex},{address},{district},{household},{relation}\r\n");
    }
    text
}

/// The action-support list (避難行動要支援者名簿).
pub fn support_csv(residents: &[Resident]) -> String {
    let mut text = "宛名番号,氏名,生年月日,区分,支援を要する理由\r\n".to_owned();
    for Resident { number, name, birth, support, .. } in residents {
        if let Some(reason) = support {
            text += &format!("{number},{name},{birth},{reason},{reason}\r\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ON: Day = Day { year: 2026, month: 9, day: 1 };

    #[test]
    fn residents_live_in_households_with_one_head_and_one_family_name() {
        let residents = City::yabu().unwrap().residents(1, 3000, ON);
        assert!(residents.len() >= 3000);
        let numbers: BTreeSet<&str> = residents.iter().map(|resident| resident.number.as_str()).collect();
        assert_eq!(numbers.len(), residents.len());
        let households: BTreeSet<&str> = residents.iter().map(|resident| resident.household.as_str()).collect();
        assert_eq!(residents.iter().filter(|resident| resident.is_head).count(), households.len());
        let old = residents.iter().filter(|resident| resident.birth.year <= ON.year - 66).count();
        assert!((1000..1500).contains(&old), "{old} of {} are old", residents.len());
        let children = residents.iter().filter(|resident| resident.birth.year >= ON.year - 14).count();
        assert!(children > 200, "{children}");
        assert!(residents.iter().filter(|resident| resident.support.is_some()).count() > 40);
    }
}
