//! Trustee files: what becomes of each, in whatever order, state and number of copies they arrive.
//!
//! Pure, like [`decide`](super::decide): the verifier's rules have the last word when the file's entry is appended; what
//! is checked here is checked to name the trustee and the mistake, and to answer the same file with the same answer.

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::Tree;
use tachiai_schemas::election::{Body, Manifest, SignedTallyStatement, TallyStatement};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::trustee::{Commit, Complaint, Confirm, Deal, EncryptedShare, SharesFile, Signed, SignedKind, TallySignature, TrusteeFile};
use tachiai_schemas::{Blob, HashBytes, Refusal, TrusteeIndex, canonical};
use tachiai_verify::board::Board;

use super::decide::refusal_of;
use super::private::{PrivateBody, PrivateState};
use super::state::{BoardState, Rounds};
use crate::refused::Refused;

/// The longest encrypted share in bytes: one for a single recipient has about 300.
const MAX_SHARE: usize = 4096;

/// What becomes of a file.
#[derive(Debug)]
pub enum FileStep {
    /// It is here already; nothing happens.
    Already,
    /// It goes on the board.
    Record(Body),
    /// Its shares go into the private journal first, then it goes on the board.
    RecordDeal(PrivateBody, Body),
    /// Its attachment is checked and stored first, then it goes on the board.
    RecordShares(Body, TrusteeIndex, Vec<u8>),
    /// The signature goes into the private journal, until there are enough of them.
    Sign(PrivateBody),
}

/// Decides on a trustee's file.
///
/// # Errors
/// [`Refusal::TrusteeFile`], [`Refusal::TrusteeTwice`], [`Refusal::Incomplete`], [`Refusal::WrongPhase`], each with the
/// trustee and what is wrong.
pub fn decide_file(state: &BoardState, private: &PrivateState, file: TrusteeFile) -> Result<FileStep, Refused> {
    let BoardState { board, tree, rounds, evidence: _, roll_changes: _, papers: _, undone: _ } = state;
    let manifest = board.manifest().ok_or_else(|| Refused::said(Refusal::WrongPhase, "鍵の作成が始まっていません", "the ceremony was not started"))?;
    match file {
        TrusteeFile::TrusteeCard(_) => {
            Err(Refused::said(Refusal::TrusteeFile, "登録用ファイルは、鍵の作成を始める前に登録します", "a trustee-card is added before the ceremony starts"))
        }
        TrusteeFile::TrusteeCommit(file) => commit(board, rounds, file),
        TrusteeFile::TrusteeDeal { deal: file, shares } => deal(board, rounds, file, shares),
        TrusteeFile::TrusteeConfirm(file) => confirm(board, rounds, file),
        TrusteeFile::TrusteeComplaint(file) => complaint(board, rounds, file),
        TrusteeFile::TallySignature { statement, signature } => tally_signature(board, tree, private, &statement, signature, manifest),
        TrusteeFile::DecryptionShares { shares, file } => shares_file(board, rounds, shares, file, manifest),
    }
}

fn wrong(kind: &str, trustee: TrusteeIndex, what: impl std::fmt::Display) -> Refused {
    Refused::about(Refusal::TrusteeFile, format!("{kind} of trustee {trustee}: {what}"))
}

fn twice(kind: &str, trustee: TrusteeIndex) -> Refused {
    Refused::about(Refusal::TrusteeTwice, format!("{kind} of trustee {trustee}"))
}

/// The same file again gets the same answer; another one is refused.
fn repeated<T: PartialEq>(kind: &str, trustee: TrusteeIndex, before: Option<&T>, now: &T) -> Result<Option<FileStep>, Refused> {
    match before {
        None => Ok(None),
        Some(before) if before == now => Ok(Some(FileStep::Already)),
        Some(_) => Err(twice(kind, trustee)),
    }
}

/// What holds for every file of the ceremony: the trustee exists, the manifest is this one, the run is the current one.
fn of_this_run(board: &Board, kind: &str, manifest: HashBytes, run: u32, trustee: TrusteeIndex) -> Result<(), Refused> {
    listed(board, kind, trustee)?;
    let here = board.manifest_hash().ok_or(Refusal::WrongPhase)?;
    if manifest.hash() != here {
        return Err(wrong(kind, trustee, format!("it is of another election (manifest {}, here {here})", manifest.hash())));
    }
    let current = board.run().number();
    if run != current {
        return Err(wrong(kind, trustee, format!("it is of run {run} of the ceremony, the current one is {current}")));
    }
    Ok(())
}

fn listed(board: &Board, kind: &str, trustee: TrusteeIndex) -> Result<(), Refused> {
    let known = board.quorum().is_some_and(|quorum| quorum.contains(trustee));
    if known { Ok(()) } else { Err(wrong(kind, trustee, "the manifest lists no such trustee")) }
}

fn in_ceremony(board: &Board) -> Result<(), Refused> {
    if board.phase() == Phase::Ceremony {
        Ok(())
    } else {
        Err(Refused::said(Refusal::WrongPhase, "鍵の作成は終わっています", "the ceremony is over"))
    }
}

/// Which trustees are missing in a round.
fn missing<T>(board: &Board, have: &std::collections::BTreeMap<TrusteeIndex, T>) -> Vec<TrusteeIndex> {
    board.quorum().map(|quorum| quorum.indices().filter(|index| !have.contains_key(index)).collect()).unwrap_or_default()
}

fn after_all<T>(board: &Board, kind: &str, before: &str, have: &std::collections::BTreeMap<TrusteeIndex, T>) -> Result<(), Refused> {
    let missing = missing(board, have);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Err(Refused::about(Refusal::Incomplete, format!("{kind}: the {before} of trustee {names} must come first")))
}

fn commit(board: &Board, rounds: &Rounds, file: Signed<Commit>) -> Result<FileStep, Refused> {
    let Commit { manifest, run, trustee, commitment: _ } = file.body;
    of_this_run(board, Commit::KIND, manifest, run, trustee)?;
    if let Some(step) = repeated(Commit::KIND, trustee, rounds.commits.get(&trustee), &file)? {
        return Ok(step);
    }
    in_ceremony(board)?;
    Ok(FileStep::Record(Body::Commit(file)))
}

fn deal(board: &Board, rounds: &Rounds, file: Signed<Deal>, shares: Vec<EncryptedShare>) -> Result<FileStep, Refused> {
    let (run, trustee) = (file.body.run, file.body.trustee);
    of_this_run(board, Deal::KIND, file.body.manifest, run, trustee)?;
    if let Some(step) = repeated(Deal::KIND, trustee, rounds.deals.get(&trustee), &file)? {
        return Ok(step);
    }
    in_ceremony(board)?;
    after_all(board, Deal::KIND, Commit::KIND, &rounds.commits)?;
    for listed in &file.body.shares {
        let mut of_receiver = shares.iter().filter(|share| share.to == listed.to);
        let (Some(share), None) = (of_receiver.next(), of_receiver.next()) else {
            return Err(wrong(Deal::KIND, trustee, format!("the encrypted share for trustee {} is not there exactly once", listed.to)));
        };
        if share.age.0.len() > MAX_SHARE || Hash32::sha256(&share.age.0) != listed.sha256.hash() {
            return Err(wrong(Deal::KIND, trustee, format!("the encrypted share for trustee {} is not the one that was signed", listed.to)));
        }
    }
    if shares.len() != file.body.shares.len() {
        return Err(wrong(Deal::KIND, trustee, "it brings shares that were not signed"));
    }
    Ok(FileStep::RecordDeal(PrivateBody::ShareFiles { run, from: trustee, shares }, Body::Deal(file)))
}

fn confirm(board: &Board, rounds: &Rounds, file: Signed<Confirm>) -> Result<FileStep, Refused> {
    let trustee = file.body.trustee;
    of_this_run(board, Confirm::KIND, file.body.manifest, file.body.run, trustee)?;
    if let Some(step) = repeated(Confirm::KIND, trustee, rounds.confirms.get(&trustee), &file)? {
        return Ok(step);
    }
    in_ceremony(board)?;
    after_all(board, Confirm::KIND, Deal::KIND, &rounds.deals)?;
    Ok(FileStep::Record(Body::Confirm(file)))
}

fn complaint(board: &Board, rounds: &Rounds, file: Signed<Complaint>) -> Result<FileStep, Refused> {
    let trustee = file.body.trustee;
    if rounds.complaints.get(&file.body.run) == Some(&file) {
        return Ok(FileStep::Already);
    }
    of_this_run(board, Complaint::KIND, file.body.manifest, file.body.run, trustee)?;
    in_ceremony(board)?;
    after_all(board, Complaint::KIND, Deal::KIND, &rounds.deals)?;
    Ok(FileStep::Record(Body::Complaint(file)))
}

fn tally_signature(
    board: &Board,
    tree: &Tree,
    private: &PrivateState,
    statement: &TallyStatement,
    signature: TallySignature,
    manifest: &Manifest,
) -> Result<FileStep, Refused> {
    let (kind, trustee) = (TallyStatement::KIND, signature.trustee);
    listed(board, kind, trustee)?;
    if statement.origin != manifest.origin {
        return Err(wrong(kind, trustee, format!("it is of another election ({})", statement.origin)));
    }
    let Some(expected) = board.tally_statement(tree) else {
        return Err(Refused::said(Refusal::WrongPhase, "投票がまだ締め切られていません", "the poll is not closed"));
    };
    if *statement != expected {
        return Err(wrong(kind, trustee, "the statement is not the one that this board gives"));
    }
    let hash = statement_hash(statement)?;
    board.check_tally_signature(statement, &signature).map_err(|violation| refusal_of(&violation))?;
    if let Some(step) = repeated(kind, trustee, private.tally_signatures.get(&(hash, trustee)), &signature)? {
        return Ok(step);
    }
    match board.phase() {
        Phase::PollClosed => Ok(FileStep::Sign(PrivateBody::TallySigned { statement: hash.into(), signature })),
        _ => Err(Refused::said(Refusal::WrongPhase, "集計宣言の署名は、すでに必要な人数が揃っています", "enough trustees signed the statement already")),
    }
}

/// The tally statement for the board, once enough trustees signed it.
///
/// # Errors
/// [`Refusal::Fault`], never in practice.
pub fn signed_statement(state: &BoardState, private: &PrivateState) -> Result<Option<Body>, Refused> {
    let BoardState { board, tree, rounds: _, evidence: _, roll_changes: _, papers: _, undone: _ } = state;
    let (Phase::PollClosed, Some(quorum), Some(statement)) = (board.phase(), board.quorum(), board.tally_statement(tree)) else { return Ok(None) };
    let hash = statement_hash(&statement)?;
    let signatures: Vec<TallySignature> = private.tally_signatures.iter().filter(|((of, _), _)| *of == hash).map(|(_, signature)| signature.clone()).collect();
    if signatures.len() < usize::from(quorum.statement_quorum()) {
        return Ok(None);
    }
    Ok(Some(Body::TallyStatement(Box::new(SignedTallyStatement { statement, signatures }))))
}

fn statement_hash(statement: &TallyStatement) -> Result<Hash32, Refused> {
    let json = canonical::to_bytes(statement).map_err(|error| Refused::fault("hashing a tally statement", error))?;
    Ok(tachiai_crypto::election::tally::statement_hash(&json))
}

fn shares_file(board: &Board, rounds: &Rounds, file: Signed<SharesFile>, attachment: Blob, manifest: &Manifest) -> Result<FileStep, Refused> {
    let kind = SharesFile::KIND;
    let SharesFile { statement, trustee, file: named } = file.body.clone();
    listed(board, kind, trustee)?;
    let Some((_, declared)) = board.declared_statement() else {
        return Err(Refused::about(Refusal::WrongPhase, format!("the tally statement of {} does not stand yet", manifest.origin)));
    };
    if statement.hash() != declared {
        return Err(wrong(kind, trustee, "it is for another tally statement"));
    }
    if Hash32::sha256(&attachment.0) != named.hash() {
        return Err(wrong(kind, trustee, "the shares are not the ones that were signed"));
    }
    if let Some(step) = repeated(kind, trustee, rounds.shares.get(&trustee), &file)? {
        return Ok(step);
    }
    if board.phase() != Phase::Tallying {
        return Err(Refused::said(Refusal::WrongPhase, "開票結果はすでに出ています", "the result stands already"));
    }
    Ok(FileStep::RecordShares(Body::Shares(file), trustee, attachment.0))
}

/// The files of the current run that a trustee needs from the others: commits, deals with only this trustee's share, confirmations.
///
/// # Errors
/// [`Refusal::TrusteeFile`] if the manifest lists no such trustee.
pub fn files_for(state: &BoardState, private: &PrivateState, trustee: TrusteeIndex) -> Result<Vec<TrusteeFile>, Refused> {
    let BoardState { board, tree: _, rounds, evidence: _, roll_changes: _, papers: _, undone: _ } = state;
    listed(board, "files", trustee)?;
    let run = board.run().number();
    let mut files = Vec::new();
    files.extend(rounds.commits.iter().filter(|(from, _)| **from != trustee).map(|(_, file)| TrusteeFile::TrusteeCommit(file.clone())));
    for (from, deal) in rounds.deals.iter().filter(|(from, _)| **from != trustee) {
        let share = private.shares.get(&(run, *from, trustee)).map(|age| EncryptedShare { to: trustee, age: age.clone() });
        let share = share.ok_or_else(|| Refused::fault("handing out shares", format!("the share of trustee {from} for {trustee} is missing")))?;
        files.push(TrusteeFile::TrusteeDeal { deal: deal.clone(), shares: vec![share] });
    }
    files.extend(rounds.confirms.iter().filter(|(from, _)| **from != trustee).map(|(_, file)| TrusteeFile::TrusteeConfirm(file.clone())));
    Ok(files)
}
