//! A resident who fills in a questionnaire (問診票): logged in with the card.

use tachiai_jpki::UnixTime;
use tachiai_schemas::shelter::questionnaire::{Answers, Filled, Kept, Name};

use super::{Login, login};
use crate::card::{Card, LastTry, Pin, Transport};
use crate::client::Client;
use crate::failure::Failure;

/// A resident who is logged in.
pub struct Respondent<'a> {
    client: &'a Client,
    login: Login,
    path: String,
}

impl<'a> Respondent<'a> {
    /// Logs in with the card's PIN.
    ///
    /// # Errors
    /// [`Failure`] from the card or the server.
    pub fn enter<T: Transport>(client: &'a Client, questionnaire: &Name, card: &mut Card<T>, pin: &Pin, last: LastTry, now: UnixTime) -> Result<Self, Failure> {
        let certificate = card.authentication_certificate()?;
        card.verify_pin(pin, last)?;
        let login = login(client, card, &certificate, now)?;
        Ok(Self { client, login, path: format!("/api/v1/questionnaires/{questionnaire}/answers") })
    }

    /// Has answers kept; they take the place of those before.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn fill(&self, answers: &Answers) -> Result<Kept, Failure> {
        self.client.post(&self.path, Some(&self.login.token), answers)
    }

    /// What was filled in last.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn on_file(&self) -> Result<Filled, Failure> {
        self.client.get(&self.path, Some(&self.login.token))
    }
}
