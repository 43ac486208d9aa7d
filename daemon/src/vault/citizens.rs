//! The keys of people of one epoch: an append-only table, each record synced before it is used.
//!
//! ```text
//! header   8  "TACHIAIK"
//!          4  version, 1
//!          4  epoch
//! record  16  whose: a citizen, or the handle of a person in an event
//!         72  the key, sealed by the epoch's key; associated data: "citizen-key" or "handle-key", epoch, whose
//! ```
//!
//! Integers are big-endian. An unfinished record at the end was never acknowledged and is cut off.
//!
//! **Erasing** somebody means writing the others, sealed anew, into the table of the next epoch and destroying the old epoch's
//! key. The table of the next epoch is whole, under its name and synced, before anything of the old one is destroyed; it is
//! the moment from which the erasure holds, and the next opening finishes one that was interrupted after it. A copy of an old
//! table opens to nobody once its epoch's key is gone.
//!
//! **Limits**: destroying means overwriting, syncing and removing the file. A disk that copies on write, a snapshot or a backup
//! may keep the old bytes; so tables and epoch keys stay out of ordinary backups, and a copy of them is kept no longer than
//! an erasure may take to come true.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rand_core::{CryptoRng, RngCore};
use tachiai_schemas::CitizenId;
use tachiai_schemas::roster::ChainId;
use zeroize::Zeroizing;

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

/// The epoch of a table by its file's name.
pub(crate) fn epoch_of(file_name: &str) -> Option<u32> {
    file_name.strip_prefix("citizens-")?.strip_suffix(".keys").filter(|digits| digits.len() == 8)?.parse().ok()
}

fn header(epoch: u32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&1u32.to_be_bytes());
    header[12..].copy_from_slice(&epoch.to_be_bytes());
    header
}

/// Whose key it is. A citizen and a handle are told apart by what their records are sealed with: neither key opens under the other's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A citizen.
    Citizen(CitizenId),
    /// A person in one event, by the handle.
    Handle(ChainId),
}

impl From<CitizenId> for Subject {
    fn from(citizen: CitizenId) -> Self {
        Self::Citizen(citizen)
    }
}

impl From<ChainId> for Subject {
    fn from(handle: ChainId) -> Self {
        Self::Handle(handle)
    }
}

impl Subject {
    const fn bytes(self) -> [u8; 16] {
        match self {
            Self::Citizen(CitizenId(bytes)) | Self::Handle(ChainId(bytes)) => bytes,
        }
    }

    fn aad(self, epoch: u32) -> Aad {
        let epoch = epoch.to_string();
        match self {
            Self::Citizen(citizen) => Aad::new(&["citizen-key", &epoch, &citizen.to_string()]),
            Self::Handle(handle) => Aad::new(&["handle-key", &epoch, &handle.to_string()]),
        }
    }
}

/// The table, with the sealed records in memory.
pub(crate) struct CitizenKeys {
    path: PathBuf,
    file: File,
    epoch: u32,
    key: Key,
    records: HashMap<[u8; 16], [u8; SEALED]>,
    /// An append failed and nobody knows what the disk holds, so nothing more is appended.
    broken: bool,
}

impl CitizenKeys {
    /// Makes an empty table.
    pub(crate) fn create(path: &Path, epoch: u32) -> Result<(), VaultError> {
        super::write(path, &header(epoch))
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
            let (whose, sealed) = chunk.split_at(16);
            if let (Ok(whose), Ok(sealed)) = (whose.try_into(), sealed.try_into()) {
                records.insert(whose, sealed);
            }
        }
        if torn > 0 {
            tracing::warn!(bytes = torn, "an unfinished record at the end of the keys of people was never acknowledged and is cut off");
            file.set_len((bytes.len() - torn) as u64).and_then(|()| file.sync_all()).map_err(io("cut", path))?;
        }
        file.seek(SeekFrom::End(0)).map_err(io("seek in", path))?;
        let table = Self { path: path.to_owned(), file, epoch, key, records, broken: false };
        // One record that opens shows that table and epoch key belong together; a damaged one is found when it is used.
        if let Some(whose) = table.records.keys().next().copied()
            && table.key(CitizenId(whose).into()).is_err()
        {
            table.key(ChainId(whose).into())?;
        }
        Ok(table)
    }

    /// The next epoch's table in the same folder: everybody but those erased, sealed anew under the next epoch's key. Durable once it returns.
    pub(crate) fn next(&mut self, path: &Path, key: Key, erased: &[Subject], rng: &mut (impl RngCore + CryptoRng)) -> Result<Self, VaultError> {
        let damaged = |what| VaultError::Damaged { path: self.path.clone(), what };
        if self.broken {
            return Err(damaged("an earlier write failed; restart the daemon"));
        }
        let epoch = self.epoch.checked_add(1).ok_or_else(|| damaged("there is no epoch after this one"))?;
        let gone: HashSet<[u8; 16]> = erased.iter().map(|subject| subject.bytes()).collect();
        let mut bytes = header(epoch).to_vec();
        for (whose, sealed) in self.records.iter().filter(|(whose, _)| !gone.contains(*whose)) {
            bytes.extend_from_slice(whose);
            match self.opened(*whose, sealed) {
                Some((subject, plain)) => bytes.extend_from_slice(&key.seal(&subject.aad(epoch), &plain, rng)),
                // One damaged record must not stand in the way of an erasure, and its owner's key is lost either way; it stays what it is.
                None => bytes.extend_from_slice(sealed),
            }
        }
        let next = super::write(path, &bytes).and_then(|()| Self::open(path, key));
        // Once it has its name the next opening takes it, and what would be appended here would be lost.
        self.broken = next.is_err() && path.exists();
        next
    }

    /// Whose a record is, and the key in it.
    fn opened(&self, whose: [u8; 16], sealed: &[u8]) -> Option<(Subject, Zeroizing<Vec<u8>>)> {
        [Subject::Citizen(CitizenId(whose)), Subject::Handle(ChainId(whose))]
            .into_iter()
            .find_map(|subject| Some((subject, self.key.open(&subject.aad(self.epoch), sealed).ok()?)))
    }

    /// The epoch.
    pub(crate) const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether somebody has a key.
    pub(crate) fn has(&self, subject: Subject) -> bool {
        self.records.contains_key(&subject.bytes())
    }

    /// How many citizens have a key that opens.
    pub(crate) fn citizens(&self) -> usize {
        self.records.keys().filter(|whose| self.key(CitizenId(**whose).into()).is_ok()).count()
    }

    /// Makes keys for those who have none, with one sync for all of them.
    pub(crate) fn create_keys(&mut self, subjects: &[Subject], rng: &mut (impl RngCore + CryptoRng)) -> Result<(), VaultError> {
        let damaged = |what| VaultError::Damaged { path: self.path.clone(), what };
        let (mut bytes, mut fresh) = (Vec::new(), HashMap::new());
        for subject in subjects {
            let whose = subject.bytes();
            if self.records.contains_key(&whose) || fresh.contains_key(&whose) {
                continue;
            }
            let sealed = self.key.seal(&subject.aad(self.epoch), Key::random(rng).expose(), rng);
            bytes.extend_from_slice(&whose);
            bytes.extend_from_slice(&sealed);
            let sealed: [u8; SEALED] = sealed.try_into().map_err(|_| damaged("a record of another length"))?;
            fresh.insert(whose, sealed);
        }
        if fresh.is_empty() {
            return Ok(());
        }
        if self.broken {
            return Err(damaged("an earlier write failed; restart the daemon"));
        }
        if let Err(error) = self.file.write_all(&bytes).and_then(|()| self.file.sync_all()) {
            self.broken = true;
            return Err(VaultError::io("append to", &self.path)(error));
        }
        self.records.extend(fresh);
        Ok(())
    }

    /// The key of somebody.
    pub(crate) fn key(&self, subject: Subject) -> Result<Key, VaultError> {
        let sealed = self.records.get(&subject.bytes()).ok_or(VaultError::NoCitizen)?;
        let bytes =
            self.key.open(&subject.aad(self.epoch), sealed).map_err(|_| VaultError::Damaged { path: self.path.clone(), what: "a record does not open" })?;
        Key::from_slice(&bytes).ok_or(VaultError::Sealed)
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
        table.create_keys(&[CitizenId([1; 16]).into()], &mut OsRng).unwrap();
        table.create_keys(&[CitizenId([2; 16]).into()], &mut OsRng).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let mut table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        assert!(table.key(CitizenId([1; 16]).into()).is_ok());
        assert!(matches!(table.key(CitizenId([2; 16]).into()), Err(VaultError::NoCitizen)));
        table.create_keys(&[CitizenId([3; 16]).into()], &mut OsRng).unwrap();
        let table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        assert!(table.key(CitizenId([3; 16]).into()).is_ok());
    }

    #[test]
    fn a_record_under_another_citizen_does_not_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t");
        CitizenKeys::create(&path, 1).unwrap();
        let mut table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        table.create_keys(&[CitizenId([1; 16]).into()], &mut OsRng).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[HEADER..HEADER + 16].fill(9);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()), Err(VaultError::Damaged { .. })));
    }

    #[test]
    fn five_thousand_keys_are_made_at_once_and_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t");
        CitizenKeys::create(&path, 1).unwrap();
        let mut table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        let handles: Vec<Subject> = (0..5_000_u32)
            .map(|n| {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&n.to_be_bytes());
                ChainId(bytes).into()
            })
            .collect();
        table.create_keys(&handles, &mut OsRng).unwrap();
        let before = table.key(handles[4_999]).unwrap();
        table.create_keys(&handles, &mut OsRng).unwrap();
        let table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        assert_eq!(table.key(handles[4_999]).unwrap().expose(), before.expose());
        assert_eq!(fs::metadata(&path).unwrap().len(), (HEADER + 5_000 * RECORD) as u64);
    }

    #[test]
    fn the_key_of_a_handle_is_no_citizens() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t");
        CitizenKeys::create(&path, 1).unwrap();
        let mut table = CitizenKeys::open(&path, Key::from_slice(&[7; 32]).unwrap()).unwrap();
        table.create_keys(&[ChainId([1; 16]).into(), CitizenId([2; 16]).into()], &mut OsRng).unwrap();
        assert!(matches!(table.key(CitizenId([1; 16]).into()), Err(VaultError::Damaged { .. })));
        assert!(matches!(table.key(ChainId([2; 16]).into()), Err(VaultError::Damaged { .. })));
        assert_eq!(table.citizens(), 1);
    }
}
