//! The vectors in `crypto/vectors/`, made again from fixed seeds and compared with the committed files.
//!
//! `TACHIAI_BLESS=1` writes the files. Binary values are hexadecimal. Other implementations cannot make the nonces of these proofs, but can check
//! every signature and proof and compute everything else.

use std::path::Path;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tachiai_crypto::ceremony::{CeremonyId, Commitments, DealPublic, Polynomial, Quorum, SharePlaintext, combine, derive};
use tachiai_crypto::election::context::{Context, LeafIndex, Slot};
use tachiai_crypto::election::tally::{Accumulator, combine_shares, counted_digest, discrete_log, statement_hash, units};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::proof::equality::{Column, DecryptionShare, ShareContext};
use tachiai_crypto::signature::Signature;

use crate::setup::{Ceremony, index, rng, trustees};
use crate::tally::{encrypt, shapes};

fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

fn point(element: &Element) -> String {
    hex(element.as_bytes())
}

/// Compares with the committed file, or writes it when asked to.
fn compare(name: &str, made: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    if std::env::var_os("TACHIAI_BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, serde_json::to_string_pretty(made).unwrap() + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; TACHIAI_BLESS=1 writes it", path.display()));
    let committed: Value = serde_json::from_str(&text).unwrap();
    assert!(committed == *made, "{} is not what this code makes; TACHIAI_BLESS=1 writes it", path.display());
}

#[test]
fn the_ceremony_vectors_are_what_this_code_makes() {
    let cases = [(3, 2, 101), (5, 3, 102)].map(|(n, t, seed)| {
        let Ceremony { id, quorum, polynomials, deals, result, keys } = Ceremony::run(n, t, &mut rng(seed));
        let list: Vec<_> = trustees(quorum).iter().map(|(signing_key, recipient)| json!({ "signing_key": hex(signing_key), "recipient": recipient })).collect();
        let deals: Vec<_> = deals
            .iter()
            .zip(&polynomials)
            .map(|(deal, polynomial)| {
                let shares: Vec<_> = quorum
                    .others(deal.index)
                    .map(|to| json!({ "to": to.get(), "plaintext": hex(polynomial.share_for(&id, deal.index, to).as_bytes()) }))
                    .collect();
                json!({
                    "index": deal.index.get(),
                    "coefficients": polynomial.to_bytes().chunks(32).map(hex).collect::<Vec<_>>(),
                    "commitments": deal.commitments.encodings().iter().map(hex).collect::<Vec<_>>(),
                    "commit": hex(deal.commit),
                    "possession": hex(deal.possession.to_bytes()),
                    "share_hashes": deal.share_hashes.iter().map(|(to, hash)| json!({ "to": to.get(), "sha256": hex(hash) })).collect::<Vec<_>>(),
                    "shares": shares,
                })
            })
            .collect();
        json!({
            "n": n,
            "t": t,
            "statement_quorum": quorum.statement_quorum(),
            "manifest": hex(id.manifest),
            "run": id.run,
            "trustees": list,
            "trustee_list_hash": hex(id.trustees),
            "deals": deals,
            "joint_key": point(&result.joint_key),
            "share_keys": result.share_keys.iter().map(point).collect::<Vec<_>>(),
            "ceremony_hash": hex(result.hash),
            "decryption_keys": keys.iter().map(|key| hex(*key.to_bytes())).collect::<Vec<_>>(),
        })
    });
    let about = "PROTOCOL sections 4.1 to 4.3. The share hashes are of stand-ins for age files. Possession proofs have random nonces: verify them.";
    compare("ceremony.json", &json!({ "about": about, "cases": cases }));
}

#[test]
fn the_decryption_vectors_are_what_this_code_makes() {
    let mut rng = rng(103);
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let (context, statement) = (Context::from_hash(Hash32::sha256(b"context")), Hash32::sha256(b"statement"));
    let columns: Vec<_> = [(0, 0, 0, 0u64), (0, 0, 1, 1), (0, 1, 0, 1870), (65535, 65535, 65535, 1_000_000)]
        .into_iter()
        .map(|(contest, unit, number, total)| {
            let r = Scalar::random(&mut rng);
            let column = Column {
                contest,
                unit,
                column: number,
                sum_a: Element::new(RistrettoPoint::mul_base(&r)),
                sum_b: Element::new(ceremony.result.joint_key.point() * r + RistrettoPoint::mul_base(&Scalar::from(total))),
            };
            let shares: Vec<_> = (1..=3)
                .map(|i| {
                    let context = ShareContext { context, statement, trustee: index(i), share_key: *ceremony.result.share_key(index(i)).unwrap() };
                    (index(i), DecryptionShare::prove(&ceremony.keys[usize::from(i) - 1], &context, &column, &mut rng).unwrap())
                })
                .collect();
            let combined = combine_shares(ceremony.quorum, &column, &shares[1..]).unwrap();
            assert_eq!(discrete_log(&combined, 1_000_000), Some(total));
            json!({
                "contest": contest,
                "unit": unit,
                "column": number,
                "sum_a": point(&column.sum_a),
                "sum_b": point(&column.sum_b),
                "shares": shares.iter().map(|(trustee, share)| json!({ "trustee": trustee.get(), "share": hex(share.to_bytes()) })).collect::<Vec<_>>(),
                "total_point": point(&combined),
                "total": total,
            })
        })
        .collect();
    let spoilt = spoilt_shares(&columns);
    let made = json!({
        "about": "PROTOCOL sections 8.4 and 8.5. Every share of `columns` is valid, and any two of three give the total. Proofs have random nonces: verify them. `spoilt` are shares for the column `of`: R602 for what is no share, R603 for a proof that does not hold.",
        "n": 3,
        "t": 2,
        "context": hex(context.as_bytes()),
        "statement": hex(statement),
        "share_keys": ceremony.result.share_keys.iter().map(point).collect::<Vec<_>>(),
        "decryption_keys": ceremony.keys.iter().map(|key| hex(*key.to_bytes())).collect::<Vec<_>>(),
        "columns": columns,
        "spoilt": spoilt,
    });
    compare("decryption.json", &made);
}

/// Shares of the second column that are not: of others, of other columns, changed, and out of form.
fn spoilt_shares(columns: &[Value]) -> Vec<Value> {
    let of = |column: usize, trustee: usize| bytes::<96>(&columns[column]["shares"][trustee - 1]["share"]);
    let honest = of(1, 1);
    let with = |at: usize, part: [u8; 32]| {
        let mut changed = honest;
        changed[at..at + 32].copy_from_slice(&part);
        changed
    };
    let scalar = |at: usize, more: Scalar| with(at, (Scalar::from_canonical_bytes(honest[at..at + 32].try_into().unwrap()).unwrap() + more).to_bytes());
    let d = curve25519_dalek::ristretto::CompressedRistretto(honest[..32].try_into().unwrap()).decompress().unwrap();
    let point = |point: RistrettoPoint| with(0, point.compress().to_bytes());
    let mut negative = honest;
    negative[0] ^= 1;
    let mut not_reduced = [0xff; 32];
    (not_reduced[0], not_reduced[31]) = (0xee, 0x7f);
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    let mut plus_order = [0; 32];
    let mut carry = 0_u16;
    for ((out, byte), order) in plus_order.iter_mut().zip(&honest[32..64]).zip(order) {
        carry += u16::from(*byte) + u16::from(order);
        *out = carry as u8;
        carry >>= 8;
    }
    let malformed = [
        ("D is the identity", with(0, [0; 32])),
        ("D is negative", negative),
        ("D is not reduced", with(0, not_reduced)),
        (
            "D has the highest bit set",
            with(0, {
                let mut high: [u8; 32] = honest[..32].try_into().unwrap();
                high[31] |= 0x80;
                high
            }),
        ),
        ("c is the order", with(32, order)),
        ("c plus the order", with(32, plus_order)),
        ("s is the order", with(64, order)),
        ("s is beyond the order", with(64, [0xff; 32])),
        ("nothing but zeros", [0; 96]),
    ];
    let refuted = [
        ("the share of another trustee", of(1, 2)),
        ("the share of another column", of(0, 1)),
        ("the share of another unit", of(2, 1)),
        ("the share of another contest, unit and column", of(3, 1)),
        ("D is another", point(d + curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT)),
        ("D is the negative point", point(-d)),
        ("D of another column under this proof", with(0, of(2, 1)[..32].try_into().unwrap())),
        ("c plus one", scalar(32, Scalar::ONE)),
        ("s plus one", scalar(64, Scalar::ONE)),
        ("s minus one", scalar(64, -Scalar::ONE)),
        ("c is zero", with(32, [0; 32])),
        ("s is zero", with(64, [0; 32])),
    ];
    let case = |rule: &'static str| move |(name, share): (&'static str, [u8; 96])| json!({ "name": name, "of": 1, "trustee": 1, "share": hex(share), "verdict": rule });
    malformed.into_iter().map(case("R602")).chain(refuted.into_iter().map(case("R603"))).collect()
}

#[test]
fn the_tally_vectors_are_what_this_code_makes() {
    let mut rng = rng(104);
    let partitions: Vec<_> = [
        (10, vec![(0, 12), (1, 4), (2, 5), (3, 1), (4, 30), (5, 3), (6, 0)]),
        (10, vec![(3, 2), (8, 0), (9, 7)]),
        (10, vec![]),
        (10, vec![(0, 10), (1, 10)]),
        (0, vec![(1, 0), (2, 5)]),
    ]
    .into_iter()
    .map(|(min_unit, districts)| {
        let units: Vec<_> = units(min_unit, &districts).into_iter().map(|unit| json!({ "districts": unit.districts, "ballots": unit.ballots })).collect();
        let districts: Vec<_> = districts.into_iter().map(|(district, ballots)| json!({ "district": district, "ballots": ballots })).collect();
        json!({ "min_unit": min_unit, "districts": districts, "units": units })
    })
    .collect();

    let counted: Vec<_> = [vec![], vec![(0, 41)], vec![(0, 41), (2, 40), (300, 4_294_967_296)]]
        .into_iter()
        .map(|counted: Vec<(u32, u64)>| {
            let digest = counted_digest(counted.iter().map(|(slot, leaf)| (Slot(*slot), LeafIndex(*leaf))));
            let counted: Vec<_> = counted.iter().map(|(slot, leaf)| json!({ "slot": slot, "leaf": leaf })).collect();
            json!({ "counted": counted, "digest": hex(digest) })
        })
        .collect();

    // The second contest of the tests: two options, up to two chosen, hence two blanks in one column.
    let ceremony = Ceremony::run(3, 2, &mut rng);
    let mut accumulator = Accumulator::new(shapes());
    let mut ballots = Vec::new();
    for (district, bits) in [(0, [1, 0, 1, 0]), (0, [0, 0, 1, 1]), (1, [1, 1, 0, 0])] {
        let ciphertexts = encrypt(&ceremony, &bits, &mut rng);
        accumulator.add(1, district, &ciphertexts).unwrap();
        ballots.push(json!({ "district": district, "rho": hex(ciphertexts.rho().as_bytes()), "ciphertexts": ciphertexts.sent().iter().map(|ciphertext| hex(ciphertext.to_bytes())).collect::<Vec<_>>() }));
    }
    let columns: Vec<_> = accumulator
        .columns(1, &accumulator.units(1, 1, &[0, 1]), &ceremony.result.joint_key)
        .unwrap()
        .iter()
        .map(|column| json!({ "contest": column.contest, "unit": column.unit, "column": column.column, "sum_a": point(&column.sum_a), "sum_b": point(&column.sum_b) }))
        .collect();

    let json = r#"{"v":1}"#;
    let made = json!({
        "about": "PROTOCOL sections 8.1 to 8.3. The sums are of one contest, index 1, of two options and two blanks, with min_unit 1; ballots send three ciphertexts and rho.",
        "units": partitions,
        "counted": counted,
        "sums": { "joint_key": point(&ceremony.result.joint_key), "ballots": ballots, "columns": columns },
        "statement_hash": { "json": json, "hash": hex(statement_hash(json.as_bytes())) },
    });
    compare("tally.json", &made);
}

#[test]
fn the_committed_ceremony_can_be_taken_up_from_its_file() {
    // What another implementation reads: shares and commitments from the file give the decryption keys in the file.
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/ceremony.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let quorum = Quorum::new(number(&case["n"]), number(&case["t"])).unwrap();
        let id = CeremonyId {
            manifest: Hash32::from_bytes(bytes(&case["manifest"])),
            run: case["run"].as_u64().unwrap().try_into().unwrap(),
            trustees: Hash32::from_bytes(bytes(&case["trustee_list_hash"])),
        };
        let deals: Vec<_> = case["deals"].as_array().unwrap().iter().map(|value| deal(value, quorum)).collect();
        let result = derive(&id, quorum, &deals).unwrap();
        assert_eq!(case["ceremony_hash"], hex(result.hash));
        assert_eq!(case["joint_key"], point(&result.joint_key));
        for to in quorum.indices() {
            let shares: Vec<_> = quorum
                .indices()
                .map(|from| {
                    let value = &case["deals"][usize::from(from.get()) - 1];
                    if from == to {
                        let coefficients: Vec<[u8; 32]> = value["coefficients"].as_array().unwrap().iter().map(bytes).collect();
                        return Polynomial::from_bytes(coefficients.as_flattened(), quorum).unwrap().own_share(to);
                    }
                    let share = value["shares"].as_array().unwrap().iter().find(|share| number(&share["to"]) == to.get()).unwrap();
                    let plaintext = SharePlaintext::parse(&bytes::<70>(&share["plaintext"])).unwrap();
                    plaintext.check(&id, from, to, &deals[usize::from(from.get()) - 1].commitments).unwrap()
                })
                .collect();
            let key = combine(&result, to, &shares).unwrap();
            assert_eq!(case["decryption_keys"][usize::from(to.get()) - 1], hex(*key.to_bytes()));
        }
    }
}

fn deal(value: &Value, quorum: Quorum) -> DealPublic {
    let commitments: Vec<[u8; 32]> = value["commitments"].as_array().unwrap().iter().map(bytes).collect();
    DealPublic {
        index: index(number(&value["index"])),
        commit: Hash32::from_bytes(bytes(&value["commit"])),
        commitments: Commitments::decode(&commitments, quorum).unwrap(),
        possession: Signature::decode(&bytes(&value["possession"])).unwrap(),
        share_hashes: value["share_hashes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hash| (index(number(&hash["to"])), Hash32::from_bytes(bytes(&hash["sha256"]))))
            .collect(),
    }
}

fn number(value: &Value) -> u8 {
    value.as_u64().unwrap().try_into().unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap().try_into().unwrap()
}
