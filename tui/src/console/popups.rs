//! Windows over the screen; each takes every key while it is open.

use std::path::PathBuf;

use ratatui::Frame;

use self::ask::Ask;
use self::confirm::{Confirm, Sure};
use super::action::Action;
use super::app::State;
use super::desk::Desk;
use super::event::Key;
use super::keymap::Binding;
use super::work::{Deed, Question, Waiting};

pub mod ask;
pub mod confirm;
pub mod help;
pub mod message;
pub mod palette;
pub mod profile;

/// A window.
pub enum Popup {
    /// The keys of the screen at hand.
    Help(help::Help),
    /// What can be done, to be looked for.
    Palette(palette::Palette),
    /// Is it meant?
    Confirm(Box<Confirm>),
    /// What is to be filled in?
    Ask(Box<Ask>),
    /// Which profile?
    Profile(profile::Choice),
    /// What came of something.
    Message(message::Message),
    /// Is it to be left?
    Leave(Action, Leaving),
}

/// What is asked before something is left, in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    /// The title.
    pub title: &'static str,
    /// What would be lost.
    pub text: &'static str,
    /// To leave.
    pub leave: &'static str,
    /// To stay.
    pub stay: &'static str,
}

impl Leaving {
    /// What was filled in and is sent nowhere yet.
    pub const FILLED: Self = Self { title: "leave-title", text: "leave-form-text", leave: "key-drop", stay: "key-stay" };

    /// The keys: as wherever no word is typed, `y` means it.
    #[must_use]
    pub fn keys(&self, action: Action) -> Vec<Binding> {
        vec![Binding::new(Key::Char('y'), action, self.leave), Binding::new(Key::Esc, Action::Back, self.stay)]
    }

    /// Draws the question.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        message::Message::new(self.title, desk.say(self.text)).draw(desk, frame);
    }
}

/// What a window asks for.
pub enum Turn {
    /// Nothing.
    Stay,
    /// Nothing but this to be said in passing.
    Say(String),
    /// To be closed.
    Close,
    /// To be closed, and this to be done.
    Act(Action),
    /// To be closed, and this to be done whatever is lost.
    Leave(Action),
    /// To connect with this profile.
    Profile(PathBuf),
    /// To be closed, and this to be done.
    Do(Box<Deed>),
    /// To stay, and this to be asked: what is answered is seen.
    Look(Question),
    /// To be closed, and the screen to be given this.
    Give(String),
    /// To open another window in its place.
    Open(Box<Popup>),
}

impl Popup {
    /// Help for the screen at hand.
    #[must_use]
    pub fn help(state: &State) -> Self {
        Self::Help(help::Help::of(state))
    }

    /// The palette of the screen at hand.
    #[must_use]
    pub fn palette(state: &State) -> Self {
        Self::Palette(palette::Palette::of(state))
    }

    /// The choice of a profile.
    #[must_use]
    pub fn profile(desk: &Desk) -> Self {
        Self::Profile(profile::Choice::of(desk))
    }

    /// Whether an approval is meant.
    #[must_use]
    pub fn approval(waiting: Waiting) -> Self {
        Self::Confirm(Box::new(Confirm::approval(waiting)))
    }

    /// Whether something of one's own is meant.
    #[must_use]
    pub fn sure(sure: Sure) -> Self {
        Self::Confirm(Box::new(Confirm::sure(sure)))
    }

    /// A form.
    #[must_use]
    pub fn ask(ask: Ask) -> Self {
        Self::Ask(Box::new(ask))
    }

    /// A message under a title.
    #[must_use]
    pub fn message(title: &'static str, text: String) -> Self {
        Self::Message(message::Message::new(title, text))
    }

    /// Whether a secret is typed in it.
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        matches!(self, Self::Ask(ask) if ask.holds_secret())
    }

    /// Whether a letter alone means it, and no text is typed in it.
    #[must_use]
    pub fn means_by_letter(&self) -> bool {
        match self {
            Self::Leave(..) => true,
            Self::Confirm(confirm) => !confirm.takes_text(),
            Self::Help(_) | Self::Palette(_) | Self::Profile(_) | Self::Ask(_) | Self::Message(_) => false,
        }
    }

    /// Whether text is typed in it.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        match self {
            Self::Palette(_) | Self::Ask(_) | Self::Profile(_) => true,
            Self::Confirm(confirm) => confirm.takes_text(),
            Self::Help(_) | Self::Message(_) | Self::Leave(..) => false,
        }
    }

    /// The keys that count.
    #[must_use]
    pub fn keys(&self) -> Vec<Binding> {
        match self {
            Self::Help(_) => vec![Binding::new(Key::Esc, Action::Back, "key-close")],
            Self::Leave(action, says) => says.keys(*action),
            Self::Message(_) => [Key::Enter, Key::Esc].map(|key| Binding::new(key, Action::Back, "key-close")).into(),
            Self::Palette(_) => vec![Binding::new(Key::Enter, Action::Open, "key-yes"), Binding::new(Key::Esc, Action::Back, "key-close")],
            Self::Profile(_) => profile::Choice::keys(),
            Self::Confirm(confirm) => confirm.keys(),
            Self::Ask(ask) => ask.keys(),
        }
    }

    /// Takes a key.
    pub fn key(&mut self, desk: &Desk, key: Key) -> Turn {
        match self {
            Self::Help(help) => help.key(key),
            Self::Palette(palette) => palette.key(desk, key),
            Self::Confirm(confirm) => confirm.key(key),
            Self::Ask(ask) => ask.key(desk, key),
            Self::Profile(choice) => choice.key(key),
            Self::Leave(action, _) => match key.as_command() {
                Key::Char('y') => Turn::Leave(*action),
                Key::Esc => Turn::Close,
                _ => Turn::Stay,
            },
            Self::Message(message) => message.key(key),
        }
    }

    /// What has to be asked for it: what lies on this machine, and nothing of the appliance.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        match self {
            Self::Profile(choice) => choice.questions(),
            Self::Ask(ask) => ask.question().into_iter().collect(),
            Self::Help(_) | Self::Palette(_) | Self::Confirm(_) | Self::Message(_) | Self::Leave(..) => Vec::new(),
        }
    }

    /// Sees what was answered.
    pub fn refreshed(&mut self, desk: &Desk) -> Turn {
        match self {
            Self::Profile(choice) => choice.refreshed(desk),
            Self::Ask(ask) => ask.refreshed(desk),
            Self::Help(_) | Self::Palette(_) | Self::Confirm(_) | Self::Message(_) | Self::Leave(..) => Turn::Stay,
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        match self {
            Self::Palette(palette) => palette.paste(text),
            Self::Confirm(confirm) => confirm.paste(text),
            Self::Ask(ask) => ask.paste(text),
            Self::Profile(choice) => choice.paste(text),
            Self::Help(_) | Self::Message(_) | Self::Leave(..) => {}
        }
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        match self {
            Self::Help(help) => help.draw(desk, frame),
            Self::Palette(palette) => palette.draw(desk, frame),
            Self::Confirm(confirm) => confirm.draw(desk, frame),
            Self::Ask(ask) => ask.draw(desk, frame),
            Self::Profile(choice) => choice.draw(desk, frame),
            Self::Message(message) => message.draw(desk, frame),
            Self::Leave(_, says) => says.draw(desk, frame),
        }
    }
}
