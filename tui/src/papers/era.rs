//! A day of the calendar as an office in Japan writes it: the year counted from the beginning of an emperor's era (和暦).
//!
//! The first days of the eras are those of the orders by which the name was changed: 大正 30 July 1912, 昭和 25 December 1926, 平成 8 January 1989 (昭和64年政令第1号), 令和
//! 1 May 2019 (平成31年政令第143号). For 明治 only the years since the Gregorian calendar (1 January 1873) are written so; an era to come is not known here.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tachiai_schemas::time::JAPAN;
use tachiai_schemas::{Lang, Timestamp};

/// A day of the Gregorian calendar in the years 1868 to 9999, in Japan; in JSON `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// The text or the numbers are no day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the form YYYY-MM-DD in the years 1868 to 9999")]
pub struct DayError;

/// An era: its name in both languages, its first day, and the year before its first.
struct Era {
    ja: &'static str,
    en: &'static str,
    first: Day,
    before: u16,
}

const fn era(ja: &'static str, en: &'static str, year: u16, month: u8, day: u8, before: u16) -> Era {
    Era { ja, en, first: Day { year, month, day }, before }
}

/// The newest first.
const ERAS: [Era; 5] = [
    era("令和", "Reiwa", 2019, 5, 1, 2018),
    era("平成", "Heisei", 1989, 1, 8, 1988),
    era("昭和", "Showa", 1926, 12, 25, 1925),
    era("大正", "Taisho", 1912, 7, 30, 1911),
    era("明治", "Meiji", 1873, 1, 1, 1867),
];

impl Day {
    /// Takes year, month and day.
    ///
    /// # Errors
    /// [`DayError`] if there is no such day, or it is outside the years 1868 to 9999.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, DayError> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(DayError),
        };
        if year < 1868 || year > 9999 || day == 0 || day > last { Err(DayError) } else { Ok(Self { year, month, day }) }
    }

    /// The day in Japan (UTC+9) on which `at` falls.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        // `YYYY-MM-DD` by its definition, in years that this type has, too.
        at.plus(JAPAN).to_string().get(..10).and_then(|text| text.parse().ok()).unwrap_or(Self { year: 9999, month: 12, day: 31 })
    }

    /// Year, month and day of the common era.
    #[must_use]
    pub const fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// The day for people: `令和8年11月26日（木）`, the first year of an era as 元年; in English `Thursday, 26 November 2026 (Reiwa 8)`.
    #[must_use]
    pub fn written(self, lang: Lang) -> String {
        let Self { year, month, day } = self;
        let era = ERAS.iter().find(|era| self >= era.first);
        let (weekday_ja, weekday_en) = self.weekday();
        match (lang, era) {
            (Lang::Ja, Some(era)) => {
                let of_era = match year - era.before {
                    1 => "元".to_owned(),
                    number => number.to_string(),
                };
                format!("{}{of_era}年{month}月{day}日（{weekday_ja}）", era.ja)
            }
            (Lang::Ja, None) => format!("{year}年{month}月{day}日（{weekday_ja}）"),
            (Lang::En, Some(era)) => format!("{weekday_en}, {day} {} {year} ({} {})", self.month_name(), era.en, year - era.before),
            (Lang::En, None) => format!("{weekday_en}, {day} {} {year}", self.month_name()),
        }
    }

    /// The day of the week, by Sakamoto's method.
    fn weekday(self) -> (&'static str, &'static str) {
        const SHIFT: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = u32::from(self.year) - u32::from(self.month < 3);
        let shift = SHIFT.get(usize::from(self.month) - 1).copied().unwrap_or_default();
        match (year + year / 4 - year / 100 + year / 400 + shift + u32::from(self.day)) % 7 {
            0 => ("日", "Sunday"),
            1 => ("月", "Monday"),
            2 => ("火", "Tuesday"),
            3 => ("水", "Wednesday"),
            4 => ("木", "Thursday"),
            5 => ("金", "Friday"),
            _ => ("土", "Saturday"),
        }
    }

    fn month_name(self) -> &'static str {
        const NAMES: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
        NAMES.get(usize::from(self.month) - 1).copied().unwrap_or_default()
    }
}

/// The hour and minute in Japan: `20時05分`, in English `20:05`.
#[must_use]
pub fn hour_written(at: Timestamp, lang: Lang) -> String {
    let text = at.plus(JAPAN).to_string();
    // `YYYY-MM-DDTHH:MM:SSZ` by its definition.
    let (hour, minute) = (text.get(11..13).unwrap_or_default(), text.get(14..16).unwrap_or_default());
    match lang {
        Lang::Ja => format!("{}時{minute}分", hour.strip_prefix('0').unwrap_or(hour)),
        Lang::En => format!("{hour}:{minute}"),
    }
}

/// Day and minute in Japan: `令和8年11月26日（木）20時05分`.
#[must_use]
pub fn written(at: Timestamp, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("{}{}", Day::of(at).written(lang), hour_written(at, lang)),
        Lang::En => format!("{}, {} JST", Day::of(at).written(lang), hour_written(at, lang)),
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl std::str::FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let part = |from: usize, to: usize| text.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit())).ok_or(DayError);
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return Err(DayError);
        }
        let number = |text: &str| text.parse::<u16>().map_err(|_| DayError);
        let small = |text: &str| text.parse::<u8>().map_err(|_| DayError);
        Self::new(number(part(0, 4)?)?, small(part(5, 7)?)?, small(part(8, 10)?)?)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn an_era_begins_on_its_first_day_and_its_first_year_is_gannen() {
        for (text, ja) in [
            ("2019-05-01", "令和元年5月1日（水）"),
            ("2019-04-30", "平成31年4月30日（火）"),
            ("1989-01-08", "平成元年1月8日（日）"),
            ("1989-01-07", "昭和64年1月7日（土）"),
            ("1926-12-25", "昭和元年12月25日（土）"),
            ("1926-12-24", "大正15年12月24日（金）"),
            ("1912-07-30", "大正元年7月30日（火）"),
            ("1912-07-29", "明治45年7月29日（月）"),
            ("1873-01-01", "明治6年1月1日（水）"),
            ("1872-12-31", "1872年12月31日（火）"),
            ("2020-01-01", "令和2年1月1日（水）"),
            ("2026-11-26", "令和8年11月26日（木）"),
        ] {
            assert_eq!(day(text).written(Lang::Ja), ja);
        }
        assert_eq!(day("2026-11-26").written(Lang::En), "Thursday, 26 November 2026 (Reiwa 8)");
        assert_eq!(day("2019-05-01").written(Lang::En), "Wednesday, 1 May 2019 (Reiwa 1)");
    }

    #[test]
    fn a_day_begins_at_midnight_in_japan() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(written(at("2019-04-30T14:59:59Z"), Lang::Ja), "平成31年4月30日（火）23時59分");
        assert_eq!(written(at("2019-04-30T15:00:00Z"), Lang::Ja), "令和元年5月1日（水）0時00分");
        assert_eq!(written(at("2026-11-26T11:05:00Z"), Lang::Ja), "令和8年11月26日（木）20時05分");
        assert_eq!(written(at("2026-11-26T11:05:00Z"), Lang::En), "Thursday, 26 November 2026 (Reiwa 8), 20:05 JST");
    }

    #[test]
    fn days_that_never_were_and_other_spellings_are_refused() {
        for text in [
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2026-01-00",
            "1867-12-31",
            "2026-1-01",
            "2026/01/01",
            "",
            "２０２６-01-01",
            "+026-01-01",
        ] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
        day("2028-02-29");
        day("2000-02-29");
    }

    proptest! {
        #[test]
        fn a_day_survives_its_text_and_weekdays_follow_each_other(seconds in 0_i64..253_402_000_000) {
            let (today, tomorrow) = (Day::of(Timestamp::from_unix(seconds).unwrap()), Day::of(Timestamp::from_unix(seconds + 86_400).unwrap()));
            prop_assert_eq!(day(&today.to_string()), today);
            prop_assert!(today < tomorrow);
            let week = ["日", "月", "火", "水", "木", "金", "土", "日"];
            let place = week.iter().position(|name| *name == today.weekday().0).unwrap();
            prop_assert_eq!(week[place + 1], tomorrow.weekday().0);
        }
    }
}
