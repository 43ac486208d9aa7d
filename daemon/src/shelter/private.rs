//! A private journal of the shelters: what is sealed, and who did and read what.
//!
//! An event has one (`roster-<event>-private`, [`super::kept`]), and one stands for all of them (`shelters`, [`super::register`]). Its entries name nobody in
//! clear; what is about a person is sealed under a key of that person.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tachiai_crypto::journal::MAX_ENTRY_LEN;
use tachiai_schemas::canonical;
use tachiai_schemas::{Refusal, Timestamp};

use super::mark::Mark;
use super::{OpenError, Services};
use crate::journal::{Appended, CommitError, Committer, Handled, Journal, JournalId, JournalReader, Ledger, Submitter};
use crate::refused::Refused;

/// The version of these entries.
const VERSION: u32 = 1;

/// What the entries of a private journal say together.
pub trait Fold: Default + Send + Sync + 'static {
    /// What one entry says.
    type Body: Serialize + DeserializeOwned + Send + 'static;

    /// Takes the entry of this number over. Entries are facts: nothing is refused here.
    fn apply(&mut self, seq: u64, at: Timestamp, body: &Self::Body);
}

/// One entry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<B> {
    v: u32,
    at: Timestamp,
    body: B,
}

/// Entries that are written together or not at all.
pub struct Note<B> {
    at: Timestamp,
    bodies: Vec<B>,
}

/// A private journal with its committer.
pub struct Private<F: Fold> {
    reader: JournalReader,
    state: Arc<RwLock<F>>,
    queue: Submitter<NoteLedger<F>>,
    committer: Mutex<Option<Committer<NoteLedger<F>>>>,
    services: Arc<Services>,
}

impl<F: Fold> Private<F> {
    /// Opens a private journal, or begins it, and folds its entries. What was repaired is put into `repairs`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(services: &Arc<Services>, id: &JournalId, repairs: &mut Vec<String>) -> Result<Self, OpenError> {
        let (journal, recovery) = Journal::open(&services.data.join("journal"), id, services.journal.clone())?;
        repairs.extend(recovery.told(id));
        let mark = Mark::open(Arc::clone(&services.store), &journal)?;
        let mut state = F::default();
        for (seq, bytes) in (0..).zip(journal.reader().iter_from(0)) {
            let Entry { v: _, at, body } = parse::<F::Body>(&bytes?).map_err(|what| OpenError::Entry { journal: id.clone(), seq, what })?;
            state.apply(seq, at, &body);
        }
        let (reader, state) = (journal.reader(), Arc::new(RwLock::new(state)));
        let ledger = NoteLedger { state: Arc::clone(&state), pending: Vec::new(), mark };
        let committer = Committer::start(journal, ledger, services.committer.clone())?;
        Ok(Self { reader, state, queue: committer.submitter(), committer: Mutex::new(Some(committer)), services: Arc::clone(services) })
    }

    /// Makes entries durable, all of them with one sync.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] if one does not fit into a journal; then none was written. [`Refusal::Busy`], [`Refusal::ReadOnly`].
    pub async fn note(&self, bodies: Vec<F::Body>) -> Result<(), Refused> {
        if bodies.is_empty() {
            return Ok(());
        }
        self.queue.submit(Note { at: self.services.clock.now(), bodies }).await?
    }

    /// What is durable; the guard is not to be held over an `await`.
    pub fn state(&self) -> RwLockReadGuard<'_, F> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// An entry, with its time.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn entry(&self, seq: u64) -> Result<(Timestamp, F::Body), Refused> {
        let bytes = self.reader.read(seq).map_err(|error| Refused::fault("reading a private journal", error))?;
        let Entry { v: _, at, body } = parse(&bytes).map_err(|what| Refused::fault("reading a private journal", what))?;
        Ok((at, body))
    }

    /// Every entry in order, for tests and audits.
    pub fn entries(&self) -> impl Iterator<Item = Result<(Timestamp, F::Body), Refused>> {
        (0..self.reader.len()).map(|seq| self.entry(seq))
    }

    /// Why the journal takes nothing at present, if it does not.
    #[must_use]
    pub fn condition(&self) -> Option<CommitError> {
        self.queue.condition()
    }

    /// Ends the committer; what waits is committed first.
    pub async fn stop(&self) {
        let committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(committer) = committer
            && let Err(error) = committer.stop().await.map(drop)
        {
            tracing::error!(%error, journal = %self.reader.id(), "the committer of a private journal did not end well");
        }
    }
}

/// Where a private journal lies.
#[must_use]
pub fn folder(data: &Path, id: &JournalId) -> std::path::PathBuf {
    data.join("journal").join(id.as_str())
}

/// The parser's words may quote what is sealed elsewhere, so only their kind is said.
fn parse<B: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<Entry<B>, String> {
    let entry: Entry<B> = canonical::from_bytes(bytes).map_err(|error| match error {
        canonical::CanonicalError::Parse { .. } => "it is none that this version knows".to_owned(),
        form @ canonical::CanonicalError::Form { .. } => form.to_string(),
    })?;
    if entry.v == VERSION { Ok(entry) } else { Err(format!("version {} is unknown, this program knows {VERSION}", entry.v)) }
}

/// A private journal inside its committer: whatever comes was decided before.
pub struct NoteLedger<F: Fold> {
    state: Arc<RwLock<F>>,
    pending: Vec<(u64, Timestamp, F::Body)>,
    mark: Mark,
}

impl<F: Fold> Ledger for NoteLedger<F> {
    type Command = Note<F::Body>;
    type Reply = Result<(), Refused>;

    fn handle(&mut self, Note { at, bodies }: Note<F::Body>, next_seq: u64) -> Handled<Self::Reply> {
        let (mut entries, mut kept) = (Vec::with_capacity(bodies.len()), Vec::with_capacity(bodies.len()));
        for (seq, body) in (next_seq..).zip(bodies) {
            let entry = Entry { v: VERSION, at, body };
            match canonical::to_bytes(&entry) {
                Ok(bytes) if bytes.len() <= MAX_ENTRY_LEN => entries.push(bytes),
                Ok(_) => return Handled { entries: Vec::new(), reply: Err(Refusal::TooLarge.into()) },
                Err(error) => return Handled { entries: Vec::new(), reply: Err(Refused::fault("writing a private entry", error)) },
            }
            kept.push((seq, at, entry.body));
        }
        self.pending.append(&mut kept);
        Handled { entries, reply: Ok(()) }
    }

    fn committed(&mut self, batch: &[Appended], _replies: &mut [Self::Reply]) {
        if let (Some(first), Some(last)) = (batch.first(), batch.last()) {
            self.mark.advance(first.seq..last.seq + 1);
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for (seq, at, body) in self.pending.drain(..) {
            state.apply(seq, at, &body);
        }
    }
}
