//! The verdict on a holder's certificate: issued by a trusted authority for the purpose asked for, valid and not
//! revoked at a given time (RFC 5280 §6.1, for the one-step chains of the service).

use der::{Decode, asn1::Ia5StringRef};
use x509_cert::{
    Certificate, Version,
    der::flagset::FlagSet,
    ext::pkix::{
        AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages,
        certpolicy::{PolicyInformation, PolicyQualifierInfo},
        crl::dp::DistributionPoint,
        name::{DistributionPointName, GeneralName},
    },
};

use crate::{
    anchor::TrustStore,
    attributes::FourAttributes,
    crl::{CrlPolicy, CrlSet},
    error::{JpkiError, Malformed},
    extensions::{
        AUTHORITY_KEY_IDENTIFIER, BASIC_CONSTRAINTS, CERTIFICATE_POLICIES, CRL_DISTRIBUTION_POINTS, Criticality, EXTENDED_KEY_USAGE, Extensions, KEY_USAGE,
        SUBJECT_ALTERNATIVE_NAME,
    },
    hash::Hash32,
    holder::HolderCertificate,
    key::CardKey,
    policy::{Oid, PolicySet, Purpose},
    serial::Serial,
    signed::Signed,
    time::{UnixTime, Validity},
};

const CLIENT_AUTH: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.2");
/// A pointer to the certification practice statement: the one qualifier that asks nothing of a verifier.
const CPS_POINTER: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.2.1");

/// The extensions whose meaning is honoured, so that they may be critical.
const UNDERSTOOD: &[Oid] = &[KEY_USAGE, EXTENDED_KEY_USAGE, BASIC_CONSTRAINTS, CERTIFICATE_POLICIES, SUBJECT_ALTERNATIVE_NAME, CRL_DISTRIBUTION_POINTS];

/// Verifies the certificate of a holder for `purpose` at the time `at`.
///
/// The signature is checked before anything else is believed. Then: the issuer is a valid anchor; `at` lies within the
/// validity; no unknown critical extension; key usage and extended key usage are those of the purpose; a critical
/// certificatePolicies names an accepted policy; the key is strong; it was not revoked at `at`; a signing certificate
/// carries the four attributes.
///
/// # Errors
/// The first of these that fails, as [`JpkiError`].
pub fn verify_certificate(
    der: &[u8],
    purpose: Purpose,
    store: &TrustStore,
    policies: &PolicySet,
    crls: &CrlSet,
    crl_policy: CrlPolicy,
    at: UnixTime,
) -> Result<HolderCertificate, JpkiError> {
    let signed = Signed::parse(der, Malformed::Certificate)?;
    let certificate = Certificate::from_der(der).map_err(|_| JpkiError::Malformed(Malformed::Certificate))?;
    let tbs = certificate.tbs_certificate();
    signed.check_inner_algorithm(tbs.signature())?;
    if tbs.version() != Version::V3 {
        return Err(JpkiError::WrongVersion);
    }
    let extensions = Extensions::read(tbs.extensions(), UNDERSTOOD);
    // Which extensions there are is judged after the signature, except for the hint that tells an altered certificate
    // from one of an unknown authority.
    let claimed_key = extensions.as_ref().ok().and_then(|extensions| claimed_key(extensions).ok().flatten());
    let issuer = store.issuer_at(&signed, tbs.issuer(), claimed_key.as_deref(), at)?;

    let validity = Validity { not_before: tbs.validity().not_before.into(), not_after: tbs.validity().not_after.into() };
    if at < validity.not_before {
        return Err(JpkiError::NotYetValid { not_before: validity.not_before, at });
    }
    if at > validity.not_after {
        return Err(JpkiError::Expired { not_after: validity.not_after, at });
    }

    let extensions = extensions?;
    if let Some((_, BasicConstraints { ca: true, .. })) = extensions.get(BASIC_CONSTRAINTS)? {
        return Err(JpkiError::CaInsteadOfHolder);
    }
    check_key_usage(&extensions, purpose)?;
    let policy = accepted_policy(&extensions, policies.accepted(purpose))?;
    let key = CardKey::from_spki(tbs.subject_public_key_info())?;
    let serial = Serial::from_x509(tbs.serial_number()).ok_or(JpkiError::Malformed(Malformed::Certificate))?;
    crls.check(issuer, &distribution_points(&extensions)?, &serial, crl_policy, at)?;

    let attributes = match purpose {
        Purpose::UserAuthentication => None,
        Purpose::DigitalSignature => Some(attributes(&extensions)?),
    };
    Ok(HolderCertificate {
        purpose,
        serial,
        spki_sha256: Hash32::of(&key.to_spki_der()),
        key,
        fingerprint: Hash32::of(der),
        issuer: issuer.fingerprint(),
        policy,
        validity,
        attributes,
    })
}

/// What a certificate on one's own card says, without any proof.
///
/// For the program of the holder, who needs no proof of their own card: it computes from this what the holder signs.
/// Whoever receives a certificate uses [`verify_certificate`].
#[derive(Clone, Debug)]
pub struct UnverifiedCertificate {
    /// Serial number.
    pub serial: Serial,
    /// Period of validity, so that the holder hears of a certificate that is about to end.
    pub validity: Validity,
    /// The card's key.
    pub key: CardKey,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub spki_sha256: Hash32,
    /// The four attributes, if this is a signing certificate.
    pub attributes: Option<FourAttributes>,
}

impl UnverifiedCertificate {
    /// Reads a certificate in DER and believes it.
    ///
    /// # Errors
    /// [`JpkiError::Malformed`], [`JpkiError::WeakKey`], [`JpkiError::UnsupportedAlgorithm`],
    /// [`JpkiError::BadAttribute`].
    pub fn from_der(der: &[u8]) -> Result<Self, JpkiError> {
        const MALFORMED: JpkiError = JpkiError::Malformed(Malformed::Certificate);
        let certificate = Certificate::from_der(der).map_err(|_| MALFORMED)?;
        let tbs = certificate.tbs_certificate();
        let key = CardKey::from_spki(tbs.subject_public_key_info())?;
        let extensions = Extensions::read(tbs.extensions(), UNDERSTOOD)?;
        let attributes = match attributes(&extensions) {
            Ok(attributes) => Some(attributes),
            Err(JpkiError::NoAttributes) => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            serial: Serial::from_x509(tbs.serial_number()).ok_or(MALFORMED)?,
            validity: Validity { not_before: tbs.validity().not_before.into(), not_after: tbs.validity().not_after.into() },
            spki_sha256: Hash32::of(&key.to_spki_der()),
            key,
            attributes,
        })
    }
}

/// The key in a certificate, whoever issued it and whatever else it says: for the one step of a TLS handshake in which the
/// peer signs, before [`verify_certificate`] judges the certificate.
///
/// # Errors
/// [`JpkiError::Malformed`], [`JpkiError::WeakKey`], [`JpkiError::UnsupportedAlgorithm`].
pub fn unverified_key(der: &[u8]) -> Result<CardKey, JpkiError> {
    let certificate = Certificate::from_der(der).map_err(|_| JpkiError::Malformed(Malformed::Certificate))?;
    CardKey::from_spki(certificate.tbs_certificate().subject_public_key_info())
}

fn attributes(extensions: &Extensions<'_>) -> Result<FourAttributes, JpkiError> {
    let (_, names) = extensions.get::<Vec<GeneralName>>(SUBJECT_ALTERNATIVE_NAME)?.ok_or(JpkiError::NoAttributes)?;
    FourAttributes::from_subject_alt_name(&names)
}

fn claimed_key(extensions: &Extensions<'_>) -> Result<Option<Vec<u8>>, JpkiError> {
    let identifier = extensions.get::<AuthorityKeyIdentifier>(AUTHORITY_KEY_IDENTIFIER)?;
    Ok(identifier.and_then(|(_, identifier)| Some(identifier.key_identifier?.as_bytes().to_vec())))
}

fn check_key_usage(extensions: &Extensions<'_>, purpose: Purpose) -> Result<(), JpkiError> {
    let expected: FlagSet<KeyUsages> = match purpose {
        Purpose::UserAuthentication => KeyUsages::DigitalSignature.into(),
        Purpose::DigitalSignature => KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
    };
    match extensions.get::<KeyUsage>(KEY_USAGE)? {
        Some((Criticality::Critical, KeyUsage(usage))) if usage == expected => {}
        _ => return Err(JpkiError::WrongKeyUsage { purpose }),
    }
    let extended = extensions.get::<ExtendedKeyUsage>(EXTENDED_KEY_USAGE)?;
    match (purpose, extended) {
        (Purpose::UserAuthentication, Some((_, ExtendedKeyUsage(usages)))) if usages.contains(&CLIENT_AUTH) => Ok(()),
        // An extended key usage would restrict a signing key to something else (RFC 5280 §4.2.1.12).
        (Purpose::DigitalSignature, None) => Ok(()),
        _ => Err(JpkiError::WrongExtendedKeyUsage { purpose }),
    }
}

fn accepted_policy(extensions: &Extensions<'_>, accepted: &[Oid]) -> Result<Oid, JpkiError> {
    let (criticality, CertificatePolicies(policies)) = extensions.get(CERTIFICATE_POLICIES)?.ok_or(JpkiError::MissingPolicy)?;
    if criticality != Criticality::Critical {
        return Err(JpkiError::PolicyNotCritical);
    }
    for PolicyInformation { policy_identifier: _, policy_qualifiers } in &policies {
        // RFC 5280 §4.2.1.4: in a critical extension, qualifiers that are not understood refuse the certificate.
        for PolicyQualifierInfo { policy_qualifier_id, qualifier } in policy_qualifiers.iter().flatten() {
            let understood = *policy_qualifier_id == CPS_POINTER && qualifier.as_ref().is_some_and(|uri| uri.decode_as::<Ia5StringRef<'_>>().is_ok());
            if !understood {
                return Err(JpkiError::Malformed(Malformed::Extension(CERTIFICATE_POLICIES)));
            }
        }
    }
    policies
        .iter()
        .map(|policy| policy.policy_identifier)
        .find(|policy| accepted.contains(policy))
        .ok_or_else(|| JpkiError::WrongPolicy { found: policies.iter().map(|policy| policy.policy_identifier).collect() })
}

/// The names under which lists that cover all reasons are issued by the issuer itself.
fn distribution_points(extensions: &Extensions<'_>) -> Result<Vec<GeneralName>, JpkiError> {
    let points = match extensions.get::<CrlDistributionPoints>(CRL_DISTRIBUTION_POINTS)? {
        None => Vec::new(),
        Some((_, CrlDistributionPoints(points))) => points,
    };
    Ok(points
        .into_iter()
        .filter_map(|point| match point {
            DistributionPoint { distribution_point: Some(DistributionPointName::FullName(names)), reasons: None, crl_issuer: None } => Some(names),
            _ => None,
        })
        .flatten()
        .collect())
}
