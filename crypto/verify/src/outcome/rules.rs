//! The rules of a contest: how many seats it fills, and how many votes are needed for a seat and for the deposit.

use std::num::{NonZeroU16, NonZeroU32};

use serde::Serialize;
use tachiai_schemas::Lang;
use tachiai_schemas::election::{Contest, ContestKind};

use super::{Votes, Wrong};

/// By which rules a contest is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Mayor (長の選挙): one seat, for the most votes.
    Mayor,
    /// Council (議会の議員の選挙): so many seats, for the most votes; a ballot names one candidate.
    Council(Seats),
    /// Referendum (住民投票): the option with the most votes is told. What follows is the ordinance's to say; nothing here is from the Act.
    Referendum,
}

/// The seats of a council: those to be filled, and all that there are.
///
/// The thresholds divide by all seats (議員の定数, of the constituency where there are any: art. 93 (1) iii, 95 (1) iii), even when fewer are to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    to_fill: NonZeroU16,
    all: NonZeroU16,
}

impl Seats {
    /// A general election (一般選挙): every seat is to be filled.
    ///
    /// # Errors
    /// [`Wrong::Seats`] for none.
    pub fn all(seats: u16) -> Result<Self, Wrong> {
        Self::some(seats, seats)
    }

    /// A by-election, re-election or election of additional members (補欠選挙・再選挙・増員選挙): so many of all seats are to be filled.
    ///
    /// # Errors
    /// [`Wrong::Seats`] for none, or more than there are.
    pub fn some(to_fill: u16, all: u16) -> Result<Self, Wrong> {
        match (NonZeroU16::new(to_fill), NonZeroU16::new(all)) {
            (Some(to_fill), Some(all)) if to_fill <= all => Ok(Self { to_fill, all }),
            _ => Err(Wrong::Seats { to_fill, all }),
        }
    }
}

impl Rules {
    /// The rules of a contest of the manifest. It does not say how many seats a council has besides those to be filled, so this takes every council's election
    /// for a general one; for another give [`Self::Council`] with [`Seats::some`].
    ///
    /// # Errors
    /// [`Wrong::Seats`] for a number of seats that does not fit the kind, which no valid manifest has.
    pub fn of(contest: &Contest) -> Result<Self, Wrong> {
        let seats = contest.seats;
        match contest.kind {
            ContestKind::Mayor if seats == 1 => Ok(Self::Mayor),
            ContestKind::Council => Seats::all(seats).map(Self::Council),
            ContestKind::Referendum if seats == 0 => Ok(Self::Referendum),
            ContestKind::Mayor => Err(Wrong::Seats { to_fill: seats, all: 1 }),
            ContestKind::Referendum => Err(Wrong::Seats { to_fill: seats, all: 0 }),
        }
    }

    /// How many seats are to be filled; `None` for a referendum.
    #[must_use]
    pub fn seats(self) -> Option<u16> {
        match self {
            Self::Mayor => Some(1),
            Self::Council(seats) => Some(seats.to_fill.get()),
            Self::Referendum => None,
        }
    }

    /// The thresholds at so many valid votes (有効投票の総数); `None` for a referendum.
    #[must_use]
    pub fn thresholds(self, valid: &Votes) -> Option<Thresholds> {
        let all = match self {
            Self::Mayor => NonZeroU16::MIN,
            Self::Council(seats) => seats.all,
            Self::Referendum => return None,
        };
        let part_of_a_seat = |part: NonZeroU32| valid.part(part.saturating_mul(all.into()));
        Some(Thresholds { election: part_of_a_seat(QUARTER), deposit: part_of_a_seat(TENTH) })
    }

    /// What is done about seats that stay empty.
    pub(super) fn sequel(self, empty: u16) -> Sequel {
        match self {
            _ if empty == 0 => Sequel::None,
            Self::Council(seats) if empty == seats.all.get() => Sequel::GeneralElection,
            Self::Council(seats) if u32::from(empty) * 6 <= u32::from(seats.all.get()) => Sequel::Vacancy,
            Self::Mayor | Self::Council(_) | Self::Referendum => Sequel::Reelection,
        }
    }
}

const QUARTER: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);
const TENTH: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// How many votes are needed, V being the valid votes and n all seats of the council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thresholds {
    /// Legal minimum of votes (法定得票数): who has as many can be elected. Mayor V / 4, council V / n / 4 (art. 95 (1) iii and iv).
    pub election: Votes,
    /// Forfeiture point (供託物没収点): who has fewer forfeits the deposit. Mayor V / 10, council V / n / 10 (art. 93 (1) iii and iv).
    pub deposit: Votes,
}

/// What the Act has done about seats that stay empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sequel {
    /// Nothing: no seat stays empty.
    None,
    /// A re-election (再選挙): there is no mayor (art. 109 i), or more than a sixth of a council's seats stay empty (art. 110 (1)).
    Reelection,
    /// A general election (一般選挙) and no re-election: nobody at all was elected in the general election of a council without constituencies (art. 116).
    GeneralElection,
    /// At most a sixth of the council's seats stay empty (欠員), which by itself calls no re-election. Whether it does together with other empty seats, or
    /// beside another election of the municipality (art. 110), cannot be told from one contest.
    Vacancy,
}

impl Sequel {
    /// The words for papers and screens.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::None => lang.pick("なし", "none"),
            Self::Reelection => lang.pick("再選挙", "re-election"),
            Self::GeneralElection => lang.pick("一般選挙", "general election"),
            Self::Vacancy => lang.pick("欠員", "vacancy"),
        }
    }
}
