//! One whole election by the commands that people type, from the specification to a verdict that needs no network; and what the verdict is worth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Setting, Story};
use tachiai_verify::testing::Play;

fn verify(arguments: &[&str]) -> Outcome {
    Programs::beside_this().unwrap().run("tachiai-verify", arguments).unwrap()
}

#[track_caller]
fn exits(outcome: Outcome, code: i32) -> Outcome {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found.sort();
    found
}

/// A fingerprint that is well formed, but of no election here.
const OTHER: &str = "aaaa-aaaa-aaaa-aaaa-aaaa";

#[test]
fn heavy_an_election_by_the_commands_ends_in_a_record_that_holds() {
    let mut story = Story::begin(Setting { trustees: (3, 2), ..Setting::of(12) });

    // Voting: one voter votes, one thinks better of it, one has a ballot opened on a second device.
    let seats: Vec<Seat> = (0..3).map(|elector| Seat::of(&story.scene, elector)).collect();
    for seat in &seats {
        exits(seat.enrol(), 0);
    }
    let counted = seats[0].vote(&story, "mayor=m1", "receipt.json");
    let superseded = seats[1].vote(&story, "mayor=m2", "first.json");
    let second = seats[1].vote(&story, "mayor=m3", "second.json");
    let (challenged, opening) = seats[2].challenge(&story, "mayor=m4", "challenged.json");
    let opened = exits(verify(&["ballot", text(&challenged), text(&opening), "--expect", story.holding.fingerprint(), "--lang", "en"]), 0);
    assert!(opened.stdout.contains("Shomei Sakura"), "{}", opened.stdout);
    exits(verify(&["ballot", text(&challenged), text(&opening), "--expect", OTHER]), 1);
    let third = seats[2].vote(&story, "mayor=", "receipt.json");
    for elector in 3..12 {
        let mut booth = story.booth(elector);
        story.vote(&mut booth, Some(0));
    }

    // What became of the ballots, while the vote goes on.
    assert!(matches!(seats[0].check(&story, &counted), BallotStatus::Counted { .. }));
    assert!(matches!(seats[1].check(&story, &superseded), BallotStatus::Superseded { .. }));
    assert!(matches!(seats[1].check(&story, &second), BallotStatus::Counted { .. }));
    assert!(matches!(seats[2].check(&story, &challenged), BallotStatus::Challenged { .. }));

    // The count.
    for (act, phase) in [("close-online", Phase::OnlineClosed), ("close-poll", Phase::PollClosed)] {
        assert_eq!(story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}")).phase, phase);
    }
    story.holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    for (act, phase) in [("count", Phase::Tallied), ("publish", Phase::Published)] {
        assert_eq!(story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}")).phase, phase);
    }
    assert!(matches!(seats[2].check(&story, &third), BallotStatus::Counted { .. }));
    let record = story.scene.folder.join("record");
    story.holding.export(&record).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));

    // From here on there is no appliance.
    let verdict: serde_json::Value = exits(verify(&[text(&record), "--expect", story.holding.fingerprint(), "--json"]), 0).json().unwrap();
    assert_eq!(verdict["verdict"], "holds");
    assert_eq!((&verdict["counted"], &verdict["ballots"], &verdict["challenged"]), (&12.into(), &14.into(), &1.into()));
    let totals: Vec<u64> = verdict["result"][0]["options"].as_array().unwrap().iter().map(|option| option["total"].as_u64().unwrap()).collect();
    assert_eq!(totals, [10, 0, 1, 0]);
    assert_eq!(verdict["result"][0]["blanks"], 1);
    exits(verify(&[text(&record), "--expect", OTHER]), 1);
    for receipt in [&counted, &superseded, &second, &challenged, &third] {
        exits(verify(&["receipt", text(receipt), text(&record)]), 0);
    }
    flipped_bits_are_found(&record);
}

/// Every file of a record that the daemon wrote, changed in a few places, by the program itself.
fn flipped_bits_are_found(record: &Path) {
    for file in files(record) {
        let bytes = fs::read(&file).unwrap();
        for (turn, place) in [0, bytes.len() / 3, 2 * bytes.len() / 3, bytes.len() - 1].into_iter().enumerate() {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (2 * turn);
            fs::write(&file, &changed).unwrap();
            let code = verify(&[text(record)]).code;
            assert!(matches!(code, Some(1 | 2)), "exit code {code:?} with bit {} of byte {place} of {} flipped", 2 * turn, file.display());
        }
        fs::write(&file, &bytes).unwrap();
    }
    exits(verify(&[text(record)]), 0);
}

#[test]
fn what_is_not_there_is_incomplete_not_refuted() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(1).write(folder.path());
    exits(verify(&[text(folder.path())]), 0);
    let missing = folder.path().with_extension("missing");
    exits(verify(&["receipt", text(&missing), text(folder.path())]), 2);
    exits(verify(&["ballot", text(&missing), text(&missing)]), 2);
    exits(verify(&[text(&missing)]), 2);
}
