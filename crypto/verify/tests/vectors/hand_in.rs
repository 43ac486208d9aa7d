//! What a terminal hands in, with what is in its age file (PROTOCOL §17.6), and what of it an appliance does not take.

use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_crypto::roster::EventId;
use tachiai_crypto::roster::entry::Committed;
use tachiai_schemas::roster::hand_in::{HandIn, Openings, SignedHandIn};
use tachiai_schemas::roster::opening::{Opening, SaltedField, place, root};
use tachiai_schemas::roster::pen::Written;
use tachiai_schemas::roster::report::{HowCounted, ReportContent};
use tachiai_schemas::roster::{self, Act, Body, Hlc, Need, SignedEntry};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Blob, Bytes, canonical};
use tachiai_verify::roster::Roster;
use tachiai_verify::testing::night::{Night, person};
use tachiai_verify::testing::roster::{BEGIN, Hand, began, chain, event, start};

use super::handed::as_text;
use super::roster::{anew, of_person};
use super::{Read, bytes, case, hex, list, number, rng, text};

/// What several cases have stands once.
#[derive(Default)]
struct Pool {
    entries: Vec<Value>,
    hand_ins: Vec<Value>,
    openings: Vec<Value>,
}

/// A text, or the one of this number.
fn of_pool<'a>(pool: &'a [Value], value: &'a Value) -> &'a str {
    text(value.as_u64().map_or(value, |place| &pool[place as usize]))
}

fn packed(pool: &[Value], value: Value) -> Value {
    pool.iter().position(|known| *known == value).map_or(value, |place| place.into())
}

/// The verdict of a case: whether an appliance takes the hand-in, whole.
fn judge(pool: &Pool, case: &Value) -> Result<(), String> {
    let file: SignedHandIn = canonical::from_bytes(of_pool(&pool.hand_ins, &case["hand_in"]).as_bytes()).map_err(|_| "form".to_owned())?;
    let key = Hand::new("one", 1).key.public();
    let hash = file.body.signed_hash().unwrap();
    key.verify_hash(&hash, &file.signature.0).map_err(|_| "signature".to_owned())?;
    if file.body.event != event() {
        return Err("event".to_owned());
    }
    let mut known = Roster::new();
    for entry in list(&case["before"]) {
        let entry = &pool.entries[number(entry) as usize];
        known.apply(roster::leaf_hash(text(entry).as_bytes()), &roster::from_bytes(text(entry).as_bytes()).unwrap());
    }
    let opening = |value: &Value| (!value.is_null()).then(|| canonical::from_bytes(of_pool(&pool.openings, value).as_bytes()).unwrap());
    let openings: Openings = list(&case["openings"]).iter().map(opening).collect();
    if openings.len() != file.body.entries.len() {
        return Err("opening".to_owned());
    }
    for (Blob(bytes), opening) in file.body.entries.iter().zip(openings) {
        let (hash, entry) = (roster::leaf_hash(bytes), roster::from_bytes(bytes).map_err(|_| "R901".to_owned())?);
        if known.has_dated_otherwise(&hash, &entry.body) {
            return Err("again".to_owned());
        }
        let opens = match (&entry.body.body, opening) {
            (Body::Person(_), Some(opening)) => opening.person(&entry.body, began()).is_ok(),
            (_, Some(opening)) => opening.check_fields(&entry.body).is_ok(),
            (_, None) => place(&entry.body).is_none(),
        };
        if !opens {
            return Err("opening".to_owned());
        }
        known.apply(hash, &entry);
    }
    Ok(())
}

/// A hand-in before it is signed, and what is in its age file.
#[derive(Clone)]
struct Unsigned {
    body: HandIn,
    openings: Openings,
}

impl Unsigned {
    fn of(written: &[Written]) -> Self {
        let body = HandIn {
            event: event(),
            terminal: "one".parse().unwrap(),
            now: Hlc::at_millis(BEGIN + 60_000),
            entries: written.iter().map(|written| Blob(written.bytes.clone())).collect(),
            openings: Blob(b"in the place of an age file".to_vec()),
        };
        Self { body, openings: written.iter().map(|written| written.opening.clone()).collect() }
    }

    /// As a terminal signs it.
    fn signed(&self, key: &BoardSecretKey) -> Value {
        as_text(&Night::sign(key, self.body.clone())).into()
    }

    /// As a case, after the first `before` entries.
    fn case(&self, pool: &Pool, before: usize, signed: Value) -> Value {
        let openings: Vec<Value> =
            self.openings.iter().map(|opening| opening.as_ref().map_or(Value::Null, |opening| packed(&pool.openings, as_text(opening).into()))).collect();
        let before: Vec<usize> = (0..before).collect();
        json!({ "before": before, "hand_in": packed(&pool.hand_ins, signed), "openings": openings })
    }
}

/// An arrival whose fields or blinding are other ones; root, proof and signature are made for them.
fn arrival(by: &Hand, written: &Written, rng: &mut ChaCha20Rng, change: impl FnOnce(&mut Opening)) -> (Blob, Opening) {
    let mut opening = written.opening.clone().unwrap();
    let commitment = opening.commitment(began()).unwrap().unwrap();
    change(&mut opening);
    let entry = anew(by, written, |entry: &mut SignedEntry| {
        let (place, _) = place(&entry.body).unwrap();
        of_person(entry).fields = root(&place, &opening.fields).into();
        let statement = entry.body.statement().unwrap();
        of_person(entry).proof = Some(Blob(Committed::prove(&statement, &commitment, rng).to_bytes()));
    });
    (Blob(text(&entry).as_bytes().to_vec()), opening)
}

pub fn make() -> Value {
    let mut rng = rng(31);
    let (mut one, mut copy) = (Hand::new("one", 1), Hand::new("one", 1));
    let (.., mut written) = start(&[&one]);
    let started = written.len();
    written.push(one.tell(chain(1), "gym", Act::In, &person(80, &[Need::Care]), BEGIN + 1_000, &mut rng));
    written.push(one.act(chain(2), "gym", Act::In, BEGIN + 2_000, &mut rng));
    written.push(one.act(chain(2), "gym", Act::Out, BEGIN + 3_000, &mut rng));
    let contents = [ReportContent::Handover { text: "夜間の見回りは2時間ごと".to_owned() }, ReportContent::Headcount { persons: 1, how: HowCounted::About }];
    for (millis, content) in (BEGIN + 4_000..).zip(contents) {
        written.push(one.write(|pen| pen.report("gym".parse().unwrap(), content, millis, &mut rng).unwrap()));
    }
    let [whole, first, two] = [&written[started..], &written[started..=started], &written[started + 1..started + 3]].map(Unsigned::of);
    let pool = Pool {
        entries: written.iter().map(|written| String::from_utf8(written.bytes.clone()).unwrap().into()).collect(),
        hand_ins: [&whole, &first, &two].map(|hand_in| hand_in.signed(&one.key)).to_vec(),
        openings: whole.openings.iter().flatten().map(|opening| as_text(opening).into()).collect(),
    };

    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, value: Value| cases.push(case(name, expected, value, |value| judge(&pool, value)));
    let honest = |hand_in: &Unsigned, before: usize| hand_in.case(&pool, before, hand_in.signed(&one.key));
    add("a hand-in of every kind of entry", "valid", honest(&whole, started));
    add("of no entry", "valid", honest(&Unsigned::of(&[]), started));
    add("the same a second time", "valid", honest(&whole, written.len()));
    add("with white space", "form", first.case(&pool, started, text(&first.signed(&one.key)).replacen(':', ": ", 1).into()));
    add("signed with another key", "signature", first.case(&pool, started, first.signed(&Hand::new("one", 9).key)));
    let mut elsewhere = first.clone();
    elsewhere.body.event = EventId([8; 16]);
    add("of another event", "event", honest(&elsewhere, started));
    let mut unsigned = |name: &str, change: &dyn Fn(&mut HandIn)| {
        let mut signed = Night::sign(&one.key, two.body.clone());
        change(&mut signed.body);
        add(name, "signature", two.case(&pool, started, as_text(&signed).into()));
    };
    unsigned("an entry is left out after it was signed", &|body| drop(body.entries.pop()));
    unsigned("two entries are exchanged after it was signed", &|body| body.entries.swap(0, 1));
    unsigned("another clock than was signed", &|body| body.now = Hlc::at_millis(BEGIN));
    unsigned("another age file than was signed", &|body| body.openings.0.truncate(9));
    unsigned("of another terminal than was signed", &|body| body.terminal = "two".parse().unwrap());

    let again = copy.tell(chain(1), "gym", Act::In, &person(80, &[Need::Care]), BEGIN + 9_000, &mut rng);
    add("the same of the same person under the same number, dated anew", "again", honest(&Unsigned::of(&[again]), started + 1));
    let other = Hand::new("one", 1).act(chain(3), "gym", Act::In, BEGIN + 9_000, &mut rng);
    add("the number of another entry, about another person", "valid", honest(&Unsigned::of(&[other]), started + 1));

    let mut opened = |name: &str, change: &dyn Fn(&mut Openings)| {
        let mut changed = whole.clone();
        change(&mut changed.openings);
        add(name, "opening", honest(&changed, started));
    };
    opened("two openings are exchanged", &|openings| openings.swap(0, 1));
    opened("an opening is missing", &|openings| drop(openings.pop()));
    opened("an arrival without an opening", &|openings| openings[0] = None);
    opened("a note without an opening", &|openings| openings[3] = None);
    opened("an opening of an entry that has no fields", &|openings| openings[4] = openings[3].clone());
    opened("another salt", &|openings| openings[0].as_mut().unwrap().fields[0].salt = Bytes([0; 32]));
    opened("another value", &|openings| openings[0].as_mut().unwrap().fields[0].value = "\"unknown\"".to_owned());
    opened("another blinding", &|openings| openings[0].as_mut().unwrap().blinding = Some(Bytes([0; 32])));
    opened("a blinding that is no canonical scalar", &|openings| openings[0].as_mut().unwrap().blinding = Some(Bytes([255; 32])));
    opened("no blinding of an arrival", &|openings| openings[0].as_mut().unwrap().blinding = None);
    opened("a blinding of who leaves", &|openings| openings[2].as_mut().unwrap().blinding = Some(Bytes([0; 32])));

    let mut made = |name: &str, expected: &str, change: &dyn Fn(&mut Opening)| {
        let (entry, opening) = arrival(&one, &written[started], &mut rng, change);
        let mut hand_in = first.clone();
        (hand_in.body.entries, hand_in.openings) = (vec![entry], vec![Some(opening)]);
        add(name, expected, honest(&hand_in, started));
    };
    let field = |opening: &mut Opening, name: &str, value: &str| {
        opening.fields.retain(|field| field.name != name);
        opening.fields.push(SaltedField { name: name.to_owned(), salt: Bytes([4; 32]), value: value.to_owned() });
        opening.fields.sort_by(|one, two| one.name.cmp(&two.name));
    };
    made("another name, for which root and proof were made", "valid", &|opening| field(opening, "name", "\"誰か\""));
    made("a value with white space", "valid", &|opening| field(opening, "needs", "[ \"care\" ]"));
    made("the fields say no need, and the commitment one", "opening", &|opening| field(opening, "needs", "[]"));
    made("the fields say another age than the commitment", "opening", &|opening| field(opening, "birth", "{\"years\":5}"));
    made("a field that no person has", "opening", &|opening| field(opening, "nickname", "\"誰か\""));
    made("a need that there is not", "opening", &|opening| field(opening, "needs", "[\"care\",\"rest\"]"));
    made("a value that is no JSON", "opening", &|opening| field(opening, "name", "誰か"));
    made("without a name", "opening", &|opening| opening.fields.retain(|field| field.name != "name"));
    made("the fields descend", "opening", &|opening| opening.fields.reverse());
    let Pool { entries, hand_ins, openings } = &pool;
    json!({
        "about": "PROTOCOL 17.6. Each case: `hand_in` as the terminal with `key` sends it to an appliance for `event`, whose roster has those of `entries` whose numbers are `before`; `openings`: what is in its age file, for which a text stands \
    in. A number stands for a text of the list of that name. `valid`: each entry is taken, or was before. `form`: it is not in the one accepted form; `signature`: the terminal did not sign it; `event`: it is of another event; `opening`: of an \
    entry the opening is missing, or another's, or not of a person; `again`: an entry of the same terminal and number says the same of the same person. The rules of entries (17) all hold.",
        "key": hex(one.key.public().to_bytes()), "event": event().to_string(),
        "entries": entries, "hand_ins": hand_ins, "openings": openings,
        "cases": cases,
    })
}

pub fn read(file: &Value, read: &mut Read) {
    read.holds(text(&file["event"]) == event().to_string() && bytes(&file["key"]) == Hand::new("one", 1).key.public().to_bytes(), "event and key");
    let [entries, hand_ins, openings] = ["entries", "hand_ins", "openings"].map(|name| list(&file[name]).to_vec());
    let pool = Pool { entries, hand_ins, openings };
    list(&file["cases"]).iter().for_each(|case| read.case(case, &judge(&pool, case)));
}
