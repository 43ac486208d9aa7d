//! Which profile: the path of a file, typed or pasted.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::text::Line;

use super::Turn;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::widgets::cut::lines;
use crate::console::widgets::field::Field;
use crate::console::widgets::popup;
use crate::profile::Profile;

/// The question.
pub struct Choice {
    field: Field,
    /// Whether no file was there when it was meant: then the connection that there is stays.
    missing: bool,
}

impl Choice {
    /// The profile that is used now stands in it.
    #[must_use]
    pub fn of(desk: &Desk) -> Self {
        let path = desk.profile.clone().or_else(Profile::default_path).unwrap_or_default();
        Self { field: Field::path(&path.display().to_string()), missing: false }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Turn {
        match key {
            Key::Esc => Turn::Close,
            // A path is bytes as they are on the disk: nothing of it is made another character.
            Key::Enter if !self.field.raw().trim().is_empty() => {
                let path = PathBuf::from(self.field.raw().trim());
                self.missing = !path.is_file();
                if self.missing { Turn::Stay } else { Turn::Profile(path) }
            }
            key => {
                self.field.key(key);
                self.missing = false;
                Turn::Stay
            }
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.field.paste(text);
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let cells = usize::from(frame.area().width.min(76)).saturating_sub(6);
        let ask = lines(&desk.say(if self.missing { "profile-missing" } else { "profile-ask" }), cells);
        let rows = u16::try_from(ask.len() + 3).unwrap_or(u16::MAX);
        let inner = popup::open(frame, desk.look, &desk.say("profile-title"), 76, rows);
        for (y, line) in (inner.y..inner.bottom()).zip(&ask) {
            frame.buffer_mut().set_line(inner.x, y, &Line::raw(line.as_str()), inner.width);
        }
        let y = inner.bottom().saturating_sub(1);
        let (typed, at) = self.field.seen(cells.saturating_sub(2));
        frame.buffer_mut().set_line(inner.x, y, &Line::raw(format!("> {typed}")), inner.width);
        frame.set_cursor_position((inner.x + 2 + u16::try_from(at).unwrap_or_default(), y));
    }
}
