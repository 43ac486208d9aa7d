//! Shelters: the rosters of disasters and peacetime events, and the private journals behind them.
//!
//! | file | is |
//! |---|---|
//! | [`event`] | an event with its journals and keys |
//! | [`ledger`] | the connection to the committer of a roster |
//! | [`private`] | a private journal |
//! | [`kept`] | what the private journal of an event says |
//! | [`mark`] | how many entries of a journal were durable once |
//! | [`decide`] | what may be asked for: pure decisions |
//! | [`aside`] | what was set aside of hand-ins, taken over or dropped |
//! | [`case`] | what two officials decide on with a reason |
//! | [`curve`] | how many people there were, by time |
//! | [`declare`] | declaring and closing events |
//! | [`outstanding`] | what is still out in an event |
//! | [`terminals`] | admitting and revoking terminals, and what they take along |
//! | [`hand_in`] | hand-ins of terminals |
//! | [`news`] | what a terminal has not seen |
//! | [`people`] | people at the headquarters |
//! | [`inquiry`] | safety inquiries of relatives |
//! | [`statements`] | totals with a proof, and the own entry of a person |
//! | [`disclose`] | people for an agency, with a proof |
//! | [`doubles`] | people who may be counted twice |
//! | [`erase`] | erasing somebody who left |
//! | [`links`] | handles that are of one person |
//! | [`register`] | what stands ready: facilities, residents, the action-support list |
//! | [`questionnaire`] | questionnaires |
//! | [`reports`] | what shelters report, meals, and who has not arrived |
//! | [`rooms`] | who is in which room of a shelter |
//! | [`whose`] | by which handles somebody is found |
//! | [`views`] | what staff see of an event |
//! | [`routes`] | the routes of the staff port |
//!
//! **Order of the journals**: the opening of an entry, and who had it written, are durable in the private journal before the entry stands in the roster. An
//! interrupted command leaves orphans, never gaps.
//!
//! **What is never here**: a person's name in a log, or in clear in any file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tachiai_schemas::health::{Ailment, JournalOf};
use tachiai_schemas::roster::EventId;
use tachiai_schemas::roster::own::OwnEntryOf;
use tachiai_schemas::shelter::Resident;
use tachiai_schemas::{CitizenId, HashBytes, Refusal};

use crate::clock::Clock;
use crate::http::router::{Condition, Health};
use crate::journal::{CommitterOptions, JournalError, JournalId, Options};
use crate::looks::Looks;
use crate::refused::Refused;
use crate::store::{Store, StoreError};
use crate::vault::{Vault, VaultError};

pub mod aside;
pub mod asking;
pub mod case;
pub mod curve;
pub mod decide;
pub mod declare;
pub mod disclose;
pub mod doubles;
pub mod erase;
pub mod event;
pub mod hand_in;
pub mod inquiry;
pub mod kept;
pub mod ledger;
pub mod links;
pub mod mark;
pub mod news;
pub mod outstanding;
pub mod people;
pub mod private;
pub mod questionnaire;
pub mod register;
pub mod reports;
pub mod rooms;
pub mod routes;
pub mod statements;
pub mod terminals;
pub mod views;
pub mod whose;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use event::Event;
pub use register::Register;

/// Gives the keys that certify those which sign cards' texts: identifier and key of each.
pub type TextAnchors = Box<dyn Fn() -> Vec<Vec<u8>> + Send + Sync>;

/// What the shelters need from the rest of the appliance.
pub struct Services {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where marks are kept.
    pub store: Arc<dyn Store>,
    /// Where keys are kept.
    pub vault: Arc<Vault>,
    /// The data folder: journals lie in `journal/`.
    pub data: PathBuf,
    /// The host of the rosters' origins.
    pub host: String,
    /// How journals are kept.
    pub journal: Options,
    /// How long queues are, and when to stop writing.
    pub committer: CommitterOptions,
    /// The keys for cards' texts that are trusted now.
    pub text_anchors: TextAnchors,
    /// Large hand-ins are checked one after the other, each on all cores.
    pub lane: tokio::sync::Semaphore,
    /// Where people are told who looked at them.
    pub looks: Arc<dyn Looks>,
    /// The codes of citizen IDs.
    pub codes: Arc<dyn Codes>,
}

/// The codes of citizen IDs, as this room asks of them.
pub trait Codes: Send + Sync {
    /// Those that lead to nobody any more.
    fn refused(&self) -> Vec<CitizenId>;

    /// Whether one is among them.
    fn is_refused(&self, code: CitizenId) -> bool;

    /// Every ID of the person to whom a code leads or led; the code itself, where none is known.
    fn ids(&self, code: CitizenId) -> Vec<CitizenId>;

    /// Under which ID a code was given out, also one that was lost; the code itself, where none is known.
    fn whose(&self, code: CitizenId) -> CitizenId;

    /// The code that leads to the person of this ID now.
    fn current(&self, citizen: CitizenId) -> CitizenId;

    /// Every ID and every code of the person who has this ID.
    fn of(&self, citizen: CitizenId) -> BTreeSet<CitizenId>;

    /// By which keyed hash a resident is found among those who have an ID, if name, birth date, sex and address are known.
    fn person(&self, resident: &Resident) -> Option<HashBytes>;

    /// The ID of the person of a keyed hash.
    fn of_person(&self, person: &HashBytes) -> Option<CitizenId>;

    /// The keyed hash of the person to whom an ID was given.
    fn person_of(&self, citizen: CitizenId) -> Option<HashBytes>;
}

/// Why an event cannot be opened at the start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A journal holds what is no entry, or what the rules forbid.
    #[error("entry {seq} of {journal}: {what}")]
    Entry {
        /// The journal.
        journal: JournalId,
        /// Which entry.
        seq: u64,
        /// What is wrong.
        what: String,
    },
    /// A journal has lost entries that were acknowledged.
    #[error(
        "the journal {journal} had {seen} entries and holds only {entries}: entries that were acknowledged are lost; \
         nothing is served before {} is restored from a backup or from its .torn files",
        folder.display()
    )]
    Lost {
        /// The journal.
        journal: JournalId,
        /// Its folder.
        folder: PathBuf,
        /// How many entries it holds.
        entries: u64,
        /// How many it had.
        seen: u64,
    },
    /// The vault does not have the keys of an event.
    #[error("the vault does not have the keys of the event {0}: put back the vault from a backup")]
    Keys(EventId),
    /// The journals of an event stand, and the declaration does not.
    #[error("the roster of the event {0} does not begin with its declaration")]
    Undeclared(EventId),
}

/// Every event of the appliance.
pub struct Shelters {
    services: Arc<Services>,
    register: Arc<Register>,
    events: RwLock<BTreeMap<EventId, Arc<Event>>>,
    /// Events are declared one after the other, so that none is declared twice.
    declaring: tokio::sync::Mutex<()>,
    repairs: Vec<String>,
}

impl Shelters {
    /// Opens every event under the data folder.
    ///
    /// # Errors
    /// [`OpenError`] for the first one that cannot be opened: an appliance that lost a roster must not look as if it had none.
    pub fn open(services: Services) -> Result<Self, OpenError> {
        let services = Arc::new(services);
        let mut repairs = Vec::new();
        let register = Arc::new(Register::open(&services, &mut repairs)?);
        let mut events = BTreeMap::new();
        for id in JournalId::list(&journals(&services.data), event::named)? {
            let event = Event::open(Arc::clone(&services), Arc::clone(&register), id)?;
            repairs.extend_from_slice(&event.repairs);
            if event.published().roster.is_empty() {
                tracing::warn!(event = %id, "the declaration of this event was interrupted; it is left aside");
                continue;
            }
            events.insert(id, event);
        }
        Ok(Self { services, register, events: RwLock::new(events), declaring: tokio::sync::Mutex::new(()), repairs })
    }

    /// What was repaired when the events were opened, in words for an auditor.
    #[must_use]
    pub fn repairs(&self) -> &[String] {
        &self.repairs
    }

    /// The residents.
    #[must_use]
    pub fn register(&self) -> &Arc<Register> {
        &self.register
    }

    /// The services.
    #[must_use]
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// An event.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, id: EventId) -> Result<Arc<Event>, Refused> {
        self.events.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned().ok_or_else(|| Refusal::NotFound.into())
    }

    /// Every event.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Event>> {
        self.events.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The own entries of a citizen, in every event.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub async fn own_entries(&self, citizen: CitizenId) -> Result<Vec<OwnEntryOf>, Refused> {
        let codes = self.services.codes.of(citizen);
        let mut own = Vec::new();
        for event in self.all() {
            let title = event.declared()?.title;
            let entries = event.own_entries(&codes).await?.into_iter();
            own.extend(entries.map(|entry| OwnEntryOf { event: event.id, title: title.clone(), entry }));
        }
        Ok(own)
    }

    /// Ends every committer; what waits is committed first.
    pub async fn stop(&self) {
        for event in self.all() {
            event.stop().await;
        }
        self.register.stop().await;
    }

    /// What is wrong with any roster, in words for an operator: every proof and every opening is checked anew.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        self.all().iter().flat_map(|event| event.problems()).collect()
    }

    /// Openings without an entry and files that nothing names: left over from interrupted commands, and harmless.
    #[must_use]
    pub fn orphans(&self) -> Vec<String> {
        self.all().iter().flat_map(|event| event.orphans()).collect()
    }
}

impl Health for Shelters {
    fn condition(&self) -> Condition {
        let mut condition = Condition::default();
        for event in self.all() {
            if let Some(error) = event.not_writing() {
                condition.broken.push(Ailment::ReadOnly { journal: JournalOf::Event { event: event.id }, why: (&error).into() });
            }
            condition.broken.extend(event.openings_lost());
        }
        if let Some(error) = self.register.not_writing() {
            condition.broken.push(Ailment::ReadOnly { journal: JournalOf::Shelters {}, why: (&error).into() });
        }
        condition
    }
}

/// Does what takes long, or waits for the disk, away from the threads that serve the network.
async fn offload<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refused> + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Refused::fault("working in the background", error))?
}

/// The folder with all journals.
fn journals(data: &Path) -> PathBuf {
    data.join("journal")
}
