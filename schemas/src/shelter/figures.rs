//! Figures as people write them in tables: numbers of any width, capacities in words, positions in degrees, moments of the Japanese calendar.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::roll::Day;
use crate::roster::shelter::Position;
use crate::time::JAPAN;

/// How many people a place takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Capacity {
    /// Under a roof (屋内), or where the source does not tell the two apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<u32>,
    /// In the open (屋外).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<u32>,
    /// What the source says besides the figures, such as 面積の1/2.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Full-width digits, letters and signs made narrow; spaces left out.
#[must_use]
pub fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '−' | '‐' => '-',
        other => other,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

/// A number of people or things: `480`, `1,065`, `４８０人`, `12.0`.
#[must_use]
pub fn count(text: &str) -> Option<u32> {
    let text = narrow(text);
    let text = text.strip_suffix(['人', '名']).unwrap_or(&text);
    // Tables that went through a spreadsheet write whole numbers so.
    let text = text.strip_suffix(".0").unwrap_or(text);
    let digits: String = text.split(',').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || !is_grouped(text) {
        return None;
    }
    digits.parse().ok()
}

/// Commas stand before groups of three digits, or nowhere.
fn is_grouped(text: &str) -> bool {
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    rest.peek().is_none() || (first.len() <= 3 && !first.is_empty() && rest.all(|group| group.len() == 3))
}

/// A capacity: a number, or `屋内480人／屋外3,350人(面積の1/2)`.
#[must_use]
pub fn capacity(text: &str) -> Option<Capacity> {
    let text = narrow(text);
    let (mut figures, mut notes, mut depth) = (String::new(), Vec::new(), 0_u32);
    for c in text.chars() {
        match c {
            '(' => {
                depth += 1;
                notes.push(String::new());
            }
            ')' => depth = depth.checked_sub(1)?,
            _ if depth > 0 => notes.last_mut()?.push(c),
            _ => figures.push(c),
        }
    }
    if depth > 0 {
        return None;
    }
    let mut capacity = Capacity { note: notes.join("、"), ..Capacity::default() };
    for part in figures.split(['/', '、', '・']) {
        let (place, number) = match part {
            _ if part.starts_with("屋内") => (&mut capacity.inside, part.trim_start_matches("屋内")),
            _ if part.starts_with("屋外") => (&mut capacity.outside, part.trim_start_matches("屋外")),
            _ => (&mut capacity.inside, part),
        };
        if place.replace(count(number)?).is_some() {
            return None;
        }
    }
    Some(capacity)
}

/// Degrees as hundred-thousandths, rounded half away from zero, without a float between.
#[must_use]
pub fn degrees(text: &str) -> Option<i32> {
    let text = narrow(text);
    let (sign, text) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let kept: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let millionths: i32 = whole.parse::<i32>().ok()? * 1_000_000 + kept.parse::<i32>().ok()?;
    Some(sign * ((millionths + 5) / 10))
}

/// A position in Japan; `None` for one that lies elsewhere, as it does where latitude and longitude were swapped.
#[must_use]
pub fn position(latitude: &str, longitude: &str) -> Option<Position> {
    let (latitude, longitude) = (degrees(latitude)?, degrees(longitude)?);
    let in_japan = (2_000_000..4_600_000).contains(&latitude) && (12_200_000..15_500_000).contains(&longitude);
    in_japan.then_some(Position { latitude, longitude })
}

/// A moment in Japan: `令和6年1月9日午後6時`, `令和6年1月9日18時30分`, `2024-01-09T18:00`, `2024/1/9 18:00`; a trailing 時点 or 現在 is left out.
#[must_use]
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let text = text.strip_suffix("時点").or_else(|| text.strip_suffix("現在")).unwrap_or(text);
    let (day, clock) = split_day(text)?;
    let day = Day::read(day).ok().filter(|day| day.is_known())?;
    let (hour, minute) = hours(&narrow(clock))?;
    let midnight: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 - JAPAN;
    Timestamp::from_unix(midnight.unix() + seconds).ok()
}

/// Where the day ends: after 日, or at a T or space.
fn split_day(text: &str) -> Option<(&str, &str)> {
    match text.split_once('日') {
        Some((day, clock)) => text.get(..day.len() + '日'.len_utf8()).map(|day| (day, clock)),
        None => text.split_once(['T', ' ', '\u{3000}']),
    }
}

/// Hour and minute: `午後6時`, `18時30分`, `18:00`, `正午`, `午前0時半`.
fn hours(text: &str) -> Option<(u32, u32)> {
    if text == "正午" {
        return Some((12, 0));
    }
    let half = text.strip_prefix("午後").map(|rest| (12, rest)).or_else(|| text.strip_prefix("午前").map(|rest| (0, rest)));
    let (shift, text) = half.unwrap_or((0, text));
    let (hour, minute) = text.split_once('時').or_else(|| text.split_once(':'))?;
    let number = |text: &str| if text.is_empty() || text.len() > 2 { None } else { text.parse::<u32>().ok() };
    let minute = match minute {
        "" => 0,
        "半" => 30,
        text => number(text.strip_suffix('分').or_else(|| text.strip_suffix(":00")).unwrap_or(text))?,
    };
    let hour = number(hour)?;
    // 午後12時 is midnight to some and noon to others: it is not guessed.
    if minute > 59 || (half.is_some() && hour > 11) || hour > 23 {
        return None;
    }
    Some((hour + shift, minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_however_they_are_written() {
        for (text, number) in [("480", 480), ("1,065", 1_065), ("４８０人", 480), ("18,550名", 18_550), ("12.0", 12), (" 7 ", 7), ("0", 0)] {
            assert_eq!(count(text), Some(number), "{text}");
        }
        for text in ["", "-1", "約100", "1,06", "1065,2", "12.5", "多数", ",100", "99999999999"] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    #[test]
    fn capacities_in_words_are_read() {
        let both = |inside, outside, note: &str| Some(Capacity { inside, outside, note: note.to_owned() });
        assert_eq!(capacity("屋内480人／屋外3,350人(面積の1/2)"), both(Some(480), Some(3_350), "面積の1/2"));
        assert_eq!(capacity("屋内1,065人／屋外2,210人（面積の1/2）"), both(Some(1_065), Some(2_210), "面積の1/2"));
        assert_eq!(capacity("屋内90人／屋外1570人(面積の1/2)"), both(Some(90), Some(1_570), "面積の1/2"));
        assert_eq!(capacity("200"), both(Some(200), None, ""));
        for text in ["多数", "屋内480人／屋内1人", "屋内(480人", "", "約300人"] {
            assert_eq!(capacity(text), None, "{text}");
        }
    }

    #[test]
    fn degrees_are_rounded_without_a_float() {
        for (text, value) in [("37.04185", 3_704_185), ("136.9618191", 13_696_182), ("37.046835", 3_704_684), ("35", 3_500_000), ("-1.5", -150_000)] {
            assert_eq!(degrees(text), Some(value), "{text}");
        }
        assert_eq!(position("136.97373", "37.04185"), None, "swapped");
        assert_eq!(position("35.393136", "134.842378"), Some(Position { latitude: 3_539_314, longitude: 13_484_238 }));
    }

    #[test]
    fn moments_are_japans() {
        for (text, time) in [
            ("令和6年1月9日午後6時時点", "2024-01-09T09:00:00Z"),
            ("令和6年1月13日午前6時", "2024-01-12T21:00:00Z"),
            ("令和6年1月9日18時30分現在", "2024-01-09T09:30:00Z"),
            ("２０２４年１月９日１８：０５", "2024-01-09T09:05:00Z"),
            ("2024-01-09T18:00", "2024-01-09T09:00:00Z"),
            ("2024/1/9 18:00:00", "2024-01-09T09:00:00Z"),
            ("令和6年1月9日正午", "2024-01-09T03:00:00Z"),
        ] {
            assert_eq!(moment(text), Some(time.parse().unwrap()), "{text}");
        }
        for text in ["令和6年1月9日", "令和6年1月9日午後12時", "令和6年1月9日25時", "令和6年2月30日午前6時", "昨日の午後6時", "令和6年1月9日午前13時", ""]
        {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
