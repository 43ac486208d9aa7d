//! An elector who files the declaration for early voting (期日前投票宣誓書): logged in with the card, without a voting key.

use tachiai_jpki::UnixTime;
use tachiai_schemas::ElectionId;
use tachiai_schemas::declaration::{DeclarationRequest, DeclarationView};

use super::{Login, login};
use crate::card::{Card, LastTry, Pin, Transport};
use crate::client::Client;
use crate::failure::Failure;

/// An elector who is logged in.
pub struct Declarer<'a> {
    client: &'a Client,
    login: Login,
    path: String,
}

impl<'a> Declarer<'a> {
    /// Logs in with the card's PIN.
    ///
    /// # Errors
    /// [`Failure`] from the card or the server.
    pub fn enter<T: Transport>(client: &'a Client, election: ElectionId, card: &mut Card<T>, pin: &Pin, last: LastTry, now: UnixTime) -> Result<Self, Failure> {
        let certificate = card.authentication_certificate()?;
        card.verify_pin(pin, last)?;
        let login = login(client, card, &certificate, now)?;
        Ok(Self { client, login, path: format!("/api/v1/elections/{election}/declaration") })
    }

    /// Files a declaration; it replaces one that was not used.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn file(&self, request: &DeclarationRequest) -> Result<DeclarationView, Failure> {
        self.client.post(&self.path, Some(&self.login.token), request)
    }

    /// Takes the declaration back.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn withdraw(&self) -> Result<DeclarationView, Failure> {
        self.client.post(&format!("{}/withdrawal", self.path), Some(&self.login.token), &serde_json::json!({}))
    }

    /// The declaration that is on file.
    ///
    /// # Errors
    /// [`Failure`] from the server.
    pub fn on_file(&self) -> Result<DeclarationView, Failure> {
        self.client.get(&self.path, Some(&self.login.token))
    }
}
