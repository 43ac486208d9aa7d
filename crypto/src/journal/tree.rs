//! The Merkle tree of RFC 6962 §2.1 over SHA-256: what a root commits to, and the two proofs about it.
//!
//! ```text
//! MTH({})     = SHA-256()
//! MTH({d})    = SHA-256(0x00 ‖ d)
//! MTH(D[n])   = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])),  k the largest power of two below n
//! ```
//!
//! [`Tree`] holds the hash of every complete subtree, 64 bytes a leaf, so that any root and any proof at any
//! earlier size costs a logarithmic number of look-ups. Proofs are verified as RFC 9162 §2.1.3.2 and §2.1.4.2
//! say, which needs no tree.

use sha2::{Digest, Sha256};

use crate::hash::Hash32;

/// The longest proof that a 64-bit tree size allows, in hashes: a path, and one hash more for consistency.
pub const MAX_PROOF_LEN: usize = 65;

/// The hash of an entry as a leaf: SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash32 {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    Hash32::from_bytes(hasher.finalize().into())
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub(crate) fn node_hash(left: &Hash32, right: &Hash32) -> Hash32 {
    let mut hasher = Sha256::new();
    hasher.update([0x01]);
    hasher.update(left);
    hasher.update(right);
    Hash32::from_bytes(hasher.finalize().into())
}

/// The root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash32 {
    Hash32::sha256(b"")
}

/// An append-only Merkle tree in memory.
///
/// The tree holds hashes, not entries. Leaves can be added, never changed or removed, so whatever was true of
/// a size stays true.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// `levels[h][i]` is the hash of the complete subtree over the leaves `i·2^h .. (i+1)·2^h`.
    levels: Vec<Vec<Hash32>>,
}

impl Tree {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends the hash of an entry (see [`leaf_hash`]) and returns its index.
    pub fn push(&mut self, leaf: Hash32) -> u64 {
        let index = self.len();
        let mut hash = leaf;
        let mut height = 0;
        loop {
            if self.levels.len() == height {
                self.levels.push(Vec::new());
            }
            let level = &mut self.levels[height];
            let left = (level.len() % 2 == 1).then(|| level.last().copied()).flatten();
            level.push(hash);
            match left {
                // The new node is a right child, so its parent is complete now.
                Some(left) => hash = node_hash(&left, &hash),
                None => return index,
            }
            height += 1;
        }
    }

    /// The number of leaves.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Whether there is no leaf.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash32 {
        self.subtree(0, self.len())
    }

    /// The root as it was when the tree had `size` leaves.
    ///
    /// # Errors
    /// [`TreeError::BeyondEnd`] if the tree has not that many.
    pub fn root_at(&self, size: u64) -> Result<Hash32, TreeError> {
        self.check_size(size)?;
        Ok(self.subtree(0, size))
    }

    /// The hash of leaf `index`, if there is one.
    #[must_use]
    pub fn leaf(&self, index: u64) -> Option<Hash32> {
        self.complete_subtree(0, index)
    }

    /// The hash of the complete subtree over the leaves `index·2^height .. (index+1)·2^height`, if all of them
    /// are there.
    #[must_use]
    pub fn complete_subtree(&self, height: u32, index: u64) -> Option<Hash32> {
        let level = self.levels.get(usize::try_from(height).ok()?)?;
        level.get(usize::try_from(index).ok()?).copied()
    }

    /// The proof that leaf `index` is under the root of the first `size` leaves: `PATH(index, D[size])` of
    /// RFC 6962 §2.1.1.
    ///
    /// # Errors
    /// [`TreeError::BeyondEnd`] if the tree has not `size` leaves, [`TreeError::NoSuchLeaf`] if
    /// `index ≥ size`.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<InclusionProof, TreeError> {
        self.check_size(size)?;
        if index >= size {
            return Err(TreeError::NoSuchLeaf { index, size });
        }
        let (mut start, mut end) = (0, size);
        let mut hashes = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                hashes.push(self.subtree(middle, end));
                end = middle;
            } else {
                hashes.push(self.subtree(start, middle));
                start = middle;
            }
        }
        hashes.reverse();
        Ok(InclusionProof(hashes))
    }

    /// The proof that the first `old` leaves of the first `new` ones are the tree of size `old`:
    /// `PROOF(old, D[new])` of RFC 6962 §2.1.2. Empty where `old` is 0 or equals `new`.
    ///
    /// # Errors
    /// [`TreeError::BeyondEnd`] if the tree has not `new` leaves, [`TreeError::Shrinks`] if `old > new`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<ConsistencyProof, TreeError> {
        self.check_size(new)?;
        if old > new {
            return Err(TreeError::Shrinks { old, new });
        }
        let mut hashes = Vec::new();
        if old == 0 {
            return Ok(ConsistencyProof(hashes));
        }
        let (mut start, mut end) = (0, new);
        // Ends where the old tree's right edge is a node of the new tree: that node is the old root itself,
        // which the verifier has, as long as the walk has only ever gone left.
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                hashes.push(self.subtree(middle, end));
                end = middle;
            } else {
                hashes.push(self.subtree(start, middle));
                start = middle;
            }
        }
        if start > 0 {
            hashes.push(self.subtree(start, end));
        }
        hashes.reverse();
        Ok(ConsistencyProof(hashes))
    }

    /// MTH(D[start:end]) for a range that some node of the tree of size `end` covers, and `end ≤ len`.
    fn subtree(&self, start: u64, end: u64) -> Hash32 {
        // The range falls into complete subtrees of falling height; they are joined from the right.
        let mut parts = Vec::with_capacity(64);
        let mut at = start;
        while at < end {
            let height = (end - at).ilog2();
            // Both indices are in range, as the callers only ask for nodes below `len`; a hash that were
            // missing all the same would give a wrong root, which every verifier refuses.
            parts.push(self.complete_subtree(height, at >> height).unwrap_or(Hash32::ZERO));
            at += 1 << height;
        }
        let mut parts = parts.into_iter().rev();
        match parts.next() {
            None => empty_root(),
            Some(last) => parts.fold(last, |right, left| node_hash(&left, &right)),
        }
    }

    fn check_size(&self, size: u64) -> Result<(), TreeError> {
        let len = self.len();
        if size > len {
            return Err(TreeError::BeyondEnd { size, len });
        }
        Ok(())
    }
}

impl FromIterator<Hash32> for Tree {
    fn from_iter<I: IntoIterator<Item = Hash32>>(leaves: I) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

impl Extend<Hash32> for Tree {
    fn extend<I: IntoIterator<Item = Hash32>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

/// The largest power of two below `n`, for `n > 1`.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// What the tree was asked for and does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A size above the number of leaves.
    #[error("the tree has {len} leaves, not {size}")]
    BeyondEnd {
        /// The size asked for.
        size: u64,
        /// The number of leaves there are.
        len: u64,
    },
    /// A leaf outside the size.
    #[error("a tree of {size} leaves has no leaf {index}")]
    NoSuchLeaf {
        /// The index asked for.
        index: u64,
        /// The size it was asked in.
        size: u64,
    },
    /// An older size that is the greater one.
    #[error("a tree of {old} leaves cannot have grown to {new}")]
    Shrinks {
        /// The size said to be older.
        old: u64,
        /// The size said to be newer.
        new: u64,
    },
}

/// The hashes that lead from a leaf to a root, from the leaf's sibling up (RFC 6962 §2.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof(Vec<Hash32>);

/// The hashes that lead from one root to a later one (RFC 6962 §2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof(Vec<Hash32>);

impl InclusionProof {
    /// Takes hashes that claim to be a proof; [`verify_inclusion`] decides.
    #[must_use]
    pub fn from_hashes(hashes: Vec<Hash32>) -> Self {
        Self(hashes)
    }

    /// The hashes, from the leaf up.
    #[must_use]
    pub fn hashes(&self) -> &[Hash32] {
        &self.0
    }

    /// The hashes, from the leaf up, by value.
    #[must_use]
    pub fn into_hashes(self) -> Vec<Hash32> {
        self.0
    }
}

impl ConsistencyProof {
    /// Takes hashes that claim to be a proof; [`verify_consistency`] decides.
    #[must_use]
    pub fn from_hashes(hashes: Vec<Hash32>) -> Self {
        Self(hashes)
    }

    /// The hashes in the order of RFC 6962 §2.1.2.
    #[must_use]
    pub fn hashes(&self) -> &[Hash32] {
        &self.0
    }

    /// The hashes in the order of RFC 6962 §2.1.2, by value.
    #[must_use]
    pub fn into_hashes(self) -> Vec<Hash32> {
        self.0
    }
}

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf is outside the tree.
    #[error("a tree of {size} leaves has no leaf {index}")]
    NoSuchLeaf {
        /// The index claimed.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The older tree is the greater one.
    #[error("a tree of {old} leaves cannot have grown to {new}")]
    Shrinks {
        /// The size said to be older.
        old: u64,
        /// The size said to be newer.
        new: u64,
    },
    /// The number of hashes is not the one that the sizes require.
    #[error("the proof has {0} hashes, which is not the number that these sizes require")]
    WrongLength(usize),
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    WrongRoot,
    /// The hashes lead to another older root.
    #[error("the proof leads to another root of the older tree")]
    WrongOldRoot,
}

/// Verifies that the leaf hash `leaf` stands at `index` under `root`, the root of `size` leaves
/// (RFC 9162 §2.1.3.2).
///
/// # Errors
/// A [`ProofError`] if it was not shown.
pub fn verify_inclusion(leaf: Hash32, index: u64, size: u64, proof: &InclusionProof, root: Hash32) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let wrong_length = ProofError::WrongLength(proof.0.len());
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in &proof.0 {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A node at the right edge without a sibling moves up unhashed.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    if hash != root {
        return Err(ProofError::WrongRoot);
    }
    Ok(())
}

/// Verifies that the tree of `new_size` leaves under `new_root` begins with the tree of `old_size` leaves
/// under `old_root` (RFC 9162 §2.1.4.2).
///
/// Two trees of one size are consistent if their roots are equal and the proof is empty. The empty tree, whose
/// root is [`empty_root`], is the beginning of every tree, with an empty proof.
///
/// # Errors
/// A [`ProofError`] if it was not shown.
pub fn verify_consistency(old_size: u64, old_root: Hash32, new_size: u64, new_root: Hash32, proof: &ConsistencyProof) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrinks { old: old_size, new: new_size });
    }
    let wrong_length = ProofError::WrongLength(proof.0.len());
    if old_size == new_size || old_size == 0 {
        if !proof.0.is_empty() {
            return Err(wrong_length);
        }
        if old_size == 0 && old_root != empty_root() {
            return Err(ProofError::WrongOldRoot);
        }
        if old_size == new_size && old_root != new_root {
            return Err(ProofError::WrongRoot);
        }
        return Ok(());
    }
    // Where the old tree is complete, the walk starts from its root, which the verifier has.
    let (first, hashes) = if old_size.is_power_of_two() { (&old_root, proof.0.as_slice()) } else { proof.0.split_first().ok_or(wrong_length)? };
    let (old_hash, new_hash) = walk(old_size, new_size, first, hashes)?;
    if old_hash != old_root {
        return Err(ProofError::WrongOldRoot);
    }
    if new_hash != new_root {
        return Err(ProofError::WrongRoot);
    }
    Ok(())
}

/// The root of the old tree that a consistency proof to `new_root` shows, whichever the verifier expected; `None` if the proof leads to another root, or if
/// the old tree is complete, since then the proof does not hold its root.
#[must_use]
pub fn old_root_shown(old_size: u64, new_size: u64, new_root: Hash32, proof: &ConsistencyProof) -> Option<Hash32> {
    let (first, hashes) = proof.0.split_first().filter(|_| old_size > 0 && old_size < new_size && !old_size.is_power_of_two())?;
    let (old_hash, new_hash) = walk(old_size, new_size, first, hashes).ok()?;
    (new_hash == new_root).then_some(old_hash)
}

/// The roots of both trees, from the node where the walk starts and the rest of a consistency proof.
fn walk(old_size: u64, new_size: u64, first: &Hash32, hashes: &[Hash32]) -> Result<(Hash32, Hash32), ProofError> {
    let wrong_length = ProofError::WrongLength(hashes.len());
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok((old_hash, new_hash)) } else { Err(wrong_length) }
}

#[cfg(test)]
mod tests;
