//! Files and folders that are still there after a power cut: every name is synced in its folder, and a file that
//! replaces another is complete before it takes the name.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::JournalError;

/// Syncs a folder, so that the names in it survive a power cut.
///
/// # Errors
/// [`JournalError::Io`].
pub fn sync_dir(dir: &Path) -> Result<(), JournalError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(JournalError::io("sync the folder", dir))
}

/// Creates a folder and its missing parents, and syncs every folder that got a new name.
///
/// # Errors
/// [`JournalError::Io`].
pub fn create_dir(dir: &Path) -> Result<(), JournalError> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = parent(dir);
    create_dir(parent)?;
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(JournalError::io("create the folder", dir)(error)),
        _ => sync_dir(parent),
    }
}

/// Writes a file so that the name leads to all of the old bytes or all of the new ones, also after a power cut.
///
/// The bytes go to `<path>.new` first. The folder is *not* synced: a caller who writes many files syncs it once,
/// with [`sync_dir`].
///
/// # Errors
/// [`JournalError::Io`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), JournalError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = Path::new(&temporary);
    let write = || {
        let mut file = File::create(temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(temporary, path)
    };
    write().map_err(|error| {
        // The half-written file takes space that may be what is missing.
        let _ = fs::remove_file(temporary);
        JournalError::io("write", path)(error)
    })
}

/// The folder that holds `path`; the current one for a bare name.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
