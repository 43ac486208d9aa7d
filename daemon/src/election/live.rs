//! A live election: its two journals with their committers, what readers see, and the keys that it signs with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::CHECKPOINT_PATH;
use tachiai_crypto::journal::{BoardKey, BoardSecretKey, Checkpoint, LogProof, Origin, SignedCheckpoint};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::health::Ailment;
use tachiai_schemas::paper::AddedSlot;
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::refusal::{Blame, SignedRefusal};
use tachiai_schemas::{Bytes, ElectionId, LeafIndex, Refusal, Slot};
use tachiai_verify::tally::Count;
use zeroize::Zeroizing;

use super::Services;
use super::cosigned::Cosigned;
use super::decide::Command;
use super::ledger::{Accepted, BoardLedger, PrivateLedger, Published, Shared, uncommitted};
use super::pool::Pool;
use super::private::{PrivateBody, PrivateEntry, PrivateState};
use super::record::Record;
use super::slots::{SlotBook, SlotError, SlotRecord};
use super::views::Views;
use crate::blobs::Blobs;
use crate::journal::{CommitError, Committer, Journal, JournalError, JournalId, JournalReader, Mirror, MirrorStatus, Options, Submitter};
use crate::refused::Refused;

mod error;
mod seals;

pub use self::error::{OpenError, Witness};
use self::seals::{ClassifyOnly as _, key_name, roll_key, slots_aad};

type Committers = (Committer<BoardLedger>, Committer<PrivateLedger>);

/// One election.
pub struct Live {
    /// Its ID.
    pub id: ElectionId,
    pub(super) services: Arc<Services>,
    pub(super) pool: Arc<Pool>,
    pub(super) journal: JournalId,
    pub(super) reader: JournalReader,
    pub(super) private_reader: JournalReader,
    pub(super) attachments: Blobs,
    pub(super) payloads: Blobs,
    /// Staff's commands run one after the other, so that each decides on what the one before left.
    pub(super) acts: tokio::sync::Mutex<()>,
    /// What an elector files and what a desk hands out to the same elector run one after the other: by the slot's number.
    turns: [tokio::sync::Mutex<()>; TURNS],
    pub(super) record: Record,
    pub(super) cosigned: Cosigned,
    pub(super) count: OnceLock<Arc<Count>>,
    shared: Arc<Shared>,
    private: Arc<RwLock<PrivateState>>,
    slots: RwLock<Option<Arc<SlotBook>>>,
    board_queue: Submitter<BoardLedger>,
    private_queue: Submitter<PrivateLedger>,
    committers: Mutex<Option<Committers>>,
    mirror: Mutex<Option<Mirror>>,
    /// How often each slot may cast.
    pub(super) casts: DefaultKeyedRateLimiter<Slot>,
    /// What was repaired at the opening.
    pub(super) repairs: Vec<String>,
    /// How many registrations on the board had no evidence in the private journal at the opening.
    pub(super) lost_evidence: usize,
}

/// Twenty ballots of one slot at once, one more every ten seconds: no voter is kept from thinking better of it, and nobody fills the disk with ballots of
/// one slot.
fn casting_quota() -> Quota {
    Quota::with_period(std::time::Duration::from_secs(10)).map_or(Quota::per_minute(std::num::NonZeroU32::MIN), |quota| quota.allow_burst(CASTS))
}

/// How many ballots of one slot may be cast at once.
pub const CASTS: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(19);

/// How many turns there are: with fewer, electors would wait for each other.
const TURNS: usize = 64;

/// The name of the private journal.
pub(super) fn private_name(id: ElectionId) -> String {
    format!("{id}-private")
}

impl Live {
    /// Opens both journals of an election, or begins them, and replays them.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(services: Arc<Services>, pool: Arc<Pool>, id: ElectionId) -> Result<Arc<Self>, OpenError> {
        let dir = services.data.join("journal");
        let (journal, private_journal) = (JournalId::new(&id.to_string())?, JournalId::new(&private_name(id))?);
        let mut repairs = Vec::new();
        let (private_log, recovery) = Journal::open(&dir, &private_journal, Options::default())?;
        repairs.extend(recovery.told(&private_journal));
        let (board_log, recovery) = Journal::open(&dir, &journal, Options::default())?;
        repairs.extend(recovery.told(&journal));
        let (attachments, payloads) =
            (Blobs::new(dir.join(journal.as_str()).join("attachments")), Blobs::new(dir.join(private_journal.as_str()).join("payloads")));

        let private = Arc::new(RwLock::new(replay_private(&private_log, &private_journal)?));
        let shared = Arc::new(Shared::new());
        let lost = |witness, seen| OpenError::Lost { journal: journal.clone(), folder: dir.join(journal.as_str()), entries: board_log.len(), witness, seen };
        let seen = services.store.high_water(&journal)?;
        if seen > board_log.len() {
            return Err(lost(Witness::Views, seen));
        }
        let views = Views::open(Arc::clone(&services.store), journal.clone())?;
        let mut ledger = BoardLedger::new(Arc::clone(&shared), views, Arc::clone(&services.clock));
        if let Some(seed) = services.vault.get_secret(&key_name(id))? {
            let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.as_slice().try_into().map_err(|_| OpenError::BoardKey(id))?);
            // Nobody else has the cell yet.
            let _ = shared.key.set(BoardSecretKey::from_seed(&seed));
        }
        let (reader, private_reader) = (board_log.reader(), private_log.reader());
        for (seq, bytes) in (0..).zip(reader.iter_from(0)) {
            let find = |hash| attachments.get(hash).map_err(|error| Refused::fault("replaying a board", error));
            ledger.replay(&bytes?, find).map_err(|_| OpenError::Board { election: id, seq })?;
        }
        ledger.replayed();
        let mut slots = None;
        {
            let published = shared.read();
            let board = &published.state.board;
            if let (Ok(origin), Some(key)) = (Origin::new(&format!("{}/{id}", services.host)), shared.key.get()) {
                // The manifest's origin, or that of the manifest that got lost.
                let origin = board.origin().cloned().unwrap_or(origin);
                let mirror = services.mirror.join(id.to_string());
                if let Some(Checkpoint { size, root, .. }) = published_before(&mirror, &origin, &key.public()) {
                    if size > board_log.len() {
                        return Err(lost(Witness::Mirror, size));
                    }
                    if published.state.tree.root_at(size).ok() != Some(root) {
                        return Err(OpenError::Forked { journal, mirror, size });
                    }
                }
            }
            if let Some(manifest) = board.manifest()
                && shared.key.get().map(|key| key.public().to_bytes()) != Some(manifest.board_key.0)
            {
                return Err(OpenError::BoardKey(id));
            }
            if let (Some(opened), Some(manifest)) = (board.opened(), board.manifest()) {
                let root = opened.entry().roll.root.hash();
                let payload = private.read().unwrap_or_else(PoisonError::into_inner).slots.get(&root).copied();
                let wrong = |what: String| OpenError::Slots { election: id, what };
                let payload = payload.ok_or_else(|| wrong("the private journal does not name it".to_owned()))?;
                let sealed = payloads.get(payload)?;
                let records = services.vault.open_sealed(&roll_key(id), &slots_aad(id), &sealed)?;
                let records: Vec<SlotRecord> = serde_json::from_slice(&records).map_err(|error| wrong(error.classify_only()))?;
                let book = SlotBook::new(&id, &manifest.districts, records).map_err(|error| wrong(error.to_string()))?;
                if book.root() != root {
                    return Err(wrong("it has another root than the board".to_owned()));
                }
                slots = Some(Arc::new(book));
            }
        }
        let lost_evidence = {
            let (published, private) = (shared.read(), private.read().unwrap_or_else(PoisonError::into_inner));
            let registrations = published.state.evidence.keys().filter(|hash| !private.evidence.contains_key(hash)).count();
            registrations + published.state.papers.keys().filter(|hash| !private.papers.contains_key(hash)).count()
        };
        if lost_evidence > 0 {
            tracing::error!(election = %id, registrations = lost_evidence, journal = %private_journal, "the evidence behind registrations is lost");
        }
        let options = services.committer.clone();
        let board = Committer::start(board_log, ledger, options.clone())?;
        let private_committer = Committer::start(private_log, PrivateLedger::new(Arc::clone(&private)), options)?;
        let cosigned = Cosigned::new(dir.join(journal.as_str()).join("cosigned"));
        let live = Arc::new(Self {
            id,
            services,
            pool,
            journal,
            reader,
            private_reader,
            attachments,
            payloads,
            acts: tokio::sync::Mutex::new(()),
            turns: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
            record: Record::default(),
            cosigned,
            count: OnceLock::new(),
            shared,
            private,
            slots: RwLock::new(slots),
            board_queue: board.submitter(),
            private_queue: private_committer.submitter(),
            committers: Mutex::new(Some((board, private_committer))),
            mirror: Mutex::new(None),
            casts: RateLimiter::keyed(casting_quota()),
            repairs,
            lost_evidence,
        });
        live.load_cosigned()?;
        live.load_added()?;
        live.start_mirror()?;
        Ok(live)
    }

    /// Puts those into the slot book who were added after the opening.
    fn load_added(&self) -> Result<(), OpenError> {
        let wrong = |what: String| OpenError::Slots { election: self.id, what };
        let added: Vec<_> = self.board().state.board.added_slots().copied().collect();
        if added.is_empty() {
            return Ok(());
        }
        let districts = self.board().state.board.manifest().map(|manifest| manifest.districts.clone()).unwrap_or_default();
        let mut book = SlotBook::clone(&*self.slots().map_err(|refused| wrong(refused.to_string()))?);
        for AddedSlot { district: _, commitment } in added {
            let seq = self.private().roll_log.added(&commitment.hash());
            let seq = seq.ok_or_else(|| wrong(format!("the private journal does not have the elector who was added with {commitment}")))?;
            let record = self.open_added(seq).map_err(|refused| wrong(refused.to_string()))?;
            book = book.grown(&self.id, &districts, record).map_err(|error| wrong(error.to_string()))?;
            let last = u32::try_from(book.len().saturating_sub(1)).ok().and_then(|last| book.public(Slot(last)));
            if last.map(|public| public.commitment) != Some(commitment.hash()) {
                return Err(wrong("an added elector has another commitment than the board".to_owned()));
            }
        }
        self.set_slots(Arc::new(book));
        Ok(())
    }

    /// Starts the mirror once there is a manifest.
    pub(super) fn start_mirror(&self) -> Result<(), JournalError> {
        let (origin, key, checkpoint) = {
            let published = self.board();
            let (Some(origin), Some(key)) = (published.state.board.origin().cloned(), published.state.board.board_key()) else { return Ok(()) };
            (origin, key, published.checkpoint.clone())
        };
        let mut mirror = self.mirror.lock().unwrap_or_else(PoisonError::into_inner);
        if mirror.is_none() {
            let started = Mirror::start(&self.mirror_dir(), self.reader.clone(), origin, key)?;
            if let Some(checkpoint) = checkpoint {
                started.updater().update(checkpoint.as_ref().clone());
            }
            // The mirror is started once, under this lock.
            let _ = self.shared.mirror.set(started.updater());
            *mirror = Some(started);
        }
        Ok(())
    }

    /// How the mirror stands; as at the beginning where there is none yet.
    #[must_use]
    pub fn mirror_status(&self) -> MirrorStatus {
        self.mirror.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Mirror::status).unwrap_or_default()
    }

    /// Why one of the journals takes nothing at present, if it does not.
    #[must_use]
    pub fn not_writing(&self) -> Option<CommitError> {
        self.board_queue.condition().or_else(|| self.private_queue.condition())
    }

    /// How much evidence behind registrations is lost, in words for an operator, if any is.
    #[must_use]
    pub fn evidence_lost(&self) -> Option<Ailment> {
        let (election, registrations) = (self.id, self.lost_evidence as u64);
        (registrations > 0).then(|| Ailment::EvidenceLost { election, registrations, journal: private_name(election) })
    }

    /// Where the mirror of this board lies.
    #[must_use]
    pub fn mirror_dir(&self) -> PathBuf {
        self.services.mirror.join(self.id.to_string())
    }

    /// Ends both committers and the mirror; what waits is committed first.
    pub async fn stop(&self) {
        let committers = self.committers.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((board, private)) = committers {
            if let Err(error) = board.stop().await {
                tracing::error!(%error, election = %self.id, "the board's committer did not end well");
            }
            if let Err(error) = private.stop().await {
                tracing::error!(%error, election = %self.id, "the private journal's committer did not end well");
            }
        }
        let mirror = self.mirror.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(failure) = mirror.and_then(|mirror| mirror.stop().failure) {
            tracing::warn!(what = failure.what, election = %self.id, "the mirror is not up to date");
        }
    }

    /// The durable board; the guard is not to be held over an `await`.
    pub fn board(&self) -> RwLockReadGuard<'_, Published> {
        self.shared.read()
    }

    /// The durable private state; the guard is not to be held over an `await`.
    pub fn private(&self) -> RwLockReadGuard<'_, PrivateState> {
        self.private.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The slot book, once the election is open.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`].
    pub fn slots(&self) -> Result<Arc<SlotBook>, Refused> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(|| Refusal::NotOpenYet.into())
    }

    /// Waits for the turn of a slot: what its elector files is decided before or after a hand-out to them with its notes, never between. Some slots share one.
    pub(super) async fn turn_of(&self, slot: Slot) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let place = usize::try_from(slot.0).unwrap_or_default() % TURNS;
        Some(self.turns.get(place)?.lock().await)
    }

    /// Sets the slot book: the one that `opened` committed to, and then one that has grown. Only acts do, which run one after the other.
    pub(super) fn set_slots(&self, book: Arc<SlotBook>) {
        *self.slots.write().unwrap_or_else(PoisonError::into_inner) = Some(book);
    }

    /// Has a command decided and its entry made durable.
    ///
    /// # Errors
    /// The refusal, or [`Refusal::Busy`] or [`Refusal::ReadOnly`] if there was no decision.
    pub async fn submit(&self, command: Command) -> Result<Accepted, Refused> {
        self.board_queue.submit(command).await.map_err(|error| uncommitted(&error))?
    }

    /// Makes a private entry durable.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn note(&self, body: PrivateBody) -> Result<(), Refused> {
        let entry = PrivateEntry::new(self.services.clock.now(), body);
        self.private_queue.submit(entry).await.map_err(|error| uncommitted(&error))?
    }

    /// An entry of the board.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn entry(&self, leaf: LeafIndex) -> Result<Entry, Refused> {
        Entry::from_bytes(&self.entry_bytes(leaf)?).map_err(|error| Refused::fault("reading a board", error))
    }

    /// The bytes of an entry of the board.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn entry_bytes(&self, leaf: LeafIndex) -> Result<Vec<u8>, Refused> {
        self.reader.read(leaf.0).map_err(|error| match error {
            JournalError::NoSuchEntry { .. } => Refusal::NotFound.into(),
            other => Refused::fault("reading a board", other),
        })
    }

    /// The receipt of an entry that was just accepted.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn receipt(&self, accepted: Accepted, ballot: Option<Hash32>) -> Result<Receipt, Refused> {
        let Accepted { leaf, leaf_hash, at, proof } = accepted;
        let (proof, checkpoint) = proof.ok_or_else(|| Refused::fault("making a receipt", "there is no checkpoint"))?;
        let at = match at {
            Some(at) => at,
            None => self.entry(leaf)?.at,
        };
        let mut text = LogProof::new(leaf.0, proof, &checkpoint);
        text.extra = ballot.map(|hash| hash.as_bytes().to_vec());
        Ok(Receipt { election: self.id, at, leaf, leaf_hash: leaf_hash.into(), ballot: ballot.map(Into::into), proof: text.to_string() })
    }

    /// The receipt of an entry that is on the board already, against the newest checkpoint.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Fault`].
    pub fn receipt_at(&self, leaf: LeafIndex, ballot: Option<Hash32>) -> Result<Receipt, Refused> {
        let accepted = {
            let published = self.board();
            let (Some(checkpoint), Some(leaf_hash)) = (published.checkpoint.clone(), published.state.tree.leaf(leaf.0)) else {
                return Err(Refusal::NotFound.into());
            };
            let proof = published.state.tree.inclusion(leaf.0, checkpoint.checkpoint().size).map_err(|error| Refused::fault("making a receipt", error))?;
            Accepted { leaf, leaf_hash, at: None, proof: Some((proof, checkpoint)) }
        };
        self.receipt(accepted, ballot)
    }

    /// Signs a refusal with the board key, so that a voter can show it. Faults of the appliance are not signed: a signed
    /// "busy" proves nothing about the vote.
    #[must_use]
    pub fn sign_refusal(&self, refused: Refused, request: Hash32) -> Refused {
        if refused.signed.is_some() || refused.refusal.blame() == Blame::Fault {
            return refused;
        }
        let Some(key) = self.shared.key.get().filter(|_| self.board().checkpoint.is_some()) else { return refused };
        let mut signed = SignedRefusal {
            election: self.id,
            request: request.into(),
            code: refused.refusal.code().to_owned(),
            at: self.services.clock.now(),
            signature: Bytes([0; 64]),
        };
        signed.signature = Bytes(key.sign_hash(&signed.hash()));
        refused.signed(signed)
    }
}

fn replay_private(log: &Journal, journal: &JournalId) -> Result<PrivateState, OpenError> {
    let mut state = PrivateState::default();
    for (seq, bytes) in (0..).zip(log.reader().iter_from(0)) {
        let entry = PrivateEntry::from_bytes(&bytes?).map_err(|source| OpenError::Private { journal: journal.clone(), seq, source })?;
        state.apply(seq, &entry);
    }
    Ok(state)
}

/// What the mirror is known to have published. A mirror that is away, or whose checkpoint does not verify, proves nothing
/// about the journal; its own thread says what is wrong with it.
fn published_before(mirror: &Path, origin: &Origin, key: &BoardKey) -> Option<Checkpoint> {
    let path = mirror.join(CHECKPOINT_PATH);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the mirror cannot be compared with the journal");
            return None;
        }
    };
    match SignedCheckpoint::parse_and_verify(&text, origin, key) {
        Ok(signed) => Some(signed.checkpoint().clone()),
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "the mirror's checkpoint does not verify");
            None
        }
    }
}

/// The election whose private journal has this name, if it is one.
pub(super) fn named(journal: &str) -> Option<ElectionId> {
    journal.strip_suffix("-private")?.parse().ok()
}

impl From<SlotError> for Refused {
    fn from(error: SlotError) -> Self {
        Self::fault("making the slots", error)
    }
}
