//! The test vectors of `crypto/vectors/` are what this code makes from fixed seeds. `TACHIAI_BLESS=1` writes them anew.

use std::path::Path;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::forged::{Forger, changed, one_of_five, simulated};
use super::*;
use crate::commitment::BallotGenerators;
use crate::group::G;
use crate::labels::purpose;

fn check(name: &str, vectors: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    let text = serde_json::to_string_pretty(vectors).unwrap() + "\n";
    if std::env::var_os("TACHIAI_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == text, "{name} is not what the code makes");
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

fn point(point: &RistrettoPoint) -> String {
    hex(point.compress().as_bytes())
}

#[test]
fn the_generators_are_the_committed_vectors() {
    let set = BallotGenerators::get();
    let indices = [0, 1, 2, 3, 4, 5, 6, 7, 127, 128, 255];
    let family = |points: &[RistrettoPoint]| indices.iter().map(|index| json!({ "index": index, "point": point(&points[*index]) })).collect::<Vec<_>>();
    check("generators.json", &json!({ "section": "1.5", "set": "ballot", "P": point(set.p()), "g": family(set.g()), "q": family(set.q()) }));
}

#[test]
fn the_signatures_are_the_committed_vectors() {
    let mut rng = rng(1);
    let key = SecretKey::generate(&mut rng);
    let public = key.public();
    let mut cases = Vec::new();
    for (purpose, message) in [(purpose::BALLOT, b"".as_slice()), (purpose::REGISTRATION, b"message"), (purpose::CHALLENGE, &[255; 200])] {
        let signature = key.sign(purpose, message, &mut rng);
        assert_eq!(public.verify(purpose, message, &signature), Ok(()));
        let case = |signature: [u8; 64], verdict: &str| json!({ "key": hex(public.as_bytes()), "purpose": purpose, "message": hex(message), "signature": hex(signature), "verdict": verdict });
        let mut valid = case(signature.to_bytes(), "valid");
        valid["challenge"] = hex(signature.challenge(purpose, message, &public).as_bytes()).into();
        cases.push(valid);

        let mut wrong = signature;
        wrong.response += Scalar::ONE;
        assert!(public.verify(purpose, message, &wrong).is_err());
        cases.push(case(wrong.to_bytes(), "equation"));

        let mut malformed = signature.to_bytes();
        malformed[32..].fill(0xff);
        assert!(Signature::decode(&malformed).is_err());
        cases.push(case(malformed, "encoding"));

        let mut malformed = signature.to_bytes();
        malformed[..32].fill(0);
        assert!(Signature::decode(&malformed).is_err());
        cases.push(case(malformed, "encoding"));

        let mut malformed = signature.to_bytes();
        malformed[0] ^= 1;
        assert!(Signature::decode(&malformed).is_err());
        cases.push(case(malformed, "encoding"));

        let mut wrong = signature.to_bytes();
        wrong[..32].copy_from_slice((-signature.nonce.point()).compress().as_bytes());
        cases.push(case(wrong, "equation"));

        // Good for another purpose, message or key, and for none by R and s alone.
        let other = SecretKey::generate(&mut rng);
        for wrong in [key.sign(purpose::TRUSTEE_POSSESSION, message, &mut rng), key.sign(purpose, b"other", &mut rng), other.sign(purpose, message, &mut rng)] {
            assert!(public.verify(purpose, message, &wrong).is_err());
            cases.push(case(wrong.to_bytes(), "equation"));
        }
        let mut of_identity = case(signature.to_bytes(), "encoding");
        of_identity["key"] = hex([0; 32]).into();
        cases.push(of_identity);
    }
    let possession = key.sign(purpose::TRUSTEE_POSSESSION, &[7; 32], &mut rng);
    let mut case = json!({ "key": hex(public.as_bytes()), "purpose": purpose::TRUSTEE_POSSESSION, "message": hex([7; 32]), "signature": hex(possession.to_bytes()), "verdict": "valid" });
    case["challenge"] = hex(possession.challenge(purpose::TRUSTEE_POSSESSION, &[7; 32], &public).as_bytes()).into();
    cases.push(case);
    check("signature.json", &json!({ "section": "2.1", "secret_key": hex(key.expose().as_bytes()), "cases": cases }));
}

/// A contest as index, named options and number chosen.
type Contest = (u16, u16, Choose);

fn describe(statement: &Statement) -> Value {
    let contest = |(index, shape): &(u16, ContestShape)| {
        let (rule, number) = match shape.choose() {
            Choose::Exactly(number) => ("exactly", number),
            Choose::UpTo(number) => ("up_to", number),
        };
        json!({ "contest": index, "named": shape.named(), "choose": rule, "number": number })
    };
    json!({
        "context": hex(statement.context.as_bytes()),
        "joint_key": hex(statement.joint_key.as_bytes()),
        "registration": hex(statement.registration),
        "style": statement.style.contests().iter().map(contest).collect::<Vec<_>>(),
    })
}

fn verdict_name(bytes: &[u8], statement: &Statement) -> String {
    match Ballot::parse(bytes, &statement.style).map(|ballot| verdict(&ballot, statement)) {
        Err(error) => format!("R501: {error}"),
        Ok(Err(error @ (ProofError::Equation { .. } | ProofError::Style))) => format!("R504: {error}"),
        Ok(Err(error @ ProofError::Signature)) => format!("R505: {error}"),
        Ok(Ok(())) => "valid".to_owned(),
    }
}

#[test]
fn the_ballots_are_the_committed_vectors() {
    let valid: [(&[Contest], &[Vec<usize>]); 5] = [
        (&[(0, 5, Choose::Exactly(1))], &[vec![2]]),
        (&[(0, 2, Choose::Exactly(2))], &[vec![0, 1]]),
        (&[(7, 3, Choose::UpTo(1))], &[vec![]]),
        (&[(0, 5, Choose::Exactly(1)), (3, 4, Choose::UpTo(3))], &[vec![4], vec![3, 0]]),
        (&[(1, 20, Choose::UpTo(20)), (2, 3, Choose::Exactly(2))], &[(0..20).collect(), vec![0, 2]]),
    ];
    let mut cases = Vec::new();
    for (contests, selections) in valid {
        let statement = statement(contests);
        let (ballot, opening) = cast(selections, &statement, Slot(65_536), LeafIndex(4_294_967_296), Counter(1), &key(0), &mut rng(0)).unwrap();
        let parsed = Ballot::parse(ballot.bytes(), &statement.style).unwrap();
        let Challenges { y, x, signature } = parsed.challenges(&statement);
        cases.push(json!({
            "statement": describe(&statement),
            "selections": selections,
            "ballot": hex(ballot.bytes()),
            "hash": hex(ballot.hash()),
            "y": hex(y.as_bytes()),
            "x": hex(x.as_bytes()),
            "signature_challenge": hex(signature.as_bytes()),
            "opening": hex(opening.to_bytes()),
            "verdict": verdict_name(ballot.bytes(), &statement),
        }));
    }

    let (statement, good) = (two_contests(), ballot(0));
    let mut hostile = |name: &str, statement: &Statement, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.bytes().to_vec();
        change(&mut bytes);
        let verdict = verdict_name(&bytes, statement);
        assert_ne!(verdict, "valid", "{name}");
        cases.push(json!({ "name": name, "statement": describe(statement), "ballot": hex(&bytes), "verdict": verdict }));
    };
    let len = good.bytes().len();
    /// Where Bc of the first contest starts.
    const PROOFS: usize = 49 + 64 * 10 + 32 * 2;
    hostile("a trailing byte", &statement, &|bytes| bytes.push(0));
    hostile("the last byte is missing", &statement, &|bytes| bytes.truncate(len - 1));
    hostile("version 2", &statement, &|bytes| bytes[0] = 2);
    hostile("the key is the identity", &statement, &|bytes| bytes[17..49].fill(0));
    hostile("the first A is the identity", &statement, &|bytes| bytes[49..81].fill(0));
    hostile("the first ciphertext is (0, G)", &statement, &|bytes| bytes[49..113].copy_from_slice(&[[0; 32], G.compress().to_bytes()].concat()));
    hostile("the first A stands twice", &statement, &|bytes| bytes.copy_within(49..81, 113));
    hostile("the first A is not canonical", &statement, &|bytes| bytes[49..81].fill(0xff));
    hostile("the last scalar is not below the order", &statement, &|bytes| bytes[len - 32..].fill(0xff));
    hostile("the first rho is not below the order", &statement, &|bytes| bytes[305..337].fill(0xff));
    hostile("the first rho is one greater or less", &statement, &|bytes| bytes[305] ^= 1);
    let swapped = |bytes: &mut Vec<u8>| {
        let first = bytes[305..337].to_vec();
        bytes.copy_within(721..753, 305);
        bytes[721..753].copy_from_slice(&first);
    };
    hostile("the rhos of the two contests are swapped", &statement, &swapped);
    hostile("another slot", &statement, &|bytes| bytes[4] ^= 1);
    hostile("the first f is one greater", &statement, &|bytes| bytes[49 + 64 * 10 + 32 * 2 + 32 * 8] ^= 1);
    hostile("the signature's s is another", &statement, &|bytes| bytes[len - 32] ^= 1);
    let other = Hash32::sha256(b"other");
    hostile("another context", &Statement { context: Context::from_hash(other), ..two_contests() }, &|_| ());
    hostile("another registration", &Statement { registration: other, ..two_contests() }, &|_| ());
    for (name, at) in [("B", 81), ("Bc", PROOFS), ("Ac", PROOFS + 32), ("U", PROOFS + 64), ("V'", PROOFS + 96), ("R", len - 64)] {
        hostile(&format!("{name} is negative"), &statement, &|bytes| bytes[at] ^= 1);
    }
    for (name, at) in [("f", PROOFS + 256), ("z", PROOFS + 256 + 128), ("w", PROOFS + 256 + 160)] {
        hostile(&format!("{name} is not below the order"), &statement, &|bytes| bytes[at..at + 32].fill(0xff));
        hostile(&format!("{name} is one greater or less"), &statement, &|bytes| bytes[at] ^= 1);
    }
    for (name, at) in [("Bc", PROOFS), ("Ac", PROOFS + 32), ("U", PROOFS + 64), ("V'", PROOFS + 96)] {
        hostile(&format!("{name} is another point"), &statement, &|bytes| bytes.copy_within(49..81, at));
    }
    hostile("the signature's R is the identity", &statement, &|bytes| bytes[len - 64..len - 32].fill(0));
    hostile("another leaf of the registration", &statement, &|bytes| bytes[12] ^= 1);
    hostile("another counter", &statement, &|bytes| bytes[16] ^= 1);
    hostile("another contest", &self::statement(&[(1, 5, Choose::Exactly(1)), (3, 4, Choose::UpTo(3))]), &|_| ());
    // Forged by who can sign: wrong are the proofs alone.
    let mut forged = |name: &str, rule: &str, statement: &Statement, bytes: &[u8]| {
        let verdict = verdict_name(bytes, statement);
        assert!(verdict.starts_with(rule), "{name}: {verdict}");
        cases.push(json!({ "name": name, "statement": describe(statement), "ballot": hex(bytes), "verdict": verdict }));
    };
    let five = one_of_five();
    for (name, values) in [
        ("two votes, and minus one", [2, -1, 0, 0, 0]),
        ("no vote", [0, 0, 0, 0, 0]),
        ("two choices where one is allowed", [1, 1, 0, 0, 0]),
        ("a thousand votes in the last position", [-999, 0, 0, 0, 1000]),
    ] {
        forged(name, "R504", &five, &Forger::of(&values).cast(&five));
    }
    let other = Forger { encrypted: Forger::of(&[50, 0, 0, 0, 0]).encrypted, ..Forger::of(&[1, 0, 0, 0, 0]) };
    forged("the ciphertexts hold other values than the commitment", "R504", &five, &other.cast(&five));
    forged("a proof for challenges that were chosen first", "R504", &five, &simulated());
    let two = two_contests();
    forged("signed anew, and nothing else", "valid", &two, &changed(|_, _| ()));
    forged("two options exchanged", "R504", &two, &changed(|_, contests| contests[0].ciphertexts.sent.swap(0, 2)));
    forged("the proofs of another ballot", "R504", &two, &changed(|_, contests| contests[1].proof = ballot(5).contests[1].proof.clone()));
    forged("a contest of another ballot", "R504", &two, &changed(|_, contests| contests[1] = ballot(5).contests[1].clone()));
    forged("under another slot", "R504", &two, &changed(|header, _| header.slot = Slot(2)));
    let re_randomised = changed(|_, contests| {
        let (old, more) = (contests[0].ciphertexts.sent[0], Scalar::from(99_u64));
        let (a, b) = (old.a().point() + G * more, old.b().point() + two.joint_key.point() * more);
        contests[0].ciphertexts.sent[0] = Ciphertext::new(Element::new(a), Element::new(b));
        contests[0].ciphertexts.rho += more;
    });
    forged("re-randomised, with the old proof", "R504", &two, &re_randomised);

    // Openings of the first and the fourth ballot.
    let openings = |case: usize, forms: Vec<(&str, Vec<u8>)>| {
        forms.into_iter().map(|(name, opening)| json!({ "name": name, "case": case, "opening": hex(opening), "verdict": "R509" })).collect::<Vec<_>>()
    };
    let honest = HEXLOWER.decode(cases[0]["opening"].as_str().unwrap().as_bytes()).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = honest.clone();
        change(&mut changed);
        changed
    };
    let openings = openings(
        0,
        vec![
            ("another choice", with(&|bytes| (bytes[66], bytes[33]) = (0, 1))),
            ("two choices", with(&|bytes| bytes[0] = 1)),
            ("no choice", with(&|bytes| bytes[66] = 0)),
            ("a bit of two", with(&|bytes| bytes[0] = 2)),
            ("the choice in the position that is not sent", with(&|bytes| (bytes[66], bytes[132]) = (0, 1))),
            ("other randomness", with(&|bytes| bytes[1] ^= 1)),
            ("other randomness in the position that is not sent", with(&|bytes| bytes[133] ^= 1)),
            ("randomness that is no scalar", with(&|bytes| bytes[1..33].fill(0xff))),
            ("positions exchanged", with(&|bytes| bytes.rotate_left(33))),
            ("a byte too many", with(&|bytes| bytes.push(0))),
            ("a byte too few", with(&|bytes| bytes.truncate(164))),
            ("nothing", Vec::new()),
        ],
    );
    check("ballot.json", &json!({ "section": "7", "openings": openings, "secret_voting_key": hex(key(0).expose().as_bytes()), "cases": cases }));
}
