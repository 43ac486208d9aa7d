//! Certificates that must not be accepted, each wrong in one point.

use der::{Encode, asn1::OctetString};
use tachiai_jpki::{
    Anchor, CardKey, JpkiError, Oid, PolicySet, Purpose, TrustStore,
    error::{Attribute, Malformed, NotACa, Weakness},
    testing::{Authority, CaKey, CertificateForm, Municipality, TestCa},
};
use x509_cert::{
    AlgorithmIdentifier, Version,
    ext::{
        Extension,
        pkix::{
            BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage, KeyUsages,
            certpolicy::{PolicyInformation, PolicyQualifierInfo},
        },
    },
    serial_number::SerialNumber,
};

use super::support::{altered, altered_signing, ca, data, holder, now, period, person, same_name_ca, time, verify, verify_in};

const KEY_USAGE: Oid = Oid::new_unwrap("2.5.29.15");
const SUBJECT_ALTERNATIVE_NAME: Oid = Oid::new_unwrap("2.5.29.17");
const BASIC_CONSTRAINTS: Oid = Oid::new_unwrap("2.5.29.19");
const POLICIES: Oid = Oid::new_unwrap("2.5.29.32");
const EXTENDED_KEY_USAGE: Oid = Oid::new_unwrap("2.5.29.37");
const TEST_AUTHENTICATION: Oid = Oid::new_unwrap("1.2.392.200149.8.5.1.0.30");
const AUTHENTICATION: Purpose = Purpose::UserAuthentication;
const SIGNATURE: Purpose = Purpose::DigitalSignature;

fn refusal(certificate: &[u8]) -> JpkiError {
    verify(certificate, AUTHENTICATION).unwrap_err()
}

fn encode(value: &impl Encode) -> OctetString {
    OctetString::new(value.to_der().unwrap()).unwrap()
}

fn set(form: &mut CertificateForm, oid: Oid, value: &impl Encode) {
    form.extension_mut(oid).unwrap().extn_value = encode(value);
}

fn remove(form: &mut CertificateForm, oid: Oid) {
    form.extensions.retain(|extension| extension.extn_id != oid);
}

fn policy(oid: Oid) -> PolicyInformation {
    PolicyInformation { policy_identifier: oid, policy_qualifiers: None }
}

#[test]
fn an_unaltered_certificate_is_accepted() {
    let accepted = verify(&altered(|_| ()), AUTHENTICATION).unwrap();
    assert_eq!(accepted.spki_sha256(), tachiai_jpki::Hash32::of(&holder().spki_der));
    assert_eq!(verify(&altered_signing(|_| ()), SIGNATURE).unwrap().attributes(), Some(&person()));
}

#[test]
fn a_certificate_of_another_root_is_refused() {
    let other = same_name_ca(SIGNATURE);
    let forged = other.sign(CertificateForm::authentication(&other, &holder()).unwrap()).unwrap();
    assert!(matches!(refusal(&forged), JpkiError::UnknownIssuer { .. }));
}

#[test]
fn a_certificate_of_a_root_with_the_same_name_is_refused() {
    let other = same_name_ca(AUTHENTICATION);
    let forged = other.sign(CertificateForm::authentication(&other, &holder()).unwrap()).unwrap();
    assert!(matches!(refusal(&forged), JpkiError::UnknownIssuer { .. }));
}

#[test]
fn a_certificate_that_names_the_issuers_key_but_is_signed_by_another_is_refused() {
    let ca = ca();
    let form = CertificateForm::authentication(ca.authority(AUTHENTICATION), &holder()).unwrap();
    let forged = same_name_ca(AUTHENTICATION).sign(form).unwrap();
    assert_eq!(refusal(&forged), JpkiError::BadSignature);
}

#[test]
fn the_issuer_is_found_by_its_key_among_roots_of_one_name() {
    let (ca, other) = (ca(), same_name_ca(AUTHENTICATION));
    let ours = ca.authority(AUTHENTICATION).anchor().unwrap();
    let theirs = other.anchor().unwrap();
    let certificate = altered(|_| ());
    for anchors in [vec![ours.clone(), theirs.clone()], vec![theirs, ours.clone()]] {
        let accepted = verify_in(&certificate, AUTHENTICATION, &TrustStore::new(anchors), now()).unwrap();
        assert_eq!(accepted.issuer(), ours.fingerprint());
    }
}

#[test]
fn a_certificate_whose_issuer_bears_another_name_is_refused() {
    let ca = ca();
    let name = CertificateForm::signing(ca.authority(SIGNATURE), &holder(), &person()).unwrap().issuer;
    assert!(matches!(refusal(&altered(|form| form.issuer = name)), JpkiError::UnknownIssuer { .. }));
}

#[test]
fn an_empty_store_trusts_nobody() {
    let verdict = verify_in(&altered(|_| ()), AUTHENTICATION, &TrustStore::default(), now());
    assert!(matches!(verdict, Err(JpkiError::UnknownIssuer { .. })));
}

#[test]
fn a_self_signed_certificate_of_a_holder_is_refused() {
    let key = CaKey::from_pkcs8(data!("keys/holder.pkcs8.der")).unwrap();
    let ca = ca();
    let form = CertificateForm::authentication(ca.authority(AUTHENTICATION), &holder()).unwrap();
    assert_eq!(refusal(&form.sign(&key).unwrap()), JpkiError::BadSignature);
}

#[test]
fn a_certificate_issued_by_a_holder_is_refused() {
    let key = CaKey::from_pkcs8(data!("keys/holder.pkcs8.der")).unwrap();
    let ca = ca();
    let mut form = CertificateForm::authentication(ca.authority(AUTHENTICATION), &holder()).unwrap();
    form.issuer = form.subject.clone();
    assert!(matches!(refusal(&form.sign(&key).unwrap()), JpkiError::UnknownIssuer { .. }));
}

#[test]
fn an_expired_certificate_is_refused() {
    let expired = altered(|form| form.validity = period("2025-01-01T00:00:00Z", "2027-03-31T23:59:59Z"));
    assert_eq!(refusal(&expired), JpkiError::Expired { not_after: time("2027-03-31T23:59:59Z"), at: now() });
}

#[test]
fn a_certificate_that_is_not_yet_valid_is_refused() {
    let early = altered(|form| form.validity = period("2027-04-01T00:00:01Z", "2030-01-01T00:00:00Z"));
    assert_eq!(refusal(&early), JpkiError::NotYetValid { not_before: time("2027-04-01T00:00:01Z"), at: now() });
}

#[test]
fn an_expired_root_issues_nothing() {
    let validity = period("2024-01-01T00:00:00Z", "2027-03-31T23:59:59Z");
    let store = TestCa::with_published_keys(validity).unwrap().trust_store().unwrap();
    let verdict = verify_in(&altered(|_| ()), AUTHENTICATION, &store, now());
    assert!(matches!(verdict, Err(JpkiError::AnchorNotValid { at, .. }) if at == now()));
}

#[test]
fn the_valid_one_of_two_roots_with_one_key_counts() {
    let expired = TestCa::with_published_keys(period("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")).unwrap();
    let anchors = [&expired, &ca()].map(|ca| ca.authority(AUTHENTICATION).anchor().unwrap());
    let fingerprint = anchors[1].fingerprint();
    let accepted = verify_in(&altered(|_| ()), AUTHENTICATION, &TrustStore::new(anchors.to_vec()), now()).unwrap();
    assert_eq!(accepted.issuer(), fingerprint);
}

#[test]
fn a_certificate_of_the_other_policy_is_refused() {
    let other = Oid::new_unwrap("1.2.392.200149.8.5.1.0.20");
    let forged = altered(|form| set(form, POLICIES, &CertificatePolicies(vec![policy(other)])));
    assert_eq!(refusal(&forged), JpkiError::WrongPolicy { found: vec![other] });
}

#[test]
fn a_production_certificate_is_refused_under_test_policies() {
    let production = Oid::new_unwrap("1.2.392.200149.8.5.1.3.30");
    let certificate = altered(|form| set(form, POLICIES, &CertificatePolicies(vec![policy(production)])));
    assert_eq!(refusal(&certificate), JpkiError::WrongPolicy { found: vec![production] });
}

#[test]
fn any_policy_is_not_an_accepted_policy() {
    let any = Oid::new_unwrap("2.5.29.32.0");
    let forged = altered(|form| set(form, POLICIES, &CertificatePolicies(vec![policy(any)])));
    assert_eq!(refusal(&forged), JpkiError::WrongPolicy { found: vec![any] });
}

#[test]
fn a_policy_that_the_operator_allows_is_accepted() {
    let phone = Oid::new_unwrap("1.2.392.200149.8.5.1.1.40");
    let certificate = altered(|form| set(form, POLICIES, &CertificatePolicies(vec![policy(phone)])));
    assert!(matches!(refusal(&certificate), JpkiError::WrongPolicy { .. }));
    let accepted = tachiai_jpki::verify_certificate(
        &certificate,
        AUTHENTICATION,
        &ca().trust_store().unwrap(),
        &PolicySet::test().allow(AUTHENTICATION, phone),
        &tachiai_jpki::CrlSet::default(),
        tachiai_jpki::CrlPolicy::NotRequired,
        now(),
    );
    assert_eq!(accepted.unwrap().policy(), phone);
}

#[test]
fn a_certificate_without_policies_is_refused() {
    assert_eq!(refusal(&altered(|form| remove(form, POLICIES))), JpkiError::MissingPolicy);
}

#[test]
fn a_certificate_with_non_critical_policies_is_refused() {
    let forged = altered(|form| form.extension_mut(POLICIES).unwrap().critical = false);
    assert_eq!(refusal(&forged), JpkiError::PolicyNotCritical);
}

#[test]
fn a_policy_qualifier_that_is_not_understood_is_refused() {
    let forged = altered(|form| {
        let unknown = PolicyQualifierInfo { policy_qualifier_id: Oid::new_unwrap("1.2.3.4"), qualifier: None };
        let information = PolicyInformation { policy_identifier: TEST_AUTHENTICATION, policy_qualifiers: Some(vec![unknown]) };
        set(form, POLICIES, &CertificatePolicies(vec![information]));
    });
    assert_eq!(refusal(&forged), JpkiError::Malformed(Malformed::Extension(POLICIES)));
}

#[test]
fn a_certificate_with_another_key_usage_is_refused() {
    for usages in [
        KeyUsages::NonRepudiation.into(),
        KeyUsages::KeyEncipherment.into(),
        KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
        KeyUsages::DigitalSignature | KeyUsages::KeyCertSign,
    ] {
        let forged = altered(|form| set(form, KEY_USAGE, &KeyUsage(usages)));
        assert_eq!(refusal(&forged), JpkiError::WrongKeyUsage { purpose: AUTHENTICATION });
    }
}

#[test]
fn a_signing_certificate_without_non_repudiation_is_refused() {
    let forged = altered_signing(|form| set(form, KEY_USAGE, &KeyUsage(KeyUsages::DigitalSignature.into())));
    assert_eq!(verify(&forged, SIGNATURE).unwrap_err(), JpkiError::WrongKeyUsage { purpose: SIGNATURE });
}

#[test]
fn a_certificate_without_key_usage_is_refused() {
    let forged = altered(|form| remove(form, KEY_USAGE));
    assert_eq!(refusal(&forged), JpkiError::WrongKeyUsage { purpose: AUTHENTICATION });
}

#[test]
fn a_certificate_with_a_non_critical_key_usage_is_refused() {
    let forged = altered(|form| form.extension_mut(KEY_USAGE).unwrap().critical = false);
    assert_eq!(refusal(&forged), JpkiError::WrongKeyUsage { purpose: AUTHENTICATION });
}

#[test]
fn an_authentication_certificate_without_client_auth_is_refused() {
    let server = ExtendedKeyUsage(vec![Oid::new_unwrap("1.3.6.1.5.5.7.3.1")]);
    for forged in [altered(|form| remove(form, EXTENDED_KEY_USAGE)), altered(|form| set(form, EXTENDED_KEY_USAGE, &server))] {
        assert_eq!(refusal(&forged), JpkiError::WrongExtendedKeyUsage { purpose: AUTHENTICATION });
    }
}

#[test]
fn a_signing_certificate_restricted_to_client_auth_is_refused() {
    let usage = ExtendedKeyUsage(vec![Oid::new_unwrap("1.3.6.1.5.5.7.3.2")]);
    let forged = altered_signing(|form| {
        form.extensions.push(Extension { extn_id: EXTENDED_KEY_USAGE, critical: false, extn_value: encode(&usage) });
    });
    assert_eq!(verify(&forged, SIGNATURE).unwrap_err(), JpkiError::WrongExtendedKeyUsage { purpose: SIGNATURE });
}

#[test]
fn an_unknown_critical_extension_is_refused() {
    let oid = Oid::new_unwrap("1.2.3.4.5");
    let with = |critical| {
        altered(|form| {
            form.extensions.push(Extension { extn_id: oid, critical, extn_value: OctetString::new([5, 0]).unwrap() });
        })
    };
    assert_eq!(refusal(&with(true)), JpkiError::UnknownCriticalExtension { oid });
    assert!(verify(&with(false), AUTHENTICATION).is_ok());
}

#[test]
fn an_extension_that_is_there_twice_is_refused() {
    let forged = altered(|form| {
        let again = form.extension_mut(POLICIES).unwrap().clone();
        form.extensions.push(again);
    });
    assert_eq!(refusal(&forged), JpkiError::DuplicateExtension { oid: POLICIES });
}

#[test]
fn a_malformed_extension_is_refused() {
    for oid in [KEY_USAGE, POLICIES, EXTENDED_KEY_USAGE] {
        let forged = altered(|form| {
            form.extension_mut(oid).unwrap().extn_value = OctetString::new([0x30, 0x80, 0, 0]).unwrap();
        });
        assert_eq!(refusal(&forged), JpkiError::Malformed(Malformed::Extension(oid)));
    }
}

#[test]
fn a_certificate_of_version_1_is_refused() {
    let forged = altered(|form| form.version = Version::V1);
    assert_eq!(refusal(&forged), JpkiError::WrongVersion);
}

#[test]
fn a_holders_certificate_that_may_certify_is_refused() {
    let ca_flag = BasicConstraints { ca: true, path_len_constraint: None };
    let forged = altered(|form| {
        form.extensions.push(Extension { extn_id: BASIC_CONSTRAINTS, critical: true, extn_value: encode(&ca_flag) });
    });
    assert_eq!(refusal(&forged), JpkiError::CaInsteadOfHolder);
}

#[test]
fn a_key_with_exponent_3_is_refused() {
    let forged = altered(|form| form.spki_der = data!("keys/holder-e3.spki.der").to_vec());
    assert_eq!(refusal(&forged), JpkiError::WeakKey(Weakness::RsaExponent));
}

#[test]
fn a_key_of_1024_bits_is_refused() {
    let forged = altered(|form| form.spki_der = data!("keys/holder-1024.spki.der").to_vec());
    assert_eq!(refusal(&forged), JpkiError::WeakKey(Weakness::RsaBits(1024)));
}

#[test]
fn an_even_modulus_is_refused() {
    let mut spki = data!("keys/holder.spki.der").to_vec();
    // The modulus ends before the exponent, the last five bytes (02 03 01 00 01).
    let last_of_modulus = spki.len() - 6;
    spki[last_of_modulus] &= !1;
    assert_eq!(CardKey::from_spki_der(&spki), Err(JpkiError::WeakKey(Weakness::RsaEvenModulus)));
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let mut spki = data!("keys/p384-holder.spki.der").to_vec();
    // secp384r1 (1.3.132.0.34) becomes secp521r1 (1.3.132.0.35).
    let curve = [0x2b, 0x81, 0x04, 0x00, 0x22];
    let place = spki.windows(5).position(|window| window == curve).unwrap();
    spki[place + 4] = 0x23;
    assert_eq!(CardKey::from_spki_der(&spki), Err(JpkiError::UnsupportedAlgorithm { oid: Oid::new_unwrap("1.3.132.0.35") }));
}

#[test]
fn a_compressed_point_is_refused() {
    let spki = data!("keys/p384-holder.spki.der");
    let point = spki.len() - 97;
    let mut forged = spki.to_vec();
    forged[point] = 2;
    assert_eq!(CardKey::from_spki_der(&forged), Err(JpkiError::Malformed(Malformed::PublicKey)));
}

#[test]
fn a_card_of_the_next_generation_is_accepted() {
    let key = || CaKey::from_pkcs8(data!("keys/p384-ca.pkcs8.der")).unwrap();
    let ca = TestCa::new(key(), key(), period("2024-01-01T00:00:00Z", "2044-01-01T00:00:00Z")).unwrap();
    let holder = tachiai_jpki::testing::Holder { spki_der: data!("keys/p384-holder.spki.der").to_vec(), municipality: Municipality::yabu(), ..holder() };
    let store = ca.trust_store().unwrap();
    let certificate = ca.authentication_certificate(&holder).unwrap();
    let accepted = verify_in(&certificate, AUTHENTICATION, &store, now()).unwrap();
    assert_eq!(accepted.key().algorithm(), tachiai_jpki::SignatureAlgorithm::EcdsaP384Sha384);
    let message = b"hello";
    let signature = CaKey::from_pkcs8(data!("keys/p384-holder.pkcs8.der")).unwrap().sign(message).unwrap();
    assert!(tachiai_jpki::verify_signature(&accepted, message, &signature).is_ok());
    assert_eq!(tachiai_jpki::verify_signature(&accepted, b"hullo", &signature), Err(JpkiError::BadMessageSignature));
}

#[test]
fn an_anchor_that_may_not_certify_is_refused() {
    let key = CaKey::from_pkcs8(data!("keys/authentication-ca.pkcs8.der")).unwrap();
    let anchor = |change: &dyn Fn(&mut CertificateForm)| {
        let mut form = CertificateForm::ca(AUTHENTICATION, &key, period("2024-01-01T00:00:00Z", "2034-01-01T00:00:00Z")).unwrap();
        change(&mut form);
        Anchor::from_der(&form.sign(&key).unwrap()).map(|anchor| anchor.fingerprint())
    };
    let constraints = Err(JpkiError::NotACa(NotACa::BasicConstraints));
    let usage = Err(JpkiError::NotACa(NotACa::KeyCertSign));
    assert!(anchor(&|_| ()).is_ok());
    assert_eq!(anchor(&|form| remove(form, BASIC_CONSTRAINTS)), constraints);
    assert_eq!(anchor(&|form| form.extension_mut(BASIC_CONSTRAINTS).unwrap().critical = false), constraints);
    assert_eq!(anchor(&|form| set(form, BASIC_CONSTRAINTS, &BasicConstraints { ca: false, path_len_constraint: None })), constraints);
    assert_eq!(anchor(&|form| remove(form, KEY_USAGE)), usage);
    assert_eq!(anchor(&|form| set(form, KEY_USAGE, &KeyUsage(KeyUsages::CRLSign.into()))), usage);
    assert_eq!(anchor(&|form| form.version = Version::V1), Err(JpkiError::WrongVersion));
    assert_eq!(anchor(&|form| form.spki_der = data!("keys/holder-e3.spki.der").to_vec()), Err(JpkiError::WeakKey(Weakness::RsaExponent)));
}

#[test]
fn a_signing_certificate_without_its_holders_name_is_refused() {
    let forged = altered_signing(|form| remove(form, SUBJECT_ALTERNATIVE_NAME));
    assert_eq!(verify(&forged, SIGNATURE).unwrap_err(), JpkiError::NoAttributes);
}

#[test]
fn attributes_out_of_form_are_refused() {
    type Change = fn(&mut tachiai_jpki::FourAttributes);
    let cases: [(Change, Attribute); 4] = [
        (|person| person.name = String::new(), Attribute::Name),
        (|person| person.name = "但馬\n花子".to_owned(), Attribute::Name),
        (|person| person.address = String::new(), Attribute::Address),
        (|person| person.address = "養父市\u{0}".to_owned(), Attribute::Address),
    ];
    let ca = ca();
    for (change, attribute) in cases {
        let mut person = person();
        change(&mut person);
        let forged = ca.signing_certificate(&holder(), &person).unwrap();
        assert_eq!(verify(&forged, SIGNATURE).unwrap_err(), JpkiError::BadAttribute(attribute));
    }
}

#[test]
fn an_attribute_that_is_there_twice_is_refused() {
    let forged = altered_signing(|form| {
        let names = form.extension_mut(SUBJECT_ALTERNATIVE_NAME).unwrap();
        let mut list = names.extn_value.as_bytes().to_vec();
        // SEQUENCE, long form of length in one byte; the first otherName follows, of short length.
        assert_eq!(&list[..2], &[0x30, 0x81]);
        let first = list[3..5 + usize::from(list[4])].to_vec();
        list.extend_from_slice(&first);
        list[2] = u8::try_from(list.len() - 3).unwrap();
        names.extn_value = OctetString::new(list).unwrap();
    });
    assert_eq!(verify(&forged, SIGNATURE).unwrap_err(), JpkiError::BadAttribute(Attribute::Name));
}

#[test]
fn a_certificate_that_names_two_algorithms_is_refused() {
    let forged = altered(|form| {
        form.inner_algorithm = Some(AlgorithmIdentifier { oid: Oid::new_unwrap("1.2.840.10045.4.3.3"), parameters: None });
    });
    assert_eq!(refusal(&forged), JpkiError::AlgorithmsDisagree);
}

#[test]
fn a_certificate_with_serial_number_zero_is_refused() {
    let forged = altered(|form| form.serial = SerialNumber::new(&[0]).unwrap());
    assert_eq!(refusal(&forged), JpkiError::Malformed(Malformed::Certificate));
}

#[test]
fn an_authority_made_for_the_tests_is_its_own_anchor() {
    let authority: Authority = same_name_ca(AUTHENTICATION);
    let anchor = authority.anchor().unwrap();
    let accepted = verify_in(authority.certificate(), AUTHENTICATION, &TrustStore::new(vec![anchor]), now());
    assert_eq!(accepted.unwrap_err(), JpkiError::CaInsteadOfHolder);
}
