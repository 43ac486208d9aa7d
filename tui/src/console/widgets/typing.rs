//! A line at the top of a screen in which somebody types now and then, what is looked for say. While they do, letters are text.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::cut::width;
use super::field::Field;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::theme::Tone;

/// The line, and whether somebody types in it.
#[derive(Default)]
pub struct Typing {
    field: Field,
    is_on: bool,
}

impl Typing {
    /// Somebody types from the first key on.
    #[must_use]
    pub fn begun() -> Self {
        Self { field: Field::default(), is_on: true }
    }

    /// Whether somebody types.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.is_on
    }

    /// Begins, where nobody types.
    pub const fn begin(&mut self) {
        self.is_on = true;
    }

    /// Ends, where somebody types. The text stays.
    pub const fn end(&mut self) {
        self.is_on = false;
    }

    /// Begins or ends.
    pub const fn switch(&mut self) {
        self.is_on = !self.is_on;
    }

    /// What is meant by what was typed.
    #[must_use]
    pub fn read(&self) -> String {
        self.field.read()
    }

    /// Takes a key as text; says whether it did.
    pub fn key(&mut self, key: Key) -> bool {
        self.is_on && !matches!(key, Key::Ctrl('c' | 'l')) && self.field.key(key)
    }

    /// Takes a pasted text; says whether it did.
    pub fn paste(&mut self, text: &str) -> bool {
        if self.is_on {
            self.field.paste(text);
        }
        self.is_on
    }

    /// Draws it in the first row of an area, with its label before it and what is said of it behind.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, label: &str, behind: &str) {
        let label = format!(" {label}: ");
        let start = width(&label);
        // What stands behind may be cut; what is typed has room for a name.
        let least = usize::from(area.width / 3);
        let cells = usize::from(area.width).saturating_sub(start + 2);
        let (text, at) = self.field.seen(cells.saturating_sub(width(behind)).max(least.min(cells)));
        let spans = [Span::styled(label, desk.look.style(Tone::Strong)), Span::raw(text), Span::styled(behind.to_owned(), desk.look.style(Tone::Dim))];
        frame.buffer_mut().set_line(area.x, area.y, &Line::from(spans.to_vec()), area.width);
        if self.is_on {
            frame.set_cursor_position((area.x + u16::try_from(start + at).unwrap_or_default(), area.y));
        }
    }
}
