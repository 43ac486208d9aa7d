//! Disclosures of an event, as far as the roster goes: who is given, who is withheld, and the proof (PROTOCOL §18.4). Who may ask for what is the business of the
//! room that shares.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::disclosure::{Basis, Disclosure, DisclosureHead, Ground, Selection, Terms, Withheld};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::statement::VERSION;
use tachiai_schemas::roster::{self, ChainId, Person, ShelterId};
use tachiai_verify::roster::disclosure::{self, CannotDisclose, Given, asked, flags_of};
use tachiai_verify::roster::live::Live;

use super::{Event, offload};
use crate::refused::Refused;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The agency's name.
    pub agency: String,
    /// The purpose, in words.
    pub purpose: String,
    /// The legal basis.
    pub basis: Basis,
    /// The shelters; empty is the whole event.
    pub shelters: Vec<ShelterId>,
    /// Who.
    pub of: Selection,
    /// The handles, where persons are asked for.
    pub persons: Vec<ChainId>,
    /// The fields that may be disclosed.
    pub fields: Vec<String>,
}

/// A disclosure as it leaves.
pub struct Made {
    /// The disclosure.
    pub disclosure: Disclosure,
    /// Its file, with all entries that it rests on.
    pub file: Vec<u8>,
    /// The people in it, as their latest entries say, by their handles.
    pub people: BTreeMap<ChainId, Arc<Person>>,
}

/// Somebody who counts and was asked for.
struct Candidate {
    leaf: u64,
    chain: ChainId,
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

    fn draw_disclosure(&self, ask: Asked, may: impl Fn(ChainId, &Person) -> Option<Ground>) -> Result<Made, Refused> {
        let doing = "disclosing people";
        let declared = self.declared()?;
        let began = Day::of(declared.began);
        let (live, size, root) = {
            let published = self.published();
            let size = published.roster.len();
            (Live::of(&published.roster), size, published.tree.root_at(size).map_err(|error| Refused::fault(doing, error))?)
        };
        let Asked { agency, purpose, basis, mut shelters, of, persons, mut fields } = ask;
        shelters.sort();
        shelters.dedup();
        fields.sort();
        fields.dedup();
        let there = asked(&live, &shelters);
        let candidates = self.candidates(&there, &of, &persons, basis, may)?;
        let mut withheld: BTreeMap<Ground, u64> = BTreeMap::new();
        for ground in candidates.iter().filter_map(|candidate| candidate.ground) {
            *withheld.entry(ground).or_default() += 1;
        }
        if matches!(of, Selection::Persons {}) {
            // Whoever is named is given or not; nothing is said of how many there are.
            withheld.clear();
        }
        let mut flags = flags_of(&fields);
        if let Selection::Need { need } = of {
            flags = flags.with(tachiai_crypto::roster::Flag::Need(need));
        }
        let terms = Terms {
            v: VERSION,
            event: self.id,
            size,
            root: root.into(),
            made: self.now(),
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
        let commitments = match of {
            Selection::Need { .. } => self.commitments(&there, began)?,
            Selection::Everybody {} | Selection::Persons {} => {
                let given: std::collections::BTreeSet<u64> = candidates.iter().map(|candidate| candidate.leaf).collect();
                self.commitments(&there.only(|leaf, _| given.contains(&leaf)), began)?
            }
        };
        let mut entries = Vec::new();
        for candidate in candidates.iter().filter(|candidate| candidate.ground.is_none()) {
            let entry = roster::from_bytes(&self.entry_bytes(candidate.leaf)?).map_err(|error| Refused::fault(doing, error))?;
            entries.push((candidate, entry.body));
        }
        let mut given = Vec::with_capacity(entries.len());
        for (candidate, entry) in &entries {
            let present = there.get(candidate.leaf).and_then(|present| commitments.get(&present.hash));
            let commitment = present.ok_or_else(|| Refused::fault(doing, CannotDisclose::Closed(candidate.leaf)))?;
            given.push(Given { leaf: candidate.leaf, entry, opening: &candidate.opening, commitment });
        }
        let disclosure = disclosure::make(terms, &live, &given, |hash| commitments.get(hash), &mut OsRng).map_err(|error| Refused::fault(doing, error))?;
        let people = entries.iter().map(|(candidate, _)| (candidate.chain, Arc::clone(&candidate.person))).collect();
        let head = DisclosureHead { disclosure: self.signed(disclosure)?, checkpoint: self.checkpoint_of(size)? };
        let file = self.file_with(&head, size)?;
        Ok(Made { disclosure: head.disclosure.body, file, people })
    }

    /// Those who count there and were asked for, each with the ground on which they are withheld, if there is one.
    fn candidates(
        &self,
        there: &Live,
        of: &Selection,
        persons: &[ChainId],
        basis: Basis,
        may: impl Fn(ChainId, &Person) -> Option<Ground>,
    ) -> Result<Vec<Candidate>, Refused> {
        let doing = "disclosing people";
        let named: std::collections::BTreeSet<u64> = {
            let published = self.published();
            let leaf = |chain: &ChainId| published.roster.person(*chain).map(|group| group.latest.leaf).filter(|leaf| there.get(*leaf).is_some());
            persons.iter().map(|chain| leaf(chain).ok_or(tachiai_schemas::Refusal::NotFound)).collect::<Result<_, _>>()?
        };
        let mut candidates = Vec::new();
        for (leaf, present) in there.iter() {
            let opening = self.opening(&present.hash)?.ok_or_else(|| Refused::fault(doing, CannotDisclose::Closed(leaf)))?;
            let person: Person = opening.read().map_err(|_| Refused::fault(doing, "an opening is none"))?;
            let wanted = match of {
                Selection::Need { need } => person.needs.contains(need),
                Selection::Everybody {} => true,
                Selection::Persons {} => named.contains(&leaf),
            };
            if !wanted {
                continue;
            }
            let (hidden, conflict) = {
                let published = self.published();
                let group = published.roster.person(present.chain);
                let hidden = group.as_ref().is_some_and(|group| published.people.is_hidden(group));
                (
                    hidden || person.protection == Protection::Protected || self.register.protected().fits(&person),
                    group.is_some_and(|group| group.conflict().is_some()),
                )
            };
            let in_emergency = matches!(of, Selection::Persons {}) && basis == Basis::VitalEmergency;
            let ground = match (hidden, conflict) {
                (true, _) if !in_emergency => Some(Ground::Protected),
                (_, true) if !in_emergency => Some(Ground::Conflict),
                _ => may(present.chain, &person),
            };
            candidates.push(Candidate { leaf, chain: present.chain, person: Arc::new(person), opening, ground });
        }
        Ok(candidates)
    }
}
