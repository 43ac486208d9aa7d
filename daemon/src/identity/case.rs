//! A case about citizens' IDs: two officials decide on it. Its words lie sealed under the keys of all IDs that it is about, one inside the other: when one of these keys is
//! destroyed, nobody reads them any more, whoever of two people it was.

use std::sync::{Arc, PoisonError};

use rand_core::{OsRng, RngCore};
use tachiai_schemas::identity::case::{CitizenCase, CitizenCaseOf, CitizenCaseShown, CitizenLinkRequest};
use tachiai_schemas::sharing::access::How;
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes, Refusal};
use zeroize::Zeroizing;

use super::{Event, Identity};
use crate::looks::Told;
use crate::refused::Refused;
use crate::vault::{Aad, Subject};

/// The most characters of a reason.
const MAX: usize = 500;

impl Identity {
    /// Keeps a case, sealed, and gives the commitment that two officials decide on.
    pub(super) async fn keep_case(&self, by: &str, citizens: Vec<CitizenId>, of: CitizenCaseOf) -> Result<HashBytes, Refused> {
        let mut salt = Bytes([0; 32]);
        OsRng.fill_bytes(&mut salt.0);
        let case = CitizenCase { salt, of };
        let commitment = HashBytes::from(case.commitment());
        let doing = "sealing a case";
        let plain = Zeroizing::new(serde_json::to_vec(&case).map_err(|error| Refused::fault(doing, error))?);
        let sealed = self.vault.seal_for_all(&subjects(&citizens), &case_aad(&commitment), &plain, &mut OsRng);
        let sealed = Blob(sealed.map_err(|error| Refused::fault(doing, error))?);
        let asked = Event::CitizenCaseAsked { by: by.to_owned(), citizens, commitment, sealed };
        self.register.settle(self.clock.now(), asked).await?;
        Ok(commitment)
    }

    /// A case by its commitment.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub(super) fn case(&self, commitment: &HashBytes) -> Result<CitizenCase, Refused> {
        let doing = "opening a case";
        let seq = self.read(|state| state.cases.get(commitment).map(|(_, seq)| *seq)).ok_or(Refusal::NotFound)?;
        let Event::CitizenCaseAsked { by: _, citizens, commitment: _, sealed } = self.register.event(seq)? else {
            return Err(Refused::fault(doing, format!("entry {seq} is another")));
        };
        let plain = self.vault.open_for_all(&subjects(&citizens), &case_aad(commitment), &sealed.0).map_err(|error| Refused::fault(doing, error))?;
        let case: CitizenCase = serde_json::from_slice(&plain).map_err(|error| Refused::fault(doing, format!("{:?}", error.classify())))?;
        if HashBytes::from(case.commitment()) == *commitment { Ok(case) } else { Err(Refused::fault(doing, "it is not what was committed to")) }
    }

    /// What waits and is the same. Its cases are read from the disk and opened, away from the threads that serve the network.
    pub(super) async fn asked_already(self: &Arc<Self>, waiting: &[Matter], of: &CitizenCaseOf) -> Result<Option<Matter>, Refused> {
        let (this, waiting, of) = (Arc::clone(self), waiting.to_vec(), of.clone());
        let is_it = move |matter: &Matter| {
            let (Matter::LinkCitizens { commitment, .. } | Matter::EraseCitizen { commitment, .. }) = matter else { return false };
            this.case(commitment).is_ok_and(|case| case.of == of)
        };
        let found = tokio::task::spawn_blocking(move || waiting.into_iter().find(is_it)).await;
        found.map_err(|error| Refused::fault("working in the background", error))
    }

    /// Whether a case could be decided now.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::ChangedSince`].
    pub fn ready_to_settle(&self, commitment: &HashBytes) -> Result<(), Refused> {
        match self.case(commitment)?.of {
            CitizenCaseOf::Link(request) => self.may_link(&request),
            CitizenCaseOf::Erase { citizen, request: _ } => self.gone_with(citizen).map(drop),
        }
    }

    /// What the second official is shown.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn shown_case(&self, commitment: &HashBytes) -> Result<CitizenCaseShown, Refused> {
        let case = self.case(commitment)?;
        let people = self.people_of(&case).into_iter().map(|citizen| self.view(citizen)).collect::<Result<_, _>>()?;
        Ok(CitizenCaseShown { people, case })
    }

    /// Records that an official is shown a case, under every ID of whom it is about: once, however often it is looked at while it waits.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub async fn case_looked(&self, by: &str, commitment: HashBytes) -> Result<(), Refused> {
        let seen = (by.to_owned(), commitment);
        if self.cases_seen.lock().unwrap_or_else(PoisonError::into_inner).contains(&seen) {
            return Ok(());
        }
        // Nothing is shown of a case that cannot be read.
        let Ok(case) = self.case(&commitment) else { return Ok(()) };
        let ids: Vec<CitizenId> = self.people_of(&case).into_iter().flat_map(|citizen| self.read(|state| state.ids(citizen))).collect();
        for citizen in &ids {
            self.register.looked(self.clock.now(), *citizen, by.to_owned()).await?;
        }
        let told = ids.into_iter().map(|citizen| Told { handle: None, citizen: Some(citizen) }).collect();
        self.looks.looked(by, How::Citizen, None, told).await?;
        self.cases_seen.lock().unwrap_or_else(PoisonError::into_inner).insert(seen);
        Ok(())
    }

    /// Whom a case is about, by the IDs that go on.
    fn people_of(&self, case: &CitizenCase) -> Vec<CitizenId> {
        let ids = match &case.of {
            CitizenCaseOf::Link(CitizenLinkRequest { citizen, other, verdict: _, evidence: _, reason: _ }) => vec![*citizen, *other],
            CitizenCaseOf::Erase { citizen, request: _ } => vec![*citizen],
        };
        let mut ids: Vec<CitizenId> = ids.into_iter().map(|citizen| self.read(|state| state.survivor(citizen))).collect();
        ids.dedup();
        ids
    }
}

/// What is said in words: 1 to 500 printable characters.
pub(super) fn check_words(field: &str, words: &str) -> Result<(), Refused> {
    let is_good = (1..=MAX).contains(&words.chars().count()) && !words.trim().is_empty() && !words.chars().any(char::is_control);
    if is_good { Ok(()) } else { Err(Refused::about(Refusal::CitizenInvalid, format!("{field}: 1 to {MAX} characters without control characters"))) }
}

pub(super) fn subjects(citizens: &[CitizenId]) -> Vec<Subject> {
    citizens.iter().copied().map(Subject::from).collect()
}

fn case_aad(commitment: &HashBytes) -> Aad {
    Aad::new(&["appliance", "citizen-case", &commitment.to_string()])
}
