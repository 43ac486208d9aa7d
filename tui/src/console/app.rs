//! What the console knows, and what changes it: an event comes in, effects go out. Nothing here waits, reads a clock or speaks to anybody.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use tachiai_schemas::staff::{Role, Shown};
use tachiai_schemas::status::Status;
use tachiai_schemas::{Lang, Say, Timestamp};

use super::action::{Action, Place};
use super::event::{Event, Key};
use super::i18n::Words;
use super::keymap::{self, Binding};
use super::popups::confirm::Sure;
use super::popups::{Leaving, Popup, Turn};
use super::screens::{self, Screen};
use super::theme::Look;
use super::widgets::hits::{Hit, Hits};
use super::work::reception::{Line, News, Now, Order};
use super::work::seat::{self, Seat};
use super::work::{self, Answer, Brought, Deed, Done, Effect, Question, Tell};
use crate::card::printable;
use crate::failure::{Exit, Failure};

/// After so many seconds without a word of the appliance, which says one every five, the link is taken for lost.
const SILENCE: i64 = 15;

/// For how many seconds a notice stays.
const NOTICE: i64 = 8;

/// How the link to the appliance is.
pub enum Link {
    /// A server is tried, or none yet.
    Trying(Option<String>),
    /// It tells what is going on.
    Live,
    /// It is lost, and tried again at this time, if it is.
    Lost(Failure, Option<Timestamp>),
}

/// What became of a question's matter since it was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Since {
    /// Nothing that is known.
    #[default]
    Same,
    /// It changed, so that the answer under way may be older than that.
    Changed,
}

/// An answer as far as it is here.
#[derive(Default)]
pub struct Kept {
    /// What was answered last, and when.
    pub answer: Option<(Answer, Timestamp)>,
    /// Since when it is asked again.
    pub asked: Option<Timestamp>,
    /// Whether it has to be asked once more when that is answered.
    pub since: Since,
    /// Why there is no newer answer.
    pub failure: Option<Failure>,
}

/// How the reception of this machine stands, as far as it was opened.
#[derive(Default)]
pub enum Counter {
    /// Nobody opened it.
    #[default]
    Untouched,
    /// It is being opened.
    Opening,
    /// The passphrase of the shift is needed, and this was wrong with the one before.
    Locked(Option<Failure>),
    /// It cannot be opened.
    Shut(Failure),
    /// It is open.
    Open(Box<Now>),
}

/// What every screen sees.
pub struct Desk {
    /// What is said, and in which language.
    pub words: Words,
    /// How it looks.
    pub look: Look,
    /// What the terminal's clock shows.
    pub now: Timestamp,
    /// The profile that was named; none is the usual one.
    pub profile: Option<PathBuf>,
    /// The server of the profile.
    pub server: Option<String>,
    /// How the link is.
    pub link: Link,
    /// When the appliance was heard last, by the terminal's clock.
    pub heard: Option<Timestamp>,
    /// By how many seconds the appliance's clock is ahead of the terminal's.
    pub ahead: i64,
    /// What is going on.
    pub status: Option<Status>,
    /// What was asked, and answered.
    pub answers: BTreeMap<Question, Kept>,
    /// What is being done, under its number.
    pub doing: BTreeMap<u64, Doing>,
    /// What takes back what was done last that can be taken back, and what that is in words, in Japanese and English.
    pub undo: Option<(Deed, [String; 2])>,
    /// How the reception of this machine stands.
    pub counter: Counter,
    /// How the desk of a polling place stands, while somebody sits at it.
    pub poll: Option<Box<seat::poll::Seen>>,
    /// How a trustee's medium stands, while somebody sits at it.
    pub trustee: Option<Box<seat::trustee::Seen>>,
    /// What of the screen can be clicked at.
    pub hits: Hits,
}

/// Something that is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doing {
    /// It.
    pub deed: Deed,
    /// How much of how much is done, where that is known.
    pub progress: Option<(u64, u64)>,
    /// The screen from which it was begun.
    pub from: Option<Place>,
}

impl Desk {
    /// A message.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// A message with what belongs into it.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, String)]) -> String {
        self.words.with(key, values)
    }

    /// The language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.words.lang()
    }

    /// How long ago something was, by the terminal's clock.
    #[must_use]
    pub fn age(&self, then: Timestamp) -> String {
        let seconds = self.now.unix().saturating_sub(then.unix()).max(0);
        let n = |n: i64| ("n", n.to_string());
        match seconds {
            0..60 => self.with("age-seconds", &[n(seconds)]),
            60..3_600 => self.with("age-minutes", &[n(seconds / 60)]),
            3_600..86_400 => self.with("age-hours", &[("h", (seconds / 3_600).to_string()), ("m", (seconds % 3_600 / 60).to_string())]),
            _ => self.with("age-days", &[n(seconds / 86_400)]),
        }
    }

    /// How long ago something was that the appliance gave its time to.
    #[must_use]
    pub fn age_there(&self, then: Timestamp) -> String {
        self.age(then.plus(-self.ahead))
    }

    /// The role of whoever sits here, as far as it is known.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.status.as_ref().map(|status| status.viewer.role)
    }

    /// The name of a role.
    #[must_use]
    pub fn role_name(&self, role: Role) -> String {
        self.say(match role {
            Role::Commission => "role-commission",
            Role::Poll => "role-poll",
            Role::Reception => "role-reception",
            Role::Headquarters => "role-headquarters",
            Role::Trustee => "role-trustee",
            Role::Auditor => "role-auditor",
            Role::Agency => "role-agency",
        })
    }

    /// Why a screen cannot be gone to now.
    #[must_use]
    pub fn why_not(&self, place: Place) -> Option<String> {
        let may: &[Role] = match place {
            Place::Connection | Place::Home | Place::Trustee => return None,
            // These work without a link, and then nobody knows who sits here.
            Place::Reception | Place::RollCall | Place::Poll if self.role().is_none() => return None,
            Place::Reception | Place::RollCall => &[Role::Reception, Role::Headquarters],
            Place::Poll => &[Role::Poll, Role::Commission],
            Place::Approvals => &[Role::Commission, Role::Auditor, Role::Poll, Role::Headquarters],
            Place::Elections => &[Role::Commission, Role::Auditor, Role::Poll, Role::Headquarters, Role::Reception, Role::Trustee, Role::Agency],
            Place::Election(_) => &[Role::Commission, Role::Auditor, Role::Trustee],
            Place::Events | Place::Event(_) | Place::People(_) | Place::Person(..) => &[Role::Headquarters, Role::Reception],
            Place::Conflicts(_) | Place::Facilities(_) | Place::Missing(_) | Place::Duplicates(_) | Place::Statements(_) => &[Role::Headquarters],
            Place::Journal => &[Role::Auditor],
            Place::Sharing | Place::Alerts => &[Role::Headquarters, Role::Auditor],
            Place::Disclose => &[Role::Headquarters],
            Place::Citizens | Place::Citizen(_) | Place::Access(_) => &[Role::Headquarters, Role::Commission],
            Place::Create | Place::RollFile(_) | Place::TrusteeFile(_) | Place::RollPractice(_) | Place::Counting(_) => &[Role::Commission],
            Place::Board(_) => &[Role::Commission, Role::Auditor, Role::Trustee, Role::Poll, Role::Headquarters, Role::Reception, Role::Agency],
        };
        match self.role() {
            None => Some(self.say("off-nobody")),
            Some(role) if may.contains(&role) => None,
            Some(role) => Some(self.with("off-role", &[("role", self.role_name(role))])),
        }
    }

    /// An answer, as far as it is here.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Option<&Answer> {
        self.answers.get(question)?.answer.as_ref().map(|(answer, _)| answer)
    }

    /// Why a question has no answer.
    #[must_use]
    pub fn failure(&self, question: &Question) -> Option<&Failure> {
        self.answers.get(question).filter(|kept| kept.answer.is_none())?.failure.as_ref()
    }

    /// Why a question has no newer answer than the one that is shown, and since when that is here.
    #[must_use]
    pub fn outdated(&self, question: &Question) -> Option<(&Failure, Timestamp)> {
        let kept = self.answers.get(question)?;
        Some((kept.failure.as_ref()?, kept.answer.as_ref()?.1))
    }

    /// Since when the answer is here that is asked by people alone; none for what is followed.
    #[must_use]
    pub fn looked(&self, question: &Question) -> Option<Timestamp> {
        self.answers.get(question).filter(|_| question.is_recorded())?.answer.as_ref().map(|(_, at)| *at)
    }

    /// Why nothing more can be ordered at the reception of this machine: what was ordered before is not answered yet.
    #[must_use]
    pub fn orders_wait(&self) -> Option<String> {
        self.doing.values().any(|doing| matches!(doing.deed, Deed::Reception(_))).then(|| self.say("off-busy"))
    }

    /// Whether what waits under this ID is being approved.
    #[must_use]
    pub fn is_approving(&self, id: &str) -> bool {
        self.doing.values().any(|doing| matches!(&doing.deed, Deed::Approve(shown) if shown.pending.id == id))
    }

    /// Whether a question can be asked without anybody having asked for it.
    #[must_use]
    pub fn is_free(&self, question: &Question) -> bool {
        self.status.as_ref().map_or(!question.is_recorded(), |status| question.is_free(status))
    }

    /// Whether something is asked that is not answered yet.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        !self.doing.is_empty() || self.answers.values().any(|kept| kept.asked.is_some())
    }
}

/// All of it.
pub struct State {
    /// What every screen sees.
    pub desk: Desk,
    /// The screens on top of each other; the last one is seen.
    pub screens: Vec<Box<dyn Screen>>,
    /// The window over it.
    pub popup: Option<Popup>,
    /// What is to be said once that window is closed, so that nobody's typing goes into another one.
    pub told: VecDeque<Popup>,
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
            hits: Hits::default(),
        };
        let screens = vec![screens::at(Place::Connection)];
        let state = Self { desk, screens, popup: None, told: VecDeque::new(), notice: None, attempt: 1, profile_since: 1, next: 1, seats: Vec::new() };
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
            return popup.keys(&self.desk);
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
        keys.extend(keymap::everywhere(&self.desk));
        if self.screen().is_some_and(|screen| screen.is_typing()) {
            // What is text is no command, and is not said to be one. A screen that takes no space as text may have one.
            keys.retain(|binding| binding.key == Key::Char(' ') || !matches!(binding.key, Key::Char(_)));
        }
        keys
    }

    /// Takes what comes; gives what is to be done.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let before = self.line();
        let mut effects = self.taken(event);
        effects.extend(self.rise());
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
        match event {
            Event::Key(key) => self.key(key),
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
                Some(Hit::Row(place)) if self.popup.is_none() => self.act(Action::Choose(place)),
                Some(Hit::Open) if self.popup.is_none() => self.key(Key::Enter),
                Some(Hit::Row(_) | Hit::Open) | None => Vec::new(),
            },
            Event::Tick(now) => self.tick(now),
            Event::Brought(brought) => self.brought(*brought),
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
        if let Some(popup) = &mut self.popup {
            let turn = popup.key(&self.desk, key);
            let effects = self.turn(turn);
            if self.popup.is_none() {
                self.popup = self.told.pop_front();
            }
            return effects;
        }
        if let Some(screen) = self.screens.last_mut()
            && screen.typed(key)
        {
            return Vec::new();
        }
        let mut bindings: Vec<Binding> = self.keys().into_iter().filter(|binding| binding.key == key.as_command()).collect();
        // What does nothing now does not stand before what does something.
        bindings.sort_by_key(|binding| binding.off.is_some());
        let binding = bindings.into_iter().next();
        match binding {
            Some(Binding { off: Some(why), .. }) => {
                self.notice = Some((why, self.desk.now.plus(NOTICE)));
                Vec::new()
            }
            Some(Binding { action, .. }) => self.act(action),
            None => Vec::new(),
        }
    }

    /// Does what a popup asks for.
    fn turn(&mut self, turn: Turn) -> Vec<Effect> {
        match turn {
            Turn::Stay => Vec::new(),
            Turn::Close => {
                self.popup = None;
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
                self.popup = None;
                self.perform(*deed)
            }
            Turn::Give(text) => {
                self.popup = None;
                let then = self.screens.last_mut().map(|screen| screen.given(text));
                then.map(|then| self.follow(then)).unwrap_or_default()
            }
            Turn::Open(popup) => self.open(popup.after_form()),
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
        let number = self.next;
        self.next += 1;
        if self.desk.undo.as_ref().is_some_and(|(undo, _)| *undo == deed) {
            self.desk.undo = None;
        }
        if let Deed::Seat(order) = &deed
            && !self.seats.iter().any(|(seat, _)| *seat == order.seat())
        {
            self.seats.push((order.seat(), number));
        }
        self.desk.doing.insert(number, Doing { deed: deed.clone(), progress: None, from: self.screen().map(Screen::place) });
        vec![Effect::Do(number, Box::new(deed))]
    }

    /// Has something done at the reception of this machine.
    fn order(&mut self, order: Order) -> Vec<Effect> {
        let mut effects = Vec::new();
        if matches!(order, Order::Open(_)) {
            self.desk.counter = Counter::Opening;
            effects.push(Effect::Reception(None, Order::Line(self.line())));
        }
        let number = self.next;
        self.next += 1;
        self.desk.doing.insert(number, Doing { deed: Deed::Reception(order.clone()), progress: None, from: self.screen().map(Screen::place) });
        effects.push(Effect::Reception(Some(number), order));
        effects
    }

    /// Nothing of what was shown stays: whoever sits here now may be somebody else.
    fn forget_everything(&mut self) {
        self.forget_answers();
        let trustee = self.screens.pop().filter(|screen| screen.place() == Place::Trustee);
        if trustee.is_none() {
            self.popup = None;
            self.told.clear();
        }
        self.screens = std::iter::once(screens::at(Place::Connection)).chain(trustee).collect();
    }

    /// Nothing of what the appliance said stays. A reception goes on: it is of this machine, under the passphrase of the shift.
    fn forget_the_appliance(&mut self) {
        let stays = |screen: &dyn Screen| matches!(screen.place(), Place::Reception | Place::RollCall | Place::Trustee) || screen.is_unsaved();
        let in_sight = self.screen().is_some_and(stays);
        let seated: BTreeMap<u64, Doing> =
            self.desk.doing.iter().filter(|(_, doing)| matches!(doing.deed, Deed::Seat(_))).map(|(n, doing)| (*n, doing.clone())).collect();
        self.forget_answers();
        // What is done at a seat that is not left is still told there.
        self.desk.doing.extend(seated);
        if !in_sight {
            self.popup = None;
            self.told.clear();
        }
        self.screens.retain(|screen| stays(screen.as_ref()));
        self.screens.insert(0, screens::at(Place::Connection));
        if !in_sight && self.screens.len() > 1 {
            // What is kept lies below: first it is said why nothing else is to be seen.
            self.screens.remove(0);
            self.screens.push(screens::at(Place::Connection));
        }
    }

    fn forget_answers(&mut self) {
        // A trustee's medium and the reception are of no profile: whoever sits there needs none.
        let is_own = |deed: &Deed| matches!(deed, Deed::Reception(_)) || matches!(deed, Deed::Seat(order) if order.seat() == Seat::Trustee);
        self.desk.doing.retain(|_, doing| is_own(&doing.deed));
        self.desk.undo = None;
        self.desk.status = None;
        self.desk.answers.clear();
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
        let is_working = action == Action::Quit && !self.desk.doing.is_empty();
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
                self.told.push_front(below);
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
            Action::Retry => vec![Effect::Hurry],
            Action::Refresh => self.ask_again(),
            Action::Undo => match self.desk.undo.clone() {
                Some((deed, [ja, en])) => {
                    let text = [format!("次のことを取り消します。\n\n{ja}"), format!("This is taken back:\n\n{en}")];
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
        self.popup = Some(popup);
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

    /// What is asked when a screen comes into sight. What belongs to none of the open screens is forgotten: it may name people.
    fn arrived(&mut self) -> Vec<Effect> {
        self.refresh();
        self.forget_unseen();
        let questions = self.in_sight();
        // Who looks at people is recorded: coming back to them is no second look.
        let asked = questions.into_iter().filter(|question| self.desk.is_free(question) || !self.desk.answers.contains_key(question));
        let asked = asked.collect();
        let mut effects = vec![Effect::Redraw];
        effects.extend(self.ask(asked));
        if let Some(order) = self.screen().and_then(|screen| screen.order(&self.desk)) {
            effects.extend(self.order(order));
        }
        effects
    }

    fn forget_unseen(&mut self) {
        let open: Vec<Question> = self.screens.iter().flat_map(|screen| screen.questions(&self.desk)).collect();
        self.desk.answers.retain(|question, _| open.contains(question));
    }

    /// What the screen in sight asks.
    fn in_sight(&self) -> Vec<Question> {
        self.screens.last().map(|screen| screen.questions(&self.desk)).unwrap_or_default()
    }

    /// Asks again what the screen in sight shows, except what is asked already.
    fn ask_again(&mut self) -> Vec<Effect> {
        let questions = self.in_sight();
        self.ask(questions)
    }

    /// Asks what the screen in sight shows as if it had never been answered, except what is asked already.
    fn ask_anew(&mut self) -> Vec<Effect> {
        self.forget_unseen();
        let questions = self.in_sight();
        self.desk.answers.retain(|question, kept| kept.asked.is_some() || !questions.contains(question));
        self.ask(questions)
    }

    /// Asks what may have another answer now. What is asked already may be answered as it was before, so it is asked once more then.
    fn ask_changed(&mut self, questions: Vec<Question>) -> Vec<Effect> {
        for question in &questions {
            if let Some(kept) = self.desk.answers.get_mut(question).filter(|kept| kept.asked.is_some()) {
                kept.since = Since::Changed;
            }
        }
        self.ask(questions)
    }

    /// Asks what the screen in sight shows and what was not asked yet.
    fn ask_new(&mut self) -> Vec<Effect> {
        let questions = self.in_sight();
        let new = questions.into_iter().filter(|question| !self.desk.answers.contains_key(question));
        self.ask(new.collect())
    }

    fn ask(&mut self, questions: Vec<Question>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for question in questions {
            let kept = self.desk.answers.entry(question.clone()).or_default();
            let is_settled = question.lasts() && kept.answer.is_some();
            if kept.asked.is_none() && !is_settled {
                kept.asked = Some(self.desk.now);
                effects.push(Effect::Ask(question));
            }
        }
        effects
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        self.desk.now = now;
        if self.notice.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.notice = None;
        }
        let is_silent = self.desk.heard.is_some_and(|heard| now.unix() - heard.unix() > SILENCE);
        if matches!(self.desk.link, Link::Live) && is_silent {
            return self.reconnect();
        }
        Vec::new()
    }

    fn brought(&mut self, brought: Brought) -> Vec<Effect> {
        match brought {
            Brought::Link(attempt, news) if attempt == self.attempt => self.linked(news),
            Brought::Link(..) => Vec::new(),
            Brought::Answer(attempt, ..) if attempt < self.profile_since => Vec::new(),
            Brought::Answer(_, question, result) => {
                let mut since = Since::Same;
                // What nobody shows any more is forgotten.
                if let Some(kept) = self.desk.answers.get_mut(&question) {
                    kept.asked = None;
                    since = std::mem::take(&mut kept.since);
                    match result {
                        Ok(answer) => (kept.answer, kept.failure) = (Some((answer, self.desk.now)), None),
                        Err(failure) => kept.failure = Some(failure),
                    }
                }
                self.refresh();
                // One answer may be what another question follows from.
                let mut effects = self.ask_new();
                if since == Since::Changed && self.in_sight().contains(&question) {
                    effects.extend(self.ask(vec![question]));
                }
                effects
            }
            Brought::Reception(number, news) => {
                let _ = number.map(|number| self.desk.doing.remove(&number));
                news.into_iter().flat_map(|news| self.received(news)).collect()
            }
            Brought::Progress(number, done, of) => {
                if let Some(doing) = self.desk.doing.get_mut(&number) {
                    doing.progress = Some((done, of));
                }
                Vec::new()
            }
            Brought::Seat(since, news) => {
                let seat = match &news {
                    seat::News::Poll(_) => Seat::Poll,
                    seat::News::Trustee(_) => Seat::Trustee,
                };
                if !self.seats.contains(&(seat, since)) {
                    return Vec::new();
                }
                match news {
                    seat::News::Poll(seen) => self.desk.poll = Some(seen),
                    seat::News::Trustee(seen) => self.desk.trustee = Some(seen),
                }
                for screen in self.screens.iter_mut().filter(|screen| screen.seat() == Some(seat)) {
                    screen.stands(&self.desk);
                }
                Vec::new()
            }
            Brought::Done(number, result) => {
                // Whoever sat here before has nothing more to be told.
                let Some(doing) = self.desk.doing.remove(&number) else { return Vec::new() };
                // Whoever went on to something else meanwhile is not led away from it.
                let is_there = self.screen().map(Screen::place) == doing.from;
                if result.is_ok() && self.screens.len() > 1 && self.screen().is_some_and(|screen| screen.is_for(&doing.deed)) {
                    self.screens.pop();
                }
                if let (Deed::Approve(shown), true) = (&doing.deed, result.is_ok()) {
                    self.no_longer_waits(&shown.pending.id);
                }
                self.done(result, is_there)
            }
        }
    }

    /// What came of an order at the reception of this machine.
    fn received(&mut self, news: News) -> Vec<Effect> {
        let lang = self.desk.lang();
        match &news {
            News::Now(now) => self.desk.counter = Counter::Open(now.clone()),
            News::Locked(wrong) => self.desk.counter = Counter::Locked(wrong.clone()),
            News::Shut(failure) => {
                self.desk.counter = Counter::Shut(failure.clone());
                // Nothing of what was ordered there is answered any more.
                self.desk.doing.retain(|_, doing| !matches!(doing.deed, Deed::Reception(_)));
            }
            News::Done([ja, en], Tell::Window) => self.tell(Popup::message("done-title", lang.pick(ja, en).to_owned())),
            News::Done([ja, en], Tell::Notice) => self.notice = Some((lang.pick(ja, en).to_owned(), self.desk.now.plus(NOTICE))),
            News::Told([ja, en]) => self.tell(Popup::message("desk-told-title", lang.pick(ja, en).to_owned())),
            News::Failed(failure) => self.tell(Popup::message("failed-title", failure.say(lang))),
            News::Found(_) | News::Check(_) | News::Known(_) | News::Card | News::RollCall(_) | News::Done(_, Tell::Seen) => {}
        }
        let is_open = self.popup.is_some();
        let Some(screen) = self.screens.last_mut() else { return Vec::new() };
        if matches!(news, News::Card) {
            // Nobody's typing goes into the window for a card that somebody else lays down.
            let then = if is_open { screens::Then::Stay } else { screen.heard(&self.desk, &news) };
            if matches!(then, screens::Then::Stay) && screen.place() == Place::Reception {
                self.notice = Some((self.desk.say("desk-card-later"), self.desk.now.plus(NOTICE)));
            }
            return self.follow(then);
        }
        let then = screen.heard(&self.desk, &news);
        self.follow(then)
    }

    /// Says something in a window, after the one that is open.
    fn tell(&mut self, popup: Popup) {
        match self.popup {
            Some(_) => self.told.push_back(popup),
            None => self.popup = Some(popup),
        }
    }

    fn ask_what_may_have_changed(&mut self) -> Vec<Effect> {
        let is_due = |question: &Question| self.desk.is_free(question) || !self.desk.answers.contains_key(question);
        let questions = self.in_sight().into_iter().filter(is_due).collect();
        self.ask_changed(questions)
    }

    /// What was approved waits no more: that is known without a second look at the others.
    fn no_longer_waits(&mut self, id: &str) {
        if let Some(Kept { answer: Some((Answer::Approvals(waiting), _)), .. }) = self.desk.answers.get_mut(&Question::Approvals) {
            waiting.retain(|waiting| waiting.shown.pending.id != id);
        }
        self.refresh();
    }

    fn done(&mut self, result: Result<Box<Done>, Failure>, is_there: bool) -> Vec<Effect> {
        let lang = self.desk.lang();
        let is_there = is_there && self.popup.is_none();
        match result {
            Ok(done) => {
                let Done { said: [ja, en], tell, then, undo } = *done;
                let said = lang.pick(&ja, &en).to_owned();
                if let Some(undo) = undo {
                    self.desk.undo = Some((undo, [ja, en]));
                }
                match tell {
                    Tell::Window => self.tell(Popup::message("done-title", said)),
                    Tell::Notice => self.notice = Some((said, self.desk.now.plus(NOTICE))),
                    Tell::Seen => {}
                }
                // Nobody is led away from what they are filling in.
                let then = then.filter(|_| is_there && !self.screen().is_some_and(Screen::is_unsaved));
                let mut effects = then.map(|place| self.go(place)).unwrap_or_default();
                effects.extend(self.ask_what_may_have_changed());
                effects
            }
            Err(failure) => {
                self.tell(Popup::message("failed-title", failure.say(lang)));
                self.ask_what_may_have_changed()
            }
        }
    }

    /// An emergency access is never silent: whatever is in sight, it is said.
    fn tell_of_alerts(&mut self, before: &Status, now: &Status) {
        let known: BTreeSet<_> = before.alerts.iter().flatten().map(|alert| alert.id).collect();
        let new: Vec<String> = now
            .alerts
            .iter()
            .flatten()
            .filter(|alert| !known.contains(&alert.id))
            .map(|alert| {
                let time = ("time", alert.at.in_japan(self.desk.lang()));
                self.desk.with("home-alert", &[time, ("agency", alert.agency.to_string()), ("reason", printable(&alert.reason))])
            })
            .collect();
        if !new.is_empty() {
            self.tell(Popup::message("alert-title", format!("{}\n\n{}", new.join("\n"), self.desk.say("alert-told"))));
        }
    }

    fn linked(&mut self, news: work::Link) -> Vec<Effect> {
        let now = self.desk.now;
        match news {
            work::Link::Trying(server) => {
                self.desk.server = Some(server.clone());
                if !matches!(self.desk.link, Link::Live) {
                    self.desk.link = Link::Trying(Some(server));
                }
                Vec::new()
            }
            work::Link::Same(at) => {
                (self.desk.heard, self.desk.ahead) = (Some(now), at.unix() - now.unix());
                Vec::new()
            }
            work::Link::Status(status) => {
                (self.desk.heard, self.desk.ahead) = (Some(now), status.at.unix() - now.unix());
                let before = self.desk.status.replace((*status).clone());
                let is_other = before.as_ref().is_some_and(|before| before.viewer != status.viewer);
                let was_lost = !matches!(self.desk.link, Link::Live);
                self.desk.link = Link::Live;
                let on_connection = self.screens.len() == 1 && self.screen().is_some_and(|screen| screen.place() == Place::Connection);
                if is_other {
                    // Somebody else sits here, under the same profile.
                    self.forget_everything();
                    self.desk.status = Some((*status).clone());
                }
                if is_other || (on_connection && was_lost) {
                    return self.go(Place::Home);
                }
                // While the link was lost, anything may have changed, and what was asked may have failed. Looks at people are taken by people alone.
                let follows = |question: &Question| match &before {
                    Some(before) if !was_lost => question.follows(before, &status),
                    _ => question.is_free(&status),
                };
                let stale = self.in_sight().into_iter().filter(follows).collect();
                let effects = self.ask_changed(stale);
                if let Some(before) = &before {
                    self.tell_of_alerts(before, &status);
                }
                effects
            }
            work::Link::Lost(failure, pause) => {
                let again = pause.map(|pause| now.plus(i64::try_from(pause).unwrap_or(i64::MAX)));
                // Whoever is refused, or has no profile, sees nothing more.
                if again.is_none() || failure.exit == Exit::Refused {
                    self.forget_the_appliance();
                }
                self.desk.link = Link::Lost(failure, again);
                Vec::new()
            }
        }
    }
}

/// Whether somebody asked for this themselves.
#[must_use]
pub fn is_own(desk: &Desk, shown: &Shown) -> bool {
    desk.status.as_ref().is_some_and(|status| status.viewer.name == shown.pending.requested_by)
}
