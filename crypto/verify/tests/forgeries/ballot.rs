//! R501 to R508.

use tachiai_crypto::election::ballot::cast;
use tachiai_crypto::election::challenge::sign_challenge;
use tachiai_crypto::labels;
use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::election::{BallotEntry, Body, Challenged, CloseReason, Closed};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::{Blob, Bytes, Counter, Slot};
use tachiai_verify::Rule;
use tachiai_verify::testing::{Play, Voter};

use super::{broken, end, open};

const HEADER: usize = 49;
const CIPHERTEXT: usize = 64;
/// Both contests of the played election have five positions, of which four are sent, and ρ after them.
const RHO: usize = 4 * CIPHERTEXT;
const CONTEST: usize = RHO + 32;
const PROOFS: usize = HEADER + 2 * CONTEST;
const RESPONSES: usize = PROOFS + 2 * 128;

/// An open election in which slot 0 has voted and slot 1 is registered.
fn play() -> Play {
    let mut play = open(40);
    play.vote(Slot(0));
    play.register(Slot(1));
    play
}

/// Signs the bytes of a ballot of a slot anew.
pub fn sign(play: &mut Play, slot: Slot, bytes: &mut [u8]) {
    let statement = play.board.statement_for(slot).unwrap();
    let split = bytes.len() - 64;
    let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), &bytes[..split]].concat();
    let signature = play.voters[&slot].key.sign(labels::purpose::BALLOT, &message, &mut play.rng);
    bytes[split..].copy_from_slice(&signature.to_bytes());
}

/// The ballot of slot 1, changed and signed again, is recorded and counted.
fn forged(rule: Rule, change: impl FnOnce(&mut Vec<u8>, &Play)) {
    let mut play = play();
    let (ballot, _) = play.ballot(Slot(1));
    let mut bytes = ballot.bytes().to_vec();
    change(&mut bytes, &play);
    if bytes.len() == ballot.bytes().len() {
        sign(&mut play, Slot(1), &mut bytes);
    }
    let leaf = play.push_ballot(&bytes);
    // A ballot that cannot be read cannot be summed either, so the board stays open.
    broken(&play, rule, leaf);
}

/// The bytes of the ballot of slot 0 in a play.
pub fn first_ballot(play: &Play) -> Vec<u8> {
    let leaf = play.board.slot(Slot(0)).unwrap().ballot().unwrap().leaf;
    match Entry::from_bytes(&play.entries[leaf.0 as usize]).unwrap().body {
        Body::Ballot(ballot) => ballot.ballot.0,
        _ => panic!("not a ballot"),
    }
}

#[test]
fn forged_05_a_ballot_of_another_length() {
    forged(Rule::R501, |bytes, _| bytes.push(0));
    forged(Rule::R501, |bytes, _| bytes.truncate(bytes.len() - 1));
    forged(Rule::R501, |bytes, _| bytes.truncate(48));
    forged(Rule::R501, |bytes, _| bytes.clear());
    // One position more in the first contest.
    forged(Rule::R501, |bytes, _| {
        let copy = bytes[HEADER..HEADER + CIPHERTEXT].to_vec();
        bytes.splice(HEADER..HEADER, copy);
    });
}

#[test]
fn a_ballot_of_another_version_is_refused() {
    forged(Rule::R501, |bytes, _| bytes[0] = 2);
}

#[test]
fn forged_09_the_identity_as_first_half() {
    for place in [HEADER, HEADER + CONTEST] {
        forged(Rule::R501, |bytes, _| bytes[place..place + 32].fill(0));
    }
}

#[test]
fn forged_27_the_same_first_half_twice_in_a_ballot() {
    forged(Rule::R501, |bytes, _| bytes.copy_within(HEADER + CIPHERTEXT..HEADER + CIPHERTEXT + 32, HEADER + 3 * CIPHERTEXT));
}

#[test]
fn forged_22_a_ballot_of_a_slot_without_registration() {
    forged(Rule::R502, |bytes, _| bytes[1..5].copy_from_slice(&7_u32.to_be_bytes()));
    forged(Rule::R502, |bytes, _| bytes[1..5].copy_from_slice(&u32::MAX.to_be_bytes()));
}

#[test]
fn forged_06_a_ballot_under_another_slots_registration() {
    forged(Rule::R502, |bytes, play| {
        let other = play.board.slot(Slot(0)).unwrap().registration().0;
        bytes[5..13].copy_from_slice(&other.to_be_bytes());
    });
}

#[test]
fn forged_23_a_ballot_under_a_key_that_is_not_current() {
    let mut play = play();
    let statement = play.board.statement_for(Slot(1)).unwrap();
    let registration = play.board.slot(Slot(1)).unwrap().registration();
    let old = play.voters.remove(&Slot(1)).unwrap().key;
    play.register(Slot(1));
    let (ballot, _) = cast(&[vec![0], vec![0]], &statement, Slot(1), registration, Counter(0), &old, &mut play.rng).unwrap();
    let leaf = play.push_ballot(ballot.bytes());
    broken(&end(play), Rule::R502, leaf);
}

#[test]
fn forged_22_a_ballot_under_a_key_that_was_never_registered() {
    let mut play = play();
    let key = SecretKey::generate(&mut play.rng);
    play.voters.insert(Slot(1), Voter { key, counter: 0 });
    let (ballot, _) = play.ballot(Slot(1));
    let leaf = play.push_ballot(ballot.bytes());
    broken(&end(play), Rule::R502, leaf);
}

#[test]
fn forged_23_a_counter_that_goes_back_or_stands_still() {
    for counter in [3, 2, 0] {
        let mut play = play();
        play.voters.get_mut(&Slot(1)).unwrap().counter = 3;
        play.vote(Slot(1));
        play.voters.get_mut(&Slot(1)).unwrap().counter = counter;
        let leaf = play.vote(Slot(1));
        broken(&end(play), Rule::R503, leaf);
    }
}

#[test]
fn forged_21_a_ballot_recorded_twice() {
    let mut play = play();
    let bytes = first_ballot(&play);
    let leaf = play.push_ballot(&bytes);
    broken(&play, Rule::R503, leaf);
}

#[test]
fn forged_23_a_superseded_ballot_revived() {
    let mut play = play();
    let bytes = first_ballot(&play);
    play.vote(Slot(0));
    let leaf = play.push_ballot(&bytes);
    broken(&play, Rule::R503, leaf);
}

#[test]
fn forged_06_ciphertexts_exchanged_under_a_proof() {
    forged(Rule::R504, |bytes, _| {
        // The second halves of two options change places: a vote for another.
        let (first, second) = (HEADER + 32, HEADER + CIPHERTEXT + 32);
        let copy = bytes[first..first + 32].to_vec();
        bytes.copy_within(second..second + 32, first);
        bytes[second..second + 32].copy_from_slice(&copy);
    });
}

#[test]
fn forged_07_a_re_randomised_ciphertext_under_the_old_proof() {
    use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
    use curve25519_dalek::scalar::Scalar;
    forged(Rule::R504, |bytes, play| {
        let factor = Scalar::from(5_u64);
        let mut shift = |at: usize, by: RistrettoPoint| {
            let point = CompressedRistretto::from_slice(&bytes[at..at + 32]).unwrap().decompress().unwrap() + by;
            bytes[at..at + 32].copy_from_slice(point.compress().as_bytes());
        };
        shift(HEADER, RistrettoPoint::mul_base(&factor));
        shift(HEADER + 32, play.board.opened().unwrap().joint_key().point() * factor);
    });
}

#[test]
fn forged_09_an_all_zero_proof() {
    forged(Rule::R504, |bytes, _| {
        let end = bytes.len() - 64;
        bytes[PROOFS..end].fill(0);
    });
}

#[test]
fn every_response_commitment_and_sum_matters() {
    for place in (RESPONSES..RESPONSES + 12 * 32).step_by(32).chain([HEADER + RHO, HEADER + CONTEST + RHO]) {
        forged(Rule::R504, |bytes, _| bytes[place] ^= 1);
    }
    for place in (PROOFS..RESPONSES).step_by(32) {
        forged(Rule::R504, |bytes, _| bytes.copy_within(HEADER..HEADER + 32, place));
    }
}

#[test]
fn forged_08_a_ballot_proved_for_another_election() {
    let mut other = open(41);
    other.register(Slot(1));
    let mut play = play();
    // The same key in both elections; the ballot is proved for the other one and signed for this one.
    let mut statement = other.board.statement_for(Slot(1)).unwrap();
    let here = play.board.statement_for(Slot(1)).unwrap();
    (statement.registration, statement.joint_key) = (here.registration, here.joint_key);
    let registration = play.board.slot(Slot(1)).unwrap().registration();
    let (ballot, _) = cast(&[vec![0], vec![0]], &statement, Slot(1), registration, Counter(0), &play.voters[&Slot(1)].key, &mut other.rng).unwrap();
    let mut bytes = ballot.bytes().to_vec();
    sign(&mut play, Slot(1), &mut bytes);
    let leaf = play.push_ballot(&bytes);
    broken(&end(play), Rule::R504, leaf);
}

#[test]
fn forged_03_a_ballot_signed_by_another_key() {
    let mut play = play();
    let (ballot, _) = play.ballot(Slot(1));
    let mut bytes = ballot.bytes().to_vec();
    let split = bytes.len() - 64;
    let statement = play.board.statement_for(Slot(1)).unwrap();
    let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), &bytes[..split]].concat();
    let other = SecretKey::generate(&mut play.rng);
    bytes[split..].copy_from_slice(&other.sign(labels::purpose::BALLOT, &message, &mut play.rng).to_bytes());
    let leaf = play.push_ballot(&bytes);
    broken(&end(play), Rule::R505, leaf);
}

#[test]
fn forged_03_a_ballot_signed_for_another_purpose() {
    let mut play = play();
    let (ballot, _) = play.ballot(Slot(1));
    let mut bytes = ballot.bytes().to_vec();
    let split = bytes.len() - 64;
    let statement = play.board.statement_for(Slot(1)).unwrap();
    let message = [statement.context.as_bytes(), statement.registration.as_bytes().as_slice(), &bytes[..split]].concat();
    let signature = play.voters[&Slot(1)].key.sign(labels::purpose::REGISTRATION, &message, &mut play.rng);
    bytes[split..].copy_from_slice(&signature.to_bytes());
    let leaf = play.push_ballot(&bytes);
    broken(&end(play), Rule::R505, leaf);
}

#[test]
fn forged_06_the_vote_of_another_copied() {
    // The whole of the ciphertexts, or one first half only, under one's own slot and key.
    forged(Rule::R506, |bytes, play| bytes[HEADER..PROOFS].copy_from_slice(&first_ballot(play)[HEADER..PROOFS]));
    forged(Rule::R506, |bytes, play| bytes[HEADER..HEADER + 32].copy_from_slice(&first_ballot(play)[HEADER..HEADER + 32]));
    // Across contests as well.
    let second = HEADER + CONTEST;
    forged(Rule::R506, |bytes, play| bytes[HEADER..HEADER + 32].copy_from_slice(&first_ballot(play)[second..second + 32]));
}

#[test]
fn nobody_votes_out_of_hours() {
    let mut play = play();
    let (ballot, _) = play.ballot(Slot(1));
    let leaf = play.push_at(play.manifest.online_closes.plus(1), Body::Ballot(BallotEntry { ballot: Blob(ballot.bytes().to_vec()) }));
    broken(&play, Rule::R507, leaf);
}

#[test]
fn nobody_challenges_out_of_hours() {
    let mut play = play();
    let challenged = play.challenged(Slot(0));
    let leaf = play.push_at(play.manifest.online_closes.plus(1), Body::Challenged(challenged));
    broken(&play, Rule::R508, leaf);
}

#[test]
fn forged_25_a_ballot_after_the_close() {
    let mut play = play();
    let (ballot, _) = play.ballot(Slot(1));
    play.push(Body::OnlineClosed(Closed { reason: CloseReason::Early }));
    let leaf = play.push_ballot(ballot.bytes());
    broken(&play, Rule::R507, leaf);

    let mut play = open(40);
    play.register(Slot(1));
    let (ballot, _) = play.ballot(Slot(1));
    play.close();
    let leaf = play.push_ballot(ballot.bytes());
    broken(&play, Rule::R507, leaf);
}

#[test]
fn forged_23_a_challenge_of_a_superseded_ballot() {
    let mut play = play();
    let challenged = play.challenged(Slot(0));
    play.vote(Slot(0));
    let leaf = play.push(Body::Challenged(challenged));
    broken(&end(play), Rule::R508, leaf);
}

#[test]
fn forged_23_a_ballot_challenged_twice() {
    let mut play = play();
    let challenged = play.challenged(Slot(0));
    play.push(Body::Challenged(challenged.clone()));
    let leaf = play.push(Body::Challenged(challenged));
    broken(&end(play), Rule::R508, leaf);
}

#[test]
fn forged_03_a_challenge_by_another_key() {
    let mut play = play();
    let honest = play.challenged(Slot(0));
    let context = *play.board.context().unwrap();
    let other = &play.voters[&Slot(1)].key;
    let signature = sign_challenge(&context, Slot(0), honest.ballot.hash(), honest.leaf, other, &mut play.rng);
    let leaf = play.push(Body::Challenged(Challenged { signature: Bytes(signature.to_bytes()), ..honest }));
    broken(&end(play), Rule::R508, leaf);
}

#[test]
fn a_challenge_names_the_ballot_by_hash_and_leaf() {
    let changes: [fn(&mut Challenged); 3] =
        [|challenged| challenged.ballot = Bytes([1; 32]), |challenged| challenged.leaf.0 += 1, |challenged| challenged.slot = Slot(1)];
    for change in changes {
        let mut play = play();
        let mut challenged = play.challenged(Slot(0));
        change(&mut challenged);
        let leaf = play.push(Body::Challenged(challenged));
        broken(&play, Rule::R508, leaf);
    }
}

#[test]
fn forged_25_a_challenge_after_the_close() {
    let mut play = play();
    let challenged = play.challenged(Slot(0));
    play.push(Body::OnlineClosed(Closed { reason: CloseReason::Early }));
    let leaf = play.push(Body::Challenged(challenged));
    broken(&play, Rule::R508, leaf);
}

#[test]
fn a_challenge_under_the_ballots_own_older_key_holds() {
    let mut play = play();
    let challenged = play.challenged(Slot(0));
    play.register(Slot(0));
    play.push(Body::Challenged(challenged));
    play.vote(Slot(0));
    let folder = tempfile::tempdir().unwrap();
    end(play).write(folder.path());
    assert!(super::verdict(folder.path()).is_ok());
}

#[test]
fn the_lowest_leaf_that_breaks_a_rule_is_named() {
    let mut play = play();
    let (ballot, _) = play.ballot(Slot(1));
    let mut bytes = ballot.bytes().to_vec();
    // A worker finds this one …
    bytes[RESPONSES] ^= 1;
    let leaf = play.push_ballot(&bytes);
    // … and the fold a later one.
    play.voters.get_mut(&Slot(0)).unwrap().counter = 0;
    play.vote(Slot(0));
    broken(&play, Rule::R504, leaf);
}
