//! The reception before it is open, and its line for whoever comes next.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;
use tachiai_schemas::roster::CardRule;

use super::{Reception, Stage, shown};
use crate::console::desk::{Counter, Desk};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, width};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::reception::{Among, Candidate, Found, List, Now};
use crate::shelter::desk::Here;

impl Reception {
    /// Whether who was found was looked for before the list of residents came, and has to be looked for once more.
    const fn is_outdated(&self, now: &Now) -> bool {
        matches!((&self.stage, now.list), (Stage::Found(Found { among: Among::Roster, .. }, _), List::Here))
    }

    /// Before it is open.
    pub(super) fn closed(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width.min(100)).saturating_sub(6);
        let mut text: Vec<Line<'_>> = vec![Line::raw("")];
        let say = |text: &mut Vec<Line<'_>>, said: &str, tone: Tone| {
            text.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        };
        let mut cursor = None;
        match &desk.counter {
            Counter::Untouched | Counter::Opening | Counter::Unset | Counter::Open(_) => say(&mut text, &desk.say("desk-opening"), Tone::Strong),
            Counter::Locked(wrong) => {
                say(&mut text, &desk.say("desk-locked"), Tone::Strong);
                if let Some(wrong) = wrong {
                    say(&mut text, &wrong.say(desk.lang()), Tone::Bad);
                }
                text.push(Line::raw(""));
                let label = format!("  {}: ", desk.say("desk-passphrase"));
                let typed = self.secret.marks(cells.saturating_sub(width(&label)));
                cursor = Some((width(&label) + typed.len(), text.len()));
                text.push(Line::from(vec![Span::styled(label, look.style(Tone::Key)), Span::raw(typed)]));
            }
            Counter::Shut(failure) => {
                say(&mut text, &desk.say("desk-shut"), Tone::Bad);
                text.push(Line::raw(""));
                say(&mut text, &failure.say(desk.lang()), Tone::Plain);
                text.push(Line::raw(""));
                say(&mut text, &desk.say("desk-shut-what"), Tone::Plain);
            }
        }
        for (y, line) in (area.y..area.bottom()).zip(&text) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        if let Some((x, y)) = cursor {
            frame.set_cursor_position((area.x + u16::try_from(x).unwrap_or_default(), area.y + u16::try_from(y).unwrap_or_default()));
        }
    }

    /// The line, and under it who was found, or the last entries.
    pub(super) fn open(&self, desk: &Desk, now: &Now, frame: &mut Frame<'_>, area: Rect) {
        if area.height < 2 {
            return;
        }
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let label = format!(" {}: ", desk.say("desk-line"));
        let start = width(&label);
        let (text, at) = self.field.seen(cells.saturating_sub(start));
        let line = Line::from(vec![Span::styled(label, look.style(Tone::Strong)), Span::raw(text)]);
        frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
        if matches!(self.stage, Stage::Line) {
            frame.set_cursor_position((area.x + u16::try_from(start + at).unwrap_or_default(), area.y));
        }
        let hint = match (self.said, &now.card) {
            _ if self.is_outdated(now) => desk.say("desk-list-came"),
            _ if desk.orders_wait().is_some() => desk.say("desk-looking"),
            (Some(said), _) => desk.say(said),
            (None, Some(CardRule::WithoutPin)) => desk.say("desk-line-hint-face"),
            (None, _) => desk.say("desk-line-hint"),
        };
        let hints = lines(&hint, cells);
        for (y, hint) in (area.y + 1..area.bottom()).zip(&hints) {
            frame.buffer_mut().set_line(area.x, y, &Line::styled(format!(" {hint}"), look.style(Tone::Dim)), area.width);
        }
        let used = u16::try_from(hints.len() + 2).unwrap_or(u16::MAX).min(area.height);
        let below = Rect { y: area.y + used, height: area.height - used, ..area };
        match &self.stage {
            Stage::Found(Found { people, among, .. }, _) if people.is_empty() => {
                let said = match among {
                    Among::All => desk.say("desk-nobody"),
                    Among::Roster if self.is_outdated(now) => String::new(),
                    Among::Roster => desk.say("desk-nobody-yet"),
                };
                for (y, line) in (below.y..below.bottom()).zip(lines(&said, cells)) {
                    frame.buffer_mut().set_line(below.x, y, &Line::raw(format!("  {line}")), below.width);
                }
            }
            Stage::Found(Found { people: found, .. }, chosen) => {
                let columns = [Column { head: desk.say("people-where"), width: Width::Cells(18) }, Column { head: desk.say("people-who"), width: Width::Rest }];
                let whole = found.get(*chosen).map(|Candidate { place: [place_ja, place_en], line: [ja, en], .. }| {
                    format!("{}  {}", desk.lang().pick(place_ja, place_en), desk.lang().pick(ja, en))
                });
                let whole = whole.unwrap_or_default();
                let below = shown::whole(desk, &whole, frame, below);
                table::draw(frame, below, desk, &columns, found.len(), Some(*chosen), |place| {
                    let Some(Candidate { place: [place_ja, place_en], line: [ja, en], here, .. }) = found.get(place) else { return Vec::new() };
                    let tone = if *here == Here::Present { Tone::Good } else { Tone::Plain };
                    vec![Cell { text: desk.lang().pick(place_ja, place_en).to_owned(), tone }, Cell::from(desk.lang().pick(ja, en).to_owned())]
                });
            }
            stage => {
                let chosen = if let Stage::Recent(chosen) = stage { Some(*chosen) } else { None };
                shown::recent(desk, now, chosen, frame, below);
            }
        }
    }
}
