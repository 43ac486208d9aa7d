//! Who counts at one moment, as statements and disclosures are about them (PROTOCOL §18.2).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::roster::ChainId;
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::roster::statement::live_digest;

use super::Roster;

/// The latest entry of somebody who counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The handle of the entry.
    pub chain: ChainId,
    /// All handles of the person, ascending.
    pub handles: Vec<ChainId>,
    /// Its leaf hash.
    pub hash: Hash32,
    /// The shelter.
    pub shelter: ShelterId,
    /// Its commitment, as it was checked.
    pub commitment: [u8; 32],
}

/// How those who count in one shelter at one moment differ from those at another moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// How many people count there at one of the moments and not at the other; whose entry was corrected counts at both.
    pub people: u64,
    /// How many of them count nowhere else at the other moment: who moved to another shelter or came from one is not among them.
    pub strangers: u64,
    /// How many entries are among the latest ones at the first moment alone.
    pub gained: u64,
    /// How many are so at the second moment alone.
    pub lost: u64,
}

impl Difference {
    /// Whether the same entries are the latest ones.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.gained == 0 && self.lost == 0
    }

    /// Of the second moment from the first.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { people: self.people, strangers: self.strangers, gained: self.lost, lost: self.gained }
    }
}

/// People who were in one shelter, or in none, and are in another, or the same, or in none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    /// How many.
    pub people: u64,
    /// Of how many the latest entry is another one.
    pub changed: u64,
}

/// How those who count at one moment differ from those at another.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Everybody who counts at one of the moments, by the shelter at the second one and that at the first.
    pub flows: BTreeMap<(Option<ShelterId>, Option<ShelterId>), Flow>,
    /// Entries that are of somebody who counts at the other moment by another entry as well, since handles were found, or were not found any more, to be of one person:
    /// at the first moment, and at the second.
    pub doubled: [BTreeMap<ShelterId, u64>; 2],
}

impl Changes {
    /// In a shelter, or in all.
    #[must_use]
    pub fn at(&self, shelter: Option<&ShelterId>) -> Difference {
        let is_there = |at: &Option<ShelterId>| at.as_ref().is_some_and(|at| shelter.is_none_or(|shelter| at == shelter));
        let mut difference = Difference::default();
        for ((then, now), flow) in &self.flows {
            let (was, is) = (is_there(then), is_there(now));
            if was != is {
                difference.people += flow.people;
            }
            if (was || is) && (then.is_none() || now.is_none()) {
                difference.strangers += flow.people;
            }
            difference.gained += if is { flow.changed } else { 0 };
            difference.lost += if was { flow.changed } else { 0 };
        }
        let doubled = |of: &BTreeMap<ShelterId, u64>| of.iter().filter(|(at, _)| shelter.is_none_or(|shelter| *at == shelter)).map(|(_, n)| n).sum::<u64>();
        let [now, then] = &self.doubled;
        difference.gained += doubled(now);
        difference.lost += doubled(then);
        difference
    }
}

/// Everybody who counts, by the leaves of their latest entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live(BTreeMap<u64, Arc<Present>>);

impl Live {
    /// Those of a roster.
    #[must_use]
    pub fn of(roster: &Roster) -> Self {
        let present = roster.groups().into_iter().filter(super::groups::Group::is_present).filter_map(|group| {
            let step = group.latest;
            let commitment = step.commitment?;
            let present = Present { chain: group.chain, handles: group.handles, hash: step.moment.hash, shelter: step.shelter.clone(), commitment };
            Some((step.leaf, Arc::new(present)))
        });
        Self(present.collect())
    }

    /// The same, in the memory of an earlier moment where nothing changed.
    #[must_use]
    pub fn sharing(mut self, earlier: &Self) -> Self {
        for (leaf, present) in &mut self.0 {
            if let Some(known) = earlier.0.get(leaf).filter(|known| *known == present) {
                *present = Arc::clone(known);
            }
        }
        self
    }

    /// Those of one shelter, or of all.
    #[must_use]
    pub fn at(&self, shelter: Option<&ShelterId>) -> Self {
        self.only(|_, present| shelter.is_none_or(|shelter| present.shelter == *shelter))
    }

    /// All of them by their shelters, for whoever asks about many shelters.
    #[must_use]
    pub fn by_shelter(&self) -> ByShelter<'_> {
        let mut parts: BTreeMap<ShelterId, Self> = BTreeMap::new();
        for (leaf, present) in &self.0 {
            if let Some(part) = parts.get_mut(&present.shelter) {
                part.0.insert(*leaf, Arc::clone(present));
            } else {
                parts.insert(present.shelter.clone(), Self(BTreeMap::from([(*leaf, Arc::clone(present))])));
            }
        }
        let handles = self.iter().flat_map(|(leaf, present)| present.handles.iter().map(move |handle| (*handle, leaf))).collect();
        ByShelter { all: self, parts, handles, nobody: Self::default() }
    }

    /// Those for whom a test holds.
    #[must_use]
    pub fn only(&self, mut holds: impl FnMut(u64, &Present) -> bool) -> Self {
        Self(self.0.iter().filter(|(leaf, present)| holds(**leaf, present)).map(|(leaf, present)| (*leaf, Arc::clone(present))).collect())
    }

    /// Each with the leaf, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Present)> {
        self.0.iter().map(|(leaf, present)| (*leaf, present.as_ref()))
    }

    /// The one of a leaf.
    #[must_use]
    pub fn get(&self, leaf: u64) -> Option<&Present> {
        self.0.get(&leaf).map(AsRef::as_ref)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The digest (PROTOCOL §18.2).
    #[must_use]
    pub fn digest(&self) -> Hash32 {
        live_digest(self.0.keys().copied())
    }
}

/// Everybody who counts, split once.
#[derive(Debug, Clone)]
pub struct ByShelter<'a> {
    all: &'a Live,
    parts: BTreeMap<ShelterId, Live>,
    handles: BTreeMap<ChainId, u64>,
    nobody: Live,
}

impl ByShelter<'_> {
    /// Those of one shelter, or of all.
    #[must_use]
    pub fn at(&self, shelter: Option<&ShelterId>) -> &Live {
        shelter.map_or(self.all, |shelter| self.parts.get(shelter).unwrap_or(&self.nobody))
    }

    /// How they differ from those of another moment. Somebody counts at both if any handle does.
    #[must_use]
    pub fn changes(&self, then: &ByShelter<'_>) -> Changes {
        let mut flows: BTreeMap<(Option<&ShelterId>, Option<&ShelterId>), Flow> = BTreeMap::new();
        let mut flow = |then, now, changed| {
            let flow = flows.entry((then, now)).or_default();
            *flow = Flow { people: flow.people + 1, changed: flow.changed + changed };
        };
        let mut doubled: [BTreeMap<ShelterId, u64>; 2] = [BTreeMap::new(), BTreeMap::new()];
        let mut found: BTreeSet<u64> = BTreeSet::new();
        for (leaf, present) in self.all.iter() {
            let at = &present.shelter;
            if then.all.get(leaf).is_some() {
                flow(Some(at), Some(at), 0);
                continue;
            }
            match present.handles.iter().find_map(|handle| then.handles.get(handle)).and_then(|leaf| Some((*leaf, then.all.get(*leaf)?))) {
                None => flow(None, Some(at), 1),
                Some((leaf, before)) if self.all.get(leaf).is_none() && found.insert(leaf) => flow(Some(&before.shelter), Some(at), 1),
                Some(_) => *doubled[0].entry(at.clone()).or_default() += 1,
            }
        }
        for (_, present) in then.all.iter().filter(|(leaf, _)| self.all.get(*leaf).is_none() && !found.contains(leaf)) {
            if present.handles.iter().any(|handle| self.handles.contains_key(handle)) {
                *doubled[1].entry(present.shelter.clone()).or_default() += 1;
            } else {
                flow(Some(&present.shelter), None, 1);
            }
        }
        let owned = |((then, now), flow): ((Option<&ShelterId>, Option<&ShelterId>), Flow)| ((then.cloned(), now.cloned()), flow);
        Changes { flows: flows.into_iter().map(owned).collect(), doubled }
    }

    /// The shelters in which somebody counts, ascending.
    pub fn shelters(&self) -> impl Iterator<Item = &ShelterId> {
        self.parts.keys()
    }
}
