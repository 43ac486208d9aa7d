//! The command that prints the papers of a record.
#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tachiai_verify::testing::Play;

fn papers(record: &Path, out: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tachiai"))
        .args(["election", "papers"])
        .arg(record)
        .arg("--out")
        .arg(out)
        .args(["--lang", "en"])
        .args(more)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_papers_of_a_record_are_made_once_and_can_be_made_again_byte_by_byte() {
    let folder = tempfile::tempdir().unwrap();
    let (record, first, second) = (folder.path().join("record.tar"), folder.path().join("first"), folder.path().join("second"));
    let play = Play::whole(1);
    play.write_archive(&record);
    let fingerprint = play.board.fingerprint().unwrap().to_string();
    let expect = ["--expect", &fingerprint, "--manager", "朝倉 花子", "--issuer", "養父市選挙管理委員会"];

    let output = papers(&record, &first, &expect);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let names = ["count-record.pdf", "quick-report.pdf", "turnout-report.pdf"];
    let mut found: Vec<String> = fs::read_dir(&first).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, names);

    // What was perhaps signed stays as it is.
    fs::write(first.join("quick-report.pdf"), "signed").unwrap();
    let output = papers(&record, &first, &expect);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(fs::read(first.join("quick-report.pdf")).unwrap(), b"signed");

    let output = papers(&record, &second, &[&expect[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((json["files"].as_array().unwrap().len(), json["trust"].as_str()), (3, Some("fingerprint")));
    for name in ["count-record.pdf", "turnout-report.pdf"] {
        assert!(fs::read(first.join(name)).unwrap() == fs::read(second.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_record_with_papers_gives_a_record_of_each_day_of_each_place_too() {
    let folder = tempfile::tempdir().unwrap();
    let (record, out, evening) = (folder.path().join("record"), folder.path().join("out"), folder.path().join("evening"));
    Play::whole_with_papers(1).write(&record);
    let output = papers(&record, &out, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let mut found: Vec<String> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    let names = ["count-record.pdf", "early-voting-2026-11-01.pdf", "poll-record-city-hall-2026-11-01.pdf", "poll-record-school-2026-11-01.pdf"];
    assert_eq!(found, [&names[..], &["quick-report.pdf", "turnout-report.pdf"]].concat());
    if let Some(kept) = std::env::var_os("TACHIAI_PAPERS") {
        for name in found {
            fs::copy(out.join(&name), Path::new(&kept).join(format!("record-{name}"))).unwrap();
        }
    }

    // A poll record that was perhaps signed stays, and nothing is written beside it.
    fs::create_dir(&evening).unwrap();
    fs::write(evening.join(names[3]), "signed").unwrap();
    let output = papers(&record, &evening, &["--kind", "early-daily", "--kind", "poll-record"]);
    assert_eq!((output.status.code(), fs::read_dir(&evening).unwrap().count()), (Some(2), 1), "{}", said(&output));

    let output = papers(&record, &evening, &["--kind", "turnout-report", "--at", "2026-11-01 19:00"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    for (time, what) in [("19", "HH:MM"), ("2026-11-01 05:00", "had not begun")] {
        let output = papers(&record, &folder.path().join("none"), &["--kind", "turnout-report", "--at", time]);
        assert!(output.status.code() == Some(64) && said(&output).contains(what), "{}", said(&output));
    }
}

#[test]
fn a_record_without_papers_has_no_poll_record_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (record, out) = (folder.path().join("record"), folder.path().join("out"));
    Play::whole(1).write(&record);
    let output = papers(&record, &out, &["--kind", "poll-record"]);
    assert!(output.status.success() && said(&output).contains("no papers were handed out"), "{}", said(&output));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn a_record_of_another_election_than_the_announced_one_gives_no_papers() {
    let folder = tempfile::tempdir().unwrap();
    let (record, out) = (folder.path().join("record"), folder.path().join("out"));
    Play::whole(1).write(&record);
    let other = Play::whole(2).board.fingerprint().unwrap().to_string();
    let output = papers(&record, &out, &["--expect", &other]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn without_a_fingerprint_it_is_said_and_one_kind_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let (record, out) = (folder.path().join("record"), folder.path().join("out"));
    Play::whole(1).write(&record);
    let output = papers(&record, &out, &["--kind", "quick-report", "--text", "en"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("was not compared with the public notice"), "{}", said(&output));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn an_interrupted_download_gives_no_papers() {
    let folder = tempfile::tempdir().unwrap();
    let (record, out) = (folder.path().join("record.tar"), folder.path().join("out"));
    Play::whole(1).write_archive(&record);
    let bytes = fs::read(&record).unwrap();
    fs::write(&record, &bytes[..bytes.len() / 2]).unwrap();
    let output = papers(&record, &out, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    // Nor does a path that leads nowhere: of neither is it said that it does not hold.
    let nowhere = papers(&folder.path().join("nowhere"), &out, &[]);
    for output in [output, nowhere] {
        assert!(output.status.code() == Some(2) && said(&output).contains("neither holds nor is refuted"), "{}", said(&output));
    }
}
