//! The count record (開票録): how the count was held and what came out, signed by the count's manager and its witnesses (公職選挙法第70条).
//!
//! Who is elected, with how many votes and by which lot, is decided elsewhere (`tachiai_verify::outcome`, and in law by the election meeting, 選挙会); the paper prints it, with
//! the thresholds as exact fractions, and refuses only what the figures contradict.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::{ContestKind, Text};
use tachiai_schemas::{HashBytes, Lang, Timestamp};

use super::era;
use super::exact::{Exact, Rounding};
use super::frame::{Frame, chosen};
use super::quick::Unit;
use super::{PaperError, added, number, number_or_dash, percent_or_dash, same, total, within};

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
    /// The kind.
    pub kind: ContestKind,
    /// Seats to fill: 1 for a mayor, 0 for a referendum.
    pub seats: u16,
    /// What a vote is.
    pub unit: Unit,
    /// All votes in the boxes (投票総数): the sum of valid and invalid ones.
    pub votes: u64,
    /// Voters whose vote is in no box (持帰り・不受理等). With all votes they are the voters (投票者総数); left out where it is not known or cannot be.
    pub taken_home: Option<u64>,
    /// The candidates or options in the order of the ballot. Their votes are valid, except of those who are [`Standing::Out`].
    pub candidates: Vec<CandidateCount>,
    /// Valid votes that are nobody's: cut off when votes for a shared name were divided (按分の際切り捨てた票), or for a shared name whose bearers have no others.
    pub nobodys: Exact,
    /// 白票, which are invalid.
    pub blank: u64,
    /// Invalid for another reason than being blank or for somebody who is out.
    pub invalid: u64,
    /// The votes needed; left out where there are none.
    pub thresholds: Option<Thresholds>,
    /// The lot that was drawn, if one was.
    pub lot: Option<Lot>,
    /// Seats that stay empty, if any do, and what follows (再選挙, 欠員).
    pub empty: Option<EmptySeats>,
}

/// Seats for which nobody was elected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmptySeats {
    /// How many.
    pub seats: u16,
    /// What is done about them, if it is known.
    pub sequel: Option<Text>,
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
    /// What becomes of the deposit; left out where there is none.
    pub deposit: Option<Deposit>,
}

/// What becomes of a candidate's deposit (供託物).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deposit {
    /// 返還: given back.
    Returned,
    /// 没収: forfeited, for too few votes or for leaving (公職選挙法第93条).
    Forfeited,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// 当選.
    Elected,
    /// 当選（くじ）: after as many votes as others, by lot (公職選挙法第95条第2項).
    ElectedByLot,
    /// 得票同数: tied for the last seat, and a lot has to be drawn.
    Tied,
    /// 落選（くじ）: not elected, by lot.
    LostLot,
    /// 落選: others have more votes.
    NotElected,
    /// 落選: fewer votes than needed (法定得票数).
    BelowMinimum,
    /// Withdrawn, dead or disqualified: votes for them are invalid (公職選挙法第68条).
    Out,
    /// 最多: the option of a referendum with the most votes.
    Most,
    /// 最多（同数）: it shares the most votes of a referendum with another.
    MostLevel,
    /// An option of a contest that elects nobody.
    Option,
}

impl Standing {
    /// Whether this is elected.
    #[must_use]
    pub const fn is_elected(self) -> bool {
        matches!(self, Self::Elected | Self::ElectedByLot)
    }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// 法定得票数: who has fewer is not elected (公職選挙法第95条第1項).
    pub needed: Exact,
    /// 供託物没収点: who has fewer forfeits the deposit (第93条第1項).
    pub deposit: Exact,
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
            Self::Tied => ("得票同数（くじ未了）", "tied; lot to be drawn"),
            Self::LostLot => ("落選（くじ）", "not elected, by lot"),
            Self::NotElected => ("落選", "not elected"),
            Self::BelowMinimum => ("落選（法定得票数未満）", "not elected, below the minimum"),
            Self::Most => ("最多", "most votes"),
            Self::MostLevel => ("最多（同数）", "most votes, tied"),
            Self::Option => ("", ""),
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
    /// The valid votes: of those who are candidates, and those that are nobody's.
    ///
    /// # Errors
    /// [`PaperError::TooLarge`].
    pub fn valid(&self) -> Result<Exact, PaperError> {
        total(self.candidates.iter().filter(|candidate| candidate.standing != Standing::Out).map(|candidate| candidate.votes).chain([self.nobodys]))
    }

    fn sheet(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { title, kind, seats, unit, votes, taken_home, candidates, nobodys, blank, invalid, thresholds, lot, empty } = self;
        let valid = self.valid()?;
        let out = candidates.iter().filter(|candidate| candidate.standing == Standing::Out).map(|candidate| candidate.votes);
        let void = total(out.chain([(*blank).into(), (*invalid).into()]))?;
        same(("有効・無効の計と投票総数", "valid and invalid votes, and all votes"), total([valid, void])?, (*votes).into())?;
        let elected: Vec<&CandidateCount> = candidates.iter().filter(|candidate| candidate.standing.is_elected()).collect();
        let unfilled = empty.as_ref().map_or(0, |empty| u64::from(empty.seats));
        within(
            ("当選人と空席の数と定数", "those elected and empty seats, and seats"),
            Exact::whole(elected.len() as u64 + unfilled),
            u64::from(*seats).into(),
        )?;
        if let Some(Thresholds { needed, .. }) = thresholds {
            for candidate in &elected {
                within(("法定得票数と当選人の得票数", "votes needed and votes of an elected candidate"), *needed, candidate.votes)?;
            }
        }
        let parties = candidates.iter().any(|candidate| candidate.party.is_some());
        let row = |candidate: &CandidateCount| {
            let CandidateCount { name, party, votes, standing, deposit } = candidate;
            json!({
                "name": chosen(lang, name),
                "party": party.as_ref().map_or("", |party| chosen(lang, party)),
                "votes": votes.votes(),
                "share": if *standing == Standing::Out { "—".to_owned() } else { percent_or_dash(*votes, valid, Rounding::HalfUp) },
                "standing": standing.written(lang),
                "elected": standing.is_elected(),
                "forfeits": *deposit == Some(Deposit::Forfeited),
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
            "invalid": number(*invalid),
            "void": void.votes(),
            "nobodys": (*nobodys > Exact::ZERO).then(|| nobodys.votes()),
            "votes": number(*votes),
            "taken_home": taken_home.map(number),
            "voters": taken_home.map(|taken_home| added([*votes, taken_home]).map(number)).transpose()?,
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
            "elected": elected.into_iter().map(row).collect::<Vec<_>>(),
            "empty": empty.as_ref().map(|empty| number(u64::from(empty.seats))),
            "sequel": empty.as_ref().and_then(|empty| empty.sequel.as_ref()).map(|sequel| chosen(lang, sequel)),
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
