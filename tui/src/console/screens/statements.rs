//! 集計の公表: the statements of an event that were made, with their proofs; each can be taken and checked here.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::StatementMade;

use super::{Screen, Then};
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Column, Width};
use crate::console::work::{Answer, Deed, Question, shelters};

/// The screen.
pub struct Statements {
    event: EventId,
    held: Held<u64>,
}

impl Statements {
    /// Of an event.
    #[must_use]
    pub const fn of(event: EventId) -> Self {
        Self { event, held: Held::first() }
    }

    const fn question(&self) -> Question {
        Question::Shelters(shelters::Question::Statements(self.event))
    }

    /// The statements, the latest first.
    fn made<'a>(&self, desk: &'a Desk) -> Vec<&'a StatementMade> {
        match desk.answer(&self.question()) {
            Some(Answer::Shelters(shelters::Answer::Statements(made))) => made.iter().rev().collect(),
            _ => Vec::new(),
        }
    }

    fn numbers(&self, desk: &Desk) -> Vec<u64> {
        self.made(desk).iter().map(|made| made.number).collect()
    }

    /// The one at hand.
    fn at_hand(&self, desk: &Desk) -> Option<u64> {
        let numbers = self.numbers(desk);
        numbers.get(self.held.place(&numbers)).copied()
    }

    /// Where it is written to; without a number one is made.
    fn ask(&self, desk: &Desk, number: Option<u64>) -> Popup {
        let said = desk.say(if number.is_some() { "statements-take-said" } else { "statements-make-said" });
        let form = Form::new(vec![Entry::path("statements-path").hint("statements-path-hint")]);
        let event = self.event;
        Popup::ask(Ask::new(if number.is_some() { "statements-take" } else { "statements-make" }, said, form, move |desk, form| {
            let text = form.raw("statements-path");
            // Whether a file can be written there is seen where it is written: a disk may be slow, or gone.
            if text.is_empty() {
                return Err(vec![Problem { label: "statements-path", said: desk.say("desk-path-missing") }]);
            }
            let deed = Deed::Shelters(shelters::Deed::Statement(event, number, PathBuf::from(&text)));
            if number.is_some() {
                return Ok(Turn::Do(Box::new(deed)));
            }
            let text = [
                format!("今の人数の集計を作り、公表するものとして名簿に記録します。記録した集計は取り消せません。\n\n保存先: {text}"),
                format!("A statement of the totals of now is made, and recorded in the roster to be published. It cannot be taken back.\n\nTo: {text}"),
            ];
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "statements-make", text, word: None, deed }))))
        }))
    }
}

impl Screen for Statements {
    fn place(&self) -> Place {
        Place::Statements(self.event)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-statements")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![self.question()]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let off = || self.at_hand(desk).is_none().then(|| desk.say("off-nothing"));
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('n'), Action::Headquarters(Headquarters::Statement), "statements-make"));
        keys.push(Binding::new(Key::Char('v'), Action::Headquarters(Headquarters::Verify), "statements-verify").off(off()));
        keys.push(Binding::new(Key::Enter, Action::Open, "statements-take").off(off()));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match (action, self.at_hand(desk)) {
            (Action::Headquarters(Headquarters::Statement), _) => Then::Window(Box::new(self.ask(desk, None))),
            (Action::Headquarters(Headquarters::Verify), Some(number)) => Then::Do(Box::new(Deed::Shelters(shelters::Deed::Verify(self.event, number)))),
            (Action::Open, Some(number)) => Then::Window(Box::new(self.ask(desk, Some(number)))),
            _ => {
                self.held.go(&self.numbers(desk), action);
                Then::Stay
            }
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&self.numbers(desk));
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let question = self.question();
        let made = self.made(desk);
        let empty = match (desk.failure(&question), desk.answer(&question)) {
            (Some(failure), _) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (None, Some(_)) if made.is_empty() => Some((desk.say("statements-none"), Tone::Plain)),
            (None, Some(_)) => None,
        };
        if let Some((text, tone)) = empty {
            for (y, line) in (area.y + 1..area.bottom()).zip(lines(&text, cells)) {
                frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            }
            return;
        }
        let columns = [
            Column { head: desk.say("statements-number"), width: Width::Figures(6) },
            Column { head: desk.say("statements-at"), width: Width::Rest },
            Column { head: desk.say("statements-persons"), width: Width::Figures(8) },
            Column { head: desk.say("statements-entries"), width: Width::Figures(12) },
            Column { head: desk.say("statements-shelters"), width: Width::Figures(10) },
        ];
        table::draw(frame, area, desk, &columns, made.len(), Some(self.held.place(&self.numbers(desk))), |place| {
            let Some(StatementMade { number, size, at, scopes, .. }) = made.get(place) else { return Vec::new() };
            // One of the scopes is the whole event.
            let shelters = scopes.len().saturating_sub(1) as u64;
            // Everybody has the first of the flags.
            let persons = scopes.iter().find(|scope| scope.shelter.is_none()).and_then(|scope| scope.totals.first()).copied();
            let persons = persons.map_or_else(|| "-".to_owned(), grouped);
            vec![number.to_string().into(), at.timestamp().in_japan(desk.lang()).into(), persons.into(), grouped(*size).into(), grouped(shelters).into()]
        });
    }
}
