//! A person's fields stand under one root: a tree over salted hashes, so that a field can be shown alone and nothing can be guessed of the others
//! (PROTOCOL §17.5).

use rand_core::{CryptoRng, RngCore};

use super::{ChainId, EventId};
use crate::hash::{Hash32, tagged};
use crate::journal::{InclusionProof, Tree, leaf_hash};
use crate::labels;

/// Where a field stands: its event, the person's chain and the entry's number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The event.
    pub event: EventId,
    /// The chain.
    pub chain: ChainId,
    /// The number of the entry in the chain.
    pub seq: u64,
}

/// A field that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name.
    pub name: &'a str,
    /// 32 random bytes, drawn for this field of this entry alone.
    pub salt: &'a [u8; 32],
    /// The value: JSON in the one accepted form.
    pub value: &'a [u8],
}

/// Draws a salt.
pub fn salt(rng: &mut (impl RngCore + CryptoRng)) -> [u8; 32] {
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    salt
}

impl Field<'_> {
    /// H(`roster-field`; event, chain, seq (u64), name, salt, value).
    #[must_use]
    pub fn hash(&self, place: &Place) -> Hash32 {
        let Self { name, salt, value } = self;
        let Place { event, chain, seq } = place;
        tagged(labels::hash::ROSTER_FIELD, &[&event.0, &chain.0, &seq.to_be_bytes(), name.as_bytes(), *salt, value])
    }
}

/// The tree over fields in the order given, which is ascending by name.
#[must_use]
pub fn tree<'a>(place: &Place, fields: impl IntoIterator<Item = Field<'a>>) -> Tree {
    let mut tree = Tree::new();
    for field in fields {
        tree.push(leaf_hash(field.hash(place).as_bytes()));
    }
    tree
}

/// Whether a field stands at `index` of `size` under a root.
#[must_use]
pub fn stands_under(place: &Place, field: &Field<'_>, index: u64, size: u64, proof: &InclusionProof, root: Hash32) -> bool {
    crate::journal::verify_inclusion(leaf_hash(field.hash(place).as_bytes()), index, size, proof, root).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stands_under_its_root_and_not_with_another_salt_or_person() {
        let place = Place { event: EventId([1; 16]), chain: ChainId([2; 16]), seq: 3 };
        let fields = [("a", b"1".as_slice()), ("b", b"2"), ("c", b"3")].map(|(name, value)| Field { name, salt: &[7; 32], value });
        let tree = tree(&place, fields);
        let proof = tree.inclusion(1, 3).unwrap();
        assert!(stands_under(&place, &fields[1], 1, 3, &proof, tree.root()));
        assert!(!stands_under(&place, &Field { salt: &[8; 32], ..fields[1] }, 1, 3, &proof, tree.root()));
        assert!(!stands_under(&place, &Field { value: b"9", ..fields[1] }, 1, 3, &proof, tree.root()));
        assert!(!stands_under(&Place { seq: 4, ..place }, &fields[1], 1, 3, &proof, tree.root()));
        assert!(!stands_under(&Place { chain: ChainId([3; 16]), ..place }, &fields[1], 1, 3, &proof, tree.root()));
    }
}
