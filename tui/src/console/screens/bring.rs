//! 名簿の取り込み・立会人の登録: the path of a file, what stands in it, and then it is handed in.

use ratatui::Frame;
use ratatui::layout::Rect;
use tachiai_schemas::roll::columns;
use tachiai_schemas::{ElectionId, HashBytes, Lang, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::commands::columns::columns_text;
use crate::commands::roll::preview_text;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::popups::Popup;
use crate::console::popups::confirm::Sure;
use crate::console::theme::Tone;
use crate::console::widgets::path::{PathField, Said};
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
    path: PathField,
}

impl Bring {
    /// The roll of an election.
    #[must_use]
    pub fn roll(id: ElectionId) -> Self {
        Self { id, what: What::Roll, path: PathField::default() }
    }

    /// A trustee of an election.
    #[must_use]
    pub fn trustee(id: ElectionId) -> Self {
        Self { what: What::Trustee, ..Self::roll(id) }
    }

    fn question(&self, desk: &Desk) -> Option<work::Question> {
        let path = self.path.file(desk)?;
        Some(work::Question::Elections(match self.what {
            What::Roll => Question::RollFile(self.id, path),
            What::Trustee => Question::TrusteeFile(path),
        }))
    }

    fn answer<'a>(&self, desk: &'a Desk) -> Option<&'a Answer> {
        match desk.answer(&self.question(desk)?)? {
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
        let path = self.path.file(desk)?;
        let (text, title, word, deed) = match self.answer(desk)? {
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
                (text, "bring-sure-roll", None, elections::Deed::ImportRoll(self.id, path, *sha256, replaces))
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
                // Nobody takes a trustee off the list again.
                (text, "bring-sure-trustee", Some(desk.say("trustee-compare-word")), elections::Deed::AddTrustee(self.id, path, *sha256))
            }
            _ => return None,
        };
        Some(Popup::sure(Sure { title, text, word, deed: Deed::Elections(deed) }))
    }

    fn text(&self, desk: &Desk) -> Said {
        if let Some(said) = self.path.said(desk) {
            return said;
        }
        let mut text = Said::new();
        let failure = self.question(desk).and_then(|question| desk.failure(&question).map(|failure| failure.say(desk.lang())));
        match (self.answer(desk), failure) {
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
            (_, None) if !self.path.is_fresh() => text.push((desk.say("bring-reading"), Tone::Dim)),
            _ if self.what == What::Roll => {
                text.push((desk.say("bring-roll-hint"), Tone::Dim));
                text.push((String::new(), Tone::Plain));
                text.extend(columns_text(desk.lang(), &columns()).lines().map(|line| (line.to_owned(), Tone::Plain)));
            }
            _ => text.push((desk.say("bring-trustee-hint"), Tone::Dim)),
        }
        text
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

    fn questions(&self, desk: &Desk) -> Vec<work::Question> {
        self.path.questions().into_iter().chain(self.question(desk)).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let label = match (self.answer(desk).is_some(), self.what) {
            (false, _) => "key-read-file",
            (true, What::Roll) => "key-import",
            (true, What::Trustee) => "key-add-trustee",
        };
        let mut keys = vec![Binding::new(Key::Enter, Action::Open, label).off(self.why_not(desk))];
        keys.extend(PathField::keys());
        if self.path.is_waiting(desk, self.question(desk)) {
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
                self.path.look();
                Then::Anew
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
        let label = format!("  {} ", desk.say(if self.what == What::Roll { "bring-roll" } else { "bring-key" }));
        self.path.draw(desk, frame, Rect { y: area.y + 1, height: 1, ..area }, &label);
        let body = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
        self.path.draw_said(desk, frame, body, &self.text(desk));
    }
}
