//! The cosignatures of a board's checkpoints: taken in from witnesses, kept beside the journal, given to records.
//!
//! One file for each size, `<journal>/cosigned/<size>`, in the form of a record (PROTOCOL §3.4), synced before a witness is told that it was taken. The
//! journal does not name them: they are other people's words about the board, and what counts is that there are enough of them. Of the files only those stay
//! that say something which no other says: for each witness the newest, and the first that covers each milestone of the election.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tachiai_crypto::journal::{Checkpoint, Cosignature, CosignedCheckpoint, WitnessKey};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::WitnessStatus;
use tachiai_schemas::{LeafIndex, Refusal, Timestamp};
use tachiai_verify::Board;
use tachiai_verify::witness::{SLACK, witness_keys};

use super::live::Live;
use crate::journal::{JournalError, durable};
use crate::refused::Refused;

/// What is kept, by size.
type Files = BTreeMap<u64, CosignedCheckpoint>;

/// The cosigned checkpoints of one board.
pub struct Cosigned {
    dir: PathBuf,
    files: Mutex<Files>,
}

impl Cosigned {
    /// The folder; it is made with the first file.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, files: Mutex::new(Files::new()) }
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, size: u64) -> PathBuf {
        self.dir.join(size.to_string())
    }

    /// Takes over what is on disk, and makes it durable. A file that does not hold is left where it is, and told of.
    ///
    /// # Errors
    /// [`JournalError`] if the folder cannot be read or synced.
    pub fn load(&self, holds: impl Fn(&str) -> Option<CosignedCheckpoint>) -> Result<(), JournalError> {
        let failed = |source| JournalError::io("list", &self.dir)(source);
        let folder = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(failed)?,
        };
        // Whoever was here before may have been killed between writing a name and syncing it. What is taken over is known, and is not written again.
        durable::sync_dir(&self.dir)?;
        durable::sync_dir(durable::parent(&self.dir))?;
        let mut files = self.files();
        for entry in folder {
            let path = entry.map_err(failed)?.path();
            let Some(size) = size_of(&path) else { continue };
            match fs::read_to_string(&path).ok().as_deref().and_then(&holds).filter(|file| file.signed().checkpoint().size == size) {
                Some(file) => drop(files.insert(size, file)),
                None => tracing::warn!(path = %path.display(), "this file of cosignatures does not hold, and is left aside"),
            }
        }
        Ok(())
    }

    /// Writes a file and removes those that say nothing any more; durable when this returns.
    fn put(&self, files: &mut Files, file: CosignedCheckpoint, needed: impl Fn(&Files) -> BTreeSet<u64>) -> Result<(), JournalError> {
        let size = file.signed().checkpoint().size;
        durable::create_dir(&self.dir)?;
        durable::replace(&self.path(size), file.to_string().as_bytes())?;
        durable::sync_dir(&self.dir)?;
        files.insert(size, file);
        let needed = needed(files);
        let idle: Vec<u64> = files.keys().copied().filter(|size| !needed.contains(size)).collect();
        for size in idle {
            files.remove(&size);
            // Should it stay, it is found again at the next start, and again not needed.
            if let Err(error) = fs::remove_file(self.path(size)) {
                tracing::warn!(%error, size, "a file of cosignatures that is no longer needed cannot be removed");
            }
        }
        Ok(())
    }

    /// The texts of what is kept up to a size.
    #[must_use]
    pub fn up_to(&self, size: u64) -> BTreeMap<u64, String> {
        self.files().range(..=size).map(|(size, file)| (*size, file.to_string())).collect()
    }

    /// How far each witness has followed, and when it said so last.
    #[must_use]
    pub fn status(&self, keys: &[WitnessKey]) -> Vec<WitnessStatus> {
        let files = self.files();
        let newest = |key| files.iter().rev().find_map(|(size, file)| Some((*size, line_of(file.cosignatures(), key)?.time())));
        keys.iter()
            .map(|key| {
                let newest = newest(key);
                let at = newest.and_then(|(_, time)| Timestamp::from_unix(i64::try_from(time).ok()?).ok());
                WitnessStatus { name: key.name().to_string(), size: newest.map(|(size, _)| size), at }
            })
            .collect()
    }
}

fn size_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.parse().ok().filter(|size: &u64| size.to_string() == name)
}

fn line_of<'a>(lines: &'a [Cosignature], key: &WitnessKey) -> Option<&'a Cosignature> {
    lines.iter().find(|line| line.is_by(key))
}

/// Both files' lines in the witnesses' order; of two by one witness the earlier.
fn merged(known: &[Cosignature], new: &[Cosignature], keys: &[WitnessKey]) -> Vec<Cosignature> {
    let earliest = |key: &WitnessKey| known.iter().chain(new).filter(|line| line.is_by(key)).min_by_key(|line| line.time()).cloned();
    keys.iter().filter_map(earliest).collect()
}

/// The sizes of which the cosignatures say something that no other size says.
fn needed(files: &Files, board: &Board, keys: &[WitnessKey]) -> BTreeSet<u64> {
    let published = (board.phase() == Phase::Published).then(|| LeafIndex(board.size().saturating_sub(1)));
    let milestones = [board.opened().map(|opened| opened.leaf()), board.online_closed(), board.poll_closed(), published];
    let by = |key| files.iter().filter(move |(_, file)| line_of(file.cosignatures(), key).is_some()).map(|(size, _)| *size);
    let mut sizes = BTreeSet::new();
    for key in keys {
        sizes.extend(by(key).next_back());
        sizes.extend(milestones.iter().flatten().filter_map(|leaf| by(key).find(|size| *size > leaf.0)));
    }
    sizes
}

impl Live {
    /// Takes cosignatures of a checkpoint of this board. They are durable when this returns; the same again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::Cosignature`] for lines that are not by the manifest's witnesses, do not verify or lie; [`Refusal::OtherBoard`] for a checkpoint that is
    /// not this board's; [`Refusal::ReadOnly`] if the disk takes nothing.
    pub fn cosign(&self, note: &[u8]) -> Result<(), Refused> {
        let wrong = |detail: &dyn std::fmt::Display| Refused::about(Refusal::Cosignature, detail);
        let text = std::str::from_utf8(note).map_err(|error| wrong(&error))?;
        let (origin, key, keys) = self.witnesses()?;
        let file = CosignedCheckpoint::parse(text, &origin, &key).map_err(|error| wrong(&error))?;
        let lines = file.cosignatures();
        if lines.is_empty() || lines.len() > keys.len() {
            return Err(wrong(&format!("{} cosignatures, where there are {} witnesses", lines.len(), keys.len())));
        }
        let checkpoint = file.signed().checkpoint().clone();
        self.is_own(&checkpoint)?;
        let (text, earliest) = (checkpoint.to_note_text(), self.earliest_time(checkpoint.size)?);
        let latest = self.services.clock.now().plus(SLACK).unix();
        for line in lines {
            let key = keys.iter().find(|key| line.is_by(key)).ok_or_else(|| wrong(&format!("{} is no witness of this election", line.name())))?;
            key.verify(&text, line).map_err(|error| wrong(&error))?;
            let time = i64::try_from(line.time()).unwrap_or(i64::MAX);
            if time < earliest || time > latest {
                return Err(wrong(&format!(
                    "the clock of {} is wrong: it says {time}, between {earliest} and {latest} seconds since 1970 is right",
                    line.name()
                )));
            }
        }
        let mut files = self.cosigned.files();
        let known = files.get(&checkpoint.size).map_or(&[][..], CosignedCheckpoint::cosignatures);
        let merged = merged(known, lines, &keys);
        if merged == known {
            return Ok(());
        }
        let names: Vec<&str> = lines.iter().map(|line| line.name().as_str()).collect();
        let file = CosignedCheckpoint::new(file.signed().clone(), merged);
        self.cosigned.put(&mut files, file, |files| needed(files, &self.board().state.board, &keys)).map_err(|error| {
            tracing::error!(%error, "cosignatures cannot be kept");
            Refused::from(Refusal::ReadOnly)
        })?;
        tracing::info!(election = %self.id, size = checkpoint.size, witnesses = names.join(", "), "cosigned");
        Ok(())
    }

    /// The cosigned checkpoint of a size, or the newest.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn cosigned_note(&self, size: Option<u64>) -> Result<String, Refused> {
        let files = self.cosigned.files();
        let file = size.map_or_else(|| files.values().next_back(), |size| files.get(&size));
        file.map(ToString::to_string).ok_or_else(|| Refusal::NotFound.into())
    }

    /// The witnesses of the manifest and how far each has followed.
    #[must_use]
    pub fn witness_status(&self) -> Vec<WitnessStatus> {
        self.witnesses().map(|(_, _, keys)| self.cosigned.status(&keys)).unwrap_or_default()
    }

    /// Takes over the cosignatures that are on disk.
    pub(super) fn load_cosigned(&self) -> Result<(), JournalError> {
        let Ok((origin, key, keys)) = self.witnesses() else { return Ok(()) };
        self.cosigned.load(|text| {
            let file = CosignedCheckpoint::parse(text, &origin, &key).ok()?;
            let note = file.signed().checkpoint().to_note_text();
            let good = |line: &Cosignature| keys.iter().any(|key| line.is_by(key) && key.verify(&note, line).is_ok());
            let all = merged(file.cosignatures(), &[], &keys) == file.cosignatures() && file.cosignatures().iter().all(good);
            (all && self.is_own(file.signed().checkpoint()).is_ok()).then_some(file)
        })
    }

    fn witnesses(&self) -> Result<(tachiai_crypto::journal::Origin, tachiai_crypto::journal::BoardKey, Vec<WitnessKey>), Refused> {
        let published = self.board();
        let board = &published.state.board;
        let (Some(manifest), Some(origin), Some(key)) = (board.manifest(), board.origin(), board.board_key()) else { return Err(Refusal::NotFound.into()) };
        let keys = witness_keys(manifest).map_err(|violation| Refused::fault("reading the witnesses", violation))?;
        Ok((origin.clone(), key, keys))
    }

    fn is_own(&self, checkpoint: &Checkpoint) -> Result<(), Refused> {
        match self.board().state.tree.root_at(checkpoint.size) {
            Ok(root) if root == checkpoint.root && checkpoint.size > 0 => Ok(()),
            other => {
                // The key's own signature was verified: whoever made this has the key, or another board by it.
                tracing::error!(election = %self.id, size = checkpoint.size, known = other.is_ok(), "a signed checkpoint that is not of this board was handed in");
                Err(Refused::about(Refusal::OtherBoard, format!("size {}", checkpoint.size)))
            }
        }
    }

    /// The least time of a cosignature of this size (R112), in seconds since 1970.
    fn earliest_time(&self, size: u64) -> Result<i64, Refused> {
        Ok(self.entry(LeafIndex(size.saturating_sub(1)))?.at.unix().saturating_sub(SLACK))
    }
}
