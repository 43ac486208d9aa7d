//! What is taken away of an election: its record, and the sealed evidence.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::evidence::{
    CARDS_PATH, EvidenceExport, PAPERS_IN_FILE, REGISTRATIONS_IN_FILE, SLOTS_IN_FILE, card_path, papers_path, registrations_path, slots_path,
};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::record::{RECORD_FORMAT, RecordFile, RecordIndex};
use tachiai_schemas::staff::ElectionStatus;
use tachiai_schemas::{ElectionId, Lang, canonical};
use tachiai_verify::eligibility::EvidenceWriter;
use tachiai_verify::record::{Piece, archive};

use super::status::witnesses_missing;
use crate::client::Client;
use crate::failure::Failure;

/// What is said of a record that was exported.
#[must_use]
pub fn exported_text(lang: Lang, files: usize, dir: &Path, status: &ElectionStatus) -> String {
    let mut text = format!("{}: {files}  {}", lang.pick("記録のファイル数", "files of the record"), dir.display());
    let partial = if status.summary.phase == Phase::Published { "" } else { " --partial" };
    let expect = status.fingerprint.as_ref().map_or_else(String::new, |fingerprint| format!(" --expect {fingerprint}"));
    text += &format!(
        "\n{}\n  tachiai-verify {}{partial}{expect}",
        lang.pick(
            "書き出した記録は、だれでも、回線のない機械でも、次のコマンドで検証できます。指紋は印刷された公告のものと見比べてください。",
            "Anyone can check what was written, also without a network, by this command. Compare the fingerprint with the printed notice.",
        ),
        dir.display()
    );
    let missing = witnesses_missing(status);
    if !missing.is_empty() {
        let why = lang
            .pick("証人の連署が足りないため、この記録は検証で「不完全」になります。証人の組織に連署を頼み（記録を回線か媒体で渡すと連署が返ります。ファイルで届いたら手順の画面の w、コマンドでは election cosign）、揃ってから別の名前で書き出し直してください。未了", "cosignatures are missing, so this record verifies as incomplete. Ask the witnesses' organisations to cosign it, by network or by stick (a file is handed in with w on the screen of the steps, or `election cosign`), and export it again under another name when they are here. Not yet");
        text += &format!("\n{why}: {}", missing.join(", "));
    }
    text
}

/// Downloads a record into a new folder, or into one file if the name ends in `.tar`; every file is checked against the index as it comes.
///
/// # Errors
/// [`Failure`]; an unfinished folder or file stays and is refused by the verifier.
pub fn export_record(client: &Client, id: ElectionId, dir: &Path) -> Result<usize, Failure> {
    let bar = progress(0);
    let files = export_record_telling(client, id, dir, &|done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    files
}

/// The same; `tell` is told how many bytes of how many are here.
///
/// # Errors
/// As [`export_record`].
pub fn export_record_telling(client: &Client, id: ElectionId, dir: &Path, tell: &dyn Fn(u64, u64)) -> Result<usize, Failure> {
    if dir.exists() {
        return Err(Failure::refused(
            format!("{} はすでにあります。別の名前を指定するか、移動してください。", dir.display()),
            format!("{} exists already. Name another one or move it away.", dir.display()),
        ));
    }
    // A mistyped path makes no folders: only the last name of it is new.
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.is_dir()) {
        return Err(Failure::refused(
            format!("{} というフォルダーがありません。保存先を確かめてください。", parent.display()),
            format!("there is no folder {}. Check where the record is to go.", parent.display()),
        ));
    }
    let index: RecordIndex = client.get(&format!("/api/v1/elections/{id}/record"), None)?;
    if index.format != RECORD_FORMAT {
        return Err(Failure::incomplete(format!("未知の記録形式です: {}", index.format), format!("unknown record format: {}", index.format)));
    }
    let json = canonical::to_bytes(&index).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    let of: u64 = index.files.iter().map(|f| f.bytes).sum();
    let here = Cell::new(0);
    let fetch = |file: &RecordFile| {
        // The server's word is not taken for a path: only plain names below the folder are written.
        if file.path.split('/').any(|part| part.is_empty() || part == "." || part == ".." || part.contains('\\')) {
            return Err(Failure::refused(format!("記録に不正なパスがあります: {}", file.path), format!("the record names an unsafe path: {}", file.path)));
        }
        let bytes = client.get_bytes(&format!("/api/v1/elections/{id}/record/{}?size={}", file.path, index.size))?;
        if Hash32::sha256(&bytes) != file.sha256.hash() {
            return Err(Failure::refused(format!("{} が目録と一致しません。", file.path), format!("{} does not match the index.", file.path)));
        }
        here.set(here.get() + file.bytes);
        tell(here.get(), of);
        Ok(bytes)
    };
    if dir.extension().is_some_and(|extension| extension == "tar") {
        let failed = |e: std::io::Error| Failure::file(dir, &e);
        let (pieces, _) = archive(&index, json).map_err(failed)?;
        let mut out = std::io::BufWriter::new(std::fs::File::create_new(dir).map_err(failed)?);
        for piece in pieces {
            let bytes = match piece {
                Piece::Bytes(bytes) => bytes,
                Piece::File(file) => fetch(&file)?,
            };
            out.write_all(&bytes).map_err(failed)?;
        }
        out.into_inner().map_err(|e| failed(e.into_error()))?.sync_all().map_err(failed)?;
    } else {
        index.files.iter().try_for_each(|file| write(&dir.join(&file.path), &fetch(file)?))?;
        write(&dir.join("record.json"), &json)?;
    }
    Ok(index.files.len() + 1)
}

/// Takes the sealed evidence of an election away into a new folder, whose index comes last; gives the numbers of files and of registrations.
///
/// # Errors
/// [`Failure`]; an unfinished folder stays and is incomplete to the verifier.
pub fn export_evidence(client: &Client, id: ElectionId, dir: &Path) -> Result<(usize, u64), Failure> {
    if dir.exists() {
        return Err(Failure::refused(
            format!("{} はすでにあります。別の名前を指定するか、移動してください。", dir.display()),
            format!("{} exists already. Name another folder or move it away.", dir.display()),
        ));
    }
    let base = format!("/api/v1/elections/{id}/evidence");
    let EvidenceExport { election, at, slots, registrations, papers, cards } = client.post(&base, None, &serde_json::json!({}))?;
    let failed = |e: std::io::Error| Failure::file(dir, &e);
    let mut writer = EvidenceWriter::create(dir).map_err(failed)?;
    let hashes = cards.anchors.iter().chain(&cards.text_anchors).chain(cards.lists.iter().flat_map(|lists| &lists.crls));
    let files: BTreeSet<String> = hashes.map(card_path).collect();
    let slots = (0..slots.div_ceil(SLOTS_IN_FILE)).map(slots_path);
    let bundles = (0..registrations.div_ceil(REGISTRATIONS_IN_FILE as u64)).map(registrations_path);
    let papers = (0..papers.div_ceil(PAPERS_IN_FILE as u64)).map(papers_path);
    let paths: Vec<String> = slots.chain(bundles).chain(papers).chain(files).collect();
    let bar = progress_of(paths.len() as u64);
    for path in paths {
        let bytes = client.get_bytes(&format!("{base}/{path}"))?;
        writer.put(&path, &bytes).map_err(failed)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let cards = canonical::to_bytes(&cards).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    writer.put(CARDS_PATH, &cards).map_err(failed)?;
    Ok((writer.finish(election, at).map_err(failed)?, registrations))
}

/// A bar over files, on a terminal only.
fn progress_of(files: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(files).with_style(style)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| Failure::file(parent, &e))?;
    }
    std::fs::write(path, bytes).map_err(|e| Failure::file(path, &e))
}

/// A bar over bytes, on a terminal only.
#[must_use]
pub fn progress(total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}
