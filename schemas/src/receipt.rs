//! What the public port says about a board, and the receipts that a voter keeps.

use serde::{Deserialize, Serialize};

use crate::election::{Authority, Text};
use crate::{Blob, Bytes, ElectionId, HashBytes, LeafIndex, Slot, Timestamp};

/// The life of an election.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Phase {
    /// Created; roll and trustees are being added.
    Draft,
    /// The manifest stands; the trustees make the joint key.
    Ceremony,
    /// Online voting, within its hours.
    Open,
    /// Online voting is over.
    OnlineClosed,
    /// The poll is over.
    PollClosed,
    /// The tally statement stands.
    Tallying,
    /// The result stands.
    Tallied,
    /// The result is published.
    Published,
}

/// An election in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElectionSummary {
    /// The election.
    pub election: ElectionId,
    /// The title.
    pub title: Text,
    /// The legal authority.
    pub authority: Authority,
    /// The phase.
    pub phase: Phase,
    /// When online voting opens.
    pub opens: Timestamp,
    /// When online voting closes.
    pub online_closes: Timestamp,
    /// When the poll closes.
    pub poll_closes: Timestamp,
    /// The leaf of `opened`, once it is there.
    pub opened: Option<LeafIndex>,
    /// The board's size.
    pub size: u64,
}

/// An entry with the proof that a signed checkpoint includes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvenEntry {
    /// Its leaf.
    pub index: LeafIndex,
    /// The entry, byte for byte.
    pub entry: Blob,
    /// The inclusion proof.
    pub hashes: Vec<HashBytes>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// Entries without proof, for a client that builds the tree itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entries {
    /// Index of the first.
    pub from: LeafIndex,
    /// The entries.
    pub entries: Vec<Blob>,
}

/// The proof that a newer board extends an older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consistency {
    /// The older size.
    pub from: u64,
    /// The consistency proof.
    pub hashes: Vec<HashBytes>,
    /// The newer signed checkpoint.
    pub checkpoint: String,
}

/// A registration to be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationRequest {
    /// Purpose `register-key`, signed with the authentication key.
    pub card: crate::identity::CardStatement,
    /// The voting key's signature over the same text.
    pub possession: Bytes<64>,
}

/// A ballot to be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CastRequest {
    /// The bytes of the ballot.
    pub ballot: Blob,
}

/// The slot of the citizen who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotView {
    /// The slot.
    pub slot: Slot,
    /// Index of the district.
    pub district: u16,
    /// Opens the slot's commitment.
    pub salt: Bytes<32>,
    /// The roll's name.
    pub name: String,
    /// The roll's birth date.
    pub birth: String,
    /// The roll's sex.
    pub sex: String,
    /// The roll's address.
    pub address: String,
    /// The commitment.
    pub commitment: HashBytes,
    /// That the roll root includes the slot.
    pub hashes: Vec<HashBytes>,
    /// The slot's current registration.
    pub registration: Option<CurrentRegistration>,
}

/// The current registration of a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrentRegistration {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// Its leaf hash.
    pub leaf_hash: HashBytes,
    /// Its number.
    pub seq: u32,
    /// Its key.
    pub voting_key: Bytes<32>,
}

/// A receipt: the recorded entry and the proof that a checkpoint signed by the board includes it. What counts is durable before it is given.
///
/// `proof` is a C2SP `tlog-proof`, its `extra` the 32-byte ballot hash (for a registration or challenge: absent).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The election.
    pub election: ElectionId,
    /// When it was accepted.
    pub at: Timestamp,
    /// The leaf.
    pub leaf: LeafIndex,
    /// The entry's leaf hash.
    pub leaf_hash: HashBytes,
    /// The ballot's hash, if this is a ballot.
    pub ballot: Option<HashBytes>,
    /// C2SP `tlog-proof`.
    pub proof: String,
}

/// What became of a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BallotStatus {
    /// It is the slot's current ballot.
    Counted {
        /// Its leaf.
        leaf: LeafIndex,
    },
    /// A later ballot of the slot replaced it.
    Superseded {
        /// Its leaf.
        leaf: LeafIndex,
        /// The leaf of the later one.
        by: LeafIndex,
    },
    /// It was challenged.
    Challenged {
        /// Its leaf.
        leaf: LeafIndex,
        /// The leaf of `challenged`.
        by: LeafIndex,
    },
    /// A paper was handed to the elector: the paper counts and the ballot does not, also if the paper came back.
    Overridden {
        /// Its leaf.
        leaf: LeafIndex,
        /// The leaf of `paper-issued`.
        by: LeafIndex,
    },
}

/// A receipt file: self-contained, with what a second device needs to check ballot and opening without a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptFile {
    /// `tachiai-receipt/1`.
    pub format: String,
    /// The receipt.
    pub receipt: Receipt,
    /// `manifest`, every trustee's confirmation, `opened`, the registration, the ballot, and `challenged` if it is there, each with its proof against one checkpoint.
    pub entries: Vec<ProvenEntry>,
}

/// The opening of a challenged ballot (PROTOCOL §7.7): never on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpeningFile {
    /// `tachiai-opening/1`.
    pub format: String,
    /// The ballot's hash.
    pub ballot: HashBytes,
    /// The values and randomness.
    pub opening: Blob,
}
