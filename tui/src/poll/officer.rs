//! An officer's key: what a manager (投票管理者, 開票管理者) or witness (立会人) signs undos, day-closes, counts and lots with (PROTOCOL §16).
//!
//! It is one file, encrypted under a passphrase, that its officer keeps. What the commission needs of it is the public key, for SPEC.

use std::fs;
use std::io::{Read, Write};
use std::iter;
use std::path::Path;

use age::secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::paper::{Attested, Officer, OfficerSignature};
use tachiai_schemas::system::in_words;
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Bytes, canonical};
use zeroize::{Zeroize, Zeroizing};

use crate::draft::Draft;
use crate::failure::{Exit, Failure};

/// The format of the file.
const FORMAT: u32 = 1;

/// scrypt's log₂ N: 64 MiB and about 0.2 s a guess.
const WORK_FACTOR: u8 = 16;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// What the file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    format: u32,
    name: String,
    seed: Bytes<32>,
}

impl Drop for Secrets {
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
    /// Makes a new key and writes its file, which nothing may be in the place of; durable once it returns.
    ///
    /// # Errors
    /// [`Failure`] (2) when there is a file already, or it cannot be written.
    pub fn create(path: &Path, name: &str, passphrase: &SecretString) -> Result<Self, Failure> {
        let draft = Draft::begin(Some(path))?;
        let key = BoardSecretKey::generate(&mut rand_core::OsRng);
        let failed = |e: &dyn std::fmt::Display| Failure::file(path, e);
        let secrets = Secrets { format: FORMAT, name: name.to_owned(), seed: Bytes(*key.to_seed()) };
        let plain = Zeroizing::new(serde_json::to_vec(&secrets).map_err(|e| failed(&e))?);
        let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
        recipient.set_work_factor(WORK_FACTOR);
        let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient)).map_err(|e| failed(&e))?;
        let mut sealed = Vec::new();
        let mut writer = encryptor.wrap_output(&mut sealed).map_err(|e| failed(&e))?;
        writer.write_all(&plain).map_err(|e| failed(&e))?;
        writer.finish().map_err(|e| failed(&e))?;
        draft.finish(path, &sealed)?;
        Ok(Self { name: name.to_owned(), key })
    }

    /// Opens a key's file.
    ///
    /// # Errors
    /// [`Failure`]: 2 when the file cannot be read or is another, 1 for a wrong passphrase.
    pub fn open(path: &Path, passphrase: &SecretString) -> Result<Self, Failure> {
        let mut sealed = Vec::new();
        fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut sealed)).map_err(|e| Failure::file(path, &e))?;
        let decryptor = age::Decryptor::new_buffered(&sealed[..]).map_err(|e| Failure::file(path, &e))?;
        let identity = age::scrypt::Identity::new(passphrase.clone());
        let wrong = |e: &dyn std::fmt::Display| {
            let [ja, en] = in_words(e);
            Failure::new(
                Exit::Refused,
                format!("{} を開けません: {ja}。パスフレーズを確かめてください。", path.display()),
                format!("cannot open {}: {en}. Check the passphrase.", path.display()),
            )
        };
        let mut reader = decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).map_err(|e| wrong(&e))?;
        let mut plain = Zeroizing::new(Vec::new());
        reader.read_to_end(&mut plain).map_err(|e| wrong(&e))?;
        let secrets: Secrets = serde_json::from_slice(&plain).map_err(|e| Failure::content(path, &format!("{:?}", e.classify())))?;
        if secrets.format != FORMAT {
            return Err(Failure::content(path, &format!("format {}, this program knows {FORMAT}", secrets.format)));
        }
        Ok(Self { name: secrets.name.clone(), key: BoardSecretKey::from_seed(&secrets.seed.0) })
    }

    /// The officer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key, as SPEC and manifest list it.
    #[must_use]
    pub fn public(&self) -> Bytes<32> {
        Bytes(self.key.public().to_bytes())
    }

    /// Signs a body as the officer whom the manifest lists with this key.
    ///
    /// # Errors
    /// [`Failure`] (1) when none of `officers` has this key.
    pub fn sign<T: SignedKind + Serialize>(&self, officers: &[Officer], body: &T) -> Result<OfficerSignature, Failure> {
        let public = self.public();
        let index = officers.iter().position(|officer| officer.key == public).and_then(|index| u8::try_from(index).ok());
        let officer = index.ok_or_else(|| {
            Failure::refused(
                format!("{}さんの鍵は、この投票所・開票の管理者・立会人の鍵として告示されていません。別の鍵のファイルを使ってください。", self.name),
                format!("the key of {} is not listed among the officers of this place or count. Use another key file.", self.name),
            )
        })?;
        let json = canonical::to_bytes(body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        Ok(OfficerSignature { officer, signature: Bytes(self.key.sign_bytes(&format!("file/{}", T::KIND), &json)) })
    }
}

/// Has several officers sign a body; the signatures stand in the order of the list, and nobody is in it twice.
///
/// # Errors
/// As [`OfficerKey::sign`].
pub fn attest<T: SignedKind + Serialize>(officers: &[Officer], keys: &[OfficerKey], body: T) -> Result<Attested<T>, Failure> {
    let mut signatures = keys.iter().map(|key| key.sign(officers, &body)).collect::<Result<Vec<_>, _>>()?;
    signatures.sort_by_key(|signature| signature.officer);
    signatures.dedup_by_key(|signature| signature.officer);
    Ok(Attested { body, signatures })
}

#[cfg(test)]
mod tests {
    use tachiai_crypto::journal::BoardKey;
    use tachiai_schemas::LeafIndex;
    use tachiai_schemas::paper::{OfficerRole, PaperUndo, UndoReason};

    use super::*;

    fn undo() -> PaperUndo {
        PaperUndo { opened: Bytes([1; 32]), slot: tachiai_schemas::Slot(3), leaf: LeafIndex(9), reason: UndoReason::Declined }
    }

    fn listed(key: &OfficerKey, role: OfficerRole) -> Officer {
        Officer { name: key.name().to_owned(), role, key: key.public() }
    }

    #[test]
    fn an_officer_signs_by_the_place_in_the_list_and_anybody_can_check_it() {
        let folder = tempfile::tempdir().unwrap();
        let [manager, witness, stranger] = ["m", "w", "s"].map(|name| OfficerKey::create(&folder.path().join(name), name, &"pass".into()).unwrap());
        let officers = [listed(&manager, OfficerRole::Manager), listed(&witness, OfficerRole::Witness)];
        assert_eq!(stranger.sign(&officers, &undo()).unwrap_err().exit, Exit::Refused);
        let again = OfficerKey::open(&folder.path().join("m"), &"pass".into()).unwrap();
        let attested = attest(&officers, &[witness, manager, again], undo()).unwrap();
        assert_eq!(attested.signatures.iter().map(|signature| signature.officer).collect::<Vec<_>>(), [0, 1]);
        for OfficerSignature { officer, signature } in &attested.signatures {
            let key = BoardKey::from_bytes(&officers[usize::from(*officer)].key.0).unwrap();
            key.verify_bytes("file/paper-undone", &canonical::to_bytes(&attested.body).unwrap(), &signature.0).unwrap();
        }
    }

    #[test]
    fn a_key_opens_under_its_own_passphrase_alone_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("officer.age");
        let made = OfficerKey::create(&path, "投票 一郎", &"right".into()).unwrap();
        assert_eq!(OfficerKey::open(&path, &"wrong".into()).map(drop).unwrap_err().exit, Exit::Refused);
        let opened = OfficerKey::open(&path, &"right".into()).unwrap();
        assert_eq!((opened.name(), opened.public()), ("投票 一郎", made.public()));
        assert_eq!(OfficerKey::create(&path, "another", &"right".into()).map(drop).unwrap_err().exit, Exit::Incomplete);
        assert_eq!(OfficerKey::open(&folder.path().join("none"), &"right".into()).map(drop).unwrap_err().exit, Exit::Incomplete);
    }
}
