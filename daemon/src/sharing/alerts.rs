//! Break-glass (緊急閲覧): one person's questionnaire for an ambulance crew, in two steps. The reason is durable, and the headquarters see it, before anything is
//! shown; each reading is an entry too, and so is the attempt where there was nothing to read. Both steps stand in the access log: whoever names a citizen in the first one
//! is told that the person stands in the roster.

use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use tachiai_schemas::roster::disclosure::Basis;
use tachiai_schemas::roster::{ChainId, EventId};
use tachiai_schemas::sharing::access::{Access, By, How};
use tachiai_schemas::sharing::agency::{Agency, AgencyKind};
use tachiai_schemas::sharing::alert::{Alert, AlertId, AlertRequest, Whom};
use tachiai_schemas::shelter::overview::QuestionnaireOf;
use tachiai_schemas::{Blob, Refusal, Timestamp};

use super::access::random;
use super::state::Standing;
use super::{Event, Sharing};
use crate::refused::Refused;
use crate::vault::Aad;

/// The secret that seals alerts.
const KEY: &str = "sharing-alerts";

/// What the access log says of each reading.
const PURPOSE: &str = "緊急閲覧";

/// Whom and why.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    chain: ChainId,
    reason: String,
}

fn aad(id: AlertId) -> Aad {
    Aad::new(&["sharing", "alert", &id.to_string()])
}

impl Sharing {
    /// The first step: an agency says whom it has before it, and why it has to know. Of citizens the event finds the handle.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`], [`Refusal::NotFound`], [`Refusal::Forbidden`] for an agency that is neither fire service nor medical.
    pub async fn alert(&self, agency: &str, AlertRequest { event, whom, reason }: AlertRequest) -> Result<Alert, Refused> {
        let doing = "recording an alert";
        if !(5..=500).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
            return Err(Refused::about(Refusal::SharingInvalid, "reason: 5 to 500 printable characters"));
        }
        let known = self.state().agencies.values().find(|known| known.name.as_str() == agency).cloned().ok_or(Refusal::NotFound)?;
        match known.kind {
            AgencyKind::Fire | AgencyKind::Medical => {}
            AgencyKind::Welfare | AgencyKind::Prefecture => return Err(Refusal::Forbidden.into()),
        }
        let chain = match whom {
            Whom::Handle { chain } => chain,
            Whom::Citizen { citizen } => {
                let ids = self.services.citizens.ids(self.services.citizens.find(citizen)?);
                let handle = self.services.rosters.handles(&ids).into_iter().find(|(of, _)| *of == event);
                handle.map(|(_, chain)| chain).ok_or(Refusal::NotFound)?
            }
        };
        let told = self.services.rosters.told(event, chain)?;
        let access = Self::emergency(How::BreakGlassAsked, &known, event);
        let id: AlertId = random();
        let plain = serde_json::to_vec(&Sealed { chain, reason: reason.clone() }).map_err(|error| Refused::fault(doing, error))?;
        let sealed = self.services.vault.seal(KEY, &aad(id), &plain, &mut OsRng).map_err(|error| Refused::fault(doing, error))?;
        let mut events = vec![Event::Alerted { alert: id, agency: known.name.clone(), event, sealed: Blob(sealed) }];
        events.extend(self.accessed(&access, &[told])?);
        let at = self.record(events).await?;
        tracing::warn!(alert = %id, "an agency asks for a questionnaire in an emergency");
        Ok(Alert { id, at, agency: known.name, event, chain, reason, read: Vec::new(), nothing: Vec::new() })
    }

    /// The second step: the content, for the agency that said why, for a quarter of an hour.
    ///
    /// # Errors
    /// [`Refusal::AlertOver`], [`Refusal::OtherAgency`], [`Refusal::NotFound`]; [`Refusal::NoQuestionnaire`] where there is nothing to be read.
    pub async fn read_alert(&self, agency: &str, id: AlertId) -> Result<QuestionnaireOf, Refused> {
        let standing = self.state().alerts.get(&id).cloned().ok_or(Refusal::NotFound)?;
        if standing.agency.as_str() != agency {
            return Err(Refusal::OtherAgency.into());
        }
        let known = self.state().agencies.get(&standing.agency).cloned().ok_or(Refusal::NotFound)?;
        let Sealed { chain, reason: _ } = self.unseal(id, &standing)?;
        let event = standing.event;
        // Where there is none to be read, the attempt stands in the log all the same, as what it was.
        let (how, entry, told) = match self.services.rosters.told_of_questionnaire(event, chain) {
            Err(refused) if refused.refusal == Refusal::NotFound => {
                (How::BreakGlassNone, Event::AlertFoundNothing { alert: id }, self.services.rosters.told(event, chain)?)
            }
            told => (How::BreakGlass, Event::AlertRead { alert: id }, told?),
        };
        let mut events = vec![entry];
        events.extend(self.accessed(&Self::emergency(how, &known, event), &[told])?);
        self.record(events).await?;
        match how {
            How::BreakGlassNone => Err(Refusal::NoQuestionnaire.into()),
            _ => self.services.rosters.questionnaire(event, chain, agency.to_owned()).await,
        }
    }

    /// What the access log says of a step. The reason may name somebody, so it stays sealed.
    fn emergency(how: How, Agency { name, kind, recipient: _, contact: _ }: &Agency, event: EventId) -> Access {
        let by = By::Agency { agency: name.clone(), kind: *kind, purpose: PURPOSE.to_owned(), basis: Basis::VitalEmergency };
        Access { how, by, event: Some(event), fields: Vec::new() }
    }

    /// The alerts after a time, the latest first; nothing of an older one is opened.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn alerts(&self, after: Option<Timestamp>) -> Result<Vec<Alert>, Refused> {
        let state = self.state();
        let asked = state.alerts.iter().filter(|(_, standing)| after.is_none_or(|after| standing.at > after));
        let standing: Vec<(AlertId, Standing)> = asked.map(|(id, standing)| (*id, standing.clone())).collect();
        drop(state);
        let shown = standing.into_iter().map(|(id, standing)| {
            let Sealed { chain, reason } = self.unseal(id, &standing)?;
            let Standing { at, agency, event, sealed: _, read, nothing } = standing;
            Ok(Alert { id, at, agency, event, chain, reason, read, nothing })
        });
        let mut shown = shown.collect::<Result<Vec<_>, Refused>>()?;
        shown.sort_by_key(|alert| std::cmp::Reverse(alert.at));
        Ok(shown)
    }

    fn unseal(&self, id: AlertId, standing: &Standing) -> Result<Sealed, Refused> {
        let doing = "opening an alert";
        let plain = self.services.vault.open_sealed(KEY, &aad(id), &standing.sealed.0).map_err(|error| Refused::fault(doing, error))?;
        serde_json::from_slice(&plain).map_err(|_| Refused::fault(doing, "it is none"))
    }
}
