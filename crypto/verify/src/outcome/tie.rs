//! A tie is equal votes where it matters who has more; in an election the chairman of the count draws a lot (くじ) between those who are tied.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{OptionIndex, Wrong};

/// Equal votes (得票同数) that leave open who gets the last seats, or which option of a referendum has the most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// Who is tied, two at least.
    pub options: BTreeSet<OptionIndex>,
    /// How many seats are left for them, at least one and fewer than they are; 0 in a referendum, which has none.
    pub seats: u16,
    /// What decides between them.
    pub decided: Decided,
}

/// What decides a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// A lot that was not drawn yet: nobody of the tied is elected.
    Open,
    /// The lot that was drawn (art. 95 (2)).
    ByLot,
    /// In a referendum, whatever the ordinance says; nothing is drawn.
    ByOrdinance,
}

/// A lot that the chairman of the count (選挙長) drew in the election meeting (選挙会).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Between whom it was drawn: exactly those who are tied.
    pub tied: BTreeSet<OptionIndex>,
    /// Whom it gave the seats: as many of them as there are seats left.
    pub chosen: BTreeSet<OptionIndex>,
}

impl Tie {
    /// Takes the lot that was drawn for this tie, if any was.
    ///
    /// # Errors
    /// [`Wrong`] for a second lot, and one that was not drawn for exactly this tie or does not decide it.
    pub(super) fn decide(self, lots: &[Lot]) -> Result<(Self, BTreeSet<OptionIndex>), Wrong> {
        let lot = match lots {
            [] => return Ok((self, BTreeSet::new())),
            _ if self.decided == Decided::ByOrdinance => return Err(Wrong::LotInReferendum),
            [lot] => lot,
            [_, _, ..] => return Err(Wrong::ManyLots(lots.len())),
        };
        let Lot { tied, chosen } = lot;
        if *tied != self.options {
            return Err(Wrong::OtherTie { lot: tied.clone(), tied: self.options });
        }
        if let Some(stranger) = chosen.difference(tied).next() {
            return Err(Wrong::NotTied(*stranger));
        }
        if chosen.len() != usize::from(self.seats) {
            return Err(Wrong::LotNumber { chosen: chosen.len(), seats: self.seats });
        }
        Ok((Self { decided: Decided::ByLot, ..self }, chosen.clone()))
    }
}
