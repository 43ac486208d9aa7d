//! The appliance's own journal, `appliance`: who was enrolled, who is on the staff list, who asked for what and who
//! approved it, and when the daemon started and what it had to repair.
//!
//! Entries are JSON: `{"v":1,"at":T,"kind":K,"body":…}`. Each room decides about its own entries; here they meet.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use tachiai_schemas::canonical::{self, CanonicalError};
use tachiai_schemas::{CitizenId, ElectionId, HashBytes, Timestamp};

use crate::identity::{self, Enrol, Issue, Keep, NoCode, NotBound, Replace};
use crate::journal::{Appended, CommitError, Handled, Journal, JournalError, JournalId, JournalReader, Ledger, Submitter};
use crate::refused::{Answering, Refused};
use crate::sharing;
use crate::staff::{self, NotDone, Outcome};
use crate::store::{Batch, Scan, Store, StoreError};

/// The journal's id.
pub const ID: &str = "appliance";

/// The appliance's own doings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Own {
    /// The daemon started.
    Started {
        /// Its version.
        version: String,
    },
    /// Something was repaired or set aside at the start.
    Repaired {
        /// What, in words for an auditor.
        what: String,
    },
    /// From now on this is trusted of cards; each is kept under its SHA-256.
    CardsTrusted(TrustedFiles),
    /// Somebody takes the evidence of an election away.
    EvidenceExported {
        /// The election.
        election: ElectionId,
        /// Who.
        by: String,
    },
}

/// The hashes of what is trusted of cards, each list ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedFiles {
    /// Certificates of certification authorities.
    pub anchors: Vec<HashBytes>,
    /// Keys that certify those which sign cards' texts.
    pub text_anchors: Vec<HashBytes>,
    /// Revocation lists.
    pub crls: Vec<HashBytes>,
    /// Whether no card was accepted without a fresh one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lists_required: bool,
}

/// What was trusted of cards, in the order of time; each holds until the next.
pub type History = Vec<(Timestamp, TrustedFiles)>;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// Of identity.
    Identity(identity::Event),
    /// Of staff.
    Staff(staff::Event),
    /// Of sharing.
    Sharing(sharing::Event),
    /// Of the appliance itself.
    Own(Own),
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    v: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// Why the journal's entries cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// An entry is none that this version knows.
    #[error("entry {seq} of the appliance's journal is none that this version of tachiaid knows: {source}")]
    Entry {
        /// Its number.
        seq: u64,
        /// Why.
        source: CanonicalError,
    },
    /// The journal fails.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store has seen more entries than the journal holds.
    #[error(
        "the views contain {views} entries and the appliance's journal holds only {journal}: a segment is missing or was replaced by an older one; \
         restore the journal, or run tachiaid rebuild if you know that nothing is lost"
    )]
    ViewsAhead {
        /// What the views contain.
        views: u64,
        /// What the journal holds.
        journal: u64,
    },
}

impl Entry {
    /// The bytes for the journal.
    ///
    /// # Errors
    /// None for these types.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_bytes(self)
    }

    /// Reads an entry in the one accepted form.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CanonicalError> {
        let entry: Self = canonical::from_bytes(bytes)?;
        if entry.v == 1 { Ok(entry) } else { Err(CanonicalError::Parse { reason: format!("version {}", entry.v) }) }
    }
}

/// What all entries together say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Citizens.
    pub identity: identity::State,
    /// Staff.
    pub staff: staff::State,
    /// What was trusted of cards.
    pub trusted: History,
    /// Sharing.
    pub sharing: sharing::State,
}

impl State {
    /// Adds an entry.
    pub fn apply(&mut self, seq: u64, entry: &Entry) {
        let Entry { v: _, at, event } = entry;
        match event {
            Event::Identity(event) => self.identity.apply(seq, *at, event),
            Event::Staff(event) => self.staff.apply(*at, event),
            Event::Sharing(event) => self.sharing.apply(seq, *at, event),
            Event::Own(Own::CardsTrusted(files)) => self.trusted.push((*at, files.clone())),
            Event::Own(Own::Started { version: _ } | Own::Repaired { what: _ } | Own::EvidenceExported { election: _, by: _ }) => {}
        }
    }

    fn change(&self, seq: u64, entry: &Entry, batch: &mut Batch) {
        let Entry { v: _, at, event } = entry;
        match event {
            Event::Identity(event) => identity::views::change(&self.identity, seq, event, batch),
            Event::Staff(event) => staff::views::change(&self.staff, *at, event, batch),
            // What is asked of it stands in memory.
            Event::Sharing(_) | Event::Own(_) => {}
        }
    }

    /// Adds the entries of a journal up to its end.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn replay(&mut self, journal: &JournalReader) -> Result<u64, ReplayError> {
        let mut seq = 0;
        for bytes in journal.iter_from(0) {
            let entry = Entry::from_bytes(&bytes?).map_err(|source| ReplayError::Entry { seq, source })?;
            self.apply(seq, &entry);
            seq += 1;
        }
        Ok(seq)
    }
}

/// Compares the records in the store with what the journal says.
///
/// # Errors
/// [`ReplayError`].
pub fn compare(state: &State, store: &dyn Store, id: &JournalId) -> Result<Comparison, ReplayError> {
    let mut expected = identity::views::all(&state.identity);
    expected.extend(staff::views::all(&state.staff));
    let mut comparison = Comparison { records: expected.len() as u64, wrong: 0 };
    for kind in [crate::store::Kind::CARD, crate::store::Kind::PERSON, crate::store::Kind::CITIZEN, crate::store::Kind::OFFICIAL, crate::store::Kind::ACT] {
        for (key, value) in store.range(id, &Scan::all(kind.all()))? {
            if expected.remove(&key).as_ref() != Some(&value) {
                comparison.wrong += 1;
            }
        }
    }
    comparison.wrong += expected.len() as u64;
    Ok(comparison)
}

/// How records and journal compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// How many records there should be.
    pub records: u64,
    /// How many are missing, superfluous or different.
    pub wrong: u64,
}

/// What the committer's thread is asked.
#[derive(Debug)]
pub enum Command {
    /// Of identity.
    Enrol(Enrol),
    /// Of identity, too.
    Keep(Keep),
    /// Of identity: an ID without a card.
    Issue(Issue),
    /// Of identity: another code.
    Replace(Replace),
    /// Of identity: two officials, about IDs.
    Settle(Timestamp, identity::Event),
    /// Of identity: an official looked at a citizen.
    Looked(Timestamp, CitizenId, String),
    /// Of staff.
    Staff(staff::Command),
    /// Of sharing: entries that belong together.
    Sharing(Timestamp, Vec<sharing::Event>),
    /// Of the appliance itself.
    Own(Timestamp, Own),
}

/// What it answers.
#[derive(Debug)]
pub enum Reply {
    /// Of identity.
    Enrol(Result<CitizenId, NotBound>),
    /// Of identity: whose a code is.
    Code(Result<CitizenId, NoCode>),
    /// Of staff.
    Staff(Result<Outcome, NotDone>),
    /// Of sharing, and of identity about IDs: whether it is recorded.
    Told(Result<(), tachiai_schemas::Refusal>),
    /// It is recorded.
    Recorded,
    /// It could not be written as an entry.
    Fault,
}

/// What others read: the states as far as they are durable.
#[derive(Clone, Default)]
pub struct Shared {
    /// Citizens.
    pub identity: Arc<RwLock<identity::State>>,
    /// Staff.
    pub staff: Arc<RwLock<staff::State>>,
    /// What was trusted of cards.
    pub trusted: Arc<RwLock<History>>,
    /// Sharing.
    pub sharing: Arc<RwLock<sharing::State>>,
}

/// The domain inside the committer's thread.
pub struct Book {
    id: JournalId,
    /// With everything decided, durable or not yet.
    ahead: State,
    /// With everything that is durable; the views follow it.
    durable: State,
    shared: Shared,
    store: Arc<dyn Store>,
}

impl Book {
    /// Takes up a journal: replays it, brings the views up to it, and shares the states.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn open(journal: &Journal, store: Arc<dyn Store>) -> Result<Self, ReplayError> {
        let id = journal.id().clone();
        let reader = journal.reader();
        let mark = store.high_water(&id)?;
        if mark > reader.len() {
            return Err(ReplayError::ViewsAhead { views: mark, journal: reader.len() });
        }
        let mut durable = State::default();
        for (seq, bytes) in (0..).zip(reader.iter_from(0)) {
            let entry = Entry::from_bytes(&bytes?).map_err(|source| ReplayError::Entry { seq, source })?;
            if seq >= mark {
                let mut batch = Batch::new(id.clone(), seq..seq + 1);
                durable.change(seq, &entry, &mut batch);
                store.apply(&batch)?;
            }
            durable.apply(seq, &entry);
        }
        let State { identity, staff, trusted, sharing } = durable.clone();
        let shared = Shared {
            identity: Arc::new(RwLock::new(identity)),
            staff: Arc::new(RwLock::new(staff)),
            trusted: Arc::new(RwLock::new(trusted)),
            sharing: Arc::new(RwLock::new(sharing)),
        };
        Ok(Self { id, ahead: durable.clone(), durable, shared, store })
    }

    /// What others read.
    #[must_use]
    pub fn shared(&self) -> Shared {
        self.shared.clone()
    }

    fn append(&mut self, seq: u64, at: Timestamp, events: Vec<Event>, reply: Reply) -> Handled<Reply> {
        let mut entries = Vec::with_capacity(events.len());
        for (seq, event) in (seq..).zip(events) {
            let entry = Entry { v: 1, at, event };
            match entry.to_bytes() {
                Ok(bytes) => entries.push(bytes),
                Err(error) => {
                    tracing::error!(%error, "an entry of the appliance's journal cannot be written");
                    return Handled { entries: Vec::new(), reply: Reply::Fault };
                }
            }
            self.ahead.apply(seq, &entry);
        }
        Handled { entries, reply }
    }
}

impl Ledger for Book {
    type Command = Command;
    type Reply = Reply;

    fn handle(&mut self, command: Command, next_seq: u64) -> Handled<Reply> {
        match command {
            Command::Enrol(enrol) => {
                let at = enrol.at;
                match identity::decide::enrol(&self.ahead.identity, enrol) {
                    Ok((events, citizen)) => self.append(next_seq, at, events.into_iter().map(Event::Identity).collect(), Reply::Enrol(Ok(citizen))),
                    Err(not) => Handled { entries: Vec::new(), reply: Reply::Enrol(Err(not)) },
                }
            }
            Command::Staff(command) => {
                let at = command.at;
                match staff::decide::decide(&self.ahead.staff, command) {
                    Ok((events, outcome)) => self.append(next_seq, at, events.into_iter().map(Event::Staff).collect(), Reply::Staff(Ok(outcome))),
                    Err(not) => Handled { entries: Vec::new(), reply: Reply::Staff(Err(not)) },
                }
            }
            Command::Keep(Keep { at, citizen, commitment, sealed }) => {
                let event = identity::Event::CounterRead { citizen, commitment, sealed };
                self.append(next_seq, at, vec![Event::Identity(event)], Reply::Recorded)
            }
            Command::Sharing(at, events) => match sharing::decide::may_record(&self.ahead.sharing, at, &events) {
                Ok(()) => self.append(next_seq, at, events.into_iter().map(Event::Sharing).collect(), Reply::Told(Ok(()))),
                Err(refusal) => Handled { entries: Vec::new(), reply: Reply::Told(Err(refusal)) },
            },
            Command::Issue(issue) => {
                let at = issue.at;
                let (events, citizen) = identity::decide::issue(&self.ahead.identity, issue);
                self.append(next_seq, at, events.into_iter().map(Event::Identity).collect(), Reply::Code(Ok(citizen)))
            }
            Command::Replace(replace) => {
                let at = replace.at;
                match identity::decide::replace(&self.ahead.identity, replace) {
                    Ok((event, citizen)) => self.append(next_seq, at, vec![Event::Identity(event)], Reply::Code(Ok(citizen))),
                    Err(no) => Handled { entries: Vec::new(), reply: Reply::Code(Err(no)) },
                }
            }
            Command::Settle(at, event) => match identity::decide::may_settle(&self.ahead.identity, &event) {
                Ok(()) => self.append(next_seq, at, vec![Event::Identity(event)], Reply::Told(Ok(()))),
                Err(refusal) => Handled { entries: Vec::new(), reply: Reply::Told(Err(refusal)) },
            },
            Command::Looked(at, citizen, by) => {
                self.append(next_seq, at, vec![Event::Identity(identity::Event::CitizenLookedAt { citizen, by })], Reply::Recorded)
            }
            Command::Own(at, own) => self.append(next_seq, at, vec![Event::Own(own)], Reply::Recorded),
        }
    }

    fn committed(&mut self, batch: &[Appended], _replies: &mut [Reply]) {
        for Appended { seq, entry } in batch {
            // What was written a moment ago is in the accepted form.
            let Ok(entry) = Entry::from_bytes(entry) else {
                tracing::error!(seq, "an entry that was just written cannot be read");
                continue;
            };
            let mut changes = Batch::new(self.id.clone(), *seq..seq + 1);
            self.durable.change(*seq, &entry, &mut changes);
            // The journal is the truth: a view that could not be written is written when the daemon starts again.
            if let Err(error) = self.store.apply(&changes) {
                tracing::error!(%error, seq, "the views of the appliance's journal fall behind");
            }
            self.durable.apply(*seq, &entry);
            match &entry.event {
                Event::Identity(event) => self.shared.identity.write().unwrap_or_else(PoisonError::into_inner).apply(*seq, entry.at, event),
                Event::Staff(event) => self.shared.staff.write().unwrap_or_else(PoisonError::into_inner).apply(entry.at, event),
                Event::Sharing(event) => self.shared.sharing.write().unwrap_or_else(PoisonError::into_inner).apply(*seq, entry.at, event),
                Event::Own(Own::CardsTrusted(files)) => self.shared.trusted.write().unwrap_or_else(PoisonError::into_inner).push((entry.at, files.clone())),
                Event::Own(_) => {}
            }
        }
    }
}

/// The journal as rooms use it.
#[derive(Clone)]
pub struct Registrar {
    submitter: Submitter<Book>,
    reader: JournalReader,
}

impl Registrar {
    /// Around a committer.
    #[must_use]
    pub fn new(submitter: Submitter<Book>, reader: JournalReader) -> Self {
        Self { submitter, reader }
    }

    /// Why the journal takes nothing at present, if it does not.
    #[must_use]
    pub fn condition(&self) -> Option<CommitError> {
        self.submitter.condition()
    }

    /// Records what the appliance did.
    ///
    /// # Errors
    /// [`Refused`] if nothing can be written.
    pub async fn record(&self, at: Timestamp, own: Own) -> Result<(), Refused> {
        self.submitter.submit(Command::Own(at, own)).await?;
        Ok(())
    }
}

impl identity::Register for Registrar {
    fn enrol(&self, enrol: Enrol) -> Answering<'_, Result<CitizenId, NotBound>> {
        Box::pin(async move {
            match self.submitter.submit(Command::Enrol(enrol)).await? {
                Reply::Enrol(result) => Ok(result),
                other => Err(Refused::fault("enrolling", format!("{other:?}"))),
            }
        })
    }

    fn keep(&self, keep: Keep) -> Answering<'_, ()> {
        Box::pin(async move {
            match self.submitter.submit(Command::Keep(keep)).await? {
                Reply::Recorded => Ok(()),
                other => Err(Refused::fault("keeping what was read at a counter", format!("{other:?}"))),
            }
        })
    }

    fn issue(&self, issue: Issue) -> Answering<'_, CitizenId> {
        Box::pin(async move {
            match self.submitter.submit(Command::Issue(issue)).await? {
                Reply::Code(Ok(citizen)) => Ok(citizen),
                other => Err(Refused::fault("issuing an ID", format!("{other:?}"))),
            }
        })
    }

    fn replace(&self, replace: Replace) -> Answering<'_, Result<CitizenId, NoCode>> {
        Box::pin(async move {
            match self.submitter.submit(Command::Replace(replace)).await? {
                Reply::Code(result) => Ok(result),
                other => Err(Refused::fault("replacing a code", format!("{other:?}"))),
            }
        })
    }

    fn settle(&self, at: Timestamp, event: identity::Event) -> Answering<'_, ()> {
        Box::pin(async move {
            match self.submitter.submit(Command::Settle(at, event)).await? {
                Reply::Told(result) => result.map_err(Refused::from),
                other => Err(Refused::fault("recording about citizen IDs", format!("{other:?}"))),
            }
        })
    }

    fn looked(&self, at: Timestamp, citizen: CitizenId, by: String) -> Answering<'_, ()> {
        Box::pin(async move {
            match self.submitter.submit(Command::Looked(at, citizen, by)).await? {
                Reply::Recorded => Ok(()),
                other => Err(Refused::fault("recording who looked", format!("{other:?}"))),
            }
        })
    }

    fn event(&self, seq: u64) -> Result<identity::Event, Refused> {
        let fault = |error: &dyn std::fmt::Display| Refused::fault("reading the appliance's journal", error);
        let bytes = self.reader.read(seq).map_err(|error| fault(&error))?;
        match Entry::from_bytes(&bytes).map_err(|error| fault(&error))?.event {
            Event::Identity(event) => Ok(event),
            _ => Err(fault(&format!("entry {seq} is not of identity"))),
        }
    }
}

impl sharing::Book for Registrar {
    fn record(&self, at: Timestamp, events: Vec<sharing::Event>) -> Answering<'_, ()> {
        Box::pin(async move {
            match self.submitter.submit(Command::Sharing(at, events)).await? {
                Reply::Told(result) => result.map_err(Refused::from),
                other => Err(Refused::fault("recording what is shared", format!("{other:?}"))),
            }
        })
    }
}

impl staff::Register for Registrar {
    fn submit(&self, command: staff::Command) -> Answering<'_, Result<Outcome, NotDone>> {
        Box::pin(async move {
            match self.submitter.submit(Command::Staff(command)).await? {
                Reply::Staff(result) => Ok(result),
                other => Err(Refused::fault("recording for staff", format!("{other:?}"))),
            }
        })
    }
}

#[cfg(test)]
mod tests;
