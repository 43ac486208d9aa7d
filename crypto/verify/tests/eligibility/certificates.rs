//! Class 39: certificates that were revoked, had expired, or are of another authority; revocation lists that were not in force, or are of another issuer.

use tachiai_jpki::testing::{CaKey, TestCa};
use tachiai_jpki::{Purpose, UnixTime, Validity};
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::evidence::Binding;
use tachiai_schemas::{Blob, Slot};
use tachiai_verify::Rule;
use tachiai_verify::eligibility::testing::{Town, at, days, p384, revocations};
use tachiai_verify::eligibility::{Identities, Options, verify_eligibility};

use crate::{audit, refuted};

fn unix(seconds: i64) -> UnixTime {
    UnixTime::from_secs(at(seconds).unix() as u64)
}

fn lists(ca: &TestCa, validity: Validity, revoked: [&[(u64, UnixTime)]; 2]) -> Vec<Vec<u8>> {
    let purposes = [Purpose::UserAuthentication, Purpose::DigitalSignature];
    purposes.into_iter().zip(revoked).map(|(purpose, revoked)| revocations(ca, purpose, validity, revoked)).collect()
}

#[test]
fn forged_39_the_list_in_force_revoked_the_authentication_certificate() {
    let (mut play, mut town) = Town::new(1);
    let card = town.card(Slot(0));
    town.lists.push((at(0), lists(&town.ca, days(-1, 60), [&[(card.serial, unix(-100))], &[]])));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.bound = at(-50_000));
    refuted(&mut play, &town, Rule::R705, Some(leaf));
}

#[test]
fn forged_39_the_list_in_force_revoked_the_signing_certificate_before_it_bound_the_card() {
    let (mut play, mut town) = Town::new(2);
    let card = town.card(Slot(0));
    town.lists.push((at(0), lists(&town.ca, days(-1, 60), [&[], &[(card.serial, unix(-100))]])));
    let leaf = town.register_with(&mut play, Slot(0), &card, |_| {});
    refuted(&mut play, &town, Rule::R705, Some(leaf));
    // It was good when it bound the card, and is not needed afterwards.
    let (mut play, mut town) = Town::new(2);
    let card = town.card(Slot(0));
    town.lists.push((at(0), lists(&town.ca, days(-1, 60), [&[], &[(card.serial, unix(-100))]])));
    town.register_with(&mut play, Slot(0), &card, |evidence| evidence.bound = at(-50_000));
    crate::holds(&mut play, &town);
}

#[test]
fn forged_39_the_certificate_had_expired_or_was_not_valid_yet() {
    for (seed, validity) in [(3, days(-300, 0)), (4, days(1, 300))] {
        let (mut play, mut town) = Town::new(seed);
        let attributes = town.attributes(Slot(0));
        let card = town.card_of(attributes, validity);
        let leaf = town.register_with(&mut play, Slot(0), &card, |_| {});
        refuted(&mut play, &town, Rule::R705, Some(leaf));
    }
}

#[test]
fn forged_39_the_card_is_of_an_authority_that_the_manifest_does_not_name() {
    let (mut play, mut town) = Town::new(5);
    let own = std::mem::replace(&mut town.ca, TestCa::new(p384(), p384(), days(-3_000, 3_000)).unwrap());
    let card = town.card(Slot(0));
    town.ca = own;
    let leaf = town.register_with(&mut play, Slot(0), &card, |_| {});
    refuted(&mut play, &town, Rule::R705, Some(leaf));
}

#[test]
fn forged_39_the_revocation_lists_are_of_another_issuer() {
    let (mut play, mut town) = Town::new(6);
    let leaf = town.register(&mut play, Slot(0));
    let other = TestCa::new(p384(), p384(), days(-3_000, 3_000)).unwrap();
    town.lists = vec![(at(-86_400), lists(&other, days(-2, 60), [&[], &[]]))];
    refuted(&mut play, &town, Rule::R705, Some(leaf));
}

#[test]
fn forged_39_no_list_was_in_force_then_or_a_stale_one() {
    let (mut play, mut town) = Town::new(7);
    let leaf = town.register(&mut play, Slot(0));
    town.lists = vec![(at(90_000), lists(&town.ca, days(-2, 60), [&[], &[]]))];
    refuted(&mut play, &town, Rule::R705, Some(leaf));
    for stale in [Vec::new(), vec![(at(-86_400), lists(&town.ca, days(-20, -1), [&[], &[]]))], vec![(at(-86_400), lists(&town.ca, days(1, 60), [&[], &[]]))]] {
        town.lists = stale;
        match audit(&play, &town) {
            Err(tachiai_verify::Failure::Refuted(violation)) => assert_eq!((violation.rule, violation.leaf), (Rule::R705, Some(leaf))),
            _ => panic!("not refuted"),
        }
    }
}

#[test]
fn forged_39_without_required_lists_a_known_revocation_still_counts() {
    let open = || Town::with(8, 8, CrlRequirement::NotRequired, Box::new(p384), |town| town.lists.clear());
    let (mut play, mut town) = open();
    town.register(&mut play, Slot(1));
    let verdict = crate::holds(&mut play, &town);
    assert_eq!((verdict.crl, verdict.lists), (CrlRequirement::NotRequired, 0));
    let (mut play, mut town) = open();
    let card = town.card(Slot(0));
    town.lists.push((at(0), lists(&town.ca, days(-1, 60), [&[(card.serial, unix(-100))], &[]])));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.bound = at(-50_000));
    refuted(&mut play, &town, Rule::R705, Some(leaf));
}

#[test]
fn forged_39_a_signing_certificate_registers_a_key() {
    let (mut play, mut town) = Town::new(9);
    let card = town.card(Slot(0));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| {
        evidence.certificate = Blob(card.signing_certificate.clone());
        evidence.signature = Blob(card.signing_key.sign(&evidence.statement.0).unwrap());
    });
    refuted(&mut play, &town, Rule::R705, Some(leaf));
}

#[test]
fn forged_39_an_authentication_certificate_binds_a_card() {
    let (mut play, mut town) = Town::new(10);
    let card = town.card(Slot(0));
    let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| {
        if let Binding::Card(enrolment) = &mut evidence.binding {
            enrolment.card = tachiai_verify::eligibility::testing::signed(&enrolment.card.statement.0, &card.key, &card.certificate);
        }
    });
    refuted(&mut play, &town, Rule::R705, Some(leaf));
}

#[test]
fn forged_39_test_cards_are_nobodys_cards() {
    let (mut play, mut town) = Town::new(11);
    let leaf = town.register(&mut play, Slot(0));
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let mut identities = Identities::default();
    identities.add(&std::fs::read(folder.path().join("authority.txt")).unwrap(), None).unwrap();
    let audited = verify_eligibility(&folder.path().join("record"), &folder.path().join("evidence"), town.csv().as_bytes(), &identities, &Options::default());
    match audited {
        Err(tachiai_verify::Failure::Refuted(violation)) => assert_eq!((violation.rule, violation.leaf), (Rule::R705, Some(leaf))),
        _ => panic!("not refuted"),
    }
}

#[test]
fn cards_with_rsa_keys_are_audited_as_those_of_the_next_generation() {
    // Two keys that lie in the source tree, of an authority that is not asked here.
    let keys =
        [&include_bytes!("../../../../tests/data/jpki/keys/text-root.pkcs8.der")[..], include_bytes!("../../../../tests/data/jpki/keys/text-signer.pkcs8.der")];
    let mut next = keys.into_iter().cycle();
    let (mut play, mut town) = Town::with(12, 8, CrlRequirement::Required, Box::new(move || CaKey::from_pkcs8(next.next().unwrap()).unwrap()), |_| {});
    town.register(&mut play, Slot(0));
    crate::holds(&mut play, &town);
}
