//! 監査: the appliance's journal, or what officials did in an election, the latest entries last, and searched as one types.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::journal::{JournalLine, JournalPage};
use tachiai_schemas::{ElectionId, Lang, Say};

use super::home::title;
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::journal::{holds, words as search};
use crate::console::action::{Action, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::Popup;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::widgets::typing::Typing;
use crate::console::work::{Answer, PAGE, Question};

mod words;

/// So many pages are looked through at once on the way back.
const STRETCH: usize = 20;

/// How far is looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Reach {
    /// In the page at hand.
    #[default]
    Page,
    /// Back from it, up to the page in which something is found.
    Back,
}

/// The screen.
#[derive(Default)]
pub struct Journal {
    /// The election whose acts are shown; none for the appliance's journal.
    of: Option<ElectionId>,
    /// The first entry that is shown; none follows the end.
    from: Option<u64>,
    reach: Reach,
    typing: Typing,
    /// How many lines above the last one is chosen.
    above: usize,
}

impl Journal {
    fn question(&self, from: Option<u64>) -> Question {
        self.of.map_or(Question::Journal(from), |id| Question::Acts(id, from))
    }

    fn page_of<'a>(&self, desk: &'a Desk, from: Option<u64>) -> Option<&'a JournalPage> {
        match desk.answer(&self.question(from))? {
            Answer::Journal(page) => Some(page),
            _ => None,
        }
    }

    /// The next of what can be read here: the appliance's journal, then the elections in their order.
    fn next(&self, desk: &Desk) -> Option<ElectionId> {
        let mut elections = desk.status.iter().flat_map(|status| &status.elections).map(|election| election.summary.election);
        match self.of {
            None => elections.next(),
            Some(id) => elections.skip_while(|other| *other != id).nth(1),
        }
    }

    /// What is read here.
    fn head(&self, desk: &Desk) -> String {
        let Some(id) = self.of else { return desk.say("journal-of-appliance") };
        let summary = desk.status.iter().flat_map(|status| &status.elections).map(|election| &election.summary).find(|summary| summary.election == id);
        desk.with("journal-of-election", &[("title", summary.map_or_else(|| id.to_string(), |summary| title(desk, &summary.title)))])
    }

    /// Where the pages begin that are asked for: one, or all on the way back up to the one in which something is found. The last of them is shown.
    fn asked(&self, desk: &Desk) -> Vec<Option<u64>> {
        let mut asked = vec![self.from];
        let mut at = self.from;
        while self.reach == Reach::Back && asked.len() < STRETCH {
            let Some(page) = self.page_of(desk, at) else { break };
            let first = page.entries.first().map_or(0, |line| line.seq);
            if first == 0 || !self.fitting(desk, page).is_empty() {
                break;
            }
            at = Some(first.saturating_sub(PAGE));
            asked.push(at);
        }
        asked
    }

    /// Where the page begins that is shown.
    fn at(&self, desk: &Desk) -> Option<u64> {
        self.asked(desk).pop().flatten()
    }

    fn page<'a>(&self, desk: &'a Desk) -> Option<&'a JournalPage> {
        self.page_of(desk, self.at(desk))
    }

    /// The first entry of the page that is shown.
    fn first(&self, desk: &Desk) -> u64 {
        self.page(desk).and_then(|page| page.entries.first()).map_or(0, |line| line.seq)
    }

    /// The entries that hold everything that was typed, in their order.
    fn found<'a>(&self, desk: &'a Desk) -> Vec<&'a JournalLine> {
        self.page(desk).map(|page| self.fitting(desk, page)).unwrap_or_default()
    }

    fn fitting<'a>(&self, desk: &Desk, page: &'a JournalPage) -> Vec<&'a JournalLine> {
        let typed = search(&self.typing.read());
        page.entries.iter().filter(|line| holds(&words::searched(desk, line, &page.entries), &typed)).collect()
    }
}

impl Screen for Journal {
    fn place(&self) -> Place {
        Place::Journal
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-journal")
    }

    fn questions(&self, desk: &Desk) -> Vec<Question> {
        self.asked(desk).into_iter().map(|from| self.question(from)).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let nothing = || Some(desk.say("off-nothing"));
        let first = self.first(desk);
        let mut keys = moves();
        if self.typing.is_on() {
            keys.push(Binding::new(Key::Enter, Action::Part, "key-list"));
        } else {
            keys.push(Binding::new(Key::Enter, Action::Open, "key-open").off(if self.found(desk).is_empty() { nothing() } else { None }));
            keys.push(Binding::new(Key::Char('/'), Action::Part, "key-search"));
        }
        let why = if self.typing.read().is_empty() { Some(desk.say("off-no-words")) } else { (first == 0).then(|| desk.say("off-nothing")) };
        keys.push(Binding::new(Key::Char('N'), Action::Further, "key-further").off(why));
        let is_followed = (self.from.is_none() && self.reach == Reach::Page).then(|| desk.say("off-followed"));
        keys.push(Binding::new(Key::Char('f'), Action::Follow, "key-follow").off(is_followed));
        keys.push(Binding::new(Key::Char('o'), Action::Older, "key-older").off(if first == 0 { nothing() } else { None }));
        keys.push(Binding::new(Key::Char('w'), Action::Newer, "key-newer").off(if self.from.is_none() { nothing() } else { None }));
        let others = desk.status.iter().flat_map(|status| &status.elections).next().is_none().then(|| desk.say("journal-no-elections"));
        keys.push(Binding::new(Key::Char('e'), Action::Another, "key-other-journal").off(others));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn is_typing(&self) -> bool {
        self.typing.is_on()
    }

    fn typed(&mut self, key: Key) -> bool {
        let is_text = self.typing.key(key);
        if is_text {
            self.above = 0;
        }
        is_text
    }

    fn paste(&mut self, text: &str) {
        if self.typing.paste(text) {
            self.above = 0;
        }
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Part => {
                self.typing.switch();
                Then::Stay
            }
            Action::Open => {
                let found = self.found(desk);
                let line = found.len().checked_sub(1 + self.above).and_then(|place| found.get(place));
                let others = self.page(desk).map(|page| page.entries.as_slice()).unwrap_or_default();
                line.map_or(Then::Stay, |line| Then::Window(Box::new(Popup::message("journal-entry", words::whole(desk, line, others)))))
            }
            Action::Another => {
                (self.of, self.from, self.reach, self.above) = (self.next(desk), None, Reach::Page, 0);
                Then::Ask
            }
            Action::Older => {
                (self.from, self.reach, self.above) = (Some(self.first(desk).saturating_sub(PAGE)), Reach::Page, 0);
                Then::Ask
            }
            // What was looked through before is not kept.
            Action::Further => {
                (self.from, self.reach, self.above) = (Some(self.first(desk).saturating_sub(PAGE)), Reach::Back, 0);
                Then::Anew
            }
            Action::Follow => {
                (self.from, self.reach, self.above) = (None, Reach::Page, 0);
                Then::Anew
            }
            Action::Newer => {
                let size = self.page(desk).map_or(0, |page| page.size);
                let next = self.at(desk).unwrap_or(size).saturating_add(PAGE);
                (self.from, self.reach, self.above) = (Some(next).filter(|next| next + PAGE < size), Reach::Page, 0);
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
        // What was typed is looked for in these entries alone, which has to be said.
        let count = match (entries.first(), entries.last()) {
            (Some(first), Some(last)) => {
                let [first, last, found] = [first.seq, last.seq, found.len() as u64].map(grouped);
                desk.with("journal-count", &[("first", first), ("last", last), ("found", found)])
            }
            _ => String::new(),
        };
        let is_looking = self.reach == Reach::Back && self.page(desk).is_none();
        let state = if is_looking {
            let before =
                self.asked(desk).into_iter().rev().find_map(|from| self.page_of(desk, from)).and_then(|page| page.entries.first()).map(|line| line.seq);
            before.map_or_else(|| desk.say("head-pending"), |before| desk.with("journal-looking", &[("n", grouped(before))]))
        } else if self.from.is_none() && self.reach == Reach::Page {
            desk.say("journal-followed")
        } else {
            String::new()
        };
        let older = if entries.first().is_some_and(|line| line.seq > 0) { desk.say("journal-older") } else { String::new() };
        self.typing.draw(desk, frame, area, &desk.say("journal-search"), &format!("  {count}  {state}  {older}"));
        frame.buffer_mut().set_line(area.x, area.y + 1, &Line::styled(format!("  {}", self.head(desk)), look.style(Tone::Strong)), area.width);
        let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        if let Some(failure) = desk.failure(&self.question(self.at(desk))) {
            for (y, line) in (below.y..below.bottom()).zip(lines(&failure.say(desk.lang()), cells)) {
                frame.buffer_mut().set_line(below.x + 2, y, &Line::styled(line, look.style(Tone::Bad)), below.width);
            }
            return;
        }
        if found.is_empty() && self.page(desk).is_some() {
            let none = Line::styled(format!("  {}", desk.say("journal-none")), look.style(Tone::Dim));
            frame.buffer_mut().set_line(below.x, below.y + 1, &none, below.width);
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        // The year has room on a wide screen alone; an entry that is opened has it.
        let year: usize = if area.width < 100 { 5 } else { 0 };
        let columns = [
            column("journal-seq", Width::Figures(7)),
            column("journal-at", Width::Cells(16 - year)),
            column("journal-kind", Width::Cells(20)),
            column("journal-by", Width::Cells(14)),
            column("journal-said", Width::Rest),
        ];
        let chosen = found.len().checked_sub(1 + self.above.min(found.len().saturating_sub(1)));
        table::draw(frame, below, desk, &columns, found.len(), chosen, |place| {
            let Some(line) = found.get(place) else { return Vec::new() };
            let JournalLine { seq, at, kind: _, by, said: _ } = line;
            // `YYYY-MM-DD HH:MM JST` by its definition.
            let at = at.in_japan(Lang::En).get(year..16).unwrap_or_default().to_owned();
            [seq.to_string(), at, words::kind(desk.lang(), line), printable(&by.join(" + ")), words::line(desk, line, entries)]
                .into_iter()
                .map(Cell::from)
                .collect()
        });
    }
}
