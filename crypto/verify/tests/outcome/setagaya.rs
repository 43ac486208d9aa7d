//! The elections of Setagaya in 2011 come out as the city published them: figures by way of github.com/codeforsetagaya/api.

use std::fs;
use std::path::Path;

use tachiai_verify::outcome::{Count, Counted, Lot, OptionIndex, Rules, Sequel, Standing, decide};

use crate::{council, elected, forfeiting, number, options, undrawn};

/// The published count, and who was elected.
fn published(file: &str) -> (Count, Vec<u16>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/elections").join(file);
    let text = fs::read_to_string(path).unwrap();
    let mut rows = text.lines();
    assert_eq!(rows.next(), Some("candidate,elected,votes"));
    let mut count = Count::default();
    let mut elected = Vec::new();
    for (place, row) in (0..).zip(rows) {
        let [candidate, won, votes] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        assert_eq!(candidate, (place + 1).to_string());
        if won.parse().unwrap() {
            elected.push(place);
        }
        count.options.push(Counted { paper: number(votes), ..Counted::default() });
    }
    (count, elected)
}

#[test]
fn the_council_of_setagaya_has_the_50_members_that_were_elected() {
    let (count, published) = published("setagaya-2011-council.csv");
    assert_eq!((count.options.len(), published.len()), (82, 50));
    let outcome = undrawn(council(50), &count);
    assert_eq!(elected(&outcome), published);
    assert!(outcome.tie.is_none());
    assert_eq!(outcome.seats.unwrap().sequel, Sequel::None);
    // Worked out apart from this program: the 82 numbers add up to 280,403.99; what is needed is a 200th and a 500th of it.
    let needed = outcome.thresholds.as_ref().unwrap();
    assert_eq!(outcome.totals.valid, number("280403.99"));
    assert_eq!((needed.election.clone(), needed.deposit.clone()), (number("1402.01995"), number("560.80798")));
    assert_eq!(outcome.options.iter().filter(|placing| placing.standing == Standing::BelowMinimum).count(), 12);
    assert_eq!(forfeiting(&outcome), [77, 78, 79, 80, 81]);
}

#[test]
fn the_votes_of_setagaya_are_whole_again_with_the_hundredth_that_was_cut_off() {
    let (count, published) = published("setagaya-2011-council.csv");
    assert!(!count.totals().all().is_whole());
    let count = Count { nobodys: number("0.01"), ..count };
    assert!(count.totals().all().is_whole());
    assert_eq!(count.totals().valid, number("280404"));
    assert_eq!(elected(&undrawn(council(50), &count)), published);
}

#[test]
fn had_setagayas_last_two_tied_a_lot_would_have_decided() {
    let (mut count, published) = published("setagaya-2011-council.csv");
    count.options[50].paper = count.options[49].paper.clone();
    let open = undrawn(council(50), &count);
    assert_eq!(open.awaits_lot().unwrap().options, options(&[49, 50]));
    assert_eq!(elected(&open), published[..49]);
    let lot = Lot { tied: options(&[49, 50]), chosen: options(&[50]) };
    let drawn = decide(council(50), &count, &[lot]).unwrap();
    assert_eq!(drawn.elected().last(), Some(OptionIndex(50)));
    assert_eq!(drawn.options[49].standing, Standing::LostLot);
}

#[test]
fn setagaya_has_the_mayor_who_was_elected() {
    let (count, published) = published("setagaya-2011-mayor.csv");
    let outcome = undrawn(Rules::Mayor, &count);
    assert_eq!(elected(&outcome), published);
    assert_eq!(published, [0]);
    // 273,561 votes: a quarter is 68,390.25, a tenth 27,356.1.
    let needed = outcome.thresholds.as_ref().unwrap();
    assert_eq!((needed.election.clone(), needed.deposit.clone()), (number("68390.25"), number("27356.1")));
    assert_eq!(forfeiting(&outcome), [4]);
    assert_eq!(outcome.options[1].standing, Standing::NotElected);
    assert_eq!(outcome.options[2].standing, Standing::BelowMinimum);
}
