//! Sharing: what goes to agencies, on which grounds, and what residents see of it.
//!
//! | file | is |
//! |---|---|
//! | [`state`] | what the entries of the appliance's journal say together |
//! | [`decide`] | what may be asked for: pure decisions |
//! | [`agencies`] | agencies and grants |
//! | [`disclose`] | disclosures: encrypted to the agency, recorded, and only then given out |
//! | [`alerts`] | one person's questionnaire in an emergency, in two steps |
//! | [`access`] | the access log, and what a resident is told of it |
//! | [`consent`] | consent given and withdrawn |
//! | [`steps`] | step counts from the city's data platform |
//! | [`warnings`] | warnings and hazards from there, about nobody |
//! | [`routes`] | the routes of both ports |
//!
//! **Order**: a bundle lies in its file, then the entry stands in the appliance's journal, then the bundle is given out. **What is never here**: a person's name or
//! handle in clear in an entry.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::disclosure::{Asked, Ground, Withheld};
use tachiai_schemas::roster::{ChainId, EventId, Person};
use tachiai_schemas::sharing::preview::PersonShown;
use tachiai_schemas::sharing::shared::SharedPeople;
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::{CitizenId, Timestamp};
use zeroize::Zeroizing;

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::refused::{Answering, Refused};
use crate::vault::{Vault, VaultError};

pub mod access;
pub mod agencies;
pub mod alerts;
pub mod consent;
pub mod decide;
pub mod disclose;
pub mod routes;
pub mod state;
pub mod steps;
#[cfg(test)]
mod testing;
pub mod warnings;

pub use crate::looks::Told;
pub use state::{Event, State};

/// The folder of encrypted bundles.
const BUNDLES: &str = "shared";

/// The folder of sealed step counts.
const STEPS: &str = "steps";

/// The secret that signs the checkpoints of the access log.
const SIGN: &str = "access-sign";

/// The journal of the appliance, as this room uses it.
pub trait Book: Send + Sync {
    /// Makes entries durable, all of them or none, if they may be recorded after everything before them ([`decide::may_record`]).
    ///
    /// # Errors
    /// Why not; then nothing was recorded.
    fn record(&self, at: Timestamp, events: Vec<Event>) -> Answering<'_, ()>;
}

/// Whether somebody is on the action-support list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// On it.
    Yes,
    /// Not on it, as far as is known.
    No,
}

/// Somebody who was asked for.
pub struct Candidate<'a> {
    /// The handle.
    pub chain: ChainId,
    /// The citizen, where one is known.
    pub citizen: Option<CitizenId>,
    /// What the entry that counts says.
    pub person: &'a Person,
    /// Whether the person is on the action-support list.
    pub listed: Listed,
}

/// Decides about somebody: `None` gives them, a ground withholds them.
pub type May = Box<dyn Fn(&Candidate<'_>) -> Option<Ground> + Send>;

/// A disclosure as the rosters give it.
pub struct Given {
    /// Its file, in clear.
    pub file: Zeroizing<Vec<u8>>,
    /// The people in it.
    pub people: Vec<Told>,
    /// They, with what the file says of each.
    pub shown: Vec<PersonShown>,
    /// How many are withheld.
    pub withheld: Vec<Withheld>,
    /// The same people for other forms, with the fields asked for alone.
    pub shared: SharedPeople,
}

/// The rosters, as this room uses them.
pub trait Rosters: Send + Sync {
    /// Makes a disclosure of now, in one event.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound).
    fn disclose(&self, event: EventId, asked: Asked, may: May) -> Answering<'_, Given>;

    /// What somebody filled in last; who read it is recorded.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound).
    fn questionnaire(&self, event: EventId, chain: ChainId, by: String) -> Answering<'_, QuestionnaireOf>;

    /// Somebody in an event.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound).
    fn told(&self, event: EventId, chain: ChainId) -> Result<Told, Refused>;

    /// The same, as told when the person's questionnaire is read: a citizen who filled it in at home is among them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound).
    fn told_of_questionnaire(&self, event: EventId, chain: ChainId) -> Result<Told, Refused>;

    /// The events that are not closed.
    fn under_way(&self) -> Vec<EventId>;

    /// Every handle of somebody who has these IDs.
    fn handles(&self, citizens: &[CitizenId]) -> Vec<(EventId, ChainId)>;
}

/// Citizens, as this room asks of them.
pub trait Citizens: Send + Sync {
    /// The citizen to whom a code leads.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound), [`Refusal::CitizenCodeLost`](tachiai_schemas::Refusal::CitizenCodeLost).
    fn find(&self, code: CitizenId) -> Result<CitizenId, Refused>;

    /// Every ID of the person who has this one.
    fn ids(&self, citizen: CitizenId) -> Vec<CitizenId>;

    /// Every ID of everybody.
    fn all(&self) -> Vec<CitizenId>;
}

/// By what services know citizens, as this room asks of it.
pub trait Pseudonyms: Send + Sync {
    /// By what a service knows somebody, and by what it did before IDs were found to be of one person.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound) for whom there is no key.
    fn of(&self, citizen: CitizenId, service: &str) -> Result<Vec<String>, Refused>;
}

/// The city's data platform, as this room asks it.
pub trait Platform: Send + Sync {
    /// The pages of step counts of somebody, by the pseudonym, from a day on. It waits for the network.
    ///
    /// # Errors
    /// Why they were not told.
    fn steps(&self, pseudonym: &str, from: Day) -> Result<Vec<Vec<u8>>, String>;

    /// Gives the pages of warnings and hazards, one after the other. It waits for the network.
    ///
    /// # Errors
    /// Why they were not told whole, or were not taken.
    fn warnings(&self, take: &mut dyn FnMut(Vec<u8>) -> Result<(), String>) -> Result<(), String>;
}

/// What the room needs from the rest of the appliance.
pub struct Services {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Keys.
    pub vault: Arc<Vault>,
    /// What the journal says.
    pub state: Arc<RwLock<State>>,
    /// The journal.
    pub book: Arc<dyn Book>,
    /// The rosters.
    pub rosters: Arc<dyn Rosters>,
    /// Citizens.
    pub citizens: Arc<dyn Citizens>,
    /// By what services know them.
    pub pseudonyms: Arc<dyn Pseudonyms>,
    /// The city's data platform, if there is one.
    pub platform: Option<Arc<dyn Platform>>,
    /// Every how many seconds it is asked for warnings; 0 for never.
    pub warnings_seconds: u32,
    /// The host of the access log's origin.
    pub host: String,
}

/// The room.
pub struct Sharing {
    services: Services,
    /// Encrypted bundles.
    bundles: Blobs,
    /// Sealed step counts.
    steps: Blobs,
    sign: BoardSecretKey,
    /// Disclosures and consents are recorded one after the other, so that a withdrawn consent holds for the next disclosure.
    turn: tokio::sync::Mutex<()>,
    /// Agencies are entered one after the other.
    entering: tokio::sync::Mutex<()>,
    /// One round of step counts at a time.
    round: tokio::sync::Mutex<()>,
    /// How asking for warnings goes.
    asking: warnings::Asking,
    /// Whether the appliance is being stopped.
    stopping: AtomicBool,
    /// Lists of the log are made one after the other; the checkpoint that was signed last, with its size, serves every page of a list.
    listing: Arc<tokio::sync::Mutex<Option<(u64, String)>>>,
    /// The size of that checkpoint, and when it was signed.
    signed: Mutex<Option<(u64, Timestamp)>>,
}

impl Sharing {
    /// Opens the room; bundles lie in `shared/` of the data folder.
    ///
    /// # Errors
    /// [`VaultError::NoSecret`] if there is an access log without its keys.
    pub fn open(services: Services, data: &Path) -> Result<Self, VaultError> {
        let has_log = !services.state.read().unwrap_or_else(PoisonError::into_inner).leaves.is_empty();
        let seed = secret(&services.vault, SIGN, has_log)?;
        let sign = BoardSecretKey::from_seed(&seed);
        let kept = Blobs::new(data.join(STEPS));
        let named = services.state.read().unwrap_or_else(PoisonError::into_inner).steps_files();
        if let Err(error) = steps::tidy(&kept, &named) {
            tracing::error!(%error, "step counts that were deleted could not be removed; the next start tries again");
        }
        let bundles = Blobs::new(data.join(BUNDLES));
        Ok(Self {
            services,
            bundles,
            steps: kept,
            sign,
            turn: tokio::sync::Mutex::default(),
            entering: tokio::sync::Mutex::default(),
            round: tokio::sync::Mutex::default(),
            asking: warnings::Asking::default(),
            stopping: AtomicBool::new(false),
            listing: Arc::default(),
            signed: Mutex::default(),
        })
    }

    /// Ends a round of step counts with the person who is asked for now, and one of warnings with the page that comes, since the appliance is being stopped.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// What is durable; the guard is not to be held over an `await`.
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.services.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    async fn record(&self, events: Vec<Event>) -> Result<Timestamp, Refused> {
        let at = self.now();
        self.services.book.record(at, events).await?;
        Ok(at)
    }
}

/// Bundles that no entry names, left over from interrupted commands and harmless; and those that are named and not there, both in words for an operator.
#[must_use]
pub fn audit(state: &State, data: &Path) -> (Vec<String>, Vec<String>) {
    let bundles = Blobs::new(data.join(BUNDLES));
    let named: BTreeSet<Hash32> = state.disclosed.values().map(|made| made.disclosed.sealed.hash()).collect();
    let there: BTreeSet<Hash32> = bundles.list().unwrap_or_default().into_iter().collect();
    let orphans = there.difference(&named).map(|hash| bundles.path(*hash).display().to_string());
    let lost = named.difference(&there).map(|hash| format!("the bundle of a disclosure is lost: restore {} from a backup", bundles.path(*hash).display()));
    let steps = Blobs::new(data.join(STEPS));
    let kept: BTreeSet<Hash32> = steps.list().unwrap_or_default().into_iter().collect();
    let lost_steps = state.steps_files().into_iter().filter(|hash| !kept.contains(hash));
    let lost_steps = lost_steps.map(|hash| format!("step counts of somebody are lost: restore {} from a backup", steps.path(hash).display()));
    (orphans.collect(), lost.chain(lost_steps).collect())
}

/// A secret of the vault, made on first use.
fn secret(vault: &Vault, name: &str, is_needed: bool) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut bytes = Zeroizing::new([0; 32]);
    match vault.get_secret(name)? {
        Some(kept) => *bytes = kept.as_slice().try_into().map_err(|_| VaultError::Sealed)?,
        None if is_needed => return Err(VaultError::NoSecret(name.to_owned())),
        None => {
            OsRng.fill_bytes(bytes.as_mut_slice());
            vault.put_secret(name, bytes.as_slice(), &mut OsRng)?;
        }
    }
    Ok(bytes)
}

/// Does what takes long, or waits for the disk, away from the threads that serve the network.
async fn offload<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refused> + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Refused::fault("working in the background", error))?
}
