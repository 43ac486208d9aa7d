//! The applets: command APDUs in, answers with status words out.
//!
//! The status words and the life of a verified PIN are those measured on real cards. Where nothing is known the
//! choice is the strict one, and stands beside a comment that says so.

use std::{
    cell::OnceCell,
    path::{Path, PathBuf},
};

use p384::ecdsa::{Signature, signature::hazmat::PrehashSigner};
use rand_core::{OsRng, RngCore};
use rsa::{
    Pkcs1v15Sign, Pss, RsaPrivateKey,
    sha2::{Digest, Sha256, Sha384},
};
use tachiai::card::{
    Generation, PinName,
    apdu::FileId,
    generation::{PinOf, SignatureAnswer},
};

use tachiai_jpki::testing::tlv;

use super::{CardFileError, Content, Form, PinState, Records, SoftKey, Text};

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
const FACE_AID: &[u8] = &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02];
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
    Face,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PinPlace {
    Authentication,
    Signing,
    Text,
    TextA,
    TextB,
    /// A PIN of the text that is blocked on every card.
    TextBlocked,
    FaceBirth,
    FaceA,
    FaceB,
}

impl PinPlace {
    fn application(self) -> Application {
        match self {
            PinPlace::Authentication | PinPlace::Signing => Application::Jpki,
            PinPlace::Text | PinPlace::TextA | PinPlace::TextB | PinPlace::TextBlocked => Application::Text,
            PinPlace::FaceBirth | PinPlace::FaceA | PinPlace::FaceB => Application::Face,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyPlace {
    Authentication,
    Signing,
    /// The text's own key, which needs no PIN.
    Text,
    /// The face's own key, which needs no PIN.
    Face,
}

impl KeyPlace {
    fn opened_by(self) -> Option<PinPlace> {
        match self {
            KeyPlace::Authentication => Some(PinPlace::Authentication),
            KeyPlace::Signing => Some(PinPlace::Signing),
            KeyPlace::Text | KeyPlace::Face => None,
        }
    }
}

/// An elementary file.
enum Ef {
    /// Content, and the PINs each of which opens it; free if there are none.
    Data {
        content: Vec<u8>,
        opened_by: &'static [PinPlace],
    },
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
                let application = match &self.content.generation {
                    _ if aid == ISSUER_AID => Application::Issuer,
                    None => match aid {
                        JPKI_AID => Application::Jpki,
                        TEXT_AID => Application::Text,
                        FACE_AID => Application::Face,
                        _ => return Err(NOT_FOUND),
                    },
                    Some(next) if aid == next.generation().application.as_bytes() => Application::Jpki,
                    Some(next) if aid == next.generation().text.application.as_bytes() => Application::Text,
                    Some(_) => return Err(NOT_FOUND),
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
            Ef::Data { opened_by, .. } if !opened_by.is_empty() && !opened_by.iter().any(|pin| self.is_verified(*pin)) => Err(PIN_NEEDED),
            Ef::Data { content, opened_by: _ } => match content.get(offset..) {
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
        let left = self.pin(place).map_or(0, |pin| pin.left);
        if left == 0 {
            // Measured of the PIN that is blocked on every card: a question is answered so, and a try otherwise.
            return Err(if place == PinPlace::TextBlocked && apdu.data.is_empty() { TRIES } else { BLOCKED });
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
        let name = match place {
            PinPlace::Authentication => PinName::Authentication,
            PinPlace::Signing => PinName::Signing,
            PinPlace::Text => PinName::Text,
            // What is printed on a card cannot be changed.
            _ => return Err(PIN_NEEDED),
        };
        let rule = self.content.generation.as_ref().map_or_else(|| Generation::today().rule(name), |next| next.generation().rule(name));
        let new = std::str::from_utf8(apdu.data).map_err(|_| CONDITIONS)?;
        if !(usize::from(rule.least)..=usize::from(rule.most)).contains(&new.len()) {
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
        let place = match (apdu.p2, self.session.application) {
            // The application's own key.
            (0x00, Some(Application::Text)) if self.content.generation.is_none() => KeyPlace::Text,
            (0x00, Some(Application::Face)) => KeyPlace::Face,
            (0x80..=0x9F, _) => {
                if apdu.p2 != 0x80 {
                    self.select_short(apdu.p2)?;
                }
                let Ef::Key(place) = self.current()? else {
                    return Err(CONDITIONS);
                };
                place
            }
            _ => return Err(WRONG_PARAMETERS),
        };
        if place.opened_by().is_some_and(|pin| !self.is_verified(pin)) {
            return Err(PIN_NEEDED);
        }
        let key = self.key(place)?;
        if let Some(private) = key.rsa() {
            return sign_rsa(private, apdu.p1, apdu.data);
        }
        let (Some(next), Some(private)) = (&self.content.generation, key.p384()) else { return Err(NO_DIAGNOSIS) };
        let form = next.generation().signature;
        if apdu.p1 != form.p1 {
            return Err(WRONG_PARAMETERS);
        }
        if apdu.data.len() != <Sha384 as Digest>::output_size() {
            return Err(CONDITIONS);
        }
        let signature: Signature = private.sign_prehash(apdu.data).map_err(|_| NO_DIAGNOSIS)?;
        Ok(match form.answer {
            SignatureAnswer::Signature => signature.to_der().as_bytes().to_vec(),
            SignatureAnswer::Concatenated => signature.to_bytes().to_vec(),
        })
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

    fn key(&self, place: KeyPlace) -> Result<&SoftKey, u16> {
        let Content { authentication, signing, text_records, face, .. } = &self.content;
        let certified = match place {
            KeyPlace::Authentication => &*authentication.key,
            KeyPlace::Signing => &*signing.as_ref().ok_or(NOT_FOUND)?.key,
            KeyPlace::Text => &*text_records.key,
            KeyPlace::Face => &*face.key,
        };
        match &self.keys {
            Keys::Certified => Ok(certified),
            Keys::Other(other) => match other.get() {
                Some(key) => Ok(key),
                None => {
                    let key = certified.another().map_err(|_| NO_DIAGNOSIS)?;
                    Ok(other.get_or_init(|| key))
                }
            },
        }
    }

    /// Whose counter and value a PIN has: there are cards on which one PIN opens both applications.
    fn holder_pin(&self, place: PinPlace) -> PinPlace {
        match (place, &self.content.generation) {
            (PinPlace::Text, Some(next)) if next.generation().text.pin_of == PinOf::Authentication => PinPlace::Authentication,
            (place, _) => place,
        }
    }

    fn pin(&self, place: PinPlace) -> Option<&PinState> {
        let place = self.holder_pin(place);
        let Content { authentication, signing, text, codes, .. } = &self.content;
        match place {
            PinPlace::Authentication => Some(&authentication.pin),
            PinPlace::Signing => signing.as_ref().map(|signing| &signing.pin),
            PinPlace::Text => Some(&text.pin),
            PinPlace::TextA => Some(&text.code_a),
            PinPlace::TextB => Some(&text.code_b),
            PinPlace::TextBlocked => None,
            PinPlace::FaceBirth => Some(&codes.birth),
            PinPlace::FaceA => Some(&codes.a),
            PinPlace::FaceB => Some(&codes.b),
        }
    }

    fn pin_mut(&mut self, place: PinPlace) -> Option<&mut PinState> {
        let place = self.holder_pin(place);
        let Content { authentication, signing, text, codes, .. } = &mut self.content;
        match place {
            PinPlace::Authentication => Some(&mut authentication.pin),
            PinPlace::Signing => signing.as_mut().map(|signing| &mut signing.pin),
            PinPlace::Text => Some(&mut text.pin),
            PinPlace::TextA => Some(&mut text.code_a),
            PinPlace::TextB => Some(&mut text.code_b),
            PinPlace::TextBlocked => None,
            PinPlace::FaceBirth => Some(&mut codes.birth),
            PinPlace::FaceA => Some(&mut codes.a),
            PinPlace::FaceB => Some(&mut codes.b),
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
        let application = self.session.application?;
        let file = match &self.content.generation {
            None => file,
            Some(next) => file_of_today(next.generation(), application, file)?,
        };
        match application {
            Application::Issuer => None,
            Application::Jpki => self.jpki_file(file),
            Application::Text => self.text_file(file),
            Application::Face => self.face_file(file),
        }
    }

    fn jpki_file(&self, file: u16) -> Option<Ef> {
        let Content { form, authentication, signing, text: _, text_records: _, face: _, codes: _, generation: _ } = &self.content;
        // A card without a signing certificate answers "not found" for all that belongs to it: a choice made here.
        let signing = signing.as_ref();
        let free = |content: &[u8]| Ef::Data { content: content.to_vec(), opened_by: &[] };
        match file {
            0x0001 => signing.map(|signing| Ef::Data { content: signing.certificate.clone(), opened_by: &[PinPlace::Signing] }),
            0x0002 => signing.map(|signing| free(&signing.ca)),
            0x0006 => Some(free(&token_info(*form))),
            0x0008 => Some(free(&[if signing.is_some() { 0x8F } else { 0x00 }, 0x8F, 0x00])),
            0x000A => Some(Ef::Data {
                content: authentication.certificate.clone(),
                opened_by: match form {
                    Form::Android => &[PinPlace::Authentication],
                    Form::Card | Form::IPhone => &[],
                },
            }),
            0x000B => Some(free(&authentication.ca)),
            0x0017 => Some(Ef::Key(KeyPlace::Authentication)),
            0x0018 => Some(Ef::Pin(PinPlace::Authentication)),
            0x001A => signing.map(|_| Ef::Key(KeyPlace::Signing)),
            0x001B => signing.map(|_| Ef::Pin(PinPlace::Signing)),
            _ => None,
        }
    }

    fn text_file(&self, file: u16) -> Option<Ef> {
        use PinPlace::{Text, TextA, TextB, TextBlocked};
        let text = &self.content.text;
        match file {
            0x0001 => Some(Ef::Data { content: my_number_file(&text.my_number), opened_by: &[Text, TextA] }),
            0x0002 => {
                let mut content = attributes_file(text);
                // The file is longer than what stands in it.
                content.resize(content.len().next_multiple_of(64).max(512), 0xFF);
                Some(Ef::Data { content, opened_by: &[Text, TextB] })
            }
            0x0004 | 0x0005 => signed(&self.content.text_records, file, &[]),
            0x0011 => Some(Ef::Pin(Text)),
            0x0012 => Some(Ef::Pin(TextBlocked)),
            0x0013 => Some(Ef::Key(KeyPlace::Text)),
            0x0014 => Some(Ef::Pin(TextA)),
            0x0015 => Some(Ef::Pin(TextB)),
            _ => signed(&self.content.text_records, file, &[Text, TextA, TextB]),
        }
    }

    fn face_file(&self, file: u16) -> Option<Ef> {
        use PinPlace::{FaceA, FaceB, FaceBirth};
        let opened_by: &[PinPlace] = match file {
            0x0001 => &[FaceBirth],
            0x0002 => &[FaceA, FaceB],
            0x0003 | 0x0004 => &[],
            0x0005 => &[FaceA],
            0x0011 => return Some(Ef::Pin(FaceBirth)),
            0x0012 => return Some(Ef::Pin(FaceB)),
            0x0013 => return Some(Ef::Pin(FaceA)),
            0x001A => return Some(Ef::Key(KeyPlace::Face)),
            _ => return None,
        };
        signed(&self.content.face, file, opened_by)
    }
}

/// P1 says what the data are and how they are padded.
fn sign_rsa(private: &RsaPrivateKey, p1: u8, data: &[u8]) -> Outcome {
    let hash = || Sha256::digest(data);
    let is_hash = data.len() == <Sha256 as Digest>::output_size();
    let signature = match p1 {
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

/// The file of today's cards that has this one's part on a card of another generation.
fn file_of_today(generation: &Generation, application: Application, file: u16) -> Option<u16> {
    let Generation { token_info, issued, authentication, signing, text, .. } = generation;
    let files = match application {
        Application::Jpki => vec![
            (*token_info, 0x0006),
            (*issued, 0x0008),
            (Some(authentication.certificate), 0x000A),
            (Some(authentication.ca), 0x000B),
            (Some(authentication.key), 0x0017),
            (Some(authentication.pin), 0x0018),
            (Some(signing.certificate), 0x0001),
            (Some(signing.ca), 0x0002),
            (Some(signing.key), 0x001A),
            (Some(signing.pin), 0x001B),
        ],
        Application::Text => vec![(Some(text.attributes), 0x0002), (Some(text.pin), 0x0011)],
        Application::Issuer | Application::Face => Vec::new(),
    };
    files.into_iter().find(|(there, _)| *there == Some(FileId(file))).map(|(_, today)| today)
}

/// A file that was signed when the card was made.
fn signed(records: &Records, file: u16, opened_by: &'static [PinPlace]) -> Option<Ef> {
    records.files.get(&file).map(|content| Ef::Data { content: content.clone(), opened_by })
}

/// EF 0001 of the text, whole.
pub(super) fn my_number_file(my_number: &str) -> Vec<u8> {
    [tlv(0xFF10, my_number.as_bytes()).as_slice(), &[0xFF, 0xFF]].concat()
}

/// EF 0002 of the text, without what fills the file.
pub(super) fn attributes_file(text: &Text) -> Vec<u8> {
    let Text { name, address, birth, sex, .. } = text;
    tachiai_jpki::testing::attributes_file(&[(0xDF22, name), (0xDF23, address), (0xDF24, birth), (0xDF25, sex)])
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
