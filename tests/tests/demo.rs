//! The demonstration itself, with a small city.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tachiai_schemas::Lang;
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::demo::{Folder, Readers, Screen, run, serve};

#[test]
fn the_demonstration_ends_with_the_result_that_was_voted_for() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Folder::fresh_at(&parent.path().join("demo")).unwrap();
    let readers = Readers::service().unwrap_or_else(|trouble| panic!("{trouble}"));
    run(&folder, 12, &readers, &mut Screen::new(Lang::Ja)).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(folder.join("record/record.json").exists());
    // Every statement and disclosure of the night was verified, and every forgery refused, or there would be trouble.
    for file in [
        "statements/0000.statement",
        "agencies/fire/fire.disclosure",
        "agencies/hospital/hospital.disclosure",
        "forged/totals.statement",
        "forged/fire.disclosure",
    ] {
        assert!(folder.join(file).exists(), "{file}");
    }
    assert!(!folder.join("agencies/hospital/other.disclosure").exists());
}

#[test]
fn a_city_that_is_too_small_is_refused_before_an_older_demonstration_is_removed() {
    let target = tempfile::tempdir().unwrap();
    for (name, extra) in [("demo", &[][..]), ("serve", &["--serve"][..])] {
        drop(Folder::fresh_at(&target.path().join(name)).unwrap());
        let kept = target.path().join(name).join("record");
        std::fs::write(&kept, "").unwrap();
        let mut command = Programs::beside_this().and_then(|programs| programs.command("tachiai-demo")).unwrap();
        command.env("CARGO_TARGET_DIR", target.path()).args(["--electors", "0"]).args(extra);
        let outcome = Outcome::of(command).and_then(|outcome| outcome.expect(2)).unwrap();
        assert!(outcome.stderr.contains("0 electors are too few"), "{}", outcome.stderr);
        assert!(kept.exists(), "{name}");
    }
}

#[test]
fn without_a_card_service_the_demonstration_goes_by_sockets() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Folder::fresh_at(&parent.path().join("demo")).unwrap();
    let readers = Readers::sockets("this machine has no pcscd".to_owned()).unwrap();
    run(&folder, 6, &readers, &mut Screen::new(Lang::En)).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(folder.join("record/record.json").exists());
}

#[test]
fn an_open_election_is_served_until_it_is_told_to_end() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Folder::fresh_at(&parent.path().join("serve")).unwrap();
    let mut waited = false;
    let readers = Readers::service().unwrap_or_else(|trouble| panic!("{trouble}"));
    serve(&folder, 6, &readers, &mut Screen::new(Lang::En), || waited = true).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(waited);
}
