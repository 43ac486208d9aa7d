//! A decryption share D = x ΣA is a trustee's part of opening one sum; its proof is that D and X = x G have the same logarithm (PROTOCOL §8.4).
//!
//! The proof is that of Chaum and Pedersen (Crypto 1992), made non-interactive over a transcript that names the election, the tally statement,
//! the trustee and the column, so that no share stands for another.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::ceremony::{DecryptionKey, TrusteeIndex};
use crate::election::context::Context;
use crate::group::{DecodeError, Element, decode_scalar};
use crate::hash::Hash32;
use crate::labels;
use crate::transcript::Transcript;

/// For what a trustee makes its shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareContext {
    /// CTX, the context of the election (PROTOCOL §5.3).
    pub context: Context,
    /// TS, the hash of the tally statement (PROTOCOL §8.3).
    pub statement: Hash32,
    /// Whose share it is.
    pub trustee: TrusteeIndex,
    /// The derived X of that trustee.
    pub share_key: Element,
}

/// One sum of ciphertexts that is opened: a column of a unit of a contest (PROTOCOL §8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The contest, from 0 in manifest order.
    pub contest: u16,
    /// The unit of that contest, from 0.
    pub unit: u16,
    /// The column of that unit, from 0: the options, then the blanks together.
    pub column: u16,
    /// ΣA over the counted ballots of the unit.
    pub sum_a: Element,
    /// ΣB over the same.
    pub sum_b: Element,
}

impl Column {
    /// Whether trustees make shares for it. Where ΣA is the identity they do not: the total is the logarithm of ΣB (PROTOCOL §8.4).
    #[must_use]
    pub fn needs_shares(&self) -> bool {
        !self.sum_a.is_identity()
    }
}

/// Why a decryption share is not made or not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// ΣA is the identity: there is nothing to decrypt and no share belongs there (malformed).
    #[error("the column needs no decryption share, because its first sum is the identity")]
    NothingToDecrypt,
    /// The share key is the identity (malformed).
    #[error("the share key of trustee {0} is the identity")]
    IdentityShareKey(TrusteeIndex),
    /// D is the identity (malformed).
    #[error("the decryption share of trustee {0} is the identity")]
    IdentityShare(TrusteeIndex),
    /// The secret at hand is not that of the share key (fault of the caller).
    #[error("the key at hand is not the key of trustee {0} in this election")]
    OtherKey(TrusteeIndex),
    /// The proof does not hold for this context and column (refused, R602).
    #[error("the decryption share of trustee {0} is not proved for this column")]
    Refuted(TrusteeIndex),
}

/// D with challenge and response of its proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecryptionShare {
    d: Element,
    c: Scalar,
    s: Scalar,
}

impl DecryptionShare {
    /// The length in bytes.
    pub const LEN: usize = 96;

    /// D, never the identity.
    #[must_use]
    pub const fn element(&self) -> &Element {
        &self.d
    }

    /// Makes the share of one column and proves it.
    ///
    /// # Errors
    /// [`ShareError::OtherKey`] when context and key do not belong together, [`ShareError::NothingToDecrypt`].
    pub fn prove(key: &DecryptionKey, context: &ShareContext, column: &Column, rng: &mut (impl RngCore + CryptoRng)) -> Result<Self, ShareError> {
        if key.index() != context.trustee || key.share_key() != context.share_key {
            return Err(ShareError::OtherKey(context.trustee));
        }
        if !column.needs_shares() {
            return Err(ShareError::NothingToDecrypt);
        }
        let sum_a = column.sum_a.point();
        let d = Element::new(sum_a * key.expose());
        let mut transcript = start(context, column, &d);
        let nonce = Zeroizing::new(Scalar::random(&mut transcript.witness_rng(key.expose().as_bytes(), rng)));
        let c = finish(&mut transcript, &RistrettoPoint::mul_base(&nonce), &(sum_a * *nonce));
        Ok(Self { d, c, s: *nonce + c * key.expose() })
    }

    /// Checks the proof: with kG = sG − cX and kΣA = sΣA − cD the transcript gives c.
    ///
    /// # Errors
    /// [`ShareError::NothingToDecrypt`], [`ShareError::IdentityShareKey`], [`ShareError::IdentityShare`], [`ShareError::Refuted`].
    pub fn verify(&self, context: &ShareContext, column: &Column) -> Result<(), ShareError> {
        let Self { d, c, s } = self;
        if !column.needs_shares() {
            return Err(ShareError::NothingToDecrypt);
        }
        if context.share_key.is_identity() {
            return Err(ShareError::IdentityShareKey(context.trustee));
        }
        if d.is_identity() {
            return Err(ShareError::IdentityShare(context.trustee));
        }
        let announcement_g = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-c, context.share_key.point(), s);
        let announcement_a = RistrettoPoint::vartime_multiscalar_mul([*s, -c], [column.sum_a.point(), d.point()]);
        if finish(&mut start(context, column, d), &announcement_g, &announcement_a) == *c { Ok(()) } else { Err(ShareError::Refuted(context.trustee)) }
    }

    /// Decodes D ‖ c ‖ s.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but canonical encodings of a point that is not the identity and two scalars.
    pub fn decode(bytes: &[u8; Self::LEN]) -> Result<Self, DecodeError> {
        let part = |from: usize| {
            let mut out = [0; 32];
            out.copy_from_slice(&bytes[from..from + 32]);
            out
        };
        Ok(Self { d: Element::decode_non_identity(&part(0))?, c: decode_scalar(&part(32))?, s: decode_scalar(&part(64))? })
    }

    /// Encodes D ‖ c ‖ s.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let Self { d, c, s } = self;
        let mut out = [0; Self::LEN];
        out[..32].copy_from_slice(d.as_bytes());
        out[32..64].copy_from_slice(c.as_bytes());
        out[64..].copy_from_slice(s.as_bytes());
        out
    }
}

/// The transcript up to the statement that is proved.
fn start(context: &ShareContext, column: &Column, d: &Element) -> Transcript {
    let ShareContext { context, statement, trustee, share_key } = context;
    let Column { contest, unit, column, sum_a, sum_b } = column;
    let mut transcript = Transcript::new(labels::transcript::DECRYPTION);
    transcript.append("context", context.as_bytes());
    transcript.append("statement", statement.as_bytes());
    transcript.append_u64("trustee", trustee.get().into());
    transcript.append("share-key", share_key.as_bytes());
    transcript.append_u64("contest", (*contest).into());
    transcript.append_u64("unit", (*unit).into());
    transcript.append_u64("column", (*column).into());
    transcript.append("sum-a", sum_a.as_bytes());
    transcript.append("sum-b", sum_b.as_bytes());
    transcript.append("share", d.as_bytes());
    transcript
}

/// The challenge after the announcements kG and kΣA.
fn finish(transcript: &mut Transcript, announcement_g: &RistrettoPoint, announcement_a: &RistrettoPoint) -> Scalar {
    transcript.append("announcement-g", announcement_g.compress().as_bytes());
    transcript.append("announcement-a", announcement_a.compress().as_bytes());
    transcript.challenge("c")
}
