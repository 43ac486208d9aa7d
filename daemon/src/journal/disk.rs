//! The disk a journal lies on: how full it is, and a ballast file that gives room back when it is too full.
//!
//! A journal stops taking entries while there is still room to work: at 80 % of the disk. The ballast is the
//! second line: an operator (or `tachiaid`) deletes it to make room for a recovery that needs some.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

use super::{JournalError, durable};

/// A part of a whole in percent, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u8);

impl Percent {
    /// Takes 0 to 100; more is 100.
    #[must_use]
    pub const fn new(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", self.0)
    }
}

/// Watches how full the disk under a folder is.
#[derive(Clone, Debug)]
pub struct DiskGuard {
    path: PathBuf,
    limit: Percent,
}

impl DiskGuard {
    /// The part of a disk above which nothing more is written.
    pub const DEFAULT_LIMIT: Percent = Percent::new(80);

    /// Watches the disk that `path` lies on.
    #[must_use]
    pub fn new(path: &Path, limit: Percent) -> Self {
        Self { path: path.to_owned(), limit }
    }

    /// How much of the disk is in use, of what is not reserved to the superuser, rounded up (as `df` shows it).
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn used(&self) -> Result<Percent, JournalError> {
        let disk = statvfs(&self.path).map_err(|errno| JournalError::io("ask for the free space of", &self.path)(errno.into()))?;
        let used = u128::from(disk.f_blocks.saturating_sub(disk.f_bfree));
        let all = used + u128::from(disk.f_bavail);
        let percent = if all == 0 { 100 } else { (used * 100).div_ceil(all) };
        Ok(Percent::new(u8::try_from(percent).unwrap_or(100)))
    }

    /// How many bytes are free for this program.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn free(&self) -> Result<u64, JournalError> {
        let disk = statvfs(&self.path).map_err(|errno| JournalError::io("ask for the free space of", &self.path)(errno.into()))?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Whether there is room to go on: how much is in use, if that is at or above the limit.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn over_limit(&self) -> Result<Option<Percent>, JournalError> {
        let used = self.used()?;
        Ok((used >= self.limit).then_some(used))
    }
}

/// A file of nothing that keeps room on the disk.
#[derive(Clone, Debug)]
pub struct Ballast {
    path: PathBuf,
}

impl Ballast {
    /// The room kept where nothing else is configured, in bytes.
    pub const DEFAULT_BYTES: u64 = 64 << 20;

    /// The ballast of the data folder `dir`: the file `ballast` in it.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        Self { path: dir.join("ballast") }
    }

    /// Makes the file `bytes` long, with its blocks really taken.
    ///
    /// # Errors
    /// [`JournalError::Io`], for one if the disk has no such room; then no ballast is left.
    pub fn fill(&self, bytes: u64) -> Result<(), JournalError> {
        if fs::metadata(&self.path).is_ok_and(|file| file.len() == bytes) {
            return Ok(());
        }
        self.allocate(bytes).map_err(|error| {
            let _ = fs::remove_file(&self.path);
            JournalError::io("reserve room in", &self.path)(error)
        })?;
        durable::sync_dir(durable::parent(&self.path))
    }

    /// Deletes the file, and so gives its room to whoever needs it.
    ///
    /// # Errors
    /// [`JournalError::Io`] unless the file is gone afterwards.
    pub fn release(&self) -> Result<(), JournalError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(JournalError::io("delete", &self.path)(error)),
            _ => Ok(()),
        }
    }

    fn allocate(&self, bytes: u64) -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&self.path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, bytes) {
            Ok(()) => {}
            // Some file systems cannot take blocks without bytes.
            Err(Errno::OPNOTSUPP) => write_zeroes(&mut file, bytes)?,
            Err(errno) => return Err(errno.into()),
        }
        file.sync_all()
    }
}

fn write_zeroes(file: &mut File, bytes: u64) -> std::io::Result<()> {
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), bytes), file).map(|_| ())
}

#[cfg(test)]
mod tests;
