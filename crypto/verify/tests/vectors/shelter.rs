//! What a roster has besides people: shelters and reports of every kind, and what is no such thing (PROTOCOL §17.7).

use rand_chacha::ChaCha20Rng;
use serde_json::Value;
use tachiai_schemas::Blob;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::pen::Written;
use tachiai_schemas::roster::report::{Aspect, CodeCount, Grade, Graded, Report, ReportContent, SealedAnswers};
use tachiai_schemas::roster::shelter::{Feature, OpenState, Pets, Position, Room};
use tachiai_schemas::roster::{Body, ReportEntry, ShelterState, SignedEntry};
use tachiai_verify::testing::roster::{BEGIN, Hand, began, chain};

use super::roster::anew;

fn state() -> ShelterState {
    let room = |name: &str, whom: &str| Room { name: name.to_owned(), capacity: Some(40), whom: whom.to_owned() };
    ShelterState {
        shelter: "gym".parse().unwrap(),
        name: Text { ja: "体育館".to_owned(), en: "Gym".to_owned() },
        address: "養父市八鹿町八鹿1675".to_owned(),
        district: String::new(),
        position: Some(Position { latitude: 3_540_475, longitude: -13_476_772 }),
        capacity: None,
        rooms: vec![room("アリーナ", ""), Room { capacity: None, ..room("和室", "要配慮者") }],
        features: vec![Feature::StepFree, Feature::Power, Feature::Parking],
        pets: Pets::Apart,
        state: OpenState::Open,
    }
}

/// A shelter, and a report of every kind but a headcount, each by a terminal that may write it.
pub fn entries(appliance: &mut Hand, one: &mut Hand, rng: &mut ChaCha20Rng) -> Vec<Written> {
    let grades = [(Aspect::DrinkingWater, Grade::A), (Aspect::Toilets, Grade::D)].map(|(aspect, grade)| Graded { aspect, grade }).to_vec();
    let contents = [
        ReportContent::Supply { item: "毛布".to_owned(), unit: "枚".to_owned(), stock: 30, needed: u32::MAX },
        ReportContent::Assessment { grades },
        ReportContent::Handover { text: "夜間の見回りは2時間ごと".to_owned() },
        ReportContent::Health { day: began(), counts: vec![CodeCount { code: 1, count: 3 }] },
    ];
    let mut written = vec![appliance.write(|pen| pen.write(Body::Shelter(Box::new(state())), BEGIN + 8_100).unwrap())];
    for (millis, content) in (BEGIN + 8_200..).zip(contents) {
        written.push(one.write(|pen| pen.report("gym".parse().unwrap(), content, millis, rng).unwrap()));
    }
    let answers = SealedAnswers { sealed: Blob(b"in the place of an age file".to_vec()) };
    written.push(one.write(|pen| pen.answers("gym".parse().unwrap(), chain(1), &answers, BEGIN + 8_300, rng).unwrap()));
    written
}

/// What of these may not come where it stands, with the rule that it breaks, and what may: the place among [`entries`], and the entry.
pub fn cases(appliance: &Hand, one: &Hand, written: &[Written]) -> Vec<(&'static str, &'static str, usize, Value)> {
    let report = |at: usize, change: &dyn Fn(&mut Report)| {
        anew(one, &written[at], |entry: &mut SignedEntry| match &mut entry.body.body {
            Body::Report(ReportEntry { shelter: _, report }) => change(report),
            _ => panic!("a report"),
        })
    };
    let supply = |of_item: &str, of_unit: &str| {
        report(1, &|report| {
            let Report::Supply { item, unit, .. } = report else { panic!("a supply") };
            (*item, *unit) = (of_item.to_owned(), of_unit.to_owned());
        })
    };
    let assessed = |aspects: &[Aspect]| {
        report(2, &|report| *report = Report::Assessment { grades: aspects.iter().map(|aspect| Graded { aspect: *aspect, grade: Grade::B }).collect() })
    };
    let text = |at: usize| String::from_utf8(written[at].bytes.clone()).unwrap();
    let (whole, wide) = ("水".repeat(60), "本".repeat(20));
    vec![
        ("a supply with the longest texts", "valid", 1, supply(&whole, &wide)),
        ("a supply with a line feed", "valid", 1, supply("水\n2L", "本")),
        ("a supply without a name", "R901", 1, supply("", "本")),
        ("a supply named by white space", "R901", 1, supply(" \u{3000}", "本")),
        ("a supply with a name of 61 characters", "R901", 1, supply(&"水".repeat(61), "本")),
        ("a supply with a unit of 21 characters", "R901", 1, supply("水", &"本".repeat(21))),
        ("a supply with a tab", "R901", 1, supply("水\t2L", "本")),
        ("a stock of 2^32", "R901", 1, text(1).replacen(":4294967295", ":4294967296", 1).into()),
        ("an assessment of nothing", "R901", 2, assessed(&[])),
        ("an aspect twice", "R901", 2, assessed(&[Aspect::Meals, Aspect::Meals])),
        ("aspects in another order", "R901", 2, assessed(&[Aspect::Power, Aspect::Meals])),
        ("every aspect", "valid", 2, assessed(&Aspect::ALL)),
        ("an unknown kind of report", "R901", 2, text(2).replacen("\"assessment\"", "\"rumour\"", 1).into()),
        ("a day that there is not", "R901", 4, text(4).replacen(&began().to_string(), "2026-02-30", 1).into()),
        ("a room for everybody that says so", "R901", 0, text(0).replacen("\"capacity\":40}", "\"capacity\":40,\"whom\":\"\"}", 1).into()),
        ("an unknown feature", "R901", 0, text(0).replacen("\"step-free\"", "\"sauna\"", 1).into()),
        ("a degree with a fraction", "R901", 0, text(0).replacen("3540475", "35.40475", 1).into()),
        (
            "a shelter without a position",
            "valid",
            0,
            anew(appliance, &written[0], |entry| {
                let Body::Shelter(state) = &mut entry.body.body else { panic!("a shelter") };
                state.position = None;
            }),
        ),
    ]
}
