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

/// How those who count at two moments differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Not at all: the same entries.
    None,
    /// Entries do.
    Some {
        /// How many people are there at one moment and not at the other; whose entry was corrected is there at both.
        people: u64,
    },
}

impl Change {
    /// Whether the difference of two totals tells about no fewer than so many people.
    #[must_use]
    pub const fn is_far(self, least: u64) -> bool {
        match self {
            Self::None => true,
            Self::Some { people } => people >= least,
        }
    }

    /// Whether it is of no fewer than so many people, so that a total before it gives none after it away.
    #[must_use]
    pub const fn is_of(self, least: u64) -> bool {
        matches!(self, Self::Some { people } if people >= least)
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
        ByShelter { all: self, parts, nobody: Self::default() }
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

    /// How the two differ. Somebody is in both if any handle is.
    #[must_use]
    pub fn change(&self, other: &Self) -> Change {
        if self.0.keys().eq(other.0.keys()) {
            return Change::None;
        }
        let alone = |one: &Self, other: &Self| {
            let known: BTreeSet<ChainId> = other.0.values().flat_map(|present| present.handles.iter().copied()).collect();
            one.0.values().filter(|present| present.handles.iter().all(|handle| !known.contains(handle))).count() as u64
        };
        Change::Some { people: alone(self, other) + alone(other, self) }
    }
}

/// Everybody who counts, split once.
#[derive(Debug, Clone)]
pub struct ByShelter<'a> {
    all: &'a Live,
    parts: BTreeMap<ShelterId, Live>,
    nobody: Live,
}

impl ByShelter<'_> {
    /// Those of one shelter, or of all.
    #[must_use]
    pub fn at(&self, shelter: Option<&ShelterId>) -> &Live {
        shelter.map_or(self.all, |shelter| self.parts.get(shelter).unwrap_or(&self.nobody))
    }

    /// The shelters in which somebody counts, ascending.
    pub fn shelters(&self) -> impl Iterator<Item = &ShelterId> {
        self.parts.keys()
    }
}
