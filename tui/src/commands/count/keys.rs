//! The keys of the officers of the count, and what each signs with one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::SecretString;
use clap::Args;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::counting::Signing;
use tachiai_schemas::paper::{Officer, OfficerRole, OfficerSignature};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{ElectionId, Lang};
use tachiai_verify::board::{Missing, WITNESSES, missing};

use super::usage;
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::approve::confirmed;
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::poll::officer::OfficerKey;
use crate::secret_input;
use crate::voter::Pinned;

/// The most keys of officers that one command signs with.
const KEYS: usize = 8;

/// The keys of officers who sign.
#[derive(Args, Debug)]
pub struct Keys {
    /// The file of an officer's key, once for each who signs here; others may sign later, elsewhere
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,
    /// Read the passphrases of the keys from this file descriptor, a line each, in the order of the keys
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
    /// The fingerprint in the public notice; without it the election is taken from the server on trust
    #[arg(long, value_name = "FINGERPRINT")]
    manifest: Option<Fingerprint>,
    /// Do not ask whether what is signed is right
    #[arg(long)]
    yes: bool,
}

impl Keys {
    /// Opens the keys and signs a body with each.
    pub(super) fn sign<T: SignedKind>(&self, global: &Global, pinned: &Pinned, body: &T) -> Result<Vec<OfficerSignature>, Failure> {
        if self.keys.len() > KEYS {
            return Err(usage(format!("--key は {KEYS} 個までです。"), format!("at most {KEYS} keys sign at once.")));
        }
        let given: Option<[SecretString; KEYS]> = self.passphrase_fd.map(secret_input::read_lines).transpose()?;
        let mut signatures = Vec::new();
        for (place, path) in self.keys.iter().enumerate() {
            let passphrase = match given.as_ref().and_then(|given| given.get(place)) {
                Some(passphrase) => passphrase.clone(),
                None => secret_input::read(None, &prompt(global, path))?,
            };
            signatures.push(OfficerKey::open(path, &passphrase)?.sign(&pinned.manifest.count_officers, body)?);
        }
        Ok(signatures)
    }

    /// The election, checked against the fingerprint if one is given.
    pub(super) fn pinned(&self, client: &Client, id: ElectionId) -> Result<Arc<Pinned>, Failure> {
        Pinned::fetch(client, id, self.manifest.as_ref(), None)
    }

    /// Shows what is signed and asks for a yes.
    pub(super) fn agreed(&self, global: &Global, what: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        eprintln!("{what}");
        if confirmed(global.pick("この内容に署名しますか？ [y/N] ", "Sign this? [y/N] "))? {
            return Ok(());
        }
        Err(Failure::refused("署名しませんでした。", "nothing was signed."))
    }
}

fn prompt(global: &Global, path: &Path) -> String {
    format!("{} {}", path.display(), global.pick("のパスフレーズ", "passphrase"))
}

/// Refuses to sign the same a second time.
///
/// # Errors
/// [`Failure`] that names whose signature is there, and whose is missing.
pub fn only_once(officers: &[Officer], signed: &[u8], signatures: &[OfficerSignature]) -> Result<(), Failure> {
    let again = signatures.iter().find(|signature| signed.contains(&signature.officer));
    let Some(officer) = again.and_then(|again| officers.get(usize::from(again.officer))) else { return Ok(()) };
    let name = printable(&officer.name);
    Err(Failure::refused(
        format!("{name}さんはすでに署名しています。同じ人が二度署名することはできません。"),
        format!("{name} has signed this already, and nobody signs twice."),
    )
    .and(signed_text(Lang::Ja, officers, signed), signed_text(Lang::En, officers, signed)))
}

/// Who of the officers signed, how many have to, and who has not: a line each.
#[must_use]
pub fn signed_text(lang: Lang, officers: &[Officer], signed: &[u8]) -> String {
    let role = |officer: &Officer| match officer.role {
        OfficerRole::Manager => lang.pick("開票管理者", "manager"),
        OfficerRole::Witness => lang.pick("開票立会人", "witness"),
    };
    let names = |has: bool| {
        let those = officers.iter().enumerate().filter(|(place, _)| u8::try_from(*place).is_ok_and(|place| signed.contains(&place)) == has);
        let names: Vec<String> = those
            .map(|(_, officer)| format!("{}{}", printable(&officer.name), lang.pick(&format!("（{}）", role(officer)), &format!(" ({})", role(officer)))))
            .collect();
        if names.is_empty() { lang.pick("なし", "nobody").to_owned() } else { names.join(lang.pick("、", ", ")) }
    };
    let Missing { managers, witnesses, needed } = missing(officers, signed, WITNESSES);
    match lang {
        Lang::Ja => {
            let left = match (managers, witnesses) {
                (0, 0) => "揃いました".to_owned(),
                (0, witnesses) => format!("あと開票立会人{witnesses}名"),
                (_, 0) => "あと開票管理者".to_owned(),
                (_, witnesses) => format!("あと開票管理者と開票立会人{witnesses}名"),
            };
            format!("署名済み: {}\n必要な署名: 開票管理者と開票立会人{needed}名（{left}）\nまだの方: {}", names(true), names(false))
        }
        Lang::En => {
            let left = match (managers, witnesses) {
                (0, 0) => "all there".to_owned(),
                (0, witnesses) => format!("still {witnesses} of the witnesses"),
                (_, 0) => "still the manager".to_owned(),
                (_, witnesses) => format!("still the manager and {witnesses} of the witnesses"),
            };
            format!("signed by: {}\nneeded: the manager and {needed} of the witnesses ({left})\nnot yet: {}", names(true), names(false))
        }
    }
}

/// Says who signed, and who is still to sign.
pub(super) fn print_signing(global: &Global, signing: &Signing) -> Exit {
    say(global, &serde_json::json!(signing), || signing_text(global.lang(), signing));
    if signing.recorded.is_some() { Exit::Done } else { Exit::Waiting }
}

/// Who signed, and who is still to sign, in words.
#[must_use]
pub fn signing_text(lang: Lang, signing: &Signing) -> String {
    if let Some(leaf) = signing.recorded {
        return format!("{} {leaf}", lang.pick("署名が揃い、掲示板に記録しました。受付番号", "enough have signed; on the board at leaf"));
    }
    let left = match lang {
        Lang::Ja => {
            format!("{}立会人 {} 名（未署名: {}）", if signing.manager_needed { "管理者と" } else { "" }, signing.witnesses_needed, signing.missing.join("、"))
        }
        Lang::En => format!(
            "{}{} witness{} (not yet: {})",
            if signing.manager_needed { "the manager and " } else { "" },
            signing.witnesses_needed,
            if signing.witnesses_needed == 1 { "" } else { "es" },
            signing.missing.join(", ")
        ),
    };
    format!("{}: {left}", lang.pick("署名を受け付けました。さらに必要な署名", "signatures taken; still to sign"))
}
