//! Erasing somebody who left: the keys of their handles are destroyed, and nothing of them opens any more. Every entry, proof, total and statement stays as it is.
//!
//! Two officials decide. The reason lies sealed under the key of the person, and goes with it, as every case does that is about the person; the ground stays. Nobody is erased who counts, or of whom a
//! record waits among what was set aside: an entry that counts must be opened for totals and disclosures. Who is in conflict is settled first, as long as that can be:
//! until the close. Whoever comes again gets another key.
//!
//! **Order**: what is to be erased is durable in the private journal before a key is destroyed, and from then on nothing of it is opened; that it is done is noted
//! last. Between the two nobody gets a key for these handles; what a fault of the vault or a stop of the daemon left is tried again every minute, and at the next start
//! before anything else is written.
//!
//! **Limits**: a terminal keeps what it wrote, sealed under its own key, until its folder is cleared; what a disclosure gave away is with the agency; the register of
//! residents is kept for other reasons than the event.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::opening;
use tachiai_schemas::roster::{self, ChainId};
use tachiai_schemas::shelter::case::{Case, CaseNow, CaseOf, CaseShown, EraseDone, EraseRequest};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Blob, Bytes, HashBytes, Refusal};

use super::kept::{Kept, KeptState};
use super::{Event, Services, decide, offload};
use crate::blobs::Blobs;
use crate::refused::Refused;
use crate::vault::{Subject, VaultError};

/// What goes with a person.
struct Gone {
    handles: Vec<ChainId>,
    /// Hand-ins of which something was set aside, with entries about them.
    files: Vec<HashBytes>,
}

/// Destroys what an erasure names. What is gone already is left.
fn destroy(services: &Services, set_aside: &Blobs, handles: &[ChainId], files: &[HashBytes]) -> Result<(), VaultError> {
    for file in files {
        let path = set_aside.path(file.hash());
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(VaultError::io("remove", &path)(error)),
            _ => {}
        }
    }
    let subjects: Vec<Subject> = handles.iter().copied().map(Subject::from).collect();
    services.vault.erase(&subjects, &mut OsRng)
}

/// Finishes what was interrupted: the keys that the private journal says are to be destroyed are destroyed before anything else is written.
pub(super) fn finish(services: &Services, set_aside: &Blobs, kept: &KeptState) -> Result<BTreeSet<Hash32>, VaultError> {
    // What was sealed since lies under a new key: the old one is gone.
    kept.erasing.values().filter(|erasing| !erasing.has_new_openings).try_for_each(|erasing| destroy(services, set_aside, &erasing.handles, &erasing.files))?;
    Ok(kept.erasing.keys().copied().collect())
}

impl Event {
    /// Keeps a case of erasing somebody, sealed, and gives the matter that two officials decide on: the one that waits, if the same was asked for already.
    ///
    /// # Errors
    /// [`Refusal::EraseNotNow`] with the reason, [`Refusal::ShelterInvalid`], [`Refusal::NotFound`].
    pub async fn prepare_erase(self: &Arc<Self>, by: &str, chain: ChainId, request: EraseRequest, waiting: &[Matter]) -> Result<Matter, Refused> {
        decide::check_reason("reason", &request.reason)?;
        let EraseRequest { ground, reason: _ } = request;
        let of = CaseOf::Erase { chain, request };
        let (id, same) = (self.id, of.clone());
        let is_it = move |this: &Self, matter: &Matter| matches!(matter, Matter::ErasePerson { event, commitment, .. } if *event == id && this.case_of(commitment).is_ok_and(|of| of == same));
        if let Some(asked) = self.asked_already(waiting, is_it).await? {
            return Ok(asked);
        }
        let mut salt = Bytes([0; 32]);
        OsRng.fill_bytes(&mut salt.0);
        let case = Case { salt, event: self.id, of };
        let _sealing = self.sealing.read().await;
        let this = Arc::clone(self);
        offload(move || this.may_erase(chain).map(drop)).await?;
        let commitment = self.keep(by, case.commitment(), vec![chain], case).await?;
        Ok(Matter::ErasePerson { event: self.id, chain, ground, commitment })
    }

    /// Whether a case of erasing somebody could be decided now.
    ///
    /// # Errors
    /// As for [`Event::prepare_erase`].
    pub fn ready_to_erase(&self, commitment: &HashBytes) -> Result<(), Refused> {
        let (chain, _) = self.erase_case(commitment)?;
        self.may_erase(chain).map(drop)
    }

    /// What the second official is shown.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn shown_erase(&self, commitment: &HashBytes) -> Result<CaseShown, Refused> {
        let (chain, case) = self.erase_case(commitment)?;
        let published = self.published();
        let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
        Ok(CaseShown { case, now: CaseNow::Erase(Box::new(published.people.history(&published.roster, &group))) })
    }

    /// Erases whom two officials decided on. What is done, as before a restart, stays.
    ///
    /// # Errors
    /// [`Refusal::EraseNotNow`], [`Refusal::NotFound`].
    pub async fn erase(self: &Arc<Self>, commitment: &HashBytes, by: [String; 2]) -> Result<EraseDone, Refused> {
        // Nothing is sealed for anybody meanwhile, so no entry comes in of which the key is destroyed.
        let _alone = self.sealing.write().await;
        let known = {
            let kept = self.private.state();
            let begun = kept.erasing.get(&commitment.hash()).map(|erasing| Gone { handles: erasing.handles.clone(), files: erasing.files.clone() });
            (kept.erased_cases.get(&commitment.hash()).cloned(), begun)
        };
        let gone = match known {
            (Some(handles), _) => return Ok(self.erased(handles)),
            (None, Some(begun)) => begun,
            (None, None) => {
                let (chain, case) = self.erase_case(commitment)?;
                let CaseOf::Erase { chain: _, request: EraseRequest { ground, reason: _ } } = case.of else { return Err(Refusal::NotFound.into()) };
                let this = Arc::clone(self);
                let gone = offload(move || this.may_erase(chain)).await?;
                let Gone { handles, files } = &gone;
                let note = Kept::Erasing { by: by.into(), case: *commitment, ground, handles: handles.clone(), files: files.clone() };
                self.private.note(vec![note]).await?;
                gone
            }
        };
        self.complete(*commitment, gone).await.map(|handles| self.erased(handles))
    }

    /// Tries again what a fault left, and notes what is done.
    ///
    /// # Errors
    /// [`Refusal::Fault`]; it is to be tried once more then.
    pub async fn retry_erasures(self: &Arc<Self>) -> Result<(), Refused> {
        if self.private.state().erasing.is_empty() {
            return Ok(());
        }
        let _alone = self.sealing.write().await;
        let left: Vec<(Hash32, Gone)> = {
            let kept = self.private.state();
            let gone = |erasing: &Erasing| Gone { handles: erasing.handles.clone(), files: erasing.files.clone() };
            kept.erasing.iter().map(|(case, erasing)| (*case, gone(erasing))).collect()
        };
        for (case, gone) in left {
            self.complete(case.into(), gone).await?;
        }
        Ok(())
    }

    /// Destroys what goes with a person of whom it is durable that they are erased, and notes it. The caller has [`Event::sealing`] for itself.
    async fn complete(self: &Arc<Self>, case: HashBytes, Gone { handles, files }: Gone) -> Result<Vec<ChainId>, Refused> {
        // What was finished at the start is not touched again: whoever came back since has a new key.
        if !self.finished.contains(&case.hash()) {
            self.shared.forget(&handles);
            let (this, of) = (Arc::clone(self), handles.clone());
            offload(move || destroy(&this.services, &this.set_aside, &of, &files).map_err(|error| Refused::fault("erasing a person", error))).await?;
        }
        self.private.note(vec![Kept::Erased { case }]).await?;
        tracing::info!(event = %self.id, handles = handles.len(), "a person was erased");
        Ok(handles)
    }

    fn erased(&self, handles: Vec<ChainId>) -> EraseDone {
        let published = self.published();
        let entries = handles.iter().map(|handle| published.roster.steps(handle).count() as u64).sum();
        EraseDone { event: self.id, handles, entries }
    }

    /// What goes with a person who may be erased now.
    fn may_erase(&self, chain: ChainId) -> Result<Gone, Refused> {
        let not_now = |why: &str| Err(Refused::about(Refusal::EraseNotNow, why));
        let handles = {
            let published = self.published();
            let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
            let is_closed = published.roster.closed().is_some();
            if group.is_present() && is_closed {
                return not_now(
                    "the person counts as present, and the event is closed: enter at a terminal that they left before the close (reception paper, act=out with at=), and have two officials take it over",
                );
            }
            if group.is_present() {
                return not_now("the person counts as present: record that they left first");
            }
            // After the close nobody can settle it, and the latest entry alone says who counts.
            if !is_closed && group.heads.iter().any(|(_, step)| step.act.is_present()) {
                return not_now("by one entry the person is present, by another they left: settle that first");
            }
            if group.heads.iter().all(|(_, step)| published.people.person(&step.moment.hash).is_none()) {
                return not_now("nothing of the person opens any more");
            }
            group.handles
        };
        let about: BTreeSet<ChainId> = handles.iter().copied().collect();
        let mut files = Vec::new();
        for view in self.set_aside()? {
            let entries = self.read_aside(&view.file.hash())?.body.entries;
            let chains = entries.iter().filter_map(|Blob(bytes)| Some(opening::place(&roster::from_bytes(bytes).ok()?.body)?.0.chain));
            if chains.into_iter().any(|chain| about.contains(&chain)) {
                if view.open > 0 {
                    return not_now("a hand-in with an entry about the person has something set aside on which nobody decided: settle that first");
                }
                files.push(view.file);
            }
        }
        Ok(Gone { handles, files })
    }

    fn erase_case(&self, commitment: &HashBytes) -> Result<(ChainId, Case), Refused> {
        let case: Case = self.kept(commitment)?;
        match &case.of {
            CaseOf::Erase { chain, request: _ } => Ok((*chain, case)),
            CaseOf::Aside(_) | CaseOf::Close { .. } => Err(Refusal::NotFound.into()),
        }
    }

    /// Since when nothing of a handle opens that was sealed before; nothing for whom nobody erased.
    pub(super) fn erased_at(&self, handle: &ChainId) -> Option<tachiai_schemas::Timestamp> {
        self.private.state().erased.get(handle).map(|(_, at)| *at)
    }

    /// Refuses keys for a person whose erasure is not finished.
    pub(super) fn is_not_being_erased(&self, handle: &ChainId) -> Result<(), Refused> {
        let kept = self.private.state();
        let is_being = kept.erasing.iter().any(|(case, erasing)| !self.finished.contains(case) && erasing.handles.contains(handle));
        if is_being { Err(Refused::fault("making keys of people", "an erasure is not finished: it is tried again every minute")) } else { Ok(()) }
    }

    /// Whether what stands at this place was erased.
    pub(super) fn is_erased_before(&self, handle: &ChainId, seq: u64) -> bool {
        self.private.state().is_erased(handle, seq)
    }
}

/// An erasure that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasing {
    /// Whose keys go.
    pub handles: Vec<ChainId>,
    /// The hand-ins that go with them.
    pub files: Vec<HashBytes>,
    /// Something was sealed for one of them since, so the old key is gone.
    pub has_new_openings: bool,
}

impl KeptState {
    /// Whether what the private journal keeps of a handle at this place was erased.
    #[must_use]
    pub fn is_erased(&self, handle: &ChainId, seq: u64) -> bool {
        self.erased.get(handle).is_some_and(|(since, _)| seq < *since)
    }

    pub(super) fn begin_erasing(&mut self, seq: u64, at: tachiai_schemas::Timestamp, case: Hash32, handles: &[ChainId], files: &[HashBytes]) {
        for handle in handles {
            self.erased.insert(*handle, (seq, at));
        }
        for file in files {
            self.aside.remove(&file.hash());
            self.erased_files.insert(file.hash());
        }
        self.erasing.insert(case, Erasing { handles: handles.to_vec(), files: files.to_vec(), has_new_openings: false });
    }

    pub(super) fn end_erasing(&mut self, case: Hash32) {
        if let Some(erasing) = self.erasing.remove(&case) {
            self.erased_cases.insert(case, erasing.handles);
        }
    }
}
