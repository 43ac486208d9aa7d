//! A window over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Borders, Clear};

use super::cut::{cut, width};
use crate::console::theme::{Look, Tone};

/// Opens a window of at most this size in the middle of the screen; gives what is inside its border.
pub fn open(frame: &mut Frame<'_>, look: Look, title: &str, cells: u16, rows: u16) -> Rect {
    let screen = frame.area();
    let (w, h) = (cells.min(screen.width), rows.min(screen.height));
    let area = Rect { x: screen.x + (screen.width - w) / 2, y: screen.y + (screen.height - h) / 2, width: w, height: h };
    // A wide character that begins to the left of the window would cover its border.
    if let Some(x) = area.x.checked_sub(1) {
        for y in area.y..area.bottom() {
            if let Some(cell) = frame.buffer_mut().cell_mut((x, y))
                && width(cell.symbol()) > 1
            {
                cell.set_symbol(" ");
            }
        }
    }
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, look.ground());
    let title = cut(title, usize::from(w).saturating_sub(4), look.cut());
    let block = Block::new().borders(Borders::ALL).border_set(look.border()).title(ratatui::text::Line::styled(format!(" {title} "), look.style(Tone::Strong)));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    #[test]
    fn a_wide_character_at_the_edge_takes_nothing_from_the_border() {
        for shift in 0..2 {
            let mut terminal = Terminal::new(TestBackend::new(31, 5)).unwrap();
            terminal
                .draw(|frame| {
                    for y in 0..5 {
                        frame.buffer_mut().set_string(shift, y, "養父市長選挙投開票速報表示", Look::default().ground());
                    }
                    open(frame, Look::default(), "表題", 14, 3);
                })
                .unwrap();
            let screen = terminal.backend().to_string();
            let row = screen.lines().nth(2).unwrap();
            assert_eq!(row.matches('│').count(), 2, "{screen}");
        }
    }
}
