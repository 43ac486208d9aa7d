//! Cosignatures under a policy of one's own, and evidence of a fork.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use tachiai_crypto::journal::Cosignature;
use tachiai_schemas::fork::ForkEvidence;
use tachiai_verify::fork::{Of, check_fork, evidence};
use tachiai_verify::policy::{MAX_POLICY, Policy};
use tachiai_verify::receipt::CheckedReceipt;
use tachiai_verify::{Audited, Failure, Incomplete, Rule, Verified, Violation};

use super::{Common, MAX_FILE, Outcome, read};

/// Judges the record's last checkpoint by a policy: the record's own cosignatures, and those that were fetched elsewhere.
pub(super) fn judge(audited: &mut Audited, policy: &Path, fetched: &[PathBuf]) -> Result<(), Failure> {
    let not_a = |path: &Path, what, reason: String| Failure::from(Incomplete::NotA { path: path.display().to_string(), what, reason });
    let file = Policy::parse(&bytes(policy, MAX_POLICY as u64 + 1)?).map_err(|error| not_a(policy, "a policy", error.to_string()))?;
    let checkpoint = audited.checkpoint.checkpoint();
    if !file.accepts(&checkpoint.origin, &audited.board_key) {
        let detail = format!("the policy lists other logs than {}", audited.board_key.to_note_key(&checkpoint.origin));
        return Err(Violation::of_record(Rule::R302, detail).into());
    }
    let mut lines = audited.witnessed.lines(checkpoint.size).to_vec();
    for path in fetched {
        let text = String::from_utf8(bytes(path, MAX_FILE)?).map_err(|error| not_a(path, "a file of cosignatures", error.to_string()))?;
        // A whole note or lines alone; the board's own line and those of algorithms that are not known here are passed over.
        let found: Vec<Cosignature> = text.lines().filter_map(|line| line.parse().ok()).collect();
        if found.is_empty() {
            return Err(not_a(path, "a file of cosignatures", "it has no line of a witness".to_owned()));
        }
        lines.extend(found);
    }
    let outcome = file.judge(checkpoint, &lines);
    if !outcome.holds {
        return Err(Incomplete::Policy { missing: outcome.missing }.into());
    }
    audited.verdict.policy = Some(outcome);
    Ok(())
}

/// Checks evidence of a fork; it accuses an election only where the fingerprint of the notice was compared.
pub(super) fn fork(path: &Path, common: &Common) -> Result<Outcome, Failure> {
    let file: ForkEvidence = read(path, "evidence of a fork")?;
    let fork = check_fork(&file, common.expect.as_ref())?;
    let (text, code) = common.report().fork(&fork, &file);
    Ok(Outcome { text, code })
}

/// Writes the evidence that a receipt and a record are of two boards. There is none in one file if the receipt is of a board that goes on after `published`:
/// then receipt and record together are the evidence.
pub(super) fn write_evidence(path: &Path, receipt: &CheckedReceipt, verified: &Verified) -> Result<bool, Failure> {
    let (Some(manifest), Some(board_key)) = (verified.board.manifest_hash(), verified.board.board_key()) else { return Ok(false) };
    let of = Of { manifest, opened: verified.board.opened().map(|opened| opened.leaf_hash()), board_key };
    let found = receipt.checkpoints().into_iter().find_map(|seen| evidence(&of, seen, &verified.tree, &verified.checkpoint));
    let Some(found) = found else { return Ok(false) };
    let unreadable = |error| Incomplete::Unreadable { path: path.display().to_string(), error };
    let text = serde_json::to_vec(&found).map_err(|error| unreadable(error.into()))?;
    fs::write(path, text).map_err(unreadable)?;
    Ok(true)
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Incomplete::Unreadable { path: path.display().to_string(), error };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(unreadable)?.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}
