//! What a verdict says of paper: who took part and how, what each day of each place gave, and the contests that were held without a poll.

use serde::Serialize;
use tachiai_schemas::election::{ContestKind, Manifest, Text};
use tachiai_schemas::paper::{DayPapers, OutReason, Place, PlaceKind, Session, Uncontested};
use tachiai_schemas::{LeafIndex, Timestamp};

use crate::board::{Board, DayState};

/// Who took part (PROTOCOL §16.6). `total` = `online` + `paper`, and nobody is in it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Participation {
    /// Electors who were entitled: the roll's slots and those added, without those struck.
    pub entitled: u64,
    /// Electors whose online ballot counts.
    pub online: u64,
    /// Electors with papers that did not come back.
    pub paper: u64,
    /// Both.
    pub total: u64,
}

/// A polling place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceOutcome {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: PlaceKind,
    /// Its days.
    pub sessions: Vec<SessionOutcome>,
}

/// A day of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionOutcome {
    /// When it opened.
    pub opens: Timestamp,
    /// When it closed.
    pub closes: Timestamp,
    /// How often papers were handed out, undone or not.
    pub handouts: u32,
    /// Electors with papers that did not come back.
    pub electors: u32,
    /// How many of them were identified by card.
    pub with_card: u32,
    /// How many hand-outs took an online ballot out of the count.
    pub replaced: u32,
    /// The leaf of the day-close.
    pub closed: Option<LeafIndex>,
    /// The papers by contest, as the day-close has them.
    pub papers: Vec<DayPapers>,
}

/// A contest that was held without a poll from the beginning (無投票): all its candidates are elected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UncontestedOutcome {
    /// Its ID.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Its kind.
    pub kind: ContestKind,
    /// Seats to fill.
    pub seats: u16,
    /// Who is elected.
    pub elected: Vec<Elected>,
}

/// Somebody who is elected without a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Elected {
    /// The candidate's ID.
    pub id: String,
    /// The name.
    pub name: Text,
}

/// A candidate who is one no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CandidateOutOutcome {
    /// The contest's ID.
    pub contest: String,
    /// The candidate's ID.
    pub option: String,
    /// The name.
    pub name: Text,
    /// Why.
    pub reason: OutReason,
    /// The leaf that says so.
    pub leaf: LeafIndex,
}

pub(super) fn participation(board: &Board) -> Option<Participation> {
    board.opened()?;
    Some(Participation { entitled: board.entitled(), online: board.counted_ballots(), paper: board.paper_electors(), total: board.participation() })
}

pub(super) fn places(board: &Board, manifest: &Manifest) -> Vec<PlaceOutcome> {
    let session = |(listed, day): (&Session, Option<&DayState>)| SessionOutcome {
        opens: listed.opens,
        closes: listed.closes,
        handouts: day.map_or(0, DayState::handouts),
        electors: day.map_or(0, DayState::electors),
        with_card: day.map_or(0, DayState::with_card),
        replaced: day.map_or(0, DayState::replaced),
        closed: day.and_then(DayState::closed).map(|(leaf, _)| *leaf),
        papers: day.and_then(DayState::closed).map(|(_, close)| close.papers.clone()).unwrap_or_default(),
    };
    let place = |(index, Place { id, name, kind, key: _, officers: _, sessions, offline: _ }): (u16, &Place)| PlaceOutcome {
        id: id.clone(),
        name: name.clone(),
        kind: *kind,
        sessions: (0..=u16::MAX).zip(sessions).map(|(number, listed)| session((listed, board.day(index, number)))).collect(),
    };
    (0..=u16::MAX).zip(&manifest.places).map(place).collect()
}

pub(super) fn uncontested(manifest: &Manifest) -> Vec<UncontestedOutcome> {
    let contest = |Uncontested { id, title, kind, seats, options }: &Uncontested| UncontestedOutcome {
        id: id.clone(),
        title: title.clone(),
        kind: *kind,
        seats: *seats,
        elected: options.iter().map(|option| Elected { id: option.id.clone(), name: option.name.clone() }).collect(),
    };
    manifest.uncontested.iter().map(contest).collect()
}

pub(super) fn candidates_out(board: &Board, manifest: &Manifest) -> Vec<CandidateOutOutcome> {
    let contests = (0..=u16::MAX).zip(&manifest.contests);
    let of_contest = contests.flat_map(|(index, contest)| board.outs(index).map(move |out| (contest, out)));
    let out = of_contest.filter_map(|(contest, (option, reason, leaf))| {
        let option = contest.options.get(usize::from(option))?;
        Some(CandidateOutOutcome { contest: contest.id.clone(), option: option.id.clone(), name: option.name.clone(), reason, leaf })
    });
    out.collect()
}
