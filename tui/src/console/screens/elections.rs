//! 選挙: every election with its phase.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::ElectionId;
use tachiai_schemas::status::ElectionNow;

use super::home::{phase, title};
use super::{Screen, Then};
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Cell, Column, Width};

/// The screen.
#[derive(Default)]
pub struct Elections {
    held: Held<ElectionId>,
}

impl Elections {
    fn list(desk: &Desk) -> &[ElectionNow] {
        desk.status.as_ref().map_or(&[], |status| &status.elections)
    }

    fn at_hand<'a>(&self, desk: &'a Desk) -> Option<&'a ElectionNow> {
        Self::list(desk).get(self.held.place(&among(desk)))
    }
}

fn among(desk: &Desk) -> Vec<ElectionId> {
    Elections::list(desk).iter().map(|election| election.summary.election).collect()
}

impl Screen for Elections {
    fn place(&self) -> Place {
        Place::Elections
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-elections")
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let chosen = self.at_hand(desk);
        let off = chosen.map_or_else(|| Some(desk.say("off-nothing")), |election| desk.why_not(Place::Election(election.summary.election)));
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(off));
        keys.push(Binding::new(Key::Char('n'), Action::Go(Place::Create), "key-new-election").off(desk.why_not(Place::Create)));
        let board = chosen.map(|election| Place::Board(election.summary.election));
        let off = board.map_or_else(|| Some(desk.say("off-nothing")), |board| desk.why_not(board));
        keys.push(Binding::new(Key::Char('b'), Action::Go(board.unwrap_or(Place::Elections)), "key-board").off(off));
        keys
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&among(desk));
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.at_hand(desk)) {
            (Action::Open, Some(election)) => Then::Go(Place::Election(election.summary.election)),
            (action, _) => {
                self.held.go(&among(desk), action);
                Then::Stay
            }
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
        table::draw(frame, area, desk, &columns, list.len(), Some(self.held.place(&among(desk))), |place| {
            let Some(ElectionNow { summary, inside: _ }) = list.get(place) else { return Vec::new() };
            let cells = [title(desk, &summary.title), phase(desk, summary.phase), summary.poll_closes.in_japan(desk.lang())];
            cells.into_iter().map(Cell::from).collect()
        });
    }
}
