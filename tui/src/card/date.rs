//! Times as people read them: Japan Standard Time, nine hours ahead of UTC.

use tachiai_jpki::UnixTime;
use tachiai_schemas::{Lang, Timestamp};

const AHEAD: u64 = 9 * 3600;

/// The time to the minute.
#[must_use]
pub fn minute(time: UnixTime, lang: Lang) -> String {
    let text = UnixTime::from_secs(time.as_secs() + AHEAD).to_string();
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

/// A time of the appliance, to the minute.
#[must_use]
pub fn japan(at: Timestamp, lang: Lang) -> String {
    minute(UnixTime::from_secs(at.unix().unsigned_abs()), lang)
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
