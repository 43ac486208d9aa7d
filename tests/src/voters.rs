//! Voters by the thousand: each with their own software card, through the console's library, over real TLS.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use tachiai::card::{Card, LastTry, Password, Pin};
use tachiai::client::Client;
use tachiai::voter::{Booth, Holder, Pinned, enrol, person_of};
use tachiai_crypto::election::roll::Person;
use tachiai_jpki::UnixTime;
use tachiai_schemas::Timestamp;

use crate::card::{Content, Slot, SoftwareCard};
use crate::trouble::{Doing, Trouble};

/// A voter with a card in a reader of this process.
pub struct Voter {
    card: Card<Slot>,
    person: Person,
}

impl Voter {
    /// A voter with this card.
    ///
    /// # Errors
    /// [`Trouble`] if the card cannot be used.
    pub fn new(content: Content) -> Result<Voter, Trouble> {
        let certificate = content.signing.as_ref().map(|signing| signing.certificate.clone()).doing("a card without a signing certificate")?;
        let person = person_of(&certificate).doing("reading the card's person")?;
        let card = Card::open(Slot::new("reader", SoftwareCard::new(content))).doing("opening a card")?;
        Ok(Voter { card, person })
    }

    /// The card, for what this type does not do.
    pub fn card(&mut self) -> &mut Card<Slot> {
        &mut self.card
    }

    /// Who the card says the holder is.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// Binds the card to its holder, with the usual signing password and PIN.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn enrol(&mut self, client: &Client) -> Result<(), Trouble> {
        let password = Password::new(&"YABU2026".into()).doing("the usual password")?;
        let pin = Pin::new(&"1234".into()).doing("the usual PIN")?;
        enrol(client, &mut self.card, &password, &pin, LastTry::Keep).doing("enrolling").map(drop)
    }

    /// Logs in with the usual PIN and registers a fresh voting key.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn enter(&mut self, client: &Client, pinned: &Arc<Pinned>) -> Result<Booth, Trouble> {
        let pin = Pin::new(&"1234".into()).doing("the usual PIN")?;
        let now = UnixTime::from_secs(now().unix().unsigned_abs());
        Booth::enter(client, pinned, &mut self.card, &pin, LastTry::Keep, Holder::Known(&self.person), now).doing("registering a voting key")
    }
}

/// The time of this machine, which the daemon under test has as well.
pub fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let start = Timestamp::from_unix(0).unwrap_or_else(|_| unreachable!("0 is a time"));
    start.plus(seconds.cast_signed())
}

/// How many threads keep a server on the same machine busy.
pub fn usual_threads() -> usize {
    2 * thread::available_parallelism().map_or(2, NonZero::get)
}

/// Does the same for every item, on so many threads, each of which prepares something for itself first. The results come
/// in the order of the items. After an error no further item is begun.
///
/// # Errors
/// The first [`Trouble`] of any item.
pub fn in_parallel<T: Sync, L, R: Send>(
    items: &[T],
    threads: usize,
    prepare: impl Fn() -> Result<L, Trouble> + Sync,
    work: impl Fn(&mut L, usize, &T) -> Result<R, Trouble> + Sync,
    done: impl Fn() + Sync,
) -> Result<Vec<R>, Trouble> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let run = || -> Result<(), Trouble> {
        let mut local = prepare()?;
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let result = work(&mut local, index, item)?;
            results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
            done();
        }
        Ok(())
    };
    let run = || run().inspect_err(|_| failed.store(true, Ordering::Relaxed));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(run)).collect();
        let ends: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
        ends.into_iter().collect::<Result<(), Trouble>>()
    })?;
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
