//! 投票所の受付: a card lies down, its holder and what may be done stand in large letters, and one key hands the papers out.

use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::desk::{DayView, DeskElector, VoteState, channel_name, manner_name};
use tachiai_schemas::election::Text;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{LinkPolicy, Manner, PlaceKind};
use tachiai_schemas::roll::Day;
use tachiai_schemas::{Refusal, Say, Timestamp};

use super::home::{authority, clock, title};
use super::{Screen, Then};
use crate::card::{Tries, printable};
use crate::commands::by_name::reason_text;
use crate::console::action::{Action, Place, moved};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::Leaving;
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines};
use crate::console::widgets::form::{Form, Taken};
use crate::console::widgets::letters::large;
use crate::console::widgets::secret::Secret;
use crate::console::work::Deed;
use crate::console::work::seat::poll::{By, Here, Kept, Listed, Order, Seen, Stand};
use crate::console::work::seat::{self, Seat};
use crate::failure::{Exit, Failure};
use crate::poll::queue::Fate;

mod forms;

/// Every word that stands in large letters.
pub const LARGE: [&str; 21] = [
    "large-place",
    "large-reader",
    "large-reading",
    "large-pin",
    "large-wrong-pin",
    "large-may",
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
        let mut text = vec![place_line(desk, listed, cells), kept_line(desk, &seen.kept, cells)];
        let (word, tone) = self.word(desk, seen, listed);
        text.extend(large(look, &desk.say(word)).into_iter().map(|row| Line::styled(format!("  {row}"), look.style(tone))));
        text.push(Line::raw(""));
        let mut below = Vec::new();
        self.said(desk, seen, &mut |said: &str, tone: Tone| {
            below.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        });
        text.extend(below);
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

/// Where one sits.
fn place_line(desk: &Desk, listed: &Listed, cells: usize) -> Line<'static> {
    let hours = listed.hours.as_ref().map_or_else(
        || desk.say("poll-not-open"),
        |hours| {
            let is_one_day = Day::of(hours.opens) == Day::of(hours.closes);
            let said = |at: Timestamp| if is_one_day { clock(at) } else { at.in_japan(desk.lang()) };
            desk.with("poll-hours", &[("opens", said(hours.opens)), ("closes", said(hours.closes))])
        },
    );
    let said = format!(
        "{}  {}  [{}] {}  {hours}",
        title(desk, &listed.name),
        channel_name(listed.kind, desk.lang()),
        authority(desk, listed.authority),
        title(desk, &listed.title)
    );
    Line::styled(format!("  {}", cut(&said, cells, desk.look.cut())), desk.look.style(Tone::Strong))
}

/// What is kept here, if there is anything.
fn kept_line(desk: &Desk, kept: &Kept, cells: usize) -> Line<'static> {
    let mut said = Vec::new();
    if kept.unanswered > 0 {
        said.push(desk.with("poll-unanswered", &[("n", kept.unanswered.to_string())]));
    }
    if kept.waiting() > 0 {
        let envelopes = kept.envelopes.iter().filter(|(_, fate)| *fate == Fate::Kept).map(|(number, _)| number.as_str()).collect::<Vec<_>>().join(", ");
        said.push(desk.with("poll-kept", &[("n", kept.waiting().to_string()), ("envelopes", envelopes)]));
    }
    Line::styled(format!("  {}", cut(&said.join("  "), cells, desk.look.cut())), desk.look.style(Tone::Warn))
}

impl Poll {
    /// What stands in large letters.
    fn word(&self, desk: &Desk, seen: &Seen, listed: &Listed) -> (&'static str, Tone) {
        if Self::is_sending(desk) {
            return ("large-sending", Tone::Strong);
        }
        if matches!(self.mode, Mode::Pin(_)) {
            return ("large-pin", Tone::Strong);
        }
        match &seen.stand {
            Stand::Nobody if seen.reader.is_some() => ("large-reader", Tone::Bad),
            Stand::Nobody if listed.hours.is_none() => ("large-closed", Tone::Warn),
            Stand::Nobody => ("large-place", Tone::Plain),
            Stand::Reading => ("large-reading", Tone::Strong),
            Stand::Locked(None) => ("large-pin", Tone::Strong),
            Stand::Locked(Some(_)) => ("large-wrong-pin", Tone::Bad),
            Stand::Here(here) => match (&here.barred, &here.wrong) {
                (Some(failure), _) if failure.code == Some(Refusal::PaperHeld) => ("large-voted", Tone::Bad),
                (Some(_), _) => ("large-may-not", Tone::Bad),
                (None, Some(failure)) if failure.exit == Exit::Card => ("large-wrong-pin", Tone::Bad),
                (None, Some(failure)) => refused(failure),
                (None, None) => ("large-may", Tone::Good),
            },
            Stand::Refused(failure) => refused(failure),
            Stand::Cut(_) => ("large-cut", Tone::Bad),
            Stand::Waits(_) => ("large-waits", Tone::Warn),
            Stand::Handed(_) if listed.kind == PlaceKind::Absentee => ("large-send", Tone::Good),
            Stand::Handed(_) => ("large-hand-over", Tone::Good),
            Stand::Unknown(_) => ("large-unknown", Tone::Bad),
            Stand::Envelope(_) => ("large-envelope", Tone::Warn),
            Stand::Day(_) => ("large-day", Tone::Strong),
        }
    }

    /// What is said under it.
    fn said(&self, desk: &Desk, seen: &Seen, say: &mut dyn FnMut(&str, Tone)) {
        let lang = desk.lang();
        match &seen.stand {
            Stand::Nobody => match &seen.reader {
                Some(failure) => say(&failure.say(lang), Tone::Bad),
                None => say(&desk.say("poll-nobody"), Tone::Plain),
            },
            Stand::Reading => say(&desk.say("poll-reading"), Tone::Plain),
            Stand::Locked(wrong) => {
                if let Some(wrong) = wrong {
                    say(&wrong.say(lang), Tone::Bad);
                }
                say(&desk.say("poll-locked"), Tone::Plain);
            }
            Stand::Here(here) => self.person(desk, here, say),
            Stand::Refused(failure) => {
                say(&failure.say(lang), Tone::Bad);
                say(&desk.say("poll-refused-then"), Tone::Plain);
            }
            Stand::Unknown(failure) => {
                say(&failure.say(lang), Tone::Bad);
                say(&desk.say("poll-unknown-then"), Tone::Strong);
            }
            Stand::Cut(failure) => {
                say(&failure.say(lang), Tone::Bad);
                if seen.desk.as_ref().is_some_and(|listed| listed.offline == LinkPolicy::Provisional) {
                    say(&desk.say("poll-cut-provisional"), Tone::Strong);
                }
            }
            Stand::Waits(waits) => {
                if let Some(here) = &waits.here {
                    say(&who(&here.elector), Tone::Strong);
                }
                say(&desk.with("poll-waits", &[("id", waits.id.clone())]), Tone::Plain);
            }
            Stand::Handed(handed) => {
                if let Some(elector) = &handed.elector {
                    say(&who(elector), Tone::Strong);
                }
                say(&desk.with("poll-handed", &[("titles", titles(desk, &handed.titles))]), Tone::Strong);
                say(&desk.with("poll-leaf", &[("leaf", handed.leaf.to_string()), ("at", handed.at.in_japan(lang))]), Tone::Plain);
                if handed.replaced {
                    say(&desk.say("poll-replaced"), Tone::Plain);
                }
                say(&desk.say("poll-then"), Tone::Plain);
            }
            Stand::Day(day) => {
                let (_, DayView { hours, handouts, aside, draft, .. }, titles) = &**day;
                say(&desk.with("poll-hours", &[("opens", hours.opens.in_japan(lang)), ("closes", hours.closes.in_japan(lang))]), Tone::Strong);
                let values = [
                    ("handouts", handouts.to_string()),
                    ("electors", draft.electors.to_string()),
                    ("cards", draft.with_card.to_string()),
                    ("replaced", draft.replaced.to_string()),
                ];
                say(&desk.with("poll-day", &values), Tone::Plain);
                say(&forms::figures(desk, &day.1, titles), Tone::Plain);
                if !aside.is_empty() {
                    say(&desk.with("poll-day-aside", &[("envelopes", aside.join(lang.pick("、", ", ")))]), Tone::Plain);
                }
                say(&desk.say("poll-day-then"), Tone::Plain);
            }
            Stand::Envelope(number) => say(&desk.with("poll-envelope", &[("number", number.clone())]), Tone::Strong),
        }
    }

    /// Who stands here, and what stands for them.
    fn person(&self, desk: &Desk, here: &Here, say: &mut dyn FnMut(&str, Tone)) {
        let lang = desk.lang();
        let Here { elector, by, barred, declares, wrong } = here;
        let DeskElector { number, address, district, contests, paper, declaration, .. } = elector;
        say(&who(elector), Tone::Strong);
        say(&format!("{}  {}", printable(address), desk.with("poll-roll", &[("number", printable(number)), ("district", title(desk, district))])), Tone::Plain);
        if let Some(failure) = barred {
            say(&failure.say(lang), Tone::Bad);
        }
        if let Some(failure) = wrong {
            say(&failure.say(lang), Tone::Bad);
        }
        if barred.is_none() {
            let manner = manner_name(MANNERS.get(self.manner).copied().unwrap_or(Manner::Own), lang).to_owned();
            match by {
                By::Card(Tries::Left(tries)) if *tries > 1 => say(&desk.with("poll-by-card", &[("manner", manner), ("tries", tries.to_string())]), Tone::Plain),
                By::Card(Tries::Left(_)) => say(&desk.say("poll-last-try"), Tone::Bad),
                By::Card(Tries::Unlimited | Tries::Verified) => say(&desk.with("poll-by-card-any", &[("manner", manner)]), Tone::Plain),
                By::Card(Tries::Blocked) => say(&desk.say("poll-blocked"), Tone::Bad),
                By::Checked => say(&desk.with("poll-by-checked", &[("manner", manner)]), Tone::Plain),
                By::Name(reason) => say(&desk.with("poll-named", &[("manner", manner), ("reason", reason_text(lang, *reason).to_owned())]), Tone::Plain),
            }
            if *declares {
                say(&desk.say("poll-declares"), Tone::Warn);
            }
            if contests.iter().any(|contest| matches!(contest.state, VoteState::Online { .. })) {
                say(&desk.say("poll-online"), Tone::Warn);
            }
            if !self.left_out.is_empty() {
                say(&desk.say("poll-leaves-out"), Tone::Warn);
            }
        }
        for (place, contest) in contests.iter().enumerate() {
            let mark = if place == self.chosen { ">" } else { " " };
            // Of whoever may not vote nothing is handed out: no word says that it is.
            let given = match (barred, self.left_out.contains(&contest.index)) {
                (Some(_), _) => String::new(),
                (None, true) => format!(" [{}]", desk.say("poll-left-out")),
                (None, false) => format!(" [{}]", desk.say("poll-given")),
            };
            say(&format!("{mark}{given} {}: {}", title(desk, &contest.title), contest.state.say(lang)), Tone::Plain);
        }
        if let Some(paper) = paper {
            say(&desk.with("poll-paper", &[("place", title(desk, &paper.place_name)), ("at", paper.at.in_japan(lang))]), Tone::Plain);
        }
        if let Some(declaration) = declaration {
            say(&desk.with("poll-declared", &[("reason", lang.pick(&declaration.reason.ja, &declaration.reason.en).to_owned())]), Tone::Plain);
        }
    }
}

/// Somebody in one line.
fn who(elector: &DeskElector) -> String {
    format!("{}（{}）  {}", printable(&elector.name), printable(&elector.kana), printable(&elector.birth))
}

fn titles(desk: &Desk, of: &[Text]) -> String {
    of.iter().map(|text| title(desk, text)).collect::<Vec<_>>().join(desk.lang().pick("、", ", "))
}

/// What stands in large letters where papers are not handed out.
fn refused(failure: &Failure) -> (&'static str, Tone) {
    let word = match (failure.code, failure.exit) {
        (Some(Refusal::NotOnRoll), _) => "large-not-on-roll",
        (Some(Refusal::NotEnrolled), _) => "large-not-enrolled",
        (Some(Refusal::PaperHeld), _) => "large-voted",
        (_, Exit::Card) => "large-card",
        _ => "large-refused",
    };
    (word, Tone::Bad)
}
