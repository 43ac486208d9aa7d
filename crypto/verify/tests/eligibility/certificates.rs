//! Class 39: certificates that were revoked, had expired, or are of another authority; revocation lists that were not in force, or are of another issuer.

use tachiai_crypto::hash::Hash32;
use tachiai_jpki::testing::{CaKey, CertificateForm, Holder, Municipality, TestCa};
use tachiai_jpki::{Purpose, UnixTime, Validity};
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::evidence::Binding;
use tachiai_schemas::{Blob, HashBytes, Slot};
use tachiai_verify::eligibility::testing::{Town, at, days, p384, revocations};
use tachiai_verify::eligibility::{Cards, Options};
use tachiai_verify::{Failure, Incomplete, Rule};

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
            Err(Failure::Refuted(violation)) => assert_eq!((violation.rule, violation.leaf), (Rule::R705, Some(leaf))),
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
    town.register(&mut play, Slot(0));
    let mut resident = town.card(Slot(1));
    let authority = town.ca.authority(Purpose::UserAuthentication);
    let holder = Holder { spki_der: resident.key.spki_der(), serial: 7, validity: days(-300, 300), municipality: Municipality::yabu() };
    let form = CertificateForm::authentication(authority, &holder).unwrap().under("1.2.392.200149.8.5.1.3.30").unwrap();
    resident.certificate = authority.sign(form).unwrap();
    let leaf = town.register_with(&mut play, Slot(1), &resident, |_| {});
    refuted(&mut play, &town, Rule::R705, Some(leaf));
}

#[test]
fn an_audit_that_was_begun_for_the_wrong_kind_of_cards_says_so_and_refutes_nothing() {
    let (mut play, mut town) = Town::new(13);
    town.vote_all(&mut play);
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    assert!(matches!(crate::incomplete(town.audit_with(folder.path(), &Options::default())), Incomplete::OtherCards { test: true }));
}

#[test]
fn forged_39_the_manifest_names_an_authority_of_the_operators_own() {
    // The town's authority stands in the manifest. Whoever expects only another one is not shown anything by its cards.
    let (mut play, mut town) = Town::new(14);
    let own = [Purpose::UserAuthentication, Purpose::DigitalSignature].map(|purpose| Hash32::sha256(town.ca.authority(purpose).certificate()).into());
    let leaf = town.register(&mut play, Slot(0));
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let audit = |anchors: &[HashBytes]| town.audit_with(folder.path(), &Options { cards: Cards::Test, card_anchors: anchors, ..Options::default() });
    let verdict = audit(&own).unwrap_or_else(|failure| panic!("{failure}")).verdict;
    assert!(verdict.card_anchors_expected && verdict.authorities_expected() && verdict.card_anchors.len() == 2);
    match audit(&own[1..]).err().unwrap() {
        Failure::Refuted(violation) => {
            assert_eq!((violation.rule, violation.leaf), (Rule::R705, Some(leaf)));
            assert!(violation.detail.contains("--card-anchor does not give"), "{violation}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn an_authority_or_key_that_is_expected_and_not_there_makes_an_audit_incomplete() {
    let (mut play, mut town) = Town::new(15);
    town.register(&mut play, Slot(0));
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let mistyped = [HashBytes::from(Hash32::sha256(b"mistyped"))];
    for options in [
        Options { cards: Cards::Test, card_anchors: &mistyped, ..Options::default() },
        Options { cards: Cards::Test, text_anchors: &mistyped, ..Options::default() },
    ] {
        let said = crate::incomplete(town.audit_with(folder.path(), &options)).to_string();
        assert!(said.contains(&mistyped[0].hash().to_string()) && said.contains("typing error"), "{said}");
    }
}

#[test]
fn a_certificate_that_ended_in_the_minute_before_the_entry_was_written_was_good_when_it_was_checked() {
    for (seed, seconds, good) in [(16, 30, true), (17, 61, false)] {
        let (mut play, mut town) = Town::new(seed);
        let attributes = town.attributes(Slot(0));
        // What is pushed next has the time of the play.
        let until = UnixTime::from_secs((play.now.unix() - seconds) as u64);
        let card = town.card_of(attributes, Validity { not_before: unix(-86_400), not_after: until });
        let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.bound = evidence.bound.plus(-seconds - 10));
        if good { drop(crate::holds(&mut play, &town)) } else { refuted(&mut play, &town, Rule::R705, Some(leaf)) }
    }
}

#[test]
fn a_list_that_ended_in_the_minute_before_the_entry_was_written_was_fresh_when_the_card_was_checked() {
    for (seed, seconds, good) in [(18, 30, true), (19, 61, false)] {
        let (mut play, mut town) = Town::new(seed);
        let until = UnixTime::from_secs((play.now.unix() - seconds) as u64);
        let card = town.card(Slot(0));
        let leaf = town.register_with(&mut play, Slot(0), &card, |evidence| evidence.bound = evidence.bound.plus(-seconds - 10));
        town.lists = vec![(at(-86_400), lists(&town.ca, Validity { not_before: unix(-100_000), not_after: until }, [&[], &[]]))];
        if good { drop(crate::holds(&mut play, &town)) } else { refuted(&mut play, &town, Rule::R705, Some(leaf)) }
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
