//! What an evacuee takes along: the own entry with its opening, and the proof that it stands in the roster as it was told (PROTOCOL §18.6).

use serde::{Deserialize, Serialize};

use super::opening::Opening;
use crate::{Blob, HashBytes};

/// An entry with its opening.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnEntry {
    /// The bytes of leaf 0, which tells whose roster it is.
    pub declared: Blob,
    /// Its inclusion proof.
    pub declared_proof: Vec<HashBytes>,
    /// The leaf of the entry.
    pub leaf: u64,
    /// The bytes of the entry.
    pub entry: Blob,
    /// Its inclusion proof.
    pub entry_proof: Vec<HashBytes>,
    /// Its opening.
    pub opening: Opening,
    /// The signed checkpoint that both are under.
    pub checkpoint: String,
}
