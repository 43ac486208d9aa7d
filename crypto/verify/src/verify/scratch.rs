//! Files without a name in a folder for temporary ones: what a verification has to remember of every slot and leaf lies there and not in memory, so that
//! memory does not grow with the election. The operating system removes them when the program ends, however it ends.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use positioned_io::{ReadAt, WriteAt};
use tachiai_crypto::election::roll::RollSlot;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::paper::{Identified, Manner};
use tachiai_schemas::{Counter, LeafIndex, Slot};

use crate::board::{ContestSet, CurrentBallot, DeskState, PaperState, SlotState, SlotStore};
use crate::failure::{Failure, Incomplete};

/// A folder for temporary files, and the first failure of any of them.
#[derive(Clone)]
pub(super) struct Scratch {
    folder: PathBuf,
    failed: Arc<OnceLock<io::Error>>,
}

impl Scratch {
    /// Files in this folder, or in the system's folder for temporary files.
    pub(super) fn new(folder: Option<&Path>) -> Self {
        Self { folder: folder.map_or_else(std::env::temp_dir, Path::to_owned), failed: Arc::default() }
    }

    /// A new file.
    pub(super) fn file(&self) -> Result<ScratchFile, Failure> {
        let file = tempfile::tempfile_in(&self.folder).map_err(|error| Failure::from(unusable(&self.folder, error)))?;
        Ok(ScratchFile { file, failed: Arc::clone(&self.failed) })
    }

    /// A new file; where there can be none, that is a failure of the files.
    fn file_or_failed(&self) -> Option<ScratchFile> {
        match tempfile::tempfile_in(&self.folder) {
            Ok(file) => Some(ScratchFile { file, failed: Arc::clone(&self.failed) }),
            Err(error) => {
                // The first failure is kept.
                let _ = self.failed.set(error);
                None
            }
        }
    }

    /// A failure of any file since the start: what was read since is of no use then.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match self.failed.get() {
            Some(error) => Err(unusable(&self.folder, io::Error::new(error.kind(), error.to_string())).into()),
            None => Ok(()),
        }
    }
}

fn unusable(folder: &Path, error: io::Error) -> Incomplete {
    Incomplete::Scratch { path: folder.display().to_string(), error }
}

/// A file whose failures are kept for [`Scratch::check`].
pub(super) struct ScratchFile {
    file: File,
    failed: Arc<OnceLock<io::Error>>,
}

impl ScratchFile {
    /// Reads so many bytes; `None` if that fails.
    pub(super) fn read<const N: usize>(&self, at: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.keep(self.file.read_exact_at(at, &mut bytes)).map(|()| bytes)
    }

    /// Writes bytes.
    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) {
        let written = self.file.write_all_at(at, bytes);
        let _ = self.keep(written);
    }

    fn keep<T>(&self, outcome: io::Result<T>) -> Option<T> {
        outcome.map_err(|error| self.failed.set(error)).ok()
    }
}

/// The slots of a roll and what stands for each, in a file. The block that was used last is at hand: what is written goes to the file at once.
pub(super) struct ScratchSlots {
    file: ScratchFile,
    slots: u32,
    block: Mutex<Block>,
    /// What stands at the desks, once anything does; as long as the last slot of which it does.
    desk: Option<ScratchFile>,
    desk_slots: u32,
    scratch: Scratch,
}

/// Slots that are read together.
struct Block {
    /// The number of the block; of no block if it is beyond the file.
    number: u32,
    bytes: Box<[u8; BLOCK]>,
}

const SLOTS_IN_BLOCK: u32 = 16;
const BLOCK: usize = SLOTS_IN_BLOCK as usize * (LISTED + STATE);

/// The bytes of a slot: the roll's, then a [`SlotState`], which begins with what of it is there.
const LISTED: usize = 34;
const STATE: usize = 1 + 8 + 32 + 4 + 32 + 4 + 8 + 32 + 32;

const REGISTERED: u8 = 1;
const COUNTER: u8 = 2;
const BALLOT: u8 = 4;

impl ScratchSlots {
    pub(super) fn new(scratch: &Scratch) -> Result<Self, Failure> {
        let block = Mutex::new(Block { number: 0, bytes: Box::new([0; BLOCK]) });
        Ok(Self { file: scratch.file()?, slots: 0, block, desk: None, desk_slots: 0, scratch: scratch.clone() })
    }

    /// Adds the next slot of the roll. All are there before anything is asked or set.
    pub(super) fn push(&mut self, RollSlot { district, commitment }: &RollSlot) {
        let number = self.slots / SLOTS_IN_BLOCK;
        let at = (self.slots % SLOTS_IN_BLOCK) as usize * (LISTED + STATE);
        self.slots += 1;
        let last = self.slots.is_multiple_of(SLOTS_IN_BLOCK);
        let block = self.block.get_mut().unwrap_or_else(PoisonError::into_inner);
        if block.number != number {
            *block = Block { number, bytes: Box::new([0; BLOCK]) };
        }
        if let Some((start, rest)) = block.bytes.get_mut(at..at + LISTED).and_then(<[u8]>::split_first_chunk_mut) {
            *start = district.to_be_bytes();
            rest.copy_from_slice(commitment.as_bytes());
        }
        if last {
            self.file.write(u64::from(number) * BLOCK as u64, block.bytes.as_slice());
        }
    }

    /// Writes the last block, whole, so that every block can be read.
    pub(super) fn complete(&mut self) {
        let Block { number, bytes } = self.block.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.file.write(u64::from(*number) * BLOCK as u64, bytes.as_slice());
    }

    /// A part of a slot.
    fn part<const N: usize>(&self, slot: Slot, from: usize) -> Option<[u8; N]> {
        (slot.0 < self.slots).then_some(())?;
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        let number = slot.0 / SLOTS_IN_BLOCK;
        if block.number != number {
            *block = Block { number, bytes: Box::new(self.file.read(u64::from(number) * BLOCK as u64)?) };
        }
        let at = (slot.0 % SLOTS_IN_BLOCK) as usize * (LISTED + STATE) + from;
        block.bytes.get(at..)?.first_chunk().copied()
    }
}

impl SlotStore for ScratchSlots {
    fn len(&self) -> u32 {
        self.slots
    }

    fn listed(&self, slot: Slot) -> Option<RollSlot> {
        let bytes: [u8; LISTED] = self.part(slot, 0)?;
        let (district, commitment) = bytes.split_first_chunk()?;
        Some(RollSlot { district: u16::from_be_bytes(*district), commitment: Hash32::from_bytes(commitment.try_into().ok()?) })
    }

    fn state(&self, slot: Slot) -> Option<SlotState> {
        let bytes: [u8; STATE] = self.part(slot, LISTED)?;
        let mut rest = bytes.as_slice();
        let [there] = next(&mut rest)?;
        let leaf = LeafIndex(u64::from_be_bytes(next(&mut rest)?));
        let leaf_hash = Hash32::from_bytes(next(&mut rest)?);
        let seq = u32::from_be_bytes(next(&mut rest)?);
        let voting_key = next(&mut rest)?;
        let counter = Counter(u32::from_be_bytes(next(&mut rest)?));
        let ballot =
            CurrentBallot { leaf: LeafIndex(u64::from_be_bytes(next(&mut rest)?)), hash: Hash32::from_bytes(next(&mut rest)?), voting_key: next(&mut rest)? };
        let is = |flag| there & flag != 0;
        is(REGISTERED).then_some(SlotState { leaf, leaf_hash, seq, voting_key, counter: is(COUNTER).then_some(counter), ballot: is(BALLOT).then_some(ballot) })
    }

    fn set(&mut self, slot: Slot, SlotState { leaf, leaf_hash, seq, voting_key, counter, ballot }: SlotState) {
        if slot.0 >= self.slots {
            return;
        }
        let there = REGISTERED | counter.map_or(0, |_| COUNTER) | ballot.map_or(0, |_| BALLOT);
        let mut bytes = Vec::with_capacity(STATE);
        bytes.push(there);
        bytes.extend_from_slice(&leaf.0.to_be_bytes());
        bytes.extend_from_slice(leaf_hash.as_bytes());
        bytes.extend_from_slice(&seq.to_be_bytes());
        bytes.extend_from_slice(&voting_key);
        bytes.extend_from_slice(&counter.unwrap_or(Counter(0)).0.to_be_bytes());
        if let Some(CurrentBallot { leaf, hash, voting_key }) = ballot {
            bytes.extend_from_slice(&leaf.0.to_be_bytes());
            bytes.extend_from_slice(hash.as_bytes());
            bytes.extend_from_slice(&voting_key);
        }
        let (number, within) = (slot.0 / SLOTS_IN_BLOCK, (slot.0 % SLOTS_IN_BLOCK) as usize * (LISTED + STATE) + LISTED);
        let block = self.block.get_mut().unwrap_or_else(PoisonError::into_inner);
        if block.number == number
            && let Some(place) = block.bytes.get_mut(within..within + bytes.len())
        {
            place.copy_from_slice(&bytes);
        }
        self.file.write(u64::from(number) * BLOCK as u64 + within as u64, &bytes);
    }

    fn desk(&self, slot: Slot) -> DeskState {
        let file = self.desk.as_ref().filter(|_| slot.0 < self.desk_slots);
        file.and_then(|file| file.read(u64::from(slot.0) * DESK as u64)).and_then(desk_of).unwrap_or_default()
    }

    fn set_desk(&mut self, slot: Slot, state: DeskState) {
        if slot.0 >= self.slots {
            return;
        }
        if self.desk.is_none() {
            self.desk = self.scratch.file_or_failed();
        }
        if let Some(file) = &mut self.desk {
            file.write(u64::from(slot.0) * DESK as u64, &desk_bytes(state));
            // What lies before and was never written reads as zeros: nothing.
            self.desk_slots = self.desk_slots.max(slot.0 + 1);
        }
    }
}

/// The bytes of a [`DeskState`], which begin with what of it is there.
const DESK: usize = 1 + 8 + 2 + 2 + 32 + 1 + 8;
const PAPER: u8 = 1;
const STRUCK: u8 = 2;
const WITH_CARD: u8 = 4;

fn desk_bytes(DeskState { paper, struck }: DeskState) -> [u8; DESK] {
    let mut bytes = Vec::with_capacity(DESK);
    let with_card = paper.is_some_and(|paper| paper.identified == Identified::Card);
    bytes.push(paper.map_or(0, |_| PAPER) | struck.map_or(0, |_| STRUCK) | if with_card { WITH_CARD } else { 0 });
    let PaperState { leaf, place, session, contests, manner, identified: _ } = paper.unwrap_or(NO_PAPER);
    bytes.extend_from_slice(&leaf.0.to_be_bytes());
    bytes.extend_from_slice(&place.to_be_bytes());
    bytes.extend_from_slice(&session.to_be_bytes());
    bytes.extend_from_slice(&contests.to_bytes());
    bytes.push(Manner::ALL.iter().position(|(known, _)| *known == manner).unwrap_or_default() as u8);
    bytes.extend_from_slice(&struck.unwrap_or(LeafIndex(0)).0.to_be_bytes());
    bytes.try_into().unwrap_or([0; DESK])
}

const NO_PAPER: PaperState =
    PaperState { leaf: LeafIndex(0), place: 0, session: 0, contests: ContestSet::EMPTY, manner: Manner::Own, identified: Identified::Name };

fn desk_of(bytes: [u8; DESK]) -> Option<DeskState> {
    let mut rest = bytes.as_slice();
    let [there] = next(&mut rest)?;
    let leaf = LeafIndex(u64::from_be_bytes(next(&mut rest)?));
    let (place, session) = (u16::from_be_bytes(next(&mut rest)?), u16::from_be_bytes(next(&mut rest)?));
    let contests = ContestSet::from_bytes(&next(&mut rest)?);
    let [manner] = next(&mut rest)?;
    let (manner, _) = *Manner::ALL.get(usize::from(manner))?;
    let struck = LeafIndex(u64::from_be_bytes(next(&mut rest)?));
    let identified = if there & WITH_CARD != 0 { Identified::Card } else { Identified::Name };
    let paper = PaperState { leaf, place, session, contests, manner, identified };
    Some(DeskState { paper: (there & PAPER != 0).then_some(paper), struck: (there & STRUCK != 0).then_some(struck) })
}

fn next<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn state() -> impl Strategy<Value = SlotState> {
        let ballot = (any::<u64>(), any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(leaf, hash, voting_key)| CurrentBallot {
            leaf: LeafIndex(leaf),
            hash: Hash32::from_bytes(hash),
            voting_key,
        });
        (any::<u64>(), any::<[u8; 32]>(), any::<u32>(), any::<[u8; 32]>(), proptest::option::of(any::<u32>()), proptest::option::of(ballot)).prop_map(
            |(leaf, hash, seq, voting_key, counter, ballot)| SlotState {
                leaf: LeafIndex(leaf),
                leaf_hash: Hash32::from_bytes(hash),
                seq,
                voting_key,
                counter: counter.map(Counter),
                ballot,
            },
        )
    }

    /// More than two blocks.
    const SLOTS: u32 = 2 * SLOTS_IN_BLOCK + 3;

    proptest! {
        #[test]
        fn a_slot_in_a_file_is_what_was_set_last(states in proptest::collection::vec((0..SLOTS, state()), 0..60)) {
            let scratch = Scratch::new(None);
            let mut slots = ScratchSlots::new(&scratch).unwrap();
            let listed = |slot: u32| RollSlot { district: slot as u16, commitment: Hash32::sha256(&slot.to_be_bytes()) };
            (0..SLOTS).for_each(|slot| slots.push(&listed(slot)));
            slots.complete();
            let mut expected = [None; SLOTS as usize];
            for (slot, state) in states {
                slots.set(Slot(slot), state);
                expected[slot as usize] = Some(state);
            }
            for (slot, state) in (0..SLOTS).map(Slot).zip(expected) {
                prop_assert_eq!(slots.state(slot), state);
                prop_assert_eq!(slots.listed(slot), Some(listed(slot.0)));
            }
            prop_assert_eq!((slots.state(Slot(SLOTS)), slots.listed(Slot(SLOTS))), (None, None));
            prop_assert!(scratch.check().is_ok());
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        let failure = Scratch::new(Some(Path::new("/nowhere"))).file().err().unwrap();
        assert!(failure.to_string().contains("/nowhere"), "{failure}");
    }
}
