//! Disclosures of an event, as far as the roster goes: who is given, who is withheld, and the proof (PROTOCOL §18.4). Who may ask for what is the business of the
//! room that shares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::disclosure::{Asked, Basis, Disclosure, DisclosureHead, Ground, Selection, Terms, Withheld};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::statement::VERSION;
use tachiai_schemas::roster::{self, ChainId, Hlc, Person, ShelterState};
use tachiai_schemas::sharing::shared::{Permitted, Receiver, SharedPeople};
use tachiai_verify::roster::disclosure::{self, CannotDisclose, Given, asked, flags_of};
use tachiai_verify::roster::live::Live;

use super::register::protected::Protected;
use super::statements::Commitments;
use super::{Event, offload};
use crate::refused::Refused;

/// What a fault is said to have happened at.
const DOING: &str = "disclosing people";

/// A disclosure as it leaves.
pub struct Made {
    /// The disclosure.
    pub disclosure: Disclosure,
    /// Its file, with all entries that it rests on.
    pub file: Vec<u8>,
    /// The people in it, as their latest entries say, by their handles.
    pub people: BTreeMap<ChainId, Arc<Person>>,
    /// The same people with the fields asked for alone, for other forms than the file.
    pub shared: SharedPeople,
}

/// The roster at one moment, as far as a disclosure is about it.
struct Moment {
    live: Live,
    there: Live,
    size: u64,
    root: Hash32,
    /// The latest entries of those who are asked for by name.
    named: BTreeSet<u64>,
    counted: Vec<Counted>,
}

/// Somebody who counts there.
struct Counted {
    leaf: u64,
    chain: ChainId,
    hash: Hash32,
    since: Hlc,
    shelter: Arc<ShelterState>,
    /// Why the person is withheld by what the roster says.
    ground: Option<Ground>,
}

/// Somebody who counts and was asked for.
struct Candidate {
    counted: Counted,
    person: Arc<Person>,
    opening: Opening,
    ground: Option<Ground>,
}

impl Event {
    /// Makes a disclosure of now. `may` decides about each person who was asked for: `None` gives them, a ground withholds them. People under protection and those
    /// whose entries contradict each other are withheld before it is asked, unless they are named and the basis is an emergency.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound) for a person who does not count there; [`Refusal::Fault`](tachiai_schemas::Refusal::Fault).
    pub async fn disclose(self: &Arc<Self>, ask: Asked, may: impl Fn(ChainId, &Person) -> Option<Ground> + Send + 'static) -> Result<Made, Refused> {
        let this = Arc::clone(self);
        offload(move || this.draw_disclosure(ask, may)).await
    }

    fn draw_disclosure(&self, mut ask: Asked, may: impl Fn(ChainId, &Person) -> Option<Ground>) -> Result<Made, Refused> {
        let fault = |error: &dyn std::fmt::Display| Refused::fault(DOING, error);
        ask.shelters.sort();
        ask.shelters.dedup();
        ask.fields.sort();
        ask.fields.dedup();
        let declared = self.declared()?;
        let protected = self.register.protected();
        let Moment { live, there, size, root, named, counted } = self.moment(&ask, &protected)?;
        let (candidates, commitments) = self.candidates(&ask, counted, &named, &protected, Day::of(declared.began), may)?;
        let mut withheld: BTreeMap<Ground, u64> = BTreeMap::new();
        for ground in candidates.iter().filter_map(|candidate| candidate.ground) {
            *withheld.entry(ground).or_default() += 1;
        }
        let Asked { agency, purpose, basis, shelters, of, persons: _, fields } = ask;
        if matches!(of, Selection::Persons {}) {
            // Whoever is named is given or not; nothing is said of how many there are.
            withheld.clear();
        }
        let mut flags = flags_of(&fields);
        if let Selection::Need { need } = of {
            flags = flags.with(tachiai_crypto::roster::Flag::Need(need));
        }
        let permitted = Permitted::new(fields.iter().map(String::as_str)).map_err(|error| fault(&error))?;
        let made = self.now();
        let mut shared = SharedPeople::new(self.id, declared, made, Receiver { agency: agency.clone(), purpose: purpose.clone(), basis }, permitted);
        let terms = Terms {
            v: VERSION,
            event: self.id,
            size,
            root: root.into(),
            made,
            agency,
            purpose,
            basis,
            shelters,
            of,
            flags,
            fields,
            persons: there.len(),
            live: there.digest().into(),
            withheld: withheld.into_iter().map(|(ground, persons)| Withheld { ground, persons }).collect(),
        };
        let mut entries = Vec::new();
        for candidate in candidates.iter().filter(|candidate| candidate.ground.is_none()) {
            let entry = roster::from_bytes(&self.entry_bytes(candidate.counted.leaf)?).map_err(|error| fault(&error))?;
            entries.push((candidate, entry.body));
        }
        let mut given = Vec::with_capacity(entries.len());
        for (Candidate { counted, person, opening, ground: _ }, entry) in &entries {
            let commitment = commitments.get(&counted.hash).ok_or_else(|| fault(&CannotDisclose::Closed(counted.leaf)))?;
            given.push(Given { leaf: counted.leaf, entry, opening, commitment });
            shared.give(counted.chain, person, ShelterState::clone(&counted.shelter), counted.since, None);
        }
        let disclosure = disclosure::make(terms, &live, &given, |hash| commitments.get(hash), &mut OsRng).map_err(|error| fault(&error))?;
        let people = entries.iter().map(|(candidate, _)| (candidate.counted.chain, Arc::clone(&candidate.person))).collect();
        let head = DisclosureHead { disclosure: self.signed(disclosure)?, checkpoint: self.checkpoint_of(size)? };
        let file = self.file_with(&head, size)?;
        Ok(Made { disclosure: head.disclosure.body, file, people, shared })
    }

    /// Reads the roster once, so that everything is of one moment.
    fn moment(&self, ask: &Asked, protected: &Protected) -> Result<Moment, Refused> {
        let published = self.published();
        let size = published.roster.len();
        let root = published.tree.root_at(size).map_err(|error| Refused::fault(DOING, error))?;
        let live = Live::of(&published.roster);
        let there = asked(&live, &ask.shelters);
        let leaf = |chain: &ChainId| published.roster.person(*chain).map(|group| group.latest.leaf).filter(|leaf| there.get(*leaf).is_some());
        let named = ask.persons.iter().map(|chain| leaf(chain).ok_or(tachiai_schemas::Refusal::NotFound)).collect::<Result<_, _>>()?;
        let mut shelters = BTreeMap::new();
        let mut counted = Vec::new();
        for (leaf, present) in there.iter() {
            let missing = || Refused::fault(DOING, format!("leaf {leaf} is of nobody, or of a shelter that was not opened"));
            let group = published.roster.person(present.chain).ok_or_else(missing)?;
            let shelter = match shelters.get(&present.shelter) {
                Some(known) => Arc::clone(known),
                None => {
                    let state = Arc::new(published.roster.shelter(&present.shelter).cloned().ok_or_else(missing)?);
                    shelters.insert(present.shelter.clone(), Arc::clone(&state));
                    state
                }
            };
            let is_hidden = published.people.is_hidden_by(&group, |person| protected.fits(person));
            let conflict = group.conflict().map(|_| Ground::Conflict);
            let ground = if is_hidden { Some(Ground::Protected) } else { conflict };
            counted.push(Counted { leaf, chain: present.chain, hash: present.hash, since: group.latest.moment.time, shelter, ground });
        }
        Ok(Moment { live, there, size, root, named, counted })
    }

    /// Those who were asked for, each with the ground on which they are withheld, if there is one, and what opens the commitments that the proof is about. Each opening
    /// is read once; of those who are not asked for, where a need is alone.
    fn candidates(
        &self,
        ask: &Asked,
        counted: Vec<Counted>,
        named: &BTreeSet<u64>,
        protected: &Protected,
        began: Day,
        may: impl Fn(ChainId, &Person) -> Option<Ground>,
    ) -> Result<(Vec<Candidate>, Commitments), Refused> {
        let (mut candidates, mut commitments) = (Vec::new(), Commitments::new());
        let in_emergency = matches!(ask.of, Selection::Persons {}) && ask.basis == Basis::VitalEmergency;
        for counted in counted {
            if matches!(ask.of, Selection::Persons {}) && !named.contains(&counted.leaf) {
                continue;
            }
            let opening = self.opening(&counted.hash)?.ok_or_else(|| Refused::fault(DOING, CannotDisclose::Closed(counted.leaf)))?;
            let bad = |_| Refused::fault(DOING, "an opening is none");
            let person: Person = opening.read().map_err(bad)?;
            commitments.extend(opening.commitment(began).map_err(bad)?.map(|commitment| (counted.hash, commitment)));
            if let Selection::Need { need } = ask.of
                && !person.needs.contains(&need)
            {
                continue;
            }
            let is_protected = person.protection == Protection::Protected || protected.fits(&person);
            let ground = match if is_protected { Some(Ground::Protected) } else { counted.ground } {
                Some(ground) if !in_emergency => Some(ground),
                _ => may(counted.chain, &person),
            };
            candidates.push(Candidate { counted, person: Arc::new(person), opening, ground });
        }
        Ok((candidates, commitments))
    }
}
