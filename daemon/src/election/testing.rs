//! A small city for tests: an appliance in a folder, trustees with keys of their own, electors with software cards.
//!
//! Nothing here is in the product. Cards and trustees use the same cryptography as the real ones; only the card's
//! chip and the network are left out.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rand_core::{OsRng, RngCore};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair};
use tachiai_crypto::ceremony::{CeremonyId, Commitments, DealPublic, DecryptionKey, Polynomial, Quorum, SharePlaintext, combine, derive};
use tachiai_crypto::election::ballot;
use tachiai_crypto::election::challenge::sign_challenge;
use tachiai_crypto::election::registration::sign_registration;
use tachiai_crypto::election::roll::Person;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, SignedCheckpoint};
use tachiai_crypto::signature::{SecretKey, Signature};
use tachiai_jpki::statement::{Statement, Word};
use tachiai_jpki::testing::{CaKey, Holder as Certified, Municipality, TestCa};
use tachiai_jpki::{BirthDate, FourAttributes, Purpose, Sex, Substitutes, UnixTime, Validity};
use tachiai_schemas::election::{Body, Challenged, CrlRequirement};
use tachiai_schemas::evidence;
use tachiai_schemas::identity::{CardStatement, Enrolment, Fallback, FallbackReason};
use tachiai_schemas::receipt::{Receipt, RegistrationRequest, SlotView};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Act, Done};
use tachiai_schemas::trustee::{Commit, Confirm, Deal, EncryptedShare, ShareHash, SharesFile, Signed, SignedKind, TallySignature, TrusteeCard, TrusteeFile};
use tachiai_schemas::{Blob, Bytes, CitizenId, Counter, ElectionId, LeafIndex, Refusal, Slot, Timestamp, TrusteeIndex, canonical};
use tachiai_verify::tally::{Count, Sums};

use super::{Elections, Live, OpenError, PoolOptions, Services};
use crate::bindings::{Binding, Bindings};
use crate::cards::{CardPolicy, CardVerifier, Trust};
use crate::clock::SetClock;
use crate::http::Holder;
use crate::journal::CommitterOptions;
use crate::nonces::{self, Nonces};
use crate::refused::Refused;
use crate::store::{MemoryStore, Store};
use crate::vault::{MasterKey, Vault};

pub const OPENS: &str = "2027-01-24T00:00:00Z";
pub const CLOSES: &str = "2027-01-30T11:00:00Z";
pub const POLL_CLOSES: &str = "2027-01-31T11:00:00Z";
pub const HOST: &str = "vote.city.example";

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An elector with a software card and, after registering, a voting key.
pub struct Voter {
    pub card: CaKey,
    pub certificate: Vec<u8>,
    pub holder: Holder,
    pub key: Option<SecretKey>,
    pub registration: Option<LeafIndex>,
    pub counter: u32,
}

/// A trustee with a medium.
pub struct Trustee {
    pub index: TrusteeIndex,
    pub key: BoardSecretKey,
    pub identity: age::x25519::Identity,
    pub polynomial: Option<Polynomial>,
    pub secret: Option<DecryptionKey>,
}

/// The city.
pub struct City {
    pub dir: tempfile::TempDir,
    pub clock: Arc<SetClock>,
    pub nonces: Arc<Nonces>,
    pub store: Arc<dyn Store>,
    pub elections: Arc<Elections>,
    pub id: ElectionId,
    pub trustees: Vec<Trustee>,
    pub voters: Vec<Voter>,
    pub authority: age::x25519::Identity,
    pub bound: Arc<Bound>,
    /// What the configuration asks for at the next start.
    pub crl: CrlRequirement,
    pub ca: TestCa,
}

pub fn elector_row(number: usize) -> String {
    let district = number % 2 + 1;
    format!("{number},氏名　{number},,1980-04-{:02},1,養父市{number}番地,{district}\n", number % 28 + 1)
}

fn person(number: usize) -> Person {
    Person {
        name: format!("氏名 {number}"),
        birth: format!("1980-04-{:02}", number % 28 + 1).parse().unwrap(),
        sex: "1".parse().unwrap(),
        address: format!("養父市{number}番地"),
    }
}

pub fn attributes(number: usize) -> FourAttributes {
    let Person { name, address, .. } = person(number);
    let birth_date = BirthDate::from_iso(&format!("1980-04-{:02}", number % 28 + 1)).unwrap();
    let (name_substitutes, address_substitutes) = (Substitutes::none_in(&name), Substitutes::none_in(&address));
    FourAttributes { name, name_substitutes, address, address_substitutes, birth_date, sex: Sex::Male }
}

/// Puts the certificates of an authority where the next start finds them.
pub fn trust(dir: &Path, name: &str, ca: &TestCa) {
    for purpose in [Purpose::UserAuthentication, Purpose::DigitalSignature] {
        std::fs::write(dir.join(format!("anchors/{name}-{purpose:?}")), ca.authority(purpose).certificate()).unwrap();
    }
}

pub fn roll_csv(electors: usize) -> Vec<u8> {
    let mut csv = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n".to_owned();
    for number in 0..electors {
        csv.push_str(&elector_row(number));
    }
    csv.into_bytes()
}

pub fn spec(authority: &str, recipient: &str) -> ElectionSpec {
    ElectionSpec::from_toml(&format!(
        r#"
authority = "{authority}"
opens = "{OPENS}"
online_closes = "{CLOSES}"
poll_closes = "{POLL_CLOSES}"
trustees = 3
quorum = 2
min_unit = {}
crl = "not-required"
authority_recipients = ["{recipient}"]
title = {{ ja = "市長選挙", en = "Mayor" }}
districts = [{{ id = "1", name = {{ ja = "八鹿", en = "Yoka" }} }}, {{ id = "2", name = {{ ja = "養父", en = "Yabu" }} }}]
[[contests]]
id = "mayor"
kind = "mayor"
title = {{ ja = "市長", en = "Mayor" }}
seats = 1
choose = {{ up-to = 1 }}
options = [{{ id = "a", name = {{ ja = "甲", en = "A" }} }}, {{ id = "b", name = {{ ja = "乙", en = "B" }} }}]
"#,
        if authority == "mock" { 1 } else { 10 }
    ))
    .unwrap()
}

pub fn p384() -> CaKey {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &SystemRandom::new()).unwrap();
    CaKey::from_pkcs8(pkcs8.as_ref()).unwrap()
}

pub fn validity() -> Validity {
    let at = |text| UnixTime::from_rfc3339(text).unwrap();
    Validity { not_before: at("2026-01-01T00:00:00Z"), not_after: at("2029-12-31T00:00:00Z") }
}

/// Every card is bound, those of voters with even numbers at a counter: the first byte of their keys' hashes is even.
#[derive(Default)]
pub struct Bound {
    /// The certificates for signing and for authentication, by the card's key.
    certificates: Mutex<BTreeMap<[u8; 32], [Vec<u8>; 2]>>,
    /// The person, by the card's key.
    persons: Mutex<BTreeMap<[u8; 32], Hash32>>,
    /// Whether fresh lists were required then.
    lists_required: AtomicBool,
}

impl Bindings for Bound {
    fn binding(&self, card_key: &Hash32, _person: &Hash32) -> Result<Binding, Refused> {
        let [signing, authentication] = self.certificates.lock().unwrap().get(card_key.as_bytes()).cloned().ok_or(Refusal::NotEnrolled)?;
        let at_counter = card_key.as_bytes()[0].is_multiple_of(2);
        let fallback = at_counter.then(|| Fallback {
            reason: FallbackReason::UnderFifteen,
            by: ["西村".to_owned(), "田中".to_owned()],
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
        });
        let card = CardStatement { statement: Blob(card_key.as_bytes().to_vec()), signature: Blob(vec![]), certificate: Blob(signing) };
        let evidence = evidence::Binding::Card(Enrolment { card, authentication: Blob(authentication), possession: Blob(vec![]) });
        Ok(Binding { evidence, bound: "2026-11-22T09:00:00Z".parse().unwrap(), fallback })
    }

    fn holder(&self, card_key: &Hash32) -> Result<Hash32, Refused> {
        self.persons.lock().unwrap().get(card_key.as_bytes()).copied().ok_or_else(|| Refusal::NotEnrolled.into())
    }
}

fn open(
    dir: &Path,
    clock: &Arc<SetClock>,
    nonces: &Arc<Nonces>,
    store: &Arc<dyn Store>,
    bound: &Arc<Bound>,
    crl: CrlRequirement,
) -> Result<Arc<Elections>, OpenError> {
    let master = || MasterKey::from_bytes([7; 32]);
    let vault = dir.join("vault");
    let vault = if vault.join("check").exists() { Vault::open(&vault, master()).unwrap() } else { Vault::create(&vault, master(), &mut OsRng).unwrap() };
    let (anchors, crls) = (vec![dir.join("anchors")], vec![dir.join("crls")]);
    let trust = Trust { anchors, text_anchors: vec![], crls, crl, policy: CardPolicy::Test };
    let required = Arc::clone(bound);
    let services = Services {
        clock: Arc::clone(clock) as Arc<dyn crate::clock::Clock>,
        store: Arc::clone(store),
        vault: Arc::new(vault),
        cards: Arc::new(CardVerifier::load(&trust).unwrap()),
        nonces: Arc::clone(nonces),
        bindings: Arc::clone(bound) as Arc<dyn Bindings>,
        lists_required: Arc::new(move |_| required.lists_required.load(Ordering::Relaxed)),
        data: dir.to_owned(),
        mirror: dir.join("mirror"),
        host: HOST.to_owned(),
        committer: CommitterOptions::default(),
    };
    Elections::open(services, PoolOptions::default()).map(Arc::new)
}

impl City {
    /// A mock election in draft with roll and trustees.
    pub async fn draft(electors: usize) -> Self {
        Self::draft_of("mock", electors).await
    }

    pub async fn draft_of(authority: &str, electors: usize) -> Self {
        Self::draft_with(authority, electors, |_| {}).await
    }

    /// The same with a specification that `change` may change.
    pub async fn draft_with(authority: &str, electors: usize, change: impl FnOnce(&mut ElectionSpec)) -> Self {
        Self::draft_under(CrlRequirement::NotRequired, authority, electors, change).await
    }

    /// The same where the appliance requires revocation lists, or does not.
    pub async fn draft_under(crl: CrlRequirement, authority: &str, electors: usize, change: impl FnOnce(&mut ElectionSpec)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ca = TestCa::new(p384(), p384(), validity()).unwrap();
        std::fs::create_dir(dir.path().join("anchors")).unwrap();
        std::fs::create_dir(dir.path().join("crls")).unwrap();
        trust(dir.path(), "first", &ca);
        let clock = Arc::new(SetClock::new(time("2027-01-20T00:00:00Z")));
        let nonces = Arc::new(Nonces::new(1000, &mut OsRng));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let bound = Arc::new(Bound::default());
        let elections = open(dir.path(), &clock, &nonces, &store, &bound, crl).unwrap();
        let identity = age::x25519::Identity::generate();
        let mut spec = spec(authority, &identity.to_public().to_string());
        change(&mut spec);
        let id = elections.create("official", spec).await.unwrap().election;
        let mut city = Self { dir, clock, nonces, store, elections, id, trustees: Vec::new(), voters: Vec::new(), authority: identity, bound, crl, ca };
        for index in 1..=3 {
            let trustee = Trustee {
                index: TrusteeIndex::new(index).unwrap(),
                key: BoardSecretKey::generate(&mut OsRng),
                identity: age::x25519::Identity::generate(),
                polynomial: None,
                secret: None,
            };
            city.live().add_trustee("official", trustee.card()).await.unwrap();
            city.trustees.push(trustee);
        }
        let report = city.live().import_roll("official", roll_csv(electors)).await.unwrap();
        assert_eq!(report.electors, electors as u64);
        city.voters = (0..electors).map(|number| city.voter(number)).collect();
        city
    }

    /// The same with the ceremony begun.
    pub async fn ceremony(electors: usize) -> Self {
        let city = Self::draft(electors).await;
        city.live().start_ceremony("official").await.unwrap();
        city
    }

    /// The same, open, within the hours of the vote.
    pub async fn open(electors: usize) -> Self {
        let mut city = Self::ceremony(electors).await;
        city.make_key().await;
        city.perform(Act::Open).await.unwrap();
        city.clock.set(time(OPENS));
        city
    }

    fn voter(&self, number: usize) -> Voter {
        let fits = |card: &CaKey| usize::from(Hash32::sha256(&card.spki_der()).as_bytes()[0]) % 2 == number % 2;
        let card = std::iter::repeat_with(p384).find(fits).unwrap();
        let spki_der = card.spki_der();
        let card_key = Hash32::sha256(&spki_der);
        let certified = Certified { spki_der, serial: number as u64 + 100, validity: validity(), municipality: Municipality::yabu() };
        let certificate = self.ca.authentication_certificate(&certified).unwrap();
        self.bind(&card_key, self.ca.signing_certificate(&certified, &attributes(number)).unwrap(), certificate.clone());
        self.bound.persons.lock().unwrap().insert(*card_key.as_bytes(), person(number).hash());
        let mut citizen = [0; 16];
        OsRng.fill_bytes(&mut citizen);
        let holder = Holder { citizen: CitizenId(citizen), person: person(number).hash(), card_key };
        Voter { card, certificate, holder, key: None, registration: None, counter: 0 }
    }

    /// Binds a card by these certificates.
    pub fn bind(&self, card_key: &Hash32, signing: Vec<u8>, authentication: Vec<u8>) {
        self.bound.certificates.lock().unwrap().insert(*card_key.as_bytes(), [signing, authentication]);
    }

    /// Whether fresh revocation lists were required when the cards were bound.
    pub fn bound_with_lists(&self, required: bool) {
        self.bound.lists_required.store(required, Ordering::Relaxed);
    }

    pub fn live(&self) -> Arc<Live> {
        self.elections.get(self.id).unwrap()
    }

    pub async fn perform(&self, act: Act) -> Result<Done, Refused> {
        self.live().perform(act, self.live().to_open(act)).await
    }

    /// Ends the process and starts it again with another store.
    pub async fn restart(&mut self, store: Arc<dyn Store>) {
        self.elections.stop().await;
        self.store = store;
        self.elections = self.reopen().unwrap();
    }

    /// Opens the folder again; the process before must have ended.
    pub fn reopen(&self) -> Result<Arc<Elections>, OpenError> {
        open(self.dir.path(), &self.clock, &self.nonces, &self.store, &self.bound, self.crl)
    }

    /// The whole ceremony.
    pub async fn make_key(&mut self) {
        let live = self.live();
        for place in 0..self.trustees.len() {
            let file = self.commit(place);
            live.take_file(file).await.unwrap();
        }
        for place in 0..self.trustees.len() {
            let file = self.deal(place);
            live.take_file(file).await.unwrap();
        }
        for place in 0..self.trustees.len() {
            let file = self.confirm(place);
            live.take_file(file).await.unwrap();
        }
    }

    fn ceremony_id(&self) -> (CeremonyId, Quorum) {
        let live = self.live();
        let published = live.board();
        (published.state.board.ceremony_id().unwrap(), published.state.board.quorum().unwrap())
    }

    pub fn commit(&mut self, place: usize) -> TrusteeFile {
        let (ceremony, quorum) = self.ceremony_id();
        let trustee = &mut self.trustees[place];
        let polynomial = Polynomial::generate(quorum, &mut OsRng);
        let commitment = polynomial.commit(&ceremony, trustee.index).into();
        trustee.polynomial = Some(polynomial);
        TrusteeFile::TrusteeCommit(trustee.sign(Commit { manifest: ceremony.manifest.into(), run: ceremony.run, trustee: trustee.index, commitment }))
    }

    pub fn deal(&self, place: usize) -> TrusteeFile {
        let (ceremony, quorum) = self.ceremony_id();
        let trustee = &self.trustees[place];
        let polynomial = trustee.polynomial.as_ref().unwrap();
        let shares: Vec<EncryptedShare> = quorum
            .others(trustee.index)
            .map(|to| {
                let recipient = self.trustees[usize::from(to.get()) - 1].identity.to_public();
                let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
                let mut sealed = Vec::new();
                let mut writer = encryptor.wrap_output(&mut sealed).unwrap();
                writer.write_all(polynomial.share_for(&ceremony, trustee.index, to).as_bytes()).unwrap();
                writer.finish().unwrap();
                EncryptedShare { to, age: Blob(sealed) }
            })
            .collect();
        let deal = Deal {
            manifest: ceremony.manifest.into(),
            run: ceremony.run,
            trustee: trustee.index,
            commitments: polynomial.commitments().encodings().into_iter().map(Bytes).collect(),
            possession: Bytes(polynomial.possession(&ceremony, trustee.index, &mut OsRng).to_bytes()),
            shares: shares.iter().map(|share| ShareHash { to: share.to, sha256: Hash32::sha256(&share.age.0).into() }).collect(),
        };
        TrusteeFile::TrusteeDeal { deal: trustee.sign(deal), shares }
    }

    pub fn confirm(&mut self, place: usize) -> TrusteeFile {
        let (ceremony, quorum) = self.ceremony_id();
        let live = self.live();
        let index = self.trustees[place].index;
        let files = super::files::files_for(&live.board().state, &live.private(), index).unwrap();
        let public: Vec<DealPublic> = live
            .board()
            .state
            .rounds
            .deals
            .values()
            .map(|signed| {
                let deal = &signed.body;
                let encodings: Vec<[u8; 32]> = deal.commitments.iter().map(|bytes| bytes.0).collect();
                DealPublic {
                    index: deal.trustee,
                    commit: live.board().state.rounds.commits[&deal.trustee].body.commitment.hash(),
                    commitments: Commitments::decode(&encodings, quorum).unwrap(),
                    possession: Signature::decode(&deal.possession.0).unwrap(),
                    share_hashes: deal.shares.iter().map(|share| (share.to, share.sha256.hash())).collect(),
                }
            })
            .collect();
        let trustee = &mut self.trustees[place];
        let mut shares = vec![trustee.polynomial.as_ref().unwrap().own_share(index)];
        for file in files {
            let TrusteeFile::TrusteeDeal { deal, shares: sealed } = file else { continue };
            let from = public.iter().find(|public| public.index == deal.body.trustee).unwrap();
            let plain = decrypt(&sealed[0].age.0, &trustee.identity);
            shares.push(SharePlaintext::parse(&plain).unwrap().check(&ceremony, from.index, index, &from.commitments).unwrap());
        }
        let result = derive(&ceremony, quorum, &public).unwrap();
        trustee.secret = Some(combine(&result, index, &shares).unwrap());
        TrusteeFile::TrusteeConfirm(trustee.sign(Confirm {
            manifest: ceremony.manifest.into(),
            run: ceremony.run,
            trustee: index,
            joint_key: Bytes(*result.joint_key.as_bytes()),
            share_keys: result.share_keys.iter().map(|key| Bytes(*key.as_bytes())).collect(),
            ceremony: result.hash.into(),
        }))
    }

    pub fn tally_signature(&self, place: usize) -> TrusteeFile {
        let live = self.live();
        let published = live.board();
        let statement = published.state.board.tally_statement(&published.state.tree).unwrap();
        let trustee = &self.trustees[place];
        let signature = trustee.sign(statement.clone()).signature;
        TrusteeFile::TallySignature { statement, signature: TallySignature { trustee: trustee.index, signature } }
    }

    pub fn shares(&self, place: usize) -> TrusteeFile {
        let live = self.live();
        let published = live.board();
        let board = &published.state.board;
        let sums = Sums::of_board(board, |leaf| -> Result<_, tachiai_verify::Violation> { Ok(live.entry(leaf).unwrap()) }).unwrap();
        let count = Count::new(board, &sums).unwrap();
        let trustee = &self.trustees[place];
        let file = count.prove(trustee.secret.as_ref().unwrap(), &mut OsRng).unwrap();
        let body = SharesFile { statement: count.statement().into(), trustee: trustee.index, file: Hash32::sha256(&file).into() };
        TrusteeFile::DecryptionShares { shares: trustee.sign(body), file: Blob(file) }
    }

    /// Closes the vote and has the trustees sign and release, so that `count` is next.
    pub async fn to_the_count(&self) {
        self.clock.set(time(CLOSES));
        self.perform(Act::CloseOnline).await.unwrap();
        self.clock.set(time(POLL_CLOSES));
        self.perform(Act::ClosePoll).await.unwrap();
        self.release().await;
    }

    /// Has the trustees sign and release, after the poll.
    pub async fn release(&self) {
        for place in 0..3 {
            self.live().take_file(self.tally_signature(place)).await.unwrap();
        }
        for place in [0, 2] {
            self.live().take_file(self.shares(place)).await.unwrap();
        }
    }

    /// What a voter's card and key sign to register; `change` spoils it before it is signed.
    pub fn registration(&self, voter: &Voter, key: &SecretKey, change: impl FnOnce(&mut Fields)) -> RegistrationRequest {
        let live = self.live();
        let view = live.slot_of(&voter.holder).unwrap();
        let published = live.board();
        let board = &published.state.board;
        let checkpoint: &SignedCheckpoint = published.checkpoint.as_ref().unwrap();
        let hash = |hash: &Hash32| tachiai_jpki::Hash32::from_hex(hash.to_string().as_bytes()).unwrap();
        let mut fields = Fields {
            origin: board.manifest().unwrap().origin.clone(),
            nonce: nonces::word(&self.nonces.issue(&mut OsRng, crate::clock::Clock::now(self.clock.as_ref()))),
            election: self.id.to_string(),
            slot: view.slot,
            seq: view.registration.as_ref().map_or(0, |current| u64::from(current.seq) + 1),
            previous: view.registration.as_ref().map(|current| current.leaf_hash.hash()),
            size: checkpoint.checkpoint().size,
            root: checkpoint.checkpoint().root,
        };
        change(&mut fields);
        let statement = Statement::RegisterKey {
            origin: Word::new(fields.origin).unwrap(),
            nonce: Word::new(fields.nonce).unwrap(),
            election: Word::new(fields.election).unwrap(),
            manifest: hash(&board.manifest_hash().unwrap()),
            opened: hash(&board.opened().unwrap().leaf_hash()),
            slot: fields.slot.0.into(),
            slot_commitment: hash(&view.commitment.hash()),
            voting_key: hash(&Hash32::from_bytes(*key.public().as_bytes())),
            seq: fields.seq,
            previous: fields.previous.as_ref().map(hash),
            checkpoint_size: fields.size,
            checkpoint_root: hash(&fields.root),
        };
        let text = statement.to_bytes();
        let possession = Bytes(sign_registration(&text, key, &mut OsRng).to_bytes());
        let card = CardStatement { signature: Blob(voter.card.sign(&text).unwrap()), statement: Blob(text), certificate: Blob(voter.certificate.clone()) };
        RegistrationRequest { card, possession }
    }

    /// Registers a fresh key for a voter.
    pub async fn register(&mut self, voter: usize) -> Receipt {
        let key = SecretKey::generate(&mut OsRng);
        let request = self.registration(&self.voters[voter], &key, |_| {});
        let receipt = self.live().register(&self.voters[voter].holder, request, Hash32::ZERO).await.unwrap();
        let voter = &mut self.voters[voter];
        (voter.key, voter.registration, voter.counter) = (Some(key), Some(receipt.leaf), 0);
        receipt
    }

    /// The bytes of a ballot for one option, or none for blank.
    pub fn ballot(&mut self, voter: usize, option: Option<usize>) -> Vec<u8> {
        let live = self.live();
        let voter = &mut self.voters[voter];
        voter.counter += 1;
        let slot = live.slot_of(&voter.holder).unwrap().slot;
        let statement = live.board().state.board.statement_for(slot).unwrap();
        let (key, registration) = (voter.key.as_ref().unwrap(), voter.registration.unwrap());
        let selections = vec![option.into_iter().collect()];
        let (ballot, _) = ballot::cast(&selections, &statement, slot, registration, Counter(voter.counter), key, &mut OsRng).unwrap();
        ballot.bytes().to_vec()
    }

    /// Casts a vote for one option.
    pub async fn vote(&mut self, voter: usize, option: Option<usize>) -> Receipt {
        let ballot = self.ballot(voter, option);
        self.live().cast(ballot, Hash32::ZERO).await.unwrap()
    }

    /// A challenge of a ballot, signed by the voter's key.
    pub fn challenge(&self, voter: usize, receipt: &Receipt) -> Challenged {
        let live = self.live();
        let (slot, ballot) = (self.slot(voter), receipt.ballot.unwrap());
        let context = *live.board().state.board.context().unwrap();
        let key = self.voters[voter].key.as_ref().unwrap();
        let signature = Bytes(sign_challenge(&context, slot, ballot.hash(), receipt.leaf, key, &mut OsRng).to_bytes());
        Challenged { slot, ballot, leaf: receipt.leaf, signature }
    }

    pub fn slot(&self, voter: usize) -> Slot {
        self.view(voter).slot
    }

    pub fn view(&self, voter: usize) -> SlotView {
        self.live().slot_of(&self.voters[voter].holder).unwrap()
    }

    /// Every entry of the board, by kind.
    pub fn kinds(&self) -> BTreeMap<&'static str, usize> {
        let live = self.live();
        let mut kinds = BTreeMap::new();
        let size = live.board().state.tree.len();
        for leaf in 0..size {
            *kinds.entry(live.entry(LeafIndex(leaf)).unwrap().kind()).or_insert(0) += 1;
        }
        kinds
    }

    pub fn body(&self, leaf: LeafIndex) -> Body {
        self.live().entry(leaf).unwrap().body
    }
}

/// What a test may spoil in a registration.
pub struct Fields {
    pub origin: String,
    pub nonce: String,
    pub election: String,
    pub slot: Slot,
    pub seq: u64,
    pub previous: Option<Hash32>,
    pub size: u64,
    pub root: Hash32,
}

impl Trustee {
    pub fn card(&self) -> TrusteeFile {
        let body = TrusteeCard {
            name: format!("立会人{}", self.index),
            signing_key: Bytes(self.key.public().to_bytes()),
            recipient: self.identity.to_public().to_string(),
        };
        TrusteeFile::TrusteeCard(self.sign(body))
    }

    pub fn sign<T: SignedKind>(&self, body: T) -> Signed<T> {
        let json = canonical::to_bytes(&body).unwrap();
        let signature = Bytes(self.key.sign_bytes(&format!("file/{}", T::KIND), &json));
        Signed { body, signature }
    }
}

pub fn decrypt(sealed: &[u8], identity: &age::x25519::Identity) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut reader = age::Decryptor::new(sealed).unwrap().decrypt(std::iter::once(identity as &dyn age::Identity)).unwrap();
    reader.read_to_end(&mut plain).unwrap();
    plain
}
