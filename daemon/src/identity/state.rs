//! What is known of citizens: the fold of this room's entries.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tachiai_schemas::identity::{Fallback, FallbackReason, ListedFallback, Standing};
use tachiai_schemas::{Blob, CitizenId, HashBytes, Timestamp};

/// The keyed hash under which a card or person is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Index(pub HashBytes);

impl std::fmt::Display for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A citizen is known from now on.
    CitizenRegistered {
        /// The citizen.
        citizen: CitizenId,
        /// The four attributes, sealed under the citizen's key.
        sealed: Blob,
    },
    /// A card is bound to a citizen.
    CardBound {
        /// The citizen.
        citizen: CitizenId,
        /// The card.
        card: Index,
        /// The person that the card's signing certificate names.
        person: Index,
        /// Hashes, attributes and evidence, sealed under the citizen's key.
        sealed: Blob,
    },
    /// An ID was issued to somebody at a counter, without a card.
    CitizenIssued {
        /// The citizen.
        citizen: CitizenId,
        /// Who it is: a card of the same person goes to the same citizen.
        person: Index,
        /// The official.
        by: String,
        /// Who it is, sealed under the citizen's key.
        sealed: Blob,
    },
    /// A citizen's code was lost, and another takes its place.
    CodeReplaced {
        /// The citizen.
        citizen: CitizenId,
        /// The code that says nothing any more.
        lost: CitizenId,
        /// The code from now on.
        code: CitizenId,
        /// The official.
        by: String,
    },
    /// An official looked at what is known of a citizen.
    CitizenLookedAt {
        /// The citizen.
        citizen: CitizenId,
        /// The official.
        by: String,
    },
    /// An official read a card at a counter; nothing is bound yet.
    CounterRead {
        /// The citizen under whose key the payload is sealed.
        citizen: CitizenId,
        /// What the officials' request commits to.
        commitment: HashBytes,
        /// Person and evidence, sealed under the citizen's key.
        sealed: Blob,
    },
    /// A card is bound to a citizen without a signing certificate, by the card's text and two officials.
    CardBoundAtCounter {
        /// The citizen.
        citizen: CitizenId,
        /// The card.
        card: Index,
        /// The person that the card's text names.
        person: Index,
        /// Why at a counter.
        reason: FallbackReason,
        /// The official who read the card, and the one who approved.
        by: [String; 2],
        /// What the officials' request committed to.
        commitment: HashBytes,
        /// Hashes, attributes and evidence, sealed under the citizen's key.
        sealed: Blob,
    },
}

/// What is known of one citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Citizen {
    /// The person as last enrolled.
    pub person: Index,
    /// The entry that bound a card last.
    pub latest: u64,
}

/// A card that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Card {
    /// Whose it is.
    pub(super) citizen: CitizenId,
    /// The entry that bound it.
    pub(super) seq: u64,
    /// When.
    pub(super) at: Timestamp,
    /// As whom; the citizen may be another person since, by another card.
    pub(super) person: Index,
    /// If it was bound at a counter: its place in the list of those.
    pub(super) counter: Option<usize>,
}

/// A card that was read at a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The citizen under whose key the payload is sealed.
    pub citizen: CitizenId,
    /// The entry with the payload.
    pub seq: u64,
}

/// A card that was bound at a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AtCounter {
    commitment: HashBytes,
    citizen: CitizenId,
    card: Index,
    fallback: Arc<Fallback>,
}

/// What is known of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub(super) cards: BTreeMap<Index, Card>,
    pub(super) persons: BTreeMap<Index, CitizenId>,
    pub(super) citizens: BTreeMap<CitizenId, Option<Citizen>>,
    /// What was read at a counter and is not bound, by commitment.
    pub(super) read: BTreeMap<HashBytes, Read>,
    /// The entries by which IDs were issued without a card.
    pub(super) issued: BTreeMap<CitizenId, u64>,
    /// Whose the codes are that took the place of lost ones.
    pub(super) codes: BTreeMap<CitizenId, CitizenId>,
    /// The code of each citizen whose first one was lost.
    pub(super) current: BTreeMap<CitizenId, CitizenId>,
    /// The codes that were lost: whose, since when, and who recorded it.
    pub(super) lost: BTreeMap<CitizenId, (CitizenId, Timestamp, String)>,
    /// In the order in which they were bound.
    pub(super) at_counter: Vec<AtCounter>,
}

impl State {
    /// Adds an entry. Entries of the journal are facts: nothing is refused here.
    pub fn apply(&mut self, seq: u64, at: Timestamp, event: &Event) {
        match event {
            Event::CitizenRegistered { citizen, sealed: _ } => {
                self.citizens.entry(*citizen).or_default();
            }
            Event::CardBound { citizen, card, person, sealed: _ } => self.bind(*card, Card { citizen: *citizen, seq, at, person: *person, counter: None }),
            Event::CitizenIssued { citizen, person, by: _, sealed: _ } => {
                self.citizens.entry(*citizen).or_default();
                self.persons.insert(*person, *citizen);
                self.issued.insert(*citizen, seq);
            }
            Event::CodeReplaced { citizen, lost, code, by } => {
                self.lost.insert(*lost, (*citizen, at, by.clone()));
                self.codes.remove(lost);
                self.codes.insert(*code, *citizen);
                self.current.insert(*citizen, *code);
            }
            // Nothing is decided by who read.
            Event::CitizenLookedAt { citizen: _, by: _ } => {}
            Event::CounterRead { citizen, commitment, sealed: _ } => {
                self.read.insert(*commitment, Read { citizen: *citizen, seq });
            }
            Event::CardBoundAtCounter { citizen, card, person, reason, by, commitment, sealed: _ } => {
                self.read.remove(commitment);
                self.bind(*card, Card { citizen: *citizen, seq, at, person: *person, counter: Some(self.at_counter.len()) });
                let fallback = Arc::new(Fallback { reason: *reason, by: by.clone(), at });
                self.at_counter.push(AtCounter { commitment: *commitment, citizen: *citizen, card: *card, fallback });
            }
        }
    }

    fn bind(&mut self, index: Index, card: Card) {
        let Card { citizen, seq, at: _, person, counter: _ } = card;
        let before = self.citizens.insert(citizen, Some(Citizen { person, latest: seq }));
        if let Some(Some(before)) = before
            && before.person != person
        {
            self.persons.remove(&before.person);
        }
        self.cards.insert(index, card);
        self.persons.insert(person, citizen);
    }

    /// The citizen to whom a card is bound, and the entry that bound one of the citizen's cards last.
    #[must_use]
    pub fn holder(&self, card: &Index) -> Option<(CitizenId, u64)> {
        let Card { citizen, seq: _, at: _, person: _, counter: _ } = self.cards.get(card)?;
        let known = self.citizens.get(citizen)?.as_ref()?;
        Some((*citizen, known.latest))
    }

    /// The citizen to whom a card is bound, the entry that bound it, and when.
    #[must_use]
    pub fn binding(&self, card: &Index) -> Option<(CitizenId, u64, Timestamp)> {
        self.cards.get(card).map(|card| (card.citizen, card.seq, card.at))
    }

    /// As whom a card was bound.
    #[must_use]
    pub fn bound_as(&self, card: &Index) -> Option<Index> {
        self.cards.get(card).map(|card| card.person)
    }

    /// The cards that are bound to a citizen, each with the entry that bound it.
    #[must_use]
    pub fn cards_of(&self, citizen: CitizenId) -> Vec<(Index, u64)> {
        self.cards.iter().filter(|(_, card)| card.citizen == citizen).map(|(index, card)| (*index, card.seq)).collect()
    }

    /// How a card was bound, if that was at a counter.
    #[must_use]
    pub fn fallback(&self, card: &Index) -> Option<Arc<Fallback>> {
        let place = self.cards.get(card)?.counter?;
        self.at_counter.get(place).map(|bound| bound.fallback.clone())
    }

    /// Every card that was bound at a counter, in order.
    #[must_use]
    pub fn fallbacks(&self) -> Vec<ListedFallback> {
        let standing = |place: usize, card: &Index| match self.cards.get(card) {
            Some(Card { citizen: _, seq: _, at: _, person: _, counter: Some(latest) }) if *latest == place => Standing::Current,
            _ => Standing::Replaced,
        };
        let listed = |(place, AtCounter { commitment: _, citizen, card, fallback }): (usize, &AtCounter)| ListedFallback {
            citizen: *citizen,
            fallback: Fallback::clone(fallback),
            standing: standing(place, card),
        };
        self.at_counter.iter().enumerate().map(listed).collect()
    }

    /// What was read at a counter and is not bound yet.
    #[must_use]
    pub fn read_at_counter(&self, commitment: &HashBytes) -> Option<Read> {
        self.read.get(commitment).copied()
    }

    /// The citizen to whom a card was bound by the request with this commitment.
    #[must_use]
    pub fn bound_at_counter(&self, commitment: &HashBytes) -> Option<CitizenId> {
        self.at_counter.iter().find(|bound| bound.commitment == *commitment).map(|bound| bound.citizen)
    }

    /// The citizen who is this person.
    #[must_use]
    pub fn person(&self, person: &Index) -> Option<CitizenId> {
        self.persons.get(person).copied()
    }

    /// What is known of a citizen; nothing before a card is bound.
    #[must_use]
    pub fn citizen(&self, citizen: CitizenId) -> Option<Citizen> {
        self.citizens.get(&citizen).copied().flatten()
    }

    /// How many citizens are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.citizens.len()
    }

    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.citizens.is_empty()
    }
}
