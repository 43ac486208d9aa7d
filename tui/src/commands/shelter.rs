//! The headquarters' commands about shelters: what is imported beforehand, events, shelters, terminals, people, and what is seen over all of them.
//!
//! | file | is |
//! |---|---|
//! | [`import`] | facilities, residents, the action-support list |
//! | [`event`] | events, shelters |
//! | [`close`] | the close of an event |
//! | [`terminal`] | terminals |
//! | [`person`] | people: searched, shown, linked; safety inquiries |
//! | [`settle`] | contradictions, settled and taken back |
//! | [`overview`] | people by time, who is missing, meals, reports |
//! | [`hand_in`] | hand-ins from a stick |
//! | [`aside`] | what was set aside of hand-ins |
//! | [`called`] | what a shelter is called among others |
//! | [`form`] | questionnaires, at the headquarters |
//! | [`paper`] | forms and lists to print |
//! | [`warnings`] | warnings and hazards that the city's data platform tells of |
//! | [`words`] | the words of enumerations |
//!
//! What tells of a person is asked for, or read from a file descriptor (`--who-fd`), and is never an argument: arguments show in the list of processes.

use clap::{Args, Subcommand};
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::{EventSummary, figures};

use crate::cli::Global;
use crate::client::Client;
use crate::failure::{Exit, Failure};

pub mod aside;
pub mod called;
pub mod close;
pub mod event;
pub mod form;
mod hand_in;
pub mod import;
mod overview;
mod paper;
pub mod person;
pub mod settle;
pub mod terminal;
pub mod warnings;
pub(crate) mod words;

/// The base of every path.
const BASE: &str = "/api/v1/shelter";

/// Shelters (避難所), at the headquarters.
#[derive(Subcommand, Debug)]
pub enum Shelter {
    /// Import facilities, residents or the action-support list: what would change is shown first
    #[command(subcommand)]
    Import(import::Import),
    /// List the facilities that can be opened
    Facilities(import::List),
    /// Events (disasters, drills, open days): declare, list, show, close
    #[command(subcommand)]
    Event(event::EventCommand),
    /// Open a shelter in an event
    Open(event::Open),
    /// Say that a shelter is open, crowded, full or closed
    State(event::State),
    /// Terminals of receptions: admit, revoke, list
    #[command(subcommand)]
    Terminal(terminal::Terminal),
    /// People: search, show, settle a conflict
    #[command(subcommand)]
    Person(person::PersonCommand),
    /// List people of different handles who may be one
    Duplicates(person::Duplicate),
    /// Ask that two handles be found to be of one person, or not: a second official decides
    Link(person::Link),
    /// Answer a relative who asks after somebody (安否照会)
    Safety(person::Safety),
    /// Show how many people there are, and how many there were, by time
    Overview(overview::OverviewCommand),
    /// Show who of the action-support list has not arrived, by district
    Missing(overview::MissingCommand),
    /// Show who has an urgency (トリアージ), the worst first
    Triage(overview::TriageCommand),
    /// Show the meals of each shelter by allergy
    Meals(overview::MealsCommand),
    /// Show what shelters report of themselves
    Reports(overview::Reports),
    /// Write a report of a shelter that has no terminal
    #[command(subcommand)]
    Report(overview::Write),
    /// Show the warnings and hazards (防災情報) that the city's data platform tells of
    Warnings(warnings::WarningsCommand),
    /// Hand in what a terminal wrote to a stick
    HandIn(hand_in::HandInCommand),
    /// What was set aside of hand-ins: list, show, take over, drop
    #[command(subcommand)]
    Aside(aside::AsideCommand),
    /// Print blank reception forms and the list of shelters
    Papers(paper::Papers),
    /// Print who is present in a shelter
    List(paper::List),
    /// Questionnaires: define one, see a person's, have the roster name it
    #[command(subcommand)]
    Questionnaire(form::Form),
}

impl Shelter {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Import(command) => command.run(global),
            Self::Facilities(command) => command.run(global),
            Self::Event(command) => command.run(global),
            Self::Open(command) => command.run(global),
            Self::State(command) => command.run(global),
            Self::Terminal(command) => command.run(global),
            Self::Person(command) => command.run(global),
            Self::Duplicates(command) => command.run(global),
            Self::Link(command) => command.run(global),
            Self::Safety(command) => command.run(global),
            Self::Overview(command) => command.run(global),
            Self::Missing(command) => command.run(global),
            Self::Triage(command) => command.run(global),
            Self::Meals(command) => command.run(global),
            Self::Reports(command) => command.run(global),
            Self::Report(command) => command.run(global),
            Self::Warnings(command) => command.run(global),
            Self::HandIn(command) => command.run(global),
            Self::Aside(command) => command.run(global),
            Self::Papers(command) => command.run(global),
            Self::List(command) => command.run(global),
            Self::Questionnaire(command) => command.run(global),
        }
    }
}

/// Which event a command is about.
#[derive(Args, Debug)]
pub struct WhichEvent {
    /// The event [default: the only one that is not closed]
    #[arg(long, value_name = "ID")]
    event: Option<EventId>,
}

impl WhichEvent {
    /// The event that was named, if one was.
    pub(super) const fn named(&self) -> Option<EventId> {
        self.event
    }

    /// The named event, or the only one that is not closed.
    pub(super) fn find(&self, client: &Client) -> Result<EventId, Failure> {
        if let Some(id) = self.event {
            return Ok(id);
        }
        let list: Vec<EventSummary> = client.get(&format!("{BASE}/events"), None)?;
        let mut open = list.iter().filter(|event| event.closed.is_none());
        match (open.next(), open.next()) {
            (Some(one), None) => Ok(one.event),
            (None, _) => {
                Err(Failure::new(Exit::Usage, "進行中のイベントがありません。--event で指定してください。", "no event is under way. Name one with --event."))
            }
            (Some(_), Some(_)) => Err(Failure::new(
                Exit::Usage,
                "進行中のイベントが複数あります。--event で指定してください（tachiai shelter event list）。",
                "several events are under way. Name one with --event (see `tachiai shelter event list`).",
            )),
        }
    }

    /// The same for who is given people, as an agency, which cannot list events.
    pub(super) fn find_to_share(&self, client: &Client) -> Result<EventId, Failure> {
        self.event.map_or_else(|| client.get("/api/v1/sharing/event", None), Ok)
    }

    /// The handle of a person, of which the beginning suffices.
    pub(super) fn handle(&self, client: &Client, text: &str) -> Result<ChainId, Failure> {
        let text = figures::narrow(text.trim()).to_lowercase();
        if let Ok(handle) = text.parse() {
            return Ok(handle);
        }
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Failure::new(
                Exit::Usage,
                "番号（英数字）か、その先頭4文字以上を書いてください。",
                "give the handle, or at least its first four letters.",
            ));
        }
        client.get(&self.path(client, &format!("/handles/{text}"))?, None)
    }

    /// Whether an event was named.
    pub(super) const fn is_named(&self) -> bool {
        self.event.is_some()
    }

    /// The path of something of the event.
    pub(super) fn path(&self, client: &Client, rest: &str) -> Result<String, Failure> {
        Ok(format!("{BASE}/events/{}{rest}", self.find(client)?))
    }
}
