//! What stands in a terminal's own journal.

use serde::{Deserialize, Serialize};
use tachiai_schemas::roster::hand_in::{Aside, Copied};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::{ChainId, EventId, ShelterId, TerminalId};
use tachiai_schemas::{Blob, HashBytes};
use zeroize::Zeroizing;

use super::clock::{Measured, Stamp};
use crate::failure::Failure;

/// Which terminal a folder is of: `terminal.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The format of the folder.
    pub format: u32,
    /// The event.
    pub event: EventId,
    /// The terminal's name.
    pub terminal: TerminalId,
    /// Where it stands, as it was set up.
    pub shelter: ShelterId,
}

/// A record of the journal.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// The terminal wrote an entry.
    Wrote(Wrote),
    /// It learned leaves of the event's journal.
    Learned(Learned),
    /// It heard the appliance's clock.
    Measured(Measured),
    /// It heard what became of entries that it handed in.
    Answered(Answered),
    /// It wrote entries anew, because a wrong clock had dated them.
    Redated(Redated),
    /// It wrote entries to a stick.
    Exported(Exported),
    /// It heard that entries of a stick were not taken because of their times.
    Freed(Freed),
    /// It heard that the appliance's journal is another than the one that it knows.
    Rewound(Rewound),
    /// Somebody looked people up.
    Looked(Looked),
    /// It got a pack.
    Packed(Packed),
}

/// An entry of this terminal.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrote {
    /// Its bytes.
    pub entry: Blob,
    /// Its opening.
    pub opening: Option<Opening>,
    /// When, as the clocks showed it.
    pub stamp: Stamp,
}

/// Leaves of the event's journal, in its order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learned {
    /// The first leaf.
    pub from: u64,
    /// The leaves.
    pub leaves: Vec<Leaf>,
}

/// A leaf.
#[derive(Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Leaf {
    /// An entry that stands here already as the terminal's own.
    Own {
        /// Its leaf hash.
        hash: HashBytes,
    },
    /// Any other.
    Other {
        /// Its bytes.
        entry: Blob,
        /// Its opening, if this terminal may have it.
        opening: Option<Opening>,
        /// The entry for which the appliance wrote it, if that was set aside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_place_of: Option<HashBytes>,
    },
}

/// What became of entries that were handed in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Those that are in the event's journal.
    pub taken: Vec<HashBytes>,
    /// Those that were set aside.
    pub aside: Vec<PutAside>,
    /// Whether two write under this terminal's name.
    pub copied: Copied,
}

/// An entry that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutAside {
    /// Its leaf hash.
    pub entry: HashBytes,
    /// Why.
    pub reason: Aside,
    /// In words.
    pub detail: String,
}

/// Entries that were written anew. The old ones stay where they stand in this journal, and hold no longer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redated {
    /// The old ones.
    pub old: Vec<HashBytes>,
    /// The new ones.
    pub new: Vec<Wrote>,
}

/// Entries that lie on a stick as they are: as long as it is not known that the appliance did not take them, they are not written anew.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    /// Their leaf hashes.
    pub entries: Vec<HashBytes>,
}

/// Entries of a stick that the appliance did not take, because they lie in its future.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freed {
    /// Their leaf hashes.
    pub entries: Vec<HashBytes>,
}

/// The appliance signed another journal than the one that was learned: it was restored from a backup. What was learned beyond what both have in common, and what was
/// heard of entries that were handed in, holds no longer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewound {
    /// How many leaves both have in common.
    pub kept: u64,
    /// The size of the signed journal.
    pub size: u64,
    /// Its root.
    pub root: HashBytes,
    /// What the appliance's clock showed, in milliseconds since 1970.
    pub now: u64,
}

/// A pack that came from the appliance: what lies in the folder in its place is none.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packed {
    /// SHA-256 of the file, as it is sealed.
    pub pack: HashBytes,
}

/// How people were looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// By the beginning of a name, among residents and those in the roster.
    Search,
    /// All of a shelter.
    List,
    /// One person.
    Show,
    /// Those with a conflict.
    Conflicts,
}

/// That people were looked up. The words of a search are not kept: they name people who may not be here.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    /// How.
    pub how: How,
    /// Who was shown of the roster.
    pub handles: Vec<ChainId>,
    /// How many residents were shown who are in no shelter.
    pub residents: u32,
    /// When.
    pub stamp: Stamp,
}

impl Record {
    /// The bytes for the journal.
    ///
    /// # Errors
    /// [`Failure`], never for these types.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`Failure`] (2): it was written by another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(bytes).map_err(|e| {
            Failure::incomplete(
                format!("端末の記録を読めません（{:?}）。書いたときと同じ版か新しい版のプログラムを使ってください。", e.classify()),
                format!("a record of the terminal's journal cannot be read ({:?}). Use the program that wrote it, or a newer one.", e.classify()),
            )
        })
    }
}
