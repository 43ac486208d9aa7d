//! The turnout: of all and of each district now, and hour by hour of the one at hand, back to the opening.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::counting::{Turnout, TurnoutCell, TurnoutParts};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{Lang, Say, Timestamp};

use super::{Election, said};
use crate::console::action::{Action, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::Binding;
use crate::console::screens::Then;
use crate::console::screens::home::title;
use crate::console::theme::Tone;
use crate::console::widgets::bar::bar;
use crate::console::widgets::cut::{cut, lines};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Question};

/// So many hours are shown at once: a third of a day, for which there is room in the smallest terminal.
const HOURS: i64 = 8;

/// The seconds of an hour.
const HOUR: i64 = 3_600;

/// From so many cells on a table has figures beside its bars.
const FIGURES: u16 = 52;

/// The cells of a bar.
const BAR: usize = 12;

/// What of the turnout is seen.
#[derive(Default)]
pub(super) struct Seen {
    /// All, or the district before which so many stand.
    place: usize,
    /// The hours end so many before the latest.
    back: i64,
}

impl Election {
    /// The full hours of which the turnout is shown, the latest first.
    pub(super) fn hours(&self, desk: &Desk) -> Vec<Timestamp> {
        self.hours_from(desk, self.turnout.back)
    }

    fn hours_from(&self, desk: &Desk, back: i64) -> Vec<Timestamp> {
        let Some(summary) = self.status(desk).map(|status| &status.summary) else { return Vec::new() };
        if summary.phase < Phase::Open {
            return Vec::new();
        }
        let there = desk.now.plus(desk.ahead);
        let last = there.min(summary.poll_closes).unix() / HOUR * HOUR;
        let hours = (back..back + HOURS).filter_map(|back| Timestamp::from_unix(last - back * HOUR).ok());
        hours.take_while(|hour| *hour > summary.opens).collect()
    }

    fn turnout_of<'a>(&self, desk: &'a Desk, hour: Option<Timestamp>) -> Option<&'a Turnout> {
        match desk.answer(&Question::Turnout(self.id, hour))? {
            Answer::Turnout(turnout) => Some(turnout),
            _ => None,
        }
    }

    /// Older and newer hours.
    pub(super) fn turnout_keys(&self, desk: &Desk) -> [Binding; 2] {
        let first = self.hours_from(desk, self.turnout.back + HOURS).is_empty().then(|| desk.say("off-hours-first"));
        let last = (self.turnout.back == 0).then(|| desk.say("off-hours-last"));
        [Binding::new(Key::Char('o'), Action::Older, "key-hours-before").off(first), Binding::new(Key::Char('w'), Action::Newer, "key-hours-after").off(last)]
    }

    pub(super) fn turn_hours(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Older => {
                self.turnout.back += HOURS;
                Then::Ask
            }
            Action::Newer => {
                self.turnout.back = (self.turnout.back - HOURS).max(0);
                Then::Ask
            }
            action => {
                let count = self.turnout_of(desk, None).map_or(0, |turnout| 1 + turnout.parts.names.len());
                self.turnout.place = moved(self.turnout.place, count, action);
                Then::Stay
            }
        }
    }

    /// What stands above the tables.
    pub(super) fn turnout_head(&self, desk: &Desk, text: &mut Vec<Line<'static>>, cells: usize) {
        if let Some(failure) = desk.failure(&Question::Turnout(self.id, None)) {
            return said(desk, text, &failure.say(desk.lang()), Tone::Bad, cells);
        }
        let Some(Turnout { all, .. }) = self.turnout_of(desk, None) else { return said(desk, text, &desk.say("turnout-none"), Tone::Dim, cells) };
        let TurnoutCell { entitled, online, early, day, absentee } = *all;
        let now = format!("{}  {}  {}/{}", desk.say("turnout-now"), percent(all), grouped(all.voted()), grouped(entitled));
        said(desk, text, &now, Tone::Strong, cells);
        let values = [("online", online), ("early", early), ("day", day), ("absentee", absentee), ("entitled", entitled)].map(|(key, n)| (key, grouped(n)));
        said(desk, text, &desk.with("turnout-channels", &values), Tone::Plain, cells);
        text.push(Line::raw(""));
    }

    /// The districts, and the hours of the one at hand beside them.
    pub(super) fn draw_turnout(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let Some(Turnout { parts, .. }) = self.turnout_of(desk, None) else { return };
        let look = desk.look;
        let place = self.turnout.place.min(parts.names.len());
        let name = |place: usize| match place.checked_sub(1).and_then(|district| parts.names.get(district)) {
            Some(district) => title(desk, district),
            None => desk.say("turnout-all"),
        };
        let hours = self.hours(desk);
        let failed = hours.iter().find_map(|hour| desk.failure(&Question::Turnout(self.id, Some(*hour))));
        let mut notes: Vec<(String, Tone)> = Vec::new();
        if parts.districts.iter().any(Option::is_none) {
            notes.push((desk.say("turnout-hidden"), Tone::Dim));
        }
        notes.extend(failed.map(|failure| (desk.with("turnout-failed-why", &[("why", failure.say(desk.lang()))]), Tone::Bad)));
        let cells = usize::from(area.width).saturating_sub(4);
        let notes: Vec<Line<'static>> =
            notes.iter().flat_map(|(said, tone)| lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(*tone)))).collect();
        let under = u16::try_from(notes.len()).unwrap_or(u16::MAX).min(area.height / 3);
        let half = area.width / 2;
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(under + 1), ..area };
        let [left, right] = [Rect { width: half, ..body }, Rect { x: area.x + half, width: area.width - half, ..body }];
        let is_wide = half >= FIGURES;
        // Where the tables have no room for figures, those of the one at hand stand above its hours.
        let count = of_now(parts, place).filter(|_| !is_wide).map_or_else(String::new, |cell| format!("  {}", counted(&cell)));
        let by_hour = format!("{}{count}", desk.with("turnout-by-hour", &[("name", name(place))]));
        let above = [desk.with("turnout-by-district", &[("time", clock(parts.at))]), by_hour];
        for (said, side) in above.into_iter().zip([left, right]) {
            let said = cut(&said, usize::from(side.width).saturating_sub(3), look.cut());
            frame.buffer_mut().set_line(side.x + 2, area.y, &Line::styled(said, look.style(Tone::Strong)), side.width.saturating_sub(2));
        }
        let columns = |first: Column| {
            let mut columns = vec![first, Column { head: desk.say("turnout-share"), width: Width::Figures(7) }];
            columns.extend(is_wide.then(|| Column { head: desk.say("turnout-voted"), width: Width::Figures(15) }));
            columns.push(Column { head: String::new(), width: Width::Cells(BAR) });
            columns
        };
        let figures = |cell: Option<TurnoutCell>| -> Vec<String> {
            let (share, count, bar) = match cell {
                Some(cell) => (percent(&cell), counted(&cell), bar(look, cell.voted(), cell.entitled, BAR)),
                None => ("-".to_owned(), "-".to_owned(), String::new()),
            };
            std::iter::once(share).chain(is_wide.then_some(count)).chain([bar]).collect()
        };
        let first = Column { head: desk.say("turnout-district"), width: Width::Rest };
        table::draw(frame, left, desk, &columns(first), 1 + parts.names.len(), Some(place), |row| {
            std::iter::once(name(row)).chain(figures(of_now(parts, row))).map(Cell::from).collect()
        });
        let first = Column { head: desk.say("turnout-time"), width: Width::Rest };
        table::draw(frame, right, desk, &columns(first), hours.len(), None, |row| {
            let Some(hour) = hours.get(row) else { return Vec::new() };
            let time = Cell::from(clock(*hour));
            let question = Question::Turnout(self.id, Some(*hour));
            match (self.turnout_of(desk, Some(*hour)), desk.failure(&question)) {
                (Some(turnout), _) => std::iter::once(time).chain(figures(of_now(&turnout.parts, place)).into_iter().map(Cell::from)).collect(),
                (None, Some(_)) => vec![time, Cell { text: desk.say("turnout-failed"), tone: Tone::Bad }],
                (None, None) => vec![time, Cell { text: desk.say("turnout-asking"), tone: Tone::Dim }],
            }
        });
        for (y, line) in (area.bottom().saturating_sub(under)..area.bottom()).zip(&notes) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
    }
}

/// The month, day and time in Japan.
fn clock(at: Timestamp) -> String {
    // `YYYY-MM-DD HH:MM JST` by its definition.
    at.in_japan(Lang::En).get(5..16).unwrap_or_default().to_owned()
}

/// All, or the district before which so many stand; nothing where it is not told.
fn of_now(parts: &TurnoutParts, place: usize) -> Option<TurnoutCell> {
    match place.checked_sub(1) {
        Some(district) => parts.districts.get(district).copied().flatten(),
        None => Some(parts.all),
    }
}

/// Those who voted, of those who may.
fn counted(cell: &TurnoutCell) -> String {
    format!("{}/{}", grouped(cell.voted()), grouped(cell.entitled))
}

/// The share of those who voted.
fn percent(cell: &TurnoutCell) -> String {
    cell.basis_points().map_or_else(|| "-".to_owned(), |points| format!("{}.{:02}%", points / 100, points % 100))
}
