//! All that a terminal knows, folded from its journal: the roster as far as it heard of it, its own entries with what became of them, the register, the clock.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Checkpoint, Frontier, Origin, SignedCheckpoint};
use tachiai_jpki::TextAnchors;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::hand_in::{Aside, Copied};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::pen::Position;
use tachiai_schemas::roster::report::ReportOpened;
use tachiai_schemas::roster::{ChainId, Declared, Hlc, ShelterId, SignedEntry, TerminalState, TerminalStatus};
use tachiai_schemas::shelter::TerminalRequest;
use tachiai_schemas::shelter::index::Residents;
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::system::in_words;
use tachiai_schemas::{HashBytes, Lang};
use tachiai_verify::roster::Roster;
use tachiai_verify::roster::people::People;

use self::known::Known;
use self::pack::Register;
use super::clock::{Clocks, Heard, Stamp};
use super::key::{Lock, TerminalKey};
use super::place::{self, Place};
use super::record::{About, Looked, Record};
use super::refused;
use super::store::{Store, Torn};
use crate::draft::Draft;
use crate::failure::{Exit, Failure};

mod known;
mod pack;

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

/// What stood here when the appliance was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The clocks.
    pub(super) stamp: Stamp,
    /// How often the appliance's journal had been found to be another.
    rewinds: u64,
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
    /// Where it stands, as it was set up.
    pub(super) place: Option<Place>,
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
            let [ja, en] = in_words(&e);
            Failure::new(
                Exit::Usage,
                format!("{} を読めません: {ja}。この端末を tachiai reception init で設定するか、--dir でフォルダを指定してください。", path.display()),
                format!("cannot read {}: {en}. Set this terminal up with `tachiai reception init`, or name its folder with --dir.", path.display()),
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
            place: place::read(folder),
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

    /// What stands here when the appliance is asked something: its answer is held against that.
    pub(super) fn asking(&self) -> Asked {
        Asked { stamp: self.stamp(), rewinds: self.known.rewinds }
    }

    /// Whether its journal was found to be another since this was asked, by a stick: what it answered is of the journal before.
    pub(super) const fn is_overtaken(&self, asked: &Asked) -> bool {
        self.known.rewinds != asked.rewinds
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

    /// What headquarters admit it by.
    #[must_use]
    pub fn request(&self) -> TerminalRequest {
        let About { format: _, event, terminal, shelter } = &self.about;
        TerminalRequest { terminal: terminal.clone(), key: self.key.public(), recipient: self.key.recipient(), shelter: shelter.clone(), event: *event }
    }

    /// The shelter in which it stands.
    #[must_use]
    pub fn shelter(&self) -> &ShelterId {
        self.admitted().map_or(&self.about.shelter, |state| &state.shelter)
    }

    /// What a shelter is called; its ID where the event does not know it.
    #[must_use]
    pub fn shelter_name(&self, lang: Lang, shelter: &ShelterId) -> String {
        self.known_shelter_name(lang, shelter).unwrap_or_else(|| shelter.to_string())
    }

    /// What a shelter is called, as far as that was heard or chosen when the terminal was set up.
    #[must_use]
    pub fn known_shelter_name(&self, lang: Lang, shelter: &ShelterId) -> Option<String> {
        let set_up = self.place.as_ref().filter(|_| *shelter == self.about.shelter).map(|place| &place.shelter);
        let known = self.known.roster.shelter(shelter).map(|state| &state.name).or(set_up)?;
        Some(crate::card::printable(lang.pick(&known.ja, &known.en))).filter(|name| !name.trim().is_empty())
    }

    /// What the event is called, as far as it is known.
    #[must_use]
    pub fn title(&self) -> Option<&Text> {
        self.known.roster.declared().map(|declared| &declared.title).or(self.place.as_ref().map(|place| &place.event))
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
}
