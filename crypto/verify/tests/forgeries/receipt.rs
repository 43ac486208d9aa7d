//! R110 and R509: receipts that a second device refuses.

use tachiai_schemas::election::Body;
use tachiai_schemas::receipt::{OpeningFile, ReceiptFile};
use tachiai_schemas::{Blob, LeafIndex, Slot};
use tachiai_verify::Rule;
use tachiai_verify::receipt::{OPENING_FORMAT, check_opening, check_receipt};
use tachiai_verify::testing::Play;

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

#[test]
fn a_receipt_of_a_board_with_another_key_is_refused() {
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
fn a_ballot_in_a_receipt_with_another_signature_breaks_the_rule_of_signatures() {
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
fn a_challenge_of_another_ballot_in_a_receipt_is_refused() {
    let mut play = open(70);
    let first = play.vote(Slot(0));
    play.vote(Slot(0));
    let challenged = play.challenged(Slot(0));
    let by = play.push(Body::Challenged(challenged));
    refused(&play.receipt(first, Some(by)), Rule::R508);
}

#[test]
fn an_opening_with_another_vote_or_randomness_is_refused() {
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
