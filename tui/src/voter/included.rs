//! One entry of a board, checked to be where the signed checkpoint says it is.

use tachiai_crypto::election::context::fingerprint;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Checkpoint, InclusionProof, Origin, SignedCheckpoint, leaf_hash, verify_inclusion};
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{ElectionSummary, Entries, ProvenEntry};
use tachiai_schemas::{ElectionId, LeafIndex};

use super::chain::distrust;
use crate::client::Client;
use crate::failure::Failure;

/// The most entries that the server gives at once.
pub const MOST: u64 = 256;

/// An entry of a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Where it stands.
    pub index: LeafIndex,
    /// What it says.
    pub entry: Entry,
    /// The hash of its leaf.
    pub hash: Hash32,
}

/// An entry that is included in a board.
pub struct Included {
    /// It.
    pub leaf: Leaf,
    /// The board that includes it, by the checkpoint that the board's key signed.
    pub checkpoint: Checkpoint,
    /// The fingerprint of the election, to be compared with the public notice; none before the opening.
    pub fingerprint: Option<String>,
}

/// Entries of a board from one of them on, as the server tells them; nothing is checked.
///
/// # Errors
/// [`Failure`].
pub fn leaves(client: &Client, election: ElectionId, from: u64, count: u64) -> Result<Vec<Leaf>, Failure> {
    let page: Entries = client.get(&format!("/api/v1/elections/{election}/entries?from={from}&count={}", count.min(MOST)), None)?;
    let leaf = |(index, bytes): (u64, &[u8])| {
        let entry = Entry::from_bytes(bytes).map_err(|e| distrust(&e, &e))?;
        Ok(Leaf { index: LeafIndex(index), entry, hash: leaf_hash(bytes) })
    };
    (page.from.0..).zip(page.entries.iter().map(|bytes| bytes.0.as_slice())).map(leaf).collect()
}

/// Checks that an entry is included in the newest checkpoint, that the key of the manifest signed the checkpoint, and that the manifest itself is included too. Where
/// somebody saw it before, it is the one with the hash that they saw.
///
/// # Errors
/// [`Failure`] with exit 1 when something does not hold.
pub fn included(client: &Client, election: ElectionId, index: LeafIndex, seen: Option<Hash32>) -> Result<Included, Failure> {
    let summary: ElectionSummary = client.get(&format!("/api/v1/elections/{election}"), None)?;
    let leaves = [Some(LeafIndex(0)), summary.opened, Some(index)];
    let list = leaves.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let proven: Vec<ProvenEntry> = client.get(&format!("/api/v1/elections/{election}/proofs?leaves={list}"), None)?;
    let missing = || distrust("掲示板の項目が欠けています", "entries of the board are missing");
    if !proven.iter().map(|proven| proven.index).eq(leaves.iter().flatten().copied()) {
        return Err(missing());
    }
    let read = |proven: &ProvenEntry| -> Result<Leaf, Failure> {
        let entry = Entry::from_bytes(&proven.entry.0).map_err(|e| distrust(&e, &e))?;
        Ok(Leaf { index: proven.index, entry, hash: leaf_hash(&proven.entry.0) })
    };
    let (first, last) = (proven.first().ok_or_else(missing)?, proven.last().ok_or_else(missing)?);
    let manifest_leaf = read(first)?;
    let Body::Manifest(manifest) = &manifest_leaf.entry.body else {
        return Err(distrust("掲示板が選挙の告示から始まっていません", "the board does not begin with a manifest"));
    };
    if manifest.election != election || manifest.origin != format!("{}/{election}", client.host()) {
        return Err(distrust(
            format!("この選挙は別のサーバーのものです（{}）", manifest.origin),
            format!("this election belongs to another server ({})", manifest.origin),
        ));
    }
    let origin = Origin::new(&manifest.origin).map_err(|e| distrust(&e, &e))?;
    let key = BoardKey::from_bytes(&manifest.board_key.0).map_err(|e| distrust(e, e))?;
    let signed = SignedCheckpoint::parse_and_verify(&first.checkpoint, &origin, &key).map_err(|e| distrust(&e, &e))?;
    let head = signed.checkpoint();
    for ProvenEntry { index, entry, hashes, checkpoint } in &proven {
        if *checkpoint != first.checkpoint {
            return Err(distrust("証明ごとに違うチェックポイントが示されました", "the proofs are of different checkpoints"));
        }
        let proof = InclusionProof::from_hashes(hashes.iter().map(|hash| hash.hash()).collect());
        verify_inclusion(leaf_hash(&entry.0), index.0, head.size, &proof, head.root).map_err(|e| distrust(e, e))?;
    }
    let opened = summary.opened.and_then(|_| proven.get(1)).map(|proven| leaf_hash(&proven.entry.0));
    let fingerprint = opened.map(|opened| fingerprint(manifest_leaf.hash, opened, &manifest.board_key.0).to_string());
    let leaf = read(last)?;
    as_seen(&leaf, seen)?;
    Ok(Included { leaf, checkpoint: head.clone(), fingerprint })
}

/// Whether an entry is the one that was listed.
fn as_seen(leaf: &Leaf, seen: Option<Hash32>) -> Result<(), Failure> {
    let index = leaf.index;
    match seen {
        Some(seen) if seen != leaf.hash => Err(distrust(
            format!("一覧に表示された {index} 番の項目と、掲示板に含まれている {index} 番の項目が違います"),
            format!("entry {index} as it was listed is not the entry {index} that the board includes"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Timestamp;
    use tachiai_schemas::election::{CloseReason, Closed};

    use super::*;

    #[test]
    fn an_entry_that_was_listed_with_another_hash_is_not_said_to_be_included() {
        let at: Timestamp = "2026-11-26T00:00:00Z".parse().unwrap();
        let leaf =
            Leaf { index: LeafIndex(7), entry: Entry { at, body: Body::OnlineClosed(Closed { reason: CloseReason::Early }) }, hash: Hash32::sha256(b"entry") };
        assert!(as_seen(&leaf, None).is_ok() && as_seen(&leaf, Some(leaf.hash)).is_ok());
        assert!(as_seen(&leaf, Some(Hash32::sha256(b"another"))).is_err());
    }
}
