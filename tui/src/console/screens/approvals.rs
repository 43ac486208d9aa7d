//! 承認待ち: what waits for a second official. Who asked and who approves see the same text and the same value that is signed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::Reading;

use super::home::title;
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::approve::compared;
use crate::commands::decline::declined_text;
use crate::console::action::{Action, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{NARROW, scroll};
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Deed, Question, Waiting};

/// So many lines of the list are seen above what the chosen one says.
const LIST: u16 = 6;

/// The screen.
#[derive(Default)]
pub struct Approvals {
    held: Held<String>,
    /// The first line that is seen of what the chosen one says.
    from: usize,
}

impl Approvals {
    /// With one of them at hand.
    #[must_use]
    pub fn on(id: String) -> Self {
        Self { held: Held::on(id), from: 0 }
    }

    fn waiting(desk: &Desk) -> Option<&[Waiting]> {
        match desk.answer(&Question::Approvals)? {
            Answer::Approvals(waiting) => Some(waiting),
            _ => None,
        }
    }

    fn chosen<'a>(&self, desk: &'a Desk) -> Option<&'a Waiting> {
        Self::waiting(desk)?.get(self.held.place(&among(desk)))
    }

    /// Own requests that were declined or withdrawn, the latest first.
    fn declined(desk: &Desk) -> impl Iterator<Item = String> {
        let declined = match desk.answer(&Question::Declined) {
            Some(Answer::Declined(declined)) => declined.as_slice(),
            _ => &[],
        };
        declined.iter().rev().map(|declined| declined_text(desk.lang(), declined))
    }

    fn why_not_decline(&self, desk: &Desk) -> Option<String> {
        let waiting = self.chosen(desk);
        match (waiting, desk.role()) {
            (None, _) => Some(desk.say("off-nothing")),
            (Some(waiting), Some(role)) if !waiting.shown.pending.matter.is_for(role) => Some(desk.with("off-role", &[("role", desk.role_name(role))])),
            (Some(waiting), _) => desk.is_approving(&waiting.shown.pending.id).then(|| desk.say("off-approving")),
        }
    }

    fn why_not(&self, desk: &Desk) -> Option<String> {
        match self.chosen(desk) {
            None => Some(desk.say("off-nothing")),
            Some(waiting) if desk.is_own(&waiting.shown) => Some(desk.say("off-own")),
            Some(waiting) => match (&waiting.message, desk.role()) {
                (_, Some(role)) if !waiting.shown.pending.matter.is_for(role) => Some(desk.with("off-role", &[("role", desk.role_name(role))])),
                _ if desk.is_approving(&waiting.shown.pending.id) => Some(desk.say("off-approving")),
                (Err([ja, en]), _) => Some(desk.lang().pick(ja, en).to_owned()),
                (Ok(_), _) => None,
            },
        }
    }
}

/// Whoever asked withdraws it; another official says why it is declined.
fn decline(desk: &Desk, waiting: &Waiting) -> Popup {
    // All of it is read behind the window.
    let id = waiting.shown.pending.id.clone();
    let text = waiting.head.clone().map(|head| format!("{id}  {head}"));
    if desk.is_own(&waiting.shown) {
        return Popup::sure(Sure { title: "withdraw-sure", text, word: None, deed: Deed::Decline(id, None) });
    }
    let [ja, en] = &text;
    let form = Form::new(vec![Entry::text("decline-reason").hint("decline-reason-hint")]);
    Popup::ask(Ask::new("decline-title", desk.lang().pick(ja, en).to_owned(), form, move |desk, form| {
        let reason = form.text("decline-reason").trim().to_owned();
        if reason.is_empty() {
            return Err(vec![Problem { label: "decline-reason", said: desk.say("decline-reason-rule") }]);
        }
        let text = text.clone().map(|text| format!("{text}\n\n{reason}"));
        Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "decline-sure", text, word: None, deed: Deed::Decline(id.clone(), Some(reason)) }))))
    }))
}

impl Screen for Approvals {
    fn place(&self) -> Place {
        Place::Approvals
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-approvals")
    }

    fn questions(&self, desk: &Desk) -> Vec<Question> {
        // An auditor asks for nothing that could be declined.
        let own = desk.role().is_some_and(|role| [Role::Commission, Role::Poll, Role::Headquarters].contains(&role));
        std::iter::once(Question::Approvals).chain(own.then_some(Question::Declined)).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('a'), Action::Approve, "key-approve").off(self.why_not(desk)));
        let is_own = self.chosen(desk).is_some_and(|waiting| desk.is_own(&waiting.shown));
        keys.push(Binding::new(Key::Char('x'), Action::Decline, if is_own { "key-withdraw" } else { "key-decline" }).off(self.why_not_decline(desk)));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if matches!(action, Action::PageUp | Action::PageDown) {
            let count = self.chosen(desk).map_or(0, |waiting| detail(desk, waiting, NARROW).len());
            self.from = moved(self.from, count, action);
            return Then::Stay;
        }
        if self.held.go(&among(desk), action) {
            self.from = 0;
        }
        match (action, self.chosen(desk)) {
            (Action::Approve, Some(waiting)) => Then::Window(Box::new(Popup::approval(waiting.clone()))),
            (Action::Decline, Some(waiting)) => Then::Window(Box::new(decline(desk, waiting))),
            _ => Then::Stay,
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        // Another one at hand is read from its beginning.
        if self.held.settle(&among(desk)) {
            self.from = 0;
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let mut text: Vec<Line<'_>> = Vec::new();
        let cells = usize::from(area.width).saturating_sub(4);
        let say = |text: &mut Vec<Line<'_>>, said: &str, tone: Tone| {
            text.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        };
        match (Self::waiting(desk), desk.failure(&Question::Approvals)) {
            (_, Some(failure)) => say(&mut text, &failure.say(desk.lang()), Tone::Bad),
            (None, None) => say(&mut text, &desk.say("approvals-loading"), Tone::Dim),
            (Some([]), None) => {
                say(&mut text, &desk.say(if is_more(desk, &[]) { "approvals-unread" } else { "approvals-none" }), Tone::Plain);
                say(&mut text, &desk.say("approvals-none-hint"), Tone::Dim);
                Self::declined(desk).for_each(|said| say(&mut text, &said, Tone::Warn));
            }
            (Some(waiting), None) => {
                let rows = LIST.min(u16::try_from(waiting.len()).unwrap_or(LIST)) + 1;
                let list = Rect { height: rows.min(area.height), ..area };
                self.list(desk, frame, list, waiting);
                if is_more(desk, waiting) && list.bottom() < area.bottom() {
                    let said = Line::styled(format!("  {}", desk.say("approvals-unread")), look.style(Tone::Warn));
                    frame.buffer_mut().set_line(area.x, list.bottom(), &said, area.width);
                }
                let told: Vec<String> = Self::declined(desk).take(1).flat_map(|said| lines(&said, cells)).collect();
                let used = list.height + 1 + u16::try_from(told.len()).unwrap_or_default();
                for (y, line) in (list.bottom() + 1..area.bottom()).zip(told) {
                    frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(Tone::Warn)), area.width);
                }
                let below = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
                if let Some(waiting) = self.chosen(desk) {
                    self.read(desk, frame, below, waiting);
                }
                return;
            }
        }
        for (y, line) in (area.y + 1..area.bottom()).zip(&text) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
    }
}

/// The requests by their IDs, in the order of the list.
fn among(desk: &Desk) -> Vec<String> {
    Approvals::waiting(desk).unwrap_or_default().iter().map(|waiting| waiting.shown.pending.id.clone()).collect()
}

/// Whether something waits that is not shown yet: nobody was asked for it, since reading it is recorded.
fn is_more(desk: &Desk, shown: &[Waiting]) -> bool {
    let waiting = || desk.status.iter().filter_map(|status| status.waiting.as_ref()).flatten();
    waiting().any(|now| now.reading == Reading::Recorded) && waiting().any(|now| shown.iter().all(|waiting| waiting.shown.pending.id != now.id))
}

impl Approvals {
    /// What the chosen one says, and below it, always in sight, what is signed.
    fn read(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, waiting: &Waiting) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let text = detail(desk, waiting, cells);
        let pinned = pinned(desk, waiting, cells);
        let room = usize::from(area.height).saturating_sub(pinned.len() + 1);
        let rows = text.len().min(room);
        let from = self.from.min(text.len() - rows);
        let part = Rect { height: u16::try_from(rows).unwrap_or(u16::MAX), ..area };
        scroll(frame, part, &text, from);
        let [first, last, all] = [from + 1, from + rows, text.len()].map(|n| n.to_string());
        let between = if rows < text.len() { desk.with("approvals-rows", &[("first", first), ("last", last), ("all", all)]) } else { String::new() };
        let between = Line::styled(format!("  {between}"), look.style(Tone::Warn));
        for (y, line) in (part.bottom()..area.bottom()).zip(std::iter::once(&between).chain(&pinned)) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
    }

    fn list(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect, waiting: &[Waiting]) {
        let column = |key: &str, width| Column { head: desk.say(key), width };
        let columns = [
            column("approvals-id", Width::Cells(9)),
            column("approvals-what", Width::Rest),
            column("approvals-by", Width::Cells(14)),
            column("approvals-age", Width::Figures(10)),
        ];
        table::draw(frame, area, desk, &columns, waiting.len(), Some(self.held.place(&among(desk))), |place| {
            let Some(Waiting { shown, head: [ja, en], text: _, message: _ }) = waiting.get(place) else { return Vec::new() };
            let pending = &shown.pending;
            let what = desk.lang().pick(ja, en).to_owned();
            // An official who sees no more of an election than the status says reads its title here nevertheless.
            let what = match election(desk, waiting.get(place)) {
                Some((id, title)) => what.replace(&id, &title),
                None => what,
            };
            let cells = [pending.id.clone(), what, printable(&pending.requested_by), desk.age_there(pending.requested_at)];
            cells.into_iter().map(Cell::from).collect()
        });
    }
}

/// All that both officials see.
fn detail(desk: &Desk, waiting: &Waiting, cells: usize) -> Vec<Line<'static>> {
    let [ja, en] = &waiting.text;
    let mut text: Vec<Line<'static>> = lines(desk.lang().pick(ja, en), cells).into_iter().map(|line| Line::raw(format!("  {line}"))).collect();
    if let Some((_, title)) = election(desk, Some(waiting))
        && !desk.lang().pick(ja, en).contains(&title)
    {
        let said = lines(&format!("{}: {title}", desk.say("screen-elections")), cells);
        text.extend(said.into_iter().map(|line| Line::styled(format!("  {line}"), desk.look.style(Tone::Strong))));
    }
    text
}

/// What is signed, with what is to be said of it.
fn pinned(desk: &Desk, waiting: &Waiting, cells: usize) -> Vec<Line<'static>> {
    let mut text = value(desk, waiting, cells);
    if desk.is_approving(&waiting.shown.pending.id) {
        text.push(Line::styled(desk.say("off-approving"), desk.look.style(Tone::Warn)));
    } else if waiting.message.is_ok() {
        text.extend(lines(&desk.say("approvals-same"), cells).into_iter().map(|line| Line::styled(line, desk.look.style(Tone::Dim))));
    }
    for line in &mut text {
        line.spans.insert(0, Span::raw("  "));
    }
    text
}

/// The value that is signed as two people read it to each other, or why there is none.
#[must_use]
pub fn value(desk: &Desk, waiting: &Waiting, cells: usize) -> Vec<Line<'static>> {
    let look = desk.look;
    match &waiting.message {
        Ok(message) => {
            let [label, value] = compared(desk.lang(), message);
            vec![Line::from(vec![Span::raw(format!("{label}: ")), Span::styled(value, look.style(Tone::Strong))])]
        }
        Err([ja, en]) => lines(desk.lang().pick(ja, en), cells).into_iter().map(|line| Line::styled(line, look.style(Tone::Bad))).collect(),
    }
}

/// The election that something is about, by its ID and its title; none if it is about none that is known here.
fn election(desk: &Desk, waiting: Option<&Waiting>) -> Option<(String, String)> {
    let id = waiting?.shown.pending.matter.election()?;
    let summary = desk.status.as_ref()?.elections.iter().map(|election| &election.summary).find(|summary| summary.election == id)?;
    Some((id.to_string(), title(desk, &summary.title)))
}
