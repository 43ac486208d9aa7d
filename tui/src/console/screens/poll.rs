//! 投票所の受付: a card lies down, its holder and what may be done stand in large letters, and one key hands the papers out.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::desk::{DeskElector, Search, VoteState, channel_name, manner_name};
use tachiai_schemas::election::Text;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{LinkPolicy, Manner, PlaceKind};
use tachiai_schemas::{Refusal, Say};

use super::home::{authority, title};
use super::{Screen, Then};
use crate::card::{Tries, printable};
use crate::commands::by_name::reason_text;
use crate::commands::told;
use crate::console::action::{Action, Place, moved};
use crate::console::app::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines};
use crate::console::widgets::form::{Entry, Form, Problem, Taken};
use crate::console::widgets::letters::{ROWS, large};
use crate::console::widgets::secret::Secret;
use crate::console::work::Deed;
use crate::console::work::seat::poll::{By, Here, Kept, Listed, Order, Seen, Source, Stand, Whom};
use crate::console::work::seat::{self, Seat};
use crate::failure::{Exit, Failure};
use crate::poll::desk::default_state;
use crate::poll::queue::Fate;

/// Every word that stands in large letters.
pub const LARGE: [&str; 20] = [
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
}

impl Default for Poll {
    fn default() -> Self {
        Self { mode: Mode::Sit(Box::new(form())), turn: 0, chosen: 0, left_out: BTreeSet::new(), manner: 0, is_filled: false }
    }
}

fn form() -> Form {
    let state = default_state().unwrap_or_default();
    Form::new(vec![
        Entry::path("poll-key").hint("poll-key-hint"),
        Entry::path_of("poll-state", &state.display().to_string()).hint("poll-state-hint"),
        Entry::text("poll-manifest").hint("poll-manifest-hint"),
        Entry::path("poll-reader").hint("poll-reader-hint"),
    ])
}

/// Makes of the filled form what opens the desk.
fn sit(desk: &Desk, form: &Form) -> Result<Order, Vec<Problem>> {
    let problem = |label: &'static str, said: String| Problem { label, said };
    let mut problems = Vec::new();
    for label in ["poll-key", "poll-state"] {
        if form.raw(label).is_empty() {
            problems.push(problem(label, desk.say("poll-needed")));
        }
    }
    let manifest = form.text("poll-manifest");
    let manifest = match manifest.parse() {
        _ if manifest.is_empty() => None,
        Ok(manifest) => Some(manifest),
        Err(_) => {
            problems.push(problem("poll-manifest", desk.say("poll-manifest-wrong")));
            None
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let reader = form.raw("poll-reader");
    let source = match reader.as_str() {
        "" => Source::Reader(None),
        path if path.starts_with('/') => Source::Socket(PathBuf::from(path)),
        name => Source::Reader(Some(name.to_owned())),
    };
    Ok(Order::Sit { key: PathBuf::from(form.raw("poll-key")), state: PathBuf::from(form.raw("poll-state")), manifest, source })
}

fn order(order: Order) -> Then {
    Then::Do(Box::new(Deed::Seat(seat::Order::Poll(order))))
}

/// The reasons for which papers are handed out by name at a place.
const fn reasons(kind: PlaceKind) -> &'static [NameReason] {
    match kind {
        PlaceKind::Absentee => &[NameReason::ByPost],
        PlaceKind::Early | PlaceKind::Day => &[NameReason::NoCard, NameReason::CardFailed, NameReason::PinBlocked],
    }
}

/// Whom to look for.
fn by_name(desk: &Desk, kind: PlaceKind) -> Popup {
    let lang = desk.lang();
    let reasons = reasons(kind);
    let form = Form::new(vec![
        Entry::choice("poll-reason", reasons.iter().map(|reason| reason_text(lang, *reason).to_owned()).collect(), 0),
        Entry::text("poll-number").hint("poll-number-hint"),
        Entry::text("field-name"),
        Entry::text("field-kana").hint("poll-kana-hint"),
        Entry::text("field-birth").hint("poll-birth-hint"),
        Entry::choice("poll-attended", ["poll-alone", "poll-with-colleague"].map(|key| desk.say(key)).into(), 0).hint("poll-attended-hint"),
    ]);
    Popup::ask(Ask::new("poll-by-name-title", String::new(), form, move |desk, form| {
        let some = |label: &str| Some(form.text(label)).filter(|text| !text.is_empty());
        let birth = birth(desk, form)?;
        let search = Search { number: some("poll-number"), name: some("field-name"), kana: some("field-kana"), birth };
        if search.number.is_none() && search.name.is_none() && search.kana.is_none() {
            return Err(vec![Problem { label: "poll-number", said: desk.say("poll-nobody-named") }]);
        }
        let reason = reasons.get(form.chosen("poll-reason")).copied().unwrap_or(NameReason::NoCard);
        let find = Order::Find { whom: Whom(search), attended: form.chosen("poll-attended") == 1, reason };
        Ok(Turn::Do(Box::new(Deed::Seat(seat::Order::Poll(find)))))
    }))
}

/// The birth date of a form, in any way of writing; none where none was typed.
fn birth(desk: &Desk, form: &Form) -> Result<Option<String>, Vec<Problem>> {
    let text = form.text("field-birth");
    if text.is_empty() {
        return Ok(None);
    }
    told::birth(&text).map(Some).map_err(|failure| vec![Problem { label: "field-birth", said: failure.say(desk.lang()) }])
}

/// Who takes a provisional paper.
fn envelope(desk: &Desk) -> Popup {
    let form = Form::new(vec![Entry::text("field-name"), Entry::text("field-birth").hint("poll-birth-hint")]);
    Popup::ask(Ask::new("poll-envelope-title", desk.say("poll-envelope-ask"), form, |desk, form| {
        let name = form.text("field-name");
        let missing = |label: &'static str| vec![Problem { label, said: desk.say("poll-needed") }];
        if name.is_empty() {
            return Err(missing("field-name"));
        }
        let birth = birth(desk, form)?.ok_or_else(|| missing("field-birth"))?;
        let whom = Whom(Search { name: Some(name), birth: Some(birth), ..Search::default() });
        Ok(Turn::Do(Box::new(Deed::Seat(seat::Order::Poll(Order::Envelope(whom))))))
    }))
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
        order(Order::HandOut { pin: pin.map(Secret::typed), manner, contests })
    }

    /// Whether papers are handed out to somebody right now.
    fn is_sending(desk: &Desk) -> bool {
        desk.doing.values().any(|doing| matches!(&doing.deed, Deed::Seat(seat::Order::Poll(Order::HandOut { .. } | Order::Unlock(_)))))
    }

    /// Why nothing is handed out now to who stands here.
    fn why_not(&self, desk: &Desk, here: &Here) -> Option<String> {
        if Self::is_sending(desk) {
            return Some(desk.say("off-busy"));
        }
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
                keys.push(Binding::new(Key::Char('m'), Action::Manner, "key-manner"));
                keys.push(Binding::new(Key::Char(' '), Action::LeaveOut, "key-leave-out"));
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
        keys.push(Binding::new(Key::Char('o'), Action::Sit, "key-sit").quiet());
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
        if seen.turn != self.turn {
            (self.turn, self.chosen, self.manner) = (seen.turn, 0, 0);
            self.left_out.clear();
            if seen.desk.is_some() {
                self.mode = Mode::Serve;
            }
        }
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        match (&self.mode, &desk.poll) {
            (Mode::Pin(pin), _) => {
                let off = pin.is_empty().then(|| desk.say("poll-no-pin"));
                vec![Binding::new(Key::Enter, Action::Submit, "key-hand-out").off(off), Binding::new(Key::Esc, Action::Back, "key-no")]
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
            return match sit(desk, form) {
                Ok(opening) => order(opening),
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
                None => order(Order::Unlock(pin.typed())),
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
            (Action::Open, Stand::Cut(_)) => Then::Window(Box::new(envelope(desk))),
            (Action::Next, _) => order(Order::Next),
            (Action::ByName, _) => match &seen.desk {
                Some(listed) => Then::Window(Box::new(by_name(desk, listed.kind))),
                None => Then::Stay,
            },
            (Action::HandIn, _) => order(Order::HandIn),
            (Action::Sit, _) => {
                self.mode = Mode::Sit(Box::new(form()));
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
        let mut text = vec![place_line(desk, listed, cells), kept_line(desk, &seen.kept)];
        let (word, tone) = self.word(desk, seen, listed);
        text.extend(large(look, &desk.say(word)).into_iter().map(|row| Line::styled(format!("  {row}"), look.style(tone))));
        debug_assert_eq!(text.len(), 2 + usize::from(ROWS));
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
        |hours| desk.with("poll-hours", &[("opens", hours.opens.in_japan(desk.lang())), ("closes", hours.closes.in_japan(desk.lang()))]),
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
fn kept_line(desk: &Desk, kept: &Kept) -> Line<'static> {
    let mut said = Vec::new();
    if kept.unanswered > 0 {
        said.push(desk.with("poll-unanswered", &[("n", kept.unanswered.to_string())]));
    }
    if kept.waiting() > 0 {
        let envelopes = kept.envelopes.iter().filter(|(_, fate)| *fate == Fate::Kept).map(|(number, _)| number.as_str()).collect::<Vec<_>>().join(", ");
        said.push(desk.with("poll-kept", &[("n", kept.waiting().to_string()), ("envelopes", envelopes)]));
    }
    let cells = 76;
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
            Stand::Refused(failure) | Stand::Unknown(failure) => say(&failure.say(lang), Tone::Bad),
            Stand::Cut(failure) => {
                say(&failure.say(lang), Tone::Bad);
                if seen.desk.as_ref().is_some_and(|listed| listed.offline == LinkPolicy::Provisional) {
                    say(&desk.say("poll-cut-provisional"), Tone::Strong);
                }
            }
            Stand::Waits(waits) => {
                if let Some(elector) = &waits.elector {
                    say(&who(elector), Tone::Strong);
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
        for (place, contest) in contests.iter().enumerate() {
            let mark = if place == self.chosen { ">" } else { " " };
            let given = desk.say(if self.left_out.contains(&contest.index) { "poll-left-out" } else { "poll-given" });
            say(&format!("{mark} [{given}] {}: {}", title(desk, &contest.title), contest.state.say(lang)), Tone::Plain);
        }
        if let Some(paper) = paper {
            say(&desk.with("poll-paper", &[("place", title(desk, &paper.place_name)), ("at", paper.at.in_japan(lang))]), Tone::Plain);
        }
        if let Some(declaration) = declaration {
            say(&desk.with("poll-declared", &[("reason", lang.pick(&declaration.reason.ja, &declaration.reason.en).to_owned())]), Tone::Plain);
        }
        if barred.is_some() {
            return;
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
        let manner = manner_name(MANNERS.get(self.manner).copied().unwrap_or(Manner::Own), lang).to_owned();
        match by {
            By::Card(Tries::Left(tries)) if *tries > 1 => say(&desk.with("poll-by-card", &[("manner", manner), ("tries", tries.to_string())]), Tone::Plain),
            By::Card(Tries::Left(_)) => say(&desk.say("poll-last-try"), Tone::Bad),
            By::Card(Tries::Unlimited | Tries::Verified) => say(&desk.with("poll-by-card-any", &[("manner", manner)]), Tone::Plain),
            By::Card(Tries::Blocked) => say(&desk.say("poll-blocked"), Tone::Bad),
            By::Checked => say(&desk.with("poll-by-checked", &[("manner", manner)]), Tone::Plain),
            By::Name(reason) => say(&desk.with("poll-named", &[("manner", manner), ("reason", reason_text(lang, *reason).to_owned())]), Tone::Plain),
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
