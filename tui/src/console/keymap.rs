//! The keys of a screen as data: what is read by the footer, the help, the palette, and by what a key does.

use super::action::{Action, Place};
use super::desk::Desk;
use super::event::Key;

/// Where a key is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// At the bottom of the screen as well.
    Footer,
    /// In the help and the palette.
    Help,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The key.
    pub key: Key,
    /// What it does.
    pub action: Action,
    /// The message that says so.
    pub label: &'static str,
    /// Where that is said.
    pub told: Told,
    /// Why it does nothing now, in words.
    pub off: Option<String>,
}

impl Binding {
    /// A key that is told of at the bottom.
    #[must_use]
    pub const fn new(key: Key, action: Action, label: &'static str) -> Self {
        Self { key, action, label, told: Told::Footer, off: None }
    }

    /// The same, told of in the help alone.
    #[must_use]
    pub fn quiet(self) -> Self {
        Self { told: Told::Help, ..self }
    }

    /// The same, with a reason why it does nothing now, if there is one.
    #[must_use]
    pub fn off(self, why: Option<String>) -> Self {
        Self { off: why, ..self }
    }
}

/// The keys by which a line is chosen.
#[must_use]
pub fn moves() -> Vec<Binding> {
    let keys = [
        (Key::Up, Action::Up),
        (Key::Down, Action::Down),
        (Key::Char('k'), Action::Up),
        (Key::Char('j'), Action::Down),
        (Key::PageUp, Action::PageUp),
        (Key::PageDown, Action::PageDown),
        (Key::Home, Action::First),
        (Key::End, Action::Last),
    ];
    keys.map(|(key, action)| Binding::new(key, action, "key-move").quiet()).into()
}

/// Taking back what was done last: told of at the bottom while there is something.
fn undo(desk: &Desk) -> Binding {
    let key = Binding::new(Key::Char('u'), Action::Undo, "key-undo");
    if desk.undo.is_some() { key } else { key.quiet().off(Some(desk.say("off-undo"))) }
}

/// The keys of every screen.
#[must_use]
pub fn everywhere(desk: &Desk) -> Vec<Binding> {
    let go = |key, place, label| Binding::new(Key::Char(key), Action::Go(place), label).quiet().off(desk.why_not(place));
    vec![
        Binding::new(Key::Char('?'), Action::Help, "key-help"),
        Binding::new(Key::Char(':'), Action::Palette, "key-palette"),
        Binding::new(Key::Char('L'), Action::Language, "key-language"),
        Binding::new(Key::Char('q'), Action::Quit, "key-quit"),
        Binding::new(Key::Ctrl('c'), Action::Quit, "key-quit").quiet(),
        Binding::new(Key::Char('T'), Action::Theme, "key-theme").quiet(),
        Binding::new(Key::Ctrl('l'), Action::Redraw, "key-redraw").quiet(),
        Binding::new(Key::Ctrl('n'), Action::Told, "key-told").quiet(),
        Binding::new(Key::F(12), Action::Hide, "key-hide").quiet(),
        undo(desk),
        go('1', Place::Home, "screen-home"),
        go('2', Place::Approvals, "screen-approvals"),
        go('3', Place::Elections, "screen-elections"),
        go('4', Place::Events, "screen-events"),
        go('5', Place::Journal, "screen-journal"),
        go('6', Place::Reception, "screen-reception"),
        go('7', Place::Sharing, "screen-sharing"),
        go('8', Place::Poll, "screen-poll"),
        go('9', Place::Trustee, "screen-trustee"),
        go('i', Place::Citizens, "screen-citizens"),
        go('W', Place::Warnings, "screen-warnings"),
        go('I', Place::Import, "screen-import"),
        Binding::new(Key::Char('0'), Action::Go(Place::Connection), "screen-connection").quiet(),
    ]
}
