//! The one accepted JSON form: parse, write again, compare the bytes (PROTOCOL §1.6).

use serde::{Serialize, de::DeserializeOwned};

/// Why bytes are not the one accepted form of a type.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// Not JSON of this type; the path leads to the field.
    #[error("{reason}")]
    Parse {
        /// What the parser says, with line and column.
        reason: String,
    },
    /// JSON of this type, but not in the one accepted form (white space, order or repetition of keys, escapes, number forms).
    #[error("not in the one accepted form: differs at byte {at}")]
    Form {
        /// The first byte that differs.
        at: usize,
    },
}

/// Writes the one accepted form.
///
/// # Errors
/// None for the types of this crate; `serde_json` can fail for maps with keys that are not strings.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    serde_json::to_vec(value).map_err(|e| CanonicalError::Parse { reason: e.to_string() })
}

/// Reads the one accepted form and nothing else.
///
/// # Errors
/// [`CanonicalError`].
pub fn from_bytes<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonicalError> {
    let value: T = serde_json::from_slice(bytes).map_err(|e| CanonicalError::Parse { reason: e.to_string() })?;
    let again = to_bytes(&value)?;
    if again == bytes {
        return Ok(value);
    }
    let at = again.iter().zip(bytes).position(|(a, b)| a != b).unwrap_or(again.len().min(bytes.len()));
    Err(CanonicalError::Form { at })
}
