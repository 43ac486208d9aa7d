use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use tachiai_crypto::journal::tiles::parse_entry_bundle;
use tachiai_crypto::journal::{BoardSecretKey, Tree};

use super::*;
use crate::journal::segments::tests::id;
use crate::journal::{Journal, Options};

fn secret() -> BoardSecretKey {
    BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(1))
}

fn origin() -> Origin {
    Origin::new("vote.city.example/mayor-2027").unwrap()
}

fn entry(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

/// A board: a journal with entries, and what its ledger would sign.
struct Board {
    dir: tempfile::TempDir,
    journal: Journal,
}

impl Board {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(&dir.path().join("journal"), &id(), Options::default()).unwrap();
        Self { dir, journal }
    }

    fn with(size: u64) -> Self {
        let mut board = Self::new();
        board.grow_to(size);
        board
    }

    fn grow_to(&mut self, size: u64) {
        let entries: Vec<_> = (self.journal.len()..size).map(entry).collect();
        self.journal.append_batch(&entries).unwrap();
    }

    fn signed(&self, size: u64) -> SignedCheckpoint {
        let tree: Tree = (0..size).map(|n| leaf_hash(&entry(n))).collect();
        secret().sign(&Checkpoint { origin: origin(), size, root: tree.root() })
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("mirror")
    }

    fn writer(&self) -> Result<MirrorWriter, MirrorError> {
        MirrorWriter::open(&self.path(), self.journal.reader(), origin(), secret().public())
    }

    /// Reads the mirror as a stranger would: from the checkpoint, all bundles, and every tile of hashes.
    fn audit(&self) -> u64 {
        let text = fs::read_to_string(self.path().join("checkpoint")).unwrap();
        let signed = SignedCheckpoint::parse_and_verify(&text, &origin(), &secret().public()).unwrap();
        let Checkpoint { size, root, .. } = *signed.checkpoint();
        let mut tree = Tree::new();
        for tile in new_tiles(0, size) {
            let bytes = fs::read(self.path().join(tile.to_string())).unwrap();
            match tile.kind() {
                TileKind::Entries => {
                    let entries = parse_entry_bundle(&bytes, tile).unwrap();
                    tree.extend(entries.into_iter().map(leaf_hash));
                }
                TileKind::Hashes(_) => {
                    assert_eq!(bytes, tachiai_crypto::journal::tiles::hash_tile(&tree, tile).unwrap());
                }
            }
        }
        assert_eq!((tree.len(), tree.root()), (size, root));
        size
    }
}

fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for file in fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_stranger_reads_the_whole_journal_from_the_mirror_at_every_step() {
    let mut board = Board::new();
    let mut writer = board.writer().unwrap();
    for size in [0, 1, 2, 255, 256, 257, 600, 1024, 1025] {
        board.grow_to(size);
        writer.update(&board.signed(size)).unwrap();
        assert_eq!(board.audit(), size);
        assert_eq!(writer.size(), size);
    }
}

#[test]
fn the_mirror_of_a_large_journal_has_three_levels() {
    let board = Board::with(65_536 + 300);
    board.writer().unwrap().update(&board.signed(65_836)).unwrap();
    assert_eq!(board.audit(), 65_836);
    assert!(board.path().join("tile/2/000.p/1").is_file());
}

#[test]
fn a_mirror_goes_on_after_a_restart_as_if_it_had_never_stopped() {
    let mut board = Board::with(300);
    board.writer().unwrap().update(&board.signed(300)).unwrap();
    board.grow_to(1000);
    let mut writer = board.writer().unwrap();
    assert_eq!(writer.size(), 300);
    writer.update(&board.signed(1000)).unwrap();
    board.audit();

    let fresh = Board::with(1000);
    fresh.writer().unwrap().update(&fresh.signed(1000)).unwrap();
    let names = |board: &Board| -> BTreeMap<PathBuf, Vec<u8>> {
        let name = |path: PathBuf| path.strip_prefix(board.path()).unwrap().to_owned();
        files(&board.path()).into_iter().map(|(path, bytes)| (name(path), bytes)).collect()
    };
    let (mut grown, fresh) = (names(&board), names(&fresh));
    // Of the earlier size a partial tile may remain whose full one is not there yet.
    grown.retain(|path, _| fresh.contains_key(path) || !path.to_string_lossy().contains(".p/"));
    assert!(grown == fresh, "{:?} {:?}", grown.keys(), fresh.keys());
}

#[test]
fn partial_tiles_go_when_the_full_one_is_there() {
    let mut board = Board::with(100);
    let mut writer = board.writer().unwrap();
    writer.update(&board.signed(100)).unwrap();
    assert!(board.path().join("tile/entries/000.p/100").is_file());
    board.grow_to(300);
    writer.update(&board.signed(300)).unwrap();
    assert!(!board.path().join("tile/entries/000.p").exists());
    assert!(!board.path().join("tile/0/000.p").exists());
    assert!(board.path().join("tile/0/001.p/44").is_file());
}

#[test]
fn an_update_that_was_interrupted_before_the_checkpoint_is_taken_up_again() {
    let mut board = Board::with(200);
    board.writer().unwrap().update(&board.signed(200)).unwrap();
    let checkpoint = fs::read(board.path().join("checkpoint")).unwrap();
    board.grow_to(600);
    board.writer().unwrap().update(&board.signed(600)).unwrap();
    // As if the power had gone between the tiles and the checkpoint, with the partial tiles still there or not.
    fs::write(board.path().join("checkpoint"), checkpoint).unwrap();
    let mut writer = board.writer().unwrap();
    writer.update(&board.signed(600)).unwrap();
    assert_eq!(board.audit(), 600);
}

#[test]
fn missing_files_are_written_again_if_the_mirror_cannot_go_on_from_them() {
    let mut board = Board::with(300);
    board.writer().unwrap().update(&board.signed(300)).unwrap();
    fs::remove_dir_all(board.path().join("tile")).unwrap();
    board.grow_to(301);
    board.writer().unwrap().update(&board.signed(301)).unwrap();
    assert_eq!(board.audit(), 301);
}

#[test]
fn a_full_tile_with_other_bytes_is_never_overwritten() {
    let board = Board::with(300);
    board.writer().unwrap().update(&board.signed(300)).unwrap();
    let tile = board.path().join("tile/entries/000");
    fs::write(&tile, "tampered").unwrap();
    fs::remove_file(board.path().join("checkpoint")).unwrap();
    let error = board.writer().unwrap().update(&board.signed(300)).unwrap_err();
    assert!(matches!(&error, MirrorError::Differs(path) if *path == tile), "{error}");
    assert_eq!(fs::read(&tile).unwrap(), b"tampered");
    assert!(!board.path().join("checkpoint").exists());
}

#[test]
fn a_journal_that_lost_published_entries_is_found_out() {
    let board = Board::with(300);
    board.writer().unwrap().update(&board.signed(300)).unwrap();
    let shorter = Board::with(299);
    let error = MirrorWriter::open(&board.path(), shorter.journal.reader(), origin(), secret().public()).unwrap_err();
    assert!(matches!(error, MirrorError::AheadOfJournal { mirror: 300, journal: 299 }), "{error}");
}

#[test]
fn a_root_that_the_entries_do_not_have_publishes_nothing() {
    let mut board = Board::with(10);
    let mut writer = board.writer().unwrap();
    writer.update(&board.signed(10)).unwrap();
    let before = files(&board.path());
    board.grow_to(300);
    let forged = secret().sign(&Checkpoint { origin: origin(), size: 300, root: Hash32::ZERO });
    assert!(matches!(writer.update(&forged), Err(MirrorError::Fork { size: 300 })));
    assert_eq!(files(&board.path()), before);
    writer.update(&board.signed(300)).unwrap();
    board.audit();
}

#[test]
fn a_checkpoint_by_another_key_is_not_taken_over() {
    let board = Board::with(10);
    board.writer().unwrap().update(&board.signed(10)).unwrap();
    let other = BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(2)).public();
    let error = MirrorWriter::open(&board.path(), board.journal.reader(), origin(), other).unwrap_err();
    assert!(matches!(error, MirrorError::Checkpoint { .. }), "{error}");
}

#[test]
fn an_older_checkpoint_changes_nothing() {
    let board = Board::with(10);
    let mut writer = board.writer().unwrap();
    writer.update(&board.signed(10)).unwrap();
    let before = files(&board.path());
    writer.update(&board.signed(5)).unwrap();
    assert_eq!(files(&board.path()), before);
}

#[test]
fn the_thread_publishes_the_newest_checkpoint_before_it_stops() {
    let mut board = Board::new();
    let mirror = Mirror::start(&board.path(), board.journal.reader(), origin(), secret().public()).unwrap();
    let updater = mirror.updater();
    for size in [1, 2, 300, 700] {
        board.grow_to(size);
        updater.update(board.signed(size));
    }
    assert_eq!(mirror.stop(), MirrorStatus { size: 700, failure: None });
    assert_eq!(board.audit(), 700);
}

#[test]
fn a_missing_second_disk_is_said_and_stops_nothing() {
    let mut board = Board::with(1);
    fs::write(board.path(), "a file where the folder should be").unwrap();
    let mirror = Mirror::start(&board.path(), board.journal.reader(), origin(), secret().public()).unwrap();
    mirror.updater().update(board.signed(1));
    let status = mirror.stop();
    assert_eq!(status.size, 0);
    assert!(status.failure.is_some());

    // The disk is back: the next one goes on.
    fs::remove_file(board.path()).unwrap();
    let mirror = Mirror::start(&board.path(), board.journal.reader(), origin(), secret().public()).unwrap();
    board.grow_to(2);
    mirror.updater().update(board.signed(2));
    assert_eq!(mirror.stop(), MirrorStatus { size: 2, failure: None });
}
