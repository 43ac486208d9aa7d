//! The card's text (券面事項入力補助): name, address, birth date and sex as they stand on the card's face, signed by the
//! Japan Agency for Local Authority Information Systems (J-LIS) in the name of the municipality that issued the card.
//!
//! It is what speaks for a person without a certificate for digital signatures. Three files of the application make one
//! proof:
//!
//! ```text
//! EF 0002  FF20 { DF21 offsets  DF22 name  DF23 address  DF24 YYYYMMDD  DF25 sex }
//! EF 0003  FF30 { DF31 SHA-256 of EF 0001  DF32 SHA-256 of DF22 … DF25  DF33 signature over the two before it }
//! EF 0004  7F21 { 5F4E issuer's and subject's key id, public key  5F37 signature over the content of 5F4E }
//! ```
//!
//! The key that EF 0004 certifies signs EF 0003; the key that certifies it is a [`TextAnchor`]. Both signatures are
//! RSASSA-PKCS1-v1_5 with SHA-256. EF 0001 is the My Number: its digest is part of what is signed, the file itself is
//! never read here. These certificates have no validity and no revocation list.
//!
//! **What it does not prove.** The files are the same at each reading and say nothing of the card's other keys: whoever
//! has copied them can show them again with another card. So they come from a card that an official has in hand, and a
//! second official decides; the binding to an authentication key is that key's own statement ([`Statement::EnrolCounter`]).
//! [`verify_presence`] shows in addition that a card of the same municipality was there, and not which one.
//!
//! Layouts and digests were found in and checked against the files of a J-LIS test card (see the tests); the formats are
//! described in the source of the crate `myna-card` 3.3.4.
//!
//! [`Statement::EnrolCounter`]: crate::statement::Statement::EnrolCounter

use crate::{
    attributes::{BirthDate, FourAttributes, Sex, Substitutes},
    error::Attribute,
    hash::Hash32,
};

mod certificate;
mod error;
pub(crate) mod tlv;

pub use certificate::{KeyId, TextAnchor, TextAnchors};
pub use error::{TextError, TextFile};

use certificate::{Certified, public_key};

pub(crate) const ATTRIBUTES: u16 = 0xFF20;
pub(crate) const OFFSETS: u16 = 0xDF21;
pub(crate) const NAME: u16 = 0xDF22;
pub(crate) const ADDRESS: u16 = 0xDF23;
pub(crate) const BIRTH_DATE: u16 = 0xDF24;
pub(crate) const SEX: u16 = 0xDF25;
pub(crate) const DIGESTS: u16 = 0xFF30;
pub(crate) const MY_NUMBER_DIGEST: u16 = 0xDF31;
pub(crate) const ATTRIBUTES_DIGEST: u16 = 0xDF32;
pub(crate) const DIGESTS_SIGNATURE: u16 = 0xDF33;
pub(crate) const SIGNED_KEY: u16 = 0xFF50;
pub(crate) const KEY: u16 = 0xDF51;
pub(crate) const KEY_SIGNATURE: u16 = 0xDF52;

/// The files that make one proof, each cut to its one object, as they were read from a card.
#[derive(Clone, Copy)]
pub struct TextFiles<'a> {
    /// EF 0002: the four attributes.
    pub attributes: &'a [u8],
    /// EF 0003: digests and their signature.
    pub digests: &'a [u8],
    /// EF 0004: the certificate of the key that made it.
    pub certificate: &'a [u8],
}

/// A card's text that was verified: there is no other way to obtain one.
#[derive(Clone, Debug)]
pub struct CardText {
    attributes: FourAttributes,
    issuer: KeyId,
    signer: KeyId,
}

impl CardText {
    /// Name, address, birth date and sex. No mark tells which characters are substitutes; the era of the birth date
    /// follows from the date, and is unknown where the date is.
    pub fn attributes(&self) -> &FourAttributes {
        &self.attributes
    }

    /// The anchor.
    pub fn issuer(&self) -> KeyId {
        self.issuer
    }

    /// The key that signed the text; its number begins with the municipality's.
    pub fn signer(&self) -> KeyId {
        self.signer
    }
}

/// Verifies a card's text.
///
/// The certificate is signed by the anchor that it names; the digests are signed by the key that it certifies; the
/// attributes are those of the digest. Only then are they read.
///
/// # Errors
/// The first of these that fails, as [`TextError`].
pub fn verify_text(files: &TextFiles<'_>, anchors: &TextAnchors) -> Result<CardText, TextError> {
    let TextFiles { attributes, digests, certificate } = files;
    let Certified { issuer, subject, key } = certificate::verify(certificate, anchors)?;

    let malformed = TextError::Malformed(TextFile::Digests);
    let record = tlv::only(digests, DIGESTS).ok_or(malformed)?;
    let [my_number, attributes_digest, signature] = tlv::exactly(record, [MY_NUMBER_DIGEST, ATTRIBUTES_DIGEST, DIGESTS_SIGNATURE]).ok_or(malformed)?;
    if my_number.content.len() != 32 {
        return Err(malformed);
    }
    let signed = record.get(..signature.start).ok_or(malformed)?;
    if !key.verifies(signed, signature.content) {
        return Err(TextError::BadSignature);
    }

    let malformed = TextError::Malformed(TextFile::Attributes);
    let content = tlv::only(attributes, ATTRIBUTES).ok_or(malformed)?;
    let parts = tlv::exactly(content, [OFFSETS, NAME, ADDRESS, BIRTH_DATE, SEX]).ok_or(malformed)?;
    let [offsets, name, address, birth_date, sex] = parts;
    let hashed = content.get(name.start..).ok_or(malformed)?;
    if Hash32::of(hashed).as_bytes() != attributes_digest.content {
        return Err(TextError::WrongDigest);
    }
    // The offsets lie outside what is signed, so nothing is believed of them but that they fit.
    let before = attributes.len() - content.len();
    let expected: Option<Vec<u8>> = [name, address, birth_date, sex]
        .iter()
        .map(|part| u16::try_from(before + part.start).ok().map(u16::to_be_bytes))
        .collect::<Option<Vec<_>>>()
        .map(|offsets| offsets.concat());
    if expected.as_deref() != Some(offsets.content) {
        return Err(malformed);
    }
    Ok(CardText { attributes: four_attributes(name.content, address.content, birth_date.content, sex.content)?, issuer, signer: subject })
}

/// Verifies that the application's own key (EF 0007, `FF50 { DF51 key  DF52 signature over the one before it }`) signed
/// exactly `message`, which the caller made for this once.
///
/// The key needs no PIN, and no record ties it to the attributes: that the same municipality's key signed both is all
/// that connects them. So this shows that a card of that municipality was in the reader, rather than a copy of its
/// files; that it is the card of the person whom the attributes name, it does not show.
///
/// # Errors
/// [`TextError`].
pub fn verify_presence(certificate: &[u8], signed_key: &[u8], anchors: &TextAnchors, message: &[u8], signature: &[u8]) -> Result<KeyId, TextError> {
    let Certified { issuer: _, subject, key } = certificate::verify(certificate, anchors)?;
    let malformed = TextError::Malformed(TextFile::SignedKey);
    let record = tlv::only(signed_key, SIGNED_KEY).ok_or(malformed)?;
    let [own, certified] = tlv::exactly(record, [KEY, KEY_SIGNATURE]).ok_or(malformed)?;
    let signed = record.get(..certified.start).ok_or(malformed)?;
    if !key.verifies(signed, certified.content) {
        return Err(TextError::BadSignature);
    }
    let own = public_key(own.content, TextFile::SignedKey)?;
    if own.verifies(message, signature) { Ok(subject) } else { Err(TextError::NotPresent) }
}

fn four_attributes(name: &[u8], address: &[u8], birth_date: &[u8], sex: &[u8]) -> Result<FourAttributes, TextError> {
    let text = |bytes: &[u8], attribute: Attribute| match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => Ok(text.to_owned()),
        _ => Err(TextError::BadAttribute(attribute)),
    };
    let (name, address) = (text(name, Attribute::Name)?, text(address, Attribute::Address)?);
    let birth_date = std::str::from_utf8(birth_date).ok().and_then(BirthDate::from_eight_digits).ok_or(TextError::BadAttribute(Attribute::BirthDate))?;
    let sex = match sex {
        b"1" => Sex::Male,
        b"2" => Sex::Female,
        // Not known and not applicable (ISO/IEC 5218): a certificate has one digit for both.
        b"0" | b"9" => Sex::Unknown,
        _ => return Err(TextError::BadAttribute(Attribute::Sex)),
    };
    Ok(FourAttributes { name_substitutes: Substitutes::none_in(&name), address_substitutes: Substitutes::none_in(&address), name, address, birth_date, sex })
}
