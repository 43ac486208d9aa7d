//! A tally opens sums of ballots, never a ballot: units of districts, columns of sums, and the totals that t decryption shares give (PROTOCOL §8).

mod logarithm;
mod sums;
mod units;

pub use logarithm::{LogTable, check_total, discrete_log};
pub use sums::Accumulator;
pub use units::{Unit, units};

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;

use crate::ceremony::{Quorum, TrusteeIndex};
use crate::election::context::{ContestShape, LeafIndex, Slot};
use crate::group::Element;
use crate::hash::{Hash32, tagged};
use crate::labels;
use crate::proof::equality::{Column, DecryptionShare};

/// Why a tally does not go on or does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TallyError {
    /// No contest has this index (malformed).
    #[error("there is no contest {0}")]
    UnknownContest(u16),
    /// The ciphertexts of a contest are not as many as its ballots send (malformed).
    #[error("{found} ciphertexts where ballots send {expected} in contest {contest}")]
    Ciphertexts {
        /// The contest.
        contest: u16,
        /// What belongs there.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// Two accumulators are of different elections (fault of the caller).
    #[error("sums of two different lists of contests cannot be added")]
    OtherContests,
    /// The units are not the partition of the districts that hold the contest's ballots (refused, R601).
    #[error("unit {unit} of contest {contest} does not have the ballots that it declares")]
    UnitBallots {
        /// The contest.
        contest: u16,
        /// The unit, from 0.
        unit: u16,
    },
    /// The units leave ballots out or hold some twice (refused, R601).
    #[error("the units of contest {0} do not hold each of its ballots once")]
    NotAPartition(u16),
    /// A share of no trustee of this election (malformed).
    #[error("trustee {0} is none of this election's trustees")]
    Stranger(TrusteeIndex),
    /// One trustee's share appears twice (malformed).
    #[error("two shares of trustee {0}")]
    ShareTwice(TrusteeIndex),
    /// Fewer shares than the quorum (R603).
    #[error("{found} decryption shares where {needed} are needed")]
    TooFewShares {
        /// t.
        needed: u8,
        /// What is there.
        found: usize,
    },
    /// Shares for a column whose first sum is the identity (malformed).
    #[error("decryption shares for a column that needs none")]
    NeedlessShares,
    /// A declared total is not the logarithm that the shares give (refused, R603).
    #[error("the total {0} is not what the shares give")]
    WrongTotal(u64),
    /// The totals of a unit are not one a column (malformed, R603).
    #[error("{found} totals where a unit has {expected} columns")]
    Columns {
        /// The columns.
        expected: usize,
        /// The totals.
        found: usize,
    },
    /// The totals of a unit do not add up to the selections times its ballots (refused, R604).
    #[error("the totals add up to {found} where {expected} selections were made")]
    WrongSum {
        /// s times the ballots.
        expected: u128,
        /// The sum of the totals.
        found: u128,
    },
}

/// The counted digest over slot and leaf of each counted ballot (PROTOCOL §8.3). The order in which they are given does not matter: the digest is
/// of the slots ascending.
#[must_use]
pub fn counted_digest(counted: impl IntoIterator<Item = (Slot, LeafIndex)>) -> Hash32 {
    let mut records: Vec<[u8; 12]> = counted
        .into_iter()
        .map(|(Slot(slot), LeafIndex(leaf))| {
            let mut record = [0; 12];
            record[..4].copy_from_slice(&slot.to_be_bytes());
            record[4..].copy_from_slice(&leaf.to_be_bytes());
            record
        })
        .collect();
    // Big-endian records sort as their slots do.
    if !records.is_sorted() {
        records.sort_unstable();
    }
    tagged(labels::hash::COUNTED, &[records.as_flattened()])
}

/// TS, the hash of a tally statement given in its JSON bytes (PROTOCOL §8.3).
#[must_use]
pub fn statement_hash(json: &[u8]) -> Hash32 {
    tagged(labels::hash::TALLY_STATEMENT, &[json])
}

/// v G = ΣB − Σ λ_i D_i over the t lowest indices, where every share has been verified for this column already (PROTOCOL §8.5). Where ΣA is the
/// identity no share may be given, and the result is ΣB.
///
/// # Errors
/// [`TallyError::Stranger`], [`TallyError::ShareTwice`], [`TallyError::TooFewShares`], [`TallyError::NeedlessShares`].
pub fn combine_shares(quorum: Quorum, column: &Column, shares: &[(TrusteeIndex, DecryptionShare)]) -> Result<Element, TallyError> {
    if !column.needs_shares() {
        return if shares.is_empty() { Ok(column.sum_b) } else { Err(TallyError::NeedlessShares) };
    }
    let mut sorted: Vec<_> = shares.iter().collect();
    sorted.sort_unstable_by_key(|(index, _)| *index);
    if let Some((index, _)) = sorted.iter().find(|(index, _)| !quorum.contains(*index)) {
        return Err(TallyError::Stranger(*index));
    }
    if let Some(((index, _), _)) = sorted.iter().zip(sorted.iter().skip(1)).find(|((first, _), (second, _))| first == second) {
        return Err(TallyError::ShareTwice(*index));
    }
    let needed = quorum.threshold();
    let chosen = sorted.get(..usize::from(needed)).ok_or(TallyError::TooFewShares { needed, found: shares.len() })?;
    let indices: Vec<TrusteeIndex> = chosen.iter().map(|(index, _)| *index).collect();
    let factors = std::iter::once(Scalar::ONE).chain(indices.iter().map(|index| -lagrange(*index, &indices)));
    let points = std::iter::once(column.sum_b.point()).chain(chosen.iter().map(|(_, share)| share.element().point()));
    Ok(Element::new(RistrettoPoint::vartime_multiscalar_mul(factors, points)))
}

/// λ_i = Π_{j≠i} j/(j−i) over a set of distinct indices, all of them public.
fn lagrange(index: TrusteeIndex, set: &[TrusteeIndex]) -> Scalar {
    let own = Scalar::from(index.get());
    let (mut numerator, mut denominator) = (Scalar::ONE, Scalar::ONE);
    for other in set.iter().filter(|other| **other != index) {
        let other = Scalar::from(other.get());
        numerator *= other;
        denominator *= other - own;
    }
    numerator * denominator.invert()
}

/// Checks that the totals of a unit are one a column and add up, blanks included, to s selections a ballot (R604).
///
/// # Errors
/// [`TallyError::Columns`], [`TallyError::WrongSum`].
pub fn check_sum(shape: &ContestShape, unit: &Unit, totals: &[u64]) -> Result<(), TallyError> {
    if totals.len() != shape.columns() {
        return Err(TallyError::Columns { expected: shape.columns(), found: totals.len() });
    }
    let expected = u128::from(shape.selections()) * u128::from(unit.ballots);
    let found = totals.iter().map(|total| u128::from(*total)).sum();
    if expected == found { Ok(()) } else { Err(TallyError::WrongSum { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counted_digest_is_of_the_slots_ascending() {
        let digest = |counted: &[(u32, u64)]| counted_digest(counted.iter().map(|(slot, leaf)| (Slot(*slot), LeafIndex(*leaf))));
        let ascending = digest(&[(1, 9), (2, 7), (256, 8)]);
        assert_eq!(ascending, digest(&[(256, 8), (1, 9), (2, 7)]));
        assert_ne!(ascending, digest(&[(1, 7), (2, 9), (256, 8)]));
        assert_ne!(ascending, digest(&[(1, 9), (2, 7)]));
    }

    #[test]
    fn the_counted_digest_is_the_tagged_hash_of_twelve_bytes_a_slot() {
        let bytes = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1];
        assert_eq!(counted_digest([(Slot(1), LeafIndex(9)), (Slot(256), LeafIndex(257))]), tagged("counted", &[&bytes]));
    }

    #[test]
    fn lagrange_coefficients_interpolate_a_line_at_zero() {
        let set = [TrusteeIndex::new(2).unwrap(), TrusteeIndex::new(5).unwrap()];
        // f(z) = 7 + 3z.
        let value = |index: TrusteeIndex| Scalar::from(7 + 3 * u64::from(index.get()));
        assert_eq!(set.iter().map(|index| lagrange(*index, &set) * value(*index)).sum::<Scalar>(), Scalar::from(7u64));
    }
}
