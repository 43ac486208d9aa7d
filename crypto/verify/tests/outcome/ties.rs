//! Equal votes: when a lot has to be drawn, what it decides, and which lots are refused.

use tachiai_verify::outcome::{Count, Decided, Filling, Rules, Sequel, Standing, Tie, Wrong, decide};

use crate::{council, elected, lot, options, paper, standings, undrawn};

/// Four seats: the first two have one for sure, three are tied for the other two, and the last has too few.
fn three_for_two() -> Count {
    paper(&["100", "70.5", "90", "70.5", "70.5", "60"])
}

#[test]
fn a_tie_for_the_last_seat_needs_a_lot() {
    let outcome = undrawn(council(2), &paper(&["50", "40", "40"]));
    assert_eq!(outcome.awaits_lot(), Some(&Tie { options: options(&[1, 2]), seats: 1, decided: Decided::Open }));
    assert_eq!(standings(&outcome), [Standing::Elected, Standing::Tied, Standing::Tied]);
    assert_eq!(outcome.seats.unwrap(), Filling { to_fill: 2, filled: 1, open: 1, empty: 0, sequel: Sequel::None });
}

#[test]
fn a_tie_for_mayor_needs_a_lot() {
    let count = paper(&["40", "30", "40"]);
    assert_eq!(undrawn(Rules::Mayor, &count).awaits_lot().unwrap().options, options(&[0, 2]));
    let drawn = decide(Rules::Mayor, &count, &[lot(&[0, 2], &[2])]).unwrap();
    assert_eq!(standings(&drawn), [Standing::LostLot, Standing::NotElected, Standing::ElectedByLot]);
}

#[test]
fn a_lot_can_give_several_seats_at_once() {
    let open = undrawn(council(4), &three_for_two());
    assert_eq!(open.awaits_lot(), Some(&Tie { options: options(&[1, 3, 4]), seats: 2, decided: Decided::Open }));
    assert_eq!(elected(&open), [0, 2]);
    let drawn = decide(council(4), &three_for_two(), &[lot(&[1, 3, 4], &[1, 4])]).unwrap();
    assert_eq!(elected(&drawn), [0, 1, 2, 4]);
    assert!(drawn.awaits_lot().is_none());
    assert_eq!(drawn.tie.as_ref().unwrap().decided, Decided::ByLot);
    assert_eq!(
        standings(&drawn),
        [Standing::Elected, Standing::ElectedByLot, Standing::Elected, Standing::LostLot, Standing::ElectedByLot, Standing::NotElected]
    );
    assert_eq!(drawn.seats.unwrap(), Filling { to_fill: 4, filled: 4, open: 0, empty: 0, sequel: Sequel::None });
}

#[test]
fn equal_votes_have_the_same_rank_and_leave_out_the_next_whatever_the_lot() {
    let ranks = |lots: &[_]| decide(council(4), &three_for_two(), lots).unwrap().options.iter().map(|placing| placing.rank.unwrap()).collect::<Vec<_>>();
    assert_eq!(ranks(&[]), [1, 3, 2, 3, 3, 6]);
    assert_eq!(ranks(&[lot(&[1, 3, 4], &[1, 4])]), [1, 3, 2, 3, 3, 6]);
}

#[test]
fn a_tie_in_which_all_are_elected_needs_no_lot() {
    let outcome = undrawn(council(3), &paper(&["40", "40", "40", "39"]));
    assert!(outcome.tie.is_none());
    assert_eq!(elected(&outcome), [0, 1, 2]);
}

#[test]
fn a_tie_in_which_none_is_elected_needs_no_lot() {
    let outcome = undrawn(council(1), &paper(&["40", "30", "30"]));
    assert!(outcome.tie.is_none());
    assert_eq!(elected(&outcome), [0]);
}

#[test]
fn a_tie_below_the_legal_minimum_needs_no_lot() {
    // 1000 votes, 2 seats: the minimum is 125; the second seat stays empty.
    let outcome = undrawn(council(2), &paper(&["800", "100", "100"]));
    assert!(outcome.tie.is_none());
    assert_eq!(standings(&outcome), [Standing::Elected, Standing::BelowMinimum, Standing::BelowMinimum]);
    assert_eq!(outcome.seats.unwrap().empty, 1);
}

#[test]
fn a_tie_exactly_at_the_legal_minimum_needs_a_lot() {
    // 1000 votes, 2 seats: the minimum is 125.
    let outcome = undrawn(council(2), &paper(&["750", "125", "125"]));
    assert_eq!(outcome.awaits_lot().unwrap().options, options(&[1, 2]));
}

#[test]
fn votes_that_differ_in_the_third_decimal_are_no_tie() {
    let outcome = undrawn(council(1), &paper(&["40.001", "40", "20"]));
    assert!(outcome.tie.is_none());
    assert_eq!(elected(&outcome), [0]);
}

#[test]
fn the_same_votes_written_otherwise_are_a_tie() {
    let mut count = paper(&["40.5", "0.500", "10"]);
    count.options[1].online = 40;
    assert_eq!(undrawn(council(1), &count).awaits_lot().unwrap().options, options(&[0, 1]));
}

#[test]
fn a_lot_where_nobody_is_tied_is_an_error() {
    let clear = paper(&["50", "40", "30"]);
    assert_eq!(decide(council(2), &clear, &[lot(&[1, 2], &[1])]), Err(Wrong::NoTie));
    // Equal votes that change nothing are no tie either.
    let both_in = paper(&["40", "40", "30"]);
    assert_eq!(decide(council(2), &both_in, &[lot(&[0, 1], &[0])]), Err(Wrong::NoTie));
    // Nor is there one where no vote is held.
    let no_vote = paper(&["40", "40"]);
    assert_eq!(decide(council(2), &no_vote, &[lot(&[0, 1], &[0])]), Err(Wrong::NoTie));
}

#[test]
fn a_lot_between_others_than_the_tied_is_an_error() {
    for others in [&[1, 3][..], &[1, 3, 4, 5], &[0, 2], &[]] {
        let wrong = decide(council(4), &three_for_two(), &[lot(others, &[1, 3])]);
        assert_eq!(wrong, Err(Wrong::OtherTie { lot: options(others), tied: options(&[1, 3, 4]) }));
    }
}

#[test]
fn a_lot_that_gives_more_or_fewer_seats_than_are_left_is_an_error() {
    for chosen in [&[][..], &[1], &[1, 3, 4]] {
        let wrong = decide(council(4), &three_for_two(), &[lot(&[1, 3, 4], chosen)]);
        assert_eq!(wrong, Err(Wrong::LotNumber { chosen: chosen.len(), seats: 2 }));
    }
}

#[test]
fn a_lot_that_chooses_somebody_not_tied_is_an_error() {
    let wrong = decide(council(4), &three_for_two(), &[lot(&[1, 3, 4], &[1, 5])]);
    assert_eq!(wrong, Err(Wrong::NotTied(tachiai_verify::outcome::OptionIndex(5))));
}

#[test]
fn a_second_lot_is_an_error_even_if_it_is_the_same() {
    let drawn = lot(&[1, 3, 4], &[1, 4]);
    assert_eq!(decide(council(4), &three_for_two(), &[drawn.clone(), drawn]), Err(Wrong::ManyLots(2)));
}
