//! A small roster, entry by entry, and what may not come next (PROTOCOL §17).

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};
use tachiai_crypto::roster::{ChainId, EventId, RosterGenerators};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::pen::Written;
use tachiai_schemas::roster::report::{HowCounted, ReportContent};
use tachiai_schemas::roster::{self, Act, Body, Hlc, LAST_NUMBER, Link, LinkVerdict, Need, PersonEntry, SignedEntry, TerminalStatus};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Bytes, HashBytes, canonical};
use tachiai_verify::roster::live::Live;
use tachiai_verify::roster::{Roster, discharge};
use tachiai_verify::testing::night::person;
use tachiai_verify::testing::roster::{BEGIN, Hand, began, chain, start};

use super::{Read, bytes, case, hash, hex, list, number, raw, shelter, text};

pub(super) fn as_text(written: &Written) -> Value {
    std::str::from_utf8(&written.bytes).unwrap().into()
}

/// Whether an entry may come after these.
fn next(roster: &Roster, bytes: &[u8]) -> Result<SignedEntry, String> {
    let entry = roster::from_bytes(bytes).map_err(|_| "R901".to_owned())?;
    let owed = roster.check(&entry).map_err(|broken| broken.rule.to_string())?;
    discharge(&[owed], &mut rand_core::OsRng).remove(0).map_err(|broken| broken.rule.to_string())?;
    Ok(entry)
}

/// The roster of the first entries of a file; every rule and proof of them holds.
fn folded(entries: &[Value], count: usize) -> Roster {
    let mut roster = Roster::new();
    for entry in &entries[..count] {
        let bytes = text(entry).as_bytes();
        roster.apply(roster::leaf_hash(bytes), &next(&roster, bytes).unwrap());
    }
    roster
}

/// An entry with a change, signed again.
pub(super) fn anew(by: &Hand, written: &Written, change: impl FnOnce(&mut SignedEntry)) -> Value {
    let mut entry = written.entry.clone();
    change(&mut entry);
    entry.signature = Bytes(by.key.sign_hash(&entry.body.signed_hash().unwrap()));
    String::from_utf8(canonical::to_bytes(&entry).unwrap()).unwrap().into()
}

pub(super) fn of_person(entry: &mut SignedEntry) -> &mut PersonEntry {
    let Body::Person(person) = &mut entry.body.body else { panic!("an entry about a person") };
    person
}

pub fn make() -> Value {
    let mut rng = ChaCha20Rng::from_seed([17; 32]);
    let (mut one, mut two) = (Hand::new("one", 1), Hand::new("two", 2));
    let (_, mut appliance, mut written) = start(&[&one, &two]);
    written.push(one.act(chain(1), "gym", Act::In, BEGIN + 1_000, &mut rng));
    written.push(two.tell(chain(2), "hall", Act::In, &person(80, &[Need::Care, Need::Food]), BEGIN + 2_000, &mut rng));
    written.push(one.act(chain(1), "gym", Act::Edit, BEGIN + 3_000, &mut rng));
    // Of whom the second desk has heard nothing: two heads, counted once.
    written.push(two.act(chain(1), "hall", Act::In, BEGIN + 4_000, &mut rng));
    written.push(two.act(chain(2), "hall", Act::Out, BEGIN + 5_000, &mut rng));
    written.push(one.act(chain(3), "gym", Act::In, BEGIN + 6_000, &mut rng));
    let grounds = std::collections::BTreeMap::from([("why", "one card")]);
    written.push(appliance.write(|pen| pen.link((chain(3), chain(1)), LinkVerdict::Same, &grounds, BEGIN + 7_000, &mut rng).unwrap()));
    let heads = ReportContent::Headcount { persons: 3, how: HowCounted::About };
    written.push(one.write(|pen| pen.report("gym".parse().unwrap(), heads, BEGIN + 8_000, &mut rng).unwrap()));
    let besides = written.len();
    written.extend(shelter::entries(&mut appliance, &mut one, &mut rng));
    let Body::Terminal(state) = written[2].entry.body.body.clone() else { panic!("a terminal") };
    let revoked = roster::TerminalState { status: TerminalStatus::Revoked, ..state.clone() };
    written.push(appliance.write(|pen| pen.write(Body::Terminal(revoked.clone()), BEGIN + 9_000).unwrap()));
    let open = written.len();
    written.push(appliance.write(|pen| pen.write(Body::Closed {}, BEGIN + 10_000).unwrap()));
    let entries: Vec<Value> = written.iter().map(as_text).collect();

    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, after: usize, entry: Value| {
        let check = |value: &Value| next(&folded(&entries, after), text(&value["entry"]).as_bytes()).map(drop);
        cases.push(case(name, expected, json!({ "after": after, "entry": entry }), check));
    };
    for (name, expected, at, entry) in shelter::cases(&appliance, &one, &written[besides..]) {
        add(name, expected, besides + at, entry);
    }
    let arrival = &written[3];
    let honest = text(&entries[3]).to_owned();
    add("an arrival", "valid", 3, entries[3].clone());
    add("with white space", "R901", 3, honest.replacen("{\"body\"", "{ \"body\"", 1).into());
    add("with a key that is not listed", "R901", 3, honest.replacen("\"v\":1", "\"v\":1,\"w\":1", 1).into());
    add("of another version", "R901", 3, anew(&one, arrival, |entry| entry.body.v = 2));
    add("of another event", "R901", 3, anew(&one, arrival, |entry| entry.body.event = EventId([8; 16])));
    add("it happened after it was entered", "R901", 3, anew(&one, arrival, |entry| entry.body.time = Hlc::at_millis(BEGIN + 1_001)));
    let far = |number| anew(&one, arrival, |entry| (entry.body.number, entry.body.before) = (number, Some(Bytes([1; 32]))));
    add("the greatest number", "valid", 3, far(LAST_NUMBER));
    add("a number of 2^53", "R901", 3, far(LAST_NUMBER + 1));
    for (name, least, expected) in [
        ("no least group", 0, "R902"),
        ("a least group of one person", 1, "R902"),
        ("a least group of two", 2, "valid"),
        ("the greatest least group", 1_000, "valid"),
        ("a least group of 1,001", 1_001, "R902"),
    ] {
        let declared = anew(&appliance, &written[0], |entry| {
            let Body::Declared(declared) = &mut entry.body.body else { panic!("a declaration") };
            declared.min_group = least;
        });
        add(name, expected, 0, declared);
    }
    add("before the event is declared", "R902", 0, entries[1].clone());
    add("declared a second time", "R902", 3, entries[0].clone());
    let link = Body::Link(Link { chain: chain(1), other: chain(2), verdict: LinkVerdict::Same, fields: Bytes([0; 32]) });
    add("a link by a terminal", "R902", 3, as_text(&Hand::new("one", 1).write(|pen| pen.write(link, BEGIN).unwrap())));
    add("a terminal admitted by a terminal", "R902", 3, as_text(&Hand::new("one", 1).write(|pen| pen.write(Body::Terminal(state.clone()), BEGIN).unwrap())));
    add("closed by a terminal", "R902", 3, as_text(&Hand::new("one", 1).write(|pen| pen.write(Body::Closed {}, BEGIN).unwrap())));
    add("after the close", "R902", open + 1, as_text(&one.act(chain(4), "gym", Act::In, BEGIN + 11_000, &mut rng)));
    add("by a terminal that was not admitted", "R903", 2, entries[4].clone());
    add("by a terminal that was revoked", "R903", open, as_text(&two.act(chain(4), "hall", Act::In, BEGIN + 11_000, &mut rng)));
    add("signed with another key", "R903", 3, as_text(&Hand::new("one", 9).act(chain(1), "gym", Act::In, BEGIN, &mut rng)));
    add("changed after it was signed", "R903", 3, honest.replacen("\"gym\"", "\"hall\"", 1).into());
    let again = |change: &dyn Fn(&mut roster::TerminalState)| {
        let mut changed = state.clone();
        change(&mut changed);
        let mut pen = Hand::new("appliance", 255);
        // Only the first entry has none before it.
        pen.write(|pen| pen.write(Body::Closed {}, BEGIN).unwrap());
        as_text(&pen.write(|pen| pen.write(Body::Terminal(changed), BEGIN).unwrap()))
    };
    add("a terminal with another key", "R903", 3, again(&|state| state.key = Bytes(one.key.public().to_bytes())));
    add("a terminal that was revoked is admitted again", "R903", open, again(&|_| ()));
    add("a later entry with none before it", "R904", 3, anew(&one, arrival, |entry| entry.body.number = 1));
    add("a first entry with one before it", "R904", 3, anew(&one, arrival, |entry| entry.body.before = Some(Bytes([1; 32]))));
    add("a later entry of a person that follows none", "R905", 3, anew(&one, arrival, |entry| of_person(entry).seq = 1));
    let following = |after: Vec<HashBytes>| anew(&one, arrival, |entry| (of_person(entry).seq, of_person(entry).after) = (1, after));
    add("what it follows descends", "R905", 3, following(vec![Bytes([2; 32]), Bytes([1; 32])]));
    add("it follows 65 entries", "R905", 3, following((0..65).map(|n| Bytes([n; 32])).collect()));
    let with_itself = Link { chain: chain(1), other: chain(1), verdict: LinkVerdict::Same, fields: Bytes([0; 32]) };
    add("a handle linked with itself", "R905", open, as_text(&appliance.write(|pen| pen.write(Body::Link(with_itself), BEGIN + 9_500).unwrap())));
    let spoilt = |change: &dyn Fn(&mut PersonEntry)| anew(&one, arrival, |entry| change(of_person(entry)));
    let of_other = of_person(&mut written[4].entry.clone()).proof.clone();
    add("no proof", "R906", 3, spoilt(&|person| person.proof = None));
    add("a proof of somebody who leaves", "R906", 3, spoilt(&|person| person.act = Act::Out));
    add("a proof for another shelter", "R906", 3, spoilt(&|person| person.shelter = "hall".parse().unwrap()));
    add("a proof for other fields", "R906", 3, spoilt(&|person| person.fields = Bytes([9; 32])));
    add("another's proof", "R906", 3, spoilt(&|person| person.proof.clone_from(&of_other)));
    add("a byte too many", "R906", 3, spoilt(&|person| person.proof.as_mut().unwrap().0.push(0)));
    add("no canonical point", "R906", 3, spoilt(&|person| person.proof.as_mut().unwrap().0[..32].fill(255)));
    add("no canonical scalar", "R906", 3, spoilt(&|person| person.proof.as_mut().unwrap().0[640..].fill(255)));
    for (name, at) in [("C", 0), ("A_C", 32), ("D", 64), ("A_D", 96)] {
        add(&format!("{name} is another point"), "R906", 3, spoilt(&|person| person.proof.as_mut().unwrap().0[at..][..32].copy_from_slice(&[0; 32])));
    }
    for (name, at) in [("f_1", 128), ("z_C", 608), ("z_D", 640)] {
        add(&format!("{name} is another scalar"), "R906", 3, spoilt(&|person| person.proof.as_mut().unwrap().0[at..][..32].copy_from_slice(&[0; 32])));
    }

    let openings: Vec<Value> = (0..).zip(&written).filter_map(|(leaf, written): (usize, _)| Some(opened(leaf, written, written.opening.as_ref()?))).collect();
    let handle = json!({ "key": hex([9; 32]), "event": EventId([7; 16]).to_string(), "kind": "resident", "name": hex("1234"),
        "chain": ChainId::derive(&[9; 32], &EventId([7; 16]), "resident", b"1234").to_string() });
    let set = RosterGenerators::get();
    let points =
        |points: &[curve25519_dalek::ristretto::RistrettoPoint]| -> Vec<String> { points.iter().map(|point| hex(point.compress().to_bytes())).collect() };
    let live = Live::of(&folded(&entries, entries.len()));
    json!({
        "about": "PROTOCOL section 17. `entries` is a whole roster, leaf by leaf; every one may come where it stands. `live` has the leaves of those who count by all of them, and their digest (18.2). \
    Each case: `entry` as the next one after the first `after` entries. `openings`: what was sealed beside the entry of a leaf (17.6), the flags that its fields say, the hash that its proof is bound to (17.4).",
        "P": hex(set.p().compress().to_bytes()), "g": points(set.g()), "q": points(set.q()),
        "handles": [handle],
        "keys": { "appliance": hex([255; 32]), "one": hex([1; 32]), "two": hex([2; 32]) },
        "entries": entries,
        "live": { "leaves": live.iter().map(|(leaf, _)| leaf).collect::<Vec<_>>(), "digest": hex(live.digest()) },
        "openings": openings,
        "cases": cases,
    })
}

fn opened(leaf: usize, written: &Written, opening: &Opening) -> Value {
    let flags = opening.commitment(began()).unwrap().map(|commitment| commitment.flags().to_vec());
    let statement = written.entry.body.statement().filter(|_| flags.is_some()).map(|statement| hex(statement.hash()));
    json!({ "leaf": leaf, "opening": String::from_utf8(canonical::to_bytes(opening).unwrap()).unwrap(), "flags": flags, "statement": statement })
}

pub fn read(file: &Value, read: &mut Read) {
    let set = RosterGenerators::get();
    read.holds(bytes(&file["P"]) == set.p().compress().to_bytes(), "P");
    for (name, points) in [("g", set.g()), ("q", set.q())] {
        let stated: Vec<[u8; 32]> = list(&file[name]).iter().map(bytes).collect();
        read.holds(stated == points.iter().map(|point| point.compress().to_bytes()).collect::<Vec<_>>(), name);
    }
    for handle in list(&file["handles"]) {
        let event = text(&handle["event"]).parse().unwrap();
        let found = ChainId::derive(&bytes(&handle["key"]), &event, text(&handle["kind"]), &raw(&handle["name"]));
        read.holds(found.to_string() == text(&handle["chain"]), "a handle");
    }
    let entries = list(&file["entries"]);
    let live = Live::of(&folded(entries, entries.len()));
    let leaves: Vec<u64> = list(&file["live"]["leaves"]).iter().map(number).collect();
    read.holds(live.iter().map(|(leaf, _)| leaf).eq(leaves) && live.digest() == hash(&file["live"]["digest"]), "who counts");
    for one in list(&file["openings"]) {
        let entry = roster::from_bytes(text(&entries[number(&one["leaf"]) as usize]).as_bytes()).unwrap();
        let opening: Opening = canonical::from_bytes(text(&one["opening"]).as_bytes()).unwrap();
        if let Body::Person(person) = &entry.body.body {
            read.holds(opening.person(&entry.body, began()).is_ok(), "an opening");
            read.holds(one["flags"].is_null() != person.act.is_present(), "flags");
        }
        if let Some(flags) = one["flags"].as_array() {
            let found = opening.commitment(began()).unwrap().unwrap();
            read.holds(found.flags().iter().map(|flag| u64::from(*flag)).eq(flags.iter().map(number)), "flags");
            read.holds(entry.body.statement().unwrap().hash() == hash(&one["statement"]), "what a proof is bound to");
        }
    }
    for case in list(&file["cases"]) {
        let after = number(&case["after"]) as usize;
        read.case(case, &next(&folded(entries, after), text(&case["entry"]).as_bytes()).map(drop));
    }
}
