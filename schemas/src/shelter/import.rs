//! What the headquarters import before a disaster: facilities, residents, the action-support list. An import is shown first and applied then.

use serde::{Deserialize, Serialize};

use super::facility::{Facility, Occupancy};
use super::table::ImportReport;
use crate::election::Text;
use crate::{HashBytes, Timestamp};

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ImportKind {
    /// Facilities: `POST facilities`.
    Facilities,
    /// Residents: `POST residents`.
    Residents,
    /// The action-support list: `POST support-list`.
    SupportList,
}

/// Whether an import is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ImportMode {
    /// What it would change is shown, and nothing is changed.
    #[default]
    Show,
    /// It is applied.
    Apply,
}

/// What happens where rows cannot be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ImportRows {
    /// Nothing is imported.
    #[default]
    All,
    /// The others are imported.
    Good,
}

/// What happens to facilities that are not in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ImportOthers {
    /// They stay: lists of shelters and of emergency sites are two files.
    #[default]
    Stay,
    /// They go.
    Go,
}

/// What an import changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportDifference {
    /// How many are new.
    pub added: u64,
    /// How many are there already and change.
    pub changed: u64,
    /// How many are not there any more.
    pub removed: u64,
    /// How many stay as they are.
    pub same: u64,
    /// The first of them.
    pub first: ImportFirst,
}

/// The first of those that are new, change or go: facilities by ID and name, people by the resident system's number alone, as far as they have one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportFirst {
    /// New.
    pub added: Vec<String>,
    /// Changed.
    pub changed: Vec<ImportChange>,
    /// Gone.
    pub removed: Vec<String>,
}

impl ImportFirst {
    /// So many of each are told at most.
    pub const MOST: usize = 100;
}

/// What changes of one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportChange {
    /// Of which: as it is told among those that are new or go.
    pub of: String,
    /// The fields, with the values before and after; where somebody under protection is stays unsaid.
    pub fields: Vec<ImportField>,
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportField {
    /// Its name.
    pub field: Text,
    /// What it was.
    pub before: Text,
    /// What it becomes.
    pub after: Text,
}

impl ImportDifference {
    /// Whether more than a tenth of what is there would go. A file that is not whole looks so: it is applied only by who says how many go.
    #[must_use]
    pub const fn loses_many(&self) -> bool {
        self.removed.saturating_mul(10) > self.removed.saturating_add(self.changed).saturating_add(self.same)
    }

    /// Whether it has to be said how many go: where many do; and where any do while the good rows alone are imported, since whoever stands in a bad row goes as well.
    #[must_use]
    pub fn is_to_be_counted(&self, rows: ImportRows) -> bool {
        self.loses_many() || (self.removed > 0 && rows == ImportRows::Good)
    }

    /// Whether as many go as was said. A number that was said binds, also where none has to be.
    #[must_use]
    pub fn is_agreed(&self, rows: ImportRows, said: Option<u64>) -> bool {
        said.map_or(!self.is_to_be_counted(rows), |said| said == self.removed)
    }
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportAnswer {
    /// What was imported.
    pub kind: ImportKind,
    /// Whether it was applied.
    pub mode: ImportMode,
    /// What was found in the file.
    pub report: ImportReport,
    /// SHA-256 of the file.
    pub file: HashBytes,
    /// SHA-256 of the file of the import that it takes the place of, if there is one: given back when it is applied, so that nothing that came in between is lost.
    pub replaces: Option<HashBytes>,
    /// What it changes.
    pub difference: ImportDifference,
    /// For the action-support list: how many on it are not in the register of residents.
    pub strangers: u64,
    /// For facilities: who was where, where the file says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occupancy: Vec<Occupancy>,
}

/// An import that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Imported {
    /// What.
    pub kind: ImportKind,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// SHA-256 of the file.
    pub file: HashBytes,
    /// How many there are since.
    pub count: u64,
}

/// What stands ready for a disaster: `GET facilities`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standing {
    /// The places.
    pub facilities: Vec<Facility>,
    /// The last import of each kind.
    pub imports: Vec<Imported>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_more_than_a_tenth_of_what_is_there_loses_many() {
        let of = |removed, changed, same| ImportDifference { removed, changed, same, added: 50, ..ImportDifference::default() }.loses_many();
        assert_eq!([of(0, 0, 0), of(10, 40, 50), of(11, 40, 49), of(1, 0, 0)], [false, false, true, true]);
    }
}
