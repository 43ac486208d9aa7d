//! A My Number Card, met in process and over a socket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{BufRead, BufReader},
    os::unix::net::UnixListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use secrecy::SecretString;
use tachiai::card::{Card, CardError, Key, Kind, LastTry, Object, Password, Pin, PinName, Sex, SocketTransport, Transport, TransportError, Tries, Watched};
use tachiai_jpki::{CrlPolicy, CrlSet, HolderCertificate, PolicySet, Purpose, UnixTime, verify_certificate, verify_signature};
use tachiai_tests::card::{Authorities, CaFolder, Content, Fault, Form, KeyPool, Order, Slot, SoftwareCard, serve};
use tachiai_tests::desk::{hanako, set_validity};

const PATIENCE: Duration = Duration::from_secs(30);
/// How long a card is waited for that is known to hang.
const SHORT_PATIENCE: Duration = Duration::from_millis(500);

const NOW: &str = "2026-11-15T03:00:00Z";

static CA: LazyLock<Authorities> = LazyLock::new(|| Authorities::with_published_keys(set_validity()).unwrap());

fn time(text: &str) -> UnixTime {
    UnixTime::from_rfc3339(text).unwrap()
}

fn order(number: usize) -> Order {
    Order::usual(number, hanako(), set_validity())
}

fn content() -> Content {
    order(0).issue(&CA, &KeyPool::shared()).unwrap()
}

/// What an appliance sees in this certificate.
fn holder(certificate: &[u8], purpose: Purpose) -> HolderCertificate {
    let anchors = CA.jpki.trust_store().unwrap();
    let crls = (&CrlSet::default(), CrlPolicy::NotRequired);
    verify_certificate(certificate, purpose, &anchors, &PolicySet::test(), crls.0, crls.1, time(NOW)).unwrap()
}

fn pin(text: &str) -> Pin {
    Pin::new(&SecretString::from(text)).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(&SecretString::from(text)).unwrap()
}

fn slot(content: Content, faults: &[Fault]) -> Slot {
    faults.iter().fold(Slot::new("slot", SoftwareCard::new(content)), |slot, fault| slot.with_fault(*fault))
}

/// Tells the story twice: to a card in process and to one behind a socket.
fn in_process_and_over_the_socket(content: &Content, faults: &[Fault], story: impl Fn(&mut dyn Transport)) {
    let hangs = faults.iter().any(|fault| matches!(fault, Fault::HangAfter(_)));
    let patience = if hangs { SHORT_PATIENCE } else { PATIENCE };

    story(&mut Watched::new(slot(content.clone(), faults), patience).unwrap());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let listener = UnixListener::bind(&path).unwrap();
    let mut slot = slot(content.clone(), faults);
    thread::spawn(move || serve(&listener, &mut slot));
    story(&mut SocketTransport::connect(&path, patience).unwrap());
}

/// What the card answers to this command.
fn answer(transport: &mut dyn Transport, command: &str) -> Vec<u8> {
    let command = data_encoding::HEXUPPER.decode(command.replace(' ', "").as_bytes()).unwrap();
    transport.transmit(&command).unwrap()
}

/// The status word that the card answers to this command.
fn status(transport: &mut dyn Transport, command: &str) -> String {
    let answer = answer(transport, command);
    data_encoding::HEXUPPER.encode(&answer[answer.len() - 2..])
}

const SELECT_JPKI: &str = "00A4040C0A D392F000260100000001";
const SELECT_TEXT: &str = "00A4040C0A D3921000310001010408";
const SELECT_FACE: &str = "00A4040C0A D3921000310001010402";
const SELECT_ISSUER: &str = "00A4040C07 A0000001510000";
const SELECT_KEY: &str = "00A4020C02 0017";
const SELECT_PIN: &str = "00A4020C02 0018";
const VERIFY: &str = "0020008004 31323334";
const SIGN: &str = "802A030003 414243 00";
const SIGN_CURRENT: &str = "802A038003 414243 00";

#[test]
fn a_wrong_pin_costs_a_try_and_a_right_one_gives_them_back() {
    in_process_and_over_the_socket(&content(), &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(3)));
        let wrong = CardError::WrongPin { pin: PinName::Authentication, left: 2 };
        assert_eq!(card.verify_pin(&pin("0000"), LastTry::Keep), Err(wrong));
        assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(2)));
        assert_eq!(card.tries(PinName::Signing), Ok(Tries::Left(5)));
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(3)));
    });
}

#[test]
fn the_last_try_is_never_spent_unasked() {
    in_process_and_over_the_socket(&content(), &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        for _ in 0..10 {
            assert!(card.verify_pin(&pin("0000"), LastTry::Keep).is_err());
        }
        assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(1)));
        let kept = CardError::LastTryKept(PinName::Authentication);
        assert_eq!(card.verify_pin(&pin("1234"), LastTry::Keep), Err(kept));
        card.verify_pin(&pin("1234"), LastTry::Spend).unwrap();
        assert_eq!(card.tries(PinName::Authentication), Ok(Tries::Left(3)));
    });
}

#[test]
fn a_blocked_pin_says_so_and_where_to_go() {
    in_process_and_over_the_socket(&content(), &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        let blocked = CardError::Blocked(PinName::Signing);
        for left in (1..5).rev() {
            let wrong = CardError::WrongPin { pin: PinName::Signing, left };
            assert_eq!(card.verify_password(&password("WRONG1"), LastTry::Spend), Err(wrong));
        }
        assert_eq!(card.verify_password(&password("WRONG1"), LastTry::Spend), Err(blocked.clone()));
        assert_eq!(card.verify_password(&password("YABU2026"), LastTry::Spend), Err(blocked.clone()));
        assert_eq!(card.tries(PinName::Signing), Ok(Tries::Blocked));
        assert!(blocked.say(tachiai_schemas::Lang::Ja).contains("窓口"));
        assert!(blocked.say(tachiai_schemas::Lang::En).contains("office"));
    });
}

#[test]
fn nothing_is_signed_without_its_own_pin() {
    in_process_and_over_the_socket(&content(), &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        let pin_needed = Err(CardError::PinNeeded(PinName::Authentication));
        assert_eq!(card.sign(Key::Authentication, b"message"), pin_needed);
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        card.sign(Key::Authentication, b"message").unwrap();
        assert_eq!(card.sign(Key::Signing, b"message"), Err(CardError::PinNeeded(PinName::Signing)));
        assert!(card.verify_pin(&pin("0000"), LastTry::Keep).is_err());
        assert_eq!(card.sign(Key::Authentication, b"message"), pin_needed);
    });
}

#[test]
fn certificates_are_read_as_they_were_issued() {
    let content = content();
    in_process_and_over_the_socket(&content, &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        assert_eq!(card.kind(), Kind::Card);
        assert_eq!(*card.authentication_certificate().unwrap(), *content.authentication.certificate);
        assert_eq!(*card.authentication_ca().unwrap(), *content.authentication.ca);
        assert_eq!(card.signing_certificate(), Err(CardError::PinNeeded(PinName::Signing)));
        card.verify_password(&password("yabu2026"), LastTry::Keep).unwrap();
        let signing = content.signing.as_ref().unwrap();
        assert_eq!(*card.signing_certificate().unwrap(), *signing.certificate);
        assert_eq!(*card.signing_ca().unwrap(), *signing.ca);
    });
}

#[test]
fn signatures_verify_under_the_certificates_of_their_keys() {
    in_process_and_over_the_socket(&content(), &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        card.verify_password(&password("YABU2026"), LastTry::Keep).unwrap();
        let authentication = holder(&card.authentication_certificate().unwrap(), Purpose::UserAuthentication);
        let signing = holder(&card.signing_certificate().unwrap(), Purpose::DigitalSignature);
        assert_eq!(signing.attributes(), Some(&hanako()));
        for (key, holder, other) in [(Key::Authentication, &authentication, &signing), (Key::Signing, &signing, &authentication)] {
            let signature = card.sign(key, b"message").unwrap();
            verify_signature(holder, b"message", &signature).unwrap();
            assert!(verify_signature(holder, b"massage", &signature).is_err());
            assert!(verify_signature(other, b"message", &signature).is_err());
        }
    });
}

#[test]
fn cards_of_different_people_have_different_keys_and_serial_numbers() {
    let pool = KeyPool::shared();
    let seen: Vec<_> = [0, 1, 128, 129, 130, 131, 132]
        .into_iter()
        .map(|number| {
            let content = order(number).issue(&CA, &pool).unwrap();
            let mut slot = slot(content, &[]);
            let mut card = Card::open(&mut slot).unwrap();
            card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
            let holder = holder(&card.authentication_certificate().unwrap(), Purpose::UserAuthentication);
            verify_signature(&holder, b"message", &card.sign(Key::Authentication, b"message").unwrap()).unwrap();
            (holder.spki_sha256(), holder.serial().clone())
        })
        .collect();
    for (index, one) in seen.iter().enumerate() {
        for other in &seen[..index] {
            assert!(one.0 != other.0 && one.1 != other.1);
        }
    }
}

#[test]
fn a_card_without_a_signing_certificate_says_so() {
    let content = Order { password: None, ..order(0) }.issue(&CA, &KeyPool::shared()).unwrap();
    in_process_and_over_the_socket(&content, &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        let absent = Err(CardError::Absent(Object::SigningCertificate));
        assert_eq!(card.signing_certificate(), absent);
        let absent = Err(CardError::Absent(Object::Pin(PinName::Signing)));
        assert_eq!(card.verify_password(&password("YABU2026"), LastTry::Keep), absent);
    });
}

#[test]
fn a_phone_shows_its_certificate_after_the_pin() {
    let content = Content { form: Form::Android, ..content() };
    in_process_and_over_the_socket(&content, &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        assert_eq!(card.kind(), Kind::Android);
        assert_eq!(card.authentication_certificate(), Err(CardError::PinNeeded(PinName::Authentication)));
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        assert_eq!(*card.authentication_certificate().unwrap(), *content.authentication.certificate);
    });
}

#[test]
fn the_four_attributes_are_read_with_the_pin_of_the_text() {
    let content = content();
    in_process_and_over_the_socket(&content, &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        let wrong = CardError::WrongPin { pin: PinName::Text, left: 2 };
        assert_eq!(card.attributes(&pin("1234"), LastTry::Keep).unwrap_err(), wrong);
        let read = card.attributes(&pin("5678"), LastTry::Keep).unwrap();
        assert_eq!((read.name, read.address), (content.text.name.clone(), content.text.address.clone()));
        assert_eq!((read.birth.as_str(), read.sex), ("19800217", Sex::Female));
    });
}

#[test]
fn the_text_forgets_what_jpki_verified() {
    in_process_and_over_the_socket(&content(), &[], |transport| {
        let mut card = Card::open(transport).unwrap();
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        card.attributes(&pin("5678"), LastTry::Keep).unwrap();
        assert_eq!(card.sign(Key::Authentication, b"message"), Err(CardError::PinNeeded(PinName::Authentication)));
    });
}

#[test]
fn a_verified_pin_survives_a_reset_and_not_the_end_of_a_conversation() {
    in_process_and_over_the_socket(&content(), &[], |transport| {
        let mut card = Card::open(&mut *transport).unwrap();
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        drop(card);
        assert_eq!(status(transport, SELECT_JPKI), "9000");
        assert_eq!(status(transport, SELECT_KEY), "9000");
        assert_eq!(status(transport, SIGN_CURRENT), "6982");

        assert_eq!(status(transport, SELECT_PIN), "9000");
        assert_eq!(status(transport, VERIFY), "9000");
        transport.power(tachiai::card::Power::Reset).unwrap();
        assert_eq!(status(transport, SELECT_JPKI), "9000");
        assert_eq!(status(transport, SELECT_KEY), "9000");
        assert_eq!(status(transport, SIGN_CURRENT), "9000");
        assert_eq!(status(transport, SELECT_ISSUER), "9000");
        assert_eq!(status(transport, SELECT_JPKI), "9000");
        assert_eq!(status(transport, SELECT_KEY), "9000");
        assert_eq!(status(transport, SIGN_CURRENT), "6982");
    });
}

#[test]
fn a_card_removed_in_the_middle_is_said() {
    for commands in 0..12 {
        in_process_and_over_the_socket(&content(), &[Fault::RemoveAfter(commands)], |transport| {
            let result = Card::open(transport).and_then(|mut card| card.authentication_certificate());
            assert_eq!(result.unwrap_err(), CardError::Transport(TransportError::Removed));
        });
    }
}

#[test]
fn a_hung_card_is_given_up() {
    in_process_and_over_the_socket(&content(), &[Fault::HangAfter(5)], |transport| {
        let result = Card::open(transport).and_then(|mut card| card.authentication_certificate());
        assert_eq!(result.unwrap_err(), CardError::Transport(TransportError::Hung { waited: SHORT_PATIENCE }));
    });
}

#[test]
fn a_broken_answer_is_no_answer() {
    in_process_and_over_the_socket(&content(), &[Fault::BreakAfter(4)], |transport| {
        let result = Card::open(transport).and_then(|mut card| card.authentication_certificate());
        assert_eq!(result.unwrap_err(), CardError::Transport(TransportError::Broken(1)));
    });
}

#[test]
fn an_answer_that_lost_its_end_is_never_taken_for_a_whole_one() {
    for commands in 0..16 {
        in_process_and_over_the_socket(&content(), &[Fault::Truncate(commands)], |transport| {
            let result = Card::open(transport).and_then(|mut card| card.authentication_certificate());
            if let Ok(certificate) = result {
                // Everything had been read before.
                assert_eq!(*certificate, *content().authentication.certificate);
                assert!(commands > 12, "after {commands}");
            }
        });
    }
    in_process_and_over_the_socket(&content(), &[Fault::Truncate(6)], |transport| {
        let mut card = Card::open(transport).unwrap();
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        let refused = card.sign(Key::Authentication, b"message");
        assert!(matches!(refused, Err(CardError::Refused { doing: Object::Signature, .. })), "{refused:?}");
    });
}

#[test]
fn a_signature_by_another_key_than_the_certificate_names_is_none() {
    in_process_and_over_the_socket(&content(), &[Fault::WrongKey], |transport| {
        let mut card = Card::open(transport).unwrap();
        let holder = holder(&card.authentication_certificate().unwrap(), Purpose::UserAuthentication);
        assert_eq!(card.sign(Key::Authentication, b"message"), Err(CardError::PinNeeded(PinName::Authentication)));
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        let signature = card.sign(Key::Authentication, b"message").unwrap();
        assert_eq!(signature.len(), 256);
        assert!(verify_signature(&holder, b"message", &signature).is_err());
    });
}

#[test]
fn a_slow_card_is_slow_and_a_slow_signer_only_signs_slowly() {
    let tenth = Duration::from_millis(100);
    let took = |slot: Slot| {
        let start = Instant::now();
        let mut card = Card::open(slot).unwrap();
        card.verify_pin(&pin("1234"), LastTry::Keep).unwrap();
        let before = start.elapsed();
        card.sign(Key::Authentication, b"message").unwrap();
        (before, start.elapsed() - before)
    };
    // Six commands before the signature: two selections of an application or file and the reading of the kind, then three.
    let (before, signing) = took(slot(content(), &[Fault::Slow(100)]));
    assert!(before >= 6 * tenth && signing >= 2 * tenth, "{before:?} {signing:?}");
    let (before, signing) = took(slot(content(), &[]).with_signing_time(3 * tenth));
    assert!(before < 3 * tenth && signing >= 3 * tenth, "{before:?} {signing:?}");
}

#[test]
fn faults_are_written_as_they_are_read() {
    for text in ["remove-after:3", "hang-after:0", "break-after:1", "truncate", "truncate:7", "slow:250", "wrong-key", "locked", "first-6f00", "foreign"] {
        assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
    }
    for text in ["", "remove-after", "remove-after:", "slow:-1", "wrong-key:1", "LOCKED"] {
        assert!(text.parse::<Fault>().is_err(), "{text}");
    }
}

#[test]
fn a_first_command_that_fails_is_repeated() {
    in_process_and_over_the_socket(&content(), &[Fault::FirstCommandFails], |transport| {
        Card::open(transport).unwrap().authentication_certificate().unwrap();
    });
}

#[test]
fn a_transit_card_is_no_my_number_card() {
    in_process_and_over_the_socket(&content(), &[Fault::Foreign], |transport| {
        assert!(matches!(Card::open(transport).err(), Some(CardError::NotMyNumberCard(_))));
    });
}

#[test]
fn a_locked_card_is_not_shown_a_pin() {
    in_process_and_over_the_socket(&content(), &[Fault::Locked], |transport| {
        let mut card = Card::open(transport).unwrap();
        let blocked = Err(CardError::Blocked(PinName::Authentication));
        assert_eq!(card.verify_pin(&pin("1234"), LastTry::Spend), blocked);
    });
}

#[test]
fn the_engine_answers_as_real_cards_were_measured() {
    let conversation = [
        ("00A40000", "6A86"),
        ("00A40000023F00", "6A82"),
        ("00A4040C0A D3921000310001010401", "6A82"),
        ("00A4020C02 000A", "6A82"),
        ("00B0000000", "6986"),
        (SELECT_JPKI, "9000"),
        ("00A40000", "9000"),
        ("00A4020C02 0099", "6A82"),
        ("00A4020C02 000A", "9000"),
        ("00B0000000", "9000"),
        ("00B07F0000", "6B00"),
        ("00B08A0001", "9000"),
        ("00B0860000", "9000"),
        (SELECT_KEY, "9000"),
        ("00B0000000", "6981"),
        (SIGN_CURRENT, "6982"),
        ("00200098", "63C3"),
        ("0020009804 31323334", "9000"),
        (SIGN, "6A86"),
        (SIGN_CURRENT, "6985"),
        ("802A039703 414243 00", "9000"),
        ("802A009703 414243 00", "9000"),
        ("802A029703 414243 00", "6985"),
        ("802A049703 414243 00", "6985"),
        ("802A059703 414243 00", "9000"),
        ("802A069703 414243 00", "6A86"),
        ("802A039A03 414243 00", "6982"),
        ("0084000010", "9000"),
        ("00CA000000", "6D00"),
        ("A0B0000000", "6E00"),
        ("00B0000000000000", "6700"),
        (SELECT_TEXT, "9000"),
        ("00B0810000", "6982"),
        ("00B0820000", "6982"),
        ("00B0830000", "6982"),
        ("00B0870000", "6982"),
        ("00B0840000", "9000"),
        ("00A4020C02 0006", "6A82"),
        ("00200092", "63C0"),
        ("0020009204 31323334", "6984"),
        ("00200094", "63CA"),
        ("802A030003 414243 00", "9000"),
        (SELECT_FACE, "9000"),
        ("00B0810000", "6982"),
        ("00B0820000", "6982"),
        ("00B0830000", "9000"),
        ("00B0840000", "9000"),
        ("00B0850000", "6982"),
        ("802A030003 414243 00", "9000"),
        ("002000910431323334", "63C9"),
    ];
    in_process_and_over_the_socket(&content(), &[], |transport| {
        for (command, expected) in conversation {
            assert_eq!(status(transport, command), expected, "to {command}");
        }
    });
}

/// A `tachiai-vcard` process, ended with its handle.
struct Process(Child);

impl Process {
    fn start(card: &Path, socket: &Path) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tachiai-vcard"))
            .args(["--card".as_ref(), card.as_os_str(), "--socket".as_ref(), socket.as_os_str()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains(" at "), "{line}");
        Process(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn tries_survive_a_restart_of_the_card_process() {
    let folder = tempfile::tempdir().unwrap();
    let (file, socket) = (folder.path().join("hanako.card"), folder.path().join("socket"));
    content().write(&file).unwrap();
    for left in [2, 1] {
        let _process = Process::start(&file, &socket);
        let mut card = Card::open(SocketTransport::connect(&socket, PATIENCE).unwrap()).unwrap();
        let wrong = CardError::WrongPin { pin: PinName::Authentication, left };
        assert_eq!(card.verify_pin(&pin("0000"), LastTry::Keep), Err(wrong));
    }
    let _process = Process::start(&file, &socket);
    for _ in 0..2 {
        let mut card = Card::open(SocketTransport::connect(&socket, PATIENCE).unwrap()).unwrap();
        let kept = CardError::LastTryKept(PinName::Authentication);
        assert_eq!(card.verify_pin(&pin("0000"), LastTry::Keep), Err(kept));
    }
}

#[test]
fn a_card_that_no_reader_takes_is_waited_for_and_then_said_to_be_in_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
    let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_tachiai-vcard")).args(arguments).output().unwrap();
    let (ca, file) = (at("ca"), at("hanako.card"));
    let person = ["--name", "番号　花子", "--address", "兵庫県養父市", "--birth", "1980-02-17", "--sex", "female"];
    assert!(run(&["ca", "--out", &ca]).status.success());
    assert!(run(&[&["new", "--ca", &ca, "--out", &file, "--number", "0"][..], &person[..]].concat()).status.success());
    // A reader that holds another card takes the connection and asks nothing; on a port that was free a moment ago nobody listens.
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (port, why) in [(busy.local_addr().unwrap().port(), "another card already"), (nobody, "is pcscd running")] {
        let output = run(&["--card", &file, "--vpcd", &port.to_string(), "--wait", "1"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && output.stdout.is_empty() && said.contains(why), "{said}");
    }
}

#[test]
fn a_card_made_by_the_program_is_accepted_under_the_anchors_beside_its_ca() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tachiai-vcard")).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (ca, file) = (at("ca"), at("hanako.card"));
    assert_eq!(run(&["ca", "--out", &ca]), (Some(0), String::new()));
    assert_eq!(run(&["ca", "--out", &ca]).0, Some(2));
    let person = ["--name", "番号　花子", "--address", "兵庫県養父市", "--birth", "1980-02-17", "--sex", "female"];
    let new = [&["new", "--ca", &ca, "--out", &file, "--number", "0"][..], &person[..]].concat();
    assert_eq!(run(&new), (Some(0), String::new()));
    assert_eq!(run(&["new", "--ca", &ca]).0, Some(64));
    assert_eq!(run(&[]).0, Some(64));

    let content = Content::read(Path::new(&file)).unwrap();
    let anchors = ["authentication-ca.cer", "signature-ca.cer"].map(|name| {
        let der = std::fs::read(Path::new(&ca).join(name)).unwrap();
        tachiai_jpki::Anchor::from_der(&der).unwrap()
    });
    let store = tachiai_jpki::TrustStore::new(anchors.into());
    let issued = CaFolder::new(&ca).validity().unwrap().not_before;
    let verdict = |crls: &CrlSet, policy| {
        let certificate = &content.authentication.certificate;
        verify_certificate(certificate, Purpose::UserAuthentication, &store, &PolicySet::test(), crls, policy, issued)
    };
    assert!(verdict(&CrlSet::default(), CrlPolicy::NotRequired).is_ok());
    // The text is signed, and verified with the root beside the CA alone.
    let text_root = tachiai_jpki::TextAnchor::from_bytes(&std::fs::read(Path::new(&ca).join("text-root.bin")).unwrap()).unwrap();
    assert_eq!(text_root, CaFolder::new(&ca).open().unwrap().face.text().anchor().unwrap());

    // Lists of nobody, and one that names the card.
    let lists = |arguments: &[&str]| {
        assert_eq!(run(&[&["crl", "--ca", &ca][..], arguments].concat()), (Some(0), String::new()));
        let mut set = CrlSet::default();
        for name in ["authentication.crl", "signature.crl"] {
            let der = std::fs::read(Path::new(&ca).join(name)).unwrap();
            set.insert(tachiai_jpki::Crl::from_der(&der, &store).unwrap());
        }
        set
    };
    let required = CrlPolicy::Required;
    assert!(verdict(&lists(&[]), required).is_ok());
    assert!(verdict(&lists(&["--revoke-signing", "1"]), required).is_ok());
    assert!(matches!(verdict(&lists(&["--revoke", "1"]), required), Err(tachiai_jpki::JpkiError::Revoked { .. })));
    assert_eq!(run(&["crl", "--ca", &ca, "--revoke", "0"]).0, Some(64));
}

#[test]
fn the_verifier_of_texts_accepts_the_text_of_a_software_card() {
    let content = content();
    in_process_and_over_the_socket(&content, &[], |transport| {
        let read = |transport: &mut dyn Transport, file: u8| {
            let mut whole = Vec::new();
            while let Ok(answer) =
                transport.transmit(&[0x00, 0xB0, if whole.is_empty() { 0x80 | file } else { (whole.len() >> 8) as u8 }, whole.len() as u8, 0])
            {
                let (data, status) = answer.split_at(answer.len() - 2);
                whole.extend_from_slice(data);
                if status != [0x90, 0x00] || data.len() < 256 {
                    break;
                }
            }
            // Cut to its one object, which fills files of more than 255 bytes whole.
            let length = match whole[..] {
                [_, _, 0x81, length, ..] => 4 + usize::from(length),
                [_, _, 0x82, high, low, ..] => 5 + usize::from(u16::from_be_bytes([high, low])),
                [_, _, length, ..] => 3 + usize::from(length),
                _ => panic!("an empty file"),
            };
            whole.truncate(length);
            whole
        };
        assert_eq!(status(transport, SELECT_TEXT), "9000");
        assert_eq!(status(transport, "0020009104 35363738"), "9000");
        let [attributes, digests, certificate, key] = [2, 3, 4, 7].map(|file| read(transport, file));
        let files = tachiai_jpki::TextFiles { attributes: &attributes, digests: &digests, certificate: &certificate };
        let anchors = tachiai_jpki::TextAnchors::new(vec![CA.face.text().anchor().unwrap()]);
        let text = tachiai_jpki::verify_text(&files, &anchors).unwrap();
        assert_eq!(text.attributes(), &hanako());
        let signature = answer(transport, SIGN);
        tachiai_jpki::verify_presence(&certificate, &key, &anchors, b"ABC", &signature[..256]).unwrap();
    });
}

#[test]
fn a_card_file_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hanako.card");
    let written = content();
    written.write(&file).unwrap();
    let read = Content::read(&file).unwrap();
    assert_eq!(read.authentication.certificate, written.authentication.certificate);
    assert_eq!(read.authentication.key.spki(), written.authentication.key.spki());
    assert_eq!(read.signing.unwrap().pin, written.signing.unwrap().pin);
    assert!(read.text == written.text);
}

/// Commands that a hostile program might send: the card's own with anything for their parameters, and anything else.
fn commands() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let meant =
        [SELECT_JPKI, SELECT_TEXT, SELECT_FACE, SELECT_ISSUER, SELECT_KEY, SELECT_PIN, SIGN, SIGN_CURRENT, "00200080", "00200098", "802A009A03 414243 00"];
    let meant = meant.map(|command| data_encoding::HEXUPPER.decode(command.replace(' ', "").as_bytes()).unwrap());
    let instruction = proptest::sample::select(vec![0xA4u8, 0xB0, 0x20, 0x24, 0x84, 0x2A]);
    let shaped = (proptest::sample::select(vec![0x00u8, 0x80]), instruction, any::<u8>(), any::<u8>(), proptest::collection::vec(any::<u8>(), 0..8)).prop_map(
        |(class, instruction, p1, p2, data)| {
            let mut command = vec![class, instruction, p1, p2, data.len() as u8];
            command.extend(data);
            command.push(0);
            command
        },
    );
    let anything = proptest::collection::vec(any::<u8>(), 0..40);
    proptest::collection::vec(prop_oneof![3 => proptest::sample::select(meant.to_vec()), 2 => shaped, 1 => anything], 1..40)
}

/// A card that answers whatever it likes.
struct Hostile(std::vec::IntoIter<Vec<u8>>);

impl Transport for Hostile {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.0.next().ok_or(TransportError::Removed)
    }

    fn power(&mut self, _: tachiai::card::Power) -> Result<(), TransportError> {
        Ok(())
    }

    fn name(&self) -> &str {
        "hostile"
    }
}

static HANAKO: LazyLock<Content> = LazyLock::new(content);

proptest! {
    #[test]
    fn no_commands_without_a_pin_make_a_signature_or_show_the_text(commands in commands()) {
        let mut card = SoftwareCard::new(HANAKO.clone());
        let mut printed = false;
        for command in commands {
            let answer = card.handle(&command);
            prop_assert!(answer.len() >= 2 && answer.len() <= 258);
            // What is printed has keys of its own, which are open and sign for nobody.
            if command.starts_with(&[0x00, 0xA4, 0x04]) && answer == [0x90, 0x00] {
                printed = command.get(5..7) == Some(&[0xD3, 0x92]) && command.get(7) == Some(&0x10);
            }
            let signed = command.starts_with(&[0x80, 0x2A]) && answer.len() > 2 && !printed;
            prop_assert!(!signed, "{command:02X?} made a signature");
            let name = HANAKO.text.name.as_bytes();
            prop_assert!(!answer.windows(name.len()).any(|window| window == name), "{command:02X?} showed a name");
        }
    }

    #[test]
    fn a_card_that_answers_anything_is_refused_or_read_and_never_a_panic(
        answers in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..300), proptest::sample::select(vec![0x9000u16, 0x9000, 0x9000, 0x6282, 0x63C2, 0x6982])),
            0..30,
        ),
    ) {
        let answers = answers.into_iter().map(|(mut data, status)| { data.extend(status.to_be_bytes()); data });
        let label = [b"JPKIAPICCTOKEN2".as_slice(), &[0x90, 0x00]].concat();
        let opening = [vec![0x90, 0x00], vec![0x90, 0x00], label];
        let mut card = Card::open(Hostile(opening.into_iter().chain(answers).collect::<Vec<_>>().into_iter())).unwrap();
        if let Ok(certificate) = card.authentication_certificate() {
            prop_assert_eq!(certificate.first(), Some(&0x30));
        }
        let _ = card.attributes(&pin("5678"), LastTry::Keep);
        let _ = card.sign(Key::Authentication, b"message");
    }
}
