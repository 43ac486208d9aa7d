use std::path::Path;

use tachiai_schemas::identity::FallbackReason;
use tachiai_schemas::sharing::warning::{Hazard, Severity, Silent, Warning};
use tachiai_schemas::staff::{Act, Matter, Role};
use tachiai_schemas::{Blob, Bytes, ElectionId, HashBytes, Refusal};

use super::*;
use crate::identity::{Index, Proof};
use crate::journal::Options;
use crate::staff::Change;
use crate::store::MemoryStore;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000).unwrap().plus(seconds)
}

fn index(byte: u8) -> Index {
    Index(Bytes([byte; 32]))
}

fn enrol(citizen: u8, card: u8, person: u8, moved: Option<u8>) -> Command {
    Command::Enrol(Enrol {
        at: at(0),
        citizen: CitizenId([citizen; 16]),
        card: index(card),
        person: index(person),
        moved: moved.map(|byte| CitizenId([byte; 16])),
        latest: None,
        registered: Blob(vec![1, 2, 3]),
        bound: Blob(vec![4, 5, 6]),
        proof: Proof::SigningKey,
    })
}

fn read_at_counter(citizen: u8, commitment: u8) -> Command {
    Command::Keep(Keep { at: at(0), citizen: CitizenId([citizen; 16]), commitment: Bytes([commitment; 32]), sealed: Blob(vec![7, 8]) })
}

fn bind_at_counter(citizen: u8, card: u8, commitment: u8) -> Command {
    let proof = Proof::Counter { reason: FallbackReason::NotIssued, by: ["甲".to_owned(), "乙".to_owned()], commitment: Bytes([commitment; 32]) };
    match enrol(citizen, card, citizen, None) {
        Command::Enrol(enrol) => Command::Enrol(Enrol { proof, ..enrol }),
        other => other,
    }
}

fn staff(change: Change) -> Command {
    Command::Staff(staff::Command { at: at(0), change })
}

fn add(name: &str, byte: u8) -> Command {
    staff(Change::Add { name: name.to_owned(), role: Role::Commission, key: Bytes([byte; 32]), point: Bytes([byte; 65]) })
}

fn journal(dir: &Path) -> Journal {
    Journal::open(dir, &JournalId::new(ID).unwrap(), Options::default()).unwrap().0
}

/// Gives commands to the book as its committer does.
fn command(book: &mut Book, journal: &mut Journal, command: Command) {
    let handled = book.handle(command, journal.len());
    let seqs = journal.append_batch(&handled.entries).unwrap();
    let batch: Vec<_> = seqs.zip(handled.entries).map(|(seq, entry)| Appended { seq, entry }).collect();
    book.committed(&batch, &mut [handled.reply]);
}

/// A story in which every kind of entry occurs that changes a view.
fn story() -> Vec<Command> {
    let request = Change::Request {
        id: "aaaaaaaa".to_owned(),
        matter: Matter::Election { election: ElectionId([1; 16]), act: Act::Open, roll: None },
        by: "甲".to_owned(),
    };
    let other = Change::Request {
        id: "bbbbbbbb".to_owned(),
        matter: Matter::Election { election: ElectionId([2; 16]), act: Act::Count, roll: None },
        by: "甲".to_owned(),
    };
    vec![
        Command::Own(at(0), Own::Started { version: "0".to_owned() }),
        enrol(1, 1, 1, None),
        enrol(2, 2, 2, None),
        enrol(1, 3, 1, None),
        enrol(1, 1, 4, Some(1)),
        enrol(1, 1, 5, Some(1)),
        read_at_counter(6, 1),
        read_at_counter(7, 2),
        bind_at_counter(6, 6, 1),
        add("甲", 1),
        add("乙", 2),
        staff(Change::Revoke { name: "乙".to_owned() }),
        staff(request),
        staff(other),
        staff(Change::Finish { id: "aaaaaaaa".to_owned(), refusal: Some(Refusal::WrongPhase) }),
        Command::Sharing(at(0), vec![told("rain", Severity::High), told("wind", Severity::Low)]),
        Command::Sharing(at(300), vec![sharing::Event::WarningGone { id: "wind".to_owned() }, told("rain", Severity::Critical)]),
        Command::Sharing(at(600), vec![sharing::Event::WarningsSilent(Silent { since: at(300), what: "status 500".to_owned() })]),
        Command::Sharing(at(900), vec![sharing::Event::WarningsHeard {}, told("snow", Severity::Medium)]),
    ]
}

fn told(id: &str, severity: Severity) -> sharing::Event {
    let warning = Warning {
        id: id.to_owned(),
        hazard: Hazard::Weather,
        what: "rainfall".to_owned(),
        severity: Some(severity),
        issued: at(-60),
        from: None,
        until: (severity == Severity::Critical).then(|| at(700)),
        description: "大雨警報".to_owned(),
        area: String::new(),
        source: "神戸地方気象台".to_owned(),
    };
    sharing::Event::WarningTold { warning: Box::new(warning) }
}

#[test]
fn the_views_follow_every_entry_and_rebuilt_ones_equal_the_live_ones() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = journal(dir.path());
    let live: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut book = Book::open(&journal, live.clone()).unwrap();
    let id = journal.id().clone();
    for step in story() {
        command(&mut book, &mut journal, step);
        assert_eq!(compare(&book.durable, &*live, &id).unwrap().wrong, 0);
        assert_eq!(book.ahead, book.durable);
    }
    let fresh: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let rebuilt = Book::open(&journal, fresh.clone()).unwrap();
    assert_eq!(rebuilt.durable, book.durable);
    let comparison = compare(&book.durable, &*fresh, &id).unwrap();
    // Four cards, three persons, three citizens, one member of staff, one open act.
    assert_eq!(comparison, Comparison { records: 4 + 3 + 3 + 1 + 1, wrong: 0 });
    assert_eq!(fresh.high_water(&id).unwrap(), live.high_water(&id).unwrap());
}

#[test]
fn views_that_lost_their_newest_entries_are_brought_up() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = journal(dir.path());
    let early: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut book = Book::open(&journal, Arc::new(MemoryStore::new())).unwrap();
    let (first, rest) = (story().len() / 2, story().len());
    for step in story().into_iter().take(first) {
        command(&mut book, &mut journal, step);
    }
    drop(Book::open(&journal, early.clone()).unwrap());
    for step in story().into_iter().take(rest).skip(first) {
        command(&mut book, &mut journal, step);
    }
    let again = Book::open(&journal, early.clone()).unwrap();
    assert_eq!(compare(&again.durable, &*early, journal.id()).unwrap().wrong, 0);
    assert_eq!(again.durable, book.durable);
}

#[test]
fn views_of_more_than_the_journal_holds_are_not_believed() {
    let (dir, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut journal = journal(dir.path());
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut book = Book::open(&journal, store.clone()).unwrap();
    command(&mut book, &mut journal, add("甲", 1));
    let lost = self::journal(empty.path());
    assert!(matches!(Book::open(&lost, store), Err(ReplayError::ViewsAhead { views: 1, journal: 0 })));
}

#[test]
fn an_entry_has_one_form() {
    let entry = Entry {
        v: 1,
        at: at(0),
        event: Event::Staff(staff::Event::StaffRevoked { name: "甲".to_owned(), key: HashBytes::from(tachiai_crypto::hash::Hash32::ZERO) }),
    };
    let bytes = entry.to_bytes().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(text, r#"{"v":1,"at":"2027-01-15T08:00:00Z","kind":"staff-revoked","body":{"name":"甲","key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}"#);
    assert_eq!(Entry::from_bytes(&bytes).unwrap(), entry);
    for (from, to) in [
        ("\"v\":1", "\"v\":2"),
        ("staff-revoked", "staff-retired"),
        ("{\"name\"", "{\"more\":1,\"name\""),
        ("\"kind\":", "\"more\":1,\"kind\":"),
        ("{\"v\"", "{ \"v\""),
        ("\"甲\"", "\"\\u7532\""),
    ] {
        assert!(Entry::from_bytes(text.replace(from, to).as_bytes()).is_err(), "{from} -> {to}");
    }
}

#[test]
fn every_kind_of_entry_is_read_as_what_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = journal(dir.path());
    let mut book = Book::open(&journal, Arc::new(MemoryStore::new())).unwrap();
    for step in story() {
        command(&mut book, &mut journal, step);
    }
    let mut kinds = std::collections::BTreeSet::new();
    for bytes in journal.reader().iter_from(0).map(Result::unwrap) {
        let entry = Entry::from_bytes(&bytes).unwrap();
        assert_eq!(entry.to_bytes().unwrap(), bytes);
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        kinds.insert(value["kind"].as_str().unwrap().to_owned());
    }
    let expected = [
        "act-finished",
        "act-requested",
        "card-bound",
        "card-bound-at-counter",
        "citizen-registered",
        "counter-read",
        "staff-added",
        "staff-revoked",
        "started",
        "warning-gone",
        "warning-told",
        "warnings-heard",
        "warnings-silent",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
}
