//! The desk of a polling place while somebody sits at it: a card that lies down is read and its holder looked up; one that is taken away clears the person. What is
//! handed out, and what is kept while the link is cut, is as `tachiai poll` does it.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};

use rustls_pki_types::CertificateDer;
use tachiai_jpki::UnverifiedCertificate;
use tachiai_schemas::desk::{AbsenteeStands, DeskElector, LookFor, Looked};
use tachiai_schemas::election::Text;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::LinkPolicy;
use tachiai_schemas::{Blob, Lang, Refusal};

use super::{Bring, News};
use crate::card::{Card, CardError, LastTry, PinName, Tries, Watched};
use crate::cli::WhichElection;
use crate::commands::card::holder::{certificate_before_pin, check_pin};
use crate::commands::poll::absentee::{received, requested};
use crate::commands::poll::close::closable;
use crate::commands::poll::hand_in::hand_in;
use crate::console::widgets::secret::Typed;
use crate::console::work::Done;
use crate::failure::{Exit, Failure};
use crate::poll::check_in::{At, barred, hints, one, session, session_or_last, stopped, wants_declaration};
use crate::poll::desk::{Attended, Carried, Desk, is_cut, local_time};
use crate::poll::known::session_at;
use crate::poll::queue::{Open, Queue};
use crate::profile::Profile;

mod lie;
mod officers;
mod order;
mod paper;
mod seen;

pub use lie::Source;
pub use officers::{Act, Officer, Words};
use order::Meant;
pub use order::{Order, Whom};
pub use seen::{By, Handed, Here, Kept, Listed, Seen, Stand, Waits};

/// What comes to the desk.
pub enum Input {
    /// An order, under its number.
    Order(u64, Order),
    /// What lies on the reader now: a card, in the reader of this name.
    Lies(Result<Option<String>, Failure>),
    /// Whether officers fill in a window at the desk.
    Window(Window),
    /// Nobody sits here any more.
    Rise,
}

/// Whether officers fill in a window at the desk: what they begin for somebody is not for whoever lays a card down meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// They do.
    Open,
    /// They do not.
    #[default]
    Shut,
}

/// A card on the reader, as far as it was read.
struct Held {
    card: Card<Watched>,
    certificate: Option<CertificateDer<'static>>,
    looked: Option<(Looked, Carried)>,
}

/// The desk on its thread.
struct Table<'a> {
    bring: &'a Bring,
    profile: Option<PathBuf>,
    lang: Lang,
    open: Option<(Desk, Queue, lie::Watch)>,
    /// The reader in which a card lies.
    lies: Option<String>,
    /// Whether that card was not read yet.
    unread: bool,
    held: Option<Held>,
    window: Window,
    seen: Seen,
}

/// Sits at a desk until nobody does any more.
pub(super) fn sit(bring: &Bring, profile: Option<PathBuf>, lang: Lang, own: &Sender<Input>, inputs: &Receiver<Input>) {
    let mut table = Table { bring, profile, lang, open: None, lies: None, unread: false, held: None, window: Window::Shut, seen: Seen::default() };
    loop {
        let Some(input) = table.await_input(inputs) else { return };
        match input {
            Input::Order(number, order) => {
                let result = table.order(order, own);
                table.tell();
                bring.done(number, result);
            }
            Input::Lies(lies) => table.lies(lies),
            Input::Window(window) => table.window(window),
            Input::Rise => return,
        }
    }
}

impl Table<'_> {
    /// What comes next. A software card that is held is asked now and then whether it is there still: nobody else would tell.
    fn await_input(&mut self, inputs: &Receiver<Input>) -> Option<Input> {
        loop {
            let (Some(held), Some((_, _, watch))) = (&mut self.held, &self.open) else { return inputs.recv().ok() };
            if !watch.is_socket() {
                return inputs.recv().ok();
            }
            match inputs.recv_timeout(lie::GLANCE) {
                Ok(input) => return Some(input),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    if matches!(held.card.tries(PinName::Authentication), Err(CardError::Transport(_))) {
                        return Some(Input::Lies(Ok(None)));
                    }
                }
            }
        }
    }

    /// Tells the screen how it stands.
    fn tell(&mut self) {
        if let Some((desk, queue, _)) = &self.open {
            let now = local_time().ok();
            self.seen.desk = desk.listed().ok().map(|place| Listed {
                election: desk.known.manifest.election,
                title: desk.known.manifest.title.clone(),
                authority: desk.known.manifest.authority,
                name: place.name.clone(),
                kind: place.kind,
                hours: now.and_then(|now| session_at(place, now)).map(|(_, hours)| hours),
                offline: place.offline,
            });
            let envelopes = queue.provisional().unwrap_or_default();
            self.seen.kept = Kept {
                unanswered: queue.still_open().map_or(0, |Open { kept: _, unanswered }| unanswered),
                envelopes: envelopes.into_iter().map(|kept| (kept.envelope(), kept.fate)).collect(),
            };
        }
        self.bring.news(News::Poll(Box::new(self.seen.clone())));
    }

    /// Somebody else stands here, or nobody.
    fn stands(&mut self, stand: Stand) {
        self.seen.turn += 1;
        self.seen.stand = stand;
    }

    /// Whether whoever stands here is done with and nobody fills in a window, so that the next card is read.
    const fn is_free(&self) -> bool {
        matches!(self.window, Window::Shut) && matches!(self.seen.stand, Stand::Nobody | Stand::Refused(_) | Stand::Handed(_) | Stand::Envelope(_))
    }

    /// Lets go of the card; it is switched off.
    fn let_go(&mut self) {
        if let Some(held) = self.held.take() {
            // It was taken away, or is switched off when its transport goes.
            let _ = held.card.close();
        }
        if let Some((_, _, watch)) = &self.open {
            watch.held(false);
        }
    }

    /// What lies on the reader is another than before.
    fn lies(&mut self, lies: Result<Option<String>, Failure>) {
        match lies {
            Err(failure) => {
                self.lies = None;
                self.seen.reader = Some(failure);
                self.taken_away();
            }
            Ok(None) => {
                self.lies = None;
                self.seen.reader = None;
                self.taken_away();
            }
            Ok(Some(name)) => {
                self.seen.reader = None;
                let is_same = self.lies.replace(name.clone()).is_some_and(|before| before == name);
                if !is_same {
                    self.unread = true;
                    if self.is_free() {
                        self.read(&name);
                    }
                }
            }
        }
        self.tell();
    }

    /// A window is opened, or closed: then a card is read that came meanwhile.
    fn window(&mut self, window: Window) {
        self.window = window;
        self.read_waiting();
    }

    /// Reads the card that lies there and was not read yet, if whoever stood here is done with.
    fn read_waiting(&mut self) {
        if let Some(name) = self.lies.clone().filter(|_| self.unread && self.is_free()) {
            self.read(&name);
            self.tell();
        }
    }

    /// The card was taken away: nothing of its holder stays in sight. What has to be known of the hand-out does.
    fn taken_away(&mut self) {
        self.let_go();
        match &mut self.seen.stand {
            Stand::Here(here) if matches!(here.by, By::Card(_) | By::Checked) => self.stands(Stand::Nobody),
            Stand::Reading | Stand::Locked(_) | Stand::Refused(_) => self.stands(Stand::Nobody),
            Stand::Handed(handed) => handed.elector = None,
            Stand::Nobody | Stand::Here(_) | Stand::Cut(_) | Stand::Waits(_) | Stand::Unknown(_) | Stand::Envelope(_) | Stand::Day(_) => {}
        }
    }

    /// Reads the card and looks its holder up.
    fn read(&mut self, reader: &str) {
        self.let_go();
        self.unread = false;
        self.stands(Stand::Reading);
        self.tell();
        let stand = match self.hold(reader) {
            Err(failure) => self.failed(failure.and("交付していません。", "Nothing was handed out.")),
            Ok(None) => Stand::Locked(None),
            Ok(Some(tries)) => self.look_up(By::Card(tries)),
        };
        self.seen.stand = stand;
    }

    /// Takes the card; gives the tries of its PIN, if it shows its certificate before that.
    fn hold(&mut self, reader: &str) -> Result<Option<Tries>, Failure> {
        let Some((_, _, watch)) = &self.open else { return Err(not_open()) };
        watch.held(true);
        let mut card = watch.card(reader)?;
        let certificate = certificate_before_pin(&mut card)?;
        let tries = certificate.as_ref().map(|_| card.tries(PinName::Authentication)).transpose()?;
        self.held = Some(Held { card, certificate, looked: None });
        Ok(tries)
    }

    /// Looks up the holder of the card that is held.
    fn look_up(&mut self, by: By) -> Stand {
        let looked = (|| {
            let Some((desk, _, _)) = &self.open else { return Err(not_open()) };
            let held = self.held.as_mut().ok_or_else(gone)?;
            let certificate = held.certificate.as_ref().ok_or_else(gone)?;
            UnverifiedCertificate::from_der(certificate).map_err(|e| Failure::new(Exit::Card, e.remedy_ja(), e.remedy_en()))?;
            let looked = desk.look(&LookFor::Card(Blob(certificate.to_vec()))).map_err(|failure| hints(failure, At::Screen))?;
            let here = here(desk, &looked, by)?;
            held.looked = Some((looked.clone(), Carried::from(looked.now)));
            Ok(here)
        })();
        match looked {
            Ok(here) => Stand::Here(here),
            Err(failure) => self.failed(failure),
        }
    }

    /// What a failure means before anything was sent.
    fn failed(&self, failure: Failure) -> Stand {
        let Some((desk, _, _)) = &self.open else { return Stand::Refused(failure) };
        if !is_cut(&failure) {
            return Stand::Refused(failure);
        }
        match desk.listed().map(|place| place.offline) {
            Ok(LinkPolicy::Provisional) => Stand::Cut(failure),
            _ => Stand::Cut(stopped(failure)),
        }
    }

    fn order(&mut self, order: Order, own: &Sender<Input>) -> Result<Done, Failure> {
        match order.meant(&self.seen) {
            Meant::Still => {}
            Meant::Late => return Ok(Done::seen()),
            Meant::Other => return Err(another()),
        }
        match order {
            Order::Sit { key, state, manifest, source } => {
                self.let_go();
                self.open = None;
                self.lies = None;
                self.seen = Seen { turn: self.seen.turn + 1, ..Seen::default() };
                let client = Profile::read(self.profile.as_deref())?.client(self.lang)?;
                let desk = Desk::open(client, &key, &state, manifest.as_ref(), &WhichElection { election: None })?;
                let queue = Queue::of(&state, desk.known.election)?;
                self.open = Some((desk, queue, lie::Watch::begin(source, own.clone())));
                Ok(Done::seen())
            }
            Order::Next(_) => {
                self.let_go();
                self.stands(Stand::Nobody);
                // A card that was read is read again when it is put there again; one that came meanwhile is read now.
                self.read_waiting();
                Ok(Done::seen())
            }
            Order::Find { turn: _, whom, attended, reason } => self.find(whom, attended, reason),
            Order::Unlock { turn: _, pin } => self.unlock(&pin),
            Order::HandOut { turn: _, pin, manner, contests } => self.hand_out(pin.as_ref(), manner, contests),
            Order::Envelope(Whom(search)) => self.envelope(search),
            Order::HandIn => self.hand_in(),
            Order::Day(_) => self.day(),
            Order::Sign(act, officers) => self.sign(act, &officers),
            Order::Requested(_, kind) => self.absentee(|desk, elector| requested(desk, elector, kind)),
            Order::Received(_, reception) => self.absentee(|desk, elector| received(desk, elector, reception)),
        }
    }

    fn find(&mut self, whom: Whom, attended: bool, reason: NameReason) -> Result<Done, Failure> {
        let Some((desk, _, _)) = &self.open else { return Err(not_open()) };
        let looked =
            if attended { desk.look_attended(&whom.0) } else { desk.look(&LookFor::Search(whom.0.clone())).map(|looked| Attended::Found(Box::new(looked))) };
        match looked.and_then(|looked| match looked {
            Attended::Found(looked) => here(desk, &looked, By::Name(reason)).map(Stand::Here),
            Attended::Waiting(pending) => {
                let again = Order::Find { turn: self.seen.turn, whom, attended, reason };
                Ok(Stand::Waits(Box::new(Waits { id: pending.id, again, here: None })))
            }
        }) {
            Ok(stand) => {
                self.let_go();
                self.stands(stand);
                Ok(Done::seen())
            }
            Err(failure) if is_cut(&failure) => {
                self.let_go();
                let stand = self.failed(failure);
                self.stands(stand);
                Ok(Done::seen())
            }
            // Whoever was looked for wrongly is looked for again, and what stood here before stays.
            Err(failure) => Err(failure),
        }
    }

    fn unlock(&mut self, pin: &Typed) -> Result<Done, Failure> {
        let held = self.held.as_mut().ok_or_else(gone)?;
        let read = check_pin(&mut held.card, pin.secret(), LastTry::Keep).and_then(|_| held.card.authentication_certificate());
        match read {
            Ok(certificate) => {
                held.certificate = Some(certificate);
                self.seen.stand = Stand::Reading;
                self.tell();
                self.seen.stand = self.look_up(By::Checked);
            }
            Err(error @ CardError::Transport(_)) => {
                self.let_go();
                self.seen.stand = Stand::Refused(Failure::from(error).and("交付していません。", "Nothing was handed out."));
            }
            Err(error) => self.seen.stand = Stand::Locked(Some(error.into())),
        }
        Ok(Done::seen())
    }

    fn day(&mut self) -> Result<Done, Failure> {
        let Some((desk, queue, _)) = &self.open else { return Err(not_open()) };
        let session = session_or_last(desk, None)?;
        let day = closable(desk, queue, session)?;
        let contests = desk.known.manifest.contests.iter();
        let titles: Vec<Text> = contests.map(|contest| contest.title.clone()).collect();
        self.let_go();
        self.stands(Stand::Day(Box::new((session, day, titles))));
        Ok(Done::seen())
    }

    fn sign(&mut self, act: Act, officers: &[Officer]) -> Result<Done, Failure> {
        let Some((desk, queue, _)) = &self.open else { return Err(not_open()) };
        let elector = match &self.seen.stand {
            Stand::Here(here) => Some(&here.elector),
            _ => None,
        };
        let is_aside = matches!(act, Act::Aside { .. });
        let done = officers::sign(desk, queue, act, officers, elector)?;
        if !is_aside {
            self.let_go();
            self.stands(Stand::Nobody);
        }
        Ok(done)
    }

    fn absentee(&mut self, note: impl FnOnce(&Desk, &DeskElector) -> Result<AbsenteeStands, Failure>) -> Result<Done, Failure> {
        let Some((desk, _, _)) = &self.open else { return Err(not_open()) };
        let Stand::Here(here) = &mut self.seen.stand else { return Err(gone()) };
        here.elector.absentee = Some(note(desk, &here.elector)?);
        Ok(Done::notice("記録しました。".to_owned(), "It was noted.".to_owned()))
    }

    fn hand_in(&mut self) -> Result<Done, Failure> {
        let Some((desk, queue, _)) = &self.open else { return Err(not_open()) };
        let mut said = [Vec::new(), Vec::new()];
        let mut tell = |line: &dyn tachiai_schemas::Say| {
            said[0].push(line.say(Lang::Ja));
            said[1].push(line.say(Lang::En));
        };
        let handed = hand_in(desk, queue, |settled| tell(&settled));
        for line in handed.iter().flat_map(|handed| &handed.provisional) {
            tell(line);
        }
        let [ja, en] = said.map(|lines| lines.join("\n"));
        let is_known = matches!(self.seen.stand, Stand::Unknown(_) | Stand::Cut(_));
        match handed {
            Ok(_) => {
                if is_known {
                    self.stands(Stand::Nobody);
                }
                match ja.is_empty() {
                    true => Ok(Done::window("控えはありません。".to_owned(), "Nothing was kept.".to_owned())),
                    false => Ok(Done::window(ja, en)),
                }
            }
            Err(failure) if ja.is_empty() => Err(failure),
            Err(failure) => Err(failure.and(ja, en)),
        }
    }
}

/// The person whom a look-up found.
fn here(desk: &Desk, looked: &Looked, by: By) -> Result<Box<Here>, Failure> {
    let elector = match by {
        By::Name(_) => one(looked, At::Screen)?,
        By::Card(_) | By::Checked => looked.found.first().ok_or_else(|| {
            let mut failure = Failure::refused("名簿に該当する方がいません。", "nobody on the roll fits.");
            failure.code = Some(Refusal::NotOnRoll);
            failure
        })?,
    };
    session(desk, looked.now)?;
    let (barred, declares) = (barred(elector).err(), wants_declaration(desk, elector));
    Ok(Box::new(Here { elector: elector.clone(), by, barred, declares, wrong: None }))
}

fn not_open() -> Failure {
    Failure::refused("受付の端末がまだ開かれていません。", "the desk is not open yet.")
}

fn another() -> Failure {
    Failure::refused(
        "ここにいる方が変わりました。何も行っていません。もう一度その方を受け付けてから行ってください。",
        "somebody else stands here now. Nothing was done. Check the person in again, and then do it.",
    )
}

fn gone() -> Failure {
    Failure::new(
        Exit::Card,
        "カードが離されました。もう一度置いてください。交付していません。",
        "the card was taken away. Put it back. Nothing was handed out.",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tachiai_schemas::desk::{AbsenteeKind, Reception};

    use super::*;

    /// Gives an order at a desk that stands like this; gives what came of it, and how the desk stands then.
    fn given(stand: Stand, turn: u64, order: Order) -> (Result<Done, Failure>, Seen) {
        let (events, _heard) = mpsc::channel::<crate::console::event::Event>();
        let bring = Bring { events, since: 1 };
        let seen = Seen { turn, stand, ..Seen::default() };
        let mut table = Table { bring: &bring, profile: None, lang: Lang::En, open: None, lies: None, unread: false, held: None, window: Window::Shut, seen };
        let (own, _inputs) = mpsc::channel();
        let result = table.order(order, &own);
        (result, table.seen)
    }

    #[test]
    fn what_came_of_a_hand_out_is_not_taken_away_by_what_was_pressed_before_it() {
        let unknown = || Stand::Unknown(Failure::refused("不明", "not known"));
        let (result, seen) = given(unknown(), 3, Order::Next(2));
        assert!(result.is_ok() && matches!(seen.stand, Stand::Unknown(_)), "it was for the one before");
        let (_, seen) = given(unknown(), 3, Order::Next(3));
        assert!(matches!(seen.stand, Stand::Nobody));
        let (result, _) = given(unknown(), 3, Order::Day(2));
        assert!(result.is_ok_and(|done| done == Done::seen()));
    }

    #[test]
    fn a_card_that_is_laid_down_while_officers_fill_in_a_window_is_read_when_it_is_closed() {
        let (events, _heard) = mpsc::channel::<crate::console::event::Event>();
        let bring = Bring { events, since: 1 };
        let mut table = Table {
            bring: &bring,
            profile: None,
            lang: Lang::En,
            open: None,
            lies: None,
            unread: false,
            held: None,
            window: Window::Shut,
            seen: Seen::default(),
        };
        table.window(Window::Open);
        table.lies(Ok(Some("reader".to_owned())));
        assert!(matches!(table.seen.stand, Stand::Nobody) && table.seen.turn == 0, "nobody is taken out of sight, and nobody comes into it");
        table.window(Window::Shut);
        // There is no desk here that could read it.
        assert!(matches!(table.seen.stand, Stand::Refused(_)) && table.seen.turn == 1);
        // One that was taken away again meanwhile is not looked for.
        table.window(Window::Open);
        table.lies(Ok(None));
        table.lies(Ok(Some("reader".to_owned())));
        table.lies(Ok(None));
        let turn = table.seen.turn;
        table.window(Window::Shut);
        assert!(matches!(table.seen.stand, Stand::Nobody) && table.seen.turn == turn);
    }

    #[test]
    fn what_is_signed_or_noted_for_somebody_is_not_done_to_the_next_one() {
        let undo = |turn| Order::Sign(Act::Undo { turn, reason: tachiai_schemas::paper::UndoReason::Mistake }, Vec::new());
        for order in [undo(1), Order::Requested(1, AbsenteeKind::Away), Order::Received(1, Reception::Accepted)] {
            let (result, _) = given(Stand::Nobody, 2, order);
            assert!(result.is_err_and(|failure| failure.en.contains("somebody else")));
        }
        let (result, _) = given(Stand::Nobody, 2, undo(2));
        assert!(result.is_err_and(|failure| failure.en.contains("not open")), "it is meant for who stands here");
    }
}
