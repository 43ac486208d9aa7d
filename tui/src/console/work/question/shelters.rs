//! What headquarters ask of an event, besides how it stands, and of what is imported.

use std::path::PathBuf;

use tachiai_schemas::HashBytes;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::case::{AsideOpened, Outstanding};
use tachiai_schemas::shelter::import::{ImportAnswer, Standing};
use tachiai_schemas::shelter::overview::{Missing, QuestionnaireOf};
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::shelter::{AsideView, Duplicates, EventSummary, StatementMade, TerminalRequest};

use super::super::Desk;
use super::elections::bytes_of;

use crate::commands::shelter::form;
use crate::commands::shelter::import::Source;
use crate::commands::shelter::terminal::read_request;
use crate::failure::Failure;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The facilities that can be opened, and what was imported last.
    Facilities,
    /// What a file would change.
    Import(Source, PathBuf),
    /// The request of a terminal that was carried here.
    Request(PathBuf),
    /// Who may be registered twice.
    Duplicates(EventId),
    /// Who of the action-support list has not arrived.
    Missing(EventId),
    /// The statements that were made.
    Statements(EventId),
    /// What is still out.
    Outstanding(EventId),
    /// All events, those that are closed among them.
    Events,
    /// What somebody answered last to a questionnaire.
    Questionnaire(EventId, ChainId),
    /// The hand-ins of which something was set aside.
    Asides(EventId),
    /// One of them, opened.
    Aside(EventId, HashBytes),
}

impl Question {
    /// Whether the appliance records who asked it.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self, Self::Duplicates(_) | Self::Missing(_) | Self::Questionnaire(..) | Self::Aside(..))
    }
}

/// What was answered.
#[derive(Clone)]
pub enum Answer {
    /// The facilities.
    Facilities(Box<Standing>),
    /// What a file would change. It has the hash of what was read: nothing else is taken over.
    Import(Box<ImportAnswer>),
    /// The request of a terminal.
    Request(Box<TerminalRequest>),
    /// Who may be registered twice.
    Duplicates(Vec<Duplicates>),
    /// Who has not arrived.
    Missing(Box<Missing>),
    /// The statements.
    Statements(Vec<StatementMade>),
    /// What is still out.
    Outstanding(Box<Outstanding>),
    /// The events.
    Events(Vec<EventSummary>),
    /// What somebody answered, with the questions where they are known.
    Questionnaire(Box<(QuestionnaireOf, Option<Definition>)>),
    /// The hand-ins of which something was set aside.
    Asides(Vec<AsideView>),
    /// One of them, opened.
    Aside(Box<AsideOpened>),
}

/// Asks it.
///
/// # Errors
/// [`Failure`].
pub(super) fn ask(desk: &Desk, question: &Question) -> Result<Answer, Failure> {
    let client = &desk.client;
    let of = |event: &EventId, rest: &str| format!("/api/v1/shelter/events/{event}/{rest}");
    match question {
        Question::Facilities => client.get("/api/v1/shelter/facilities", None).map(Answer::Facilities),
        Question::Import(source, path) => {
            let (bytes, _) = bytes_of(path)?;
            source.show(client, &bytes).map(|answer| Answer::Import(Box::new(answer)))
        }
        Question::Request(path) => read_request(path).map(|request| Answer::Request(Box::new(request))),
        Question::Duplicates(event) => client.get(&of(event, "duplicates"), None).map(Answer::Duplicates),
        Question::Missing(event) => client.get(&of(event, "missing"), None).map(Answer::Missing),
        Question::Questionnaire(event, chain) => {
            form::read(client, &of(event, &format!("people/{chain}/questionnaire"))).map(|read| Answer::Questionnaire(Box::new(read)))
        }
        Question::Outstanding(event) => client.get(&of(event, "outstanding"), None).map(Answer::Outstanding),
        Question::Events => client.get("/api/v1/shelter/events", None).map(Answer::Events),
        Question::Asides(event) => client.get(&of(event, "aside"), None).map(Answer::Asides),
        Question::Aside(event, file) => client.get(&of(event, &format!("aside/{file}")), None).map(Answer::Aside),
        Question::Statements(event) => client.get(&of(event, "statements"), None).map(Answer::Statements),
    }
}
