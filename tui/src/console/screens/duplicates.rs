//! People of different handles who may be one: whether they are is found by two officials, on evidence. That it was looked at is recorded.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::{ChainId, EventId, LinkVerdict};
use tachiai_schemas::shelter::{Duplicates as Alikes, LinkRequest, PersonView};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Bytes, Lang, Say};

use super::home::shelter_name;
use super::{Screen, Then};
use crate::commands::approve::matter;
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, padded};
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::Reading;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Deed, Question, shelters};
use crate::shelter::said;

/// So many lines of the list are seen above the two people.
const LIST: u16 = 5;

/// The screen.
pub struct Duplicates {
    event: EventId,
    held: Held<[ChainId; 2]>,
    /// What is decided on is read first.
    reading: Reading,
}

/// Two who may be one, with the reason in words.
struct Pair<'a> {
    alike: String,
    people: [&'a PersonView; 2],
}

impl Duplicates {
    /// Of an event.
    #[must_use]
    pub fn of(event: EventId) -> Self {
        Self { event, held: Held::first(), reading: Reading::default() }
    }

    const fn question(&self) -> Question {
        Question::Shelters(shelters::Question::Duplicates(self.event))
    }

    /// The first of each group with each of the others: once these are decided, the rest is.
    fn pairs<'a>(&self, desk: &'a Desk) -> Vec<Pair<'a>> {
        let Some(Answer::Shelters(shelters::Answer::Duplicates(groups))) = desk.answer(&self.question()) else { return Vec::new() };
        let of_group = |group: &'a Alikes| {
            let alike = group.alike.say(desk.lang());
            let first = group.people.first();
            group.people.iter().skip(1).filter_map(move |other| Some(Pair { alike: alike.clone(), people: [first?, other] }))
        };
        groups.iter().flat_map(of_group).collect()
    }

    /// The pair at hand.
    fn at_hand<'a>(&self, desk: &'a Desk) -> Option<Pair<'a>> {
        let mut pairs = self.pairs(desk);
        let place = self.held.place(&chains(&pairs));
        (place < pairs.len()).then(|| pairs.swap_remove(place))
    }

    fn ask(&self, desk: &Desk, pair: &Pair<'_>) -> Popup {
        let [one, other] = pair.people;
        let name = |view: &PersonView| view.counts.person.as_ref().map_or_else(|| desk.say("people-unopened"), |person| said::name(desk.lang(), person));
        let said = format!("{}\n{}", name(one), name(other));
        let names = said.clone();
        let verdicts = vec![desk.say("duplicates-same"), desk.say("duplicates-apart")];
        let form = Form::new(vec![Entry::choice("duplicates-verdict", verdicts, 0), Entry::text("duplicates-evidence").hint("duplicates-evidence-hint")]);
        let (event, chain, second) = (self.event, one.counts.chain, other.counts.chain);
        Popup::ask(Ask::new("duplicates-title", said, form, move |desk, form| {
            let evidence = form.text("duplicates-evidence");
            if evidence.is_empty() {
                return Err(vec![Problem { label: "duplicates-evidence", said: desk.say("duplicates-evidence-missing") }]);
            }
            let verdict = if form.chosen("duplicates-verdict") == 0 { LinkVerdict::Same } else { LinkVerdict::Apart };
            let [ja, en] = match verdict {
                LinkVerdict::Same => ["同じ方です。1人として数えます。", "They are one person, and counted once."],
                LinkVerdict::Apart => ["別の方です。これまでどおり2人として数えます。", "They are two people, and counted as two."],
            };
            let matter = Matter::LinkPeople { event, chain, other: second, verdict, commitment: Bytes([0; 32]) };
            let what = |lang: Lang| matter::text(lang, &matter, &desk.names());
            let text = [
                format!("{names}\n{ja}\n\n{}\n  根拠: {evidence}\n\n申請すると、もう一人の職員が承認したときに記録されます。", what(Lang::Ja)),
                format!("{names}\n{en}\n\n{}\n  evidence: {evidence}\n\nIt is recorded when a second official approves it.", what(Lang::En)),
            ];
            let request = LinkRequest { chain, other: second, verdict, evidence };
            let deed = Deed::Shelters(shelters::Deed::Link(event, Box::new(request)));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "duplicates-title", text, word: None, deed }))))
        }))
    }
}

fn chains(pairs: &[Pair<'_>]) -> Vec<[ChainId; 2]> {
    pairs.iter().map(|pair| pair.people.map(|view| view.counts.chain)).collect()
}

impl Screen for Duplicates {
    fn place(&self) -> Place {
        Place::Duplicates(self.event)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-duplicates")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![self.question()]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let off = self.pairs(desk).is_empty().then(|| desk.say("off-nothing"));
        let off = off.or_else(|| (!self.reading.is_read()).then(|| desk.say("off-unread")));
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('d'), Action::Headquarters(Headquarters::Link), "duplicates-decide").off(off));
        if self.reading.is_long() {
            keys.push(Binding::new(Key::PageDown, Action::PageDown, "key-read-on"));
        }
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&chains(&self.pairs(desk)));
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.at_hand(desk)) {
            (Action::Headquarters(Headquarters::Link), Some(pair)) => Then::Window(Box::new(self.ask(desk, &pair))),
            (action, _) => {
                if !self.reading.turns(action) && self.held.go(&chains(&self.pairs(desk)), action) {
                    self.reading.begin();
                }
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let pairs = self.pairs(desk);
        let question = self.question();
        let empty = match (desk.failure(&question), desk.answer(&question)) {
            (Some(failure), _) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (None, Some(_)) if pairs.is_empty() => Some((desk.say("duplicates-none"), Tone::Good)),
            (None, Some(_)) => None,
        };
        if let Some((text, tone)) = empty {
            for (y, line) in (area.y + 1..area.bottom()).zip(lines(&text, cells)) {
                frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            }
            return;
        }
        let name = |view: &PersonView| view.counts.person.as_ref().map_or_else(|| desk.say("people-unopened"), |person| said::name(desk.lang(), person));
        let rows = LIST.min(u16::try_from(pairs.len()).unwrap_or(LIST)) + 1;
        let list = Rect { height: rows.min(area.height), ..area };
        let columns = [
            Column { head: desk.say("people-who"), width: Width::Rest },
            Column { head: desk.say("people-who"), width: Width::Rest },
            Column { head: desk.say("duplicates-why"), width: Width::Cells(24) },
        ];
        table::draw(frame, list, desk, &columns, pairs.len(), Some(self.held.place(&chains(&pairs))), |place| {
            let Some(Pair { alike, people: [one, other] }) = pairs.get(place) else { return Vec::new() };
            vec![name(one).into(), name(other).into(), Cell::from(alike.clone())]
        });
        let Some(Pair { people, .. }) = self.at_hand(desk) else { return };
        let today = Day::of(desk.now);
        let half = usize::from(area.width / 2);
        let said = people.map(|view| {
            let step = &view.counts;
            let mut text = vec![
                format!("{}  {}", step.act.say(desk.lang()), shelter_name(desk, self.event, &step.shelter)),
                said::moment(desk.lang(), step.time.millis()),
            ];
            if let Some(person) = &step.person {
                text.extend(said::lines(desk.lang(), person, today).lines().map(str::to_owned));
            }
            // A line may be two cells wider than it is asked for.
            text.iter().flat_map(|line| lines(line, half.saturating_sub(5))).collect::<Vec<_>>()
        });
        let [left, right] = &said;
        let of = |lines: &[String], at: usize| padded(lines.get(at).map_or("", String::as_str), half.saturating_sub(3), look.cut());
        let text: Vec<Line<'static>> = (0..left.len().max(right.len())).map(|at| Line::raw(format!("  {}   {}", of(left, at), of(right, at)))).collect();
        let top = list.bottom() + 1;
        self.reading.draw(desk, frame, Rect { y: top, height: area.bottom().saturating_sub(top), ..area }, &text);
    }
}
