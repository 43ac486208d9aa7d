//! Proofs and signatures over ristretto255.

use std::sync::Arc;

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use tachiai_crypto::ceremony::{
    CeremonyError, CeremonyId, Commitments, DealPublic, Polynomial, Quorum, SharePlaintext, TrusteeIndex, combine, derive, trustee_list_hash,
};
use tachiai_crypto::commitment::BallotGenerators;
use tachiai_crypto::election::ballot::{Ballot, ProofError, Statement};
use tachiai_crypto::election::challenge::{challenge_message, sign_challenge, verify_challenge};
use tachiai_crypto::election::context::{BallotStyle, Choose, ContestShape, Context, ElectionId, LeafIndex, Slot};
use tachiai_crypto::election::opening::Opening;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text, sign_registration, verify_registration};
use tachiai_crypto::election::tally::{Accumulator, combine_shares, counted_digest, discrete_log, statement_hash, units};
use tachiai_crypto::elgamal::{Ciphertext, Ciphertexts};
use tachiai_crypto::group::{Element, decode_scalar, generator};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels::purpose;
use tachiai_crypto::proof::equality::{Column, DecryptionShare, ShareContext};
use tachiai_crypto::signature::{PublicKey, SecretKey, Signature};

use super::{Read, bytes, case, hash, hex, list, number, raw, rng, text};

fn rule<T, E>(rule: &str, result: Result<T, E>) -> Result<T, String> {
    result.map_err(|_| rule.to_owned())
}

fn element(value: &Value) -> Element {
    Element::decode(&bytes(value)).unwrap()
}

fn index(value: &Value) -> TrusteeIndex {
    TrusteeIndex::new(number(value).try_into().unwrap()).unwrap()
}

fn small(value: &Value) -> u16 {
    number(value).try_into().unwrap()
}

/// Encodings that no point and no scalar has.
const BAD_POINTS: [(&str, &str); 5] = [
    ("negative", "e3f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"),
    ("not reduced", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("with the highest bit set", "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6"),
    ("of no square", "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"),
    ("the identity", "0000000000000000000000000000000000000000000000000000000000000000"),
];
const BAD_SCALARS: [(&str, &str); 2] = [
    ("the order", "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"),
    ("all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
];

/// The spoilt forms of R ‖ s: names, and bytes in hexadecimal.
fn spoilt_signatures(signature: &[u8; 64]) -> Vec<(String, String)> {
    let (nonce, response) = (hex(&signature[..32]), hex(&signature[32..]));
    let mut all: Vec<(String, String)> = BAD_POINTS.iter().map(|(name, bytes)| (format!("R is {name}"), format!("{bytes}{response}"))).collect();
    all.extend(BAD_SCALARS.iter().map(|(name, bytes)| (format!("s is {name}"), format!("{nonce}{bytes}"))));
    let mut plus = [0; 32];
    let mut carry = 0_u16;
    for ((out, byte), order) in plus.iter_mut().zip(&signature[32..]).zip(raw(&BAD_SCALARS[0].1.into())) {
        carry += u16::from(*byte) + u16::from(order);
        *out = carry as u8;
        carry >>= 8;
    }
    all.push(("s plus the order".to_owned(), format!("{nonce}{}", hex(plus))));
    let more = decode_scalar(signature[32..].try_into().unwrap()).unwrap() + Scalar::ONE;
    all.push(("s plus one".to_owned(), format!("{nonce}{}", hex(more.as_bytes()))));
    all.push(("nothing but zeros".to_owned(), hex([0; 64])));
    all
}

pub fn generators(file: &Value, read: &mut Read) {
    let set = BallotGenerators::get();
    read.holds(element(&file["P"]).point() == set.p() && *set.p() == generator("ballot", "P", 0), "P");
    for (name, points) in [("g", set.g()), ("q", set.q())] {
        for entry in list(&file[name]) {
            let at = number(&entry["index"]);
            let found = generator("ballot", name, at);
            read.holds(found == *element(&entry["point"]).point() && found == points[at as usize], name);
        }
    }
}

pub fn signature(file: &Value, read: &mut Read) {
    let secret = SecretKey::from_scalar(decode_scalar(&bytes(&file["secret_key"])).unwrap()).unwrap();
    for case in list(&file["cases"]) {
        let purpose = purpose::ALL.iter().find(|known| **known == text(&case["purpose"])).unwrap();
        let found = rule("encoding", PublicKey::decode(&bytes(&case["key"]))).and_then(|key| {
            let signature = rule("encoding", Signature::decode(&bytes(&case["signature"])))?;
            rule("equation", key.verify(purpose, &raw(&case["message"]), &signature))
        });
        read.case(case, &found);
    }
    read.holds(hex(secret.public().as_bytes()) == text(&file["cases"][0]["key"]), "the key is that of the secret");
}

fn statement(value: &Value) -> Statement {
    let contests = list(&value["style"]).iter().map(|contest| {
        let choose = match text(&contest["choose"]) {
            "exactly" => Choose::Exactly(small(&contest["number"])),
            _ => Choose::UpTo(small(&contest["number"])),
        };
        (small(&contest["contest"]), ContestShape::new(small(&contest["named"]), choose).unwrap())
    });
    Statement {
        context: Context::from_hash(hash(&value["context"])),
        joint_key: element(&value["joint_key"]),
        registration: hash(&value["registration"]),
        style: Arc::new(BallotStyle::new(contests.collect()).unwrap()),
    }
}

pub fn ballot(file: &Value, read: &mut Read) {
    for case in list(&file["cases"]) {
        let statement = statement(&case["statement"]);
        let parsed = rule("R501", Ballot::parse(&raw(&case["ballot"]), &statement.style));
        let found = parsed.and_then(|ballot| match ballot.clone().verify(&statement) {
            Ok(_) => Ok(ballot),
            Err(ProofError::Signature) => Err("R505".to_owned()),
            Err(_) => Err("R504".to_owned()),
        });
        if let (Ok(ballot), Some(opening)) = (&found, case.get("opening")) {
            read.holds(hex(ballot.hash()) == text(&case["hash"]), "ballot hash");
            let opening = Opening::from_bytes(&raw(opening), &statement.style).unwrap();
            let mut chosen: Vec<Vec<usize>> =
                list(&case["selections"]).iter().map(|chosen| list(chosen).iter().map(|option| number(option) as usize).collect()).collect();
            chosen.iter_mut().for_each(|chosen| chosen.sort_unstable());
            read.holds(opening.check(ballot, &statement.joint_key) == Ok(chosen), "opening");
        }
        read.case(case, &found.map(|_| ()));
    }
    for case in list(&file["openings"]) {
        let of = &file["cases"][number(&case["case"]) as usize];
        let statement = statement(&of["statement"]);
        let ballot = Ballot::parse(&raw(&of["ballot"]), &statement.style).unwrap();
        let found = Opening::from_bytes(&raw(&case["opening"]), &statement.style).and_then(|opening| opening.check(&ballot, &statement.joint_key).map(|_| ()));
        read.case(case, &rule("R509", found));
    }
}

fn ceremony_of(case: &Value) -> (CeremonyId, Quorum) {
    let quorum = Quorum::new(number(&case["n"]) as u8, number(&case["t"]) as u8).unwrap();
    let list: Vec<([u8; 32], String)> =
        list(&case["trustees"]).iter().map(|trustee| (bytes(&trustee["signing_key"]), text(&trustee["recipient"]).to_owned())).collect();
    let trustees = trustee_list_hash(list.iter().map(|(key, recipient)| (key, recipient.as_str())));
    (CeremonyId { manifest: hash(&case["manifest"]), run: number(&case["run"]) as u32, trustees }, quorum)
}

fn commitments(value: &Value, quorum: Quorum) -> Result<Commitments, String> {
    let encodings: Vec<[u8; 32]> = list(value).iter().map(bytes).collect();
    rule("R202", Commitments::decode(&encodings, quorum))
}

fn deal(value: &Value, quorum: Quorum) -> Result<DealPublic, String> {
    Ok(DealPublic {
        index: index(&value["index"]),
        commit: hash(&value["commit"]),
        commitments: commitments(&value["commitments"], quorum)?,
        possession: rule("R203", Signature::decode(&bytes(&value["possession"])))?,
        share_hashes: list(&value["share_hashes"]).iter().map(|share| (index(&share["to"]), hash(&share["sha256"]))).collect(),
    })
}

fn check_deal(deal_case: &Value, id: &CeremonyId, quorum: Quorum) -> Result<(), String> {
    deal(deal_case, quorum)?.verify(id, quorum).map_err(|error| {
        let rule = match error {
            CeremonyError::Possession(_) => "R203",
            CeremonyError::ShareHashes(_) => "R204",
            _ => "R202",
        };
        rule.to_owned()
    })
}

pub fn ceremony(file: &Value, read: &mut Read) {
    for case in list(&file["cases"]) {
        let (id, quorum) = ceremony_of(case);
        read.holds(hex(id.trustees) == text(&case["trustee_list_hash"]), "TL");
        read.holds(u64::from(quorum.statement_quorum()) == number(&case["statement_quorum"]), "statement quorum");
        let deals: Vec<DealPublic> = list(&case["deals"]).iter().map(|value| deal(value, quorum).unwrap()).collect();
        let result = derive(&id, quorum, &deals).unwrap();
        let share_keys: Vec<[u8; 32]> = list(&case["share_keys"]).iter().map(bytes).collect();
        read.holds(result.check_declared(&bytes(&case["joint_key"]), &share_keys, hash(&case["ceremony_hash"])).is_ok(), "H, X, CH");
        for to in quorum.indices() {
            let shares: Vec<_> = quorum
                .indices()
                .map(|from| {
                    let value = &case["deals"][usize::from(from.get()) - 1];
                    if from == to {
                        let coefficients: Vec<[u8; 32]> = list(&value["coefficients"]).iter().map(bytes).collect();
                        return Polynomial::from_bytes(coefficients.as_flattened(), quorum).unwrap().own_share(to);
                    }
                    let share = list(&value["shares"]).iter().find(|share| index(&share["to"]) == to).unwrap();
                    let plaintext = SharePlaintext::parse(&raw(&share["plaintext"])).unwrap();
                    plaintext.check(&id, from, to, &deals[usize::from(from.get()) - 1].commitments).unwrap()
                })
                .collect();
            let key = combine(&result, to, &shares).unwrap();
            read.holds(hex(*key.to_bytes()) == text(&case["decryption_keys"][usize::from(to.get()) - 1]), "decryption key");
        }
    }
}

/// A ceremony of three trustees of whom two must act, before its deals.
fn setup(seed: u64) -> (Value, CeremonyId, Quorum, Vec<Polynomial>) {
    let quorum = Quorum::new(3, 2).unwrap();
    let mut rng = rng(seed);
    let trustees: Vec<Value> = quorum
        .indices()
        .map(|i| json!({ "signing_key": hex(SecretKey::generate(&mut rng).public().as_bytes()), "recipient": format!("age1trustee{i}") }))
        .collect();
    let setup = json!({ "n": 3, "t": 2, "manifest": hex(Hash32::sha256(b"manifest")), "run": 1, "trustees": trustees });
    let (id, quorum) = ceremony_of(&setup);
    let polynomials = quorum.indices().map(|_| Polynomial::generate(quorum, &mut rng)).collect();
    (setup, id, quorum, polynomials)
}

pub fn make_possession() -> Value {
    let (mut file, id, quorum, polynomials) = setup(201);
    let mut rng = rng(202);
    let second = TrusteeIndex::new(2).unwrap();
    let mut honest = |id: &CeremonyId, of: TrusteeIndex, under: &CeremonyId, as_index: TrusteeIndex| {
        let polynomial = &polynomials[usize::from(of.get()) - 1];
        json!({
            "index": as_index.get(),
            "commit": hex(polynomial.commit(id, as_index)),
            "commitments": polynomial.commitments().encodings().iter().map(hex).collect::<Vec<_>>(),
            "possession": hex(polynomial.possession(under, of, &mut rng).to_bytes()),
            "share_hashes": quorum.others(as_index).map(|to| json!({ "to": to.get(), "sha256": hex(Hash32::sha256(&[as_index.get(), to.get()])) })).collect::<Vec<_>>(),
        })
    };
    let good = honest(&id, second, &id, second);
    let others = [
        ("a proof of another index", honest(&id, TrusteeIndex::new(1).unwrap(), &id, second)),
        ("a proof of another manifest", honest(&id, second, &CeremonyId { manifest: Hash32::sha256(b"other"), ..id }, second)),
        ("a proof of another run", honest(&id, second, &CeremonyId { run: 2, ..id }, second)),
        ("a proof of another list of trustees", honest(&id, second, &CeremonyId { trustees: Hash32::sha256(b"other"), ..id }, second)),
    ];
    let made = |name: &str, expected: &str, value: Value| case(name, expected, value, |value| check_deal(value, &id, quorum));
    let with = |key: &str, value: Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed
    };
    // The commit of whatever bytes, so that nothing but the bytes is wrong.
    let committed = |encodings: Vec<String>| {
        let joined: Vec<u8> = encodings.iter().flat_map(|text| raw(&text.as_str().into())).collect();
        let commit = tagged("trustee-commit", &[id.manifest.as_bytes(), &id.run.to_be_bytes(), &[2], &joined]);
        let mut changed = with("commitments", encodings.into());
        changed["commit"] = hex(commit).into();
        changed
    };
    let own: Vec<String> = list(&good["commitments"]).iter().map(|value| text(value).to_owned()).collect();
    let mut cases = vec![made("a good deal", "valid", good.clone())];
    cases.extend(others.into_iter().map(|(name, value)| made(name, "R203", value)));
    for (name, signature) in spoilt_signatures(&bytes(&good["possession"])) {
        cases.push(made(&name, "R203", with("possession", signature.into())));
    }
    for (name, bytes) in BAD_POINTS {
        cases.push(made(&format!("the first commitment is {name}"), "R202", committed(vec![bytes.to_owned(), own[1].clone()])));
        // Only the constant term may not be the identity; but the proof is of other commitments.
        let expected = if name == "the identity" { "R203" } else { "R202" };
        cases.push(made(&format!("the second commitment is {name}"), expected, committed(vec![own[0].clone(), bytes.to_owned()])));
    }
    cases.push(made("a commitment too few", "R202", committed(own[..1].to_vec())));
    cases.push(made("a commitment too many", "R202", committed([own.clone(), own[..1].to_vec()].concat())));
    cases.push(made("commitments exchanged under the commit", "R202", with("commitments", json!([own[1], own[0]]))));
    cases.push(made("another commit", "R202", with("commit", hex(Hash32::sha256(b"other")).into())));
    let shares = list(&good["share_hashes"]).to_vec();
    cases.push(made("a share hash too few", "R204", with("share_hashes", shares[..1].to_vec().into())));
    cases.push(made("share hashes in another order", "R204", with("share_hashes", shares.iter().rev().cloned().collect())));
    cases.push(made("one share hash twice", "R204", with("share_hashes", json!([shares[0], shares[0]]))));
    cases.push(made("a share hash for the dealer", "R204", with("share_hashes", json!([shares[0], { "to": 2, "sha256": shares[1]["sha256"] }]))));
    file["about"] = "PROTOCOL sections 4.1, 4.2: the deal of trustee 2, under R202 to R204.".into();
    file["cases"] = cases.into();
    file
}

pub fn possession(file: &Value, read: &mut Read) {
    let (id, quorum) = ceremony_of(file);
    for case in list(&file["cases"]) {
        read.case(case, &check_deal(case, &id, quorum));
    }
}

/// What a trustee would complain of.
fn check_share(case: &Value, id: &CeremonyId, quorum: Quorum, dealt: &Value) -> Result<(), String> {
    let plaintext = rule("share-unreadable", SharePlaintext::parse(&raw(&case["plaintext"])))?;
    let (from, to) = (index(&case["from"]), index(&case["to"]));
    let dealt = commitments(&dealt[usize::from(from.get()) - 1], quorum)?;
    rule("share-wrong", plaintext.check(id, from, to, &dealt)).map(|_| ())
}

pub fn make_share() -> Value {
    let (mut file, id, quorum, polynomials) = setup(203);
    let dealt: Value = polynomials.iter().map(|polynomial| polynomial.commitments().encodings().iter().map(hex).collect::<Vec<_>>()).collect::<Vec<_>>().into();
    let at = |i: u8| TrusteeIndex::new(i).unwrap();
    let honest = polynomials[0].share_for(&id, at(1), at(2)).as_bytes().to_vec();
    let made = |name: &str, expected: &str, from: u8, to: u8, plaintext: &[u8]| {
        case(name, expected, json!({ "from": from, "to": to, "plaintext": hex(plaintext) }), |case| check_share(case, &id, quorum, &dealt))
    };
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = honest.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let value: Scalar = decode_scalar(honest[38..].try_into().unwrap()).unwrap();
    let cases = vec![
        made("the share of 1 for 2", "valid", 1, 2, &honest),
        made("the share of 3 for 2", "valid", 3, 2, polynomials[2].share_for(&id, at(3), at(2)).as_bytes()),
        made("a byte too few", "share-unreadable", 1, 2, &honest[..69]),
        made("a byte too many", "share-unreadable", 1, 2, &[honest.clone(), vec![0]].concat()),
        made("nothing", "share-unreadable", 1, 2, b""),
        made("another version", "share-unreadable", 1, 2, &with(14, b"2")),
        made("another run", "share-wrong", 1, 2, &with(19, &[2])),
        made("another sender", "share-wrong", 1, 2, &with(20, &[3])),
        made("another recipient", "share-wrong", 1, 2, &with(21, &[3])),
        made("another manifest", "share-wrong", 1, 2, &with(22, &[0; 16])),
        made("a value that is the order", "share-wrong", 1, 2, &with(38, &raw(&BAD_SCALARS[0].1.into()))),
        made("a value beyond the order", "share-wrong", 1, 2, &with(38, &[0xff; 32])),
        made("a value off by one", "share-wrong", 1, 2, &with(38, (value + Scalar::ONE).as_bytes())),
        made("the value zero", "share-wrong", 1, 2, &with(38, &[0; 32])),
        made("the share for another trustee under this one's number", "share-wrong", 1, 2, &{
            let other = polynomials[0].share_for(&id, at(1), at(3)).as_bytes().to_vec();
            let mut moved = other;
            moved[21] = 2;
            moved
        }),
    ];
    file["about"] = "PROTOCOL sections 4.2, 4.3: opened shares. A verdict other than valid is the reason of the complaint that a trustee would make.".into();
    file["commitments"] = dealt;
    file["cases"] = cases.into();
    file
}

pub fn share(file: &Value, read: &mut Read) {
    let (id, quorum) = ceremony_of(file);
    for case in list(&file["cases"]) {
        read.case(case, &check_share(case, &id, quorum, &file["commitments"]));
    }
}

fn check_registration(case: &Value) -> Result<(), String> {
    let voting_key = rule("R403", PublicKey::decode(&bytes(&case["voting_key"])))?;
    let signature = rule("R404", Signature::decode(&bytes(&case["possession"])))?;
    let message = registration_text(&RegistrationFields {
        origin: text(&case["origin"]).to_owned(),
        nonce: bytes(&case["nonce"]),
        election: text(&case["election"]).parse::<ElectionId>().unwrap(),
        manifest: hash(&case["manifest"]),
        opened: hash(&case["opened"]),
        slot: Slot(number(&case["slot"]) as u32),
        slot_commitment: hash(&case["slot_commitment"]),
        voting_key,
        seq: number(&case["seq"]) as u32,
        previous: case["previous"].as_str().map(|_| hash(&case["previous"])),
        checkpoint_size: number(&case["checkpoint_size"]),
        checkpoint_root: hash(&case["checkpoint_root"]),
    });
    if let Some(stated) = case["text"].as_str() {
        assert_eq!(stated.as_bytes(), message);
    }
    rule("R404", verify_registration(&message, &voting_key, &signature))
}

pub fn make_registration() -> Value {
    let mut rng = rng(204);
    let key = SecretKey::generate(&mut rng);
    let mut honest = |slot: u32, seq: u32, previous: Option<Hash32>| {
        let fields = RegistrationFields {
            origin: "vote.example.jp/aeaqcaibaeaqcaibaeaqcaibae".to_owned(),
            nonce: [5; 32],
            election: ElectionId([1; 16]),
            manifest: Hash32::sha256(b"manifest"),
            opened: Hash32::sha256(b"opened"),
            slot: Slot(slot),
            slot_commitment: Hash32::sha256(b"slot"),
            voting_key: key.public(),
            seq,
            previous,
            checkpoint_size: 4_294_967_296,
            checkpoint_root: Hash32::sha256(b"root"),
        };
        let message = registration_text(&fields);
        json!({
            "origin": fields.origin, "nonce": hex(fields.nonce), "election": fields.election.to_string(), "manifest": hex(fields.manifest),
            "opened": hex(fields.opened), "slot": slot, "slot_commitment": hex(fields.slot_commitment), "voting_key": hex(key.public().as_bytes()), "seq": seq,
            "previous": previous.map(hex), "checkpoint_size": fields.checkpoint_size, "checkpoint_root": hex(fields.checkpoint_root),
            "text": String::from_utf8(message.clone()).unwrap(),
            "possession": hex(sign_registration(&message, &key, &mut rng).to_bytes()),
        })
    };
    let first = honest(0, 0, None);
    let again = honest(4_294_967_295, 1, Some(Hash32::sha256(b"previous")));
    let mut cases =
        vec![case("the first of a slot", "valid", first.clone(), check_registration), case("a later one", "valid", again.clone(), check_registration)];
    let with = |key: &str, value: Value| {
        let mut changed = again.clone();
        changed[key] = value;
        changed.as_object_mut().unwrap().remove("text");
        changed
    };
    let other = || Value::from(hex(Hash32::sha256(b"other")));
    for (name, changed) in [
        ("another origin", with("origin", "vote.example.jp/aeaqcaibaeaqcaibaeaqcaibai".into())),
        ("another nonce", with("nonce", other())),
        ("another election", with("election", ElectionId([2; 16]).to_string().into())),
        ("another manifest", with("manifest", other())),
        ("another opening", with("opened", other())),
        ("another slot", with("slot", 0.into())),
        ("another commitment", with("slot_commitment", other())),
        ("another number", with("seq", 2.into())),
        ("another previous one", with("previous", other())),
        ("no previous one", with("previous", Value::Null)),
        ("another size", with("checkpoint_size", 4_294_967_297_u64.into())),
        ("another root", with("checkpoint_root", other())),
        ("another key", with("voting_key", hex(SecretKey::generate(&mut super::rng(205)).public().as_bytes()).into())),
    ] {
        cases.push(case(name, "R404", changed, check_registration));
    }
    for (name, bytes) in BAD_POINTS {
        cases.push(case(&format!("the key is {name}"), "R403", with("voting_key", bytes.into()), check_registration));
    }
    for (name, signature) in spoilt_signatures(&bytes(&again["possession"])) {
        cases.push(case(&name, "R404", with("possession", signature.into()), check_registration));
    }
    let foreign = key.sign(purpose::BALLOT, text(&again["text"]).as_bytes(), &mut super::rng(206));
    cases.push(case("a signature for another purpose", "R404", with("possession", hex(foreign.to_bytes()).into()), check_registration));
    json!({ "about": "PROTOCOL section 6: the text that card and voting key sign, and the key's signature, under R403 and R404.", "secret_voting_key": hex(key.expose().as_bytes()), "cases": cases })
}

pub fn registration(file: &Value, read: &mut Read) {
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_registration(case)));
}

fn check_challenge(case: &Value) -> Result<(), String> {
    let key = rule("R508", PublicKey::decode(&bytes(&case["key"])))?;
    let signature = rule("R508", Signature::decode(&bytes(&case["signature"])))?;
    let (context, slot, leaf) = (Context::from_hash(hash(&case["context"])), Slot(number(&case["slot"]) as u32), LeafIndex(number(&case["leaf"])));
    if case.get("message").is_some() {
        assert_eq!(hash(&case["message"]), challenge_message(&context, slot, hash(&case["ballot"]), leaf));
    }
    rule("R508", verify_challenge(&context, slot, hash(&case["ballot"]), leaf, &key, &signature))
}

pub fn make_challenge() -> Value {
    let mut rng = rng(207);
    let (key, stranger) = (SecretKey::generate(&mut rng), SecretKey::generate(&mut rng));
    let context = Context::from_hash(Hash32::sha256(b"context"));
    let ballot = Hash32::sha256(b"ballot");
    let mut honest = |slot: u32, leaf: u64, key: &SecretKey| {
        json!({
            "context": hex(context.as_bytes()), "slot": slot, "ballot": hex(ballot), "leaf": leaf, "key": hex(key.public().as_bytes()),
            "message": hex(challenge_message(&context, Slot(slot), ballot, LeafIndex(leaf))),
            "signature": hex(sign_challenge(&context, Slot(slot), ballot, LeafIndex(leaf), key, &mut rng).to_bytes()),
        })
    };
    let good = honest(65_536, 4_294_967_296, &key);
    let by_stranger = honest(65_536, 4_294_967_296, &stranger);
    let with = |key: &str, value: Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed.as_object_mut().unwrap().remove("message");
        changed
    };
    let other = || Value::from(hex(Hash32::sha256(b"other")));
    let mut cases = vec![case("a challenge", "valid", good.clone(), check_challenge)];
    for (name, changed) in [
        ("another context", with("context", other())),
        ("another slot", with("slot", 65_537.into())),
        ("another ballot", with("ballot", other())),
        ("another leaf", with("leaf", 0.into())),
        ("another key", with("key", by_stranger["key"].clone())),
        ("signed by another key", with("signature", by_stranger["signature"].clone())),
    ] {
        cases.push(case(name, "R508", changed, check_challenge));
    }
    for (name, bytes) in BAD_POINTS {
        cases.push(case(&format!("the key is {name}"), "R508", with("key", bytes.into()), check_challenge));
    }
    for (name, signature) in spoilt_signatures(&bytes(&good["signature"])) {
        cases.push(case(&name, "R508", with("signature", signature.into()), check_challenge));
    }
    json!({ "about": "PROTOCOL section 7.7: the signature under a challenge, under R508.", "secret_voting_key": hex(key.expose().as_bytes()), "cases": cases })
}

pub fn challenge(file: &Value, read: &mut Read) {
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_challenge(case)));
}

fn column(value: &Value) -> Column {
    Column {
        contest: small(&value["contest"]),
        unit: small(&value["unit"]),
        column: small(&value["column"]),
        sum_a: element(&value["sum_a"]),
        sum_b: element(&value["sum_b"]),
    }
}

pub fn decryption(file: &Value, read: &mut Read) {
    let quorum = Quorum::new(number(&file["n"]) as u8, number(&file["t"]) as u8).unwrap();
    let context = |trustee: TrusteeIndex| ShareContext {
        context: Context::from_hash(hash(&file["context"])),
        statement: hash(&file["statement"]),
        trustee,
        share_key: element(&file["share_keys"][usize::from(trustee.get()) - 1]),
    };
    let check = |trustee: TrusteeIndex, column: &Column, share: &Value| {
        let share = rule("R602", DecryptionShare::decode(&bytes(share)))?;
        rule("R603", share.verify(&context(trustee), column)).map(|()| share)
    };
    for value in list(&file["columns"]) {
        let column = column(value);
        let shares: Vec<_> =
            list(&value["shares"]).iter().map(|share| (index(&share["trustee"]), check(index(&share["trustee"]), &column, &share["share"]).unwrap())).collect();
        for left_out in 0..3 {
            let two: Vec<_> = shares.iter().enumerate().filter(|(place, _)| *place != left_out).map(|(_, share)| *share).collect();
            let combined = combine_shares(quorum, &column, &two).unwrap();
            read.holds(combined == element(&value["total_point"]) && discrete_log(&combined, 1_000_000) == Some(number(&value["total"])), "total");
        }
    }
    for case in list(&file["spoilt"]) {
        let found = check(index(&case["trustee"]), &column(&file["columns"][number(&case["of"]) as usize]), &case["share"]).map(|_| ());
        read.case(case, &found);
    }
}

pub fn tally(file: &Value, read: &mut Read) {
    for case in list(&file["units"]) {
        let districts: Vec<(u16, u64)> = list(&case["districts"]).iter().map(|district| (small(&district["district"]), number(&district["ballots"]))).collect();
        let found: Vec<Value> = units(number(&case["min_unit"]) as u32, &districts)
            .into_iter()
            .map(|unit| json!({ "districts": unit.districts, "ballots": unit.ballots }))
            .collect();
        read.holds(Value::from(found) == case["units"], "units");
    }
    for case in list(&file["counted"]) {
        let counted = list(&case["counted"]).iter().map(|entry| (Slot(number(&entry["slot"]) as u32), LeafIndex(number(&entry["leaf"]))));
        read.holds(counted_digest(counted) == hash(&case["digest"]), "digest");
    }
    read.holds(statement_hash(text(&file["statement_hash"]["json"]).as_bytes()) == hash(&file["statement_hash"]["hash"]), "TS");
    let sums = &file["sums"];
    let shape = ContestShape::new(2, Choose::UpTo(2)).unwrap();
    let mut accumulator = Accumulator::new(vec![shape, shape]);
    let mut districts = Vec::new();
    for ballot in list(&sums["ballots"]) {
        let sent = list(&ballot["ciphertexts"]).iter().map(|value| {
            let both = raw(value);
            let half = |range: std::ops::Range<usize>| Element::decode(both[range].try_into().unwrap()).unwrap();
            Ciphertext::new(half(0..32), half(32..64))
        });
        let ciphertexts = Ciphertexts::new(sent.collect(), decode_scalar(&bytes(&ballot["rho"])).unwrap());
        districts.push(small(&ballot["district"]));
        accumulator.add(1, small(&ballot["district"]), &ciphertexts).unwrap();
    }
    districts.dedup();
    let found = accumulator.columns(1, &accumulator.units(1, 1, &districts), &element(&sums["joint_key"])).unwrap();
    let stated: Vec<Column> = list(&sums["columns"]).iter().map(column).collect();
    read.holds(found == stated, "columns");
}
