//! A room to be tried out: a town whose journal keeps nothing but what its entries say together.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rand_core::OsRng;
use tachiai_schemas::roster::disclosure::Asked;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::{CitizenId, Refusal, Timestamp};

use super::decide::may_record;
use super::{Book, Citizens, Event, Given, May, Platform, Pseudonyms, Rosters, Services, Sharing, State, Told};
use crate::clock::{Clock, SetClock};
use crate::refused::{Answering, Refused};
use crate::vault::{MasterKey, Vault};

/// Somebody.
pub(super) fn citizen(number: u8) -> CitizenId {
    CitizenId([number; 16])
}

/// A journal that keeps nothing but what its entries say together.
#[derive(Default)]
pub(super) struct InMemory {
    pub(super) state: Arc<RwLock<State>>,
    pub(super) seq: Mutex<u64>,
}

impl Book for InMemory {
    fn record(&self, at: Timestamp, events: Vec<Event>) -> Answering<'_, ()> {
        Box::pin(async move {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            may_record(&state, at, &events)?;
            let mut seq = self.seq.lock().unwrap();
            for event in &events {
                *seq += 1;
                state.apply(*seq, at, event);
            }
            Ok(())
        })
    }
}

/// Nobody is in a shelter, and citizens have one ID each.
struct Town(Vec<CitizenId>);

impl Rosters for Town {
    fn disclose(&self, _: EventId, _: Asked, _: May) -> Answering<'_, Given> {
        Box::pin(async { Err(Refusal::NotFound.into()) })
    }

    fn questionnaire(&self, _: EventId, _: ChainId, _: String) -> Answering<'_, QuestionnaireOf> {
        Box::pin(async { Err(Refusal::NotFound.into()) })
    }

    fn told(&self, _: EventId, _: ChainId) -> Result<Told, Refused> {
        Err(Refusal::NotFound.into())
    }

    fn told_of_questionnaire(&self, _: EventId, _: ChainId) -> Result<Told, Refused> {
        Err(Refusal::NotFound.into())
    }

    fn under_way(&self) -> Vec<EventId> {
        Vec::new()
    }

    fn handles(&self, _: &[CitizenId]) -> Vec<(EventId, ChainId)> {
        Vec::new()
    }
}

impl Citizens for Town {
    fn find(&self, code: CitizenId) -> Result<CitizenId, Refused> {
        Ok(code)
    }

    fn ids(&self, citizen: CitizenId) -> Vec<CitizenId> {
        vec![citizen]
    }

    fn all(&self) -> Vec<CitizenId> {
        self.0.clone()
    }
}

impl Pseudonyms for Town {
    fn of(&self, citizen: CitizenId, _: &str) -> Result<Vec<String>, Refused> {
        Ok(vec![format!("p{}", citizen.0[0])])
    }
}

/// Opens the room in a folder.
pub(super) fn open(dir: &Path, clock: &Arc<SetClock>, book: &Arc<InMemory>, city: Arc<dyn Platform>, people: u8, warnings_seconds: u32) -> Arc<Sharing> {
    let (vault, master) = (dir.join("vault"), || MasterKey::from_bytes([7; 32]));
    let vault = if vault.exists() { Vault::open(&vault, master()).unwrap() } else { Vault::create(&vault, master(), &mut OsRng).unwrap() };
    for number in 1..=people {
        vault.create_citizen(citizen(number), &mut OsRng).unwrap();
    }
    let town = Arc::new(Town((1..=people).map(citizen).collect()));
    let services = Services {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        vault: Arc::new(vault),
        state: Arc::clone(&book.state),
        book: Arc::clone(book) as Arc<dyn Book>,
        rosters: Arc::clone(&town) as Arc<dyn Rosters>,
        citizens: Arc::clone(&town) as Arc<dyn Citizens>,
        pseudonyms: town,
        platform: Some(city),
        warnings_seconds,
        host: "yabu.example".to_owned(),
    };
    Arc::new(Sharing::open(services, dir).unwrap())
}
