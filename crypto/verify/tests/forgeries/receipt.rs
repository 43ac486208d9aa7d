//! R110 and R509: receipts that a second device refuses.

use tachiai_crypto::journal::SignedCheckpoint;
use tachiai_schemas::election::Body;
use tachiai_schemas::receipt::{OpeningFile, ReceiptFile};
use tachiai_schemas::{Blob, LeafIndex, Slot};
use tachiai_verify::receipt::{Finding, OPENING_FORMAT, check_opening, check_receipt, find};
use tachiai_verify::testing::Play;
use tachiai_verify::{Options, Rule, verify_record};

use super::open;

fn refused(file: &ReceiptFile, rule: Rule) {
    match check_receipt(file, None) {
        Err(violation) => assert_eq!(violation.rule, rule, "{violation}"),
        Ok(_) => panic!("the forged receipt holds"),
    }
}

/// A play with a ballot of slot 0, and its receipt.
fn receipt() -> (Play, ReceiptFile) {
    let mut play = open(70);
    let leaf = play.vote(Slot(0));
    let file = play.receipt(leaf, None);
    (play, file)
}

#[test]
fn an_honest_receipt_holds() {
    let (play, file) = receipt();
    let checked = check_receipt(&file, play.board.fingerprint().as_ref()).unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(checked.slot, Slot(0));
}

#[test]
fn every_changed_part_of_a_receipt_is_refused() {
    let forgeries: [fn(&mut ReceiptFile, &Play); 14] = [
        |file, _| file.format = "tachiai-receipt/2".to_owned(),
        |file, _| file.receipt.leaf.0 -= 1,
        |file, _| file.receipt.at = file.receipt.at.plus(1),
        |file, _| file.receipt.leaf_hash.0[0] ^= 1,
        |file, _| file.receipt.ballot = None,
        |file, _| file.receipt.election.0[0] ^= 1,
        |file, _| file.receipt.proof = file.receipt.proof.replace("index", "Index"),
        |file, _| file.receipt.proof = file.receipt.proof.replacen("extra ", "extra AAAA", 1),
        |file, _| file.entries[3].hashes[0].0[0] ^= 1,
        |file, _| file.entries[3].index.0 += 1,
        |file, _| file.entries[1].checkpoint.clear(),
        |file, _| drop(file.entries.pop()),
        |file, play| file.entries.push(play.proven(LeafIndex(1))),
        |file, _| file.entries.swap(1, 2),
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        let (play, mut file) = receipt();
        forge(&mut file, &play);
        refused(&file, Rule::R110);
    }
}

#[test]
fn a_receipt_without_the_manifest_or_a_confirmation_is_refused() {
    let (_, mut file) = receipt();
    file.entries.remove(1);
    refused(&file, Rule::R206);
    let (_, mut file) = receipt();
    file.entries.remove(0);
    refused(&file, Rule::R103);
}

/// Two boards of one key and one size: after the ballot of slot 0 each has a registration that the other has not.
fn forked() -> (Play, Play, LeafIndex) {
    let (mut shown, mut kept) = (open(70), open(70));
    let leaf = shown.vote(Slot(0));
    assert_eq!(leaf, kept.vote(Slot(0)));
    shown.register(Slot(1));
    kept.register(Slot(2));
    assert_eq!(shown.tree.len(), kept.tree.len());
    assert_ne!(shown.tree.root(), kept.tree.root());
    (shown, kept, leaf)
}

#[test]
fn forged_20_two_roots_of_one_size_within_a_receipt() {
    let (shown, kept, leaf) = forked();
    let mut file = shown.receipt(leaf, None);
    file.receipt = kept.receipt(leaf, None).receipt;
    refused(&file, Rule::R102);
}

#[test]
fn forged_20_two_roots_of_one_size_in_a_receipt_and_a_record() {
    let (shown, mut kept, leaf) = forked();
    let receipt = check_receipt(&shown.receipt(leaf, None), None).unwrap_or_else(|violation| panic!("{violation}"));
    kept.vote_all();
    let folder = tempfile::tempdir().unwrap();
    super::end(kept).write(folder.path());
    let verified = verify_record(folder.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    let Ok(Finding::Fork { receipt: mine, record }) = find(&receipt, &verified) else { panic!("the fork is not found") };
    // Both checkpoints are by the board's key, for whoever is shown them.
    for note in [&mine, &record] {
        let (origin, key) = (verified.board.origin().unwrap(), verified.board.board_key().unwrap());
        assert!(SignedCheckpoint::parse_and_verify(note, origin, &key).is_ok());
    }
    assert_ne!(mine, record);
}

#[test]
fn forged_24_openings_that_say_another_vote() {
    let mut play = open(70);
    play.register(Slot(0));
    play.register(Slot(1));
    let (ballot, opening) = play.ballot(Slot(0));
    let (_, of_another) = play.ballot(Slot(1));
    let leaf = play.push_ballot(ballot.bytes());
    let checked = check_receipt(&play.receipt(leaf, None), None).unwrap_or_else(|violation| panic!("{violation}"));
    let honest = opening.to_bytes().to_vec();
    assert_eq!((honest[0], honest[33]), (1, 0), "slot 0 chose the first option");
    // Positions are 33 bytes: the bit, then the randomness. The contests have five each; the last of each is not sent.
    type Forge = fn(&mut Vec<u8>, &[u8]);
    let forgeries: [(&str, Forge); 8] = [
        ("the opening of another ballot", |bytes, other| *bytes = other.to_vec()),
        ("the choice moved, its randomness not", |bytes, _| (bytes[0], bytes[33]) = (0, 1)),
        ("the choice moved with its randomness", |bytes, _| {
            let (first, second) = bytes.split_at_mut(33);
            first.swap_with_slice(&mut second[..33]);
        }),
        ("the choice moved to the position that is not sent", |bytes, _| (bytes[0], bytes[4 * 33]) = (0, 1)),
        ("one choice more, in the position that is not sent", |bytes, _| bytes[4 * 33] = 1),
        ("no choice", |bytes, _| bytes[0] = 0),
        ("other randomness in the position that is not sent", |bytes, _| bytes[4 * 33 + 1] ^= 1),
        ("contests exchanged", |bytes, _| bytes.rotate_left(5 * 33)),
    ];
    for (name, forge) in forgeries {
        let mut bytes = honest.clone();
        forge(&mut bytes, &of_another.to_bytes());
        let file = OpeningFile { format: OPENING_FORMAT.to_owned(), ballot: ballot.hash().into(), opening: Blob(bytes) };
        match check_opening(&checked, &file) {
            Err(violation) => assert_eq!(violation.rule, Rule::R509, "{name}"),
            Ok(_) => panic!("{name}: the forged opening holds"),
        }
    }
}

#[test]
fn forged_03_entries_of_a_receipt_signed_by_somebody_else() {
    // A confirmation that the trustee did not sign, on a board that includes it.
    let mut play = open(70);
    let leaf = play.vote(Slot(0));
    let confirm = (0..play.entries.len()).find(|leaf| play.entries[*leaf].starts_with(br#"{"v":1,"kind":"trustee-confirm""#)).unwrap();
    let mut entry = tachiai_schemas::entry::Entry::from_bytes(&play.entries[confirm]).unwrap();
    let Body::Confirm(signed) = &mut entry.body else { panic!("no confirmation") };
    signed.signature = play.sign(play.indices()[1], signed.body.clone()).signature;
    play.entries[confirm] = entry.to_bytes().unwrap();
    play.tree = play.entries.iter().map(|entry| tachiai_crypto::journal::leaf_hash(entry)).collect();
    // The registration's own checkpoint is not in a receipt's reach; its possession still holds.
    refused(&play.receipt(leaf, None), Rule::R201);
}

#[test]
fn forged_13_a_receipt_with_repeated_or_unknown_keys() {
    let (_, file) = receipt();
    let text = serde_json::to_string(&file).unwrap();
    assert!(serde_json::from_str::<ReceiptFile>(&text).is_ok());
    for (from, to) in [
        ("{\"format\"", "{\"x\":1,\"format\""),
        ("\"leaf\":", "\"leaf\":0,\"leaf\":"),
        ("\"index\":0", "\"index\":0,\"index\":0"),
        ("\"index\":0", "\"index\":-0"),
        ("\"index\":0", "\"index\":0.0"),
        ("\"entry\":\"", "\"entry\":\"=\",\"entry\":\""),
    ] {
        assert!(text.contains(from));
        assert!(serde_json::from_str::<ReceiptFile>(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn forged_19_a_whole_board_made_around_a_receipt() {
    // Someone without the board key builds a whole board around a ballot; only the fingerprint tells.
    let (play, _) = receipt();
    let mut other = open(71);
    let leaf = other.vote(Slot(0));
    let file = other.receipt(leaf, None);
    match check_receipt(&file, play.board.fingerprint().as_ref()) {
        Err(violation) => assert_eq!(violation.rule, Rule::R302),
        Ok(_) => panic!("the forged receipt holds"),
    }
}

#[test]
fn a_challenge_without_its_ballot_in_a_receipt_is_refused() {
    let mut play = open(70);
    let leaf = play.vote(Slot(0));
    let challenged = play.challenged(Slot(0));
    let by = play.push(Body::Challenged(challenged));
    let mut file = play.receipt(leaf, Some(by));
    assert!(check_receipt(&file, None).is_ok());
    file.entries.retain(|proven| proven.index != leaf);
    refused(&file, Rule::R110);
}

#[test]
fn forged_03_a_ballot_in_a_receipt_with_another_signature() {
    let mut play = open(70);
    play.register(Slot(0));
    let (ballot, _) = play.ballot(Slot(0));
    let mut bytes = ballot.bytes().to_vec();
    let last = bytes.len() - 32;
    bytes[last] ^= 1;
    let leaf = play.push_ballot(&bytes);
    refused(&play.receipt(leaf, None), Rule::R505);
}

#[test]
fn forged_23_a_challenge_of_another_ballot_in_a_receipt() {
    let mut play = open(70);
    let first = play.vote(Slot(0));
    play.vote(Slot(0));
    let challenged = play.challenged(Slot(0));
    let by = play.push(Body::Challenged(challenged));
    refused(&play.receipt(first, Some(by)), Rule::R508);
}

#[test]
fn forged_24_an_opening_with_another_vote_or_randomness() {
    let mut play = open(70);
    play.register(Slot(0));
    let (ballot, opening) = play.ballot(Slot(0));
    let leaf = play.push_ballot(ballot.bytes());
    let checked = check_receipt(&play.receipt(leaf, None), None).unwrap_or_else(|violation| panic!("{violation}"));
    let honest = OpeningFile { format: OPENING_FORMAT.to_owned(), ballot: ballot.hash().into(), opening: Blob(opening.to_bytes().to_vec()) };
    assert!(check_opening(&checked, &honest).is_ok());
    let forgeries: [fn(&mut OpeningFile); 7] = [
        |file| (file.opening.0[0], file.opening.0[33]) = (0, 1),
        |file| file.opening.0[1] ^= 1,
        |file| file.opening.0[0] = 2,
        |file| file.opening.0.push(0),
        |file| file.opening.0.clear(),
        |file| file.ballot.0[0] ^= 1,
        |file| file.format.clear(),
    ];
    for forge in forgeries {
        let mut file = honest.clone();
        forge(&mut file);
        match check_opening(&checked, &file) {
            Err(violation) => assert_eq!(violation.rule, Rule::R509, "{violation}"),
            Ok(_) => panic!("the forged opening holds"),
        }
    }
}
