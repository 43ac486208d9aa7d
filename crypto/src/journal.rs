//! A journal is an append-only sequence of byte strings under one Merkle tree, and a signed checkpoint is its
//! owner's word for what the sequence is.
//!
//! | file | is | defined by |
//! |---|---|---|
//! | [`tree`] | the tree: leaf and node hashes, proofs of inclusion and consistency | RFC 6962 §2.1, RFC 9162 §2.1 |
//! | [`frontier`] | the same root computed in one pass, with memory for its right edge only | RFC 6962 §2.1 |
//! | [`checkpoint`] | size and root, signed by the board key | C2SP signed-note, tlog-checkpoint |
//! | [`together`] | many signatures of such keys at once | RFC 8032, PROTOCOL §2.4 |
//! | [`cosignature`] | witnesses' signatures under a checkpoint | C2SP tlog-cosignature |
//! | [`note`] | a checkpoint of any log, as a witness reads it | C2SP signed-note, tlog-checkpoint |
//! | [`tiles`] | the tree and its entries as static files | C2SP tlog-tiles |
//! | [`proof`] | a receipt: index, inclusion proof and checkpoint in one text | C2SP tlog-proof |
//!
//! An entry is at most [`MAX_ENTRY_LEN`] bytes, since an entry bundle gives its length 16 bits. Entries are
//! numbered from 0; the number is the leaf index.
//!
//! Nothing here reads or writes files: paths and contents come out, the daemon stores them.

pub mod checkpoint;
pub mod cosignature;
pub mod frontier;
pub mod note;
pub mod proof;
pub mod tiles;
pub mod together;
pub mod tree;

pub use checkpoint::{BoardKey, BoardSecretKey, Checkpoint, CheckpointError, KeyError, Origin, SignatureError, SignedCheckpoint};
pub use cosignature::{Cosignature, CosignatureError, CosignedCheckpoint, NoteKeyError, WitnessKey, WitnessSecretKey};
pub use frontier::Frontier;
pub use note::{LogCheckpoint, NoteError};
pub use proof::{LogProof, LogProofError};
pub use tree::{ConsistencyProof, InclusionProof, ProofError, Tree, TreeError, empty_root, leaf_hash, old_root_shown, verify_consistency, verify_inclusion};

/// The greatest length of an entry, in bytes.
pub const MAX_ENTRY_LEN: usize = 65_535;
