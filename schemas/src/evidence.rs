//! The evidence for the authority (PROTOCOL §6, §10.11, §16.8): what shows that the elector of a slot, and not the operator, registered a voting key or took
//! ballot papers.
//!
//! Everything personal lies in age files for the authority's recipients. Their contents are these types in the one accepted form.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::identity::{CardStatement, CounterEnrolment, Enrolment, Fallback};
use crate::record::RecordFile;
use crate::{Blob, Bytes, ElectionId, HashBytes, LeafIndex, Slot, Timestamp};

/// The value of [`EvidenceIndex::format`].
pub const EVIDENCE_FORMAT: &str = "tachiai-evidence/1";

/// The name of the index in its folder.
pub const EVIDENCE_INDEX: &str = "evidence.json";

/// The name of the file that says which cards were trusted, and when.
pub const CARDS_PATH: &str = "cards.json";

/// Slots in a file of openings; only the last one has fewer.
pub const SLOTS_IN_FILE: u32 = 1024;

/// Registrations in a bundle; only the last one has fewer.
pub const REGISTRATIONS_IN_FILE: usize = 256;

/// Hand-outs of papers in a bundle; only the last one has fewer.
pub const PAPERS_IN_FILE: usize = REGISTRATIONS_IN_FILE;

/// The longest sealed evidence of one registration or hand-out in bytes: two certificates and a card's text have a tenth of it.
pub const MAX_SEALED: usize = 1 << 17;

/// The evidence behind a registration. The board's entry holds H(`evidence`; salt, JSON of this).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The card's certificate for user authentication, DER.
    pub certificate: Blob,
    /// The card's signature.
    pub signature: Blob,
    /// The text that it signed.
    pub statement: Blob,
    /// What opens the commitment of the slot.
    pub elector: Opening,
    /// What bound the card to its holder: the accepted request.
    pub binding: Binding,
    /// When the card was bound.
    pub bound: Timestamp,
    /// If the card was bound at a counter: why, by whom, when. Absent where the card's signing key bound it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
}

/// The request by which a card was bound to its holder (PROTOCOL §10.8): signatures that can be checked again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Binding {
    /// By the card's signing key.
    Card(Enrolment),
    /// By the card's text and two officials.
    Counter(CounterEnrolment),
}

/// What opens the commitment of a slot (PROTOCOL §5.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The slot's salt.
    #[zeroize(skip)]
    pub salt: Bytes<32>,
    /// As on the roll.
    pub name: String,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// `1`, `2` or `3`.
    pub sex: String,
    /// As on the roll.
    pub address: String,
    /// The district's ID.
    pub district: String,
}

/// A line in a file of openings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotOpening {
    /// The slot.
    pub slot: Slot,
    /// What opens its commitment.
    pub elector: Opening,
}

/// Why an elector took papers without a card's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NameReason {
    /// There is no card, or it was not brought along.
    NoCard,
    /// The card is damaged, expired or revoked, or was never bound to its holder.
    CardFailed,
    /// The PIN is blocked or forgotten.
    PinBlocked,
    /// The papers are sent (不在者投票), so that no card can sign.
    ByPost,
    /// The desk cannot reach the appliance.
    LinkCut,
}

impl NameReason {
    /// Every reason with the word that commands use.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::NoCard, "no-card"),
        (Self::CardFailed, "card-failed"),
        (Self::PinBlocked, "pin-blocked"),
        (Self::ByPost, "by-post"),
        (Self::LinkCut, "link-cut"),
    ];
}

/// An elector was identified by name, by two officials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ByName {
    /// Why no card signed.
    pub reason: NameReason,
    /// The official who handed the papers out, and the one who agreed.
    pub by: [String; 2],
}

/// The evidence behind a hand-out of papers (PROTOCOL §16.8). The board's entry holds H(`evidence`; salt, JSON of this).
///
/// With a card, `card`, `binding` and `bound` are there, and `fallback` as in [`Evidence`]; else `name` is, and nothing of these.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperEvidence {
    /// What the card signed, with the purpose `paper-issue`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardStatement>,
    /// What opens the commitment of the slot.
    pub elector: Opening,
    /// What bound the card to its holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// When the card was bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Timestamp>,
    /// If the card was bound at a counter: why, by whom, when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Who identified the elector, if no card did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<ByName>,
}

/// What is encrypted to the authority's recipients for each registration and each hand-out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedEvidence {
    /// 32 random bytes.
    pub salt: Bytes<32>,
    /// JSON of [`Evidence`], or of [`PaperEvidence`].
    pub evidence: Blob,
}

macro_rules! withheld {
    ($($kind:ident)*) => {
        $(impl std::fmt::Debug for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($kind), "(<withheld>)"))
            }
        })*
    };
}

withheld!(Evidence PaperEvidence Binding Opening SlotOpening SealedEvidence);

/// `cards.json`: which certificates and keys were trusted, and which revocation lists were in force since when. Each is a file `cards/<SHA-256 in hex>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardsTrusted {
    /// Certificates of the cards' certification authorities, ascending.
    pub anchors: Vec<HashBytes>,
    /// Keys that certify those which sign cards' texts, ascending.
    pub text_anchors: Vec<HashBytes>,
    /// In the order of time; each holds until the next.
    pub lists: Vec<ListsInForce>,
}

/// Revocation lists that were put in force together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListsInForce {
    /// Since when.
    pub since: Timestamp,
    /// The lists, ascending.
    pub crls: Vec<HashBytes>,
}

/// `evidence.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvidenceIndex {
    /// `tachiai-evidence/1`.
    pub format: String,
    /// The election.
    pub election: ElectionId,
    /// When it was exported.
    pub at: Timestamp,
    /// Every other file, by ascending path.
    pub files: Vec<RecordFile>,
}

/// What an export has: the answer to its beginning, which the appliance's journal records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvidenceExport {
    /// The election.
    pub election: ElectionId,
    /// When it began.
    pub at: Timestamp,
    /// How many slots there are.
    pub slots: u32,
    /// How many registrations there is evidence for.
    pub registrations: u64,
    /// How many hand-outs there is evidence for.
    pub papers: u64,
    /// The trusted cards.
    pub cards: CardsTrusted,
}

/// The path of a file of openings.
#[must_use]
pub fn slots_path(number: u32) -> String {
    format!("slots/{number}")
}

/// The path of a bundle of registrations.
#[must_use]
pub fn registrations_path(number: u64) -> String {
    format!("registrations/{number}")
}

/// The path of a bundle of hand-outs.
#[must_use]
pub fn papers_path(number: u64) -> String {
    format!("papers/{number}")
}

/// The path of a certificate, key or revocation list.
#[must_use]
pub fn card_path(hash: &HashBytes) -> String {
    format!("cards/{}", hash.hash())
}

/// Why bytes are no bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It ends within an item.
    #[error("it ends within an item")]
    Truncated,
    /// An item is longer than any evidence.
    #[error("an item is longer than {MAX_SEALED} bytes")]
    TooLong,
    /// More items than belong into one.
    #[error("it has more than {REGISTRATIONS_IN_FILE} items")]
    TooMany,
    /// The leaves do not ascend.
    #[error("the leaves do not ascend")]
    Order,
    /// It has none.
    #[error("it is empty")]
    Empty,
}

/// Writes a bundle: for each registration, or each hand-out, leaf u64 ‖ length u32 ‖ age file.
///
/// # Errors
/// [`BundleError`].
pub fn bundle<'a>(items: impl IntoIterator<Item = (LeafIndex, &'a [u8])>) -> Result<Vec<u8>, BundleError> {
    let mut out = Vec::new();
    for (leaf, sealed) in items {
        let length = u32::try_from(sealed.len()).ok().filter(|_| sealed.len() <= MAX_SEALED).ok_or(BundleError::TooLong)?;
        out.extend_from_slice(&leaf.0.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(sealed);
    }
    parse_bundle(&out).map(drop)?;
    Ok(out)
}

/// Reads a bundle.
///
/// # Errors
/// [`BundleError`].
pub fn parse_bundle(mut bytes: &[u8]) -> Result<Vec<(LeafIndex, &[u8])>, BundleError> {
    let mut items: Vec<(LeafIndex, &[u8])> = Vec::new();
    while !bytes.is_empty() {
        let (leaf, rest) = bytes.split_first_chunk::<8>().ok_or(BundleError::Truncated)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(BundleError::Truncated)?;
        let (leaf, length) = (LeafIndex(u64::from_be_bytes(*leaf)), usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX));
        if length > MAX_SEALED {
            return Err(BundleError::TooLong);
        }
        let (sealed, rest) = rest.split_at_checked(length).ok_or(BundleError::Truncated)?;
        if items.last().is_some_and(|(last, _)| *last >= leaf) {
            return Err(BundleError::Order);
        }
        if items.len() >= REGISTRATIONS_IN_FILE {
            return Err(BundleError::TooMany);
        }
        items.push((leaf, sealed));
        bytes = rest;
    }
    if items.is_empty() { Err(BundleError::Empty) } else { Ok(items) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;

    #[test]
    fn a_bundle_gives_back_what_was_put_in_and_no_other_bytes_give_it() {
        let items: Vec<(LeafIndex, &[u8])> = vec![(LeafIndex(3), b"a"), (LeafIndex(7), b""), (LeafIndex(8), b"bc")];
        let bytes = bundle(items.clone()).unwrap();
        assert_eq!(parse_bundle(&bytes), Ok(items));
        assert_eq!(parse_bundle(&bytes[..bytes.len() - 1]), Err(BundleError::Truncated));
        assert_eq!(parse_bundle(&[]), Err(BundleError::Empty));
        assert_eq!(bundle([(LeafIndex(3), &b"a"[..]), (LeafIndex(3), b"b")]), Err(BundleError::Order));
        assert_eq!(bundle((0..257).map(|leaf| (LeafIndex(leaf), &b""[..]))), Err(BundleError::TooMany));
        assert_eq!(parse_bundle(&[0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]), Err(BundleError::TooLong));
    }

    #[test]
    fn evidence_of_a_hand_out_leaves_out_what_does_not_apply_and_debugging_shows_nobody() {
        let elector = || {
            let [name, birth, sex, address, district] = ["n", "1990-01-01", "1", "a", "d"].map(str::to_owned);
            Opening { salt: Bytes([1; 32]), name, birth, sex, address, district }
        };
        let name = Some(ByName { reason: NameReason::NoCard, by: ["a".to_owned(), "b".to_owned()] });
        let evidence = PaperEvidence { card: None, elector: elector(), binding: None, bound: None, fallback: None, name };
        let bytes = canonical::to_bytes(&evidence).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with(r#"{"elector":{"salt":"#) && text.ends_with(r#","name":{"reason":"no-card","by":["a","b"]}}"#), "{text}");
        assert_eq!(canonical::from_bytes::<PaperEvidence>(&bytes).unwrap(), evidence);
        assert!(canonical::from_bytes::<PaperEvidence>(text.replace(r#"{"elector""#, r#"{"card":null,"elector""#).as_bytes()).is_err());
        assert_eq!(format!("{evidence:?}"), "PaperEvidence(<withheld>)");
    }

    #[test]
    fn both_kinds_of_binding_have_one_form_and_debugging_shows_nobody() {
        let statement = |byte: u8| CardStatement { statement: Blob(vec![byte]), signature: Blob(vec![2]), certificate: Blob(vec![3]) };
        let card = Binding::Card(Enrolment { card: statement(1), authentication: Blob(vec![4]), possession: Blob(vec![5]) });
        let files = crate::identity::TextFiles { attributes: Blob(vec![6]), digests: Blob(vec![7]), certificate: Blob(vec![8]) };
        for binding in [card, Binding::Counter(CounterEnrolment { card: statement(9), text: files })] {
            let bytes = canonical::to_bytes(&binding).unwrap();
            assert_eq!(canonical::from_bytes::<Binding>(&bytes).unwrap(), binding);
            assert_eq!(format!("{binding:?}"), "Binding(<withheld>)");
            let more = [&bytes[..bytes.len() - 1], br#","more":1}"#].concat();
            assert!(canonical::from_bytes::<Binding>(&more).is_err());
        }
    }
}
