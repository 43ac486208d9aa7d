//! How a card's holder proves who they are over the network.

use serde::{Deserialize, Serialize};

use crate::{Blob, Bytes, CitizenId, Timestamp};

/// A number to be used once, in a card's next statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Nonce {
    /// The number.
    pub nonce: Bytes<32>,
    /// Until when.
    pub expires: Timestamp,
}

/// A statement that the card signed (PROTOCOL §6), with the certificate of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardStatement {
    /// The text.
    pub statement: Blob,
    /// The card's signature.
    pub signature: Blob,
    /// The certificate, DER.
    pub certificate: Blob,
}

/// Binds a card to a person: signed with the 署名用 key over the person and the hash of the authentication key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// Purpose `enrol`, with the signing certificate.
    pub card: CardStatement,
    /// The authentication certificate, DER. Anybody who has had the card in a reader can have read it.
    pub authentication: Blob,
    /// The signature of the same statement by the authentication key: the holder knows its PIN.
    pub possession: Blob,
}

/// The answer to an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolled {
    /// The citizen.
    pub citizen: CitizenId,
}

/// A session after login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The bearer token: 256 random bits, for the `Authorization` header.
    pub token: Bytes<32>,
    /// The citizen.
    pub citizen: CitizenId,
    /// At most until then; 15 minutes without use end it earlier.
    pub expires: Timestamp,
}
