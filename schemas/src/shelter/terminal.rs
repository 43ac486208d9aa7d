//! Terminals: how one is admitted and stands, what it takes with it, and what of it was set aside.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::tagged;
use tachiai_crypto::roster::EventId;

use super::{Resident, questionnaire};
use crate::roster::{Hlc, ShelterId, TerminalId, TerminalStatus};
use crate::{Blob, Bytes, HashBytes, Timestamp};

/// Asks that a terminal be admitted: `POST events/{event}/terminals`. Its key was made on it and never leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalRequest {
    /// Its name.
    pub terminal: TerminalId,
    /// Its Ed25519 key.
    pub key: Bytes<32>,
    /// Its age recipient.
    pub recipient: String,
    /// Where it stands.
    pub shelter: ShelterId,
    /// The event that it was set up for, and is admitted to alone.
    pub event: EventId,
}

/// How a terminal stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalView {
    /// Its name.
    pub terminal: TerminalId,
    /// Where it stands.
    pub shelter: ShelterId,
    /// Whether it may write.
    pub status: TerminalStatus,
    /// How many entries of it are here.
    pub entries: u64,
    /// How many of its numbers have not come yet.
    pub missing: u64,
    /// When it wrote last.
    pub latest: Option<Hlc>,
    /// Whether two write under its name.
    pub copied: crate::roster::hand_in::Copied,
}

/// What a terminal needs to go on without a link: `GET events/{event}/terminals/{terminal}/pack`, an age file for the terminal's recipient.
///
/// There is no `Debug`: a register must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pack {
    /// The event.
    pub event: EventId,
    /// When it was made.
    pub made: Hlc,
    /// The key of handles (PROTOCOL §17.2).
    pub handle_key: Bytes<32>,
    /// Residents. Of those under protection only number, household, birth, sex and protection: name and address come from the own card.
    pub residents: Vec<Resident>,
    /// The questionnaires that are asked at a desk.
    pub questionnaires: Vec<questionnaire::Definition>,
    /// The keys that certify those which sign cards' texts, as the appliance trusts them. Without any no card identifies its holder.
    #[serde(default)]
    pub text_anchors: Vec<Blob>,
}

/// What tells keys for cards' texts from others: `H("text-anchors"; each, ascending)`.
#[must_use]
pub fn anchors(keys: &[Blob]) -> HashBytes {
    let keys: std::collections::BTreeSet<&[u8]> = keys.iter().map(|Blob(key)| key.as_slice()).collect();
    tagged("text-anchors", &keys.into_iter().collect::<Vec<_>>()).into()
}

/// How a hand-in comes: `POST events/{event}/hand-ins?way=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Way {
    /// Over the network: what it says of the terminal's clock is of now.
    #[default]
    Network,
    /// On a stick, some time after it was written.
    Stick,
}

/// A hand-in of which something was set aside: `GET events/{event}/aside`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideView {
    /// SHA-256 of the file in which it is kept whole.
    pub file: HashBytes,
    /// When it was set aside.
    pub at: Timestamp,
    /// Who handed it in.
    pub by: String,
    /// How.
    pub way: Way,
    /// The terminal that signed it.
    pub terminal: TerminalId,
    /// Which entries, and why.
    pub aside: Vec<crate::roster::hand_in::SetAside>,
    /// On how many of them nobody has decided.
    pub open: u32,
}
