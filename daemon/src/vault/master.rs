//! The master key wraps everything in the vault. It is a file of 32 bytes that only the daemon's user may read
//! (mode 0600, or 0400), better on another medium than the data; it is read once, at the start.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::sealed::{KEY_LEN, Key};
use super::{VaultError, sync_parent};

/// The master key.
pub struct MasterKey(Key);

impl MasterKey {
    /// Makes a new key and its file, which must not exist yet. Durable once it returns.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn create(path: &Path, rng: &mut (impl RngCore + CryptoRng)) -> Result<Self, VaultError> {
        let key = Key::random(rng);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| file.write_all(key.expose()).and_then(|()| file.sync_all()))
            .map_err(VaultError::io("create", path))?;
        sync_parent(path)?;
        Ok(Self(key))
    }

    /// Reads the key.
    ///
    /// # Errors
    /// [`VaultError::Mode`] if others may read the file, [`VaultError::MasterLength`], [`VaultError::Io`].
    pub fn read(path: &Path) -> Result<Self, VaultError> {
        let io = VaultError::io;
        let mut file = File::open(path).map_err(io("open the master key", path))?;
        let found = file.metadata().map_err(io("look at", path))?;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(VaultError::Mode { path: path.to_owned(), mode });
        }
        if found.len() != KEY_LEN as u64 {
            return Err(VaultError::MasterLength { path: path.to_owned(), found: found.len() });
        }
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        file.read_exact(bytes.as_mut_slice()).map_err(io("read", path))?;
        Ok(Self::from_bytes(*bytes))
    }

    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Self {
        let bytes = Zeroizing::new(bytes);
        #[expect(clippy::expect_used, reason = "the array has the length of a key")]
        Self(Key::from_slice(bytes.as_slice()).expect("32 bytes"))
    }

    pub(crate) fn key(&self) -> &Key {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rand_core::OsRng;

    use super::*;

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        MasterKey::create(&path, &mut OsRng).unwrap();
        assert!(MasterKey::read(&path).is_ok());
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(MasterKey::read(&path), Err(VaultError::Mode { mode: found, .. }) if found == mode));
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        MasterKey::create(&path, &mut OsRng).unwrap();
        fs::write(&path, [0; 33]).unwrap();
        assert!(matches!(MasterKey::read(&path), Err(VaultError::MasterLength { found: 33, .. })));
    }

    #[test]
    fn a_key_is_not_made_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        MasterKey::create(&path, &mut OsRng).unwrap();
        let before = fs::read(&path).unwrap();
        assert!(MasterKey::create(&path, &mut OsRng).is_err());
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}
