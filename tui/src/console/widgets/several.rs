//! Some of many, chosen by name: what is typed finds them, Space marks the one at hand.

use ratatui::text::Span;

use super::cut::{cut, width};
use super::field::Field;
use super::form::Mark;
use super::paper::window;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::fuzzy::score;
use crate::console::theme::Tone;

/// So many lines of names stand below each other at most.
const MOST: usize = 6;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is called here.
    pub name: String,
    /// What else it is found by: its reading, or its name in another language.
    pub readings: Vec<String>,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Several {
    of: Vec<(Item, Mark)>,
    at: usize,
    typed: Field,
}

impl Several {
    /// Of these, none of them marked.
    #[must_use]
    pub fn new(of: Vec<Item>) -> Self {
        Self { of: of.into_iter().map(|item| (item, Mark::Off)).collect(), ..Self::default() }
    }

    /// The places of those that are marked.
    #[must_use]
    pub fn marked(&self) -> Vec<usize> {
        self.of.iter().enumerate().filter(|(_, (_, mark))| *mark == Mark::On).map(|(place, _)| place).collect()
    }

    /// Those that fit what is typed; all of them while nothing is.
    fn found(&self) -> Vec<usize> {
        let query = self.typed.read();
        let fits = |(place, (Item { name, readings }, _)): (usize, &(Item, Mark))| {
            let names: Vec<String> = std::iter::once(name).chain(readings).cloned().collect();
            Some((place, score(&query, &names)?))
        };
        let mut found: Vec<(usize, u32)> = self.of.iter().enumerate().filter_map(fits).collect();
        if !query.is_empty() {
            found.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        }
        found.into_iter().map(|(place, _)| place).collect()
    }

    /// Takes a key; says whether it was one of its own.
    pub fn key(&mut self, key: Key) -> bool {
        let found = self.found();
        let here = found.iter().position(|place| *place == self.at);
        let last = found.len().saturating_sub(1);
        let to = match (key, here) {
            (Key::Char(' ' | '\u{3000}'), Some(_)) => {
                if let Some((_, mark)) = self.of.get_mut(self.at) {
                    *mark = mark.turned();
                }
                // The next one is looked for anew.
                self.typed = Field::default();
                return true;
            }
            (Key::Char(' ' | '\u{3000}'), None) => return false,
            (Key::Right, Some(here)) if here < last => here + 1,
            (Key::Left, Some(here)) => here.checked_sub(1).unwrap_or(last),
            (Key::Right | Key::Home, _) => 0,
            (Key::Left | Key::End, _) => last,
            (key, _) => {
                let taken = self.typed.key(key);
                let found = self.found();
                // What fits best is at hand.
                if taken && let Some(first) = found.first() {
                    self.at = *first;
                }
                return taken;
            }
        };
        self.at = found.get(to).copied().unwrap_or(self.at);
        true
    }

    /// Takes a pasted text: it is looked for.
    pub fn paste(&mut self, text: &str) {
        self.typed.paste(text);
        if let Some(first) = self.found().first() {
            self.at = *first;
        }
    }

    /// What is typed, as it is.
    #[must_use]
    pub const fn typed(&self) -> &Field {
        &self.typed
    }

    /// What stands in the lines below its own in so many cells: while it is at hand what was found, and else what is marked.
    #[must_use]
    pub fn lines(&self, desk: &Desk, is_here: bool, cells: usize) -> Vec<Vec<Span<'static>>> {
        let look = desk.look;
        let (found, marked) = (self.found(), self.marked());
        let seen = if is_here { &found } else { &marked };
        let text = |place: &usize| {
            let (item, mark) = self.of.get(*place)?;
            let tone = if is_here && *place == self.at { Tone::Chosen } else { Tone::Plain };
            Some((cut(&format!("{} {}", mark.sign(), item.name), cells, look.cut()), tone))
        };
        let mut lines: Vec<Vec<Span<'static>>> = Vec::new();
        let (mut used, mut at_hand) = (0, 0);
        for (text, tone) in seen.iter().filter_map(text) {
            let wide = width(&text) + 2;
            if lines.is_empty() || used + wide > cells + 2 {
                lines.push(Vec::new());
                used = 0;
            }
            used += wide;
            if tone == Tone::Chosen {
                at_hand = lines.len().saturating_sub(1);
            }
            if let Some(line) = lines.last_mut() {
                line.extend([Span::styled(text, look.style(tone)), Span::raw("  ")]);
            }
        }
        let from = window(at_hand, lines.len(), MOST);
        let hidden = lines.len().saturating_sub(MOST);
        let mut lines: Vec<_> = lines.into_iter().skip(from).take(MOST).collect();
        if hidden > 0 {
            lines.push(vec![Span::styled(desk.with("several-more", &[("n", self.of.len().to_string())]), look.style(Tone::Dim))]);
        }
        if is_here && seen.is_empty() {
            lines.push(vec![Span::styled(desk.say("several-none"), look.style(Tone::Warn))]);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelters() -> Several {
        let item = |name: &str, readings: &[&str]| Item { name: name.to_owned(), readings: readings.iter().map(|reading| (*reading).to_owned()).collect() };
        Several::new(vec![item("高柳体育館", &["Takayanagi Gym", "タカヤナギタイイクカン"]), item("八鹿小学校", &["Yoka School"]), item("広谷会館", &[])])
    }

    #[test]
    fn a_name_is_found_by_letters_kana_or_kanji_and_marked_by_space() {
        let mut all = shelters();
        for (typed, place) in [("yoka", 1), ("たかや", 0), ("会館", 2)] {
            all.paste(typed);
            assert!(all.key(Key::Char(' ')));
            assert!(all.marked().contains(&place), "{typed}");
        }
        assert_eq!(all.marked(), [0, 1, 2]);
        assert!(all.key(Key::Char('\u{3000}')));
        assert_eq!(all.marked(), [0, 1], "what is marked is taken back by the same key");
    }

    #[test]
    fn what_fits_nothing_marks_nothing() {
        let mut all = shelters();
        all.paste("zzz");
        assert!(!all.key(Key::Char(' ')) && all.marked().is_empty());
    }

    #[test]
    fn the_arrows_go_round() {
        let mut all = shelters();
        for key in [Key::Left, Key::Char(' '), Key::Right, Key::Char(' ')] {
            all.key(key);
        }
        assert_eq!(all.marked(), [0, 2]);
    }
}
