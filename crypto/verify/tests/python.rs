//! The program in the protocol's text reads a record as it stands there, and another one the vectors of what an appliance hands out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use tachiai_verify::testing::Play;

/// What the program of the text says of a record.
fn said(play: &Play) -> String {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../PROTOCOL.md")).unwrap();
    let (_, rest) = text.split_once("```python\n").unwrap();
    let (program, _) = rest.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.tar");
    play.write_archive(&record);
    let output = Command::new("python3").arg("-c").arg(program).arg(&record).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_program_of_the_text_reads_a_record_and_finds_what_counts() {
    let play = Play::whole(6);
    let said = said(&play);
    assert!(said.contains(&format!("fingerprint {}", play.board.fingerprint().unwrap())), "{said}");
    assert!(said.contains("counted 8 stated 8"), "{said}");
    assert!(said.contains("mayor [2, 2, 2, 1, 1]"), "{said}");
}

#[test]
fn the_program_of_the_text_leaves_out_what_papers_overrode() {
    let said = said(&Play::whole_with_papers(6));
    assert!(said.contains("counted 6 stated 6") && said.contains("'paper-issued': 3"), "{said}");
    assert!(said.contains("mayor [1, 2, 2, 1, 0]"), "{said}");
}

#[test]
fn a_program_that_shares_nothing_with_this_one_finds_every_verdict_about_lists_news_and_what_was_disclosed() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new("python3").arg(format!("{root}/verify/tests/vectors/lists.py")).arg(format!("{root}/vectors")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (name, line) in ["access", "news", "disclosed"].iter().zip(String::from_utf8(output.stdout).unwrap().lines()) {
        let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(format!("{root}/vectors/{name}.json")).unwrap()).unwrap();
        assert_eq!(line, format!("{name} {}", file["cases"].as_array().unwrap().len()));
    }
}
