//! 選挙の作成: pages that are filled in, what is wrong beside its line, the ballot as voters will see it, and then the election is made.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::Lang;
use tachiai_schemas::spec::ElectionSpec;

use self::draft::{About, Draft, Page, Wrong};
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::election::something_to_vote_on;
use crate::console::action::{Action, Place, Wish};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Leaving, Popup, Turn, ask::Ask};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines};
use crate::console::widgets::form::{Entry, Form, Problem, Taken};
use crate::console::widgets::paper::{Reading, window};
use crate::console::work::deed::elections;
use crate::console::work::question::elections::{Answer, Question};
use crate::console::work::{self, Deed};

mod ballot;
mod draft;

/// The cells of the list of the pages.
const LIST: u16 = 24;

/// What is seen of it.
enum Sight {
    /// The pages.
    Pages,
    /// The ballot of a specification in a language, as far as it is read.
    Ballot(Box<ElectionSpec>, Lang, Reading),
}

/// The screen.
pub struct Create {
    draft: Option<Draft>,
    at: usize,
    sight: Sight,
    is_touched: bool,
    /// What was removed last, and from where.
    removed: Option<(usize, Vec<Page>)>,
    /// The file that is read.
    file: Option<PathBuf>,
    /// Something to be said of all of it.
    said: Option<String>,
}

impl Create {
    /// Nothing is filled in yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { draft: None, at: 0, sight: Sight::Pages, is_touched: false, removed: None, file: None, said: None }
    }

    fn page(&mut self) -> Option<&mut Page> {
        let at = self.at;
        self.draft.as_mut()?.pages.get_mut(at)
    }

    /// The draft as it is, or one in which nothing is filled in, before anything was typed.
    fn seen(&self, desk: &Desk) -> Draft {
        self.draft.clone().unwrap_or_else(|| Draft::new(desk))
    }

    fn go(&mut self, by: isize) {
        let last = self.draft.as_ref().map_or(0, |draft| draft.pages.len().saturating_sub(1));
        self.at = self.at.saturating_add_signed(by).min(last);
    }

    /// Checks all of it: shows the ballot, or what is wrong.
    fn check(&mut self, desk: &Desk) {
        let Some(draft) = &mut self.draft else { return };
        for page in &mut draft.pages {
            page.form.refuse_at(Vec::new());
        }
        self.said = None;
        match draft.spec() {
            Ok(spec) => match something_to_vote_on(&spec) {
                Ok(()) => self.sight = Sight::Ballot(Box::new(spec), desk.lang(), Reading::default()),
                Err(failure) => self.said = Some(tachiai_schemas::Say::say(&failure, desk.lang())),
            },
            Err(wrong) => {
                self.at = wrong.iter().map(|wrong| wrong.page).min().unwrap_or(self.at);
                for (place, page) in draft.pages.iter_mut().enumerate() {
                    let mine = wrong.iter().filter(|wrong| wrong.page == place);
                    let problems: Vec<Problem> = mine.map(|Wrong { page: _, label, rule }| Problem { label, said: desk.say(rule) }).collect();
                    page.form.refuse(problems);
                }
            }
        }
    }

    /// Takes the specification that was read over into the draft.
    fn take(&mut self, desk: &Desk) {
        let question = self.file.clone().map(|path| work::Question::Elections(Question::SpecFile(path)));
        let answer = question.as_ref().and_then(|question| desk.answer(question));
        let said = question.as_ref().and_then(|question| desk.failure(question)).map(|failure| tachiai_schemas::Say::say(failure, desk.lang()));
        if let Some(work::Answer::Elections(Answer::SpecFile(spec))) = answer {
            (self.draft, self.at, self.is_touched, self.file, self.removed) = (Some(Draft::of(desk, spec)), 0, true, None, None);
        } else if let Some(said) = said {
            (self.said, self.file) = (Some(said), None);
        }
    }

    fn load(desk: &Desk) -> Popup {
        let form = Form::new(vec![Entry::path("create-file").hint("create-file-hint")]);
        Popup::ask(Ask::new("create-load", desk.say("create-load-text"), form, |desk, form| {
            let path = form.raw("create-file");
            if path.is_empty() {
                return Err(vec![Problem { label: "create-file", said: desk.say("bring-path-rule") }]);
            }
            Ok(Turn::Give(path))
        }))
    }

    /// Asks before a page goes; the options of a contest go with it.
    fn sure_to_remove(&self) -> Option<Popup> {
        let text = match self.draft.as_ref()?.about(self.at) {
            About::Contest => "create-remove-contest",
            About::Election | About::District | About::Choice => "create-remove-page",
        };
        let says = Leaving { title: "create-remove-title", text, leave: "key-remove-page", stay: "key-stay" };
        Some(Popup::Leave(Action::Election(Wish::RemoveIt), says))
    }

    fn sure(spec: &ElectionSpec) -> Popup {
        let text = [Lang::Ja, Lang::En].map(|lang| ballot::summary(lang, spec));
        Popup::sure(Sure { title: "create-sure", text, word: None, deed: Deed::Elections(elections::Deed::Create(Box::new(spec.clone()))) })
    }

    fn draw_list(&self, desk: &Desk, draft: &Draft, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let from = window(self.at, draft.pages.len(), usize::from(area.height));
        let (mut district, mut contest, mut option) = (0_usize, 0_usize, 0_usize);
        let rows: Vec<(String, bool)> = draft
            .pages
            .iter()
            .map(|page| {
                let (indent, kind) = match page.about {
                    About::Election => ("", desk.say("create-page-election")),
                    About::District => {
                        district += 1;
                        ("", desk.with("create-page-district", &[("n", district.to_string())]))
                    }
                    About::Contest => {
                        (contest, option) = (contest + 1, 0);
                        ("", desk.with("create-page-contest", &[("n", contest.to_string())]))
                    }
                    About::Choice => {
                        option += 1;
                        ("  ", desk.with("create-page-option", &[("n", option.to_string())]))
                    }
                };
                (format!("{indent}{kind} {}", printable(&page.name(desk.lang()))), page.form.is_wrong())
            })
            .collect();
        for (y, (place, (text, is_wrong))) in (area.y..area.bottom()).zip(rows.into_iter().enumerate().skip(from)) {
            let is_here = place == self.at;
            let marks = format!("{}{}", if is_here { ">" } else { " " }, if is_wrong { "!" } else { " " });
            let text = cut(&format!("{marks}{text}"), usize::from(area.width), look.cut());
            let tone = match (is_here, is_wrong) {
                (true, _) => Tone::Strong,
                (false, true) => Tone::Bad,
                (false, false) => Tone::Dim,
            };
            frame.buffer_mut().set_line(area.x, y, &Line::styled(text, look.style(tone)), area.width);
        }
    }
}

/// What is put in besides a page about this.
const fn added(about: About) -> &'static str {
    match about {
        About::Election | About::District => "key-add-district",
        About::Contest => "key-add-contest",
        About::Choice => "key-add-option",
    }
}

impl Default for Create {
    fn default() -> Self {
        Self::new()
    }
}

impl Screen for Create {
    fn place(&self) -> Place {
        Place::Create
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-create")
    }

    fn questions(&self, _desk: &Desk) -> Vec<work::Question> {
        self.file.iter().map(|path| work::Question::Elections(Question::SpecFile(path.clone()))).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        if matches!(self.sight, Sight::Ballot(..)) {
            let busy = desk.doing.values().any(|doing| self.is_for(&doing.deed)).then(|| desk.say("off-busy"));
            return vec![
                Binding::new(Key::Enter, Action::Open, "key-create").off(busy),
                Binding::new(Key::Tab, Action::Election(Wish::OtherText), "key-other-text"),
                Binding::new(Key::PageDown, Action::PageDown, "key-read-on"),
                Binding::new(Key::PageUp, Action::PageUp, "key-read-on").quiet(),
                Binding::new(Key::Down, Action::Down, "key-read-on").quiet(),
                Binding::new(Key::Up, Action::Up, "key-read-on").quiet(),
            ];
        }
        let draft = self.seen(desk);
        let no_more = (draft.removes(self.at) == 0).then(|| desk.say("off-one-stays"));
        let put_back = self.removed.is_none().then(|| desk.say("off-undo"));
        vec![
            Binding::new(Key::Ctrl('s'), Action::Submit, "key-check-form"),
            Binding::new(Key::PageDown, Action::PageDown, "key-next-page").quiet(),
            Binding::new(Key::PageUp, Action::PageUp, "key-page-before").quiet(),
            Binding::new(Key::Ctrl('n'), Action::Election(Wish::Add), added(draft.about(self.at))),
            Binding::new(Key::Ctrl('d'), Action::Election(Wish::Remove), "key-remove-page").off(no_more),
            Binding::new(Key::Ctrl('o'), Action::Election(Wish::Load), "key-load"),
            Binding::new(Key::Ctrl('z'), Action::Election(Wish::PutBack), "key-put-back").quiet().off(put_back),
        ]
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key) -> bool {
        if matches!(self.sight, Sight::Ballot(..)) {
            if key == Key::Esc {
                self.sight = Sight::Pages;
            }
            return key == Key::Esc;
        }
        if key == Key::Ctrl('s') {
            return false;
        }
        let Some(page) = self.page() else { return false };
        let taken = page.form.key(key);
        match taken {
            // Enter in the last line goes on to the next page.
            Taken::Submit => self.go(1),
            Taken::Yes => self.is_touched |= !matches!(key, Key::Enter | Key::Tab | Key::BackTab | Key::Up | Key::Down),
            Taken::No => {}
        }
        taken != Taken::No
    }

    fn paste(&mut self, text: &str) {
        if let Some(page) = self.page() {
            page.form.paste(text);
            self.is_touched = true;
        }
    }

    fn is_unsaved(&self) -> bool {
        self.is_touched
    }

    fn is_for(&self, deed: &Deed) -> bool {
        matches!(deed, Deed::Elections(elections::Deed::Create(_)))
    }

    fn given(&mut self, text: String) -> Then {
        (self.file, self.said) = (Some(PathBuf::from(text)), None);
        Then::Anew
    }

    fn refreshed(&mut self, desk: &Desk) {
        if self.draft.is_none() {
            self.draft = Some(Draft::new(desk));
        }
        self.take(desk);
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if let Sight::Ballot(spec, lang, reading) = &mut self.sight {
            match action {
                Action::Open => return Then::Window(Box::new(Self::sure(spec))),
                Action::Election(Wish::OtherText) => *lang = if *lang == Lang::Ja { Lang::En } else { Lang::Ja },
                action => reading.go(action),
            }
            return Then::Stay;
        }
        match action {
            Action::Submit => self.check(desk),
            Action::PageDown => self.go(1),
            Action::PageUp => self.go(-1),
            Action::Election(Wish::Load) => return Then::Window(Box::new(Self::load(desk))),
            Action::Election(Wish::Add) => {
                if let Some(draft) = &mut self.draft {
                    (self.at, self.is_touched) = (draft.add(desk, self.at), true);
                }
            }
            Action::Election(Wish::Remove) => return self.sure_to_remove().map_or(Then::Stay, |popup| Then::Window(Box::new(popup))),
            Action::Election(Wish::RemoveIt) => {
                let Some(draft) = &mut self.draft else { return Then::Stay };
                let count = draft.removes(self.at);
                let pages: Vec<Page> = draft.pages.drain(self.at..self.at + count).collect();
                if !pages.is_empty() {
                    (self.removed, self.is_touched) = (Some((self.at, pages)), true);
                }
                self.go(0);
            }
            Action::Election(Wish::PutBack) => {
                if let (Some(draft), Some((place, pages))) = (&mut self.draft, self.removed.take()) {
                    let place = place.min(draft.pages.len());
                    draft.pages.splice(place..place, pages);
                    self.at = place;
                }
            }
            _ => {}
        }
        Then::Stay
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        if let Sight::Ballot(spec, lang, reading) = &self.sight {
            frame.buffer_mut().set_line(area.x, area.y, &Line::styled(format!("  {}", desk.say("create-ballot")), look.style(Tone::Strong)), area.width);
            let text = ballot::lines(*lang, spec);
            // An empty line stays one.
            let broken = |line: &String| if line.is_empty() { vec![String::new()] } else { lines(line, cells) };
            let text = text.iter().flat_map(broken).map(|line| Line::raw(format!("  {line}")));
            let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
            return reading.draw(desk, frame, body, &text.collect::<Vec<_>>());
        }
        let mut y = area.y;
        let draft = self.seen(desk);
        // As much as is not mended yet.
        let wrong: usize = draft.pages.iter().map(|page| page.form.wrongs()).sum();
        let (said, tone) = match (&self.said, wrong) {
            (Some(said), _) => (said.clone(), Tone::Bad),
            (None, 1..) => (desk.with("create-wrong", &[("n", wrong.to_string())]), Tone::Bad),
            (None, 0) => (desk.say(if self.file.is_some() { "create-reading" } else { "create-said" }), Tone::Dim),
        };
        for line in lines(&said, cells).into_iter().take(usize::from(area.height / 3)) {
            frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            y += 1;
        }
        if !draft.places.is_empty() || !draft.officers.is_empty() {
            let values = [("places", draft.places.len().to_string()), ("officers", draft.officers.len().to_string())];
            let text = cut(&format!("  {}", desk.with("create-from-file", &values)), usize::from(area.width), look.cut());
            frame.buffer_mut().set_line(area.x, y, &Line::styled(text, look.style(Tone::Dim)), area.width);
            y += 1;
        }
        if draft.places.is_empty() || draft.officers.is_empty() {
            for line in lines(&desk.say("create-no-papers"), cells) {
                frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(Tone::Warn)), area.width);
                y += 1;
            }
        }
        let body = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area };
        let list = LIST.min(body.width / 3);
        self.draw_list(desk, &draft, frame, Rect { x: body.x + 1, width: list, ..body });
        if let Some(page) = draft.pages.get(self.at) {
            page.form.draw(desk, frame, Rect { x: body.x + list + 2, width: body.width.saturating_sub(list + 3), ..body });
        }
    }
}
