//! A window with a form: what is filled in becomes what is to be done.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Leaving, Turn};
use crate::console::action::Action;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Form, Problem, Taken};
use crate::console::widgets::popup;
use crate::console::work::Question;

/// What a form says, or what is wrong in it.
type Read<P> = Box<dyn Fn(&Desk, &Form) -> Result<Turn, Vec<P>>>;

/// How a form is read.
enum Reader {
    /// Its lines are known by their labels.
    Labels(Read<Problem>),
    /// Its lines are known by their places.
    Places(Read<(usize, String)>),
}

/// The window.
pub struct Ask {
    title: &'static str,
    said: String,
    form: Form,
    /// The form before anything was filled in.
    before: Form,
    /// Whether it is asked at the moment if what was filled in is to be lost.
    leaving: bool,
    read: Reader,
    /// Why it was refused as it was filled in.
    refused: Option<String>,
    /// What has to be known of what was filled in before it is read again. Whoever goes on filling in waits for it no longer.
    asked: Option<Question>,
}

impl Ask {
    /// Under a title, with something said above the form, which may be nothing; `read` makes of the form what is done.
    #[must_use]
    pub fn new(title: &'static str, said: String, form: Form, read: impl Fn(&Desk, &Form) -> Result<Turn, Vec<Problem>> + 'static) -> Self {
        Self::of(title, said, form, Reader::Labels(Box::new(read)))
    }

    /// The same for a form with lines of the same label, such as one for each candidate: what is wrong is said by their places.
    #[must_use]
    pub fn by_place(title: &'static str, said: String, form: Form, read: impl Fn(&Desk, &Form) -> Result<Turn, Vec<(usize, String)>> + 'static) -> Self {
        Self::of(title, said, form, Reader::Places(Box::new(read)))
    }

    fn of(title: &'static str, said: String, form: Form, read: Reader) -> Self {
        Self { title, said, before: form.clone(), form, leaving: false, read, refused: None, asked: None }
    }

    /// The same, as it was filled in, with the reason why that was refused.
    #[must_use]
    pub fn refused(self, said: String) -> Self {
        Self { refused: Some(said), ..self }
    }

    /// The same, as it was filled in, without what is secret; nothing where it had nothing else.
    #[must_use]
    pub fn without_secrets(self) -> Option<Self> {
        Some(Self { form: self.form.without_secrets()?, ..self })
    }

    /// Whether a secret is typed in it.
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        self.form.holds_secret()
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> Vec<Binding> {
        if self.leaving {
            return Leaving::FILLED.keys(Action::Back);
        }
        vec![
            Binding::new(Key::Enter, Action::Open, "key-next-line"),
            Binding::new(Key::Ctrl('s'), Action::Submit, "key-submit"),
            Binding::new(Key::Esc, Action::Back, "key-no"),
        ]
    }

    /// Takes a key.
    pub fn key(&mut self, desk: &Desk, key: Key) -> Turn {
        if self.leaving {
            match key.as_command() {
                Key::Char('y') => return Turn::Close,
                Key::Esc => self.leaving = false,
                _ => {}
            }
            return Turn::Stay;
        }
        self.asked = None;
        if key == Key::Esc {
            self.leaving = !self.form.says_the_same(&self.before);
            return if self.leaving { Turn::Stay } else { Turn::Close };
        }
        if self.form.key(key) == Taken::Submit { self.read(desk) } else { Turn::Stay }
    }

    /// Reads what was filled in.
    fn read(&mut self, desk: &Desk) -> Turn {
        let turn = match &self.read {
            Reader::Labels(read) => read(desk, &self.form).map_err(|problems| self.form.refuse(problems)),
            Reader::Places(read) => read(desk, &self.form).map_err(|problems| self.form.refuse_at(problems)),
        };
        match turn {
            Ok(Turn::Look(question)) => {
                self.asked = Some(question);
                Turn::Stay
            }
            turn => turn.unwrap_or(Turn::Stay),
        }
    }

    /// What has to be asked for it.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        self.asked.clone()
    }

    /// Sees what was answered: then it is read again.
    pub fn refreshed(&mut self, desk: &Desk) -> Turn {
        let is_answered = self.asked.as_ref().is_some_and(|question| desk.answer(question).is_some() || desk.failure(question).is_some());
        if !is_answered || self.leaving {
            return Turn::Stay;
        }
        self.asked = None;
        self.read(desk)
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        if !self.leaving {
            self.asked = None;
            self.form.paste(text);
        }
    }

    /// Draws it.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let cells = usize::from(screen.width.min(76)).saturating_sub(4);
        let look = desk.look;
        let styled = |text: &str, tone: Tone| lines(text, cells).into_iter().map(move |line| Line::styled(line, look.style(tone)));
        let mut said: Vec<Line<'static>> = if self.said.is_empty() { Vec::new() } else { styled(&self.said, Tone::Plain).collect() };
        if self.asked.is_some() {
            said.extend(styled(&desk.say("bring-reading"), Tone::Dim));
        }
        if let Some(refused) = &self.refused {
            said.extend(styled(&desk.say("form-refused"), Tone::Strong).chain(styled(refused, Tone::Bad)));
        }
        // What is filled in stays in sight however long the reason is.
        said.truncate(usize::from(screen.height / 2));
        let above = if said.is_empty() { 0 } else { said.len() + 1 };
        let rows = u16::try_from(above + self.form.rows(desk, cells) + 2).unwrap_or(u16::MAX);
        let inner = popup::open(frame, desk.look, &desk.say(self.title), 76, rows.min(screen.height.saturating_sub(2)));
        for (y, line) in (inner.y..inner.bottom()).zip(&said) {
            frame.buffer_mut().set_line(inner.x, y, line, inner.width);
        }
        let above = u16::try_from(above).unwrap_or(u16::MAX).min(inner.height);
        self.form.draw(desk, frame, Rect { y: inner.y + above, height: inner.height - above, ..inner });
        if self.leaving {
            Leaving::FILLED.draw(desk, frame);
        }
    }
}
