//! An honest election is eligible, and what is unusual in it is listed.

use tachiai_jpki::Purpose;
use tachiai_schemas::Slot;
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::identity::FallbackReason;
use tachiai_verify::eligibility::testing::{Town, at, days, revocations};
use tachiai_verify::verify::Trust;

use crate::{audit, holds};

#[test]
fn an_honest_election_is_eligible_with_all_its_figures() {
    let (mut play, mut town) = Town::new(1);
    town.vote_all(&mut play);
    let verdict = holds(&mut play, &town);
    assert_eq!((verdict.slots, verdict.electors, verdict.registrations, verdict.registered_slots, verdict.cards, verdict.counted), (8, 8, 8, 8, 8, 8));
    assert_eq!((verdict.crl, verdict.lists, verdict.test_cards, verdict.trust), (CrlRequirement::Required, 2, true, Trust::Assumed));
    assert!(verdict.fallbacks.is_empty() && verdict.several_cards.is_empty() && verdict.revoked_since.is_empty());
    assert_eq!(verdict.card_anchors, play.manifest.card_anchors);
}

#[test]
fn a_binding_at_a_counter_and_a_second_card_of_the_same_person_are_listed() {
    let (mut play, mut town) = Town::new(2);
    let card = town.card(Slot(3));
    let (binding, officials) = (town.counter(&card, &card.attributes, FallbackReason::NotIssued), Town::officials(&play, FallbackReason::NotIssued));
    let leaf = town.register_with(&mut play, Slot(3), &card, |evidence| (evidence.binding, evidence.fallback) = (binding, Some(officials.clone())));
    // The same slot again with a renewed card, and another one twice with the same.
    town.register(&mut play, Slot(3));
    let same = town.card(Slot(5));
    town.register_with(&mut play, Slot(5), &same, |_| {});
    town.register_with(&mut play, Slot(5), &same, |_| {});
    let verdict = holds(&mut play, &town);
    let fallback = &verdict.fallbacks[..];
    assert_eq!((fallback.len(), fallback[0].leaf, fallback[0].slot, fallback[0].fallback.as_ref()), (1, leaf, Slot(3), Some(&officials)));
    assert_eq!((verdict.several_cards.len(), verdict.several_cards[0].slot, verdict.several_cards[0].cards), (1, Slot(3), 2));
    assert_eq!((verdict.registrations, verdict.registered_slots, verdict.cards), (4, 2, 3));
}

#[test]
fn a_card_that_only_a_later_list_revokes_is_listed_and_not_refused() {
    let (mut play, mut town) = Town::new(3);
    let card = town.card(Slot(0));
    let leaf = town.register_with(&mut play, Slot(0), &card, |_| {});
    let later = [Purpose::UserAuthentication, Purpose::DigitalSignature]
        .map(|purpose| revocations(&town.ca, purpose, days(1, 60), &[(card.serial, tachiai_jpki::UnixTime::from_secs(at(1_000).unix() as u64))]));
    town.lists.push((at(90_000), later.into()));
    let verdict = holds(&mut play, &town);
    assert_eq!((verdict.revoked_since.len(), verdict.revoked_since[0].leaf, verdict.lists), (1, leaf, 4));
}

#[test]
fn a_revocation_that_one_later_list_has_and_the_newest_has_not_is_listed_too() {
    let (mut play, mut town) = Town::new(6);
    let card = town.card(Slot(0));
    let leaf = town.register_with(&mut play, Slot(0), &card, |_| {});
    let revoked = [(card.serial, tachiai_jpki::UnixTime::from_secs(at(1_000).unix() as u64))];
    for (since, begin, revoked) in [(90_000, 1, &revoked[..]), (190_000, 2, &[])] {
        let lists = [Purpose::UserAuthentication, Purpose::DigitalSignature].map(|purpose| revocations(&town.ca, purpose, days(begin, 60), revoked));
        town.lists.push((at(since), lists.into()));
    }
    let verdict = holds(&mut play, &town);
    assert_eq!((verdict.revoked_since.len(), verdict.revoked_since[0].leaf, verdict.lists), (1, leaf, 6));
}

#[test]
fn a_list_that_came_between_the_check_and_the_entry_does_no_harm() {
    let (mut play, mut town) = Town::new(4);
    let card = town.card(Slot(0));
    town.register_with(&mut play, Slot(0), &card, |evidence| evidence.bound = at(500));
    let recorded = play.now;
    let revoked = [Purpose::UserAuthentication, Purpose::DigitalSignature]
        .map(|purpose| revocations(&town.ca, purpose, days(-1, 60), &[(card.serial, tachiai_jpki::UnixTime::from_secs(at(0).unix() as u64))]));
    town.lists.push((recorded.plus(-5), revoked.into()));
    assert_eq!(holds(&mut play, &town).revoked_since.len(), 1);
    // A minute is enough for anybody.
    town.lists.last_mut().unwrap().0 = recorded.plus(-61);
    assert!(audit(&play, &town).is_err());
}

#[test]
fn evidence_that_is_newer_than_the_record_is_enough() {
    let (mut play, mut town) = Town::new(5);
    town.register(&mut play, Slot(0));
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let record = folder.path().join("record");
    std::fs::rename(&record, folder.path().join("older")).unwrap();
    std::fs::remove_dir_all(folder.path().join("evidence")).unwrap();
    town.register(&mut play, Slot(1));
    town.write(&play, folder.path());
    std::fs::remove_dir_all(&record).unwrap();
    std::fs::rename(folder.path().join("older"), &record).unwrap();
    // The election is under way.
    assert!(matches!(crate::incomplete(town.audit(folder.path())), tachiai_verify::Incomplete::NotPublished(_)));
    let mut identities = tachiai_verify::eligibility::Identities::default();
    identities.add(&std::fs::read(folder.path().join("authority.txt")).unwrap(), None).unwrap();
    let options = tachiai_verify::eligibility::Options {
        cards: tachiai_verify::eligibility::Cards::Test,
        extent: tachiai_verify::Extent::Partial,
        ..tachiai_verify::eligibility::Options::default()
    };
    let audited = tachiai_verify::eligibility::verify_eligibility(&record, &folder.path().join("evidence"), town.csv().as_bytes(), &identities, &options);
    assert_eq!(audited.unwrap_or_else(|failure| panic!("{failure}")).verdict.registrations, 1);
}
