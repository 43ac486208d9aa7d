//! What an election seals in the vault: its board key, the roll, the slots, and the texts of its private journal.

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::roll::Listed;
use tachiai_schemas::{Blob, ElectionId};
use zeroize::Zeroizing;

use super::{Live, private_name};
use crate::election::slots::SlotRecord;
use crate::refused::Refused;
use crate::vault::Aad;

impl Live {
    /// The board key's public half; the key is made and kept in the vault if there is none.
    pub(in crate::election) fn make_board_key(&self) -> Result<[u8; 32], Refused> {
        if let Some(key) = self.shared.key.get() {
            return Ok(key.public().to_bytes());
        }
        let key = BoardSecretKey::generate(&mut OsRng);
        let public = key.public().to_bytes();
        self.services
            .vault
            .put_secret(&key_name(self.id), key.to_seed().as_slice(), &mut OsRng)
            .map_err(|error| Refused::fault("keeping a board key", error))?;
        // Only one ceremony is started at a time.
        let _ = self.shared.key.set(key);
        Ok(public)
    }

    /// Seals a roll into a payload file.
    pub(in crate::election) fn seal_roll(&self, people: &[Listed]) -> Result<Hash32, Refused> {
        self.seal(&roll_aad(self.id), &people)
    }

    /// Opens the roll of a payload file.
    pub(in crate::election) fn open_roll(&self, payload: Hash32) -> Result<Vec<Listed>, Refused> {
        let doing = "opening a sealed roll";
        let sealed = self.payloads.get(payload).map_err(|error| Refused::fault(doing, error))?;
        let plain = self.services.vault.open_sealed(&roll_key(self.id), &roll_aad(self.id), &sealed).map_err(|error| Refused::fault(doing, error))?;
        serde_json::from_slice(&plain).map_err(|error| Refused::fault(doing, error.classify_only()))
    }

    /// Seals the slots into a payload file.
    pub(in crate::election) fn seal_slots(&self, records: &[SlotRecord]) -> Result<Hash32, Refused> {
        self.seal(&slots_aad(self.id), &records)
    }

    fn seal(&self, aad: &Aad, value: &impl serde::Serialize) -> Result<Hash32, Refused> {
        let Blob(sealed) = self.seal_inline(aad, value)?;
        self.payloads.put(&sealed).map_err(|error| Refused::fault("sealing a payload", error))
    }

    /// Seals what is small enough to stand in an entry of the private journal.
    pub(in crate::election) fn seal_inline(&self, aad: &Aad, value: &impl serde::Serialize) -> Result<Blob, Refused> {
        let doing = "sealing a payload";
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|error| Refused::fault(doing, error.classify_only()))?);
        self.services.vault.seal(&roll_key(self.id), aad, &plain, &mut OsRng).map(Blob).map_err(|error| Refused::fault(doing, error))
    }

    /// Opens what [`Self::seal_inline`] sealed.
    pub(in crate::election) fn open_inline<T: serde::de::DeserializeOwned>(&self, aad: &Aad, sealed: &Blob) -> Result<T, Refused> {
        let doing = "opening a payload";
        let plain = self.services.vault.open_sealed(&roll_key(self.id), aad, &sealed.0).map_err(|error| Refused::fault(doing, error))?;
        serde_json::from_slice(&plain).map_err(|error| Refused::fault(doing, error.classify_only()))
    }
}

/// A parser's message may quote the text; for sealed payloads only its kind goes to the log.
pub(super) trait ClassifyOnly {
    fn classify_only(&self) -> String;
}

impl ClassifyOnly for serde_json::Error {
    fn classify_only(&self) -> String {
        format!("{:?} at line {} column {}", self.classify(), self.line(), self.column())
    }
}

pub(super) fn key_name(id: ElectionId) -> String {
    format!("board-{id}")
}

/// The vault's key for the roll and the slots of one election: it is made on first use, in an act, and acts of one
/// election run one after the other.
pub(super) fn roll_key(id: ElectionId) -> String {
    format!("roll-{id}")
}

fn roll_aad(id: ElectionId) -> Aad {
    Aad::new(&[&private_name(id), "roll"])
}

pub(super) fn slots_aad(id: ElectionId) -> Aad {
    Aad::new(&[&private_name(id), "slots"])
}
