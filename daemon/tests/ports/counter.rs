//! Enrolment at a counter: the card's text, the holder's PIN, and two officials.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use tachiai_crypto::election::roll;
use tachiai_jpki::testing::{SignedText, TextAuthority, attributes_file};
use tachiai_jpki::{BirthDate, FallbackReason as Reason, FourAttributes, Purpose, Sex, Statement};
use tachiai_schemas::identity::{
    Before, CardStatement, CounterEnrolment, CounterPerson, Enrolled, FallbackReason, ListedFallback, Standing, TextFiles, card_fingerprint,
};
use tachiai_schemas::staff::{Approval, Matter, Pending, Role, Settled, Shown};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes};
use tachiaid::app::control::Request as ControlRequest;

use crate::appliance::{Appliance, Client, Credentials, HOST};
use crate::identity::{Card, card, hanako, nonce, word};

const PATH: &str = "/api/v1/enrolments/counter";
const MY_NUMBER_FILE: &[u8] = b"\xFF\x10\x0C000000000000\xFF\xFF";

/// An official at a terminal.
struct Clerk {
    client: Client,
    key: EcdsaKeyPair,
}

impl Clerk {
    async fn new(appliance: &Appliance, credentials: &Credentials) -> Self {
        let key = PrivatePkcs8KeyDer::from_pem_slice(&credentials.key).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.secret_pkcs8_der(), &SystemRandom::new()).unwrap();
        Self { client: appliance.staff_client(credentials).await.unwrap(), key }
    }

    async fn hired(appliance: &Appliance, name: &str) -> Self {
        Self::new(appliance, &appliance.hire(name, Role::Commission).await).await
    }

    async fn ask(&mut self, enrolment: &CounterEnrolment) -> Result<Pending, String> {
        Ok(self.ask_and_see(enrolment).await?.0)
    }

    /// The request, and what the first official is shown of the person.
    async fn ask_and_see(&mut self, enrolment: &CounterEnrolment) -> Result<(Pending, CounterPerson), String> {
        let answered = self.client.post(PATH, enrolment).await;
        if answered.status != 202 {
            return Err(answered.problem());
        }
        let Shown { pending, person, roll: _, elector: _, link: _, case: _, search: _, citizens: _ } = answered.json();
        Ok((pending, person.unwrap()))
    }

    async fn shown(&mut self) -> Vec<Shown> {
        self.client.get("/api/v1/approvals").await.json()
    }

    async fn approve(&mut self, pending: &Pending) -> Result<CitizenId, String> {
        let message = pending.message_hash().into();
        let signature = Blob(self.key.sign(&SystemRandom::new(), &pending.message_hash().to_bytes()).unwrap().as_ref().to_vec());
        let answered = self.client.post(&format!("/api/v1/approvals/{}", pending.id), &Approval { message, signature }).await;
        if answered.status != 200 {
            return Err(answered.problem());
        }
        match answered.json() {
            Settled::EnrolCounter(Enrolled { citizen }) => Ok(citizen),
            other => panic!("{other:?}"),
        }
    }

    async fn fallbacks(&mut self) -> Vec<ListedFallback> {
        self.client.get(PATH).await.json()
    }
}

fn text_of(attributes: &FourAttributes) -> TextFiles {
    let SignedText { attributes, digests, certificate } = TextAuthority::with_published_keys().unwrap().sign(attributes, MY_NUMBER_FILE).unwrap();
    TextFiles { attributes: Blob(attributes), digests: Blob(digests), certificate: Blob(certificate) }
}

/// The hash of a card's key, as officials are shown it.
fn key_of(card: &Card) -> HashBytes {
    Bytes(*card.auth_key().as_bytes())
}

async fn statement(card: &Card, client: &mut Client, reason: Reason) -> Statement {
    Statement::EnrolCounter { origin: word(HOST), nonce: nonce(client).await, person: card.person_hash(), auth_key: card.auth_key(), reason }
}

async fn enrolment(card: &Card, client: &mut Client, reason: Reason) -> CounterEnrolment {
    CounterEnrolment { card: card.sign(&statement(card, client, reason).await, Purpose::UserAuthentication), text: text_of(&card.attributes) }
}

async fn office(appliance: &Appliance) -> (Clerk, Clerk) {
    (Clerk::hired(appliance, "西村").await, Clerk::hired(appliance, "田中").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officials_bind_a_card_and_the_list_names_them() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let card = hanako(&appliance);
    let request = enrolment(&card, &mut first.client, Reason::PasswordBlocked).await;
    let (pending, seen) = first.ask_and_see(&request).await.unwrap();
    assert_eq!(pending.requested_by, "西村");
    assert_eq!(pending.message, pending.message_hash().into());

    // Nothing is bound yet.
    let mut holder = appliance.client().await;
    assert_eq!(card.login(&mut holder, &appliance).await.unwrap_err(), "not-enrolled");
    assert!(first.fallbacks().await.is_empty());

    // The second official sees who and why, and that it is what the request commits to.
    let [shown] = &second.shown().await[..] else { panic!("one request") };
    assert_eq!(shown.pending, pending);
    let person = shown.person.as_ref().unwrap();
    assert_eq!(*person, seen);
    assert_eq!((&person.before, &person.other_cards[..]), (&None, &[][..]));
    assert_eq!(person.card_key, key_of(&card));
    assert_eq!((person.name.as_str(), person.birth_date.as_str(), person.sex.as_str()), ("養父　花子", "1980-02-17", "2"));
    assert_eq!(person.address, "兵庫県養父市八鹿町八鹿１");
    assert_eq!(person.reason, FallbackReason::PasswordBlocked);
    assert!(
        matches!(&pending.matter, Matter::EnrolCounter { reason: FallbackReason::PasswordBlocked, commitment, .. } if commitment.hash() == person.commitment())
    );

    assert_eq!(first.approve(&pending).await.unwrap_err(), "same-official");
    assert_eq!(card.login(&mut holder, &appliance).await.unwrap_err(), "not-enrolled");
    let citizen = second.approve(&pending).await.unwrap();
    // What was read and what was bound are sealed under one key, and erased with it.
    assert!(matches!(pending.matter, Matter::EnrolCounter { citizen: sealed, .. } if sealed == citizen));
    assert_eq!(card.login(&mut holder, &appliance).await.unwrap().citizen, citizen);
    assert_eq!(second.approve(&pending).await.unwrap_err(), "not-found");
    assert!(second.shown().await.is_empty());

    let [listed] = &first.fallbacks().await[..] else { panic!("one fallback") };
    assert_eq!((listed.citizen, listed.standing), (citizen, Standing::Current));
    assert_eq!(listed.fallback.by, ["西村", "田中"]);
    assert_eq!(listed.fallback.reason, FallbackReason::PasswordBlocked);

    // There is nothing to do twice.
    let again = enrolment(&card, &mut first.client, Reason::PasswordBlocked).await;
    assert_eq!(first.ask(&again).await.unwrap_err(), "already-enrolled");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_person_stands_in_the_journal_in_clear() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let card = hanako(&appliance);
    let request = enrolment(&card, &mut first.client, Reason::NotIssued).await;
    let pending = first.ask(&request).await.unwrap();
    let person = second.shown().await[0].person.clone().unwrap();
    second.approve(&pending).await.unwrap();
    drop((first, second));
    let (folder, ..) = appliance.stop().await;
    let mut bytes = Vec::new();
    for part in ["journal", "sled"] {
        let mut folders = vec![folder.path().join("data").join(part)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() { folders.push(entry) } else { bytes.extend(std::fs::read(entry).unwrap()) }
            }
        }
    }
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds("西村".as_bytes()) && holds(b"card-bound-at-counter") && holds(b"counter-read"));
    for secret in ["養父　花子", "花子", "八鹿町八鹿", "1980-02-17", "19800217"] {
        assert!(!holds(secret.as_bytes()), "{secret}");
    }
    assert!(!holds(&person.salt.0) && !holds(person.salt.to_string().as_bytes()) && !holds(person.card_key.to_string().as_bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_commission_enrols_and_approves_and_only_it_sees_whom() {
    let appliance = Appliance::start().await;
    let (mut first, _) = office(&appliance).await;
    let card = hanako(&appliance);
    for (role, lists, approvals) in [(Role::Auditor, 200, 200), (Role::Poll, 403, 200), (Role::Reception, 403, 403), (Role::Trustee, 403, 403)] {
        let credentials = appliance.hire(role.name(), role).await;
        let mut clerk = Clerk::new(&appliance, &credentials).await;
        let request = enrolment(&card, &mut clerk.client, Reason::NotIssued).await;
        assert_eq!(clerk.ask(&request).await.unwrap_err(), "forbidden", "{role}");
        assert_eq!(clerk.client.get(PATH).await.status, lists, "{role}");
        assert_eq!(clerk.client.get("/api/v1/approvals").await.status, approvals, "{role}");
    }
    let request = enrolment(&card, &mut first.client, Reason::NotIssued).await;
    let pending = first.ask(&request).await.unwrap();
    let auditor = appliance.hire("監査", Role::Auditor).await;
    let mut auditor = Clerk::new(&appliance, &auditor).await;
    assert_eq!(auditor.shown().await, [Shown::from(pending.clone())]);
    assert_eq!(auditor.approve(&pending).await.unwrap_err(), "forbidden");
    // Residents do not even find the route.
    assert_eq!(appliance.client().await.post(PATH, &request).await.problem(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_requests_are_refused() {
    let appliance = Appliance::start().await;
    let (mut first, _) = office(&appliance).await;
    let (own, other) = (hanako(&appliance), card(&appliance, "other-holder", 2001, "朝来　太郎", "兵庫県養父市大屋町２"));
    let reason = Reason::Expired;
    let client = &mut first.client;
    let good = enrolment(&own, client, reason).await;

    let signed =
        |statement: &Statement, text: &Card| CounterEnrolment { card: own.sign(statement, Purpose::UserAuthentication), text: text_of(&text.attributes) };
    // Another's text, and another's text under the own name.
    let stolen_text = signed(&statement(&own, client, reason).await, &other);
    let mut renamed = signed(&statement(&own, client, reason).await, &own);
    renamed.text.attributes = text_of(&other.attributes).attributes;
    let mut unsigned = signed(&statement(&own, client, reason).await, &own);
    let last = unsigned.text.digests.0.len() - 1;
    unsigned.text.digests.0[last] ^= 1;
    let mut invented = signed(&statement(&own, client, reason).await, &own);
    invented.text.attributes = Blob(attributes_file(&[(0xDF22, "養父　花子"), (0xDF23, "兵庫県養父市"), (0xDF24, "19800217"), (0xDF25, "1")]));
    let mut of_jlis = signed(&statement(&own, client, reason).await, &own);
    let real = |name: &str| Blob(std::fs::read(format!("{}/../tests/data/jpki/jlis-test-card/{name}.bin", env!("CARGO_MANIFEST_DIR"))).unwrap());
    of_jlis.text = TextFiles { attributes: real("text-0002"), digests: real("text-0003"), certificate: real("text-0004") };

    // A statement about another key, of another card, for another purpose, for another server, of another reason than signed.
    let named = Statement::EnrolCounter { origin: word(HOST), nonce: nonce(client).await, person: own.person_hash(), auth_key: other.auth_key(), reason };
    let another_key = signed(&named, &own);
    let fresh = statement(&own, client, reason).await;
    let by_other = CounterEnrolment {
        card: CardStatement { signature: other.sign(&fresh, Purpose::UserAuthentication).signature, ..own.sign(&fresh, Purpose::UserAuthentication) },
        text: text_of(&own.attributes),
    };
    let signing_certificate = CounterEnrolment { card: own.sign(&statement(&own, client, reason).await, Purpose::DigitalSignature), text: good.text.clone() };
    let enrol = Statement::Enrol { origin: word(HOST), nonce: nonce(client).await, person: own.person_hash(), auth_key: own.auth_key() };
    let elsewhere =
        Statement::EnrolCounter { origin: word("evil.example"), nonce: nonce(client).await, person: own.person_hash(), auth_key: own.auth_key(), reason };
    let stale = Statement::EnrolCounter { origin: word(HOST), nonce: word(&"A".repeat(43)), person: own.person_hash(), auth_key: own.auth_key(), reason };
    let of_a_child = signed(&statement(&own, client, Reason::UnderFifteen).await, &own);

    for (request, code) in [
        (stolen_text, "card-signature"),
        (renamed, "card-text"),
        (unsigned, "card-text"),
        (invented, "card-text"),
        (of_jlis, "card-text"),
        (another_key, "card-signature"),
        (by_other, "card-signature"),
        (signing_certificate, "card-certificate"),
        (signed(&enrol, &own), "wrong-origin"),
        (signed(&elsewhere, &own), "wrong-origin"),
        (signed(&stale, &own), "nonce-spent"),
        (of_a_child, "reason-contradicted"),
    ] {
        assert_eq!(first.ask(&request).await.unwrap_err(), code);
    }
    assert!(first.shown().await.is_empty());
    first.ask(&good).await.unwrap();
    assert_eq!(first.ask(&good).await.unwrap_err(), "nonce-spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_survives_a_restart() {
    let appliance = Appliance::start().await;
    let credentials = [appliance.hire("西村", Role::Commission).await, appliance.hire("田中", Role::Commission).await];
    let card = hanako(&appliance);
    let mut first = Clerk::new(&appliance, &credentials[0]).await;
    let request = enrolment(&card, &mut first.client, Reason::NotIssued).await;
    let pending = first.ask(&request).await.unwrap();
    drop(first);
    let (folder, cards, clock) = appliance.stop().await;
    let appliance = Appliance::serve(folder, cards, clock, |_| ()).await;
    let mut second = Clerk::new(&appliance, &credentials[1]).await;
    assert_eq!(second.shown().await[0].person.as_ref().unwrap().name, "養父　花子");
    let citizen = second.approve(&pending).await.unwrap();
    drop(second);
    let (folder, cards, clock) = appliance.stop().await;
    let appliance = Appliance::serve(folder, cards, clock, |_| ()).await;
    let mut second = Clerk::new(&appliance, &credentials[1]).await;
    assert_eq!(second.fallbacks().await[0].citizen, citizen);
    let mut holder = appliance.client().await;
    assert_eq!(hanako(&appliance).login(&mut holder, &appliance).await.unwrap().citizen, citizen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_expires_before_the_approval_binds_nothing() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let card = hanako(&appliance);
    // Valid for a day from now; the request waits as long.
    appliance.clock.advance(3600);
    let request = enrolment(&card, &mut first.client, Reason::NotIssued).await;
    let pending = first.ask(&request).await.unwrap();
    appliance.clock.advance(86_400 - 3000);
    assert_eq!(second.approve(&pending).await.unwrap_err(), "card-certificate");
    assert!(second.fallbacks().await.is_empty());
    assert!(second.shown().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_approves_is_forgotten_after_a_day() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let request = enrolment(&hanako(&appliance), &mut first.client, Reason::NotIssued).await;
    let pending = first.ask(&request).await.unwrap();
    appliance.clock.advance(86_401);
    assert!(second.shown().await.is_empty());
    assert_eq!(second.approve(&pending).await.unwrap_err(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_signing_key_binds_meanwhile_needs_no_fallback() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let card = hanako(&appliance);
    let mut holder = appliance.client().await;
    let request = enrolment(&card, &mut first.client, Reason::PasswordBlocked).await;
    let pending = first.ask(&request).await.unwrap();
    let citizen = card.enrol(&mut holder).await.unwrap();
    assert_eq!(second.approve(&pending).await.unwrap_err(), "already-enrolled");
    assert!(second.fallbacks().await.is_empty());
    assert_eq!(card.login(&mut holder, &appliance).await.unwrap().citizen, citizen);
}

/// An accomplice's key with another's text: nothing in it names the card.
#[tokio::test(flavor = "multi_thread")]
async fn both_officials_see_that_the_person_has_another_card() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let (own, other) = (hanako(&appliance), card(&appliance, "other-holder", 1002, "養父　花子", "兵庫県養父市八鹿町八鹿１"));
    let citizen = own.enrol(&mut appliance.client().await).await.unwrap();
    let request = enrolment(&other, &mut first.client, Reason::PasswordBlocked).await;
    let (pending, seen) = first.ask_and_see(&request).await.unwrap();
    assert_eq!(seen.other_cards, [key_of(&own)]);
    assert_eq!((seen.card_key, seen.before.clone()), (key_of(&other), None));
    assert_ne!(card_fingerprint(&seen.card_key), card_fingerprint(&seen.other_cards[0]));
    assert_eq!(second.shown().await[0].person, Some(seen.clone()));
    // It is part of what is signed.
    assert_ne!(CounterPerson { other_cards: Vec::new(), ..seen.clone() }.commitment(), seen.commitment());
    assert_eq!(second.approve(&pending).await.unwrap(), citizen);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changed_the_name_keeps_the_card_and_the_citizen_once_both_officials_saw_both_names() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let mut holder = appliance.client().await;
    let citizen = hanako(&appliance).enrol(&mut holder).await.unwrap();
    let renamed = card(&appliance, "holder", 1003, "朝来　花子", "兵庫県養父市大屋町２");
    // By themselves they cannot.
    assert_eq!(renamed.enrol(&mut holder).await.unwrap_err(), "card-taken");
    let request = enrolment(&renamed, &mut first.client, Reason::Expired).await;
    let (pending, seen) = first.ask_and_see(&request).await.unwrap();
    let before = Before { name: "養父　花子".to_owned(), address: "兵庫県養父市八鹿町八鹿１".to_owned() };
    assert_eq!((seen.name.as_str(), seen.before.clone(), &seen.other_cards[..]), ("朝来　花子", Some(before), &[][..]));
    assert_eq!(second.shown().await[0].person, Some(seen.clone()));
    assert_ne!(CounterPerson { before: None, ..seen.clone() }.commitment(), seen.commitment());
    assert_eq!(second.approve(&pending).await.unwrap(), citizen);
    assert_eq!(renamed.login(&mut holder, &appliance).await.unwrap().citizen, citizen);
    // From here on it is the new name that the card is of.
    assert_eq!(renamed.enrol(&mut holder).await.unwrap(), citizen);
    assert_eq!(hanako(&appliance).enrol(&mut holder).await.unwrap_err(), "card-taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_date_of_birth_is_unknown_is_enrolled_at_a_counter() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    // The day alone is unknown, which a roll can write; and a month that there is not.
    for (key, birth, person) in [
        ("holder", "19800200", roll::Person { birth: "1980-02-00".parse().unwrap(), ..hanako(&appliance).person }.hash()),
        ("other-holder", "19809900", roll::hash_of_card("養父　花子", "19809900", roll::Sex::Female, "兵庫県養父市八鹿町八鹿１")),
    ] {
        let mut card = card(&appliance, key, 1005, "養父　花子", "兵庫県養父市八鹿町八鹿１");
        card.attributes.birth_date = BirthDate::from_eight_digits(birth).unwrap();
        let nonce = nonce(&mut first.client).await;
        let person = tachiai_jpki::Hash32::from_bytes(person.to_bytes());
        let statement = Statement::EnrolCounter { origin: word(HOST), nonce, person, auth_key: card.auth_key(), reason: Reason::NotIssued };
        let request = CounterEnrolment { card: card.sign(&statement, Purpose::UserAuthentication), text: text_of(&card.attributes) };
        let (pending, seen) = first.ask_and_see(&request).await.unwrap();
        assert_eq!(seen.birth_date, format!("0{birth}"));
        second.approve(&pending).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_became_known_meanwhile_is_shown_to_the_officials_again() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let (own, renewed) = (hanako(&appliance), card(&appliance, "other-holder", 1002, "養父　花子", "兵庫県養父市八鹿町八鹿１"));
    let request = enrolment(&renewed, &mut first.client, Reason::Expired).await;
    let pending = first.ask(&request).await.unwrap();
    let mut holder = appliance.client().await;
    let citizen = own.enrol(&mut holder).await.unwrap();
    assert_eq!(second.approve(&pending).await.unwrap_err(), "changed-since");
    assert_eq!(renewed.login(&mut holder, &appliance).await.unwrap_err(), "not-enrolled");
    let request = enrolment(&renewed, &mut first.client, Reason::Expired).await;
    let (pending, seen) = first.ask_and_see(&request).await.unwrap();
    assert_eq!(seen.other_cards, [key_of(&own)]);
    assert_eq!(second.approve(&pending).await.unwrap(), citizen);
    assert_eq!(renewed.login(&mut holder, &appliance).await.unwrap().citizen, citizen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_of_somebody_else_is_not_bound_and_the_signing_key_replaces_a_fallback() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let mut holder = appliance.client().await;
    let own = hanako(&appliance);
    let request = enrolment(&own, &mut first.client, Reason::PasswordBlocked).await;
    let pending = first.ask(&request).await.unwrap();
    let citizen = second.approve(&pending).await.unwrap();

    // Another date of birth or sex is another person, under the same name too.
    for (name, birth, sex) in [("養父　花子", "1980-02-18", Sex::Female), ("養父　花子", "1980-02-17", Sex::Male), ("朝来　太郎", "1975-01-01", Sex::Male)]
    {
        let mut thief = card(&appliance, "holder", 1004, name, "兵庫県養父市大屋町２");
        (thief.attributes.birth_date, thief.attributes.sex) = (BirthDate::from_iso(birth).unwrap(), sex);
        (thief.person.birth, thief.person.sex) = (birth.parse().unwrap(), sex.digit().parse().unwrap());
        let request = enrolment(&thief, &mut first.client, Reason::PasswordBlocked).await;
        assert_eq!(first.ask(&request).await.unwrap_err(), "card-taken", "{name} {birth}");
    }
    // Who moved is still the same person.
    let moved = card(&appliance, "holder", 1003, "養父　花子", "兵庫県養父市大屋町２");
    let request = enrolment(&moved, &mut first.client, Reason::PasswordBlocked).await;
    let pending = first.ask(&request).await.unwrap();
    assert_eq!(second.approve(&pending).await.unwrap(), citizen);
    // With a new password the signing key says more than two officials did.
    assert_eq!(moved.enrol(&mut holder).await.unwrap(), citizen);
    let standings: Vec<_> = first.fallbacks().await.iter().map(|listed| listed.standing).collect();
    assert_eq!(standings, [Standing::Replaced, Standing::Replaced]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_of_an_official_who_was_revoked_is_dropped() {
    let appliance = Appliance::start().await;
    let (mut first, mut second) = office(&appliance).await;
    let request = enrolment(&hanako(&appliance), &mut first.client, Reason::NotIssued).await;
    let pending = first.ask(&request).await.unwrap();
    appliance.control(ControlRequest::Revoke { name: "西村".to_owned() }).await;
    assert!(second.shown().await.is_empty());
    assert_eq!(second.approve(&pending).await.unwrap_err(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_trusted_key_nobody_is_enrolled_at_a_counter() {
    let clock = std::sync::Arc::new(tachiaid::clock::SetClock::new(tachiaid::clock::Clock::now(&tachiaid::clock::SystemClock)));
    let (folder, cards) = crate::appliance::folder(&clock);
    let appliance = Appliance::serve(folder, cards, clock, |config| config.cards.text_anchors.clear()).await;
    let (mut first, _) = office(&appliance).await;
    let request = enrolment(&hanako(&appliance), &mut first.client, Reason::NotIssued).await;
    assert_eq!(first.ask(&request).await.unwrap_err(), "card-text");
}
