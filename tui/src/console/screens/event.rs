//! One event: its shelters by district, with how full each is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;
use tachiai_schemas::roster::{AgeBand, EventId, OpenState, ShelterId, Stay};
use tachiai_schemas::shelter::{EventView, ShelterView, Totals};

use super::events::for_headquarters;
use super::home::{kind, state, title};
use super::people::People;
use super::reception::STATES;
use super::{Screen, Then, warnings};
use crate::card::printable;
use crate::commands::shelter::called::called;
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::{both, grouped};
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::bar::bar;
use crate::console::widgets::cut::{cut, flow, lines};
use crate::console::widgets::form::{Entry, Form};
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Deed, Question, shelters};

/// The screen.
pub struct Event {
    id: EventId,
    /// The shelter at hand: while it is looked at, others open, close and fill.
    held: Held<ShelterId>,
}

impl Event {
    /// Of an event.
    #[must_use]
    pub const fn of(id: EventId) -> Self {
        Self { id, held: Held::first() }
    }

    fn view<'a>(&self, desk: &'a Desk) -> Option<&'a EventView> {
        match desk.answer(&Question::Event(self.id))? {
            Answer::Event(view) => Some(view),
            _ => None,
        }
    }
}

impl Event {
    /// The shelter at hand.
    fn shelter<'a>(&self, desk: &'a Desk) -> Option<&'a ShelterView> {
        let shelters = by_district(self.view(desk)?);
        shelters.get(self.held.place(&ids(&shelters))).copied()
    }

    /// The shelters, as they stand in the list.
    fn among(&self, desk: &Desk) -> Vec<ShelterId> {
        self.view(desk).map(|view| ids(&by_district(view))).unwrap_or_default()
    }

    /// How the shelter at hand stands from now on.
    fn set(&self, desk: &Desk, shelter: &ShelterView) -> Popup {
        let (event, before) = (self.id, shelter.state.clone());
        let named = called(desk.lang(), &before.shelter, self.view(desk).into_iter().flat_map(|view| &view.shelters));
        let chosen = STATES.iter().position(|of| *of == before.state).unwrap_or(0);
        let form = Form::new(vec![Entry::choice("desk-state", STATES.map(|of| state(desk, of)).into(), chosen)]);
        let (name, inside) = (before.name.clone(), staying(shelter));
        Popup::ask(Ask::new("event-set-state", named, form, move |_, form| {
            let state = STATES.get(form.chosen("desk-state")).copied().unwrap_or(OpenState::Open);
            let set = shelters::Set { shelter: before.shelter.clone(), from: before.state, to: state };
            let deed = Deed::Shelters(shelters::Deed::Set(event, set));
            if state != OpenState::Closed || inside == 0 {
                return Ok(Turn::Do(Box::new(deed)));
            }
            // Whoever is there is no less there.
            let text = both(|words| {
                let name = printable(words.lang().pick(&name.ja, &name.en));
                words.with("event-close-people", &[("name", name), ("n", grouped(inside))])
            });
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "event-set-state", text, word: None, deed }))))
        }))
    }
}

/// The shelters by district and name, so that each keeps its place; those that are closed come last.
fn by_district(view: &EventView) -> Vec<&ShelterView> {
    let mut shelters: Vec<&ShelterView> = view.shelters.iter().collect();
    shelters.sort_by_key(|&view| {
        let now = &view.state;
        (now.state == OpenState::Closed, &now.district, &now.name.ja, &now.shelter)
    });
    shelters
}

fn ids(shelters: &[&ShelterView]) -> Vec<ShelterId> {
    shelters.iter().map(|view| view.state.shelter.clone()).collect()
}

/// People who stay in a shelter, those among them of whom nothing can be opened any more.
fn staying(view: &ShelterView) -> u64 {
    view.totals.stays[Stay::Shelter as usize] + view.totals.erased
}

impl Screen for Event {
    fn place(&self) -> Place {
        Place::Event(self.id)
    }

    fn title(&self, desk: &Desk) -> String {
        self.view(desk).map_or_else(|| desk.say("screen-event"), |view| title(desk, &view.summary.declared.title))
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![Question::Event(self.id)]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let conflicts = Place::Conflicts(self.id);
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "event-people").off(self.shelter(desk).is_none().then(|| desk.say("off-nothing"))));
        keys.push(Binding::new(Key::Char('/'), Action::Go(Place::People(self.id)), "screen-people"));
        keys.push(Binding::new(Key::Char('c'), Action::Go(conflicts), "screen-conflicts").off(desk.why_not(conflicts)));
        let nothing = self.shelter(desk).is_none().then(|| desk.say("off-nothing"));
        keys.push(Binding::new(Key::Char('s'), Action::Headquarters(Headquarters::State), "event-set-state").off(for_headquarters(desk).or(nothing)));
        let go = |key, place, label| Binding::new(Key::Char(key), Action::Go(place), label).off(desk.why_not(place));
        keys.push(go('o', Place::Facilities(self.id), "event-open"));
        keys.push(go('m', Place::Missing(self.id), "screen-missing"));
        keys.push(go('d', Place::Duplicates(self.id), "screen-duplicates"));
        keys.push(go('t', Place::Statements(self.id), "screen-statements"));
        keys.push(go('e', Place::Terminals(self.id), "screen-terminals"));
        let asides = Place::Asides(self.id);
        let none = self.view(desk).is_some_and(|view| view.aside == 0).then(|| desk.say("off-aside-none"));
        keys.push(Binding::new(Key::Char('h'), Action::Go(asides), "screen-asides").off(desk.why_not(asides).or(none)));
        keys.push(go('x', Place::Close(self.id), "close-title"));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if action == Action::Headquarters(Headquarters::State) {
            return self.shelter(desk).map_or(Then::Stay, |shelter| Then::Window(Box::new(self.set(desk, shelter))));
        }
        if let (Action::Open, Some(shelter)) = (action, self.shelter(desk)) {
            return Then::Screen(Box::new(People::in_shelter(desk, self.id, &shelter.state.shelter)));
        }
        self.held.go(&self.among(desk), action);
        Then::Stay
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&self.among(desk));
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let cells = usize::from(area.width).saturating_sub(2);
        let view = match (self.view(desk), desk.failure(&Question::Event(self.id))) {
            (Some(view), None) => view,
            (_, failure) => {
                let text = failure.map_or_else(|| desk.say("event-loading"), |failure| failure.say(desk.lang()));
                for (y, line) in (area.y + 1..area.bottom()).zip(lines(&text, cells)) {
                    frame.buffer_mut().set_line(area.x + 1, y, &Line::raw(line), area.width);
                }
                return;
            }
        };
        let head = heads(desk, view, cells);
        let rows = u16::try_from(head.len()).unwrap_or(u16::MAX).min(area.height);
        for (y, line) in (area.y..area.bottom()).zip(&head) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        let list = Rect { y: area.y + rows, height: area.height - rows, ..area };
        let shelters = by_district(view);
        if shelters.is_empty() {
            frame.buffer_mut().set_line(list.x, list.y, &Line::raw(format!("  {}", desk.say("event-none"))), list.width);
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let wide = usize::from(area.width / 8).clamp(8, 24);
        let columns = [
            column("event-district", Width::Cells(10)),
            column("event-shelter", Width::Rest),
            column("event-state", Width::Cells(8)),
            column("event-fill", Width::Cells(wide)),
            column("event-staying", Width::Figures(6)),
            column("event-capacity", Width::Figures(12)),
            column("event-heads", Width::Figures(6)),
        ];
        table::draw(frame, list, desk, &columns, shelters.len(), Some(self.held.place(&ids(&shelters))), |place| {
            shelters.get(place).map(|shelter| row(desk, shelter, &view.shelters, wide)).unwrap_or_default()
        });
    }
}

fn row(desk: &Desk, shelter: &ShelterView, all: &[ShelterView], wide: usize) -> Vec<Cell> {
    let now = &shelter.state;
    let tone = match now.state {
        OpenState::Open => Tone::Good,
        OpenState::Crowded => Tone::Warn,
        OpenState::Full => Tone::Bad,
        OpenState::Closed => Tone::Dim,
    };
    let fill = now.capacity.map_or_else(String::new, |capacity| bar(desk.look, staying(shelter), u64::from(capacity), wide));
    let figure = |figure: Option<u32>| figure.map_or_else(|| "-".to_owned(), |figure| grouped(u64::from(figure)));
    vec![
        printable(&now.district).into(),
        // The district stands beside it.
        called(desk.lang(), &now.shelter, all.iter().filter(|other| other.state.district == now.district)).into(),
        Cell { text: state(desk, now.state), tone },
        fill.into(),
        grouped(staying(shelter)).into(),
        figure(now.capacity).into(),
        figure(shelter.totals.heads).into(),
    ]
}

/// The event in a few lines, above its shelters.
fn heads<'a>(desk: &Desk, view: &EventView, cells: usize) -> Vec<Line<'a>> {
    let look = desk.look;
    let EventView { summary, shelters: _, terminals, asking, totals, aside, doubles, fingerprint, checkpoint: _ } = view;
    let mark = format!(" [{}] ", kind(desk, summary.declared.kind));
    let room = cells.saturating_sub(12);
    let mut text = vec![Line::from(vec![
        Span::styled(mark, look.style(Tone::Key)),
        Span::styled(cut(&title(desk, &summary.declared.title), room, look.cut()), look.style(Tone::Strong)),
    ])];
    let Totals { present, ages, stays, needs: _, heads: _, erased: _ } = totals;
    let old = ages[AgeBand::Elder as usize] + ages[AgeBand::OldElder as usize];
    let small = ages[AgeBand::Infant as usize] + ages[AgeBand::Preschool as usize];
    let [inside, home, vehicle] = stays.map(grouped);
    let values = [("present", grouped(*present)), ("inside", inside), ("home", home), ("vehicle", vehicle), ("old", grouped(old)), ("small", grouped(small))];
    text.push(Line::styled(format!(" {}", desk.with("event-id", &[("id", summary.event.to_string())])), look.style(Tone::Dim)));
    let mut say = |said: Vec<String>, tone: Tone| text.extend(said.into_iter().map(|line| Line::styled(format!(" {line}"), look.style(tone))));
    // It is compared letter by letter: it stands in one line, in whole.
    say(flow(&[desk.say("event-fingerprint"), fingerprint.clone()], cells), Tone::Plain);
    say(lines(&desk.with("event-totals", &values), cells), Tone::Plain);
    let late = terminals.iter().filter(|terminal| terminal.missing > 0).count() as u64;
    let troubles = [
        ("event-asking", asking.len() as u64),
        ("home-conflicts", summary.conflicts),
        ("event-doubles", doubles.unwrap_or_default()),
        ("event-aside", *aside),
        ("event-late", late),
    ];
    let troubles: Vec<String> = troubles.iter().filter(|(_, n)| *n > 0).map(|(key, n)| desk.with(key, &[("n", grouped(*n))])).collect();
    say(flow(&troubles, cells), Tone::Warn);
    text.extend(warned(desk, cells));
    text.push(Line::raw(""));
    text
}

/// The most severe of what others warn of, and that the list is old, where it is.
fn warned<'a>(desk: &Desk, cells: usize) -> Option<Line<'a>> {
    let look = desk.look;
    let warnings = desk.status.as_ref()?.warnings.as_ref()?;
    let worst = warnings.known.first();
    let first = worst.map_or_else(|| desk.say("warning-none"), |known| warnings::line(desk, &known.warning));
    let more = warnings.all.checked_sub(1).filter(|more| *more > 0).map(|more| desk.with("warning-more", &[("n", more.to_string())]));
    let stale = warnings.silent.as_ref().map(|silent| desk.with("warning-stale", &[("since", warnings::short(silent.since))]));
    let tone = match (worst, &stale) {
        (Some(known), _) if known.warning.is_urgent() => warnings::weight(&known.warning),
        (_, Some(_)) => Tone::Warn,
        (worst, None) => worst.map_or(Tone::Dim, |known| warnings::weight(&known.warning)),
    };
    let said = [stale, Some(first), more].into_iter().flatten().collect::<Vec<_>>().join("  ");
    Some(Line::styled(format!(" {}", cut(&desk.with("event-warnings", &[("said", said)]), cells, look.cut())), look.style(tone)))
}
