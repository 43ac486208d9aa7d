//! When somebody was born: a day of any era, as much of it as is known, or an age.

use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Birth;

use super::wrong;
use crate::failure::Failure;

pub(super) fn birth(key: &str, value: &str, today: Day) -> Result<Birth, Failure> {
    if matches!(value, "" | "unknown" | "不明") {
        return Ok(Birth::Unknown);
    }
    let day = Day::read(value).map_err(|_| {
        wrong(
            key,
            "日付を読めません。1980-04-01、昭和55年4月1日、S55.4.1 のように書いてください。日が不明なら 1980-04-00、月日が不明なら 1980-00-00 です。",
            "not a date that exists. Write 1980-04-01, 昭和55年4月1日 or S55.4.1; 1980-04-00 with an unknown day, 1980-00-00 with month and day unknown.",
        )
    })?;
    if day.earliest() > today {
        return Err(wrong(key, "この日付は未来です。年と元号を確かめてください。", "this birth date lies in the future."));
    }
    let oldest = u16::from(Birth::OLDEST);
    if Birth::Day(day).years(today).is_some_and(|years| years > oldest) {
        return Err(wrong(
            key,
            &format!("{oldest}歳を超えています。元号を確かめてください。"),
            &format!("this is more than {oldest} years ago. Check the era."),
        ));
    }
    Ok(Birth::Day(day))
}

pub(super) fn age(key: &str, value: &str) -> Result<Birth, Failure> {
    if matches!(value, "" | "unknown" | "不明") {
        return Ok(Birth::Unknown);
    }
    let narrow = tachiai_schemas::shelter::reading::key(value);
    // `key` leaves a hyphen out, and with it would make a negative age a positive one.
    let signed = value.chars().any(|c| matches!(c, '-' | '−' | '－' | '–' | '—' | '‐' | 'ー' | '+'));
    match narrow.trim_end_matches('歳').parse::<u8>() {
        Ok(years) if !signed && years <= Birth::OLDEST => Ok(Birth::Years(years)),
        _ => Err(wrong(key, &format!("0から{}までの年齢を書いてください。", Birth::OLDEST), &format!("write an age from 0 to {}.", Birth::OLDEST))),
    }
}

/// Of a birth and an age that are both said, the birth. They must agree: within a year where the month or the day of the birth is not known.
pub(super) fn one_of(born: Birth, aged: Birth, today: Day) -> Result<Birth, Failure> {
    let (Birth::Day(day), Some(years), Some(age)) = (born, born.years(today), aged.years(today)) else {
        return Ok(if born == Birth::Unknown { aged } else { born });
    };
    if years.abs_diff(age) > u16::from(!day.is_known()) {
        return Err(wrong(
            "age",
            &format!("年齢は{age}歳と書かれていますが、生年月日では{years}歳です。どちらかを直すか、年齢を空にしてください。"),
            &format!("this says {age}, and the birth date says {years}. Correct one of them, or leave the age out."),
        ));
    }
    Ok(born)
}
