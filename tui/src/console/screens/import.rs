//! 施設・住民・要支援者名簿の取り込み: the path of a file, what it would change of what is there, and then it is taken over. Where any would go, it is typed how many.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::shelter::import::{ImportAnswer, ImportKind, ImportOthers, ImportRows};
use tachiai_schemas::{Lang, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::commands::columns::columns_text;
use crate::commands::shelter::import::{Source, answer_text, figures_text, report_text};
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::Binding;
use crate::console::popups::Popup;
use crate::console::popups::confirm::Sure;
use crate::console::theme::Tone;
use crate::console::widgets::form::Mark;
use crate::console::widgets::path::{PathField, Said};
use crate::console::work::shelters::{Answer, Deed, Question};
use crate::console::work::{self, Deed as Any};

/// The kinds, in the order in which they are gone through.
const KINDS: [(ImportKind, &str); 3] =
    [(ImportKind::Facilities, "import-facilities"), (ImportKind::Residents, "import-residents"), (ImportKind::SupportList, "import-support")];

/// The screen.
pub struct Import {
    source: Source,
    path: PathField,
    /// What was taken over last, in Japanese and English.
    taken: Option<[String; 2]>,
}

impl Default for Import {
    fn default() -> Self {
        let source = Source { kind: ImportKind::Facilities, rows: ImportRows::All, others: ImportOthers::Stay };
        Self { source, path: PathField::default(), taken: None }
    }
}

impl Import {
    fn question(&self, desk: &Desk) -> Option<work::Question> {
        Some(work::Question::Shelters(Question::Import(self.source, self.path.file(desk)?)))
    }

    fn answer<'a>(&self, desk: &'a Desk) -> Option<&'a ImportAnswer> {
        match desk.answer(&self.question(desk)?)? {
            work::Answer::Shelters(Answer::Import(file)) => Some(file),
            _ => None,
        }
    }

    /// Since when it is being taken over.
    fn taking(&self, desk: &Desk) -> Option<String> {
        desk.doing.values().find(|doing| matches!(&doing.deed, Any::Shelters(Deed::Import(..)))).map(|doing| desk.age(doing.since))
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
        let (file, path) = (self.answer(desk)?, self.path.file(desk)?);
        let removed = file.difference.removed;
        let text = [Lang::Ja, Lang::En].map(|lang| {
            let what = match (removed, lang) {
                (0, Lang::Ja) => "このファイルを取り込みます。".to_owned(),
                (0, Lang::En) => "This file is taken over.".to_owned(),
                (n, Lang::Ja) => format!("このファイルを取り込みます。登録済みのうち {n} 件はファイルになく、削除されます。"),
                (n, Lang::En) => format!("This file is taken over. {n} of those that are there are not in it, and go."),
            };
            let left = match (file.report.rows.saturating_sub(file.report.taken), lang) {
                (0, _) => String::new(),
                (n, Lang::Ja) => format!("\n誤りのある {n} 行は取り込みません。"),
                (n, Lang::En) => format!("\n{n} rows with errors are left out."),
            };
            format!("{what}{left}\n{}\n\n{}", path.display(), figures_text(lang, file))
        });
        let removes = (removed > 0).then_some(removed);
        let deed = Any::Shelters(Deed::Import(self.source, path, Box::new(file.clone()), removes));
        Some(Popup::sure(Sure { title: "import-sure", text, word: removes.map(|n| n.to_string()), deed }))
    }

    fn text(&self, desk: &Desk) -> Said {
        let mut text = Said::new();
        let question = self.question(desk);
        let failure = question.as_ref().and_then(|question| desk.failure(question).map(|failure| failure.say(desk.lang())));
        if let Some(age) = self.taking(desk) {
            text.push((desk.with("import-taking", &[("age", age)]), Tone::Strong));
        }
        if let Some(said) = self.path.said(desk) {
            text.extend(said);
            return text;
        }
        if let (Some([ja, en]), true) = (&self.taken, self.path.is_fresh()) {
            // What comes next stands above what may be long.
            text.push((desk.say(next(self.source.kind)), Tone::Strong));
            text.push((String::new(), Tone::Plain));
            text.extend(desk.lang().pick(ja, en).lines().map(|line| (line.to_owned(), Tone::Plain)));
            return text;
        }
        match (self.answer(desk), failure) {
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
                // Nothing is said of changes that cannot be made.
                let hinders = self.source.hinders(file).is_some();
                let said = if hinders { report_text(desk.lang(), &file.report) } else { answer_text(desk.lang(), file) };
                text.extend(said.lines().map(|line| {
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
        text
    }

    /// What belongs there, and what was imported last.
    fn hints(&self, desk: &Desk) -> Said {
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
        text.push((String::new(), Tone::Plain));
        text.extend(columns_text(desk.lang(), self.source.columns()).lines().map(|line| (line.to_owned(), Tone::Plain)));
        text
    }

    /// Whether a file is being read.
    fn is_reading(&self, desk: &Desk) -> bool {
        self.path.is_waiting(desk, self.question(desk))
    }
}

/// What is done after something was taken over.
const fn next(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Facilities => "import-next-facilities",
        ImportKind::Residents => "import-next-residents",
        ImportKind::SupportList => "import-next-support",
    }
}

impl Screen for Import {
    fn place(&self) -> Place {
        Place::Import
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-import")
    }

    fn questions(&self, desk: &Desk) -> Vec<work::Question> {
        std::iter::once(work::Question::Shelters(Question::Facilities)).chain(self.path.questions()).chain(self.question(desk)).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let label = if self.answer(desk).is_some() { "key-import" } else { "key-read-file" };
        let does = |number, does, label| Binding::new(Key::F(number), Action::Headquarters(does), label);
        let not_of_these = (self.source.kind != ImportKind::Facilities).then(|| desk.say("import-others-not"));
        let mut keys = vec![
            Binding::new(Key::Enter, Action::Open, label).off(self.why_not(desk)),
            does(2, Headquarters::GoodRows, "import-good-rows"),
            does(3, Headquarters::OthersGo, "import-others-go").off(not_of_these),
            Binding::new(Key::F(4), Action::Part, "import-other-kind"),
        ];
        keys.extend(PathField::keys());
        if self.is_reading(desk) {
            // It stands first: it is what one looks for.
            keys.insert(0, Binding::new(Key::Esc, Action::End, "key-stop-reading"));
        }
        keys
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key) -> bool {
        self.path.typed(key)
    }

    fn paste(&mut self, text: &str) {
        self.path.paste(text);
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.path.refreshed(desk);
    }

    fn done(&mut self, deed: &Any, said: &[String; 2]) -> bool {
        let is_own = matches!(deed, Any::Shelters(Deed::Import(source, ..)) if *source == self.source);
        if is_own {
            (self.path, self.taken) = (PathField::default(), Some(said.clone()));
        }
        is_own
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Open => {
                if let Some(popup) = self.sure(desk) {
                    return Then::Window(Box::new(popup));
                }
                self.path.look();
                self.taken = None;
                Then::Anew
            }
            Action::Part => {
                let at = KINDS.iter().position(|(kind, _)| *kind == self.source.kind).unwrap_or_default();
                // What was chosen of one file is not chosen of another.
                self.source = Source { kind: KINDS[(at + 1) % KINDS.len()].0, rows: ImportRows::All, others: ImportOthers::Stay };
                (self.path, self.taken) = (PathField::default(), None);
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
            Action::End => {
                self.path.anew();
                Then::Anew
            }
            Action::Complete => {
                self.path.complete();
                Then::Anew
            }
            action => {
                self.path.go(action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        if area.height < 4 {
            return;
        }
        let look = desk.look;
        let mut kinds = vec![Span::raw(" ")];
        for (kind, key) in KINDS {
            let is_here = kind == self.source.kind;
            let name = if is_here { format!("[{}]", desk.say(key)) } else { format!(" {} ", desk.say(key)) };
            kinds.push(Span::styled(name, look.style(if is_here { Tone::Strong } else { Tone::Dim })));
            kinds.push(Span::raw(" "));
        }
        frame.buffer_mut().set_line(area.x, area.y, &Line::from(kinds), area.width);
        let label = format!(" {}: ", desk.say("import-path"));
        self.path.draw(desk, frame, Rect { y: area.y + 1, height: 1, ..area }, &label);
        let mark = |is_so: bool, key: &str| format!("{} {}  ", Mark::of(is_so).sign(), desk.say(key));
        let mut marks = format!(" {}", mark(self.source.rows == ImportRows::Good, "import-good-rows"));
        if self.source.kind == ImportKind::Facilities {
            marks.push_str(&mark(self.source.others == ImportOthers::Go, "import-others-go"));
        }
        frame.buffer_mut().set_line(area.x, area.y + 2, &Line::styled(marks, look.style(Tone::Dim)), area.width);
        let below = Rect { y: area.y + 4, height: area.height.saturating_sub(4), ..area };
        self.path.draw_said(desk, frame, below, &self.text(desk));
    }
}
