//! Evidence of a fork: that one key signed two boards, in a file that anyone can check (PROTOCOL §10.9).

use serde::{Deserialize, Serialize};

use crate::{Bytes, HashBytes};

/// Two checkpoints of one board key of which neither extends the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForkEvidence {
    /// `tachiai-fork/1`.
    pub format: String,
    /// The origin of both checkpoints.
    pub origin: String,
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// Leaf hash of `opened`, which with the manifest's and the key gives the fingerprint of the public notice; `null` if it is not known.
    pub opened: Option<HashBytes>,
    /// The key that signed both.
    pub board_key: Bytes<32>,
    /// The signed checkpoint that is not larger.
    pub first: String,
    /// The other one.
    pub second: String,
    /// What the second has at the size of the first; `null` if they are of one size.
    pub between: Option<OtherPrefix>,
}

/// The root of the second board at the size of the first, with the proof that the second extends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OtherPrefix {
    /// The root.
    pub root: HashBytes,
    /// The consistency proof.
    pub hashes: Vec<HashBytes>,
}

/// The value of [`ForkEvidence::format`].
pub const FORK_FORMAT: &str = "tachiai-fork/1";
