//! Certificates of J-LIS test cards and the CA certificates of the service.

use der::{Decode, oid::ObjectIdentifier};
use proptest::prelude::*;
use tachiai_jpki::{
    Anchor, BirthDate, CardKey, Crl, CrlPolicy, CrlSet, FourAttributes, Hash32, JpkiError, PolicySet, Purpose, Sex, Substitutes, TrustStore, UnixTime,
    UnverifiedCertificate,
    testing::{Holder, Municipality, TestCa},
    verify_certificate,
};
use x509_cert::Certificate;

use super::support::{ca, data, period, time, verify_in};

const AUTHENTICATION: &[u8] = data!("jlis-test-card/jpki-auth-cert.der");
const SIGNING: &[u8] = data!("jlis-test-card/jpki-sign-cert.der");
const AUTHENTICATION_CA: &[u8] = data!("jlis-test-card/jpki-auth-ca-cert.der");
const SIGNATURE_CA: &[u8] = data!("jlis-test-card/jpki-sign-ca-cert.der");
const OLD_AUTHENTICATION_CA: &[u8] = data!("jlis-test-card/jpki-auth-ca-cert-2019.der");
const OLD_SIGNATURE_CA: &[u8] = data!("jlis-test-card/jpki-sign-ca-cert-2019.der");

fn store(anchors: &[&[u8]]) -> TrustStore {
    TrustStore::new(anchors.iter().map(|der| Anchor::from_der(der).unwrap()).collect())
}

fn all() -> TrustStore {
    store(&[OLD_AUTHENTICATION_CA, OLD_SIGNATURE_CA, AUTHENTICATION_CA, SIGNATURE_CA])
}

fn within() -> UnixTime {
    time("2026-06-01T00:00:00Z")
}

#[test]
fn the_authentication_certificate_of_a_test_card_is_accepted() {
    let holder = verify_in(AUTHENTICATION, Purpose::UserAuthentication, &all(), within()).unwrap();
    assert_eq!(holder.serial().to_string(), "227B13");
    assert_eq!(holder.purpose(), Purpose::UserAuthentication);
    assert_eq!(holder.policy().to_string(), "1.2.392.200149.8.5.1.0.30");
    assert_eq!(holder.validity(), period("2025-10-27T01:35:42Z", "2030-02-17T14:59:59Z"));
    assert_eq!(holder.issuer(), Hash32::of(AUTHENTICATION_CA));
    assert_eq!(holder.fingerprint(), Hash32::of(AUTHENTICATION));
    assert!(matches!(holder.key(), CardKey::Rsa(key) if key.bits() == 2048));
    assert!(holder.attributes().is_none());
}

#[test]
fn the_signing_certificate_of_a_test_card_names_its_holder() {
    let holder = verify_in(SIGNING, Purpose::DigitalSignature, &all(), within()).unwrap();
    let FourAttributes { name, name_substitutes, address, address_substitutes, birth_date, sex } = holder.attributes().unwrap();
    assert_eq!(name, "黒桐　幹也");
    assert_eq!(address, "東京都清瀬市観布子南１２－７－２０２");
    assert_eq!(birth_date.digits(), "319800217");
    assert_eq!(birth_date.iso().unwrap(), "1980-02-17");
    assert_eq!(*sex, Sex::Male);
    assert_eq!(name_substitutes.marks(), "00000");
    assert_eq!(address_substitutes.marks(), "000000000000000000");
    assert!(!name_substitutes.any() && !address_substitutes.any());
}

#[test]
fn the_key_hash_is_that_of_the_certificate_bytes() {
    let holder = verify_in(AUTHENTICATION, Purpose::UserAuthentication, &all(), within()).unwrap();
    let spki = holder.key().to_spki_der();
    assert!(AUTHENTICATION.windows(spki.len()).any(|window| window == spki));
    assert_eq!(holder.spki_sha256(), Hash32::of(&spki));
}

#[test]
fn each_second_of_the_validity_counts_and_none_around_it() {
    let verdict = |at| verify_in(AUTHENTICATION, Purpose::UserAuthentication, &all(), time(at));
    assert!(verdict("2025-10-27T01:35:42Z").is_ok());
    assert!(verdict("2030-02-17T14:59:59Z").is_ok());
    assert!(matches!(verdict("2025-10-27T01:35:41Z"), Err(JpkiError::NotYetValid { .. })));
    assert!(matches!(verdict("2030-02-17T15:00:00Z"), Err(JpkiError::Expired { .. })));
}

#[test]
fn a_certificate_of_one_purpose_does_not_serve_the_other() {
    assert!(matches!(verify_in(AUTHENTICATION, Purpose::DigitalSignature, &all(), within()), Err(JpkiError::WrongKeyUsage { .. })));
    assert!(matches!(verify_in(SIGNING, Purpose::UserAuthentication, &all(), within()), Err(JpkiError::WrongKeyUsage { .. })));
}

#[test]
fn a_test_card_is_refused_under_production_policies() {
    let verdict =
        verify_certificate(AUTHENTICATION, Purpose::UserAuthentication, &all(), &PolicySet::production(), &CrlSet::default(), CrlPolicy::NotRequired, within());
    let found = vec![ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.0.30")];
    assert_eq!(verdict.unwrap_err(), JpkiError::WrongPolicy { found });
}

#[test]
fn an_authority_of_the_same_name_and_another_generation_is_not_the_issuer() {
    let verdict = verify_in(AUTHENTICATION, Purpose::UserAuthentication, &store(&[OLD_AUTHENTICATION_CA]), within());
    assert!(matches!(verdict, Err(JpkiError::UnknownIssuer { .. })));
    let verdict = verify_in(SIGNING, Purpose::DigitalSignature, &store(&[OLD_SIGNATURE_CA]), within());
    assert!(matches!(verdict, Err(JpkiError::UnknownIssuer { .. })));
}

#[test]
fn the_authority_for_signing_does_not_issue_for_authentication() {
    let verdict = verify_in(AUTHENTICATION, Purpose::UserAuthentication, &store(&[SIGNATURE_CA]), within());
    assert!(matches!(verdict, Err(JpkiError::UnknownIssuer { .. })));
}

#[test]
fn no_flipped_bit_of_a_certificate_is_accepted() {
    let store = all();
    // The signature covers all but the outermost header and the outer algorithm, which must equal the inner one.
    for index in 0..AUTHENTICATION.len() {
        let mut forged = AUTHENTICATION.to_vec();
        forged[index] ^= 1 << (index % 8);
        assert!(verify_in(&forged, Purpose::UserAuthentication, &store, within()).is_err(), "byte {index} can be changed");
    }
}

#[test]
fn an_altered_certificate_of_a_known_key_is_called_forged() {
    let mut forged = SIGNING.to_vec();
    let name = "黒桐".as_bytes();
    let place = forged.windows(name.len()).position(|window| window == name).unwrap();
    forged[place..place + name.len()].copy_from_slice("白桐".as_bytes());
    assert_eq!(verify_in(&forged, Purpose::DigitalSignature, &all(), within()).unwrap_err(), JpkiError::BadSignature);
}

#[test]
fn truncated_and_extended_certificates_are_malformed() {
    let store = all();
    for length in 0..AUTHENTICATION.len() {
        assert!(matches!(verify_in(&AUTHENTICATION[..length], Purpose::UserAuthentication, &store, within()), Err(JpkiError::Malformed(_))));
    }
    let mut extended = AUTHENTICATION.to_vec();
    extended.push(0);
    assert!(matches!(verify_in(&extended, Purpose::UserAuthentication, &store, within()), Err(JpkiError::Malformed(_))));
}

#[test]
fn the_certificate_of_an_authority_is_not_one_of_a_holder() {
    assert_eq!(verify_in(AUTHENTICATION_CA, Purpose::UserAuthentication, &all(), within()).unwrap_err(), JpkiError::CaInsteadOfHolder);
}

#[test]
fn the_certificate_of_a_holder_is_not_an_anchor() {
    for certificate in [AUTHENTICATION, SIGNING] {
        // What stops it first: an anchor with critical policies would be limited to them, which nothing here honours.
        assert!(matches!(Anchor::from_der(certificate), Err(JpkiError::UnknownCriticalExtension { .. })));
    }
}

#[test]
fn the_published_roots_are_anchors_of_one_name_and_different_keys() {
    for roots in [
        [data!("jlis-roots/authca01.cer").as_slice(), data!("jlis-roots/authca02.cer"), data!("jlis-roots/authca03.cer")],
        [data!("jlis-roots/signca01.cer").as_slice(), data!("jlis-roots/signca02.cer"), data!("jlis-roots/signca03.cer")],
    ] {
        let anchors = roots.map(|der| Anchor::from_der(der).unwrap());
        for (index, anchor) in anchors.iter().enumerate() {
            for other in &anchors[..index] {
                assert_eq!(anchor.subject(), other.subject());
                assert_ne!(anchor.spki_sha256(), other.spki_sha256());
                assert_ne!(anchor.fingerprint(), other.fingerprint());
            }
        }
    }
}

#[test]
fn the_name_of_an_authority_tells_what_it_issues() {
    for (authority, purpose) in [
        (AUTHENTICATION_CA, Purpose::UserAuthentication),
        (data!("jlis-roots/authca03.cer"), Purpose::UserAuthentication),
        (SIGNATURE_CA, Purpose::DigitalSignature),
        (data!("jlis-roots/signca03.cer"), Purpose::DigitalSignature),
    ] {
        let anchor = Anchor::from_der(authority).unwrap();
        assert_eq!(anchor.named_purpose(), Some(purpose), "{}", anchor.subject());
        let name = anchor.subject_der();
        assert!(authority.windows(name.len()).any(|window| window == name));
    }
}

#[test]
fn the_fingerprint_of_an_anchor_is_that_of_its_file() {
    assert_eq!(
        Anchor::from_der(data!("jlis-roots/authca03.cer")).unwrap().fingerprint().to_hex(),
        "64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5"
    );
}

/// The extensions of a certificate except those that depend on the CA's or the holder's key.
fn shape(der: &[u8]) -> Vec<(String, bool, Vec<u8>)> {
    let certificate = Certificate::from_der(der).unwrap();
    certificate
        .tbs_certificate()
        .extensions()
        .unwrap()
        .iter()
        .map(|extension| {
            let oid = extension.extn_id.to_string();
            let of_a_key = oid == "2.5.29.14" || oid == "2.5.29.35";
            let value = if of_a_key { Vec::new() } else { extension.extn_value.as_bytes().to_vec() };
            (oid, extension.critical, value)
        })
        .collect()
}

fn test_card_holder(spki_der: &[u8], serial: u64, not_before: &str) -> Holder {
    Holder {
        spki_der: spki_der.to_vec(),
        serial,
        validity: period(not_before, "2030-02-17T14:59:59Z"),
        municipality: Municipality { code: "13221".to_owned(), prefecture: "Tokyo-to".to_owned(), name: "Kiyose-shi".to_owned() },
    }
}

#[test]
fn the_test_ca_issues_authentication_certificates_in_the_shape_of_a_test_card() {
    let real = Certificate::from_der(AUTHENTICATION).unwrap();
    let holder = test_card_holder(data!("keys/holder.spki.der"), 0x227b13, "2025-10-27T01:35:42Z");
    let issued = ca().authentication_certificate(&holder).unwrap();
    assert_eq!(shape(&issued), shape(AUTHENTICATION));
    let issued = Certificate::from_der(&issued).unwrap();
    let (issued, real) = (issued.tbs_certificate(), real.tbs_certificate());
    assert_eq!(issued.issuer(), real.issuer());
    assert_eq!(issued.serial_number(), real.serial_number());
    assert_eq!(issued.validity(), real.validity());
    assert_eq!(issued.subject().to_string().len(), real.subject().to_string().len());
}

#[test]
fn the_test_ca_issues_signing_certificates_in_the_shape_of_a_test_card() {
    let real = Certificate::from_der(SIGNING).unwrap();
    let holder = test_card_holder(data!("keys/holder.spki.der"), 0x1ee607, "2025-10-27T01:35:57Z");
    let attributes = FourAttributes {
        name: "黒桐　幹也".to_owned(),
        name_substitutes: Substitutes::none_in("黒桐　幹也"),
        address: "東京都清瀬市観布子南１２－７－２０２".to_owned(),
        address_substitutes: Substitutes::none_in("東京都清瀬市観布子南１２－７－２０２"),
        birth_date: BirthDate::from_iso("1980-02-17").unwrap(),
        sex: Sex::Male,
    };
    let issued = ca().signing_certificate(&holder, &attributes).unwrap();
    assert_eq!(shape(&issued), shape(SIGNING));
    let issued = Certificate::from_der(&issued).unwrap();
    let (issued, real) = (issued.tbs_certificate(), real.tbs_certificate());
    assert_eq!(issued.issuer(), real.issuer());
    assert_eq!(issued.subject().to_string().len(), real.subject().to_string().len());
    assert_eq!(issued.validity(), real.validity());
}

#[test]
fn the_test_ca_has_the_shape_of_the_authorities_on_a_test_card() {
    let ca: TestCa = ca();
    assert_eq!(shape(ca.authority(Purpose::UserAuthentication).certificate()), shape(AUTHENTICATION_CA));
    assert_eq!(shape(ca.authority(Purpose::DigitalSignature).certificate()), shape(SIGNATURE_CA));
}

#[test]
fn the_holders_own_program_reads_the_card_without_anchors() {
    let signing = UnverifiedCertificate::from_der(SIGNING).unwrap();
    let verified = verify_in(SIGNING, Purpose::DigitalSignature, &all(), within()).unwrap();
    assert_eq!(signing.attributes.as_ref(), verified.attributes());
    assert_eq!(signing.spki_sha256, verified.spki_sha256());
    assert_eq!(&signing.serial, verified.serial());
    assert_eq!(signing.validity, verified.validity());
    assert!(UnverifiedCertificate::from_der(AUTHENTICATION).unwrap().attributes.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_certificate_with_changed_bytes_is_accepted_or_panics(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        sort in 0..3usize,
    ) {
        let real = [AUTHENTICATION, SIGNING, AUTHENTICATION_CA][sort];
        let mut forged = real.to_vec();
        for (place, byte) in changes {
            let place = place.index(forged.len());
            forged[place] = byte;
        }
        let _ = Anchor::from_der(&forged);
        let _ = UnverifiedCertificate::from_der(&forged);
        let _ = Crl::from_der(&forged, &all());
        for purpose in [Purpose::UserAuthentication, Purpose::DigitalSignature] {
            prop_assert!(forged == real || verify_in(&forged, purpose, &all(), within()).is_err());
        }
    }

    #[test]
    fn arbitrary_bytes_are_no_certificate(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Anchor::from_der(&bytes).is_err());
        prop_assert!(UnverifiedCertificate::from_der(&bytes).is_err());
        prop_assert!(Crl::from_der(&bytes, &all()).is_err());
        prop_assert!(verify_in(&bytes, Purpose::UserAuthentication, &all(), within()).is_err());
    }
}
