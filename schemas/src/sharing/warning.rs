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
        now < self.ends() && self.from.is_none_or(|from| from <= now.plus(SOON)) && !self.is_of_the_future(now)
    }

    /// Whether it says that it is issued so long after now that it cannot be meant.
    #[must_use]
    pub fn is_of_the_future(&self, now: Timestamp) -> bool {
        self.issued > now.plus(SOON)
    }

    /// Whether headquarters are told at once.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.severity >= Some(Severity::High)
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

impl WarningKnown {
    /// By what they are put in order: the most severe first, and of these the latest. What does not say how severe it is stands in the middle; and nothing was issued
    /// after it came, whatever it says.
    #[must_use]
    pub fn rank(&self) -> impl Ord + use<> {
        let Self { warning, first, told: _ } = self;
        (Reverse(warning.severity.unwrap_or(Severity::Medium)), Reverse(warning.issued.min(*first)), warning.id.clone())
    }
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
    /// When the platform told last, since the appliance started. Before that, the list is as it was recorded before the start.
    pub heard: Option<Timestamp>,
    /// Since when the list is old, where it is.
    pub silent: Option<Silent>,
    /// How many of those that the platform told could not be read or were too many, so that they are not in the list.
    pub left_out: u32,
    /// How many changes of what the platform told last are not in the journal, since there were too many within a day, or since it could not be written. They are in the
    /// list all the same.
    pub unrecorded: u32,
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
        let known = |warning: Warning, came: i64| WarningKnown { first: warning.issued.plus(came), told: warning.issued.plus(came), warning };
        let critical = Some(Severity::Critical);
        let mut all = [of("d", Some(Severity::Low), 0), of("c", None, 0), of("b", critical, 9), of("a", critical, 1)].map(|warning| known(warning, 60));
        all.sort_by_cached_key(WarningKnown::rank);
        assert_eq!(all.each_ref().map(|known| known.warning.id.as_str()), ["a", "b", "c", "d"]);
        // It says that it was issued nine hours after it came, as one does whose time is taken for UTC.
        let ahead = known(of("ahead", critical, 5 - 9 * 3600), -9 * 3600);
        assert!(all[0].rank() < ahead.rank() && ahead.rank() < all[1].rank());
        assert!(of("a", Some(Severity::High), 0).is_urgent() && !of("a", Some(Severity::Medium), 0).is_urgent() && !of("a", None, 0).is_urgent());
    }

    #[test]
    fn what_says_that_it_is_issued_long_after_now_does_not_count() {
        let issued = warning("a").issued;
        let odd = Warning { until: None, ..warning("a") };
        assert!(odd.counts(issued.plus(-SOON)) && !odd.counts(issued.plus(-SOON - 1)));
    }
}
