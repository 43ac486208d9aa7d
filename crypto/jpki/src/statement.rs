//! A statement is the text that a card signs. Purposes are a closed list and each has its fields in a fixed order, so
//! a card never signs bytes that a server alone chose: whoever asks for the signature builds the statement from fields
//! that it shows to the holder ([`Statement::text`]).
//!
//! Encoding (PROTOCOL §1.7 and §6): netstrings (`<decimal length>:<bytes>,`), one after the other: `tachiai/v1/statement`, the purpose, then
//! name and value of each field. There is one spelling only; [`Statement::parse`] refuses every other.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::{hash::Hash32, netstring, time::UnixTime};

mod fallback;
mod text;

pub use fallback::FallbackReason;

/// First netstring of each statement.
pub const LABEL: &str = "tachiai/v1/statement";

const LOGIN: &str = "login";
const ENROL: &str = "enrol";
const ENROL_COUNTER: &str = "enrol-counter";
const REGISTER_KEY: &str = "register-key";
const PAPER_ISSUE: &str = "paper-issue";
const NO_PREDECESSOR: &str = "none";

/// A text that a card signs. Fields are encoded in the order in which they stand here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    /// The holder logs in (authentication key).
    Login {
        /// The origin that the holder's client talks to.
        origin: Word,
        /// Chosen by the server, spent by the first use.
        nonce: Word,
        /// When the client made the statement.
        issued: UnixTime,
    },
    /// The holder binds the authentication key to the person (signing key).
    Enrol {
        /// The origin that the holder's client talks to.
        origin: Word,
        /// Chosen by the server, spent by the first use.
        nonce: Word,
        /// Hash of the person's four attributes.
        person: Hash32,
        /// SHA-256 of the SubjectPublicKeyInfo of the authentication certificate.
        auth_key: Hash32,
    },
    /// The holder takes part in being enrolled at a counter, without a signing certificate: by the card's text and two
    /// officials (authentication key).
    EnrolCounter {
        /// The origin that the holder's client talks to.
        origin: Word,
        /// Chosen by the server, spent by the first use.
        nonce: Word,
        /// Hash of the person's four attributes.
        person: Hash32,
        /// SHA-256 of the SubjectPublicKeyInfo of the authentication certificate.
        auth_key: Hash32,
        /// Why it is done at a counter.
        reason: FallbackReason,
    },
    /// The holder registers a voting key for a slot of an election (authentication key).
    RegisterKey {
        /// The origin that the holder's client talks to.
        origin: Word,
        /// Chosen by the server, spent by the first use.
        nonce: Word,
        /// Which election.
        election: Word,
        /// Hash of its manifest.
        manifest: Hash32,
        /// Hash of its opening entry.
        opened: Hash32,
        /// Number of the slot.
        slot: u64,
        /// Commitment of the slot to the elector.
        slot_commitment: Hash32,
        /// The voting key: 32 bytes.
        voting_key: Hash32,
        /// 0 for the first registration of the slot, then one more than in the previous one.
        seq: u64,
        /// Leaf hash of the previous registration of the slot, if there is one.
        previous: Option<Hash32>,
        /// Size of the checkpoint that the client saw.
        checkpoint_size: u64,
        /// Root of the checkpoint that the client saw.
        checkpoint_root: Hash32,
    },
    /// The holder takes ballot papers at a polling place (authentication key).
    PaperIssue {
        /// The origin that the desk talks to.
        origin: Word,
        /// Chosen by the server, spent by the first use.
        nonce: Word,
        /// Which election.
        election: Word,
        /// Hash of its opening entry.
        opened: Hash32,
        /// ID of the polling place.
        place: Word,
        /// Index of the session of that place.
        session: u64,
        /// Number of the slot.
        slot: u64,
        /// Commitment of the slot to the elector.
        slot_commitment: Hash32,
        /// Indices of the contests whose papers are handed out: at least one.
        contests: Vec<u16>,
    },
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatementPurpose {
    /// Log in.
    Login,
    /// Bind the authentication key to the person.
    Enrol,
    /// Bind the authentication key to the person at a counter.
    EnrolCounter,
    /// Register a voting key.
    RegisterKey,
    /// Take ballot papers at a polling place.
    PaperIssue,
}

impl StatementPurpose {
    /// All purposes.
    pub const ALL: [Self; 5] = [Self::Login, Self::Enrol, Self::EnrolCounter, Self::RegisterKey, Self::PaperIssue];

    /// The word in the encoding.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => LOGIN,
            Self::Enrol => ENROL,
            Self::EnrolCounter => ENROL_COUNTER,
            Self::RegisterKey => REGISTER_KEY,
            Self::PaperIssue => PAPER_ISSUE,
        }
    }
}

/// Why bytes are not a statement.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StatementError {
    /// Not netstrings, or another first one.
    #[error("not a statement")]
    NotAStatement,
    /// A purpose outside the closed list.
    #[error("unknown purpose of a statement")]
    UnknownPurpose,
    /// Another field than the one that follows, or none.
    #[error("field {0} expected")]
    FieldExpected(&'static str),
    /// The value of a field in a form other than its only one.
    #[error("malformed value of field {0}")]
    BadValue(&'static str),
    /// Bytes after the last field.
    #[error("bytes after the last field")]
    TrailingBytes,
}

/// A word that goes into a statement as it is: 1 to 255 printable ASCII characters without space. Nothing in it can
/// deceive a holder's eye by direction marks, look-alikes or line breaks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(String);

/// Not 1 to 255 printable ASCII characters without space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not 1 to 255 printable ASCII characters without space")]
pub struct NotAWord;

impl Word {
    /// Longest word, in bytes.
    pub const MAX_LENGTH: usize = 255;

    /// Takes the text if it is a word.
    ///
    /// # Errors
    /// [`NotAWord`].
    pub fn new(text: impl Into<String>) -> Result<Self, NotAWord> {
        let text = text.into();
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if printable && (1..=Self::MAX_LENGTH).contains(&text.len()) { Ok(Self(text)) } else { Err(NotAWord) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Word {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::new(text)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Word({:?})", self.0)
    }
}

impl Statement {
    /// What the statement is for.
    pub fn purpose(&self) -> StatementPurpose {
        match self {
            Self::Login { .. } => StatementPurpose::Login,
            Self::Enrol { .. } => StatementPurpose::Enrol,
            Self::EnrolCounter { .. } => StatementPurpose::EnrolCounter,
            Self::RegisterKey { .. } => StatementPurpose::RegisterKey,
            Self::PaperIssue { .. } => StatementPurpose::PaperIssue,
        }
    }

    /// The origin that the holder's client talks to.
    pub fn origin(&self) -> &Word {
        match self {
            Self::Login { origin, .. }
            | Self::Enrol { origin, .. }
            | Self::EnrolCounter { origin, .. }
            | Self::RegisterKey { origin, .. }
            | Self::PaperIssue { origin, .. } => origin,
        }
    }

    /// The nonce that the server chose.
    pub fn nonce(&self) -> &Word {
        match self {
            Self::Login { nonce, .. }
            | Self::Enrol { nonce, .. }
            | Self::EnrolCounter { nonce, .. }
            | Self::RegisterKey { nonce, .. }
            | Self::PaperIssue { nonce, .. } => nonce,
        }
    }

    /// The bytes to sign.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        netstring::put(&mut out, LABEL.as_bytes());
        netstring::put(&mut out, self.purpose().as_str().as_bytes());
        for (name, value) in self.fields() {
            netstring::put(&mut out, name.as_bytes());
            netstring::put(&mut out, value.as_bytes());
        }
        out
    }

    /// Reads the bytes of a statement. Whatever this accepts, [`Statement::to_bytes`] gives back byte for byte.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let mut fields = Fields { rest: bytes };
        if fields.next() != Some(LABEL.as_bytes()) {
            return Err(StatementError::NotAStatement);
        }
        let purpose = fields.next().ok_or(StatementError::NotAStatement)?;
        let purpose = StatementPurpose::ALL.into_iter().find(|known| known.as_str().as_bytes() == purpose).ok_or(StatementError::UnknownPurpose)?;
        let statement = match purpose {
            StatementPurpose::Login => Self::Login { origin: fields.word("origin")?, nonce: fields.word("nonce")?, issued: fields.time("issued")? },
            StatementPurpose::Enrol => {
                Self::Enrol { origin: fields.word("origin")?, nonce: fields.word("nonce")?, person: fields.hash("person")?, auth_key: fields.hash("auth_key")? }
            }
            StatementPurpose::EnrolCounter => Self::EnrolCounter {
                origin: fields.word("origin")?,
                nonce: fields.word("nonce")?,
                person: fields.hash("person")?,
                auth_key: fields.hash("auth_key")?,
                reason: fields.reason("reason")?,
            },
            StatementPurpose::RegisterKey => Self::RegisterKey {
                origin: fields.word("origin")?,
                nonce: fields.word("nonce")?,
                election: fields.word("election")?,
                manifest: fields.hash("manifest")?,
                opened: fields.hash("opened")?,
                slot: fields.number("slot")?,
                slot_commitment: fields.hash("slot_commitment")?,
                voting_key: fields.hash("voting_key")?,
                seq: fields.number("seq")?,
                previous: fields.hash_or_none("previous")?,
                checkpoint_size: fields.number("checkpoint_size")?,
                checkpoint_root: fields.hash("checkpoint_root")?,
            },
            StatementPurpose::PaperIssue => Self::PaperIssue {
                origin: fields.word("origin")?,
                nonce: fields.word("nonce")?,
                election: fields.word("election")?,
                opened: fields.hash("opened")?,
                place: fields.word("place")?,
                session: fields.number("session")?,
                slot: fields.number("slot")?,
                slot_commitment: fields.hash("slot_commitment")?,
                contests: fields.indices("contests")?,
            },
        };
        if fields.rest.is_empty() { Ok(statement) } else { Err(StatementError::TrailingBytes) }
    }

    /// Names and values of the fields, in order.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Login { origin, nonce, issued } => {
                vec![("origin", origin.to_string()), ("nonce", nonce.to_string()), ("issued", issued.to_string())]
            }
            Self::Enrol { origin, nonce, person, auth_key } => {
                vec![("origin", origin.to_string()), ("nonce", nonce.to_string()), ("person", person.to_hex()), ("auth_key", auth_key.to_hex())]
            }
            Self::EnrolCounter { origin, nonce, person, auth_key, reason } => vec![
                ("origin", origin.to_string()),
                ("nonce", nonce.to_string()),
                ("person", person.to_hex()),
                ("auth_key", auth_key.to_hex()),
                ("reason", reason.as_str().to_owned()),
            ],
            Self::RegisterKey {
                origin,
                nonce,
                election,
                manifest,
                opened,
                slot,
                slot_commitment,
                voting_key,
                seq,
                previous,
                checkpoint_size,
                checkpoint_root,
            } => vec![
                ("origin", origin.to_string()),
                ("nonce", nonce.to_string()),
                ("election", election.to_string()),
                ("manifest", manifest.to_hex()),
                ("opened", opened.to_hex()),
                ("slot", slot.to_string()),
                ("slot_commitment", slot_commitment.to_hex()),
                ("voting_key", voting_key.to_hex()),
                ("seq", seq.to_string()),
                ("previous", previous.map_or(NO_PREDECESSOR.to_owned(), |leaf| leaf.to_hex())),
                ("checkpoint_size", checkpoint_size.to_string()),
                ("checkpoint_root", checkpoint_root.to_hex()),
            ],
            Self::PaperIssue { origin, nonce, election, opened, place, session, slot, slot_commitment, contests } => vec![
                ("origin", origin.to_string()),
                ("nonce", nonce.to_string()),
                ("election", election.to_string()),
                ("opened", opened.to_hex()),
                ("place", place.to_string()),
                ("session", session.to_string()),
                ("slot", slot.to_string()),
                ("slot_commitment", slot_commitment.to_hex()),
                ("contests", joined(contests)),
            ],
        }
    }
}

/// Indices in decimal, joined by commas.
fn joined(indices: &[u16]) -> String {
    indices.iter().map(u16::to_string).collect::<Vec<_>>().join(",")
}

/// The fields of a statement that are still to be read.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        netstring::take(&mut self.rest)
    }

    fn value<T>(&mut self, name: &'static str, read: impl FnOnce(&'a [u8]) -> Option<T>) -> Result<T, StatementError> {
        if self.next() != Some(name.as_bytes()) {
            return Err(StatementError::FieldExpected(name));
        }
        self.next().and_then(read).ok_or(StatementError::BadValue(name))
    }

    fn word(&mut self, name: &'static str) -> Result<Word, StatementError> {
        self.value(name, |bytes| Word::new(std::str::from_utf8(bytes).ok()?).ok())
    }

    fn time(&mut self, name: &'static str) -> Result<UnixTime, StatementError> {
        self.value(name, |bytes| UnixTime::from_rfc3339(std::str::from_utf8(bytes).ok()?))
    }

    fn hash(&mut self, name: &'static str) -> Result<Hash32, StatementError> {
        self.value(name, Hash32::from_hex)
    }

    fn hash_or_none(&mut self, name: &'static str) -> Result<Option<Hash32>, StatementError> {
        self.value(name, |bytes| if bytes == NO_PREDECESSOR.as_bytes() { Some(None) } else { Hash32::from_hex(bytes).map(Some) })
    }

    fn reason(&mut self, name: &'static str) -> Result<FallbackReason, StatementError> {
        self.value(name, |bytes| FallbackReason::from_word(std::str::from_utf8(bytes).ok()?))
    }

    fn number(&mut self, name: &'static str) -> Result<u64, StatementError> {
        self.value(name, netstring::decimal)
    }
    fn indices(&mut self, name: &'static str) -> Result<Vec<u16>, StatementError> {
        let index = |digits: &[u8]| netstring::decimal(digits).and_then(|number| u16::try_from(number).ok());
        self.value(name, |bytes| bytes.split(|byte| *byte == b',').map(index).collect())
    }
}
