//! A record as one file: the one tar archive that an index gives (PROTOCOL §10.1). Its bytes follow from the index and the files alone.

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::record::{RecordFile, RecordIndex};

use super::INDEX_PATH;

/// A block of a tar archive in bytes.
pub(super) const BLOCK: u64 = 512;

/// What ends an archive: two blocks of zeros.
pub(super) const END: u64 = 2 * BLOCK;

/// The header of a file: ustar, mode 0644, owner and group 0 without names, time 0.
///
/// # Errors
/// For a path that has no place in one; no record has such a path.
pub(super) fn header(path: &str, bytes: u64) -> std::io::Result<[u8; BLOCK as usize]> {
    let mut header = tar::Header::new_ustar();
    header.set_path(path)?;
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    Ok(*header.as_bytes())
}

/// How many zeros follow a file that ends at `at`.
pub(super) const fn padding(at: u64) -> u64 {
    (BLOCK - at % BLOCK) % BLOCK
}

/// A piece of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes: headers and zeros between files, and the index.
    Bytes(Vec<u8>),
    /// The content of a file of the record.
    File(RecordFile),
}

/// The archive of a record, piece by piece, and its length in bytes. `index` is the record's index, `json` its one accepted form.
///
/// # Errors
/// For a path that no record has.
pub fn archive(index: &RecordIndex, json: Vec<u8>) -> std::io::Result<(Vec<Piece>, u64)> {
    let own = RecordFile { path: INDEX_PATH.to_owned(), bytes: json.len() as u64, sha256: Hash32::ZERO.into() };
    let mut pieces = Vec::with_capacity(2 * index.files.len() + 3);
    let mut at = 0;
    let mut between = Vec::new();
    let mut json = Some(json);
    for file in [&own].into_iter().chain(&index.files) {
        between.extend_from_slice(&header(&file.path, file.bytes)?);
        pieces.push(Piece::Bytes(std::mem::take(&mut between)));
        pieces.push(json.take().map_or_else(|| Piece::File(file.clone()), Piece::Bytes));
        at += BLOCK + file.bytes;
        between.resize(padding(at) as usize, 0);
        at += padding(at);
    }
    between.resize(between.len() + END as usize, 0);
    pieces.push(Piece::Bytes(between));
    Ok((pieces, at + END))
}
