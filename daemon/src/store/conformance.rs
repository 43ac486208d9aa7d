//! One suite for every backend: what the trait promises, asked of each.

use proptest::prelude::*;

use super::*;

fn journal(name: &str) -> JournalId {
    JournalId::new(name).unwrap()
}

fn key(rest: &[u8]) -> Key {
    Kind::META.key(rest)
}

/// A batch over the next `entries` entries of "a".
fn batch(store: &dyn Store, entries: u64) -> Batch {
    let start = store.high_water(&journal("a")).unwrap();
    Batch::new(journal("a"), start..start + entries)
}

fn keys_of(found: &[(Key, Vec<u8>)]) -> Vec<&[u8]> {
    found.iter().map(|(key, _)| key.rest.as_slice()).collect()
}

fn an_unknown_journal_has_the_mark_zero_and_no_records(store: &dyn Store) {
    assert_eq!(store.high_water(&journal("a")).unwrap(), 0);
    assert_eq!(store.get(&journal("a"), &key(b"x")).unwrap(), None);
    assert!(store.range(&journal("a"), &Scan::all(Kind::META.all())).unwrap().is_empty());
}

fn a_batch_moves_records_and_mark_together(store: &dyn Store) {
    let mut first = batch(store, 3);
    first.put(key(b"x"), b"1".to_vec());
    first.put(key(b"y"), b"2".to_vec());
    store.apply(&first).unwrap();
    let mut second = batch(store, 1);
    second.remove(key(b"x"));
    second.put(key(b"y"), b"3".to_vec());
    store.apply(&second).unwrap();
    assert_eq!(store.high_water(&journal("a")).unwrap(), 4);
    assert_eq!(store.get(&journal("a"), &key(b"x")).unwrap(), None);
    assert_eq!(store.get(&journal("a"), &key(b"y")).unwrap(), Some(b"3".to_vec()));
}

fn the_last_change_of_a_key_in_a_batch_wins(store: &dyn Store) {
    let mut batch = batch(store, 1);
    batch.put(key(b"x"), b"1".to_vec());
    batch.remove(key(b"x"));
    batch.put(key(b"x"), b"2".to_vec());
    batch.put(key(b"y"), b"1".to_vec());
    batch.remove(key(b"y"));
    store.apply(&batch).unwrap();
    assert_eq!(store.get(&journal("a"), &key(b"x")).unwrap(), Some(b"2".to_vec()));
    assert_eq!(store.get(&journal("a"), &key(b"y")).unwrap(), None);
}

fn a_batch_that_repeats_or_skips_entries_is_refused_and_changes_nothing(store: &dyn Store) {
    store.apply(&batch(store, 5)).unwrap();
    for (start, end) in [(0, 5), (4, 6), (6, 7), (5, 4)] {
        let mut batch = Batch::new(journal("a"), start..end);
        batch.put(key(b"x"), b"1".to_vec());
        assert!(matches!(store.apply(&batch), Err(StoreError::OutOfOrder { high_water: 5, .. })));
    }
    assert_eq!(store.get(&journal("a"), &key(b"x")).unwrap(), None);
    assert_eq!(store.high_water(&journal("a")).unwrap(), 5);
}

fn what_is_too_long_is_refused_with_the_whole_batch(store: &dyn Store) {
    let mut long_value = batch(store, 1);
    long_value.put(key(b"x"), b"1".to_vec());
    long_value.put(key(b"y"), vec![0; MAX_VALUE_LEN + 1]);
    assert!(matches!(store.apply(&long_value), Err(StoreError::ValueTooLarge(65_536))));
    let mut long_key = batch(store, 1);
    long_key.put(key(b"x"), b"1".to_vec());
    long_key.put(key(&[0; keys::MAX_KEY_LEN + 1]), Vec::new());
    assert!(matches!(store.apply(&long_key), Err(StoreError::KeyLength(513))));
    assert_eq!(store.get(&journal("a"), &key(b"x")).unwrap(), None);
    assert_eq!(store.high_water(&journal("a")).unwrap(), 0);
}

fn the_longest_key_and_value_are_kept(store: &dyn Store) {
    let mut batch = batch(store, 1);
    batch.put(key(&[0xff; keys::MAX_KEY_LEN]), vec![7; MAX_VALUE_LEN]);
    batch.put(key(b""), Vec::new());
    store.apply(&batch).unwrap();
    let found = store.range(&journal("a"), &Scan::all(Kind::META.all())).unwrap();
    assert_eq!(found[0], (key(b""), Vec::new()));
    assert_eq!(found[1], (key(&[0xff; keys::MAX_KEY_LEN]), vec![7; MAX_VALUE_LEN]));
}

fn journals_do_not_see_each_other(store: &dyn Store) {
    for name in ["a", "a-b", "b"] {
        let mut batch = Batch::new(journal(name), 0..1);
        batch.put(key(b"x"), name.as_bytes().to_vec());
        store.apply(&batch).unwrap();
    }
    store.forget(&journal("a")).unwrap();
    assert_eq!(store.high_water(&journal("a")).unwrap(), 0);
    assert_eq!(store.get(&journal("a"), &key(b"x")).unwrap(), None);
    for name in ["a-b", "b"] {
        assert_eq!(store.high_water(&journal(name)).unwrap(), 1);
        assert_eq!(store.get(&journal(name), &key(b"x")).unwrap(), Some(name.as_bytes().to_vec()));
    }
}

fn a_scan_gives_pages_in_both_orders(store: &dyn Store) {
    let mut batch = batch(store, 1);
    for rest in [b"1".as_slice(), b"2", b"21", b"22", b"23", b"2\xff", b"3", b"\xff"] {
        batch.put(key(rest), Vec::new());
    }
    store.apply(&batch).unwrap();
    let scan = |beyond: Option<&[u8]>, order, limit| {
        let scan = Scan { prefix: key(b"2"), beyond: beyond.map(key), order, limit };
        let found = store.range(&journal("a"), &scan).unwrap();
        keys_of(&found).into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    use Order::{Ascending, Descending};
    assert_eq!(scan(None, Ascending, 2), [b"2".as_slice(), b"21"]);
    assert_eq!(scan(Some(b"21"), Ascending, 9), [b"22".as_slice(), b"23", b"2\xff"]);
    assert_eq!(scan(Some(b"1"), Ascending, 1), [b"2"]);
    assert_eq!(scan(Some(b"2\xff"), Ascending, 9), [b""; 0]);
    assert_eq!(scan(Some(b"3"), Ascending, 9), [b""; 0]);
    assert_eq!(scan(None, Descending, 2), [b"2\xff".as_slice(), b"23"]);
    assert_eq!(scan(Some(b"23"), Descending, 9), [b"22".as_slice(), b"21", b"2"]);
    assert_eq!(scan(Some(b"3"), Descending, 1), [b"2\xff"]);
    assert_eq!(scan(Some(b"2"), Descending, 9), [b""; 0]);
    assert_eq!(scan(Some(b"1"), Descending, 9), [b""; 0]);
    assert_eq!(scan(None, Ascending, 0), [b""; 0]);
}

fn numbers_in_keys_are_in_their_order(store: &dyn Store) {
    let mut batch = batch(store, 1);
    let numbers = [u64::MAX, 256, 255, 0, 1];
    for number in numbers {
        batch.put(Kind::META.number(number), number.to_be_bytes().to_vec());
    }
    store.apply(&batch).unwrap();
    let found = store.range(&journal("a"), &Scan::all(Kind::META.all())).unwrap();
    let values: Vec<_> = found.iter().map(|(_, value)| u64::from_be_bytes(value[..].try_into().unwrap())).collect();
    assert_eq!(values, [0, 1, 255, 256, u64::MAX]);
}

/// A reader never sees a part of a batch, while a writer applies one after the other.
fn a_reader_sees_a_batch_whole_or_not_at_all(store: &dyn Store) {
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0_u64..300 {
                let mut batch = batch(store, 1);
                for place in 0..10 {
                    batch.put(Kind::META.number(place), round.to_be_bytes().to_vec());
                }
                store.apply(&batch).unwrap();
            }
        });
        while !writer.is_finished() {
            let found = store.range(&journal("a"), &Scan::all(Kind::META.all())).unwrap();
            assert!(found.windows(2).all(|pair| pair[0].1 == pair[1].1));
            assert!(found.is_empty() || found.len() == 10);
        }
    });
    assert_eq!(store.high_water(&journal("a")).unwrap(), 300);
}

macro_rules! suite {
    ($backend:ident, $new:expr) => {
        mod $backend {
            suite!(@claims $new;
                an_unknown_journal_has_the_mark_zero_and_no_records
                a_batch_moves_records_and_mark_together
                the_last_change_of_a_key_in_a_batch_wins
                a_batch_that_repeats_or_skips_entries_is_refused_and_changes_nothing
                what_is_too_long_is_refused_with_the_whole_batch
                the_longest_key_and_value_are_kept
                journals_do_not_see_each_other
                a_scan_gives_pages_in_both_orders
                numbers_in_keys_are_in_their_order
                a_reader_sees_a_batch_whole_or_not_at_all
            );
        }
    };
    (@claims $new:expr; $($claim:ident)+) => {
        $(#[test]
        fn $claim() {
            let dir = tempfile::tempdir().unwrap();
            super::$claim(&$new(dir.path()));
        })+
    };
}

suite!(memory, super::memory_in);
suite!(sled, super::sled_in);

fn memory_in(_: &std::path::Path) -> MemoryStore {
    MemoryStore::new()
}

fn sled_in(dir: &std::path::Path) -> SledStore {
    let options = SledOptions { cache_bytes: 1 << 20, flush_every_ms: None };
    SledStore::open(&dir.join("sled"), options, std::time::UNIX_EPOCH).unwrap().0
}

#[derive(Clone, Debug)]
enum Step {
    Apply(Vec<(u8, Option<u8>)>),
    Forget,
    Scan(u8, Option<u8>, bool, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let change = (0_u8..20, prop::option::of(any::<u8>()));
    prop_oneof![
        4 => prop::collection::vec(change, 0..8).prop_map(Step::Apply),
        1 => Just(Step::Forget),
        3 => (0_u8..3, prop::option::of(0_u8..20), any::<bool>(), 0_usize..25)
            .prop_map(|(prefix, beyond, up, limit)| Step::Scan(prefix, beyond, up, limit)),
    ]
}

/// Keys of one and two bytes with few values, so that prefixes and neighbours meet.
fn small_key(n: u8) -> Key {
    if n < 5 { key(&[n]) } else { key(&[n % 3, n]) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sled_does_what_the_plain_store_does(steps in prop::collection::vec(step(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let (sled, plain) = (sled_in(dir.path()), MemoryStore::new());
        for step in steps {
            match step {
                Step::Apply(changes) => {
                    let mut batch = batch(&plain, changes.len() as u64);
                    for (n, value) in changes {
                        match value {
                            Some(value) => batch.put(small_key(n), vec![value]),
                            None => batch.remove(small_key(n)),
                        }
                    }
                    sled.apply(&batch).unwrap();
                    plain.apply(&batch).unwrap();
                }
                Step::Forget => {
                    sled.forget(&journal("a")).unwrap();
                    plain.forget(&journal("a")).unwrap();
                }
                Step::Scan(prefix, beyond, up, limit) => {
                    let order = if up { Order::Ascending } else { Order::Descending };
                    let scan = Scan { prefix: key(&[prefix]), beyond: beyond.map(small_key), order, limit };
                    prop_assert_eq!(
                        sled.range(&journal("a"), &scan).unwrap(),
                        plain.range(&journal("a"), &scan).unwrap()
                    );
                }
            }
            prop_assert_eq!(
                sled.high_water(&journal("a")).unwrap(),
                plain.high_water(&journal("a")).unwrap()
            );
        }
        let all = Scan::all(Kind::META.all());
        prop_assert_eq!(
            sled.range(&journal("a"), &all).unwrap(),
            plain.range(&journal("a"), &all).unwrap()
        );
    }
}
