//! Segments are the truth: a tail that a power cut tore is cut and said, any other damage is refused and touched by nobody, and only one daemon has them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use tachiai_schemas::receipt::Receipt;
use tachiai_tests::appliance::Outcome;
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::story::Story;

fn segment(story: &Story) -> PathBuf {
    let mut segments: Vec<_> = fs::read_dir(story.segments()).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
    segments.sort();
    segments.pop().unwrap()
}

fn start(story: &mut Story) {
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
}

fn stop(story: &mut Story) {
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
}

/// Runs the daemon, which must end by itself.
fn refuses_to_run(story: &Story, lang: &str) -> Outcome {
    let mut command = story.scene.appliance.programs().command("tachiaid").unwrap();
    command.args(["--lang", lang, "run", "--config"]).arg(story.scene.appliance.config()).stdin(Stdio::null());
    let outcome = Outcome::of(command).unwrap();
    assert!(matches!(outcome.code, Some(1 | 2)), "{outcome:?}");
    outcome
}

#[test]
fn a_second_daemon_on_the_same_data_is_refused() {
    let story = Story::new(2);
    let refused = refuses_to_run(&story, "en");
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains(story.scene.appliance.data().to_str().unwrap()), "{}", refused.stderr);
    assert!(refuses_to_run(&story, "ja").stderr.chars().any(|c| ('ぁ'..='ん').contains(&c)));
    // The first one does not mind.
    let mut booth = story.booth(0);
    story.vote(&mut booth, None);
}

#[test]
fn a_torn_tail_is_cut_and_said_and_other_damage_is_refused() {
    let mut story = Story::new(2);
    let client = story.client();
    let mut booth = story.booth(0);
    let receipts: Vec<Receipt> = (0..3).map(|option| story.vote(&mut booth, Some(option))).collect();
    let whole = BoardCopy::fetch(&client, story.election());
    stop(&mut story);
    let segment = segment(&story);
    let bytes = fs::read(&segment).unwrap();

    // A write that was cut short: after the last entry stands the beginning of a frame. No receipt was given for it.
    let frame = whole.entries.last().unwrap().len() + 56;
    for missing in [1, 4, 36, 37, frame / 2, frame - 1] {
        let begun = &bytes[bytes.len() - frame..bytes.len() - missing];
        fs::write(&segment, [&bytes[..], begun].concat()).unwrap();
        let said = fs::read_to_string(story.scene.appliance.log()).unwrap().len();
        start(&mut story);
        let copy = BoardCopy::fetch(&client, story.election());
        assert_eq!(copy.entries, whole.entries, "{missing} bytes missing");
        receipts.iter().for_each(|receipt| copy.assert_holds(receipt));
        stop(&mut story);
        let log = fs::read_to_string(story.scene.appliance.log()).unwrap();
        assert!(log[said..].contains(segment.parent().unwrap().file_name().unwrap().to_str().unwrap()) && log[said..].contains("cut"), "{}", &log[said..]);
        assert_eq!(fs::read(&segment).unwrap(), bytes);
    }

    // What the disk garbled in the middle: refused, with the file's name, and left alone.
    fs::write(&segment, &bytes).unwrap();
    for place in [3, 100, bytes.len() / 3, bytes.len() / 2] {
        let mut garbled = bytes.clone();
        garbled[place] ^= 0x10;
        fs::write(&segment, &garbled).unwrap();
        for (lang, word) in [("en", "backup"), ("ja", "バックアップ")] {
            let refused = refuses_to_run(&story, lang);
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.stderr.contains(segment.to_str().unwrap()) && refused.stderr.contains(word), "byte {place}: {}", refused.stderr);
        }
        assert_eq!(fs::read(&segment).unwrap(), garbled);
        let checked = story.scene.appliance.tachiaid(&["--lang", "en", "check"]).unwrap();
        assert!(matches!(checked.code, Some(1 | 2)), "{checked:?}");
        assert!((checked.stdout.clone() + &checked.stderr).contains(segment.to_str().unwrap()), "{checked:?}");
    }

    // With the file put back everything is there.
    fs::write(&segment, &bytes).unwrap();
    start(&mut story);
    let copy = BoardCopy::fetch(&client, story.election());
    assert_eq!(copy.entries, whole.entries);
    receipts.iter().for_each(|receipt| copy.assert_holds(receipt));
}

#[test]
fn a_board_that_lost_what_was_acknowledged_is_not_opened() {
    let mut story = Story::new(2);
    let client = story.client();
    let mut booth = story.booth(0);
    let receipts: Vec<Receipt> = (0..2).map(|option| story.vote(&mut booth, Some(option))).collect();
    let whole = BoardCopy::fetch(&client, story.election());
    stop(&mut story);
    let segment = segment(&story);
    let bytes = fs::read(&segment).unwrap();
    let frame = whole.entries.last().unwrap().len() + 56;
    let refused = |story: &Story, witnesses: [&str; 2]| {
        for (lang, word, witness) in [("en", "restored from a backup", witnesses[0]), ("ja", "バックアップ", witnesses[1])] {
            let refused = refuses_to_run(story, lang);
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.stderr.contains(word) && refused.stderr.contains(witness), "{}", refused.stderr);
            assert!(refused.stderr.contains(segment.parent().unwrap().to_str().unwrap()), "{}", refused.stderr);
        }
    };

    // Damage to the last batch looks like a torn write, and a cut between two batches like none at all.
    for missing in [1, frame / 2, frame] {
        fs::write(&segment, &bytes[..bytes.len() - missing]).unwrap();
        refused(&story, ["views", "画面用"]);
    }
    // Without the views the mirror's signed checkpoint tells, also to somebody who rebuilds them.
    fs::remove_dir_all(story.scene.appliance.data().join("sled")).unwrap();
    refused(&story, ["mirror", "ミラー"]);
    let rebuilt = story.scene.appliance.tachiaid(&["--lang", "en", "rebuild"]).unwrap();
    assert_eq!(rebuilt.code, Some(2), "{rebuilt:?}");

    fs::write(&segment, &bytes).unwrap();
    start(&mut story);
    let copy = BoardCopy::fetch(&client, story.election());
    assert_eq!(copy.entries, whole.entries);
    receipts.iter().for_each(|receipt| copy.assert_holds(receipt));
}
