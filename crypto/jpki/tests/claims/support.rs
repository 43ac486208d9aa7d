//! A small world for the tests: a test CA, a holder, a time.

use tachiai_jpki::{
    BirthDate, CrlPolicy, CrlSet, FourAttributes, HolderCertificate, JpkiError, PolicySet, Purpose, Sex, Substitutes, TrustStore, UnixTime, Validity,
    testing::{Authority, CaKey, CertificateForm, Holder, Municipality, TestCa},
    verify_certificate,
};

macro_rules! data {
    ($path:literal) => {
        include_bytes!(concat!("../../../../tests/data/jpki/", $path))
    };
}
pub(crate) use data;

pub(crate) fn time(text: &str) -> UnixTime {
    UnixTime::from_rfc3339(text).unwrap()
}

pub(crate) fn period(from: &str, to: &str) -> Validity {
    Validity { not_before: time(from), not_after: time(to) }
}

/// Within all periods used here.
pub(crate) fn now() -> UnixTime {
    time("2027-04-01T00:00:00Z")
}

pub(crate) fn ca() -> TestCa {
    TestCa::with_published_keys(period("2024-01-01T00:00:00Z", "2034-01-01T00:00:00Z")).unwrap()
}

/// A CA with the name and the purpose of another one and a key of its own.
pub(crate) fn same_name_ca(purpose: Purpose) -> Authority {
    let key = CaKey::from_pkcs8(data!("keys/same-name-ca.pkcs8.der")).unwrap();
    Authority::new(purpose, key, period("2024-01-01T00:00:00Z", "2034-01-01T00:00:00Z")).unwrap()
}

pub(crate) fn holder() -> Holder {
    Holder {
        spki_der: data!("keys/holder.spki.der").to_vec(),
        serial: 0x0022_7b13,
        validity: period("2025-10-27T01:35:42Z", "2030-02-17T14:59:59Z"),
        municipality: Municipality::yabu(),
    }
}

pub(crate) fn person() -> FourAttributes {
    FourAttributes {
        name: "但馬　花子".to_owned(),
        name_substitutes: Substitutes::none_in("但馬　花子"),
        address: "兵庫県養父市八鹿町八鹿１６７５".to_owned(),
        address_substitutes: Substitutes::none_in("兵庫県養父市八鹿町八鹿１６７５"),
        birth_date: BirthDate::from_iso("1988-06-30").unwrap(),
        sex: Sex::Female,
    }
}

/// Verifies with the test CA's anchors and policies and without revocation lists.
pub(crate) fn verify(certificate: &[u8], purpose: Purpose) -> Result<HolderCertificate, JpkiError> {
    verify_in(certificate, purpose, &ca().trust_store().unwrap(), now())
}

pub(crate) fn verify_in(certificate: &[u8], purpose: Purpose, store: &TrustStore, at: UnixTime) -> Result<HolderCertificate, JpkiError> {
    verify_certificate(certificate, purpose, store, &PolicySet::test(), &CrlSet::default(), CrlPolicy::NotRequired, at)
}

/// An authentication certificate with something changed before the CA signs it.
pub(crate) fn altered(change: impl FnOnce(&mut CertificateForm)) -> Vec<u8> {
    let ca = ca();
    let authority = ca.authority(Purpose::UserAuthentication);
    let mut form = CertificateForm::authentication(authority, &holder()).unwrap();
    change(&mut form);
    authority.sign(form).unwrap()
}

/// A signing certificate with something changed before the CA signs it.
pub(crate) fn altered_signing(change: impl FnOnce(&mut CertificateForm)) -> Vec<u8> {
    let ca = ca();
    let authority = ca.authority(Purpose::DigitalSignature);
    let mut form = CertificateForm::signing(authority, &holder(), &person()).unwrap();
    change(&mut form);
    authority.sign(form).unwrap()
}
