//! Somebody in an event: what is known now, and every entry. That it was looked at is recorded.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::{PersonView, StepView};

use super::home::shelter_name;
use super::{Screen, Then};
use crate::console::action::{Action, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::paper::{NARROW, scroll};
use crate::console::work::{Answer, Question};
use crate::shelter::said;

/// The screen.
pub struct Person {
    event: EventId,
    chain: ChainId,
    from: usize,
}

impl Person {
    /// Of an event, by handle.
    #[must_use]
    pub const fn of(event: EventId, chain: ChainId) -> Self {
        Self { event, chain, from: 0 }
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
                let PersonView { handles, heads, counts, conflict, differs: _, history, questionnaire: _ } = &**view;
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
        vec![Question::Person(self.event, self.chain)]
    }

    fn keys(&self, _desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        self.from = moved(self.from, self.text(desk, NARROW).len(), action);
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let text = self.text(desk, usize::from(area.width).saturating_sub(4));
        scroll(frame, area, &text, self.from);
    }
}
