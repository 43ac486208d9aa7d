//! Consent given and withdrawn: by the resident after a card login, or at a desk. The latest holds, and no disclosure is under way while it changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tachiai_crypto::labels;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::sharing::agency::AgencyKind;
use tachiai_schemas::sharing::{Consent, ConsentOnFile};
use tachiai_schemas::{CitizenId, HashBytes, Refusal};

use super::state::Consented;
use super::{Sharing, decide};
use crate::refused::Refused;
use crate::vault::Subject;

/// The consents of a moment.
#[derive(Clone)]
pub(super) struct Consents {
    sharing: Arc<Sharing>,
    all: Arc<BTreeMap<HashBytes, Consented>>,
    /// Why somebody could not be found in them.
    fault: Arc<Mutex<Option<Refused>>>,
}

impl Consents {
    /// What a person said last, as a citizen or at a desk. Of whom it cannot be told, nothing: see [`Self::complete`].
    pub(super) fn of(&self, chain: ChainId, citizen: Option<CitizenId>) -> &[AgencyKind] {
        let ids = citizen.map(|citizen| self.sharing.services.citizens.ids(citizen)).unwrap_or_default();
        match self.sharing.names(&ids, &[chain]) {
            Ok(names) => decide::said_last(&self.all, &names).map_or(&[], |consented| consented.kinds.as_slice()),
            Err(refused) => {
                self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refused);
                &[]
            }
        }
    }

    /// Whether everybody was found who was asked for.
    ///
    /// # Errors
    /// [`Refusal::Fault`]: what was decided by these consents is not to be used.
    pub(super) fn complete(&self) -> Result<(), Refused> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

impl Sharing {
    pub(super) fn consents(self: &Arc<Self>) -> Consents {
        Consents { sharing: Arc::clone(self), all: Arc::new(self.state().consents.clone()), fault: Arc::default() }
    }

    /// By what a person stands in consents: it goes with the key.
    fn in_consents(&self, subject: impl Into<Subject>) -> Result<HashBytes, Refused> {
        self.person_secret(subject, labels::hash::CONSENT_PERSON)?.ok_or_else(|| Refusal::NotFound.into())
    }

    /// By what somebody stands in consents under these IDs and handles. Of whom no key is there nothing was said, or it was erased.
    fn names(&self, ids: &[CitizenId], chains: &[ChainId]) -> Result<Vec<HashBytes>, Refused> {
        let subjects = ids.iter().copied().map(Subject::from).chain(chains.iter().copied().map(Subject::from));
        subjects.filter_map(|subject| self.person_secret(subject, labels::hash::CONSENT_PERSON).transpose()).collect()
    }

    /// What a citizen said last at home.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn consent_of(&self, citizen: CitizenId) -> Result<ConsentOnFile, Refused> {
        let names = self.names(&self.services.citizens.ids(citizen), &[])?;
        let found = decide::said_last(&self.state().consents, &names).cloned();
        Ok(found.map_or(ConsentOnFile { kinds: Vec::new(), at: None }, |Consented { seq: _, at, kinds }| ConsentOnFile { kinds, at: Some(at) }))
    }

    /// A citizen consents, or withdraws.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`].
    pub async fn consent(&self, citizen: CitizenId, consent: Consent) -> Result<ConsentOnFile, Refused> {
        self.consented(self.in_consents(citizen)?, Some(citizen), consent, None).await
    }

    /// A person consents at a desk, or withdraws.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`], [`Refusal::NotFound`].
    pub async fn consent_at_desk(&self, by: &str, event: EventId, chain: ChainId, consent: Consent) -> Result<ConsentOnFile, Refused> {
        let told = self.services.rosters.told(event, chain)?;
        self.consented(self.in_consents(told.handle.map_or(chain, |(_, chain)| chain))?, told.citizen, consent, Some(by.to_owned())).await
    }

    /// What goes further under another ID or handle of the same person is cut to it in the same batch: it must not hold again when the key of `person` is destroyed, or
    /// the IDs are taken apart.
    async fn consented(&self, person: HashBytes, citizen: Option<CitizenId>, Consent { kinds }: Consent, by: Option<String>) -> Result<ConsentOnFile, Refused> {
        if !kinds.is_sorted_by(|one, two| one < two) {
            return Err(Refused::about(Refusal::SharingInvalid, "kinds: ascending, each once"));
        }
        let _turn = self.turn.lock().await;
        let ids = citizen.map(|citizen| self.services.citizens.ids(citizen)).unwrap_or_default();
        let chains: Vec<ChainId> = self.services.rosters.handles(&ids).into_iter().map(|(_, chain)| chain).collect();
        let names = self.names(&ids, &chains)?;
        let events = decide::consented(&self.state().consents, person, &names, &kinds, by.as_deref());
        let at = self.record(events).await?;
        Ok(ConsentOnFile { kinds, at: Some(at) })
    }
}
