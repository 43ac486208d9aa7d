//! The roll lists the electors; the board shows for each slot only a district and a commitment to one of them (PROTOCOL §5.1, §5.2).
//!
//! A slot's commitment opens with its salt to four attributes and a district. The voter's device checks that it opens to the holder of the card, the
//! authority's audit that all of them open to the official roll.

use std::fmt;
use std::str::FromStr;

use crate::election::context::{ElectionId, Slot};
use crate::hash::{Hash32, tagged};
use crate::journal::{Frontier, leaf_hash};
use crate::labels;

/// The date of a birth in the form `YYYY-MM-DD`; `00` stands for a day, or a month and day, that the register does not know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BirthDate {
    year: u16,
    month: u8,
    day: u8,
}

/// The sex in the codes of the card's certificate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sex {
    /// `1`
    Male,
    /// `2`
    Female,
    /// `3`
    Unknown,
}

/// A person as the register describes them: the four attributes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Person {
    /// The name as registered.
    pub name: String,
    /// The date of birth.
    pub birth: BirthDate,
    /// The sex.
    pub sex: Sex,
    /// The address as registered.
    pub address: String,
}

/// An elector: a person and the ID of the district in which they vote.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RollEntry {
    /// The person.
    pub person: Person,
    /// The district's ID in the manifest.
    pub district: String,
}

/// Why a text or file is not part of a roll.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RollError {
    /// Not a date of birth.
    #[error("a date of birth is YYYY-MM-DD")]
    BirthDate,
    /// Not the code of a sex.
    #[error("a sex is 1, 2 or 3")]
    Sex,
    /// The file does not end after a whole slot.
    #[error("a roll of {0} bytes: not a multiple of 34")]
    Length(usize),
    /// More slots than numbers for them.
    #[error("a roll of {0} slots: more than 32 bits can number")]
    TooLong(usize),
}

impl FromStr for BirthDate {
    type Err = RollError;

    fn from_str(text: &str) -> Result<Self, RollError> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return Err(RollError::BirthDate) };
        let number = |digits: &[u8]| {
            let digit = |byte: &u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
            digits.iter().try_fold(0, |number, byte| Some(10 * number + digit(byte)?)).ok_or(RollError::BirthDate)
        };
        let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            0 => 0,
            2 => 28 + u16::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(RollError::BirthDate),
        };
        if day > days {
            return Err(RollError::BirthDate);
        }
        // Both are below 100.
        Ok(Self { year, month: month as u8, day: day as u8 })
    }
}

impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day } = self;
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Sex {
    /// The code: `1`, `2` or `3`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
            Self::Unknown => "3",
        }
    }
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Sex {
    type Err = RollError;

    fn from_str(text: &str) -> Result<Self, RollError> {
        [Self::Male, Self::Female, Self::Unknown].into_iter().find(|sex| sex.code() == text).ok_or(RollError::Sex)
    }
}

impl Person {
    /// The form that is hashed: runs of spaces in name and address are one U+3000, and there are none at the ends (PROTOCOL §5.1).
    #[must_use]
    pub fn normalise(&self) -> Self {
        let Self { name, birth, sex, address } = self;
        Self { name: ideographic_spaces(name), birth: *birth, sex: *sex, address: ideographic_spaces(address) }
    }

    /// The person hash of the normal form: H(`person`; name, birth, sex, address).
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        let Self { name, birth, sex, address } = self.normalise();
        tagged(labels::hash::PERSON, &[name.as_bytes(), birth.to_string().as_bytes(), sex.code().as_bytes(), address.as_bytes()])
    }
}

/// The hash by which a person is found who has a card, of which `birth` is the date of birth, YYYYMMDD (PROTOCOL §10.8). What a roll can write is hashed
/// as on a roll, an unknown day or month too; any other date as it stands on the card: such a person is on no roll, and found nevertheless.
#[must_use]
pub fn hash_of_card(name: &str, birth: &str, sex: Sex, address: &str) -> Hash32 {
    let written = || Some(format!("{}-{}-{}", birth.get(..4)?, birth.get(4..6)?, birth.get(6..)?));
    match written().and_then(|text| text.parse().ok()) {
        Some(birth) => Person { name: name.to_owned(), birth, sex, address: address.to_owned() }.hash(),
        None => {
            let (name, address) = (ideographic_spaces(name), ideographic_spaces(address));
            tagged(labels::hash::PERSON_UNKNOWN_BIRTH, &[name.as_bytes(), birth.as_bytes(), sex.code().as_bytes(), address.as_bytes()])
        }
    }
}

fn ideographic_spaces(text: &str) -> String {
    text.split([' ', '\u{3000}']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\u{3000}")
}

/// The commitment of a slot to the normal form of its elector: H(`slot`; election id, slot, salt, name, birth, sex, address, district).
#[must_use]
pub fn slot_commitment(election: &ElectionId, slot: Slot, salt: &[u8; 32], entry: &RollEntry) -> Hash32 {
    let RollEntry { person, district } = entry;
    let Person { name, birth, sex, address } = person.normalise();
    let (birth, slot) = (birth.to_string(), slot.0.to_be_bytes());
    let (name, birth, sex, address) = (name.as_bytes(), birth.as_bytes(), sex.code().as_bytes(), address.as_bytes());
    tagged(labels::hash::SLOT, &[election.as_bytes(), &slot, salt, name, birth, sex, address, district.as_bytes()])
}

/// The leaf of a slot in the roll's tree: slot u32 ‖ district u16 ‖ commitment (PROTOCOL §5.2).
#[must_use]
pub fn roll_leaf(slot: Slot, district: u16, commitment: &Hash32) -> [u8; 38] {
    let mut out = [0; 38];
    out[..4].copy_from_slice(&slot.0.to_be_bytes());
    out[4..6].copy_from_slice(&district.to_be_bytes());
    out[6..].copy_from_slice(commitment.as_bytes());
    out
}

/// What the board shows of a slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RollSlot {
    /// The district's index in the manifest.
    pub district: u16,
    /// The commitment to the elector.
    pub commitment: Hash32,
}

/// The published roll: its slots in order, from slot 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Roll(Vec<RollSlot>);

impl Roll {
    /// The length of a slot in the file.
    const SLOT_LEN: usize = 34;

    /// Takes the slots in order.
    ///
    /// # Errors
    /// [`RollError::TooLong`].
    pub fn new(slots: Vec<RollSlot>) -> Result<Self, RollError> {
        if u32::try_from(slots.len()).is_ok() { Ok(Self(slots)) } else { Err(RollError::TooLong(slots.len())) }
    }

    /// Parses the attachment `roll`: for each slot district u16 ‖ commitment.
    ///
    /// # Errors
    /// [`RollError::Length`], [`RollError::TooLong`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RollError> {
        let (slots, rest) = bytes.as_chunks::<{ Self::SLOT_LEN }>();
        if !rest.is_empty() {
            return Err(RollError::Length(bytes.len()));
        }
        let slot = |bytes: &[u8; Self::SLOT_LEN]| {
            let mut commitment = [0; 32];
            commitment.copy_from_slice(&bytes[2..]);
            RollSlot { district: u16::from_be_bytes([bytes[0], bytes[1]]), commitment: Hash32::from_bytes(commitment) }
        };
        Self::new(slots.iter().map(slot).collect())
    }

    /// The bytes of the attachment.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.0.len() * Self::SLOT_LEN);
        for RollSlot { district, commitment } in &self.0 {
            out.extend_from_slice(&district.to_be_bytes());
            out.extend_from_slice(commitment.as_bytes());
        }
        out
    }

    /// The slots, from slot 0.
    #[must_use]
    pub fn slots(&self) -> &[RollSlot] {
        &self.0
    }

    /// A slot, if there is one of this number.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&RollSlot> {
        self.0.get(usize::try_from(slot.0).ok()?)
    }

    /// The root of the RFC 6962 tree over the slots' leaves (PROTOCOL §5.2).
    #[must_use]
    pub fn root(&self) -> Hash32 {
        let mut frontier = Frontier::new();
        self.leaves().for_each(|leaf| frontier.push(leaf_hash(&leaf)));
        frontier.root()
    }

    /// The leaves of the roll's tree, in order.
    pub fn leaves(&self) -> impl Iterator<Item = [u8; 38]> {
        self.0.iter().zip(0..).map(|(RollSlot { district, commitment }, slot)| roll_leaf(Slot(slot), *district, commitment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person() -> Person {
        Person {
            name: "養父　花子".to_owned(), birth: "1980-02-29".parse().unwrap(), sex: Sex::Female, address: "兵庫県養父市八鹿町八鹿１６７５".to_owned()
        }
    }

    fn entry() -> RollEntry {
        RollEntry { person: person(), district: "01".to_owned() }
    }

    #[test]
    fn every_spelling_of_the_spaces_in_a_name_is_one_person() {
        for name in ["養父 花子", "養父  花子", "養父\u{3000} 花子", " 養父　花子\u{3000}"] {
            assert_eq!(Person { name: name.to_owned(), ..person() }.hash(), person().hash(), "{name:?}");
        }
        assert_ne!(Person { name: "養父花子".to_owned(), ..person() }.hash(), person().hash());
    }

    #[test]
    fn every_part_of_a_slot_changes_its_commitment() {
        let id = ElectionId::from_bytes([1; 16]);
        let commitment = slot_commitment(&id, Slot(1), &[2; 32], &entry());
        let with = |change: fn(&mut RollEntry)| {
            let mut entry = entry();
            change(&mut entry);
            slot_commitment(&id, Slot(1), &[2; 32], &entry)
        };
        let others = [
            slot_commitment(&ElectionId::from_bytes([2; 16]), Slot(1), &[2; 32], &entry()),
            slot_commitment(&id, Slot(2), &[2; 32], &entry()),
            slot_commitment(&id, Slot(1), &[3; 32], &entry()),
            with(|entry| entry.person.name.push('x')),
            with(|entry| entry.person.birth.day = 28),
            with(|entry| entry.person.sex = Sex::Unknown),
            with(|entry| entry.person.address.push('x')),
            with(|entry| entry.district.push('x')),
        ];
        assert!(others.iter().all(|other| *other != commitment));
    }

    #[test]
    fn a_commitment_is_the_tagged_hash_of_its_parts() {
        let expected = tagged(
            "slot",
            &[&[1; 16], &[0, 0, 0, 1], &[2; 32], "養父　花子".as_bytes(), b"1980-02-29", b"2", "兵庫県養父市八鹿町八鹿１６７５".as_bytes(), b"01"],
        );
        assert_eq!(slot_commitment(&ElectionId::from_bytes([1; 16]), Slot(1), &[2; 32], &entry()), expected);
    }

    #[test]
    fn a_date_that_is_none_is_refused() {
        for hostile in ["1980-02-30", "1900-02-29", "1980-13-01", "1980-00-01", "1980-1-1", "80-01-01", "1980/01/01", "1980-01-32", "１９８０-01", ""] {
            assert_eq!(hostile.parse::<BirthDate>(), Err(RollError::BirthDate), "{hostile}");
        }
        for known in ["2000-02-29", "1911-00-00", "1980-05-00"] {
            assert_eq!(known.parse::<BirthDate>().unwrap().to_string(), known);
        }
    }

    #[test]
    fn a_roll_with_half_a_slot_is_refused() {
        assert_eq!(Roll::parse(&[0; 35]), Err(RollError::Length(35)));
    }

    /// The definition of RFC 6962 §2.1, word for word.
    fn root_by_definition(leaves: &[[u8; 38]]) -> Hash32 {
        match leaves {
            [] => Hash32::sha256(b""),
            [leaf] => Hash32::sha256(&[[0].as_slice(), leaf].concat()),
            leaves => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                Hash32::sha256(&[[1].as_slice(), root_by_definition(left).as_bytes(), root_by_definition(right).as_bytes()].concat())
            }
        }
    }

    proptest! {
        #[test]
        fn a_roll_survives_its_file(slots in proptest::collection::vec((any::<u16>(), any::<[u8; 32]>()), 0..20)) {
            let slots = slots.into_iter().map(|(district, hash)| RollSlot { district, commitment: Hash32::from_bytes(hash) }).collect();
            let roll = Roll::new(slots).unwrap();
            prop_assert_eq!(roll.to_bytes().len(), roll.slots().len() * 34);
            prop_assert_eq!(&Roll::parse(&roll.to_bytes()).unwrap(), &roll);
            prop_assert_eq!(roll.root(), root_by_definition(&roll.leaves().collect::<Vec<_>>()));
            for (number, (leaf, slot)) in (0_u32..).zip(roll.leaves().zip(roll.slots())) {
                prop_assert_eq!(leaf, roll_leaf(Slot(number), slot.district, &slot.commitment));
            }
        }
    }
}
