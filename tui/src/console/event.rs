//! What comes to the console: keys, pasted text, another size, the seconds, what the workers bring, and the order to end.

use crossterm::event::{Event as Input, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use tachiai_schemas::Timestamp;
use unicode_normalization::UnicodeNormalization;

use super::work::Brought;

/// What comes.
pub enum Event {
    /// A key.
    Key(Key),
    /// A `y` with another key at once behind it, as no hand types it: a scanner does.
    Hurried(Key),
    /// Pasted text.
    Paste(String),
    /// The screen has another size.
    Resized,
    /// A click at a column and a row.
    Click(u16, u16),
    /// A second has passed, by the terminal's clock.
    Tick(Timestamp),
    /// A worker brings something.
    Brought(Box<Brought>),
    /// Something about this machine is to be told, in Japanese and English.
    Told([&'static str; 2]),
    /// The program is to be stopped for a while.
    Pause,
    /// It goes on, after whoever stopped it did something with the terminal.
    Resumed,
    /// The program is to end: by a signal, or because the terminal is gone.
    End,
}

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character as it was typed.
    Char(char),
    /// With Ctrl.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Esc.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

impl Key {
    /// Whether an input method composes: what it typed stands for no key.
    #[must_use]
    pub fn is_composed(self) -> bool {
        matches!(self.as_command(), Self::Char(c) if !c.is_ascii())
    }

    /// The key as a command: an input method that is still on types full-width letters.
    #[must_use]
    pub fn as_command(self) -> Self {
        match self {
            Self::Char(c) => Self::Char(std::iter::once(c).nfkc().next().unwrap_or(c)),
            other => other,
        }
    }

    /// As it is shown to a person.
    #[must_use]
    pub fn shown(self) -> String {
        match self {
            Self::Char(' ') => "Space".to_owned(),
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
            Self::Enter => "Enter".to_owned(),
            Self::Esc => "Esc".to_owned(),
            Self::Tab => "Tab".to_owned(),
            Self::BackTab => "Shift-Tab".to_owned(),
            Self::Backspace => "BS".to_owned(),
            Self::Delete => "Del".to_owned(),
            Self::Up => "Up".to_owned(),
            Self::Down => "Down".to_owned(),
            Self::Left => "Left".to_owned(),
            Self::Right => "Right".to_owned(),
            Self::Home => "Home".to_owned(),
            Self::End => "End".to_owned(),
            Self::PageUp => "PgUp".to_owned(),
            Self::PageDown => "PgDn".to_owned(),
            Self::F(number) => format!("F{number}"),
        }
    }
}

impl Event {
    /// What the terminal says; nothing for what concerns nobody.
    #[must_use]
    pub fn of(input: Input) -> Option<Self> {
        match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => {
                let (ctrl, alt) = (key.modifiers.contains(KeyModifiers::CONTROL), key.modifiers.contains(KeyModifiers::ALT));
                let is_prefixed = matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace);
                Some(Self::Key(match key.code {
                    // A terminal sends Alt as an Esc before the key. Whoever typed Esc and another key so fast that both came at once goes back, and does nothing
                    // of what the other key means: it was typed for what is there once the window is closed, if not for the window.
                    _ if is_prefixed && alt && !ctrl => Key::Esc,
                    // Both together are AltGr of a European keyboard, which types a sign such as @, or a letter that is none of the usual ones.
                    KeyCode::Char(c) if ctrl && alt && !c.is_ascii_alphanumeric() => Key::Char(c),
                    KeyCode::Char(c) if ctrl => Key::Ctrl(c.to_ascii_lowercase()),
                    KeyCode::Char(c) => Key::Char(c),
                    KeyCode::Enter => Key::Enter,
                    KeyCode::Esc => Key::Esc,
                    KeyCode::Tab => Key::Tab,
                    KeyCode::BackTab => Key::BackTab,
                    KeyCode::Backspace => Key::Backspace,
                    KeyCode::Delete => Key::Delete,
                    KeyCode::Up => Key::Up,
                    KeyCode::Down => Key::Down,
                    KeyCode::Left => Key::Left,
                    KeyCode::Right => Key::Right,
                    KeyCode::Home => Key::Home,
                    KeyCode::End => Key::End,
                    KeyCode::PageUp => Key::PageUp,
                    KeyCode::PageDown => Key::PageDown,
                    KeyCode::F(number) => Key::F(number),
                    _ => return None,
                }))
            }
            Input::Paste(text) => Some(Self::Paste(text)),
            Input::Resize(..) => Some(Self::Resized),
            Input::Mouse(mouse) => match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Self::Click(mouse.column, mouse.row)),
                MouseEventKind::ScrollUp => Some(Self::Key(Key::Up)),
                MouseEventKind::ScrollDown => Some(Self::Key(Key::Down)),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEvent;

    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        match Event::of(Input::Key(KeyEvent::new(code, modifiers)))? {
            Event::Key(key) => Some(key),
            _ => None,
        }
    }

    #[test]
    fn an_esc_that_comes_together_with_another_key_is_an_esc() {
        for code in [KeyCode::Enter, KeyCode::Char('y'), KeyCode::Char('q'), KeyCode::Tab, KeyCode::Backspace] {
            assert_eq!(key(code, KeyModifiers::ALT), Some(Key::Esc), "{code:?}");
        }
    }

    #[test]
    fn what_altgr_types_is_text_and_no_esc() {
        let altgr = KeyModifiers::ALT | KeyModifiers::CONTROL;
        for c in ['@', '{', '\\', '€', 'ą'] {
            assert_eq!(key(KeyCode::Char(c), altgr), Some(Key::Char(c)));
        }
        assert_eq!(key(KeyCode::Char('c'), altgr), Some(Key::Ctrl('c')), "Ctrl with a letter stays what it is");
        assert_eq!(key(KeyCode::Enter, altgr), Some(Key::Enter));
    }

    #[test]
    fn an_arrow_with_alt_is_an_arrow() {
        assert_eq!(key(KeyCode::Up, KeyModifiers::ALT), Some(Key::Up));
        assert_eq!(key(KeyCode::Enter, KeyModifiers::NONE), Some(Key::Enter));
    }
}
