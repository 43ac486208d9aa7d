//! Erasing a citizen: the keys of all IDs of the person are destroyed, and nothing that was sealed under them opens any more.
//!
//! Two officials decide. What goes: who it is, the evidence of bound cards, the words of cases, also of those about two people, and the secret by which the person is found
//! in the access log and in consents and from which the pseudonyms are made that services know: these lead to nobody, and nobody can make them again. Cards and codes lead to nobody from then on, and whoever comes again gets another ID. What stays: every entry, byte for byte; evidence that an election has
//! taken over, which lies under the authority's key; what events keep of the person, which is erased there.
//!
//! **Order**: that somebody is to be erased is durable before a key is destroyed, and from then on the IDs lead to nobody. What a fault of the vault or a stop of the daemon left
//! is tried again every minute, and at the next start before anything is served.
//!
//! **Limits**: the journal keeps keyed hashes of cards and of the person, and the IDs in clear. Who has the appliance's vault and knows the four attributes of somebody, or
//! who knows whose an ID was, can tell which ID it was, when it was issued, which cards were bound and when, and what officials recorded or looked up about it. What the
//! entries held sealed opens to nobody. A service keeps what it knows under a pseudonym until it deletes that itself.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_schemas::identity::case::{CitizenCaseOf, CitizenEraseDone, CitizenEraseRequest};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{CitizenId, HashBytes, Refusal};

use super::case::{check_words, subjects};
use super::{Event, Identity};
use crate::refused::Refused;
use crate::vault::VaultError;

impl Identity {
    /// Keeps a case of erasing somebody, sealed, and gives the matter that two officials decide on: the one that waits, if the same was asked for already.
    ///
    /// # Errors
    /// [`Refusal::CitizenInvalid`], [`Refusal::NotFound`], [`Refusal::CitizenCodeLost`].
    pub async fn prepare_erase(self: &Arc<Self>, by: &str, code: CitizenId, request: CitizenEraseRequest, waiting: &[Matter]) -> Result<Matter, Refused> {
        check_words("reason", &request.reason)?;
        let ground = request.ground;
        let citizen = self.read(|state| state.resolve(code))?;
        let of = CitizenCaseOf::Erase { citizen, request };
        if let Some(asked) = self.asked_already(waiting, &of).await? {
            return Ok(asked);
        }
        let commitment = self.keep_case(by, vec![citizen], of).await?;
        Ok(Matter::EraseCitizen { citizen, ground, commitment })
    }

    /// The IDs that go with one.
    pub(super) fn gone_with(&self, citizen: CitizenId) -> Result<Vec<CitizenId>, Refused> {
        let (ids, is_known) = self.read(|state| (state.ids(citizen), state.citizens.contains_key(&citizen)));
        match (is_known, ids.first() == Some(&citizen)) {
            (false, _) => Err(Refusal::NotFound.into()),
            (true, false) => Err(Refusal::ChangedSince.into()),
            (true, true) => Ok(ids),
        }
    }

    /// Erases whom two officials decided on. What is done, as before a restart, stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::ChangedSince`].
    pub async fn erase(&self, commitment: HashBytes, by: [String; 2]) -> Result<CitizenEraseDone, Refused> {
        let begun = self.read(|state| state.erasing.get(&commitment).cloned());
        let citizens = match begun {
            Some(citizens) => citizens,
            None => {
                let CitizenCaseOf::Erase { citizen, request: CitizenEraseRequest { ground, reason: _ } } = self.case(&commitment)?.of else {
                    return Err(Refusal::NotFound.into());
                };
                let citizens = self.gone_with(citizen)?;
                self.register.settle(self.clock.now(), Event::CitizenErasing { citizens: citizens.clone(), ground, by, commitment }).await?;
                citizens
            }
        };
        self.sessions.end_of_citizens(&citizens);
        self.destroy_apart(&citizens).await?;
        self.register.settle(self.clock.now(), Event::CitizenErased { commitment }).await?;
        tracing::info!(ids = citizens.len(), "a citizen was erased");
        Ok(CitizenEraseDone { citizens })
    }

    /// Finishes what was interrupted: no ID of an erased person ever gets a key again, so this can be repeated.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn finish_erasures(&self) -> Result<(), VaultError> {
        let erased: Vec<CitizenId> = self.read(|state| state.erased.keys().copied().collect());
        self.destroy(&erased)
    }

    /// Tries again what a fault left, and notes what is done.
    ///
    /// # Errors
    /// [`Refusal::Fault`]; it is to be tried once more then.
    pub async fn retry_erasures(&self) -> Result<(), Refused> {
        let left: Vec<(HashBytes, Vec<CitizenId>)> = self.read(|state| {
            let citizens = |commitment| state.erasing.get(commitment).cloned().unwrap_or_default();
            state.unfinished.iter().map(|commitment| (*commitment, citizens(commitment))).collect()
        });
        for (commitment, citizens) in left {
            self.destroy_apart(&citizens).await?;
            self.register.settle(self.clock.now(), Event::CitizenErased { commitment }).await?;
            tracing::info!(ids = citizens.len(), "the erasure of a citizen was finished");
        }
        Ok(())
    }

    /// Away from the threads that serve the network, since the table of keys is written anew.
    async fn destroy_apart(&self, citizens: &[CitizenId]) -> Result<(), Refused> {
        let (vault, subjects) = (Arc::clone(&self.vault), subjects(citizens));
        let destroyed = tokio::task::spawn_blocking(move || vault.erase(&subjects, &mut OsRng)).await;
        let fault = |error: &dyn std::fmt::Display| Refused::fault("erasing a citizen", error);
        destroyed.map_err(|error| fault(&error))?.map_err(|error| fault(&error))
    }

    fn destroy(&self, citizens: &[CitizenId]) -> Result<(), VaultError> {
        self.vault.erase(&subjects(citizens), &mut OsRng)
    }
}
