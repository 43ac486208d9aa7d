//! An opening shows what a challenged ballot holds: every bit and its randomness (PROTOCOL §7.7).
//!
//! It is a secret for as long as the ballot may count, and never goes to the board. The second device checks it against the ballot that it takes from the
//! board.

use zeroize::Zeroizing;

use crate::election::ballot::Ballot;
use crate::election::context::BallotStyle;
use crate::elgamal::{Ciphertexts, SecretBit};
use crate::group::{DecodeError, Element, decode_scalar};

/// The bits and randomness of every position of a ballot. It is wiped when dropped.
pub struct Opening {
    contests: Vec<Vec<SecretBit>>,
}

/// Why an opening is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpeningError {
    /// The length is not that of the style.
    #[error("an opening of {found} bytes where the style has {expected}")]
    Length {
        /// What the style needs.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// A bit is neither 0 nor 1.
    #[error("contest {contest} of the style, position {position}: neither 0 nor 1")]
    Bit {
        /// The contest, from 0 in the style.
        contest: usize,
        /// The position, from 0.
        position: usize,
    },
    /// The randomness is not a scalar.
    #[error("contest {contest} of the style, position {position}: {cause}")]
    Randomness {
        /// The contest, from 0 in the style.
        contest: usize,
        /// The position, from 0.
        position: usize,
        /// What is wrong.
        cause: DecodeError,
    },
    /// The opening has other contests or positions than the ballot.
    #[error("the opening is of another style than the ballot")]
    Style,
    /// The ciphertext of the ballot is not that of this bit and randomness.
    #[error("contest {contest} of the style, position {position}: the ballot holds another ciphertext")]
    Mismatch {
        /// The contest, from 0 in the style.
        contest: usize,
        /// The position, from 0.
        position: usize,
    },
    /// The randomness of a contest does not add up to the ρ of the ballot, so that its last ciphertext is another.
    #[error("contest {contest} of the style: the randomness does not add up to the ballot's")]
    Rho {
        /// The contest, from 0 in the style.
        contest: usize,
    },
    /// The bits of a contest do not add up to what is chosen in it.
    #[error("contest {contest} of the style: {found} positions are chosen where {expected} belong")]
    Sum {
        /// The contest, from 0 in the style.
        contest: usize,
        /// How many are chosen in every ballot.
        expected: usize,
        /// How many are chosen in this one.
        found: usize,
    },
}

/// The bit and the 32 bytes of its randomness.
const POSITION_LEN: usize = 33;

impl Opening {
    pub(crate) const fn new(contests: Vec<Vec<SecretBit>>) -> Self {
        Self { contests }
    }

    /// The length of every opening of a style in bytes.
    #[must_use]
    pub fn len_of(style: &BallotStyle) -> usize {
        style.shapes().map(|shape| shape.positions() * POSITION_LEN).sum()
    }

    /// For each contest, for each position: the bit as one byte ‖ r_i.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let positions = self.contests.iter().map(Vec::len).sum::<usize>();
        let mut out = Zeroizing::new(Vec::with_capacity(positions * POSITION_LEN));
        for SecretBit { bit, randomness } in self.contests.iter().flatten() {
            out.push(*bit);
            out.extend_from_slice(randomness.as_bytes());
        }
        out
    }

    /// Parses what [`Self::to_bytes`] writes.
    ///
    /// # Errors
    /// [`OpeningError::Length`], [`OpeningError::Bit`], [`OpeningError::Randomness`].
    pub fn from_bytes(bytes: &[u8], style: &BallotStyle) -> Result<Self, OpeningError> {
        let expected = Self::len_of(style);
        if bytes.len() != expected {
            return Err(OpeningError::Length { expected, found: bytes.len() });
        }
        let mut rest = bytes;
        let mut contests = Vec::with_capacity(style.contests().len());
        for (contest, shape) in style.shapes().enumerate() {
            let mut secrets = Vec::with_capacity(shape.positions());
            for position in 0..shape.positions() {
                let (one, after) = rest.split_first_chunk::<POSITION_LEN>().ok_or(OpeningError::Length { expected, found: bytes.len() })?;
                rest = after;
                let (bit, encoding) = (one[0], one.last_chunk::<32>().copied().map(Zeroizing::new));
                if bit > 1 {
                    return Err(OpeningError::Bit { contest, position });
                }
                let encoding = encoding.ok_or(OpeningError::Length { expected, found: bytes.len() })?;
                let randomness = decode_scalar(&encoding).map_err(|cause| OpeningError::Randomness { contest, position, cause })?;
                secrets.push(SecretBit { bit, randomness });
            }
            contests.push(secrets);
        }
        Ok(Self { contests })
    }

    /// Checks A_i = r_i G and B_i = r_i H + b_i G at every position but the last of each contest of the ballot, Σ r_i = ρ and Σ b_i = s, from which the
    /// same follows for the last, and returns for each contest the named options that it chose.
    ///
    /// The vote of a challenged ballot is no secret from the device that checks it, so this takes no care of timing.
    ///
    /// # Errors
    /// [`OpeningError`]: the ballot holds something else than the opening says.
    pub fn check<State>(&self, ballot: &Ballot<State>, joint_key: &Element) -> Result<Vec<Vec<usize>>, OpeningError> {
        let style = ballot.style();
        if self.contests.len() != style.contests().len() {
            return Err(OpeningError::Style);
        }
        let mut selections = Vec::with_capacity(self.contests.len());
        for (contest, ((secrets, shape), ciphertexts)) in self.contests.iter().zip(style.shapes()).zip(ballot.ciphertexts()).enumerate() {
            if secrets.len() != shape.positions() {
                return Err(OpeningError::Style);
            }
            let opened = Ciphertexts::encrypt(secrets, joint_key);
            if let Some(position) = opened.sent().iter().zip(ciphertexts.sent()).position(|(opened, found)| opened != found) {
                return Err(OpeningError::Mismatch { contest, position });
            }
            if opened.rho() != ciphertexts.rho() {
                return Err(OpeningError::Rho { contest });
            }
            let (expected, found) = (usize::from(shape.selections()), secrets.iter().filter(|secret| secret.bit == 1).count());
            if found != expected {
                return Err(OpeningError::Sum { contest, expected, found });
            }
            selections.push((0..shape.named()).filter(|option| secrets[*option].bit == 1).collect());
        }
        Ok(selections)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use curve25519_dalek::ristretto::RistrettoPoint;
    use curve25519_dalek::scalar::Scalar;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::election::ballot::{Statement, Verified, cast};
    use crate::election::context::{Choose, ContestShape, Context, Counter, LeafIndex, Slot};
    use crate::hash::Hash32;
    use crate::signature::SecretKey;

    fn statement() -> Statement {
        let contests = vec![(0, ContestShape::new(3, Choose::Exactly(1)).unwrap()), (1, ContestShape::new(4, Choose::UpTo(2)).unwrap())];
        Statement {
            context: Context::from_hash(Hash32::ZERO),
            joint_key: Element::new(RistrettoPoint::mul_base(&Scalar::from(5_u64))),
            registration: Hash32::ZERO,
            style: Arc::new(BallotStyle::new(contests).unwrap()),
        }
    }

    fn vote(seed: u8) -> (Ballot<Verified>, Opening) {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let key = SecretKey::generate(&mut rng);
        cast(&[vec![2], vec![1]], &statement(), Slot(0), LeafIndex(0), Counter(0), &key, &mut rng).unwrap()
    }

    /// Checks the opening of `vote(1)` with its bytes changed.
    fn check(change: impl FnOnce(&mut Vec<u8>)) -> Result<Vec<Vec<usize>>, OpeningError> {
        let (ballot, opening) = vote(1);
        let mut bytes = opening.to_bytes().to_vec();
        change(&mut bytes);
        Opening::from_bytes(&bytes, ballot.style())?.check(&ballot, &statement().joint_key)
    }

    #[test]
    fn an_opening_survives_its_bytes_and_shows_the_vote() {
        assert_eq!(check(|_| ()), Ok(vec![vec![2], vec![1]]));
    }

    #[test]
    fn an_opening_to_another_vote_is_refused() {
        // The first contest is shown as a vote for option 0 instead of 2.
        let swap = |bytes: &mut Vec<u8>| (bytes[0], bytes[2 * POSITION_LEN]) = (1, 0);
        assert_eq!(check(swap), Err(OpeningError::Mismatch { contest: 0, position: 0 }));
        let drop = |bytes: &mut Vec<u8>| bytes[2 * POSITION_LEN] = 0;
        assert_eq!(check(drop), Err(OpeningError::Sum { contest: 0, expected: 1, found: 0 }));
    }

    #[test]
    fn an_opening_with_wrong_randomness_is_refused() {
        assert_eq!(check(|bytes| bytes[3 * POSITION_LEN + 1] ^= 1), Err(OpeningError::Mismatch { contest: 1, position: 0 }));
    }

    #[test]
    fn an_opening_with_wrong_randomness_at_the_last_position_is_refused() {
        assert_eq!(check(|bytes| bytes[2 * POSITION_LEN + 1] ^= 1), Err(OpeningError::Rho { contest: 0 }));
        assert_eq!(check(|bytes| bytes[8 * POSITION_LEN + 1] ^= 1), Err(OpeningError::Rho { contest: 1 }));
    }

    #[test]
    fn an_opening_of_another_ballot_or_key_is_refused() {
        let ((ballot, _), (_, opening)) = (vote(1), vote(2));
        assert_eq!(opening.check(&ballot, &statement().joint_key), Err(OpeningError::Mismatch { contest: 0, position: 0 }));
        let (ballot, opening) = vote(1);
        assert_eq!(opening.check(&ballot, &Element::new(crate::group::G)), Err(OpeningError::Mismatch { contest: 0, position: 0 }));
    }

    #[test]
    fn an_opening_of_a_vote_that_does_not_add_up_is_refused() {
        // Only a ballot whose proof was not checked can hold two options where one is chosen.
        let statement = statement();
        let lax = vec![(0, ContestShape::new(3, Choose::Exactly(2)).unwrap()), (1, ContestShape::new(4, Choose::UpTo(2)).unwrap())];
        let lax = Statement { style: Arc::new(BallotStyle::new(lax).unwrap()), ..statement.clone() };
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let key = SecretKey::generate(&mut rng);
        let (ballot, opening) = cast(&[vec![0, 2], vec![]], &lax, Slot(0), LeafIndex(0), Counter(0), &key, &mut rng).unwrap();
        let ballot = Ballot::parse(ballot.bytes(), &statement.style).unwrap();
        assert_eq!(opening.check(&ballot, &statement.joint_key), Err(OpeningError::Sum { contest: 0, expected: 1, found: 2 }));
    }

    #[test]
    fn an_opening_of_another_style_is_refused() {
        let (_, opening) = vote(1);
        let three = BallotStyle::new(vec![(0, ContestShape::new(3, Choose::Exactly(1)).unwrap())]).unwrap();
        let other = Opening::from_bytes(&opening.to_bytes(), &three);
        assert_eq!(other.map(|_| ()), Err(OpeningError::Length { expected: 3 * POSITION_LEN, found: 9 * POSITION_LEN }));
        let nine = BallotStyle::new(vec![(0, ContestShape::new(9, Choose::Exactly(2)).unwrap())]).unwrap();
        let other = Opening::from_bytes(&opening.to_bytes(), &nine).unwrap();
        assert_eq!(other.check(&vote(1).0, &statement().joint_key), Err(OpeningError::Style));
    }

    #[test]
    fn bytes_that_are_no_opening_are_refused() {
        assert_eq!(check(|bytes| bytes.push(0)), Err(OpeningError::Length { expected: 297, found: 298 }));
        assert_eq!(check(Vec::clear), Err(OpeningError::Length { expected: 297, found: 0 }));
        assert_eq!(check(|bytes| bytes[POSITION_LEN] = 2), Err(OpeningError::Bit { contest: 0, position: 1 }));
        let order = |bytes: &mut Vec<u8>| bytes[1..33].fill(0xff);
        assert_eq!(check(order), Err(OpeningError::Randomness { contest: 0, position: 0, cause: DecodeError::Scalar }));
    }
}
