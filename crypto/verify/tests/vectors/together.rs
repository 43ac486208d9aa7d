//! What several statements tell together (PROTOCOL §18.3): who came, moved and left, entry by entry, and what was stated in between.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::roster::shown::FlagSet;
use tachiai_crypto::roster::{AgeBand, ChainId, FLAGS, Flag, Need, Stay};
use tachiai_schemas::roster::statement::{Stated, StatedScope, gather, spread};
use tachiai_schemas::roster::{APPLIANCE, Act, Body, Entry, Hlc, Link, LinkVerdict, PersonEntry, ShelterId, SignedEntry};
use tachiai_schemas::{Blob, Bytes, canonical};
use tachiai_verify::roster::Roster;
use tachiai_verify::roster::live::Live;
use tachiai_verify::roster::told::{self, Row, Said, Together, Told};
use tachiai_verify::testing::roster::{BEGIN, event};

use super::{Read, case, list, number, text};

/// A roster as its steps make it; nothing is signed or proved.
struct Fold {
    least: u64,
    roster: Roster,
    flags: BTreeMap<u64, FlagSet>,
    /// What was stated, and who counted then.
    stated: Vec<(Stated, Live)>,
}

fn handle(number: u64) -> ChainId {
    ChainId(u128::from(number).to_be_bytes())
}

fn flags(value: &Value) -> FlagSet {
    u32::try_from(number(value)).unwrap().try_into().unwrap()
}

impl Fold {
    fn new(least: u64) -> Self {
        Self { least, roster: Roster::new(), flags: BTreeMap::new(), stated: Vec::new() }
    }

    /// Adds an entry at the next leaf.
    fn add(&mut self, body: Body) {
        let leaf = self.roster.len();
        let at = Hlc::at_millis(BEGIN + leaf);
        let body = Entry { v: 1, event: event(), terminal: APPLIANCE.parse().unwrap(), number: leaf, before: None, time: at, entered: at, body };
        self.roster.apply(Hash32::sha256(&leaf.to_be_bytes()), &SignedEntry { body, signature: Bytes([0; 64]) });
    }

    fn step(&mut self, step: &Value) {
        if let Some(act) = step.get("act") {
            let act: Act = canonical::from_bytes(act.to_string().as_bytes()).unwrap();
            let [first, last] = list(&step["people"]) else { panic!("two handles: {step}") };
            for person in number(first)..=number(last) {
                if act.is_present() {
                    self.flags.insert(self.roster.len(), flags(&step["flags"]));
                }
                let proof = act.is_present().then(|| Blob(vec![0; 32]));
                let shelter = text(&step["shelter"]).parse().unwrap();
                self.add(Body::Person(PersonEntry { chain: handle(person), seq: 0, after: Vec::new(), shelter, act, fields: Bytes([0; 32]), proof }));
            }
        } else if let Some(pair) = step.get("link") {
            let (chain, other) = (handle(number(&pair[0])), handle(number(&pair[1])));
            self.add(Body::Link(Link { chain, other, verdict: LinkVerdict::Same, fields: Bytes([0; 32]) }));
        } else {
            let scope = |scope: &Value| StatedScope {
                shelter: scope["shelter"].as_str().map(|id| id.parse().unwrap()),
                shown: flags(&scope["shown"]),
                totals: list(&scope["totals"]).iter().map(number).collect(),
            };
            let scopes = list(&step["stated"]).iter().map(scope).collect();
            let stated = Stated { number: self.stated.len() as u64, size: self.roster.len(), statement: Bytes([0; 32]), scopes };
            self.stated.push((stated.clone(), self.live()));
            self.add(Body::Stated(stated));
        }
    }

    fn live(&self) -> Live {
        Live::of(&self.roster)
    }

    /// The true totals of a scope.
    fn totals(&self, live: &Live, shelter: Option<&ShelterId>) -> [u64; FLAGS] {
        let mut totals = [0; FLAGS];
        for (leaf, _) in live.at(shelter).iter() {
            self.flags[&leaf].iter().for_each(|flag| totals[flag.index()] += 1);
        }
        totals
    }

    /// The verdict of the last statement; those before it hold, and every total is the true one.
    fn verdict(&self) -> Result<(), String> {
        let mut verdict = Ok(());
        for count in 1..=self.stated.len() {
            assert_eq!(verdict, Ok(()), "a statement before the last one");
            verdict = self.judge(&self.stated[..count]);
        }
        verdict
    }

    fn judge(&self, stated: &[(Stated, Live)]) -> Result<(), String> {
        let ((now, live), earlier) = stated.split_last().unwrap();
        let split = live.by_shelter();
        let row = |shelter: Option<&ShelterId>| Row {
            shelter: shelter.cloned(),
            persons: live.at(shelter).len(),
            shown: FlagSet::NONE,
            totals: [0; FLAGS],
            known: [None; FLAGS],
        };
        let mut rows: BTreeMap<Option<ShelterId>, Row> = std::iter::once(None).chain(split.shelters().map(Some)).map(|at| (at.cloned(), row(at))).collect();
        let mut told = BTreeMap::new();
        for StatedScope { shelter, shown, totals } in &now.scopes {
            let totals = spread(*shown, totals).unwrap();
            let row = Row { shown: *shown, totals, ..row(shelter.as_ref()) };
            assert_eq!(gather(*shown, &totals), gather(*shown, &self.totals(live, shelter.as_ref())), "true totals");
            if row.persons < self.least {
                return Err("R914".to_owned());
            }
            rows.insert(shelter.clone(), row);
            told.insert(shelter.clone(), Told { shown: *shown, totals });
        }
        told::check(&rows.into_values().collect::<Vec<_>>(), self.least).map_err(|_| "R914".to_owned())?;
        let earlier: Vec<_> = earlier.iter().map(|(stated, live)| (stated, live.by_shelter())).collect();
        let earlier = earlier.iter().map(|(stated, live)| Said::of(stated, live).unwrap()).collect();
        Together::new(now.number, &split, earlier, self.least).check(told).map_err(|_| "R917".to_owned())
    }
}

fn judge(case: &Value) -> Result<(), String> {
    let mut fold = Fold::new(number(&case["least"]));
    list(&case["steps"]).iter().for_each(|step| fold.step(step));
    fold.verdict()
}

/// What happened, and what was stated of it.
struct Story {
    fold: Fold,
    steps: Vec<Value>,
    people: u64,
}

/// The first and the last handle of some people.
type Handles = [u64; 2];

impl Story {
    fn of(least: u64) -> Self {
        Self { fold: Fold::new(least), steps: Vec::new(), people: 0 }
    }

    /// The gymnasium has 20 who need care (handles 1–20) and 20 others, the hall 15 (41–55) and 30 (56–85), the school 15 (86–100) and 30 (101–130).
    fn usual() -> Self {
        let mut story = Self::of(10);
        for (shelter, with, without) in [("gym", 20, 20), ("hall", 15, 30), ("school", 15, 30)] {
            story.come(shelter, with, care());
            story.come(shelter, without, well());
        }
        story
    }

    fn step(&mut self, step: Value) {
        self.fold.step(&step);
        self.steps.push(step);
    }

    fn act(&mut self, act: &str, shelter: &str, people: Handles, flags: FlagSet) {
        self.step(json!({ "act": act, "shelter": shelter, "people": people, "flags": u32::from(flags) }));
    }

    fn come(&mut self, shelter: &str, count: u64, flags: FlagSet) -> Handles {
        let people = [self.people + 1, self.people + count];
        self.people += count;
        self.act("in", shelter, people, flags);
        people
    }

    fn leave(&mut self, shelter: &str, people: Handles) {
        self.step(json!({ "act": "out", "shelter": shelter, "people": people }));
    }

    fn state(&mut self, scopes: &[(Option<&str>, FlagSet)]) {
        let live = self.fold.live();
        let scope = |(shelter, shown): &(Option<&str>, FlagSet)| {
            let id = shelter.map(|id| id.parse().unwrap());
            json!({ "shelter": shelter, "shown": u32::from(*shown), "totals": gather(*shown, &self.fold.totals(&live, id.as_ref())) })
        };
        let stated = json!({ "stated": scopes.iter().map(scope).collect::<Vec<_>>() });
        self.step(stated);
    }
}

/// A person of an age with a stay, and with or without the need for care.
fn person(age: AgeBand, stay: Stay, needs: &[Need]) -> FlagSet {
    let needs = Need::ALL.map(|need| if needs.contains(&need) { Flag::Need(need) } else { Flag::WithoutNeed(need) });
    [Flag::Present, Flag::Age(age), Flag::Stay(stay)].into_iter().chain(needs).collect()
}

fn well() -> FlagSet {
    person(AgeBand::Adult, Stay::Shelter, &[])
}

fn care() -> FlagSet {
    person(AgeBand::Adult, Stay::Shelter, &[Need::Care])
}

fn aged(age: AgeBand) -> FlagSet {
    person(age, Stay::Shelter, &[])
}

/// How many people.
fn persons() -> FlagSet {
    FlagSet::NONE.with(Flag::Present)
}

/// And how many of them need care, and do not.
fn needing() -> FlagSet {
    persons().with(Flag::Need(Need::Care)).with(Flag::WithoutNeed(Need::Care))
}

fn ages(bands: &[AgeBand]) -> FlagSet {
    bands.iter().fold(persons(), |shown, band| shown.with(Flag::Age(*band)))
}

fn stays(stays: &[Stay]) -> FlagSet {
    stays.iter().fold(persons(), |shown, stay| shown.with(Flag::Stay(*stay)))
}

const GYM: Option<&str> = Some("gym");
const HALL: Option<&str> = Some("hall");
const SCHOOL: Option<&str> = Some("school");

/// Takes a case: its name, its verdict, and what happened.
type Add<'a> = &'a mut dyn FnMut(&str, &str, Story);

/// Both sides of a bound: refused by `rule` with nine people, valid with ten.
fn bound(add: Add<'_>, name: &str, rule: &str, story: impl Fn(u64) -> Story) {
    add(&format!("{name}: 9"), rule, story(9));
    add(&format!("{name}: 10"), "valid", story(10));
}

/// What one statement tells by itself.
fn alone(add: Add<'_>) {
    // The hall is not told.
    let gym = |people: &[(u64, FlagSet)], shown: FlagSet| {
        let mut story = Story::of(10);
        for (count, of) in people {
            story.come("gym", *count, *of);
        }
        story.come("hall", 15, care());
        story.come("hall", 15, well());
        story.state(&[(None, persons()), (GYM, shown)]);
        story
    };
    bound(add, "people in a shelter that is told", "R914", |n| gym(&[(n, well())], persons()));
    bound(add, "people with a need", "R914", |n| gym(&[(n, care()), (30, well())], needing()));
    bound(add, "people without a need", "R914", |n| gym(&[(n, well()), (30, care())], needing()));
    add("nobody has the need", "valid", gym(&[(30, well())], needing()));
    add("everybody has the need", "R914", gym(&[(30, care())], needing()));
    let (infants, small) = (aged(AgeBand::Infant), aged(AgeBand::Preschool));
    bound(add, "people of the ages that a shelter does not tell", "R914", |n| gym(&[(20, well()), (5, infants), (n - 5, small)], ages(&[AgeBand::Adult])));
    bound(add, "people with a need in the two shelters that are not told", "R914", |n| {
        let mut story = Story::of(10);
        for (shelter, with, without) in [("gym", 20, 20), ("hall", 5, 15), ("school", n - 5, 15)] {
            story.come(shelter, with, care());
            story.come(shelter, without, well());
        }
        story.state(&[(None, needing()), (GYM, needing())]);
        story
    });
    let others = ages(&AgeBand::ALL).without(Flag::Age(AgeBand::Adult)).without(Flag::Age(AgeBand::Elder));
    let three = |of_hall: FlagSet| {
        let mut story = Story::of(10);
        for shelter in ["gym", "hall"] {
            for band in [AgeBand::School, AgeBand::Adult, AgeBand::Elder] {
                story.come(shelter, 20, aged(band));
            }
        }
        story.state(&[(None, ages(&AgeBand::ALL)), (GYM, others), (HALL, of_hall)]);
        story
    };
    add("two ages of both shelters are not told", "valid", three(others));
    add("an age follows from the event's and the other shelter's", "R914", three(others.with(Flag::Age(AgeBand::Adult))));
}

/// Who came, left or moved between two statements that tell the same scopes.
fn changes(add: Add<'_>) {
    let all = [(None, needing()), (GYM, needing()), (HALL, needing()), (SCHOOL, needing())];
    bound(add, "they come", "R917", |n| {
        let mut story = Story::usual();
        story.state(&all);
        story.come("gym", n, well());
        story.state(&all);
        story
    });
    bound(add, "they leave", "R917", |n| {
        let mut story = Story::usual();
        story.state(&all);
        story.leave("hall", [56, 55 + n]);
        story.state(&all);
        story
    });
    let again = |second: FlagSet| {
        let mut story = Story::usual();
        story.state(&[(None, persons()), (GYM, needing())]);
        story.state(&[(None, persons()), (GYM, second)]);
        story
    };
    add("nothing changed, and the same is told", "valid", again(needing()));
    add("nothing changed, and less is told", "R917", again(persons()));
    bound(add, "they come, while an entry is corrected", "R917", |n| {
        let mut story = Story::usual();
        story.state(&all);
        story.act("edit", "gym", [1, 1], well());
        story.come("gym", n, well());
        story.state(&all);
        story
    });
    bound(add, "two shelters exchange people", "R917", |n| {
        let mut story = Story::usual();
        story.state(&all);
        story.act("moved", "hall", [21, 25], well());
        story.act("moved", "gym", [56, 50 + n], well());
        story.come("school", 10, well());
        story.state(&all);
        story
    });
    bound(add, "they come, one more of whom was there under another handle", "R917", |n| {
        let mut story = Story::usual();
        story.state(&all);
        let [first, _] = story.come("gym", n + 1, well());
        story.step(json!({ "link": [first, 21] }));
        story.state(&all);
        story
    });
    let of_three = |n: u64| {
        let mut story = Story::of(3);
        story.come("gym", 3, care());
        story.come("gym", 3, well());
        story.state(&[(None, needing()), (GYM, needing())]);
        story.come("gym", n, well());
        story.state(&[(None, needing()), (GYM, needing())]);
        story
    };
    add("they come, of a least group of three: 2", "R917", of_three(2));
    add("they come, of a least group of three: 3", "valid", of_three(3));
}

/// What follows where a scope is told in one statement alone.
fn cuts(add: Add<'_>) {
    bound(add, "a shelter moved to another, with those who came besides", "R917", |n| {
        let mut story = Story::usual();
        story.state(&[(None, persons()), (GYM, needing()), (HALL, needing())]);
        story.act("moved", "gym", [41, 55], care());
        story.act("moved", "gym", [56, 85], well());
        story.come("gym", n, well());
        story.come("school", 10, well());
        story.state(&[(None, persons()), (GYM, needing())]);
        story
    });
    bound(add, "a shelter moved to another, without those who went home", "R917", |n| {
        let mut story = Story::usual();
        story.state(&[(None, persons()), (GYM, needing()), (HALL, needing())]);
        story.act("moved", "gym", [41, 55], care());
        story.act("moved", "gym", [56 + n, 85], well());
        story.leave("hall", [56, 55 + n]);
        story.come("school", 10, well());
        story.state(&[(None, persons()), (GYM, needing())]);
        story
    });
    bound(add, "a shelter was parted in two, with those who came besides", "R917", |n| {
        let mut story = Story::of(10);
        story.come("gym", 20, care());
        story.come("gym", 40, well());
        story.come("school", 15, care());
        story.come("school", 15, well());
        story.state(&[(None, persons()), (GYM, needing())]);
        story.act("moved", "hall", [1, 10], care());
        story.act("moved", "hall", [21, 40], well());
        story.come("hall", n, well());
        story.come("school", 10, well());
        story.state(&[(None, persons()), (GYM, needing()), (HALL, needing())]);
        story
    });
    bound(add, "a shelter moved to another, and of the ages the one tells those that the other leaves", "R917", |n| {
        let mut story = Story::of(10);
        let people: Vec<[Handles; 3]> = AgeBand::ALL.iter().map(|band| ["gym", "hall", "school"].map(|shelter| story.come(shelter, 10, aged(*band)))).collect();
        let (young, others) = AgeBand::ALL.split_at(3);
        story.state(&[(None, persons()), (GYM, ages(young)), (HALL, ages(young))]);
        AgeBand::ALL.iter().zip(people).for_each(|(band, [_, hall, _])| story.act("moved", "gym", hall, aged(*band)));
        story.come("gym", n, well());
        story.come("school", 10, well());
        story.state(&[(None, persons()), (GYM, ages(others))]);
        story
    });
    bound(add, "what the event left is told by shelters, without those who went home", "R917", |n| {
        let mut story = Story::usual();
        story.state(&[(None, needing()), (GYM, needing())]);
        story.leave("hall", [56, 59]);
        story.leave("school", [101, 96 + n]);
        story.come("gym", 10, well());
        story.state(&[(None, persons()), (HALL, needing()), (SCHOOL, needing())]);
        story
    });
    bound(add, "they move among the shelters that are not told, where an entry is corrected", "R917", |n| {
        let mut story = Story::usual();
        story.state(&[(None, needing()), (SCHOOL, needing())]);
        story.act("edit", "gym", [1, 1], well());
        story.act("moved", "hall", [21, 20 + n], well());
        story.come("school", 10, well());
        story.state(&[(None, needing()), (SCHOOL, needing())]);
        story
    });
}

/// What a statement makes known of a total that another one does not tell.
fn known(add: Add<'_>) {
    // A gymnasium with 20 of 40 who need care; two more shelters have so many between them.
    let start = |rest: u64| {
        let mut story = Story::of(10);
        for (shelter, with, without) in [("gym", 20, 20), ("hall", 4, 15), ("school", rest - 4, 15)] {
            story.come(shelter, with, care());
            story.come(shelter, without, well());
        }
        story
    };
    bound(add, "a shelter is left out, and the others have so many with a need", "R917", |n| {
        let mut story = start(n);
        story.state(&[(None, persons()), (GYM, needing())]);
        story.come("hall", 10, well());
        story.state(&[(None, needing())]);
        story
    });
    bound(add, "a shelter is left out where an entry was corrected, and the others have one more with a need", "R917", |n| {
        let mut story = start(n + 1);
        story.state(&[(None, persons()), (GYM, needing())]);
        story.act("edit", "gym", [1, 1], care());
        story.come("hall", 10, well());
        story.state(&[(None, needing())]);
        story
    });
    bound(add, "the others have nine with a need, and so many came to the shelter that is left out", "R917", |n| {
        let mut story = start(9);
        story.state(&[(None, persons()), (GYM, needing())]);
        story.come("gym", n, well());
        story.come("hall", 10, well());
        story.state(&[(None, needing())]);
        story
    });
    bound(add, "a shelter is told for the first time, and the others had so many with a need", "R917", |n| {
        let mut story = start(n);
        story.come("annex", 15, care());
        story.come("annex", 15, well());
        let annex = (Some("annex"), needing());
        story.state(&[(None, needing()), annex]);
        story.come("school", 1, care());
        story.come("school", 9, well());
        story.state(&[(None, needing()), annex, (GYM, needing())]);
        story
    });
    add("two statements make a total known, and the least counts", "valid", {
        let mut story = start(5);
        story.state(&[(None, persons()), (GYM, needing())]);
        story.act("moved", "hall", [1, 10], care());
        story.come("school", 10, well());
        story.state(&[(None, persons()), (GYM, needing())]);
        story.come("school", 10, well());
        story.state(&[(None, needing())]);
        story
    });
    add("each total of a shelter is told or known, and those of the event are told later", "valid", {
        let mut story = Story::usual();
        story.state(&[(None, persons()), (GYM, needing()), (HALL, needing())]);
        story.come("gym", 5, well());
        story.come("hall", 5, well());
        story.state(&[(None, needing()), (SCHOOL, needing())]);
        story
    });
    bound(add, "of three stays one is told and one known, and so many came", "R917", |n| {
        let mut story = Story::of(10);
        for (stay, count) in [(Stay::Shelter, 20), (Stay::Home, 20), (Stay::Vehicle, 10)] {
            story.come("hall", count, person(AgeBand::Adult, stay, &[]));
        }
        let [first, _] = story.come("gym", 30, well());
        story.state(&[(None, persons()), (HALL, stays(&[Stay::Shelter]))]);
        story.act("moved", "hall", [first, first], well());
        story.come("hall", n, well());
        story.come("school", 10, well());
        story.state(&[(None, persons()), (HALL, stays(&[Stay::Home]))]);
        story
    });
}

/// What the rule does not see: the flags of one person follow from three statements, each far enough from the others.
fn three(add: Add<'_>) {
    let mut story = Story::usual();
    story.come("gym", 10, well());
    let both = [(None, persons()), (GYM, needing()), (HALL, needing())];
    story.state(&both);
    story.act("moved", "hall", [20, 20], care());
    story.act("moved", "hall", [21, 31], well());
    story.come("hall", 10, well());
    story.state(&both);
    story.leave("hall", [21, 31]);
    story.state(&both);
    add("of twelve who moved together eleven leave together, which gives away the one who stays: not refused", "valid", story);
}

pub fn make() -> Value {
    let mut cases = Vec::new();
    let mut add =
        |name: &str, expected: &str, story: Story| cases.push(case(name, expected, json!({ "least": story.fold.least, "steps": story.steps }), judge));
    alone(&mut add);
    changes(&mut add);
    cuts(&mut add);
    known(&mut add);
    three(&mut add);
    json!({
        "about": "PROTOCOL 18.3. Each case is a roster without signatures and proofs: `steps` are its entries in order, leaf by leaf from 0 on, each later than those before. `act` is that of an entry (17.2) at a shelter about     each of the people with the handles from the first to the last of `people`, one entry a handle, ascending; `flags` are those of these people (17.3). `link` says that two handles are of one person. `stated` registers a statement about all     entries before it, with what it tells, which is true, by scope. The least group is `least`. The verdict is that of the last statement; those before it are valid.",
        "cases": cases,
    })
}

pub fn read(file: &Value, read: &mut Read) {
    list(&file["cases"]).iter().for_each(|case| read.case(case, &judge(case)));
}
