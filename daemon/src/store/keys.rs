//! Every key of the store, in one file: what stands where, and in which order.
//!
//! | key | value |
//! |---|---|
//! | `m/` journal id | high-water mark: number of entries applied, 8 bytes big-endian |
//! | `r/` journal id `/` kind rest | a record of that [`Kind`] |
//!
//! A journal's id has only small letters, digits and hyphens, so that no id's keys begin with another's. Numbers
//! in keys are big-endian and of fixed length, so that the order of bytes is their order.

use super::StoreError;
use crate::journal::JournalId;

/// The greatest length of a key after its kind, in bytes.
pub const MAX_KEY_LEN: usize = 512;

/// A kind of record: one byte, which begins its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u8);

impl Kind {
    /// What the journal is, for any journal; the rest of the key is empty.
    pub const META: Self = Self(b'm');

    /// What became of a ballot of a board, by the ballot's hash.
    pub const BALLOT: Self = Self(b'b');

    /// A slot of a board, by its number.
    pub const SLOT: Self = Self(b's');

    /// Citizen of a card, in the appliance's journal; the rest is the card's keyed hash.
    pub const CARD: Self = Self(b'c');

    /// Citizen who is a person, in the appliance's journal; the rest is the person's keyed hash.
    pub const PERSON: Self = Self(b'p');

    /// What is known of a citizen, in the appliance's journal; the rest is the citizen.
    pub const CITIZEN: Self = Self(b'i');

    /// A member of staff, in the appliance's journal; the rest is the hash of the certificate's key.
    pub const OFFICIAL: Self = Self(b'o');

    /// An act that is not finished, in the appliance's journal; the rest is its ID.
    pub const ACT: Self = Self(b'a');

    /// All kinds there are.
    pub const ALL: &[Self] = &[Self::META, Self::CARD, Self::PERSON, Self::CITIZEN, Self::OFFICIAL, Self::ACT, Self::BALLOT, Self::SLOT];

    /// The byte.
    #[must_use]
    pub const fn tag(self) -> u8 {
        self.0
    }

    /// The key of this kind with this rest.
    #[must_use]
    pub fn key(self, rest: impl Into<Vec<u8>>) -> Key {
        Key { kind: self, rest: rest.into() }
    }

    /// The prefix of all keys of this kind.
    #[must_use]
    pub fn all(self) -> Key {
        self.key(Vec::new())
    }

    /// The key of this kind for a number.
    #[must_use]
    pub fn number(self, number: u64) -> Key {
        self.key(number.to_be_bytes())
    }
}

/// The key of a record within its journal; also a prefix of keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind of record.
    pub kind: Kind,
    /// What tells records of one kind apart.
    pub rest: Vec<u8>,
}

impl Key {
    /// Checks the length.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.rest.len() > MAX_KEY_LEN {
            return Err(StoreError::KeyLength(self.rest.len()));
        }
        Ok(())
    }

    /// The bytes of the key in the store.
    pub(super) fn encode(&self, journal: &JournalId) -> Vec<u8> {
        let mut bytes = records(journal);
        bytes.push(self.kind.0);
        bytes.extend_from_slice(&self.rest);
        bytes
    }

    /// The key in a store's bytes of this journal.
    pub(super) fn decode(journal: &JournalId, bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.strip_prefix(records(journal).as_slice())?.split_first()?;
        Some(Self { kind: Kind(kind), rest: rest.to_vec() })
    }
}

/// The key of a journal's high-water mark.
pub(super) fn high_water(journal: &JournalId) -> Vec<u8> {
    [b"m/", journal.as_str().as_bytes()].concat()
}

/// The prefix of all records of a journal.
pub(super) fn records(journal: &JournalId) -> Vec<u8> {
    [b"r/", journal.as_str().as_bytes(), b"/"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_kinds_share_a_byte() {
        let mut tags: Vec<_> = Kind::ALL.iter().map(|kind| kind.tag()).collect();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), Kind::ALL.len());
    }

    #[test]
    fn a_key_survives_its_bytes() {
        let journal = JournalId::new("mayor-2027").unwrap();
        let key = Kind::META.number(7);
        assert_eq!(Key::decode(&journal, &key.encode(&journal)), Some(key));
    }

    #[test]
    fn no_journals_keys_begin_with_anothers() {
        let (short, long) = (JournalId::new("mayor").unwrap(), JournalId::new("mayor-2027").unwrap());
        assert!(!Kind::META.all().encode(&long).starts_with(&records(&short)));
    }
}
