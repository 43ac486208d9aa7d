//! What an appliance hands out besides: news for terminals (PROTOCOL §17.8), and the hashes that it records of a disclosure (§18.7).

use serde_json::{Value, json};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::journal::{BoardKey, BoardSecretKey};
use tachiai_crypto::roster::{EventId, Flag, Need};
use tachiai_schemas::identity::case::refused;
use tachiai_schemas::roster::TerminalId;
use tachiai_schemas::roster::disclosure::{Basis, Ground, Selection, Withheld};
use tachiai_schemas::roster::hand_in::{News, StandIn};
use tachiai_schemas::roster::{Act, Hlc};
use tachiai_schemas::sharing::agency::{AgencyKind, Format};
use tachiai_schemas::sharing::disclosed::{DisclosureRequest, Form};
use tachiai_schemas::sharing::preview::{FieldShown, PersonShown, Preview};
use tachiai_schemas::shelter::anchors;
use tachiai_schemas::{Blob, Bytes, CitizenId, canonical};
use tachiai_verify::testing::night::{Night, person};
use tachiai_verify::testing::roster::{BEGIN, chain, event};

use super::{Read, bytes, case, hex, list, raw, text};

pub(super) fn as_text(value: &impl serde::Serialize) -> String {
    String::from_utf8(canonical::to_bytes(value).unwrap()).unwrap()
}

/// Whether news are signed for a terminal by the event's key.
fn judge_news(case: &Value) -> Result<(), String> {
    let news: News = canonical::from_bytes(text(&case["news"]).as_bytes()).map_err(|_| "form".to_owned())?;
    let key = BoardKey::from_bytes(&bytes(&case["key"])).map_err(|_| "key".to_owned())?;
    let (event, terminal): (EventId, TerminalId) = (text(&case["event"]).parse().unwrap(), text(&case["terminal"]).parse().unwrap());
    news.verify(event, &terminal, &key).map_err(|_| "signature".to_owned())
}

pub fn make_news() -> Value {
    let mut night = Night::in_shelters(vec!["gym".to_owned()]);
    for number in 0..2 {
        night.tell(0, chain(number), Act::In, &person(40, &[Need::Care]));
    }
    let key = &night.appliance.key;
    let entries: Vec<Blob> = night.written.iter().map(|written| Blob(written.bytes.clone())).collect();
    let code = CitizenId([5; 16]);
    let keys = [Blob(vec![2; 40]), Blob(vec![1; 40]), Blob(vec![2; 40])];
    let to: TerminalId = "gym".parse().unwrap();
    let news = |from: usize, change: &dyn Fn(&mut News)| {
        let mut news = News {
            from: from as u64,
            entries: entries[from..].to_vec(),
            openings: Blob(b"in the place of an age file".to_vec()),
            size: entries.len() as u64,
            now: Hlc::at_millis(BEGIN + 60_000),
            stand_ins: Vec::new(),
            refused: Vec::new(),
            anchors: None,
            signature: Bytes([0; 64]),
        };
        change(&mut news);
        news.sign(event(), &to, key).unwrap()
    };
    let plain = news(2, &|_| ());
    let whole = news(1, &|news| {
        news.stand_ins = vec![StandIn { entry: night.written[3].hash.into(), absent: Bytes([8; 32]) }];
        news.refused = vec![refused(code)];
        news.anchors = Some(anchors(&keys));
    });
    let (honest, other) = (hex(key.public().to_bytes()), hex(BoardSecretKey::from_seed(&[1; 32]).public().to_bytes()));
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, key: &str, terminal: &str, of: EventId, news: &str| {
        cases.push(case(name, expected, json!({ "key": key, "event": of.to_string(), "terminal": terminal, "news": news }), judge_news));
    };
    add("news from leaf 2 on", "valid", &honest, "gym", event(), &as_text(&plain));
    add("news with all that may be in them", "valid", &honest, "gym", event(), &as_text(&whole));
    add("no entries", "valid", &honest, "gym", event(), &as_text(&news(4, &|_| ())));
    add(
        "with empty lists written out",
        "form",
        &honest,
        "gym",
        event(),
        &as_text(&plain).replacen(",\"signature\"", ",\"stand_ins\":[],\"refused\":[],\"anchors\":null,\"signature\"", 1),
    );
    add("for another terminal", "signature", &honest, "hall", event(), &as_text(&plain));
    add("of another event", "signature", &honest, "gym", EventId([8; 16]), &as_text(&plain));
    add("by another key", "signature", &other, "gym", event(), &as_text(&plain));
    let mut changed = |name: &str, change: &dyn Fn(&mut News)| {
        let mut news = whole.clone();
        change(&mut news);
        add(name, "signature", &honest, "gym", event(), &as_text(&news));
    };
    changed("an entry is left out", &|news| drop(news.entries.remove(1)));
    changed("two entries are exchanged", &|news| news.entries.swap(1, 2));
    changed("an entry is changed", &|news| news.entries[1].0[20] ^= 1);
    changed("from another leaf", &|news| news.from = 2);
    changed("other openings", &|news| news.openings.0.truncate(9));
    changed("another size", &|news| news.size += 1);
    changed("another clock", &|news| news.now = Hlc::at_millis(BEGIN));
    changed("another stand-in", &|news| news.stand_ins[0].absent = Bytes([9; 32]));
    changed("a code that is refused is left out", &|news| news.refused.clear());
    changed("without the anchors", &|news| news.anchors = None);
    let trusted: Vec<String> = keys.iter().map(|key| hex(&key.0)).collect();
    json!({
        "about": "PROTOCOL 17.8. Each case: news as they are sent, for a terminal, under a key. `signature` as verdict: the key did not sign them; `form`: they are not in the one accepted form. \
    `refused` and `anchors`: the hashes of a citizen ID and of trusted keys. The age files are stand-ins.",
        "refused": [json!({ "citizen": hex(code.0), "hash": hex(refused(code).0) })],
        "anchors": [json!({ "keys": trusted, "hash": hex(anchors(&keys).0) })],
        "signed": [{ "case": "news from leaf 2 on", "json": as_signed(&plain, &to), "hash": hex(signed_hash(&as_signed(&plain, &to))) }],
        "cases": cases,
    })
}

/// What is signed of news: all keys, with event and terminal.
fn as_signed(news: &News, to: &TerminalId) -> String {
    let head = format!("{{\"event\":\"{}\",\"terminal\":\"{to}\",", event());
    as_text(news).replacen('{', &head, 1).split(",\"signature\"").next().unwrap().to_owned() + ",\"stand_ins\":[],\"refused\":[],\"anchors\":null}"
}

fn signed_hash(json: &str) -> Hash32 {
    tagged("roster-news", &[json.as_bytes()])
}

pub fn news(file: &Value, read: &mut Read) {
    for of in list(&file["refused"]) {
        read.holds(refused(CitizenId(bytes(&of["citizen"]))).0 == bytes(&of["hash"]), "a refused code");
    }
    for of in list(&file["anchors"]) {
        let keys: Vec<Blob> = list(&of["keys"]).iter().map(|key| Blob(raw(key))).collect();
        read.holds(anchors(&keys).0 == bytes(&of["hash"]), "the anchors");
    }
    for of in list(&file["signed"]) {
        let hash = signed_hash(text(&of["json"]));
        let case = list(&file["cases"]).iter().find(|case| case["name"] == of["case"]).unwrap();
        let news: News = canonical::from_bytes(text(&case["news"]).as_bytes()).unwrap();
        let key = BoardKey::from_bytes(&bytes(&case["key"])).unwrap();
        read.holds(hash == super::hash(&of["hash"]) && key.verify_hash(&hash, &news.signature.0).is_ok(), "what is signed");
    }
    list(&file["cases"]).iter().for_each(|case| read.case(case, &judge_news(case)));
}

/// Whether a hash is that of a form, of what was shown, or of a request.
fn judge_disclosed(case: &Value) -> Result<(), String> {
    let form = |_| "form".to_owned();
    let json = || text(&case["json"]).as_bytes();
    let found = match text(&case["of"]) {
        "form" => Form::commitment(&raw(&case["file"]), &raw(&case["form"])),
        "preview" => canonical::from_bytes::<Preview>(json()).map_err(form)?.seen().unwrap(),
        _ => canonical::from_bytes::<DisclosureRequest>(json()).map_err(form)?.hash().unwrap().into(),
    };
    if found.0 == bytes(&case["hash"]) { Ok(()) } else { Err("hash".to_owned()) }
}

pub fn make_disclosed() -> Value {
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, value: Value| cases.push(case(name, expected, value, judge_disclosed));
    let (file, form) = (b"a disclosure's file".as_slice(), b"people.csv".as_slice());
    let of_form = |file: &[u8], form: &[u8], hash: &Bytes<32>| json!({ "of": "form", "file": hex(file), "form": hex(form), "hash": hex(hash.0) });
    let hash = Form::commitment(file, form);
    add("a form", "valid", of_form(file, form, &hash));
    add("an empty form", "valid", of_form(file, b"", &Form::commitment(file, b"")));
    add("another form", "hash", of_form(file, b"people.cs", &hash));
    add("beside another file", "hash", of_form(b"a disclosure's fil", b"epeople.csv", &hash));

    let preview = Preview {
        agency: "yabu-fire".parse().unwrap(),
        kind: AgencyKind::Fire,
        recipient: "age1".to_owned(),
        grant: "fire-night".parse().unwrap(),
        purpose: "救急搬送".to_owned(),
        basis: Basis::VitalEmergency,
        event: event(),
        shelters: vec!["gym".parse().unwrap()],
        of: Selection::Need { need: Need::Care },
        fields: vec!["name".to_owned(), "needs".to_owned()],
        format: Some(Format::Csv),
        people: vec![PersonShown {
            chain: chain(1),
            shelter: "gym".parse().unwrap(),
            since: Hlc::at_millis(BEGIN).timestamp(),
            set: [Flag::Present, Flag::Need(Need::Care)].into_iter().collect(),
            fields: vec![FieldShown { name: "name".to_owned(), value: "\"40歳の人\"".to_owned() }],
        }],
        withheld: vec![Withheld { ground: Ground::Protected, persons: 1 }],
    };
    let shown = |preview: &Preview, hash: &Bytes<32>| json!({ "of": "preview", "json": as_text(preview), "hash": hex(hash.0) });
    let seen = preview.seen().unwrap();
    add("what was shown", "valid", shown(&preview, &seen));
    let nobody = Preview { people: Vec::new(), format: None, ..preview.clone() };
    add("nobody, and no other form", "valid", shown(&nobody, &nobody.seen().unwrap()));
    let mut moved = preview.clone();
    moved.people[0].shelter = "hall".parse().unwrap();
    add("somebody is elsewhere by now", "hash", shown(&moved, &seen));
    add("somebody left by now", "hash", shown(&Preview { people: Vec::new(), ..preview.clone() }, &seen));
    add("for another recipient", "hash", shown(&Preview { recipient: "age2".to_owned(), ..preview }, &seen));

    let request = DisclosureRequest {
        request: Bytes([6; 16]),
        grant: "fire-night".parse().unwrap(),
        agency: "yabu-fire".parse().unwrap(),
        purpose: "救急搬送".to_owned(),
        event: event(),
        shelters: Vec::new(),
        of: Selection::Persons {},
        persons: vec![chain(1)],
        fields: vec!["name".to_owned()],
        format: None,
        seen: None,
    };
    let asked = |request: &DisclosureRequest, hash: &Bytes<32>| json!({ "of": "request", "json": as_text(request), "hash": hex(hash.0) });
    let hash = request.hash().unwrap().into();
    add("a request", "valid", asked(&request, &hash));
    add("a request with what was shown before has the hash of that without", "valid", asked(&DisclosureRequest { seen: Some(seen), ..request.clone() }, &hash));
    let with_form = DisclosureRequest { format: Some(Format::Fhir), ..request.clone() };
    add("a request with another form", "valid", asked(&with_form, &with_form.hash().unwrap().into()));
    add("for another person", "hash", asked(&DisclosureRequest { persons: vec![chain(2)], ..request.clone() }, &hash));
    add("for another purpose", "hash", asked(&DisclosureRequest { purpose: "取材".to_owned(), ..request }, &hash));
    json!({
        "about": "PROTOCOL 18.7. Each case: a `hash` of a form beside a disclosure's file (`of`: form; both are stand-ins), of what an official was shown (preview) or of a request (request). `hash` as verdict: it is another's.",
        "cases": cases,
    })
}

pub fn disclosed(file: &Value, read: &mut Read) {
    list(&file["cases"]).iter().for_each(|case| read.case(case, &judge_disclosed(case)));
}
