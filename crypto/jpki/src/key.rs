//! Verification keys of cards and of their certification authorities, and signature algorithms: both are data, because
//! the next generation of cards moves from RSA-2048 to ECDSA on P-384.

use der::{
    Any, Decode, Encode, Sequence,
    asn1::{BitString, ObjectIdentifier, UintRef},
};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_cert::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use crate::error::{JpkiError, Malformed, Weakness};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");

/// The only public exponent accepted: with a small one such as 3, signatures can be forged against lax verifiers.
const EXPONENT: &[u8] = &[1, 0, 1];
/// Bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// An uncompressed point of P-384 (SEC 1 §2.3.3): 04 and two coordinates of 48 bytes.
const P384_POINT_LENGTH: usize = 97;

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2): cards of today.
    RsaPkcs1Sha256,
    /// ECDSA on P-384 with SHA-384, the signature as in X.509 (RFC 5758 §3.2): cards of the next generation.
    EcdsaP384Sha384,
}

impl SignatureAlgorithm {
    /// The identifier must carry exactly the parameters that RFC 4055 §5 and RFC 5758 §3.2 prescribe.
    pub(crate) fn from_identifier(identifier: &AlgorithmIdentifier) -> Result<Self, JpkiError> {
        let AlgorithmIdentifier { oid, parameters } = identifier;
        match (*oid, parameters) {
            (SHA256_WITH_RSA, Some(parameters)) if parameters.is_null() => Ok(Self::RsaPkcs1Sha256),
            (ECDSA_WITH_SHA384, None) => Ok(Self::EcdsaP384Sha384),
            (oid, _) => Err(JpkiError::UnsupportedAlgorithm { oid }),
        }
    }

    fn verifier(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::RsaPkcs1Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::EcdsaP384Sha384 => &signature::ECDSA_P384_SHA384_ASN1,
        }
    }
}

/// A verification key of a card or of the authority that certified it. Strong enough by construction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CardKey {
    /// RSA with e = 65537.
    Rsa(RsaKey),
    /// A point of P-384.
    P384(P384Key),
}

/// An RSA key of at least 2048 bits with e = 65537.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RsaKey {
    bits: usize,
    /// `RSAPublicKey` of RFC 8017 §A.1.1 in DER.
    pkcs1: Vec<u8>,
}

/// A key on the curve P-384. That the point lies on the curve is checked with every signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct P384Key {
    point: Vec<u8>,
}

#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

impl RsaKey {
    /// Bits of the modulus.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// `RSAPublicKey` in DER (RFC 8017 §A.1.1).
    pub fn pkcs1_der(&self) -> &[u8] {
        &self.pkcs1
    }

    /// The modulus, big-endian, without leading zeros.
    pub fn modulus(&self) -> Vec<u8> {
        RsaPublicKey::from_der(&self.pkcs1).map(|key| key.modulus.as_bytes().to_vec()).unwrap_or_default()
    }

    /// The key with this modulus and exponent, both unsigned and big-endian.
    pub(crate) fn from_parts(modulus: &[u8], exponent: &[u8]) -> Result<Self, JpkiError> {
        let parts = || RsaPublicKey { modulus: UintRef::new(modulus)?, exponent: UintRef::new(exponent)? }.to_der();
        Self::from_pkcs1(&parts().map_err(|_| JpkiError::Malformed(Malformed::PublicKey))?)
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, JpkiError> {
        let RsaPublicKey { modulus, exponent } = RsaPublicKey::from_der(der).map_err(|_| JpkiError::Malformed(Malformed::PublicKey))?;
        let modulus = modulus.as_bytes();
        let bits = match modulus.first() {
            Some(first) => modulus.len() * 8 - first.leading_zeros() as usize,
            None => 0,
        };
        if !RSA_BITS.contains(&bits) {
            return Err(JpkiError::WeakKey(Weakness::RsaBits(bits)));
        }
        if exponent.as_bytes() != EXPONENT {
            return Err(JpkiError::WeakKey(Weakness::RsaExponent));
        }
        if modulus.last().is_none_or(|last| last % 2 == 0) {
            return Err(JpkiError::WeakKey(Weakness::RsaEvenModulus));
        }
        Ok(Self { bits, pkcs1: der.to_vec() })
    }
}

impl P384Key {
    /// The uncompressed point: 97 bytes, the first of them 04.
    pub fn point(&self) -> &[u8] {
        &self.point
    }
}

impl CardKey {
    /// The key in a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER.
    ///
    /// # Errors
    /// [`JpkiError::Malformed`], [`JpkiError::UnsupportedAlgorithm`], [`JpkiError::WeakKey`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, JpkiError> {
        let spki = SubjectPublicKeyInfo::from_der(der).map_err(|_| JpkiError::Malformed(Malformed::PublicKey))?;
        Self::from_spki(&spki)
    }

    pub(crate) fn from_spki(spki: &SubjectPublicKeyInfo) -> Result<Self, JpkiError> {
        let malformed = || JpkiError::Malformed(Malformed::PublicKey);
        let AlgorithmIdentifier { oid, parameters } = &spki.algorithm;
        let key = spki.subject_public_key.as_bytes().ok_or_else(malformed)?;
        match (*oid, parameters) {
            (RSA_ENCRYPTION, Some(parameters)) if parameters.is_null() => RsaKey::from_pkcs1(key).map(Self::Rsa),
            (EC_PUBLIC_KEY, Some(parameters)) => {
                let curve: ObjectIdentifier = parameters.decode_as().map_err(|_| malformed())?;
                if curve != SECP384R1 {
                    return Err(JpkiError::UnsupportedAlgorithm { oid: curve });
                }
                if key.len() != P384_POINT_LENGTH || key.first() != Some(&4) {
                    return Err(malformed());
                }
                Ok(Self::P384(P384Key { point: key.to_vec() }))
            }
            (oid, _) => Err(JpkiError::UnsupportedAlgorithm { oid }),
        }
    }

    /// The SubjectPublicKeyInfo in DER, the one form in which keys are hashed and compared.
    pub fn to_spki_der(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => Self::spki_of_rsa(&key.pkcs1),
            Self::P384(key) => Self::spki_of_p384(&key.point),
        }
    }

    pub(crate) fn spki_of_rsa(pkcs1_der: &[u8]) -> Vec<u8> {
        spki(RSA_ENCRYPTION, Any::null(), pkcs1_der)
    }

    pub(crate) fn spki_of_p384(point: &[u8]) -> Vec<u8> {
        spki(EC_PUBLIC_KEY, (&SECP384R1).into(), point)
    }

    /// The algorithm with which the holder of this key signs.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        match self {
            Self::Rsa(_) => SignatureAlgorithm::RsaPkcs1Sha256,
            Self::P384(_) => SignatureAlgorithm::EcdsaP384Sha384,
        }
    }

    /// Whether `signature` is one of `message` by this key with its [`CardKey::algorithm`].
    ///
    /// RSA padding is compared byte for byte: anything after the DigestInfo, shorter padding or another encoding of it
    /// is not a signature.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let bytes = match self {
            Self::Rsa(key) => &key.pkcs1,
            Self::P384(key) => &key.point,
        };
        UnparsedPublicKey::new(self.algorithm().verifier(), bytes).verify(message, signature).is_ok()
    }
}

fn spki(algorithm: ObjectIdentifier, parameters: Any, key: &[u8]) -> Vec<u8> {
    let algorithm = AlgorithmIdentifier { oid: algorithm, parameters: Some(parameters) };
    #[expect(clippy::expect_used, reason = "a key of at most some kilobytes fits into DER")]
    BitString::from_bytes(key).and_then(|subject_public_key| SubjectPublicKeyInfo { algorithm, subject_public_key }.to_der()).expect("a key that fits into DER")
}
