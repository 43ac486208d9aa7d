//! Terminals: how one is admitted and stands, what it takes with it, and what of it was set aside.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::tagged;
use tachiai_crypto::labels;
use tachiai_crypto::roster::EventId;

use super::{Resident, questionnaire};
use crate::election::Text;
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

impl TerminalRequest {
    /// What two people compare before it is admitted, one at the terminal and one at headquarters: the first 80 bits of `H("terminal-request"; JSON of this)`, in
    /// groups of four base32 characters.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        let text = data_encoding::BASE32_NOPAD.encode(&tagged(labels::hash::TERMINAL_REQUEST, &[&json]).as_bytes()[..10]).to_ascii_lowercase();
        text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect::<Vec<_>>().join(" ")
    }
}

/// A terminal that asks to be admitted: `POST events/{event}/terminals/asking`. It asks again until it is; what was asked a quarter of an hour ago is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalAsking {
    /// Its request.
    pub request: TerminalRequest,
    /// Who sits at it, as the staff list has them.
    pub by: String,
    /// When it asked first.
    pub since: Timestamp,
}

/// What a terminal is set up by where there is no link: headquarters write it, and it is carried there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupFile {
    /// The event.
    pub event: EventId,
    /// Its title.
    pub title: Text,
    /// The shelters in which a terminal may stand.
    pub shelters: Vec<SetupShelter>,
}

/// A shelter in which a terminal may stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupShelter {
    /// Its ID.
    pub shelter: ShelterId,
    /// Its name.
    pub name: Text,
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
    tagged(labels::hash::TEXT_ANCHORS, &keys.into_iter().collect::<Vec<_>>()).into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_of_a_request_is_another_one_for_another_key_recipient_shelter_or_event() {
        let request = TerminalRequest {
            terminal: "gym-1".parse().unwrap(),
            key: Bytes([1; 32]),
            recipient: "age1one".to_owned(),
            shelter: "gym".parse().unwrap(),
            event: EventId([7; 16]),
        };
        let print = request.fingerprint();
        assert_eq!(print.split(' ').map(str::len).collect::<Vec<_>>(), [4; 4]);
        let others = [
            TerminalRequest { terminal: "gym-2".parse().unwrap(), ..request.clone() },
            TerminalRequest { key: Bytes([2; 32]), ..request.clone() },
            TerminalRequest { recipient: "age1two".to_owned(), ..request.clone() },
            TerminalRequest { shelter: "hall".parse().unwrap(), ..request.clone() },
            TerminalRequest { event: EventId([8; 16]), ..request },
        ];
        assert!(others.iter().all(|other| other.fingerprint() != print));
    }
}
