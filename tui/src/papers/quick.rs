//! The quick report of the count (開票速報): votes of each candidate so far, and how much is counted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::Text;
use tachiai_schemas::{Lang, Timestamp};

use super::exact::{Exact, Rounding};
use super::frame::{Frame, chosen};
use super::turnout::Stage;
use super::{PaperError, era, number, percent_or_dash, same, total, within};

/// A quick report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuickReport {
    /// What stands on every page.
    pub frame: Frame,
    /// The minute of which it tells.
    pub as_of: Timestamp,
    /// 中間 or 確定. A final report has everything counted.
    pub stage: Stage,
    /// Each contest.
    pub contests: Vec<ContestProgress>,
}

/// One contest, so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestProgress {
    /// Its title.
    pub title: Text,
    /// Seats to fill; 0 for a referendum.
    pub seats: u16,
    /// With or without a poll. Without one there are no votes.
    pub held: Held,
    /// Everything there is to count (投票総数): ballots, or marks where a ballot has several.
    pub votes: u64,
    /// What a vote is.
    pub unit: Unit,
    /// The candidates in the order of the ballot, with the votes counted so far.
    pub candidates: Vec<CandidateVotes>,
    /// Those who are candidates no more; votes for them are invalid, and counted as such.
    pub out: Vec<Text>,
    /// Blank votes counted so far (白票). They are invalid, and counted apart.
    pub blank: u64,
    /// Votes counted so far that are invalid for another reason (白票以外の無効投票).
    pub invalid: u64,
    /// Valid votes counted so far that are nobody's: what was cut off when votes for a shared name were divided (按分の際切り捨てた票), and votes for a shared name whose
    /// bearers have no others (いずれの候補者にも属さない票).
    pub nobodys: Exact,
}

/// Whether a contest has a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// 投票: votes decide.
    Poll,
    /// 無投票: there are no more candidates than seats, and all of them are elected (公職選挙法第100条).
    WithoutPoll,
}

/// What one vote of a contest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A ballot chooses one option: ballots are counted.
    Ballot,
    /// A ballot chooses several options: its marks are counted.
    Mark,
}

impl Unit {
    pub(super) const fn note(self, lang: Lang) -> Option<&'static str> {
        match self {
            Self::Ballot => None,
            Self::Mark => {
                Some(lang.pick("一票で複数を選べるため、選択の数を数えています。", "A ballot chooses several options; choices are counted, not ballots."))
            }
        }
    }
}

/// A candidate, or another option, with votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateVotes {
    /// The name, as on the ballot.
    pub name: Text,
    /// The party (党派), where the commission prints it.
    pub party: Option<Text>,
    /// The votes.
    pub votes: Exact,
}

impl QuickReport {
    pub(super) fn body(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { frame: _, as_of, stage, contests } = self;
        Ok(json!({
            "as_of": era::written(*as_of, lang),
            "stage": stage.written(lang),
            "final": *stage == Stage::Final,
            "contests": contests.iter().map(|contest| contest.sheet(*stage, lang)).collect::<Result<Vec<_>, _>>()?,
        }))
    }
}

impl ContestProgress {
    fn sheet(&self, stage: Stage, lang: Lang) -> Result<Value, PaperError> {
        let Self { title, seats, held, votes, unit, candidates, out, blank, invalid, nobodys } = self;
        let valid = total(candidates.iter().map(|candidate| candidate.votes).chain([*nobodys]))?;
        let void = total([(*blank).into(), (*invalid).into()])?;
        let counted = total([valid, void])?;
        let all = Exact::whole(*votes);
        match stage {
            Stage::Interim => within(("開票した票数と投票総数", "votes counted and all votes"), counted, all)?,
            Stage::Final => same(("有効・無効の計と投票総数", "valid and invalid votes, and all votes"), counted, all)?,
        }
        let parties = candidates.iter().any(|candidate| candidate.party.is_some());
        let row = |CandidateVotes { name, party, votes }: &CandidateVotes| {
            json!({
                "name": chosen(lang, name),
                "party": party.as_ref().map_or("", |party| chosen(lang, party)),
                "votes": votes.votes(),
                "share": percent_or_dash(*votes, valid, Rounding::HalfUp),
            })
        };
        Ok(json!({
            "title": chosen(lang, title),
            "seats": (*seats > 0).then(|| number(u64::from(*seats))),
            "without_poll": *held == Held::WithoutPoll,
            "parties": parties,
            "out": out.iter().map(|name| chosen(lang, name)).collect::<Vec<_>>(),
            "candidates": candidates.iter().map(row).collect::<Vec<_>>(),
            "note": unit.note(lang),
            "valid": valid.votes(),
            "blank": number(*blank),
            "invalid": number(*invalid),
            "void": void.votes(),
            "nobodys": (*nobodys > Exact::ZERO).then(|| nobodys.votes()),
            "counted": counted.votes(),
            "votes": number(*votes),
            "percent": percent_or_dash(counted, all, Rounding::Down),
        }))
    }
}
