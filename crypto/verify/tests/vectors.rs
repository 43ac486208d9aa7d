//! The test vectors of `crypto/vectors/` (PROTOCOL §13): what this code makes of fixed seeds, and what somebody else's reader finds in the files.
//!
//! `TACHIAI_BLESS=1` writes the files that are made here. The files about proofs alone are made in the tests of `tachiai-crypto`, and read here as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "vectors/access.rs"]
mod access;
#[path = "vectors/board.rs"]
mod board;
#[path = "vectors/files.rs"]
mod files;
#[path = "vectors/hand_in.rs"]
mod hand_in;
#[path = "vectors/handed.rs"]
mod handed;
#[path = "vectors/paper.rs"]
mod paper;
#[path = "vectors/proofs.rs"]
mod proofs;
#[path = "vectors/roster.rs"]
mod roster;
#[path = "vectors/shelter.rs"]
mod shelter;
#[path = "vectors/signed.rs"]
mod signed;
#[path = "vectors/texts.rs"]
mod texts;
#[path = "vectors/together.rs"]
mod together;
#[path = "vectors/told.rs"]
mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::Value;
use tachiai_crypto::hash::Hash32;

/// How many cases of a file are valid, and how many are refused.
#[derive(Default)]
struct Read {
    valid: usize,
    refused: usize,
}

impl Read {
    /// Compares the verdict of a case with what was found: nothing wrong, or a rule or reason.
    fn case(&mut self, case: &Value, found: &Result<(), String>) {
        let stated = text(&case["verdict"]);
        let found = found.as_ref().map_or_else(String::as_str, |()| "valid");
        // Some verdicts say more after the rule.
        assert_eq!(stated.split(':').next().unwrap(), found, "{}", case.get("name").unwrap_or(case));
        if found == "valid" { self.valid += 1 } else { self.refused += 1 }
    }

    /// A check that is not a case of its own.
    fn holds(&mut self, holds: bool, what: &str) {
        assert!(holds, "{what}");
        self.valid += 1;
    }
}

type Make = fn() -> Value;
type Reader = fn(&Value, &mut Read);

/// Every file with who makes it, if it is made here, and who reads it.
const FILES: &[(&str, Option<Make>, Reader)] = &[
    ("access.json", Some(access::make), access::read),
    ("ballot.json", None, proofs::ballot),
    ("board.json", Some(board::make), board::read),
    ("ceremony.json", None, proofs::ceremony),
    ("challenge.json", Some(proofs::make_challenge), proofs::challenge),
    ("checkpoint.json", Some(signed::make_checkpoint), signed::checkpoint),
    ("decryption.json", None, proofs::decryption),
    ("disclosed.json", Some(handed::make_disclosed), handed::disclosed),
    ("ed25519.json", Some(signed::make_ed25519), signed::ed25519),
    ("generators.json", None, proofs::generators),
    ("hand-in.json", Some(hand_in::make), hand_in::read),
    ("identifiers.json", Some(texts::make_identifiers), texts::identifiers),
    ("json.json", Some(texts::make_json), texts::json),
    ("news.json", Some(handed::make_news), handed::news),
    ("paper.json", Some(paper::make), paper::read),
    ("possession.json", Some(proofs::make_possession), proofs::possession),
    ("receipt.json", Some(files::make_receipt), files::receipt),
    ("registration.json", Some(proofs::make_registration), proofs::registration),
    ("roll.json", Some(files::make_roll), files::roll),
    ("roster.json", Some(roster::make), roster::read),
    ("share.json", Some(proofs::make_share), proofs::share),
    ("signature.json", None, proofs::signature),
    ("tally.json", None, proofs::tally),
    ("tiles.json", Some(files::make_tiles), files::tiles),
    ("together.json", Some(together::make), together::read),
    ("told.json", Some(told::make), told::read),
    ("tree.json", Some(files::make_tree), files::tree),
];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors").join(name)
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn raw(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(text(value).as_bytes()).unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    raw(value).try_into().unwrap()
}

fn hash(value: &Value) -> Hash32 {
    Hash32::from_bytes(bytes(value))
}

/// A case whose verdict is what the reader finds, so that a file is never made with a wrong one; `expected` holds it to what it should be.
fn case(name: &str, expected: &str, mut value: Value, check: impl Fn(&Value) -> Result<(), String>) -> Value {
    let found = check(&value).map_or_else(|found| found, |()| "valid".to_owned());
    assert_eq!(found, expected, "{name}");
    value["name"] = name.into();
    value["verdict"] = expected.into();
    value
}

#[test]
fn the_files_made_here_are_what_this_code_makes() {
    for (name, make, _) in FILES {
        let Some(make) = make else { continue };
        let made = serde_json::to_string_pretty(&make()).unwrap() + "\n";
        if std::env::var_os("TACHIAI_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(path(name), &made).unwrap();
        }
        let committed = std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}; TACHIAI_BLESS=1 writes it"));
        assert!(committed == made, "{name} is not what this code makes; TACHIAI_BLESS=1 writes it");
    }
}

#[test]
fn every_file_is_read_and_every_verdict_in_it_is_found() {
    let known: BTreeMap<&str, Reader> = FILES.iter().map(|(name, _, read)| (*name, *read)).collect();
    let mut total = 0;
    for file in std::fs::read_dir(path("")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let json = std::fs::read_to_string(file.path()).unwrap();
        total += json.len();
        // `statement.json` is read where its texts are parsed, in tachiai-jpki.
        if name == "statement.json" {
            continue;
        }
        let mut read = Read::default();
        known.get(name.as_str()).unwrap_or_else(|| panic!("nobody reads {name}"))(&serde_json::from_str(&json).unwrap(), &mut read);
        println!("{name}: {} valid, {} refused", read.valid, read.refused);
        assert!(read.valid > 0, "{name}");
        let only_valid = ["ceremony.json", "generators.json", "tally.json"];
        assert!(read.refused > 0 || only_valid.contains(&name.as_str()), "{name} refuses nothing");
    }
    for name in known.keys() {
        assert!(path(name).exists(), "{name}");
    }
    assert!(total < 1_850_000, "{total} bytes");
}

#[test]
fn the_text_lists_every_file() {
    let protocol = std::fs::read_to_string(path("../PROTOCOL.md")).unwrap();
    let section = protocol.split("## 13 ").nth(1).unwrap();
    for file in std::fs::read_dir(path("")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(section.contains(&format!("| `{name}` |")), "{name} is not in §13");
    }
}
