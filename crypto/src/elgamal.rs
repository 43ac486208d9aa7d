//! An ElGamal ciphertext holds one bit of a ballot in the exponent: (A, B) = (rG, rH + bG) (PROTOCOL §7.1).
//!
//! Ciphertexts under one joint key H add up to a ciphertext of the sum of their bits, which is what trustees open.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use subtle::{Choice, ConditionallySelectable};

use crate::group::{Element, G};

/// A ciphertext (A, B); A is not the identity when it comes from a parsed ballot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ciphertext {
    a: Element,
    b: Element,
}

impl Ciphertext {
    /// The length of A ‖ B in bytes.
    pub const LEN: usize = 64;

    /// Takes two decoded points.
    #[must_use]
    pub const fn new(a: Element, b: Element) -> Self {
        Self { a, b }
    }

    /// Encrypts one bit: A = rG, B = rH + bG, in a time that depends on neither.
    #[must_use]
    pub fn encrypt(bit: Choice, randomness: &Scalar, joint_key: &Element) -> Self {
        let value = RistrettoPoint::conditional_select(&RistrettoPoint::identity(), &G, bit);
        Self { a: Element::new(RistrettoPoint::mul_base(randomness)), b: Element::new(joint_key.point() * randomness + value) }
    }

    /// A, the half that does not depend on the vote.
    #[must_use]
    pub const fn a(&self) -> &Element {
        &self.a
    }

    /// B, the half that carries the vote.
    #[must_use]
    pub const fn b(&self) -> &Element {
        &self.b
    }

    /// A ‖ B.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let Self { a, b } = self;
        let mut out = [0; Self::LEN];
        out[..32].copy_from_slice(a.as_bytes());
        out[32..].copy_from_slice(b.as_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_ciphertext_opens_to_its_bit_under_the_secret_key() {
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let (secret, randomness) = (Scalar::random(&mut rng), Scalar::random(&mut rng));
        let joint_key = Element::new(RistrettoPoint::mul_base(&secret));
        for bit in [0, 1] {
            let ciphertext = Ciphertext::encrypt(Choice::from(bit), &randomness, &joint_key);
            assert_eq!(ciphertext.b().point() - secret * ciphertext.a().point(), G * Scalar::from(bit));
        }
    }
}
