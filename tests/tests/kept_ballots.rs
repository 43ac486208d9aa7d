//! A ballot whose opening was kept is challenged later, when the device could no longer know; and what the server refuses, it signs for the voter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::refusal::SignedRefusal;
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::Story;

#[track_caller]
fn exits(outcome: Outcome, code: i32) -> Outcome {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"))
}

fn refusals(seat: &Seat) -> Vec<PathBuf> {
    let named = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("refusal-");
    fs::read_dir(seat.folder.path()).unwrap().map(|entry| entry.unwrap().path()).filter(named).collect()
}

#[test]
fn a_kept_ballot_is_challenged_after_its_receipt_and_a_refusal_is_kept_for_a_complaint() {
    let story = Story::new(2);
    let seat = Seat::of(&story.scene, 0);
    exits(seat.enrol(), 0);
    exits(seat.keep(&story, "mayor=m1", "receipt.json", "kept.age"), 0);
    let (receipt, kept) = (seat.file("receipt.json"), seat.file("kept.age"));
    for file in [&receipt, &kept] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(matches!(seat.check(&story, &receipt), BallotStatus::Counted { .. }));
    // Nothing is cast for which there is no place.
    let again = exits(seat.keep(&story, "mayor=m2", "receipt.json", "other.age"), 2);
    assert!(again.stderr.contains("receipt.json") && !seat.file("other.age").exists(), "{again:?}");
    assert!(matches!(seat.check(&story, &receipt), BallotStatus::Counted { .. }));

    exits(seat.challenge_kept(&story, "4321", "kept.age", "challenged.json"), 1);
    exits(seat.challenge_kept(&story, "1234", "kept.age", "challenged.json"), 0);
    assert!(matches!(seat.check(&story, &receipt), BallotStatus::Challenged { .. }));
    let (challenged, opening) = (seat.file("challenged.json"), seat.file("challenged.opening.json"));
    let arguments = ["ballot", challenged.to_str().unwrap(), opening.to_str().unwrap(), "--expect", story.holding.fingerprint(), "--lang", "en"];
    let opened = exits(Programs::beside_this().unwrap().run("tachiai-verify", arguments).unwrap(), 0);
    assert!(opened.stdout.contains("Tachiai Taro"), "{}", opened.stdout);

    // The ballot that was replaced cannot be challenged any more, and the voter holds the refusal.
    exits(seat.keep(&story, "mayor=m1", "second.json", "second.age"), 0);
    let third = seat.vote(&story, "mayor=m2", "third.json");
    assert!(refusals(&seat).is_empty());
    let refused = exits(seat.challenge_kept(&story, "1234", "second.age", "late.json"), 1);
    let [file] = &refusals(&seat)[..] else { panic!("one refusal: {refused:?}") };
    assert!(refused.stderr.contains(file.file_name().unwrap().to_str().unwrap()), "{refused:?}");
    let signed: SignedRefusal = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!((signed.election, signed.code.as_str()), (story.election(), "not-current-ballot"));
    assert!(matches!(seat.check(&story, &third), BallotStatus::Counted { .. }));
    assert!(matches!(seat.check(&story, &seat.file("second.json")), BallotStatus::Superseded { .. }));
}

#[test]
fn a_voter_is_told_of_a_key_that_another_device_registered_for_the_slot() {
    let story = Story::new(2);
    let (one, other) = (Seat::of(&story.scene, 0), Seat::of(&story.scene, 0));
    for seat in [&one, &other] {
        exits(seat.enrol(), 0);
    }
    let said = |seat: &Seat, receipt: &str| exits(seat.booth(&story, "vote", "1234", "mayor=m1", receipt), 0).stderr;
    assert!(!said(&one, "first.json").contains("was registered for your slot"));
    // The own key of an earlier visit is nothing to worry about.
    assert!(!said(&one, "second.json").contains("was registered for your slot"));
    let told = said(&other, "third.json");
    assert!(told.contains("was registered for your slot before") && told.contains("registration number 2"), "{told}");
    assert!(said(&one, "fourth.json").contains("registration number 3"));
}
