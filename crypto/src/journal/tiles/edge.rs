//! The right edge of a journal's tiles: what a publisher must hold to go on writing them, and nothing of what it
//! wrote before.

use super::{Level, TILE_HEIGHT, TILE_WIDTH, TileId, TileKind};
use crate::hash::Hash32;
use crate::journal::tree::{Tree, empty_root, node_hash};

/// The hashes of the partial tile at every level.
#[derive(Clone, Debug, Default)]
pub struct TileEdge {
    /// For each level, the hashes of its partial tile: at most 255.
    levels: Vec<Vec<Hash32>>,
    len: u64,
}

impl TileEdge {
    /// The edge of a journal without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge at `len` entries, from the partial tiles that were published at that size.
    ///
    /// The hashes are taken on trust: compare [`TileEdge::root`] with a root that is not.
    ///
    /// # Errors
    /// Whatever `read` returns. It is asked for each partial tile and gives as many hashes as the tile is wide.
    pub fn resume<E>(len: u64, mut read: impl FnMut(TileId) -> Result<Vec<Hash32>, E>) -> Result<Self, E> {
        let mut levels = Vec::new();
        for level in (0..=Level::MAX).map(Level).take_while(|level| len >> level.shift() > 0) {
            levels.push(match partial(level, len) {
                Some(tile) => read(tile)?,
                None => Vec::new(),
            });
        }
        Ok(Self { levels, len })
    }

    /// Appends a leaf hash, and gives the tiles that it made full, lowest first: seldom any.
    pub fn push(&mut self, leaf: Hash32) -> Vec<(TileId, Vec<Hash32>)> {
        let mut full = Vec::new();
        let mut hash = leaf;
        self.len += 1;
        for level in (0..=Level::MAX).map(Level) {
            let at = usize::from(level.get());
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[at];
            hashes.push(hash);
            if (hashes.len() as u64) < TILE_WIDTH {
                break;
            }
            let hashes = std::mem::take(hashes);
            hash = hashes.iter().copied().collect::<Tree>().root();
            let index = (self.len >> (level.shift() + TILE_HEIGHT)) - 1;
            let tile = TileId { kind: TileKind::Hashes(level), index, width: TILE_WIDTH as u16 };
            full.push((tile, hashes));
        }
        full
    }

    /// The partial tiles, lowest first.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (TileId, &[Hash32])> {
        (0..=Level::MAX).map(Level).zip(&self.levels).filter_map(|(level, hashes)| Some((partial(level, self.len)?, hashes.as_slice())))
    }

    /// The number of leaves.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no leaf.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The root over all leaves (RFC 6962 §2.1).
    #[must_use]
    pub fn root(&self) -> Hash32 {
        // From the right: low levels first, and within a level the smallest complete subtree first.
        let mut root = None;
        for hashes in &self.levels {
            let mut end = hashes.len();
            while end > 0 {
                let width = 1 << end.trailing_zeros();
                let left = hashes[end - width..end].iter().copied().collect::<Tree>().root();
                root = Some(match root {
                    Some(right) => node_hash(&left, &right),
                    None => left,
                });
                end -= width;
            }
        }
        root.unwrap_or_else(empty_root)
    }
}

/// The partial tile of a level in a tree of `len` leaves, if there is one.
fn partial(level: Level, len: u64) -> Option<TileId> {
    let hashes = len >> level.shift();
    // Less than 256.
    let width = (hashes % TILE_WIDTH) as u16;
    (width > 0).then_some(TileId { kind: TileKind::Hashes(level), index: hashes / TILE_WIDTH, width })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;
    use crate::journal::{leaf_hash, tiles};

    #[test]
    fn an_edge_has_the_root_and_the_tiles_of_the_tree() {
        let (mut edge, mut tree) = (TileEdge::new(), Tree::new());
        let mut written = BTreeMap::new();
        assert_eq!(edge.root(), tree.root());
        for i in 0_u64..70_000 {
            let leaf = leaf_hash(&i.to_be_bytes());
            tree.push(leaf);
            written.extend(edge.push(leaf));
            if i % 997 == 0 || i % 256 > 253 && i < 1_000 || i > 65_530 && i < 65_540 {
                assert_eq!((edge.len(), edge.root()), (tree.len(), tree.root()));
            }
        }
        written.extend(edge.partial_tiles().map(|(tile, hashes)| (tile, hashes.to_vec())));
        let expected: BTreeMap<_, _> = tiles::new_tiles(0, 70_000)
            .filter(|tile| tile.kind() != TileKind::Entries)
            .map(|tile| {
                let bytes = tiles::hash_tile(&tree, tile).unwrap();
                (tile, tiles::parse_hash_tile(&bytes, tile).unwrap())
            })
            .collect();
        assert_eq!(written, expected);
    }

    #[test]
    fn an_edge_goes_on_from_its_partial_tiles() {
        let leaves = (0_u64..70_000).map(|i| leaf_hash(&i.to_be_bytes()));
        let tree: Tree = leaves.clone().collect();
        for len in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537] {
            let mut edge = TileEdge::resume(len, |tile| {
                let bytes = tiles::hash_tile(&tree, tile).unwrap();
                Ok::<_, Infallible>(tiles::parse_hash_tile(&bytes, tile).unwrap())
            })
            .unwrap();
            assert_eq!(edge.root(), tree.root_at(len).unwrap(), "{len}");
            for leaf in leaves.clone().skip(len as usize) {
                edge.push(leaf);
            }
            assert_eq!(edge.root(), tree.root(), "{len}");
        }
    }
}
