//! Honest records hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tachiai_verify::testing::Play;
use tachiai_verify::{Options, verify_record};

#[test]
fn an_honest_record_holds() {
    let folder = tempfile::tempdir().unwrap();
    let play = Play::whole(1);
    play.write(folder.path());
    let verified = verify_record(folder.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(verified.verdict.counted, 8);
    assert_eq!(verified.verdict.ballots, 11);
    assert_eq!(verified.verdict.result.unwrap()[0].ballots, 8);
}

#[test]
fn an_election_in_which_nobody_voted_holds() {
    // All sums are the identity: the trustees' files are empty, and one and the same.
    let mut play = Play::new(2);
    play.ceremony();
    play.open();
    play.close();
    play.count();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let verified = verify_record(folder.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((verified.verdict.counted, verified.verdict.trustees.shares.len()), (0, 2));
    assert!(verified.verdict.result.unwrap().iter().all(|contest| contest.ballots == 0 && contest.options.iter().all(|option| option.total == 0)));
}

#[test]
fn an_election_in_which_all_votes_were_challenged_holds() {
    let mut play = Play::new(3);
    play.ceremony();
    play.open();
    for slot in (0..3).map(tachiai_schemas::Slot) {
        play.vote(slot);
        let challenged = play.challenged(slot);
        play.push(tachiai_schemas::election::Body::Challenged(challenged));
    }
    play.close();
    play.count();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let verified = verify_record(folder.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((verified.verdict.counted, verified.verdict.ballots, verified.verdict.challenged), (0, 3, 3));
}
