//! This machine becomes a terminal: where it stands is chosen from what the appliance tells, or from headquarters' file where there is no link, and then it gets a name
//! and the passphrase of the shift.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::{EventId, ShelterId, TerminalId};
use tachiai_schemas::shelter::SetupFile;

use crate::commands::reception::setup::LONGEST_BEFORE_ENDING;
use crate::console::action::{Action, Reception as Does, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::Popup;
use crate::console::popups::ask::Ask;
use crate::console::screens::home::title;
use crate::console::screens::{Then, reception};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem, Taken};
use crate::console::widgets::table::{self, Column, Width};
use crate::console::work::reception::{NewTerminal, Order};
use crate::secret_input::long_enough;
use crate::shelter::place::Place;

/// A shelter of an event, in which the terminal may stand.
#[derive(Clone)]
struct Stand {
    event: EventId,
    title: Text,
    shelter: ShelterId,
    name: Text,
}

/// How far it is set up.
#[derive(Default)]
pub struct Setting {
    /// What headquarters wrote, where it was read.
    file: Option<SetupFile>,
    chosen: usize,
    /// The shelter that was chosen, and what is filled in for it.
    form: Option<(Stand, Form)>,
    /// The form with nothing in it.
    empty: Form,
}

/// The form for a shelter that was chosen.
fn form(desk: &Desk) -> Form {
    let locks = vec![desk.say("setup-lock-passphrase"), desk.say("setup-lock-none")];
    Form::new(vec![
        Entry::text("setup-name").hint("setup-name-hint"),
        Entry::choice("setup-lock", locks, 0).hint("setup-lock-hint"),
        Entry::secret("desk-passphrase").hint("setup-passphrase-hint"),
        Entry::secret("setup-again"),
    ])
}

impl Setting {
    /// Where it may stand.
    fn stands(&self, desk: &Desk) -> Vec<Stand> {
        if let Some(SetupFile { event, title, shelters }) = &self.file {
            let of = |one: &tachiai_schemas::shelter::SetupShelter| Stand {
                event: *event,
                title: title.clone(),
                shelter: one.shelter.clone(),
                name: one.name.clone(),
            };
            return shelters.iter().map(of).collect();
        }
        let events = desk.status.iter().filter_map(|status| status.events.as_ref()).flatten();
        events
            .flat_map(|event| {
                event.shelters.iter().map(|shelter| Stand {
                    event: event.summary.event,
                    title: event.summary.declared.title.clone(),
                    shelter: shelter.shelter.clone(),
                    name: shelter.name.clone(),
                })
            })
            .collect()
    }

    /// The keys.
    pub fn keys(&self, desk: &Desk) -> Vec<Binding> {
        if self.form.is_some() {
            return vec![Binding::new(Key::Enter, Action::Open, "key-next-line"), Binding::new(Key::Ctrl('s'), Action::Submit, "setup-make")];
        }
        let nothing = self.stands(desk).is_empty().then(|| desk.say("off-nothing"));
        vec![
            Binding::new(Key::Enter, Action::Open, "setup-choose").off(nothing),
            Binding::new(Key::F(9), Action::Reception(Does::SetupFile), "setup-file"),
            Binding::new(Key::Up, Action::Up, "key-move").quiet(),
            Binding::new(Key::Down, Action::Down, "key-move").quiet(),
            Binding::new(Key::PageUp, Action::PageUp, "key-move").quiet(),
            Binding::new(Key::PageDown, Action::PageDown, "key-move").quiet(),
        ]
    }

    /// Whether something is filled in that would be lost.
    pub fn is_filled(&self) -> bool {
        self.form.as_ref().is_some_and(|(_, form)| !form.says_the_same(&self.empty))
    }

    /// Takes a key as text; of Esc it says whether it led back.
    pub fn typed(&mut self, key: Key) -> bool {
        let is_filled = self.is_filled();
        match (&mut self.form, key) {
            (Some(_), Key::Esc) if is_filled => false,
            (Some(_), Key::Esc) => {
                self.form = None;
                true
            }
            (Some((_, form)), key) => form.key(key) == Taken::Yes,
            (None, _) => false,
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        if let Some((_, form)) = &mut self.form {
            form.paste(text);
        }
    }

    /// What headquarters wrote was read.
    pub fn read(&mut self, file: SetupFile) {
        (self.file, self.chosen, self.form) = (Some(file), 0, None);
    }

    /// Does what a key of it stands for.
    pub fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if action == Action::Reception(Does::DropIt) {
            self.form = None;
            return Then::Stay;
        }
        if let Some((stand, form)) = &mut self.form {
            return match (action, new(desk, stand, form)) {
                (Action::Submit | Action::Open, Ok(new)) => reception::order(Order::SetUp(Box::new(new))),
                (Action::Submit | Action::Open, Err(problems)) => {
                    form.refuse(problems);
                    Then::Stay
                }
                _ => Then::Stay,
            };
        }
        let stands = self.stands(desk);
        match (action, stands.get(self.chosen)) {
            (Action::Reception(Does::SetupFile), _) => Then::Window(Box::new(ask_file(desk))),
            (Action::Open, Some(stand)) => {
                self.empty = form(desk);
                self.form = Some((stand.clone(), self.empty.clone()));
                Then::Stay
            }
            (action, _) => {
                self.chosen = moved(self.chosen, stands.len(), action);
                Then::Stay
            }
        }
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width.min(100)).saturating_sub(4);
        let mut text: Vec<Line<'static>> = Vec::new();
        let mut say = |said: &str, tone: Tone| text.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        let stands = self.stands(desk);
        match &self.form {
            Some((stand, _)) => {
                say(&desk.with("setup-at", &[("event", title(desk, &stand.title)), ("shelter", title(desk, &stand.name))]), Tone::Strong);
                say(&desk.say("setup-then"), Tone::Plain);
            }
            None => {
                say(&desk.say("setup-said"), Tone::Strong);
                say(&desk.say(if stands.is_empty() { "setup-none" } else { "setup-where" }), Tone::Plain);
            }
        }
        for (y, line) in (area.y..area.bottom()).zip(&text) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        let used = u16::try_from(text.len() + 1).unwrap_or(u16::MAX).min(area.height);
        let below = Rect { y: area.y + used, height: area.height - used, ..area };
        if let Some((_, form)) = &self.form {
            return form.draw(desk, frame, Rect { x: below.x + 2, width: below.width.saturating_sub(4), ..below });
        }
        if stands.is_empty() {
            return;
        }
        let columns = [Column { head: desk.say("events-title"), width: Width::Rest }, Column { head: desk.say("event-shelter"), width: Width::Rest }];
        table::draw(frame, below, desk, &columns, stands.len(), Some(self.chosen.min(stands.len() - 1)), |place| {
            stands.get(place).map(|stand| vec![title(desk, &stand.title).into(), title(desk, &stand.name).into()]).unwrap_or_default()
        });
    }
}

/// The terminal, as the form says.
fn new(desk: &Desk, stand: &Stand, form: &Form) -> Result<NewTerminal, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |label: &'static str, said: String| problems.push(Problem { label, said });
    let terminal: Option<TerminalId> = form.text("setup-name").parse().ok().filter(|name: &TerminalId| name.as_str().len() <= LONGEST_BEFORE_ENDING);
    if terminal.is_none() {
        wrong("setup-name", desk.say("setup-name-wrong"));
    }
    let typed = form.secret("desk-passphrase");
    let passphrase = (form.chosen("setup-lock") == 0).then(|| typed.clone());
    if passphrase.is_some() {
        if let Err(failure) = long_enough(typed.secret()) {
            wrong("desk-passphrase", failure.say(desk.lang()));
        } else if form.secret("setup-again") != typed {
            wrong("setup-again", desk.say("setup-again-wrong"));
        }
    }
    match terminal {
        Some(terminal) if problems.is_empty() => {
            let place = Place { event: stand.title.clone(), shelter: stand.name.clone() };
            Ok(NewTerminal { event: stand.event, shelter: stand.shelter.clone(), place, terminal, passphrase })
        }
        _ => Err(problems),
    }
}

/// Where headquarters' file lies.
fn ask_file(desk: &Desk) -> Popup {
    let form = Form::new(vec![Entry::path("desk-stick-path").hint("setup-file-hint")]);
    Popup::ask(Ask::new("setup-file", desk.say("setup-file-said"), form, |desk, form| match form.raw("desk-stick-path") {
        empty if empty.is_empty() => Err(vec![Problem { label: "desk-stick-path", said: desk.say("desk-path-missing") }]),
        path => Ok(super::ask::orders(Order::ReadSetup(PathBuf::from(path)))),
    }))
}
