//! One flipped bit anywhere in a record is found: every file of a record is changed in many places, one at a time, and the verdict is never that it holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_verify::testing::Play;
use tachiai_verify::{Options, verify_record};

/// How many places of each file are changed.
const PLACES: usize = 40;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found.sort();
    found
}

fn record() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(33).write(folder.path());
    holds(folder.path()).unwrap_or_else(|failure| panic!("{failure}"));
    folder
}

fn holds(record: &Path) -> Result<(), tachiai_verify::Failure> {
    verify_record(record, &Options::default()).map(drop)
}

#[test]
fn a_record_with_one_flipped_bit_does_not_hold() {
    let record = record();
    let files = files(record.path());
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        // Spread over the file, with its first and last byte, each time another bit.
        let places = (0..PLACES).map(|place| place * (bytes.len() - 1) / (PLACES - 1));
        for (turn, place) in places.enumerate() {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (turn % 8);
            fs::write(&file, &changed).unwrap();
            assert!(holds(record.path()).is_err(), "bit {} of byte {place} of {} is not covered", turn % 8, file.display());
        }
        fs::write(&file, &bytes).unwrap();
    }
    holds(record.path()).unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_record_with_a_shortened_a_longer_or_a_missing_file_does_not_hold() {
    let record = record();
    for file in files(record.path()) {
        let bytes = fs::read(&file).unwrap();
        for changed in [&bytes[..bytes.len() - 1], &[&bytes[..], b"\n"].concat(), b""] {
            fs::write(&file, changed).unwrap();
            assert!(holds(record.path()).is_err(), "{} with {} of {} bytes", file.display(), changed.len(), bytes.len());
        }
        fs::remove_file(&file).unwrap();
        assert!(holds(record.path()).is_err(), "without {}", file.display());
        fs::write(&file, &bytes).unwrap();
    }
}

#[test]
fn a_record_with_a_file_that_nothing_lists_does_not_hold() {
    let record = record();
    for name in ["note.txt", "tile/0/more", "attachments/more"] {
        let path = record.path().join(name);
        fs::write(&path, "more").unwrap();
        assert!(holds(record.path()).is_err(), "with {name}");
        fs::remove_file(&path).unwrap();
    }
}
