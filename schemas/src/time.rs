//! A timestamp is a second of Coordinated Universal Time, written `YYYY-MM-DDTHH:MM:SSZ` (PROTOCOL §1.6).

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Lang;

/// Seconds since 1970-01-01T00:00:00Z, in the years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text or number is not a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form YYYY-MM-DDTHH:MM:SSZ in the years 1970 to 9999")]
pub struct TimestampError;

/// How many seconds Japan Standard Time is ahead of Coordinated Universal Time; there is no summer time.
pub const JAPAN: i64 = 9 * 3600;

const LAST: i64 = 253_402_300_799;

impl Timestamp {
    /// The last second of the year 9999.
    pub const LAST: Self = Self(LAST);

    /// Takes seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimestampError`] outside the years 1970 to 9999.
    pub const fn from_unix(seconds: i64) -> Result<Self, TimestampError> {
        if seconds < 0 || seconds > LAST { Err(TimestampError) } else { Ok(Self(seconds)) }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The time in Japan to the minute, for people.
    #[must_use]
    pub fn in_japan(self, lang: Lang) -> String {
        let text = self.plus(JAPAN).to_string();
        // `YYYY-MM-DDTHH:MM:SSZ` by its definition.
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        match lang {
            Lang::Ja => {
                let number = |from: usize, to: usize| part(from, to).trim_start_matches('0').to_owned();
                let hour = number(11, 13);
                let hour = if hour.is_empty() { "0" } else { &hour };
                format!("{}年{}月{}日{hour}時{}分", part(0, 4), number(5, 7), number(8, 10), part(14, 16))
            }
            Lang::En => format!("{} {} JST", part(0, 10), part(11, 16)),
        }
    }

    /// This time so many seconds later (earlier, if negative), kept inside the range.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(0, LAST))
    }
}

/// The start of the count. Times are reckoned as dates of the calendar, whose last day this library knows to its end; of instants it does not.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match EPOCH.checked_add(SignedDuration::from_secs(self.0)) {
            Ok(time) => write!(f, "{time:.0}Z"),
            Err(_) => Err(std::fmt::Error),
        }
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let time: DateTime = text.strip_suffix('Z').and_then(|text| text.parse().ok()).ok_or(TimestampError)?;
        let parsed = Self::from_unix(time.duration_since(EPOCH).as_secs())?;
        if parsed.to_string() == text { Ok(parsed) } else { Err(TimestampError) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::Timestamp;
    use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

    impl utoipa::PartialSchema for Timestamp {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))
                .description(Some("UTC, to the second"))
                .into()
        }
    }

    impl utoipa::ToSchema for Timestamp {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_survives_its_text() {
        let time = Timestamp::from_unix(1_763_800_000).unwrap();
        assert_eq!(time.to_string(), "2025-11-22T08:26:40Z");
        assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn every_time_of_the_range_has_its_text_in_utc_and_in_japan() {
        // A board may name any of them, also those of the last day.
        for text in ["1970-01-01T00:00:00Z", "2028-02-29T23:59:59Z", "9999-12-30T22:00:00Z", "9999-12-30T22:00:01Z", "9999-12-31T23:59:59Z"] {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
            assert!(time.in_japan(Lang::En).ends_with(" JST") && time.in_japan(Lang::Ja).contains('年'), "{text}");
        }
        assert_eq!(Timestamp::from_unix(LAST).unwrap().to_string(), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn other_spellings_of_a_time_are_refused() {
        for text in [
            "2025-11-22T08:26:40+00:00",
            "2025-11-22T08:26:40.0Z",
            "2025-11-22t08:26:40Z",
            "2025-11-22",
            "1969-12-31T23:59:59Z",
            "2025-11-22T08:26:60Z",
            "2025-11-22T24:00:00Z",
            "10000-01-01T00:00:00Z",
            "2025-11-22T08:26:40ZZ",
            "2025-11-22T08:26:40[UTC]Z",
            "",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError), "{text}");
        }
    }
}
