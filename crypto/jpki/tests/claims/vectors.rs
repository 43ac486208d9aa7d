//! The vectors of texts that cards sign (`crypto/vectors/statement.json`, PROTOCOL §6, §10.8). `TACHIAI_BLESS=1` writes them.

use serde_json::{Value, json};
use tachiai_jpki::{FallbackReason, Hash32, Statement, Word};

use super::support::time;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/statement.json");

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

/// The texts in form, by name.
fn good() -> Vec<(&'static str, String)> {
    let (origin, nonce, hash) = (word("vote.example.jp"), word(&"q".repeat(43)), Hash32::of(b"hash"));
    let register = |previous| Statement::RegisterKey {
        origin: word("vote.example.jp/aeaqcaibaeaqcaibaeaqcaibae"),
        nonce: nonce.clone(),
        election: word("aeaqcaibaeaqcaibaeaqcaibae"),
        manifest: hash,
        opened: hash,
        slot: 4_294_967_295,
        slot_commitment: hash,
        voting_key: hash,
        seq: 0,
        previous,
        checkpoint_size: 18_446_744_073_709_551_615,
        checkpoint_root: hash,
    };
    let paper = Statement::PaperIssue {
        origin: word("vote.example.jp/aeaqcaibaeaqcaibaeaqcaibae"),
        nonce: nonce.clone(),
        election: word("aeaqcaibaeaqcaibaeaqcaibae"),
        opened: hash,
        place: word("city-hall"),
        session: 0,
        slot: 7,
        slot_commitment: hash,
        contests: vec![0, 12],
    };
    let statements = [
        ("login", Statement::Login { origin: origin.clone(), nonce: nonce.clone(), issued: time("2027-04-01T00:00:00Z") }),
        ("enrol", Statement::Enrol { origin: origin.clone(), nonce: nonce.clone(), person: hash, auth_key: hash }),
        ("enrol-counter", Statement::EnrolCounter { origin, nonce: nonce.clone(), person: hash, auth_key: hash, reason: FallbackReason::UnderFifteen }),
        ("register-key, the first", register(None)),
        ("register-key, a later one", register(Some(hash))),
        ("paper-issue", paper),
    ];
    statements.into_iter().map(|(name, statement)| (name, String::from_utf8(statement.to_bytes()).unwrap())).collect()
}

/// Texts out of form: which good one, what is wrong, and the change.
const SPOILT: [(usize, &str, &str, &str); 30] = [
    (0, "a length with a leading zero", "5:login", "05:login"),
    (0, "a length with a sign", "5:login", "+5:login"),
    (0, "a length that is too small", "5:login", "4:login"),
    (0, "a length that is too great", "5:login", "6:login"),
    (0, "a length of 2^32", "5:login", "4294967296:login"),
    (0, "a length of 2^64", "5:login", "18446744073709551616:login"),
    (0, "no length", "5:login", ":login"),
    (0, "a length in other digits", "5:login", "\u{ff15}:login"),
    (0, "a space before a length", "5:login", " 5:login"),
    (0, "a semicolon for a comma", "5:login,", "5:login;"),
    (0, "no comma", "5:login,", "5:login"),
    (0, "a line's end", "5:login,", "5:login,\n"),
    (0, "another label", "20:tachiai/v1/statement", "20:tachiai/v2/statement"),
    (0, "an unknown purpose", "5:login", "6:logout"),
    (0, "a purpose in other letters", "5:login", "5:Login"),
    (0, "the purpose of another text", "5:login", "5:enrol"),
    (0, "the name of another value", "6:issued", "6:origin"),
    (0, "a name left out", "6:issued,", ""),
    (0, "a time with an offset", "20:2027-04-01T00:00:00Z", "25:2027-04-01T00:00:00+00:00"),
    (0, "an empty value", "15:vote.example.jp", "0:"),
    (0, "white space in a value", "15:vote.example.jp", "15:vote example.jp"),
    (2, "an unknown reason", "8:under-15", "8:under-16"),
    (3, "a number with a leading zero", "3:seq,1:0", "3:seq,2:00"),
    (3, "a number beyond 64 bits", "20:18446744073709551615", "20:18446744073709551616"),
    (3, "no previous one in other letters", "4:none", "4:None"),
    (3, "no previous one as nothing", "4:none", "0:"),
    (5, "no contest", "4:0,12", "0:"),
    (5, "contests joined by a comma and a space", "4:0,12", "5:0, 12"),
    (5, "a contest with a leading zero", "4:0,12", "5:00,12"),
    (5, "a contest beyond 16 bits", "4:0,12", "7:0,65536"),
];

fn made() -> Value {
    let good = good();
    let mut cases: Vec<Value> = good.iter().map(|(name, text)| json!({ "name": name, "text": text, "verdict": "valid" })).collect();
    let mut spoilt = |name: &str, text: String| cases.push(json!({ "name": name, "text": text, "verdict": "form" }));
    for (of, name, from, to) in SPOILT {
        let (_, text) = &good[of];
        assert!(text.contains(from), "{name}");
        spoilt(name, text.replacen(from, to, 1));
    }
    let enrol = &good[1].1;
    let hash = Hash32::of(b"hash").to_hex();
    spoilt("a hash in upper case", enrol.replacen(&hash, &hash.to_uppercase(), 1));
    spoilt("a hash of 63 digits", enrol.replacen(&format!("64:{hash}"), &format!("63:{}", &hash[..63]), 1));
    spoilt("something after the end", format!("{enrol}0:,"));
    spoilt("a byte after the end", format!("{enrol}x"));
    spoilt("cut short", enrol[..enrol.len() - 1].to_owned());
    spoilt("two texts", format!("{enrol}{enrol}"));
    spoilt("nothing", String::new());
    json!({ "about": "PROTOCOL sections 6, 10.8 and 16.8: texts that cards sign. `form`: no such text.", "cases": cases })
}

#[test]
fn the_vectors_of_statements_are_what_this_code_makes() {
    let made = serde_json::to_string_pretty(&made()).unwrap() + "\n";
    if std::env::var_os("TACHIAI_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(FILE, &made).unwrap();
    }
    assert!(std::fs::read_to_string(FILE).unwrap() == made, "statement.json is not what this code makes; TACHIAI_BLESS=1 writes it");
}

#[test]
fn every_statement_of_the_vectors_has_its_verdict() {
    let file: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let text = case["text"].as_str().unwrap().as_bytes();
        match Statement::parse(text) {
            Ok(statement) => assert!(case["verdict"] == "valid" && statement.to_bytes() == text, "{}", case["name"]),
            Err(error) => assert_eq!(case["verdict"], "form", "{}: {error}", case["name"]),
        }
    }
}
