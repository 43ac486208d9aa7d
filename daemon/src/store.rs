//! The store holds views: what screens show, derived from journals and rebuilt from them whenever it is lost.
//!
//! | file | is |
//! |---|---|
//! | [`keys`] | every kind of record and where it stands |
//! | [`sled`] | the store on sled 0.34 (no other file names it) |
//! | [`memory`] | the store in memory, for tests |
//!
//! Every record belongs to one journal. Beside the records of a journal stands its **high-water mark**: how many
//! entries of the journal they contain. [`Store::apply`] moves both in one step, so that after any crash the
//! records are those of exactly that many entries, and the rest is replayed from the journal. The store itself
//! need not be durable: it may lose its newest batches, never a part of one, never an older one.

use std::ops::Range;
use std::path::PathBuf;

use crate::journal::JournalId;

pub mod keys;
pub mod memory;
pub mod sled;

pub use keys::{Key, Kind};
pub use memory::MemoryStore;
pub use sled::{Opening, SledOptions, SledStore};

/// The greatest length of a value, in bytes.
pub const MAX_VALUE_LEN: usize = 65_535;

/// A keeper of views.
///
/// Promises of every implementation:
///
/// - A batch is applied whole or not at all, and every call sees it whole or not at all, also after a crash.
/// - Batches of one journal are applied in order, each exactly once.
/// - What was applied before a `flush` that returned is there after a power cut. Without it a power cut may take
///   the newest batches away: those of one journal strictly from the end.
/// - Keys are ordered by their bytes.
pub trait Store: Send + Sync {
    /// Applies what entries of a journal change, and moves its high-water mark over them.
    ///
    /// # Errors
    /// [`StoreError::OutOfOrder`] unless `batch.entries` starts at the high-water mark; [`StoreError::KeyLength`],
    /// [`StoreError::ValueTooLarge`]; then nothing was changed.
    fn apply(&self, batch: &Batch) -> Result<(), StoreError>;

    /// The value under a key.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Fault`].
    fn get(&self, journal: &JournalId, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

    /// The records that a scan asks for, in its order.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Fault`].
    fn range(&self, journal: &JournalId, scan: &Scan) -> Result<Vec<(Key, Vec<u8>)>, StoreError>;

    /// How many entries of the journal the records contain; 0 for a journal that is not known.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Fault`].
    fn high_water(&self, journal: &JournalId) -> Result<u64, StoreError>;

    /// Forgets all records of a journal and its high-water mark in one step, so that they can be rebuilt.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Fault`].
    fn forget(&self, journal: &JournalId) -> Result<(), StoreError>;

    /// Makes durable what was applied before.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Fault`].
    fn flush(&self) -> Result<(), StoreError>;
}

/// What some entries of a journal change.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The journal.
    pub journal: JournalId,
    /// The sequence numbers of the entries. Empty (but at the high-water mark) for a change without an entry.
    pub entries: Range<u64>,
    changes: Vec<(Key, Option<Vec<u8>>)>,
}

impl Batch {
    /// A batch for these entries that changes nothing yet.
    #[must_use]
    pub fn new(journal: JournalId, entries: Range<u64>) -> Self {
        Self { journal, entries, changes: Vec::new() }
    }

    /// Puts a value under a key, in place of any that is there.
    pub fn put(&mut self, key: Key, value: Vec<u8>) {
        self.changes.push((key, Some(value)));
    }

    /// Removes the value under a key, if there is one.
    pub fn remove(&mut self, key: Key) {
        self.changes.push((key, None));
    }

    /// The changes in order; a later one of the same key wins.
    pub fn changes(&self) -> impl Iterator<Item = (&Key, Option<&[u8]>)> {
        self.changes.iter().map(|(key, value)| (key, value.as_deref()))
    }

    /// Checks all that can be checked without the store, and the high-water mark found there.
    fn check(&self, high_water: u64) -> Result<(), StoreError> {
        let Self { journal: _, entries, changes } = self;
        if entries.start != high_water || entries.end < entries.start {
            return Err(StoreError::OutOfOrder { high_water, start: entries.start, end: entries.end });
        }
        for (key, value) in changes {
            key.check()?;
            let length = value.as_ref().map_or(0, Vec::len);
            if length > MAX_VALUE_LEN {
                return Err(StoreError::ValueTooLarge(length));
            }
        }
        Ok(())
    }
}

/// Which records, and how many.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Only keys that begin with this one.
    pub prefix: Key,
    /// Only keys strictly beyond this one, in the order of the scan: the last one of the page before.
    pub beyond: Option<Key>,
    /// The order.
    pub order: Order,
    /// At most so many records.
    pub limit: usize,
}

impl Scan {
    /// All records whose keys begin with `prefix`, upwards.
    #[must_use]
    pub fn all(prefix: Key) -> Self {
        Self { prefix, beyond: None, order: Order::Ascending, limit: usize::MAX }
    }
}

/// The order of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the least key.
    Ascending,
    /// From the greatest key.
    Descending,
}

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The batch does not continue the journal's records.
    #[error("the records contain {high_water} entries, so entries {start}..{end} cannot be applied now")]
    OutOfOrder {
        /// The high-water mark.
        high_water: u64,
        /// The first entry of the batch.
        start: u64,
        /// The entry after the last of the batch.
        end: u64,
    },
    /// A key that no backend takes.
    #[error("a key of {0} bytes is longer than {max}", max = keys::MAX_KEY_LEN)]
    KeyLength(usize),
    /// A value that no backend takes; what is larger belongs into a file or into the journal.
    #[error("a value of {0} bytes is longer than {MAX_VALUE_LEN}")]
    ValueTooLarge(usize),
    /// The store's files are damaged; restart the service, which then moves them aside and rebuilds.
    #[error("the store in {} is damaged ({what}); restart the service to rebuild it", path.display())]
    Corrupt {
        /// Where the store is.
        path: PathBuf,
        /// What the backend says.
        what: String,
    },
    /// The system or the backend failed.
    #[error("cannot {action} the store in {}: {what}", path.display())]
    Fault {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where the store is.
        path: PathBuf,
        /// What the backend says.
        what: String,
    },
}

#[cfg(test)]
mod conformance;
