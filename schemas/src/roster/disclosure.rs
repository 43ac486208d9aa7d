//! A disclosure gives an agency those people of a roster that it may know of, with a proof that no one else has the need that it asked for (PROTOCOL §18.4).

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_crypto::roster::shown::{Claim, FlagSet};
use tachiai_crypto::roster::{ChainId, EventId, FLAGS, Flag, Need};

use super::statement::spread;
use super::{Hlc, ShelterId};
use crate::canonical::{self, CanonicalError};
use crate::trustee::{Signed, SignedKind};
use crate::{Blob, Bytes, HashBytes};

/// What is asked of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The agency's name.
    pub agency: String,
    /// The purpose, in words.
    pub purpose: String,
    /// The legal basis.
    pub basis: Basis,
    /// The shelters; empty is the whole event.
    pub shelters: Vec<ShelterId>,
    /// Who.
    pub of: Selection,
    /// The handles, where persons are asked for.
    pub persons: Vec<ChainId>,
    /// The fields that may be disclosed.
    pub fields: Vec<String>,
}

/// What is disclosed to whom, on what grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Terms {
    /// [`super::statement::VERSION`].
    pub v: u32,
    /// The event.
    pub event: EventId,
    /// How many entries of the roster it is about: those below this leaf.
    pub size: u64,
    /// The root over them.
    pub root: HashBytes,
    /// When it was made, by the appliance's clock.
    pub made: Hlc,
    /// The agency, by its name at the appliance.
    pub agency: String,
    /// The purpose, in words (1 to 200 characters).
    pub purpose: String,
    /// The legal basis.
    pub basis: Basis,
    /// The shelters, ascending; empty is the whole event.
    pub shelters: Vec<ShelterId>,
    /// Who was asked for.
    pub of: Selection,
    /// The flags that are opened of each person.
    pub flags: FlagSet,
    /// The fields that may be disclosed of each person, ascending.
    pub fields: Vec<String>,
    /// How many people count there.
    pub persons: u64,
    /// The digest of their latest entries ([`super::statement::live_digest`]).
    pub live: HashBytes,
    /// Who was asked for and is lawfully withheld, by grounds, ascending.
    pub withheld: Vec<Withheld>,
}

/// The legal basis of a disclosure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Basis {
    /// The person's consent (個人情報保護法69条2項1号).
    Consent,
    /// People on the action-support list, where their life or body must be protected (災害対策基本法49条の11第3項).
    ActionSupport,
    /// The ledger of the affected, for their support (災害対策基本法90条の4).
    AffectedLedger,
    /// Life or body is in danger and consent cannot be had (個人情報保護法69条2項4号).
    VitalEmergency,
}

/// Who is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Selection {
    /// Everybody with a need; it is proved that no one else has it.
    Need {
        /// The need.
        need: Need,
    },
    /// Everybody who counts.
    Everybody {},
    /// Some persons; nothing is said of others.
    Persons {},
}

/// Why somebody is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Ground {
    /// The address is kept from others (支援措置).
    Protected,
    /// There is no consent, which the basis needs.
    NoConsent,
    /// The basis does not cover the person.
    NotCovered,
    /// The entries of the person contradict each other.
    Conflict,
}

/// How many are withheld on a ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Withheld {
    /// The ground.
    pub ground: Ground,
    /// How many, at least one.
    pub persons: u64,
}

/// A disclosed person.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disclosed {
    /// The handle.
    pub chain: ChainId,
    /// The leaf of the person's latest entry.
    pub leaf: u64,
    /// Those of the opened flags that are set.
    pub set: FlagSet,
    /// How many fields the entry has.
    pub size: u64,
    /// The permitted ones that it has, ascending by name.
    pub fields: Vec<ShownField>,
}

/// A field with the proof that it is the entry's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShownField {
    /// Its place among the entry's fields.
    pub index: u64,
    /// The name.
    pub name: String,
    /// The salt.
    pub salt: Bytes<32>,
    /// The value, as JSON text.
    pub value: String,
    /// The inclusion proof under the entry's root.
    pub proof: Vec<HashBytes>,
}

/// A disclosure.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disclosure {
    /// What, to whom, on what grounds.
    pub terms: Terms,
    /// The people, ascending by leaf.
    pub people: Vec<Disclosed>,
    /// For each the proof that its commitment opens so at the flags.
    pub proofs: Vec<Blob>,
    /// The proof that of the others only those withheld have the need; `null` where no need was asked for.
    pub rest: Option<Blob>,
}

impl SignedKind for Disclosure {
    const KIND: &'static str = labels::file::ROSTER_DISCLOSURE;
}

/// The first line of a disclosure's file; the entries of the roster follow, a line each, up to the checkpoint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DisclosureHead {
    /// The disclosure, signed by the appliance.
    pub disclosure: Signed<Disclosure>,
    /// A signed checkpoint over all entries of the file.
    pub checkpoint: String,
}

impl Withheld {
    /// All of them together.
    #[must_use]
    pub fn sum(withheld: &[Self]) -> u64 {
        withheld.iter().fold(0, |sum, Self { ground: _, persons }| sum.saturating_add(*persons))
    }
}

/// What every proof of a disclosure belongs to: H(`roster-disclosure`; JSON of the terms, JSON of the people).
///
/// # Errors
/// [`CanonicalError`], never for these types.
pub fn context(terms: &Terms, people: &[Disclosed]) -> Result<Hash32, CanonicalError> {
    Ok(tagged(labels::hash::ROSTER_DISCLOSURE, &[&canonical::to_bytes(terms)?, &canonical::to_bytes(&people)?]))
}

/// The claim about the commitment of one person: the opened flags are these.
#[must_use]
pub fn claim_of_person(context: Hash32, flags: FlagSet, set: FlagSet) -> Option<Claim> {
    let values: Vec<u64> = flags.iter().map(|flag| u64::from(set.contains(flag))).collect();
    Some(Claim { context, shown: flags, totals: spread(flags, &values)?, cap: None })
}

/// The claim about the sum of all others: so many of them have the need.
#[must_use]
pub fn claim_of_rest(context: Hash32, need: Need, others: u64, withheld: u64) -> Option<Claim> {
    let mut totals = [0; FLAGS];
    let shown: FlagSet = [Flag::Present, Flag::Need(need), Flag::WithoutNeed(need)].into_iter().collect();
    for (flag, total) in [(Flag::Present, others), (Flag::Need(need), withheld), (Flag::WithoutNeed(need), others.checked_sub(withheld)?)] {
        *totals.get_mut(flag.index())? = total;
    }
    Some(Claim { context, shown, totals, cap: None })
}
