//! A case about citizen IDs, on which two officials decide: whether two IDs are of one person, and whether somebody is erased. What they decide on may name somebody and is
//! sealed; the matter carries its commitment.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;

use super::citizen::CitizenView;
use crate::roster::LinkVerdict;
use crate::shelter::case::EraseGround;
use crate::{Bytes, CitizenId, HashBytes};

/// Asks whether two IDs are of one person, or of two after all: `POST citizens/links`. A second official decides.
///
/// There is no `Debug`: the words may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenLinkRequest {
    /// A code of the ID that goes on.
    pub citizen: CitizenId,
    /// A code of the other, which becomes an alias of it.
    pub other: CitizenId,
    /// Whether they are of one person.
    pub verdict: LinkVerdict,
    /// What shows it (1 to 500 characters).
    pub evidence: String,
    /// Why it is decided now (1 to 500 characters).
    pub reason: String,
}

/// Asks that somebody be erased: `POST citizens/{code}/erase`. A second official decides.
///
/// There is no `Debug`: the reason may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenEraseRequest {
    /// On what ground.
    pub ground: EraseGround,
    /// Why (1 to 500 characters). It goes with the person.
    pub reason: String,
}

/// What a case is about. IDs stand here, never codes.
///
/// There is no `Debug`: the words may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CitizenCaseOf {
    /// Two IDs.
    Link(CitizenLinkRequest),
    /// Somebody is erased.
    Erase {
        /// The ID that goes on; its aliases go with it.
        citizen: CitizenId,
        /// What was asked.
        request: CitizenEraseRequest,
    },
}

/// A case with everything that two officials decide on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenCase {
    /// Random, so that nobody finds the words by trying.
    pub salt: Bytes<32>,
    /// What it is about.
    pub of: CitizenCaseOf,
}

impl CitizenCase {
    /// What the matter carries of this: `H("citizen-case"; JSON of this)`. The salt is part of it.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        tagged(labels::hash::CITIZEN_CASE, &[&json])
    }
}

/// What the second official is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenCaseShown {
    /// The case.
    pub case: CitizenCase,
    /// Whom it is about, as known now; one where the IDs are linked already.
    pub people: Vec<CitizenView>,
}

impl std::fmt::Debug for CitizenCaseShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CitizenCaseShown(<withheld>)")
    }
}

/// What holds of two IDs now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenLinkDone {
    /// The ID that goes on.
    pub citizen: CitizenId,
    /// The other.
    pub other: CitizenId,
    /// Whether they are of one person.
    pub verdict: LinkVerdict,
}

/// Somebody is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitizenEraseDone {
    /// The IDs of the person, which lead to nobody any more.
    pub citizens: Vec<CitizenId>,
}

/// How a code that leads to nobody any more is told to terminals: `H("citizen-code-refused"; code)`. A code is 128 random bits, so this tells who has the code that it is
/// refused, and nobody else anything.
#[must_use]
pub fn refused(code: CitizenId) -> HashBytes {
    tagged(labels::hash::CITIZEN_CODE_REFUSED, &[&code.0]).into()
}
