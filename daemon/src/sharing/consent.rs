//! Consent given and withdrawn: by the resident after a card login, or at a desk. The latest holds, and no disclosure is under way while it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::sharing::agency::AgencyKind;
use tachiai_schemas::sharing::{Consent, ConsentOnFile};
use tachiai_schemas::{CitizenId, HashBytes, Refusal};

use super::state::Consented;
use super::{Event, Sharing};
use crate::refused::Refused;
use crate::vault::Subject;

/// What the names of people in consents are made for.
const CONSENTS: &str = "consent-person";

/// The consents of a moment.
pub(super) struct Consents {
    sharing: Arc<Sharing>,
    all: BTreeMap<HashBytes, Consented>,
}

impl Consents {
    /// What a person said last, as a citizen or at a desk.
    pub(super) fn of(&self, chain: ChainId, citizen: Option<CitizenId>) -> &[AgencyKind] {
        let ids = citizen.map(|citizen| self.sharing.services.citizens.ids(citizen)).unwrap_or_default();
        // Of whom no key is there nothing was said, or it was erased.
        let person = |person: Result<HashBytes, Refused>| person.ok().and_then(|person| self.all.get(&person));
        let said = ids.into_iter().map(|citizen| self.sharing.in_consents(citizen)).chain([self.sharing.in_consents(chain)]).filter_map(person);
        said.max_by_key(|consented| consented.seq).map_or(&[], |consented| consented.kinds.as_slice())
    }
}

impl Sharing {
    pub(super) fn consents(self: &Arc<Self>) -> Consents {
        Consents { sharing: Arc::clone(self), all: self.state().consents.clone() }
    }

    /// By what a person stands in consents: it goes with the key.
    fn in_consents(&self, subject: impl Into<Subject>) -> Result<HashBytes, Refused> {
        self.person_secret(subject, CONSENTS)?.ok_or_else(|| Refusal::NotFound.into())
    }

    /// What a citizen said last at home.
    #[must_use]
    pub fn consent_of(&self, citizen: CitizenId) -> ConsentOnFile {
        let ids = self.services.citizens.ids(citizen);
        let persons: Vec<HashBytes> = ids.into_iter().filter_map(|citizen| self.in_consents(citizen).ok()).collect();
        let found = {
            let state = self.state();
            persons.iter().filter_map(|person| state.consents.get(person)).max_by_key(|consented| consented.seq).cloned()
        };
        found.map_or(ConsentOnFile { kinds: Vec::new(), at: None }, |Consented { seq: _, at, kinds }| ConsentOnFile { kinds, at: Some(at) })
    }

    /// A citizen consents, or withdraws.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`].
    pub async fn consent(&self, citizen: CitizenId, consent: Consent) -> Result<ConsentOnFile, Refused> {
        self.consented(self.in_consents(citizen)?, consent, None).await
    }

    /// A person consents at a desk, or withdraws.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`], [`Refusal::NotFound`].
    pub async fn consent_at_desk(&self, by: &str, event: EventId, chain: ChainId, consent: Consent) -> Result<ConsentOnFile, Refused> {
        let told = self.services.rosters.told(event, chain)?;
        self.consented(self.in_consents(told.handle.map_or(chain, |(_, chain)| chain))?, consent, Some(by.to_owned())).await
    }

    async fn consented(&self, person: HashBytes, Consent { kinds }: Consent, by: Option<String>) -> Result<ConsentOnFile, Refused> {
        if !kinds.is_sorted_by(|one, two| one < two) {
            return Err(Refused::about(Refusal::SharingInvalid, "kinds: ascending, each once"));
        }
        let _turn = self.turn.lock().await;
        let at = self.record(vec![Event::Consented { person, kinds: kinds.clone(), by }]).await?;
        Ok(ConsentOnFile { kinds, at: Some(at) })
    }
}
