//! R102, R106, R107, and damage of every kind to the files.

use std::fs;
use std::path::Path;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Origin, Tree, leaf_hash};
use tachiai_schemas::record::{RecordFile, RecordIndex};
use tachiai_schemas::{LeafIndex, canonical};
use tachiai_verify::testing::Play;
use tachiai_verify::{Failure, Incomplete, Options, Rule, verify_record};

use super::{broken, violation};

/// A whole record in a folder.
fn record() -> (tempfile::TempDir, Play) {
    let folder = tempfile::tempdir().unwrap();
    let play = Play::whole(60);
    play.write(folder.path());
    (folder, play)
}

fn index(folder: &Path) -> RecordIndex {
    canonical::from_bytes(&fs::read(folder.join("record.json")).unwrap()).unwrap()
}

fn write_index(folder: &Path, index: &RecordIndex) {
    fs::write(folder.join("record.json"), canonical::to_bytes(index).unwrap()).unwrap();
}

/// Replaces a file and lists its new hash.
fn replace(folder: &Path, path: &str, bytes: &[u8]) {
    fs::write(folder.join(path), bytes).unwrap();
    let mut index = index(folder);
    let file = index.files.iter_mut().find(|file| file.path == path).unwrap();
    (file.bytes, file.sha256) = (bytes.len() as u64, Hash32::sha256(bytes).into());
    write_index(folder, &index);
}

fn found(folder: &Path) -> Rule {
    violation(folder).rule
}

#[test]
fn a_flipped_bit_in_any_file_is_found() {
    let (folder, _) = record();
    let mut paths: Vec<String> = index(folder.path()).files.into_iter().map(|file| file.path).collect();
    paths.push("record.json".to_owned());
    assert!(paths.len() >= 8);
    for path in paths {
        let file = folder.path().join(&path);
        let honest = fs::read(&file).unwrap();
        let bits = honest.len() * 8;
        for at in [0, 7, bits / 3, bits / 2 + 1, bits * 2 / 3, bits - 1] {
            let mut bytes = honest.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            fs::write(&file, &bytes).unwrap();
            assert!(verify_record(folder.path(), &Options::default()).is_err(), "bit {at} of {path}");
        }
        fs::write(&file, &honest).unwrap();
    }
    assert!(verify_record(folder.path(), &Options::default()).is_ok());
}

#[test]
fn a_missing_file_is_incomplete() {
    let (folder, _) = record();
    for RecordFile { path, .. } in index(folder.path()).files {
        let (file, aside) = (folder.path().join(&path), folder.path().with_extension("aside"));
        fs::rename(&file, &aside).unwrap();
        let verdict = verify_record(folder.path(), &Options::default());
        assert!(matches!(verdict, Err(Failure::Incomplete(Incomplete::Missing { path: missing })) if missing == path));
        fs::rename(&aside, &file).unwrap();
    }
}

#[test]
fn an_emptied_file_is_refused() {
    let (folder, _) = record();
    for RecordFile { path, .. } in index(folder.path()).files {
        let honest = fs::read(folder.path().join(&path)).unwrap();
        replace(folder.path(), &path, b"");
        assert!(verify_record(folder.path(), &Options::default()).is_err(), "{path}");
        replace(folder.path(), &path, &honest);
    }
}

#[test]
fn a_file_that_is_not_listed_is_refused() {
    for path in ["notes.txt", "tile/0/001", "tile/entries/000", "attachments/x", ".hidden", "tile/x"] {
        let (folder, _) = record();
        fs::write(folder.path().join(path), b"x").unwrap();
        assert_eq!(found(folder.path()), Rule::R107, "{path}");
    }
}

#[test]
fn a_listed_file_that_no_record_holds_is_refused() {
    for path in ["../outside", "/etc/passwd", "notes.txt", "record.json", "tile/0/001", "tile/1/000.p/1", "tile/0/x000/000", "attachments/ABC", "checkpoint/"] {
        let (folder, _) = record();
        let mut index = index(folder.path());
        index.files.push(RecordFile { path: path.to_owned(), bytes: 1, sha256: Hash32::ZERO.into() });
        index.files.sort_by(|a, b| a.path.cmp(&b.path));
        write_index(folder.path(), &index);
        assert_eq!(found(folder.path()), Rule::R107, "{path}");
    }
}

#[test]
fn an_index_out_of_order_or_with_repetitions_is_refused() {
    let forgeries: [fn(&mut RecordIndex); 6] = [
        |index| index.files.reverse(),
        |index| index.files.push(index.files.last().unwrap().clone()),
        |index| index.format = "tachiai-record/2".to_owned(),
        |index| index.size += 1,
        |index| index.size = u64::MAX,
        |index| drop(index.files.remove(index.files.iter().position(|file| file.path == "checkpoint").unwrap())),
    ];
    for forge in forgeries {
        let (folder, _) = record();
        let mut index = index(folder.path());
        forge(&mut index);
        write_index(folder.path(), &index);
        assert_eq!(found(folder.path()), Rule::R107);
    }
}

#[test]
fn a_tile_that_the_entries_do_not_give_is_refused() {
    let (folder, _) = record();
    let path = index(folder.path()).files.into_iter().map(|file| file.path).find(|path| path.starts_with("tile/0/")).unwrap();
    let mut bytes = fs::read(folder.path().join(&path)).unwrap();
    bytes[40] ^= 1;
    replace(folder.path(), &path, &bytes);
    assert_eq!(found(folder.path()), Rule::R107);
}

#[test]
fn a_bundle_with_a_truncated_or_extra_entry_is_refused() {
    let forgeries: [fn(&mut Vec<u8>); 3] = [|bytes| bytes.truncate(bytes.len() - 1), |bytes| bytes.push(0), |bytes| bytes.extend_from_slice(&[0, 0])];
    for forge in forgeries {
        let (folder, _) = record();
        let path = index(folder.path()).files.into_iter().map(|file| file.path).find(|path| path.starts_with("tile/entries/")).unwrap();
        let mut bytes = fs::read(folder.path().join(&path)).unwrap();
        forge(&mut bytes);
        replace(folder.path(), &path, &bytes);
        assert_eq!(found(folder.path()), Rule::R107);
    }
}

#[test]
fn a_record_that_lacks_an_attachment_is_refused() {
    let mut play = Play::whole(61);
    let names = play.board.attachments();
    for (leaf, name) in names {
        let bytes = play.attachments.remove(&name).unwrap();
        broken(&play, Rule::R106, leaf);
        play.attachments.insert(name, bytes);
    }
}

#[test]
fn an_attachment_that_nothing_names_is_refused() {
    let mut play = Play::whole(61);
    play.attach(b"extra".to_vec());
    broken(&play, Rule::R106, None);
}

#[test]
fn an_attachment_with_another_content_than_its_name_is_refused() {
    let mut play = Play::whole(61);
    for (_, name) in play.board.attachments() {
        let honest = play.attachments[&name].clone();
        let mut bytes = honest.clone();
        bytes[0] ^= 1;
        play.attachments.insert(name, bytes);
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        assert_eq!(found(folder.path()), Rule::R106);
        play.attachments.insert(name, honest);
    }
}

/// The record with another signed note as checkpoint.
fn with_checkpoint(note: impl FnOnce(&Play) -> String) -> tempfile::TempDir {
    let (folder, play) = record();
    replace(folder.path(), "checkpoint", note(&play).as_bytes());
    folder
}

#[test]
fn a_checkpoint_by_another_key_or_of_another_board_is_refused() {
    let of =
        |key: &BoardSecretKey, origin: &str, size: u64, root| key.sign(&Checkpoint { origin: Origin::new(origin).unwrap(), size, root }).as_str().to_owned();
    let folders = [
        with_checkpoint(|play| of(&BoardSecretKey::from_seed(&[1; 32]), &play.manifest.origin, play.tree.len(), play.tree.root())),
        with_checkpoint(|play| of(&play.board_key, "other.example.jp/x", play.tree.len(), play.tree.root())),
        with_checkpoint(|play| of(&play.board_key, &play.manifest.origin, play.tree.len() - 1, play.tree.root_at(play.tree.len() - 1).unwrap())),
        with_checkpoint(|play| of(&play.board_key, &play.manifest.origin, play.tree.len(), Hash32::ZERO)),
        with_checkpoint(|play| {
            let note = play.checkpoint().as_str().to_owned();
            let line = note.lines().last().unwrap().to_owned();
            format!("{note}{line}\n")
        }),
        with_checkpoint(|play| play.checkpoint().as_str().replacen("\n\n", "\nextension\n\n", 1)),
        with_checkpoint(|play| play.checkpoint().as_str().trim_end().to_owned()),
    ];
    for folder in folders {
        assert_eq!(found(folder.path()), Rule::R102);
    }
}

#[test]
fn a_board_rewritten_under_a_signed_checkpoint_is_refused() {
    // What the operator could do to the files without the board key: the honest checkpoint stays.
    let honest = Play::whole(60).checkpoint().as_str().to_owned();
    let mut play = Play::whole(60);
    play.entries.pop();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    replace(folder.path(), "checkpoint", honest.as_bytes());
    assert_eq!(found(folder.path()), Rule::R102);
}

#[test]
fn a_dropped_or_exchanged_leaf_is_refused_even_when_signed_again() {
    let mut play = Play::whole(60);
    let place = play.entries.iter().position(|entry| entry.starts_with(br#"{"v":1,"kind":"registration""#)).unwrap();
    let dropped = play.entries.remove(place);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    assert_eq!((violation(folder.path()).rule, violation(folder.path()).leaf), (Rule::R502, Some(LeafIndex(place as u64))));
    play.entries.insert(place + 1, dropped);
    let tree: Tree = play.entries.iter().map(|entry| leaf_hash(entry)).collect();
    assert_eq!(tree.len(), play.tree.len());
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    assert_eq!(found(folder.path()), Rule::R502);
}

#[test]
fn an_index_of_another_origin_is_refused() {
    let (folder, _) = record();
    let mut index = index(folder.path());
    index.origin = "other.example.jp/x".to_owned();
    write_index(folder.path(), &index);
    assert_eq!(found(folder.path()), Rule::R102);
}
