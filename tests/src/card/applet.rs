//! The applets: command APDUs in, answers with status words out.
//!
//! The status words and the life of a verified PIN are those measured on real cards. Where nothing is known the
//! choice is the strict one, and stands beside a comment that says so.

use std::{
    cell::OnceCell,
    path::{Path, PathBuf},
};

use rand_core::{OsRng, RngCore};
use rsa::{
    Pkcs1v15Sign, Pss,
    sha2::{Digest, Sha256},
};

use super::{CardFileError, Content, Credential, Form, PinState, SoftKey};

const DONE: u16 = 0x9000;
const TRIES: u16 = 0x63C0;
const MEMORY_FAILURE: u16 = 0x6581;
const WRONG_LENGTH: u16 = 0x6700;
const NOT_READABLE: u16 = 0x6981;
const PIN_NEEDED: u16 = 0x6982;
const BLOCKED: u16 = 0x6984;
const CONDITIONS: u16 = 0x6985;
const NO_FILE: u16 = 0x6986;
const NOT_FOUND: u16 = 0x6A82;
const WRONG_PARAMETERS: u16 = 0x6A86;
const PAST_END: u16 = 0x6B00;
const UNKNOWN_INSTRUCTION: u16 = 0x6D00;
const UNKNOWN_CLASS: u16 = 0x6E00;
const NO_DIAGNOSIS: u16 = 0x6F00;

const ISSUER_AID: &[u8] = &[0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00];
const JPKI_AID: &[u8] = &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];
const TEXT_AID: &[u8] = &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08];

/// A software My Number Card.
///
/// A card that was opened from a file writes every change of a try counter back before it answers, and counts a try
/// before it compares, so that neither a restart nor a crash wins a try.
pub struct SoftwareCard {
    content: Content,
    file: Option<PathBuf>,
    session: Session,
    keys: Keys,
}

/// Which keys the card signs with.
enum Keys {
    /// Those of its certificates.
    Certified,
    /// Others, made when they are needed first.
    Other(Box<OnceCell<SoftKey>>),
}

/// What power-off forgets.
#[derive(Default)]
struct Session {
    application: Option<Application>,
    file: Option<u16>,
    verified: Vec<PinPlace>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Application {
    Issuer,
    Jpki,
    Text,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PinPlace {
    Authentication,
    Signing,
    Text,
}

impl PinPlace {
    fn application(self) -> Application {
        match self {
            PinPlace::Authentication | PinPlace::Signing => Application::Jpki,
            PinPlace::Text => Application::Text,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyPlace {
    Authentication,
    Signing,
}

/// An elementary file.
enum Ef {
    Data { content: Vec<u8>, opened_by: Option<PinPlace> },
    Pin(PinPlace),
    Key(KeyPlace),
}

/// Data of an answer, or the status word of a refusal.
type Outcome = Result<Vec<u8>, u16>;

/// A short command APDU, taken apart.
struct Apdu<'a> {
    class: u8,
    instruction: u8,
    p1: u8,
    p2: u8,
    data: &'a [u8],
    /// Bytes of answer that are wanted, 1 to 256.
    expected: Option<usize>,
}

impl SoftwareCard {
    /// A card that lives in memory alone.
    pub fn new(content: Content) -> SoftwareCard {
        SoftwareCard { content, file: None, session: Session::default(), keys: Keys::Certified }
    }

    /// The card in a file, which keeps its try counters.
    ///
    /// # Errors
    /// [`CardFileError`] if there is none.
    pub fn open(path: &Path) -> Result<SoftwareCard, CardFileError> {
        let content = Content::read(path)?;
        Ok(SoftwareCard { content, file: Some(path.to_owned()), session: Session::default(), keys: Keys::Certified })
    }

    /// What the card holds: what a test compares with, and no reader could see.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// From now on the card signs with keys that no certificate of it names, as a forged one would.
    pub fn take_other_keys(&mut self) {
        self.keys = Keys::Other(Box::default());
    }

    /// The answer to reset of the contact interface.
    pub fn atr(&self) -> &'static [u8] {
        &[0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14]
    }

    /// Power off: nothing is selected and no PIN is verified.
    pub fn power_off(&mut self) {
        self.session = Session::default();
    }

    /// Warm reset: nothing is selected, and verified PINs stay verified, as measured.
    pub fn reset(&mut self) {
        self.session.application = None;
        self.session.file = None;
    }

    /// Answers one command; the answer ends with its two status bytes.
    pub fn handle(&mut self, apdu: &[u8]) -> Vec<u8> {
        let outcome = match Apdu::parse(apdu) {
            Some(apdu) => self.dispatch(&apdu),
            None => Err(WRONG_LENGTH),
        };
        let (mut answer, status) = match outcome {
            Ok(data) => (data, DONE),
            Err(status) => (Vec::new(), status),
        };
        answer.extend_from_slice(&status.to_be_bytes());
        answer
    }

    fn dispatch(&mut self, apdu: &Apdu<'_>) -> Outcome {
        match (apdu.class, apdu.instruction) {
            (0x00, 0xA4) => self.select(apdu),
            (0x00, 0xB0) => self.read(apdu),
            (0x00, 0x20) => self.verify(apdu),
            (0x00, 0x24) => self.change_pin(apdu),
            (0x00, 0x84) => self.challenge(apdu),
            (0x80, 0x2A) => self.sign(apdu),
            (0x00 | 0x80, _) => Err(UNKNOWN_INSTRUCTION),
            _ => Err(UNKNOWN_CLASS),
        }
    }

    fn select(&mut self, apdu: &Apdu<'_>) -> Outcome {
        match (apdu.p1, apdu.p2, apdu.data) {
            (0x04, 0x0C | 0x00, aid) => {
                let application = match aid {
                    ISSUER_AID => Application::Issuer,
                    JPKI_AID => Application::Jpki,
                    TEXT_AID => Application::Text,
                    _ => return Err(NOT_FOUND),
                };
                // Another application forgets what was verified; the same one, even after a reset, does not.
                self.session.verified.retain(|pin| pin.application() == application);
                self.session.application = Some(application);
                self.session.file = None;
                Ok(Vec::new())
            }
            (0x02, 0x0C | 0x00, &[high, low]) => {
                let file = u16::from_be_bytes([high, low]);
                self.file(file).ok_or(NOT_FOUND)?;
                self.session.file = Some(file);
                Ok(Vec::new())
            }
            (0x02, 0x0C | 0x00, _) => Err(WRONG_LENGTH),
            // The master file cannot be selected: refused after a reset, and without effect in an application.
            (0x00, 0x00, []) => self.session.application.map(|_| Vec::new()).ok_or(WRONG_PARAMETERS),
            (0x00, 0x00 | 0x0C, _) => Err(NOT_FOUND),
            _ => Err(WRONG_PARAMETERS),
        }
    }

    fn read(&mut self, apdu: &Apdu<'_>) -> Outcome {
        if !apdu.data.is_empty() {
            return Err(WRONG_LENGTH);
        }
        let wanted = apdu.expected.ok_or(WRONG_LENGTH)?;
        let offset = if apdu.p1 & 0x80 == 0 {
            usize::from(u16::from_be_bytes([apdu.p1, apdu.p2]))
        } else {
            self.select_short(apdu.p1)?;
            usize::from(apdu.p2)
        };
        match self.current()? {
            Ef::Data { opened_by: Some(pin), .. } if !self.is_verified(pin) => Err(PIN_NEEDED),
            Ef::Data { content, .. } => match content.get(offset..) {
                None | Some([]) => Err(PAST_END),
                Some(rest) => Ok(rest.get(..wanted).unwrap_or(rest).to_vec()),
            },
            Ef::Pin(_) | Ef::Key(_) => Err(NOT_READABLE),
        }
    }

    fn verify(&mut self, apdu: &Apdu<'_>) -> Outcome {
        if apdu.p1 != 0 {
            return Err(WRONG_PARAMETERS);
        }
        let place = self.current_pin(apdu.p2)?;
        let left = self.pin(place).ok_or(NOT_FOUND)?.left;
        if left == 0 {
            return Err(BLOCKED);
        }
        if apdu.data.is_empty() {
            return Err(TRIES | u16::from(left.min(15)));
        }
        // A failed VERIFY closes what an earlier one opened: the strict choice.
        self.session.verified.retain(|verified| *verified != place);
        self.set_tries(place, left - 1)?;
        let pin = self.pin(place).ok_or(NOT_FOUND)?;
        if pin.value.as_bytes() != apdu.data {
            return Err(TRIES | u16::from(pin.left.min(15)));
        }
        let most = pin.most;
        self.set_tries(place, most)?;
        self.session.verified.push(place);
        Ok(Vec::new())
    }

    fn change_pin(&mut self, apdu: &Apdu<'_>) -> Outcome {
        if apdu.p1 != 0x01 {
            return Err(WRONG_PARAMETERS);
        }
        let place = self.current_pin(apdu.p2)?;
        if !self.is_verified(place) {
            return Err(PIN_NEEDED);
        }
        let lengths = if place == PinPlace::Signing { 6..=16 } else { 4..=4 };
        let new = std::str::from_utf8(apdu.data).map_err(|_| CONDITIONS)?;
        if !lengths.contains(&new.len()) {
            return Err(WRONG_LENGTH);
        }
        self.pin_mut(place).ok_or(NOT_FOUND)?.value = new.to_owned();
        self.save()?;
        Ok(Vec::new())
    }

    fn challenge(&mut self, apdu: &Apdu<'_>) -> Outcome {
        match (apdu.p1, apdu.p2, apdu.data, apdu.expected) {
            (0, 0, [], Some(length)) => {
                let mut challenge = vec![0; length];
                OsRng.fill_bytes(&mut challenge);
                Ok(challenge)
            }
            (0, 0, ..) => Err(WRONG_LENGTH),
            _ => Err(WRONG_PARAMETERS),
        }
    }

    /// The card's own COMPUTE DIGITAL SIGNATURE. P1 says what the data are and how they are padded.
    fn sign(&mut self, apdu: &Apdu<'_>) -> Outcome {
        if apdu.p2 & 0x80 == 0 {
            return Err(WRONG_PARAMETERS);
        }
        if apdu.p2 != 0x80 {
            self.select_short(apdu.p2)?;
        }
        let Ef::Key(place) = self.current()? else {
            return Err(CONDITIONS);
        };
        let pin = match place {
            KeyPlace::Authentication => PinPlace::Authentication,
            KeyPlace::Signing => PinPlace::Signing,
        };
        if !self.is_verified(pin) {
            return Err(PIN_NEEDED);
        }
        let key = self.key(place)?;
        let data = apdu.data;
        let hash = || Sha256::digest(data);
        let is_hash = data.len() == <Sha256 as Digest>::output_size();
        let private = key.private();
        let signature = match apdu.p1 {
            0x00 if (1..=245).contains(&data.len()) => private.sign(Pkcs1v15Sign::new_unprefixed(), data),
            0x00 => return Err(WRONG_LENGTH),
            0x01 => private.sign(Pkcs1v15Sign::new_unprefixed(), &hash()),
            0x02 if is_hash => private.sign(Pkcs1v15Sign::new::<Sha256>(), data),
            0x03 => private.sign(Pkcs1v15Sign::new::<Sha256>(), &hash()),
            0x04 if is_hash => private.sign_with_rng(&mut OsRng, Pss::new::<Sha256>(), data),
            0x05 => private.sign_with_rng(&mut OsRng, Pss::new::<Sha256>(), &hash()),
            0x02 | 0x04 => return Err(CONDITIONS),
            _ => return Err(WRONG_PARAMETERS),
        };
        signature.map_err(|_| NO_DIAGNOSIS)
    }

    /// Makes the EF with this short identifier (low five bits) current.
    fn select_short(&mut self, parameter: u8) -> Result<(), u16> {
        let file = u16::from(parameter & 0x1F);
        self.file(file).ok_or(NOT_FOUND)?;
        self.session.file = Some(file);
        Ok(())
    }

    fn current(&self) -> Result<Ef, u16> {
        self.session.file.and_then(|file| self.file(file)).ok_or(NO_FILE)
    }

    fn current_pin(&mut self, parameter: u8) -> Result<PinPlace, u16> {
        match parameter {
            0x80 => {}
            0x81..=0x9F => self.select_short(parameter)?,
            _ => return Err(WRONG_PARAMETERS),
        }
        match self.current()? {
            Ef::Pin(place) => Ok(place),
            Ef::Data { .. } | Ef::Key(_) => Err(NOT_READABLE),
        }
    }

    fn is_verified(&self, pin: PinPlace) -> bool {
        self.session.verified.contains(&pin)
    }

    fn credential(&self, place: KeyPlace) -> Option<&Credential> {
        match place {
            KeyPlace::Authentication => Some(&self.content.authentication),
            KeyPlace::Signing => self.content.signing.as_ref(),
        }
    }

    fn key(&self, place: KeyPlace) -> Result<&SoftKey, u16> {
        let certified = &*self.credential(place).ok_or(NOT_FOUND)?.key;
        match &self.keys {
            Keys::Certified => Ok(certified),
            Keys::Other(other) => match other.get() {
                Some(key) => Ok(key),
                None => {
                    let key = SoftKey::generate().map_err(|_| NO_DIAGNOSIS)?;
                    Ok(other.get_or_init(|| key))
                }
            },
        }
    }

    fn pin(&self, place: PinPlace) -> Option<&PinState> {
        match place {
            PinPlace::Authentication => Some(&self.content.authentication.pin),
            PinPlace::Signing => self.content.signing.as_ref().map(|signing| &signing.pin),
            PinPlace::Text => Some(&self.content.text.pin),
        }
    }

    fn pin_mut(&mut self, place: PinPlace) -> Option<&mut PinState> {
        match place {
            PinPlace::Authentication => Some(&mut self.content.authentication.pin),
            PinPlace::Signing => self.content.signing.as_mut().map(|signing| &mut signing.pin),
            PinPlace::Text => Some(&mut self.content.text.pin),
        }
    }

    fn set_tries(&mut self, place: PinPlace, left: u8) -> Result<(), u16> {
        let pin = self.pin_mut(place).ok_or(NOT_FOUND)?;
        if pin.left == left {
            return Ok(());
        }
        pin.left = left;
        self.save()
    }

    fn save(&self) -> Result<(), u16> {
        match &self.file {
            Some(path) => self.content.write(path).map_err(|_| MEMORY_FAILURE),
            None => Ok(()),
        }
    }

    fn file(&self, file: u16) -> Option<Ef> {
        match self.session.application? {
            Application::Issuer => None,
            Application::Jpki => self.jpki_file(file),
            Application::Text => self.text_file(file),
        }
    }

    fn jpki_file(&self, file: u16) -> Option<Ef> {
        let Content { form, authentication, signing, text: _ } = &self.content;
        // A card without a signing certificate answers "not found" for all that belongs to it: a choice made here.
        let signing = signing.as_ref();
        let free = |content: &[u8]| Ef::Data { content: content.to_vec(), opened_by: None };
        match file {
            0x0001 => signing.map(|signing| Ef::Data { content: signing.certificate.clone(), opened_by: Some(PinPlace::Signing) }),
            0x0002 => signing.map(|signing| free(&signing.ca)),
            0x0006 => Some(free(&token_info(*form))),
            0x0008 => Some(free(&[if signing.is_some() { 0x8F } else { 0x00 }, 0x8F, 0x00])),
            0x000A => Some(Ef::Data { content: authentication.certificate.clone(), opened_by: (*form == Form::Android).then_some(PinPlace::Authentication) }),
            0x000B => Some(free(&authentication.ca)),
            0x0017 => Some(Ef::Key(KeyPlace::Authentication)),
            0x0018 => Some(Ef::Pin(PinPlace::Authentication)),
            0x001A => signing.map(|_| Ef::Key(KeyPlace::Signing)),
            0x001B => signing.map(|_| Ef::Pin(PinPlace::Signing)),
            _ => None,
        }
    }

    fn text_file(&self, file: u16) -> Option<Ef> {
        let opened_by = Some(PinPlace::Text);
        match file {
            0x0001 => Some(Ef::Data { content: self.my_number_file(), opened_by }),
            0x0002 => Some(Ef::Data { content: self.attributes_file(), opened_by }),
            0x0011 => Some(Ef::Pin(PinPlace::Text)),
            _ => None,
        }
    }

    fn my_number_file(&self) -> Vec<u8> {
        let mut file = tlv(0xFF10, self.content.text.my_number.as_bytes());
        file.extend_from_slice(&[0xFF, 0xFF]);
        file
    }

    fn attributes_file(&self) -> Vec<u8> {
        let text = &self.content.text;
        let fields = [(0xDF22, &text.name), (0xDF23, &text.address), (0xDF24, &text.birth), (0xDF25, &text.sex)].map(|(tag, value)| tlv(tag, value.as_bytes()));
        let body: usize = fields.iter().map(Vec::len).sum();
        // Tag and length of the whole, then DF21 with its four offsets of two bytes.
        let mut offset = tlv(0xFF20, &vec![0; 3 + 8 + body]).len() - body;
        let mut offsets = Vec::new();
        for field in &fields {
            offsets.extend_from_slice(&u16::try_from(offset).unwrap_or(u16::MAX).to_be_bytes());
            offset += field.len();
        }
        let content = [tlv(0xDF21, &offsets), fields.concat()].concat();
        let mut file = tlv(0xFF20, &content);
        // The file is longer than what stands in it.
        file.resize(file.len().next_multiple_of(64).max(512), 0xFF);
        file
    }
}

impl<'a> Apdu<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Apdu<'a>> {
        let (&[class, instruction, p1, p2], rest) = bytes.split_first_chunk()?;
        let (data, expected) = match rest {
            [] => (&[][..], None),
            [expected] => (&[][..], Some(*expected)),
            // Extended lengths begin with 00; the card has none.
            [0, ..] => return None,
            [length, rest @ ..] => match rest.split_at_checked(usize::from(*length))? {
                (data, []) => (data, None),
                (data, [expected]) => (data, Some(*expected)),
                _ => return None,
            },
        };
        let expected = expected.map(|length| if length == 0 { 256 } else { usize::from(length) });
        Some(Apdu { class, instruction, p1, p2, data, expected })
    }
}

/// Token information, a `CK_TOKEN_INFO` of PKCS #11 with big-endian numbers, 160 bytes.
fn token_info(form: Form) -> Vec<u8> {
    let label = match form {
        Form::Card => "JPKIAPICCTOKEN2",
        Form::Android => "JPKIAPGPSETOKEN",
        Form::IPhone => "JPKIAPIOSTOKEN",
    };
    let mut info = Vec::with_capacity(160);
    for (text, length) in [(label, 32), ("Tachiai", 32), ("software card", 16), ("", 16)] {
        info.extend(text.bytes().chain(std::iter::repeat(b' ')).take(length));
    }
    // Flags and session counts are not told; the PINs are 4 to 16 characters long.
    for number in [0u32, 0, 0, 0, 0, 16, 4, 0, 0, 0, 0] {
        info.extend_from_slice(&number.to_be_bytes());
    }
    info.extend_from_slice(&[1, 0, 1, 0]);
    info.extend_from_slice(&[b' '; 16]);
    info
}

fn tlv(tag: u16, content: &[u8]) -> Vec<u8> {
    let mut bytes = tag.to_be_bytes().to_vec();
    match content.len() {
        length @ 0..=0x7F => bytes.push(length as u8),
        length @ 0x80..=0xFF => bytes.extend_from_slice(&[0x81, length as u8]),
        length => {
            bytes.push(0x82);
            bytes.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    bytes.extend_from_slice(content);
    bytes
}
