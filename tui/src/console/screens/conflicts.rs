//! The contradictions of an event: people whose entries tell different things, side by side. Nothing is settled by itself.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::{PersonView, StepView};

use super::home::shelter_name;
use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place, moved};
use crate::console::app::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Question};
use crate::shelter::said;

/// So many lines of the list are seen above the chosen one's entries.
const LIST: u16 = 8;

/// The screen.
pub struct Conflicts {
    event: EventId,
    chosen: usize,
}

impl Conflicts {
    /// Of an event.
    #[must_use]
    pub const fn of(event: EventId) -> Self {
        Self { event, chosen: 0 }
    }

    fn people<'a>(&self, desk: &'a Desk) -> Option<&'a [PersonView]> {
        match desk.answer(&Question::Conflicts(self.event))? {
            Answer::Conflicts(people) => Some(people),
            _ => None,
        }
    }
}

impl Screen for Conflicts {
    fn place(&self) -> Place {
        Place::Conflicts(self.event)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-conflicts")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![Question::Conflicts(self.event)]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        let off = self.people(desk).is_none_or(<[PersonView]>::is_empty).then(|| desk.say("off-nothing"));
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(off));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let people = self.people(desk).unwrap_or_default();
        self.chosen = moved(self.chosen, people.len(), action);
        match (action, people.get(self.chosen)) {
            (Action::Open, Some(view)) => Then::Go(Place::Person(self.event, view.counts.chain)),
            _ => Then::Stay,
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let question = Question::Conflicts(self.event);
        let (text, tone) = match (self.people(desk), desk.failure(&question)) {
            (Some(people), None) if !people.is_empty() => return self.both(desk, frame, area, people),
            (Some(_), None) => (desk.say("conflicts-none"), Tone::Good),
            (_, Some(failure)) => (failure.say(desk.lang()), Tone::Bad),
            (None, None) => (desk.say("people-asking"), Tone::Dim),
        };
        for (y, line) in (area.y + 1..area.bottom()).zip(lines(&text, cells)) {
            frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
        }
    }
}

/// What a field of the record is called; one that has no name here is called as the record does.
fn field(desk: &Desk, name: &str) -> String {
    let key = match name {
        "name" => "field-name",
        "kana" => "field-kana",
        "birth" => "field-birth",
        "sex" => "field-sex",
        "address" => "field-address",
        "phone" => "field-phone",
        "district" => "field-district",
        "household" => "field-household",
        "stay" => "field-stay",
        "needs" => "field-needs",
        "allergies" => "field-allergies",
        "medication" => "field-medication",
        "room" => "field-room",
        "destination" => "field-destination",
        "note" => "field-note",
        other => return other.to_owned(),
    };
    desk.say(key)
}

impl Conflicts {
    /// The list, and the entries of the chosen one beside each other.
    fn both(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, people: &[PersonView]) {
        let lang = desk.lang();
        let name = |step: &StepView| step.person.as_ref().map_or_else(|| desk.say("people-unopened"), |person| said::name(lang, person));
        let rows = LIST.min(u16::try_from(people.len()).unwrap_or(LIST)) + 1;
        let list = Rect { height: rows.min(area.height), ..area };
        let columns = [Column { head: desk.say("people-who"), width: Width::Rest }, Column { head: desk.say("person-conflict"), width: Width::Cells(24) }];
        let chosen = self.chosen.min(people.len().saturating_sub(1));
        table::draw(frame, list, desk, &columns, people.len(), Some(chosen), |place| {
            let Some(view) = people.get(place) else { return Vec::new() };
            let kind = view.conflict.map(|kind| kind.say(lang)).unwrap_or_default();
            vec![name(&view.counts).into(), kind.into()]
        });
        let below = Rect { y: list.bottom() + 1, height: area.height.saturating_sub(list.height + 1), ..area };
        let Some(view) = people.get(chosen) else { return };
        let mut columns = vec![Column { head: String::new(), width: Width::Cells(14) }];
        columns.extend((1..=view.heads.len()).map(|n| Column { head: desk.with("conflicts-entry", &[("n", n.to_string())]), width: Width::Rest }));
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut add = |name: String, value: &dyn Fn(&StepView) -> String| rows.push(std::iter::once(name).chain(view.heads.iter().map(value)).collect());
        add(desk.say("people-who"), &name);
        add(desk.say("conflicts-where"), &|step| format!("{}  {}", shelter_name(desk, self.event, &step.shelter), step.act.say(lang)));
        add(desk.say("conflicts-when"), &|step| said::moment(lang, step.time.millis()));
        add(desk.say("conflicts-terminal"), &|step| step.terminal.to_string());
        for difference in &view.differs {
            let said = |step: &StepView| difference.values.iter().find(|value| value.entry == step.entry).and_then(|value| value.value.clone());
            add(field(desk, &difference.field), &|step| said(step).map_or_else(|| "-".to_owned(), |value| printable(&value)));
        }
        table::draw(frame, below, desk, &columns, rows.len(), None, |place| {
            rows.get(place).map(|row| row.iter().map(|text| Cell::from(text.clone())).collect()).unwrap_or_default()
        });
    }
}
