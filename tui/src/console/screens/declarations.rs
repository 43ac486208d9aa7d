//! 期日前投票宣誓書: who filed a declaration for early voting, for which reason, and whether a paper was handed out on it. Whoever reads it is recorded. An auditor sees
//! how many were filed on which day for which reason.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::declaration::{DeclarationList, DeclarationListed, DeclarationsOnDay};
use tachiai_schemas::{ElectionId, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::commands::election::{declaration_text, declarations_counted};
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work;
use crate::console::work::question::elections::{Answer, Question};

/// The screen.
pub struct Declarations {
    id: ElectionId,
    /// After what each page that was turned to begins; the first one begins after nothing.
    pages: Vec<u64>,
    held: Held<String>,
}

impl Declarations {
    /// Of an election.
    #[must_use]
    pub const fn of(id: ElectionId) -> Self {
        Self { id, pages: Vec::new(), held: Held::first() }
    }

    fn question(&self) -> work::Question {
        work::Question::Elections(Question::Declarations(self.id, self.pages.last().copied()))
    }

    fn list<'a>(&self, desk: &'a Desk) -> Option<&'a DeclarationList> {
        match desk.answer(&self.question())? {
            work::Answer::Elections(Answer::Declarations(list)) => Some(list),
            _ => None,
        }
    }
}

/// The lines, by whom or by what they are of.
fn among(list: &DeclarationList) -> Vec<String> {
    let listed = list.listed.iter().map(|listed| listed.by.number.clone());
    listed.chain(list.counted.iter().map(|counted| format!("{} {}", counted.day, counted.reason.item()))).collect()
}

impl Screen for Declarations {
    fn place(&self) -> Place {
        Place::Declarations(self.id)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-declarations")
    }

    fn questions(&self, _desk: &Desk) -> Vec<work::Question> {
        vec![self.question()]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let first = self.pages.is_empty().then(|| desk.say("off-first-page"));
        let last = self.list(desk).is_none_or(|list| list.next.is_none()).then(|| desk.say("off-last-page"));
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('o'), Action::Older, "key-page-before").off(first));
        keys.push(Binding::new(Key::Char('w'), Action::Newer, "key-next-page").off(last));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let next = self.list(desk).and_then(|list| list.next);
        match (action, next) {
            (Action::Older, _) => {
                self.pages.pop();
            }
            (Action::Newer, Some(next)) => self.pages.push(next),
            _ => {
                self.held.go(&self.list(desk).map(among).unwrap_or_default(), action);
                return Then::Stay;
            }
        }
        self.held = Held::first();
        Then::Ask
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&self.list(desk).map(among).unwrap_or_default());
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let say = |frame: &mut Frame<'_>, mut y: u16, said: &str, tone: Tone| {
            for line in lines(said, cells) {
                if y < area.bottom() {
                    frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
                }
                y += 1;
            }
            y
        };
        let list = match (self.list(desk), desk.failure(&self.question())) {
            (Some(list), None) => list,
            (_, Some(failure)) => {
                say(frame, area.y + 1, &failure.say(desk.lang()), Tone::Bad);
                return;
            }
            (None, None) => {
                say(frame, area.y + 1, &desk.say("declarations-asking"), Tone::Dim);
                return;
            }
        };
        let y = say(frame, area.y, &declarations_counted(desk.lang(), list), Tone::Plain);
        if !list.counted.is_empty() {
            let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
            return self.counted(desk, frame, below, list);
        }
        let Some(chosen) = list.listed.get(self.held.place(&among(list))) else {
            say(frame, y, &desk.say("declarations-none"), Tone::Dim);
            return;
        };
        let below: Vec<String> = declaration_text(desk.lang(), chosen).lines().flat_map(|line| lines(line.trim_start(), cells)).collect();
        let room = area.bottom().saturating_sub(y);
        let under = u16::try_from(below.len() + 1).unwrap_or(u16::MAX).min(room.saturating_sub(3));
        self.table(desk, frame, Rect { y, height: room.saturating_sub(under), ..area }, list);
        let mut y = area.bottom().saturating_sub(under) + 1;
        for line in below {
            y = say(frame, y, &line, Tone::Plain);
        }
    }
}

impl Declarations {
    fn counted(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, list: &DeclarationList) {
        let counted = &list.counted;
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns =
            [column("declarations-filed", Width::Cells(11)), column("declarations-count", Width::Figures(7)), column("declarations-reason", Width::Rest)];
        table::draw(frame, area, desk, &columns, counted.len(), Some(self.held.place(&among(list))), |place| {
            let Some(DeclarationsOnDay { day, reason, filed }) = counted.get(place) else { return Vec::new() };
            let fields = [printable(day), filed.to_string(), format!("{}  {}", reason.item(), reason.say(desk.lang()))];
            fields.into_iter().map(Cell::from).collect()
        });
    }

    fn table(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, list: &DeclarationList) {
        let listed = &list.listed;
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("declarations-number", Width::Cells(11)),
            column("declarations-who", Width::Rest),
            column("declarations-reason", Width::Figures(6)),
            column("declarations-filed", Width::Cells(24)),
            column("declarations-desk", Width::Cells(10)),
        ];
        table::draw(frame, area, desk, &columns, listed.len(), Some(self.held.place(&among(list))), |place| {
            let Some(DeclarationListed { by, reason, polling: _, filed, handed_out, used: _ }) = listed.get(place) else { return Vec::new() };
            let (key, tone) = if *handed_out { ("declarations-used", Tone::Good) } else { ("declarations-unused", Tone::Dim) };
            let fields = [printable(&by.number), printable(&by.name), reason.item().to_string(), filed.in_japan(desk.lang())];
            fields.into_iter().map(Cell::from).chain([Cell { text: desk.say(key), tone }]).collect()
        });
    }
}
