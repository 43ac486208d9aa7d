//! What stands ready for every disaster: facilities, residents, the action-support list and questionnaires, in memory, so that a reception finds them at once,
//! and sealed on the disk.
//!
//! | file | is |
//! |---|---|
//! | [`log`] | the standing private journal `shelters` |
//! | [`imports`] | imports: shown first, applied then |
//! | [`known`] | which resident has which citizen ID |
//! | [`protected`] | whom the register protects, recognised in a roster |
//! | [`routes`] | the routes of the staff port |
//!
//! An import lies sealed in a file of its own, named by its SHA-256 and synced before the entry that names it. Everything is read anew from there at the start.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rand_core::OsRng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::Person;
use tachiai_schemas::shelter::Resident;
use tachiai_schemas::shelter::facility::Facility;
use tachiai_schemas::shelter::import::ImportKind;
use tachiai_schemas::shelter::index::Residents;
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::shelter::support::{self, Listed};
use tachiai_schemas::{CitizenId, HashBytes};
use zeroize::Zeroizing;

use self::known::Known;
use self::log::{Log, LogState};
use self::protected::Protected;
use super::event::ClassifyOnly;
use super::private::{self, Private};
use super::questionnaire::is_identified;
use super::{OpenError, Services};
use crate::blobs::Blobs;
use crate::journal::{CommitError, JournalId};
use crate::refused::Refused;
use crate::vault::Aad;

pub mod imports;
pub mod known;
pub mod log;
pub mod protected;
pub mod routes;

/// The standing journal.
const JOURNAL: &str = "shelters";

/// The secret that seals imports.
const KEY: &str = "shelters-register";

/// Everything that was imported.
struct Held {
    facilities: Arc<Vec<Facility>>,
    residents: Arc<Residents>,
    known: Arc<Known>,
    protected: Arc<Protected>,
    listed: Arc<Vec<Listed>>,
    strangers: Arc<Vec<Listed>>,
    definitions: Arc<Vec<Definition>>,
}

/// What stands ready.
pub struct Register {
    pub(super) services: Arc<Services>,
    pub(super) journal: Private<LogState>,
    blobs: Blobs,
    held: RwLock<Held>,
    /// Imports are applied one after the other.
    importing: tokio::sync::Mutex<()>,
}

impl Register {
    /// Opens the standing journal and takes the last imports.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(services: &Arc<Services>, repairs: &mut Vec<String>) -> Result<Self, OpenError> {
        let id = JournalId::new(JOURNAL)?;
        let journal = Private::<LogState>::open(services, &id, repairs)?;
        let blobs = Blobs::new(private::folder(&services.data, &id).join("imports"));
        let held = RwLock::new(Held {
            facilities: Arc::default(),
            residents: Arc::default(),
            known: Arc::new(Known::of(&[], Arc::clone(&services.codes))),
            protected: Arc::new(Protected::of(&[], Arc::clone(&services.codes))),
            listed: Arc::default(),
            strangers: Arc::default(),
            definitions: Arc::default(),
        });
        let register = Self { services: Arc::clone(services), journal, blobs, held, importing: tokio::sync::Mutex::new(()) };
        register.load().map_err(|refused| OpenError::Entry { journal: id, seq: 0, what: format!("an import that is named cannot be read: {refused:?}") })?;
        Ok(register)
    }

    fn load(&self) -> Result<(), Refused> {
        let (imports, definitions) = {
            let state = self.journal.state();
            (state.imports.clone(), state.definitions.clone())
        };
        let of = |kind: ImportKind| imports.get(&kind).map(|import| import.payload);
        let facilities: Vec<Facility> = of(ImportKind::Facilities).map(|payload| self.unsealed(payload)).transpose()?.unwrap_or_default();
        let listed: Vec<Listed> = of(ImportKind::SupportList).map(|payload| self.unsealed(payload)).transpose()?.unwrap_or_default();
        let residents: Vec<Resident> = of(ImportKind::Residents).map(|payload| self.unsealed(payload)).transpose()?.unwrap_or_default();
        let definitions: Vec<Definition> = definitions.values().map(|payload| self.unsealed(*payload)).collect::<Result<_, _>>()?;
        self.hold(|held| {
            (held.facilities, held.definitions) = (Arc::new(facilities), Arc::new(definitions));
        });
        self.put_people(residents, listed);
        Ok(())
    }

    fn hold(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.held.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn held<T>(&self, what: impl FnOnce(&Held) -> &Arc<T>) -> Arc<T> {
        Arc::clone(what(&self.held.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The residents, as they are now.
    #[must_use]
    pub fn residents(&self) -> Arc<Residents> {
        self.held(|held| &held.residents)
    }

    /// The citizen of somebody, from what an entry says or from the residents: a code as it was entered.
    #[must_use]
    pub fn citizen_of(&self, person: &Person) -> Option<CitizenId> {
        let by_number = |number: &str| self.residents().by_number(number).and_then(|resident| self.citizen_of_resident(resident));
        person.citizen.or_else(|| person.resident.as_deref().and_then(by_number))
    }

    /// The same where more than words says that it is this citizen: whoever is typed may be anybody, so what is done with that entry is neither told to the citizen nor
    /// decided by what the citizen said.
    #[must_use]
    pub fn citizen_known(&self, person: &Person) -> Option<CitizenId> {
        if is_identified(person) { self.citizen_of(person) } else { None }
    }

    /// The citizen ID of a resident, or a code of it: by the register, or because an ID was given to the same person.
    #[must_use]
    pub fn citizen_of_resident(&self, resident: &Resident) -> Option<CitizenId> {
        self.held(|held| &held.known).citizen_of(resident)
    }

    /// The number of the resident to whom a code leads, whichever of the person's codes the register has.
    #[must_use]
    pub fn number_of(&self, code: CitizenId) -> Option<String> {
        self.held(|held| &held.known).number_of(code)
    }

    /// The numbers of every resident who may have one of these codes, by the register or because an ID was given to the same person.
    #[must_use]
    pub fn numbers_of(&self, codes: &BTreeSet<CitizenId>) -> BTreeSet<String> {
        let residents = self.residents();
        let by_register = codes.iter().flat_map(|code| residents.by_citizen(*code)).map(|resident| resident.number.clone());
        by_register.chain(codes.iter().filter_map(|code| self.number_of(*code))).collect()
    }

    /// The residents under protection, as they are now.
    #[must_use]
    pub fn protected(&self) -> Arc<Protected> {
        self.held(|held| &held.protected)
    }

    /// The places, as they are now.
    #[must_use]
    pub fn facilities(&self) -> Arc<Vec<Facility>> {
        self.held(|held| &held.facilities)
    }

    /// Who is on the action-support list and not in the register of residents.
    #[must_use]
    pub fn strangers(&self) -> Arc<Vec<Listed>> {
        self.held(|held| &held.strangers)
    }

    /// The questionnaires, the newest version of each.
    #[must_use]
    pub fn definitions(&self) -> Arc<Vec<Definition>> {
        self.held(|held| &held.definitions)
    }

    /// Puts residents and list together and in the place of those before.
    fn put_people(&self, mut residents: Vec<Resident>, listed: Vec<Listed>) {
        let met = support::meet(&residents, &listed);
        for (place, resident) in residents.iter_mut().enumerate() {
            resident.support = met.residents.get(&place).cloned();
        }
        let codes = &self.services.codes;
        let (known, protected) = (Arc::new(Known::of(&residents, Arc::clone(codes))), Arc::new(Protected::of(&residents, Arc::clone(codes))));
        let (residents, listed, strangers) = (Arc::new(Residents::new(residents)), Arc::new(listed), Arc::new(met.strangers));
        self.hold(|held| (held.residents, held.known, held.protected, held.listed, held.strangers) = (residents, known, protected, listed, strangers));
    }

    /// Puts a questionnaire in the place of its earlier version.
    pub(super) fn put_definition(&self, definition: Definition) {
        let mut all: Vec<Definition> = self.definitions().iter().filter(|other| other.id != definition.id).cloned().collect();
        all.push(definition);
        all.sort_by(|one, two| one.id.cmp(&two.id));
        self.hold(|held| held.definitions = Arc::new(all));
    }

    /// Held while what stands ready is changed.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.importing.lock().await
    }

    /// Seals a payload into a file. It is durable when this returns.
    pub(super) fn seal(&self, value: &impl Serialize) -> Result<HashBytes, Refused> {
        let doing = "sealing an import";
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|error| Refused::fault(doing, error.classify_only()))?);
        let sealed = self.services.vault.seal(KEY, &aad(), &plain, &mut OsRng).map_err(|error| Refused::fault(doing, error))?;
        self.blobs.put(&sealed).map(HashBytes::from).map_err(|error| Refused::fault(doing, error))
    }

    fn unsealed<T: DeserializeOwned>(&self, payload: Hash32) -> Result<T, Refused> {
        let doing = "opening an import";
        let sealed = self.blobs.get(payload).map_err(|error| Refused::fault(doing, error))?;
        let plain = self.services.vault.open_sealed(KEY, &aad(), &sealed).map_err(|error| Refused::fault(doing, error))?;
        serde_json::from_slice(&plain).map_err(|error| Refused::fault(doing, error.classify_only()))
    }

    /// Makes entries of the standing journal durable.
    pub(super) async fn note(&self, log: Log) -> Result<(), Refused> {
        self.journal.note(vec![log]).await
    }

    /// Why the standing journal takes nothing at present, if it does not.
    #[must_use]
    pub fn not_writing(&self) -> Option<CommitError> {
        self.journal.condition()
    }

    /// Ends the committer of the standing journal.
    pub async fn stop(&self) {
        self.journal.stop().await;
    }
}

fn aad() -> Aad {
    Aad::new(&[JOURNAL, "import"])
}

#[cfg(test)]
mod tests;
