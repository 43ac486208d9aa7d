//! Elections: boards that anyone can check, and the private journals behind them.
//!
//! | file | is |
//! |---|---|
//! | [`state`] | what a board is, in memory |
//! | [`declaration`] | declarations for early voting |
//! | [`decide`] | the decision on a command: an entry or a refusal |
//! | [`draft`] | decisions before there is a board |
//! | [`files`] | decisions on trustees' files |
//! | [`ledger`] | the connection to the committer |
//! | [`views`] | what the store keeps of a board |
//! | [`private`] | the private journal |
//! | [`evidence`] | the evidence for the authority |
//! | [`roll`] | the roll: import, corrections, objections, changes after the opening |
//! | [`slots`] | who votes under which slot |
//! | [`desk`] | polling desks: who stands there, and the papers that are handed out |
//! | [`vote_state`] | what stands for one elector in one contest, over all channels |
//! | [`pool`] | the threads that check ballots |
//! | [`live`] | an election with its journals and keys |
//! | [`casting`] | what voters ask for |
//! | [`acts`] | what staff and trustees do |
//! | [`cosigned`] | what witnesses say of the board |
//! | [`candidates`] | candidates who are out |
//! | [`count`] | the count |
//! | [`papercount`] | the papers, counted by two officials apart |
//! | [`journal`] | what officials did, as an auditor reads it |
//! | [`lots`] | the lots that officers are signing |
//! | [`officers`] | the signatures of the officers of the count |
//! | [`outcome`] | who is elected, and who is tied |
//! | [`turnout`] | who voted, in numbers |
//! | [`status`] | where an election stands, in words |
//! | [`record`] | the record that anyone may take away |
//! | [`routes`] | the routes of both ports |
//!
//! **Order of the two journals**: what the board commits to is durable in the private journal, and every file that an
//! entry names is synced, before the board's entry is written. An interrupted command leaves orphans, never gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::health::{Ailment, JournalOf};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Created, Pending};
use tachiai_schemas::{ElectionId, Lang, Refusal, Say, Timestamp};

use crate::bindings::Bindings;
use crate::blobs::BlobError;
use crate::cards::CardVerifier;
use crate::clock::Clock;
use crate::http::router::{Condition, Health};
use crate::journal::{CommitterOptions, JournalId, MirrorTrouble};
use crate::nonces::Nonces;
use crate::refused::Refused;
use crate::store::Store;
use crate::vault::Vault;

pub mod acts;
pub mod candidates;
pub mod casting;
pub mod cosigned;
pub mod count;
pub mod decide;
pub mod declaration;
pub mod desk;
pub mod draft;
pub mod evidence;
pub mod files;
pub mod journal;
pub mod ledger;
pub mod live;
pub mod lots;
pub mod officers;
pub mod outcome;
pub mod papercount;
pub mod pool;
pub mod private;
pub mod record;
pub mod roll;
pub mod routes;
pub mod slots;
pub mod state;
pub mod status;
pub mod turnout;
pub mod views;
pub mod vote_state;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use live::{Live, OpenError, Witness};
pub use pool::{Pool, PoolOptions};

/// What the elections need from the rest of the appliance.
pub struct Services {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where views are kept.
    pub store: Arc<dyn Store>,
    /// Where keys are kept.
    pub vault: Arc<Vault>,
    /// The verdict on cards.
    pub cards: Arc<CardVerifier>,
    /// The nonces of card statements.
    pub nonces: Arc<Nonces>,
    /// How cards were bound to their holders.
    pub bindings: Arc<dyn Bindings>,
    /// Whether no card was accepted at a time without a fresh revocation list.
    pub lists_required: Arc<dyn Fn(Timestamp) -> bool + Send + Sync>,
    /// The data folder: journals lie in `journal/`.
    pub data: PathBuf,
    /// The folder of the mirrors, one for each board.
    pub mirror: PathBuf,
    /// The host of the boards' origins.
    pub host: String,
    /// How long queues are, and when to stop writing.
    pub committer: CommitterOptions,
}

type PendingActs = Box<dyn Fn(ElectionId) -> Vec<Pending> + Send + Sync>;

/// Every election of the appliance.
pub struct Elections {
    services: Arc<Services>,
    pool: Arc<Pool>,
    live: RwLock<BTreeMap<ElectionId, Arc<Live>>>,
    pending: OnceLock<PendingActs>,
    repairs: Vec<String>,
}

impl Health for Elections {
    fn condition(&self) -> Condition {
        let mut condition = Condition::default();
        for live in self.all() {
            let id = live.id;
            if let Some(error) = live.not_writing() {
                condition.broken.push(Ailment::ReadOnly { journal: JournalOf::Election { election: id }, why: (&error).into() });
            }
            if let Some(what) = live.evidence_lost() {
                condition.broken.push(what);
            }
            match live.mirror_status().failure.map(|failure| failure.trouble) {
                Some(MirrorTrouble::Evidence) => condition.broken.push(Ailment::MirrorForked { election: id }),
                Some(MirrorTrouble::Behind) => condition.warnings.push(Ailment::MirrorBehind { election: id }),
                None => {}
            }
        }
        condition
    }
}

impl Elections {
    /// Opens every election under the data folder and starts the pool.
    ///
    /// # Errors
    /// [`OpenError`] for the first one that cannot be opened: an appliance that lost a board must not look as if it had none.
    pub fn open(services: Services, pool: PoolOptions) -> Result<Self, OpenError> {
        let services = Arc::new(services);
        let pool = Arc::new(Pool::start(pool).map_err(OpenError::Thread)?);
        let (mut live, mut repairs) = (BTreeMap::new(), Vec::new());
        for id in JournalId::list(&services.data.join("journal"), live::named)? {
            let election = Live::open(Arc::clone(&services), Arc::clone(&pool), id)?;
            repairs.extend_from_slice(&election.repairs);
            if election.private().spec.is_none() {
                tracing::warn!(election = %id, "the creation of this election was interrupted; it is left aside");
                continue;
            }
            live.insert(id, election);
        }
        Ok(Self { services, pool, live: RwLock::new(live), pending: OnceLock::new(), repairs })
    }

    /// What was repaired when the elections were opened, in words for an auditor.
    #[must_use]
    pub fn repairs(&self) -> &[String] {
        &self.repairs
    }

    /// Tells where acts that wait for a second official are found, for the status.
    pub fn show_pending(&self, pending: impl Fn(ElectionId) -> Vec<Pending> + Send + Sync + 'static) {
        // The appliance connects its rooms once.
        let _ = self.pending.set(Box::new(pending));
    }

    /// Creates an election.
    ///
    /// # Errors
    /// [`Refusal::SpecInvalid`].
    pub async fn create(&self, by: &str, spec: ElectionSpec) -> Result<Created, Refused> {
        draft::check_spec(&spec, self.services.clock.now())?;
        let id = ElectionId::generate(&mut OsRng);
        let (services, pool) = (Arc::clone(&self.services), Arc::clone(&self.pool));
        let live = acts::offload(move || Live::open(services, pool, id).map_err(|error| Refused::fault("creating an election", error))).await?;
        live.note(private::PrivateBody::Created { by: by.to_owned(), spec: Box::new(spec) }).await?;
        self.live.write().unwrap_or_else(PoisonError::into_inner).insert(id, live);
        tracing::info!(election = %id, "created");
        Ok(Created { election: id })
    }

    /// An election.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, id: ElectionId) -> Result<Arc<Live>, Refused> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned().ok_or_else(|| Refusal::NotFound.into())
    }

    /// Every election.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Live>> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The services.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The acts of an election that wait for a second official.
    #[must_use]
    pub fn pending(&self, id: ElectionId) -> Vec<Pending> {
        self.pending.get().map(|pending| pending(id)).unwrap_or_default()
    }

    /// Ends every committer; what waits is committed first.
    pub async fn stop(&self) {
        for live in self.all() {
            live.stop().await;
        }
    }

    /// Evidence that the board names and the private journal does not hold, in words for an operator.
    #[must_use]
    pub fn lost_evidence(&self) -> Vec<String> {
        self.all().iter().filter_map(|live| live.evidence_lost()).map(|lost| lost.say(Lang::En)).collect()
    }

    /// Evidence whose registration or hand-out never came to the board: left over from interrupted commands, and harmless.
    #[must_use]
    pub fn orphaned_evidence(&self) -> Vec<(ElectionId, Hash32)> {
        let of = |live: &Arc<Live>| -> Vec<_> {
            let (board, private) = (live.board(), live.private());
            let registrations = private.evidence.keys().filter(|hash| !board.state.evidence.contains_key(hash));
            let papers = private.papers.keys().filter(|hash| !board.state.papers.contains_key(hash));
            registrations.chain(papers).map(|hash| (live.id, *hash)).collect()
        };
        self.all().iter().flat_map(of).collect()
    }

    /// Payloads and attachments that no entry names: left over from interrupted commands, and harmless.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn orphans(&self) -> Result<Vec<(ElectionId, PathBuf)>, BlobError> {
        let mut orphans = Vec::new();
        for live in self.all() {
            let payloads = live.private().payloads();
            let attachments: BTreeSet<Hash32> = live.board().state.board.attachments().into_iter().map(|(_, hash)| hash).collect();
            for (blobs, named) in [(&live.payloads, payloads), (&live.attachments, attachments)] {
                orphans.extend(blobs.list()?.into_iter().filter(|hash| !named.contains(hash)).map(|hash| (live.id, blobs.path(hash))));
            }
        }
        Ok(orphans)
    }
}
