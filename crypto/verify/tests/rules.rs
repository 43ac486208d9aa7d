//! The normative text and the program have the same rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

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

/// The rules that the tests named `forged_<class>_…` assert, by class.
fn forged() -> BTreeMap<String, BTreeSet<String>> {
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let folders = ["forgeries", "eligibility"].map(|of| std::fs::read_dir(format!("{}/tests/{of}", env!("CARGO_MANIFEST_DIR"))).unwrap());
    for file in folders.into_iter().flatten() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for test in text.split("#[test]\nfn forged_").skip(1) {
            let body = test.split("\n}\n").next().unwrap();
            let rules = body.split("Rule::R").skip(1).map(|rest| format!("R{}", &rest[..3]));
            classes.entry(test[..2].to_owned()).or_default().extend(rules);
        }
    }
    classes
}

#[test]
fn every_class_of_forgeries_is_made_and_refused_under_the_rules_of_the_text() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../PROTOCOL.md")).unwrap();
    let section = text.split("### 11.1 ").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| class"));
    let stated: BTreeMap<String, BTreeSet<String>> = rows
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            (cells[0].to_owned(), cells[2].split(' ').map(str::to_owned).collect())
        })
        .collect();
    assert_eq!(stated, forged(), "text and tests differ");
    let all: BTreeSet<u8> = stated.keys().map(|class| class.parse().unwrap()).collect();
    assert_eq!(all, (1..=40).collect());
}
