//! What the holder types: a four-digit PIN, or the password of the signing key.
//!
//! Both are checked for their shape here, so that a slip of the fingers never costs a try, and wiped on drop.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{
    CardError, PinName,
    generation::{Characters, Generation, PinRule},
};
use crate::protect;

/// A four-digit PIN: 利用者証明用, or 券面事項入力補助用.
pub struct Pin(SecretString);

/// The password of the signing key: 6 to 16 characters of A–Z and 0–9.
pub struct Password(SecretString);

/// Whether the last try of a PIN may be spent.
///
/// A wrong last try blocks the PIN, and only a visit to the city office opens it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastTry {
    /// Refuse with [`CardError::LastTryKept`] instead of spending it.
    #[default]
    Keep,
    /// Spend it: the holder was told what it means and said yes.
    Spend,
}

impl Pin {
    /// Takes four digits, full-width ones too: a PIN of today's cards.
    ///
    /// # Errors
    /// [`CardError::PinShape`] for anything else.
    pub fn new(typed: &SecretString) -> Result<Pin, CardError> {
        Pin::by(Generation::today().rule(PinName::Authentication), typed)
    }

    /// Takes what fulfils a rule.
    ///
    /// # Errors
    /// [`CardError::PinShape`] or [`CardError::PinRule`] for anything else.
    pub fn by(rule: PinRule, typed: &SecretString) -> Result<Pin, CardError> {
        Pin::named(PinName::Authentication, rule, typed)
    }

    /// Takes what fulfils the rule of this PIN, or of the number on the card's face: what does not is called by its name.
    ///
    /// # Errors
    /// As [`Pin::by`].
    pub fn named(name: PinName, rule: PinRule, typed: &SecretString) -> Result<Pin, CardError> {
        shaped(rule, name, typed).map(Pin)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl Password {
    /// Takes 6 to 16 letters and digits, small and full-width ones too; the card compares capitals. This is the password
    /// of today's cards.
    ///
    /// # Errors
    /// [`CardError::PasswordShape`] for anything else.
    pub fn new(typed: &SecretString) -> Result<Password, CardError> {
        Password::by(Generation::today().rule(PinName::Signing), typed)
    }

    /// Takes what fulfils a rule.
    ///
    /// # Errors
    /// [`CardError::PasswordShape`] or [`CardError::PinRule`] for anything else.
    pub fn by(rule: PinRule, typed: &SecretString) -> Result<Password, CardError> {
        shaped(rule, PinName::Signing, typed).map(Password)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

fn shaped(rule: PinRule, pin: PinName, typed: &SecretString) -> Result<SecretString, CardError> {
    let mut narrow = half_width(typed);
    if rule.characters == Characters::CapitalsAndDigits {
        narrow.make_ascii_uppercase();
    }
    if !rule.allows(narrow.as_bytes()) {
        return Err(rule.broken(pin));
    }
    let secret = SecretString::from(narrow.as_str());
    protect::keep(secret.expose_secret().as_bytes());
    Ok(secret)
}

/// Full-width forms (U+FF01–U+FF5E), as a Japanese input method gives them, become ASCII.
fn half_width(typed: &SecretString) -> Zeroizing<String> {
    let typed = typed.expose_secret();
    let mut narrow = Zeroizing::new(String::with_capacity(typed.len()));
    narrow.extend(typed.chars().map(|c| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    }));
    narrow
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(text: &str) -> Result<Pin, CardError> {
        Pin::new(&SecretString::from(text))
    }

    #[test]
    fn a_number_of_another_length_is_called_the_number_on_the_face_and_no_pin() {
        let number = |text: &str| Pin::named(PinName::Face, Generation::today().rule(PinName::Face), &SecretString::from(text));
        assert!(number("55021720352285").is_ok());
        let error = number("1234").map(drop).unwrap_err();
        let (ja, en) = (error.say(tachiai_schemas::Lang::Ja), error.say(tachiai_schemas::Lang::En));
        assert!(ja.contains("照合番号B") && ja.contains("数字14桁") && !ja.contains("暗証番号"), "{ja}");
        assert!(en.contains("number on the card's face has 14 digits") && !en.contains("PIN"), "{en}");
    }

    fn password(text: &str) -> Result<Password, CardError> {
        Password::new(&SecretString::from(text))
    }

    #[test]
    fn only_four_digits_are_a_pin() {
        for text in ["", "123", "12345", "12a4", " 123", "١٢٣٤"] {
            assert!(pin(text).is_err(), "{text:?}");
        }
        assert_eq!(pin("0123").unwrap().bytes(), b"0123");
    }

    #[test]
    fn what_an_input_method_makes_of_a_pin_is_understood() {
        assert_eq!(pin("１２３４").unwrap().bytes(), b"1234");
        assert_eq!(password("ａｂｃ１２３").unwrap().bytes(), b"ABC123");
    }

    #[test]
    fn a_password_is_capitals_and_digits() {
        for text in ["", "ABC12", "ABCDEFGH123456789", "ABC-123", "パスワード１２３"] {
            assert!(password(text).is_err(), "{text:?}");
        }
        assert_eq!(password("abcDEF123").unwrap().bytes(), b"ABCDEF123");
    }
}
