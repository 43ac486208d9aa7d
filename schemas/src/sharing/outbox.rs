//! What waits to be sent to the city's data platform, as staff see it: `GET outbox`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How sending stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxView {
    /// Where it is sent.
    pub url: String,
    /// How many messages wait.
    pub waiting: u64,
    /// Since when the oldest of them waits.
    pub since: Option<Timestamp>,
    /// How many attempts failed one after the other.
    pub failures: u32,
    /// Why the last attempt failed, if the one after it has not gone well.
    pub error: Option<SendError>,
    /// How many messages the platform refused for good: they lie in `DIR/outbox/refused` and are not sent again.
    pub refused: u64,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendError {
    /// When.
    pub at: Timestamp,
    /// What was said.
    pub what: String,
}
