//! The contradictions of an event: people whose entries tell different things, side by side. Nothing is settled by itself.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::merged::Difference;
use tachiai_schemas::shelter::{PersonView, StepView};
use tachiai_schemas::{HashBytes, Lang, Say};

use super::home::shelter_name;
use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::Words;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, padded};
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::Reading;
use crate::console::widgets::table::{self, Column, Width};
use crate::console::work::shelters::{self, Settle};
use crate::console::work::{Answer, Deed, Question};
use crate::shelter::said;

/// So many lines of the list are seen above the chosen one's entries.
const LIST: u16 = 5;

/// The cells of what a field is called.
const NAME: usize = 14;

/// So many cells a record has at least beside the others; where there is less room, the records stand under each other.
const RECORD: usize = 18;

/// The screen.
pub struct Conflicts {
    event: EventId,
    held: Held<ChainId>,
    /// What is decided on is read first.
    reading: Reading,
}

impl Conflicts {
    /// Of an event.
    #[must_use]
    pub fn of(event: EventId) -> Self {
        Self { event, held: Held::first(), reading: Reading::default() }
    }

    fn people<'a>(&self, desk: &'a Desk) -> Option<&'a [PersonView]> {
        match desk.answer(&Question::Conflicts(self.event))? {
            Answer::Conflicts(people) => Some(people),
            _ => None,
        }
    }

    /// Whoever is at hand.
    fn at_hand<'a>(&self, desk: &'a Desk) -> Option<&'a PersonView> {
        let people = self.people(desk)?;
        people.get(self.held.place(&chains(people)))
    }
}

fn chains(people: &[PersonView]) -> Vec<ChainId> {
    people.iter().map(|view| view.counts.chain).collect()
}

impl Screen for Conflicts {
    fn place(&self) -> Place {
        Place::Conflicts(self.event)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-conflicts")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![Question::Conflicts(self.event)]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        let off = self.at_hand(desk).is_none().then(|| desk.say("off-nothing"));
        let is_unopened = self.at_hand(desk).is_some_and(|view| view.heads.iter().any(|step| step.person.is_none()));
        let unopened = is_unopened.then(|| desk.say("settle-unopened"));
        let unread = (!self.reading.is_read()).then(|| desk.say("off-unread"));
        keys.push(Binding::new(Key::Char('s'), Action::Headquarters(Headquarters::Settle), "settle-title").off(off.clone().or(unopened).or(unread)));
        if self.reading.is_long() {
            keys.push(Binding::new(Key::PageDown, Action::PageDown, "key-read-on"));
        }
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(off));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&chains(self.people(desk).unwrap_or_default()));
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.at_hand(desk)) {
            (Action::Headquarters(Headquarters::Settle), Some(view)) => Then::Window(Box::new(self.ask(desk, view))),
            (Action::Open, Some(view)) => Then::Go(Place::Person(self.event, view.counts.chain)),
            (action, _) => {
                if !self.reading.turns(action) && self.held.go(&chains(self.people(desk).unwrap_or_default()), action) {
                    self.reading.begin();
                }
                Then::Stay
            }
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
    key(name).map_or_else(|| name.to_owned(), |key| desk.say(key))
}

/// The message that names a field of the record, if it has a name here.
fn key(name: &str) -> Option<&'static str> {
    Some(match name {
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
        _ => return None,
    })
}

impl Conflicts {
    /// Which record holds, which fields of others are right, and why.
    fn ask(&self, desk: &Desk, view: &PersonView) -> Popup {
        let lang = desk.lang();
        let entry = |n: usize| desk.with("conflicts-entry", &[("n", n.to_string())]);
        let place = |step: &StepView| format!("{}  {}", shelter_name(desk, self.event, &step.shelter), step.act.say(lang));
        let records = (1..).zip(&view.heads).map(|(n, step)| format!("{}: {}", entry(n), place(step))).collect();
        let counts = view.heads.iter().position(|step| step.entry == view.counts.entry).unwrap_or(0);
        let mut entries = vec![Entry::choice("settle-keep", records, counts)];
        // Of a field that has no name here, and of a protection, the record that holds says what is right.
        let named: Vec<(&'static str, &Difference)> = view.differs.iter().filter_map(|differs| Some((key(&differs.field)?, differs))).collect();
        for (label, difference) in &named {
            let said = |step: &StepView| difference.values.iter().find(|value| value.entry == step.entry).and_then(|value| value.value.clone());
            let mut values = vec![desk.say("settle-same")];
            values.extend(
                (1..).zip(&view.heads).map(|(n, step)| format!("{}: {}", entry(n), said(step).map_or_else(|| "-".to_owned(), |value| printable(&value)))),
            );
            entries.push(Entry::choice(label, values, 0));
        }
        entries.push(Entry::text("settle-reason").hint("settle-reason-hint"));
        let fields: Vec<(&'static str, Difference)> = named.into_iter().map(|(label, difference)| (label, difference.clone())).collect();
        let name = view.counts.person.as_ref().map_or_else(|| desk.say("people-unopened"), |person| said::name(lang, person));
        let (event, view, said) = (self.event, view.clone(), name.clone());
        Popup::ask(Ask::new("settle-title", said, Form::new(entries), move |desk, form| {
            let reason = form.text("settle-reason");
            let head = |place: usize| view.heads.get(place).map(|step| step.entry);
            let (Some(keep), false) = (head(form.chosen("settle-keep")), reason.is_empty()) else {
                return Err(vec![Problem { label: "settle-reason", said: desk.say("settle-reason-missing") }]);
            };
            let chosen = fields.iter().filter_map(|(label, field)| Some((field.field.clone(), head(form.chosen(label).checked_sub(1)?)?)));
            let settle = Settle { view: view.clone(), keep, fields: chosen.collect(), reason: reason.clone() };
            let number = form.chosen("settle-keep") + 1;
            // What is taken from another record than the one that holds.
            let taken = |lang: Lang| {
                let line = |(field_name, entry): &(String, HashBytes)| {
                    let (label, difference) = fields.iter().find(|(_, difference)| difference.field == *field_name)?;
                    let value = difference.values.iter().find(|value| value.entry == *entry)?.value.as_deref().map_or_else(|| "-".to_owned(), printable);
                    let number = view.heads.iter().position(|step| step.entry == *entry)? + 1;
                    let name = Words::new(lang).say(label);
                    Some(match lang {
                        Lang::Ja => format!("\n{name}: 記録{number}の「{value}」"),
                        Lang::En => format!("\n{name}: \"{value}\" of record {number}"),
                    })
                };
                settle.fields.iter().filter_map(line).collect::<String>()
            };
            let [taken_ja, taken_en] = [taken(Lang::Ja), taken(Lang::En)];
            let text = [
                format!(
                    "{name}\n\n記録{number}を正しいものとして、1件の記録にまとめます。どの記録も履歴に残り、まとめた直後は、u で、いま数えている記録による数え方に戻せます（食い違いの一覧には戻りません）。{taken_ja}\n理由: {reason}"
                ),
                format!(
                    "{name}\n\nRecord {number} holds, and one record follows all of them. All stay in the history, and right afterwards u counts by the record that counts now once more (it does not come back to this list).{taken_en}\nReason: {reason}"
                ),
            ];
            let deed = Deed::Shelters(shelters::Deed::Settle(event, Box::new(settle)));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "settle-title", text, word: None, deed }))))
        }))
    }

    /// The list, and the entries of the chosen one beside each other.
    fn both(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, people: &[PersonView]) {
        let lang = desk.lang();
        let name = |step: &StepView| step.person.as_ref().map_or_else(|| desk.say("people-unopened"), |person| said::name(lang, person));
        let rows = LIST.min(u16::try_from(people.len()).unwrap_or(LIST)) + 1;
        let list = Rect { height: rows.min(area.height), ..area };
        let columns = [Column { head: desk.say("people-who"), width: Width::Rest }, Column { head: desk.say("person-conflict"), width: Width::Cells(24) }];
        let chosen = self.held.place(&chains(people));
        table::draw(frame, list, desk, &columns, people.len(), Some(chosen), |place| {
            let Some(view) = people.get(place) else { return Vec::new() };
            let kind = view.conflict.map(|kind| kind.say(lang)).unwrap_or_default();
            vec![name(&view.counts).into(), kind.into()]
        });
        let below = Rect { y: list.bottom() + 1, height: area.height.saturating_sub(list.height + 1), ..area };
        let Some(view) = people.get(chosen) else { return };
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        let mut add = |name: String, value: &dyn Fn(&StepView) -> String| rows.push((name, view.heads.iter().map(value).collect()));
        add(desk.say("people-who"), &name);
        add(desk.say("conflicts-where"), &|step| format!("{}  {}", shelter_name(desk, self.event, &step.shelter), step.act.say(lang)));
        add(desk.say("conflicts-when"), &|step| said::moment(lang, step.time.millis()));
        add(desk.say("conflicts-terminal"), &|step| step.terminal.to_string());
        for difference in &view.differs {
            let said = |step: &StepView| difference.values.iter().find(|value| value.entry == step.entry).and_then(|value| value.value.clone());
            add(field(desk, &difference.field), &|step| said(step).map_or_else(|| "-".to_owned(), |value| printable(&value)));
        }
        self.reading.draw(desk, frame, below, &beside(desk, &rows, usize::from(area.width).saturating_sub(2)));
    }
}

/// What each record says of each field: the records beside each other, or under each other where there are too many for that. Nothing of a value is cut.
fn beside(desk: &Desk, rows: &[(String, Vec<String>)], cells: usize) -> Vec<Line<'static>> {
    let look = desk.look;
    let count = rows.first().map_or(1, |(_, values)| values.len()).max(1);
    let heads: Vec<String> = (1..=count).map(|n| desk.with("conflicts-entry", &[("n", n.to_string())])).collect();
    let room = (cells.saturating_sub(NAME) / count).saturating_sub(1);
    let mut text = Vec::new();
    if room < RECORD {
        for (name, values) in rows {
            text.push(Line::styled(format!("  {name}"), look.style(Tone::Strong)));
            for (head, value) in heads.iter().zip(values) {
                text.extend(lines(&format!("{head}: {value}"), cells.saturating_sub(6)).into_iter().map(|line| Line::raw(format!("    {line}"))));
            }
        }
        return text;
    }
    let row = |name: &str, values: &[String], tone: Tone| -> Vec<Line<'static>> {
        // A line may be two cells wider than it is asked for.
        let broken: Vec<Vec<String>> = values.iter().map(|value| lines(value, room.saturating_sub(2))).collect();
        let names = lines(name, NAME - 3);
        let height = broken.iter().chain([&names]).map(Vec::len).max().unwrap_or(0);
        (0..height)
            .map(|at| {
                let of = |lines: &Vec<String>, cells: usize| padded(lines.get(at).map_or("", String::as_str), cells, look.cut());
                let mut spans = vec![Span::styled(format!("  {} ", of(&names, NAME - 1)), look.style(Tone::Strong))];
                spans.extend(broken.iter().map(|lines| Span::styled(format!("{} ", of(lines, room)), look.style(tone))));
                Line::from(spans)
            })
            .collect()
    };
    text.extend(row("", &heads, Tone::Strong));
    text.extend(rows.iter().flat_map(|(name, values)| row(name, values, Tone::Plain)));
    text
}
