//! The facilities that can be opened as shelters of an event: found by letters of the name, and opened by Enter.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::roster::{EventId, OpenState, ShelterId, ShelterState};
use tachiai_schemas::shelter::ShelterView;
use tachiai_schemas::shelter::facility::{Facility, id_of_name};
use tachiai_schemas::shelter::figures::count;
use tachiai_schemas::shelter::reading::{key, queries};
use tachiai_schemas::{InPlaceOf, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::{Words, both};
use crate::console::keymap::Binding;
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, width};
use crate::console::widgets::field::Field;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Deed, Question, shelters};

/// The screen.
pub struct Facilities {
    event: EventId,
    field: Field,
    held: Held<ShelterId>,
}

impl Facilities {
    /// For an event.
    #[must_use]
    pub fn of(event: EventId) -> Self {
        Self { event, field: Field::default(), held: Held::first() }
    }

    /// Those whose name, reading, district or address has the letters in it.
    fn found<'a>(&self, desk: &'a Desk) -> Vec<&'a Facility> {
        let Some(Answer::Shelters(shelters::Answer::Facilities(standing))) = desk.answer(&Question::Shelters(shelters::Question::Facilities)) else {
            return Vec::new();
        };
        let wanted: Vec<String> = queries(&self.field.read()).into_iter().filter(|query| !query.is_empty()).collect();
        let fits = |place: &&Facility| {
            let texts = || [&place.name, &place.kana, &place.latin, &place.district, &place.address].map(|text| key(text));
            wanted.is_empty() || texts().iter().any(|text| wanted.iter().any(|wanted| text.contains(wanted)))
        };
        standing.facilities.iter().filter(fits).collect()
    }

    fn at_hand<'a>(&self, desk: &'a Desk) -> Option<&'a Facility> {
        let found = self.found(desk);
        found.get(self.held.place(&ids(&found))).copied()
    }

    /// The shelters of the event as they stand; nothing while that is not known.
    fn shelters<'a>(&self, desk: &'a Desk) -> Option<&'a [ShelterView]> {
        match desk.answer(&Question::Event(self.event))? {
            Answer::Event(view) => Some(&view.shelters),
            _ => None,
        }
    }

    /// Opens a facility: in the place of how it stands, where it was opened before.
    fn ask(&self, desk: &Desk, place: &Facility) -> Option<Popup> {
        let before = stood(self.shelters(desk)?, &place.id);
        let wanted = opening(before.as_ref(), place.open());
        let capacity = wanted.capacity.map(|capacity| capacity.to_string()).unwrap_or_default();
        let form = Form::new(vec![Entry::filled("facilities-capacity", &capacity).hint("facilities-capacity-hint")]);
        let stands = before.as_ref().map(|before| format!("\n{}", desk.with("facilities-stands", &[("state", before.state.say(desk.lang()))])));
        let said = format!("{}\n{}{}", printable(&place.name), printable(&place.address), stands.unwrap_or_default());
        let event = self.event;
        Some(Popup::ask(Ask::new("facilities-open", said, form, move |desk, form| {
            let text = form.text("facilities-capacity");
            let capacity = count(&text);
            if !text.is_empty() && capacity.is_none() {
                return Err(vec![Problem { label: "facilities-capacity", said: desk.say("desk-number-wrong") }]);
            }
            let asked = InPlaceOf { before: before.clone(), now: ShelterState { capacity, ..wanted.clone() } };
            Ok(Turn::Do(Box::new(Deed::Shelters(shelters::Deed::Open(event, Box::new(asked))))))
        })))
    }
}

/// How a shelter stood when a form was opened.
fn stood(shelters: &[ShelterView], shelter: &ShelterId) -> Option<ShelterState> {
    shelters.iter().map(|view| &view.state).find(|state| state.shelter == *shelter).cloned()
}

/// A shelter as it opens: what was said of it in this event stays.
fn opening(before: Option<&ShelterState>, new: ShelterState) -> ShelterState {
    before.map_or(new, |before| ShelterState { state: OpenState::Open, ..before.clone() })
}

impl Facilities {
    /// A place that is on no list: it is named, and asked whether it is meant.
    fn unlisted(&self, desk: &Desk) -> Option<Popup> {
        let known = self.shelters(desk)?.to_vec();
        let form = Form::new(vec![
            Entry::filled("unlisted-name", &self.field.read()).hint("unlisted-name-hint"),
            Entry::text("unlisted-en"),
            Entry::text("unlisted-address"),
            Entry::text("unlisted-district"),
            Entry::text("facilities-capacity").hint("facilities-capacity-hint"),
        ]);
        let event = self.event;
        Some(Popup::ask(Ask::new("unlisted-open", desk.say("unlisted-said"), form, move |desk, form| {
            let (name, en, capacity) = (form.text("unlisted-name"), form.text("unlisted-en"), form.text("facilities-capacity"));
            let mut problems = Vec::new();
            let shelter = id_of_name(&name).filter(|_| !name.is_empty());
            if shelter.is_none() {
                problems.push(Problem { label: "unlisted-name", said: desk.say("unlisted-name-missing") });
            }
            if !capacity.is_empty() && count(&capacity).is_none() {
                problems.push(Problem { label: "facilities-capacity", said: desk.say("desk-number-wrong") });
            }
            let (Some(shelter), true) = (shelter, problems.is_empty()) else { return Err(problems) };
            let before = stood(&known, &shelter);
            let new = ShelterState {
                shelter,
                name: Text { en: if en.is_empty() { name.clone() } else { en }, ja: name },
                address: form.text("unlisted-address"),
                district: form.text("unlisted-district"),
                position: None,
                capacity: None,
                rooms: Vec::new(),
                features: Vec::new(),
                pets: Pets::Unknown,
                state: OpenState::Open,
            };
            let now = ShelterState { capacity: count(&capacity), ..opening(before.as_ref(), new) };
            let text = both(|words| unlisted_text(words, &now));
            let deed = Deed::Shelters(shelters::Deed::Open(event, Box::new(InPlaceOf { before, now })));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "unlisted-sure", text, word: None, deed }))))
        })))
    }
}

/// What would be opened, in words.
fn unlisted_text(words: &Words, state: &ShelterState) -> String {
    let of = [
        ("unlisted-name", words.lang().pick(&state.name.ja, &state.name.en).to_owned()),
        ("unlisted-address", state.address.clone()),
        ("unlisted-district", state.district.clone()),
        ("facilities-capacity", state.capacity.map_or_else(String::new, |capacity| capacity.to_string())),
    ];
    let lines = of.into_iter().map(|(label, value)| format!("{}: {}", words.say(label), if value.is_empty() { "-" } else { &value }));
    format!("{}\n\n{}", words.say("unlisted-what"), lines.collect::<Vec<_>>().join("\n"))
}

fn ids(found: &[&Facility]) -> Vec<ShelterId> {
    found.iter().map(|place| place.id.clone()).collect()
}

impl Screen for Facilities {
    fn place(&self) -> Place {
        Place::Facilities(self.event)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-facilities")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![Question::Shelters(shelters::Question::Facilities), Question::Event(self.event)]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let unknown = || self.shelters(desk).is_none().then(|| desk.say("off-asking"));
        let off = self.at_hand(desk).is_none().then(|| desk.say("off-nothing")).or_else(unknown);
        let quiet = |key, action| Binding::new(key, action, "key-move").quiet();
        vec![
            Binding::new(Key::Enter, Action::Open, "facilities-open").off(off),
            Binding::new(Key::F(3), Action::Headquarters(Headquarters::Unlisted), "unlisted-key").off(unknown()),
            Binding::new(Key::F(2), Action::Go(Place::Import), "screen-import"),
            quiet(Key::Up, Action::Up),
            quiet(Key::Down, Action::Down),
            quiet(Key::PageUp, Action::PageUp),
            quiet(Key::PageDown, Action::PageDown),
        ]
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key) -> bool {
        let is_text = !matches!(key, Key::Ctrl('c' | 'l')) && self.field.key(key);
        if is_text {
            self.held = Held::first();
        }
        is_text
    }

    fn paste(&mut self, text: &str) {
        self.field.paste(text);
        self.held = Held::first();
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if action == Action::Headquarters(Headquarters::Unlisted) {
            return self.unlisted(desk).map_or(Then::Stay, |window| Then::Window(Box::new(window)));
        }
        match (action, self.at_hand(desk)) {
            (Action::Open, Some(place)) => self.ask(desk, place).map_or(Then::Stay, |window| Then::Window(Box::new(window))),
            _ => {
                self.held.go(&ids(&self.found(desk)), action);
                Then::Stay
            }
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&ids(&self.found(desk)));
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        if area.height == 0 {
            return;
        }
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let label = format!(" {}: ", desk.say("facilities-find"));
        let start = width(&label);
        let (text, at) = self.field.seen(cells.saturating_sub(start));
        frame.buffer_mut().set_line(area.x, area.y, &Line::from(vec![Span::styled(label, look.style(Tone::Strong)), Span::raw(text)]), area.width);
        frame.set_cursor_position((area.x + u16::try_from(start + at).unwrap_or_default(), area.y));
        let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        let question = Question::Shelters(shelters::Question::Facilities);
        let found = self.found(desk);
        let said = match (desk.failure(&question), desk.answer(&question)) {
            (Some(failure), _) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (None, Some(_)) if found.is_empty() => Some((desk.say("facilities-none"), Tone::Plain)),
            (None, Some(_)) => None,
        };
        if let Some((text, tone)) = said {
            for (y, line) in (below.y..below.bottom()).zip(lines(&text, cells)) {
                frame.buffer_mut().set_line(below.x, y, &Line::styled(format!("  {line}"), look.style(tone)), below.width);
            }
            return;
        }
        let columns = [
            Column { head: desk.say("event-district"), width: Width::Cells(10) },
            Column { head: desk.say("event-shelter"), width: Width::Rest },
            Column { head: desk.say("field-address"), width: Width::Rest },
            Column { head: desk.say("event-capacity"), width: Width::Figures(12) },
        ];
        table::draw(frame, below, desk, &columns, found.len(), Some(self.held.place(&ids(&found))), |place| {
            let Some(place) = found.get(place) else { return Vec::new() };
            let capacity = place.open().capacity.map_or_else(|| "-".to_owned(), |capacity| capacity.to_string());
            vec![printable(&place.district).into(), printable(&place.name).into(), Cell::from(printable(&place.address)), capacity.into()]
        });
    }
}
