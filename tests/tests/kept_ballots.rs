//! A ballot whose opening was kept is challenged later, when the device could no longer know; and what the server refuses, it signs for the voter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

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

#[test]
fn a_choice_that_is_wrong_or_not_agreed_to_registers_no_key() {
    let story = Story::new(2);
    let seat = Seat::of(&story.scene, 0);
    exits(seat.enrol(), 0);
    let election = story.election().to_string();
    let run = |command: &str, more: &[&str]| {
        let line = ["--election", &election, "--manifest", story.holding.fingerprint(), "--pin-fd", "0"];
        seat.run(&["--lang", "en"], command, "1234", &[&line[..], more].concat())
    };
    let wrong = [
        ("vote", &["--choice", "mayor=m9", "--yes"][..], "no option"),
        ("vote", &["--choice", "major=m1", "--yes"], "no contest"),
        ("vote", &["--choice", "mayor=m1,m2", "--yes"], "at most"),
        ("vote", &["--choice", "mayor=m1"], "--yes"),
        ("challenge", &["--choice", "mayor=m1"], "--yes"),
    ];
    for (command, more, said) in wrong {
        let outcome = exits(run(command, more), 64);
        assert!(outcome.stderr.contains(said), "{more:?}: {}", outcome.stderr);
    }
    assert_eq!(story.holding.status().unwrap().registrations, 0);
    exits(run("vote", &["--choice", "mayor=m1", "--yes"]), 0);
    assert_eq!(story.holding.status().unwrap().registrations, 1);
}

#[test]
fn whoever_had_the_newer_ballot_opened_is_told_to_vote_again_and_what_was_taken_on_trust() {
    let story = Story::new(2);
    let seat = Seat::of(&story.scene, 0);
    exits(seat.enrol(), 0);
    let first = seat.vote(&story, "mayor=m1", "first.json");
    seat.challenge(&story, "mayor=m2", "challenged.json");
    let appliance = &story.scene.appliance;
    let (url, ca) = (appliance.url(), appliance.ca().display().to_string());
    let check = |global: &[&str], more: &[&str]| {
        let words = ["--lang", "en", "receipt", "check", first.to_str().unwrap(), "--server", &url, "--ca", &ca];
        exits(Programs::beside_this().unwrap().run("tachiai", [global, &words, more].concat()).unwrap(), 0)
    };
    let notice = ["--manifest", story.holding.fingerprint()];
    let said = check(&[], &notice).stdout;
    assert!(said.contains("Replaced") && said.contains("vote again") && !said.contains("on trust"), "{said}");
    assert!(check(&[], &[]).stdout.contains("taken on trust"));
    let said: serde_json::Value = check(&["--json"], &[]).json().unwrap();
    assert_eq!((&said["status"], &said["successor"]["status"], &said["trust"]), (&"superseded".into(), &"challenged".into(), &"assumed".into()));
    // Of what counts nothing of the kind is said.
    let third = seat.vote(&story, "mayor=m3", "third.json");
    let words = ["--json", "receipt", "check", third.to_str().unwrap(), "--server", &url, "--ca", &ca];
    let said = exits(Programs::beside_this().unwrap().run("tachiai", [&words[..], &notice].concat()).unwrap(), 0);
    let said: serde_json::Value = said.json().unwrap();
    assert_eq!((&said["status"], &said["successor"], &said["trust"]), (&"counted".into(), &serde_json::Value::Null, &"fingerprint".into()));
}

/// A command with a choice at a terminal, with this answer typed.
fn at_a_terminal(story: &Story, seat: &Seat, command: &str, choice: &str, receipt: &str, answer: &str) -> (Option<i32>, String) {
    let (appliance, pin) = (&story.scene.appliance, seat.file("pin"));
    fs::write(&pin, "1234").unwrap();
    let program = appliance.programs().path("tachiai").unwrap();
    let (url, election, notice) = (appliance.url(), story.election(), story.holding.fingerprint());
    let (socket, state, receipt) = (seat.socket(), seat.file("state"), seat.file(receipt));
    let [program, ca, socket, state, receipt, pin] = [&program, &appliance.ca(), &socket, &state, &receipt, &pin].map(|path| path.display().to_string());
    let line = format!(
        "'{program}' --lang en {command} --server {url} --ca '{ca}' --card '{socket}' --state '{state}' --election {election} --manifest {notice} \
         --choice {choice} --pin-fd 3 --receipt '{receipt}' 3<'{pin}'"
    );
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env("SHELL", "/bin/sh");
    let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn at_a_terminal_choices_that_were_given_are_shown_for_a_yes_and_an_opening_is_warned_of() {
    let story = Story::new(2);
    let seat = Seat::of(&story.scene, 0);
    exits(seat.enrol(), 0);
    let registrations = || story.holding.status().unwrap().registrations;
    let (code, said) = at_a_terminal(&story, &seat, "vote", "mayor=m1", "first.json", "n\n");
    assert!(code == Some(1) && said.contains("Cast this vote?") && said.contains("you did not vote"), "{code:?} {said}");
    assert_eq!(registrations(), 0);
    let (code, said) = at_a_terminal(&story, &seat, "vote", "mayor=m1", "first.json", "y\nn\n");
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = at_a_terminal(&story, &seat, "challenge", "mayor=m2", "second.json", "n\n");
    assert!(code == Some(1) && said.contains("nothing of yours is counted"), "{code:?} {said}");
    assert_eq!(registrations(), 1);
    assert!(matches!(seat.check(&story, &seat.file("first.json")), BallotStatus::Counted { .. }));
}
