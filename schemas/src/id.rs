//! Identifiers are typed, so that none is taken for another.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use tachiai_crypto::ceremony::TrusteeIndex;
pub use tachiai_crypto::election::context::{Counter, ElectionId, LeafIndex, Slot};

use crate::{Lang, Say};

const BASE32: data_encoding::Encoding = data_encoding::BASE32_NOPAD_NOCASE;

/// The text is not an identifier of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 27 characters of lower-case base32.
    #[error("not a citizen ID: 26 characters a-z and 2-7 and a check character belong here")]
    Form,
    /// The check character does not fit: one character is wrong or two are swapped.
    #[error("the check character does not fit: a character is wrong or two are swapped")]
    Check,
}

impl Say for IdError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (_, Lang::En) => self.to_string(),
            (Self::Form, Lang::Ja) => "市民IDの形ではありません。a–z と 2–7 の26文字と、検査文字1文字です。".to_owned(),
            (Self::Check, Lang::Ja) => "検査文字が合いません。1文字の間違いか、2文字の入れ違いがあります。".to_owned(),
        }
    }
}

fn write_id(bytes: &[u8; 16]) -> String {
    BASE32.encode(bytes).to_ascii_lowercase()
}

fn read_id(text: &str) -> Result<[u8; 16], IdError> {
    let bytes: [u8; 16] = BASE32.decode(text.as_bytes()).map_err(|_| IdError::Form)?.try_into().map_err(|_| IdError::Form)?;
    if write_id(&bytes) == text { Ok(bytes) } else { Err(IdError::Form) }
}

/// A resident of the city (養父市ID): 128 random bits, written as 26 characters of base32 and a check character.
///
/// It is never the My Number, a certificate's serial number or made of the four attributes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId(pub [u8; 16]);

impl CitizenId {
    /// The check character by the Luhn algorithm modulo 32: it finds every single wrong character and nearly every swap of neighbours.
    fn check(digits: &str) -> char {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let sum: usize = digits
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, c)| {
                let value = ALPHABET.iter().position(|&a| a == c).unwrap_or(0) * if place % 2 == 0 { 2 } else { 1 };
                value / 32 + value % 32
            })
            .sum();
        char::from(ALPHABET[(32 - sum % 32) % 32])
    }
}

impl std::fmt::Display for CitizenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = write_id(&self.0);
        write!(f, "{digits}{}", Self::check(&digits))
    }
}

impl std::str::FromStr for CitizenId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() != 27 || !text.is_ascii() {
            return Err(IdError::Form);
        }
        let (digits, check) = text.split_at(26);
        let bytes = read_id(digits)?;
        if check.starts_with(Self::check(digits)) { Ok(Self(bytes)) } else { Err(IdError::Check) }
    }
}

macro_rules! text {
    ($name:ident, $pattern:literal) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).pattern(Some($pattern)).into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

text!(CitizenId, "^[a-z2-7]{27}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_character_of_a_citizen_id_is_found() {
        let text = CitizenId([7; 16]).to_string();
        assert_eq!(text.parse(), Ok(CitizenId([7; 16])));
        let mut wrong = text.into_bytes();
        wrong[3] = if wrong[3] == b'a' { b'b' } else { b'a' };
        assert!(String::from_utf8(wrong).unwrap().parse::<CitizenId>().is_err());
    }
}
