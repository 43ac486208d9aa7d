//! Tiles are a journal as static files, so that any file server can publish it and it outlives the database
//! (C2SP tlog-tiles).
//!
//! | path | holds |
//! |---|---|
//! | `checkpoint` | the signed checkpoint |
//! | `tile/<L>/<N>` | 256 hashes: of leaves at level 0, above it of full tiles one level below |
//! | `tile/entries/<N>` | 256 entries, each preceded by its length in 16 bits, big-endian |
//! | `….p/<W>` | the same with the first `W` of 256, at the right edge of the tree |
//!
//! `<N>` is written in groups of three digits, all but the last preceded by `x`: 1234067 is `x001/x234/067`.
//! A full tile never changes. This file is a pure function of the tree and its entries, and its parsers accept
//! what it writes and nothing else.

mod edge;

pub use edge::TileEdge;

use std::fmt;
use std::str::FromStr;

use super::MAX_ENTRY_LEN;
use super::checkpoint::parse_decimal;
use super::tree::{Tree, TreeError};
use crate::hash::Hash32;

/// The number of hashes or entries in a full tile.
pub const TILE_WIDTH: u64 = 256;

/// The height of the subtree that a tile stands for: log2 of [`TILE_WIDTH`].
const TILE_HEIGHT: u32 = 8;

/// The file that holds the signed checkpoint.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// What a tile is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Entries, length-prefixed.
    Entries,
    /// Hashes at this level, 0 for leaves.
    Hashes(Level),
}

/// The level of a tile of hashes: 0 for leaf hashes, at most 7 for a 64-bit tree size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// The level of leaf hashes.
    pub const LEAVES: Self = Self(0);

    /// The highest level that a 64-bit tree size reaches.
    pub const MAX: u8 = 7;

    /// Checks a level.
    ///
    /// # Errors
    /// [`TileError::Path`] if it is above [`Level::MAX`].
    pub fn new(level: u8) -> Result<Self, TileError> {
        if level > Self::MAX {
            return Err(TileError::Path);
        }
        Ok(Self(level))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// log2 of how many leaves one hash at this level stands for.
    fn shift(self) -> u32 {
        u32::from(self.0) * TILE_HEIGHT
    }
}

/// Which tile: kind, index and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TileId {
    /// Names the tile `index` of a kind with the first `width` of its 256 places.
    ///
    /// # Errors
    /// [`TileError::Path`] if `width` is not 1 to 256 or no 64-bit size has such a tile.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TileError> {
        let shift = match kind {
            TileKind::Entries => 0,
            TileKind::Hashes(level) => level.shift(),
        };
        let hashes = u64::MAX >> shift;
        let end = index.checked_mul(TILE_WIDTH).and_then(|start| start.checked_add(u64::from(width)));
        if width == 0 || u64::from(width) > TILE_WIDTH || end.is_none_or(|end| end > hashes) {
            return Err(TileError::Path);
        }
        Ok(Self { kind, index, width })
    }

    /// What the tile is made of.
    #[must_use]
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its index among the tiles of its kind, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many places are filled: 1 to 256.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether all 256 places are filled, so that the tile never changes again.
    #[must_use]
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == TILE_WIDTH
    }

    /// The first hash or entry of the tile, counted at its level.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.index * TILE_WIDTH
    }

    /// The hash or entry after the last one of the tile, counted at its level.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start() + u64::from(self.width)
    }
}

/// The tiles that a journal grown from `old` entries to `new` has and had not, partial ones included; for
/// every level the entry bundles and lower levels come first. With `old` 0: all tiles of a tree of `new`.
///
/// Empty if `new ≤ old`.
pub fn new_tiles(old: u64, new: u64) -> impl Iterator<Item = TileId> {
    let old = old.min(new);
    let entries = grown(TileKind::Entries, old, new);
    let hashes = (0..=Level::MAX).map(Level).flat_map(move |level| grown(TileKind::Hashes(level), old >> level.shift(), new >> level.shift()));
    entries.chain(hashes)
}

/// The tiles of one kind whose contents differ between `old` and `new` places of it.
fn grown(kind: TileKind, old: u64, new: u64) -> impl Iterator<Item = TileId> {
    let first = if old == new { new.div_ceil(TILE_WIDTH) } else { old / TILE_WIDTH };
    (first..new.div_ceil(TILE_WIDTH)).map(move |index| {
        let width = (new - index * TILE_WIDTH).min(TILE_WIDTH);
        // At most 256.
        TileId { kind, index, width: width as u16 }
    })
}

impl fmt::Display for TileId {
    /// The path of the file, relative to the journal's folder or address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Hashes(level) => write!(f, "tile/{}/", level.get())?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if !self.is_full() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for TileId {
    type Err = TileError;

    /// Parses a path; the one that is written for the tile, and no other spelling.
    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(TileError::Path)?;
        let kind = if kind == "entries" {
            TileKind::Entries
        } else {
            let level = parse_decimal(kind).and_then(|level| u8::try_from(level).ok());
            TileKind::Hashes(Level::new(level.ok_or(TileError::Path)?)?)
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, parse_decimal(width).and_then(|width| u16::try_from(width).ok()).ok_or(TileError::Path)?),
            None => (rest, TILE_WIDTH as u16),
        };
        let mut index = 0_u64;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(TileError::Path);
            }
            let value: u64 = digits.parse().map_err(|_| TileError::Path)?;
            index = index.checked_mul(1000).and_then(|n| n.checked_add(value)).ok_or(TileError::Path)?;
        }
        let tile = Self::new(kind, index, width)?;
        if tile.to_string() != path {
            return Err(TileError::Path);
        }
        Ok(tile)
    }
}

/// The contents of a tile of hashes: `width` hashes of 32 bytes.
///
/// # Errors
/// [`TileError::NotHashes`] for a bundle of entries, [`TileError::Tree`] if the tree does not reach as far.
pub fn hash_tile(tree: &Tree, tile: TileId) -> Result<Vec<u8>, TileError> {
    let TileKind::Hashes(level) = tile.kind else {
        return Err(TileError::NotHashes);
    };
    let mut bytes = Vec::with_capacity(usize::from(tile.width) * Hash32::LEN);
    for at in tile.start()..tile.end() {
        let hash = tree.complete_subtree(level.shift(), at).ok_or(TreeError::BeyondEnd { size: (at + 1) << level.shift(), len: tree.len() })?;
        bytes.extend_from_slice(hash.as_bytes());
    }
    Ok(bytes)
}

/// Parses the contents of a tile of hashes.
///
/// # Errors
/// [`TileError::HashTileLength`] unless it is exactly as many hashes as the tile is wide.
pub fn parse_hash_tile(bytes: &[u8], tile: TileId) -> Result<Vec<Hash32>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<{ Hash32::LEN }>();
    if !rest.is_empty() || hashes.len() != usize::from(tile.width) {
        return Err(TileError::HashTileLength { width: tile.width, bytes: bytes.len() });
    }
    Ok(hashes.iter().copied().map(Hash32::from_bytes).collect())
}

/// The contents of a bundle of entries: each preceded by its length in 16 bits, big-endian.
///
/// # Errors
/// [`TileError::EntryTooLong`] for an entry of more than [`MAX_ENTRY_LEN`] bytes.
pub fn entry_bundle<E: AsRef<[u8]>>(entries: impl IntoIterator<Item = E>) -> Result<Vec<u8>, TileError> {
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong(entry.len()))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// Parses the contents of a bundle of entries.
///
/// # Errors
/// [`TileError::BundleTruncated`] if it ends within an entry, [`TileError::BundleWidth`] unless it holds
/// exactly as many entries as the tile is wide.
pub fn parse_entry_bundle(bytes: &[u8], tile: TileId) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::with_capacity(usize::from(tile.width));
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(tile.width) {
            return Err(TileError::BundleWidth { width: tile.width });
        }
        let (length, tail) = rest.split_first_chunk().ok_or(TileError::BundleTruncated)?;
        let (entry, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(TileError::BundleTruncated)?;
        entries.push(entry);
        rest = tail;
    }
    if entries.len() != usize::from(tile.width) {
        return Err(TileError::BundleWidth { width: tile.width });
    }
    Ok(entries)
}

/// Why a path or contents are not a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the path of any tile, or not its one spelling.
    #[error("not the path of a tile")]
    Path,
    /// Hashes were asked of a bundle of entries.
    #[error("the tile holds entries, not hashes")]
    NotHashes,
    /// The tree does not reach as far as the tile.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Contents of another length than the width requires.
    #[error("{bytes} bytes are not {width} hashes")]
    HashTileLength {
        /// The width in the path.
        width: u16,
        /// The length found.
        bytes: usize,
    },
    /// An entry that does not fit a bundle.
    #[error("an entry of {0} bytes is longer than {MAX_ENTRY_LEN}")]
    EntryTooLong(usize),
    /// A bundle that ends within an entry.
    #[error("the bundle ends within an entry")]
    BundleTruncated,
    /// A bundle with more or fewer entries than the width says.
    #[error("the bundle does not hold exactly {width} entries")]
    BundleWidth {
        /// The width in the path.
        width: u16,
    },
}

#[cfg(test)]
mod tests;
