//! A Schnorr signature proves that its maker holds the key, and binds a message and a purpose to it (PROTOCOL §2.1).

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::group::{DecodeError, Element, G, decode_scalar};
use crate::labels;
use crate::transcript::Transcript;

/// A secret signing scalar, not zero.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(Scalar);

/// The point of a [`SecretKey`], never the identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PublicKey(Element);

/// A signature: the nonce point and the response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    pub(crate) nonce: Element,
    pub(crate) response: Scalar,
}

/// The signature does not hold for this key, purpose and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold for this key, purpose and message")]
pub struct BadSignature;

impl SecretKey {
    /// Draws a fresh key.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        loop {
            let scalar = Scalar::random(rng);
            if scalar != Scalar::ZERO {
                return Self(scalar);
            }
        }
    }

    /// Takes a scalar that is a key already; `None` for zero.
    #[must_use]
    pub fn from_scalar(scalar: Scalar) -> Option<Self> {
        (scalar != Scalar::ZERO).then_some(Self(scalar))
    }

    /// The secret scalar, for a proof about it.
    #[must_use]
    pub const fn expose(&self) -> &Scalar {
        &self.0
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(Element::new(RistrettoPoint::mul_base(&self.0)))
    }

    /// Signs a message for one purpose of [`labels::purpose`].
    pub fn sign(&self, purpose: &'static str, message: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Signature {
        self.sign_as(&self.public(), purpose, message, rng)
    }

    /// [`Self::sign`] for a caller that has computed the public key already. Another key than that of `self` gives a signature that holds for none.
    pub(crate) fn sign_as(&self, public: &PublicKey, purpose: &'static str, message: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Signature {
        let mut transcript = start(purpose, message, public);
        let mut nonce = Scalar::random(&mut transcript.witness_rng(self.0.as_bytes(), rng));
        let point = Element::new(RistrettoPoint::mul_base(&nonce));
        transcript.append("nonce", point.as_bytes());
        let response = nonce + transcript.challenge("c") * self.0;
        nonce.zeroize();
        Signature { nonce: point, response }
    }
}

impl PublicKey {
    /// Decodes 32 canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a canonical point that is not the identity.
    pub fn decode(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        Element::decode_non_identity(bytes).map(Self)
    }

    /// The key as a group element.
    #[must_use]
    pub const fn element(&self) -> &Element {
        &self.0
    }

    /// The canonical encoding.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Checks a signature.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, purpose: &'static str, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        let challenge = signature.challenge(purpose, message, self);
        let sum = RistrettoPoint::vartime_multiscalar_mul([signature.response, -challenge, -Scalar::ONE], [&G, self.0.point(), signature.nonce.point()]);
        if sum == RistrettoPoint::identity() { Ok(()) } else { Err(BadSignature) }
    }
}

impl Signature {
    /// The length in bytes.
    pub const LEN: usize = 64;

    /// Decodes nonce ‖ response.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but canonical encodings of a point that is not the identity and a scalar.
    pub fn decode(bytes: &[u8; 64]) -> Result<Self, DecodeError> {
        let (nonce, response) = halves(bytes);
        Ok(Self { nonce: Element::decode_non_identity(&nonce)?, response: decode_scalar(&response)? })
    }

    /// Encodes nonce ‖ response.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(self.nonce.as_bytes());
        out[32..].copy_from_slice(self.response.as_bytes());
        out
    }

    /// The challenge of this signature: the factor of the key in `sG − R − cV = 0`, for a batch.
    pub(crate) fn challenge(&self, purpose: &'static str, message: &[u8], key: &PublicKey) -> Scalar {
        let mut transcript = start(purpose, message, key);
        transcript.append("nonce", self.nonce.as_bytes());
        transcript.challenge("c")
    }
}

fn start(purpose: &'static str, message: &[u8], key: &PublicKey) -> Transcript {
    let mut transcript = Transcript::new(labels::transcript::SIGNATURE);
    transcript.append("purpose", purpose.as_bytes());
    transcript.append("message", message);
    transcript.append("key", key.as_bytes());
    transcript
}

fn halves(bytes: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (mut first, mut second) = ([0; 32], [0; 32]);
    first.copy_from_slice(&bytes[..32]);
    second.copy_from_slice(&bytes[32..]);
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_signature_holds_for_its_key_purpose_and_message_only() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let (key, other) = (SecretKey::generate(&mut rng), SecretKey::generate(&mut rng));
        let signature = key.sign(labels::purpose::BALLOT, b"m", &mut rng);
        assert_eq!(key.public().verify(labels::purpose::BALLOT, b"m", &signature), Ok(()));
        assert!(key.public().verify(labels::purpose::BALLOT, b"n", &signature).is_err());
        assert!(key.public().verify(labels::purpose::CHALLENGE, b"m", &signature).is_err());
        assert!(other.public().verify(labels::purpose::BALLOT, b"m", &signature).is_err());
    }

    #[test]
    fn two_signatures_of_one_message_have_two_nonces() {
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        let key = SecretKey::generate(&mut rng);
        let first = key.sign(labels::purpose::BALLOT, b"m", &mut rng);
        assert_ne!(first, key.sign(labels::purpose::BALLOT, b"m", &mut rng));
    }
}
