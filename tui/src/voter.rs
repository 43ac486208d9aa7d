//! A voter's program: what it checks before it trusts a board, and how it registers, votes and challenges (PROTOCOL §6, §7).
//!
//! [`Pinned`] is an election whose manifest, ceremony and opening were checked against the printed fingerprint; [`Booth`] is one voter in it.
//! The voting key and the randomness of a ballot live in memory only.

mod chain;
mod declaration;
mod evidence;
mod kept;
mod outs;
mod respondent;
mod status;

use std::collections::BTreeSet;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use tachiai_crypto::election::ballot::{Statement as BallotStatement, cast};
use tachiai_crypto::election::challenge::sign_challenge;
use tachiai_crypto::election::context::{BallotStyle, Context, Fingerprint, fingerprint};
use tachiai_crypto::election::opening::Opening;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text, sign_registration};
use tachiai_crypto::election::roll::{Person, RollEntry, roll_leaf, slot_commitment};
use tachiai_crypto::group::{Element, decode_scalar};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, Checkpoint, InclusionProof, LogProof, Origin, SignedCheckpoint, Tree, leaf_hash, verify_inclusion};
use tachiai_crypto::signature::SecretKey;
use tachiai_jpki::{Statement, UnixTime, UnverifiedCertificate, Word};
use tachiai_schemas::election::{BallotEntry, Body, Challenged, Manifest, Opened};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::identity::{CardStatement, Enrolled, Enrolment, Nonce, Session};
use tachiai_schemas::receipt::{
    BallotStatus, CastRequest, Consistency, CurrentRegistration, ElectionSummary, Entries, OpeningFile, ProvenEntry, Receipt, ReceiptFile, RegistrationRequest,
    SlotView,
};
use tachiai_schemas::refusal::SignedRefusal;
use tachiai_schemas::trustee::{Confirm, SignedKind};
use tachiai_schemas::{Blob, Bytes, CitizenId, Counter, ElectionId, HashBytes, LeafIndex, Slot};

use chain::{common, distrust};
pub use declaration::Declarer;
pub use kept::Kept;
pub use outs::Outs;
pub use respondent::Respondent;
use status::Asked;

use crate::card::{Card, Key, LastTry, Password, Pin, Transport};
use crate::client::Client;
use crate::failure::{Exit, Failure};

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
    manifest_hash: Hash32,
    opened_hash: Hash32,
    opened_leaf: LeafIndex,
    confirms: Vec<LeafIndex>,
    context: Context,
    joint_key: Element,
    board_key: BoardKey,
    origin: Origin,
    styles: Vec<Arc<BallotStyle>>,
    checkpoint: SignedCheckpoint,
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

    fn status_of(&self, client: &Client, asked: &Asked, given: Option<&Checkpoint>) -> Result<BallotStatus, Failure> {
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
    fn included(&self, leaves: &[LeafIndex], proven: &[ProvenEntry]) -> Result<Checkpoint, Failure> {
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

    fn send_challenge(
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
    fn newest(&self, client: &Client, also: &[&Checkpoint]) -> Result<SignedCheckpoint, Failure> {
        let olds: Vec<_> = std::iter::once(self.checkpoint.checkpoint()).chain(also.iter().copied()).collect();
        common(&olds, &self.origin, &self.board_key, |from| consistency(client, self.election, from))
    }

    fn check_proof(&self, receipt: &Receipt) -> Result<Checkpoint, Failure> {
        let proof: LogProof = receipt.proof.parse().map_err(|e| distrust(&e, &e))?;
        let extra = receipt.ballot.map(|b| b.0.to_vec());
        if proof.index != receipt.leaf.0 || proof.extra != extra {
            return Err(distrust("受領証の内容が食い違っています", "the receipt contradicts itself"));
        }
        proof.verify(receipt.leaf_hash.hash(), &self.origin, &self.board_key).map_err(|e| distrust(&e, &e))
    }

    /// Checks that the receipt is for exactly this body.
    fn check_receipt(&self, receipt: &Receipt, body: Body) -> Result<(), Failure> {
        let entry = Entry { at: receipt.at, body }.to_bytes().map_err(|e| distrust(&e, &e))?;
        if receipt.election != self.election || leaf_hash(&entry) != receipt.leaf_hash.hash() {
            return Err(distrust("受領証が送った内容と一致しません", "the receipt is not for what was sent"));
        }
        self.check_proof(receipt).map(drop)
    }

    /// The entries at these leaves, with proofs against one checkpoint.
    fn proven(&self, client: &Client, leaves: &[LeafIndex]) -> Result<Vec<ProvenEntry>, Failure> {
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

fn fetch_entries(client: &Client, election: ElectionId, size: u64) -> Result<Vec<Vec<u8>>, Failure> {
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
fn confirmations(manifest: &Manifest, opened: &Opened, entries: &[Entry]) -> Result<Vec<LeafIndex>, Failure> {
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
fn consistency(client: &Client, election: ElectionId, from: u64) -> Result<Consistency, Failure> {
    client.get(&format!("/api/v1/elections/{election}/consistency?from={from}"), None)
}

/// One card's holder, logged in.
pub struct Login {
    /// The session's token.
    token: String,
    /// The citizen.
    pub citizen: CitizenId,
}

/// The person that a signing certificate names.
///
/// # Errors
/// [`Failure`] when the certificate cannot be read or the date of birth is unknown.
pub fn person_of(certificate: &[u8]) -> Result<Person, Failure> {
    let counter = || {
        Failure::new(
            Exit::Card,
            "カードの証明書から基本4情報を読み取れません。市の窓口へお越しください。",
            "the four attributes cannot be read from the card's certificate. Please go to the city's counter.",
        )
    };
    let parsed = UnverifiedCertificate::from_der(certificate).map_err(|_| counter())?;
    let attributes = parsed.attributes.ok_or_else(counter)?;
    let birth = attributes.birth_date.iso().and_then(|b| b.parse().ok()).ok_or_else(counter)?;
    let sex = attributes.sex.digit().parse().map_err(|_| counter())?;
    Ok(Person { name: attributes.name.clone(), birth, sex, address: attributes.address.clone() }.normalise())
}

/// Binds the card to its holder: the signing key signs the person and the hash of the authentication key, and the authentication key signs the same
/// text, because its certificate alone could have been read from anybody's card.
///
/// # Errors
/// [`Failure`] from the card or the server.
pub fn enrol<T: Transport>(client: &Client, card: &mut Card<T>, password: &Password, pin: &Pin, last: LastTry) -> Result<(Enrolled, Person), Failure> {
    let authentication = card.authentication_certificate()?;
    card.verify_password(password, last)?;
    let certificate = card.signing_certificate()?;
    let person = person_of(&certificate)?;
    let auth_key = UnverifiedCertificate::from_der(&authentication).map_err(|e| Failure::new(Exit::Card, e.remedy_ja(), e.remedy_en()))?.spki_sha256;
    let nonce: Nonce = client.post("/api/v1/nonces", None, &serde_json::json!({}))?;
    let statement = Statement::Enrol { origin: word(client.host())?, nonce: word(&nonce.nonce.to_string())?, person: hash(person.hash()), auth_key }.to_bytes();
    let signature = card.sign(Key::Signing, &statement)?;
    card.verify_pin(pin, last)?;
    let possession = card.sign(Key::Authentication, &statement)?;
    let request = Enrolment {
        card: CardStatement { statement: Blob(statement), signature: Blob(signature), certificate: Blob(certificate.to_vec()) },
        authentication: Blob(authentication.to_vec()),
        possession: Blob(possession),
    };
    Ok((client.post("/api/v1/enrolments", None, &request)?, person))
}

/// Logs in with the authentication key; the card must be verified by its PIN already.
fn login<T: Transport>(client: &Client, card: &mut Card<T>, certificate: &[u8], now: UnixTime) -> Result<Login, Failure> {
    let nonce: Nonce = client.post("/api/v1/nonces", None, &serde_json::json!({}))?;
    let statement = Statement::Login { origin: word(client.host())?, nonce: word(&nonce.nonce.to_string())?, issued: now }.to_bytes();
    let signature = card.sign(Key::Authentication, &statement)?;
    let request = CardStatement { statement: Blob(statement), signature: Blob(signature), certificate: Blob(certificate.to_vec()) };
    let session: Session = client.post("/api/v1/sessions", None, &request)?;
    Ok(Login { token: session.token.to_string(), citizen: session.citizen })
}

fn word(text: &str) -> Result<Word, Failure> {
    Word::new(text).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))
}

fn hash(hash: Hash32) -> tachiai_jpki::Hash32 {
    tachiai_jpki::Hash32::from_bytes(hash.to_bytes())
}

/// How the voter's program knows that a slot is the holder's own.
pub enum Holder<'a> {
    /// The person is known from the card: read now, or at the enrolment on this device.
    Known(&'a Person),
    /// The holder looks at the roll's entry and says whether it is theirs.
    Asked(&'a mut dyn FnMut(&Person) -> Result<bool, Failure>),
}

/// One voter in one election, with a fresh voting key that is registered.
pub struct Booth {
    client: Client,
    pinned: Arc<Pinned>,
    slot: Slot,
    district: u16,
    key: SecretKey,
    statement: BallotStatement,
    registration: Receipt,
    before: Option<CurrentRegistration>,
    counter: u32,
}

/// A recorded ballot with its opening, in memory only.
pub struct Cast {
    /// The receipt.
    pub receipt: Receipt,
    ballot: Hash32,
    opening: Opening,
}

/// A ballot that was not sent yet, with its opening, in memory only.
pub struct Sealed {
    body: BallotEntry,
    ballot: Hash32,
    opening: Opening,
}

impl Sealed {
    /// The ballot's hash.
    #[must_use]
    pub const fn hash(&self) -> Hash32 {
        self.ballot
    }

    /// What is sent.
    #[must_use]
    pub fn request(&self) -> CastRequest {
        CastRequest { ballot: self.body.ballot.clone() }
    }
}

/// A registration that was not sent yet: all that takes the card is done.
pub struct Registration<'a> {
    client: &'a Client,
    pinned: &'a Arc<Pinned>,
    token: String,
    view: SlotView,
    key: SecretKey,
    fields: RegistrationFields,
    request: RegistrationRequest,
}

impl Registration<'_> {
    /// The public voting key, by which this device knows its own registration again even if it never hears of its answer.
    #[must_use]
    pub const fn voting_key(&self) -> Bytes<32> {
        Bytes(*self.fields.voting_key.as_bytes())
    }

    /// Registers the voting key.
    ///
    /// # Errors
    /// [`Failure`] from the server, or because something that it says does not hold.
    pub fn register(self) -> Result<Booth, Failure> {
        let Self { client, pinned, token, view, key, fields, request } = self;
        let receipt: Receipt = client.post(&format!("/api/v1/elections/{}/registrations", pinned.election), Some(&token), &request)?;
        pinned.check_proof(&receipt)?;
        let style = pinned.style(view.district).ok_or_else(|| distrust("投票区がありません", "the district does not exist"))?;
        let statement =
            BallotStatement { context: pinned.context, joint_key: pinned.joint_key, registration: receipt.leaf_hash.hash(), style: Arc::clone(style) };
        let booth = Booth {
            client: client.clone(),
            pinned: Arc::clone(pinned),
            slot: view.slot,
            district: view.district,
            key,
            statement,
            registration: receipt,
            before: view.registration,
            counter: 0,
        };
        booth.check_registration(&fields)?;
        Ok(booth)
    }
}

impl Booth {
    /// [`Booth::prepare`], and the registration at once.
    ///
    /// # Errors
    /// [`Failure`] from the card, the server, or because something that the server says does not hold.
    pub fn enter<T: Transport>(
        client: &Client,
        pinned: &Arc<Pinned>,
        card: &mut Card<T>,
        pin: &Pin,
        last: LastTry,
        holder: Holder<'_>,
        now: UnixTime,
    ) -> Result<Self, Failure> {
        Self::prepare(client, pinned, card, pin, last, holder, now)?.register()
    }

    /// Logs in with the card's PIN, finds the holder's slot, checks it, and has the card sign the registration of a fresh voting key for it.
    ///
    /// # Errors
    /// [`Failure`] from the card, the server, or because something that the server says does not hold.
    pub fn prepare<'a, T: Transport>(
        client: &'a Client,
        pinned: &'a Arc<Pinned>,
        card: &mut Card<T>,
        pin: &Pin,
        last: LastTry,
        holder: Holder<'_>,
        now: UnixTime,
    ) -> Result<Registration<'a>, Failure> {
        let certificate = card.authentication_certificate()?;
        card.verify_pin(pin, last)?;
        let login = login(client, card, &certificate, now)?;
        let view: SlotView = client.get(&format!("/api/v1/elections/{}/slot", pinned.election), Some(&login.token))?;
        check_slot(pinned, &view, holder)?;
        let key = SecretKey::generate(&mut rand_core::OsRng);
        let nonce: Nonce = client.post("/api/v1/nonces", None, &serde_json::json!({}))?;
        let head = pinned.checkpoint.checkpoint();
        let (seq, previous) = match &view.registration {
            Some(current) => (current.seq + 1, Some(current.leaf_hash.hash())),
            None => (0, None),
        };
        let fields = RegistrationFields {
            origin: pinned.manifest.origin.clone(),
            nonce: nonce.nonce.0,
            election: pinned.election,
            manifest: pinned.manifest_hash,
            opened: pinned.opened_hash,
            slot: view.slot,
            slot_commitment: view.commitment.hash(),
            voting_key: key.public(),
            seq,
            previous,
            checkpoint_size: head.size,
            checkpoint_root: head.root,
        };
        let text = registration_text(&fields);
        let signature = card.sign(Key::Authentication, &text)?;
        let possession = Bytes(sign_registration(&text, &key, &mut rand_core::OsRng).to_bytes());
        let request = RegistrationRequest {
            card: CardStatement { statement: Blob(text), signature: Blob(signature), certificate: Blob(certificate.to_vec()) },
            possession,
        };
        Ok(Registration { client, pinned, token: login.token, view, key, fields, request })
    }

    /// The registration that stood for this slot before: the holder's own of an earlier visit, or one that the holder has to ask about. Nobody but the holder
    /// can tell which.
    #[must_use]
    pub const fn before(&self) -> Option<&CurrentRegistration> {
        self.before.as_ref()
    }

    /// The entry under the receipt's leaf is this voter's registration: the ballots will bind exactly this leaf.
    fn check_registration(&self, fields: &RegistrationFields) -> Result<(), Failure> {
        let proven = self.pinned.proven(&self.client, &[self.registration.leaf])?;
        let [proven] = &proven[..] else { return Err(distrust("登録が掲示板にありません", "the registration is not on the board")) };
        let entry = Entry::from_bytes(&proven.entry.0).map_err(|e| distrust(&e, &e))?;
        let ours = match &entry.body {
            Body::Registration(r) => r.slot == self.slot && r.voting_key.0 == *fields.voting_key.as_bytes() && r.nonce.0 == fields.nonce,
            _ => false,
        };
        if ours && leaf_hash(&proven.entry.0) == self.statement.registration {
            return Ok(());
        }
        Err(distrust("登録が掲示板の記録と一致しません", "the registration is not what the board recorded"))
    }

    /// The district whose contests this voter votes on.
    #[must_use]
    pub const fn district(&self) -> u16 {
        self.district
    }

    /// The contests of this voter's ballot, as indices of the manifest.
    pub fn contests(&self) -> impl Iterator<Item = u16> {
        self.statement.style.contests().iter().map(|(index, _)| *index)
    }

    /// Encrypts, proves, signs and records a ballot. `choices` holds, for each contest of the ballot, the chosen options from 0. A later ballot
    /// replaces an earlier one.
    ///
    /// # Errors
    /// [`Failure`]: wrong choices, refused by the server, or a receipt that does not hold.
    pub fn cast(&mut self, choices: &[Vec<usize>]) -> Result<Cast, Failure> {
        let sealed = self.seal(choices)?;
        let receipt = self.send(&sealed)?;
        self.accept(sealed, receipt)
    }

    /// Sends a ballot and gives the receipt, which is not checked yet.
    ///
    /// # Errors
    /// [`Failure`]: refused by the server, or no answer.
    pub fn send(&self, sealed: &Sealed) -> Result<Receipt, Failure> {
        self.client.post(&format!("/api/v1/elections/{}/ballots", self.pinned.election), None, &sealed.request())
    }

    /// Encrypts, proves and signs a ballot, which is nowhere but here until it is sent.
    ///
    /// # Errors
    /// [`Failure`]: wrong choices.
    pub fn seal(&mut self, choices: &[Vec<usize>]) -> Result<Sealed, Failure> {
        self.counter += 1;
        let (ballot, opening) = cast(choices, &self.statement, self.slot, self.registration.leaf, Counter(self.counter), &self.key, &mut rand_core::OsRng)
            .map_err(|e| Failure::new(Exit::Usage, format!("選択に誤りがあります: {e}。"), format!("the choices are not possible: {e}.")))?;
        Ok(Sealed { body: BallotEntry { ballot: Blob(ballot.bytes().to_vec()) }, ballot: ballot.hash(), opening })
    }

    /// Checks the receipt that the server gave for a ballot that was sent.
    ///
    /// # Errors
    /// [`Failure`]: the receipt does not hold.
    pub fn accept(&self, sealed: Sealed, receipt: Receipt) -> Result<Cast, Failure> {
        let Sealed { body, ballot, opening } = sealed;
        if receipt.ballot.map(HashBytes::hash) != Some(ballot) {
            return Err(distrust("受領証が別の投票のものです", "the receipt is for another ballot"));
        }
        self.pinned.check_receipt(&receipt, Body::Ballot(body))?;
        Ok(Cast { receipt, ballot, opening })
    }

    /// Has the current ballot opened instead of counted. The opening is given out only after `challenged` is on the board.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn challenge(&self, cast: &Cast) -> Result<(Receipt, OpeningFile), Failure> {
        let Cast { receipt, ballot, opening } = cast;
        self.pinned.send_challenge(&self.client, &self.key, self.slot, *ballot, receipt.leaf, Blob(opening.to_bytes().to_vec()))
    }

    /// What a challenge of this ballot needs later.
    #[must_use]
    pub fn keep(&self, cast: &Cast) -> Kept {
        let voting_key = Bytes(self.key.expose().to_bytes());
        Kept::new(&cast.receipt, self.slot, self.registration.leaf, voting_key, Blob(cast.opening.to_bytes().to_vec()))
    }

    /// [`Pinned::audit`] of the registration and these receipts.
    ///
    /// # Errors
    /// [`Failure`] with exit 1: evidence of a fork.
    pub fn audit(&self, receipts: &[&Receipt]) -> Result<SignedCheckpoint, Failure> {
        let all: Vec<_> = std::iter::once(&self.registration).chain(receipts.iter().copied()).collect();
        self.pinned.audit(&self.client, &all)
    }

    /// [`Pinned::receipt_file`] for this voter's registration.
    ///
    /// # Errors
    /// [`Failure`] when the board cannot be read.
    pub fn receipt_file(&self, receipt: &Receipt, challenged: Option<&Receipt>) -> Result<ReceiptFile, Failure> {
        self.pinned.receipt_file(&self.client, self.registration.leaf, receipt, challenged)
    }
}

fn check_slot(pinned: &Pinned, view: &SlotView, holder: Holder<'_>) -> Result<(), Failure> {
    let not_yours = || distrust("名簿の投票者枠があなたのものではありません", "the slot that the server gave is not yours");
    let SlotView { slot, district, salt, name, birth, sex, address, commitment, hashes, registration: _ } = view;
    let person =
        Person { name: name.clone(), birth: birth.parse().map_err(|_| not_yours())?, sex: sex.parse().map_err(|_| not_yours())?, address: address.clone() };
    let own = match holder {
        Holder::Known(known) => known.hash() == person.hash(),
        Holder::Asked(ask) => ask(&person)?,
    };
    let district_id = pinned.manifest.districts.get(usize::from(*district)).map(|d| d.id.clone()).ok_or_else(not_yours)?;
    let entry = RollEntry { person, district: district_id };
    if !own || slot_commitment(&pinned.election, *slot, &salt.0, &entry) != commitment.hash() {
        return Err(not_yours());
    }
    let leaf = leaf_hash(&roll_leaf(*slot, *district, &commitment.hash()));
    let proof = InclusionProof::from_hashes(hashes.iter().map(|h| h.hash()).collect());
    let roll = &pinned.opened.roll;
    verify_inclusion(leaf, u64::from(slot.0), u64::from(roll.slots), &proof, roll.root.hash())
        .map_err(|_| distrust("投票者枠が公示された名簿にありません", "the slot is not in the roll that was committed to"))
}

/// The name of a card in this device's state: SHA-256 of its authentication certificate, in hex.
#[must_use]
pub fn card_name(certificate: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(digest(&SHA256, certificate).as_ref())
}
