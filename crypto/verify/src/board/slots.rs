//! Where a board keeps what stands for each slot: in memory, or wherever a [`SlotStore`] keeps it.

use std::collections::HashMap;

use tachiai_crypto::election::roll::{Roll, RollSlot};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::paper::{Identified, Manner};
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

/// A set of contests, by their indices in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContestSet([u64; 4]);

impl ContestSet {
    /// No contest.
    pub const EMPTY: Self = Self([0; 4]);

    /// Whether it holds a contest.
    #[must_use]
    pub fn contains(&self, contest: u16) -> bool {
        self.0.get(usize::from(contest / 64)).is_some_and(|word| word >> (contest % 64) & 1 == 1)
    }

    /// Its contests, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        let set = *self;
        (0..256).filter(move |contest| set.contains(*contest))
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (place, word) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut set = Self::default();
        for (word, bytes) in set.0.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        set
    }
}

impl FromIterator<u16> for ContestSet {
    fn from_iter<I: IntoIterator<Item = u16>>(contests: I) -> Self {
        let mut set = Self::default();
        for contest in contests {
            if let Some(word) = set.0.get_mut(usize::from(contest / 64)) {
                *word |= 1 << (contest % 64);
            }
        }
        set
    }
}

/// The papers that an elector holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperState {
    /// The leaf of the hand-out.
    pub leaf: LeafIndex,
    /// The index of the place.
    pub place: u16,
    /// The index of its session.
    pub session: u16,
    /// Of which contests.
    pub contests: ContestSet,
    /// How they are marked.
    pub manner: Manner,
    /// How the elector was identified.
    pub identified: Identified,
}

/// What stands for a slot besides what its holder did online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeskState {
    /// The papers that were handed out and did not come back.
    pub paper: Option<PaperState>,
    /// The leaf at which the slot was struck from the roll, if it was.
    pub struck: Option<LeafIndex>,
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

    /// What stands for a slot at the desks; nothing for one that is not on the roll.
    fn desk(&self, slot: Slot) -> DeskState;

    /// Replaces what stands for a slot of the roll at the desks.
    fn set_desk(&mut self, slot: Slot, state: DeskState);
}

/// Slots in memory.
pub(super) struct InMemory {
    roll: Roll,
    states: Vec<Option<Box<SlotState>>>,
    desk: HashMap<u32, DeskState>,
}

impl InMemory {
    pub(super) fn new(roll: Roll) -> Self {
        let states = std::iter::repeat_with(|| None).take(roll.slots().len()).collect();
        Self { roll, states, desk: HashMap::new() }
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

    fn desk(&self, slot: Slot) -> DeskState {
        self.desk.get(&slot.0).copied().unwrap_or_default()
    }

    fn set_desk(&mut self, slot: Slot, state: DeskState) {
        if (slot.0 as usize) < self.states.len() {
            self.desk.insert(slot.0, state);
        }
    }
}
