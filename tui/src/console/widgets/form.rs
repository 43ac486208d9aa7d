//! A form: labelled lines that are typed or chosen, with what is wrong beside each.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::cut::{lines, padded, width};
use super::field::Field;
use super::paper::window;
use super::path::under_home;
use super::secret::{Secret, Typed};
use super::several::{Item, Several};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::theme::Tone;

/// The cells of the labels.
const LABELS: usize = 22;

/// What stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Field),
    /// One of some: what each is called, and which one is chosen.
    Choice(Vec<String>, usize),
    /// A secret, of which nothing is seen.
    Secret(Secret),
    /// Any of some: what each is called and whether it is marked, and which one is at hand.
    Marks(Vec<(String, Mark)>, usize),
    /// Some of many that are found by what they are called.
    Several(Several),
}

/// Whether something is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Mark {
    /// Marked if it is so.
    #[must_use]
    pub const fn of(is_so: bool) -> Self {
        if is_so { Self::On } else { Self::Off }
    }

    /// The other.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::On => Self::Off,
            Self::Off => Self::On,
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::On => "[x]",
            Self::Off => "[ ]",
        }
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The message that names it, by which it is found again.
    pub label: &'static str,
    /// What names it instead, such as a candidate; it is found by its place then.
    pub name: Option<String>,
    /// The message that says what belongs there, if that is not plain.
    pub hint: Option<&'static str>,
    /// What stands there.
    pub value: Value,
}

impl Entry {
    /// A text.
    #[must_use]
    pub fn text(label: &'static str) -> Self {
        Self { label, name: None, hint: None, value: Value::Text(Field::default()) }
    }

    /// A text that has something in it already.
    #[must_use]
    pub fn filled(label: &'static str, text: &str) -> Self {
        let mut field = Field::default();
        field.paste(text);
        Self { label, name: None, hint: None, value: Value::Text(field) }
    }

    /// A text that has something in it already, of which no character but half-width kana is made another: for names.
    #[must_use]
    pub fn exact(label: &'static str, text: &str) -> Self {
        Self { label, name: None, hint: None, value: Value::Text(Field::name(text)) }
    }

    /// The path of a file or folder.
    #[must_use]
    pub fn path(label: &'static str) -> Self {
        Self { label, name: None, hint: None, value: Value::Text(Field::path("")) }
    }

    /// One of some.
    #[must_use]
    pub const fn choice(label: &'static str, of: Vec<String>, chosen: usize) -> Self {
        Self { label, name: None, hint: None, value: Value::Choice(of, chosen) }
    }

    /// The same with another name than its message.
    #[must_use]
    pub fn named(self, name: String) -> Self {
        Self { name: Some(name), ..self }
    }

    /// What is chosen in it, in words; nothing for a text.
    #[must_use]
    pub fn chosen_name(&self) -> String {
        match &self.value {
            Value::Choice(of, chosen) => of.get(*chosen).cloned().unwrap_or_default(),
            Value::Text(_) | Value::Secret(_) | Value::Marks(..) | Value::Several(_) => String::new(),
        }
    }

    /// A path that has something in it already.
    #[must_use]
    pub fn path_of(label: &'static str, path: &str) -> Self {
        Self { label, name: None, hint: None, value: Value::Text(Field::path(path)) }
    }

    /// A secret.
    #[must_use]
    pub fn secret(label: &'static str) -> Self {
        Self { label, name: None, hint: None, value: Value::Secret(Secret::default()) }
    }

    /// Any of some.
    #[must_use]
    pub const fn marks(label: &'static str, of: Vec<(String, Mark)>) -> Self {
        Self { label, name: None, hint: None, value: Value::Marks(of, 0) }
    }

    /// Some of many that are found by what they are called.
    #[must_use]
    pub fn several(label: &'static str, of: Vec<Item>) -> Self {
        Self { label, name: None, hint: None, value: Value::Several(Several::new(of)) }
    }

    /// What names it, in words.
    fn said(&self, desk: &Desk) -> String {
        self.name.clone().unwrap_or_else(|| desk.say(self.label))
    }

    /// The same with a message that says what belongs there.
    #[must_use]
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

/// What is wrong: in which line, and what to do, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The label of the line.
    pub label: &'static str,
    /// What is wrong with it.
    pub said: String,
}

/// What a key was for a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It changed something, or moved.
    Yes,
    /// The form is to be read.
    Submit,
    /// It is none of its keys.
    No,
}

/// The form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    entries: Vec<Entry>,
    at: usize,
    /// What is wrong, by the place of the line.
    problems: Vec<(usize, String)>,
}

impl Form {
    /// Of these lines.
    #[must_use]
    pub const fn new(entries: Vec<Entry>) -> Self {
        Self { entries, at: 0, problems: Vec::new() }
    }

    /// The lines.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The place of the line at hand.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The text of a line as it is meant, without spaces around it; nothing where there is none.
    #[must_use]
    pub fn text(&self, label: &str) -> String {
        self.field(label).map(Field::read).unwrap_or_default()
    }

    /// The text of a line as it was typed: for paths, which are bytes on a disk, and lie in the home folder where they begin with `~`.
    #[must_use]
    pub fn raw(&self, label: &str) -> String {
        let typed = self.field(label).map(|field| field.raw().trim().to_owned()).unwrap_or_default();
        under_home(&typed).map_or(typed, |path| path.display().to_string())
    }

    /// Which one is chosen in a line.
    #[must_use]
    pub fn chosen(&self, label: &str) -> usize {
        match self.entries.iter().find(|entry| entry.label == label).map(|entry| &entry.value) {
            Some(Value::Choice(_, chosen)) => *chosen,
            Some(Value::Text(_) | Value::Secret(_) | Value::Marks(..) | Value::Several(_)) | None => 0,
        }
    }

    /// What is marked in a line, in its order.
    #[must_use]
    pub fn marked(&self, label: &str) -> Vec<Mark> {
        match self.entries.iter().find(|entry| entry.label == label).map(|entry| &entry.value) {
            Some(Value::Marks(of, _)) => of.iter().map(|(_, mark)| *mark).collect(),
            Some(Value::Text(_) | Value::Secret(_) | Value::Choice(..) | Value::Several(_)) | None => Vec::new(),
        }
    }

    /// What is marked at a place, in its order.
    #[must_use]
    pub fn marked_at(&self, place: usize) -> Vec<Mark> {
        match self.entries.get(place).map(|entry| &entry.value) {
            Some(Value::Marks(of, _)) => of.iter().map(|(_, mark)| *mark).collect(),
            Some(Value::Text(_) | Value::Secret(_) | Value::Choice(..) | Value::Several(_)) | None => Vec::new(),
        }
    }

    /// The places of those of many that are marked in a line.
    #[must_use]
    pub fn several(&self, label: &str) -> Vec<usize> {
        match self.entries.iter().find(|entry| entry.label == label).map(|entry| &entry.value) {
            Some(Value::Several(several)) => several.marked(),
            Some(Value::Text(_) | Value::Secret(_) | Value::Choice(..) | Value::Marks(..)) | None => Vec::new(),
        }
    }

    /// The text at a place as it is meant; nothing where there is none.
    #[must_use]
    pub fn text_at(&self, place: usize) -> String {
        match self.entries.get(place).map(|entry| &entry.value) {
            Some(Value::Text(field)) => field.read(),
            Some(Value::Choice(..) | Value::Secret(_) | Value::Marks(..) | Value::Several(_)) | None => String::new(),
        }
    }

    /// Which one is chosen at a place.
    #[must_use]
    pub fn chosen_at(&self, place: usize) -> usize {
        match self.entries.get(place).map(|entry| &entry.value) {
            Some(Value::Choice(_, chosen)) => *chosen,
            Some(Value::Text(_) | Value::Secret(_) | Value::Marks(..) | Value::Several(_)) | None => 0,
        }
    }

    fn field(&self, label: &str) -> Option<&Field> {
        match &self.entries.iter().find(|entry| entry.label == label)?.value {
            Value::Text(field) => Some(field),
            Value::Choice(..) | Value::Secret(_) | Value::Marks(..) | Value::Several(_) => None,
        }
    }

    /// The secret of a line; an empty one where there is none.
    #[must_use]
    pub fn secret(&self, label: &str) -> Typed {
        match self.entries.iter().find(|entry| entry.label == label).map(|entry| &entry.value) {
            Some(Value::Secret(secret)) => secret.typed(),
            Some(Value::Text(_) | Value::Marks(..) | Value::Choice(..) | Value::Several(_)) | None => Secret::default().typed(),
        }
    }

    /// Whether the same is filled in as in another one, wherever one stands in it.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let said = |value: &Value| match value {
            Value::Text(field) => vec![field.raw().to_owned()],
            Value::Choice(_, chosen) => vec![chosen.to_string()],
            Value::Secret(secret) => vec![if secret.typed().is_empty() { String::new() } else { "*".to_owned() }],
            Value::Marks(of, _) => of.iter().map(|(_, mark)| mark.sign().to_owned()).collect(),
            Value::Several(several) => several.marked().iter().map(ToString::to_string).chain([several.typed().raw().to_owned()]).collect(),
        };
        self.entries.iter().map(|entry| said(&entry.value)).eq(other.entries.iter().map(|entry| said(&entry.value)))
    }

    /// Whether a secret is typed in one of its lines.
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.value, Value::Secret(_)))
    }

    /// The same without what is secret; nothing where it had nothing else.
    #[must_use]
    pub fn without_secrets(mut self) -> Option<Self> {
        if self.entries.iter().all(|entry| matches!(entry.value, Value::Secret(_))) {
            return None;
        }
        for entry in &mut self.entries {
            if let Value::Secret(secret) = &mut entry.value {
                *secret = Secret::default();
            }
        }
        Some(self)
    }

    /// Puts another line in the place of one of the same label.
    pub fn replace(&mut self, entry: Entry) {
        if let Some(before) = self.entries.iter_mut().find(|before| before.label == entry.label) {
            *before = entry;
        }
    }

    /// Says what is wrong, and goes to the first line of which something is said.
    pub fn refuse(&mut self, problems: Vec<Problem>) {
        let place = |problem: &Problem| self.entries.iter().position(|entry| entry.label == problem.label).unwrap_or_default();
        self.refuse_at(problems.into_iter().map(|problem| (place(&problem), problem.said)).collect());
    }

    /// Says what is wrong by the places of the lines, and goes to the first of them.
    pub fn refuse_at(&mut self, problems: Vec<(usize, String)>) {
        self.at = problems.iter().map(|(place, _)| *place).min().unwrap_or(self.at);
        self.problems = problems;
    }

    /// How much in it is said to be wrong.
    #[must_use]
    pub const fn wrongs(&self) -> usize {
        self.problems.len()
    }

    /// Whether something in it is said to be wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Takes a key. Enter goes to the next line, and at the last one, as Ctrl-S anywhere, the form is to be read.
    pub fn key(&mut self, key: Key) -> Taken {
        let last = self.entries.len().saturating_sub(1);
        match key {
            Key::Ctrl('s') => return Taken::Submit,
            Key::Enter if self.at >= last => return Taken::Submit,
            Key::Enter | Key::Tab | Key::Down => self.at = if self.at >= last { 0 } else { self.at + 1 },
            Key::BackTab | Key::Up => self.at = if self.at == 0 { last } else { self.at - 1 },
            key => {
                let Some(entry) = self.entries.get_mut(self.at) else { return Taken::No };
                let taken = match &mut entry.value {
                    Value::Text(field) => field.key(key),
                    Value::Choice(of, chosen) => turned(chosen, of.len(), key),
                    Value::Secret(secret) => secret.key(key),
                    Value::Several(several) => several.key(key),
                    Value::Marks(of, at) => match (key, of.get_mut(*at)) {
                        (Key::Char(' ' | '\u{3000}'), Some((_, mark))) => {
                            *mark = mark.turned();
                            true
                        }
                        (Key::Char(_), _) => false,
                        (key, _) => turned(at, of.len(), key),
                    },
                };
                if !taken {
                    return Taken::No;
                }
                let at = self.at;
                self.problems.retain(|(place, _)| *place != at);
            }
        }
        Taken::Yes
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        match self.entries.get_mut(self.at).map(|entry| &mut entry.value) {
            Some(Value::Text(field)) => field.paste(text),
            Some(Value::Secret(secret)) => secret.paste(text),
            Some(Value::Several(several)) => several.paste(text),
            Some(Value::Choice(..) | Value::Marks(..)) | None => {}
        }
    }

    /// The rows that it takes in so many cells.
    #[must_use]
    pub fn rows(&self, desk: &Desk, cells: usize) -> usize {
        let room = cells.saturating_sub(LABELS.min(cells / 2) + 4);
        let more = |of: &[(String, Mark)]| of.iter().map(|(name, mark)| parts(name, *mark, room).len() - 1).sum::<usize>();
        let own = |entry: &Entry, place: usize| match &entry.value {
            Value::Marks(of, _) => (wrapped(of, room).len() + more(of)).max(1),
            Value::Several(several) => 1 + several.lines(desk, place == self.at, room).len(),
            Value::Text(_) | Value::Choice(..) | Value::Secret(_) => 1,
        };
        self.entries.iter().zip(0..).map(|(entry, place)| own(entry, place) + self.beside(desk, place, cells).len()).sum()
    }

    /// What is said under a line: what is wrong with it, and, while it is at hand, what belongs there.
    fn beside(&self, desk: &Desk, place: usize, cells: usize) -> Vec<(String, Tone)> {
        let Some(entry) = self.entries.get(place) else { return Vec::new() };
        let room = cells.saturating_sub(4);
        let wrong = self.problems.iter().filter(|(at, _)| *at == place);
        let name = entry.said(desk);
        // A label that is cut is read to its end where it matters: two names may begin alike.
        let whole = (place == self.at && width(&name) > LABELS.min(cells / 2)).then(|| lines(&name, room)).into_iter().flatten();
        let mut said: Vec<(String, Tone)> = whole.map(|line| (line, Tone::Strong)).collect();
        said.extend(wrong.flat_map(|(_, said)| lines(said, room)).map(|line| (line, Tone::Bad)));
        if place == self.at
            && let Some(hint) = entry.hint.map(|hint| desk.say(hint))
            && !self.problems.iter().any(|(at, said)| *at == place && *said == hint)
        {
            said.extend(lines(&hint, room).into_iter().map(|line| (line, Tone::Dim)));
        }
        said
    }

    /// Draws it, the line at hand in sight.
    pub fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width);
        let labels = LABELS.min(cells / 2);
        let mut rows: Vec<(Line<'static>, Option<usize>)> = Vec::new();
        let mut at_hand = 0;
        for (place, entry) in self.entries.iter().enumerate() {
            let is_here = place == self.at;
            let mark = if is_here { "> " } else { "  " };
            let name = entry.said(desk);
            let label = Span::styled(padded(&name, labels, look.cut()), look.style(if is_here { Tone::Strong } else { Tone::Plain }));
            let room = cells.saturating_sub(labels + 4);
            let mut cursor = None;
            let value = match &entry.value {
                Value::Text(field) => {
                    let (seen, at) = field.seen(room);
                    cursor = is_here.then_some(labels + 3 + at);
                    // Where something can be typed is seen without colours too.
                    let blank = "_".repeat(room.saturating_sub(width(&seen)).min(24));
                    vec![Span::raw(seen), Span::styled(if is_here { String::new() } else { blank }, look.style(Tone::Dim))]
                }
                Value::Secret(secret) => {
                    let marks = secret.marks(room);
                    cursor = is_here.then_some(labels + 3 + marks.len());
                    let blank = "_".repeat(room.saturating_sub(marks.len()).min(24));
                    vec![Span::raw(marks), Span::styled(if is_here { String::new() } else { blank }, look.style(Tone::Dim))]
                }
                Value::Choice(of, chosen) => {
                    let name = of.get(*chosen).cloned().unwrap_or_default();
                    let text = format!("< {} >", super::cut::cut(&name, room.saturating_sub(4), look.cut()));
                    vec![Span::styled(text, look.style(if is_here { Tone::Key } else { Tone::Plain }))]
                }
                Value::Several(several) => {
                    let (seen, at) = several.typed().seen(room);
                    cursor = is_here.then_some(labels + 3 + at);
                    let none = if several.marked().is_empty() && !is_here { desk.say("several-all") } else { String::new() };
                    vec![Span::raw(seen), Span::raw(none)]
                }
                Value::Marks(..) => Vec::new(),
            };
            if is_here {
                at_hand = rows.len();
            }
            let mut spans = vec![Span::raw(mark), label, Span::raw(" ")];
            spans.extend(value);
            if let Value::Marks(of, at) = &entry.value {
                for (number, line) in wrapped(of, room).into_iter().enumerate() {
                    if number > 0 {
                        rows.push((Line::from(std::mem::take(&mut spans)), None));
                        spans.push(Span::raw(" ".repeat(labels + 3)));
                    }
                    for place in line {
                        let Some((name, mark)) = of.get(place) else { continue };
                        let is_at_hand = is_here && place == *at;
                        if is_at_hand {
                            at_hand = rows.len();
                        }
                        let style = look.style(if is_at_hand { Tone::Chosen } else { Tone::Plain });
                        // What is longer than a line goes on in the next: a name is never cut.
                        for (part, text) in parts(name, *mark, room).into_iter().enumerate() {
                            if part > 0 {
                                rows.push((Line::from(std::mem::take(&mut spans)), None));
                                spans.push(Span::raw(" ".repeat(labels + 3)));
                            }
                            spans.push(Span::styled(text, style));
                        }
                        spans.push(Span::raw("  "));
                    }
                }
            }
            rows.push((Line::from(spans), cursor));
            if let Value::Several(several) = &entry.value {
                for line in several.lines(desk, is_here, room) {
                    rows.push((Line::from_iter(std::iter::once(Span::raw(" ".repeat(labels + 3))).chain(line)), None));
                }
            }
            for (text, tone) in self.beside(desk, place, cells) {
                rows.push((Line::styled(format!("    {text}"), look.style(tone)), None));
            }
        }
        let from = window(at_hand, rows.len(), usize::from(area.height));
        for (y, (line, cursor)) in (area.y..area.bottom()).zip(rows.iter().skip(from)) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
            if let Some(at) = cursor {
                frame.set_cursor_position((area.x + u16::try_from(*at).unwrap_or_default(), y));
            }
        }
    }
}

/// A name with its mark, in as many lines as it needs.
fn parts(name: &str, mark: Mark, cells: usize) -> Vec<String> {
    let mut parts: Vec<String> = lines(name, cells.saturating_sub(4)).into_iter().map(|line| format!("    {line}")).collect();
    match parts.first_mut() {
        Some(first) => first.replace_range(..3, mark.sign()),
        None => parts.push(mark.sign().to_owned()),
    }
    parts
}

/// Which of some names stand in which line of so many cells.
fn wrapped(of: &[(String, Mark)], cells: usize) -> Vec<Vec<usize>> {
    let mut lines: Vec<Vec<usize>> = Vec::new();
    let mut used = 0;
    for (place, (name, _)) in of.iter().enumerate() {
        // The mark, a space, the name, and what stands between two.
        let wide = width(name) + 6;
        match lines.last_mut() {
            Some(line) if used + wide <= cells + 2 => {
                line.push(place);
                used += wide;
            }
            Some(_) | None => {
                lines.push(vec![place]);
                used = wide;
            }
        }
    }
    lines
}

/// Turns a choice; says whether the key was one for that.
fn turned(chosen: &mut usize, count: usize, key: Key) -> bool {
    let last = count.saturating_sub(1);
    *chosen = match key {
        Key::Right | Key::Char(' ') => {
            if *chosen >= last {
                0
            } else {
                *chosen + 1
            }
        }
        Key::Left => {
            if *chosen == 0 {
                last
            } else {
                *chosen - 1
            }
        }
        Key::Home => 0,
        Key::End => last,
        _ => return false,
    };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form::new(vec![Entry::text("a"), Entry::choice("b", vec!["x".to_owned(), "y".to_owned()], 0), Entry::path("c")])
    }

    #[test]
    fn enter_goes_through_the_lines_and_reads_the_form_at_the_last() {
        let mut form = form();
        for c in "ﾔﾌﾞ".chars() {
            assert_eq!(form.key(Key::Char(c)), Taken::Yes);
        }
        assert_eq!(
            [form.key(Key::Enter), form.key(Key::Right), form.key(Key::Enter), form.key(Key::Enter)],
            [Taken::Yes, Taken::Yes, Taken::Yes, Taken::Submit]
        );
        assert_eq!((form.text("a"), form.chosen("b")), ("ヤブ".to_owned(), 1));
        assert_eq!((form.key(Key::Ctrl('s')), form.key(Key::Esc)), (Taken::Submit, Taken::No));
    }

    #[test]
    fn what_is_wrong_leads_to_its_line_and_goes_when_that_is_changed() {
        let mut form = form();
        form.refuse(vec![Problem { label: "c", said: "none".to_owned() }]);
        form.paste("/x");
        assert_eq!(form.raw("c"), "/x");
        assert_eq!(form.problems.len(), 1);
        form.key(Key::Char('y'));
        assert!(form.problems.is_empty());
    }

    #[test]
    fn what_fits_is_marked_by_space_and_broken_into_lines_between_names() {
        let names = ["aaaa", "bbbb", "cccc"].map(|name| (name.to_owned(), Mark::Off));
        let mut form = Form::new(vec![Entry::marks("m", names.to_vec())]);
        for key in [Key::Right, Key::Char(' '), Key::Right, Key::Char(' '), Key::Char(' ')] {
            assert_eq!(form.key(key), Taken::Yes);
        }
        assert_eq!((form.marked("m"), form.key(Key::Char('x'))), (vec![Mark::Off, Mark::On, Mark::Off], Taken::No));
        assert_eq!(wrapped(&names, 18), [vec![0, 1], vec![2]]);
    }

    #[test]
    fn a_choice_turns_round() {
        let mut form = form();
        form.key(Key::Tab);
        let seen: Vec<usize> = [Key::Left, Key::Left, Key::Char(' '), Key::Char(' ')]
            .map(|key| {
                form.key(key);
                form.chosen("b")
            })
            .into();
        assert_eq!(seen, [1, 0, 1, 0]);
    }
}
