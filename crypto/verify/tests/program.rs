//! The program as an auditor runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tachiai_crypto::journal::{CosignedCheckpoint, Origin, WitnessSecretKey};
use tachiai_schemas::election::{Body, Choice, CloseReason, Closed, WitnessEntry, Witnesses};
use tachiai_schemas::receipt::OpeningFile;
use tachiai_schemas::sharing::access::AccessList;
use tachiai_schemas::{Blob, Bytes, LeafIndex, Slot, canonical};
use tachiai_verify::fork::{Of, evidence};
use tachiai_verify::receipt::OPENING_FORMAT;
use tachiai_verify::testing::{Play, access, contest};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tachiai-verify")).args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Ballot, challenge and opening of slot 0, whose voter chose the first option of every contest.
fn challenged(play: &mut Play) -> (LeafIndex, LeafIndex, OpeningFile) {
    play.register(Slot(0));
    let (ballot, opening) = play.ballot(Slot(0));
    let leaf = play.push_ballot(ballot.bytes());
    let challenged = play.challenged(Slot(0));
    let by = play.push(Body::Challenged(challenged));
    (leaf, by, OpeningFile { format: OPENING_FORMAT.to_owned(), ballot: ballot.hash().into(), opening: Blob(opening.to_bytes().to_vec()) })
}

#[test]
fn a_whole_record_holds_and_names_what_was_taken_on_trust() {
    let folder = tempfile::tempdir().unwrap();
    let play = Play::whole(1);
    play.write(folder.path());
    let output = run(&[path(folder.path())]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let fingerprint = play.board.fingerprint().unwrap().to_string();
    assert!(said(&output).contains("Taken on trust") && said(&output).contains(&fingerprint), "{}", said(&output));
    let output = run(&[path(folder.path()), "--lang", "ja", "--expect", &fingerprint]);
    assert!(said(&output).contains("判定: この記録は正しいです"), "{}", said(&output));
    assert!(said(&output).contains("公告のものと一致"), "{}", said(&output));
}

#[test]
fn the_figures_are_there_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(1).write(folder.path());
    let output = json(&run(&[path(folder.path()), "--json", "--jobs", "1"]));
    assert_eq!(output["verdict"], "holds");
    assert_eq!(output["trust"], "assumed");
    assert_eq!((output["ballots"].as_u64(), output["counted"].as_u64(), output["challenged"].as_u64()), (Some(11), Some(8), Some(1)));
    let totals: Vec<u64> = output["result"][0]["options"].as_array().unwrap().iter().map(|option| option["total"].as_u64().unwrap()).collect();
    // Slot n chooses option n mod 5.
    assert_eq!(totals, [2, 2, 2, 1, 1]);
    assert_eq!(output["result"][1]["blanks"], 8);
}

#[test]
fn the_keys_for_programs_are_stable() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(1).write(folder.path());
    let output = json(&run(&[path(folder.path()), "--json"]));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let expected = "authority ballots board candidates_out challenged counted election fingerprint online_closes opens origin participation phase \
                    places policy record registrations result resumed roll_changes slots title trust trustees uncontested verdict witnesses";
    assert_eq!(keys(&output), expected);
    assert_eq!(keys(&output["trustees"]), "all discarded quorum run shares");
    assert_eq!(keys(&output["result"][0]), "ballots blanks id manner options papers seats thresholds tie title totals units");
    assert_eq!(keys(&output["result"][0]["options"][0]), "id name paper standing total votes");
}

#[test]
fn another_fingerprint_is_refuted() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(1).write(folder.path());
    let other = Play::whole(2).board.fingerprint().unwrap().to_string();
    let output = run(&[path(folder.path()), "--json", "--expect", &other]);
    assert_eq!(code(&output), 1);
    assert_eq!(json(&output)["rule"], "R302");
}

#[test]
fn an_unfinished_record_is_incomplete_unless_partial_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut play = Play::new(3);
    play.ceremony();
    play.open();
    play.vote(Slot(0));
    play.write(folder.path());
    assert_eq!(code(&run(&[path(folder.path())])), 2);
    let output = run(&[path(folder.path()), "--partial", "--json"]);
    assert_eq!(code(&output), 0);
    assert_eq!(json(&output)["phase"], "open");
}

#[test]
fn a_file_that_a_computer_left_in_the_folder_is_named_as_one_to_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(1).write(folder.path());
    for (stray, remove) in [("Thumbs.db", "remove this file, which does not belong to the record"), ("tile/.DS_Store", "remove this file")] {
        std::fs::write(folder.path().join(stray), "").unwrap();
        let page = folder.path().with_extension("html");
        let output = run(&[path(folder.path()), "--report", path(&page)]);
        assert_eq!(code(&output), 1, "{}", said(&output));
        assert!(said(&output).contains(remove) && said(&output).contains(stray), "{}", said(&output));
        assert!(std::fs::read_to_string(&page).unwrap().contains("remove this file"));
        std::fs::remove_file(folder.path().join(stray)).unwrap();
        std::fs::remove_file(&page).unwrap();
    }
    let output = run(&[path(folder.path())]);
    assert!(code(&output) == 0 && !said(&output).contains("remove this file"), "{}", said(&output));
}

#[test]
fn a_folder_that_is_no_record_is_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&[path(folder.path()), "--json"]);
    assert_eq!(code(&output), 2);
    assert_eq!(json(&output)["verdict"], "incomplete");
}

#[test]
fn wrong_usage_is_64_and_help_is_0() {
    for arguments in [&[][..], &["--nonsense"], &["ballot"], &["receipt", "one"], &["a", "b"], &["a", "--expect", "x"], &["a", "--jobs", "0"]] {
        assert_eq!(code(&run(arguments)), 64, "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["ballot", "--help"]] {
        assert_eq!(code(&run(arguments)), 0, "{arguments:?}");
    }
    assert!(said(&run(&["--help"])).contains("Exit codes"));
}

#[test]
fn a_second_device_reads_the_choices_of_a_challenged_ballot() {
    let folder = tempfile::tempdir().unwrap();
    let mut play = Play::new(4);
    play.ceremony();
    play.open();
    let (leaf, by, opening) = challenged(&mut play);
    let (receipt_path, opening_path) = (folder.path().join("receipt.json"), folder.path().join("opening.json"));
    std::fs::write(&receipt_path, canonical::to_bytes(&play.receipt(leaf, Some(by))).unwrap()).unwrap();
    std::fs::write(&opening_path, canonical::to_bytes(&opening).unwrap()).unwrap();
    let fingerprint = play.board.fingerprint().unwrap().to_string();
    let output = run(&["ballot", path(&receipt_path), path(&opening_path), "--expect", &fingerprint]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("● mayor 1") && said(&output).contains("● council 1") && said(&output).contains("blank × 1"), "{}", said(&output));
    assert!(said(&output).contains(&format!("challenged (leaf {by})")));

    let mut wrong = opening;
    // The first bit of the second option: claims another vote.
    wrong.opening.0[33] ^= 1;
    std::fs::write(&opening_path, canonical::to_bytes(&wrong).unwrap()).unwrap();
    let output = run(&["ballot", path(&receipt_path), path(&opening_path), "--json"]);
    assert_eq!(code(&output), 1);
    assert_eq!(json(&output)["rule"], "R509");
}

#[test]
fn a_receipt_tells_what_became_of_the_ballot() {
    let folder = tempfile::tempdir().unwrap();
    let receipt_path = folder.path().join("receipt.json");
    let record = folder.path().join("record");
    let mut play = Play::new(5);
    play.ceremony();
    play.open();
    let first = play.vote(Slot(1));
    let superseded = play.receipt(first, None);
    let second = play.vote(Slot(1));
    let counted = play.receipt(second, None);
    // A record from before the publication, such as one that a server hands out to hide what came later.
    play.write(&record);
    std::fs::write(&receipt_path, canonical::to_bytes(&counted).unwrap()).unwrap();
    assert_eq!(code(&run(&["receipt", path(&receipt_path), path(&record)])), 2);
    let output = run(&["receipt", path(&receipt_path), path(&record), "--partial"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("before the publication"), "{}", said(&output));
    std::fs::remove_dir_all(&record).unwrap();
    let (leaf, by, _) = challenged(&mut play);
    let taken_out = play.receipt(leaf, Some(by));
    play.vote(Slot(5));
    play.close();
    play.count();
    play.write(&record);
    for (receipt, status) in [(superseded, "superseded"), (counted, "counted"), (taken_out, "challenged")] {
        std::fs::write(&receipt_path, canonical::to_bytes(&receipt).unwrap()).unwrap();
        let output = run(&["receipt", path(&receipt_path), path(&record), "--json"]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        assert_eq!(json(&output)["receipt"]["status"], status);
    }
}

#[test]
fn a_receipt_that_contradicts_the_record_is_evidence_of_a_fork() {
    let folder = tempfile::tempdir().unwrap();
    let receipt_path = folder.path().join("receipt.json");
    let record = folder.path().join("record");
    let setup = || {
        let mut play = Play::new(6);
        play.ceremony();
        play.open();
        play
    };
    // The same board key shows the voter one board and the auditor another.
    let mut shown = setup();
    let leaf = shown.vote(Slot(0));
    std::fs::write(&receipt_path, canonical::to_bytes(&shown.receipt(leaf, None)).unwrap()).unwrap();
    let mut play = setup();
    for slot in [1, 2, 3] {
        play.vote(Slot(slot));
    }
    play.close();
    play.count();
    play.write(&record);
    let output = run(&["receipt", path(&receipt_path), path(&record), "--json"]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert_eq!(json(&output)["receipt"]["status"], "fork");
}

#[test]
fn evidence_of_a_fork_accuses_an_election_only_where_the_fingerprint_was_compared() {
    let folder = tempfile::tempdir().unwrap();
    // Anyone can play an election of this name with a key of one's own, and fork it.
    let boards = [0, 1].map(|slot| {
        let mut play = Play::new(6);
        play.ceremony();
        play.open();
        play.vote(Slot(slot));
        play
    });
    let [one, other] = &boards;
    let (manifest, opened) = (one.board.manifest_hash().unwrap(), one.board.opened().unwrap().leaf_hash());
    let of = |opened| Of { manifest, opened, board_key: one.board_key.public() };
    let fingerprint = one.board.fingerprint().unwrap().to_string();
    let file = folder.path().join("fork.json");
    for opened in [Some(opened), None] {
        let found = evidence(&of(opened), &one.checkpoint(), &other.tree, &other.checkpoint()).unwrap();
        std::fs::write(&file, serde_json::to_vec(&found).unwrap()).unwrap();
        for (lang, named, verdict) in
            [("en", "A key that calls itself", "Verdict: incomplete. A key that calls itself"), ("ja", "を名乗る鍵は、", "判定: 不完全です。")]
        {
            let output = run(&["fork", path(&file), "--lang", lang]);
            assert_eq!(code(&output), 2, "{}", said(&output));
            assert!(said(&output).contains(named) && said(&output).contains(verdict) && !said(&output).contains("the evidence of a fork holds"));
        }
        let output = run(&["fork", path(&file), "--json"]);
        assert_eq!((code(&output), &json(&output)["verdict"]), (2, &"incomplete".into()), "{}", said(&output));
        assert!(json(&output)["detail"].as_str().unwrap().contains("NOT shown"));
    }
    let found = evidence(&of(Some(opened)), &one.checkpoint(), &other.tree, &other.checkpoint()).unwrap();
    std::fs::write(&file, serde_json::to_vec(&found).unwrap()).unwrap();
    let output = run(&["fork", path(&file), "--expect", &fingerprint, "--json"]);
    assert_eq!((code(&output), &json(&output)["verdict"]), (0, &"fork".into()), "{}", said(&output));
}

#[test]
fn only_who_cosigned_the_boards_own_size_is_named_beside_the_number_that_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let witness = |n: u8| WitnessSecretKey::from_seed(Origin::new(&format!("witness.example/{n}")).unwrap(), &[100 + n; 32]);
    let mut play = Play::with(70, (3, 2), vec![contest("mayor", 3, Choice::Exactly(1))], 1, 4, |manifest| {
        let keys = [1, 2].map(|n| WitnessEntry { name: format!("witness.example/{n}"), key: Bytes(witness(n).public().unwrap().to_bytes()) });
        manifest.witnesses = Witnesses { quorum: 1, keys: keys.to_vec() };
    });
    play.ceremony();
    play.open();
    let cosign = |play: &mut Play, n: u8| {
        let (signed, time) = (play.checkpoint(), u64::try_from(play.now.unix()).unwrap() + 60);
        let line = witness(n).cosign(&signed.checkpoint().to_note_text(), time);
        play.cosigned.insert(play.tree.len(), CosignedCheckpoint::new(signed, vec![line]).to_string());
    };
    cosign(&mut play, 1);
    play.vote_all();
    play.close();
    play.count();
    cosign(&mut play, 2);
    play.write(folder.path());
    let output = run(&[path(folder.path())]);
    assert!(said(&output).contains("witnesses: 2 (1 needed), cosigned at this size by: witness.example/2\n"), "{}", said(&output));
    assert!(said(&output).contains("everything up to the close of online voting existed by"), "{}", said(&output));
    let output = run(&[path(folder.path()), "--lang", "ja"]);
    assert!(said(&output).contains("結果の公表までの全項目は") && !said(&output).contains("published"), "{}", said(&output));
}

/// The report on a record, which has to come with this exit code.
fn report(record: &Path, arguments: &[&str], exit: i32) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let output = run(&[&[path(record), "--report", path(&file)], arguments].concat());
    assert_eq!(code(&output), exit, "{}", said(&output));
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn a_report_says_in_both_languages_what_was_checked_what_it_rests_on_and_what_it_does_not_show() {
    let folder = tempfile::tempdir().unwrap();
    let play = Play::whole(1);
    play.write(folder.path());
    let fingerprint = play.board.fingerprint().unwrap().to_string();
    let html = report(folder.path(), &["--expect", &fingerprint], 0);
    for part in
        ["この記録は正しい", "this record holds", &fingerprint, "検証が示さないもの", "does not show", "前提として信頼", "verdict rests on", "R101", "R605"]
    {
        assert!(html.contains(part), "{part}");
    }
    let hash = tachiai_crypto::hash::Hash32::sha256(&std::fs::read(folder.path().join("record.json")).unwrap());
    assert!(html.contains(&hash.to_string()));
    assert!(report(folder.path(), &[], 0).contains("No fingerprint of the public notice was given"));
}

#[test]
fn a_kept_list_of_accesses_is_told_and_held_against_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let keep = |name: &str, list: &AccessList| {
        let file = folder.path().join(name);
        std::fs::write(&file, serde_json::to_vec_pretty(list).unwrap()).unwrap();
        path(&file).to_owned()
    };
    let (before, after) = (access::list(&[(access::disclosed(), &[1])]), access::list(&[(access::disclosed(), &[1]), (access::looked(), &[2, 3])]));
    let (earlier, later) = (keep("earlier.json", &before), keep("later.json", &after));
    let output = run(&["access", &later, "--since", &earlier]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("yabu-fire") && said(&output).contains("headquarters") && said(&output).contains("Nothing about the holder is left out"));
    let output = run(&["--lang", "ja", "access", &later]);
    assert!(said(&output).contains("災害対策本部") && said(&output).contains("判定: 正しい一覧です"), "{}", said(&output));
    let output = json(&run(&["access", &later, "--since", &earlier, "--json"]));
    assert_eq!(
        (output["verdict"].as_str(), output["leaves"].as_u64(), output["since"].as_u64(), output["own"][1]["leaf"].as_u64()),
        (Some("holds"), Some(2), Some(1), Some(1))
    );
    let mut left_out = after;
    left_out.own.pop();
    let output = run(&["access", &keep("left-out.json", &left_out)]);
    assert_eq!((code(&output), said(&output).contains("R933")), (1, true), "{}", said(&output));
    let output = run(&["access", &earlier, "--since", &later]);
    assert_eq!((code(&output), said(&output).contains("R935")), (1, true), "{}", said(&output));
    assert_eq!(code(&run(&["access", &later, "--expect", "aaaa-aaaa-aaaa-aaaa-aaaa"])), 64, "there is no fingerprint of the log");
    assert_eq!(code(&run(&["access", path(&folder.path().join("none.json"))])), 2);
}

#[test]
fn a_report_is_one_file_that_asks_nothing_of_the_network() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(1).write(folder.path());
    let html = report(folder.path(), &[], 0);
    for part in ["http:", "https:", "src=", "<script", "url(", "@import", "<link"] {
        assert!(!html.contains(part), "{part}");
    }
}

#[test]
fn a_report_on_a_refuted_record_names_leaf_and_rule() {
    let folder = tempfile::tempdir().unwrap();
    let mut play = Play::new(3);
    play.ceremony();
    play.open();
    play.vote(Slot(0));
    let leaf = play.push(Body::OnlineClosed(Closed { reason: CloseReason::Scheduled }));
    play.write(folder.path());
    let html = report(folder.path(), &["--partial"], 1);
    assert!(html.contains("この記録は正しくない") && html.contains("this record is refuted"));
    assert!(html.contains(&format!("<td>{leaf}</td>")) && html.contains("R109"));
    assert!(!html.contains("this record holds"));
}

#[test]
fn a_report_on_an_incomplete_record_says_that_it_neither_holds_nor_is_refuted() {
    let folder = tempfile::tempdir().unwrap();
    let html = report(folder.path(), &[], 2);
    assert!(html.contains("不完全") && html.contains("neither holds nor is refuted"));
}

#[test]
fn what_a_record_says_is_text_in_a_report_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut play = Play::with(8, (3, 2), vec![contest("mayor", 3, Choice::Exactly(1))], 1, 3, |manifest| {
        manifest.title.ja = "<script>alert(1)</script>".to_owned();
        manifest.title.en = "\"><img src=x>".to_owned();
    });
    play.ceremony();
    play.open();
    play.vote(Slot(0));
    play.close();
    play.count();
    play.write(folder.path());
    let html = report(folder.path(), &[], 0);
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script>") && !html.contains("<img"));
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(1).write(folder.path());
    let output = run(&[path(folder.path()), "--report", "/nowhere/report.html"]);
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("/nowhere/report.html"));
}
