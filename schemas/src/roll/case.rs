//! A case is one change of the roll that officials decide on (補正登録・抹消), with the objections (異議の申出) that may lead to it.
//!
//! Until the opening a change is one of the draft roll. After it the board counts it as added, struck or restored, and what it is about stays sealed.
//!
//! Sources: Public Offices Election Act (公職選挙法) articles 24 (objections, decided within three days), 26 (additions), 27 and 28 (marks and removal).

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;

use super::difference::{Field, PersonDifference, fields};
use super::qualification::Bar;
use super::{Listed, RollDifference};
use crate::election::District;
use crate::paper::{RollChangeKind, RollChangeReason};
use crate::staff::RollReport;
use crate::{Bytes, ElectionId, HashBytes, Slot, Timestamp};

/// In how many days an objection is to be decided (Act article 24 (2)).
pub const DAYS_TO_DECIDE: i64 = 3;

/// The most people that an answer names.
pub const MAX_FOUND: usize = 100;

/// A change of the roll with everything that two officials decide on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollCase {
    /// Random, so that nobody finds the person by trying.
    pub salt: Bytes<32>,
    /// What it comes to; absent where fields are corrected and the same people may vote as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RollChangeKind>,
    /// Why.
    pub reason: RollChangeReason,
    /// Why, in words.
    pub note: String,
    /// The number of the objection that it grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objection: Option<u32>,
    /// After the opening, whom it strikes or restores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// How the person stands on the roll now; absent for one who does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Listed>,
    /// How the person will stand there; absent for one who will not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Listed>,
}

impl RollCase {
    /// What the matter carries of this: `H("roll-case"; JSON of this)`. The salt is part of it.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        tagged(labels::hash::ROLL_CASE, &[&json])
    }

    /// Whether two officials are to decide: where somebody is added, struck or restored, and where a correction touches who somebody is, where they vote or
    /// whether they are protected. For every other field one is enough.
    #[must_use]
    pub fn needs_two(&self) -> bool {
        let (None, Some(before), Some(after)) = (self.change, &self.before, &self.after) else { return true };
        fields(before, after).iter().any(|different| match different.field {
            Field::Name | Field::Birth | Field::Sex | Field::District | Field::Protection => true,
            Field::Kana | Field::Address | Field::Since | Field::Nationality | Field::Suspended | Field::Left => false,
        })
    }

    /// The person, as it will be or was.
    #[must_use]
    pub fn person(&self) -> Option<&Listed> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

impl std::fmt::Debug for RollCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RollCase(<withheld>)")
    }
}

/// What an approved change brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollDone {
    /// The election.
    pub election: ElectionId,
    /// What was done; absent for the correction of fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RollChangeKind>,
    /// After the opening, the slot.
    pub slot: Option<Slot>,
    /// How many electors there are now.
    pub electors: u64,
}

/// What to do with one person of the roll.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RollOrder {
    /// Correct one field; only before the opening.
    Correct {
        /// The person's number.
        number: String,
        /// Which field.
        field: Field,
        /// What it is to be, as a file would say it; empty for nothing.
        value: String,
    },
    /// Add a person: a CSV of one row, with the header.
    Add {
        /// The CSV.
        csv: String,
    },
    /// Strike a person.
    Strike {
        /// The person's number.
        number: String,
    },
    /// Restore a person who was struck after the opening.
    Restore {
        /// The person's number.
        number: String,
    },
}

impl std::fmt::Debug for RollOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Correct { .. } => "Correct(<withheld>)",
            Self::Add { .. } => "Add(<withheld>)",
            Self::Strike { .. } => "Strike(<withheld>)",
            Self::Restore { .. } => "Restore(<withheld>)",
        })
    }
}

/// An order with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollRequest {
    /// What to do.
    pub order: RollOrder,
    /// Why.
    pub reason: RollChangeReason,
    /// Why, in words.
    pub note: String,
    /// The number of the objection that it grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objection: Option<u32>,
}

/// What an objection says of the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollComplaint))]
pub enum Complaint {
    /// Somebody was left out (脱漏).
    LeftOut,
    /// Somebody is on it who should not be (誤載).
    WronglyListed,
    /// What it says of somebody is wrong (誤記).
    WrongData,
}

impl Complaint {
    /// Every complaint with the word that commands use.
    pub const ALL: &[(Self, &'static str)] = &[(Self::LeftOut, "left-out"), (Self::WronglyListed, "wrongly-listed"), (Self::WrongData, "wrong-data")];
}

/// An objection as it is received.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollObjection))]
pub struct Objection {
    /// Who objects.
    pub objector: String,
    /// About whom: a number, or a name with what else is known.
    pub about: String,
    /// What it says of the roll.
    pub complaint: Complaint,
    /// The grounds.
    pub grounds: String,
}

impl std::fmt::Debug for Objection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Objection(<withheld>)")
    }
}

/// How an objection was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollRuling))]
pub enum Ruling {
    /// It is right (正当): the roll is to be changed.
    Upheld,
    /// It is not.
    Dismissed,
}

/// A decision of the commission on an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollDecision))]
pub struct Decision {
    /// How.
    pub ruling: Ruling,
    /// Why.
    pub reason: String,
}

/// An objection, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectionView {
    /// Its number, from 1.
    pub number: u32,
    /// What was received.
    pub objection: Objection,
    /// When.
    pub received: Timestamp,
    /// By which official.
    pub received_by: String,
    /// Until when it is to be decided.
    pub due: Timestamp,
    /// The decision, when, and by which official it was recorded.
    pub decided: Option<DecisionView>,
}

/// A decision as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionView {
    /// The decision.
    pub decision: Decision,
    /// When.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: String,
}

/// A change that was made, for the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeView {
    /// When.
    pub at: Timestamp,
    /// Who decided: as many as [`RollCase::needs_two`] says.
    pub by: Vec<String>,
    /// What it came to; absent for the correction of a field.
    pub change: Option<RollChangeKind>,
    /// Why.
    pub reason: RollChangeReason,
    /// Why, in words.
    pub note: String,
    /// The objection that it granted.
    pub objection: Option<u32>,
    /// After the opening, the slot.
    pub slot: Option<Slot>,
    /// The person's number on the roll.
    pub number: String,
    /// What is different, for a change of the draft.
    pub difference: Option<PersonDifference>,
}

/// A person with the verdict on the right to vote.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Judged {
    /// The person; the address is withheld for one who is under protection.
    pub person: Listed,
    /// Every reason why that person may not vote on the polling date.
    pub bars: Vec<Bar>,
    /// The slot, once the election is open.
    pub slot: Option<Slot>,
    /// Whether the slot was struck from the roll after the opening.
    pub struck: Struck,
}

/// Whether somebody was struck from the roll after the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = RollStruck))]
pub enum Struck {
    /// No.
    No,
    /// Yes.
    Yes,
}

impl std::fmt::Debug for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Judged(<withheld>)")
    }
}

/// Whom an official of the commission looks for on the whole roll: everything that is given has to agree. A desk has the narrower [`Search`].
///
/// [`Search`]: crate::desk::Search
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollSearch {
    /// The number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// A part of the name; spaces do not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A part of the name in kana.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<String>,
    /// The birth date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<String>,
}

impl std::fmt::Debug for RollSearch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RollSearch(<withheld>)")
    }
}

/// Who was found: at most [`MAX_FOUND`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollFound {
    /// The people.
    pub people: Vec<Judged>,
    /// How many more there are.
    pub more: u64,
    /// The districts of the election, in the order of their indices.
    pub districts: Vec<District>,
}

/// The roll of an election at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollOverview {
    /// Electors: who may vote on the polling date, with what was changed after the opening.
    pub electors: u64,
    /// People on the roll who may not, and have no slot.
    pub unqualified: u64,
    /// The first of them, by number.
    pub barred: Vec<Judged>,
    /// Declarations for early voting that are on file.
    pub declarations: u64,
    /// The objections.
    pub objections: Vec<ObjectionView>,
    /// The changes since the last import.
    pub changes: Vec<ChangeView>,
}

/// What an import would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollPreview {
    /// What was found in the file.
    pub report: RollReport,
    /// What it changes of the roll that is here; absent where the file has errors.
    pub difference: Option<RollDifference>,
    /// Names the roll that is here: an import that says it replaces this one replaces no other. Absent for none.
    pub replaces: Option<HashBytes>,
    /// The districts of the election, in the order of their indices.
    pub districts: Vec<District>,
}
