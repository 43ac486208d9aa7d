//! The one place where the console speaks to the appliance. What is to be done goes to a thread, and what comes of it comes back as an event: nothing waits.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tachiai_schemas::counting::{OutcomeView, Turnout};
use tachiai_schemas::journal::JournalPage;
use tachiai_schemas::roll::case::RollOverview;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::{EventView, PeopleFound, PeopleSearch, PersonView};
use tachiai_schemas::staff::{Approval, ElectionStatus, Settled, Shown};
use tachiai_schemas::status::Status;
use tachiai_schemas::{ElectionId, HashBytes, Lang, Timestamp};

use super::event::Event;
use crate::client::Client;
use crate::commands::approve;
use crate::failure::{Exit, Failure};
use crate::profile::Profile;

/// Where the status is followed.
const STREAM: &str = "/api/v1/status/stream";

/// A stream is ended by the appliance before it is so old.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// So many people are looked for at once.
const MOST: u16 = 100;

/// So many entries of the appliance's journal are asked for at once.
pub const PAGE: u64 = 500;

/// The first pause before connecting again, and the longest, in seconds.
const PAUSES: [u64; 2] = [1, 30];

/// What is asked of the appliance for a screen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// What waits for a second official.
    Approvals,
    /// Where an election stands.
    Election(ElectionId),
    /// How its roll stands.
    Roll(ElectionId),
    /// Its turnout: up to now, or to a full hour.
    Turnout(ElectionId, Option<Timestamp>),
    /// What became of it.
    Outcome(ElectionId),
    /// How an event stands.
    Event(EventId),
    /// Who has a name that begins like this.
    People(EventId, String),
    /// Somebody with every entry.
    Person(EventId, ChainId),
    /// Who is contradicted.
    Conflicts(EventId),
    /// The appliance's journal from an entry on, or its last entries.
    Journal(Option<u64>),
}

impl Question {
    /// Whether what changed may change the answer, so that it is asked again. What is recorded as a look at people is asked by people alone.
    #[must_use]
    pub fn follows(&self, before: &Status, now: &Status) -> bool {
        match self {
            Self::Approvals => before.waiting != now.waiting,
            Self::Election(id) | Self::Roll(id) | Self::Turnout(id, None) | Self::Outcome(id) => {
                let of = |status: &Status| status.elections.iter().find(|election| election.summary.election == *id).cloned();
                of(before) != of(now) || before.waiting != now.waiting
            }
            Self::Event(id) => {
                let of = |status: &Status| status.events.iter().flatten().find(|event| event.summary.event == *id).cloned();
                of(before) != of(now)
            }
            Self::Journal(None) => {
                let of = |status: &Status| status.appliance.as_ref().map(|appliance| appliance.journals.clone());
                of(before) != of(now)
            }
            Self::Journal(Some(_)) | Self::Turnout(_, Some(_)) | Self::People(..) | Self::Person(..) | Self::Conflicts(_) => false,
        }
    }

    /// Whether the appliance records who asked it.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self, Self::People(..) | Self::Person(..) | Self::Conflicts(_))
    }

    /// Whether its answer stays what it is.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        matches!(self, Self::Turnout(_, Some(_)))
    }
}

/// What the appliance answered.
#[derive(Clone)]
pub enum Answer {
    /// What waits.
    Approvals(Vec<Waiting>),
    /// Where an election stands.
    Election(Box<ElectionStatus>),
    /// How its roll stands.
    Roll(Box<RollOverview>),
    /// Its turnout.
    Turnout(Box<Turnout>),
    /// What became of it.
    Outcome(Box<OutcomeView>),
    /// How an event stands.
    Event(Box<EventView>),
    /// Who was found.
    People(Box<PeopleFound>),
    /// Somebody.
    Person(Box<PersonView>),
    /// Who is contradicted.
    Conflicts(Vec<PersonView>),
    /// Entries of the appliance's journal.
    Journal(Box<JournalPage>),
}

/// Something that waits, as the second official sees it.
#[derive(Clone)]
pub struct Waiting {
    /// It.
    pub shown: Shown,
    /// All of it in words, in Japanese and English.
    pub text: [String; 2],
    /// What would be signed; or why it cannot be, in Japanese and English: it is not shown to this role, or it is something else than what is shown.
    pub message: Result<HashBytes, [String; 2]>,
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
    /// Approve what was shown.
    Approve(Box<Shown>),
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
    /// Something was approved.
    Approved(String, Result<Box<Settled>, Failure>),
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
}

impl Work {
    /// Workers that bring what they have done to `events`.
    #[must_use]
    pub fn new(events: Sender<Event>, lang: Lang) -> Self {
        Self { events, lang, current: Arc::default(), desk: Arc::default(), hurry: None }
    }

    /// Begins to do something.
    pub fn begin(&mut self, effect: Effect) {
        match effect {
            Effect::Connect(path) => self.connect(path),
            Effect::Hurry => {
                // Nobody waits where nobody takes it.
                let _ = self.hurry.as_ref().map(|hurry| hurry.send(()));
            }
            Effect::Ask(question) => {
                let attempt = self.current.load(Ordering::SeqCst);
                self.with_desk(move |desk| {
                    let answer = desk.and_then(|desk| ask(&desk, &question));
                    Brought::Answer(attempt, question, answer)
                });
            }
            Effect::Approve(shown) => self.with_desk(move |desk| {
                let id = shown.pending.id.clone();
                Brought::Approved(id, desk.and_then(|desk| approve(&desk, &shown)))
            }),
            Effect::Redraw | Effect::Leave => {}
        }
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
                            Err(failure) => Some(failure),
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

fn ask(desk: &Desk, question: &Question) -> Result<Answer, Failure> {
    let client = &desk.client;
    match question {
        Question::Approvals => {
            let waiting: Vec<Shown> = client.get("/api/v1/approvals", None)?;
            let seen =
                |shown: Shown| Waiting { text: [Lang::Ja, Lang::En].map(|lang| approve::text(lang, &shown, Some(client))), message: signable(&shown), shown };
            Ok(Answer::Approvals(waiting.into_iter().map(seen).collect()))
        }
        Question::Election(id) => client.get(&format!("/api/v1/elections/{id}/status"), None).map(Answer::Election),
        Question::Roll(id) => client.get(&format!("/api/v1/elections/{id}/roll"), None).map(Answer::Roll),
        Question::Turnout(id, None) => client.get(&format!("/api/v1/elections/{id}/turnout"), None).map(Answer::Turnout),
        Question::Turnout(id, Some(hour)) => client.get(&format!("/api/v1/elections/{id}/turnout?at={hour}"), None).map(Answer::Turnout),
        Question::Event(id) => client.get(&format!("/api/v1/shelter/events/{id}"), None).map(Answer::Event),
        Question::People(id, name) => {
            let search = PeopleSearch { name: name.clone(), shelter: None, limit: MOST };
            client.post(&format!("/api/v1/shelter/events/{id}/search"), None, &search).map(Answer::People)
        }
        Question::Person(id, chain) => client.get(&format!("/api/v1/shelter/events/{id}/people/{chain}"), None).map(Answer::Person),
        Question::Conflicts(id) => client.get(&format!("/api/v1/shelter/events/{id}/conflicts"), None).map(Answer::Conflicts),
        Question::Journal(None) => client.get(&format!("/api/v1/journal?count={PAGE}"), None).map(Answer::Journal),
        Question::Journal(Some(from)) => client.get(&format!("/api/v1/journal?count={PAGE}&from={from}"), None).map(Answer::Journal),
        Question::Outcome(id) => client.get(&format!("/api/v1/elections/{id}/outcome"), None).map(Answer::Outcome),
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
pub(super) fn signable(shown: &Shown) -> Result<HashBytes, [String; 2]> {
    approve::shown(shown).map_err(|failure| [failure.ja, failure.en])
}

/// As `tachiai approve` does it: exactly what was shown is signed.
fn approve(desk: &Desk, shown: &Shown) -> Result<Box<Settled>, Failure> {
    let message = approve::shown(shown)?;
    let signature = approve::sign(&desk.profile, message.0.as_slice())?;
    desk.client.post(&format!("/api/v1/approvals/{}", shown.pending.id), None, &Approval { message, signature }).map(Box::new)
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Say;

    use super::*;

    #[test]
    fn a_status_of_another_version_is_said_to_be_one() {
        let known =
            r#"{"at":"2026-11-26T03:41:03Z","viewer":{"name":"x","role":"auditor"},"elections":[],"events":null,"waiting":null,"alerts":null,"appliance":null"#;
        assert!(read_status(&format!("{known}}}")).is_ok());
        let failure = read_status(&format!("{known},\"weather\":1}}")).unwrap_err();
        assert!(failure.say(Lang::Ja).contains("版が違います") && failure.say(Lang::En).contains("weather"), "{failure:?}");
    }
}
