//! Cards that are not accepted, and what the person in front of the reader is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use rustix::process::Signal;
use tachiai_jpki::{Purpose, Serial};
use tachiai_schemas::Bytes;
use tachiai_tests::appliance::{HOST, Outcome, Residents};
use tachiai_tests::card::Content;
use tachiai_tests::city::Day;
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::hand::Hand;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Story, now, until};
use tachiai_tests::wire::Wire;

/// Somebody who lives in the city and is not on the roll, which has so many electors.
fn stranger(story: &Story, electors: usize) -> Content {
    let people = story.scene.city.electors(4_711, electors + 40, Day::of(now()));
    let mut elector = people.last().unwrap().clone();
    // A card number that no elector has.
    elector.number = 100;
    story.scene.residents.card_of(&elector).unwrap()
}

#[test]
fn statements_and_certificates_that_are_not_good_are_refused_by_name() {
    let mut story = Story::new(3);
    let wire = Wire::public(&story.scene.appliance);
    let sessions = "/api/v1/sessions";
    let mut hand = Hand::with(story.scene.card(0));

    // Known to nobody yet.
    hand.log_in(&wire).refused("not-enrolled");
    hand.enrol(&wire).json::<serde_json::Value>();
    hand.log_in(&wire).json::<serde_json::Value>();

    // A nonce is spent by its first use, and one that was not given is none.
    let login = hand.login(&wire);
    wire.post(sessions, None, &login).json::<serde_json::Value>();
    wire.post(sessions, None, &login).refused("nonce-spent");
    let invented = hand.sign(Hand::login_text(HOST, Bytes([9; 32])));
    wire.post(sessions, None, &invented).refused("nonce-spent");

    // Signed for another server, for another purpose, by another key, changed afterwards.
    let elsewhere = hand.sign(Hand::login_text("vote.example.jp", Hand::nonce(&wire)));
    wire.post(sessions, None, &elsewhere).refused("wrong-origin");
    let enrolment = hand.enrolment(&wire);
    wire.post(sessions, None, &enrolment.card).refused("wrong-origin");
    let mut changed = hand.login(&wire);
    changed.signature.0[100] ^= 1;
    wire.post(sessions, None, &changed).refused("card-signature");
    let mut other = Hand::with(story.scene.card(1));
    let mut of_another = hand.login(&wire);
    of_another.certificate.0 = other.certificate.clone();
    wire.post(sessions, None, &of_another).refused("card-signature");
    let mut spoilt = hand.login(&wire);
    let middle = spoilt.certificate.0.len() / 2;
    spoilt.certificate.0[middle] ^= 1;
    wire.post(sessions, None, &spoilt).refused("card-certificate");

    // An enrolment that names another person's card.
    let mut foreign = other.enrolment(&wire);
    foreign.authentication.0 = hand.certificate.clone();
    wire.post("/api/v1/enrolments", None, &foreign).refused("card-signature");
    // One that binds another person's card by its certificate, which anybody can read, without a signature of its key.
    let stolen = other.enrolment_of_another_card(&wire, &hand.certificate);
    wire.post("/api/v1/enrolments", None, &stolen).refused("card-signature");
    let mut swapped = other.enrolment(&wire);
    swapped.card.certificate.0 = hand.enrolment(&wire).card.certificate.0;
    wire.post("/api/v1/enrolments", None, &swapped).refused("card-signature");

    // Not on the roll.
    let mut stranger = Hand::arrive(stranger(&story, 3), &wire);
    wire.get(&story.path("/slot"), stranger.token()).refused("not-on-roll");
    let copy = BoardCopy::fetch(&story.client(), story.election());
    let key = tachiai_crypto::signature::SecretKey::generate(&mut rand_core::OsRng);
    let fields = hand.fields(&wire, &copy, &key);
    let request = stranger.registration(&fields, &key);
    wire.post(&story.path("/registrations"), stranger.token(), &request).refused("not-on-roll");

    cards_of_another_authority(&story, &wire);
    revoked_cards(&mut story, &wire, &mut hand, &mut other);
}

/// A city whose certification authority nobody here trusts, though it has the same name.
fn cards_of_another_authority(story: &Story, wire: &Wire) {
    let folder = story.scene.folder.join("another-authority");
    let others = Residents::in_folder(&folder).unwrap();
    let mut hand = Hand::with(others.card_of(&story.scene.electors[0]).unwrap());
    hand.enrol(wire).refused("card-certificate");
    hand.log_in(wire).refused("card-certificate");
}

fn revoked_cards(story: &mut Story, wire: &Wire, hand: &mut Hand, other: &mut Hand) {
    let reload = || story.scene.appliance.daemon().unwrap().signal(Signal::HUP).unwrap();
    let serial = Serial::from_u64(1).unwrap();
    story.scene.residents.publish_revocations(&[serial]).unwrap();
    reload();
    until("the card is revoked", || hand.log_in(wire).status >= 400);
    hand.log_in(wire).refused("card-certificate");
    // Whoever is not on the list is not touched.
    other.enrol(wire).json::<serde_json::Value>();
    other.log_in(wire).json::<serde_json::Value>();
    // Without a list nobody is let in.
    for purpose in [Purpose::UserAuthentication, Purpose::DigitalSignature] {
        fs::write(story.scene.residents.revocation_list(purpose), b"").unwrap();
    }
    reload();
    // What was read last stays in force: a broken file opens nothing.
    hand.log_in(wire).refused("card-certificate");
    // Neither does a daemon that starts without a list.
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    let no_lists = |table: &mut toml::Table| {
        table["cards"].as_table_mut().unwrap().insert("crls".to_owned(), toml::Value::Array(Vec::new()));
    };
    story.scene.appliance.configure(no_lists).unwrap();
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    for hand in [hand, other] {
        hand.log_in(wire).refused("crl-stale");
    }
}

#[test]
fn the_person_at_the_reader_is_told_what_is_wrong_with_card_or_pin() {
    let story = Story::new(3);
    let said = |outcome: Outcome, code: i32| {
        let outcome = outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"));
        outcome.stderr
    };
    let mut seat = Seat::of(&story.scene, 0);
    let vote = |seat: &Seat, lang: &str, pin: &str| seat.booth_in(lang, &story, "vote", pin, "mayor=m1", "receipt.json");

    // Not enrolled.
    let text = said(vote(&seat, "en", "1234"), 1);
    assert!(text.contains("not enrolled"), "{text}");
    said(seat.enrol(), 0);

    // The tries that are left are said in both languages; the last one is not spent unasked.
    let text = said(vote(&seat, "en", "0000"), 5);
    assert!(text.contains('2'), "{text}");
    let text = said(vote(&seat, "ja", "0000"), 5);
    assert!(text.contains("あと1回"), "{text}");
    let text = said(vote(&seat, "en", "0000"), 5);
    assert!(text.contains("last") || text.contains("one try"), "{text}");
    // A PIN that cannot be one is not sent to the card.
    said(vote(&seat, "en", "12"), 5);
    said(vote(&seat, "en", "1234"), 5);
    let election = story.election().to_string();
    let arguments =
        ["--election", &election, "--manifest", story.holding.fingerprint(), "--choice", "mayor=m1", "--pin-fd", "0", "--yes", "--last-try", "--receipt"];
    let with_last_try = |seat: &Seat, pin: &str| {
        let receipt = seat.file(&format!("with-{pin}.json"));
        seat.run(&["--lang", "ja"], "vote", pin, &[&arguments[..], &[receipt.to_str().unwrap()]].concat())
    };
    said(with_last_try(&seat, "1234"), 0);
    // The right PIN gives the tries back; three wrong ones block.
    let text = said(vote(&seat, "en", "9999"), 5);
    assert!(text.contains('2'), "{text}");
    said(vote(&seat, "en", "9999"), 5);
    let text = said(with_last_try(&seat, "9999"), 5);
    assert!(text.contains("ロック"), "{text}");
    for lang in ["en", "ja"] {
        let text = said(vote(&seat, lang, "1234"), 5);
        assert!(text.contains("blocked") || text.contains("ロック"), "{text}");
    }

    // A signing password that is wrong.
    let other = Seat::of(&story.scene, 1);
    let text = said(other.run(&["--lang", "en"], "card enrol", "YABU2027\n1234", &["--password-fd", "0", "--pin-fd", "0"]), 5);
    assert!(text.contains('4'), "{text}");

    // A card that is taken away, none at all, and one that is no My Number Card.
    seat = Seat::with(&story.scene, &story.scene.card(2), &["remove-after:6"]);
    said(seat.enrol(), 5);
    seat.insert(&["foreign"]);
    let text = said(seat.enrol(), 5);
    assert!(text.contains("My Number Card"), "{text}");
    seat.insert(&["break-after:3"]);
    said(seat.enrol(), 5);
    // The first command after power-up may fail on real cards; nobody notices.
    seat.insert(&["first-6f00"]);
    said(seat.enrol(), 0);
}

#[test]
fn somebody_who_is_not_on_the_roll_cannot_vote_and_is_sent_to_the_counter() {
    let story = Story::new(2);
    let seat = Seat::with(&story.scene, &stranger(&story, 2), &[]);
    seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let refused = seat.booth(&story, "vote", "1234", "mayor=m1", "receipt.json").expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(refused.stderr.contains("counter"), "{}", refused.stderr);
    let refused = seat.booth_in("ja", &story, "vote", "1234", "mayor=m1", "receipt.json").expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(refused.stderr.contains("窓口"), "{}", refused.stderr);
}
