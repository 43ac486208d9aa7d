//! A journal: the segment files of one folder as one sequence of entries, open for appending and reading.
//!
//! `DIR/journal/<id>/<sequence number of the first entry, 20 digits>.seg`. Only the last segment grows. Beside
//! them may lie what recovery kept aside: `<segment>.torn-<n>`.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::MAX_ENTRY_LEN;

use super::frame::{FRAME_OVERHEAD, Frame, HEADER_LEN, Header, Position, chain_next, chain_start};
use super::{JournalError, JournalId, durable};

mod recovery;

/// The greatest length of one batch in a segment, in bytes; offsets within a segment are 32 bits.
const MAX_BATCH_BYTES: usize = 1 << 30;

/// The greatest length that a segment may be configured to, in bytes.
const MAX_SEGMENT_BYTES: u64 = 1 << 31;

/// How a journal is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// A segment of at least this length, in bytes, takes no further batch; at most 2 GiB. 64 MiB by default.
    pub segment_bytes: u64,
    /// What makes the bytes of a file durable: `fdatasync`, unless a test stands in between.
    pub sync: Syncer,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, sync: Syncer::default() }
    }
}

/// What makes the bytes of a file durable.
///
/// In production this is `fdatasync`. It is an argument so that a test can count the calls and make one fail.
#[derive(Clone)]
pub struct Syncer(Arc<SyncFn>);

type SyncFn = dyn Fn(&File) -> io::Result<()> + Send + Sync;

impl Syncer {
    /// Syncs by this function, which returns once the bytes of the file are durable.
    pub fn by(sync: impl Fn(&File) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(sync))
    }
}

impl Default for Syncer {
    fn default() -> Self {
        Self::by(File::sync_data)
    }
}

impl fmt::Debug for Syncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Syncer")
    }
}

/// What was found when a journal was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The number of entries.
    pub entries: u64,
    /// The number of segment files.
    pub segments: usize,
    /// The unfinished batch that was cut from the end, if there was one. To be written to the audit journal.
    pub torn: Option<TornTail>,
}

impl Recovery {
    /// Tells the log what was found, and gives what was repaired in words for an auditor: a cut tail is nothing that was acknowledged, but somebody should know.
    #[must_use]
    pub fn told(&self, journal: &JournalId) -> Option<String> {
        tracing::info!(%journal, recovery = ?self, "journal opened");
        let repair = self.torn.as_ref().map(|torn| torn.said(journal))?;
        tracing::warn!("{repair}");
        Some(repair)
    }
}

/// An unfinished batch at the very end of a journal: never acknowledged, cut, and kept aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The segment it was cut from.
    pub segment: PathBuf,
    /// The length of the segment now, in bytes.
    pub offset: u64,
    /// How many bytes were cut.
    pub cut_bytes: u64,
    /// The file that holds the cut bytes.
    pub kept_in: PathBuf,
}

impl TornTail {
    /// What was done, in words for an auditor.
    #[must_use]
    pub fn said(&self, journal: &JournalId) -> String {
        let Self { segment, offset: _, cut_bytes, kept_in } = self;
        format!(
            "journal {journal}: an unfinished batch of {cut_bytes} bytes, never acknowledged, was cut from {} and kept in {}",
            segment.display(),
            kept_in.display()
        )
    }
}

/// A journal, open for appending by its one owner.
///
/// Reading goes through any number of [`JournalReader`]s, which see an entry once it is durable.
#[derive(Debug)]
pub struct Journal {
    shared: Arc<Shared>,
    options: Options,
    chain: Hash32,
    next_seq: u64,
    /// The length of the last segment up to the last whole batch, in bytes.
    tail_len: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Writable,
    ReadOnly,
}

#[derive(Debug)]
struct Shared {
    id: JournalId,
    dir: PathBuf,
    index: RwLock<Index>,
}

impl Shared {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        // Nothing panics between two changes of the index, so it is whole even if a thread died with the lock.
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where every durable entry is.
#[derive(Debug, Default)]
struct Index {
    /// In order; at least one once the journal is open.
    segments: Vec<Segment>,
    len: u64,
}

#[derive(Debug)]
struct Segment {
    first_seq: u64,
    path: Arc<Path>,
    file: Arc<File>,
    places: Vec<Place>,
}

/// Where a frame is in its segment.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: u32,
    entry_len: u16,
}

impl Journal {
    /// Opens the journal `id` in the folder `dir` (its own folder is `dir/<id>`), or begins it.
    ///
    /// Every entry is read and checked. An unfinished batch at the very end is cut, and its bytes are kept in a
    /// file beside the segment; what remains is synced before this returns, so that whatever a reader sees is
    /// durable.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] or [`JournalError::Gap`] for any other damage; then nothing was changed.
    /// [`JournalError::Io`].
    pub fn open(dir: &Path, id: &JournalId, options: Options) -> Result<(Self, Recovery), JournalError> {
        let dir = dir.join(id.as_str());
        durable::create_dir(&dir)?;
        let found = recovery::recover(&dir, id, &options.sync)?;
        let recovery = Recovery { entries: found.next_seq, segments: found.segments.len().max(1), torn: found.torn };
        let index = Index { segments: found.segments, len: found.next_seq };
        let fresh = index.segments.is_empty();
        let mut journal = Self {
            shared: Arc::new(Shared { id: id.clone(), dir, index: RwLock::new(index) }),
            options,
            chain: found.chain,
            next_seq: found.next_seq,
            tail_len: found.tail_len,
            state: State::Writable,
        };
        if fresh {
            journal.add_segment()?;
        }
        Ok((journal, recovery))
    }

    /// The journal's id.
    #[must_use]
    pub fn id(&self) -> &JournalId {
        &self.shared.id
    }

    /// The folder with the segments.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }

    /// The number of entries; also the sequence number of the next one.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.next_seq
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next_seq == 0
    }

    /// The chain hash after the last entry: it stands for the whole journal.
    #[must_use]
    pub fn chain_head(&self) -> Hash32 {
        self.chain
    }

    /// A reader of this journal, which may go to any thread.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        JournalReader { shared: Arc::clone(&self.shared) }
    }

    /// Appends entries and syncs once; gives their sequence numbers. Durable once it returns.
    ///
    /// The batch is recovered whole or not at all. An empty batch does nothing, and syncs nothing.
    ///
    /// # Errors
    /// [`JournalError::EntryTooLong`] and [`JournalError::BatchTooLarge`]: nothing was written, and the journal
    /// goes on. [`JournalError::Io`]: it is unknown whether the batch will be found when the journal is opened
    /// again; until then every append is refused with [`JournalError::ReadOnly`].
    pub fn append_batch<E: AsRef<[u8]>>(&mut self, entries: &[E]) -> Result<Range<u64>, JournalError> {
        if self.state == State::ReadOnly {
            return Err(JournalError::ReadOnly);
        }
        let first = self.next_seq;
        if entries.is_empty() {
            return Ok(first..first);
        }
        let lengths = entries.iter().map(|entry| entry.as_ref().len());
        if let Some(length) = lengths.clone().find(|length| *length > MAX_ENTRY_LEN) {
            return Err(JournalError::EntryTooLong(length));
        }
        let total = lengths.map(|length| length + FRAME_OVERHEAD).sum();
        if total > MAX_BATCH_BYTES {
            return Err(JournalError::BatchTooLarge(total));
        }

        // From here on a failure leaves a disk of which nobody knows what it holds.
        self.state = State::ReadOnly;
        if self.tail_len >= self.options.segment_bytes.min(MAX_SEGMENT_BYTES) && self.tail_len > HEADER_LEN as u64 {
            self.add_segment()?;
        }
        let mut bytes = Vec::with_capacity(total);
        let mut places = Vec::with_capacity(entries.len());
        let mut chain = self.chain;
        for (seq, entry) in (first..).zip(entries) {
            let entry = entry.as_ref();
            chain = chain_next(chain, entry);
            let last = seq - first + 1 == entries.len() as u64;
            let position = if last { Position::Last } else { Position::Within };
            places.push(Place {
                // A segment is shorter than 2 GiB before its last batch, and that batch than 1 GiB.
                offset: (self.tail_len + bytes.len() as u64) as u32,
                entry_len: entry.len() as u16,
            });
            Frame { seq, batch: first, position, entry, chain }.encode(&mut bytes);
        }
        self.write(&bytes)?;

        self.state = State::Writable;
        self.chain = chain;
        self.next_seq += entries.len() as u64;
        self.tail_len += bytes.len() as u64;
        let mut index = self.shared.write();
        if let Some(tail) = index.segments.last_mut() {
            tail.places.extend(places);
        }
        index.len = self.next_seq;
        Ok(first..self.next_seq)
    }

    /// Writes at the end of the last segment and syncs; after a failure tries to take the bytes away again.
    fn write(&self, bytes: &[u8]) -> Result<(), JournalError> {
        let index = self.shared.read();
        let Some(tail) = index.segments.last() else {
            return Err(JournalError::ReadOnly);
        };
        let (file, path) = (Arc::clone(&tail.file), Arc::clone(&tail.path));
        drop(index);
        let written = file
            .write_all_at(bytes, self.tail_len)
            .map_err(JournalError::io("append to", &path))
            .and_then(|()| (self.options.sync.0)(&file).map_err(JournalError::io("sync", &path)));
        if written.is_err() {
            // If this fails too, opening the journal again finds the end.
            let _ = file.set_len(self.tail_len).and_then(|()| file.sync_all());
        }
        written
    }

    /// Begins a new segment: complete with its header and synced before it gets its name.
    fn add_segment(&mut self) -> Result<(), JournalError> {
        let path = self.shared.dir.join(recovery::segment_name(self.next_seq));
        let header = Header::new(&self.shared.id, self.next_seq, self.chain);
        durable::replace(&path, &header.encode())?;
        durable::sync_dir(&self.shared.dir)?;
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(JournalError::io("open", &path))?;
        self.tail_len = HEADER_LEN as u64;
        self.shared.write().segments.push(Segment { first_seq: self.next_seq, path: path.into(), file: Arc::new(file), places: Vec::new() });
        Ok(())
    }
}

/// Reads the durable entries of a journal, also while it is being appended to and after a write failed.
#[derive(Clone, Debug)]
pub struct JournalReader {
    shared: Arc<Shared>,
}

impl JournalReader {
    /// The journal's id.
    #[must_use]
    pub fn id(&self) -> &JournalId {
        &self.shared.id
    }

    /// The number of durable entries.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.shared.read().len
    }

    /// Whether there is no durable entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the entry `seq`.
    ///
    /// # Errors
    /// [`JournalError::NoSuchEntry`]; [`JournalError::Corrupt`] if the disk no longer holds what was written;
    /// [`JournalError::Io`].
    pub fn read(&self, seq: u64) -> Result<Vec<u8>, JournalError> {
        let index = self.shared.read();
        let missing = JournalError::NoSuchEntry { seq, len: index.len };
        let after = index.segments.partition_point(|segment| segment.first_seq <= seq);
        let Some(segment) = after.checked_sub(1).and_then(|at| index.segments.get(at)) else {
            return Err(missing);
        };
        let within = usize::try_from(seq - segment.first_seq).ok();
        let Some(place) = within.and_then(|within| segment.places.get(within)).copied() else {
            return Err(missing);
        };
        let (file, path) = (Arc::clone(&segment.file), Arc::clone(&segment.path));
        // The disk is read without the lock, so that a slow disk stops no one else.
        drop(index);
        let offset = u64::from(place.offset);
        let mut bytes = vec![0; FRAME_OVERHEAD + usize::from(place.entry_len)];
        file.read_exact_at(&mut bytes, offset).map_err(JournalError::io("read", &path))?;
        match Frame::decode(&bytes) {
            Some(frame) if frame.seq == seq && frame.len() == bytes.len() => Ok(frame.entry.to_vec()),
            _ => Err(JournalError::Corrupt { path: path.to_path_buf(), offset, what: "an entry is no longer what was written" }),
        }
    }

    /// Reads the entries from `seq` on, up to the last one that is durable when the iterator gets there.
    pub fn iter_from(&self, seq: u64) -> impl Iterator<Item = Result<Vec<u8>, JournalError>> + use<> {
        let reader = self.clone();
        let mut next = seq;
        std::iter::from_fn(move || {
            (next < reader.len()).then(|| {
                next += 1;
                reader.read(next - 1)
            })
        })
    }
}

#[cfg(test)]
pub(super) mod tests;
