//! Is it meant? All of it is read to its end first. Where a word of it is typed, Enter means it, and everywhere else `y`.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Turn;
use crate::console::action::Action;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::screens::approvals::value;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::field::Field;
use crate::console::widgets::paper::{Reading, scroll};
use crate::console::widgets::popup;
use crate::console::work::{Deed, Waiting};

/// What is meant.
enum Meant {
    /// An approval.
    Approve(Box<Waiting>),
    /// Something of one's own.
    Do(Box<Sure>),
}

/// Something that is done once it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sure {
    /// The message of the title.
    pub title: &'static str,
    /// All of it in words, in Japanese and English.
    pub text: [String; 2],
    /// What has to be typed, where it cannot be undone.
    pub word: Option<String>,
    /// What is done.
    pub deed: Deed,
}

/// Words in kanji that have to be typed, with what is typed instead where no input method is: on a machine without a network, or a bare console.
const LATIN: [(&str, &str); 2] = [("照合済み", "compared"), ("開始", "start")];

fn latin(word: &str) -> Option<&'static str> {
    LATIN.iter().find(|(kanji, _)| *kanji == word).map(|(_, latin)| *latin)
}

/// A word that has to be typed as it is shown, with what may be typed instead.
fn either(desk: &Desk, word: &str) -> String {
    let instead = latin(word).map(|latin| desk.with("confirm-either", &[("word", word.to_owned()), ("latin", latin.to_owned())]));
    instead.unwrap_or_else(|| word.to_owned())
}

/// The question.
pub struct Confirm {
    meant: Meant,
    field: Field,
    /// What is wrong with the word that was typed when it was meant.
    wrong: Option<&'static str>,
    /// What was drawn: only that was in sight.
    reading: Reading,
}

impl Confirm {
    /// Whether an approval is meant.
    #[must_use]
    pub fn approval(waiting: Waiting) -> Self {
        Self::of(Meant::Approve(Box::new(waiting)))
    }

    /// Whether something of one's own is meant.
    #[must_use]
    pub fn sure(sure: Sure) -> Self {
        Self::of(Meant::Do(Box::new(sure)))
    }

    fn of(meant: Meant) -> Self {
        Self { meant, field: Field::default(), wrong: None, reading: Reading::default() }
    }

    /// The key that means it: no Enter that was meant for a form before it, unless a word is typed.
    fn by(&self) -> Key {
        if self.word().is_none() { Key::Char('y') } else { Key::Enter }
    }

    /// Whether a key reads on while there is more to be read: one that would mean it, and nothing that is typed.
    fn reads_on(&self, key: Key) -> bool {
        let key = key.as_command();
        !self.reading.is_read() && (key == Key::Enter || (self.word().is_none() && matches!(key, Key::Char('y' | ' ' | '\u{3000}'))))
    }

    fn text(&self) -> &[String; 2] {
        match &self.meant {
            Meant::Approve(waiting) => &waiting.text,
            Meant::Do(sure) => &sure.text,
        }
    }

    fn word(&self) -> Option<&str> {
        match &self.meant {
            Meant::Approve(waiting) => Some(&waiting.shown.pending.id),
            Meant::Do(sure) => sure.word.as_deref(),
        }
    }

    /// Whether a word is typed.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        self.word().is_some()
    }

    fn labels(&self) -> [&'static str; 3] {
        match &self.meant {
            Meant::Approve(_) => ["confirm-title", "key-approve", "confirm-type"],
            Meant::Do(sure) => [sure.title, if sure.word.is_none() { "key-sure" } else { "key-yes" }, "confirm-type-own"],
        }
    }

    fn meant(&self) -> Turn {
        match &self.meant {
            Meant::Approve(waiting) => Turn::Do(Box::new(Deed::Approve(Box::new(waiting.shown.clone())))),
            Meant::Do(sure) => Turn::Do(Box::new(sure.deed.clone())),
        }
    }

    /// Whether letters came where none are asked for.
    fn is_scanned(&self) -> bool {
        self.word().is_none() && !self.field.raw().is_empty()
    }

    /// What is wrong with the word that is typed, where one has to be.
    fn wrong_word(&self) -> Option<&'static str> {
        let (word, typed) = (self.word()?, self.field.read());
        let is_it = typed == word || latin(word).is_some_and(|latin| latin.eq_ignore_ascii_case(&typed));
        if typed.is_empty() { Some("confirm-empty") } else { (!is_it).then_some("confirm-differs") }
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> Vec<Binding> {
        let not = Binding::new(Key::Esc, Action::Back, if self.word().is_none() { "key-not" } else { "key-no" });
        if self.reading.is_read() {
            return vec![Binding::new(self.by(), Action::Approve, self.labels()[1]), not];
        }
        vec![Binding::new(self.by(), Action::PageDown, "key-read-on"), not]
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Turn {
        match key {
            Key::Esc => return Turn::Close,
            key if self.reads_on(key) => self.reading.go(Action::PageDown),
            // A scanner types letters and ends with Enter: what has a letter before it means nothing.
            Key::Enter if self.is_scanned() => self.field = Field::default(),
            key if key.as_command() == self.by() && self.reading.is_read() && !self.is_scanned() => match self.wrong_word() {
                None => return self.meant(),
                wrong => self.wrong = wrong,
            },
            Key::Up => self.reading.go(Action::Up),
            Key::Down => self.reading.go(Action::Down),
            Key::PageUp => self.reading.go(Action::PageUp),
            Key::PageDown => self.reading.go(Action::PageDown),
            // It read on while there was more.
            Key::Char(' ' | '\u{3000}') if self.word().is_none() => {}
            key => {
                self.field.key(key);
                self.wrong = None;
            }
        }
        Turn::Stay
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.field.paste(text);
        self.wrong = None;
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let look = desk.look;
        let screen = frame.area();
        let cells = usize::from(screen.width.min(76)).saturating_sub(6);
        let [ja, en] = self.text();
        let [title, _, ask] = self.labels();
        let text: Vec<Line<'static>> = lines(desk.lang().pick(ja, en), cells).into_iter().map(Line::raw).collect();
        let mut below: Vec<Line<'static>> = match &self.meant {
            Meant::Approve(waiting) => value(desk, waiting, cells),
            Meant::Do(_) => Vec::new(),
        };
        let ask = self.word().map(|word| desk.with(ask, &[("word", either(desk, word))]));
        below.extend(ask.iter().flat_map(|ask| lines(ask, cells)).map(|line| Line::styled(line, look.style(Tone::Warn))));
        // Besides what is read and what stays: the border, a line between them, and what is typed.
        let rows = u16::try_from(text.len() + below.len() + 4).unwrap_or(u16::MAX);
        let inner = popup::open(frame, look, &desk.say(title), 76, rows.min(screen.height.saturating_sub(2)));
        let under = u16::try_from(below.len() + 2).unwrap_or(u16::MAX);
        let area = Rect { height: inner.height.saturating_sub(under), ..inner };
        let rows = usize::from(area.height);
        let from = self.reading.see(&text, rows);
        scroll(frame, area, &text, from);
        let left = text.len().saturating_sub(from + rows);
        let wrong = self.wrong.zip(self.word()).map(|(key, word)| desk.with(key, &[("word", either(desk, word))])).unwrap_or_default();
        let between = match (left, self.reading.is_read()) {
            _ if self.is_scanned() => Line::styled(desk.say("confirm-scanned"), look.style(Tone::Bad)),
            (0, true) => Line::styled(wrong, look.style(Tone::Bad)),
            (0, false) => Line::styled(desk.say("confirm-unread"), look.style(Tone::Warn)),
            (left, _) => Line::styled(desk.with("confirm-more", &[("n", left.to_string()), ("key", self.by().shown())]), look.style(Tone::Warn)),
        };
        for (y, line) in (area.bottom()..inner.bottom().saturating_sub(1)).zip(std::iter::once(&between).chain(&below)) {
            frame.buffer_mut().set_line(inner.x, y, line, inner.width);
        }
        if self.word().is_none() {
            return;
        }
        let y = inner.bottom().saturating_sub(1);
        let (typed, at) = self.field.seen(cells.saturating_sub(2));
        frame.buffer_mut().set_line(inner.x, y, &Line::raw(format!("> {typed}")), inner.width);
        frame.set_cursor_position((inner.x + 2 + u16::try_from(at).unwrap_or_default(), y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_kanji_is_typed_in_latin_letters_too_and_no_other_word() {
        let confirm = |typed: &str| {
            let deed = Deed::Act(crate::console::tests::samples::election(), tachiai_schemas::staff::Act::Open);
            let mut confirm =
                Confirm::sure(Sure { title: "trustee-compare-title", text: [String::new(), String::new()], word: Some("照合済み".to_owned()), deed });
            confirm.paste(typed);
            confirm.wrong_word()
        };
        assert_eq!([confirm("照合済み"), confirm("compared"), confirm("Compared")], [None; 3]);
        assert_eq!([confirm("start"), confirm("")], [Some("confirm-differs"), Some("confirm-empty")]);
    }

    #[test]
    fn a_y_within_a_scanned_code_means_nothing() {
        let deed = Deed::Act(crate::console::tests::samples::election(), tachiai_schemas::staff::Act::Open);
        let mut confirm = Confirm::sure(Sure { title: "trustee-compare-title", text: [String::new(), String::new()], word: None, deed });
        confirm.reading.see(&[Line::raw("sure?")], 1);
        for letter in "by7y".chars() {
            assert!(matches!(confirm.key(Key::Char(letter)), Turn::Stay));
        }
        assert!(matches!(confirm.key(Key::Enter), Turn::Stay));
        assert!(matches!(confirm.key(Key::Char('y')), Turn::Do(_)));
    }
}
