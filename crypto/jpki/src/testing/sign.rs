//! Keys of test CAs.

use der::{Any, asn1::ObjectIdentifier};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use x509_cert::AlgorithmIdentifier;

use super::TestingError;
use crate::key::CardKey;

/// The key of a test CA: RSA with SHA-256, or P-384 with SHA-384.
pub struct CaKey(Pair);

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P384(Box<EcdsaKeyPair>),
}

impl CaKey {
    /// A key in PKCS#8 DER: RSA of 2048 to 4096 bits with e = 65537, or P-384 with its public key.
    ///
    /// # Errors
    /// [`TestingError::Key`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, TestingError> {
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            return Ok(Self(Pair::Rsa(Box::new(pair))));
        }
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, der, &SystemRandom::new())
            .map(|pair| Self(Pair::P384(Box::new(pair))))
            .map_err(|_| TestingError::Key)
    }

    /// SubjectPublicKeyInfo in DER.
    pub fn spki_der(&self) -> Vec<u8> {
        match &self.0 {
            Pair::Rsa(pair) => CardKey::spki_of_rsa(pair.public_key().as_ref()),
            Pair::P384(pair) => CardKey::spki_of_p384(pair.public_key().as_ref()),
        }
    }

    /// Signs with the algorithm of the key.
    ///
    /// # Errors
    /// [`TestingError::Signing`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, TestingError> {
        let rng = SystemRandom::new();
        match &self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature).map_err(|_| TestingError::Signing)?;
                Ok(signature)
            }
            Pair::P384(pair) => {
                let signature = pair.sign(&rng, message).map_err(|_| TestingError::Signing)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }

    pub(super) fn algorithm(&self) -> AlgorithmIdentifier {
        match &self.0 {
            Pair::Rsa(_) => AlgorithmIdentifier { oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"), parameters: Some(Any::null()) },
            Pair::P384(_) => AlgorithmIdentifier { oid: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), parameters: None },
        }
    }
}
