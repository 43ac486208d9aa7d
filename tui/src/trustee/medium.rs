//! A trustee's medium is a folder with one file, `trustee.age`: all secrets, encrypted under a passphrase.
//!
//! It is rewritten as a whole: a new file is synced beside the old one and then takes its place, so that a pulled stick leaves one of the two.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::iter;
use std::path::{Path, PathBuf};

use age::secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::election::TreeHead;
use tachiai_schemas::{Blob, Bytes, HashBytes, TrusteeIndex};
use zeroize::{Zeroize, Zeroizing};

use crate::failure::{Exit, Failure};

const FILE: &str = "trustee.age";

/// scrypt's log₂ N: 64 MiB and about 0.2 s a guess.
const WORK_FACTOR: u8 = 16;

/// Everything that a trustee keeps secret, and what must not be forgotten.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The trustee's name.
    pub name: String,
    signing_seed: Bytes<32>,
    /// The age identity of the ceremony; gone once the election is open.
    pub(super) identity: Option<String>,
    /// The age recipient.
    pub recipient: String,
    /// The current run, until the election is open.
    pub(super) run: Option<Run>,
    /// The share of the election's key.
    pub(super) key: Option<KeyShare>,
    /// The only tally statement that this trustee will ever serve.
    pub(super) statement: Option<HashBytes>,
}

/// A run of the ceremony in which this trustee has committed itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub(super) manifest: HashBytes,
    pub(super) run: u32,
    pub(super) polynomial: Blob,
}

/// A trustee's share of an election's key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyShare {
    pub(super) manifest: HashBytes,
    pub(super) run: u32,
    /// The hash of the ceremony that was confirmed.
    pub(super) ceremony: HashBytes,
    pub(super) trustee: TrusteeIndex,
    pub(super) secret: Bytes<32>,
    pub(super) share_key: Bytes<32>,
    pub(super) checkpoint: TreeHead,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.polynomial.0.zeroize();
    }
}

impl Drop for KeyShare {
    fn drop(&mut self) {
        self.secret.0.zeroize();
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.signing_seed.0.zeroize();
        self.identity.zeroize();
    }
}

impl Secrets {
    /// Makes a new trustee's keys.
    #[must_use]
    pub fn generate(name: String) -> Self {
        let signing = BoardSecretKey::generate(&mut rand_core::OsRng);
        let identity = age::x25519::Identity::generate();
        let recipient = identity.to_public().to_string();
        let text = identity.to_string().expose_secret().to_owned();
        Self { name, signing_seed: Bytes(*signing.to_seed()), identity: Some(text), recipient, run: None, key: None, statement: None }
    }

    /// The key that signs the trustee's files.
    #[must_use]
    pub fn signing_key(&self) -> BoardSecretKey {
        BoardSecretKey::from_seed(&self.signing_seed.0)
    }
}

impl Secrets {
    /// Keeps the share of a confirmed ceremony. A run is confirmed once: another transcript of it would put a share of another key in the place of
    /// the one that the published key needs.
    ///
    /// # Errors
    /// [`Failure`] (1) when another ceremony of this run was confirmed.
    pub(super) fn keep(&mut self, key: KeyShare) -> Result<(), Failure> {
        if self.key.as_ref().is_some_and(|k| k.manifest == key.manifest && k.run == key.run && k.ceremony != key.ceremony) {
            return Err(Failure::refused(
                "この媒体は今回の鍵生成をすでに別の内容で確認しています。掲示板が書き換えられたおそれがあります。ほかの立会人と選挙管理委員会に知らせてください。",
                "this medium has confirmed this run already, with another transcript. The board may have been replaced. Tell the other trustees and the election commission.",
            ));
        }
        self.key = Some(key);
        Ok(())
    }
}

/// The folder, opened with its passphrase.
pub struct Medium {
    path: PathBuf,
    passphrase: SecretString,
    /// What it holds.
    pub secrets: Secrets,
}

impl Medium {
    /// Makes a new medium.
    ///
    /// # Errors
    /// [`Failure`] when there is one already or the folder cannot be written.
    pub fn create(dir: &Path, passphrase: SecretString, secrets: Secrets) -> Result<Self, Failure> {
        let path = dir.join(FILE);
        if path.exists() {
            return Err(Failure::refused(
                format!("{} にはすでに立会人の鍵があります。別のフォルダを使ってください。", dir.display()),
                format!("{} holds a trustee's keys already. Use another folder.", dir.display()),
            ));
        }
        fs::create_dir_all(dir).map_err(|e| Failure::file(dir, &e))?;
        let medium = Self { path, passphrase, secrets };
        medium.save()?;
        Ok(medium)
    }

    /// Opens a medium.
    ///
    /// # Errors
    /// [`Failure`]: no medium, wrong passphrase, damaged file.
    pub fn open(dir: &Path, passphrase: SecretString) -> Result<Self, Failure> {
        let path = dir.join(FILE);
        let sealed = fs::read(&path).map_err(|e| Failure::file(&path, &e))?;
        let wrong = |e: &dyn std::fmt::Display| {
            Failure::new(
                Exit::Refused,
                format!("{} を開けません: {e}。パスフレーズを確かめてください。", path.display()),
                format!("cannot open {}: {e}. Check the passphrase.", path.display()),
            )
        };
        let decryptor = age::Decryptor::new_buffered(&sealed[..]).map_err(|e| wrong(&e))?;
        let identity = age::scrypt::Identity::new(passphrase.clone());
        let mut reader = decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).map_err(|e| wrong(&e))?;
        let mut plain = Zeroizing::new(Vec::new());
        reader.read_to_end(&mut plain).map_err(|e| wrong(&e))?;
        let secrets = serde_json::from_slice(&plain).map_err(|e| Failure::file(&path, &e))?;
        Ok(Self { path, passphrase, secrets })
    }

    /// Writes the medium back; durable once it returns.
    ///
    /// # Errors
    /// [`Failure`]; the old state is then still there.
    pub fn save(&self) -> Result<(), Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::file(&self.path, e);
        let plain = Zeroizing::new(serde_json::to_vec(&self.secrets).map_err(|e| failed(&e))?);
        let mut recipient = age::scrypt::Recipient::new(self.passphrase.clone());
        recipient.set_work_factor(WORK_FACTOR);
        let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient)).map_err(|e| failed(&e))?;
        let fresh = self.path.with_extension("age.new");
        let file = File::create(&fresh).map_err(|e| failed(&e))?;
        let mut writer = encryptor.wrap_output(file).map_err(|e| failed(&e))?;
        writer.write_all(&plain).map_err(|e| failed(&e))?;
        let file = writer.finish().map_err(|e| failed(&e))?;
        file.sync_all().map_err(|e| failed(&e))?;
        fs::rename(&fresh, &self.path).map_err(|e| failed(&e))?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|d| d.sync_all()).map_err(|e| failed(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(run: u32, ceremony: u8) -> KeyShare {
        let checkpoint = TreeHead { size: 1, root: Bytes([0; 32]) };
        let trustee = TrusteeIndex::try_from(1).unwrap();
        KeyShare {
            manifest: Bytes([1; 32]),
            run,
            ceremony: Bytes([ceremony; 32]),
            trustee,
            secret: Bytes([ceremony; 32]),
            share_key: Bytes([2; 32]),
            checkpoint,
        }
    }

    #[test]
    fn a_run_is_never_confirmed_with_two_transcripts() {
        let mut secrets = Secrets::generate("t".into());
        secrets.keep(share(1, 5)).unwrap();
        assert_eq!(secrets.keep(share(1, 6)).unwrap_err().exit, Exit::Refused);
        assert_eq!(secrets.key.as_ref().unwrap().secret, Bytes([5; 32]));
        // The same one may be confirmed again, and so may a later run.
        secrets.keep(share(1, 5)).unwrap();
        secrets.keep(share(2, 6)).unwrap();
        assert_eq!(secrets.key.as_ref().unwrap().secret, Bytes([6; 32]));
    }
}
