//! Break-glass (緊急閲覧): an ambulance crew reads one person's questionnaire. First the reason, of which the headquarters learn at once; then the content.

use serde::{Deserialize, Serialize};

use super::Name;
use crate::roster::{ChainId, EventId};
use crate::{Bytes, CitizenId, Timestamp};

/// The ID of an alert.
pub type AlertId = Bytes<16>;

/// How long after an alert the content can be read, in seconds.
pub const OPEN: i64 = 15 * 60;

/// Whom the crew has before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Whom {
    /// By the handle in the event.
    Handle {
        /// The handle.
        chain: ChainId,
    },
    /// By the code of the citizen ID.
    Citizen {
        /// The citizen.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        citizen: CitizenId,
    },
}

/// The first step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertRequest {
    /// The event.
    pub event: EventId,
    /// Whom.
    pub whom: Whom,
    /// Why (5 to 500 characters).
    pub reason: String,
}

/// What the headquarters see of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// The ID.
    pub id: AlertId,
    /// When.
    pub at: Timestamp,
    /// The agency.
    pub agency: Name,
    /// The event.
    pub event: EventId,
    /// Whom.
    pub chain: ChainId,
    /// Why.
    pub reason: String,
    /// When the content was read.
    pub read: Vec<Timestamp>,
    /// When it was to be read, and there was no questionnaire.
    pub nothing: Vec<Timestamp>,
}
