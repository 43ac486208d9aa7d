//! A journal on disk is the truth: segment files to which entries are only ever added, each one chained by hash
//! to all before it, and synced before anyone is told that it is there.
//!
//! | file | is |
//! |---|---|
//! | [`id`] | the name of a journal |
//! | [`frame`] | the bytes of a segment file |
//! | [`segments`] | a journal: open, recover, append, read |
//! | [`committer`] | the one thread that may append, and the domain state it owns |
//! | [`mirror`] | the public journal as C2SP tlog-tiles on a second path |
//! | [`disk`] | how full the disk is, and the ballast to free in need |
//! | [`durable`] | files and folders that are there after a power cut |
//! | [`lock`] | one daemon for a data folder |
//!
//! What is promised:
//!
//! - **Durable before it is acknowledged.** [`Journal::append_batch`] returns after `fdatasync` of the segment;
//!   a new segment and its folder are synced before the first entry goes in.
//! - **All or nothing.** The entries of one batch are recovered together or not at all, so that a command that
//!   writes two entries never leaves one of them.
//! - **Nothing is repaired silently.** An unfinished batch at the very end is cut, kept aside and said; any
//!   other damage makes the journal refuse to open, and nothing is changed or deleted.
//! - **A failed write ends writing.** After an append or sync failed, the journal reads but does not write until
//!   it is opened again, since nobody can know what the disk holds.
//!
//! What is *not* detected here: bytes of the very last batch that decay look like an unfinished one. The
//! store's high-water mark and the mirror's checkpoint then stand above the journal, and both say so.

pub mod committer;
pub mod disk;
pub mod durable;
pub mod error;
pub mod frame;
pub mod id;
pub mod lock;
pub mod mirror;
pub mod segments;

pub use committer::{Appended, CommitError, Committer, CommitterOptions, Handled, Ledger, ReadOnly, Submitter};
pub use disk::{Ballast, DiskGuard};
pub use error::JournalError;
pub use id::JournalId;
pub use lock::{DataLock, LockError};
pub use mirror::{Mirror, MirrorError, MirrorFailure, MirrorStatus, MirrorTrouble, MirrorUpdater, MirrorWriter};
pub use segments::{Journal, JournalReader, Options, Recovery, Syncer, TornTail};
