//! 災害・避難所: the events that are open, as they are now, and below them those that are closed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Lang;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::municipality::is_municipality;
use tachiai_schemas::roster::{CardRule, EventId, EventKind, GROUPS};
use tachiai_schemas::shelter::{EventSpec, EventSummary};
use tachiai_schemas::staff::{Matter, Role};
use tachiai_schemas::status::EventNow;

use super::home::{kind, title};
use super::{Screen, Then};
use crate::commands::approve::{Names, matter};
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Deed, Question, shelters};

/// The screen.
#[derive(Default)]
pub struct Events {
    held: Held<EventId>,
}

const QUESTION: Question = Question::Shelters(shelters::Question::Events);

fn open(desk: &Desk) -> &[EventNow] {
    desk.status.as_ref().and_then(|status| status.events.as_deref()).unwrap_or_default()
}

/// Those that are open, and those that are closed.
fn list(desk: &Desk) -> Vec<&EventSummary> {
    let all: &[EventSummary] = match desk.answer(&QUESTION) {
        Some(Answer::Shelters(shelters::Answer::Events(all))) => all,
        _ => &[],
    };
    let open = open(desk).iter().map(|event| &event.summary);
    let is_open = |of: &EventSummary| open.clone().any(|open| open.event == of.event);
    let closed: Vec<&EventSummary> = all.iter().rev().filter(|event| event.closed.is_some() && !is_open(event)).collect();
    open.clone().chain(closed).collect()
}

fn among(desk: &Desk) -> Vec<EventId> {
    list(desk).iter().map(|event| event.event).collect()
}

/// Why somebody of another role does nothing here.
pub(super) fn for_headquarters(desk: &Desk) -> Option<String> {
    match desk.role() {
        Some(Role::Headquarters) => None,
        Some(role) => Some(desk.with("off-role", &[("role", desk.role_name(role))])),
        None => Some(desk.say("off-nobody")),
    }
}

/// The kinds of events and the rules of cards, in the order of the form.
const KINDS: [EventKind; 5] = [EventKind::Disaster, EventKind::Drill, EventKind::OpenSchool, EventKind::Lecture, EventKind::RollCall];
const CARDS: [CardRule; 2] = [CardRule::WithoutPin, CardRule::Pin];

/// What is declared.
fn declare(desk: &Desk) -> Popup {
    // The municipality is the same each time.
    let municipality = list(desk).first().map(|event| event.declared.municipality.clone()).unwrap_or_default();
    let form = Form::new(vec![
        Entry::choice("declare-kind", KINDS.map(|of| kind(desk, of)).into(), 0),
        Entry::text("declare-ja").hint("declare-ja-hint"),
        Entry::text("declare-en").hint("declare-en-hint"),
        Entry::filled("declare-municipality", &municipality).hint("declare-municipality-hint"),
        Entry::choice("declare-card", vec![desk.say("declare-card-without"), desk.say("declare-card-pin")], 0).hint("declare-card-hint"),
        Entry::filled("declare-group", "10").hint("declare-group-hint"),
    ]);
    Popup::ask(Ask::new("declare-title", desk.say("declare-said"), form, |desk, form| {
        let mut problems = Vec::new();
        let mut wrong = |label: &'static str, key: &str| problems.push(Problem { label, said: desk.say(key) });
        let (ja, en) = (form.text("declare-ja"), form.text("declare-en"));
        if ja.is_empty() {
            wrong("declare-ja", "declare-ja-missing");
        }
        let municipality = form.text("declare-municipality");
        if !is_municipality(&municipality) {
            wrong("declare-municipality", "declare-municipality-wrong");
        }
        let group = form.text("declare-group").parse().ok().filter(|group| GROUPS.contains(group));
        if group.is_none() {
            wrong("declare-group", "declare-group-hint");
        }
        let (Some(min_group), true) = (group, problems.is_empty()) else { return Err(problems) };
        let of = KINDS.get(form.chosen("declare-kind")).copied().unwrap_or(EventKind::Disaster);
        let title = Text { en: if en.is_empty() { ja.clone() } else { en }, ja };
        let card = CARDS.get(form.chosen("declare-card")).copied().unwrap_or(CardRule::WithoutPin);
        let spec = EventSpec { kind: of, title, municipality, began: desk.now.plus(desk.ahead), card, min_group };
        let text = [Lang::Ja, Lang::En].map(|lang| declared(lang, &spec));
        let deed = Deed::Shelters(shelters::Deed::Declare(Box::new(spec)));
        Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "declare-title", text, word: None, deed }))))
    }))
}

/// What would be declared, in words: of a disaster what its second official reads.
fn declared(lang: Lang, spec: &EventSpec) -> String {
    let what = matter::text(lang, &Matter::DeclareEvent { spec: Box::new(spec.clone()) }, &Names::default());
    let then = match (spec.kind, lang) {
        (EventKind::Disaster, Lang::Ja) => "災害は、もう一人の職員が承認したときに開きます。",
        (EventKind::Disaster, Lang::En) => "A disaster opens when a second official approves it.",
        (_, Lang::Ja) => "すぐに開きます。",
        (_, Lang::En) => "It opens at once.",
    };
    format!("{what}\n\n{then}")
}

impl Screen for Events {
    fn place(&self) -> Place {
        Place::Events
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-events")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![QUESTION]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(list(desk).is_empty().then(|| desk.say("off-nothing"))));
        keys.push(Binding::new(Key::Char('n'), Action::Headquarters(Headquarters::Declare), "declare-title").off(for_headquarters(desk)));
        keys.push(Binding::new(Key::Char('f'), Action::Go(Place::Import), "screen-import").off(desk.why_not(Place::Import)));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&among(desk));
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, list(desk).get(self.held.place(&among(desk)))) {
            (Action::Headquarters(Headquarters::Declare), _) => Then::Window(Box::new(declare(desk))),
            (Action::Open, Some(event)) => Then::Go(Place::Event(event.event)),
            (action, _) => {
                self.held.go(&among(desk), action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let list = list(desk);
        if list.is_empty() {
            frame.buffer_mut().set_line(area.x, area.y + 1, &Line::raw(format!("  {}", desk.say("home-events-none"))), area.width);
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("events-kind", Width::Cells(11)),
            column("events-title", Width::Rest),
            column("event-state", Width::Cells(8)),
            column("events-present", Width::Figures(8)),
            column("events-shelters", Width::Figures(9)),
            column("events-conflicts", Width::Figures(9)),
        ];
        table::draw(frame, area, desk, &columns, list.len(), Some(self.held.place(&among(desk))), |place| {
            let Some(EventSummary { event: _, declared, closed, open_shelters, present, conflicts }) = list.get(place) else { return Vec::new() };
            let state = match closed {
                None => Cell { text: desk.say("events-open"), tone: Tone::Good },
                Some(_) => Cell { text: desk.say("events-closed"), tone: Tone::Dim },
            };
            let texts = [kind(desk, declared.kind), title(desk, &declared.title)].map(Cell::from);
            let figures = [*present, u64::from(*open_shelters), *conflicts].map(grouped).map(Cell::from);
            texts.into_iter().chain([state]).chain(figures).collect()
        });
    }
}
