//! Files of trustees and witnesses, carried between the appliance and a stick.

use std::path::{Path, PathBuf};

use tachiai_schemas::staff::ElectionStatus;
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{ElectionId, Lang};

use super::export::{export_record_telling, progress};
use super::trustees::read_trustee_file;
use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// What was carried between the appliance and a stick.
pub struct Carried {
    /// How many files of trustees were handed in that the appliance did not have.
    pub sent: usize,
    /// How many files on the stick are of another election.
    pub foreign: usize,
    /// How many cosignatures were handed in.
    pub cosigned: usize,
    /// Why other cosignatures were not taken.
    pub refused: Vec<Failure>,
    /// What to do next, in Japanese and English.
    pub next: [String; 2],
}

pub(super) fn carry(global: &Global, dir: &Path, which: &WhichElection) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let bar = progress(0);
    let carried = carry_telling(&client, id, dir, &|done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let carried = carried?;
    let Carried { sent, foreign, cosigned, refused, next: [ja, en] } = &carried;
    let (refused, next): (Vec<&str>, _) = (refused.iter().map(|failure| global.pick(&failure.ja, &failure.en)).collect(), global.pick(ja, en));
    say(global, &serde_json::json!({ "sent": sent, "foreign": foreign, "cosigned": cosigned, "refused": refused, "dir": dir, "next": next }), || {
        carried_text(global.lang(), dir, &carried)
    });
    Ok(Exit::Done)
}

/// What is said of what was carried.
#[must_use]
pub fn carried_text(lang: Lang, dir: &Path, carried: &Carried) -> String {
    let Carried { sent, foreign, cosigned, refused, next: [ja, en] } = carried;
    let (files, lines) = (lang.pick("装置へ渡した立会人ファイル", "trustee files handed in"), lang.pick("連署", "cosignatures"));
    let mut text = format!("{files}: {sent}  {lines}: {cosigned}  {}", dir.display());
    if *foreign > 0 {
        text += &format!("\n{}: {foreign}", lang.pick("渡していないファイル（別の選挙のもの）", "files that were not handed in, of another election"));
    }
    for why in refused {
        text += &format!("\n{}: {}", lang.pick("渡せなかった連署", "a cosignature that was not taken"), lang.pick(&why.ja, &why.en));
    }
    text += &format!("\n{}: {}", lang.pick("次にすること", "next"), lang.pick(ja, en));
    text
}

/// Uploads what the stick holds, then writes what each trustee needs, and the record so far; `tell` is told how many bytes of the record are written.
///
/// # Errors
/// [`Failure`].
pub fn carry_telling(client: &Client, id: ElectionId, dir: &Path, tell: &dyn Fn(u64, u64)) -> Result<Carried, Failure> {
    // A name that was mistyped would else become a folder on this machine, and nothing would ever reach the stick.
    if !dir.is_dir() {
        return Err(Failure::incomplete(
            format!(
                "媒体のフォルダー {} がありません。媒体が接続されているか、場所の打ち間違いがないか確かめてください。何も書き込んでいません。",
                dir.display()
            ),
            format!("there is no folder {}. See whether the stick is there and the name is right. Nothing was written.", dir.display()),
        ));
    }
    let files = dir.join("files");
    std::fs::create_dir_all(&files).map_err(|e| Failure::file(&files, &e))?;
    let mut status: ElectionStatus = client.get(&format!("/api/v1/elections/{id}/status"), None)?;
    let (mut sent, mut foreign) = (0, 0);
    for path in crate::trustee::exchange::trustee_files(&files)? {
        let file = read_trustee_file(&path)?;
        // Of no use to anybody: cards are added one by one, and a run that a complaint ended is over.
        if matches!(file, TrusteeFile::TrusteeCard(_)) || run_of(&file).is_some_and(|run| run < status.run) {
            continue;
        }
        if !is_of(&file, id, &status) {
            foreign += 1;
            continue;
        }
        let before = (status.run, std::mem::take(&mut status.trustees));
        status = client.post(&format!("/api/v1/elections/{id}/trustee-files"), None, &file)?;
        sent += usize::from(before.0 != status.run || before.1 != status.trustees);
    }
    let paths = cosigned_files(&dir.join("cosigned"))?;
    let mut refused = Vec::new();
    for path in &paths {
        // What a witness left there must not keep the trustees' files from travelling.
        match hand_in(client, id, path) {
            Ok(()) => {}
            Err(failure) if failure.exit == Exit::NoConnection => return Err(failure),
            Err(failure) => refused.push(failure),
        }
    }
    for trustee in &status.trustees {
        let theirs: Vec<TrusteeFile> = client.get(&format!("/api/v1/elections/{id}/trustee-files?for={}", trustee.trustee), None)?;
        for file in &theirs {
            crate::trustee::exchange::write_for(&dir.join(format!("for-{}", trustee.trustee)), file)?;
        }
    }
    let record = dir.join("record");
    if record.exists() {
        std::fs::remove_dir_all(&record).map_err(|e| Failure::file(&record, &e))?;
    }
    export_record_telling(client, id, &record, tell)?;
    let ElectionStatus { next_ja, next_en, .. } = status;
    Ok(Carried { sent, foreign, cosigned: paths.len() - refused.len(), refused, next: [next_ja, next_en] })
}

/// The files that witnesses left on a stick.
fn cosigned_files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(dir).map_err(|e| Failure::file(dir, &e))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(|e| Failure::file(dir, &e))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    paths.sort();
    Ok(paths)
}

/// Hands in a cosigned checkpoint. The same again changes nothing.
///
/// # Errors
/// [`Failure`] that names the file.
pub fn hand_in(client: &Client, id: ElectionId, file: &Path) -> Result<(), Failure> {
    let note = std::fs::read(file).map_err(|e| Failure::file(file, &e))?;
    client.post_text(&format!("/api/v1/elections/{id}/cosignatures"), &note).map_err(|failure| {
        let name = file.display();
        failure.and(format!("ファイル: {name}"), format!("the file is {name}"))
    })
}

/// Whether a file is of this election, as far as it says of which it is: of shares the appliance alone can tell.
fn is_of(file: &TrusteeFile, id: ElectionId, status: &ElectionStatus) -> bool {
    let manifest = match file {
        TrusteeFile::TrusteeCommit(file) => file.body.manifest,
        TrusteeFile::TrusteeDeal { deal, shares: _ } => deal.body.manifest,
        TrusteeFile::TrusteeConfirm(file) => file.body.manifest,
        TrusteeFile::TrusteeComplaint(file) => file.body.manifest,
        TrusteeFile::TallySignature { statement, signature: _ } => return statement.origin.ends_with(&format!("/{id}")),
        TrusteeFile::TrusteeCard(_) | TrusteeFile::DecryptionShares { .. } => return true,
    };
    status.manifest == Some(manifest)
}

/// The run of the ceremony that a file is of.
const fn run_of(file: &TrusteeFile) -> Option<u32> {
    match file {
        TrusteeFile::TrusteeCommit(file) => Some(file.body.run),
        TrusteeFile::TrusteeDeal { deal, shares: _ } => Some(deal.body.run),
        TrusteeFile::TrusteeConfirm(file) => Some(file.body.run),
        TrusteeFile::TrusteeComplaint(file) => Some(file.body.run),
        TrusteeFile::TrusteeCard(_) | TrusteeFile::TallySignature { .. } | TrusteeFile::DecryptionShares { .. } => None,
    }
}
