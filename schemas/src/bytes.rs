//! Bytes in JSON are base64url without padding, with zero trailing bits: one text for one value (PROTOCOL §1.6).

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tachiai_crypto::hash::Hash32;

/// Exactly `N` bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const N: usize>(pub [u8; N]);

/// Any number of bytes.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Blob(pub Vec<u8>);

/// A hash in JSON.
pub type HashBytes = Bytes<32>;

/// Why a text is not bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BytesError {
    /// Not base64url without padding and with zero trailing bits.
    #[error("not base64url without padding")]
    Encoding,
    /// Another number of bytes.
    #[error("{found} bytes where {expected} belong")]
    Length {
        /// What belongs there.
        expected: usize,
        /// What is there.
        found: usize,
    },
}

impl<const N: usize> std::str::FromStr for Bytes<N> {
    type Err = BytesError;

    fn from_str(text: &str) -> Result<Self, BytesError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| BytesError::Encoding)?;
        let found = bytes.len();
        bytes.try_into().map(Self).map_err(|_| BytesError::Length { expected: N, found })
    }
}

impl<const N: usize> std::fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<const N: usize> std::fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl From<Hash32> for HashBytes {
    fn from(hash: Hash32) -> Self {
        Self(hash.to_bytes())
    }
}

impl From<HashBytes> for Hash32 {
    fn from(bytes: HashBytes) -> Self {
        Self::from_bytes(bytes.0)
    }
}

impl HashBytes {
    /// The hash.
    #[must_use]
    pub fn hash(self) -> Hash32 {
        self.into()
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64URL_NOPAD.decode(text.as_bytes()).map(Self).map_err(|_| de::Error::custom(BytesError::Encoding))
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::{Blob, Bytes};
    use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};
    use utoipa::{PartialSchema, ToSchema};

    impl<const N: usize> PartialSchema for Bytes<N> {
        fn schema() -> RefOr<Schema> {
            let digits = (N * 4).div_ceil(3);
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some(format!("^[A-Za-z0-9_-]{{{digits}}}$")))
                .description(Some(format!("{N} bytes, base64url without padding")))
                .into()
        }
    }

    impl<const N: usize> ToSchema for Bytes<N> {
        fn name() -> std::borrow::Cow<'static, str> {
            format!("Bytes{N}").into()
        }
    }

    impl PartialSchema for Blob {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]*$")).description(Some("bytes, base64url without padding")).into()
        }
    }

    impl ToSchema for Blob {}
}
