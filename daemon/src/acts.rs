//! What a domain does when two officials agreed: the port between the staff's room and the rooms that act, so that none
//! knows another.

use tachiai_schemas::desk::{AttendedSearch, PaperPerson};
use tachiai_schemas::identity::CounterPerson;
use tachiai_schemas::identity::case::CitizenCaseShown;
use tachiai_schemas::roll::RollCase;
use tachiai_schemas::shelter::LinkShown;
use tachiai_schemas::shelter::case::CaseShown;
use tachiai_schemas::staff::{Matter, Pending, Settled};
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

    /// The person whom a matter is about, for the official who is to approve it; nobody if it is about none, or if that person
    /// cannot be shown any more.
    fn person(&self, matter: &Matter) -> Option<CounterPerson>;

    /// Whom a change of the roll is about, likewise.
    fn roll_case(&self, _matter: &Matter) -> Option<RollCase> {
        None
    }

    /// Of which people of a roster a link is, likewise.
    fn link_case(&self, _matter: &Matter) -> Option<LinkShown> {
        None
    }

    /// What a case of the headquarters says, and what it is about, likewise.
    fn case(&self, _matter: &Matter) -> Option<CaseShown> {
        None
    }

    /// What a case about citizens' IDs says, and whom it is about, likewise.
    fn citizen_case(&self, _matter: &Matter) -> Option<CitizenCaseShown> {
        None
    }

    /// Records that an official is shown that case, if it is one. Nothing of it is shown before this is durable.
    ///
    /// # Errors
    /// Why it could not be recorded.
    fn case_looked(&self, _by: String, _matter: Matter) -> Answering<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Whom a look-up with a second official is for, likewise.
    fn search(&self, _matter: &Matter) -> Option<AttendedSearch> {
        None
    }

    /// The elector whom papers by name are for, likewise.
    fn elector(&self, matter: &Matter) -> Option<PaperPerson>;

    /// Does it, on behalf of the official who asked and the one who approved. Durable once it is ready.
    ///
    /// # Errors
    /// Why not; then nothing was done.
    fn perform(&self, matter: Matter, by: [String; 2], at: Timestamp) -> Answering<'_, Settled>;
}

/// Asks for a second official: what a room that has prepared a matter needs of the staff's room.
pub trait Requests: Send + Sync {
    /// Records that this official asks for it. If it was asked for already, that request is given back.
    ///
    /// # Errors
    /// What [`Acts::ready`] refuses.
    fn ask(&self, by: String, matter: Matter) -> Answering<'_, Pending>;
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

    fn person(&self, _matter: &Matter) -> Option<CounterPerson> {
        None
    }

    fn elector(&self, _matter: &Matter) -> Option<PaperPerson> {
        None
    }

    fn perform(&self, _matter: Matter, _by: [String; 2], _at: Timestamp) -> Answering<'_, Settled> {
        Box::pin(async { Err(Refusal::NotFound.into()) })
    }
}
