//! What is ordered at the desk of a polling place, and whether it is still meant for how the desk stands.

use std::fmt;
use std::path::PathBuf;

use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::desk::{AbsenteeKind, Reception, Search};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::Manner;

use super::lie::Source;
use super::officers::{Act, Officer};
use super::seen::{Seen, Stand};
use crate::console::widgets::secret::Typed;

/// Whom it is about; it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Whom(pub Search);

impl fmt::Debug for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<WHOM>")
    }
}

/// What is to be done at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Open the desk.
    Sit {
        /// The desk's key.
        key: PathBuf,
        /// What the desk keeps.
        state: PathBuf,
        /// The fingerprint of the notice, the first time.
        manifest: Option<Fingerprint>,
        /// Where cards come from.
        source: Source,
    },
    /// Look for somebody without a card.
    Find {
        /// Who stood here then, by the desk's number.
        turn: u64,
        /// Whom.
        whom: Whom,
        /// With a second official, also for somebody under protection.
        attended: bool,
        /// Why no card signs.
        reason: NameReason,
    },
    /// Check the PIN of a card that shows nothing before it.
    Unlock {
        /// Whose card it is, by the desk's number.
        turn: u64,
        /// The PIN.
        pin: Typed,
    },
    /// Hand the papers out to who stands here, whose card signs after this PIN, or for whom a second official agrees.
    HandOut {
        /// Who stands here, by the desk's number.
        turn: u64,
        /// The PIN; none by name, and none where it was checked already.
        pin: Option<Typed>,
        /// How the papers are marked.
        manner: Manner,
        /// Of which contests.
        contests: Vec<u16>,
    },
    /// Hand out a provisional paper while the link is cut.
    Envelope(Whom),
    /// The next one, please; who stood here then has this number.
    Next(u64),
    /// Hand in what was kept.
    HandIn,
    /// Show what the day stands at; who stood here then has this number.
    Day(u64),
    /// Have officers sign something.
    Sign(Act, Vec<Officer>),
    /// Note that who stands here under this number asked for absentee papers.
    Requested(u64, AbsenteeKind),
    /// Note that the absentee papers of who stands here under this number came back.
    Received(u64, Reception),
}

/// Whether an order is still meant for how the desk stands. Pure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant {
    /// It is.
    Still,
    /// It was for the one before, and would take what came of that out of sight.
    Late,
    /// It was for somebody else than who stands here now.
    Other,
}

impl Order {
    pub(super) fn meant(&self, seen: &Seen) -> Meant {
        match self {
            Self::Next(turn) | Self::Day(turn) | Self::Find { turn, .. } => {
                let has_come = matches!(seen.stand, Stand::Handed(_) | Stand::Unknown(_));
                if has_come && *turn != seen.turn { Meant::Late } else { Meant::Still }
            }
            Self::Unlock { turn, .. }
            | Self::HandOut { turn, .. }
            | Self::Requested(turn, _)
            | Self::Received(turn, _)
            | Self::Sign(Act::Undo { turn, .. }, _) => {
                if *turn == seen.turn {
                    Meant::Still
                } else {
                    Meant::Other
                }
            }
            Self::Sit { .. } | Self::Envelope(_) | Self::HandIn | Self::Sign(Act::Close { .. } | Act::Aside { .. }, _) => Meant::Still,
        }
    }
}
