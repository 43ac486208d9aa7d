//! 掲示板: every entry of the public board, and whether it is where the signed checkpoint says.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::{ElectionId, Say};

use super::home::title;
use super::{Screen, Then};
use crate::commands::board::kind_name;
use crate::console::action::{Action, Place, Wish, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::deed::elections;
use crate::console::work::question::elections::{Answer, BOARD_PAGE, Question};
use crate::console::work::{self, Deed};
use crate::voter::Leaf;

/// The screen.
pub struct Board {
    id: ElectionId,
    /// The entry at hand, however the board grows; none is the last one that there is when it is first seen.
    at: Option<u64>,
}

impl Board {
    /// Of an election.
    #[must_use]
    pub const fn of(id: ElectionId) -> Self {
        Self { id, at: None }
    }

    fn size(&self, desk: &Desk) -> u64 {
        let list = desk.status.iter().flat_map(|status| &status.elections);
        list.map(|election| &election.summary).find(|summary| summary.election == self.id).map_or(0, |summary| summary.size)
    }

    fn last_page(&self, desk: &Desk) -> u64 {
        self.size(desk).saturating_sub(1) / BOARD_PAGE
    }

    fn seen_page(&self, desk: &Desk) -> u64 {
        self.at.map_or(u64::MAX, |at| at / BOARD_PAGE).min(self.last_page(desk))
    }

    fn question(&self, desk: &Desk) -> work::Question {
        work::Question::Elections(Question::Board(self.id, self.seen_page(desk) * BOARD_PAGE))
    }

    fn leaves<'a>(&self, desk: &'a Desk) -> &'a [Leaf] {
        match desk.answer(&self.question(desk)) {
            Some(work::Answer::Elections(Answer::Board(leaves))) => leaves,
            _ => &[],
        }
    }

    /// Where the entry at hand stands among those of the page.
    fn chosen(&self, leaves: &[Leaf]) -> usize {
        let known = self.at.and_then(|at| leaves.iter().position(|leaf| leaf.index.0 == at));
        known.unwrap_or(leaves.len().saturating_sub(1))
    }

    /// Which entry is looked for.
    fn ask_number(&self, desk: &Desk) -> Popup {
        let size = self.size(desk);
        let form = Form::new(vec![Entry::text("board-number").hint("board-number-hint")]);
        let said = desk.with("board-number-said", &[("last", grouped(size.saturating_sub(1)))]);
        Popup::ask(Ask::new("board-go-title", said, form, move |desk, form| {
            let typed: String = form.text("board-number").chars().filter(|c| !matches!(c, ',' | ' ')).collect();
            match typed.parse::<u64>() {
                Ok(number) if number < size => Ok(Turn::Give(number.to_string())),
                _ => Err(vec![Problem { label: "board-number", said: desk.with("board-number-wrong", &[("last", grouped(size.saturating_sub(1)))]) }]),
            }
        }))
    }

    /// By which fingerprint all of it is verified.
    fn ask_fingerprint(&self, desk: &Desk) -> Popup {
        let id = self.id;
        let form = Form::new(vec![Entry::exact("board-expect", "").hint("board-expect-hint")]);
        Popup::ask(Ask::new("board-check-title", desk.say("board-expect-said"), form, move |desk, form| {
            let typed = form.raw("board-expect");
            let expect = match typed.trim() {
                "" => None,
                text => match text.parse() {
                    Ok(expect) => Some(expect),
                    Err(_) => return Err(vec![Problem { label: "board-expect", said: desk.say("poll-manifest-wrong") }]),
                },
            };
            Ok(Turn::Do(Box::new(Deed::Elections(elections::Deed::CheckBoard(id, expect)))))
        }))
    }
}

impl Screen for Board {
    fn place(&self) -> Place {
        Place::Board(self.id)
    }

    fn title(&self, desk: &Desk) -> String {
        let list = desk.status.iter().flat_map(|status| &status.elections);
        let of = list.map(|election| &election.summary).find(|summary| summary.election == self.id);
        let name = of.map(|summary| title(desk, &summary.title)).unwrap_or_default();
        format!("{} {name}", desk.say("screen-board"))
    }

    fn questions(&self, desk: &Desk) -> Vec<work::Question> {
        if self.size(desk) == 0 { Vec::new() } else { vec![self.question(desk)] }
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let none = self.leaves(desk).is_empty().then(|| desk.say("off-nothing"));
        let page = self.seen_page(desk);
        let (first, last) = ((page == 0).then(|| desk.say("off-first-page")), (page >= self.last_page(desk)).then(|| desk.say("off-last-page")));
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('v'), Action::Election(Wish::CheckEntry), "key-check-entry").off(none.clone()));
        keys.push(Binding::new(Key::Enter, Action::Election(Wish::CheckEntry), "key-check-entry").quiet().off(none.clone()));
        keys.push(Binding::new(Key::Char('g'), Action::Further, "key-board-go").off(none.clone()));
        keys.push(Binding::new(Key::Char('V'), Action::Election(Wish::CheckBoard), "key-check-board").off(none));
        keys.push(Binding::new(Key::Char('o'), Action::Older, "key-page-before").off(first));
        keys.push(Binding::new(Key::Char('w'), Action::Newer, "key-next-page").off(last));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let page = self.seen_page(desk);
        let leaves = self.leaves(desk);
        match action {
            Action::Older => {
                self.at = Some((page * BOARD_PAGE).saturating_sub(1));
                Then::Ask
            }
            Action::Newer => {
                self.at = Some(page.saturating_add(1).min(self.last_page(desk)) * BOARD_PAGE);
                Then::Ask
            }
            Action::Further => Then::Window(Box::new(self.ask_number(desk))),
            Action::Election(Wish::CheckEntry) => match leaves.get(self.chosen(leaves)) {
                Some(leaf) => Then::Do(Box::new(Deed::Elections(elections::Deed::CheckEntry(self.id, leaf.index, leaf.hash)))),
                None => Then::Stay,
            },
            Action::Election(Wish::CheckBoard) => Then::Window(Box::new(self.ask_fingerprint(desk))),
            action => {
                let chosen = moved(self.chosen(leaves), leaves.len(), action);
                self.at = leaves.get(chosen).map(|leaf| leaf.index.0).or(self.at);
                Then::Stay
            }
        }
    }

    fn given(&mut self, text: String) -> Then {
        self.at = text.parse().ok().or(self.at);
        Then::Ask
    }

    fn refreshed(&mut self, desk: &Desk) {
        if self.at.is_none() {
            self.at = self.leaves(desk).last().map(|leaf| leaf.index.0);
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let question = self.question(desk);
        let (said, tone) = match (self.size(desk), desk.failure(&question)) {
            (0, _) => (desk.say("board-none"), Tone::Dim),
            (_, Some(failure)) => (failure.say(desk.lang()), Tone::Bad),
            (size, None) => {
                let values = [("page", (self.seen_page(desk) + 1).to_string()), ("of", (self.last_page(desk) + 1).to_string()), ("n", grouped(size))];
                (desk.with("board-pages", &values), Tone::Plain)
            }
        };
        let mut y = area.y;
        for line in lines(&said, cells) {
            frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            y += 1;
        }
        let leaves = self.leaves(desk);
        if leaves.is_empty() {
            return;
        }
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("board-leaf", Width::Figures(9)),
            column("board-at", Width::Cells(24)),
            column("board-kind", Width::Rest),
            column("board-hash", Width::Cells(18)),
        ];
        let body = Rect { y, height: area.bottom().saturating_sub(y), ..area };
        table::draw(frame, body, desk, &columns, leaves.len(), Some(self.chosen(leaves)), |place| {
            let Some(Leaf { index, entry, hash }) = leaves.get(place) else { return Vec::new() };
            let short: String = hash.to_string().chars().take(16).collect();
            let cells = [grouped(index.0), entry.at.in_japan(desk.lang()), kind_name(desk.lang(), entry.kind()).to_owned(), short];
            cells.into_iter().map(Cell::from).collect()
        });
    }
}
