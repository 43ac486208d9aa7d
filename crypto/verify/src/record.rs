//! A record is the folder that an auditor gets: checkpoint, tiles and attachments, listed with their hashes in `record.json`.
//!
//! [`RecordDir`] reads one strictly: a file has its one path, its listed length and hash, and there is no other file (R106, R107).
//! [`RecordWriter`] writes one from a board.

mod writer;

pub use writer::{RecordWriter, WriteError};

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{CHECKPOINT_PATH, TileId, new_tiles};
use tachiai_schemas::canonical;
use tachiai_schemas::record::{RECORD_FORMAT, RecordFile, RecordIndex};

use crate::failure::{Failure, Incomplete};
use crate::rule::{Breaks, Rule, Violation, require};

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
pub struct RecordDir {
    root: PathBuf,
    index: RecordIndex,
    places: HashMap<String, usize>,
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

impl RecordDir {
    /// Reads the index and compares it with the files that are there, without reading them.
    ///
    /// # Errors
    /// [`Incomplete::Missing`], [`Incomplete::Unreadable`]; a [`Violation`] of R107 for an index or a folder that is not in the one form.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        let file = open(root, INDEX_PATH)?;
        file.take(MAX_INDEX).read_to_end(&mut bytes).map_err(|error| unreadable(INDEX_PATH, error))?;
        let index: RecordIndex = canonical::from_bytes(&bytes).map_err(|error| Violation::of_record(Rule::R107, format!("{INDEX_PATH}: {error}")))?;
        drop(bytes);
        let record = Self { root: root.to_owned(), places: HashMap::new(), index }.listed()?;
        record.compare_folder()?;
        Ok(record)
    }

    /// Checks that the index lists what a record of its size holds.
    fn listed(mut self) -> Result<Self, Violation> {
        let RecordIndex { format, origin: _, size, files } = &self.index;
        require!(format == RECORD_FORMAT, R107, "the format is \"{format}\", this program knows \"{RECORD_FORMAT}\"");
        require!(files.is_sorted_by(|a, b| a.path < b.path), R107, "the paths do not ascend");
        let mut tiles = 0;
        for (place, RecordFile { path, .. }) in files.iter().enumerate() {
            match Kind::of(path) {
                None => return Err(Violation::of_record(Rule::R107, format!("no record holds a file \"{}\"", path.escape_default()))),
                Some(Kind::Tile) => tiles += 1,
                Some(Kind::Checkpoint | Kind::Attachment | Kind::Cosigned) => {}
            }
            self.places.insert(path.clone(), place);
        }
        require!(self.places.contains_key(CHECKPOINT_PATH), R107, "there is no checkpoint");
        // Before the tiles of the size are enumerated, the size is held against the number of files, which bounds it.
        require!(size.div_ceil(256) <= files.len() as u64, R107, "{} files are too few for {size} leaves", files.len());
        let mut expected = 0;
        for tile in new_tiles(0, *size) {
            require!(self.places.contains_key(&tile.to_string()), R107, "{tile} is not listed");
            expected += 1;
        }
        require!(tiles == expected, R107, "{tiles} tiles are listed where {size} leaves have {expected}");
        Ok(self)
    }

    fn compare_folder(&self) -> Result<(), Failure> {
        let mut found = BTreeSet::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(self.root.join(&folder)).map_err(|error| unreadable(&folder, error))?;
            for entry in entries {
                let entry = entry.map_err(|error| unreadable(&folder, error))?;
                let name = entry.file_name().into_string().map_err(|name| Violation::of_record(Rule::R107, format!("{name:?} is not listed")))?;
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let kind = entry.file_type().map_err(|error| unreadable(&path, error))?;
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && (path == INDEX_PATH || self.places.contains_key(&path)) {
                    found.insert(path);
                } else {
                    return Err(Violation::of_record(Rule::R107, format!("\"{}\" is not listed", path.escape_default())).into());
                }
            }
        }
        match self.index.files.iter().find(|file| !found.contains(&file.path)) {
            Some(file) => Err(Incomplete::Missing { path: file.path.clone() }.into()),
            None => Ok(()),
        }
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

    /// The sizes of which there are cosignatures.
    pub fn cosigned(&self) -> impl Iterator<Item = u64> {
        self.index.files.iter().filter_map(|file| cosigned_size(&file.path))
    }

    /// Reads a file of at most `most` bytes and checks its length and hash.
    ///
    /// # Errors
    /// [`Incomplete`]; a [`Violation`] of R106 (attachments) or R107 for a file that is not listed or not as listed.
    pub fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Failure> {
        let rule = Kind::of(path).map_or(Rule::R107, |kind| kind.rule());
        let listed = self.places.get(path).and_then(|place| self.index.files.get(*place));
        let RecordFile { path: _, bytes: length, sha256 } = listed.ok_or_else(|| Violation::of_record(rule, format!("{path} is not in the record")))?;
        if *length > most {
            return Err(Violation::of_record(rule, format!("{path} has {length} bytes, at most {most} belong there")).into());
        }
        let other = || Failure::from(Violation::of_record(rule, format!("{path} is not the file that is listed")));
        let file = open(&self.root, path)?;
        // No room is made for more than is on the disk, whatever the index says.
        if file.metadata().map_err(|error| unreadable(path, error))?.len() != *length {
            return Err(other());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(*length).unwrap_or_default());
        file.take(length + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
        if bytes.len() as u64 != *length || Hash32::sha256(&bytes) != sha256.hash() {
            return Err(other());
        }
        Ok(bytes)
    }

    /// Reads an attachment by its hash.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn attachment(&self, hash: Hash32, most: u64) -> Result<Vec<u8>, Failure> {
        let path = attachment_path(hash);
        let bytes = self.read(&path, most)?;
        let found = self.places.get(&path).and_then(|place| self.index.files.get(*place)).map(|file| file.sha256.hash());
        if found == Some(hash) { Ok(bytes) } else { Err(Violation::of_record(Rule::R106, format!("{path} has another hash")).into()) }
    }

    /// Reads the signed checkpoint, not verified yet.
    ///
    /// # Errors
    /// As [`Self::read`], and a [`Violation`] of R102 if it is not text.
    pub fn checkpoint(&self) -> Result<String, Failure> {
        Ok(String::from_utf8(self.read(CHECKPOINT_PATH, 4096)?).breaks(Rule::R102)?)
    }
}

fn open(root: &Path, path: &str) -> Result<File, Failure> {
    File::open(root.join(path)).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Incomplete::Missing { path: path.to_owned() }.into(),
        _ => unreadable(path, error),
    })
}

fn unreadable(path: &str, error: std::io::Error) -> Failure {
    Incomplete::Unreadable { path: if path.is_empty() { ".".to_owned() } else { path.to_owned() }, error }.into()
}
