//! The headquarters prepare for a flood with the files as they are published, declare it by two, open shelters, and see who has not arrived; a resident fills in
//! the questionnaire at home, and the roster names it; what a lost terminal wrote is taken over; and the occupancies of another disaster are told by time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use tachiai_schemas::roster::CardRule;
use tachiai_schemas::roster::person::Triage;
use tachiai_schemas::shelter::import::{ImportAnswer, Standing};
use tachiai_schemas::shelter::overview::{CurvePoint, Meals, Missing, ReportView};
use tachiai_schemas::shelter::questionnaire::{Filled, Kept};
use tachiai_schemas::shelter::{AsideView, EventSummary, EventView, PeopleFound, PersonView};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_tests::appliance::{Official, Outcome};
use tachiai_tests::link::Link;
use tachiai_tests::night;
use tachiai_tests::reception::Drill;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Scene, Setting};

/// A file of the tests' data, as published.
fn data(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/shelter").join(name).to_str().unwrap().to_owned()
}

struct Headquarters {
    scene: Scene,
    first: Official,
    second: Official,
}

impl Headquarters {
    fn begin() -> Self {
        let mut scene = Scene::set(Setting::of(2));
        let official = |name| scene.appliance.staff(name, Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
        let (first, second) = (official("nishimura"), official("adachi"));
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        Self { scene, first, second }
    }

    #[track_caller]
    fn ask<T: serde::de::DeserializeOwned>(&self, arguments: &[&str]) -> T {
        self.first.ask(&[&["shelter"], arguments].concat()).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// A command that is told about people through a descriptor.
    #[track_caller]
    fn tell<T: serde::de::DeserializeOwned>(&self, text: &str, arguments: &[&str]) -> T {
        let outcome = self.first.tachiai_with_secret(text, &[&["--json", "shelter"], arguments, &["--who-fd", "0"]].concat()).unwrap();
        outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    fn shelter(&self, arguments: &[&str]) -> Outcome {
        self.first.tachiai(&[&["shelter"], arguments].concat()).unwrap()
    }

    fn import(&self, kind: &str, file: &str) -> ImportAnswer {
        self.ask(&["import", kind, &data(file), "--yes"])
    }

    /// Two officials declare a flood.
    fn declare(&self) -> String {
        let arguments = [
            "--json",
            "shelter",
            "event",
            "declare",
            "--kind",
            "disaster",
            "--title",
            "令和8年台風第15号",
            "--municipality",
            "282227",
            "--card",
            "without-pin",
        ];
        let pending: Pending = self.first.tachiai(&arguments).unwrap().expect(3).unwrap().json().unwrap();
        assert_eq!(self.ask::<Vec<EventSummary>>(&["event", "list"]).len(), 0);
        assert_eq!(self.first.tachiai(&["approve", &pending.id, "--yes"]).unwrap().code, Some(1), "nobody approves alone");
        self.second.tachiai(&["approve", &pending.id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        self.ask::<Vec<EventSummary>>(&["event", "list"])[0].event.to_string()
    }
}

#[test]
fn files_as_they_are_published_are_shown_imported_and_opened_as_shelters() {
    let mut hq = Headquarters::begin();
    let shown: ImportAnswer = hq.ask(&["import", "facilities", &data("yabu-evacuation.geojson"), "--preview"]);
    assert_eq!((shown.difference.added, hq.ask::<Standing>(&["facilities"]).facilities.len()), (53, 0));
    let unasked = hq.shelter(&["import", "facilities", &data("yabu-evacuation.geojson")]);
    assert_eq!(unasked.code, Some(64), "{unasked:?}");
    hq.import("facilities", "yabu-evacuation.geojson");
    assert_eq!(hq.import("facilities", "yabu-emergency.geojson").difference.changed, 32);
    let nanao = hq.import("facilities", "nanao/open_shelter_Nanao-shi_2024-01-09-1800.csv");
    assert_eq!(nanao.occupancy.iter().filter_map(|row| row.persons).sum::<u32>(), 1_886);
    let standing: Standing = hq.ask(&["facilities", "--use", "shelter"]);
    assert_eq!(standing.facilities.len(), 53 + 29);
    // Whoever reads Japanese reads it in Japanese.
    let said = hq.first.tachiai_in(tachiai_schemas::Lang::Ja, &["shelter", "import", "facilities", &data("yabu-emergency.geojson"), "--preview"]).unwrap();
    assert!(said.code == Some(0) && said.stdout.contains("変更なし") && said.stdout.contains("この列は使いません"), "{said:?}");

    hq.declare();
    let opened: serde_json::Value = hq.ask(&["open", "e2822200152111", "--pets", "apart", "--feature", "power"]);
    assert!(opened["state"]["name"]["ja"].as_str().unwrap().len() > 3);
    hq.ask::<serde_json::Value>(&["open", "temporary-1", "--name", "寄合い処", "--capacity", "40"]);
    hq.ask::<serde_json::Value>(&["state", "temporary-1", "full"]);
    let unknown = hq.shelter(&["open", "temporary-2"]);
    assert_eq!(unknown.code, Some(64), "{unknown:?}");
    hq.scene.appliance.stop().unwrap();
    hq.scene.appliance.start().unwrap();
    let view: EventView = hq.ask(&["event", "show"]);
    assert_eq!(view.shelters.len(), 2);
    assert_eq!(hq.ask::<Standing>(&["facilities"]).facilities.len(), standing.facilities.len() + 130);
}

#[test]
fn a_part_of_the_register_removes_the_others_only_where_it_is_said_how_many_they_are() {
    let hq = Headquarters::begin();
    let write = |name: &str, numbers: std::ops::RangeInclusive<u32>| {
        let file = hq.scene.folder.join(name);
        let rows = numbers.map(|number| format!("{number},養父　{number},1950-01-01,養父市{number}\n")).collect::<String>();
        std::fs::write(&file, format!("宛名番号,氏名,生年月日,住所\n{rows}")).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (whole, part) = (write("residents.csv", 1..=20), write("ward.csv", 1..=15));
    hq.ask::<ImportAnswer>(&["import", "residents", &whole, "--yes"]);
    // Two who moved away are no tenth.
    hq.ask::<ImportAnswer>(&["import", "residents", &write("newer.csv", 1..=18), "--yes"]);
    hq.ask::<ImportAnswer>(&["import", "residents", &whole, "--yes"]);
    for arguments in [&["import", "residents", &part, "--yes"][..], &["import", "residents", &part, "--yes", "--removes", "4"]] {
        let refused = hq.shelter(arguments);
        assert!(refused.code == Some(1) && refused.stderr.contains("5 of the 20") && refused.stderr.contains("--removes 5"), "{refused:?}");
    }
    let answer: ImportAnswer = hq.ask(&["import", "residents", &part, "--yes", "--removes", "5"]);
    assert_eq!((answer.difference.removed, answer.difference.first.removed), (5, ["16", "17", "18", "19", "20"].map(str::to_owned).into()));
}

#[test]
fn rows_that_cannot_be_taken_over_are_said_by_line_and_left_out_only_when_that_is_asked_for() {
    let hq = Headquarters::begin();
    let file = hq.scene.folder.join("residents.csv");
    std::fs::write(&file, "宛名番号,氏名,生年月日,住所\n1,養父　一,明治45年7月1日,養父市1\n2,養父　二,2999-01-01,養父市2\n3,髙橋,不詳,養父市3\n").unwrap();
    let file = file.to_str().unwrap();
    let refused = hq.shelter(&["import", "residents", file, "--yes"]);
    assert!(refused.code == Some(1) && refused.stdout.contains("line 3: 生年月日"), "{refused:?}");
    let answer: ImportAnswer = hq.ask(&["import", "residents", file, "--yes", "--good-rows"]);
    assert_eq!((answer.report.rows, answer.report.taken, answer.difference.added), (3, 2, 2));
    // A commission has nothing to do here, and a reception does not see everything.
    let event = hq.declare();
    let [commission, reception] =
        [("commission", Role::Commission), ("reception", Role::Reception)].map(|(name, role)| hq.scene.appliance.staff(name, role).unwrap());
    let refused = |official: &Official, arguments: &[&str]| {
        let outcome = official.tachiai(&[&["--json", "shelter"], arguments].concat()).unwrap();
        outcome.code == Some(1) && outcome.stdout.contains("\"forbidden\"")
    };
    for (arguments, reception_may) in [
        (&["import", "residents", file, "--yes"][..], false),
        (&["import", "support", file, "--yes"], false),
        (&["import", "facilities", file, "--yes"], false),
        (&["questionnaire", "define", file], false),
        (&["missing", "--event", &event], false),
        (&["facilities"], true),
        (&["meals", "--event", &event], true),
        (&["reports", "--event", &event], true),
        (&["report", "supply", "gym", "毛布", "--unit", "枚", "--stock", "1", "--event", &event], true),
    ] {
        assert!(refused(&commission, arguments), "{arguments:?}");
        assert_eq!(refused(&reception, arguments), !reception_may, "{arguments:?}");
    }
}

#[test]
fn who_has_not_arrived_meals_and_reports_are_seen_and_a_filled_questionnaire_is_named_by_the_roster() {
    let hq = Headquarters::begin();
    hq.import("residents", "residents.csv");
    assert_eq!(hq.import("support", "support.csv").strangers, 1);
    hq.declare();
    hq.ask::<serde_json::Value>(&["open", "gym", "--name", "八鹿体育館", "--capacity", "200"]);
    let missing: Missing = hq.ask(&["missing"]);
    assert_eq!(missing.districts.iter().map(|of| of.missing.len()).sum::<usize>(), 4);

    // A resident fills in the questionnaire at home.
    hq.ask::<serde_json::Value>(&["questionnaire", "define", &data("questionnaire.toml")]);
    let seat = Seat::of(&hq.scene, 0);
    let enrolled: tachiai_schemas::identity::Enrolled = seat
        .run(&["--json"], "card enrol", "YABU2026\n1234", &["--password-fd", "0", "--pin-fd", "0"])
        .ok()
        .unwrap_or_else(|trouble| panic!("{trouble}"))
        .json()
        .unwrap();
    let answers = seat.file("answers.json");
    std::fs::write(&answers, r#"{"questionnaire":"shelter-medical","version":1,"answers":{"care":{"chosen":["none"]},"treatment":{"chosen":["dialysis"]}}}"#)
        .unwrap();
    let fill = |answers: &std::path::Path| {
        seat.run(&["--json"], "questionnaire fill", "1234", &["shelter-medical", "--pin-fd", "0", "--answers", answers.to_str().unwrap()])
    };
    let kept: Kept = fill(&answers).ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(kept.triage, Triage::Red);
    let bad = seat.file("bad.json");
    std::fs::write(&bad, r#"{"questionnaire":"shelter-medical","version":1,"answers":{"temperature":{"number":"36.5"}}}"#).unwrap();
    assert_eq!(fill(&bad).code, Some(64));
    let filled: Filled = seat.run(&["--json"], "questionnaire show", "1234", &["shelter-medical", "--pin-fd", "0"]).ok().unwrap().json().unwrap();
    assert_eq!(filled.triage, Triage::Red);

    // The resident arrives, and so does somebody of the list.
    let event = hq.ask::<Vec<EventSummary>>(&["event", "list"])[0].event;
    let arrive = |fields: serde_json::Value| hq.arrive(&event.to_string(), fields);
    let chain = arrive(serde_json::json!({ "name": "養父　太郎", "citizen": enrolled.citizen, "identified": "card-pin", "stay": "shelter" }));
    arrive(serde_json::json!({ "name": "髙橋　﨑男", "resident": "2001", "identified": "list", "stay": "shelter", "needs": ["food"], "allergies": ["卵"] }));
    hq.ask::<serde_json::Value>(&["questionnaire", "link", &chain]);
    let view: PersonView = hq.ask(&["person", "show", &chain]);
    let person = view.counts.person.unwrap();
    assert_eq!((person.questionnaire, person.triage), (Some(kept.hash), Some(Triage::Red)));
    let missing: Missing = hq.ask(&["missing", "--district", "八鹿"]);
    assert_eq!((missing.districts.len(), missing.districts[0].arrived, missing.districts[0].missing.len()), (1, 1, 0));
    let meals: Vec<Meals> = hq.ask(&["meals"]);
    assert_eq!((meals[0].plain, meals[0].without[0].meals), (1, 1));

    hq.ask::<serde_json::Value>(&["report", "assessment", "gym", "toilets=D", "drinking-water=B"]);
    hq.ask::<serde_json::Value>(&["report", "supply", "gym", "毛布", "--unit", "枚", "--stock", "40", "--needed", "80"]);
    hq.tell::<serde_json::Value>("text=2階の方に8時の薬\n", &["report", "handover", "gym"]);
    hq.tell::<serde_json::Value>("counts=58:1,16:3\n", &["report", "health", "gym", "--day", "2026-09-02"]);
    assert_eq!(hq.ask::<Vec<ReportView>>(&["reports"]).len(), 4);
    let found: PeopleFound = hq.tell("name=タカハシ\n", &["person", "search"]);
    // The one who came has no kana in the roster, and is no resident without a shelter any more.
    assert_eq!((found.people.len(), found.residents.len()), (0, 1));
    let found: PeopleFound = hq.tell("name=髙橋\n", &["person", "search"]);
    assert_eq!(found.people.len(), 1);
    // Nobody stands in the log.
    let log = std::fs::read_to_string(hq.scene.appliance.log()).unwrap();
    for name in ["髙橋", "養父　太郎", "8時の薬", "dialysis"] {
        assert!(!log.contains(name), "{name} stands in the log");
    }
}

impl Headquarters {
    /// Enters somebody at the appliance; gives the handle.
    fn arrive(&self, event: &str, person: serde_json::Value) -> String {
        let client = tachiai::profile::Profile::read(Some(self.first.profile())).unwrap().client(tachiai_schemas::Lang::En).unwrap();
        let act = serde_json::json!({ "chain": null, "after": [], "shelter": "gym", "act": "in", "time": null, "person": person });
        let done: tachiai_schemas::shelter::PersonDone = client.post(&format!("/api/v1/shelter/events/{event}/people"), None, &act).unwrap();
        done.chain.to_string()
    }
}

#[test]
fn what_a_lost_terminal_wrote_is_taken_over_by_two_officials_before_the_event_is_closed() {
    let drill = Drill::begin(4, CardRule::WithoutPin);
    let second = drill.scene.appliance.staff("headquarters-2", Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
    let first = &drill.headquarters;
    let gym = drill.terminal("gym-1", "gym");
    for number in ["1", "2"] {
        gym.run(Link::Cut, "", &["in", "resident", "--number", number, "--yes"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    let stick = drill.scene.folder.join("stick.json").to_str().unwrap().to_owned();
    gym.run(Link::Cut, "", &["export", &stick]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let run = |arguments: &[&str]| first.tachiai(&[&["--json", "shelter"], arguments].concat()).unwrap();
    let told = |text: &str, arguments: &[&str]| first.tachiai_with_secret(text, &[&["--json", "shelter"], arguments, &["--who-fd", "0"]].concat()).unwrap();
    run(&["terminal", "revoke", "gym-1"]).ok().unwrap();
    assert_eq!(run(&["hand-in", &stick]).code, Some(1), "it is set aside");
    let asides: Vec<AsideView> = first.ask(&["shelter", "aside", "list"]).unwrap();
    assert_eq!((asides.len(), asides[0].open, drill.view().summary.present), (1, 2, 0));
    let file: String = asides[0].file.hash().to_string().chars().take(12).collect();
    let names: Vec<String> = drill.scene.electors[..2].iter().map(|elector| elector.name.clone()).collect();
    let shown = first.tachiai(&["shelter", "aside", "show", &file]).unwrap().ok().unwrap().stdout;
    assert!(names.iter().all(|name| shown.contains(name)) && shown.contains("undecided"), "{shown}");

    // It is still out, so that the event is not closed without a reason.
    let close = first.tachiai(&["shelter", "event", "close", "--yes"]).unwrap();
    assert!(close.code == Some(1) && close.stdout.contains("set aside, undecided: 2") && close.stderr.contains("--anyway"), "{close:?}");
    let take = ["aside", "take", &file, "--yes"];
    assert_eq!(told("reason=\n", &take).code, Some(64), "without a reason nothing is asked for");
    let pending: Pending = told("reason=端末の紛失後に媒体が見つかった", &take).expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(first.tachiai(&["approve", &pending.id, "--yes"]).unwrap().code, Some(1), "nobody approves alone");
    let approved = second.tachiai(&["approve", &pending.id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(approved.stdout.contains("媒体が見つかった") && names.iter().all(|name| approved.stdout.contains(name)), "{approved:?}");
    assert_eq!((drill.view().summary.present, drill.view().aside), (2, 0));
    let again = told("reason=もう一度", &["aside", "drop", &file, "--entry", "0", "--yes"]);
    assert!(again.code == Some(1) && again.stdout.contains("taken over or dropped"), "{again:?}");
    assert_eq!(run(&["hand-in", &stick]).code, Some(0), "the same again is known");

    // A count of an hour ago, and rooms of which one is full.
    let rooms = ["open", "gym", "--name", "体育館", "--room", "体育館:120", "--room", "図書室:0:要配慮者"];
    assert!(first.tachiai(&[&["shelter"], &rooms[..]].concat()).unwrap().ok().unwrap().stdout.contains("! full"));
    run(&["report", "headcount", "gym", "30", "--about", "--at", "2026-01-09T18:00"]).ok().unwrap();
    let curve: Vec<CurvePoint> = first.ask(&["shelter", "overview"]).unwrap();
    assert_eq!((curve[0].heads, curve[0].present, curve.last().unwrap().present), (30, 0, 2));
    // People are there and shelters are open, so that it is closed with a reason, and the second official sees what the first saw.
    let hall = drill.terminal("hall-1", "hall");
    let close = run(&["event", "close", "--yes"]);
    assert!(close.code == Some(1) && close.stderr.contains("people present: 2") && close.stderr.contains("shelters not closed: gym, hall"), "{close:?}");
    let pending: Pending =
        told("reason=訓練の終わり", &["event", "close", "--anyway", "--yes"]).expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    let late = hall.run(Link::Cut, "", &["in", "resident", "--number", "3", "--yes"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let approved = second.tachiai(&["approve", &pending.id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(approved.stdout.contains("people present: 2") && approved.stdout.contains("訓練の終わり"), "{approved:?}");

    // Who comes home after the close is not lost: it is set aside, and two officials take it over.
    assert_eq!(hall.run(Link::Up, "", &["sync"]).code, Some(1));
    let asides: Vec<AsideView> = first.ask(&["shelter", "aside", "list", "--event", &drill.event.to_string()]).unwrap();
    let file: String = asides.iter().find(|view| view.terminal.as_str() == "hall-1").unwrap().file.hash().to_string().chars().take(12).collect();
    let event = drill.event.to_string();
    let pending: Pending = told("reason=終了後に戻った端末", &["aside", "take", &file, "--yes", "--event", &event])
        .expect(3)
        .unwrap_or_else(|trouble| panic!("{trouble}"))
        .json()
        .unwrap();
    second.tachiai(&["approve", &pending.id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((drill.view().summary.present, drill.view().aside), (3, 0));
    let late: serde_json::Value = late.json().unwrap();
    let handle = late["entered"][0]["handle"].as_str().unwrap();
    let shown = first.tachiai(&["shelter", "person", "show", &handle[..6], "--event", &event]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(shown.stdout.contains(&drill.scene.electors[2].name), "{shown:?}");
    let log = std::fs::read_to_string(drill.scene.appliance.log()).unwrap();
    assert!(names.iter().all(|name| !log.contains(name)) && !log.contains("紛失"), "nobody stands in the log");
}

#[test]
fn the_occupancies_of_nanao_are_told_by_time_as_they_were_published() {
    let mut scene = Scene::set(Setting::of(1));
    let headquarters = night::Headquarters::appoint(&scene.appliance).unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let mut tables: Vec<PathBuf> = std::fs::read_dir(data("nanao")).unwrap().map(|entry| entry.unwrap().path()).collect();
    tables.sort();
    let began = std::time::Instant::now();
    let (event, sums) = headquarters.replay(["七尾市", "Nanao"], &tables, || ()).unwrap_or_else(|trouble| panic!("{trouble}"));
    println!("replayed {} tables in {:?}", sums.len(), began.elapsed());
    assert_eq!((sums.len(), sums[0], sums.iter().max()), (24, 1_886, Some(&1_933)));
    let said = headquarters.first.tachiai(&["shelter", "overview", "--event", &event]).unwrap().ok().unwrap().stdout;
    assert!(said.contains("heads: 1886") && said.contains('█'), "{said}");
}
