//! The outbox: what is to reach another system, and does, however often the system or this process fails in between.
//!
//! | file | is |
//! |---|---|
//! | [`queue`] | the messages that wait, as files |
//! | [`backoff`] | how long to wait after a failure |
//! | [`line`] | the line to the broker |
//! | [`send`] | one attempt to send a message |
//! | [`fetch`] | entities from the broker |
//! | [`routes`] | what staff see of it |
//!
//! **Promises.** A message is durable before [`Outbox::put`] returns. Messages are sent one after the other, in the order in which they were put. Each arrives at
//! least once; when it may arrive again, after an answer that was lost or a process that was killed, it does so with the same `Idempotency-Key`. A message about a
//! subject takes the place of an earlier one about it that still waits, so that what waits does not grow with the hours that a platform is away. One that the platform
//! refuses as such (400, 409, 413, 415, 422, or 207, by which a batch says that parts of it failed) is set aside in `refused/` and said, so that it does not hold up
//! the others; every other failure is tried again until it goes well.
//!
//! **Invariant**: messages lie in clear, so nothing about a person is ever put in.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use rand_core::{OsRng, RngCore};
use tachiai_schemas::health::Ailment;
use tachiai_schemas::sharing::outbox::{OutboxView, SendError};

use crate::clock::Clock;
use crate::http::router::{Condition, Health};
use crate::journal::JournalError;

pub mod backoff;
pub mod fetch;
pub mod line;
pub mod queue;
pub mod routes;
pub mod send;

use backoff::Backoff;
use queue::Queue;
pub use queue::{Key, Message};
pub use send::Target;
use send::{Fate, Sender};
use tachiai_agent::TrustError;

/// Why an outbox cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The disk.
    #[error(transparent)]
    Disk(#[from] JournalError),
    /// The target.
    #[error(transparent)]
    Target(#[from] TrustError),
    /// The system gives no thread.
    #[error("no thread for the outbox: {0}")]
    Thread(#[source] std::io::Error),
}

/// The messages for one target.
///
/// Dropping it ends the sending after the attempt that is under way; what waits is sent after the next start.
pub struct Outbox {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    url: String,
}

struct Shared {
    state: Mutex<State>,
    /// Something was put, or it is to end.
    changed: Condvar,
}

struct State {
    queue: Queue,
    run: Run,
    failures: u32,
    error: Option<SendError>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    On,
    Ended,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox {
    /// Opens the outbox in a folder, or makes it, and begins to send what waits.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub fn open(dir: &Path, target: &Target, backoff: Backoff, clock: Arc<dyn Clock>) -> Result<Self, OutboxError> {
        let sender = Sender::new(target)?;
        let state = State { queue: Queue::open(dir)?, run: Run::On, failures: 0, error: None };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let (ours, time) = (Arc::clone(&shared), Arc::clone(&clock));
        thread::Builder::new().name("outbox".to_owned()).spawn(move || run(&ours, &sender, backoff, &*time)).map_err(OutboxError::Thread)?;
        Ok(Self { shared, clock, url: target.url.clone() })
    }

    /// Puts a message in; it is durable when this returns. One about the same subject that waits is replaced by it.
    ///
    /// # Errors
    /// [`JournalError`]; then it is not in.
    pub fn put(&self, subject: Option<&str>, body: &[u8]) -> Result<Key, JournalError> {
        let key = self.shared.lock().queue.put(Key::random(&mut OsRng), subject, self.clock.now(), body)?;
        self.shared.changed.notify_all();
        Ok(key)
    }

    /// How sending stands.
    #[must_use]
    pub fn view(&self) -> OutboxView {
        let state = self.shared.lock();
        OutboxView {
            url: self.url.clone(),
            waiting: state.queue.waiting(),
            since: state.queue.since(),
            failures: state.failures,
            error: state.error.clone(),
            refused: state.queue.refused(),
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.shared.lock().run = Run::Ended;
        self.shared.changed.notify_all();
    }
}

impl Health for Outbox {
    fn condition(&self) -> Condition {
        let OutboxView { waiting, failures, refused, .. } = self.view();
        let mut warnings = Vec::new();
        if failures > 0 {
            warnings.push(Ailment::PlatformSilent { waiting, failures: failures.into() });
        }
        if refused > 0 {
            warnings.push(Ailment::PlatformRefused { messages: refused });
        }
        Condition { broken: Vec::new(), warnings }
    }
}

/// Sends what waits until it is to end.
fn run(shared: &Shared, sender: &Sender, backoff: Backoff, clock: &dyn Clock) {
    while let Some(message) = next(shared) {
        let fate = match &message {
            Ok(message) => sender.send(message),
            Err(error) => Fate::Failed(error.to_string()),
        };
        let mut state = shared.lock();
        let done = match (&fate, &message) {
            (Fate::Arrived, Ok(message)) => state.queue.done(message.seq),
            (Fate::Refused(what), Ok(message)) => {
                tracing::error!(%what, key = %message.key, "the data platform refused a message; it is set aside");
                state.queue.set_aside(message.seq)
            }
            (Fate::Failed(_), _) | (_, Err(_)) => Ok(()),
        };
        state.queue.rest();
        // A message that could not be taken out of the queue goes out again, with the same key.
        let failed = match (fate, done) {
            (_, Err(error)) => Some(error.to_string()),
            (Fate::Failed(what), Ok(())) => Some(what),
            (Fate::Arrived | Fate::Refused(_), Ok(())) => None,
        };
        match failed {
            None => (state.failures, state.error) = (0, None),
            Some(what) => {
                state.failures = state.failures.saturating_add(1);
                tracing::warn!(%what, failures = state.failures, waiting = state.queue.waiting(), "a message did not reach the data platform");
                state.error = Some(SendError { at: clock.now(), what });
                let until = Instant::now() + backoff.delay(state.failures, OsRng.next_u32());
                pause(shared, state, until);
            }
        }
    }
}

/// Waits for the message that is to be sent next; `None` if it is to end.
fn next(shared: &Shared) -> Option<Result<Message, JournalError>> {
    let mut state = shared.lock();
    loop {
        match (state.run, state.queue.begin()) {
            (Run::Ended, _) => return None,
            (Run::On, Some(message)) => return Some(message),
            (Run::On, None) => state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// Waits after a failure, and no longer if it is to end.
fn pause(shared: &Shared, mut state: MutexGuard<'_, State>, until: Instant) {
    while state.run == Run::On {
        let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else { return };
        state = shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

#[cfg(test)]
mod tests;
