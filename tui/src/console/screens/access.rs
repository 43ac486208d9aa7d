//! 開示記録: who received or read what of a citizen, the latest first, a page at a time. That it was looked at is recorded, page by page.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::sharing::access::{Access as Accessed, AccessHistory, AccessRecord, By};
use tachiai_schemas::{CitizenId, Say};

use super::sharing::{answer, failure};
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::given::field_name;
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{Reading, scroll};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::Question as Any;
use crate::console::work::sharing_question::{Answer, Question};

/// The rows that are kept for the one that is chosen.
const BELOW: u16 = 7;

/// The screen.
pub struct Access {
    code: CitizenId,
    /// Where each page begins that led here; the last one is shown.
    pages: Vec<u64>,
    held: Held<u64>,
    reading: Reading,
}

impl Access {
    /// Of whom a code leads to.
    #[must_use]
    pub fn of(code: CitizenId) -> Self {
        Self { code, pages: Vec::new(), held: Held::first(), reading: Reading::default() }
    }

    fn question(&self) -> Question {
        Question::Access(self.code, self.pages.last().copied())
    }

    fn page<'a>(&self, desk: &'a Desk) -> Option<&'a AccessHistory> {
        match answer(desk, &self.question())? {
            Answer::Access(page) => Some(page),
            _ => None,
        }
    }

    fn among(&self, desk: &Desk) -> Vec<u64> {
        self.page(desk).iter().flat_map(|page| &page.records).map(|record| record.leaf).collect()
    }

    /// Another page, from its first line on.
    fn turn(&mut self) {
        self.held = Held::first();
        self.reading.begin();
    }

    fn paper(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let Some(record) = self.page(desk).and_then(|page| page.records.get(self.held.place(&self.among(desk)))) else { return Vec::new() };
        let (lang, AccessRecord { leaf, at, access }) = (desk.lang(), record);
        let mut said = vec![format!("{}  {}", at.in_japan(lang), who(desk, access)), access.how.say(lang)];
        if let By::Agency { agency: _, kind, purpose, basis } = &access.by {
            said.push(desk.with("access-for", &[("kind", kind.say(lang)), ("purpose", printable(purpose)), ("basis", basis.say(lang))]));
        }
        if !access.fields.is_empty() {
            let fields = access.fields.iter().map(|field| field_name(lang, field)).collect::<Vec<_>>().join(lang.pick("、", ", "));
            said.push(desk.with("access-fields", &[("fields", fields)]));
        }
        let event = access.event.map_or_else(String::new, |event| format!("  {}", desk.names().event_with_id(lang, event)));
        said.push(desk.with("access-leaf", &[("n", leaf.to_string()), ("event", event)]));
        said.iter().flat_map(|line| lines(line, cells)).map(|line| Line::raw(format!("  {line}"))).collect()
    }
}

/// Who got it.
fn who(desk: &Desk, access: &Accessed) -> String {
    match &access.by {
        By::Agency { agency, .. } => agency.to_string(),
        By::Office { role } => desk.role_name(*role),
        By::Platform {} => desk.say("access-platform"),
    }
}

impl Screen for Access {
    fn place(&self) -> Place {
        Place::Access(self.code)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-access")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Any> {
        vec![Any::Sharing(self.question())]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let none = || Some(desk.say("off-nothing"));
        let mut keys = moves();
        let older = self.page(desk).and_then(|page| page.before);
        keys.push(Binding::new(Key::Char('o'), Action::Older, "key-access-older").off(if older.is_none() { none() } else { None }));
        keys.push(Binding::new(Key::Char('w'), Action::Newer, "key-access-newer").off(if self.pages.is_empty() { none() } else { None }));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh"));
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Older => {
                if let Some(before) = self.page(desk).and_then(|page| page.before) {
                    self.pages.push(before);
                    self.turn();
                }
                Then::Ask
            }
            Action::Newer => {
                self.pages.pop();
                self.turn();
                Then::Ask
            }
            action => {
                if !self.reading.turns(action) {
                    self.reading.begin();
                    self.held.go(&self.among(desk), action);
                }
                Then::Stay
            }
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&self.among(desk));
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let question = self.question();
        let said = match (failure(desk, &question), self.page(desk)) {
            (Some(failure), _) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("people-asking"), Tone::Dim)),
            (None, Some(page)) if page.records.is_empty() => Some((desk.say("access-none"), Tone::Plain)),
            (None, Some(_)) => None,
        };
        if let Some((text, tone)) = said {
            let text: Vec<Line<'static>> = lines(&text, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))).collect();
            return scroll(frame, area, &text, 0);
        }
        let Some(AccessHistory { citizen: _, all, records, before: _ }) = self.page(desk) else { return };
        let head = format!("  {}", desk.with("access-all", &[("n", grouped(*all))]));
        frame.buffer_mut().set_line(area.x, area.y, &Line::styled(head, look.style(Tone::Strong)), area.width);
        let below = BELOW.min(area.height / 2);
        let table = Rect { y: area.y + 1, height: area.height.saturating_sub(below + 1), ..area };
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [column("share-at", Width::Cells(22)), column("access-who", Width::Cells(21)), column("access-how", Width::Rest)];
        table::draw(frame, table, desk, &columns, records.len(), Some(self.held.place(&self.among(desk))), |place| {
            let Some(record) = records.get(place) else { return Vec::new() };
            [record.at.in_japan(desk.lang()), who(desk, &record.access), record.access.how.say(desk.lang())].into_iter().map(Cell::from).collect()
        });
        let rule = Line::styled(look.rule().repeat(usize::from(area.width)), look.style(Tone::Dim));
        frame.buffer_mut().set_line(area.x, table.bottom(), &rule, area.width);
        self.reading.draw(desk, frame, Rect { y: table.bottom() + 1, height: below.saturating_sub(1), ..area }, &self.paper(desk, cells));
    }
}
