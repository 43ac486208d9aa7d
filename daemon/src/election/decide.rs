//! The decision on a command: which entry it becomes, or why it is refused.
//!
//! Pure: no I/O, no clock, no chance. What a verifier would object to is refused by the verifier's own rules, so the
//! daemon cannot record what `tachiai-verify` would reject; what is said to the client is chosen here.

use std::cmp::max;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::leaf_hash;
use tachiai_schemas::election::{Authority, BallotEntry, Body, CloseReason, Closed, Published};
use tachiai_schemas::entry::{Entry, EntryError};
use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_schemas::{Blob, Lang, LeafIndex, Refusal, Say, Timestamp};
use tachiai_verify::board::Board;
use tachiai_verify::obligation::Obligation;
use tachiai_verify::rule::{Rule, Violation};

use super::desk::again::again;
use super::pool::Checked;
use super::state::BoardState;
use crate::refused::Refused;

/// What is asked of a board.
pub enum Command {
    /// To record this. What its proofs owe is checked after the decision.
    Record(Box<Body>),
    /// To open the election with this roll.
    Open(Box<Body>, Vec<u8>),
    /// To record a ballot whose proofs were checked.
    Cast(Box<Checked>),
    /// To close online voting.
    CloseOnline,
    /// To close the poll.
    ClosePoll,
    /// To publish the result.
    Publish,
}

/// What becomes of a command that is not refused.
pub enum Decision {
    /// A new entry.
    Append(Box<Append>),
    /// The same was recorded at this leaf before.
    Already(LeafIndex),
}

/// An entry to append.
pub struct Append {
    /// The entry.
    pub entry: Entry,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The hash of its leaf.
    pub leaf_hash: Hash32,
    /// What is still to be checked.
    pub owes: Obligation,
}

/// Decides. `now` is the time of the clock; an entry's time is never before the one of the entry before it.
///
/// # Errors
/// Why not.
pub fn decide(state: &BoardState, now: Timestamp, command: &Command) -> Result<Decision, Refused> {
    let board = &state.board;
    let at = board.last_at().map_or(now, |last| max(last, now));
    if let Command::Record(body) = command
        && let Some(leaf) = again(state, body)?
    {
        return Ok(Decision::Already(leaf));
    }
    let (body, checked) = match command {
        Command::Record(body) | Command::Open(body, _) => (Body::clone(body), None),
        Command::Cast(checked) => {
            if let Some(leaf) = board.ballot_status(checked.ballot().hash()).map(leaf_of) {
                return Ok(Decision::Already(leaf));
            }
            (Body::Ballot(BallotEntry { ballot: Blob(checked.ballot().bytes().to_vec()) }), Some(checked))
        }
        Command::CloseOnline => (Body::OnlineClosed(close(board, at, Which::Online)?), None),
        Command::ClosePoll => (Body::PollClosed(close(board, at, Which::Poll)?), None),
        Command::Publish => {
            let (result, _) = board.result().ok_or_else(|| Refused::said(Refusal::WrongPhase, "開票結果がまだありません", "there is no result yet"))?;
            (Body::Published(Published { result }), None)
        }
    };
    if matches!(body, Body::Registration(_) | Body::Ballot(_) | Body::Challenged(_)) {
        voting(board, at)?;
    }
    let entry = Entry { at, body };
    let bytes = entry.to_bytes().map_err(|error| unwritable(&error))?;
    let leaf_hash = leaf_hash(&bytes);
    let mut owes = board.check(state.next_leaf(), leaf_hash, &entry, &state.tree).map_err(|violation| refusal_of(&violation))?;
    if let Some(checked) = checked {
        // The registration may have changed since the proofs were checked; then they were checked against another statement.
        let current = board.statement_for(checked.ballot().slot()).map(|statement| statement.registration);
        if current != Some(checked.statement().registration) {
            return Err(Refusal::KeyNotCurrent.into());
        }
        owes = Obligation::Nothing;
    }
    Ok(Decision::Append(Box::new(Append { entry, bytes, leaf_hash, owes })))
}

/// Whether voters are heard at this time.
///
/// # Errors
/// [`Refusal::NotOpenYet`], [`Refusal::Late`].
pub fn voting(board: &Board, at: Timestamp) -> Result<(), Refused> {
    let manifest = board.manifest().ok_or(Refusal::NotOpenYet)?;
    match board.phase() {
        Phase::Draft | Phase::Ceremony => Err(Refusal::NotOpenYet.into()),
        Phase::Open if at < manifest.opens => Err(Refused::said(
            Refusal::NotOpenYet,
            format!("投票の開始は{}です", manifest.opens.in_japan(Lang::Ja)),
            format!("voting opens at {}", manifest.opens),
        )),
        // The minute of the close belongs to nobody: at the close it is over.
        Phase::Open if at >= manifest.online_closes => Err(Refused::said(
            Refusal::Late,
            format!("オンライン投票は{}に締め切られました", manifest.online_closes.in_japan(Lang::Ja)),
            format!("online voting closed at {}", manifest.online_closes),
        )),
        Phase::Open => Ok(()),
        Phase::OnlineClosed | Phase::PollClosed | Phase::Tallying | Phase::Tallied | Phase::Published => Err(Refusal::Late.into()),
    }
}

/// The leaf of a ballot, whatever became of it.
#[must_use]
pub const fn leaf_of(status: BallotStatus) -> LeafIndex {
    match status {
        BallotStatus::Counted { leaf }
        | BallotStatus::Superseded { leaf, .. }
        | BallotStatus::Challenged { leaf, .. }
        | BallotStatus::Overridden { leaf, .. } => leaf,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Online,
    Poll,
}

fn close(board: &Board, at: Timestamp, which: Which) -> Result<Closed, Refused> {
    let manifest = board.manifest().ok_or(Refusal::WrongPhase)?;
    let (phase, due) = match which {
        Which::Online => (Phase::Open, manifest.online_closes),
        Which::Poll => (Phase::OnlineClosed, manifest.poll_closes),
    };
    if board.phase() != phase {
        return Err(Refused::said(
            Refusal::WrongPhase,
            "この締切をする段階ではありません（すでに締め切られたか、前の手順が済んでいません）",
            format!("this close needs the phase {phase:?}, the phase is {:?}", board.phase()),
        ));
    }
    match (at >= due, manifest.authority) {
        (true, _) => Ok(Closed { reason: CloseReason::Scheduled }),
        (false, Authority::Mock) => Ok(Closed { reason: CloseReason::Early }),
        (false, _) => Err(Refused::said(
            Refusal::TooEarly,
            format!("今は{}、締切は{}です", at.in_japan(Lang::Ja), due.in_japan(Lang::Ja)),
            format!("it is {at}, the close is at {due}"),
        )),
    }
}

/// What a client is told of a broken rule.
#[must_use]
pub fn refusal_of(violation: &Violation) -> Refused {
    let refusal = match violation.rule {
        Rule::R105 | Rule::R605 => Refusal::WrongPhase,
        Rule::R108 => Refusal::SpecInvalid,
        Rule::R109 => Refusal::TooEarly,
        Rule::R201 | Rule::R202 | Rule::R203 | Rule::R204 | Rule::R205 | Rule::R601 | Rule::R602 => Refusal::TrusteeFile,
        Rule::R206 | Rule::R603 | Rule::R604 => Refusal::Incomplete,
        Rule::R401 | Rule::R405 => Refusal::RegistrationMismatch,
        Rule::R402 => Refusal::RegistrationSequence,
        Rule::R403 => Refusal::KeyReused,
        Rule::R404 => Refusal::Possession,
        Rule::R406 | Rule::R507 => Refusal::Late,
        Rule::R501 => Refusal::BallotMalformed,
        Rule::R502 => Refusal::KeyNotCurrent,
        Rule::R503 => Refusal::CounterTooLow,
        Rule::R504 => Refusal::BallotProof,
        Rule::R505 => Refusal::BallotSignature,
        Rule::R506 => Refusal::BallotCopied,
        Rule::R508 => Refusal::NotCurrentBallot,
        Rule::R801 => Refusal::PaperPlace,
        Rule::R802 | Rule::R807 if violation.detail.contains("struck") => Refusal::Struck,
        Rule::R802 | Rule::R807 => Refusal::PaperHeld,
        Rule::R803 => Refusal::DayClosed,
        Rule::R804 | Rule::R805 | Rule::R808 if of_signatures(&violation.detail) => Refusal::OfficerSignatures,
        Rule::R805 if violation.detail.starts_with("it is closed at") => Refusal::TooEarly,
        Rule::R804 => Refusal::NotHeld,
        Rule::R805 => Refusal::PaperFigures,
        Rule::R808 => Refusal::CountFigures,
        Rule::R806 => Refusal::DaysOpen,
        Rule::R809 => Refusal::LotNotNeeded,
        Rule::R810 => Refusal::Incomplete,
        Rule::R811 => Refusal::RollChange,
        Rule::R812 => Refusal::CandidateOut,
        Rule::R101
        | Rule::R102
        | Rule::R103
        | Rule::R104
        | Rule::R106
        | Rule::R107
        | Rule::R110
        | Rule::R111
        | Rule::R112
        | Rule::R113
        | Rule::R301
        | Rule::R302
        | Rule::R509 => {
            return Refused::fault("deciding on an entry", violation);
        }
        // Of rosters and the access log, which no election has.
        Rule::R901
        | Rule::R902
        | Rule::R903
        | Rule::R904
        | Rule::R905
        | Rule::R906
        | Rule::R911
        | Rule::R912
        | Rule::R913
        | Rule::R914
        | Rule::R915
        | Rule::R916
        | Rule::R917
        | Rule::R918
        | Rule::R921
        | Rule::R922
        | Rule::R923
        | Rule::R924
        | Rule::R925
        | Rule::R926
        | Rule::R931
        | Rule::R932
        | Rule::R933
        | Rule::R934
        | Rule::R935 => return Refused::fault("deciding on an entry", violation),
        // Of the authority's audit, which sees what no board shows.
        Rule::R701 | Rule::R702 | Rule::R703 | Rule::R704 | Rule::R705 | Rule::R706 | Rule::R707 | Rule::R708 | Rule::R709 | Rule::R710 => {
            return Refused::fault("deciding on an entry", violation);
        }
    };
    let Violation { rule, leaf: _, detail } = violation;
    Refused::said(refusal, in_japanese(*rule, detail), format!("{rule}: {detail}"))
}

/// What is wrong, in Japanese; where it has no words of its own, the rule that does not hold.
fn in_japanese(rule: Rule, detail: &str) -> String {
    let known = [
        ("the votes do not add up to the valid papers", "候補者の票数の合計が、有効の枚数と合いません"),
        ("valid, blank and invalid are not the", "有効・白票・その他の無効の合計が、投票箱の用紙の枚数と違います"),
        ("votes for a candidate who is out are invalid", "候補者でなくなった方に票が入っています。その票は無効に数えます"),
        ("its papers were counted already", "この投票の計数は、すでに記録されています"),
        ("the contest is held without a poll", "無投票のため、数える用紙はありません"),
        ("it is of another election", "別の選挙のものです"),
        ("the chosen are not some of the tied", "当選人は、得票数が同じ候補者の一部でなければなりません"),
    ];
    let said = known.iter().find(|(words, _)| detail.contains(words)).map(|(_, ja)| (*ja).to_owned());
    said.unwrap_or_else(|| format!("規則 {rule}: {}", rule.say(Lang::Ja)))
}

/// Whether officers' signatures are what is wrong with an undo, a day-close or a count.
fn of_signatures(detail: &str) -> bool {
    ["did not sign", "have to sign", "the signatures", "lists no officer"].iter().any(|words| detail.contains(words))
}

fn unwritable(error: &EntryError) -> Refused {
    match error {
        EntryError::TooLong(_) => Refused::about(Refusal::TooLarge, error),
        EntryError::Version(_) | EntryError::Kind(_) | EntryError::Form(_) => Refused::fault("writing an entry", error),
    }
}
