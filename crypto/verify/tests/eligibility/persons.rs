//! Class 37: one card in two slots, two persons in one slot, a card whose holder is not the slot's elector.

use tachiai_jpki::BirthDate;
use tachiai_schemas::evidence::Binding;
use tachiai_schemas::identity::Enrolment;
use tachiai_schemas::{Blob, Slot};
use tachiai_verify::Rule;
use tachiai_verify::eligibility::person_hash;
use tachiai_verify::eligibility::testing::{TestCard, Town, days};

use crate::refuted;

#[test]
fn forged_37_one_card_registers_for_two_slots() {
    let (mut play, mut town) = Town::new(1);
    let card = town.card(Slot(0));
    town.register_with(&mut play, Slot(0), &card, |_| {});
    // An accomplice has the own signing key bind the other one's card.
    let accomplice = town.card(Slot(1));
    let borrowed =
        TestCard { signing_key: accomplice.signing_key, signing_certificate: accomplice.signing_certificate, attributes: accomplice.attributes, ..card };
    let leaf = town.register_with(&mut play, Slot(1), &borrowed, |_| {});
    refuted(&mut play, &town, Rule::R707, Some(leaf));
}

#[test]
fn forged_37_two_persons_register_for_one_slot() {
    let (mut play, mut town) = Town::new(2);
    town.register(&mut play, Slot(0));
    let other = town.card(Slot(1));
    let leaf = town.register_with(&mut play, Slot(0), &other, |_| {});
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_card_is_of_somebody_of_the_same_name_born_on_another_day() {
    let (mut play, mut town) = Town::new(3);
    let mut attributes = town.attributes(Slot(0));
    attributes.birth_date = BirthDate::from_iso("1999-12-31").unwrap();
    let card = town.card_of(attributes, days(-300, 300));
    let leaf = town.register_with(&mut play, Slot(0), &card, |_| {});
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_elector_of_the_evidence_is_of_another_slot() {
    let (mut play, mut town) = Town::new(4);
    let card = town.card(Slot(1));
    let elector = town.slots[1].elector.clone();
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.elector = elector);
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_electors_binding_is_of_another_card() {
    let (mut play, mut town) = Town::new(5);
    // The operator has a card of somebody else, and the enrolment of the elector's own.
    let (own, other) = (town.card(Slot(0)), town.card(Slot(1)));
    let leaf = town.register_with(&mut play, Slot(0), &other, |evidence| evidence.binding = Town::enrolment(&own));
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_enrolled_card_did_not_sign_its_enrolment() {
    let (mut play, mut town) = Town::new(6);
    let (own, other) = (town.card(Slot(0)), town.card(Slot(1)));
    // The certificate can be read from a card without a PIN.
    let enrolment = Town::enrolment_of(&own, &person_hash(&own.attributes), &other.certificate);
    let leaf = town.register_with(&mut play, Slot(0), &other, |evidence| evidence.binding = Binding::Card(enrolment));
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_enrolment_names_another_person_than_its_certificate() {
    let (mut play, mut town) = Town::new(7);
    let other = town.card(Slot(1));
    let enrolment = Town::enrolment_of(&other, &person_hash(&town.attributes(Slot(0))), &other.certificate);
    let leaf = town.register_with(&mut play, Slot(0), &other, |evidence| evidence.binding = Binding::Card(enrolment));
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_enrolment_is_signed_by_another_signing_key() {
    let (mut play, mut town) = Town::new(8);
    let (own, other) = (town.card(Slot(0)), town.card(Slot(1)));
    let leaf = town.register_with(&mut play, Slot(0), &own, |evidence| {
        if let Binding::Card(Enrolment { card, .. }) = &mut evidence.binding {
            card.signature = Blob(other.signing_key.sign(&card.statement.0).unwrap());
        }
    });
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}

#[test]
fn forged_37_the_card_was_bound_after_it_had_registered() {
    let (mut play, mut town) = Town::new(9);
    let card = town.card(Slot(0));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.bound = evidence.bound.plus(100));
    refuted(&mut play, &town, Rule::R706, Some(leaf));
}
