//! The count record (開票録): how the count was held and what came out, signed by the count's manager and its witnesses (公職選挙法第70条).
//!
//! Who is elected, with how many votes and by which lot, is decided elsewhere (`tachiai_verify::outcome`, and in law by the election meeting, 選挙会); the paper prints it, with
//! the thresholds as exact fractions, and refuses only what the figures contradict.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::{ContestKind, Text};
use tachiai_schemas::paper::OfficerRole;
use tachiai_schemas::{HashBytes, Lang, Timestamp};
use tachiai_verify::outcome::Standing;

use super::era;
use super::exact::{Exact, Rounding};
use super::frame::{Frame, chosen};
use super::quick::{Held, Unit};
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
    /// The officers of the count of papers (開票管理者, 開票立会人) who signed something; none where no paper was counted and no lot drawn.
    pub officers: Vec<OfficerMark>,
    /// The trustees (復号鍵の分担者), by their index.
    pub trustees: Vec<TrusteeMark>,
    /// How many of them had to sign the tally statement.
    pub signers: u8,
    /// How many of them had to decrypt.
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

/// An officer of the count, and what they signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerMark {
    /// The name.
    pub name: String,
    /// The office.
    pub role: OfficerRole,
    /// The fingerprint of the signing key, as people compare it.
    pub key: String,
    /// What this officer signed, with the leaf of each.
    pub signed: Vec<SignedThing>,
}

/// Something on the board that officers signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedThing {
    /// What.
    pub what: Signature,
    /// The title of the contest.
    pub contest: Text,
    /// The number of its entry on the board (受付番号).
    pub leaf: u64,
}

/// What officers of the count sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// The count of the papers of a contest.
    Papers,
    /// A lot.
    Lot,
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
    /// Electors who were entitled at the end: on the roll or added, and not struck.
    pub electors: u64,
    /// Those who were struck after the opening. Some of them may have voted before.
    pub struck: u64,
    /// Ballots recorded online, those included that were replaced or challenged.
    pub recorded: u64,
    /// Of these, opened to test a device, and so not counted.
    pub challenged: u64,
    /// Of these, counted: the last of each elector.
    pub counted: u64,
    /// Electors who voted on paper instead; left out where no place handed papers out.
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
    /// With or without a poll. Without one there are no votes.
    pub held: Held,
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
    /// The papers among the votes; left out where none were counted.
    pub papers: Option<PapersCounted>,
    /// The lot that was drawn, if one was.
    pub lot: Option<Lot>,
    /// Seats that stay empty, if any do, and what follows (再選挙, 欠員).
    pub empty: Option<EmptySeats>,
}

/// The papers of one contest, as the officers of the count signed for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PapersCounted {
    /// In the boxes, by the day-closes: the sum of the next three.
    pub in_boxes: u64,
    /// Papers that name a candidate.
    pub valid: u64,
    /// Blank papers.
    pub blank: u64,
    /// Other invalid papers.
    pub invalid: u64,
    /// The number of the count's entry on the board (受付番号).
    pub leaf: u64,
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
    /// Those of them that were given online.
    pub online: u64,
    /// Those of them that were given on paper. With those online they are the votes.
    pub paper: Exact,
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

/// A lot (くじ) that was drawn, by the returning officer and before witnesses (公職選挙法第95条第2項).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    /// When.
    pub at: Timestamp,
    /// Where, if it is to be printed.
    pub place: Option<Text>,
    /// By whom (選挙長), where it is known: the board says only who signed.
    pub drawn_by: Option<String>,
    /// Between whom.
    pub between: Vec<Text>,
    /// Who came out.
    pub chosen: Vec<Text>,
    /// Before whom (選挙立会人); of a lot on the board, everybody who signed it.
    pub witnesses: Vec<String>,
    /// The number of its entry on the board (受付番号), if it has one.
    pub leaf: Option<u64>,
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

/// The office at the count.
const fn office(lang: Lang, role: OfficerRole) -> &'static str {
    match role {
        OfficerRole::Manager => lang.pick("開票管理者", "manager of the count"),
        OfficerRole::Witness => lang.pick("開票立会人", "witness of the count"),
    }
}

impl Signature {
    fn written(self, lang: Lang, contest: &str, leaf: u64) -> String {
        let leaf = number(leaf);
        match (self, lang) {
            (Self::Papers, Lang::Ja) => format!("{contest}：投票用紙の開票（受付番号 {leaf}）"),
            (Self::Papers, Lang::En) => format!("{contest}: count of the papers (leaf {leaf})"),
            (Self::Lot, Lang::Ja) => format!("{contest}：くじ（受付番号 {leaf}）"),
            (Self::Lot, Lang::En) => format!("{contest}: lot (leaf {leaf})"),
        }
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

impl CountRecord {
    pub(super) fn body(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { frame: _, place, began, ended, manager, officers, trustees, signers, quorum, ballots, contests, statement, remarks } = self;
        let Ballots { electors, struck, recorded, challenged, counted, paper } = *ballots;
        within(("確認用に開いた投票と記録された投票", "ballots challenged and recorded"), challenged.into(), recorded.into())?;
        let voters = added([counted, paper.unwrap_or_default()])?;
        within(("集計された投票と有権者数", "ballots counted and electors"), voters.into(), added([electors, struck])?.into())?;
        let officer = |OfficerMark { name, role, key, signed }: &OfficerMark| {
            let signed = signed.iter().map(|SignedThing { what, contest, leaf }| what.written(lang, chosen(lang, contest), *leaf));
            json!({ "name": name, "office": office(lang, *role), "key": key, "signed": signed.collect::<Vec<_>>() })
        };
        let trustee =
            |TrusteeMark { index, name, key, act }: &TrusteeMark| json!({ "index": index.to_string(), "name": name, "key": key, "act": act.written(lang) });
        Ok(json!({
            "place": place.as_ref().map(|place| chosen(lang, place)),
            "began": era::written(*began, lang),
            "ended": era::written(*ended, lang),
            "manager": manager,
            "officers": officers.iter().map(officer).collect::<Vec<_>>(),
            "trustees": trustees.iter().map(trustee).collect::<Vec<_>>(),
            "signers": signers.to_string(),
            "quorum": quorum.to_string(),
            "all_trustees": trustees.len().to_string(),
            "electors": number(electors),
            "recorded": number(recorded),
            "challenged": number(challenged),
            "counted": number(counted),
            "paper": number_or_dash(paper),
            "voters": paper.map(|_| number(voters)),
            "struck": (struck > 0).then(|| number(struck)),
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
        total(self.candidates.iter().filter(|candidate| !candidate.standing.is_out()).map(|candidate| candidate.votes).chain([self.nobodys]))
    }

    fn sheet(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { title, kind, seats, held, unit, votes, taken_home, candidates, nobodys, blank, invalid, thresholds, papers, lot, empty } = self;
        let valid = self.valid()?;
        let out = candidates.iter().filter(|candidate| candidate.standing.is_out()).map(|candidate| candidate.votes);
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
        for CandidateCount { votes, online, paper, .. } in candidates {
            same(("オンラインと紙の得票の計と得票数", "votes online and on paper, and votes"), total([(*online).into(), *paper])?, *votes)?;
        }
        if let Some(PapersCounted { in_boxes, valid, blank, invalid, leaf: _ }) = papers {
            let all = added([*valid, *blank, *invalid])?;
            same(("投票用紙の有効・無効の計と箱の中の数", "valid and invalid papers, and papers in the boxes"), all.into(), (*in_boxes).into())?;
        }
        let parties = candidates.iter().any(|candidate| candidate.party.is_some());
        let row = |candidate: &CandidateCount| {
            let CandidateCount { name, party, votes, online, paper, standing, deposit } = candidate;
            json!({
                "name": chosen(lang, name),
                "party": party.as_ref().map_or("", |party| chosen(lang, party)),
                "votes": votes.votes(),
                "online": number(*online),
                "paper": paper.votes(),
                "share": if standing.is_out() { "—".to_owned() } else { percent_or_dash(*votes, valid, Rounding::HalfUp) },
                "standing": standing.name(lang),
                "elected": standing.is_elected(),
                "forfeits": *deposit == Some(Deposit::Forfeited),
            })
        };
        let threshold = |amount: Exact| json!({ "fraction": amount.fraction(), "decimal": amount.decimal(3, Rounding::Down), "whole": amount.parts().1 == 1, "cut": 1_000 % amount.parts().1 != 0 });
        let named = |texts: &[Text]| texts.iter().map(|text| chosen(lang, text).to_owned()).collect::<Vec<_>>();
        Ok(json!({
            "title": chosen(lang, title),
            "seats": (*seats > 0).then(|| number(u64::from(*seats))),
            "without_poll": *held == Held::WithoutPoll,
            "note": unit.note(lang),
            "parties": parties,
            "papers": papers.map(|PapersCounted { in_boxes, valid, blank, invalid, leaf }| json!({
                "in_boxes": number(in_boxes),
                "valid": number(valid),
                "blank": number(blank),
                "invalid": number(invalid),
                "leaf": number(leaf),
            })),
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
            "lot": lot.as_ref().map(|Lot { at, place, drawn_by, between, chosen: out, witnesses, leaf }| json!({
                "at": era::written(*at, lang),
                "place": place.as_ref().map(|place| chosen(lang, place)),
                "drawn_by": drawn_by,
                "leaf": leaf.map(number),
                "between": named(between),
                "chosen": named(out),
                "witnesses": witnesses,
            })),
        }))
    }
}
