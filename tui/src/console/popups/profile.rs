//! Which profile: the path of a file, or of the folder in which it lies.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Turn;
use crate::console::action::Action;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::path::PathField;
use crate::console::widgets::popup;
use crate::console::work::Question;
use crate::profile::{self, Profile};

/// The rows in which it is said what lies under the path.
const SAID: u16 = 9;

/// The question.
pub struct Choice {
    path: PathField,
    /// Whether what is typed is meant, once it is known what lies there. Until then the connection that there is stays.
    meant: bool,
}

impl Choice {
    /// The profile that is used now stands in it.
    #[must_use]
    pub fn of(desk: &Desk) -> Self {
        let path = desk.profile.clone().or_else(Profile::default_path).unwrap_or_default();
        Self { path: PathField::of(&path), meant: false }
    }

    /// The keys.
    #[must_use]
    pub fn keys() -> Vec<Binding> {
        let mut keys = vec![Binding::new(Key::Enter, Action::Open, "key-yes")];
        keys.extend(PathField::keys());
        keys.push(Binding::new(Key::Esc, Action::Back, "key-no"));
        keys
    }

    /// What has to be asked for it.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        self.path.questions()
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Turn {
        let known = Self::keys().into_iter().find(|binding| binding.key == key);
        match known.map(|binding| binding.action) {
            Some(Action::Back) => return Turn::Close,
            Some(Action::Open) => {
                self.path.look();
                self.meant = true;
            }
            Some(Action::Complete) => {
                self.path.complete();
                self.meant = false;
            }
            Some(action) => self.path.go(action),
            None => {
                self.meant &= !self.path.typed(key);
            }
        }
        Turn::Stay
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.path.paste(text);
        self.meant = false;
    }

    /// Sees what was answered: a file is taken, and so is the profile in a folder that was named.
    pub fn refreshed(&mut self, desk: &Desk) -> Turn {
        self.path.refreshed(desk);
        match self.named(desk).filter(|_| self.meant) {
            Some(path) => Turn::Profile(path),
            None => Turn::Stay,
        }
    }

    fn named(&self, desk: &Desk) -> Option<PathBuf> {
        self.path.file(desk).or_else(|| self.path.within(desk, profile::FILE))
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let cells = usize::from(frame.area().width.min(76)).saturating_sub(6);
        let ask = lines(&desk.say("profile-ask"), cells);
        let mut said = self.path.said(desk).unwrap_or_default();
        if said.iter().any(|(_, tone)| *tone == Tone::Bad) {
            said.push((desk.say("profile-stays"), Tone::Plain));
        } else if self.meant && self.path.is_folder() {
            said.insert(0, (desk.say("profile-folder"), Tone::Warn));
        }
        let above = u16::try_from(ask.len()).unwrap_or(u16::MAX);
        let inner = popup::open(frame, desk.look, &desk.say("profile-title"), 76, above.saturating_add(4 + SAID));
        for (y, line) in (inner.y..inner.bottom()).zip(&ask) {
            frame.buffer_mut().set_line(inner.x, y, &Line::raw(line.as_str()), inner.width);
        }
        let y = inner.y.saturating_add(above);
        self.path.draw(desk, frame, Rect { y, height: 1, ..inner }, "> ");
        let y = y.saturating_add(2);
        self.path.draw_said(desk, frame, Rect { y, height: inner.bottom().saturating_sub(y), ..inner }, &said);
    }
}
