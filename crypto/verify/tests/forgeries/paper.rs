//! R801 to R812: papers, days, changes of the roll, and the count of the boxes.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::election::{Authority, BallotEntry, Body, Choice, CloseReason, Closed, ContestKind};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::paper::{
    AddedSlot, Attested, CandidateOut, DayClose, DayPapers, Lot, OutReason, PaperCount, PaperIssue, PaperUndo, RollChangeKind, RollChangeReason, RollChanged,
};
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes, HashBytes, LeafIndex, Slot, canonical};
use tachiai_verify::Rule;
use tachiai_verify::testing::{Places, Play, contest};

use super::{broken, next};

/// An election with two places that is open.
fn open(seed: u8) -> (Play, Places) {
    let (mut play, places) = Play::with_places(seed);
    play.ceremony();
    play.open();
    (play, places)
}

fn stranger() -> BoardSecretKey {
    BoardSecretKey::generate(&mut ChaCha20Rng::from_seed([99; 32]))
}

fn signed<T: SignedKind>(key: &BoardSecretKey, kind: &str, body: T) -> Signed<T> {
    let signature = Bytes(key.sign_bytes(&format!("file/{kind}"), &canonical::to_bytes(&body).unwrap()));
    Signed { body, signature }
}

fn issued(play: &mut Play, issue: Signed<PaperIssue>) -> LeafIndex {
    play.push(Body::PaperIssued(Box::new(issue)))
}

/// A hand-out to slot 0 at the first place that is changed and signed by the place it then names.
fn issue_as(rule: Rule, change: impl Fn(&mut PaperIssue)) {
    let (mut play, places) = open(26);
    let mut issue = places.issue(&play, 0, 0, Slot(0));
    change(&mut issue);
    let leaf = issued(&mut play, places.sign(issue));
    broken(&play, rule, leaf);
}

#[test]
fn forged_26_a_hand_out_that_its_place_did_not_sign() {
    let forgeries: [fn(&Places, PaperIssue) -> Signed<PaperIssue>; 6] = [
        |_, issue| signed(&stranger(), PaperIssue::KIND, issue),
        |places, issue| signed(&places.desks[1], PaperIssue::KIND, issue),
        |places, issue| signed(&places.officers[0], PaperIssue::KIND, issue),
        // The right key, for another kind of file, for another body, and not at all.
        |places, issue| signed(&places.desks[0], PaperUndo::KIND, issue),
        |places, issue| Signed { signature: places.sign(PaperIssue { slot: Slot(1), ..issue.clone() }).signature, body: issue },
        |_, body| Signed { body, signature: Bytes([0; 64]) },
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        let (mut play, places) = open(26);
        let issue = places.issue(&play, 0, 0, Slot(0));
        let leaf = issued(&mut play, forge(&places, issue));
        broken(&play, Rule::R801, leaf);
    }
    let (mut play, places) = open(26);
    let issue = places.issue(&play, 0, 0, Slot(0));
    let by_the_board = signed(&play.board_key, PaperIssue::KIND, issue);
    let leaf = issued(&mut play, by_the_board);
    broken(&play, Rule::R801, leaf);
}

#[test]
fn forged_26_a_hand_out_at_no_place_session_or_time_of_the_election() {
    issue_as(Rule::R801, |issue| issue.place = 2);
    issue_as(Rule::R801, |issue| issue.place = u16::MAX);
    issue_as(Rule::R801, |issue| issue.session = 2);
    issue_as(Rule::R801, |issue| issue.opened = Hash32::ZERO.into());
    // A second before the session opens, in the other session, and after it was recorded.
    issue_as(Rule::R801, |issue| issue.issued_at = issue.issued_at.plus(-1));
    issue_as(Rule::R801, |issue| issue.session = 1);
    issue_as(Rule::R801, |issue| issue.issued_at = issue.issued_at.plus(2));
    // A second after the session closed, which is before it is recorded.
    let (mut play, places) = open(26);
    play.now = play.manifest.online_closes.plus(1);
    let issue = places.issue(&play, 0, 0, Slot(0));
    let leaf = issued(&mut play, places.sign(issue));
    broken(&play, Rule::R801, leaf);
}

#[test]
fn forged_26_a_hand_out_to_nobody_who_may_have_one() {
    issue_as(Rule::R802, |issue| issue.slot = Slot(8));
    issue_as(Rule::R802, |issue| issue.slot = Slot(u32::MAX));
    let (mut play, places) = open(26);
    play.push(Body::RollChanged(change(RollChangeKind::Struck, 0)));
    let leaf = places.push_issue(&mut play, 0, 0, Slot(0));
    broken(&play, Rule::R802, leaf);
}

#[test]
fn forged_26_a_second_paper_at_the_same_place_or_another() {
    for place in [0, 1] {
        let (mut play, places) = open(26);
        places.push_issue(&mut play, 0, 0, Slot(0));
        let leaf = places.push_issue(&mut play, place, 0, Slot(0));
        broken(&play, Rule::R802, leaf);
    }
    // Not even on another day, after the first was closed.
    let (mut play, places) = open(26);
    places.push_issue(&mut play, 0, 0, Slot(0));
    play.now = play.manifest.online_closes.plus(1);
    let close = places.attest(places.close(&play, 0, 0));
    play.push(Body::DayClosed(close));
    let leaf = places.push_issue(&mut play, 1, 1, Slot(0));
    broken(&play, Rule::R802, leaf);
}

#[test]
fn forged_26_papers_of_contests_that_are_not_the_electors() {
    issue_as(Rule::R802, |issue| issue.contests.clear());
    issue_as(Rule::R802, |issue| issue.contests = vec![0, 0]);
    issue_as(Rule::R802, |issue| issue.contests.reverse());
    issue_as(Rule::R802, |issue| issue.contests = vec![0, 1, 2]);
    issue_as(Rule::R802, |issue| issue.contests = vec![u16::MAX]);
    let places = Places::default();
    let mut contests = vec![contest("mayor", 5, Choice::Exactly(1)), contest("council", 3, Choice::UpTo(2))];
    contests[1].districts = Some(vec![1]);
    let mut play = Play::with(26, (3, 2), contests, 2, 8, |manifest| places.add(manifest));
    play.ceremony();
    play.open();
    let elsewhere = PaperIssue { contests: vec![0, 1], ..places.issue(&play, 0, 0, Slot(0)) };
    let leaf = issued(&mut play, places.sign(elsewhere));
    broken(&play, Rule::R802, leaf);
}

#[test]
fn forged_26_a_hand_out_or_an_undo_after_the_day_close() {
    let (mut play, places) = open(26);
    places.push_issue(&mut play, 0, 0, Slot(0));
    let close = places.attest(places.close(&play, 0, 0));
    play.push(Body::DayClosed(close));
    let undo = places.attest(places.undo(&play, Slot(0)));
    assert!(play.check(Body::PaperUndone(undo.clone())).is_err_and(|violation| violation.rule == Rule::R803));
    let leaf = places.push_issue(&mut play, 0, 0, Slot(1));
    broken(&play, Rule::R803, leaf);
    let (mut play, places) = open(26);
    places.push_issue(&mut play, 0, 0, Slot(0));
    let close = places.attest(places.close(&play, 0, 0));
    play.push(Body::DayClosed(close));
    let leaf = play.push(Body::PaperUndone(undo));
    broken(&play, Rule::R803, leaf);
}

/// Slots 0 and 1 have papers of the first place; then an undo of slot 0's.
fn undone(rule: Rule, forge: impl Fn(&Places, PaperUndo) -> Attested<PaperUndo>) {
    let (mut play, places) = open(27);
    places.push_issue(&mut play, 0, 0, Slot(0));
    places.push_issue(&mut play, 0, 0, Slot(1));
    let undo = forge(&places, places.undo(&play, Slot(0)));
    let leaf = play.push(Body::PaperUndone(undo));
    broken(&play, rule, leaf);
}

#[test]
fn forged_26_an_undo_that_manager_and_witness_did_not_sign() {
    let forgeries: [fn(&Places, PaperUndo) -> Attested<PaperUndo>; 10] = [
        |_, body| Attested { body, signatures: vec![] },
        |places, undo| places.attest_by(undo, &[0]),
        |places, undo| places.attest_by(undo, &[1]),
        |places, undo| places.attest_by(undo, &[1, 2]),
        |places, undo| places.attest_by(undo, &[0, 0]),
        |places, undo| places.attest_by(undo, &[1, 0]),
        |places, undo| {
            let mut attested = places.attest_by(undo, &[0, 1]);
            attested.signatures[1].signature = attested.signatures[0].signature;
            attested
        },
        |places, undo| {
            let mut attested = places.attest_by(undo, &[0, 1]);
            attested.signatures[1].officer = 3;
            attested
        },
        |places, undo| Attested { signatures: places.attest_by(PaperUndo { slot: Slot(1), ..undo.clone() }, &[0, 1]).signatures, body: undo },
        |places, body| {
            let json = canonical::to_bytes(&body).unwrap();
            let sign = |officer: u8| tachiai_schemas::paper::OfficerSignature {
                officer,
                signature: Bytes(places.officers[usize::from(officer)].sign_bytes(&format!("file/{}", DayClose::KIND), &json)),
            };
            Attested { signatures: vec![sign(0), sign(1)], body }
        },
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        undone(Rule::R804, forge);
    }
}

#[test]
fn forged_26_an_undo_of_something_else() {
    undone(Rule::R804, |places, undo| places.attest(PaperUndo { leaf: LeafIndex(undo.leaf.0 + 1), ..undo }));
    undone(Rule::R804, |places, undo| places.attest(PaperUndo { slot: Slot(1), ..undo }));
    undone(Rule::R804, |places, undo| places.attest(PaperUndo { slot: Slot(2), ..undo }));
    undone(Rule::R804, |places, undo| places.attest(PaperUndo { slot: Slot(u32::MAX), ..undo }));
    undone(Rule::R804, |places, undo| places.attest(PaperUndo { opened: Hash32::ZERO.into(), ..undo }));
    let (mut play, places) = open(27);
    places.push_issue(&mut play, 0, 0, Slot(0));
    let undo = places.attest(places.undo(&play, Slot(0)));
    play.push(Body::PaperUndone(undo.clone()));
    let leaf = play.push(Body::PaperUndone(undo.clone()));
    broken(&play, Rule::R804, leaf);
    // Nor does the old one undo the new paper.
    let (mut play, places) = open(27);
    places.push_issue(&mut play, 0, 0, Slot(0));
    play.push(Body::PaperUndone(undo.clone()));
    places.push_issue(&mut play, 0, 0, Slot(0));
    let leaf = play.push(Body::PaperUndone(undo));
    broken(&play, Rule::R804, leaf);
}

/// A day of three hand-outs, one undone, one of which overrode a ballot.
fn day(seed: u8) -> (Play, Places) {
    let (mut play, places) = open(seed);
    play.vote(Slot(0));
    for slot in 0..3 {
        places.push_issue(&mut play, 0, 0, Slot(slot));
    }
    let undo = places.attest(places.undo(&play, Slot(1)));
    play.push(Body::PaperUndone(undo));
    (play, places)
}

/// That day closed with changed figures that all officers sign.
fn closed(rule: Rule, change: impl Fn(&mut DayClose)) {
    let (mut play, places) = day(28);
    let mut close = places.close(&play, 0, 0);
    change(&mut close);
    let close = places.attest(close);
    let leaf = play.push(Body::DayClosed(close));
    broken(&play, rule, leaf);
}

#[test]
fn forged_26_a_day_close_with_other_figures() {
    let (play, places) = day(28);
    let close = places.close(&play, 0, 0);
    assert_eq!((close.electors, close.with_card, close.replaced, close.papers.len()), (2, 2, 1, 2));
    assert_eq!(close.papers[0], DayPapers { contest: 0, issued: 3, returned: 1, taken_home: 0, in_box: 2 });
    let forgeries: [fn(&mut DayClose); 14] = [
        |close| close.electors += 1,
        |close| close.with_card -= 1,
        |close| close.replaced = 0,
        |close| close.digest = Hash32::ZERO.into(),
        |close| close.papers[0].issued -= 1,
        |close| close.papers[0].returned = 0,
        |close| close.papers[0].in_box += 1,
        // More went home than were out; and the sum is right all the same.
        |close| (close.papers[0].taken_home, close.papers[0].in_box) = (3, u32::MAX),
        |close| (close.papers[0].issued, close.papers[0].in_box) = (4, 3),
        |close| close.papers.truncate(1),
        |close| close.papers.reverse(),
        |close| close.papers.push(DayPapers { contest: 1, issued: 3, returned: 1, taken_home: 0, in_box: 2 }),
        |close| close.papers.push(DayPapers { contest: 2, issued: 0, returned: 0, taken_home: 0, in_box: 0 }),
        |close| close.opened = Hash32::ZERO.into(),
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        closed(Rule::R805, forge);
    }
    // The figures of another day, of no day, and of no place.
    closed(Rule::R805, |close| close.session = 1);
    closed(Rule::R805, |close| close.place = 1);
    closed(Rule::R805, |close| close.session = 2);
    closed(Rule::R805, |close| close.place = 2);
}

#[test]
fn forged_26_a_day_close_without_manager_and_two_witnesses_or_a_second_one() {
    for officers in [&[][..], &[0], &[0, 1], &[1, 2], &[2, 1, 0]] {
        let (mut play, places) = day(28);
        let close = places.attest_by(places.close(&play, 0, 0), officers);
        let leaf = play.push(Body::DayClosed(close));
        broken(&play, Rule::R805, leaf);
    }
    let (mut play, places) = day(28);
    let close = places.attest(places.close(&play, 0, 0));
    play.push(Body::DayClosed(close.clone()));
    let leaf = play.push(Body::DayClosed(close));
    broken(&play, Rule::R803, leaf);
}

#[test]
fn forged_26_a_day_that_is_closed_before_its_end() {
    let places = Places::default();
    let mut play = Play::with(28, (3, 2), vec![contest("mayor", 5, Choice::Exactly(1))], 2, 8, |manifest| {
        (manifest.authority, manifest.min_unit) = (Authority::Ordinance, 10);
        places.add(manifest);
    });
    play.ceremony();
    play.open();
    places.push_issue(&mut play, 0, 0, Slot(0));
    let close = places.attest(places.close(&play, 0, 0));
    assert!(play.manifest.authority != Authority::Mock && play.now.plus(1) < play.manifest.places[0].sessions[0].closes);
    let leaf = play.push(Body::DayClosed(close));
    broken(&play, Rule::R805, leaf);
}

#[test]
fn forged_26_the_poll_closes_on_an_open_day() {
    let (mut play, places) = day(29);
    // Another day that was closed does not stand for it.
    places.push_issue(&mut play, 1, 0, Slot(5));
    let close = places.attest(places.close(&play, 1, 0));
    play.push(Body::DayClosed(close));
    let reason = CloseReason::Scheduled;
    play.push_at(play.manifest.online_closes, Body::OnlineClosed(Closed { reason }));
    let leaf = play.push_at(play.manifest.poll_closes, Body::PollClosed(Closed { reason }));
    broken(&play, Rule::R806, leaf);
}

#[test]
fn forged_26_paper_before_the_opening_or_after_the_close() {
    let (mut play, places) = open(29);
    let issue = places.sign(places.issue(&play, 0, 0, Slot(0)));
    places.close_all(&mut play);
    let leaf = issued(&mut play, issue);
    broken(&play, Rule::R806, leaf);
    let (mut play, _) = Play::with_places(29);
    let leaf = play.push(Body::RollChanged(change(RollChangeKind::Struck, 0)));
    broken(&play, Rule::R806, leaf);
    let (mut play, places) = open(29);
    places.push_issue(&mut play, 0, 0, Slot(0));
    let (undo, close) = (places.attest(places.undo(&play, Slot(0))), places.attest(places.close(&play, 1, 0)));
    places.close_all(&mut play);
    for body in [Body::PaperUndone(undo), Body::DayClosed(close), Body::RollChanged(change(RollChangeKind::Struck, 0))] {
        let (mut play, places) = open(29);
        places.push_issue(&mut play, 0, 0, Slot(0));
        places.close_all(&mut play);
        let leaf = play.push(body);
        broken(&play, Rule::R806, leaf);
    }
}

#[test]
fn forged_26_a_slot_that_holds_a_paper_or_was_struck_goes_on_online() {
    for struck in [false, true] {
        let stop = |play: &mut Play, places: &Places| match struck {
            true => drop(play.push(Body::RollChanged(change(RollChangeKind::Struck, 0)))),
            false => drop(places.push_issue(play, 0, 0, Slot(0))),
        };
        let (mut play, places) = open(30);
        play.vote(Slot(0));
        stop(&mut play, &places);
        let (ballot, _) = play.ballot(Slot(0));
        let leaf = play.push(Body::Ballot(BallotEntry { ballot: Blob(ballot.bytes().to_vec()) }));
        broken(&play, Rule::R807, leaf);
        let (mut play, places) = open(30);
        stop(&mut play, &places);
        let leaf = play.register(Slot(0));
        broken(&play, Rule::R807, leaf);
    }
}

#[test]
fn forged_26_an_overridden_ballot_is_counted_or_challenged() {
    // Counted: the statement is that of the board on which nobody took a paper.
    let (mut play, places) = open(31);
    let ballot = play.vote(Slot(0));
    play.vote(Slot(1));
    let challenged = play.challenged(Slot(0));
    places.push_issue(&mut play, 0, 0, Slot(0));
    places.close_all(&mut play);
    let mut statement = play.board.tally_statement(&play.tree).unwrap();
    assert_eq!(statement.counted, 1);
    statement.counted = 2;
    let counted = play.board.counted().chain([(Slot(0), ballot)]).collect::<std::collections::BTreeMap<_, _>>();
    statement.digest = tachiai_crypto::election::tally::counted_digest(counted).into();
    for contest in &mut statement.contests {
        contest.units[0].ballots += 1;
    }
    let signed = play.sign_statement(statement);
    let leaf = play.push(Body::TallyStatement(Box::new(signed)));
    broken(&play, Rule::R601, leaf);
    // Challenged, so that its vote could be shown.
    let (mut play, places) = open(31);
    play.vote(Slot(0));
    places.push_issue(&mut play, 0, 0, Slot(0));
    let leaf = play.push(Body::Challenged(challenged));
    broken(&play, Rule::R508, leaf);
}

/// Two votes online, three papers in the boxes, and the poll is closed.
fn boxes(seed: u8) -> (Play, Places) {
    let (mut play, places) = open(seed);
    for slot in [5, 6] {
        play.vote(Slot(slot));
    }
    for slot in 0..3 {
        places.push_issue(&mut play, 0, 0, Slot(slot));
    }
    let out = CandidateOut { contest: 0, option: 4, reason: OutReason::Died };
    play.push(Body::CandidateOut(out));
    places.close_all(&mut play);
    (play, places)
}

/// A changed count of a contest that all officers sign.
fn counted(rule: Rule, contest: u16, change: impl Fn(&mut PaperCount)) {
    let (mut play, places) = boxes(32);
    let mut count = places.paper_count(&play, contest, 0);
    change(&mut count);
    let leaf = play.push(Body::PaperCount(places.attest(count)));
    broken(&play, rule, leaf);
}

#[test]
fn forged_26_papers_counted_that_were_in_no_box() {
    let forgeries: [fn(&mut PaperCount); 12] = [
        |count| count.valid += 1,
        |count| (count.valid, count.thousandths[0]) = (4, 4_000),
        |count| (count.valid, count.thousandths[0]) = (2, 2_000),
        |count| count.blank = 1,
        |count| count.invalid = 1,
        |count| (count.invalid, count.blank) = (u64::MAX, 1),
        |count| count.thousandths[0] = 3_001,
        |count| count.thousandths[1] = 1,
        |count| count.thousandths[0] = 3_000 - 6,
        |count| (count.thousandths[0], count.thousandths[1]) = (u64::MAX, u64::MAX),
        |count| (count.thousandths[0], count.thousandths[4]) = (2_000, 1_000),
        |count| count.opened = Hash32::ZERO.into(),
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        counted(Rule::R808, 0, forge);
    }
    counted(Rule::R808, 0, |count| count.thousandths.push(0));
    counted(Rule::R808, 0, |count| count.thousandths.truncate(4));
    counted(Rule::R808, 0, |count| count.contest = 2);
    // Up to two of three: no more than two votes a paper, and not less than one.
    counted(Rule::R808, 1, |count| count.thousandths = vec![3_000, 3_000, 1]);
    counted(Rule::R808, 1, |count| count.thousandths = vec![1_000, 996, 1_000]);
}

#[test]
fn forged_26_a_count_that_manager_and_witnesses_did_not_sign_or_a_second_one() {
    for officers in [&[][..], &[0], &[0, 2], &[1, 2], &[2, 1, 0]] {
        let (mut play, places) = boxes(32);
        let count = places.attest_by(places.paper_count(&play, 0, 0), officers);
        let leaf = play.push(Body::PaperCount(count));
        broken(&play, Rule::R808, leaf);
    }
    let (mut play, places) = boxes(32);
    let count = places.attest(places.paper_count(&play, 0, 0));
    play.push(Body::PaperCount(count.clone()));
    let leaf = play.push(Body::PaperCount(count));
    broken(&play, Rule::R808, leaf);
}

#[test]
fn forged_26_a_count_of_no_boxes_or_of_a_contest_without_a_poll() {
    let (mut play, places) = open(32);
    play.vote(Slot(0));
    places.close_all(&mut play);
    let leaf = play.push(Body::PaperCount(places.attest(places.paper_count(&play, 0, 0))));
    broken(&play, Rule::R808, leaf);
    let (mut play, places) = open(32);
    places.push_issue(&mut play, 0, 0, Slot(0));
    for option in 0..4 {
        play.push(Body::CandidateOut(CandidateOut { contest: 0, option, reason: OutReason::Withdrawn }));
    }
    places.close_all(&mut play);
    let leaf = play.push(Body::PaperCount(places.attest(places.paper_count(&play, 0, 4))));
    broken(&play, Rule::R808, leaf);
}

#[test]
fn forged_26_papers_are_counted_after_the_poll_and_before_the_publication() {
    let (mut play, places) = open(33);
    places.push_issue(&mut play, 0, 0, Slot(0));
    let close = places.attest(places.close(&play, 0, 0));
    play.push(Body::DayClosed(close));
    let count = places.attest(places.paper_count(&play, 0, 0));
    let leaf = play.push(Body::PaperCount(count));
    broken(&play, Rule::R105, leaf);
    // Published with one of two boxes uncounted.
    let (mut play, places) = boxes(33);
    let count = places.attest(places.paper_count(&play, 0, 0));
    play.push(Body::PaperCount(count));
    play.count();
    broken(&play, Rule::R810, LeafIndex(next(&play).0 - 1));
}

/// Counted up to the result: two votes online and three papers, and all papers are for option 0.
fn tallied(seed: u8) -> (Play, Places) {
    let (mut play, places) = boxes(seed);
    for contest in [0, 1] {
        let count = places.attest(places.paper_count(&play, contest, 0));
        play.push(Body::PaperCount(count));
    }
    places.tally(&mut play);
    (play, places)
}

#[test]
fn forged_26_a_lot_that_is_no_lot() {
    let forgeries: [fn(&mut Lot); 9] = [
        |lot| lot.tied.reverse(),
        |lot| lot.tied = vec![0, 0, 1],
        |lot| lot.chosen.clear(),
        |lot| lot.chosen = lot.tied.clone(),
        |lot| lot.chosen = vec![2],
        |lot| lot.tied = vec![0, 9],
        |lot| lot.tied.clear(),
        |lot| lot.opened = Hash32::ZERO.into(),
        |lot| lot.contest = 2,
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        let (mut play, places) = tie(34);
        let mut lot = places.lot(&play, 0, &[0, 1], &[1]);
        forge(&mut lot);
        let leaf = play.push(Body::Lot(places.attest(lot)));
        broken(&play, Rule::R809, leaf);
    }
    for officers in [&[][..], &[0], &[0, 1], &[1, 2]] {
        let (mut play, places) = tie(34);
        let lot = places.attest_by(places.lot(&play, 0, &[0, 1], &[1]), officers);
        let leaf = play.push(Body::Lot(lot));
        broken(&play, Rule::R809, leaf);
    }
    let (mut play, places) = tie(34);
    let lot = places.attest(places.lot(&play, 0, &[0, 1], &[1]));
    play.push(Body::Lot(lot.clone()));
    let leaf = play.push(Body::Lot(lot));
    broken(&play, Rule::R809, leaf);
    // Before there is a result.
    let (mut play, places) = boxes(34);
    let lot = places.attest(places.lot(&play, 0, &[0, 1], &[1]));
    let leaf = play.push(Body::Lot(lot));
    broken(&play, Rule::R105, leaf);
}

/// Counted up to the result: options 0 and 1 of contest 0 have equal votes, and one seat is left for them.
fn tie(seed: u8) -> (Play, Places) {
    let (mut play, places) = open(seed);
    play.vote(Slot(5));
    places.push_issue(&mut play, 0, 0, Slot(0));
    places.push_issue(&mut play, 0, 0, Slot(1));
    places.push_issue(&mut play, 0, 0, Slot(2));
    places.close_all(&mut play);
    let two_for_the_other = PaperCount { thousandths: vec![1_000, 2_000, 0, 0, 0], ..places.paper_count(&play, 0, 0) };
    play.push(Body::PaperCount(places.attest(two_for_the_other)));
    let count = places.attest(places.paper_count(&play, 1, 0));
    play.push(Body::PaperCount(count));
    places.tally(&mut play);
    (play, places)
}

#[test]
fn a_tie_for_the_last_seat_is_decided_by_its_lot() {
    for chosen in [0, 1] {
        let (mut play, places) = tie(35);
        play.push(Body::Lot(places.attest(places.lot(&play, 0, &[0, 1], &[chosen]))));
        places.publish(&mut play);
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        super::verdict(folder.path()).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn forged_26_a_lot_that_the_votes_do_not_ask_for() {
    // Where nobody is tied, where others are, among more than are, and for more seats than are left.
    let (mut play, places) = tallied(35);
    let leaf = play.push(Body::Lot(places.attest(places.lot(&play, 0, &[0, 1], &[0]))));
    places.publish(&mut play);
    broken(&play, Rule::R809, leaf);
    for (contest, tied, chosen) in [(0, &[2, 3][..], &[2][..]), (0, &[0, 2], &[0]), (0, &[0, 1, 2], &[0]), (0, &[0, 1, 2], &[0, 1]), (1, &[0, 1], &[0])] {
        let (mut play, places) = tie(35);
        let leaf = play.push(Body::Lot(places.attest(places.lot(&play, contest, tied, chosen))));
        places.publish(&mut play);
        broken(&play, Rule::R809, leaf);
    }
}

#[test]
fn forged_26_a_publication_without_the_lot_that_is_needed() {
    let (mut play, places) = tie(35);
    let leaf = places.publish(&mut play);
    broken(&play, Rule::R810, leaf);
}

#[test]
fn forged_26_each_entry_about_paper_left_out() {
    let whole = Play::whole_with_papers(38);
    let of_kind = |kind: &str| {
        let is = |bytes: &[u8]| Entry::from_bytes(bytes).unwrap().kind() == kind;
        (0_u64..).zip(&whole.entries).filter(|(_, bytes)| is(bytes)).map(|(leaf, _)| leaf).collect::<Vec<_>>()
    };
    let (issued, undone, days) = (of_kind("paper-issued"), of_kind("paper-undone")[0], of_kind("day-closed"));
    let (counts, poll_closed, last) = (of_kind("paper-count"), of_kind("poll-closed")[0], whole.entries.len() as u64 - 1);
    assert_eq!((issued.len(), days.len(), counts.len()), (3, 2, 2));
    // What is found first stands one leaf earlier than it did.
    let found = [
        // The undo names the leaf at which another hand-out stood; nothing; a hand-out that was not undone.
        (issued[0], Rule::R804, undone),
        (issued[1], Rule::R804, undone),
        (undone, Rule::R802, issued[2]),
        (issued[2], Rule::R805, days[1]),
        (days[0], Rule::R806, poll_closed),
        (days[1], Rule::R806, poll_closed),
        (counts[0], Rule::R810, last),
        (counts[1], Rule::R810, last),
    ];
    for (left_out, rule, leaf) in found {
        let mut play = Play::whole_with_papers(38);
        play.entries.remove(left_out as usize);
        broken(&play, rule, LeafIndex(leaf - 1));
    }
    let (mut play, places) = tie(38);
    let lot = play.push(Body::Lot(places.attest(places.lot(&play, 0, &[0, 1], &[0]))));
    places.publish(&mut play);
    play.entries.remove(lot.0 as usize);
    broken(&play, Rule::R810, lot);
}

/// A change of a slot of the roll.
fn change(change: RollChangeKind, slot: u32) -> RollChanged {
    RollChanged { change, slot: Slot(slot), added: None, reason: RollChangeReason::Correction }
}

fn added(slot: u32, district: u16) -> RollChanged {
    let commitment = HashBytes::from(Hash32::sha256(b"who"));
    RollChanged { added: Some(AddedSlot { district, commitment }), ..change(RollChangeKind::Added, slot) }
}

#[test]
fn forged_26_a_change_of_the_roll_that_cannot_be() {
    let forgeries = [
        added(7, 0),
        added(9, 0),
        added(u32::MAX, 0),
        added(8, 2),
        change(RollChangeKind::Added, 8),
        change(RollChangeKind::Struck, 8),
        change(RollChangeKind::Restored, 0),
        RollChanged { change: RollChangeKind::Struck, ..added(0, 0) },
        RollChanged { change: RollChangeKind::Restored, ..added(0, 0) },
    ];
    for forgery in forgeries {
        let (mut play, _) = open(36);
        let leaf = play.push(Body::RollChanged(forgery));
        broken(&play, Rule::R811, leaf);
    }
    let (mut play, _) = open(36);
    play.push(Body::RollChanged(change(RollChangeKind::Struck, 0)));
    let leaf = play.push(Body::RollChanged(change(RollChangeKind::Struck, 0)));
    broken(&play, Rule::R811, leaf);
    // One that was added has its number for good.
    let (mut play, _) = open(36);
    play.push(Body::RollChanged(added(8, 0)));
    let leaf = play.push(Body::RollChanged(added(8, 1)));
    broken(&play, Rule::R811, leaf);
}

#[test]
fn forged_26_a_candidate_who_is_none_or_out_already() {
    let out = |contest, option| CandidateOut { contest, option, reason: OutReason::Withdrawn };
    for forgery in [out(2, 0), out(u16::MAX, 0), out(0, 5), out(1, u16::MAX)] {
        let (mut play, _) = open(37);
        let leaf = play.push(Body::CandidateOut(forgery));
        broken(&play, Rule::R812, leaf);
    }
    let (mut play, _) = open(37);
    play.push(Body::CandidateOut(out(0, 1)));
    let leaf = play.push(Body::CandidateOut(CandidateOut { reason: OutReason::Died, ..out(0, 1) }));
    broken(&play, Rule::R812, leaf);
    let (mut play, places) = open(37);
    places.close_all(&mut play);
    let leaf = play.push(Body::CandidateOut(out(0, 1)));
    broken(&play, Rule::R812, leaf);
    let (mut play, _) = Play::with_places(37);
    let leaf = play.push(Body::CandidateOut(out(0, 1)));
    broken(&play, Rule::R812, leaf);
    let mut referendum = contest("question", 2, Choice::Exactly(1));
    (referendum.kind, referendum.seats) = (ContestKind::Referendum, 0);
    let mut play = Play::with(37, (3, 2), vec![referendum], 2, 8, |_| {});
    play.ceremony();
    play.open();
    let leaf = play.push(Body::CandidateOut(out(0, 1)));
    broken(&play, Rule::R812, leaf);
}
