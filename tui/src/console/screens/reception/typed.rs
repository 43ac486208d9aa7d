//! Somebody who is on no list, as they say it themselves.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Say;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Person, Stay};

use crate::console::desk::Desk;
use crate::console::theme::Tone;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::shelter::input::Fields;

/// The texts of the form, with the fields of the record.
const TEXTS: [(&str, &str); 7] = [
    ("desk-name", "name"),
    ("desk-kana", "kana"),
    ("desk-birth", "birth"),
    ("desk-age", "age"),
    ("desk-address", "address"),
    ("event-district", "district"),
    ("desk-phone", "phone"),
];

/// The words of the sexes and of what may be told, in the order of the form.
const SEXES: [&str; 3] = ["", "male", "female"];
const DISCLOSURES: [&str; 3] = ["nobody", "safe", "place"];

/// Somebody who is typed.
pub struct Typing {
    /// The form.
    pub form: Form,
    /// The form with nothing in it.
    empty: Form,
    /// Who was typed before.
    all: Vec<Fields>,
    /// Them and this one, as it was read last: whoever is refused is typed anew, and not kept beside.
    pub read: Vec<Fields>,
}

impl Typing {
    /// The first one, of whom perhaps the name was typed already.
    pub fn first(desk: &Desk, name: &str) -> Self {
        let is_kana = !name.is_empty() && name.chars().all(|c| matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ー' | ' ' | '\u{3000}'));
        let (name, kana) = if is_kana { ("", name) } else { (name, "") };
        Self { form: form(desk, name, kana), empty: form(desk, "", ""), all: Vec::new(), read: Vec::new() }
    }

    /// One more of the family.
    pub fn next(desk: &Desk, all: Vec<Fields>) -> Self {
        Self { form: form(desk, "", ""), empty: form(desk, "", ""), all, read: Vec::new() }
    }

    /// Whether something would be lost without it.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        !self.all.is_empty() || !self.form.says_the_same(&self.empty)
    }

    /// Reads the form; with those before. Nothing where something is wrong, which stands beside its line then.
    pub fn submit(&mut self, desk: &Desk) -> Option<Vec<Fields>> {
        let (mut fields, mut problems) = (Fields::default(), Vec::new());
        let mut add = |label: &'static str, key: &str, value: &str| {
            if value.is_empty() {
                return;
            }
            let mut one = Fields::default();
            one.push(key, value);
            match one.apply(&mut Person::unknown(Identified::Typed, Stay::Shelter), Day::of(desk.now)) {
                Ok(_) => fields.push(key, value),
                Err(failure) => problems.push(Problem { label, said: failure.say(desk.lang()) }),
            }
        };
        for (label, key) in TEXTS {
            add(label, key, &self.form.text(label));
        }
        add("desk-sex", "sex", SEXES.get(self.form.chosen("desk-sex")).copied().unwrap_or_default());
        add("desk-disclosure", "disclosure", DISCLOSURES.get(self.form.chosen("desk-disclosure")).copied().unwrap_or_default());
        if self.form.text("desk-name").is_empty() && self.form.text("desk-kana").is_empty() {
            problems.push(Problem { label: "desk-name", said: desk.say("desk-name-missing") });
        }
        // Each may be right by itself, and both not together.
        if problems.is_empty()
            && let Err(failure) = fields.apply(&mut Person::unknown(Identified::Typed, Stay::Shelter), Day::of(desk.now))
        {
            problems.push(Problem { label: "desk-age", said: failure.say(desk.lang()) });
        }
        if !problems.is_empty() {
            self.form.refuse(problems);
            return None;
        }
        self.read = self.all.iter().cloned().chain([fields]).collect();
        Some(self.read.clone())
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        if area.height == 0 {
            return;
        }
        let key = if self.all.is_empty() { "desk-typed" } else { "desk-typed-next" };
        frame.buffer_mut().set_line(area.x, area.y, &Line::styled(format!("  {}", desk.say(key)), desk.look.style(Tone::Strong)), area.width);
        let below = Rect { x: area.x + 2, y: area.y + 2, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) };
        self.form.draw(desk, frame, below);
    }
}

fn form(desk: &Desk, name: &str, kana: &str) -> Form {
    let say = |key: &str| desk.say(key);
    Form::new(vec![
        Entry::filled("desk-name", name),
        Entry::filled("desk-kana", kana),
        Entry::text("desk-birth").hint("desk-birth-hint"),
        Entry::text("desk-age").hint("desk-age-hint"),
        Entry::choice("desk-sex", vec![say("desk-sex-unknown"), say("desk-sex-male"), say("desk-sex-female")], 0),
        Entry::text("desk-address"),
        Entry::text("event-district").hint("desk-district-hint"),
        Entry::text("desk-phone"),
        Entry::choice("desk-disclosure", vec![say("desk-tell-nobody"), say("desk-tell-safe"), say("desk-tell-place")], 0).hint("desk-disclosure-hint"),
    ])
}
