//! Class 36: evidence that is missing, does not match, cannot be opened, or is of another registration.

use tachiai_crypto::hash::tagged;
use tachiai_crypto::labels;
use tachiai_schemas::election::Body;
use tachiai_schemas::evidence::SealedEvidence;
use tachiai_schemas::{Blob, Bytes, LeafIndex, Slot, canonical};
use tachiai_verify::Rule;
use tachiai_verify::eligibility::seal;
use tachiai_verify::eligibility::testing::Town;

use crate::refuted;

#[test]
fn forged_36_a_ghost_vote_has_no_evidence() {
    let (mut play, mut town) = Town::new(1);
    town.register(&mut play, Slot(0));
    // The operator registers a key for an elector who does not vote, and votes.
    let leaf = play.register(Slot(1));
    play.vote(Slot(1));
    town.register(&mut play, Slot(2));
    refuted(&mut play, &town, Rule::R703, Some(leaf));
}

#[test]
fn forged_36_the_last_registration_has_no_evidence() {
    let (mut play, mut town) = Town::new(2);
    town.register(&mut play, Slot(0));
    let leaf = town.register(&mut play, Slot(1));
    town.sealed.remove(&leaf);
    refuted(&mut play, &town, Rule::R703, Some(leaf));
}

#[test]
fn forged_36_the_evidence_of_one_slot_serves_for_another() {
    let (mut play, mut town) = Town::new(3);
    let first = town.register(&mut play, Slot(0));
    let ghost = play.register(Slot(1));
    town.sealed.insert(ghost, town.sealed[&first].clone());
    refuted(&mut play, &town, Rule::R703, Some(ghost));
}

#[test]
fn forged_36_the_entry_commits_to_the_evidence_of_another_slot() {
    let (mut play, mut town) = Town::new(4);
    let card = town.card(Slot(0));
    let (first, key, evidence) = town.registration(&mut play, Slot(0), &card);
    town.push(&mut play, first, key, &evidence);
    let (ghost, key) = play.registration(Slot(1));
    let leaf = town.push(&mut play, ghost, key, &evidence);
    refuted(&mut play, &town, Rule::R704, Some(leaf));
}

#[test]
fn forged_36_the_evidence_is_sealed_to_somebody_else() {
    let (mut play, mut town) = Town::new(5);
    let leaf = town.register(&mut play, Slot(0));
    let stranger = age::x25519::Identity::generate().to_public().to_string();
    town.sealed.insert(leaf, seal(b"nobody reads this", &[stranger]).unwrap());
    refuted(&mut play, &town, Rule::R703, Some(leaf));
}

#[test]
fn forged_36_the_evidence_is_in_another_form() {
    let (mut play, mut town) = Town::new(6);
    let card = town.card(Slot(0));
    let (mut registration, _, evidence) = town.registration(&mut play, Slot(0), &card);
    // White space, and yet the entry commits to it.
    let evidence = [canonical::to_bytes(&evidence).unwrap().as_slice(), b" "].concat();
    registration.evidence = tagged(labels::hash::EVIDENCE, &[&[9; 32], &evidence]).into();
    let leaf = play.push(Body::Registration(Box::new(registration)));
    let sealed = canonical::to_bytes(&SealedEvidence { salt: Bytes([9; 32]), evidence: Blob(evidence) }).unwrap();
    town.sealed.insert(leaf, seal(&sealed, &play.manifest.authority_recipients).unwrap());
    refuted(&mut play, &town, Rule::R703, Some(leaf));
}

#[test]
fn forged_36_there_is_evidence_where_nobody_registered() {
    let (mut play, mut town) = Town::new(7);
    let leaf = town.register(&mut play, Slot(0));
    let ballot = play.vote(Slot(0));
    town.sealed.insert(ballot, town.sealed[&leaf].clone());
    refuted(&mut play, &town, Rule::R703, Some(ballot));
    town.sealed.remove(&ballot);
    town.sealed.insert(LeafIndex(0), town.sealed[&leaf].clone());
    match crate::audit(&play, &town).err().unwrap() {
        tachiai_verify::Failure::Refuted(violation) => assert_eq!((violation.rule, violation.leaf), (Rule::R703, Some(LeafIndex(0)))),
        other => panic!("{other}"),
    }
}

#[test]
fn forged_36_the_card_signed_another_voting_key() {
    let (mut play, mut town) = Town::new(8);
    let card = town.card(Slot(0));
    let (_, _, evidence) = town.registration(&mut play, Slot(0), &card);
    // The operator puts the own key in the place of the voter's.
    let (registration, key) = play.registration(Slot(0));
    let leaf = town.push(&mut play, registration, key, &evidence);
    refuted(&mut play, &town, Rule::R704, Some(leaf));
}

#[test]
fn forged_36_the_signature_is_of_another_card() {
    let (mut play, mut town) = Town::new(9);
    let (card, other) = (town.card(Slot(0)), town.card(Slot(1)));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.signature = Blob(other.key.sign(&evidence.statement.0).unwrap()));
    refuted(&mut play, &town, Rule::R704, Some(leaf));
}
