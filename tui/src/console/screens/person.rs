//! Somebody in an event: what is known now, and every entry. That it was looked at is recorded.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::{PersonView, QuestionnaireSeen, StepView};

use super::home::shelter_name;
use super::{Screen, Then};
use crate::commands::questionnaire::filled_text;
use crate::commands::shelter::person::questionnaire_text;
use crate::console::action::{Action, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::paper::{NARROW, scroll};
use crate::console::work::{Answer, Question, shelters};
use crate::shelter::said;

/// The screen.
pub struct Person {
    event: EventId,
    chain: ChainId,
    from: usize,
    answers: Answers,
}

/// Whether what the person answered to a questionnaire is shown: it tells of health, so that nobody is shown it who did not ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// It is not.
    Closed,
    /// It is.
    Open,
}

impl Person {
    /// Of an event, by handle.
    #[must_use]
    pub const fn of(event: EventId, chain: ChainId) -> Self {
        Self { event, chain, from: 0, answers: Answers::Closed }
    }

    fn answers(&self) -> Question {
        Question::Shelters(shelters::Question::Questionnaire(self.event, self.chain))
    }

    /// How the person and a questionnaire go together, if one is known.
    fn seen(&self, desk: &Desk) -> Option<QuestionnaireSeen> {
        match desk.answer(&Question::Person(self.event, self.chain)) {
            Some(Answer::Person(view)) => view.questionnaire,
            _ => None,
        }
    }

    /// What was answered, as far as somebody asked for it.
    fn answered(&self, desk: &Desk) -> (String, Tone) {
        let question = self.answers();
        match (desk.answer(&question), desk.failure(&question)) {
            _ if self.answers == Answers::Closed => (desk.say("person-answers-closed"), Tone::Dim),
            (_, Some(failure)) => (failure.say(desk.lang()), Tone::Bad),
            (Some(Answer::Shelters(shelters::Answer::Questionnaire(read))), None) => (filled_text(desk.lang(), read.1.as_ref(), &read.0.filled), Tone::Plain),
            _ => (desk.say("people-asking"), Tone::Dim),
        }
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let look = desk.look;
        let question = Question::Person(self.event, self.chain);
        let mut text = Vec::new();
        let mut say = |said: &str, tone: Tone| {
            text.extend(said.lines().flat_map(|line| {
                // What is set in stays so.
                let indent: String = line.chars().take_while(|c| *c == ' ').collect();
                lines(line.trim_start(), cells.saturating_sub(indent.len()))
                    .into_iter()
                    .map(move |line| Line::styled(format!("  {indent}{line}"), look.style(tone)))
            }));
        };
        match (desk.answer(&question), desk.failure(&question)) {
            (_, Some(failure)) => say(&failure.say(desk.lang()), Tone::Bad),
            (Some(Answer::Person(view)), None) => {
                let PersonView { handles, heads, counts, conflict, differs: _, history, questionnaire } = &**view;
                let (lang, today) = (desk.lang(), Day::of(desk.now));
                let place = |step: &StepView| {
                    let shelter = shelter_name(desk, self.event, &step.shelter);
                    format!("{shelter}  {}  {}", step.act.say(lang), said::moment(lang, step.time.millis()))
                };
                say(&place(counts), Tone::Strong);
                if let Some(kind) = conflict {
                    say(&format!("{}: {}", desk.say("person-conflict"), kind.say(lang)), Tone::Warn);
                }
                match &counts.person {
                    Some(person) => say(&said::lines(lang, person, today), Tone::Plain),
                    None => say(&desk.say("people-unopened"), Tone::Dim),
                }
                if let Some(seen) = questionnaire {
                    say(" ", Tone::Plain);
                    say(&format!("{}: {}", desk.say("desk-key-form"), questionnaire_text(lang, *seen)), Tone::Strong);
                    let (answered, tone) = self.answered(desk);
                    say(&answered, tone);
                }
                say(" ", Tone::Plain);
                say(&desk.with("person-history", &[("n", history.len().to_string()), ("latest", heads.len().to_string())]), Tone::Strong);
                for step in history {
                    say(&format!("{}  {}", place(step), step.terminal), Tone::Plain);
                    let known = step.person.as_ref().map_or_else(|| desk.say("people-unopened"), |person| said::line(lang, person, today));
                    say(&format!("    {known}"), Tone::Plain);
                }
                say(" ", Tone::Plain);
                let handles = handles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                say(&format!("{}: {handles}", desk.say("person-handles")), Tone::Dim);
            }
            _ => say(&desk.say("people-asking"), Tone::Dim),
        }
        text
    }
}

impl Screen for Person {
    fn place(&self) -> Place {
        Place::Person(self.event, self.chain)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-person")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        let answers = (self.answers == Answers::Open).then(|| self.answers());
        std::iter::once(Question::Person(self.event, self.chain)).chain(answers).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        let off = match (self.seen(desk), self.answers) {
            (None, _) => Some(desk.say("person-answers-none")),
            (Some(_), Answers::Open) => Some(desk.say("person-answers-open")),
            (Some(_), Answers::Closed) => None,
        };
        keys.push(Binding::new(Key::Enter, Action::Open, "person-answers").off(off));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if action == Action::Open {
            self.answers = Answers::Open;
            return Then::Ask;
        }
        self.from = moved(self.from, self.text(desk, NARROW).len(), action);
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let text = self.text(desk, usize::from(area.width).saturating_sub(4));
        scroll(frame, area, &text, self.from);
    }
}
