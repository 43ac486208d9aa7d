//! What is brought: answers, what came of deeds, and how the link is.

use std::collections::{BTreeSet, VecDeque};

use tachiai_schemas::Timestamp;
use tachiai_schemas::status::Status;

use super::{NOTICE, State};
use crate::card::printable;
use crate::console::action::Place;
use crate::console::desk::{Counter, Desk, Doing, Kept, Link, Since};
use crate::console::popups::Popup;
use crate::console::screens::{self, Screen};
use crate::console::work::reception::{News, Order};
use crate::console::work::seat::{self, Seat};
use crate::console::work::{self, Answer, Brought, Deed, Done, Effect, Question, Tell};
use crate::failure::{Exit, Failure};

/// A window opens so many seconds after the last key, so that it takes none that was meant for something else.
pub(super) const QUIET: i64 = 3;

/// So much of what was told is kept.
const KEPT: usize = 50;

/// Whether somebody waits for what is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heed {
    /// Whoever ordered it has touched nothing since.
    Awaited,
    /// It comes by itself, or to somebody who does something else meanwhile.
    Unasked,
}

/// What was told in windows, the latest last: when, under which title, what.
#[derive(Default)]
pub(super) struct Heard(VecDeque<(Timestamp, &'static str, String)>);

impl Heard {
    /// Keeps a message; a window that is filled in is none.
    pub(super) fn keep(&mut self, now: Timestamp, popup: &Popup) {
        if let Popup::Message(message) = popup {
            let (title, text) = message.said();
            self.0.push_back((now, title, text.to_owned()));
            self.0.drain(..self.0.len().saturating_sub(KEPT));
        }
    }

    /// All of it in words, the latest first.
    fn list(&self, desk: &Desk) -> String {
        let line = |(at, title, text): &(Timestamp, &'static str, String)| format!("{}  {}\n{text}", at.in_japan(desk.lang()), desk.say(title));
        let all: Vec<String> = self.0.iter().rev().map(line).collect();
        if all.is_empty() { desk.say("told-none") } else { all.join("\n\n") }
    }
}

impl State {
    pub(super) fn brought(&mut self, brought: Brought) -> Vec<Effect> {
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
                let mut effects = self.refresh_window();
                effects.extend(self.ask_new());
                if since == Since::Changed && self.in_sight().contains(&question) {
                    effects.extend(self.ask(vec![question]));
                }
                effects
            }
            Brought::Reception(number, news) => {
                let heed = number.and_then(|number| self.desk.doing.remove(&number)).map_or(Heed::Unasked, |doing| self.heed(&doing));
                let effects = news.into_iter().flat_map(|news| self.received(number, heed, news)).collect();
                number.map(|number| self.filled.done(number)).unwrap_or_default();
                effects
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
            Brought::Done(number, result) => match &mut self.veil {
                Some(veil) => {
                    veil.keep(number, result);
                    Vec::new()
                }
                None => self.came(number, result),
            },
        }
    }

    /// Takes what came of a deed.
    pub(super) fn came(&mut self, number: u64, result: Result<Box<Done>, Failure>) -> Vec<Effect> {
        // Whoever sat here before has nothing more to be told.
        let Some(doing) = self.desk.doing.remove(&number) else { return Vec::new() };
        // It is answered now.
        self.notice.take_if(|(said, _)| *said == self.desk.say("off-busy"));
        // Whoever went on to something else meanwhile is not led away from it.
        let is_there = self.screen().map(Screen::place) == doing.from;
        let result = result.map(|done| {
            let shows = self.screens.last_mut().is_some_and(|screen| screen.done(&doing.deed, &done.said));
            if shows { Box::new(Done { tell: Tell::Seen, ..*done }) } else { done }
        });
        if result.is_ok() && self.screens.len() > 1 && self.screen().is_some_and(|screen| screen.is_for(&doing.deed)) {
            self.screens.pop();
        }
        if let (Deed::Approve(shown), true) = (&doing.deed, result.is_ok()) {
            self.no_longer_waits(&shown.pending.id);
        }
        let heed = self.heed(&doing);
        self.done(number, heed, result, is_there)
    }

    /// What came of an order at the reception of this machine.
    fn received(&mut self, number: Option<u64>, heed: Heed, news: News) -> Vec<Effect> {
        let lang = self.desk.lang();
        match &news {
            News::Now(now) => {
                // How it stood before it was to be locked is not shown any more.
                if self.desk.doing.values().any(|doing| doing.deed == Deed::Reception(Order::Lock)) {
                    return Vec::new();
                }
                self.desk.counter = Counter::Open(now.clone());
                self.unveil();
            }
            News::Locked(wrong) => self.hide(wrong.clone()),
            News::Unset => self.desk.counter = Counter::Unset,
            News::Shut(failure) => {
                self.desk.counter = Counter::Shut(failure.clone());
                // Nothing of what was ordered there is answered any more.
                self.desk.doing.retain(|_, doing| !matches!(doing.deed, Deed::Reception(_)));
            }
            News::Done([ja, en], tell @ (Tell::Window | Tell::Asked | Tell::Attention | Tell::Headquarters)) => {
                self.tell_there(heed, Popup::message(tell.title(), lang.pick(ja, en).to_owned()));
            }
            // It stands among the last entries.
            News::Done(_, Tell::Notice) if self.is_hidden() => {}
            News::Done([ja, en], Tell::Notice) => self.notice = Some((lang.pick(ja, en).to_owned(), self.desk.now.plus(NOTICE))),
            News::Told([ja, en]) => self.tell_there(heed, Popup::message("desk-told-title", lang.pick(ja, en).to_owned())),
            News::Failed(failure) => {
                let popup = self.filled.refused(&self.desk, number, failure);
                self.tell_there(heed, popup);
            }
            News::Found(_) | News::Check(_) | News::Known(_) | News::Card | News::RollCall(_) | News::Places(_) | News::Done(_, Tell::Seen) => {}
        }
        if matches!(news, News::Now(_) | News::Locked(_) | News::Shut(_) | News::Unset) {
            self.stands(&news);
            return Vec::new();
        }
        let is_open = self.popup.is_some() || self.is_veiled();
        let Some(screen) = self.screens.last_mut() else { return Vec::new() };
        if matches!(news, News::Card) {
            if !matches!(self.desk.counter, Counter::Open(_)) {
                return Vec::new();
            }
            self.touched = self.desk.now;
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

    /// Every screen of the reception hears how it stands, also one that lies below others.
    pub(super) fn stands(&mut self, news: &News) {
        for screen in &mut self.screens {
            if matches!(screen.place(), Place::Reception | Place::RollCall) {
                // How it stands asks for nothing.
                let _ = screen.heard(&self.desk, news);
            }
        }
    }

    /// Whether nothing of the reception is shown.
    const fn is_hidden(&self) -> bool {
        matches!(self.desk.counter, Counter::Locked(_) | Counter::Opening)
    }

    pub(super) fn is_at_the_reception(&self) -> bool {
        self.screen().is_some_and(|screen| matches!(screen.place(), Place::Reception | Place::RollCall))
    }

    /// Hides the reception and the windows over it, until the passphrase of the shift is typed: they may name people. One with a secret in it is closed for good.
    pub(super) fn hide(&mut self, wrong: Option<Failure>) {
        if !self.is_hidden() && self.is_at_the_reception() {
            self.notice = None;
            let windows = match &mut self.veil {
                Some(veil) => veil.windows(),
                None => [self.popup.take(), self.below.take()],
            };
            self.veiled.extend(windows.into_iter().flatten().filter(|popup| !popup.holds_secret()));
            self.veiled.extend(self.told.drain(..));
        }
        self.desk.counter = Counter::Locked(wrong);
    }

    /// Shows the windows that were hidden again. Whoever is somewhere else by now goes on with none of them, but what was to be said is said.
    fn unveil(&mut self) {
        let is_there = self.is_at_the_reception();
        for popup in std::mem::take(&mut self.veiled) {
            if is_there || matches!(popup, Popup::Message(_)) {
                self.open_or_wait(Heed::Awaited, popup);
            }
        }
    }

    /// Says something of the reception: once nothing of it is hidden. It is said there alone, and is in no list: it may name people.
    fn tell_there(&mut self, heed: Heed, popup: Popup) {
        if self.is_hidden() { self.veiled.push(popup) } else { self.open_or_wait(heed, popup) }
    }

    /// Whether somebody waits for what comes of this, or has gone on.
    const fn heed(&self, doing: &Doing) -> Heed {
        if doing.touches == self.touches { Heed::Awaited } else { Heed::Unasked }
    }

    /// Says something in a window, and keeps it in the list.
    fn tell(&mut self, heed: Heed, popup: Popup) {
        self.heard.keep(self.desk.now, &popup);
        self.open_or_wait(heed, popup);
    }

    /// Opens a window where whoever sits here waits for it or does nothing; else it waits, so that nobody's typing goes into it, or closes it unread.
    fn open_or_wait(&mut self, heed: Heed, popup: Popup) {
        let is_free = self.popup.is_none() && !self.is_veiled() && self.told.is_empty();
        if is_free && (heed == Heed::Awaited || self.is_quiet()) { self.popup = Some(popup) } else { self.told.push_back(popup) }
    }

    /// Says something about this machine, to whoever sits here.
    pub(super) fn tell_of_this_machine(&mut self, said: String) {
        self.tell(Heed::Unasked, Popup::message("machine-title", said));
    }

    /// Whether nobody has typed for a moment.
    pub(super) fn is_quiet(&self) -> bool {
        self.desk.now.unix() - self.touched.unix() >= QUIET
    }

    /// Shows what waits to be told now; where nothing does, the list of what was told.
    pub(super) fn tell_again(&mut self) -> Vec<Effect> {
        if let Some(next) = self.told.pop_front() {
            self.popup = Some(next);
            return Vec::new();
        }
        let list = self.heard.list(&self.desk);
        self.popup = Some(Popup::message("told-title", list));
        Vec::new()
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

    fn done(&mut self, number: u64, heed: Heed, result: Result<Box<Done>, Failure>, is_there: bool) -> Vec<Effect> {
        let lang = self.desk.lang();
        let is_there = is_there && self.popup.is_none();
        match result {
            Ok(done) => {
                self.filled.done(number);
                let Done { said: [ja, en], tell, then, undo } = *done;
                let said = lang.pick(&ja, &en).to_owned();
                if let Some(undo) = undo {
                    self.desk.undo = Some((undo, [ja, en], self.desk.now.plus(self.desk.ahead)));
                }
                match tell {
                    Tell::Window | Tell::Asked | Tell::Attention | Tell::Headquarters => self.tell(heed, Popup::message(tell.title(), said)),
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
                let popup = self.filled.refused(&self.desk, Some(number), &failure);
                self.tell(heed, popup);
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
            self.tell(Heed::Unasked, Popup::message("alert-title", format!("{}\n\n{}", new.join("\n"), self.desk.say("alert-told"))));
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
                    self.tell_of_warnings(before, &status);
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
