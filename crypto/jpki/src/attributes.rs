//! The four attributes of a person (基本4情報) in a signing certificate: name, address, birth date and sex, as the
//! otherNames of its subjectAltName.

use std::fmt;

use x509_cert::ext::pkix::name::{GeneralName, OtherName};

use crate::{
    error::{Attribute, JpkiError},
    policy::Oid,
};

pub(crate) const NAME: Oid = Oid::new_unwrap("1.2.392.200149.8.5.5.1");
pub(crate) const NAME_SUBSTITUTES: Oid = Oid::new_unwrap("1.2.392.200149.8.5.5.2");
pub(crate) const SEX: Oid = Oid::new_unwrap("1.2.392.200149.8.5.5.3");
pub(crate) const BIRTH_DATE: Oid = Oid::new_unwrap("1.2.392.200149.8.5.5.4");
pub(crate) const ADDRESS: Oid = Oid::new_unwrap("1.2.392.200149.8.5.5.5");
pub(crate) const ADDRESS_SUBSTITUTES: Oid = Oid::new_unwrap("1.2.392.200149.8.5.5.6");

/// Name, address, birth date and sex, exactly as the certificate has them; spaces are normalised only where a person is
/// hashed (PROTOCOL §5.1). `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct FourAttributes {
    /// 氏名; family name and given name are separated by U+3000.
    pub name: String,
    /// Which characters of the name stand for others.
    pub name_substitutes: Substitutes,
    /// 住所.
    pub address: String,
    /// Which characters of the address stand for others.
    pub address_substitutes: Substitutes,
    /// 生年月日.
    pub birth_date: BirthDate,
    /// 性別.
    pub sex: Sex,
}

/// Marks, one for each character of a text: `0` as registered, anything else a substitute for a character that the
/// certificate cannot hold (代替文字).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Substitutes(String);

/// 性別.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男 (`1`).
    Male,
    /// 女 (`2`).
    Female,
    /// 不明 (`3`).
    Unknown,
}

/// 生年月日, written on the card as `EYYYYMMDD`: E the era (1 明治, 2 大正, 3 昭和, 4 平成, 5 令和, 0 unknown) and the
/// date in the Gregorian calendar.
#[derive(Clone, PartialEq, Eq)]
pub struct BirthDate {
    /// The nine digits.
    digits: String,
}

impl FourAttributes {
    pub(crate) fn from_subject_alt_name(names: &[GeneralName]) -> Result<Self, JpkiError> {
        let text = |oid: Oid, attribute: Attribute| -> Result<Option<String>, JpkiError> {
            let mut values = names.iter().filter_map(|name| match name {
                GeneralName::OtherName(OtherName { type_id, value }) if *type_id == oid => Some(value),
                _ => None,
            });
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                (Some(value), None) => match value.decode_as::<String>() {
                    Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => Ok(Some(text)),
                    _ => Err(JpkiError::BadAttribute(attribute)),
                },
                (Some(_), Some(_)) => Err(JpkiError::BadAttribute(attribute)),
            }
        };
        let needed = |oid, attribute| text(oid, attribute)?.ok_or(JpkiError::BadAttribute(attribute));
        Ok(Self {
            name: needed(NAME, Attribute::Name)?,
            name_substitutes: Substitutes(text(NAME_SUBSTITUTES, Attribute::Name)?.unwrap_or_default()),
            address: needed(ADDRESS, Attribute::Address)?,
            address_substitutes: Substitutes(text(ADDRESS_SUBSTITUTES, Attribute::Address)?.unwrap_or_default()),
            birth_date: BirthDate::from_digits(&needed(BIRTH_DATE, Attribute::BirthDate)?).ok_or(JpkiError::BadAttribute(Attribute::BirthDate))?,
            sex: Sex::from_digit(&needed(SEX, Attribute::Sex)?).ok_or(JpkiError::BadAttribute(Attribute::Sex))?,
        })
    }
}

impl fmt::Debug for FourAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FourAttributes(<withheld>)")
    }
}

impl Substitutes {
    /// Marks as on the card.
    pub fn from_marks(marks: impl Into<String>) -> Self {
        Self(marks.into())
    }

    /// Marks for a text of which no character is a substitute.
    pub fn none_in(text: &str) -> Self {
        Self("0".repeat(text.chars().count()))
    }

    /// The marks as on the card.
    pub fn marks(&self) -> &str {
        &self.0
    }

    /// Whether any character is a substitute, so that the text must be compared by a person.
    pub fn any(&self) -> bool {
        self.0.chars().any(|mark| mark != '0')
    }

    /// Whether the character at `index`, counted from 0, is a substitute.
    pub fn at(&self, index: usize) -> bool {
        self.0.chars().nth(index).is_some_and(|mark| mark != '0')
    }
}

impl Sex {
    /// `1`, `2` or `3`; `None` for any other text.
    pub fn from_digit(digit: &str) -> Option<Self> {
        match digit {
            "1" => Some(Self::Male),
            "2" => Some(Self::Female),
            "3" => Some(Self::Unknown),
            _ => None,
        }
    }

    /// The digit on the card.
    pub fn digit(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
            Self::Unknown => "3",
        }
    }
}

impl BirthDate {
    /// Nine digits, the era first; `None` for any other text. A date of which a part is unknown is accepted, since
    /// there are people whose date of birth nobody knows.
    pub fn from_digits(digits: &str) -> Option<Self> {
        let well_formed = digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.bytes().next().is_some_and(|era| era <= b'5');
        well_formed.then(|| Self { digits: digits.to_owned() })
    }

    /// A date that is known; `None` if it does not exist or lies before the Meiji era. `iso` is `YYYY-MM-DD`.
    pub fn from_iso(iso: &str) -> Option<Self> {
        // The first day of each era in the Gregorian calendar.
        const ERAS: [(&str, char); 5] = [("2019-05-01", '5'), ("1989-01-08", '4'), ("1926-12-25", '3'), ("1912-07-30", '2'), ("1868-01-25", '1')];
        let era = ERAS.iter().find(|(first, _)| iso >= *first)?.1;
        let date = Self::from_digits(&format!("{era}{}", iso.replace('-', "")))?;
        (date.iso().as_deref() == Some(iso)).then_some(date)
    }

    /// The date as the card's text has it, `YYYYMMDD`; `None` for any other text. The era follows from the date, and is
    /// unknown (`0`) where the date is not one of the calendar.
    pub fn from_eight_digits(digits: &str) -> Option<Self> {
        let iso = || Some(format!("{}-{}-{}", digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?));
        iso().and_then(|iso| Self::from_iso(&iso)).or_else(|| Self::from_digits(&format!("0{digits}")))
    }

    /// The nine digits as on the card.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// `YYYY-MM-DD`; `None` if the era or a part of the date is unknown.
    pub fn iso(&self) -> Option<String> {
        let part = |range: std::ops::Range<usize>| self.digits.get(range)?.parse::<u16>().ok();
        let (era, year, month, day) = (part(0..1)?, part(1..5)?, part(5..7)?, part(7..9)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (era > 0 && year > 0 && (1..=days).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_date_loses_its_era() {
        assert_eq!(BirthDate::from_digits("319800217").unwrap().iso().unwrap(), "1980-02-17");
    }

    #[test]
    fn an_unknown_or_impossible_date_has_no_iso_form() {
        for digits in ["000000000", "019800217", "319800200", "319800230", "319001301", "319000229"] {
            assert_eq!(BirthDate::from_digits(digits).unwrap().iso(), None, "{digits}");
        }
    }

    #[test]
    fn other_texts_are_no_birth_date() {
        for text in ["", "19800217", "3198002170", "619800217", "31980021x", "３19800217"] {
            assert!(BirthDate::from_digits(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_iso_date_gets_its_era() {
        for (iso, digits) in
            [("2019-05-01", "520190501"), ("2019-04-30", "420190430"), ("1989-01-07", "319890107"), ("1926-12-25", "319261225"), ("1912-07-29", "119120729")]
        {
            assert_eq!(BirthDate::from_iso(iso).unwrap().digits(), digits);
        }
        for text in ["1980-02-30", "1980-2-17", "19800217", "1980-02-17 ", "1600-01-01", "9"] {
            assert!(BirthDate::from_iso(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_date_without_an_era_gets_one_if_it_is_known() {
        assert_eq!(BirthDate::from_eight_digits("19800217").unwrap().digits(), "319800217");
        for unknown in ["19800000", "00000000", "19800230"] {
            let date = BirthDate::from_eight_digits(unknown).unwrap();
            assert_eq!((date.digits(), date.iso()), (format!("0{unknown}").as_str(), None));
        }
        for text in ["", "1980021", "198002170", "1980-2-1", "１９８０", "+1980217"] {
            assert!(BirthDate::from_eight_digits(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_substitute_character_is_marked_in_its_place() {
        let marks = Substitutes::from_marks("0100");
        assert!(marks.any() && marks.at(1));
        assert!(!marks.at(0) && !marks.at(4));
        assert!(!Substitutes::none_in("黒桐").any());
    }

    #[test]
    fn debug_output_shows_nothing_of_a_person() {
        let person = FourAttributes {
            name: "黒桐　幹也".to_owned(),
            name_substitutes: Substitutes::none_in("黒桐　幹也"),
            address: "東京都清瀬市".to_owned(),
            address_substitutes: Substitutes::none_in("東京都清瀬市"),
            birth_date: BirthDate::from_iso("1980-02-17").unwrap(),
            sex: Sex::Male,
        };
        assert_eq!(format!("{person:?}"), "FourAttributes(<withheld>)");
    }
}
