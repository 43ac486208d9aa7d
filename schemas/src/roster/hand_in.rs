//! A hand-in carries a terminal's entries to the appliance, over the network or on a stick, whole and in any order, any number of times.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::{BoardKey, BoardSecretKey};
use tachiai_crypto::labels;
use tachiai_crypto::roster::EventId;

use super::opening::Opening;
use super::{Hlc, TerminalId};
use crate::canonical::{self, CanonicalError};
use crate::trustee::{Signed, SignedKind};
use crate::{Blob, Bytes, HashBytes};

/// The most entries of one hand-in; more go in several.
pub const MAX_ENTRIES: usize = 500;

/// The entries of a terminal with their sealed openings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandIn {
    /// The event.
    pub event: EventId,
    /// The terminal.
    pub terminal: TerminalId,
    /// What the terminal's clock shows.
    pub now: Hlc,
    /// The bytes of the entries.
    pub entries: Vec<Blob>,
    /// An age file for the event's recipient: JSON of a list with one [`Opening`] or `null` for each entry.
    pub openings: Blob,
}

impl SignedKind for HandIn {
    const KIND: &'static str = labels::file::ROSTER_HAND_IN;
}

/// What is in the age file of a hand-in.
pub type Openings = Vec<Option<Opening>>;

/// A hand-in with the signature of its terminal.
pub type SignedHandIn = Signed<HandIn>;

/// Why an entry of a hand-in was not taken into the roster. It is kept aside with the hand-in, and two officials can look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Aside {
    /// It breaks a rule of PROTOCOL §17.
    Rule,
    /// Its terminal was revoked.
    Revoked,
    /// It lies in the appliance's future: the terminal's clock is wrong.
    Clock,
    /// Its opening is missing or not the entry's.
    Opening,
    /// The event is closed.
    Closed,
}

/// An entry that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetAside {
    /// Its place in the hand-in.
    pub index: u32,
    /// Why.
    pub reason: Aside,
    /// In words, for an official.
    pub detail: String,
}

/// What the appliance answers, once everything is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandInAnswer {
    /// How many entries are new in the journal.
    pub taken: u32,
    /// How many it had already.
    pub known: u32,
    /// What was set aside.
    pub aside: Vec<SetAside>,
    /// What the appliance's clock shows.
    pub now: Hlc,
    /// The number of entries of the journal.
    pub size: u64,
    /// Whether somebody else writes under this terminal's name: two entries bear one number.
    pub copied: Copied,
    /// The signed checkpoint over all of it.
    pub checkpoint: String,
}

/// Whether a terminal's name is used twice.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Copied {
    /// Not that anybody saw.
    #[default]
    No,
    /// Two entries bear one number: its key is in two places, or an old state of it was restored.
    Twice,
}

/// Asks for what a terminal has not seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct News {
    /// The leaf of the first entry here.
    pub from: u64,
    /// The bytes of the entries, in the order of the journal.
    pub entries: Vec<Blob>,
    /// An age file for the terminal's recipient, as in a hand-in: the openings that this terminal may have.
    pub openings: Blob,
    /// The number of entries of the journal.
    pub size: u64,
    /// What the appliance's clock shows.
    pub now: Hlc,
    /// The entries among them that the appliance wrote in the place of others, which were set aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stand_ins: Vec<StandIn>,
    /// With the last entry: every code of a citizen ID that leads to nobody any more, by [`refused`](crate::identity::case::refused).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<HashBytes>,
    /// With the last entry: the keys for cards' texts that the appliance trusts now, by [`anchors`](crate::shelter::anchors). A pack with others is old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<HashBytes>,
    /// The event's key over all of it, the event and the terminal ([`News::sign`]): what comes on a stick is the appliance's word as what comes over the network is.
    pub signature: Bytes<64>,
}

/// What the signature of news covers.
#[derive(Serialize)]
struct Said<'a> {
    event: EventId,
    terminal: &'a TerminalId,
    from: u64,
    entries: &'a [Blob],
    openings: &'a Blob,
    size: u64,
    now: Hlc,
    stand_ins: &'a [StandIn],
    refused: &'a [HashBytes],
    anchors: Option<HashBytes>,
}

/// News that the event's key did not sign for this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event's key did not sign these news for this terminal")]
pub struct NewsError;

impl News {
    /// Signs them for a terminal: Ed25519 over H(`roster-news`; JSON).
    ///
    /// # Errors
    /// [`CanonicalError`], never for this type.
    pub fn sign(self, event: EventId, terminal: &TerminalId, key: &BoardSecretKey) -> Result<Self, CanonicalError> {
        let signature = Bytes(key.sign_hash(&self.hash(event, terminal)?));
        Ok(Self { signature, ..self })
    }

    /// Whether the event's key signed them for this terminal.
    ///
    /// # Errors
    /// [`NewsError`].
    pub fn verify(&self, event: EventId, terminal: &TerminalId, key: &BoardKey) -> Result<(), NewsError> {
        let hash = self.hash(event, terminal).map_err(|_| NewsError)?;
        key.verify_hash(&hash, &self.signature.0).map_err(|_| NewsError)
    }

    fn hash(&self, event: EventId, terminal: &TerminalId) -> Result<Hash32, CanonicalError> {
        let Self { from, entries, openings, size, now, stand_ins, refused, anchors, signature: _ } = self;
        let said = Said { event, terminal, from: *from, entries, openings, size: *size, now: *now, stand_ins, refused, anchors: *anchors };
        Ok(tagged(labels::hash::ROSTER_NEWS, &[&canonical::to_bytes(&said)?]))
    }
}

/// An entry that the appliance wrote again as its own, because it had been set aside: whoever follows the one follows the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandIn {
    /// The leaf hash of the appliance's entry.
    pub entry: HashBytes,
    /// The leaf hash of that which stands in no journal.
    pub absent: HashBytes,
}
