//! Citizen IDs (養父市民ID) at a counter: issued to everybody, with or without a card, and replaced when the one on paper is lost.
//!
//! A person has one ID for good, by which the city knows them, and at any time one *code* that is printed on a card of paper. The first code is the ID itself;
//! when it is lost, another takes its place, and the old one says nothing any more.

use serde::{Deserialize, Serialize};

use crate::{CitizenId, Timestamp};

/// Whom an ID is issued to: as the resident register writes them.
///
/// There is no `Debug`: it names somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenPerson {
    /// The name.
    pub name: String,
    /// The date of birth, `YYYY-MM-DD`.
    pub birth_date: String,
    /// The sex: 1 male, 2 female, 3 unknown.
    pub sex: String,
    /// The address.
    pub address: String,
}

/// Whether somebody had an ID before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Before {
    /// It is new.
    New,
    /// The person had it.
    Known,
}

/// An ID that somebody has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenIssued {
    /// The person's ID.
    pub citizen: CitizenId,
    /// The code that is printed.
    pub code: CitizenId,
    /// Whether the person had it before.
    pub before: Before,
}

/// A code that was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LostCode {
    /// The code.
    pub code: CitizenId,
    /// Since when it says nothing any more.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: String,
}

/// A card that is bound to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BoundCard {
    /// Since when.
    pub at: Timestamp,
}

/// Another ID of the same person: two officials found it to be so. It leads to the same person, and can be taken apart again.
///
/// There is no `Debug`: it names somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alias {
    /// The ID.
    pub citizen: CitizenId,
    /// The code that is printed.
    pub code: CitizenId,
    /// Who it was known to be of.
    pub person: CitizenPerson,
    /// Since when it is an alias.
    pub at: Timestamp,
    /// The officials.
    pub by: [String; 2],
}

/// What is known of a citizen: `GET citizens/{code}`. That it was looked at is recorded.
///
/// There is no `Debug`: it names somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenView {
    /// The person's ID.
    pub citizen: CitizenId,
    /// The code that is printed.
    pub code: CitizenId,
    /// Who it is, as last known.
    pub person: CitizenPerson,
    /// The cards that are bound, over their renewals, by the time of their binding.
    pub cards: Vec<BoundCard>,
    /// The codes that were lost, in order.
    pub lost: Vec<LostCode>,
    /// The other IDs of the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
}

/// The name of a service that knows citizens by a pseudonym of its own: 1 to 32 small letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServicePseudonym {
    /// The service.
    pub service: String,
    /// By what it knows the citizen: 26 characters of base32. Another service has another, and nobody finds one from the other without the city's key.
    pub pseudonym: String,
    /// What it knew the same person by under other IDs, before they were found to be of one person: the service goes on with the one above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}
