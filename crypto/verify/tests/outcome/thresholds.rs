//! How many votes are needed for a seat and for the deposit, exactly at the boundary and just below.

use tachiai_schemas::election::{Choice, ContestKind};
use tachiai_verify::outcome::{Count, Filling, Manner, Rules, Seats, Sequel, Standing, Votes, Wrong};
use tachiai_verify::testing::contest;

use crate::{council, elected, forfeiting, number, paper, standings, undrawn};

fn by_election(to_fill: u16, all: u16) -> Rules {
    Rules::Council(Seats::some(to_fill, all).unwrap())
}

#[test]
fn a_mayor_is_elected_with_exactly_a_quarter_of_the_valid_votes() {
    let outcome = undrawn(Rules::Mayor, &paper(&["250", "249", "249", "126", "126"]));
    assert_eq!(outcome.thresholds.as_ref().unwrap().election, Votes::from(250));
    assert_eq!(outcome.manner, Manner::Poll);
    assert_eq!(elected(&outcome), [0]);
    assert_eq!(outcome.seats.unwrap(), Filling { to_fill: 1, filled: 1, open: 0, empty: 0, sequel: Sequel::None });
}

#[test]
fn nobody_is_mayor_with_the_least_bit_less_than_a_quarter_and_there_is_a_re_election() {
    let outcome = undrawn(Rules::Mayor, &paper(&["249.999", "249.001", "249", "126", "126"]));
    assert_eq!(outcome.thresholds.as_ref().unwrap().election, Votes::from(250));
    assert_eq!(standings(&outcome), [Standing::BelowMinimum; 5]);
    assert_eq!(outcome.options[0].rank, Some(1));
    assert_eq!(outcome.seats.unwrap(), Filling { to_fill: 1, filled: 0, open: 0, empty: 1, sequel: Sequel::Reelection });
}

#[test]
fn a_councillor_is_elected_with_exactly_a_quarter_of_the_votes_to_a_seat() {
    // 800 votes, 2 seats: 800 / 2 / 4 = 100.
    assert_eq!(elected(&undrawn(council(2), &paper(&["600", "100", "99", "1"]))), [0, 1]);
    let below = undrawn(council(2), &paper(&["601", "99.999", "99", "0.001"]));
    assert_eq!(below.thresholds.as_ref().unwrap().election, Votes::from(100));
    assert_eq!(elected(&below), [0]);
    assert_eq!(below.seats.unwrap().empty, 1);
}

#[test]
fn a_threshold_without_end_in_decimals_is_exact() {
    // 100 votes, 3 seats: 100 / 3 / 4 = 25/3 = 8.333…
    let at = undrawn(council(3), &paper(&["60", "25/3", "70/3", "25/3"]));
    assert_eq!(at.thresholds.as_ref().unwrap().election, number("25/3"));
    assert_eq!(at.thresholds.as_ref().unwrap().election.cut(3), "8.333…");
    assert_eq!(at.awaits_lot().unwrap().seats, 1);
    let below = undrawn(council(3), &paper(&["60", "8.333", "23.334", "8.333"]));
    assert_eq!(elected(&below), [0, 2]);
    assert!(below.tie.is_none());
}

#[test]
fn a_deposit_is_kept_at_exactly_a_tenth_and_forfeited_below() {
    let outcome = undrawn(Rules::Mayor, &paper(&["500", "300.001", "100", "99.999"]));
    assert_eq!(outcome.thresholds.as_ref().unwrap().deposit, Votes::from(100));
    assert_eq!(forfeiting(&outcome), [3]);
    // 1000 votes, 5 seats: 1000 / 5 / 10 = 20.
    let outcome = undrawn(council(5), &paper(&["300", "300", "200", "100", "50", "20", "19.5", "10.5"]));
    assert_eq!(outcome.thresholds.as_ref().unwrap().deposit, Votes::from(20));
    assert_eq!(forfeiting(&outcome), [6, 7]);
}

#[test]
fn a_by_election_of_a_council_divides_by_all_its_seats_and_not_by_those_to_be_filled() {
    // 1200 votes, 1 seat of 30: 1200 / 30 / 4 = 10 and 1200 / 30 / 10 = 4.
    let count = paper(&["290", "285", "285", "280", "57", "3"]);
    let outcome = undrawn(by_election(1, 30), &count);
    let needed = outcome.thresholds.as_ref().unwrap();
    assert_eq!((needed.election.clone(), needed.deposit.clone()), (Votes::from(10), Votes::from(4)));
    assert_eq!(elected(&outcome), [0]);
    assert_eq!(forfeiting(&outcome), [5]);
    // A council of one seat needs 300, so that nobody would be elected.
    assert_eq!(elected(&undrawn(council(1), &count)), [0_u16; 0]);
}

#[test]
fn only_valid_votes_count_for_thresholds_also_those_that_are_nobodys() {
    let count = Count { nobodys: number("0.5"), blank: 90, invalid: 7, ..paper(&["60", "39.5"]) };
    let outcome = undrawn(Rules::Mayor, &count);
    assert_eq!(outcome.totals.valid, Votes::from(100));
    assert_eq!(outcome.totals.invalid(), Votes::from(97));
    assert_eq!(outcome.totals.all(), Votes::from(197));
    assert_eq!(outcome.thresholds.unwrap().election, Votes::from(25));
}

#[test]
fn votes_online_and_on_paper_are_one_number() {
    let mut count = paper(&["10.25", "11"]);
    count.options[0].online = 3;
    let outcome = undrawn(Rules::Mayor, &count);
    assert_eq!(outcome.options[0].votes, number("13.25"));
    assert_eq!(elected(&outcome), [0]);
}

#[test]
fn nobody_is_elected_by_no_votes_and_nobody_forfeits_a_deposit_when_no_vote_is_valid() {
    let outcome = undrawn(council(2), &Count { blank: 40, ..paper(&["0", "0", "0"]) });
    assert!(outcome.thresholds.as_ref().unwrap().election.is_none());
    assert_eq!(standings(&outcome), [Standing::BelowMinimum; 3]);
    assert!(outcome.tie.is_none());
    assert_eq!(forfeiting(&outcome), [0_u16; 0]);
    assert_eq!(outcome.seats.unwrap(), Filling { to_fill: 2, filled: 0, open: 0, empty: 2, sequel: Sequel::GeneralElection });
    assert_eq!(outcome.options.iter().map(|placing| placing.rank).collect::<Vec<_>>(), [Some(1); 3]);
}

#[test]
fn more_than_a_sixth_of_the_seats_empty_calls_a_re_election_and_a_sixth_does_not() {
    // Twelve seats, thirteen candidates, and so many of them with votes.
    let filled = |with_votes: usize| {
        let votes: Vec<&str> = (0..13).map(|place| if place < with_votes { "100" } else { "0" }).collect();
        undrawn(council(12), &paper(&votes)).seats.unwrap()
    };
    assert_eq!(filled(12), Filling { to_fill: 12, filled: 12, open: 0, empty: 0, sequel: Sequel::None });
    assert_eq!(filled(10), Filling { to_fill: 12, filled: 10, open: 0, empty: 2, sequel: Sequel::Vacancy });
    assert_eq!(filled(9), Filling { to_fill: 12, filled: 9, open: 0, empty: 3, sequel: Sequel::Reelection });
}

#[test]
fn a_council_of_which_nobody_is_elected_has_another_general_election_but_no_by_election_has() {
    let nobody = paper(&["0", "0", "0", "0"]);
    let sequel = |rules| undrawn(rules, &nobody).seats.unwrap().sequel;
    assert_eq!(sequel(council(3)), Sequel::GeneralElection);
    assert_eq!(sequel(by_election(3, 17)), Sequel::Reelection);
    assert_eq!(sequel(by_election(3, 18)), Sequel::Vacancy);
    assert_eq!(sequel(Rules::Mayor), Sequel::Reelection);
}

#[test]
fn the_legal_minima_that_were_reported_of_real_elections_come_out() {
    // As the press reported of the council elections of 21 April 2019, in both of which the last within the seats stayed below the minimum: Narita, 30 seats,
    // 46,542 valid votes, minimum 387.85, 313 votes; Sakaide, 20 seats, 22,825 valid votes, minimum 285.312 (cut off), 240 votes.
    for (seats, valid, minimum, last) in [(30, 46_542, "387.85", 313), (20, 22_825, "285.312…", 240)] {
        let needed = council(seats).thresholds(&Votes::from(valid)).unwrap();
        assert_eq!(needed.election.cut(3), minimum);
        assert!(Votes::from(last) < needed.election && Votes::from(last) > needed.deposit);
    }
    assert_eq!(council(20).thresholds(&Votes::from(22_825)).unwrap().election, number("285.3125"));
}

#[test]
fn the_rules_of_a_contest_are_those_of_its_kind() {
    let of = |kind, seats| {
        let mut contest = contest("c", 5, Choice::Exactly(1));
        contest.kind = kind;
        contest.seats = seats;
        Rules::of(&contest)
    };
    assert_eq!(of(ContestKind::Mayor, 1), Ok(Rules::Mayor));
    assert_eq!(of(ContestKind::Council, 3), Ok(council(3)));
    assert_eq!(of(ContestKind::Referendum, 0), Ok(Rules::Referendum));
    assert_eq!(of(ContestKind::Mayor, 2), Err(Wrong::Seats { to_fill: 2, all: 1 }));
    assert_eq!(of(ContestKind::Council, 0), Err(Wrong::Seats { to_fill: 0, all: 0 }));
    assert_eq!(of(ContestKind::Referendum, 1), Err(Wrong::Seats { to_fill: 1, all: 0 }));
}

#[test]
fn a_council_never_has_more_seats_to_fill_than_it_has() {
    assert!(Seats::some(3, 3).is_ok());
    assert_eq!(Seats::some(4, 3), Err(Wrong::Seats { to_fill: 4, all: 3 }));
    assert_eq!(Seats::some(0, 3), Err(Wrong::Seats { to_fill: 0, all: 3 }));
}

#[test]
fn more_options_than_a_contest_has_are_refused() {
    let count = |options: usize| paper(&vec!["1"; options]);
    assert!(tachiai_verify::outcome::decide(council(2), &count(128), &[]).is_ok());
    assert_eq!(tachiai_verify::outcome::decide(council(2), &count(129), &[]), Err(Wrong::Options(129)));
}
