//! A terminal's keys: one signs its entries, one opens what the appliance seals to it, one seals its journal.
//!
//! They lie in one file, under the passphrase that is typed at the start of a shift. For drills the file may be unprotected; then whoever takes the terminal away
//! reads everybody who was registered on it, and every command says so.

use std::fs;
use std::io::{Read, Write};
use std::iter;
use std::path::Path;
use std::str::FromStr;

use age::secrecy::{ExposeSecret, SecretString};
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::system::in_words;
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes};
use zeroize::{Zeroize, Zeroizing};

use crate::draft::Draft;
use crate::failure::{Exit, Failure};

/// The format of the file.
const FORMAT: u32 = 1;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// How an age file begins.
const AGE: &[u8] = b"age-encryption.org/";

/// scrypt's log₂ N: 64 MiB and about 0.2 s a guess.
const WORK_FACTOR: u8 = 16;

/// How the file is kept from others.
pub enum Lock {
    /// Encrypted under a passphrase.
    Passphrase(SecretString),
    /// Readable by its owner: for drills.
    Unprotected,
}

/// Whether the file is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Under a passphrase.
    Passphrase,
    /// Not at all.
    Unprotected,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    seed: Bytes<32>,
    identity: String,
    journal: Bytes<32>,
}

impl Drop for File {
    fn drop(&mut self) {
        let Self { format: _, seed, identity, journal } = self;
        seed.0.zeroize();
        identity.zeroize();
        journal.0.zeroize();
    }
}

/// A terminal's keys, read.
pub struct TerminalKey {
    signing: BoardSecretKey,
    identity: age::x25519::Identity,
    journal: Zeroizing<[u8; 32]>,
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::incomplete(error.to_string(), error.to_string())
}

/// Whether the file of a terminal's keys needs a passphrase.
///
/// # Errors
/// [`Failure`] (2) when it cannot be read.
pub fn protection(path: &Path) -> Result<Protection, Failure> {
    let mut head = Vec::new();
    fs::File::open(path).and_then(|file| file.take(AGE.len() as u64).read_to_end(&mut head)).map_err(|e| Failure::file(path, &e))?;
    Ok(if head == AGE { Protection::Passphrase } else { Protection::Unprotected })
}

impl TerminalKey {
    /// Makes keys and writes their file, readable by its owner alone; nothing may be in its place. Durable once it returns.
    ///
    /// # Errors
    /// [`Failure`] (2).
    pub fn create(path: &Path, lock: &Lock) -> Result<Self, Failure> {
        let draft = Draft::begin(Some(path))?;
        let mut journal = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(journal.as_mut_slice());
        let made = Self { signing: BoardSecretKey::generate(&mut OsRng), identity: age::x25519::Identity::generate(), journal };
        let file = File {
            format: FORMAT,
            seed: Bytes(*made.signing.to_seed()),
            identity: made.identity.to_string().expose_secret().to_owned(),
            journal: Bytes(*made.journal),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&file).map_err(|e| Failure::file(path, &e))?);
        match lock {
            Lock::Unprotected => draft.finish(path, &plain)?,
            Lock::Passphrase(passphrase) => draft.finish(path, &under_passphrase(&plain, passphrase)?)?,
        };
        Ok(made)
    }

    /// Reads the keys; `passphrase` is asked only for a file that needs one: so often, while it is wrong, and told then what was wrong.
    ///
    /// # Errors
    /// [`Failure`]: 1 for a wrong passphrase, 2 when the file cannot be read, is another, or others may read it.
    pub fn open(path: &Path, tries: u32, mut passphrase: impl FnMut(Option<&Failure>) -> Result<SecretString, Failure>) -> Result<Self, Failure> {
        let file = |e: &dyn std::fmt::Display| Failure::file(path, e);
        let mut bytes = crate::owned::read(path, LONGEST)?;
        if bytes.starts_with(AGE) {
            let wrong = |e: String| {
                let [ja, en] = in_words(&e);
                Failure::new(
                    Exit::Refused,
                    format!("端末の鍵 {} を開けません: {ja}。パスフレーズを確かめてください。", path.display()),
                    format!("cannot open the terminal's key {}: {en}. Check the passphrase.", path.display()),
                )
            };
            let mut opened = opened_by_passphrase(&bytes, passphrase(None)?).map_err(wrong);
            for _ in 1..tries {
                let Err(failure) = &opened else { break };
                opened = opened_by_passphrase(&bytes, passphrase(Some(failure))?).map_err(wrong);
            }
            bytes = opened?;
        }
        let read: File = serde_json::from_slice(&bytes).map_err(|e| file(&format!("no terminal's key ({:?})", e.classify())))?;
        if read.format != FORMAT {
            return Err(file(&format!("format {}, this program knows {FORMAT}", read.format)));
        }
        let identity = age::x25519::Identity::from_str(&read.identity).map_err(|e| file(&e))?;
        Ok(Self { signing: BoardSecretKey::from_seed(&read.seed.0), identity, journal: Zeroizing::new(read.journal.0) })
    }

    /// The public key, as the event's journal lists it.
    #[must_use]
    pub fn public(&self) -> Bytes<32> {
        Bytes(self.signing.public().to_bytes())
    }

    /// The age recipient.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.identity.to_public().to_string()
    }

    /// The key that signs entries.
    #[must_use]
    pub const fn signing(&self) -> &BoardSecretKey {
        &self.signing
    }

    /// The key that seals the journal.
    #[must_use]
    pub fn journal(&self) -> &[u8; 32] {
        &self.journal
    }

    /// Signs a file.
    ///
    /// # Errors
    /// [`Failure`], never for the types of the schemas.
    pub fn sign<T: SignedKind>(&self, body: T) -> Result<Signed<T>, Failure> {
        let signature = Bytes(self.signing.sign_hash(&body.signed_hash().map_err(|e| failed(&e))?));
        Ok(Signed { body, signature })
    }

    /// Opens what the appliance sealed to this terminal.
    ///
    /// # Errors
    /// [`Failure`] (2) when it was sealed to another, or is damaged.
    pub fn unseal(&self, sealed: &Blob) -> Result<Zeroizing<Vec<u8>>, Failure> {
        open_with(&sealed.0, &self.identity).map_err(|e| {
            Failure::incomplete(
                format!("災害対策本部からのデータを開けません: {e}。この端末あてのものか確かめてください。"),
                format!("what came from headquarters cannot be opened: {e}. Check that it is for this terminal."),
            )
        })
    }
}

/// Encrypts for an age recipient.
///
/// # Errors
/// [`Failure`] (2) when that is none.
pub fn seal_to(recipient: &str, plain: &[u8]) -> Result<Blob, Failure> {
    let recipient = age::x25519::Recipient::from_str(recipient).map_err(|e| failed(&e))?;
    seal_with(&recipient, plain).map(Blob)
}

fn seal_with(recipient: &dyn age::Recipient, plain: &[u8]) -> Result<Vec<u8>, Failure> {
    let encryptor = age::Encryptor::with_recipients(iter::once(recipient)).map_err(|e| failed(&e))?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|e| failed(&e))?;
    writer.write_all(plain).and_then(|()| writer.finish().map(drop)).map_err(|e| failed(&e))?;
    Ok(sealed)
}

fn under_passphrase(plain: &[u8], passphrase: &SecretString) -> Result<Vec<u8>, Failure> {
    let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(WORK_FACTOR);
    seal_with(&recipient, plain)
}

fn opened_by_passphrase(sealed: &[u8], passphrase: SecretString) -> Result<Zeroizing<Vec<u8>>, String> {
    open_with(sealed, &age::scrypt::Identity::new(passphrase))
}

fn open_with(sealed: &[u8], identity: &dyn age::Identity) -> Result<Zeroizing<Vec<u8>>, String> {
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|e| e.to_string())?;
    let mut reader = decryptor.decrypt(iter::once(identity)).map_err(|e| e.to_string())?;
    let mut plain = Zeroizing::new(Vec::new());
    reader.read_to_end(&mut plain).map_err(|e| e.to_string())?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_terminals_keys_open_with_the_passphrase_of_the_shift_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = TerminalKey::create(&path, &Lock::Passphrase("shift".into())).unwrap();
        assert_eq!(protection(&path).unwrap(), Protection::Passphrase);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = TerminalKey::open(&path, 1, |_| Ok("shift".into())).unwrap();
        assert_eq!((read.public(), read.recipient(), read.journal()), (made.public(), made.recipient(), made.journal()));
        assert_eq!(TerminalKey::open(&path, 1, |_| Ok("other".into())).map(drop).unwrap_err().exit, Exit::Refused);
        assert!(!fs::read(&path).unwrap().windows(4).any(|four| four == b"seed"));
    }

    #[test]
    fn a_wrong_passphrase_is_asked_for_again_as_often_as_was_said_and_a_right_one_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        TerminalKey::create(&path, &Lock::Passphrase("shift".into())).unwrap();
        for (right, opens) in [(2, true), (3, false)] {
            let (mut asked, mut told) = (0, 0);
            let opened = TerminalKey::open(&path, 2, |wrong| {
                (asked, told) = (asked + 1, told + usize::from(wrong.is_some()));
                Ok(if asked == right { "shift" } else { "sihft" }.into())
            });
            assert_eq!((opened.is_ok(), asked, told), (opens, 2, 1));
        }
    }

    #[test]
    fn an_unprotected_file_asks_for_nothing_and_must_be_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        TerminalKey::create(&path, &Lock::Unprotected).unwrap();
        assert_eq!(protection(&path).unwrap(), Protection::Unprotected);
        TerminalKey::open(&path, 1, |_| panic!("asked")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(TerminalKey::open(&path, 1, |_| panic!("asked")).map(drop).unwrap_err().en.contains("chmod 600"));
    }

    #[test]
    fn what_is_sealed_to_a_terminal_opens_there_alone() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| TerminalKey::create(&folder.path().join(name), &Lock::Unprotected).unwrap());
        let sealed = seal_to(&one.recipient(), b"hanako").unwrap();
        assert_eq!(one.unseal(&sealed).unwrap().as_slice(), b"hanako");
        assert_eq!(other.unseal(&sealed).map(drop).unwrap_err().exit, Exit::Incomplete);
    }
}
