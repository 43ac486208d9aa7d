//! The roll as the board sees it: for each slot a district and a commitment to the elector (PROTOCOL §5.2).

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{Frontier, leaf_hash};
use tachiai_schemas::Slot;
use tachiai_schemas::election::RollCommitment;

use super::Board;
use crate::rule::{Violation, require};

/// The attachment `roll`, parsed.
pub struct Roll {
    bytes: Vec<u8>,
    file: Hash32,
    root: Hash32,
}

/// A slot of the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollSlot {
    /// The index of the district in the manifest.
    pub district: u16,
    /// The commitment to the elector.
    pub commitment: Hash32,
}

/// The leaf hash of a slot in the tree of the roll: over `slot u32 ‖ district u16 ‖ commitment`.
#[must_use]
pub fn roll_leaf(slot: Slot, entry: &RollSlot) -> Hash32 {
    let RollSlot { district, commitment } = entry;
    let mut leaf = [0; 4 + RollSlot::LEN];
    leaf[..4].copy_from_slice(&slot.0.to_be_bytes());
    leaf[4..6].copy_from_slice(&district.to_be_bytes());
    leaf[6..].copy_from_slice(commitment.as_bytes());
    leaf_hash(&leaf)
}

impl RollSlot {
    /// The length in the attachment.
    pub const LEN: usize = 34;

    /// district u16 ‖ commitment.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let Self { district, commitment } = self;
        let mut out = [0; Self::LEN];
        out[..2].copy_from_slice(&district.to_be_bytes());
        out[2..].copy_from_slice(commitment.as_bytes());
        out
    }

    fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let mut commitment = [0; 32];
        commitment.copy_from_slice(&bytes[2..]);
        Self { district: u16::from_be_bytes([bytes[0], bytes[1]]), commitment: Hash32::from_bytes(commitment) }
    }
}

impl Roll {
    /// Takes the bytes of the attachment.
    ///
    /// # Errors
    /// A [`Violation`] of R301 unless they are whole slots, not too many to be numbered.
    pub fn new(bytes: Vec<u8>) -> Result<Self, Violation> {
        let (slots, rest) = bytes.as_chunks::<{ RollSlot::LEN }>();
        require!(rest.is_empty() && u32::try_from(slots.len()).is_ok(), R301, "a roll of {} bytes is not whole slots", bytes.len());
        let mut tree = Frontier::new();
        for (slot, bytes) in (0_u32..).zip(slots) {
            tree.push(roll_leaf(Slot(slot), &RollSlot::from_bytes(bytes)));
        }
        let (file, root) = (Hash32::sha256(&bytes), tree.root());
        Ok(Self { bytes, file, root })
    }

    /// A slot.
    #[must_use]
    pub fn slot(&self, slot: Slot) -> Option<RollSlot> {
        let (slots, _) = self.bytes.as_chunks::<{ RollSlot::LEN }>();
        slots.get(usize::try_from(slot.0).ok()?).map(RollSlot::from_bytes)
    }

    /// Every slot, ascending.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, RollSlot)> {
        let (slots, _) = self.bytes.as_chunks::<{ RollSlot::LEN }>();
        (0_u32..).map(Slot).zip(slots.iter().map(RollSlot::from_bytes))
    }

    /// SHA-256 of the attachment.
    #[must_use]
    pub const fn file(&self) -> Hash32 {
        self.file
    }

    /// The root over the slots.
    #[must_use]
    pub const fn root(&self) -> Hash32 {
        self.root
    }

    /// The attachment.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What `opened` says about this roll, for so many districts.
    ///
    /// # Errors
    /// A [`Violation`] of R301 if a slot is in no district.
    pub fn commitment(&self, districts: usize) -> Result<RollCommitment, Violation> {
        let mut counts = vec![0_u32; districts];
        for (slot, RollSlot { district, .. }) in self.slots() {
            match counts.get_mut(usize::from(district)) {
                Some(count) => *count += 1,
                None => require!(false, R301, "slot {slot} is in district {district}, which the manifest does not list"),
            }
        }
        let slots = counts.iter().sum();
        Ok(RollCommitment { root: self.root.into(), slots, districts: counts, file: self.file.into() })
    }
}

impl Board {
    /// Takes the attachment `roll`, which has to be there before `opened` is checked.
    ///
    /// # Errors
    /// A [`Violation`] of R301 unless it is a roll.
    pub fn attach_roll(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        self.roll = Some(Roll::new(bytes.to_vec())?);
        Ok(())
    }

    pub(super) fn check_roll(&self, declared: &RollCommitment, districts: usize) -> Result<(), Violation> {
        let Some(roll) = self.roll.as_ref().filter(|roll| roll.file == declared.file.hash()) else {
            require!(false, R106, "the roll {} is not attached", declared.file.hash());
            return Ok(());
        };
        let found = roll.commitment(districts)?;
        require!(found.slots == declared.slots, R301, "the roll has {} slots, not {}", found.slots, declared.slots);
        require!(found.districts == declared.districts, R301, "the roll has other numbers of slots in its districts");
        require!(found.root == declared.root, R301, "the roll has another root");
        Ok(())
    }
}
