//! A record is what an auditor gets, a folder or one archive: checkpoint, tiles and attachments, listed with their hashes in `record.json`.
//!
//! [`Record`] reads one strictly: a file has its one path, its listed length and hash, and there is no other file (R106, R107).
//! [`RecordWriter`] writes one from a board.

mod source;
mod tar;
mod writer;

pub use tar::{Piece, archive};
pub use writer::{RecordWriter, WriteError};

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{CHECKPOINT_PATH, TileId, new_tiles};
use tachiai_schemas::canonical;
use tachiai_schemas::record::{RECORD_FORMAT, RecordFile, RecordIndex};

use crate::failure::Failure;
use crate::rule::{Breaks, Rule, Violation, require};

use source::{Source, all, unreadable};

/// The name of the index.
pub const INDEX_PATH: &str = "record.json";

/// The longest index that is read, in bytes: room for some hundred million leaves.
const MAX_INDEX: u64 = 256 << 20;

/// The path of an attachment in a record.
#[must_use]
pub fn attachment_path(hash: Hash32) -> String {
    format!("attachments/{hash}")
}

/// The path of the cosignatures of the checkpoint of a size.
#[must_use]
pub fn cosigned_path(size: u64) -> String {
    format!("{COSIGNED}{size}")
}

/// The size in the one spelling of such a path.
#[must_use]
pub fn cosigned_size(path: &str) -> Option<u64> {
    let size = path.strip_prefix(COSIGNED)?.parse().ok()?;
    (size > 0 && cosigned_path(size) == path).then_some(size)
}

/// The folder of the cosignatures.
const COSIGNED: &str = "cosigned/";

/// A record on disk whose index was read and whose files are those of the index.
pub struct Record {
    source: Source,
    index: RecordIndex,
    hash: Hash32,
}

/// What a path of a record is.
enum Kind {
    Checkpoint,
    Tile,
    Attachment,
    Cosigned,
}

impl Kind {
    /// The kind of the one spelling of a path; `None` for what no record holds.
    fn of(path: &str) -> Option<Self> {
        if path == CHECKPOINT_PATH {
            return Some(Self::Checkpoint);
        }
        if let Some(name) = path.strip_prefix("attachments/") {
            return name.parse::<Hash32>().ok().map(|_| Self::Attachment);
        }
        if cosigned_size(path).is_some() {
            return Some(Self::Cosigned);
        }
        path.parse::<TileId>().ok().map(|_| Self::Tile)
    }

    const fn rule(&self) -> Rule {
        match self {
            Self::Attachment => Rule::R106,
            Self::Checkpoint | Self::Tile | Self::Cosigned => Rule::R107,
        }
    }
}

impl Record {
    /// Reads the index and compares it with the files that are there, without reading them. A folder is a record, and so is an archive of one.
    ///
    /// # Errors
    /// [`Incomplete`](crate::Incomplete) if a file is missing or unreadable; a [`Violation`] of R107 for an index, a folder or an archive that is not in the
    /// one form.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        let (source, bytes) = Source::open(root)?;
        let index: RecordIndex = canonical::from_bytes(&bytes).map_err(|error| Violation::of_record(Rule::R107, format!("{INDEX_PATH}: {error}")))?;
        let (length, hash) = (bytes.len() as u64, Hash32::sha256(&bytes));
        drop(bytes);
        listed(&index)?;
        let mut record = Self { source, index, hash };
        record.source.compare(&record.index, length)?;
        Ok(record)
    }

    /// The index.
    #[must_use]
    pub const fn index(&self) -> &RecordIndex {
        &self.index
    }

    /// The names of the attachments, ascending.
    pub fn attachments(&self) -> impl Iterator<Item = Hash32> {
        self.index.files.iter().filter_map(|file| file.path.strip_prefix("attachments/")?.parse().ok())
    }

    /// The SHA-256 of `record.json`, which says what every other file is.
    #[must_use]
    pub const fn hash(&self) -> Hash32 {
        self.hash
    }

    /// The sizes of which there are cosignatures.
    pub fn cosigned(&self) -> impl Iterator<Item = u64> {
        self.index.files.iter().filter_map(|file| cosigned_size(&file.path))
    }

    /// Reads a file of at most `most` bytes and checks its length and hash.
    ///
    /// # Errors
    /// [`Incomplete`](crate::Incomplete); a [`Violation`] of R106 (attachments) or R107 for a file that is not listed or not as listed.
    pub fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Failure> {
        let (listed, reader) = self.reader(path, most)?;
        let bytes = all(reader, path)?;
        if bytes.len() as u64 == listed.bytes && Hash32::sha256(&bytes) == listed.sha256.hash() { Ok(bytes) } else { Err(other(path)) }
    }

    /// As [`Self::read`], without a look at the hash.
    pub(crate) fn peek(&self, path: &str, most: u64) -> Result<Vec<u8>, Failure> {
        let (_, reader) = self.reader(path, most)?;
        all(reader, path)
    }

    /// Reads a file of pieces of `N` bytes without keeping it, and gives each to `take`; what remains at the end comes back. The hash is checked then.
    ///
    /// # Errors
    /// As [`Self::read`], and those of `take`.
    pub fn each<const N: usize>(&self, path: &str, most: u64, mut take: impl FnMut(&[u8; N]) -> Result<(), Failure>) -> Result<usize, Failure> {
        let (listed, mut reader) = self.reader(path, most)?;
        let mut hasher = Sha256::new();
        let mut length = 0;
        let mut buffer = vec![0; N * 1024];
        let mut filled = 0;
        loop {
            let read = reader.read(buffer.get_mut(filled..).unwrap_or_default()).map_err(|error| unreadable(path, error))?;
            hasher.update(buffer.get(filled..filled + read).unwrap_or_default());
            length += read as u64;
            filled += read;
            if read > 0 && filled < buffer.len() {
                continue;
            }
            let (pieces, rest) = buffer.get(..filled).unwrap_or_default().as_chunks::<N>();
            pieces.iter().try_for_each(&mut take)?;
            if read == 0 {
                let same = length == listed.bytes && Hash32::from_bytes(hasher.finalize().into()) == listed.sha256.hash();
                return if same { Ok(rest.len()) } else { Err(other(path)) };
            }
            filled = 0;
        }
    }

    fn reader(&self, path: &str, most: u64) -> Result<(&RecordFile, Box<dyn Read + '_>), Failure> {
        let rule = rule_of(path);
        let (place, listed) = find(&self.index, path).ok_or_else(|| Violation::of_record(rule, format!("{path} is not in the record")))?;
        if listed.bytes > most {
            return Err(Violation::of_record(rule, format!("{path} has {} bytes, at most {most} belong there", listed.bytes)).into());
        }
        let reader = self.source.reader(place, listed)?.ok_or_else(|| other(path))?;
        Ok((listed, reader))
    }

    /// Reads an attachment by its hash.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn attachment(&self, hash: Hash32, most: u64) -> Result<Vec<u8>, Failure> {
        self.read(&self.path_of(hash)?, most)
    }

    /// The path of an attachment, whose listed hash is its name.
    ///
    /// # Errors
    /// A [`Violation`] of R106.
    pub fn path_of(&self, attachment: Hash32) -> Result<String, Violation> {
        let path = attachment_path(attachment);
        match find(&self.index, &path).map(|(_, file)| file.sha256.hash()) {
            None => Err(Violation::of_record(Rule::R106, format!("{path} is not in the record"))),
            Some(found) if found != attachment => Err(Violation::of_record(Rule::R106, format!("{path} has another hash"))),
            Some(_) => Ok(path),
        }
    }

    /// Reads the signed checkpoint, not verified yet.
    ///
    /// # Errors
    /// As [`Self::read`], and a [`Violation`] of R102 if it is not text.
    pub fn checkpoint(&self) -> Result<String, Failure> {
        Ok(String::from_utf8(self.read(CHECKPOINT_PATH, 4096)?).breaks(Rule::R102)?)
    }
}

/// Whether a record is refuted only because a file lies in its folder that does not belong to it, such as one that a computer's file manager left there.
#[must_use]
pub fn is_stray_file(violation: &Violation) -> bool {
    violation.rule == Rule::R107 && violation.detail.ends_with(source::STRAY)
}

fn rule_of(path: &str) -> Rule {
    Kind::of(path).map_or(Rule::R107, |kind| kind.rule())
}

fn other(path: &str) -> Failure {
    Violation::of_record(rule_of(path), format!("{path} is not the file that is listed")).into()
}

/// R107: the index lists what a record of its size holds.
fn listed(RecordIndex { format, origin: _, size, files }: &RecordIndex) -> Result<(), Violation> {
    require!(format == RECORD_FORMAT, R107, "the format is \"{format}\", this program knows \"{RECORD_FORMAT}\"");
    require!(files.is_sorted_by(|a, b| a.path < b.path), R107, "the paths do not ascend");
    let (mut tiles, mut checkpoint) = (0, false);
    for RecordFile { path, .. } in files {
        match Kind::of(path) {
            None => return Err(Violation::of_record(Rule::R107, format!("no record holds a file \"{}\"", path.escape_default()))),
            Some(Kind::Tile) => tiles += 1,
            Some(Kind::Checkpoint) => checkpoint = true,
            Some(Kind::Attachment | Kind::Cosigned) => {}
        }
    }
    require!(checkpoint, R107, "there is no checkpoint");
    // Before the tiles of the size are enumerated, the size is held against the number of files, which bounds it.
    require!(size.div_ceil(256) <= files.len() as u64, R107, "{} files are too few for {size} leaves", files.len());
    let mut expected = 0;
    for tile in new_tiles(0, *size) {
        require!(files.binary_search_by(|file| file.path.as_str().cmp(&tile.to_string())).is_ok(), R107, "{tile} is not listed");
        expected += 1;
    }
    require!(tiles == expected, R107, "{tiles} tiles are listed where {size} leaves have {expected}");
    Ok(())
}

/// The file of a path, with its place in the index, whose paths ascend.
fn find<'a>(index: &'a RecordIndex, path: &str) -> Option<(usize, &'a RecordFile)> {
    let place = index.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
    Some((place, index.files.get(place)?))
}
