//! What a shelter reports of itself, without naming anybody.

use serde::{Deserialize, Serialize};
use tachiai_crypto::roster::ChainId;

use crate::HashBytes;

/// Whether heads were counted or guessed (概数).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HowCounted {
    /// Counted.
    Counted,
    /// About so many.
    About,
}

/// A report; the latest of its kind (and item, where there is one) holds for a shelter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Report {
    /// How many people are here, named or not (概数).
    Headcount {
        /// Heads.
        persons: u32,
        /// How.
        how: HowCounted,
    },
    /// A note for the next shift (引継ぎ): what it says travels sealed, as it may name people.
    Handover {
        /// A fresh handle.
        handle: ChainId,
        /// The root over its salted fields.
        fields: HashBytes,
    },
}

impl Report {
    /// What tells reports of a shelter apart: of those with one key the latest holds.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Headcount { persons: _, how: _ } => "headcount".to_owned(),
            // Every note stays.
            Self::Handover { handle, fields: _ } => format!("handover/{handle}"),
        }
    }

    /// The handle and root of what is sealed in it, if anything is.
    #[must_use]
    pub const fn sealed(&self) -> Option<(ChainId, HashBytes)> {
        match self {
            Self::Handover { handle, fields } => Some((*handle, *fields)),
            Self::Headcount { persons: _, how: _ } => None,
        }
    }
}
