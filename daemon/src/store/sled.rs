//! The store on sled 0.34: one tree, every batch one atomic write.
//!
//! What is known of sled and decided here: its `flush` does not sync the disk, so `db` in its folder is synced as
//! well; its asynchronous flush can hang, so it is never called; it may panic on damaged files, so opening is
//! guarded. A folder that cannot be opened, or that was found damaged while in use, is moved aside and never
//! deleted; the caller rebuilds from the journals.

use std::fs::{self, File};
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Batch, Key, Order, Scan, Store, StoreError, keys};
use crate::journal::JournalId;

/// In a folder that was found damaged while in use, so that the next start moves it aside.
const CONDEMNED: &str = "condemned";

/// How long a store's lock is waited for, and how often it is tried meanwhile.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);
const LOCK_GLANCE: Duration = Duration::from_millis(20);

/// How sled is run.
#[derive(Clone, Copy, Debug)]
pub struct SledOptions {
    /// The size of its cache in bytes; at most [`SledOptions::MAX_CACHE_BYTES`], which is also the default.
    pub cache_bytes: u64,
    /// How often it writes out in the background, in milliseconds; never by itself if there is none.
    pub flush_every_ms: Option<u64>,
}

impl SledOptions {
    /// The greatest cache that is given to sled: 256 MiB.
    pub const MAX_CACHE_BYTES: u64 = 256 << 20;
}

impl Default for SledOptions {
    fn default() -> Self {
        Self { cache_bytes: Self::MAX_CACHE_BYTES, flush_every_ms: Some(1000) }
    }
}

/// A store in a folder.
#[derive(Debug)]
pub struct SledStore {
    path: PathBuf,
    db: ::sled::Db,
    /// Held for writing while a batch is applied, so that a scan of many records sees it whole or not at all.
    batches: RwLock<()>,
}

/// What was found when the store was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The records of the last run, or none yet: replay what is beyond the high-water marks.
    Intact,
    /// A damaged store was moved aside; this one is empty, and all journals are to be replayed. To be written to
    /// the audit journal.
    MovedAside {
        /// Where the damaged store is now.
        to: PathBuf,
        /// What was wrong.
        cause: String,
    },
}

impl SledStore {
    /// Opens the store in the folder `path`, or makes an empty one.
    ///
    /// A store that is damaged is moved to `<path>.corrupt-<seconds of at>`.
    ///
    /// # Errors
    /// [`StoreError::Fault`] if the folder cannot be used at all: another process has it, no permission, no room.
    pub fn open(path: &Path, options: SledOptions, at: SystemTime) -> Result<(Self, Opening), StoreError> {
        let cause = if path.join(CONDEMNED).exists() {
            "it was found damaged while in use".to_owned()
        } else {
            match try_open(path, options) {
                Ok(store) => return Ok((store, Opening::Intact)),
                Err(StoreError::Corrupt { what, .. }) => what,
                Err(other) => return Err(other),
            }
        };
        let to = aside(path, at);
        fs::rename(path, &to).map_err(|error| fault("move aside", path, error))?;
        match try_open(path, options) {
            Ok(store) => Ok((store, Opening::MovedAside { to, cause })),
            // An empty folder that is damaged is a fault of something else.
            Err(StoreError::Corrupt { path, what }) => Err(StoreError::Fault { action: "open", path, what }),
            Err(other) => Err(other),
        }
    }

    /// Marks the store as damaged: the next start moves it aside and rebuilds.
    ///
    /// # Errors
    /// [`StoreError::Fault`].
    pub fn condemn(path: &Path) -> Result<(), StoreError> {
        fs::write(path.join(CONDEMNED), "").map_err(|error| fault("condemn", path, error))
    }

    fn failed(&self, action: &'static str) -> impl Fn(::sled::Error) -> StoreError + '_ {
        move |error| {
            let error = classify(action, &self.path, error);
            if matches!(error, StoreError::Corrupt { .. }) {
                // The error reaches the caller in any case; without the mark the next start may find out again.
                let _ = Self::condemn(&self.path);
            }
            error
        }
    }

    fn mark(&self, journal: &JournalId) -> Result<u64, StoreError> {
        let Some(bytes) = self.db.get(keys::high_water(journal)).map_err(self.failed("read"))? else {
            return Ok(0);
        };
        match <[u8; 8]>::try_from(bytes.as_ref()) {
            Ok(bytes) => Ok(u64::from_be_bytes(bytes)),
            Err(_) => Err(self.failed("read")(::sled::Error::ReportableBug("a high-water mark is not 8 bytes".to_owned()))),
        }
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(self.failed("flush"))?;
        // sled writes its file with sync_file_range, which a power cut does not respect.
        let db = self.path.join("db");
        File::open(&db).and_then(|db| db.sync_all()).map_err(|error| fault("sync", &self.path, error))
    }
}

impl Store for SledStore {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        let _alone = self.batches.write().unwrap_or_else(PoisonError::into_inner);
        batch.check(self.mark(&batch.journal)?)?;
        let mut writes = ::sled::Batch::default();
        for (key, value) in batch.changes() {
            let key = key.encode(&batch.journal);
            match value {
                Some(value) => writes.insert(key, value),
                None => writes.remove(key),
            }
        }
        writes.insert(keys::high_water(&batch.journal), &batch.entries.end.to_be_bytes());
        self.db.apply_batch(writes).map_err(self.failed("write"))
    }

    fn get(&self, journal: &JournalId, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.db.get(key.encode(journal)).map_err(self.failed("read"))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn range(&self, journal: &JournalId, scan: &Scan) -> Result<Vec<(Key, Vec<u8>)>, StoreError> {
        let Scan { prefix, beyond, order, limit } = scan;
        let prefix = prefix.encode(journal);
        let end = successor(&prefix);
        let beyond = beyond.as_ref().map(|key| key.encode(journal));
        let _together = self.batches.read().unwrap_or_else(PoisonError::into_inner);
        let (mut low, mut high) = (Bound::Included(prefix), end.map_or(Bound::Unbounded, Bound::Excluded));
        match (order, beyond) {
            (Order::Ascending, Some(key)) if !below(&key, &low) => low = Bound::Excluded(key),
            (Order::Descending, Some(key)) if !above(&key, &high) => high = Bound::Excluded(key),
            _ => {}
        }
        if empty(&low, &high) {
            return Ok(Vec::new());
        }
        let records = self.db.range::<Vec<u8>, _>((low, high));
        let decode = |record: ::sled::Result<(::sled::IVec, ::sled::IVec)>| {
            let (key, value) = record.map_err(self.failed("read"))?;
            Ok(Key::decode(journal, &key).map(|key| (key, value.to_vec())))
        };
        match order {
            Order::Ascending => records.take(*limit).filter_map(|record| decode(record).transpose()).collect(),
            Order::Descending => records.rev().take(*limit).filter_map(|record| decode(record).transpose()).collect(),
        }
    }

    fn high_water(&self, journal: &JournalId) -> Result<u64, StoreError> {
        self.mark(journal)
    }

    fn forget(&self, journal: &JournalId) -> Result<(), StoreError> {
        let _alone = self.batches.write().unwrap_or_else(PoisonError::into_inner);
        let mut writes = ::sled::Batch::default();
        for key in self.db.scan_prefix(keys::records(journal)).keys() {
            writes.remove(key.map_err(self.failed("read"))?);
        }
        writes.remove(keys::high_water(journal));
        self.db.apply_batch(writes).map_err(self.failed("write"))
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.sync()
    }
}

/// The least key that is greater than every key that begins with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|&byte| byte < u8::MAX)?;
    let mut next = prefix[..=kept].to_vec();
    if let Some(last) = next.last_mut() {
        *last += 1;
    }
    Some(next)
}

fn below(key: &Vec<u8>, low: &Bound<Vec<u8>>) -> bool {
    matches!(low, Bound::Included(low) if key < low)
}

fn above(key: &Vec<u8>, high: &Bound<Vec<u8>>) -> bool {
    matches!(high, Bound::Excluded(high) if key > high)
}

/// Whether no key lies between two bounds; such a range is not asked for.
fn empty(low: &Bound<Vec<u8>>, high: &Bound<Vec<u8>>) -> bool {
    match (low, high) {
        (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => low >= high,
        _ => false,
    }
}

fn try_open(path: &Path, options: SledOptions) -> Result<SledStore, StoreError> {
    let config = ::sled::Config::new().path(path).cache_capacity(options.cache_bytes.min(SledOptions::MAX_CACHE_BYTES)).flush_every_ms(options.flush_every_ms);
    // sled checks much by assertions. What a panic leaves behind is dropped with the folder it came from.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let db = open_when_free(&config)?;
        // Reads the leaves that hold the marks, which a damaged file seldom survives.
        for mark in db.scan_prefix(b"m/") {
            mark?;
        }
        Ok(db)
    }));
    match opened {
        Ok(Ok(db)) => Ok(SledStore { path: path.to_owned(), db, batches: RwLock::new(()) }),
        Ok(Err(error)) => Err(classify("open", path, error)),
        Err(_) => Err(StoreError::Corrupt { path: path.to_owned(), what: "its files are not what was written".to_owned() }),
    }
}

/// A store that was just closed in this process keeps its lock until sled's own threads have ended, so a lock is waited for a little.
fn open_when_free(config: &::sled::Config) -> ::sled::Result<::sled::Db> {
    let mut waited = Duration::ZERO;
    loop {
        match config.open() {
            Err(::sled::Error::Io(error)) if waited < LOCK_PATIENCE && error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(LOCK_GLANCE);
                waited += LOCK_GLANCE;
            }
            opened => return opened,
        }
    }
}

/// Whether an error of sled says that its files are damaged, or that something else is wrong.
fn classify(action: &'static str, path: &Path, error: ::sled::Error) -> StoreError {
    let what = error.to_string();
    match error {
        ::sled::Error::Io(error) if !matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) => fault(action, path, error),
        _ => StoreError::Corrupt { path: path.to_owned(), what },
    }
}

fn fault(action: &'static str, path: &Path, error: io::Error) -> StoreError {
    StoreError::Fault { action, path: path.to_owned(), what: error.to_string() }
}

/// A name beside `path` that is free.
fn aside(path: &Path, at: SystemTime) -> PathBuf {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let named = |suffix: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".corrupt-{seconds}{suffix}"));
        PathBuf::from(name)
    };
    let mut to = named(String::new());
    let mut n = 2_u32;
    while to.exists() {
        to = named(format!("-{n}"));
        n = n.saturating_add(1);
    }
    to
}

#[cfg(test)]
mod tests;
