//! What a domain does when two officials agreed: the port between the staff's room and the rooms that act, so that none
//! knows another.

use tachiai_schemas::desk::{AttendedSearch, PaperPerson};
use tachiai_schemas::identity::CounterPerson;
use tachiai_schemas::identity::case::CitizenCaseShown;
use tachiai_schemas::roll::RollCase;
use tachiai_schemas::shelter::LinkShown;
use tachiai_schemas::shelter::case::CaseShown;
use tachiai_schemas::staff::{Matter, Pending, Settled, Shown};
use tachiai_schemas::{Refusal, Timestamp};

use crate::refused::{Answering, Refused};

/// The domains whose acts need two officials. `ready` and `perform` may be repeated after a crash: `perform` on a matter
/// that is settled already changes nothing.
pub trait Acts: Send + Sync {
    /// The matter with everything that the officials decide on, as it is now.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    fn filled_in(&self, matter: Matter) -> Result<Matter, Refused>;

    /// Whether it could be done now, so that nobody is asked to approve what cannot be.
    ///
    /// # Errors
    /// Why not.
    fn ready(&self, matter: &Matter) -> Result<(), Refused>;

    /// Whom or what a matter is about, for the official who is to approve it; nothing if there is no more to it than the matter says, or if it cannot be shown any
    /// more.
    fn about(&self, matter: &Matter) -> Option<About>;

    /// Records that an official is shown it, where that is to be told. Nothing of it is shown before this is durable.
    ///
    /// # Errors
    /// Why it could not be recorded.
    fn is_shown(&self, by: String, matter: Matter) -> Answering<'_, ()>;

    /// Does it, on behalf of the official who asked and the one who approved. Durable once it is ready.
    ///
    /// # Errors
    /// Why not; then nothing was done.
    fn perform(&self, matter: Matter, by: [String; 2], at: Timestamp) -> Answering<'_, Settled>;
}

/// What the second official is shown of a matter: that to which it commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Who is enrolled at a counter.
    Person(CounterPerson),
    /// Whom a change of the roll is about.
    Roll(Box<RollCase>),
    /// Whom a look-up with a second official is for.
    Search(Box<AttendedSearch>),
    /// The elector whom papers by name are for.
    Elector(PaperPerson),
    /// Of which people of a roster a link is.
    Link(Box<LinkShown>),
    /// What a case of the headquarters says, and what it is about.
    Case(Box<CaseShown>),
    /// What a case about citizens' IDs says, and whom it is about.
    Citizens(Box<CitizenCaseShown>),
}

impl About {
    /// What waits, with this.
    #[must_use]
    pub fn shown(about: Option<Self>, pending: Pending) -> Shown {
        let bare = Shown::from(pending);
        match about {
            None => bare,
            Some(Self::Person(person)) => Shown { person: Some(person), ..bare },
            Some(Self::Roll(case)) => Shown { roll: Some(case), ..bare },
            Some(Self::Search(search)) => Shown { search: Some(search), ..bare },
            Some(Self::Elector(elector)) => Shown { elector: Some(elector), ..bare },
            Some(Self::Link(link)) => Shown { link: Some(link), ..bare },
            Some(Self::Case(case)) => Shown { case: Some(case), ..bare },
            Some(Self::Citizens(citizens)) => Shown { citizens: Some(citizens), ..bare },
        }
    }
}

/// Asks for a second official: what a room that has prepared a matter needs of the staff's room.
pub trait Requests: Send + Sync {
    /// Records that this official asks for it. If it was asked for already, that request is given back.
    ///
    /// # Errors
    /// What [`Acts::ready`] refuses.
    fn ask(&self, by: String, matter: Matter) -> Answering<'_, Pending>;

    /// What waits. Who looks so before making a case asks for what waits already, where it is the same: what was asked for again after a line that was cut is one case.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    fn waiting(&self) -> Answering<'_, Waiting>;
}

/// What waits for a second official; as long as this is held nobody else looks so.
#[derive(Default)]
pub struct Waiting {
    /// The matters, the oldest first.
    pub matters: Vec<Matter>,
    /// The turn to ask.
    pub turn: Option<tokio::sync::OwnedMutexGuard<()>>,
}

/// Nothing to act on: for a command that changes the staff list and nothing else.
pub struct NoActs;

impl Acts for NoActs {
    fn filled_in(&self, matter: Matter) -> Result<Matter, Refused> {
        Ok(matter)
    }

    fn ready(&self, _matter: &Matter) -> Result<(), Refused> {
        Err(Refusal::NotFound.into())
    }

    fn about(&self, _matter: &Matter) -> Option<About> {
        None
    }

    fn is_shown(&self, _by: String, _matter: Matter) -> Answering<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn perform(&self, _matter: Matter, _by: [String; 2], _at: Timestamp) -> Answering<'_, Settled> {
        Box::pin(async { Err(Refusal::NotFound.into()) })
    }
}
