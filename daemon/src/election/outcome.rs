//! Who is elected: the votes online and on paper together, and the ties that need a lot (くじ).
//!
//! What the entries give is decided by [`tachiai_verify::elected`], which the verifier asks as well; here it is put into words, and what is missing is asked for.

use tachiai_schemas::counting::{ContestOutcome, OptionOutcome, OutcomeView, SeatsOutcome, TieView, UnitOutcome};
use tachiai_schemas::election::{Contest, ContestOption, ContestResult, District, TallyResult, Text, Unit};
use tachiai_schemas::paper::{Lot, Uncontested};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{Lang, Refusal, canonical};
use tachiai_verify::board::Board;
use tachiai_verify::elected::{count_of, outcome_of};
use tachiai_verify::outcome::{self, Count, Counted, Decided, Deposit, Manner, OptionIndex, Outcome, Standing, Votes};

use super::decide::refusal_of;
use super::live::Live;
use crate::refused::Refused;

/// Whether nothing is missing before the result is published: every box is counted, and every lot drawn (PROTOCOL R810).
///
/// # Errors
/// [`Refusal::Incomplete`] for papers that are not counted, [`Refusal::LotNeeded`] with who is tied and for how many seats; [`Refusal::WrongPhase`].
pub fn ready_to_publish(board: &Board, result: &TallyResult) -> Result<(), Refused> {
    let manifest = board.manifest().ok_or(Refusal::WrongPhase)?;
    for online in &result.contests {
        let contest = contest_of(board, online)?;
        if board.papers_missing(online.contest, contest) {
            let boxes = board.in_boxes(online.contest);
            return Err(Refused::said(
                Refusal::Incomplete,
                format!("「{}」の投票用紙{boxes}枚の計数が終わっていません", contest.title.ja),
                format!("the {boxes} papers of contest {} are not counted (tachiai election paper-count)", contest.id),
            ));
        }
        let outcome = decide(board, online, None)?;
        // Where nobody could sign a lot, none is asked for (PROTOCOL R810).
        if let Some(tie) = outcome.awaits_lot().filter(|_| !manifest.count_officers.is_empty()) {
            let tied = || tie.options.iter().filter_map(|OptionIndex(option)| contest.options.get(usize::from(*option)));
            let (id, seats) = (&contest.id, tie.seats);
            return Err(Refused::said(
                Refusal::LotNeeded,
                format!("「{}」: {}のうち{seats}名", contest.title.ja, tied().map(|o| o.name.ja.as_str()).collect::<Vec<_>>().join("、")),
                format!(
                    "contest {id}: {} for {seats} of the seats (tachiai election lot --contest {id})",
                    tied().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ")
                ),
            ));
        }
    }
    Ok(())
}

/// The identifiers of the contests of which papers are in the boxes and not counted.
#[must_use]
pub fn papers_to_count(board: &Board) -> Vec<&str> {
    let contests = board.manifest().map(|manifest| manifest.contests.as_slice()).unwrap_or_default();
    (0..=u16::MAX).zip(contests).filter(|(index, contest)| board.papers_missing(*index, contest)).map(|(_, contest)| contest.id.as_str()).collect()
}

fn contest_of<'a>(board: &'a Board, online: &ContestResult) -> Result<&'a Contest, Refused> {
    let listed = board.manifest().and_then(|manifest| manifest.contests.get(usize::from(online.contest)));
    listed.ok_or_else(|| {
        let number = online.contest;
        Refused::said(Refusal::LotNotNeeded, format!("{number}番の投票はありません"), format!("there is no contest {number}"))
    })
}

/// Decides a contest, with this lot or the one on the board.
fn decide(board: &Board, online: &ContestResult, lot: Option<&Lot>) -> Result<Outcome, Refused> {
    outcome_of(board, online, lot).map_err(|violation| refusal_of(&violation))
}

impl Live {
    /// The result of the online count.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`] before there is one.
    pub(super) fn tally_result(&self, board: &Board) -> Result<TallyResult, Refused> {
        let file = board.result().map(|(_, entry)| entry.file.hash());
        let file = file.ok_or_else(|| Refused::said(Refusal::WrongPhase, "オンライン投票の開票がまだです", "there is no result yet"))?;
        let bytes = self.attachments.get(file).map_err(|error| Refused::fault("reading the result", error))?;
        canonical::from_bytes(&bytes).map_err(|error| Refused::fault("reading the result", error))
    }

    /// What became of every contest.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`] before the online count.
    pub fn outcome(&self) -> Result<OutcomeView, Refused> {
        let published = self.board();
        let board = &published.state.board;
        let result = self.tally_result(board)?;
        let manifest = board.manifest().ok_or(Refusal::WrongPhase)?;
        let polled = result.contests.iter().map(|online| {
            let (index, contest) = (online.contest, contest_of(board, online)?);
            let outcome = decide(board, online, None)?;
            let units = units(board, &manifest.districts, online, contest.options.len());
            Ok(contest_view(index, contest, &count_of(board, contest, online), &outcome, units, board.papers_missing(index, contest)))
        });
        let contests = polled.chain(manifest.uncontested.iter().map(|contest| Ok(uncontested(contest)))).collect::<Result<_, Refused>>()?;
        Ok(OutcomeView { election: self.id, published: board.phase() == Phase::Published, contests })
    }

    /// Whether this is the lot that the votes ask for (PROTOCOL R809).
    pub(super) fn check_lot(&self, lot: &Lot) -> Result<(), Refused> {
        let published = self.board();
        let board = &published.state.board;
        let result = self.tally_result(board)?;
        let not = |ja: &str, en: &str| Refused::said(Refusal::LotNotNeeded, ja, en);
        let online =
            result.contests.iter().find(|online| online.contest == lot.contest).ok_or_else(|| not("その投票はありません", "there is no such contest"))?;
        let contest = contest_of(board, online)?;
        if board.opened().is_none_or(|opened| opened.leaf_hash() != lot.opened.hash()) {
            return Err(not("別の選挙のくじです", "it is of another election"));
        }
        if board.papers_missing(lot.contest, contest) {
            return Err(Refused::said(
                Refusal::Incomplete,
                format!("「{}」の投票用紙の計数が終わっていません", contest.title.ja),
                format!("the papers of contest {} are not counted", contest.id),
            ));
        }
        decide(board, online, Some(lot)).map(|_| ())
    }
}

fn text(say: impl Fn(Lang) -> &'static str) -> Text {
    Text { ja: say(Lang::Ja).to_owned(), en: say(Lang::En).to_owned() }
}

fn contest_view(index: u16, contest: &Contest, count: &Count, outcome: &Outcome, units: Vec<UnitOutcome>, papers_missing: bool) -> ContestOutcome {
    let Outcome { manner, totals, thresholds, options, tie, seats } = outcome;
    let option = |((option, counted), placing): ((&ContestOption, &Counted), &outcome::Placing)| OptionOutcome {
        id: option.id.clone(),
        name: option.name.clone(),
        online: counted.online,
        paper: counted.paper.to_string(),
        votes: placing.votes.to_string(),
        rank: placing.rank,
        standing: standing(placing.standing).to_owned(),
        standing_text: text(|lang| placing.standing.name(lang)),
        deposit_forfeited: matches!(placing.deposit, Some(Deposit::ForfeitedByVotes | Deposit::ForfeitedByLeaving)),
    };
    ContestOutcome {
        contest: Some(index),
        id: contest.id.clone(),
        title: contest.title.clone(),
        kind: contest.kind,
        without_poll: *manner == Manner::Uncontested,
        valid: totals.valid.to_string(),
        nobodys: count.nobodys.to_string(),
        blank: totals.blank,
        invalid: totals.otherwise_invalid,
        out: totals.out.to_string(),
        minimum: thresholds.as_ref().map(|needed| needed.election.to_string()),
        forfeiture: thresholds.as_ref().map(|needed| needed.deposit.to_string()),
        options: contest.options.iter().zip(&count.options).zip(options).map(option).collect(),
        tie: tie.as_ref().map(|tie| TieView {
            options: tie.options.iter().map(|OptionIndex(option)| *option).collect(),
            seats: tie.seats,
            decided: tie.decided != Decided::Open,
        }),
        seats: seats.map(|filling| SeatsOutcome { to_fill: filling.to_fill, filled: filling.filled, open: filling.open, empty: filling.empty }),
        units,
        papers_missing,
    }
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Elected => "elected",
        Standing::ElectedByLot => "elected-by-lot",
        Standing::Tied => "tied",
        Standing::LostLot => "lost-lot",
        Standing::NotElected => "not-elected",
        Standing::BelowMinimum => "below-minimum",
        Standing::Out(_) => "out",
        Standing::Most => "most",
        Standing::MostLevel => "most-level",
        Standing::Fewer => "fewer",
    }
}

/// A contest that the manifest lists as held without a poll: everybody is elected.
fn uncontested(contest: &Uncontested) -> ContestOutcome {
    let Uncontested { id, title, kind, seats, options } = contest;
    let filled = u16::try_from(options.len()).unwrap_or(u16::MAX).min(*seats);
    let none = Votes::none().to_string();
    let elected = |option: &ContestOption| OptionOutcome {
        id: option.id.clone(),
        name: option.name.clone(),
        online: 0,
        paper: none.clone(),
        votes: none.clone(),
        rank: None,
        standing: standing(Standing::Elected).to_owned(),
        standing_text: text(|lang| Standing::Elected.name(lang)),
        deposit_forfeited: false,
    };
    ContestOutcome {
        contest: None,
        id: id.clone(),
        title: title.clone(),
        kind: *kind,
        without_poll: true,
        valid: none.clone(),
        nobodys: none.clone(),
        blank: 0,
        invalid: 0,
        out: none.clone(),
        minimum: None,
        forfeiture: None,
        options: options.iter().map(elected).collect(),
        tie: None,
        seats: Some(SeatsOutcome { to_fill: *seats, filled, open: 0, empty: seats - filled }),
        units: Vec::new(),
        papers_missing: false,
    }
}

/// The online totals of each unit, with the names of its districts.
fn units(board: &Board, districts: &[District], online: &ContestResult, options: usize) -> Vec<UnitOutcome> {
    let declared = board.declared_statement().and_then(|(statement, _)| statement.contests.iter().find(|contest| contest.contest == online.contest));
    let Some(declared) = declared else { return Vec::new() };
    let names =
        |unit: &Unit| unit.districts.iter().filter_map(|district| districts.get(usize::from(*district))).map(|district| district.name.clone()).collect();
    let view = |(unit, totals): (&Unit, &Vec<u64>)| UnitOutcome {
        districts: names(unit),
        ballots: unit.ballots,
        votes: totals.iter().take(options).copied().collect(),
        blank: totals.get(options).copied().unwrap_or_default(),
    };
    declared.units.iter().zip(&online.units).map(view).collect()
}
