//! Two IDs of one person, found to be so by two officials with evidence, or found to be of two people after all. Nothing is moved: cards, codes and entries stay under the ID
//! that they were made with, and both are read together as long as they are linked; a card that is bound meanwhile stands under the ID by which its person was known. So
//! taking apart gives each its own again; what was issued or looked up meanwhile is the ID's that went on.

use std::sync::Arc;

use tachiai_schemas::identity::case::{CitizenCaseOf, CitizenLinkDone, CitizenLinkRequest};
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{HashBytes, Refusal};

use super::case::check_words;
use super::{Event, Identity, decide};
use crate::refused::Refused;

impl Identity {
    /// Keeps a case, sealed, and gives the matter that two officials decide on: the one that waits, if the same was asked for already.
    ///
    /// # Errors
    /// [`Refusal::CitizenInvalid`], [`Refusal::NotFound`], [`Refusal::CitizenCodeLost`], [`Refusal::ChangedSince`].
    pub async fn prepare_link(self: &Arc<Self>, by: &str, request: CitizenLinkRequest, waiting: &[Matter]) -> Result<Matter, Refused> {
        let CitizenLinkRequest { citizen, other, verdict, evidence, reason } = request;
        check_words("evidence", &evidence)?;
        check_words("reason", &reason)?;
        let (citizen, other) = self
            .read(|state| match verdict {
                LinkVerdict::Same => Ok((state.resolve(citizen)?, state.resolve(other)?)),
                // The other is an alias, and stands by itself here; what it is one of need not be said exactly.
                LinkVerdict::Apart => {
                    let other = state.whose(other).ok_or(super::NoCode::Unknown)?;
                    let of = state.aliases.get(&other).map(|alias| alias.of);
                    Ok((of.filter(|of| state.survivor(*of) == state.survivor(citizen)).unwrap_or(state.resolve(citizen)?), other))
                }
            })
            .map_err(|no: super::NoCode| Refused::from(no))?;
        let request = CitizenLinkRequest { citizen, other, verdict, evidence, reason };
        self.may_link(&request)?;
        let of = CitizenCaseOf::Link(request);
        if let Some(asked) = self.asked_already(waiting, &of).await? {
            return Ok(asked);
        }
        let commitment = self.keep_case(by, vec![citizen, other], of).await?;
        Ok(Matter::LinkCitizens { citizen, other, verdict, commitment })
    }

    pub(super) fn may_link(&self, request: &CitizenLinkRequest) -> Result<(), Refused> {
        let CitizenLinkRequest { citizen, other, verdict, evidence: _, reason: _ } = request;
        Ok(self.read(|state| decide::may_link(state, *citizen, *other, *verdict))?)
    }

    /// Records what two officials decided. What is recorded, as before a restart, stays. Sessions of both end: they say who somebody was when they began.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::ChangedSince`].
    pub async fn link(&self, commitment: HashBytes, by: [String; 2]) -> Result<CitizenLinkDone, Refused> {
        let CitizenCaseOf::Link(CitizenLinkRequest { citizen, other, verdict, evidence: _, reason: _ }) = self.case(&commitment)?.of else {
            return Err(Refusal::NotFound.into());
        };
        if !self.read(|state| state.linked.contains(&commitment)) {
            self.register.settle(self.clock.now(), Event::CitizensLinked { citizen, other, verdict, by, commitment }).await?;
        }
        self.sessions.end_of_citizens(&[citizen, other]);
        tracing::info!(?verdict, "two officials decided whether two citizen IDs are of one person");
        Ok(CitizenLinkDone { citizen, other, verdict })
    }
}
