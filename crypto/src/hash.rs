//! A hash is 32 bytes of SHA-256, and the tagged hash is how this protocol derives one from parts.
//!
//! Between machines a hash is always whole: 32 bytes, or 64 lower-case hexadecimal digits. Nothing here
//! abbreviates, and no other spelling of a hash is accepted, so that one hash has one text.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// A SHA-256 hash: 32 bytes, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash32([u8; 32]);

impl Hash32 {
    /// The length in bytes.
    pub const LEN: usize = 32;

    /// All bytes zero: where a format needs a value before the first hash, never the hash of anything known.
    pub const ZERO: Self = Self([0; 32]);

    /// Takes 32 bytes that are a hash already.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Plain SHA-256 of `bytes`, without a tag: for files and artefacts that other tools hash as well.
    #[must_use]
    pub fn sha256(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 32 bytes, by value.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl From<[u8; 32]> for Hash32 {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<Hash32> for [u8; 32] {
    fn from(hash: Hash32) -> Self {
        hash.0
    }
}

impl TryFrom<&[u8]> for Hash32 {
    type Error = ParseHashError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        <[u8; 32]>::try_from(bytes).map(Self).map_err(|_| ParseHashError::Length(bytes.len()))
    }
}

impl AsRef<[u8]> for Hash32 {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash32 {
    type Err = ParseHashError;

    /// Parses exactly 64 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 2 * Self::LEN {
            return Err(ParseHashError::Digits(text.len()));
        }
        let mut bytes = [0; Self::LEN];
        match HEXLOWER.decode_mut(text.as_bytes(), &mut bytes) {
            Ok(Self::LEN) => Ok(Self(bytes)),
            Ok(_) | Err(_) => Err(ParseHashError::NotLowerHex),
        }
    }
}

/// Why a text or a slice is not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseHashError {
    /// A slice of this many bytes instead of 32.
    #[error("a hash is 32 bytes, not {0}")]
    Length(usize),
    /// A text of this many bytes instead of 64.
    #[error("a hash is 64 hexadecimal digits, not {0}")]
    Digits(usize),
    /// A character other than `0-9a-f`.
    #[error("a hash is written in the digits 0-9 and a-f only")]
    NotLowerHex,
}

/// The tagged hash of `parts` under `label`.
///
/// SHA-256 over, in this order, the byte strings `tachiai/v1`, `label` and each of `parts`, every one of them
/// preceded by its length in bytes as an unsigned 64-bit big-endian integer. The lengths make the encoding
/// injective for one label: no two lists of parts give the same input.
#[must_use]
pub fn tagged(label: &str, parts: &[&[u8]]) -> Hash32 {
    let mut hasher = Sha256::new();
    for part in [crate::labels::ROOT.as_bytes(), label.as_bytes()].iter().chain(parts) {
        // A length in memory fits 64 bits on every platform that Rust supports.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    Hash32(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_the_published_one() {
        assert_eq!(Hash32::sha256(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_tagged_hash_is_sha256_of_the_length_prefixed_parts() {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 10]);
        bytes.extend_from_slice(b"tachiai/v1");
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 4]);
        bytes.extend_from_slice(b"slot");
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 2, 7, 8]);
        assert_eq!(tagged("slot", &[b"", &[7, 8]]), Hash32::sha256(&bytes));
    }

    #[test]
    fn moving_a_byte_between_parts_changes_a_tagged_hash() {
        assert_ne!(tagged("l", &[b"ab", b"c"]), tagged("l", &[b"a", b"bc"]));
        assert_ne!(tagged("l", &[b"", b"x"]), tagged("l", &[b"x"]));
        assert_ne!(tagged("la", &[b"x"]), tagged("l", &[b"ax"]));
    }

    #[test]
    fn a_hash_survives_its_text() {
        let hash = Hash32::sha256(b"x");
        assert_eq!(hash.to_string().parse(), Ok(hash));
    }

    #[test]
    fn other_spellings_of_a_hash_are_refused() {
        let text = Hash32::sha256(b"x").to_string();
        assert_eq!(text.to_uppercase().parse::<Hash32>(), Err(ParseHashError::NotLowerHex));
        assert_eq!(text[..63].parse::<Hash32>(), Err(ParseHashError::Digits(63)));
        assert_eq!(format!("{text} ").parse::<Hash32>(), Err(ParseHashError::Digits(65)));
        assert_eq!(format!(" {}", &text[..63]).parse::<Hash32>(), Err(ParseHashError::NotLowerHex));
    }
}
