//! Witnesses cosign the board's checkpoints; a record holds their lines in `cosigned/<size>` (PROTOCOL §3.4).
//!
//! What is checked is the form of each file, every signature, the root against the tree (R111), and that no cosignature is older than what it covers (R112).
//! What follows is a bound: everything below a cosigned size existed at the time of the cosignature, as far as that witness is believed.

use std::collections::BTreeMap;

use serde::Serialize;
use tachiai_crypto::journal::{BoardKey, Cosignature, CosignedCheckpoint, Origin, WitnessKey};
use tachiai_schemas::election::Manifest;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{LeafIndex, Timestamp};

use crate::board::{Board, Roots};
use crate::failure::{Failure, Incomplete};
use crate::record::{Record, cosigned_path};
use crate::rule::{Breaks, Rule, Violation, require};

/// How many seconds a witness's clock may be behind the board's (R112).
pub const SLACK: i64 = 300;

/// The longest file of cosignatures in bytes.
pub const MAX_COSIGNED: u64 = 16 << 10;

/// How many cosigned sizes a record has at most: each milestone and a newest one, for each witness.
pub const MAX_FILES: usize = 128;

/// The keys of a manifest's witnesses, in its order.
///
/// # Errors
/// A [`Violation`] of R108 for a manifest that is not valid.
pub fn witness_keys(manifest: &Manifest) -> Result<Vec<WitnessKey>, Violation> {
    let keys = manifest.witnesses.keys.iter();
    keys.map(|witness| Ok(WitnessKey::new(Origin::new(&witness.name).breaks(Rule::R108)?, BoardKey::from_bytes(&witness.key.0).breaks(Rule::R108)?))).collect()
}

/// The times of the last entries below the sizes that are cosigned, gathered while the entries are read.
pub(crate) struct Times(BTreeMap<u64, Option<Timestamp>>);

impl Times {
    pub(crate) fn of(record: &Record) -> Self {
        Self(record.cosigned().map(|size| (size, None)).collect())
    }

    pub(crate) fn note(&mut self, leaf: LeafIndex, at: Timestamp) {
        if let Some(time) = self.0.get_mut(&leaf.0.saturating_add(1)) {
            *time = Some(at);
        }
    }
}

/// What the witnesses of a record have cosigned.
#[derive(Debug, Clone, Default)]
pub struct Witnessed {
    quorum: usize,
    keys: Vec<WitnessKey>,
    files: BTreeMap<u64, CosignedCheckpoint>,
}

/// R111 and R112.
pub(crate) fn check(record: &Record, board: &Board, roots: &dyn Roots, times: &Times) -> Result<Witnessed, Failure> {
    let missing = || Violation::of_record(Rule::R103, "the board has no manifest");
    let (manifest, origin, key) = (board.manifest().ok_or_else(missing)?, board.origin().ok_or_else(missing)?, board.board_key().ok_or_else(missing)?);
    let keys = witness_keys(manifest)?;
    let found = times.0.len();
    if found > MAX_FILES {
        return Err(Violation::of_record(Rule::R111, format!("{found} cosigned sizes, at most {MAX_FILES} belong in a record")).into());
    }
    let mut files = BTreeMap::new();
    for (size, at) in &times.0 {
        let path = cosigned_path(*size);
        let text = String::from_utf8(record.read(&path, MAX_COSIGNED)?).breaks(Rule::R111)?;
        let cosigned = CosignedCheckpoint::parse(&text, origin, &key).map_err(|error| Violation::of_record(Rule::R111, format!("{path}: {error}")))?;
        check_file(&path, *size, &cosigned, &keys, roots)?;
        let at = at.ok_or_else(|| Violation::of_record(Rule::R111, format!("{path}: the board never had this size")))?;
        for line in cosigned.cosignatures() {
            let early = i64::try_from(line.time()).unwrap_or(i64::MAX) < at.unix().saturating_sub(SLACK);
            let leaf = LeafIndex(size.saturating_sub(1));
            if early {
                let detail = format!("{path}: {} had seen this entry at {}, and its time is {at}", line.name(), time_of(line.time()));
                return Err(Violation::of_record(Rule::R112, detail).at(leaf).into());
            }
        }
        files.insert(*size, cosigned);
    }
    Ok(Witnessed { quorum: usize::from(manifest.witnesses.quorum), keys, files })
}

fn check_file(path: &str, size: u64, cosigned: &CosignedCheckpoint, keys: &[WitnessKey], roots: &dyn Roots) -> Result<(), Violation> {
    let checkpoint = cosigned.signed().checkpoint();
    require!(checkpoint.size == size, R111, "{path} holds a checkpoint of size {}", checkpoint.size);
    require!(roots.root_at(size) == Some(checkpoint.root), R111, "{path} is of another board than this record");
    require!(!cosigned.cosignatures().is_empty(), R111, "{path} holds no cosignature");
    let text = checkpoint.to_note_text();
    let mut rest = keys.iter();
    for line in cosigned.cosignatures() {
        // In manifest order, so what was passed over or taken is not looked at again.
        let key = rest.find(|key| line.is_by(key));
        let key = key.ok_or_else(|| Violation::of_record(Rule::R111, format!("{path}: {} is no witness of the manifest, or not in its order", line.name())))?;
        key.verify(&text, line).map_err(|error| Violation::of_record(Rule::R111, format!("{path}: {error}")))?;
    }
    Ok(())
}

/// The time of a cosignature, as far as it can be written.
fn time_of(seconds: u64) -> String {
    timestamp(seconds).map_or_else(|| format!("{seconds} s"), |time| time.to_string())
}

fn timestamp(seconds: u64) -> Option<Timestamp> {
    Timestamp::from_unix(i64::try_from(seconds).ok()?).ok()
}

impl Witnessed {
    /// The cosignatures of the checkpoint of a size.
    #[must_use]
    pub fn lines(&self, size: u64) -> &[Cosignature] {
        self.files.get(&size).map_or(&[], CosignedCheckpoint::cosignatures)
    }

    /// Whether as many witnesses as the manifest asks for have cosigned the board of this size.
    ///
    /// # Errors
    /// [`Incomplete::Unwitnessed`].
    pub fn complete(&self, size: u64) -> Result<(), Incomplete> {
        let lines = self.lines(size);
        if lines.len() >= self.quorum {
            return Ok(());
        }
        let missing = self.keys.iter().filter(|key| !lines.iter().any(|line| line.is_by(key))).map(|key| key.name().to_string()).collect();
        Err(Incomplete::Unwitnessed { have: lines.len(), quorum: self.quorum, missing })
    }

    /// What the verdict says of them.
    pub(crate) fn outcome(&self, board: &Board) -> WitnessesOutcome {
        let followed =
            |key: &WitnessKey| self.files.iter().rev().find(|(_, file)| file.cosignatures().iter().any(|line| line.is_by(key))).map(|(size, _)| *size);
        let published = (board.phase() == Phase::Published).then(|| LeafIndex(board.size().saturating_sub(1)));
        let milestones = [
            ("opened", board.opened().map(|opened| opened.leaf())),
            ("online-closed", board.online_closed()),
            ("poll-closed", board.poll_closed()),
            ("published", published),
        ];
        WitnessesOutcome {
            quorum: self.quorum,
            keys: self.keys.iter().map(|key| WitnessOutcome { name: key.name().to_string(), size: followed(key) }).collect(),
            bounds: milestones.into_iter().filter_map(|(milestone, leaf)| self.bound(milestone, leaf?)).collect(),
        }
    }

    /// The k-th smallest of the witnesses' first times for a board that holds this leaf.
    fn bound(&self, milestone: &'static str, leaf: LeafIndex) -> Option<Bound> {
        let mut first: Vec<(u64, &str)> = Vec::new();
        for key in &self.keys {
            let lines = self.files.range(leaf.0.saturating_add(1)..).flat_map(|(_, file)| file.cosignatures()).filter(|line| line.is_by(key));
            first.extend(lines.map(Cosignature::time).min().map(|time| (time, key.name().as_str())));
        }
        first.sort_unstable();
        let (time, _) = first.get(self.quorum.checked_sub(1)?)?;
        let by = timestamp(*time)?;
        Some(Bound { milestone, leaf, by, witnesses: first.into_iter().map(|(_, name)| name.to_owned()).collect() })
    }
}

/// The witnesses in a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WitnessesOutcome {
    /// k: how many must have cosigned the published board.
    pub quorum: usize,
    /// The witnesses of the manifest.
    pub keys: Vec<WitnessOutcome>,
    /// What at least k of them say existed, and when.
    pub bounds: Vec<Bound>,
}

/// One witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WitnessOutcome {
    /// Its name.
    pub name: String,
    /// The greatest size that it cosigned in this record.
    pub size: Option<u64>,
}

/// Everything up to a leaf existed by a time, k witnesses say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// Which entry: `opened`, `online-closed`, `poll-closed` or `published`.
    pub milestone: &'static str,
    /// Its leaf.
    pub leaf: LeafIndex,
    /// The k-th smallest of the witnesses' times.
    pub by: Timestamp,
    /// Every witness that covers it, the earliest first.
    pub witnesses: Vec<String>,
}
