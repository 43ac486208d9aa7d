//! Looking at people, as they themselves are told of it: the port between the rooms that show somebody to officials and the log of accesses, so that none knows another.

use std::sync::{OnceLock, Weak};

use tachiai_schemas::CitizenId;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::sharing::access::How;

use crate::refused::{Answering, Refused};

/// Somebody of whom something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The event and the handle in it, where it is about one.
    pub handle: Option<(EventId, ChainId)>,
    /// The citizen, where one is known.
    pub citizen: Option<CitizenId>,
}

/// Where it is recorded.
pub trait Looks: Send + Sync {
    /// Records that an official looked at people; the citizens are codes, as they were entered. Durable once it is ready, and nothing is shown before.
    fn looked(&self, by: &str, how: How, event: Option<EventId>, people: Vec<Told>) -> Answering<'_, ()>;
}

/// The log, which is opened after the rooms that write into it, and reads them: so they hold it weakly, or nothing of all would ever be closed.
#[derive(Default)]
pub struct Late(OnceLock<Weak<dyn Looks>>);

impl Late {
    /// From now on it is recorded there, as long as somebody holds it. The first one stays.
    pub fn set(&self, looks: Weak<dyn Looks>) {
        let _ = self.0.set(looks);
    }
}

impl Looks for Late {
    fn looked(&self, by: &str, how: How, event: Option<EventId>, people: Vec<Told>) -> Answering<'_, ()> {
        let looks = self.0.get().and_then(Weak::upgrade);
        let by = by.to_owned();
        Box::pin(async move {
            let looks = looks.ok_or_else(|| Refused::fault("recording who looked at somebody", "the log is not open"))?;
            looks.looked(&by, how, event, people).await
        })
    }
}
