//! Warnings and hazards that others tell of (防災情報): open data of the city's data platform, such as warnings of heavy rain, floods, and roads that are closed.
//!
//! They are about nobody. **Open data is no authority**: whoever reads them is told the source and when it was issued, people decide on orders to evacuate (避難指示), and
//! nothing in the appliance opens or is declared by them.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// For how many seconds what has no end of its own is in force.
pub const LASTS: i64 = 7 * 24 * 3600;

/// So many seconds before it begins a warning is told already.
pub const SOON: i64 = 48 * 3600;

/// What kind of thing is warned of (`category`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Hazard {
    /// A natural disaster.
    NaturalDisaster,
    /// The weather.
    Weather,
    /// A road that is closed, or dangerous.
    Traffic,
}

/// How severe it is, in the words of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// For information.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// A warning. Texts have no control characters and are cut where they are too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    /// Its URN at the platform.
    pub id: String,
    /// What kind of thing is warned of.
    pub hazard: Hazard,
    /// What exactly, in a word of the data model (`subCategory`) such as `rainfall`; may be empty.
    pub what: String,
    /// How severe it is; none where the source does not say, or in no word of the data model.
    pub severity: Option<Severity>,
    /// When it was issued.
    pub issued: Timestamp,
    /// From when on it holds.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// What it says; may be empty.
    pub description: String,
    /// Where it holds; may be empty.
    pub area: String,
    /// Who says so; may be empty.
    pub source: String,
}

impl Warning {
    /// When it is over.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.until.unwrap_or_else(|| self.issued.plus(LASTS))
    }

    /// Whether it is in force, or will be soon.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        now < self.ends() && self.from.is_none_or(|from| from <= now.plus(SOON))
    }

    /// Whether headquarters are told at once.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.severity >= Some(Severity::High)
    }

    /// By what they are put in order: the most severe first, and of these the latest. What does not say how severe it is stands in the middle.
    #[must_use]
    pub fn rank(&self) -> impl Ord + use<> {
        (Reverse(self.severity.unwrap_or(Severity::Medium)), Reverse(self.issued), self.id.clone())
    }
}

/// A warning as it is known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WarningKnown {
    /// The warning.
    pub warning: Warning,
    /// Since when there is one of this URN.
    pub first: Timestamp,
    /// Since when it says this.
    pub told: Timestamp,
}

/// The platform tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Silent {
    /// When it told last, or was asked first after a start.
    pub since: Timestamp,
    /// Why.
    pub what: String,
}

/// What is known of warnings: `GET sharing/warnings`, and the first of them in the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warnings {
    /// When the platform told last, since the appliance started.
    pub heard: Option<Timestamp>,
    /// Since when the list is old, where it is.
    pub silent: Option<Silent>,
    /// How many of those that the platform told could not be read or were too many, so that they are not in the list.
    pub left_out: u32,
    /// How many there are.
    pub all: u64,
    /// They, the most severe first. In the status, of more than a few the urgent ones that came last.
    pub known: Vec<WarningKnown>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::ngsi::warnings::testing::warning;

    #[test]
    fn a_warning_counts_from_two_days_before_it_begins_until_it_ends_and_for_a_week_without_an_end() {
        let at = |seconds: i64| warning("a").issued.plus(seconds);
        let whole = Warning { from: Some(at(100)), until: Some(at(200)), ..warning("a") };
        assert!(whole.counts(at(100 - SOON)) && !whole.counts(at(99 - SOON)));
        assert!(whole.counts(at(199)) && !whole.counts(at(200)));
        let open = Warning { from: None, until: None, ..warning("a") };
        assert!(open.counts(at(LASTS - 1)) && !open.counts(at(LASTS)));
    }

    #[test]
    fn the_most_severe_and_latest_come_first_and_what_says_nothing_of_it_in_the_middle() {
        let of = |id: &str, severity, age: i64| Warning { severity, issued: warning(id).issued.plus(-age), ..warning(id) };
        let mut all = [of("d", Some(Severity::Low), 0), of("c", None, 0), of("b", Some(Severity::Critical), 9), of("a", Some(Severity::Critical), 1)];
        all.sort_by_cached_key(Warning::rank);
        assert_eq!(all.map(|warning| warning.id), ["a", "b", "c", "d"]);
        assert!(of("a", Some(Severity::High), 0).is_urgent() && !of("a", Some(Severity::Medium), 0).is_urgent() && !of("a", None, 0).is_urgent());
    }
}
