//! An election played in memory, honestly by default: for tests, which may tamper with every step and still get a record that is hashed and signed.
//!
//! Trustees, voters and board keys come from a seed. Nothing here is for production: it panics where a test would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test panics")]

pub mod access;
pub mod night;
mod paper;
pub mod roster;

pub use paper::Places;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use tachiai_crypto::ceremony::{CeremonyResult, DecryptionKey, Polynomial, SecretShare, SharePlaintext, TrusteeIndex, combine};
use tachiai_crypto::election::ballot::{Ballot, BallotHeader, Verified, cast};
use tachiai_crypto::election::challenge::sign_challenge;
use tachiai_crypto::election::opening::Opening;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text, sign_registration};
use tachiai_crypto::election::roll::{Roll, RollSlot};
use tachiai_crypto::election::tally::statement_hash;
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, LogProof, Origin, SignedCheckpoint, Tree, leaf_hash};
use tachiai_crypto::labels;
use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::election::{
    Authority, BallotEntry, Body, Challenged, Choice, CloseReason, Closed, Contest, ContestKind, ContestOption, CrlRequirement, District, Manifest, Opened,
    Published, Registration, ResultEntry, SignedTallyStatement, TallyStatement, Text, TreeHead, TrusteeEntry, Witnesses,
};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::receipt::{ProvenEntry, Receipt, ReceiptFile};
use tachiai_schemas::trustee::{Commit, Confirm, Deal, ShareHash, SharesFile, Signed, SignedKind, TallySignature};
use tachiai_schemas::{Blob, Bytes, Counter, ElectionId, LeafIndex, Slot, Timestamp, canonical};

use crate::board::{Board, Lookup, roll_commitment};
use crate::obligation::{Obligation, discharge};
use crate::receipt::RECEIPT_FORMAT;
use crate::record::{INDEX_PATH, Piece, RecordWriter, archive};
use crate::tally::{Count, Sums};

/// When the played election begins: 2026-11-01T00:00:00Z.
pub const START: i64 = 1_793_491_200;

/// A trustee with all secrets.
pub struct Trustee {
    /// Signs files.
    pub signing: BoardSecretKey,
    /// The polynomial of the current run.
    pub polynomial: Polynomial,
    /// x_j, after the ceremony.
    pub key: Option<DecryptionKey>,
}

/// A voter's device.
pub struct Voter {
    /// The current voting key.
    pub key: SecretKey,
    /// The counter of the next ballot.
    pub counter: u32,
}

/// An election as it is played.
pub struct Play {
    /// All chance.
    pub rng: ChaCha20Rng,
    /// The manifest.
    pub manifest: Manifest,
    /// The districts of the slots.
    pub roll: Roll,
    /// Signs checkpoints.
    pub board_key: BoardSecretKey,
    /// The trustees, index 1 first.
    pub trustees: Vec<Trustee>,
    /// The voters' devices.
    pub voters: BTreeMap<Slot, Voter>,
    /// Every entry so far, as bytes.
    pub entries: Vec<Vec<u8>>,
    /// Every attachment.
    pub attachments: BTreeMap<Hash32, Vec<u8>>,
    /// The cosigned checkpoints that the record holds, by size.
    pub cosigned: BTreeMap<u64, String>,
    /// The time of the last entry.
    pub now: Timestamp,
    /// The fold of the entries, applied without being checked.
    pub board: Board,
    /// The tree of the entries.
    pub tree: Tree,
}

fn text(text: &str) -> Text {
    Text { ja: text.to_owned(), en: text.to_owned() }
}

/// A contest of so many options, held in all districts.
#[must_use]
pub fn contest(id: &str, options: usize, choose: Choice) -> Contest {
    Contest {
        id: id.to_owned(),
        title: text(id),
        kind: ContestKind::Council,
        seats: 1,
        choose,
        options: (1..=options).map(|n| ContestOption { id: format!("o{n}"), name: text(&format!("{id} {n}")) }).collect(),
        districts: None,
    }
}

impl Play {
    /// A mock election with two contests (one of five options; up to two of three), two districts, three trustees of whom two must act, and eight slots.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        let contests = vec![contest("mayor", 5, Choice::Exactly(1)), contest("council", 3, Choice::UpTo(2))];
        Self::with(seed, (3, 2), contests, 2, 8, |_| {})
    }

    /// An election of `trustees` = (n, t), with slots spread evenly over so many districts, and a manifest that `change` may change.
    #[must_use]
    pub fn with(seed: u8, trustees: (u8, u8), contests: Vec<Contest>, districts: u16, slots: u32, change: impl FnOnce(&mut Manifest)) -> Self {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let election = ElectionId::generate(&mut rng);
        let board_key = BoardSecretKey::generate(&mut rng);
        let at = |seconds| Timestamp::from_unix(START + seconds).unwrap();
        let quorum = tachiai_crypto::ceremony::Quorum::new(trustees.0, trustees.1).unwrap();
        let trustees: Vec<Trustee> = quorum
            .indices()
            .map(|_| Trustee { signing: BoardSecretKey::generate(&mut rng), polynomial: Polynomial::generate(quorum, &mut rng), key: None })
            .collect();
        let mut manifest = Manifest {
            election,
            origin: format!("vote.example.jp/{election}"),
            title: Text { ja: "模擬選挙".to_owned(), en: "Mock election".to_owned() },
            authority: Authority::Mock,
            opens: at(1_000),
            online_closes: at(100_000),
            poll_closes: at(200_000),
            districts: (0..districts).map(|n| District { id: format!("d{n}"), name: text(&format!("District {n}")) }).collect(),
            contests,
            uncontested: vec![],
            min_unit: 2,
            quorum: quorum.threshold(),
            trustees: (trustees.iter().zip(1..))
                .map(|(trustee, n): (_, u8)| TrusteeEntry {
                    name: format!("Trustee {n}"),
                    signing_key: Bytes(trustee.signing.public().to_bytes()),
                    recipient: format!("age1trustee{n}"),
                })
                .collect(),
            board_key: Bytes(board_key.public().to_bytes()),
            authority_recipients: vec!["age1authority".to_owned()],
            witnesses: Witnesses::default(),
            places: vec![],
            count_officers: vec![],
            crl: CrlRequirement::NotRequired,
            card_anchors: vec![],
        };
        change(&mut manifest);
        let slot = |slot: u32| {
            let mut commitment = [0; 32];
            rng.fill_bytes(&mut commitment);
            RollSlot { district: (slot % u32::from(districts)) as u16, commitment: Hash32::from_bytes(commitment) }
        };
        let roll = Roll::new((0..slots).map(slot).collect()).unwrap();
        let mut play = Self {
            rng,
            manifest: manifest.clone(),
            roll,
            board_key,
            trustees,
            voters: BTreeMap::new(),
            entries: Vec::new(),
            attachments: BTreeMap::new(),
            cosigned: BTreeMap::new(),
            now: at(0),
            board: Board::new(Lookup::ByHash),
            tree: Tree::new(),
        };
        play.push(Body::Manifest(Box::new(manifest)));
        play
    }

    /// A whole honest election: everyone votes, slot 1 votes twice, slot 2 registers twice, slot 3 challenges and votes again.
    #[must_use]
    pub fn whole(seed: u8) -> Self {
        let mut play = Self::new(seed);
        play.ceremony();
        play.open();
        play.vote_all();
        play.close();
        play.count();
        play
    }

    /// Appends an entry a second after the last, and applies it to the board without checking it.
    pub fn push(&mut self, body: Body) -> LeafIndex {
        self.push_at(self.now.plus(1), body)
    }

    /// Appends an entry at a time.
    pub fn push_at(&mut self, at: Timestamp, body: Body) -> LeafIndex {
        let entry = Entry { at, body };
        let bytes = entry.to_bytes().unwrap();
        let (leaf, hash) = (LeafIndex(self.tree.len()), leaf_hash(&bytes));
        self.board.apply(leaf, hash, &entry);
        self.tree.push(hash);
        self.entries.push(bytes);
        self.now = at;
        leaf
    }

    /// What [`Board::check`] and the discharged obligation say of an entry, without appending it.
    ///
    /// # Errors
    /// The violation.
    pub fn check(&self, body: Body) -> Result<(), crate::Violation> {
        let entry = Entry { at: self.now.plus(1), body };
        let bytes = entry.to_bytes().unwrap();
        let obligation: Obligation = self.board.check(LeafIndex(self.tree.len()), leaf_hash(&bytes), &entry, &self.tree)?;
        discharge(&[obligation], &mut rand_core::OsRng).remove(0)
    }

    /// Attaches bytes and gives their name.
    pub fn attach(&mut self, bytes: Vec<u8>) -> Hash32 {
        let name = Hash32::sha256(&bytes);
        self.attachments.insert(name, bytes);
        name
    }

    /// A trustee's signature over a body.
    pub fn sign<T: SignedKind>(&self, trustee: TrusteeIndex, body: T) -> Signed<T> {
        let json = canonical::to_bytes(&body).unwrap();
        let signature = self.trustee(trustee).signing.sign_bytes(&format!("file/{}", T::KIND), &json);
        Signed { body, signature: Bytes(signature) }
    }

    /// A trustee.
    #[must_use]
    pub fn trustee(&self, trustee: TrusteeIndex) -> &Trustee {
        &self.trustees[usize::from(trustee.get()) - 1]
    }

    /// Every trustee's index.
    #[must_use]
    pub fn indices(&self) -> Vec<TrusteeIndex> {
        self.board.quorum().unwrap().indices().collect()
    }

    /// The commit of a trustee.
    #[must_use]
    pub fn commit(&self, trustee: TrusteeIndex) -> Commit {
        let ceremony = self.board.ceremony_id().unwrap();
        let commitment = self.trustee(trustee).polynomial.commit(&ceremony, trustee).into();
        Commit { manifest: ceremony.manifest.into(), run: ceremony.run, trustee, commitment }
    }

    /// The deal of a trustee, with hashes of made-up share files.
    pub fn deal(&mut self, trustee: TrusteeIndex) -> Deal {
        let ceremony = self.board.ceremony_id().unwrap();
        let polynomial = &self.trustees[usize::from(trustee.get()) - 1].polynomial;
        let commitments = polynomial.commitments().encodings().into_iter().map(Bytes).collect();
        let possession = Bytes(polynomial.possession(&ceremony, trustee, &mut self.rng).to_bytes());
        let shares = self.board.quorum().unwrap().others(trustee);
        let shares = shares.map(|to| ShareHash { to, sha256: Hash32::sha256(&[trustee.get(), to.get()]).into() }).collect();
        Deal { manifest: ceremony.manifest.into(), run: ceremony.run, trustee, commitments, possession, shares }
    }

    /// The confirmation of a trustee.
    #[must_use]
    pub fn confirm(&self, trustee: TrusteeIndex) -> Confirm {
        let ceremony = self.board.ceremony_id().unwrap();
        let CeremonyResult { joint_key, share_keys, hash } = self.board.run().derived().unwrap();
        Confirm {
            manifest: ceremony.manifest.into(),
            run: ceremony.run,
            trustee,
            joint_key: Bytes(*joint_key.as_bytes()),
            share_keys: share_keys.iter().map(|key| Bytes(*key.as_bytes())).collect(),
            ceremony: (*hash).into(),
        }
    }

    /// Commits and deals of all trustees.
    pub fn deal_all(&mut self) {
        for trustee in self.indices() {
            let commit = self.sign(trustee, self.commit(trustee));
            self.push(Body::Commit(commit));
        }
        for trustee in self.indices() {
            let deal = self.deal(trustee);
            let deal = self.sign(trustee, deal);
            self.push(Body::Deal(deal));
        }
    }

    /// Confirmations of all trustees, and their secrets.
    pub fn confirm_all(&mut self) {
        for trustee in self.indices() {
            let confirm = self.sign(trustee, self.confirm(trustee));
            self.push(Body::Confirm(confirm));
        }
        let ceremony = self.board.ceremony_id().unwrap();
        let result = self.board.run().derived().unwrap().clone();
        for own in self.indices() {
            let shares: Vec<SecretShare> = self
                .indices()
                .into_iter()
                .map(|from| {
                    let polynomial = &self.trustee(from).polynomial;
                    let plaintext = polynomial.share_for(&ceremony, from, own);
                    let plaintext = SharePlaintext::parse(plaintext.as_bytes()).unwrap();
                    plaintext.check(&ceremony, from, own, &polynomial.commitments()).unwrap()
                })
                .collect();
            self.trustees[usize::from(own.get()) - 1].key = Some(combine(&result, own, &shares).unwrap());
        }
    }

    /// The whole ceremony.
    pub fn ceremony(&mut self) {
        self.deal_all();
        self.confirm_all();
    }

    /// The entry `opened` for the roll, which is attached.
    pub fn opened(&mut self) -> Opened {
        let ceremony = self.board.ceremony_id().unwrap();
        let CeremonyResult { joint_key, share_keys, hash } = self.board.run().derived().unwrap().clone();
        let bytes = self.roll.to_bytes();
        self.attach(bytes);
        Opened {
            manifest: ceremony.manifest.into(),
            run: ceremony.run,
            joint_key: Bytes(*joint_key.as_bytes()),
            share_keys: share_keys.iter().map(|key| Bytes(*key.as_bytes())).collect(),
            ceremony: hash.into(),
            roll: roll_commitment(&self.roll, self.manifest.districts.len()).unwrap(),
        }
    }

    /// Opens the election and goes to the voting hours.
    pub fn open(&mut self) {
        let opened = self.opened();
        self.board.attach_roll(&self.roll.to_bytes()).unwrap();
        self.push(Body::Opened(Box::new(opened)));
        self.now = self.manifest.opens;
    }

    /// A registration of a fresh key for a slot, with its key.
    pub fn registration(&mut self, slot: Slot) -> (Registration, SecretKey) {
        let key = SecretKey::generate(&mut self.rng);
        (self.registration_of(slot, &key), key)
    }

    /// A registration of a key for a slot.
    pub fn registration_of(&mut self, slot: Slot, key: &SecretKey) -> Registration {
        let mut nonce = [0; 32];
        self.rng.fill_bytes(&mut nonce);
        let current = self.board.slot(slot);
        let registration = Registration {
            slot,
            slot_commitment: self.roll.get(slot).map_or(Hash32::ZERO, |listed| listed.commitment).into(),
            voting_key: Bytes(*key.public().as_bytes()),
            seq: current.map_or(0, |state| state.seq() + 1),
            previous: current.map(|state| state.registration_hash().into()),
            checkpoint: TreeHead { size: self.tree.len(), root: self.tree.root().into() },
            nonce: Bytes(nonce),
            origin: self.manifest.origin.clone(),
            possession: Bytes([0; 64]),
            evidence: Hash32::sha256(b"evidence").into(),
        };
        self.possess(registration, key)
    }

    /// Signs a registration anew, after it was changed.
    pub fn possess(&mut self, registration: Registration, key: &SecretKey) -> Registration {
        let text = self.registration_text(&registration, key);
        Registration { possession: Bytes(sign_registration(&text, key, &mut self.rng).to_bytes()), ..registration }
    }

    /// The text that card and key sign.
    #[must_use]
    pub fn registration_text(&self, registration: &Registration, key: &SecretKey) -> Vec<u8> {
        let Registration { slot, slot_commitment, seq, previous, checkpoint, nonce, ref origin, .. } = *registration;
        registration_text(&RegistrationFields {
            origin: origin.clone(),
            nonce: nonce.0,
            election: self.manifest.election,
            manifest: self.board.manifest_hash().unwrap(),
            opened: self.board.opened().unwrap().leaf_hash(),
            slot,
            slot_commitment: slot_commitment.hash(),
            voting_key: key.public(),
            seq,
            previous: previous.map(|hash| hash.hash()),
            checkpoint_size: checkpoint.size,
            checkpoint_root: checkpoint.root.hash(),
        })
    }

    /// Registers a fresh key for a slot.
    pub fn register(&mut self, slot: Slot) -> LeafIndex {
        let (registration, key) = self.registration(slot);
        self.voters.insert(slot, Voter { key, counter: 0 });
        self.push(Body::Registration(Box::new(registration)))
    }

    /// A ballot of a registered slot that chooses the first options of each contest, shifted by the slot's number.
    pub fn ballot(&mut self, slot: Slot) -> (Ballot<Verified>, Opening) {
        let statement = self.board.statement_for(slot).unwrap();
        let chosen: Vec<Vec<usize>> = statement.style.shapes().map(|shape| vec![slot.0 as usize % shape.named()]).collect();
        let voter = self.voters.get_mut(&slot).unwrap();
        let counter = Counter(voter.counter);
        voter.counter += 1;
        let registration = self.board.slot(slot).unwrap().registration();
        cast(&chosen, &statement, slot, registration, counter, &voter.key, &mut self.rng).unwrap()
    }

    /// Appends the bytes of a ballot.
    pub fn push_ballot(&mut self, bytes: &[u8]) -> LeafIndex {
        self.push(Body::Ballot(BallotEntry { ballot: Blob(bytes.to_vec()) }))
    }

    /// Casts a ballot for a slot, which is registered first if it is not.
    pub fn vote(&mut self, slot: Slot) -> LeafIndex {
        if !self.voters.contains_key(&slot) {
            self.register(slot);
        }
        let (ballot, _) = self.ballot(slot);
        self.push_ballot(ballot.bytes())
    }

    /// The challenge of a slot's current ballot.
    pub fn challenged(&mut self, slot: Slot) -> Challenged {
        let current = self.board.slot(slot).unwrap().ballot().unwrap();
        let context = *self.board.context().unwrap();
        let key = &self.voters[&slot].key;
        let signature = sign_challenge(&context, slot, current.hash, current.leaf, key, &mut self.rng);
        Challenged { slot, ballot: current.hash.into(), leaf: current.leaf, signature: Bytes(signature.to_bytes()) }
    }

    /// Everyone votes; slot 1 votes twice, slot 2 registers twice, slot 3 challenges and votes again.
    pub fn vote_all(&mut self) {
        for slot in (0..self.roll.slots().len() as u32).map(Slot) {
            self.vote(slot);
        }
        self.vote(Slot(1));
        self.register(Slot(2));
        self.vote(Slot(2));
        let challenged = self.challenged(Slot(3));
        self.push(Body::Challenged(challenged));
        self.vote(Slot(3));
    }

    /// Both closes, in time.
    pub fn close(&mut self) {
        self.push_at(self.manifest.online_closes, Body::OnlineClosed(Closed { reason: CloseReason::Scheduled }));
        self.push_at(self.manifest.poll_closes, Body::PollClosed(Closed { reason: CloseReason::Scheduled }));
    }

    /// The statement that the board gives, signed by the first trustees that suffice.
    #[must_use]
    pub fn statement(&self) -> SignedTallyStatement {
        let statement = self.board.tally_statement(&self.tree).unwrap();
        self.sign_statement(statement)
    }

    /// A statement signed by the first trustees that suffice.
    #[must_use]
    pub fn sign_statement(&self, statement: TallyStatement) -> SignedTallyStatement {
        let needed = usize::from(self.board.quorum().unwrap().statement_quorum());
        let signatures = self.indices().into_iter().take(needed);
        let signatures = signatures.map(|trustee| TallySignature { trustee, signature: self.sign(trustee, statement.clone()).signature }).collect();
        SignedTallyStatement { statement, signatures }
    }

    /// The sums of the ballots that count.
    #[must_use]
    pub fn sums(&self) -> Sums {
        Sums::of_board(&self.board, |leaf| Ok::<_, crate::Violation>(Entry::from_bytes(&self.entries[leaf.0 as usize]).unwrap())).unwrap()
    }

    /// The columns that are decrypted.
    #[must_use]
    pub fn counting(&self) -> Count {
        Count::new(&self.board, &self.sums()).unwrap()
    }

    /// Appends the statement.
    pub fn state(&mut self) {
        let statement = self.statement();
        self.push(Body::TallyStatement(Box::new(statement)));
    }

    /// The share file of a trustee.
    pub fn share_file(&mut self, trustee: TrusteeIndex) -> Vec<u8> {
        let count = self.counting();
        let key = self.trustees[usize::from(trustee.get()) - 1].key.as_ref().unwrap();
        count.prove(key, &mut self.rng).unwrap()
    }

    /// Appends the share file of a trustee.
    pub fn push_shares(&mut self, trustee: TrusteeIndex, file: Vec<u8>) -> LeafIndex {
        let (_, statement) = self.board.declared_statement().unwrap();
        let file = self.attach(file);
        let shares = self.sign(trustee, SharesFile { statement: statement.into(), trustee, file: file.into() });
        self.push(Body::Shares(shares))
    }

    /// The share files on the board that are valid.
    fn valid_shares(&self) -> Vec<(TrusteeIndex, Vec<tachiai_crypto::proof::equality::DecryptionShare>)> {
        let count = self.counting();
        let files = self.board.shares().map(|(trustee, state)| (trustee, self.attachments[&state.file].clone()));
        files
            .filter_map(|(trustee, file)| match count.check_shares(trustee, &file) {
                Ok(crate::tally::Shares::Valid(shares)) => Some((trustee, shares)),
                _ => None,
            })
            .collect()
    }

    /// The attachment `result` that the share files on the board give.
    #[must_use]
    pub fn result_file(&self) -> Vec<u8> {
        canonical::to_bytes(&self.counting().result(&self.valid_shares()).unwrap()).unwrap()
    }

    /// Appends `result` with an attachment.
    pub fn push_result(&mut self, file: Vec<u8>) -> LeafIndex {
        let json = canonical::to_bytes(self.board.declared_statement().unwrap().0).unwrap();
        let file = self.attach(file);
        self.push(Body::Result(ResultEntry { statement: statement_hash(&json).into(), file: file.into() }))
    }

    /// The whole count: statement, shares of t trustees, result, publication.
    pub fn count(&mut self) {
        self.state();
        for trustee in self.indices().into_iter().take(usize::from(self.manifest.quorum)) {
            let file = self.share_file(trustee);
            self.push_shares(trustee, file);
        }
        self.finish();
    }

    /// Result and publication.
    pub fn finish(&mut self) {
        let file = self.result_file();
        let result = self.push_result(file);
        self.push(Body::Published(Published { result }));
    }

    /// The signed checkpoint of the entries.
    #[must_use]
    pub fn checkpoint(&self) -> SignedCheckpoint {
        let origin = Origin::new(&self.manifest.origin).unwrap();
        self.board_key.sign(&Checkpoint { origin, size: self.tree.len(), root: self.tree.root() })
    }

    /// Hashes and signs the entries as they are and writes the record.
    pub fn write(&self, root: &Path) {
        let tree: Tree = self.entries.iter().map(|entry| leaf_hash(entry)).collect();
        let origin = Origin::new(&self.manifest.origin).unwrap();
        let checkpoint = self.board_key.sign(&Checkpoint { origin, size: tree.len(), root: tree.root() });
        let entries = |range: std::ops::Range<u64>| Ok::<_, Infallible>(self.entries[range.start as usize..range.end as usize].to_vec());
        let attachment = |name: Hash32| Ok(self.attachments[&name].clone());
        let writer = RecordWriter::new(&checkpoint, &tree, self.attachments.keys().copied(), entries, attachment).with_cosigned(self.cosigned.clone());
        writer
            .write(|path, bytes| {
                let path = root.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
                Ok(())
            })
            .unwrap();
    }

    /// Writes the record as one file.
    pub fn write_archive(&self, path: &Path) {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        let json = std::fs::read(folder.path().join(INDEX_PATH)).unwrap();
        let (pieces, length) = archive(&canonical::from_bytes(&json).unwrap(), json).unwrap();
        let bytes: Vec<u8> = pieces
            .into_iter()
            .flat_map(|piece| match piece {
                Piece::Bytes(bytes) => bytes,
                Piece::File(file) => std::fs::read(folder.path().join(file.path)).unwrap(),
            })
            .collect();
        assert_eq!(bytes.len() as u64, length);
        std::fs::write(path, bytes).unwrap();
    }

    /// The proof of an entry against the newest checkpoint.
    #[must_use]
    pub fn proven(&self, leaf: LeafIndex) -> ProvenEntry {
        let hashes = self.tree.inclusion(leaf.0, self.tree.len()).unwrap().into_hashes();
        ProvenEntry {
            index: leaf,
            entry: Blob(self.entries[leaf.0 as usize].clone()),
            hashes: hashes.into_iter().map(Into::into).collect(),
            checkpoint: self.checkpoint().as_str().to_owned(),
        }
    }

    /// The receipt file of a ballot as it would be given now, with `challenged` if its leaf is given.
    #[must_use]
    pub fn receipt(&self, leaf: LeafIndex, challenged: Option<LeafIndex>) -> ReceiptFile {
        let entry = Entry::from_bytes(&self.entries[leaf.0 as usize]).unwrap();
        let Body::Ballot(ballot) = &entry.body else { panic!("leaf {leaf} is not a ballot") };
        let header = BallotHeader::peek(&ballot.ballot.0).unwrap();
        let hash = tagged(labels::hash::BALLOT, &[&ballot.ballot.0]);
        let mut proof = LogProof::new(leaf.0, self.tree.inclusion(leaf.0, self.tree.len()).unwrap(), &self.checkpoint());
        proof.extra = Some(hash.as_bytes().to_vec());
        let kind = |kind: &'static str| {
            (0_u64..).zip(&self.entries).filter(move |(_, bytes)| Entry::from_bytes(bytes).unwrap().kind() == kind).map(|(leaf, _)| LeafIndex(leaf))
        };
        let leaves = [LeafIndex(0)].into_iter().chain(kind("trustee-confirm")).chain(kind("opened")).chain([header.registration, leaf]).chain(challenged);
        ReceiptFile {
            format: RECEIPT_FORMAT.to_owned(),
            receipt: Receipt {
                election: self.manifest.election,
                at: entry.at,
                leaf,
                leaf_hash: self.tree.leaf(leaf.0).unwrap().into(),
                ballot: Some(hash.into()),
                proof: proof.to_string(),
            },
            entries: leaves.map(|leaf| self.proven(leaf)).collect(),
        }
    }
}
