//! The authority's keys: age identity files, in clear or under a passphrase.

use std::io::{Read, Write};
use std::iter;
use std::str::FromStr;

use age::armor::ArmoredReader;
use age::secrecy::SecretString;
use age::{Identity, Recipient, x25519};
use tachiai_schemas::election::Manifest;
use zeroize::Zeroizing;

use crate::failure::{Failure, Incomplete};

/// The longest identity file in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Encrypts to each of these recipients (`age1…`): an age file, as the program `age` opens it.
///
/// # Errors
/// A recipient that is none, in words.
pub fn seal(plain: &[u8], recipients: &[impl AsRef<str>]) -> Result<Vec<u8>, String> {
    let recipients: Vec<x25519::Recipient> = recipients.iter().map(|text| text.as_ref().parse()).collect::<Result<_, &str>>()?;
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as &dyn Recipient)).map_err(|error| error.to_string())?;
    let mut sealed = Vec::with_capacity(plain.len() + 1024);
    let write = |out: &mut Vec<u8>| -> std::io::Result<()> {
        let mut writer = encryptor.wrap_output(out)?;
        writer.write_all(plain)?;
        writer.finish().map(|_| ())
    };
    write(&mut sealed).map_err(|error| error.to_string())?;
    Ok(sealed)
}

/// Identities that open evidence.
#[derive(Default)]
pub struct Identities(Vec<x25519::Identity>);

/// Why a file gives no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A line is no native age identity.
    #[error("line {0} is no native age identity (AGE-SECRET-KEY-1…); keys of plugins and of SSH are not supported")]
    Line(usize),
    /// There is none.
    #[error("there is no age identity in it")]
    None,
    /// An age file that no passphrase opens.
    #[error("it is encrypted to a key, where a passphrase belongs")]
    NoPassphrase,
    /// The passphrase does not open it, or it is damaged.
    #[error("the passphrase does not open it")]
    Passphrase,
}

impl Identities {
    /// Whether a file is under a passphrase.
    #[must_use]
    pub fn is_sealed(file: &[u8]) -> bool {
        file.starts_with(b"age-encryption.org/") || file.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
    }

    /// Takes the identities of a file; `passphrase` opens one that is sealed.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn add(&mut self, file: &[u8], passphrase: Option<&SecretString>) -> Result<(), KeyError> {
        if !Self::is_sealed(file) {
            return self.add_lines(file);
        }
        let decryptor = age::Decryptor::new_buffered(ArmoredReader::new(file)).map_err(|_| KeyError::Passphrase)?;
        if !decryptor.is_scrypt() {
            return Err(KeyError::NoPassphrase);
        }
        let identity = age::scrypt::Identity::new(passphrase.ok_or(KeyError::Passphrase)?.clone());
        let reader = decryptor.decrypt(iter::once(&identity as &dyn Identity)).map_err(|_| KeyError::Passphrase)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(file.len()));
        reader.take(MAX_FILE).read_to_end(&mut plain).map_err(|_| KeyError::Passphrase)?;
        self.add_lines(&plain)
    }

    fn add_lines(&mut self, file: &[u8]) -> Result<(), KeyError> {
        let before = self.0.len();
        for (number, line) in (1..).zip(file.split(|byte| *byte == b'\n')) {
            let line = std::str::from_utf8(line).map_err(|_| KeyError::Line(number))?.trim();
            if !line.is_empty() && !line.starts_with('#') {
                self.0.push(x25519::Identity::from_str(line).map_err(|_| KeyError::Line(number))?);
            }
        }
        if self.0.len() == before { Err(KeyError::None) } else { Ok(()) }
    }

    /// Whether one of them is of the authority that the manifest names.
    pub(super) fn are_of(&self, manifest: &Manifest) -> Result<(), Failure> {
        let recipients = &manifest.authority_recipients;
        if self.0.iter().any(|identity| recipients.contains(&identity.to_public().to_string())) {
            return Ok(());
        }
        let reason = format!("the evidence is sealed to {}, and none of the given identities is of that", recipients.join(", "));
        Err(Incomplete::NotA { path: "--identity".to_owned(), what: "a key of this election's authority", reason }.into())
    }

    /// Opens an age file of at most so many bytes in clear; `None` if no identity does.
    pub(super) fn open(&self, sealed: &[u8], most: usize) -> Option<Zeroizing<Vec<u8>>> {
        let decryptor = age::Decryptor::new_buffered(sealed).ok()?;
        let reader = decryptor.decrypt(self.0.iter().map(|identity| identity as &dyn Identity)).ok()?;
        // The contents are never longer than the file; so no copy is left behind by a reallocation.
        let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
        reader.take(most as u64 + 1).read_to_end(&mut plain).ok()?;
        (plain.len() <= most).then_some(plain)
    }
}

#[cfg(test)]
mod tests {
    use age::secrecy::ExposeSecret;

    use super::*;

    fn seal(plain: &[u8], encryptor: age::Encryptor) -> Vec<u8> {
        let mut sealed = Vec::new();
        let mut writer = encryptor.wrap_output(&mut sealed).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap();
        sealed
    }

    #[test]
    fn an_identity_file_is_read_in_clear_and_under_its_passphrase_only() {
        let identity = x25519::Identity::generate();
        let file = format!("# created: today\n# public key: {}\n{}\n", identity.to_public(), identity.to_string().expose_secret());
        let secret = seal(b"for the authority", age::Encryptor::with_recipients(iter::once(&identity.to_public() as &dyn Recipient)).unwrap());
        let opens = |keys: &Identities| keys.open(&secret, 100).map(|plain| plain.to_vec()) == Some(b"for the authority".to_vec());

        let mut keys = Identities::default();
        assert!(!opens(&keys));
        keys.add(file.as_bytes(), None).unwrap();
        assert!(opens(&keys));
        assert!(keys.open(&secret, 3).is_none());

        let mut recipient = age::scrypt::Recipient::new("right".into());
        recipient.set_work_factor(1);
        let sealed = seal(file.as_bytes(), age::Encryptor::with_recipients(iter::once(&recipient as &dyn Recipient)).unwrap());
        assert!(Identities::is_sealed(&sealed) && !Identities::is_sealed(file.as_bytes()));
        let mut keys = Identities::default();
        assert_eq!(keys.add(&sealed, Some(&"wrong".into())), Err(KeyError::Passphrase));
        assert_eq!(keys.add(&sealed, None), Err(KeyError::Passphrase));
        assert!(!opens(&keys));
        keys.add(&sealed, Some(&"right".into())).unwrap();
        assert!(opens(&keys));
    }

    #[test]
    fn what_is_no_identity_file_is_refused_with_its_reason() {
        let mut keys = Identities::default();
        assert_eq!(keys.add(b"# nothing\n", None), Err(KeyError::None));
        assert_eq!(keys.add(b"# a\nssh-ed25519 AAAA\n", None), Err(KeyError::Line(2)));
        let identity = x25519::Identity::generate();
        let sealed = seal(b"x", age::Encryptor::with_recipients(iter::once(&identity.to_public() as &dyn Recipient)).unwrap());
        assert_eq!(keys.add(&sealed, Some(&"right".into())), Err(KeyError::NoPassphrase));
    }
}
