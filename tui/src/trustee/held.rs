//! What a medium holds of one election: the secrets of its ceremony, the shares that were confirmed, and the one tally statement that it serves.
//!
//! It is filed under the hash of the election's manifest, and a ceremony's secrets under its run: nothing takes the place of anything else, so a
//! medium can serve several elections, and a board that is shown once and never again costs no share.

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::Tree;
use tachiai_schemas::election::{Text, TreeHead};
use tachiai_schemas::{Blob, Bytes, ElectionId, HashBytes, TrusteeIndex};
use zeroize::Zeroize;

use crate::failure::Failure;

/// What a medium holds of one election.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Leaf hash of the manifest, M.
    pub manifest: HashBytes,
    /// How people know the election; a medium of the first format did not note it.
    pub about: Option<About>,
    /// The age recipient that the manifest lists.
    pub(super) recipient: String,
    /// Its identity; gone once the election is open.
    pub(super) identity: Option<String>,
    /// The runs of the ceremony in which this trustee took part.
    pub(super) runs: Vec<Run>,
    /// The only tally statement that this trustee will ever serve in this election.
    pub statement: Option<HashBytes>,
}

/// How people know an election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its ID.
    pub election: ElectionId,
    /// Its title.
    pub title: Text,
    /// Its origin.
    pub origin: String,
}

/// A run of the ceremony in which this trustee has committed itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub(super) run: u32,
    /// Gone once the election is open.
    pub(super) polynomial: Option<Blob>,
    /// The share, once the run was confirmed.
    pub(super) key: Option<KeyShare>,
}

/// A trustee's share of an election's key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyShare {
    /// The hash of the ceremony that was confirmed.
    pub(super) ceremony: HashBytes,
    pub(super) trustee: TrusteeIndex,
    pub(super) secret: Bytes<32>,
    pub(super) share_key: Bytes<32>,
    /// The board on which it was confirmed.
    pub(super) checkpoint: TreeHead,
}

impl Run {
    fn forget(&mut self) -> bool {
        let polynomial = self.polynomial.take();
        polynomial.map(|mut polynomial| polynomial.0.zeroize()).is_some()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.forget();
    }
}

impl Drop for KeyShare {
    fn drop(&mut self) {
        self.secret.0.zeroize();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.identity.zeroize();
    }
}

impl Held {
    /// The polynomial of a run, drawn by `draw` if there is none yet.
    pub(super) fn promise(&mut self, run: u32, draw: impl FnOnce() -> Blob) {
        if self.run(run).is_none() {
            self.runs.push(Run { run, polynomial: Some(draw()), key: None });
        }
    }

    fn run(&self, run: u32) -> Option<&Run> {
        self.runs.iter().find(|known| known.run == run)
    }

    pub(super) fn polynomial(&self, run: u32) -> Option<&Blob> {
        self.run(run)?.polynomial.as_ref()
    }

    /// The share of a confirmed run.
    pub(super) fn key(&self, run: u32) -> Option<&KeyShare> {
        self.run(run)?.key.as_ref()
    }

    /// The runs that this trustee has confirmed.
    #[must_use]
    pub fn confirmed(&self) -> Vec<u32> {
        self.runs.iter().filter(|r| r.key.is_some()).map(|r| r.run).collect()
    }

    /// Whether it still holds what only the ceremony needs.
    #[must_use]
    pub fn in_ceremony(&self) -> bool {
        self.identity.is_some() || self.runs.iter().any(|r| r.polynomial.is_some())
    }

    /// Keeps the share of a confirmed run. A run is confirmed once: another transcript of it would put a share of another key in the place of the
    /// one that the published key needs.
    ///
    /// # Errors
    /// [`Failure`] (1) when another ceremony of this run was confirmed.
    pub(super) fn keep(&mut self, run: u32, key: KeyShare) -> Result<(), Failure> {
        let at = self.runs.iter().position(|r| r.run == run).unwrap_or_else(|| {
            self.runs.push(Run { run, polynomial: None, key: None });
            self.runs.len() - 1
        });
        match &self.runs[at].key {
            Some(kept) if kept.ceremony != key.ceremony => {
                return Err(Failure::refused(
                    "この媒体は今回の鍵生成をすでに別の内容で確認しています。掲示板が書き換えられたおそれがあります。ほかの立会人と選挙管理委員会に知らせてください。",
                    "this medium has confirmed this run already, with another transcript. The board may have been replaced. Tell the other trustees and the election commission.",
                ));
            }
            // The board of the first confirmation is the one to be extended.
            Some(_) => {}
            None => self.runs[at].key = Some(key),
        }
        Ok(())
    }

    /// Checks that a board extends every board on which a share was confirmed; once it is open, the one on which the share of the opened run was.
    ///
    /// # Errors
    /// [`Failure`]: 1 evidence of a fork, 2 a board that is older than the one that was confirmed.
    pub(super) fn extended_by(&self, tree: &Tree, opened: Option<u32>) -> Result<(), Failure> {
        for run in self.runs.iter().filter(|r| opened.is_none_or(|opened| opened == r.run)) {
            let Some(TreeHead { size, root }) = run.key.as_ref().map(|key| key.checkpoint) else { continue };
            match tree.root_at(size) {
                Ok(now) if now == root.hash() => {}
                Err(_) if opened.is_none() => {
                    let have = tree.len();
                    return Err(Failure::incomplete(
                        format!("掲示板が古いものです（{have} 項目。この媒体が確認したときは {size} 項目）。新しい記録を受け取ってください。"),
                        format!("the board is old: {have} entries, and this medium confirmed one of {size}. Get a newer record."),
                    ));
                }
                now => {
                    let now = now.map_or_else(|_| format!("{} < {size}", tree.len()), |now| now.to_string());
                    let (root, run) = (root.hash(), run.run);
                    return Err(Failure::refused(
                        format!(
                            "掲示板が鍵生成のときのものの続きではありません（分岐の証拠です）。何も行いません。この媒体が第 {run} 回で確認した掲示板: {size} 項目、根 {root}。今の掲示板の同じ位置の根: {now}。記録を保管し、選挙管理委員会とほかの立会人に知らせてください。"
                        ),
                        format!(
                            "evidence of a fork: the board does not extend the one of the ceremony. Nothing is done or decrypted. In run {run} this medium confirmed \
                             {size} entries with the root {root}; here the root at that size is {now}. Keep the record, and tell the commission and the other trustees."
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Destroys what only the ceremony needed; says whether there was any. The shares stay.
    pub(super) fn forget(&mut self) -> bool {
        let had = self.in_ceremony();
        self.identity.zeroize();
        self.identity = None;
        for run in &mut self.runs {
            run.forget();
        }
        self.runs.retain(|run| run.key.is_some());
        had
    }

    /// Once the public notice has said which opening is the real one, the shares of other runs are of no key and are destroyed.
    pub(super) fn settle(&mut self, opened: u32) {
        self.forget();
        self.runs.retain(|run| run.run == opened);
    }

    /// Whether this is the election of a manifest.
    pub(super) fn is_of(&self, manifest: Hash32) -> bool {
        self.manifest.hash() == manifest
    }
}
