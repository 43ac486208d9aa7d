//! Sharing: what goes to agencies, on which grounds, and what a resident sees of it.
//!
//! | file | is |
//! |---|---|
//! | [`agency`] | agencies, and what they are granted |
//! | [`disclosed`], [`preview`] | a disclosure: asked for, and made; and what it would give |
//! | [`alert`] | reading one person's questionnaire in an emergency (緊急閲覧) |
//! | [`access`] | the access log, and what a resident is told of it |
//! | [`fhir`], [`ngsi`], [`table`] | the forms in which what the appliance knows leaves it, of what [`shared`] permits |
//! | [`steps`] | step counts that come in, under the resident's consent |
//! | [`warning`] | warnings and hazards that the city's data platform tells of, about nobody |
//! | [`outbox`] | what waits to be sent to other systems |
//! | `said`, [`words`] | what the values are called, and what is given of people |

use serde::{Deserialize, Serialize};

use crate::Timestamp;

pub mod access;
pub mod agency;
pub mod alert;
pub mod disclosed;
pub mod fhir;
pub mod ngsi;
pub mod outbox;
pub mod preview;
mod said;
pub mod shared;
pub mod steps;
pub mod table;
pub mod warning;
pub mod words;

/// A name of an agency or a grant, written like a shelter's.
pub type Name = crate::roster::ShelterId;

/// Which kinds of agencies a person lets have what the roster says of them. It takes the place of what was said before, and holds from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consent {
    /// The kinds, ascending, each once; none is the withdrawal.
    pub kinds: Vec<agency::AgencyKind>,
}

/// A consent that is on file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentOnFile {
    /// The kinds.
    pub kinds: Vec<agency::AgencyKind>,
    /// Since when; never, where nothing was said.
    pub at: Option<Timestamp>,
}
