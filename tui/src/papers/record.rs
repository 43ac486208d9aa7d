//! The papers that a published record gives: 開票録, 開票速報（確定）, 投票速報, 期日前投票日報 and 投票録.
//!
//! Every figure is the verifier's, computed anew from the entries, their signatures and proofs; no total or summary that the record states is taken as given. What the record
//! does not say (where the count was held, and who managed it where nobody signed as such) is asked of the commission, or left as a line to write on.

mod days;
#[cfg(test)]
mod on_paper;

use std::path::Path;

use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::election::{Choice, Contest, ContestOption, ContestResult, District, Manifest, TallyResult, Text};
use tachiai_schemas::paper::{Officer, OfficerRole, PaperCount, PlaceKind, Uncontested};
use tachiai_schemas::{Lang, Slot, Timestamp, TrusteeIndex, canonical};
use tachiai_verify::elected::{count_of, outcomes};
use tachiai_verify::outcome::{self, Count, Manner, Outcome, Placing, Standing};
use tachiai_verify::record::Record;
use tachiai_verify::verify::{ContestOutcome, Extent, Options, Trust, Verdict, Verified, verify_record};
use tachiai_verify::{Board, Lookup};

use super::count::{
    Ballots, CandidateCount, ContestCount, CountRecord, Deposit, EmptySeats, Lot, OfficerMark, PapersCounted, Signature, SignedThing, Thresholds, TrusteeAct,
    TrusteeMark,
};
use super::exact::Exact;
use super::frame::{BoardMark, Compared, Frame};
use super::history::{History, SignedEntry, board_at};
use super::quick::{CandidateVotes, ContestProgress, Held, QuickReport, Unit};
use super::turnout::{Channels, DistrictTurnout, People, Stage, Turnout};
use crate::commands::trustee::key_fingerprint;
use crate::failure::{Exit, Failure};

/// The longest file of a result in bytes.
const MAX_RESULT: u64 = 64 << 20;

/// What the commission adds to a record's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    /// Who issues the papers, such as 養父市選挙管理委員会.
    pub issuer: Option<Text>,
    /// Where the count was held.
    pub place: Option<Text>,
    /// The manager of the count (開票管理者).
    pub manager: Option<String>,
}

/// A published record that was verified, and what papers need of it.
pub struct Counted {
    verified: Verified,
    record: Record,
    manifest: Manifest,
    history: History,
    result: Vec<ContestResult>,
    outcomes: Vec<Outcome>,
    added: Added,
    closed: Timestamp,
    began: Timestamp,
    ended: Timestamp,
    made: Timestamp,
}

/// A contest that was voted on, with everything that was counted of it.
struct Told<'a> {
    contest: &'a Contest,
    outcome: &'a Outcome,
    count: Count,
    /// Counted ballots.
    ballots: u64,
    /// Choices that were left out online, where a ballot may leave some out.
    blanks: u64,
    papers: Option<(PapersCounted, &'a PaperCount)>,
    taken_home: Option<u64>,
    lot: Option<Lot>,
}

/// The votes of a contest as its paper has them.
struct Votes {
    unit: Unit,
    all: u64,
    blank: u64,
    invalid: u64,
    nobodys: Exact,
}

impl Counted {
    /// Verifies a published record. `expect` is the fingerprint of the public notice; `progress` is told how many entries of how many were read.
    ///
    /// # Errors
    /// [`Failure`]: the record is refuted, or not whole, or not published yet.
    pub fn verify(root: &Path, expect: Option<Fingerprint>, added: Added, progress: &dyn Fn(u64, u64)) -> Result<Self, Failure> {
        let options = Options { expect, jobs: None, extent: Extent::Published, lookup: Lookup::None, progress: Some(progress) };
        let verified = verify_record(root, &options).map_err(|e| does_not_hold(&e))?;
        let record = Record::open(root).map_err(|e| does_not_hold(&e))?;
        let board = &verified.board;
        let history = History::of(&record, &verified.tree)?;
        let (_, entry) = board.result().ok_or_else(changed)?;
        let file = record.attachment(entry.file.hash(), MAX_RESULT).map_err(|e| does_not_hold(&e))?;
        let TallyResult { contests: result, .. } = canonical::from_bytes(&file).map_err(|_| changed())?;
        let outcomes = outcomes(board, &result, None).map_err(|e| does_not_hold(&e.into()))?;
        let (closed, tally, counted) = history.times().ok_or_else(changed)?;
        let signed = || history.counts.values().chain(history.lots.values()).map(|entry| entry.at);
        let (began, ended) = (signed().fold(tally, Timestamp::min), signed().fold(counted, Timestamp::max));
        let made = board.last_at().ok_or_else(changed)?;
        let manifest = board.manifest().ok_or_else(changed)?.clone();
        Ok(Self { record, manifest, history, result, outcomes, added, closed, began, ended, made, verified })
    }

    /// When the poll closes, by the manifest.
    #[must_use]
    pub const fn poll_closes(&self) -> Timestamp {
        self.manifest.poll_closes
    }

    /// The verifier's verdict.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verified.verdict
    }

    /// What stands on every page.
    fn frame(&self) -> Result<Frame, Failure> {
        let Verdict { title, authority, origin, board, fingerprint, trust, .. } = &self.verified.verdict;
        Ok(Frame {
            election: title.clone(),
            authority: *authority,
            issuer: self.added.issuer.clone(),
            board: BoardMark {
                origin: origin.clone(),
                size: board.size,
                root: board.root,
                fingerprint: fingerprint.clone().ok_or_else(changed)?,
                compared: match trust {
                    Trust::Fingerprint => Compared::Notice,
                    Trust::Assumed => Compared::Not,
                },
            },
            made: self.made,
        })
    }

    /// Each contest that was voted on.
    fn contests(&self) -> Result<Vec<Told<'_>>, Failure> {
        let verdicts = self.verified.verdict.result.as_ref().ok_or_else(changed)?;
        let contests = self.manifest.contests.iter().zip(&self.result).zip(verdicts).zip(&self.outcomes);
        contests.map(|(((contest, result), verdict), outcome)| self.told(contest, result, verdict, outcome)).collect()
    }

    fn told<'a>(&'a self, contest: &'a Contest, result: &ContestResult, verdict: &ContestOutcome, outcome: &'a Outcome) -> Result<Told<'a>, Failure> {
        let board = &self.verified.board;
        let index = result.contest;
        let papers = board.paper_count(index).zip(verdict.papers).map(|((leaf, count), papers)| {
            let counted = PapersCounted { in_boxes: papers.in_boxes, valid: papers.valid, blank: papers.blank, invalid: papers.invalid, leaf: leaf.0 };
            (counted, count)
        });
        let closes = board.days().iter().flatten().filter_map(|day| day.closed()).flat_map(|(_, close)| &close.papers);
        let of_contest: Vec<u64> = closes.filter(|papers| papers.contest == index).map(|papers| u64::from(papers.taken_home)).collect();
        let taken_home = (!of_contest.is_empty()).then(|| of_contest.iter().sum());
        let lot = board.lot(index).zip(self.history.lots.get(&index)).map(|((leaf, lot), signed)| {
            let named =
                |options: &[u16]| options.iter().filter_map(|option| contest.options.get(usize::from(*option))).map(|option| option.name.clone()).collect();
            Lot {
                at: signed.at,
                place: self.added.place.clone(),
                drawn_by: None,
                between: named(&lot.tied),
                chosen: named(&lot.chosen),
                witnesses: signed.officers(&self.manifest.count_officers).map(|officer| officer.name.clone()).collect(),
                leaf: Some(leaf.0),
            }
        });
        let count = count_of(board, contest, result);
        Ok(Told { contest, outcome, count, ballots: verdict.ballots, blanks: verdict.blanks.unwrap_or_default(), papers, taken_home, lot })
    }

    /// The officers of the count who signed something, with what they signed.
    fn officers(&self) -> Vec<OfficerMark> {
        let title = |contest: &u16| self.manifest.contests.get(usize::from(*contest)).map(|contest| contest.title.clone());
        let listed = &self.manifest.count_officers;
        let signed_by = |officer: &Officer| {
            let of = |what, (contest, entry): (&u16, &SignedEntry)| {
                let signed = entry.officers(listed).any(|signer| signer == officer);
                title(contest).filter(|_| signed).map(|contest| SignedThing { what, contest, leaf: entry.leaf.0 })
            };
            let counts = self.history.counts.iter().filter_map(|entry| of(Signature::Papers, entry));
            counts.chain(self.history.lots.iter().filter_map(|entry| of(Signature::Lot, entry))).collect()
        };
        let mark = |officer: &Officer| OfficerMark {
            name: officer.name.clone(),
            role: officer.role,
            key: key_fingerprint(&officer.key.0),
            signed: signed_by(officer),
        };
        listed.iter().map(mark).filter(|officer| !officer.signed.is_empty()).collect()
    }

    /// 開票録.
    ///
    /// # Errors
    /// [`Failure`], of a record that changed while it was read.
    pub fn count_record(&self) -> Result<CountRecord, Failure> {
        let verdict = &self.verified.verdict;
        let act = |index: TrusteeIndex| match (verdict.trustees.shares.contains(&index), verdict.trustees.discarded.contains(&index)) {
            (true, _) => TrusteeAct::Decrypted,
            (false, true) => TrusteeAct::Discarded,
            (false, false) => TrusteeAct::Absent,
        };
        let quorum = self.verified.board.quorum().ok_or_else(changed)?;
        let trustees = quorum.indices().zip(&self.manifest.trustees);
        let board = &self.verified.board;
        let officers = self.officers();
        let manager = officers.iter().find(|officer| officer.role == OfficerRole::Manager).map(|officer| officer.name.clone());
        let voted_on = self.contests()?;
        let contests = voted_on.iter().map(contest_count).chain(self.manifest.uncontested.iter().map(|contest| Ok(without_poll(contest))));
        Ok(CountRecord {
            frame: self.frame()?,
            place: self.added.place.clone(),
            began: self.began,
            ended: self.ended,
            manager: self.added.manager.clone().or(manager),
            officers,
            trustees: trustees
                .map(|(index, trustee)| TrusteeMark {
                    index: index.get(),
                    name: trustee.name.clone(),
                    key: key_fingerprint(&trustee.signing_key.0),
                    act: act(index),
                })
                .collect(),
            signers: quorum.statement_quorum(),
            quorum: verdict.trustees.quorum,
            ballots: Ballots {
                electors: board.entitled(),
                struck: verdict.roll_changes.struck.saturating_sub(verdict.roll_changes.restored),
                recorded: verdict.ballots,
                challenged: verdict.challenged,
                counted: verdict.counted,
                paper: (!self.manifest.places.is_empty()).then(|| board.paper_electors()),
            },
            contests: contests.collect::<Result<_, _>>()?,
            statement: self.verified.board.declared_statement().ok_or_else(changed)?.1.into(),
            remarks: Vec::new(),
        })
    }

    /// 開票速報, 確定.
    ///
    /// # Errors
    /// As [`Self::count_record`].
    pub fn quick_report(&self) -> Result<QuickReport, Failure> {
        let voted_on = self.contests()?;
        let contests = voted_on.iter().map(progress_of).chain(self.manifest.uncontested.iter().map(|contest| {
            let Uncontested { id: _, title, kind: _, seats, options } = contest;
            let candidates = options.iter().map(|option| CandidateVotes { name: option.name.clone(), party: None, votes: Exact::ZERO });
            Ok(ContestProgress {
                title: title.clone(),
                seats: *seats,
                held: Held::WithoutPoll,
                votes: 0,
                unit: Unit::Ballot,
                candidates: candidates.collect(),
                out: Vec::new(),
                blank: 0,
                invalid: 0,
                nobodys: Exact::ZERO,
            })
        }));
        Ok(QuickReport { frame: self.frame()?, as_of: self.ended, stage: Stage::Final, contests: contests.collect::<Result<_, _>>()? })
    }

    /// 投票速報 at a time, by the entries recorded until then; at the close of the poll, and 確定, if none is given. Online votes and papers by district, as the board shows
    /// them to everybody. It does not show anybody's sex.
    ///
    /// # Errors
    /// As [`Self::count_record`]; a time before the opening.
    pub fn turnout(&self, at: Option<Timestamp>) -> Result<Turnout, Failure> {
        let earlier = at.map(|at| board_at(&self.record, &self.verified.tree, at)).transpose()?;
        let board = earlier.as_ref().unwrap_or(&self.verified.board);
        if board.opened().is_none() {
            return Err(Failure::new(Exit::Usage, "--at の時刻には、投票はまだ始まっていません。", "at the time of --at voting had not begun."));
        }
        let as_of = at.unwrap_or(self.closed);
        Ok(Turnout {
            frame: self.frame()?,
            as_of,
            stage: if as_of < self.closed { Stage::Interim } else { Stage::Final },
            districts: districts(&self.manifest, board)?,
            hours: Vec::new(),
        })
    }
}

/// The turnout of each district on a board.
fn districts(manifest: &Manifest, board: &Board) -> Result<Vec<DistrictTurnout>, Failure> {
    let mut lines = vec![(0_u64, 0_u64, Channels { online: 0, early: 0, day: 0, absentee: 0 }); manifest.districts.len()];
    let slots = board.roll_len() + u32::try_from(board.added_slots().count()).map_err(|_| changed())?;
    for slot in (0..slots).map(Slot) {
        let district = board.district_of(slot).ok_or_else(changed)?;
        let (electors, struck_voters, votes) = lines.get_mut(usize::from(district)).ok_or_else(changed)?;
        let desk = board.desk(slot);
        let online = board.slot(slot).is_some_and(|state| state.ballot().is_some());
        if let Some(paper) = desk.paper {
            let place = manifest.places.get(usize::from(paper.place)).ok_or_else(changed)?;
            match place.kind {
                PlaceKind::Early => votes.early += 1,
                PlaceKind::Day => votes.day += 1,
                PlaceKind::Absentee => votes.absentee += 1,
            }
        } else if online {
            votes.online += 1;
        }
        match desk.struck {
            None => *electors += 1,
            Some(_) if online || desk.paper.is_some() => *struck_voters += 1,
            Some(_) => {}
        }
    }
    let line = |(district, (electors, struck_voters, votes)): (&District, (u64, u64, Channels))| DistrictTurnout {
        name: district.name.clone(),
        electors: People::Total(electors),
        struck_voters,
        votes,
        voters: None,
    };
    Ok(manifest.districts.iter().zip(lines).map(line).collect())
}

impl Told<'_> {
    fn held(&self) -> Held {
        match self.outcome.manner {
            Manner::Uncontested => Held::WithoutPoll,
            Manner::Poll | Manner::Referendum => Held::Poll,
        }
    }

    /// The votes online and on paper. Where a ballot names several, choices are counted, and so they are on paper: one that names none leaves out as many as there are.
    fn votes(&self) -> Result<Votes, Failure> {
        let (Choice::Exactly(choices) | Choice::UpTo(choices)) = self.contest.choose;
        let unit = if choices == 1 { Unit::Ballot } else { Unit::Mark };
        if self.held() == Held::WithoutPoll {
            return Ok(Votes { unit, all: 0, blank: 0, invalid: 0, nobodys: Exact::ZERO });
        }
        let times = |number: u64| number.checked_mul(u64::from(choices)).ok_or(super::PaperError::TooLarge);
        let papers = self.papers.map(|(papers, _)| papers);
        let in_boxes = papers.map_or(0, |papers| papers.in_boxes);
        let all = times(super::added([self.ballots, in_boxes])?)?;
        let nobodys = exact(&self.count.nobodys)?;
        Ok(match (self.contest.choose, self.papers) {
            (Choice::UpTo(1) | Choice::Exactly(1), _) => Votes { unit, all, blank: self.count.blank, invalid: self.count.invalid, nobodys },
            (Choice::Exactly(_), _) | (Choice::UpTo(_), None) => {
                Votes { unit, all, blank: super::added([self.blanks, times(self.count.blank)?])?, invalid: times(self.count.invalid)?, nobodys }
            }
            (Choice::UpTo(_), Some((papers, count))) => {
                let given = count.thousandths.iter().copied().map(u128::from).sum::<u128>();
                let left = (u128::from(times(papers.valid)?) * 1_000).checked_sub(given).ok_or_else(changed)?;
                let whole = u64::try_from(left / 1_000).map_err(|_| super::PaperError::TooLarge)?;
                let blank = super::added([self.blanks, whole, times(papers.blank)?])?;
                let cut = Exact::ratio(left % 1_000, 1_000).ok_or(super::PaperError::TooLarge)?;
                Votes { unit, all, blank, invalid: times(papers.invalid)?, nobodys: cut }
            }
        })
    }

    /// The options with what was counted of them and what became of them.
    fn options(&self) -> impl Iterator<Item = (&ContestOption, &outcome::Counted, &Placing)> {
        self.contest.options.iter().zip(&self.count.options).zip(&self.outcome.options).map(|((option, counted), placing)| (option, counted, placing))
    }
}

fn progress_of(told: &Told<'_>) -> Result<ContestProgress, Failure> {
    let Votes { unit, all, blank, invalid, nobodys } = told.votes()?;
    let held = told.held();
    let (mut candidates, mut out, mut invalid) = (Vec::new(), Vec::new(), invalid);
    for (option, counted, placing) in told.options() {
        match (placing.standing, held) {
            // Nobody writes for them on paper in vain: such papers are among the invalid ones already (R808).
            (Standing::Out(_), Held::Poll) => {
                out.push(option.name.clone());
                invalid = super::added([invalid, counted.online])?;
            }
            (Standing::Out(_), Held::WithoutPoll) => out.push(option.name.clone()),
            (_, Held::Poll) => candidates.push(CandidateVotes { name: option.name.clone(), party: None, votes: exact(&placing.votes)? }),
            (_, Held::WithoutPoll) => candidates.push(CandidateVotes { name: option.name.clone(), party: None, votes: Exact::ZERO }),
        }
    }
    Ok(ContestProgress { title: told.contest.title.clone(), seats: told.contest.seats, held, votes: all, unit, candidates, out, blank, invalid, nobodys })
}

fn contest_count(told: &Told<'_>) -> Result<ContestCount, Failure> {
    let Told { contest, outcome: decided, papers, taken_home, lot, .. } = told;
    let Votes { unit, all, blank, invalid, nobodys } = told.votes()?;
    let held = told.held();
    let thresholds = decided.thresholds.as_ref();
    let thresholds = thresholds.map(|t| Ok::<_, Failure>(Thresholds { needed: exact(&t.election)?, deposit: exact(&t.deposit)? })).transpose()?;
    let candidate = |(option, counted, placing): (&ContestOption, &outcome::Counted, &Placing)| {
        let (votes, online, paper) = match held {
            Held::Poll => (exact(&placing.votes)?, counted.online, exact(&counted.paper)?),
            Held::WithoutPoll => (Exact::ZERO, 0, Exact::ZERO),
        };
        Ok(CandidateCount {
            name: option.name.clone(),
            party: None,
            votes,
            online,
            paper,
            standing: placing.standing,
            deposit: placing.deposit.map(|deposit| match deposit {
                outcome::Deposit::Returned => Deposit::Returned,
                outcome::Deposit::ForfeitedByVotes | outcome::Deposit::ForfeitedByLeaving => Deposit::Forfeited,
            }),
        })
    };
    let empty = decided.seats.filter(|filling| filling.empty > 0).map(|filling| EmptySeats {
        seats: filling.empty,
        sequel: Some(Text { ja: filling.sequel.name(Lang::Ja).to_owned(), en: filling.sequel.name(Lang::En).to_owned() }),
    });
    Ok(ContestCount {
        title: contest.title.clone(),
        kind: contest.kind,
        seats: contest.seats,
        held,
        unit,
        votes: all,
        taken_home: taken_home.filter(|_| unit == Unit::Ballot && held == Held::Poll),
        candidates: told.options().map(candidate).collect::<Result<_, Failure>>()?,
        nobodys,
        blank,
        invalid,
        thresholds,
        papers: papers.map(|(papers, _)| papers),
        lot: lot.clone(),
        empty,
    })
}

/// A contest that was held without a poll from the beginning.
fn without_poll(Uncontested { id: _, title, kind, seats, options }: &Uncontested) -> ContestCount {
    let candidate = |option: &ContestOption| CandidateCount {
        name: option.name.clone(),
        party: None,
        votes: Exact::ZERO,
        online: 0,
        paper: Exact::ZERO,
        standing: Standing::Elected,
        deposit: Some(Deposit::Returned),
    };
    let empty = seats.saturating_sub(u16::try_from(options.len()).unwrap_or(u16::MAX));
    ContestCount {
        title: title.clone(),
        kind: *kind,
        seats: *seats,
        held: Held::WithoutPoll,
        unit: Unit::Ballot,
        votes: 0,
        taken_home: None,
        candidates: options.iter().map(candidate).collect(),
        nobodys: Exact::ZERO,
        blank: 0,
        invalid: 0,
        thresholds: None,
        papers: None,
        lot: None,
        empty: (empty > 0).then_some(EmptySeats { seats: empty, sequel: None }),
    }
}

/// The same amount, by the text that both have for it.
fn exact(votes: &outcome::Votes) -> Result<Exact, Failure> {
    votes.to_string().parse().map_err(|_| super::PaperError::TooLarge.into())
}

pub(super) fn does_not_hold(e: &tachiai_verify::Failure) -> Failure {
    match e {
        tachiai_verify::Failure::Refuted(_) => Failure::refused(
            format!("記録は正しくありません: {e}。何も印刷していません。tachiai-verify で詳しく確かめてください。"),
            format!("the record does not hold: {e}. Nothing was printed; `tachiai-verify` says more."),
        ),
        tachiai_verify::Failure::Incomplete(_) => Failure::incomplete(
            format!(
                "記録が揃っていないため、正しいとも誤りとも言えません: {e}。何も印刷していません。場所を確かめ、公表され連署の揃った記録を取得し直してください。"
            ),
            format!(
                "the record is not whole, so that it neither holds nor is refuted: {e}. Nothing was printed. Check the path, or get the published record with its cosignatures."
            ),
        ),
    }
}

pub(super) fn changed() -> Failure {
    Failure::incomplete("記録が検証中に変わりました。もう一度実行してください。", "the record changed while it was verified. Try again.")
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::{Authority, ContestKind};
    use tachiai_verify::testing::Play;

    use super::*;

    /// A contest with such totals, as it is printed.
    fn of(kind: ContestKind, seats: u16, choose: Choice, totals: &[u64]) -> ContestCount {
        let contest = Contest { kind, seats, choose, ..tachiai_verify::testing::contest("c", totals.len(), choose) };
        let options = totals.iter().map(|total| outcome::Counted { online: *total, ..outcome::Counted::default() });
        let count = Count { options: options.collect(), ..Count::default() };
        let (Choice::Exactly(choices) | Choice::UpTo(choices)) = choose;
        let ballots = totals.iter().sum::<u64>().div_ceil(u64::from(choices));
        let blanks = ballots * u64::from(choices) - totals.iter().sum::<u64>();
        let outcome = outcome::decide(outcome::Rules::of(&contest).unwrap(), &count, &[]).unwrap();
        contest_count(&Told { contest: &contest, outcome: &outcome, count, ballots, blanks, papers: None, taken_home: None, lot: None }).unwrap()
    }

    fn standings(contest: &ContestCount) -> Vec<Standing> {
        contest.candidates.iter().map(|candidate| candidate.standing).collect()
    }

    #[test]
    fn the_thresholds_the_elected_and_the_deposits_are_printed_as_they_are_decided() {
        let mayor = of(ContestKind::Mayor, 1, Choice::UpTo(1), &[6_345, 4_000, 1_000, 1_000]);
        let Thresholds { needed, deposit } = mayor.thresholds.unwrap();
        assert_eq!((needed.fraction().as_str(), deposit.fraction().as_str()), ("3,086 1/4", "1,234 1/2"));
        assert_eq!(standings(&mayor), [Standing::Elected, Standing::NotElected, Standing::BelowMinimum, Standing::BelowMinimum]);
        let forfeited: Vec<bool> = mayor.candidates.iter().map(|candidate| candidate.deposit == Some(Deposit::Forfeited)).collect();
        assert_eq!(forfeited, [false, false, true, true]);
        assert_eq!(
            standings(&of(ContestKind::Council, 2, Choice::UpTo(1), &[40, 30, 30, 20])),
            [Standing::Elected, Standing::Tied, Standing::Tied, Standing::NotElected]
        );
        // Of 14 valid votes 3 1/2 are needed, and nobody has them.
        let nobody = of(ContestKind::Mayor, 1, Choice::UpTo(1), &[3, 3, 3, 3, 2]);
        assert!(standings(&nobody).iter().all(|standing| *standing == Standing::BelowMinimum));
        assert_eq!(nobody.empty.as_ref().map(|empty| (empty.seats, empty.sequel.as_ref().unwrap().ja.as_str())), Some((1, "再選挙")));
    }

    #[test]
    fn a_referendum_elects_nobody_and_a_ballot_with_several_marks_is_counted_by_its_marks() {
        let referendum = of(ContestKind::Referendum, 0, Choice::UpTo(1), &[40, 30]);
        assert_eq!((standings(&referendum), referendum.thresholds), (vec![Standing::Most, Standing::Fewer], None));
        assert_eq!(standings(&of(ContestKind::Referendum, 0, Choice::UpTo(1), &[30, 30])), [Standing::MostLevel, Standing::MostLevel]);
        let marks = of(ContestKind::Council, 1, Choice::UpTo(2), &[5, 4, 4]);
        let standings = standings(&marks);
        assert_eq!((standings, marks.unit, marks.votes, marks.blank), (vec![Standing::Elected, Standing::NotElected, Standing::NotElected], Unit::Mark, 14, 1));
    }

    fn counted(play: &Play, expect: Option<Fingerprint>) -> Result<Counted, Failure> {
        let folder = tempfile::tempdir().unwrap();
        play.write(folder.path());
        Counted::verify(folder.path(), expect, Added::default(), &|_, _| {})
    }

    #[test]
    fn the_papers_of_a_record_have_the_figures_that_were_verified() {
        let play = Play::whole(1);
        let counted = counted(&play, None).unwrap();
        let result = counted.verdict().result.clone().unwrap();
        let record = counted.count_record().unwrap();
        assert_eq!((record.frame.board.size, record.frame.board.root.hash()), (play.tree.len(), play.tree.root()));
        assert_eq!((record.frame.authority, record.frame.made), (Authority::Mock, play.now));
        assert_eq!((record.ballots.recorded, record.ballots.counted, record.ballots.electors, record.ballots.paper), (11, 8, 8, None));
        assert!(record.began < record.ended && record.ended < record.frame.made, "statement, result and publication have times of their own");
        let acts: Vec<TrusteeAct> = record.trustees.iter().map(|trustee| trustee.act).collect();
        assert_eq!(acts, [TrusteeAct::Decrypted, TrusteeAct::Decrypted, TrusteeAct::Absent]);
        for (contest, outcome) in record.contests.iter().zip(&result) {
            assert!(contest.candidates.iter().zip(&outcome.options).all(|(candidate, option)| candidate.votes == option.total.into()));
        }
        // One of five, and up to two of three: there ballots have two marks each.
        assert_eq!((record.contests[0].unit, record.contests[0].votes), (Unit::Ballot, 8));
        assert_eq!((record.contests[1].unit, record.contests[1].votes), (Unit::Mark, 16));
        assert_eq!(record.contests[1].blank, result[1].blanks.unwrap());

        let quick = counted.quick_report().unwrap();
        assert_eq!((quick.stage, quick.as_of), (Stage::Final, record.ended));
        assert_eq!(quick.contests.iter().map(|contest| contest.votes).collect::<Vec<_>>(), [8, 16]);

        // Eight slots, spread evenly over two districts.
        let turnout = counted.turnout(None).unwrap();
        assert!(turnout.as_of < record.began);
        let districts: Vec<(People, u64)> = turnout.districts.iter().map(|district| (district.electors, district.votes.online)).collect();
        assert_eq!(districts, [(People::Total(4), 4), (People::Total(4), 4)]);
    }

    #[test]
    fn every_page_says_whether_the_board_was_compared_with_the_notice() {
        let play = Play::whole(1);
        let own = play.board.fingerprint().unwrap();
        let compared = |expect| counted(&play, expect).map(|counted| counted.quick_report().unwrap().frame.board.compared);
        assert_eq!(compared(None).unwrap(), Compared::Not);
        assert_eq!(compared(Some(own)).unwrap(), Compared::Notice);
        let failure = compared(Play::whole(2).board.fingerprint()).unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        assert!(failure.en.contains("R302") && failure.en.contains("Nothing was printed"), "{failure}");
    }

    #[test]
    fn a_record_that_is_not_published_gives_no_papers() {
        let mut play = Play::new(1);
        play.ceremony();
        play.open();
        play.vote_all();
        play.close();
        assert_eq!(counted(&play, None).err().unwrap().exit, Exit::Incomplete);
    }

    #[test]
    fn a_result_that_the_shares_do_not_give_is_not_printed() {
        let mut play = Play::new(1);
        play.ceremony();
        play.open();
        play.vote_all();
        play.close();
        play.state();
        for trustee in play.indices().into_iter().take(2) {
            let file = play.share_file(trustee);
            play.push_shares(trustee, file);
        }
        // A vote is taken from one and given to another, with totals that still add up, and everything is hashed and signed anew.
        let mut result: TallyResult = serde_json::from_slice(&play.result_file()).unwrap();
        let totals = &mut result.contests[0].totals;
        let from = totals.iter().position(|total| *total > 0).unwrap();
        let to = (from + 1) % totals.len();
        totals[from] -= 1;
        totals[to] += 1;
        let file = play.push_result(canonical::to_bytes(&result).unwrap());
        play.push(tachiai_schemas::election::Body::Published(tachiai_schemas::election::Published { result: file }));
        let failure = counted(&play, None).err().unwrap();
        assert_eq!(failure.exit, Exit::Refused);
        assert!(failure.en.contains("Nothing was printed"), "{failure}");
    }
}
