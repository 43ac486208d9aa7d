//! A vector commitment Σ m_i g_i + Σ n_i q_i + ρP hides two vectors and binds to them, because nobody knows a logarithm between its generators
//! (PROTOCOL §1.5, Pedersen, Crypto 1991).
//!
//! This is the set of ballots; that of rosters stands in [`crate::roster`]. It is made once in a process and shared.

use std::sync::OnceLock;

use curve25519_dalek::ristretto::RistrettoPoint;

use crate::group::generator;
use crate::labels::generators::BALLOT;

/// The greatest number of positions of a contest, blanks included, for which there are generators.
pub const MAX_POSITIONS: usize = 256;

/// Generators P, g_0…g_255, q_0…q_255 of the set `ballot`.
pub struct BallotGenerators {
    p: RistrettoPoint,
    g: Vec<RistrettoPoint>,
    q: Vec<RistrettoPoint>,
}

impl BallotGenerators {
    /// The set, derived at the first call (some milliseconds).
    pub fn get() -> &'static Self {
        static SET: OnceLock<BallotGenerators> = OnceLock::new();
        SET.get_or_init(|| Self {
            p: generator(BALLOT, "P", 0),
            g: (0..MAX_POSITIONS as u64).map(|index| generator(BALLOT, "g", index)).collect(),
            q: (0..MAX_POSITIONS as u64).map(|index| generator(BALLOT, "q", index)).collect(),
        })
    }

    /// P, the generator of the blinding.
    #[must_use]
    pub const fn p(&self) -> &RistrettoPoint {
        &self.p
    }

    /// g_i, the generators of the bits; [`MAX_POSITIONS`] of them.
    #[must_use]
    pub fn g(&self) -> &[RistrettoPoint] {
        &self.g
    }

    /// q_i, the generators of what makes the bits bits; [`MAX_POSITIONS`] of them.
    #[must_use]
    pub fn q(&self) -> &[RistrettoPoint] {
        &self.q
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_generators_are_equal() {
        let set = BallotGenerators::get();
        let all = set.g().iter().chain(set.q()).chain([set.p(), &crate::group::G]).map(|point| point.compress().to_bytes());
        assert_eq!(all.collect::<BTreeSet<_>>().len(), 2 * MAX_POSITIONS + 2);
    }
}
