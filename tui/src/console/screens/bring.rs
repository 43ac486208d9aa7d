//! 名簿の取り込み・立会人の登録: the path of a file, what stands in it, and then it is handed in.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::{ElectionId, HashBytes, Lang, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::commands::roll::preview_text;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::Popup;
use crate::console::popups::confirm::Sure;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, width};
use crate::console::widgets::field::Field;
use crate::console::widgets::paper::Reading;
use crate::console::work::deed::elections;
use crate::console::work::question::elections::{Answer, KeyFile, Question, RollFile};
use crate::console::work::{self, Deed};

/// What is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The roll.
    Roll,
    /// A trustee's key.
    Trustee,
}

/// The screen.
pub struct Bring {
    id: ElectionId,
    what: What,
    field: Field,
    /// The file that is looked at.
    asked: Option<PathBuf>,
    reading: Reading,
    /// That there is no path.
    is_empty: bool,
}

impl Bring {
    /// The roll of an election.
    #[must_use]
    pub fn roll(id: ElectionId) -> Self {
        Self { id, what: What::Roll, field: Field::path(""), asked: None, reading: Reading::default(), is_empty: false }
    }

    /// A trustee of an election.
    #[must_use]
    pub fn trustee(id: ElectionId) -> Self {
        Self { what: What::Trustee, ..Self::roll(id) }
    }

    fn question(&self) -> Option<work::Question> {
        let path = self.asked.clone()?;
        Some(work::Question::Elections(match self.what {
            What::Roll => Question::RollFile(self.id, path),
            What::Trustee => Question::TrusteeFile(path),
        }))
    }

    fn answer<'a>(&self, desk: &'a Desk) -> Option<&'a Answer> {
        match desk.answer(&self.question()?)? {
            work::Answer::Elections(answer) => Some(answer),
            _ => None,
        }
    }

    /// Why what was looked at cannot be handed in.
    fn why_not(&self, desk: &Desk) -> Option<String> {
        if desk.doing.values().any(|doing| self.is_for(&doing.deed)) {
            return Some(desk.say("off-busy"));
        }
        match self.answer(desk)? {
            Answer::RollFile(file) if !file.preview.report.errors.is_empty() => Some(desk.say("bring-errors")),
            _ => None,
        }
    }

    fn sure(&self, desk: &Desk) -> Option<Popup> {
        let path = self.asked.clone()?;
        let (text, title, deed) = match self.answer(desk)? {
            Answer::RollFile(file) => {
                let RollFile { preview, sha256 } = &**file;
                let replaces: Option<HashBytes> = preview.replaces;
                let text = [Lang::Ja, Lang::En].map(|lang| {
                    let said = match (replaces, lang) {
                        (Some(_), Lang::Ja) => "この名簿に入れ替えます。今の名簿は置き換えられます。",
                        (Some(_), Lang::En) => "This roll takes the place of the one that is there.",
                        (None, Lang::Ja) => "この名簿を取り込みます。",
                        (None, Lang::En) => "This roll is imported.",
                    };
                    format!("{said}\n{}\n\n{}", path.display(), preview_text(lang, preview).lines().take(6).collect::<Vec<_>>().join("\n"))
                });
                (text, "bring-sure-roll", elections::Deed::ImportRoll(self.id, path, *sha256, replaces))
            }
            Answer::TrusteeFile(file) => {
                let KeyFile { name, fingerprint, sha256 } = &**file;
                let name = printable(name);
                let text = [
                    format!("開票立会人: {name}\n\n鍵の指紋:\n{fingerprint}\n\n本人の手元の指紋と、声に出して照合してください。同じときだけ登録します。"),
                    format!(
                        "Trustee: {name}\n\nFingerprint of the key:\n{fingerprint}\n\nCompare it aloud with the one that the trustee has. List the trustee only if they are the same."
                    ),
                ];
                (text, "bring-sure-trustee", elections::Deed::AddTrustee(self.id, path, *sha256))
            }
            _ => return None,
        };
        Some(Popup::sure(Sure { title, text, word: None, deed: Deed::Elections(deed) }))
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let mut text: Vec<(String, Tone)> = Vec::new();
        let failure = self.question().and_then(|question| desk.failure(&question).map(|failure| failure.say(desk.lang())));
        match (self.answer(desk), failure) {
            _ if self.is_empty => text.push((desk.say("bring-path-rule"), Tone::Bad)),
            (Some(Answer::RollFile(file)), _) => {
                let report = &file.preview.report;
                let (key, tone) = if report.errors.is_empty() { ("bring-roll-good", Tone::Good) } else { ("bring-roll-bad", Tone::Bad) };
                text.push((desk.with(key, &[("n", report.errors.len().to_string())]), tone));
                text.push((preview_text(desk.lang(), &file.preview), Tone::Plain));
            }
            (Some(Answer::TrusteeFile(file)), _) => {
                text.push((desk.with("bring-trustee", &[("name", printable(&file.name))]), Tone::Strong));
                text.push((String::new(), Tone::Plain));
                text.push((desk.say("bring-fingerprint"), Tone::Plain));
                text.push((file.fingerprint.clone(), Tone::Strong));
                text.push((String::new(), Tone::Plain));
                text.push((desk.say("bring-compare"), Tone::Warn));
            }
            (_, Some(failure)) => text.push((failure, Tone::Bad)),
            (_, None) if self.asked.is_some() => text.push((desk.say("bring-reading"), Tone::Dim)),
            _ => text.push((desk.say(if self.what == What::Roll { "bring-roll-hint" } else { "bring-trustee-hint" }), Tone::Dim)),
        }
        let lines = text.iter().flat_map(|(said, tone)| {
            let said = if said.is_empty() { vec![String::new()] } else { lines(said, cells) };
            said.into_iter().map(|line| Line::styled(format!("  {line}"), desk.look.style(*tone)))
        });
        lines.collect()
    }
}

impl Screen for Bring {
    fn place(&self) -> Place {
        match self.what {
            What::Roll => Place::RollFile(self.id),
            What::Trustee => Place::TrusteeFile(self.id),
        }
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say(if self.what == What::Roll { "screen-roll-file" } else { "screen-trustee-file" })
    }

    fn questions(&self, _desk: &Desk) -> Vec<work::Question> {
        self.question().into_iter().collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let label = match (self.answer(desk).is_some(), self.what) {
            (false, _) => "key-read-file",
            (true, What::Roll) => "key-import",
            (true, What::Trustee) => "key-add-trustee",
        };
        let scrolls = [(Key::Down, Action::Down), (Key::Up, Action::Up), (Key::PageUp, Action::PageUp)];
        let mut keys =
            vec![Binding::new(Key::Enter, Action::Open, label).off(self.why_not(desk)), Binding::new(Key::PageDown, Action::PageDown, "key-read-on")];
        keys.extend(scrolls.map(|(key, action)| Binding::new(key, action, "key-read-on").quiet()));
        keys
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key) -> bool {
        let is_text = self.field.key(key);
        // Another path is another file, to be looked at anew.
        if is_text && !matches!(key, Key::Left | Key::Right | Key::Home | Key::End) {
            (self.asked, self.is_empty) = (None, false);
            self.reading.begin();
        }
        is_text
    }

    fn paste(&mut self, text: &str) {
        self.field.paste(text);
        (self.asked, self.is_empty) = (None, false);
        self.reading.begin();
    }

    fn is_for(&self, deed: &Deed) -> bool {
        match deed {
            Deed::Elections(elections::Deed::ImportRoll(id, ..)) => self.what == What::Roll && *id == self.id,
            Deed::Elections(elections::Deed::AddTrustee(id, ..)) => self.what == What::Trustee && *id == self.id,
            _ => false,
        }
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Open => {
                if let Some(popup) = self.sure(desk) {
                    return Then::Window(Box::new(popup));
                }
                let path = self.field.raw().trim();
                (self.is_empty, self.asked) = (path.is_empty(), (!path.is_empty()).then(|| PathBuf::from(path)));
                self.reading.begin();
                Then::Anew
            }
            action => {
                self.reading.go(action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let cells = usize::from(area.width).saturating_sub(4);
        let label = format!("  {} ", desk.say(if self.what == What::Roll { "bring-roll" } else { "bring-key" }));
        let (seen, at) = self.field.seen(cells.saturating_sub(width(&label)));
        frame.buffer_mut().set_line(area.x, area.y + 1, &Line::styled(format!("{label}{seen}"), desk.look.style(Tone::Strong)), area.width);
        let column = u16::try_from(width(&label) + at).unwrap_or_default();
        frame.set_cursor_position((area.x + column, area.y + 1));
        let body = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
        self.reading.draw(desk, frame, body, &self.text(desk, cells));
    }
}
