//! A feeder takes a board's checkpoint to witnesses that wait to be asked (C2SP `tlog-witness`), and their cosignatures back to the board.
//!
//! It has no key and no say: who runs it is of no account.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tachiai_crypto::journal::cosignature::parse_lines;
use tachiai_crypto::journal::{ConsistencyProof, Cosignature, CosignedCheckpoint, LogCheckpoint, SignedCheckpoint, WitnessKey};
use tachiai_schemas::ElectionId;
use tachiai_verify::witness::witness_keys;

use crate::board::{Board, Online, Pinned};
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::request::AddCheckpoint;
use crate::say::Voice;

/// How often a witness is asked again that has moved on meanwhile.
const TRIES: usize = 4;

/// What is fed, and to whom.
pub struct Feed<'a> {
    /// The appliance.
    pub board: &'a str,
    /// The election.
    pub election: ElectionId,
    /// Trusted authorities of all servers; this machine's if not given.
    pub ca: Option<&'a Path>,
    /// The submission prefixes of the witnesses.
    pub witnesses: &'a [String],
}

/// Feeds, for ever or once.
///
/// # Errors
/// [`Failure`] of the board the first time; later ones are said, and it goes on.
pub fn feed(voice: Voice, feed: &Feed<'_>, interval: Option<Duration>) -> Result<Exit, Failure> {
    let client = Client::new(feed.board, feed.ca)?;
    let online = Online { client: &client, election: feed.election };
    let pinned = online.pinned()?;
    let keys = witness_keys(&pinned.manifest).map_err(|violation| Failure::refused(violation.to_string(), violation.to_string()))?;
    let witnesses = feed.witnesses.iter().map(|url| Client::new(url, feed.ca)).collect::<Result<Vec<_>, _>>()?;
    let mut sizes = BTreeMap::new();
    loop {
        let mut worst = Exit::Done;
        for witness in &witnesses {
            if let Err(failure) = one(voice, &online, &pinned, &keys, witness, &mut sizes) {
                voice.trouble(&failure);
                worst = failure.exit;
            }
        }
        match interval {
            None => return Ok(worst),
            Some(interval) => std::thread::sleep(interval),
        }
    }
}

/// One board to one witness, and back.
fn one(voice: Voice, online: &Online<'_>, pinned: &Pinned, keys: &[WitnessKey], witness: &Client, sizes: &mut BTreeMap<String, u64>) -> Result<(), Failure> {
    let url = witness.url().to_owned();
    for _ in 0..TRIES {
        let old = sizes.get(&url).copied().unwrap_or(0);
        let (new, proof) = if old == 0 {
            (online.newest(&pinned.origin, &pinned.key)?, ConsistencyProof::from_hashes(Vec::new()))
        } else {
            online.since(old, &pinned.origin, &pinned.key)?
        };
        let request = AddCheckpoint { old, proof, note: new.to_string() };
        let reply = witness.post("/add-checkpoint", &request.to_string())?;
        let body = String::from_utf8_lossy(&reply.body);
        match reply.status {
            200 => {
                sizes.insert(url.clone(), new.checkpoint().size);
                let lines = good(&new, &body, keys).map_err(|error| {
                    Failure::refused(
                        format!("{url} の応答は、この選挙の証人の連署ではありません: {error}"),
                        format!("{url} did not answer with a cosignature by a witness of this election: {error}"),
                    )
                })?;
                let signed = SignedCheckpoint::parse_and_verify(&new.to_string(), &pinned.origin, &pinned.key)
                    .map_err(|error| Failure::refused(error.to_string(), error.to_string()))?;
                online.hand_in(&CosignedCheckpoint::new(signed, lines).to_string())?;
                let size = new.checkpoint().size;
                voice.say(
                    &json!({ "event": "fed", "witness": url, "size": size }),
                    format!("{url} が {size} 件を連署しました"),
                    format!("{url} cosigned at {size}"),
                );
                return Ok(());
            }
            409 => {
                let size: Option<u64> = body.trim_end().parse().ok();
                match size.filter(|size| *size != old && *size <= new.checkpoint().size) {
                    Some(size) => drop(sizes.insert(url.clone(), size)),
                    None => return Err(witness.refusal(&reply)),
                }
            }
            _ => return Err(witness.refusal(&reply)),
        }
    }
    Err(Failure::new(Exit::NoConnection, format!("{url} の記録が更新され続けています。"), format!("{url} moved on each time it was asked.")))
}

/// The lines by witnesses of the election that verify; others are passed over, but there must be one.
fn good(new: &LogCheckpoint, body: &str, keys: &[WitnessKey]) -> Result<Vec<Cosignature>, String> {
    let lines = parse_lines(body).map_err(|error| error.to_string())?;
    let good: Vec<Cosignature> = lines.into_iter().filter(|line| keys.iter().any(|key| line.is_by(key) && key.verify(new.note_text(), line).is_ok())).collect();
    if good.is_empty() { Err("no line by a witness that the manifest lists".to_owned()) } else { Ok(good) }
}
