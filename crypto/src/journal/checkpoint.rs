//! A checkpoint says how many entries a journal has and what its root is; signed, it is the journal's word.
//!
//! ```text
//! <origin>
//! <size>
//! <root in base64>
//!
//! — <origin> <base64 of key id and Ed25519 signature>
//! ```
//!
//! This is a C2SP `tlog-checkpoint` without extension lines in a C2SP `signed-note`, so that the public log
//! tools read it. Of the many texts that those formats allow for one statement, one is accepted here: exactly
//! one signature line, by the board key, under the origin as the key's name. (The formats let a reader ignore
//! lines by keys it does not know. A record that is covered by hashes cannot have such lines: they would be
//! places that anyone may change.)
//!
//! The same key also signs short statements that are not checkpoints, see [`BoardSecretKey::sign_bytes`].

use std::fmt;
use std::str::FromStr;

use curve25519_dalek::edwards::EdwardsPoint;
use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::hash::{Hash32, tagged};

/// The signature type of Ed25519 in C2SP signed-note.
const ED25519: u8 = 0x01;

/// The longest text that is looked at as a signed checkpoint, in bytes.
const MAX_NOTE_LEN: usize = 4096;

/// The name of a journal, such as `vote.city.example/mayor-2027`; also the name of its key.
///
/// 1 to 255 bytes of UTF-8 without white space, control characters or `+`, as C2SP signed-note asks of a key's
/// name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// The greatest length in bytes.
    pub const MAX_LEN: usize = 255;

    /// Checks a name.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] if it could not stand in a signed note.
    pub fn new(name: &str) -> Result<Self, CheckpointError> {
        let good = !name.is_empty() && name.len() <= Self::MAX_LEN && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+');
        good.then(|| Self(name.to_owned())).ok_or(CheckpointError::Origin)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = CheckpointError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

/// What a journal is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which journal.
    pub origin: Origin,
    /// The number of entries.
    pub size: u64,
    /// The root of the Merkle tree over them (RFC 6962 §2.1).
    pub root: Hash32,
}

impl Checkpoint {
    /// The note text that is signed: three lines, each ended by a newline (C2SP tlog-checkpoint).
    #[must_use]
    pub fn to_note_text(&self) -> String {
        let Self { origin, size, root } = self;
        format!("{origin}\n{size}\n{}\n", BASE64.encode(root.as_bytes()))
    }

    /// Parses a note text of exactly three lines.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] for anything that [`Checkpoint::to_note_text`] would not have written.
    fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) = (lines.next(), lines.next(), lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Malformed("a checkpoint has three lines"));
        };
        let origin = Origin::new(origin)?;
        let size = parse_decimal(size).ok_or(CheckpointError::Malformed("the size is not a plain decimal number"))?;
        let root = parse_base64_hash(root).ok_or(CheckpointError::Malformed("the root is not 32 bytes in base64"))?;
        Ok(Self { origin, size, root })
    }
}

/// A decimal number without sign or leading zero, such as the C2SP formats write.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// A hash in standard base64 with padding, of which exactly one spelling is accepted.
pub(crate) fn parse_base64_hash(text: &str) -> Option<Hash32> {
    Hash32::try_from(BASE64.decode(text.as_bytes()).ok()?.as_slice()).ok()
}

/// A checkpoint whose signature by the board key was verified or made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    text: String,
}

impl SignedCheckpoint {
    /// Parses a signed checkpoint of the journal `origin` and verifies it under `key`.
    ///
    /// # Errors
    /// A [`CheckpointError`] unless `text` is byte for byte what a signer with this key and origin writes:
    /// other or more signature lines, extension lines, loose base64, a second newline at the end are refused.
    pub fn parse_and_verify(text: &str, origin: &Origin, key: &BoardKey) -> Result<Self, CheckpointError> {
        if text.len() > MAX_NOTE_LEN {
            return Err(CheckpointError::Malformed("longer than any signed checkpoint"));
        }
        let (body, lines) = text.rsplit_once("\n\n").ok_or(CheckpointError::Malformed("no blank line before the signature"))?;
        let lines = lines.strip_suffix('\n').ok_or(CheckpointError::Malformed("no newline at the end"))?;
        if lines.contains('\n') {
            return Err(CheckpointError::SignatureLines(lines.split('\n').count()));
        }
        let line = signed_note::Signature::from_bytes(lines.as_bytes()).map_err(|_| CheckpointError::Malformed("not a signature line"))?;
        let body = format!("{body}\n");
        let checkpoint = Checkpoint::parse(&body)?;
        if checkpoint.origin != *origin {
            return Err(CheckpointError::OtherOrigin(checkpoint.origin));
        }
        if line.name() != origin.as_str() || line.id() != u32::from_be_bytes(key.note_id(origin)) {
            return Err(CheckpointError::UnknownKey);
        }
        let signature = <[u8; 64]>::try_from(line.signature()).map_err(|_| CheckpointError::Malformed("an Ed25519 signature has 64 bytes"))?;
        key.0.verify_strict(body.as_bytes(), &Signature::from_bytes(&signature)).map_err(|_| CheckpointError::Signature)?;
        let signed = Self::assemble(checkpoint, key, &signature);
        // The parser of notes is lenient in places; what it let pass must still be the one canonical text.
        if signed.text != text {
            return Err(CheckpointError::Malformed("not in the canonical form"));
        }
        Ok(signed)
    }

    /// What was signed.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note, the one canonical text of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn assemble(checkpoint: Checkpoint, key: &BoardKey, signature: &[u8; 64]) -> Self {
        let mut line = Vec::with_capacity(68);
        line.extend_from_slice(&key.note_id(&checkpoint.origin));
        line.extend_from_slice(signature);
        let text = format!("{}\n— {} {}\n", checkpoint.to_note_text(), checkpoint.origin, BASE64.encode(&line));
        Self { checkpoint, text }
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The secret key of a board: signs checkpoints, receipts and refusals.
///
/// It cannot be printed, copied or compared, and its memory is overwritten when it is dropped.
pub struct BoardSecretKey(SigningKey);

impl BoardSecretKey {
    /// Makes a fresh key.
    #[must_use]
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// Restores a key from the 32-byte seed of RFC 8032 §5.1.5.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The 32-byte seed, to be stored sealed.
    #[must_use]
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> BoardKey {
        BoardKey(self.0.verifying_key())
    }

    /// Signs a checkpoint. The caller answers for it that this checkpoint is consistent with every earlier one
    /// that this key signed for this origin.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> SignedCheckpoint {
        let signature = self.0.sign(checkpoint.to_note_text().as_bytes());
        SignedCheckpoint::assemble(checkpoint.clone(), &self.public(), &signature.to_bytes())
    }

    /// Signs any text, as a log with extension lines would.
    #[cfg(test)]
    pub(crate) fn sign_text_for_tests(&self, text: &str) -> [u8; 64] {
        self.0.sign(text.as_bytes()).to_bytes()
    }

    /// Signs `bytes` as a statement of the kind `label`: Ed25519 over [`tagged`]`(label, [bytes])`.
    ///
    /// What is signed has 32 bytes and a note text always has more, so that no statement is a checkpoint.
    #[must_use]
    pub fn sign_bytes(&self, label: &str, bytes: &[u8]) -> [u8; 64] {
        self.sign_hash(&tagged(label, &[bytes]))
    }

    /// Signs a tagged hash of several parts: Ed25519 over its 32 bytes (PROTOCOL §2.2).
    #[must_use]
    pub fn sign_hash(&self, hash: &Hash32) -> [u8; 64] {
        self.0.sign(hash.as_bytes()).to_bytes()
    }
}

/// The public key of a board: 32 bytes, Ed25519.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BoardKey(VerifyingKey);

impl BoardKey {
    /// The length in bytes.
    pub const LEN: usize = 32;

    /// Parses the 32 bytes of RFC 8032 §5.1.2.
    ///
    /// # Errors
    /// A [`KeyError`] for bytes that are not the canonical encoding of a point, or a point of small order,
    /// under which signatures of anything could be made.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::NotCanonical);
        }
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self(key))
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The point.
    pub(super) fn point(&self) -> EdwardsPoint {
        self.0.to_edwards()
    }

    /// Verifies a signature by [`BoardSecretKey::sign_bytes`], strictly: one signature has one encoding.
    ///
    /// # Errors
    /// [`SignatureError`] if this key did not sign these bytes under this label.
    pub fn verify_bytes(&self, label: &str, bytes: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
        self.verify_hash(&tagged(label, &[bytes]), signature)
    }

    /// Verifies a signature by [`BoardSecretKey::sign_hash`], strictly.
    ///
    /// # Errors
    /// [`SignatureError`] if this key did not sign this hash.
    pub fn verify_hash(&self, hash: &Hash32, signature: &[u8; 64]) -> Result<(), SignatureError> {
        self.0.verify_strict(hash.as_bytes(), &Signature::from_bytes(signature)).map_err(|_| SignatureError)
    }

    /// Verifies a signature over a text of a form of its own, strictly.
    pub(crate) fn verify_text(&self, text: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
        self.0.verify_strict(text, &Signature::from_bytes(signature)).map_err(|_| SignatureError)
    }

    /// The key id under `origin`: SHA-256(origin ‖ 0x0A ‖ 0x01 ‖ key), the first four bytes (C2SP signed-note).
    #[must_use]
    pub fn note_id(&self, origin: &Origin) -> [u8; 4] {
        let mut hasher = Sha256::new();
        hasher.update(origin.as_str());
        hasher.update([b'\n', ED25519]);
        hasher.update(self.0.as_bytes());
        let hash: [u8; 32] = hasher.finalize().into();
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }

    /// The key as the public log tools are given it: `origin+id+base64(0x01 ‖ key)`.
    #[must_use]
    pub fn to_note_key(&self, origin: &Origin) -> String {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.0.as_bytes());
        let id = u32::from_be_bytes(self.note_id(origin));
        format!("{origin}+{id:08x}+{}", BASE64.encode(&key))
    }
}

impl fmt::Debug for BoardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoardKey({})", data_encoding::HEXLOWER.encode(self.0.as_bytes()))
    }
}

/// Why 32 bytes are not a board key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No point of the curve has this encoding.
    #[error("these bytes are not a point of the curve")]
    NotAPoint,
    /// The point has another, canonical encoding.
    #[error("the point is not in its canonical encoding")]
    NotCanonical,
    /// A point of small order.
    #[error("the point has small order")]
    Weak,
}

/// The key did not sign these bytes under this label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not by this key over these bytes")]
pub struct SignatureError;

/// Why a text is not a signed checkpoint of a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// A name that cannot be an origin.
    #[error("an origin has 1 to 255 bytes and no white space, control character or plus sign")]
    Origin,
    /// Not the one accepted form.
    #[error("not a signed checkpoint: {0}")]
    Malformed(&'static str),
    /// Not exactly one signature line.
    #[error("a checkpoint has one signature line here, not {0}")]
    SignatureLines(usize),
    /// Another journal's checkpoint.
    #[error("the checkpoint is of the journal {0}")]
    OtherOrigin(Origin),
    /// The signature line names another key.
    #[error("the signature line names another key than the board's")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the signature is not by the board key")]
    Signature,
}

#[cfg(test)]
mod tests;
