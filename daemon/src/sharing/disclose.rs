//! Disclosures: encrypted to the agency, recorded, and only then given out.

use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Refusal;
use tachiai_schemas::roster::disclosure::Asked;
use tachiai_schemas::sharing::access::{Access, How};
use tachiai_schemas::sharing::disclosed::{Disclosed, DisclosedAt, DisclosureRequest, RequestId};
use tachiai_verify::eligibility::seal;

use super::decide::{self, Asker};
use super::{Event, Given, Sharing, offload};
use crate::refused::Refused;

impl Sharing {
    /// Makes a disclosure. The same request again gets what was made before.
    ///
    /// # Errors
    /// What [`decide::granted`] refuses; [`Refusal::RequestReused`] for another request of the same ID.
    pub async fn disclose(self: &Arc<Self>, who: &Asker, request: DisclosureRequest) -> Result<DisclosedAt, Refused> {
        let doing = "disclosing people to an agency";
        let _turn = self.turn.lock().await;
        let hash = request.hash().map_err(|error| Refused::fault(doing, error))?;
        if let Some(made) = self.state().disclosed.get(&request.request) {
            who.may_have(&made.disclosed.agency)?;
            return if made.disclosed.asked.hash() == hash { Ok(made.clone()) } else { Err(Refusal::RequestReused.into()) };
        }
        let (agency, asked) = decide::granted(&self.state(), who, &request, self.now())?;
        let Asked { agency: _, purpose, basis, shelters, of, persons: _, fields } = asked.clone();
        let event = request.event;
        let consents = self.consents();
        let kind = agency.kind;
        let may = move |candidate: &super::Candidate<'_>| decide::ground(basis, candidate, kind, consents.of(event, candidate.chain, candidate.citizen));
        let Given { file, people, withheld } = self.services.rosters.disclose(event, asked, Box::new(may)).await?;
        let this = Arc::clone(self);
        let recipient = agency.recipient.clone();
        let (plain, sealed, bytes) = offload(move || {
            let bundle = seal(&file, &[recipient]).map_err(|error| Refused::fault(doing, error))?;
            let sealed = this.bundles.put(&bundle).map_err(|error| Refused::fault(doing, error))?;
            Ok((Hash32::sha256(&file), sealed, bundle.len() as u64))
        })
        .await?;
        let access = Access { how: How::Disclosure, agency: agency.name.clone(), kind, purpose: purpose.clone(), basis, event, fields: fields.clone() };
        let mut events = vec![Event::Disclosed(Disclosed {
            request: request.request,
            asked: hash.into(),
            by: who.name().to_owned(),
            agency: agency.name,
            grant: request.grant,
            purpose,
            basis,
            event,
            shelters,
            of,
            fields,
            people: people.len() as u64,
            withheld,
            plain: plain.into(),
            sealed: sealed.into(),
            bytes,
        })];
        events.extend(self.accessed(&access, event, &people)?);
        self.record(events).await?;
        tracing::info!(event = %event, people = people.len(), "people were disclosed to an agency");
        self.disclosure(who, request.request)
    }

    /// A disclosure that was made.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::OtherAgency`].
    pub fn disclosure(&self, who: &Asker, request: RequestId) -> Result<DisclosedAt, Refused> {
        let made = self.state().disclosed.get(&request).cloned().ok_or(Refusal::NotFound)?;
        who.may_have(&made.disclosed.agency)?;
        Ok(made)
    }

    /// The disclosures that somebody may see: an agency its own.
    #[must_use]
    pub fn disclosures(&self, who: &Asker) -> Vec<DisclosedAt> {
        let mut made: Vec<DisclosedAt> = self.state().disclosed.values().filter(|made| who.may_have(&made.disclosed.agency).is_ok()).cloned().collect();
        made.sort_by_key(|made| made.at);
        made
    }

    /// The bundle of a disclosure.
    ///
    /// # Errors
    /// As for [`Sharing::disclosure`]; [`Refusal::GrantOver`] for an agency whose grant was withdrawn.
    pub fn bundle(&self, who: &Asker, request: RequestId) -> Result<Vec<u8>, Refused> {
        let DisclosedAt { at: _, disclosed } = self.disclosure(who, request)?;
        let is_withdrawn = self.state().grants.get(&disclosed.grant).is_none_or(|made| made.withdrawn.is_some());
        if matches!(who, Asker::Agency { .. }) && is_withdrawn {
            return Err(Refusal::GrantOver.into());
        }
        self.bundles.get(disclosed.sealed.hash()).map_err(|error| Refused::fault("reading a bundle", error))
    }
}
