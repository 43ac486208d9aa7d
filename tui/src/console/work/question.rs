//! What is asked of the appliance for a screen, and how it is asked.

use std::path::PathBuf;

use tachiai_schemas::counting::{OutcomeView, Turnout};
use tachiai_schemas::journal::JournalPage;
use tachiai_schemas::roll::case::RollOverview;
use tachiai_schemas::roster::{ChainId, EventId, ShelterId};
use tachiai_schemas::shelter::{EventView, PeopleFound, PeopleSearch, PersonView};
use tachiai_schemas::staff::{Declined, ElectionStatus, Shown};
use tachiai_schemas::status::{Reading, Status};
use tachiai_schemas::{ElectionId, Timestamp};

pub mod sharing;

use super::{Desk, Waiting};
use crate::commands::approve::Names;
use crate::commands::decline::declined;
use crate::failure::Failure;

pub mod elections;
pub mod path;
pub mod shelters;

/// So many people are looked for at once.
const MOST: u16 = 100;

/// So many entries of the appliance's journal are asked for at once.
pub const PAGE: u64 = 500;

/// What is asked of the appliance for a screen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// What waits for a second official.
    Approvals,
    /// What the official asked for and was declined or withdrawn.
    Declined,
    /// Where an election stands.
    Election(ElectionId),
    /// How its roll stands.
    Roll(ElectionId),
    /// Its turnout: up to now, or to a full hour.
    Turnout(ElectionId, Option<Timestamp>),
    /// What became of it.
    Outcome(ElectionId),
    /// How an event stands.
    Event(EventId),
    /// Who has a name that begins like this, in one shelter or all.
    People(EventId, String, Option<ShelterId>),
    /// Somebody with every entry.
    Person(EventId, ChainId),
    /// Who is contradicted.
    Conflicts(EventId),
    /// The appliance's journal from an entry on, or its last entries.
    Journal(Option<u64>),
    /// What officials did in an election, from a line on, or the last lines.
    Acts(ElectionId, Option<u64>),
    /// About agencies and citizens.
    Sharing(sharing::Question),
    /// Something for the commission's work on an election.
    Elections(elections::Question),
    /// Something that headquarters ask of shelters.
    Shelters(shelters::Question),
    /// What lies under a path on this machine.
    Path(PathBuf),
}

impl Question {
    /// Whether what changed may change the answer, so that it is asked again. What is recorded as a look at people is asked by people alone.
    #[must_use]
    pub fn follows(&self, before: &Status, now: &Status) -> bool {
        match self {
            Self::Approvals => before.waiting != now.waiting && self.is_free(now),
            Self::Declined => before.waiting != now.waiting,
            Self::Election(id) | Self::Roll(id) | Self::Turnout(id, None) | Self::Outcome(id) => {
                let of = |status: &Status| status.elections.iter().find(|election| election.summary.election == *id).cloned();
                of(before) != of(now) || before.waiting != now.waiting
            }
            Self::Event(id) => {
                let of = |status: &Status| status.events.iter().flatten().find(|event| event.summary.event == *id).cloned();
                of(before) != of(now)
            }
            Self::Journal(None) | Self::Acts(_, None) => {
                let of = |status: &Status| status.appliance.as_ref().map(|appliance| appliance.journals.clone());
                of(before) != of(now)
            }
            // What is dropped stands in no roster, and yet waited before.
            Self::Shelters(shelters::Question::Asides(id)) => Self::Event(*id).follows(before, now) || before.waiting != now.waiting,
            Self::Sharing(question) => question.follows(before, now),
            Self::Elections(question) => question.follows(before, now),
            Self::Journal(Some(_))
            | Self::Acts(_, Some(_))
            | Self::Turnout(_, Some(_))
            | Self::People(..)
            | Self::Person(..)
            | Self::Conflicts(_)
            | Self::Shelters(_)
            | Self::Path(_) => false,
        }
    }

    /// Whether the appliance records who asked it.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        match self {
            Self::People(..) | Self::Person(..) | Self::Conflicts(_) => true,
            Self::Elections(question) => question.is_recorded(),
            Self::Sharing(question) => question.is_recorded(),
            Self::Shelters(question) => question.is_recorded(),
            _ => false,
        }
    }

    /// Whether it can be asked without anybody having asked for it: nobody is recorded for it. A request that names citizens is read by people alone.
    #[must_use]
    pub fn is_free(&self, now: &Status) -> bool {
        match self {
            Self::Approvals => now.waiting.iter().flatten().all(|waiting| waiting.reading == Reading::Free),
            other => !other.is_recorded(),
        }
    }

    /// Whether its answer stays what it is.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        matches!(self, Self::Turnout(_, Some(_)))
    }
}

/// What the appliance answered.
#[derive(Clone)]
pub enum Answer {
    /// What waits.
    Approvals(Vec<Waiting>),
    /// What was declined or withdrawn.
    Declined(Vec<Declined>),
    /// Where an election stands.
    Election(Box<ElectionStatus>),
    /// How its roll stands.
    Roll(Box<RollOverview>),
    /// Its turnout.
    Turnout(Box<Turnout>),
    /// What became of it.
    Outcome(Box<OutcomeView>),
    /// How an event stands.
    Event(Box<EventView>),
    /// Who was found.
    People(Box<PeopleFound>),
    /// Somebody.
    Person(Box<PersonView>),
    /// Who is contradicted.
    Conflicts(Vec<PersonView>),
    /// Entries of the appliance's journal.
    Journal(Box<JournalPage>),
    /// About agencies and citizens.
    Sharing(sharing::Answer),
    /// Something for the commission's work on an election.
    Elections(elections::Answer),
    /// What headquarters asked of shelters.
    Shelters(shelters::Answer),
    /// What lies under a path.
    Path(path::Found),
}

/// Asks it.
///
/// # Errors
/// [`Failure`].
pub(super) fn ask(desk: &Desk, question: &Question) -> Result<Answer, Failure> {
    let client = &desk.client;
    match question {
        Question::Approvals => {
            let waiting: Vec<Shown> = client.get("/api/v1/approvals", None)?;
            let names = Names::of(client, waiting.iter().map(|shown| &shown.pending.matter));
            Ok(Answer::Approvals(waiting.into_iter().map(|shown| Waiting::of(shown, &names)).collect()))
        }
        Question::Declined => declined(client).map(Answer::Declined),
        Question::Election(id) => client.get(&format!("/api/v1/elections/{id}/status"), None).map(Answer::Election),
        Question::Roll(id) => client.get(&format!("/api/v1/elections/{id}/roll"), None).map(Answer::Roll),
        Question::Turnout(id, None) => client.get(&format!("/api/v1/elections/{id}/turnout"), None).map(Answer::Turnout),
        Question::Turnout(id, Some(hour)) => client.get(&format!("/api/v1/elections/{id}/turnout?at={hour}"), None).map(Answer::Turnout),
        Question::Event(id) => client.get(&format!("/api/v1/shelter/events/{id}"), None).map(Answer::Event),
        Question::People(id, name, shelter) => {
            let search = PeopleSearch { name: name.clone(), shelter: shelter.clone(), limit: MOST };
            client.post(&format!("/api/v1/shelter/events/{id}/search"), None, &search).map(Answer::People)
        }
        Question::Person(id, chain) => client.get(&format!("/api/v1/shelter/events/{id}/people/{chain}"), None).map(Answer::Person),
        Question::Conflicts(id) => client.get(&format!("/api/v1/shelter/events/{id}/conflicts"), None).map(Answer::Conflicts),
        Question::Journal(None) => client.get(&format!("/api/v1/journal?count={PAGE}"), None).map(Answer::Journal),
        Question::Journal(Some(from)) => client.get(&format!("/api/v1/journal?count={PAGE}&from={from}"), None).map(Answer::Journal),
        Question::Acts(id, from) => {
            let from = from.map_or_else(String::new, |from| format!("&from={from}"));
            client.get(&format!("/api/v1/elections/{id}/acts?count={PAGE}{from}"), None).map(Answer::Journal)
        }
        Question::Sharing(question) => sharing::ask(client, question).map(Answer::Sharing),
        Question::Elections(question) => elections::ask(desk, question).map(Answer::Elections),
        Question::Shelters(question) => shelters::ask(desk, question).map(Answer::Shelters),
        Question::Path(path) => path::look(path).map(Answer::Path),
        Question::Outcome(id) => client.get(&format!("/api/v1/elections/{id}/outcome"), None).map(Answer::Outcome),
    }
}
