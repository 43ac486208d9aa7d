//! Lists of the access log as residents keep them, honest and not (PROTOCOL §19).

use serde_json::{Value, json};
use tachiai_schemas::sharing::access::{Access, AccessList, OwnAccess, tag};
use tachiai_schemas::{Bytes, HashBytes, canonical};
use tachiai_verify::access::verify;
use tachiai_verify::testing::access::{OTHER, SEED, change, disclosed, list, looked, secret, sign, tags_of};

use super::{Read, bytes, case, hex, list as values, text};

fn as_text(list: &AccessList) -> Value {
    String::from_utf8(canonical::to_bytes(list).unwrap()).unwrap().into()
}

fn parsed(list: &Value) -> Result<AccessList, String> {
    serde_json::from_str(text(list)).map_err(|_| "form".to_owned())
}

/// The verdict of a case.
fn judge(case: &Value) -> Result<(), String> {
    let since = case.get("since").map(parsed).transpose()?;
    verify(&parsed(&case["list"])?, since.as_ref()).map(drop).map_err(|violation| violation.rule.to_string())
}

/// Of five leaves the first, third and last are about the holder, the last by the handle.
fn honest() -> AccessList {
    list(&[(disclosed(), &[1, 3]), (looked(), &[3]), (looked(), &[1]), (disclosed(), &[4, 5]), (disclosed(), &[2, 3])])
}

pub fn make() -> Value {
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, list: &AccessList, since: Option<&AccessList>| {
        let mut value = json!({ "list": as_text(list) });
        if let Some(since) = since {
            value["since"] = as_text(since);
        }
        cases.push(case(name, expected, value, judge));
    };
    let with = |change: &dyn Fn(&mut AccessList)| {
        let mut list = honest();
        change(&mut list);
        list
    };
    let signed = |change: &dyn Fn(&mut AccessList)| {
        let mut list = with(change);
        sign(&mut list, &SEED);
        list
    };
    let earlier = signed(&|list| {
        list.leaves.truncate(3);
        list.own.truncate(2);
    });
    add("a list", "valid", &honest(), None);
    add("of an empty log", "valid", &list(&[]), None);
    add("of a log that is about others alone", "valid", &list(&[(looked(), &[3]), (disclosed(), &[4, 5])]), None);
    add("by the citizen's secret alone, with nothing of the handle", "valid", &with(&|list| drop((list.secrets.pop(), list.own.pop()))), None);
    add("beside an earlier list", "valid", &honest(), Some(&earlier));
    add("beside itself", "valid", &honest(), Some(&honest()));
    add("as many tags as may be", "valid", &with(&|list| change(list, 3, |leaf| leaf.tags = tags_of(1_000))), None);
    add("the last leaf is cut off", "R931", &with(&|list| drop((list.leaves.pop(), list.own.pop()))), None);
    add("two leaves are exchanged", "R931", &with(&|list| list.leaves.swap(1, 3)), None);
    add("of another origin", "R931", &with(&|list| list.origin = "yabu.example/other".to_owned()), None);
    let other = honest_by(&OTHER);
    add("with another key", "R931", &with(&|list| list.key = other.key), None);
    add("with a key of small order", "R931", &with(&|list| list.key = Bytes(std::array::from_fn(|at| u8::from(at == 0)))), None);
    add("a leaf of version 2", "R932", &with(&|list| change(list, 0, |leaf| leaf.v = 2)), None);
    add("a leaf with white space", "R932", &signed(&|list| list.leaves[3].0.insert(1, b' ')), None);
    add("a leaf whose tags descend", "R932", &with(&|list| change(list, 3, |leaf| leaf.tags.reverse())), None);
    add("a leaf with a tag twice", "R932", &with(&|list| change(list, 3, |leaf| leaf.tags.insert(0, leaf.tags[0]))), None);
    add("a leaf with 1,001 tags", "R932", &with(&|list| change(list, 3, |leaf| leaf.tags = tags_of(1_001))), None);
    add("an own leaf is left out", "R933", &with(&|list| drop(list.own.remove(0))), None);
    add("the handle's leaf is left out", "R933", &with(&|list| drop(list.own.pop())), None);
    add("a leaf about others is told of", "R933", &with(&|list| list.own.insert(1, OwnAccess { leaf: 1, ..list.own[0].clone() })), None);
    add("a leaf that is not there is told of", "R933", &with(&|list| list.own.push(OwnAccess { leaf: 5, ..list.own[0].clone() })), None);
    add("a leaf is told of twice", "R933", &with(&|list| list.own.insert(0, list.own[0].clone())), None);
    add("the own leaves descend", "R933", &with(&|list| list.own.swap(0, 1)), None);
    let told = |change: &dyn Fn(&mut OwnAccess)| with(&|list| change(&mut list.own[1]));
    add("another access is told", "R934", &told(&|own| own.access = disclosed()), None);
    add("another event is told", "R934", &told(&|own| own.access = Access { event: None, ..own.access.clone() }), None);
    add("a field more is told", "R934", &told(&|own| own.access.fields.push("name".to_owned())), None);
    add("another time is told", "R934", &told(&|own| own.at = own.at.plus(1)), None);
    add("another salt", "R934", &told(&|own| own.salt = Bytes([0; 32])), None);
    let taken_out = signed(&|list| {
        list.leaves.remove(1);
        list.own.iter_mut().skip(1).for_each(|own| own.leaf -= 1);
    });
    add("a leaf was taken out since", "R935", &taken_out, Some(&earlier));
    add("a leaf was changed since", "R935", &with(&|list| change(list, 1, |leaf| leaf.tags.clear())), Some(&earlier));
    add("it was set back since", "R935", &earlier, Some(&honest()));
    add("another key since", "R935", &honest_by(&OTHER), Some(&earlier));
    add("another origin since", "R935", &signed(&|list| list.origin = "yabu.example/other".to_owned()), Some(&earlier));
    let mut spoilt = earlier.clone();
    spoilt.own.pop();
    add("the earlier list does not hold", "R933", &honest(), Some(&spoilt));
    let secrets = [1, 2].map(|key: u8| json!({ "key": hex([key; 32]), "secret": hex(secret(&[key; 32]).0) }));
    let tags = [(1, 0), (2, 4)].map(|(key, id): (u8, u8)| {
        let (secret, id) = (secret(&[key; 32]), Bytes([id; 32]));
        json!({ "secret": hex(secret.0), "id": hex(id.0), "tag": hex(tag(&secret, &id).0) })
    });
    let abouts = [looked(), disclosed()].map(|access| {
        let json = String::from_utf8(canonical::to_bytes(&access).unwrap()).unwrap();
        json!({ "salt": hex([254; 32]), "access": json, "about": hex(access.commitment(&Bytes([254; 32])).unwrap().0) })
    });
    json!({
        "about": "PROTOCOL section 19. Each case: a list (19.4) and, for R935, an earlier one; what a case is named after aside, the log is signed anew by its key. \
    `secrets` come of keys of people (19.2), `tags` of secrets and leaves (19.1), `abouts` of what is told of an own leaf.",
        "secrets": secrets, "tags": tags, "abouts": abouts, "cases": cases,
    })
}

fn honest_by(seed: &[u8; 32]) -> AccessList {
    let mut list = honest();
    sign(&mut list, seed);
    list
}

pub fn read(file: &Value, read: &mut Read) {
    let hash = |value: &Value| -> HashBytes { Bytes(bytes(value)) };
    for of in values(&file["secrets"]) {
        read.holds(secret(&bytes(&of["key"])) == hash(&of["secret"]), "a secret");
    }
    for of in values(&file["tags"]) {
        read.holds(tag(&hash(&of["secret"]), &hash(&of["id"])) == hash(&of["tag"]), "a tag");
    }
    for of in values(&file["abouts"]) {
        let access: Access = canonical::from_bytes(text(&of["access"]).as_bytes()).unwrap();
        read.holds(access.commitment(&Bytes(bytes(&of["salt"]))).unwrap() == hash(&of["about"]), "what a leaf is about");
    }
    values(&file["cases"]).iter().for_each(|case| read.case(case, &judge(case)));
}
