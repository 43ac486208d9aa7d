//! Agencies and grants. Two officials make a grant, and one withdraws it; the journal says who.

use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::{Agency, Grant, GrantMade};
use tachiai_schemas::{InPlaceOf, Refusal};

use super::decide::{self, Asker};
use super::{Event, Sharing};
use crate::refused::Refused;

impl Sharing {
    /// Enters an agency, in the place of the one of the same name. Grants to one of another kind or with another recipient give nothing any more.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`], [`Refusal::Overtaken`] if it is entered otherwise than before.
    pub async fn set_agency(&self, by: &str, set: InPlaceOf<Agency>) -> Result<Agency, Refused> {
        let InPlaceOf { before, now: agency } = set;
        agency.validate().map_err(|error| Refused::about(Refusal::SharingInvalid, error))?;
        if agency.recipient.parse::<age::x25519::Recipient>().is_err() {
            return Err(Refused::about(Refusal::SharingInvalid, "recipient: not an age recipient (age1…)"));
        }
        // What somebody entered meanwhile, such as a new key, is not put back unsaid.
        let _turn = self.entering.lock().await;
        let known = self.state().agencies.get(&agency.name).cloned();
        if known.as_ref() == Some(&agency) {
            return Ok(agency);
        }
        if known != before {
            return Err(Refusal::Overtaken.into());
        }
        self.record(vec![Event::AgencySet { by: by.to_owned(), agency: agency.clone() }]).await?;
        Ok(agency)
    }

    /// Every agency.
    #[must_use]
    pub fn agencies(&self) -> Vec<Agency> {
        self.state().agencies.values().cloned().collect()
    }

    /// Whether a grant could be made now.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`], [`Refusal::GrantTaken`], [`Refusal::AgencyChanged`], [`Refusal::FormatNotGranted`], [`Refusal::NotFound`] for an agency that there is not.
    pub fn ready_to_grant(&self, grant: &Grant) -> Result<(), Refused> {
        grant.validate().map_err(|error| Refused::about(Refusal::SharingInvalid, error))?;
        Ok(decide::may_grant(&self.state(), grant)?)
    }

    /// Makes the grant on which two officials decided. What is made, as before a restart, stays.
    ///
    /// # Errors
    /// As for [`Sharing::ready_to_grant`].
    pub async fn grant(&self, by: [String; 2], grant: Grant) -> Result<GrantMade, Refused> {
        let made = self.state().grants.get(&grant.name).cloned();
        if let Some(made) = made.filter(|made| made.grant == grant && made.by == by) {
            return Ok(made);
        }
        self.ready_to_grant(&grant)?;
        let at = self.record(vec![Event::Granted { by: by.clone(), grant: grant.clone() }]).await?;
        Ok(GrantMade { grant, by, at, withdrawn: None })
    }

    /// Withdraws a grant.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn withdraw(&self, by: &str, grant: Name) -> Result<GrantMade, Refused> {
        self.record(vec![Event::GrantWithdrawn { by: by.to_owned(), grant: grant.clone() }]).await?;
        self.state().grants.get(&grant).cloned().ok_or_else(|| Refusal::NotFound.into())
    }

    /// The grants that somebody may see: an agency its own.
    #[must_use]
    pub fn grants(&self, who: &Asker) -> Vec<GrantMade> {
        self.state().grants.values().filter(|made| who.may_have(&made.grant.agency).is_ok()).cloned().collect()
    }
}
