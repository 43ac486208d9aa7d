//! The pool checks ballots on a fixed number of threads: what waits together is checked together, by one
//! multiscalar multiplication, and what would wait too long is turned away at once.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rand_core::OsRng;
use tachiai_crypto::election::ballot::{Ballot, BallotError, ProofError, Statement};
use tachiai_crypto::proof::batch::{BatchItem, verify_batch, verify_signatures};
use tachiai_schemas::Refusal;
use tokio::sync::oneshot;

use crate::refused::Refused;

/// How large a pool is.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Threads.
    pub threads: NonZeroUsize,
    /// How many ballots may wait; one more is refused as [`Refusal::Busy`].
    pub queue: usize,
    /// How many are checked together at most.
    pub batch: NonZeroUsize,
}

impl Default for PoolOptions {
    /// One core is left to the network and the committer.
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            threads: NonZeroUsize::new(cores.saturating_sub(1)).unwrap_or(NonZeroUsize::MIN),
            queue: 4096,
            batch: NonZeroUsize::new(256).unwrap_or(NonZeroUsize::MIN),
        }
    }
}

/// A ballot whose form, proofs and signature were checked against a statement.
///
/// The ballot's type stays that of an unchecked one, because a batch does not consume it; this wrapper is made by the pool alone.
pub struct Checked {
    ballot: Ballot,
    statement: Statement,
}

impl Checked {
    /// The ballot.
    #[must_use]
    pub const fn ballot(&self) -> &Ballot {
        &self.ballot
    }

    /// What it was checked against.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }
}

struct Job {
    bytes: Vec<u8>,
    statement: Statement,
    reply: oneshot::Sender<Result<Checked, Refused>>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    course: Course,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Course {
    #[default]
    Running,
    Stopping,
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    options: PoolOptions,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole after every statement that changes it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits, up to a batch; nothing when the pool ends.
    fn next(&self) -> Option<Vec<Job>> {
        let mut queue = self.lock();
        loop {
            if !queue.jobs.is_empty() {
                let take = queue.jobs.len().min(self.options.batch.get());
                return Some(queue.jobs.drain(..take).collect());
            }
            if queue.course == Course::Stopping {
                return None;
            }
            queue = self.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The threads.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// What the system says if it gives no thread.
    pub fn start(options: PoolOptions) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), arrived: Condvar::new(), options });
        let threads = (0..options.threads.get())
            .map(|index| {
                let theirs = Arc::clone(&shared);
                thread::Builder::new().name(format!("ballots {index}")).spawn(move || {
                    while let Some(jobs) = theirs.next() {
                        check(jobs);
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { shared, threads })
    }

    /// Checks the bytes of a ballot against a statement.
    ///
    /// # Errors
    /// [`Refusal::Busy`] at once if too many wait; [`Refusal::BallotMalformed`], [`Refusal::BallotProof`] or
    /// [`Refusal::BallotSignature`].
    pub async fn verify(&self, bytes: Vec<u8>, statement: Statement) -> Result<Checked, Refused> {
        let (reply, answer) = oneshot::channel();
        {
            let mut queue = self.shared.lock();
            if queue.jobs.len() >= self.shared.options.queue {
                return Err(Refusal::Busy.into());
            }
            queue.jobs.push_back(Job { bytes, statement, reply });
        }
        self.shared.arrived.notify_one();
        answer.await.unwrap_or_else(|_| Err(Refused::fault("checking a ballot", "the pool has ended")))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().course = Course::Stopping;
        self.shared.arrived.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing more to answer.
            let _ = thread.join();
        }
    }
}

fn check(jobs: Vec<Job>) {
    let mut parsed = Vec::with_capacity(jobs.len());
    for Job { bytes, statement, reply } in jobs {
        match Ballot::parse(&bytes, &statement.style) {
            Ok(ballot) => parsed.push((Checked { ballot, statement }, reply)),
            // Who does not wait any more needs no answer, here and below.
            Err(error) => drop(reply.send(Err(malformed(&error)))),
        }
    }
    // All that a ballot's header needs stands on the board, so anybody can make one that gets here; the signature only the
    // voter can make. Without it no proof is looked at.
    let verdicts = verify_signatures(&items(&parsed), &mut OsRng);
    let mut signed = Vec::with_capacity(parsed.len());
    for ((checked, reply), verdict) in parsed.into_iter().zip(verdicts) {
        match verdict {
            Ok(()) => signed.push((checked, reply)),
            Err(error) => drop(reply.send(Err(unproven(&error)))),
        }
    }
    let verdicts = verify_batch(&items(&signed), &mut OsRng);
    for ((checked, reply), verdict) in signed.into_iter().zip(verdicts) {
        let _ = reply.send(verdict.map(|()| checked).map_err(|error| unproven(&error)));
    }
}

fn items<R>(ballots: &[(Checked, R)]) -> Vec<BatchItem<'_>> {
    ballots.iter().map(|(checked, _)| BatchItem { ballot: &checked.ballot, statement: &checked.statement }).collect()
}

fn malformed(error: &BallotError) -> Refused {
    Refused::about(Refusal::BallotMalformed, error)
}

fn unproven(error: &ProofError) -> Refused {
    match error {
        ProofError::Style => Refused::about(Refusal::BallotMalformed, error),
        ProofError::Equation { .. } => Refused::about(Refusal::BallotProof, error),
        ProofError::Signature => Refused::about(Refusal::BallotSignature, error),
    }
}
