//! What came of something.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Turn;
use crate::console::action::Action;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::paper::{Reading, scroll};
use crate::console::widgets::popup;

/// A message under a title.
pub struct Message {
    /// The message of the title.
    title: &'static str,
    /// The text.
    text: String,
    reading: Reading,
}

impl Message {
    /// A text under a title.
    #[must_use]
    pub fn new(title: &'static str, text: String) -> Self {
        Self { title, text, reading: Reading::default() }
    }

    /// The message of the title, and the text.
    #[must_use]
    pub const fn said(&self) -> (&'static str, &str) {
        (self.title, self.text.as_str())
    }

    /// Takes a key. A letter may have been meant for what was in sight before.
    pub fn key(&mut self, key: Key) -> Turn {
        match key {
            Key::Esc | Key::Enter => return Turn::Close,
            Key::Up => self.reading.go(Action::Up),
            Key::Down => self.reading.go(Action::Down),
            Key::PageUp => self.reading.go(Action::PageUp),
            Key::PageDown => self.reading.go(Action::PageDown),
            _ => {}
        }
        Turn::Stay
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let cells = usize::from(screen.width.min(70)).saturating_sub(6);
        let text: Vec<Line<'static>> = lines(&self.text, cells).into_iter().map(Line::raw).collect();
        let rows = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
        let inner = popup::open(frame, desk.look, &desk.say(self.title), 70, rows.min(screen.height.saturating_sub(2)));
        let is_whole = text.len() <= usize::from(inner.height);
        // The last line says how much more there is.
        let area = Rect { height: if is_whole { inner.height } else { inner.height.saturating_sub(1) }, ..inner };
        let rows = usize::from(area.height);
        let from = self.reading.see(&text, rows);
        scroll(frame, area, &text, from);
        let left = text.len().saturating_sub(from + rows);
        if left > 0 {
            let more = Line::styled(desk.with("message-more", &[("n", left.to_string())]), desk.look.style(Tone::Warn));
            frame.buffer_mut().set_line(inner.x, area.bottom(), &more, inner.width);
        }
    }
}
