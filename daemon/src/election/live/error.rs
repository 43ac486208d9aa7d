//! Why an election cannot be opened.

use std::path::PathBuf;

use tachiai_schemas::ElectionId;

use crate::blobs::BlobError;
use crate::election::private::PrivateError;
use crate::journal::{JournalError, JournalId};
use crate::store::StoreError;
use crate::vault::VaultError;

/// Why an election cannot be opened at the start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The private journal holds what is no entry.
    #[error("entry {seq} of {journal}: {source}")]
    Private {
        /// The journal.
        journal: JournalId,
        /// Which entry.
        seq: u64,
        /// What is wrong.
        source: PrivateError,
    },
    /// The board holds what the rules forbid; the log says what.
    #[error("entry {seq} of the board {election} cannot be replayed: see the log")]
    Board {
        /// The election.
        election: ElectionId,
        /// Which entry.
        seq: u64,
    },
    /// The journal of a board has lost entries that were acknowledged: going on would sign two boards of one size.
    #[error(
        "{witness} has {seen} entries of the journal {journal}, which holds only {entries}: entries that were acknowledged are lost; \
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
        /// Who has seen more.
        witness: Witness,
        /// How many.
        seen: u64,
    },
    /// The mirror has published another board than the journal holds.
    #[error(
        "the mirror in {} has a checkpoint of {size} entries, signed by this board's key, and the journal {journal} has other entries: \
         nothing is served before the journal is restored from a backup",
        mirror.display()
    )]
    Forked {
        /// The journal.
        journal: JournalId,
        /// The mirror's folder.
        mirror: PathBuf,
        /// The size of the checkpoint.
        size: u64,
    },
    /// A file that an entry names.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The vault has no board key, or another than the manifest's.
    #[error("the vault does not have the board key of {0}: put back the vault from a backup")]
    BoardKey(ElectionId),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sealed slot book.
    #[error("the slot book of {election}: {what}")]
    Slots {
        /// The election.
        election: ElectionId,
        /// What is wrong.
        what: String,
    },
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// Who knows how far a board had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// The store's high-water mark, which moves only over durable entries.
    Views,
    /// The signed checkpoint in the mirror, which is published only over durable entries.
    Mirror,
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Views => "the store of views",
            Self::Mirror => "the mirror",
        })
    }
}
