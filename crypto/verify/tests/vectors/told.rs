//! What is told of a small roster, honest and not (PROTOCOL §18): statements, disclosures, and own entries.

use serde_json::{Value, json};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::Tree;
use tachiai_crypto::roster::shown::{Claim, FlagSet, Sum};
use tachiai_crypto::roster::{EventId, Flag};
use tachiai_schemas::roster::disclosure::{Disclosure, DisclosureHead, Ground, Selection, ShownField, Terms, Withheld, claim_of_rest, context};
use tachiai_schemas::roster::opening::Opening;
use tachiai_schemas::roster::own::OwnEntry;
use tachiai_schemas::roster::statement::{Capped, Scope, Statement, StatementHead, VERSION, gather};
use tachiai_schemas::roster::{self, Act, Body, Hlc, LAST_NUMBER, Need, Person, ShelterId, SignedEntry, Stay};
use tachiai_schemas::{Blob, Bytes, HashBytes, canonical};
use tachiai_verify::Failure;
use tachiai_verify::roster::file::{Entries, Lines};
use tachiai_verify::roster::live::Live;
use tachiai_verify::roster::{disclosure, own, statement};
use tachiai_verify::testing::night::{LEAST, Night, person};
use tachiai_verify::testing::roster::{BEGIN, chain};

use super::roster::{anew, as_text, of_person};
use super::{Read, case, hex, list, number, text};

/// Two shelters, 30 and 12 people, 12 of whom need care; four are in vehicles, so that it is not told how many are in the building.
fn night() -> Night {
    let mut night = Night::in_shelters(["gym", "hall"].map(str::to_owned).to_vec());
    for number in 0..42 {
        let needs: &[Need] = if number < 12 { &[Need::Care] } else { &[] };
        let stay = if (26..30).contains(&number) { Stay::Vehicle } else { Stay::Shelter };
        night.tell(usize::from(number >= 30), chain(number), Act::In, &Person { stay, ..person(40, needs) });
    }
    night
}

/// A file with its lines of the pool by their numbers.
fn packed(pool: &[Value], file: &[u8]) -> Value {
    let mut all = std::str::from_utf8(file).unwrap().lines();
    let head = all.next().unwrap();
    let mut lines: Vec<Value> = Vec::new();
    for line in all {
        let place = pool.iter().position(|known| known == line);
        match (place, lines.last_mut().and_then(Value::as_array_mut).map(Vec::as_mut_slice)) {
            (Some(place), Some([_, end])) if *end == json!(place) => *end = json!(place + 1),
            (Some(place), _) => lines.push(json!([place, place + 1])),
            (None, _) => lines.push(line.into()),
        }
    }
    json!({ "head": head, "lines": lines })
}

fn unpacked(pool: &[Value], packed: &Value) -> Vec<u8> {
    let mut file = format!("{}\n", text(&packed["head"]));
    for line in list(&packed["lines"]) {
        match line.as_array().map(Vec::as_slice) {
            Some([from, to]) => pool[number(from) as usize..number(to) as usize].iter().for_each(|line| file += &format!("{}\n", text(line))),
            _ => file += &format!("{}\n", text(line)),
        }
    }
    file.into_bytes()
}

fn rule(failure: Failure) -> String {
    match failure {
        Failure::Refuted(violation) => violation.rule.to_string(),
        Failure::Incomplete(_) => "form".to_owned(),
    }
}

/// The verdict of a case.
fn judge(pool: &[Value], case: &Value) -> Result<(), String> {
    if let Some(own) = case.get("own") {
        let own: OwnEntry = canonical::from_bytes(text(own).as_bytes()).map_err(|_| "form".to_owned())?;
        return own::verify(&own, None).map(drop).map_err(|violation| violation.rule.to_string());
    }
    let file = unpacked(pool, case);
    if text(&case["head"]).starts_with("{\"disclosure\"") {
        return disclosure::verify(file.as_slice(), "a case", None).map(drop).map_err(rule);
    }
    let earlier = case.get("since").map(|since| unpacked(pool, since));
    let mut earlier = earlier.as_deref();
    let since = earlier.as_mut().map(|file| (file as &mut dyn std::io::BufRead, "the earlier one"));
    statement::verify(file.as_slice(), "a case", since, None).map(drop).map_err(rule)
}

/// Proves a scope over other people than it should be about, for their own sum.
fn prove_over(night: &mut Night, statement: &mut Statement, scope: usize, live: &Live) {
    let sum = sum(night, live);
    let mut of = statement.scopes[scope].clone();
    (of.persons, of.live, of.totals) = (live.len(), live.digest().into(), gather(of.shown, sum.totals()));
    of.proof = Blob(statement.claim(&of).unwrap().prove(&sum, &mut night.rng).unwrap().to_bytes());
    statement.scopes[scope] = of;
}

fn sum(night: &Night, live: &Live) -> Sum {
    let mut sum = Sum::default();
    live.iter().for_each(|(leaf, present)| sum.add(&Element::decode(&present.commitment).unwrap(), night.commitment(leaf)));
    sum
}

/// A total more, one of another flag less, with the responses of the true ones: as far as a prover comes.
fn false_totals(night: &mut Night, statement: &mut Statement) {
    let mut scope = statement.scopes[1].clone();
    let place = |flag| scope.shown.iter().position(|shown| shown == flag).unwrap();
    let (care, without) = (place(Flag::Need(Need::Care)), place(Flag::WithoutNeed(Need::Care)));
    (scope.totals[care], scope.totals[without]) = (scope.totals[care] - 1, scope.totals[without] + 1);
    let sum = sum(night, &night.live().at(scope.shelter.as_ref()));
    scope.proof = Blob(statement.claim(&scope).unwrap().prove(&sum, &mut night.rng).unwrap().to_bytes());
    statement.scopes[1] = scope;
}

type Change<'a> = &'a dyn Fn(&mut Night, &mut Statement);

fn statements(pool: &[Value], add: &mut impl FnMut(&str, &str, Value)) {
    let made = |limit: Option<u16>, change: Change<'_>| {
        let mut night = night();
        let mut statement = night.state(limit).unwrap();
        change(&mut night, &mut statement);
        packed(pool, &night.publish(statement))
    };
    let shelter = |night: &Night, scope: &Option<ShelterId>| night.live().at(scope.as_ref());
    add("a statement", "valid", made(None, &|_, _| ()));
    add("a statement with limits of the people in the building", "valid", made(Some(40), &|_, _| ()));
    let plain = made(None, &|_, _| ());
    let with_head = |change: &dyn Fn(&str) -> String| {
        let mut changed = plain.clone();
        changed["head"] = change(text(&plain["head"])).into();
        changed
    };
    add("the first line with white space", "form", with_head(&|head| head.replacen(':', ": ", 1)));
    let lines = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut changed = plain.clone();
        change(changed["lines"].as_array_mut().unwrap());
        changed
    };
    add("an entry with white space", "R901", lines(&|lines| lines[1] = format!(" {}", text(&lines[1])).into()));
    add("without the entry that declares the event", "R902", lines(&|lines| lines[0] = json!([1, 45])));
    add(
        "an entry whose signature is another",
        "R903",
        lines(&|lines| {
            let line = text(&pool[44]);
            let at = line.rfind("\"signature\":\"").unwrap() + 13;
            lines[0] = json!([0, 44]);
            lines.insert(1, format!("{}{}{}", &line[..at], if &line[at..=at] == "A" { "B" } else { "A" }, &line[at + 1..]).into());
        }),
    );
    let untaken = |change: &dyn Fn(&mut Statement)| {
        let mut night = night();
        let mut statement = night.state(None).unwrap();
        change(&mut statement);
        let stated = statement.stated().unwrap();
        // The roster of this code takes no such entry.
        let registered = night.appliance.write(|pen| pen.write(Body::Stated(stated), BEGIN + 60_000).unwrap());
        night.written.push(registered);
        let statement = Night::sign(&night.appliance.key, statement);
        packed(pool, &night.file(&StatementHead { statement, checkpoint: night.checkpoint() }))
    };
    add("numbered from one on", "R911", untaken(&|statement| statement.number = 1));
    add("the scopes are in another order", "R911", untaken(&|statement| statement.scopes.swap(0, 1)));
    add("a total is missing", "R911", untaken(&|statement| statement.scopes[0].totals.truncate(2)));
    add("of another root", "R912", made(None, &|_, statement| statement.root = Bytes([1; 32])));
    add("of fewer entries", "R912", made(None, &|_, statement| statement.size -= 1));
    add("of another event", "R912", made(None, &|_, statement| statement.event = EventId([8; 16])));
    add("of a later version", "R912", made(None, &|_, statement| statement.v = 2));
    add("an entry is there twice", "R912", lines(&|lines| lines.insert(1, pool[20].clone())));
    add("the entries end before the checkpoint", "R912", lines(&|lines| drop(lines.pop())));
    let signed_by = |by_terminal: bool, registered: bool| {
        let mut night = night();
        let statement = night.state(None).unwrap();
        if registered {
            night.register(statement.stated().unwrap());
        }
        let key = if by_terminal { &night.hands[0].key } else { &night.appliance.key };
        let statement = Night::sign(key, statement);
        packed(pool, &night.file(&StatementHead { statement, checkpoint: night.checkpoint() }))
    };
    add("signed by a terminal", "R912", signed_by(true, true));
    add("not registered", "R912", signed_by(false, false));
    add("one more person than count", "R913", made(None, &|_, statement| statement.scopes[1].persons += 1));
    add(
        "somebody is left out",
        "R913",
        made(None, &|night, statement| {
            let all = night.live();
            let first = all.iter().next().unwrap().0;
            prove_over(night, statement, 0, &all.only(|leaf, _| leaf != first));
        }),
    );
    add("without the whole event", "R913", made(None, &|_, statement| drop(statement.scopes.remove(0))));
    add("a total above the persons", "R914", made(None, &|_, statement| *statement.scopes[0].totals.last_mut().unwrap() += 100));
    add(
        "every total is told, also those of few",
        "R914",
        made(None, &|night, statement| {
            statement.scopes[1].shown = FlagSet::ALL;
            let there = shelter(night, &statement.scopes[1].shelter);
            prove_over(night, statement, 1, &there);
        }),
    );
    add("a limit below the least group", "R914", made(Some(40), &|_, statement| statement.scopes[0].cap = Some(Capped { flag: 8, at_most: LEAST - 1 })));
    add("totals that the sum does not give", "R915", made(None, &false_totals));
    add("the proof of another scope", "R915", made(None, &|_, statement| statement.scopes[0].proof = statement.scopes[2].proof.clone()));
    add("a proof with a byte too many", "R915", made(None, &|_, statement| statement.scopes[0].proof.0.push(0)));
    add("a proof with a scalar that is not reduced", "R915", made(None, &|_, statement| statement.scopes[0].proof.0[32..64].fill(255)));
    add("made at another time than was proved", "R915", made(None, &|_, statement| statement.made = Hlc::at_millis(BEGIN)));
    add("another limit than was proved", "R915", made(Some(40), &|_, statement| statement.scopes[0].cap.as_mut().unwrap().at_most = 39));
    add(
        "the range proof of another commitment",
        "R916",
        made(Some(40), &|night, statement| {
            let other = night.state(Some(40)).unwrap();
            let (mine, other) = (&mut statement.scopes[0].proof.0, &other.scopes[0].proof.0);
            let start = mine.len() - 544;
            mine[start..].copy_from_slice(&other[start..]);
        }),
    );

    // What was stated before.
    let mut night = night();
    let first = night.state(None).unwrap();
    let earlier = packed(pool, &night.publish(first.clone()));
    night.tell(0, chain(29), Act::Out, &person(40, &[]));
    let (place, live) = (night.place(), night.live());
    let mut close = Statement { number: 1, size: place.size, root: place.root.into(), made: place.made, ..first };
    close.scopes.truncate(1);
    close.scopes[0].shown = [Flag::Present].into_iter().collect();
    prove_over(&mut night, &mut close, 0, &live);
    add("one person less than in the statement before", "R917", packed(pool, &night.publish(close)));
    // Three who need care come to the hall with seven others; in the gymnasium an entry is corrected.
    let together = |first: &[(Option<&str>, bool)], second: &[(Option<&str>, bool)]| {
        let mut night = self::night();
        let first = tells(&mut night, first);
        night.publish(first);
        night.tell(0, chain(0), Act::Edit, &person(41, &[Need::Care]));
        for number in 42..52 {
            let needs: &[Need] = if number < 45 { &[Need::Care] } else { &[] };
            night.tell(1, chain(number), Act::In, &person(40, needs));
        }
        let second = tells(&mut night, second);
        packed(pool, &night.publish(second))
    };
    let (event, gym) = ([(None, true)], [(None, false), (Some("gym"), true)]);
    add("with a total of a shelter that was told before, those of few follow", "R917", together(&gym, &event));
    add("with a total of a shelter that is told now, those of few before follow", "R917", together(&event, &gym));
    let since = |later: &Value, earlier: &Value| {
        let mut both = later.clone();
        both["since"] = earlier.clone();
        both
    };
    let mut second = self::night();
    let statement = second.state(None).unwrap();
    second.publish(statement);
    ten_leave(&mut second);
    let statement = second.state(None).unwrap();
    let later = packed(pool, &second.publish(statement));
    add("ten people less, beside the statement before", "valid", since(&later, &earlier));
    add("the later one as the earlier", "R918", since(&earlier, &later));
    let mut hiding = self::night();
    ten_leave(&mut hiding);
    let statement = hiding.state(None).unwrap();
    let hiding = packed(pool, &hiding.publish(statement));
    add("of a roster in which the statement before was never registered", "R918", since(&hiding, &earlier));
}

/// A statement that tells of these scopes how many people and, where it is said so, how many need care.
fn tells(night: &mut Night, scopes: &[(Option<&str>, bool)]) -> Statement {
    let (place, live) = (night.place(), night.live());
    let mut statement =
        Statement { v: VERSION, event: place.event, number: place.number, size: place.size, root: place.root.into(), made: place.made, scopes: Vec::new() };
    for (place, (shelter, with_care)) in scopes.iter().enumerate() {
        let shelter: Option<ShelterId> = shelter.map(|id| id.parse().unwrap());
        let there = live.at(shelter.as_ref());
        let care = [Flag::Need(Need::Care), Flag::WithoutNeed(Need::Care)];
        let shown = std::iter::once(Flag::Present).chain(care.into_iter().filter(|_| *with_care)).collect();
        statement.scopes.push(Scope { shelter, persons: 0, live: Bytes([0; 32]), shown, totals: Vec::new(), cap: None, proof: Blob(Vec::new()) });
        prove_over(night, &mut statement, place, &there);
    }
    statement
}

fn ten_leave(night: &mut Night) {
    for number in 12..22 {
        night.tell(0, chain(number), Act::Out, &person(40, &[]));
    }
}

/// Proves what is said of each disclosed person anew.
fn prove_people(night: &mut Night, disclosure: &mut Disclosure) {
    let context = context(&disclosure.terms, &disclosure.people).unwrap();
    let live = night.live();
    for (person, proof) in disclosure.people.iter().zip(&mut disclosure.proofs) {
        let sum = sum(night, &live.only(|leaf, _| leaf == person.leaf));
        let claim = Claim::of(context, &sum, disclosure.terms.flags, None);
        *proof = Blob(claim.prove(&sum, &mut night.rng).unwrap().to_bytes());
    }
}

/// Proves of the others whatever is claimed of them.
fn prove_rest(night: &mut Night, disclosure: &mut Disclosure, withheld: u64) {
    let others = night.live().only(|leaf, _| disclosure.people.iter().all(|person| person.leaf != leaf));
    let context = context(&disclosure.terms, &disclosure.people).unwrap();
    let claim = claim_of_rest(context, Need::Care, others.len(), withheld).unwrap();
    let sum = sum(night, &others);
    disclosure.rest = Some(Blob(claim.prove(&sum, &mut night.rng).unwrap().to_bytes()));
}

fn disclosures(pool: &[Value], add: &mut impl FnMut(&str, &str, Value)) {
    // Three of twelve, the others withheld, so that the files are small.
    let terms = |change: &dyn Fn(&mut Terms)| {
        let mut night = night();
        let mut terms = night.terms();
        terms.withheld = vec![Withheld { ground: Ground::Protected, persons: 1 }, Withheld { ground: Ground::NotCovered, persons: 8 }];
        change(&mut terms);
        let leaves = night.with(Need::Care)[..3].to_vec();
        let disclosure = night.disclose(terms, &leaves).unwrap();
        (night, disclosure)
    };
    let made = |change: &dyn Fn(&mut Terms)| {
        let (night, disclosure) = terms(change);
        packed(pool, &night.hand_out(disclosure))
    };
    let spoilt = |change: &dyn Fn(&mut Night, &mut Disclosure)| {
        let (mut night, mut disclosure) = terms(&|_| ());
        change(&mut night, &mut disclosure);
        packed(pool, &night.hand_out(disclosure))
    };
    let persons = |terms: &mut Terms| (terms.of, terms.withheld) = (Selection::Persons {}, Vec::new());
    add("a disclosure of those with a need", "valid", made(&|_| ()));
    add("a disclosure of some persons", "valid", made(&persons));
    add(
        "a disclosure of everybody, but those withheld",
        "valid",
        made(&|terms| {
            terms.of = Selection::Everybody {};
            terms.withheld = vec![Withheld { ground: Ground::NoConsent, persons: 39 }];
        }),
    );
    add("of fewer entries", "R912", spoilt(&|_, disclosure| disclosure.terms.size -= 1));
    add("of another event", "R912", spoilt(&|_, disclosure| disclosure.terms.event = EventId([9; 16])));
    add("of an unknown version", "R912", spoilt(&|_, disclosure| disclosure.terms.v = 0));
    let by_terminal = {
        let (night, disclosure) = terms(&|_| ());
        let disclosure = Night::sign(&night.hands[0].key, disclosure);
        packed(pool, &night.file(&DisclosureHead { disclosure, checkpoint: night.checkpoint() }))
    };
    add("signed by a terminal", "R912", by_terminal);
    add("without a purpose", "R921", made(&|terms| terms.purpose = String::new()));
    add("fields in another order", "R921", made(&|terms| terms.fields.swap(0, 1)));
    add(
        "a ground that withholds nobody",
        "R921",
        made(&|terms| terms.withheld = vec![Withheld { ground: Ground::Protected, persons: 9 }, Withheld { ground: Ground::Conflict, persons: 0 }]),
    );
    add("grounds in another order", "R921", made(&|terms| terms.withheld.reverse()));
    add("the need is not among the flags", "R921", made(&|terms| terms.flags = [Flag::Present].into_iter().collect()));
    add("some persons, and others are withheld", "R921", made(&|terms| terms.of = Selection::Persons {}));
    add("one more person than count", "R922", spoilt(&|_, disclosure| disclosure.terms.persons += 1));
    add("another live set", "R922", spoilt(&|_, disclosure| disclosure.terms.live = Bytes([1; 32])));
    add("of one shelter, with those of all", "R922", spoilt(&|_, disclosure| disclosure.terms.shelters = vec![Night::shelter(1)]));
    add("the people in another order", "R922", spoilt(&|_, disclosure| disclosure.people.swap(0, 1)));
    add("another handle", "R922", spoilt(&|_, disclosure| disclosure.people[0].chain = chain(250)));
    add(
        "everybody, and one is not accounted for",
        "R922",
        made(&|terms| {
            terms.of = Selection::Everybody {};
            terms.withheld = vec![Withheld { ground: Ground::NoConsent, persons: 38 }];
        }),
    );
    let more = |disclosure: &mut Disclosure| disclosure.people[0].set = disclosure.people[0].set.with(Flag::Need(Need::Medical));
    add(
        "a flag that the commitment does not have",
        "R923",
        spoilt(&|night, disclosure| {
            more(disclosure);
            prove_people(night, disclosure);
            prove_rest(night, disclosure, 9);
        }),
    );
    add("a flag that is not opened", "R923", spoilt(&|_, disclosure| disclosure.people[0].set = disclosure.people[0].set.with(Flag::WithoutNeed(Need::Food))));
    add("the proof of another person", "R923", spoilt(&|_, disclosure| disclosure.proofs.swap(0, 1)));
    add("a proof is missing", "R923", spoilt(&|_, disclosure| drop(disclosure.proofs.pop())));
    add("for another agency than was proved", "R923", spoilt(&|_, disclosure| disclosure.terms.agency = "press".to_owned()));
    let field = |change: &dyn Fn(&mut ShownField)| {
        let (mut night, mut disclosure) = terms(&persons);
        change(&mut disclosure.people[0].fields[1]);
        prove_people(&mut night, &mut disclosure);
        packed(pool, &night.hand_out(disclosure))
    };
    add("a field with another value", "R924", field(&|field| field.value = "\"誰か\"".to_owned()));
    add("a field with another salt", "R924", field(&|field| field.salt = Bytes([0; 32])));
    add("a field at another place", "R924", field(&|field| field.index += 1));
    add("a field that is not permitted", "R924", field(&|field| field.name = "name_jis".to_owned()));
    add("without the proof about the others", "R925", spoilt(&|_, disclosure| disclosure.rest = None));
    add(
        "one with the need is left out in silence",
        "R925",
        spoilt(&|night, disclosure| {
            disclosure.terms.withheld[1].persons = 7;
            prove_people(night, disclosure);
            prove_rest(night, disclosure, 8);
        }),
    );
    add("a proof about the others where everybody was asked for", "R925", {
        let (mut night, mut disclosure) = terms(&|terms| {
            terms.of = Selection::Everybody {};
            terms.withheld = vec![Withheld { ground: Ground::NoConsent, persons: 39 }];
        });
        prove_rest(&mut night, &mut disclosure, 9);
        packed(pool, &night.hand_out(disclosure))
    });
}

/// The own entry of a leaf.
fn own_of(night: &Night, leaf: usize) -> OwnEntry {
    let mut tree = Tree::new();
    for written in &night.written {
        tree.push(written.hash);
    }
    let size = night.written.len() as u64;
    let proof = |leaf: u64| tree.inclusion(leaf, size).unwrap().hashes().iter().map(|hash| HashBytes::from(*hash)).collect::<Vec<_>>();
    OwnEntry {
        declared: Blob(night.written[0].bytes.clone()),
        declared_proof: proof(0),
        leaf: leaf as u64,
        entry: Blob(night.written[leaf].bytes.clone()),
        entry_proof: proof(leaf as u64),
        opening: night.written[leaf].opening.clone().unwrap(),
        checkpoint: night.checkpoint(),
    }
}

/// The own entry of the last leaf, which the appliance took although it was changed, and signed anew.
fn own_taken(change: &dyn Fn(&mut SignedEntry, &mut Opening)) -> OwnEntry {
    let mut night = night();
    let mut last = night.written.pop().unwrap();
    change(&mut last.entry, last.opening.as_mut().unwrap());
    last.bytes = text(&anew(&night.hands[1], &last, |_| ())).as_bytes().to_vec();
    last.hash = roster::leaf_hash(&last.bytes);
    night.written.push(last);
    own_of(&night, night.written.len() - 1)
}

fn own_entries(add: &mut impl FnMut(&str, &str, Value)) {
    let night = night();
    let own = |leaf: usize| own_of(&night, leaf);
    let mut changed = |name: &str, expected: &str, change: &dyn Fn(&mut OwnEntry)| {
        let mut own = own(10);
        change(&mut own);
        add(name, expected, json!({ "own": String::from_utf8(canonical::to_bytes(&own).unwrap()).unwrap() }));
    };
    changed("an own entry", "valid", &|_| ());
    changed("with somebody else's opening", "R926", &|of| of.opening = own(11).opening);
    changed("with somebody else's entry", "R926", &|of| of.entry = own(11).entry);
    changed("at another leaf", "R926", &|of| of.leaf = 11);
    changed("with a leaf 0 that declares nothing", "R902", &|of| of.declared = own(11).entry);
    changed("without the path of leaf 0", "R926", &|of| of.declared_proof.clear());
    changed("under a checkpoint of another origin", "R926", &|of| of.checkpoint = of.checkpoint.replacen("yabu", "yaba", 1));
    let mut taken = |name: &str, expected: &str, change: &dyn Fn(&mut SignedEntry, &mut Opening)| changed(name, expected, &|of| *of = own_taken(change));
    taken("of somebody present without a proof", "R906", &|entry, opening| (of_person(entry).proof, opening.blinding) = (None, None));
    taken("with the greatest number", "valid", &|entry, _| entry.body.number = LAST_NUMBER);
    taken("with a number of 2^53", "R901", &|entry, _| entry.body.number = LAST_NUMBER + 1);
    taken("it happened after it was entered", "R901", &|entry, _| entry.body.time = entry.body.entered.plus_millis(1));
}

pub fn make() -> Value {
    let pool: Vec<Value> = night().written.iter().map(as_text).collect();
    let mut cases = Vec::new();
    let mut add = |name: &str, expected: &str, value: Value| cases.push(case(name, expected, value, |value| judge(&pool, value)));
    statements(&pool, &mut add);
    disclosures(&pool, &mut add);
    own_entries(&mut add);
    let computed = computed(&pool, &cases[0]);
    json!({
        "about": "PROTOCOL section 18. A case with `head` is a file (18.5): the first line is `head`; of `lines`, [a, b] stands for the lines a to b − 1 of `entries`, and a text for itself. `since`: the file of an earlier statement, \
    for R918. A case with `own` is an own entry (18.6). Except in what a case is named after, statements and disclosures are proved and signed anew by the key of the appliance. `form` as verdict: it is not in the form of such a file. \
    `computed`: of the first case, for each scope the context and the sum S that its proof is about (18.1, 18.2).",
        "entries": pool, "computed": computed, "cases": cases,
    })
}

fn computed(pool: &[Value], case: &Value) -> Vec<Value> {
    let file = unpacked(pool, case);
    let Lines { head, entries } = Lines::<StatementHead>::read(file.as_slice(), "a case", "a statement").unwrap();
    let statement = &head.statement.body;
    let entries = Entries::check(&entries, &head.checkpoint, statement.size, &[], None).unwrap();
    let live = entries.live(statement.size).unwrap();
    let of = |scope: &Scope| {
        let sum: Element = entries.sum(&live.at(scope.shelter.as_ref())).unwrap();
        let context: Hash32 = statement.context(scope.shelter.as_ref(), &scope.live);
        json!({ "shelter": scope.shelter, "context": hex(context), "sum": hex(sum.as_bytes()) })
    };
    statement.scopes.iter().map(of).collect()
}

pub fn read(file: &Value, read: &mut Read) {
    let (pool, cases) = (list(&file["entries"]), list(&file["cases"]));
    read.holds(computed(pool, &cases[0]) == list(&file["computed"]), "what a proof is about");
    cases.iter().for_each(|case| read.case(case, &judge(pool, case)));
}
