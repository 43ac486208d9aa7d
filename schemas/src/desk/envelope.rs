//! An envelope of a provisional paper (仮投票) that is set aside: it was handed out while the desk was cut off, the board never took its hand-out, and the manager
//! and a witness of the place sign that it is not entered (PROTOCOL §16.2).
//!
//! Such a paper is no hand-out of the record: it is in no figure of a day-close, does not go into the box, and is rejected at the count. So that it is accounted
//! for nevertheless, the authority keeps who took it, why it was set aside, and what the appliance had said, sealed, with the signatures.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;

use crate::paper::{Attested, OfficerSignature};
use crate::trustee::SignedKind;
use crate::{Bytes, HashBytes, Timestamp};

/// The longest number of an envelope, in characters.
pub const MAX_ENVELOPE: usize = 32;

/// What the manager and a witness sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnvelopeAside {
    /// The leaf hash of `opened`.
    pub opened: HashBytes,
    /// The index of the place.
    pub place: u16,
    /// The index of its session.
    pub session: u16,
    /// What is written on the envelope: the desk's tag and number.
    pub envelope: String,
    /// When it was handed out, by the desk's clock.
    pub handed_out: Timestamp,
    /// The commitment of [`AsideWords`].
    pub words: HashBytes,
}

impl SignedKind for EnvelopeAside {
    const KIND: &'static str = labels::file::ENVELOPE_ASIDE;
}

/// Whom the envelope is of, and why it is set aside.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideWords {
    /// Random, so that nobody finds the words by trying.
    pub salt: Bytes<32>,
    /// The name on the envelope.
    pub name: String,
    /// The birth date.
    pub birth: String,
    /// Why the two set it aside.
    pub reason: String,
    /// Why it could not be entered, as the desk was told last.
    pub refused: String,
}

impl AsideWords {
    /// What the signed body carries of this: `H("envelope-aside"; JSON of this)`. The salt is part of it.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        tagged(labels::hash::ENVELOPE_ASIDE, &[&json])
    }
}

impl std::fmt::Debug for AsideWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AsideWords(<withheld>)")
    }
}

/// What a desk hands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetAside {
    /// What was signed.
    pub aside: Attested<EnvelopeAside>,
    /// Its words.
    pub words: AsideWords,
}

/// An envelope that was set aside, as the commission sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsideListed {
    /// When the appliance took it.
    pub at: Timestamp,
    /// The official whose desk handed it in.
    pub by: String,
    /// What was signed.
    pub body: EnvelopeAside,
    /// Who signed.
    pub signatures: Vec<OfficerSignature>,
    /// The names of those, in the same order.
    pub officers: Vec<String>,
    /// Its words.
    pub words: AsideWords,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_envelope_are_committed_to_and_reach_no_log() {
        let words = |reason: &str| AsideWords {
            salt: Bytes([3; 32]),
            name: "養父　花子".to_owned(),
            birth: "1980-02-17".to_owned(),
            reason: reason.to_owned(),
            refused: "not-found".to_owned(),
        };
        assert_ne!(words("a").commitment(), words("b").commitment());
        assert!(!format!("{:?}", words("a")).contains("花子"));
    }
}
