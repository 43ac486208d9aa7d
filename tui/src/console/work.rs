//! The one place where the console speaks to the appliance. What is to be done goes to a thread, and what comes of it comes back as an event: nothing waits.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SendError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tachiai_schemas::staff::Shown;
use tachiai_schemas::status::Status;
use tachiai_schemas::{HashBytes, Lang, Refusal, Timestamp};

pub use self::deed::sharing as sharing_deed;
pub use self::deed::{Deed, Done, Tell};
pub use self::question::sharing as sharing_question;
pub use self::question::{Answer, PAGE, Question};
use self::reception::Numbered;
use self::reception::line::Comes;
use self::seat::{News, Seat, Seats};
use super::event::Event;
use crate::client::Client;
use crate::commands::approve::{self, Names};
use crate::failure::{Exit, Failure};
use crate::profile::Profile;

pub mod deed;
pub mod question;
pub mod shelters {
    //! What headquarters ask and do about shelters.
    pub use super::deed::shelters::{Deed, Set, Settle};
    pub use super::question::shelters::{Answer, Question};
}
pub mod reception;
#[cfg(test)]
mod requests;
pub mod seat;

/// Where the status is followed.
const STREAM: &str = "/api/v1/status/stream";

/// A stream is ended by the appliance before it is so old.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The first pause before connecting again, and the longest, in seconds.
const PAUSES: [u64; 2] = [1, 30];

/// Something that waits, as the second official sees it.
#[derive(Clone)]
pub struct Waiting {
    /// It.
    pub shown: Shown,
    /// What it is in a few words, in Japanese and English.
    pub head: [String; 2],
    /// All of it in words, in Japanese and English.
    pub text: [String; 2],
    /// What would be signed; or why it cannot be, in Japanese and English: it is not shown to this role, or it is something else than what is shown.
    pub message: Result<HashBytes, [String; 2]>,
}

impl Waiting {
    /// It in words, with the names that are known.
    #[must_use]
    pub fn of(shown: Shown, names: &Names) -> Self {
        let head = [Lang::Ja, Lang::En].map(|lang| approve::matter::head(lang, &shown.pending.matter, names));
        let text = [Lang::Ja, Lang::En].map(|lang| approve::text(lang, &shown, names));
        Self { head, text, message: signable(&shown), shown }
    }
}

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Connect with a profile: this one, or the usual one.
    Connect(Option<PathBuf>),
    /// Do not wait any longer before connecting again.
    Hurry,
    /// Ask something.
    Ask(Question),
    /// Do something.
    Do(u64, Box<Deed>),
    /// Have something done at the reception of this machine, under its number; what is ordered under none is answered by nothing of its own.
    Reception(Option<u64>, reception::Order),
    /// Leave a seat.
    Rise(Seat),
    /// Tell the desk of a polling place that officers fill in a window, or do no more.
    Window(seat::poll::Window),
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Leave,
}

/// What comes of it.
pub enum Brought {
    /// Of the link: which attempt it belongs to, and what is new.
    Link(u64, Link),
    /// An answer, and during which attempt to connect it was asked.
    Answer(u64, Question, Result<Answer, Failure>),
    /// Of something that is being done, under its number: so much of so much.
    Progress(u64, u64, u64),
    /// Something was done, under its number.
    Done(u64, Result<Box<Done>, Failure>),
    /// Of the reception of this machine: all that came of the order of this number, or what happens there by itself.
    Reception(Option<u64>, Vec<reception::News>),
    /// How a seat stands, which was opened by the order of this number.
    Seat(u64, News),
}

/// What is new of the link.
pub enum Link {
    /// This server is tried.
    Trying(String),
    /// What is going on.
    Status(Box<Status>),
    /// The same as before, at this time of the appliance.
    Same(Timestamp),
    /// There is none, and it is tried again after so many seconds; never, if there is no profile to try with.
    Lost(Failure, Option<u64>),
}

/// Who is spoken with, and as whom.
struct Desk {
    client: Client,
    profile: Profile,
}

/// The workers.
pub struct Work {
    events: Sender<Event>,
    lang: Lang,
    /// The number of the attempt that counts.
    current: Arc<AtomicU64>,
    desk: Arc<Mutex<Option<Arc<Desk>>>>,
    hurry: Option<Sender<()>>,
    reception: Option<Arc<Sender<Comes>>>,
    /// The profile that is used.
    profile: Option<PathBuf>,
    seats: Seats,
}

impl Work {
    /// Workers that bring what they have done to `events`.
    #[must_use]
    pub fn new(events: Sender<Event>, lang: Lang) -> Self {
        let seats = Seats::new(events.clone(), lang);
        Self { events, lang, current: Arc::default(), desk: Arc::default(), hurry: None, reception: None, profile: None, seats }
    }

    /// Begins to do something.
    pub fn begin(&mut self, effect: Effect) {
        match effect {
            Effect::Connect(path) => {
                self.profile.clone_from(&path);
                self.connect(path);
            }
            Effect::Hurry => {
                // Nobody waits where nobody takes it.
                let _ = self.hurry.as_ref().map(|hurry| hurry.send(()));
            }
            Effect::Ask(question) => {
                let attempt = self.current.load(Ordering::SeqCst);
                self.with_desk(move |desk| {
                    // What lies on this machine is known without a connection.
                    let answer = match &question {
                        Question::Path(path) => question::path::look(path).map(Answer::Path),
                        question => desk.and_then(|desk| question::ask(&desk, question)),
                    };
                    Brought::Answer(attempt, question, answer)
                });
            }
            Effect::Do(number, deed) => {
                let deed = match *deed {
                    Deed::Seat(order) => return self.seats.order(number, order, self.profile.clone()),
                    deed => deed,
                };
                let events = self.events.clone();
                let tell = move |done: u64, of: u64| {
                    let _ = events.send(Event::Brought(Box::new(Brought::Progress(number, done, of))));
                };
                self.with_desk(move |desk| Brought::Done(number, desk.and_then(|desk| deed::perform(&desk, &deed, &tell)).map(Box::new)));
            }
            Effect::Reception(number, order) => self.reception((number, order)),
            Effect::Rise(seat) => self.seats.rise(seat),
            Effect::Window(window) => self.seats.window(window),
            Effect::Redraw | Effect::Leave => {}
        }
    }

    /// Gives an order to the reception. One that ended is begun anew where somebody opens it, and else is said to have ended.
    fn reception(&mut self, order: Numbered) {
        let begin = || reception::begin(self.events.clone(), self.desk.clone(), self.lang);
        let Err(SendError(Comes::Order((number, order)))) = self.reception.get_or_insert_with(begin).send(Comes::Order(order)) else { return };
        if matches!(order, reception::Order::Open(_) | reception::Order::Line(_)) {
            // One that has just begun takes it.
            let _ = self.reception.insert(begin()).send(Comes::Order((number, order)));
            return;
        }
        let _ = self.events.send(Event::Brought(Box::new(Brought::Reception(number, vec![reception::News::Shut(reception::ended())]))));
    }

    /// Does something on a thread of its own.
    fn with_desk(&self, work: impl FnOnce(Result<Arc<Desk>, Failure>) -> Brought + Send + 'static) {
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let events = self.events.clone();
        thread::spawn(move || {
            let desk = desk.ok_or_else(|| Failure::new(Exit::NoConnection, "接続していません。", "there is no connection."));
            // If nobody listens any more, the console has ended.
            let _ = events.send(Event::Brought(Box::new(work(desk))));
        });
    }

    fn connect(&mut self, path: Option<PathBuf>) {
        let number = self.current.fetch_add(1, Ordering::SeqCst) + 1;
        // Nobody is asked any more as whoever sat here before.
        *self.desk.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let (hurry, waits) = mpsc::channel();
        self.hurry = Some(hurry);
        let (events, current, kept, lang) = (self.events.clone(), self.current.clone(), self.desk.clone(), self.lang);
        thread::spawn(move || {
            let counts = || current.load(Ordering::SeqCst) == number;
            let bring = |news| {
                let is_heard = events.send(Event::Brought(Box::new(Brought::Link(number, news)))).is_ok();
                if is_heard && counts() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            let mut pause = PAUSES[0];
            while counts() {
                let made = Profile::read(path.as_deref()).and_then(|profile| Ok(Desk { client: profile.client(lang)?, profile }));
                let failure = match made {
                    Err(failure) => {
                        // Without a profile, or with a wrong one, a person has to do something first.
                        let _ = bring(Link::Lost(failure, None));
                        if waits.recv().is_err() {
                            return;
                        }
                        continue;
                    }
                    Ok(desk) => {
                        let desk = Arc::new(desk);
                        {
                            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                            if !counts() {
                                return;
                            }
                            *kept = Some(desk.clone());
                        }
                        if bring(Link::Trying(desk.client.authority().to_owned())).is_break() {
                            return;
                        }
                        let (mut is_heard, mut wrong) = (false, None);
                        let ended = desk.client.follow(STREAM, LONGEST, |kind, data| match kind {
                            "status" => match read_status(data) {
                                Ok(status) => {
                                    (is_heard, pause) = (true, PAUSES[0]);
                                    bring(Link::Status(status))
                                }
                                Err(failure) => {
                                    wrong = Some(failure);
                                    ControlFlow::Break(())
                                }
                            },
                            "same" => data.parse().map_or(ControlFlow::Continue(()), |at| bring(Link::Same(at))),
                            _ => ControlFlow::Continue(()),
                        });
                        match ended {
                            _ if wrong.is_some() => wrong,
                            // The appliance ends every stream after some minutes: what came last is not old yet.
                            Ok(()) if is_heard => None,
                            Ok(()) => Some(Failure::new(Exit::NoConnection, "サーバーが接続を閉じました。", "the server closed the connection.")),
                            Err(failure) => Some(passing(failure)),
                        }
                    }
                };
                if let Some(failure) = failure
                    && bring(Link::Lost(failure, Some(pause))).is_break()
                {
                    return;
                }
                match waits.recv_timeout(Duration::from_secs(pause)) {
                    Ok(()) => pause = PAUSES[0],
                    Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(PAUSES[1]),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
    }
}

/// Whoever is asked to wait is not refused: it is tried again later, and nothing has to be forgotten meanwhile.
fn passing(failure: Failure) -> Failure {
    match failure.code {
        Some(Refusal::RateLimited | Refusal::Busy) => Failure { exit: Exit::NoConnection, ..failure },
        _ => failure,
    }
}

/// A status as the appliance tells it.
///
/// # Errors
/// [`Failure`] if it is none that this version knows: the appliance is of another one.
fn read_status(data: &str) -> Result<Box<Status>, Failure> {
    serde_json::from_str(data).map_err(|error| {
        let own = env!("CARGO_PKG_VERSION");
        Failure::new(
            Exit::NoConnection,
            format!("版が違います: 装置の状況を、この端末の tachiai {own} では読めません（{error}）。装置と同じ版の tachiai を使ってください。"),
            format!(
                "the versions differ: tachiai {own} of this terminal cannot read the appliance's status ({error}). Use the tachiai of the appliance's version."
            ),
        )
    })
}

/// What would be signed to approve this, or why nothing can be.
fn signable(shown: &Shown) -> Result<HashBytes, [String; 2]> {
    approve::shown(shown).map_err(|failure| [failure.ja, failure.en])
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Say;

    use super::*;

    #[test]
    fn whoever_is_asked_to_wait_is_not_refused() {
        let failure = |code| passing(Failure { code: Some(code), ..Failure::refused("待", "wait") }).exit;
        assert_eq!([failure(Refusal::RateLimited), failure(Refusal::Busy)], [Exit::NoConnection; 2]);
        assert_eq!(failure(Refusal::Struck), Exit::Refused);
    }

    #[test]
    fn a_status_of_another_version_is_said_to_be_one() {
        let known =
            r#"{"at":"2026-11-26T03:41:03Z","viewer":{"name":"x","role":"auditor"},"elections":[],"events":null,"waiting":null,"alerts":null,"appliance":null"#;
        assert!(read_status(&format!("{known}}}")).is_ok());
        let failure = read_status(&format!("{known},\"weather\":1}}")).unwrap_err();
        assert!(failure.say(Lang::Ja).contains("版が違います") && failure.say(Lang::En).contains("weather"), "{failure:?}");
    }
}
