//! What an evacuee takes along: the own entry with its opening, and the proof that it stands in the roster as it was told (PROTOCOL §18.6).

use serde::{Deserialize, Serialize};

use tachiai_crypto::roster::EventId;

use super::opening::Opening;
use crate::election::Text;
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

/// An own entry, and the event that it is of: `GET own-entries`, by the person after a card login.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnEntryOf {
    /// The event.
    pub event: EventId,
    /// What it is called.
    pub title: Text,
    /// The entry: a file of it is what the verifier takes.
    pub entry: OwnEntry,
}
