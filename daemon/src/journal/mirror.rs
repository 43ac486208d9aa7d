//! The mirror is the public journal as static files on a second path (another disk): checkpoint, tiles of hashes
//! and bundles of entries, as C2SP tlog-tiles lays them out. Any file server can publish it, and it outlives the
//! data folder.
//!
//! It is written behind the commits, never on their way, from the durable entries and a signed checkpoint. A file
//! gets its name when it is complete and synced, and the checkpoint comes last, so that whoever reads the
//! checkpoint finds all that it covers. What was published is never published differently: if a file has other
//! bytes than the journal says, or the mirror is ahead of the journal, the mirror stops and says so, because that
//! is evidence of a damaged journal or of tampering.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{CHECKPOINT_PATH, TileEdge, TileError, TileId, TileKind, entry_bundle, new_tiles, parse_hash_tile};
use tachiai_crypto::journal::{BoardKey, Checkpoint, CheckpointError, Origin, SignedCheckpoint, leaf_hash};

use super::{JournalError, JournalReader, durable};

/// Writes the mirror of one journal. Everything is done in the calling thread; [`Mirror`] gives it one.
#[derive(Debug)]
pub struct MirrorWriter {
    dir: PathBuf,
    journal: JournalReader,
    origin: Origin,
    key: BoardKey,
    edge: TileEdge,
}

impl MirrorWriter {
    /// Opens the mirror of `journal` in `dir` where the last run left it.
    ///
    /// The checkpoint found there is verified under `key`. If the partial tiles that belong to it are missing or
    /// broken, the next update writes every file that is missing.
    ///
    /// # Errors
    /// [`MirrorError::Checkpoint`] if the checkpoint there is not one of this journal,
    /// [`MirrorError::AheadOfJournal`] if it covers more than the journal has, [`MirrorError::Journal`].
    pub fn open(dir: &Path, journal: JournalReader, origin: Origin, key: BoardKey) -> Result<Self, MirrorError> {
        durable::create_dir(dir)?;
        let path = dir.join(CHECKPOINT_PATH);
        let edge = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => TileEdge::new(),
            Err(error) => return Err(JournalError::io("read", &path)(error).into()),
            Ok(text) => {
                let signed = SignedCheckpoint::parse_and_verify(&text, &origin, &key).map_err(|source| MirrorError::Checkpoint { path, source })?;
                let Checkpoint { size, root, .. } = *signed.checkpoint();
                if size > journal.len() {
                    return Err(MirrorError::AheadOfJournal { mirror: size, journal: journal.len() });
                }
                resume(dir, size).filter(|edge| edge.root() == root).unwrap_or_default()
            }
        };
        Ok(Self { dir: dir.to_owned(), journal, origin, key, edge })
    }

    /// How many entries the mirror surely covers.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.edge.len()
    }

    /// Brings the mirror up to a checkpoint of the journal. An older one than the mirror has is ignored.
    ///
    /// # Errors
    /// [`MirrorError`]; the files that were written stay, and the next update goes on from there.
    pub fn update(&mut self, signed: &SignedCheckpoint) -> Result<(), MirrorError> {
        let Checkpoint { origin, size, root } = signed.checkpoint();
        let (size, old) = (*size, self.edge.len());
        if *origin != self.origin {
            return Err(MirrorError::OtherJournal(origin.clone()));
        }
        if size < old {
            return Ok(());
        }
        if size > self.journal.len() {
            return Err(MirrorError::AheadOfJournal { mirror: size, journal: self.journal.len() });
        }

        // First all hashes, so that nothing of a journal that is not the checkpoint's gets published.
        let mut edge = self.edge.clone();
        let mut hash_tiles = Vec::new();
        for seq in old..size {
            hash_tiles.extend(edge.push(leaf_hash(&self.journal.read(seq)?)));
        }
        if edge.root() != *root {
            return Err(MirrorError::Fork { size });
        }
        hash_tiles.extend(edge.partial_tiles().map(|(tile, hashes)| (tile, hashes.to_vec())));

        let mut touched = BTreeSet::new();
        let mut completed = Vec::new();
        for tile in new_tiles(old, size).filter(|tile| tile.kind() == TileKind::Entries) {
            let entries = (tile.start()..tile.end()).map(|seq| self.journal.read(seq)).collect::<Result<Vec<_>, _>>()?;
            self.publish(tile, &entry_bundle(entries)?, &mut touched)?;
            completed.extend(tile.is_full().then_some(tile));
        }
        for (tile, hashes) in hash_tiles {
            let bytes: Vec<u8> = hashes.into_iter().flat_map(Hash32::to_bytes).collect();
            self.publish(tile, &bytes, &mut touched)?;
            completed.extend(tile.is_full().then_some(tile));
        }
        for dir in touched {
            durable::sync_dir(&dir)?;
        }
        durable::replace(&self.dir.join(CHECKPOINT_PATH), signed.as_str().as_bytes())?;
        durable::sync_dir(&self.dir)?;
        self.edge = edge;

        for tile in completed {
            let mut partials = self.dir.join(tile.to_string()).into_os_string();
            partials.push(".p");
            // Left-overs only take room: the full tile holds the same.
            let _ = fs::remove_dir_all(partials);
        }
        Ok(())
    }

    /// The key under which the mirror's checkpoints verify.
    #[must_use]
    pub fn key(&self) -> &BoardKey {
        &self.key
    }

    /// Writes a tile, unless it is there; what is there must be the same.
    fn publish(&self, tile: TileId, bytes: &[u8], touched: &mut BTreeSet<PathBuf>) -> Result<(), MirrorError> {
        let path = self.dir.join(tile.to_string());
        match fs::read(&path) {
            Ok(found) if found == bytes => return Ok(()),
            Ok(_) => return Err(MirrorError::Differs(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(JournalError::io("read", &path)(error).into()),
        }
        let parent = durable::parent(&path);
        durable::create_dir(parent)?;
        durable::replace(&path, bytes)?;
        touched.insert(parent.to_owned());
        Ok(())
    }
}

/// The edge at `size` from the files of a mirror, if they are all there and well formed.
fn resume(dir: &Path, size: u64) -> Option<TileEdge> {
    TileEdge::resume(size, |tile| {
        let bytes = fs::read(dir.join(tile.to_string())).ok();
        bytes.and_then(|bytes| parse_hash_tile(&bytes, tile).ok()).ok_or(())
    })
    .ok()
}

/// Why a mirror cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The disk of the mirror or of the journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The entries do not fit tiles.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The checkpoint in the mirror's folder is not one of this journal and key.
    #[error("{} is not a checkpoint of this journal: {source}; move the mirror's folder aside", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CheckpointError,
    },
    /// A checkpoint of another journal was given.
    #[error("a checkpoint of the journal {0} does not belong here")]
    OtherJournal(Origin),
    /// More was published than the journal has: the journal lost entries.
    #[error("the mirror has {mirror} entries and the journal {journal}: the journal has lost what was published")]
    AheadOfJournal {
        /// The size published.
        mirror: u64,
        /// The size of the journal.
        journal: u64,
    },
    /// The entries on disk do not lead to the root that was signed.
    #[error("the first {size} entries of the journal do not have the root that was signed for them")]
    Fork {
        /// The size of the checkpoint.
        size: u64,
    },
    /// A published file has other bytes than the journal says.
    #[error("{} was published with other contents than the journal has", .0.display())]
    Differs(PathBuf),
}

impl MirrorError {
    /// What this says about the journal.
    #[must_use]
    pub const fn weight(&self) -> MirrorTrouble {
        match self {
            Self::Journal(_) | Self::Tile(_) => MirrorTrouble::Behind,
            Self::Checkpoint { .. } | Self::OtherJournal(_) | Self::AheadOfJournal { .. } | Self::Fork { .. } | Self::Differs(_) => MirrorTrouble::Evidence,
        }
    }
}

/// What a mirror that is not up to date says about the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirrorTrouble {
    /// Nothing: its disk is full or away. It catches up.
    Behind,
    /// That something else was published than the journal holds: damage or tampering, for somebody to look into.
    Evidence,
}

/// How an update of a mirror failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorFailure {
    /// What it says about the journal.
    pub trouble: MirrorTrouble,
    /// What happened.
    pub what: String,
}

/// How a mirror stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MirrorStatus {
    /// The number of entries that the published checkpoint covers.
    pub size: u64,
    /// What went wrong at the last update, if anything did. The next update tries again.
    pub failure: Option<MirrorFailure>,
}

/// A thread that keeps a mirror up to date. Dropping it publishes what waits, as [`Mirror::stop`] does.
#[derive(Debug)]
pub struct Mirror {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Tells a mirror of new checkpoints; clones may go anywhere.
#[derive(Clone, Debug)]
pub struct MirrorUpdater {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Slot {
    /// The newest checkpoint that is not published. Older ones need no files of their own.
    latest: Option<SignedCheckpoint>,
    course: Course,
    status: MirrorStatus,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Course {
    #[default]
    Running,
    Stopping,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        // The slot is whole after every statement that changes it.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next checkpoint to publish; nothing when the mirror is to stop and none waits.
    fn next(&self) -> Option<SignedCheckpoint> {
        let mut slot = self.lock();
        loop {
            if let Some(latest) = slot.latest.take() {
                return Some(latest);
            }
            if slot.course == Course::Stopping {
                return None;
            }
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Mirror {
    /// Starts the thread. The folder is opened there, so that a missing second disk does not stop the service:
    /// [`Mirror::status`] tells of it.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the system gives no thread.
    pub fn start(dir: &Path, journal: JournalReader, origin: Origin, key: BoardKey) -> Result<Self, JournalError> {
        let shared = Arc::new(Shared::default());
        let (theirs, path) = (Arc::clone(&shared), dir.to_owned());
        let thread = thread::Builder::new()
            .name(format!("mirror {}", journal.id()))
            .spawn(move || {
                let mut writer = None;
                while let Some(checkpoint) = theirs.next() {
                    let done = publish(&mut writer, &checkpoint, || MirrorWriter::open(&path, journal.clone(), origin.clone(), key));
                    let mut slot = theirs.lock();
                    slot.status.size = writer.as_ref().map_or(slot.status.size, MirrorWriter::size);
                    let failure = done.err().map(|error| MirrorFailure { trouble: error.weight(), what: error.to_string() });
                    if failure != slot.status.failure {
                        match &failure {
                            Some(MirrorFailure { trouble, what }) => {
                                tracing::error!(journal = %journal.id(), ?trouble, what, "the mirror cannot be brought up to date")
                            }
                            None => tracing::info!(journal = %journal.id(), "the mirror is up to date again"),
                        }
                    }
                    slot.status.failure = failure;
                }
            })
            .map_err(JournalError::io("start a thread for", dir))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// A sender of checkpoints.
    #[must_use]
    pub fn updater(&self) -> MirrorUpdater {
        MirrorUpdater { shared: Arc::clone(&self.shared) }
    }

    /// How the mirror stands.
    #[must_use]
    pub fn status(&self) -> MirrorStatus {
        self.shared.lock().status.clone()
    }

    /// Publishes what waits, stops the thread, and tells how the mirror stands.
    #[must_use]
    pub fn stop(mut self) -> MirrorStatus {
        self.end();
        self.status()
    }

    fn end(&mut self) {
        self.shared.lock().course = Course::Stopping;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing more to publish.
            let _ = thread.join();
        }
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.end();
    }
}

impl MirrorUpdater {
    /// Tells the mirror of a checkpoint. Never waits: of several that come while one is being published only the
    /// newest is.
    pub fn update(&self, checkpoint: SignedCheckpoint) {
        self.shared.lock().latest = Some(checkpoint);
        self.shared.changed.notify_all();
    }
}

/// Updates the mirror, opened first where it is not.
fn publish(
    writer: &mut Option<MirrorWriter>,
    checkpoint: &SignedCheckpoint,
    open: impl FnOnce() -> Result<MirrorWriter, MirrorError>,
) -> Result<(), MirrorError> {
    if writer.is_none() {
        *writer = Some(open()?);
    }
    match writer {
        Some(writer) => writer.update(checkpoint),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
