use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::*;

pub(in crate::journal) fn id() -> JournalId {
    JournalId::new("mayor-2027").unwrap()
}

fn open(dir: &Path) -> (Journal, Recovery) {
    Journal::open(dir, &id(), Options::default()).unwrap()
}

fn small_segments() -> Options {
    Options { segment_bytes: 400, ..Options::default() }
}

fn entries(journal: &Journal) -> Vec<Vec<u8>> {
    journal.reader().iter_from(0).collect::<Result<_, _>>().unwrap()
}

fn last_segment(dir: &Path) -> PathBuf {
    files(dir, "seg").pop().unwrap()
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir.join("mayor-2027"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// Everything in the folder: what a refusal must leave as it is.
fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> =
        fs::read_dir(dir.join("mayor-2027")).unwrap().map(|file| file.unwrap().path()).map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn entries_are_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, recovery) = open(dir.path());
    assert_eq!(recovery, Recovery { entries: 0, segments: 1, torn: None });
    assert_eq!(journal.append_batch(&[b"one".as_slice(), b""]).unwrap(), 0..2);
    assert_eq!(journal.append_batch(&[b"three"]).unwrap(), 2..3);
    let head = journal.chain_head();
    drop(journal);
    let (journal, recovery) = open(dir.path());
    assert_eq!(recovery, Recovery { entries: 3, segments: 1, torn: None });
    assert_eq!(entries(&journal), [b"one".as_slice(), b"", b"three"]);
    assert_eq!(journal.chain_head(), head);
}

#[test]
fn a_batch_is_one_sync_and_an_empty_one_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    let sync = Syncer::by(move |file| {
        counter.fetch_add(1, Ordering::SeqCst);
        file.sync_data()
    });
    let (mut journal, _) = Journal::open(dir.path(), &id(), Options { sync, ..Options::default() }).unwrap();
    let before = count.load(Ordering::SeqCst);
    journal.append_batch(&vec![b"entry"; 500]).unwrap();
    assert_eq!(count.load(Ordering::SeqCst) - before, 1);
    journal.append_batch::<&[u8]>(&[]).unwrap();
    assert_eq!(count.load(Ordering::SeqCst) - before, 1);
}

#[test]
fn an_entry_is_synced_before_the_append_returns_and_before_a_reader_sees_it() {
    let dir = tempfile::tempdir().unwrap();
    let seen = Arc::new(Mutex::new(None));
    let reader: Arc<Mutex<Option<JournalReader>>> = Arc::default();
    let sync = {
        let (seen, reader) = (Arc::clone(&seen), Arc::clone(&reader));
        Syncer::by(move |file| {
            if let Some(reader) = &*reader.lock().unwrap() {
                *seen.lock().unwrap() = Some((reader.len(), file.metadata()?.len()));
            }
            file.sync_data()
        })
    };
    let (mut journal, _) = Journal::open(dir.path(), &id(), Options { sync, ..Options::default() }).unwrap();
    *reader.lock().unwrap() = Some(journal.reader());
    journal.append_batch(&[b"entry"]).unwrap();
    let whole = (HEADER_LEN + FRAME_OVERHEAD + 5) as u64;
    assert_eq!(*seen.lock().unwrap(), Some((0, whole)));
    assert_eq!(journal.reader().len(), 1);
}

#[test]
fn a_torn_tail_is_cut_and_said_and_kept_at_every_byte() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"kept".as_slice(), b"kept too"]).unwrap();
    let head = journal.chain_head();
    let segment = last_segment(dir.path());
    let whole = fs::metadata(&segment).unwrap().len() as usize;
    journal.append_batch(&[b"the last entry"]).unwrap();
    drop(journal);
    let bytes = fs::read(&segment).unwrap();
    for length in whole..bytes.len() {
        fs::write(&segment, &bytes[..length]).unwrap();
        let (journal, recovery) = open(dir.path());
        assert_eq!(entries(&journal), [b"kept".as_slice(), b"kept too"], "cut at {length}");
        assert_eq!(journal.chain_head(), head);
        assert_eq!(fs::metadata(&segment).unwrap().len(), whole as u64);
        if length == whole {
            assert_eq!(recovery.torn, None);
            continue;
        }
        let torn = recovery.torn.unwrap();
        assert_eq!((torn.offset, torn.cut_bytes), (whole as u64, (length - whole) as u64));
        assert_eq!(fs::read(&torn.kept_in).unwrap(), &bytes[whole..length]);
    }
    assert_eq!(contents(dir.path()).len(), bytes.len() - whole);
}

#[test]
fn a_last_frame_with_a_flipped_bit_is_cut_at_every_byte() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"kept"]).unwrap();
    let segment = last_segment(dir.path());
    let whole = fs::metadata(&segment).unwrap().len() as usize;
    journal.append_batch(&[b"the last entry"]).unwrap();
    drop(journal);
    let bytes = fs::read(&segment).unwrap();
    for at in whole..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 0x10;
        fs::write(&segment, &broken).unwrap();
        let (journal, recovery) = open(dir.path());
        assert_eq!(entries(&journal), [b"kept"], "flipped at {at}");
        assert_eq!(recovery.torn.unwrap().cut_bytes, (bytes.len() - whole) as u64);
    }
}

#[test]
fn a_tail_of_zeroes_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"kept"]).unwrap();
    drop(journal);
    let segment = last_segment(dir.path());
    let mut bytes = fs::read(&segment).unwrap();
    bytes.resize(bytes.len() + 5000, 0);
    fs::write(&segment, &bytes).unwrap();
    let (journal, recovery) = open(dir.path());
    assert_eq!(entries(&journal), [b"kept"]);
    assert_eq!(recovery.torn.unwrap().cut_bytes, 5000);
}

#[test]
fn the_journal_goes_on_after_a_cut_and_does_not_cut_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"one"]).unwrap();
    drop(journal);
    let segment = last_segment(dir.path());
    let mut bytes = fs::read(&segment).unwrap();
    bytes.extend_from_slice(b"torn");
    fs::write(&segment, &bytes).unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"two"]).unwrap();
    drop(journal);
    let (journal, recovery) = open(dir.path());
    assert_eq!(recovery.torn, None);
    assert_eq!(entries(&journal), [b"one", b"two"]);
}

#[test]
fn a_batch_is_recovered_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"before"]).unwrap();
    journal.append_batch(&[b"first of two", b"second of two".as_slice()]).unwrap();
    drop(journal);
    let segment = last_segment(dir.path());
    let bytes = fs::read(&segment).unwrap();
    // The first frame of the batch is intact, the second lacks its last byte.
    fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    let (journal, recovery) = open(dir.path());
    assert_eq!(entries(&journal), [b"before"]);
    assert_eq!(recovery.entries, 1);
    assert!(recovery.torn.is_some());
}

/// Pages of one write may reach the disk in any order, so this is what a power cut can leave.
#[test]
fn a_broken_frame_followed_by_frames_of_its_own_batch_is_a_torn_tail() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"before"]).unwrap();
    let segment = last_segment(dir.path());
    let whole = fs::metadata(&segment).unwrap().len() as usize;
    journal.append_batch(&[b"a", b"b", b"c"]).unwrap();
    drop(journal);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[whole..whole + 40].fill(0);
    fs::write(&segment, &bytes).unwrap();
    let (journal, recovery) = open(dir.path());
    assert_eq!(entries(&journal), [b"before"]);
    assert_eq!(recovery.torn.unwrap().cut_bytes, (bytes.len() - whole) as u64);
}

#[test]
fn a_broken_frame_followed_by_a_later_batch_is_refused_at_every_byte() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let segment = last_segment(dir.path());
    for entry in [b"one", b"two", b"six"] {
        journal.append_batch(&[entry]).unwrap();
    }
    drop(journal);
    let bytes = fs::read(&segment).unwrap();
    let frame = FRAME_OVERHEAD + 3;
    for at in HEADER_LEN..HEADER_LEN + 2 * frame {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        fs::write(&segment, &broken).unwrap();
        let before = contents(dir.path());
        let error = Journal::open(dir.path(), &id(), Options::default()).unwrap_err();
        let first = HEADER_LEN + (at - HEADER_LEN) / frame * frame;
        let JournalError::Corrupt { path, offset, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!((path, *offset), (&segment, first as u64), "flipped at {at}");
        assert!(error.to_string().contains("nothing was changed"), "{error}");
        assert_eq!(contents(dir.path()), before);
    }
}

#[test]
fn a_damaged_header_is_refused_at_every_byte() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let segment = last_segment(dir.path());
    let bytes = fs::read(&segment).unwrap();
    for at in 0..HEADER_LEN {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        fs::write(&segment, &broken).unwrap();
        let error = Journal::open(dir.path(), &id(), Options::default()).unwrap_err();
        assert!(matches!(error, JournalError::Corrupt { offset: 0, .. }), "{at}: {error}");
    }
}

#[test]
fn segments_rotate_and_the_chain_goes_on_across_them() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(dir.path(), &id(), small_segments()).unwrap();
    for n in 0_u64..20 {
        journal.append_batch(&[format!("entry {n}"), "second of the batch".to_owned()]).unwrap();
    }
    let segments = files(dir.path(), "seg");
    assert!(segments.len() > 3, "{segments:?}");
    assert_eq!(journal.reader().read(39).unwrap(), b"second of the batch");
    let head = journal.chain_head();
    drop(journal);
    let (journal, recovery) = Journal::open(dir.path(), &id(), small_segments()).unwrap();
    assert_eq!(recovery, Recovery { entries: 40, segments: segments.len(), torn: None });
    assert_eq!(journal.chain_head(), head);
    assert_eq!(journal.reader().read(6).unwrap(), b"entry 3");
    let chain = entries(&journal).iter().fold(chain_start(&id()), |chain, entry| chain_next(chain, entry));
    assert_eq!(chain, head);
}

#[test]
fn a_torn_tail_in_an_earlier_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(dir.path(), &id(), small_segments()).unwrap();
    for _ in 0..20 {
        journal.append_batch(&[b"entry"]).unwrap();
    }
    drop(journal);
    let first = &files(dir.path(), "seg")[0];
    let bytes = fs::read(first).unwrap();
    fs::write(first, &bytes[..bytes.len() - 1]).unwrap();
    let before = contents(dir.path());
    let error = Journal::open(dir.path(), &id(), small_segments()).unwrap_err();
    assert!(matches!(&error, JournalError::Corrupt { path, .. } if path == first), "{error}");
    assert_eq!(contents(dir.path()), before);
}

#[test]
fn a_missing_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(dir.path(), &id(), small_segments()).unwrap();
    for _ in 0..20 {
        journal.append_batch(&[b"entry"]).unwrap();
    }
    drop(journal);
    let segments = files(dir.path(), "seg");
    for missing in 0..2 {
        let bytes = fs::read(&segments[missing]).unwrap();
        fs::remove_file(&segments[missing]).unwrap();
        let error = Journal::open(dir.path(), &id(), small_segments()).unwrap_err();
        assert!(matches!(&error, JournalError::Gap { path, .. } if *path == segments[missing + 1]), "{error}");
        fs::write(&segments[missing], bytes).unwrap();
    }
    assert!(Journal::open(dir.path(), &id(), small_segments()).is_ok());
}

#[test]
fn a_segment_of_another_history_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    for (dir, entry) in [(&dir, b"honest"), (&other, b"forged")] {
        let (mut journal, _) = Journal::open(dir.path(), &id(), small_segments()).unwrap();
        for _ in 0..20 {
            journal.append_batch(&[entry]).unwrap();
        }
    }
    fs::copy(&files(other.path(), "seg")[1], &files(dir.path(), "seg")[1]).unwrap();
    let error = Journal::open(dir.path(), &id(), small_segments()).unwrap_err();
    assert!(matches!(&error, JournalError::Corrupt { offset: 0, .. }), "{error}");
}

#[test]
fn another_journals_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    fs::rename(dir.path().join("mayor-2027"), dir.path().join("council")).unwrap();
    let error = Journal::open(dir.path(), &JournalId::new("council").unwrap(), Options::default()).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { offset: 0, .. }), "{error}");
}

#[test]
fn an_entry_rewritten_with_a_good_crc_breaks_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"honest"]).unwrap();
    drop(journal);
    let segment = last_segment(dir.path());
    let bytes = fs::read(&segment).unwrap();
    let frame = Frame::decode(&bytes[HEADER_LEN..]).unwrap();
    let mut forged = bytes[..HEADER_LEN].to_vec();
    Frame { entry: b"forged", ..frame }.encode(&mut forged);
    fs::write(&segment, &forged).unwrap();
    let error = Journal::open(dir.path(), &id(), Options::default()).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { offset: 88, .. }), "{error}");
}

#[test]
fn a_half_made_segment_leaves_the_journal_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"one"]).unwrap();
    drop(journal);
    fs::write(dir.path().join("mayor-2027/00000000000000000001.seg.new"), b"TACH").unwrap();
    let (journal, recovery) = open(dir.path());
    assert_eq!(entries(&journal), [b"one"]);
    assert_eq!(recovery.torn, None);
}

#[test]
fn an_entry_that_decayed_on_disk_is_not_given_out() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"one", b"two"]).unwrap();
    let segment = last_segment(dir.path());
    let mut bytes = fs::read(&segment).unwrap();
    bytes[HEADER_LEN + 21] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    assert!(matches!(journal.reader().read(0), Err(JournalError::Corrupt { .. })));
    assert_eq!(journal.reader().read(1).unwrap(), b"two");
}

#[test]
fn the_longest_entry_is_kept_and_a_longer_one_refused_without_harm() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let longest = vec![7; MAX_ENTRY_LEN];
    journal.append_batch(&[&longest]).unwrap();
    let error = journal.append_batch(&[vec![7; MAX_ENTRY_LEN + 1]]).unwrap_err();
    assert!(matches!(error, JournalError::EntryTooLong(65_536)));
    journal.append_batch(&[b"next"]).unwrap();
    drop(journal);
    let (journal, _) = open(dir.path());
    assert_eq!(entries(&journal), [longest, b"next".to_vec()]);
}

#[test]
fn an_entry_that_is_not_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    journal.append_batch(&[b"one"]).unwrap();
    for seq in [1, 2, u64::MAX] {
        assert!(matches!(journal.reader().read(seq), Err(JournalError::NoSuchEntry { len: 1, .. })));
    }
}

#[test]
fn a_failed_sync_ends_writing_until_the_journal_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let broken = Arc::new(AtomicU64::new(0));
    let switch = Arc::clone(&broken);
    let sync = Syncer::by(move |file| match switch.load(Ordering::SeqCst) {
        0 => file.sync_data(),
        _ => Err(io::Error::other("the disk is gone")),
    });
    let (mut journal, _) = Journal::open(dir.path(), &id(), Options { sync, ..Options::default() }).unwrap();
    journal.append_batch(&[b"one"]).unwrap();
    let length = fs::metadata(last_segment(dir.path())).unwrap().len();

    broken.store(1, Ordering::SeqCst);
    assert!(matches!(journal.append_batch(&[b"two"]), Err(JournalError::Io { .. })));
    assert_eq!(fs::metadata(last_segment(dir.path())).unwrap().len(), length);
    broken.store(0, Ordering::SeqCst);
    assert!(matches!(journal.append_batch(&[b"two"]), Err(JournalError::ReadOnly)));
    assert_eq!(journal.reader().read(0).unwrap(), b"one");
    assert_eq!(journal.reader().len(), 1);

    drop(journal);
    let (mut journal, recovery) = open(dir.path());
    assert_eq!((recovery.entries, recovery.torn), (1, None));
    assert_eq!(journal.append_batch(&[b"two"]).unwrap(), 1..2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_batches_in_any_segments_are_read_back_in_order(
        batches in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..6), 0..12),
        segment_bytes in 1_u64..3000,
        cut in any::<prop::sample::Index>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { segment_bytes, ..Options::default() };
        let (mut journal, _) = Journal::open(dir.path(), &id(), options.clone()).unwrap();
        for batch in &batches {
            journal.append_batch(batch).unwrap();
        }
        let all: Vec<_> = batches.iter().flatten().cloned().collect();
        prop_assert_eq!(entries(&journal), all.clone());
        drop(journal);
        let (journal, _) = Journal::open(dir.path(), &id(), options.clone()).unwrap();
        prop_assert_eq!(entries(&journal), all.clone());
        drop(journal);

        // Cut the last segment anywhere after its header: whole batches remain.
        let segment = last_segment(dir.path());
        let bytes = fs::read(&segment).unwrap();
        let length = HEADER_LEN + cut.index(bytes.len() - HEADER_LEN + 1);
        fs::write(&segment, &bytes[..length]).unwrap();
        let (journal, _) = Journal::open(dir.path(), &id(), options).unwrap();
        let found = entries(&journal);
        prop_assert_eq!(&found[..], &all[..found.len()]);
        let mut ends = batches.iter().scan(0, |end, batch| { *end += batch.len(); Some(*end) });
        prop_assert!(found.is_empty() || ends.any(|end| end == found.len()));
    }
}
