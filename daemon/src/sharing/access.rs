//! The access log: a view of the appliance's journal with a tree and a signed checkpoint of its own.
//!
//! **Erasing**: the secret by which somebody stands in the log comes from the key of the citizen, or of the handle where no citizen is known. When the key is destroyed,
//! the log stays byte for byte and every list that was kept of it holds; but nobody at the appliance finds any more by the tags which leaves were about the person. Who
//! kept the own list does, and so does who has a secret from before, or a backup of the keys.
//!
//! **Limits**: the appliance's journals say beside the log, with the time, which official looked up which citizen ID or which handles. Who reads them and knows whose an
//! ID was can tell by the time which leaves were about them, also after an erasure.

use std::sync::{Arc, PoisonError};

use rand_core::{OsRng, RngCore};
use tachiai_crypto::journal::{Checkpoint, Origin};
use tachiai_crypto::labels;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::sharing::access::{
    self, Access, AccessHistory, AccessLeaf, AccessPage, AccessRecord, By, HISTORY, How, MAX_TAGS, OwnAccess, Secret, VERSION, Whose,
};
use tachiai_schemas::staff::Role;
use tachiai_schemas::status::{CheckpointNow, Log};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes};

use super::state::Leaf;
use super::{Event, Sharing, Told, offload};
use crate::refused::Refused;
use crate::vault::Subject;

/// The most bytes of leaves in one answer.
const PAGE: usize = 1 << 20;

impl Sharing {
    /// The entries that say that something of these people went to an agency.
    pub(super) fn accessed(&self, access: &Access, people: &[Told]) -> Result<Vec<Event>, Refused> {
        let at = self.now();
        let secrets = people.iter().filter_map(|told| self.secret_of(*told).transpose()).collect::<Result<Vec<_>, _>>()?;
        let entries = secrets.chunks(MAX_TAGS).map(|secrets| {
            let (id, salt) = (random(), random());
            let mut tags: Vec<HashBytes> = secrets.iter().map(|secret| access::tag(&secret.secret, &id)).collect();
            tags.sort_unstable();
            tags.dedup();
            let about = access.commitment(&salt).map_err(|error| Refused::fault("recording an access", error))?;
            Ok(Event::Accessed { leaf: AccessLeaf { v: VERSION, at, id, about, tags }, access: access.clone(), salt })
        });
        entries.collect()
    }

    /// Records that an office of the municipality looked at people. Durable once it is ready.
    ///
    /// # Errors
    /// [`Refusal::Fault`](tachiai_schemas::Refusal::Fault).
    pub async fn looked(&self, role: Role, how: How, event: Option<EventId>, people: &[Told]) -> Result<(), Refused> {
        let events = self.accessed(&Access { how, by: By::Office { role }, event, fields: Vec::new() }, people)?;
        if events.is_empty() { Ok(()) } else { self.record(events).await.map(drop) }
    }

    /// The secret under which somebody stands in the log: the citizen's, where one is known who has a key. Nobody has one of whom nothing is kept.
    fn secret_of(&self, told: Told) -> Result<Option<Secret>, Refused> {
        if let Some(citizen) = told.citizen
            && let Some(secret) = self.secret_of_citizen(citizen)?
        {
            return Ok(Some(secret));
        }
        let Some((event, chain)) = told.handle else { return Ok(None) };
        let secret = self.person_secret(chain, labels::hash::ACCESS_PERSON)?;
        Ok(secret.map(|secret| Secret { whose: Whose::Handle { event, chain }, secret }))
    }

    fn secret_of_citizen(&self, citizen: CitizenId) -> Result<Option<Secret>, Refused> {
        Ok(self.person_secret(citizen, labels::hash::ACCESS_PERSON)?.map(|secret| Secret { whose: Whose::Citizen {}, secret }))
    }

    /// A secret that goes with the key of a person.
    pub(super) fn person_secret(&self, subject: impl Into<Subject>, label: &str) -> Result<Option<HashBytes>, Refused> {
        let secret = self.services.vault.secret_for(subject, label).map_err(|error| Refused::fault("finding somebody in a log", error))?;
        Ok(secret.map(HashBytes::from))
    }

    /// The log from a leaf on, as far as one answer goes, with what concerns a citizen: one such list at a time.
    ///
    /// # Errors
    /// [`Refusal::Fault`](tachiai_schemas::Refusal::Fault).
    pub async fn access_of(self: &Arc<Self>, citizen: CitizenId, from: u64) -> Result<AccessPage, Refused> {
        let mut signed = Arc::clone(&self.listing).lock_owned().await;
        let this = Arc::clone(self);
        offload(move || this.page_of(citizen, from, &mut signed)).await
    }

    /// Every secret under which a citizen is in the log.
    fn secrets_of(&self, citizen: CitizenId) -> Result<Vec<Secret>, Refused> {
        let ids = self.services.citizens.ids(citizen);
        let by_handle = self.services.rosters.handles(&ids).into_iter().map(|handle| Told { handle: Some(handle), citizen: None });
        let by_id = ids.iter().map(|citizen| Told { handle: None, citizen: Some(*citizen) });
        by_id.chain(by_handle).filter_map(|told| self.secret_of(told).transpose()).collect()
    }

    /// What concerns a citizen, of the whole log.
    fn own_of(&self, citizen: CitizenId) -> Result<Vec<OwnAccess>, Refused> {
        let secrets = self.secrets_of(citizen)?;
        let all = self.state().leaves.clone();
        let own = (0_u64..).zip(&all).filter(|(_, kept)| is_about(&kept.leaf, &secrets));
        Ok(own.map(|(number, kept)| OwnAccess { leaf: number, at: kept.leaf.at, access: kept.access.clone(), salt: kept.salt }).collect())
    }

    /// What concerns the citizen to whom a code leads, as an official is shown it: the records before a leaf, the latest first, as far as the official's office may see
    /// them. That it was looked at is durable first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](tachiai_schemas::Refusal::NotFound), [`Refusal::CitizenCodeLost`](tachiai_schemas::Refusal::CitizenCodeLost).
    pub async fn history(self: &Arc<Self>, by: &str, role: Role, code: CitizenId, before: Option<u64>) -> Result<AccessHistory, Refused> {
        let citizen = self.services.citizens.find(code)?;
        let this = Arc::clone(self);
        let mut own = offload(move || this.own_of(citizen)).await?;
        own.retain(|own| may_see(role, &own.access));
        let all = own.len() as u64;
        own.retain(|own| before.is_none_or(|before| own.leaf < before));
        let records: Vec<AccessRecord> = own
            .iter()
            .rev()
            .take(HISTORY)
            .map(|OwnAccess { leaf, at, access, salt: _ }| AccessRecord { leaf: *leaf, at: *at, access: access.clone() })
            .collect();
        let before = records.last().filter(|_| own.len() > records.len()).map(|record| record.leaf);
        let access = Access { how: How::History, by: By::Office { role }, event: None, fields: Vec::new() };
        let mut events = vec![Event::HistoryRead { by: by.to_owned(), citizen }];
        events.extend(self.accessed(&access, &[Told { handle: None, citizen: Some(citizen) }])?);
        self.record(events).await?;
        Ok(AccessHistory { citizen, all, records, before })
    }

    /// How far the log is signed; nothing where there is none.
    #[must_use]
    pub fn signed(&self) -> Option<CheckpointNow> {
        let all = self.state().leaves.len() as u64;
        let signed = *self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        let size = signed.map_or(0, |(size, _)| size);
        let at = signed.map(|(_, at)| at);
        (all > 0).then(|| CheckpointNow { log: Log::Access {}, signed: at, size, waiting: all.saturating_sub(size), cosigned: 0, quorum: 0, witnessed: None })
    }

    fn page_of(&self, citizen: CitizenId, from: u64, signed: &mut Option<(u64, String)>) -> Result<AccessPage, Refused> {
        let doing = "listing accesses";
        let secrets = self.secrets_of(citizen)?;
        let all = self.state().leaves.clone();
        let (mut leaves, mut own, mut room) = (Vec::new(), Vec::new(), PAGE);
        for (number, kept) in (0_u64..).zip(&all).skip(usize::try_from(from).unwrap_or(usize::MAX)) {
            let Leaf { bytes, leaf, access, salt } = kept.as_ref();
            // A leaf is always shorter than a page.
            let Some(left) = room.checked_sub(bytes.len()) else { break };
            room = left;
            leaves.push(Blob(bytes.clone()));
            if is_about(leaf, &secrets) {
                own.push(OwnAccess { leaf: number, at: leaf.at, access: access.clone(), salt: *salt });
            }
        }
        let size = all.len() as u64;
        let origin = Origin::new(&format!("{}/access", self.services.host)).map_err(|error| Refused::fault(doing, error))?;
        let checkpoint = match signed.take() {
            Some((of, checkpoint)) if of == size => checkpoint,
            _ => {
                let bytes: Vec<Blob> = all.iter().map(|leaf| Blob(leaf.bytes.clone())).collect();
                let checkpoint = self.sign.sign(&Checkpoint { origin: origin.clone(), size, root: access::root(&bytes) });
                *self.signed.lock().unwrap_or_else(PoisonError::into_inner) = Some((size, self.now()));
                checkpoint.as_str().to_owned()
            }
        };
        *signed = Some((size, checkpoint.clone()));
        Ok(AccessPage { origin: origin.to_string(), key: Bytes(self.sign.public().to_bytes()), checkpoint, from, leaves, secrets, own })
    }
}

/// Whether an office may see a record of somebody: what agencies received, and that somebody stands in a roster at all, is the business of headquarters alone.
const fn may_see(role: Role, Access { how: _, by, event, fields: _ }: &Access) -> bool {
    match role {
        Role::Headquarters => true,
        _ => event.is_none() && matches!(by, By::Office { .. }),
    }
}

/// Whether a leaf is about whom these are the secrets of.
fn is_about(leaf: &AccessLeaf, secrets: &[Secret]) -> bool {
    secrets.iter().any(|secret| leaf.tags.binary_search(&access::tag(&secret.secret, &leaf.id)).is_ok())
}

pub(super) fn random<const N: usize>() -> Bytes<N> {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    Bytes(bytes)
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::disclosure::Basis;
    use tachiai_schemas::sharing::agency::AgencyKind;

    use super::*;

    #[test]
    fn the_commission_is_told_what_offices_looked_up_outside_of_events_and_headquarters_everything() {
        let office = By::Office { role: Role::Headquarters };
        let agency = By::Agency { agency: "fire".parse().unwrap(), kind: AgencyKind::Fire, purpose: "救急搬送".to_owned(), basis: Basis::VitalEmergency };
        let event = Some(EventId::generate(&mut OsRng));
        let access = |how, by: &By, event| Access { how, by: by.clone(), event, fields: vec![] };
        let looked_up = access(How::Citizen, &office, None);
        let kept_from_it = [
            access(How::Disclosure, &agency, event),
            access(How::BreakGlass, &agency, None),
            access(How::Record, &office, event),
            access(How::StepCounts, &By::Platform {}, None),
        ];
        assert!(may_see(Role::Commission, &looked_up) && kept_from_it.iter().all(|access| !may_see(Role::Commission, access)));
        assert!(kept_from_it.iter().chain([&looked_up]).all(|access| may_see(Role::Headquarters, access)));
    }
}
