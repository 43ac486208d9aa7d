//! An opening shows what a challenged ballot holds: every bit and the randomness of its ciphertext (PROTOCOL §7.7).
//!
//! It is a secret for as long as the ballot may count, and never goes to the board. The second device checks it against the ballot that it takes from the
//! board.

use zeroize::Zeroizing;

use crate::election::ballot::Ballot;
use crate::election::context::BallotStyle;
use crate::elgamal::{Ciphertext, SecretBit};
use crate::group::{DecodeError, Element, decode_scalar};

/// The bits and randomness of every ciphertext of a ballot. It is wiped when dropped.
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

    /// Checks A_i = r_i G and B_i = r_i H + b_i G at every position of the ballot, and returns for each contest the named options that it chose.
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
        for (contest, (secrets, shape)) in self.contests.iter().zip(style.shapes()).enumerate() {
            let ciphertexts = ballot.ciphertexts(contest);
            if secrets.len() != ciphertexts.len() {
                return Err(OpeningError::Style);
            }
            let opened = Ciphertext::encrypt_all(secrets, joint_key);
            if let Some(position) = opened.iter().zip(ciphertexts).position(|(opened, found)| opened != found) {
                return Err(OpeningError::Mismatch { contest, position });
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
