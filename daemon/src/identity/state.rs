//! What is known of citizens: the fold of this room's entries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tachiai_schemas::identity::{Fallback, FallbackReason, ListedFallback, Standing};
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::shelter::case::EraseGround;
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
    /// Two officials are asked about citizens' IDs.
    CitizenCaseAsked {
        /// Who asks.
        by: String,
        /// The IDs that it is about: the case is sealed under the keys of all of them.
        citizens: Vec<CitizenId>,
        /// The commitment that they decide on.
        commitment: HashBytes,
        /// The sealed case.
        sealed: Blob,
    },
    /// Two officials found two IDs to be of one person, or of two after all. What stands under either stays there.
    CitizensLinked {
        /// The ID that goes on.
        citizen: CitizenId,
        /// The other.
        other: CitizenId,
        /// Whether they are of one person.
        verdict: LinkVerdict,
        /// The official who asked, and the one who approved.
        by: [String; 2],
        /// The commitment of the case.
        commitment: HashBytes,
    },
    /// Two officials decided that somebody is erased: the keys of these IDs are destroyed next, and they lead to nobody any more.
    CitizenErasing {
        /// The IDs of the person.
        citizens: Vec<CitizenId>,
        /// On what ground.
        ground: EraseGround,
        /// The official who asked, and the one who approved.
        by: [String; 2],
        /// The commitment of the case.
        commitment: HashBytes,
    },
    /// The keys are destroyed.
    CitizenErased {
        /// The commitment of the case.
        commitment: HashBytes,
    },
}

/// What two officials found of an ID: it is another one of the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The ID that goes on.
    pub of: CitizenId,
    /// Since when.
    pub at: Timestamp,
    /// The officials.
    pub by: [String; 2],
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
    /// As whom each citizen was enrolled or given an ID last.
    pub(super) known_as: BTreeMap<CitizenId, Index>,
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
    /// The IDs that are aliases.
    pub(super) aliases: BTreeMap<CitizenId, Alias>,
    /// The cases that were asked, by their commitments: under whose keys, and where.
    pub(super) cases: BTreeMap<HashBytes, (Vec<CitizenId>, u64)>,
    /// The links that were decided.
    pub(super) linked: BTreeSet<HashBytes>,
    /// The erasures that were decided, by their cases, with the IDs.
    pub(super) erasing: BTreeMap<HashBytes, Vec<CitizenId>>,
    /// Those of which it is not noted that the keys are destroyed.
    pub(super) unfinished: BTreeSet<HashBytes>,
    /// The IDs of people who were erased, since when.
    pub(super) erased: BTreeMap<CitizenId, Timestamp>,
    /// The codes that lead to nobody any more, in the order in which they came to.
    pub(super) refused: Vec<CitizenId>,
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
                self.known_as.insert(*citizen, *person);
                self.issued.insert(*citizen, seq);
            }
            Event::CodeReplaced { citizen, lost, code, by } => {
                self.lost.insert(*lost, (*citizen, at, by.clone()));
                self.refused.push(*lost);
                self.codes.remove(lost);
                self.codes.insert(*code, *citizen);
                self.current.insert(*citizen, *code);
            }
            // Nothing is decided by who read.
            Event::CitizenLookedAt { citizen: _, by: _ } => {}
            // It may have been read before the citizen was erased, and recorded after.
            Event::CounterRead { citizen, commitment: _, sealed: _ } if self.erased.contains_key(citizen) => {}
            Event::CounterRead { citizen, commitment, sealed: _ } => {
                self.read.insert(*commitment, Read { citizen: *citizen, seq });
            }
            Event::CitizenCaseAsked { by: _, citizens, commitment, sealed: _ } => {
                self.cases.insert(*commitment, (citizens.clone(), seq));
            }
            Event::CitizensLinked { citizen, other, verdict, by, commitment } => {
                self.linked.insert(*commitment);
                match verdict {
                    LinkVerdict::Same => drop(self.aliases.insert(*other, Alias { of: *citizen, at, by: by.clone() })),
                    LinkVerdict::Apart => drop(self.aliases.remove(other)),
                }
            }
            Event::CitizenErasing { citizens, ground: _, by: _, commitment } => {
                self.erasing.insert(*commitment, citizens.clone());
                self.unfinished.insert(*commitment);
                for citizen in citizens {
                    self.erase(*citizen, at);
                }
            }
            Event::CitizenErased { commitment } => drop(self.unfinished.remove(commitment)),
            Event::CardBoundAtCounter { citizen, card, person, reason, by, commitment, sealed: _ } => {
                self.read.remove(commitment);
                self.bind(*card, Card { citizen: *citizen, seq, at, person: *person, counter: Some(self.at_counter.len()) });
                let fallback = Arc::new(Fallback { reason: *reason, by: by.clone(), at });
                self.at_counter.push(AtCounter { commitment: *commitment, citizen: *citizen, card: *card, fallback });
            }
        }
    }

    /// Forgets somebody, but that the codes lead to nobody.
    fn erase(&mut self, citizen: CitizenId, at: Timestamp) {
        self.refused.push(self.code(citizen));
        self.erased.insert(citizen, at);
        self.cards.retain(|_, card| card.citizen != citizen);
        self.persons.retain(|_, whose| *whose != citizen);
        self.known_as.remove(&citizen);
        self.read.retain(|_, read| read.citizen != citizen);
        self.codes.retain(|_, whose| *whose != citizen);
        self.citizens.remove(&citizen);
        self.issued.remove(&citizen);
        self.current.remove(&citizen);
        self.aliases.remove(&citizen);
        self.cases.retain(|_, (whose, _)| !whose.contains(&citizen));
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
        self.known_as.insert(citizen, person);
    }

    /// The ID that goes on for the person who has this one.
    #[must_use]
    pub fn survivor(&self, citizen: CitizenId) -> CitizenId {
        let mut citizen = citizen;
        // An ID that goes on is no alias when another becomes its own, so this comes to an end.
        while let Some(alias) = self.aliases.get(&citizen) {
            citizen = alias.of;
        }
        citizen
    }

    /// Every ID of the person who has this one, the one that goes on first.
    #[must_use]
    pub fn ids(&self, citizen: CitizenId) -> Vec<CitizenId> {
        let survivor = self.survivor(citizen);
        let others = self.aliases.keys().filter(|other| self.survivor(**other) == survivor);
        std::iter::once(survivor).chain(others.copied()).collect()
    }

    /// The citizen to whom a card is bound, by the ID that goes on, and the entry that bound one of the cards of its own ID last: who a card is of does not change by a
    /// link.
    #[must_use]
    pub fn holder(&self, card: &Index) -> Option<(CitizenId, u64)> {
        let citizen = self.whose_card(card)?;
        Some((self.survivor(citizen), self.own(citizen)?.latest))
    }

    /// The ID to which a card is bound, whichever goes on for the person.
    #[must_use]
    pub fn whose_card(&self, card: &Index) -> Option<CitizenId> {
        self.cards.get(card).map(|card| card.citizen)
    }

    /// The ID under which a person is known, whichever goes on.
    #[must_use]
    pub fn whose_person(&self, person: &Index) -> Option<CitizenId> {
        self.persons.get(person).copied()
    }

    /// The entry that bound a card, and when.
    #[must_use]
    pub fn binding(&self, card: &Index) -> Option<(u64, Timestamp)> {
        self.cards.get(card).map(|card| (card.seq, card.at))
    }

    /// As whom a card was bound.
    #[must_use]
    pub fn bound_as(&self, card: &Index) -> Option<Index> {
        self.cards.get(card).map(|card| card.person)
    }

    /// The cards that are bound to a citizen, each with the entry that bound it.
    #[must_use]
    pub fn cards_of(&self, citizen: CitizenId) -> Vec<(Index, u64)> {
        let ids = self.ids(citizen);
        self.cards.iter().filter(|(_, card)| ids.contains(&card.citizen)).map(|(index, card)| (*index, card.seq)).collect()
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
        self.whose_person(person).map(|citizen| self.survivor(citizen))
    }

    /// As whom an ID is found, and no other.
    #[must_use]
    pub fn person_of(&self, citizen: CitizenId) -> Option<Index> {
        self.known_as.get(&citizen).copied().filter(|person| self.whose_person(person) == Some(citizen))
    }

    /// What is known of a citizen, by whichever of the person's IDs a card was bound to last; nothing before a card is bound.
    #[must_use]
    pub fn citizen(&self, citizen: CitizenId) -> Option<Citizen> {
        self.ids(citizen).into_iter().filter_map(|citizen| self.own(citizen)).max_by_key(|known| known.latest)
    }

    /// What is known under one ID alone.
    pub(super) fn own(&self, citizen: CitizenId) -> Option<Citizen> {
        self.citizens.get(&citizen).copied().flatten()
    }

    /// Every ID of everybody who is known.
    pub fn known(&self) -> impl Iterator<Item = CitizenId> {
        self.citizens.keys().copied()
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
