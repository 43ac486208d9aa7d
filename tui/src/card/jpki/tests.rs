use std::collections::VecDeque;

use data_encoding::HEXUPPER_PERMISSIVE;
use secrecy::SecretString;

use super::*;

type Outcome = Result<Vec<u8>, TransportError>;

/// Plays a written conversation: each command must be the expected one and gets the answer beside it.
struct Script {
    lines: VecDeque<(Vec<u8>, Outcome)>,
    powers: Vec<Power>,
}

fn bytes(hex: &str) -> Vec<u8> {
    HEXUPPER_PERMISSIVE.decode(hex.replace(' ', "").as_bytes()).unwrap()
}

impl Script {
    fn new(lines: &[(&str, &str)]) -> Script {
        let lines = lines.iter().map(|(command, answer)| (bytes(command), Ok(bytes(answer)))).collect();
        Script { lines, powers: Vec::new() }
    }

    fn opened(lines: &[(&str, &str)]) -> Script {
        let mut all = vec![(SELECT_JPKI, "9000"), ("00A4020C020006", "9000"), ("00B0000020", LABEL_OF_A_CARD)];
        all.extend_from_slice(lines);
        Script::new(&all)
    }

    fn fails(mut self, command: &str, error: TransportError) -> Script {
        self.lines.push_back((bytes(command), Err(error)));
        self
    }
}

impl Transport for Script {
    fn transmit(&mut self, apdu: &[u8]) -> Outcome {
        let (command, answer) = self.lines.pop_front().expect("the conversation was over");
        assert_eq!(HEXUPPER_PERMISSIVE.encode(apdu), HEXUPPER_PERMISSIVE.encode(&command));
        answer
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        self.powers.push(power);
        Ok(())
    }

    fn name(&self) -> &str {
        "script"
    }
}

const SELECT_JPKI: &str = "00A4040C0AD392F000260100000001";
const SELECT_ISSUER: &str = "00A4040C07A0000001510000";
const LABEL_OF_A_CARD: &str = "4A504B494150494343544F4B454E3220 20202020202020202020202020202020 9000";
const LEAVE: (&str, &str) = (SELECT_ISSUER, "9000");

fn pin() -> Pin {
    Pin::new(&SecretString::from("1234")).unwrap()
}

fn converse(script: &mut Script, act: impl FnOnce(&mut Card<&mut Script>)) {
    act(&mut Card::open(&mut *script).unwrap());
    assert!(script.lines.is_empty(), "the card was not asked all that was expected");
}

#[test]
fn the_first_select_after_power_up_is_repeated_once_if_it_fails_without_a_diagnosis() {
    let mut script = Script::new(&[(SELECT_JPKI, "6F00"), (SELECT_JPKI, "9000"), ("00A4020C020006", "9000"), ("00B0000020", LABEL_OF_A_CARD), LEAVE]);
    converse(&mut script, |card| assert_eq!(card.kind(), Kind::Card));
    let mut script = Script::new(&[(SELECT_JPKI, "6F00"), (SELECT_JPKI, "6F00"), LEAVE]);
    assert_eq!(Card::open(&mut script).err(), Some(CardError::NotMyNumberCard(Status::NoDiagnosis)));
}

#[test]
fn a_card_without_jpki_is_no_my_number_card() {
    let mut script = Script::new(&[(SELECT_JPKI, "6A82"), LEAVE]);
    assert_eq!(Card::open(&mut script).err(), Some(CardError::NotMyNumberCard(Status::NotFound)));
}

#[test]
fn a_card_that_calls_itself_something_else_is_not_used() {
    let mut script = Script::new(&[
        (SELECT_JPKI, "9000"),
        ("00A4020C020006", "9000"),
        ("00B0000020", "4A504B49415049434354 4F4B454E 1B 0000000000000000000000000000000000 9000"),
        LEAVE,
    ]);
    assert_eq!(Card::open(&mut script).err(), Some(CardError::UnknownKind("JPKIAPICCTOKEN\\x1b".to_owned())));
}

#[test]
fn leaving_selects_the_issuer_and_powers_off() {
    let mut script = Script::opened(&[LEAVE]);
    converse(&mut script, |_| ());
    assert_eq!(script.powers, [Power::On, Power::Off]);
    let mut script = Script::opened(&[LEAVE]);
    Card::open(&mut script).unwrap().close().unwrap();
    assert_eq!(script.powers, [Power::On, Power::Off]);
}

#[test]
fn a_pin_is_sent_only_after_the_tries_were_asked() {
    let mut script = Script::opened(&[("00A4020C020018", "9000"), ("00200080", "63C3"), ("002000800431323334", "63C2"), LEAVE]);
    converse(&mut script, |card| {
        let wrong = CardError::WrongPin { pin: PinName::Authentication, left: 2 };
        assert_eq!(card.verify_pin(&pin(), LastTry::Keep), Err(wrong));
    });
}

#[test]
fn the_last_try_is_spent_only_when_the_caller_says_so() {
    let mut script = Script::opened(&[("00A4020C020018", "9000"), ("00200080", "63C1"), LEAVE]);
    converse(&mut script, |card| {
        let kept = CardError::LastTryKept(PinName::Authentication);
        assert_eq!(card.verify_pin(&pin(), LastTry::Keep), Err(kept));
    });
    let mut script = Script::opened(&[("00A4020C020018", "9000"), ("00200080", "63C1"), ("002000800431323334", "6984"), LEAVE]);
    converse(&mut script, |card| {
        let blocked = CardError::Blocked(PinName::Authentication);
        assert_eq!(card.verify_pin(&pin(), LastTry::Spend), Err(blocked));
    });
}

#[test]
fn no_pin_is_shown_to_a_card_that_hides_its_tries() {
    for (answer, status) in [("6D00", Status::UnknownInstruction), ("6F00", Status::NoDiagnosis)] {
        let mut script = Script::opened(&[("00A4020C020018", "9000"), ("00200080", answer), LEAVE]);
        converse(&mut script, |card| {
            let refused = CardError::Refused { doing: Object::Pin(PinName::Authentication), status };
            assert_eq!(card.verify_pin(&pin(), LastTry::Spend), Err(refused));
        });
    }
}

#[test]
fn a_signature_is_asked_over_the_digest_info_of_the_message() {
    let mut script = Script::opened(&[
        ("00A4020C020017", "9000"),
        (
            "802A008033 3031300D060960864801650304020105000420 \
             BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD 00",
            "AABB9000",
        ),
        LEAVE,
    ]);
    converse(&mut script, |card| {
        assert_eq!(card.sign(Key::Authentication, b"abc").unwrap(), [0xAA, 0xBB]);
    });
}

#[test]
fn a_file_that_ends_before_its_own_length_is_malformed() {
    let mut script = Script::opened(&[
        ("00A4020C02000A", "9000"),
        ("00B0000001", "309000"),
        ("00B0000007", "30820010 AAAAAA 9000"),
        ("00B000070D", "AABB 6282"),
        ("00B000090B", "6B00"),
        LEAVE,
    ]);
    converse(&mut script, |card| {
        let malformed = CardError::Malformed(Object::AuthenticationCertificate);
        assert_eq!(card.authentication_certificate(), Err(malformed));
    });
}

#[test]
fn a_removed_card_is_not_talked_to_again() {
    let mut script = Script::opened(&[]).fails("00A4020C02000A", TransportError::Removed);
    converse(&mut script, |card| {
        assert_eq!(card.authentication_certificate(), Err(CardError::Transport(TransportError::Removed)));
    });
    assert_eq!(script.powers, [Power::On]);
}

#[test]
fn lengths_of_objects_are_read_from_their_heads() {
    assert_eq!(object_length(&[0x30, 0x05, 0]), Some(7));
    assert_eq!(object_length(&[0x30, 0x81, 0x90]), Some(0x93));
    assert_eq!(object_length(&[0x30, 0x82, 0x06, 0x40]), Some(0x644));
    assert_eq!(object_length(&[0xFF, 0x20, 0x81, 0x90]), Some(0x94));
    for hostile in [
        &[][..],
        &[0x30],
        &[0xFF, 0x20],
        &[0x30, 0x80],
        &[0x30, 0x82, 0x01],
        &[0x30, 0x82, 0x80, 0x00],
        &[0x30, 0x83, 0x01, 0x00, 0x00],
        &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
    ] {
        assert_eq!(object_length(hostile), None, "{hostile:02X?}");
    }
}
