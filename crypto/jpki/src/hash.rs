//! SHA-256 values, as bytes and as the 64 hexadecimal digits in which statements carry them.

use std::fmt;

use data_encoding::HEXLOWER;
use ring::digest;

/// A SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash32([u8; 32]);

impl Hash32 {
    /// The value with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// SHA-256 of `data`.
    pub fn of(data: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The value written as exactly 64 lower-case hexadecimal digits; `None` for any other text.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        HEXLOWER.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl fmt::Display for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash32({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_sha256() {
        assert_eq!(Hash32::of(b"abc").to_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn upper_case_hexadecimal_is_refused() {
        let hex = Hash32::of(b"abc").to_hex();
        assert_eq!(Hash32::from_hex(hex.as_bytes()), Some(Hash32::of(b"abc")));
        assert_eq!(Hash32::from_hex(hex.to_uppercase().as_bytes()), None);
        assert_eq!(Hash32::from_hex(&hex.as_bytes()[..62]), None);
    }
}
