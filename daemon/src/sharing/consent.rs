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

/// The consents of a moment.
pub(super) struct Consents {
    sharing: Arc<Sharing>,
    all: BTreeMap<HashBytes, Consented>,
}

impl Consents {
    /// What a person said last, as a citizen or at a desk.
    pub(super) fn of(&self, event: EventId, chain: ChainId, citizen: Option<CitizenId>) -> &[AgencyKind] {
        let handle = Some(self.sharing.handle_in_consents(event, chain));
        let citizen = citizen.map(|citizen| self.sharing.citizen_in_consents(citizen));
        let said = [handle, citizen].into_iter().flatten().filter_map(|person| self.all.get(&person));
        said.max_by_key(|consented| consented.seq).map_or(&[], |consented| consented.kinds.as_slice())
    }
}

impl Sharing {
    pub(super) fn consents(self: &Arc<Self>) -> Consents {
        Consents { sharing: Arc::clone(self), all: self.state().consents.clone() }
    }

    fn citizen_in_consents(&self, citizen: CitizenId) -> HashBytes {
        self.pseudonym(&[b"citizen", &citizen.0])
    }

    fn handle_in_consents(&self, event: EventId, chain: ChainId) -> HashBytes {
        self.pseudonym(&[b"handle", &event.0, &chain.0])
    }

    /// What a citizen said last at home.
    #[must_use]
    pub fn consent_of(&self, citizen: CitizenId) -> ConsentOnFile {
        let found = self.state().consents.get(&self.citizen_in_consents(citizen)).cloned();
        found.map_or(ConsentOnFile { kinds: Vec::new(), at: None }, |Consented { seq: _, at, kinds }| ConsentOnFile { kinds, at: Some(at) })
    }

    /// A citizen consents, or withdraws.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`].
    pub async fn consent(&self, citizen: CitizenId, consent: Consent) -> Result<ConsentOnFile, Refused> {
        self.consented(self.citizen_in_consents(citizen), consent, None).await
    }

    /// A person consents at a desk, or withdraws.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`], [`Refusal::NotFound`].
    pub async fn consent_at_desk(&self, by: &str, event: EventId, chain: ChainId, consent: Consent) -> Result<ConsentOnFile, Refused> {
        let told = self.services.rosters.told(event, chain)?;
        self.consented(self.handle_in_consents(event, told.chain), consent, Some(by.to_owned())).await
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
