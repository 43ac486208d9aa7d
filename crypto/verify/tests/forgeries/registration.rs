//! R401 to R406.

use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::election::{Body, CloseReason, Closed, Registration};
use tachiai_schemas::{Bytes, Slot};
use tachiai_verify::Rule;
use tachiai_verify::testing::Play;

use super::{broken, end, open};

/// An open election in which slot 0 is registered and has voted.
fn voted() -> Play {
    let mut play = open(30);
    play.vote(Slot(0));
    play
}

/// A registration of slot 1 that is changed and signed again; then the election goes on.
fn forged(rule: Rule, change: impl FnOnce(&mut Registration)) {
    let mut play = voted();
    let (mut registration, key) = play.registration(Slot(1));
    change(&mut registration);
    let registration = play.possess(registration, &key);
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&end(play), rule, leaf);
}

#[test]
fn forged_22_a_registration_of_no_slot() {
    forged(Rule::R401, |registration| registration.slot = Slot(8));
    forged(Rule::R401, |registration| registration.slot = Slot(u32::MAX));
}

#[test]
fn forged_22_a_registration_with_the_commitment_of_another_slot() {
    let commitment = voted().roll.get(Slot(2)).unwrap().commitment;
    forged(Rule::R401, |registration| registration.slot_commitment = commitment.into());
}

#[test]
fn forged_08_a_registration_for_another_origin() {
    forged(Rule::R401, |registration| registration.origin = "phish.example.jp/x".to_owned());
}

#[test]
fn forged_22_a_gap_in_the_numbers_of_registrations() {
    forged(Rule::R402, |registration| registration.seq = 1);
}

#[test]
fn forged_22_a_first_registration_with_a_previous_one() {
    forged(Rule::R402, |registration| registration.previous = Some(Bytes([1; 32])));
}

#[test]
fn forged_22_a_replayed_registration() {
    let mut play = voted();
    let first = play.board.slot(Slot(0)).unwrap().registration();
    let bytes = play.entries[first.0 as usize].clone();
    let entry = tachiai_schemas::entry::Entry::from_bytes(&bytes).unwrap();
    let leaf = play.push(entry.body);
    broken(&end(play), Rule::R402, leaf);
}

#[test]
fn forged_22_a_later_registration_with_the_wrong_predecessor() {
    let mut play = voted();
    let (registration, key) = play.registration(Slot(0));
    let registration = play.possess(Registration { previous: Some(Bytes([1; 32])), ..registration }, &key);
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&end(play), Rule::R402, leaf);
}

#[test]
fn forged_22_a_key_under_two_slots() {
    let mut play = voted();
    let key = play.voters.remove(&Slot(0)).unwrap().key;
    let registration = play.registration_of(Slot(1), &key);
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&end(play), Rule::R403, leaf);
}

#[test]
fn forged_22_a_key_registered_again_under_its_slot() {
    let mut play = voted();
    let key = play.voters.remove(&Slot(0)).unwrap().key;
    let registration = play.registration_of(Slot(0), &key);
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&end(play), Rule::R403, leaf);
}

#[test]
fn forged_03_a_registration_signed_by_another_key_or_none() {
    let mut play = voted();
    let other = SecretKey::generate(&mut play.rng);
    let (registration, key) = play.registration(Slot(1));
    let signed = play.possess(registration.clone(), &other);
    let good = play.possess(registration, &key);
    for possession in [signed.possession, Bytes([0; 64])] {
        let mut play = voted();
        let leaf = play.push(Body::Registration(Box::new(Registration { possession, ..good.clone() })));
        broken(&end(play), Rule::R404, leaf);
    }
}

#[test]
fn a_text_that_was_changed_after_signing_is_refused() {
    let mut play = voted();
    let (registration, _) = play.registration(Slot(1));
    let leaf = play.push(Body::Registration(Box::new(Registration { nonce: Bytes([7; 32]), ..registration })));
    broken(&end(play), Rule::R404, leaf);
}

#[test]
fn a_checkpoint_that_the_board_never_had_is_refused() {
    forged(Rule::R405, |registration| registration.checkpoint.root = Bytes([1; 32]));
    forged(Rule::R405, |registration| registration.checkpoint.size += 1);
    forged(Rule::R405, |registration| registration.checkpoint.size = u64::MAX);
    forged(Rule::R405, |registration| registration.checkpoint.size = 0);
}

#[test]
fn a_checkpoint_from_before_the_opening_is_refused() {
    let play = voted();
    let size = play.board.opened().unwrap().leaf().0;
    let root = play.tree.root_at(size).unwrap();
    forged(Rule::R405, |registration| {
        registration.checkpoint.size = size;
        registration.checkpoint.root = root.into();
    });
}

#[test]
fn nobody_registers_out_of_hours() {
    let mut play = open(31);
    play.now = play.manifest.opens.plus(-10);
    let (registration, _) = play.registration(Slot(0));
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&play, Rule::R406, leaf);

    let mut play = open(31);
    let (registration, _) = play.registration(Slot(0));
    let leaf = play.push_at(play.manifest.online_closes.plus(1), Body::Registration(Box::new(registration)));
    broken(&play, Rule::R406, leaf);
}

#[test]
fn forged_25_a_registration_after_the_close_or_before_the_opening() {
    let mut play = voted();
    play.push(Body::OnlineClosed(Closed { reason: CloseReason::Early }));
    let (registration, _) = play.registration(Slot(1));
    let leaf = play.push(Body::Registration(Box::new(registration.clone())));
    broken(&play, Rule::R406, leaf);

    let mut play = Play::new(30);
    let leaf = play.push(Body::Registration(Box::new(registration)));
    broken(&play, Rule::R406, leaf);
}
