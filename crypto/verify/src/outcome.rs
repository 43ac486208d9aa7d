//! The outcome of a contest: who is elected, decided from nothing but the votes that were counted and the lots that were drawn.
//!
//! What is statute is the Public Offices Election Act (公職選挙法, Act No. 100 of 1950), whose articles are named here by number:
//!
//! - The most valid votes win a seat, but not fewer than the legal minimum, 法定得票数 (art. 95 (1) iii and iv: [`Thresholds::election`]).
//! - Equal votes are decided by lot, くじ, drawn by the chairman of the count in the election meeting (art. 95 (2): [`Tie`], [`Lot`]).
//! - Where no more candidates are left than seats, no vote is held, 無投票, and they are elected (art. 100 (4): [`Manner::Uncontested`]).
//! - The deposit is forfeited below a number of votes, and by withdrawing (art. 93: [`Thresholds::deposit`], [`Deposit`]).
//! - Seats that stay empty are for a re-election, 再選挙, or stay vacant (art. 109, 110, 116: [`Sequel`]).
//! - Votes for who is no candidate are invalid (art. 68 (1): [`Out`]); votes for a shared name are split (art. 68-2: [`Votes`]).
//!
//! What the Act does not say, and is decided here:
//!
//! - Only the tie at the last seats needs a lot: equal votes among those who all get a seat, or all get none, change nothing. So a contest needs one lot at most,
//!   and one that was drawn for anything else is an error and not ignored.
//! - Nobody is elected by no votes at all, even where no vote is valid and the legal minimum therefore 0. Nobody forfeits a deposit then, as 0 is not below 0.
//! - Where no vote is held there are no thresholds and no ranks, whatever votes were cast before it came to that.
//! - A referendum has the rules of its ordinance; here it is only told which option has the most votes, if one has. Nothing is needed for that.
//! - Who are the candidates is final when this is asked: filings and a postponed poll after a withdrawal or a death (art. 86-4 (5) to (8)) come before it.
//! - The rules are those of the kind of contest, under whatever authority it is held. A mock election has no deposits; what is told of them is what would be.
//!
//! ```
//! use std::collections::BTreeSet;
//! use tachiai_verify::outcome::{Count, Counted, Lot, OptionIndex, Rules, Seats, Standing, VotesError, decide};
//!
//! // Three candidates for two seats; the second and the third have equal votes.
//! let votes = |online, paper: &str| Ok::<_, VotesError>(Counted { online, paper: paper.parse()?, out: None });
//! let count = Count { options: vec![votes(70, "31.5")?, votes(40, "10.25")?, votes(50, "0.25")?], blank: 3, ..Count::default() };
//! let rules = Rules::Council(Seats::all(2)?);
//!
//! let outcome = decide(rules, &count, &[])?;
//! assert_eq!(outcome.totals.valid.to_string(), "202");
//! assert_eq!(outcome.thresholds.as_ref().map(|needed| needed.election.to_string()), Some("25.25".to_owned()));
//! assert_eq!(outcome.options[0].standing, Standing::Elected);
//! let tie = outcome.awaits_lot().ok_or("no tie")?;
//! assert_eq!(tie.seats, 1);
//!
//! let lot = Lot { tied: tie.options.clone(), chosen: BTreeSet::from([OptionIndex(2)]) };
//! let outcome = decide(rules, &count, &[lot])?;
//! assert!(outcome.awaits_lot().is_none());
//! assert_eq!(outcome.elected().collect::<Vec<_>>(), [OptionIndex(0), OptionIndex(2)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod count;
mod race;
mod rules;
mod tie;
mod votes;
mod wrong;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tachiai_schemas::Lang;

use race::Race;

pub use count::{Count, Counted, OptionIndex, Out, Totals};
pub use rules::{Rules, Seats, Sequel, Thresholds};
pub use tie::{Decided, Lot, Tie};
pub use votes::{Votes, VotesError};
pub use wrong::Wrong;

/// How a contest was decided, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// How it was decided.
    pub manner: Manner,
    /// The votes by kind.
    pub totals: Totals,
    /// The votes needed; `None` in a referendum and where no vote is held.
    pub thresholds: Option<Thresholds>,
    /// What became of each option, in ballot order.
    pub options: Vec<Placing>,
    /// Equal votes where they matter, and what decides between them.
    pub tie: Option<Tie>,
    /// The seats; `None` in a referendum.
    pub seats: Option<Filling>,
}

/// How a contest was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// By votes.
    Poll,
    /// Without a vote: no more candidates are left than seats (無投票当選: art. 100 (4)).
    Uncontested,
    /// By votes, in a referendum.
    Referendum,
}

impl Manner {
    /// The words for papers and screens.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Poll => lang.pick("投票", "by votes"),
            Self::Uncontested => lang.pick("無投票", "without a vote"),
            Self::Referendum => lang.pick("住民投票", "referendum"),
        }
    }
}

/// What became of one option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placing {
    /// The votes cast for it; invalid if it is out.
    pub votes: Votes,
    /// 1 for the most votes among those standing; equal votes have the same rank and leave out the next. `None` if it is out or no vote is held.
    pub rank: Option<u16>,
    /// Whether it is elected.
    pub standing: Standing,
    /// What becomes of the deposit; `None` in a referendum.
    pub deposit: Option<Deposit>,
}

/// Where an option stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Elected (当選), by votes or without a vote.
    Elected,
    /// Elected by lot among equal votes (art. 95 (2)).
    ElectedByLot,
    /// Tied with others for the last seats, of which nobody has one until a lot was drawn.
    Tied,
    /// Not elected (落選) by the lot. Where a seat becomes free later, these are next, for mayor as for council (繰上補充: art. 97, 112).
    LostLot,
    /// Not elected: others have more votes. Next, in a council and for three months, after those who lost by lot (art. 97, 112).
    NotElected,
    /// Not elected: fewer votes than the legal minimum, or none. Never next.
    BelowMinimum,
    /// Out, so that votes for it are invalid.
    Out(Out),
    /// The option of a referendum with the most votes.
    Most,
    /// It shares the most votes of a referendum with another.
    MostLevel,
    /// An option of a referendum with fewer votes than another, or none.
    Fewer,
}

impl Standing {
    /// Whether this is elected.
    #[must_use]
    pub const fn is_elected(self) -> bool {
        matches!(self, Self::Elected | Self::ElectedByLot)
    }

    /// Whether this is no candidate any more.
    #[must_use]
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Out(_))
    }

    /// The words for papers and screens.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Elected => lang.pick("当選", "elected"),
            Self::ElectedByLot => lang.pick("当選（くじ）", "elected by lot"),
            Self::Tied => lang.pick("得票同数（くじ未了）", "tied; lot to be drawn"),
            Self::LostLot => lang.pick("落選（くじ）", "not elected, by lot"),
            Self::NotElected => lang.pick("落選", "not elected"),
            Self::BelowMinimum => lang.pick("落選（法定得票数に達せず）", "not elected, below the legal minimum"),
            Self::Out(Out::Withdrawn) => lang.pick("候補者でない（辞退）", "no candidate any more: withdrawn"),
            Self::Out(Out::Died) => lang.pick("候補者でない（死亡）", "no candidate any more: died"),
            Self::Out(Out::Disqualified) => lang.pick("候補者でない（被選挙権なし・届出却下）", "no candidate any more: disqualified"),
            Self::Most => lang.pick("最多", "most votes"),
            Self::MostLevel => lang.pick("最多（同数）", "most votes, tied"),
            Self::Fewer => lang.pick("最多でない", "fewer votes"),
        }
    }
}

/// What becomes of a candidate's deposit (供託物).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deposit {
    /// It is given back: the votes reach the forfeiture point, no vote was held, or the candidate died.
    Returned,
    /// It is forfeited to the municipality: the votes are below the forfeiture point (art. 93 (1)).
    ForfeitedByVotes,
    /// It is forfeited to the municipality: the candidate withdrew, or the filing was rejected (art. 93 (2)).
    ForfeitedByLeaving,
}

impl Deposit {
    /// The words for papers and screens.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Returned => lang.pick("返還", "given back"),
            Self::ForfeitedByVotes => lang.pick("没収（供託物没収点に達せず）", "forfeited, below the forfeiture point"),
            Self::ForfeitedByLeaving => lang.pick("没収（辞退・届出却下）", "forfeited, withdrawn or rejected"),
        }
    }
}

/// How many seats are filled. What is filled, open and empty adds up to what was to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Filling {
    /// Seats to be filled.
    pub to_fill: u16,
    /// Seats that are filled.
    pub filled: u16,
    /// Seats that wait for a lot.
    pub open: u16,
    /// Seats that stay empty: too few candidates, or too few with the legal minimum.
    pub empty: u16,
    /// What is done about the empty ones.
    pub sequel: Sequel,
}

impl Outcome {
    /// The tie for which a lot has to be drawn before anything else can be done.
    #[must_use]
    pub fn awaits_lot(&self) -> Option<&Tie> {
        self.tie.as_ref().filter(|tie| tie.decided == Decided::Open)
    }

    /// Who is elected, in ballot order.
    pub fn elected(&self) -> impl Iterator<Item = OptionIndex> {
        self.select(|placing| placing.standing.is_elected())
    }

    /// Who forfeits the deposit, in ballot order.
    pub fn forfeiting(&self) -> impl Iterator<Item = OptionIndex> {
        self.select(|placing| matches!(placing.deposit, Some(Deposit::ForfeitedByVotes | Deposit::ForfeitedByLeaving)))
    }

    fn select(&self, chosen: impl Fn(&Placing) -> bool) -> impl Iterator<Item = OptionIndex> {
        (0..).map(OptionIndex).zip(&self.options).filter(move |(_, placing)| chosen(placing)).map(|(option, _)| option)
    }
}

/// Decides a contest from its votes and the lots that were drawn. The same votes and lots always give the same outcome.
///
/// Where a lot has to be drawn first the outcome says so ([`Outcome::awaits_lot`]): those who are tied are not elected yet; everyone else's standing is final.
///
/// # Errors
/// [`Wrong`] for an option of a referendum that is out, and for lots that do not decide the tie that there is.
pub fn decide(rules: Rules, count: &Count, lots: &[Lot]) -> Result<Outcome, Wrong> {
    let options = count.indexed(rules)?;
    let standing = options.iter().filter(|(_, counted)| counted.out.is_none()).count();
    let manner = match rules.seats() {
        None => Manner::Referendum,
        Some(seats) if standing <= usize::from(seats) => Manner::Uncontested,
        Some(_) => Manner::Poll,
    };
    let totals = count.totals();
    let thresholds = if manner == Manner::Uncontested { None } else { rules.thresholds(&totals.valid) };
    let race = Race::new(manner, rules.seats().unwrap_or_default(), thresholds.as_ref(), &options);
    let (tie, chosen) = match race.tie() {
        Some(tie) => tie.decide(lots).map(|(tie, chosen)| (Some(tie), chosen))?,
        None if lots.is_empty() => (None, BTreeSet::new()),
        None if manner == Manner::Referendum => return Err(Wrong::LotInReferendum),
        None => return Err(Wrong::NoTie),
    };
    let place = |(option, counted): &(OptionIndex, &Counted)| {
        let votes = counted.votes();
        let (rank, standing) = match counted.out {
            Some(out) => (None, Standing::Out(out)),
            None => (race.rank(&votes), race.standing(*option, &votes, tie.as_ref(), &chosen)),
        };
        let deposit = race.deposit(&votes, counted.out);
        Placing { votes, rank, standing, deposit }
    };
    let options: Vec<Placing> = options.iter().map(place).collect();
    let seats = rules.seats().map(|to_fill| {
        let filled = options.iter().filter(|placing| placing.standing.is_elected()).map(|_| 1).sum();
        let open = tie.as_ref().filter(|tie| tie.decided == Decided::Open).map_or(0, |tie| tie.seats);
        let empty = to_fill - filled - open;
        Filling { to_fill, filled, open, empty, sequel: rules.sequel(empty) }
    });
    Ok(Outcome { manner, totals, thresholds, options, tie, seats })
}
