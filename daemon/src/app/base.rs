//! What every command on a data folder needs: the lock, the vault, the store, and the appliance's journal.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rand_core::OsRng;
use tachiai_schemas::Timestamp;

use super::appliance::{self, Book, Own, Registrar, ReplayError, Shared};
use super::citizens::OfIdentity;
use super::{ballast, foreign, trusted};
use crate::acts::Acts;
use crate::bindings::Bindings;
use crate::cards::CardVerifier;
use crate::clock::Clock;
use crate::config::Config;
use crate::election::{Elections, OpenError, PoolOptions, Services};
use crate::http::tls::{ServerCertificate, TlsError};
use crate::identity;
use crate::journal::disk::Percent;
use crate::journal::{
    Ballast, CommitError, Committer, CommitterOptions, DataLock, DiskGuard, Journal, JournalError, JournalId, JournalReader, LockError, Options,
};
use crate::looks::Late;
use crate::nonces::Nonces;
use crate::pki::{Authority, PkiError};
use crate::refused::Refused;
use crate::shelter::{self, Shelters};
use crate::staff::Staff;
use crate::store::{Opening, SledOptions, SledStore, Store, StoreError};
use crate::vault::{MasterKey, Vault, VaultError};

/// Less room than this, in bytes, may not do to open the store.
const ROOM_TO_OPEN: u64 = 4 << 20;

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no appliance in the folder.
    #[error("there is no appliance in {}: make one with tachiaid init", .0.display())]
    NoAppliance(PathBuf),
    /// Another process has the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The vault does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The journal does not open.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal's entries cannot be taken up.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// An election does not open.
    #[error("an election cannot be opened: {0}")]
    Elections(#[from] OpenError),
    /// An event does not open.
    #[error("an event of the shelters cannot be opened: {0}")]
    Shelters(#[from] shelter::OpenError),
    /// The files of an election cannot be listed.
    #[error("the files of an election cannot be listed: {0}")]
    Blobs(#[from] crate::blobs::BlobError),
    /// The certification authority does not open.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Card anchors or revocation lists cannot be used.
    #[error(transparent)]
    Cards(#[from] crate::cards::CardsError),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The control socket cannot be made.
    #[error("cannot make the control socket {}: {source}", path.display())]
    Control {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The outbox cannot be opened.
    #[error("the outbox for the data platform cannot be opened: {0}")]
    Outbox(#[from] crate::outbox::OutboxError),
    /// The journal takes no entry.
    #[error("the appliance's journal takes no entry: {0}")]
    Refused(#[from] Refused),
}

/// A data folder, open and locked.
pub struct Base {
    /// The configuration.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Keys.
    pub vault: Arc<Vault>,
    /// Views.
    pub store: Arc<dyn Store>,
    /// The appliance's certification authority.
    pub authority: Arc<Authority>,
    /// The states of the appliance's journal, as far as they are durable.
    pub shared: Shared,
    /// What was repaired when the folder was opened, in words for an auditor.
    pub repairs: Vec<String>,
    /// The log of accesses, once it is open.
    pub looks: Arc<Late>,
    reader: JournalReader,
    committer: Mutex<Option<Committer<Book>>>,
    registrar: Registrar,
    /// Held as long as anything is open.
    _lock: DataLock,
}

impl Base {
    /// Opens the data folder of a configuration.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let data = config.data.clone();
        if !data.join("vault/check").is_file() {
            return Err(StartError::NoAppliance(data));
        }
        let lock = DataLock::acquire(&data)?;
        let vault = Arc::new(Vault::open(&data.join("vault"), MasterKey::read(&config.master_key)?)?);
        let authority = Arc::new(Authority::open(&data, &vault)?);
        let mut repairs = Vec::new();

        let id = JournalId::new(appliance::ID)?;
        let (journal, recovery) = Journal::open(&data.join("journal"), &id, Options::default())?;
        if let Some(torn) = recovery.torn {
            repairs.push(torn.said(&id));
        }
        let views_missing = recovery.entries > 0 && !data.join("sled").exists();
        if views_missing {
            repairs.push("views: the folder sled was not there; built anew from the journals".to_owned());
        }
        // Opening writes a little: on a full disk what was reserved for an emergency gives the room, so that everything can at least be read.
        if DiskGuard::new(&data, DiskGuard::DEFAULT_LIMIT).free()? < ROOM_TO_OPEN {
            tracing::error!("the disk is full: the ballast is released to open the store");
            Ballast::of(&data).release()?;
        }
        let (store, opening) = SledStore::open(&data.join("sled"), SledOptions::default(), std::time::SystemTime::now())?;
        if let Opening::MovedAside { to, cause } = opening {
            repairs.push(format!("views: damaged ({cause}), moved aside to {} and rebuilt from the journals", to.display()));
        }
        let store: Arc<dyn Store> = Arc::new(store);
        for repair in &repairs {
            tracing::warn!("{repair}");
        }

        let book = Book::open(&journal, store.clone())?;
        let (shared, reader) = (book.shared(), journal.reader());
        let committer = Committer::start(journal, book, Self::committer_options(&config))?;
        let registrar = Registrar::new(committer.submitter(), reader.clone());
        Ok(Self {
            config,
            clock,
            vault,
            store,
            authority,
            shared,
            repairs,
            looks: Arc::default(),
            reader,
            committer: Mutex::new(Some(committer)),
            registrar,
            _lock: lock,
        })
    }

    /// How the committers of this appliance work.
    #[must_use]
    pub fn committer_options(config: &Config) -> CommitterOptions {
        let guard = DiskGuard::new(&config.data, Percent::new(config.disk.limit_percent));
        CommitterOptions { queue: config.limits.queue, guard: Some(guard), ..CommitterOptions::default() }
    }

    /// The appliance's journal, for its rooms.
    #[must_use]
    pub fn registrar(&self) -> Registrar {
        self.registrar.clone()
    }

    /// A reader of the appliance's journal.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        self.reader.clone()
    }

    /// The staff's room; `acts` are done by others.
    #[must_use]
    pub fn staff(&self, acts: Arc<dyn Acts>) -> Arc<Staff> {
        Arc::new(Staff {
            clock: self.clock.clone(),
            authority: self.authority.clone(),
            state: self.shared.staff.clone(),
            register: Arc::new(self.registrar()),
            acts,
            asking: Arc::default(),
        })
    }

    /// Opens every election.
    ///
    /// # Errors
    /// [`StartError::Elections`].
    pub fn elections(&self, cards: Arc<CardVerifier>, nonces: Arc<Nonces>, bindings: Arc<dyn Bindings>) -> Result<Elections, StartError> {
        self.elections_with_views(self.store.clone(), cards, nonces, bindings)
    }

    /// Opens every election and brings these views up to its journals.
    ///
    /// # Errors
    /// [`StartError::Elections`].
    pub(super) fn elections_with_views(
        &self,
        store: Arc<dyn Store>,
        cards: Arc<CardVerifier>,
        nonces: Arc<Nonces>,
        bindings: Arc<dyn Bindings>,
    ) -> Result<Elections, StartError> {
        let Config { data, mirror, limits, .. } = &self.config;
        let trusted = self.shared.trusted.clone();
        let services = Services {
            clock: self.clock.clone(),
            store,
            vault: self.vault.clone(),
            cards,
            nonces,
            bindings,
            lists_required: Arc::new(move |at| trusted::lists_required(&trusted.read().unwrap_or_else(PoisonError::into_inner), at)),
            data: data.clone(),
            mirror: mirror.clone(),
            host: self.config.origin().to_owned(),
            committer: Self::committer_options(&self.config),
        };
        Ok(Elections::open(services, PoolOptions { queue: limits.proofs, ..PoolOptions::default() })?)
    }

    /// The indexer of citizens.
    ///
    /// # Errors
    /// [`StartError::Vault`].
    pub fn indexer(&self) -> Result<identity::Indexer, StartError> {
        Ok(identity::Indexer::open(&self.vault)?)
    }

    /// What is known of citizens.
    ///
    /// # Errors
    /// [`StartError::Vault`].
    pub fn citizens(&self) -> Result<OfIdentity, StartError> {
        Ok(OfIdentity { state: self.shared.identity.clone(), indexer: Arc::new(self.indexer()?) })
    }

    /// Opens every event of the shelters and brings the marks in this store up to their journals.
    ///
    /// # Errors
    /// [`StartError::Shelters`].
    pub fn shelters(&self, store: Arc<dyn Store>, text_anchors: shelter::TextAnchors) -> Result<Shelters, StartError> {
        let services = shelter::Services {
            clock: self.clock.clone(),
            store,
            vault: self.vault.clone(),
            data: self.config.data.clone(),
            host: self.config.origin().to_owned(),
            journal: Options::default(),
            committer: Self::committer_options(&self.config),
            text_anchors,
            lane: tokio::sync::Semaphore::new(1),
            looks: self.looks.clone(),
            codes: Arc::new(self.citizens()?),
        };
        Ok(Shelters::open(services)?)
    }

    /// Records the start and what was repaired.
    ///
    /// # Errors
    /// [`StartError::Refused`], except where the disk is full: then the daemon serves what it has.
    pub async fn begin(&self) -> Result<(), StartError> {
        ballast(&self.config);
        let at = self.clock.now();
        let repairs = self.repairs.iter().map(|what| Own::Repaired { what: what.clone() });
        let started = Own::Started { version: env!("CARGO_PKG_VERSION").to_owned() };
        for own in repairs.chain([started]) {
            match self.registrar.record(at, own).await {
                Err(refused) if refused.refusal == tachiai_schemas::Refusal::ReadOnly => {
                    tracing::error!("the appliance starts read-only");
                    return Ok(());
                }
                recorded => recorded?,
            }
        }
        Ok(())
    }

    /// Brings the journal to rest and the views to the disk.
    pub async fn end(&self) {
        let committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(committer) = committer
            && let Err(error @ CommitError::Stopped) = committer.stop().await.map(drop)
        {
            tracing::error!(%error, "the appliance's journal had stopped before");
        }
        if let Err(error) = self.store.flush() {
            tracing::error!(%error, "the views were not flushed; they are brought up at the next start");
        }
    }

    /// The certificates that the two ports show; a new one of our own is made where it is due.
    ///
    /// # Errors
    /// [`StartError`].
    pub(super) fn server_certificates(&self) -> Result<(Arc<ServerCertificate>, Arc<ServerCertificate>), StartError> {
        let (chain, key) = self.own_certificate(self.clock.now())?;
        let staff = Arc::new(ServerCertificate::new(chain, key)?);
        let public = match foreign(&self.config)? {
            Some((chain, key)) => Arc::new(ServerCertificate::new(chain, key)?),
            None => staff.clone(),
        };
        Ok((public, staff))
    }

    /// Reads both certificates again.
    ///
    /// # Errors
    /// [`StartError`]; what could not be read stays as it was.
    pub(super) fn reload_certificates(&self, public: &ServerCertificate, staff: &ServerCertificate) -> Result<(), StartError> {
        let (chain, key) = self.own_certificate(self.clock.now())?;
        staff.replace(chain, key)?;
        if let Some((chain, key)) = foreign(&self.config)? {
            public.replace(chain, key)?;
        }
        Ok(())
    }

    fn own_certificate(
        &self,
        at: Timestamp,
    ) -> Result<(Vec<rustls::pki_types::CertificateDer<'static>>, rustls::pki_types::PrivateKeyDer<'static>), StartError> {
        let hosts = &self.config.hosts;
        let usable = |own: &(Vec<_>, rustls::pki_types::PrivateKeyDer<'static>)| ServerCertificate::new(own.0.clone(), own.1.clone_key()).is_ok();
        match self.authority.server(&self.vault) {
            Ok(own) if usable(&own) && !self.authority.server_is_due(hosts, at) => Ok(own),
            // Key and certificate are two files, so a crash between them leaves a pair that does not fit.
            _ => {
                self.authority.renew_server(&self.vault, hosts, at, &mut OsRng)?;
                tracing::info!("made a new server certificate");
                Ok(self.authority.server(&self.vault)?)
            }
        }
    }
}
