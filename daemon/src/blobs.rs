//! Files that are named by their SHA-256: attachments of a board, sealed payloads of a private journal, and what was trusted of cards.
//!
//! A file is synced before the entry that names it is written, so an entry never names what is not there; a file that
//! no entry names is left over from a command that was interrupted, and harmless.

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_crypto::hash::Hash32;

use crate::journal::{JournalError, durable};

/// A folder of such files.
#[derive(Debug, Clone)]
pub struct Blobs {
    dir: PathBuf,
}

/// Why a file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk.
    #[error(transparent)]
    Disk(#[from] JournalError),
    /// Not there, or not readable.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Other bytes than its name says.
    #[error("{} does not hash to its name: put it back from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl Blobs {
    /// The folder; it is made with the first file.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Where the file of this hash lies.
    #[must_use]
    pub fn path(&self, hash: Hash32) -> PathBuf {
        self.dir.join(hash.to_string())
    }

    /// Writes a file. It is durable when this returns.
    ///
    /// # Errors
    /// [`BlobError::Disk`].
    pub fn put(&self, bytes: &[u8]) -> Result<Hash32, BlobError> {
        let hash = Hash32::sha256(bytes);
        let path = self.path(hash);
        durable::create_dir(&self.dir)?;
        durable::replace(&path, bytes)?;
        durable::sync_dir(&self.dir)?;
        Ok(hash)
    }

    /// Reads a file and checks it against its name.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn get(&self, hash: Hash32) -> Result<Vec<u8>, BlobError> {
        let path = self.path(hash);
        let bytes = fs::read(&path).map_err(|source| BlobError::Read { path: path.clone(), source })?;
        if Hash32::sha256(&bytes) == hash { Ok(bytes) } else { Err(BlobError::Damaged { path }) }
    }

    /// Every file that is there.
    ///
    /// # Errors
    /// [`BlobError::Read`].
    pub fn list(&self) -> Result<Vec<Hash32>, BlobError> {
        let read = |source| BlobError::Read { path: self.dir.clone(), source };
        let folder = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(read)?,
        };
        let mut hashes = Vec::new();
        for file in folder {
            hashes.extend(file.map_err(read)?.file_name().to_str().and_then(|name| name.parse::<Hash32>().ok()));
        }
        hashes.sort();
        Ok(hashes)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_under_its_hash() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(dir.path().join("a/b"));
        let hash = blobs.put(b"x").unwrap();
        assert_eq!(blobs.put(b"x").unwrap(), hash);
        assert_eq!((blobs.get(hash).unwrap(), blobs.list().unwrap()), (b"x".to_vec(), vec![hash]));
    }

    #[test]
    fn a_changed_file_is_not_handed_out() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(dir.path().to_owned());
        let hash = blobs.put(b"x").unwrap();
        fs::write(blobs.path(hash), b"y").unwrap();
        assert!(matches!(blobs.get(hash), Err(BlobError::Damaged { .. })));
    }

    #[test]
    fn a_folder_that_was_never_made_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Blobs::new(dir.path().join("none")).list().unwrap(), []);
    }
}
