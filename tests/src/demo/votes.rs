//! Who votes for whom, and what the count must therefore say.

use std::collections::{BTreeMap, BTreeSet};

use tachiai_schemas::election::ContestResult;

use crate::trouble::Trouble;

/// Of 100 voters, how many choose each candidate for mayor; the rest votes blank (白票).
const SHARES: [usize; 4] = [41, 33, 15, 8];

/// What one voter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Votes.
    Vote,
    /// Votes, and again with the same voting key.
    VoteTwice,
    /// Votes, and again with a new voting key, as from another device.
    VoteAnew,
    /// Votes, has the ballot opened, and votes again.
    Challenge,
}

impl Act {
    /// What voter `number` does.
    pub fn of(number: usize) -> Act {
        match number % 50 {
            7 | 27 => Act::VoteTwice,
            17 => Act::VoteAnew,
            37 => Act::Challenge,
            _ => Act::Vote,
        }
    }

    /// How many ballots that makes.
    pub fn ballots(self) -> usize {
        match self {
            Act::Vote => 1,
            Act::VoteTwice | Act::VoteAnew | Act::Challenge => 2,
        }
    }
}

/// The column that voter `number` chooses: a candidate, or after them the blank vote.
pub fn choice(number: usize) -> usize {
    // A multiplier without common factor, so that neighbours differ and 100 voters are as the whole city.
    let at = number.wrapping_mul(37).wrapping_add(11) % 100;
    let mut bound = 0;
    SHARES
        .iter()
        .position(|share| {
            bound += share;
            at < bound
        })
        .unwrap_or(SHARES.len())
}

/// Another column than voter `number` ends with: what they chose at first and thought better of.
pub fn first_choice(number: usize) -> usize {
    (choice(number) + 1) % (SHARES.len() + 1)
}

/// How many electors vote on paper.
pub const PAPERS: usize = 3;

/// Candidates of the small contest.
const WARD: usize = 2;

/// The papers of one contest that are in the box.
pub struct Box {
    /// The contest's ID.
    pub contest: &'static str,
    /// The votes of its options.
    pub votes: Vec<u64>,
    /// Blank papers.
    pub blank: u64,
}

/// Who votes how: the mayor everywhere, and a seat in the small contest `ward`, which ends in a tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Votes {
    count: usize,
    papers: [usize; PAPERS],
    /// Voters of the small contest who vote online, with the candidate.
    ward: BTreeMap<usize, Option<usize>>,
    /// The districts in which it is held.
    districts: BTreeSet<usize>,
}

impl Votes {
    /// Plans the votes of electors in these districts, of whom the first `by_hand` use the console. The small contest is held in the largest districts, as
    /// many as give it six electors; its first three vote on paper.
    ///
    /// # Errors
    /// [`Trouble`] if there are too few electors.
    pub fn plan(districts: &[usize], by_hand: usize) -> Result<Votes, Trouble> {
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        for district in districts.iter().skip(by_hand) {
            *sizes.entry(*district).or_default() += 1;
        }
        let mut by_size: Vec<(usize, usize)> = sizes.into_iter().map(|(district, size)| (size, district)).collect();
        by_size.sort_unstable_by(|a, b| b.cmp(a));
        let (mut held, mut electors) = (BTreeSet::new(), 0);
        for (size, district) in by_size {
            if electors >= 2 * PAPERS {
                break;
            }
            held.insert(district);
            electors += size;
        }
        let of_ward = districts.iter().enumerate().filter(|(_, district)| held.contains(district)).map(|(number, _)| number);
        let (consoles, others): (Vec<usize>, Vec<usize>) = of_ward.partition(|number| *number < by_hand);
        let papers = others.first_chunk().copied();
        let papers: [usize; PAPERS] = papers.ok_or_else(|| Trouble::new("the demonstration", format!("{} electors are too few", districts.len())))?;
        let online = others.iter().skip(PAPERS).enumerate().map(|(place, number)| (*number, Some(place % WARD)));
        // The first one votes online before the paper.
        let ward = consoles.into_iter().map(|number| (number, None)).chain(papers.first().map(|first| (*first, Some(0)))).chain(online).collect();
        Ok(Votes { count: districts.len(), papers, ward, districts: held })
    }

    /// The districts of the small contest.
    pub fn ward_districts(&self) -> &BTreeSet<usize> {
        &self.districts
    }

    /// The electors who vote on paper.
    pub fn papers(&self) -> [usize; PAPERS] {
        self.papers
    }

    /// Whether an elector votes online, even if the ballot is overridden later.
    pub fn is_online(&self, number: usize) -> bool {
        self.papers.iter().position(|paper| *paper == number).is_none_or(|place| place == 0)
    }

    /// Whether an elector is asked in the small contest.
    pub fn in_ward(&self, number: usize) -> bool {
        self.ward.contains_key(&number) || self.papers.contains(&number)
    }

    /// A column for the mayor as the voter's program takes it, with what the voter chooses in the small contest.
    pub fn options(&self, number: usize, column: usize) -> Vec<Vec<usize>> {
        let mayor = if column < SHARES.len() { vec![column] } else { Vec::new() };
        let ward = self.ward.get(&number).map(|choice| choice.iter().copied().collect());
        std::iter::once(mayor).chain(ward).collect()
    }

    /// The totals that are counted online.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger { mayor: vec![0; SHARES.len() + 1], ward: vec![0; WARD + 1] };
        let mut add = |totals: fn(&mut Ledger) -> &mut Vec<u64>, column: usize| {
            if let Some(total) = totals(&mut ledger).get_mut(column) {
                *total += 1;
            }
        };
        for number in (0..self.count).filter(|number| !self.papers.contains(number)) {
            add(|ledger| &mut ledger.mayor, choice(number));
            if let Some(choice) = self.ward.get(&number) {
                add(|ledger| &mut ledger.ward, choice.unwrap_or(WARD));
            }
        }
        ledger
    }

    /// What is in the box: two papers for the first candidate for mayor and one for the second; in the small contest whatever makes both candidates equal.
    pub fn in_box(&self) -> [Box; 2] {
        let mut mayor = vec![0; SHARES.len()];
        for place in [0, 0, 1] {
            if let Some(votes) = mayor.get_mut(place) {
                *votes += 1;
            }
        }
        let ledger = self.ledger();
        let online = [ledger.ward.first(), ledger.ward.get(1)].map(|total| total.copied().unwrap_or_default());
        let [first, second] = online;
        // They differ by one at most.
        let (to_first, to_second) = if first == second {
            (1, 1)
        } else if first < second {
            (2, 1)
        } else {
            (1, 2)
        };
        let blank = PAPERS as u64 - to_first - to_second;
        [Box { contest: "mayor", votes: mayor, blank: 0 }, Box { contest: "ward", votes: vec![to_first, to_second], blank }]
    }
}

/// What the count of the online ballots must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    mayor: Vec<u64>,
    ward: Vec<u64>,
}

impl Ledger {
    /// Compares with what was published.
    ///
    /// # Errors
    /// [`Trouble`] with both, if they differ.
    pub fn compare(&self, published: &[ContestResult]) -> Result<(), Trouble> {
        let [mayor, ward] = published else {
            return Err(Trouble::new("the published result", format!("{} contests instead of two", published.len())));
        };
        for (found, votes) in [(mayor, &self.mayor), (ward, &self.ward)] {
            if found.totals != *votes || found.ballots != votes.iter().sum::<u64>() {
                return Err(Trouble::new("the published result", format!("{:?} where the votes were {votes:?}", found.totals)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_voters_choose_as_planned() {
        let mut totals = [0; 5];
        (0..100).for_each(|number| totals[choice(number)] += 1);
        assert_eq!(totals, [41, 33, 15, 8, 3]);
    }

    #[test]
    fn the_small_contest_ends_in_a_tie_whatever_the_city_is_like() {
        for electors in 6..60 {
            let districts: Vec<usize> = (0..electors).map(|number| number * 7 % 5).collect();
            let votes = Votes::plan(&districts, 3).unwrap();
            let [_, ward] = votes.in_box();
            let online = votes.ledger().ward;
            assert_eq!(online[0] + ward.votes[0], online[1] + ward.votes[1], "{electors} electors");
            assert_eq!(ward.votes.iter().sum::<u64>() + ward.blank, PAPERS as u64);
        }
    }

    #[test]
    fn whoever_thinks_better_chose_something_else_at_first() {
        assert!((0..100).all(|number| first_choice(number) != choice(number)));
    }
}
