//! The roll (選挙人名簿) as the resident system exports it.

use tachiai_jpki::Sex;

use super::people::Elector;
use super::places::City;

/// The encodings in which such exports come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// Shift_JIS as Japanese Windows writes it.
    ShiftJis,
}

/// Writes the roll as CSV.
pub fn roll_csv(city: &City, electors: &[Elector], encoding: Encoding) -> Vec<u8> {
    let mut text = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\r\n".to_owned();
    for elector in electors {
        let Elector { number: _, name, kana, birth, sex, address, district } = elector;
        let sex = match sex {
            Sex::Male => "男",
            Sex::Female => "女",
            Sex::Unknown => "不明",
        };
        let district = city.districts().get(*district).map_or("", |district| district.id.as_str());
        text += &format!("{},{name},{kana},{birth},{sex},{address},{district}\r\n", elector.resident_number());
    }
    match encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::ShiftJis => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Day;

    #[test]
    fn no_character_is_lost_in_shift_jis() {
        let city = City::yabu().unwrap();
        let people = city.electors(5, 2000, Day { year: 2026, month: 11, day: 22 });
        let (utf8, sjis) = (roll_csv(&city, &people, Encoding::Utf8), roll_csv(&city, &people, Encoding::ShiftJis));
        assert_eq!(encoding_rs::SHIFT_JIS.decode(&sjis).0.as_bytes(), utf8);
    }
}
