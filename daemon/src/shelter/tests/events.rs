use std::sync::Arc;

use tachiai_schemas::Refusal;
use tachiai_schemas::health::Ailment;
use tachiai_schemas::roster::{Act, EventKind};
use tachiai_schemas::shelter::{EventSpec, TerminalRequest};

use super::super::OpenError;
use super::super::testing::{BEGAN, Hall, Terminal, chain, person, spec, time};
use crate::store::{MemoryStore, Store};

async fn busy() -> Hall {
    let hall = Hall::new().await;
    let (mut gym, mut school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis();
    let one: Vec<_> = (1..=5).map(|n| gym.act(chain(n), Act::In, &person(&format!("西村　{n}")), at)).collect();
    let two = [school.act(chain(1), Act::In, &person("西村　1"), at + 1000), school.act(chain(9), Act::In, &person("田中　九"), at)];
    hall.take(gym.hand_in(&hall, &one, at)).await.unwrap();
    hall.take(school.hand_in(&hall, &two, at)).await.unwrap();
    hall
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_gives_the_same_view_and_so_do_new_views() {
    let hall = busy().await;
    let before = hall.view();
    assert_eq!(
        (before["summary"]["present"].as_u64(), before["summary"]["conflicts"].as_u64(), before["totals"]["ages"][5].as_u64()),
        (Some(6), Some(1), Some(6))
    );
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert_eq!(hall.view(), before);
    let fresh: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let hall = hall.restarted(fresh).await.unwrap();
    assert_eq!(hall.view(), before);
    assert_eq!(hall.event.problems(), Vec::<String>::new());
    // And it goes on.
    let mut hallway = hall.terminal("school-2", "school").await;
    let written = [hallway.act(chain(10), Act::In, &person("西村　十"), hall.millis())];
    assert_eq!(hall.take(hallway.hand_in(&hall, &written, hall.millis())).await.unwrap().taken, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_lost_entries_does_not_open() {
    let hall = busy().await;
    let (id, store) = (hall.event.id, Arc::clone(&hall.store));
    hall.shelters.stop().await;
    let folder = hall.dir.path().join("journal").join(format!("roster-{id}"));
    for file in std::fs::read_dir(&folder).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    assert!(matches!(hall.restarted(store).await.err(), Some(OpenError::Lost { entries: 0, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_its_keys_does_not_open() {
    let hall = busy().await;
    let (id, store) = (hall.event.id, Arc::clone(&hall.store));
    std::fs::remove_file(hall.dir.path().join("vault/secrets").join(format!("roster-{id}"))).unwrap();
    assert!(matches!(hall.restarted(store).await.err(), Some(OpenError::Keys(lost)) if lost == id));
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_that_are_lost_are_said_and_their_people_still_count() {
    let hall = busy().await;
    let (id, before) = (hall.event.id, hall.view());
    hall.shelters.stop().await;
    std::fs::remove_dir_all(hall.dir.path().join("journal").join(format!("roster-{id}-private"))).unwrap();
    std::fs::create_dir(hall.dir.path().join("journal").join(format!("roster-{id}-private"))).unwrap();
    let fresh: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let hall = hall.restarted(fresh).await.unwrap();
    let after = hall.view();
    assert_eq!((&after["summary"]["present"], after["totals"]["erased"].as_u64()), (&before["summary"]["present"], Some(6)));
    assert!(hall.event.openings_lost().is_some_and(|what| matches!(what, Ailment::OpeningsLost { entries: 7, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_declared_once_however_often_it_is_asked_for() {
    let hall = Hall::new().await;
    let disaster = spec(EventKind::Disaster);
    hall.shelters.ready_to_declare(&disaster).unwrap();
    let by = || vec!["西村".to_owned(), "田中".to_owned()];
    let made = hall.shelters.declare(by(), disaster.clone()).await.unwrap();
    assert_eq!(hall.shelters.declare(by(), disaster.clone()).await.unwrap(), made);
    assert_eq!(hall.shelters.ready_to_declare(&disaster).unwrap_err().refusal, Refusal::EventDeclared);
    assert_eq!(hall.shelters.all().len(), 2);
    hall.shelters.get(made.event).unwrap().close(["西村".to_owned(), "田中".to_owned()]).await.unwrap();
    assert_ne!(hall.shelters.declare(by(), disaster).await.unwrap(), made, "the next one may be alike");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_is_not_declared() {
    let hall = Hall::new().await;
    let good = spec(EventKind::Lecture);
    for wrong in [
        EventSpec { municipality: "282226".to_owned(), ..good.clone() },
        EventSpec { min_group: 1, ..good.clone() },
        EventSpec { began: time("2024-01-01T00:00:00Z"), ..good.clone() },
        EventSpec { title: tachiai_schemas::election::Text { ja: " ".to_owned(), en: "x".to_owned() }, ..good },
    ] {
        assert_eq!(hall.shelters.declare(vec!["西村".to_owned()], wrong).await.unwrap_err().refusal, Refusal::ShelterInvalid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_asks_is_seen_until_it_is_admitted_and_a_name_that_was_given_is_not_asked_for() {
    let hall = Hall::new().await;
    let entries = hall.event.published().roster.len();
    let gym = Terminal::new(hall.event.id, "gym-7", "gym");
    hall.event.ask_admission("受付", gym.request()).unwrap();
    hall.event.ask_admission("受付", gym.request()).unwrap();
    let asking = hall.event.asking();
    assert_eq!(asking.iter().map(|one| (one.by.as_str(), &one.request)).collect::<Vec<_>>(), [("受付", &gym.request())]);
    assert_eq!(hall.event.published().roster.len(), entries, "nothing is recorded before somebody decides");
    hall.event.admit("西村", gym.request()).await.unwrap();
    assert!(hall.event.asking().is_empty());
    hall.event.ask_admission("受付", gym.request()).unwrap();
    assert!(hall.event.asking().is_empty(), "what is admitted asks for nothing");
    let moved = TerminalRequest { shelter: "school".parse().unwrap(), ..gym.request() };
    hall.event.ask_admission("受付", moved.clone()).unwrap();
    assert_eq!(hall.event.asking().iter().map(|one| &one.request).collect::<Vec<_>>(), [&moved], "one that moved asks anew");
    hall.event.asking.settle(&moved.terminal, &moved.key, hall.event.services.clock.now());
    let impostor = Terminal::new(hall.event.id, "gym-7", "gym");
    assert_eq!(hall.event.ask_admission("受付", impostor.request()).unwrap_err().refusal, Refusal::TerminalTaken);
    let mut stray = Terminal::new(hall.event.id, "gym-8", "gym").request();
    stray.event = tachiai_schemas::roster::EventId([9; 16]);
    assert_eq!(hall.event.ask_admission("受付", stray).unwrap_err().refusal, Refusal::ShelterInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_keeps_name_and_key_and_does_not_come_back() {
    let hall = Hall::new().await;
    let gym = hall.terminal("gym-1", "gym").await;
    let entries = hall.event.published().roster.len();
    hall.event.admit("西村", gym.request()).await.unwrap();
    assert_eq!(hall.event.published().roster.len(), entries, "the same again");
    let impostor = Terminal::new(hall.event.id, "gym-1", "gym");
    let mut renamed = gym.request();
    renamed.terminal = "gym-2".parse().unwrap();
    for request in [impostor.request(), renamed] {
        assert_eq!(hall.event.admit("西村", request).await.unwrap_err().refusal, Refusal::TerminalTaken);
    }
    let mut stray = Terminal::new(hall.event.id, "gym-4", "gym").request();
    stray.event = tachiai_schemas::roster::EventId([9; 16]);
    assert_eq!(hall.event.admit("西村", stray).await.unwrap_err().refusal, Refusal::ShelterInvalid, "it was set up for another event");
    let mut moved = gym.request();
    moved.shelter = "school".parse().unwrap();
    assert_eq!(hall.event.admit("西村", moved).await.unwrap().shelter.as_str(), "school");
    hall.event.revoke("西村", &gym.name).await.unwrap();
    assert_eq!(hall.event.admit("西村", gym.request()).await.unwrap_err().refusal, Refusal::TerminalTaken);
    let nowhere = Terminal::new(hall.event.id, "gym-3", "nowhere");
    assert_eq!(hall.event.admit("西村", nowhere.request()).await.unwrap_err().refusal, Refusal::ShelterInvalid, "its shelter is not opened");
    let mut nonsense = gym.request();
    nonsense.recipient = "age1".to_owned();
    assert_eq!(hall.event.admit("西村", nonsense).await.unwrap_err().refusal, Refusal::ShelterInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_proved_to_stand_in_the_roster() {
    let hall = busy().await;
    let declared = hall.event.declared().unwrap();
    assert_eq!(declared.began, time(BEGAN));
    let key = tachiai_crypto::journal::BoardKey::from_bytes(&declared.key.0).unwrap();
    let origin = tachiai_crypto::journal::Origin::new(&declared.origin).unwrap();
    let size = hall.event.published().roster.len();
    for leaf in 0..size {
        let proven = hall.event.proof(leaf).unwrap();
        let signed = tachiai_crypto::journal::SignedCheckpoint::parse_and_verify(&proven.checkpoint, &origin, &key).unwrap();
        let proof = tachiai_crypto::journal::InclusionProof::from_hashes(proven.hashes.iter().map(|hash| hash.hash()).collect());
        let hash = tachiai_crypto::journal::leaf_hash(&proven.entry.0);
        tachiai_crypto::journal::verify_inclusion(hash, leaf, size, &proof, signed.checkpoint().root).unwrap();
    }
    assert_eq!(hall.event.proof(size).unwrap_err().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fingerprint_that_is_shown_of_an_event_is_that_by_which_its_statements_are_checked() {
    let hall = busy().await;
    let first = tachiai_crypto::journal::leaf_hash(&hall.event.proof(0).unwrap().entry.0);
    let fingerprint = tachiai_crypto::election::context::Fingerprint::of(&first);
    assert_eq!(hall.event.view().unwrap().fingerprint, fingerprint.to_string());
}
