//! The clock: the one place where the daemon learns what time it is. Everything else is told.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tachiai_schemas::Timestamp;

/// Tells the time. It may stand still or be set back by an operator; who needs order has the journal.
pub trait Clock: Send + Sync {
    /// The time now, to the second.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        at(i64::try_from(seconds).unwrap_or(i64::MAX))
    }
}

/// A clock that stands until it is set: for tests and rehearsals inside one process.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.unix()))
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.unix(), Ordering::SeqCst);
    }

    /// Moves it on by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.set(self.now().plus(seconds));
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::SeqCst))
    }
}

/// The time so many seconds after 1970, kept inside the range of [`Timestamp`].
fn at(seconds: i64) -> Timestamp {
    const START: Timestamp = match Timestamp::from_unix(0) {
        Ok(start) => start,
        Err(_) => unreachable!(),
    };
    START.plus(seconds)
}
