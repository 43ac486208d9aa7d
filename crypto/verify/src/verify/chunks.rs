//! Worker threads that discharge obligations in chunks and sum the ballots that count.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand_core::OsRng;
use tachiai_schemas::LeafIndex;
use tachiai_schemas::election::Manifest;

use super::preview::Counting;
use super::resume::Progress;
use crate::failure::{Failure, Incomplete};
use crate::known::KnownKeys;
use crate::obligation::{CHUNK, Obligation, discharge_each};
use crate::rule::{Rule, Violation};
use crate::tally::Sums;

/// Some obligations, in the order of their leaves, with sums to which nothing was added yet.
struct Chunk {
    number: u64,
    obligations: Vec<Obligation>,
    empty: Arc<Sums>,
}

/// A chunk whose proofs hold: the leaf after its last one, and the sums of its ballots that count.
struct Done {
    number: u64,
    next: LeafIndex,
    sums: Sums,
}

/// The reading thread's end.
pub(super) struct Crew<'a> {
    chunk: Vec<Obligation>,
    number: u64,
    empty: Option<Arc<Sums>>,
    sender: SyncSender<Chunk>,
    stop: &'a AtomicBool,
    gathered: Gathered<'a>,
    /// The number of leaves in all.
    size: u64,
    jobs: usize,
}

/// The fewest obligations that are worth a chunk.
const LEAST: usize = 64;

/// What came back, added up in the order of the leaves.
struct Gathered<'a> {
    done: Receiver<Done>,
    waiting: BTreeMap<u64, Done>,
    number: u64,
    sums: Option<Sums>,
    progress: &'a mut Progress,
}

impl Crew<'_> {
    /// Begins the sums, once the manifest says of what; they go on where an earlier run ended.
    pub(super) fn start_sums(&mut self, manifest: &Manifest) -> Result<(), Violation> {
        self.empty = Some(Arc::new(Sums::new(manifest)?));
        self.gathered.sums = Some(self.gathered.progress.start(manifest)?);
        Ok(())
    }

    /// Takes an obligation on, unless an earlier run discharged it; hands a full chunk to a worker, and waits while all are busy.
    pub(super) fn owe(&mut self, obligation: Obligation) -> Result<(), Failure> {
        let Some(leaf) = obligation.leaf().filter(|leaf| *leaf >= self.gathered.progress.verified()) else { return Ok(()) };
        self.chunk.push(obligation);
        // Towards the end chunks become smaller, so that no worker is busy much longer than the others.
        let left = usize::try_from(self.size.saturating_sub(leaf.0)).unwrap_or(CHUNK);
        if self.chunk.len() < (left / (2 * self.jobs)).clamp(LEAST, CHUNK) { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<(), Failure> {
        let obligations = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let Some(empty) = self.empty.clone().filter(|_| !obligations.is_empty()) else { return Ok(()) };
        let number = self.number;
        self.number += 1;
        // A worker found a violation, at a lower leaf than any that follows.
        if self.stop.load(Ordering::Relaxed) || self.sender.send(Chunk { number, obligations, empty }).is_err() {
            return Err(STOPPED.into());
        }
        while let Ok(done) = self.gathered.done.try_recv() {
            self.gathered.take(done)?;
        }
        Ok(())
    }
}

impl Gathered<'_> {
    fn take(&mut self, done: Done) -> Result<(), Failure> {
        self.waiting.insert(done.number, done);
        while let Some(Done { number: _, next, sums }) = self.waiting.remove(&self.number) {
            self.number += 1;
            if let Some(all) = &mut self.sums {
                all.merge(sums)?;
                self.progress.reached(next, all)?;
            }
        }
        Ok(())
    }
}

const STOPPED: Incomplete = Incomplete::Fault("a worker thread stopped");

/// Runs `read` on this thread with `jobs` workers beside it, and gives the sums of all ballots that count. The violation at the lowest leaf wins, whoever finds
/// it.
pub(super) fn run<T>(
    jobs: usize,
    size: u64,
    counting: &Counting,
    progress: &mut Progress,
    read: impl FnOnce(&mut Crew<'_>) -> Result<T, Failure>,
) -> Result<(T, Sums), Failure> {
    let stop = AtomicBool::new(false);
    let found: Mutex<Option<Violation>> = Mutex::new(None);
    let keys = KnownKeys::default();
    let (sender, receiver) = sync_channel::<Chunk>(jobs);
    let (finished, done) = channel::<Done>();
    // Only workers hold the receiver: when the last of them is gone, sending fails instead of waiting.
    let receiver = Arc::new(Mutex::new(receiver));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs)
            .map(|_| {
                let (receiver, finished, keys, found, stop) = (Arc::clone(&receiver), finished.clone(), &keys, &found, &stop);
                scope.spawn(move || work(&receiver, &finished, counting, keys, found, stop))
            })
            .collect();
        drop((receiver, finished));
        let gathered = Gathered { done, waiting: BTreeMap::new(), number: 0, sums: None, progress };
        let mut crew = Crew { chunk: Vec::with_capacity(CHUNK), number: 0, empty: None, sender, stop: &stop, gathered, size, jobs };
        let outcome = read(&mut crew);
        // What was read before a violation is still checked, since a lower leaf may break a rule, too.
        let sent = crew.send();
        let Crew { sender, mut gathered, number: all, .. } = crew;
        drop(sender);
        for worker in workers {
            worker.join().map_err(|_| Failure::from(STOPPED))?;
        }
        let found = lock(&found).take();
        let outcome = match (outcome, found) {
            (Err(Failure::Refuted(read)), Some(found)) => return Err(if read.leaf < found.leaf { read } else { found }.into()),
            (_, Some(found)) => return Err(found.into()),
            (Err(failure), None) => return Err(failure),
            (Ok(outcome), None) => outcome,
        };
        sent?;
        while let Ok(done) = gathered.done.try_recv() {
            gathered.take(done)?;
        }
        if gathered.number != all {
            return Err(STOPPED.into());
        }
        let sums = gathered.sums.ok_or_else(|| Violation::of_record(Rule::R103, "the board has no manifest"))?;
        Ok((outcome, sums))
    })
}

/// Discharges chunks until there are no more.
fn work(
    receiver: &Mutex<Receiver<Chunk>>,
    finished: &Sender<Done>,
    counting: &Counting,
    keys: &KnownKeys,
    found: &Mutex<Option<Violation>>,
    stop: &AtomicBool,
) {
    loop {
        let Ok(Chunk { number, obligations, empty }) = lock(receiver).recv() else { return };
        let mut sums = Sums::clone(&empty);
        let mut adding = Ok(());
        let verdicts = discharge_each(&obligations, keys, &mut OsRng, |proof, ballot| {
            if adding.is_ok() && counting.counts(proof.leaf()) {
                adding = sums.add(proof.district(), ballot).map_err(|violation| violation.at(proof.leaf()));
            }
        });
        let mut holds = true;
        for violation in verdicts.into_iter().chain([adding]).filter_map(Result::err) {
            holds = false;
            stop.store(true, Ordering::Relaxed);
            let mut found = lock(found);
            if found.as_ref().is_none_or(|found| violation.leaf < found.leaf) {
                *found = Some(violation);
            }
        }
        let last = obligations.last().and_then(Obligation::leaf);
        if let (true, Some(LeafIndex(last))) = (holds, last) {
            // Who reads no more has a failure to report.
            let _ = finished.send(Done { number, next: LeafIndex(last + 1), sums });
        }
    }
}

/// A poisoned lock holds what the panicking thread left; its `join` reports the panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
