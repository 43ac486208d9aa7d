//! A verdict says what was verified, with figures, and what was taken on trust.
//!
//! Its JSON form is stable: keys may be added, none is renamed, removed or given another meaning. The field documentation below documents it; numbers are
//! integers, times and bytes as in PROTOCOL §1.6, texts have `ja` and `en`. With `--json` the program writes one object with the key `verdict`:
//!
//! - `"holds"`: a [`Verdict`] (for `ballot`: `election`, `fingerprint`, `trust`, `leaf`, `challenged`, `contests`; for `receipt`: `phase`, `trust` and
//!   `receipt` with its `status`);
//! - `"refuted"`: `rule`, `leaf` or `null`, `detail` (for a fork: `receipt` with both checkpoints);
//! - `"incomplete"`: `detail` (of `fork` without the fingerprint, which accuses nobody, also the keys of `"fork"`);
//! - `"fork"` (of `fork`, evidence that holds and is of the expected election): `origin`, `fingerprint`, `trust`, `first` and `second` (sizes), `differ_at`.

use serde::Serialize;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::Checkpoint;
use tachiai_schemas::election::{Authority, Contest, ContestOption, ContestResult, Text, TreeHead};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{ElectionId, HashBytes, LeafIndex, Timestamp, TrusteeIndex};

use super::Counted;
use super::paper::{self, CandidateOutOutcome, Participation, PlaceOutcome, UncontestedOutcome};
use crate::board::{Board, RollChanges};
use crate::elected::count_of;
use crate::outcome::{Decided, Filling, Manner, Outcome, Placing, Standing, Thresholds, Tie, Totals, Votes};
use crate::policy::PolicyOutcome;
use crate::rule::{Rule, Violation};
use crate::witness::WitnessesOutcome;

/// On what the verdict rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// The fingerprint of the public notice was given and is this record's (R302).
    Fingerprint,
    /// None was given: manifest and board key are taken on trust.
    Assumed,
}

/// What was found in a record that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Always `holds`: a record that does not hold has no verdict.
    pub verdict: &'static str,
    /// SHA-256 of `record.json`, from which all bytes of the record follow.
    pub record: HashBytes,
    /// The election.
    pub election: ElectionId,
    /// The board's origin.
    pub origin: String,
    /// The title.
    pub title: Text,
    /// The legal authority.
    pub authority: Authority,
    /// How far the record goes.
    pub phase: Phase,
    /// Size and root of the board.
    pub board: TreeHead,
    /// The fingerprint, once the election was opened.
    pub fingerprint: Option<String>,
    /// On what the verdict rests.
    pub trust: Trust,
    /// When voting opened.
    pub opens: Timestamp,
    /// When it closed.
    pub online_closes: Timestamp,
    /// Electors on the roll.
    pub slots: u64,
    /// Registrations on the board.
    pub registrations: u64,
    /// Ballots on the board.
    pub ballots: u64,
    /// Ballots that were challenged.
    pub challenged: u64,
    /// Ballots that count.
    pub counted: u64,
    /// The trustees.
    pub trustees: TrusteesOutcome,
    /// The witnesses, and what they say existed when.
    pub witnesses: WitnessesOutcome,
    /// What the cosignatures are worth under the policy that was given, if one was.
    pub policy: Option<PolicyOutcome>,
    /// Who took part, once the election was opened.
    pub participation: Option<Participation>,
    /// How often the roll changed after the opening.
    pub roll_changes: RollChanges,
    /// The polling places with their days.
    pub places: Vec<PlaceOutcome>,
    /// The candidates who are out.
    pub candidates_out: Vec<CandidateOutOutcome>,
    /// The contests that were held without a poll from the beginning.
    pub uncontested: Vec<UncontestedOutcome>,
    /// The totals of each contest, if the record has a result.
    pub result: Option<Vec<ContestOutcome>>,
    /// The leaf below which the proofs were verified by an earlier run of this program that was interrupted, as the file it left says.
    pub resumed: Option<LeafIndex>,
}

/// What the trustees did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrusteesOutcome {
    /// n.
    pub all: u8,
    /// t.
    pub quorum: u8,
    /// The run of the ceremony that gave the joint key.
    pub run: u32,
    /// Whose decryption shares are valid.
    pub shares: Vec<TrusteeIndex>,
    /// Whose decryption shares are not, and were discarded.
    pub discarded: Vec<TrusteeIndex>,
}

/// The outcome of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContestOutcome {
    /// Its ID.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Counted ballots.
    pub ballots: u64,
    /// The options with their totals, in ballot order.
    pub options: Vec<OptionOutcome>,
    /// The blanks, where a ballot may choose fewer than allowed.
    pub blanks: Option<u64>,
    /// The number of units that were opened.
    pub units: u64,
    /// By votes, in a referendum, or without a poll, as too many candidates are out for one.
    pub manner: Manner,
    /// The papers, if any were counted.
    pub papers: Option<PapersOutcome>,
    /// The votes by kind, online and on paper.
    pub totals: Totals,
    /// The votes needed; `null` in a referendum and without a poll.
    pub thresholds: Option<Thresholds>,
    /// The seats; `null` in a referendum.
    pub seats: Option<Filling>,
    /// Equal votes where they matter.
    pub tie: Option<TieOutcome>,
}

/// The papers of a contest, as the officers of the count signed for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PapersOutcome {
    /// The leaf of the count.
    pub leaf: LeafIndex,
    /// In the boxes, by the day-closes.
    pub in_boxes: u64,
    /// Papers that name a candidate.
    pub valid: u64,
    /// Blank papers.
    pub blank: u64,
    /// Other invalid papers.
    pub invalid: u64,
}

/// Equal votes where they matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TieOutcome {
    /// The IDs of the options.
    pub options: Vec<String>,
    /// How many seats are left for them; 0 in a referendum.
    pub seats: u16,
    /// What decides between them.
    pub decided: Decided,
    /// The leaf of the lot, if one was drawn.
    pub lot: Option<LeafIndex>,
}

/// The total of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionOutcome {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its total online.
    pub total: u64,
    /// Its votes on paper.
    pub paper: Votes,
    /// Both together; invalid if it is out.
    pub votes: Votes,
    /// What became of it.
    pub standing: Standing,
}

impl ContestOutcome {
    fn new(board: &Board, contest: &Contest, totals: &ContestResult, outcome: Outcome) -> Self {
        let Outcome { manner, totals: by_kind, thresholds, options, tie, seats } = outcome;
        let online = |place: usize| totals.totals.get(place).copied().unwrap_or_default();
        let option = |(place, (option, placing)): (usize, (&ContestOption, Placing))| {
            let Placing { votes, rank: _, standing, deposit: _ } = placing;
            let paper = count_of(board, contest, totals).options.into_iter().nth(place).map(|counted| counted.paper).unwrap_or_default();
            OptionOutcome { id: option.id.clone(), name: option.name.clone(), total: online(place), paper, votes, standing }
        };
        let papers = board.paper_count(totals.contest).map(|(leaf, count)| PapersOutcome {
            leaf,
            in_boxes: board.in_boxes(totals.contest),
            valid: count.valid,
            blank: count.blank,
            invalid: count.invalid,
        });
        let tie = tie.map(|Tie { options, seats, decided }| TieOutcome {
            options: options.iter().filter_map(|option| contest.options.get(usize::from(option.0))).map(|option| option.id.clone()).collect(),
            seats,
            decided,
            lot: board.lot(totals.contest).map(|(leaf, _)| leaf),
        });
        Self {
            id: contest.id.clone(),
            title: contest.title.clone(),
            ballots: totals.ballots,
            options: contest.options.iter().zip(options).enumerate().map(option).collect(),
            blanks: totals.totals.get(contest.options.len()).copied(),
            units: totals.units.len() as u64,
            manner,
            papers,
            totals: by_kind,
            thresholds,
            seats,
            tie,
        }
    }
}

impl Verdict {
    pub(super) fn new(
        record: Hash32,
        board: &Board,
        checkpoint: &Checkpoint,
        trust: Trust,
        counted: Counted,
        witnesses: WitnessesOutcome,
    ) -> Result<Self, Violation> {
        let missing = || Violation::of_record(Rule::R103, "the board has no manifest");
        let (manifest, quorum) = (board.manifest().ok_or_else(missing)?, board.quorum().ok_or_else(missing)?);
        let Counted { valid, discarded, result, outcomes } = counted;
        let result = result.map(|result| {
            let contests = manifest.contests.iter().zip(&result.contests).zip(outcomes);
            contests.map(|((contest, totals), outcome)| ContestOutcome::new(board, contest, totals, outcome)).collect()
        });
        Ok(Self {
            verdict: "holds",
            record: record.into(),
            election: manifest.election,
            origin: manifest.origin.clone(),
            title: manifest.title.clone(),
            authority: manifest.authority,
            phase: board.phase(),
            board: TreeHead { size: checkpoint.size, root: checkpoint.root.into() },
            fingerprint: board.fingerprint().map(|fingerprint| fingerprint.to_string()),
            trust,
            opens: manifest.opens,
            online_closes: manifest.online_closes,
            slots: u64::from(board.roll_len()),
            registrations: board.registrations(),
            ballots: board.ballots(),
            challenged: board.challenges(),
            counted: board.counted_ballots(),
            trustees: TrusteesOutcome { all: quorum.trustees(), quorum: quorum.threshold(), run: board.run().number(), shares: valid, discarded },
            witnesses,
            policy: None,
            participation: paper::participation(board),
            roll_changes: board.roll_changes(),
            places: paper::places(board, manifest),
            candidates_out: paper::candidates_out(board, manifest),
            uncontested: paper::uncontested(manifest),
            result,
            resumed: None,
        })
    }
}
