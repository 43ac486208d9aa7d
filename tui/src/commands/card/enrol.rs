//! Binding a card to its holder, by the card's own signing key.

use clap::Args;
use rustls_pki_types::CertificateDer;
use serde_json::json;
use tachiai_jpki::StatementPurpose;
use tachiai_schemas::Lang;
use tachiai_schemas::identity::Enrolled;

use super::holder::{announce, certificate_before_pin, check_pin, leave, nobody_enrolled, not_expired, say_signing, verified, verify_password};
use crate::card::{Card, CardError, Issue, Object, Password, Pin, PinName, Transport, printable};
use crate::cli::Global;
use crate::client::Client;
use crate::commands::ask::{ask_yes, is_conversation};
use crate::commands::say;
use crate::commands::vote::Line;
use crate::failure::{Exit, Failure};
use crate::{secret_input, voter};

/// Bind a card to its holder with the signing password and the 4-digit PIN, once.
///
/// Example: `tachiai card enrol --server https://vote.example.jp:8443 --ca ca.pem`
#[derive(Args, Debug)]
pub struct Enrol {
    #[command(flatten)]
    line: Line,
    /// Read the signing password from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    password_fd: Option<i32>,
    /// Read the 4-digit PIN from this file descriptor instead of the terminal; the same one as for the password has both, a line each
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
}

impl Enrol {
    pub(super) fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = self.line.client(global.lang())?;
        let mut card = self.line.open_card(global).map_err(nobody_enrolled)?;
        let enrolled = self.enrol(global, &client, &mut card).map_err(nobody_enrolled)?;
        leave(global, card);
        say(global, &json!(enrolled), || enrolled_text(global.lang(), &enrolled));
        Ok(Exit::Done)
    }

    fn enrol<T: Transport>(&self, global: &Global, client: &Client, card: &mut Card<T>) -> Result<Enrolled, Failure> {
        let last = self.line.last();
        if card.signing_issue()? == Issue::NotIssued {
            return Err(CardError::Absent(Object::SigningCertificate).into());
        }
        let certificate = certificate_before_pin(card)?;
        announce(global, client.host(), &[StatementPurpose::Enrol]);
        let (password, pin) = match self.password_fd {
            Some(fd) if self.pin_fd == Some(fd) => {
                let [password, pin] = secret_input::read_lines(fd)?;
                // Both have the right shape before either is shown to the card.
                let generation = card.generation();
                let checked = (Password::by(generation.rule(PinName::Signing), &password)?, Pin::by(generation.rule(PinName::Authentication), &pin)?);
                card.verify_password(&checked.0, last)?;
                signing_not_expired(card)?;
                card.verify_pin(&checked.1, last)?;
                checked
            }
            _ => {
                let password = verify_password(global, self.password_fd, last, card)?;
                let signing = signing_not_expired(card)?;
                if self.password_fd.is_none() && is_conversation(global) {
                    confirm_holder(global, &signing)?;
                }
                (password, verified(global, self.pin_fd, PinName::Authentication, last, card, check_pin)?)
            }
        };
        let certificate = certificate.map_or_else(|| card.authentication_certificate(), Ok)?;
        say_signing(global);
        let (enrolled, person) = voter::enrol(client, card, &password, &pin, last)?;
        self.line.remember(&format!("{}.person", voter::card_name(&certificate)), &person.hash().to_string())?;
        Ok(enrolled)
    }
}

fn signing_not_expired<T: Transport>(card: &mut Card<T>) -> Result<CertificateDer<'static>, CardError> {
    let certificate = card.signing_certificate()?;
    not_expired(&certificate, Object::SigningCertificate).map(|()| certificate)
}

/// Shows in whose name the card signs, and asks whether it shall.
fn confirm_holder(global: &Global, certificate: &[u8]) -> Result<(), Failure> {
    let person = voter::person_of(certificate)?;
    eprintln!("{}: {}", global.pick("署名する方の氏名", "the card signs in the name of"), printable(&person.name));
    if ask_yes(global.pick("この方の名前で署名して登録しますか？ [y/N] ", "Sign and enrol in this name? [y/N] "))? {
        return Ok(());
    }
    Err(Failure::refused("登録していません。", "nothing was enrolled."))
}

/// That a card was bound, in words.
#[must_use]
pub fn enrolled_text(lang: Lang, enrolled: &Enrolled) -> String {
    format!("{}: {}", lang.pick("登録しました。市民ID", "enrolled. Citizen ID"), enrolled.citizen)
}
