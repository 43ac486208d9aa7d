use std::time::Duration;

use super::*;
use crate::store::Kind;

const OPTIONS: SledOptions = SledOptions { cache_bytes: 1 << 20, flush_every_ms: None };

fn journal() -> JournalId {
    JournalId::new("a").unwrap()
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A folder with a store that was closed in order, with some records.
fn filled(path: &Path) {
    let (store, opening) = SledStore::open(path, OPTIONS, at(0)).unwrap();
    assert_eq!(opening, Opening::Intact);
    for n in 0_u64..200 {
        let mut batch = Batch::new(journal(), n..n + 1);
        batch.put(Kind::META.number(n), vec![n as u8; 3000]);
        store.apply(&batch).unwrap();
    }
    store.flush().unwrap();
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[test]
fn records_and_mark_are_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sled");
    filled(&path);
    let (store, opening) = SledStore::open(&path, OPTIONS, at(1)).unwrap();
    assert_eq!(opening, Opening::Intact);
    assert_eq!(store.high_water(&journal()).unwrap(), 200);
    assert_eq!(store.get(&journal(), &Kind::META.number(7)).unwrap(), Some(vec![7; 3000]));
}

#[test]
fn a_store_of_garbage_is_moved_aside_whole_and_an_empty_one_takes_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sled");
    filled(&path);
    for file in files(&path) {
        let length = fs::metadata(&file).unwrap().len();
        fs::write(&file, vec![0xa5; length as usize]).unwrap();
    }
    let before: Vec<_> = files(&path).iter().map(|file| fs::read(file).unwrap()).collect();
    let (store, opening) = SledStore::open(&path, OPTIONS, at(1_800_000_000)).unwrap();
    let Opening::MovedAside { to, cause } = opening else {
        panic!("garbage was opened");
    };
    assert_eq!(to, dir.path().join("sled.corrupt-1800000000"));
    assert!(!cause.is_empty());
    assert_eq!(store.high_water(&journal()).unwrap(), 0);
    for bytes in before {
        assert!(files(&to).iter().any(|file| fs::read(file).unwrap() == bytes), "a file was lost");
    }
}

#[test]
fn a_truncated_store_either_opens_with_whole_batches_or_is_moved_aside() {
    for part in [1, 2, 3] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sled");
        filled(&path);
        let db = fs::OpenOptions::new().write(true).open(path.join("db")).unwrap();
        db.set_len(db.metadata().unwrap().len() * part / 4).unwrap();
        let (store, opening) = SledStore::open(&path, OPTIONS, at(1)).unwrap();
        let mark = store.high_water(&journal()).unwrap();
        if let Opening::MovedAside { to, .. } = opening {
            assert!(to.is_dir());
            assert_eq!(mark, 0);
        }
        for n in 0..mark {
            assert_eq!(store.get(&journal(), &Kind::META.number(n)).unwrap(), Some(vec![n as u8; 3000]), "{n}");
        }
    }
}

#[test]
fn a_condemned_store_is_moved_aside_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sled");
    filled(&path);
    SledStore::condemn(&path).unwrap();
    let (store, opening) = SledStore::open(&path, OPTIONS, at(5)).unwrap();
    assert!(matches!(opening, Opening::MovedAside { .. }));
    assert_eq!(store.high_water(&journal()).unwrap(), 0);
}

#[test]
fn two_damaged_stores_of_one_second_are_both_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sled");
    let mut kept = Vec::new();
    for _ in 0..2 {
        filled(&path);
        SledStore::condemn(&path).unwrap();
        let (_, opening) = SledStore::open(&path, OPTIONS, at(5)).unwrap();
        let Opening::MovedAside { to, .. } = opening else {
            panic!("a condemned store was opened");
        };
        kept.push(to);
        fs::remove_dir_all(&path).unwrap();
    }
    assert_eq!(kept, [dir.path().join("sled.corrupt-5"), dir.path().join("sled.corrupt-5-2")]);
    assert!(kept.iter().all(|path| path.is_dir()));
}

#[test]
fn a_store_in_use_is_a_fault_and_is_not_moved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sled");
    let (_held, _) = SledStore::open(&path, OPTIONS, at(0)).unwrap();
    assert!(matches!(SledStore::open(&path, OPTIONS, at(1)), Err(StoreError::Fault { .. })));
    assert!(path.is_dir());
}
