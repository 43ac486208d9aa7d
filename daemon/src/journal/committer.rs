//! The committer is the one thread that may append to a journal. It owns the journal and the domain state that
//! decides what is appended; everybody else sends it commands and waits for replies.
//!
//! Commands that wait together share one sync. A reply goes out only after everything that was decided before it,
//! in the same batch too, is durable: a refusal because of an entry is not given before the entry is there.

use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use tachiai_schemas::health::NotWriting;
use tokio::sync::{mpsc, oneshot};

use super::disk::Percent;
use super::{DiskGuard, Journal, JournalError};

/// What a journal's domain does inside the single-writer thread.
///
/// The calls come in the order of the journal, from one thread: `handle` for each command of a batch, then, once
/// all their entries are durable, one `committed`. If a batch fails to become durable, neither is called again:
/// the state in memory is then ahead of the journal, so views that others read belong into `committed`.
pub trait Ledger: Send + 'static {
    /// What is asked for.
    type Command: Send + 'static;
    /// What is answered, also a refusal.
    type Reply: Send + 'static;

    /// Decides against the current state and applies the decision to memory: gives the entries to append (none
    /// for a refusal or a repetition), each at most 65,535 bytes, and the reply to give once they are durable.
    ///
    /// `next_seq` is the sequence number that the first of the entries will have.
    fn handle(&mut self, command: Self::Command, next_seq: u64) -> Handled<Self::Reply>;

    /// Called after the batch is durable and before replies go out: update views, sign the checkpoint, finish the
    /// replies (add the receipts).
    ///
    /// `batch` holds the entries of all commands of the batch in order, perhaps none; `replies` one reply for
    /// each command.
    fn committed(&mut self, batch: &[Appended], replies: &mut [Self::Reply]);
}

/// What a domain decided about one command.
#[derive(Debug)]
pub struct Handled<R> {
    /// The entries to append, recovered all together or not at all.
    pub entries: Vec<Vec<u8>>,
    /// The reply to give when they are durable.
    pub reply: R,
}

/// An entry that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its sequence number.
    pub seq: u64,
    /// Its bytes.
    pub entry: Vec<u8>,
}

/// How a committer works.
#[derive(Clone, Debug)]
pub struct CommitterOptions {
    /// How many commands may wait; one more is refused with [`CommitError::Busy`].
    pub queue: usize,
    /// How many commands share one sync at most.
    pub batch: usize,
    /// After how many bytes of entries a batch takes no further command.
    pub batch_bytes: usize,
    /// Watches the disk: while it is too full, every command is refused with [`CommitError::ReadOnly`].
    pub guard: Option<DiskGuard>,
}

impl Default for CommitterOptions {
    fn default() -> Self {
        Self { queue: 4096, batch: 1024, batch_bytes: 8 << 20, guard: None }
    }
}

/// Why a command got no reply from the domain. None of these is the client's fault.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// Too many commands wait; try again later. Nothing was decided.
    #[error("too many commands wait")]
    Busy,
    /// Nothing is written at present. Nothing was decided.
    #[error("the journal is read-only: {0}")]
    ReadOnly(ReadOnly),
    /// The entries may or may not be in the journal when it is opened again; the same command may be sent again
    /// then.
    #[error("the journal could not be written: {0}")]
    Fault(Arc<JournalError>),
    /// The committer has stopped, or its domain panicked, before there was a reply.
    #[error("the journal is closed")]
    Stopped,
}

impl From<&CommitError> for NotWriting {
    fn from(error: &CommitError) -> Self {
        match error {
            CommitError::ReadOnly(ReadOnly::DiskFull(_)) => Self::DiskFull,
            CommitError::ReadOnly(ReadOnly::DiskUnknown(_)) => Self::DiskUnknown,
            CommitError::ReadOnly(ReadOnly::Failed(_)) | CommitError::Fault(_) => Self::Failed,
            CommitError::Busy => Self::Busy,
            CommitError::Stopped => Self::Stopped,
        }
    }
}

/// Why a journal is read-only.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadOnly {
    /// The disk is fuller than allowed.
    #[error("the disk is {0} full; free some space")]
    DiskFull(Percent),
    /// It is not known how full the disk is.
    #[error("{0}")]
    DiskUnknown(Arc<JournalError>),
    /// An earlier write failed; the daemon must be restarted.
    #[error("an earlier write failed ({0}); restart the service")]
    Failed(Arc<JournalError>),
}

struct Job<L: Ledger> {
    command: L::Command,
    reply: oneshot::Sender<Result<L::Reply, CommitError>>,
}

enum Message<L: Ledger> {
    Job(Job<L>),
    Stop,
}

/// Sends commands to a committer; clones may go anywhere.
pub struct Submitter<L: Ledger> {
    queue: mpsc::Sender<Message<L>>,
    condition: Arc<Condition>,
}

/// What stands in the way of writing.
#[derive(Debug)]
struct Condition {
    guard: Option<DiskGuard>,
    /// The failure after which nothing is written any more.
    failed: OnceLock<Arc<JournalError>>,
}

impl Condition {
    fn read_only(&self) -> Option<ReadOnly> {
        if let Some(failed) = self.failed.get() {
            return Some(ReadOnly::Failed(Arc::clone(failed)));
        }
        match self.guard.as_ref()?.over_limit() {
            Ok(over) => over.map(ReadOnly::DiskFull),
            Err(error) => Some(ReadOnly::DiskUnknown(Arc::new(error))),
        }
    }
}

impl<L: Ledger> Clone for Submitter<L> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), condition: Arc::clone(&self.condition) }
    }
}

impl<L: Ledger> Submitter<L> {
    /// Why a command would not be taken now, if it would not: the journal is read-only or its committer has ended.
    #[must_use]
    pub fn condition(&self) -> Option<CommitError> {
        if self.queue.is_closed() {
            return Some(CommitError::Stopped);
        }
        self.condition.read_only().map(CommitError::ReadOnly)
    }

    /// Sends a command and waits for its reply, which is given once everything it rests on is durable.
    ///
    /// A caller who stops waiting does not stop the command.
    ///
    /// # Errors
    /// [`CommitError`]; at once if the queue is full.
    pub async fn submit(&self, command: L::Command) -> Result<L::Reply, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Message::Job(Job { command, reply })).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CommitError::Busy,
            mpsc::error::TrySendError::Closed(_) => CommitError::Stopped,
        })?;
        answer.await.unwrap_or(Err(CommitError::Stopped))
    }
}

/// The thread that commits. Dropped without [`Committer::stop`], it ends when the last [`Submitter`] is gone.
pub struct Committer<L: Ledger> {
    queue: mpsc::Sender<Message<L>>,
    condition: Arc<Condition>,
    thread: JoinHandle<()>,
    /// Gets journal and domain back when the thread ends.
    ended: oneshot::Receiver<(Journal, L)>,
}

impl<L: Ledger> Committer<L> {
    /// Starts the thread. The ledger's state must be that of all entries of the journal.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the system gives no thread.
    pub fn start(journal: Journal, ledger: L, options: CommitterOptions) -> Result<Self, JournalError> {
        let (queue, commands) = mpsc::channel(options.queue.max(1));
        let (end, ended) = oneshot::channel();
        let name = format!("commit {}", journal.id());
        let dir = journal.dir().to_owned();
        let condition = Arc::new(Condition { guard: options.guard.clone(), failed: OnceLock::new() });
        let theirs = Arc::clone(&condition);
        let thread = thread::Builder::new()
            .name(name)
            .spawn(move || {
                let mut writer = Writer { journal, ledger, options, condition: theirs };
                writer.run(commands);
                // Nobody asks for them if the committer was dropped.
                let _ = end.send((writer.journal, writer.ledger));
            })
            .map_err(JournalError::io("start a thread for", &dir))?;
        Ok(Self { queue, condition, thread, ended })
    }

    /// A sender of commands.
    #[must_use]
    pub fn submitter(&self) -> Submitter<L> {
        Submitter { queue: self.queue.clone(), condition: Arc::clone(&self.condition) }
    }

    /// Stops: commands that already wait are committed and answered, later ones are refused with
    /// [`CommitError::Stopped`]. Gives journal and domain back.
    ///
    /// # Errors
    /// [`CommitError::Stopped`] if the thread ended by a panic of its domain.
    pub async fn stop(self) -> Result<(Journal, L), CommitError> {
        // A thread that ended already takes no message, and has left what is waited for next.
        let _ = self.queue.send(Message::Stop).await;
        let parts = self.ended.await.map_err(|_| CommitError::Stopped)?;
        // The thread has sent its last word, so this does not wait for anything.
        let _ = self.thread.join();
        Ok(parts)
    }
}

struct Writer<L> {
    journal: Journal,
    ledger: L,
    options: CommitterOptions,
    condition: Arc<Condition>,
}

impl<L: Ledger> Writer<L> {
    fn run(&mut self, mut commands: mpsc::Receiver<Message<L>>) {
        let mut messages = Vec::new();
        while commands.blocking_recv_many(&mut messages, self.options.batch.max(1)) > 0 {
            let mut jobs = Vec::with_capacity(messages.len());
            for message in messages.drain(..) {
                match message {
                    Message::Job(job) => jobs.push(job),
                    // What was sent before is still received; what comes later is refused at the sender.
                    Message::Stop => commands.close(),
                }
            }
            let mut jobs = jobs.into_iter().peekable();
            while jobs.peek().is_some() {
                self.commit(&mut jobs);
            }
        }
    }

    /// Takes commands up to the limit of bytes, and commits them with one sync.
    fn commit(&mut self, jobs: &mut impl Iterator<Item = Job<L>>) {
        if let Some(cause) = self.condition.read_only() {
            for job in jobs {
                // Here and below: a caller who no longer waits needs no answer.
                let _ = job.reply.send(Err(CommitError::ReadOnly(cause.clone())));
            }
            return;
        }
        let (mut entries, mut bytes) = (Vec::new(), 0);
        let (mut replies, mut senders) = (Vec::new(), Vec::new());
        for Job { command, reply: sender } in jobs {
            let next_seq = self.journal.len() + entries.len() as u64;
            let Handled { entries: decided, reply } = self.ledger.handle(command, next_seq);
            bytes += decided.iter().map(Vec::len).sum::<usize>();
            entries.extend(decided);
            replies.push(reply);
            senders.push(sender);
            if bytes >= self.options.batch_bytes {
                break;
            }
        }
        match self.journal.append_batch(&entries) {
            Ok(seqs) => {
                let batch: Vec<_> = seqs.zip(entries).map(|(seq, entry)| Appended { seq, entry }).collect();
                self.ledger.committed(&batch, &mut replies);
                for (sender, reply) in senders.into_iter().zip(replies) {
                    let _ = sender.send(Ok(reply));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for sender in senders {
                    let _ = sender.send(Err(CommitError::Fault(Arc::clone(&error))));
                }
                tracing::error!(%error, journal = %self.journal.id(), "the journal could not be written; nothing is written any more");
                // The first failure is the last: nothing is tried after it.
                let _ = self.condition.failed.set(error);
            }
        }
    }
}

#[cfg(test)]
mod tests;
