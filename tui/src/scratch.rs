//! Folders for what is needed once. They go when they are dropped, when the program ends though a thread still fills one, and, where it was killed, with the next one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

/// How their names begin.
const NAME: &str = "tachiai-scratch-";

/// In each, held by the program that fills it.
const LOCK: &str = "lock";

/// All of this program.
static ALL: Mutex<Vec<Held>> = Mutex::new(Vec::new());

struct Held {
    folder: TempDir,
    _lock: File,
}

/// A folder that nobody else sees into.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new one, where temporary files are. Those of programs that were killed are removed.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> io::Result<Self> {
        let place = std::env::temp_dir();
        sweep(&place);
        let folder = tempfile::Builder::new().prefix(NAME).tempdir_in(place)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        let path = folder.path().to_owned();
        all().push(Held { folder, _lock: lock });
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        all().retain(|held| held.folder.path() != self.0);
    }
}

fn all() -> std::sync::MutexGuard<'static, Vec<Held>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all of them: the program ends.
pub fn leave_none() {
    all().clear();
}

/// Removes those that nobody holds. One without a lock is just being made; what cannot be removed is another user's.
fn sweep(place: &Path) {
    let left = fs::read_dir(place).into_iter().flatten().flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(NAME));
    for folder in left.map(|entry| entry.path()) {
        if File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_until_it_is_dropped_and_another_does_not_take_it_away() {
        let one = Scratch::new().unwrap();
        let other = Scratch::new().unwrap();
        fs::write(one.path().join("entries"), "1").unwrap();
        drop(other);
        assert!(one.path().join("entries").exists());
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_program_left_that_was_killed_goes_and_what_is_just_being_made_stays() {
        let place = tempfile::tempdir().unwrap();
        let (killed, begun) = (place.path().join(format!("{NAME}a")), place.path().join(format!("{NAME}b")));
        fs::create_dir(&killed).unwrap();
        fs::create_dir(&begun).unwrap();
        fs::write(killed.join(LOCK), "").unwrap();
        sweep(place.path());
        assert_eq!((killed.exists(), begun.exists()), (false, true));
    }
}
