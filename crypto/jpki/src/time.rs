//! Points in time and periods of validity, in whole seconds of UTC.

use std::{fmt, str::FromStr, time::Duration};

use der::DateTime;

/// A point in time: seconds since 1970-01-01T00:00:00Z without leap seconds, until the end of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// 9999-12-31T23:59:59Z, the last second that a certificate can name.
    pub const MAX: Self = Self(253_402_300_799);

    /// The time so many seconds after 1970-01-01T00:00:00Z; times after [`UnixTime::MAX`] become it.
    pub const fn from_secs(seconds: u64) -> Self {
        if seconds > Self::MAX.0 { Self::MAX } else { Self(seconds) }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// The time written exactly as `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339 in UTC); `None` for any other text.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let time = Self::from_secs(DateTime::from_str(text).ok()?.unix_duration().as_secs());
        // The parser must not be trusted to accept one spelling only.
        (time.to_string() == text).then_some(time)
    }

    pub(crate) fn date_time(self) -> DateTime {
        #[expect(clippy::expect_used, reason = "the constructor keeps the value within the years 1970 to 9999")]
        DateTime::from_unix_duration(Duration::from_secs(self.0)).expect("a time until the year 9999")
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date_time().fmt(f)
    }
}

impl From<x509_cert::time::Time> for UnixTime {
    fn from(time: x509_cert::time::Time) -> Self {
        Self::from_secs(time.to_unix_duration().as_secs())
    }
}

/// The period in which a certificate is valid; both ends belong to it (RFC 5280 §4.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First valid second.
    pub not_before: UnixTime,
    /// Last valid second.
    pub not_after: UnixTime,
}

impl Validity {
    /// Whether `at` lies in the period.
    pub fn contains(&self, at: UnixTime) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_printed_in_rfc_3339() {
        assert_eq!(UnixTime::from_secs(1_761_528_942).to_string(), "2025-10-27T01:35:42Z");
    }

    #[test]
    fn only_one_spelling_of_a_time_is_read() {
        assert_eq!(UnixTime::from_rfc3339("2025-10-27T01:35:42Z"), Some(UnixTime::from_secs(1_761_528_942)));
        for other in [
            "2025-10-27T01:35:42z",
            "2025-10-27 01:35:42Z",
            "2025-10-27T01:35:42.0Z",
            "2025-10-27T01:35:42+00:00",
            "2025-02-29T00:00:00Z",
            "+025-10-27T01:35:42Z",
            "1969-12-31T23:59:59Z",
            "",
        ] {
            assert_eq!(UnixTime::from_rfc3339(other), None, "{other}");
        }
    }

    #[test]
    fn a_time_beyond_the_year_9999_becomes_its_last_second() {
        assert_eq!(UnixTime::from_secs(u64::MAX).to_string(), "9999-12-31T23:59:59Z");
    }
}
