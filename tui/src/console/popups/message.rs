//! What came of something.

use ratatui::Frame;
use ratatui::text::Line;

use crate::console::app::Desk;
use crate::console::widgets::cut::lines;
use crate::console::widgets::popup;

/// A message under a title.
pub struct Message {
    /// The message of the title.
    pub title: &'static str,
    /// The text.
    pub text: String,
}

impl Message {
    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let cells = usize::from(frame.area().width.min(70)).saturating_sub(6);
        let text = lines(&self.text, cells);
        let rows = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
        let inner = popup::open(frame, desk.look, &desk.say(self.title), 70, rows);
        for (y, line) in (inner.y..inner.bottom()).zip(&text) {
            frame.buffer_mut().set_line(inner.x, y, &Line::raw(line.as_str()), inner.width);
        }
    }
}
