//! 券面事項入力補助, the card's text: name, address, date of birth and sex as they stand on its face.
//!
//! The same application holds the My Number. It is never read here, and no function here could.

use std::fmt;

use tachiai_crypto::election::roll;

use super::generation::SignedTextFiles;
use super::{Card, CardError, LastTry, Object, Pin, PinName, Transport};

/// The four attributes, as the card tells them.
///
/// They are not printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Attributes {
    /// Family and given name, parted by U+3000.
    pub name: String,
    /// Address in the resident register.
    pub address: String,
    /// Date of birth as eight digits, YYYYMMDD; zeros stand for what the register does not know.
    pub birth: String,
    /// Sex.
    pub sex: Sex,
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attributes(..)")
    }
}

/// Sex, in the codes of ISO/IEC 5218.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 0.
    Unknown,
    /// 1.
    Male,
    /// 2.
    Female,
    /// 9.
    NotApplicable,
}

/// As a roll has it, which does not tell what is unknown from what is not applicable.
impl From<Sex> for roll::Sex {
    fn from(sex: Sex) -> roll::Sex {
        match sex {
            Sex::Male => roll::Sex::Male,
            Sex::Female => roll::Sex::Female,
            Sex::Unknown | Sex::NotApplicable => roll::Sex::Unknown,
        }
    }
}

/// The card's text with what J-LIS signed of it: it can be shown to somebody who does not see the card.
///
/// It is not printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedText {
    /// The four attributes.
    pub attributes: Attributes,
    /// EF 0002, in which they stand.
    pub attributes_file: Vec<u8>,
    /// EF 0003: digests and their signature.
    pub digests: Vec<u8>,
    /// EF 0004: the certificate of the key that made it.
    pub certificate: Vec<u8>,
}

impl fmt::Debug for SignedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedText(..)")
    }
}

impl<T: Transport> Card<T> {
    /// Reads name, address, date of birth and sex with their signature, after the four-digit PIN of the card's text. Nothing is
    /// verified here: that is for whoever is to believe it.
    ///
    /// This leaves the JPKI application: what was verified there is forgotten.
    ///
    /// # Errors
    /// As [`Card::attributes`]; [`CardError::TextUnsigned`] if cards of this generation have no such signature.
    pub fn signed_text(&mut self, pin: &Pin, last: LastTry) -> Result<SignedText, CardError> {
        self.signed_text_by(PinName::Text, pin, last)
    }

    /// Reads the same after 照合番号B, which stands on the card's face.
    ///
    /// # Errors
    /// As [`Card::signed_text`].
    pub fn signed_text_by_face(&mut self, number: &Pin, last: LastTry) -> Result<SignedText, CardError> {
        self.signed_text_by(PinName::Face, number, last)
    }

    fn signed_text_by(&mut self, name: PinName, pin: &Pin, last: LastTry) -> Result<SignedText, CardError> {
        let text = self.generation().text;
        let SignedTextFiles { digests, certificate } = text.signed.ok_or(CardError::TextUnsigned)?;
        self.verify(name, pin.bytes(), last)?;
        let [attributes_file, digests, certificate] = [text.attributes, digests, certificate].map(|file| {
            self.select_file(file, Object::Attributes)?;
            self.read_object(Object::Attributes, name)
        });
        let attributes_file = attributes_file?;
        let attributes = parse(&attributes_file).ok_or(CardError::Malformed(Object::Attributes))?;
        Ok(SignedText { attributes, attributes_file, digests: digests?, certificate: certificate? })
    }

    /// Reads name, address, date of birth and sex, after the four-digit PIN of the card's text.
    ///
    /// This leaves the JPKI application: what was verified there is forgotten.
    ///
    /// # Errors
    /// As [`Card::verify_pin`]; [`CardError::Malformed`] if the file is not as the card's specification says.
    pub fn attributes(&mut self, pin: &Pin, last: LastTry) -> Result<Attributes, CardError> {
        self.attributes_by(PinName::Text, pin, last)
    }

    /// Reads the same after 照合番号B, which stands on the card's face: for who has forgotten the PIN. It shows that the card is here, not that its holder is.
    ///
    /// # Errors
    /// As [`Card::attributes`].
    pub fn attributes_by_face(&mut self, number: &Pin, last: LastTry) -> Result<Attributes, CardError> {
        self.attributes_by(PinName::Face, number, last)
    }

    fn attributes_by(&mut self, name: PinName, pin: &Pin, last: LastTry) -> Result<Attributes, CardError> {
        self.verify(name, pin.bytes(), last)?;
        self.select_file(self.generation().text.attributes, Object::Attributes)?;
        let file = self.read_object(Object::Attributes, name)?;
        parse(&file).ok_or(CardError::Malformed(Object::Attributes))
    }
}

/// `FF20 { DF21 offsets, DF22 name, DF23 address, DF24 birth, DF25 sex }`; the offsets only repeat the lengths.
fn parse(file: &[u8]) -> Option<Attributes> {
    let (0xFF20, mut content, []) = object(file)? else {
        return None;
    };
    let (mut name, mut address, mut birth, mut sex) = (None, None, None, None);
    while !content.is_empty() {
        let (tag, value, rest) = object(content)?;
        content = rest;
        let place = match tag {
            0xDF22 => &mut name,
            0xDF23 => &mut address,
            0xDF24 => &mut birth,
            0xDF25 => &mut sex,
            _ => continue,
        };
        if place.replace(std::str::from_utf8(value).ok()?).is_some() {
            return None;
        }
    }
    let birth = birth.filter(|digits| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let sex = match sex? {
        "0" => Sex::Unknown,
        "1" => Sex::Male,
        "2" => Sex::Female,
        "9" => Sex::NotApplicable,
        _ => return None,
    };
    Some(Attributes { name: clean(name?)?, address: clean(address?)?, birth: birth.to_owned(), sex })
}

/// Control characters have no place on a card's face, and would reach terminals and records.
fn clean(text: &str) -> Option<String> {
    (!text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// First object with a tag of two bytes: its tag, its content, and what follows.
fn object(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (tag, bytes) = bytes.split_first_chunk()?;
    let (&first, bytes) = bytes.split_first()?;
    let (length, bytes) = match first {
        0..=0x7F => (usize::from(first), bytes),
        0x81 => bytes.split_first().map(|(&length, rest)| (usize::from(length), rest))?,
        0x82 => bytes.split_first_chunk().map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest))?,
        _ => return None,
    };
    let (content, rest) = bytes.split_at_checked(length)?;
    Some((u16::from_be_bytes(*tag), content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u16, content: &[u8]) -> Vec<u8> {
        let mut bytes = tag.to_be_bytes().to_vec();
        bytes.push(content.len() as u8);
        bytes.extend_from_slice(content);
        bytes
    }

    fn file(fields: &[(u16, &str)]) -> Vec<u8> {
        let mut content = tlv(0xDF21, &[0; 8]);
        for (tag, value) in fields {
            content.extend(tlv(*tag, value.as_bytes()));
        }
        tlv(0xFF20, &content)
    }

    const HANAKO: [(u16, &str); 4] = [(0xDF22, "番号　花子"), (0xDF23, "兵庫県養父市"), (0xDF24, "19800217"), (0xDF25, "2")];

    #[test]
    fn the_four_attributes_are_found_by_their_tags() {
        let read = parse(&file(&HANAKO)).unwrap();
        assert_eq!(read.name, "番号　花子");
        assert_eq!(read.address, "兵庫県養父市");
        assert_eq!(read.birth, "19800217");
        assert_eq!(read.sex, Sex::Female);
    }

    #[test]
    fn a_missing_a_doubled_and_a_foreign_field_are_malformed() {
        assert!(parse(&file(&HANAKO[1..])).is_none());
        assert!(parse(&file(&[HANAKO[0], HANAKO[0], HANAKO[1], HANAKO[2], HANAKO[3]])).is_none());
        assert!(parse(&file(&[HANAKO[0], HANAKO[1], (0xDF24, "1980-2-1"), HANAKO[3]])).is_none());
        assert!(parse(&file(&[HANAKO[0], HANAKO[1], HANAKO[2], (0xDF25, "3")])).is_none());
    }

    #[test]
    fn a_name_with_a_terminal_escape_in_it_is_malformed() {
        assert!(parse(&file(&[(0xDF22, "番号\u{1b}[2J"), HANAKO[1], HANAKO[2], HANAKO[3]])).is_none());
    }

    #[test]
    fn a_file_cut_anywhere_is_malformed() {
        let whole = file(&HANAKO);
        for end in 0..whole.len() {
            assert!(parse(&whole[..end]).is_none(), "cut at {end}");
        }
    }

    #[test]
    fn attributes_do_not_print_themselves() {
        assert_eq!(format!("{:?}", parse(&file(&HANAKO)).unwrap()), "Attributes(..)");
    }
}
