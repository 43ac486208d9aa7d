//! A trustee's medium is a folder with one file, `trustee.age`: all secrets, encrypted under a passphrase.
//!
//! It is rewritten as a whole: a new file is synced beside the old one and then takes its place, so that a pulled stick leaves one of the two.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::iter;
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use zeroize::Zeroizing;

use super::secrets::Secrets;
use crate::failure::{Exit, Failure};
use tachiai_schemas::system::in_words;

const FILE: &str = "trustee.age";

/// scrypt's log₂ N: 64 MiB and about 0.2 s a guess.
const WORK_FACTOR: u8 = 16;

/// The folder, opened with its passphrase.
pub struct Medium {
    /// Held as long as this is: a second program would write back what it read before, without what the first one added.
    _alone: File,
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
        let medium = Self { _alone: alone(dir)?, path, passphrase, secrets };
        medium.save()?;
        Ok(medium)
    }

    /// Opens a medium.
    ///
    /// # Errors
    /// [`Failure`]: no medium, wrong passphrase, damaged file, another program at work on it.
    pub fn open(dir: &Path, passphrase: SecretString) -> Result<Self, Failure> {
        let path = dir.join(FILE);
        let alone = alone(dir)?;
        let sealed = fs::read(&path).map_err(|e| Failure::file(&path, &e))?;
        let wrong = |e: &dyn std::fmt::Display| {
            let [ja, en] = in_words(e);
            Failure::new(
                Exit::Refused,
                format!("{} を開けません: {ja}。パスフレーズを確かめてください。", path.display()),
                format!("cannot open {}: {en}. Check the passphrase.", path.display()),
            )
        };
        let decryptor = age::Decryptor::new_buffered(&sealed[..]).map_err(|e| wrong(&e))?;
        let identity = age::scrypt::Identity::new(passphrase.clone());
        let mut reader = decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).map_err(|e| wrong(&e))?;
        let mut plain = Zeroizing::new(Vec::new());
        reader.read_to_end(&mut plain).map_err(|e| wrong(&e))?;
        let secrets = Secrets::from_json(&plain).map_err(|e| Failure::content(&path, &e))?;
        Ok(Self { _alone: alone, path, passphrase, secrets })
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

/// Takes the medium's folder for this program alone.
fn alone(dir: &Path) -> Result<File, Failure> {
    let folder = File::open(dir).map_err(|e| Failure::file(dir, &e))?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(Failure::refused(
            format!("{} は、別の画面か tachiai trustee が使用中です。終わってからもう一度行ってください。", dir.display()),
            format!("another screen or `tachiai trustee` is at work on {}. Wait until it has ended, and try again.", dir.display()),
        )),
        Err(TryLockError::Error(e)) => Err(Failure::file(dir, &e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_programs_do_not_write_one_medium_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let medium = Medium::create(folder.path(), "pass".into(), Secrets::generate("t".into())).unwrap();
        let Err(failure) = Medium::open(folder.path(), "pass".into()) else { panic!("refused") };
        assert_eq!(failure.exit, Exit::Refused);
        assert!(failure.en.contains("at work"), "{failure}");
        drop(medium);
        Medium::open(folder.path(), "pass".into()).unwrap();
    }
}
