//! A roster is the journal of who is where in a disaster. Each entry about a person commits to the few attributes that totals are made of, so that totals can be
//! proved later without a name (PROTOCOL §17).
//!
//! A person's entries form a *chain* under a random handle. Here are the identifiers, the attributes as a vector of bits ([`Standing`], [`Flag`]) and their
//! generators; [`entry`] has the commitment with its proof, [`fields`] the tree over the salted fields.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use curve25519_dalek::ristretto::RistrettoPoint;
use data_encoding::BASE32_NOPAD;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use crate::group::generator;
use crate::hash::tagged;
use crate::labels;

pub mod entry;
pub mod fields;
pub mod shown;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[a-z2-7]{26}$"))]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Draws a fresh identifier.
            pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
                let mut bytes = [0; 16];
                rng.fill_bytes(&mut bytes);
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&BASE32_NOPAD.encode(&self.0).to_ascii_lowercase())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;

            fn try_from(text: String) -> Result<Self, ParseIdError> {
                text.parse()
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            /// Parses the one accepted spelling: 26 lower-case characters of base32 whose last two bits are zero.
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                if text.len() != 26 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(ParseIdError);
                }
                let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).map_err(|_| ParseIdError)?;
                bytes.try_into().map(Self).map_err(|_| ParseIdError)
            }
        }
    };
}

identifier! {
    /// The name of a disaster or peacetime event, and so of its journal: 16 random bytes, written as 26 characters of lower-case base32 (PROTOCOL §17.1).
    EventId
}

identifier! {
    /// The handle of one person in one event, written like an [`EventId`]. It tells nothing about the person to who does not hold the event's handle key
    /// (PROTOCOL §17.2).
    ChainId
}

/// The text is not such an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("26 characters of lower-case base32 belong here")]
pub struct ParseIdError;

impl ChainId {
    /// The handle of somebody who is known by `name` within `kind` (a resident by number, a card's holder by person): the first 16 bytes of
    /// H(`roster-chain`; key, event, kind, name) (PROTOCOL §17.2). Two terminals that do not hear each other give one person one handle.
    #[must_use]
    pub fn derive(key: &[u8; 32], event: &EventId, kind: &str, name: &[u8]) -> Self {
        let hash = tagged(labels::hash::ROSTER_CHAIN, &[key, &event.0, kind.as_bytes(), name]).to_bytes();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(bytes)
    }
}

/// The age band of a person on the day of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgeBand {
    /// Under 1 year (乳児).
    Infant,
    /// 1 to 5 years (幼児).
    Preschool,
    /// 6 to 14 years (小中学生).
    School,
    /// 15 to 64 years.
    Adult,
    /// 65 to 74 years (前期高齢者).
    Elder,
    /// 75 years and more (後期高齢者).
    OldElder,
    /// Not known.
    Unknown,
}

/// Where a person who counts as present stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stay {
    /// In the shelter.
    Shelter,
    /// At home, looked after by the shelter (在宅避難).
    Home,
    /// In a vehicle (車中泊).
    Vehicle,
}

/// A special need (要配慮) that totals are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Need {
    /// Long-term care (要介護・要支援).
    Care,
    /// Disability (障害).
    Disability,
    /// Medical dependence or rare disease (医療的ケア・難病).
    Medical,
    /// Pregnant or newly delivered (妊産婦).
    Pregnant,
    /// Needs another language (外国人・要通訳).
    Foreign,
    /// Food allergy or special food (食物アレルギー).
    Food,
    /// On the action-support list (避難行動要支援者).
    Support,
}

impl AgeBand {
    /// Every band, in the order of the flags.
    pub const ALL: [Self; 7] = [Self::Infant, Self::Preschool, Self::School, Self::Adult, Self::Elder, Self::OldElder, Self::Unknown];

    /// The band of somebody of so many completed years.
    #[must_use]
    pub const fn of_years(years: u16) -> Self {
        match years {
            0 => Self::Infant,
            1..=5 => Self::Preschool,
            6..=14 => Self::School,
            15..=64 => Self::Adult,
            65..=74 => Self::Elder,
            _ => Self::OldElder,
        }
    }
}

impl Stay {
    /// Every stay, in the order of the flags.
    pub const ALL: [Self; 3] = [Self::Shelter, Self::Home, Self::Vehicle];
}

impl Need {
    /// Every need, in the order of the flags.
    pub const ALL: [Self; 7] = [Self::Care, Self::Disability, Self::Medical, Self::Pregnant, Self::Foreign, Self::Food, Self::Support];
}

/// What totals are made of, of a person who is present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standing {
    /// The age band.
    pub age: AgeBand,
    /// Where the person stays.
    pub stay: Stay,
    /// Special needs, ascending, each at most once.
    pub needs: Vec<Need>,
}

/// The number of flags of an entry.
pub const FLAGS: usize = 25;

/// The flags whose responses are sent; the others follow from them.
pub const SENT: usize = 15;

/// The place of a flag in the vector (PROTOCOL §17.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// The person is present: 0. It is 1 in every entry that has flags.
    Present,
    /// Of this age: 1 to 7.
    Age(AgeBand),
    /// Stays so: 8 to 10.
    Stay(Stay),
    /// Has this need: 11 to 17.
    Need(Need),
    /// Is present without this need: 18 to 24.
    WithoutNeed(Need),
}

impl Flag {
    /// The index of the flag's generators.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Present => 0,
            Self::Age(age) => 1 + age as usize,
            Self::Stay(stay) => 8 + stay as usize,
            Self::Need(need) => 11 + need as usize,
            Self::WithoutNeed(need) => 18 + need as usize,
        }
    }

    /// Every flag, by its index.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Present]
            .into_iter()
            .chain(AgeBand::ALL.map(Self::Age))
            .chain(Stay::ALL.map(Self::Stay))
            .chain(Need::ALL.map(Self::Need))
            .chain(Need::ALL.map(Self::WithoutNeed))
    }
}

impl Standing {
    /// The flags, each 0 or 1.
    #[must_use]
    pub fn flags(&self) -> [u8; FLAGS] {
        let mut flags = [0; FLAGS];
        let Self { age, stay, needs } = self;
        flags[Flag::Present.index()] = 1;
        flags[Flag::Age(*age).index()] = 1;
        flags[Flag::Stay(*stay).index()] = 1;
        for need in Need::ALL {
            let has = needs.contains(&need);
            flags[Flag::Need(need).index()] = u8::from(has);
            flags[Flag::WithoutNeed(need).index()] = u8::from(!has);
        }
        flags
    }
}

/// Generators P, g_0…g_24, q_0…q_24 of the set `roster` (PROTOCOL §1.5, §17.3).
pub struct RosterGenerators {
    p: RistrettoPoint,
    g: [RistrettoPoint; FLAGS],
    q: [RistrettoPoint; FLAGS],
}

impl RosterGenerators {
    /// The set, derived at the first call (under a millisecond).
    pub fn get() -> &'static Self {
        static SET: OnceLock<RosterGenerators> = OnceLock::new();
        SET.get_or_init(|| Self {
            p: generator(labels::generators::ROSTER, "P", 0),
            g: std::array::from_fn(|index| generator(labels::generators::ROSTER, "g", index as u64)),
            q: std::array::from_fn(|index| generator(labels::generators::ROSTER, "q", index as u64)),
        })
    }

    /// P, the generator of the blinding.
    #[must_use]
    pub const fn p(&self) -> &RistrettoPoint {
        &self.p
    }

    /// g_i, the generators of the flags.
    #[must_use]
    pub const fn g(&self) -> &[RistrettoPoint; FLAGS] {
        &self.g
    }

    /// q_i, the generators of what makes the flags bits.
    #[must_use]
    pub const fn q(&self) -> &[RistrettoPoint; FLAGS] {
        &self.q
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_flag_has_an_index_of_its_own() {
        assert_eq!(Flag::all().map(Flag::index).collect::<Vec<_>>(), (0..FLAGS).collect::<Vec<_>>());
    }

    #[test]
    fn no_generator_of_rosters_is_one_of_ballots() {
        let (roster, ballot) = (RosterGenerators::get(), crate::commitment::BallotGenerators::get());
        let all = roster.g().iter().chain(roster.q()).chain([roster.p(), &crate::group::G]);
        let all = all.chain(ballot.g()).chain(ballot.q()).chain([ballot.p()]).map(|point| point.compress().to_bytes());
        assert_eq!(all.collect::<BTreeSet<_>>().len(), 2 * FLAGS + 2 + 2 * crate::commitment::MAX_POSITIONS + 1);
    }

    #[test]
    fn one_person_has_one_handle_in_an_event_and_another_in_the_next() {
        let (one, two) = (EventId([1; 16]), EventId([2; 16]));
        let chain = ChainId::derive(&[9; 32], &one, "resident", b"1234");
        assert_eq!(chain, ChainId::derive(&[9; 32], &one, "resident", b"1234"));
        for other in [
            ChainId::derive(&[9; 32], &two, "resident", b"1234"),
            ChainId::derive(&[8; 32], &one, "resident", b"1234"),
            ChainId::derive(&[9; 32], &one, "person", b"1234"),
            ChainId::derive(&[9; 32], &one, "resident", b"1235"),
        ] {
            assert_ne!(chain, other);
        }
        assert_eq!(chain.to_string().parse(), Ok(chain));
    }
}
