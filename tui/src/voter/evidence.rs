//! The file that shows to anyone that a receipt and the board are of two boards of one key (PROTOCOL §10.9).

use tachiai_crypto::journal::tiles::{Level, TileKind, new_tiles, parse_hash_tile};
use tachiai_crypto::journal::{LogProof, SignedCheckpoint, Tree};
use tachiai_schemas::fork::ForkEvidence;
use tachiai_schemas::receipt::Receipt;
use tachiai_verify::fork::{Of, evidence};

use super::chain::distrust;
use super::{Pinned, consistency};
use crate::client::Client;
use crate::failure::Failure;

impl Pinned {
    /// Compares the receipt's checkpoint with the board's own tree; `None` if the board has it, or is too small to tell.
    ///
    /// # Errors
    /// [`Failure`] when the board cannot be read.
    pub fn evidence(&self, client: &Client, receipt: &Receipt) -> Result<Option<ForkEvidence>, Failure> {
        let proof: LogProof = receipt.proof.parse().map_err(|e| distrust(&e, &e))?;
        let signed = |text: &str| SignedCheckpoint::parse_and_verify(text, &self.origin, &self.board_key).map_err(|e| distrust(&e, &e));
        let seen = signed(&proof.checkpoint)?;
        let newest = signed(&consistency(client, self.election, self.opened_leaf.0 + 1)?.checkpoint)?;
        let mut tree = Tree::new();
        let level = Level::new(0).map_err(|e| distrust(e, e))?;
        for tile in new_tiles(0, newest.checkpoint().size).filter(|tile| tile.kind() == TileKind::Hashes(level)) {
            let bytes = client.get_bytes(&format!("/api/v1/elections/{}/{tile}", self.election))?;
            for hash in parse_hash_tile(&bytes, tile).map_err(|e| distrust(e, e))? {
                tree.push(hash);
            }
        }
        let of = Of { manifest: self.manifest_hash, opened: Some(self.opened_hash), board_key: self.board_key };
        Ok(evidence(&of, &seen, &tree, &newest))
    }
}
