//! A resident who fills in a questionnaire (問診票), sees who got what of the roster, or consents: logged in with the card.

use tachiai_jpki::UnixTime;
use tachiai_schemas::roster::own::OwnEntryOf;
use tachiai_schemas::sharing::access::{AccessList, AccessPage};
use tachiai_schemas::sharing::steps::{OwnSteps, StepsConsent};
use tachiai_schemas::sharing::{Consent, ConsentOnFile};
use tachiai_schemas::shelter::questionnaire::{Answers, Filled, Kept, Name};

use super::{Login, login};
use crate::card::{Card, LastTry, Pin, Transport};
use crate::client::Client;
use crate::failure::Failure;

/// Where step counts are.
const STEPS: &str = "/api/v1/steps";

/// A resident who is logged in.
pub struct Respondent<'a> {
    client: &'a Client,
    login: Login,
}

impl<'a> Respondent<'a> {
    /// Logs in with the card's PIN.
    ///
    /// # Errors
    /// [`Failure`] from the card or the server.
    pub fn enter<T: Transport>(client: &'a Client, card: &mut Card<T>, pin: &Pin, last: LastTry, now: UnixTime) -> Result<Self, Failure> {
        let certificate = card.authentication_certificate()?;
        card.verify_pin(pin, last)?;
        let login = login(client, card, &certificate, now)?;
        Ok(Self { client, login })
    }

    /// Has answers kept; they take the place of those before.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn fill(&self, answers: &Answers) -> Result<Kept, Failure> {
        self.client.post(&path(&answers.questionnaire), Some(&self.login.token), answers)
    }

    /// What was filled in last.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn on_file(&self, questionnaire: &Name) -> Result<Filled, Failure> {
        self.client.get(&path(questionnaire), Some(&self.login.token))
    }

    /// Who received or read what of the resident, with the whole access log, which comes in pages.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn access(&self) -> Result<AccessList, Failure> {
        AccessList::gather(|from| self.client.get::<AccessPage>(&format!("/api/v1/access?from={from}"), Some(&self.login.token)))
    }

    /// What stands in the rosters about the resident.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn own_entries(&self) -> Result<Vec<OwnEntryOf>, Failure> {
        self.client.get("/api/v1/own-entries", Some(&self.login.token))
    }

    /// To which agencies the resident consented.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn consented(&self) -> Result<ConsentOnFile, Failure> {
        self.client.get("/api/v1/consent", Some(&self.login.token))
    }

    /// Which step counts are kept, and under which consent.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn steps(&self) -> Result<OwnSteps, Failure> {
        self.client.get(STEPS, Some(&self.login.token))
    }

    /// Consents to having step counts from the city's data platform, or withdraws.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn consent_to_steps(&self, consent: &StepsConsent) -> Result<OwnSteps, Failure> {
        self.client.post(STEPS, Some(&self.login.token), consent)
    }

    /// Consents, or withdraws.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn consent(&self, consent: &Consent) -> Result<ConsentOnFile, Failure> {
        self.client.post("/api/v1/consent", Some(&self.login.token), consent)
    }
}

fn path(questionnaire: &Name) -> String {
    format!("/api/v1/questionnaires/{questionnaire}/answers")
}
