//! The tree of the leaves as they are read: whole, or its right edge with the roots that will be asked for.

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{Level, TileId, TileKind};
use tachiai_crypto::journal::{Frontier, Tree};

use super::scratch::ScratchFile;
use crate::board::Roots;
use crate::failure::Failure;
use crate::record::Record;
use crate::rule::{Breaks, Rule, Violation};

/// A tree that grows.
pub(super) trait Leaves: Roots {
    /// Adds a leaf.
    fn push_leaf(&mut self, leaf: Hash32);
}

impl Leaves for Tree {
    fn push_leaf(&mut self, leaf: Hash32) {
        self.push(leaf);
    }
}

/// A set of sizes up to a greatest one, a bit each.
#[derive(Default)]
pub(super) struct Sizes {
    words: Vec<u64>,
    /// How many sizes are in the words before.
    before: Vec<u32>,
}

impl Sizes {
    /// None of the sizes up to `most`.
    pub(super) fn new(most: u64) -> Self {
        Self { words: vec![0; usize::try_from(most / 64 + 1).unwrap_or_default()], before: Vec::new() }
    }

    /// Adds a size; one that is too great is left out.
    pub(super) fn insert(&mut self, size: u64) {
        if let Some(word) = usize::try_from(size / 64).ok().and_then(|word| self.words.get_mut(word)) {
            *word |= 1 << (size % 64);
        }
    }

    /// Counts, once all are there.
    pub(super) fn ranked(mut self) -> Self {
        let sums = self.words.iter().scan(0, |sum, word| {
            let before = *sum;
            *sum += word.count_ones();
            Some(before)
        });
        self.before = sums.collect();
        self
    }

    /// How many sizes are smaller, if this one is in the set.
    fn rank(&self, size: u64) -> Option<u64> {
        let index = usize::try_from(size / 64).ok()?;
        let word = self.words.get(index)?;
        let bit = 1_u64 << (size % 64);
        (word & bit != 0).then_some(())?;
        Some(u64::from(self.before.get(index)? + (word & (bit - 1)).count_ones()))
    }
}

/// How many bytes of roots are written together.
const ROOTS: usize = 64 * 32;

/// The right edge of a tree, and its roots at the sizes that were announced.
pub(super) struct Edge {
    frontier: Frontier,
    asked: Sizes,
    roots: ScratchFile,
    /// How many roots are in the file; those after them are in `rest`.
    written: u64,
    rest: Vec<u8>,
}

impl Edge {
    /// No leaves yet; the roots at these sizes will be asked for.
    pub(super) fn new(asked: Sizes, roots: ScratchFile) -> Self {
        let mut edge = Self { frontier: Frontier::new(), asked: asked.ranked(), roots, written: 0, rest: Vec::with_capacity(ROOTS) };
        edge.keep();
        edge
    }

    fn keep(&mut self) {
        // They come in the order of their ranks.
        if self.asked.rank(self.frontier.len()).is_some() {
            self.rest.extend_from_slice(self.frontier.root().as_bytes());
            if self.rest.len() >= ROOTS {
                self.roots.write(self.written * 32, &self.rest);
                self.written += self.rest.len() as u64 / 32;
                self.rest.clear();
            }
        }
    }
}

impl Roots for Edge {
    fn len(&self) -> u64 {
        self.frontier.len()
    }

    fn root_at(&self, size: u64) -> Option<Hash32> {
        match size.cmp(&self.frontier.len()) {
            std::cmp::Ordering::Greater => None,
            std::cmp::Ordering::Equal => Some(self.frontier.root()),
            std::cmp::Ordering::Less => {
                let rank = self.asked.rank(size)?;
                let bytes = match rank.checked_sub(self.written) {
                    Some(later) => self.rest.get(usize::try_from(later * 32).ok()?..)?.first_chunk().copied(),
                    None => self.roots.read(rank * 32),
                };
                bytes.map(Hash32::from_bytes)
            }
        }
    }
}

impl Leaves for Edge {
    fn push_leaf(&mut self, leaf: Hash32) {
        self.frontier.push(leaf);
        self.keep();
    }
}

/// R107: the tiles of hashes are those of the entries. Compares each as soon as its hashes are known, and keeps the first that differs for the end, since a
/// leaf that breaks a rule is named before it.
pub(super) struct TileCheck<'a> {
    record: &'a Record,
    /// For each level the number of full tiles, and the hashes of the one after them.
    levels: Vec<(u64, Vec<Hash32>)>,
    outcome: Result<(), Failure>,
}

/// The hashes in a full tile.
const WIDTH: usize = 256;

impl<'a> TileCheck<'a> {
    pub(super) const fn new(record: &'a Record) -> Self {
        Self { record, levels: Vec::new(), outcome: Ok(()) }
    }

    pub(super) fn push(&mut self, leaf: Hash32) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push((0, Vec::with_capacity(WIDTH)));
            }
            let Some((full, hashes)) = self.levels.get_mut(level) else { return };
            hashes.push(hash);
            if hashes.len() < WIDTH {
                return;
            }
            let index = *full;
            *full += 1;
            let tile = std::mem::replace(hashes, Vec::with_capacity(WIDTH));
            self.compare(level, index, &tile);
            let mut frontier = Frontier::new();
            tile.into_iter().for_each(|hash| frontier.push(hash));
            hash = frontier.root();
        }
    }

    fn compare(&mut self, level: usize, index: u64, hashes: &[Hash32]) {
        if self.outcome.is_ok() {
            self.outcome = same(self.record, level, index, hashes);
        }
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        for (level, (full, hashes)) in std::mem::take(&mut self.levels).into_iter().enumerate() {
            if !hashes.is_empty() {
                self.compare(level, full, &hashes);
            }
        }
        self.outcome
    }
}

fn same(record: &Record, level: usize, index: u64, hashes: &[Hash32]) -> Result<(), Failure> {
    let kind = TileKind::Hashes(u8::try_from(level).breaks(Rule::R107).and_then(|level| Level::new(level).breaks(Rule::R107))?);
    let path = TileId::new(kind, index, u16::try_from(hashes.len()).breaks(Rule::R107)?).breaks(Rule::R107)?.to_string();
    let expected: Vec<u8> = hashes.iter().flat_map(|hash| hash.as_bytes().iter().copied()).collect();
    if record.read(&path, expected.len() as u64)? == expected {
        return Ok(());
    }
    Err(Violation::of_record(Rule::R107, format!("{path} is not what the entries give")).into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use tachiai_crypto::journal::leaf_hash;

    use super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn an_edge_has_the_roots_of_the_tree_at_the_sizes_that_were_announced() {
        let sizes: Vec<u64> = (0..300).filter(|size| size % 3 < 2 && *size != 250).collect();
        let mut asked = Sizes::new(300);
        sizes.iter().for_each(|size| asked.insert(*size));
        asked.insert(1_000_000);
        let mut edge = Edge::new(asked, Scratch::new(None).file().unwrap());
        let mut tree = Tree::new();
        for i in 0_u32..300 {
            let leaf = leaf_hash(&i.to_be_bytes());
            edge.push_leaf(leaf);
            tree.push_leaf(leaf);
            assert_eq!((edge.len(), Roots::root_at(&edge, edge.len())), (Roots::len(&tree), Roots::root_at(&tree, tree.len())));
            for size in sizes.iter().copied() {
                assert_eq!(Roots::root_at(&edge, size), Roots::root_at(&tree, size), "{size}");
            }
        }
        assert_eq!(Roots::root_at(&edge, 250), None);
    }
}
