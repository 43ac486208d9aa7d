//! Two handles of one person, found to be so by two officials, or found to be of two people after all. Both histories stay. It is so after the close as well: what comes
//! late and is taken over may be of somebody who is here already.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::shelter::{LinkCase, LinkDone, LinkRequest, LinkShown};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Bytes, HashBytes, Refusal};

use super::{Event, decide};
use crate::refused::Refused;

impl Event {
    /// Keeps a case, sealed, and gives the matter that two officials decide on: the one that waits, if the same was asked for already.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`], [`Refusal::NotFound`], [`Refusal::ChangedSince`].
    pub async fn prepare_link(self: &Arc<Self>, by: &str, request: LinkRequest, waiting: &[Matter]) -> Result<Matter, Refused> {
        decide::check_link(&request)?;
        // Nobody is erased between the look and the seal, so nothing is sealed under a new key of somebody who was.
        let _sealing = self.sealing.read().await;
        self.may_link(&request)?;
        let (id, same) = (self.id, request.clone());
        let is_it = move |this: &Self, matter: &Matter| matches!(matter, Matter::LinkPeople { event, commitment, .. } if *event == id && this.kept::<LinkCase>(commitment).is_ok_and(|case| case.request == same));
        if let Some(asked) = self.asked_already(waiting, is_it).await? {
            return Ok(asked);
        }
        let LinkRequest { chain, other, verdict, evidence: _ } = request;
        let mut salt = Bytes([0; 32]);
        OsRng.fill_bytes(&mut salt.0);
        let case = LinkCase { salt, event: self.id, request };
        let commitment = self.keep(by, case.commitment(), vec![chain, other], case).await?;
        Ok(Matter::LinkPeople { event: self.id, chain, other, verdict, commitment })
    }

    /// Whether a case could be decided now.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::ChangedSince`].
    pub fn ready_to_link(&self, commitment: &HashBytes) -> Result<(), Refused> {
        self.may_link(&self.kept::<LinkCase>(commitment)?.request)
    }

    fn may_link(&self, request: &LinkRequest) -> Result<(), Refused> {
        let LinkRequest { chain, other, verdict, evidence: _ } = request;
        let published = self.published();
        if [chain, other].into_iter().any(|handle| published.roster.steps(handle).next().is_none()) {
            return Err(Refusal::NotFound.into());
        }
        let is_erased = |handle: &ChainId| self.private.state().erased.contains_key(handle);
        if [chain, other].into_iter().any(is_erased) {
            return Err(Refused::about(Refusal::ShelterInvalid, "handle: the person was erased, so nobody can tell who it was"));
        }
        let holds = published.roster.link(*chain, *other).is_some_and(|(_, held)| held == *verdict);
        if holds { Err(Refusal::ChangedSince.into()) } else { Ok(()) }
    }

    /// What the second official is shown.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn shown_link(&self, commitment: &HashBytes) -> Result<LinkShown, Refused> {
        let case: LinkCase = self.kept(commitment)?;
        let published = self.published();
        let mut people = Vec::new();
        for handle in [case.request.chain, case.request.other] {
            let group = published.roster.person(handle).ok_or(Refusal::NotFound)?;
            if people.is_empty() || !group.handles.contains(&case.request.chain) {
                people.push(published.people.history(&published.roster, &group));
            }
        }
        drop(published);
        Ok(LinkShown { case, people })
    }

    /// Writes what two officials decided. What holds already, as before a restart, stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn link(self: &Arc<Self>, commitment: &HashBytes, by: [String; 2]) -> Result<LinkDone, Refused> {
        let LinkCase { salt: _, event, request: LinkRequest { chain, other, verdict, evidence } } = self.kept(commitment)?;
        let holds = {
            let published = self.published();
            let held = published.roster.link(chain, other).filter(|(_, held)| *held == verdict);
            held.and_then(|(moment, _)| published.roster.leaf(&moment.hash))
        };
        let leaf = match holds {
            Some(leaf) => leaf,
            None => {
                let began = self.began()?;
                let grounds = BTreeMap::from([("asked_by", by[0].clone()), ("evidence", evidence), ("reviewed_by", by[1].clone())]);
                let draw = move |pen: &mut tachiai_schemas::roster::pen::Pen<'_>, millis| pen.link((chain, other), verdict, &grounds, millis, &mut OsRng);
                self.write(by.into(), began, None, draw).await?.2
            }
        };
        Ok(LinkDone { event, chain, other, verdict, leaf })
    }
}
