//! Is it meant? What is approved cannot be undone, so its ID is typed.

use ratatui::Frame;
use ratatui::text::Line;

use super::Turn;
use crate::console::action::Action;
use crate::console::app::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::field::Field;
use crate::console::widgets::popup;
use crate::console::work::Waiting;

/// The question.
pub struct Confirm {
    waiting: Waiting,
    field: Field,
}

impl Confirm {
    /// About something that waits.
    #[must_use]
    pub fn of(_desk: &Desk, waiting: Waiting) -> Self {
        Self { waiting, field: Field::default() }
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self, _desk: &Desk) -> Vec<Binding> {
        vec![Binding::new(Key::Enter, Action::Approve, "key-approve"), Binding::new(Key::Esc, Action::Back, "key-no")]
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Turn {
        match key {
            Key::Esc => Turn::Close,
            Key::Enter if self.field.read() == self.waiting.shown.pending.id => Turn::Approve(Box::new(self.waiting.shown.clone())),
            key => {
                self.field.key(key);
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
        let look = desk.look;
        let cells = usize::from(frame.area().width.min(76)).saturating_sub(6);
        let [ja, en] = &self.waiting.text;
        let mut text: Vec<Line<'_>> = lines(desk.lang().pick(ja, en), cells).into_iter().map(Line::raw).collect();
        let room = usize::from(frame.area().height).saturating_sub(9);
        text.truncate(room);
        text.push(Line::raw(""));
        let ask = desk.with("confirm-type", &[("word", self.waiting.shown.pending.id.clone())]);
        text.extend(lines(&ask, cells).into_iter().map(|line| Line::styled(line, look.style(Tone::Warn))));
        let rows = u16::try_from(text.len() + 3).unwrap_or(u16::MAX);
        let inner = popup::open(frame, look, &desk.say("confirm-title"), 76, rows);
        for (y, line) in (inner.y..inner.bottom()).zip(&text) {
            frame.buffer_mut().set_line(inner.x, y, line, inner.width);
        }
        let y = inner.bottom().saturating_sub(1);
        let (typed, at) = self.field.seen(cells.saturating_sub(2));
        frame.buffer_mut().set_line(inner.x, y, &Line::raw(format!("> {typed}")), inner.width);
        frame.set_cursor_position((inner.x + 2 + u16::try_from(at).unwrap_or_default(), y));
    }
}
