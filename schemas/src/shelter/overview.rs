//! What the headquarters see over all shelters of an event: who has not arrived, meals, reports.

use serde::{Deserialize, Serialize};
use tachiai_crypto::roster::ChainId;

use super::questionnaire::{Filled, Kept};
use super::{PersonView, Support, TerminalView, Totals};
use crate::roll::{Day, Protection};
use crate::roster::person::Triage;
use crate::roster::report::{ReportContent, ReportOpened};
use crate::roster::{Hlc, Report, ShelterId, ShelterState, TerminalId};

/// Somebody on the action-support list who has not arrived anywhere.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissingPerson {
    /// The resident system's number; empty for who is not in the register.
    pub number: String,
    /// The name; empty under protection.
    pub name: String,
    /// The name in kana; empty under protection.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// The birth date; none under protection.
    pub birth: Option<Day>,
    /// The address; empty under protection.
    pub address: String,
    /// Why support is needed, and who helps.
    pub support: Support,
    /// Whether name and address are kept back: the resident system has them, by the number.
    pub protection: Protection,
}

/// Those of one district who have not arrived.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissingOfDistrict {
    /// The district; empty where the lists do not say.
    pub district: String,
    /// How many are on the list.
    pub listed: u64,
    /// How many arrived: they are in a shelter, at home or in a vehicle in its care, or left one.
    pub arrived: u64,
    /// Who has not.
    pub missing: Vec<MissingPerson>,
}

/// Who of the action-support list has not arrived: `GET events/{event}/missing`.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Missing {
    /// By district, in the order of their names.
    pub districts: Vec<MissingOfDistrict>,
    /// People in the roster of whom nothing can be opened, who may be among them.
    pub unopened: u64,
}

/// Who is present in a shelter, at one moment: `GET events/{event}/shelters/{shelter}/people`.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresentPeople {
    /// The shelter.
    pub shelter: ShelterState,
    /// Those who are not under protection, by their readings.
    pub people: Vec<PersonView>,
    /// Everybody who counts, named in `people` or not.
    pub totals: Totals,
    /// The terminals that stand there, with how far their entries have come.
    pub terminals: Vec<TerminalView>,
    /// The moment.
    pub now: Hlc,
}

/// How many have the same allergies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MealsWithout {
    /// What the meal must not hold, sorted.
    pub without: Vec<String>,
    /// How many meals.
    pub meals: u64,
}

/// How many people there were at a moment: `GET events/{event}/curve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurvePoint {
    /// The moment.
    pub time: Hlc,
    /// People who counted then.
    pub present: u64,
    /// The heads that shelters had counted last (概数), those of closed shelters left out.
    pub heads: u64,
    /// How many shelters had counted.
    pub counted: u32,
}

/// The meals of one shelter (食数): `GET events/{event}/meals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Meals {
    /// The shelter.
    pub shelter: ShelterId,
    /// People who count there, wherever they stay.
    pub persons: u64,
    /// Of them, under 1 year: milk and weaning food.
    pub infants: u64,
    /// Meals without any restriction, infants left out.
    pub plain: u64,
    /// Meals with restrictions, by what they must not hold, infants left out.
    pub without: Vec<MealsWithout>,
    /// People whose special food is not said in a list, or of whom nothing can be opened: to be asked.
    pub to_ask: u64,
    /// Heads that were counted, where that is more than the persons: meals are needed for so many.
    pub heads: Option<u32>,
}

/// A report of a shelter: `GET events/{event}/reports`.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportView {
    /// The shelter.
    pub shelter: ShelterId,
    /// When.
    pub time: Hlc,
    /// The terminal.
    pub terminal: TerminalId,
    /// The report.
    pub report: Report,
    /// What is sealed in it.
    pub opened: Option<ReportOpened>,
}

/// Writes a report at the appliance, without a terminal: `POST events/{event}/reports`.
///
/// There is no `Debug`: it may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRequest {
    /// The shelter.
    pub shelter: ShelterId,
    /// What it reports.
    pub content: ReportContent,
    /// When it was so, if not now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Hlc>,
}

/// Somebody with an urgency (トリアージ): `GET events/{event}/urgency`.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Urgent {
    /// The worse of what the roster says and of a questionnaire of the same person.
    pub triage: Triage,
    /// Who, with the questionnaire.
    pub person: PersonView,
}

/// The questionnaire of a person at a desk: `GET` and `POST events/{event}/people/{chain}/questionnaire`.
///
/// There is no `Debug`: answers tell of a person's health.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = QuestionnaireOfPerson))]
pub struct QuestionnaireOf {
    /// The handle.
    pub chain: ChainId,
    /// What was filled in last.
    pub filled: Filled,
    /// The hash by which the roster names it.
    pub kept: Kept,
}
