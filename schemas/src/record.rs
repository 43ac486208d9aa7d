//! The record: the folder that an auditor gets. `record.json` lists every other file.
//!
//! `checkpoint` is the signed note; `tile/…` are the C2SP tiles and entry bundles; `attachments/<sha256 in hex>` are the attachments.

use serde::{Deserialize, Serialize};

use crate::HashBytes;

/// `record.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordIndex {
    /// `tachiai-record/1`.
    pub format: String,
    /// The board's origin.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// Every other file, by ascending path.
    pub files: Vec<RecordFile>,
}

/// One file of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordFile {
    /// Its path, with `/`.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: HashBytes,
}

/// The value of [`RecordIndex::format`].
pub const RECORD_FORMAT: &str = "tachiai-record/1";
