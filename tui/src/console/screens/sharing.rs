//! 情報連携: agencies, what they are granted, and what they were given. What is chosen stands whole below the list.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::{Agency, GrantMade};
use tachiai_schemas::sharing::disclosed::{DisclosedAt, RequestId};
use tachiai_schemas::staff::Role;

use self::words::{Holds, agency_paper, disclosed_paper, grant_paper, holds};
use super::disclose::Disclose;
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::given::withheld_text;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{Reading, scroll};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::Question as Asked;
use crate::console::work::sharing_question::{Answer, Question};
use crate::failure::Failure;

pub(super) mod forms;
pub mod words;

/// A part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Agencies,
    Grants,
    Disclosures,
}

impl Part {
    const ALL: [(Self, &'static str); 3] = [(Self::Agencies, "part-agencies"), (Self::Grants, "part-grants"), (Self::Disclosures, "part-disclosures")];

    const fn question(self) -> Question {
        match self {
            Self::Agencies => Question::Agencies,
            Self::Grants => Question::Grants,
            Self::Disclosures => Question::Disclosures,
        }
    }
}

/// The screen.
#[derive(Default)]
pub struct Sharing {
    part: usize,
    /// What is at hand in each part.
    held: [Held<Which>; 3],
    /// All of it, below the list.
    reading: Reading,
}

/// What stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Agency(Name),
    Grant(Name),
    Disclosure(RequestId),
}

/// The answer to a question, if it is here.
#[must_use]
pub fn answer<'a>(desk: &'a Desk, question: &Question) -> Option<&'a Answer> {
    match desk.answer(&Asked::Sharing(question.clone()))? {
        crate::console::work::Answer::Sharing(answer) => Some(answer),
        _ => None,
    }
}

/// Why there is no answer.
#[must_use]
pub fn failure<'a>(desk: &'a Desk, question: &Question) -> Option<&'a Failure> {
    desk.failure(&Asked::Sharing(question.clone()))
}

/// The agencies, as far as they are here.
#[must_use]
pub fn agencies(desk: &Desk) -> &[Agency] {
    if let Some(Answer::Agencies(agencies)) = answer(desk, &Question::Agencies) { agencies } else { &[] }
}

/// The grants, as far as they are here.
#[must_use]
pub fn grants(desk: &Desk) -> &[GrantMade] {
    if let Some(Answer::Grants(grants)) = answer(desk, &Question::Grants) { grants } else { &[] }
}

fn disclosures(desk: &Desk) -> &[DisclosedAt] {
    if let Some(Answer::Disclosures(made)) = answer(desk, &Question::Disclosures) { made } else { &[] }
}

/// Why somebody of another role than the headquarters does nothing here.
fn not_headquarters(desk: &Desk) -> Option<String> {
    match desk.role() {
        Some(Role::Headquarters) => None,
        Some(role) => Some(desk.with("off-role", &[("role", desk.role_name(role))])),
        None => Some(desk.say("off-nobody")),
    }
}

impl Sharing {
    fn part(&self) -> Part {
        Part::ALL.get(self.part).map_or(Part::Agencies, |(part, _)| *part)
    }

    /// What stands in the list of the part.
    fn among(&self, desk: &Desk) -> Vec<Which> {
        match self.part() {
            Part::Agencies => agencies(desk).iter().map(|agency| Which::Agency(agency.name.clone())).collect(),
            Part::Grants => grants(desk).iter().map(|made| Which::Grant(made.grant.name.clone())).collect(),
            Part::Disclosures => disclosures(desk).iter().map(|made| Which::Disclosure(made.disclosed.request)).collect(),
        }
    }

    fn chosen(&self, desk: &Desk) -> usize {
        self.held.get(self.part).map_or(0, |held| held.place(&self.among(desk)))
    }

    fn agency<'a>(&self, desk: &'a Desk) -> Option<&'a Agency> {
        agencies(desk).get(self.chosen(desk)).filter(|_| self.part() == Part::Agencies)
    }

    fn grant<'a>(&self, desk: &'a Desk) -> Option<&'a GrantMade> {
        grants(desk).get(self.chosen(desk)).filter(|_| self.part() == Part::Grants)
    }

    /// Why the grant at hand gives nothing now.
    fn over(&self, desk: &Desk) -> Option<String> {
        let Some(made) = self.grant(desk) else { return Some(desk.say("off-nothing")) };
        (holds(desk, made) != Holds::Now).then(|| desk.say("off-grant-over"))
    }

    /// All of what is chosen.
    fn paper(&self, desk: &Desk) -> String {
        let lang = desk.lang();
        let chosen = self.chosen(desk);
        match self.part() {
            Part::Agencies => agencies(desk).get(chosen).map(|agency| agency_paper(desk, agency)),
            Part::Grants => grants(desk).get(chosen).map(|made| {
                let [one, two] = made.by.each_ref().map(|by| printable(by));
                let by = desk.with("share-by", &[("one", one), ("two", two), ("time", made.at.in_japan(lang))]);
                let over = made.withdrawn.map(|at| format!("{}\n", desk.with("share-withdrawn", &[("time", at.in_japan(lang))]))).unwrap_or_default();
                format!("{over}{}\n{by}", grant_paper(lang, &made.grant, &desk.names()))
            }),
            Part::Disclosures => disclosures(desk).get(chosen).map(|made| disclosed_paper(&desk.words, made, &desk.names())),
        }
        .unwrap_or_default()
    }

    fn list(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let (lang, chosen) = (desk.lang(), Some(self.chosen(desk)));
        match self.part() {
            Part::Agencies => {
                let all = agencies(desk);
                let columns = [
                    column("share-name", Width::Cells(20)),
                    column("share-kind", Width::Cells(20)),
                    column("share-granted", Width::Figures(12)),
                    column("share-contact", Width::Rest),
                ];
                table::draw(frame, area, desk, &columns, all.len(), chosen, |place| {
                    let Some(Agency { name, kind, recipient: _, contact }) = all.get(place) else { return Vec::new() };
                    let hold = grants(desk).iter().filter(|made| made.grant.agency == *name && holds(desk, made) == Holds::Now).count();
                    [name.to_string(), kind.say(lang), hold.to_string(), printable(contact)].into_iter().map(Cell::from).collect()
                });
            }
            Part::Grants => {
                let all = grants(desk);
                let columns = [
                    column("share-grant", Width::Cells(20)),
                    column("share-agency", Width::Cells(14)),
                    column("share-state", Width::Cells(14)),
                    column("share-purpose", Width::Rest),
                ];
                table::draw(frame, area, desk, &columns, all.len(), chosen, |place| {
                    let Some(made) = all.get(place) else { return Vec::new() };
                    let holds = holds(desk, made);
                    let state = Cell { text: desk.say(holds.name()), tone: if holds == Holds::Now { Tone::Good } else { Tone::Dim } };
                    let grant = &made.grant;
                    vec![grant.name.to_string().into(), grant.agency.to_string().into(), state, printable(&grant.purpose).into()]
                });
            }
            Part::Disclosures => {
                let all = disclosures(desk);
                let columns = [
                    column("share-at", Width::Cells(22)),
                    column("share-agency", Width::Cells(14)),
                    column("share-grant", Width::Cells(14)),
                    column("share-people", Width::Figures(6)),
                    column("share-withheld", Width::Rest),
                ];
                table::draw(frame, area, desk, &columns, all.len(), chosen, |place| {
                    let Some(DisclosedAt { at, disclosed }) = all.get(place) else { return Vec::new() };
                    let withheld = withheld_text(lang, &disclosed.withheld);
                    let texts = [at.in_japan(lang), disclosed.agency.to_string(), disclosed.grant.to_string(), grouped(disclosed.people), withheld];
                    texts.into_iter().map(Cell::from).collect()
                });
            }
        }
    }
}

impl Screen for Sharing {
    fn place(&self) -> Place {
        Place::Sharing
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-sharing")
    }

    fn questions(&self, desk: &Desk) -> Vec<Asked> {
        let questions = match self.part() {
            Part::Agencies => vec![Question::Agencies, Question::Grants],
            Part::Grants => vec![Question::Grants, Question::Agencies],
            Part::Disclosures => vec![Question::Disclosures],
        };
        // The shelters that a grant may name are those of the open events.
        let events = desk.status.iter().filter(|_| self.part() != Part::Agencies).filter_map(|status| status.events.as_ref()).flatten();
        let events = events.map(|event| Asked::Event(event.summary.event));
        questions.into_iter().map(Asked::Sharing).chain(events).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let no = not_headquarters(desk);
        let nothing = || self.among(desk).is_empty().then(|| desk.say("off-nothing"));
        let mut keys = moves();
        keys.push(Binding::new(Key::Tab, Action::Part, "key-part"));
        match self.part() {
            Part::Agencies => {
                keys.push(Binding::new(Key::Char('n'), Action::Add, "key-agency-add").off(no.clone()));
                keys.push(Binding::new(Key::Char('e'), Action::Change, "key-agency-change").off(no.or_else(nothing)));
            }
            Part::Grants => {
                let none = agencies(desk).is_empty().then(|| desk.say("off-no-agency"));
                keys.push(Binding::new(Key::Char('d'), Action::Give, "key-disclose").off(no.clone().or_else(|| self.over(desk))));
                keys.push(Binding::new(Key::Char('n'), Action::Add, "key-grant-add").off(no.clone().or(none)));
                let withdrawn = self.grant(desk).is_none_or(|made| made.withdrawn.is_some()).then(|| desk.say("off-grant-over"));
                keys.push(Binding::new(Key::Char('x'), Action::End, "key-grant-end").off(no.or(withdrawn)));
            }
            Part::Disclosures => {}
        }
        keys.push(Binding::new(Key::Char('b'), Action::Go(Place::Alerts), "screen-alerts").off(desk.why_not(Place::Alerts)));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.part()) {
            (Action::Part, _) => {
                self.part = (self.part + 1) % Part::ALL.len();
                self.reading.begin();
                Then::Ask
            }
            (Action::Add, Part::Agencies) => Then::Window(Box::new(forms::agency(desk, None))),
            (Action::Change, Part::Agencies) => self.agency(desk).map_or(Then::Stay, |agency| Then::Window(Box::new(forms::agency(desk, Some(agency))))),
            (Action::Add, Part::Grants) => Then::Window(Box::new(forms::grant(desk))),
            (Action::End, Part::Grants) => self.grant(desk).map_or(Then::Stay, |made| Then::Window(Box::new(forms::withdraw(desk, &made.grant)))),
            (Action::Give, Part::Grants) => self.grant(desk).map_or(Then::Stay, |made| Then::Screen(Box::new(Disclose::on(desk, &made.grant)))),
            (action, _) => {
                let among = self.among(desk);
                if !self.reading.turns(action)
                    && let Some(held) = self.held.get_mut(self.part)
                {
                    let before = held.what().cloned();
                    held.go(&among, action);
                    if held.what() != before.as_ref() {
                        self.reading.begin();
                    }
                }
                Then::Stay
            }
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        let among = self.among(desk);
        if let Some(held) = self.held.get_mut(self.part) {
            held.settle(&among);
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let mut spans = vec![Span::raw(" ")];
        for (place, (_, key)) in Part::ALL.iter().enumerate() {
            let is_here = place == self.part;
            let text = if is_here { format!("[{}]", desk.say(key)) } else { format!(" {} ", desk.say(key)) };
            spans.push(Span::styled(text, look.style(if is_here { Tone::Strong } else { Tone::Dim })));
            spans.push(Span::raw(" "));
        }
        frame.buffer_mut().set_line(area.x, area.y, &Line::from(spans), area.width);
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let cells = usize::from(area.width).saturating_sub(4);
        let question = self.part().question();
        let said = match (failure(desk, &question), answer(desk, &question)) {
            (Some(failure), _) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (None, Some(_)) if self.among(desk).is_empty() => {
                let none = match self.part() {
                    Part::Agencies => "share-no-agencies",
                    Part::Grants => "share-no-grants",
                    Part::Disclosures => "share-no-disclosures",
                };
                Some((desk.say(none), Tone::Plain))
            }
            (None, Some(_)) => None,
        };
        if let Some((text, tone)) = said {
            let text: Vec<Line<'static>> = lines(&text, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))).collect();
            return scroll(frame, body, &text, 0);
        }
        // What is chosen is read whole; the list has what is left, and at least some lines.
        let paper: Vec<Line<'static>> = self.paper(desk).lines().flat_map(|line| lines(line, cells)).map(|line| Line::raw(format!("  {line}"))).collect();
        let most = usize::from(body.height).saturating_sub(5);
        let below = u16::try_from(paper.len().min(most)).unwrap_or_default();
        let list = Rect { height: body.height.saturating_sub(below + 1), ..body };
        self.list(desk, frame, list);
        let rule = Line::styled(look.rule().repeat(usize::from(area.width)), look.style(Tone::Dim));
        frame.buffer_mut().set_line(area.x, list.bottom(), &rule, area.width);
        self.reading.draw(desk, frame, Rect { y: list.bottom() + 1, height: below, ..body }, &paper);
    }
}
