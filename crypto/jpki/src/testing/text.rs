//! Who signs the texts of software cards: a root and a municipality, as on J-LIS test cards.

use super::{CaKey, TestingError};
use crate::{
    attributes::{FourAttributes, Sex},
    card_text::{self, KeyId, TextAnchor},
    hash::Hash32,
    key::CardKey,
};

/// Signs cards' texts.
pub struct TextAuthority {
    root: CaKey,
    root_id: KeyId,
    key: CaKey,
    key_id: KeyId,
}

/// The signed files of one card's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedText {
    /// EF 0002.
    pub attributes: Vec<u8>,
    /// EF 0003.
    pub digests: Vec<u8>,
    /// EF 0004.
    pub certificate: Vec<u8>,
}

impl TextAuthority {
    /// A root and a municipality with these RSA keys, named as those of the test hierarchy and of 養父市.
    pub fn new(root: CaKey, key: CaKey) -> Self {
        Self { root, root_id: key_id(b"6000033", b"001"), key, key_id: key_id(b"2822221", b"000") }
    }

    /// The same with the RSA keys that lie in the source tree for everybody to see.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn with_published_keys() -> Result<Self, TestingError> {
        Ok(Self::new(
            CaKey::from_pkcs8(include_bytes!("../../../../tests/data/jpki/keys/text-root.pkcs8.der"))?,
            CaKey::from_pkcs8(include_bytes!("../../../../tests/data/jpki/keys/text-signer.pkcs8.der"))?,
        ))
    }

    /// The root as an operator is handed it.
    ///
    /// # Errors
    /// [`TestingError`] unless it is RSA.
    pub fn anchor_bytes(&self) -> Result<Vec<u8>, TestingError> {
        Ok([self.root_id.as_bytes(), public_key(&self.root.spki_der())?.as_slice()].concat())
    }

    /// The root as an anchor.
    ///
    /// # Errors
    /// [`TestingError`] unless it is RSA.
    pub fn anchor(&self) -> Result<TextAnchor, TestingError> {
        TextAnchor::from_bytes(&self.anchor_bytes()?).map_err(|_| TestingError::Key)
    }

    /// EF 0004: the municipality's key, certified by the root.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn certificate(&self) -> Result<Vec<u8>, TestingError> {
        self.certificate_of(&self.root_id, &self.key_id, &public_key(&self.key.spki_der())?)
    }

    /// A certificate that names this issuer and this subject and key, whoever they are; the root signs it.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn certificate_of(&self, issuer: &KeyId, subject: &KeyId, public_key: &[u8]) -> Result<Vec<u8>, TestingError> {
        let body = [issuer.as_bytes(), subject.as_bytes(), public_key].concat();
        let signature = self.root.sign(&body)?;
        Ok(tlv(0x7F21, &[tlv(0x5F4E, &body), tlv(0x5F37, &signature)].concat()))
    }

    /// EF 0002, EF 0003 and EF 0004 of a card with this person on its face and this My Number file (EF 0001, whole).
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn sign(&self, person: &FourAttributes, my_number_file: &[u8]) -> Result<SignedText, TestingError> {
        let FourAttributes { name, name_substitutes: _, address, address_substitutes: _, birth_date, sex } = person;
        let sex = match sex {
            Sex::Male => "1",
            Sex::Female => "2",
            Sex::Unknown => "0",
        };
        let birth = birth_date.digits().get(1..).unwrap_or_default();
        let attributes = attributes_file(&[(card_text::NAME, name), (card_text::ADDRESS, address), (card_text::BIRTH_DATE, birth), (card_text::SEX, sex)]);
        let digests = self.digests(my_number_file, &attributes)?;
        Ok(SignedText { attributes, digests, certificate: self.certificate()? })
    }

    /// EF 0003 over these two files.
    ///
    /// # Errors
    /// [`TestingError`].
    pub fn digests(&self, my_number_file: &[u8], attributes_file: &[u8]) -> Result<Vec<u8>, TestingError> {
        // Behind the head of the file and the table of offsets.
        let head = attributes_file.windows(2).position(|tag| tag == card_text::NAME.to_be_bytes()).unwrap_or_default();
        let hashed = attributes_file.get(head..).unwrap_or_default();
        let record =
            [tlv(card_text::MY_NUMBER_DIGEST, Hash32::of(my_number_file).as_bytes()), tlv(card_text::ATTRIBUTES_DIGEST, Hash32::of(hashed).as_bytes())]
                .concat();
        let signature = self.key.sign(&record)?;
        Ok(tlv(card_text::DIGESTS, &[record, tlv(card_text::DIGESTS_SIGNATURE, &signature)].concat()))
    }

    /// EF 0007: the application's own key, signed by the municipality.
    ///
    /// # Errors
    /// [`TestingError`] unless the key is RSA.
    pub fn signed_key(&self, spki_der: &[u8]) -> Result<Vec<u8>, TestingError> {
        let record = tlv(card_text::KEY, &public_key(spki_der)?);
        let signature = self.key.sign(&record)?;
        Ok(tlv(card_text::SIGNED_KEY, &[record, tlv(card_text::KEY_SIGNATURE, &signature)].concat()))
    }
}

/// EF 0002 with these fields, in this order, and their offsets from the start of the file.
pub fn attributes_file(fields: &[(u16, &str)]) -> Vec<u8> {
    let values: Vec<Vec<u8>> = fields.iter().map(|(tag, value)| tlv(*tag, value.as_bytes())).collect();
    let table = 3 + 2 * fields.len();
    let content = table + values.iter().map(Vec::len).sum::<usize>();
    let head = tlv(card_text::ATTRIBUTES, &vec![0; content]).len() - content;
    let mut offset = head + table;
    let mut offsets = Vec::new();
    for value in &values {
        offsets.extend(u16::try_from(offset).unwrap_or(u16::MAX).to_be_bytes());
        offset += value.len();
    }
    tlv(card_text::ATTRIBUTES, &[tlv(card_text::OFFSETS, &offsets), values.concat()].concat())
}

/// `90` exponent, `91` modulus.
///
/// # Errors
/// [`TestingError`] unless the key is RSA.
pub fn public_key(spki_der: &[u8]) -> Result<Vec<u8>, TestingError> {
    match CardKey::from_spki_der(spki_der)? {
        CardKey::Rsa(key) => Ok([tlv(0x90, &[1, 0, 1]), tlv(0x91, &key.modulus())].concat()),
        CardKey::P384(_) => Err(TestingError::Key),
    }
}

/// An object of BER-TLV with a tag of one or two bytes and at most 65,535 bytes of content.
pub fn tlv(tag: u16, content: &[u8]) -> Vec<u8> {
    let [high, low] = tag.to_be_bytes();
    let mut out = if high == 0 { vec![low] } else { vec![high, low] };
    let length = content.len().to_be_bytes();
    let [.., upper, lower] = length;
    match content.len() {
        0..=0x7F => out.push(lower),
        0x80..=0xFF => out.extend([0x81, lower]),
        _ => out.extend([0x82, upper, lower]),
    }
    out.extend_from_slice(content);
    out
}

fn key_id(number: &[u8; 7], group: &[u8; 3]) -> KeyId {
    let mut id = [0; 16];
    id[..7].copy_from_slice(number);
    id[7..9].copy_from_slice(&[0x08, 0x05]);
    id[9..12].copy_from_slice(group);
    KeyId::from_bytes(id)
}
