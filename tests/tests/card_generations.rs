//! A card of the generation after today's, as far as that is known: keys on P-384, two applications, two PINs. What things
//! are called on it stands in a file alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::SecretString;
use tachiai::card::{Card, CardError, Generation, Key, LastTry, Password, Pin, PinName, Tries};
use tachiai_jpki::{CrlPolicy, CrlSet, PolicySet, Purpose, SignatureAlgorithm, verify_certificate, verify_signature};
use tachiai_schemas::receipt::BallotStatus;
use tachiai_tests::appliance::Outcome;
use tachiai_tests::card::{Authorities, Content, Fault, KeyPool, Next, Order, Slot, SoftwareCard};
use tachiai_tests::desk::card_of_hanako;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Setting, Story};

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/card/next-generation.toml")
}

fn next() -> Next {
    Next::from_toml(&fs::read_to_string(file()).unwrap()).unwrap()
}

/// The same with other numbers for everything, and signatures in DER.
fn renumbered() -> Next {
    let text = fs::read_to_string(file()).unwrap();
    let mut text = text.replace("00 00 00 01 0", "11 22 33 44 0").replace("\"concatenated\"", "\"signature\"").replace("p1 = \"00\"", "p1 = \"07\"");
    for (from, to) in [("\"01", "\"71"), ("\"02", "\"52"), ("\"03", "\"93"), ("\"00", "\"A1")] {
        text = text.replace(from, to);
    }
    Next::from_toml(&text).unwrap()
}

fn generations(next: &Next) -> [Generation; 2] {
    [Generation::today(), next.generation().clone()]
}

fn pin(card: &Card<Slot>, text: &str) -> Pin {
    Pin::by(card.generation().rule(PinName::Authentication), &SecretString::from(text)).unwrap()
}

fn password(card: &Card<Slot>, text: &str) -> Password {
    Password::by(card.generation().rule(PinName::Signing), &SecretString::from(text)).unwrap()
}

fn slot(content: &Content) -> Slot {
    Slot::new("slot", SoftwareCard::new(content.clone()))
}

#[test]
fn a_card_is_known_for_its_generation_by_its_application() {
    let (today, next) = (card_of_hanako(|_| ()), next());
    let other = card_of_hanako(|order| order.generation = Some(next.clone()));
    let opened = |content: &Content, generations: &[Generation]| Card::open_among(slot(content), generations).map(|card| card.generation().clone());
    assert_eq!(opened(&today, &generations(&next)), Ok(Generation::today()));
    assert_eq!(opened(&other, &generations(&next)).as_ref(), Ok(next.generation()));
    // Whoever has not been told of it does not know it.
    assert!(matches!(opened(&other, &[Generation::today()]), Err(CardError::NotMyNumberCard(_))));
    assert!(matches!(opened(&today, &[next.generation().clone()]), Err(CardError::NotMyNumberCard(_))));
    // The first command after power-up may fail here, too.
    let fresh = slot(&other).with_fault(Fault::FirstCommandFails);
    assert_eq!(Card::open_among(fresh, &generations(&next)).unwrap().generation(), next.generation());
}

#[test]
fn its_signatures_are_p384_and_verify_whatever_its_files_are_called() {
    for next in [next(), renumbered()] {
        let content = card_of_hanako(|order| {
            order.generation = Some(next.clone());
            order.text_pin = "1234".to_owned();
        });
        let mut card = Card::open_among(slot(&content), &generations(&next)).unwrap();
        assert_eq!(card.sign(Key::Authentication, b"message"), Err(CardError::PinNeeded(PinName::Authentication)));
        let (pin, password) = (pin(&card, "1234"), password(&card, "YABU2026"));
        card.verify_pin(&pin, LastTry::Keep).unwrap();
        card.verify_password(&password, LastTry::Keep).unwrap();
        let now = tachiai_jpki::UnixTime::from_secs(tachiai_tests::voters::now().unix().unsigned_abs());
        let year = 365 * 86_400;
        let validity = tachiai_jpki::Validity {
            not_before: tachiai_jpki::UnixTime::from_secs(now.as_secs() - 2 * year),
            not_after: tachiai_jpki::UnixTime::from_secs(now.as_secs() + 9 * year),
        };
        let store = Authorities::with_published_keys(validity).unwrap().jpki.trust_store().unwrap();
        let (authentication, signing) = (card.authentication_certificate().unwrap(), card.signing_certificate().unwrap());
        for (key, certificate, purpose) in
            [(Key::Authentication, authentication, Purpose::UserAuthentication), (Key::Signing, signing, Purpose::DigitalSignature)]
        {
            let holder = verify_certificate(&certificate, purpose, &store, &PolicySet::test(), &CrlSet::default(), CrlPolicy::NotRequired, now).unwrap();
            assert_eq!(holder.key().algorithm(), SignatureAlgorithm::EcdsaP384Sha384);
            for turn in 0..20u8 {
                let signature = card.sign(key, &[turn]).unwrap();
                verify_signature(&holder, &[turn], &signature).unwrap();
                assert!(verify_signature(&holder, b"another", &signature).is_err());
            }
        }
    }
}

#[test]
fn one_pin_with_one_counter_opens_both_applications() {
    let next = next();
    let content = card_of_hanako(|order| order.generation = Some(next.clone()));
    let mut card = Card::open_among(slot(&content), &generations(&next)).unwrap();
    let (right, wrong) = (pin(&card, "1234"), pin(&card, "0000"));
    let missed = CardError::WrongPin { pin: PinName::Authentication, left: 2 };
    assert_eq!(card.attributes(&wrong, LastTry::Keep).unwrap_err(), missed);
    assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(2)));
    let read = card.attributes(&right, LastTry::Keep).unwrap();
    assert_eq!((read.name.as_str(), read.birth.as_str()), ("番号　花子", "19800217"));
    assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(3)));
    // Nothing on it signs its text, so no counter takes it, and no try is spent on that.
    assert_eq!(card.signed_text(&wrong, LastTry::Spend).unwrap_err(), CardError::TextUnsigned);
    assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(3)));
    // What was verified there opens no key.
    assert_eq!(card.sign(Key::Authentication, b"message"), Err(CardError::PinNeeded(PinName::Authentication)));
}

#[test]
fn a_password_that_its_generation_does_not_have_is_not_shown_to_it() {
    let next = next();
    let content = card_of_hanako(|order| order.generation = Some(next.clone()));
    let mut card = Card::open_among(slot(&content), &generations(&next)).unwrap();
    // Six characters, which are enough for a card of today.
    let short = Password::new(&SecretString::from("YABU26")).unwrap();
    assert!(matches!(card.verify_password(&short, LastTry::Spend), Err(CardError::PinRule { pin: PinName::Signing, .. })));
    assert_eq!(card.tries(PinName::Signing), Ok(Tries::Left(5)));
}

#[test]
fn a_card_of_the_next_generation_is_made_by_the_program_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
    let generation = file().into_os_string().into_string().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tachiai-vcard")).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["ca", "--out", &at("ca")]).0, Some(0));
    let person = ["--number", "3", "--name", "番号　花子", "--address", "兵庫県養父市", "--birth", "1980-02-17", "--sex", "female"];
    let (ca, card) = (at("ca"), at("next.card"));
    let new = [&["new", "--ca", &ca, "--out", &card, "--generation", &generation][..], &person[..]].concat();
    assert_eq!(run(&new), (Some(0), String::new()));
    // A password that the generation does not have.
    assert_eq!(run(&[&new[..], &["--password", "YABU26"]].concat()).0, Some(2));
    let content = Content::read(Path::new(&card)).unwrap();
    assert_eq!(content.generation, Some(next()));
    assert!(Card::open_among(slot(&content), &generations(&next())).is_ok());
}

#[test]
fn a_resident_with_a_card_of_the_next_generation_enrols_and_votes() {
    let story = Story::begin(Setting::of(2));
    let exits = |outcome: Outcome, code: i32| outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"));
    let order = Order { generation: Some(next()), ..story.scene.electors[0].order(story.scene.residents.validity()) };
    let content = order.issue(story.scene.residents.authorities(), &KeyPool::shared()).unwrap();
    let mut seat = Seat::with(&story.scene, &content, &[]);
    // A console that was not told of the generation takes the card for another.
    let unknown = exits(seat.enrol(), 5);
    assert!(unknown.stderr.contains("not a My Number Card"), "{}", unknown.stderr);
    seat.generation = Some(seat.file("none.toml"));
    exits(seat.enrol(), 2);
    seat.generation = Some(file());
    exits(seat.enrol(), 0);
    let receipt = seat.vote(&story, "mayor=m1", "receipt.json");
    assert!(matches!(seat.check(&story, &receipt), BallotStatus::Counted { .. }));

    // Beside it somebody votes with a card of today, at a console that knows both.
    let mut other = Seat::of(&story.scene, 1);
    other.generation = Some(file());
    exits(other.enrol(), 0);
    let receipt = other.vote(&story, "mayor=m2", "receipt.json");
    assert!(matches!(other.check(&story, &receipt), BallotStatus::Counted { .. }));

    // Keys that its certificates do not name are refused.
    seat.insert(&["wrong-key"]);
    let refused = exits(seat.booth(&story, "vote", "1234", "mayor=m2", "second.json"), 5);
    assert!(refused.stderr.contains("signature is wrong"), "{}", refused.stderr);
    assert!(!seat.file("second.json").exists());
}
