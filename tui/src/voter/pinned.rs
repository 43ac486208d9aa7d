//! An election whose manifest, ceremony and opening were checked against the printed fingerprint.

use std::collections::BTreeSet;
use std::sync::Arc;

use tachiai_crypto::election::challenge::sign_challenge;
use tachiai_crypto::election::context::{BallotStyle, Context, Fingerprint, fingerprint};
use tachiai_crypto::group::{Element, decode_scalar};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Checkpoint, InclusionProof, LogProof, Origin, SignedCheckpoint, Tree, leaf_hash, verify_inclusion};
use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::election::{Body, Challenged, Manifest, Opened};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{BallotStatus, Consistency, ElectionSummary, Entries, OpeningFile, ProvenEntry, Receipt, ReceiptFile};
use tachiai_schemas::refusal::SignedRefusal;
use tachiai_schemas::trustee::{Confirm, SignedKind};
use tachiai_schemas::{Blob, Bytes, ElectionId, LeafIndex, Slot};

use super::chain::{common, distrust};
use super::kept::Kept;
use super::status::{self, Asked};
use crate::client::Client;
use crate::failure::Failure;

/// The server gives more entries than this in several answers.
const PAGE: u64 = 256;

/// The last leaf on which `opened` may stand: some runs of the ceremony come before it, never thousands of entries.
const LAST_OPENING: u64 = 4095;

/// An election whose manifest, ceremony, opening and board key were checked.
pub struct Pinned {
    /// The election.
    pub election: ElectionId,
    /// The manifest.
    pub manifest: Manifest,
    /// The opening.
    pub opened: Opened,
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    pub(super) manifest_hash: Hash32,
    pub(super) opened_hash: Hash32,
    pub(super) opened_leaf: LeafIndex,
    pub(super) confirms: Vec<LeafIndex>,
    pub(super) context: Context,
    pub(super) joint_key: Element,
    pub(super) board_key: BoardKey,
    pub(super) origin: Origin,
    pub(super) styles: Vec<Arc<BallotStyle>>,
    pub(super) checkpoint: SignedCheckpoint,
}

impl Pinned {
    /// Fetches an election and checks it against the fingerprint of the public notice: manifest and opening, every trustee's signed
    /// confirmation of the joint key, the board key's signature, and that the newest checkpoint extends `stored`, the one of an earlier visit.
    ///
    /// # Errors
    /// [`Failure`]: not open yet, no connection, or something does not hold (exit 1).
    pub fn fetch(client: &Client, election: ElectionId, expected: Option<&Fingerprint>, stored: Option<&str>) -> Result<Arc<Self>, Failure> {
        let summary: ElectionSummary = client.get(&format!("/api/v1/elections/{election}"), None)?;
        let Some(opened_leaf) = summary.opened else {
            return Err(Failure::refused("この選挙の投票はまだ始まっていません。", "voting in this election has not begun."));
        };
        if opened_leaf.0 > LAST_OPENING {
            return Err(distrust(
                format!("サーバーの示す開始の位置（{opened_leaf}）が大きすぎます"),
                format!("the server says that the opening stands at leaf {opened_leaf}, which is too far on"),
            ));
        }
        let entries = fetch_entries(client, election, opened_leaf.0 + 1)?;
        let mut tree = Tree::new();
        for entry in &entries {
            tree.push(leaf_hash(entry));
        }
        let parsed = entries.iter().map(|bytes| Entry::from_bytes(bytes)).collect::<Result<Vec<_>, _>>().map_err(|e| distrust(&e, &e))?;
        let (Some(Body::Manifest(manifest)), Some(Body::Opened(opened))) = (parsed.first().map(|e| &e.body), parsed.last().map(|e| &e.body)) else {
            return Err(distrust("掲示板が選挙の告示から始まっていません", "the board does not begin with a manifest and an opening"));
        };
        let (manifest_hash, opened_hash) = (leaf_hash(&entries[0]), leaf_hash(&entries[entries.len() - 1]));
        let found = fingerprint(manifest_hash, opened_hash, &manifest.board_key.0);
        if let Some(expected) = expected
            && !found.matches(expected)
        {
            return Err(distrust(
                format!("選挙の指紋が公告と違います（公告: {expected}、サーバー: {found}）"),
                format!("the election's fingerprint is not the one of the notice (notice: {expected}, server: {found})"),
            ));
        }
        if manifest.election != election || manifest.origin != format!("{}/{election}", client.host()) {
            return Err(distrust(
                format!("この選挙は別のサーバーのものです（{}）", manifest.origin),
                format!("this election belongs to another server ({})", manifest.origin),
            ));
        }
        let confirms = confirmations(manifest, opened, &parsed)?;
        let bad_key = |_| distrust("告示の鍵が壊れています", "a key in the manifest is broken");
        let origin = Origin::new(&manifest.origin).map_err(|e| distrust(&e, &e))?;
        let board_key = BoardKey::from_bytes(&manifest.board_key.0).map_err(|e| distrust(e, e))?;
        let joint_key = Element::decode_non_identity(&opened.joint_key.0).map_err(bad_key)?;
        let context = Context::new(&election, manifest_hash, opened_hash, &joint_key, opened.ceremony.hash(), opened.roll.root.hash());
        let styles = tachiai_verify::board::ballot_styles(manifest).map_err(|e| distrust(&e, &e))?;
        let prefix = Checkpoint { origin: origin.clone(), size: tree.len(), root: tree.root() };
        let stored = stored.map(|text| SignedCheckpoint::parse_and_verify(text, &origin, &board_key)).transpose().map_err(|e| distrust(&e, &e))?;
        let olds: Vec<_> = std::iter::once(&prefix).chain(stored.as_ref().map(SignedCheckpoint::checkpoint)).collect();
        let checkpoint = common(&olds, &origin, &board_key, |from| consistency(client, election, from))?;
        Ok(Arc::new(Self {
            election,
            fingerprint: found,
            manifest_hash,
            opened_hash,
            opened_leaf,
            confirms,
            context,
            joint_key,
            board_key,
            origin,
            styles,
            checkpoint,
            manifest: (**manifest).clone(),
            opened: (**opened).clone(),
        }))
    }

    /// The newest checkpoint that was checked when the election was fetched, to be stored for the next visit.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        self.checkpoint.as_str()
    }

    /// The leaf hash of `opened`, which names this election in what officers sign.
    #[must_use]
    pub const fn opened_hash(&self) -> Hash32 {
        self.opened_hash
    }

    /// The leaf of the opening.
    #[must_use]
    pub const fn opened_leaf(&self) -> LeafIndex {
        self.opened_leaf
    }

    /// The style of a district's ballots.
    #[must_use]
    pub fn style(&self, district: u16) -> Option<&Arc<BallotStyle>> {
        self.styles.get(usize::from(district))
    }

    /// Whether the board key signed this refusal of this election.
    #[must_use]
    pub fn signed(&self, refusal: &SignedRefusal) -> bool {
        refusal.election == self.election && self.board_key.verify_hash(&refusal.hash(), &refusal.signature.0).is_ok()
    }

    /// Checks that the board still extends the checkpoint of a receipt, asks what became of the ballot, and checks the answer against the entries.
    /// That a ballot counts is the server's word: only the whole record shows that nothing follows it.
    ///
    /// # Errors
    /// [`Failure`] with exit 1 when the receipt's checkpoint and the board contradict each other: evidence of a fork; or when the entries do not
    /// bear out the answer.
    pub fn status(&self, client: &Client, receipt: &Receipt) -> Result<BallotStatus, Failure> {
        let given = self.check_proof(receipt)?;
        self.status_of(client, &Asked::of_receipt(receipt), Some(&given))
    }

    /// What became of the ballot that replaced one with this status, or of the last of those that replaced one another: each is asked about, and checked as
    /// [`Pinned::status`] does. None if nothing replaced it. Of a ballot that was cast after a challenge no status tells.
    ///
    /// # Errors
    /// As [`Pinned::status`].
    pub fn successor(&self, client: &Client, status: BallotStatus) -> Result<Option<BallotStatus>, Failure> {
        let (mut last, mut successor) = (status, None);
        // Each stands after the one before, as was checked, so this ends.
        while let BallotStatus::Superseded { leaf: _, by } = last {
            let proven = self.proven(client, &[by])?;
            self.included(&[by], &proven)?;
            let asked = proven.first().and_then(|proven| Asked::of_entry(by, &proven.entry.0));
            let asked = asked.ok_or_else(|| distrust("投票の状態が掲示板の記録と一致しません", "what replaced the ballot is no ballot"))?;
            last = self.status_of(client, &asked, None)?;
            successor = Some(last);
        }
        Ok(successor)
    }

    pub(super) fn status_of(&self, client: &Client, asked: &Asked, given: Option<&Checkpoint>) -> Result<BallotStatus, Failure> {
        let ballot = asked.ballot.ok_or_else(|| Failure::incomplete("投票の受領証ではありません。", "this is not the receipt of a ballot."))?;
        let status: BallotStatus = client.get(&format!("/api/v1/elections/{}/ballots/{ballot}", self.election), None)?;
        let leaves = status::leaves(&status);
        let proven = self.proven(client, &leaves)?;
        let checkpoint = self.included(&leaves, &proven)?;
        self.newest(client, &given.into_iter().chain([&checkpoint]).collect::<Vec<_>>())?;
        let entries: Vec<&[u8]> = proven.iter().map(|p| p.entry.0.as_slice()).collect();
        status::check(asked, &status, &entries)?;
        Ok(status)
    }

    /// Checks that these entries stand at these leaves under one signed checkpoint, and gives it.
    pub(super) fn included(&self, leaves: &[LeafIndex], proven: &[ProvenEntry]) -> Result<Checkpoint, Failure> {
        let missing = || distrust("掲示板の項目が欠けています", "entries of the board are missing");
        let text = &proven.first().ok_or_else(missing)?.checkpoint;
        let signed = SignedCheckpoint::parse_and_verify(text, &self.origin, &self.board_key).map_err(|e| distrust(&e, &e))?;
        let head = signed.checkpoint();
        if !proven.iter().map(|p| p.index).eq(leaves.iter().copied()) || proven.iter().any(|p| p.checkpoint != *text) {
            return Err(missing());
        }
        for ProvenEntry { index, entry, hashes, checkpoint: _ } in proven {
            let proof = InclusionProof::from_hashes(hashes.iter().map(|h| h.hash()).collect());
            verify_inclusion(leaf_hash(&entry.0), index.0, head.size, &proof, head.root).map_err(|e| distrust(e, e))?;
        }
        Ok(head.clone())
    }

    /// Proves that the pinned checkpoint and those of the receipts are of one history, and gives the newest checkpoint to be stored for the next
    /// visit. The receipts' own proofs were checked when they came.
    ///
    /// # Errors
    /// [`Failure`] with exit 1: evidence of a fork.
    pub fn audit(&self, client: &Client, receipts: &[&Receipt]) -> Result<SignedCheckpoint, Failure> {
        let given = receipts.iter().map(|receipt| self.check_proof(receipt)).collect::<Result<Vec<_>, _>>()?;
        self.newest(client, &given.iter().collect::<Vec<_>>())
    }

    /// Has a kept ballot opened instead of counted, as [`Booth::challenge`].
    ///
    /// # Errors
    /// [`Failure`]; when the ballot is not the slot's current one any more, the server refuses.
    pub fn challenge(&self, client: &Client, kept: &Kept) -> Result<(Receipt, OpeningFile), Failure> {
        let broken = || Failure::incomplete("保管した投票が壊れています。", "the kept ballot is damaged.");
        self.check_proof(&kept.receipt)?;
        let ballot = kept.receipt.ballot.ok_or_else(broken)?;
        let key = decode_scalar(&kept.voting_key.0).ok().and_then(SecretKey::from_scalar).ok_or_else(broken)?;
        self.send_challenge(client, &key, kept.slot, ballot.hash(), kept.receipt.leaf, kept.opening.clone())
    }

    pub(super) fn send_challenge(
        &self,
        client: &Client,
        key: &SecretKey,
        slot: Slot,
        ballot: Hash32,
        leaf: LeafIndex,
        opening: Blob,
    ) -> Result<(Receipt, OpeningFile), Failure> {
        let signature = sign_challenge(&self.context, slot, ballot, leaf, key, &mut rand_core::OsRng);
        let body = Challenged { slot, ballot: ballot.into(), leaf, signature: Bytes(signature.to_bytes()) };
        let recorded: Receipt = client.post(&format!("/api/v1/elections/{}/challenges", self.election), None, &body)?;
        self.check_receipt(&recorded, Body::Challenged(body))?;
        Ok((recorded, OpeningFile { format: "tachiai-opening/1".into(), ballot: ballot.into(), opening }))
    }

    /// The receipt as a file that is enough for a second device without a network.
    ///
    /// # Errors
    /// [`Failure`] when the board cannot be read.
    pub fn receipt_file(&self, client: &Client, registration: LeafIndex, receipt: &Receipt, challenged: Option<&Receipt>) -> Result<ReceiptFile, Failure> {
        let mut leaves = vec![LeafIndex(0)];
        leaves.extend(&self.confirms);
        leaves.extend([self.opened_leaf, registration, receipt.leaf]);
        leaves.extend(challenged.map(|c| c.leaf));
        let entries = self.proven(client, &leaves)?;
        self.included(&leaves, &entries)?;
        Ok(ReceiptFile { format: "tachiai-receipt/1".into(), receipt: receipt.clone(), entries })
    }

    /// The newest checkpoint, proved to extend the pinned one and each of `also`.
    pub(super) fn newest(&self, client: &Client, also: &[&Checkpoint]) -> Result<SignedCheckpoint, Failure> {
        let olds: Vec<_> = std::iter::once(self.checkpoint.checkpoint()).chain(also.iter().copied()).collect();
        common(&olds, &self.origin, &self.board_key, |from| consistency(client, self.election, from))
    }

    pub(super) fn check_proof(&self, receipt: &Receipt) -> Result<Checkpoint, Failure> {
        let proof: LogProof = receipt.proof.parse().map_err(|e| distrust(&e, &e))?;
        let extra = receipt.ballot.map(|b| b.0.to_vec());
        if proof.index != receipt.leaf.0 || proof.extra != extra {
            return Err(distrust("受領証の内容が食い違っています", "the receipt contradicts itself"));
        }
        proof.verify(receipt.leaf_hash.hash(), &self.origin, &self.board_key).map_err(|e| distrust(&e, &e))
    }

    /// Checks that the receipt is for exactly this body.
    pub(super) fn check_receipt(&self, receipt: &Receipt, body: Body) -> Result<(), Failure> {
        let entry = Entry { at: receipt.at, body }.to_bytes().map_err(|e| distrust(&e, &e))?;
        if receipt.election != self.election || leaf_hash(&entry) != receipt.leaf_hash.hash() {
            return Err(distrust("受領証が送った内容と一致しません", "the receipt is not for what was sent"));
        }
        self.check_proof(receipt).map(drop)
    }

    /// The entries at these leaves, with proofs against one checkpoint.
    pub(super) fn proven(&self, client: &Client, leaves: &[LeafIndex]) -> Result<Vec<ProvenEntry>, Failure> {
        let list = leaves.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        client.get(&format!("/api/v1/elections/{}/proofs?leaves={list}", self.election), None)
    }
}

/// The manifest as the server shows it, for names and indices; nothing is checked.
///
/// # Errors
/// [`Failure`] when there is none yet, or no connection.
pub fn manifest(client: &Client, election: ElectionId) -> Result<Manifest, Failure> {
    let page: Entries = client.get(&format!("/api/v1/elections/{election}/entries?from=0&count=1"), None)?;
    let entry = page.entries.first().and_then(|bytes| Entry::from_bytes(&bytes.0).ok());
    match entry.map(|entry| entry.body) {
        Some(Body::Manifest(manifest)) => Ok(*manifest),
        _ => Err(Failure::refused("この選挙の告示（選挙の定義）はまだありません。", "this election has no manifest yet.")),
    }
}

pub(super) fn fetch_entries(client: &Client, election: ElectionId, size: u64) -> Result<Vec<Vec<u8>>, Failure> {
    let mut entries = Vec::new();
    while (entries.len() as u64) < size {
        let from = entries.len() as u64;
        let count = (size - from).min(PAGE);
        let page: Entries = client.get(&format!("/api/v1/elections/{election}/entries?from={from}&count={count}"), None)?;
        if page.entries.is_empty() || page.from.0 != from {
            return Err(distrust("掲示板の項目が欠けています", "entries of the board are missing"));
        }
        entries.extend(page.entries.into_iter().map(|b| b.0));
    }
    entries.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    Ok(entries)
}

/// Every trustee of the manifest has signed the joint key and ceremony that the opening names.
pub(super) fn confirmations(manifest: &Manifest, opened: &Opened, entries: &[Entry]) -> Result<Vec<LeafIndex>, Failure> {
    let mut seen = BTreeSet::new();
    let mut leaves = Vec::new();
    for (entry, leaf) in entries.iter().zip(0..) {
        let Body::Confirm(signed) = &entry.body else { continue };
        let Confirm { manifest: _, run, trustee, joint_key, share_keys, ceremony } = &signed.body;
        if (run, joint_key, share_keys, ceremony) != (&opened.run, &opened.joint_key, &opened.share_keys, &opened.ceremony) {
            continue;
        }
        let hash = tachiai_schemas::canonical::to_bytes(&signed.body).map_err(|e| distrust(&e, &e))?;
        let key = manifest.trustees.get(usize::from(trustee.get()) - 1).and_then(|t| BoardKey::from_bytes(&t.signing_key.0).ok());
        if key.is_some_and(|k| k.verify_bytes(&format!("file/{}", Confirm::KIND), &hash, &signed.signature.0).is_ok()) && seen.insert(*trustee) {
            leaves.push(LeafIndex(leaf));
        }
    }
    if leaves.len() == manifest.trustees.len() {
        return Ok(leaves);
    }
    Err(distrust(
        format!("立会人{}人のうち{}人しか鍵を確認していません", manifest.trustees.len(), leaves.len()),
        format!("only {} of {} trustees have confirmed the key", leaves.len(), manifest.trustees.len()),
    ))
}

/// Fetches the newest checkpoint with the proof that it extends the one of size `from`.
pub(super) fn consistency(client: &Client, election: ElectionId, from: u64) -> Result<Consistency, Failure> {
    client.get(&format!("/api/v1/elections/{election}/consistency?from={from}"), None)
}
