//! People of different handles who may be one: whether they are is found by two officials, on evidence. That it was looked at is recorded.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::{EventId, LinkVerdict};
use tachiai_schemas::shelter::{Duplicates as Alikes, LinkRequest, PersonView};

use super::home::shelter_name;
use super::{Screen, Then};
use crate::console::action::{Action, Headquarters, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Deed, Question, shelters};
use crate::shelter::said;

/// So many lines of the list are seen above the two people.
const LIST: u16 = 8;

/// The screen.
pub struct Duplicates {
    event: EventId,
    chosen: usize,
}

/// Two who may be one, with the reason in words.
struct Pair<'a> {
    alike: String,
    people: [&'a PersonView; 2],
}

impl Duplicates {
    /// Of an event.
    #[must_use]
    pub const fn of(event: EventId) -> Self {
        Self { event, chosen: 0 }
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
            let text = [
                format!("{names}\n\n{ja}\n根拠: {evidence}\n\n申請すると、もう一人の職員が承認したときに記録されます。"),
                format!("{names}\n\n{en}\nEvidence: {evidence}\n\nIt is recorded when a second official approves it."),
            ];
            let request = LinkRequest { chain, other: second, verdict, evidence };
            let deed = Deed::Shelters(shelters::Deed::Link(event, Box::new(request)));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "duplicates-title", text, word: None, deed }))))
        }))
    }
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
        let off = self.pairs(desk).get(self.chosen).is_none().then(|| desk.say("off-nothing"));
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('d'), Action::Headquarters(Headquarters::Link), "duplicates-decide").off(off));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let pairs = self.pairs(desk);
        match (action, pairs.get(self.chosen)) {
            (Action::Headquarters(Headquarters::Link), Some(pair)) => Then::Window(Box::new(self.ask(desk, pair))),
            _ => {
                self.chosen = moved(self.chosen, pairs.len(), action);
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
        table::draw(frame, list, desk, &columns, pairs.len(), Some(self.chosen.min(pairs.len() - 1)), |place| {
            let Some(Pair { alike, people: [one, other] }) = pairs.get(place) else { return Vec::new() };
            vec![name(one).into(), name(other).into(), Cell::from(alike.clone())]
        });
        let Some(Pair { people, .. }) = pairs.get(self.chosen) else { return };
        let today = Day::of(desk.now);
        let half = area.width / 2;
        let top = list.bottom() + 1;
        for (view, x) in people.iter().zip([area.x, area.x + half]) {
            let step = &view.counts;
            let mut text = vec![
                format!("{}  {}", step.act.say(desk.lang()), shelter_name(desk, self.event, &step.shelter)),
                said::moment(desk.lang(), step.time.millis()),
            ];
            if let Some(person) = &step.person {
                text.extend(said::lines(desk.lang(), person, today).lines().map(str::to_owned));
            }
            let cells = usize::from(half).saturating_sub(3);
            let text = text.iter().flat_map(|line| lines(line, cells));
            for (y, line) in (top..area.bottom()).zip(text) {
                frame.buffer_mut().set_line(x, y, &Line::raw(format!("  {line}")), half);
            }
        }
    }
}
