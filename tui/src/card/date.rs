//! The ends of certificates as holders of cards read them.

use tachiai_jpki::UnixTime;
use tachiai_schemas::{Lang, Timestamp};

/// The time in Japan to the minute.
#[must_use]
pub fn minute(time: UnixTime, lang: Lang) -> String {
    let seconds = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok());
    // A certificate may say a year that no calendar here has.
    seconds.map_or_else(|| time.to_string(), |time| time.in_japan(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_one_in_japan() {
        let end = UnixTime::from_rfc3339("2030-02-17T15:00:59Z").unwrap();
        assert_eq!(minute(end, Lang::Ja), "2030年2月18日0時00分");
        assert_eq!(minute(end, Lang::En), "2030-02-18 00:00 JST");
    }
}
