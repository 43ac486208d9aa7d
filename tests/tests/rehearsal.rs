//! The rehearsal of an election: from the example specification to a verdict, and what is refused or left behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::city::{City, Day, Elector};
use tachiai_tests::story::until;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

fn rehearse(arguments: &[&str]) -> Outcome {
    let mut command = Programs::beside_this().unwrap().command("tachiai").unwrap();
    command.args(["--lang", "ja", "election", "rehearse"]).args(arguments);
    Outcome::of(command).unwrap()
}

#[track_caller]
fn exits(outcome: Outcome, code: i32) -> Outcome {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// The people of the rolls.
fn people(electors: usize) -> Vec<Elector> {
    City::yabu().unwrap().electors(3, electors, Day { year: 2027, month: 1, day: 31 })
}

/// A roll of people in the districts of the example specification, in Shift_JIS.
fn roll(folder: &Path, electors: usize) -> PathBuf {
    let row =
        |person: &Elector| format!("{},{},{},{},女,{},{}\r\n", person.number, person.name, person.kana, person.birth, person.address, person.number % 4 + 1);
    let text = format!("宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\r\n{}", people(electors).iter().map(row).collect::<String>());
    let path = folder.join("ROLL.csv");
    fs::write(&path, encoding_rs::SHIFT_JIS.encode(&text).0).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn heavy_forty_electors_rehearse_the_example_election_and_nothing_of_it_is_real() {
    let folder = tempfile::tempdir().unwrap();
    let (roll, out) = (roll(folder.path(), 40), folder.path().join("rehearsal"));
    let spec = data("spec.toml");
    let said = exits(rehearse(&["--spec", text(&spec), "--roll", text(&roll), "--out", text(&out)]), 0);
    assert!(said.stdout.contains("【リハーサル】") && said.stdout.contains("すべての手順が終わりました"), "{}", said.stdout);

    // The protocol, for people and for programs.
    let protocol: serde_json::Value = serde_json::from_slice(&fs::read(out.join("protocol.json")).unwrap()).unwrap();
    let steps = protocol["steps"].as_array().unwrap();
    assert!(steps.len() >= 18 && steps.iter().all(|step| step["failed"].is_null() && step["who"]["ja"].is_string()), "{protocol}");
    assert_eq!(protocol["electors"], 40);
    assert!(protocol["verdict"].as_str().unwrap().lines().next().unwrap().contains("模擬"));
    assert_eq!(fs::read_to_string(out.join("protocol.md")).unwrap().trim(), said.stdout.trim());

    // Whoever verifies the record reads in the first line what it is.
    let fingerprint = protocol["fingerprint"].as_str().unwrap();
    let verify = ["--expect", fingerprint, "--lang", "ja"];
    let verdict = exits(Programs::beside_this().unwrap().run("tachiai-verify", [&[text(&out.join("record"))], &verify[..]].concat()).unwrap(), 0);
    let first = verdict.stdout.lines().next().unwrap();
    assert!(first.contains("リハーサル") && first.contains("模擬"), "{first}");

    // Nobody of the roll is anywhere in the folder.
    let invented = fs::read_to_string(out.join("roll.csv")).unwrap();
    assert_eq!(invented.lines().count(), 41);
    assert!(people(40).iter().all(|person| !invented.contains(&person.name) && !invented.contains(&person.address)));

    // A folder that is there is not touched, by this command or by the cleaning of another folder.
    exits(rehearse(&["--spec", text(&spec), "--roll", text(&roll), "--out", text(&out)]), 1);
    exits(rehearse(&["--clean", text(folder.path())]), 1);
    assert!(out.join("protocol.md").exists());
    exits(rehearse(&["--clean", text(&out)]), 0);
    assert!(!out.exists() && roll.exists());
}

#[test]
fn what_could_not_be_held_is_not_rehearsed() {
    let folder = tempfile::tempdir().unwrap();
    let (roll, out) = (roll(folder.path(), 12), folder.path().join("rehearsal"));
    let example = fs::read_to_string(data("spec.toml")).unwrap();
    let spec = folder.path().join("SPEC.toml");
    let run = |text_of_spec: &str, roll: &Path| {
        fs::write(&spec, text_of_spec).unwrap();
        rehearse(&["--spec", text(&spec), "--roll", text(roll), "--out", text(&out)])
    };
    // Not TOML; a quorum that is none; a district that is missing.
    exits(run("title = ", &roll), 2);
    let quorum = exits(run(&example.replace("quorum = 3", "quorum = 9"), &roll), 2);
    assert!(quorum.stderr.contains("quorum"), "{}", quorum.stderr);
    exits(run(&example.replace("districts = [\"3\", \"4\"]", "districts = [\"3\", \"9\"]"), &roll), 2);
    // A roll with an error, and none at all.
    let wrong = folder.path().join("wrong.csv");
    fs::write(&wrong, "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n1,養父　太郎,,1958-13-14,男,養父市,1\n").unwrap();
    let report = exits(run(&example, &wrong), 1);
    assert!(report.stdout.contains("生年月日"), "{}", report.stdout);
    exits(run(&example, &folder.path().join("missing.csv")), 2);
    // Nothing is voted on.
    let only = &example[..example.find("[[contests]]").unwrap()];
    let uncontested = format!(
        "{only}[[contests]]\nid = \"mayor\"\nkind = \"mayor\"\ntitle = {{ ja = \"市長\", en = \"Mayor\" }}\nseats = 1\nchoose = {{ up-to = 1 }}\n\
         options = [{{ id = \"a\", name = {{ ja = \"朝倉　誠\", en = \"Asakura\" }} }}]\n"
    );
    let nobody_votes = exits(run(&uncontested, &roll), 1);
    assert!(nobody_votes.stderr.contains("無投票") && nobody_votes.stderr.contains("朝倉"), "{}", nobody_votes.stderr);
    assert!(!out.exists(), "nothing was begun");
}

#[test]
fn heavy_a_rehearsal_that_is_killed_is_cleaned_up() {
    let folder = tempfile::tempdir().unwrap();
    let (roll, out) = (roll(folder.path(), 12), folder.path().join("rehearsal"));
    let start = || {
        let mut command: Command = Programs::beside_this().unwrap().command("tachiai").unwrap();
        command.args(["election", "rehearse", "--spec"]).arg(data("spec.toml")).arg("--roll").arg(&roll).arg("--out").arg(&out);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let daemon = || -> Option<String> {
        let ids = fs::read_to_string(out.join("processes")).ok()?;
        ids.lines().next().map(ToOwned::to_owned)
    };
    let runs = |id: &str| fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(text(&out)));

    // Told to end, it ends what it started, and the folder stays to be looked at.
    let mut told = start();
    until("the daemon was started", || daemon().is_some_and(|id| runs(&id)));
    let id = daemon().unwrap();
    kill_process(Pid::from_raw(told.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    assert_eq!(told.wait().unwrap().code(), Some(130));
    assert!(!runs(&id) && out.exists());
    exits(rehearse(&["--clean", text(&out)]), 0);

    // Killed, it leaves the daemon behind; the cleaning ends it.
    let mut killed = start();
    until("the daemon was started", || daemon().is_some_and(|id| runs(&id)));
    let id = daemon().unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(runs(&id));
    exits(rehearse(&["--clean", text(&out)]), 0);
    assert!(!runs(&id) && !out.exists());
}
