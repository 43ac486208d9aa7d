//! A transport carries command APDUs to one card and brings its answers back.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

/// What to do with the card's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Power up; no effect on a card that is powered.
    On,
    /// Power off: every PIN that was checked counts as not checked.
    Off,
    /// Warm reset. A checked PIN may survive it, so it is no way to leave a card.
    Reset,
}

/// A way to one card.
///
/// An answer is returned whole, with its two status bytes at the end, and is never shorter than those two bytes:
/// an implementation turns a shorter one into an error. It does not retry, and it interprets no status word.
pub trait Transport: Send {
    /// Sends one command and waits for its answer.
    ///
    /// # Errors
    /// [`TransportError`] if there is no answer; after an error other than [`TransportError::InUse`] the transport
    /// may stay unusable.
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError>;

    /// Switches or resets the card's power.
    ///
    /// # Errors
    /// [`TransportError`] if the reader cannot.
    fn power(&mut self, power: Power) -> Result<(), TransportError>;

    /// The reader's name, for people.
    fn name(&self) -> &str;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        (**self).transmit(apdu)
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        (**self).power(power)
    }

    fn name(&self) -> &str {
        (**self).name()
    }
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        (**self).transmit(apdu)
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        (**self).power(power)
    }

    fn name(&self) -> &str {
        (**self).name()
    }
}

/// Why a command got no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The process that serves a card does not listen.
    #[error("no card process at {name}: {cause}")]
    NoProcess {
        /// The socket that was looked for.
        name: String,
        /// What the system said.
        cause: String,
    },
    /// The PC/SC service is not installed.
    #[error("the card reader service is not installed")]
    ServiceMissing,
    /// The PC/SC service is installed and does not run.
    #[error("the card reader service is not running")]
    ServiceDown,
    /// The PC/SC service ended while the card was in use, and is gone.
    #[error("the card reader service stopped in the middle")]
    ServiceStopped,
    /// The PC/SC service ended while the card was in use, and another one has taken its place.
    #[error("the card reader service was restarted in the middle")]
    ServiceRestarted,
    /// The PC/SC service does not answer.
    #[error("the card reader service did not answer within {} seconds", waited.as_secs_f32())]
    ServiceHung {
        /// How long was waited.
        waited: Duration,
    },
    /// The PC/SC service does not let this user in.
    #[error("the card reader service does not let this user in")]
    Forbidden,
    /// No reader is connected.
    #[error("no card reader is connected")]
    NoReaders,
    /// None of the readers has this name.
    #[error("no card reader is called `{wanted}`; there are: {}", list(present))]
    ReaderNotFound {
        /// The name that was asked for.
        wanted: String,
        /// The readers that are there.
        present: Vec<String>,
    },
    /// Several readers have this in their names.
    #[error("several card readers have `{wanted}` in their names: {}", list(matching))]
    ReaderUnclear {
        /// The part of a name that was asked for.
        wanted: String,
        /// The readers that have it.
        matching: Vec<String>,
    },
    /// Several readers hold a card, and none was named.
    #[error("several card readers hold a card: {}", list(holding))]
    ReaderNotNamed {
        /// The readers that hold a card.
        holding: Vec<String>,
    },
    /// The reader was unplugged.
    #[error("the card reader {name} is gone")]
    ReaderGone {
        /// The reader.
        name: String,
    },
    /// The readers are empty.
    #[error("no card in any reader: {}", list(readers))]
    NoCard {
        /// The readers that were looked at.
        readers: Vec<String>,
    },
    /// Nobody put a card on a reader while it was waited for.
    #[error("no card was put on a reader within {} seconds", waited.as_secs_f32())]
    NoCardCame {
        /// How long was waited.
        waited: Duration,
    },
    /// There is something in the reader that does not answer as a card does.
    #[error("what lies in the reader does not answer as a card: {0}")]
    Mute(String),
    /// Another program holds the card.
    #[error("the card is in use by another program")]
    InUse,
    /// The card was taken away in the middle.
    #[error("the card was removed")]
    Removed,
    /// No answer came in time; the transport is given up.
    #[error("the card did not answer within {} seconds", waited.as_secs_f32())]
    Hung {
        /// How long was waited.
        waited: Duration,
    },
    /// The answer was shorter than its status word: it had this many bytes.
    #[error("the reader handed over a broken answer of {0} bytes")]
    Broken(usize),
    /// The reader or the system failed otherwise.
    #[error("the card reader failed: {0}")]
    Failed(String),
}

/// Names of readers in one line.
pub(super) fn list(names: &[String]) -> String {
    names.join(", ")
}

/// How long a transport that is left may take to switch the card off before it is left behind.
const LEAVING: Duration = Duration::from_secs(3);

/// A transport whose calls run in a thread of their own, which is given up when the card hangs.
///
/// A hung card blocks a PC/SC call for good. The blocked thread cannot be stopped; it is left behind with the inner
/// transport, and this transport answers [`TransportError::Hung`] from then on. Dropping it drops the inner transport
/// and waits a moment until that is done, so that a reader has switched its card off before the process ends; a signal
/// that ends the process does the same through [`leave_all`].
pub struct Watched {
    name: String,
    patience: Duration,
    link: Option<Link>,
}

struct Link {
    place: u64,
    requests: Sender<Request>,
    answers: Receiver<Result<Vec<u8>, TransportError>>,
}

enum Request {
    Transmit(Zeroizing<Vec<u8>>),
    Power(Power),
    Leave(Sender<()>),
}

/// The threads that hold a card, for [`leave_all`].
static HELD: Mutex<Vec<(u64, Sender<Request>)>> = Mutex::new(Vec::new());

fn held() -> MutexGuard<'static, Vec<(u64, Sender<Request>)>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Switches every card off that a [`Watched`] of this process holds, as far as that can be done within a few seconds.
///
/// For a process that is about to end: a command that is under way is not answered any more.
pub fn leave_all() {
    let leaving: Vec<_> = held().drain(..).filter_map(|(_, requests)| ask_to_leave(&requests)).collect();
    let end = Instant::now() + LEAVING;
    for left in leaving {
        // It is gone, or time is up: either way the process ends.
        let _ = left.recv_timeout(end.saturating_duration_since(Instant::now()));
    }
}

fn ask_to_leave(requests: &Sender<Request>) -> Option<Receiver<()>> {
    let (outbox, left) = mpsc::channel();
    requests.send(Request::Leave(outbox)).ok().map(|()| left)
}

/// After how long somebody who waits for the service is told so.
const SILENCE: Duration = Duration::from_secs(2);

/// Runs something that may block for good in a thread of its own, which is given up after `patience`.
///
/// # Errors
/// What it says; [`TransportError::ServiceHung`] when it does not end in time.
pub(super) fn within<R: Send + 'static>(patience: Duration, run: impl FnOnce() -> Result<R, TransportError> + Send + 'static) -> Result<R, TransportError> {
    within_told(patience, || (), run)
}

/// The same; `slow` is called once if it takes long enough that somebody wonders what happens.
///
/// # Errors
/// As [`within`].
pub(super) fn within_told<R: Send + 'static>(
    patience: Duration,
    slow: impl FnOnce(),
    run: impl FnOnce() -> Result<R, TransportError> + Send + 'static,
) -> Result<R, TransportError> {
    let (outbox, answer) = mpsc::channel();
    let run = move || {
        // Nobody listens any more once it took too long.
        let _ = outbox.send(run());
    };
    thread::Builder::new().name("reader".to_owned()).spawn(run).map_err(|cause| TransportError::Failed(cause.to_string()))?;
    let silence = SILENCE.min(patience / 2);
    let mut answered = answer.recv_timeout(silence);
    if matches!(answered, Err(RecvTimeoutError::Timeout)) {
        slow();
        answered = answer.recv_timeout(patience - silence);
    }
    match answered {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Err(TransportError::ServiceHung { waited: patience }),
        Err(RecvTimeoutError::Disconnected) => Err(TransportError::Failed("the reader thread ended".to_owned())),
    }
}

impl Watched {
    /// Moves `inner` into a thread of its own; each call is waited for at most `patience`.
    ///
    /// # Errors
    /// [`TransportError::Failed`] if the system gives no thread.
    pub fn new(inner: impl Transport + 'static, patience: Duration) -> Result<Watched, TransportError> {
        let name = inner.name().to_owned();
        let (requests, inbox) = mpsc::channel();
        let (outbox, answers) = mpsc::channel();
        thread::Builder::new()
            .name("card".to_owned())
            .spawn(move || attend(inner, &inbox, &outbox))
            .map_err(|cause| TransportError::Failed(cause.to_string()))?;
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let place = NEXT.fetch_add(1, Ordering::Relaxed);
        held().push((place, requests.clone()));
        Ok(Watched { name, patience, link: Some(Link { place, requests, answers }) })
    }

    fn ask(&mut self, request: Request) -> Result<Vec<u8>, TransportError> {
        let hung = TransportError::Hung { waited: self.patience };
        let Some(link) = &self.link else {
            return Err(hung);
        };
        let answer = match link.requests.send(request) {
            Ok(()) => link.answers.recv_timeout(self.patience),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        match answer {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                // A late answer must never be taken for the answer to a later command.
                self.give_up();
                Err(hung)
            }
            Err(RecvTimeoutError::Disconnected) => Err(TransportError::Failed("the card thread ended".to_owned())),
        }
    }

    fn give_up(&mut self) -> Option<Link> {
        let link = self.link.take()?;
        held().retain(|(place, _)| *place != link.place);
        Some(link)
    }
}

/// Does what is asked, one request after the other, until asked to leave.
fn attend(mut inner: impl Transport, inbox: &Receiver<Request>, outbox: &Sender<Result<Vec<u8>, TransportError>>) {
    for request in inbox {
        let answer = match request {
            Request::Transmit(apdu) => inner.transmit(&apdu),
            Request::Power(power) => inner.power(power).map(|()| Vec::new()),
            Request::Leave(left) => {
                // A card that is gone or off already says so, and nothing more is wanted.
                let _ = inner.power(Power::Off);
                drop(inner);
                let _ = left.send(());
                // The channels stay as they are: whoever still waits for an answer is waited out, not answered wrongly.
                return thread::park_timeout(LEAVING);
            }
        };
        if outbox.send(answer).is_err() {
            return;
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(left) = self.give_up().and_then(|link| ask_to_leave(&link.requests)) {
            // Nobody is left to be told if it takes longer.
            let _ = left.recv_timeout(LEAVING.min(self.patience));
        }
    }
}

impl Transport for Watched {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.ask(Request::Transmit(Zeroizing::new(apdu.to_vec())))
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        self.ask(Request::Power(power)).map(drop)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers power requests and never a command.
    struct Stuck;

    impl Transport for Stuck {
        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            loop {
                thread::park();
            }
        }

        fn power(&mut self, _: Power) -> Result<(), TransportError> {
            Ok(())
        }

        fn name(&self) -> &str {
            "stuck"
        }
    }

    #[test]
    fn a_hung_reader_is_given_up_and_stays_given_up() {
        let waited = Duration::from_millis(50);
        let mut watched = Watched::new(Stuck, waited).unwrap();
        assert_eq!(watched.power(Power::On), Ok(()));
        assert_eq!(watched.transmit(&[0, 0, 0, 0]), Err(TransportError::Hung { waited }));
        assert_eq!(watched.power(Power::Off), Err(TransportError::Hung { waited }));
    }

    /// Says what was done with its power, and that it is dropped.
    struct Told(Sender<Option<Power>>);

    impl Transport for Told {
        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            Err(TransportError::InUse)
        }

        fn power(&mut self, power: Power) -> Result<(), TransportError> {
            self.0.send(Some(power)).unwrap();
            Ok(())
        }

        fn name(&self) -> &str {
            "told"
        }
    }

    impl Drop for Told {
        fn drop(&mut self) {
            self.0.send(None).unwrap();
        }
    }

    #[test]
    fn a_transport_that_is_dropped_has_switched_its_card_off_before() {
        let (sender, told) = mpsc::channel();
        let mut watched = Watched::new(Told(sender), Duration::from_secs(5)).unwrap();
        assert_eq!(watched.transmit(&[0, 0, 0, 0]), Err(TransportError::InUse));
        drop(watched);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [Some(Power::Off), None]);
    }

    #[test]
    fn only_who_waits_long_is_told_so() {
        let mut told = 0;
        let blocked = within_told(
            Duration::from_millis(50),
            || told += 1,
            || {
                loop {
                    thread::park();
                }
            },
        );
        assert_eq!((blocked, told), (Err::<(), _>(TransportError::ServiceHung { waited: Duration::from_millis(50) }), 1));
        assert_eq!(within_told(Duration::from_secs(600), || told += 1, || Ok(7)), Ok(7));
        assert_eq!(told, 1);
    }

    #[test]
    fn what_blocks_for_good_is_given_up() {
        let waited = Duration::from_millis(50);
        let blocked = within(waited, || {
            loop {
                thread::park();
            }
        });
        assert_eq!(blocked, Err::<(), _>(TransportError::ServiceHung { waited }));
        assert_eq!(within(Duration::from_secs(5), || Ok(7)), Ok(7));
    }
}
