//! Writing a record: every file is a pure function of the tree, its entries, the signed checkpoint and the attachments.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{CHECKPOINT_PATH, TileError, TileId, TileKind, entry_bundle, hash_tile, new_tiles};
use tachiai_crypto::journal::{SignedCheckpoint, Tree};
use tachiai_schemas::canonical::{self, CanonicalError};
use tachiai_schemas::record::{RECORD_FORMAT, RecordFile, RecordIndex};

use super::{INDEX_PATH, attachment_path, cosigned_path, cosigned_size};

/// Why a record cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The record has no file of this path.
    #[error("the record has no file {0}")]
    NoSuchFile(String),
    /// The tree is smaller than the checkpoint, or an entry too long.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The index cannot be written.
    #[error(transparent)]
    Index(#[from] CanonicalError),
    /// The store failed.
    #[error("{0}")]
    Store(E),
}

/// The files of the record of a board at one checkpoint.
///
/// `entries` gives the entries of a range of leaves, `attachment` the bytes of an attachment by its hash; both come from the store. Nothing is kept in
/// memory but the hashes of the index.
pub struct RecordWriter<'a, Entries, Attachment> {
    checkpoint: &'a SignedCheckpoint,
    tree: &'a Tree,
    names: BTreeSet<Hash32>,
    cosigned: BTreeMap<u64, String>,
    entries: Entries,
    attachment: Attachment,
}

impl<'a, E, Entries, Attachment> RecordWriter<'a, Entries, Attachment>
where
    Entries: Fn(Range<u64>) -> Result<Vec<Vec<u8>>, E>,
    Attachment: Fn(Hash32) -> Result<Vec<u8>, E>,
{
    /// Takes the checkpoint, a tree that reaches as far at least, and the attachments that leaves below its size name.
    pub fn new(checkpoint: &'a SignedCheckpoint, tree: &'a Tree, names: impl IntoIterator<Item = Hash32>, entries: Entries, attachment: Attachment) -> Self {
        Self { checkpoint, tree, names: names.into_iter().collect(), cosigned: BTreeMap::new(), entries, attachment }
    }

    /// With the cosigned checkpoints of these sizes, which are not checked here.
    #[must_use]
    pub fn with_cosigned(self, cosigned: BTreeMap<u64, String>) -> Self {
        Self { cosigned, ..self }
    }

    /// Every path but that of the index, ascending.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let tiles = new_tiles(0, self.checkpoint.checkpoint().size).map(|tile| tile.to_string());
        let attachments = self.names.iter().map(|name| attachment_path(*name));
        let mut paths: Vec<String> =
            tiles.chain(attachments).chain(self.cosigned.keys().map(|size| cosigned_path(*size))).chain([CHECKPOINT_PATH.to_owned()]).collect();
        paths.sort_unstable();
        paths
    }

    /// The bytes of a file; `record.json` is made anew from all others.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn file(&self, path: &str) -> Result<Vec<u8>, WriteError<E>> {
        if path == INDEX_PATH {
            return Ok(canonical::to_bytes(&self.index()?)?);
        }
        if path == CHECKPOINT_PATH {
            return Ok(self.checkpoint.as_str().as_bytes().to_vec());
        }
        if let Some(size) = cosigned_size(path) {
            let text = self.cosigned.get(&size).ok_or_else(|| WriteError::NoSuchFile(path.to_owned()))?;
            return Ok(text.as_bytes().to_vec());
        }
        let missing = || WriteError::NoSuchFile(path.to_owned());
        if let Some(name) = path.strip_prefix("attachments/") {
            let name: Hash32 = name.parse().map_err(|_| missing())?;
            return if self.names.contains(&name) { (self.attachment)(name).map_err(WriteError::Store) } else { Err(missing()) };
        }
        let tile: TileId = path.parse().map_err(|_| missing())?;
        let shift = match tile.kind() {
            TileKind::Entries => 0,
            TileKind::Hashes(level) => 8 * u32::from(level.get()),
        };
        // The one tile of this index has all places that the size fills.
        let places = (self.checkpoint.checkpoint().size >> shift).saturating_sub(tile.start()).min(256);
        if u64::from(tile.width()) != places {
            return Err(missing());
        }
        match tile.kind() {
            TileKind::Entries => Ok(entry_bundle((self.entries)(tile.start()..tile.end()).map_err(WriteError::Store)?)?),
            TileKind::Hashes(_) => Ok(hash_tile(self.tree, tile)?),
        }
    }

    /// The index: every other file with its length and hash.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn index(&self) -> Result<RecordIndex, WriteError<E>> {
        let mut files = Vec::new();
        for path in self.paths() {
            let bytes = self.file(&path)?;
            files.push(RecordFile { path, bytes: bytes.len() as u64, sha256: Hash32::sha256(&bytes).into() });
        }
        Ok(self.index_of(files))
    }

    /// Gives every file to `put`, the index last, and the index back.
    ///
    /// # Errors
    /// [`WriteError`]; those of `put` as [`WriteError::Store`].
    pub fn write(&self, mut put: impl FnMut(&str, &[u8]) -> Result<(), E>) -> Result<RecordIndex, WriteError<E>> {
        let mut files = Vec::new();
        for path in self.paths() {
            let bytes = self.file(&path)?;
            put(&path, &bytes).map_err(WriteError::Store)?;
            files.push(RecordFile { path, bytes: bytes.len() as u64, sha256: Hash32::sha256(&bytes).into() });
        }
        let index = self.index_of(files);
        put(INDEX_PATH, &canonical::to_bytes(&index)?).map_err(WriteError::Store)?;
        Ok(index)
    }

    fn index_of(&self, files: Vec<RecordFile>) -> RecordIndex {
        let checkpoint = self.checkpoint.checkpoint();
        RecordIndex { format: RECORD_FORMAT.to_owned(), origin: checkpoint.origin.to_string(), size: checkpoint.size, files }
    }
}
