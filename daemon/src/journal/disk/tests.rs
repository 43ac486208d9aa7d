use std::process::Command;

use super::*;
use crate::journal::segments::tests::id;
use crate::journal::{Journal, Options};

/// A real file system of 1 MiB, so that a full disk is a full disk.
struct SmallDisk {
    dir: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tachiai-test"]).arg(dir.path()).status().unwrap();
        assert!(mounted.success(), "this test mounts a small tmpfs, which needs root: run it as root");
        Self { dir }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Takes all room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("filler");
        let mut file = File::create(&path).unwrap();
        assert!(write_zeroes(&mut file, u64::MAX).is_err());
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.dir.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

#[test]
fn a_full_disk_ends_writing_loses_nothing_and_leaves_whole_batches() {
    let disk = SmallDisk::mount();
    let (mut journal, _) = Journal::open(disk.path(), &id(), Options::default()).unwrap();
    let mut kept = Vec::new();
    let error = loop {
        let batch = [vec![kept.len() as u8; 3000], vec![0xff; 5000]];
        match journal.append_batch(&batch) {
            Ok(_) => kept.extend(batch),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, JournalError::Io { .. }), "{error}");
    assert!(kept.len() > 100);
    assert!(matches!(journal.append_batch(&[b"small"]), Err(JournalError::ReadOnly)));
    let read = |journal: &Journal| journal.reader().iter_from(0).collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(read(&journal), kept);

    // Opening needs no room, and with room again the journal goes on.
    drop(journal);
    let filler = disk.fill();
    let (journal, recovery) = Journal::open(disk.path(), &id(), Options::default()).unwrap();
    assert_eq!(recovery.torn, None);
    assert_eq!(read(&journal), kept);
    drop(journal);
    fs::remove_file(filler).unwrap();
    let (mut journal, _) = Journal::open(disk.path(), &id(), Options::default()).unwrap();
    journal.append_batch(&[b"next"]).unwrap();
    assert_eq!(journal.len(), kept.len() as u64 + 1);
}

#[test]
fn a_disk_too_full_to_begin_a_segment_ends_writing_and_leaves_no_half_segment() {
    let disk = SmallDisk::mount();
    let options = Options { segment_bytes: 100, ..Options::default() };
    let (mut journal, _) = Journal::open(disk.path(), &id(), options.clone()).unwrap();
    journal.append_batch(&[b"one"]).unwrap();
    let filler = disk.fill();
    assert!(matches!(journal.append_batch(&[b"two"]), Err(JournalError::Io { .. })));
    assert!(matches!(journal.append_batch(&[b"two"]), Err(JournalError::ReadOnly)));
    drop(journal);
    fs::remove_file(filler).unwrap();
    let (mut journal, recovery) = Journal::open(disk.path(), &id(), options).unwrap();
    assert_eq!((recovery.entries, recovery.torn), (1, None));
    assert_eq!(journal.append_batch(&[b"two"]).unwrap(), 1..2);
}

#[test]
fn the_limit_is_reached_by_what_is_really_used() {
    let disk = SmallDisk::mount();
    let guard = DiskGuard::new(disk.path(), DiskGuard::DEFAULT_LIMIT);
    assert_eq!(guard.over_limit().unwrap(), None);
    fs::write(disk.path().join("half"), vec![0; 512 << 10]).unwrap();
    assert_eq!(guard.used().unwrap(), Percent::new(50));
    assert_eq!(guard.over_limit().unwrap(), None);
    fs::write(disk.path().join("more"), vec![0; 320 << 10]).unwrap();
    assert_eq!(guard.over_limit().unwrap(), Some(Percent::new(82)));
    fs::remove_file(disk.path().join("half")).unwrap();
    assert_eq!(guard.over_limit().unwrap(), None);
}

#[test]
fn the_ballast_takes_its_room_and_gives_it_back() {
    let disk = SmallDisk::mount();
    let guard = DiskGuard::new(disk.path(), DiskGuard::DEFAULT_LIMIT);
    let ballast = Ballast::of(disk.path());
    ballast.fill(512 << 10).unwrap();
    assert_eq!(guard.used().unwrap(), Percent::new(50));
    ballast.fill(512 << 10).unwrap();
    disk.fill();
    assert_eq!(guard.used().unwrap(), Percent::new(100));
    ballast.release().unwrap();
    assert_eq!(guard.used().unwrap(), Percent::new(50));
    ballast.release().unwrap();
}

#[test]
fn a_ballast_without_room_is_refused_and_takes_none() {
    let disk = SmallDisk::mount();
    let ballast = Ballast::of(disk.path());
    assert!(matches!(ballast.fill(2 << 20), Err(JournalError::Io { .. })));
    assert!(!disk.path().join("ballast").exists());
}

#[test]
fn a_folder_that_is_not_there_is_a_fault_not_an_empty_disk() {
    let dir = tempfile::tempdir().unwrap();
    let guard = DiskGuard::new(&dir.path().join("missing"), DiskGuard::DEFAULT_LIMIT);
    assert!(matches!(guard.over_limit(), Err(JournalError::Io { .. })));
}
