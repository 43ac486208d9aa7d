//! What the private journal of an event keeps: the sealed openings of its entries, who wrote what at the headquarters, who looked whom up, and what was set
//! aside of hand-ins.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::hand_in::SetAside;
use tachiai_schemas::roster::{ChainId, TerminalId};
use tachiai_schemas::shelter::Way;
use tachiai_schemas::shelter::case::EraseGround;
use tachiai_schemas::{Blob, HashBytes, Timestamp};

use super::erase::Erasing;
use super::private::Fold;

/// How people were looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookedBy {
    /// By the beginning of a name.
    Search,
    /// By the handle, with all entries.
    Handle,
    /// By reading the list of conflicts.
    Conflicts,
    /// By reading the list of possible duplicates.
    Duplicates,
    /// By reading who of the action-support list has not arrived.
    Missing,
    /// By opening what was set aside of a hand-in.
    Aside,
    /// By reading the list of people by urgency.
    Urgency,
    /// By reading who is present in a shelter.
    Present,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kept {
    /// The opening of an entry of the roster, sealed under the key of its handle.
    Opening {
        /// The leaf hash of the entry.
        entry: HashBytes,
        /// The handle.
        handle: ChainId,
        /// The sealed opening.
        sealed: Blob,
    },
    /// Officials had the appliance write an entry of the roster; it follows.
    Written {
        /// Who: two where two decided.
        by: Vec<String>,
        /// The leaf hash of the entry.
        entry: HashBytes,
    },
    /// Somebody looked people up.
    LookedUp {
        /// Who.
        by: String,
        /// How.
        how: LookedBy,
        /// Everybody who was shown; residents who are in no shelter by the handle that they would have.
        handles: Vec<ChainId>,
    },
    /// A person took the own entry along, after a card login.
    OwnTaken {
        /// The handles.
        handles: Vec<ChainId>,
    },
    /// A relative asked after somebody (安否照会).
    Inquired {
        /// Who entered it.
        by: String,
        /// Of whom the answer told something, by handle; of nobody where it told nothing.
        told: Option<ChainId>,
        /// Who asked, sealed under the event's key.
        asker: Blob,
    },
    /// Entries of a hand-in were set aside; the hand-in lies whole in a file. Many take more than one of these.
    SetAside {
        /// Who handed it in.
        by: String,
        /// How it came.
        way: Way,
        /// The terminal that signed it.
        terminal: TerminalId,
        /// SHA-256 of the file.
        file: HashBytes,
        /// Which, and why.
        aside: Vec<SetAside>,
    },
    /// A terminal's pack was taken: residents went to it, sealed.
    PackTaken {
        /// Who.
        by: String,
        /// The terminal.
        terminal: TerminalId,
        /// How many residents.
        residents: u64,
    },
    /// A statement was signed; the entry that registers it follows.
    Stated {
        /// Who had it made.
        by: String,
        /// The hash that its signature covers.
        statement: HashBytes,
        /// SHA-256 of the file that it lies in.
        file: HashBytes,
    },
    /// Two officials are asked to decide: whether two handles are of one person, whether somebody is to be erased, about what was set aside, or about the close of the
    /// event with something still out.
    CaseAsked {
        /// Who asks.
        by: String,
        /// The commitment that they decide on.
        commitment: HashBytes,
        /// The handles that it is about: the case is sealed under the keys of all of them, and goes with each. Of none, under the event's key.
        about: Vec<ChainId>,
        /// The sealed case.
        sealed: Blob,
    },
    /// Two officials decided that somebody is erased: nothing that stands before this is opened for these handles any more. Their keys are destroyed next.
    Erasing {
        /// Who.
        by: Vec<String>,
        /// The commitment of the case.
        case: HashBytes,
        /// On what ground.
        ground: EraseGround,
        /// The handles of the person.
        handles: Vec<ChainId>,
        /// The hand-ins that go with them: their openings lie in these under the event's key.
        files: Vec<HashBytes>,
    },
    /// The keys are destroyed.
    Erased {
        /// The commitment of the case.
        case: HashBytes,
    },
    /// Two officials decided on an entry that was set aside. Where it is taken over, the appliance's entry follows.
    AsideSettled {
        /// Who.
        by: Vec<String>,
        /// The commitment of the case, which holds the reason.
        case: HashBytes,
        /// SHA-256 of the file of the hand-in.
        file: HashBytes,
        /// The place in the hand-in.
        index: u32,
        /// The terminal that wrote it, or where that cannot be told, signed the hand-in.
        terminal: TerminalId,
        /// Its number among those of the terminal that wrote it.
        number: Option<u64>,
        /// The leaf hash of the entry.
        source: HashBytes,
        /// What was decided.
        outcome: AsideOutcome,
    },
}

impl Kept {
    /// The leaf hash of the entry that was set aside and is written again, if this says so.
    pub(super) fn taken_over(&self) -> Option<Hash32> {
        match self {
            Self::AsideSettled { source, outcome: AsideOutcome::TakenOver { entry: _ }, .. } => Some(source.hash()),
            _ => None,
        }
    }
}

/// What was decided about an entry that was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AsideOutcome {
    /// The appliance writes it again.
    TakenOver {
        /// The leaf hash of the appliance's entry.
        entry: HashBytes,
    },
    /// It stays aside.
    Dropped {},
}

/// The fold of a private journal of an event: where what is sealed stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptState {
    /// The openings by the leaf hashes of their entries.
    pub openings: BTreeMap<Hash32, u64>,
    /// The hand-ins with something set aside, by their files.
    pub aside: BTreeMap<Hash32, Vec<u64>>,
    /// The files of statements, by what their signatures cover.
    pub statements: BTreeMap<Hash32, Hash32>,
    /// The cases, by their commitments.
    pub cases: BTreeMap<Hash32, u64>,
    /// Before which place, and since when, nothing of a handle opens.
    pub erased: BTreeMap<ChainId, (u64, Timestamp)>,
    /// The erasures that have begun and of which it is not noted that they are done, by their cases.
    pub erasing: BTreeMap<Hash32, Erasing>,
    /// Those that are done, with the handles.
    pub erased_cases: BTreeMap<Hash32, Vec<ChainId>>,
    /// The hand-ins that went with somebody.
    pub erased_files: BTreeSet<Hash32>,
    /// The leaf hashes of entries that were dropped, in whatever hand-in they lie.
    pub dropped: BTreeSet<Hash32>,
    /// The appliance's entries that took entries over, by the leaf hashes of these.
    pub taken_over: BTreeMap<Hash32, Hash32>,
    /// The numbers of the terminals' entries on which was decided.
    pub numbers: BTreeMap<TerminalId, BTreeSet<u64>>,
}

impl Fold for KeptState {
    type Body = Kept;

    fn apply(&mut self, seq: u64, at: Timestamp, body: &Kept) {
        match body {
            Kept::Opening { entry, handle, sealed: _ } => {
                // Of two for one entry, as after a hand-in that was interrupted and repeated, both open; the first stays.
                self.openings.entry(entry.hash()).or_insert(seq);
                for erasing in self.erasing.values_mut().filter(|erasing| erasing.handles.contains(handle)) {
                    erasing.has_new_openings = true;
                }
            }
            Kept::Erasing { by: _, case, ground: _, handles, files } => self.begin_erasing(seq, at, case.hash(), handles, files),
            Kept::Erased { case } => self.end_erasing(case.hash()),
            Kept::SetAside { by: _, way: _, terminal: _, file, aside: _ } => {
                self.aside.entry(file.hash()).or_default().push(seq);
            }
            Kept::Stated { by: _, statement, file } => {
                self.statements.insert(statement.hash(), file.hash());
            }
            Kept::CaseAsked { by: _, commitment, about: _, sealed: _ } => {
                self.cases.insert(commitment.hash(), seq);
            }
            Kept::AsideSettled { by: _, case: _, file: _, index: _, terminal, number, source, outcome } => {
                match outcome {
                    // One that was interrupted before the appliance's entry stood is decided again, and the later note names the entry that stands.
                    AsideOutcome::TakenOver { entry } => {
                        self.taken_over.insert(source.hash(), entry.hash());
                    }
                    AsideOutcome::Dropped {} => {
                        self.dropped.insert(source.hash());
                    }
                }
                self.numbers.entry(terminal.clone()).or_default().extend(*number);
            }
            // Nothing is decided by who wrote or read.
            Kept::Written { by: _, entry: _ }
            | Kept::LookedUp { by: _, how: _, handles: _ }
            | Kept::OwnTaken { handles: _ }
            | Kept::Inquired { by: _, told: _, asker: _ }
            | Kept::PackTaken { by: _, terminal: _, residents: _ } => {}
        }
    }
}
