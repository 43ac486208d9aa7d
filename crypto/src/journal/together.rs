//! Many Ed25519 signatures over hashes, checked together with the verdicts of the strict check (PROTOCOL §2.4).
//!
//! A sum of equations with random weights decides only in the group of prime order: a component of small order in a nonce or key survives a weight that is a
//! multiple of its order. So the keys are looked at one by one, and the nonces by sums of random subsets of them; what has such a component, and whatever else the
//! sum does not vouch for, is left to the strict check.

use std::collections::HashMap;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, IsIdentity, VartimeMultiscalarMul};
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha512};

use super::checkpoint::{BoardKey, SignatureError};
use crate::hash::Hash32;
use crate::proof::batch::Weights;

/// Random subsets of the nonces: each overlooks a component of small order with probability of a half at most.
const SUBSETS: usize = 128;

/// Nonces of which all sums are written down, so that a subset takes one addition for so many.
const BLOCK: usize = 6;

/// With fewer signatures than this the subsets cost more than is saved.
const WORTH_IT: usize = 200;

/// A signature over a hash, not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedHash {
    /// Whose it should be.
    pub key: BoardKey,
    /// The hash.
    pub hash: Hash32,
    /// The signature.
    pub signature: [u8; 64],
}

impl SignedHash {
    /// Checks it alone.
    ///
    /// # Errors
    /// [`SignatureError`], as [`BoardKey::verify_hash`].
    pub fn verify(&self) -> Result<(), SignatureError> {
        let Self { key, hash, signature } = self;
        key.verify_hash(hash, signature)
    }
}

/// Checks signatures together and gives each one's verdict, in order: that of [`SignedHash::verify`]. Thousands at a time are fastest.
///
/// `rng` draws weights and subsets: it must be the verifier's own, from the operating system, and unknown to whoever made the signatures.
pub fn verify_hashes(items: &[SignedHash], rng: &mut (impl RngCore + CryptoRng)) -> Vec<Result<(), SignatureError>> {
    if items.len() >= WORTH_IT && all_hold(items, rng).is_some_and(|hold| hold) {
        return vec![Ok(()); items.len()];
    }
    items.iter().map(SignedHash::verify).collect()
}

/// Whether all equations sB = R + kA hold; `None` for what no signature in its one form by a key of prime order has.
fn all_hold(items: &[SignedHash], rng: &mut (impl RngCore + CryptoRng)) -> Option<bool> {
    let nonces = items.iter().map(|item| nonce(&item.signature)).collect::<Option<Vec<_>>>()?;
    if !in_prime_order_group(&nonces, rng) {
        return None;
    }
    let mut keys: HashMap<[u8; 32], (EdwardsPoint, Scalar)> = HashMap::new();
    let mut scalars = Vec::with_capacity(items.len() + 1);
    let mut base = Scalar::ZERO;
    let mut weights = Weights::new(rng);
    for SignedHash { key, hash, signature } in items {
        let (r, s) = signature.split_at(32);
        let response = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let bytes = key.to_bytes();
        let challenge = Scalar::from_hash(Sha512::new().chain_update(r).chain_update(bytes).chain_update(hash.as_bytes()));
        let weight = weights.next();
        let (_, of_key) = keys.entry(bytes).or_insert_with(|| (key.point(), Scalar::ZERO));
        *of_key += weight * challenge;
        scalars.push(weight);
        base -= weight * response;
    }
    if !keys.values().all(|(point, _)| point.is_torsion_free()) {
        return None;
    }
    let mut points = nonces;
    for (point, scalar) in keys.into_values().chain([(ED25519_BASEPOINT_POINT, base)]) {
        points.push(point);
        scalars.push(scalar);
    }
    Some(EdwardsPoint::vartime_multiscalar_mul(scalars, points).is_identity())
}

/// R, if it is in its one encoding and not of small order.
fn nonce(signature: &[u8; 64]) -> Option<EdwardsPoint> {
    let bytes: [u8; 32] = *signature.first_chunk()?;
    // A y that is not below the prime 2²⁵⁵ − 19. (The other second encoding, of x = 0 with a sign, is of a point of small order.)
    let [first, middle @ .., last] = bytes;
    let is_reduced = first < 0xed || last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff);
    CompressedEdwardsY(bytes).decompress().filter(|point| is_reduced && !point.is_small_order())
}

/// Whether no point has a component of small order: with probability 2⁻¹²⁸ at most this is said wrongly.
fn in_prime_order_group(points: &[EdwardsPoint], rng: &mut (impl RngCore + CryptoRng)) -> bool {
    let mut sums = [EdwardsPoint::identity(); SUBSETS];
    for block in points.chunks(BLOCK) {
        let mut all = vec![EdwardsPoint::identity()];
        for point in block {
            all.extend_from_within(..);
            let half = all.len() / 2;
            all.iter_mut().skip(half).for_each(|sum| *sum += point);
        }
        let mut chosen = [0; SUBSETS];
        rng.fill_bytes(&mut chosen);
        for (sum, chosen) in sums.iter_mut().zip(chosen) {
            // The number of sums is a power of two.
            *sum += all[usize::from(chosen) % all.len()];
        }
    }
    sums.iter().all(EdwardsPoint::is_torsion_free)
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::journal::BoardSecretKey;

    /// So many signatures by three keys.
    fn honest(count: u64) -> Vec<SignedHash> {
        let keys = [1, 2, 3].map(|seed| BoardSecretKey::from_seed(&[seed; 32]));
        let signed = |number: u64| {
            let (key, hash) = (&keys[(number % 3) as usize], Hash32::sha256(&number.to_be_bytes()));
            SignedHash { key: key.public(), hash, signature: key.sign_hash(&hash) }
        };
        (0..count).map(signed).collect()
    }

    /// A signature made by hand, with something added to key and nonce.
    fn by_hand(number: u64, to_key: EdwardsPoint, to_nonce: EdwardsPoint) -> SignedHash {
        let secret = |label: u8| Scalar::from_hash(Sha512::new().chain_update([label]).chain_update(number.to_be_bytes()));
        let (key, nonce) = (secret(1), secret(2));
        let public = (EdwardsPoint::mul_base(&key) + to_key).compress().to_bytes();
        let r = (EdwardsPoint::mul_base(&nonce) + to_nonce).compress().to_bytes();
        let hash = Hash32::sha256(&number.to_be_bytes());
        let challenge = Scalar::from_hash(Sha512::new().chain_update(r).chain_update(public).chain_update(hash.as_bytes()));
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice((nonce + challenge * key).as_bytes());
        SignedHash { key: BoardKey::from_bytes(&public).unwrap(), hash, signature }
    }

    fn verdicts(items: &[SignedHash]) -> Vec<bool> {
        verify_hashes(items, &mut ChaCha20Rng::from_seed([4; 32])).iter().map(Result::is_ok).collect()
    }

    #[test]
    fn honest_signatures_hold_together() {
        let items = honest(500);
        assert_eq!(all_hold(&items, &mut ChaCha20Rng::from_seed([4; 32])), Some(true));
        assert!(verdicts(&items).iter().all(|holds| *holds) && verdicts(&items[..3]).len() == 3 && verdicts(&[]).is_empty());
    }

    #[test]
    fn a_batch_finds_the_signatures_that_do_not_hold() {
        let mut items = honest(500);
        items[7].hash = Hash32::sha256(b"another");
        items[8].key = items[9].key;
        // Errors that would cancel each other under equal weights.
        let shift = |signature: &mut [u8; 64], by: Scalar| {
            let s = Scalar::from_canonical_bytes(signature[32..].try_into().unwrap()).unwrap() + by;
            signature[32..].copy_from_slice(s.as_bytes());
        };
        shift(&mut items[20].signature, Scalar::ONE);
        shift(&mut items[21].signature, -Scalar::ONE);
        let refused: Vec<usize> = verdicts(&items).iter().enumerate().filter(|(_, holds)| !**holds).map(|(at, _)| at).collect();
        assert_eq!(refused, [7, 8, 20, 21]);
    }

    #[test]
    fn a_nonce_or_key_with_a_component_of_small_order_gets_the_verdict_of_the_strict_check() {
        let none = EdwardsPoint::identity();
        // A component of order two in the nonce vanishes under half of all weights: the sum alone would take it every other time.
        for number in 0..40 {
            let mut items = honest(WORTH_IT as u64);
            items.push(by_hand(number, none, EIGHT_TORSION[4]));
            assert_eq!(all_hold(&items, &mut ChaCha20Rng::seed_from_u64(number)), None);
            assert!(!verdicts(&items)[WORTH_IT]);
        }
        // Two whose errors cancel under equal weights.
        let mut items = honest(WORTH_IT as u64);
        items.extend([by_hand(1, none, EIGHT_TORSION[1]), by_hand(2, none, EIGHT_TORSION[7])]);
        assert_eq!(verdicts(&items)[WORTH_IT..], [false, false]);
        // In the key: where the challenge is a multiple of eight, the strict check takes it, and so does the batch.
        let taken = (0..64).filter(|number| {
            let one = by_hand(*number, EIGHT_TORSION[1], none);
            let mut items = honest(WORTH_IT as u64);
            items.push(one);
            assert_eq!(verdicts(&items)[WORTH_IT], one.verify().is_ok());
            one.verify().is_ok()
        });
        assert!((1..64).contains(&taken.count()));
    }

    #[test]
    fn the_one_encoding_of_a_nonce_is_asked_for() {
        let [mut large, mut zero] = [[0xff; 64], [0; 64]];
        (large[0], large[31]) = (0xec, 0x7f);
        assert!(nonce(&large).is_none(), "p − 1 is of small order");
        // Some y between p and 2²⁵⁵ are on the curve, as y − p is.
        let forms = (0xed..=0xff).filter(|first| {
            large[0] = *first;
            CompressedEdwardsY(*large.first_chunk().unwrap()).decompress().is_some_and(|point| !point.is_small_order())
        });
        assert!(forms.count() > 0);
        for first in 0xed..=0xff {
            large[0] = first;
            assert!(nonce(&large).is_none());
        }
        zero[0] = 1;
        assert!(nonce(&zero).is_none(), "the identity");
        assert!(nonce(&honest(1)[0].signature).is_some());
    }
}
