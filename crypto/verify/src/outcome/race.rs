//! A race between those who are standing: who has more votes, who has enough, and where equal votes leave it open.

use std::collections::BTreeSet;

use super::{Counted, Decided, Deposit, Manner, OptionIndex, Out, Standing, Thresholds, Tie, Votes};

/// Those who are standing, and what they need.
pub(super) struct Race<'a> {
    manner: Manner,
    seats: u16,
    thresholds: Option<&'a Thresholds>,
    runners: Vec<(OptionIndex, Votes)>,
}

/// How an option compares with the seats.
enum Reach {
    /// Fewer votes than needed, or none.
    Short,
    /// Others fill the seats.
    Beaten,
    /// There are seats for all with as many votes or more.
    Sure,
    /// So many seats are left for more who have equal votes.
    Level(u16),
}

impl<'a> Race<'a> {
    pub(super) fn new(manner: Manner, seats: u16, thresholds: Option<&'a Thresholds>, options: &[(OptionIndex, &Counted)]) -> Self {
        let standing = options.iter().filter(|(_, counted)| counted.out.is_none());
        Self { manner, seats, thresholds, runners: standing.map(|(option, counted)| (*option, counted.votes())).collect() }
    }

    /// The tie that matters, undecided; there is one at most, as only one number of votes can be at the last seats.
    pub(super) fn tie(&self) -> Option<Tie> {
        let level = |votes: &Votes| match self.reach(votes) {
            Reach::Level(seats) => Some(seats),
            Reach::Short | Reach::Beaten | Reach::Sure => None,
        };
        let seats = self.runners.iter().find_map(|(_, votes)| level(votes))?;
        let options: BTreeSet<OptionIndex> = self.runners.iter().filter(|(_, votes)| level(votes).is_some()).map(|(option, _)| *option).collect();
        match self.manner {
            Manner::Poll => Some(Tie { options, seats, decided: Decided::Open }),
            Manner::Referendum => Some(Tie { options, seats: 0, decided: Decided::ByOrdinance }),
            Manner::Uncontested => None,
        }
    }

    /// The rank of so many votes.
    pub(super) fn rank(&self, votes: &Votes) -> Option<u16> {
        match self.manner {
            Manner::Poll | Manner::Referendum => Some(self.how_many(|other| other > votes) + 1),
            Manner::Uncontested => None,
        }
    }

    /// Where an option stands with its votes, given whom the lot chose if it was drawn.
    pub(super) fn standing(&self, option: OptionIndex, votes: &Votes, tie: Option<&Tie>, chosen: &BTreeSet<OptionIndex>) -> Standing {
        let drawn = tie.is_some_and(|tie| tie.decided == Decided::ByLot);
        match (self.manner, self.reach(votes)) {
            (Manner::Uncontested, _) | (Manner::Poll, Reach::Sure) => Standing::Elected,
            (Manner::Poll, Reach::Level(_)) if drawn && chosen.contains(&option) => Standing::ElectedByLot,
            (Manner::Poll, Reach::Level(_)) if drawn => Standing::LostLot,
            (Manner::Poll, Reach::Level(_)) => Standing::Tied,
            (Manner::Referendum, Reach::Level(_)) => Standing::MostLevel,
            (Manner::Poll, Reach::Beaten) => Standing::NotElected,
            (Manner::Poll, Reach::Short) => Standing::BelowMinimum,
            (Manner::Referendum, Reach::Sure) => Standing::Most,
            (Manner::Referendum, Reach::Beaten | Reach::Short) => Standing::Fewer,
        }
    }

    /// What becomes of the deposit for so many votes.
    pub(super) fn deposit(&self, votes: &Votes, out: Option<Out>) -> Option<Deposit> {
        match (self.manner, out, self.thresholds) {
            (Manner::Referendum, _, _) => None,
            (_, Some(Out::Withdrawn | Out::Disqualified), _) => Some(Deposit::ForfeitedByLeaving),
            (_, None, Some(needed)) if *votes < needed.deposit => Some(Deposit::ForfeitedByVotes),
            (_, Some(Out::Died) | None, _) => Some(Deposit::Returned),
        }
    }

    /// How so many votes compare: a referendum has one place to win, the first, and no legal minimum.
    fn reach(&self, votes: &Votes) -> Reach {
        let places = if self.manner == Manner::Referendum { 1 } else { self.seats };
        let more = self.how_many(|other| other > votes);
        let as_many = self.how_many(|other| other == votes);
        if !self.is_enough(votes) {
            Reach::Short
        } else if more + as_many <= places {
            Reach::Sure
        } else if more < places {
            Reach::Level(places - more)
        } else {
            Reach::Beaten
        }
    }

    /// Whether so many votes can win: nobody does with none. Who has more than enough has enough, so those who do not never stand before those who do.
    fn is_enough(&self, votes: &Votes) -> bool {
        !votes.is_none() && self.thresholds.is_none_or(|needed| *votes >= needed.election)
    }

    fn how_many(&self, test: impl Fn(&Votes) -> bool) -> u16 {
        self.runners.iter().filter(|(_, votes)| test(votes)).map(|_| 1).sum()
    }
}
