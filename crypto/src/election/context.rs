//! Who votes on what, in which election: the identifiers and shapes that every proof of an election binds (PROTOCOL §1.8, §5.3 to §5.5, §7.1).

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::commitment::MAX_POSITIONS;
use crate::election::ballot;
use crate::group::Element;
use crate::hash::{Hash32, tagged};
use crate::labels;

/// The name of an election: 16 random bytes, written as 26 characters of lower-case base32 (PROTOCOL §1.8).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[a-z2-7]{26}$"))]
pub struct ElectionId(pub [u8; 16]);

impl ElectionId {
    /// The length of the text in characters.
    pub const TEXT_LEN: usize = 26;

    /// Draws a fresh identifier.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Takes 16 bytes that are an identifier already.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ElectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0).to_ascii_lowercase())
    }
}

impl From<ElectionId> for String {
    fn from(id: ElectionId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ElectionId {
    type Error = ParseIdError;

    fn try_from(text: String) -> Result<Self, ParseIdError> {
        text.parse()
    }
}

impl fmt::Debug for ElectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ElectionId {
    type Err = ParseIdError;

    /// Parses the one accepted spelling: 26 lower-case characters whose last two bits are zero.
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text.len() != Self::TEXT_LEN || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(ParseIdError::ElectionId);
        }
        let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).map_err(|_| ParseIdError::ElectionId)?;
        bytes.try_into().map(Self).map_err(|_| ParseIdError::ElectionId)
    }
}

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// Not the text of an election ID.
    #[error("an election ID is 26 characters of lower-case base32")]
    ElectionId,
    /// Not the text of a fingerprint.
    #[error("a fingerprint is 20 characters of base32, in groups of four")]
    Fingerprint,
}

/// The pseudonym under which one elector votes: a number from 0 in the shuffled roll (PROTOCOL §5.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slot(pub u32);

/// The position of an entry on the board, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeafIndex(pub u64);

/// The number that orders the ballots of one registration (PROTOCOL R503).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counter(pub u32);

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for LeafIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// CTX: the hash of everything that was fixed when the election opened (PROTOCOL §5.3). Every proof and signature of a voter binds it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Context(Hash32);

impl Context {
    /// CTX = H(`context`; election id, M, O, H, CH, roll root).
    #[must_use]
    pub fn new(election: &ElectionId, manifest: Hash32, opened: Hash32, joint_key: &Element, ceremony: Hash32, roll_root: Hash32) -> Self {
        let (manifest, opened, ceremony, roll_root) = (manifest.as_bytes(), opened.as_bytes(), ceremony.as_bytes(), roll_root.as_bytes());
        Self(tagged(labels::hash::CONTEXT, &[election.as_bytes(), manifest, opened, joint_key.as_bytes(), ceremony, roll_root]))
    }

    /// Takes a hash that is a context already, as a client does that stored it.
    #[must_use]
    pub const fn from_hash(hash: Hash32) -> Self {
        Self(hash)
    }

    /// The hash.
    #[must_use]
    pub const fn hash(&self) -> &Hash32 {
        &self.0
    }

    /// The 32 bytes that transcripts bind.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

/// The first 100 bits of a hash, as people compare it: of manifest, opening and board key (PROTOCOL §5.4), or of a card's key (§10.8).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 13]);

/// H(`fingerprint`; M, O, board key), shortened to what people see.
#[must_use]
pub fn fingerprint(manifest: Hash32, opened: Hash32, board_key: &[u8; 32]) -> Fingerprint {
    Fingerprint::of(&tagged(labels::hash::FINGERPRINT, &[manifest.as_bytes(), opened.as_bytes(), board_key]))
}

impl Fingerprint {
    /// That of a hash.
    #[must_use]
    pub fn of(hash: &Hash32) -> Self {
        let mut bits = [0; 13];
        bits.copy_from_slice(&hash.as_bytes()[..13]);
        bits[12] &= 0xf0;
        Self(bits)
    }

    /// The number of characters, without the dashes.
    pub const CHARACTERS: usize = 20;

    /// Whether all 100 bits are equal.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self == other
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = BASE32_NOPAD.encode(&self.0).to_ascii_lowercase();
        for (index, character) in text.chars().take(Self::CHARACTERS).enumerate() {
            if index > 0 && index % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = ParseIdError;

    /// Parses 20 characters in either case, all dashes in their place or none at all.
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let groups: Vec<&str> = text.split('-').collect();
        let grouped = groups.len() == 5 && groups.iter().all(|group| group.len() == 4);
        if !grouped && groups.len() != 1 {
            return Err(ParseIdError::Fingerprint);
        }
        let mut characters = groups.concat().to_ascii_uppercase();
        if characters.len() != Self::CHARACTERS {
            return Err(ParseIdError::Fingerprint);
        }
        // 100 bits end inside the thirteenth byte, whose four last bits are zero: one more character of zeros makes bytes of them.
        characters.push('A');
        let bytes = BASE32_NOPAD.decode(characters.as_bytes()).map_err(|_| ParseIdError::Fingerprint)?;
        bytes.try_into().map(Self).map_err(|_| ParseIdError::Fingerprint)
    }
}

/// How many options a voter chooses in a contest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Choose {
    /// Exactly this many.
    Exactly(u16),
    /// This many or fewer; blanks fill the rest.
    UpTo(u16),
}

/// The size of a contest: its named options and how many of them are chosen (PROTOCOL §7.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ContestShape {
    named: u16,
    choose: Choose,
}

/// Why a contest or style is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// The number of named options is not in 2…128.
    #[error("{0} options where 2 to 128 are allowed")]
    Options(u16),
    /// The number to choose is not in 1…named.
    #[error("{choose} of {named} options cannot be chosen")]
    Choose {
        /// The number to choose.
        choose: u16,
        /// The number of named options.
        named: u16,
    },
    /// A style without contests.
    #[error("a style without contests")]
    Empty,
    /// The contests are not in ascending order without repetition.
    #[error("contest {0} is not in ascending order")]
    Order(u16),
}

impl ContestShape {
    /// The greatest number of named options.
    pub const MAX_NAMED: u16 = 128;

    /// Takes 2 to 128 named options of which at least one and at most all are chosen.
    ///
    /// # Errors
    /// [`ShapeError`].
    pub fn new(named: u16, choose: Choose) -> Result<Self, ShapeError> {
        if !(2..=Self::MAX_NAMED).contains(&named) {
            return Err(ShapeError::Options(named));
        }
        let (Choose::Exactly(number) | Choose::UpTo(number)) = choose;
        if !(1..=named).contains(&number) {
            return Err(ShapeError::Choose { choose: number, named });
        }
        let shape = Self { named, choose };
        debug_assert!(shape.positions() <= MAX_POSITIONS, "named and blanks are at most 128 each");
        Ok(shape)
    }

    /// The number of named options.
    #[must_use]
    pub const fn named(&self) -> usize {
        self.named as usize
    }

    /// How many of them are chosen.
    #[must_use]
    pub const fn choose(&self) -> Choose {
        self.choose
    }

    /// The number of blank positions after the named ones: m of *up to m*, else none.
    #[must_use]
    pub const fn blanks(&self) -> usize {
        match self.choose {
            Choose::Exactly(_) => 0,
            Choose::UpTo(most) => most as usize,
        }
    }

    /// k, the number of positions: named options, then blanks.
    #[must_use]
    pub const fn positions(&self) -> usize {
        self.named() + self.blanks()
    }

    /// The number of positions whose ciphertexts a ballot sends: all but the last (PROTOCOL §7.1).
    #[must_use]
    pub const fn sent(&self) -> usize {
        // There are at least two options.
        self.positions() - 1
    }

    /// s, the number of positions that are one in every ballot.
    #[must_use]
    pub const fn selections(&self) -> u16 {
        let (Choose::Exactly(number) | Choose::UpTo(number)) = self.choose;
        number
    }

    /// The number of columns that are counted: the named options, and one for all blanks together (PROTOCOL §8.2).
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.named() + matches!(self.choose, Choose::UpTo(_)) as usize
    }
}

/// The contests of a district: index in manifest order, and shape (PROTOCOL §5.5).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BallotStyle {
    contests: Vec<(u16, ContestShape)>,
}

impl BallotStyle {
    /// Takes at least one contest, in ascending order of the index.
    ///
    /// # Errors
    /// [`ShapeError`].
    pub fn new(contests: Vec<(u16, ContestShape)>) -> Result<Self, ShapeError> {
        if contests.is_empty() {
            return Err(ShapeError::Empty);
        }
        match contests.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            Some(pair) => Err(ShapeError::Order(pair[1].0)),
            None => Ok(Self { contests }),
        }
    }

    /// The contests with their indices in the manifest, ascending.
    #[must_use]
    pub fn contests(&self) -> &[(u16, ContestShape)] {
        &self.contests
    }

    /// The shapes alone.
    pub fn shapes(&self) -> impl Iterator<Item = &ContestShape> {
        self.contests.iter().map(|(_, shape)| shape)
    }

    /// The length of every ballot of this style in bytes (PROTOCOL §7.2).
    #[must_use]
    pub fn ballot_len(&self) -> usize {
        ballot::length(self)
    }

    /// For each contest its index in the manifest, and where its first A starts in every ballot of this style (PROTOCOL §7.2).
    pub fn first_as(&self) -> impl Iterator<Item = (u16, usize)> {
        ballot::first_as(self)
    }

    /// What the proof binds: for each contest index u16 ‖ k u16 ‖ s u16.
    #[must_use]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(6 * self.contests.len());
        for (index, shape) in &self.contests {
            // k is at most 256.
            for number in [*index, shape.positions() as u16, shape.selections()] {
                out.extend_from_slice(&number.to_be_bytes());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_election_id_survives_its_text(bytes: [u8; 16]) {
            let id = ElectionId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().len(), ElectionId::TEXT_LEN);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn a_fingerprint_survives_its_text_in_every_spelling(bytes: [u8; 32]) {
            let print = fingerprint(Hash32::from_bytes(bytes), Hash32::ZERO, &[0; 32]);
            let text = print.to_string();
            prop_assert_eq!(text.len(), 24);
            for spelling in [text.clone(), text.to_uppercase(), text.replace('-', "")] {
                prop_assert!(print.matches(&spelling.parse().unwrap()));
            }
        }
    }

    #[test]
    fn other_spellings_of_an_election_id_are_refused() {
        let text = ElectionId::from_bytes([255; 16]).to_string();
        assert_eq!(text, "77777777777777777777777774");
        for hostile in [text.replace('4', "5"), text.replace('7', "Q"), format!("{text}="), text[1..].to_owned(), format!("{text} "), String::new()] {
            assert_eq!(hostile.parse::<ElectionId>(), Err(ParseIdError::ElectionId), "{hostile}");
        }
        assert!("aaaaaaaaaaaaaaaaaaaaaaaaaa".parse::<ElectionId>().is_ok());
        assert!("Aaaaaaaaaaaaaaaaaaaaaaaaaa".parse::<ElectionId>().is_err());
    }

    #[test]
    fn a_fingerprint_differs_in_its_hundredth_bit() {
        let print = fingerprint(Hash32::ZERO, Hash32::ZERO, &[0; 32]);
        let mut other = print;
        other.0[12] ^= 0x10;
        assert!(!print.matches(&other));
        assert_ne!(print.to_string(), other.to_string());
    }

    #[test]
    fn misplaced_dashes_in_a_fingerprint_are_refused() {
        for hostile in ["aaaaa-aaa-aaaa-aaaa-aaaa", "aaaa-aaaa-aaaa-aaaaaaaa", "aaaa-aaaa-aaaa-aaaa-aaa", "aaaa-aaaa-aaaa-aaaa-aaa1", "あaaaaaaaaaaaaaaaaa"] {
            assert_eq!(hostile.parse::<Fingerprint>(), Err(ParseIdError::Fingerprint), "{hostile}");
        }
    }

    #[test]
    fn every_part_of_a_context_changes_it() {
        let (id, hash, key) = (ElectionId::from_bytes([1; 16]), Hash32::ZERO, Element::new(crate::group::G));
        let other = Hash32::from_bytes([1; 32]);
        let context = Context::new(&id, hash, hash, &key, hash, hash);
        assert_ne!(context, Context::new(&ElectionId::from_bytes([2; 16]), hash, hash, &key, hash, hash));
        assert_ne!(context, Context::new(&id, other, hash, &key, hash, hash));
        assert_ne!(context, Context::new(&id, hash, other, &key, hash, hash));
        assert_ne!(context, Context::new(&id, hash, hash, &Element::new(crate::group::G + crate::group::G), hash, hash));
        assert_ne!(context, Context::new(&id, hash, hash, &key, other, hash));
        assert_ne!(context, Context::new(&id, hash, hash, &key, hash, other));
    }

    #[test]
    fn a_contest_of_impossible_numbers_is_refused() {
        for (named, choose, error) in [
            (1, Choose::Exactly(1), ShapeError::Options(1)),
            (129, Choose::Exactly(1), ShapeError::Options(129)),
            (5, Choose::Exactly(0), ShapeError::Choose { choose: 0, named: 5 }),
            (5, Choose::UpTo(6), ShapeError::Choose { choose: 6, named: 5 }),
        ] {
            assert_eq!(ContestShape::new(named, choose), Err(error));
        }
    }

    #[test]
    fn up_to_m_has_m_blanks_and_one_column_for_them() {
        let shape = ContestShape::new(5, Choose::UpTo(3)).unwrap();
        assert_eq!((shape.positions(), shape.sent(), shape.selections(), shape.columns()), (8, 7, 3, 6));
        let shape = ContestShape::new(128, Choose::UpTo(128)).unwrap();
        assert_eq!(shape.positions(), MAX_POSITIONS);
    }

    #[test]
    fn a_style_lists_each_contest_once_and_in_order() {
        let shape = ContestShape::new(2, Choose::Exactly(1)).unwrap();
        assert_eq!(BallotStyle::new(vec![]), Err(ShapeError::Empty));
        assert_eq!(BallotStyle::new(vec![(1, shape), (1, shape)]), Err(ShapeError::Order(1)));
        assert_eq!(BallotStyle::new(vec![(1, shape), (0, shape)]), Err(ShapeError::Order(0)));
    }
}
