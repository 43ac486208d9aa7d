//! Revocation lists: whose they are, how fresh, and what they take away.

use der::{
    Decode, Encode,
    asn1::{BitString, OctetString},
};
use tachiai_jpki::{
    Crl, CrlPolicy, CrlSet, HolderCertificate, JpkiError, Oid, PolicySet, Purpose, Serial, UnixTime, Validity,
    crl::Revocation,
    error::{Malformed, NotACa, UnsupportedCrl},
    testing::{Authority, CaKey, CertificateForm, Municipality, RevocationList},
    verify_certificate,
};
use x509_cert::{
    AlgorithmIdentifier, Version,
    certificate::Rfc5280,
    crl::{CertificateList, RevokedCert, TbsCertList},
    ext::{
        Extension,
        pkix::{KeyUsage, KeyUsages, crl::IssuingDistributionPoint},
    },
    serial_number::SerialNumber,
};

use super::support::{altered, ca, data, holder, now, period, same_name_ca, time};

const AUTHENTICATION: Purpose = Purpose::UserAuthentication;

fn this_week() -> Validity {
    period("2027-03-30T00:00:00Z", "2027-04-06T00:00:00Z")
}

fn list(validity: Validity) -> RevocationList {
    RevocationList { validity, municipality: None, revoked: Vec::new() }
}

fn serial() -> Serial {
    Serial::from_u64(holder().serial).unwrap()
}

fn revoking(validity: Validity, since: &str, kind: Revocation) -> RevocationList {
    RevocationList { revoked: vec![(serial(), time(since), kind)], ..list(validity) }
}

fn crl(list: &RevocationList) -> Crl {
    let ca = ca();
    let der = ca.authority(AUTHENTICATION).revocation_list(list).unwrap();
    Crl::from_der(&der, &ca.trust_store().unwrap()).unwrap()
}

fn verdict(lists: &[RevocationList], policy: CrlPolicy, at: UnixTime) -> Result<HolderCertificate, JpkiError> {
    verify_certificate(
        &altered(|_| ()),
        AUTHENTICATION,
        &ca().trust_store().unwrap(),
        &PolicySet::test(),
        &CrlSet::new(lists.iter().map(crl).collect()),
        policy,
        at,
    )
}

#[test]
fn a_certificate_that_a_fresh_list_does_not_name_is_accepted() {
    let other = (Serial::from_u64(7).unwrap(), time("2027-01-01T00:00:00Z"), Revocation::Revoked);
    let list = RevocationList { revoked: vec![other], ..list(this_week()) };
    assert!(verdict(&[list], CrlPolicy::Required, now()).is_ok());
}

#[test]
fn an_empty_list_revokes_nothing() {
    assert!(crl(&list(this_week())).is_empty());
    assert!(verdict(&[list(this_week())], CrlPolicy::Required, now()).is_ok());
}

#[test]
fn a_revoked_certificate_is_refused() {
    let revoked = revoking(this_week(), "2027-03-29T12:00:00Z", Revocation::Revoked);
    for policy in [CrlPolicy::Required, CrlPolicy::NotRequired] {
        assert_eq!(
            verdict(std::slice::from_ref(&revoked), policy, now()).unwrap_err(),
            JpkiError::Revoked { serial: serial(), since: time("2027-03-29T12:00:00Z"), kind: Revocation::Revoked }
        );
    }
}

#[test]
fn a_revocation_counts_from_its_very_second() {
    let list = revoking(this_week(), "2027-03-31T12:00:00Z", Revocation::Revoked);
    let verdict = |at| verdict(std::slice::from_ref(&list), CrlPolicy::Required, time(at));
    assert!(verdict("2027-03-31T11:59:59Z").is_ok());
    assert!(matches!(verdict("2027-03-31T12:00:00Z"), Err(JpkiError::Revoked { .. })));
}

#[test]
fn a_list_is_fresh_from_its_first_second_to_its_last() {
    let list = list(this_week());
    let verdict = |at| verdict(std::slice::from_ref(&list), CrlPolicy::Required, time(at));
    assert!(verdict("2027-03-30T00:00:00Z").is_ok());
    assert!(verdict("2027-04-06T00:00:00Z").is_ok());
    assert!(matches!(verdict("2027-03-29T23:59:59Z"), Err(JpkiError::CrlNotYetValid { .. })));
    assert!(matches!(verdict("2027-04-06T00:00:01Z"), Err(JpkiError::StaleCrl { .. })));
}

#[test]
fn a_suspended_certificate_is_refused_until_the_suspension_ends() {
    let before = revoking(period("2027-03-23T00:00:00Z", "2027-03-30T00:00:00Z"), "2027-03-22T00:00:00Z", Revocation::Suspended);
    let refusal = verdict(std::slice::from_ref(&before), CrlPolicy::Required, time("2027-03-24T00:00:00Z")).unwrap_err();
    assert!(matches!(refusal, JpkiError::Revoked { kind: Revocation::Suspended, .. }));
    assert!(verdict(&[before, list(this_week())], CrlPolicy::Required, now()).is_ok());
}

#[test]
fn the_newest_list_counts_in_whatever_order_the_lists_come() {
    let old = list(period("2027-03-23T00:00:00Z", "2027-04-30T00:00:00Z"));
    let new = revoking(this_week(), "2027-03-29T12:00:00Z", Revocation::Revoked);
    for lists in [[old.clone(), new.clone()], [new, old]] {
        assert!(matches!(verdict(&lists, CrlPolicy::Required, now()), Err(JpkiError::Revoked { .. })));
    }
}

#[test]
fn what_was_signed_before_the_revocation_stays_valid() {
    let at = time("2027-03-01T00:00:00Z");
    let then = list(period("2027-02-28T00:00:00Z", "2027-03-07T00:00:00Z"));
    let later = revoking(this_week(), "2027-03-29T12:00:00Z", Revocation::Revoked);
    assert!(verdict(&[then, later], CrlPolicy::Required, at).is_ok());
}

#[test]
fn a_later_list_tells_of_a_revocation_that_had_happened() {
    let at = time("2027-03-05T00:00:00Z");
    let then = list(period("2027-02-28T00:00:00Z", "2027-03-07T00:00:00Z"));
    let later = revoking(this_week(), "2027-03-04T12:00:00Z", Revocation::Revoked);
    assert!(matches!(verdict(&[then, later], CrlPolicy::Required, at), Err(JpkiError::Revoked { .. })));
}

#[test]
fn without_a_list_a_certificate_is_refused_where_one_is_required() {
    assert!(matches!(verdict(&[], CrlPolicy::Required, now()), Err(JpkiError::NoCrl { .. })));
    assert!(verdict(&[], CrlPolicy::NotRequired, now()).is_ok());
}

#[test]
fn a_stale_list_is_refused_where_one_is_required() {
    let next_update = time("2027-03-31T23:59:59Z");
    let stale = list(Validity { not_before: time("2027-03-25T00:00:00Z"), not_after: next_update });
    assert_eq!(verdict(std::slice::from_ref(&stale), CrlPolicy::Required, now()).unwrap_err(), JpkiError::StaleCrl { next_update, at: now() });
    assert!(verdict(&[stale], CrlPolicy::NotRequired, now()).is_ok());
}

#[test]
fn a_stale_list_still_revokes() {
    let stale = revoking(period("2027-03-01T00:00:00Z", "2027-03-08T00:00:00Z"), "2027-02-01T00:00:00Z", Revocation::Revoked);
    assert!(matches!(verdict(&[stale], CrlPolicy::Required, now()), Err(JpkiError::Revoked { .. })));
}

#[test]
fn a_list_from_the_future_is_not_fresh() {
    let future = list(period("2027-04-02T00:00:00Z", "2027-04-09T00:00:00Z"));
    assert_eq!(verdict(&[future], CrlPolicy::Required, now()).unwrap_err(), JpkiError::CrlNotYetValid { this_update: time("2027-04-02T00:00:00Z"), at: now() });
}

#[test]
fn a_list_by_another_issuer_is_refused() {
    let other = same_name_ca(AUTHENTICATION).revocation_list(&list(this_week())).unwrap();
    assert!(matches!(Crl::from_der(&other, &ca().trust_store().unwrap()), Err(JpkiError::UnknownCrlIssuer { .. })));
}

#[test]
fn a_list_of_the_other_authority_says_nothing() {
    let ca = ca();
    let store = ca.trust_store().unwrap();
    let der = ca.authority(Purpose::DigitalSignature).revocation_list(&revoking(this_week(), "2027-03-01T00:00:00Z", Revocation::Revoked)).unwrap();
    let crls = CrlSet::new(vec![Crl::from_der(&der, &store).unwrap()]);
    let verdict = |policy| verify_certificate(&altered(|_| ()), AUTHENTICATION, &store, &PolicySet::test(), &crls, policy, now());
    assert!(matches!(verdict(CrlPolicy::Required), Err(JpkiError::NoCrl { .. })));
    assert!(verdict(CrlPolicy::NotRequired).is_ok());
}

#[test]
fn no_flipped_bit_of_a_list_is_accepted() {
    let ca = ca();
    let store = ca.trust_store().unwrap();
    let list = revoking(this_week(), "2027-03-01T00:00:00Z", Revocation::Suspended);
    let der = ca.authority(AUTHENTICATION).revocation_list(&list).unwrap();
    for index in 0..der.len() {
        let mut forged = der.clone();
        forged[index] ^= 1 << (index % 8);
        assert!(Crl::from_der(&forged, &store).is_err(), "byte {index} can be changed");
    }
    for length in 0..der.len() {
        assert_eq!(Crl::from_der(&der[..length], &store).unwrap_err(), JpkiError::Malformed(Malformed::Crl));
    }
}

#[test]
fn the_list_of_the_holders_municipality_counts() {
    let fresh = RevocationList { municipality: Some(Municipality::yabu()), ..list(this_week()) };
    assert!(verdict(std::slice::from_ref(&fresh), CrlPolicy::Required, now()).is_ok());
    let revoked = RevocationList { municipality: Some(Municipality::yabu()), ..revoking(this_week(), "2027-03-01T00:00:00Z", Revocation::Revoked) };
    assert!(matches!(verdict(&[revoked], CrlPolicy::Required, now()), Err(JpkiError::Revoked { .. })));
}

#[test]
fn the_list_of_another_municipality_does_not_cover_the_holder() {
    let elsewhere = Municipality { code: "28209".to_owned(), prefecture: "Hyogo-ken".to_owned(), name: "Toyooka-shi".to_owned() };
    let list = RevocationList { municipality: Some(elsewhere), ..list(this_week()) };
    assert!(matches!(verdict(&[list], CrlPolicy::Required, now()), Err(JpkiError::NoCrl { .. })));
}

fn with_extension(oid: &str, critical: bool, value: Vec<u8>) -> Result<Crl, JpkiError> {
    let ca = ca();
    let extension = Extension { extn_id: Oid::new_unwrap(oid), critical, extn_value: OctetString::new(value).unwrap() };
    let der = ca.authority(AUTHENTICATION).revocation_list_with(&list(this_week()), vec![extension]).unwrap();
    Crl::from_der(&der, &ca.trust_store().unwrap())
}

/// A list changed before the authority signs it.
fn altered_list(change: impl FnOnce(&mut TbsCertList)) -> Result<Crl, JpkiError> {
    let ca = ca();
    let der = ca.authority(AUTHENTICATION).revocation_list(&list(this_week())).unwrap();
    let mut list = CertificateList::<Rfc5280>::from_der(&der).unwrap();
    change(&mut list.tbs_cert_list);
    let key = CaKey::from_pkcs8(data!("keys/authentication-ca.pkcs8.der")).unwrap();
    let signature = key.sign(&list.tbs_cert_list.to_der().unwrap()).unwrap();
    list.signature = BitString::from_bytes(&signature).unwrap();
    Crl::from_der(&list.to_der().unwrap(), &ca.trust_store().unwrap())
}

#[test]
fn a_list_that_never_ends_is_refused() {
    assert!(altered_list(|_| ()).is_ok());
    assert_eq!(altered_list(|list| list.next_update = None).unwrap_err(), JpkiError::Malformed(Malformed::Crl));
}

#[test]
fn a_list_that_names_two_algorithms_is_refused() {
    let other = AlgorithmIdentifier { oid: Oid::new_unwrap("1.2.840.10045.4.3.3"), parameters: None };
    assert_eq!(altered_list(|list| list.signature = other).unwrap_err(), JpkiError::AlgorithmsDisagree);
}

#[test]
fn a_list_of_version_1_is_refused() {
    assert_eq!(altered_list(|list| list.version = Version::V1).unwrap_err(), JpkiError::WrongVersion);
}

#[test]
fn a_list_that_takes_entries_back_is_refused() {
    let verdict = altered_list(|list| {
        list.revoked_certificates = Some(vec![RevokedCert {
            serial_number: SerialNumber::new(&[7]).unwrap(),
            revocation_date: list.this_update,
            crl_entry_extensions: Some(vec![Extension {
                extn_id: Oid::new_unwrap("2.5.29.21"),
                critical: false,
                extn_value: OctetString::new([0x0a, 1, 8]).unwrap(),
            }]),
        }]);
    });
    assert_eq!(verdict.unwrap_err(), JpkiError::UnsupportedCrl(UnsupportedCrl::Delta));
}

#[test]
fn the_earliest_of_two_entries_for_one_certificate_counts() {
    let mut twice = revoking(this_week(), "2027-03-29T12:00:00Z", Revocation::Revoked);
    twice.revoked.push((serial(), time("2027-03-01T00:00:00Z"), Revocation::Revoked));
    assert_eq!(crl(&twice).revocation(&serial()), Some((time("2027-03-01T00:00:00Z"), Revocation::Revoked)));
}

#[test]
fn a_delta_list_is_refused() {
    assert!(matches!(with_extension("2.5.29.27", true, vec![2, 1, 1]), Err(JpkiError::UnknownCriticalExtension { .. })));
}

#[test]
fn indirect_and_partial_lists_are_refused() {
    let point = || IssuingDistributionPoint {
        distribution_point: None,
        only_contains_user_certs: false,
        only_contains_ca_certs: false,
        only_some_reasons: None,
        indirect_crl: false,
        only_contains_attribute_certs: false,
    };
    let verdict = |point: IssuingDistributionPoint| with_extension("2.5.29.28", true, point.to_der().unwrap()).map(|crl| crl.len());
    let refused = |form| Err(JpkiError::UnsupportedCrl(form));
    assert_eq!(verdict(IssuingDistributionPoint { only_contains_user_certs: true, ..point() }), Ok(0));
    assert_eq!(verdict(IssuingDistributionPoint { indirect_crl: true, ..point() }), refused(UnsupportedCrl::Indirect));
    assert_eq!(verdict(IssuingDistributionPoint { only_contains_ca_certs: true, ..point() }), refused(UnsupportedCrl::NotHolders));
    assert_eq!(verdict(IssuingDistributionPoint { only_contains_attribute_certs: true, ..point() }), refused(UnsupportedCrl::NotHolders));
    assert_eq!(
        verdict(IssuingDistributionPoint { only_some_reasons: Some(x509_cert::ext::pkix::crl::dp::Reasons::KeyCompromise.into()), ..point() }),
        refused(UnsupportedCrl::SomeReasons)
    );
}

#[test]
fn an_authority_that_may_not_sign_lists_signs_none() {
    let key = || CaKey::from_pkcs8(data!("keys/same-name-ca.pkcs8.der")).unwrap();
    let validity = period("2024-01-01T00:00:00Z", "2034-01-01T00:00:00Z");
    let mut form = CertificateForm::ca(AUTHENTICATION, &key(), validity).unwrap();
    form.extension_mut(Oid::new_unwrap("2.5.29.15")).unwrap().extn_value = OctetString::new(KeyUsage(KeyUsages::KeyCertSign.into()).to_der().unwrap()).unwrap();
    let anchor = tachiai_jpki::Anchor::from_der(&form.sign(&key()).unwrap()).unwrap();
    let authority = Authority::new(AUTHENTICATION, key(), validity).unwrap();
    let der = authority.revocation_list(&list(this_week())).unwrap();
    assert_eq!(Crl::from_der(&der, &tachiai_jpki::TrustStore::new(vec![anchor])).unwrap_err(), JpkiError::NotACa(NotACa::CrlSign));
}
