//! Enrolment and login with software cards of the test CA.

use hyper::Method;
use tachiai_crypto::election::roll::Person;
use tachiai_jpki::testing::{CaKey, Holder, Municipality};
use tachiai_jpki::{BirthDate, FourAttributes, Hash32, Purpose, Sex, Statement, Substitutes, UnixTime, Validity, Word};
use tachiai_schemas::identity::{CardStatement, Enrolled, Enrolment, Nonce, Session};
use tachiai_schemas::{Blob, CitizenId};

use crate::appliance::{Appliance, Client, HOST};

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/jpki/keys");

pub struct Card {
    pub authentication: Vec<u8>,
    pub signing: Vec<u8>,
    pub key: CaKey,
    pub attributes: FourAttributes,
    pub person: Person,
}

/// A card with a key of the source tree for both purposes.
pub fn card(appliance: &Appliance, key: &str, serial: u64, name: &str, address: &str) -> Card {
    let key = CaKey::from_pkcs8(&std::fs::read(format!("{KEYS}/{key}.pkcs8.der")).unwrap()).unwrap();
    let now = unix(appliance);
    let validity = Validity { not_before: UnixTime::from_secs(now - 3600), not_after: UnixTime::from_secs(now + 86_400) };
    let holder = Holder { spki_der: key.spki_der(), serial, validity, municipality: Municipality::yabu() };
    let attributes = FourAttributes {
        name: name.to_owned(),
        name_substitutes: Substitutes::none_in(name),
        address: address.to_owned(),
        address_substitutes: Substitutes::none_in(address),
        birth_date: BirthDate::from_iso("1980-02-17").unwrap(),
        sex: Sex::Female,
    };
    Card {
        authentication: appliance.cards.authentication_certificate(&holder).unwrap(),
        signing: appliance.cards.signing_certificate(&holder, &attributes).unwrap(),
        attributes,
        key,
        person: Person {
            name: name.to_owned(),
            birth: "1980-02-17".parse().unwrap(),
            sex: tachiai_crypto::election::roll::Sex::Female,
            address: address.to_owned(),
        },
    }
}

pub fn unix(appliance: &Appliance) -> u64 {
    use tachiaid::clock::Clock;
    u64::try_from(appliance.clock.now().unix()).unwrap()
}

pub fn hanako(appliance: &Appliance) -> Card {
    card(appliance, "holder", 1001, "養父　花子", "兵庫県養父市八鹿町八鹿１")
}

pub async fn nonce(client: &mut Client) -> Word {
    let nonce: Nonce = client.post("/api/v1/nonces", &serde_json::json!({})).await.json();
    Word::new(nonce.nonce.to_string()).unwrap()
}

pub fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

impl Card {
    pub fn auth_key(&self) -> Hash32 {
        Hash32::of(&self.key.spki_der())
    }

    pub fn person_hash(&self) -> Hash32 {
        Hash32::from_bytes(self.person.hash().to_bytes())
    }

    pub fn sign(&self, statement: &Statement, purpose: Purpose) -> CardStatement {
        let bytes = statement.to_bytes();
        let certificate = match purpose {
            Purpose::UserAuthentication => &self.authentication,
            Purpose::DigitalSignature => &self.signing,
        };
        CardStatement { signature: Blob(self.key.sign(&bytes).unwrap()), statement: Blob(bytes), certificate: Blob(certificate.clone()) }
    }

    async fn enrolment(&self, client: &mut Client) -> Enrolment {
        let statement = Statement::Enrol { origin: word(HOST), nonce: nonce(client).await, person: self.person_hash(), auth_key: self.auth_key() };
        self.sealed(&statement)
    }

    /// An enrolment with this statement, signed by both keys.
    fn sealed(&self, statement: &Statement) -> Enrolment {
        Enrolment {
            card: self.sign(statement, Purpose::DigitalSignature),
            authentication: Blob(self.authentication.clone()),
            possession: self.sign(statement, Purpose::UserAuthentication).signature,
        }
    }

    pub async fn enrol(&self, client: &mut Client) -> Result<CitizenId, String> {
        let enrolment = self.enrolment(client).await;
        let answered = client.post("/api/v1/enrolments", &enrolment).await;
        if answered.status == 201 { Ok(answered.json::<Enrolled>().citizen) } else { Err(answered.problem()) }
    }

    pub async fn login(&self, client: &mut Client, appliance: &Appliance) -> Result<Session, String> {
        let statement = Statement::Login { origin: word(HOST), nonce: nonce(client).await, issued: UnixTime::from_secs(unix(appliance)) };
        let answered = client.post("/api/v1/sessions", &self.sign(&statement, Purpose::UserAuthentication)).await;
        if answered.status == 201 { Ok(answered.json()) } else { Err(answered.problem()) }
    }
}

/// Whether a session is good for a route that needs one: without an election the answer is another one than `login-required`.
pub async fn is_logged_in(client: &mut Client, session: &Session) -> bool {
    let token = format!("Bearer {}", session.token);
    let path = "/api/v1/elections/aaaaaaaaaaaaaaaaaaaaaaaaaa/slot";
    client.send(Method::GET, path, &[("authorization", &token)], "").await.unwrap().problem() != "login-required"
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolled_card_logs_in_and_the_same_person_stays_the_same_citizen() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let card = hanako(&appliance);
    assert_eq!(card.login(&mut client, &appliance).await.unwrap_err(), "not-enrolled");
    let citizen = card.enrol(&mut client).await.unwrap();
    assert_eq!(card.enrol(&mut client).await.unwrap(), citizen);
    let session = card.login(&mut client, &appliance).await.unwrap();
    assert_eq!(session.citizen, citizen);
    assert!(is_logged_in(&mut client, &session).await);

    let renewed = self::card(&appliance, "other-holder", 1002, "養父　花子", "兵庫県養父市八鹿町八鹿１");
    assert_eq!(renewed.enrol(&mut client).await.unwrap(), citizen);
    assert_eq!(renewed.login(&mut client, &appliance).await.unwrap().citizen, citizen);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_moved_stays_the_same_citizen_and_somebody_else_does_not_get_the_card() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let citizen = hanako(&appliance).enrol(&mut client).await.unwrap();
    let session = hanako(&appliance).login(&mut client, &appliance).await.unwrap();
    let moved = card(&appliance, "holder", 1003, "養父　花子", "兵庫県養父市大屋町２");
    assert_eq!(moved.enrol(&mut client).await.unwrap(), citizen);
    // The session of before has ended with the old person.
    assert!(!is_logged_in(&mut client, &session).await);
    let other = card(&appliance, "holder", 1004, "朝来　太郎", "兵庫県養父市大屋町２");
    assert_eq!(other.enrol(&mut client).await.unwrap_err(), "card-taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_enrolments_are_refused() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let (card, other) = (hanako(&appliance), card(&appliance, "other-holder", 2001, "朝来　太郎", "兵庫県養父市大屋町２"));
    let good = card.enrolment(&mut client).await;

    let named = |person, auth_key, nonce| Statement::Enrol { origin: word(HOST), nonce, person, auth_key };
    let sealed = |statement: &Statement, card: &Card| card.sealed(statement);

    let another_person = sealed(&named(other.person_hash(), card.auth_key(), nonce(&mut client).await), &card);
    let another_key = sealed(&named(card.person_hash(), other.auth_key(), nonce(&mut client).await), &card);
    let another_origin = sealed(
        &Statement::Enrol { origin: word("evil.example"), nonce: nonce(&mut client).await, person: card.person_hash(), auth_key: card.auth_key() },
        &card,
    );
    let invented_nonce = sealed(&named(card.person_hash(), card.auth_key(), word(&"A".repeat(43))), &card);
    let fresh = named(card.person_hash(), card.auth_key(), nonce(&mut client).await);
    let signed_by_other = Enrolment {
        card: CardStatement { signature: other.sign(&fresh, Purpose::DigitalSignature).signature, ..card.sign(&fresh, Purpose::DigitalSignature) },
        ..good.clone()
    };
    let fresh = named(card.person_hash(), card.auth_key(), nonce(&mut client).await);
    let authentication_certificate = Enrolment { card: card.sign(&fresh, Purpose::UserAuthentication), ..sealed(&fresh, &card) };
    let login = Statement::Login { origin: word(HOST), nonce: nonce(&mut client).await, issued: UnixTime::from_secs(unix(&appliance)) };
    let another_purpose = sealed(&login, &card);
    let fresh = named(card.person_hash(), card.auth_key(), nonce(&mut client).await);
    let mut altered = sealed(&fresh, &card);
    let last = altered.card.certificate.0.len() - 1;
    altered.card.certificate.0[last] ^= 1;
    let fresh = named(card.person_hash(), card.auth_key(), nonce(&mut client).await);
    let no_authentication = Enrolment { authentication: Blob(card.signing.clone()), ..sealed(&fresh, &card) };
    // The other's authentication certificate, read without a PIN: the hash is right, and the other's key signed nothing.
    let named_other = named(card.person_hash(), other.auth_key(), nonce(&mut client).await);
    let of_another_card = Enrolment { authentication: Blob(other.authentication.clone()), ..sealed(&named_other, &card) };
    let fresh = named(card.person_hash(), card.auth_key(), nonce(&mut client).await);
    let stale_possession = Enrolment { possession: good.possession.clone(), ..sealed(&fresh, &card) };

    for (enrolment, code) in [
        (another_person, "card-signature"),
        (another_key, "card-signature"),
        (another_origin, "wrong-origin"),
        (invented_nonce, "nonce-spent"),
        (signed_by_other, "card-signature"),
        (authentication_certificate, "card-certificate"),
        (another_purpose, "wrong-origin"),
        (altered, "card-certificate"),
        (no_authentication, "card-certificate"),
        (of_another_card, "card-signature"),
        (stale_possession, "card-signature"),
    ] {
        assert_eq!(client.post("/api/v1/enrolments", &enrolment).await.problem(), code);
    }
    assert_eq!(card.login(&mut client, &appliance).await.unwrap_err(), "not-enrolled");
    assert_eq!(client.post("/api/v1/enrolments", &good).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_good_once_and_for_five_minutes() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let card = hanako(&appliance);
    let enrolment = card.enrolment(&mut client).await;
    assert_eq!(client.post("/api/v1/enrolments", &enrolment).await.status, 201);
    assert_eq!(client.post("/api/v1/enrolments", &enrolment).await.problem(), "nonce-spent");
    let late = card.enrolment(&mut client).await;
    appliance.clock.advance(tachiaid::nonces::LIFETIME + 1);
    assert_eq!(client.post("/api/v1/enrolments", &late).await.problem(), "nonce-spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself_and_by_logging_out() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let card = hanako(&appliance);
    card.enrol(&mut client).await.unwrap();
    let session = card.login(&mut client, &appliance).await.unwrap();
    appliance.clock.advance(tachiaid::http::session::IDLE);
    assert!(is_logged_in(&mut client, &session).await);
    appliance.clock.advance(tachiaid::http::session::IDLE + 1);
    assert!(!is_logged_in(&mut client, &session).await);

    let session = card.login(&mut client, &appliance).await.unwrap();
    let token = format!("Bearer {}", session.token);
    assert_eq!(client.send(Method::DELETE, "/api/v1/sessions", &[("authorization", &token)], "").await.unwrap().status, 204);
    assert!(!is_logged_in(&mut client, &session).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_survives_a_restart_and_a_session_does_not() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let citizen = hanako(&appliance).enrol(&mut client).await.unwrap();
    let session = hanako(&appliance).login(&mut client, &appliance).await.unwrap();
    drop(client);
    let (folder, cards, clock) = appliance.stop().await;
    let appliance = Appliance::serve(folder, cards, clock, |_| ()).await;
    let mut client = appliance.client().await;
    assert!(!is_logged_in(&mut client, &session).await);
    assert_eq!(hanako(&appliance).login(&mut client, &appliance).await.unwrap().citizen, citizen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_of_another_time_is_refused() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    let card = hanako(&appliance);
    card.enrol(&mut client).await.unwrap();
    let now = unix(&appliance);
    for (issued, status) in [(now - 15 * 60, 201), (now + 15 * 60, 201), (now - 15 * 60 - 1, 400), (now + 15 * 60 + 1, 400)] {
        let statement = Statement::Login { origin: word(HOST), nonce: nonce(&mut client).await, issued: UnixTime::from_secs(issued) };
        let answered = client.post("/api/v1/sessions", &card.sign(&statement, Purpose::UserAuthentication)).await;
        assert_eq!(answered.status, status, "{issued} at {now}");
    }
}
