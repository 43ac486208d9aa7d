//! Classes 36 and 37 at a counter: the card's text, the officials and their reason.

use tachiai_jpki::testing::TextAuthority;
use tachiai_jpki::{FourAttributes, testing::CaKey};
use tachiai_schemas::evidence::Evidence;
use tachiai_schemas::identity::{Fallback, FallbackReason};
use tachiai_schemas::{LeafIndex, Slot};
use tachiai_verify::Rule;
use tachiai_verify::eligibility::testing::{TestCard, Town};
use tachiai_verify::testing::Play;

use crate::refuted;

const REASON: FallbackReason = FallbackReason::NotIssued;

/// A registration for slot 0 by a card that was bound at a counter, with somebody's text, and with evidence that `change` may change.
fn counter(play: &mut Play, town: &mut Town, card: &TestCard, text: &FourAttributes, change: impl FnOnce(&mut Evidence, &mut Fallback)) -> LeafIndex {
    let (binding, mut officials) = (town.counter(card, text, REASON), Town::officials(play, REASON));
    town.register_with(play, Slot(0), card, |evidence| {
        evidence.binding = binding;
        change(evidence, &mut officials);
        evidence.fallback.get_or_insert(officials);
    })
}

#[track_caller]
fn forged(seed: u8, rule: Rule, change: impl FnOnce(&mut Evidence, &mut Fallback)) {
    let (mut play, mut town) = Town::new(seed);
    let card = town.card(Slot(0));
    let leaf = counter(&mut play, &mut town, &card, &card.attributes, change);
    refuted(&mut play, &town, rule, Some(leaf));
}

#[test]
fn forged_36_one_official_alone_bound_the_card() {
    forged(1, Rule::R708, |_, officials| officials.by[1] = officials.by[0].clone());
    forged(1, Rule::R708, |_, officials| officials.by[1] = String::new());
}

#[test]
fn forged_36_the_reason_is_not_the_one_that_the_card_signed() {
    forged(2, Rule::R708, |_, officials| officials.reason = FallbackReason::PasswordBlocked);
}

#[test]
fn forged_36_the_officials_bound_the_card_at_another_time() {
    forged(3, Rule::R708, |_, officials| officials.at = officials.at.plus(-1));
}

#[test]
fn forged_36_nobody_is_named_for_a_binding_at_a_counter() {
    let (mut play, mut town) = Town::new(4);
    let card = town.card(Slot(0));
    let binding = town.counter(&card, &card.attributes, REASON);
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.binding = binding);
    refuted(&mut play, &town, Rule::R708, Some(leaf));
    // Nor is anybody where there was none.
    let (mut play, mut town) = Town::new(4);
    let (card, officials) = (town.card(Slot(0)), Town::officials(&play, REASON));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.fallback = Some(officials));
    refuted(&mut play, &town, Rule::R708, Some(leaf));
}

#[test]
fn forged_36_the_text_is_signed_by_another_authority() {
    let (mut play, mut town) = Town::new(5);
    let keys =
        [&include_bytes!("../../../../tests/data/jpki/keys/text-signer.pkcs8.der")[..], include_bytes!("../../../../tests/data/jpki/keys/text-root.pkcs8.der")];
    let [root, signer] = keys.map(|key| CaKey::from_pkcs8(key).unwrap());
    let card = town.card(Slot(0));
    let own = std::mem::replace(&mut town.text, TextAuthority::new(root, signer));
    let binding = town.counter(&card, &card.attributes, REASON);
    town.text = own;
    let officials = Town::officials(&play, REASON);
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| (evidence.binding, evidence.fallback) = (binding, Some(officials)));
    refuted(&mut play, &town, Rule::R708, Some(leaf));
}

#[test]
fn forged_36_an_adult_is_under_fifteen() {
    let (mut play, mut town) = Town::new(6);
    let card = town.card(Slot(0));
    let reason = FallbackReason::UnderFifteen;
    let (binding, officials) = (town.counter(&card, &card.attributes, reason), Town::officials(&play, reason));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| (evidence.binding, evidence.fallback) = (binding, Some(officials)));
    refuted(&mut play, &town, Rule::R708, Some(leaf));
}

#[test]
fn forged_37_the_text_is_of_another_person_than_the_slots_elector() {
    let (mut play, mut town) = Town::new(7);
    let (card, other) = (town.card(Slot(0)), town.attributes(Slot(1)));
    let leaf = counter(&mut play, &mut town, &card, &other, |_, _| {});
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_card_at_the_counter_is_another_one() {
    let (mut play, mut town) = Town::new(8);
    let (card, other) = (town.card(Slot(0)), town.card(Slot(0)));
    let (binding, officials) = (town.counter(&other, &other.attributes, REASON), Town::officials(&play, REASON));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| (evidence.binding, evidence.fallback) = (binding, Some(officials)));
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}
