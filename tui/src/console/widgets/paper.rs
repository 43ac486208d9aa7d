//! Lines under each other of which some belong together, in a window that keeps the line at hand in its middle; and a text that is read to its end.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::cut::cut;
use crate::console::action::Action;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::theme::Tone;

/// The cells of a line where the window is small: by them it is reckoned how far one can scroll.
pub const NARROW: usize = 76;

/// Some lines that belong together.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The lines.
    pub lines: Vec<Line<'static>>,
}

/// The first line that is seen, so that the chosen one is as near to the middle as it can be.
#[must_use]
pub fn window(chosen: usize, count: usize, height: usize) -> usize {
    chosen.saturating_sub(height / 2).min(count.saturating_sub(height))
}

/// Draws blocks; the chosen one is marked. Where there is more than there is room for, the last row says how much stands above and below.
pub fn draw(desk: &Desk, frame: &mut Frame<'_>, area: Rect, blocks: &[Block], chosen: Option<usize>) {
    let look = desk.look;
    let count: usize = blocks.iter().map(|block| block.lines.len()).sum();
    let before = |place: usize| blocks.iter().take(place).map(|block| block.lines.len()).sum::<usize>();
    // All of a block is seen where there is room: its middle is what is held in sight.
    let middle = chosen.map_or(0, |chosen| before(chosen) + blocks.get(chosen).map_or(0, |block| block.lines.len().saturating_sub(1) / 2));
    let all = area;
    let area = if count > usize::from(area.height) { Rect { height: area.height.saturating_sub(1), ..area } } else { area };
    let from = window(middle, count, usize::from(area.height));
    if area.height < all.height {
        more(desk, frame, Rect { y: area.bottom(), height: 1, ..area }, from, count.saturating_sub(from + usize::from(area.height)));
    }
    let lines = blocks.iter().enumerate().flat_map(|(place, block)| block.lines.iter().enumerate().map(move |(at, line)| (Some(place) == chosen, at, line)));
    for (row, (is_chosen, at, line)) in (area.y..area.bottom()).zip(lines.skip(from)) {
        let line_area = Rect { y: row, height: 1, ..area };
        frame.buffer_mut().set_line(area.x, row, line, area.width);
        if is_chosen {
            frame.buffer_mut().set_style(line_area, look.style(Tone::Chosen));
        }
        // The lines begin with spaces, so that there is room for a mark.
        if is_chosen
            && at == 0
            && let Some(cell) = frame.buffer_mut().cell_mut((area.x, row))
        {
            cell.set_symbol(">");
        }
    }
}

/// Draws lines from one of them on, as far as there are any more than there is room for.
pub fn scroll(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'static>], from: usize) {
    let from = from.min(lines.len().saturating_sub(usize::from(area.height)));
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(from)) {
        frame.buffer_mut().set_line(area.x, y, line, area.width);
    }
}

/// Says in a row how many lines stand above and below what is in sight.
fn more(desk: &Desk, frame: &mut Frame<'_>, row: Rect, above: usize, below: usize) {
    let n = |n: usize| [("n", n.to_string())];
    let said = match (above, below) {
        (0, below) => desk.with("paper-below", &n(below)),
        (above, 0) => desk.with("paper-above", &n(above)),
        (above, below) => format!("{}  {}", desk.with("paper-below", &n(below)), desk.with("paper-above", &n(above))),
    };
    let said = cut(&format!("  {said}"), usize::from(row.width), desk.look.cut());
    frame.buffer_mut().set_line(row.x, row.y, &Line::styled(said, desk.look.style(Tone::Warn)), row.width);
}

/// A text that may be longer than the room for it: where somebody reads, and what of it was in sight.
#[derive(Debug, Default)]
pub struct Reading {
    /// The first line that is seen. What is drawn keeps it among the lines that there are.
    from: Cell<usize>,
    sight: Cell<Sight>,
}

/// What was drawn last.
#[derive(Debug, Clone, Copy, Default)]
struct Sight {
    /// Which text it was.
    text: u64,
    /// The lines of all of it, in the width it has.
    count: usize,
    /// The lines for which there was room.
    rows: usize,
    /// So many of the first lines were seen, without a gap.
    until: usize,
}

impl Reading {
    /// Another text: it is read from its beginning.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// Whether all of what was drawn last was in sight.
    #[must_use]
    pub fn is_read(&self) -> bool {
        let Sight { count, until, .. } = self.sight.get();
        count > 0 && until >= count
    }

    /// Whether there was more than there was room for.
    #[must_use]
    pub fn is_long(&self) -> bool {
        let Sight { count, rows, .. } = self.sight.get();
        count > rows
    }

    /// Goes on reading, where this is what an action does.
    pub fn go(&mut self, action: Action) {
        let (from, page) = (self.from.get(), self.sight.get().rows.max(1));
        self.from.set(match action {
            Action::Up => from.saturating_sub(1),
            Action::Down => from.saturating_add(1),
            Action::PageUp => from.saturating_sub(page),
            Action::PageDown => from.saturating_add(page),
            Action::First => 0,
            Action::Last => usize::MAX,
            _ => from,
        });
    }

    /// Goes on reading by a page beside a list: of a text that is whole in sight the pages are the list's. Says whether it did.
    pub fn turns(&mut self, action: Action) -> bool {
        let is_page = matches!(action, Action::PageUp | Action::PageDown) && self.is_long();
        if is_page {
            self.go(action);
        }
        is_page
    }

    /// What a key does in a window in which one only reads.
    #[must_use]
    pub const fn action(key: Key) -> Option<Action> {
        Some(match key {
            Key::Down | Key::Char('j') => Action::Down,
            Key::Up | Key::Char('k') => Action::Up,
            Key::PageDown => Action::PageDown,
            Key::PageUp => Action::PageUp,
            Key::Home => Action::First,
            Key::End => Action::Last,
            _ => return None,
        })
    }

    /// Draws a text as far as there is room. Where there is more, the last row says how much of it stands above and below.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, text: &[Line<'static>]) {
        let is_whole = text.len() <= usize::from(area.height);
        let body = Rect { height: if is_whole { area.height } else { area.height.saturating_sub(1) }, ..area };
        let rows = usize::from(body.height);
        let from = self.see(text, rows);
        scroll(frame, body, text, from);
        if is_whole || area.height == 0 {
            return;
        }
        more(desk, frame, Rect { y: body.bottom(), height: 1, ..area }, from, text.len().saturating_sub(from + rows));
    }

    /// Keeps what is in sight now, in so many rows; gives the first line of it. Another text, or the same in another width, was not seen yet.
    pub fn see(&self, text: &[Line<'static>], rows: usize) -> usize {
        let mut hasher = DefaultHasher::new();
        text.iter().flat_map(|line| &line.spans).for_each(|span| span.content.hash(&mut hasher));
        let (count, which) = (text.len(), hasher.finish());
        let before = self.sight.get();
        let until = if (before.text, before.count) == (which, count) { before.until } else { 0 };
        let from = self.from.get().min(count.saturating_sub(rows));
        let until = if from <= until { until.max((from + rows).min(count)) } else { until };
        self.sight.set(Sight { text: which, count, rows, until });
        self.from.set(from);
        from
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use tachiai_schemas::Lang;

    use super::*;
    use crate::console::tests::opened;

    /// What is seen of so many lines in so many rows.
    fn drawn(reading: &Reading, lines: usize, rows: u16) -> String {
        let desk = opened(Lang::En).desk;
        let text: Vec<Line<'static>> = (0..lines).map(|n| Line::raw(format!("line {n}."))).collect();
        let mut terminal = Terminal::new(TestBackend::new(60, rows)).unwrap();
        terminal.draw(|frame| reading.draw(&desk, frame, frame.area(), &text)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn what_stands_above_and_below_is_said_and_the_end_is_reached() {
        let mut reading = Reading::default();
        assert!(drawn(&reading, 9, 4).contains("6 more lines below"));
        reading.go(Action::PageDown);
        let seen = drawn(&reading, 9, 4);
        assert!(seen.contains("line 3.") && seen.contains("3 more lines below") && seen.contains("3 lines above"), "{seen}");
        assert!(!reading.is_read());
        reading.go(Action::Last);
        let seen = drawn(&reading, 9, 4);
        assert!(seen.contains("line 8.") && !seen.contains("below") && reading.is_read(), "{seen}");
        // However often somebody goes on at the end, one key leads back from it.
        (0..9).for_each(|_| reading.go(Action::PageDown));
        drawn(&reading, 9, 4);
        reading.go(Action::PageUp);
        assert!(drawn(&reading, 9, 4).contains("line 3."));
    }

    #[test]
    fn what_was_leapt_over_was_not_read_and_another_text_is_read_anew() {
        let mut reading = Reading::default();
        drawn(&reading, 9, 4);
        reading.go(Action::Last);
        drawn(&reading, 9, 4);
        assert!(!reading.is_read());
        reading.go(Action::First);
        for _ in 0..3 {
            drawn(&reading, 9, 4);
            reading.go(Action::PageDown);
        }
        assert!(reading.is_read());
        drawn(&reading, 10, 4);
        assert!(!reading.is_read());
    }

    #[test]
    fn the_window_keeps_the_chosen_line_in_sight_and_shows_no_emptiness() {
        assert_eq!([window(0, 100, 10), window(50, 100, 10), window(99, 100, 10), window(3, 5, 10)], [0, 45, 90, 0]);
        for chosen in 0..100 {
            let from = window(chosen, 100, 7);
            assert!((from..from + 7).contains(&chosen) && from + 7 <= 100);
        }
    }
}
