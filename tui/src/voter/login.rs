//! A card's holder: named by the signing certificate, bound at the enrolment, logged in by the authentication key.

use ring::digest::{SHA256, digest};
use tachiai_crypto::election::roll::Person;
use tachiai_crypto::hash::Hash32;
use tachiai_jpki::{Statement, UnixTime, UnverifiedCertificate, Word};
use tachiai_schemas::identity::{CardStatement, Enrolled, Enrolment, Nonce, Session};
use tachiai_schemas::{Blob, CitizenId};

use crate::card::{Card, Key, LastTry, Password, Pin, Transport};
use crate::client::Client;
use crate::failure::{Exit, Failure};

/// One card's holder, logged in.
pub struct Login {
    /// The session's token.
    pub(super) token: String,
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
pub(super) fn login<T: Transport>(client: &Client, card: &mut Card<T>, certificate: &[u8], now: UnixTime) -> Result<Login, Failure> {
    let nonce: Nonce = client.post("/api/v1/nonces", None, &serde_json::json!({}))?;
    let statement = Statement::Login { origin: word(client.host())?, nonce: word(&nonce.nonce.to_string())?, issued: now }.to_bytes();
    let signature = card.sign(Key::Authentication, &statement)?;
    let request = CardStatement { statement: Blob(statement), signature: Blob(signature), certificate: Blob(certificate.to_vec()) };
    let session: Session = client.post("/api/v1/sessions", None, &request)?;
    Ok(Login { token: session.token.to_string(), citizen: session.citizen })
}

pub(super) fn word(text: &str) -> Result<Word, Failure> {
    Word::new(text).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))
}

pub(super) fn hash(hash: Hash32) -> tachiai_jpki::Hash32 {
    tachiai_jpki::Hash32::from_bytes(hash.to_bytes())
}

/// The name of a card in this device's state: SHA-256 of its authentication certificate, in hex.
#[must_use]
pub fn card_name(certificate: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(digest(&SHA256, certificate).as_ref())
}
