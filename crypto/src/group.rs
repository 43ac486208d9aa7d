//! The group is ristretto255; points and scalars come in by one canonical form only (PROTOCOL §1.1).
//!
//! [`Element`] is a decoded point beside its bytes, so that neither is computed twice.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use crate::labels;

/// The standard base point.
pub const G: RistrettoPoint = RISTRETTO_BASEPOINT_POINT;

/// Why bytes are not a group element or scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not the canonical encoding of a point.
    #[error("not the canonical encoding of a point")]
    Point,
    /// The point is the identity where that has no meaning.
    #[error("the identity point has no meaning here")]
    Identity,
    /// The bytes are not a scalar below the group order.
    #[error("not a scalar below the group order")]
    Scalar,
    /// The number of bytes is wrong.
    #[error("{found} bytes where {expected} belong")]
    Length {
        /// What belongs there.
        expected: usize,
        /// What is there.
        found: usize,
    },
}

/// A point with its canonical encoding.
#[derive(Clone, Copy)]
pub struct Element {
    point: RistrettoPoint,
    bytes: [u8; 32],
}

impl Element {
    /// Encodes a point.
    #[must_use]
    pub fn new(point: RistrettoPoint) -> Self {
        Self { point, bytes: point.compress().to_bytes() }
    }

    /// Encodes twice each point. The encodings of a batch share their one inversion, so a prover that has halves saves most of the cost.
    #[must_use]
    pub fn doubled(halves: &[RistrettoPoint]) -> Vec<Self> {
        let encodings = RistrettoPoint::double_and_compress_batch(halves);
        halves.iter().zip(encodings).map(|(half, encoding)| Self { point: half + half, bytes: encoding.to_bytes() }).collect()
    }

    /// Decodes the canonical form; the identity is allowed.
    ///
    /// # Errors
    /// [`DecodeError::Point`].
    pub fn decode(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        let point = CompressedRistretto(*bytes).decompress().ok_or(DecodeError::Point)?;
        Ok(Self { point, bytes: *bytes })
    }

    /// Decodes the canonical form and refuses the identity.
    ///
    /// # Errors
    /// [`DecodeError::Point`], [`DecodeError::Identity`].
    pub fn decode_non_identity(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        let element = Self::decode(bytes)?;
        if element.is_identity() { Err(DecodeError::Identity) } else { Ok(element) }
    }

    /// Whether this is the identity.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        // The identity has one canonical encoding: 32 zeros.
        self.bytes == [0; 32]
    }

    /// The point.
    #[must_use]
    pub const fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    /// The canonical encoding.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Element {}

impl std::hash::Hash for Element {
    fn hash<S: std::hash::Hasher>(&self, state: &mut S) {
        self.bytes.hash(state);
    }
}

impl std::fmt::Debug for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Element({})", data_encoding::HEXLOWER.encode(&self.bytes))
    }
}

/// Decodes a scalar from its 32 canonical bytes.
///
/// # Errors
/// [`DecodeError::Scalar`].
pub fn decode_scalar(bytes: &[u8; 32]) -> Result<Scalar, DecodeError> {
    Option::from(Scalar::from_canonical_bytes(*bytes)).ok_or(DecodeError::Scalar)
}

/// The generator `gen(set, name, index)` whose logarithm nobody knows (PROTOCOL §1.5).
#[must_use]
pub fn generator(set: &str, name: &str, index: u64) -> RistrettoPoint {
    let mut hash = Sha512::new();
    for part in [labels::ROOT.as_bytes(), b"generator", set.as_bytes(), name.as_bytes(), &index.to_be_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::traits::Identity;

    #[test]
    fn the_identity_is_refused_where_it_has_no_meaning() {
        let bytes = RistrettoPoint::identity().compress().to_bytes();
        assert_eq!(Element::decode_non_identity(&bytes), Err(DecodeError::Identity));
    }

    #[test]
    fn a_doubled_point_is_the_sum_of_its_halves() {
        let halves = [G, RistrettoPoint::identity(), generator("ballot", "P", 0)];
        let doubled: Vec<Element> = halves.iter().map(|half| Element::new(half + half)).collect();
        assert_eq!(Element::doubled(&halves), doubled);
        assert_eq!(doubled.iter().map(Element::is_identity).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn a_negative_encoding_is_refused() {
        let mut bytes = G.compress().to_bytes();
        bytes[0] ^= 1;
        assert_eq!(Element::decode(&bytes), Err(DecodeError::Point));
    }

    #[test]
    fn a_scalar_of_the_group_order_is_refused() {
        let order = (-Scalar::ONE).to_bytes();
        let mut bytes = order;
        bytes[0] += 1;
        assert_eq!(decode_scalar(&bytes), Err(DecodeError::Scalar));
    }
}
