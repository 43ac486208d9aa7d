//! What the headquarters tell of a roster: statements, and the own entry that an evacuee takes along.

use serde::{Deserialize, Serialize};

use crate::HashBytes;
use crate::roster::statement::StatedScope;
use crate::roster::{EventId, Hlc};

/// A statement that is registered: `POST` and `GET events/{event}/statements`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatementMade {
    /// The event.
    pub event: EventId,
    /// The number of the statement.
    pub number: u64,
    /// How many entries it is about.
    pub size: u64,
    /// The leaf that registers it.
    pub leaf: u64,
    /// When it was registered.
    pub at: Hlc,
    /// The hash that its signature covers.
    pub statement: HashBytes,
    /// What it tells of which scope.
    pub scopes: Vec<StatedScope>,
}
