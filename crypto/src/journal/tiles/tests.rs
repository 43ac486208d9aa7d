use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::journal::leaf_hash;

fn hashes(level: u8, index: u64, width: u16) -> TileId {
    TileId::new(TileKind::Hashes(Level::new(level).unwrap()), index, width).unwrap()
}

fn entries(index: u64, width: u16) -> TileId {
    TileId::new(TileKind::Entries, index, width).unwrap()
}

fn tree(size: u64) -> Tree {
    (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn paths(old: u64, new: u64) -> BTreeSet<String> {
    new_tiles(old, new).map(|tile| tile.to_string()).collect()
}

#[test]
fn paths_are_the_ones_of_the_specification() {
    assert_eq!(hashes(0, 1_234_067, 256).to_string(), "tile/0/x001/x234/067");
    assert_eq!(hashes(4, 1_234_067, 1).to_string(), "tile/4/x001/x234/067.p/1");
    assert_eq!(entries(0, 256).to_string(), "tile/entries/000");
    assert_eq!(entries(1_000, 255).to_string(), "tile/entries/x001/000.p/255");
    assert_eq!(entries(999, 8).to_string(), "tile/entries/999.p/8");
}

/// The two sizes that the specification works out.
#[test]
fn the_tiles_of_a_size_are_the_ones_of_the_specification() {
    let all: Vec<_> = new_tiles(0, 70_000).collect();
    let count = |level, full| all.iter().filter(|t| t.kind() == hashes(level, 0, 1).kind() && t.is_full() == full).count();
    assert_eq!([count(0, true), count(0, false), count(1, true), count(1, false)], [273, 1, 1, 1]);
    assert_eq!([count(2, true), count(2, false), count(3, true), count(3, false)], [0, 1, 0, 0]);
    assert!(all.contains(&hashes(0, 273, 112)));
    assert!(all.contains(&hashes(1, 1, 17)));
    assert!(all.contains(&hashes(2, 0, 1)));
    assert!(all.contains(&entries(273, 112)));

    let expected = ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"];
    assert_eq!(paths(0, 256), expected.map(str::to_owned).into());
}

#[test]
fn a_journal_without_entries_has_no_tiles() {
    assert_eq!(new_tiles(0, 0).count(), 0);
    assert_eq!(new_tiles(5, 5).count(), 0);
    assert_eq!(new_tiles(6, 5).count(), 0);
}

#[test]
fn growth_rewrites_only_what_it_touches() {
    let expected = ["tile/entries/000", "tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"];
    assert_eq!(paths(255, 257), expected.map(str::to_owned).into());
    let expected = ["tile/entries/001.p/2", "tile/0/001.p/2"];
    assert_eq!(paths(257, 258), expected.map(str::to_owned).into());
    let expected = ["tile/entries/001.p/1", "tile/0/001.p/1"];
    assert_eq!(paths(256, 257), expected.map(str::to_owned).into());
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    for path in [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/x000/001",
        "tile/0/001/001",
        "tile/0/x001",
        "tile/8/000",
        "tile/-1/000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/000.p/1.p/1",
        "tile/0/０００",
        "tile/7/x001/000",
    ] {
        assert_eq!(path.parse::<TileId>(), Err(TileError::Path), "{path}");
    }
}

#[test]
fn a_tile_that_reaches_past_the_greatest_size_is_refused() {
    assert_eq!(TileId::new(TileKind::Hashes(Level(7)), 0, 256), Err(TileError::Path));
    assert!(TileId::new(TileKind::Hashes(Level(7)), 0, 255).is_ok());
    assert_eq!(TileId::new(TileKind::Entries, u64::MAX, 1), Err(TileError::Path));
}

#[test]
fn a_hash_of_level_one_is_the_root_of_a_full_tile_below() {
    let tree = tree(256 * 3 + 5);
    let level1 = parse_hash_tile(&hash_tile(&tree, hashes(1, 0, 3)).unwrap(), hashes(1, 0, 3)).unwrap();
    for (index, hash) in level1.iter().enumerate() {
        let tile = hashes(0, index as u64, 256);
        let leaves = parse_hash_tile(&hash_tile(&tree, tile).unwrap(), tile).unwrap();
        assert_eq!(leaves.into_iter().collect::<Tree>().root(), *hash);
    }
}

#[test]
fn a_partial_tile_is_not_hashed_into_the_level_above() {
    let tree = tree(256 * 3 + 5);
    assert!(matches!(hash_tile(&tree, hashes(1, 0, 4)), Err(TileError::Tree(_))));
    assert!(matches!(hash_tile(&tree, hashes(0, 3, 6)), Err(TileError::Tree(_))));
    assert_eq!(hash_tile(&tree, entries(0, 1)), Err(TileError::NotHashes));
}

#[test]
fn a_bundle_with_a_byte_more_or_less_is_refused() {
    let bundle = entry_bundle([b"one".as_slice(), b"", b"three"]).unwrap();
    assert_eq!(bundle, b"\x00\x03one\x00\x00\x00\x05three");
    assert_eq!(parse_entry_bundle(&bundle, entries(0, 3)).unwrap(), [b"one".as_slice(), b"", b"three"]);

    let mut long = bundle.clone();
    long.push(0);
    assert_eq!(parse_entry_bundle(&long, entries(0, 3)), Err(TileError::BundleWidth { width: 3 }));
    assert_eq!(parse_entry_bundle(&long, entries(0, 4)), Err(TileError::BundleTruncated));
    for cut in 0..bundle.len() {
        assert!(parse_entry_bundle(&bundle[..cut], entries(0, 3)).is_err(), "{cut}");
    }
    assert_eq!(parse_entry_bundle(&bundle, entries(0, 2)), Err(TileError::BundleWidth { width: 2 }));
    assert_eq!(parse_entry_bundle(&bundle, entries(0, 4)), Err(TileError::BundleWidth { width: 4 }));
}

#[test]
fn the_longest_entry_fits_a_bundle_and_one_byte_more_does_not() {
    let longest = vec![7; MAX_ENTRY_LEN];
    let bundle = entry_bundle([&longest]).unwrap();
    assert_eq!(parse_entry_bundle(&bundle, entries(0, 1)).unwrap(), [longest.as_slice()]);
    assert_eq!(entry_bundle([vec![7; MAX_ENTRY_LEN + 1]]), Err(TileError::EntryTooLong(65_536)));
}

#[test]
fn a_hash_tile_of_another_width_is_refused() {
    let bytes = hash_tile(&tree(3), hashes(0, 0, 3)).unwrap();
    for (bytes, width) in [(&bytes[..], 2), (&bytes[..], 4), (&bytes[..95], 3), (&[][..], 1)] {
        let error = TileError::HashTileLength { width, bytes: bytes.len() };
        assert_eq!(parse_hash_tile(bytes, hashes(0, 0, width)), Err(error));
    }
}

proptest! {
    #[test]
    fn a_path_survives_parsing(level in 0_u8..=7, index: u64, width in 1_u16..=256, bundle: bool) {
        let kind = if bundle { TileKind::Entries } else { TileKind::Hashes(Level(level)) };
        let index = index >> (8 + if bundle { 0 } else { u32::from(level) * 8 }).min(63);
        if let Ok(tile) = TileId::new(kind, index, width) {
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        }
    }

    /// The older layout has the tile height in the path; apart from that the numbers are written alike.
    #[test]
    fn a_second_implementation_agrees_on_which_tiles_grow(old in 0_u64..200_000, grown in 0_u64..2_000) {
        let ours: BTreeSet<String> = new_tiles(old, old + grown)
            .filter(|tile| tile.kind() != TileKind::Entries)
            .map(|tile| tile.to_string().replacen("tile/", "tile/8/", 1))
            .collect();
        let theirs: BTreeSet<String> =
            tlog_tiles::Tile::new_tiles(8, old, old + grown).iter().map(tlog_tiles::Tile::path).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn tiles_written_at_every_step_are_the_tiles_of_the_whole(steps in prop::collection::vec(0_u64..400, 1..8)) {
        let tree = tree(steps.iter().sum());
        let mut files = BTreeMap::new();
        let mut size = 0;
        for step in steps {
            for tile in new_tiles(size, size + step).filter(|tile| tile.kind() != TileKind::Entries) {
                let bytes = hash_tile(&tree, tile).unwrap();
                // What was written once is never written differently.
                prop_assert_eq!(files.entry(tile).or_insert_with(|| bytes.clone()), &bytes);
            }
            size += step;
        }
        for tile in new_tiles(0, size).filter(|tile| tile.kind() != TileKind::Entries) {
            prop_assert!(files.contains_key(&tile));
        }
    }
}
