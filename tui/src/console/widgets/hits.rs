//! What of the screen can be clicked at: kept while it is drawn.

use std::cell::RefCell;

use ratatui::layout::{Position, Rect};

use crate::console::event::Key;

/// What a click means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// The same as a key.
    Key(Key),
    /// This line is chosen.
    Row(usize),
    /// The line that is chosen already is opened.
    Open,
}

/// What lies where; what was drawn last lies above.
#[derive(Debug, Default)]
pub struct Hits(RefCell<Vec<(Rect, Hit)>>);

impl Hits {
    /// Before anything is drawn.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    /// Something lies here.
    pub fn add(&self, area: Rect, hit: Hit) {
        self.0.borrow_mut().push((area, hit));
    }

    /// What lies at a column and a row.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<Hit> {
        self.0.borrow().iter().rev().find(|(area, _)| area.contains(Position::new(column, row))).map(|(_, hit)| *hit)
    }
}
