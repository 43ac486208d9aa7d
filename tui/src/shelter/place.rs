//! What the event and the shelter are called, as they were chosen when the terminal was set up: until it is admitted it hears nothing of either. They are public, so the file
//! lies in clear; where there is none, their identifiers are shown.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tachiai_schemas::election::Text;

use super::state::Reception;
use crate::draft::replace_json;
use crate::failure::Failure;

/// The file's name.
const FILE: &str = "place.json";

/// Where a terminal stands, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The event.
    pub event: Text,
    /// The shelter.
    pub shelter: Text,
}

/// Reads it in the folder.
pub(super) fn read(folder: &Path) -> Option<Place> {
    std::fs::read(folder.join(FILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
}

impl Reception {
    /// Keeps where it stands.
    ///
    /// # Errors
    /// [`Failure`] if it cannot be written.
    pub fn stand(&mut self, place: Place) -> Result<(), Failure> {
        replace_json(&self.folder().join(FILE), &place)?;
        self.place = Some(place);
        Ok(())
    }
}
