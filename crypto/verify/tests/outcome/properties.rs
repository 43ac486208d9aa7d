//! What holds for all votes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tachiai_verify::outcome::{Count, Counted, Decided, Filling, Lot, Manner, OptionIndex, Out, Outcome, Rules, Seats, Standing, Votes, decide};

use crate::{number, undrawn};

/// Votes in thousandths. Few different numbers, so that ties are common; some large, so that the legal minimum matters.
fn votes() -> impl Strategy<Value = u64> {
    prop_oneof![4 => (0_u64..6).prop_map(|whole| whole * 1000), 2 => 0_u64..6, 2 => (0_u64..40).prop_map(|half| half * 500), 1 => 0_u64..200_000]
}

fn thousandths(votes: u64) -> Votes {
    number(&format!("{}.{:03}", votes / 1000, votes % 1000))
}

fn counted() -> impl Strategy<Value = Counted> {
    let out = prop_oneof![9 => Just(None), 1 => prop_oneof![Just(Out::Withdrawn), Just(Out::Died), Just(Out::Disqualified)].prop_map(Some)];
    (votes(), 0_u64..3, out).prop_map(|(votes, online, out)| Counted { online, paper: thousandths(votes), out })
}

fn count() -> impl Strategy<Value = Count> {
    (proptest::collection::vec(counted(), 0..14), 0_u64..3_000, 0_u64..50, 0_u64..50).prop_map(|(options, nobodys, blank, invalid)| Count {
        options,
        nobodys: thousandths(nobodys),
        blank,
        invalid,
    })
}

fn election() -> impl Strategy<Value = Rules> {
    let council = (1_u16..8, 0_u16..8).prop_map(|(to_fill, more)| Rules::Council(Seats::some(to_fill, to_fill + more).unwrap()));
    prop_oneof![1 => Just(Rules::Mayor), 4 => council]
}

/// The outcome after the lot, if one is needed: drawn by taking the first of the tied, counted from `start`.
fn drawn(rules: Rules, count: &Count, start: usize) -> (Outcome, Vec<Lot>) {
    let open = undrawn(rules, count);
    let Some(tie) = open.awaits_lot() else { return (open, vec![]) };
    let chosen = tie.options.iter().cycle().skip(start).take(tie.seats.into()).copied().collect();
    let lots = vec![Lot { tied: tie.options.clone(), chosen }];
    (decide(rules, count, &lots).unwrap(), lots)
}

/// Whether an option with its votes can win under an outcome's thresholds.
fn is_enough(outcome: &Outcome, votes: &Votes) -> bool {
    !votes.is_none() && *votes >= outcome.thresholds.as_ref().unwrap().election
}

/// Another way to the same end: sort, cut off at the seats, and look whether the cut goes between equal votes.
fn sorted(rules: Rules, count: &Count) -> (BTreeSet<OptionIndex>, BTreeSet<OptionIndex>) {
    let seats = usize::from(rules.seats().unwrap());
    let mut race: Vec<(Votes, OptionIndex)> =
        (0..).map(OptionIndex).zip(&count.options).filter(|(_, counted)| counted.out.is_none()).map(|(option, counted)| (counted.votes(), option)).collect();
    if race.len() > seats {
        let minimum = rules.thresholds(&count.totals().valid).unwrap().election;
        race.retain(|(votes, _)| *votes >= minimum && *votes > Votes::none());
    }
    race.sort_by(|a, b| b.cmp(a));
    let Some((next, _)) = race.get(seats).cloned() else { return (race.into_iter().map(|(_, option)| option).collect(), BTreeSet::new()) };
    if race[seats - 1].0 > next {
        return (race[..seats].iter().map(|(_, option)| *option).collect(), BTreeSet::new());
    }
    let of = |test: &dyn Fn(&Votes) -> bool| race.iter().filter(|(votes, _)| test(votes)).map(|(_, option)| *option).collect();
    (of(&|votes| *votes > next), of(&|votes| *votes == next))
}

/// The same count with the options in another order: the option at `order[i]` comes to place i.
fn reordered(count: &Count, order: &[usize]) -> Count {
    Count { options: order.iter().map(|place| count.options[*place].clone()).collect(), ..count.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn sorting_and_cutting_off_elects_the_same(rules in election(), count in count()) {
        let outcome = undrawn(rules, &count);
        let (elected, tied) = sorted(rules, &count);
        prop_assert_eq!(outcome.elected().collect::<BTreeSet<_>>(), elected);
        prop_assert_eq!(outcome.awaits_lot().map(|tie| tie.options.clone()).unwrap_or_default(), tied);
    }

    #[test]
    fn seats_are_filled_open_or_empty_and_no_more_are_elected_than_there_are(rules in election(), count in count(), start in 0_usize..20) {
        for outcome in [undrawn(rules, &count), drawn(rules, &count, start).0] {
            let Filling { to_fill, filled, open, empty, sequel: _ } = outcome.seats.unwrap();
            prop_assert_eq!(Some(to_fill), rules.seats());
            prop_assert_eq!(to_fill, filled + open + empty);
            prop_assert_eq!(usize::from(filled), outcome.elected().count());
            // Seats stay empty only if nobody with enough votes is left over.
            prop_assert!(empty == 0 || outcome.options.iter().all(|placing| !matches!(placing.standing, Standing::NotElected | Standing::LostLot | Standing::Tied)));
        }
    }

    #[test]
    fn a_tie_has_more_candidates_than_seats_and_any_lot_for_it_fills_them(rules in election(), count in count(), start in 0_usize..20) {
        let open = undrawn(rules, &count);
        let (outcome, lots) = drawn(rules, &count, start);
        prop_assert!(outcome.awaits_lot().is_none());
        if let Some(tie) = open.awaits_lot() {
            prop_assert!(tie.seats > 0 && tie.options.len() > usize::from(tie.seats));
            prop_assert_eq!(outcome.seats.unwrap().filled, outcome.seats.unwrap().to_fill);
            let after: BTreeSet<_> = outcome.elected().collect();
            let before: BTreeSet<_> = open.elected().collect();
            prop_assert_eq!(after.difference(&before).copied().collect::<BTreeSet<_>>(), lots[0].chosen.clone());
            prop_assert!(before.is_subset(&after));
        }
    }

    #[test]
    fn who_is_elected_has_enough_votes_and_no_fewer_than_who_is_not(rules in election(), count in count(), start in 0_usize..20) {
        let (outcome, _) = drawn(rules, &count, start);
        prop_assume!(outcome.manner == Manner::Poll);
        let elected: Vec<_> = outcome.options.iter().filter(|placing| placing.standing.is_elected()).collect();
        prop_assert!(elected.iter().all(|placing| is_enough(&outcome, &placing.votes)));
        for beaten in outcome.options.iter().filter(|placing| !placing.standing.is_elected() && !matches!(placing.standing, Standing::Out(_))) {
            prop_assert!(elected.iter().all(|placing| placing.votes >= beaten.votes));
            prop_assert_eq!(beaten.standing == Standing::BelowMinimum, !is_enough(&outcome, &beaten.votes));
        }
    }

    #[test]
    fn the_order_of_options_does_not_matter((count, order) in count().prop_flat_map(|count| {
        let order = Just((0..count.options.len()).collect::<Vec<_>>()).prop_shuffle();
        (Just(count), order)
    }), rules in election(), start in 0_usize..20) {
        let (outcome, lots) = drawn(rules, &count, start);
        let moved = |options: &BTreeSet<OptionIndex>| (0..).map(OptionIndex).zip(&order).filter(|(_, from)| options.contains(&OptionIndex(**from as u16))).map(|(to, _)| to).collect();
        let lots: Vec<Lot> = lots.iter().map(|lot| Lot { tied: moved(&lot.tied), chosen: moved(&lot.chosen) }).collect();
        let other = decide(rules, &reordered(&count, &order), &lots).unwrap();
        prop_assert_eq!(order.iter().map(|place| outcome.options[*place].clone()).collect::<Vec<_>>(), other.options);
        prop_assert_eq!((outcome.manner, outcome.totals, outcome.thresholds, outcome.seats), (other.manner, other.totals, other.thresholds, other.seats));
    }

    #[test]
    fn one_more_vote_never_unelects(rules in election(), count in count(), start in 0_usize..20, more in 1_u64..2_000) {
        let (outcome, _) = drawn(rules, &count, start);
        for option in outcome.elected() {
            let mut count = count.clone();
            count.options[usize::from(option.0)].paper += &thousandths(more);
            prop_assert_eq!(undrawn(rules, &count).options[usize::from(option.0)].standing, Standing::Elected);
        }
    }

    #[test]
    fn as_many_times_the_votes_elect_the_same(rules in election(), count in count(), times in 2_u32..9) {
        let multiple = |votes: &Votes| (0..times).map(|_| votes.clone()).collect::<Vec<_>>().iter().sum::<Votes>();
        let options = count.options.iter().map(|counted| Counted { online: 0, paper: multiple(&counted.votes()), out: counted.out }).collect();
        let scaled = undrawn(rules, &Count { options, nobodys: multiple(&count.nobodys), ..count.clone() });
        let outcome = undrawn(rules, &count);
        let compare = |outcome: &Outcome| outcome.options.iter().map(|placing| (placing.rank, placing.standing, placing.deposit)).collect::<Vec<_>>();
        prop_assert_eq!(compare(&scaled), compare(&outcome));
    }

    #[test]
    fn ranks_add_up_to_those_of_a_strict_order_less_what_equal_votes_share(rules in prop_oneof![election(), Just(Rules::Referendum)], mut count in count()) {
        if rules == Rules::Referendum {
            count.options.iter_mut().for_each(|counted| counted.out = None);
        }
        let outcome = undrawn(rules, &count);
        prop_assume!(outcome.manner != Manner::Uncontested);
        let ranked: Vec<_> = outcome.options.iter().filter_map(|placing| placing.rank.map(|rank| (u64::from(rank), &placing.votes))).collect();
        let candidates = ranked.len() as u64;
        prop_assert_eq!(ranked.len(), count.options.iter().filter(|counted| counted.out.is_none()).count());
        // A group of n with equal votes shares its first rank, which is n (n − 1) / 2 less than n ranks in a row: half a rank for each pair and side.
        let equal_pairs = ranked.iter().enumerate().flat_map(|(place, (_, votes))| ranked[place + 1..].iter().filter(move |(_, other)| other == votes)).count() as u64;
        prop_assert_eq!(ranked.iter().map(|(rank, _)| rank).sum::<u64>() + equal_pairs, candidates * (candidates + 1) / 2);
        for (rank, votes) in &ranked {
            for (other, fewer) in &ranked {
                prop_assert_eq!(rank.cmp(other), fewer.cmp(votes));
            }
        }
    }

    #[test]
    fn every_vote_is_valid_or_invalid(rules in election(), count in count()) {
        let outcome = undrawn(rules, &count);
        let named: Votes = outcome.options.iter().map(|placing| &placing.votes).sum();
        prop_assert_eq!(outcome.totals.all(), named + count.nobodys.clone() + Votes::from(count.blank + count.invalid));
        let standing: Votes = outcome.options.iter().filter(|placing| !matches!(placing.standing, Standing::Out(_))).map(|placing| &placing.votes).sum();
        prop_assert_eq!(&outcome.totals.valid, &(standing + count.nobodys));
        if let Some(needed) = &outcome.thresholds {
            // Ten times the one is four times the other, and with all seats it is V again.
            prop_assert_eq!((0..10).map(|_| &needed.deposit).sum::<Votes>(), (0..4).map(|_| &needed.election).sum::<Votes>());
        }
    }

    #[test]
    fn in_a_referendum_the_most_votes_are_told_or_tied(mut count in count()) {
        count.options.iter_mut().for_each(|counted| counted.out = None);
        let outcome = undrawn(Rules::Referendum, &count);
        let most = outcome.options.iter().map(|placing| &placing.votes).max().filter(|votes| !votes.is_none());
        let first: Vec<_> = outcome.options.iter().filter(|placing| Some(&placing.votes) == most).collect();
        let standing = if first.len() == 1 { Standing::Most } else { Standing::MostLevel };
        prop_assert!(first.iter().all(|placing| placing.standing == standing));
        prop_assert_eq!(outcome.options.iter().filter(|placing| placing.standing != Standing::Fewer).count(), first.len());
        prop_assert_eq!(outcome.tie.as_ref().map(|tie| (tie.options.len(), tie.decided)), (first.len() > 1).then_some((first.len(), Decided::ByOrdinance)));
    }
}
