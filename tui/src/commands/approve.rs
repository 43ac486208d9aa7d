//! The second official: looks at what is asked, and signs it with the key of the own client certificate.

use clap::Args;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use tachiai_schemas::staff::{Approval, Done, Pending};
use tachiai_schemas::{Blob, HashBytes};

use crate::cli::Global;
use crate::commands::election;
use crate::failure::{Exit, Failure};
use crate::profile::Profile;

/// Approve an act.
///
/// Example: `tachiai approve k3v7q2xm`
#[derive(Args, Debug)]
pub struct Approve {
    /// The ID that the first official's command printed
    id: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

impl Approve {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let profile = Profile::read(global.profile.as_deref())?;
        let client = profile.client(global.lang())?;
        let pending: Vec<Pending> = client.get("/api/v1/approvals", None)?;
        let Some(wanted) = pending.iter().find(|p| p.id == self.id) else {
            return Err(Failure::refused(
                format!("承認待ちの {} はありません（期限切れ、または処理済みです）。", self.id),
                format!("nothing waits under the ID {} (it is done or has expired).", self.id),
            ));
        };
        if !self.yes && !confirmed(global, wanted)? {
            return Err(Failure::refused("承認しませんでした。", "not approved."));
        }
        let message = shown(wanted)?;
        let signature = sign(&profile, message.0.as_slice())?;
        let done: Done = client.post(&format!("/api/v1/approvals/{}", wanted.id), None, &Approval { message, signature })?;
        election::print_done(global, &done);
        Ok(Exit::Done)
    }
}

/// Lists what waits.
///
/// # Errors
/// [`Failure`].
pub fn list(global: &Global) -> Result<Exit, Failure> {
    let pending: Vec<Pending> = global.staff()?.get("/api/v1/approvals", None)?;
    if global.json {
        println!("{}", serde_json::json!({ "pending": pending }));
        return Ok(Exit::Done);
    }
    if pending.is_empty() {
        println!("{}", global.pick("承認待ちはありません。", "Nothing waits for approval."));
    }
    for p in &pending {
        println!("{}", describe(global, p));
    }
    Ok(Exit::Done)
}

fn describe(global: &Global, p: &Pending) -> String {
    let Pending { id, election, act, requested_by, requested_at, message: _ } = p;
    format!("{id}  {}  {election}  {requested_by}  {requested_at}", election::act_name(global.lang(), *act))
}

/// The message of exactly what was shown. A server that asks for the signature of something else is refused.
fn shown(pending: &Pending) -> Result<HashBytes, Failure> {
    if pending.message.hash() == pending.message_hash() {
        return Ok(pending.message);
    }
    Err(Failure::refused(
        "サーバーが求める署名は、表示された操作のものではありません。署名していません。選挙管理委員会に知らせてください。",
        "the server asks for the signature of something else than the act that it shows. Nothing was signed. Tell the election commission.",
    ))
}

fn confirmed(global: &Global, pending: &Pending) -> Result<bool, Failure> {
    use std::io::{IsTerminal, Write};
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "端末ではないため確認できません。--yes を付けてください。",
            "this is no terminal, so nobody can be asked. Add --yes.",
        ));
    }
    println!("{}", describe(global, pending));
    print!("{}", global.pick("承認しますか？ [y/N] ", "Approve? [y/N] "));
    let mut line = String::new();
    std::io::stdout().flush().and_then(|()| std::io::stdin().read_line(&mut line)).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes" | "はい"))
}

fn sign(profile: &Profile, message: &[u8]) -> Result<Blob, Failure> {
    let bad = || {
        Failure::incomplete(
            format!("職員の鍵 {} で署名できません（ECDSA P-256 の PKCS#8 が必要です）。", profile.key.display()),
            format!("cannot sign with the key {} (a PKCS#8 key of ECDSA P-256 is needed).", profile.key.display()),
        )
    };
    let key = PrivatePkcs8KeyDer::from_pem_file(&profile.key).map_err(|_| bad())?;
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.secret_pkcs8_der(), &random).map_err(|_| bad())?;
    let signature = pair.sign(&random, message).map_err(|_| bad())?;
    Ok(Blob(signature.as_ref().to_vec()))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::staff::Act;

    use super::*;

    #[test]
    fn only_the_message_of_the_act_that_is_shown_is_signed() {
        let election = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let requested_at = "2026-11-22T09:00:00Z".parse().unwrap();
        let mut close = Pending { id: "k3v7q2xm".into(), election, act: Act::CloseOnline, requested_by: "sato".into(), requested_at, message: Bytes([0; 32]) };
        close.message = close.message_hash().into();
        assert_eq!(shown(&close).unwrap(), close.message);
        let open = Pending { act: Act::Open, ..close.clone() };
        assert_ne!(open.message_hash(), close.message_hash());
        assert_eq!(shown(&open).unwrap_err().exit, Exit::Refused);
    }
}
