//! A case: two officials decide on it, with a reason or evidence in words that lies sealed.
//!
//! Words about people lie under the keys of all of them, one inside the other: when one of these keys is destroyed, nobody reads them any more, whoever of the people it
//! was. Words about nobody lie under the event's key.

use std::sync::Arc;

use rand_core::{OsRng, RngCore};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::shelter::case::{Case, CaseNow, CaseOf, CaseShown, CloseRequest};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Blob, Bytes, HashBytes, Refusal};
use zeroize::Zeroizing;

use super::event::ClassifyOnly;
use super::kept::Kept;
use super::{Event, decide, offload};
use crate::refused::Refused;
use crate::vault::{Aad, Subject};

impl Event {
    /// The matter among those that wait by which the same was asked for already. Their cases are read from the disk and opened.
    pub(super) async fn asked_already(
        self: &Arc<Self>,
        waiting: &[Matter],
        is_it: impl Fn(&Self, &Matter) -> bool + Send + 'static,
    ) -> Result<Option<Matter>, Refused> {
        let (this, waiting) = (Arc::clone(self), waiting.to_vec());
        offload(move || Ok(waiting.into_iter().find(|matter| is_it(&this, matter)))).await
    }

    /// Keeps a case, sealed under the keys of everybody it is about, and gives the commitment that two officials decide on.
    pub(super) async fn keep_case(self: &Arc<Self>, by: &str, about: Vec<ChainId>, of: CaseOf) -> Result<HashBytes, Refused> {
        let mut salt = Bytes([0; 32]);
        OsRng.fill_bytes(&mut salt.0);
        let case = Case { salt, event: self.id, of };
        self.keep(by, case.commitment(), about, case).await
    }

    /// Keeps what two officials decide on, sealed under the keys of everybody it is about. Where it is about somebody the caller holds [`Event::sealing`].
    pub(super) async fn keep<T: Serialize + Send + 'static>(
        self: &Arc<Self>,
        by: &str,
        commitment: Hash32,
        about: Vec<ChainId>,
        case: T,
    ) -> Result<HashBytes, Refused> {
        let (this, handles) = (Arc::clone(self), about.clone());
        let sealed = offload(move || {
            let doing = "sealing a case";
            let plain = Zeroizing::new(serde_json::to_vec(&case).map_err(|error| Refused::fault(doing, error.classify_only()))?);
            let (vault, aad) = (&this.services.vault, this.sealed_case(&commitment));
            let sealed = if handles.is_empty() {
                vault.seal(&this.case_key(), &aad, &plain, &mut OsRng)
            } else {
                this.make_keys(handles.iter().copied())?;
                let subjects: Vec<Subject> = handles.into_iter().map(Subject::from).collect();
                vault.seal_for_all(&subjects, &aad, &plain, &mut OsRng)
            };
            sealed.map_err(|error| Refused::fault(doing, error))
        })
        .await?;
        let commitment = HashBytes::from(commitment);
        self.private.note(vec![Kept::CaseAsked { by: by.to_owned(), commitment, about, sealed: Blob(sealed) }]).await?;
        Ok(commitment)
    }

    /// What was kept under a commitment.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also if somebody was erased since whom it is about.
    pub(super) fn kept<T: DeserializeOwned>(&self, commitment: &HashBytes) -> Result<T, Refused> {
        let doing = "opening a case";
        let seq = self.private.state().cases.get(&commitment.hash()).copied().ok_or(Refusal::NotFound)?;
        let (_, Kept::CaseAsked { by: _, commitment: _, about, sealed }) = self.private.entry(seq)? else {
            return Err(Refused::fault(doing, "the private journal has something else there"));
        };
        if about.iter().any(|handle| self.is_erased_before(handle, seq)) {
            return Err(Refusal::NotFound.into());
        }
        let (vault, aad) = (&self.services.vault, self.sealed_case(&commitment.hash()));
        let opened = if about.is_empty() {
            vault.open_sealed(&self.case_key(), &aad, &sealed.0)
        } else {
            let subjects: Vec<Subject> = about.into_iter().map(Subject::from).collect();
            vault.open_for_all(&subjects, &aad, &sealed.0)
        };
        let plain = opened.map_err(|error| Refused::fault(doing, error))?;
        serde_json::from_slice(&plain).map_err(|error| Refused::fault(doing, error.classify_only()))
    }

    /// A case by its commitment.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub(super) fn case_of(&self, commitment: &HashBytes) -> Result<CaseOf, Refused> {
        self.kept(commitment).map(|case: Case| case.of)
    }

    /// What the second official is shown.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn shown_case(&self, commitment: &HashBytes) -> Result<CaseShown, Refused> {
        let case: Case = self.kept(commitment)?;
        let now = match &case.of {
            CaseOf::Aside(request) => CaseNow::Aside(self.opened_aside(&request.file.hash())?),
            CaseOf::Close { reason: _, outstanding: _ } => CaseNow::Close(self.outstanding()?),
            // Those are shown with their person.
            CaseOf::Erase { chain: _, request: _ } => return Err(Refusal::NotFound.into()),
        };
        Ok(CaseShown { case, now })
    }

    /// The matter of closing the event: with something still out it needs a reason. If the same was asked for already, and nothing else is out by now, it is the one that waits.
    ///
    /// # Errors
    /// [`Refusal::EventOutstanding`], [`Refusal::EventClosed`], [`Refusal::ShelterInvalid`].
    pub async fn prepare_close(self: &Arc<Self>, by: &str, request: CloseRequest, waiting: &[Matter]) -> Result<Matter, Refused> {
        let CloseRequest { anyway } = request;
        self.is_open()?;
        let this = Arc::clone(self);
        let outstanding = offload(move || this.outstanding()).await?;
        let commitment = match (outstanding.is_none(), anyway) {
            (true, _) => None,
            (false, None) => return Err(Refused::about(Refusal::EventOutstanding, decide::say_outstanding(&outstanding))),
            (false, Some(reason)) => {
                decide::check_reason("anyway", &reason)?;
                let (of, id) = (CaseOf::Close { reason, outstanding }, self.id);
                let asked = of.clone();
                let is_it = move |this: &Self, matter: &Matter| match matter {
                    Matter::CloseEvent { event, commitment: Some(commitment) } => *event == id && this.case_of(commitment).is_ok_and(|of| of == asked),
                    _ => false,
                };
                if let Some(asked) = self.asked_already(waiting, is_it).await? {
                    return Ok(asked);
                }
                Some(self.keep_case(by, Vec::new(), of).await?)
            }
        };
        Ok(Matter::CloseEvent { event: self.id, commitment })
    }

    /// Whether the event could be closed now.
    ///
    /// # Errors
    /// [`Refusal::EventOutstanding`] if something came to be out and nobody gave a reason; [`Refusal::EventClosed`], [`Refusal::NotFound`].
    pub fn ready_to_close(&self, commitment: Option<&HashBytes>) -> Result<(), Refused> {
        self.is_open()?;
        match commitment {
            Some(commitment) => match self.case_of(commitment)? {
                CaseOf::Close { reason: _, outstanding: _ } => Ok(()),
                CaseOf::Aside(_) | CaseOf::Erase { chain: _, request: _ } => Err(Refusal::NotFound.into()),
            },
            None => {
                let outstanding = self.outstanding()?;
                if outstanding.is_none() { Ok(()) } else { Err(Refused::about(Refusal::EventOutstanding, decide::say_outstanding(&outstanding))) }
            }
        }
    }

    /// The name of the key under which words of the headquarters lie.
    pub(super) fn case_key(&self) -> String {
        format!("asked-{}", self.id)
    }

    pub(super) fn sealed_case(&self, commitment: &Hash32) -> Aad {
        Aad::new(&["roster", &self.id.to_string(), "case", &commitment.to_string()])
    }
}
