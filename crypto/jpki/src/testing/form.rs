//! A certificate before it is signed: every field can be changed, so that tests can have anything signed.

use der::{
    Any, Decode, Encode, Sequence, Tag,
    asn1::{BitString, Ia5String, OctetString},
    flagset::FlagSet,
};
use x509_cert::{
    AlgorithmIdentifier, SubjectPublicKeyInfo, Version,
    ext::{
        Extension,
        pkix::{
            AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage, KeyUsages,
            certpolicy::{PolicyInformation, PolicyQualifierInfo},
            name::{GeneralName, OtherName},
        },
    },
    name::Name,
    serial_number::SerialNumber,
    time::Validity as X509Validity,
};

use super::{Authority, CaKey, Holder, TestingError, distribution_points, key_identifier, names, x509_time};
use crate::{
    attributes::{self, FourAttributes},
    extensions,
    policy::{Oid, Purpose},
    time::Validity,
};

const ISSUER_ALTERNATIVE_NAME: Oid = Oid::new_unwrap("2.5.29.18");
const AUTHORITY_INFORMATION_ACCESS: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.1.1");
const OCSP: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1");
const CPS_POINTER: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.2.1");
const CLIENT_AUTH: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.2");

/// A certificate before it is signed. The constructors fill it as the service does.
#[derive(Clone, Debug)]
pub struct CertificateForm {
    /// Version.
    pub version: Version,
    /// Serial number.
    pub serial: SerialNumber,
    /// Issuer.
    pub issuer: Name,
    /// Period of validity.
    pub validity: Validity,
    /// Subject.
    pub subject: Name,
    /// Public key, in DER.
    pub spki_der: Vec<u8>,
    /// Extensions, in order.
    pub extensions: Vec<Extension>,
    /// The algorithm named inside what is signed; `None`: that of the signing key.
    pub inner_algorithm: Option<AlgorithmIdentifier>,
}

/// `TBSCertificate` of RFC 5280 §4.1.
#[derive(Sequence)]
struct Tbs {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: Version,
    serial: SerialNumber,
    signature: AlgorithmIdentifier,
    issuer: Name,
    validity: X509Validity,
    subject: Name,
    spki: SubjectPublicKeyInfo,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

/// `Certificate` of RFC 5280 §4.1.
#[derive(Sequence)]
struct Certificate {
    tbs: Tbs,
    algorithm: AlgorithmIdentifier,
    signature: BitString,
}

impl CertificateForm {
    /// A certificate for user authentication.
    ///
    /// # Errors
    /// [`TestingError::Encoding`].
    pub fn authentication(issuer: &Authority, holder: &Holder) -> Result<Self, TestingError> {
        let purpose = Purpose::UserAuthentication;
        let ocsp = AuthorityInfoAccessSyntax(vec![AccessDescription {
            access_method: OCSP,
            access_location: GeneralName::UniformResourceIdentifier(Ia5String::new("http://test-ocspauthnorm.jpki.go.jp")?),
        }]);
        let extensions = vec![
            key_usage(KeyUsages::DigitalSignature)?,
            optional(extensions::EXTENDED_KEY_USAGE, &ExtendedKeyUsage(vec![CLIENT_AUTH]))?,
            policies("1.2.392.200149.8.5.1.0.30")?,
            issuer_alternative_name(purpose)?,
            crl_distribution_points(purpose, holder)?,
            optional(AUTHORITY_INFORMATION_ACCESS, &ocsp)?,
            authority_key_identifier(issuer)?,
            subject_key_identifier(&holder.spki_der)?,
        ];
        Self::of_holder(issuer, holder, names::authentication_subject(holder)?, extensions)
    }

    /// A certificate for digital signatures.
    ///
    /// # Errors
    /// [`TestingError::Encoding`].
    pub fn signing(issuer: &Authority, holder: &Holder, attributes: &FourAttributes) -> Result<Self, TestingError> {
        let purpose = Purpose::DigitalSignature;
        let extensions = vec![
            key_usage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation)?,
            subject_alternative_name(attributes)?,
            policies("1.2.392.200149.8.5.1.0.20")?,
            issuer_alternative_name(purpose)?,
            crl_distribution_points(purpose, holder)?,
            authority_key_identifier(issuer)?,
            subject_key_identifier(&holder.spki_der)?,
        ];
        Self::of_holder(issuer, holder, names::signing_subject(holder)?, extensions)
    }

    /// The same under another policy.
    ///
    /// # Errors
    /// [`TestingError::Encoding`].
    pub fn under(mut self, policy: &str) -> Result<Self, TestingError> {
        let other = policies(policy)?;
        self.extensions.iter_mut().filter(|extension| extension.extn_id == other.extn_id).for_each(|extension| *extension = other.clone());
        Ok(self)
    }

    /// A self-signed CA certificate.
    ///
    /// # Errors
    /// [`TestingError::Encoding`].
    pub fn ca(purpose: Purpose, key: &CaKey, validity: Validity) -> Result<Self, TestingError> {
        let name = names::authority(purpose)?;
        let spki_der = key.spki_der();
        let in_japanese = vec![GeneralName::DirectoryName(names::authority_in_japanese(purpose)?)];
        let extensions = vec![
            key_usage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)?,
            optional(extensions::SUBJECT_ALTERNATIVE_NAME, &in_japanese)?,
            critical(extensions::BASIC_CONSTRAINTS, &BasicConstraints { ca: true, path_len_constraint: None })?,
            optional(extensions::CRL_DISTRIBUTION_POINTS, &distribution_points(name.clone()))?,
            subject_key_identifier(&spki_der)?,
        ];
        Ok(Self {
            version: Version::V3,
            serial: SerialNumber::new(&[1])?,
            issuer: name.clone(),
            validity,
            subject: name,
            spki_der,
            extensions,
            inner_algorithm: None,
        })
    }

    fn of_holder(issuer: &Authority, holder: &Holder, subject: Name, extensions: Vec<Extension>) -> Result<Self, TestingError> {
        let Holder { spki_der, serial, validity, municipality: _ } = holder;
        Ok(Self {
            version: Version::V3,
            serial: SerialNumber::new(&serial.to_be_bytes())?,
            issuer: issuer.name.clone(),
            validity: *validity,
            subject,
            spki_der: spki_der.clone(),
            extensions,
            inner_algorithm: None,
        })
    }

    /// The extension with this identifier, to be changed.
    pub fn extension_mut(&mut self, oid: Oid) -> Option<&mut Extension> {
        self.extensions.iter_mut().find(|extension| extension.extn_id == oid)
    }

    /// Signs the certificate with `key`, whoever is named as the issuer.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn sign(self, key: &CaKey) -> Result<Vec<u8>, TestingError> {
        let Self { version, serial, issuer, validity, subject, spki_der, extensions, inner_algorithm } = self;
        let tbs = Tbs {
            version,
            serial,
            signature: inner_algorithm.unwrap_or_else(|| key.algorithm()),
            issuer,
            validity: X509Validity::new(x509_time(validity.not_before), x509_time(validity.not_after)),
            subject,
            spki: SubjectPublicKeyInfo::from_der(&spki_der)?,
            extensions: (!extensions.is_empty()).then_some(extensions),
        };
        let signature = BitString::from_bytes(&key.sign(&tbs.to_der()?)?)?;
        Ok(Certificate { tbs, algorithm: key.algorithm(), signature }.to_der()?)
    }
}

fn extension(oid: Oid, critical: bool, value: &impl Encode) -> Result<Extension, TestingError> {
    Ok(Extension { extn_id: oid, critical, extn_value: OctetString::new(value.to_der()?)? })
}

pub(super) fn critical(oid: Oid, value: &impl Encode) -> Result<Extension, TestingError> {
    extension(oid, true, value)
}

fn optional(oid: Oid, value: &impl Encode) -> Result<Extension, TestingError> {
    extension(oid, false, value)
}

fn key_usage(usages: impl Into<FlagSet<KeyUsages>>) -> Result<Extension, TestingError> {
    critical(extensions::KEY_USAGE, &KeyUsage(usages.into()))
}

fn policies(policy: &str) -> Result<Extension, TestingError> {
    let practice_statement =
        PolicyQualifierInfo { policy_qualifier_id: CPS_POINTER, qualifier: Some(Any::new(Tag::Ia5String, &b"http://www.jpki.go.jp/cps.html"[..])?) };
    let policies = CertificatePolicies(vec![PolicyInformation {
        policy_identifier: Oid::new(policy).map_err(der::Error::from)?,
        policy_qualifiers: Some(vec![practice_statement]),
    }]);
    critical(extensions::CERTIFICATE_POLICIES, &policies)
}

fn issuer_alternative_name(purpose: Purpose) -> Result<Extension, TestingError> {
    let name = GeneralName::DirectoryName(names::authority_in_japanese(purpose)?);
    optional(ISSUER_ALTERNATIVE_NAME, &vec![name])
}

fn crl_distribution_points(purpose: Purpose, holder: &Holder) -> Result<Extension, TestingError> {
    let name = names::distribution_point(purpose, &holder.municipality)?;
    optional(extensions::CRL_DISTRIBUTION_POINTS, &distribution_points(name))
}

pub(super) fn authority_key_identifier(issuer: &Authority) -> Result<Extension, TestingError> {
    let identifier = AuthorityKeyIdentifier {
        key_identifier: Some(issuer.key_identifier.clone()),
        authority_cert_issuer: Some(vec![GeneralName::DirectoryName(issuer.name.clone())]),
        authority_cert_serial_number: Some(issuer.serial.clone()),
    };
    optional(extensions::AUTHORITY_KEY_IDENTIFIER, &identifier)
}

fn subject_key_identifier(spki_der: &[u8]) -> Result<Extension, TestingError> {
    optional(extensions::SUBJECT_KEY_IDENTIFIER, &key_identifier(spki_der)?)
}

fn subject_alternative_name(attributes: &FourAttributes) -> Result<Extension, TestingError> {
    let FourAttributes { name, name_substitutes, address, address_substitutes, birth_date, sex } = attributes;
    // The order on the card.
    let names = [
        (attributes::NAME, name.as_str()),
        (attributes::BIRTH_DATE, birth_date.digits()),
        (attributes::SEX, sex.digit()),
        (attributes::ADDRESS, address),
        (attributes::NAME_SUBSTITUTES, name_substitutes.marks()),
        (attributes::ADDRESS_SUBSTITUTES, address_substitutes.marks()),
    ]
    .into_iter()
    .map(|(oid, text)| Ok(GeneralName::OtherName(OtherName { type_id: oid, value: Any::new(Tag::Utf8String, text.as_bytes())? })))
    .collect::<Result<Vec<_>, der::Error>>()?;
    optional(extensions::SUBJECT_ALTERNATIVE_NAME, &names)
}
