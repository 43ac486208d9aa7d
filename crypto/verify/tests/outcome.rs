//! Who is elected: worked examples of the Public Offices Election Act, the real elections of Setagaya, and what holds for all votes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "outcome/leaving.rs"]
mod leaving;
#[path = "outcome/properties.rs"]
mod properties;
#[path = "outcome/referendum.rs"]
mod referendum;
#[path = "outcome/setagaya.rs"]
mod setagaya;
#[path = "outcome/thresholds.rs"]
mod thresholds;
#[path = "outcome/ties.rs"]
mod ties;
#[path = "outcome/votes.rs"]
mod votes;
#[path = "outcome/words.rs"]
mod words;

use std::collections::BTreeSet;

use tachiai_verify::outcome::{Count, Counted, Lot, OptionIndex, Outcome, Rules, Seats, Standing, Votes, decide};

fn number(text: &str) -> Votes {
    text.parse().unwrap()
}

/// The count of a contest with so many votes for each option, on paper.
fn paper(votes: &[&str]) -> Count {
    let options = votes.iter().map(|votes| Counted { paper: number(votes), ..Counted::default() }).collect();
    Count { options, ..Count::default() }
}

/// A council all of whose seats are to be filled.
fn council(seats: u16) -> Rules {
    Rules::Council(Seats::all(seats).unwrap())
}

fn options(places: &[u16]) -> BTreeSet<OptionIndex> {
    places.iter().copied().map(OptionIndex).collect()
}

fn lot(tied: &[u16], chosen: &[u16]) -> Lot {
    Lot { tied: options(tied), chosen: options(chosen) }
}

/// The outcome where no lot was drawn.
fn undrawn(rules: Rules, count: &Count) -> Outcome {
    decide(rules, count, &[]).unwrap()
}

fn standings(outcome: &Outcome) -> Vec<Standing> {
    outcome.options.iter().map(|placing| placing.standing).collect()
}

fn elected(outcome: &Outcome) -> Vec<u16> {
    outcome.elected().map(|OptionIndex(place)| place).collect()
}

fn forfeiting(outcome: &Outcome) -> Vec<u16> {
    outcome.forfeiting().map(|OptionIndex(place)| place).collect()
}
