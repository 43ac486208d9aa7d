//! 場所の入力: the path of a file that is read. It is typed and completed, and what is said of the file stands below it, to be scrolled.

use std::path::{Path, PathBuf};

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;

use super::cut::{lines, width};
use super::field::Field;
use super::paper::Reading;
use crate::console::action::Action;
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::theme::Tone;
use crate::console::work::question::path::Found;
use crate::console::work::{Answer, Question};

/// What is said below a path, line by line.
pub type Said = Vec<(String, Tone)>;

/// A path.
pub struct PathField {
    field: Field,
    /// What is looked at.
    asked: Option<PathBuf>,
    /// The folder whose names complete what is typed.
    folder: Option<PathBuf>,
    /// Whether what is typed is to be completed as soon as it is known what is in that folder.
    completes: bool,
    reading: Reading,
    /// That there is no path.
    is_empty: bool,
}

impl Default for PathField {
    fn default() -> Self {
        Self { field: Field::path(""), asked: None, folder: None, completes: false, reading: Reading::default(), is_empty: false }
    }
}

impl PathField {
    /// With a path in it.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self { field: Field::path(&path.display().to_string()), ..Self::default() }
    }
}

/// A typed path in the home folder; nothing where it does not begin with `~`.
#[must_use]
pub fn under_home(typed: &str) -> Option<PathBuf> {
    let home = |rest: &str| std::env::home_dir().map(|home| home.join(rest));
    if typed == "~" { home("") } else { typed.strip_prefix("~/").and_then(home) }
}

/// A path as somebody would type it: what is in the home folder begins with `~`.
#[must_use]
pub fn typed_as(path: &Path) -> String {
    let rest = std::env::home_dir().and_then(|home| path.strip_prefix(home).ok().map(|rest| format!("~/{}", rest.display())));
    rest.unwrap_or_else(|| path.display().to_string())
}

/// A path as it was typed, from the home folder where it begins with `~`.
fn meant(typed: &str) -> PathBuf {
    match under_home(typed) {
        Some(path) => path,
        None if typed.is_empty() => PathBuf::from("."),
        None => PathBuf::from(typed),
    }
}

/// A typed path as its folder, with the slash, and the beginning of a name.
fn parts(typed: &str) -> (&str, &str) {
    match typed.rfind('/') {
        Some(at) => typed.split_at(at + 1),
        None if typed == "~" => (typed, ""),
        None => ("", typed),
    }
}

/// The names that begin like this. Hidden ones are named by who types their dot.
fn fitting<'a>(names: &'a [String], start: &str) -> Vec<&'a str> {
    names.iter().map(String::as_str).filter(|name| name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.'))).collect()
}

/// What all of these begin with.
fn common(names: &[&str]) -> String {
    let Some((first, rest)) = names.split_first() else { return String::new() };
    let same = |at: usize, c: char| rest.iter().all(|name| name.get(at..).is_some_and(|name| name.starts_with(c)));
    first.char_indices().take_while(|(at, c)| same(*at, *c)).map(|(_, c)| c).collect()
}

impl PathField {
    /// What has to be asked for it.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        self.asked.iter().chain(&self.folder).cloned().map(Question::Path).collect()
    }

    /// The file that was named, once it is known to be one.
    #[must_use]
    pub fn file(&self, desk: &Desk) -> Option<PathBuf> {
        let asked = self.asked.clone()?;
        matches!(desk.answer(&Question::Path(asked.clone()))?, Answer::Path(Found::File)).then_some(asked)
    }

    /// What has this name in the folder that was named, once it is known to be there.
    #[must_use]
    pub fn within(&self, desk: &Desk, name: &str) -> Option<PathBuf> {
        let is_there = self.names(desk)?.iter().any(|one| one == name);
        self.folder.as_ref().filter(|_| is_there).map(|folder| folder.join(name))
    }

    /// Whether a folder was named.
    #[must_use]
    pub const fn is_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Whether nothing was named yet.
    #[must_use]
    pub const fn is_fresh(&self) -> bool {
        self.asked.is_none() && self.folder.is_none() && !self.is_empty
    }

    /// Whether something is asked for it that is not answered yet; `own` is what the screen asks about the file.
    #[must_use]
    pub fn is_waiting(&self, desk: &Desk, own: Option<Question>) -> bool {
        let is_open = |question: &Question| desk.answers.get(question).is_some_and(|kept| kept.asked.is_some() && kept.answer.is_none());
        self.questions().iter().chain(&own).any(is_open)
    }

    /// What was looked at counts no longer: it is another file, or read otherwise.
    pub fn anew(&mut self) {
        (self.asked, self.folder, self.completes, self.is_empty) = (None, None, false, false);
        self.reading.begin();
    }

    /// Takes a key as text; says whether it did. Another path is another file, to be looked at anew.
    pub fn typed(&mut self, key: Key) -> bool {
        let is_text = !matches!(key, Key::Ctrl('c' | 'l')) && self.field.key(key);
        if is_text && !matches!(key, Key::Left | Key::Right | Key::Home | Key::End) {
            self.anew();
        }
        is_text
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.field.paste(text);
        self.anew();
    }

    /// The keys by which it is completed and scrolled.
    #[must_use]
    pub fn keys() -> Vec<Binding> {
        let scrolls = [(Key::Down, Action::Down), (Key::Up, Action::Up), (Key::PageUp, Action::PageUp)];
        let mut keys = vec![Binding::new(Key::Tab, Action::Complete, "key-complete"), Binding::new(Key::PageDown, Action::PageDown, "key-read-on")];
        keys.extend(scrolls.map(|(key, action)| Binding::new(key, action, "key-read-on").quiet()));
        keys
    }

    /// Looks at what is typed.
    pub fn look(&mut self) {
        let path = self.field.raw().trim().to_owned();
        self.anew();
        self.is_empty = path.is_empty();
        self.asked = (!path.is_empty()).then(|| meant(&path));
    }

    /// Completes what is typed once it is known what is in its folder, which has to be asked anew.
    pub fn complete(&mut self) {
        let folder = meant(parts(self.field.raw().trim_start()).0);
        self.anew();
        (self.folder, self.completes) = (Some(folder), true);
    }

    fn names<'a>(&self, desk: &'a Desk) -> Option<&'a [String]> {
        match desk.answer(&Question::Path(self.folder.clone()?))? {
            Answer::Path(Found::Folder(names)) => Some(names),
            _ => None,
        }
    }

    /// Sees what was answered: a folder that was named is gone into, and what is to be completed is.
    pub fn refreshed(&mut self, desk: &Desk) {
        let asked = self.asked.clone().map(Question::Path);
        if asked.is_some_and(|asked| matches!(desk.answer(&asked), Some(Answer::Path(Found::Folder(_))))) {
            self.folder = self.asked.take();
            let typed = self.field.raw().trim().to_owned();
            self.field = Field::path(&if typed.ends_with('/') { typed } else { format!("{typed}/") });
        }
        let Some(names) = self.names(desk).filter(|_| self.completes) else { return };
        let typed = self.field.raw().trim_start().to_owned();
        let (head, start) = parts(&typed);
        let whole = common(&fitting(names, start));
        if whole.len() > start.len() {
            let slash = if head == "~" { "/" } else { "" };
            self.field = Field::path(&format!("{head}{slash}{whole}"));
        }
        self.completes = false;
    }

    /// What is to be said instead of anything about a file; nothing where there is one, or nothing was named.
    #[must_use]
    pub fn said(&self, desk: &Desk) -> Option<Said> {
        if self.is_empty {
            return Some(vec![(desk.say("bring-path-rule"), Tone::Bad)]);
        }
        let failed = self.questions().iter().find_map(|question| desk.failure(question).map(|failure| failure.say(desk.lang())));
        if let Some(failure) = failed {
            return Some(vec![(failure, Tone::Bad)]);
        }
        if self.folder.is_none() {
            let is_looked_at = self.asked.is_some() && self.file(desk).is_none();
            return is_looked_at.then(|| vec![(desk.say("bring-reading"), Tone::Dim)]);
        }
        let Some(names) = self.names(desk) else { return Some(vec![(desk.say("bring-reading"), Tone::Dim)]) };
        let fitting = fitting(names, parts(self.field.raw().trim_start()).1);
        let mut said = vec![match fitting.len() {
            0 => (desk.say("path-none"), Tone::Warn),
            n => (desk.with("path-folder", &[("n", n.to_string())]), Tone::Dim),
        }];
        said.extend(fitting.into_iter().map(|name| (format!("  {name}"), Tone::Plain)));
        Some(said)
    }

    /// Goes on reading what is said below.
    pub fn go(&mut self, action: Action) {
        self.reading.go(action);
    }

    /// Draws the path after a label.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, label: &str) {
        let start = width(label);
        let (text, at) = self.field.seen(usize::from(area.width).saturating_sub(4 + start));
        let line = Line::from(vec![Span::styled(label.to_owned(), desk.look.style(Tone::Strong)), Span::raw(text)]);
        frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
        frame.set_cursor_position((area.x + u16::try_from(start + at).unwrap_or_default(), area.y));
    }

    /// Draws what is said.
    pub fn draw_said(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, said: &Said) {
        self.reading.draw(desk, frame, area, &drawn(desk, said, usize::from(area.width).saturating_sub(4)));
    }
}

fn drawn(desk: &Desk, said: &Said, cells: usize) -> Vec<Line<'static>> {
    let lines = said.iter().flat_map(|(said, tone)| {
        let said = if said.is_empty() { vec![String::new()] } else { lines(said, cells) };
        said.into_iter().map(|line| Line::styled(format!("  {line}"), desk.look.style(*tone)))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_completed_as_far_as_all_names_agree() {
        let names = [".hidden", "residents-2026.csv", "residents-2027.csv", "old/"].map(str::to_owned);
        assert_eq!(common(&fitting(&names, "res")), "residents-202");
        assert_eq!(common(&fitting(&names, "o")), "old/");
        assert_eq!((fitting(&names, "").len(), fitting(&names, ".").len(), fitting(&names, "x").len()), (3, 1, 0));
        assert_eq!(common(&["養父市", "養父町"]), "養父");
    }

    #[test]
    fn a_path_begins_at_home_where_a_tilde_does() {
        let home = std::env::home_dir().unwrap();
        assert_eq!((typed_as(&home.join("a/b")), typed_as(Path::new("/mnt/a"))), ("~/a/b".to_owned(), "/mnt/a".to_owned()));
        assert_eq!((meant("~/roll.csv"), meant("~"), meant("~x")), (home.join("roll.csv"), home.join(""), PathBuf::from("~x")));
        assert_eq!((parts("~"), parts("/mnt/u"), parts("u")), (("~", ""), ("/mnt/", "u"), ("", "u")));
    }
}
