//! A birth date as Japanese offices write it: of the common era or of an emperor's (和暦).

use crate::Timestamp;
use crate::time::JAPAN;

/// Year, month and day; tuples compare as dates do.
pub(super) type Date = (u16, u8, u8);

/// Name, letter, the year before the first, and the first day: a date before it is not of the era.
type Era = (&'static str, char, u16, Date);

static ERAS: [Era; 5] = [
    ("明治", 'M', 1867, (1868, 1, 25)),
    ("大正", 'T', 1911, (1912, 7, 30)),
    ("昭和", 'S', 1925, (1926, 12, 25)),
    ("平成", 'H', 1988, (1989, 1, 8)),
    ("令和", 'R', 2018, (2019, 5, 1)),
];

/// The day of `time` in Japan.
pub(super) fn of(time: Timestamp) -> Date {
    let text = time.plus(JAPAN).to_string();
    text.get(..10).and_then(birth_date).unwrap_or((9999, 12, 31))
}

/// Reads a date; `None` if it is not readable or no such day existed.
pub(super) fn birth_date(text: &str) -> Option<Date> {
    let text: String = text.chars().map(narrow).filter(|c| !c.is_whitespace()).collect();
    let date = match ERAS.iter().find_map(|era| era_of(&text, era)) {
        Some((rest, (_, _, before, first))) => {
            let (year, month, day) = parts(rest)?;
            let date = (before.checked_add(year)?, month, day);
            (date >= *first).then_some(date)?
        }
        None => parts(&text)?,
    };
    exists(date).then_some(date)
}

fn era_of<'a>(text: &'a str, era: &'static Era) -> Option<(&'a str, &'static Era)> {
    let rest = text.strip_prefix(era.0).or_else(|| text.strip_prefix(era.1))?;
    Some((rest, era))
}

/// Year, month and day, separated or as eight digits; the first year of an era may be 元.
fn parts(text: &str) -> Option<Date> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some((text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..)?.parse().ok()?));
    }
    let text = text.strip_suffix('日').unwrap_or(text);
    let mut fields = text.split(['-', '/', '.', '年', '月']);
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    let year = if year == "元" { 1 } else { digits(year, 4)? };
    Some((year, digits(month, 2)?.try_into().ok()?, digits(day, 2)?.try_into().ok()?))
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

fn exists((year, month, day): Date) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    // The register writes 00 for what it does not know.
    let last = match month {
        0 => 0,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1868..=9999).contains(&year) && day <= last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_day_gives_the_same_day() {
        for text in ["1980-04-01", "1980/4/1", "19800401", "昭和55年4月1日", "S55.4.1", "１９８０－０４－０１", "昭和 55年 4月 1日"] {
            assert_eq!(birth_date(text), Some((1980, 4, 1)), "{text}");
        }
        assert_eq!(birth_date("令和元年5月1日"), Some((2019, 5, 1)));
    }

    #[test]
    fn days_that_never_were_are_refused() {
        for text in [
            "1980-02-30",
            "1981-02-29",
            "1980-13-01",
            "1980-00-10",
            "1980-04-31",
            "1980-04",
            "",
            "0000-01-01",
            "1980-4-1-1",
            "19800229x",
            "平成1年1月7日",
            "令和元年4月30日",
            "80/4/1",
            "昭和元年12月24日",
        ] {
            assert_eq!(birth_date(text), None, "{text}");
        }
    }

    #[test]
    fn an_unknown_day_or_month_is_00() {
        assert_eq!((birth_date("1911-05-00"), birth_date("1911-00-00")), (Some((1911, 5, 0)), Some((1911, 0, 0))));
        assert_eq!(birth_date("1911-00-01"), None);
    }

    #[test]
    fn the_day_of_a_time_is_japans() {
        assert_eq!(of("2027-01-31T15:00:00Z".parse().unwrap()), (2027, 2, 1));
        assert_eq!(of("2027-01-31T14:59:59Z".parse().unwrap()), (2027, 1, 31));
    }
}
