//! A trust anchor is a certificate of a certification authority that the operator decided to trust. All generations of
//! an authority bear one name, so an issuer is found by its key: the one under which the signature verifies.

use der::{Decode, Encode, asn1::OctetString};
use x509_cert::{
    Certificate, Version,
    ext::pkix::{BasicConstraints, KeyUsage},
    name::Name,
};

use crate::{
    error::{JpkiError, Malformed, NotACa},
    extensions::{BASIC_CONSTRAINTS, Criticality, Extensions, KEY_USAGE, SUBJECT_KEY_IDENTIFIER},
    hash::Hash32,
    key::CardKey,
    policy::Purpose,
    signed::Signed,
    time::{UnixTime, Validity},
};

/// A trusted CA certificate.
///
/// That it may certify (basicConstraints, keyCertSign) and that its key is strong is checked once, here; its validity
/// is checked at each use.
#[derive(Clone, Debug)]
pub struct Anchor {
    fingerprint: Hash32,
    subject: Name,
    key: CardKey,
    spki_sha256: Hash32,
    key_identifier: Option<Vec<u8>>,
    key_usage: KeyUsage,
    validity: Validity,
}

impl Anchor {
    /// Reads a CA certificate in DER.
    ///
    /// Its signature is not looked at: trust comes from the operator, who compares [`Anchor::fingerprint`] with what
    /// the authority publishes.
    ///
    /// # Errors
    /// [`JpkiError::Malformed`], [`JpkiError::NotACa`], [`JpkiError::WeakKey`], [`JpkiError::UnsupportedAlgorithm`],
    /// [`JpkiError::UnknownCriticalExtension`], [`JpkiError::DuplicateExtension`].
    pub fn from_der(der: &[u8]) -> Result<Self, JpkiError> {
        let certificate = Certificate::from_der(der).map_err(|_| JpkiError::Malformed(Malformed::Certificate))?;
        let tbs = certificate.tbs_certificate();
        if tbs.version() != Version::V3 {
            return Err(JpkiError::WrongVersion);
        }
        let extensions = Extensions::read(tbs.extensions(), &[BASIC_CONSTRAINTS, KEY_USAGE])?;
        match extensions.get::<BasicConstraints>(BASIC_CONSTRAINTS)? {
            Some((Criticality::Critical, BasicConstraints { ca: true, .. })) => {}
            _ => return Err(JpkiError::NotACa(NotACa::BasicConstraints)),
        }
        let key_usage = match extensions.get::<KeyUsage>(KEY_USAGE)? {
            Some((Criticality::Critical, usage)) if usage.key_cert_sign() => usage,
            _ => return Err(JpkiError::NotACa(NotACa::KeyCertSign)),
        };
        let key = CardKey::from_spki(tbs.subject_public_key_info())?;
        Ok(Self {
            fingerprint: Hash32::of(der),
            subject: tbs.subject().clone(),
            spki_sha256: Hash32::of(&key.to_spki_der()),
            key,
            key_identifier: extensions.get::<OctetString>(SUBJECT_KEY_IDENTIFIER)?.map(|(_, identifier)| identifier.as_bytes().to_vec()),
            key_usage,
            validity: Validity { not_before: tbs.validity().not_before.into(), not_after: tbs.validity().not_after.into() },
        })
    }

    /// SHA-256 of the whole certificate, as the authority publishes it.
    pub fn fingerprint(&self) -> Hash32 {
        self.fingerprint
    }

    /// SHA-256 of the SubjectPublicKeyInfo.
    pub fn spki_sha256(&self) -> Hash32 {
        self.spki_sha256
    }

    /// The name, which does not identify an anchor.
    pub fn subject(&self) -> String {
        self.subject.to_string()
    }

    /// The name in DER, as a TLS server hints at it.
    pub fn subject_der(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "a name that was read from DER can be written to it")]
        self.subject.to_der().expect("a name")
    }

    /// The purpose of the certificates that the authority issues, as its name tells (an organizational unit): a hint for
    /// choosing, and no proof.
    pub fn named_purpose(&self) -> Option<Purpose> {
        let name = self.subject();
        [(Purpose::UserAuthentication, "OU=JPKI for user authentication"), (Purpose::DigitalSignature, "OU=JPKI for digital signature")]
            .into_iter()
            .find(|(_, unit)| name.split(',').any(|part| part == *unit))
            .map(|(purpose, _)| purpose)
    }

    /// The period in which certificates chain to this anchor.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Whether this anchor may sign revocation lists (keyUsage cRLSign).
    pub(crate) fn signs_crls(&self) -> bool {
        self.key_usage.crl_sign()
    }

    fn issued(&self, signed: &Signed<'_>, issuer: &Name) -> bool {
        self.subject == *issuer && signed.verifies_under(&self.key)
    }
}

/// The anchors that the operator trusts.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    anchors: Vec<Anchor>,
}

impl TrustStore {
    /// Trusts exactly these anchors.
    pub fn new(anchors: Vec<Anchor>) -> Self {
        Self { anchors }
    }

    /// The anchors, in the order given.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The anchor whose key signed a certificate, valid at `at`.
    pub(crate) fn issuer_at(&self, signed: &Signed<'_>, issuer: &Name, claimed_key: Option<&[u8]>, at: UnixTime) -> Result<&Anchor, JpkiError> {
        let mut outside = None;
        for anchor in self.anchors.iter().filter(|anchor| anchor.issued(signed, issuer)) {
            if anchor.validity.contains(at) {
                return Ok(anchor);
            }
            outside = Some(anchor);
        }
        if let Some(Anchor { fingerprint, validity, .. }) = outside {
            return Err(JpkiError::AnchorNotValid { fingerprint: *fingerprint, validity: *validity, at });
        }
        // A certificate that names the very key of an anchor and does not verify was altered; any other one comes from
        // an authority that is not trusted here, whatever name it bears.
        let named = self.anchors.iter().any(|anchor| anchor.subject == *issuer && claimed_key.is_some() && anchor.key_identifier.as_deref() == claimed_key);
        if named { Err(JpkiError::BadSignature) } else { Err(JpkiError::UnknownIssuer { issuer: issuer.to_string() }) }
    }

    /// The anchor whose key signed a revocation list.
    pub(crate) fn signer_of_crl(&self, signed: &Signed<'_>, issuer: &Name) -> Result<&Anchor, JpkiError> {
        let anchor =
            self.anchors.iter().find(|anchor| anchor.issued(signed, issuer)).ok_or_else(|| JpkiError::UnknownCrlIssuer { issuer: issuer.to_string() })?;
        if anchor.signs_crls() { Ok(anchor) } else { Err(JpkiError::NotACa(NotACa::CrlSign)) }
    }
}
