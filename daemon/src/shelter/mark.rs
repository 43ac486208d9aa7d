//! The mark of a journal: how many of its entries were durable once, kept in the store, so that a journal that lost some is not taken for a shorter one.
//!
//! A shelter's views lie in memory and are built anew at every start; the store keeps nothing but this.

use std::sync::Arc;

use super::OpenError;
use crate::journal::{Journal, JournalId};
use crate::store::{Batch, Store};

/// Moves the mark of one journal.
pub struct Mark {
    store: Arc<dyn Store>,
    journal: JournalId,
}

impl Mark {
    /// Compares a journal with its mark, and brings the mark up to it.
    ///
    /// # Errors
    /// [`OpenError::Lost`] if the journal has fewer entries than it had.
    pub fn open(store: Arc<dyn Store>, journal: &Journal) -> Result<Self, OpenError> {
        let (id, entries) = (journal.id().clone(), journal.len());
        let seen = store.high_water(&id)?;
        if seen > entries {
            return Err(OpenError::Lost { journal: id, folder: journal.dir().to_owned(), entries, seen });
        }
        let mark = Self { store, journal: id };
        if seen < entries {
            mark.store.apply(&Batch::new(mark.journal.clone(), seen..entries))?;
        }
        Ok(mark)
    }

    /// Moves the mark over entries that are durable now.
    pub fn advance(&self, entries: std::ops::Range<u64>) {
        // The journal is the truth: a mark that falls behind is brought up at the next start.
        if let Err(error) = self.store.apply(&Batch::new(self.journal.clone(), entries)) {
            tracing::error!(%error, journal = %self.journal, "the mark of a journal falls behind");
        }
    }
}
