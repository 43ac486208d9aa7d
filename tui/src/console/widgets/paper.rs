//! Lines under each other of which some belong together, in a window that keeps the line at hand in its middle.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::console::theme::{Look, Tone};

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

/// Draws blocks; the chosen one is marked.
pub fn draw(frame: &mut Frame<'_>, area: Rect, look: Look, blocks: &[Block], chosen: Option<usize>) {
    let height = usize::from(area.height);
    let count: usize = blocks.iter().map(|block| block.lines.len()).sum();
    let before = |place: usize| blocks.iter().take(place).map(|block| block.lines.len()).sum::<usize>();
    // All of a block is seen where there is room: its middle is what is held in sight.
    let middle = chosen.map_or(0, |chosen| before(chosen) + blocks.get(chosen).map_or(0, |block| block.lines.len().saturating_sub(1) / 2));
    let from = window(middle, count, height);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_keeps_the_chosen_line_in_sight_and_shows_no_emptiness() {
        assert_eq!([window(0, 100, 10), window(50, 100, 10), window(99, 100, 10), window(3, 5, 10)], [0, 45, 90, 0]);
        for chosen in 0..100 {
            let from = window(chosen, 100, 7);
            assert!((from..from + 7).contains(&chosen) && from + 7 <= 100);
        }
    }
}
