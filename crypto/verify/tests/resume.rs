//! A long audit goes on where it was interrupted, and says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::path::Path;

use tachiai_schemas::Slot;
use tachiai_schemas::election::{Body, Choice};
use tachiai_verify::testing::{Places, Play, contest};
use tachiai_verify::{Audit, Failure, Incomplete, Options, Rule, Verdict, audit_record};

/// Enough voters for several chunks of proofs: with one worker, a chunk is done before the fourth is handed out.
const SLOTS: u32 = 1_300;

fn open() -> Play {
    let mut play = Play::with(5, (3, 2), vec![contest("mayor", 2, Choice::Exactly(1))], 2, SLOTS, |_| {});
    play.ceremony();
    play.open();
    for slot in (0..SLOTS).map(Slot) {
        play.vote(slot);
    }
    play
}

fn whole() -> Play {
    let mut play = open();
    play.close();
    play.count();
    play
}

fn audit(record: &Path, state: &Path) -> Result<Verdict, Failure> {
    audit_record(record, &Options::default(), &Audit { resume: Some(state), step: Some(1), ..Audit::default() }).map(|audited| audited.verdict)
}

/// Audits a record and gives the last state file that it left behind on its way, as an interruption would.
fn interrupted(record: &Path, state: &Path) -> (Result<Verdict, Failure>, Vec<u8>) {
    let left = RefCell::new(Vec::new());
    let copy = |_, _| {
        if let Ok(bytes) = std::fs::read(state) {
            left.replace(bytes);
        }
    };
    let options = Options { progress: Some(&copy), jobs: NonZeroUsize::new(1), ..Options::default() };
    let outcome = audit_record(record, &options, &Audit { resume: Some(state), step: Some(1), ..Audit::default() });
    (outcome.map(|audited| audited.verdict), left.into_inner())
}

#[test]
fn an_interrupted_audit_goes_on_with_the_same_verdict_and_removes_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let (record, state) = (folder.path().join("record"), folder.path().join("state"));
    whole().write(&record);
    let (first, left) = interrupted(&record, &state);
    let first = first.unwrap();
    assert_eq!((first.resumed, state.exists()), (None, false));
    std::fs::write(&state, &left).unwrap();
    let second = audit(&record, &state).unwrap();
    assert!(second.resumed.unwrap().0 >= 512, "{:?}", second.resumed);
    assert_eq!(Verdict { resumed: None, ..second }, first);
    assert!(!state.exists());
}

#[test]
fn an_interrupted_audit_of_papers_goes_on_with_the_same_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let (record, state) = (folder.path().join("record"), folder.path().join("state"));
    let places = Places::default();
    let mut play = Play::with(5, (3, 2), vec![contest("mayor", 2, Choice::Exactly(1))], 2, SLOTS, |manifest| places.add(manifest));
    play.ceremony();
    play.open();
    for slot in (0..SLOTS).map(Slot) {
        // Papers before and after the interruption, to slots that voted and some that vote after they gave them back.
        play.vote(slot);
        if slot.0 % 100 < 3 {
            places.push_issue(&mut play, (slot.0 % 2) as u16, 0, slot);
        }
        if slot.0 % 100 == 1 {
            let undo = places.attest(places.undo(&play, slot));
            play.push(Body::PaperUndone(undo));
            play.vote(slot);
        }
    }
    places.close_all(&mut play);
    places.count(&mut play);
    play.write(&record);
    let (first, left) = interrupted(&record, &state);
    let first = first.unwrap();
    let taking_part = first.participation.unwrap();
    assert_eq!((taking_part.online, taking_part.paper, taking_part.total), (u64::from(SLOTS) - 26, 26, u64::from(SLOTS)));
    std::fs::write(&state, &left).unwrap();
    let second = audit(&record, &state).unwrap();
    assert!(second.resumed.unwrap().0 >= 512, "{:?}", second.resumed);
    assert_eq!(Verdict { resumed: None, ..second }, first);
}

#[test]
fn a_wrong_ballot_after_the_interruption_is_still_found() {
    let folder = tempfile::tempdir().unwrap();
    let (record, state) = (folder.path().join("record"), folder.path().join("state"));
    let mut play = open();
    let (ballot, _) = play.ballot(Slot(0));
    let mut bytes = ballot.bytes().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let leaf = play.push_ballot(&bytes);
    play.close();
    play.count();
    play.write(&record);
    let (outcome, left) = interrupted(&record, &state);
    assert!(matches!(outcome, Err(Failure::Refuted(_))));
    std::fs::write(&state, &left).unwrap();
    let Err(Failure::Refuted(violation)) = audit(&record, &state) else { panic!("a wrong ballot was passed over") };
    assert_eq!((violation.rule, violation.leaf), (Rule::R505, Some(leaf)));
}

#[test]
fn a_state_of_another_record_or_a_damaged_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (record, state, other) = (folder.path().join("record"), folder.path().join("state"), folder.path().join("other"));
    whole().write(&record);
    Play::whole(9).write(&other);
    let (_, left) = interrupted(&record, &state);
    std::fs::write(&state, &left).unwrap();
    let failure = audit(&other, &state).unwrap_err();
    assert!(failure.to_string().contains("another record"), "{failure}");
    let text = String::from_utf8(left).unwrap();
    let sums = text.find("\"sums\":\"").unwrap() + 20;
    let mut spoilt = text.clone().into_bytes();
    spoilt[sums] = if spoilt[sums] == b'A' { b'B' } else { b'A' };
    let further = text.replacen("\"verified\":", "\"verified\":1", 1);
    assert_ne!(further, text);
    for spoilt in [spoilt, further.into_bytes(), b"{}".to_vec(), Vec::new(), text.replace("tachiai-resume/1", "tachiai-resume/0").into_bytes()] {
        std::fs::write(&state, &spoilt).unwrap();
        let failure = audit(&record, &state).unwrap_err();
        assert!(matches!(failure, Failure::Incomplete(Incomplete::NotA { .. })), "{failure}");
        assert_eq!(std::fs::read(&state).unwrap(), spoilt, "a file that is not understood is left alone");
    }
}

#[test]
fn a_folder_for_temporary_files_that_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().unwrap();
    Play::whole(3).write(folder.path());
    let failure = audit_record(folder.path(), &Options::default(), &Audit { scratch: Some(Path::new("/nowhere")), ..Audit::default() }).map(drop).unwrap_err();
    assert!(matches!(failure, Failure::Incomplete(Incomplete::Scratch { .. })), "{failure}");
}
