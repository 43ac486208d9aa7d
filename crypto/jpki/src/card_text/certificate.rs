//! Card-verifiable certificates (CV証明書): which key certifies which, named by identifiers of 16 bytes.

use std::fmt;

use super::error::{TextError, TextFile};
use super::tlv;
use crate::{
    error::JpkiError,
    hash::Hash32,
    key::{CardKey, RsaKey},
};

pub(crate) const CERTIFICATE: u16 = 0x7F21;
pub(crate) const BODY: u16 = 0x5F4E;
pub(crate) const SIGNATURE: u16 = 0x5F37;
pub(crate) const EXPONENT: u16 = 0x0090;
pub(crate) const MODULUS: u16 = 0x0091;

/// The name of a key: 16 bytes, of which seven digits and three are readable (証明者鍵ID, 被証明者鍵ID). Compared whole:
/// the bytes between and behind the digits tell keys apart as well.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// The identifier with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Digits as they are, every other byte in hexadecimal: `6000033[08][05]001[00][00][00][00]`.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| if byte.is_ascii_digit() { write!(f, "{}", char::from(*byte)) } else { write!(f, "[{byte:02x}]") })
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A key that certifies the keys which sign cards' texts, trusted because the operator decided so. A certificate names it
/// and does not carry it, and it has no certificate of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextAnchor {
    id: KeyId,
    key: CardKey,
    fingerprint: Hash32,
}

impl TextAnchor {
    /// Reads identifier (16 bytes) and key (`90` exponent, `91` modulus), in the card's own encoding: the form in which a
    /// certificate carries the key that it certifies.
    ///
    /// # Errors
    /// [`TextError::Malformed`], [`TextError::WeakKey`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TextError> {
        let (id, key) = bytes.split_first_chunk().ok_or(TextError::Malformed(TextFile::Anchor))?;
        Ok(Self { id: KeyId(*id), key: public_key(key, TextFile::Anchor)?, fingerprint: Hash32::of(bytes) })
    }

    /// The identifier.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// SHA-256 of the bytes that it was read from, for comparing it with another copy.
    pub fn fingerprint(&self) -> Hash32 {
        self.fingerprint
    }
}

/// The anchors that the operator trusts.
#[derive(Clone, Debug, Default)]
pub struct TextAnchors(Vec<TextAnchor>);

impl TextAnchors {
    /// Trusts exactly these.
    pub fn new(anchors: Vec<TextAnchor>) -> Self {
        Self(anchors)
    }

    /// The anchors, in the order given.
    pub fn anchors(&self) -> &[TextAnchor] {
        &self.0
    }
}

/// What a verified certificate says.
pub(super) struct Certified {
    pub(super) issuer: KeyId,
    pub(super) subject: KeyId,
    pub(super) key: CardKey,
}

/// The signature is checked before the certified key is looked at.
pub(super) fn verify(certificate: &[u8], anchors: &TextAnchors) -> Result<Certified, TextError> {
    let malformed = TextError::Malformed(TextFile::Certificate);
    let [body, signature] = tlv::only(certificate, CERTIFICATE).and_then(|content| tlv::exactly(content, [BODY, SIGNATURE])).ok_or(malformed)?;
    let (issuer, rest) = body.content.split_first_chunk().ok_or(malformed)?;
    let (subject, key) = rest.split_first_chunk().ok_or(malformed)?;
    let (issuer, subject) = (KeyId(*issuer), KeyId(*subject));
    let mut named = anchors.0.iter().filter(|anchor| anchor.id == issuer).peekable();
    if named.peek().is_none() {
        return Err(TextError::UnknownIssuer { issuer });
    }
    if !named.any(|anchor| anchor.key.verifies(body.content, signature.content)) {
        return Err(TextError::BadCertificate { issuer });
    }
    Ok(Certified { issuer, subject, key: public_key(key, TextFile::Certificate)? })
}

/// `90` exponent, `91` modulus, both unsigned and big-endian.
pub(super) fn public_key(bytes: &[u8], file: TextFile) -> Result<CardKey, TextError> {
    let malformed = TextError::Malformed(file);
    let [exponent, modulus] = tlv::exactly(bytes, [EXPONENT, MODULUS]).ok_or(malformed)?;
    match RsaKey::from_parts(modulus.content, exponent.content) {
        Ok(key) => Ok(CardKey::Rsa(key)),
        Err(JpkiError::WeakKey(weakness)) => Err(TextError::WeakKey(weakness)),
        Err(_) => Err(malformed),
    }
}
