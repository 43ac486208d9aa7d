//! A hybrid logical clock orders what happened on terminals whose clocks differ: physical milliseconds, and a count where they do not move on
//! (Kulkarni, Demirbas, Madappa, Avva, Leone: Logical Physical Clocks, OPODIS 2014).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A moment: milliseconds since 1970-01-01T00:00:00Z, then a count. Written `YYYY-MM-DDTHH:MM:SS.mmmZ/COUNT`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hlc {
    millis: u64,
    count: u16,
}

/// The text is no such moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form YYYY-MM-DDTHH:MM:SS.mmmZ/COUNT in the years 1970 to 9999")]
pub struct HlcError;

/// The last millisecond of 9999.
const LAST: u64 = 253_402_300_799_999;

impl Hlc {
    /// The moment of so many milliseconds since 1970-01-01T00:00:00Z, with count 0; what is after the year 9999 is its last millisecond.
    #[must_use]
    pub const fn at_millis(millis: u64) -> Self {
        Self { millis: if millis > LAST { LAST } else { millis }, count: 0 }
    }

    /// The start of a second.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self::at_millis(u64::try_from(time.unix()).unwrap_or(0).saturating_mul(1000))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.millis
    }

    /// The second in which it lies.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        // Not after the year 9999 by construction.
        i64::try_from(self.millis / 1000).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()).unwrap_or(Timestamp::LAST)
    }

    /// So many milliseconds later (earlier, if negative), with the same count.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self { millis: self.millis.saturating_add_signed(millis).min(LAST), count: self.count }
    }

    /// The next moment in order.
    #[must_use]
    const fn next(self) -> Self {
        match self.count.checked_add(1) {
            Some(count) => Self { millis: self.millis, count },
            None => Self { millis: self.millis + 1, count: 0 },
        }
    }
}

impl fmt::Display for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.timestamp().to_string();
        write!(f, "{}.{:03}Z/{}", second.trim_end_matches('Z'), self.millis % 1000, self.count)
    }
}

impl fmt::Debug for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hlc {
    type Err = HlcError;

    fn from_str(text: &str) -> Result<Self, HlcError> {
        let (time, count) = text.split_once("Z/").ok_or(HlcError)?;
        let (second, millis) = time.split_once('.').ok_or(HlcError)?;
        let second: Timestamp = format!("{second}Z").parse().map_err(|_| HlcError)?;
        let millis: u64 = millis.parse().map_err(|_| HlcError)?;
        let seconds = u64::try_from(second.unix()).map_err(|_| HlcError)?;
        let parsed = Self { millis: seconds * 1000 + millis, count: count.parse().map_err(|_| HlcError)? };
        if parsed.to_string() == text { Ok(parsed) } else { Err(HlcError) }
    }
}

impl TryFrom<String> for Hlc {
    type Error = HlcError;

    fn try_from(text: String) -> Result<Self, HlcError> {
        text.parse()
    }
}

impl From<Hlc> for String {
    fn from(hlc: Hlc) -> Self {
        hlc.to_string()
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::Hlc;
    use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

    impl utoipa::PartialSchema for Hlc {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z/[0-9]{1,5}$"))
                .description(Some("a hybrid logical clock: UTC to the millisecond, and a count"))
                .into()
        }
    }

    impl utoipa::ToSchema for Hlc {}
}

/// The clock of one terminal: it never gives a moment twice, nor one before what it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HlcClock {
    last: Hlc,
}

impl HlcClock {
    /// A clock that has seen nothing later than `last`.
    #[must_use]
    pub const fn new(last: Hlc) -> Self {
        Self { last }
    }

    /// Takes note of a moment of another terminal.
    pub fn see(&mut self, other: Hlc) {
        self.last = self.last.max(other);
    }

    /// The moment of something that happens now, where the terminal's own clock shows `millis`.
    pub fn tick(&mut self, millis: u64) -> Hlc {
        self.last = Hlc::at_millis(millis).max(self.last.next());
        self.last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_moment_survives_its_text_and_keeps_its_order(a in 0..=LAST, b in 0..=LAST, m: u16, n: u16) {
            let (one, two) = (Hlc { millis: a, count: m }, Hlc { millis: b, count: n });
            prop_assert_eq!(one.to_string().parse(), Ok(one));
            prop_assert_eq!(one.cmp(&two), (a, m).cmp(&(b, n)));
        }

        #[test]
        fn a_clock_goes_on_whatever_its_hardware_does(steps in proptest::collection::vec((0..1_000_000_u64, proptest::option::of(0..1_000_000_u64)), 1..40)) {
            let mut clock = HlcClock::new(Hlc::at_millis(500_000));
            let mut before = Hlc::at_millis(500_000);
            for (millis, seen) in steps {
                if let Some(seen) = seen {
                    clock.see(Hlc::at_millis(seen));
                    before = before.max(Hlc::at_millis(seen));
                }
                let now = clock.tick(millis);
                prop_assert!(now > before && now >= Hlc::at_millis(millis));
                before = now;
            }
        }
    }

    #[test]
    fn other_spellings_of_a_moment_are_refused() {
        for text in
            ["2026-09-01T20:00:00Z", "2026-09-01T20:00:00.0Z/0", "2026-09-01T20:00:00.000Z/00", "2026-09-01T20:00:00.000Z/65536", "2026-09-01T20:00:00.0000Z/0"]
        {
            assert_eq!(text.parse::<Hlc>(), Err(HlcError), "{text}");
        }
    }
}
