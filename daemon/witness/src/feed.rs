//! A feeder takes a board's checkpoint to witnesses that wait to be asked (C2SP `tlog-witness`), and their cosignatures back to the board.
//!
//! It has no key and no say: who runs it is of no account.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tachiai_crypto::journal::cosignature::MAX_COSIGNATURES;
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

/// The lines by witnesses of the election that verify; others are passed over, also those of algorithms that are not known here, but there must be one.
fn good(new: &LogCheckpoint, body: &str, keys: &[WitnessKey]) -> Result<Vec<Cosignature>, String> {
    let lines = body.lines().take(MAX_COSIGNATURES).filter_map(|line| line.parse::<Cosignature>().ok());
    let good: Vec<Cosignature> = lines.filter(|line| keys.iter().any(|key| line.is_by(key) && key.verify(new.note_text(), line).is_ok())).collect();
    if good.is_empty() { Err("no line by a witness that the manifest lists".to_owned()) } else { Ok(good) }
}

#[cfg(test)]
mod tests {
    use tachiai_crypto::hash::Hash32;
    use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Origin, WitnessSecretKey};

    use super::*;

    #[test]
    fn of_what_a_witness_answers_only_lines_by_the_elections_witnesses_are_taken() {
        let checkpoint = Checkpoint { origin: Origin::new("board.example/a").unwrap(), size: 3, root: Hash32::sha256(b"r") };
        let new = LogCheckpoint::from(&BoardSecretKey::from_seed(&[1; 32]).sign(&checkpoint));
        let witness = |n: u8| WitnessSecretKey::from_seed(Origin::new(&format!("w.example/{n}")).unwrap(), &[n; 32]);
        let line = |n| witness(n).cosign(new.note_text(), 7);
        let keys = [witness(1).public().unwrap(), witness(2).public().unwrap()];
        // A line of another algorithm is longer than any of Ed25519.
        let longer = format!("— w.example/1 {}", data_encoding::BASE64.encode(&[7; 4 + 8 + 2420]));
        let of_another_text = witness(2).cosign("other", 7);
        let body = format!("{longer}\n{}\n{of_another_text}\n{}\n", line(3), line(1));
        assert_eq!(good(&new, &body, &keys), Ok(vec![line(1)]));
        for empty in [String::new(), "ok\n".to_owned(), format!("{}\n", line(3)), format!("{of_another_text}\n")] {
            assert!(good(&new, &empty, &keys).is_err(), "{empty}");
        }
    }
}
