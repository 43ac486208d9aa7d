//! A day as Japanese registers hold it, of the common era or of an emperor's (和暦): month and day may be unknown, written 00.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::JAPAN;
use crate::{Lang, Say, Timestamp};

/// A day from 1868-01-01 to 9999-12-31. Where the register does not know the day it is 00, and where it does not know the month both are. Days compare as
/// they are written, so an unknown one comes before every known one of its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// The text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// No such day was or will be, or it is written in no known way.
    #[error("not a date that exists, or not readable: write it like 1980-04-01")]
    Unreadable,
    /// The day exists, but not in this era.
    #[error("{0} lasted from {1} to {2}: correct the era or the year, or write the date like 1980-04-01")]
    NotOfEra(&'static str, Day, Day),
}

impl Say for DayError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (_, Lang::En) => self.to_string(),
            (Self::Unreadable, Lang::Ja) => "ありえない日付か、読めない書き方です。1980-04-01 のように書いてください。".to_owned(),
            (Self::NotOfEra(era, _, last), Lang::Ja) if last.year == LAST_YEAR => {
                format!("{era}の日付ではありません。元号か年を直すか、1980-04-01 のように西暦で書いてください。")
            }
            (Self::NotOfEra(era, first, last), Lang::Ja) => {
                format!("{era}は{first}から{last}までです。元号か年を直すか、1980-04-01 のように西暦で書いてください。")
            }
        }
    }
}

/// An era: a day of another is not written with it.
struct Era {
    name: &'static str,
    letter: char,
    /// The year before its first.
    before: u16,
    first: Day,
    /// On the day on which 大正 and 昭和 began, the era before was used too, and registers have either.
    last: Day,
}

const fn era(name: &'static str, letter: char, first: (u16, u8, u8), last: (u16, u8, u8)) -> Era {
    let [(year, month, day), (until, of, end)] = [first, last];
    Era { name, letter, before: year - 1, first: Day { year, month, day }, last: Day { year: until, month: of, day: end } }
}

static ERAS: [Era; 5] = [
    era("明治", 'M', (1868, 1, 25), (1912, 7, 30)),
    era("大正", 'T', (1912, 7, 30), (1926, 12, 25)),
    era("昭和", 'S', (1926, 12, 25), (1989, 1, 7)),
    era("平成", 'H', (1989, 1, 8), (2019, 4, 30)),
    era("令和", 'R', (2019, 5, 1), (LAST_YEAR, 12, 31)),
];

/// The first year that a register can name.
const FIRST_YEAR: u16 = 1868;

/// The last year.
const LAST_YEAR: u16 = 9999;

impl Day {
    /// The day with these numbers; month and day may be 0.
    ///
    /// # Errors
    /// [`DayError`] if no such day was or will be.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, DayError> {
        let last = if month == 0 { 0 } else { last_of(year, month) };
        if year < FIRST_YEAR || year > LAST_YEAR || month > 12 || day > last { Err(DayError::Unreadable) } else { Ok(Self { year, month, day }) }
    }

    /// The day of `time` in Japan.
    #[must_use]
    pub fn of(time: Timestamp) -> Self {
        let text = time.plus(JAPAN).to_string();
        text.get(..10).and_then(|text| read(text).ok()).unwrap_or(Self { year: LAST_YEAR, month: 12, day: 31 })
    }

    /// Reads a day in any of the ways in which Japanese offices write one: `1980-04-01`, `1980/4/1`, `19800401`, `昭和55年4月1日`, `S55.4.1`; `昭和12年5月不詳日` where the
    /// day is not known, `昭和12年月日不詳` where the month is not either.
    ///
    /// # Errors
    /// [`DayError`].
    pub fn read(text: &str) -> Result<Self, DayError> {
        read(text)
    }

    /// Whether month and day are known.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.month != 0 && self.day != 0
    }

    /// The latest day that it can be: itself, if it is known.
    #[must_use]
    pub const fn latest(self) -> Self {
        let Self { year, month, day } = self;
        match (month, day) {
            (0, _) => Self { year, month: 12, day: 31 },
            (_, 0) => Self { year, month, day: last_of(year, month) },
            _ => self,
        }
    }

    /// The earliest day that it can be: itself, if it is known.
    #[must_use]
    pub const fn earliest(self) -> Self {
        let Self { year, month, day } = self;
        Self { year, month: if month == 0 { 1 } else { month }, day: if day == 0 { 1 } else { day } }
    }

    /// The day after; the last day of the calendar stays.
    #[must_use]
    pub const fn next(self) -> Self {
        let Self { year, month, day } = self.latest();
        match (month, day) {
            (12, 31) if year < LAST_YEAR => Self { year: year + 1, month: 1, day: 1 },
            (12, 31) => self,
            _ if day == last_of(year, month) => Self { year, month: month + 1, day: 1 },
            _ => Self { year, month, day: day + 1 },
        }
    }

    /// The day before; the first day of the calendar stays.
    #[must_use]
    pub const fn before(self) -> Self {
        let Self { year, month, day } = self.earliest();
        match (month, day) {
            (1, 1) if year > FIRST_YEAR => Self { year: year - 1, month: 12, day: 31 },
            (1, 1) => self,
            (_, 1) => Self { year, month: month - 1, day: last_of(year, month - 1) },
            _ => Self { year, month, day: day - 1 },
        }
    }

    /// Completed years on another day of somebody born on this one, or on the latest day that it can be; `None` before the birth. An age is reached on the day
    /// before the birthday (年齢計算ニ関スル法律, 民法 143).
    #[must_use]
    pub fn years_on(self, on: Self) -> Option<u16> {
        let (born, on) = (self.latest(), on.earliest());
        if on < born {
            return None;
        }
        let Self { year, month, day } = on.next();
        let years = year - born.year;
        Some(if (month, day) < (born.month, born.day) { years.saturating_sub(1) } else { years })
    }

    /// The day on which a period of so many months ends that begins with the start of this day (民法 143 (2)): the day before the corresponding one, or, where
    /// the last month has no such day, the last day of that month.
    #[must_use]
    pub const fn end_of_months(self, months: u16) -> Self {
        let Self { year, month, day } = self.latest();
        let count = year as u32 * 12 + month as u32 - 1 + months as u32;
        let (end_year, end_month) = (count / 12, (count % 12) as u8 + 1);
        if end_year > LAST_YEAR as u32 {
            return Self { year: LAST_YEAR, month: 12, day: 31 };
        }
        let year = end_year as u16;
        let last = last_of(year, end_month);
        if day > last { Self { year, month: end_month, day: last } } else { Self { year, month: end_month, day }.before() }
    }
}

/// The last day of a month from 1 to 12.
const fn last_of(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// In Japanese with the era, and without what is not known.
impl Say for Day {
    fn say(&self, lang: Lang) -> String {
        let Self { year, month, day } = self;
        let era = ERAS.iter().rev().find(|era| self.latest() >= era.first);
        let (Lang::Ja, Some(Era { name, before, .. })) = (lang, era) else { return self.to_string() };
        let number = year.saturating_sub(*before);
        let year = if number == 1 { "元".to_owned() } else { number.to_string() };
        match (month, day) {
            (0, _) => format!("{name}{year}年（月日不詳）"),
            (month, 0) => format!("{name}{year}年{month}月（日不詳）"),
            (month, day) => format!("{name}{year}年{month}月{day}日"),
        }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, month, day } = self;
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl std::str::FromStr for Day {
    type Err = DayError;

    /// Reads `YYYY-MM-DD` and nothing else.
    fn from_str(text: &str) -> Result<Self, DayError> {
        read(text).ok().filter(|day| day.to_string() == text).ok_or(DayError::Unreadable)
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

#[cfg(feature = "openapi")]
mod schema {
    use super::Day;
    use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

    impl utoipa::PartialSchema for Day {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
                .description(Some("A day; 00 for an unknown month or day"))
                .into()
        }
    }

    impl utoipa::ToSchema for Day {}
}

fn read(text: &str) -> Result<Day, DayError> {
    let text: String = text.chars().map(narrow).filter(|c| !c.is_whitespace()).collect();
    let of_era = ERAS.iter().find_map(|era| Some((text.strip_prefix(era.name).or_else(|| text.strip_prefix(era.letter))?, era)));
    let Some((rest, Era { name, before, first, last, .. })) = of_era else {
        let (year, month, day) = parts(&text).ok_or(DayError::Unreadable)?;
        return Day::new(year, month, day);
    };
    let (year, month, day) = parts(rest).ok_or(DayError::Unreadable)?;
    let date = Day::new(before.checked_add(year).ok_or(DayError::Unreadable)?, month, day)?;
    // A day that is not known may be of the era if any that it can be is.
    if date.latest() >= *first && date.earliest() <= *last { Ok(date) } else { Err(DayError::NotOfEra(name, *first, *last)) }
}

/// Year, month and day, separated or as eight digits; the first year of an era may be 元.
fn parts(text: &str) -> Option<(u16, u8, u8)> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some((text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..)?.parse().ok()?));
    }
    let unknown;
    let text = match text.trim_end_matches(['（', '(', ')', '）']) {
        text if text.contains("不詳") => {
            unknown = without_unknown(text)?;
            &unknown
        }
        _ => text,
    };
    let text = text.strip_suffix('日').unwrap_or(text);
    let mut fields = text.split(['-', '/', '.', '年', '月']);
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    let year = if year == "元" { 1 } else { digits(year, 4)? };
    Some((year, digits(month, 2)?.try_into().ok()?, digits(day, 2)?.try_into().ok()?))
}

/// A date of which a part is 不詳, with 0 for it.
fn without_unknown(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('年')?;
    let rest: String = rest.chars().filter(|c| !matches!(c, '（' | '）' | '(' | ')')).collect();
    let rest = rest.replace('頃', "");
    match rest.split_once('月') {
        // 5月不詳日, 5月日不詳, 5月不詳; but 月日不詳 begins with the sign.
        Some((month, day)) if !month.is_empty() && !month.contains("不詳") && matches!(day, "不詳日" | "日不詳" | "不詳") => {
            Some(format!("{year}年{month}月0"))
        }
        Some(("" | "不詳", "日不詳" | "不詳日" | "不詳")) => Some(format!("{year}年0月0")),
        None if rest == "不詳" => Some(format!("{year}年0月0")),
        _ => None,
    }
}

fn digits(text: &str, most: usize) -> Option<u16> {
    ((1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '／' => '/',
        '－' => '-',
        '．' => '.',
        other => other,
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
    fn every_way_of_writing_a_day_gives_the_same_day() {
        for text in ["1980-04-01", "1980/4/1", "19800401", "昭和55年4月1日", "S55.4.1", "１９８０－０４－０１", "昭和 55年 4月 1日"] {
            assert_eq!(Day::read(text), Ok(day("1980-04-01")), "{text}");
        }
        assert_eq!(Day::read("令和元年5月1日"), Ok(day("2019-05-01")));
        for text in ["昭和12年5月不詳日", "昭和12年5月日不詳", "昭和12年5月（日不詳）", "昭和12年5月不詳", "1937年5月不詳日"]
        {
            assert_eq!(Day::read(text), Ok(day("1937-05-00")), "{text}");
        }
        for text in ["昭和12年月日不詳", "昭和12年不詳月不詳日", "昭和12年（月日不詳）", "昭和12年不詳"] {
            assert_eq!(Day::read(text), Ok(day("1937-00-00")), "{text}");
        }
        for text in ["不詳", "昭和不詳年5月1日", "昭和12年不詳月1日", "昭和12年13月不詳日"] {
            assert_eq!(Day::read(text), Err(DayError::Unreadable), "{text}");
        }
    }

    #[test]
    fn a_day_is_said_with_its_era_and_read_again() {
        for (text, said) in [
            ("1937-05-03", "昭和12年5月3日"),
            ("1937-05-00", "昭和12年5月（日不詳）"),
            ("1937-00-00", "昭和12年（月日不詳）"),
            ("1912-07-30", "大正元年7月30日"),
            ("1912-07-29", "明治45年7月29日"),
            ("2019-05-01", "令和元年5月1日"),
        ] {
            assert_eq!((day(text).say(Lang::Ja).as_str(), day(text).say(Lang::En).as_str(), Day::read(said)), (said, text, Ok(day(text))));
        }
    }

    #[test]
    fn days_that_never_were_are_refused() {
        for text in ["1980-02-30", "1981-02-29", "1980-13-01", "1980-00-10", "1980-04-31", "1980-04", "", "0000-01-01", "1980-4-1-1", "19800229x", "80/4/1"] {
            assert_eq!(Day::read(text), Err(DayError::Unreadable), "{text}");
        }
    }

    #[test]
    fn a_day_of_another_era_is_refused_with_the_days_of_the_one_that_was_written() {
        for (last, over) in [
            ("明治45年7月30日", "明治45年7月31日"),
            ("大正15年12月25日", "大正15年12月26日"),
            ("昭和64年1月7日", "昭和64年1月8日"),
            ("平成31年4月30日", "平成31年5月1日"),
        ] {
            assert!(Day::read(last).is_ok(), "{last}");
            assert!(matches!(Day::read(over), Err(DayError::NotOfEra(..))), "{over}");
        }
        for (first, early) in [
            ("明治元年1月25日", "明治元年1月24日"),
            ("大正元年7月30日", "大正元年7月29日"),
            ("昭和元年12月25日", "昭和元年12月24日"),
            ("平成元年1月8日", "平成1年1月7日"),
            ("令和元年5月1日", "令和元年4月30日"),
        ] {
            assert!(Day::read(first).is_ok(), "{first}");
            assert!(matches!(Day::read(early), Err(DayError::NotOfEra(..))), "{early}");
        }
        let error = Day::read("昭和70年4月1日").unwrap_err();
        assert_eq!(error.say(Lang::Ja), "昭和は1926-12-25から1989-01-07までです。元号か年を直すか、1980-04-01 のように西暦で書いてください。");
        assert_eq!(error.to_string(), "昭和 lasted from 1926-12-25 to 1989-01-07: correct the era or the year, or write the date like 1980-04-01");
        assert!(Day::read("S70.4.1").is_err() && Day::read("H40.1.1").is_err() && Day::read("令和40年1月1日").is_ok());
        // A day that is not known is of the era if any of its days is.
        for text in ["昭和64年1月不詳日", "平成元年1月不詳日", "昭和64年月日不詳", "平成31年月日不詳", "令和元年月日不詳"]
        {
            assert!(Day::read(text).is_ok(), "{text}");
        }
        assert!(Day::read("昭和64年2月不詳日").is_err() && Day::read("平成31年5月不詳日").is_err());
    }

    #[test]
    fn an_unknown_day_or_month_is_00_and_lies_between_its_earliest_and_latest() {
        let (month, year) = (day("1911-05-00"), day("1911-00-00"));
        assert_eq!((month.earliest(), month.latest()), (day("1911-05-01"), day("1911-05-31")));
        assert_eq!((year.earliest(), year.latest()), (day("1911-01-01"), day("1911-12-31")));
        assert_eq!(day("2008-02-00").latest(), day("2008-02-29"));
        assert!(!month.is_known() && !year.is_known() && day("1911-05-01").is_known());
        assert_eq!(Day::read("1911-00-01"), Err(DayError::Unreadable));
    }

    #[test]
    fn the_day_of_a_time_is_japans() {
        assert_eq!(Day::of("2027-01-31T15:00:00Z".parse().unwrap()), day("2027-02-01"));
        assert_eq!(Day::of("2027-01-31T14:59:59Z".parse().unwrap()), day("2027-01-31"));
    }

    #[test]
    fn a_period_of_months_ends_the_day_before_the_corresponding_one_or_with_the_month() {
        for (from, months, end) in [
            ("2026-04-03", 3, "2026-07-02"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2026-11-29", 3, "2027-02-28"),
            ("2026-12-01", 3, "2027-02-28"),
            ("2027-11-29", 3, "2028-02-28"),
            ("2027-11-30", 3, "2028-02-29"),
            ("2027-03-01", 3, "2027-05-31"),
            ("2008-02-29", 216, "2026-02-28"),
            ("2008-03-01", 216, "2026-02-28"),
            ("2008-01-01", 216, "2025-12-31"),
        ] {
            assert_eq!(day(from).end_of_months(months), day(end), "{months} months from {from}");
        }
    }

    proptest! {
        #[test]
        fn the_day_after_the_day_before_is_the_day(year in 1869u16..9999, month in 1u8..=12, number in 1u8..=31) {
            if let Ok(day) = Day::new(year, month, number) {
                prop_assert_eq!(day.before().next(), day);
                prop_assert_eq!(day.next().before(), day);
                prop_assert!(day.before() < day && day < day.next());
                prop_assert_eq!(day.to_string().parse(), Ok(day));
            }
        }

        #[test]
        fn a_longer_period_ends_later(year in 1900u16..2100, month in 1u8..=12, number in 1u8..=28, months in 1u16..400) {
            let day = Day::new(year, month, number).unwrap();
            prop_assert!(day <= day.end_of_months(months));
            prop_assert!(day.end_of_months(months) < day.end_of_months(months + 1));
        }
    }
}
