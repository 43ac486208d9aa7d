//! A disclosure as it is asked for, and as the appliance's journal says that it was made.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;

use super::Name;
use super::agency::Format;
use crate::canonical::{self, CanonicalError};
use crate::roster::disclosure::{Basis, Selection, Withheld};
use crate::roster::{ChainId, EventId, ShelterId};
use crate::{Bytes, HashBytes, Timestamp};

/// The ID of a request, of the asker's choice: the same request again gets the same bundle.
pub type RequestId = Bytes<16>;

/// A disclosure that is asked for, of one grant and for its one purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisclosureRequest {
    /// A random ID.
    pub request: RequestId,
    /// The grant.
    pub grant: Name,
    /// The agency that it is for.
    pub agency: Name,
    /// The purpose: that of the grant.
    pub purpose: String,
    /// The event.
    pub event: EventId,
    /// The shelters; empty is all that the grant covers.
    pub shelters: Vec<ShelterId>,
    /// Who.
    pub of: Selection,
    /// The handles, where persons are asked for.
    pub persons: Vec<ChainId>,
    /// The fields; empty is all of the grant.
    pub fields: Vec<String>,
    /// The form in which people are given beside the proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// What the asker was shown before ([`super::preview::Preview::seen`]): if something else would leave now, nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<HashBytes>,
}

impl DisclosureRequest {
    /// What tells one request from another of the same ID. What was seen is not in it: the hash stands in the journal for ever, and nobody is to find out by trying what
    /// people's fields said; and whoever looks anew before asking again gets what was made.
    ///
    /// # Errors
    /// [`CanonicalError`], never for this type.
    pub fn hash(&self) -> Result<Hash32, CanonicalError> {
        Ok(tagged(labels::hash::DISCLOSURE_REQUEST, &[&canonical::to_bytes(&Self { seen: None, ..self.clone() })?]))
    }
}

/// A disclosure that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disclosed {
    /// The ID of the request.
    pub request: RequestId,
    /// What was asked for ([`DisclosureRequest::hash`]).
    pub asked: HashBytes,
    /// Who asked: an official, or the agency itself.
    pub by: String,
    /// The agency.
    pub agency: Name,
    /// The grant.
    pub grant: Name,
    /// The purpose.
    pub purpose: String,
    /// The legal basis.
    pub basis: Basis,
    /// The event.
    pub event: EventId,
    /// The shelters; empty is the whole event.
    pub shelters: Vec<ShelterId>,
    /// Who was asked for.
    pub of: Selection,
    /// The fields.
    pub fields: Vec<String>,
    /// How many people are in it.
    pub people: u64,
    /// How many are withheld, by grounds.
    pub withheld: Vec<Withheld>,
    /// SHA-256 of the disclosure's file.
    pub plain: HashBytes,
    /// The same people in another form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// SHA-256 of the bundle: that file, or an archive (tar) of it as `people.disclosure` and of the other form, encrypted with age to the agency.
    pub sealed: HashBytes,
    /// The length of the bundle in bytes.
    pub bytes: u64,
}

/// A form that went out beside the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// Which.
    pub format: Format,
    /// What commits to it: [`Form::commitment`].
    pub hash: HashBytes,
    /// How it went.
    pub sent: Sent,
}

impl Form {
    /// What commits to a form beside its disclosure: H(`disclosed-form`; the disclosure's file, the form). The file has the salts of the fields in it, so that nobody
    /// finds out by trying what a form says whose answers have few possibilities; the agency has both.
    #[must_use]
    pub fn commitment(disclosure: &[u8], form: &[u8]) -> HashBytes {
        tagged(labels::hash::DISCLOSED_FORM, &[disclosure, form]).into()
    }
}

/// How a form went to the agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Sent {
    /// In the bundle.
    Bundle,
    /// The agency pulled it over its own certificate, and it is in the bundle as well.
    Pulled,
}

/// A disclosure, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisclosedAt {
    /// When.
    pub at: Timestamp,
    /// The disclosure.
    pub disclosed: Disclosed,
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;

    use super::*;

    #[test]
    fn what_was_seen_is_not_in_the_hash_of_a_request_and_everything_else_is() {
        let request = DisclosureRequest {
            request: Bytes([1; 16]),
            grant: "care".parse().unwrap(),
            agency: "fire".parse().unwrap(),
            purpose: "救急搬送の準備".to_owned(),
            event: EventId::generate(&mut OsRng),
            shelters: vec![],
            of: Selection::Persons {},
            persons: vec![ChainId([1; 16])],
            fields: vec!["needs".to_owned()],
            format: None,
            seen: None,
        };
        let hash = request.hash().unwrap();
        assert_eq!(DisclosureRequest { seen: Some(Bytes([7; 32])), ..request.clone() }.hash().unwrap(), hash);
        assert_ne!(DisclosureRequest { persons: vec![ChainId([2; 16])], ..request }.hash().unwrap(), hash);
    }
}
