//! The count record (開票録): how the count was held and what came out, signed by the count's manager and its witnesses (公職選挙法第70条).
//!
//! The thresholds are those of the Public Offices Election Act: the votes needed to be elected (法定得票数) by article 95(1), a quarter of the valid votes for a mayor and of
//! the valid votes divided by the seats for a council; the votes below which the deposit is forfeited (供託物没収点) by article 93(1), a tenth instead of a quarter. They
//! are printed as exact fractions, and as decimals that are said to be cut. A referendum has none. Who is elected is decided by the election meeting (選挙会); the
//! paper prints what it is given, and refuses only what the figures contradict.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::{ContestKind, Text};
use tachiai_schemas::{HashBytes, Lang, Timestamp};

use super::era;
use super::exact::{Exact, Rounding};
use super::frame::{Frame, chosen};
use super::quick::Unit;
use super::{PaperError, number, number_or_dash, percent_or_dash, same, total, within};

/// A count record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountRecord {
    /// What stands on every page.
    pub frame: Frame,
    /// Where the count was held (開票の場所); a line to write on where nobody has said it.
    pub place: Option<Text>,
    /// When it began: when the tally statement was recorded.
    pub began: Timestamp,
    /// When it ended: when the result was recorded.
    pub ended: Timestamp,
    /// The manager of the count (開票管理者); a line to write on where nobody has said it.
    pub manager: Option<String>,
    /// The trustees, who are the count's witnesses (開票立会人), by their index.
    pub trustees: Vec<TrusteeMark>,
    /// How many of them had to act.
    pub quorum: u8,
    /// What was counted.
    pub ballots: Ballots,
    /// The contests in the order of the ballot.
    pub contests: Vec<ContestCount>,
    /// The hash of the tally statement that the trustees signed.
    pub statement: HashBytes,
    /// What else has to be recorded, in the manager's words.
    pub remarks: Vec<String>,
}

/// A trustee, and what they did at the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrusteeMark {
    /// The index, from 1.
    pub index: u8,
    /// The name.
    pub name: String,
    /// The fingerprint of the signing key, as people compare it.
    pub key: String,
    /// What they did.
    pub act: TrusteeAct,
}

/// What a trustee did at the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrusteeAct {
    /// Gave decryption shares, and their proofs hold.
    Decrypted,
    /// Gave shares whose proofs do not hold; they were not used.
    Discarded,
    /// Gave none: the quorum was reached without.
    Absent,
}

/// Ballots and slots of the whole board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ballots {
    /// Electors on the roll.
    pub electors: u64,
    /// Ballots recorded online, those included that were replaced or challenged.
    pub recorded: u64,
    /// Of these, opened to test a device, and so not counted.
    pub challenged: u64,
    /// Of these, counted: the last of each elector.
    pub counted: u64,
    /// Paper ballots counted beside them; unknown or none where nothing is given.
    pub paper: Option<u64>,
}

/// The outcome of one contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestCount {
    /// Its title.
    pub title: Text,
    /// The kind, by which the thresholds go.
    pub kind: ContestKind,
    /// Seats to fill: 1 for a mayor, 0 for a referendum.
    pub seats: u16,
    /// What a vote is. Thresholds are known to the Act where a ballot is one vote.
    pub unit: Unit,
    /// All votes (投票総数): it is the sum of valid, blank, otherwise invalid and other ones.
    pub votes: u64,
    /// The candidates or options in the order of the ballot. Their votes are the valid ones, except of those who are [`Standing::Out`].
    pub candidates: Vec<CandidateCount>,
    /// 白票, which are invalid.
    pub blank: u64,
    /// Invalid for another reason, votes for those who are out among them.
    pub invalid: Exact,
    /// Nobody's: what was cut off when shared names were divided, and papers taken home.
    pub elsewhere: Exact,
    /// The lot that was drawn, if one was.
    pub lot: Option<Lot>,
}

/// A candidate or option, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateCount {
    /// The name, as on the ballot.
    pub name: Text,
    /// The party, where it is printed.
    pub party: Option<Text>,
    /// The votes.
    pub votes: Exact,
    /// What became of it.
    pub standing: Standing,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// 当選.
    Elected,
    /// 当選（くじ）: after as many votes as others, by lot (公職選挙法第95条第2項).
    ElectedByLot,
    /// Tied for the last seat: a lot has to be drawn.
    Tied,
    /// Not elected.
    NotElected,
    /// Withdrawn, dead or disqualified: votes for them are invalid (公職選挙法第68条).
    Out,
    /// Of a contest that elects nobody.
    Option,
}

/// A lot (くじ) that was drawn, by the returning officer and before witnesses (公職選挙法第95条第2項).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    /// When.
    pub at: Timestamp,
    /// Where, if it is to be printed.
    pub place: Option<Text>,
    /// By whom (選挙長).
    pub drawn_by: String,
    /// Between whom.
    pub between: Vec<Text>,
    /// Who came out.
    pub chosen: Vec<Text>,
    /// Before whom (選挙立会人).
    pub witnesses: Vec<String>,
}

/// The two thresholds of a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// 法定得票数: who has fewer is not elected.
    pub needed: Exact,
    /// 供託物没収点: who has fewer forfeits the deposit.
    pub deposit: Exact,
}

impl Thresholds {
    /// The thresholds of a contest with so many valid votes; `None` where the Act knows none.
    #[must_use]
    pub fn of(kind: ContestKind, seats: u16, unit: Unit, valid: Exact) -> Option<Self> {
        let seats = match (kind, unit) {
            (ContestKind::Mayor, Unit::Ballot) => 1,
            (ContestKind::Council, Unit::Ballot) => u64::from(seats),
            (ContestKind::Referendum, _) | (_, Unit::Mark) => return None,
        };
        Some(Self { needed: valid.over(&[seats, 4])?, deposit: valid.over(&[seats, 10])? })
    }
}

impl TrusteeAct {
    const fn written(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Decrypted => ("復号の証明は正しい", "decrypted, proof valid"),
            Self::Discarded => ("証明が誤り、不採用", "proof invalid, discarded"),
            Self::Absent => ("不要（定足数に達した）", "not needed"),
        };
        lang.pick(ja, en)
    }
}

impl Standing {
    const fn written(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Elected => ("当選", "elected"),
            Self::ElectedByLot => ("当選（くじ）", "elected by lot"),
            Self::Tied => ("同数（くじ未了）", "tied; lot to be drawn"),
            Self::NotElected | Self::Option => ("", ""),
            Self::Out => ("候補者でない", "no candidate any more"),
        };
        lang.pick(ja, en)
    }
}

impl CountRecord {
    pub(super) fn body(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { frame: _, place, began, ended, manager, trustees, quorum, ballots, contests, statement, remarks } = self;
        let Ballots { electors, recorded, challenged, counted, paper } = *ballots;
        within(("確認用に開いた投票と記録された投票", "ballots challenged and recorded"), challenged.into(), recorded.into())?;
        within(("集計された投票と有権者数", "ballots counted and electors"), counted.into(), electors.into())?;
        let trustee =
            |TrusteeMark { index, name, key, act }: &TrusteeMark| json!({ "index": index.to_string(), "name": name, "key": key, "act": act.written(lang) });
        Ok(json!({
            "place": place.as_ref().map(|place| chosen(lang, place)),
            "began": era::written(*began, lang),
            "ended": era::written(*ended, lang),
            "manager": manager,
            "trustees": trustees.iter().map(trustee).collect::<Vec<_>>(),
            "quorum": quorum.to_string(),
            "all_trustees": trustees.len().to_string(),
            "electors": number(electors),
            "recorded": number(recorded),
            "challenged": number(challenged),
            "counted": number(counted),
            "paper": number_or_dash(paper),
            "contests": contests.iter().map(|contest| contest.sheet(lang)).collect::<Result<Vec<_>, _>>()?,
            "statement": statement.hash().to_string(),
            "remarks": remarks,
        }))
    }
}

impl ContestCount {
    /// The votes of those who are candidates: the valid ones.
    ///
    /// # Errors
    /// [`PaperError::TooLarge`].
    pub fn valid(&self) -> Result<Exact, PaperError> {
        total(self.candidates.iter().filter(|candidate| candidate.standing != Standing::Out).map(|candidate| candidate.votes))
    }

    fn sheet(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { title, kind, seats, unit, votes, candidates, blank, invalid, elsewhere, lot } = self;
        let valid = self.valid()?;
        let out = total(candidates.iter().filter(|candidate| candidate.standing == Standing::Out).map(|candidate| candidate.votes))?;
        within(("候補者でない者の票と無効投票", "votes for those who are out and invalid votes"), out, *invalid)?;
        let void = total([(*blank).into(), *invalid])?;
        same(("有効・無効の計と投票総数", "valid and invalid votes, and all votes"), total([valid, void, *elsewhere])?, (*votes).into())?;
        let thresholds = Thresholds::of(*kind, *seats, *unit, valid);
        let elected = candidates.iter().filter(|candidate| matches!(candidate.standing, Standing::Elected | Standing::ElectedByLot)).count();
        within(("当選人の数と定数", "those elected and seats"), Exact::whole(elected as u64), u64::from(*seats).into())?;
        for candidate in candidates.iter().filter(|candidate| matches!(candidate.standing, Standing::Elected | Standing::ElectedByLot)) {
            if let Some(Thresholds { needed, .. }) = thresholds {
                within(("法定得票数と当選人の得票数", "votes needed and votes of an elected candidate"), needed, candidate.votes)?;
            }
        }
        let parties = candidates.iter().any(|candidate| candidate.party.is_some());
        let forfeits = |candidate: &CandidateCount| candidate.standing != Standing::Out && thresholds.is_some_and(|t| candidate.votes < t.deposit);
        let row = |candidate: &CandidateCount| {
            let CandidateCount { name, party, votes, standing } = candidate;
            json!({
                "name": chosen(lang, name),
                "party": party.as_ref().map_or("", |party| chosen(lang, party)),
                "votes": votes.votes(),
                "share": if *standing == Standing::Out { "—".to_owned() } else { percent_or_dash(*votes, valid, Rounding::HalfUp) },
                "standing": standing.written(lang),
                "elected": matches!(standing, Standing::Elected | Standing::ElectedByLot),
                "forfeits": forfeits(candidate),
            })
        };
        let threshold = |amount: Exact| json!({ "fraction": amount.fraction(), "decimal": amount.decimal(3, Rounding::Down), "whole": amount.parts().1 == 1, "cut": 1_000 % amount.parts().1 != 0 });
        let named = |texts: &[Text]| texts.iter().map(|text| chosen(lang, text).to_owned()).collect::<Vec<_>>();
        Ok(json!({
            "title": chosen(lang, title),
            "seats": (*seats > 0).then(|| number(u64::from(*seats))),
            "note": unit.note(lang),
            "parties": parties,
            "candidates": candidates.iter().map(row).collect::<Vec<_>>(),
            "valid": valid.votes(),
            "blank": number(*blank),
            "invalid": invalid.votes(),
            "void": void.votes(),
            "elsewhere": (*elsewhere > Exact::ZERO).then(|| elsewhere.votes()),
            "votes": number(*votes),
            "needed": thresholds.map(|t| threshold(t.needed)),
            "deposit": thresholds.map(|t| threshold(t.deposit)),
            "rule_needed": match kind {
                ContestKind::Mayor => lang.pick("有効投票の4分の1以上", "a quarter of the valid votes"),
                ContestKind::Council => lang.pick("有効投票を定数で割った数の4分の1以上", "a quarter of valid votes divided by seats"),
                ContestKind::Referendum => "",
            },
            "rule_deposit": match kind {
                ContestKind::Mayor => lang.pick("有効投票の10分の1未満", "below a tenth of the valid votes"),
                ContestKind::Council => lang.pick("有効投票を定数で割った数の10分の1未満", "below a tenth of valid votes divided by seats"),
                ContestKind::Referendum => "",
            },
            "elected": candidates.iter().filter(|c| matches!(c.standing, Standing::Elected | Standing::ElectedByLot)).map(row).collect::<Vec<_>>(),
            "tied": candidates.iter().filter(|c| c.standing == Standing::Tied).map(|c| chosen(lang, &c.name)).collect::<Vec<_>>(),
            "lot": lot.as_ref().map(|Lot { at, place, drawn_by, between, chosen: out, witnesses }| json!({
                "at": era::written(*at, lang),
                "place": place.as_ref().map(|place| chosen(lang, place)),
                "drawn_by": drawn_by,
                "between": named(between),
                "chosen": named(out),
                "witnesses": witnesses,
            })),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_a_quarter_and_a_tenth_of_the_valid_votes_over_the_seats() {
        let of = |kind, seats, unit, valid| Thresholds::of(kind, seats, unit, Exact::whole(valid)).map(|t| (t.needed.fraction(), t.deposit.fraction()));
        let both = |needed: &str, deposit: &str| Some((needed.to_owned(), deposit.to_owned()));
        assert_eq!(of(ContestKind::Mayor, 1, Unit::Ballot, 12_345), both("3,086 1/4", "1,234 1/2"));
        assert_eq!(of(ContestKind::Council, 16, Unit::Ballot, 12_345), both("192 57/64", "77 5/32"));
        assert_eq!(of(ContestKind::Mayor, 1, Unit::Ballot, 0), both("0", "0"));
        assert_eq!(of(ContestKind::Referendum, 0, Unit::Ballot, 12_345), None);
        assert_eq!(of(ContestKind::Council, 3, Unit::Mark, 12_345), None);
        assert_eq!(of(ContestKind::Council, 0, Unit::Ballot, 12_345), None, "no seats, no threshold");
    }
}
