//! 保留: the hand-ins of an event of which something was set aside, and why. Opening one names people, and is recorded.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::roster::hand_in::SetAside;
use tachiai_schemas::shelter::AsideView;
use tachiai_schemas::{HashBytes, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::Reading;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Question, shelters};

pub mod opened;

/// So many lines of the list are seen above the reasons of the chosen one.
const LIST: u16 = 7;

/// The screen.
pub struct Asides {
    event: EventId,
    held: Held<HashBytes>,
    reading: Reading,
}

impl Asides {
    /// Of an event.
    #[must_use]
    pub fn of(event: EventId) -> Self {
        Self { event, held: Held::first(), reading: Reading::default() }
    }

    const fn question(&self) -> Question {
        Question::Shelters(shelters::Question::Asides(self.event))
    }

    /// The hand-ins, those on which nobody has decided first, each group by time.
    fn views<'a>(&self, desk: &'a Desk) -> Vec<&'a AsideView> {
        let Some(Answer::Shelters(shelters::Answer::Asides(views))) = desk.answer(&self.question()) else { return Vec::new() };
        let mut views: Vec<&AsideView> = views.iter().collect();
        views.sort_by_key(|view| view.open == 0);
        views
    }

    fn at_hand<'a>(&self, desk: &'a Desk) -> Option<&'a AsideView> {
        let views = self.views(desk);
        views.get(self.held.place(&files(&views))).copied()
    }
}

fn files(views: &[&AsideView]) -> Vec<HashBytes> {
    views.iter().map(|view| view.file).collect()
}

/// Why an entry was set aside, with the number it has in its hand-in.
fn why(desk: &Desk, SetAside { index, reason, detail }: &SetAside) -> String {
    let reason = reason.say(desk.lang());
    if detail.is_empty() { format!("{index}: {reason}") } else { format!("{index}: {reason}  {}", printable(detail)) }
}

impl Screen for Asides {
    fn place(&self) -> Place {
        Place::Asides(self.event)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-asides")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![self.question()]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Enter, Action::Open, "aside-open").off(self.at_hand(desk).is_none().then(|| desk.say("off-nothing"))));
        if self.reading.is_long() {
            keys.push(Binding::new(Key::PageDown, Action::PageDown, "key-read-on"));
        }
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&files(&self.views(desk)));
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if let (Action::Open, Some(view)) = (action, self.at_hand(desk)) {
            return Then::Go(Place::Aside(self.event, view.file));
        }
        if !self.reading.turns(action) && self.held.go(&files(&self.views(desk)), action) {
            self.reading.begin();
        }
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let question = self.question();
        let views = self.views(desk);
        let said = match (desk.failure(&question), desk.answer(&question)) {
            (Some(failure), _) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (None, Some(_)) if views.is_empty() => Some((desk.say("aside-none"), Tone::Good)),
            (None, Some(_)) => None,
        };
        if let Some((text, tone)) = said {
            for (y, line) in (area.y + 1..area.bottom()).zip(lines(&text, cells)) {
                frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            }
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("aside-at", Width::Cells(22)),
            column("aside-terminal", Width::Rest),
            column("aside-by", Width::Rest),
            column("aside-way", Width::Cells(12)),
            column("aside-entries", Width::Figures(6)),
            column("aside-undecided", Width::Figures(9)),
        ];
        let rows = LIST.min(u16::try_from(views.len()).unwrap_or(LIST)) + 1;
        let list = Rect { height: rows.min(area.height), ..area };
        table::draw(frame, list, desk, &columns, views.len(), Some(self.held.place(&files(&views))), |place| {
            let Some(AsideView { file: _, at, by, way, terminal, aside, open }) = views.get(place) else { return Vec::new() };
            let tone = if *open > 0 { Tone::Warn } else { Tone::Dim };
            vec![
                at.in_japan(desk.lang()).into(),
                terminal.to_string().into(),
                printable(by).into(),
                way.say(desk.lang()).into(),
                grouped(aside.len() as u64).into(),
                Cell { text: grouped(u64::from(*open)), tone },
            ]
        });
        let Some(view) = self.at_hand(desk) else { return };
        let line = |said: &str, indent: usize, tone: Tone| {
            let pad = " ".repeat(indent);
            let broken = lines(said, cells.saturating_sub(indent)).into_iter().map(|line| Line::styled(format!("{pad}{line}"), look.style(tone)));
            broken.collect::<Vec<_>>()
        };
        let mut text = line(&desk.say("aside-recorded"), 2, Tone::Dim);
        text.extend(line(&desk.say("aside-why"), 2, Tone::Strong));
        text.extend(view.aside.iter().flat_map(|aside| line(&why(desk, aside), 4, Tone::Plain)));
        let top = list.bottom() + 1;
        self.reading.draw(desk, frame, Rect { y: top, height: area.bottom().saturating_sub(top), ..area }, &text);
    }
}
