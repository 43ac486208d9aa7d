//! What was seen before, remembered so that a million ballots need little memory.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// A set of byte strings that answers whether one was seen.
pub(crate) enum Seen {
    /// Remembers everything as keyed 128-bit fingerprints, 16 bytes for what has 32.
    ///
    /// A fingerprint is two SipHash values under keys that the operating system draws for this process. Nobody can choose values that collide, and by chance
    /// two of a million do with probability 2⁻⁸⁸, so a hit needs no confirmation.
    Everything {
        /// The keys.
        keys: [RandomState; 2],
        /// The fingerprints.
        prints: HashSet<u128>,
    },
    /// Remembers only what a [`FirstLook`] found may come again, whole.
    Suspects(Suspects),
}

impl Default for Seen {
    fn default() -> Self {
        Self::Everything { keys: Default::default(), prints: HashSet::new() }
    }
}

impl Seen {
    /// Whether `bytes` were inserted before.
    pub(crate) fn contains(&self, bytes: &[u8; 32]) -> bool {
        match self {
            Self::Everything { keys, prints } => prints.contains(&print(keys, bytes)),
            Self::Suspects(suspects) => suspects.values.contains(bytes),
        }
    }

    /// Remembers `bytes`.
    pub(crate) fn insert(&mut self, bytes: &[u8; 32]) {
        match self {
            Self::Everything { keys, prints } => {
                prints.insert(print(keys, bytes));
            }
            Self::Suspects(suspects) => {
                if suspects.prints.contains(&suspects.look.short(bytes)) {
                    suspects.values.insert(*bytes);
                }
                suspects.look.count(bytes);
            }
        }
    }

    /// Whether what was inserted is what the first look saw, if there was one. Only then was nothing missed.
    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Self::Everything { .. } => true,
            Self::Suspects(suspects) => suspects.look.sum == suspects.expected,
        }
    }
}

fn print([first, second]: &[RandomState; 2], bytes: &[u8; 32]) -> u128 {
    u128::from(first.hash_one((0_u8, bytes))) << 64 | u128::from(second.hash_one((1_u8, bytes)))
}

/// How many values there were, and the sum of their keyed 64-bit fingerprints: equal for two lists of the same values, in whatever order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    values: u64,
    prints: u64,
}

/// The keys of a first look, and the sum of what it saw.
#[derive(Clone, Default)]
struct Look {
    keys: [RandomState; 2],
    sum: Sum,
}

impl Look {
    /// A keyed 32-bit fingerprint.
    fn short(&self, bytes: &[u8; 32]) -> u32 {
        let [first, _] = &self.keys;
        // The upper half of 64 bits.
        (first.hash_one(bytes) >> 32) as u32
    }

    fn count(&mut self, bytes: &[u8; 32]) {
        let [_, second] = &self.keys;
        self.sum.values += 1;
        self.sum.prints = self.sum.prints.wrapping_add(second.hash_one(bytes));
    }
}

/// A first look over all values, in four bytes each: which of them may come twice.
#[derive(Default)]
pub(crate) struct FirstLook {
    look: Look,
    prints: Vec<u32>,
}

impl FirstLook {
    /// Sees the next value.
    pub(crate) fn see(&mut self, bytes: &[u8; 32]) {
        self.prints.push(self.look.short(bytes));
        self.look.count(bytes);
    }

    /// What has to be remembered of the same values when they are read again: those whose fingerprint came twice. Of a million, a hundred or so do by chance.
    pub(crate) fn suspects(self) -> Seen {
        let Self { look: Look { keys, sum }, mut prints } = self;
        prints.sort_unstable();
        let again = prints.windows(2).filter(|pair| pair.first() == pair.last()).filter_map(|pair| pair.first().copied()).collect();
        Seen::Suspects(Suspects { look: Look { keys, sum: Sum::default() }, expected: sum, prints: again, values: HashSet::new() })
    }
}

/// See [`Seen::Suspects`].
pub(crate) struct Suspects {
    look: Look,
    expected: Sum,
    prints: HashSet<u32>,
    values: HashSet<[u8; 32]>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_was_inserted_was_seen() {
        let mut seen = Seen::default();
        seen.insert(&[1; 32]);
        assert!(seen.contains(&[1; 32]));
        assert!(!seen.contains(&[2; 32]));
    }

    proptest! {
        #[test]
        fn after_a_first_look_the_same_is_found_again(values in proptest::collection::vec(0_u8..40, 0..60)) {
            let values: Vec<[u8; 32]> = values.into_iter().map(|value| [value; 32]).collect();
            let mut look = FirstLook::default();
            values.iter().for_each(|value| look.see(value));
            let (mut everything, mut suspects) = (Seen::default(), look.suspects());
            for value in &values {
                prop_assert_eq!(everything.contains(value), suspects.contains(value));
                everything.insert(value);
                suspects.insert(value);
            }
            prop_assert!(suspects.is_complete());
        }
    }

    #[test]
    fn a_value_that_the_first_look_did_not_see_is_missed_openly() {
        let mut look = FirstLook::default();
        look.see(&[1; 32]);
        let mut suspects = look.suspects();
        suspects.insert(&[2; 32]);
        assert!(!suspects.is_complete());
    }
}
