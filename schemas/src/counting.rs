//! The evening of the count, as officials see it: papers counted by two officials apart, candidates who are out, lots, the outcome, and the turnout.

use serde::{Deserialize, Serialize};

use crate::election::{ContestKind, Text};
use crate::paper::{OfficerSignature, OutReason, PaperCount};
use crate::{ElectionId, LeafIndex, Timestamp};

mod lot;

pub use lot::{DroppedLot, LotDrop, LotSigned, LotView, LotWish, LotsView};

/// What one official counted of the papers of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaperFigures {
    /// The index of the contest.
    pub contest: u16,
    /// For each option its votes in thousandths (按分, Public Offices Election Act article 68-2).
    pub thousandths: Vec<u64>,
    /// Papers that name a candidate.
    pub valid: u64,
    /// Blank papers (白票).
    pub blank: u64,
    /// Other invalid papers.
    pub invalid: u64,
}

/// A line of a count in which two officials differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PaperLine {
    /// The votes of an option.
    Option(u16),
    /// The valid papers.
    Valid,
    /// The blank papers.
    Blank,
    /// The other invalid papers.
    Invalid,
}

impl PaperFigures {
    /// The lines in which another count of the same contest differs.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<PaperLine> {
        let Self { contest: _, thousandths, valid, blank, invalid } = self;
        let options = thousandths.len().max(other.thousandths.len());
        let mut lines: Vec<PaperLine> =
            (0..options).filter(|place| thousandths.get(*place) != other.thousandths.get(*place)).map(|place| PaperLine::Option(place as u16)).collect();
        let rest = [(PaperLine::Valid, valid, &other.valid), (PaperLine::Blank, blank, &other.blank), (PaperLine::Invalid, invalid, &other.invalid)];
        lines.extend(rest.into_iter().filter(|(_, own, other)| own != other).map(|(line, _, _)| line));
        lines
    }
}

/// How far the papers of a contest are counted. What one official entered is shown to nobody before the other entered the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaperCountView {
    /// The index of the contest.
    pub contest: u16,
    /// Its identifier.
    pub id: String,
    /// The papers in the boxes, by the day-closes.
    pub in_boxes: u64,
    /// How often two officials entered figures that differ.
    pub rounds: u32,
    /// Who entered figures, and waits for the other official.
    pub entered_by: Option<String>,
    /// The lines in which the last two counts differ, until both are entered anew.
    pub differing: Vec<PaperLine>,
    /// What two officials agreed on, to be signed by the officers of the count.
    pub agreed: Option<PaperCount>,
    /// The officers of the count who signed it, by their places in the manifest.
    pub signed: Vec<u8>,
    /// The leaf of `paper-count`, once it is on the board.
    pub recorded: Option<LeafIndex>,
}

/// Officers' signatures of a count on which two officials agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaperCountSigned {
    /// What was signed.
    pub body: PaperCount,
    /// Some of the signatures.
    pub signatures: Vec<OfficerSignature>,
}

/// How far the signatures of officers are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Signing {
    /// The officers who signed, by their places in the manifest.
    pub signed: Vec<u8>,
    /// The names of those who have not.
    pub missing: Vec<String>,
    /// How many more witnesses have to sign.
    pub witnesses_needed: u8,
    /// Whether the manager still has to sign.
    pub manager_needed: bool,
    /// The leaf, once there are enough and the entry is on the board.
    pub recorded: Option<LeafIndex>,
}

/// A candidate who is out, and where the board says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutNotice {
    /// The index of the contest.
    pub contest: u16,
    /// The index of the option.
    pub option: u16,
    /// Why.
    pub reason: OutReason,
    /// The leaf of `candidate-out`.
    pub leaf: LeafIndex,
}

/// An entry of the board that two officials agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recorded {
    /// The election.
    pub election: ElectionId,
    /// Where it stands.
    pub leaf: LeafIndex,
}

/// Where an option stands in the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OptionOutcome {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Votes online.
    pub online: u64,
    /// Votes on paper, an exact decimal.
    pub paper: String,
    /// All votes, exact.
    pub votes: String,
    /// 1 for the most votes; absent for who is out and where there was no poll.
    pub rank: Option<u16>,
    /// Where it stands: `elected`, `elected-by-lot`, `tied`, `lost-lot`, `not-elected`, `below-minimum`, `out`, `most` or `fewer`.
    pub standing: String,
    /// The same in words.
    pub standing_text: Text,
    /// Whether the deposit is forfeited (供託物没収, Act article 93).
    pub deposit_forfeited: bool,
}

/// A tie for which a lot has to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TieView {
    /// Who is tied, ascending.
    pub options: Vec<u16>,
    /// For how many seats.
    pub seats: u16,
    /// Whether a lot decided it.
    pub decided: bool,
}

/// The totals of one unit of the online count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitOutcome {
    /// The names of its districts.
    pub districts: Vec<Text>,
    /// Ballots counted.
    pub ballots: u64,
    /// The votes of each option.
    pub votes: Vec<u64>,
    /// Choices that were not used (白票).
    pub blank: u64,
}

/// What became of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContestOutcome {
    /// The index of the contest; absent for one that the manifest lists as held without a poll.
    pub contest: Option<u16>,
    /// Its identifier.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Its kind.
    pub kind: ContestKind,
    /// Whether there was no poll (無投票): no more candidates were left than seats.
    pub without_poll: bool,
    /// Valid votes, exact.
    pub valid: String,
    /// How many of them are nobody's: what was cut off in splitting votes for a shared name (按分の際切り捨てた票), exact.
    pub nobodys: String,
    /// Blank votes on paper, and online where a ballot chooses at most one.
    pub blank: u64,
    /// Papers that are invalid otherwise.
    pub invalid: u64,
    /// Votes for candidates who are out, which are invalid (Act article 68 (1)), exact.
    pub out: String,
    /// The least votes with which one is elected (法定得票数, Act article 95), exact.
    pub minimum: Option<String>,
    /// Below this the deposit is forfeited (供託物没収点, Act article 93), exact.
    pub forfeiture: Option<String>,
    /// The options in ballot order.
    pub options: Vec<OptionOutcome>,
    /// Equal votes for the last seats.
    pub tie: Option<TieView>,
    /// Seats to fill, filled and empty; absent for a referendum.
    pub seats: Option<SeatsOutcome>,
    /// The online totals of each unit.
    pub units: Vec<UnitOutcome>,
    /// Whether the papers in the boxes are counted, if there are any.
    pub papers_missing: bool,
}

/// The seats of a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeatsOutcome {
    /// Seats to fill.
    pub to_fill: u16,
    /// Seats that are filled.
    pub filled: u16,
    /// Seats that wait for a lot.
    pub open: u16,
    /// Seats that stay empty.
    pub empty: u16,
}

/// What became of every contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeView {
    /// The election.
    pub election: ElectionId,
    /// Whether it is published.
    pub published: bool,
    /// The contests, those without a poll last.
    pub contests: Vec<ContestOutcome>,
}

impl OutcomeView {
    /// The contests of which something is missing before the result can be published: a count of papers, or a lot.
    pub fn open(&self) -> impl Iterator<Item = &ContestOutcome> {
        self.contests.iter().filter(|contest| contest.papers_missing || contest.tie.as_ref().is_some_and(|tie| !tie.decided))
    }
}

/// How many electors there are in one group, and how many of them voted, by channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnoutCell {
    /// Electors entitled.
    pub entitled: u64,
    /// Voted online.
    pub online: u64,
    /// Got a paper before the day (期日前投票).
    pub early: u64,
    /// Got a paper on the day (当日投票).
    pub day: u64,
    /// Were sent a paper (不在者投票).
    pub absentee: u64,
}

impl TurnoutCell {
    /// All who voted.
    #[must_use]
    pub const fn voted(&self) -> u64 {
        let Self { entitled: _, online, early, day, absentee } = self;
        *online + *early + *day + *absentee
    }

    /// The turnout in hundredths of a percent, cut; `None` where nobody is entitled.
    #[must_use]
    pub fn basis_points(&self) -> Option<u64> {
        (self.voted() * 10_000).checked_div(self.entitled)
    }

    /// Takes another group in.
    pub const fn add(&mut self, other: &Self) {
        let Self { entitled, online, early, day, absentee } = other;
        self.entitled += *entitled;
        self.online += *online;
        self.early += *early;
        self.day += *day;
        self.absentee += *absentee;
    }
}

/// An age on the polling day, in bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgeBand {
    /// 18 and 19.
    Teens,
    /// 20 to 29.
    Twenties,
    /// 30 to 39.
    Thirties,
    /// 40 to 49.
    Forties,
    /// 50 to 59.
    Fifties,
    /// 60 to 69.
    Sixties,
    /// 70 to 79.
    Seventies,
    /// 80 and older.
    EightyAndOver,
    /// Not known, or under 18.
    Other,
}

impl AgeBand {
    /// Every band, ascending, with its words.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Teens, "18・19歳", "18-19"),
        (Self::Twenties, "20歳代", "20-29"),
        (Self::Thirties, "30歳代", "30-39"),
        (Self::Forties, "40歳代", "40-49"),
        (Self::Fifties, "50歳代", "50-59"),
        (Self::Sixties, "60歳代", "60-69"),
        (Self::Seventies, "70歳代", "70-79"),
        (Self::EightyAndOver, "80歳以上", "80+"),
        (Self::Other, "不明", "unknown"),
    ];

    /// The band of an age in full years.
    #[must_use]
    pub const fn of(age: u32) -> Self {
        match age {
            18..=19 => Self::Teens,
            20..=29 => Self::Twenties,
            30..=39 => Self::Thirties,
            40..=49 => Self::Forties,
            50..=59 => Self::Fifties,
            60..=69 => Self::Sixties,
            70..=79 => Self::Seventies,
            80.. => Self::EightyAndOver,
            _ => Self::Other,
        }
    }
}

/// One row of the turnout by age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgeRow {
    /// The band.
    pub band: AgeBand,
    /// All districts; `null` where too few electors are of this age, or another figure would follow from it.
    pub all: Option<TurnoutCell>,
    /// Each district in the order of the manifest; `null` where too few electors are entitled to be shown.
    pub districts: Vec<Option<TurnoutCell>>,
}

/// The turnout (投票率) at a time: a function of the board up to that time and of the slot book, never of ballots' contents.
///
/// The total is of any time; how it parts by district, age and sex only of fixed hours, as the difference of two moments may tell one voter's group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Turnout {
    /// The election.
    pub election: ElectionId,
    /// Entries of the board up to this time are in the total.
    pub at: Timestamp,
    /// How many entries those are.
    pub size: u64,
    /// Everybody.
    pub all: TurnoutCell,
    /// How it parts, as of the last full hour.
    pub parts: TurnoutParts,
}

/// How the turnout parts by district, age and sex at a fixed hour: the last full one in Japan, or the close of the poll, after which nobody votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnoutParts {
    /// Entries of the board up to this time are in it.
    pub at: Timestamp,
    /// How many entries those are.
    pub size: u64,
    /// Everybody then.
    pub all: TurnoutCell,
    /// The names of the districts, in the order of the manifest.
    pub names: Vec<Text>,
    /// Each district; `null` where too few electors are entitled in it, or another figure would follow from it.
    pub districts: Vec<Option<TurnoutCell>>,
    /// By age on the polling day.
    pub ages: Vec<AgeRow>,
    /// By sex as the roll has it: male, female, unknown; `null` likewise.
    pub sexes: [Option<TurnoutCell>; 3],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_counts_differ_exactly_in_the_lines_that_are_named() {
        let one = PaperFigures { contest: 0, thousandths: vec![1_000, 2_500], valid: 4, blank: 1, invalid: 0 };
        assert_eq!(one.differing(&one.clone()), []);
        let other = PaperFigures { thousandths: vec![1_000, 2_400], blank: 0, invalid: 1, ..one.clone() };
        assert_eq!(one.differing(&other), [PaperLine::Option(1), PaperLine::Blank, PaperLine::Invalid]);
        let short = PaperFigures { thousandths: vec![1_000], ..one.clone() };
        assert_eq!(one.differing(&short), [PaperLine::Option(1)]);
    }

    #[test]
    fn every_age_has_one_band() {
        for (age, band) in [(17, AgeBand::Other), (18, AgeBand::Teens), (19, AgeBand::Teens), (20, AgeBand::Twenties), (79, AgeBand::Seventies)] {
            assert_eq!(AgeBand::of(age), band, "{age}");
        }
        assert_eq!(AgeBand::of(80), AgeBand::EightyAndOver);
        assert_eq!(AgeBand::of(110), AgeBand::EightyAndOver);
    }

    #[test]
    fn a_turnout_is_cut_and_not_rounded_up() {
        let cell = TurnoutCell { entitled: 3, online: 1, day: 1, ..TurnoutCell::default() };
        assert_eq!((cell.voted(), cell.basis_points()), (2, Some(6_666)));
        assert_eq!(TurnoutCell::default().basis_points(), None);
    }
}
