//! What the console knows, and what changes it: an event comes in, effects go out. Nothing here waits, reads a clock or speaks to anybody.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use tachiai_schemas::{Lang, Timestamp};

use self::filled::Filled;
use self::told::Heard;
use self::veil::Veil;
use self::warned::Warned;
use super::action::{Action, Place};
use super::desk::{Counter, Desk, Doing, Folders, Link};
use super::event::{Event, Key};
use super::i18n::{Words, both};
use super::keymap::{self, Binding};
use super::popups::confirm::Sure;
use super::popups::{Leaving, Popup, Turn};
use super::screens::{self, Screen};
use super::theme::Look;
use super::widgets::hits::{Hit, Hits};
use super::work::reception::{Line, News, Order};
use super::work::seat::Seat;
use super::work::seat::poll::Window;
use super::work::{Deed, Effect};
use crate::shelter::key::Protection;

mod asks;
mod filled;
mod forgets;
mod told;
mod veil;
mod warned;

/// After so many seconds without a word of the appliance, which says one every five, the link is taken for lost.
const SILENCE: i64 = 15;

/// For how many seconds a notice stays.
const NOTICE: i64 = 8;

/// So many seconds after the last key a reception under a passphrase shows nothing more, until that is typed again.
const UNTOUCHED: i64 = 10 * 60;

/// All of it.
pub struct State {
    /// What every screen sees.
    pub desk: Desk,
    /// The screens on top of each other; the last one is seen.
    pub screens: Vec<Box<dyn Screen>>,
    /// The window over it.
    pub popup: Option<Popup>,
    /// What is to be said once no window is open and nobody types, so that nobody's typing goes into it.
    pub told: VecDeque<Popup>,
    /// The window that is open again once the one over it is closed.
    below: Option<Popup>,
    /// What was open over the reception when it was locked, and what is to be said there since.
    veiled: Vec<Popup>,
    /// What was told, to be read again.
    heard: Heard,
    /// What lies below while everything is hidden.
    veil: Option<Veil>,
    /// When somebody touched anything last, by the terminal's clock.
    touched: Timestamp,
    /// How often somebody did.
    touches: u64,
    /// What was filled in, until it is known that it was done.
    filled: Filled,
    /// Which warnings are to be told, and were.
    warned: Warned,
    /// A line at the bottom, and until when it stays.
    pub notice: Option<(String, Timestamp)>,
    /// The attempt to connect whose news count.
    attempt: u64,
    /// The attempt since which this profile is used; what was asked before was asked as somebody else.
    profile_since: u64,
    /// The number of what is done next.
    next: u64,
    /// The seats that are taken, each with the number of the order that opened it: what an earlier one of them brings is of no account.
    seats: Vec<(Seat, u64)>,
}

/// What the console begins with.
pub struct Beginning {
    /// The language.
    pub lang: Lang,
    /// How it looks.
    pub look: Look,
    /// The profile that was named.
    pub profile: Option<PathBuf>,
    /// The terminal's clock.
    pub now: Timestamp,
}

impl State {
    /// The first screen, and what is to be done first.
    #[must_use]
    pub fn begin(beginning: Beginning) -> (Self, Vec<Effect>) {
        let Beginning { lang, look, profile, now } = beginning;
        let desk = Desk {
            words: Words::new(lang),
            look,
            now,
            profile: profile.clone(),
            server: None,
            link: Link::Trying(None),
            heard: None,
            ahead: 0,
            status: None,
            answers: BTreeMap::new(),
            doing: BTreeMap::new(),
            undo: None,
            counter: Counter::default(),
            poll: None,
            trustee: None,
            folders: Folders::default(),
            hits: Hits::default(),
        };
        let screens = vec![screens::at(Place::Connection)];
        let state = Self {
            desk,
            screens,
            popup: None,
            told: VecDeque::new(),
            below: None,
            veiled: Vec::new(),
            heard: Heard::default(),
            veil: None,
            // Nobody has typed anything yet.
            touched: now.plus(-told::QUIET),
            touches: 0,
            filled: Filled::default(),
            warned: Warned::default(),
            notice: None,
            attempt: 1,
            profile_since: 1,
            next: 1,
            seats: Vec::new(),
        };
        (state, vec![Effect::Connect(profile)])
    }

    /// The screen that is seen.
    #[must_use]
    pub fn screen(&self) -> Option<&dyn Screen> {
        self.screens.last().map(Box::as_ref)
    }

    /// The keys that count now: those of the window, or of the screen and everywhere.
    #[must_use]
    pub fn keys(&self) -> Vec<Binding> {
        if let Some(popup) = &self.popup {
            return popup.keys();
        }
        if self.is_veiled() {
            return Self::veiled_keys();
        }
        let own = self.screen().map(|screen| screen.keys(&self.desk)).unwrap_or_default();
        let mut keys = self.bindings();
        if self.screen().is_some_and(Screen::is_public) {
            // What leads elsewhere is found by its name: a digit may be a PIN's.
            keys.retain(|binding| !matches!(binding.key, Key::Char(c) if c != '?' && c != ':') || own.iter().any(|known| known.key == binding.key));
        }
        keys
    }

    /// Everything that can be done from the screen in sight.
    #[must_use]
    pub fn bindings(&self) -> Vec<Binding> {
        let mut keys = self.screen().map(|screen| screen.keys(&self.desk)).unwrap_or_default();
        if self.screens.len() > 1 && keys.iter().all(|binding| binding.key != Key::Esc) {
            keys.push(Binding::new(Key::Esc, Action::Back, "key-back"));
        }
        // A function key of the screen's own is what it does there; a letter that does nothing there leads where it leads from everywhere.
        let own: Vec<Key> = keys.iter().map(|binding| binding.key).filter(|key| matches!(key, Key::F(_))).collect();
        keys.extend(keymap::everywhere(&self.desk).into_iter().filter(|binding| !own.contains(&binding.key)));
        let is_typing = self.screen().is_some_and(|screen| screen.is_typing());
        let help = Binding::new(Key::F(1), Action::Help, "key-help");
        if keys.iter().all(|binding| binding.key != help.key) {
            keys.push(if is_typing { help } else { help.quiet() });
        }
        if is_typing {
            // What is text is no command, and is not said to be one. A screen that takes no space as text may have one.
            keys.retain(|binding| binding.key == Key::Char(' ') || !matches!(binding.key, Key::Char(_)));
        }
        keys
    }

    /// Takes what comes; gives what is to be done.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let (before, window) = (self.line(), self.window());
        let mut effects = self.taken(event);
        effects.extend(self.rise());
        // After what came of the window, which is done first.
        if self.window() != window && self.seats.iter().any(|(seat, _)| *seat == Seat::Poll) {
            effects.push(Effect::Window(self.window()));
        }
        let line = self.line();
        if line != before && !matches!(self.desk.counter, Counter::Untouched) {
            effects.push(Effect::Reception(None, Order::Line(line)));
        }
        effects
    }

    /// Whether the appliance is reached.
    fn line(&self) -> Line {
        if matches!(self.desk.link, Link::Live) { Line::Up } else { Line::Down }
    }

    /// Whether officers fill in a window at the desk of a polling place.
    fn window(&self) -> Window {
        let is_there = self.screen().is_some_and(|screen| screen.place() == Place::Poll);
        let window = self.veil.as_ref().map_or(&self.popup, |veil| &veil.window);
        if is_there && matches!(window, Some(Popup::Ask(_) | Popup::Confirm(_))) { Window::Open } else { Window::Shut }
    }

    /// Leaves the seats whose screens are left. Nothing of them stays.
    fn rise(&mut self) -> Vec<Effect> {
        let open: Vec<Seat> = self.screens.iter().filter_map(|screen| screen.seat()).collect();
        let (kept, left): (Vec<_>, Vec<_>) = self.seats.drain(..).partition(|(seat, _)| open.contains(seat));
        self.seats = kept;
        for (seat, _) in &left {
            match seat {
                Seat::Poll => self.desk.poll = None,
                Seat::Trustee => self.desk.trustee = None,
            }
        }
        left.into_iter().map(|(seat, _)| Effect::Rise(seat)).collect()
    }

    fn taken(&mut self, event: Event) -> Vec<Effect> {
        if matches!(event, Event::Key(_) | Event::Hurried(_) | Event::Paste(_) | Event::Click(..)) {
            self.touched = self.desk.now;
            self.touches += 1;
        }
        match event {
            Event::Hurried(_) if self.popup.as_ref().is_some_and(Popup::means_by_letter) => {
                self.notice = Some((self.desk.say("off-scanned"), self.desk.now.plus(NOTICE)));
                Vec::new()
            }
            Event::Key(key) | Event::Hurried(key) => self.key(key),
            Event::Paste(_) if self.is_veiled() => Vec::new(),
            Event::Paste(text) => {
                let popup = self.popup.as_mut().map(|popup| popup.paste(&text));
                if popup.is_none()
                    && let Some(screen) = self.screens.last_mut()
                {
                    screen.paste(&text);
                }
                Vec::new()
            }
            Event::Resized => Vec::new(),
            Event::Click(column, row) => match self.desk.hits.at(column, row) {
                Some(Hit::Key(key)) => self.key(key),
                Some(Hit::Row(_) | Hit::Open) if self.is_veiled() => Vec::new(),
                Some(Hit::Row(place)) if self.popup.is_none() => self.act(Action::Choose(place)),
                Some(Hit::Open) if self.popup.is_none() => self.key(Key::Enter),
                Some(Hit::Row(_) | Hit::Open) | None => Vec::new(),
            },
            Event::Tick(now) => self.tick(now),
            Event::Brought(brought) => {
                let effects = self.brought(*brought);
                // Whatever came, also what is going on: a line that somebody looks at stays at hand.
                self.refresh();
                effects
            }
            Event::Told([ja, en]) => {
                self.tell_of_this_machine(self.desk.lang().pick(ja, en).to_owned());
                Vec::new()
            }
            // The terminal is another one, as far as is known.
            Event::Pause | Event::Resumed => vec![Effect::Redraw],
            Event::End => vec![Effect::Leave],
        }
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        self.notice = None;
        if key == Key::Ctrl('c') {
            return match self.popup {
                // Whoever asks twice is let go.
                Some(Popup::Leave(Action::Quit, _)) => vec![Effect::Leave],
                _ => self.act(Action::Quit),
            };
        }
        if key == Key::F(12) && self.popup.is_some() {
            return self.hide_by_key();
        }
        if key.is_composed() && self.popup.as_ref().is_some_and(|popup| !popup.takes_text()) {
            self.notice = Some((self.desk.say("off-input-method"), self.desk.now.plus(NOTICE)));
            return Vec::new();
        }
        if let Some(popup) = &mut self.popup {
            let turn = popup.key(&self.desk, key);
            let mut effects = self.turn(turn);
            effects.extend(self.ask_for_window());
            if self.popup.is_none() {
                self.popup = self.below.take();
            }
            return effects;
        }
        if self.is_veiled() {
            return self.veiled_key(key);
        }
        if let Some(screen) = self.screens.last_mut()
            && screen.typed(key)
        {
            return Vec::new();
        }
        // What does nothing now does not stand before what does something.
        let bindings = self.keys().into_iter().filter(|binding| binding.key == key.as_command());
        match bindings.min_by_key(|binding| binding.off.is_some()) {
            Some(Binding { off: Some(why), .. }) => {
                self.notice = Some((why, self.desk.now.plus(NOTICE)));
                Vec::new()
            }
            Some(Binding { action, .. }) => self.act(action),
            None => {
                if key.is_composed() {
                    self.notice = Some((self.desk.say("off-input-method"), self.desk.now.plus(NOTICE)));
                }
                Vec::new()
            }
        }
    }

    /// Does what a popup asks for.
    fn turn(&mut self, turn: Turn) -> Vec<Effect> {
        match turn {
            // What is to be looked for is kept in the window.
            Turn::Stay | Turn::Look(_) => Vec::new(),
            Turn::Say(said) => {
                self.notice = Some((said, self.desk.now.plus(NOTICE)));
                Vec::new()
            }
            Turn::Close => {
                let window = self.popup.take();
                self.popup = self.filled.back(window);
                Vec::new()
            }
            Turn::Act(action) => {
                self.popup = None;
                self.act(action)
            }
            Turn::Leave(action) => {
                self.popup = None;
                self.act_anyhow(action)
            }
            Turn::Profile(path) => {
                self.popup = None;
                self.desk.profile = Some(path);
                self.forget_everything();
                (self.desk.server, self.desk.heard, self.desk.ahead) = (None, None, 0);
                let effects = self.reconnect();
                self.profile_since = self.attempt;
                effects
            }
            Turn::Do(deed) => {
                let (window, number) = (self.popup.take(), self.next);
                let effects = self.perform(*deed);
                if self.desk.doing.contains_key(&number) {
                    self.filled.begun(number, window);
                }
                effects
            }
            Turn::Give(text) => {
                self.popup = None;
                let then = self.screens.last_mut().map(|screen| screen.given(text));
                then.map(|then| self.follow(then)).unwrap_or_default()
            }
            Turn::Open(popup) => {
                let window = self.popup.take();
                self.filled.follow(window);
                self.open(*popup)
            }
        }
    }

    /// Does something, unless the same is being done.
    fn perform(&mut self, deed: Deed) -> Vec<Effect> {
        if let Deed::Reception(order) = deed {
            return self.order(order);
        }
        if self.desk.doing.values().any(|doing| doing.deed.is_same(&deed)) {
            return Vec::new();
        }
        self.desk.folders.keep(&deed);
        let number = self.next;
        self.next += 1;
        if self.desk.undo.as_ref().is_some_and(|(undo, ..)| *undo == deed) {
            self.desk.undo = None;
        }
        if let Deed::Seat(order) = &deed
            && !self.seats.iter().any(|(seat, _)| *seat == order.seat())
        {
            self.seats.push((order.seat(), number));
        }
        self.desk
            .doing
            .insert(number, Doing { deed: deed.clone(), progress: None, from: self.screen().map(Screen::place), since: self.desk.now, touches: self.touches });
        vec![Effect::Do(number, Box::new(deed))]
    }

    /// Has something done at the reception of this machine.
    fn order(&mut self, order: Order) -> Vec<Effect> {
        let mut effects = Vec::new();
        if matches!(order, Order::Open(_)) {
            self.desk.counter = Counter::Opening;
            effects.push(Effect::Reception(None, Order::Line(self.line())));
        }
        if order == Order::Lock {
            // Whatever the reception is busy with, nothing of it is seen from now on.
            self.hide(None);
            self.stands(&News::Locked(None));
        }
        let number = self.next;
        self.next += 1;
        self.desk.doing.insert(
            number,
            Doing { deed: Deed::Reception(order.clone()), progress: None, from: self.screen().map(Screen::place), since: self.desk.now, touches: self.touches },
        );
        effects.push(Effect::Reception(Some(number), order));
        effects
    }

    fn reconnect(&mut self) -> Vec<Effect> {
        self.attempt += 1;
        self.desk.link = Link::Trying(self.desk.server.clone());
        vec![Effect::Connect(self.desk.profile.clone())]
    }

    /// The screens that are open no more after this.
    fn left_by(&self, action: Action) -> &[Box<dyn Screen>] {
        let all = self.screens.len();
        let from = match action {
            Action::Quit | Action::Go(Place::Home) => 0,
            Action::Back => all.saturating_sub(1).max(1),
            Action::Go(place) if self.desk.why_not(place).is_none() => {
                self.screens.iter().position(|screen| screen.place() == place).map_or(all, |below| below + 1)
            }
            _ => all,
        };
        self.screens.get(from..).unwrap_or_default()
    }

    /// What is asked before this, because something would be lost by it.
    fn asks_before(&self, action: Action) -> Option<Leaving> {
        let is_working = action == Action::Quit && self.desk.doing.keys().any(|number| !self.veil.as_ref().is_some_and(|veil| veil.knows(*number)));
        let unsaved = self.left_by(action).iter().rev().find(|screen| screen.is_unsaved()).map(|screen| screen.leaving());
        let working = Leaving { title: "leave-console-title", text: "leave-console-text", leave: "key-leave-console", stay: "key-stay-here" };
        unsaved.or_else(|| is_working.then_some(working))
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        let held = self.left_by(action).iter().find_map(|screen| screen.held(&self.desk));
        if let Some(why) = held.filter(|_| action != Action::Quit) {
            self.notice = Some((why, self.desk.now.plus(NOTICE)));
            return Vec::new();
        }
        if let Some(says) = self.asks_before(action) {
            // A window that is open is open again for whoever stays.
            if let Some(below) = self.popup.take() {
                self.below = Some(below);
            }
            return self.open(Popup::Leave(action, says));
        }
        self.act_anyhow(action)
    }

    /// Does it, whatever is lost by it.
    fn act_anyhow(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Quit => vec![Effect::Leave],
            Action::Help => self.open(Popup::help(self)),
            Action::Palette => self.open(Popup::palette(self)),
            Action::Profile => self.open(Popup::profile(&self.desk)),
            Action::Language => {
                self.desk.words.switch();
                vec![Effect::Redraw]
            }
            Action::Theme => {
                self.desk.look = self.desk.look.next();
                vec![Effect::Redraw]
            }
            Action::Redraw => vec![Effect::Redraw],
            Action::Hide => self.hide_all(),
            Action::Told => self.tell_again(),
            Action::Retry => vec![Effect::Hurry],
            Action::Refresh => self.ask_again(),
            Action::Undo => match self.desk.undo.clone() {
                Some((deed, [ja, en], at)) => {
                    let done = |words: &Words| words.with("undo-of", &[("at", at.in_japan(words.lang())), ("done", words.lang().pick(&ja, &en).to_owned())]);
                    let text = both(done);
                    self.open(Popup::sure(Sure { title: "undo-title", text, word: None, deed }))
                }
                None => Vec::new(),
            },
            Action::Back => {
                if self.screens.len() > 1 {
                    self.screens.pop();
                }
                self.arrived()
            }
            Action::Go(place) => self.go(place),
            action => {
                let Some(screen) = self.screens.last_mut() else { return Vec::new() };
                let then = screen.act(&self.desk, action);
                self.follow(then)
            }
        }
    }

    /// Does what a screen wants done.
    fn follow(&mut self, then: screens::Then) -> Vec<Effect> {
        match then {
            screens::Then::Stay => Vec::new(),
            screens::Then::Ask => self.ask_new(),
            screens::Then::Anew => self.ask_anew(),
            screens::Then::Go(place) => self.go(place),
            screens::Then::Screen(screen) => {
                self.screens.push(screen);
                self.arrived()
            }
            screens::Then::Window(popup) => self.open(*popup),
            screens::Then::Do(deed) => self.perform(*deed),
        }
    }

    /// Tells the screen in sight that there is something new for it.
    fn refresh(&mut self) {
        if let Some(screen) = self.screens.last_mut() {
            screen.refreshed(&self.desk);
        }
    }

    fn open(&mut self, popup: Popup) -> Vec<Effect> {
        match &mut self.veil {
            // Nothing is shown of what is hidden, except what leads away from it.
            Some(veil) if !matches!(popup, Popup::Leave(..)) && veil.window.is_none() => veil.window = Some(popup),
            Some(_) if !matches!(popup, Popup::Leave(..)) => self.told.push_back(popup),
            _ => self.popup = Some(popup),
        }
        Vec::new()
    }

    /// Goes to a screen: back to it where it lies below, and the home screen lies below all.
    fn go(&mut self, place: Place) -> Vec<Effect> {
        if let Some(why) = self.desk.why_not(place) {
            self.notice = Some((why, self.desk.now.plus(NOTICE)));
            return Vec::new();
        }
        if place == Place::Home {
            self.screens.clear();
        }
        match self.screens.iter().position(|screen| screen.place() == place) {
            Some(below) => self.screens.truncate(below + 1),
            None => self.screens.push(screens::at(place)),
        }
        self.arrived()
    }
    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        self.desk.now = now;
        if self.notice.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.notice = None;
        }
        let is_silent = self.desk.heard.is_some_and(|heard| now.unix() - heard.unix() > SILENCE);
        let mut effects = self.hide_what_is_left_alone();
        if self.is_left_alone() {
            // It is asked once: the answer is that it is locked.
            self.touched = now;
            effects.extend(self.order(Order::Lock));
        }
        if matches!(self.desk.link, Link::Live) && is_silent {
            effects.extend(self.reconnect());
        }
        self.tell_when_nobody_types();
        effects
    }

    /// Whether the reception stands open under a passphrase, and nobody has touched anything for a while.
    fn is_left_alone(&self) -> bool {
        let Counter::Open(now) = &self.desk.counter else { return false };
        now.protection == Protection::Passphrase && self.desk.now.unix() - self.touched.unix() >= UNTOUCHED
    }
}
