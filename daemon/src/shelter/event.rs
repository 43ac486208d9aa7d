//! An event: its roster and its private journal with their committers, what readers see, and the keys that it signs and opens with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLockReadGuard};

use age::secrecy::ExposeSecret;
use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, leaf_hash};
use tachiai_schemas::health::Ailment;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::hand_in::Aside;
use tachiai_schemas::roster::opening::{self, Opening};
use tachiai_schemas::roster::pen::{Pen, PenError, Written};
use tachiai_schemas::roster::{APPLIANCE, Body, ChainId, Declared, EventId, Hlc, Person, SignedEntry, TerminalId};
use tachiai_schemas::shelter::handle;
use tachiai_schemas::{Blob, CitizenId, HashBytes, Lang, Refusal, Say, roster};
use tachiai_verify::roster::discharge;
use zeroize::Zeroizing;

use super::aside::Source;
use super::asking::Asking;
use super::doubles::Counted;
use super::kept::{Kept, KeptState};
use super::ledger::{Candidate, Command, Fate, Published, RosterLedger, Seen, Shared, Taken};
use super::mark::Mark;
use super::private::{self, Private};
use super::register::Register;
use super::statements::Lives;
use super::{OpenError, Services, decide, erase, journals, offload};
use crate::blobs::Blobs;
use crate::journal::{CommitError, Committer, Journal, JournalId, JournalReader, Submitter};
use crate::refused::Refused;
use crate::vault::{Aad, Subject, VaultError};

/// The keys of an event, as the vault keeps them.
pub struct Keys {
    /// Signs checkpoints and the appliance's own entries.
    pub sign: BoardSecretKey,
    /// Opens what terminals seal for the appliance.
    pub open: age::x25519::Identity,
    /// Derives handles.
    pub handles: Zeroizing<[u8; 32]>,
}

/// One event.
pub struct Event {
    /// Its ID.
    pub id: EventId,
    pub(super) services: Arc<Services>,
    pub(super) register: Arc<Register>,
    pub(super) keys: Keys,
    pub(super) reader: JournalReader,
    pub(super) private: Private<KeptState>,
    /// Hand-ins with something set aside, byte for byte.
    pub(super) set_aside: Blobs,
    /// Signed statements.
    pub(super) statements: Blobs,
    /// Statements are made one after the other.
    pub(super) stating: tokio::sync::Mutex<()>,
    /// Held for reading while something is sealed for a person, and for writing while somebody is erased.
    pub(super) sealing: tokio::sync::RwLock<()>,
    /// The erasures that were finished at the opening.
    pub(super) finished: BTreeSet<Hash32>,
    /// Who counted at the statements.
    pub(super) lives: Lives,
    /// What was set aside is decided on one case after the other.
    pub(super) settling: tokio::sync::Mutex<()>,
    /// The entries of these hand-ins, as far as it depends on them how they stand.
    pub(super) aside_sources: Mutex<BTreeMap<Hash32, Arc<[Source]>>>,
    /// How many may be counted twice, as it was counted last.
    pub(super) doubles: Mutex<Option<Counted>>,
    /// Terminals that ask to be admitted.
    pub(super) asking: Asking,
    /// The appliance writes its own entries one after the other, so that each has its number.
    turn: tokio::sync::Mutex<()>,
    pub(super) shared: Arc<Shared>,
    queue: Submitter<RosterLedger>,
    committer: Mutex<Option<Committer<RosterLedger>>>,
    private_name: String,
    /// What was repaired at the opening.
    pub(super) repairs: Vec<String>,
    /// How many entries about people had no opening in the private journal at the opening.
    lost: usize,
}

/// The name of the journal of an event.
fn journal_name(id: EventId) -> String {
    format!("roster-{id}")
}

/// The name of its private journal.
fn private_name(id: EventId) -> String {
    format!("roster-{id}-private")
}

/// The event whose private journal has this name, if it is one.
pub(super) fn named(journal: &str) -> Option<EventId> {
    journal.strip_prefix("roster-")?.strip_suffix("-private")?.parse().ok()
}

impl Keys {
    const NAMES: [&str; 3] = ["roster", "roster-age", "handles"];

    fn name(which: usize, id: EventId) -> String {
        format!("{}-{id}", Self::NAMES[which])
    }

    /// Makes the keys of a new event and keeps them.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn create(services: &Services, id: EventId) -> Result<(), VaultError> {
        let sign = BoardSecretKey::generate(&mut OsRng);
        let open = age::x25519::Identity::generate();
        let mut handles = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(handles.as_mut_slice());
        services.vault.put_secret(&Self::name(0, id), sign.to_seed().as_slice(), &mut OsRng)?;
        services.vault.put_secret(&Self::name(1, id), open.to_string().expose_secret().as_bytes(), &mut OsRng)?;
        services.vault.put_secret(&Self::name(2, id), handles.as_slice(), &mut OsRng)
    }

    fn read(services: &Services, id: EventId) -> Result<Self, OpenError> {
        let secret = |which| services.vault.get_secret(&Self::name(which, id))?.ok_or(OpenError::Keys(id));
        let bytes =
            |which| -> Result<Zeroizing<[u8; 32]>, OpenError> { Ok(Zeroizing::new(secret(which)?.as_slice().try_into().map_err(|_| OpenError::Keys(id))?)) };
        let open = secret(1)?;
        let open = std::str::from_utf8(&open).ok().and_then(|text| text.parse().ok()).ok_or(OpenError::Keys(id))?;
        let sign = bytes(0)?;
        Ok(Self { sign: BoardSecretKey::from_seed(&sign), open, handles: bytes(2)? })
    }
}

impl Event {
    /// Opens both journals of an event, or begins them, and replays them. The keys are in the vault.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(services: Arc<Services>, register: Arc<Register>, id: EventId) -> Result<Arc<Self>, OpenError> {
        let (journal, private_journal) = (JournalId::new(&journal_name(id))?, JournalId::new(&private_name(id))?);
        let keys = Keys::read(&services, id)?;
        let mut repairs = Vec::new();
        let private = Private::<KeptState>::open(&services, &private_journal, &mut repairs)?;
        let set_aside = Blobs::new(private::folder(&services.data, &private_journal).join("set-aside"));
        let finished = erase::finish(&services, &set_aside, &private.state())?;
        let statements = Blobs::new(private::folder(&services.data, &private_journal).join("statements"));
        let (log, recovery) = Journal::open(&journals(&services.data), &journal, services.journal.clone())?;
        repairs.extend(recovery.told(&journal));
        let mark = Mark::open(Arc::clone(&services.store), &log)?;
        let shared = Arc::new(Shared::default());
        let mut ledger = RosterLedger::new(Arc::clone(&shared), BoardSecretKey::from_seed(&keys.sign.to_seed()), mark, Arc::clone(&services.clock));
        let reader = log.reader();
        let absent: BTreeMap<Hash32, Hash32> = private.state().taken_over.iter().map(|(absent, entry)| (*entry, *absent)).collect();
        let mut lost = 0;
        for (seq, bytes) in (0..).zip(reader.iter_from(0)) {
            let wrong = |what: String| OpenError::Entry { journal: journal.clone(), seq, what };
            let bytes = bytes?;
            let entry = roster::from_bytes(&bytes).map_err(|error| wrong(error.to_string()))?;
            if let Body::Declared(declared) = &entry.body.body
                && declared.key.0 != keys.sign.public().to_bytes()
            {
                return Err(OpenError::Keys(id));
            }
            let hash = leaf_hash(&bytes);
            let person = match &entry.body.body {
                Body::Person(_) => match read_opening(&services, &private, &private_name(id), &hash) {
                    Ok(Opened::Here(opening)) => opening.read::<Person>().ok().map(Arc::new),
                    Ok(Opened::Erased) => None,
                    Ok(Opened::Missing) | Err(_) => {
                        lost += 1;
                        None
                    }
                },
                _ => None,
            };
            ledger.replay(Candidate { bytes, hash, entry, person, in_place_of: absent.get(&hash).copied() }).map_err(wrong)?;
        }
        ledger.replayed();
        if lost > 0 {
            tracing::error!(event = %id, entries = lost, journal = %private_journal, "openings of entries are lost");
        }
        let committer = Committer::start(log, ledger, services.committer.clone())?;
        Ok(Arc::new(Self {
            id,
            services,
            register,
            keys,
            reader,
            private,
            set_aside,
            statements,
            stating: tokio::sync::Mutex::new(()),
            sealing: tokio::sync::RwLock::default(),
            finished,
            lives: Lives::default(),
            settling: tokio::sync::Mutex::new(()),
            aside_sources: Mutex::default(),
            doubles: Mutex::default(),
            asking: Asking::default(),
            turn: tokio::sync::Mutex::new(()),
            shared,
            queue: committer.submitter(),
            committer: Mutex::new(Some(committer)),
            private_name: private_name(id),
            repairs,
            lost,
        }))
    }

    /// What readers see; the guard is not to be held over an `await`.
    pub fn published(&self) -> RwLockReadGuard<'_, Published> {
        self.shared.read()
    }

    /// The declaration.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] before there is one.
    pub fn declared(&self) -> Result<Declared, Refused> {
        self.published().roster.declared().cloned().ok_or_else(|| Refusal::NotFound.into())
    }

    /// What the appliance's clock shows.
    #[must_use]
    pub fn now(&self) -> Hlc {
        Hlc::at(self.services.clock.now())
    }

    /// What is refused once the event is closed.
    ///
    /// # Errors
    /// [`Refusal::EventClosed`].
    pub fn is_open(&self) -> Result<(), Refused> {
        if self.published().roster.closed().is_some() { Err(Refusal::EventClosed.into()) } else { Ok(()) }
    }

    /// The handle of a resident, by number.
    #[must_use]
    pub fn handle_of_resident(&self, number: &str) -> ChainId {
        ChainId::derive(&self.keys.handles, &self.id, handle::RESIDENT, number.as_bytes())
    }

    /// The handle of a citizen.
    #[must_use]
    pub fn handle_of_citizen(&self, citizen: &CitizenId) -> ChainId {
        ChainId::derive(&self.keys.handles, &self.id, handle::CITIZEN, &citizen.0)
    }

    /// Every ID and every code of the person to whom a code leads or led.
    pub(super) fn codes_of(&self, code: CitizenId) -> BTreeSet<CitizenId> {
        let codes = &self.services.codes;
        codes.of(codes.whose(code))
    }

    /// Seals the opening of an entry; the key of its handle is in the vault.
    pub(super) fn seal(&self, hash: Hash32, handle: ChainId, opening: &Opening) -> Result<Kept, Refused> {
        let doing = "sealing an opening";
        let plain = to_json(opening).ok_or_else(|| Refused::fault(doing, "it has no JSON form"))?;
        if plain.len() > decide::MAX_OPENING {
            return Err(Refusal::TooLarge.into());
        }
        let sealed = self.services.vault.seal_for(handle, &aad(&self.private_name, &hash), &plain, &mut OsRng).map_err(|error| Refused::fault(doing, error))?;
        Ok(Kept::Opening { entry: HashBytes::from(hash), handle, sealed: Blob(sealed) })
    }

    /// The opening of an entry; `None` if it is not here or its key was destroyed.
    pub(super) fn opening(&self, hash: &Hash32) -> Result<Option<Opening>, Refused> {
        match read_opening(&self.services, &self.private, &self.private_name, hash)? {
            Opened::Here(opening) => Ok(Some(opening)),
            Opened::Erased | Opened::Missing => Ok(None),
        }
    }

    /// Makes keys for those handles that have none yet.
    pub(super) fn make_keys(&self, handles: impl IntoIterator<Item = ChainId>) -> Result<(), Refused> {
        let handles: Vec<ChainId> = handles.into_iter().collect();
        handles.iter().try_for_each(|handle| self.is_not_being_erased(handle))?;
        let subjects: Vec<Subject> = handles.into_iter().map(Subject::from).collect();
        self.services.vault.create_keys(&subjects, &mut OsRng).map_err(|error| Refused::fault("making keys of people", error))
    }

    /// Has entries of terminals appended that were checked before.
    pub(super) async fn take(&self, candidates: Vec<Candidate>) -> Result<Taken, Refused> {
        self.queue.submit(Command::Take(candidates)).await?
    }

    /// Has the appliance write an entry of its own, on behalf of these officials. `draw` writes it with the appliance's pen; where the entry is about a person,
    /// `seen` says what its writer saw.
    ///
    /// # Errors
    /// [`Refusal::EventClosed`], [`Refusal::PersonChanged`], [`Refusal::ReadOnly`]; then nothing stands in the roster.
    pub(super) async fn write(
        self: &Arc<Self>,
        by: Vec<String>,
        began: Day,
        seen: Option<Seen>,
        draw: impl FnOnce(&mut Pen<'_>, u64) -> Result<Written, PenError> + Send + 'static,
    ) -> Result<(SignedEntry, Hash32, u64), Refused> {
        self.write_with(by, began, seen, draw, |_| None).await
    }

    /// As [`Event::write`]; what else the private journal keeps of the entry is durable with its opening.
    ///
    /// # Errors
    /// As for [`Event::write`].
    pub(super) async fn write_with(
        self: &Arc<Self>,
        by: Vec<String>,
        began: Day,
        seen: Option<Seen>,
        draw: impl FnOnce(&mut Pen<'_>, u64) -> Result<Written, PenError> + Send + 'static,
        besides: impl FnOnce(HashBytes) -> Option<Kept> + Send,
    ) -> Result<(SignedEntry, Hash32, u64), Refused> {
        let _sealing = self.sealing.read().await;
        let _turn = self.turn.lock().await;
        let this = Arc::clone(self);
        let (mut candidate, mut kept) = offload(move || this.draw(by, began, draw)).await?;
        let besides = besides(candidate.hash.into());
        candidate.in_place_of = besides.as_ref().and_then(Kept::taken_over);
        kept.extend(besides);
        let (entry, hash) = (candidate.entry.clone(), candidate.hash);
        self.private.note(kept).await?;
        let taken = self.queue.submit(Command::Write(Box::new(candidate), seen)).await??;
        match taken.fates.first() {
            Some(Fate::New(leaf)) => Ok((entry, hash, *leaf)),
            _ => Err(Refused::fault("writing into a roster", "another outcome")),
        }
    }

    fn draw(&self, by: Vec<String>, began: Day, draw: impl FnOnce(&mut Pen<'_>, u64) -> Result<Written, PenError>) -> Result<(Candidate, Vec<Kept>), Refused> {
        let doing = "writing an entry of a roster";
        let appliance: TerminalId = APPLIANCE.parse().map_err(|error| Refused::fault(doing, error))?;
        let (position, latest) = {
            let published = self.published();
            (published.own, published.roster.latest())
        };
        let now = self.now();
        let mut pen = Pen::new(self.id, appliance, &self.keys.sign, began, position, latest.unwrap_or(Hlc::at_millis(0)));
        let Written { bytes, hash, entry, opening } = draw(&mut pen, now.millis()).map_err(|error| Refused::fault(doing, error))?;
        let mut kept = vec![Kept::Written { by, entry: HashBytes::from(hash) }];
        let mut person = None;
        if let Some(opening) = &opening
            && let Some((place, _)) = opening::place(&entry.body)
        {
            self.make_keys([place.chain])?;
            kept.push(self.seal(hash, place.chain, opening)?);
            if let Body::Person(_) = &entry.body.body {
                person = Some(Arc::new(opening.read::<Person>().map_err(|error| Refused::fault(doing, error))?));
            }
        }
        Ok((Candidate { bytes, hash, entry, person, in_place_of: None }, kept))
    }

    /// Why one of the journals takes nothing at present, if it does not.
    #[must_use]
    pub fn not_writing(&self) -> Option<CommitError> {
        self.queue.condition().or_else(|| self.private.condition())
    }

    /// How many openings are lost, if any are.
    #[must_use]
    pub fn openings_lost(&self) -> Option<Ailment> {
        let (entries, event) = (self.lost as u64, self.id);
        (entries > 0).then(|| Ailment::OpeningsLost { event, entries, journal: self.private_name.clone() })
    }

    /// What is wrong, in words for an operator: every proof and every opening is checked anew.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.openings_lost().iter().map(|lost| lost.say(Lang::En)).collect();
        let Ok(declared) = self.declared() else { return problems };
        let began = Day::of(declared.began);
        let mut roster = tachiai_verify::roster::Roster::new();
        let mut owed = Vec::new();
        for (leaf, bytes) in (0_u64..).zip(self.reader.iter_from(0)) {
            let wrong = |what: &dyn std::fmt::Display| format!("event {}, entry {leaf}: {what}", self.id);
            let entry = match bytes.map_err(|error| error.to_string()).and_then(|bytes| {
                let entry = roster::from_bytes(&bytes).map_err(|error| error.to_string())?;
                Ok((leaf_hash(&bytes), entry))
            }) {
                Ok((hash, entry)) => {
                    match roster.check(&entry) {
                        Ok(owes) => owed.push(owes),
                        Err(broken) => problems.push(wrong(&broken)),
                    }
                    roster.apply(hash, &entry);
                    (hash, entry)
                }
                Err(what) => {
                    problems.push(wrong(&what));
                    continue;
                }
            };
            let (hash, entry) = entry;
            match self.opening(&hash) {
                Ok(Some(opening)) => problems.extend(check_opening(&entry, &opening, began).err().map(|_| wrong(&"its opening is not its own"))),
                Ok(None) => {}
                Err(_) => problems.push(wrong(&"its opening cannot be read: see the log")),
            }
        }
        let bad = owed.chunks(1024).flat_map(|owed| discharge(owed, &mut OsRng)).filter(Result::is_err).count();
        if bad > 0 {
            problems.push(format!("event {}: the proofs of {bad} entries do not hold", self.id));
        }
        problems
    }

    /// Openings without an entry, and files that nothing names.
    #[must_use]
    pub fn orphans(&self) -> Vec<String> {
        let named: BTreeSet<Hash32> = self.private.state().aside.keys().copied().collect();
        let published = self.published();
        let openings: Vec<String> = {
            let kept = self.private.state();
            kept.openings.keys().filter(|hash| published.roster.leaf(hash).is_none()).map(|hash| format!("event {}: opening {hash}", self.id)).collect()
        };
        let stated: BTreeSet<Hash32> = self.private.state().statements.values().copied().collect();
        let unnamed = |blobs: &Blobs, named: &BTreeSet<Hash32>| -> Vec<String> {
            let files = blobs.list().unwrap_or_default().into_iter().filter(|hash| !named.contains(hash));
            files.map(|hash| format!("event {}: {}", self.id, blobs.path(hash).display())).collect()
        };
        openings.into_iter().chain(unnamed(&self.set_aside, &named)).chain(unnamed(&self.statements, &stated)).collect()
    }

    /// Ends both committers; what waits is committed first.
    pub async fn stop(&self) {
        let committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(committer) = committer
            && let Err(error) = committer.stop().await.map(drop)
        {
            tracing::error!(%error, event = %self.id, "the committer of a roster did not end well");
        }
        self.private.stop().await;
    }
}

/// The person of an entry about one, if this is its opening; nobody for other entries with an opening of theirs.
///
/// # Errors
/// [`Aside::Opening`].
pub(super) fn check_opening(entry: &SignedEntry, opening: &Opening, began: Day) -> Result<Option<Person>, Aside> {
    match &entry.body.body {
        Body::Person(_) => opening.person(&entry.body, began).map(Some).map_err(|_| Aside::Opening),
        _ => opening.check_fields(&entry.body).map(|()| None).map_err(|_| Aside::Opening),
    }
}

/// An opening as it is sealed.
pub(super) fn to_json(opening: &Opening) -> Option<Zeroizing<Vec<u8>>> {
    serde_json::to_vec(opening).ok().map(Zeroizing::new)
}

/// What is here of an opening.
enum Opened {
    Here(Opening),
    Erased,
    Missing,
}

fn read_opening(services: &Services, private: &Private<KeptState>, private_name: &str, hash: &Hash32) -> Result<Opened, Refused> {
    let doing = "opening an entry of a roster";
    let Some(seq) = private.state().openings.get(hash).copied() else { return Ok(Opened::Missing) };
    let (_, Kept::Opening { entry: _, handle, sealed }) = private.entry(seq)? else {
        return Err(Refused::fault(doing, "the private journal has something else there"));
    };
    if private.state().is_erased(&handle, seq) {
        return Ok(Opened::Erased);
    }
    match services.vault.open_for(handle, &aad(private_name, hash), &sealed.0) {
        Ok(plain) => serde_json::from_slice(&plain).map(Opened::Here).map_err(|error| Refused::fault(doing, error.classify_only())),
        Err(VaultError::NoCitizen) => Ok(Opened::Erased),
        Err(error) => Err(Refused::fault(doing, error)),
    }
}

fn aad(private_name: &str, hash: &Hash32) -> Aad {
    Aad::new(&[private_name, "opening", &hash.to_string()])
}

/// A parser's message may quote the text; of sealed payloads only its kind goes to the log.
pub(super) trait ClassifyOnly {
    /// Its kind and place.
    fn classify_only(&self) -> String;
}

impl ClassifyOnly for serde_json::Error {
    fn classify_only(&self) -> String {
        format!("{:?} at line {} column {}", self.classify(), self.line(), self.column())
    }
}
