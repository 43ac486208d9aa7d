//! An entry of a board: version, kind, time and body in the one accepted form (PROTOCOL §3.1, §9).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Timestamp;
use crate::canonical::{self, CanonicalError};
use crate::election::Body;

/// The longest entry in bytes: what a C2SP entry bundle can hold.
pub const MAX_ENTRY: usize = 65_535;

/// A parsed entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When the appliance accepted it.
    pub at: Timestamp,
    /// What it says.
    pub body: Body,
}

/// Why bytes are not an entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// More than [`MAX_ENTRY`] bytes.
    #[error("an entry has at most {MAX_ENTRY} bytes, this one {0}")]
    TooLong(usize),
    /// An unknown version.
    #[error("version {0} is unknown, this program knows 1")]
    Version(u32),
    /// An unknown kind.
    #[error("kind \"{0}\" is unknown")]
    Kind(String),
    /// Not the one accepted form.
    #[error(transparent)]
    Form(#[from] CanonicalError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer<'a> {
    v: u32,
    kind: std::borrow::Cow<'a, str>,
    at: Timestamp,
    #[serde(borrow)]
    body: std::borrow::Cow<'a, RawValue>,
}

macro_rules! kinds {
    ($($kind:literal => $variant:ident $(($boxed:ident))?),* $(,)?) => {
        /// Every kind of board entry.
        pub const KINDS: &[&str] = &[$($kind),*];

        fn read(kind: &str, body: &[u8]) -> Result<Body, EntryError> {
            match kind {
                $($kind => Ok(Body::$variant(parse(body)?)),)*
                other => Err(EntryError::Kind(other.to_owned())),
            }
        }

        impl Entry {
            /// The kind, as written in the entry.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match &self.body {
                    $(Body::$variant(_) => $kind,)*
                }
            }

            fn body_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
                match &self.body {
                    $(Body::$variant(body) => canonical::to_bytes(body),)*
                }
            }
        }
    };
}

kinds! {
    "manifest" => Manifest,
    "trustee-commit" => Commit,
    "trustee-deal" => Deal,
    "trustee-confirm" => Confirm,
    "trustee-complaint" => Complaint,
    "opened" => Opened,
    "registration" => Registration,
    "ballot" => Ballot,
    "challenged" => Challenged,
    "paper-issued" => PaperIssued,
    "paper-undone" => PaperUndone,
    "day-closed" => DayClosed,
    "roll-changed" => RollChanged,
    "candidate-out" => CandidateOut,
    "online-closed" => OnlineClosed,
    "poll-closed" => PollClosed,
    "tally-statement" => TallyStatement,
    "decryption-shares" => Shares,
    "paper-count" => PaperCount,
    "result" => Result,
    "lot" => Lot,
    "published" => Published,
}

fn parse<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonicalError> {
    canonical::from_bytes(bytes)
}

impl Entry {
    /// Writes the entry.
    ///
    /// # Errors
    /// [`EntryError::TooLong`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        self.around(&self.body_bytes()?)
    }

    /// The entry with these bytes as its body, which are those of [`Self::body`] in the one accepted form.
    fn around(&self, body: &[u8]) -> Result<Vec<u8>, EntryError> {
        let mut out = Vec::with_capacity(body.len() + 80);
        out.extend_from_slice(br#"{"v":1,"kind":""#);
        out.extend_from_slice(self.kind().as_bytes());
        out.extend_from_slice(br#"","at":""#);
        out.extend_from_slice(self.at.to_string().as_bytes());
        out.extend_from_slice(br#"","body":"#);
        out.extend_from_slice(body);
        out.push(b'}');
        if out.len() > MAX_ENTRY { Err(EntryError::TooLong(out.len())) } else { Ok(out) }
    }

    /// Reads an entry in the one accepted form.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY {
            return Err(EntryError::TooLong(bytes.len()));
        }
        if let Some(ballot) = BallotText::split(bytes).and_then(|ballot| ballot.parse()) {
            return Ok(ballot);
        }
        let outer: Outer<'_> = serde_json::from_slice(bytes).map_err(|e| CanonicalError::Parse { reason: e.to_string() })?;
        if outer.v != 1 {
            return Err(EntryError::Version(outer.v));
        }
        let body = outer.body.get().as_bytes();
        let entry = Self { at: outer.at, body: read(&outer.kind, body)? };
        // The body was found to be in its one form, so only what is around it is written again.
        let again = entry.around(body)?;
        if again == bytes {
            return Ok(entry);
        }
        let at = again.iter().zip(bytes).position(|(a, b)| a != b).unwrap_or(again.len().min(bytes.len()));
        Err(CanonicalError::Form { at }.into())
    }
}

/// An entry of kind `ballot`, split at the one place where its one accepted form has the time and the ballot.
///
/// Most entries of a board are ballots and most of their bytes are base64url, so reading them needs no JSON parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BallotText<'a> {
    at: &'a [u8],
    ballot: &'a [u8],
}

impl<'a> BallotText<'a> {
    const HEAD: &'static [u8] = br#"{"v":1,"kind":"ballot","at":""#;
    const MIDDLE: &'static [u8] = br#"","body":{"ballot":""#;
    const TAIL: &'static [u8] = br#""}}"#;

    /// Splits the bytes of an entry; `None` for everything that does not look like a ballot. What looks like one need not be one.
    #[must_use]
    pub fn split(bytes: &'a [u8]) -> Option<Self> {
        let (at, rest) = bytes.strip_prefix(Self::HEAD)?.split_at_checked("YYYY-MM-DDTHH:MM:SSZ".len())?;
        Some(Self { at, ballot: rest.strip_prefix(Self::MIDDLE)?.strip_suffix(Self::TAIL)? })
    }

    /// The first six bytes of the ballot: version, slot and the first of the registration's leaf.
    #[must_use]
    pub fn first(&self) -> Option<[u8; 6]> {
        let characters = self.ballot.first_chunk::<8>()?;
        data_encoding::BASE64URL_NOPAD.decode(characters).ok()?.try_into().ok()
    }

    /// The bytes of the ballot.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        data_encoding::BASE64URL_NOPAD.decode(self.ballot).ok()
    }

    /// The bytes of the ballot up to a length, or all where it has no more; what follows is not looked at.
    #[must_use]
    pub fn prefix(&self, length: usize) -> Option<Vec<u8>> {
        // Four characters are three bytes.
        let text = self.ballot.get(..length.div_ceil(3).saturating_mul(4)).unwrap_or(self.ballot);
        let mut bytes = data_encoding::BASE64URL_NOPAD.decode(text).ok()?;
        bytes.truncate(length);
        Some(bytes)
    }

    fn parse(self) -> Option<Entry> {
        // Time and base64url have one accepted text each and the rest is fixed, so nothing has to be written again and compared.
        let at = std::str::from_utf8(self.at).ok()?.parse().ok()?;
        let ballot = self.bytes()?;
        Some(Entry { at, body: Body::Ballot(crate::election::BallotEntry { ballot: crate::Blob(ballot) }) })
    }
}

/// What a first look finds in an entry of kind `registration`, without a JSON parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationText {
    /// The voting key.
    pub voting_key: [u8; 32],
    /// The size of the checkpoint that the device saw.
    pub checkpoint: u64,
}

impl RegistrationText {
    const HEAD: &'static str = r#"{"v":1,"kind":"registration","at":""#;

    /// Looks at the bytes of an entry; `None` for everything that does not look like a registration. In an entry of the one accepted form it finds what
    /// [`Entry::from_bytes`] does.
    #[must_use]
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_prefix(Self::HEAD)?;
        let (key, rest) = text.split_once(r#","voting_key":""#)?.1.split_once('"')?;
        let voting_key = data_encoding::BASE64URL_NOPAD.decode(key.as_bytes()).ok()?.try_into().ok()?;
        let (size, _) = rest.split_once(r#","checkpoint":{"size":"#)?.1.split_once(',')?;
        Some(Self { voting_key, checkpoint: size.parse().ok()? })
    }
}
