//! A roster (避難所名簿) is the journal of one disaster or peacetime event: which shelters are open, which terminals write, and for each person where and since when
//! (PROTOCOL §17).
//!
//! An entry is made and signed by a terminal, also one without a link, and goes into the journal byte for byte. It names nobody: a person stands in it as a
//! handle, a commitment and a root over salted fields ([`opening`]), whose openings travel sealed beside the entry ([`hand_in`]).

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::labels;
pub use tachiai_crypto::roster::{AgeBand, ChainId, EventId, Need, Standing, Stay};

use crate::canonical::{self, CanonicalError};
use crate::election::Text;
use crate::trustee::{Signed, SignedKind};
use crate::{Blob, Bytes, HashBytes, Timestamp};

pub mod disclosure;
pub mod hand_in;
pub mod hlc;
pub mod municipality;
pub mod opening;
pub mod own;
pub mod pen;
pub mod person;
pub mod report;
mod said;
pub mod shelter;
pub mod short;
pub mod statement;

pub use hlc::{Hlc, HlcClock};
pub use person::Person;
pub use report::Report;
pub use shelter::{OpenState, ShelterState};
pub use short::{ShelterId, TerminalId};
pub use statement::Stated;

/// The version of entries that is written now.
pub const VERSION: u32 = 1;

/// The greatest number of an entry among those of its terminal, or in its chain: 2^53 - 1, which every reader of JSON keeps as it is.
pub const LAST_NUMBER: u64 = (1 << 53) - 1;

/// The name of the appliance itself among the terminals: it declares events, admits terminals, links duplicates and closes.
pub const APPLIANCE: &str = "appliance";

/// An entry: what a terminal signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// [`VERSION`].
    pub v: u32,
    /// The event.
    pub event: EventId,
    /// Who wrote it.
    pub terminal: TerminalId,
    /// The number of the entry among those of its terminal, from 0.
    pub number: u64,
    /// The leaf hash of the terminal's entry before it; none for its first.
    pub before: Option<HashBytes>,
    /// When it happened.
    pub time: Hlc,
    /// When it was entered: later than `time` only where it was taken over from paper.
    pub entered: Hlc,
    /// What happened.
    pub body: Body,
}

impl SignedKind for Entry {
    const KIND: &'static str = labels::file::ROSTER_ENTRY;
}

/// An entry with the signature of its terminal, as it stands in the journal.
pub type SignedEntry = Signed<Entry>;

/// The bytes of an entry in the journal.
///
/// # Errors
/// [`CanonicalError`], never for these types.
pub fn to_bytes(entry: &SignedEntry) -> Result<Vec<u8>, CanonicalError> {
    canonical::to_bytes(entry)
}

/// Reads an entry in the one accepted form; its signature is not checked.
///
/// # Errors
/// [`CanonicalError`].
pub fn from_bytes(bytes: &[u8]) -> Result<SignedEntry, CanonicalError> {
    let entry: SignedEntry = canonical::from_bytes(bytes)?;
    if entry.body.v == VERSION {
        Ok(entry)
    } else {
        Err(CanonicalError::Parse { reason: format!("version {} is unknown, this program knows {VERSION}", entry.body.v) })
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Body {
    /// Leaf 0: the event is declared.
    Declared(Box<Declared>),
    /// A terminal is admitted, or revoked.
    Terminal(TerminalState),
    /// A shelter opens or its state changes: all of it as it is now.
    Shelter(Box<ShelterState>),
    /// A person arrives, changes, moves, leaves.
    Person(PersonEntry),
    /// Two handles are of one person, or are found not to be.
    Link(Link),
    /// What a shelter reports of itself.
    Report(ReportEntry),
    /// Totals were stated.
    Stated(Stated),
    /// The event is over: nothing follows.
    Closed {},
}

/// What kind of event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventKind {
    /// A disaster (災害).
    Disaster,
    /// An exercise of a disaster (訓練): every screen and paper says so.
    Drill,
    /// An open school day (オープンスクール).
    OpenSchool,
    /// A lecture or meeting (講演会).
    Lecture,
    /// A roll call, as of a school bus (点呼).
    RollCall,
}

/// How a card is used at the reception of this event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CardRule {
    /// The card's holder enters the PIN.
    Pin,
    /// The card is read without a PIN (in a disaster): it finds the person, and proves nothing.
    WithoutPin,
}

/// What an event is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Declared {
    /// The kind.
    pub kind: EventKind,
    /// The title, such as 令和8年台風第15号.
    pub title: Text,
    /// The municipality's code with its check digit (全国地方公共団体コード), six digits.
    pub municipality: String,
    /// When it began; ages are those of this day in Japan.
    pub began: Timestamp,
    /// How cards are used.
    pub card: CardRule,
    /// The origin of the journal's checkpoints, `<host>/<event>`.
    pub origin: String,
    /// The Ed25519 key of the appliance in this journal: it signs the checkpoints and the appliance's own entries.
    pub key: Bytes<32>,
    /// The age recipient to which openings are sealed on their way to the appliance.
    pub recipient: String,
    /// Totals are stated over at least so many people, and change by none or at least so many: one of [`GROUPS`].
    pub min_group: u16,
}

/// What the least group of an event may be: a total of one person would tell of that person.
pub const GROUPS: RangeInclusive<u16> = 2..=1_000;

/// A terminal, as the appliance knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalState {
    /// Its name, which is not given a second time in an event.
    pub terminal: TerminalId,
    /// Its Ed25519 key.
    pub key: Bytes<32>,
    /// The age recipient of what the appliance seals to it.
    pub recipient: String,
    /// Where it stands.
    pub shelter: ShelterId,
    /// Whether it may write from here on.
    pub status: TerminalStatus,
}

/// Whether a terminal may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TerminalStatus {
    /// It may.
    Admitted,
    /// It was lost, stolen or copied: what comes from it after this entry is set aside.
    Revoked,
}

/// What happens to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Act {
    /// Arrives (入所), or is counted at home or in a vehicle for the first time.
    In,
    /// Comes from another shelter (移動).
    Moved,
    /// Something about the person changes or is corrected.
    Edit,
    /// Leaves (退所).
    Out,
}

impl Act {
    /// The name, as entries write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Moved => "moved",
            Self::Edit => "edit",
            Self::Out => "out",
        }
    }

    /// Whether the person counts after it. Leaving is visible, so it needs no commitment.
    #[must_use]
    pub const fn is_present(self) -> bool {
        !matches!(self, Self::Out)
    }
}

/// An entry of a person's chain. It holds all that is known then, not a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonEntry {
    /// The person's handle.
    pub chain: ChainId,
    /// 0 for the first; else one more than the greatest of those that it follows.
    pub seq: u64,
    /// The leaf hashes of the entries that whoever wrote it had seen last, ascending. More than one settles a conflict; they may be of linked chains.
    pub after: Vec<HashBytes>,
    /// The shelter.
    pub shelter: ShelterId,
    /// What happens.
    pub act: Act,
    /// The root over the salted fields (§17.5).
    pub fields: HashBytes,
    /// Commitment and proof (§17.4); none when the person leaves.
    pub proof: Option<Blob>,
}

impl Entry {
    /// What the proof of a person's entry is bound to; `None` for other entries.
    #[must_use]
    pub fn statement(&self) -> Option<tachiai_crypto::roster::entry::Statement> {
        let Self { v: _, event, terminal, number: _, before: _, time, entered: _, body } = self;
        let Body::Person(PersonEntry { chain, seq, after, shelter, act, fields, proof: _ }) = body else { return None };
        Some(tachiai_crypto::roster::entry::Statement {
            event: *event,
            chain: *chain,
            seq: *seq,
            after: after.iter().map(|hash| hash.hash()).collect(),
            shelter: shelter.to_string(),
            act: act.name(),
            time: time.to_string(),
            terminal: terminal.to_string(),
            fields: fields.hash(),
        })
    }
}

/// Two handles are of one person from here on, or are not any more; the latest entry about a pair holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// The handle that is kept in sight.
    pub chain: ChainId,
    /// The other, whose history stays.
    pub other: ChainId,
    /// Which of the two it is.
    pub verdict: LinkVerdict,
    /// The root over the salted fields of the grounds: evidence, who asked, who reviewed.
    pub fields: HashBytes,
}

/// Whether two handles are of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LinkVerdict {
    /// They are: counted once.
    Same,
    /// They are not, after it was thought.
    Apart,
}

/// What a shelter reports of itself: the latest of a kind holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportEntry {
    /// The shelter.
    pub shelter: ShelterId,
    /// The report.
    pub report: Report,
}

/// The leaf hash of an entry's bytes, by which others name it.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash32 {
    tachiai_crypto::journal::leaf_hash(bytes)
}
