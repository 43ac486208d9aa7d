//! An ElGamal ciphertext holds one bit of a ballot in the exponent: (A, B) = (rG, rH + bG) (PROTOCOL §7.1).
//!
//! Ciphertexts under one joint key H add up to a ciphertext of the sum of their bits, which is what trustees open. The sum of the ciphertexts of one
//! contest is known to hold s, so a ballot sends the randomness of that sum in place of its last ciphertext: [`Ciphertexts`].

use std::sync::OnceLock;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::group::{Element, G};

/// A ciphertext (A, B); A is not the identity when it comes from a parsed ballot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ciphertext {
    a: Element,
    b: Element,
}

/// The ciphertexts of a contest as a ballot sends them: all but the last one, and ρ, the randomness of the sum of all. The last one is what is missing
/// to an encryption of s with randomness ρ: A_k = ρG − Σ A_i, B_k = ρH + sG − Σ B_i over the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ciphertexts {
    pub(crate) sent: Vec<Ciphertext>,
    pub(crate) rho: Scalar,
}

/// A bit of a vote with the randomness of its ciphertext.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct SecretBit {
    /// b_i, 0 or 1.
    pub(crate) bit: u8,
    /// r_i.
    pub(crate) randomness: Scalar,
}

impl Ciphertext {
    /// The length of A ‖ B in bytes.
    pub const LEN: usize = 64;

    /// Takes two decoded points.
    #[must_use]
    pub const fn new(a: Element, b: Element) -> Self {
        Self { a, b }
    }

    /// Encrypts one bit: A = rG, B = rH + bG, in a time that depends on neither bit nor randomness.
    #[must_use]
    pub fn encrypt(bit: Choice, randomness: &Scalar, joint_key: &Element) -> Self {
        let value = RistrettoPoint::conditional_select(&RistrettoPoint::identity(), &G, bit);
        Self { a: Element::new(RistrettoPoint::mul_base(randomness)), b: Element::new(joint_key.point() * randomness + value) }
    }

    /// Encrypts bits: A = rG, B = rH + bG each, in a time that depends on neither bits nor randomness.
    pub(crate) fn encrypt_all(secrets: &[SecretBit], joint_key: &Element) -> Vec<Self> {
        static HALVES: OnceLock<(Scalar, RistrettoPoint)> = OnceLock::new();
        let (half, half_g) = HALVES.get_or_init(|| {
            let half = Scalar::from(2_u64).invert();
            (half, RistrettoPoint::mul_base(&half))
        });
        // Halves of the points are computed, because doubled points are encoded together at a third of the cost.
        let mut points = Vec::with_capacity(2 * secrets.len());
        for SecretBit { bit, randomness } in secrets {
            let mut half_randomness = randomness * half;
            let value = RistrettoPoint::conditional_select(&RistrettoPoint::identity(), half_g, Choice::from(*bit));
            points.push(RistrettoPoint::mul_base(&half_randomness));
            points.push(joint_key.point() * half_randomness + value);
            half_randomness.zeroize();
        }
        Element::doubled(&points).chunks_exact(2).map(|pair| Self { a: pair[0], b: pair[1] }).collect()
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

impl Ciphertexts {
    /// Takes the first k − 1 ciphertexts and ρ.
    #[must_use]
    pub const fn new(sent: Vec<Ciphertext>, rho: Scalar) -> Self {
        Self { sent, rho }
    }

    /// Encrypts the bits of a contest, in a time that depends on neither bits nor randomness. ρ is uniform and independent of what is sent, because it
    /// is the only part with the randomness of the last position in it.
    pub(crate) fn encrypt(secrets: &[SecretBit], joint_key: &Element) -> Self {
        let sent = secrets.split_last().map_or(&[][..], |(_, sent)| sent);
        Self { sent: Ciphertext::encrypt_all(sent, joint_key), rho: secrets.iter().map(|secret| &secret.randomness).sum() }
    }

    /// The ciphertexts of all positions but the last.
    #[must_use]
    pub fn sent(&self) -> &[Ciphertext] {
        &self.sent
    }

    /// ρ, the sum of the randomness of all positions.
    #[must_use]
    pub const fn rho(&self) -> &Scalar {
        &self.rho
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
        let secret = Scalar::random(&mut rng);
        let bits: Vec<SecretBit> = [0, 1, 1, 0].into_iter().map(|bit| SecretBit { bit, randomness: Scalar::random(&mut rng) }).collect();
        let joint_key = Element::new(RistrettoPoint::mul_base(&secret));
        let ciphertexts = Ciphertext::encrypt_all(&bits, &joint_key);
        assert_eq!(ciphertexts.len(), bits.len());
        for (ciphertext, SecretBit { bit, randomness }) in ciphertexts.iter().zip(&bits) {
            assert_eq!(*ciphertext, Ciphertext::encrypt(Choice::from(*bit), randomness, &joint_key));
            assert_eq!(*ciphertext.a(), Element::new(G * randomness));
            assert_eq!(ciphertext.b().point() - secret * ciphertext.a().point(), G * Scalar::from(*bit));
        }
    }
}
