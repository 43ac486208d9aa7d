//! The board of an election, as its appliance or a stick shows it.

use std::path::Path;
use std::time::{Duration, Instant};

use tachiai_crypto::election::context::{Fingerprint, fingerprint};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{Level, TileId, TileKind, new_tiles, parse_entry_bundle, parse_hash_tile};
use tachiai_crypto::journal::{
    BoardKey, ConsistencyProof, InclusionProof, LogCheckpoint, Origin, SignedCheckpoint, Tree, WitnessKey, leaf_hash, verify_inclusion,
};
use tachiai_schemas::ElectionId;
use tachiai_schemas::election::{Body, Manifest};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{Consistency, ElectionSummary, ProvenEntry};
use tachiai_verify::record::Record;
use tachiai_verify::witness::witness_keys;

use crate::client::Client;
use crate::failure::{Exit, Failure};

/// The longest bundle of entries in bytes.
const MAX_BUNDLE: u64 = 256 * (2 + 65_535);

/// The largest tree that is read, in leaves; no election of Japan has as many entries.
const MAX_TREE: u64 = 1 << 26;

/// How long a board may take to show its tree: others wait meanwhile.
const TREE_LIMIT: Duration = Duration::from_secs(120);

/// A board that tells its size, its past, and its tree.
pub trait Board {
    /// The newest checkpoint with the proof that it extends the one of size `old`; the proof is not verified, the signature is.
    ///
    /// # Errors
    /// [`Failure`].
    fn since(&self, old: u64, origin: &Origin, key: &BoardKey) -> Result<(LogCheckpoint, ConsistencyProof), Failure>;

    /// The newest checkpoint.
    ///
    /// # Errors
    /// [`Failure`].
    fn newest(&self, origin: &Origin, key: &BoardKey) -> Result<LogCheckpoint, Failure>;

    /// The tree of a checkpoint of this size.
    ///
    /// # Errors
    /// [`Failure`].
    fn tree(&self, size: u64) -> Result<Tree, Failure>;

    /// Manifest and, if the election is open, `opened`, each under the checkpoint that comes with them.
    ///
    /// # Errors
    /// [`Failure`].
    fn pinned(&self) -> Result<Pinned, Failure>;
}

/// What a board is said to be, under its own signed checkpoint.
pub struct Pinned {
    /// The manifest.
    pub manifest: Box<Manifest>,
    /// Its leaf hash.
    pub manifest_hash: Hash32,
    /// The leaf hash of `opened`.
    pub opened: Option<Hash32>,
    /// The origin.
    pub origin: Origin,
    /// The board key.
    pub key: BoardKey,
    /// The checkpoint that covers both.
    pub checkpoint: LogCheckpoint,
}

fn distrust(ja: impl std::fmt::Display, en: impl std::fmt::Display) -> Failure {
    Failure::refused(format!("{ja}。何も連署していません。"), format!("{en}. Nothing was cosigned."))
}

fn signed(text: &str, origin: &Origin, key: &BoardKey) -> Result<SignedCheckpoint, Failure> {
    SignedCheckpoint::parse_and_verify(text, origin, key)
        .map_err(|error| distrust(format!("チェックポイントが正しくありません: {error}"), format!("the checkpoint does not hold: {error}")))
}

impl Pinned {
    fn new(manifest: (Vec<u8>, Box<Manifest>), opened: Option<&[u8]>, checkpoint: &str) -> Result<Self, Failure> {
        let (bytes, manifest) = manifest;
        let bad = |error: &dyn std::fmt::Display| distrust(format!("選挙の定義が正しくありません: {error}"), format!("the manifest is not valid: {error}"));
        manifest.validate().map_err(|errors| bad(&errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
        let origin = Origin::new(&manifest.origin).map_err(|error| bad(&error))?;
        let key = BoardKey::from_bytes(&manifest.board_key.0).map_err(|error| bad(&error))?;
        let checkpoint = LogCheckpoint::from(&signed(checkpoint, &origin, &key)?);
        Ok(Self { manifest, manifest_hash: leaf_hash(&bytes), opened: opened.map(leaf_hash), origin, key, checkpoint })
    }

    /// Compares the fingerprint with the one of the public notice.
    ///
    /// # Errors
    /// [`Failure`]: another one, or none yet.
    pub fn expect(&self, expected: &Fingerprint) -> Result<(), Failure> {
        let Some(opened) = self.opened else {
            return Err(Failure::refused(
                "選挙が開始されるまで指紋はありません。開始後にもう一度実行してください。",
                "there is no fingerprint before the election is open. Run this again when it is.",
            ));
        };
        let found = fingerprint(self.manifest_hash, opened, &self.key.to_bytes());
        if found.matches(expected) {
            return Ok(());
        }
        Err(distrust(
            format!("選挙の指紋が公告と違います（公告: {expected}、この記録: {found}）"),
            format!("the election's fingerprint is not the one of the notice (notice: {expected}, here: {found})"),
        ))
    }

    /// Whether the manifest lists this witness.
    #[must_use]
    pub fn lists(&self, witness: &WitnessKey) -> bool {
        witness_keys(&self.manifest).is_ok_and(|keys| keys.contains(witness))
    }
}

fn manifest_of(bytes: Vec<u8>) -> Result<(Vec<u8>, Box<Manifest>), Failure> {
    match Entry::from_bytes(&bytes).map(|entry| entry.body) {
        Ok(Body::Manifest(manifest)) => Ok((bytes, manifest)),
        Ok(_) => Err(distrust("最初の項目が選挙の定義ではありません", "the first entry is no manifest")),
        Err(error) => Err(distrust(format!("最初の項目を読み取れません: {error}"), format!("the first entry cannot be read: {error}"))),
    }
}

fn is_opened(bytes: &[u8]) -> bool {
    matches!(Entry::from_bytes(bytes).map(|entry| entry.body), Ok(Body::Opened(_)))
}

/// A board at its appliance.
pub struct Online<'a> {
    /// The connection.
    pub client: &'a Client,
    /// The election.
    pub election: ElectionId,
}

impl Online<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/api/v1/elections/{}{rest}", self.election)
    }

    /// Hands a cosigned checkpoint in.
    ///
    /// # Errors
    /// [`Failure`]: no connection, or the appliance's reason.
    pub fn hand_in(&self, cosigned: &str) -> Result<(), Failure> {
        let reply = self.client.post(&self.path("/cosignatures"), cosigned)?;
        if (200..300).contains(&reply.status) { Ok(()) } else { Err(self.client.refusal(&reply)) }
    }
}

impl Board for Online<'_> {
    fn since(&self, old: u64, origin: &Origin, key: &BoardKey) -> Result<(LogCheckpoint, ConsistencyProof), Failure> {
        let Consistency { from: _, hashes, checkpoint } = self.client.json(&self.path(&format!("/consistency?from={old}")))?;
        let proof = ConsistencyProof::from_hashes(hashes.into_iter().map(|hash| hash.hash()).collect());
        Ok((LogCheckpoint::from(&signed(&checkpoint, origin, key)?), proof))
    }

    fn newest(&self, origin: &Origin, key: &BoardKey) -> Result<LogCheckpoint, Failure> {
        let text = self.client.text(&self.path("/checkpoint"))?;
        Ok(LogCheckpoint::from(&signed(&text, origin, key)?))
    }

    fn tree(&self, size: u64) -> Result<Tree, Failure> {
        read_tree(size, Some(Instant::now() + TREE_LIMIT), |tile| self.client.get(&self.path(&format!("/{tile}"))))
    }

    fn pinned(&self) -> Result<Pinned, Failure> {
        let summary: ElectionSummary = self.client.json(&self.path(""))?;
        let leaves: Vec<u64> = std::iter::once(0).chain(summary.opened.map(|leaf| leaf.0)).collect();
        let list = leaves.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let proven: Vec<ProvenEntry> = self.client.json(&self.path(&format!("/proofs?leaves={list}")))?;
        let missing = || distrust("項目が欠けています", "entries are missing");
        let first = proven.first().ok_or_else(missing)?;
        let opened = proven.get(1).map(|opened| opened.entry.0.as_slice());
        let found = Pinned::new(manifest_of(first.entry.0.clone())?, opened, &first.checkpoint)?;
        let head = found.checkpoint.checkpoint();
        if proven.len() != leaves.len() || opened.is_some_and(|bytes| !is_opened(bytes)) {
            return Err(missing());
        }
        for (ProvenEntry { index, entry, hashes, checkpoint }, leaf) in proven.iter().zip(leaves) {
            let proof = InclusionProof::from_hashes(hashes.iter().map(|hash| hash.hash()).collect());
            let included =
                index.0 == leaf && *checkpoint == first.checkpoint && verify_inclusion(leaf_hash(&entry.0), leaf, head.size, &proof, head.root).is_ok();
            if !included {
                return Err(distrust(format!("葉 {leaf} が記録に含まれていません"), format!("leaf {leaf} is not in the board")));
            }
        }
        let host = found.manifest.origin.strip_suffix(&format!("/{}", found.manifest.election));
        if found.manifest.election != self.election || host != Some(self.client.host()) {
            let origin = &found.manifest.origin;
            return Err(distrust(format!("この選挙は別のサーバーのものです（{origin}）"), format!("this election belongs to another server ({origin})")));
        }
        Ok(found)
    }
}

/// A board as the record so far on a stick.
pub struct OnStick {
    record: Record,
}

impl OnStick {
    /// Opens the folder `record` on a stick, or the folder itself if it is a record.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(medium: &Path) -> Result<Self, Failure> {
        let folder = medium.join("record");
        let folder = if folder.is_dir() { folder } else { medium.to_owned() };
        let record = Record::open(&folder).map_err(|failure| Failure::file(&folder, failure))?;
        Ok(Self { record })
    }

    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Failure> {
        self.record.read(path, most).map_err(|failure| Failure::file(Path::new(path), failure))
    }

    fn checkpoint(&self) -> Result<String, Failure> {
        self.record.checkpoint().map_err(|failure| Failure::file(Path::new("checkpoint"), failure))
    }
}

impl Board for OnStick {
    fn since(&self, old: u64, origin: &Origin, key: &BoardKey) -> Result<(LogCheckpoint, ConsistencyProof), Failure> {
        let newest = self.newest(origin, key)?;
        let size = newest.checkpoint().size;
        // The tree is the stick's word; the proof made of it is verified like any other.
        let proof = self.tree(size)?.consistency(old.min(size), size).map_err(|error| distrust(error, error))?;
        Ok((newest, proof))
    }

    fn newest(&self, origin: &Origin, key: &BoardKey) -> Result<LogCheckpoint, Failure> {
        Ok(LogCheckpoint::from(&signed(&self.checkpoint()?, origin, key)?))
    }

    fn tree(&self, size: u64) -> Result<Tree, Failure> {
        let all = self.record.index().size;
        let tree = read_tree(all, None, |tile| self.read(&tile.to_string(), 256 * 32))?;
        if size == all { Ok(tree) } else { Ok((0..size).map_while(|leaf| tree.leaf(leaf)).collect()) }
    }

    fn pinned(&self) -> Result<Pinned, Failure> {
        let size = self.record.index().size;
        let (mut manifest, mut opened) = (None, None);
        for tile in new_tiles(0, size).filter(|tile| tile.kind() == TileKind::Entries) {
            let bytes = self.read(&tile.to_string(), MAX_BUNDLE)?;
            let entries = parse_entry_bundle(&bytes, tile).map_err(|error| distrust(error, error))?;
            if manifest.is_none() {
                manifest = entries.first().map(|first| manifest_of(first.to_vec())).transpose()?;
            }
            opened = entries.iter().find(|entry| is_opened(entry)).map(|entry| entry.to_vec());
            if opened.is_some() {
                break;
            }
        }
        let manifest = manifest.ok_or_else(|| distrust("記録が空です", "the record is empty"))?;
        let found = Pinned::new(manifest, opened.as_deref(), &self.checkpoint()?)?;
        let tree = self.tree(size)?;
        let head = found.checkpoint.checkpoint();
        let inside = |hash| (0..size).any(|leaf| tree.leaf(leaf) == Some(hash));
        let same = tree.len() == head.size && tree.root() == head.root && tree.leaf(0) == Some(found.manifest_hash) && found.opened.is_none_or(inside);
        if same { Ok(found) } else { Err(distrust("記録の木が署名されたものと違います", "the record's tree is not the one that was signed")) }
    }
}

/// The tree of this size from its tiles of leaf hashes. The size is the board's word: what it costs to believe it is bounded.
fn read_tree(size: u64, until: Option<Instant>, read: impl Fn(TileId) -> Result<Vec<u8>, Failure>) -> Result<Tree, Failure> {
    if size > MAX_TREE {
        return Err(distrust(
            format!("{size} 件もある記録は読みません（上限 {MAX_TREE} 件）"),
            format!("a board of {size} entries is not read ({MAX_TREE} at most)"),
        ));
    }
    let level = Level::new(0).map_err(|error| Failure::new(Exit::Incomplete, error.to_string(), error.to_string()))?;
    let mut tree = Tree::new();
    for tile in new_tiles(0, size).filter(|tile| tile.kind() == TileKind::Hashes(level)) {
        if until.is_some_and(|until| Instant::now() >= until) {
            return Err(Failure::new(
                Exit::NoConnection,
                "記録の木を時間内に読み終えられませんでした。次の回にもう一度試します。何も連署していません。",
                "the board's tree could not be read in time. It is tried again in the next round. Nothing was cosigned.",
            ));
        }
        let hashes = parse_hash_tile(&read(tile)?, tile).map_err(|error| distrust(error, error))?;
        for hash in hashes {
            tree.push(hash);
        }
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_a_size_that_no_board_has_is_not_asked_for() {
        let refused = read_tree(1 << 50, None, |tile| panic!("{tile}")).unwrap_err();
        assert!(refused.exit == Exit::Refused && refused.to_string().contains("1125899906842624 entries"), "{refused}");
    }

    #[test]
    fn a_board_that_shows_its_tree_slowly_is_left_for_later() {
        let asked = std::cell::Cell::new(0);
        let until = Instant::now() + Duration::from_millis(200);
        let late = read_tree(1 << 20, Some(until), |_| {
            asked.set(asked.get() + 1);
            std::thread::sleep(Duration::from_millis(50));
            Ok(vec![0; 256 * 32])
        });
        let late = late.unwrap_err();
        assert!(late.exit == Exit::NoConnection && late.to_string().contains("in time") && asked.get() <= 4, "{late} {}", asked.get());
    }
}
