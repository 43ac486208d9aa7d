//! Who votes for whom, and what the count must therefore say.

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

/// A column as the voter's program takes it: the chosen options of the one contest.
pub fn options(column: usize) -> Vec<Vec<usize>> {
    vec![if column < SHARES.len() { vec![column] } else { Vec::new() }]
}

/// What the count must say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    totals: [u64; SHARES.len() + 1],
}

impl Ledger {
    /// The votes of voters 0 to `count` − 1.
    pub fn of(count: usize) -> Ledger {
        let mut ledger = Ledger::default();
        for number in 0..count {
            if let Some(total) = ledger.totals.get_mut(choice(number)) {
                *total += 1;
            }
        }
        ledger
    }

    /// Compares with what was published.
    ///
    /// # Errors
    /// [`Trouble`] with both, if they differ.
    pub fn compare(&self, published: &[ContestResult]) -> Result<(), Trouble> {
        match published {
            [mayor] if mayor.totals == self.totals && mayor.ballots == self.totals.iter().sum::<u64>() => Ok(()),
            [mayor] => Err(Trouble::new("the published result", format!("{:?} where the votes were {:?}", mayor.totals, self.totals))),
            other => Err(Trouble::new("the published result", format!("{} contests instead of one", other.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_voters_choose_as_planned() {
        assert_eq!(Ledger::of(100).totals, [41, 33, 15, 8, 3]);
    }

    #[test]
    fn whoever_thinks_better_chose_something_else_at_first() {
        assert!((0..100).all(|number| first_choice(number) != choice(number)));
    }
}
