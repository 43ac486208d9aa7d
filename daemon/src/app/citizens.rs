//! Citizens, as the shelters and the room that shares ask of them; and who is told that an official looked at somebody.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use tachiai_crypto::election::roll;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::roster::person::Sex;
use tachiai_schemas::sharing::access::How;
use tachiai_schemas::shelter::Resident;
use tachiai_schemas::{CitizenId, HashBytes, Refusal};

use crate::identity;
use crate::looks::{Looks, Told};
use crate::refused::{Answering, Refused};
use crate::sharing::{self, Sharing};
use crate::shelter;
use crate::staff;

/// What is known of citizens.
#[derive(Clone)]
pub struct OfIdentity {
    /// The fold of the room's entries.
    pub state: Arc<RwLock<identity::State>>,
    /// By what persons are found in it.
    pub indexer: Arc<identity::Indexer>,
}

impl OfIdentity {
    fn read<T>(&self, look: impl FnOnce(&identity::State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Under which ID a code was given out, if somebody has it.
    #[must_use]
    pub fn whose(&self, code: CitizenId) -> Option<CitizenId> {
        self.read(|state| state.whose(code))
    }
}

impl shelter::Codes for OfIdentity {
    fn refused(&self) -> Vec<CitizenId> {
        self.read(|state| state.refused().to_vec())
    }

    fn is_refused(&self, code: CitizenId) -> bool {
        self.read(|state| state.refused().contains(&code))
    }

    fn ids(&self, code: CitizenId) -> Vec<CitizenId> {
        self.read(|state| state.whose(code).map_or_else(|| vec![code], |citizen| state.ids(citizen)))
    }

    fn whose(&self, code: CitizenId) -> CitizenId {
        self.read(|state| state.whose(code)).unwrap_or(code)
    }

    fn current(&self, citizen: CitizenId) -> CitizenId {
        self.read(|state| state.code(citizen))
    }

    fn of(&self, citizen: CitizenId) -> BTreeSet<CitizenId> {
        self.read(|state| state.codes_of(citizen))
    }

    fn person(&self, resident: &Resident) -> Option<HashBytes> {
        let Resident { name, birth, sex, address, .. } = resident;
        let birth = (*birth)?.to_string().replace('-', "");
        let sex = match sex {
            Sex::Male => roll::Sex::Male,
            Sex::Female => roll::Sex::Female,
            Sex::Unknown => return None,
        };
        Some(self.indexer.person(&roll::hash_of_card(name, &birth, sex, address)).0)
    }

    fn of_person(&self, person: &HashBytes) -> Option<CitizenId> {
        self.read(|state| state.person(&identity::Index(*person)))
    }

    fn person_of(&self, citizen: CitizenId) -> Option<HashBytes> {
        self.read(|state| state.person_of(citizen)).map(|index| index.0)
    }
}

impl sharing::Citizens for OfIdentity {
    fn find(&self, code: CitizenId) -> Result<CitizenId, Refused> {
        Ok(self.read(|state| state.resolve(code))?)
    }

    fn ids(&self, citizen: CitizenId) -> Vec<CitizenId> {
        self.read(|state| state.ids(citizen))
    }

    fn all(&self) -> Vec<CitizenId> {
        self.read(|state| state.known().collect())
    }
}

/// By what services know citizens.
pub struct OfServices(pub Arc<identity::Identity>);

impl sharing::Pseudonyms for OfServices {
    fn of(&self, citizen: CitizenId, service: &str) -> Result<Vec<String>, Refused> {
        self.0.pseudonyms_of(citizen, service)
    }
}

/// The log of accesses, as the rooms write into it that show people to officials.
pub struct Log {
    /// The log.
    pub sharing: Arc<Sharing>,
    /// Who holds which office.
    pub staff: Arc<RwLock<staff::State>>,
    /// Citizens.
    pub citizens: OfIdentity,
}

impl Looks for Log {
    fn looked(&self, by: &str, how: How, event: Option<EventId>, people: Vec<Told>) -> Answering<'_, ()> {
        let role = self.staff.read().unwrap_or_else(PoisonError::into_inner).member(by).map(|member| member.role);
        let whose = |Told { handle, citizen }| Told { handle, citizen: citizen.and_then(|code| self.citizens.whose(code)) };
        let people: Vec<Told> = people.into_iter().map(whose).collect();
        Box::pin(async move { self.sharing.looked(role.ok_or(Refusal::Forbidden)?, how, event, &people).await })
    }
}
