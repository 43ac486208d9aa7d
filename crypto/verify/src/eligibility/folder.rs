//! The folder with the evidence (PROTOCOL §10.11): `evidence.json` lists every other file with length and hash.
//!
//! Nobody signs it: what it holds proves itself against the record. So a file that is missing or not as listed makes an audit incomplete; only what the
//! files say can refute.

use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::evidence::{
    CARDS_PATH, EVIDENCE_FORMAT, EVIDENCE_INDEX, EvidenceIndex, MAX_SEALED, REGISTRATIONS_IN_FILE, papers_path, parse_bundle, registrations_path,
};
use tachiai_schemas::record::RecordFile;
use tachiai_schemas::{ElectionId, HashBytes, LeafIndex, Timestamp, canonical};

use crate::failure::{Failure, Incomplete};
use crate::rule::{Rule, Violation};

/// The folders of such a folder. One in which nothing lies may be missing.
const FOLDERS: [&str; 4] = ["cards", "papers", "registrations", "slots"];

/// The longest index that is read, in bytes.
const MAX_INDEX: u64 = 64 << 20;

/// The longest bundle of registrations in bytes.
const MAX_REGISTRATIONS: u64 = (REGISTRATIONS_IN_FILE * (12 + MAX_SEALED)) as u64;

/// The longest certificate, key or revocation list in bytes.
const MAX_CARD_FILE: u64 = 64 << 20;

/// A folder whose index was read and whose files are those of the index.
pub struct EvidenceDir {
    root: PathBuf,
    index: EvidenceIndex,
    places: HashMap<String, usize>,
}

/// A file of the evidence that is not what it should be.
pub(super) fn not(path: &str, what: &'static str, reason: impl std::fmt::Display) -> Failure {
    Incomplete::NotA { path: path.to_owned(), what, reason: reason.to_string() }.into()
}

/// Whether an evidence folder can hold a file of this path.
fn belongs(path: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
    match path.split_once('/') {
        None => path == CARDS_PATH,
        Some(("slots" | "registrations" | "papers", name)) => number(name),
        Some(("cards", name)) => name.parse::<Hash32>().is_ok(),
        Some(_) => false,
    }
}

impl EvidenceDir {
    /// Reads the index and compares it with the files that are there, without reading them.
    ///
    /// # Errors
    /// [`Incomplete`].
    pub fn open(root: &Path, election: &ElectionId) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        open(root, EVIDENCE_INDEX)?.take(MAX_INDEX).read_to_end(&mut bytes).map_err(|error| unreadable(EVIDENCE_INDEX, error))?;
        let what = "an index of evidence";
        let index: EvidenceIndex = canonical::from_bytes(&bytes).map_err(|error| not(EVIDENCE_INDEX, what, error))?;
        let EvidenceIndex { format, election: of, at: _, files } = &index;
        if format != EVIDENCE_FORMAT {
            return Err(not(EVIDENCE_INDEX, what, format!("the format is \"{}\", this program knows \"{EVIDENCE_FORMAT}\"", format.escape_default())));
        }
        if of != election {
            return Err(not(EVIDENCE_INDEX, "of this election", format!("it is of {of}, the record of {election}")));
        }
        if !files.is_sorted_by(|a, b| a.path < b.path) {
            return Err(not(EVIDENCE_INDEX, what, "the paths do not ascend"));
        }
        if let Some(other) = files.iter().find(|file| !belongs(&file.path)) {
            return Err(not(EVIDENCE_INDEX, what, format!("no evidence holds a file \"{}\"", other.path.escape_default())));
        }
        let places = files.iter().enumerate().map(|(place, file)| (file.path.clone(), place)).collect();
        let folder = Self { root: root.to_owned(), index, places };
        if let Some(file) = folder.index.files.iter().find(|file| !folder.root.join(&file.path).is_file()) {
            return Err(Incomplete::Missing { path: file.path.clone() }.into());
        }
        folder.has_no_gap()?;
        folder.has_no_other()?;
        Ok(folder)
    }

    /// Numbered files begin with 0 and none is left out, so that who reads them one after the other reads all.
    fn has_no_gap(&self) -> Result<(), Failure> {
        for kind in ["papers", "registrations", "slots"] {
            let count = self.index.files.iter().filter(|file| file.path.split_once('/').is_some_and(|(folder, _)| folder == kind)).count();
            if let Some(path) = (0..count).map(|number| format!("{kind}/{number}")).find(|path| !self.has(path)) {
                return Err(Incomplete::Missing { path }.into());
            }
        }
        Ok(())
    }

    /// There is no file that the index does not list.
    fn has_no_other(&self) -> Result<(), Failure> {
        for folder in [""].into_iter().chain(FOLDERS) {
            let entries = match std::fs::read_dir(self.root.join(folder)) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                other => other.map_err(|error| unreadable(folder, error))?,
            };
            for entry in entries {
                let entry = entry.map_err(|error| unreadable(folder, error))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let known = self.has(&path) || path == EVIDENCE_INDEX || (entry.path().is_dir() && FOLDERS.contains(&&*path));
                if !known {
                    return Err(not(&path, "a file of this evidence", "evidence.json does not list it: remove it, or export the evidence again"));
                }
            }
        }
        Ok(())
    }

    /// Whether the index lists a file.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// Reads a file of at most `most` bytes and compares its length and hash with the index.
    ///
    /// # Errors
    /// [`Incomplete`].
    pub fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Failure> {
        let listed = self.places.get(path).and_then(|place| self.index.files.get(*place));
        let RecordFile { path: _, bytes: length, sha256 } = listed.ok_or_else(|| Incomplete::Missing { path: path.to_owned() })?;
        let what = "the file that is listed";
        if *length > most {
            return Err(not(path, what, format!("it has {length} bytes, at most {most} belong there")));
        }
        let file = open(&self.root, path)?;
        // No room is made for more than is on the disk, whatever the index says.
        if file.metadata().map_err(|error| unreadable(path, error))?.len() != *length {
            return Err(not(path, what, "it has another length"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(*length).unwrap_or_default());
        file.take(length + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
        if bytes.len() as u64 == *length && Hash32::sha256(&bytes) == sha256.hash() { Ok(bytes) } else { Err(not(path, what, "it has another hash")) }
    }

    /// Reads a certificate, key or revocation list by its hash.
    ///
    /// # Errors
    /// [`Incomplete`].
    pub fn card_file(&self, hash: &HashBytes) -> Result<Vec<u8>, Failure> {
        let path = tachiai_schemas::evidence::card_path(hash);
        let bytes = self.read(&path, MAX_CARD_FILE)?;
        if Hash32::sha256(&bytes) == hash.hash() { Ok(bytes) } else { Err(not(&path, "named by its hash", "it has another hash")) }
    }

    /// The sealed evidence of registrations, to be asked for in the order of their leaves.
    pub(super) fn registrations(&self) -> Sealed<'_> {
        Sealed { folder: self, kind: Kind::Registrations, next_file: 0, last: None, rest: Vec::new().into_iter() }
    }

    /// The sealed evidence of hand-outs, likewise.
    pub(super) fn papers(&self) -> Sealed<'_> {
        Sealed { folder: self, kind: Kind::Papers, next_file: 0, last: None, rest: Vec::new().into_iter() }
    }
}

/// Writes such a folder: every file is on the disk before the index, which comes last.
pub struct EvidenceWriter {
    root: PathBuf,
    files: Vec<RecordFile>,
}

impl EvidenceWriter {
    /// Begins a new folder.
    ///
    /// # Errors
    /// What the system says, also if there is one already.
    pub fn create(root: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(root.parent().unwrap_or(Path::new("")))?;
        std::fs::create_dir(root)?;
        for folder in FOLDERS {
            std::fs::create_dir(root.join(folder))?;
        }
        Ok(Self { root: root.to_owned(), files: Vec::new() })
    }

    /// Writes a file.
    ///
    /// # Errors
    /// What the system says.
    pub fn put(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        self.write(path, bytes)?;
        self.files.push(RecordFile { path: path.to_owned(), bytes: bytes.len() as u64, sha256: Hash32::sha256(bytes).into() });
        Ok(())
    }

    /// Writes the index; gives the number of files.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(mut self, election: ElectionId, at: Timestamp) -> std::io::Result<usize> {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        let count = self.files.len() + 1;
        let index = EvidenceIndex { format: EVIDENCE_FORMAT.to_owned(), election, at, files: std::mem::take(&mut self.files) };
        let bytes = canonical::to_bytes(&index).map_err(std::io::Error::other)?;
        for folder in FOLDERS {
            File::open(self.root.join(folder))?.sync_all()?;
        }
        self.write(EVIDENCE_INDEX, &bytes)?;
        File::open(&self.root)?.sync_all()?;
        Ok(count)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = File::create_new(self.root.join(path))?;
        file.write_all(bytes)?;
        file.sync_all()
    }
}

/// Of what a bundle holds evidence.
#[derive(Clone, Copy)]
enum Kind {
    Registrations,
    Papers,
}

impl Kind {
    fn path(self, number: u64) -> String {
        match self {
            Self::Registrations => registrations_path(number),
            Self::Papers => papers_path(number),
        }
    }

    /// Evidence of what is not there.
    fn stray(self, leaf: LeafIndex) -> Failure {
        let (rule, detail) = match self {
            Self::Registrations => (Rule::R703, "there is evidence of a registration at this leaf, which is none"),
            Self::Papers => (Rule::R709, "there is evidence of a hand-out at this leaf, which is none"),
        };
        Violation::of_record(rule, detail).at(leaf).into()
    }
}

/// The bundles of a kind, read one after the other.
pub(super) struct Sealed<'a> {
    folder: &'a EvidenceDir,
    kind: Kind,
    next_file: u64,
    /// The last leaf of the bundle that was read last.
    last: Option<LeafIndex>,
    rest: std::vec::IntoIter<(LeafIndex, Vec<u8>)>,
}

impl Sealed<'_> {
    /// The sealed evidence of what is at a leaf, if there is any.
    pub(super) fn of(&mut self, leaf: LeafIndex) -> Result<Option<Vec<u8>>, Failure> {
        if !self.fill()? {
            return Ok(None);
        }
        match self.rest.as_slice().first() {
            Some((next, _)) if *next == leaf => Ok(self.rest.next().map(|(_, sealed)| sealed)),
            Some((next, _)) if *next < leaf => Err(self.kind.stray(*next)),
            _ => Ok(None),
        }
    }

    /// There is no evidence left, except for leaves that this record does not reach.
    pub(super) fn end(&mut self, size: u64) -> Result<(), Failure> {
        while self.fill()? {
            if let Some((next, _)) = self.rest.next().filter(|(next, _)| next.0 < size) {
                return Err(self.kind.stray(next));
            }
        }
        Ok(())
    }

    /// Reads the next bundle where the last one is used up; whether there is something.
    fn fill(&mut self) -> Result<bool, Failure> {
        if self.rest.as_slice().is_empty() {
            let path = self.kind.path(self.next_file);
            if !self.folder.has(&path) {
                return Ok(false);
            }
            let bytes = self.folder.read(&path, MAX_REGISTRATIONS)?;
            let items = parse_bundle(&bytes).map_err(|error| not(&path, "a bundle of evidence", error))?;
            if items.first().is_some_and(|(first, _)| self.last.is_some_and(|last| last >= *first)) {
                return Err(not(&path, "the next bundle of evidence", "its leaves do not follow those of the bundle before"));
            }
            self.last = items.last().map(|(leaf, _)| *leaf);
            self.rest = items.into_iter().map(|(leaf, sealed)| (leaf, sealed.to_vec())).collect::<Vec<_>>().into_iter();
            self.next_file += 1;
        }
        Ok(true)
    }
}

fn open(root: &Path, path: &str) -> Result<File, Failure> {
    File::open(root.join(path)).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Incomplete::Missing { path: path.to_owned() }.into(),
        _ => unreadable(path, error),
    })
}

fn unreadable(path: &str, error: std::io::Error) -> Failure {
    Incomplete::Unreadable { path: path.to_owned(), error }.into()
}
