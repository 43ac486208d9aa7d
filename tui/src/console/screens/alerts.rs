//! 緊急閲覧: every emergency access, the latest first, with its reason.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::sharing::alert::{Alert, AlertId};

use super::sharing::words::with_titles;
use super::sharing::{answer, failure};
use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{Reading, scroll};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::Question as Any;
use crate::console::work::sharing_question::{Answer, Question};

/// The rows that are kept for the one that is chosen.
const BELOW: u16 = 8;

/// The screen.
#[derive(Default)]
pub struct Alerts {
    held: Held<AlertId>,
    reading: Reading,
}

fn list(desk: &Desk) -> &[Alert] {
    if let Some(Answer::Alerts(alerts)) = answer(desk, &Question::Alerts) { alerts } else { &[] }
}

fn among(desk: &Desk) -> Vec<AlertId> {
    list(desk).iter().map(|alert| alert.id).collect()
}

impl Alerts {
    /// With one of them at hand.
    #[must_use]
    pub fn on(id: AlertId) -> Self {
        Self { held: Held::on(id), reading: Reading::default() }
    }

    fn chosen<'a>(&self, desk: &'a Desk) -> Option<&'a Alert> {
        list(desk).get(self.held.place(&among(desk)))
    }

    fn paper(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let Some(Alert { id, at, agency, event, chain, reason, read, nothing }) = self.chosen(desk) else { return Vec::new() };
        let lang = desk.lang();
        let read: Vec<String> = read.iter().map(|at| at.in_japan(lang)).collect();
        let read = match (read.is_empty(), nothing.is_empty()) {
            (true, true) => desk.say("alert-unread"),
            (true, false) => desk.say("alert-nothing"),
            (false, _) => read.join(lang.pick("、", ", ")),
        };
        let of = desk.with("alert-whom", &[("event", event.to_string()), ("chain", chain.to_string())]);
        let said = [
            desk.with("alert-by", &[("agency", agency.to_string()), ("time", at.in_japan(lang))]),
            desk.with("alert-reason", &[("reason", printable(reason))]),
            desk.with("alert-read", &[("read", read)]),
            of,
            format!("ID: {id}"),
        ];
        said.iter().flat_map(|line| lines(&with_titles(desk, line), cells)).map(|line| Line::raw(format!("  {line}"))).collect()
    }
}

impl Screen for Alerts {
    fn place(&self) -> Place {
        Place::Alerts
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-alerts")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Any> {
        vec![Any::Sharing(Question::Alerts)]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let off = match self.chosen(desk) {
            Some(alert) => desk.why_not(Place::Person(alert.event, alert.chain)),
            None => Some(desk.say("off-nothing")),
        };
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "key-person").off(off));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.chosen(desk)) {
            (Action::Open, Some(alert)) => Then::Go(Place::Person(alert.event, alert.chain)),
            (action, _) => {
                if !self.reading.turns(action) {
                    self.reading.begin();
                    self.held.go(&among(desk), action);
                }
                Then::Stay
            }
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&among(desk));
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let alerts = list(desk);
        let said = match (failure(desk, &Question::Alerts), answer(desk, &Question::Alerts)) {
            (Some(failure), _) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (None, Some(_)) if alerts.is_empty() => Some((desk.say("alert-none"), Tone::Plain)),
            (None, Some(_)) => None,
        };
        if let Some((text, tone)) = said {
            let text: Vec<Line<'static>> = lines(&text, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))).collect();
            return scroll(frame, area, &text, 0);
        }
        let below = BELOW.min(area.height / 2);
        let table = Rect { height: area.height - below, ..area };
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("share-at", Width::Cells(22)),
            column("share-agency", Width::Cells(16)),
            column("alert-times", Width::Figures(6)),
            column("alert-why", Width::Rest),
        ];
        table::draw(frame, table, desk, &columns, alerts.len(), Some(self.held.place(&among(desk))), |place| {
            let Some(alert) = alerts.get(place) else { return Vec::new() };
            let cells = [alert.at.in_japan(desk.lang()), alert.agency.to_string(), alert.read.len().to_string(), printable(&alert.reason)];
            cells.into_iter().map(Cell::from).collect()
        });
        let rule = Line::styled(look.rule().repeat(usize::from(area.width)), look.style(Tone::Dim));
        frame.buffer_mut().set_line(area.x, table.bottom(), &rule, area.width);
        self.reading.draw(desk, frame, Rect { y: table.bottom() + 1, height: below.saturating_sub(1), ..area }, &self.paper(desk, cells));
    }
}
