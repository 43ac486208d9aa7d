//! What a verified certificate says about its holder, and the check of signatures that the holder's card made.

use crate::{
    attributes::FourAttributes,
    error::JpkiError,
    hash::Hash32,
    key::CardKey,
    policy::{Oid, Purpose},
    serial::Serial,
    time::Validity,
};

/// A certificate that was verified: there is no other way to obtain one.
///
/// It proves only that it was issued. A certificate for user authentication can be read from a card without a PIN; the
/// holder's presence is proved by a signature ([`verify_signature`]).
#[derive(Clone, Debug)]
pub struct HolderCertificate {
    pub(crate) purpose: Purpose,
    pub(crate) serial: Serial,
    pub(crate) key: CardKey,
    pub(crate) spki_sha256: Hash32,
    pub(crate) fingerprint: Hash32,
    pub(crate) issuer: Hash32,
    pub(crate) policy: Oid,
    pub(crate) validity: Validity,
    pub(crate) attributes: Option<FourAttributes>,
}

impl HolderCertificate {
    /// What the certificate is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Unique together with [`HolderCertificate::issuer`]; changes at each renewal.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The holder's verification key.
    pub fn key(&self) -> &CardKey {
        &self.key
    }

    /// SHA-256 of the SubjectPublicKeyInfo.
    pub fn spki_sha256(&self) -> Hash32 {
        self.spki_sha256
    }

    /// SHA-256 of the whole certificate.
    pub fn fingerprint(&self) -> Hash32 {
        self.fingerprint
    }

    /// Fingerprint of the anchor that issued the certificate.
    pub fn issuer(&self) -> Hash32 {
        self.issuer
    }

    /// The accepted policy under which it was issued.
    pub fn policy(&self) -> Oid {
        self.policy
    }

    /// Period of validity.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The holder's name, address, birth date and sex: always in a signing certificate, never in the other.
    pub fn attributes(&self) -> Option<&FourAttributes> {
        self.attributes.as_ref()
    }
}

/// Checks that the holder's card signed exactly `message`.
///
/// RSA: RSASSA-PKCS1-v1_5 over the DigestInfo of SHA-256 of `message`, padding compared byte for byte.
/// P-384: ECDSA over SHA-384 of `message`, the signature in DER.
///
/// # Errors
/// [`JpkiError::BadMessageSignature`].
pub fn verify_signature(holder: &HolderCertificate, message: &[u8], signature: &[u8]) -> Result<(), JpkiError> {
    if holder.key.verifies(message, signature) { Ok(()) } else { Err(JpkiError::BadMessageSignature) }
}
