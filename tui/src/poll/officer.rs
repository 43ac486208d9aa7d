//! An officer's key: what a manager (投票管理者, 開票管理者) or witness (投票立会人, 開票立会人) signs undone hand-outs, day-closes, paper counts and lots with.
//!
//! It lies in one file under a passphrase that only the officer knows, as a trustee's secrets do; the public half goes into the specification.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::iter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use age::secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::Bytes;
use tachiai_schemas::paper::{Officer, OfficerRole, OfficerSignature};
use tachiai_schemas::trustee::SignedKind;
use zeroize::{Zeroize, Zeroizing};

use crate::failure::{Exit, Failure};

/// The format of what is encrypted.
const FORMAT: &str = "tachiai-officer/1";

/// scrypt's log₂ N, as for a trustee's medium: 64 MiB and about 0.2 s a guess.
const WORK_FACTOR: u8 = 16;

/// The longest name in characters, as in the specification.
const MAX_NAME: usize = 100;

/// What the file holds, under the passphrase.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    format: String,
    name: String,
    seed: Bytes<32>,
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.seed.0.zeroize();
    }
}

/// An officer's key, opened.
pub struct OfficerKey {
    name: String,
    key: BoardSecretKey,
}

impl OfficerKey {
    /// Makes a new key in a new file that only its owner may read; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`Failure`]: no usable name, a file of this name that is there already, or one that cannot be written.
    pub fn create(path: &Path, name: &str, passphrase: SecretString) -> Result<Self, Failure> {
        if name.trim() != name || name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(Failure::new(
                Exit::Usage,
                format!("名前は 1〜{MAX_NAME} 文字で、制御文字と前後の空白は使えません。"),
                format!("a name has 1 to {MAX_NAME} characters, no control characters, and no space at either end."),
            ));
        }
        if path.exists() {
            return Err(Failure::refused(
                format!("{} はすでにあります。別の名前を指定してください。", path.display()),
                format!("{} exists already. Name another file.", path.display()),
            ));
        }
        let failed = |e: &dyn std::fmt::Display| Failure::file(path, e);
        let key = BoardSecretKey::generate(&mut rand_core::OsRng);
        let secret = Secret { format: FORMAT.to_owned(), name: name.to_owned(), seed: Bytes(*key.to_seed()) };
        let plain = Zeroizing::new(serde_json::to_vec(&secret).map_err(|e| failed(&e))?);
        let mut recipient = age::scrypt::Recipient::new(passphrase);
        recipient.set_work_factor(WORK_FACTOR);
        let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient)).map_err(|e| failed(&e))?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| failed(&e))?;
        let mut writer = encryptor.wrap_output(file).map_err(|e| failed(&e))?;
        writer.write_all(&plain).map_err(|e| failed(&e))?;
        writer.finish().map_err(|e| failed(&e))?.sync_all().map_err(|e| failed(&e))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| failed(&e))?;
        Ok(Self { name: name.to_owned(), key })
    }

    /// Opens a key by its passphrase.
    ///
    /// # Errors
    /// [`Failure`]: no such file, another passphrase, or a file of another kind.
    pub fn open(path: &Path, passphrase: SecretString) -> Result<Self, Failure> {
        let sealed = fs::read(path).map_err(|e| Failure::file(path, &e))?;
        let wrong = |e: &dyn std::fmt::Display| {
            Failure::refused(
                format!("{} を開けません: {e}。パスフレーズを確かめてください。", path.display()),
                format!("cannot open {}: {e}. Check the passphrase.", path.display()),
            )
        };
        let decryptor = age::Decryptor::new_buffered(&sealed[..]).map_err(|e| Failure::file(path, &e))?;
        let identity = age::scrypt::Identity::new(passphrase);
        let mut reader = decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).map_err(|e| wrong(&e))?;
        let mut plain = Zeroizing::new(Vec::new());
        reader.read_to_end(&mut plain).map_err(|e| wrong(&e))?;
        let secret: Secret = serde_json::from_slice(&plain).map_err(|e| Failure::file(path, &e))?;
        if secret.format != FORMAT {
            return Err(Failure::file(path, &format!("format {} where {FORMAT} is known", secret.format)));
        }
        Ok(Self { key: BoardSecretKey::from_seed(&secret.seed.0), name: secret.name.clone() })
    }

    /// The officer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The officer as the specification lists them: under `[[count_officers]]`, or a place's officers.
    #[must_use]
    pub fn listed(&self, role: OfficerRole) -> Officer {
        Officer { name: self.name.clone(), role, key: Bytes(self.key.public().to_bytes()) }
    }

    /// Signs a body as one of the officers whom the manifest lists.
    ///
    /// # Errors
    /// [`Failure`] if this key is not among theirs.
    pub fn sign<T: SignedKind>(&self, body: &T, officers: &[Officer]) -> Result<OfficerSignature, Failure> {
        let own = self.key.public().to_bytes();
        let place = officers.iter().position(|officer| officer.key.0 == own).and_then(|place| u8::try_from(place).ok());
        let officer = place.ok_or_else(|| {
            Failure::refused(
                format!("{} の鍵は、この署名の役職者として公示に載っていません。別の鍵を使ってください。", self.name),
                format!("the key of {} is not listed in the manifest among the officers who sign this. Use another key.", self.name),
            )
        })?;
        let hash = body.signed_hash().map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        Ok(OfficerSignature { officer, signature: Bytes(self.key.sign_hash(&hash)) })
    }
}

#[cfg(test)]
mod tests {
    use tachiai_crypto::journal::BoardKey;
    use tachiai_schemas::paper::Lot;

    use super::*;

    fn lot() -> Lot {
        Lot { opened: Bytes([1; 32]), contest: 0, tied: vec![0, 1], chosen: vec![1] }
    }

    #[test]
    fn a_key_opens_with_its_passphrase_alone_and_signs_as_the_listed_officer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manager.key");
        let made = OfficerKey::create(&path, "管理　者", "yes".into()).unwrap();
        assert_eq!(OfficerKey::open(&path, "no".into()).err().unwrap().exit, Exit::Refused);
        let key = OfficerKey::open(&path, "yes".into()).unwrap();
        let other = OfficerKey::create(&folder.path().join("other.key"), "他", "p".into()).unwrap();
        let officers = [other.listed(OfficerRole::Manager), made.listed(OfficerRole::Witness)];
        let signature = key.sign(&lot(), &officers).unwrap();
        assert_eq!(signature.officer, 1);
        BoardKey::from_bytes(&officers[1].key.0).unwrap().verify_hash(&lot().signed_hash().unwrap(), &signature.signature.0).unwrap();
        assert_eq!(key.sign(&lot(), &officers[..1]).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn a_key_is_never_written_over_and_has_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manager.key");
        OfficerKey::create(&path, "管理者", "p".into()).unwrap();
        let before = fs::read(&path).unwrap();
        assert_eq!(OfficerKey::create(&path, "別人", "p".into()).err().unwrap().exit, Exit::Refused);
        assert_eq!(fs::read(&path).unwrap(), before);
        for name in ["", " 管理者", "a\nb"] {
            assert_eq!(OfficerKey::create(&folder.path().join("other"), name, "p".into()).err().unwrap().exit, Exit::Usage, "{name:?}");
        }
    }
}
