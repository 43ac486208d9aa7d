//! 市民ID: somebody is looked up by the code, or an ID is issued.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::identity::citizen::CitizenPerson;
use tachiai_schemas::{CitizenId, Lang};

use super::{Screen, Then};
use crate::commands::citizen::code;
use crate::commands::counter::sex_of_digit;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::screens::sharing::forms::problem;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::paper::scroll;
use crate::console::widgets::typing::Typing;
use crate::console::work::Deed as Done;
use crate::console::work::sharing_deed::{Deed, Unsaid};

/// The digits of the sexes, as a register writes them.
const SEXES: [&str; 3] = ["1", "2", "3"];

/// The screen.
#[derive(Default)]
pub struct Citizens {
    typing: Typing,
    /// Whether what was typed is no code.
    is_wrong: bool,
}

impl Citizens {
    fn code(&self) -> Option<CitizenId> {
        code(&self.typing.read()).ok()
    }
}

impl Screen for Citizens {
    fn place(&self) -> Place {
        Place::Citizens
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-citizens")
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        if self.typing.is_on() {
            let off = self.typing.read().is_empty().then(|| desk.say("off-nothing"));
            return vec![Binding::new(Key::Enter, Action::Open, "key-look-up").off(off), Binding::new(Key::Tab, Action::Part, "key-commands")];
        }
        vec![
            Binding::new(Key::Char('/'), Action::Part, "key-look-up"),
            Binding::new(Key::Enter, Action::Part, "key-look-up").quiet(),
            Binding::new(Key::Char('n'), Action::Add, "key-issue"),
        ]
    }

    fn is_typing(&self) -> bool {
        self.typing.is_on()
    }

    fn typed(&mut self, key: Key) -> bool {
        let is_text = self.typing.key(key);
        if is_text {
            self.is_wrong = false;
        }
        is_text
    }

    fn paste(&mut self, text: &str) {
        if self.typing.paste(text) {
            self.is_wrong = false;
        }
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Part => {
                self.typing.switch();
                Then::Stay
            }
            Action::Open => match self.code() {
                Some(code) => {
                    self.typing.end();
                    Then::Go(Place::Citizen(code))
                }
                None => {
                    self.is_wrong = true;
                    Then::Stay
                }
            },
            Action::Add => Then::Window(Box::new(issue(desk))),
            _ => Then::Stay,
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        self.typing.draw(desk, frame, area, &desk.say("citizen-code"), "");
        let mut said = Vec::new();
        if self.is_wrong {
            said.push((desk.say("wrong-code"), Tone::Bad));
        }
        said.push((desk.say("citizen-hint"), Tone::Dim));
        let cells = usize::from(area.width).saturating_sub(4);
        let text: Vec<Line<'static>> = said
            .into_iter()
            .flat_map(|(text, tone)| lines(&text, cells).into_iter().map(move |line| Line::styled(format!("  {line}"), look.style(tone))))
            .collect();
        scroll(frame, Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area }, &text, 0);
    }
}

/// The form of somebody to whom an ID is issued.
fn issue(desk: &Desk) -> Popup {
    let sexes = SEXES.iter().map(|digit| sex_of_digit(desk.lang(), digit).to_owned()).collect();
    let form = Form::new(vec![
        Entry::text("citizen-name").hint("citizen-name-hint"),
        Entry::text("citizen-birth").hint("citizen-birth-hint"),
        Entry::choice("citizen-sex", sexes, 0),
        Entry::text("citizen-address"),
    ]);
    Popup::ask(Ask::new("citizen-issue-title", String::new(), form, read_issue))
}

fn read_issue(desk: &Desk, form: &Form) -> Result<Turn, Vec<Problem>> {
    let mut problems = Vec::new();
    // As the register writes it: what is typed is not made into other characters.
    let [name, address] = ["citizen-name", "citizen-address"].map(|label| form.raw(label));
    for (label, text) in [("citizen-name", &name), ("citizen-address", &address)] {
        if text.is_empty() {
            problems.push(problem(desk, label, "wrong-empty"));
        }
    }
    let day = tachiai_schemas::roll::Day::read(&form.text("citizen-birth")).ok().filter(|day| day.is_known());
    if day.is_none() {
        problems.push(problem(desk, "citizen-birth", "wrong-day"));
    }
    let (Some(day), true) = (day, problems.is_empty()) else { return Err(problems) };
    let sex = SEXES.get(form.chosen("citizen-sex")).copied().unwrap_or("3").to_owned();
    let person = CitizenPerson { name, birth_date: day.to_string(), sex, address };
    let text = [Lang::Ja, Lang::En].map(|lang| {
        let CitizenPerson { name, birth_date, sex, address } = &person;
        let note = lang.pick("同じ方に市民IDがあれば、それがそのまま使われます。", "Whoever has a citizen ID keeps it.");
        format!("{name}\n{birth_date}\n{}\n{address}\n\n{note}", sex_of_digit(lang, sex))
    });
    let deed = Done::Sharing(Deed::Issue(Box::new(Unsaid(person))));
    Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "citizen-issue-sure", text, word: None, deed }))))
}
