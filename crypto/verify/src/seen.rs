//! What was seen before, remembered as keyed 128-bit fingerprints: 16 bytes for what has 32, so that a million ballots fit in little memory.
//!
//! The fingerprint is two SipHash values under keys that the operating system draws for this process. Nobody can choose values that collide, and
//! by chance two of a million do with probability 2⁻⁸⁸, so a hit needs no confirmation.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// A set of byte strings that answers whether one was seen.
#[derive(Default)]
pub(crate) struct Seen {
    keys: [RandomState; 2],
    prints: HashSet<u128>,
}

impl Seen {
    /// Whether `bytes` were inserted before.
    pub(crate) fn contains(&self, bytes: &[u8; 32]) -> bool {
        self.prints.contains(&self.print(bytes))
    }

    /// Remembers `bytes`.
    pub(crate) fn insert(&mut self, bytes: &[u8; 32]) {
        self.prints.insert(self.print(bytes));
    }

    fn print(&self, bytes: &[u8; 32]) -> u128 {
        let [first, second] = &self.keys;
        u128::from(first.hash_one((0_u8, bytes))) << 64 | u128::from(second.hash_one((1_u8, bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_inserted_was_seen() {
        let mut seen = Seen::default();
        seen.insert(&[1; 32]);
        assert!(seen.contains(&[1; 32]));
        assert!(!seen.contains(&[2; 32]));
    }
}
