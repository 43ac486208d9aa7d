//! The palette: everything that can be done now, found by some letters of its name in kanji, kana, romaji or English.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::Turn;
use crate::console::action::Action;
use crate::console::app::State;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::fuzzy;
use crate::console::screens::home;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, padded};
use crate::console::widgets::field::Field;
use crate::console::widgets::paper::window;
use crate::console::widgets::popup;

/// A line.
struct Entry {
    /// What is shown.
    shown: String,
    /// By what it is found.
    names: Vec<String>,
    action: Action,
    key: String,
    off: Option<String>,
}

/// The palette.
pub struct Palette {
    field: Field,
    chosen: usize,
    entries: Vec<Entry>,
}

impl Palette {
    /// Of the screen at hand.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let desk = &state.desk;
        let mut entries: Vec<Entry> = Vec::new();
        for binding in state.bindings() {
            let shown = desk.say(binding.label);
            let is_move =
                matches!(binding.action, Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last | Action::Palette);
            if !is_move && entries.iter().all(|entry| entry.shown != shown) {
                let names = desk.words.names(binding.label);
                entries.push(Entry { shown, names, action: binding.action, key: binding.key.shown(), off: binding.off });
            }
        }
        for (of, label, place) in home::places(desk) {
            // The title of the other language finds it as well: whoever looks for it may know that one.
            let mut names = desk.words.names(label);
            let mut shown = desk.say(label);
            if let Some(of) = of {
                shown = format!("{}  {shown}", home::title(desk, of));
                names.extend([of.ja.clone(), of.en.clone(), shown.clone()]);
            }
            entries.push(Entry { shown, names, action: Action::Go(place), key: String::new(), off: None });
        }
        Self { field: Field::default(), chosen: 0, entries }
    }

    fn found(&self) -> Vec<&Entry> {
        let query = self.field.read();
        let mut found: Vec<(u32, &Entry)> = self.entries.iter().filter_map(|entry| Some((fuzzy::score(&query, &entry.names)?, entry))).collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Takes a key.
    pub fn key(&mut self, _desk: &Desk, key: Key) -> Turn {
        let count = self.found().len();
        match key {
            Key::Esc => return Turn::Close,
            Key::Up => self.chosen = self.chosen.saturating_sub(1),
            Key::Down | Key::Tab => self.chosen = (self.chosen + 1).min(count.saturating_sub(1)),
            Key::Enter => {
                let chosen = self.found().into_iter().nth(self.chosen);
                return match chosen {
                    Some(Entry { off: Some(why), .. }) => Turn::Say(why.clone()),
                    Some(entry) => Turn::Act(entry.action),
                    None => Turn::Stay,
                };
            }
            key if self.field.key(key) => self.chosen = 0,
            _ => {}
        }
        Turn::Stay
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.field.paste(text);
        self.chosen = 0;
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let look = desk.look;
        let inner = popup::open(frame, look, &desk.say("palette-title"), 64, 16);
        let cells = usize::from(inner.width);
        let (text, at) = self.field.seen(cells.saturating_sub(2));
        let prompt = Line::from(vec![Span::styled(": ", look.style(Tone::Key)), Span::raw(text)]);
        frame.buffer_mut().set_line(inner.x, inner.y, &prompt, inner.width);
        frame.set_cursor_position((inner.x + 2 + u16::try_from(at).unwrap_or_default(), inner.y));
        let hint = Line::styled(desk.say("palette-hint"), look.style(Tone::Dim));
        if self.field.raw().is_empty() {
            frame.buffer_mut().set_line(inner.x + 4, inner.y, &hint, inner.width.saturating_sub(4));
        }
        let found = self.found();
        let area = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        if found.is_empty() {
            frame.buffer_mut().set_line(area.x, area.y, &Line::raw(desk.say("palette-none")), area.width);
        }
        let from = window(self.chosen, found.len(), usize::from(area.height));
        for (y, (place, entry)) in (area.y..area.bottom()).zip(found.iter().enumerate().skip(from)) {
            let is_chosen = place == self.chosen;
            let mark = if is_chosen { "> " } else { "  " };
            let room = cells.saturating_sub(14);
            let line = match &entry.off {
                None => Line::from(vec![
                    Span::raw(mark),
                    Span::raw(padded(&entry.shown, room, look.cut())),
                    Span::styled(cut(&entry.key, 10, ""), look.style(Tone::Key)),
                ]),
                Some(why) => Line::styled(cut(&format!("{mark}{}  ({why})", entry.shown), cells, look.cut()), look.style(Tone::Dim)),
            };
            frame.buffer_mut().set_line(area.x, y, &line, area.width);
            if is_chosen {
                frame.buffer_mut().set_style(Rect { y, height: 1, ..area }, look.style(Tone::Chosen));
            }
        }
    }
}
