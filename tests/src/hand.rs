//! A voter by hand: makes every request of a voter's program, and lets a story change each part before it is sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use tachiai::card::{Card, Key, LastTry, Password, Pin};
use tachiai_crypto::election::ballot::{Ballot, Statement as BallotStatement, Verified, cast};
use tachiai_crypto::election::challenge::sign_challenge;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text, sign_registration};
use tachiai_crypto::signature::SecretKey;
use tachiai_jpki::{Statement, UnixTime, UnverifiedCertificate, Word};
use tachiai_schemas::election::Challenged;
use tachiai_schemas::identity::{CardStatement, Enrolment, Nonce, Session};
use tachiai_schemas::receipt::{CastRequest, CurrentRegistration, Receipt, RegistrationRequest, SlotView};
use tachiai_schemas::{Blob, Bytes, Counter, LeafIndex, Slot};

use crate::appliance::HOST;
use crate::card::{Content, Slot as Reader, SoftwareCard};
use crate::copy::BoardCopy;
use crate::story::now;
use crate::wire::{Reply, Wire};

/// The voter.
pub struct Hand {
    /// The card.
    pub card: Card<Reader>,
    /// Its authentication certificate.
    pub certificate: Vec<u8>,
    /// The token of the session, after [`Hand::log_in`].
    pub token: Option<String>,
}

/// A registered voting key.
pub struct Registered {
    /// The slot.
    pub slot: Slot,
    /// The key.
    pub key: SecretKey,
    /// The leaf of the registration.
    pub leaf: LeafIndex,
    /// The receipt.
    pub receipt: Receipt,
    /// What was sent.
    pub request: RegistrationRequest,
}

impl Hand {
    /// A voter with this card.
    pub fn with(content: Content) -> Hand {
        let mut card = Card::open(Reader::new("reader", SoftwareCard::new(content))).unwrap();
        let certificate = card.authentication_certificate().unwrap().to_vec();
        Hand { card, certificate, token: None }
    }

    /// A fresh nonce.
    pub fn nonce(wire: &Wire) -> Bytes<32> {
        wire.post("/api/v1/nonces", None, &serde_json::json!({})).json::<Nonce>().nonce
    }

    /// Signs a statement with the authentication key.
    pub fn sign(&mut self, statement: Vec<u8>) -> CardStatement {
        self.card.verify_pin(&Pin::new(&"1234".into()).unwrap(), LastTry::Keep).unwrap();
        let signature = self.card.sign(Key::Authentication, &statement).unwrap();
        CardStatement { statement: Blob(statement), signature: Blob(signature), certificate: Blob(self.certificate.clone()) }
    }

    /// The text of a login.
    pub fn login_text(origin: &str, nonce: Bytes<32>) -> Vec<u8> {
        let issued = UnixTime::from_secs(now().unix().cast_unsigned());
        Statement::Login { origin: word(origin), nonce: word(&nonce.to_string()), issued }.to_bytes()
    }

    /// A login that is as it should be.
    pub fn login(&mut self, wire: &Wire) -> CardStatement {
        self.sign(Hand::login_text(HOST, Hand::nonce(wire)))
    }

    /// Logs in.
    pub fn log_in(&mut self, wire: &Wire) -> Reply {
        let login = self.login(wire);
        let reply = wire.post("/api/v1/sessions", None, &login);
        if reply.status < 300 {
            self.token = Some(reply.json::<Session>().token.to_string());
        }
        reply
    }

    /// An enrolment that is as it should be.
    pub fn enrolment(&mut self, wire: &Wire) -> Enrolment {
        let nonce = Hand::nonce(wire);
        self.card.verify_password(&Password::new(&"YABU2026".into()).unwrap(), LastTry::Keep).unwrap();
        let certificate = self.card.signing_certificate().unwrap().to_vec();
        let person = tachiai::voter::person_of(&certificate).unwrap().hash();
        let auth_key = UnverifiedCertificate::from_der(&self.certificate).unwrap().spki_sha256;
        let person = tachiai_jpki::Hash32::from_hex(person.to_string().as_bytes()).unwrap();
        let statement = Statement::Enrol { origin: word(HOST), nonce: word(&nonce.to_string()), person, auth_key }.to_bytes();
        let signature = self.card.sign(Key::Signing, &statement).unwrap();
        let possession = self.sign(statement.clone()).signature;
        let card = CardStatement { statement: Blob(statement), signature: Blob(signature), certificate: Blob(certificate) };
        Enrolment { card, authentication: Blob(self.certificate.clone()), possession }
    }

    /// An enrolment of this card's person with the authentication certificate of another card, which can be read without a
    /// PIN: the statement names its key, and this card signs what it can.
    pub fn enrolment_of_another_card(&mut self, wire: &Wire, other: &[u8]) -> Enrolment {
        let own = std::mem::replace(&mut self.certificate, other.to_vec());
        let enrolment = self.enrolment(wire);
        self.certificate = own;
        enrolment
    }

    /// Enrols.
    pub fn enrol(&mut self, wire: &Wire) -> Reply {
        let enrolment = self.enrolment(wire);
        wire.post("/api/v1/enrolments", None, &enrolment)
    }

    /// Enrols and logs in.
    pub fn arrive(content: Content, wire: &Wire) -> Hand {
        let mut hand = Hand::with(content);
        hand.enrol(wire).json::<serde_json::Value>();
        hand.log_in(wire).json::<serde_json::Value>();
        hand
    }

    /// The token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The slot as the server tells it.
    pub fn slot(&self, wire: &Wire, copy: &BoardCopy) -> SlotView {
        wire.get(&format!("/api/v1/elections/{}/slot", copy.election), self.token()).json()
    }

    /// What a registration of a key must say now.
    pub fn fields(&self, wire: &Wire, copy: &BoardCopy, key: &SecretKey) -> RegistrationFields {
        let view = self.slot(wire, copy);
        let (seq, previous) = match view.registration {
            Some(CurrentRegistration { leaf_hash, seq, .. }) => (seq + 1, Some(leaf_hash.hash())),
            None => (0, None),
        };
        RegistrationFields {
            origin: copy.board.manifest().unwrap().origin.clone(),
            nonce: Hand::nonce(wire).0,
            election: copy.election,
            manifest: copy.board.manifest_hash().unwrap(),
            opened: copy.board.opened().unwrap().leaf_hash(),
            slot: view.slot,
            slot_commitment: view.commitment.hash(),
            voting_key: key.public(),
            seq,
            previous,
            checkpoint_size: copy.tree.len(),
            checkpoint_root: copy.tree.root(),
        }
    }

    /// The request that these fields make, signed by the card and the key.
    pub fn registration(&mut self, fields: &RegistrationFields, key: &SecretKey) -> RegistrationRequest {
        let text = registration_text(fields);
        let possession = Bytes(sign_registration(&text, key, &mut rand_core::OsRng).to_bytes());
        RegistrationRequest { card: self.sign(text), possession }
    }

    /// Registers a fresh key, and follows the board up to it.
    pub fn register(&mut self, wire: &Wire, client: &tachiai::client::Client, copy: &mut BoardCopy) -> Registered {
        let key = SecretKey::generate(&mut rand_core::OsRng);
        let fields = self.fields(wire, copy, &key);
        let request = self.registration(&fields, &key);
        let receipt: Receipt = wire.post(&format!("/api/v1/elections/{}/registrations", copy.election), self.token(), &request).json();
        copy.follow(client);
        Registered { slot: fields.slot, key, leaf: receipt.leaf, receipt, request }
    }
}

impl Registered {
    /// A ballot of this key, under the slot's current registration.
    pub fn ballot(&self, copy: &BoardCopy, counter: u32, option: usize) -> Ballot<Verified> {
        let statement = copy.board.statement_for(self.slot).unwrap();
        self.ballot_of(&statement, self.slot, self.leaf, counter, option)
    }

    /// A ballot of this key for any statement, slot and registration.
    pub fn ballot_of(&self, statement: &BallotStatement, slot: Slot, leaf: LeafIndex, counter: u32, option: usize) -> Ballot<Verified> {
        let chosen: Vec<Vec<usize>> = statement.style.shapes().map(|_| vec![option]).collect();
        cast(&chosen, statement, slot, leaf, Counter(counter), &self.key, &mut rand_core::OsRng).unwrap().0
    }

    /// A challenge of a ballot.
    pub fn challenge(&self, copy: &BoardCopy, receipt: &Receipt) -> Challenged {
        let ballot = receipt.ballot.unwrap();
        let signature = sign_challenge(copy.board.context().unwrap(), self.slot, ballot.hash(), receipt.leaf, &self.key, &mut rand_core::OsRng);
        Challenged { slot: self.slot, ballot, leaf: receipt.leaf, signature: Bytes(signature.to_bytes()) }
    }
}

/// The request with these bytes as ballot.
pub fn cast_request(ballot: &[u8]) -> CastRequest {
    CastRequest { ballot: Blob(ballot.to_vec()) }
}

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}
