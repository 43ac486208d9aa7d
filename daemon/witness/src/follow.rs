//! Following boards: fetch, verify, write down, cosign, hand in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::journal::{ConsistencyProof, Cosignature, CosignedCheckpoint, LogCheckpoint, Origin, SignedCheckpoint};
use tachiai_schemas::ElectionId;
use tachiai_schemas::fork::ForkEvidence;

use crate::advance::{self, Refusal, adopt, advance};
use crate::board::{Board, OnStick, Online, Pinned};
use crate::client::Client;
use crate::evidence;
use crate::failure::{Exit, Failure};
use crate::say::Voice;
use crate::state::{Held, Log, PinnedBoard, State};

/// The longest pause between two looks at a board that cannot be had.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// What came of looking at a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A new cosignature: the cosigned checkpoint.
    Cosigned {
        /// The size.
        size: u64,
        /// The text.
        text: String,
    },
    /// Nothing new since the last cosignature.
    Same(u64),
    /// The board does not extend what was cosigned; with the evidence, if it shows that its key signed two boards.
    Forked(Option<PathBuf>),
}

/// Where a board is to be found.
pub enum Place<'a> {
    /// At its appliance.
    Server {
        /// The address.
        url: &'a str,
        /// The election.
        election: ElectionId,
        /// The certificate of the appliance's authority.
        ca: Option<&'a Path>,
    },
    /// On a stick.
    Stick(&'a Path),
}

/// How often a board is asked again that has grown meanwhile.
const TRIES: usize = 8;

/// Begins to watch a board: pins its manifest and key, and its checkpoint, from which on everything that is cosigned extends it. Where something was pinned or
/// cosigned before, the board has to extend that.
///
/// # Errors
/// [`Failure`].
pub fn watch(state: &State, voice: Voice, place: &Place<'_>, expect: Option<&Fingerprint>) -> Result<Exit, Failure> {
    match place {
        Place::Server { url, election, ca } => {
            let client = Client::new(url, *ca)?;
            let ca = ca.map(std::fs::canonicalize).transpose().map_err(|error| Failure::file(ca.unwrap_or(Path::new("")), error))?;
            pin(state, voice, &Online { client: &client, election: *election }, Some(((*url).to_owned(), ca)), expect)
        }
        Place::Stick(medium) => pin(state, voice, &OnStick::open(medium)?, None, expect),
    }
}

fn pin(state: &State, voice: Voice, board: &dyn Board, at: Option<(String, Option<PathBuf>)>, expect: Option<&Fingerprint>) -> Result<Exit, Failure> {
    for _ in 0..TRIES {
        let pinned = board.pinned()?;
        if let Some(expected) = expect {
            pinned.expect(expected)?;
        }
        let (origin, key, head) = (&pinned.origin, &pinned.key, pinned.checkpoint.checkpoint());
        let known = state.log(origin)?;
        let log = merged(&pinned, known.as_ref().and_then(|known| known.board.as_ref()), at.as_ref(), expect.is_some(), state);
        if let Some(known) = known.as_ref().filter(|known| known.key != log.key) {
            log.fits(known)?;
        }
        // What was compared with the notice names the election; else what was pinned first.
        let of = known.as_ref().filter(|known| expect.is_none() && known.board.as_ref().is_some_and(|board| board.opened.is_some())).unwrap_or(&log);
        let old = state.hold(origin, key)?.newest()?.map_or(0, |newest| newest.checkpoint().size);
        let proof = match old {
            0 => ConsistencyProof::from_hashes(Vec::new()),
            _ if head.size < old => return Err(older(head.size, old)),
            _ => {
                let (new, proof) = board.since(old, origin, key)?;
                if new.checkpoint().size != head.size {
                    continue;
                }
                if new.checkpoint().root != head.root {
                    let evidence = evidence::of_one_size(of, key, &pinned.checkpoint, &new);
                    let held = state.hold(origin, key)?;
                    return said(voice, origin, accused(&held, &pinned.checkpoint, &new, evidence.as_ref())?);
                }
                proof
            }
        };
        let held = state.hold(origin, key)?;
        if let Some(known) = known.as_ref().filter(|_| old == 0) {
            log.fits(known)?;
        }
        match adopt(&held, &pinned.checkpoint, old, &proof) {
            // The checkpoint is there before the pin is: a pin that was compared must not come to lie beside an older history.
            Ok(()) => held.watch(&log)?,
            Err(Refusal::Size(size)) if size != old => continue,
            Err(refusal) => {
                drop(held);
                return said(voice, origin, forked(state, board, of, &pinned.checkpoint, old, refusal)?);
            }
        }
        drop(held);
        return Ok(watching(voice, origin, &log));
    }
    Err(too_fast())
}

/// What is pinned of a board, with what is known of it already.
fn merged(pinned: &Pinned, known: Option<&PinnedBoard>, at: Option<&(String, Option<PathBuf>)>, compared: bool, state: &State) -> Log {
    let board = PinnedBoard {
        election: pinned.manifest.election,
        manifest: pinned.manifest_hash.into(),
        opened: pinned.opened.map(Into::into).or(known.and_then(|known| known.opened)),
        compared: compared || known.is_some_and(|known| known.compared),
        url: at.map(|(url, _)| url.clone()).or_else(|| known.and_then(|known| known.url.clone())),
        ca: at.and_then(|(_, ca)| ca.clone()).or_else(|| known.and_then(|known| known.ca.clone())),
        listed: pinned.lists(state.key()),
    };
    Log::new(&pinned.origin, &pinned.key, Some(board))
}

fn watching(voice: Voice, origin: &Origin, log: &Log) -> Exit {
    let (compared, listed) = log.board.as_ref().map_or((false, false), |board| (board.compared, board.listed));
    let value = json!({ "event": "watching", "origin": origin.as_str(), "key": log.key, "compared": compared, "listed": listed });
    let mut said = [format!("監視を始めました: {origin}"), format!("watching {origin}")];
    if !compared {
        said[0] += "\n公告の指紋とは照合していません（初回の内容を信用しています）。開始後に --expect を付けてもう一度実行してください。";
        said[1] +=
            "\nThe fingerprint was not compared with the public notice: this first sight is taken on trust. Run this again with --expect when it is out.";
    }
    if !listed {
        said[0] += "\nこの証人の鍵は選挙の定義に載っていないため、装置は連署を受け取りません。連署は各自の方針（--policy）で使えます。";
        said[1] += "\nThe manifest does not list this witness, so the appliance will not take its cosignatures; they serve whoever names it in a policy.";
    }
    voice.say(&value, &said[0], &said[1]);
    Exit::Done
}

/// Looks at a board once: verifies, writes down, cosigns.
///
/// # Errors
/// [`Failure`]: the board or the state cannot be had.
pub fn look(state: &State, origin: &Origin, log: &Log, board: &dyn Board) -> Result<Seen, Failure> {
    let (_, key) = log.parts()?;
    // Nothing is held while the network is waited for, so the state may move on meanwhile; then the board is asked again.
    for _ in 0..4 {
        let old = state.hold(origin, &key)?.newest()?.map_or(0, |newest| newest.checkpoint().size);
        let newest = board.newest(origin, &key)?;
        if newest.checkpoint().size < old {
            return Err(older(newest.checkpoint().size, old));
        }
        if newest.checkpoint().size == old && state.hold(origin, &key)?.kept().is_some_and(|kept| kept.starts_with(&newest.to_string())) {
            return Ok(Seen::Same(old));
        }
        let (new, proof) = board.since(old, origin, &key)?;
        let held = state.hold(origin, &key)?;
        match advance(&held, &new, old, &proof, advance::now()) {
            Ok(line) => {
                let text = cosigned(&new, line, origin, log)?;
                held.keep(&text)?;
                return Ok(Seen::Cosigned { size: new.checkpoint().size, text });
            }
            Err(Refusal::Size(size)) if size != old => {}
            Err(refusal) => {
                drop(held);
                return forked(state, board, log, &new, old, refusal);
            }
        }
    }
    Err(too_fast())
}

/// What comes of a checkpoint that was refused: evidence, if there is any. No lock may be held, as the board is asked for its tree.
fn forked(state: &State, board: &dyn Board, log: &Log, new: &LogCheckpoint, old: u64, refusal: Refusal) -> Result<Seen, Failure> {
    let (origin, key) = log.parts()?;
    match refusal {
        Refusal::Size(_) => Err(older(new.checkpoint().size, old)),
        Refusal::OtherRoot(known) => {
            let evidence = evidence::of_one_size(log, &key, &known, new);
            accused(&state.hold(&origin, &key)?, &known, new, evidence.as_ref())
        }
        Refusal::Proof(Some(known)) => {
            let held = state.hold(&origin, &key)?;
            if let Some(path) = held.evidence()?.into_iter().next() {
                // It convinces as well as any more would, and a tree is long.
                return Ok(Seen::Forked(Some(path)));
            }
            drop(held);
            // The board's own tree shows what it has at the size that was cosigned.
            let tree = board.tree(new.checkpoint().size);
            let evidence = tree.as_ref().ok().and_then(|tree| evidence::from_tree(log, &key, &known, tree, new));
            let seen = accused(&state.hold(&origin, &key)?, &known, new, evidence.as_ref())?;
            tree.map(|_| seen)
        }
        Refusal::Proof(None) => Ok(Seen::Forked(None)),
        Refusal::Fault(failure) => Err(failure),
    }
}

fn accused(held: &Held<'_>, known: &LogCheckpoint, new: &LogCheckpoint, evidence: Option<&ForkEvidence>) -> Result<Seen, Failure> {
    let Some(evidence) = evidence else {
        held.keep_refused(known, new)?;
        return Ok(Seen::Forked(None));
    };
    held.accuse(evidence).map(|path| Seen::Forked(Some(path)))
}

/// Says that a board was refused.
fn said(voice: Voice, origin: &Origin, seen: Seen) -> Result<Exit, Failure> {
    match seen {
        Seen::Forked(Some(path)) => voice.fork(origin, &path),
        _ => voice.unproved(origin),
    }
    Ok(Exit::Refused)
}

fn too_fast() -> Failure {
    Failure::new(Exit::NoConnection, "記録が更新され続けています。もう一度お試しください。", "the board grew faster than it could be followed. Try again.")
}

/// A board that is smaller than what was cosigned proves nothing by itself: it may be an old copy.
fn older(shown: u64, known: u64) -> Failure {
    Failure::refused(
        format!("示された記録は {shown} 件で、連署済みの {known} 件より少ないため、連署しません。古い写しでなければ、記録が巻き戻されています。"),
        format!(
            "the board has {shown} entries, fewer than the {known} that were cosigned: nothing is cosigned. Unless this is an old copy, the board went back."
        ),
    )
}

/// The cosigned checkpoint in the form of a record.
fn cosigned(new: &LogCheckpoint, line: Cosignature, origin: &Origin, log: &Log) -> Result<String, Failure> {
    let (_, key) = log.parts()?;
    let signed = SignedCheckpoint::parse_and_verify(&new.to_string(), origin, &key).map_err(|error| Failure::refused(error.to_string(), error.to_string()))?;
    Ok(CosignedCheckpoint::new(signed, vec![line]).to_string())
}

/// Follows every watched board that has an address, for ever or once.
///
/// # Errors
/// [`Failure`] if the state cannot be read.
pub fn follow(state: &State, voice: Voice, once: bool, interval: Duration) -> Result<Exit, Failure> {
    let mut failures = 0;
    // Those who went wrong in the last round come last in the next: what they cost the others is not the time for a cosignature.
    let mut late: BTreeSet<Origin> = BTreeSet::new();
    loop {
        let mut worst = Exit::Done;
        let mut boards: Vec<(Origin, Log, PinnedBoard)> = state
            .logs()?
            .into_iter()
            .filter_map(|(origin, log)| log.board.clone().filter(|board| board.url.is_some()).map(|board| (origin, log, board)))
            .collect();
        if boards.is_empty() {
            return Err(Failure::new(Exit::Usage, "監視する選挙がありません（tachiai-witness watch）。", "no board is watched (tachiai-witness watch)."));
        }
        boards.sort_by_key(|(origin, ..)| late.contains(origin));
        late.clear();
        let mut forked = 0;
        for (origin, log, board) in &boards {
            match follow_one(state, voice, origin, log, board) {
                Ok(Exit::Done) => {}
                Ok(exit) => {
                    late.insert(origin.clone());
                    forked += 1;
                    worst = exit;
                }
                Err(failure) => {
                    late.insert(origin.clone());
                    voice.trouble(&failure);
                    if worst == Exit::Done {
                        worst = failure.exit;
                    }
                }
            }
        }
        if once || forked == boards.len() {
            return Ok(worst);
        }
        failures = if worst == Exit::Done { 0 } else { failures + 1 };
        std::thread::sleep(interval.saturating_mul(1 << failures.min(6)).min(LONGEST_PAUSE.max(interval)));
    }
}

fn follow_one(state: &State, voice: Voice, origin: &Origin, log: &Log, board: &PinnedBoard) -> Result<Exit, Failure> {
    let client = Client::new(board.url.as_deref().unwrap_or_default(), board.ca.as_deref())?;
    let online = Online { client: &client, election: board.election };
    let text = match look(state, origin, log, &online)? {
        Seen::Cosigned { size, text } => {
            voice.cosigned(origin, size);
            Some(text)
        }
        // It may not have arrived the last time; the same again changes nothing.
        Seen::Same(_) => state.hold(origin, &log.parts()?.1)?.kept(),
        forked @ Seen::Forked(_) => return said(voice, origin, forked),
    };
    text.filter(|_| board.listed).map_or(Ok(()), |text| online.hand_in(&text))?;
    Ok(Exit::Done)
}

/// Looks at the record so far on a stick, cosigns it, and leaves the cosigned checkpoint there.
///
/// # Errors
/// [`Failure`].
pub fn stick(state: &State, voice: Voice, medium: &Path) -> Result<Exit, Failure> {
    let board = OnStick::open(medium)?;
    let pinned = board.pinned()?;
    let origin = &pinned.origin;
    let Some(log) = state.log(origin)? else {
        return Err(Failure::refused(
            format!("{origin} は監視していません。先に tachiai-witness watch --stick を実行してください。"),
            format!("{origin} is not watched. Run tachiai-witness watch --stick first."),
        ));
    };
    let (_, key) = log.parts()?;
    let (size, text) = match look(state, origin, &log, &board)? {
        Seen::Cosigned { size, text } => (size, text),
        Seen::Same(size) => (size, state.hold(origin, &key)?.kept().unwrap_or_default()),
        forked @ Seen::Forked(_) => return said(voice, origin, forked),
    };
    let folder = medium.join("cosigned");
    let path = folder.join(format!("{size}-{}.txt", data_encoding::HEXLOWER.encode(&state.key().id())));
    crate::disk::create_dir(&folder).and_then(|()| crate::disk::replace(&path, text.as_bytes())).map_err(|error| Failure::file(&path, error))?;
    let value = json!({ "event": "cosigned", "origin": origin.as_str(), "size": size, "file": path });
    voice.say(&value, format!("連署: {origin} {size} 件\n{}", path.display()), format!("cosigned {origin} at {size}\n{}", path.display()));
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests;
