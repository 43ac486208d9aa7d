//! A hand-in with something set aside, opened: what its entries say and what became of them. Those that are marked are taken over or dropped, by two officials.

use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::AsideView;
use tachiai_schemas::shelter::case::{AsideEntry, AsideOpened, AsideRequest, AsideStanding, AsideVerdict};
use tachiai_schemas::{HashBytes, Say};

use crate::card::printable;
use crate::commands::approve::matter::aside_name;
use crate::commands::shelter::aside::{case_text, entry_text, is_readable};
use crate::console::action::{Action, Headquarters, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::both;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::screens::home::shelter_name;
use crate::console::screens::{Screen, Then};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{self, Block};
use crate::console::work::{Answer, Deed, Question, shelters};

/// The longest reason, in characters.
const REASON: usize = 500;

/// The screen.
pub struct Aside {
    event: EventId,
    file: HashBytes,
    held: Held<u32>,
    /// The entries that are decided on, by their places.
    marked: BTreeSet<u32>,
}

impl Aside {
    /// Of a hand-in of an event.
    #[must_use]
    pub const fn of(event: EventId, file: HashBytes) -> Self {
        Self { event, file, held: Held::first(), marked: BTreeSet::new() }
    }

    const fn question(&self) -> Question {
        Question::Shelters(shelters::Question::Aside(self.event, self.file))
    }

    fn opened<'a>(&self, desk: &'a Desk) -> Option<&'a AsideOpened> {
        match desk.answer(&self.question())? {
            Answer::Shelters(shelters::Answer::Aside(opened)) => Some(opened),
            _ => None,
        }
    }

    fn entries<'a>(&self, desk: &'a Desk) -> &'a [AsideEntry] {
        self.opened(desk).map(|opened| opened.entries.as_slice()).unwrap_or_default()
    }

    fn at_hand<'a>(&self, desk: &'a Desk) -> Option<&'a AsideEntry> {
        let entries = self.entries(desk);
        entries.get(self.held.place(&places(entries)))
    }

    /// The entries on which nobody has decided.
    fn undecided(&self, desk: &Desk) -> BTreeSet<u32> {
        self.entries(desk).iter().filter(|entry| is_open(entry)).map(|entry| entry.content.aside.index).collect()
    }

    /// Asks why the marked entries are taken over or dropped, and whether it is meant.
    fn ask(&self, desk: &Desk, verdict: AsideVerdict) -> Option<Popup> {
        let opened = self.opened(desk)?.clone();
        let entries: Vec<u32> = self.marked.iter().copied().collect();
        let content = HashBytes::from(opened.content(&entries).filter(|_| !entries.is_empty())?);
        let (event, file, names) = (self.event, self.file, desk.names());
        let (title, said, sure) = match verdict {
            AsideVerdict::Take => ("aside-take", "aside-take-said", "aside-take-sure"),
            AsideVerdict::Drop => ("aside-drop", "aside-drop-said", "aside-drop-sure"),
        };
        let said = format!("{}\n{}", desk.with("aside-marked", &[("n", entries.len().to_string())]), desk.say(said));
        let form = Form::new(vec![Entry::text("aside-reason").hint("aside-reason-hint")]);
        Some(Popup::ask(Ask::new(title, said, form, move |desk, form| {
            let reason = form.text("aside-reason");
            if reason.is_empty() || reason.chars().count() > REASON {
                return Err(vec![Problem { label: "aside-reason", said: desk.with("aside-reason-wrong", &[("n", REASON.to_string())]) }]);
            }
            let request = AsideRequest { file, entries: entries.clone(), content, verdict, reason };
            let text = both(|words| {
                let lang = words.lang();
                let what = case_text(lang, &request, &opened, &|shelter| names.shelter_name(lang, event, shelter));
                let values = [("what", what), ("reason", request.reason.clone()), ("verdict", aside_name(lang, verdict).to_owned())];
                words.with("aside-sure-text", &values)
            });
            let deed = Deed::Shelters(shelters::Deed::Aside(event, Box::new(request)));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: sure, text, word: None, deed }))))
        })))
    }

    fn block(&self, desk: &Desk, entry: &AsideEntry, cells: usize) -> Block {
        let index = entry.content.aside.index;
        let mark = match entry.standing {
            AsideStanding::Open {} if self.marked.contains(&index) => "[x]",
            AsideStanding::Open {} => "[ ]",
            AsideStanding::Known {} | AsideStanding::TakenOver { entry: _ } | AsideStanding::Dropped {} => "   ",
        };
        let tone = if is_open(entry) { Tone::Plain } else { Tone::Dim };
        let text = entry_text(desk.lang(), entry, &|shelter| shelter_name(desk, self.event, shelter));
        let mut block = Vec::new();
        for (place, line) in text.lines().enumerate() {
            let head = if place == 0 { format!("  {mark} ") } else { " ".repeat(8) };
            let room = cells.saturating_sub(head.len());
            for (at, part) in lines(line.trim_start(), room).into_iter().enumerate() {
                let head = if at == 0 { head.clone() } else { " ".repeat(head.len()) };
                block.push(Line::styled(format!("{head}{part}"), desk.look.style(tone)));
            }
        }
        Block { lines: block }
    }
}

fn places(entries: &[AsideEntry]) -> Vec<u32> {
    entries.iter().map(|entry| entry.content.aside.index).collect()
}

fn is_open(entry: &AsideEntry) -> bool {
    entry.standing == AsideStanding::Open {}
}

impl Screen for Aside {
    fn place(&self) -> Place {
        Place::Aside(self.event, self.file)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-aside")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        vec![self.question()]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let decided = match self.at_hand(desk) {
            None => Some(desk.say("off-nothing")),
            Some(entry) => (!is_open(entry)).then(|| desk.say("off-aside-decided")),
        };
        let none_open = self.undecided(desk).is_empty().then(|| desk.say("off-aside-all-decided"));
        let unmarked = self.marked.is_empty().then(|| desk.say("off-aside-unmarked"));
        let is_unreadable = |entry: &AsideEntry| self.marked.contains(&entry.content.aside.index) && !is_readable(&entry.content.said);
        let unreadable = self.entries(desk).iter().find(|entry| is_unreadable(entry));
        let unreadable = unreadable.map(|entry| desk.with("off-aside-unreadable", &[("n", entry.content.aside.index.to_string())]));
        let does = |key, what, label| Binding::new(key, Action::Headquarters(what), label);
        let mut keys = moves();
        keys.push(does(Key::Char(' '), Headquarters::Mark, "aside-mark").off(decided));
        keys.push(does(Key::Char('a'), Headquarters::MarkAll, "aside-mark-all").off(none_open.clone()));
        keys.push(does(Key::Char('t'), Headquarters::TakeOver, "aside-take").off(none_open.clone().or(unmarked.clone()).or(unreadable)));
        keys.push(does(Key::Char('d'), Headquarters::DropAside, "aside-drop").off(none_open.or(unmarked)));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&places(self.entries(desk)));
        if self.opened(desk).is_some() {
            let open = self.undecided(desk);
            self.marked.retain(|place| open.contains(place));
        }
    }

    fn is_for(&self, deed: &Deed) -> bool {
        matches!(deed, Deed::Shelters(shelters::Deed::Aside(event, request)) if (*event, request.file) == (self.event, self.file))
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let window = match action {
            Action::Headquarters(Headquarters::Mark) => {
                if let Some(entry) = self.at_hand(desk).filter(|entry| is_open(entry)) {
                    let place = entry.content.aside.index;
                    if !self.marked.remove(&place) {
                        self.marked.insert(place);
                    }
                    self.held.go(&places(self.entries(desk)), Action::Down);
                }
                None
            }
            Action::Headquarters(Headquarters::MarkAll) => {
                let open = self.undecided(desk);
                self.marked = if self.marked == open { BTreeSet::new() } else { open };
                None
            }
            Action::Headquarters(Headquarters::TakeOver) => self.ask(desk, AsideVerdict::Take),
            Action::Headquarters(Headquarters::DropAside) => self.ask(desk, AsideVerdict::Drop),
            action => {
                self.held.go(&places(self.entries(desk)), action);
                None
            }
        };
        window.map_or(Then::Stay, |window| Then::Window(Box::new(window)))
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(2);
        let Some(opened) = self.opened(desk) else {
            let (said, tone) = match desk.failure(&self.question()) {
                Some(failure) => (failure.say(desk.lang()), Tone::Bad),
                None => (desk.say("people-asking"), Tone::Dim),
            };
            for (y, line) in (area.y + 1..area.bottom()).zip(lines(&said, cells.saturating_sub(2))) {
                frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            }
            return;
        };
        let AsideView { file: _, at, by, way, terminal, aside, open } = &opened.view;
        let values = [
            ("at", at.in_japan(desk.lang())),
            ("terminal", terminal.to_string()),
            ("way", way.say(desk.lang())),
            ("by", printable(by)),
            ("n", aside.len().to_string()),
            ("open", open.to_string()),
        ];
        let head = desk.with("aside-head", &values);
        let recorded = desk.say("aside-looked");
        let above = [(head.as_str(), Tone::Strong), (recorded.as_str(), Tone::Dim)];
        let above: Vec<Line<'_>> = above
            .iter()
            .flat_map(|(said, tone)| lines(said, cells.saturating_sub(2)).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(*tone))))
            .collect();
        for (y, line) in (area.y..area.bottom()).zip(&above) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        let top = (area.y + u16::try_from(above.len()).unwrap_or(u16::MAX).saturating_add(1)).min(area.bottom());
        let list = Rect { y: top, height: area.bottom() - top, ..area };
        let entries = &opened.entries;
        if entries.is_empty() {
            frame.buffer_mut().set_line(list.x, list.y, &Line::styled(format!("  {}", desk.say("aside-none")), look.style(Tone::Dim)), list.width);
        }
        let blocks: Vec<Block> = entries.iter().map(|entry| self.block(desk, entry, cells)).collect();
        paper::draw(desk, frame, list, &blocks, Some(self.held.place(&places(entries))));
    }
}
