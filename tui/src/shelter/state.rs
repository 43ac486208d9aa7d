//! All that a terminal knows, folded from its journal: the roster as far as it heard of it, its own entries with what became of them, the register, the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::SecretString;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Checkpoint, Frontier, Origin, SignedCheckpoint};
use tachiai_jpki::{TextAnchor, TextAnchors};
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::hand_in::{Aside, Copied};
use tachiai_schemas::roster::opening::{self, Opening};
use tachiai_schemas::roster::pen::Position;
use tachiai_schemas::roster::report::ReportOpened;
use tachiai_schemas::roster::{self, APPLIANCE, Body, ChainId, Declared, Hlc, Report, ShelterId, SignedEntry, TerminalState, TerminalStatus};
use tachiai_schemas::shelter::index::Residents;
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::shelter::{self, Pack, handle};
use tachiai_schemas::{Blob, HashBytes, Lang};
use tachiai_verify::roster::Roster;
use tachiai_verify::roster::people::People;
use zeroize::Zeroizing;

use super::clock::{Clocks, Heard, Stamp};
use super::key::{Lock, TerminalKey};
use super::record::{About, Answered, Exported, Freed, Leaf, Learned, Looked, Packed, PutAside, Record, Redated, Rewound, Wrote};
use super::refused;
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

/// Where an entry lies beside this folder, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// Nowhere from which it could be taken.
    None,
    /// On a stick, which may arrive at any time.
    Stick,
}

/// Whether a pack has the keys for cards' texts that the appliance trusts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchors {
    /// It has, as far as that was heard.
    #[default]
    Same,
    /// They are others by now.
    Changed,
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
    /// Where else it lies.
    pub copies: Copies,
}

/// An entry of another terminal that the appliance lost: this terminal learned it before, and brings it back.
#[derive(Clone)]
pub struct Carried {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its opening.
    pub opening: Option<Opening>,
}

/// The register with the key of handles.
struct Register {
    made: Hlc,
    handle_key: Zeroizing<[u8; 32]>,
    residents: Residents,
    /// The handles of residents under protection.
    protected: BTreeSet<ChainId>,
    questionnaires: Vec<Definition>,
    text_anchors: TextAnchors,
    /// The hash of these.
    anchors: HashBytes,
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
    /// Codes of citizen IDs that lead to nobody any more, by their hashes.
    pub(super) refused: BTreeSet<HashBytes>,
}

/// What the records say together.
pub(super) struct Known {
    pub(super) roster: Roster,
    pub(super) people: People,
    pub(super) own: Vec<Own>,
    superseded: BTreeSet<Hash32>,
    /// The leaves of the event's journal.
    leaves: Vec<Hash32>,
    carried: BTreeMap<Hash32, Carried>,
    /// What the appliance's clock showed when its journal was found to be another.
    rewound: Option<u64>,
    heard: Heard,
    copied: Copied,
    reports: BTreeMap<Hash32, ReportOpened>,
    /// The pack that came last, and the one before it.
    packs: [Option<Hash32>; 2],
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
    pub fn open(folder: &Path, mut passphrase: impl FnMut() -> Result<SecretString, Failure>, clocks: Clocks) -> Result<Self, Failure> {
        Self::open_in_tries(folder, 1, |_| passphrase(), clocks)
    }

    /// The same; a passphrase that is wrong is asked for again, so many times in all, and `passphrase` told what was wrong.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open_in_tries(
        folder: &Path,
        tries: u32,
        passphrase: impl FnMut(Option<&Failure>) -> Result<SecretString, Failure>,
        clocks: Clocks,
    ) -> Result<Self, Failure> {
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
        let key = TerminalKey::open(&folder.join("key"), tries, passphrase)?;
        Self::open_with(folder, about, key, clocks)
    }

    fn open_with(folder: &Path, about: About, key: TerminalKey, clocks: Clocks) -> Result<Self, Failure> {
        let opened = Store::open(folder, key.journal())?;
        let known = Known::of(&about, &opened.records)?;
        let mut reception = Self {
            about,
            key,
            torn: opened.torn,
            folder: folder.to_owned(),
            store: opened.store,
            clocks,
            known,
            register: None,
            refused: refused::read(folder),
        };
        reception.register = reception.read_pack()?;
        Ok(reception)
    }

    /// Adds records, durable once it returns, and folds them in.
    pub(super) fn record(&mut self, records: Vec<Record>) -> Result<(), Failure> {
        let bytes = records.iter().map(Record::to_bytes).collect::<Result<Vec<_>, _>>()?;
        self.store.append(&bytes)?;
        if records.iter().any(|record| self.known.takes_back(record)) {
            return self.refold();
        }
        records.into_iter().try_for_each(|record| self.known.take(&self.about, record))
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
    pub fn looked(&mut self, how: super::record::How, handles: Vec<ChainId>, residents: usize) -> Result<(), Failure> {
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
        self.known.heard.time(&self.stamp())
    }

    /// What was heard of the appliance's clock.
    #[must_use]
    pub const fn heard(&self) -> &Heard {
        &self.known.heard
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

    /// Entries of other terminals that the appliance lost, and that can be brought back from here.
    pub fn carried(&self) -> impl Iterator<Item = (&Hash32, &Carried)> {
        self.known.carried.iter()
    }

    /// How many leaves of the event's journal it knows.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.known.leaves.len() as u64
    }

    /// What the appliance's clock showed when its journal was found to be another than the one that was known, in milliseconds since 1970.
    #[must_use]
    pub const fn rewound(&self) -> Option<u64> {
        self.known.rewound
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

    /// The handles of residents whom the register protects.
    pub(super) fn protected_handles(&self) -> &BTreeSet<ChainId> {
        const NONE: &BTreeSet<ChainId> = &BTreeSet::new();
        self.register.as_ref().map_or(NONE, |register| &register.protected)
    }

    /// The questionnaires that are asked at the desk, as the terminal's pack has them.
    #[must_use]
    pub fn questionnaires(&self) -> &[Definition] {
        self.register.as_ref().map_or(&[], |register| &register.questionnaires)
    }

    /// The keys for cards' texts that the appliance trusted when the pack was made.
    pub(super) fn text_anchors(&self) -> Option<&TextAnchors> {
        self.register.as_ref().map(|register| &register.text_anchors).filter(|anchors| !anchors.anchors().is_empty())
    }

    /// Whether the appliance trusts other keys for cards' texts by now than this terminal's pack has.
    pub(super) fn heard_anchors(&self, now: Option<HashBytes>) -> Anchors {
        match (now, &self.register) {
            (Some(now), Some(register)) if now != register.anchors => Anchors::Changed,
            _ => Anchors::Same,
        }
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

    /// What a shelter is called; its ID where the event does not know it.
    #[must_use]
    pub fn shelter_name(&self, lang: Lang, shelter: &ShelterId) -> String {
        let name = self.known.roster.shelter(shelter).map(|state| crate::card::printable(lang.pick(&state.name.ja, &state.name.en)));
        name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| shelter.to_string())
    }

    /// Where it stands in its writing.
    #[must_use]
    pub(super) fn position(&self) -> Position {
        let own = self.known.own.last().map(|own| (own.entry.body.number, own.hash));
        match own.max(self.known.foreign) {
            Some((number, hash)) => Position { number: number.saturating_add(1), before: Some(hash) },
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

    /// The root over the first leaves that it knows and some more; nothing if it does not know so many.
    pub(super) fn root_of(&self, first: u64, more: &[Hash32]) -> Option<Hash32> {
        let first = self.known.leaves.get(..usize::try_from(first).ok()?)?;
        let mut frontier = Frontier::new();
        first.iter().chain(more).for_each(|hash| frontier.push(*hash));
        Some(frontier.root())
    }

    /// Whether an entry stands in the event's journal, as far as that is known.
    pub(super) fn is_leaf(&self, hash: &Hash32) -> bool {
        self.known.leaves.contains(hash)
    }

    /// How many leaves from `from` on are the same here as in another journal.
    pub(super) fn common(&self, from: u64, other: &[Hash32]) -> u64 {
        let here = usize::try_from(from).ok().and_then(|from| self.known.leaves.get(from..)).unwrap_or_default();
        here.iter().zip(other).take_while(|(one, two)| one == two).count() as u64
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
        // Anybody can seal something to this terminal. The one before may lie here still, if the power failed while the last was written.
        if !self.known.packs.contains(&Some(Hash32::sha256(&sealed))) {
            return Err(Failure::refused(
                format!(
                    "{} は、この端末が災害対策本部から受け取った住民データではありません。すり替えられたおそれがあるため、使いません。災害対策本部に知らせ、このファイルを別の場所に移してから tachiai reception sync --pack で取り直してください。",
                    path.display()
                ),
                format!(
                    "{} is not what this terminal got from the appliance, and may have been put there by somebody, so it is not used. Tell headquarters, move the file elsewhere, and fetch it anew with `tachiai reception sync --pack`.",
                    path.display()
                ),
            ));
        }
        self.open_pack(&Blob(sealed)).map(Some)
    }

    fn open_pack(&self, sealed: &Blob) -> Result<Register, Failure> {
        let plain = self.key.unseal(sealed)?;
        let Pack { event, made, handle_key, residents, questionnaires, text_anchors } =
            serde_json::from_slice(&plain).map_err(|e| unreadable(&format!("{:?}", e.classify())))?;
        if event != self.about.event {
            return Err(Failure::refused("この住民データは別の災害・行事のものです。", "this pack is of another event."));
        }
        let handle_key = Zeroizing::new(handle_key.0);
        let under_protection = residents.iter().filter(|resident| resident.protection == Protection::Protected);
        let protected = under_protection.map(|resident| ChainId::derive(&handle_key, &event, handle::RESIDENT, resident.number.as_bytes())).collect();
        let anchors = shelter::anchors(&text_anchors);
        let text_anchors = text_anchors.iter().map(|Blob(bytes)| TextAnchor::from_bytes(bytes)).collect::<Result<_, _>>();
        let text_anchors = TextAnchors::new(text_anchors.map_err(|error| unreadable(&error))?);
        Ok(Register { made, handle_key, residents: Residents::new(residents), protected, questionnaires, text_anchors, anchors })
    }

    /// Keeps a pack in the place of the one before; it lies as the appliance sealed it, and the terminal's journal says which it is.
    ///
    /// # Errors
    /// [`Failure`]: it is not for this terminal or event; the one before stays.
    pub fn keep_pack(&mut self, sealed: Vec<u8>) -> Result<(), Failure> {
        let sealed = Blob(sealed);
        let register = self.open_pack(&sealed)?;
        if self.pack_made().is_some_and(|made| made > register.made) {
            return Ok(());
        }
        self.record(vec![Record::Packed(Packed { pack: Hash32::sha256(&sealed.0).into() })])?;
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
            leaves: Vec::new(),
            carried: BTreeMap::new(),
            rewound: None,
            heard: Heard::default(),
            copied: Copied::No,
            reports: BTreeMap::new(),
            packs: [None; 2],
            foreign: None,
        }
    }

    fn of(about: &About, records: &[Zeroizing<Vec<u8>>]) -> Result<Self, Failure> {
        let records = records.iter().map(|bytes| Record::from_bytes(bytes)).collect::<Result<Vec<_>, _>>()?;
        let mut known = Self::new();
        // What a later record took back is never folded in.
        known.superseded = superseded(&records);
        let (gone, since) = taken_back(&records);
        for (place, record) in records.into_iter().enumerate() {
            match record {
                Record::Learned(Learned { from: _, leaves }) => {
                    for (leaf, number) in leaves.into_iter().zip(0..) {
                        if gone.contains(&(place, number)) { known.lost(about, leaf)? } else { known.learned(about, leaf)? }
                    }
                }
                Record::Answered(Answered { taken: _, aside: _, copied }) if place < since => known.heard_of_copy(copied),
                record => known.take(about, record)?,
            }
        }
        Ok(known)
    }

    fn take(&mut self, about: &About, record: Record) -> Result<(), Failure> {
        match record {
            Record::Wrote(wrote) => self.wrote(wrote)?,
            Record::Learned(Learned { from: _, leaves }) => leaves.into_iter().try_for_each(|leaf| self.learned(about, leaf))?,
            Record::Measured(measured) => self.heard.take(measured),
            Record::Answered(Answered { taken, aside, copied }) => {
                self.answered(&taken, aside);
                self.heard_of_copy(copied);
            }
            // Which of the old ones hold was reckoned over all records.
            Record::Redated(Redated { old: _, new }) => {
                new.into_iter().try_for_each(|wrote| self.wrote(wrote))?;
                self.own.sort_by_key(|own| own.entry.body.number);
            }
            Record::Exported(Exported { entries }) => self.lies(&entries, Copies::Stick),
            Record::Freed(Freed { entries }) => self.lies(&entries, Copies::None),
            // Which leaves it takes back was reckoned over all records.
            Record::Rewound(Rewound { kept: _, size: _, root: _, now }) => self.rewound = Some(now),
            // It is for whoever asks later who looked.
            Record::Looked(_) => {}
            Record::Packed(Packed { pack }) => self.packs = [Some(pack.hash()), self.packs[0]],
        }
        Ok(())
    }

    /// Whether a record says of earlier ones that they do not hold.
    fn takes_back(&self, record: &Record) -> bool {
        match record {
            Record::Redated(_) | Record::Rewound(_) => true,
            Record::Learned(Learned { from: _, leaves }) if !self.superseded.is_empty() => {
                leaves.iter().any(|leaf| if let Leaf::Other { entry, .. } = leaf { self.superseded.contains(&roster::leaf_hash(&entry.0)) } else { false })
            }
            Record::Learned(_)
            | Record::Wrote(_)
            | Record::Measured(_)
            | Record::Answered(_)
            | Record::Exported(_)
            | Record::Freed(_)
            | Record::Looked(_)
            | Record::Packed(_) => false,
        }
    }

    fn heard_of_copy(&mut self, copied: Copied) {
        if copied == Copied::Twice {
            self.copied = copied;
        }
    }

    fn lies(&mut self, entries: &[HashBytes], copies: Copies) {
        let entries: BTreeSet<Hash32> = entries.iter().map(|hash| hash.hash()).collect();
        self.own.iter_mut().filter(|own| entries.contains(&own.hash)).for_each(|own| own.copies = copies);
    }

    fn wrote(&mut self, Wrote { entry: Blob(bytes), opening, stamp }: Wrote) -> Result<(), Failure> {
        let hash = roster::leaf_hash(&bytes);
        if self.superseded.contains(&hash) {
            return Ok(());
        }
        let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
        self.fold(hash, &entry, opening.as_ref());
        self.own.push(Own { hash, bytes, entry, opening, stamp, fate: Fate::Waiting, copies: Copies::None });
        Ok(())
    }

    fn learned(&mut self, about: &About, leaf: Leaf) -> Result<(), Failure> {
        match leaf {
            Leaf::Own { hash } => {
                self.leaves.push(hash.hash());
                self.answered(&[hash], Vec::new());
            }
            Leaf::Other { entry: Blob(bytes), opening, in_place_of } => {
                let hash = roster::leaf_hash(&bytes);
                let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
                self.leaves.push(hash);
                self.carried.remove(&hash);
                self.fold(hash, &entry, opening.as_ref());
                if let Some(absent) = in_place_of {
                    self.roster.stand_in(absent.hash(), hash);
                    self.answered(&[absent], Vec::new());
                }
                if self.own.iter().any(|own| own.hash == hash) {
                    // It was dated anew, and a stick brought it all the same.
                    self.answered(&[hash.into()], Vec::new());
                } else if entry.body.terminal == about.terminal {
                    // Under this name, and not from this journal: an older state of the folder was restored, or its key is in two places.
                    self.copied = Copied::Twice;
                    self.foreign = self.foreign.max(Some((entry.body.number, hash)));
                }
            }
        }
        Ok(())
    }

    /// A leaf that the appliance has no longer. What it wrote itself it must write again; what a terminal wrote can be brought back by whoever has it with its opening.
    fn lost(&mut self, about: &About, leaf: Leaf) -> Result<(), Failure> {
        // An own one waits again where it stands.
        let Leaf::Other { entry: Blob(bytes), opening, in_place_of: _ } = leaf else { return Ok(()) };
        let hash = roster::leaf_hash(&bytes);
        let entry = roster::from_bytes(&bytes).map_err(|e| unreadable(&e))?;
        if entry.body.terminal.as_str() == APPLIANCE {
            return Ok(());
        }
        self.fold(hash, &entry, opening.as_ref());
        if entry.body.terminal == about.terminal {
            self.foreign = self.foreign.max(Some((entry.body.number, hash)));
        }
        if opening.is_some() || opening::place(&entry.body).is_none() {
            self.carried.insert(hash, Carried { bytes, opening });
        }
        Ok(())
    }

    fn answered(&mut self, taken: &[HashBytes], aside: Vec<PutAside>) {
        let taken: BTreeSet<Hash32> = taken.iter().map(|hash| hash.hash()).collect();
        self.own.iter_mut().filter(|own| taken.contains(&own.hash)).for_each(|own| own.fate = Fate::Taken);
        let told = taken.iter().copied().chain(aside.iter().map(|aside| aside.entry.hash()));
        told.for_each(|hash| drop(self.carried.remove(&hash)));
        for PutAside { entry, reason, detail } in aside {
            if let Some(own) = self.own.iter_mut().find(|own| own.hash == entry.hash() && own.fate != Fate::Taken) {
                own.fate = Fate::Aside { reason, detail };
            }
        }
    }

    /// Adds an entry. What its opening says in a form that this program does not know stays unread: the record is durable by then, and the terminal must open.
    fn fold(&mut self, hash: Hash32, entry: &SignedEntry, opening: Option<&Opening>) {
        self.roster.apply(hash, entry);
        if let Body::Declared(declared) = &entry.body.body {
            self.people = People::new(Day::of(declared.began));
        }
        match (&entry.body.body, opening) {
            (Body::Person(_), Some(opening)) => {
                if let Ok(person) = opening.read() {
                    self.people.open(hash, Arc::new(person));
                }
            }
            (Body::Report(report), Some(opening)) => {
                let opened = match &report.report {
                    Report::Handover { handle: _, fields: _ } => opening.read().ok().map(ReportOpened::Handover),
                    Report::Health { day: _, handle: _, fields: _ } => opening.read().ok().map(ReportOpened::Health),
                    // What people answered is sealed to the appliance once more.
                    Report::Headcount { .. } | Report::Supply { .. } | Report::Assessment { .. } | Report::Questionnaire { .. } => None,
                };
                self.reports.extend(opened.map(|opened| (hash, opened)));
            }
            _ => {}
        }
    }
}

/// The versions of own entries that hold no longer: of those that are of one, the last holds, unless another stands in the event's journal.
fn superseded(records: &[Record]) -> BTreeSet<Hash32> {
    let redated: Vec<&Redated> = records.iter().filter_map(|record| if let Record::Redated(redated) = record { Some(redated) } else { None }).collect();
    if redated.is_empty() {
        return BTreeSet::new();
    }
    let leaves = records.iter().filter_map(|record| if let Record::Learned(learned) = record { Some(&learned.leaves) } else { None }).flatten();
    let learned: BTreeSet<Hash32> = leaves
        .map(|leaf| match leaf {
            Leaf::Own { hash } => hash.hash(),
            Leaf::Other { entry, .. } => roster::leaf_hash(&entry.0),
        })
        .collect();
    let (mut superseded, mut void) = (BTreeSet::new(), BTreeSet::new());
    for Redated { old, new } in redated {
        for (old, new) in old.iter().map(|old| old.hash()).zip(new) {
            if learned.contains(&old) || void.contains(&old) {
                void.insert(roster::leaf_hash(&new.entry.0));
            } else {
                superseded.insert(old);
            }
        }
    }
    superseded.append(&mut void);
    superseded
}

/// Where a leaf stands: in which record, and where in it.
type Place = (usize, usize);

/// The leaves that later records took back, and the last record that did so: what was heard of hand-ins before it holds no longer.
fn taken_back(records: &[Record]) -> (BTreeSet<Place>, usize) {
    let (mut standing, mut gone, mut since): (Vec<Place>, BTreeSet<Place>, usize) = (Vec::new(), BTreeSet::new(), 0);
    for (place, record) in records.iter().enumerate() {
        match record {
            Record::Learned(Learned { from: _, leaves }) => standing.extend((0..leaves.len()).map(|number| (place, number))),
            Record::Rewound(Rewound { kept, size: _, root: _, now: _ }) => {
                gone.extend(standing.split_off(usize::try_from(*kept).unwrap_or(usize::MAX).min(standing.len())));
                since = place;
            }
            Record::Wrote(_)
            | Record::Measured(_)
            | Record::Answered(_)
            | Record::Redated(_)
            | Record::Exported(_)
            | Record::Freed(_)
            | Record::Looked(_)
            | Record::Packed(_) => {}
        }
    }
    (gone, since)
}
