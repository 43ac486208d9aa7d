//! A frontier is the right edge of a Merkle tree: enough to add leaves and to know the root, in logarithmic
//! memory. An auditor who reads a record of a million entries once needs no more.

use super::tree::{empty_root, node_hash};
use crate::hash::Hash32;

/// The complete subtrees whose leaves are all that was added so far, largest first.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    /// One hash for each set bit of `len`, from the highest bit down.
    subtrees: Vec<Hash32>,
    len: u64,
}

impl Frontier {
    /// The frontier of the tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf hash (see [`leaf_hash`](super::leaf_hash)).
    pub fn push(&mut self, leaf: Hash32) {
        let mut hash = leaf;
        // Each low set bit is a complete subtree that the new leaf completes to one of twice the size.
        for _ in 0..self.len.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.len += 1;
    }

    /// The number of leaves so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no leaf.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Hash32 {
        let mut subtrees = self.subtrees.iter().rev();
        match subtrees.next() {
            None => empty_root(),
            Some(&last) => subtrees.fold(last, |right, left| node_hash(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Tree, leaf_hash};

    #[test]
    fn a_frontier_has_the_root_of_the_tree_at_every_size() {
        let (mut frontier, mut tree) = (Frontier::new(), Tree::new());
        assert_eq!(frontier.root(), tree.root());
        for i in 0_u32..300 {
            let leaf = leaf_hash(&i.to_be_bytes());
            frontier.push(leaf);
            tree.push(leaf);
            assert_eq!((frontier.len(), frontier.root()), (tree.len(), tree.root()));
        }
    }
}
