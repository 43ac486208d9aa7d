//! Refusals speak to people.

use tachiai_jpki::{
    Hash32, JpkiError, Lang, Oid, Purpose, Serial, UnixTime, Validity,
    crl::Revocation,
    error::{Attribute, Malformed, NotACa, UnsupportedCrl, Weakness},
};

fn all() -> Vec<JpkiError> {
    let at = UnixTime::from_secs(1_800_000_000);
    let oid = Oid::new_unwrap("1.2.3");
    let fingerprint = Hash32::of(b"anchor");
    let serial = || Serial::from_u64(7).unwrap();
    let purpose = Purpose::UserAuthentication;
    let issuer = || "C=JP,O=JPKI".to_owned();
    vec![
        JpkiError::Malformed(Malformed::Certificate),
        JpkiError::WrongVersion,
        JpkiError::UnsupportedAlgorithm { oid },
        JpkiError::AlgorithmsDisagree,
        JpkiError::UnknownIssuer { issuer: issuer() },
        JpkiError::BadSignature,
        JpkiError::AnchorNotValid { fingerprint, validity: Validity { not_before: at, not_after: at }, at },
        JpkiError::NotACa(NotACa::CrlSign),
        JpkiError::CaInsteadOfHolder,
        JpkiError::NotYetValid { not_before: at, at },
        JpkiError::Expired { not_after: at, at },
        JpkiError::DuplicateExtension { oid },
        JpkiError::UnknownCriticalExtension { oid },
        JpkiError::WrongKeyUsage { purpose },
        JpkiError::WrongExtendedKeyUsage { purpose },
        JpkiError::MissingPolicy,
        JpkiError::PolicyNotCritical,
        JpkiError::WrongPolicy { found: vec![oid] },
        JpkiError::WeakKey(Weakness::RsaExponent),
        JpkiError::Revoked { serial: serial(), since: at, kind: Revocation::Revoked },
        JpkiError::Revoked { serial: serial(), since: at, kind: Revocation::Suspended },
        JpkiError::NoCrl { issuer: fingerprint },
        JpkiError::StaleCrl { next_update: at, at },
        JpkiError::CrlNotYetValid { this_update: at, at },
        JpkiError::UnknownCrlIssuer { issuer: issuer() },
        JpkiError::UnsupportedCrl(UnsupportedCrl::Delta),
        JpkiError::NoAttributes,
        JpkiError::BadAttribute(Attribute::Name),
        JpkiError::BadMessageSignature,
    ]
}

#[test]
fn every_refusal_says_what_happened_and_what_to_do() {
    for error in all() {
        let (ja, en) = (error.say(Lang::Ja), error.say(Lang::En));
        assert!(ja.ends_with(error.remedy_ja()) && ja.len() > error.remedy_ja().len(), "{ja}");
        assert!(en.ends_with(error.remedy_en()) && en.len() > error.remedy_en().len(), "{en}");
        assert!(ja.ends_with('。') && en.ends_with('.'), "{ja} {en}");
        assert!(en.is_ascii(), "{en}");
    }
}

#[test]
fn causes_for_the_log_are_lower_case_without_full_stop() {
    for error in all() {
        let cause = error.to_string();
        assert!(!cause.ends_with('.'), "{cause}");
        assert!(!cause.is_empty());
    }
}
