use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use tachiai_crypto::hash::Hash32;

use super::super::state::PATIENCE;
use tachiai_schemas::ElectionId;
use tachiai_schemas::staff::Act;

use super::*;

struct Person {
    name: &'static str,
    key: EcdsaKeyPair,
}

impl Person {
    fn new(name: &'static str) -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap();
        Self { name, key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &rng).unwrap() }
    }

    fn add(&self) -> Change {
        let point: [u8; 65] = self.key.public_key().as_ref().try_into().unwrap();
        Change::Add { name: self.name.to_owned(), role: Role::Commission, key: Hash32::sha256(&point).into(), point: Bytes(point) }
    }

    fn approve(&self, pending: &Pending) -> Change {
        let signature = self.key.sign(&SystemRandom::new(), &pending.message.0).unwrap();
        Change::Approve { id: pending.id.clone(), by: self.name.to_owned(), message: pending.message, signature: Blob(signature.as_ref().to_vec()) }
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000).unwrap().plus(seconds)
}

fn done(state: &mut State, seconds: i64, change: Change) -> Result<Outcome, NotDone> {
    let (events, outcome) = decide(state, Command { at: at(seconds), change })?;
    for event in &events {
        state.apply(at(seconds), event);
    }
    Ok(outcome)
}

fn refusal<T>(result: Result<T, NotDone>) -> Refusal {
    match result.err().unwrap() {
        NotDone::Refused(refused) => refused.refusal,
        other => panic!("{other}"),
    }
}

fn request(state: &mut State, seconds: i64, by: &Person, id: &str) -> Pending {
    let change =
        Change::Request { id: id.to_owned(), matter: Matter::Election { election: ElectionId([1; 16]), act: Act::Open, roll: None }, by: by.name.to_owned() };
    match done(state, seconds, change).unwrap() {
        Outcome::Pending(pending) => pending,
        other => panic!("{other:?}"),
    }
}

fn office() -> (State, Person, Person) {
    let (mut state, one, other) = (State::default(), Person::new("甲"), Person::new("乙"));
    done(&mut state, 0, one.add()).unwrap();
    done(&mut state, 0, other.add()).unwrap();
    (state, one, other)
}

#[test]
fn an_act_needs_a_second_person() {
    let (mut state, one, other) = office();
    let pending = request(&mut state, 0, &one, "aaaaaaaa");
    assert_eq!(refusal(done(&mut state, 1, one.approve(&pending))), Refusal::SameOfficial);
    let approved = done(&mut state, 1, other.approve(&pending)).unwrap();
    assert_eq!(approved, Outcome::Approved { by: ["甲".to_owned(), "乙".to_owned()] });
}

#[test]
fn an_approval_needs_the_signature_of_the_officials_own_key_over_this_request() {
    let (mut state, one, other) = office();
    let pending = request(&mut state, 0, &one, "aaaaaaaa");
    let Change::Approve { id, message, signature, .. } = one.approve(&pending) else { panic!() };
    let foreign = Change::Approve { id: id.clone(), by: other.name.to_owned(), message, signature };
    assert_eq!(refusal(done(&mut state, 1, foreign)), Refusal::ApprovalSignature);
    let elsewhere = Pending { message: Hash32::sha256(b"another").into(), ..pending.clone() };
    assert_eq!(refusal(done(&mut state, 1, other.approve(&elsewhere))), Refusal::ApprovalSignature);
    assert!(done(&mut state, 1, other.approve(&pending)).is_ok());
}

#[test]
fn an_act_is_approved_once() {
    let (mut state, one, other) = office();
    let pending = request(&mut state, 0, &one, "aaaaaaaa");
    done(&mut state, 1, other.approve(&pending)).unwrap();
    assert_eq!(refusal(done(&mut state, 1, other.approve(&pending))), Refusal::NotFound);
    assert_eq!(state.approved().len(), 1);
    let id = state.approved()[0].0.clone();
    assert!(state.still_stands(&id, at(PATIENCE)));
    assert!(!state.still_stands(&id, at(PATIENCE + 1)));
    done(&mut state, 2, Change::Finish { id: pending.id.clone(), refusal: None }).unwrap();
    assert_eq!(state.approved(), []);
    assert_eq!(refusal(done(&mut state, 3, other.approve(&pending))), Refusal::NotFound);
}

#[test]
fn asking_twice_gives_the_same_request() {
    let (mut state, one, _) = office();
    let pending = request(&mut state, 0, &one, "aaaaaaaa");
    assert_eq!(request(&mut state, 5, &one, "bbbbbbbb"), pending);
    assert_eq!(state.pending(at(5)), [pending]);
}

#[test]
fn who_asks_for_what_another_official_asked_for_is_told_to_approve_it() {
    let (mut state, one, other) = office();
    request(&mut state, 0, &one, "aaaaaaaa");
    let matter = Matter::Election { election: ElectionId([1; 16]), act: Act::Open, roll: None };
    let again = Change::Request { id: "bbbbbbbb".to_owned(), matter, by: other.name.to_owned() };
    let Err(NotDone::Refused(refused)) = done(&mut state, 5, again) else { panic!() };
    assert_eq!((refused.refusal, refused.ja.as_deref()), (Refusal::AskedAlready, Some("甲さんの申請 aaaaaaaa")));
}

#[test]
fn who_asked_withdraws_and_another_declines_with_a_reason_and_whoever_asked_is_told() {
    let (mut state, one, other) = office();
    let decline =
        |id: &str, by: &Person, reason: Option<&str>| Change::Decline { id: id.to_owned(), by: by.name.to_owned(), reason: reason.map(str::to_owned) };
    request(&mut state, 0, &one, "aaaaaaaa");
    done(&mut state, 1, decline("aaaaaaaa", &one, None)).unwrap();
    request(&mut state, 2, &one, "bbbbbbbb");
    assert_eq!(refusal(done(&mut state, 3, decline("bbbbbbbb", &other, Some(" ")))), Refusal::BadRequest);
    done(&mut state, 3, decline("bbbbbbbb", &other, Some("名簿が古い"))).unwrap();
    assert_eq!(state.pending(at(4)), []);
    assert_eq!(refusal(done(&mut state, 4, decline("bbbbbbbb", &other, Some("再び")))), Refusal::NotFound);
    let told: Vec<_> = state.declined_of("甲", at(4)).into_iter().map(|declined| (declined.pending.id, declined.by, declined.reason)).collect();
    let of = |id: &str, by: &str, reason: Option<&str>| (id.to_owned(), by.to_owned(), reason.map(str::to_owned));
    assert_eq!(told, [of("aaaaaaaa", "甲", None), of("bbbbbbbb", "乙", Some("名簿が古い"))]);
    assert!(state.declined_of("乙", at(4)).is_empty() && state.declined_of("甲", at(4 + PATIENCE)).is_empty());
}

#[test]
fn a_request_expires_after_a_day() {
    let (mut state, one, other) = office();
    let pending = request(&mut state, 0, &one, "aaaaaaaa");
    assert_eq!(state.pending(at(PATIENCE)).len(), 1);
    assert_eq!(state.pending(at(PATIENCE + 1)), []);
    assert_eq!(refusal(done(&mut state, PATIENCE + 1, other.approve(&pending))), Refusal::NotFound);
    assert_eq!(request(&mut state, PATIENCE + 1, &other, "bbbbbbbb").id, "bbbbbbbb");
}

#[test]
fn who_was_revoked_in_between_cannot_approve() {
    let (mut state, one, other) = office();
    let pending = request(&mut state, 0, &one, "aaaaaaaa");
    done(&mut state, 1, Change::Revoke { name: "乙".to_owned() }).unwrap();
    assert_eq!(refusal(done(&mut state, 2, other.approve(&pending))), Refusal::Forbidden);
}

#[test]
fn a_name_is_on_the_list_once_and_free_again_when_revoked() {
    let mut state = State::default();
    let (one, again) = (Person::new("甲"), Person::new("甲"));
    done(&mut state, 0, one.add()).unwrap();
    assert_eq!(done(&mut state, 0, again.add()), Err(NotDone::NameTaken("甲".to_owned())));
    done(&mut state, 0, Change::Revoke { name: "甲".to_owned() }).unwrap();
    assert_eq!(done(&mut state, 0, Change::Revoke { name: "甲".to_owned() }), Err(NotDone::NoSuchName("甲".to_owned())));
    done(&mut state, 0, again.add()).unwrap();
    let old = Hash32::sha256(one.key.public_key().as_ref());
    assert_eq!(state.member_by_key(&old), None);
}

#[test]
fn a_name_that_could_deceive_is_refused() {
    let mut state = State::default();
    for name in ["", " a", "a ", "a\nb", "\u{7}", &"x".repeat(MAX_NAME + 1)] {
        let Change::Add { role, key, point, .. } = Person::new("a").add() else { panic!() };
        let change = Change::Add { name: name.to_owned(), role, key, point };
        assert_eq!(done(&mut state, 0, change), Err(NotDone::BadName), "{name:?}");
    }
}

#[test]
fn the_request_of_a_revoked_official_cannot_be_approved_and_another_may_ask_anew() {
    let (mut state, one, other) = office();
    let third = Person::new("丙");
    done(&mut state, 0, third.add()).unwrap();
    let pending = request(&mut state, 1, &one, "aaaaaaaa");
    done(&mut state, 2, Change::Revoke { name: one.name.to_owned() }).unwrap();
    assert_eq!(state.pending(at(3)), []);
    assert_eq!(refusal(done(&mut state, 3, other.approve(&pending))), Refusal::NotFound);
    // Who comes back under the name did not ask.
    done(&mut state, 4, Person::new("甲").add()).unwrap();
    assert_eq!(refusal(done(&mut state, 5, other.approve(&pending))), Refusal::NotFound);
    let anew = request(&mut state, 6, &third, "bbbbbbbb");
    assert_eq!((anew.id.as_str(), anew.requested_by.as_str()), ("bbbbbbbb", third.name));
    assert!(done(&mut state, 7, other.approve(&anew)).is_ok());
}

#[test]
fn events_are_a_matter_of_the_headquarters_and_elections_of_the_commission() {
    let election = Matter::Election { election: ElectionId([1; 16]), act: Act::Open, roll: None };
    let event = Matter::CloseEvent { event: tachiai_schemas::roster::EventId([1; 16]), commitment: None };
    for (role, _) in Role::ALL {
        assert_eq!(election.is_for(*role), *role == Role::Commission, "{role}");
        assert_eq!(event.is_for(*role), *role == Role::Headquarters, "{role}");
    }
}
