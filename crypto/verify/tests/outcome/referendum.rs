//! A referendum is told and not decided: the option with the most votes, if there is one.

use tachiai_verify::outcome::{Count, Decided, Manner, OptionIndex, Out, Rules, Standing, Tie, Wrong, decide};

use crate::{elected, forfeiting, lot, options, paper, standings, undrawn};

#[test]
fn the_option_with_the_most_votes_is_told_without_threshold_seat_or_deposit() {
    let outcome = undrawn(Rules::Referendum, &Count { blank: 9, ..paper(&["100", "101", "0"]) });
    assert_eq!(outcome.manner, Manner::Referendum);
    assert_eq!(standings(&outcome), [Standing::Fewer, Standing::Most, Standing::Fewer]);
    assert_eq!((outcome.thresholds.as_ref(), outcome.seats, outcome.tie.as_ref()), (None, None, None));
    assert!(outcome.options.iter().all(|placing| placing.deposit.is_none()));
    assert_eq!(outcome.options.iter().map(|placing| placing.rank.unwrap()).collect::<Vec<_>>(), [2, 1, 3]);
    assert!(elected(&outcome).is_empty() && forfeiting(&outcome).is_empty());
}

#[test]
fn the_most_votes_need_be_no_share_of_all() {
    let votes: Vec<&str> = std::iter::once("2").chain(std::iter::repeat_n("1", 60)).collect();
    assert_eq!(undrawn(Rules::Referendum, &paper(&votes)).options[0].standing, Standing::Most);
}

#[test]
fn equal_most_votes_are_told_and_wait_for_no_lot() {
    let count = paper(&["100", "100", "7"]);
    let outcome = undrawn(Rules::Referendum, &count);
    assert_eq!(outcome.tie, Some(Tie { options: options(&[0, 1]), seats: 0, decided: Decided::ByOrdinance }));
    assert!(outcome.awaits_lot().is_none());
    assert_eq!(standings(&outcome), [Standing::MostLevel, Standing::MostLevel, Standing::Fewer]);
}

#[test]
fn a_lot_in_a_referendum_is_an_error_tied_or_not() {
    for votes in [["100", "100"], ["100", "7"]] {
        for lots in [1, 2] {
            assert_eq!(decide(Rules::Referendum, &paper(&votes), &vec![lot(&[0, 1], &[0]); lots]), Err(Wrong::LotInReferendum));
        }
    }
}

#[test]
fn no_option_has_the_most_of_no_votes() {
    assert_eq!(standings(&undrawn(Rules::Referendum, &paper(&["0", "0"]))), [Standing::Fewer; 2]);
}

#[test]
fn an_option_of_a_referendum_does_not_die() {
    let mut count = paper(&["100", "7"]);
    count.options[1].out = Some(Out::Died);
    assert_eq!(decide(Rules::Referendum, &count, &[]), Err(Wrong::OutOfReferendum(OptionIndex(1))));
}
