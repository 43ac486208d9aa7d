//! The roll as the board sees it: for each slot a district and a commitment to the elector (PROTOCOL §5.2).

use tachiai_crypto::election::roll::{Roll, RollSlot};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Slot;
use tachiai_schemas::election::RollCommitment;

use super::Board;
use crate::rule::{Breaks, Rule, Violation, require};

/// The attachment `roll` with its hashes.
pub(super) struct AttachedRoll {
    pub(super) roll: Roll,
    commitment: RollCommitment,
}

/// What `opened` says about a roll, for so many districts (PROTOCOL §5.2).
///
/// # Errors
/// A [`Violation`] of R301 if a slot is in no district.
pub fn roll_commitment(roll: &Roll, districts: usize) -> Result<RollCommitment, Violation> {
    let mut counts = vec![0_u32; districts];
    for (slot, RollSlot { district, .. }) in (0_u32..).zip(roll.slots()) {
        match counts.get_mut(usize::from(*district)) {
            Some(count) => *count += 1,
            None => return Err(Violation::of_record(Rule::R301, format!("slot {slot} is in district {district}, which the manifest does not list"))),
        }
    }
    Ok(RollCommitment { root: roll.root().into(), slots: counts.iter().sum(), districts: counts, file: Hash32::sha256(&roll.to_bytes()).into() })
}

impl Board {
    /// Takes the attachment `roll`. It has to be there before `opened` is checked, and after the manifest is applied.
    ///
    /// # Errors
    /// A [`Violation`] of R301 unless it is a roll of the manifest's districts.
    pub fn attach_roll(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let districts = self.fixed()?.manifest.districts.len();
        let roll = Roll::parse(bytes).breaks(Rule::R301)?;
        let commitment = roll_commitment(&roll, districts)?;
        self.roll = Some(AttachedRoll { roll, commitment });
        Ok(())
    }

    /// The roll that was attached.
    #[must_use]
    pub fn roll(&self) -> Option<&Roll> {
        self.roll.as_ref().map(|attached| &attached.roll)
    }

    /// A slot of the roll.
    #[must_use]
    pub fn roll_slot(&self, slot: Slot) -> Option<&RollSlot> {
        self.roll()?.get(slot)
    }

    pub(super) fn check_roll(&self, declared: &RollCommitment) -> Result<(), Violation> {
        let RollCommitment { root, slots, districts, file } = declared;
        let Some(AttachedRoll { roll: _, commitment: found }) = self.roll.as_ref().filter(|attached| attached.commitment.file == *file) else {
            return Err(Violation::of_record(Rule::R106, format!("the roll {} is not attached", file.hash())));
        };
        require!(found.slots == *slots, R301, "the roll has {} slots, not {slots}", found.slots);
        require!(found.districts == *districts, R301, "the roll has other numbers of slots in its districts");
        require!(found.root == *root, R301, "the roll has another root");
        Ok(())
    }
}
