//! One conversation with one card, and its JPKI application (公的個人認証).

use std::fmt;

use rustls_pki_types::CertificateDer;

use super::{
    CardError, LastTry, Object, Password, Pin, Power, Transport, TransportError,
    apdu::{Aid, Answer, CHUNK, Command, FileId, Status},
    generation::{FACE_NUMBER, Generation, KeyFiles, PinOf, PinRule},
};
use tachiai_schemas::Lang;

/// Length of the label at the head of the token information (PKCS #11, `CK_TOKEN_INFO`).
const LABEL: usize = 32;
/// The most that a file may hold: READ BINARY says its offset in 15 bits.
const LONGEST_FILE: usize = 0x7FFF;
/// Enough for the tag and length of every file here.
const FILE_HEAD: usize = 7;

/// What the JPKI application runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The plastic card.
    Card,
    /// An Android phone: its certificates are its own, and reading them takes the PIN.
    Android,
    /// An iPhone.
    IPhone,
}

impl Kind {
    /// What the token information calls it.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Card => "JPKIAPICCTOKEN2",
            Kind::Android => "JPKIAPGPSETOKEN",
            Kind::IPhone => "JPKIAPIOSTOKEN",
        }
    }

    /// The kind's name for people.
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Kind::Card => lang.pick("マイナンバーカード", "My Number Card"),
            Kind::Android => lang.pick("Androidのスマートフォン", "Android phone"),
            Kind::IPhone => "iPhone",
        }
    }
}

/// Whether a certificate was issued, as far as the card tells without a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issue {
    /// It is there.
    Issued,
    /// It is not: the holder is under 15, or did not ask for it.
    NotIssued,
    /// The card does not say.
    Unknown,
}

/// One of the card's PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinName {
    /// 利用者証明用, four digits, 3 tries.
    Authentication,
    /// 署名用, a password of 6 to 16 characters, 5 tries.
    Signing,
    /// 券面事項入力補助用, four digits, 3 tries.
    Text,
    /// 照合番号B, fourteen digits that stand on the card's face: whoever holds the card can read the text without knowing a PIN.
    Face,
}

/// A PIN as a card has it: one that opens two things has one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldPin {
    /// Which of the holder's PINs it is.
    pub name: PinName,
    /// What it looks like.
    pub rule: PinRule,
}

/// One of the card's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// 利用者証明用: proves who is here.
    Authentication,
    /// 署名用: declares, as a seal on a document does.
    Signing,
}

/// How often a PIN may still be typed wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// This often, at least once.
    Left(u8),
    /// The card does not count.
    Unlimited,
    /// The PIN was verified in this conversation, so its counter is full.
    Verified,
    /// Never again before it is reset at the city office.
    Blocked,
}

impl PinName {
    /// The PIN's name for people.
    pub fn say(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::Ja, PinName::Authentication) => "利用者証明用の暗証番号",
            (Lang::En, PinName::Authentication) => "user authentication PIN",
            (Lang::Ja, PinName::Signing) => "署名用のパスワード",
            (Lang::En, PinName::Signing) => "signature password",
            (Lang::Ja, PinName::Text) => "券面事項入力補助用の暗証番号",
            (Lang::En, PinName::Text) => "card text PIN",
            (Lang::Ja, PinName::Face) => "照合番号B",
            (Lang::En, PinName::Face) => "number on the card's face",
        }
    }
}

impl HeldPin {
    /// Its name for people, and what it looks like.
    pub fn say(self, lang: Lang) -> String {
        let (name, rule) = (self.name.say(lang), self.rule.say(lang));
        match lang {
            Lang::Ja => format!("{name}（{rule}）"),
            Lang::En => format!("{name} ({rule})"),
        }
    }
}

impl fmt::Display for PinName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.say(Lang::En))
    }
}

impl Key {
    /// The PIN that opens it.
    pub fn pin(self) -> PinName {
        match self {
            Key::Authentication => PinName::Authentication,
            Key::Signing => PinName::Signing,
        }
    }
}

/// A conversation with one card.
///
/// The JPKI application and the card's text forget each other's verified PINs: reading the attributes between
/// verifying a PIN and signing means to verify again. Dropping the conversation leaves the application and powers
/// the card off; [`Card::close`] does the same and says if it failed.
pub struct Card<T: Transport> {
    transport: T,
    current: Option<Aid>,
    kind: Option<Kind>,
    generation: Generation,
    left: bool,
}

/// A PIN as a generation has it: where it is, and which of the holder's PINs it is.
#[derive(Clone, Copy)]
struct PinPlace {
    application: Aid,
    file: FileId,
    name: PinName,
    rule: PinRule,
}

impl<T: Transport> Card<T> {
    /// Opens a card of today's generation, as [`Card::open_among`].
    ///
    /// # Errors
    /// As there.
    pub fn open(transport: T) -> Result<Card<T>, CardError> {
        Card::open_among(transport, &[Generation::today()])
    }

    /// Powers the card up, finds which of these generations it is of by selecting the application of each, and asks what
    /// kind of card it is.
    ///
    /// # Errors
    /// [`CardError::NotMyNumberCard`] without any such application, [`CardError::UnknownKind`] if it is none of
    /// [`Kind`], or what the transport says.
    pub fn open_among(mut transport: T, generations: &[Generation]) -> Result<Card<T>, CardError> {
        transport.power(Power::On)?;
        let mut card = Card { transport, current: None, kind: None, generation: Generation::today(), left: false };
        let mut refused = None;
        for generation in generations {
            let mut answer = card.send(&Command::select_application(generation.application), Object::Application)?;
            if answer.status == Status::NoDiagnosis && refused.is_none() {
                // Real cards were seen to answer so to the first command after power-up.
                answer = card.send(&Command::select_application(generation.application), Object::Application)?;
            }
            if answer.status == Status::Done {
                card.current = Some(generation.application);
                card.generation = generation.clone();
                card.kind = card.read_kind()?;
                return Ok(card);
            }
            refused = refused.or(Some(answer.status));
        }
        Err(CardError::NotMyNumberCard(refused.unwrap_or(Status::NotFound)))
    }

    /// Which generation the card is of.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// What the card runs on; a plastic card, where a generation does not say.
    pub fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Card)
    }

    /// What it calls itself, if its generation says.
    pub fn label(&self) -> Option<&'static str> {
        self.kind.map(Kind::label)
    }

    /// The PIN that is meant by this name on this card.
    pub fn pin(&self, pin: PinName) -> HeldPin {
        let PinPlace { name, rule, .. } = self.place(pin);
        HeldPin { name, rule }
    }

    /// The reader's name.
    pub fn reader(&self) -> &str {
        self.transport.name()
    }

    /// How many tries a PIN has left. Asking costs none.
    ///
    /// # Errors
    /// [`CardError::Absent`] if the card has no such PIN.
    pub fn tries(&mut self, pin: PinName) -> Result<Tries, CardError> {
        self.tries_at(self.place(pin))
    }

    fn place(&self, pin: PinName) -> PinPlace {
        let Generation { application, authentication, signing, text, .. } = &self.generation;
        let of_key = |files: &KeyFiles| PinPlace { application: *application, file: files.pin, name: pin, rule: files.rule };
        match pin {
            PinName::Authentication => of_key(authentication),
            PinName::Signing => of_key(signing),
            PinName::Text => PinPlace {
                application: text.application,
                file: text.pin,
                name: match text.pin_of {
                    PinOf::Text => PinName::Text,
                    PinOf::Authentication => PinName::Authentication,
                },
                rule: text.rule,
            },
            PinName::Face => PinPlace { application: text.application, file: text.face, name: pin, rule: FACE_NUMBER },
        }
    }

    fn tries_at(&mut self, place: PinPlace) -> Result<Tries, CardError> {
        let object = Object::Pin(place.name);
        self.select(place.application)?;
        self.select_file(place.file, object)?;
        match self.send(&Command::tries_left(), object)?.status {
            Status::Tries(left) => Ok(Tries::Left(left)),
            Status::NotVerified => Ok(Tries::Unlimited),
            Status::Done => Ok(Tries::Verified),
            Status::Blocked => Ok(Tries::Blocked),
            status => Err(CardError::Refused { doing: object, status }),
        }
    }

    /// The certificate of the authentication key. It is free to read on a plastic card; on an Android phone after
    /// [`Card::verify_pin`]. That it was read proves nothing: only a signature does.
    ///
    /// # Errors
    /// [`CardError::Absent`] if none was issued, [`CardError::PinNeeded`] on a phone.
    pub fn authentication_certificate(&mut self) -> Result<CertificateDer<'static>, CardError> {
        self.certificate(self.generation.authentication.certificate, Object::AuthenticationCertificate, PinName::Authentication)
    }

    /// The issuer of the authentication certificate, as the card tells it: a help for finding the anchor, and no
    /// proof, for it comes from the same card.
    ///
    /// # Errors
    /// As [`Card::authentication_certificate`].
    pub fn authentication_ca(&mut self) -> Result<CertificateDer<'static>, CardError> {
        self.certificate(self.generation.authentication.ca, Object::AuthenticationCa, PinName::Authentication)
    }

    /// The certificate of the signing key, with the holder's name, address, birth and sex in it.
    /// Only after [`Card::verify_password`].
    ///
    /// # Errors
    /// [`CardError::PinNeeded`] before, [`CardError::Absent`] if none was issued (as to anyone under 15).
    pub fn signing_certificate(&mut self) -> Result<CertificateDer<'static>, CardError> {
        self.certificate(self.generation.signing.certificate, Object::SigningCertificate, PinName::Signing)
    }

    /// Whether there is a signing certificate. This takes no PIN, so that nobody types a password for nothing.
    ///
    /// # Errors
    /// What the transport says.
    pub fn signing_issue(&mut self) -> Result<Issue, CardError> {
        let Some(issued) = self.generation.issued else { return Ok(Issue::Unknown) };
        self.select(self.generation.application)?;
        let object = Object::SigningCertificate;
        let flags = self.select_file(issued, object).and_then(|()| self.read(0, 1, object, PinName::Signing));
        match flags {
            // Measured on real cards: 8F for each certificate that is there.
            Ok(flags) if flags == [0x8F] => Ok(Issue::Issued),
            Ok(flags) if flags == [0x00] => Ok(Issue::NotIssued),
            Err(CardError::Transport(error)) => Err(error.into()),
            Ok(_) | Err(_) => Ok(Issue::Unknown),
        }
    }

    /// The issuer of the signing certificate, as the card tells it; it proves nothing.
    ///
    /// # Errors
    /// As [`Card::signing_certificate`].
    pub fn signing_ca(&mut self) -> Result<CertificateDer<'static>, CardError> {
        self.certificate(self.generation.signing.ca, Object::SigningCa, PinName::Signing)
    }

    /// Verifies the four-digit PIN of the authentication key, which then may sign until the card is left.
    ///
    /// # Errors
    /// [`CardError::WrongPin`], [`CardError::Blocked`], or [`CardError::LastTryKept`] when one try is left and
    /// `last` does not allow it.
    pub fn verify_pin(&mut self, pin: &Pin, last: LastTry) -> Result<(), CardError> {
        self.verify(PinName::Authentication, pin.bytes(), last)
    }

    /// Verifies the password of the signing key, which opens its certificate too.
    ///
    /// # Errors
    /// As [`Card::verify_pin`].
    pub fn verify_password(&mut self, password: &Password, last: LastTry) -> Result<(), CardError> {
        self.verify(PinName::Signing, password.bytes(), last)
    }

    /// Signs `message` by the algorithm of the card's generation: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2) for
    /// the cards of today. The signature is as certificates carry it.
    ///
    /// The caller builds the message itself and shows the holder what it says: a card never signs bytes that a
    /// server alone chose.
    ///
    /// # Errors
    /// [`CardError::PinNeeded`] before the key's PIN was verified, [`CardError::Absent`] without the key.
    pub fn sign(&mut self, key: Key, message: &[u8]) -> Result<Vec<u8>, CardError> {
        let object = Object::Signature;
        let form = self.generation.signature;
        self.select(self.generation.application)?;
        let file = match key {
            Key::Authentication => self.generation.authentication.key,
            Key::Signing => self.generation.signing.key,
        };
        self.select_file(file, object)?;
        let answer = self.send(&Command::sign(form.p1, &form.input(message)), object)?;
        match answer.status {
            Status::Done => form.signature(answer.data),
            Status::PinNeeded => Err(CardError::PinNeeded(key.pin())),
            status => Err(CardError::Refused { doing: object, status }),
        }
    }

    /// Leaves the application and powers the card off, so that no verified PIN outlives the conversation.
    ///
    /// # Errors
    /// What the transport says; the card should then be taken off the reader.
    pub fn close(mut self) -> Result<(), CardError> {
        self.leave()
    }

    fn leave(&mut self) -> Result<(), CardError> {
        if self.left {
            return Ok(());
        }
        self.left = true;
        self.current = None;
        let forgotten = self.transport.transmit(&Command::select_application(Aid::ISSUER).to_bytes());
        // Either way suffices, and a phone or a failing reader may refuse one of them.
        let off = self.transport.power(Power::Off);
        match (forgotten.map(Answer::parse), off) {
            (_, Ok(())) | (Ok(Some(Answer { status: Status::Done, .. })), _) => Ok(()),
            (_, Err(error)) => Err(error.into()),
        }
    }

    pub(super) fn verify(&mut self, pin: PinName, value: &[u8], last: LastTry) -> Result<(), CardError> {
        // A PIN is never shown to a card that has not told how many tries it has: that includes every error here.
        let place = self.place(pin);
        let pin = place.name;
        if !place.rule.allows(value) {
            return Err(place.rule.broken(pin));
        }
        match (self.tries_at(place)?, last) {
            (Tries::Blocked, _) => return Err(CardError::Blocked(pin)),
            (Tries::Left(..=1), LastTry::Keep) => return Err(CardError::LastTryKept(pin)),
            (Tries::Left(_), _) | (Tries::Unlimited | Tries::Verified, _) => {}
        }
        match self.send(&Command::verify(value), Object::Pin(pin))?.status {
            Status::Done => Ok(()),
            Status::Tries(left) => Err(CardError::WrongPin { pin, left }),
            Status::Blocked => Err(CardError::Blocked(pin)),
            status => Err(CardError::Refused { doing: Object::Pin(pin), status }),
        }
    }

    pub(super) fn select(&mut self, application: Aid) -> Result<(), CardError> {
        if self.current == Some(application) {
            return Ok(());
        }
        let answer = self.send(&Command::select_application(application), Object::Application)?;
        match answer.status {
            Status::Done => {
                self.current = Some(application);
                Ok(())
            }
            Status::NotFound => Err(CardError::Absent(Object::Application)),
            status => Err(CardError::Refused { doing: Object::Application, status }),
        }
    }

    pub(super) fn select_file(&mut self, file: FileId, object: Object) -> Result<(), CardError> {
        match self.send(&Command::select_file(file), object)?.status {
            Status::Done => Ok(()),
            Status::NotFound => Err(CardError::Absent(object)),
            status => Err(CardError::Refused { doing: object, status }),
        }
    }

    /// Reads one BER-TLV object from the start of the current file; what lies behind it is padding.
    pub(super) fn read_object(&mut self, object: Object, pin: PinName) -> Result<Vec<u8>, CardError> {
        let mut content = self.read(0, FILE_HEAD, object, pin)?;
        let length = object_length(&content).ok_or(CardError::Malformed(object))?;
        while content.len() < length {
            let wanted = (length - content.len()).min(CHUNK);
            let chunk = self.read(content.len(), wanted, object, pin)?;
            if chunk.is_empty() {
                return Err(CardError::Malformed(object));
            }
            content.extend_from_slice(&chunk);
        }
        content.truncate(length);
        Ok(content)
    }

    fn read(&mut self, offset: usize, length: usize, object: Object, pin: PinName) -> Result<Vec<u8>, CardError> {
        let answer = self.send(&Command::read(offset, length), object)?;
        match answer.status {
            Status::Done | Status::EndOfFile if answer.data.len() > length => Err(CardError::Malformed(object)),
            Status::Done | Status::EndOfFile => Ok(answer.data),
            Status::PinNeeded => Err(CardError::PinNeeded(pin)),
            Status::PastEnd => Err(CardError::Malformed(object)),
            status => Err(CardError::Refused { doing: object, status }),
        }
    }

    fn certificate(&mut self, file: FileId, object: Object, pin: PinName) -> Result<CertificateDer<'static>, CardError> {
        self.select(self.generation.application)?;
        self.select_file(file, object)?;
        // A file whose certificate was not issued is there, and holds no SEQUENCE.
        if self.read(0, 1, object, pin)? != [0x30] {
            return Err(CardError::Absent(object));
        }
        self.read_object(object, pin).map(CertificateDer::from)
    }

    fn read_kind(&mut self) -> Result<Option<Kind>, CardError> {
        let object = Object::TokenInfo;
        let Some(token_info) = self.generation.token_info else { return Ok(None) };
        self.select_file(token_info, object)?;
        let label = self.read(0, LABEL, object, PinName::Authentication)?;
        // PKCS #11 pads with spaces; a zero ends the text of those who think in C.
        let label = label.split(|byte| *byte == 0).next().unwrap_or_default();
        let label = label.trim_ascii_end();
        let known = [Kind::Card, Kind::Android, Kind::IPhone].into_iter().find(|kind| kind.label().as_bytes() == label);
        // Escaped, for it goes to a terminal.
        known.map(Some).ok_or_else(|| CardError::UnknownKind(label.escape_ascii().to_string()))
    }

    fn send(&mut self, command: &Command, object: Object) -> Result<Answer, CardError> {
        let result = self.transport.transmit(&command.to_bytes());
        if result.is_err() {
            // What is selected after a failure is not known.
            self.current = None;
        }
        if let Err(TransportError::Removed | TransportError::ReaderGone { .. } | TransportError::Hung { .. }) = result {
            // There is nothing left to leave, and trying would keep the holder waiting.
            self.left = true;
        }
        Answer::parse(result?).ok_or(CardError::Malformed(object))
    }
}

impl<T: Transport> Drop for Card<T> {
    fn drop(&mut self) {
        // Nobody is left to be told; `close` is for those who ask.
        let _ = self.leave();
    }
}

/// Whole length of the BER-TLV object that starts with these bytes: tag, length field and content.
fn object_length(head: &[u8]) -> Option<usize> {
    let (&first, rest) = head.split_first()?;
    // A tag of two bytes says so by its low five bits; the card has no longer ones.
    let (tag, rest) = if first & 0x1F == 0x1F { (2, rest.get(1..)?) } else { (1, rest) };
    let (&first, rest) = rest.split_first()?;
    let (field, content) = match first {
        0..=0x7F => (1, usize::from(first)),
        0x81 => (2, usize::from(*rest.first()?)),
        0x82 => (3, usize::from(u16::from_be_bytes(*rest.first_chunk()?))),
        _ => return None,
    };
    let length = tag + field + content;
    (length <= LONGEST_FILE).then_some(length)
}

#[cfg(test)]
mod tests;
