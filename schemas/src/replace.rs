//! Something whole that takes the place of what was there when somebody looked, and of nothing else: what a colleague wrote meanwhile is not undone unsaid.

use serde::{Deserialize, Serialize};

/// What is there from now on, and what it takes the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InPlaceOf<T> {
    /// What was there; absent where nothing was.
    pub before: Option<T>,
    /// What is there from now on.
    pub now: T,
}

impl<T> InPlaceOf<T> {
    /// Where nothing was.
    #[must_use]
    pub const fn nothing(now: T) -> Self {
        Self { before: None, now }
    }
}
