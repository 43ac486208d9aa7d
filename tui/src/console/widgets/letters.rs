//! Large letters made of half cells, to be read from a metre away. They are those of the Shinonome fonts, which are in the public domain.

use crate::console::theme::{Look, Signs};

/// The letters that are known, each a line with it and twelve lines of dots.
const LETTERS: &str = include_str!("letters.txt");

/// The rows of dots of a letter.
const DOTS: usize = 12;

/// The dots of a letter; nothing for one that is not known.
fn dots(letter: char) -> Option<Vec<&'static str>> {
    let mut lines = LETTERS.lines();
    lines.find(|line| line.chars().eq([letter]))?;
    Some(lines.take(DOTS).collect())
}

/// A text in large letters, a line for each row of cells; letters that are not known are left out.
#[must_use]
pub fn large(look: Look, text: &str) -> Vec<String> {
    let letters: Vec<Vec<&str>> = text.chars().filter_map(dots).collect();
    let [upper, lower, both] = match look.signs {
        Signs::Lines => ['▀', '▄', '█'],
        Signs::Ascii => ['\'', '.', '#'],
    };
    let row = |row: usize| -> String {
        let dots = |y: usize| letters.iter().flat_map(move |letter| letter.get(y).copied().unwrap_or_default().chars().map(|dot| dot == '#'));
        let cells = dots(2 * row).zip(dots(2 * row + 1)).map(|pair| match pair {
            (true, true) => both,
            (true, false) => upper,
            (false, true) => lower,
            (false, false) => ' ',
        });
        cells.collect()
    };
    (0..DOTS / 2).map(row).collect()
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Lang;

    use super::*;
    use crate::console::i18n::Words;
    use crate::console::theme::Theme;
    use crate::console::widgets::cut::width;

    #[test]
    fn every_large_word_is_drawn_whole_in_eighty_columns() {
        for lang in [Lang::Ja, Lang::En] {
            let words = Words::new(lang);
            for key in crate::console::screens::poll::LARGE {
                let text = words.say(key);
                assert!(text.chars().all(|letter| dots(letter).is_some_and(|dots| dots.len() == DOTS)), "{key}: {text}");
                let rows = large(Look { theme: Theme::Mono, signs: Signs::Lines }, &text);
                assert_eq!(rows.len(), 6);
                assert!(rows.iter().all(|row| width(row) <= 78), "{key}: {text}");
            }
        }
    }

    #[test]
    fn the_letters_are_of_one_height_and_as_wide_as_their_kind() {
        let mut lines = LETTERS.lines();
        while let Some(letter) = lines.next() {
            let cells = 6 * width(letter);
            for dots in lines.by_ref().take(DOTS) {
                assert!(dots.len() == cells && dots.chars().all(|dot| matches!(dot, '#' | '.')), "{letter}: {dots}");
            }
        }
    }
}
