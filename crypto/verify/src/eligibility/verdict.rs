//! What an audit found, with figures, and what it took on trust.
//!
//! Its JSON form is stable, as that of [`verify::Verdict`](crate::verify::Verdict), and names nobody.

use serde::Serialize;
use tachiai_schemas::election::{CrlRequirement, Manifest, Text};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::identity::{Fallback, FallbackReason};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{ElectionId, HashBytes, LeafIndex, Slot, Timestamp};

use super::trusted::{Cards, Trusted};
use super::{Found, Options, People};
use crate::verify::{Trust, Verified};

/// What was found where everything holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Eligibility {
    /// Always `holds`.
    pub verdict: &'static str,
    /// The election.
    pub election: ElectionId,
    /// The title.
    pub title: Text,
    /// How far the record goes.
    pub phase: Phase,
    /// The fingerprint.
    pub fingerprint: Option<String>,
    /// On what the record's verdict rests.
    pub trust: Trust,
    /// Slots that opened.
    pub slots: u64,
    /// Electors on the roll, each with one of the slots.
    pub electors: u64,
    /// Registrations whose evidence holds: all of the record.
    pub registrations: u64,
    /// Slots with a registration.
    pub registered_slots: u64,
    /// Cards that registered something.
    pub cards: u64,
    /// Ballots that count.
    pub counted: u64,
    /// Registrations by cards that two officials bound at a counter.
    pub fallbacks: Vec<FlaggedRegistration>,
    /// Slots for which more than one card of the same person registered.
    pub several_cards: Vec<SeveralCards>,
    /// Registrations with a certificate of which a later list says that it was revoked before its use; no list that was in force then said so.
    pub revoked_since: Vec<FlaggedRegistration>,
    /// Hand-outs of papers.
    pub papers: HandoutsFound,
    /// The slots of electors who were added after the opening: that they are electors, the office says, for they are not on the given roll.
    pub added: Vec<Slot>,
    /// Whether a fresh revocation list was required.
    pub crl: CrlRequirement,
    /// Revocation lists that were looked at.
    pub lists: u64,
    /// Whether test cards were accepted, and no others.
    pub test_cards: bool,
    /// SHA-256 of the certificates of the certification authorities under which the cards' certificates hold: those of the manifest, or of these the
    /// expected ones.
    pub card_anchors: Vec<HashBytes>,
    /// Whether they were expected; else it is taken on trust that they are not the operator's own.
    pub card_anchors_expected: bool,
    /// SHA-256 of the keys that certify those which sign cards' texts; the manifest does not name them.
    pub text_anchors: Vec<HashBytes>,
    /// Whether they were expected; else they are taken on trust.
    pub text_anchors_expected: bool,
}

/// A registration, or a hand-out with a card, that holds and that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlaggedRegistration {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// Its slot.
    pub slot: Slot,
    /// For a fallback: why and when.
    #[serde(serialize_with = "without_names", skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
}

/// Hand-outs of papers whose evidence holds: all of the record, undone or not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HandoutsFound {
    /// How many.
    pub handouts: u64,
    /// How many of them with the signature of the elector's card.
    pub with_card: u64,
    /// The others: two officials identified the elector.
    pub by_name: Vec<FlaggedHandout>,
    /// Those with a card that two officials bound at a counter.
    pub fallbacks: Vec<FlaggedRegistration>,
    /// Those with a certificate of which a later list says that it was revoked before its use.
    pub revoked_since: Vec<FlaggedRegistration>,
}

/// A hand-out without a card's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FlaggedHandout {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// Its slot.
    pub slot: Slot,
    /// Why no card signed.
    pub reason: NameReason,
}

/// A slot for which several cards registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SeveralCards {
    /// The slot.
    pub slot: Slot,
    /// How many.
    pub cards: u64,
}

fn without_names<S: serde::Serializer>(fallback: &Option<Fallback>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown {
        reason: FallbackReason,
        at: Timestamp,
    }
    fallback.as_ref().map(|Fallback { reason, by: _, at }| Shown { reason: *reason, at: *at }).serialize(serializer)
}

impl Eligibility {
    /// Whether a card that was bound at a counter registered or took papers.
    #[must_use]
    pub fn has_fallbacks(&self) -> bool {
        !(self.fallbacks.is_empty() && self.papers.fallbacks.is_empty())
    }

    /// Whether every authority on whose word the electors' eligibility rests was expected.
    #[must_use]
    pub fn authorities_expected(&self) -> bool {
        self.card_anchors_expected && (!self.has_fallbacks() || self.text_anchors_expected)
    }

    pub(super) fn new(verified: &Verified, manifest: &Manifest, people: &People, trusted: &Trusted, found: Found, options: &Options<'_>) -> Self {
        let Found { registrations, card_of: _, cards_of, fallbacks, revoked_since, papers, nonces: _ } = found;
        let record = &verified.verdict;
        let several = cards_of.iter().filter(|(_, cards)| cards.len() > 1).map(|(slot, cards)| SeveralCards { slot: *slot, cards: cards.len() as u64 });
        Self {
            verdict: "holds",
            election: manifest.election,
            title: manifest.title.clone(),
            phase: record.phase,
            fingerprint: record.fingerprint.clone(),
            trust: record.trust,
            slots: record.slots,
            electors: people.len() as u64,
            registrations,
            registered_slots: cards_of.len() as u64,
            cards: cards_of.values().map(|cards| cards.len() as u64).sum(),
            counted: record.counted,
            fallbacks,
            several_cards: several.collect(),
            revoked_since,
            papers,
            added: people.added_slots().collect(),
            crl: manifest.crl,
            lists: trusted.lists_used() as u64,
            test_cards: options.cards == Cards::Test,
            card_anchors: trusted.card_anchors.clone(),
            card_anchors_expected: !options.card_anchors.is_empty(),
            text_anchors: trusted.text_anchors.clone(),
            text_anchors_expected: !options.text_anchors.is_empty(),
        }
    }
}
