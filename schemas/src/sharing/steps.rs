//! Step counts (歩数) of a resident: the consent to have them from the city's data platform, what is kept, and what a round brought.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::roll::Day;

/// The name of the service to whose pseudonym the platform gives step counts.
pub const SERVICE: &str = "steps";

/// The field of the access log.
pub const FIELD: &str = "steps";

/// What a resident says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = StepsSaid))]
pub enum Said {
    /// The appliance may have them from the day on which this is said.
    Given,
    /// It may not any more, and what it has is deleted.
    Withdrawn,
}

/// The consent of a resident; it takes the place of what was said before, and holds from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepsConsent {
    /// What is said.
    pub said: Said,
}

/// The steps of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DaySteps {
    /// The day.
    pub day: Day,
    /// How many.
    pub steps: u32,
}

/// What a resident sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnSteps {
    /// Since when there is a consent, if there is one.
    pub since: Option<Timestamp>,
    /// By what the platform knows the resident: an application for health is told it.
    pub pseudonym: String,
    /// What is kept, by days.
    pub days: Vec<DaySteps>,
}

/// What a round to the platform brought.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = StepsRound))]
pub struct Round {
    /// How many people consent.
    pub people: u64,
    /// Of how many something new is kept.
    pub changed: u64,
    /// How many entities came that no consent covers; nothing of them is kept.
    pub dropped: u64,
    /// Of how many people the platform did not tell; they are asked for again the next time.
    pub failed: u64,
    /// Why, of the last of these.
    pub error: Option<String>,
}
