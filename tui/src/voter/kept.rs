//! A ballot whose opening is kept: the voter may decide later whether it is opened instead of counted (PROTOCOL §7).
//!
//! The file is encrypted with age under a passphrase, because it shows the vote.

use std::fmt::Display;
use std::io::{Read, Write};
use std::iter;

use age::secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::system::in_words;
use tachiai_schemas::{Blob, Bytes, ElectionId, LeafIndex, Slot, canonical};
use zeroize::{Zeroize, Zeroizing};

use crate::failure::{Exit, Failure};

const FORMAT: &str = "tachiai-kept/1";

/// The longest file that is read.
const LONGEST: u64 = 16 << 20;

/// A recorded ballot with all that a challenge needs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    format: String,
    /// The election.
    pub election: ElectionId,
    /// The ballot's receipt.
    pub receipt: Receipt,
    pub(super) slot: Slot,
    pub(super) registration: LeafIndex,
    pub(super) voting_key: Bytes<32>,
    pub(super) opening: Blob,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.voting_key.0.zeroize();
        self.opening.0.zeroize();
    }
}

impl Kept {
    pub(super) fn new(receipt: &Receipt, slot: Slot, registration: LeafIndex, voting_key: Bytes<32>, opening: Blob) -> Self {
        Self { format: FORMAT.into(), election: receipt.election, receipt: receipt.clone(), slot, registration, voting_key, opening }
    }

    /// The leaf of the registration under which the ballot stands.
    #[must_use]
    pub const fn registration(&self) -> LeafIndex {
        self.registration
    }

    /// Encrypts it under a passphrase.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be written.
    pub fn seal(&self, passphrase: &SecretString) -> Result<Vec<u8>, Failure> {
        let failed = |e: &dyn Display| Failure::incomplete(e.to_string(), e.to_string());
        let plain = Zeroizing::new(canonical::to_bytes(self).map_err(|e| failed(&e))?);
        let encryptor = age::Encryptor::with_user_passphrase(passphrase.clone());
        let mut sealed = Vec::new();
        let mut writer = encryptor.wrap_output(&mut sealed).map_err(|e| failed(&e))?;
        writer.write_all(&plain).and_then(|()| writer.finish().map(drop)).map_err(|e| failed(&e))?;
        Ok(sealed)
    }

    /// Opens what [`Kept::seal`] made.
    ///
    /// # Errors
    /// [`Failure`]: another passphrase (1), another or a damaged file (2).
    pub fn open(sealed: &[u8], passphrase: &SecretString) -> Result<Self, Failure> {
        let wrong = |e: &dyn Display| {
            let [ja, en] = in_words(e);
            Failure::new(
                Exit::Refused,
                format!("保管した投票を開けません: {ja}。パスフレーズを確かめてください。"),
                format!("the kept ballot cannot be opened: {en}. Check the passphrase."),
            )
        };
        let damaged = |e: &dyn Display| Failure::incomplete(format!("保管した投票を読み取れません: {e}"), format!("the kept ballot cannot be read: {e}"));
        let decryptor = age::Decryptor::new_buffered(sealed).map_err(|e| damaged(&e))?;
        let identity = age::scrypt::Identity::new(passphrase.clone());
        let reader = decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).map_err(|e| wrong(&e))?;
        let mut plain = Zeroizing::new(Vec::new());
        reader.take(LONGEST).read_to_end(&mut plain).map_err(|e| wrong(&e))?;
        let kept: Self = canonical::from_bytes(&plain).map_err(|e| damaged(&e))?;
        if kept.format == FORMAT { Ok(kept) } else { Err(damaged(&kept.format)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_ballot_opens_with_its_passphrase_only() {
        let receipt = Receipt {
            election: "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
            leaf: LeafIndex(9),
            leaf_hash: Bytes([3; 32]),
            ballot: Some(Bytes([4; 32])),
            proof: String::new(),
        };
        let kept = Kept::new(&receipt, Slot(5), LeafIndex(8), Bytes([6; 32]), Blob(vec![7; 100]));
        let sealed = kept.seal(&"right".into()).unwrap();
        let again = Kept::open(&sealed, &"right".into()).unwrap();
        assert_eq!((&again.receipt, again.slot, again.registration), (&receipt, Slot(5), LeafIndex(8)));
        assert_eq!((again.voting_key.0, &again.opening.0[..]), ([6; 32], &[7; 100][..]));
        assert_eq!(Kept::open(&sealed, &"wrong".into()).err().unwrap().exit, Exit::Refused);
        assert_eq!(Kept::open(&sealed[..40], &"right".into()).err().unwrap().exit, Exit::Incomplete);
    }
}
