//! What headquarters ask of an event, besides how it stands.

use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::import::Standing;
use tachiai_schemas::shelter::overview::Missing;
use tachiai_schemas::shelter::{Duplicates, StatementMade};

use super::super::Desk;
use crate::failure::Failure;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The facilities that can be opened.
    Facilities,
    /// Who may be registered twice.
    Duplicates(EventId),
    /// Who of the action-support list has not arrived.
    Missing(EventId),
    /// The statements that were made.
    Statements(EventId),
}

impl Question {
    /// Whether the appliance records who asked it.
    #[must_use]
    pub const fn is_recorded(self) -> bool {
        matches!(self, Self::Duplicates(_) | Self::Missing(_))
    }
}

/// What was answered.
#[derive(Clone)]
pub enum Answer {
    /// The facilities.
    Facilities(Box<Standing>),
    /// Who may be registered twice.
    Duplicates(Vec<Duplicates>),
    /// Who has not arrived.
    Missing(Box<Missing>),
    /// The statements.
    Statements(Vec<StatementMade>),
}

/// Asks it.
///
/// # Errors
/// [`Failure`].
pub(super) fn ask(desk: &Desk, question: Question) -> Result<Answer, Failure> {
    let client = &desk.client;
    let of = |event: EventId, rest: &str| format!("/api/v1/shelter/events/{event}/{rest}");
    match question {
        Question::Facilities => client.get("/api/v1/shelter/facilities", None).map(Answer::Facilities),
        Question::Duplicates(event) => client.get(&of(event, "duplicates"), None).map(Answer::Duplicates),
        Question::Missing(event) => client.get(&of(event, "missing"), None).map(Answer::Missing),
        Question::Statements(event) => client.get(&of(event, "statements"), None).map(Answer::Statements),
    }
}
