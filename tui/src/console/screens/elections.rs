//! 選挙: every election with its phase.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::status::ElectionNow;

use super::home::{phase, title};
use super::{Screen, Then};
use crate::console::action::{Action, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::widgets::table::{self, Cell, Column, Width};

/// The screen.
#[derive(Default)]
pub struct Elections {
    chosen: usize,
}

impl Elections {
    fn list(desk: &Desk) -> &[ElectionNow] {
        desk.status.as_ref().map_or(&[], |status| &status.elections)
    }
}

impl Screen for Elections {
    fn place(&self) -> Place {
        Place::Elections
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-elections")
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let list = Self::list(desk);
        let chosen = list.get(self.chosen.min(list.len().saturating_sub(1)));
        let off = chosen.map_or_else(|| Some(desk.say("off-nothing")), |election| desk.why_not(Place::Election(election.summary.election)));
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(off));
        keys.push(Binding::new(Key::Char('n'), Action::Go(Place::Create), "key-new-election").off(desk.why_not(Place::Create)));
        let board = chosen.map(|election| Place::Board(election.summary.election));
        let off = board.map_or_else(|| Some(desk.say("off-nothing")), |board| desk.why_not(board));
        keys.push(Binding::new(Key::Char('b'), Action::Go(board.unwrap_or(Place::Elections)), "key-board").off(off));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let list = Self::list(desk);
        self.chosen = moved(self.chosen, list.len(), action);
        match (action, list.get(self.chosen)) {
            (Action::Open, Some(election)) => Then::Go(Place::Election(election.summary.election)),
            _ => Then::Stay,
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let list = Self::list(desk);
        if list.is_empty() {
            frame.buffer_mut().set_line(area.x, area.y + 1, &Line::raw(format!("  {}", desk.say("home-elections-none"))), area.width);
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [column("elections-title", Width::Rest), column("elections-phase", Width::Cells(16)), column("elections-closes", Width::Cells(24))];
        table::draw(frame, area, desk, &columns, list.len(), Some(self.chosen.min(list.len() - 1)), |place| {
            let Some(ElectionNow { summary, inside: _ }) = list.get(place) else { return Vec::new() };
            let cells = [title(desk, &summary.title), phase(desk, summary.phase), summary.poll_closes.in_japan(desk.lang())];
            cells.into_iter().map(Cell::from).collect()
        });
    }
}
