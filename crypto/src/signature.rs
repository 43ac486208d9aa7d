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

/// A signature with what it is checked against, for [`verify_batch`].
#[derive(Clone, Copy)]
pub struct BatchItem<'a> {
    /// The key.
    pub key: &'a PublicKey,
    /// The purpose.
    pub purpose: &'static str,
    /// The message.
    pub message: &'a [u8],
    /// The signature.
    pub signature: &'a Signature,
}

/// Checks signatures together and gives each one's verdict, in order: each equation `sG − R − cV = 0` times its own random 128-bit weight, and the sum
/// must be the identity; else the batch is bisected, down to [`PublicKey::verify`], which decides (PROTOCOL §7.5).
///
/// `rng` draws the weights: it must be the verifier's own, from the operating system, and unknown to whoever made the signatures.
pub fn verify_batch(items: &[BatchItem<'_>], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Result<(), BadSignature>> {
    match items {
        [] => Vec::new(),
        [BatchItem { key, purpose, message, signature }] => vec![key.verify(purpose, message, signature)],
        many if all_hold(many, rng) => vec![Ok(()); many.len()],
        many => {
            let (first, second) = many.split_at(many.len() / 2);
            let mut verdicts = verify_batch(first, rng);
            verdicts.extend(verify_batch(second, rng));
            verdicts
        }
    }
}

fn all_hold(items: &[BatchItem<'_>], rng: &mut (impl RngCore + CryptoRng)) -> bool {
    let mut weights = vec![0; 16 * items.len()];
    rng.fill_bytes(&mut weights);
    let (weights, _) = weights.as_chunks::<16>();
    let mut scalars = Vec::with_capacity(2 * items.len() + 1);
    let mut points = Vec::with_capacity(2 * items.len() + 1);
    let mut base = Scalar::ZERO;
    for (BatchItem { key, purpose, message, signature }, weight) in items.iter().zip(weights) {
        // A weight of zero, which comes with probability 2⁻¹²⁸, would leave an equation out.
        let weight = Scalar::from(u128::from_le_bytes(*weight).max(1));
        scalars.extend([weight, weight * signature.challenge(purpose, message, key)]);
        points.extend([signature.nonce.point(), key.0.point()]);
        base -= weight * signature.response;
    }
    scalars.push(base);
    points.push(&G);
    RistrettoPoint::vartime_multiscalar_mul(scalars, points) == RistrettoPoint::identity()
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
    fn a_batch_finds_the_signatures_that_do_not_hold() {
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let keys: Vec<SecretKey> = (0..9).map(|_| SecretKey::generate(&mut rng)).collect();
        let publics: Vec<PublicKey> = keys.iter().map(SecretKey::public).collect();
        let mut signatures: Vec<Signature> = keys.iter().map(|key| key.sign(labels::purpose::REGISTRATION, b"m", &mut rng)).collect();
        // Errors that would cancel each other under equal weights.
        signatures[2].response += Scalar::ONE;
        signatures[7].response -= Scalar::ONE;
        let item = |(key, signature)| BatchItem { key, purpose: labels::purpose::REGISTRATION, message: b"m", signature };
        let items: Vec<BatchItem<'_>> = publics.iter().zip(&signatures).map(item).collect();
        let held: Vec<bool> = verify_batch(&items, &mut rng).iter().map(Result::is_ok).collect();
        assert_eq!(held, [true, true, false, true, true, true, true, false, true]);
        assert!(verify_batch(&items[3..7], &mut rng).iter().all(Result::is_ok));
        assert!(verify_batch(&[], &mut rng).is_empty());
    }

    #[test]
    fn two_signatures_of_one_message_have_two_nonces() {
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        let key = SecretKey::generate(&mut rng);
        let first = key.sign(labels::purpose::BALLOT, b"m", &mut rng);
        assert_ne!(first, key.sign(labels::purpose::BALLOT, b"m", &mut rng));
    }
}
