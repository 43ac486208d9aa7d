//! A statement tells totals of a roster with a proof and without a name (PROTOCOL §18). It is registered in the roster itself, so that none can be kept from whoever
//! checks a later one.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_crypto::roster::EventId;
use tachiai_crypto::roster::shown::{Cap, Claim, FlagSet};
use tachiai_crypto::roster::{FLAGS, Flag};

use super::{Hlc, ShelterId};
use crate::trustee::{Signed, SignedKind};
use crate::{Blob, HashBytes};

/// The version of statements and disclosures that is written now.
pub const VERSION: u32 = 1;

/// Totals of the people who count at some moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Statement {
    /// [`VERSION`].
    pub v: u32,
    /// The event.
    pub event: EventId,
    /// The number of the statement in its event, from 0.
    pub number: u64,
    /// How many entries of the roster it is about: those below this leaf.
    pub size: u64,
    /// The root over them.
    pub root: HashBytes,
    /// When it was made, by the appliance's clock.
    pub made: Hlc,
    /// The whole event first, then shelters, ascending. Shelters with too few people are not among them.
    pub scopes: Vec<Scope>,
}

impl SignedKind for Statement {
    const KIND: &'static str = labels::file::ROSTER_STATEMENT;
}

/// Totals of the event or of one shelter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scope {
    /// The shelter; `null` is the whole event.
    pub shelter: Option<ShelterId>,
    /// How many people count there.
    pub persons: u64,
    /// The digest of their latest entries ([`live_digest`]).
    pub live: HashBytes,
    /// Which totals are told: a bit for each flag.
    pub shown: FlagSet,
    /// These totals, in the order of the flags.
    pub totals: Vec<u64>,
    /// That one total which is not told is at most so much.
    pub cap: Option<Capped>,
    /// The proof (PROTOCOL §18.1).
    pub proof: Blob,
}

/// A limit of a total that is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Capped {
    /// The index of the flag (PROTOCOL §17.3).
    pub flag: u8,
    /// At most this.
    pub at_most: u16,
}

/// The entry by which the appliance registers a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stated {
    /// The number of the statement.
    pub number: u64,
    /// How many entries it is about.
    pub size: u64,
    /// The hash that its signature covers.
    pub statement: HashBytes,
    /// What it tells of which scope, in its order.
    pub scopes: Vec<StatedScope>,
}

/// What was told of a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatedScope {
    /// The shelter; `null` is the whole event.
    pub shelter: Option<ShelterId>,
    /// Which totals were told.
    pub shown: FlagSet,
    /// These totals, in the order of the flags: what is told later must not make others follow from them.
    pub totals: Vec<u64>,
}

/// The first line of a statement's file; the entries of the roster follow, a line each, up to the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatementHead {
    /// The statement, signed by the appliance.
    pub statement: Signed<Statement>,
    /// A signed checkpoint over all entries of the file: those that the statement is about, and on to the one that registers it.
    pub checkpoint: String,
}

/// A scope cannot be read as a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Not one total for each flag that is told.
    #[error("there is not one total for each flag that is told")]
    Totals,
    /// The limit is about no flag.
    #[error("the limit is about a flag that there is not")]
    Flag,
}

/// H(`roster-live`; the leaves (u64 each) of the latest entries of those who count, ascending, concatenated).
#[must_use]
pub fn live_digest(leaves: impl IntoIterator<Item = u64>) -> Hash32 {
    let mut leaves: Vec<u64> = leaves.into_iter().collect();
    leaves.sort_unstable();
    tagged(labels::hash::ROSTER_LIVE, &[&leaves.into_iter().flat_map(u64::to_be_bytes).collect::<Vec<u8>>()])
}

/// The flag of an index.
#[must_use]
pub fn flag(index: u8) -> Option<Flag> {
    Flag::all().nth(usize::from(index))
}

impl Statement {
    /// What the proof of a scope belongs to: H(`roster-statement`; event, number, size, root, time, shelter or nothing, digest of those who count).
    #[must_use]
    pub fn context(&self, shelter: Option<&ShelterId>, live: &HashBytes) -> Hash32 {
        let Self { v: _, event, number, size, root, made, scopes: _ } = self;
        let (number, size, made) = (number.to_be_bytes(), size.to_be_bytes(), made.to_string());
        let parts: [&[u8]; 7] = [&event.0, &number, &size, &root.0, made.as_bytes(), shelter.map_or("", ShelterId::as_str).as_bytes(), &live.0];
        tagged(labels::hash::ROSTER_STATEMENT_OF_TOTALS, &parts)
    }

    /// The claim of a scope.
    ///
    /// # Errors
    /// [`ScopeError`].
    pub fn claim(&self, scope: &Scope) -> Result<Claim, ScopeError> {
        let Scope { shelter, persons: _, live, shown, totals, cap, proof: _ } = scope;
        let totals = spread(*shown, totals).ok_or(ScopeError::Totals)?;
        let cap = match cap {
            None => None,
            Some(Capped { flag: index, at_most }) => Some(Cap { flag: flag(*index).ok_or(ScopeError::Flag)?, at_most: *at_most }),
        };
        Ok(Claim { context: self.context(shelter.as_ref(), live), shown: *shown, totals, cap })
    }

    /// What registers it.
    ///
    /// # Errors
    /// [`crate::canonical::CanonicalError`], never for this type.
    pub fn stated(&self) -> Result<Stated, crate::canonical::CanonicalError> {
        let scopes = self.scopes.iter().map(|scope| StatedScope { shelter: scope.shelter.clone(), shown: scope.shown, totals: scope.totals.clone() }).collect();
        Ok(Stated { number: self.number, size: self.size, statement: self.signed_hash()?.into(), scopes })
    }
}

/// Totals at their flags; 0 where nothing is told. `None` if there is not one for each.
#[must_use]
pub fn spread(shown: FlagSet, totals: &[u64]) -> Option<[u64; FLAGS]> {
    if totals.len() != shown.len() {
        return None;
    }
    let mut spread = [0; FLAGS];
    for (flag, total) in shown.iter().zip(totals) {
        *spread.get_mut(flag.index())? = *total;
    }
    Some(spread)
}

/// The totals of these flags, in their order.
#[must_use]
pub fn gather(shown: FlagSet, totals: &[u64; FLAGS]) -> Vec<u64> {
    shown.iter().filter_map(|flag| totals.get(flag.index()).copied()).collect()
}
