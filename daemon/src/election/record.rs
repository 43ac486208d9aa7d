//! The record of a board, as anyone may take it away: checkpoint, tiles and attachments at one size.
//!
//! Full tiles and attachments never change, so their hashes are kept; what belongs to one size only is made when it is
//! asked for.

use std::collections::{BTreeMap, VecDeque};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::channel::{Channel, Sender};
use hyper::body::Bytes;
use tachiai_schemas::canonical;
use tachiai_verify::record::{Piece, archive};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::SignedCheckpoint;
use tachiai_crypto::journal::tiles::{CHECKPOINT_PATH, TileId, TileKind, entry_bundle, hash_tile, new_tiles};
use tachiai_schemas::record::{RECORD_FORMAT, RecordFile, RecordIndex};
use tachiai_schemas::{LeafIndex, Refusal};
use tachiai_verify::record::{cosigned_path, cosigned_size};

use super::live::Live;
use crate::refused::Refused;

/// How many sizes are remembered: whoever asked for an index gets its files though the board grows.
const SNAPSHOTS: usize = 64;

/// The folder of the attachments in a record.
const ATTACHMENTS: &str = "attachments/";

/// How many downloads of whole records go on at once.
const DOWNLOADS: usize = 8;

/// How long a client may take for one file of an archive, and beyond what the slowest line takes for all.
const PATIENCE: Duration = Duration::from_secs(60);

/// The slowest line that is waited for, in bytes a second.
const SLOWEST: u64 = 64 << 10;

/// What is remembered between requests.
pub struct Record {
    memory: Mutex<Memory>,
    downloads: Arc<Semaphore>,
}

impl Default for Record {
    fn default() -> Self {
        Self { memory: Mutex::default(), downloads: Arc::new(Semaphore::new(DOWNLOADS)) }
    }
}

/// A record on its way out as one file.
pub struct Download {
    live: Arc<Live>,
    snapshot: Snapshot,
    pieces: Vec<Piece>,
    /// The length of the archive in bytes.
    pub length: u64,
    _permit: OwnedSemaphorePermit,
}

impl Download {
    /// Starts the transfer and gives its body. It ends when the client goes away, takes longer than a minute for one file, or is slower than 64 KiB a second
    /// in all: others wait for the place.
    pub fn start(self) -> Channel<Bytes, std::io::Error> {
        let (sender, body) = Channel::new(2);
        let limit = PATIENCE + Duration::from_secs(self.length / SLOWEST);
        tokio::spawn(async move {
            let ended = tokio::time::timeout(limit, self.send(sender)).await;
            if let Err(error) = ended.unwrap_or_else(|_| Err("the client is too slow".to_owned())) {
                tracing::info!(%error, "a download of a record ended early");
            }
        });
        body
    }

    async fn send(self, mut sender: Sender<Bytes, std::io::Error>) -> Result<(), String> {
        let Self { live, snapshot, pieces, .. } = &self;
        for piece in pieces {
            let bytes = match piece {
                Piece::Bytes(bytes) => bytes.clone(),
                Piece::File(file) => {
                    let (live, snapshot, path) = (Arc::clone(live), snapshot.clone(), file.path.clone());
                    let read = tokio::task::spawn_blocking(move || live.record_bytes(&snapshot, &path)).await;
                    match read.map_err(|error| error.to_string())?.map_err(|refused| refused.to_string()) {
                        Ok(bytes) => bytes,
                        Err(error) => {
                            // The client sees that the transfer broke off.
                            sender.abort(std::io::Error::other("a file of the record could not be read"));
                            return Err(error);
                        }
                    }
                }
            };
            let sent = tokio::time::timeout(PATIENCE, sender.send_data(bytes.into())).await;
            sent.map_err(|_| "the client is too slow")?.map_err(|_| "the client went away")?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Memory {
    /// Full tiles and attachments.
    fixed: BTreeMap<String, (u64, Hash32)>,
    snapshots: VecDeque<Snapshot>,
}

/// What an index was made of: a checkpoint, and the cosignatures that were there.
#[derive(Clone)]
struct Snapshot {
    checkpoint: Arc<SignedCheckpoint>,
    cosigned: Arc<BTreeMap<u64, String>>,
}

impl Record {
    fn remember(&self, snapshot: &Snapshot) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let size = snapshot.checkpoint.checkpoint().size;
        match memory.snapshots.iter_mut().find(|known| known.checkpoint.checkpoint().size == size) {
            // Cosignatures come in after the board of a size is made.
            Some(known) => *known = snapshot.clone(),
            None => {
                if memory.snapshots.len() >= SNAPSHOTS {
                    memory.snapshots.pop_front();
                }
                memory.snapshots.push_back(snapshot.clone());
            }
        }
    }

    fn snapshot(&self, size: u64) -> Option<Snapshot> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.snapshots.iter().find(|known| known.checkpoint.checkpoint().size == size).cloned()
    }

    fn known(&self, path: &str) -> Option<(u64, Hash32)> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).fixed.get(path).copied()
    }

    fn learn(&self, path: &str, length: u64, hash: Hash32) {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).fixed.insert(path.to_owned(), (length, hash));
    }
}

impl Live {
    /// The index of the record at the newest checkpoint.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] before there is a manifest; [`Refusal::Fault`].
    pub fn record_index(&self) -> Result<RecordIndex, Refused> {
        let (snapshot, index) = self.indexed()?;
        self.record.remember(&snapshot);
        Ok(index)
    }

    /// The record as it is now: what its files are made of, and the index.
    fn indexed(&self) -> Result<(Snapshot, RecordIndex), Refused> {
        let (checkpoint, named) = {
            let published = self.board();
            let checkpoint = published.checkpoint.clone().ok_or(Refusal::NotFound)?;
            (checkpoint, published.state.board.attachments())
        };
        let size = checkpoint.checkpoint().size;
        let snapshot = Snapshot { checkpoint, cosigned: Arc::new(self.cosigned.up_to(size)) };
        let mut paths: Vec<String> = vec![CHECKPOINT_PATH.to_owned()];
        paths.extend(new_tiles(0, size).map(|tile| tile.to_string()));
        paths.extend(named.into_iter().filter(|(leaf, _)| leaf.0 < size).map(|(_, hash)| format!("{ATTACHMENTS}{hash}")));
        paths.extend(snapshot.cosigned.keys().map(|size| cosigned_path(*size)));
        paths.sort();
        paths.dedup();
        let files = paths
            .into_iter()
            .map(|path| {
                if let Some((bytes, sha256)) = self.record.known(&path) {
                    return Ok(RecordFile { path, bytes, sha256: sha256.into() });
                }
                let content = self.record_bytes(&snapshot, &path)?;
                let (bytes, sha256) = (content.len() as u64, Hash32::sha256(&content));
                let fixed = path.starts_with(ATTACHMENTS) || TileId::from_str(&path).is_ok_and(|tile| tile.is_full());
                if fixed {
                    self.record.learn(&path, bytes, sha256);
                }
                Ok(RecordFile { path, bytes, sha256: sha256.into() })
            })
            .collect::<Result<_, Refused>>()?;
        let origin = snapshot.checkpoint.checkpoint().origin.to_string();
        Ok((snapshot, RecordIndex { format: RECORD_FORMAT.to_owned(), origin, size, files }))
    }

    /// The record at the newest checkpoint as one file.
    ///
    /// # Errors
    /// [`Refusal::Busy`] while as many downloads as there may be go on; those of [`Self::record_index`].
    pub fn record_archive(self: &Arc<Self>) -> Result<Download, Refused> {
        let permit = Arc::clone(&self.record.downloads).try_acquire_owned();
        let permit = permit.map_err(|_| Refused::said(Refusal::Busy, "この記録のダウンロードが混み合っています", "too many downloads of this record go on"))?;
        let (snapshot, index) = self.indexed()?;
        let json = canonical::to_bytes(&index).map_err(|error| Refused::fault("writing the index", error))?;
        let (pieces, length) = archive(&index, json).map_err(|error| Refused::fault("laying out the archive", error))?;
        Ok(Download { live: Arc::clone(self), snapshot, pieces, length, _permit: permit })
    }

    /// One file of the record, at the size of an index that was asked for before, or at the newest.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a path that the record of this size does not have, or a size that is not remembered.
    pub fn record_file(&self, path: &str, size: Option<u64>) -> Result<Vec<u8>, Refused> {
        let newest = self.board().checkpoint.clone().ok_or(Refusal::NotFound)?;
        let of = size.unwrap_or(newest.checkpoint().size);
        let snapshot = match self.record.snapshot(of) {
            Some(snapshot) => snapshot,
            None if of == newest.checkpoint().size => Snapshot { checkpoint: newest, cosigned: Arc::new(self.cosigned.up_to(of)) },
            None => return Err(Refused::about(Refusal::NotFound, "ask for the record's index again")),
        };
        self.record_bytes(&snapshot, path)
    }

    fn record_bytes(&self, Snapshot { checkpoint, cosigned }: &Snapshot, path: &str) -> Result<Vec<u8>, Refused> {
        let size = checkpoint.checkpoint().size;
        if path == CHECKPOINT_PATH {
            return Ok(checkpoint.as_str().as_bytes().to_vec());
        }
        if let Some(of) = cosigned_size(path) {
            return cosigned.get(&of).map(|text| text.clone().into_bytes()).ok_or_else(|| Refusal::NotFound.into());
        }
        if let Some(name) = path.strip_prefix(ATTACHMENTS) {
            let hash: Hash32 = name.parse().map_err(|_| Refused::from(Refusal::NotFound))?;
            let named = self.board().state.board.attachments().iter().any(|(leaf, of)| leaf.0 < size && *of == hash);
            if !named {
                return Err(Refusal::NotFound.into());
            }
            return self.attachments.get(hash).map_err(|error| Refused::fault("reading an attachment", error));
        }
        self.tile(path, size)
    }

    /// A tile of the newest board.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn newest_tile(&self, path: &str) -> Result<Vec<u8>, Refused> {
        let size = self.board().checkpoint.as_ref().map(|checkpoint| checkpoint.checkpoint().size).ok_or(Refusal::NotFound)?;
        self.tile(&format!("tile/{path}"), size)
    }

    fn tile(&self, path: &str, size: u64) -> Result<Vec<u8>, Refused> {
        let tile = TileId::from_str(path).map_err(|_| Refused::from(Refusal::NotFound))?;
        match tile.kind() {
            TileKind::Hashes(_) => {
                let published = self.board();
                hash_tile(&published.state.tree, tile).map_err(|_| Refused::from(Refusal::NotFound))
            }
            TileKind::Entries => {
                if tile.end() > size {
                    return Err(Refusal::NotFound.into());
                }
                let entries = (tile.start()..tile.end()).map(|leaf| self.entry_bytes(LeafIndex(leaf))).collect::<Result<Vec<_>, _>>()?;
                entry_bundle(entries).map_err(|error| Refused::fault("making a bundle", error))
            }
        }
    }
}
