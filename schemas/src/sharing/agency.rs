//! An agency (消防, 医療機関, 福祉, 県) is somebody outside the municipality who may get what a roster says of people, as far as a grant goes. Its client
//! certificate is that of the member of staff of the same name with the role `agency`.

use serde::{Deserialize, Serialize};

use super::Name;
use crate::Timestamp;
use crate::roster::disclosure::{Basis, Selection};
use crate::roster::{EventId, ShelterId};
use crate::validate::FieldError;

/// What an agency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgencyKind {
    /// Fire and ambulance service (消防).
    Fire,
    /// Hospitals and medical teams (医療機関).
    Medical,
    /// Welfare (福祉).
    Welfare,
    /// The prefecture (県).
    Prefecture,
}

impl AgencyKind {
    /// Every kind, with its name on the command line.
    pub const ALL: [(Self, &'static str); 4] = [(Self::Fire, "fire"), (Self::Medical, "medical"), (Self::Welfare, "welfare"), (Self::Prefecture, "prefecture")];
}

impl std::str::FromStr for AgencyKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind);
        found.ok_or_else(|| format!("unknown kind {text}: use one of {}", Self::ALL.map(|(_, name)| name).join(", ")))
    }
}

/// An agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agency {
    /// The name: that of its client certificate in the staff list.
    pub name: Name,
    /// What it is.
    pub kind: AgencyKind,
    /// The age recipient (`age1…`) that everything for it is encrypted to.
    pub recipient: String,
    /// Whom to call there (1 to 200 characters).
    pub contact: String,
}

/// A form in which the people of a disclosure are given beside its proof. NGSI-LD is none: it takes counts to the data platform, and never people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Format {
    /// A FHIR bundle ([`super::fhir`]), for fire services and hospitals.
    Fhir,
    /// A table with the columns of the ledger of the affected ([`super::table`]).
    Csv,
}

impl Format {
    /// Every form, with its name on the command line.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Fhir, "fhir"), (Self::Csv, "csv")];

    /// The name of its file beside the proof.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Fhir => "people.fhir.json",
            Self::Csv => "people.csv",
        }
    }

    /// Whether an agency of this kind may be given it: what is written for the treatment of people goes to those who treat them.
    #[must_use]
    pub const fn is_for(self, kind: AgencyKind) -> bool {
        match (self, kind) {
            (Self::Csv, _) | (Self::Fhir, AgencyKind::Fire | AgencyKind::Medical) => true,
            (Self::Fhir, AgencyKind::Welfare | AgencyKind::Prefecture) => false,
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text).map(|(format, _)| *format);
        found.ok_or_else(|| {
            format!(
                "unknown form {text}: use one of {} (NGSI-LD takes counts to the data platform, and never people)",
                Self::ALL.map(|(_, name)| name).join(", ")
            )
        })
    }
}

/// What an agency may be given. A grant is never changed: it is withdrawn, and another one is made. It holds for the agency as it was granted: of this kind, and with
/// this recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    /// The name.
    pub name: Name,
    /// The agency.
    pub agency: Name,
    /// What the agency is.
    pub kind: AgencyKind,
    /// The age recipient of the agency: nothing is encrypted to another one on this grant.
    pub recipient: String,
    /// The one purpose, in words (1 to 200 characters).
    pub purpose: String,
    /// The legal basis.
    pub basis: Basis,
    /// The event; none is every one.
    pub event: Option<EventId>,
    /// The shelters, ascending; empty is all.
    pub shelters: Vec<ShelterId>,
    /// Who may be asked for.
    pub of: Vec<Selection>,
    /// The fields that may be given, ascending.
    pub fields: Vec<String>,
    /// The forms in which people may be given beside the proof, ascending; none is the proof alone.
    #[serde(default)]
    pub formats: Vec<Format>,
    /// From when on.
    pub from: Timestamp,
    /// Up to when, exclusive.
    pub until: Timestamp,
}

/// A grant as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantMade {
    /// The grant.
    pub grant: Grant,
    /// The official who asked for it, and the one who approved.
    pub by: [String; 2],
    /// When.
    pub at: Timestamp,
    /// When it was withdrawn, if it was.
    pub withdrawn: Option<Timestamp>,
}

/// The fields of a person that a grant may name.
pub const FIELDS: &[&str] = &[
    "address",
    "allergies",
    "birth",
    "damage",
    "destination",
    "district",
    "household",
    "kana",
    "language",
    "medication",
    "name",
    "name_jis",
    "needs",
    "needs_note",
    "note",
    "pets",
    "phone",
    "room",
    "sex",
    "stay",
    "triage",
    "wish",
];

/// The longest text in characters.
const MAX_TEXT: usize = 200;

fn wrong(path: &str, problem: impl Into<String>) -> FieldError {
    FieldError { path: path.to_owned(), problem: problem.into() }
}

fn text(path: &str, text: &str) -> Result<(), FieldError> {
    let good = (1..=MAX_TEXT).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if good { Ok(()) } else { Err(wrong(path, format!("1 to {MAX_TEXT} printable characters belong here"))) }
}

impl Agency {
    /// What is wrong with it, other than its recipient.
    ///
    /// # Errors
    /// The first [`FieldError`].
    pub fn validate(&self) -> Result<(), FieldError> {
        let Self { name: _, kind: _, recipient: _, contact } = self;
        text("contact", contact)
    }
}

impl Grant {
    /// What is wrong with it.
    ///
    /// # Errors
    /// The first [`FieldError`].
    pub fn validate(&self) -> Result<(), FieldError> {
        let Self { name: _, agency: _, kind: _, recipient: _, purpose, basis: _, event, shelters, of, fields, formats, from, until } = self;
        text("purpose", purpose)?;
        if !shelters.is_empty() && event.is_none() {
            return Err(wrong("shelters", "shelters are those of an event, which belongs here too"));
        }
        if !shelters.is_sorted_by(|one, two| one < two) {
            return Err(wrong("shelters", "ascending, each once"));
        }
        if of.is_empty() {
            return Err(wrong("of", "say who may be asked for: a need, everybody, or persons"));
        }
        if fields.is_empty() || !fields.is_sorted_by(|one, two| one < two) {
            return Err(wrong("fields", "at least one, ascending, each once"));
        }
        if let Some(unknown) = fields.iter().find(|field| !FIELDS.contains(&field.as_str())) {
            return Err(wrong("fields", format!("{unknown} is none that may be given; these may: {}", FIELDS.join(", "))));
        }
        if !formats.is_sorted_by(|one, two| one < two) {
            return Err(wrong("formats", "ascending, each once"));
        }
        if from >= until {
            return Err(wrong("until", "later than from"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharing::shared::Permitted;

    #[test]
    fn every_field_that_a_grant_may_name_is_one_of_a_person() {
        let json = serde_json::json!({
            "name": "甲", "name_jis": "甲", "kana": "コウ", "birth": { "day": "1950-04-01" }, "sex": "male", "address": "a", "phone": "1", "district": "d",
            "household": { "id": "aaaaaaaaaaaaaaaaaaaaaaaaaa", "relation": "head" }, "identified": "typed", "stay": "shelter", "needs": ["care"],
            "needs_note": "n", "allergies": ["卵"], "medication": "m", "pets": "p", "language": "l", "damage": "half", "wish": "w", "room": "r",
            "destination": "d", "triage": "red", "note": "n",
        });
        let person: Result<crate::roster::Person, _> = serde_json::from_value(json.clone());
        assert!(person.is_ok(), "{:?}", person.err());
        for field in FIELDS {
            assert!(json.get(field).is_some(), "{field}");
        }
        assert!(FIELDS.is_sorted());
        // What may be granted has a place in every form.
        assert!(Permitted::new(FIELDS.iter().copied()).is_ok());
        assert!(FIELDS.len() < Permitted::all().iter().count(), "who somebody is at other offices is never granted");
    }

    #[test]
    fn people_are_never_given_as_ngsi_ld_and_what_treats_them_goes_to_those_who_do() {
        assert!("ngsi-ld".parse::<Format>().unwrap_err().contains("never people"));
        for (format, name) in Format::ALL {
            assert_eq!((name.parse(), serde_json::to_value(format).unwrap()), (Ok(format), name.into()));
        }
        let takes = |format: Format| AgencyKind::ALL.map(|(kind, _)| format.is_for(kind));
        assert_eq!((takes(Format::Fhir), takes(Format::Csv)), ([true, true, false, false], [true; 4]));
    }

    #[test]
    fn a_grant_without_end_fields_or_people_is_none() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let good = Grant {
            name: "fire-care".parse().unwrap(),
            agency: "fire".parse().unwrap(),
            kind: AgencyKind::Fire,
            recipient: "age1".to_owned(),
            purpose: "救急搬送の準備".to_owned(),
            basis: Basis::AffectedLedger,
            event: None,
            shelters: vec![],
            of: vec![Selection::Everybody {}],
            fields: vec!["name".to_owned()],
            formats: vec![Format::Fhir, Format::Csv],
            from: time("2026-09-01T00:00:00Z"),
            until: time("2026-10-01T00:00:00Z"),
        };
        assert_eq!(good.validate(), Ok(()));
        let bad = [
            ("until", Grant { until: good.from, ..good.clone() }),
            ("fields", Grant { fields: vec![], ..good.clone() }),
            ("fields", Grant { fields: vec!["citizen".to_owned()], ..good.clone() }),
            ("fields", Grant { fields: vec!["name".to_owned(), "birth".to_owned()], ..good.clone() }),
            ("formats", Grant { formats: vec![Format::Csv, Format::Fhir], ..good.clone() }),
            ("of", Grant { of: vec![], ..good.clone() }),
            ("purpose", Grant { purpose: "救急\n訓練".to_owned(), ..good.clone() }),
            ("shelters", Grant { shelters: vec!["gym".parse().unwrap()], ..good.clone() }),
        ];
        for (path, grant) in bad {
            assert_eq!(grant.validate().unwrap_err().path, path);
        }
    }
}
