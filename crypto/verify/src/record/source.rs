//! Where the files of a record lie: in a folder, or one after another in a tar archive (PROTOCOL §10.1).

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use positioned_io::{ReadAt, Size, SizeCursor};
use tachiai_schemas::record::{RecordFile, RecordIndex};

use super::tar::{BLOCK, END, header, padding};
use super::{INDEX_PATH, MAX_INDEX, find};
use crate::failure::{Failure, Incomplete};
use crate::rule::{Rule, Violation};

/// The files of a record.
pub(super) enum Source {
    /// Each a file of its own.
    Folder(PathBuf),
    /// In one archive, whose layout follows from the index.
    Archive(Archive),
}

/// An open tar archive.
pub(super) struct Archive {
    file: File,
    path: String,
    /// Where the content of each file of the index begins, in its order.
    starts: Vec<u64>,
}

impl Source {
    /// Opens what lies at a path and reads the index, not verified yet.
    pub(super) fn open(root: &Path) -> Result<(Self, Vec<u8>), Failure> {
        let kind = std::fs::metadata(root).map_err(|error| unreadable(&root.display().to_string(), error))?;
        if kind.is_dir() {
            let file = open(&root.join(INDEX_PATH), INDEX_PATH)?;
            return Ok((Self::Folder(root.to_owned()), all(file.take(MAX_INDEX), INDEX_PATH)?));
        }
        let archive = Archive { file: open(root, &root.display().to_string())?, path: root.display().to_string(), starts: Vec::new() };
        let index = archive.index()?;
        Ok((Self::Archive(archive), index))
    }

    /// Compares the files that are there with the index, without reading them.
    pub(super) fn compare(&mut self, index: &RecordIndex, index_len: u64) -> Result<(), Failure> {
        match self {
            Self::Folder(root) => compare_folder(root, index),
            Self::Archive(archive) => archive.lay_out(index, index_len),
        }
    }

    /// A reader of the file at a place of the index, once its length was found to be the listed one; `None` if it is another.
    pub(super) fn reader(&self, place: usize, listed: &RecordFile) -> Result<Option<Box<dyn Read + '_>>, Failure> {
        let RecordFile { path, bytes, sha256: _ } = listed;
        match self {
            Self::Folder(root) => {
                let file = open(&root.join(path), path)?;
                // No room is made for more than is on the disk, whatever the index says.
                let found = file.metadata().map_err(|error| unreadable(path, error))?.len();
                Ok((found == *bytes).then(|| Box::new(file.take(bytes + 1)) as Box<dyn Read>))
            }
            Self::Archive(archive) => {
                let start = archive.starts.get(place).copied().unwrap_or(u64::MAX);
                Ok(Some(Box::new(SizeCursor::new_pos(&archive.file, start).take(*bytes))))
            }
        }
    }
}

impl Archive {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> Result<(), Failure> {
        self.file.read_exact_at(at, buffer).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => Incomplete::Truncated { path: self.path.clone() }.into(),
            _ => unreadable(&self.path, error),
        })
    }

    /// The index is the first file.
    fn index(&self) -> Result<Vec<u8>, Failure> {
        let mut first = [0; BLOCK as usize];
        self.read_at(0, &mut first)?;
        let header = tar::Header::from_byte_slice(&first);
        // Another kind of file, or an archive that somebody packed: neither says anything about the record.
        if header.as_ustar().is_none() || header.path_bytes() != INDEX_PATH.as_bytes() {
            let reason = "it does not begin like the one file that a record is; an archive that was packed otherwise can be unpacked and verified as a folder";
            return Err(Incomplete::NotA { path: self.path.clone(), what: "a record", reason: reason.to_owned() }.into());
        }
        let length = header.entry_size().unwrap_or_default();
        self.hold(0, INDEX_PATH, length)?;
        held(length <= MAX_INDEX, || format!("{INDEX_PATH} has {length} bytes"))?;
        // No room is made for more than is on the disk.
        let most = self.file.size().ok().flatten().unwrap_or_default();
        if BLOCK + length > most {
            return Err(Incomplete::Truncated { path: self.path.clone() }.into());
        }
        let mut index = vec![0; usize::try_from(length).unwrap_or_default()];
        self.read_at(BLOCK, &mut index)?;
        Ok(index)
    }

    /// R107: the archive is, byte for byte, the one of this index, but for the contents.
    fn lay_out(&mut self, index: &RecordIndex, index_len: u64) -> Result<(), Failure> {
        let mut at = BLOCK.saturating_add(index_len);
        let mut starts = Vec::with_capacity(index.files.len());
        for RecordFile { path, bytes, .. } in &index.files {
            at = self.pad(at)?;
            self.hold(at, path, *bytes)?;
            at += BLOCK;
            starts.push(at);
            at = at.checked_add(*bytes).ok_or_else(|| Violation::of_record(Rule::R107, "the files are longer than any disk"))?;
        }
        at = self.pad(at)?;
        self.zeros(at, END)?;
        let size = self.file.size().map_err(|error| unreadable(&self.path, error))?.unwrap_or_default();
        held(size == at + END, || format!("the archive has {} bytes after its end", size.saturating_sub(at + END)))?;
        self.starts = starts;
        Ok(())
    }

    fn hold(&self, at: u64, path: &str, bytes: u64) -> Result<(), Failure> {
        let mut found = [0; BLOCK as usize];
        self.read_at(at, &mut found)?;
        let expected = header(path, bytes).map_err(|_| Violation::of_record(Rule::R107, format!("no record holds a file \"{}\"", path.escape_default())))?;
        Ok(held(found == expected, || format!("the archive has another header than that of {path} with {bytes} bytes at {at}"))?)
    }

    fn pad(&self, at: u64) -> Result<u64, Failure> {
        let padding = padding(at);
        self.zeros(at, padding)?;
        Ok(at + padding)
    }

    fn zeros(&self, at: u64, count: u64) -> Result<(), Failure> {
        let mut found = [0; END as usize];
        let found = &mut found[..usize::try_from(count).unwrap_or_default().min(END as usize)];
        self.read_at(at, found)?;
        Ok(held(found.iter().all(|byte| *byte == 0), || format!("the archive has something between its files at {at}"))?)
    }
}

/// How a violation by a file that lies in a record's folder without belonging to it ends.
pub(super) const STRAY: &str = "is not listed in record.json";

/// R107.
fn held(condition: bool, detail: impl FnOnce() -> String) -> Result<(), Violation> {
    if condition { Ok(()) } else { Err(Violation::of_record(Rule::R107, detail())) }
}

fn compare_folder(root: &Path, index: &RecordIndex) -> Result<(), Failure> {
    let mut found = vec![false; index.files.len()];
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(root.join(&folder)).map_err(|error| unreadable(&folder, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, error))?;
            let name = entry.file_name().into_string().map_err(|name| Violation::of_record(Rule::R107, format!("{name:?} {STRAY}")))?;
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type().map_err(|error| unreadable(&path, error))?;
            if kind.is_dir() {
                folders.push(path);
            } else if let Some((place, _)) = find(index, &path).filter(|_| kind.is_file()) {
                found.get_mut(place).into_iter().for_each(|found| *found = true);
            } else if !(kind.is_file() && path == INDEX_PATH) {
                return Err(Violation::of_record(Rule::R107, format!("\"{}\" {STRAY}", path.escape_default())).into());
            }
        }
    }
    match index.files.iter().zip(found).find(|(_, found)| !found) {
        Some((file, _)) => Err(Incomplete::Missing { path: file.path.clone() }.into()),
        None => Ok(()),
    }
}

/// Everything that a reader gives.
pub(super) fn all(mut reader: impl Read, path: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    Ok(bytes)
}

fn open(file: &Path, path: &str) -> Result<File, Failure> {
    File::open(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Incomplete::Missing { path: path.to_owned() }.into(),
        _ => unreadable(path, error),
    })
}

pub(super) fn unreadable(path: &str, error: std::io::Error) -> Failure {
    Incomplete::Unreadable { path: if path.is_empty() { ".".to_owned() } else { path.to_owned() }, error }.into()
}
