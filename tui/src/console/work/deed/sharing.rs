//! What is done about agencies, and about citizen IDs.

use std::path::PathBuf;

use tachiai_schemas::identity::case::{CitizenEraseRequest, CitizenLinkRequest};
use tachiai_schemas::identity::citizen::CitizenPerson;
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::{Agency, Grant};
use tachiai_schemas::sharing::disclosed::DisclosureRequest;
use tachiai_schemas::{CitizenId, InPlaceOf};

use super::{Desk, Done, pending_of, waits};
use crate::commands::{agency, citizen, disclose};
use crate::console::action::Place;
use crate::failure::Failure;

/// Something that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// An agency is entered, in the place of what was seen.
    SetAgency(Box<InPlaceOf<Agency>>),
    /// A grant is asked for.
    Grant(Box<Grant>),
    /// A grant is ended.
    Withdraw(Name),
    /// A disclosure is made, and its bundle is written to a new file.
    Disclose(Box<DisclosureRequest>, PathBuf),
    /// A citizen ID is issued.
    Issue(Box<Unsaid<CitizenPerson>>),
    /// A code was lost.
    Lose(CitizenId),
    /// Two IDs are said to be of one person, or of two after all.
    Link(Box<Unsaid<CitizenLinkRequest>>),
    /// Somebody is to be erased.
    Erase(CitizenId, Box<Unsaid<CitizenEraseRequest>>),
    /// A code is printed as a card.
    Print(citizen::ToPrint),
}

/// What names somebody, and so is never written to a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsaid<T>(pub T);

impl<T> std::fmt::Debug for Unsaid<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<PERSON>")
    }
}

/// Does it.
///
/// # Errors
/// [`Failure`].
pub(super) fn perform(desk: &Desk, deed: &Deed) -> Result<Done, Failure> {
    let client = &desk.client;
    Ok(match deed {
        Deed::SetAgency(asked) => {
            let set = agency::set(client, asked)?;
            Done::noticed("done-entered", &[("name", set.name.to_string())])
        }
        Deed::Grant(grant) => waits(client, pending_of(agency::ask_for(client, grant)?)?),
        Deed::Withdraw(name) => {
            let made = agency::withdraw(client, name)?;
            let names = agency::names_of(client, [&made]);
            Done::told(|words| format!("{}\n{}", words.say("done-withdrawn"), agency::grant_text(words.lang(), &made, &names)))
        }
        Deed::Disclose(request, out) => {
            let made = disclose::make(client, request, out)?;
            let done = Done::told(|words| format!("{}\n{}", disclose::made_text(words.lang(), &made, out), words.say("disclose-hand-over")));
            Done { then: Some(Place::Sharing), ..done }
        }
        Deed::Issue(person) => {
            let issued = citizen::issue(client, &person.0)?;
            Done { then: Some(Place::Citizen(issued.code)), ..Done::told(|words| citizen::issued_text(words.lang(), &issued)) }
        }
        Deed::Lose(code) => {
            let issued = citizen::lose(client, *code)?;
            let done = Done::told(|words| words.with("citizen-lost", &[("code", issued.code.to_string())]));
            Done { then: Some(Place::Citizen(issued.code)), ..done }
        }
        Deed::Link(request) => waits(client, pending_of(citizen::link(client, &request.0)?)?),
        Deed::Erase(code, request) => waits(client, pending_of(citizen::erase(client, *code, &request.0)?)?),
        Deed::Print(card) => {
            citizen::print(client, card)?;
            Done::told(|words| words.with("done-written", &[("path", card.pdf.display().to_string())]))
        }
    })
}
