//! 投票所の受付: a card lies down, its holder and what may be done stand in large letters, and one key hands the papers out.

use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::Say;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{LinkPolicy, Manner, PlaceKind};

use self::sheet::Sheet;
use super::{Screen, Then};
use crate::card::Tries;
use crate::console::action::{Action, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::Leaving;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Form, Taken};
use crate::console::widgets::letters::large;
use crate::console::widgets::secret::Secret;
use crate::console::work::Deed;
use crate::console::work::seat::poll::{By, Here, Listed, Order, Seen, Stand};
use crate::console::work::seat::{self, Seat};

mod forms;
mod said;
mod sheet;

/// Every word that stands in large letters.
pub const LARGE: [&str; 23] = [
    "large-place",
    "large-reader",
    "large-reading",
    "large-pin",
    "large-wrong-pin",
    "large-may",
    "large-without-card",
    "large-voted",
    "large-may-not",
    "large-not-on-roll",
    "large-not-enrolled",
    "large-card",
    "large-refused",
    "large-cut",
    "large-waits",
    "large-sending",
    "large-hand-over",
    "large-send",
    "large-unknown",
    "large-envelope",
    "large-closed",
    "large-over",
    "large-day",
];

/// The manners that are chosen from: a provisional paper is none of a choice.
const MANNERS: [Manner; 3] = [Manner::Own, Manner::Proxy, Manner::Braille];

/// What keys are for now.
enum Mode {
    /// The desk is opened.
    Sit(Box<Form>),
    /// The elector types the PIN.
    Pin(Secret),
    /// Whoever stands here is served.
    Serve,
}

/// The screen.
pub struct Poll {
    mode: Mode,
    /// Who stands here, by the desk's number.
    turn: u64,
    /// The contest at hand.
    chosen: usize,
    /// The contests of which no paper is handed out.
    left_out: BTreeSet<u16>,
    manner: usize,
    /// Whether the form is to be read.
    is_filled: bool,
    /// Whether a desk is being opened with what was filled in.
    is_opening: bool,
    /// Whether a desk is open.
    is_open: bool,
}

impl Default for Poll {
    fn default() -> Self {
        Self {
            mode: Mode::Sit(Box::new(forms::form())),
            turn: 0,
            chosen: 0,
            left_out: BTreeSet::new(),
            manner: 0,
            is_filled: false,
            is_opening: false,
            is_open: false,
        }
    }
}

fn order(order: Order) -> Then {
    Then::Do(Box::new(Deed::Seat(seat::Order::Poll(order))))
}

impl Poll {
    fn here(desk: &Desk) -> Option<&Here> {
        match &desk.poll.as_ref()?.stand {
            Stand::Here(here) => Some(here),
            _ => None,
        }
    }

    /// What hands the papers out to who stands here.
    fn hand_out(&self, here: &Here, pin: Option<&Secret>) -> Then {
        let contests = here.elector.contests.iter().map(|contest| contest.index).filter(|index| !self.left_out.contains(index)).collect();
        let manner = MANNERS.get(self.manner).copied().unwrap_or(Manner::Own);
        order(Order::HandOut { turn: self.turn, pin: pin.map(Secret::typed), manner, contests })
    }

    /// Whether papers are handed out to somebody right now.
    fn is_sending(desk: &Desk) -> bool {
        desk.doing.values().any(|doing| matches!(&doing.deed, Deed::Seat(seat::Order::Poll(Order::HandOut { .. } | Order::Unlock { .. }))))
    }

    /// Why nothing else is ordered now: what was ordered before is not answered yet.
    fn busy(desk: &Desk) -> Option<String> {
        let is_busy = desk.doing.values().any(|doing| matches!(&doing.deed, Deed::Seat(seat::Order::Poll(_))));
        is_busy.then(|| desk.say("off-busy"))
    }

    /// Why nothing is handed out now to who stands here.
    fn why_not(&self, desk: &Desk, here: &Here) -> Option<String> {
        if let Some(failure) = &here.barred {
            return Some(failure.say(desk.lang()));
        }
        if here.elector.contests.iter().all(|contest| self.left_out.contains(&contest.index)) {
            return Some(desk.say("poll-no-contest"));
        }
        match here.by {
            By::Card(Tries::Blocked) => Some(desk.say("poll-blocked")),
            By::Card(Tries::Left(..=1)) => Some(desk.say("poll-last-try")),
            By::Card(Tries::Left(_) | Tries::Unlimited | Tries::Verified) | By::Checked | By::Name(_) => None,
        }
    }

    /// The keys while somebody is served.
    fn serving_keys(&self, desk: &Desk, seen: &Seen, listed: &Listed) -> Vec<Binding> {
        let mut keys = Vec::new();
        match &seen.stand {
            Stand::Here(here) => {
                let label = match here.by {
                    By::Name(NameReason::ByPost) => "key-send-papers",
                    By::Name(_) | By::Checked => "key-hand-out",
                    By::Card(_) => "key-to-pin",
                };
                keys.push(Binding::new(Key::Enter, Action::Open, label).off(self.why_not(desk, here)));
                keys.push(Binding::new(Key::Char('n'), Action::Next, "key-refuse"));
                if here.barred.is_none() {
                    keys.push(Binding::new(Key::Char('m'), Action::Manner, "key-manner"));
                    keys.push(Binding::new(Key::Char(' '), Action::LeaveOut, "key-leave-out"));
                }
                if here.elector.paper.is_some() && listed.kind != PlaceKind::Absentee {
                    keys.push(Binding::new(Key::Char('x'), Action::TakeBack, "key-take-back"));
                }
                if listed.kind == PlaceKind::Absentee {
                    keys.push(Binding::new(Key::Char('e'), Action::Request, "key-request"));
                    keys.push(Binding::new(Key::Char('v'), Action::Receive, "key-receive"));
                }
            }
            Stand::Locked(_) => {
                keys.push(Binding::new(Key::Enter, Action::Open, "key-to-pin"));
                keys.push(Binding::new(Key::Char('n'), Action::Next, "key-refuse"));
            }
            Stand::Waits(_) => {
                keys.push(Binding::new(Key::Enter, Action::Open, "key-again"));
                keys.push(Binding::new(Key::Char('n'), Action::Next, "key-next-elector"));
            }
            Stand::Cut(_) if listed.offline == LinkPolicy::Provisional => {
                keys.push(Binding::new(Key::Enter, Action::Open, "key-envelope"));
                keys.push(Binding::new(Key::Char('n'), Action::Next, "key-next-elector"));
            }
            Stand::Day(_) => {
                keys.push(Binding::new(Key::Enter, Action::Open, "key-close-day"));
                keys.push(Binding::new(Key::Char('n'), Action::Next, "key-back-to-desk"));
            }
            Stand::Cut(_) | Stand::Refused(_) | Stand::Handed(_) | Stand::Unknown(_) | Stand::Envelope(_) => {
                keys.push(Binding::new(Key::Char('n'), Action::Next, "key-next-elector"));
            }
            Stand::Nobody | Stand::Reading => {}
        }
        keys.push(
            Binding::new(Key::Char('f'), Action::ByName, "key-by-name").off(matches!(seen.stand, Stand::Unknown(_)).then(|| desk.say("poll-unknown-first"))),
        );
        let has_kept = seen.kept.unanswered > 0 || seen.kept.waiting() > 0;
        let hand_in = Binding::new(Key::Char('h'), Action::HandIn, "key-hand-in");
        keys.push(if has_kept { hand_in } else { hand_in.quiet() });
        let none = (seen.kept.waiting() == 0).then(|| desk.say("off-nothing"));
        keys.push(Binding::new(Key::Char('a'), Action::Aside, "key-aside").quiet().off(none));
        let day = Binding::new(Key::Char('z'), Action::Day, "key-day");
        keys.push(if matches!(seen.stand, Stand::Nobody) { day } else { day.quiet() });
        keys.push(Binding::new(Key::Char('o'), Action::Sit, "key-sit").quiet());
        if let Some(why) = Self::busy(desk) {
            keys.iter_mut().for_each(|key| key.off = Some(why.clone()));
        }
        keys.extend(moves());
        keys
    }
}

impl Screen for Poll {
    fn place(&self) -> Place {
        Place::Poll
    }

    fn names_people(&self, desk: &Desk) -> bool {
        let stand = desk.poll.as_ref().map(|seen| &seen.stand);
        matches!(stand, Some(Stand::Here(here)) if matches!(here.by, By::Name(_))) || matches!(stand, Some(Stand::Waits(_)))
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-poll")
    }

    fn seat(&self) -> Option<Seat> {
        Some(Seat::Poll)
    }

    fn stands(&mut self, desk: &Desk) {
        let Some(seen) = &desk.poll else { return };
        self.is_open = seen.desk.is_some();
        if seen.turn != self.turn {
            (self.turn, self.chosen, self.manner) = (seen.turn, 0, 0);
            self.left_out.clear();
            // Another desk that is being filled in is no matter of whoever stands at this one.
            if !matches!(self.mode, Mode::Sit(_)) {
                self.mode = Mode::Serve;
            }
        }
        if self.is_open && std::mem::take(&mut self.is_opening) {
            self.mode = Mode::Serve;
        }
    }

    fn is_public(&self) -> bool {
        self.is_open
    }

    fn is_unsaved(&self) -> bool {
        self.is_open
    }

    fn leaving(&self) -> Leaving {
        Leaving { title: "leave-desk-title", text: "leave-desk-text", leave: "key-leave", stay: "key-stay-here" }
    }

    fn held(&self, desk: &Desk) -> Option<String> {
        Self::is_sending(desk).then(|| desk.say("off-busy"))
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        match (&self.mode, &desk.poll) {
            (Mode::Pin(pin), _) => {
                let off = pin.is_empty().then(|| desk.say("poll-no-pin")).or_else(|| Self::busy(desk));
                vec![Binding::new(Key::Enter, Action::Submit, "key-hand-out").off(off)]
            }
            (Mode::Serve, Some(seen)) if seen.desk.is_some() => seen.desk.iter().flat_map(|listed| self.serving_keys(desk, seen, listed)).collect(),
            (Mode::Sit(_) | Mode::Serve, _) => {
                vec![Binding::new(Key::Enter, Action::Submit, "key-next-line"), Binding::new(Key::Ctrl('s'), Action::Submit, "key-submit")]
            }
        }
    }

    fn is_typing(&self) -> bool {
        !matches!(self.mode, Mode::Serve)
    }

    fn typed(&mut self, key: Key) -> bool {
        match &mut self.mode {
            Mode::Serve => false,
            Mode::Pin(_) if key == Key::Esc => {
                self.mode = Mode::Serve;
                true
            }
            Mode::Pin(pin) => pin.key(key),
            Mode::Sit(_) if key == Key::Esc && self.is_open && !self.is_opening => {
                self.mode = Mode::Serve;
                true
            }
            Mode::Sit(form) => match form.key(key) {
                Taken::Submit => {
                    self.is_filled = true;
                    false
                }
                taken => taken == Taken::Yes,
            },
        }
    }

    fn paste(&mut self, text: &str) {
        if let Mode::Sit(form) = &mut self.mode {
            form.paste(text);
        }
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if let Mode::Sit(form) = &mut self.mode {
            if !std::mem::take(&mut self.is_filled) {
                return Then::Stay;
            }
            return match forms::sit(desk, form) {
                Ok(opening) => {
                    self.is_opening = true;
                    order(opening)
                }
                Err(problems) => {
                    form.refuse(problems);
                    Then::Stay
                }
            };
        }
        if let Mode::Pin(pin) = &self.mode {
            if action != Action::Submit {
                return Then::Stay;
            }
            let then = match Self::here(desk) {
                Some(here) => self.hand_out(here, Some(pin)),
                None => order(Order::Unlock { turn: self.turn, pin: pin.typed() }),
            };
            self.mode = Mode::Serve;
            return then;
        }
        let Some(seen) = &desk.poll else { return Then::Stay };
        match (action, &seen.stand) {
            (Action::Open, Stand::Here(here)) => match here.by {
                By::Card(_) => {
                    self.mode = Mode::Pin(Secret::default());
                    Then::Stay
                }
                By::Checked | By::Name(_) => self.hand_out(here, None),
            },
            (Action::Open, Stand::Locked(_)) => {
                self.mode = Mode::Pin(Secret::default());
                Then::Stay
            }
            (Action::Open, Stand::Waits(waits)) => order(waits.again.clone()),
            (Action::Open, Stand::Cut(_)) => Then::Window(Box::new(forms::envelope(desk))),
            (Action::Open, Stand::Day(day)) => Then::Window(Box::new(forms::close(desk, day.0, &day.1, &day.2))),
            (Action::Day, _) => order(Order::Day(self.turn)),
            (Action::Aside, _) => Then::Window(Box::new(forms::aside(desk, &seen.kept))),
            (Action::TakeBack, Stand::Here(here)) => Then::Window(Box::new(forms::undo(desk, self.turn, &here.elector))),
            (Action::Request, Stand::Here(here)) => Then::Window(Box::new(forms::request(desk, self.turn, &here.elector))),
            (Action::Receive, Stand::Here(here)) => Then::Window(Box::new(forms::receive(desk, self.turn, &here.elector))),
            (Action::Next, _) => order(Order::Next(self.turn)),
            (Action::ByName, _) => match &seen.desk {
                Some(listed) => Then::Window(Box::new(forms::by_name(desk, self.turn, listed.kind))),
                None => Then::Stay,
            },
            (Action::HandIn, _) => order(Order::HandIn),
            (Action::Sit, _) => {
                self.mode = Mode::Sit(Box::new(forms::form()));
                Then::Stay
            }
            (Action::Manner, _) => {
                self.manner = (self.manner + 1) % MANNERS.len();
                Then::Stay
            }
            (Action::LeaveOut, Stand::Here(here)) => {
                if let Some(contest) = here.elector.contests.get(self.chosen)
                    && !self.left_out.remove(&contest.index)
                {
                    self.left_out.insert(contest.index);
                }
                Then::Stay
            }
            (action, Stand::Here(here)) => {
                self.chosen = moved(self.chosen, here.elector.contests.len(), action);
                Then::Stay
            }
            _ => Then::Stay,
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let (seen, listed) = match (&self.mode, &desk.poll) {
            (Mode::Sit(form), _) => {
                let ask = lines(&desk.say("poll-sit-ask"), cells);
                for (y, line) in (area.y + 1..area.bottom()).zip(&ask) {
                    frame.buffer_mut().set_line(area.x, y, &Line::raw(format!("  {line}")), area.width);
                }
                let above = u16::try_from(ask.len() + 2).unwrap_or(u16::MAX).min(area.height);
                form.draw(desk, frame, Rect { y: area.y + above, height: area.height - above, ..area });
                return;
            }
            (_, Some(seen)) => match &seen.desk {
                Some(listed) => (seen, listed),
                None => return,
            },
            (_, None) => return,
        };
        let mut text = vec![said::place_line(desk, listed, cells)];
        text.extend(said::kept_lines(desk, &seen.kept, cells));
        let (word, tone) = self.word(desk, seen, listed);
        let mut sheet = Sheet::new(look, cells);
        self.said(desk, seen, &mut sheet);
        // What is typed has the last row.
        let room = usize::from(area.height).saturating_sub(text.len() + usize::from(matches!(self.mode, Mode::Pin(_))));
        let word = desk.say(word);
        let mut head: Vec<Line<'static>> = large(look, &word).into_iter().map(|row| Line::styled(format!("  {row}"), look.style(tone))).collect();
        if head.len() + sheet.rows() < room {
            head.push(Line::raw(""));
        }
        if head.len() + sheet.rows() > room {
            // What is said of who stands here counts more than how large the word is.
            head = vec![Line::styled(format!("  {word}"), look.style(tone))];
        }
        let room = room.saturating_sub(head.len());
        text.extend(head);
        text.extend(sheet.fit(desk, room, self.chosen));
        for (y, line) in (area.y..area.bottom()).zip(&text) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        if let Mode::Pin(pin) = &self.mode {
            let y = area.bottom().saturating_sub(1);
            let label = format!("  {}: ", desk.say("poll-pin"));
            let at = crate::console::widgets::cut::width(&label);
            let marks = pin.marks(16);
            let cursor = u16::try_from(at + marks.len()).unwrap_or_default();
            frame.buffer_mut().set_line(area.x, y, &Line::from(vec![Span::styled(label, look.style(Tone::Strong)), Span::raw(marks)]), area.width);
            frame.set_cursor_position((area.x + cursor, y));
        }
    }
}
