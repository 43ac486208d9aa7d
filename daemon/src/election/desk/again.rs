//! What was recorded before: a hand-out, an undo or a day-close that comes again gets the leaf that it has, and is never recorded twice.

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::Body;
use tachiai_schemas::paper::{DayClose, PaperIssue};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{LeafIndex, Refusal};

use crate::election::state::BoardState;
use crate::refused::Refused;

/// A hand-out on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// The hash of what the desk signed.
    pub signed: Hash32,
}

/// The hash of what a desk signs.
///
/// # Errors
/// [`Refusal::Fault`], never for this type.
pub fn signed(issue: &PaperIssue) -> Result<Hash32, Refused> {
    issue.signed_hash().map_err(|error| Refused::fault("hashing a hand-out", error))
}

/// The leaf of an entry of a desk that was recorded before.
///
/// # Errors
/// [`Refusal::PaperUnprepared`] for another hand-out with evidence that was used already.
pub fn again(state: &BoardState, body: &Body) -> Result<Option<LeafIndex>, Refused> {
    match body {
        Body::PaperIssued(issue) => match state.papers.get(&issue.body.evidence.hash()) {
            None => Ok(None),
            Some(recorded) if recorded.signed == signed(&issue.body)? => Ok(Some(recorded.leaf)),
            Some(recorded) => Err(Refused::about(Refusal::PaperUnprepared, format!("the evidence is that of the hand-out at leaf {}", recorded.leaf))),
        },
        Body::PaperUndone(undone) => Ok(state.undone.get(&undone.body.leaf).copied()),
        Body::DayClosed(closed) => {
            let DayClose { place, session, .. } = &closed.body;
            let before = state.board.day(*place, *session).and_then(|day| day.closed());
            Ok(before.filter(|(_, close)| *close == closed.body).map(|(leaf, _)| *leaf))
        }
        _ => Ok(None),
    }
}
