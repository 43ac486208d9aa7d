//! Trees, tiles, proofs, receipts, openings and rolls.

use serde_json::{Value, json};
use tachiai_crypto::election::context::{ElectionId, Slot};
use tachiai_crypto::election::roll::{Person, Roll, RollEntry, RollSlot, hash_of_card, roll_leaf, slot_commitment};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{TileId, entry_bundle, hash_tile, new_tiles, parse_entry_bundle, parse_hash_tile};
use tachiai_crypto::journal::{
    BoardKey, BoardSecretKey, Checkpoint, ConsistencyProof, InclusionProof, LogProof, Origin, Tree, leaf_hash, verify_consistency, verify_inclusion,
};
use tachiai_schemas::Blob;
use tachiai_schemas::election::Body;
use tachiai_schemas::receipt::{OpeningFile, ReceiptFile};
use tachiai_verify::receipt::{OPENING_FORMAT, check_opening, check_receipt};
use tachiai_verify::testing::{Play, contest};

use super::{Read, bytes, case, hash, hex, list, number, raw, rng, text};

/// The entries that the trees and tiles of the vectors are made of: `entry 0`, `entry 1` and so on.
fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn tree_of(size: u64) -> Tree {
    (0..size).map(|index| leaf_hash(&entry(index))).collect()
}

fn hashes(value: &Value) -> Vec<Hash32> {
    list(value).iter().map(hash).collect()
}

fn check_proof(case: &Value) -> Result<(), String> {
    let found = match text(&case["of"]) {
        "inclusion" => {
            let proof = InclusionProof::from_hashes(hashes(&case["hashes"]));
            verify_inclusion(hash(&case["leaf"]), number(&case["index"]), number(&case["size"]), &proof, hash(&case["root"])).map_err(|_| "R110")
        }
        "consistency" => {
            let proof = ConsistencyProof::from_hashes(hashes(&case["hashes"]));
            let (old, new) = ((number(&case["old_size"]), hash(&case["old_root"])), (number(&case["size"]), hash(&case["root"])));
            verify_consistency(old.0, old.1, new.0, new.1, &proof).map_err(|_| "consistency")
        }
        "log-proof" => {
            let proof: Result<LogProof, _> = text(&case["proof"]).parse();
            let (origin, key) = (Origin::new(text(&case["origin"])).unwrap(), BoardKey::from_bytes(&bytes(&case["key"])).unwrap());
            proof.and_then(|proof| proof.verify(hash(&case["leaf"]), &origin, &key)).map(|_| ()).map_err(|_| "R110")
        }
        other => panic!("{other}"),
    };
    found.map_err(str::to_owned)
}

pub fn make_tree() -> Value {
    let roots: Vec<Value> = [0, 1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 1000].map(|size| json!({ "size": size, "root": hex(tree_of(size).root()) })).into();
    let tree = tree_of(1000);
    let hex_all = |hashes: Vec<Hash32>| hashes.iter().map(hex).collect::<Vec<_>>();
    let inclusion = |index: u64, size: u64| {
        let proof = tree.inclusion(index, size).unwrap().into_hashes();
        json!({ "of": "inclusion", "leaf": hex(leaf_hash(&entry(index))), "index": index, "size": size, "root": hex(tree.root_at(size).unwrap()), "hashes": hex_all(proof) })
    };
    let consistency = |old: u64, size: u64| {
        let proof = tree.consistency(old, size).unwrap().into_hashes();
        json!({ "of": "consistency", "old_size": old, "old_root": hex(tree.root_at(old).unwrap()), "size": size, "root": hex(tree.root_at(size).unwrap()), "hashes": hex_all(proof) })
    };
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, value: Value| cases.push(case(name, expected, value, check_proof));
    for (index, size) in [(0, 1), (0, 2), (1, 2), (2, 3), (0, 7), (6, 7), (5, 8), (255, 256), (256, 257), (999, 1000), (511, 1000)] {
        add(&format!("leaf {index} of {size}"), "valid", inclusion(index, size));
    }
    let good = inclusion(5, 8);
    let with = |of: &Value, key: &str, value: Value| {
        let mut changed = of.clone();
        changed[key] = value;
        changed
    };
    let other = || Value::from(hex(Hash32::sha256(b"other")));
    let list_of = |of: &Value, change: &dyn Fn(&mut Vec<Value>)| {
        let mut hashes = list(&of["hashes"]).to_vec();
        change(&mut hashes);
        with(of, "hashes", hashes.into())
    };
    let swap = |hashes: &mut Vec<Value>| hashes.swap(0, 1);
    let flip = |hashes: &mut Vec<Value>| hashes[1] = other();
    add("another leaf", "R110", with(&good, "leaf", other()));
    add("the entry's hash without the prefix of leaves", "R110", with(&good, "leaf", hex(Hash32::sha256(&entry(5))).into()));
    add("an inner node as leaf, one hash shorter", "R110", {
        let pair = Hash32::sha256(&[&[1][..], leaf_hash(&entry(4)).as_bytes(), leaf_hash(&entry(5)).as_bytes()].concat());
        list_of(&with(&good, "leaf", hex(pair).into()), &|hashes| drop(hashes.remove(0)))
    });
    add("another index", "R110", with(&good, "index", 4.into()));
    add("an index beyond the size", "R110", with(&good, "index", 8.into()));
    add("another size", "R110", with(&good, "size", 9.into()));
    add("a size of 0", "R110", with(&good, "size", 0.into()));
    add("another root", "R110", with(&good, "root", other()));
    add("a hash too few", "R110", list_of(&good, &|hashes| drop(hashes.pop())));
    add("a hash too many", "R110", list_of(&good, &|hashes| hashes.push(other())));
    add("hashes exchanged", "R110", list_of(&good, &swap));
    add("another hash", "R110", list_of(&good, &flip));
    add("no hashes", "R110", list_of(&good, &Vec::clear));
    for (old, size) in [(1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (8, 9), (256, 257), (257, 1000), (1000, 1000)] {
        add(&format!("from {old} to {size}"), "valid", consistency(old, size));
    }
    let good = consistency(6, 8);
    add("another old root", "consistency", with(&good, "old_root", other()));
    add("another new root", "consistency", with(&good, "root", other()));
    add("another old size", "consistency", with(&good, "old_size", 5.into()));
    add("the sizes exchanged", "consistency", with(&with(&good, "old_size", 8.into()), "size", 6.into()));
    add("a hash too few", "consistency", list_of(&good, &|hashes| drop(hashes.pop())));
    add("a hash too many", "consistency", list_of(&good, &|hashes| hashes.push(other())));
    add("another hash", "consistency", list_of(&good, &flip));
    add("the same size with another root", "consistency", with(&consistency(8, 8), "old_root", other()));
    add("hashes for the same size", "consistency", list_of(&consistency(8, 8), &|hashes| hashes.push(other())));

    let mut rng = rng(230);
    let key = BoardSecretKey::generate(&mut rng);
    let name = "vote.example.jp/aeaqcaibaeaqcaibaeaqcaibae";
    let signed = key.sign(&Checkpoint { origin: Origin::new(name).unwrap(), size: 1000, root: tree.root() });
    let mut proof = LogProof::new(5, tree.inclusion(5, 1000).unwrap(), &signed);
    proof.extra = Some(vec![9; 32]);
    let text_of =
        |proof: &str| json!({ "of": "log-proof", "leaf": hex(leaf_hash(&entry(5))), "origin": name, "key": hex(key.public().to_bytes()), "proof": proof });
    let good = proof.to_string();
    add("a tlog-proof", "valid", text_of(&good));
    add("a tlog-proof without extra", "valid", text_of(&LogProof { extra: None, ..proof.clone() }.to_string()));
    for (name, from, to) in [
        ("another first line", "@v1", "@v2"),
        ("another index", "index 5", "index 4"),
        ("an index with a leading zero", "index 5", "index 05"),
        ("no index", "index 5\n", ""),
        ("extra after the index", "extra ", "Extra "),
        ("extra in loose base64", "CQk=", "CQl="),
        ("a changed checkpoint", "\n1000\n", "\n1001\n"),
        ("lines that end in CR LF", "\nindex", "\r\nindex"),
        ("an empty line too many", "\n\n", "\n\n\n"),
    ] {
        assert!(good.contains(from), "{name}");
        add(name, "R110", text_of(&good.replacen(from, to, 1)));
    }
    let first = good.lines().nth(3).unwrap().to_owned();
    add("a hash without padding", "R110", text_of(&good.replacen(&first, first.trim_end_matches('='), 1)));
    add("a hash left out", "R110", text_of(&good.replacen(&format!("{first}\n"), "", 1)));
    add("another leaf", "R110", with(&text_of(&good), "leaf", other()));
    add("another origin", "R110", with(&text_of(&good), "origin", "other.example.jp/x".into()));
    add("another key", "R110", with(&text_of(&good), "key", hex(BoardSecretKey::generate(&mut rng).public().to_bytes()).into()));
    json!({
        "about": "PROTOCOL sections 3.1, 10.2, 10.3: roots, inclusion and consistency proofs and tlog-proofs of trees whose entries are the bytes `entry 0`, `entry 1` and so on. R110 where a receipt has such a proof; `consistency` where a board does not extend another.",
        "leaf_0": hex(leaf_hash(&entry(0))),
        "roots": roots,
        "cases": cases,
    })
}

pub fn tree(file: &Value, read: &mut Read) {
    read.holds(leaf_hash(&entry(0)) == hash(&file["leaf_0"]), "leaf hash");
    for case in list(&file["roots"]) {
        read.holds(tree_of(number(&case["size"])).root() == hash(&case["root"]), "root");
    }
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_proof(case)));
}

fn check_tile(case: &Value) -> Result<(), String> {
    let tile: Result<TileId, _> = text(&case["path"]).parse();
    let tile = tile.map_err(|_| "R107".to_owned())?;
    assert_eq!(tile.to_string(), text(&case["path"]), "a path has one spelling");
    let Some(contents) = case.get("bytes") else { return Ok(()) };
    let contents = raw(contents);
    let parsed = match tile.kind() {
        tachiai_crypto::journal::tiles::TileKind::Entries => parse_entry_bundle(&contents, tile).map(|_| ()),
        tachiai_crypto::journal::tiles::TileKind::Hashes(_) => parse_hash_tile(&contents, tile).map(|_| ()),
    };
    parsed.map_err(|_| "R107".to_owned())
}

pub fn make_tiles() -> Value {
    let sizes: Vec<Value> = [0, 1, 255, 256, 257, 512, 65_536, 65_793, 70_000]
        .map(|size| {
            let tiles: Vec<String> = new_tiles(0, size).map(|tile| tile.to_string()).collect();
            // Long lists are told by their number and hash.
            let joined = tiles.join("\n");
            if tiles.len() <= 8 {
                json!({ "size": size, "paths": tiles })
            } else {
                json!({ "size": size, "number": tiles.len(), "sha256_of_lines": hex(Hash32::sha256(joined.as_bytes())) })
            }
        })
        .into();
    let tree = tree_of(257);
    let contents: Vec<Value> = new_tiles(0, 257)
        .map(|tile| {
            let bytes = match tile.kind() {
                tachiai_crypto::journal::tiles::TileKind::Entries => entry_bundle((tile.start()..tile.end()).map(entry)).unwrap(),
                tachiai_crypto::journal::tiles::TileKind::Hashes(_) => hash_tile(&tree, tile).unwrap(),
            };
            json!({ "path": tile.to_string(), "bytes": bytes.len(), "sha256": hex(Hash32::sha256(&bytes)) })
        })
        .collect();
    let mut cases = Vec::new();
    let mut add = |expected: &str, path: &str, bytes: Option<Vec<u8>>| {
        let mut value = json!({ "path": path });
        if let Some(bytes) = &bytes {
            value["bytes"] = hex(bytes).into();
        }
        let name = format!("{path}{}", bytes.map_or(String::new(), |bytes| format!(" of {} bytes", bytes.len())));
        cases.push(case(&name, expected, value, check_tile));
    };
    for path in [
        "tile/0/000",
        "tile/0/000.p/1",
        "tile/1/001.p/255",
        "tile/0/x001/234",
        "tile/0/x001/x234/067",
        "tile/entries/000",
        "tile/entries/x999/999.p/128",
        "tile/7/000.p/1",
    ] {
        add("valid", path, None);
    }
    for path in [
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/1000",
        "tile/0/001/x234",
        "tile/0/x01/234",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000/",
        "/tile/0/000",
        "tile//000",
        "Tile/0/000",
        "tile/0/000.P/1",
        "tile/entry/000",
        "tile/entries/000.p/1/2",
        "tile/0/..",
        "tile/0/../0/000",
        "tile/0/\u{ff10}00",
        "",
        "checkpoint",
    ] {
        add("R107", path, None);
    }
    let bundle = entry_bundle([b"one".as_slice(), b"", b"three"]).unwrap();
    add("valid", "tile/entries/000.p/3", Some(bundle.clone()));
    add("R107", "tile/entries/000.p/2", Some(bundle.clone()));
    add("R107", "tile/entries/000.p/4", Some(bundle.clone()));
    add("R107", "tile/entries/000.p/3", Some(bundle[..bundle.len() - 1].to_vec()));
    add("R107", "tile/entries/000.p/3", Some([bundle.clone(), vec![0]].concat()));
    add("R107", "tile/entries/000.p/3", Some(Vec::new()));
    add("R107", "tile/entries/000.p/1", Some(vec![0xff, 0xff, 1]));
    add("valid", "tile/0/000.p/2", Some(vec![1; 64]));
    add("R107", "tile/0/000.p/2", Some(vec![1; 63]));
    add("R107", "tile/0/000.p/2", Some(vec![1; 96]));
    add("R107", "tile/0/000", Some(vec![1; 64]));
    json!({
        "about": "PROTOCOL section 10.1: which tiles a tree of a size has, the tiles of 257 entries `entry 0` and so on, and paths and tiles in and out of form, under R107.",
        "sizes": sizes,
        "tiles_of_257": contents,
        "cases": cases,
    })
}

pub fn tiles(file: &Value, read: &mut Read) {
    for case in list(&file["sizes"]) {
        let tiles: Vec<String> = new_tiles(0, number(&case["size"])).map(|tile| tile.to_string()).collect();
        let same = match case.get("paths") {
            Some(paths) => list(paths).iter().map(text).eq(tiles.iter().map(String::as_str)),
            None => tiles.len() as u64 == number(&case["number"]) && Hash32::sha256(tiles.join("\n").as_bytes()) == hash(&case["sha256_of_lines"]),
        };
        read.holds(same, "the tiles of a size");
    }
    let tree = tree_of(257);
    for case in list(&file["tiles_of_257"]) {
        let tile: TileId = text(&case["path"]).parse().unwrap();
        let bytes = match tile.kind() {
            tachiai_crypto::journal::tiles::TileKind::Entries => entry_bundle((tile.start()..tile.end()).map(entry)).unwrap(),
            tachiai_crypto::journal::tiles::TileKind::Hashes(_) => hash_tile(&tree, tile).unwrap(),
        };
        read.holds(bytes.len() as u64 == number(&case["bytes"]) && Hash32::sha256(&bytes) == hash(&case["sha256"]), "a tile");
    }
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_tile(case)));
}

fn person(value: &Value) -> Person {
    let field = |name: &str| text(&value[name]);
    Person { name: field("name").to_owned(), birth: field("birth").parse().unwrap(), sex: field("sex").parse().unwrap(), address: field("address").to_owned() }
}

fn check_roll(case: &Value) -> Result<(), String> {
    let wrong = || "R301".to_owned();
    let roll = Roll::parse(&raw(&case["attachment"])).map_err(|_| wrong())?;
    let districts: Vec<u64> = list(&case["districts"]).iter().map(number).collect();
    let mut counts = vec![0; districts.len()];
    for slot in roll.slots() {
        *counts.get_mut(usize::from(slot.district)).ok_or_else(wrong)? += 1;
    }
    let same = counts == districts && roll.slots().len() as u64 == number(&case["slots"]) && roll.root() == hash(&case["root"]);
    if same { Ok(()) } else { Err(wrong()) }
}

pub fn make_roll() -> Value {
    let election = ElectionId([3; 16]);
    let people = [
        ("山田\u{3000}太郎", "1980-01-02", "1", "東京都世田谷区世田谷四丁目２１番２７号", "d0"),
        (" 山田  花子 ", "1985-12-00", "2", "東京都世田谷区\u{3000}\u{3000}三軒茶屋", "d1"),
        ("John Smith", "1900-00-00", "3", "", "d0"),
    ];
    let mut slots = Vec::new();
    let electors: Vec<Value> = (0_u32..)
        .zip(people)
        .map(|(slot, (name, birth, sex, address, district))| {
            let elector = json!({ "name": name, "birth": birth, "sex": sex, "address": address });
            let person = person(&elector);
            let salt = [slot as u8 + 1; 32];
            let entry = RollEntry { person: person.clone(), district: district.to_owned() };
            let commitment = slot_commitment(&election, Slot(slot), &salt, &entry);
            let index = u16::from(district == "d1");
            slots.push(RollSlot { district: index, commitment });
            let normal = person.normalise();
            json!({
                "slot": slot, "person": elector, "normal_name": normal.name, "normal_address": normal.address, "person_hash": hex(person.hash()), "salt": hex(salt),
                "district": district, "district_index": index, "commitment": hex(commitment), "leaf": hex(roll_leaf(Slot(slot), index, &commitment)),
            })
        })
        .collect();
    let roll = Roll::new(slots).unwrap();
    let (attachment, root) = (roll.to_bytes(), roll.root());
    let value = |attachment: &[u8], root: Hash32, slots: u64, districts: &[u64]| json!({ "attachment": hex(attachment), "root": hex(root), "slots": slots, "districts": districts });
    let swapped = Roll::new(vec![roll.slots()[1], roll.slots()[0], roll.slots()[2]]).unwrap();
    let cases = vec![
        case("the roll", "valid", value(&attachment, root, 3, &[2, 1]), check_roll),
        case("nobody", "valid", value(b"", Roll::new(vec![]).unwrap().root(), 0, &[0, 0]), check_roll),
        case("another root", "R301", value(&attachment, Hash32::ZERO, 3, &[2, 1]), check_roll),
        case("another number of slots", "R301", value(&attachment, root, 4, &[2, 1]), check_roll),
        case("another number in a district", "R301", value(&attachment, root, 3, &[1, 2]), check_roll),
        case("a district that does not exist", "R301", value(&attachment, root, 3, &[2]), check_roll),
        case("a byte too many", "R301", value(&[attachment.clone(), vec![0]].concat(), root, 3, &[2, 1]), check_roll),
        case("a byte too few", "R301", value(&attachment[..101], root, 3, &[2, 1]), check_roll),
        case("a slot too few", "R301", value(&attachment[..68], root, 3, &[2, 1]), check_roll),
        case("slots exchanged", "R301", value(&swapped.to_bytes(), root, 3, &[2, 1]), check_roll),
        case(
            "a root over leaves without slot and district",
            "R301",
            {
                let tree: Tree = roll.slots().iter().map(|slot| leaf_hash(slot.commitment.as_bytes())).collect();
                value(&attachment, tree.root(), 3, &[2, 1])
            },
            check_roll,
        ),
    ];
    let cards: Vec<Value> = [("山田\u{3000}太郎", "19800102", "1", "東京都"), ("山田\u{3000}太郎", "00000000", "3", "東京都"), ("山田\u{3000}太郎", "19809999", "2", "東京都")]
        .map(|(name, birth, sex, address)| {
            json!({ "name": name, "birth": birth, "sex": sex, "address": address, "person_hash": hex(hash_of_card(name, birth, sex.parse().unwrap(), address)) })
        })
        .into();
    let dates: Vec<Value> = [
        ("2000-02-29", true),
        ("1980-01-00", true),
        ("1980-00-00", true),
        ("1900-02-29", false),
        ("1980-00-01", false),
        ("1980-13-01", false),
        ("1980-04-31", false),
        ("1980-1-1", false),
        ("19800101", false),
        ("1980/01/01", false),
        ("\u{ff11}980-01-01", false),
        ("", false),
    ]
    .map(|(date, valid)| json!({ "text": date, "verdict": if valid { "valid" } else { "spelling" } }))
    .into();
    json!({
        "about": "PROTOCOL sections 5.1, 5.2, 10.8: persons, slot commitments, the attachment `roll` with its root (R301), the persons of cards, and dates of birth.",
        "election": election.to_string(), "electors": electors, "cases": cases, "cards": cards, "dates": dates,
    })
}

pub fn roll(file: &Value, read: &mut Read) {
    let election: ElectionId = text(&file["election"]).parse().unwrap();
    for elector in list(&file["electors"]) {
        let person = person(&elector["person"]);
        let normal = person.normalise();
        read.holds(normal.name == text(&elector["normal_name"]) && normal.address == text(&elector["normal_address"]), "normal form");
        read.holds(person.hash() == hash(&elector["person_hash"]), "person hash");
        let slot = Slot(number(&elector["slot"]) as u32);
        let entry = RollEntry { person, district: text(&elector["district"]).to_owned() };
        let commitment = slot_commitment(&election, slot, &bytes(&elector["salt"]), &entry);
        read.holds(commitment == hash(&elector["commitment"]), "slot commitment");
        read.holds(roll_leaf(slot, number(&elector["district_index"]) as u16, &commitment).to_vec() == raw(&elector["leaf"]), "leaf");
    }
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_roll(case)));
    for card in list(&file["cards"]) {
        let found = hash_of_card(text(&card["name"]), text(&card["birth"]), text(&card["sex"]).parse().unwrap(), text(&card["address"]));
        read.holds(found == hash(&card["person_hash"]), "the person of a card");
    }
    for date in list(&file["dates"]) {
        let parsed = text(&date["text"]).parse::<tachiai_crypto::election::roll::BirthDate>();
        read.case(date, &parsed.map(|_| ()).map_err(|_| "spelling".to_owned()));
    }
}

/// The receipt of the file with the edits of a case, or its opening.
fn check_receipt_case(file: &Value, case: &Value) -> Result<(), String> {
    let mut receipt = file["receipts"][number(&case["receipt"]) as usize].clone();
    for edit in list(&case["edits"]) {
        let place = receipt.pointer_mut(text(&edit["at"])).unwrap_or_else(|| panic!("no {}", edit["at"]));
        *place = edit["value"].clone();
    }
    let receipt: ReceiptFile = serde_json::from_value(receipt).map_err(|_| "R110".to_owned())?;
    let expect = case.get("expect").map(|expect| text(expect).parse().unwrap());
    let checked = check_receipt(&receipt, expect.as_ref()).map_err(|violation| violation.rule.to_string())?;
    let Some(opening) = case.get("opening") else { return Ok(()) };
    let opening: OpeningFile = serde_json::from_value(opening.clone()).map_err(|_| "R509".to_owned())?;
    let opened = check_opening(&checked, &opening).map_err(|violation| violation.rule.to_string())?;
    let chosen: Vec<Vec<&str>> = opened.iter().map(|contest| contest.chosen.iter().map(|name| name.en.as_str()).collect()).collect();
    assert_eq!(json!(chosen), case["chosen"]);
    Ok(())
}

pub fn make_receipt() -> Value {
    let contests = vec![contest("mayor", 3, tachiai_schemas::election::Choice::Exactly(1))];
    let mut play = Play::with(231, (2, 2), contests, 1, 4, |_| {});
    play.ceremony();
    play.open();
    play.register(Slot(1));
    let (ballot, opening) = play.ballot(Slot(1));
    let leaf = play.push_ballot(ballot.bytes());
    let counted = serde_json::to_value(play.receipt(leaf, None)).unwrap();
    let challenge = play.challenged(Slot(1));
    let by = play.push(Body::Challenged(challenge));
    let challenged = serde_json::to_value(play.receipt(leaf, Some(by))).unwrap();
    let mut file = json!({
        "about": "PROTOCOL sections 7.7, 10.4, 10.5: a receipt file of a counted and one of a challenged ballot. A case takes one, puts `value` in the place of what is at each JSON pointer `at`, expects a fingerprint if one is given, and gives an opening file to the second device if one is given.",
        "fingerprint": play.board.fingerprint().unwrap().to_string(),
        "receipts": [counted.clone(), challenged.clone()],
    });
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, receipt: usize, edits: Value, more: Value| {
        let mut value = json!({ "receipt": receipt, "edits": edits });
        more.as_object().unwrap().iter().for_each(|(key, content)| value[key] = content.clone());
        cases.push(case(name, expected, value, |value| check_receipt_case(&file, value)));
    };
    let none = || json!({});
    add("a counted ballot", "valid", 0, json!([]), none());
    add("a challenged ballot", "valid", 1, json!([]), none());
    add("under the fingerprint of the notice", "valid", 0, json!([]), json!({ "expect": file["fingerprint"] }));
    let other_print = tachiai_crypto::election::context::Fingerprint::of(&Hash32::ZERO).to_string();
    add("under another fingerprint", "R302", 0, json!([]), json!({ "expect": other_print }));
    let entries = list(&counted["entries"]).len();
    let at = |name: &str, of: usize| format!("/entries/{of}/{name}");
    let edit = |at: String, value: Value| json!([{ "at": at, "value": value }]);
    let zero = data_encoding::BASE64URL_NOPAD.encode(&[0; 32]);
    add("another format", "R110", 0, edit("/format".into(), "tachiai-receipt/2".into()), none());
    add("another election", "R110", 0, edit("/receipt/election".into(), ElectionId([9; 16]).to_string().into()), none());
    add("another time", "R110", 0, edit("/receipt/at".into(), "2026-11-01T00:00:00Z".into()), none());
    add("another leaf", "R110", 0, edit("/receipt/leaf".into(), 0.into()), none());
    add("another leaf hash", "R110", 0, edit("/receipt/leaf_hash".into(), zero.clone().into()), none());
    add("another ballot", "R110", 0, edit("/receipt/ballot".into(), zero.clone().into()), none());
    add("no ballot", "R110", 0, edit("/receipt/ballot".into(), Value::Null), none());
    add("no proof", "R110", 0, edit("/receipt/proof".into(), "".into()), none());
    add("another index of an entry", "R110", 0, edit(at("index", 1), 0.into()), none());
    add("a checkpoint left out", "R110", 0, edit(at("checkpoint", 2), "".into()), none());
    add("hashes left out", "R110", 0, edit(at("hashes", entries - 1), json!([])), none());
    add("the ballot's entry left out", "R110", 0, edit("/entries".into(), list(&counted["entries"])[..entries - 1].into()), none());
    add("the manifest left out", "R103", 0, edit("/entries".into(), list(&counted["entries"])[1..].into()), none());
    add(
        "a confirmation left out",
        "R206",
        0,
        edit("/entries".into(), [&list(&counted["entries"])[..1], &list(&counted["entries"])[2..]].concat().into()),
        none(),
    );
    add("an entry twice", "R110", 0, edit("/entries".into(), [list(&counted["entries"]), &list(&counted["entries"])[entries - 1..]].concat().into()), none());
    add(
        "the ballot taken for its challenge",
        "R110",
        1,
        edit("/entries".into(), [&list(&challenged["entries"])[..entries - 1], &list(&challenged["entries"])[entries..]].concat().into()),
        none(),
    );
    add("proofs of an older checkpoint in a newer receipt", "R110", 1, edit(at("checkpoint", 0), counted["entries"][0]["checkpoint"].clone()), none());
    let opened = |bytes: &[u8], hash: Hash32| {
        let opening = OpeningFile { format: OPENING_FORMAT.to_owned(), ballot: hash.into(), opening: Blob(bytes.to_vec()) };
        json!({ "opening": serde_json::to_value(opening).unwrap(), "chosen": [["mayor 2"]] })
    };
    let honest = opening.to_bytes().to_vec();
    add("an opening", "valid", 1, json!([]), opened(&honest, ballot.hash()));
    let with = |at: usize, byte: u8| {
        let mut changed = honest.clone();
        changed[at] = byte;
        changed
    };
    for (name, bytes) in [
        ("an opening of no choice", with(33, 0)),
        ("an opening of two choices", with(0, 1)),
        ("an opening of a choice of two", with(0, 2)),
        ("an opening with other randomness", with(1, honest[1] ^ 1)),
        ("an opening with other randomness for the last position", with(2 * 33 + 1, honest[2 * 33 + 1] ^ 1)),
        ("an opening with a choice moved to the last position", {
            let mut moved = with(33, 0);
            moved[66] = 1;
            moved
        }),
        ("an opening with two positions exchanged", {
            let mut moved = honest.clone();
            moved.rotate_left(33);
            moved
        }),
        ("an opening with randomness that is no scalar", {
            let mut loose = honest.clone();
            loose[1..33].fill(0xff);
            loose
        }),
        ("an opening with a byte too many", [honest.clone(), vec![0]].concat()),
        ("an opening with a byte too few", honest[..98].to_vec()),
        ("an empty opening", Vec::new()),
    ] {
        add(name, "R509", 1, json!([]), opened(&bytes, ballot.hash()));
    }
    add("an opening of another ballot", "R509", 1, json!([]), opened(&honest, Hash32::ZERO));
    file["cases"] = cases.into();
    file
}

pub fn receipt(file: &Value, read: &mut Read) {
    list(&file["cases"]).iter().for_each(|case| read.case(case, &check_receipt_case(file, case)));
}
