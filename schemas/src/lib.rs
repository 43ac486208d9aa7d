//! The types on the wire and in journals, one file per domain, and the validation of their fields.
//!
//! Nothing here does I/O, except that `cli` (with that feature) prints what a program says of its command line. What enters the daemon or a verifier is parsed into these types once.

pub mod bytes;
pub mod canonical;
#[cfg(feature = "cli")]
pub mod cli;
pub mod columns;
pub mod counting;
pub mod declaration;
pub mod desk;
pub mod election;
pub mod entry;
pub mod evidence;
pub mod fork;
pub mod health;
pub mod id;
pub mod identity;
pub mod journal;
pub mod lang;
pub mod paper;
pub mod receipt;
pub mod record;
pub mod refusal;
pub mod replace;
pub mod roll;
pub mod roster;
mod rows;
pub mod sharing;
pub mod shelter;
pub mod spec;
pub mod staff;
pub mod status;
pub mod system;
pub mod time;
pub mod trustee;
pub mod validate;

pub use bytes::{Blob, Bytes, HashBytes};
pub use id::{CitizenId, Counter, ElectionId, LeafIndex, Slot, TrusteeIndex};
pub use lang::{Lang, Say};
pub use refusal::Refusal;
pub use replace::InPlaceOf;
pub use time::Timestamp;
