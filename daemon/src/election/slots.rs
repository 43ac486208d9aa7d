//! The slot book: which elector votes under which slot, and the salt that opens the slot's commitment.
//!
//! It is the one thing in an election that links a person to a pseudonym. On disk it is sealed; in memory it is wiped
//! when dropped, and it prints nothing.

use std::collections::HashMap;
use std::sync::Arc;

use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tachiai_crypto::election::roll::{Person, Roll, RollEntry, RollError, RollSlot, slot_commitment};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_schemas::election::{District, RollCommitment};
use tachiai_schemas::{Bytes, ElectionId, HashBytes, Slot};
use zeroize::Zeroize;

use tachiai_schemas::roll::{Elector, Listed, Protection, Standing};

/// An elector under a slot.
#[derive(Clone, Serialize, Deserialize, Zeroize)]
#[serde(deny_unknown_fields)]
pub struct SlotRecord {
    /// Opens the commitment.
    #[zeroize(skip)]
    pub salt: Bytes<32>,
    /// Who.
    pub elector: Elector,
    /// Whether the address is kept from others. A book that was sealed before books said it says that of nobody.
    #[serde(default, skip_serializing_if = "Protection::is_open")]
    #[zeroize(skip)]
    pub protection: Protection,
}

impl SlotRecord {
    /// The elector as on the roll, as far as the book says it.
    #[must_use]
    pub fn listed(&self) -> Listed {
        Listed { elector: self.elector.clone(), standing: Standing { protection: self.protection, ..Standing::default() } }
    }
}

/// Every slot of an election: those that were opened, and those that were added since.
#[derive(Clone)]
pub struct SlotBook {
    opened: Arc<Opened>,
    added: Vec<Added>,
}

/// The slots of the roll that the board committed to when it was opened.
struct Opened {
    records: Vec<SlotRecord>,
    by_person: HashMap<Hash32, Slot>,
    roll: Roll,
    tree: Tree,
}

/// A slot that was added after the opening.
#[derive(Clone)]
struct Added {
    record: SlotRecord,
    person: Hash32,
    public: RollSlot,
}

/// Why there is no slot book.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// An attribute is not in its form.
    #[error("slot {slot}: {source}")]
    Attribute {
        /// Which slot.
        slot: u32,
        /// What is wrong.
        source: RollError,
    },
    /// More electors than slots can be numbered.
    #[error(transparent)]
    Roll(#[from] RollError),
    /// An elector is of a district that the election does not have.
    #[error("slot {0} is of no district of this election")]
    District(u32),
    /// Two electors have the same four attributes.
    #[error("slots {0} and {1} are the same person")]
    Twice(u32, u32),
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.records.zeroize();
    }
}

impl Drop for Added {
    fn drop(&mut self) {
        self.record.zeroize();
    }
}

/// Shuffles the electors and draws a salt for each.
#[must_use]
pub fn shuffle(mut electors: Vec<Listed>, rng: &mut (impl RngCore + CryptoRng)) -> Vec<SlotRecord> {
    // Fisher and Yates, from the end.
    for last in (1..electors.len()).rev() {
        let other = below(last as u64 + 1, rng);
        electors.swap(last, usize::try_from(other).unwrap_or(last));
    }
    electors
        .into_iter()
        .map(|Listed { elector, standing }| {
            let mut salt = [0; 32];
            rng.fill_bytes(&mut salt);
            SlotRecord { salt: Bytes(salt), elector, protection: standing.protection }
        })
        .collect()
}

/// A number below `bound`, each as likely: what would favour the small ones is drawn again.
fn below(bound: u64, rng: &mut (impl RngCore + CryptoRng)) -> u64 {
    let limit = u64::MAX - u64::MAX % bound;
    loop {
        let drawn = rng.next_u64();
        if drawn < limit {
            return drawn % bound;
        }
    }
}

impl SlotBook {
    /// Computes the commitments of the slots and the tree over them.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn new(election: &ElectionId, districts: &[District], records: Vec<SlotRecord>) -> Result<Self, SlotError> {
        let mut by_person = HashMap::with_capacity(records.len());
        let mut slots = Vec::with_capacity(records.len());
        for (slot, record) in (0u32..).zip(&records) {
            let SlotRecord { salt, elector, protection: _ } = record;
            let entry = roll_entry(elector, districts, slot)?;
            if let Some(Slot(first)) = by_person.insert(entry.person.hash(), Slot(slot)) {
                return Err(SlotError::Twice(first, slot));
            }
            slots.push(RollSlot { district: elector.district, commitment: slot_commitment(election, Slot(slot), &salt.0, &entry) });
        }
        let roll = Roll::new(slots)?;
        let tree = roll.leaves().map(|leaf| leaf_hash(&leaf)).collect();
        Ok(Self { opened: Arc::new(Opened { records, by_person, roll, tree }), added: Vec::new() })
    }

    /// The book with one more elector, who gets the next slot.
    ///
    /// # Errors
    /// [`SlotError`]; then the book is as before.
    pub fn grown(&self, election: &ElectionId, districts: &[District], record: SlotRecord) -> Result<Self, SlotError> {
        let slot = u32::try_from(self.len()).map_err(|_| RollError::TooLong(self.len()))?;
        let entry = roll_entry(&record.elector, districts, slot)?;
        let person = entry.person.hash();
        if let Some(Slot(first)) = self.find(&person) {
            return Err(SlotError::Twice(first, slot));
        }
        let public = RollSlot { district: record.elector.district, commitment: slot_commitment(election, Slot(slot), &record.salt.0, &entry) };
        let mut grown = self.clone();
        grown.added.push(Added { record, person, public });
        Ok(grown)
    }

    /// Whether a slot was added after the opening: its elector votes on paper.
    #[must_use]
    pub fn is_added(&self, slot: Slot) -> bool {
        self.place(slot).is_some_and(|place| place >= self.opened.records.len())
    }

    /// The elector whom the resident system knows by this number.
    #[must_use]
    pub fn by_number(&self, number: &str) -> Option<Slot> {
        self.electors().find(|(_, elector)| elector.number == number).map(|(slot, _)| slot)
    }

    /// Every elector, by ascending slot.
    pub fn electors(&self) -> impl Iterator<Item = (Slot, &Elector)> {
        self.records().map(|(slot, record)| (slot, &record.elector))
    }

    /// Every elector with what opens their commitments, likewise.
    pub fn records(&self) -> impl Iterator<Item = (Slot, &SlotRecord)> {
        (0..).map(Slot).zip(self.opened.records.iter().chain(self.added.iter().map(|added| &added.record)))
    }

    fn place(&self, slot: Slot) -> Option<usize> {
        usize::try_from(slot.0).ok()
    }

    fn added(&self, slot: Slot) -> Option<&Added> {
        self.added.get(self.place(slot)?.checked_sub(self.opened.records.len())?)
    }

    /// The bytes of the attachment `roll`.
    #[must_use]
    pub fn attachment(&self) -> Vec<u8> {
        self.opened.roll.to_bytes()
    }

    /// What `opened` says of it.
    #[must_use]
    pub fn commitment(&self, districts: usize) -> RollCommitment {
        let mut counts = vec![0u32; districts];
        for slot in self.opened.roll.slots() {
            if let Some(count) = counts.get_mut(usize::from(slot.district)) {
                *count += 1;
            }
        }
        let slots = counts.iter().sum();
        RollCommitment { root: self.root().into(), slots, districts: counts, file: Hash32::sha256(&self.attachment()).into() }
    }

    /// The roll root.
    #[must_use]
    pub fn root(&self) -> Hash32 {
        self.opened.tree.root()
    }

    /// The slot of a person.
    #[must_use]
    pub fn find(&self, person: &Hash32) -> Option<Slot> {
        let added = || self.added.iter().position(|added| added.person == *person).and_then(|place| u32::try_from(self.opened.records.len() + place).ok());
        self.opened.by_person.get(person).copied().or_else(|| added().map(Slot))
    }

    /// The elector of a slot.
    #[must_use]
    pub fn record(&self, slot: Slot) -> Option<&SlotRecord> {
        self.opened.records.get(self.place(slot)?).or_else(|| self.added(slot).map(|added| &added.record))
    }

    /// District and commitment of a slot.
    #[must_use]
    pub fn public(&self, slot: Slot) -> Option<&RollSlot> {
        self.opened.roll.get(slot).or_else(|| self.added(slot).map(|added| &added.public))
    }

    /// The proof that the roll root includes a slot; there is none for one that was added after the opening.
    #[must_use]
    pub fn proof(&self, slot: Slot) -> Option<Vec<HashBytes>> {
        let tree = &self.opened.tree;
        let proof = tree.inclusion(slot.0.into(), tree.len()).ok()?;
        Some(proof.hashes().iter().copied().map(Into::into).collect())
    }

    /// How many slots there are, those added included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.opened.records.len() + self.added.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The person hash of an elector, by which a book is searched (PROTOCOL §5.1).
///
/// # Errors
/// [`RollError`] for an attribute that is not in its form.
pub fn person_hash(elector: &Elector) -> Result<Hash32, RollError> {
    Ok(person(elector)?.hash())
}

fn person(elector: &Elector) -> Result<Person, RollError> {
    let Elector { number: _, name, kana: _, birth, sex, address, district: _ } = elector;
    Ok(Person { name: name.clone(), birth: birth.parse()?, sex: sex.parse()?, address: address.clone() })
}

fn roll_entry(elector: &Elector, districts: &[District], slot: u32) -> Result<RollEntry, SlotError> {
    let person = person(elector).map_err(|source| SlotError::Attribute { slot, source })?;
    let district = districts.get(usize::from(elector.district)).ok_or(SlotError::District(slot))?;
    Ok(RollEntry { person, district: district.id.clone() })
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;
    use tachiai_crypto::journal::{InclusionProof, verify_inclusion};
    use tachiai_schemas::election::Text;

    use super::*;

    fn electors(count: u32) -> Vec<Elector> {
        (0..count)
            .map(|index| Elector {
                number: index.to_string(),
                name: format!("氏名　{index}"),
                kana: String::new(),
                birth: "1980-04-01".to_owned(),
                sex: "1".to_owned(),
                address: "養父市".to_owned(),
                district: 0,
            })
            .collect()
    }

    fn listed(electors: Vec<Elector>) -> Vec<Listed> {
        electors.into_iter().map(|elector| Listed { elector, standing: Standing::default() }).collect()
    }

    fn districts() -> Vec<District> {
        vec![District { id: "1".to_owned(), name: Text { ja: "八鹿".to_owned(), en: "Yoka".to_owned() } }]
    }

    fn book(count: u32, seed: u8) -> SlotBook {
        let records = shuffle(listed(electors(count)), &mut ChaCha20Rng::from_seed([seed; 32]));
        SlotBook::new(&ElectionId([1; 16]), &districts(), records).unwrap()
    }

    #[test]
    fn every_elector_gets_one_slot_in_an_order_that_chance_gives() {
        let (one, other) = (book(50, 1), book(50, 2));
        let order = |book: &SlotBook| (0..50).map(|slot| book.record(Slot(slot)).unwrap().elector.number.clone()).collect::<Vec<_>>();
        assert_ne!(order(&one), order(&other));
        let (mut one, mut other) = (order(&one), order(&other));
        one.sort();
        other.sort();
        assert_eq!(one, other);
    }

    #[test]
    fn a_slot_is_found_by_the_person_and_proved_under_the_root() {
        let book = book(9, 3);
        let elector = &book.record(Slot(4)).unwrap().elector;
        let person = Person {
            name: elector.name.replace('　', " "),
            birth: elector.birth.parse().unwrap(),
            sex: elector.sex.parse().unwrap(),
            address: elector.address.clone(),
        };
        assert_eq!(book.find(&person.hash()), Some(Slot(4)));
        let public = book.public(Slot(4)).unwrap();
        let leaf = leaf_hash(&tachiai_crypto::election::roll::roll_leaf(Slot(4), public.district, &public.commitment));
        let proof = InclusionProof::from_hashes(book.proof(Slot(4)).unwrap().into_iter().map(Into::into).collect());
        assert_eq!(verify_inclusion(leaf, 4, 9, &proof, book.root()), Ok(()));
    }

    #[test]
    fn protection_stays_with_the_slot_and_a_book_that_does_not_say_it_is_read() {
        let mut people = listed(electors(2));
        people[1].standing.protection = Protection::Protected;
        let records = shuffle(people, &mut ChaCha20Rng::from_seed([6; 32]));
        let json = serde_json::to_string(&records).unwrap();
        let read: Vec<SlotRecord> = serde_json::from_str(&json).unwrap();
        for record in &read {
            assert_eq!(record.protection == Protection::Protected, record.elector.number == "1");
        }
        let old = json.replace(",\"protection\":\"protected\"", "");
        assert_ne!(old, json);
        assert!(serde_json::from_str::<Vec<SlotRecord>>(&old).unwrap().iter().all(|record| record.protection == Protection::Open));
    }

    #[test]
    fn the_same_person_does_not_get_two_slots() {
        let mut twice = electors(2);
        twice[1].name = twice[0].name.clone();
        let records = shuffle(listed(twice), &mut ChaCha20Rng::from_seed([4; 32]));
        assert!(matches!(SlotBook::new(&ElectionId([1; 16]), &districts(), records), Err(SlotError::Twice(0, 1))));
    }

    #[test]
    fn an_added_elector_gets_the_next_slot_and_the_root_stays() {
        let book = book(3, 5);
        let [mut newcomer, _] = electors(2).try_into().unwrap_or_else(|_| unreachable!());
        newcomer.name = "髙橋　﨑".to_owned();
        let record = SlotRecord { salt: Bytes([7; 32]), elector: newcomer.clone(), protection: Protection::Open };
        let grown = book.grown(&ElectionId([1; 16]), &districts(), record.clone()).unwrap();
        let person = person_hash(&newcomer).unwrap();
        assert_eq!((grown.len(), grown.find(&person), book.find(&person)), (4, Some(Slot(3)), None));
        assert!(grown.is_added(Slot(3)) && !grown.is_added(Slot(2)) && grown.proof(Slot(3)).is_none());
        assert!(grown.record(Slot(3)).unwrap().elector == newcomer && grown.public(Slot(3)).is_some() && grown.public(Slot(4)).is_none());
        assert_eq!((grown.root(), grown.attachment()), (book.root(), book.attachment()));
        assert_eq!(grown.electors().map(|(slot, _)| slot.0).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(matches!(grown.grown(&ElectionId([1; 16]), &districts(), record), Err(SlotError::Twice(3, 4))));
        let listed = SlotRecord { salt: Bytes([8; 32]), elector: electors(1).remove(0), protection: Protection::Open };
        assert!(matches!(book.grown(&ElectionId([1; 16]), &districts(), listed), Err(SlotError::Twice(_, 3))));
    }
}
