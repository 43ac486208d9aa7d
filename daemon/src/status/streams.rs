//! Who follows, and how many may: each stream is told once a second what changed.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Refusal;
use tokio::sync::oneshot;

use crate::refused::Refused;

/// So many streams an official has. Where one more begins, the oldest ends: a console that lost its link begins anew before the appliance knows of the loss.
const EACH: usize = 4;

/// So many streams there are in all.
const ALL: usize = 64;

/// The streams that go on.
#[derive(Default)]
pub struct Streams(Mutex<Sitting>);

#[derive(Default)]
struct Sitting {
    next: u64,
    /// By official, the oldest first. Whoever drops one ends the stream.
    by: HashMap<Hash32, VecDeque<(u64, oneshot::Sender<()>)>>,
}

/// A stream's place among them, until it is dropped.
pub struct Seat {
    streams: Arc<Streams>,
    key: Hash32,
    number: u64,
    taken: oneshot::Receiver<()>,
}

impl Streams {
    /// A place for one more stream of the official with this key.
    ///
    /// # Errors
    /// [`Refusal::Busy`] if there are as many as there may be.
    pub fn sit(self: &Arc<Self>, key: Hash32) -> Result<Seat, Refused> {
        let mut sitting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Sitting { next, by } = &mut *sitting;
        if let Some(own) = by.get_mut(&key).filter(|own| own.len() >= EACH) {
            own.pop_front();
        }
        if by.values().map(VecDeque::len).sum::<usize>() >= ALL {
            return Err(Refusal::Busy.into());
        }
        let (end, taken) = oneshot::channel();
        let number = *next;
        *next += 1;
        by.entry(key).or_default().push_back((number, end));
        Ok(Seat { streams: self.clone(), key, number, taken })
    }
}

impl Seat {
    /// Waits until a newer stream took the place.
    pub async fn taken(&mut self) {
        // Nothing is ever sent: that the other end is gone is what tells.
        let _ = (&mut self.taken).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut sitting = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = sitting.by.get_mut(&self.key) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                sitting.by.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fifth_stream_of_an_official_ends_the_oldest_and_nobody_gets_more_than_there_are() {
        let streams = Arc::<Streams>::default();
        let mut own: Vec<Seat> = (0..4).map(|_| streams.sit(Hash32::from([0; 32])).unwrap()).collect();
        assert!(own.iter_mut().all(|seat| seat.taken.try_recv() == Err(oneshot::error::TryRecvError::Empty)));
        own.push(streams.sit(Hash32::from([0; 32])).unwrap());
        own[0].taken().await;
        assert!(own[1..].iter_mut().all(|seat| seat.taken.try_recv() == Err(oneshot::error::TryRecvError::Empty)));
        let others: Vec<Seat> = (1..=60).map(|n| streams.sit(Hash32::from([n; 32])).unwrap()).collect();
        assert!(streams.sit(Hash32::from([61; 32])).is_err());
        // Who has places changes one for another, and a place that is left is free.
        own.push(streams.sit(Hash32::from([0; 32])).unwrap());
        drop(others);
        assert!(streams.sit(Hash32::from([61; 32])).is_ok());
    }
}
