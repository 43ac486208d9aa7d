//! What changes when one roll takes the place of another: who is added, who is gone, and which fields of whom are different. People are known by their
//! 宛名番号.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::date::Day;
use super::qualification::{Nationality, Protection, Standing};
use super::{Elector, Listed};
use crate::Lang;

/// The most people that a difference names; the counts are of all.
pub const MAX_NAMED: usize = 1_000;

/// What stands instead of an address that is kept from others.
pub const WITHHELD: &str = "(支援措置)";

/// What one roll changes of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollDifference {
    /// How many people are new.
    pub added: u64,
    /// How many are gone.
    pub removed: u64,
    /// Of how many a field is different.
    pub changed: u64,
    /// How many are as they were.
    pub unchanged: u64,
    /// How many people each district has, before and after, by ascending index.
    pub districts: Vec<DistrictCounts>,
    /// The people, by their number; at most [`MAX_NAMED`].
    pub people: Vec<PersonDifference>,
}

/// How many people a district has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DistrictCounts {
    /// The index of the district.
    pub district: u16,
    /// How many the old roll has.
    pub before: u64,
    /// How many the new one has.
    pub after: u64,
}

/// One person who is not as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "difference", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PersonDifference {
    /// New.
    Added {
        /// The number.
        number: String,
        /// The name.
        name: String,
    },
    /// Gone.
    Removed {
        /// The number.
        number: String,
        /// The name.
        name: String,
    },
    /// Different.
    Changed {
        /// The number.
        number: String,
        /// The name before.
        name: String,
        /// What is different.
        fields: Vec<FieldDifference>,
    },
}

/// One field that is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldDifference {
    /// The field.
    pub field: Field,
    /// Before; empty for nothing.
    pub before: String,
    /// After; empty for nothing.
    pub after: String,
}

/// A field of the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollField))]
pub enum Field {
    /// The name.
    Name,
    /// The name in kana.
    Kana,
    /// The birth date.
    Birth,
    /// The sex: 1, 2 or 3.
    Sex,
    /// The address.
    Address,
    /// The index of the district.
    District,
    /// Since when in the register.
    Since,
    /// The nationality.
    Nationality,
    /// Why the right is lost or suspended.
    Suspended,
    /// When the person moved away.
    Left,
    /// Whether the address is kept from others.
    Protection,
}

impl Field {
    /// Every field with the word that commands use.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Name, "name"),
        (Self::Kana, "kana"),
        (Self::Birth, "birth"),
        (Self::Sex, "sex"),
        (Self::Address, "address"),
        (Self::District, "district"),
        (Self::Since, "since"),
        (Self::Nationality, "nationality"),
        (Self::Suspended, "suspended"),
        (Self::Left, "left"),
        (Self::Protection, "protection"),
    ];

    /// The title of its column.
    #[must_use]
    pub const fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Name => ("氏名", "name"),
            Self::Kana => ("氏名カナ", "kana"),
            Self::Birth => ("生年月日", "birth date"),
            Self::Sex => ("性別", "sex"),
            Self::Address => ("住所", "address"),
            Self::District => ("投票区", "district"),
            Self::Since => ("住民となった年月日", "in the register since"),
            Self::Nationality => ("国籍", "nationality"),
            Self::Suspended => ("停止", "suspended"),
            Self::Left => ("転出年月日", "moved away"),
            Self::Protection => ("支援措置", "protected"),
        };
        lang.pick(ja, en)
    }
}

impl PersonDifference {
    /// The person's number.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Self::Added { number, .. } | Self::Removed { number, .. } | Self::Changed { number, .. } => number,
        }
    }
}

/// Compares two rolls.
#[must_use]
pub fn difference(old: &[Listed], new: &[Listed]) -> RollDifference {
    let before: HashMap<&str, &Listed> = old.iter().map(|person| (person.elector.number.as_str(), person)).collect();
    let after: HashMap<&str, &Listed> = new.iter().map(|person| (person.elector.number.as_str(), person)).collect();
    let mut counts: BTreeMap<u16, DistrictCounts> = BTreeMap::new();
    for (people, count) in [(old, (|counts| &mut counts.before) as fn(&mut DistrictCounts) -> &mut u64), (new, |counts| &mut counts.after)] {
        for Listed { elector: Elector { district, .. }, standing: _ } in people {
            *count(counts.entry(*district).or_insert(DistrictCounts { district: *district, before: 0, after: 0 })) += 1;
        }
    }
    let mut found = RollDifference { added: 0, removed: 0, changed: 0, unchanged: 0, districts: counts.into_values().collect(), people: Vec::new() };
    for person in old.iter().filter(|person| !after.contains_key(person.elector.number.as_str())) {
        found.removed += 1;
        found.people.push(PersonDifference::Removed { number: person.elector.number.clone(), name: person.elector.name.clone() });
    }
    for person in new {
        let Elector { number, name, .. } = &person.elector;
        let Some(was) = before.get(number.as_str()) else {
            found.added += 1;
            found.people.push(PersonDifference::Added { number: number.clone(), name: name.clone() });
            continue;
        };
        let fields = fields(was, person);
        if fields.is_empty() {
            found.unchanged += 1;
        } else {
            found.changed += 1;
            found.people.push(PersonDifference::Changed { number: number.clone(), name: was.elector.name.clone(), fields });
        }
    }
    found.people.sort_by(|one, other| one.number().cmp(other.number()));
    found.people.truncate(MAX_NAMED);
    found
}

/// The fields of one person that are different. An address that is kept from others before or after is not shown.
#[must_use]
pub fn fields(before: &Listed, after: &Listed) -> Vec<FieldDifference> {
    let protected = [before, after].iter().any(|person| person.standing.protection == Protection::Protected);
    let (old, new) = (texts(before), texts(after));
    let mut different = Vec::new();
    for ((field, before), (_, after)) in old.into_iter().zip(new) {
        if before != after {
            let shown = |text: String| if protected && field == Field::Address { WITHHELD.to_owned() } else { text };
            different.push(FieldDifference { field, before: shown(before), after: shown(after) });
        }
    }
    different
}

/// Every field as text, but for the number, by which people are known.
fn texts(person: &Listed) -> [(Field, String); 11] {
    let Listed { elector, standing } = person;
    let Elector { number: _, name, kana, birth, sex, address, district } = elector;
    let Standing { since, nationality, suspended, left, protection } = standing;
    let day = |day: &Option<Day>| day.map_or_else(String::new, |day| day.to_string());
    let nationality = match nationality {
        Nationality::NotSaid => "",
        Nationality::Japanese => "日本",
        Nationality::Other => "日本以外",
    };
    let protection = match protection {
        Protection::Open => "",
        Protection::Protected => "あり",
    };
    [
        (Field::Name, name.clone()),
        (Field::Kana, kana.clone()),
        (Field::Birth, birth.clone()),
        (Field::Sex, sex.clone()),
        (Field::Address, address.clone()),
        (Field::District, district.to_string()),
        (Field::Since, day(since)),
        (Field::Nationality, nationality.to_owned()),
        (Field::Suspended, suspended.clone().unwrap_or_default()),
        (Field::Left, day(left)),
        (Field::Protection, protection.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn person(number: u32, name: &str, district: u16) -> Listed {
        let elector = Elector {
            number: number.to_string(),
            name: name.to_owned(),
            kana: String::new(),
            birth: "1980-04-01".to_owned(),
            sex: "1".to_owned(),
            address: format!("養父市{number}"),
            district,
        };
        Listed { elector, standing: Standing::default() }
    }

    #[test]
    fn who_is_added_gone_or_different_is_named_with_the_fields() {
        let old = [person(1, "養父　太郎", 0), person(2, "但馬　花子", 0), person(3, "朝来　一", 1)];
        let mut new = [person(2, "髙橋　花子", 1), person(3, "朝来　一", 1), person(4, "﨑山　次", 1)];
        new[0].standing.left = Some("2027-01-20".parse().unwrap());
        let found = difference(&old, &new);
        assert_eq!((found.added, found.removed, found.changed, found.unchanged), (1, 1, 1, 1));
        let counts: Vec<_> = found.districts.iter().map(|counts| (counts.district, counts.before, counts.after)).collect();
        assert_eq!(counts, [(0, 2, 0), (1, 1, 3)]);
        let [gone, different, fresh] = &found.people[..] else { panic!("{:?}", found.people) };
        assert!(matches!(gone, PersonDifference::Removed { number, .. } if number == "1"));
        assert!(matches!(fresh, PersonDifference::Added { number, .. } if number == "4"));
        let PersonDifference::Changed { fields, .. } = different else { panic!("{different:?}") };
        let fields: Vec<_> = fields.iter().map(|field| (field.field, field.before.as_str(), field.after.as_str())).collect();
        assert_eq!(fields, [(Field::Name, "但馬　花子", "髙橋　花子"), (Field::District, "0", "1"), (Field::Left, "", "2027-01-20")]);
    }

    #[test]
    fn an_address_that_is_kept_from_others_is_not_shown() {
        let (before, mut after) = (person(1, "養父　太郎", 0), person(1, "養父　太郎", 0));
        after.elector.address = "秘密の住所".to_owned();
        after.standing.protection = Protection::Protected;
        let shown = serde_json::to_string(&difference(&[before], &[after])).unwrap();
        assert!(!shown.contains("秘密") && !shown.contains("養父市1") && shown.contains("支援措置"), "{shown}");
    }

    #[test]
    fn a_flood_of_changes_is_counted_and_not_listed() {
        let new: Vec<Listed> = (0..3_000).map(|number| person(number, "養父　太郎", 0)).collect();
        let found = difference(&[], &new);
        assert_eq!((found.added, found.people.len()), (3_000, MAX_NAMED));
    }

    proptest! {
        #[test]
        fn every_person_is_counted_once_and_the_other_way_round_is_the_mirror(
            old in prop::collection::btree_map(0u32..40, 0u16..3, 0..30), new in prop::collection::btree_map(0u32..40, 0u16..3, 0..30),
        ) {
            let roll = |people: &BTreeMap<u32, u16>| people.iter().map(|(number, district)| person(*number, "養父　太郎", *district)).collect::<Vec<_>>();
            let (old, new) = (roll(&old), roll(&new));
            let (there, back) = (difference(&old, &new), difference(&new, &old));
            prop_assert_eq!(there.removed + there.changed + there.unchanged, old.len() as u64);
            prop_assert_eq!(there.added + there.changed + there.unchanged, new.len() as u64);
            prop_assert_eq!((there.added, there.removed, there.changed), (back.removed, back.added, back.changed));
            prop_assert_eq!(there.people.len() as u64, there.added + there.removed + there.changed);
            prop_assert!(difference(&old, &old).people.is_empty());
        }
    }
}
