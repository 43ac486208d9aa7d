//! The bytes of a segment file: a header that says where it belongs, then one frame an entry.
//!
//! ```text
//! header   8  "TACHIAIJ"
//!          4  version, 1
//!          8  sequence number of the first entry
//!         32  hash of the journal's id
//!         32  chain hash before the first entry
//!          4  CRC-32C of all before
//!
//! frame    4  length of the entry; the highest bit marks the last frame of a batch
//!          8  sequence number
//!          8  sequence number of the first entry of the batch
//!          n  the entry
//!         32  chain hash: tagged("journal/chain", [chain hash before, entry])
//!          4  CRC-32C of all of the frame before
//! ```
//!
//! Integers are big-endian. The chain begins with `tagged("journal/chain-start", [id])`. The CRC tells a torn write
//! from a whole one; the chain tells the journal that was written from any other. The batch's number in every
//! frame tells whether anything was written after a broken frame *was synced*: a frame of a later batch.

use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::MAX_ENTRY_LEN;
use tachiai_crypto::labels;

use super::JournalId;

const MAGIC: &[u8; 8] = b"TACHIAIJ";
const VERSION: u32 = 1;
const LAST_OF_BATCH: u32 = 1 << 31;

/// The length of a header, in bytes.
pub const HEADER_LEN: usize = 88;
/// What comes before the entry in a frame, in bytes.
const HEAD_LEN: usize = 20;
/// What comes after the entry in a frame, in bytes.
const TAIL_LEN: usize = 36;
/// What a frame takes besides its entry, in bytes.
pub const FRAME_OVERHEAD: usize = HEAD_LEN + TAIL_LEN;

/// The chain hash before the first entry of a journal.
#[must_use]
pub fn chain_start(id: &JournalId) -> Hash32 {
    tagged(labels::hash::JOURNAL_CHAIN_START, &[id.as_str().as_bytes()])
}

/// The chain hash after `entry`.
#[must_use]
pub fn chain_next(before: Hash32, entry: &[u8]) -> Hash32 {
    tagged(labels::hash::JOURNAL_CHAIN, &[before.as_bytes(), entry])
}

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The sequence number of its first entry.
    pub first_seq: u64,
    /// The hash of the journal's id.
    pub id: Hash32,
    /// The chain hash before its first entry.
    pub chain: Hash32,
}

impl Header {
    /// The header of a segment of this journal.
    #[must_use]
    pub fn new(id: &JournalId, first_seq: u64, chain: Hash32) -> Self {
        Self { first_seq, id: tagged(labels::hash::JOURNAL_ID, &[id.as_str().as_bytes()]), chain }
    }

    /// The 88 bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { first_seq, id, chain } = self;
        let mut bytes = Vec::with_capacity(HEADER_LEN);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.extend_from_slice(&first_seq.to_be_bytes());
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(chain.as_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
        bytes
    }

    /// Reads a header from the beginning of a file; nothing if that is not an intact one of this version.
    #[must_use]
    pub fn decode(file: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEADER_LEN] = file.first_chunk()?;
        let header = Self {
            first_seq: u64::from_be_bytes(*bytes[12..].first_chunk()?),
            id: Hash32::from_bytes(*bytes[20..].first_chunk()?),
            chain: Hash32::from_bytes(*bytes[52..].first_chunk()?),
        };
        // One header has one encoding, which covers magic, version and CRC.
        (header.encode() == bytes).then_some(header)
    }
}

/// Where an entry stands in its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// More entries of the batch follow.
    Within,
    /// The last entry of its batch.
    Last,
}

/// One entry in a segment, intact by its CRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The sequence number of the entry.
    pub seq: u64,
    /// The sequence number of the first entry of its batch.
    pub batch: u64,
    /// Its place in the batch.
    pub position: Position,
    /// The entry.
    pub entry: &'a [u8],
    /// The chain hash after it.
    pub chain: Hash32,
}

impl<'a> Frame<'a> {
    /// The length in a file, in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a frame is never empty")]
    pub fn len(&self) -> usize {
        FRAME_OVERHEAD + self.entry.len()
    }

    /// Appends the bytes of the frame. The entry is at most [`MAX_ENTRY_LEN`] bytes.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { seq, batch, position, entry, chain } = self;
        let start = bytes.len();
        let mark = match position {
            Position::Within => 0,
            Position::Last => LAST_OF_BATCH,
        };
        bytes.extend_from_slice(&(entry.len() as u32 | mark).to_be_bytes());
        bytes.extend_from_slice(&seq.to_be_bytes());
        bytes.extend_from_slice(&batch.to_be_bytes());
        bytes.extend_from_slice(entry);
        bytes.extend_from_slice(chain.as_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(&bytes[start..]).to_be_bytes());
    }

    /// Reads a frame from the beginning of `bytes`; nothing if there is no intact one.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let marked = u32::from_be_bytes(*bytes.first_chunk()?);
        let length = usize::try_from(marked & !LAST_OF_BATCH).ok().filter(|length| *length <= MAX_ENTRY_LEN)?;
        let bytes = bytes.get(..FRAME_OVERHEAD + length)?;
        let (body, crc) = bytes.split_last_chunk()?;
        if crc32c::crc32c(body) != u32::from_be_bytes(*crc) {
            return None;
        }
        let (body, chain) = body.split_last_chunk()?;
        Some(Self {
            seq: u64::from_be_bytes(*body[4..].first_chunk()?),
            batch: u64::from_be_bytes(*body[12..].first_chunk()?),
            position: if marked & LAST_OF_BATCH == 0 { Position::Within } else { Position::Last },
            entry: body.get(HEAD_LEN..)?,
            chain: Hash32::from_bytes(*chain),
        })
    }

    /// Looks for an intact frame of a batch after `batch`, anywhere in `bytes`, and gives its offset.
    #[must_use]
    pub fn find_later(bytes: &[u8], batch: u64) -> Option<usize> {
        (0..bytes.len()).find(|&at| {
            let rest = &bytes[at..];
            // The numbers are looked at before the CRC is computed, which is what takes time.
            let plausible = rest.get(4..HEAD_LEN).is_some_and(|head| {
                let (seq, first) = head.split_at(8);
                seq >= first && first > batch.to_be_bytes().as_slice()
            });
            plausible && Frame::decode(rest).is_some()
        })
    }
}
