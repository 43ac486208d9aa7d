//! The vault keeps keys at rest: every file in `DIR/vault/` is wrapped by the master key, which lies elsewhere.
//!
//! | file | is |
//! |---|---|
//! | [`sealed`] | XChaCha20-Poly1305 with associated data in one spelling |
//! | [`master`] | the master key and its file |
//! | [`citizens`] | one key for each citizen and for each person in an event, in one table for each epoch |
//!
//! `DIR/vault/`:
//! - `check`: a known text under the master key, so that another master key is told from a damaged vault;
//! - `secrets/NAME`: one secret each, sealed with its name as associated data;
//! - `citizens-00000001.keys`: the keys of people of epoch 1, sealed by the epoch's key `secrets/citizens-00000001`.
//!
//! Every write is synced, file and folder, before it is acknowledged. A rebuild of views never touches the vault.
//! Destroying a person's key erases what is sealed under it and leaves every proof intact: [`Vault::erase`] writes the others
//! into the table of the next epoch and destroys the key of the old one. `citizens-*` in both folders stay out of ordinary backups.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rand_core::{CryptoRng, RngCore};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_schemas::CitizenId;
use zeroize::Zeroizing;

pub mod citizens;
pub mod master;
pub mod sealed;

pub use citizens::Subject;
pub use master::MasterKey;
pub use sealed::{Aad, KEY_LEN, Key};

use citizens::CitizenKeys;

const CHECK: &[u8] = b"tachiai vault 1";

/// Why the vault does not give or take.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The system refused an operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The master key's file may be read by others.
    #[error("{} has mode {mode:o} and must have 600: chmod 600 it, and consider the key known if others could read it", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The master key's file does not hold 32 bytes.
    #[error("{} holds {found} bytes where the 32 of a master key belong", path.display())]
    MasterLength {
        /// The file.
        path: PathBuf,
        /// How many bytes it holds.
        found: u64,
    },
    /// Another master key than the one the vault was made with.
    #[error("the master key is not the one that {} was made with: set master_key to the right file", path.display())]
    WrongMasterKey {
        /// The vault.
        path: PathBuf,
    },
    /// There is a vault already.
    #[error("{} exists already and is left as it is", path.display())]
    Exists {
        /// The vault.
        path: PathBuf,
    },
    /// A file of the vault is not what was written.
    #[error("{} is damaged: {what}; put it back from a backup of the vault", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A name of a secret outside `[a-z0-9-]{1,64}`.
    #[error("a secret is named by 1 to 64 small letters, digits and hyphens")]
    Name,
    /// There is no such secret.
    #[error("the vault has no secret {0}")]
    NoSecret(String),
    /// The citizen has no key (any more).
    #[error("the person has no key: it was never made, or it was destroyed")]
    NoCitizen,
    /// The sealed bytes were not sealed under this key with this associated data.
    #[error("sealed bytes do not open: another key or another place than they were sealed for")]
    Sealed,
}

impl VaultError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

/// The keys of the appliance.
pub struct Vault {
    dir: PathBuf,
    master: MasterKey,
    citizens: Mutex<CitizenKeys>,
}

impl Vault {
    /// Makes a new vault in the folder `dir`.
    ///
    /// # Errors
    /// [`VaultError::Exists`] if there is one.
    pub fn create(dir: &Path, master: MasterKey, rng: &mut (impl RngCore + CryptoRng)) -> Result<Self, VaultError> {
        let check = dir.join("check");
        if check.exists() {
            return Err(VaultError::Exists { path: dir.to_owned() });
        }
        private_dir(&dir.join("secrets"))?;
        write(&check, &master.key().seal(&Aad::new(&["vault-check"]), CHECK, rng))?;
        let epoch = Key::random(rng);
        write_secret(dir, &master, &citizens::epoch_name(1), epoch.expose(), rng)?;
        CitizenKeys::create(&dir.join(citizens::file_name(1)), 1)?;
        Self::open(dir, master)
    }

    /// Opens the vault in the folder `dir`.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`], [`VaultError::Damaged`], [`VaultError::Io`].
    pub fn open(dir: &Path, master: MasterKey) -> Result<Self, VaultError> {
        let path = dir.join("check");
        let check = fs::read(&path).map_err(VaultError::io("read", &path))?;
        match master.key().open(&Aad::new(&["vault-check"]), &check) {
            Ok(text) if text.as_slice() == CHECK => {}
            _ => return Err(VaultError::WrongMasterKey { path: dir.to_owned() }),
        }
        let epochs = epochs(dir)?;
        let latest = epochs.last().copied().unwrap_or(1);
        let epoch = Key::from_slice(&read_secret(dir, &master, &citizens::epoch_name(latest))?).ok_or(VaultError::Sealed)?;
        let table = CitizenKeys::open(&dir.join(citizens::file_name(latest)), epoch)?;
        if table.epoch() != latest {
            return Err(VaultError::Damaged { path: dir.join(citizens::file_name(latest)), what: "it is the table of another epoch" });
        }
        // An erasure that was interrupted, or a table that somebody put back: the latest epoch alone holds.
        for epoch in epochs.into_iter().filter(|epoch| *epoch < latest) {
            destroy_epoch(dir, epoch)?;
        }
        Ok(Self { dir: dir.to_owned(), master, citizens: Mutex::new(table) })
    }

    /// Destroys the keys of these people; nothing happens for those who have none. Whatever was sealed under them opens to nobody any more. Durable once it
    /// returns.
    ///
    /// # Errors
    /// [`VaultError`]. If the old epoch's key could not be destroyed, the next erasure or opening of the vault destroys it.
    pub fn erase(&self, subjects: &[Subject], rng: &mut (impl RngCore + CryptoRng)) -> Result<(), VaultError> {
        let mut table = self.citizens.lock().unwrap_or_else(PoisonError::into_inner);
        if subjects.iter().any(|subject| table.has(*subject)) {
            let next = table.epoch().saturating_add(1);
            let key = Key::random(rng);
            // A key without a table is none yet: the next attempt replaces it.
            write_secret(&self.dir, &self.master, &citizens::epoch_name(next), key.expose(), rng)?;
            let next = table.next(&self.dir.join(citizens::file_name(next)), key, subjects, rng)?;
            *table = next;
        }
        let latest = table.epoch();
        epochs(&self.dir)?.into_iter().filter(|epoch| *epoch < latest).try_for_each(|epoch| destroy_epoch(&self.dir, epoch))
    }

    /// Whether somebody has a key.
    #[must_use]
    pub fn has_key(&self, subject: impl Into<Subject>) -> bool {
        self.citizens.lock().unwrap_or_else(PoisonError::into_inner).has(subject.into())
    }

    /// Keeps a secret under a name, in place of an older one. Durable once it returns.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_secret(&self, name: &str, secret: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<(), VaultError> {
        write_secret(&self.dir, &self.master, name, secret, rng)
    }

    /// The secret of a name; nothing if there is none.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], [`VaultError::Io`], [`VaultError::Name`].
    pub fn get_secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match read_secret(&self.dir, &self.master, name) {
            Ok(secret) => Ok(Some(secret)),
            Err(VaultError::NoSecret(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Seals a payload under the key that is kept as the secret `key` (32 bytes; made on first use).
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn seal(&self, key: &str, aad: &Aad, payload: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<Vec<u8>, VaultError> {
        let key = match self.get_secret(key)? {
            Some(bytes) => Key::from_slice(&bytes).ok_or(VaultError::Sealed)?,
            None => {
                let new = Key::random(rng);
                self.put_secret(key, new.expose(), rng)?;
                new
            }
        };
        Ok(key.seal(aad, payload, rng))
    }

    /// Opens what [`Self::seal`] sealed.
    ///
    /// # Errors
    /// [`VaultError::Sealed`], [`VaultError::NoSecret`].
    pub fn open_sealed(&self, key: &str, aad: &Aad, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let key = self.get_secret(key)?.ok_or_else(|| VaultError::NoSecret(key.to_owned()))?;
        Key::from_slice(&key).ok_or(VaultError::Sealed)?.open(aad, sealed)
    }

    /// Makes a key for a citizen who has none; nothing happens if there is one. Durable once it returns.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn create_citizen(&self, citizen: CitizenId, rng: &mut (impl RngCore + CryptoRng)) -> Result<(), VaultError> {
        self.create_keys(&[citizen.into()], rng)
    }

    /// Makes keys for those of them who have none, with one sync for all. Durable once it returns.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn create_keys(&self, subjects: &[Subject], rng: &mut (impl RngCore + CryptoRng)) -> Result<(), VaultError> {
        self.citizens.lock().unwrap_or_else(PoisonError::into_inner).create_keys(subjects, rng)
    }

    /// Seals a payload under the key of a person.
    ///
    /// # Errors
    /// [`VaultError::NoCitizen`].
    pub fn seal_for(&self, subject: impl Into<Subject>, aad: &Aad, payload: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<Vec<u8>, VaultError> {
        Ok(self.person_key(subject.into())?.seal(aad, payload, rng))
    }

    /// Opens a payload that was sealed under the key of a person.
    ///
    /// # Errors
    /// [`VaultError::NoCitizen`], [`VaultError::Sealed`].
    pub fn open_for(&self, subject: impl Into<Subject>, aad: &Aad, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.person_key(subject.into())?.open(aad, sealed)
    }

    /// Seals a payload under the keys of all of these people, one inside the other: when one of the keys is destroyed, it opens to nobody.
    ///
    /// # Errors
    /// [`VaultError::NoCitizen`], also for nobody.
    pub fn seal_for_all(&self, subjects: &[Subject], aad: &Aad, payload: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<Vec<u8>, VaultError> {
        let (first, others) = subjects.split_first().ok_or(VaultError::NoCitizen)?;
        others.iter().try_fold(self.seal_for(*first, aad, payload, rng)?, |sealed, subject| self.seal_for(*subject, aad, &sealed, rng))
    }

    /// Opens a payload that was sealed under the keys of these people, in the same order.
    ///
    /// # Errors
    /// [`VaultError::NoCitizen`], [`VaultError::Sealed`].
    pub fn open_for_all(&self, subjects: &[Subject], aad: &Aad, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (last, others) = subjects.split_last().ok_or(VaultError::NoCitizen)?;
        others.iter().rev().try_fold(self.open_for(*last, aad, sealed)?, |opened, subject| self.open_for(*subject, aad, &opened))
    }

    /// A secret of a person for one use, H(`label`; the person's key), which is gone when the key is destroyed; nothing for whom there is no key.
    ///
    /// # Errors
    /// [`VaultError::Damaged`].
    pub fn secret_for(&self, subject: impl Into<Subject>, label: &str) -> Result<Option<Hash32>, VaultError> {
        match self.person_key(subject.into()) {
            Ok(key) => Ok(Some(tagged(label, &[key.expose()]))),
            Err(VaultError::NoCitizen) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many citizens have a key.
    #[must_use]
    pub fn citizens(&self) -> usize {
        self.citizens.lock().unwrap_or_else(PoisonError::into_inner).citizens()
    }

    fn person_key(&self, subject: Subject) -> Result<Key, VaultError> {
        self.citizens.lock().unwrap_or_else(PoisonError::into_inner).key(subject)
    }
}

fn write_secret(dir: &Path, master: &MasterKey, name: &str, secret: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Result<(), VaultError> {
    write(&secret_path(dir, name)?, &master.key().seal(&Aad::new(&["vault-secret", name]), secret, rng))
}

fn read_secret(dir: &Path, master: &MasterKey, name: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let path = secret_path(dir, name)?;
    let sealed = match fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(VaultError::NoSecret(name.to_owned())),
        read => read.map_err(VaultError::io("read", &path))?,
    };
    master.key().open(&Aad::new(&["vault-secret", name]), &sealed).map_err(|_| VaultError::Damaged { path, what: "it does not open under the master key" })
}

/// The epochs of the tables in a vault, ascending.
fn epochs(dir: &Path) -> Result<Vec<u32>, VaultError> {
    let mut epochs = Vec::new();
    for entry in fs::read_dir(dir).map_err(VaultError::io("list", dir))? {
        let name = entry.map_err(VaultError::io("list", dir))?.file_name();
        epochs.extend(name.to_str().and_then(citizens::epoch_of));
    }
    epochs.sort_unstable();
    Ok(epochs)
}

/// Destroys an epoch: the key first, without which the table is noise.
fn destroy_epoch(dir: &Path, epoch: u32) -> Result<(), VaultError> {
    destroy(&secret_path(dir, &citizens::epoch_name(epoch))?)?;
    destroy(&dir.join(citizens::file_name(epoch)))
}

/// Overwrites a file, removes it, and syncs both. One that is not there is gone already.
fn destroy(path: &Path) -> Result<(), VaultError> {
    use std::io::Write;
    let overwritten = fs::OpenOptions::new().write(true).open(path).and_then(|mut file| {
        let length = file.metadata()?.len();
        std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length), &mut file)?;
        file.flush()?;
        file.sync_all()
    });
    match overwritten {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        overwritten => overwritten.map_err(VaultError::io("overwrite", path))?,
    }
    fs::remove_file(path).map_err(VaultError::io("remove", path))?;
    sync_parent(path)
}

fn secret_path(dir: &Path, name: &str) -> Result<PathBuf, VaultError> {
    let good = (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good { Ok(dir.join("secrets").join(name)) } else { Err(VaultError::Name) }
}

/// Creates a folder that only its owner may enter, with its parents, and syncs the parent.
pub(crate) fn private_dir(dir: &Path) -> Result<(), VaultError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(VaultError::io("create the folder", dir))?;
    sync_parent(dir)
}

/// Writes a file that only its owner may read: whole under a temporary name, synced, then renamed, then the folder synced.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let written = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    });
    if let Err(error) = written {
        // The half-written file is of no use, and the space may be what is missing.
        let _ = fs::remove_file(&temporary);
        return Err(VaultError::io("write", path)(error));
    }
    sync_parent(path)
}

fn sync_parent(path: &Path) -> Result<(), VaultError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent).and_then(|dir| dir.sync_all()).map_err(VaultError::io("sync the folder", parent))
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;
    use tachiai_schemas::roster::ChainId;

    use super::*;

    fn vault(dir: &Path) -> Vault {
        Vault::create(dir, master(1), &mut OsRng).unwrap()
    }

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_bytes([byte; 32])
    }

    #[test]
    fn a_secret_outlives_the_process() {
        let dir = tempfile::tempdir().unwrap();
        vault(dir.path()).put_secret("board-key", b"secret", &mut OsRng).unwrap();
        let again = Vault::open(dir.path(), master(1)).unwrap();
        assert_eq!(again.get_secret("board-key").unwrap().unwrap().as_slice(), b"secret");
        assert!(again.get_secret("other").unwrap().is_none());
    }

    #[test]
    fn another_master_key_is_told_from_damage() {
        let dir = tempfile::tempdir().unwrap();
        drop(vault(dir.path()));
        assert!(matches!(Vault::open(dir.path(), master(2)), Err(VaultError::WrongMasterKey { .. })));
    }

    #[test]
    fn a_secret_moved_to_another_name_does_not_open() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        vault.put_secret("one", b"secret", &mut OsRng).unwrap();
        fs::rename(dir.path().join("secrets/one"), dir.path().join("secrets/two")).unwrap();
        assert!(matches!(vault.get_secret("two"), Err(VaultError::Damaged { .. })));
    }

    #[test]
    fn a_secret_cannot_leave_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        for name in ["", "..", "../check", "a/b", "A"] {
            assert!(matches!(vault.put_secret(name, b"", &mut OsRng), Err(VaultError::Name)), "{name}");
        }
    }

    #[test]
    fn a_vault_is_not_made_over_another() {
        let dir = tempfile::tempdir().unwrap();
        drop(vault(dir.path()));
        assert!(matches!(Vault::create(dir.path(), master(2), &mut OsRng), Err(VaultError::Exists { .. })));
        assert!(Vault::open(dir.path(), master(1)).is_ok());
    }

    #[test]
    fn what_is_sealed_for_a_citizen_opens_only_there() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let (one, other) = (CitizenId([1; 16]), CitizenId([2; 16]));
        vault.create_citizen(one, &mut OsRng).unwrap();
        vault.create_citizen(other, &mut OsRng).unwrap();
        let aad = Aad::new(&["appliance", "citizen-registered", "handle"]);
        let sealed = vault.seal_for(one, &aad, b"name", &mut OsRng).unwrap();
        assert_eq!(vault.open_for(one, &aad, &sealed).unwrap().as_slice(), b"name");
        assert!(matches!(vault.open_for(other, &aad, &sealed), Err(VaultError::Sealed)));
        assert!(matches!(vault.open_for(one, &Aad::new(&["appliance", "card-bound", "handle"]), &sealed), Err(VaultError::Sealed)));
        assert!(matches!(vault.open_for(CitizenId([3; 16]), &aad, &sealed), Err(VaultError::NoCitizen)));
    }

    #[test]
    fn citizens_keys_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let aad = Aad::new(&["a"]);
        let sealed = {
            let vault = vault(dir.path());
            vault.create_citizen(CitizenId([1; 16]), &mut OsRng).unwrap();
            vault.seal_for(CitizenId([1; 16]), &aad, b"name", &mut OsRng).unwrap()
        };
        let vault = Vault::open(dir.path(), master(1)).unwrap();
        // Asking again for a key must not replace the one that payloads are sealed under.
        vault.create_citizen(CitizenId([1; 16]), &mut OsRng).unwrap();
        assert_eq!(vault.open_for(CitizenId([1; 16]), &aad, &sealed).unwrap().as_slice(), b"name");
        assert_eq!(vault.citizens(), 1);
    }

    fn sealed_for(vault: &Vault, whose: impl Into<Subject> + Copy) -> Vec<u8> {
        vault.create_keys(&[whose.into()], &mut OsRng).unwrap();
        vault.seal_for(whose, &Aad::new(&["a"]), b"name", &mut OsRng).unwrap()
    }

    fn opens(vault: &Vault, whose: impl Into<Subject>, sealed: &[u8]) -> bool {
        vault.open_for(whose, &Aad::new(&["a"]), sealed).is_ok_and(|plain| plain.as_slice() == b"name")
    }

    /// Every file of a vault, with its bytes.
    fn contents(dir: &Path) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { contents(&path) } else { vec![fs::read(&path).unwrap()] }).collect()
    }

    #[test]
    fn who_is_erased_opens_no_more_and_everybody_else_does_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let (gone, stays) = (ChainId([1; 16]), CitizenId([2; 16]));
        let (of_gone, of_stays) = (sealed_for(&vault, gone), sealed_for(&vault, stays));
        let (table, key) = (dir.path().join(citizens::file_name(1)), dir.path().join("secrets").join(citizens::epoch_name(1)));
        let (old_table, old_key) = (fs::read(&table).unwrap(), fs::read(&key).unwrap());
        vault.erase(&[gone.into()], &mut OsRng).unwrap();
        let again = Vault::open(dir.path(), master(1)).unwrap();
        for vault in [&vault, &again] {
            assert!(matches!(vault.open_for(gone, &Aad::new(&["a"]), &of_gone), Err(VaultError::NoCitizen)));
            assert!(opens(vault, stays, &of_stays) && !vault.has_key(gone));
        }
        assert!(!table.exists() && !key.exists());
        let record = &old_table[16..][..88];
        for bytes in contents(dir.path()) {
            assert!(!bytes.windows(16).any(|window| window == gone.0), "the handle stands nowhere");
            assert!(!bytes.windows(old_key.len()).any(|window| window == old_key) && !bytes.windows(72).any(|window| window == &record[16..]));
        }
        // A key for the same handle is another one.
        let anew = sealed_for(&again, gone);
        assert!(opens(&again, gone, &anew) && !opens(&again, gone, &of_gone));
    }

    #[test]
    fn a_backup_of_the_table_opens_to_nobody_once_the_epochs_key_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let gone = ChainId([1; 16]);
        let sealed = sealed_for(&vault, gone);
        let table = dir.path().join(citizens::file_name(1));
        let backup = fs::read(&table).unwrap();
        vault.erase(&[gone.into()], &mut OsRng).unwrap();
        drop(vault);
        // Put back beside the new one it is destroyed at the next opening.
        fs::write(&table, &backup).unwrap();
        let vault = Vault::open(dir.path(), master(1)).unwrap();
        assert!(!opens(&vault, gone, &sealed) && !table.exists());
        drop(vault);
        // Put in the place of the new one it does not open, under its own name or the new one's.
        let new = dir.path().join(citizens::file_name(2));
        let kept = fs::read(&new).unwrap();
        fs::remove_file(&new).unwrap();
        fs::write(&table, &backup).unwrap();
        assert!(matches!(Vault::open(dir.path(), master(1)), Err(VaultError::NoSecret(_))));
        fs::remove_file(&table).unwrap();
        fs::write(&new, &backup).unwrap();
        assert!(matches!(Vault::open(dir.path(), master(1)), Err(VaultError::Damaged { .. })));
        fs::write(&new, &kept).unwrap();
        assert!(Vault::open(dir.path(), master(1)).is_ok());
    }

    #[test]
    fn an_erasure_that_was_interrupted_is_finished_or_has_not_begun() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        let (gone, stays) = (ChainId([1; 16]), CitizenId([2; 16]));
        let (of_gone, of_stays) = (sealed_for(&vault, gone), sealed_for(&vault, stays));
        let (table, key) = (dir.path().join(citizens::file_name(1)), dir.path().join("secrets").join(citizens::epoch_name(1)));
        let (old_table, old_key) = (fs::read(&table).unwrap(), fs::read(&key).unwrap());
        // Before the new table stands under its name, everything is as it was.
        let half = dir.path().join("secrets").join(citizens::epoch_name(2));
        write_secret(dir.path(), &master(1), &citizens::epoch_name(2), &[9; 32], &mut OsRng).unwrap();
        drop(vault);
        let vault = Vault::open(dir.path(), master(1)).unwrap();
        assert!(opens(&vault, gone, &of_gone) && half.exists());
        vault.erase(&[gone.into()], &mut OsRng).unwrap();
        drop(vault);
        // After that, before the old one was destroyed.
        fs::write(&table, old_table).unwrap();
        fs::write(&key, old_key).unwrap();
        let vault = Vault::open(dir.path(), master(1)).unwrap();
        assert!(!opens(&vault, gone, &of_gone) && opens(&vault, stays, &of_stays));
        assert!(!table.exists() && !key.exists());
    }
}
