//! 監査: the appliance's journal, the latest entries last, and searched as one types.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::journal::{JournalLine, JournalPage};
use tachiai_schemas::shelter::reading;
use tachiai_schemas::{Lang, Say};

use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place, moved};
use crate::console::app::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, width};
use crate::console::widgets::field::Field;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, PAGE, Question};

/// The screen.
#[derive(Default)]
pub struct Journal {
    /// The first entry that is shown; none follows the end.
    from: Option<u64>,
    field: Field,
    is_typing: bool,
    /// How many lines above the last one is chosen.
    above: usize,
}

impl Journal {
    fn page<'a>(&self, desk: &'a Desk) -> Option<&'a JournalPage> {
        match desk.answer(&Question::Journal(self.from))? {
            Answer::Journal(page) => Some(page),
            _ => None,
        }
    }

    /// The entries that hold everything that was typed, in their order.
    fn found<'a>(&self, desk: &'a Desk) -> Vec<&'a JournalLine> {
        let words: Vec<String> = self.field.read().split_whitespace().map(reading::key).collect();
        let fits = |line: &&JournalLine| {
            let JournalLine { seq, at, kind, by, said } = line;
            let text = reading::key(&format!("{seq} {at} {kind} {} {}", by.join(" "), said.join(" ")));
            words.iter().all(|word| text.contains(word.as_str()))
        };
        self.page(desk).map(|page| page.entries.iter().filter(fits).collect()).unwrap_or_default()
    }
}

impl Screen for Journal {
    fn place(&self) -> Place {
        Place::Journal
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-journal")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![Question::Journal(self.from)]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let nothing = || Some(desk.say("off-nothing"));
        let first = self.page(desk).and_then(|page| page.entries.first()).map_or(0, |line| line.seq);
        let mut keys = moves();
        if self.is_typing {
            keys.push(Binding::new(Key::Enter, Action::Part, "key-list"));
        } else {
            keys.push(Binding::new(Key::Char('/'), Action::Part, "key-search"));
        }
        keys.push(Binding::new(Key::Char('o'), Action::Older, "key-older").off(if first == 0 { nothing() } else { None }));
        keys.push(Binding::new(Key::Char('n'), Action::Newer, "key-newer").off(if self.from.is_none() { nothing() } else { None }));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn is_typing(&self) -> bool {
        self.is_typing
    }

    fn typed(&mut self, key: Key) -> bool {
        let is_text = self.is_typing && !matches!(key, Key::Ctrl('c' | 'l')) && self.field.key(key);
        if is_text {
            self.above = 0;
        }
        is_text
    }

    fn paste(&mut self, text: &str) {
        if self.is_typing {
            self.field.paste(text);
            self.above = 0;
        }
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Part => {
                self.is_typing = !self.is_typing;
                Then::Stay
            }
            Action::Older => {
                let first = self.page(desk).and_then(|page| page.entries.first()).map_or(0, |line| line.seq);
                (self.from, self.above) = (Some(first.saturating_sub(PAGE)), 0);
                Then::Ask
            }
            Action::Newer => {
                let size = self.page(desk).map_or(0, |page| page.size);
                let next = self.from.unwrap_or(size).saturating_add(PAGE);
                (self.from, self.above) = (Some(next).filter(|next| next + PAGE < size), 0);
                Then::Ask
            }
            action => {
                let count = self.found(desk).len();
                let chosen = moved(count.saturating_sub(1 + self.above), count, action);
                self.above = count.saturating_sub(1 + chosen);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let found = self.found(desk);
        let entries = self.page(desk).map(|page| page.entries.as_slice()).unwrap_or_default();
        let label = format!(" {}: ", desk.say("journal-search"));
        let start = width(&label);
        let (text, at) = self.field.seen(cells.saturating_sub(start + 40));
        // What was typed is looked for in these entries alone, which has to be said.
        let count = match (entries.first(), entries.last()) {
            (Some(first), Some(last)) => {
                let [first, last, found] = [first.seq, last.seq, found.len() as u64].map(grouped);
                desk.with("journal-count", &[("first", first), ("last", last), ("found", found)])
            }
            _ => String::new(),
        };
        let older = if entries.first().is_some_and(|line| line.seq > 0) { desk.say("journal-older") } else { String::new() };
        let head = Line::from(vec![
            Span::styled(label, look.style(Tone::Strong)),
            Span::raw(text),
            Span::styled(format!("  {count}  {older}"), look.style(Tone::Dim)),
        ]);
        frame.buffer_mut().set_line(area.x, area.y, &head, area.width);
        if self.is_typing {
            frame.set_cursor_position((area.x + u16::try_from(start + at).unwrap_or_default(), area.y));
        }
        let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        if let Some(failure) = desk.failure(&Question::Journal(self.from)) {
            for (y, line) in (below.y..below.bottom()).zip(lines(&failure.say(desk.lang()), cells)) {
                frame.buffer_mut().set_line(below.x + 2, y, &Line::styled(line, look.style(Tone::Bad)), below.width);
            }
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("journal-seq", Width::Figures(7)),
            column("journal-at", Width::Cells(16)),
            column("journal-kind", Width::Cells(18)),
            column("journal-by", Width::Cells(14)),
            column("journal-said", Width::Rest),
        ];
        let chosen = found.len().checked_sub(1 + self.above.min(found.len().saturating_sub(1)));
        table::draw(frame, below, desk, &columns, found.len(), chosen, |place| {
            let Some(JournalLine { seq, at, kind, by, said }) = found.get(place) else { return Vec::new() };
            // `YYYY-MM-DD HH:MM JST` by its definition.
            let at = at.in_japan(Lang::En).get(..16).unwrap_or_default().to_owned();
            [seq.to_string(), at, printable(kind), printable(&by.join(" + ")), printable(&said.join("  "))].into_iter().map(Cell::from).collect()
        });
    }
}
