//! The election as a desk knows it: manifest and opening, checked once against the fingerprint of the public notice and kept in the desk's state folder, so that the
//! desk knows its place, its hours and what to do while the link is cut.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tachiai_crypto::election::context::{Fingerprint, fingerprint};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, LogProof, Origin, leaf_hash};
use tachiai_schemas::election::{Body, Manifest};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::paper::{Place, Session};
use tachiai_schemas::receipt::{Entries, Receipt};
use tachiai_schemas::{Blob, Bytes, ElectionId, LeafIndex, Timestamp};

use crate::client::Client;
use crate::draft::replace_json;
use crate::failure::{Exit, Failure};
use crate::voter::Pinned;

/// The format of the file.
const FORMAT: &str = "tachiai-desk/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: String,
    fingerprint: String,
    manifest: Blob,
    opened: Blob,
}

/// An election that was checked against its fingerprint.
pub struct Known {
    /// The election.
    pub election: ElectionId,
    /// The manifest.
    pub manifest: Manifest,
    /// The leaf hash of `opened`.
    pub opened: Hash32,
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    origin: Origin,
    board_key: BoardKey,
}

fn damaged(path: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::incomplete(
        format!("端末の控え {} が壊れています: {what}。公告の指紋を入力し直してください（コマンドでは --manifest）。", path.display()),
        format!("what this desk keeps in {} is damaged: {what}. Name the fingerprint of the notice again (--manifest as a command).", path.display()),
    )
}

impl Known {
    fn of(path: &Path, kept: &Kept) -> Result<Self, Failure> {
        let entry = |bytes: &Blob| Entry::from_bytes(&bytes.0).map_err(|e| damaged(path, e));
        let (Body::Manifest(manifest), Body::Opened(_)) = (entry(&kept.manifest)?.body, entry(&kept.opened)?.body) else {
            return Err(damaged(path, "no manifest and opening"));
        };
        let opened = leaf_hash(&kept.opened.0);
        let found = fingerprint(leaf_hash(&kept.manifest.0), opened, &manifest.board_key.0);
        if found.to_string() != kept.fingerprint {
            return Err(damaged(path, "another fingerprint"));
        }
        let origin = Origin::new(&manifest.origin).map_err(|e| damaged(path, e))?;
        let board_key = BoardKey::from_bytes(&manifest.board_key.0).map_err(|e| damaged(path, e))?;
        Ok(Self { election: manifest.election, manifest: *manifest, opened, fingerprint: found, origin, board_key })
    }

    fn path(state: &Path, election: ElectionId) -> PathBuf {
        state.join(format!("{election}.election.json"))
    }

    /// Reads what the desk keeps of an election, or of its only one.
    ///
    /// # Errors
    /// [`Failure`]: 64 when it keeps none or several, 2 when it is damaged.
    pub fn recall(state: &Path, election: Option<ElectionId>) -> Result<Self, Failure> {
        let path = match election {
            Some(election) => Self::path(state, election),
            None => {
                let files = fs::read_dir(state).map(|files| files.flatten().map(|file| file.path()).collect::<Vec<_>>()).unwrap_or_default();
                let mut kept = files.into_iter().filter(|path| path.to_str().is_some_and(|path| path.ends_with(".election.json")));
                match (kept.next(), kept.next()) {
                    (Some(one), None) => one,
                    (None, _) => return Err(unknown()),
                    (Some(_), Some(_)) => {
                        return Err(Failure::new(
                            Exit::Usage,
                            "この端末は複数の選挙を知っています。受け付ける選挙の公告の指紋を入力してください（コマンドでは --election）。",
                            "this desk knows several elections. Name the fingerprint of the one that is received for (--election as a command).",
                        ));
                    }
                }
            }
        };
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(unknown()),
            other => other.map_err(|e| Failure::file(&path, &e))?,
        };
        Self::of(&path, &serde_json::from_slice(&bytes).map_err(|e| damaged(&path, e))?)
    }

    /// Fetches an election, checks it against the fingerprint of the notice, and keeps it.
    ///
    /// # Errors
    /// [`Failure`]: no connection, or something does not hold (1).
    pub fn fetch(client: &Client, state: &Path, election: ElectionId, expected: &Fingerprint) -> Result<Self, Failure> {
        let pinned = Pinned::fetch(client, election, Some(expected), None)?;
        let at = |leaf: LeafIndex| -> Result<Blob, Failure> {
            let page: Entries = client.get(&format!("/api/v1/elections/{election}/entries?from={leaf}&count=1"), None)?;
            page.entries.into_iter().next().ok_or_else(|| Failure::refused("掲示板の項目が欠けています。", "entries of the board are missing."))
        };
        let kept = Kept { format: FORMAT.to_owned(), fingerprint: expected.to_string(), manifest: at(LeafIndex(0))?, opened: at(pinned.opened_leaf())? };
        let path = Self::path(state, election);
        let known = Self::of(&path, &kept)?;
        fs::create_dir_all(state).map_err(|e| Failure::file(state, &e))?;
        replace_json(&path, &kept)?;
        Ok(known)
    }

    /// The place whose desks have this key.
    ///
    /// # Errors
    /// [`Failure`] (1) when none has.
    pub fn place_of(&self, key: &Bytes<32>) -> Result<(u16, &Place), Failure> {
        let found = (0..).zip(&self.manifest.places).find(|(_, place)| place.key == *key);
        found.ok_or_else(|| {
            Failure::refused(
                "この端末の鍵は、この選挙のどの投票所にも登録されていません。端末の鍵のファイルと、公告の指紋（どの選挙か）を確かめてください（コマンドでは --desk と --election）。",
                "this desk's key is that of no polling place of the election. Check the key's file and the fingerprint (--desk and --election as a command).",
            )
        })
    }

    /// A place.
    #[must_use]
    pub fn place(&self, place: u16) -> Option<&Place> {
        self.manifest.places.get(usize::from(place))
    }

    /// Checks that a receipt is for exactly this body, under the key of the board.
    ///
    /// # Errors
    /// [`Failure`] (1).
    pub fn check(&self, receipt: &Receipt, body: Body) -> Result<(), Failure> {
        let bad = |e: &dyn std::fmt::Display| {
            Failure::refused(
                format!("受領証が正しくありません（{e}）。選挙管理委員会に知らせてください。"),
                format!("the receipt does not hold ({e}). Tell the election commission."),
            )
        };
        let entry = Entry { at: receipt.at, body }.to_bytes().map_err(|e| bad(&e))?;
        let proof: LogProof = receipt.proof.parse().map_err(|e| bad(&e))?;
        if receipt.election != self.election || leaf_hash(&entry) != receipt.leaf_hash.hash() || proof.index != receipt.leaf.0 {
            return Err(bad(&"it is for something else"));
        }
        proof.verify(receipt.leaf_hash.hash(), &self.origin, &self.board_key).map(drop).map_err(|e| bad(&e))
    }
}

fn unknown() -> Failure {
    Failure::new(
        Exit::Usage,
        "この端末はまだ選挙を知りません。公告の指紋を入力してください（コマンドでは --manifest、複数の選挙があるときは --election も）。",
        "this desk knows no election yet. Name the fingerprint of the public notice (--manifest as a command, and --election where there are several).",
    )
}

/// The session of a place in which a time lies.
#[must_use]
pub fn session_at(place: &Place, now: Timestamp) -> Option<(u16, Session)> {
    (0..).zip(place.sessions.iter().copied()).find(|(_, Session { opens, closes })| (*opens..=*closes).contains(&now))
}
