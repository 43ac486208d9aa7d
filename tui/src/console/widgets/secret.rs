//! A line of secret text: how much was typed is seen, and nothing of what. It is wiped when it goes, and kept from swap while it is there.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::console::event::Key;
use crate::protect;

/// The most bytes. There is room for all of them from the beginning, so that no copy is left behind where the text grows.
const LONGEST: usize = 1024;

/// What is typed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// What was typed, to be used. It neither prints nor is compared bit by bit.
#[derive(Clone)]
pub struct Typed(SecretString);

impl Default for Secret {
    fn default() -> Self {
        protect::keep_from_swap();
        let mut text = Zeroizing::new("\0".repeat(LONGEST));
        protect::keep(text.as_bytes());
        text.clear();
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<SECRET>")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl Secret {
    /// Takes a key; says whether it was one for a field.
    pub fn key(&mut self, key: Key) -> bool {
        match key {
            Key::Char(c) => self.insert(c),
            Key::Backspace => {
                self.0.pop();
            }
            Key::Ctrl('u') => self.0.clear(),
            _ => return false,
        }
        true
    }

    /// Takes a pasted text: its first line.
    pub fn paste(&mut self, text: &str) {
        text.lines().next().unwrap_or_default().chars().for_each(|c| self.insert(c));
    }

    fn insert(&mut self, c: char) {
        if !c.is_control() && self.0.len() + c.len_utf8() <= LONGEST {
            self.0.push(c);
        }
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A mark for each character, in at most so many cells.
    #[must_use]
    pub fn marks(&self, cells: usize) -> String {
        "*".repeat(self.0.chars().count().min(cells))
    }

    /// What was typed.
    #[must_use]
    pub fn typed(&self) -> Typed {
        let secret = SecretString::from(self.0.as_str());
        protect::keep(secret.expose_secret().as_bytes());
        Typed(secret)
    }
}

impl Typed {
    /// It.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<SECRET>")
    }
}

impl PartialEq for Typed {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret().as_bytes().ct_eq(other.0.expose_secret().as_bytes()).into()
    }
}

impl Eq for Typed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_how_much_was_typed_and_prints_nothing_of_it() {
        let mut secret = Secret::default();
        "1234".chars().for_each(|c| assert!(secret.key(Key::Char(c))));
        secret.key(Key::Backspace);
        secret.paste("x\ny");
        assert_eq!((secret.marks(9), secret.marks(2)), ("****".to_owned(), "**".to_owned()));
        let typed = secret.typed();
        assert_eq!(typed.secret().expose_secret(), "123x");
        assert_eq!(format!("{secret:?}{typed:?}"), "<SECRET><SECRET>");
        assert!(!secret.key(Key::Enter) && secret.key(Key::Ctrl('u')) && secret.is_empty());
    }

    #[test]
    fn a_secret_never_grows_out_of_its_place() {
        let mut secret = Secret::default();
        let before = secret.0.as_ptr();
        for _ in 0..2 * LONGEST {
            secret.key(Key::Char('あ'));
        }
        assert!(secret.0.as_ptr() == before && secret.0.len() <= LONGEST);
    }
}
