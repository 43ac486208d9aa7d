//! The records of this room in the store: card -> citizen, person -> citizen, citizen -> what is known.

use std::collections::BTreeMap;

use super::state::{Citizen, Event, State};
use crate::store::{Batch, Key, Kind};

/// What an entry changes; `before` is the state without it.
pub fn change(before: &State, seq: u64, event: &Event, batch: &mut Batch) {
    let (citizen, card, person) = match event {
        Event::CardBound { citizen, card, person, sealed: _ } => (citizen, card, person),
        Event::CardBoundAtCounter { citizen, card, person, reason: _, by: _, commitment: _, sealed: _ } => (citizen, card, person),
        Event::CitizenIssued { citizen, person, by: _, sealed: _ } => {
            batch.put(Kind::PERSON.key(person.0.0), citizen.0.to_vec());
            return;
        }
        Event::CitizenErasing { citizens, ground: _, by: _, commitment: _ } => {
            let State { cards, persons, .. } = before;
            let cards = cards.iter().filter(|(_, card)| citizens.contains(&card.citizen)).map(|(index, _)| Kind::CARD.key(index.0.0));
            let persons = persons.iter().filter(|(_, citizen)| citizens.contains(citizen)).map(|(index, _)| Kind::PERSON.key(index.0.0));
            let known = citizens.iter().filter(|citizen| before.own(**citizen).is_some()).map(|citizen| Kind::CITIZEN.key(citizen.0));
            cards.chain(persons).chain(known).for_each(|key| batch.remove(key));
            return;
        }
        // Who is known without a card is found by nobody, and what was read at a counter only by its request; codes, aliases and cases lie in memory.
        Event::CitizenRegistered { .. } | Event::CounterRead { .. } | Event::CodeReplaced { .. } | Event::CitizenLookedAt { .. } => return,
        Event::CitizenCaseAsked { .. } | Event::CitizensLinked { .. } | Event::CitizenErased { .. } => return,
    };
    if let Some(old) = before.own(*citizen)
        && old.person != *person
    {
        batch.remove(Kind::PERSON.key(old.person.0.0));
    }
    batch.put(Kind::CARD.key(card.0.0), citizen.0.to_vec());
    batch.put(Kind::PERSON.key(person.0.0), citizen.0.to_vec());
    batch.put(Kind::CITIZEN.key(citizen.0), value(&Citizen { person: *person, latest: seq }));
}

/// Every record that there should be.
#[must_use]
pub fn all(state: &State) -> BTreeMap<Key, Vec<u8>> {
    // What was read or issued at a counter is looked up in the journal alone, and the lists of fallbacks and codes are short.
    let State {
        cards,
        persons,
        known_as: _,
        citizens,
        read: _,
        issued: _,
        codes: _,
        current: _,
        lost: _,
        at_counter: _,
        aliases: _,
        cases: _,
        linked: _,
        erasing: _,
        unfinished: _,
        erased: _,
        refused: _,
    } = state;
    let cards = cards.iter().map(|(index, card)| (Kind::CARD.key(index.0.0), card.citizen.0.to_vec()));
    let persons = persons.iter().map(|(person, citizen)| (Kind::PERSON.key(person.0.0), citizen.0.to_vec()));
    let citizens = citizens.iter().filter_map(|(citizen, known)| Some((Kind::CITIZEN.key(citizen.0), value(known.as_ref()?))));
    cards.chain(persons).chain(citizens).collect()
}

/// Person (32 bytes), then the number of the entry, big-endian.
fn value(citizen: &Citizen) -> Vec<u8> {
    let Citizen { person, latest } = citizen;
    [person.0.0.as_slice(), &latest.to_be_bytes()].concat()
}
