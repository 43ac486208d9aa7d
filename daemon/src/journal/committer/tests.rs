use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};

use super::*;
use crate::journal::segments::tests::id;
use crate::journal::{Options, Syncer};

/// Adds numbers; refuses zero. Its view is what `committed` published.
struct Sum {
    decided: u64,
    view: Arc<Mutex<Vec<u64>>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Added { seqs: std::ops::Range<u64>, decided: u64, durable: u64 },
    Refused { durable: u64 },
}

impl Ledger for Sum {
    type Command = Vec<u64>;
    type Reply = Answer;

    fn handle(&mut self, command: Vec<u64>, next_seq: u64) -> Handled<Answer> {
        if command.contains(&0) {
            return Handled { entries: Vec::new(), reply: Answer::Refused { durable: 0 } };
        }
        self.decided += command.iter().sum::<u64>();
        let reply = Answer::Added { seqs: next_seq..next_seq + command.len() as u64, decided: self.decided, durable: 0 };
        Handled { entries: command.iter().map(|n| n.to_be_bytes().to_vec()).collect(), reply }
    }

    fn committed(&mut self, batch: &[Appended], replies: &mut [Answer]) {
        let mut view = self.view.lock().unwrap();
        for Appended { seq, entry } in batch {
            assert_eq!(*seq, view.len() as u64);
            view.push(u64::from_be_bytes(entry[..].try_into().unwrap()));
        }
        for reply in replies {
            let (Answer::Added { durable, .. } | Answer::Refused { durable }) = reply;
            *durable = view.len() as u64;
        }
    }
}

fn sum() -> Sum {
    Sum { decided: 0, view: Arc::default() }
}

fn journal(dir: &Path, sync: Syncer) -> Journal {
    Journal::open(dir, &id(), Options { sync, ..Options::default() }).unwrap().0
}

/// A sync that waits at the barrier the first time after it was armed, and counts.
fn held(barrier: &Arc<Barrier>, count: &Arc<AtomicU64>) -> Syncer {
    let (barrier, count) = (Arc::clone(barrier), Arc::clone(count));
    Syncer::by(move |file| {
        // The first sync of an entry: both sides meet twice, before and after the queue was filled.
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            barrier.wait();
            barrier.wait();
        }
        file.sync_data()
    })
}

#[tokio::test]
async fn a_reply_comes_with_what_was_decided_and_what_is_durable() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = sum();
    let view = Arc::clone(&ledger.view);
    let committer = Committer::start(journal(dir.path(), Syncer::default()), ledger, CommitterOptions::default()).unwrap();
    let submitter = committer.submitter();
    let first = submitter.submit(vec![3, 4]).await.unwrap();
    assert_eq!(first, Answer::Added { seqs: 0..2, decided: 7, durable: 2 });
    let second = submitter.submit(vec![5]).await.unwrap();
    assert_eq!(second, Answer::Added { seqs: 2..3, decided: 12, durable: 3 });
    assert_eq!(submitter.submit(vec![0]).await.unwrap(), Answer::Refused { durable: 3 });
    assert_eq!(*view.lock().unwrap(), [3, 4, 5]);
    let (journal, ledger) = committer.stop().await.unwrap();
    assert_eq!((journal.len(), ledger.decided), (3, 12));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_wait_together_share_one_sync() {
    let dir = tempfile::tempdir().unwrap();
    let (barrier, count) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU64::new(0)));
    let committer = Committer::start(journal(dir.path(), held(&barrier, &count)), sum(), CommitterOptions::default()).unwrap();
    let submitter = committer.submitter();

    let first = tokio::spawn({
        let submitter = submitter.clone();
        async move { submitter.submit(vec![1]).await.unwrap() }
    });
    // The first command is being synced; all that come now wait together.
    let barrier = tokio::task::spawn_blocking(move || {
        barrier.wait();
        barrier
    })
    .await
    .unwrap();
    let mut waiting: Vec<_> = (0..200).map(|_| Box::pin(submitter.submit(vec![1]))).collect();
    for command in &mut waiting {
        // One poll puts the command into the queue.
        assert!(poll_once(command.as_mut()).is_none());
    }
    tokio::task::spawn_blocking(move || barrier.wait()).await.unwrap();
    assert_eq!(first.await.unwrap(), Answer::Added { seqs: 0..1, decided: 1, durable: 1 });
    for command in waiting {
        let Answer::Added { durable, .. } = command.await.unwrap() else {
            panic!("refused");
        };
        assert_eq!(durable, 201);
    }
    assert_eq!(count.load(Ordering::SeqCst), 2);
    committer.stop().await.unwrap();
}

/// Polls a future once and gives what it is ready with.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_at_once_and_decides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (barrier, count) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU64::new(0)));
    let options = CommitterOptions { queue: 3, ..CommitterOptions::default() };
    let committer = Committer::start(journal(dir.path(), held(&barrier, &count)), sum(), options).unwrap();
    let submitter = committer.submitter();
    let mut first = Box::pin(submitter.submit(vec![1]));
    assert!(poll_once(first.as_mut()).is_none());
    let barrier = tokio::task::spawn_blocking(move || {
        barrier.wait();
        barrier
    })
    .await
    .unwrap();
    let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(submitter.submit(vec![1]))).collect();
    for command in &mut waiting {
        assert!(poll_once(command.as_mut()).is_none());
    }
    assert!(matches!(submitter.submit(vec![1]).await, Err(CommitError::Busy)));
    tokio::task::spawn_blocking(move || barrier.wait()).await.unwrap();
    first.await.unwrap();
    for command in waiting {
        command.await.unwrap();
    }
    let (journal, ledger) = committer.stop().await.unwrap();
    assert_eq!((journal.len(), ledger.decided), (4, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_commits_and_answers_what_waits_and_refuses_what_comes_later() {
    let dir = tempfile::tempdir().unwrap();
    let (barrier, count) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU64::new(0)));
    let committer = Committer::start(journal(dir.path(), held(&barrier, &count)), sum(), CommitterOptions::default()).unwrap();
    let submitter = committer.submitter();
    let mut first = Box::pin(submitter.submit(vec![1]));
    assert!(poll_once(first.as_mut()).is_none());
    let barrier = tokio::task::spawn_blocking(move || {
        barrier.wait();
        barrier
    })
    .await
    .unwrap();
    let mut waiting: Vec<_> = (0..50).map(|_| Box::pin(submitter.submit(vec![1]))).collect();
    for command in &mut waiting {
        assert!(poll_once(command.as_mut()).is_none());
    }
    let mut stop = Box::pin(committer.stop());
    assert!(poll_once(stop.as_mut()).is_none());
    tokio::task::spawn_blocking(move || barrier.wait()).await.unwrap();
    for command in waiting {
        assert!(matches!(command.await, Ok(Answer::Added { .. })));
    }
    let (journal, _) = stop.await.unwrap();
    assert_eq!(journal.len(), 51);
    assert!(matches!(submitter.submit(vec![1]).await, Err(CommitError::Stopped)));
}

#[tokio::test]
async fn a_large_batch_is_split_by_bytes_and_every_command_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let options = CommitterOptions { batch_bytes: 20, ..CommitterOptions::default() };
    let committer = Committer::start(journal(dir.path(), Syncer::default()), sum(), options).unwrap();
    let submitter = committer.submitter();
    let mut waiting: Vec<_> = (0..10).map(|_| Box::pin(submitter.submit(vec![1, 1]))).collect();
    for command in &mut waiting {
        assert!(poll_once(command.as_mut()).is_none());
    }
    for command in waiting {
        assert!(matches!(command.await, Ok(Answer::Added { .. })));
    }
    let (journal, ledger) = committer.stop().await.unwrap();
    assert_eq!((journal.len(), ledger.decided), (20, 20));
}

#[tokio::test]
async fn after_a_failed_sync_commands_fail_and_then_are_refused_while_reads_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    let sync = Syncer::by(move |file| match counter.fetch_add(1, Ordering::SeqCst) {
        0 => file.sync_data(),
        _ => Err(std::io::Error::other("the disk is gone")),
    });
    let journal = journal(dir.path(), sync);
    let reader = journal.reader();
    let ledger = sum();
    let view = Arc::clone(&ledger.view);
    let committer = Committer::start(journal, ledger, CommitterOptions::default()).unwrap();
    let submitter = committer.submitter();
    submitter.submit(vec![1]).await.unwrap();
    assert!(matches!(submitter.submit(vec![2]).await, Err(CommitError::Fault(_))));
    assert!(matches!(submitter.submit(vec![3]).await, Err(CommitError::ReadOnly(ReadOnly::Failed(_)))));
    assert_eq!(reader.read(0).unwrap(), 1_u64.to_be_bytes());
    assert_eq!(*view.lock().unwrap(), [1]);
}

#[tokio::test]
async fn a_disk_over_its_limit_refuses_commands_before_they_are_decided() {
    let dir = tempfile::tempdir().unwrap();
    let guard = Some(DiskGuard::new(dir.path(), Percent::new(0)));
    let options = CommitterOptions { guard, ..CommitterOptions::default() };
    let committer = Committer::start(journal(dir.path(), Syncer::default()), sum(), options).unwrap();
    let refused = committer.submitter().submit(vec![1]).await;
    assert!(matches!(refused, Err(CommitError::ReadOnly(ReadOnly::DiskFull(_)))));
    let (journal, ledger) = committer.stop().await.unwrap();
    assert_eq!((journal.len(), ledger.decided), (0, 0));
}

struct Panics;

impl Ledger for Panics {
    type Command = ();
    type Reply = ();

    fn handle(&mut self, (): (), _: u64) -> Handled<()> {
        panic!("a bug in a domain")
    }

    fn committed(&mut self, _: &[Appended], _: &mut [()]) {}
}

#[tokio::test]
async fn a_domain_that_panics_leaves_no_one_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let committer = Committer::start(journal(dir.path(), Syncer::default()), Panics, CommitterOptions::default()).unwrap();
    let submitter = committer.submitter();
    assert!(matches!(submitter.submit(()).await, Err(CommitError::Stopped)));
    assert!(matches!(committer.stop().await, Err(CommitError::Stopped)));
}
