//! Ed25519 signatures, as files and checkpoints have them.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::together::{SignedHash, verify_hashes};
use tachiai_crypto::journal::{BoardKey, BoardSecretKey, Checkpoint, Origin, SignedCheckpoint};

use super::{Read, bytes, case, hash, hex, list, number, raw, rng, text};

/// A signature made by hand, with whatever nonce point.
fn sign_by_hand(key: &BoardSecretKey, message: &[u8], torsion: curve25519_dalek::edwards::EdwardsPoint) -> [u8; 64] {
    sign_with(key, message, Scalar::from(4711_u64), torsion)
}

fn sign_with(key: &BoardSecretKey, message: &[u8], r: Scalar, torsion: curve25519_dalek::edwards::EdwardsPoint) -> [u8; 64] {
    let expanded = Sha512::digest(*key.to_seed());
    let clamped = curve25519_dalek::scalar::clamp_integer(expanded[..32].try_into().unwrap());
    let secret = Scalar::from_bytes_mod_order(clamped);
    let nonce = ED25519_BASEPOINT_POINT * r + torsion;
    let hash = Sha512::new().chain_update(nonce.compress().as_bytes()).chain_update(key.public().to_bytes()).chain_update(message).finalize();
    let s = r + Scalar::from_bytes_mod_order_wide(&hash.into()) * secret;
    [nonce.compress().to_bytes(), s.to_bytes()].concat().try_into().unwrap()
}

fn plus_order(number: &[u8]) -> Vec<u8> {
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    let mut carry = 0_u16;
    let add = |(byte, order): (&u8, u8)| {
        carry += u16::from(*byte) + u16::from(order);
        let out = carry as u8;
        carry >>= 8;
        out
    };
    number.iter().zip(order).map(add).collect()
}

/// The forms of a signature that a strict verifier refuses.
fn loose(key: &BoardSecretKey, message: &[u8], honest: &[u8; 64]) -> Vec<(&'static str, Vec<u8>)> {
    let (nonce, s) = honest.split_at(32);
    vec![
        ("R with torsion of order 8: only a verifier with cofactor takes it", sign_by_hand(key, message, EIGHT_TORSION[1]).to_vec()),
        ("R with torsion of order 2", sign_by_hand(key, message, EIGHT_TORSION[4]).to_vec()),
        ("R is the identity, with S to match", sign_with(key, message, Scalar::ZERO, EIGHT_TORSION[0]).to_vec()),
        ("S plus the group order", [nonce, &plus_order(s)].concat()),
        (
            "S is another",
            [nonce, &{
                let mut other = s.to_vec();
                other[0] ^= 1;
                other
            }]
            .concat(),
        ),
        ("R of small order", [&[0; 32], s].concat()),
        ("R is not canonical", [&[0xff; 32], s].concat()),
        ("nothing but zeros", vec![0; 64]),
    ]
}

fn check_ed25519(case: &Value) -> Result<(), String> {
    let key = BoardKey::from_bytes(&bytes(&case["key"])).map_err(|_| "key".to_owned())?;
    if let Some(stated) = case.get("signed") {
        assert_eq!(hash(stated), tagged(text(&case["label"]), &[&raw(&case["message"])]));
    }
    key.verify_bytes(text(&case["label"]), &raw(&case["message"]), &bytes(&case["signature"])).map_err(|_| "signature".to_owned())
}

pub fn make_ed25519() -> Value {
    let mut rng = rng(210);
    let (key, other) = (BoardSecretKey::generate(&mut rng), BoardSecretKey::generate(&mut rng));
    let json = br#"{"manifest":"","run":1}"#;
    let entry = |label: &str, message: &[u8], key: &BoardSecretKey, signature: &[u8]| json!({ "label": label, "message": hex(message), "signed": hex(tagged(label, &[message])), "key": hex(key.public().to_bytes()), "signature": hex(signature) });
    let label = "file/trustee-commit";
    let signature = key.sign_bytes(label, json);
    let message = tagged(label, &[json]);
    let mut cases = vec![
        case("a file", "valid", entry(label, json, &key, &signature), check_ed25519),
        case("no bytes", "valid", entry(label, b"", &key, &key.sign_bytes(label, b"")), check_ed25519),
        case(
            "a signature with another nonce, made by hand",
            "valid",
            entry(label, json, &key, &sign_by_hand(&key, message.as_bytes(), EIGHT_TORSION[0])),
            check_ed25519,
        ),
        case("of another kind of file", "signature", entry("file/trustee-deal", json, &key, &signature), check_ed25519),
        case("of other bytes", "signature", entry(label, br#"{"manifest":"","run":2}"#, &key, &signature), check_ed25519),
        case("by another key", "signature", entry(label, json, &other, &signature), check_ed25519),
        case("of the bytes themselves, not of their hash", "signature", entry(label, json, &key, &sign_by_hand(&key, json, EIGHT_TORSION[0])), check_ed25519),
    ];
    for (name, signature) in loose(&key, message.as_bytes(), &signature) {
        cases.push(case(name, "signature", entry(label, json, &key, &signature), check_ed25519));
    }
    let keys = EIGHT_TORSION.iter().map(|point| ("a key of small order", point.compress().to_bytes()));
    let not_reduced = {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xee, 0x7f);
        bytes
    };
    let forms = (2..19_u8).map(|y| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + y, 0x7f);
        bytes
    });
    let decoded = |bytes: &[u8; 32]| curve25519_dalek::edwards::CompressedEdwardsY(*bytes).decompress().is_some_and(|point| !point.is_small_order());
    let of_large_order = forms.into_iter().find(decoded).unwrap();
    for (name, bytes) in keys.chain([
        ("a key that is not reduced", not_reduced),
        ("a key of large order that is not reduced", of_large_order),
        ("a key that is no point", [2; 32]),
    ]) {
        let mut value = entry(label, json, &key, &signature);
        value["key"] = hex(bytes).into();
        cases.push(case(name, "key", value, check_ed25519));
    }
    json!({ "about": "PROTOCOL sections 2.2, 2.3: Ed25519 over H(label; message), strictly. `key` as verdict: no such key is accepted.", "secret_key": hex(*key.to_seed()), "cases": cases })
}

pub fn ed25519(file: &Value, read: &mut Read) {
    let honest = BoardSecretKey::from_seed(&bytes(&file["secret_key"]));
    let others = (0..256_u16).map(|number| {
        let hash = Hash32::sha256(&number.to_be_bytes());
        SignedHash { key: honest.public(), hash, signature: honest.sign_hash(&hash) }
    });
    let others: Vec<SignedHash> = others.collect();
    for case in list(&file["cases"]) {
        let found = check_ed25519(case);
        read.case(case, &found);
        // Among many it has the same verdict (§2.4).
        if let Ok(key) = BoardKey::from_bytes(&bytes(&case["key"])) {
            let hash = tagged(text(&case["label"]), &[&raw(&case["message"])]);
            let mut all = others.clone();
            all.push(SignedHash { key, hash, signature: bytes(&case["signature"]) });
            let together = verify_hashes(&all, &mut rand_core::OsRng);
            read.holds(together.last().unwrap().is_ok() == found.is_ok() && together[..256].iter().all(Result::is_ok), "together with others");
        }
    }
}

fn check_checkpoint(file: &Value, case: &Value) -> Result<(), String> {
    let (origin, key) = (Origin::new(text(&file["origin"])).unwrap(), BoardKey::from_bytes(&bytes(&file["key"])).unwrap());
    let signed = SignedCheckpoint::parse_and_verify(text(&case["note"]), &origin, &key).map_err(|_| "R102".to_owned())?;
    assert_eq!(signed.as_str(), text(&case["note"]), "what is accepted has one form");
    let Checkpoint { origin: _, size, root } = signed.checkpoint();
    if *size == number(&case["size"]) && *root == hash(&case["root"]) { Ok(()) } else { Err("R102".to_owned()) }
}

pub fn make_checkpoint() -> Value {
    let mut rng = rng(211);
    let (key, other) = (BoardSecretKey::generate(&mut rng), BoardSecretKey::generate(&mut rng));
    let name = "vote.example.jp/aeaqcaibaeaqcaibaeaqcaibae";
    let origin = Origin::new(name).unwrap();
    let root = Hash32::sha256(b"root");
    let checkpoint = |name: &str, size: u64| Checkpoint { origin: Origin::new(name).unwrap(), size, root };
    let good = key.sign(&checkpoint(name, 1234)).as_str().to_owned();
    let by_other = other.sign(&checkpoint(name, 1234)).as_str().to_owned();
    let mut file = json!({
        "about": "PROTOCOL section 3.2: a signed checkpoint of this origin and key, of a board of `size` leaves with this root, under R102.",
        "origin": name, "key": hex(key.public().to_bytes()), "secret_key": hex(*key.to_seed()), "key_id": hex(key.public().note_id(&origin)),
    });
    let (body, line) = good.split_once("\n\n").unwrap();
    let line = line.trim_end();
    let signature = line.rsplit(' ').next().unwrap();
    let raw_signature = data_encoding::BASE64.decode(signature.as_bytes()).unwrap();
    let with_signature = |bytes: &[u8]| good.replace(signature, &data_encoding::BASE64.encode(bytes));
    // Text that the board key signed, though no checkpoint has this form.
    let signed_text = |text: &str| {
        let signature = sign_by_hand(&key, text.as_bytes(), EIGHT_TORSION[0]);
        format!("{text}\n\u{2014} {name} {}\n", data_encoding::BASE64.encode(&[&raw_signature[..4], &signature].concat()))
    };
    let root_text = body.rsplit('\n').next().unwrap();
    let text_of = |size: &str, root: &str, more: &str| signed_text(&format!("{name}\n{size}\n{root}\n{more}"));
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, note: String, size: u64| {
        let value = json!({ "note": note, "size": size, "root": hex(root) });
        cases.push(case(name, expected, value, |value| check_checkpoint(&file, value)));
    };
    add("a checkpoint", "valid", good.clone(), 1234);
    add("of the greatest size", "valid", key.sign(&checkpoint(name, u64::MAX)).as_str().to_owned(), u64::MAX);
    add("signed by hand", "valid", text_of("1234", root_text, ""), 1234);
    add("of another size than it should be", "R102", good.clone(), 1235);
    add("by another key under its own ID", "R102", by_other.clone(), 1234);
    add(
        "by another key under this key's ID",
        "R102",
        {
            let others = data_encoding::BASE64.decode(by_other.trim_end().rsplit(' ').next().unwrap().as_bytes()).unwrap();
            with_signature(&[&raw_signature[..4], &others[4..]].concat())
        },
        1234,
    );
    add("of another origin", "R102", key.sign(&checkpoint("vote.example.jp/aeaqcaibaeaqcaibaeaqcaibai", 1234)).as_str().to_owned(), 1234);
    add("the name of the key is another", "R102", good.replacen(&format!("\u{2014} {name}"), "\u{2014} vote.example.jp/other", 1), 1234);
    add("a second signature line by the same key", "R102", format!("{good}{line}\n"), 1234);
    add("a second signature line by another key", "R102", format!("{good}{}", by_other.split_once("\n\n").unwrap().1), 1234);
    add("no signature line", "R102", format!("{body}\n\n"), 1234);
    add("an extension line", "R102", text_of("1234", root_text, "extension\n"), 1234);
    add("an empty extension line", "R102", text_of("1234", root_text, "\n"), 1234);
    add("a leading zero", "R102", text_of("01234", root_text, ""), 1234);
    add("a sign", "R102", text_of("+1234", root_text, ""), 1234);
    add("a hexadecimal size", "R102", text_of("0x4d2", root_text, ""), 1234);
    add("a size of 2^64", "R102", text_of("18446744073709551616", root_text, ""), 0);
    add("no size", "R102", text_of("", root_text, ""), 0);
    add("the root without padding", "R102", text_of("1234", root_text.trim_end_matches('='), ""), 1234);
    add(
        "the root with trailing bits",
        "R102",
        text_of(
            "1234",
            &{
                let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
                let last = alphabet.find(root_text.as_bytes()[42] as char).unwrap();
                format!("{}{}=", &root_text[..42], &alphabet[last + 1..last + 2])
            },
            "",
        ),
        1234,
    );
    add("the root in hexadecimal", "R102", text_of("1234", &hex(root), ""), 1234);
    add("a root of 31 bytes", "R102", text_of("1234", &data_encoding::BASE64.encode(&root.as_bytes()[..31]), ""), 1234);
    add("lines that end in CR LF", "R102", good.replace('\n', "\r\n"), 1234);
    add("no line's end at the end", "R102", good.trim_end().to_owned(), 1234);
    add("a line's end too many", "R102", format!("{good}\n"), 1234);
    add("a hyphen for the dash", "R102", good.replace('\u{2014}', "-"), 1234);
    add("two spaces before the name", "R102", good.replace("\u{2014} ", "\u{2014}  "), 1234);
    add("the signature without padding", "R102", good.replace(signature, signature.trim_end_matches('=')), 1234);
    add("the signature in the URL alphabet, or with white space", "R102", good.replace(signature, &format!("{signature} ")), 1234);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = alphabet.find(signature.as_bytes()[signature.len() - 2] as char).unwrap();
    let trailing = format!("{}{}=", &signature[..signature.len() - 2], &alphabet[last + 1..last + 2]);
    add("the signature with trailing bits", "R102", good.replace(signature, &trailing), 1234);
    add("another key ID", "R102", with_signature(&[&[0; 4], &raw_signature[4..]].concat()), 1234);
    add("a byte after the signature", "R102", with_signature(&[raw_signature.clone(), vec![0]].concat()), 1234);
    add("a byte too few", "R102", with_signature(&raw_signature[..67]), 1234);
    let honest: [u8; 64] = raw_signature[4..].try_into().unwrap();
    for (name, signature) in loose(&key, format!("{body}\n").as_bytes(), &honest) {
        add(name, "R102", with_signature(&[&raw_signature[..4], &signature].concat()), 1234);
    }
    add("nothing", "R102", String::new(), 0);
    file["cases"] = cases.into();
    file
}

pub fn checkpoint(file: &Value, read: &mut Read) {
    let (origin, key) = (Origin::new(text(&file["origin"])).unwrap(), BoardKey::from_bytes(&bytes(&file["key"])).unwrap());
    read.holds(hex(key.note_id(&origin)) == text(&file["key_id"]), "key ID");
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_checkpoint(file, case)));
}
