//! The verifier checks a record of an election from nothing but its files, and a voter's receipt or challenged ballot.
//!
//! - [`access`]: the list that a resident keeps of who received or saw what.
//! - [`board`]: the pure fold of a board; the daemon and the trustee's tool use it as well.
//! - [`eligibility`]: the authority's audit, with the sealed evidence and the roll.
//! - [`rule`]: the numbered rules of `crypto/PROTOCOL.md`, and what breaks one.
//! - [`witness`], [`policy`]: who cosigned the board's checkpoints; [`fork`]: evidence that one key signed two boards.
//! - [`obligation`]: the proofs that the fold leaves to be checked in batches.
//! - [`elected`]: the votes of a board's contests, and who is elected with them.
//! - [`outcome`]: who is elected, from the votes of a contest: thresholds, ties and lots of the Public Offices Election Act.
//!
//! Nothing here needs a network or a database.

pub mod access;
pub mod board;
pub mod elected;
pub mod eligibility;
pub mod failure;
pub mod fork;
mod known;
pub mod obligation;
pub mod outcome;
pub mod policy;
pub mod receipt;
pub mod record;
pub mod roster;
pub mod rule;
mod seen;
pub mod tally;
#[cfg(feature = "testing")]
pub mod testing;
pub mod verify;
pub mod witness;

pub use board::{Board, Lookup};
pub use failure::{Failure, Incomplete};
pub use fork::check_fork;
pub use obligation::{Obligation, discharge};
pub use policy::Policy;
pub use rule::{Rule, Violation};
pub use verify::{Audit, Audited, Extent, Options, Verdict, Verified, audit_record, verify_record};
