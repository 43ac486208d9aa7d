//! The lock on a data folder: two daemons that append to one journal would destroy it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{JournalError, durable};

/// The exclusive right to a data folder, held until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    /// The lock is on the open file, so it lasts as long as this.
    _file: File,
}

impl DataLock {
    /// Takes the lock of the data folder `dir` (the file `lock` in it), and writes our process id there.
    ///
    /// # Errors
    /// [`LockError::Held`] if another daemon has it.
    pub fn acquire(dir: &Path) -> Result<Self, LockError> {
        durable::create_dir(dir)?;
        let path = dir.join("lock");
        let io = |action| JournalError::io(action, &path);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(io("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The process id is a help to the reader of the message; without it the refusal stands all the same.
                let _ = file.read_to_string(&mut holder);
                return Err(LockError::Held { path, pid: holder.trim().parse().ok() });
            }
            Err(TryLockError::Error(error)) => return Err(io("lock")(error).into()),
        }
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(io("write"))?;
        Ok(Self { _file: file })
    }
}

/// Why a data folder cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds the lock.
    #[error(
        "another tachiaid{} uses this data folder: it holds {}; stop it first",
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(), path.display()
    )]
    Held {
        /// The lock file.
        path: PathBuf,
        /// The process that wrote its id there.
        pid: Option<u32>,
    },
    /// The system refused.
    #[error(transparent)]
    Io(#[from] JournalError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_is_refused_and_told_who_holds_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let _held = DataLock::acquire(dir.path()).unwrap();
        let error = DataLock::acquire(dir.path()).unwrap_err();
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    }

    #[test]
    fn the_folder_is_free_again_when_the_lock_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        drop(DataLock::acquire(dir.path()).unwrap());
        assert!(DataLock::acquire(dir.path()).is_ok());
    }

    #[test]
    fn a_stale_process_id_does_not_hold_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("lock"), "99999999999\n").unwrap();
        assert!(DataLock::acquire(dir.path()).is_ok());
        let written = std::fs::read_to_string(dir.path().join("lock")).unwrap();
        assert_eq!(written, format!("{}\n", std::process::id()));
    }
}
