//! A cosignature is a witness's word that a checkpoint was the newest that it had seen of a log at a time, and extended all that it had seen before.
//!
//! ```text
//! cosignature/v1
//! time <seconds since 1970>
//! <text of the checkpoint's note>
//! ```
//!
//! is what a witness signs (C2SP `tlog-cosignature`, Ed25519, signature type 0x04); the line that is added to the checkpoint is
//! `— <name> base64(key id ‖ time as u64 ‖ signature)`. As elsewhere here one form of a line is accepted, and Ed25519 is verified strictly.
//!
//! A [`CosignedCheckpoint`] is a checkpoint with the board's line and the lines of witnesses, such as a record holds (PROTOCOL §3.4).

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::checkpoint::{BoardKey, CheckpointError, KeyError, Origin, SignedCheckpoint};

/// The signature type of timestamped Ed25519 cosignatures in C2SP signed-note.
const COSIGNATURE: u8 = 0x04;

/// The signature type of plain Ed25519, with which logs sign.
const ED25519: u8 = 0x01;

/// The greatest time of a cosignature (C2SP tlog-cosignature).
const MAX_TIME: u64 = i64::MAX as u64;

/// The most cosignatures of one checkpoint that are looked at.
pub const MAX_COSIGNATURES: usize = 64;

/// The length of key id, time and signature in a line.
const LINE_BYTES: usize = 4 + 8 + 64;

/// The public key of a witness and its name, such as `witness.example/w1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey {
    name: Origin,
    key: BoardKey,
}

impl WitnessKey {
    /// A key under a name. Names follow the rules of origins, which are those of C2SP signed-note for the name of a key.
    #[must_use]
    pub const fn new(name: Origin, key: BoardKey) -> Self {
        Self { name, key }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// The key id: SHA-256(name ‖ 0x0A ‖ 0x04 ‖ key), the first four bytes.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, COSIGNATURE, &self.to_bytes())
    }

    /// Verifies a cosignature of the note text of a checkpoint.
    ///
    /// # Errors
    /// [`CosignatureError::OtherWitness`] if it names another key, [`CosignatureError::Signature`] if this key did not make it.
    pub fn verify(&self, note_text: &str, cosignature: &Cosignature) -> Result<(), CosignatureError> {
        let Cosignature { name, id, time, signature } = cosignature;
        if *name != self.name || *id != self.id() {
            return Err(CosignatureError::OtherWitness(name.clone()));
        }
        self.key.verify_text(message(*time, note_text).as_bytes(), signature).map_err(|_| CosignatureError::Signature(name.clone()))
    }
}

/// The key as C2SP writes it (a "vkey"): `name+id+base64(0x04 ‖ key)`.
impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&note_key(&self.name, COSIGNATURE, &self.to_bytes()))
    }
}

impl FromStr for WitnessKey {
    type Err = NoteKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, key) = parse_note_key(text, COSIGNATURE)?;
        Ok(Self { name, key })
    }
}

/// The key of a log as C2SP writes it: `origin+id+base64(0x01 ‖ key)`, see [`BoardKey::to_note_key`].
///
/// # Errors
/// A [`NoteKeyError`] for any other text.
pub fn parse_log_key(text: &str) -> Result<(Origin, BoardKey), NoteKeyError> {
    parse_note_key(text, ED25519)
}

fn key_id(name: &Origin, kind: u8, key: &[u8; 32]) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_str());
    hasher.update([b'\n', kind]);
    hasher.update(key);
    let [a, b, c, d, ..]: [u8; 32] = hasher.finalize().into();
    [a, b, c, d]
}

fn note_key(name: &Origin, kind: u8, key: &[u8; 32]) -> String {
    let bytes: Vec<u8> = std::iter::once(kind).chain(*key).collect();
    format!("{name}+{}+{}", HEXLOWER.encode(&key_id(name, kind, key)), BASE64.encode(&bytes))
}

fn parse_note_key(text: &str, kind: u8) -> Result<(Origin, BoardKey), NoteKeyError> {
    // Base64 may hold a `+`, a name and an id may not.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoteKeyError::Form);
    };
    let name = Origin::new(name).map_err(|_| NoteKeyError::Form)?;
    let bytes = BASE64.decode(key.as_bytes()).map_err(|_| NoteKeyError::Form)?;
    let (found, key) = bytes.split_first().ok_or(NoteKeyError::Form)?;
    if *found != kind {
        return Err(NoteKeyError::Kind { found: *found, expected: kind });
    }
    let key = <[u8; 32]>::try_from(key).map_err(|_| NoteKeyError::Form)?;
    if HEXLOWER.encode(&key_id(&name, kind, &key)) != id {
        return Err(NoteKeyError::Id);
    }
    Ok((name, BoardKey::from_bytes(&key)?))
}

/// What a witness signs.
fn message(time: u64, note_text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{note_text}")
}

/// The secret key of a witness.
///
/// It cannot be printed, copied or compared, and its memory is overwritten when it is dropped.
pub struct WitnessSecretKey {
    name: Origin,
    key: SigningKey,
}

impl WitnessSecretKey {
    /// Makes a fresh key.
    #[must_use]
    pub fn generate(name: Origin, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(name, &seed)
    }

    /// Restores a key from the 32-byte seed of RFC 8032 §5.1.5.
    #[must_use]
    pub fn from_seed(name: Origin, seed: &[u8; 32]) -> Self {
        Self { name, key: SigningKey::from_bytes(seed) }
    }

    /// The 32-byte seed.
    #[must_use]
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The public key.
    ///
    /// # Errors
    /// [`KeyError`], which no generated key gives.
    pub fn public(&self) -> Result<WitnessKey, KeyError> {
        Ok(WitnessKey { name: self.name.clone(), key: BoardKey::from_bytes(&VerifyingKey::from(&self.key).to_bytes())? })
    }

    /// Cosigns the note text of a checkpoint. The caller answers for it that the checkpoint extends all that this key cosigned for its origin, and that this
    /// is on disk already.
    #[must_use]
    pub fn cosign(&self, note_text: &str, time: u64) -> Cosignature {
        let time = time.min(MAX_TIME);
        let id = key_id(&self.name, COSIGNATURE, &self.key.verifying_key().to_bytes());
        Cosignature { name: self.name.clone(), id, time, signature: self.key.sign(message(time, note_text).as_bytes()).to_bytes() }
    }
}

/// A cosignature, not verified yet: see [`WitnessKey::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    name: Origin,
    id: [u8; 4],
    time: u64,
    signature: [u8; 64],
}

impl Cosignature {
    /// The name of the witness.
    #[must_use]
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    /// When the witness made it, in seconds since 1970.
    #[must_use]
    pub const fn time(&self) -> u64 {
        self.time
    }

    /// Whether it names this key.
    #[must_use]
    pub fn is_by(&self, key: &WitnessKey) -> bool {
        self.name == key.name && self.id == key.id()
    }
}

/// The line without its newline.
impl fmt::Display for Cosignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, id, time, signature } = self;
        let mut bytes = Vec::with_capacity(LINE_BYTES);
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&time.to_be_bytes());
        bytes.extend_from_slice(signature);
        write!(f, "— {name} {}", BASE64.encode(&bytes))
    }
}

impl FromStr for Cosignature {
    type Err = CosignatureError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let (name, encoded) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(CosignatureError::Malformed)?;
        let name = Origin::new(name).map_err(|_| CosignatureError::Malformed)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| CosignatureError::Malformed)?;
        let bytes = <[u8; LINE_BYTES]>::try_from(bytes.as_slice()).map_err(|_| CosignatureError::Malformed)?;
        let (id, rest) = bytes.split_at(4);
        let (time, signature) = rest.split_at(8);
        let (Ok(id), Ok(time), Ok(signature)) = (id.try_into(), time.try_into().map(u64::from_be_bytes), signature.try_into()) else {
            return Err(CosignatureError::Malformed);
        };
        if time > MAX_TIME {
            return Err(CosignatureError::Malformed);
        }
        Ok(Self { name, id, time, signature })
    }
}

/// A checkpoint with the board's own signature and lines of witnesses, in the order of the text. The board's signature was verified, the witnesses' were not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignedCheckpoint {
    signed: SignedCheckpoint,
    cosignatures: Vec<Cosignature>,
}

impl CosignedCheckpoint {
    /// A checkpoint with cosignatures.
    #[must_use]
    pub const fn new(signed: SignedCheckpoint, cosignatures: Vec<Cosignature>) -> Self {
        Self { signed, cosignatures }
    }

    /// Parses the one form: a signed checkpoint of this board (§3.2), then any number of lines of witnesses.
    ///
    /// # Errors
    /// [`CosignatureError`].
    pub fn parse(text: &str, origin: &Origin, key: &BoardKey) -> Result<Self, CosignatureError> {
        let after_text = text.find("\n\n").map_or(text.len(), |at| at + 2);
        let (_, lines) = text.split_at(after_text);
        let own = after_text + lines.find('\n').map_or(lines.len(), |at| at + 1);
        let (checkpoint, rest) = text.split_at(own);
        let signed = SignedCheckpoint::parse_and_verify(checkpoint, origin, key)?;
        Ok(Self { signed, cosignatures: parse_lines(rest)? })
    }

    /// The checkpoint with the board's signature.
    #[must_use]
    pub const fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// The witnesses' lines.
    #[must_use]
    pub fn cosignatures(&self) -> &[Cosignature] {
        &self.cosignatures
    }
}

impl fmt::Display for CosignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.signed.fmt(f)?;
        self.cosignatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Parses lines of witnesses; each ends with a newline.
fn parse_lines(text: &str) -> Result<Vec<Cosignature>, CosignatureError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let lines = text.strip_suffix('\n').ok_or(CosignatureError::Malformed)?;
    if lines.split('\n').count() > MAX_COSIGNATURES {
        return Err(CosignatureError::Many);
    }
    lines.split('\n').map(str::parse).collect()
}

/// Why a text is not the key of a witness or log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteKeyError {
    /// Not the one form.
    #[error("not a key in the form name+id+base64")]
    Form,
    /// A key of another use, or of an algorithm that is not known here.
    #[error("a key of type {found:#04x}, where one of type {expected:#04x} belongs (0x01: Ed25519 of a log, 0x04: Ed25519 of a witness)")]
    Kind {
        /// The type that was found.
        found: u8,
        /// The type that belongs there.
        expected: u8,
    },
    /// Name, key and id do not belong together.
    #[error("the key id is not that of name and key: a character is wrong or missing")]
    Id,
    /// Not an Ed25519 key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why a cosignature or a cosigned checkpoint is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// The board's part.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Not the one form of a line.
    #[error("not a cosignature line of a witness (— name base64)")]
    Malformed,
    /// Too many lines.
    #[error("more than {MAX_COSIGNATURES} cosignature lines")]
    Many,
    /// The line names another key.
    #[error("the cosignature is by another key or name, {0}")]
    OtherWitness(Origin),
    /// The signature does not verify.
    #[error("the cosignature of {0} does not verify")]
    Signature(Origin),
}

#[cfg(test)]
mod tests;
