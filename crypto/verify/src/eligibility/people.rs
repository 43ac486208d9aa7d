//! Who the slots are: every one opens, and all of them together are the official roll (R701, R702), but for those who were added later
//! (R710).

use std::collections::{HashMap, HashSet};

use tachiai_crypto::election::roll::{Person, RollEntry, slot_commitment};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::Manifest;
use tachiai_schemas::evidence::{Opening, SLOTS_IN_FILE, SlotOpening, slots_path};
use tachiai_schemas::roll::{self, Elector};
use tachiai_schemas::{Slot, canonical};
use zeroize::{Zeroize, Zeroizing};

use super::folder::{EvidenceDir, not};
use super::keys::Identities;
use super::read_secret;
use crate::board::Board;
use crate::failure::Failure;
use crate::rule::{Breaks, Rule, Violation, require};

/// The longest file of openings in bytes: names and addresses of 200 characters each in every line.
const MAX_SLOTS: u64 = SLOTS_IN_FILE as u64 * 4096;

/// The electors of the official roll, and which of them each slot is.
pub struct People {
    electors: Vec<Elector>,
    /// In which line of the file each of them stands.
    lines: Vec<u64>,
    rows: Vec<u32>,
    /// The names of those who were added after the opening.
    added: Vec<(Slot, Zeroizing<String>)>,
}

impl Drop for People {
    fn drop(&mut self) {
        self.electors.zeroize();
    }
}

/// The contents of a file of openings: a line for each slot, in order.
#[must_use]
pub fn openings<'a>(slots: impl IntoIterator<Item = &'a SlotOpening>) -> Zeroizing<Vec<u8>> {
    // Large enough for usual names, so that few copies are left behind by reallocations.
    let mut out = Zeroizing::new(Vec::with_capacity(SLOTS_IN_FILE as usize * 512));
    for slot in slots {
        // A struct of texts always has a JSON form.
        let line = Zeroizing::new(canonical::to_bytes(slot).unwrap_or_default());
        out.extend_from_slice(&line);
        out.push(b'\n');
    }
    out
}

/// The normal form of an elector, as commitments are made over it.
///
/// # Errors
/// A [`Violation`] of R701 for a date or sex that is none.
pub(super) fn roll_entry(opening: &Opening) -> Result<RollEntry, Violation> {
    let Opening { salt: _, name, birth, sex, address, district } = opening;
    let (birth, sex) = (birth.parse().breaks(Rule::R701)?, sex.parse().breaks(Rule::R701)?);
    Ok(RollEntry { person: Person { name: name.clone(), birth, sex, address: address.clone() }, district: district.clone() })
}

impl People {
    /// R701 and R702.
    pub(super) fn check(board: &Board, manifest: &Manifest, folder: &EvidenceDir, identities: &Identities, csv: &[u8]) -> Result<Self, Failure> {
        let import = roll::import(csv, &manifest.districts, manifest.poll_closes);
        let electors = import.electors.ok_or_else(|| {
            let first = import.report.errors.first();
            let place = first.map(|problem| format!("line {}, {}", problem.line, problem.column.as_deref().unwrap_or("the whole line")));
            not("ROLL", "a roll for this election", format!("{} errors, the first in {}", import.report.errors.len(), place.unwrap_or_default()))
        })?;
        let mut people = Self { electors, lines: import.lines, rows: Vec::new(), added: Vec::new() };
        let mut row_of: HashMap<Hash32, u32> = HashMap::with_capacity(people.electors.len());
        for (row, Elector { name, birth, sex, address, .. }) in (0_u32..).zip(&people.electors) {
            let parsed = birth.parse().ok().zip(sex.parse().ok());
            let (birth, sex) = parsed.ok_or_else(|| not("ROLL", "a roll for this election", format!("line {}", people.line(row))))?;
            row_of.insert(Person { name: name.clone(), birth, sex, address: address.clone() }.hash(), row);
        }
        let mut slot_of: Vec<Option<Slot>> = vec![None; people.electors.len()];
        let slots = u32::try_from(board.added_slots().count()).ok().and_then(|added| board.roll_len().checked_add(added)).unwrap_or(u32::MAX);
        let mut persons = HashSet::new();
        // Evidence that is newer than the record may have slots that are added later.
        let may_grow = board.poll_closed().is_none();
        for file in 0..slots.div_ceil(SLOTS_IN_FILE) {
            let path = slots_path(file);
            let sealed = folder.read(&path, MAX_SLOTS)?;
            let opened = identities.open(&sealed, sealed.len()).ok_or_else(|| not(&path, "sealed to this election's authority", "no identity opens it"))?;
            let mut lines = opened.split(|byte| *byte == b'\n');
            for slot in (file * SLOTS_IN_FILE..slots.min((file + 1) * SLOTS_IN_FILE)).map(Slot) {
                let line =
                    lines.next().filter(|line| !line.is_empty()).ok_or_else(|| Violation::of_record(Rule::R701, format!("slot {slot} is not opened")))?;
                let opening: SlotOpening = read_secret(line).ok_or_else(|| not(&path, "openings of slots", format!("slot {slot}")))?;
                if slot.0 < board.roll_len() {
                    people.slot(board, manifest, slot, &opening, &row_of, &mut slot_of)?;
                } else {
                    people.added_slot(board, manifest, slot, &opening, &row_of, &mut persons)?;
                }
            }
            // Every line ends with a line feed, so one empty piece is left.
            if !may_grow && (lines.next() != Some(&[]) || lines.next().is_some()) {
                return Err(Violation::of_record(Rule::R701, format!("{path} opens more slots than there are")).into());
            }
        }
        if !may_grow && folder.has(&slots_path(slots.div_ceil(SLOTS_IN_FILE))) {
            let path = slots_path(slots.div_ceil(SLOTS_IN_FILE));
            return Err(Violation::of_record(Rule::R701, format!("{path} opens more slots than there are")).into());
        }
        match slot_of.iter().position(Option::is_none) {
            Some(place) => {
                let line = people.lines.get(place).copied().unwrap_or_default();
                Err(Violation::of_record(Rule::R702, format!("the elector in line {line} of the roll has no slot")).into())
            }
            None => Ok(people),
        }
    }

    fn slot(
        &mut self,
        board: &Board,
        manifest: &Manifest,
        slot: Slot,
        opening: &SlotOpening,
        row_of: &HashMap<Hash32, u32>,
        slot_of: &mut [Option<Slot>],
    ) -> Result<(), Violation> {
        let SlotOpening { slot: named, elector } = opening;
        require!(*named == slot, R701, "slot {named} is opened where slot {slot} belongs");
        let listed = board.roll_slot(slot).ok_or_else(|| Violation::of_record(Rule::R701, format!("there is no slot {slot}")))?;
        let entry = roll_entry(elector).map_err(|violation| Violation { detail: format!("slot {slot}: {}", violation.detail), ..violation })?;
        let commitment = slot_commitment(&manifest.election, slot, &elector.salt.0, &entry);
        require!(commitment == listed.commitment, R701, "the opening of slot {slot} is not of its commitment");
        let district = manifest.districts.get(usize::from(listed.district));
        require!(district.is_some_and(|district| district.id == entry.district), R701, "slot {slot} is committed to another district than the roll shows");
        let row = row_of.get(&entry.person.hash()).copied();
        let row = row.ok_or_else(|| Violation::of_record(Rule::R702, format!("slot {slot} is nobody on the roll")))?;
        let place = row as usize;
        let of_roll = self.electors.get(place).map(|elector| elector.district);
        require!(of_roll == Some(listed.district), R702, "slot {slot} is in another district than line {} of the roll", self.line(row));
        let Some(taken) = slot_of.get_mut(place) else { return Ok(()) };
        if let Some(first) = taken.replace(slot) {
            return Err(Violation::of_record(Rule::R702, format!("slots {first} and {slot} are one elector, in line {} of the roll", self.line(row))));
        }
        self.rows.push(row);
        Ok(())
    }

    /// R710: who was added is nobody who has a slot already.
    fn added_slot(
        &mut self,
        board: &Board,
        manifest: &Manifest,
        slot: Slot,
        opening: &SlotOpening,
        row_of: &HashMap<Hash32, u32>,
        persons: &mut HashSet<Hash32>,
    ) -> Result<(), Violation> {
        let SlotOpening { slot: named, elector } = opening;
        require!(*named == slot, R710, "slot {named} is opened where slot {slot}, which was added, belongs");
        let entry =
            roll_entry(elector).map_err(|violation| Violation { rule: Rule::R710, detail: format!("slot {slot}: {}", violation.detail), ..violation })?;
        let commitment = slot_commitment(&manifest.election, slot, &elector.salt.0, &entry);
        require!(board.commitment_of(slot) == Some(commitment), R710, "the opening of slot {slot}, which was added, is not of its commitment");
        let district = board.district_of(slot).and_then(|district| manifest.districts.get(usize::from(district)));
        require!(district.is_some_and(|district| district.id == entry.district), R710, "slot {slot} is committed to another district than it was added to");
        let person = entry.person.hash();
        require!(!row_of.contains_key(&person), R710, "slot {slot} was added for somebody who is on the roll");
        require!(persons.insert(person), R710, "slot {slot} was added for somebody who was added before");
        self.added.push((slot, Zeroizing::new(entry.person.name)));
        Ok(())
    }

    fn line(&self, row: u32) -> u64 {
        self.lines.get(row as usize).copied().unwrap_or_default()
    }

    /// The elector of a slot and the line of the roll's file, as editors count it.
    #[must_use]
    pub fn elector(&self, slot: Slot) -> Option<(u64, &Elector)> {
        let row = *self.rows.get(slot.0 as usize)?;
        Some((self.line(row), self.electors.get(row as usize)?))
    }

    /// The slots that were added after the opening, in order.
    pub fn added_slots(&self) -> impl Iterator<Item = Slot> {
        self.added.iter().map(|(slot, _)| *slot)
    }

    /// The name of an elector who was added after the opening.
    #[must_use]
    pub fn added_name(&self, slot: Slot) -> Option<&str> {
        self.added.iter().find(|(added, _)| *added == slot).map(|(_, name)| name.as_str())
    }

    /// How many electors there are on the roll.
    #[must_use]
    pub fn len(&self) -> usize {
        self.electors.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.electors.is_empty()
    }
}
