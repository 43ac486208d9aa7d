//! What comes next in an election, as something to be done: a command line names its command, a console its screen and key.

use serde::{Deserialize, Serialize};

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NextDeed {
    /// What waits is approved by another official.
    Approve,
    /// Trustees are listed.
    ListTrustees,
    /// The roll is imported.
    ImportRoll,
    /// The key ceremony is started.
    StartCeremony,
    /// The election is opened.
    Open,
    /// Online voting is closed.
    CloseOnline,
    /// The poll is closed.
    ClosePoll,
    /// The ballots are counted.
    Count,
    /// The papers are counted, and the counts signed.
    CountPapers,
    /// The result is published, after lots where they are asked for.
    Publish,
}

impl NextDeed {
    /// The commands that do it.
    #[must_use]
    pub const fn commands(self) -> &'static str {
        match self {
            Self::Approve => "tachiai approve",
            Self::ListTrustees => "tachiai election add-trustee",
            Self::ImportRoll => "tachiai election import-roll",
            Self::StartCeremony => "tachiai election ceremony",
            Self::Open => "tachiai election open",
            Self::CloseOnline => "tachiai election close-online",
            Self::ClosePoll => "tachiai election close-poll",
            Self::Count => "tachiai election count",
            Self::CountPapers => "tachiai election paper-count",
            Self::Publish => "tachiai election result / lot / publish",
        }
    }
}
