//! The roll as the board sees it: for each slot a district and a commitment to the elector (PROTOCOL §5.2).

use tachiai_crypto::election::roll::{Roll, RollSlot, roll_leaf};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{Frontier, leaf_hash};
use tachiai_schemas::Slot;
use tachiai_schemas::election::RollCommitment;

use super::Board;
use super::slots::{InMemory, SlotStore};
use crate::rule::{Breaks, Rule, Violation, require};

/// The attachment `roll` with its hashes.
pub(super) struct AttachedRoll {
    pub(super) slots: Box<dyn SlotStore>,
    commitment: RollCommitment,
}

/// Reads a roll slot by slot and makes its commitment.
pub(crate) struct RollReading {
    frontier: Frontier,
    counts: Vec<u32>,
    slots: u32,
}

impl RollReading {
    /// A roll of so many districts, nothing of which was read.
    pub(crate) fn new(districts: usize) -> Self {
        Self { frontier: Frontier::new(), counts: vec![0; districts], slots: 0 }
    }

    /// Takes the next slot.
    pub(crate) fn push(&mut self, RollSlot { district, commitment }: &RollSlot) -> Result<(), Violation> {
        let slot = Slot(self.slots);
        let count = self.counts.get_mut(usize::from(*district));
        *count.ok_or_else(|| Violation::of_record(Rule::R301, format!("slot {slot} is in district {district}, which the manifest does not list")))? += 1;
        self.slots = self.slots.checked_add(1).ok_or_else(|| Violation::of_record(Rule::R301, "the roll has too many slots"))?;
        self.frontier.push(leaf_hash(&roll_leaf(slot, *district, commitment)));
        Ok(())
    }

    /// What `opened` says about the roll that was read, whose file has this hash.
    pub(crate) fn commitment(self, file: Hash32) -> RollCommitment {
        RollCommitment { root: self.frontier.root().into(), slots: self.slots, districts: self.counts, file: file.into() }
    }
}

/// What `opened` says about a roll, for so many districts (PROTOCOL §5.2).
///
/// # Errors
/// A [`Violation`] of R301 if a slot is in no district.
pub fn roll_commitment(roll: &Roll, districts: usize) -> Result<RollCommitment, Violation> {
    let mut reading = RollReading::new(districts);
    roll.slots().iter().try_for_each(|slot| reading.push(slot))?;
    Ok(reading.commitment(Hash32::sha256(&roll.to_bytes())))
}

impl Board {
    /// Takes the attachment `roll` and keeps it in memory. It has to be there before `opened` is checked, and after the manifest is applied.
    ///
    /// # Errors
    /// A [`Violation`] of R301 unless it is a roll of the manifest's districts.
    pub fn attach_roll(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let districts = self.fixed()?.manifest.districts.len();
        let roll = Roll::parse(bytes).breaks(Rule::R301)?;
        let commitment = roll_commitment(&roll, districts)?;
        self.attach_slots(Box::new(InMemory::new(roll)), commitment);
        Ok(())
    }

    /// Takes slots that are kept elsewhere, with the commitment to their roll.
    pub(crate) fn attach_slots(&mut self, slots: Box<dyn SlotStore>, commitment: RollCommitment) {
        self.roll = Some(AttachedRoll { slots, commitment });
    }

    /// The number of slots of the roll; 0 before it was attached.
    #[must_use]
    pub fn roll_len(&self) -> u32 {
        self.roll.as_ref().map_or(0, |attached| attached.slots.len())
    }

    /// A slot of the roll.
    #[must_use]
    pub fn roll_slot(&self, slot: Slot) -> Option<RollSlot> {
        self.roll.as_ref()?.slots.listed(slot)
    }

    pub(super) fn check_roll(&self, declared: &RollCommitment) -> Result<(), Violation> {
        let RollCommitment { root, slots, districts, file } = declared;
        let Some(AttachedRoll { slots: _, commitment: found }) = self.roll.as_ref().filter(|attached| attached.commitment.file == *file) else {
            return Err(Violation::of_record(Rule::R106, format!("the roll {} is not attached", file.hash())));
        };
        require!(found.slots == *slots, R301, "the roll has {} slots, not {slots}", found.slots);
        require!(found.districts == *districts, R301, "the roll has other numbers of slots in its districts");
        require!(found.root == *root, R301, "the roll has another root");
        Ok(())
    }
}
