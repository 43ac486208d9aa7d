//! The appliance's own journal, as an auditor reads it: what happened, when, and by whom. What is sealed, and whatever names a resident, is left out.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A part of the journal: `GET journal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JournalPage {
    /// How many entries the journal has.
    pub size: u64,
    /// Entries in their order.
    pub entries: Vec<JournalLine>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JournalLine {
    /// Its number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What kind it is, as it stands in the journal.
    pub kind: String,
    /// The officials or the agency by whom; nobody for what the appliance or a resident did.
    pub by: Vec<String>,
    /// What it says else, as `name=value`.
    pub said: Vec<String>,
}
