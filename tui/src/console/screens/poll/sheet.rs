//! What is said at a desk under the large letters: all of it where there is room, and else a part of the contests, with the one at hand in sight.

use ratatui::text::Line;

use crate::console::desk::Desk;
use crate::console::theme::{Look, Tone};
use crate::console::widgets::cut::lines;
use crate::console::widgets::paper::window;

/// The least rows of the contests.
const LEAST: usize = 3;

/// What is said, in lines.
pub(super) struct Sheet {
    look: Look,
    cells: usize,
    before: Vec<Line<'static>>,
    contests: Vec<Vec<Line<'static>>>,
    after: Vec<Line<'static>>,
}

impl Sheet {
    /// Nothing is said yet.
    pub const fn new(look: Look, cells: usize) -> Self {
        Self { look, cells, before: Vec::new(), contests: Vec::new(), after: Vec::new() }
    }

    fn broken(&self, said: &str, tone: Tone) -> Vec<Line<'static>> {
        lines(said, self.cells).into_iter().map(|line| Line::styled(format!("  {line}"), self.look.style(tone))).collect()
    }

    /// Says something, before the contests or after them.
    pub fn say(&mut self, said: &str, tone: Tone) {
        let said = self.broken(said, tone);
        if self.contests.is_empty() { self.before.extend(said) } else { self.after.extend(said) }
    }

    /// Tells of a contest.
    pub fn contest(&mut self, said: &str) {
        self.contests.push(self.broken(said, Tone::Plain));
    }

    /// The rows of all of it.
    pub fn rows(&self) -> usize {
        self.before.len() + self.after.len() + self.contests.iter().map(Vec::len).sum::<usize>()
    }

    /// All of it in so many rows. What there is no room for is said.
    pub fn fit(self, desk: &Desk, room: usize, chosen: usize) -> Vec<Line<'static>> {
        let is_whole = self.rows() <= room;
        let Self { look, cells: _, before, contests, after } = self;
        let mut text = before;
        if is_whole || contests.is_empty() {
            text.extend(contests.into_iter().flatten());
        } else {
            let height = room.saturating_sub(text.len() + after.len() + 1).max(LEAST);
            let first: usize = contests.iter().take(chosen).map(Vec::len).sum();
            let middle = first + contests.get(chosen).map_or(0, |lines| lines.len().saturating_sub(1) / 2);
            let count = contests.iter().map(Vec::len).sum();
            let from = window(middle, count, height);
            let mut at = 0;
            let mut hidden = 0;
            for lines in &contests {
                hidden += usize::from(at < from || at + lines.len() > from + height);
                at += lines.len();
            }
            text.extend(contests.into_iter().flatten().skip(from).take(height));
            if hidden > 0 {
                text.push(Line::styled(format!("  {}", desk.with("poll-others", &[("n", hidden.to_string())])), look.style(Tone::Warn)));
            }
        }
        text.extend(after);
        if text.len() > room {
            let left = text.len() - room.saturating_sub(1);
            text.truncate(room.saturating_sub(1));
            text.push(Line::styled(format!("  {}", desk.with("poll-more", &[("n", left.to_string())])), look.style(Tone::Warn)));
        }
        text
    }
}
