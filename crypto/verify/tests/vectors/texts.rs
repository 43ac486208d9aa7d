//! Texts with one spelling: JSON, base64url, times, election IDs, fingerprints.

use serde_json::{Value, json};
use tachiai_crypto::election::context::{Context, ElectionId, Fingerprint, fingerprint};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Timestamp;
use tachiai_schemas::canonical;
use tachiai_schemas::election::TallyResult;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::record::RecordIndex;
use tachiai_verify::testing::Play;

use super::{Read, bytes, case, hash, hex, list, text};

fn check_json(case: &Value) -> Result<(), String> {
    let json = text(&case["json"]).as_bytes();
    let found = match text(&case["of"]) {
        "entry" => Entry::from_bytes(json).map(|_| ()).map_err(|_| "R101"),
        "result" => canonical::from_bytes::<TallyResult>(json).map(|_| ()).map_err(|_| "R605"),
        "index" => canonical::from_bytes::<RecordIndex>(json).map(|_| ()).map_err(|_| "R107"),
        other => panic!("{other}"),
    };
    found.map_err(str::to_owned)
}

pub fn make_json() -> Value {
    let play = Play::new(220);
    let time = |body: &str| format!(r#"{{"v":1,"kind":"online-closed","at":"2026-11-01T00:00:00Z","body":{body}}}"#);
    let closed = time(r#"{"reason":"scheduled"}"#);
    let challenge = r#"{"v":1,"kind":"challenged","at":"2026-11-01T00:00:00Z","body":{"slot":1,"ballot":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE","leaf":4294967296,"signature":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"}}"#;
    let result = r#"{"contests":[{"contest":0,"ballots":3,"totals":[1,2],"units":[[1,2]]}]}"#;
    let index = format!(
        r#"{{"format":"tachiai-record/1","origin":"vote.example.jp/x","size":1,"files":[{{"path":"checkpoint","bytes":1,"sha256":"{}"}}]}}"#,
        "A".repeat(43)
    );
    let mut cases = Vec::new();
    let mut add = |name: &str, of: &str, valid: bool, json: String| {
        let expected = match (valid, of) {
            (true, _) => "valid",
            (false, "entry") => "R101",
            (false, "result") => "R605",
            (false, _) => "R107",
        };
        cases.push(case(name, expected, json!({ "of": of, "json": json }), check_json));
    };
    add("a close", "entry", true, closed.clone());
    add("a challenge", "entry", true, challenge.to_owned());
    add("a manifest, with Japanese text", "entry", true, String::from_utf8(play.entries[0].clone()).unwrap());
    add("a result", "result", true, result.to_owned());
    add("an index", "index", true, index.clone());
    let edits: [(&str, &str, &str); 24] = [
        ("a space after a colon", "\"v\":1", "\"v\": 1"),
        ("a space before a comma", "\"v\":1,", "\"v\":1 ,"),
        ("a line's end before the end", "}}", "}\n}"),
        ("another order of keys", "\"v\":1,\"kind\":\"challenged\"", "\"kind\":\"challenged\",\"v\":1"),
        ("another order of keys in the body", "\"slot\":1,", ""),
        ("a key twice", "\"v\":1", "\"v\":1,\"v\":1"),
        ("a key twice in the body", "\"slot\":1", "\"slot\":1,\"slot\":1"),
        ("an unknown key", "\"v\":1", "\"v\":1,\"x\":null"),
        ("an unknown key in the body", "\"slot\":1", "\"slot\":1,\"x\":null"),
        ("a fraction", "\"slot\":1", "\"slot\":1.0"),
        ("an exponent", "\"slot\":1", "\"slot\":1e0"),
        ("a sign", "\"slot\":1", "\"slot\":+1"),
        ("minus zero", "\"slot\":1", "\"slot\":-0"),
        ("a leading zero", "\"slot\":1", "\"slot\":01"),
        ("a number as a string", "\"slot\":1", "\"slot\":\"1\""),
        ("a number beyond 32 bits", "\"slot\":1", "\"slot\":4294967296"),
        ("a number beyond 64 bits", "\"leaf\":4294967296", "\"leaf\":18446744073709551616"),
        ("another version", "\"v\":1", "\"v\":2"),
        ("an unknown kind", "challenged", "challenge"),
        ("an escaped letter", "challenged", "challenge\\u0064"),
        ("base64 with padding", "EBAQE\"", "EBAQE=\""),
        ("base64 with trailing bits", "EBAQE\"", "EBAQF\""),
        ("base64 of 31 bytes", "EBAQE\"", "EBAQ\""),
        ("base64 in the other alphabet", "AgICAgICAgICAgICAgICAgIC", "AgICAgICAgICAgICAgICAgI/"),
    ];
    for (name, from, to) in edits {
        let edited = challenge.replacen(from, to, 1);
        let edited = if to.is_empty() { edited.replacen("\"leaf\":", "\"slot\":1,\"leaf\":", 1) } else { edited };
        assert_ne!(edited, challenge, "{name}");
        add(name, "entry", false, edited);
    }
    for (name, at) in [
        ("a lower case z", "2026-11-01T00:00:00z"),
        ("an offset", "2026-11-01T00:00:00+00:00"),
        ("a fraction of a second", "2026-11-01T00:00:00.0Z"),
        ("a space for the T", "2026-11-01 00:00:00Z"),
        ("a leap second", "2016-12-31T23:59:60Z"),
        ("the 30th of February", "2026-02-30T00:00:00Z"),
        ("hour 24", "2026-11-01T24:00:00Z"),
        ("before 1970", "1969-12-31T23:59:59Z"),
        ("a year of five digits", "10000-01-01T00:00:00Z"),
        ("no seconds", "2026-11-01T00:00Z"),
    ] {
        add(name, "entry", false, closed.replace("2026-11-01T00:00:00Z", at));
    }
    for (name, at) in [("1970", "1970-01-01T00:00:00Z"), ("9999", "9999-12-31T23:59:59Z"), ("the 29th of February", "2028-02-29T00:00:00Z")] {
        add(name, "entry", true, closed.replace("2026-11-01T00:00:00Z", at));
        assert_eq!(at.parse::<Timestamp>().unwrap().to_string(), at);
    }
    add("text after the end", "entry", false, format!("{closed}x"));
    add("a line's end after the end", "entry", false, format!("{closed}\n"));
    add("a mark of byte order", "entry", false, format!("\u{feff}{closed}"));
    add("nothing", "entry", false, String::new());
    add("an unknown value", "entry", false, time(r#"{"reason":"late"}"#));
    add("a body that is a list", "entry", false, time(r#"["scheduled"]"#));
    add("the body of another kind", "entry", false, time(r#"{"result":1}"#));
    let manifest = String::from_utf8(play.entries[0].clone()).unwrap();
    assert!(manifest.contains("\"crl\":\"not-required\"") && manifest.contains("\"districts\":null"));
    add("an optional value left out", "entry", false, manifest.replacen(",\"districts\":null", "", 1));
    add("an escaped letter of Japanese", "entry", false, manifest.replacen('模', "\\u6a21", 1));
    add("a slash with an escape", "entry", false, manifest.replacen("jp/", "jp\\/", 1));
    add("white space in a result", "result", false, format!("{result} "));
    add("an unknown key in a result", "result", false, result.replacen("\"ballots\"", "\"x\":1,\"ballots\"", 1));
    add("totals as a string", "result", false, result.replacen("[1,2]", "\"1,2\"", 1));
    add("white space in an index", "index", false, index.replacen(':', ": ", 1));
    add("keys of an index in another order", "index", false, index.replacen("\"path\":\"checkpoint\",\"bytes\":1", "\"bytes\":1,\"path\":\"checkpoint\"", 1));
    json!({ "about": "PROTOCOL section 1.6: JSON in the one accepted form, of an entry (R101), the attachment `result` (R605) or the index of a record (R107).", "cases": cases })
}

pub fn json(file: &Value, read: &mut Read) {
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_json(case)));
}

fn check_identifier(case: &Value) -> Result<(), String> {
    let stated = text(&case["text"]);
    match text(&case["of"]) {
        "election" => match stated.parse::<ElectionId>() {
            Ok(id) if hex(id.as_bytes()) == text(&case["bytes"]) => Ok(()),
            _ => Err("spelling".to_owned()),
        },
        _ => match stated.parse::<Fingerprint>() {
            Ok(found) if found.to_string() == text(&case["fingerprint"]) => Ok(()),
            Ok(_) => Err("R302".to_owned()),
            Err(_) => Err("spelling".to_owned()),
        },
    }
}

pub fn make_identifiers() -> Value {
    let election = ElectionId([0xff, 0x01, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    let id = election.to_string();
    let (manifest, opened, ceremony, roll) = (Hash32::sha256(b"manifest"), Hash32::sha256(b"opened"), Hash32::sha256(b"ceremony"), Hash32::sha256(b"roll"));
    let joint_key = Element::new(tachiai_crypto::group::G);
    let board_key = [7; 32];
    let print = fingerprint(manifest, opened, &board_key).to_string();
    let mut cases = Vec::new();
    let mut add = |name: &str, of: &str, expected: &str, stated: String| {
        let value = json!({ "of": of, "text": stated, "bytes": hex(election.as_bytes()), "fingerprint": print });
        let mut made = case(name, expected, value, check_identifier);
        made.as_object_mut().unwrap().remove(if of == "election" { "fingerprint" } else { "bytes" });
        cases.push(made);
    };
    add("an election ID", "election", "valid", id.clone());
    add("in upper case", "election", "spelling", id.to_uppercase());
    add("a character too few", "election", "spelling", id[..25].to_owned());
    add("a character too many", "election", "spelling", format!("{id}a"));
    add("padded", "election", "spelling", format!("{id}======"));
    let last = ["b", "c", "d"];
    assert!(id.ends_with('4') || id.len() == 26);
    add("trailing bits", "election", "spelling", format!("{}{}", &id[..25], last.iter().find(|letter| !id.ends_with(**letter)).unwrap()));
    add("a digit that base32 has not", "election", "spelling", format!("1{}", &id[1..]));
    add("white space", "election", "spelling", format!(" {}", &id[1..]));
    add("a fingerprint", "fingerprint", "valid", print.clone());
    add("in upper case", "fingerprint", "valid", print.to_uppercase());
    add("without dashes", "fingerprint", "valid", print.replace('-', ""));
    add("a dash left out", "fingerprint", "spelling", print.replacen('-', "", 1));
    add("dashes in other places", "fingerprint", "spelling", format!("-{}", print.replacen('-', "", 1)));
    add("spaces for dashes", "fingerprint", "spelling", print.replace('-', " "));
    add("a character too few", "fingerprint", "spelling", print[..23].to_owned());
    add("a character too many", "fingerprint", "spelling", format!("{print}a"));
    add("a digit that base32 has not", "fingerprint", "spelling", format!("1{}", &print[1..]));
    add("another one", "fingerprint", "R302", fingerprint(opened, manifest, &board_key).to_string());
    add("one character is another", "fingerprint", "R302", format!("{}{}", &print[..23], if print.ends_with('a') { 'b' } else { 'a' }));
    json!({
        "about": "PROTOCOL sections 1.8, 5.3, 5.4: election IDs, context and fingerprint. `spelling`: not accepted as such a text; R302: another fingerprint than the expected.",
        "election": hex(election.as_bytes()), "manifest": hex(manifest), "opened": hex(opened), "joint_key": hex(joint_key.as_bytes()), "ceremony_hash": hex(ceremony),
        "roll_root": hex(roll), "board_key": hex(board_key),
        "context": hex(Context::new(&election, manifest, opened, &joint_key, ceremony, roll).as_bytes()),
        "fingerprint": print,
        "cases": cases,
    })
}

pub fn identifiers(file: &Value, read: &mut Read) {
    let election = ElectionId(bytes(&file["election"]));
    let joint_key = Element::decode(&bytes(&file["joint_key"])).unwrap();
    let (manifest, opened) = (hash(&file["manifest"]), hash(&file["opened"]));
    let context = Context::new(&election, manifest, opened, &joint_key, hash(&file["ceremony_hash"]), hash(&file["roll_root"]));
    read.holds(hex(context.as_bytes()) == text(&file["context"]), "CTX");
    read.holds(fingerprint(manifest, opened, &bytes(&file["board_key"])).to_string() == text(&file["fingerprint"]), "fingerprint");
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_identifier(case)));
}
