//! How a card's holder proves who they are over the network.

use serde::{Deserialize, Serialize};

use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;

use crate::{Blob, Bytes, CitizenId, HashBytes, Timestamp};

pub mod case;
pub mod citizen;

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

/// Why a person is enrolled at a counter: there is no usable certificate for digital signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FallbackReason {
    /// The person is under 15: none is issued then.
    #[serde(rename = "under-15")]
    UnderFifteen,
    /// None was issued.
    #[serde(rename = "not-issued")]
    NotIssued,
    /// It has expired, or was revoked when name or address changed.
    #[serde(rename = "expired")]
    Expired,
    /// Its password is blocked or forgotten.
    #[serde(rename = "password-blocked")]
    PasswordBlocked,
}

impl FallbackReason {
    /// Every reason, with the word that statements and commands use.
    pub const ALL: &[(Self, &'static str)] =
        &[(Self::UnderFifteen, "under-15"), (Self::NotIssued, "not-issued"), (Self::Expired, "expired"), (Self::PasswordBlocked, "password-blocked")];

    /// The word that statements and commands use.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(reason, _)| *reason == self).map_or("", |(_, name)| name)
    }
}

impl std::fmt::Display for FallbackReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for FallbackReason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(reason, _)| *reason)
            .ok_or_else(|| format!("unknown reason {text}: use one of {}", Self::ALL.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")))
    }
}

/// The card's text (券面事項入力補助) as it was read, each file cut to its one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TextFiles {
    /// EF 0002: name, address, birth date, sex.
    pub attributes: Blob,
    /// EF 0003: digests and their signature.
    pub digests: Blob,
    /// EF 0004: the certificate of the key that made it.
    pub certificate: Blob,
}

/// Asks that a card be bound to a person without a signing certificate: by the card's text, read at a counter, and by two
/// officials. The one who sends this is the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CounterEnrolment {
    /// Purpose `enrol-counter`, with the authentication certificate: the holder knows its PIN.
    pub card: CardStatement,
    /// Who it is.
    pub text: TextFiles,
}

/// Whom an enrolment at a counter is about, as the second official sees it. The request carries a commitment to it and
/// nothing of it in clear.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CounterPerson {
    /// 32 random bytes.
    pub salt: Bytes<32>,
    /// 氏名.
    pub name: String,
    /// 生年月日: `YYYY-MM-DD`; nine digits as in a certificate if it is no date of the calendar.
    pub birth_date: String,
    /// 性別: 1 male, 2 female, 3 unknown.
    pub sex: String,
    /// 住所.
    pub address: String,
    /// Why at a counter.
    pub reason: FallbackReason,
    /// SHA-256 of the SubjectPublicKeyInfo of the card's authentication key.
    pub card_key: HashBytes,
    /// As whom this card's holder was enrolled before, if name or address were others then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// The authentication keys, as `card_key`, of other cards with which the person is enrolled already, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_cards: Vec<HashBytes>,
}

/// The name and address with which a person was enrolled before; birth date and sex are the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Before {
    /// 氏名.
    pub name: String,
    /// 住所.
    pub address: String,
}

impl std::fmt::Debug for Before {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Before(<withheld>)")
    }
}

/// What officials compare of a card: the first 100 bits of the SHA-256 of its authentication key, which is in
/// [`CounterPerson::card_key`]. A card's text is a copy that names no key, so this alone ties the two.
#[must_use]
pub fn card_fingerprint(card_key: &HashBytes) -> Fingerprint {
    Fingerprint::of(&card_key.hash())
}

impl CounterPerson {
    /// What the request carries of this: `H("counter-enrolment"; JSON of this)`. The salt is part of it.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        tagged(labels::hash::COUNTER_ENROLMENT, &[&json])
    }
}

impl std::fmt::Debug for CounterPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CounterPerson(<withheld>)")
    }
}

/// How a card was bound to its holder at a counter. The names are those of officials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fallback {
    /// Why at a counter.
    pub reason: FallbackReason,
    /// The official who read the card, and the one who approved.
    pub by: [String; 2],
    /// When it was bound.
    pub at: Timestamp,
}

/// A line in the list of cards that were bound at a counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedFallback {
    /// The citizen.
    pub citizen: CitizenId,
    /// Why, by whom, when.
    pub fallback: Fallback,
    /// Whether the card was bound anew since, with a signing certificate or at a counter again.
    pub standing: Standing,
}

/// Whether a binding still is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Standing {
    /// It is how the card is bound now.
    Current,
    /// The card was bound anew.
    Replaced,
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
