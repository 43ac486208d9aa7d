//! The data folder: who may have it, and whether what lies in it belongs together.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_schemas::staff::Role;
use tachiaid::app::appliance::{self, State};
use tachiaid::app::control::{Answer, Request, Socket};
use tachiaid::app::setup::{Setup, SetupError, create};
use tachiaid::app::{Base, StartError, audit};
use tachiaid::clock::{Clock, SetClock, SystemClock};
use tachiaid::journal::{JournalId, LockError};
use tachiaid::vault::{MasterKey, VaultError};

use crate::appliance::{Appliance, config, folder};

fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::new(SystemClock.now()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_is_refused() {
    let appliance = Appliance::start().await;
    let second = Base::open(config(appliance.folder.path()), clock());
    assert!(matches!(second.err(), Some(StartError::Lock(LockError::Held { .. }))));
    assert_eq!(appliance.client().await.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_master_key_opens_nothing_and_changes_nothing() {
    let clock = clock();
    let (folder, _) = folder(&clock);
    let other = folder.path().join("other.key");
    MasterKey::create(&other, &mut OsRng).unwrap();
    let mut wrong = config(folder.path());
    wrong.master_key = other;
    assert!(matches!(Base::open(wrong, clock.clone()).err(), Some(StartError::Vault(VaultError::WrongMasterKey { .. }))));
    assert!(Base::open(config(folder.path()), clock).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("something"), "").unwrap();
    let setup = Setup {
        data: folder.path().to_owned(),
        hosts: vec!["a.example".to_owned()],
        master_key: None,
        mirror: None,
        public: "127.0.0.1:0".parse().unwrap(),
        staff: "127.0.0.1:0".parse().unwrap(),
        anchors: Vec::new(),
        text_anchors: Vec::new(),
        crls: Vec::new(),
        crl: tachiai_schemas::election::CrlRequirement::Required,
        policy: tachiaid::cards::CardPolicy::Production,
    };
    assert!(matches!(create(&setup, SystemClock.now(), &mut OsRng), Err(SetupError::NotEmpty(_))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_appliance_has_no_problem_in_its_configuration() {
    let clock = clock();
    let (folder, _) = folder(&clock);
    assert_eq!(config(folder.path()).check_files(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_owner_may_enter_the_folder_or_use_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let appliance = Appliance::start().await;
    let data = appliance.folder.path().join("data");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("vault")), 0o700);
    assert_eq!(mode(&Socket::path(&data)), 0o600);
    assert_eq!(mode(&data.join("tachiaid.toml")), 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_views_equal_the_live_ones() {
    let appliance = Appliance::start().await;
    appliance.hire("甲", Role::Commission).await;
    appliance.hire("乙", Role::Auditor).await;
    assert_eq!(appliance.control(Request::Revoke { name: "乙".to_owned() }).await, Answer::Done);
    let (folder, _, clock) = appliance.stop().await;

    let compare = |base: &Base| {
        let mut state = State::default();
        state.replay(&base.reader()).unwrap();
        appliance::compare(&state, &*base.store, &JournalId::new(appliance::ID).unwrap()).unwrap()
    };
    let base = Base::open(config(folder.path()), clock.clone()).unwrap();
    let live = compare(&base);
    base.end().await;
    drop(base);
    let (moved, records) = audit::rebuild(config(folder.path()), clock.clone()).await.unwrap();
    assert!(moved.unwrap().is_dir());
    let base = Base::open(config(folder.path()), clock).unwrap();
    assert_eq!(compare(&base), live);
    assert_eq!((live.records, live.wrong), (1, 0));
    assert_eq!(records, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_counts_what_it_checked_and_finds_a_changed_journal() {
    let appliance = Appliance::start().await;
    appliance.hire("甲", Role::Commission).await;
    let (folder, _, clock) = appliance.stop().await;
    let report = audit::check(config(folder.path()), clock.clone()).await.unwrap();
    assert!(report.is_good());
    // The start of the daemon, what is trusted of cards, and the member of staff.
    assert_eq!(report.journals.iter().map(|journal| (journal.id.as_str(), journal.entries)).collect::<Vec<_>>(), [("appliance", 3), ("shelters", 0)]);

    // An auditor would miss a certificate that was trusted.
    let trusted = std::fs::read_dir(folder.path().join("data/trusted")).unwrap().next().unwrap().unwrap().path();
    let kept = std::fs::read(&trusted).unwrap();
    std::fs::write(&trusted, b"another").unwrap();
    let report = audit::check(config(folder.path()), clock.clone()).await.unwrap();
    assert!(!report.is_good() && report.lost_evidence.len() == 1, "{report:?}");
    std::fs::write(&trusted, kept).unwrap();

    let journal = folder.path().join("data/journal/appliance");
    let segment = std::fs::read_dir(journal).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[120] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    assert!(matches!(audit::check(config(folder.path()), clock).await, Err(StartError::Journal(_))));
}
