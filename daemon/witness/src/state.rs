//! What a witness must never forget: its key, the logs that it watches, and of each the newest checkpoint that it has cosigned or is about to.
//!
//! | file | is |
//! |---|---|
//! | `key` | name and seed of the key, mode 0600 |
//! | `logs/<id>/log.json` | [`Log`]: origin, key, and for a board where it is and how it was pinned |
//! | `logs/<id>/checkpoint` | the newest checkpoint, as the log signed it: on disk before it is cosigned |
//! | `logs/<id>/cosigned` | the newest cosigned checkpoint, to be handed in again if need be |
//! | `logs/<id>/fork-….json` | evidence that the log signed two boards |
//! | `logs/<id>/refused-….txt` | a checkpoint that was refused, after the one that was known, where no evidence could be made of them |
//! | `lock` | held by the one who compares, writes and signs |
//!
//! **Invariant:** a cosignature is made only of the checkpoint that `checkpoint` holds, after it was synced, and `checkpoint` changes only to one that
//! extends it. A witness whose state is lost must not be set up again under the same key.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::cosignature::parse_log_key;
use tachiai_crypto::journal::{BoardKey, Cosignature, LogCheckpoint, Origin, WitnessKey, WitnessSecretKey};
use tachiai_schemas::fork::ForkEvidence;
use tachiai_schemas::{ElectionId, HashBytes};
use zeroize::Zeroizing;

use crate::disk;
use crate::failure::{Exit, Failure};

/// The value of [`Log::format`].
const LOG_FORMAT: &str = "tachiai-watched/1";

/// How many files of each kind are kept of one log: of evidence, and of what was refused.
const MAX_EVIDENCE: usize = 32;

/// The first line of the key's file.
const KEY_FORMAT: &str = "tachiai-witness-key/1";

/// The state of a witness in a folder.
pub struct State {
    dir: PathBuf,
    key: WitnessSecretKey,
    public: WitnessKey,
}

/// A log that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `tachiai-watched/1`.
    pub format: String,
    /// The log's key, `origin+id+base64`.
    pub key: String,
    /// For a board of an election: what was pinned, and where it is.
    pub board: Option<PinnedBoard>,
}

/// A board of an election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedBoard {
    /// The election.
    pub election: ElectionId,
    /// Leaf hash of the manifest.
    pub manifest: HashBytes,
    /// Leaf hash of `opened`, if the election was open.
    pub opened: Option<HashBytes>,
    /// Whether the fingerprint of the public notice was compared.
    pub compared: bool,
    /// The address of the appliance; `null` for a board that comes by stick alone.
    pub url: Option<String>,
    /// The certificate of the appliance's authority, PEM.
    pub ca: Option<PathBuf>,
    /// Whether the manifest lists this witness: else the appliance does not take its cosignatures.
    pub listed: bool,
}

impl Log {
    /// A log by its key.
    #[must_use]
    pub fn new(origin: &Origin, key: &BoardKey, board: Option<PinnedBoard>) -> Self {
        Self { format: LOG_FORMAT.to_owned(), key: key.to_note_key(origin), board }
    }

    /// Origin and key.
    ///
    /// # Errors
    /// [`Failure`] for a file that was damaged.
    pub fn parts(&self) -> Result<(Origin, BoardKey), Failure> {
        parse_log_key(&self.key).map_err(|error| {
            Failure::new(Exit::Incomplete, format!("監視対象の鍵が壊れています: {error}"), format!("the key of a watched log is damaged: {error}"))
        })
    }

    /// Whether this may be written where another is known: it is of the same key, and forgets and changes nothing that was pinned.
    ///
    /// # Errors
    /// [`Failure`]: which of these does not hold.
    pub fn fits(&self, known: &Self) -> Result<(), Failure> {
        let (origin, _) = self.parts()?;
        let manifests = (known.board.as_ref().map(|board| board.manifest), self.board.as_ref().map(|board| board.manifest));
        if known.key != self.key || matches!(manifests, (Some(a), Some(b)) if a != b) {
            return Err(Failure::refused(
                format!("{origin} は、別の鍵または別の選挙の定義ですでに監視しています。分岐の疑いがあります。"),
                format!("{origin} is watched already, under another key or manifest. This may be a fork."),
            ));
        }
        if matches!(manifests, (Some(_), None)) {
            return Err(Failure::refused(
                format!("{origin} は、選挙の掲示板としてすでに監視しています。--log ではなく --board か --stick を使ってください。"),
                format!("{origin} is watched already as the board of an election. Use --board or --stick, not --log."),
            ));
        }
        let opened = |log: &Self| log.board.as_ref().and_then(|board| board.opened);
        if matches!((opened(known), opened(self)), (Some(a), Some(b)) if a != b) {
            return Err(Failure::refused(
                format!(
                    "{origin} は、監視中のものと異なる投票開始の項目を示しています。分岐の疑いがあります。公告の指紋を確かめ、選挙管理委員会と監査人に知らせてください。"
                ),
                format!(
                    "{origin} shows another `opened` than the one that is watched. This may be a fork: check the fingerprint of the notice, tell the commission and an auditor."
                ),
            ));
        }
        Ok(())
    }
}

/// A log's folder while nobody else may change it.
pub struct Held<'a> {
    state: &'a State,
    dir: PathBuf,
    origin: Origin,
    key: BoardKey,
    _lock: File,
}

impl State {
    /// Makes a key in a folder that has none.
    ///
    /// # Errors
    /// [`Failure`]: there is one already, or the disk.
    pub fn init(dir: &Path, name: &str) -> Result<Self, Failure> {
        let name = Origin::new(name).map_err(|_| {
            Failure::new(
                Exit::Usage,
                "証人の名前は、空白・制御文字・+ を含まない1〜255バイトです（例: kansa.example.jp/tachiai）。",
                "the name of a witness has 1 to 255 bytes and no white space, control character or + (for example kansa.example.jp/tachiai).",
            )
        })?;
        disk::create_dir(dir).map_err(|error| Failure::file(dir, error))?;
        let path = dir.join("key");
        let key = WitnessSecretKey::generate(name.clone(), &mut OsRng);
        let text = Zeroizing::new(format!("{KEY_FORMAT}\n{name}\n{}\n", BASE64.encode(key.to_seed().as_slice())));
        disk::create(&path, text.as_bytes()).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::refused(
                format!("{} に鍵がすでにあります。証人の鍵は作り直せません。", dir.display()),
                format!("there is a key in {} already. The key of a witness is not made anew.", dir.display()),
            ),
            _ => Failure::file(&path, error),
        })?;
        Self::open(dir)
    }

    /// Opens a folder with a key.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join("key");
        let text = Zeroizing::new(fs::read_to_string(&path).map_err(|error| Failure::file(&path, error))?);
        let damaged = || Failure::file(&path, "this is not the key of a witness (tachiai-witness init)");
        let mut lines = text.lines();
        let (Some(KEY_FORMAT), Some(name), Some(seed), None) = (lines.next(), lines.next(), lines.next(), lines.next()) else { return Err(damaged()) };
        let name = Origin::new(name).map_err(|_| damaged())?;
        let seed = Zeroizing::new(BASE64.decode(seed.as_bytes()).map_err(|_| damaged())?);
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.as_slice().try_into().map_err(|_| damaged())?);
        let key = WitnessSecretKey::from_seed(name, &seed);
        let public = key.public().map_err(|_| damaged())?;
        Ok(Self { dir: dir.to_owned(), key, public })
    }

    /// The public key.
    #[must_use]
    pub const fn key(&self) -> &WitnessKey {
        &self.public
    }

    /// Every watched log, by its origin.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn logs(&self) -> Result<BTreeMap<Origin, Log>, Failure> {
        let dir = self.dir.join("logs");
        if !dir.exists() {
            return Ok(BTreeMap::new());
        }
        let mut logs = BTreeMap::new();
        for entry in fs::read_dir(&dir).map_err(|error| Failure::file(&dir, error))? {
            let path = entry.map_err(|error| Failure::file(&dir, error))?.path().join("log.json");
            // A folder whose log was never written is one of an interrupted command.
            if let Some(log) = read_log(&path)? {
                logs.insert(log.parts()?.0, log);
            }
        }
        Ok(logs)
    }

    /// A watched log by its origin.
    ///
    /// # Errors
    /// [`Failure`] if what is written of it cannot be read.
    pub fn log(&self, origin: &Origin) -> Result<Option<Log>, Failure> {
        read_log(&self.log_dir(origin).join("log.json"))
    }

    fn log_dir(&self, origin: &Origin) -> PathBuf {
        let hash = Hash32::sha256(origin.as_str().as_bytes());
        self.dir.join("logs").join(HEXLOWER.encode(&hash.as_bytes()[..16]))
    }

    /// Writes a log down, or what is known of it now, if that [fits](Log::fits) what was known.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn watch(&self, log: &Log) -> Result<(), Failure> {
        let (origin, key) = log.parts()?;
        self.hold(&origin, &key)?.watch(log)
    }

    /// Takes a log's folder for itself; others wait.
    ///
    /// # Errors
    /// [`Failure`] of the disk.
    pub fn hold(&self, origin: &Origin, key: &BoardKey) -> Result<Held<'_>, Failure> {
        let path = self.dir.join("lock");
        let lock = disk::lock(&path).map_err(|error| Failure::file(&path, error))?;
        Ok(Held { state: self, dir: self.log_dir(origin), origin: origin.clone(), key: *key, _lock: lock })
    }
}

fn read_log(path: &Path) -> Result<Option<Log>, Failure> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| Failure::file(path, error))?,
    };
    let log: Log = serde_json::from_slice(&bytes).map_err(|error| Failure::file(path, error))?;
    if log.format == LOG_FORMAT { Ok(Some(log)) } else { Err(Failure::file(path, format!("unknown format {}", log.format))) }
}

/// What was cosigned is known no more.
fn lost(path: &Path) -> Failure {
    let shown = path.display();
    Failure::new(
        Exit::Incomplete,
        format!(
            "{shown} がありませんが、この証人は連署したことがあります。状態が失われたので連署しません。この鍵の使用をやめ、新しいフォルダーで init を実行してください。"
        ),
        format!("{shown} is missing, but this witness has cosigned: its state is lost and nothing is cosigned. Retire this key, and run init in a new folder."),
    )
}

impl Held<'_> {
    /// Writes a log down, or what is known of it now, if that [fits](Log::fits) what was known.
    pub(crate) fn watch(&self, log: &Log) -> Result<(), Failure> {
        if let Some(known) = self.state.log(&self.origin)? {
            log.fits(&known)?;
        }
        disk::create_dir(&self.dir).map_err(|error| Failure::file(&self.dir, error))?;
        let path = self.dir.join("log.json");
        let bytes = serde_json::to_vec_pretty(log).map_err(|error| Failure::file(&path, error))?;
        disk::replace(&path, &bytes).map_err(|error| Failure::file(&path, error))
    }

    /// The newest checkpoint that was cosigned, or was about to be.
    ///
    /// # Errors
    /// [`Failure`] if it is there and cannot be read: nothing is signed then.
    pub fn newest(&self) -> Result<Option<LogCheckpoint>, Failure> {
        let path = self.dir.join("checkpoint");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.dir.join("cosigned").exists() => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(lost(&path)),
            other => other.map_err(|error| Failure::file(&path, error))?,
        };
        LogCheckpoint::parse_and_verify(&text, &self.origin, &self.key).map(Some).map_err(|error| Failure::file(&path, error))
    }

    /// Writes a checkpoint down, durably. The caller has verified that it extends [`Self::newest`].
    pub(crate) fn persist(&self, checkpoint: &LogCheckpoint) -> Result<(), Failure> {
        disk::create_dir(&self.dir).map_err(|error| Failure::file(&self.dir, error))?;
        let path = self.dir.join("checkpoint");
        disk::replace(&path, checkpoint.to_string().as_bytes()).map_err(|error| Failure::file(&path, error))
    }

    /// Signs the checkpoint that [`Self::persist`] wrote.
    pub(crate) fn cosign(&self, checkpoint: &LogCheckpoint, time: u64) -> Cosignature {
        self.state.key.cosign(checkpoint.note_text(), time)
    }

    /// Keeps the newest cosigned checkpoint, so that it can be handed in again.
    ///
    /// # Errors
    /// [`Failure`] of the disk.
    pub fn keep(&self, cosigned: &str) -> Result<(), Failure> {
        let path = self.dir.join("cosigned");
        disk::replace(&path, cosigned.as_bytes()).map_err(|error| Failure::file(&path, error))
    }

    /// The newest cosigned checkpoint, if one is kept.
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        fs::read_to_string(self.dir.join("cosigned")).ok()
    }

    /// Writes evidence of a fork and gives its path. The same evidence again has the same name, and a log that goes on forking fills no disk: the first
    /// files convince as well as any later one.
    ///
    /// # Errors
    /// [`Failure`] of the disk.
    pub fn accuse(&self, evidence: &ForkEvidence) -> Result<PathBuf, Failure> {
        let bytes = serde_json::to_vec(evidence).map_err(|error| Failure::file(&self.dir, error))?;
        let known = self.evidence()?;
        let path = self.dir.join(format!("fork-{}.json", HEXLOWER.encode(&Hash32::sha256(&bytes).as_bytes()[..8])));
        if known.contains(&path) {
            return Ok(path);
        }
        if let Some(first) = known.first().filter(|_| known.len() >= MAX_EVIDENCE) {
            return Ok(first.clone());
        }
        disk::replace(&path, &bytes).map_err(|error| Failure::file(&path, error))?;
        Ok(path)
    }

    /// The evidence of forks that is kept.
    ///
    /// # Errors
    /// [`Failure`] of the disk.
    pub fn evidence(&self) -> Result<Vec<PathBuf>, Failure> {
        self.files("fork-")
    }

    /// Keeps a checkpoint that was refused, after the one that was known, where no evidence can be made of both now; gives the path if it is new. As many are
    /// kept as of evidence, the first ones: anyone may bring a good checkpoint with a bad proof.
    ///
    /// # Errors
    /// [`Failure`] of the disk.
    pub fn keep_refused(&self, known: &LogCheckpoint, new: &LogCheckpoint) -> Result<Option<PathBuf>, Failure> {
        let kept = self.files("refused-")?;
        let path = self.dir.join(format!("refused-{}.txt", HEXLOWER.encode(&Hash32::sha256(new.note_text().as_bytes()).as_bytes()[..8])));
        if kept.len() >= MAX_EVIDENCE || kept.contains(&path) {
            return Ok(None);
        }
        disk::replace(&path, format!("{known}\n{new}").as_bytes()).map_err(|error| Failure::file(&path, error))?;
        Ok(Some(path))
    }

    fn files(&self, kind: &str) -> Result<Vec<PathBuf>, Failure> {
        let all = fs::read_dir(&self.dir).map_err(|error| Failure::file(&self.dir, error))?.flatten();
        let of_kind = all.filter(|entry| entry.file_name().to_string_lossy().starts_with(kind) && entry.path().extension().is_none_or(|end| end != "new"));
        let mut paths: Vec<PathBuf> = of_kind.map(|entry| entry.path()).collect();
        paths.sort();
        Ok(paths)
    }
}
