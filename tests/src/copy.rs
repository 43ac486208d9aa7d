//! A copy of a board, made of what anybody may read, with every entry checked as the verifier checks it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use tachiai::client::Client;
use tachiai_crypto::journal::{Checkpoint, LogProof, SignedCheckpoint, Tree, leaf_hash};
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{BallotStatus, Entries, Receipt};
use tachiai_schemas::{ElectionId, LeafIndex};
use tachiai_verify::{Board, Lookup, discharge};

/// The copy.
pub struct BoardCopy {
    /// Which election.
    pub election: ElectionId,
    /// The fold of the entries.
    pub board: Board,
    /// Their tree.
    pub tree: Tree,
    /// The entries, byte for byte.
    pub entries: Vec<Vec<u8>>,
}

impl BoardCopy {
    /// Copies a board.
    pub fn fetch(client: &Client, election: ElectionId) -> BoardCopy {
        let mut copy = BoardCopy { election, board: Board::new(Lookup::ByHash), tree: Tree::new(), entries: Vec::new() };
        copy.read(client, 1);
        copy.follow(client);
        copy
    }

    /// Copies what is new, and checks that the board extends the copy: the newest checkpoint covers the old entries as they were.
    pub fn follow(&mut self, client: &Client) -> SignedCheckpoint {
        let text = String::from_utf8(client.get_bytes(&format!("/api/v1/elections/{}/checkpoint", self.election)).unwrap()).unwrap();
        let (origin, key) = (self.board.origin().unwrap().clone(), self.board.board_key().unwrap());
        let signed = SignedCheckpoint::parse_and_verify(&text, &origin, &key).unwrap();
        self.read(client, signed.checkpoint().size);
        self.assert_covers(signed.checkpoint());
        signed
    }

    fn read(&mut self, client: &Client, size: u64) {
        let mut obligations = Vec::new();
        while self.tree.len() < size {
            let (from, count) = (self.tree.len(), (size - self.tree.len()).min(256));
            let page: Entries = client.get(&format!("/api/v1/elections/{}/entries?from={from}&count={count}", self.election), None).unwrap();
            assert!(page.from.0 == from && !page.entries.is_empty(), "entries {from} and after are not told");
            for bytes in page.entries {
                let entry = Entry::from_bytes(&bytes.0).unwrap();
                if let Body::Opened(opened) = &entry.body {
                    let name = opened.roll.file.hash();
                    let roll = client.get_bytes(&format!("/api/v1/elections/{}/record/attachments/{name}", self.election)).unwrap();
                    self.board.attach_roll(&roll).unwrap();
                }
                let (leaf, hash) = (LeafIndex(self.tree.len()), leaf_hash(&bytes.0));
                obligations.push(self.board.check(leaf, hash, &entry, &self.tree).unwrap());
                self.board.apply(leaf, hash, &entry);
                self.tree.push(hash);
                self.entries.push(bytes.0);
            }
        }
        for outcome in discharge(&obligations, &mut rand_core::OsRng) {
            outcome.unwrap();
        }
    }

    /// A checkpoint that was seen anywhere is one of this board.
    #[track_caller]
    pub fn assert_covers(&self, checkpoint: &Checkpoint) {
        assert!(checkpoint.size <= self.tree.len(), "a checkpoint of size {} was seen, the board has {}", checkpoint.size, self.tree.len());
        assert_eq!(self.tree.root_at(checkpoint.size).unwrap(), checkpoint.root, "the board does not extend its checkpoint of size {}", checkpoint.size);
    }

    /// What was acknowledged is on the board, where the receipt says, and the receipt's checkpoint is one of this board.
    #[track_caller]
    pub fn assert_holds(&self, receipt: &Receipt) {
        let leaf = receipt.leaf.0;
        assert_eq!(self.tree.leaf(leaf).map(Into::into), Some(receipt.leaf_hash), "what was acknowledged at leaf {leaf} is not there");
        let proof: LogProof = receipt.proof.parse().unwrap();
        let checkpoint = proof.verify(receipt.leaf_hash.hash(), self.board.origin().unwrap(), &self.board.board_key().unwrap()).unwrap();
        self.assert_covers(&checkpoint);
        if let Some(ballot) = receipt.ballot {
            let at = match self.board.ballot_status(ballot.hash()).expect("an acknowledged ballot is on the board") {
                BallotStatus::Counted { leaf }
                | BallotStatus::Superseded { leaf, .. }
                | BallotStatus::Challenged { leaf, .. }
                | BallotStatus::Overridden { leaf, .. } => leaf,
            };
            assert_eq!(at, receipt.leaf);
        }
    }
}
