//! Elections in which some electors vote on paper hold, and the board knows who took part and how.
#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use tachiai_schemas::election::Body;
use tachiai_schemas::paper::{AddedSlot, CandidateOut, OutReason, RollChangeKind, RollChangeReason, RollChanged};
use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_schemas::{HashBytes, Slot};
use tachiai_verify::rule::Rule;
use tachiai_verify::testing::{Places, Play};
use tachiai_verify::verify::{Audit, Options, audit_record, verify_record};

fn open(seed: u8) -> (Play, Places) {
    let (mut play, places) = Play::with_places(seed);
    play.ceremony();
    play.open();
    (play, places)
}

/// The rule that an entry breaks, if it breaks one.
fn broken(play: &Play, body: Body) -> Option<Rule> {
    play.check(body).err().map(|violation| violation.rule)
}

#[test]
fn a_record_with_papers_holds_whether_the_board_is_kept_or_not() {
    let play = Play::whole_with_papers(1);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let kept = verify_record(folder.path(), &Options::default()).unwrap();
    let audited = audit_record(folder.path(), &Options::default(), &Audit::default()).unwrap();
    assert_eq!(kept.verdict, audited.verdict);
    assert_eq!(kept.board.phase(), Phase::Published);
    assert_eq!((kept.board.counted_ballots(), kept.board.paper_electors(), kept.board.participation()), (6, 2, 8));
}

#[test]
fn a_hand_out_takes_the_online_ballot_out_of_the_count_and_an_undo_does_not_bring_it_back() {
    let (mut play, places) = open(2);
    let ballot = play.vote(Slot(0));
    let hash = play.board.slot(Slot(0)).unwrap().ballot().unwrap().hash;
    assert_eq!(play.board.counted_ballots(), 1);
    let issue = places.push_issue(&mut play, 0, 0, Slot(0));
    assert_eq!((play.board.counted_ballots(), play.board.paper_electors()), (0, 1));
    assert_eq!(play.board.ballot_status(hash), Some(BallotStatus::Overridden { leaf: ballot, by: issue }));
    let undo = places.attest(places.undo(&play, Slot(0)));
    assert_eq!(broken(&play, Body::PaperUndone(undo.clone())), None);
    play.push(Body::PaperUndone(undo));
    assert_eq!((play.board.counted_ballots(), play.board.participation()), (0, 0));
    // The elector may vote online anew, which takes the place of the paper.
    play.vote(Slot(0));
    assert_eq!((play.board.counted_ballots(), play.board.participation()), (1, 1));
}

#[test]
fn who_was_added_after_the_opening_votes_on_paper_only() {
    let (mut play, places) = open(3);
    let added = RollChanged {
        change: RollChangeKind::Added,
        slot: Slot(8),
        added: Some(AddedSlot { district: 1, commitment: HashBytes::from(tachiai_crypto::hash::Hash32::sha256(b"who")) }),
        reason: RollChangeReason::Correction,
    };
    assert_eq!(broken(&play, Body::RollChanged(RollChanged { slot: Slot(9), ..added.clone() })), Some(Rule::R811));
    assert_eq!(broken(&play, Body::RollChanged(added.clone())), None);
    play.push(Body::RollChanged(added));
    assert_eq!(play.board.entitled(), 9);
    let (registration, _) = play.registration(Slot(8));
    assert_eq!(broken(&play, Body::Registration(Box::new(registration))), Some(Rule::R401));
    let issue = places.sign(places.issue(&play, 0, 0, Slot(8)));
    assert_eq!(broken(&play, Body::PaperIssued(Box::new(issue))), None);
    places.push_issue(&mut play, 0, 0, Slot(8));
    assert_eq!(play.board.participation(), 1);
}

#[test]
fn who_was_struck_gets_nothing_more_and_what_was_cast_stands() {
    let (mut play, places) = open(4);
    play.vote(Slot(2));
    let struck = RollChanged { change: RollChangeKind::Struck, slot: Slot(2), added: None, reason: RollChangeReason::Death };
    play.push(Body::RollChanged(struck.clone()));
    assert_eq!(broken(&play, Body::RollChanged(struck.clone())), Some(Rule::R811));
    assert_eq!((play.board.counted_ballots(), play.board.entitled()), (1, 7));
    let (again, _) = play.ballot(Slot(2));
    let ballot = tachiai_schemas::election::BallotEntry { ballot: tachiai_schemas::Blob(again.bytes().to_vec()) };
    assert_eq!(broken(&play, Body::Ballot(ballot)), Some(Rule::R807));
    let issue = places.sign(places.issue(&play, 0, 0, Slot(2)));
    assert_eq!(broken(&play, Body::PaperIssued(Box::new(issue))), Some(Rule::R802));
    play.push(Body::RollChanged(RollChanged { change: RollChangeKind::Restored, ..struck }));
    let issue = places.sign(places.issue(&play, 0, 0, Slot(2)));
    assert_eq!(broken(&play, Body::PaperIssued(Box::new(issue))), None);
}

#[test]
fn a_contest_with_no_more_candidates_than_seats_is_not_opened() {
    let (mut play, places) = open(5);
    play.vote_all();
    for option in 1..5 {
        let out = CandidateOut { contest: 0, option, reason: OutReason::Withdrawn };
        assert_eq!(broken(&play, Body::CandidateOut(out)), None);
        play.push(Body::CandidateOut(out));
        assert_eq!(broken(&play, Body::CandidateOut(out)), Some(Rule::R812));
    }
    places.close_all(&mut play);
    let statement = play.board.tally_statement(&play.tree).unwrap();
    assert!(statement.contests[0].units.is_empty() && !statement.contests[1].units.is_empty());
    places.count(&mut play);
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let result = verify_record(folder.path(), &Options::default()).unwrap().verdict.result.unwrap();
    assert_eq!((result[0].ballots, result[0].units), (0, 0));
    assert_eq!(result[1].ballots, 8);
}
