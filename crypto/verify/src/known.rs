//! Voting keys that were decoded not long ago: most ballots come soon after the registration of their key, which is not decoded twice then.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tachiai_crypto::signature::PublicKey;

/// Decoded voting keys, by their bytes. Whether a key is known changes no verdict, only the work.
#[derive(Default)]
pub(crate) struct KnownKeys(Mutex<Generations>);

/// The keys of now and those before; older ones are forgotten, so that memory does not grow with the election.
#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 32], PublicKey>,
    old: HashMap<[u8; 32], PublicKey>,
}

/// How many keys a generation has: as many as the table for them holds before it doubles, half a megabyte.
const GENERATION: usize = 1_792;

impl KnownKeys {
    /// Remembers a key for a while.
    pub(crate) fn remember(&self, key: &PublicKey) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= GENERATION {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(*key.as_bytes(), *key);
    }

    /// The key with these bytes, if it was remembered and not forgotten.
    pub(crate) fn get(&self, bytes: &[u8; 32]) -> Option<PublicKey> {
        let Generations { young, old } = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        young.get(bytes).or_else(|| old.get(bytes)).copied()
    }
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;
    use tachiai_crypto::signature::SecretKey;

    use super::*;

    #[test]
    fn a_key_is_known_for_a_generation_at_least_and_two_at_most() {
        let keys = KnownKeys::default();
        let [first, second] = [(); 2].map(|()| SecretKey::generate(&mut OsRng).public());
        keys.remember(&first);
        assert_eq!((keys.get(first.as_bytes()), keys.get(second.as_bytes())), (Some(first), None));
        // As if many other keys had come.
        let age = || {
            let mut generations = keys.0.lock().unwrap_or_else(PoisonError::into_inner);
            generations.old = std::mem::take(&mut generations.young);
        };
        age();
        keys.remember(&second);
        assert_eq!((keys.get(first.as_bytes()), keys.get(second.as_bytes())), (Some(first), Some(second)));
        age();
        assert_eq!((keys.get(first.as_bytes()), keys.get(second.as_bytes())), (None, Some(second)));
    }
}
