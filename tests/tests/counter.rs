//! Somebody without a usable signing certificate is enrolled at the counter by two officials, and votes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::File;
use std::process::Command;

use serde_json::Value;
use tachiai_schemas::identity::{Enrolled, Standing};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_tests::appliance::{Official, Outcome};
use tachiai_tests::card::{Content, PinState};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::Story;

/// A card of an elector to whom no signing certificate was issued, with one PIN for everything.
fn child(story: &Story, elector: usize) -> Content {
    let mut content = story.scene.card(elector);
    content.signing = None;
    content.text.pin = PinState::digits("1234");
    content
}

/// The official's command, with both PINs of the holder.
fn enrol(official: &Official, seat: &Seat, reason: &str, pins: &str) -> Outcome {
    let socket = seat.socket();
    let arguments = ["card", "enrol-counter", "--reason", reason, "--card", socket.to_str().unwrap(), "--text-pin-fd", "0", "--pin-fd", "0", "--yes"];
    official.tachiai_with_secret(pins, &[&["--json"], &arguments[..]].concat()).unwrap()
}

#[track_caller]
fn waits(outcome: Outcome) -> Pending {
    outcome.expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
}

#[track_caller]
fn refused(outcome: Outcome, exit: i32, code: &str) {
    let said: Value = outcome.expect(exit).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(said["code"], code, "{said}");
}

/// Votes with the PIN of the card's text as well, which says whose entry of the roll it is.
fn vote(story: &Story, seat: &Seat) -> Outcome {
    std::fs::write(seat.file("pin"), "1234\n1234").unwrap();
    let appliance = &story.scene.appliance;
    let mut process: Command = appliance.programs().command("tachiai").unwrap();
    process.stdin(File::open(seat.file("pin")).unwrap()).current_dir(seat.folder.path());
    process.args(["--lang", "en", "vote", "--server", &appliance.url(), "--ca"]).arg(appliance.ca()).arg("--card").arg(seat.socket());
    process.arg("--state").arg(seat.file("state")).args(["--election", &story.election().to_string(), "--manifest", story.holding.fingerprint()]);
    process.args(["--choice", "mayor=m1", "--pin-fd", "0", "--text-pin-fd", "0", "--yes", "--receipt"]).arg(seat.file("receipt.json"));
    Outcome::of(process).unwrap()
}

#[test]
fn who_has_no_signing_certificate_is_enrolled_by_two_officials_and_votes() {
    let mut story = Story::new(3);
    let (first, second) = (story.holding.staff().first.clone(), story.holding.staff().second.clone());
    let auditor = story.scene.appliance.staff("auditor", Role::Auditor).unwrap();
    let seat = Seat::with(&story.scene, &child(&story, 0), &[]);

    // The card alone can do nothing yet, and says why not.
    let missing = seat.enrol().expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(missing.stderr.contains("certificate"), "{}", missing.stderr);
    vote(&story, &seat).expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));

    // What the first official is refused: a reason that the card contradicts, one that is none, a wrong PIN, another role.
    refused(enrol(&first, &seat, "under-15", "1234\n1234"), 1, "reason-contradicted");
    let unknown = enrol(&first, &seat, "lost-interest", "1234\n1234");
    assert_eq!(unknown.code, Some(64), "{unknown:?}");
    let wrong = enrol(&first, &seat, "not-issued", "9999\n1234").expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(wrong.stdout.contains("Nothing was enrolled") && wrong.stdout.contains('2'), "{}", wrong.stdout);
    let wrong = enrol(&first, &seat, "not-issued", "1234\n9999").expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(wrong.stdout.contains("Nothing was enrolled"), "{}", wrong.stdout);
    refused(enrol(&auditor, &seat, "not-issued", "1234\n1234"), 1, "forbidden");

    // Read, it waits; nothing is bound before another official has approved, and a restart forgets nothing.
    let pending = waits(enrol(&first, &seat, "not-issued", "1234\n1234"));
    vote(&story, &seat).expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    refused(first.tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap(), 1, "same-official");
    let blind = auditor.tachiai(&["approve", &pending.id, "--yes"]).unwrap().expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(blind.stderr.contains("is not shown"), "{}", blind.stderr);
    let listed = second.tachiai(&["approvals"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(listed.stdout.contains(&pending.id) && listed.stdout.contains("no signing certificate was issued"), "{}", listed.stdout);
    let enrolled: Enrolled = second.ask(&["approve", &pending.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    refused(enrol(&first, &seat, "not-issued", "1234\n1234"), 1, "already-enrolled");

    // The holder votes, and the fallback is listed for commission and auditor.
    vote(&story, &seat).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    for official in [&first, &auditor] {
        let list: Value = official.ask(&["card", "fallbacks"]).unwrap_or_else(|trouble| panic!("{trouble}"));
        let [fallback] = &list["fallbacks"].as_array().unwrap()[..] else { panic!("{list}") };
        assert_eq!(fallback["citizen"], enrolled.citizen.to_string());
        assert_eq!(fallback["fallback"]["reason"], "not-issued");
        assert_eq!(fallback["fallback"]["by"], serde_json::json!(["nishimura", "tanaka"]));
        assert_eq!(fallback["standing"], serde_json::to_value(Standing::Current).unwrap());
    }
    let words = first.tachiai(&["card", "fallbacks"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let elector = &story.scene.electors[0];
    assert!(words.stdout.contains("nishimura, tanaka"), "{}", words.stdout);
    assert!(!words.stdout.contains(&elector.name), "{}", words.stdout);

    // The appliance is still sound, and its views can be built anew.
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.tachiaid(&["check"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.tachiaid(&["rebuild"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let list: Value = first.ask(&["card", "fallbacks"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(list["fallbacks"].as_array().unwrap().len(), 1);
}
