//! The trustees of an election: who is listed, and the beginning of their ceremony.

use std::path::Path;

use tachiai_schemas::staff::{ElectionStatus, TrusteeStatus};
use tachiai_schemas::trustee::{Signed, TrusteeCard, TrusteeFile};
use tachiai_schemas::{ElectionId, Lang, canonical};

use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::say;
use crate::commands::trustee::key_fingerprint;
use crate::failure::{Exit, Failure};

pub(super) fn add_trustee(global: &Global, path: &Path, which: &WhichElection) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let added = list_trustee(&client, id, &read_trustee_file(path)?)?;
    say(global, &serde_json::json!(added), || listed_text(global.lang(), &added));
    Ok(Exit::Done)
}

/// Shows whose key a file has, before anybody is listed by it.
pub(super) fn show(global: &Global, path: &Path) -> Result<Exit, Failure> {
    let TrusteeCard { name, signing_key, recipient } = read_trustee_card(path)?;
    let fingerprint = key_fingerprint(&signing_key.0);
    let told = serde_json::json!({ "name": name, "fingerprint": fingerprint, "signing_key": signing_key, "recipient": recipient });
    say(global, &told, || {
        let compare = global.pick("鍵の指紋（本人と声に出して照合してください）", "fingerprint of the key (compare it with the trustee in person)");
        format!("{}\n{compare}: {fingerprint}", printable(&name))
    });
    Ok(Exit::Done)
}

/// Reads the file by which a trustee is listed.
///
/// # Errors
/// [`Failure`] that names the file.
pub fn read_trustee_card(path: &Path) -> Result<TrusteeCard, Failure> {
    let TrusteeFile::TrusteeCard(Signed { body, .. }) = read_trustee_file(path)? else {
        return Err(Failure::refused(
            format!("{} は開票立会人の登録用ファイルではありません。立会人の card.json を指定してください。", path.display()),
            format!("{} is not the file by which a trustee is listed. Name the trustee's card.json.", path.display()),
        ));
    };
    Ok(body)
}

/// Lists a trustee by the file of the key.
///
/// # Errors
/// [`Failure`].
pub fn list_trustee(client: &Client, id: ElectionId, file: &TrusteeFile) -> Result<TrusteeStatus, Failure> {
    client.post(&format!("/api/v1/elections/{id}/trustees"), None, file)
}

/// What is said of a trustee who was listed.
#[must_use]
pub fn listed_text(lang: Lang, added: &TrusteeStatus) -> String {
    format!(
        "{} {}: {}\n{}: {}",
        lang.pick("立会人", "trustee"),
        added.trustee,
        printable(&added.name),
        lang.pick("鍵の指紋（本人と声に出して照合してください）", "fingerprint of the key (compare it with the trustee in person)"),
        key_fingerprint(&added.signing_key.0)
    )
}

/// Reads one trustee file in its one accepted form.
///
/// # Errors
/// [`Failure`] that names the file.
pub fn read_trustee_file(path: &Path) -> Result<TrusteeFile, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::file(path, &e))?;
    canonical::from_bytes(&bytes).map_err(|e| {
        Failure::incomplete(
            format!("{} は立会人のファイルとして読み取れません（{e}）。もう一度書き出してもらってください。", path.display()),
            format!("{} cannot be read as a trustee's file ({e}). Ask for it again.", path.display()),
        )
    })
}

/// Begins the key ceremony: the manifest is fixed from here on.
///
/// # Errors
/// [`Failure`].
pub fn begin_ceremony(client: &Client, id: ElectionId) -> Result<ElectionStatus, Failure> {
    client.post(&format!("/api/v1/elections/{id}/ceremony"), None, &serde_json::json!({}))
}
