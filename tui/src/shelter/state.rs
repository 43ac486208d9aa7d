//! All that a terminal knows, folded from its journal: the roster as far as it heard of it, its own entries with what became of them, the register, the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::SecretString;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Checkpoint, Frontier, Origin, SignedCheckpoint};
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::hand_in::{Aside, Copied};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::pen::Position;
use tachiai_schemas::roster::report::ReportOpened;
use tachiai_schemas::roster::{self, Body, Declared, Hlc, Report, ShelterId, SignedEntry, TerminalState, TerminalStatus};
use tachiai_schemas::shelter::Pack;
use tachiai_schemas::shelter::index::Residents;
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::{Blob, HashBytes};
use tachiai_verify::roster::Roster;
use tachiai_verify::roster::people::People;
use zeroize::Zeroizing;

use super::clock::{Clocks, Measured, Stamp, appliance_time};
use super::key::{Lock, TerminalKey};
use super::record::{About, Answered, Leaf, Learned, Looked, PutAside, Record, Redated, Wrote};
use super::store::{Store, Torn};
use crate::draft::Draft;
use crate::failure::{Exit, Failure};

/// The format of the folder.
const FORMAT: u32 = 1;

/// What became of an entry of this terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is here alone.
    Waiting,
    /// It is in the event's journal.
    Taken,
    /// The appliance keeps it aside.
    Aside {
        /// Why.
        reason: Aside,
        /// In words.
        detail: String,
    },
}

/// An entry of this terminal.
#[derive(Clone)]
pub struct Own {
    /// Its leaf hash.
    pub hash: Hash32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// It.
    pub entry: SignedEntry,
    /// Its opening.
    pub opening: Option<Opening>,
    /// When it was written, as the clocks showed it.
    pub stamp: Stamp,
    /// What became of it.
    pub fate: Fate,
}

/// The register with the key of handles.
struct Register {
    made: Hlc,
    handle_key: Zeroizing<[u8; 32]>,
    residents: Residents,
    questionnaires: Vec<Definition>,
}

/// A terminal at work.
pub struct Reception {
    /// Which.
    pub about: About,
    /// Its keys.
    pub key: TerminalKey,
    /// What a torn tail left, when the journal was opened.
    pub torn: Option<Torn>,
    folder: PathBuf,
    store: Store,
    clocks: Clocks,
    known: Known,
    register: Option<Register>,
}

/// What the records say together.
pub(super) struct Known {
    pub(super) roster: Roster,
    pub(super) people: People,
    pub(super) own: Vec<Own>,
    superseded: BTreeSet<Hash32>,
    frontier: Frontier,
    measured: Option<Measured>,
    copied: Copied,
    reports: BTreeMap<Hash32, ReportOpened>,
    /// The last entry under this terminal's name that came from the event's journal and was not written here.
    foreign: Option<(u64, Hash32)>,
}

fn unreadable(error: &dyn std::fmt::Display) -> Failure {
    Failure::incomplete(format!("項目を読めません: {error}"), format!("an entry cannot be read: {error}"))
}

impl Reception {
    /// Makes the folder of a terminal with fresh keys.
    ///
    /// # Errors
    /// [`Failure`] when there is one already, or it cannot be written.
    pub fn create(folder: &Path, about: About, lock: &Lock, clocks: Clocks) -> Result<Self, Failure> {
        let (about_path, key_path) = (folder.join("terminal.json"), folder.join("key"));
        if about_path.exists() || key_path.exists() {
            return Err(Failure::refused(
                format!("{} にはすでに端末が設定されています。別のフォルダを --dir で指定してください。", folder.display()),
                format!("{} is the folder of a terminal already. Name another with --dir.", folder.display()),
            ));
        }
        fs::create_dir_all(folder).map_err(|e| Failure::file(folder, &e))?;
        let key = TerminalKey::create(&key_path, lock)?;
        let about = About { format: FORMAT, ..about };
        Draft::begin(Some(&about_path))?.finish_json(&about_path, &about)?;
        Self::open_with(folder, about, key, clocks)
    }

    /// Opens the folder of a terminal; `passphrase` is asked only if its keys need one.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(folder: &Path, passphrase: impl FnOnce() -> Result<SecretString, Failure>, clocks: Clocks) -> Result<Self, Failure> {
        let path = folder.join("terminal.json");
        let bytes = fs::read(&path).map_err(|e| {
            Failure::new(
                Exit::Usage,
                format!("{} を読めません: {e}。この端末を tachiai reception init で設定するか、--dir でフォルダを指定してください。", path.display()),
                format!("cannot read {}: {e}. Set this terminal up with `tachiai reception init`, or name its folder with --dir.", path.display()),
            )
        })?;
        let about: About = serde_json::from_slice(&bytes).map_err(|e| Failure::file(&path, &e))?;
        if about.format != FORMAT {
            return Err(Failure::file(&path, &format!("format {}, this program knows {FORMAT}", about.format)));
        }
        let key = TerminalKey::open(&folder.join("key"), passphrase)?;
        Self::open_with(folder, about, key, clocks)
    }

    fn open_with(folder: &Path, about: About, key: TerminalKey, clocks: Clocks) -> Result<Self, Failure> {
        let opened = Store::open(folder, key.journal())?;
        let known = Known::of(&about, &opened.records)?;
        let mut reception = Self { about, key, torn: opened.torn, folder: folder.to_owned(), store: opened.store, clocks, known, register: None };
        reception.register = reception.read_pack()?;
        Ok(reception)
    }

    /// Adds records, durable once it returns, and folds them in.
    pub(super) fn record(&mut self, records: Vec<Record>) -> Result<(), Failure> {
        let bytes = records.iter().map(Record::to_bytes).collect::<Result<Vec<_>, _>>()?;
        self.store.append(&bytes)?;
        let rewritten = records.iter().any(|record| matches!(record, Record::Redated(_)));
        for record in records {
            self.known.take(&self.about, record)?;
        }
        if rewritten { self.refold() } else { Ok(()) }
    }

    /// Folds everything anew, without what was taken back.
    fn refold(&mut self) -> Result<(), Failure> {
        let records = self.store.read_again()?;
        self.known = Known::of(&self.about, &records)?;
        Ok(())
    }

    /// Notes that people were looked up.
    ///
    /// # Errors
    /// [`Failure`]: then nobody may be shown.
    pub fn looked(&mut self, how: super::record::How, handles: Vec<roster::ChainId>, residents: usize) -> Result<(), Failure> {
        let stamp = self.clocks.now();
        let residents = u32::try_from(residents).unwrap_or(u32::MAX);
        self.record(vec![Record::Looked(Looked { how, handles, residents, stamp })])
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the clocks show.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.clocks.now()
    }

    /// The time now, as the appliance's clock would show it: milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        appliance_time(self.known.measured.as_ref(), &self.stamp())
    }

    /// When the appliance's clock was heard last.
    #[must_use]
    pub const fn measured(&self) -> Option<&Measured> {
        self.known.measured.as_ref()
    }

    /// The roster, as far as this terminal heard of it.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.known.roster
    }

    /// Its people, as far as this terminal may know them.
    #[must_use]
    pub const fn people(&self) -> &People {
        &self.known.people
    }

    /// The terminal's own entries, without those that were written anew.
    #[must_use]
    pub fn own(&self) -> &[Own] {
        &self.known.own
    }

    /// Those that are here alone.
    pub fn waiting(&self) -> impl Iterator<Item = &Own> {
        self.known.own.iter().filter(|own| own.fate == Fate::Waiting)
    }

    /// How many leaves of the event's journal it knows.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.known.frontier.len()
    }

    /// Whether two write under this terminal's name, as far as it heard.
    #[must_use]
    pub const fn copied(&self) -> Copied {
        self.known.copied
    }

    /// What a report says that travels sealed.
    pub(super) fn opened(&self, hash: &Hash32) -> Option<&ReportOpened> {
        self.known.reports.get(hash)
    }

    /// The register of residents, as the terminal's pack has it.
    #[must_use]
    pub fn residents(&self) -> Option<&Residents> {
        self.register.as_ref().map(|register| &register.residents)
    }

    /// When the pack was made.
    #[must_use]
    pub fn pack_made(&self) -> Option<Hlc> {
        self.register.as_ref().map(|register| register.made)
    }

    /// The questionnaires that are asked at the desk, as the terminal's pack has them.
    #[must_use]
    pub fn questionnaires(&self) -> &[Definition] {
        self.register.as_ref().map_or(&[], |register| &register.questionnaires)
    }

    pub(super) fn handle_key(&self) -> Option<&[u8; 32]> {
        self.register.as_ref().map(|register| &*register.handle_key)
    }

    /// What the event is.
    ///
    /// # Errors
    /// [`Failure`] (1): this terminal has not heard of it yet.
    pub fn declared(&self) -> Result<&Declared, Failure> {
        self.known.roster.declared().ok_or_else(|| {
            Failure::refused(
                "この端末はまだ災害・行事の情報を受け取っていません。災害対策本部の登録が済んだら tachiai reception sync を実行してください。",
                "this terminal has not heard of the event yet. Once headquarters has admitted it, run `tachiai reception sync`.",
            )
        })
    }

    /// This terminal as the event's journal has it.
    #[must_use]
    pub fn admitted(&self) -> Option<&TerminalState> {
        self.known.roster.terminals().get(&self.about.terminal).map(|terminal| &terminal.state)
    }

    /// Whether it was revoked, as far as it heard.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        let was_told = |own: &Own| matches!(own.fate, Fate::Aside { reason: Aside::Revoked, .. });
        self.admitted().is_some_and(|state| state.status == TerminalStatus::Revoked) || self.known.own.iter().any(was_told)
    }

    /// The shelter in which it stands.
    #[must_use]
    pub fn shelter(&self) -> &ShelterId {
        self.admitted().map_or(&self.about.shelter, |state| &state.shelter)
    }

    /// Where it stands in its writing.
    #[must_use]
    pub(super) fn position(&self) -> Position {
        let own = self.known.own.last().map(|own| (own.entry.body.number, own.hash));
        match own.max(self.known.foreign) {
            Some((number, hash)) => Position { number: number + 1, before: Some(hash) },
            None => Position::START,
        }
    }

    /// The latest moment that it has written or seen.
    #[must_use]
    pub(super) fn latest(&self) -> Hlc {
        self.known.roster.latest().unwrap_or(Hlc::at_millis(0))
    }

    /// Reads a checkpoint of the event's journal.
    ///
    /// # Errors
    /// [`Failure`] (1) when the appliance did not sign it.
    pub fn checkpoint(&self, text: &str) -> Result<Checkpoint, Failure> {
        let declared = self.declared()?;
        let forged = |e: &dyn std::fmt::Display| {
            Failure::refused(
                format!("チェックポイントの署名が災害対策本部のものではありません: {e}。取り込んでいません。災害対策本部に知らせてください。"),
                format!("the checkpoint is not signed by the appliance of this event: {e}. Nothing was taken from it. Tell headquarters."),
            )
        };
        let origin = Origin::new(&declared.origin).map_err(|e| forged(&e))?;
        let key = BoardKey::from_bytes(&declared.key.0).map_err(|e| forged(&e))?;
        SignedCheckpoint::parse_and_verify(text, &origin, &key).map(|signed| signed.checkpoint().clone()).map_err(|e| forged(&e))
    }

    /// The root over the leaves that it knows and some more.
    pub(super) fn root_with(&self, more: &[Hash32]) -> (u64, Hash32) {
        let mut frontier = self.known.frontier.clone();
        more.iter().for_each(|hash| frontier.push(*hash));
        (frontier.len(), frontier.root())
    }

    fn pack_path(&self) -> PathBuf {
        self.folder.join("pack.age")
    }

    fn read_pack(&self) -> Result<Option<Register>, Failure> {
        let path = self.pack_path();
        if !path.exists() {
            return Ok(None);
        }
        let sealed = fs::read(&path).map_err(|e| Failure::file(&path, &e))?;
        self.open_pack(&Blob(sealed)).map(Some)
    }

    fn open_pack(&self, sealed: &Blob) -> Result<Register, Failure> {
        let plain = self.key.unseal(sealed)?;
        let Pack { event, made, handle_key, residents, questionnaires } =
            serde_json::from_slice(&plain).map_err(|e| unreadable(&format!("{:?}", e.classify())))?;
        if event != self.about.event {
            return Err(Failure::refused("この住民データは別の災害・行事のものです。", "this pack is of another event."));
        }
        Ok(Register { made, handle_key: Zeroizing::new(handle_key.0), residents: Residents::new(residents), questionnaires })
    }

    /// Keeps a pack in the place of the one before; it lies as the appliance sealed it.
    ///
    /// # Errors
    /// [`Failure`]: it is not for this terminal or event; the one before stays.
    pub fn keep_pack(&mut self, sealed: Vec<u8>) -> Result<(), Failure> {
        let sealed = Blob(sealed);
        let register = self.open_pack(&sealed)?;
        if self.pack_made().is_some_and(|made| made > register.made) {
            return Ok(());
        }
        crate::draft::replace(&self.pack_path(), &sealed.0)?;
        self.register = Some(register);
        Ok(())
    }
}

impl Known {
    fn new() -> Self {
        Self {
            roster: Roster::new(),
            // The day is set when the event is heard of; before that nobody is opened.
            people: People::new(Day::of(tachiai_schemas::Timestamp::LAST)),
            own: Vec::new(),
            superseded: BTreeSet::new(),
            frontier: Frontier::new(),
            measured: None,
            copied: Copied::No,
            reports: BTreeMap::new(),
            foreign: None,
        }
    }

    fn of(about: &About, records: &[Zeroizing<Vec<u8>>]) -> Result<Self, Failure> {
        let records = records.iter().map(|bytes| Record::from_bytes(bytes)).collect::<Result<Vec<_>, _>>()?;
        let mut known = Self::new();
        // What a later record took back is never folded in.
        let old = records.iter().filter_map(|record| if let Record::Redated(redated) = record { Some(&redated.old) } else { None });
        known.superseded = old.flatten().map(|hash| hash.hash()).collect();
        records.into_iter().try_for_each(|record| known.take(about, record))?;
        Ok(known)
    }

    fn take(&mut self, about: &About, record: Record) -> Result<(), Failure> {
        match record {
            Record::Wrote(wrote) => self.wrote(wrote),
            Record::Learned(Learned { from: _, leaves }) => leaves.into_iter().try_for_each(|leaf| self.learned(about, leaf)),
            Record::Measured(measured) => {
                self.measured = Some(measured);
                Ok(())
            }
            Record::Answered(Answered { taken, aside, copied }) => {
                self.answered(&taken, aside);
                if copied == Copied::Twice {
                    self.copied = copied;
                }
                Ok(())
            }
            Record::Redated(Redated { old, new }) => {
                self.superseded.extend(old.iter().map(|hash| hash.hash()));
                self.own.retain(|own| !self.superseded.contains(&own.hash));
                new.into_iter().try_for_each(|wrote| self.wrote(wrote))
            }
            // It is for whoever asks later who looked.
            Record::Looked(_) => Ok(()),
        }
    }

    fn wrote(&mut self, Wrote { entry: Blob(bytes), opening, stamp }: Wrote) -> Result<(), Failure> {
        let hash = roster::leaf_hash(&bytes);
        if self.superseded.contains(&hash) {
            return Ok(());
        }
        let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
        self.fold(hash, &entry, opening.as_ref())?;
        self.own.push(Own { hash, bytes, entry, opening, stamp, fate: Fate::Waiting });
        Ok(())
    }

    fn learned(&mut self, about: &About, leaf: Leaf) -> Result<(), Failure> {
        match leaf {
            Leaf::Own { hash } => {
                self.frontier.push(hash.hash());
                self.answered(&[hash], Vec::new());
            }
            Leaf::Other { entry: Blob(bytes), opening } => {
                let hash = roster::leaf_hash(&bytes);
                let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
                self.frontier.push(hash);
                self.fold(hash, &entry, opening.as_ref())?;
                if entry.body.terminal == about.terminal {
                    // Under this name, and not from this journal: an older state of the folder was restored, or its key is in two places.
                    self.copied = Copied::Twice;
                    self.foreign = self.foreign.max(Some((entry.body.number, hash)));
                }
            }
        }
        Ok(())
    }

    fn answered(&mut self, taken: &[HashBytes], aside: Vec<PutAside>) {
        let taken: BTreeSet<Hash32> = taken.iter().map(|hash| hash.hash()).collect();
        for own in self.own.iter_mut().filter(|own| taken.contains(&own.hash)) {
            own.fate = Fate::Taken;
            // What the roster's people need of it they have.
            own.opening = None;
        }
        for PutAside { entry, reason, detail } in aside {
            if let Some(own) = self.own.iter_mut().find(|own| own.hash == entry.hash() && own.fate != Fate::Taken) {
                own.fate = Fate::Aside { reason, detail };
            }
        }
    }

    fn fold(&mut self, hash: Hash32, entry: &SignedEntry, opening: Option<&Opening>) -> Result<(), Failure> {
        self.roster.apply(hash, entry);
        if let Body::Declared(declared) = &entry.body.body {
            self.people = People::new(Day::of(declared.began));
        }
        match (&entry.body.body, opening) {
            (Body::Person(_), Some(opening)) => self.people.open(hash, Arc::new(opening.read().map_err(|e| unreadable(&e))?)),
            (Body::Report(report), Some(opening)) => {
                let opened = match &report.report {
                    Report::Handover { handle: _, fields: _ } => opening.read().map(ReportOpened::Handover),
                    Report::Health { day: _, handle: _, fields: _ } => opening.read().map(ReportOpened::Health),
                    // What people answered is sealed to the appliance once more.
                    Report::Headcount { .. } | Report::Supply { .. } | Report::Assessment { .. } | Report::Questionnaire { .. } => return Ok(()),
                };
                self.reports.insert(hash, opened.map_err(|e| unreadable(&e))?);
            }
            _ => {}
        }
        Ok(())
    }
}
