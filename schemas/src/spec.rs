//! The commission's description of an election (`SPEC.toml`), before ids and keys exist.

use serde::{Deserialize, Serialize};
use tachiai_crypto::journal::{NoteKeyError, WitnessKey};

use crate::election::{Authority, Choice, ContestKind, ContestOption, CrlRequirement, District, Text, WitnessEntry, Witnesses};
use crate::paper::{Officer, Place};
use crate::{Bytes, Timestamp};

/// One election to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElectionSpec {
    /// The title.
    pub title: Text,
    /// The legal authority.
    pub authority: Authority,
    /// When online voting opens.
    pub opens: Timestamp,
    /// When online voting closes.
    pub online_closes: Timestamp,
    /// When the poll closes.
    pub poll_closes: Timestamp,
    /// How many trustees must act to decrypt.
    pub quorum: u8,
    /// How many trustees there are.
    pub trustees: u8,
    /// The least number of ballots in a unit whose totals are opened.
    #[serde(default = "default_min_unit")]
    pub min_unit: u32,
    /// Whether card certificates are checked for revocation.
    #[serde(default = "default_crl")]
    pub crl: CrlRequirement,
    /// age recipients of the evidence behind registrations (`age1…`).
    pub authority_recipients: Vec<String>,
    /// The witnesses of the board's checkpoints; absent for none.
    #[serde(default)]
    pub witnesses: WitnessesSpec,
    /// The polling places that hand out papers, with the keys that `tachiai poll key` prints; absent for an election that is held online alone.
    #[serde(default)]
    pub places: Vec<Place>,
    /// Who signs the count of the papers and lots; needed where there are places.
    #[serde(default)]
    pub count_officers: Vec<Officer>,
    /// The polling districts.
    pub districts: Vec<District>,
    /// The contests.
    pub contests: Vec<ContestSpec>,
}

/// The witnesses of the board's checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WitnessesSpec {
    /// How many of them must have cosigned the published board.
    pub quorum: u8,
    /// Their keys, as `tachiai-witness key` prints them: `name+id+base64`.
    pub keys: Vec<String>,
}

impl WitnessesSpec {
    /// The witnesses as the manifest lists them.
    ///
    /// # Errors
    /// The place of the first key that is none, and why.
    pub fn to_manifest(&self) -> Result<Witnesses, (usize, NoteKeyError)> {
        let key = |(place, text): (usize, &String)| {
            let key: WitnessKey = text.parse().map_err(|error| (place, error))?;
            Ok(WitnessEntry { name: key.name().to_string(), key: Bytes(key.to_bytes()) })
        };
        Ok(Witnesses { quorum: self.quorum, keys: self.keys.iter().enumerate().map(key).collect::<Result<_, _>>()? })
    }
}

/// One contest to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContestSpec {
    /// Short identifier.
    pub id: String,
    /// The title.
    pub title: Text,
    /// The kind.
    pub kind: ContestKind,
    /// Seats to fill.
    #[serde(default)]
    pub seats: u16,
    /// How many options a ballot chooses.
    pub choose: Choice,
    /// The options. A mayor's or council's contest with no more of them than seats is held without a poll (無投票).
    pub options: Vec<ContestOption>,
    /// IDs of the districts in which it is held; absent for all.
    #[serde(default)]
    pub districts: Option<Vec<String>>,
}

impl ContestSpec {
    /// Whether there is a poll: more candidates than seats, or a question (Act article 100).
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.kind == ContestKind::Referendum || self.options.len() > usize::from(self.seats)
    }
}

const fn default_min_unit() -> u32 {
    10
}

const fn default_crl() -> CrlRequirement {
    CrlRequirement::Required
}

impl ElectionSpec {
    /// Reads `SPEC.toml`.
    ///
    /// # Errors
    /// The parser's message with line and column.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
