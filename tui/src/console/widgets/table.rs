//! A table of any length: rows are made as they come into sight, and none else.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::cut::{padded, right};
use super::hits::Hit;
use super::paper::window;
use crate::console::desk::Desk;
use crate::console::theme::Tone;

/// How wide a column is, and on which side its texts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// So many cells.
    Cells(usize),
    /// So many cells, for figures, which stand on the right.
    Figures(usize),
    /// What is left, shared among all of these.
    Rest,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub head: String,
    /// How wide it is.
    pub width: Width,
}

/// A text in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// What it is.
    pub tone: Tone,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, tone: Tone::Plain }
    }
}

/// Draws a table; `row` makes the row of a place.
pub fn draw(frame: &mut Frame<'_>, area: Rect, desk: &Desk, columns: &[Column], count: usize, chosen: Option<usize>, row: impl Fn(usize) -> Vec<Cell>) {
    if area.height < 2 || area.width < 4 {
        return;
    }
    let look = desk.look;
    let widths = widths(columns, usize::from(area.width).saturating_sub(2));
    let line = |cells: Vec<Cell>, mark: &str| {
        let mut spans = vec![Span::raw(mark.to_owned())];
        for ((cell, column), width) in cells.into_iter().zip(columns).zip(&widths) {
            let text = match column.width {
                Width::Figures(_) => right(&cell.text, *width, look.cut()),
                Width::Cells(_) | Width::Rest => padded(&cell.text, *width, look.cut()),
            };
            spans.push(Span::styled(text, look.style(cell.tone)));
            spans.push(Span::raw(" "));
        }
        Line::from(spans)
    };
    let heads = columns.iter().map(|column| Cell { text: column.head.clone(), tone: Tone::Strong }).collect();
    frame.buffer_mut().set_line(area.x, area.y, &line(heads, "  "), area.width);
    let height = usize::from(area.height - 1);
    let from = window(chosen.unwrap_or(0), count, height);
    for (y, place) in (area.y + 1..area.bottom()).zip(from..count) {
        let is_chosen = chosen == Some(place);
        frame.buffer_mut().set_line(area.x, y, &line(row(place), if is_chosen { "> " } else { "  " }), area.width);
        let row = Rect { y, height: 1, ..area };
        if is_chosen {
            frame.buffer_mut().set_style(row, look.style(Tone::Chosen));
        }
        if chosen.is_some() {
            desk.hits.add(row, if is_chosen { Hit::Open } else { Hit::Row(place) });
        }
    }
}

/// The cells of each column, one between two of them left out.
fn widths(columns: &[Column], cells: usize) -> Vec<usize> {
    let fixed: usize = columns.iter().map(|column| if let Width::Cells(cells) | Width::Figures(cells) = column.width { cells } else { 0 }).sum();
    let rests = columns.iter().filter(|column| column.width == Width::Rest).count().max(1);
    let left = cells.saturating_sub(fixed + columns.len());
    columns
        .iter()
        .map(|column| match column.width {
            Width::Cells(cells) | Width::Figures(cells) => cells,
            Width::Rest => left / rests,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use tachiai_schemas::Lang;

    use super::*;
    use crate::console::tests::opened;

    #[test]
    fn of_twenty_thousand_rows_only_those_in_sight_are_made() {
        let desk = opened(Lang::En).desk;
        let made = RefCell::new(Vec::new());
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let columns = [Column { head: "n".to_owned(), width: Width::Figures(8) }, Column { head: "text".to_owned(), width: Width::Rest }];
        terminal
            .draw(|frame| {
                draw(frame, frame.area(), &desk, &columns, 20_000, Some(12_345), |place| {
                    made.borrow_mut().push(place);
                    vec![place.to_string().into(), "氏名".to_owned().into()]
                });
            })
            .unwrap();
        let made = made.into_inner();
        assert_eq!((made.len(), made.contains(&12_345)), (23, true));
        let screen = terminal.backend().to_string();
        assert!(screen.contains(">    12345 氏名"), "{screen}");
    }
}
