//! The folder of a demonstration.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::trouble::Trouble;

/// The file by which such a folder is recognised. Its demonstration keeps it locked, and its last line is the number of the process.
const MARKER: &str = ".tachiai-demo";

/// The lock of the appliance in such a folder: its daemon may outlive a demonstration that was killed.
const APPLIANCE: &str = "appliance/data/lock";

/// A folder that belongs to a demonstration alone.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked as long as this is.
    _marker: File,
}

impl Folder {
    /// `name` under the build folder, emptied if an older demonstration made it.
    ///
    /// # Errors
    /// [`Trouble`] if something else lies there, or an older one still runs.
    pub fn fresh(name: &str) -> Result<Folder, Trouble> {
        Folder::fresh_at(&target().join(name))
    }

    /// This folder, emptied if an older demonstration made it.
    ///
    /// # Errors
    /// [`Trouble`] if something else lies there, or an older one still runs.
    pub fn fresh_at(path: &Path) -> Result<Folder, Trouble> {
        let file = |error| Trouble::file(path, error);
        if path.exists() {
            if !path.join(MARKER).exists() {
                return Err(Trouble::file(path, "this was not made by the demonstration, so it is not removed").hint("move it away and try again"));
            }
            [MARKER, APPLIANCE].into_iter().try_for_each(|lock| is_free(path, lock))?;
            fs::remove_dir_all(path).map_err(file)?;
        }
        fs::create_dir_all(path).map_err(file)?;
        let path = fs::canonicalize(path).map_err(file)?;
        let name = path.join(MARKER);
        let mut marker = File::create(&name).map_err(|error| Trouble::file(&name, error))?;
        marker.try_lock().map_err(|error| Trouble::file(&name, error))?;
        writeln!(marker, "Made by tachiai-demo, which may remove this folder.\n{}", std::process::id()).map_err(|error| Trouble::file(&name, error))?;
        Ok(Folder { path, _marker: marker })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A folder in it, made now.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn make(&self, name: &str) -> Result<PathBuf, Trouble> {
        let path = self.join(name);
        fs::create_dir_all(&path).map_err(|error| Trouble::file(&path, error))?;
        Ok(path)
    }
}

/// Refuses a folder one of whose locks a process holds, which the last line of the lock's file names.
fn is_free(folder: &Path, lock: &str) -> Result<(), Trouble> {
    let path = folder.join(lock);
    let Ok(file) = File::open(&path) else { return Ok(()) };
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let pid = text.lines().last().and_then(|line| line.trim().parse::<u32>().ok());
            let (process, stop) = pid.map_or(("another process".to_owned(), "it".to_owned()), |pid| (format!("process {pid}"), format!("it: kill {pid}")));
            let hint = format!("press Ctrl-C where it runs, or stop {stop}");
            Err(Trouble::file(folder, format!("a demonstration is running in it ({process}), so it is not removed")).hint(hint))
        }
        Err(TryLockError::Error(error)) => Err(Trouble::file(&path, error)),
    }
}

/// The build folder: `CARGO_TARGET_DIR`, or `target` where the command was given.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) if !target.is_empty() => PathBuf::from(target),
        _ => PathBuf::from("target"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_not_removed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("demo");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("thesis.txt"), "years of work").unwrap();
        assert!(Folder::fresh_at(&path).is_err());
        assert!(path.join("thesis.txt").exists());
    }

    #[test]
    fn an_older_demonstration_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("demo");
        drop(Folder::fresh_at(&path).unwrap());
        fs::write(path.join("old"), "").unwrap();
        Folder::fresh_at(&path).unwrap();
        assert!(!path.join("old").exists());
    }

    #[test]
    fn a_demonstration_that_runs_is_not_removed_and_its_process_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("serve");
        let running = Folder::fresh_at(&path).unwrap();
        let said = Folder::fresh_at(&path).unwrap_err().to_string();
        assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
        assert!(path.join(MARKER).exists());
        drop(running);
        Folder::fresh_at(&path).unwrap();
    }

    #[test]
    fn the_appliance_of_a_killed_demonstration_is_not_removed_while_it_runs() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("serve");
        drop(Folder::fresh_at(&path).unwrap());
        let data = path.join("appliance/data");
        fs::create_dir_all(&data).unwrap();
        let daemon = tachiaid::journal::DataLock::acquire(&data).unwrap();
        let said = Folder::fresh_at(&path).unwrap_err().to_string();
        assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
        drop(daemon);
        Folder::fresh_at(&path).unwrap();
    }
}
