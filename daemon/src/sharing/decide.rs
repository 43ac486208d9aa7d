//! What may be asked for and recorded: pure decisions.

use tachiai_schemas::roster::Need;
use tachiai_schemas::roster::disclosure::{Basis, Ground, Selection};
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::{Agency, AgencyKind, GrantMade};
use tachiai_schemas::sharing::alert;
use tachiai_schemas::sharing::disclosed::DisclosureRequest;
use tachiai_schemas::{Refusal, Timestamp};

use super::state::{Event, State};
use super::{Asked, Candidate, Listed};
use crate::refused::Refused;

/// The most persons of one request.
const MAX_PERSONS: usize = 500;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// An official of the headquarters.
    Headquarters {
        /// The name.
        name: String,
    },
    /// An agency, by its certificate.
    Agency {
        /// The name.
        name: String,
    },
}

impl Asker {
    /// The name in the staff list.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Headquarters { name } | Self::Agency { name } => name,
        }
    }

    /// Whether it may have what is an agency's.
    ///
    /// # Errors
    /// [`Refusal::OtherAgency`].
    pub fn may_have(&self, agency: &Name) -> Result<(), Refused> {
        match self {
            Self::Headquarters { name: _ } => Ok(()),
            Self::Agency { name } if name == agency.as_str() => Ok(()),
            Self::Agency { name: _ } => Err(Refusal::OtherAgency.into()),
        }
    }
}

/// Holds a request against its grant, and gives what is to be asked of the rosters.
///
/// # Errors
/// What the grant does not give, each in its own words.
pub fn granted(state: &State, who: &Asker, request: &DisclosureRequest, at: Timestamp) -> Result<(Agency, Asked), Refused> {
    let DisclosureRequest { request: _, grant, agency, purpose, event, shelters, of, persons, fields } = request;
    who.may_have(agency)?;
    let agency = state.agencies.get(agency).ok_or_else(|| Refused::about(Refusal::NotFound, "agency"))?;
    let GrantMade { grant, by: _, at: _, withdrawn } = state.grants.get(grant).ok_or_else(|| Refused::about(Refusal::NotFound, "grant"))?;
    if grant.agency != agency.name {
        return Err(Refusal::OtherAgency.into());
    }
    if withdrawn.is_some() || at < grant.from || at >= grant.until {
        return Err(Refusal::GrantOver.into());
    }
    if *purpose != grant.purpose {
        return Err(Refused::about(Refusal::PurposeNotGranted, &grant.purpose));
    }
    if grant.event.is_some_and(|granted| granted != *event) {
        return Err(Refused::about(Refusal::PersonNotGranted, "event"));
    }
    if let Some(shelter) = shelters.iter().find(|shelter| !grant.shelters.is_empty() && !grant.shelters.contains(shelter)) {
        return Err(Refused::about(Refusal::PersonNotGranted, shelter));
    }
    if !grant.of.contains(of) {
        return Err(Refused::about(Refusal::PersonNotGranted, "of"));
    }
    if let Some(field) = fields.iter().find(|field| !grant.fields.contains(field)) {
        return Err(Refused::about(Refusal::FieldNotGranted, field));
    }
    let is_good = match of {
        Selection::Persons {} => (1..=MAX_PERSONS).contains(&persons.len()),
        Selection::Need { .. } | Selection::Everybody {} => persons.is_empty(),
    };
    if !is_good {
        return Err(Refused::about(Refusal::SharingInvalid, format!("persons: 1 to {MAX_PERSONS} where persons are asked for, else none")));
    }
    let asked = Asked {
        event: *event,
        agency: agency.name.to_string(),
        purpose: grant.purpose.clone(),
        basis: grant.basis,
        shelters: if shelters.is_empty() { grant.shelters.clone() } else { shelters.clone() },
        of: *of,
        persons: persons.clone(),
        fields: if fields.is_empty() { grant.fields.clone() } else { fields.clone() },
    };
    Ok((agency.clone(), asked))
}

/// Why somebody is withheld; `None` if the basis covers the person. `consented` is what the person said of agencies of this kind.
#[must_use]
pub fn ground(basis: Basis, candidate: &Candidate<'_>, kind: AgencyKind, consented: &[AgencyKind]) -> Option<Ground> {
    match basis {
        Basis::Consent => (!consented.contains(&kind)).then_some(Ground::NoConsent),
        Basis::ActionSupport => {
            let is_covered = candidate.listed == Listed::Yes || candidate.person.needs.contains(&Need::Support);
            (!is_covered).then_some(Ground::NotCovered)
        }
        Basis::AffectedLedger | Basis::VitalEmergency => None,
    }
}

/// Whether entries may follow everything before them.
///
/// # Errors
/// Why not.
pub fn may_record(state: &State, at: Timestamp, events: &[Event]) -> Result<(), Refusal> {
    events.iter().try_for_each(|event| match event {
        Event::AgencySet { .. } | Event::Accessed { .. } | Event::Consented { .. } => Ok(()),
        Event::Granted { by: _, grant } if state.grants.contains_key(&grant.name) => Err(Refusal::GrantTaken),
        Event::Granted { by: _, grant } => known(state, &grant.agency),
        Event::GrantWithdrawn { by: _, grant } => state.grants.get(grant).map(drop).ok_or(Refusal::NotFound),
        Event::Disclosed(disclosed) if state.disclosed.contains_key(&disclosed.request) => Err(Refusal::RequestReused),
        // It may have been withdrawn while the bundle was made.
        Event::Disclosed(disclosed) => match state.grants.get(&disclosed.grant) {
            Some(made) if made.withdrawn.is_none() => Ok(()),
            _ => Err(Refusal::GrantOver),
        },
        Event::Alerted { agency, .. } => known(state, agency),
        Event::AlertRead { alert } => match state.alerts.get(alert) {
            Some(standing) if at <= standing.at.plus(alert::OPEN) => Ok(()),
            Some(_) => Err(Refusal::AlertOver),
            None => Err(Refusal::NotFound),
        },
    })
}

fn known(state: &State, agency: &Name) -> Result<(), Refusal> {
    state.agencies.get(agency).map(drop).ok_or(Refusal::NotFound)
}
