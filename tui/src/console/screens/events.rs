//! 災害・避難所: the events that are open.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::status::EventNow;

use super::home::{kind, title};
use super::{Screen, Then};
use crate::console::action::{Action, Place, moved};
use crate::console::app::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::widgets::table::{self, Cell, Column, Width};

/// The screen.
#[derive(Default)]
pub struct Events {
    chosen: usize,
}

impl Events {
    fn list(desk: &Desk) -> &[EventNow] {
        desk.status.as_ref().and_then(|status| status.events.as_deref()).unwrap_or_default()
    }
}

impl Screen for Events {
    fn place(&self) -> Place {
        Place::Events
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-events")
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(Self::list(desk).is_empty().then(|| desk.say("off-nothing"))));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let list = Self::list(desk);
        self.chosen = moved(self.chosen, list.len(), action);
        match (action, list.get(self.chosen)) {
            (Action::Open, Some(event)) => Then::Go(Place::Event(event.summary.event)),
            _ => Then::Stay,
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let list = Self::list(desk);
        if list.is_empty() {
            frame.buffer_mut().set_line(area.x, area.y + 1, &Line::raw(format!("  {}", desk.say("home-events-none"))), area.width);
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("events-kind", Width::Cells(11)),
            column("events-title", Width::Rest),
            column("events-present", Width::Figures(8)),
            column("events-shelters", Width::Figures(9)),
            column("events-conflicts", Width::Figures(9)),
        ];
        table::draw(frame, area, desk, &columns, list.len(), Some(self.chosen.min(list.len() - 1)), |place| {
            let Some(EventNow { summary, shelters: _ }) = list.get(place) else { return Vec::new() };
            let figures = [summary.present, u64::from(summary.open_shelters), summary.conflicts].map(grouped);
            let texts = [kind(desk, summary.declared.kind), title(desk, &summary.declared.title)];
            texts.into_iter().chain(figures).map(Cell::from).collect()
        });
    }
}
