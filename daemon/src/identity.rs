//! Identity: who a card's holder is. A resident is a [`CitizenId`]; enrolment binds the keys of cards to it, login opens
//! a session for whoever proves to hold such a key.
//!
//! | file | is |
//! |---|---|
//! | [`state`] | the fold of the appliance journal's entries of this room |
//! | [`decide`] | what an enrolment leads to |
//! | [`counter`] | enrolment at a counter: the card's text and two officials |
//! | [`citizens`] | citizen IDs at a counter: issue, loss, pseudonyms |
//! | [`case`] | what two officials decide on about IDs |
//! | [`links`] | two IDs of one person |
//! | [`erase`] | erasing a citizen |
//! | [`views`] | the records in the store |
//! | [`page`] | what a browser shows on the card port |
//! | [`routes`] | `/nonces`, `/enrolments`, `/enrolments/counter`, `/sessions`, `/citizens` |
//!
//! An entry of the journal names no one: cards and persons stand in it as keyed hashes, everything else is sealed under
//! the citizen's key. So the state can be rebuilt without opening anything, and after a citizen's key is destroyed too.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rand_core::{OsRng, RngCore};
use ring::hmac;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::Hash32;
use tachiai_jpki::statement::StatementPurpose;
use tachiai_jpki::{FourAttributes, HolderCertificate, Purpose, Statement, verify_signature};
use tachiai_schemas::identity::{CardStatement, CounterPerson, Enrolled, Enrolment, Session};
use tachiai_schemas::{Blob, CitizenId, HashBytes, Refusal, Timestamp};
use tachiai_verify::eligibility::person_hash;
use zeroize::Zeroizing;

use crate::bindings::{Binding, Bindings};
use crate::cards::CardVerifier;
use crate::clock::Clock;
use crate::http::{Holder, PeerCertificate, Sessions};
use crate::looks::Looks;
use crate::nonces::Nonces;
use crate::refused::{Answering, Refused};
use crate::vault::{Aad, Key, Vault, VaultError};

pub mod case;
pub mod citizens;
pub mod counter;
pub mod decide;
pub mod erase;
pub mod links;
pub mod page;
pub mod routes;
pub mod state;
pub mod views;

pub use decide::{Enrol, Issue, Keep, NoCode, NotBound, Proof, Replace};
pub use state::{Event, Index, State};

/// How often an enrolment is tried again when another one of the same person came in between.
const TRIES: usize = 3;

/// By how many seconds the clock of a voter's device may differ from the appliance's.
pub const CLOCKS: u64 = 15 * 60;

/// The name of the secret that keyed hashes of cards and persons are made with.
const INDEX_KEY: &str = "identity-index";

/// The journal, as this room needs it.
pub trait Register: Send + Sync {
    /// Decides on an enrolment and records it. Durable once it is ready.
    fn enrol(&self, enrol: Enrol) -> Answering<'_, Result<CitizenId, NotBound>>;

    /// Records what was read at a counter. Durable once it is ready.
    fn keep(&self, keep: Keep) -> Answering<'_, ()>;

    /// Decides on an ID for somebody without a card and records it. Durable once it is ready.
    fn issue(&self, issue: Issue) -> Answering<'_, CitizenId>;

    /// Decides on another code in the place of a lost one and records it. Durable once it is ready.
    fn replace(&self, replace: Replace) -> Answering<'_, Result<CitizenId, NoCode>>;

    /// Records an entry about IDs, if it may follow everything before it ([`decide::may_settle`]). Durable once it is ready.
    fn settle(&self, at: Timestamp, event: Event) -> Answering<'_, ()>;

    /// Records who looked at what is known of a citizen. Durable once it is ready.
    fn looked(&self, at: Timestamp, citizen: CitizenId, by: String) -> Answering<'_, ()>;

    /// The entry with this number, as its room wrote it.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    fn event(&self, seq: u64) -> Result<Event, Refused>;
}

/// What is sealed in the first entry about a citizen: the four attributes on the day of enrolment.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registered {
    name: String,
    birth_date: String,
    sex: String,
    address: String,
}

/// What is sealed in the entry that binds a card: who it is, and the evidence for it, an [`Enrolment`] or a
/// [`CounterEnrolment`].
///
/// [`CounterEnrolment`]: tachiai_schemas::identity::CounterEnrolment
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound<Evidence> {
    person: HashBytes,
    card_key: HashBytes,
    attributes: Registered,
    evidence: Evidence,
}

/// A card and the person to whom it is to be bound, as far as they are verified.
struct Card<'a, Evidence> {
    attributes: &'a FourAttributes,
    person: Hash32,
    card_key: Hash32,
    evidence: &'a Evidence,
    proof: Proof,
    /// At a counter: the citizen under whose key the person was sealed, and what both officials were shown.
    shown: Option<(CitizenId, &'a CounterPerson)>,
}

/// What may have changed of a person whose card is known: it keeps its authentication certificate through all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MayChange {
    /// Whoever moved needs nobody. Whoever changed the name goes to the counter.
    Address,
    /// Two officials see the old name and the new one.
    NameAndAddress,
}

impl From<&Proof> for MayChange {
    fn from(proof: &Proof) -> Self {
        match proof {
            Proof::SigningKey => Self::Address,
            Proof::Counter { .. } => Self::NameAndAddress,
        }
    }
}

/// The room.
pub struct Identity {
    /// The name in card statements.
    pub origin: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The verdict on cards.
    pub cards: Arc<CardVerifier>,
    /// Nonces.
    pub nonces: Arc<Nonces>,
    /// Sessions.
    pub sessions: Arc<Sessions>,
    /// Keys of citizens.
    pub vault: Arc<Vault>,
    /// What is known, as far as it is durable.
    pub state: Arc<RwLock<State>>,
    /// The journal.
    pub register: Arc<dyn Register>,
    /// Where people are told who looked at them.
    pub looks: Arc<dyn Looks>,
    /// The key of the keyed hashes.
    pub indexer: Indexer,
    /// Keys of pseudonyms are made one after the other.
    pub pseudonyms: std::sync::Mutex<()>,
    /// Who was shown which case since the start: whoever looks again at what waits is recorded once.
    pub cases_seen: std::sync::Mutex<BTreeSet<(String, HashBytes)>>,
}

/// Makes the keyed hashes by which cards and persons are found.
pub struct Indexer(hmac::Key);

impl Indexer {
    /// The indexer of this appliance; its key is made on first use.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn open(vault: &Vault) -> Result<Self, VaultError> {
        let key = match vault.get_secret(INDEX_KEY)? {
            Some(key) => key,
            None => {
                let new = Key::random(&mut OsRng);
                vault.put_secret(INDEX_KEY, new.expose(), &mut OsRng)?;
                Zeroizing::new(new.expose().to_vec())
            }
        };
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// Where a card's authentication key is found.
    #[must_use]
    pub fn card(&self, card_key: &Hash32) -> Index {
        self.index(b"card", card_key)
    }

    /// Where a person is found.
    #[must_use]
    pub fn person(&self, person: &Hash32) -> Index {
        self.index(b"person", person)
    }

    fn index(&self, kind: &[u8], hash: &Hash32) -> Index {
        let tag = hmac::sign(&self.0, &[kind, b"/", hash.as_bytes()].concat());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Index(HashBytes::from(Hash32::from_bytes(bytes)))
    }
}

impl Identity {
    /// Binds a card to a person (PROTOCOL-independent; DESIGN §4): both certificates are good, the signing key signed
    /// this person and this authentication key for this appliance, once, and so did the authentication key itself: its
    /// certificate can be read without a PIN, by anybody who gets the card into a reader.
    ///
    /// # Errors
    /// What [`CardVerifier::accept`] refuses; [`Refusal::CardSignature`] if the statement names another person or key;
    /// [`Refusal::CardTaken`].
    pub async fn enrol(&self, enrolment: Enrolment) -> Result<Enrolled, Refused> {
        let at = self.clock.now();
        let (signer, statement) = self.cards.accept(&enrolment.card, StatementPurpose::Enrol, &self.origin, &self.nonces, at)?;
        let authentication = self.cards.certificate(&enrolment.authentication.0, Purpose::UserAuthentication, at)?;
        let Statement::Enrol { origin: _, nonce: _, person, auth_key } = statement else {
            return Err(Refusal::WrongOrigin.into());
        };
        let attributes = signer.attributes().ok_or_else(|| Refused::from(Refusal::CardCertificate))?;
        let named = Hash32::from_bytes(*person.as_bytes());
        let person = person_hash(attributes);
        if named != person {
            return Err(Refused::about(Refusal::CardSignature, "the statement names another person than the certificate"));
        }
        if auth_key != authentication.spki_sha256() {
            return Err(Refused::about(Refusal::CardSignature, "the statement names another authentication key"));
        }
        verify_signature(&authentication, &enrolment.card.statement.0, &enrolment.possession.0)
            .map_err(|_| Refused::about(Refusal::CardSignature, "the authentication key did not sign the statement"))?;
        let card_key = Hash32::from_bytes(*auth_key.as_bytes());
        self.bind(&Card { attributes, person, card_key, evidence: &enrolment, proof: Proof::SigningKey, shown: None }, at).await
    }

    async fn bind<Evidence: Serialize + Sync>(&self, binding: &Card<'_, Evidence>, at: Timestamp) -> Result<Enrolled, Refused> {
        for _ in 0..TRIES {
            let enrol = self.prepare(binding, at)?;
            match self.register.enrol(enrol).await? {
                Ok(citizen) => {
                    // A session says who the holder was when it began.
                    self.sessions.end_of_card(&binding.card_key);
                    return Ok(Enrolled { citizen });
                }
                Err(NotBound::Taken) => return Err(Refusal::CardTaken.into()),
                Err(NotBound::Already) => return Err(Refusal::AlreadyEnrolled.into()),
                Err(NotBound::Stale) => {}
            }
        }
        Err(Refusal::Busy.into())
    }

    /// Begins a session for the holder of an enrolled card.
    ///
    /// # Errors
    /// What [`CardVerifier::accept`] refuses; [`Refusal::BadRequest`] if the statement's time is more than [`CLOCKS`] off;
    /// [`Refusal::NotEnrolled`], [`Refusal::Busy`].
    pub fn login(&self, card: &CardStatement) -> Result<Session, Refused> {
        let now = self.clock.now();
        let (holder, statement) = self.cards.accept(card, StatementPurpose::Login, &self.origin, &self.nonces, now)?;
        let Statement::Login { origin: _, nonce: _, issued } = statement else {
            return Err(Refusal::WrongOrigin.into());
        };
        if issued.as_secs().abs_diff(now.unix().unsigned_abs()) > CLOCKS {
            return Err(Refused::about(Refusal::BadRequest, format!("the statement was issued at {issued}, and it is {now}: set the clock")));
        }
        self.begin_session(&holder)
    }

    /// Whether the holder of the certificate that was shown in a TLS handshake, and whose key signed that handshake, could begin
    /// a session.
    ///
    /// # Errors
    /// [`Refusal::CardCertificate`], [`Refusal::CrlStale`], [`Refusal::NotEnrolled`].
    pub fn recognise(&self, shown: &PeerCertificate) -> Result<HolderCertificate, Refused> {
        let certificate = self.cards.certificate(&shown.0, Purpose::UserAuthentication, self.clock.now())?;
        let card = self.indexer.card(&Hash32::from_bytes(*certificate.spki_sha256().as_bytes()));
        if self.read(|state| state.holder(&card)).is_some() { Ok(certificate) } else { Err(Refusal::NotEnrolled.into()) }
    }

    /// Begins a session for them. It shows that the card was there and its PIN known when the connection was made; what the
    /// holder saw, it does not show: registering a voting key takes the card's signature over the registration's own text.
    ///
    /// # Errors
    /// As [`Self::recognise`]; [`Refusal::Busy`].
    pub fn login_shown(&self, shown: &PeerCertificate) -> Result<Session, Refused> {
        self.begin_session(&self.recognise(shown)?)
    }

    /// Begins a session for the holder of this certificate, who has just signed something with its key.
    fn begin_session(&self, certificate: &HolderCertificate) -> Result<Session, Refused> {
        let card_key = Hash32::from_bytes(*certificate.spki_sha256().as_bytes());
        let card = self.indexer.card(&card_key);
        let (citizen, latest) = self.read(|state| state.holder(&card)).ok_or_else(|| Refused::from(Refusal::NotEnrolled))?;
        let person = self.bound::<IgnoredAny>(latest)?.person.hash();
        self.sessions.begin(Holder { citizen, person, card_key }, &mut OsRng)
    }

    fn prepare<Evidence: Serialize>(&self, binding: &Card<'_, Evidence>, at: Timestamp) -> Result<Enrol, Refused> {
        let Card { attributes, person, card_key, evidence, proof, shown } = binding;
        let (card, person_index) = (self.indexer.card(card_key), self.indexer.person(person));
        let (by_card, by_person) = self.read(|state| (state.whose_card(&card).zip(state.holder(&card)), state.whose_person(&person_index)));
        let moved = match (by_card, by_person) {
            (Some((citizen, (_, latest))), None) => self.same_person(latest, attributes, proof.into())?.then_some(citizen),
            _ => None,
        };
        let latest = match shown {
            Some((_, shown)) => self.still(shown, by_person.or(moved), &card, attributes)?,
            None => None,
        };
        // Somebody new is the citizen for whom the request is sealed, so that nothing is left behind under another key.
        let citizen = by_person.or(moved).or(shown.map(|(citizen, _)| citizen)).unwrap_or_else(random_citizen);
        self.vault.create_citizen(citizen, &mut OsRng).map_err(|error| Refused::fault("making a citizen's key", error))?;
        let attributes = || Registered {
            name: attributes.name.clone(),
            birth_date: attributes.birth_date.digits().to_owned(),
            sex: attributes.sex.digit().to_owned(),
            address: attributes.address.clone(),
        };
        let registered = self.seal(citizen, &registered_aad(citizen), &attributes())?;
        let bound = Bound { person: (*person).into(), card_key: (*card_key).into(), attributes: attributes(), evidence };
        let bound = self.seal(citizen, &bound_aad(citizen, &card), &bound)?;
        Ok(Enrol { at, citizen, card, person: person_index, moved, latest, registered, bound, proof: proof.clone() })
    }

    /// Whether these are the attributes of a citizen of whom nothing changed that may have.
    fn same_person(&self, latest: u64, attributes: &FourAttributes, may: MayChange) -> Result<bool, Refused> {
        let Registered { name, birth_date, sex, address: _ } = self.bound::<IgnoredAny>(latest)?.attributes;
        let named = match may {
            MayChange::Address => name == attributes.name,
            MayChange::NameAndAddress => true,
        };
        // A card's text has no era, and so none may be there where the date is not one of the calendar.
        let date = |digits: &str| digits.get(1..).map(str::to_owned);
        Ok(named && date(&birth_date) == date(attributes.birth_date.digits()) && sex == attributes.sex.digit())
    }

    fn bound<Evidence: DeserializeOwned>(&self, seq: u64) -> Result<Bound<Evidence>, Refused> {
        let (citizen, card, sealed) = match self.register.event(seq)? {
            Event::CardBound { citizen, card, person: _, sealed } => (citizen, card, sealed),
            Event::CardBoundAtCounter { citizen, card, person: _, reason: _, by: _, commitment: _, sealed } => (citizen, card, sealed),
            Event::CitizenRegistered { .. }
            | Event::CounterRead { .. }
            | Event::CitizenIssued { .. }
            | Event::CodeReplaced { .. }
            | Event::CitizenLookedAt { .. }
            | Event::CitizenCaseAsked { .. }
            | Event::CitizensLinked { .. }
            | Event::CitizenErasing { .. }
            | Event::CitizenErased { .. } => {
                return Err(Refused::fault("reading how a card was bound", format!("entry {seq} binds no card")));
            }
        };
        self.open(citizen, &bound_aad(citizen, &card), &sealed)
    }

    fn open<T: DeserializeOwned>(&self, citizen: CitizenId, aad: &Aad, sealed: &Blob) -> Result<T, Refused> {
        let fault = |error: &dyn std::fmt::Display| Refused::fault("opening what is sealed for a citizen", error);
        let payload = self.vault.open_for(citizen, aad, &sealed.0).map_err(|error| fault(&error))?;
        // A parser's message may quote what was sealed.
        serde_json::from_slice(&payload).map_err(|error| fault(&format!("{:?} at line {} column {}", error.classify(), error.line(), error.column())))
    }

    fn seal(&self, citizen: CitizenId, aad: &Aad, payload: &impl Serialize) -> Result<Blob, Refused> {
        let fault = |error: &dyn std::fmt::Display| Refused::fault("sealing for a citizen", error);
        let payload = Zeroizing::new(serde_json::to_vec(payload).map_err(|error| fault(&error))?);
        self.vault.seal_for(citizen, aad, &payload, &mut OsRng).map(Blob).map_err(|error| fault(&error))
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Bindings for Identity {
    fn binding(&self, card_key: &Hash32, person: &Hash32) -> Result<Binding, Refused> {
        let card = self.indexer.card(card_key);
        let (found, fallback) = self.read(|state| (state.binding(&card), state.fallback(&card)));
        let (seq, bound) = found.ok_or_else(|| Refused::from(Refusal::NotEnrolled))?;
        let Bound { person: named, card_key: _, attributes: _, evidence } = self.bound(seq)?;
        if named.hash() != *person {
            // The session says who the holder is by whichever card was bound last, and the evidence must show it of this one.
            return Err(Refused::about(Refusal::NotEnrolled, "the holder's entry has changed since this card was bound: enrol it again"));
        }
        Ok(Binding { evidence, bound, fallback: fallback.as_deref().cloned() })
    }

    fn holder(&self, card_key: &Hash32) -> Result<Hash32, Refused> {
        let card = self.indexer.card(card_key);
        let (_, latest) = self.read(|state| state.holder(&card)).ok_or_else(|| Refused::from(Refusal::NotEnrolled))?;
        Ok(self.bound::<IgnoredAny>(latest)?.person.hash())
    }
}

fn random_citizen() -> CitizenId {
    let mut id = [0; 16];
    OsRng.fill_bytes(&mut id);
    CitizenId(id)
}

fn registered_aad(citizen: CitizenId) -> Aad {
    Aad::new(&["appliance", "citizen-registered", &citizen.to_string()])
}

fn bound_aad(citizen: CitizenId, card: &Index) -> Aad {
    Aad::new(&["appliance", "card-bound", &format!("{citizen}/{card}")])
}
