//! What is known of citizens: the fold of this room's entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tachiai_schemas::{Blob, CitizenId, HashBytes};

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
}

/// What is known of one citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Citizen {
    /// The person as last enrolled.
    pub person: Index,
    /// The entry that bound a card last.
    pub latest: u64,
}

/// What is known of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub(super) cards: BTreeMap<Index, CitizenId>,
    pub(super) persons: BTreeMap<Index, CitizenId>,
    pub(super) citizens: BTreeMap<CitizenId, Option<Citizen>>,
}

impl State {
    /// Adds an entry. Entries of the journal are facts: nothing is refused here.
    pub fn apply(&mut self, seq: u64, event: &Event) {
        match event {
            Event::CitizenRegistered { citizen, sealed: _ } => {
                self.citizens.entry(*citizen).or_default();
            }
            Event::CardBound { citizen, card, person, sealed: _ } => {
                let before = self.citizens.insert(*citizen, Some(Citizen { person: *person, latest: seq }));
                if let Some(Some(before)) = before
                    && before.person != *person
                {
                    self.persons.remove(&before.person);
                }
                self.cards.insert(*card, *citizen);
                self.persons.insert(*person, *citizen);
            }
        }
    }

    /// The citizen to whom a card is bound, and the entry that bound one of the citizen's cards last.
    #[must_use]
    pub fn holder(&self, card: &Index) -> Option<(CitizenId, u64)> {
        let citizen = self.cards.get(card)?;
        let known = self.citizens.get(citizen)?.as_ref()?;
        Some((*citizen, known.latest))
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
