//! The papers that a published record gives: 開票録, 開票速報（確定） and 投票速報（確定）.
//!
//! Every figure is the verifier's, computed anew from the entries, their signatures and proofs; no total or summary that the record states is taken as given. What the record
//! does not say (who managed the count, and where) is asked of the commission, or left as a line to write on.

use std::path::Path;

use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::journal::tiles::{TileKind, new_tiles, parse_entry_bundle};
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_schemas::election::{Choice, Contest, ContestKind, Manifest, Text};
use tachiai_schemas::entry::{Entry, MAX_ENTRY};
use tachiai_schemas::{Lang, LeafIndex, Say, Timestamp, TrusteeIndex};
use tachiai_verify::Lookup;
use tachiai_verify::outcome;
use tachiai_verify::record::Record;
use tachiai_verify::verify::{ContestOutcome, Extent, OptionOutcome, Options, Trust, Verdict, Verified, verify_record};

use super::count::{Ballots, CandidateCount, ContestCount, CountRecord, Deposit, EmptySeats, Standing, Thresholds, TrusteeAct, TrusteeMark};
use super::exact::Exact;
use super::frame::{BoardMark, Compared, Frame};
use super::quick::{CandidateVotes, ContestProgress, QuickReport, Unit};
use super::turnout::{Channels, DistrictTurnout, People, Stage, Turnout};
use crate::commands::trustee::key_fingerprint;
use crate::failure::{Exit, Failure};

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
    manifest: Manifest,
    added: Added,
    closed: Timestamp,
    began: Timestamp,
    ended: Timestamp,
    made: Timestamp,
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
        let time = |leaf: Option<LeafIndex>| time_of(&record, &verified.tree, leaf.ok_or_else(changed)?);
        let (closed, began, ended) = (time(board.poll_closed())?, time(board.tally_leaf())?, time(board.result().map(|(leaf, _)| leaf))?);
        let made = board.last_at().ok_or_else(changed)?;
        let manifest = board.manifest().ok_or_else(changed)?.clone();
        Ok(Self { manifest, added, closed, began, ended, made, verified })
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

    /// Each contest of the manifest with its totals.
    fn contests(&self) -> Result<impl Iterator<Item = (&Contest, &ContestOutcome)>, Failure> {
        let outcomes = self.verified.verdict.result.as_ref().ok_or_else(changed)?;
        Ok(self.manifest.contests.iter().zip(outcomes))
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
        Ok(CountRecord {
            frame: self.frame()?,
            place: self.added.place.clone(),
            began: self.began,
            ended: self.ended,
            manager: self.added.manager.clone(),
            trustees: trustees
                .map(|(index, trustee)| TrusteeMark {
                    index: index.get(),
                    name: trustee.name.clone(),
                    key: key_fingerprint(&trustee.signing_key.0),
                    act: act(index),
                })
                .collect(),
            quorum: verdict.trustees.quorum,
            ballots: Ballots { electors: verdict.slots, recorded: verdict.ballots, challenged: verdict.challenged, counted: verdict.counted, paper: None },
            contests: self.contests()?.map(|(contest, counted)| contest_count(contest, counted)).collect::<Result<_, _>>()?,
            statement: self.verified.board.declared_statement().ok_or_else(changed)?.1.into(),
            remarks: Vec::new(),
        })
    }

    /// 開票速報, 確定.
    ///
    /// # Errors
    /// As [`Self::count_record`].
    pub fn quick_report(&self) -> Result<QuickReport, Failure> {
        let progress = |(contest, outcome): (&Contest, &ContestOutcome)| {
            let (unit, votes) = unit_of(contest, outcome)?;
            Some(ContestProgress {
                title: outcome.title.clone(),
                seats: contest.seats,
                votes,
                unit,
                candidates: (outcome.options.iter())
                    .map(|option| CandidateVotes { name: option.name.clone(), party: None, votes: option.total.into() })
                    .collect(),
                blank: outcome.blanks.unwrap_or_default(),
                invalid: 0,
                nobodys: Exact::ZERO,
            })
        };
        Ok(QuickReport {
            frame: self.frame()?,
            as_of: self.ended,
            stage: Stage::Final,
            contests: self.contests()?.map(progress).collect::<Option<_>>().ok_or_else(changed)?,
        })
    }

    /// 投票速報, 確定: online votes by district, as the board shows them to everybody.
    ///
    /// # Errors
    /// As [`Self::count_record`].
    pub fn turnout(&self) -> Result<Turnout, Failure> {
        let board = &self.verified.board;
        let mut online = vec![0_u64; self.manifest.districts.len()];
        for (slot, _) in board.counted() {
            let district = usize::from(board.roll_slot(slot).ok_or_else(changed)?.district);
            *online.get_mut(district).ok_or_else(changed)? += 1;
        }
        let electors = &board.opened().ok_or_else(changed)?.entry().roll.districts;
        let districts = self.manifest.districts.iter().zip(electors).zip(online);
        Ok(Turnout {
            frame: self.frame()?,
            as_of: self.closed,
            stage: Stage::Final,
            districts: districts
                .map(|((district, electors), online)| DistrictTurnout {
                    name: district.name.clone(),
                    electors: People::Total(u64::from(*electors)),
                    votes: Channels { online, early: 0, day: 0, absentee: 0 },
                    voters: None,
                })
                .collect(),
            hours: Vec::new(),
        })
    }
}

/// What a vote of a contest is, and how many there are; `None` if they are too many to be numbered.
fn unit_of(contest: &Contest, outcome: &ContestOutcome) -> Option<(Unit, u64)> {
    let (Choice::Exactly(choices) | Choice::UpTo(choices)) = contest.choose;
    let unit = if choices == 1 { Unit::Ballot } else { Unit::Mark };
    Some((unit, outcome.ballots.checked_mul(u64::from(choices))?))
}

fn contest_count(contest: &Contest, counted: &ContestOutcome) -> Result<ContestCount, Failure> {
    let (unit, votes) = unit_of(contest, counted).ok_or_else(changed)?;
    let blank = counted.blanks.unwrap_or_default();
    let options = counted.options.iter().map(|option| outcome::Counted { online: option.total, ..outcome::Counted::default() });
    let count = outcome::Count { options: options.collect(), blank, ..outcome::Count::default() };
    // The Act knows no election in which a ballot names several.
    let decided = match (unit, contest.kind) {
        (Unit::Ballot, _) | (Unit::Mark, ContestKind::Referendum) => {
            Some(outcome::decide(outcome::Rules::of(contest).map_err(undecided)?, &count, &[]).map_err(undecided)?)
        }
        (Unit::Mark, ContestKind::Mayor | ContestKind::Council) => None,
    };
    let thresholds = decided.as_ref().and_then(|decided| decided.thresholds.as_ref());
    let thresholds = thresholds.map(|t| Ok::<_, Failure>(Thresholds { needed: exact(&t.election)?, deposit: exact(&t.deposit)? })).transpose()?;
    let placing = |place: usize| decided.as_ref().and_then(|decided| decided.options.get(place));
    let candidate = |(place, option): (usize, &OptionOutcome)| CandidateCount {
        name: option.name.clone(),
        party: None,
        votes: option.total.into(),
        standing: placing(place).map_or(Standing::Option, |placing| standing(contest.kind, placing.standing)),
        deposit: placing(place).and_then(|placing| placing.deposit).map(|deposit| match deposit {
            outcome::Deposit::Returned => Deposit::Returned,
            outcome::Deposit::ForfeitedByVotes | outcome::Deposit::ForfeitedByLeaving => Deposit::Forfeited,
        }),
    };
    let empty = decided.as_ref().and_then(|decided| decided.seats).filter(|filling| filling.empty > 0).map(|filling| EmptySeats {
        seats: filling.empty,
        sequel: Some(Text { ja: filling.sequel.name(Lang::Ja).to_owned(), en: filling.sequel.name(Lang::En).to_owned() }),
    });
    Ok(ContestCount {
        title: counted.title.clone(),
        kind: contest.kind,
        seats: contest.seats,
        unit,
        votes,
        taken_home: None,
        candidates: counted.options.iter().enumerate().map(candidate).collect(),
        nobodys: Exact::ZERO,
        blank,
        invalid: 0,
        thresholds,
        lot: None,
        empty,
    })
}

/// The same standing on paper.
const fn standing(kind: ContestKind, standing: outcome::Standing) -> Standing {
    match standing {
        outcome::Standing::Elected => Standing::Elected,
        outcome::Standing::ElectedByLot => Standing::ElectedByLot,
        outcome::Standing::Tied if matches!(kind, ContestKind::Referendum) => Standing::MostLevel,
        outcome::Standing::Tied => Standing::Tied,
        outcome::Standing::LostLot => Standing::LostLot,
        outcome::Standing::NotElected => Standing::NotElected,
        outcome::Standing::BelowMinimum => Standing::BelowMinimum,
        outcome::Standing::Out(_) => Standing::Out,
        outcome::Standing::Most => Standing::Most,
        outcome::Standing::Fewer => Standing::Option,
    }
}

/// The same amount, by the text that both have for it.
fn exact(votes: &outcome::Votes) -> Result<Exact, Failure> {
    votes.to_string().parse().map_err(|_| super::PaperError::TooLarge.into())
}

fn undecided(wrong: outcome::Wrong) -> Failure {
    Failure::incomplete(
        format!("当選人を決められません: {}。何も印刷していません。", wrong.say(Lang::Ja)),
        format!("who is elected cannot be told: {}. Nothing was printed.", wrong.say(Lang::En)),
    )
}

/// The time of an entry. Its bytes are held against the verified tree.
fn time_of(record: &Record, tree: &Tree, leaf: LeafIndex) -> Result<Timestamp, Failure> {
    let tile = new_tiles(0, tree.len()).find(|tile| tile.kind() == TileKind::Entries && (tile.start()..tile.end()).contains(&leaf.0)).ok_or_else(changed)?;
    let bundle = record.read(&tile.to_string(), 256 * (2 + MAX_ENTRY as u64)).map_err(|e| does_not_hold(&e))?;
    let entries = parse_entry_bundle(&bundle, tile).map_err(|_| changed())?;
    let entry = usize::try_from(leaf.0 - tile.start()).ok().and_then(|place| entries.get(place)).ok_or_else(changed)?;
    if tree.leaf(leaf.0) != Some(leaf_hash(entry)) {
        return Err(changed());
    }
    Ok(Entry::from_bytes(entry).map_err(|_| changed())?.at)
}

fn does_not_hold(e: &tachiai_verify::Failure) -> Failure {
    let exit = match e {
        tachiai_verify::Failure::Refuted(_) => Exit::Refused,
        tachiai_verify::Failure::Incomplete(_) => Exit::Incomplete,
    };
    Failure::new(
        exit,
        format!("記録の検証に失敗しました: {e}。何も印刷していません。tachiai-verify で詳しく確かめてください。"),
        format!("the record does not hold: {e}. Nothing was printed; `tachiai-verify` says more."),
    )
}

fn changed() -> Failure {
    Failure::incomplete("記録が検証中に変わりました。もう一度実行してください。", "the record changed while it was verified. Try again.")
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::Authority;
    use tachiai_verify::testing::Play;

    use super::*;

    /// A contest with such totals, as it is printed.
    fn of(kind: ContestKind, seats: u16, choose: Choice, totals: &[u64]) -> ContestCount {
        let contest = Contest { kind, seats, choose, ..tachiai_verify::testing::contest("c", totals.len(), choose) };
        let options =
            contest.options.iter().zip(totals).map(|(option, total)| OptionOutcome { id: option.id.clone(), name: option.name.clone(), total: *total });
        let (Choice::Exactly(choices) | Choice::UpTo(choices)) = choose;
        let ballots = totals.iter().sum::<u64>().div_ceil(u64::from(choices));
        let blanks = ballots * u64::from(choices) - totals.iter().sum::<u64>();
        let counted = ContestOutcome { id: "c".to_owned(), title: contest.title.clone(), ballots, options: options.collect(), blanks: Some(blanks), units: 1 };
        contest_count(&contest, &counted).unwrap()
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
    fn a_referendum_elects_nobody_and_neither_does_a_ballot_with_several_marks() {
        let referendum = of(ContestKind::Referendum, 0, Choice::UpTo(1), &[40, 30]);
        assert_eq!((standings(&referendum), referendum.thresholds), (vec![Standing::Most, Standing::Option], None));
        assert_eq!(standings(&of(ContestKind::Referendum, 0, Choice::UpTo(1), &[30, 30])), [Standing::MostLevel, Standing::MostLevel]);
        let marks = of(ContestKind::Council, 1, Choice::UpTo(2), &[5, 4, 4]);
        assert_eq!((standings(&marks), marks.unit, marks.votes, marks.blank), (vec![Standing::Option; 3], Unit::Mark, 14, 1));
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
        let turnout = counted.turnout().unwrap();
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
        let mut result: tachiai_schemas::election::TallyResult = serde_json::from_slice(&play.result_file()).unwrap();
        let totals = &mut result.contests[0].totals;
        let from = totals.iter().position(|total| *total > 0).unwrap();
        let to = (from + 1) % totals.len();
        totals[from] -= 1;
        totals[to] += 1;
        let file = play.push_result(tachiai_schemas::canonical::to_bytes(&result).unwrap());
        play.push(tachiai_schemas::election::Body::Published(tachiai_schemas::election::Published { result: file }));
        let failure = counted(&play, None).err().unwrap();
        assert_eq!(failure.exit, Exit::Refused);
        assert!(failure.en.contains("Nothing was printed"), "{failure}");
    }
}
