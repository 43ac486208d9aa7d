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
use tachiai_schemas::{LeafIndex, Timestamp, TrusteeIndex};
use tachiai_verify::Lookup;
use tachiai_verify::record::Record;
use tachiai_verify::verify::{ContestOutcome, Extent, Options, Trust, Verdict, Verified, verify_record};

use super::count::{Ballots, CandidateCount, ContestCount, CountRecord, Standing, Thresholds, TrusteeAct, TrusteeMark};
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
            contests: self.contests()?.map(|(contest, outcome)| contest_count(contest, outcome)).collect::<Option<_>>().ok_or_else(changed)?,
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
                elsewhere: Exact::ZERO,
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

fn contest_count(contest: &Contest, outcome: &ContestOutcome) -> Option<ContestCount> {
    let (unit, votes) = unit_of(contest, outcome)?;
    let totals: Vec<u64> = outcome.options.iter().map(|option| option.total).collect();
    let standings = standings(contest.kind, contest.seats, unit, &totals)?;
    Some(ContestCount {
        title: outcome.title.clone(),
        kind: contest.kind,
        seats: contest.seats,
        unit,
        votes,
        candidates: (outcome.options.iter().zip(standings))
            .map(|(option, standing)| CandidateCount { name: option.name.clone(), party: None, votes: option.total.into(), standing })
            .collect(),
        blank: outcome.blanks.unwrap_or_default(),
        invalid: Exact::ZERO,
        elsewhere: Exact::ZERO,
        lot: None,
    })
}

/// Who has the seats: those with the most votes, none below the votes needed (公職選挙法第95条第1項); who is level with the last seat's holder but cannot be seated waits for a lot
/// (第95条第2項). `None` if the votes are too many to be added.
fn standings(kind: ContestKind, seats: u16, unit: Unit, totals: &[u64]) -> Option<Vec<Standing>> {
    let valid = Exact::sum(totals.iter().map(|total| Exact::whole(*total)))?;
    let Some(Thresholds { needed, .. }) = Thresholds::of(kind, seats, unit, valid) else {
        return Some(vec![Standing::Option; totals.len()]);
    };
    let standing = |total: u64| {
        let (above, level) = (totals.iter().filter(|other| **other > total).count(), totals.iter().filter(|other| **other == total).count());
        if Exact::whole(total) < needed || total == 0 || above >= usize::from(seats) {
            Standing::NotElected
        } else if above + level <= usize::from(seats) {
            Standing::Elected
        } else {
            Standing::Tied
        }
    };
    Some(totals.iter().map(|total| standing(*total)).collect())
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

    fn of(kind: ContestKind, seats: u16, totals: &[u64]) -> String {
        let letter = |standing: Standing| match standing {
            Standing::Elected => 'E',
            Standing::ElectedByLot => 'L',
            Standing::Tied => 'T',
            Standing::NotElected => '-',
            Standing::Out => 'x',
            Standing::Option => 'o',
        };
        standings(kind, seats, Unit::Ballot, totals).unwrap().into_iter().map(letter).collect()
    }

    #[test]
    fn the_seats_go_to_the_most_votes_and_a_tie_for_the_last_one_waits_for_a_lot() {
        assert_eq!(of(ContestKind::Mayor, 1, &[10, 30, 20]), "-E-");
        assert_eq!(of(ContestKind::Mayor, 1, &[30, 30, 20]), "TT-");
        assert_eq!(of(ContestKind::Council, 2, &[30, 30, 20]), "EE-");
        assert_eq!(of(ContestKind::Council, 2, &[40, 30, 30, 20]), "ETT-");
        assert_eq!(of(ContestKind::Referendum, 0, &[40, 30]), "oo");
    }

    #[test]
    fn nobody_is_elected_below_the_votes_needed() {
        // Of 100 valid votes for a mayor 25 are needed; of 100 for four seats 6 and a quarter.
        assert_eq!(of(ContestKind::Mayor, 1, &[24, 20, 19, 19, 18]), "-----");
        assert_eq!(of(ContestKind::Mayor, 1, &[25, 20, 19, 18, 18]), "E----");
        assert_eq!(of(ContestKind::Council, 4, &[80, 8, 7, 5]), "EEE-");
        assert_eq!(of(ContestKind::Council, 2, &[0, 0, 0]), "---");
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
