//! Looking for people of an event: by the beginning of a name in kanji, kana or romaji. The appliance records who was shown, so nothing is asked before Enter.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::{ChainId, EventId, ShelterId};
use tachiai_schemas::shelter::{Extent, PeopleFound};
use tachiai_schemas::staff::Role;

use super::home::shelter_name;
use super::{Screen, Then};
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::widgets::typing::Typing;
use crate::console::work::{Answer, Question};
use crate::shelter::said;

/// The screen.
pub struct People {
    event: EventId,
    typing: Typing,
    /// What was looked for.
    asked: Option<String>,
    held: Held<Which>,
    /// The shelter in which alone it is looked.
    shelter: Option<ShelterId>,
}

/// Who stands at hand: somebody with a record, or a resident in words.
type Which = Result<ChainId, String>;

/// Somebody who was found: where, a name, and whether there is a record to be opened.
struct Found {
    chain: Option<ChainId>,
    place: String,
    text: String,
}

impl People {
    /// Of an event.
    #[must_use]
    pub fn of(event: EventId) -> Self {
        Self { event, typing: Typing::begun(), asked: None, held: Held::first(), shelter: None }
    }

    /// Of an event, in one of its shelters alone: whoever may see all of them sees them at once.
    #[must_use]
    pub fn in_shelter(desk: &Desk, event: EventId, shelter: &ShelterId) -> Self {
        let mut all = Self { shelter: Some(shelter.clone()), ..Self::of(event) };
        if desk.role() == Some(Role::Headquarters) {
            all.asked = Some(String::new());
            all.typing.end();
        }
        all
    }

    fn question(&self) -> Option<Question> {
        self.asked.clone().map(|name| Question::People(self.event, name, self.shelter.clone()))
    }

    fn answer<'a>(&self, desk: &'a Desk) -> Option<&'a PeopleFound> {
        match desk.answer(&self.question()?)? {
            Answer::People(found) => Some(found),
            _ => None,
        }
    }

    fn found(&self, desk: &Desk) -> Vec<Found> {
        let Some(PeopleFound { people, residents, extent: _ }) = self.answer(desk) else { return Vec::new() };
        let (lang, today) = (desk.lang(), Day::of(desk.now));
        let here = people.iter().map(|view| Found {
            chain: Some(view.counts.chain),
            place: format!("{} {}", view.counts.act.say(lang), shelter_name(desk, self.event, &view.counts.shelter)),
            text: view.counts.person.as_ref().map_or_else(|| desk.say("people-unopened"), |person| said::line(lang, person, today)),
        });
        let nowhere = residents.iter().map(|resident| Found { chain: None, place: desk.say("people-nowhere"), text: said::resident(lang, resident, today) });
        here.chain(nowhere).collect()
    }
}

fn among(found: &[Found]) -> Vec<Which> {
    found.iter().map(|found| found.chain.ok_or_else(|| found.text.clone())).collect()
}

impl Screen for People {
    fn place(&self) -> Place {
        Place::People(self.event)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        match &self.shelter {
            None => desk.say("screen-people"),
            Some(shelter) => desk.with("people-of", &[("shelter", shelter_name(desk, self.event, shelter))]),
        }
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        self.question().into_iter().collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        let found = self.found(desk);
        if self.typing.is_on() {
            let may_all = self.shelter.is_some() && desk.role() == Some(Role::Headquarters);
            let off = (self.typing.read().is_empty() && !may_all).then(|| desk.say("off-nothing"));
            keys.push(Binding::new(Key::Enter, Action::Open, "key-search").off(off));
            keys.push(Binding::new(Key::Tab, Action::Part, "key-list").off(found.is_empty().then(|| desk.say("off-nothing"))));
        } else {
            let off = found.get(self.held.place(&among(&found))).is_none_or(|found| found.chain.is_none()).then(|| desk.say("off-no-record"));
            keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(off));
            keys.push(Binding::new(Key::Char('/'), Action::Part, "key-search"));
            keys.push(Binding::new(Key::Tab, Action::Part, "key-search").quiet());
            keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        }
        keys
    }

    fn is_typing(&self) -> bool {
        self.typing.is_on()
    }

    fn typed(&mut self, key: Key) -> bool {
        self.typing.key(key)
    }

    fn paste(&mut self, text: &str) {
        self.typing.paste(text);
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Open if self.typing.is_on() => {
                self.asked = Some(self.typing.read());
                self.typing.end();
                self.held = Held::first();
                Then::Anew
            }
            Action::Open => {
                let found = self.found(desk);
                let chain = found.get(self.held.place(&among(&found))).and_then(|found| found.chain);
                chain.map_or(Then::Stay, |chain| Then::Go(Place::Person(self.event, chain)))
            }
            Action::Part => {
                self.typing.switch();
                Then::Stay
            }
            action => {
                self.held.go(&among(&self.found(desk)), action);
                Then::Stay
            }
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&among(&self.found(desk)));
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        self.typing.draw(desk, frame, area, &desk.say("people-name"), "");
        let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        let question = self.question();
        let failure = question.as_ref().and_then(|question| desk.failure(question));
        let said = match (&question, self.answer(desk), failure) {
            (None, _, _) => Some((desk.say("people-hint"), Tone::Dim)),
            (_, _, Some(failure)) => Some((failure.say(desk.lang()), Tone::Bad)),
            (Some(_), None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (_, Some(found), None) if found.people.is_empty() && found.residents.is_empty() => Some((desk.say("people-none"), Tone::Plain)),
            _ => None,
        };
        if let Some((text, tone)) = said {
            for (y, line) in (below.y..below.bottom()).zip(lines(&text, cells)) {
                frame.buffer_mut().set_line(below.x, y, &Line::styled(format!("  {line}"), look.style(tone)), below.width);
            }
            return;
        }
        let found = self.found(desk);
        let columns = [Column { head: desk.say("people-where"), width: Width::Cells(20) }, Column { head: desk.say("people-who"), width: Width::Rest }];
        let is_more = self.answer(desk).is_some_and(|found| found.extent == Extent::More);
        let list = Rect { height: below.height.saturating_sub(u16::from(is_more)), ..below };
        table::draw(frame, list, desk, &columns, found.len(), (!self.typing.is_on()).then(|| self.held.place(&among(&found))), |place| {
            found.get(place).map(|found| vec![Cell::from(found.place.clone()), Cell::from(found.text.clone())]).unwrap_or_default()
        });
        if is_more {
            frame.buffer_mut().set_line(below.x, list.bottom(), &Line::styled(format!("  {}", desk.say("people-more")), look.style(Tone::Warn)), below.width);
        }
    }
}
