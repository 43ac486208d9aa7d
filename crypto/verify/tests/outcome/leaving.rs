//! Candidates who withdrew, died or were disqualified, and elections without a vote.

use tachiai_verify::outcome::{Count, Deposit, Filling, Manner, Out, Rules, Sequel, Standing, Votes};

use crate::{council, elected, forfeiting, paper, standings, undrawn};

/// The count with some options out.
fn without(mut count: Count, out: &[(usize, Out)]) -> Count {
    for (place, reason) in out {
        count.options[*place].out = Some(*reason);
    }
    count
}

#[test]
fn votes_for_who_is_out_are_invalid_and_count_for_no_threshold() {
    let count = without(Count { blank: 2, invalid: 1, ..paper(&["500", "60", "40"]) }, &[(0, Out::Died)]);
    let outcome = undrawn(Rules::Mayor, &count);
    assert_eq!(outcome.totals.valid, Votes::from(100));
    assert_eq!(outcome.totals.out, Votes::from(500));
    assert_eq!(outcome.totals.invalid(), Votes::from(503));
    assert_eq!(outcome.totals.all(), Votes::from(603));
    assert_eq!(outcome.thresholds.as_ref().unwrap().election, Votes::from(25));
    assert_eq!(standings(&outcome), [Standing::Out(Out::Died), Standing::Elected, Standing::NotElected]);
    assert_eq!(outcome.options[0].votes, Votes::from(500));
    assert_eq!(outcome.options.iter().map(|placing| placing.rank).collect::<Vec<_>>(), [None, Some(1), Some(2)]);
}

#[test]
fn who_is_out_is_tied_with_nobody() {
    let count = without(paper(&["40", "40", "30", "20"]), &[(1, Out::Withdrawn)]);
    let outcome = undrawn(council(1), &count);
    assert!(outcome.tie.is_none());
    assert_eq!(elected(&outcome), [0]);
}

#[test]
fn who_withdraws_or_is_disqualified_forfeits_the_deposit_and_who_dies_does_not() {
    let count = without(paper(&["900", "800", "700", "60", "40"]), &[(0, Out::Withdrawn), (1, Out::Died), (2, Out::Disqualified)]);
    let outcome = undrawn(Rules::Mayor, &count);
    let deposits: Vec<_> = outcome.options.iter().map(|placing| placing.deposit.unwrap()).collect();
    assert_eq!(deposits, [Deposit::ForfeitedByLeaving, Deposit::Returned, Deposit::ForfeitedByLeaving, Deposit::Returned, Deposit::Returned]);
    assert_eq!(forfeiting(&outcome), [0, 2]);
}

#[test]
fn as_many_candidates_as_seats_are_elected_without_a_vote() {
    let outcome = undrawn(council(3), &paper(&["0", "0", "0"]));
    assert_eq!(outcome.manner, Manner::Uncontested);
    assert_eq!(elected(&outcome), [0, 1, 2]);
    assert_eq!(forfeiting(&outcome), [0_u16; 0]);
    assert!(outcome.thresholds.is_none());
    assert_eq!(outcome.seats.unwrap(), Filling { to_fill: 3, filled: 3, open: 0, empty: 0, sequel: Sequel::None });
}

#[test]
fn one_candidate_more_than_seats_makes_a_vote() {
    assert_eq!(undrawn(council(3), &paper(&["9", "9", "9", "1"])).manner, Manner::Poll);
}

#[test]
fn an_election_that_becomes_uncontested_heeds_no_votes_that_were_cast() {
    let count = without(paper(&["500", "0", "1"]), &[(0, Out::Withdrawn)]);
    let outcome = undrawn(council(2), &count);
    assert_eq!(outcome.manner, Manner::Uncontested);
    assert_eq!(elected(&outcome), [1, 2]);
    assert_eq!(forfeiting(&outcome), [0]);
    assert_eq!(outcome.options.iter().map(|placing| placing.rank).collect::<Vec<_>>(), [None; 3]);
}

#[test]
fn the_last_candidate_for_mayor_is_elected_without_a_vote() {
    let outcome = undrawn(Rules::Mayor, &without(paper(&["500", "1"]), &[(0, Out::Disqualified)]));
    assert_eq!(outcome.manner, Manner::Uncontested);
    assert_eq!(elected(&outcome), [1]);
}

#[test]
fn where_no_candidate_is_left_there_is_a_re_election() {
    let outcome = undrawn(Rules::Mayor, &without(paper(&["500", "1"]), &[(0, Out::Died), (1, Out::Died)]));
    assert_eq!(elected(&outcome), [0_u16; 0]);
    assert_eq!(outcome.seats.unwrap(), Filling { to_fill: 1, filled: 0, open: 0, empty: 1, sequel: Sequel::Reelection });
}

#[test]
fn fewer_candidates_than_seats_leave_seats_empty() {
    let seats = |candidates: usize| undrawn(council(12), &paper(&vec!["0"; candidates])).seats.unwrap();
    assert_eq!(seats(10), Filling { to_fill: 12, filled: 10, open: 0, empty: 2, sequel: Sequel::Vacancy });
    assert_eq!(seats(9), Filling { to_fill: 12, filled: 9, open: 0, empty: 3, sequel: Sequel::Reelection });
}
