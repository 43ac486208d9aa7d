//! The normative text and the program have the same rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use tachiai_verify::Rule;

#[test]
fn every_rule_of_the_text_is_in_the_program_and_every_rule_of_the_program_in_the_text() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../PROTOCOL.md")).unwrap();
    let stated: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- R")).map(|rest| &rest[..3]).collect();
    let distinct: BTreeSet<&str> = stated.iter().copied().collect();
    assert_eq!(stated.len(), distinct.len(), "a number is used twice");
    let known: BTreeSet<&str> = Rule::ALL.iter().map(|rule| &rule.code()[1..]).collect();
    assert_eq!(distinct, known);
}

#[test]
fn every_rule_has_a_forgery() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let mut forgeries = std::fs::read_to_string(format!("{folder}/program.rs")).unwrap();
    for of in ["forgeries", "eligibility"] {
        for file in std::fs::read_dir(format!("{folder}/{of}")).unwrap() {
            forgeries += &std::fs::read_to_string(file.unwrap().path()).unwrap();
        }
    }
    for rule in Rule::ALL {
        let tested = forgeries.contains(&format!("Rule::{rule}")) || forgeries.contains(&format!("\"{rule}\""));
        assert!(tested, "{rule}");
    }
}
