//! Lots that officers of the count sign: each is entered, signed, and by two officials dropped if it was entered wrongly.

use serde::{Deserialize, Serialize};

use crate::LeafIndex;
use crate::paper::{Lot, OfficerSignature};

/// A lot that was drawn, with officers' signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotSigned {
    /// What was signed.
    pub body: Lot,
    /// Some of the signatures.
    pub signatures: Vec<OfficerSignature>,
    /// [`LotsView::number`] of the contest when the signer looked: a lot that was dropped meanwhile is not signed again unknowingly.
    pub seen: u64,
}

/// An official's wish that a lot be dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotWish {
    /// The official.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A lot that officers are signing, or that is on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotView {
    /// The index of the contest.
    pub contest: u16,
    /// Its identifier.
    pub id: String,
    /// What is signed.
    pub lot: Lot,
    /// The number under which it was entered: the same lot, entered again, has another one. 0 for one on the board that was entered before this was kept.
    pub number: u64,
    /// The official who entered it; nobody for one on the board that was entered before this was kept.
    pub entered_by: String,
    /// The officers of the count who signed it, by their places in the manifest.
    pub signed: Vec<u8>,
    /// The official who wants it dropped and waits for a second one, and why.
    pub drop_asked: Option<LotWish>,
    /// The leaf of `lot`, once it is on the board.
    pub recorded: Option<LeafIndex>,
}

/// A lot that two officials dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DroppedLot {
    /// What was signed until then.
    pub lot: Lot,
    /// The number of its being dropped.
    pub number: u64,
    /// The two, each with the reason.
    pub wishes: [LotWish; 2],
}

/// The lots of an election: those that officers are signing, those on the board, and those that were dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotsView {
    /// At most one of each contest.
    pub lots: Vec<LotView>,
    /// Those that were dropped, in the order in which they were.
    pub dropped: Vec<DroppedLot>,
}

impl LotsView {
    /// The lot of a contest.
    #[must_use]
    pub fn of(&self, contest: u16) -> Option<&LotView> {
        self.lots.iter().find(|view| view.contest == contest)
    }

    /// The lot of a contest that was dropped last.
    #[must_use]
    pub fn dropped_of(&self, contest: u16) -> Option<&DroppedLot> {
        self.dropped.iter().rfind(|dropped| dropped.lot.contest == contest)
    }

    /// What tells one state of a contest's lot from every other: it grows when a lot is entered and when one is dropped. 0 before the first.
    #[must_use]
    pub fn number(&self, contest: u16) -> u64 {
        self.of(contest).map(|view| view.number).or_else(|| self.dropped_of(contest).map(|dropped| dropped.number)).unwrap_or_default()
    }
}

/// A lot that was entered wrongly is to be dropped: two officials ask for it, each with a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LotDrop {
    /// The index of the contest.
    pub contest: u16,
    /// [`LotView::number`] of the lot as it was seen.
    pub number: u64,
    /// Why (1 to 200 characters).
    pub reason: String,
}
