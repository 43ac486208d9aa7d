//! A ceremony is how n trustees make one joint key together, so that any t of them can decrypt a sum and fewer learn nothing (PROTOCOL §4).
//!
//! It is Pedersen's distributed key generation with the commitments hashed first. A trustee goes through three rounds: it binds itself to a
//! secret [`Polynomial`] by a hash, reveals [`Commitments`] to the coefficients together with one sealed share for every other trustee, and,
//! having opened the shares of the others, confirms the [`CeremonyResult`] that everyone derives alike. Sealing, signing of files and storage
//! happen elsewhere: here a share is its 70 plaintext bytes.

mod confirm;
mod deal;

pub use confirm::{CeremonyResult, DecryptionKey, combine, derive};
pub use deal::{Commitments, DealPublic, Polynomial, SecretShare, SharePlaintext, verify_deal};

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::group::DecodeError;
use crate::hash::{Hash32, tagged};
use crate::labels;

/// How many trustees there are and how many of them a decryption needs (PROTOCOL §4): 2 ≤ n ≤ 9, t ≤ n, 2t > n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum {
    n: u8,
    t: u8,
}

impl Quorum {
    /// The fewest trustees: a single one would be a single key.
    pub const MIN_TRUSTEES: u8 = 2;

    /// The most trustees.
    pub const MAX_TRUSTEES: u8 = 9;

    /// `t` of `n` trustees.
    ///
    /// # Errors
    /// [`CeremonyError::Quorum`] outside 2 ≤ n ≤ 9, t ≤ n, 2t > n.
    pub const fn new(n: u8, t: u8) -> Result<Self, CeremonyError> {
        if n < Self::MIN_TRUSTEES || n > Self::MAX_TRUSTEES || t > n || 2 * t as u16 <= n as u16 {
            return Err(CeremonyError::Quorum { n, t });
        }
        Ok(Self { n, t })
    }

    /// n, the number of trustees.
    #[must_use]
    pub const fn trustees(self) -> u8 {
        self.n
    }

    /// t, the number of shares that a decryption needs.
    #[must_use]
    pub const fn threshold(self) -> u8 {
        self.t
    }

    /// The number of trustees who sign a tally statement, ⌊(n+t−1)/2⌋+1: two statements with that many signatures each have t signers in
    /// common, so at least one honest trustee would have signed both (PROTOCOL §8.3).
    #[must_use]
    pub const fn statement_quorum(self) -> u8 {
        (self.n + self.t - 1) / 2 + 1
    }

    /// Every index of these trustees, ascending from 1.
    pub fn indices(self) -> impl Iterator<Item = TrusteeIndex> + Clone {
        (1..=self.n).map(TrusteeIndex)
    }

    /// Every index but one's own, ascending: the order of share hashes (PROTOCOL R204).
    pub fn others(self, own: TrusteeIndex) -> impl Iterator<Item = TrusteeIndex> + Clone {
        self.indices().filter(move |index| *index != own)
    }

    /// Whether a trustee is one of the n.
    #[must_use]
    pub const fn contains(self, index: TrusteeIndex) -> bool {
        index.0 <= self.n
    }

    /// # Errors
    /// [`CeremonyError::Stranger`] for an index above n.
    const fn admit(self, index: TrusteeIndex) -> Result<(), CeremonyError> {
        if self.contains(index) { Ok(()) } else { Err(CeremonyError::Stranger { index, trustees: self.n }) }
    }
}

/// A trustee's place in the manifest, 1 to 9; also the point at which the polynomials are evaluated for that trustee, hence never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = u8, minimum = 1, maximum = 9))]
pub struct TrusteeIndex(u8);

impl From<TrusteeIndex> for u8 {
    fn from(index: TrusteeIndex) -> Self {
        index.0
    }
}

impl TryFrom<u8> for TrusteeIndex {
    type Error = CeremonyError;

    fn try_from(index: u8) -> Result<Self, CeremonyError> {
        Self::new(index)
    }
}

impl TrusteeIndex {
    /// Takes an index from 1 to 9.
    ///
    /// # Errors
    /// [`CeremonyError::Index`].
    pub const fn new(index: u8) -> Result<Self, CeremonyError> {
        if index == 0 || index > Quorum::MAX_TRUSTEES { Err(CeremonyError::Index(index)) } else { Ok(Self(index)) }
    }

    /// The index, 1 to 9.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The position in a list of all trustees, from 0.
    const fn position(self) -> usize {
        // An index is never 0.
        self.0 as usize - 1
    }
}

impl fmt::Display for TrusteeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What every message of one run of one ceremony is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CeremonyId {
    /// M, the leaf hash of the manifest.
    pub manifest: Hash32,
    /// Which run this is, from 1; a complaint ends a run.
    pub run: u32,
    /// TL, the trustee list hash ([`trustee_list_hash`]).
    pub trustees: Hash32,
}

/// The trustee list hash TL: signing key and age recipient of each trustee in manifest order (PROTOCOL §4).
#[must_use]
pub fn trustee_list_hash<'a>(trustees: impl IntoIterator<Item = (&'a [u8; 32], &'a str)>) -> Hash32 {
    let parts: Vec<&[u8]> = trustees.into_iter().flat_map(|(signing_key, recipient)| [signing_key.as_slice(), recipient.as_bytes()]).collect();
    tagged(labels::hash::TRUSTEES, &parts)
}

/// Why a ceremony cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// The numbers of trustees are not allowed (refused).
    #[error("{t} of {n} trustees is not allowed: between 2 and 9 trustees, and more than half of them needed")]
    Quorum {
        /// The number of trustees.
        n: u8,
        /// The number needed.
        t: u8,
    },
    /// Not the index of a trustee (malformed).
    #[error("trustee indices run from 1 to 9, not {0}")]
    Index(u8),
    /// An index above the number of trustees (malformed).
    #[error("trustee {index} is none of the {trustees} trustees")]
    Stranger {
        /// The index.
        index: TrusteeIndex,
        /// The number of trustees.
        trustees: u8,
    },
    /// Other than exactly t commitments (malformed, R202).
    #[error("{found} commitments where exactly {expected} belong")]
    CommitmentCount {
        /// t.
        expected: u8,
        /// What is there.
        found: usize,
    },
    /// A commitment is not the encoding of a point (malformed).
    #[error("commitment {position} is {source}")]
    Commitment {
        /// The position from 0.
        position: usize,
        /// Why.
        source: DecodeError,
    },
    /// The commitment to the constant term is the identity (malformed, R202).
    #[error("the commitment to the constant term is the identity")]
    IdentityConstant,
    /// The commitments are not those that the trustee bound itself to (refused, R202).
    #[error("the commitments of trustee {0} do not hash to its commit")]
    NotCommitted(TrusteeIndex),
    /// The possession proof does not hold for this index, run and list (refused, R203).
    #[error("the possession proof of trustee {0} does not hold")]
    Possession(TrusteeIndex),
    /// The share hashes are not one for each other trustee in ascending order (malformed, R204).
    #[error("the share hashes of trustee {0} are not one for each other trustee in ascending order")]
    ShareHashes(TrusteeIndex),
    /// A trustee dealt twice (refused).
    #[error("trustee {0} dealt twice")]
    DealtTwice(TrusteeIndex),
    /// A trustee has not dealt.
    #[error("the deal of trustee {0} is missing")]
    DealMissing(TrusteeIndex),
    /// The joint key is the identity (refused, R205).
    #[error("the joint key is the identity")]
    IdentityJointKey,
    /// A share key is the identity (refused, R205).
    #[error("the share key of trustee {0} is the identity")]
    IdentityShareKey(TrusteeIndex),
    /// A confirmation names another joint key than the derived one (refused, R205).
    #[error("the declared joint key is not the derived one")]
    JointKeyDiffers,
    /// A confirmation names other than n share keys (malformed, R205).
    #[error("{found} share keys where {expected} belong")]
    ShareKeyCount {
        /// n.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// A confirmation names another share key than the derived one (refused, R205).
    #[error("the declared share key of trustee {0} is not the derived one")]
    ShareKeyDiffers(TrusteeIndex),
    /// A confirmation names another ceremony hash than the derived one (refused, R205).
    #[error("the declared ceremony hash is not the derived one")]
    CeremonyHashDiffers,
    /// A share plaintext has the wrong length (malformed).
    #[error("a share is {expected} bytes, not {found}", expected = SharePlaintext::LEN)]
    ShareLength {
        /// What is there.
        found: usize,
    },
    /// A share plaintext does not begin as version 1 of shares does (malformed).
    #[error("these bytes are not a share of a known version")]
    ShareVersion,
    /// A share belongs to another run (refused).
    #[error("the share belongs to run {found}, not {expected}")]
    ShareRun {
        /// The current run.
        expected: u32,
        /// The run in the share.
        found: u32,
    },
    /// A share belongs to another manifest (refused).
    #[error("the share belongs to another election's ceremony")]
    ShareManifest,
    /// A share names another sender (refused).
    #[error("the share is from trustee {found}, not {expected}")]
    ShareSender {
        /// Who should have sent it.
        expected: TrusteeIndex,
        /// The number in the share.
        found: u8,
    },
    /// A share names another recipient (refused).
    #[error("the share is for trustee {found}, not {expected}")]
    ShareRecipient {
        /// Whom it should be for.
        expected: TrusteeIndex,
        /// The number in the share.
        found: u8,
    },
    /// The value of a share is no scalar (malformed).
    #[error("the value of the share is not a scalar below the group order")]
    ShareValue,
    /// The share is not on the polynomial that its sender committed to (refused; reason for a complaint).
    #[error("the share from trustee {0} contradicts its commitments")]
    ShareContradicts(TrusteeIndex),
    /// Two shares from one trustee.
    #[error("two shares from trustee {0}")]
    ShareTwice(TrusteeIndex),
    /// No share from a trustee.
    #[error("the share from trustee {0} is missing")]
    ShareMissing(TrusteeIndex),
    /// The shares do not add up to the secret of the share key (refused).
    #[error("the shares do not add up to the key of trustee {0}")]
    KeyDiffers(TrusteeIndex),
    /// Stored secret bytes are not what was stored (malformed).
    #[error("the stored secret is damaged or belongs to another quorum")]
    StoredSecret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quorums_of_more_than_half_of_two_to_nine_are_allowed() {
        for n in 0..=20 {
            for t in 0..=20 {
                let allowed = (2..=9).contains(&n) && t <= n && 2 * t > n;
                assert_eq!(Quorum::new(n, t).is_ok(), allowed, "{t} of {n}");
            }
        }
        assert!(Quorum::new(255, 255).is_err());
    }

    #[test]
    fn two_statements_always_share_an_honest_trustee() {
        for n in 2..=9 {
            for t in (n / 2 + 1)..=n {
                let quorum = Quorum::new(n, t).unwrap();
                let signers = quorum.statement_quorum();
                // At most t − 1 trustees are dishonest.
                assert!(signers <= n && 2 * signers - n > t - 1, "{t} of {n}");
                assert!(2 * (signers - 1) - n < t, "one signature fewer would not do: {t} of {n}");
            }
        }
        assert_eq!(Quorum::new(5, 3).unwrap().statement_quorum(), 4);
    }

    #[test]
    fn an_index_of_zero_or_above_nine_is_refused() {
        assert_eq!(TrusteeIndex::new(0), Err(CeremonyError::Index(0)));
        assert_eq!(TrusteeIndex::new(10), Err(CeremonyError::Index(10)));
        assert!(TrusteeIndex::new(9).is_ok());
    }

    #[test]
    fn the_trustee_list_hash_depends_on_order_and_boundaries() {
        let (a, b) = ([1; 32], [2; 32]);
        let hash = trustee_list_hash([(&a, "age1x"), (&b, "age1y")]);
        assert_ne!(hash, trustee_list_hash([(&b, "age1y"), (&a, "age1x")]));
        assert_ne!(hash, trustee_list_hash([(&a, "age1y"), (&b, "age1x")]));
        assert_ne!(hash, trustee_list_hash([(&a, "age1x")]));
    }
}
