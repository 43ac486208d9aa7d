//! Why a verification did not end well: something is refuted, or something is not there to be verified.

use tachiai_schemas::receipt::Phase;

use crate::rule::Violation;

/// The end of a verification that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule is broken.
    #[error(transparent)]
    Refuted(#[from] Violation),
    /// Not everything is there or readable, so nothing is said about the rest.
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
}

/// What is missing.
#[derive(Debug, thiserror::Error)]
pub enum Incomplete {
    /// A file that should be there is not.
    #[error("{path} is missing")]
    Missing {
        /// The path within the record.
        path: String,
    },
    /// An archive ends before its last file, as after an interrupted download.
    #[error("{path} ends early: the download was not finished")]
    Truncated {
        /// The path.
        path: String,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// The path.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file that the user asked for cannot be written.
    #[error("{path} cannot be written: {error}")]
    Unwritable {
        /// The path.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The folder for temporary files cannot be used.
    #[error("temporary files in {path}: {error}; another folder can be given with --scratch")]
    Scratch {
        /// The folder.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file given by the user is not what it should be.
    #[error("{path} is not {what}: {reason}")]
    NotA {
        /// The path.
        path: String,
        /// What belongs there.
        what: &'static str,
        /// Why it is not.
        reason: String,
    },
    /// The cards are all of the other kind than the audit was begun for.
    #[error("{}", if *test { "every certificate so far is of a test card" } else { "every certificate so far is of a resident's card, and none of a test card" })]
    OtherCards {
        /// Whether they are test cards.
        test: bool,
    },
    /// The record ends before the result is published.
    #[error("the record ends in the phase {0:?}, before the result is published")]
    NotPublished(Phase),
    /// The count stops at equal votes: a lot has to be drawn first.
    #[error("{0}")]
    Tied(String),
    /// Fewer witnesses than the manifest asks for have cosigned the published board.
    #[error("of the witnesses {have} cosigned the published board, {quorum} must have; not yet: {}", missing.join(", "))]
    Unwitnessed {
        /// How many have.
        have: usize,
        /// How many must have.
        quorum: usize,
        /// Who has not.
        missing: Vec<String>,
    },
    /// The quorum of the policy that was given has not cosigned.
    #[error("the policy's quorum has not cosigned this checkpoint; no cosignature by: {}", missing.join(", "))]
    Policy {
        /// Who has not.
        missing: Vec<String>,
    },
    /// The files changed while they were read, or this program failed.
    #[error("{0}")]
    Fault(&'static str),
}
