//! The authority's audit: what an honest election shows, and every way to forge one. Each forgery is consistent otherwise: hashed, sealed and signed
//! with certificates of a certification authority of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "eligibility/certificates.rs"]
mod certificates;
#[path = "eligibility/counter.rs"]
mod counter;
#[path = "eligibility/evidence.rs"]
mod evidence;
#[path = "eligibility/files.rs"]
mod files;
#[path = "eligibility/handouts.rs"]
mod handouts;
#[path = "eligibility/honest.rs"]
mod honest;
#[path = "eligibility/persons.rs"]
mod persons;
#[path = "eligibility/program.rs"]
mod program;
#[path = "eligibility/roll.rs"]
mod roll;

use tachiai_schemas::LeafIndex;
use tachiai_verify::eligibility::testing::Town;
use tachiai_verify::eligibility::{Audited, Eligibility};
use tachiai_verify::testing::Play;
use tachiai_verify::{Failure, Incomplete, Rule};

/// What an audit says of a play.
fn audit(play: &Play, town: &Town) -> Result<Audited, Failure> {
    let folder = tempfile::tempdir().unwrap();
    town.write(play, folder.path());
    town.audit(folder.path())
}

/// A play that is eligible, counted to its end first.
#[track_caller]
fn holds(play: &mut Play, town: &Town) -> Eligibility {
    town.end(play);
    match audit(play, town) {
        Ok(audited) => audited.verdict,
        Err(failure) => panic!("{failure}"),
    }
}

/// A play, counted to its end, whose record holds and whose audit is refuted by this rule at this leaf.
#[track_caller]
fn refuted(play: &mut Play, town: &Town, rule: Rule, leaf: Option<LeafIndex>) {
    town.end(play);
    let folder = tempfile::tempdir().unwrap();
    town.write(play, folder.path());
    // The public can find nothing.
    tachiai_verify::verify_record(&folder.path().join("record"), &tachiai_verify::Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    match town.audit(folder.path()) {
        Err(Failure::Refuted(violation)) => assert_eq!((violation.rule, violation.leaf), (rule, leaf), "{violation}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the audit holds"),
    }
}

#[track_caller]
fn incomplete(outcome: Result<Audited, Failure>) -> Incomplete {
    match outcome {
        Err(Failure::Incomplete(incomplete)) => incomplete,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the audit holds"),
    }
}
