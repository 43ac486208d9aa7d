//! A generation of the national card: where things are on it and how it signs, as data.
//!
//! Today's cards (since 2016) are built in. The generation after them is announced with P-384 keys, two applications and
//! two PINs, and its names are not published: they come from a file in TOML ([`Generation::from_toml`]), and nothing about
//! them is known here. [`Card::open_among`](super::Card::open_among) finds which generation a card is of by its
//! application.

use ring::digest;
use serde::{Deserialize, Deserializer, de::Error as _};
use tachiai_schemas::Lang;

use super::{
    CardError, Object, PinName,
    apdu::{Aid, FileId},
};

/// One generation of the card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generation {
    /// Its name for people.
    pub name: String,
    /// The application with certificates and keys. A card that has it is of this generation.
    pub application: Aid,
    /// The file that tells a card from a phone; without it everything counts as a card.
    pub token_info: Option<FileId>,
    /// The file that tells which certificates are there.
    pub issued: Option<FileId>,
    /// 利用者証明用.
    pub authentication: KeyFiles,
    /// 署名用.
    pub signing: KeyFiles,
    /// What is printed on the card.
    pub text: TextFiles,
    /// How the keys sign.
    pub signature: SignatureForm,
}

/// The files that belong to one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFiles {
    /// Its certificate.
    pub certificate: FileId,
    /// The certificate of who issued that.
    pub ca: FileId,
    /// The key.
    pub key: FileId,
    /// The PIN that opens it.
    pub pin: FileId,
    /// What that PIN looks like.
    pub rule: PinRule,
}

/// The files of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextFiles {
    /// The application that holds them.
    pub application: Aid,
    /// Name, address, date of birth and sex.
    pub attributes: FileId,
    /// What is signed of that; without it nobody is enrolled at a counter with such a card.
    pub signed: Option<SignedTextFiles>,
    /// The PIN that opens that, in the same application.
    pub pin: FileId,
    /// Whose PIN that is.
    pub pin_of: PinOf,
    /// What that PIN looks like.
    pub rule: PinRule,
    /// The number on the card's face that opens that too (照合番号B), in the same application.
    #[serde(default = "face_file")]
    pub face: FileId,
}

/// Where it lies on today's cards. A generation that has no such file says so when it is asked.
const fn face_file() -> FileId {
    FileId(0x0015)
}

/// The files by which the text is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedTextFiles {
    /// Digests and their signature.
    pub digests: FileId,
    /// The certificate of the key that made it.
    pub certificate: FileId,
}

/// Whose PIN opens the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinOf {
    /// One of its own.
    Text,
    /// The PIN of the authentication key: the holder has one for both.
    Authentication,
}

/// What a PIN looks like. What does not is never shown to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinRule {
    /// The fewest characters.
    pub least: u8,
    /// The most characters.
    pub most: u8,
    /// Of which kind.
    pub characters: Characters,
}

/// Kinds of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Characters {
    /// 0–9.
    Digits,
    /// A–Z and 0–9; small letters are made capitals.
    CapitalsAndDigits,
}

/// How a key signs: P1 of the card's signature command, what that command is given, and what it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureForm {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// P1 of the command.
    #[serde(deserialize_with = "hex_byte")]
    pub p1: u8,
    /// What the command is given.
    pub input: Input,
    /// What it answers.
    pub answer: SignatureAnswer,
}

/// Signature algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).
    RsaPkcs1Sha256,
    /// ECDSA on P-384 with SHA-384 (FIPS 186-5 §6).
    EcdsaP384Sha384,
}

/// What a signature command is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// The message's digest.
    Digest,
    /// The digest in a DigestInfo (RFC 8017 §9.2).
    DigestInfo,
}

/// What a signature command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAnswer {
    /// The signature as certificates carry it: for ECDSA the DER of `SEQUENCE { r, s }`.
    Signature,
    /// For ECDSA r and s side by side, each as long as the curve's order.
    Concatenated,
}

/// Why a file tells no generation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerationError {
    /// It is not TOML, or a value is missing or wrong.
    #[error("{0}")]
    Toml(String),
    /// A PIN rule that nothing fulfils.
    #[error("a PIN rule has no length from `least` to `most`, 1 to 16")]
    Rule,
    /// Its signature form does not go together.
    #[error("RSA answers a signature of a DigestInfo, ECDSA one of a digest")]
    Signature,
    /// Its application is that of another generation, so that cards could not be told apart.
    #[error("its application is that of the built-in generation")]
    SameApplication,
}

/// 照合番号B: date of birth (era year, month, day), year of expiry, security code.
pub(super) const FACE_NUMBER: PinRule = PinRule { least: 14, most: 14, characters: Characters::Digits };

const FOUR_DIGITS: PinRule = PinRule { least: 4, most: 4, characters: Characters::Digits };

impl Generation {
    /// The cards of today.
    pub fn today() -> Generation {
        Generation {
            name: "マイナンバーカード".to_owned(),
            application: Aid::JPKI,
            token_info: Some(FileId(0x0006)),
            issued: Some(FileId(0x0008)),
            authentication: KeyFiles { certificate: FileId(0x000A), ca: FileId(0x000B), key: FileId(0x0017), pin: FileId(0x0018), rule: FOUR_DIGITS },
            signing: KeyFiles {
                certificate: FileId(0x0001),
                ca: FileId(0x0002),
                key: FileId(0x001A),
                pin: FileId(0x001B),
                rule: PinRule { least: 6, most: 16, characters: Characters::CapitalsAndDigits },
            },
            text: TextFiles {
                application: Aid::TEXT,
                attributes: FileId(0x0002),
                signed: Some(SignedTextFiles { digests: FileId(0x0003), certificate: FileId(0x0004) }),
                pin: FileId(0x0011),
                pin_of: PinOf::Text,
                rule: FOUR_DIGITS,
                face: face_file(),
            },
            signature: SignatureForm { algorithm: Algorithm::RsaPkcs1Sha256, p1: 0x00, input: Input::DigestInfo, answer: SignatureAnswer::Signature },
        }
    }

    /// Reads a generation from TOML; `tests/data/card/next-generation.toml` is an example.
    ///
    /// # Errors
    /// [`GenerationError`].
    pub fn from_toml(text: &str) -> Result<Generation, GenerationError> {
        let generation: Generation = toml::from_str(text).map_err(|error| GenerationError::Toml(error.to_string()))?;
        let Generation { name: _, application, token_info: _, issued: _, authentication, signing, text, signature } = &generation;
        let rules = [authentication.rule, signing.rule, text.rule];
        if rules.iter().any(|rule| rule.least == 0 || rule.least > rule.most || rule.most > 16) {
            return Err(GenerationError::Rule);
        }
        match (signature.algorithm, signature.input, signature.answer) {
            (Algorithm::RsaPkcs1Sha256, Input::DigestInfo, SignatureAnswer::Signature) | (Algorithm::EcdsaP384Sha384, Input::Digest, _) => {}
            _ => return Err(GenerationError::Signature),
        }
        if *application == Aid::JPKI {
            return Err(GenerationError::SameApplication);
        }
        Ok(generation)
    }

    /// What a PIN looks like.
    pub fn rule(&self, pin: PinName) -> PinRule {
        match pin {
            PinName::Authentication => self.authentication.rule,
            PinName::Signing => self.signing.rule,
            PinName::Text => self.text.rule,
            PinName::Face => FACE_NUMBER,
        }
    }
}

impl PinRule {
    /// Whether a PIN looks like this.
    pub fn allows(self, pin: &[u8]) -> bool {
        let PinRule { least, most, characters } = self;
        let kind = |byte: &u8| match characters {
            Characters::Digits => byte.is_ascii_digit(),
            Characters::CapitalsAndDigits => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        };
        (usize::from(least)..=usize::from(most)).contains(&pin.len()) && pin.iter().all(kind)
    }
}

impl PinRule {
    /// What it looks like, for people.
    pub fn say(self, lang: Lang) -> String {
        let PinRule { least, most, characters } = self;
        let to = match lang {
            Lang::Ja => "～",
            Lang::En => " to ",
        };
        let count = if least == most { least.to_string() } else { format!("{least}{to}{most}") };
        match (lang, characters) {
            (Lang::Ja, Characters::Digits) => format!("数字{count}桁"),
            (Lang::En, Characters::Digits) => format!("{count} digits"),
            (Lang::Ja, Characters::CapitalsAndDigits) => format!("英数字{count}文字"),
            (Lang::En, Characters::CapitalsAndDigits) => format!("{count} letters and digits"),
        }
    }

    /// What to say of a PIN that does not look like this.
    pub(super) fn broken(self, pin: PinName) -> CardError {
        match pin {
            _ if self != Generation::today().rule(pin) => CardError::PinRule { pin, rule: self },
            PinName::Signing => CardError::PasswordShape,
            PinName::Authentication | PinName::Text => CardError::PinShape,
            PinName::Face => CardError::PinRule { pin, rule: self },
        }
    }
}

impl SignatureForm {
    /// What the signature command is given for this message.
    pub(super) fn input(self, message: &[u8]) -> Vec<u8> {
        // DigestInfo of SHA-256 (RFC 8017 §9.2, note 1).
        const SHA256: [u8; 19] = [0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
        let digest = digest::digest(
            match self.algorithm {
                Algorithm::RsaPkcs1Sha256 => &digest::SHA256,
                Algorithm::EcdsaP384Sha384 => &digest::SHA384,
            },
            message,
        );
        match self.input {
            Input::Digest => digest.as_ref().to_vec(),
            Input::DigestInfo => [&SHA256, digest.as_ref()].concat(),
        }
    }

    /// The signature in what the command answered, as certificates carry it.
    pub(super) fn signature(self, answer: Vec<u8>) -> Result<Vec<u8>, CardError> {
        const ORDER: usize = 48;
        match self.answer {
            _ if answer.is_empty() => Err(CardError::Malformed(Object::Signature)),
            SignatureAnswer::Signature => Ok(answer),
            SignatureAnswer::Concatenated => match answer.split_at_checked(ORDER) {
                Some((r, s)) if s.len() == ORDER => {
                    let content = [integer(r), integer(s)].concat();
                    // Two integers of 49 bytes at most: the length takes one byte.
                    Ok([&[0x30, u8::try_from(content.len()).unwrap_or(u8::MAX)], content.as_slice()].concat())
                }
                _ => Err(CardError::Malformed(Object::Signature)),
            },
        }
    }
}

/// A number in DER: no needless zeros, and one where it would look negative.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count().min(number.len().saturating_sub(1));
    let digits = number.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    let length = u8::try_from(sign.len() + digits.len()).unwrap_or(u8::MAX);
    [&[0x02, length], sign, digits].concat()
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits = text.replace(' ', "").to_ascii_uppercase();
    data_encoding::HEXUPPER.decode(digits.as_bytes()).map_err(|_| format!("`{text}` is not hexadecimal"))
}

fn hex_byte<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    match hex(&String::deserialize(deserializer)?).map_err(D::Error::custom)?[..] {
        [byte] => Ok(byte),
        _ => Err(D::Error::custom("one byte in hexadecimal is wanted")),
    }
}

impl<'de> Deserialize<'de> for FileId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FileId, D::Error> {
        match hex(&String::deserialize(deserializer)?).map_err(D::Error::custom)?[..] {
            [high, low] => Ok(FileId(u16::from_be_bytes([high, low]))),
            _ => Err(D::Error::custom("a file has two bytes in hexadecimal")),
        }
    }
}

impl<'de> Deserialize<'de> for Aid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Aid, D::Error> {
        let bytes = hex(&String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        Aid::from_bytes(&bytes).ok_or_else(|| D::Error::custom("an application has 5 to 16 bytes in hexadecimal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../tests/data/card/next-generation.toml");

    #[test]
    fn the_example_is_read_and_is_another_generation_than_todays() {
        let next = Generation::from_toml(EXAMPLE).unwrap();
        assert_ne!(next.application, Generation::today().application);
        assert_eq!(next.signature.algorithm, Algorithm::EcdsaP384Sha384);
        assert_eq!(next.text.pin_of, PinOf::Authentication);
    }

    #[test]
    fn a_file_with_a_wrong_or_unknown_value_is_refused() {
        let changed = |from: &str, to: &str| {
            assert!(EXAMPLE.contains(from), "{from}");
            Generation::from_toml(&EXAMPLE.replacen(from, to, 1))
        };
        let lines: Vec<&str> = EXAMPLE.lines().filter(|line| line.contains(" = ")).filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 15);
        for line in lines.iter().filter(|line| !line.starts_with("token_info") && !line.starts_with("issued")) {
            assert!(matches!(changed(line, ""), Err(GenerationError::Toml(_))), "without {line}");
        }
        assert!(matches!(changed("name = ", "extra = 1\nname = "), Err(GenerationError::Toml(_))));
        assert_eq!(changed("least = 4", "least = 5"), Err(GenerationError::Rule));
        assert_eq!(changed("ecdsa-p384-sha384", "rsa-pkcs1-sha256"), Err(GenerationError::Signature));
        let application = lines.iter().find(|line| line.starts_with("application")).unwrap();
        assert_eq!(changed(application, "application = \"D392F000260100000001\""), Err(GenerationError::SameApplication));
    }

    #[test]
    fn r_and_s_side_by_side_become_the_der_of_certificates() {
        let form = SignatureForm { algorithm: Algorithm::EcdsaP384Sha384, p1: 0, input: Input::Digest, answer: SignatureAnswer::Concatenated };
        let (mut r, mut s) = ([0; 48], [0; 48]);
        (r[47], s[0]) = (1, 0x80);
        let der = form.signature([r, s].concat()).unwrap();
        assert_eq!(der[..8], [0x30, 54, 0x02, 1, 1, 0x02, 49, 0]);
        assert_eq!((der.len(), der[8]), (56, 0x80));
        assert!(form.signature(vec![1; 95]).is_err() && form.signature(vec![1; 97]).is_err() && form.signature(Vec::new()).is_err());
    }
}
