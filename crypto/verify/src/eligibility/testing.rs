//! A town whose electors have cards: a played election with evidence, for tests, which may tamper with every step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test panics")]

use std::collections::BTreeMap;
use std::path::Path;

use age::secrecy::ExposeSecret;
use rand_core::RngCore;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair};
use tachiai_crypto::election::paper::{PaperFields, paper_text};
use tachiai_crypto::election::roll::{Roll, RollSlot, slot_commitment};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;
use tachiai_crypto::signature::SecretKey;
use tachiai_jpki::testing::{CaKey, Holder, Municipality, RevocationList, SignedText, TestCa, TextAuthority};
use tachiai_jpki::{BirthDate, FourAttributes, Purpose, Serial, Sex, Statement, Substitutes, UnixTime, Validity, Word, crl::Revocation};
use tachiai_schemas::election::{Body, Choice, CrlRequirement, Manifest, Registration};
use tachiai_schemas::evidence::{
    Binding, ByName, CARDS_PATH, CardsTrusted, Evidence, ListsInForce, NameReason, Opening, PAPERS_IN_FILE, PaperEvidence, REGISTRATIONS_IN_FILE,
    SLOTS_IN_FILE, SealedEvidence, SlotOpening, bundle, card_path, papers_path, registrations_path, slots_path,
};
use tachiai_schemas::identity::{CardStatement, CounterEnrolment, Enrolment, Fallback, FallbackReason, TextFiles};
use tachiai_schemas::paper::{AddedSlot, Identified, PaperIssue, RollChangeKind, RollChangeReason, RollChanged};
use tachiai_schemas::{Blob, Bytes, HashBytes, LeafIndex, Slot, Timestamp, canonical};

use super::people::roll_entry;
use super::{Audited, Cards, EvidenceWriter, Identities, Options, openings, person_hash, seal, verify_eligibility};
use crate::failure::Failure;
use crate::testing::{Places, Play, START, Voter, contest};

/// Makes the keys of cards.
pub type Keys = Box<dyn FnMut() -> CaKey>;

/// A card.
pub struct TestCard {
    /// The authentication key.
    pub key: CaKey,
    /// Its certificate.
    pub certificate: Vec<u8>,
    /// Its serial number.
    pub serial: u64,
    /// The signing key.
    pub signing_key: CaKey,
    /// Its certificate.
    pub signing_certificate: Vec<u8>,
    /// Whose it is.
    pub attributes: FourAttributes,
}

/// The town.
pub struct Town {
    /// Issues certificates.
    pub ca: TestCa,
    /// Signs cards' texts.
    pub text: TextAuthority,
    /// Opens the evidence.
    pub authority: age::x25519::Identity,
    /// What opens each slot, in order.
    pub slots: Vec<SlotOpening>,
    /// The official roll.
    pub roll: Vec<Opening>,
    /// Revocation lists, and since when they were in force.
    pub lists: Vec<(Timestamp, Vec<Vec<u8>>)>,
    /// The sealed evidence of each registration.
    pub sealed: BTreeMap<LeafIndex, Vec<u8>>,
    /// The sealed evidence of each hand-out of papers.
    pub papers: BTreeMap<LeafIndex, Vec<u8>>,
    /// What opens each slot that was added after the opening, in order.
    pub added: Vec<SlotOpening>,
    /// Makes the keys of the next cards.
    pub keys: Keys,
    serials: u64,
}

/// A time, so many seconds after the play begins.
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(START + seconds).unwrap()
}

fn unix(seconds: i64) -> UnixTime {
    UnixTime::from_secs(at(seconds).unix().unsigned_abs())
}

/// From and until so many days after the play begins.
#[must_use]
pub fn days(from: i64, until: i64) -> Validity {
    Validity { not_before: unix(from * 86_400), not_after: unix(until * 86_400) }
}

/// A fresh key on P-384, as cards of the next generation have.
#[must_use]
pub fn p384() -> CaKey {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &SystemRandom::new()).unwrap();
    CaKey::from_pkcs8(pkcs8.as_ref()).unwrap()
}

/// A revocation list of all certificates of a purpose.
#[must_use]
pub fn revocations(ca: &TestCa, purpose: Purpose, validity: Validity, revoked: &[(u64, UnixTime)]) -> Vec<u8> {
    let revoked = revoked.iter().map(|(serial, since)| (Serial::from_u64(*serial).unwrap(), *since, Revocation::Revoked)).collect();
    ca.authority(purpose).revocation_list(&RevocationList { validity, municipality: None, revoked }).unwrap()
}

impl Town {
    /// Eight electors in two districts, an election that is open, and lists that revoke nobody.
    #[must_use]
    pub fn new(seed: u8) -> (Play, Self) {
        Self::with(seed, 8, CrlRequirement::Required, Box::new(p384), |_| {})
    }

    /// The same, with the places of [`Places::add`].
    #[must_use]
    pub fn with_places(seed: u8) -> (Play, Self, Places) {
        let places = Places::default();
        let (play, town) = Self::made(seed, 8, CrlRequirement::Required, Box::new(p384), |manifest| places.add(manifest), |_| {});
        (play, town, places)
    }

    /// So many electors with such keys on their cards; `change` may change slots and roll before the election opens.
    #[must_use]
    pub fn with(seed: u8, electors: u32, crl: CrlRequirement, keys: Keys, change: impl FnOnce(&mut Self)) -> (Play, Self) {
        Self::made(seed, electors, crl, keys, |_| {}, change)
    }

    fn made(
        seed: u8,
        electors: u32,
        crl: CrlRequirement,
        keys: Keys,
        manifest_change: impl FnOnce(&mut Manifest),
        change: impl FnOnce(&mut Self),
    ) -> (Play, Self) {
        let ca = TestCa::with_published_keys(days(-3_000, 3_000)).unwrap();
        let authority = age::x25519::Identity::generate();
        let mut anchors: Vec<HashBytes> = PURPOSES.map(|purpose| Hash32::sha256(ca.authority(purpose).certificate()).into()).into();
        anchors.sort();
        let contests = vec![contest("mayor", 5, Choice::Exactly(1))];
        let mut play = Play::with(seed, (3, 2), contests, 2, electors, |manifest| {
            manifest.authority_recipients = vec![authority.to_public().to_string()];
            manifest.card_anchors = anchors;
            manifest.crl = crl;
            manifest_change(manifest);
        });
        let mut slots: Vec<SlotOpening> = (0..electors)
            .map(|slot| {
                let mut salt = [0; 32];
                play.rng.fill_bytes(&mut salt);
                let (birth, sex) = (format!("19{:02}-04-{:02}", 40 + slot % 50, 1 + slot % 28), (1 + slot % 2).to_string());
                let (name, address) = (format!("養父　{slot}子"), format!("兵庫県養父市八鹿町{slot}番地"));
                SlotOpening { slot: Slot(slot), elector: Opening { salt: Bytes(salt), name, birth, sex, address, district: format!("d{}", slot % 2) } }
            })
            .collect();
        let roll = slots.iter().map(|slot| slot.elector.clone()).collect();
        slots.sort_by_key(|slot| slot.slot);
        let lists = vec![(at(-86_400), PURPOSES.map(|purpose| revocations(&ca, purpose, days(-2, 60), &[])).into())];
        let text = TextAuthority::with_published_keys().unwrap();
        let mut town =
            Self { ca, text, authority, slots, roll, lists, sealed: BTreeMap::new(), papers: BTreeMap::new(), added: Vec::new(), keys, serials: 1_000 };
        change(&mut town);
        let commit = |SlotOpening { slot, elector }: &SlotOpening| {
            let entry = roll_entry(elector).unwrap();
            let commitment = slot_commitment(&play.manifest.election, *slot, &elector.salt.0, &entry);
            RollSlot { district: elector.district[1..].parse().unwrap(), commitment }
        };
        play.roll = Roll::new(town.slots.iter().map(commit).collect()).unwrap();
        play.ceremony();
        play.open();
        (play, town)
    }

    /// The attributes of the elector of a slot.
    #[must_use]
    pub fn attributes(&self, slot: Slot) -> FourAttributes {
        let Opening { name, birth, sex, address, .. } = &self.elector(slot);
        FourAttributes {
            name: name.clone(),
            name_substitutes: Substitutes::none_in(name),
            address: address.clone(),
            address_substitutes: Substitutes::none_in(address),
            birth_date: BirthDate::from_iso(birth).unwrap(),
            sex: Sex::from_digit(sex).unwrap(),
        }
    }

    /// The card of the elector of a slot.
    pub fn card(&mut self, slot: Slot) -> TestCard {
        let attributes = self.attributes(slot);
        self.card_of(attributes, days(-300, 1_000))
    }

    /// A card of somebody.
    pub fn card_of(&mut self, attributes: FourAttributes, validity: Validity) -> TestCard {
        let (key, signing_key) = ((self.keys)(), (self.keys)());
        self.serials += 1;
        let holder = |key: &CaKey| Holder { spki_der: key.spki_der(), serial: self.serials, validity, municipality: Municipality::yabu() };
        let certificate = self.ca.authentication_certificate(&holder(&key)).unwrap();
        let signing_certificate = self.ca.signing_certificate(&holder(&signing_key), &attributes).unwrap();
        TestCard { key, certificate, serial: self.serials, signing_key, signing_certificate, attributes }
    }

    /// The enrolment of a card by its own keys.
    #[must_use]
    pub fn enrolment(card: &TestCard) -> Binding {
        Binding::Card(Self::enrolment_of(card, &person_hash(&card.attributes), &card.certificate))
    }

    /// An enrolment that names this person and this authentication certificate, signed by both keys of a card.
    #[must_use]
    pub fn enrolment_of(card: &TestCard, person: &Hash32, authentication: &[u8]) -> Enrolment {
        let statement = Statement::Enrol { origin: word("vote.example.jp"), nonce: word("n"), person: jpki(person), auth_key: spki(authentication) }.to_bytes();
        Enrolment {
            card: signed(&statement, &card.signing_key, &card.signing_certificate),
            authentication: Blob(authentication.to_vec()),
            possession: Blob(card.key.sign(&statement).unwrap()),
        }
    }

    /// The enrolment of a card at a counter, with the text of somebody.
    #[must_use]
    pub fn counter(&self, card: &TestCard, attributes: &FourAttributes, reason: FallbackReason) -> Binding {
        let stated = reason.name().parse::<FallbackReason>().unwrap().name();
        let reason = tachiai_jpki::FallbackReason::ALL.into_iter().find(|known| known.as_str() == stated).unwrap();
        let (person, auth_key) = (jpki(&person_hash(attributes)), spki(&card.certificate));
        let statement = Statement::EnrolCounter { origin: word("vote.example.jp"), nonce: word("n"), person, auth_key, reason }.to_bytes();
        let SignedText { attributes, digests, certificate } = self.text.sign(attributes, b"the file of the My Number").unwrap();
        let text = TextFiles { attributes: Blob(attributes), digests: Blob(digests), certificate: Blob(certificate) };
        Binding::Counter(CounterEnrolment { card: signed(&statement, &card.key, &card.certificate), text })
    }

    /// What two officials say of a binding that is made now.
    #[must_use]
    pub fn officials(play: &Play, reason: FallbackReason) -> Fallback {
        Fallback { reason, by: ["nishimura".to_owned(), "tanaka".to_owned()], at: play.now }
    }

    /// A registration of a fresh key for a slot by a card, with its evidence.
    pub fn registration(&self, play: &mut Play, slot: Slot, card: &TestCard) -> (Registration, SecretKey, Evidence) {
        let (registration, key) = play.registration(slot);
        let statement = play.registration_text(&registration, &key);
        let CardStatement { statement, signature, certificate } = signed(&statement, &card.key, &card.certificate);
        let elector = self.elector(slot);
        let evidence = Evidence { certificate, signature, statement, elector, binding: Self::enrolment(card), bound: play.now, fallback: None };
        (registration, key, evidence)
    }

    /// Seals evidence to the authority, and appends the registration, which commits to it.
    pub fn push(&mut self, play: &mut Play, mut registration: Registration, key: SecretKey, evidence: &Evidence) -> LeafIndex {
        let (commitment, sealed) = Self::sealed_for(play, &canonical::to_bytes(evidence).unwrap());
        registration.evidence = commitment.into();
        play.voters.insert(registration.slot, Voter { key, counter: 0 });
        let leaf = play.push(Body::Registration(Box::new(registration)));
        self.sealed.insert(leaf, sealed);
        leaf
    }

    /// The elector of a slot registers a key with a new card.
    pub fn register(&mut self, play: &mut Play, slot: Slot) -> LeafIndex {
        let card = self.card(slot);
        self.register_with(play, slot, &card, |_| {})
    }

    /// A card registers a key for a slot, with evidence that `change` may change.
    pub fn register_with(&mut self, play: &mut Play, slot: Slot, card: &TestCard, change: impl FnOnce(&mut Evidence)) -> LeafIndex {
        let (registration, key, mut evidence) = self.registration(play, slot, card);
        change(&mut evidence);
        self.push(play, registration, key, &evidence)
    }

    /// A hand-out of all papers of a slot with the signature of a card, and its evidence.
    pub fn handout(&self, play: &mut Play, places: &Places, (place, session): (u16, u16), slot: Slot, card: &TestCard) -> (PaperIssue, PaperEvidence) {
        let issue = places.issue(play, place, session, slot);
        let mut nonce = [0; 32];
        play.rng.fill_bytes(&mut nonce);
        let statement = Self::paper_text(play, &issue, nonce);
        let evidence = PaperEvidence {
            card: Some(signed(&statement, &card.key, &card.certificate)),
            elector: self.elector(slot),
            binding: Some(Self::enrolment(card)),
            bound: Some(play.now),
            fallback: None,
            name: None,
        };
        (issue, evidence)
    }

    /// What a card signs for a hand-out.
    #[must_use]
    pub fn paper_text(play: &Play, issue: &PaperIssue, nonce: [u8; 32]) -> Vec<u8> {
        paper_text(&PaperFields {
            origin: play.manifest.origin.clone(),
            nonce,
            election: play.manifest.election,
            opened: issue.opened.hash(),
            place: play.manifest.places[usize::from(issue.place)].id.clone(),
            session: issue.session,
            slot: issue.slot,
            slot_commitment: play.board.commitment_of(issue.slot).unwrap(),
            contests: issue.contests.clone(),
        })
    }

    /// A hand-out to an elector whom two officials identified, and its evidence.
    #[must_use]
    pub fn handout_by_name(&self, play: &Play, places: &Places, (place, session): (u16, u16), slot: Slot) -> (PaperIssue, PaperEvidence) {
        let issue = PaperIssue { identified: Identified::Name, ..places.issue(play, place, session, slot) };
        let name = Some(ByName { reason: NameReason::NoCard, by: ["nishimura".to_owned(), "tanaka".to_owned()] });
        (issue, PaperEvidence { card: None, elector: self.elector(slot), binding: None, bound: None, fallback: None, name })
    }

    /// Seals evidence to the authority, and appends the hand-out, which commits to it.
    pub fn push_handout(&mut self, play: &mut Play, places: &Places, mut issue: PaperIssue, evidence: &PaperEvidence) -> LeafIndex {
        let (commitment, sealed) = Self::sealed_for(play, &canonical::to_bytes(evidence).unwrap());
        issue.evidence = commitment.into();
        let leaf = play.push(Body::PaperIssued(Box::new(places.sign(issue))));
        self.papers.insert(leaf, sealed);
        leaf
    }

    /// An elector is added after the opening; gives the slot.
    pub fn add_elector(&mut self, play: &mut Play, elector: Opening) -> Slot {
        let slot = Slot(play.board.roll_len() + self.added.len() as u32);
        let commitment = slot_commitment(&play.manifest.election, slot, &elector.salt.0, &roll_entry(&elector).unwrap());
        let district = elector.district[1..].parse().unwrap();
        let added = Some(AddedSlot { district, commitment: commitment.into() });
        self.added.push(SlotOpening { slot, elector });
        play.push(Body::RollChanged(RollChanged { change: RollChangeKind::Added, slot, added, reason: RollChangeReason::Correction }));
        slot
    }

    /// Who is not on the roll.
    #[must_use]
    pub fn newcomer(number: u32) -> Opening {
        let (name, address) = (format!("朝来　{number}子"), format!("兵庫県養父市大屋町{number}番地"));
        Opening { salt: Bytes([9; 32]), name, birth: "1980-01-02".to_owned(), sex: "2".to_owned(), address, district: "d1".to_owned() }
    }

    fn elector(&self, slot: Slot) -> Opening {
        self.slots.iter().chain(&self.added).find(|opening| opening.slot == slot).unwrap().elector.clone()
    }

    /// The commitment to evidence, and its age file.
    fn sealed_for(play: &mut Play, evidence: &[u8]) -> (Hash32, Vec<u8>) {
        let mut salt = [0; 32];
        play.rng.fill_bytes(&mut salt);
        let sealed = canonical::to_bytes(&SealedEvidence { salt: Bytes(salt), evidence: Blob(evidence.to_vec()) }).unwrap();
        (tagged(labels::hash::EVIDENCE, &[&salt, evidence]), seal(&sealed, &play.manifest.authority_recipients).unwrap())
    }

    /// Every slot's elector registers and votes.
    pub fn vote_all(&mut self, play: &mut Play) {
        for slot in (0..self.slots.len() as u32).map(Slot) {
            self.register(play, slot);
            play.vote(slot);
        }
    }

    /// Closes and counts what was cast.
    pub fn end(&self, play: &mut Play) {
        play.close();
        play.count();
    }

    /// Writes record, evidence and roll into a folder.
    pub fn write(&self, play: &Play, folder: &Path) {
        play.write(&folder.join("record"));
        std::fs::write(folder.join("roll.csv"), self.csv()).unwrap();
        std::fs::write(folder.join("authority.txt"), self.authority.to_string().expose_secret()).unwrap();
        self.write_evidence(play, &folder.join("evidence"));
    }

    /// The official roll as a file.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut csv = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n".to_owned();
        for (number, Opening { salt: _, name, birth, sex, address, district }) in self.roll.iter().enumerate() {
            csv += &format!("{number},{name},,{birth},{sex},{address},{district}\n");
        }
        csv
    }

    fn write_evidence(&self, play: &Play, root: &Path) {
        let recipients = &play.manifest.authority_recipients;
        let mut writer = EvidenceWriter::create(root).unwrap();
        let slots: Vec<SlotOpening> = self.slots.iter().chain(&self.added).cloned().collect();
        for (number, slots) in (0..).zip(slots.chunks(SLOTS_IN_FILE as usize)) {
            writer.put(&slots_path(number), &seal(&openings(slots), recipients).unwrap()).unwrap();
        }
        let sealed: Vec<(LeafIndex, &[u8])> = self.sealed.iter().map(|(leaf, sealed)| (*leaf, sealed.as_slice())).collect();
        for (number, items) in (0..).zip(sealed.chunks(REGISTRATIONS_IN_FILE)) {
            writer.put(&registrations_path(number), &bundle(items.iter().copied()).unwrap()).unwrap();
        }
        let papers: Vec<(LeafIndex, &[u8])> = self.papers.iter().map(|(leaf, sealed)| (*leaf, sealed.as_slice())).collect();
        for (number, items) in (0..).zip(papers.chunks(PAPERS_IN_FILE)) {
            writer.put(&papers_path(number), &bundle(items.iter().copied()).unwrap()).unwrap();
        }
        let mut files: BTreeMap<HashBytes, Vec<u8>> = BTreeMap::new();
        let mut keep = |bytes: &[u8]| {
            let hash: HashBytes = Hash32::sha256(bytes).into();
            files.insert(hash, bytes.to_vec());
            hash
        };
        let mut anchors: Vec<HashBytes> = PURPOSES.map(|purpose| keep(self.ca.authority(purpose).certificate())).into();
        anchors.sort();
        let text_anchors = vec![keep(&self.text.anchor_bytes().unwrap())];
        let lists = self.lists.iter().map(|(since, crls)| ListsInForce { since: *since, crls: crls.iter().map(|crl| keep(crl)).collect() }).collect();
        let cards = CardsTrusted { anchors, text_anchors, lists };
        writer.put(CARDS_PATH, &canonical::to_bytes(&cards).unwrap()).unwrap();
        for (hash, bytes) in &files {
            writer.put(&card_path(hash), bytes).unwrap();
        }
        writer.finish(play.manifest.election, play.now).unwrap();
    }

    /// Audits what was written, as the authority does.
    ///
    /// # Errors
    /// As [`verify_eligibility`].
    pub fn audit(&self, folder: &Path) -> Result<Audited, Failure> {
        self.audit_with(folder, &Options { cards: Cards::Test, ..Options::default() })
    }

    /// The same with options.
    ///
    /// # Errors
    /// As [`verify_eligibility`].
    pub fn audit_with(&self, folder: &Path, options: &Options<'_>) -> Result<Audited, Failure> {
        let mut identities = Identities::default();
        identities.add(&std::fs::read(folder.join("authority.txt")).unwrap(), None).unwrap();
        let roll = std::fs::read(folder.join("roll.csv")).unwrap();
        verify_eligibility(&folder.join("record"), &folder.join("evidence"), &roll, &identities, options)
    }
}

const PURPOSES: [Purpose; 2] = [Purpose::UserAuthentication, Purpose::DigitalSignature];

/// A card's signature of a statement.
#[must_use]
pub fn signed(statement: &[u8], key: &CaKey, certificate: &[u8]) -> CardStatement {
    CardStatement { statement: Blob(statement.to_vec()), signature: Blob(key.sign(statement).unwrap()), certificate: Blob(certificate.to_vec()) }
}

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn jpki(hash: &Hash32) -> tachiai_jpki::Hash32 {
    tachiai_jpki::Hash32::from_bytes(*hash.as_bytes())
}

fn spki(certificate: &[u8]) -> tachiai_jpki::Hash32 {
    tachiai_jpki::UnverifiedCertificate::from_der(certificate).unwrap().spki_sha256
}
