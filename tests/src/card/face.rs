//! What is printed on a card and signed by its issuer: the records of the applications 券面事項入力補助 (the text) and
//! 券面事項確認 (the face), the keys that sign them, and the numbers (照合番号) that open them.
//!
//! | file of the text | | file of the face | |
//! |---|---|---|---|
//! | 0003 | digests of 0001 and 0002, signed | 0001 | date of birth, signed |
//! | 0004 | certificate of the signing key | 0002 | the face: date of birth, sex, pictures, signed in three groups |
//! | 0005 | the application | 0003 | the application |
//! | 0007 | the application's own key, signed | 0004 | certificate of the signing key |
//! | | | 0005 | picture of the My Number, signed |
//!
//! The file 0006 of the text (a key for secure messaging) is left out, for this card has no secure messaging.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use rsa::{
    Pkcs1v15Sign,
    sha2::{Digest, Sha256},
};
use serde::{Deserialize, Serialize};
use tachiai_jpki::{
    BirthDate, FourAttributes, UnixTime,
    testing::{CaKey, Municipality, TestingError, TextAuthority, public_key, tlv},
};

use super::{IssueError, PinState, SoftKey, picture, picture::PHOTOGRAPH};

/// Names of the signing keys and their roots: those of the test hierarchy, and a number of 養父市.
const FACE_ROOT_ID: KeyId = key_id(b"6000023", b"001");
const FACE_SIGNER_ID: KeyId = key_id(b"2822211", b"000");
/// What the applications say of themselves: version, long commands, maker, and the maker's own.
const APPLICATION: [u8; 4] = [0x01, 0x03, 0x00, 0x01];

/// Sixteen bytes that name a key.
type KeyId = [u8; 16];

/// Who signs what is printed on cards: for each of the two applications a root, and the key of a municipality under it.
pub struct FaceAuthority {
    text: TextAuthority,
    root: SoftKey,
    /// Signs the records, all but one.
    signer: CaKey,
    /// The same key, which can sign what is not hashed.
    raw_signer: SoftKey,
    /// The certificate of that key.
    certificate: Vec<u8>,
}

/// The keys' files in the folder of a CA, and the files of its public roots.
const TEXT_ROOT: &str = "text-root.pkcs8.der";
const TEXT_SIGNER: &str = "text-signer.pkcs8.der";
const FACE_ROOT: &str = "face-root.pkcs8.der";
const FACE_SIGNER: &str = "face-signer.pkcs8.der";

/// One application's files that were signed when the card was made, by their EF, and the key that it signs with itself.
#[derive(Clone)]
pub struct Records {
    /// Files by EF.
    pub files: BTreeMap<u16, Vec<u8>>,
    /// The application's own key, which needs no PIN.
    pub key: Arc<SoftKey>,
}

/// The numbers that open an application, each with its own counter in each application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// 照合番号A, the My Number.
    pub a: PinState,
    /// 照合番号B: date of birth, year of expiry, security code.
    pub b: PinState,
    /// The date of birth alone.
    pub birth: PinState,
}

/// What is to be printed on a card.
pub(super) struct Printed<'a> {
    pub attributes: &'a FourAttributes,
    pub my_number: &'a str,
    pub municipality: &'a Municipality,
    pub issued: UnixTime,
    pub security_code: &'a str,
}

impl FaceAuthority {
    /// With the keys that lie in the source tree for everybody to see.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn with_published_keys() -> Result<FaceAuthority, IssueError> {
        // Whoever knows one of these keys knows all of them, so that they serve twice.
        let root = include_bytes!("../../data/jpki/keys/text-root.pkcs8.der");
        let signer = include_bytes!("../../data/jpki/keys/text-signer.pkcs8.der");
        FaceAuthority::of(TextAuthority::with_published_keys()?, root, signer)
    }

    fn of(text: TextAuthority, root: &[u8], signer: &[u8]) -> Result<FaceAuthority, IssueError> {
        let (root, raw_signer) = (SoftKey::from_pkcs8(root)?, SoftKey::from_pkcs8(signer)?);
        let body = [FACE_ROOT_ID.as_slice(), &FACE_SIGNER_ID, &public_key(raw_signer.spki())?].concat();
        let signature = CaKey::from_pkcs8(root.pkcs8())?.sign(&body)?;
        let certificate = tlv(0x7F21, &[tlv(0x5F4E, &body), tlv(0x5F37, &signature)].concat());
        Ok(FaceAuthority { text, root, signer: CaKey::from_pkcs8(signer)?, raw_signer, certificate })
    }

    /// Makes the keys, and writes them and the public roots (`text-root.bin`, `face-root.bin`: identifier and key, as a
    /// verifier is handed them) into a folder.
    pub(super) fn create(folder: &Path) -> Result<(), IssueError> {
        for name in [TEXT_ROOT, TEXT_SIGNER, FACE_ROOT, FACE_SIGNER] {
            write(folder, name, SoftKey::generate()?.pkcs8())?;
        }
        let authority = FaceAuthority::open(folder)?;
        write(folder, "text-root.bin", &authority.text.anchor_bytes()?)?;
        write(folder, "face-root.bin", &[FACE_ROOT_ID.as_slice(), &public_key(authority.root.spki())?].concat())
    }

    pub(super) fn open(folder: &Path) -> Result<FaceAuthority, IssueError> {
        let read = |name| {
            let path = folder.join(name);
            fs::read(&path).map_err(|cause| IssueError::File { path, cause })
        };
        let text = TextAuthority::new(CaKey::from_pkcs8(&read(TEXT_ROOT)?)?, CaKey::from_pkcs8(&read(TEXT_SIGNER)?)?);
        FaceAuthority::of(text, &read(FACE_ROOT)?, &read(FACE_SIGNER)?)
    }

    /// Who signs the texts.
    pub fn text(&self) -> &TextAuthority {
        &self.text
    }

    /// The public key that certifies the signers of faces, as a card shows keys: `90` exponent, `91` modulus.
    ///
    /// # Errors
    /// [`IssueError::Ca`] unless it is RSA.
    pub fn face_root(&self) -> Result<Vec<u8>, IssueError> {
        Ok(public_key(self.root.spki())?)
    }

    /// The text's records for these files 0001 and 0002, and the application's own key.
    pub(super) fn text_records(&self, my_number_file: &[u8], attributes_file: &[u8], key: Arc<SoftKey>) -> Result<Records, IssueError> {
        let unknown = [Sha256::digest(key.spki()).as_slice(), &[0xFF; 96]].concat();
        let own = tlv(0xFF40, &[tlv(0xDF41, &APPLICATION), tlv(0xDF42, &key_id(b"6000034", b"001")), tlv(0xDF43, &unknown)].concat());
        let files = [
            (0x0003, self.text.digests(my_number_file, attributes_file)?),
            (0x0004, self.text.certificate()?),
            (0x0005, own),
            (0x0007, self.text.signed_key(key.spki())?),
        ];
        Ok(Records { files: files.into(), key })
    }

    /// The files of the face, and the application's own key.
    pub(super) fn face_records(&self, printed: &Printed<'_>, key: Arc<SoftKey>) -> Result<Records, IssueError> {
        let Printed { attributes, my_number, municipality, issued, security_code } = printed;
        let birth = birth(&attributes.birth_date);
        let own = public_key(key.spki())?;

        let age = [tlv(0xDF11, birth.as_bytes()), tlv(0xDF12, &own)].concat();
        let age = tlv(0xFF10, &[age.clone(), tlv(0xDF13, &self.signer.sign(&age)?)].concat());

        let groups = [
            [tlv(0xDF22, birth.as_bytes()), tlv(0xDF23, sex(attributes).as_bytes()), tlv(0xDF24, &own)].concat(),
            [tlv(0xDF25, &picture::text(&attributes.name)), tlv(0xDF26, &picture::text(&attributes.address))].concat(),
            tlv(0xDF27, PHOTOGRAPH),
        ];
        // The digests of the groups stand where one digest would, and are not hashed again.
        const DIGESTS: [u8; 19] = [0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x60];
        let digests = groups.iter().fold(DIGESTS.to_vec(), |all, group| [all, Sha256::digest(group).to_vec()].concat());
        let signer = self.raw_signer.rsa().ok_or(TestingError::Key)?;
        let signature = signer.sign(Pkcs1v15Sign::new_unprefixed(), &digests).map_err(|_| TestingError::Signing)?;
        let unsigned = [tlv(0xDF28, &signature), tlv(0xDF29, expiry(&attributes.birth_date, *issued).as_bytes()), tlv(0xDF2A, &picture::digits(security_code))];
        let face = with_offsets(0xFF20, 0xDF21, &[groups.concat(), unsigned.concat()].concat(), 9);

        let basic = [
            tlv(0xDF31, &APPLICATION),
            tlv(0xDF32, &key_id(b"6000024", b"001")),
            tlv(0xDF33, &[0]),
            tlv(0xDF34, municipality.code.as_bytes()),
            tlv(0xDF35, &[key_id(b"6900025", b"001").as_slice(), &[0xFF; 256]].concat()),
        ];

        let number = [tlv(0xDF41, &picture::digits(my_number)), tlv(0xDF42, &own)].concat();
        let number = tlv(0xFF40, &[number.clone(), tlv(0xDF43, &self.signer.sign(&number)?)].concat());
        let files = [(0x0001, age), (0x0002, face), (0x0003, tlv(0xFF30, &basic.concat())), (0x0004, self.certificate.clone()), (0x0005, number)];
        Ok(Records { files: files.into(), key })
    }
}

impl Codes {
    /// The numbers of a card with this on it, each with 10 tries.
    pub(super) fn of(printed: &Printed<'_>) -> Codes {
        let Printed { attributes, my_number, municipality: _, issued, security_code } = printed;
        let birth = era_date(&attributes.birth_date);
        let expiry = expiry(&attributes.birth_date, *issued);
        let b = format!("{birth}{}{security_code}", expiry.get(..4).unwrap_or_default());
        let code = |value: &str| PinState { value: value.to_owned(), left: 10, most: 10 };
        Codes { a: code(my_number), b: code(&b), birth: code(&birth) }
    }
}

/// An invented My Number: these eleven digits and the check digit that belongs to them (番号法施行規則5条).
pub(super) fn my_number(eleven: u64) -> String {
    let digits = format!("{:011}", eleven % 100_000_000_000);
    // From the last digit on, the weights are 2 to 7 and again 2 to 6.
    let weighted: u32 = digits.bytes().rev().zip((2..=7).chain(2..=6)).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = match weighted % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    format!("{digits}{check}")
}

/// YYYYMMDD.
fn birth(date: &BirthDate) -> &str {
    // Without the era, which stands before it.
    date.digits().get(1..).unwrap_or_default()
}

/// YYMMDD in the era's years.
fn era_date(date: &BirthDate) -> String {
    let before = match date.digits().bytes().next() {
        Some(b'1') => 1867,
        Some(b'2') => 1911,
        Some(b'3') => 1925,
        Some(b'4') => 1988,
        Some(b'5') => 2018,
        _ => 0,
    };
    let (year, rest) = birth(date).split_at_checked(4).unwrap_or_default();
    format!("{:02}{rest}", year.parse::<u32>().unwrap_or_default().saturating_sub(before) % 100)
}

/// YYYYMMDD: the tenth birthday after issue, the fifth for whoever is under 18 then.
fn expiry(date: &BirthDate, issued: UnixTime) -> String {
    let issued: String = issued.to_string().chars().filter(char::is_ascii_digit).take(8).collect();
    let number = |digits: &str| digits.parse::<u32>().unwrap_or_default();
    let (birth, issued) = (birth(date).split_at_checked(4).unwrap_or_default(), issued.split_at_checked(4).unwrap_or_default());
    let (birth_year, issue_year) = (number(birth.0), number(issued.0));
    // The birthday of the year of issue is the first if it is still to come.
    let last = if birth.1 > issued.1 { issue_year - 1 } else { issue_year };
    let years = if last.saturating_sub(birth_year) < 18 { 5 } else { 10 };
    format!("{:04}{}", last + years, birth.1)
}

fn sex(attributes: &FourAttributes) -> &'static str {
    match attributes.sex {
        tachiai_jpki::Sex::Male => "1",
        tachiai_jpki::Sex::Female => "2",
        tachiai_jpki::Sex::Unknown => "0",
    }
}

/// An object that begins with a table of where its fields begin, from the start of the file.
fn with_offsets(tag: u16, table: u16, fields: &[u8], count: usize) -> Vec<u8> {
    let table_length = tlv(table, &vec![0; 2 * count]).len();
    let head = tlv(tag, &vec![0; table_length + fields.len()]).len() - fields.len();
    let (mut offsets, mut at) = (Vec::new(), 0);
    while let Some(rest) = fields.get(at..).filter(|rest| !rest.is_empty()) {
        offsets.extend_from_slice(&u16::try_from(head + at).unwrap_or(u16::MAX).to_be_bytes());
        let length = match *rest {
            [_, _, 0x81, length, ..] => 4 + usize::from(length),
            [_, _, 0x82, high, low, ..] => 5 + usize::from(u16::from_be_bytes([high, low])),
            [_, _, length, ..] => 3 + usize::from(length),
            _ => break,
        };
        at += length;
    }
    tlv(tag, &[tlv(table, &offsets), fields.to_vec()].concat())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), IssueError> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|cause| IssueError::File { path, cause })
}

/// Seven digits, two bytes that are the same everywhere, three digits, and zeros.
const fn key_id(number: &[u8; 7], group: &[u8; 3]) -> KeyId {
    let [a, b, c, d, e, f, g] = *number;
    let [x, y, z] = *group;
    [a, b, c, d, e, f, g, 0x08, 0x05, x, y, z, 0, 0, 0, 0]
}
