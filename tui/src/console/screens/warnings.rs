//! 防災情報: the warnings and hazards that the city's data platform tells of, with who says so and when; and since when the list is old, where it is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::sharing::warning::{Severity, Silent, Warning, WarningKnown, Warnings as Told};
use tachiai_schemas::{Lang, Say, Timestamp};

use super::sharing::{answer, failure};
use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::Popup;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{Reading, scroll};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::Question as Any;
use crate::console::work::sharing_question::{Answer, Question};

/// The rows that are kept for the one that is chosen.
const BELOW: u16 = 11;

/// The most cells of an area, and of a source, in one line.
const NAME: usize = 20;

/// The screen.
#[derive(Default)]
pub struct Warnings {
    held: Held<String>,
    reading: Reading,
}

fn told(desk: &Desk) -> Option<&Told> {
    if let Some(Answer::Warnings(told)) = answer(desk, &Question::Warnings) { Some(told) } else { None }
}

fn among(desk: &Desk) -> Vec<String> {
    told(desk).iter().flat_map(|told| &told.known).map(|known| known.warning.id.clone()).collect()
}

/// A day and time in Japan in few cells.
pub(super) fn short(at: Timestamp) -> String {
    // `YYYY-MM-DD HH:MM JST` by its definition.
    at.in_japan(Lang::En).get(5..16).unwrap_or_default().to_owned()
}

/// How heavily it weighs.
pub(super) fn weight(warning: &Warning) -> Tone {
    match warning.severity {
        Some(Severity::Critical) => Tone::Bad,
        Some(Severity::High) => Tone::Warn,
        Some(Severity::Informational | Severity::Low) => Tone::Dim,
        Some(Severity::Medium) | None => Tone::Plain,
    }
}

/// A warning in one line: how severe, what, where, when it was issued and by whom; long names are cut, so that the time is always seen.
pub fn line(desk: &Desk, warning: &Warning) -> String {
    let lang = desk.lang();
    let name = |name: &str| cut(&printable(name), NAME, desk.look.cut());
    let source = if warning.source.is_empty() { desk.say("warning-no-source") } else { name(&warning.source) };
    let values = [
        ("degree", warning.degree(lang)),
        ("what", printable(&warning.of_what(lang))),
        ("area", name(&warning.area)),
        ("time", short(warning.issued)),
        ("source", source),
    ];
    desk.with("warning-line", &values)
}

/// How fresh what is told is: never nothing.
pub(super) fn fresh(desk: &Desk, told: &Told) -> (String, Tone) {
    match (&told.silent, told.heard) {
        (Some(Silent { since, what }), _) => (desk.with("warning-old", &[("since", short(*since)), ("what", printable(what))]), Tone::Warn),
        (None, Some(heard)) => (desk.with("warning-fresh", &[("time", short(heard))]), Tone::Dim),
        (None, None) => (desk.say("warning-unasked"), Tone::Warn),
    }
}

/// From when until when it holds.
fn term(desk: &Desk, warning: &Warning, now: Timestamp) -> String {
    let Warning { from, until, .. } = warning;
    match (from.filter(|from| *from > now), until) {
        _ if warning.ends() <= now => desk.say("warning-over"),
        (Some(from), _) => desk.with("warning-from", &[("time", short(from))]),
        (None, Some(until)) => desk.with("warning-until", &[("time", short(*until))]),
        (None, None) => desk.say("warning-no-end"),
    }
}

impl Warnings {
    /// All of the one that is chosen, in paragraphs.
    fn whole(&self, desk: &Desk) -> Option<Vec<String>> {
        let known = &told(desk)?.known;
        let WarningKnown { warning, first, told } = known.get(self.held.place(&among(desk)))?;
        let time = |at: Option<Timestamp>, none: &str| at.map_or_else(|| desk.say(none), short);
        let term = [("from", time(warning.from, "warning-at-once")), ("until", time(warning.until, "warning-no-end"))];
        let or = |text: &str, none: &str| if text.is_empty() { desk.say(none) } else { printable(text) };
        Some(vec![
            line(desk, warning),
            or(&warning.description, "warning-no-text"),
            desk.with("warning-term", &term),
            desk.with("warning-whose", &[("source", or(&warning.source, "warning-no-source")), ("area", printable(&warning.area))]),
            desk.with("warning-here", &[("first", short(*first)), ("told", short(*told))]),
            printable(&warning.id),
        ])
    }
}

impl Screen for Warnings {
    fn place(&self) -> Place {
        Place::Warnings
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-warnings")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Any> {
        vec![Any::Sharing(Question::Warnings)]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(self.whole(desk).is_none().then(|| desk.say("off-nothing"))));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.whole(desk)) {
            (Action::Open, Some(whole)) => Then::Window(Box::new(Popup::message("screen-warnings", whole.join("\n\n")))),
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
        let paper = |text: &str, tone: Tone| -> Vec<Line<'static>> {
            lines(text, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))).collect()
        };
        let Some(told) = told(desk) else {
            let (text, tone) =
                failure(desk, &Question::Warnings).map_or_else(|| (desk.say("people-asking"), Tone::Dim), |failure| (failure.say(desk.lang()), Tone::Bad));
            return scroll(frame, area, &paper(&text, tone), 0);
        };
        let (text, tone) = fresh(desk, told);
        let mut head = paper(&text, tone);
        if told.left_out > 0 {
            head.extend(paper(&desk.with("warning-left-out", &[("n", told.left_out.to_string())]), Tone::Warn));
        }
        if told.unrecorded > 0 {
            head.extend(paper(&desk.with("warning-unrecorded", &[("n", told.unrecorded.to_string())]), Tone::Warn));
        }
        head.extend(paper(&desk.say("warning-note"), Tone::Strong));
        if told.known.is_empty() {
            head.push(Line::raw(""));
            head.extend(paper(&desk.say("warning-none"), Tone::Plain));
        }
        let rows = u16::try_from(head.len()).unwrap_or(u16::MAX).min(area.height);
        scroll(frame, area, &head, 0);
        if told.known.is_empty() {
            return;
        }
        let rest = Rect { y: area.y + rows, height: area.height - rows, ..area };
        let below = BELOW.min(rest.height / 2);
        let table = Rect { height: rest.height - below, ..rest };
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("warning-degree", Width::Cells(10)),
            column("warning-what", Width::Cells(18)),
            column("warning-area", Width::Rest),
            column("warning-at", Width::Cells(11)),
            column("warning-how-long", Width::Cells(16)),
        ];
        let now = desk.now.plus(desk.ahead);
        table::draw(frame, table, desk, &columns, told.known.len(), Some(self.held.place(&among(desk))), |place| {
            let Some(WarningKnown { warning, .. }) = told.known.get(place) else { return Vec::new() };
            let degree = Cell { text: warning.degree(desk.lang()), tone: if warning.ends() <= now { Tone::Dim } else { weight(warning) } };
            let texts = [printable(&warning.of_what(desk.lang())), printable(&warning.area), short(warning.issued), term(desk, warning, now)];
            std::iter::once(degree).chain(texts.map(Cell::from)).collect()
        });
        let rule = Line::styled(look.rule().repeat(usize::from(area.width)), look.style(Tone::Dim));
        frame.buffer_mut().set_line(area.x, table.bottom(), &rule, area.width);
        let whole = self.whole(desk).unwrap_or_default();
        let whole: Vec<Line<'static>> = whole.iter().flat_map(|text| lines(text, cells)).map(|line| Line::raw(format!("  {line}"))).collect();
        self.reading.draw(desk, frame, Rect { y: table.bottom() + 1, height: below.saturating_sub(1), ..area }, &whole);
    }
}
