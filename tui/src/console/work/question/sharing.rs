//! What is asked about agencies, and about citizens and who knows of them.

use std::cmp::Ordering;

use tachiai_schemas::CitizenId;
use tachiai_schemas::identity::citizen::CitizenView;
use tachiai_schemas::sharing::access::AccessHistory;
use tachiai_schemas::sharing::agency::{Agency, GrantMade};
use tachiai_schemas::sharing::alert::Alert;
use tachiai_schemas::sharing::disclosed::{DisclosedAt, DisclosureRequest};
use tachiai_schemas::sharing::preview::Preview;
use tachiai_schemas::sharing::warning::Warnings;
use tachiai_schemas::status::Status;

use crate::client::Client;
use crate::commands::shelter::warnings;
use crate::commands::{access, agency, citizen, disclose};
use crate::failure::Failure;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The agencies.
    Agencies,
    /// What they are granted.
    Grants,
    /// What they were given.
    Disclosures,
    /// The emergency accesses.
    Alerts,
    /// Warnings and hazards of others.
    Warnings,
    /// What a disclosure would give.
    Preview(Asked),
    /// What is known of a citizen.
    Citizen(CitizenId),
    /// Who received or read what of a citizen, before a leaf of the log.
    Access(CitizenId, Option<u64>),
}

/// A disclosure that is asked for; its ID tells it from others.
#[derive(Debug, Clone)]
pub struct Asked(pub DisclosureRequest);

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.0.request == other.0.request
    }
}

impl Eq for Asked {}

impl PartialOrd for Asked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Asked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.request.0.cmp(&other.0.request.0)
    }
}

impl Question {
    /// Whether what changed may change the answer.
    #[must_use]
    pub fn follows(&self, before: &Status, now: &Status) -> bool {
        let written = |status: &Status| status.appliance.as_ref().map(|appliance| appliance.journals.clone());
        match self {
            Self::Agencies | Self::Disclosures => written(before) != written(now),
            Self::Grants => before.waiting != now.waiting || written(before) != written(now),
            Self::Alerts => before.alerts != now.alerts,
            Self::Warnings => before.warnings != now.warnings,
            Self::Preview(_) | Self::Citizen(_) | Self::Access(..) => false,
        }
    }

    /// Whether the appliance records who asked it.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        match self {
            Self::Agencies | Self::Grants | Self::Disclosures | Self::Alerts | Self::Warnings => false,
            Self::Preview(_) | Self::Citizen(_) | Self::Access(..) => true,
        }
    }
}

/// What was answered.
#[derive(Clone)]
pub enum Answer {
    /// The agencies.
    Agencies(Vec<Agency>),
    /// What they are granted.
    Grants(Vec<GrantMade>),
    /// What they were given, the latest first.
    Disclosures(Vec<DisclosedAt>),
    /// The emergency accesses, the latest first.
    Alerts(Vec<Alert>),
    /// Warnings and hazards of others.
    Warnings(Box<Warnings>),
    /// What a disclosure would give.
    Preview(Box<Preview>),
    /// What is known of a citizen.
    Citizen(Box<CitizenView>),
    /// Who received or read what.
    Access(Box<AccessHistory>),
}

/// Asks it.
///
/// # Errors
/// [`Failure`].
pub(super) fn ask(client: &Client, question: &Question) -> Result<Answer, Failure> {
    Ok(match question {
        Question::Agencies => Answer::Agencies(agency::agencies(client)?),
        Question::Grants => Answer::Grants(agency::grants(client)?),
        Question::Disclosures => {
            let mut made = agency::disclosures(client)?;
            made.reverse();
            Answer::Disclosures(made)
        }
        Question::Alerts => Answer::Alerts(access::alerts(client)?),
        Question::Warnings => Answer::Warnings(Box::new(warnings::known(client)?)),
        Question::Preview(Asked(request)) => Answer::Preview(Box::new(disclose::preview(client, request)?)),
        Question::Citizen(code) => Answer::Citizen(Box::new(citizen::show(client, *code)?)),
        Question::Access(code, before) => Answer::Access(Box::new(access::history(client, *code, *before)?)),
    })
}
