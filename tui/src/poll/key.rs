//! A desk's key: it signs every hand-out of its polling place, and opens what the desk keeps while the link is cut.
//!
//! It lies in a file that its owner alone may read, without a passphrase: a desk must be ready at seven in the morning. Whoever has it can sign hand-outs, and
//! no hand-out is taken without an official's certificate and the evidence of the elector's card or of two officials.

use std::io::{Read, Write};
use std::iter;
use std::path::Path;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::paper::PaperIssue;
use tachiai_schemas::system::in_words;
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes, canonical};
use zeroize::{Zeroize, Zeroizing};

use crate::draft::Draft;
use crate::failure::Failure;

/// The format of the file.
const FORMAT: u32 = 1;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 << 10;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    seed: Bytes<32>,
    identity: String,
}

impl Drop for File {
    fn drop(&mut self) {
        self.seed.0.zeroize();
        self.identity.zeroize();
    }
}

/// A desk's key, read.
pub struct DeskKey {
    key: BoardSecretKey,
    identity: age::x25519::Identity,
}

impl DeskKey {
    /// Makes a key and writes its file, readable by its owner alone; nothing may be in its place. Durable once it returns.
    ///
    /// # Errors
    /// [`Failure`] (2).
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let draft = Draft::begin(Some(path))?;
        let made = Self { key: BoardSecretKey::generate(&mut rand_core::OsRng), identity: age::x25519::Identity::generate() };
        let file = File { format: FORMAT, seed: Bytes(*made.key.to_seed()), identity: made.identity.to_string().expose_secret().to_owned() };
        let bytes = Zeroizing::new(serde_json::to_vec(&file).map_err(|e| Failure::file(path, &e))?);
        draft.finish(path, &bytes)?;
        Ok(made)
    }

    /// Reads a key's file.
    ///
    /// # Errors
    /// [`Failure`] (2) when it cannot be read, is another file, or others may read it.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::file(path, e);
        let bytes = crate::owned::read(path, LONGEST)?;
        let file: File = serde_json::from_slice(&bytes).map_err(|e| failed(&format!("no desk's key ({:?})", e.classify())))?;
        if file.format != FORMAT {
            return Err(failed(&format!("format {}, this program knows {FORMAT}", file.format)));
        }
        let identity = age::x25519::Identity::from_str(&file.identity).map_err(|e| failed(&e))?;
        Ok(Self { key: BoardSecretKey::from_seed(&file.seed.0), identity })
    }

    /// The public key, as SPEC and manifest list it for the place.
    #[must_use]
    pub fn public(&self) -> Bytes<32> {
        Bytes(self.key.public().to_bytes())
    }

    /// Signs a hand-out.
    ///
    /// # Errors
    /// [`Failure`], never for this type.
    pub fn sign(&self, body: PaperIssue) -> Result<Signed<PaperIssue>, Failure> {
        let json = canonical::to_bytes(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        let signature = Bytes(self.key.sign_bytes(&format!("file/{}", PaperIssue::KIND), &json));
        Ok(Signed { body, signature })
    }

    /// Encrypts something to this desk.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn seal(&self, plain: &[u8]) -> Result<Blob, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::incomplete(e.to_string(), e.to_string());
        let recipient = self.identity.to_public();
        let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient)).map_err(|e| failed(&e))?;
        let mut sealed = Vec::new();
        let mut writer = encryptor.wrap_output(&mut sealed).map_err(|e| failed(&e))?;
        writer.write_all(plain).map_err(|e| failed(&e))?;
        writer.finish().map_err(|e| failed(&e))?;
        Ok(Blob(sealed))
    }

    /// Opens what was encrypted to this desk.
    ///
    /// # Errors
    /// [`Failure`] (2) when it was encrypted to another, or is damaged.
    pub fn unseal(&self, sealed: &Blob) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let failed = |e: &dyn std::fmt::Display| {
            let [ja, en] = in_words(e);
            Failure::incomplete(
                format!("控えを開けません: {ja}。この端末の鍵で作られたものか確かめてください。"),
                format!("what was kept cannot be opened: {en}. Check that this desk's key made it."),
            )
        };
        let decryptor = age::Decryptor::new_buffered(&sealed.0[..]).map_err(|e| failed(&e))?;
        let mut reader = decryptor.decrypt(iter::once(&self.identity as &dyn age::Identity)).map_err(|e| failed(&e))?;
        let mut plain = Zeroizing::new(Vec::new());
        reader.read_to_end(&mut plain).map_err(|e| failed(&e))?;
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::failure::Exit;

    #[test]
    fn a_desks_key_is_its_owners_alone_and_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.key");
        let made = DeskKey::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = DeskKey::open(&path).unwrap();
        assert_eq!(read.public(), made.public());
        assert_eq!(DeskKey::create(&path).map(drop).unwrap_err().exit, Exit::Incomplete);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(DeskKey::open(&path).map(drop).unwrap_err().en.contains("chmod 600"));
    }

    #[test]
    fn what_is_sealed_to_a_desk_opens_there_alone() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| DeskKey::create(&folder.path().join(name)).unwrap());
        let sealed = one.seal(b"hanako").unwrap();
        assert_eq!(one.unseal(&sealed).unwrap().as_slice(), b"hanako");
        assert_eq!(other.unseal(&sealed).map(drop).unwrap_err().exit, Exit::Incomplete);
    }
}
