//! From a board and the totals of its result to who is elected: the votes of a contest, online and on paper, with the candidates who are out and the lot that was
//! drawn (PROTOCOL §16.7).
//!
//! The verifier (R809, R810), the daemon before it publishes, and the papers ask here, so that they cannot differ.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use tachiai_schemas::LeafIndex;
use tachiai_schemas::election::{Choice, Contest, ContestResult};
use tachiai_schemas::paper::{self, OutReason, PaperCount};

use crate::board::Board;
use crate::outcome::{Count, Counted, Lot, OptionIndex, Out, Outcome, Rules, Votes, decide};
use crate::rule::{Breaks, Rule, Violation};

const THOUSAND: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

fn thousandths(number: u64) -> Votes {
    Votes::from(number).part(THOUSAND)
}

/// The votes of a contest as the board has them, with the totals of its ballots.
///
/// Wholly blank ballots are known of a contest that chooses at most one; where a ballot may choose more, the totals do not tell them from ballots that leave
/// something out, and none is counted as blank.
#[must_use]
pub fn count_of(board: &Board, contest: &Contest, online: &ContestResult) -> Count {
    let outs: Vec<(u16, Out)> = board.outs(online.contest).map(|(option, reason, _)| (option, out(reason))).collect();
    let paper = board.paper_count(online.contest).map(|(_, count)| count);
    let of_option = |option: u16| Counted {
        online: online.totals.get(usize::from(option)).copied().unwrap_or_default(),
        paper: paper.and_then(|count| count.thousandths.get(usize::from(option)).copied()).map(thousandths).unwrap_or_default(),
        out: outs.iter().find(|(of, _)| *of == option).map(|(_, out)| *out),
    };
    let blank_online = match contest.choose {
        Choice::UpTo(1) => online.totals.get(contest.options.len()).copied().unwrap_or_default(),
        Choice::UpTo(_) | Choice::Exactly(_) => 0,
    };
    let (blank, invalid) = paper.map_or((0, 0), |count| (count.blank, count.invalid));
    Count {
        options: (0..u16::try_from(contest.options.len()).unwrap_or(u16::MAX)).map(of_option).collect(),
        nobodys: paper.map(|count| nobodys(contest, count)).unwrap_or_default(),
        blank: blank_online.saturating_add(blank),
        invalid,
    }
}

/// What was cut off in splitting votes for a shared name, where every valid paper names as many as there are to name.
fn nobodys(contest: &Contest, PaperCount { opened: _, contest: _, thousandths: of_options, valid, blank: _, invalid: _ }: &PaperCount) -> Votes {
    let named = match contest.choose {
        Choice::Exactly(number) => number,
        Choice::UpTo(1) => 1,
        Choice::UpTo(_) => return Votes::none(),
    };
    let given = of_options.iter().fold(0_u64, |sum, votes| sum.saturating_add(*votes));
    thousandths(valid.saturating_mul(1_000).saturating_mul(u64::from(named)).saturating_sub(given))
}

const fn out(reason: OutReason) -> Out {
    match reason {
        OutReason::Withdrawn => Out::Withdrawn,
        OutReason::Died => Out::Died,
        OutReason::Disqualified => Out::Disqualified,
    }
}

fn options(indices: &[u16]) -> BTreeSet<OptionIndex> {
    indices.iter().copied().map(OptionIndex).collect()
}

/// Who is elected in a contest, with the lot that the board has, or with one that is about to be drawn.
///
/// # Errors
/// A [`Violation`] of R809 for a lot for which the votes do not ask, at its leaf if it is on the board; of R108 for a contest that no valid manifest has.
pub fn outcome_of(board: &Board, online: &ContestResult, drawn: Option<&paper::Lot>) -> Result<Outcome, Violation> {
    let missing = || Violation::of_record(Rule::R605, format!("there is no contest {}", online.contest));
    let contest = board.manifest().and_then(|manifest| manifest.contests.get(usize::from(online.contest))).ok_or_else(missing)?;
    let rules = Rules::of(contest).breaks(Rule::R108)?;
    let recorded = board.lot(online.contest);
    let lots = recorded.map(|(_, lot)| lot).into_iter().chain(drawn);
    let lots: Vec<Lot> = lots.map(|lot| Lot { tied: options(&lot.tied), chosen: options(&lot.chosen) }).collect();
    decide(rules, &count_of(board, contest, online), &lots).map_err(|wrong| {
        let violation = Violation::of_record(Rule::R809, format!("contest {}: {wrong}", contest.id));
        Violation { leaf: recorded.map(|(leaf, _)| leaf), ..violation }
    })
}

/// The outcomes of all contests of a result (R809), and that no lot is missing where the board was published (R810). `published` is the leaf of `published`.
///
/// Where the manifest names nobody to sign a lot, none is asked for: the tie stays open in the record.
///
/// # Errors
/// A [`Violation`] of R809 at the lowest lot that is wrong, or of R810.
pub fn outcomes(board: &Board, result: &[ContestResult], published: Option<LeafIndex>) -> Result<Vec<Outcome>, Violation> {
    let (outcomes, wrong): (Vec<_>, Vec<_>) = result.iter().map(|online| outcome_of(board, online, None)).partition(Result::is_ok);
    if let Some(violation) = wrong.into_iter().filter_map(Result::err).min_by_key(|violation| violation.leaf) {
        return Err(violation);
    }
    let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
    match (published, missing_lot(board, &outcomes)) {
        (Some(leaf), Some(missing)) => Err(Violation::of_record(Rule::R810, missing).at(leaf)),
        _ => Ok(outcomes),
    }
}

/// The contest whose votes ask for a lot that was not drawn, in words; `None` if there is none, or nobody to sign one.
#[must_use]
pub fn missing_lot(board: &Board, outcomes: &[Outcome]) -> Option<String> {
    let manifest = board.manifest().filter(|manifest| !manifest.count_officers.is_empty())?;
    manifest.contests.iter().zip(outcomes).find_map(|(contest, outcome)| {
        let tie = outcome.awaits_lot()?;
        let tied = tie.options.iter().filter_map(|option| contest.options.get(usize::from(option.0))).map(|option| option.name.en.as_str());
        let tied = tied.collect::<Vec<_>>().join(", ");
        Some(format!("contest {}: {tied} have equal votes and no lot was drawn for the {} seats that are left", contest.id, tie.seats))
    })
}
