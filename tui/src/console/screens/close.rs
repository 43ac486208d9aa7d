//! 災害・行事の終了: what is still out in an event, and the request to close it for good, on which a second official decides.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::case::{CloseRequest, Outstanding};
use tachiai_schemas::{Lang, Say};

use super::{Screen, Then};
use crate::commands::shelter::event::outstanding_text;
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::paper::Reading;
use crate::console::work::{Answer, Deed, Question, shelters};

/// The screen.
pub struct Close {
    event: EventId,
    reading: Reading,
}

impl Close {
    /// Of an event.
    #[must_use]
    pub fn of(event: EventId) -> Self {
        Self { event, reading: Reading::default() }
    }

    const fn question(&self) -> Question {
        Question::Shelters(shelters::Question::Outstanding(self.event))
    }

    fn outstanding<'a>(&self, desk: &'a Desk) -> Option<&'a Outstanding> {
        match desk.answer(&self.question())? {
            Answer::Shelters(shelters::Answer::Outstanding(outstanding)) => Some(outstanding),
            _ => None,
        }
    }

    /// Asks for the reason where something is still out, and whether it is meant.
    fn ask(&self, desk: &Desk, outstanding: &Outstanding) -> Popup {
        let event = self.event;
        if outstanding.is_none() {
            return sure(desk, event, outstanding, None);
        }
        let outstanding = outstanding.clone();
        let form = Form::new(vec![Entry::text("close-reason").hint("close-reason-hint")]);
        Popup::ask(Ask::new("close-title", desk.say("close-reason-said"), form, move |desk, form| {
            let reason = form.text("close-reason");
            if reason.is_empty() {
                return Err(vec![Problem { label: "close-reason", said: desk.say("close-reason-missing") }]);
            }
            Ok(Turn::Open(Box::new(sure(desk, event, &outstanding, Some(reason)))))
        }))
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let text = match (desk.failure(&self.question()), self.outstanding(desk)) {
            (Some(failure), _) => vec![(failure.say(desk.lang()), Tone::Bad)],
            (None, None) => vec![(desk.say("close-asking"), Tone::Dim)],
            (None, Some(outstanding)) if outstanding.is_none() => vec![(desk.say("close-nothing-out"), Tone::Good)],
            (None, Some(outstanding)) => {
                vec![
                    (desk.say("close-out"), Tone::Warn),
                    (out(desk, self.event, desk.lang(), outstanding), Tone::Plain),
                    (desk.say("close-out-first"), Tone::Plain),
                ]
            }
        };
        let after = (desk.say("close-after"), Tone::Dim);
        let lines = text.into_iter().chain([after]).flat_map(|(said, tone)| {
            let said = lines(&said, cells).into_iter().chain([String::new()]);
            said.map(move |line| Line::styled(format!("  {line}"), desk.look.style(tone)))
        });
        lines.collect()
    }
}

/// What is still out, with the shelters as they are called.
fn out(desk: &Desk, event: EventId, lang: Lang, outstanding: &Outstanding) -> String {
    let names = desk.names();
    outstanding_text(lang, outstanding, &|shelter| names.shelter_name(lang, event, shelter))
}

fn sure(desk: &Desk, event: EventId, outstanding: &Outstanding, anyway: Option<String>) -> Popup {
    let text = [Lang::Ja, Lang::En].map(|lang| {
        let what = lang.pick(
            "もう一人の職員が承認したときに終了します。終了は元に戻せません。終了した後は、避難所の開設と食い違いの解消ができなくなります。",
            "It is closed when a second official approves it. A close cannot be taken back: no shelter is opened and no conflict settled any more.",
        );
        let reason = anyway.as_ref().map(|reason| format!("\n\n{}\n{}: {reason}", out(desk, event, lang, outstanding), lang.pick("理由", "reason")));
        format!("{what}{}", reason.unwrap_or_default())
    });
    let deed = Deed::Shelters(shelters::Deed::Close(event, Box::new(CloseRequest { anyway })));
    Popup::sure(Sure { title: "close-sure", text, word: None, deed })
}

impl Screen for Close {
    fn place(&self) -> Place {
        Place::Close(self.event)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-close")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![self.question()]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        let off = self.outstanding(desk).is_none().then(|| desk.say("off-nothing"));
        keys.push(Binding::new(Key::Enter, Action::Headquarters(Headquarters::Close), "close-title").off(off));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn is_for(&self, deed: &Deed) -> bool {
        matches!(deed, Deed::Shelters(shelters::Deed::Close(event, _)) if *event == self.event)
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if let (Action::Headquarters(Headquarters::Close), Some(outstanding)) = (action, self.outstanding(desk)) {
            return Then::Window(Box::new(self.ask(desk, outstanding)));
        }
        self.reading.go(action);
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        self.reading.draw(desk, frame, body, &self.text(desk, usize::from(area.width).saturating_sub(4)));
    }
}
