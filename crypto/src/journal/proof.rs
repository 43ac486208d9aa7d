//! A receipt in one text: the index of an entry, the proof that a checkpoint includes it, and the signed
//! checkpoint (C2SP tlog-proof).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64>
//! index <number>
//! <hash in base64>          from the leaf's sibling up to the root's child
//!
//! <signed checkpoint>
//! ```
//!
//! The line `extra` may be missing. Whoever holds the entry (or its leaf hash) and the board key verifies the
//! rest offline. What stands in `extra` is not covered by any proof: it is a convenience, never evidence.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;

use super::checkpoint::{BoardKey, Checkpoint, CheckpointError, Origin, SignedCheckpoint, parse_base64_hash, parse_decimal};
use super::tree::{InclusionProof, MAX_PROOF_LEN, ProofError, verify_inclusion};
use crate::hash::Hash32;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The longest text that is looked at as a proof, in bytes: a path of 65 hashes, a checkpoint and 64 KiB of
/// extra data in base64.
const MAX_TEXT_LEN: usize = 100_000;

/// A parsed proof text; nothing about it is true until [`LogProof::verify`] says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// Opaque data of the application, not authenticated.
    pub extra: Option<Vec<u8>>,
    /// The index of the entry, from 0.
    pub index: u64,
    /// The inclusion proof, from the leaf's sibling up.
    pub hashes: Vec<Hash32>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
}

impl LogProof {
    /// Joins an inclusion proof and the checkpoint at whose size it was made.
    #[must_use]
    pub fn new(index: u64, proof: InclusionProof, checkpoint: &SignedCheckpoint) -> Self {
        Self { extra: None, index, hashes: proof.into_hashes(), checkpoint: checkpoint.as_str().to_owned() }
    }

    /// Verifies that the entry with this leaf hash stands at `self.index` under a checkpoint of `origin` signed
    /// by `key`, and returns the checkpoint.
    ///
    /// # Errors
    /// [`LogProofError::Checkpoint`] or [`LogProofError::Proof`], whichever does not hold.
    pub fn verify(&self, leaf: Hash32, origin: &Origin, key: &BoardKey) -> Result<Checkpoint, LogProofError> {
        // The extra data takes no part: it is not authenticated by anything.
        let Self { extra: _, index, hashes, checkpoint } = self;
        let signed = SignedCheckpoint::parse_and_verify(checkpoint, origin, key)?;
        let Checkpoint { size, root, .. } = signed.checkpoint();
        verify_inclusion(leaf, *index, *size, &InclusionProof::from_hashes(hashes.clone()), *root)?;
        Ok(signed.checkpoint().clone())
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { extra, index, hashes, checkpoint } = self;
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = extra {
            writeln!(f, "extra {}", BASE64.encode(extra))?;
        }
        writeln!(f, "index {index}")?;
        for hash in hashes {
            writeln!(f, "{}", BASE64.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{checkpoint}")
    }
}

impl FromStr for LogProof {
    type Err = LogProofError;

    /// Parses a proof text. What is accepted is written back byte for byte by `Display`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_TEXT_LEN {
            return Err(LogProofError::Malformed("longer than any proof"));
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(LogProofError::Malformed("no blank line before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(LogProofError::Malformed("the first line is not c2sp.org/tlog-proof@v1"));
        }
        let mut line = lines.next();
        let extra = match line.and_then(|line| line.strip_prefix("extra ")) {
            Some(data) => {
                let data = BASE64.decode(data.as_bytes()).map_err(|_| LogProofError::Malformed("the extra data is not in base64"))?;
                line = lines.next();
                Some(data)
            }
            None => None,
        };
        let index = line.and_then(|line| line.strip_prefix("index ")).and_then(parse_decimal).ok_or(LogProofError::Malformed("no line with the index"))?;
        let hashes =
            lines.map(|line| parse_base64_hash(line).ok_or(LogProofError::Malformed("a hash is not 32 bytes in base64"))).collect::<Result<Vec<_>, _>>()?;
        if hashes.len() > MAX_PROOF_LEN {
            return Err(LogProofError::Malformed("more hashes than any tree is high"));
        }
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }
}

/// Why a text is not a proof, or does not prove.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// Not the one accepted form.
    #[error("not a proof text: {0}")]
    Malformed(&'static str),
    /// The checkpoint is not one of this journal.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint does not include the entry at this index.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;
    use crate::journal::{BoardSecretKey, Tree, leaf_hash};

    fn secret() -> BoardSecretKey {
        BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(1))
    }

    fn origin() -> Origin {
        Origin::new("vote.city.example/mayor-2027").unwrap()
    }

    fn receipt(index: u64, size: u64) -> (Hash32, LogProof) {
        let tree: Tree = (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let signed = secret().sign(&Checkpoint { origin: origin(), size, root: tree.root() });
        (tree.leaf(index).unwrap(), LogProof::new(index, tree.inclusion(index, size).unwrap(), &signed))
    }

    #[test]
    fn a_receipt_verifies_with_nothing_but_the_leaf_and_the_key() {
        let (leaf, proof) = receipt(5, 11);
        let read: LogProof = proof.to_string().parse().unwrap();
        let checkpoint = read.verify(leaf, &origin(), &secret().public()).unwrap();
        assert_eq!(checkpoint.size, 11);
    }

    #[test]
    fn a_receipt_of_another_leaf_index_key_or_origin_is_refused() {
        let (leaf, proof) = receipt(5, 11);
        let key = secret().public();
        assert_eq!(proof.verify(leaf_hash(b"other"), &origin(), &key), Err(LogProofError::Proof(ProofError::WrongRoot)));
        let moved = LogProof { index: 4, ..proof.clone() };
        assert_eq!(moved.verify(leaf, &origin(), &key), Err(LogProofError::Proof(ProofError::WrongRoot)));
        let outside = LogProof { index: 11, ..proof.clone() };
        assert!(matches!(outside.verify(leaf, &origin(), &key), Err(LogProofError::Proof(ProofError::NoSuchLeaf { .. }))));
        let other = BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(2)).public();
        assert!(matches!(proof.verify(leaf, &origin(), &other), Err(LogProofError::Checkpoint(_))));
        let elsewhere = Origin::new("elsewhere").unwrap();
        assert!(matches!(proof.verify(leaf, &elsewhere, &key), Err(LogProofError::Checkpoint(_))));
    }

    #[test]
    fn the_only_entry_needs_no_hashes() {
        let (leaf, proof) = receipt(0, 1);
        assert!(proof.hashes.is_empty());
        let read: LogProof = proof.to_string().parse().unwrap();
        assert!(read.verify(leaf, &origin(), &secret().public()).is_ok());
    }

    #[test]
    fn other_spellings_are_refused() {
        let text = receipt(5, 11).1.to_string();
        for (from, to) in [
            ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
            ("index 5", "index 05"),
            ("index 5", "index +5"),
            ("index 5", "index  5"),
            ("index 5", "Index 5"),
            ("index 5", "index 5 "),
            ("index 5", "index 5\r"),
            ("index 5", "index 5\nindex 5"),
            ("index 5", "extra x\nindex 5"),
            ("index 5", "extra AA=\nindex 5"),
            ("index 5", "extra AB==\nindex 5"),
            ("index 5", "extra AA==\nextra AA==\nindex 5"),
            ("=\n\n", "\n\n"),
            ("=\n\n", "=\n"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            // The last change makes the checkpoint's own blank line the first one, so that the head is wrong.
            assert!(matches!(changed.parse::<LogProof>(), Err(LogProofError::Malformed(_))), "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn more_hashes_than_a_tree_is_high_are_refused() {
        let proof = LogProof { hashes: vec![Hash32::ZERO; 66], ..receipt(0, 1).1 };
        assert!(matches!(proof.to_string().parse::<LogProof>(), Err(LogProofError::Malformed(_))));
    }

    proptest! {
        #[test]
        fn a_proof_survives_its_text(
            extra in prop::option::of(prop::collection::vec(any::<u8>(), 0..50)),
            index: u64,
            hashes in prop::collection::vec(any::<[u8; 32]>(), 0..=65),
            checkpoint in "[ -~\n]{0,80}",
        ) {
            let hashes = hashes.into_iter().map(Hash32::from_bytes).collect();
            let proof = LogProof { extra, index, hashes, checkpoint };
            prop_assert_eq!(proof.to_string().parse(), Ok(proof));
        }

        #[test]
        fn every_text_that_parses_is_written_back_exactly(at in any::<prop::sample::Index>(), byte in 0_u8..128) {
            let mut bytes = receipt(5, 11).1.to_string().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Some(proof) = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse::<LogProof>().ok()) {
                prop_assert_eq!(proof.to_string().into_bytes(), bytes);
            }
        }
    }
}
