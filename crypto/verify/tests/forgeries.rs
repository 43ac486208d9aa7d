//! Forged records, each consistent in all other respects, hashed and signed again with the board key: the verifier names the rule.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "forgeries/access.rs"]
mod access;
#[path = "forgeries/ballot.rs"]
mod ballot;
#[path = "forgeries/board.rs"]
mod board;
#[path = "forgeries/ceremony.rs"]
mod ceremony;
#[path = "forgeries/count.rs"]
mod count;
#[path = "forgeries/disclosure.rs"]
mod disclosure;
#[path = "forgeries/encodings.rs"]
mod encodings;
#[path = "forgeries/files.rs"]
mod files;
#[path = "forgeries/forger.rs"]
mod forger;
#[path = "forgeries/paper.rs"]
mod paper;
#[path = "forgeries/proofs.rs"]
mod proofs;
#[path = "forgeries/receipt.rs"]
mod receipt;
#[path = "forgeries/registration.rs"]
mod registration;
#[path = "forgeries/roster.rs"]
mod roster;
#[path = "forgeries/shares.rs"]
mod shares;
#[path = "forgeries/statement.rs"]
mod statement;
#[path = "forgeries/witness.rs"]
mod witness;

use std::path::Path;

use tachiai_schemas::LeafIndex;
use tachiai_verify::testing::Play;
use tachiai_verify::{Audit, Extent, Failure, Options, Rule, Violation, audit_record, verify_record};

/// What the verifier says of a record in a folder, however far it goes: the same whether it keeps the board in memory or not.
fn verdict(folder: &Path) -> Result<(), Failure> {
    let options = Options { extent: Extent::Partial, ..Options::default() };
    let (kept, audited) = (verify_record(folder, &options).map(|_| ()), audit_record(folder, &options, &Audit::default()).map(|_| ()));
    assert_eq!(kept.as_ref().map_err(ToString::to_string), audited.as_ref().map_err(ToString::to_string));
    kept
}

/// The violation that the verifier finds in a record.
fn violation(folder: &Path) -> Violation {
    match verdict(folder) {
        Err(Failure::Refuted(violation)) => violation,
        Err(failure) => panic!("{failure}"),
        Ok(()) => panic!("the forged record holds"),
    }
}

/// Asserts that the record of a play breaks a rule, and where.
fn broken(play: &Play, rule: Rule, leaf: impl Into<Option<LeafIndex>>) {
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let found = violation(folder.path());
    assert_eq!((found.rule, found.leaf), (rule, leaf.into()), "{found}");
}

/// An election that is open for votes.
fn open(seed: u8) -> Play {
    let mut play = Play::new(seed);
    play.ceremony();
    play.open();
    play
}

/// The leaf that comes next.
fn next(play: &Play) -> LeafIndex {
    LeafIndex(play.tree.len())
}

/// Closes and counts, as if everything before had been right.
fn end(mut play: Play) -> Play {
    play.close();
    play.count();
    play
}
