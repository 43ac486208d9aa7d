//! Who counts at one moment, as statements and disclosures are about them (PROTOCOL §18.2).

use std::collections::{BTreeMap, BTreeSet};

use tachiai_crypto::group::{DecodeError, Element};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::roster::{ChainId, shown};
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::roster::statement::live_digest;

use super::Roster;

/// The latest entry of somebody who counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The handle of the entry.
    pub chain: ChainId,
    /// Its leaf hash.
    pub hash: Hash32,
    /// The shelter.
    pub shelter: ShelterId,
    /// Its commitment, as it was checked.
    pub commitment: [u8; 32],
}

/// Everybody who counts, by the leaves of their latest entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live(BTreeMap<u64, Present>);

impl Live {
    /// Those of a roster.
    #[must_use]
    pub fn of(roster: &Roster) -> Self {
        let present = roster.live().filter_map(|(chain, step)| {
            let commitment = step.commitment?;
            Some((step.leaf, Present { chain, hash: step.moment.hash, shelter: step.shelter.clone(), commitment }))
        });
        Self(present.collect())
    }

    /// Those of one shelter, or of all.
    #[must_use]
    pub fn at(&self, shelter: Option<&ShelterId>) -> Self {
        self.only(|_, present| shelter.is_none_or(|shelter| present.shelter == *shelter))
    }

    /// Those for whom a test holds.
    #[must_use]
    pub fn only(&self, mut holds: impl FnMut(u64, &Present) -> bool) -> Self {
        Self(self.0.iter().filter(|(leaf, present)| holds(**leaf, present)).map(|(leaf, present)| (*leaf, present.clone())).collect())
    }

    /// Each with the leaf, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Present)> {
        self.0.iter().map(|(leaf, present)| (*leaf, present))
    }

    /// The one of a leaf.
    #[must_use]
    pub fn get(&self, leaf: u64) -> Option<&Present> {
        self.0.get(&leaf)
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

    /// The shelters in which somebody counts.
    #[must_use]
    pub fn shelters(&self) -> BTreeSet<&ShelterId> {
        self.0.values().map(|present| &present.shelter).collect()
    }

    /// How many are in one of the two and not in the other. Somebody whose entry was corrected is in both, and counts twice.
    #[must_use]
    pub fn changed(&self, other: &Self) -> u64 {
        let both = self.0.keys().filter(|leaf| other.0.contains_key(*leaf)).count() as u64;
        self.len() + other.len() - 2 * both
    }

    /// The sum of their commitments.
    ///
    /// # Errors
    /// [`DecodeError`], never for entries that were checked.
    pub fn sum(&self) -> Result<Element, DecodeError> {
        let elements = self.0.values().map(|present| Element::decode(&present.commitment)).collect::<Result<Vec<_>, _>>()?;
        Ok(shown::sum(&elements))
    }
}
