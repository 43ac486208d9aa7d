//! R102, R106, R107, and damage of every kind to the files.

use std::fs;
use std::path::Path;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Origin, Tree, leaf_hash};
use tachiai_schemas::election::{BallotEntry, Body, TallyResult};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::record::{RecordFile, RecordIndex};
use tachiai_schemas::{Blob, LeafIndex, Slot, canonical};
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

/// The paths that the index of a record lists.
pub fn paths(folder: &Path) -> Vec<String> {
    index(folder).files.into_iter().map(|file| file.path).collect()
}

/// Changes the index of a record.
pub fn change_index(folder: &Path, change: impl FnOnce(&mut RecordIndex)) {
    let mut index = index(folder);
    change(&mut index);
    write_index(folder, &index);
}

fn write_index(folder: &Path, index: &RecordIndex) {
    fs::write(folder.join("record.json"), canonical::to_bytes(index).unwrap()).unwrap();
}

/// Replaces a file and lists its new hash.
pub fn replace(folder: &Path, path: &str, bytes: &[u8]) {
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
fn forged_10_a_missing_file() {
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
fn forged_10_an_emptied_file() {
    let (folder, play) = record();
    let leaves: std::collections::BTreeMap<String, LeafIndex> =
        play.board.attachments().into_iter().map(|(leaf, name)| (format!("attachments/{name}"), leaf)).collect();
    for path in paths(folder.path()) {
        let honest = fs::read(folder.path().join(&path)).unwrap();
        replace(folder.path(), &path, b"");
        let found = violation(folder.path());
        let expected = match path.as_str() {
            "checkpoint" => (Rule::R102, None),
            tile if tile.starts_with("tile/") => (Rule::R107, None),
            attachment => (Rule::R106, Some(leaves[attachment])),
        };
        assert_eq!((found.rule, found.leaf), expected, "{path}");
        replace(folder.path(), &path, &honest);
    }
    fs::write(folder.path().join("record.json"), b"").unwrap();
    assert_eq!(found(folder.path()), Rule::R107);
}

#[test]
fn forged_10_an_attachment_that_is_empty_and_named_so() {
    // Nothing but the name is left to tell: the entry names the hash of nothing.
    let mut play = Play::new(60);
    play.ceremony();
    let mut opened = play.opened();
    play.attachments.clear();
    opened.roll.file = play.attach(Vec::new()).into();
    (opened.roll.slots, opened.roll.districts) = (0, vec![0, 0]);
    let leaf = play.push(Body::Opened(Box::new(opened)));
    broken(&play, Rule::R301, leaf);

    for result in [false, true] {
        let mut play = super::open(60);
        play.vote_all();
        play.close();
        play.state();
        let trustees = play.indices();
        for trustee in &trustees[..2] {
            let file = if result { play.share_file(*trustee) } else { Vec::new() };
            play.push_shares(*trustee, file);
        }
        let (leaf, rule) = if result { (play.push_result(Vec::new()), Rule::R605) } else { (play.board.shares().next().unwrap().1.leaf, Rule::R602) };
        broken(&play, rule, leaf);
    }
}

#[test]
fn forged_10_each_kind_of_entry_left_out() {
    // The board goes on as if the entry had been there, and everything is hashed and signed again.
    let whole = Play::whole(60);
    let kinds: Vec<&'static str> = whole.entries.iter().map(|bytes| Entry::from_bytes(bytes).unwrap().kind()).collect();
    let first = |kind: &str| kinds.iter().position(|found| *found == kind).unwrap();
    let last = |kind: &str| kinds.iter().rposition(|found| *found == kind).unwrap();
    let left_out = [
        (0, 0, Rule::R103),
        (first("trustee-commit"), first("trustee-deal") - 1, Rule::R201),
        (first("trustee-deal"), first("trustee-confirm") - 1, Rule::R201),
        (first("trustee-confirm"), first("opened") - 1, Rule::R206),
        (first("opened"), first("opened"), Rule::R406),
        (first("registration"), first("registration"), Rule::R502),
        // Registrations name size and root of the board that the device saw.
        (first("ballot"), first("ballot"), Rule::R405),
        (last("ballot"), last("ballot") + 2, Rule::R601),
        (last("challenged"), first("tally-statement") - 1, Rule::R601),
        (first("online-closed"), first("online-closed"), Rule::R105),
        (first("poll-closed"), first("poll-closed"), Rule::R105),
        (first("tally-statement"), first("tally-statement"), Rule::R105),
        (first("decryption-shares"), first("result") - 1, Rule::R603),
        (first("result"), first("result"), Rule::R105),
    ];
    for (place, leaf, rule) in left_out {
        let mut play = Play::whole(60);
        play.entries.remove(place);
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        let found = violation(folder.path());
        assert_eq!((found.rule, found.leaf), (rule, Some(LeafIndex(leaf as u64))), "without {} at {place}: {found}", kinds[place]);
    }
    let mut play = whole;
    play.entries.pop();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    assert!(matches!(verify_record(folder.path(), &Options::default()), Err(Failure::Incomplete(Incomplete::NotPublished(_)))));
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
fn forged_13_an_index_in_loose_json() {
    let (folder, _) = record();
    let honest = fs::read_to_string(folder.path().join("record.json")).unwrap();
    let forms = [
        honest.replacen("\":", "\": ", 1),
        format!("{honest}\n"),
        honest.replacen("{\"format\"", "{\"x\":1,\"format\"", 1),
        honest.replacen("\"size\":", "\"size\":1,\"size\":", 1),
        honest.replacen("\"bytes\":", "\"bytes\":0", 1),
        honest.replacen("\"path\":\"", "\"path\":\"\\u0061", 1),
        honest.replacen("\"sha256\":\"", "\"sha256\":\" ", 1),
    ];
    for form in forms {
        assert_ne!(form, honest);
        fs::write(folder.path().join("record.json"), &form).unwrap();
        assert_eq!(found(folder.path()), Rule::R107, "{form}");
    }
}

#[test]
fn forged_20_a_tile_that_the_entries_do_not_give() {
    let (folder, _) = record();
    let path = index(folder.path()).files.into_iter().map(|file| file.path).find(|path| path.starts_with("tile/0/")).unwrap();
    let mut bytes = fs::read(folder.path().join(&path)).unwrap();
    bytes[40] ^= 1;
    replace(folder.path(), &path, &bytes);
    assert_eq!(found(folder.path()), Rule::R107);
}

#[test]
fn forged_05_a_bundle_with_a_truncated_or_extra_entry() {
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
fn forged_10_a_missing_attachment() {
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
fn forged_03_a_checkpoint_by_another_key_or_of_another_board() {
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
fn forged_20_a_leaf_dropped_under_a_signed_checkpoint() {
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
fn forged_20_a_leaf_rewritten_and_all_signed_again() {
    // Operator and voter together put another ballot, with good proofs and signature, in the place of the second one of slot 1. The next device to register had
    // seen the first, and says so.
    let mut play = Play::whole(60);
    let leaf = play.board.slot(Slot(1)).unwrap().ballot().unwrap().leaf;
    let entry = Entry::from_bytes(&play.entries[leaf.0 as usize]).unwrap();
    play.voters.get_mut(&Slot(1)).unwrap().counter = 1;
    let (other, _) = play.ballot(Slot(1));
    let body = Body::Ballot(BallotEntry { ballot: Blob(other.bytes().to_vec()) });
    play.entries[leaf.0 as usize] = Entry { body, ..entry }.to_bytes().unwrap();
    broken(&play, Rule::R405, LeafIndex(leaf.0 + 1));
}

#[test]
fn forged_20_a_truncated_last_tile() {
    let (folder, play) = record();
    for (path, unit) in
        [(format!("tile/0/000.p/{}", play.tree.len()), 32), (format!("tile/entries/000.p/{}", play.tree.len()), play.entries.last().unwrap().len() + 2)]
    {
        let honest = fs::read(folder.path().join(&path)).unwrap();
        replace(folder.path(), &path, &honest[..honest.len() - unit]);
        assert_eq!(found(folder.path()), Rule::R107, "{path}");
        replace(folder.path(), &path, &honest);
        // Under the name of a narrower tile it is another record's.
        let narrower = path.replace(&play.tree.len().to_string(), &(play.tree.len() - 1).to_string());
        fs::rename(folder.path().join(&path), folder.path().join(&narrower)).unwrap();
        change_index(folder.path(), |index| index.files.iter_mut().filter(|file| file.path == path).for_each(|file| file.path.clone_from(&narrower)));
        assert_eq!(found(folder.path()), Rule::R107, "{narrower}");
        fs::rename(folder.path().join(&narrower), folder.path().join(&path)).unwrap();
        change_index(folder.path(), |index| index.files.iter_mut().filter(|file| file.path == narrower).for_each(|file| file.path.clone_from(&path)));
    }
    assert!(super::verdict(folder.path()).is_ok());
}

#[test]
fn forged_20_a_shorter_board_under_a_checkpoint_of_a_longer_one() {
    // The voter of the last ballot is cut off; index, tiles and hashes are right, and the checkpoint is the board key's own, of before.
    let mut play = super::open(60);
    play.vote(Slot(0));
    play.vote(Slot(1));
    let longer = play.checkpoint().as_str().to_owned();
    play.entries.pop();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    assert!(super::verdict(folder.path()).is_ok(), "a record may end here");
    replace(folder.path(), "checkpoint", longer.as_bytes());
    assert_eq!(found(folder.path()), Rule::R102);
}

#[test]
fn forged_20_a_leaf_dropped_or_moved_and_all_signed_again() {
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

/// What a record says of itself beside its entries is compared, and never believed.
#[test]
fn a_summary_that_lies_is_refused_and_decides_nothing() {
    // The index.
    type Lie = fn(&mut RecordIndex);
    let lies: [(Lie, Rule); 5] = [
        (|index| index.size -= 1, Rule::R107),
        (|index| index.origin.push('x'), Rule::R102),
        (|index| index.files.iter_mut().filter(|file| file.path == "checkpoint").for_each(|file| file.bytes += 1), Rule::R107),
        (|index| index.files.iter_mut().filter(|file| file.path == "checkpoint").for_each(|file| file.sha256 = Hash32::ZERO.into()), Rule::R107),
        (|index| index.files.iter_mut().filter(|file| file.path.starts_with("attachments/")).for_each(|file| file.sha256 = Hash32::ZERO.into()), Rule::R106),
    ];
    for (lie, rule) in lies {
        let (folder, _) = record();
        change_index(folder.path(), lie);
        assert_eq!(found(folder.path()), rule);
    }
    // The totals of `result` and the numbers of ballots of the statement: the same votes, another sum.
    let honest = verify_record(record().0.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}")).verdict;
    assert_eq!(honest.result.as_ref().unwrap()[0].ballots, 8);
    let lies: [fn(&mut TallyResult); 3] = [
        |result| result.contests[0].ballots += 1,
        |result| result.contests[0].totals.swap(0, 4),
        |result| result.contests[0].totals.iter_mut().for_each(|total| *total = 0),
    ];
    for lie in lies {
        let mut play = super::open(60);
        play.vote_all();
        play.close();
        play.state();
        for trustee in play.indices().into_iter().take(2) {
            let file = play.share_file(trustee);
            play.push_shares(trustee, file);
        }
        let file = play.result_file();
        let mut result: TallyResult = canonical::from_bytes(&file).unwrap();
        let honest = result.clone();
        lie(&mut result);
        assert_ne!(result, honest, "the lie says something else");
        let leaf = play.push_result(canonical::to_bytes(&result).unwrap());
        broken(&play, Rule::R604, leaf);
    }
}
