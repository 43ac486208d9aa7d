//! A nonce is a number that one card statement may use, once and within five minutes.
//!
//! A nonce carries its own expiry and a MAC of this process, so handing one out costs no memory; only spent ones are
//! remembered, until they expire. After a restart every older nonce is void, because the MAC's key is new.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use rand_core::{CryptoRng, RngCore};
use ring::hmac;
use tachiai_schemas::identity::Nonce;
use tachiai_schemas::{Bytes, Refusal, Timestamp};

use crate::refused::Refused;

/// How long a nonce lives, in seconds.
pub const LIFETIME: i64 = 5 * 60;

/// Hands out nonces and takes each one back once.
///
/// Layout of the 32 bytes: 8 random, 8 expiry (seconds since 1970, big-endian), 16 of HMAC-SHA-256 over them.
pub struct Nonces {
    key: hmac::Key,
    capacity: usize,
    /// What was spent, by expiry, so that the expired ones are at the front.
    spent: Mutex<BTreeSet<(i64, [u8; 8])>>,
}

impl Nonces {
    /// Remembers at most `capacity` spent nonces; when that many were spent within five minutes, more are refused as [`Refusal::Busy`].
    #[must_use]
    pub fn new(capacity: usize, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), capacity, spent: Mutex::new(BTreeSet::new()) }
    }

    /// A new nonce.
    #[must_use]
    pub fn issue(&self, rng: &mut (impl RngCore + CryptoRng), now: Timestamp) -> Nonce {
        let expires = now.plus(LIFETIME);
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce[..8]);
        nonce[8..16].copy_from_slice(&expires.unix().to_be_bytes());
        let tag = hmac::sign(&self.key, &nonce[..16]);
        nonce[16..].copy_from_slice(&tag.as_ref()[..16]);
        Nonce { nonce: Bytes(nonce), expires }
    }

    /// Takes a nonce, as base64url, back for good.
    ///
    /// # Errors
    /// [`Refusal::NonceSpent`] if it is none of ours, expired or used; [`Refusal::Busy`] if too many were spent of late.
    pub fn spend(&self, word: &str, now: Timestamp) -> Result<(), Refused> {
        let nonce: Bytes<32> = word.parse().map_err(|_| Refused::from(Refusal::NonceSpent))?;
        let (head, tag) = nonce.0.split_at(16);
        if !self.is_ours(head, tag) {
            return Err(Refusal::NonceSpent.into());
        }
        let (salt, expires) = head.split_at(8);
        let (Ok(salt), Ok(expires)) = (<[u8; 8]>::try_from(salt), <[u8; 8]>::try_from(expires)) else {
            return Err(Refusal::NonceSpent.into());
        };
        let expires = i64::from_be_bytes(expires);
        if expires < now.unix() {
            return Err(Refusal::NonceSpent.into());
        }
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        // A nonce may be used in the second in which it expires, so only earlier ones are forgotten.
        *spent = spent.split_off(&(now.unix(), [0; 8]));
        if spent.contains(&(expires, salt)) {
            return Err(Refusal::NonceSpent.into());
        }
        if spent.len() >= self.capacity {
            return Err(Refusal::Busy.into());
        }
        spent.insert((expires, salt));
        Ok(())
    }

    /// Whether this process made the nonce, in constant time.
    fn is_ours(&self, head: &[u8], tag: &[u8]) -> bool {
        let expected = hmac::sign(&self.key, head);
        subtle::ConstantTimeEq::ct_eq(&expected.as_ref()[..16], tag).into()
    }
}

/// The text of a nonce in a card statement.
#[must_use]
pub fn word(nonce: &Nonce) -> String {
    BASE64URL_NOPAD.encode(&nonce.nonce.0)
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_unix(1_800_000_000).unwrap()
    }

    fn spent<T>(result: Result<T, Refused>) -> Refusal {
        result.err().unwrap().refusal
    }

    #[test]
    fn a_nonce_is_good_once() {
        let nonces = Nonces::new(10, &mut OsRng);
        let nonce = word(&nonces.issue(&mut OsRng, now()));
        assert_eq!(nonces.spend(&nonce, now()), Ok(()));
        assert_eq!(spent(nonces.spend(&nonce, now())), Refusal::NonceSpent);
        assert_eq!(spent(nonces.spend(&nonce, now().plus(LIFETIME))), Refusal::NonceSpent);
    }

    #[test]
    fn a_nonce_expires_after_five_minutes() {
        let nonces = Nonces::new(10, &mut OsRng);
        let early = word(&nonces.issue(&mut OsRng, now()));
        let late = word(&nonces.issue(&mut OsRng, now()));
        assert_eq!(nonces.spend(&early, now().plus(LIFETIME)), Ok(()));
        assert_eq!(spent(nonces.spend(&late, now().plus(LIFETIME + 1))), Refusal::NonceSpent);
    }

    #[test]
    fn a_nonce_of_another_process_or_with_another_expiry_is_refused() {
        let nonces = Nonces::new(10, &mut OsRng);
        let foreign = Nonces::new(10, &mut OsRng).issue(&mut OsRng, now());
        assert_eq!(spent(nonces.spend(&word(&foreign), now())), Refusal::NonceSpent);
        let mut longer = nonces.issue(&mut OsRng, now());
        longer.nonce.0[8..16].copy_from_slice(&now().plus(LIFETIME * 2).unix().to_be_bytes());
        assert_eq!(spent(nonces.spend(&word(&longer), now())), Refusal::NonceSpent);
        for text in ["", "AAAA", "not base64", "****"] {
            assert_eq!(spent(nonces.spend(text, now())), Refusal::NonceSpent, "{text}");
        }
    }

    #[test]
    fn memory_is_bounded_and_freed_when_nonces_expire() {
        let nonces = Nonces::new(2, &mut OsRng);
        for _ in 0..2 {
            nonces.spend(&word(&nonces.issue(&mut OsRng, now())), now()).unwrap();
        }
        assert_eq!(spent(nonces.spend(&word(&nonces.issue(&mut OsRng, now())), now())), Refusal::Busy);
        let later = now().plus(LIFETIME + 1);
        assert_eq!(nonces.spend(&word(&nonces.issue(&mut OsRng, later)), later), Ok(()));
    }
}
