//! Worker threads that discharge obligations in chunks and sum the ballots that count.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand_core::OsRng;
use tachiai_crypto::journal::Tree;
use tachiai_schemas::election::Manifest;

use super::preview::Counting;
use crate::board::Board;
use crate::failure::{Failure, Incomplete};
use crate::obligation::{CHUNK, Obligation, discharge_each};
use crate::rule::Violation;
use crate::tally::Sums;

/// A chunk, with the sums to start from for a worker that has none yet.
struct Chunk {
    obligations: Vec<Obligation>,
    empty: Arc<Sums>,
}

/// The reading thread's end.
pub(super) struct Crew<'a> {
    chunk: Vec<Obligation>,
    empty: Option<Arc<Sums>>,
    sender: SyncSender<Chunk>,
    stop: &'a AtomicBool,
}

impl Crew<'_> {
    /// Begins the sums, once the manifest says of what.
    pub(super) fn start_sums(&mut self, manifest: &Manifest) -> Result<(), Violation> {
        self.empty = Some(Arc::new(Sums::new(manifest)?));
        Ok(())
    }

    /// Takes an obligation on; hands a full chunk to a worker, and waits while all are busy.
    pub(super) fn owe(&mut self, obligation: Obligation) -> Result<(), Failure> {
        self.chunk.push(obligation);
        if self.chunk.len() < CHUNK { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<(), Failure> {
        let obligations = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let Some(empty) = self.empty.clone().filter(|_| !obligations.is_empty()) else { return Ok(()) };
        // A worker found a violation, at a lower leaf than any that follows.
        if self.stop.load(Ordering::Relaxed) || self.sender.send(Chunk { obligations, empty }).is_err() {
            return Err(STOPPED.into());
        }
        Ok(())
    }
}

const STOPPED: Incomplete = Incomplete::Fault("a worker thread stopped");

/// Runs `read` on this thread with `jobs` workers beside it. The violation at the lowest leaf wins, whoever finds it.
pub(super) fn run(
    jobs: usize,
    counting: &Counting,
    read: impl FnOnce(&mut Crew<'_>) -> Result<(Board, Tree), Failure>,
) -> Result<(Board, Tree, Option<Sums>), Failure> {
    let stop = AtomicBool::new(false);
    let found: Mutex<Option<Violation>> = Mutex::new(None);
    let (sender, receiver) = sync_channel::<Chunk>(jobs);
    // Only workers hold the receiver: when the last of them is gone, sending fails instead of waiting.
    let receiver = Arc::new(Mutex::new(receiver));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs)
            .map(|_| {
                let (receiver, found, stop) = (Arc::clone(&receiver), &found, &stop);
                scope.spawn(move || work(&receiver, counting, found, stop))
            })
            .collect();
        drop(receiver);
        let mut crew = Crew { chunk: Vec::with_capacity(CHUNK), empty: None, sender, stop: &stop };
        let outcome = read(&mut crew);
        // What was read before a violation is still checked, since a lower leaf may break a rule, too.
        let sent = crew.send();
        let empty = crew.empty.clone();
        drop(crew);
        let parts: Vec<_> = workers.into_iter().map(|worker| worker.join().map_err(|_| Failure::from(STOPPED))).collect();
        let found = lock(&found).take();
        let (board, tree) = match (outcome, found) {
            (Err(Failure::Refuted(read)), Some(found)) => return Err(if read.leaf < found.leaf { read } else { found }.into()),
            (_, Some(found)) => return Err(found.into()),
            (Err(failure), None) => return Err(failure),
            (Ok(outcome), None) => outcome,
        };
        sent?;
        let mut sums = empty.map(|empty| Sums::clone(&empty));
        for part in parts {
            if let (Some(sums), Some(part)) = (&mut sums, part??) {
                sums.merge(part)?;
            }
        }
        Ok((board, tree, sums))
    })
}

/// Discharges chunks until there are no more.
fn work(receiver: &Mutex<Receiver<Chunk>>, counting: &Counting, found: &Mutex<Option<Violation>>, stop: &AtomicBool) -> Result<Option<Sums>, Failure> {
    let mut sums: Option<Sums> = None;
    loop {
        let Ok(Chunk { obligations, empty }) = lock(receiver).recv() else { return Ok(sums) };
        let sums = sums.get_or_insert_with(|| Sums::clone(&empty));
        let mut adding = Ok(());
        let verdicts = discharge_each(&obligations, &mut OsRng, |proof, ballot| {
            if adding.is_ok() && counting.counts(proof.leaf()) {
                adding = sums.add(proof.district(), ballot).map_err(|violation| violation.at(proof.leaf()));
            }
        });
        for violation in verdicts.into_iter().chain([adding]).filter_map(Result::err) {
            stop.store(true, Ordering::Relaxed);
            let mut found = lock(found);
            if found.as_ref().is_none_or(|found| violation.leaf < found.leaf) {
                *found = Some(violation);
            }
        }
    }
}

/// A poisoned lock holds what the panicking thread left; its `join` reports the panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
