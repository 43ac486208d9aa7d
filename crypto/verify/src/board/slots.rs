//! Where a board keeps what stands for each slot: in memory, or wherever a [`SlotStore`] keeps it.

use tachiai_crypto::election::roll::{Roll, RollSlot};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::{Counter, LeafIndex, Slot};

/// What stands for a registered slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotState {
    pub(crate) leaf: LeafIndex,
    pub(crate) leaf_hash: Hash32,
    pub(crate) seq: u32,
    pub(crate) voting_key: [u8; 32],
    pub(crate) counter: Option<Counter>,
    pub(crate) ballot: Option<CurrentBallot>,
}

/// The ballot of a slot that counts as things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentBallot {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// Its hash.
    pub hash: Hash32,
    /// The key that signed it; an older one than the slot's current key, if the slot was registered again since.
    pub voting_key: [u8; 32],
}

impl SlotState {
    /// The leaf of the current registration.
    #[must_use]
    pub const fn registration(&self) -> LeafIndex {
        self.leaf
    }

    /// The leaf hash of the current registration.
    #[must_use]
    pub const fn registration_hash(&self) -> Hash32 {
        self.leaf_hash
    }

    /// The number of the current registration.
    #[must_use]
    pub const fn seq(&self) -> u32 {
        self.seq
    }

    /// The current voting key.
    #[must_use]
    pub const fn voting_key(&self) -> &[u8; 32] {
        &self.voting_key
    }

    /// The counter of the last ballot under the current registration.
    #[must_use]
    pub const fn counter(&self) -> Option<Counter> {
        self.counter
    }

    /// The ballot that counts as things stand.
    #[must_use]
    pub const fn ballot(&self) -> Option<CurrentBallot> {
        self.ballot
    }
}

/// The slots of a roll with what stands for each.
///
/// A store that fails answers as if nothing stood there, and whoever chose the store asks it for the failure before it believes a verdict.
pub trait SlotStore: Send + Sync {
    /// The number of slots.
    fn len(&self) -> u32;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the roll says of a slot, if it has one of this number.
    fn listed(&self, slot: Slot) -> Option<RollSlot>;

    /// What stands for a slot, if it was registered.
    fn state(&self, slot: Slot) -> Option<SlotState>;

    /// Replaces what stands for a slot of the roll.
    fn set(&mut self, slot: Slot, state: SlotState);
}

/// Slots in memory.
pub(super) struct InMemory {
    roll: Roll,
    states: Vec<Option<Box<SlotState>>>,
}

impl InMemory {
    pub(super) fn new(roll: Roll) -> Self {
        let states = std::iter::repeat_with(|| None).take(roll.slots().len()).collect();
        Self { roll, states }
    }
}

impl SlotStore for InMemory {
    fn len(&self) -> u32 {
        // A roll has no more than `u32` counts.
        self.states.len() as u32
    }

    fn listed(&self, slot: Slot) -> Option<RollSlot> {
        self.roll.get(slot).copied()
    }

    fn state(&self, slot: Slot) -> Option<SlotState> {
        self.states.get(usize::try_from(slot.0).ok()?)?.as_deref().copied()
    }

    fn set(&mut self, slot: Slot, state: SlotState) {
        if let Some(place) = self.states.get_mut(slot.0 as usize) {
            *place = Some(Box::new(state));
        }
    }
}
