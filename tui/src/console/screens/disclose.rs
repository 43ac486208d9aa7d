//! A disclosure: asked for in a form, shown whole as it would leave, and made only then. What is given is what was shown, or nothing.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::roster::disclosure::Selection;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::sharing::agency::{Format, Grant};
use tachiai_schemas::sharing::disclosed::DisclosureRequest;
use tachiai_schemas::sharing::preview::Preview;
use tachiai_schemas::{Lang, Say};

use super::sharing::{answer, failure};
use super::{Screen, Then, home};
use crate::card::printable;
use crate::commands::agency::ascending;
use crate::commands::disclose::random;
use crate::commands::given::{field_called, field_name, preview_text, withheld_text};
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::Popup;
use crate::console::popups::confirm::Sure;
use crate::console::screens::sharing::forms::{Shelter, chosen_shelters, items, problem, shelters, split};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem, Taken};
use crate::console::widgets::paper::Reading;
use crate::console::work::sharing_deed::Deed;
use crate::console::work::sharing_question::{Answer, Asked, Question};
use crate::console::work::{Deed as Done, Question as Any};

/// The screen.
pub struct Disclose {
    grant: Grant,
    /// The events that can be chosen, in their order.
    events: Vec<EventId>,
    /// The shelters that can be chosen, in theirs.
    shelters: Vec<Shelter>,
    form: Form,
    /// The form before anything was filled in.
    before: Form,
    /// What was asked for, and where it is to be written.
    asked: Option<(DisclosureRequest, PathBuf)>,
    reading: Reading,
}

impl Disclose {
    /// On a grant.
    #[must_use]
    pub fn on(desk: &Desk, grant: &Grant) -> Self {
        let lang = desk.lang();
        let open: Vec<(EventId, String)> = desk
            .status
            .iter()
            .filter_map(|status| status.events.as_ref())
            .flatten()
            .map(|event| (event.summary.event, home::title(desk, &event.summary.declared.title)))
            .filter(|(event, _)| grant.event.is_none_or(|granted| granted == *event))
            .collect();
        let mut events: Vec<EventId> = open.iter().map(|(event, _)| *event).collect();
        let mut names: Vec<String> = open.into_iter().map(|(_, name)| name).collect();
        // What was granted may be of an event that is closed by now.
        if let Some(event) = grant.event.filter(|event| !events.contains(event)) {
            events.push(event);
            names.push(event.to_string());
        }
        let fields = grant.fields.iter().map(|field| field_name(lang, field)).collect::<Vec<_>>().join(" ");
        let forms = std::iter::once(desk.say("share-proof")).chain(grant.formats.iter().map(|format| format.say(lang))).collect();
        let mut entries = vec![Entry::choice("share-event", names, 0), Entry::choice("share-of", grant.of.iter().map(|of| of.say(lang)).collect(), 0)];
        if grant.of.contains(&Selection::Persons {}) {
            entries.push(Entry::text("share-persons").hint("share-persons-hint"));
        }
        let shelters = shelters(desk, grant.event);
        // What a grant names is all that is given on it.
        let shelters: Vec<Shelter> = shelters.into_iter().filter(|(_, shelter, _)| grant.shelters.is_empty() || grant.shelters.contains(shelter)).collect();
        entries.extend([
            Entry::several("share-shelters", items(&shelters)).hint("share-shelters-hint"),
            Entry::filled("share-fields", &fields).hint("share-fields-give-hint"),
            Entry::choice("share-forms", forms, 0),
            Entry::path("share-file").hint("share-file-hint"),
        ]);
        let form = Form::new(entries);
        Self { grant: grant.clone(), events, shelters, before: form.clone(), form, asked: None, reading: Reading::default() }
    }

    fn read(&self, desk: &Desk) -> Result<(DisclosureRequest, PathBuf), Vec<Problem>> {
        let (form, grant) = (&self.form, &self.grant);
        let mut problems = Vec::new();
        let mut wrong = |label: &'static str, said: &str| problems.push(problem(desk, label, said));
        let event = self.events.get(form.chosen("share-event")).copied();
        if event.is_none() {
            wrong("share-event", "wrong-event");
        }
        let of = grant.of.get(form.chosen("share-of")).copied().unwrap_or(Selection::Everybody {});
        let persons: Result<Vec<ChainId>, _> = split(&form.text("share-persons")).map(str::parse).collect();
        let persons = persons.map_err(|_| wrong("share-persons", "wrong-persons")).unwrap_or_default();
        let is_by_name = matches!(of, Selection::Persons {});
        if is_by_name && persons.is_empty() {
            wrong("share-persons", "wrong-persons");
        }
        let shelters = chosen_shelters(form, &self.shelters, event);
        if shelters.is_none() {
            wrong("share-shelters", "wrong-shelters-event");
        }
        let shelters = shelters.unwrap_or_default();
        let fields: Option<Vec<&str>> = split(&form.text("share-fields")).map(field_called).collect();
        let fields: Vec<String> = fields.unwrap_or_default().into_iter().map(str::to_owned).collect();
        if fields.is_empty() || fields.iter().any(|field| !grant.fields.contains(field)) {
            wrong("share-fields", "wrong-fields-granted");
        }
        let out = PathBuf::from(form.raw("share-file"));
        if out.as_os_str().is_empty() {
            wrong("share-file", "wrong-empty");
        }
        let (Some(event), true) = (event, problems.is_empty()) else { return Err(problems) };
        let format: Option<Format> = form.chosen("share-forms").checked_sub(1).and_then(|place| grant.formats.get(place)).copied();
        let request = DisclosureRequest {
            request: random(),
            grant: grant.name.clone(),
            agency: grant.agency.clone(),
            purpose: grant.purpose.clone(),
            event,
            shelters: ascending(&shelters),
            of,
            persons: if is_by_name { ascending(&persons) } else { Vec::new() },
            fields: ascending(&fields),
            format,
            seen: None,
        };
        Ok((request, out))
    }

    fn question(&self) -> Option<Question> {
        self.asked.as_ref().map(|(request, _)| Question::Preview(Asked(request.clone())))
    }

    fn preview<'a>(&self, desk: &'a Desk) -> Option<&'a Preview> {
        match answer(desk, &self.question()?)? {
            Answer::Preview(preview) => Some(preview),
            _ => None,
        }
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let look = desk.look;
        let say = |text: &str, tone: Tone| -> Vec<Line<'static>> {
            let indent = |line: &str| line.chars().take_while(|c| *c == ' ').count();
            text.lines()
                .flat_map(|line| {
                    let inset = " ".repeat(indent(line) + 2);
                    lines(line.trim_start(), cells.saturating_sub(indent(line)))
                        .into_iter()
                        .map(move |line| Line::styled(format!("{inset}{line}"), look.style(tone)))
                })
                .collect()
        };
        let question = self.question();
        match (self.preview(desk), question.as_ref().and_then(|question| failure(desk, question))) {
            (_, Some(failure)) => say(&failure.say(desk.lang()), Tone::Bad),
            (Some(preview), None) => {
                let mut text = say(&desk.say("give-shown"), Tone::Warn);
                text.extend(say(&preview_text(desk.lang(), preview, &desk.names()), Tone::Plain));
                text
            }
            (None, None) => say(&desk.say("people-asking"), Tone::Dim),
        }
    }

    /// Whether it is meant: exactly what was shown.
    fn sure(&self, desk: &Desk) -> Option<Popup> {
        let (preview, (request, out)) = (self.preview(desk)?, self.asked.as_ref()?);
        let seen = preview.seen().ok()?;
        let text = [Lang::Ja, Lang::En].map(|lang| {
            let withheld = withheld_text(lang, &preview.withheld);
            let (to, people, basis, out) = (&preview.agency, preview.people.len(), preview.basis.say(lang), out.display());
            let purpose = printable(&preview.purpose);
            match lang {
                Lang::Ja => format!(
                    "{to} に {people}人を渡します（対象外: {withheld}）。\n目的: {purpose}\n法的根拠: {basis}\nファイル: {out}\n\n渡したことは本人の開示記録に残ります。画面で見た内容と違うものは渡されません。"
                ),
                Lang::En => format!(
                    "{people} people are given to {to} (withheld: {withheld}).\nPurpose: {purpose}\nLegal basis: {basis}\nFile: {out}\n\nEach person finds it in their list of accesses. Nothing is given but what was shown."
                ),
            }
        });
        let request = DisclosureRequest { seen: Some(seen), ..request.clone() };
        let deed = Done::Sharing(Deed::Disclose(Box::new(request), out.clone()));
        Some(Popup::sure(Sure { title: "give-sure", text, word: Some(preview.grant.to_string()), deed }))
    }
}

impl Screen for Disclose {
    fn place(&self) -> Place {
        Place::Disclose
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-disclose")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Any> {
        self.question().map(Any::Sharing).into_iter().collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        if self.asked.is_none() {
            return vec![Binding::new(Key::Enter, Action::Submit, "key-next-line"), Binding::new(Key::Ctrl('s'), Action::Submit, "key-preview")];
        }
        let mut keys = moves();
        let off = match self.preview(desk) {
            None => Some(desk.say("off-busy")),
            Some(preview) if preview.people.is_empty() => Some(desk.say("off-nobody-given")),
            Some(_) => None,
        };
        keys.push(Binding::new(Key::Enter, Action::Give, "key-give").off(off));
        keys.push(Binding::new(Key::PageDown, Action::PageDown, "key-read-on"));
        keys.push(Binding::new(Key::Char('e'), Action::Change, "key-form"));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn is_typing(&self) -> bool {
        self.asked.is_none()
    }

    fn is_unsaved(&self) -> bool {
        !self.form.says_the_same(&self.before)
    }

    fn typed(&mut self, key: Key) -> bool {
        self.is_typing() && !matches!(key, Key::Ctrl('c' | 'l')) && self.form.key(key) == Taken::Yes
    }

    fn paste(&mut self, text: &str) {
        if self.is_typing() {
            self.form.paste(text);
        }
    }

    fn is_for(&self, deed: &Done) -> bool {
        let asked = self.asked.as_ref().map(|(request, _)| request.request);
        matches!(deed, Done::Sharing(Deed::Disclose(request, _)) if Some(request.request) == asked)
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Submit => match self.read(desk) {
                Ok(asked) => {
                    self.asked = Some(asked);
                    self.reading.begin();
                    Then::Ask
                }
                Err(problems) => {
                    self.form.refuse(problems);
                    Then::Stay
                }
            },
            Action::Change => {
                self.asked = None;
                Then::Stay
            }
            Action::Give => self.sure(desk).map_or(Then::Stay, |sure| Then::Window(Box::new(sure))),
            action => {
                self.reading.go(action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        if self.asked.is_some() {
            let text = self.text(desk, usize::from(area.width).saturating_sub(4));
            return self.reading.draw(desk, frame, area, &text);
        }
        let said = desk.with("give-on", &[("grant", self.grant.name.to_string()), ("agency", self.grant.agency.to_string())]);
        let line = Line::styled(format!("  {said}"), desk.look.style(Tone::Strong));
        frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
        let form = Rect { x: area.x + 2, y: area.y + 2, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) };
        self.form.draw(desk, frame, form);
    }
}
