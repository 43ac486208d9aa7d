//! A line of text that is typed, with the place where the next character comes. Half-width kana and full-width letters become the usual ones when it is read.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::cut::width;
use crate::console::event::Key;

/// The most characters.
const MOST: usize = 500;

/// What becomes of half-width kana.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kana {
    /// They are made whole as they come: terminals do not agree how many cells their voiced marks take.
    #[default]
    Whole,
    /// They alone are made whole, and no other character is made another: for names.
    Alone,
    /// They stay as they are.
    Kept,
}

/// What is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    kana: Kana,
    text: String,
    /// A byte between two graphemes.
    at: usize,
}

impl Field {
    /// With the path of a file in it, of which no character is made another.
    #[must_use]
    pub fn path(text: &str) -> Self {
        Self { kana: Kana::Kept, text: text.to_owned(), at: text.len() }
    }

    /// With a name in it, of which no character but half-width kana is made another.
    #[must_use]
    pub fn name(text: &str) -> Self {
        Self { kana: Kana::Alone, text: text.to_owned(), at: text.len() }
    }

    /// What is typed, as it is.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.text
    }

    /// What is meant: compatibility forms made whole (NFKC), without spaces around it.
    #[must_use]
    pub fn read(&self) -> String {
        self.text.trim().nfkc().collect()
    }

    /// Takes a pasted text: its first line, without control characters.
    pub fn paste(&mut self, text: &str) {
        let line = text.trim_start().lines().next().unwrap_or_default();
        for c in line.chars() {
            self.insert(c);
        }
    }

    /// Takes a key; says whether it was one for a field.
    pub fn key(&mut self, key: Key) -> bool {
        match key {
            Key::Char(c) => self.insert(c),
            Key::Backspace => {
                let before = self.before();
                self.text.drain(before..self.at);
                self.at = before;
            }
            Key::Delete => {
                let after = self.after();
                self.text.drain(self.at..after);
            }
            Key::Left => self.at = self.before(),
            Key::Right => self.at = self.after(),
            Key::Home | Key::Ctrl('a') => self.at = 0,
            Key::End | Key::Ctrl('e') => self.at = self.text.len(),
            Key::Ctrl('u') => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            _ => return false,
        }
        true
    }

    fn insert(&mut self, c: char) {
        if !c.is_control() && self.text.chars().count() < MOST {
            self.text.insert(self.at, c);
            self.at += c.len_utf8();
            if self.kana != Kana::Kept && ('\u{ff61}'..='\u{ff9f}').contains(&c) {
                let rest = self.text.split_off(self.at);
                // A voiced mark belongs to the character before it.
                let from = match self.kana {
                    Kana::Whole | Kana::Kept => 0,
                    Kana::Alone => {
                        let before = self.text.char_indices().rev().nth(1).filter(|(_, before)| ('\u{30a1}'..='\u{30fa}').contains(before));
                        before.map_or(self.at - c.len_utf8(), |(at, _)| at)
                    }
                };
                let kana = self.text.split_off(from);
                self.text.extend(kana.nfkc());
                self.at = self.text.len();
                self.text.push_str(&rest);
            }
        }
    }

    fn before(&self) -> usize {
        self.text.grapheme_indices(true).map(|(at, _)| at).take_while(|at| *at < self.at).last().unwrap_or(0)
    }

    fn after(&self) -> usize {
        self.text.grapheme_indices(true).map(|(at, _)| at).find(|at| *at > self.at).unwrap_or(self.text.len())
    }

    /// What of it is seen in so many cells, and the cell in which the next character comes: the end of a long text stays in sight.
    #[must_use]
    pub fn seen(&self, cells: usize) -> (String, usize) {
        let head = self.text.get(..self.at).unwrap_or_default();
        let mut from = 0;
        let mut used = width(head);
        for grapheme in head.graphemes(true) {
            // One cell is for the cursor.
            if used < cells {
                break;
            }
            used -= width(grapheme);
            from += grapheme.len();
        }
        (super::cut::cut(self.text.get(from..).unwrap_or_default(), cells, ""), used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Field {
        let mut field = Field::default();
        text.chars().for_each(|c| assert!(field.key(Key::Char(c))));
        field
    }

    #[test]
    fn half_width_kana_and_full_width_letters_are_read_as_the_usual_ones() {
        let mut field = typed("ﾀﾞｲｺﾞ　ＡＢ１ ");
        assert_eq!((field.raw(), field.read()), ("ダイゴ　ＡＢ１ ", "ダイゴ AB1".to_owned()));
        field.key(Key::Home);
        "ﾊﾟ".chars().for_each(|c| assert!(field.key(Key::Char(c))));
        assert_eq!(field.raw(), "パダイゴ　ＡＢ１ ");
        let mut path = Field::path("");
        path.paste("/mnt/ﾃﾞｰﾀ");
        assert_eq!(path.raw(), "/mnt/ﾃﾞｰﾀ");
    }

    #[test]
    fn of_a_name_only_half_width_kana_become_others() {
        let mut name = Field::name("");
        "神\u{fa19}　ﾀﾞｲｺﾞＡ".chars().for_each(|c| assert!(name.key(Key::Char(c))));
        assert_eq!(name.raw(), "神\u{fa19}　ダイゴＡ");
    }

    #[test]
    fn a_character_of_several_code_points_goes_at_once() {
        let mut field = typed("カ\u{3099}ー");
        field.key(Key::Left);
        field.key(Key::Backspace);
        assert_eq!(field.raw(), "ー");
        field.key(Key::Delete);
        assert_eq!(field.raw(), "");
    }

    #[test]
    fn the_cursor_stands_after_wide_characters_by_cells() {
        let mut field = typed("養父a");
        assert_eq!(field.seen(10), ("養父a".to_owned(), 5));
        field.key(Key::Left);
        assert_eq!(field.seen(10).1, 4);
        assert_eq!(typed("あいうえお").seen(6), ("えお".to_owned(), 4));
    }

    #[test]
    fn of_what_is_pasted_the_first_line_is_taken() {
        let mut field = Field::path("x");
        field.paste("\n養父\u{7}市\n二行目");
        assert_eq!(field.raw(), "x養父市");
    }
}
