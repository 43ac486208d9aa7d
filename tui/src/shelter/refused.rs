//! Codes of citizen IDs that lead to nobody any more: the terminal knows them by hashes, which come with the news and lie in its folder beside the journal. They tell nothing of
//! anybody, so the file lies in clear; one that is not there, or cannot be read, is written again with the next news.

use std::collections::BTreeSet;
use std::path::Path;

use tachiai_schemas::identity::case::refused;
use tachiai_schemas::{CitizenId, HashBytes};

use super::state::Reception;
use crate::draft::replace;
use crate::failure::Failure;

/// The file's name.
const FILE: &str = "refused-codes.json";

/// Reads what is known in the folder.
pub(super) fn read(folder: &Path) -> BTreeSet<HashBytes> {
    std::fs::read(folder.join(FILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

impl Reception {
    /// Refuses a code that was lost, or is of somebody who was erased, as far as this terminal heard of it.
    ///
    /// # Errors
    /// [`Failure`] (1).
    pub fn is_good(&self, code: CitizenId) -> Result<(), Failure> {
        if !self.refused.contains(&refused(code)) {
            return Ok(());
        }
        Err(Failure::refused(
            "この市民IDのコードは紛失などで無効になっています。新しいコードかカード、または氏名で受け付けてください。",
            "this code of a citizen ID was lost and leads to nobody any more. Ask for the new one or a card, or take the name.",
        ))
    }

    /// Keeps what the news say. A code that was refused once stays so.
    ///
    /// # Errors
    /// [`Failure`] if it cannot be written; it is known nevertheless.
    pub(super) fn hear_refused(&mut self, codes: &[HashBytes]) -> Result<(), Failure> {
        let before = self.refused.len();
        self.refused.extend(codes);
        if self.refused.len() == before {
            return Ok(());
        }
        let path = self.folder().join(FILE);
        let bytes = serde_json::to_vec(&self.refused).map_err(|e| Failure::file(&path, &e))?;
        replace(&path, &bytes)
    }
}
