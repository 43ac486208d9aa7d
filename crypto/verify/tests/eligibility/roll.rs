//! Class 38: slots without an elector of the official roll, electors with two slots or none.

use tachiai_schemas::Slot;
use tachiai_schemas::election::CrlRequirement;
use tachiai_verify::Rule;
use tachiai_verify::eligibility::testing::{Town, p384};

use crate::refuted;

fn town(seed: u8, change: impl FnOnce(&mut Town)) -> (tachiai_verify::testing::Play, Town) {
    Town::with(seed, 8, CrlRequirement::Required, Box::new(p384), change)
}

#[test]
fn forged_38_a_slot_is_of_nobody_on_the_roll() {
    // The operator put a ninth person among the slots.
    let (mut play, mut town) = Town::with(1, 9, CrlRequirement::Required, Box::new(p384), |town| drop(town.roll.pop()));
    town.vote_all(&mut play);
    refuted(&mut play, &town, Rule::R702, None);
}

#[test]
fn forged_38_a_slot_is_of_somebody_else_than_the_roll_lists() {
    let (mut play, town) = town(2, |town| town.slots[5].elector.birth = "1999-12-31".to_owned());
    refuted(&mut play, &town, Rule::R702, None);
}

#[test]
fn forged_38_an_elector_has_two_slots() {
    let (mut play, town) = town(3, |town| {
        let salt = town.slots[6].elector.salt;
        town.slots[6].elector = town.slots[0].elector.clone();
        town.slots[6].elector.salt = salt;
    });
    refuted(&mut play, &town, Rule::R702, None);
}

#[test]
fn forged_38_an_elector_of_the_roll_has_no_slot() {
    let (mut play, town) = town(4, |town| {
        let mut forgotten = town.roll[0].clone();
        forgotten.name = "養父　忘子".to_owned();
        town.roll.push(forgotten);
    });
    refuted(&mut play, &town, Rule::R702, None);
}

#[test]
fn forged_38_an_elector_votes_in_another_district() {
    let (mut play, town) = town(5, |town| town.slots[2].elector.district = "d1".to_owned());
    refuted(&mut play, &town, Rule::R702, None);
}

#[test]
fn forged_38_a_slot_shows_another_elector_than_it_is_committed_to() {
    let (mut play, mut town) = Town::new(6);
    // The roll lists Hanako; the board committed to a ghost in her place, who voted.
    town.slots[4].elector.salt.0[0] ^= 1;
    refuted(&mut play, &town, Rule::R701, None);
}

#[test]
fn forged_38_a_slot_is_committed_to_another_district_than_the_roll_attachment_shows() {
    let (mut play, mut town) = town(7, |town| town.slots[2].elector.district = "d1".to_owned());
    // The attachment says the district in clear, and was made for the other one.
    town.slots[2].elector.district = "d0".to_owned();
    refuted(&mut play, &town, Rule::R701, None);
}

#[test]
fn forged_38_slots_are_not_opened_or_opened_twice() {
    let (mut play, mut town) = Town::new(8);
    let last = town.slots.pop().unwrap();
    refuted(&mut play, &town, Rule::R701, None);
    town.slots.extend([last.clone(), last]);
    let violation = |town: &Town| match crate::audit(&play, town) {
        Err(tachiai_verify::Failure::Refuted(violation)) => violation.rule,
        _ => panic!("not refuted"),
    };
    assert_eq!(violation(&town), Rule::R701);
    town.slots.pop();
    assert!(crate::audit(&play, &town).is_ok());
    town.slots.swap(1, 2);
    assert_eq!(violation(&town), Rule::R701);
    town.slots.swap(1, 2);
    town.slots[3].elector.sex = "4".to_owned();
    assert_eq!(violation(&town), Rule::R701);
    town.slots[3].slot = Slot(9);
    assert_eq!(violation(&town), Rule::R701);
}
