//! The citizens' keys of one epoch: an append-only table, each record synced before it is used.
//!
//! ```text
//! header   8  "TACHIAIK"
//!          4  version, 1
//!          4  epoch
//! record  16  citizen
//!         72  the citizen's key, sealed by the epoch's key; associated data: "citizen-key", epoch, citizen
//! ```
//!
//! Integers are big-endian. An unfinished record at the end was never acknowledged and is cut off. Erasing a citizen
//! means writing the others into the table of the next epoch and destroying the old epoch's key.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rand_core::{CryptoRng, RngCore};
use tachiai_schemas::CitizenId;

use super::sealed::{KEY_LEN, OVERHEAD};
use super::{Aad, Key, VaultError};

const MAGIC: &[u8; 8] = b"TACHIAIK";
const HEADER: usize = 16;
const SEALED: usize = KEY_LEN + OVERHEAD;
const RECORD: usize = 16 + SEALED;

/// The name of the table of an epoch.
pub(crate) fn file_name(epoch: u32) -> String {
    format!("citizens-{epoch:08}.keys")
}

/// The name of the secret that seals an epoch's table.
pub(crate) fn epoch_name(epoch: u32) -> String {
    format!("citizens-{epoch:08}")
}

/// The table, with the sealed records in memory.
pub(crate) struct CitizenKeys {
    path: PathBuf,
    file: File,
    epoch: u32,
    key: Key,
    records: HashMap<CitizenId, [u8; SEALED]>,
    /// An append failed and nobody knows what the disk holds, so nothing more is appended.
    broken: bool,
}

impl CitizenKeys {
    /// Makes an empty table.
    pub(crate) fn create(path: &Path, epoch: u32) -> Result<(), VaultError> {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&1u32.to_be_bytes());
        header[12..].copy_from_slice(&epoch.to_be_bytes());
        super::write(path, &header)
    }

    /// Reads the table.
    pub(crate) fn open(path: &Path, key: Key) -> Result<Self, VaultError> {
        let io = VaultError::io;
        let damaged = |what| VaultError::Damaged { path: path.to_owned(), what };
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(io("open", path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read", path))?;
        let (header, body) = bytes.split_first_chunk::<HEADER>().ok_or_else(|| damaged("the header is cut off"))?;
        if header[..8] != *MAGIC || header[8..12] != 1u32.to_be_bytes() {
            return Err(damaged("the header is not that of a table of keys, version 1"));
        }
        let epoch = u32::from_be_bytes([header[12], header[13], header[14], header[15]]);
        let mut records = HashMap::new();
        let chunks = body.chunks_exact(RECORD);
        let torn = chunks.remainder().len();
        for chunk in chunks {
            let (citizen, sealed) = chunk.split_at(16);
            if let (Ok(citizen), Ok(sealed)) = (citizen.try_into(), sealed.try_into()) {
                records.insert(CitizenId(citizen), sealed);
            }
        }
        if torn > 0 {
            tracing::warn!(bytes = torn, "an unfinished record at the end of the citizens' keys was never acknowledged and is cut off");
            file.set_len((bytes.len() - torn) as u64).and_then(|()| file.sync_all()).map_err(io("cut", path))?;
        }
        file.seek(SeekFrom::End(0)).map_err(io("seek in", path))?;
        let table = Self { path: path.to_owned(), file, epoch, key, records, broken: false };
        // One record that opens shows that table and epoch key belong together; a damaged one is found when it is used.
        if let Some(citizen) = table.records.keys().next().copied() {
            table.key(citizen)?;
        }
        Ok(table)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Makes a key for a citizen who has none.
    pub(crate) fn create_key(&mut self, citizen: CitizenId, rng: &mut (impl RngCore + CryptoRng)) -> Result<(), VaultError> {
        if self.records.contains_key(&citizen) {
            return Ok(());
        }
        let damaged = |what| VaultError::Damaged { path: self.path.clone(), what };
        if self.broken {
            return Err(damaged("an earlier write failed; restart the daemon"));
        }
        let sealed = self.key.seal(&self.aad(citizen), Key::random(rng).expose(), rng);
        let record = [citizen.0.as_slice(), &sealed].concat();
        let sealed = sealed.try_into().map_err(|_| damaged("a record of another length"))?;
        if let Err(error) = self.file.write_all(&record).and_then(|()| self.file.sync_all()) {
            self.broken = true;
            return Err(VaultError::io("append to", &self.path)(error));
        }
        self.records.insert(citizen, sealed);
        Ok(())
    }

    /// The key of a citizen.
    pub(crate) fn key(&self, citizen: CitizenId) -> Result<Key, VaultError> {
        let sealed = self.records.get(&citizen).ok_or(VaultError::NoCitizen)?;
        let bytes = self.key.open(&self.aad(citizen), sealed).map_err(|_| VaultError::Damaged { path: self.path.clone(), what: "a record does not open" })?;
        Key::from_slice(&bytes).ok_or(VaultError::Sealed)
    }

    fn aad(&self, citizen: CitizenId) -> Aad {
        Aad::new(&["citizen-key", &self.epoch.to_string(), &citizen.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rand_core::OsRng;

    use super::*;

    #[test]
    fn an_unfinished_record_is_cut_off_and_the_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t");
        CitizenKeys::create(&path, 1).unwrap();
        let mut table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        table.create_key(CitizenId([1; 16]), &mut OsRng).unwrap();
        table.create_key(CitizenId([2; 16]), &mut OsRng).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let mut table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        assert!(table.key(CitizenId([1; 16])).is_ok());
        assert!(matches!(table.key(CitizenId([2; 16])), Err(VaultError::NoCitizen)));
        table.create_key(CitizenId([3; 16]), &mut OsRng).unwrap();
        let table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        assert!(table.key(CitizenId([3; 16])).is_ok());
    }

    #[test]
    fn a_record_under_another_citizen_does_not_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t");
        CitizenKeys::create(&path, 1).unwrap();
        let mut table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        table.create_key(CitizenId([1; 16]), &mut OsRng).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[HEADER..HEADER + 16].fill(9);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()), Err(VaultError::Damaged { .. })));
    }
}
