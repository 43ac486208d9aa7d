//! 施設・住民・要支援者名簿の取り込み: the path of a file, what it would change of what is there, and then it is taken over. Where any would go, it is typed how many.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::shelter::import::{ImportAnswer, ImportKind, ImportOthers, ImportRows};
use tachiai_schemas::{Lang, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::commands::shelter::import::{Source, answer_text};
use crate::console::action::{Action, Headquarters, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::Binding;
use crate::console::popups::Popup;
use crate::console::popups::confirm::Sure;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, width};
use crate::console::widgets::field::Field;
use crate::console::widgets::form::Mark;
use crate::console::widgets::paper::scroll;
use crate::console::work::shelters::{Answer, Deed, Question};
use crate::console::work::{self, Deed as Any};

/// The cells of a line where the window is small: by them it is reckoned how far one can scroll.
const NARROW: usize = 76;

/// The kinds, in the order in which they are gone through.
const KINDS: [(ImportKind, &str); 3] =
    [(ImportKind::Facilities, "import-facilities"), (ImportKind::Residents, "import-residents"), (ImportKind::SupportList, "import-support")];

/// The screen.
pub struct Import {
    source: Source,
    field: Field,
    /// The file that is looked at.
    asked: Option<PathBuf>,
    from: usize,
    /// That there is no path.
    is_empty: bool,
}

impl Default for Import {
    fn default() -> Self {
        let source = Source { kind: ImportKind::Facilities, rows: ImportRows::All, others: ImportOthers::Stay };
        Self { source, field: Field::path(""), asked: None, from: 0, is_empty: false }
    }
}

impl Import {
    fn question(&self) -> Option<work::Question> {
        Some(work::Question::Shelters(Question::Import(self.source, self.asked.clone()?)))
    }

    fn answer<'a>(&self, desk: &'a Desk) -> Option<&'a ImportAnswer> {
        match desk.answer(&self.question()?)? {
            work::Answer::Shelters(Answer::Import(file)) => Some(file),
            _ => None,
        }
    }

    /// What was looked at counts no longer: it is another file, or read otherwise.
    fn anew(&mut self) {
        (self.asked, self.from, self.is_empty) = (None, 0, false);
    }

    /// Since when it is being taken over.
    fn taking(&self, desk: &Desk) -> Option<String> {
        desk.doing.values().find(|doing| self.is_for(&doing.deed)).map(|doing| desk.age(doing.since))
    }

    /// Why it cannot be taken over as it was read.
    fn why_not(&self, desk: &Desk) -> Option<String> {
        if self.taking(desk).is_some() {
            return Some(desk.say("off-busy"));
        }
        let [ja, en] = self.source.hinders(self.answer(desk)?)?;
        Some(desk.lang().pick(&ja, &en).to_owned())
    }

    fn sure(&self, desk: &Desk) -> Option<Popup> {
        let (file, path) = (self.answer(desk)?, self.asked.clone()?);
        let removed = file.difference.removed;
        let text = [Lang::Ja, Lang::En].map(|lang| {
            let what = match (removed, lang) {
                (0, Lang::Ja) => "このファイルを取り込みます。".to_owned(),
                (0, Lang::En) => "This file is taken over.".to_owned(),
                (n, Lang::Ja) => format!("このファイルを取り込みます。登録済みのうち {n} 件はファイルになく、削除されます。"),
                (n, Lang::En) => format!("This file is taken over. {n} of those that are there are not in it, and go."),
            };
            format!("{what}\n{}\n\n{}", path.display(), answer_text(lang, file))
        });
        let removes = (removed > 0).then_some(removed);
        let deed = Any::Shelters(Deed::Import(self.source, path, Box::new(file.clone()), removes));
        Some(Popup::sure(Sure { title: "import-sure", text, word: removes.map(|n| n.to_string()), deed }))
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let mut text: Vec<(String, Tone)> = Vec::new();
        let question = self.question();
        let failure = question.as_ref().and_then(|question| desk.failure(question).map(|failure| failure.say(desk.lang())));
        if let Some(age) = self.taking(desk) {
            text.push((desk.with("import-taking", &[("age", age)]), Tone::Strong));
        }
        match (self.answer(desk), failure) {
            _ if self.is_empty => text.push((desk.say("bring-path-rule"), Tone::Bad)),
            (Some(file), _) => {
                match self.source.hinders(file) {
                    Some([ja, en]) => {
                        text.push((desk.lang().pick(&ja, &en).to_owned(), Tone::Bad));
                        text.push((desk.say("import-bad"), Tone::Plain));
                    }
                    None => text.push((desk.say("import-good"), Tone::Good)),
                }
                text.push((String::new(), Tone::Plain));
                let lost = file.difference.loses_many();
                text.extend(answer_text(desk.lang(), file).lines().map(|line| {
                    let tone = if lost && line.starts_with(['⚠', '!']) { Tone::Bad } else { Tone::Plain };
                    (line.to_owned(), tone)
                }));
            }
            (None, Some(failure)) => text.push((failure, Tone::Bad)),
            (None, None) => match question.and_then(|question| desk.answers.get(&question)?.asked) {
                Some(since) => text.push((desk.with("import-reading", &[("age", desk.age(since))]), Tone::Dim)),
                None => text.extend(self.hints(desk)),
            },
        }
        let lines = text.iter().flat_map(|(said, tone)| {
            let said = if said.is_empty() { vec![String::new()] } else { lines(said, cells) };
            said.into_iter().map(|line| Line::styled(format!("  {line}"), desk.look.style(*tone)))
        });
        lines.collect()
    }

    /// What belongs there, and what was imported last.
    fn hints(&self, desk: &Desk) -> Vec<(String, Tone)> {
        let key = match self.source.kind {
            ImportKind::Facilities => "import-facilities-hint",
            ImportKind::Residents => "import-residents-hint",
            ImportKind::SupportList => "import-support-hint",
        };
        let mut text = vec![(desk.say(key), Tone::Dim), (String::new(), Tone::Plain)];
        if let Some(work::Answer::Shelters(Answer::Facilities(standing))) = desk.answer(&work::Question::Shelters(Question::Facilities)) {
            text.push(match standing.imports.iter().find(|import| import.kind == self.source.kind) {
                Some(last) => {
                    let values = [("n", grouped(last.count)), ("time", last.at.in_japan(desk.lang())), ("by", printable(&last.by))];
                    (desk.with("import-last", &values), Tone::Plain)
                }
                None => (desk.say("import-never"), Tone::Warn),
            });
        }
        text
    }
}

impl Screen for Import {
    fn place(&self) -> Place {
        Place::Import
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-import")
    }

    fn questions(&self, _desk: &Desk) -> Vec<work::Question> {
        std::iter::once(work::Question::Shelters(Question::Facilities)).chain(self.question()).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let label = if self.answer(desk).is_some() { "key-import" } else { "key-read-file" };
        let does = |number, does, label| Binding::new(Key::F(number), Action::Headquarters(does), label);
        let not_of_these = (self.source.kind != ImportKind::Facilities).then(|| desk.say("import-others-not"));
        let mut keys = vec![
            Binding::new(Key::Enter, Action::Open, label).off(self.why_not(desk)),
            Binding::new(Key::Tab, Action::Part, "import-other-kind"),
            does(2, Headquarters::GoodRows, "import-good-rows"),
            does(3, Headquarters::OthersGo, "import-others-go").off(not_of_these),
            Binding::new(Key::PageDown, Action::PageDown, "key-read-on"),
        ];
        let scrolls = [(Key::Down, Action::Down), (Key::Up, Action::Up), (Key::PageUp, Action::PageUp)];
        keys.extend(scrolls.map(|(key, action)| Binding::new(key, action, "key-read-on").quiet()));
        keys
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key) -> bool {
        let is_text = !matches!(key, Key::Ctrl('c' | 'l')) && self.field.key(key);
        if is_text && !matches!(key, Key::Left | Key::Right | Key::Home | Key::End) {
            self.anew();
        }
        is_text
    }

    fn paste(&mut self, text: &str) {
        self.field.paste(text);
        self.anew();
    }

    fn is_for(&self, deed: &Any) -> bool {
        matches!(deed, Any::Shelters(Deed::Import(source, path, ..)) if *source == self.source && Some(path) == self.asked.as_ref())
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Open => {
                if let Some(popup) = self.sure(desk) {
                    return Then::Window(Box::new(popup));
                }
                let path = self.field.raw().trim();
                (self.is_empty, self.from) = (path.is_empty(), 0);
                self.asked = (!path.is_empty()).then(|| PathBuf::from(path));
                Then::Anew
            }
            Action::Part => {
                let at = KINDS.iter().position(|(kind, _)| *kind == self.source.kind).unwrap_or_default();
                self.source = Source { kind: KINDS[(at + 1) % KINDS.len()].0, others: ImportOthers::Stay, ..self.source };
                self.field = Field::path("");
                self.anew();
                Then::Stay
            }
            Action::Headquarters(Headquarters::GoodRows) => {
                self.source.rows = if self.source.rows == ImportRows::All { ImportRows::Good } else { ImportRows::All };
                Then::Ask
            }
            Action::Headquarters(Headquarters::OthersGo) => {
                self.source.others = if self.source.others == ImportOthers::Stay { ImportOthers::Go } else { ImportOthers::Stay };
                Then::Ask
            }
            action => {
                self.from = moved(self.from, self.text(desk, NARROW).len(), action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        if area.height < 4 {
            return;
        }
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let mut kinds = vec![Span::raw(" ")];
        for (kind, key) in KINDS {
            let is_here = kind == self.source.kind;
            let name = if is_here { format!("[{}]", desk.say(key)) } else { format!(" {} ", desk.say(key)) };
            kinds.push(Span::styled(name, look.style(if is_here { Tone::Strong } else { Tone::Dim })));
            kinds.push(Span::raw(" "));
        }
        frame.buffer_mut().set_line(area.x, area.y, &Line::from(kinds), area.width);
        let label = format!(" {}: ", desk.say("import-path"));
        let start = width(&label);
        let (text, at) = self.field.seen(cells.saturating_sub(start));
        frame.buffer_mut().set_line(area.x, area.y + 1, &Line::from(vec![Span::styled(label, look.style(Tone::Strong)), Span::raw(text)]), area.width);
        frame.set_cursor_position((area.x + u16::try_from(start + at).unwrap_or_default(), area.y + 1));
        let mark = |is_so: bool, key: &str| format!("{} {}  ", Mark::of(is_so).sign(), desk.say(key));
        let mut marks = format!(" {}", mark(self.source.rows == ImportRows::Good, "import-good-rows"));
        if self.source.kind == ImportKind::Facilities {
            marks.push_str(&mark(self.source.others == ImportOthers::Go, "import-others-go"));
        }
        frame.buffer_mut().set_line(area.x, area.y + 2, &Line::styled(marks, look.style(Tone::Dim)), area.width);
        let below = Rect { y: area.y + 4, height: area.height.saturating_sub(4), ..area };
        scroll(frame, below, &self.text(desk, usize::from(below.width).saturating_sub(4)), self.from);
    }
}
