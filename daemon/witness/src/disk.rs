//! Files that are still there after a power cut: complete and synced before they take their name, and the name synced in its folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Creates a folder and its missing parents, and syncs every folder that got a new name.
///
/// # Errors
/// What the system says.
pub fn create_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = parent(dir);
    create_dir(parent)?;
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_dir(parent),
    }
}

/// Writes a file; when this returns the name leads to all of these bytes, and before to all of the old ones, also after a power cut.
///
/// # Errors
/// What the system says; the old bytes are still there then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = Path::new(&temporary);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(temporary, path)?;
        sync_dir(parent(path))
    };
    write().inspect_err(|_| {
        // The half-written file takes space that may be what is missing.
        let _ = fs::remove_file(temporary);
    })
}

/// Writes a file that is not there yet; of two that try at once one succeeds.
///
/// # Errors
/// What the system says: that there is one already, or why nothing was written.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut write = || file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| sync_dir(parent(path)));
    write().inspect_err(|_| {
        // It is this call's own file, and not a whole one.
        let _ = fs::remove_file(path);
    })
}

/// Waits until nobody else has the lock of a file, and takes it; it goes with the file.
///
/// # Errors
/// What the system says.
pub fn lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(file)
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// The folder that holds `path`; the current one for a bare name.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
