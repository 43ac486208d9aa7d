use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use signed_note::{Note, StandardVerifier, VerifierList};

use super::*;

fn secret() -> BoardSecretKey {
    BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(1))
}

fn origin() -> Origin {
    Origin::new("vote.city.example/mayor-2027").unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: origin(), size: 20_852_163, root: Hash32::sha256(b"root") }
}

fn parse(text: &str) -> Result<SignedCheckpoint, CheckpointError> {
    SignedCheckpoint::parse_and_verify(text, &origin(), &secret().public())
}

/// A note with any text and any lines, signed by the board key, as an insider would make it.
fn forge(body: &str, name: &str, more: &str) -> String {
    let key = secret();
    let mut line = key.public().note_id(&origin()).to_vec();
    line.extend_from_slice(&key.0.sign(body.as_bytes()).to_bytes());
    format!("{body}\n— {name} {}\n{more}", BASE64.encode(&line))
}

#[test]
fn a_signed_checkpoint_is_read_back() {
    let signed = secret().sign(&checkpoint());
    let read = parse(signed.as_str()).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.checkpoint(), &checkpoint());
}

#[test]
fn a_public_log_library_reads_the_checkpoint_and_its_signature() {
    let signed = secret().sign(&checkpoint());
    let note = Note::from_bytes(signed.as_str().as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&secret().public().to_note_key(&origin())).unwrap();
    let (good, unknown) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((good.len(), unknown.len()), (1, 0));

    let theirs = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(theirs.origin(), origin().as_str());
    assert_eq!(theirs.size(), checkpoint().size);
    assert_eq!(theirs.hash().0, checkpoint().root.to_bytes());
}

/// The example of the C2SP specification: its key is not published, but the text and the key id's place are.
#[test]
fn the_note_text_is_the_one_of_the_specification() {
    let root = BASE64.decode(b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=").unwrap();
    let checkpoint =
        Checkpoint { origin: Origin::new("example.com/behind-the-sofa").unwrap(), size: 20_852_163, root: Hash32::try_from(root.as_slice()).unwrap() };
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(checkpoint.to_note_text(), text);
    assert_eq!(Checkpoint::parse(text), Ok(checkpoint));
}

#[test]
fn a_second_signature_line_is_refused_even_if_it_is_the_same() {
    let text = secret().sign(&checkpoint()).as_str().to_owned();
    let line = text.lines().last().unwrap();
    assert_eq!(parse(&format!("{text}{line}\n")), Err(CheckpointError::SignatureLines(2)));
}

#[test]
fn a_line_by_an_unknown_key_is_refused_before_and_after_the_boards_own() {
    let text = secret().sign(&checkpoint()).as_str().to_owned();
    let other = BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(2)).sign(&checkpoint());
    let line = other.as_str().lines().last().unwrap();
    assert_eq!(parse(&format!("{text}{line}\n")), Err(CheckpointError::SignatureLines(2)));
    let first = text.replace("\n\n", &format!("\n\n{line}\n"));
    assert_eq!(parse(&first), Err(CheckpointError::SignatureLines(2)));
    assert_eq!(parse(other.as_str()), Err(CheckpointError::UnknownKey));
}

#[test]
fn another_journals_checkpoint_is_refused() {
    let elsewhere = Checkpoint { origin: Origin::new("vote.city.example/council").unwrap(), ..checkpoint() };
    let signed = secret().sign(&elsewhere);
    assert_eq!(parse(signed.as_str()), Err(CheckpointError::OtherOrigin(elsewhere.origin)));
}

#[test]
fn extension_lines_are_refused_although_signed() {
    let body = format!("{}extension\n", checkpoint().to_note_text());
    assert!(matches!(parse(&forge(&body, origin().as_str(), "")), Err(CheckpointError::Malformed(_))));
}

#[test]
fn loose_numbers_are_refused_although_signed() {
    let root = BASE64.encode(checkpoint().root.as_bytes());
    for size in ["007", "+7", "-7", " 7", "7 ", "", "18446744073709551616", "７"] {
        let body = format!("{}\n{size}\n{root}\n", origin());
        assert!(matches!(parse(&forge(&body, origin().as_str(), "")), Err(CheckpointError::Malformed(_))), "size {size:?}");
    }
}

#[test]
fn a_loose_root_is_refused_although_signed() {
    let root = BASE64.encode(checkpoint().root.as_bytes());
    let unpadded = root.trim_end_matches('=').to_owned();
    let tail_bits = format!("{}=", flip_tail(&unpadded));
    for bad in [unpadded, tail_bits, String::new(), BASE64.encode(&[7; 31]), BASE64.encode(&[7; 33])] {
        let body = format!("{}\n7\n{bad}\n", origin());
        assert!(matches!(parse(&forge(&body, origin().as_str(), "")), Err(CheckpointError::Malformed(_))), "root {bad:?}");
    }
}

/// Changes only bits of the last base64 digit that carry no data.
fn flip_tail(digits: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (rest, last) = digits.split_at(digits.len() - 1);
    let value = alphabet.find(last).unwrap();
    format!("{rest}{}", &alphabet[value ^ 1..=value ^ 1])
}

#[test]
fn a_signature_line_under_another_name_is_refused() {
    let text = forge(&checkpoint().to_note_text(), "vote.city.example/other", "");
    assert_eq!(parse(&text), Err(CheckpointError::UnknownKey));
}

#[test]
fn text_after_the_note_is_refused() {
    let text = secret().sign(&checkpoint()).as_str().to_owned();
    for more in ["\n", " ", "x", "\r\n", "\0"] {
        assert!(parse(&format!("{text}{more}")).is_err(), "{more:?}");
    }
    assert!(parse("").is_err());
    assert!(parse(&"\n".repeat(5000)).is_err());
}

#[test]
fn an_origin_that_could_forge_lines_is_refused() {
    for name in ["", "a b", "a\nb", "a+b", "a\u{3000}b", "a\0b", "a\u{85}b", &"x".repeat(256)] {
        assert_eq!(Origin::new(name), Err(CheckpointError::Origin), "{name:?}");
    }
}

#[test]
fn a_key_of_small_order_is_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(BoardKey::from_bytes(&identity), Err(KeyError::Weak));
}

#[test]
fn a_key_in_a_second_encoding_is_refused() {
    // y = p + 3, which decodes as y = 3 does.
    let mut bytes = [0xff; 32];
    bytes[0] = 0xf0;
    bytes[31] = 0x7f;
    assert_eq!(BoardKey::from_bytes(&bytes), Err(KeyError::NotCanonical));
}

#[test]
fn a_statement_is_bound_to_its_label_and_key() {
    let key = secret();
    let signature = key.sign_bytes("refusal", b"closed");
    assert_eq!(key.public().verify_bytes("refusal", b"closed", &signature), Ok(()));
    assert_eq!(key.public().verify_bytes("receipt", b"closed", &signature), Err(SignatureError));
    assert_eq!(key.public().verify_bytes("refusal", b"Closed", &signature), Err(SignatureError));
    let other = BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(2)).public();
    assert_eq!(other.verify_bytes("refusal", b"closed", &signature), Err(SignatureError));
}

#[test]
fn a_key_survives_its_bytes() {
    let key = secret();
    let restored = BoardSecretKey::from_seed(&key.to_seed());
    assert_eq!(restored.public(), key.public());
    assert_eq!(BoardKey::from_bytes(&key.public().to_bytes()), Ok(key.public()));
}

proptest! {
    #[test]
    fn every_flipped_bit_is_refused(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let text = secret().sign(&checkpoint()).as_str().to_owned();
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(parse(&text).is_err());
        }
    }

    #[test]
    fn any_checkpoint_survives_its_text(size: u64, root: [u8; 32], name in "[a-z0-9./-]{1,60}") {
        let origin = Origin::new(&name).unwrap();
        let checkpoint = Checkpoint { origin: origin.clone(), size, root: Hash32::from_bytes(root) };
        let signed = secret().sign(&checkpoint);
        let read = SignedCheckpoint::parse_and_verify(signed.as_str(), &origin, &secret().public()).unwrap();
        prop_assert_eq!(read.checkpoint(), &checkpoint);
    }
}
