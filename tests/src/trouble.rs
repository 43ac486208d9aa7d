//! What went wrong while a test or the demonstration was set up or run, with what to do where that is known.

use std::fmt::{Display, Write};
use std::path::Path;

/// What was being done, what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(String);

impl Trouble {
    /// Something failed while `doing`.
    pub fn new(doing: impl Display, cause: impl Display) -> Trouble {
        Trouble(format!("{doing}: {cause}"))
    }

    /// A file that could not be read or written.
    pub fn file(path: &Path, cause: impl Display) -> Trouble {
        Trouble::new(path.display(), cause)
    }

    /// The same, with what to do about it.
    pub fn hint(mut self, hint: impl Display) -> Trouble {
        // Writing to a string does not fail.
        let _ = write!(self.0, "\nhint: {hint}");
        self
    }
}

/// Says what was being done when an error came.
pub trait Doing<T> {
    /// Turns the error into [`Trouble`].
    ///
    /// # Errors
    /// The error, if there was one.
    fn doing(self, what: impl Display) -> Result<T, Trouble>;
}

impl<T, E: Display> Doing<T> for Result<T, E> {
    fn doing(self, what: impl Display) -> Result<T, Trouble> {
        self.map_err(|cause| Trouble::new(what, cause))
    }
}

impl<T> Doing<T> for Option<T> {
    fn doing(self, what: impl Display) -> Result<T, Trouble> {
        self.ok_or_else(|| Trouble(what.to_string()))
    }
}
