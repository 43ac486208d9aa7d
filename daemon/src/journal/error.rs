//! What can go wrong with a journal on disk. All of it is our fault or the disk's, never a client's.

use std::io;
use std::path::{Path, PathBuf};

use tachiai_crypto::journal::MAX_ENTRY_LEN;

/// Why a journal cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A name that cannot be a journal's.
    #[error("a journal is named by 1 to 64 small letters, digits and hyphens")]
    Id,
    /// The system refused an operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A segment is not what was once written.
    #[error(
        "{} is damaged at byte {offset}: {what}; nothing was changed: \
         put back this file from a backup, or move the journal's folder aside and restore all of it", path.display()
    )]
    Corrupt {
        /// The segment.
        path: PathBuf,
        /// The first byte that is not understood.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// A segment is missing, or the folder holds a file that is no segment of this journal.
    #[error(
        "{} does not continue the journal: entry {expected} should come next; nothing was changed: \
         put back the missing segment from a backup, or move the stray one aside", path.display()
    )]
    Gap {
        /// The segment that does not fit.
        path: PathBuf,
        /// The sequence number that should come next.
        expected: u64,
    },
    /// An earlier append failed; the journal is to be opened again.
    #[error("an earlier write failed, so the journal is read-only until it is opened again")]
    ReadOnly,
    /// An entry that cannot be written.
    #[error("an entry of {0} bytes is longer than {MAX_ENTRY_LEN}")]
    EntryTooLong(usize),
    /// A batch that cannot be written at once.
    #[error("a batch of {0} bytes is too large")]
    BatchTooLarge(usize),
    /// An entry that is not there (yet).
    #[error("the journal has no entry {seq}: it has {len}")]
    NoSuchEntry {
        /// The sequence number asked for.
        seq: u64,
        /// The number of entries.
        len: u64,
    },
}

impl JournalError {
    /// For `map_err`: adds to a system error what was tried on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
