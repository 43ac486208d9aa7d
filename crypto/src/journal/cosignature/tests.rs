use ed25519_dalek::Signature;
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use signed_note::{Note, Verifier, VerifierList};

use super::*;
use crate::hash::Hash32;
use crate::journal::{BoardSecretKey, Checkpoint};

const TIME: u64 = 1_679_315_147;

fn name() -> Origin {
    Origin::new("witness.example.com/w1").unwrap()
}

fn witness() -> WitnessSecretKey {
    WitnessSecretKey::generate(name(), &mut ChaCha20Rng::seed_from_u64(7))
}

fn board() -> BoardSecretKey {
    BoardSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(1))
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: Origin::new("vote.city.example/mayor").unwrap(), size: 300, root: Hash32::sha256(b"root") }
}

fn cosigned() -> CosignedCheckpoint {
    let checkpoint = checkpoint();
    CosignedCheckpoint::new(board().sign(&checkpoint), vec![witness().cosign(&checkpoint.to_note_text(), TIME)])
}

fn parse(text: &str) -> Result<CosignedCheckpoint, CosignatureError> {
    CosignedCheckpoint::parse(text, &checkpoint().origin, &board().public())
}

/// A verifier of cosignatures for the public library, made from the text of C2SP tlog-cosignature and `ed25519_dalek` alone.
struct Public {
    vkey: String,
}

impl Verifier for Public {
    fn name(&self) -> &str {
        self.vkey.split('+').next().unwrap()
    }

    fn key_id(&self) -> u32 {
        let key = BASE64.decode(self.vkey.splitn(3, '+').last().unwrap().as_bytes()).unwrap();
        signed_note::key_id(self.name(), &key)
    }

    fn verify(&self, msg: &[u8], sig: &[u8]) -> bool {
        let key = BASE64.decode(self.vkey.splitn(3, '+').last().unwrap().as_bytes()).unwrap();
        let key = VerifyingKey::from_bytes(key[1..].try_into().unwrap()).unwrap();
        let time = u64::from_be_bytes(sig[..8].try_into().unwrap());
        let signed = [format!("cosignature/v1\ntime {time}\n").as_bytes(), msg].concat();
        key.verify_strict(&signed, &Signature::from_slice(&sig[8..]).unwrap()).is_ok()
    }
}

#[test]
fn a_cosigned_checkpoint_is_read_back_and_holds() {
    let cosigned = cosigned();
    assert_eq!(parse(&cosigned.to_string()).unwrap(), cosigned);
    let [line] = cosigned.cosignatures() else { panic!("one line") };
    assert_eq!((line.time(), line.name()), (TIME, &name()));
    let key = witness().public().unwrap();
    assert!(line.is_by(&key));
    assert_eq!(key.verify(&checkpoint().to_note_text(), line), Ok(()));
}

#[test]
fn a_public_note_library_finds_both_signatures() {
    let note = Note::from_bytes(cosigned().to_string().as_bytes()).unwrap();
    let public = Public { vkey: witness().public().unwrap().to_string() };
    let log = signed_note::StandardVerifier::new(&board().public().to_note_key(&checkpoint().origin)).unwrap();
    let (good, unknown) = note.verify(&VerifierList::new(vec![Box::new(log), Box::new(public)])).unwrap();
    assert_eq!((good.len(), unknown.len()), (2, 0));
}

/// The example of C2SP tlog-cosignature. Its key is not published, but form, order and time of the line are.
#[test]
fn the_line_of_the_specification_is_read_and_written_alike() {
    let line = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
    let read: Cosignature = line.parse().unwrap();
    assert_eq!((read.name(), read.time()), (&name(), TIME));
    assert_eq!(read.to_string(), line);
}

/// What a public witness made of a public log's checkpoint in 2026, with the key that its operator gives out: a program that is none of ours.
#[test]
fn a_cosignature_by_a_public_witness_holds_under_its_published_key() {
    let key: WitnessKey = "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G".parse().unwrap();
    let text = "coachandhorses2026h1.staging.certificate.transparency.goog\n185550722\nYXAM0VmnrfvLaBCOOYSJhCaE5F10oGBOo+hkbDa1kng=\n";
    let line = "— witness.navigli.sunlight.geomys.org \
                o+AP4gAAAABqb7DzNrGFRJnQ9vrJ8xpnwZytnr/ZYczDIsvwvouiSjwOjn7a72ccxBk+lKnZ7dKqkYKER1s/KxLTaVwQD7lJZTC/CQ==";
    let cosignature: Cosignature = line.parse().unwrap();
    assert_eq!(key.verify(text, &cosignature), Ok(()));
    assert_eq!(cosignature.to_string(), line);
    assert!(key.verify(&text.replace("185550722", "185550723"), &cosignature).is_err());
}

/// The message of C2SP tlog-cosignature, letter by letter.
#[test]
fn what_is_signed_is_the_text_of_the_specification() {
    let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(message(TIME, note), expected);
}

#[test]
fn a_cosignature_holds_for_one_text_time_key_and_name_only() {
    let key = witness().public().unwrap();
    let text = checkpoint().to_note_text();
    let good = witness().cosign(&text, TIME);
    let bad = |cosignature: &Cosignature, text: &str| key.verify(text, cosignature).unwrap_err();
    assert_eq!(bad(&good, &text.replace("300", "301")), CosignatureError::Signature(name()));
    assert_eq!(bad(&Cosignature { time: TIME + 1, ..good.clone() }, &text), CosignatureError::Signature(name()));
    let other = Origin::new("witness.example.com/w2").unwrap();
    assert_eq!(bad(&Cosignature { name: other.clone(), ..good.clone() }, &text), CosignatureError::OtherWitness(other.clone()));
    let renamed = WitnessSecretKey::from_seed(other.clone(), &witness().to_seed()).cosign(&text, TIME);
    assert_eq!(bad(&renamed, &text), CosignatureError::OtherWitness(other));
    let stranger = WitnessSecretKey::generate(name(), &mut ChaCha20Rng::seed_from_u64(8)).cosign(&text, TIME);
    assert_eq!(bad(&stranger, &text), CosignatureError::OtherWitness(name()));
    assert_eq!(bad(&Cosignature { id: key.id(), ..stranger }, &text), CosignatureError::Signature(name()));
}

/// A board's signature of a checkpoint is none of a witness with the same key, nor the other way round.
#[test]
fn a_boards_signature_is_no_cosignature_even_under_the_same_key() {
    let key = witness();
    let text = checkpoint().to_note_text();
    let plain = key.key.sign(text.as_bytes()).to_bytes();
    let posed = Cosignature { signature: plain, ..key.cosign(&text, TIME) };
    assert_eq!(key.public().unwrap().verify(&text, &posed), Err(CosignatureError::Signature(name())));
}

#[test]
fn a_witness_key_is_read_in_the_form_of_the_public_tools_only() {
    let key = witness().public().unwrap();
    let text = key.to_string();
    assert_eq!(text.parse(), Ok(key));
    let as_log = BoardKey::from_bytes(&witness().public().unwrap().to_bytes()).unwrap().to_note_key(&name());
    assert_eq!(as_log.parse::<WitnessKey>(), Err(NoteKeyError::Kind { found: 1, expected: 4 }));
    assert_eq!(parse_log_key(&as_log).unwrap().0, name());
    assert_eq!(text.replacen("w1", "w2", 1).parse::<WitnessKey>(), Err(NoteKeyError::Id));
    for form in ["", "w1", "w1+00000000", "a b+00000000+BAAA", &text.replace('+', "++"), &format!("{text} "), &format!("{text}=")] {
        assert_eq!(form.parse::<WitnessKey>(), Err(NoteKeyError::Form), "{form}");
    }
    let weak = note_key(&name(), COSIGNATURE, &[0; 32]);
    assert!(matches!(weak.parse::<WitnessKey>(), Err(NoteKeyError::Key(_))));
}

#[test]
fn loose_forms_of_a_cosigned_checkpoint_are_refused() {
    let text = cosigned().to_string();
    let line = text.lines().last().unwrap();
    assert_eq!(parse(text.trim_end()), Err(CosignatureError::Malformed));
    assert_eq!(parse(&format!("{text}\n")), Err(CosignatureError::Malformed));
    assert_eq!(parse(&text.replace("— witness", "—  witness")), Err(CosignatureError::Malformed));
    assert_eq!(parse(&text.replace("— witness", "- witness")), Err(CosignatureError::Malformed));
    assert_eq!(parse(&format!("{text}{line} \n")), Err(CosignatureError::Malformed));
    let late = Cosignature { time: MAX_TIME + 1, ..cosigned().cosignatures[0].clone() };
    assert_eq!(late.to_string().parse::<Cosignature>(), Err(CosignatureError::Malformed));
    assert!(matches!(parse(&format!("{}\n{line}\n", checkpoint().to_note_text())), Err(CosignatureError::Checkpoint(_))));
    assert_eq!(parse(&format!("{text}{}", format!("{line}\n").repeat(MAX_COSIGNATURES))), Err(CosignatureError::Many));
}

proptest! {
    #[test]
    fn any_line_that_is_read_is_written_alike(line in "— [a-z/.]{1,9} [A-Za-z0-9+/]{100,103}={0,2}") {
        if let Ok(read) = line.parse::<Cosignature>() {
            prop_assert_eq!(read.to_string(), line);
        }
    }
}
