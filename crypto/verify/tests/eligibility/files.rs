//! A file that is missing or not as listed makes an audit incomplete: another copy may hold.

use std::path::Path;

use tachiai_schemas::evidence::{EvidenceIndex, bundle, registrations_path};
use tachiai_schemas::record::RecordFile;
use tachiai_schemas::{LeafIndex, Slot};
use tachiai_verify::eligibility::EvidenceWriter;
use tachiai_verify::eligibility::testing::Town;
use tachiai_verify::{Failure, Incomplete, Rule};

use crate::incomplete;

fn written(seed: u8) -> (Town, tempfile::TempDir) {
    let (mut play, mut town) = Town::new(seed);
    town.register(&mut play, Slot(0));
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    assert!(town.audit(folder.path()).is_ok());
    (town, folder)
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn every_file_of_the_evidence_is_missed_and_every_change_of_one_is_found() {
    let (town, folder) = written(1);
    let all = files(&folder.path().join("evidence"));
    // Index, slots, registrations, cards.json, two anchors, a text anchor, two lists.
    assert_eq!(all.len(), 9);
    for file in all {
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(incomplete(town.audit(folder.path())), Incomplete::Missing { .. }), "{}", file.display());
        let middle = bytes.len() / 2;
        let mut changed = bytes.clone();
        changed[middle] ^= 1;
        for other in [changed, bytes[..middle].to_vec(), [&bytes[..], b" "].concat()] {
            std::fs::write(&file, other).unwrap();
            // A path that was changed in the index is that of a file that is not there.
            assert!(matches!(incomplete(town.audit(folder.path())), Incomplete::NotA { .. } | Incomplete::Missing { .. }), "{}", file.display());
        }
        std::fs::write(&file, bytes).unwrap();
    }
    assert!(town.audit(folder.path()).is_ok());
}

#[test]
fn a_file_that_the_index_does_not_list_is_named() {
    let (town, folder) = written(5);
    for path in ["notes.txt", "registrations/1", "slots/1", "cards/0", "slots/deeper"] {
        let file = folder.path().join("evidence").join(path);
        if path.ends_with("deeper") {
            std::fs::create_dir(&file).unwrap()
        } else {
            std::fs::write(&file, "something").unwrap()
        }
        let said = incomplete(town.audit(folder.path())).to_string();
        assert!(said.contains(path) && said.contains("does not list it"), "{said}");
        if path.ends_with("deeper") { std::fs::remove_dir(&file).unwrap() } else { std::fs::remove_file(&file).unwrap() }
    }
    assert!(town.audit(folder.path()).is_ok());
}

/// Writes evidence of these bundles, of which each has a leaf and a number, and everything else as it was.
fn bundles(folder: &Path, bundles: &[(u64, LeafIndex)], more: &[&str]) {
    let (own, before) = (folder.join("evidence"), folder.join("before"));
    if !before.exists() {
        std::fs::rename(&own, &before).unwrap();
    }
    let _ = std::fs::remove_dir_all(&own);
    let index: EvidenceIndex = serde_json::from_slice(&std::fs::read(before.join("evidence.json")).unwrap()).unwrap();
    let mut writer = EvidenceWriter::create(&own).unwrap();
    for RecordFile { path, .. } in &index.files {
        writer.put(path, &std::fs::read(before.join(path)).unwrap()).unwrap();
    }
    for (number, leaf) in bundles {
        writer.put(&registrations_path(*number), &bundle([(*leaf, b"sealed".as_slice())]).unwrap()).unwrap();
    }
    for path in more {
        writer.put(path, b"sealed").unwrap();
    }
    writer.finish(index.election, index.at).unwrap();
}

#[test]
fn bundles_after_a_gap_or_out_of_order_are_not_passed_over() {
    let (town, folder) = written(6);
    let beyond = LeafIndex(1 << 40);
    bundles(folder.path(), &[(1, beyond)], &[]);
    assert!(town.audit(folder.path()).is_ok());
    bundles(folder.path(), &[(2, beyond)], &[]);
    assert!(matches!(incomplete(town.audit(folder.path())), Incomplete::Missing { path } if path == "registrations/1"));
    // Of a leaf that is no registration, behind one that this record does not reach.
    bundles(folder.path(), &[(1, beyond), (2, LeafIndex(0))], &[]);
    let said = incomplete(town.audit(folder.path())).to_string();
    assert!(said.contains("registrations/2") && said.contains("do not follow"), "{said}");
    bundles(folder.path(), &[], &["slots/1"]);
    assert!(matches!(town.audit(folder.path()), Err(Failure::Refuted(violation)) if violation.rule == Rule::R701));
}

#[test]
fn the_evidence_of_another_election_and_a_strangers_key_are_told_apart_from_a_forgery() {
    let (mut town, folder) = written(2);
    let (_, other) = written(3);
    let own = folder.path().join("evidence");
    std::fs::rename(&own, folder.path().join("own")).unwrap();
    std::fs::rename(other.path().join("evidence"), &own).unwrap();
    let said = incomplete(town.audit(folder.path())).to_string();
    assert!(said.contains("not of this election"), "{said}");
    std::fs::remove_dir_all(&own).unwrap();
    std::fs::rename(folder.path().join("own"), &own).unwrap();
    town.authority = age::x25519::Identity::generate();
    std::fs::copy(other.path().join("authority.txt"), folder.path().join("authority.txt")).unwrap();
    let said = incomplete(town.audit(folder.path())).to_string();
    assert!(said.contains("age1") && said.contains("none of the given identities"), "{said}");
}

#[test]
fn a_roll_with_errors_says_in_which_line_and_names_nobody() {
    let (town, folder) = written(4);
    let roll = town.csv().replacen("d1", "養父　太郎", 1);
    std::fs::write(folder.path().join("roll.csv"), roll).unwrap();
    let said = incomplete(town.audit(folder.path())).to_string();
    assert!(said.contains("line 3, 投票区") && !said.contains("太郎"), "{said}");
}

#[test]
fn an_elector_of_the_roll_is_named_by_the_line_of_the_file() {
    let (town, folder) = written(7);
    let (header, rows) = town.csv().split_once('\n').map(|(header, rows)| (header.to_owned(), rows.to_owned())).unwrap();
    let more = "99,養父　忘子,,1950-01-01,2,兵庫県養父市,d0";
    std::fs::write(folder.path().join("roll.csv"), format!("# exported\n# by the city\n{header}\n{rows}{more}\n")).unwrap();
    match town.audit(folder.path()) {
        // Two comments, the header, eight electors.
        Err(Failure::Refuted(violation)) => assert!(violation.rule == Rule::R702 && violation.detail.contains("in line 12 of"), "{violation}"),
        _ => panic!("not refuted"),
    }
}
