//! Going on where an interrupted verification ended: a file says up to which leaf the proofs hold, and the sums of the ballots that count so far.
//!
//! The file is the auditor's own and believed like the program itself; it is no part of a record. It names the record by the hash of its index, from which all
//! its bytes follow, and the program's version. The cheap rules are checked anew in every run: only proofs are not verified twice.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::canonical::CanonicalError;
use tachiai_schemas::election::Manifest;
use tachiai_schemas::{Blob, HashBytes, LeafIndex, canonical};

use crate::failure::{Failure, Incomplete};
use crate::record::Record;
use crate::rule::Violation;
use crate::tally::Sums;

const FORMAT: &str = "tachiai-resume/1";

/// How many leaves are verified between two writes, where nothing else is asked for.
const STEP: u64 = 65_536;

/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 30;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    format: String,
    version: String,
    record: HashBytes,
    verified: LeafIndex,
    sums: Blob,
    /// SHA-256 of this file with zeros here, against damage.
    check: HashBytes,
}

impl State {
    /// The bytes of the file.
    fn sealed(self) -> Result<Vec<u8>, CanonicalError> {
        let blank = Self { check: Hash32::ZERO.into(), ..self };
        let check = Hash32::sha256(&canonical::to_bytes(&blank)?).into();
        canonical::to_bytes(&Self { check, ..blank })
    }
}

/// How far the proofs of a record were verified, in this run or an earlier one.
pub(super) struct Progress {
    file: Option<PathBuf>,
    record: Hash32,
    earlier: Option<State>,
    verified: LeafIndex,
    written: LeafIndex,
    step: u64,
}

impl Progress {
    /// Nothing was verified before, and nothing is written.
    pub(super) fn none() -> Self {
        Self { file: None, record: Hash32::ZERO, earlier: None, verified: LeafIndex(0), written: LeafIndex(0), step: STEP }
    }

    /// Goes on from the file, if it is there; it is written now and then.
    pub(super) fn from_file(file: &Path, step: Option<u64>, record: &Record) -> Result<Self, Failure> {
        let earlier = read(file, record.hash())?;
        let verified = earlier.as_ref().map_or(LeafIndex(0), |state| state.verified);
        Ok(Self { file: Some(file.to_owned()), record: record.hash(), earlier, verified, written: verified, step: step.unwrap_or(STEP) })
    }

    /// The leaf below which all proofs were found to hold by an earlier run, or by this one so far.
    pub(super) const fn verified(&self) -> LeafIndex {
        self.verified
    }

    /// The sums to start from.
    pub(super) fn start(&mut self, manifest: &Manifest) -> Result<Sums, Violation> {
        let earlier = self.earlier.take().and_then(|state| Sums::from_bytes(manifest, &state.sums.0));
        match earlier {
            Some(sums) => Ok(sums),
            None => {
                self.verified = LeafIndex(0);
                self.written = LeafIndex(0);
                Sums::new(manifest)
            }
        }
    }

    /// All proofs below `next` hold, with these sums.
    pub(super) fn reached(&mut self, next: LeafIndex, sums: &Sums) -> Result<(), Failure> {
        if let Some(file) = self.file.as_ref().filter(|_| next.0 >= self.written.0 + self.step) {
            let state = State {
                format: FORMAT.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                record: self.record.into(),
                verified: next,
                sums: Blob(sums.to_bytes()),
                check: Hash32::ZERO.into(),
            };
            let bytes = state.sealed().map_err(|_| Incomplete::Fault("the state of the verification cannot be written"))?;
            write(file, &bytes).map_err(|error| Incomplete::Unwritable { path: file.display().to_string(), error })?;
            self.written = next;
        }
        Ok(())
    }

    /// The record was verified to its end: the file is of no more use.
    pub(super) fn finish(&self) {
        if let Some(file) = &self.file {
            // One that stays is for this record only, and saves work.
            let _ = std::fs::remove_file(file);
        }
    }
}

fn read(path: &Path, record: Hash32) -> Result<Option<State>, Failure> {
    let shown = || path.display().to_string();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Incomplete::Unreadable { path: shown(), error }.into()),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|error| Incomplete::Unreadable { path: shown(), error })?;
    let not = |reason: String| Incomplete::NotA { path: shown(), what: "the state of an interrupted verification", reason };
    let state: State = canonical::from_bytes(&bytes).map_err(|error| not(error.to_string()))?;
    if state.format != FORMAT || state.version != env!("CARGO_PKG_VERSION") {
        return Err(not("it was written by another version of this program: remove it and start anew".to_owned()).into());
    }
    if state.clone().sealed().ok() != Some(bytes) {
        return Err(not("it is damaged: remove it and start anew".to_owned()).into());
    }
    if state.record.hash() != record {
        return Err(not("it is of another record: give another file, or remove it".to_owned()).into());
    }
    Ok(Some(state))
}

/// Replaces the file as a whole.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
