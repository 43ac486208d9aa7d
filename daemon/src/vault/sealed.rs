//! Sealing: XChaCha20-Poly1305 under a 32-byte key, with a random nonce and associated data that says what the payload
//! is and where it belongs, so that it opens nowhere else.
//!
//! Sealed bytes: nonce (24), ciphertext, tag (16).

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::VaultError;

/// The length of a key in bytes.
pub const KEY_LEN: usize = 32;

/// The length of a nonce in bytes.
const NONCE_LEN: usize = 24;

/// What sealing adds, in bytes.
pub const OVERHEAD: usize = NONCE_LEN + 16;

/// A key of 32 bytes; never printed, wiped when dropped.
pub struct Key(Zeroizing<[u8; KEY_LEN]>);

/// Associated data: the parts of a place, each behind its length, so that no two lists of parts have the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aad(Vec<u8>);

impl Aad {
    /// The place that these parts name; for a payload in a journal: journal, entry kind, handle.
    #[must_use]
    pub fn new(parts: &[&str]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(bytes)
    }
}

impl Key {
    /// A new key.
    #[must_use]
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        rng.fill_bytes(key.as_mut_slice());
        Self(key)
    }

    /// The key with these bytes; nothing for another number of them.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if bytes.len() != KEY_LEN {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// The bytes, to be wrapped under another key.
    pub(crate) fn expose(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// Seals.
    #[must_use]
    pub fn seal(&self, aad: &Aad, payload: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        #[expect(clippy::expect_used, reason = "the cipher fails only for payloads of more than 256 GB")]
        let ciphertext = self.cipher().encrypt(XNonce::from_slice(&nonce), Payload { msg: payload, aad: &aad.0 }).expect("a payload of less than 256 GB");
        [nonce.as_slice(), &ciphertext].concat()
    }

    /// Opens.
    ///
    /// # Errors
    /// [`VaultError::Sealed`].
    pub fn open(&self, aad: &Aad, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN).ok_or(VaultError::Sealed)?;
        let payload = self.cipher().decrypt(XNonce::from_slice(nonce), Payload { msg: ciphertext, aad: &aad.0 });
        payload.map(Zeroizing::new).map_err(|_| VaultError::Sealed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;

    use super::*;

    #[test]
    fn a_changed_bit_anywhere_is_noticed() {
        let key = Key::random(&mut OsRng);
        let aad = Aad::new(&["a"]);
        let sealed = key.seal(&aad, b"payload", &mut OsRng);
        assert_eq!(sealed.len(), OVERHEAD + 7);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(&aad, &changed).is_err(), "{at}");
        }
        assert!(key.open(&aad, &sealed[..OVERHEAD - 1]).is_err());
        assert_eq!(key.open(&aad, &sealed).unwrap().as_slice(), b"payload");
    }

    #[test]
    fn parts_cannot_be_moved_between_each_other() {
        assert_ne!(Aad::new(&["ab", "c"]), Aad::new(&["a", "bc"]));
        assert_ne!(Aad::new(&["ab"]), Aad::new(&["ab", ""]));
    }
}
