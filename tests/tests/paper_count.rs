//! The evening of the count by the commands that people type: candidates who are out, contests without a poll, a tie and its lot, the result and the turnout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use tachiai::poll::officer::OfficerKey;
use tachiai_schemas::counting::{OutcomeView, Signing, Turnout};
use tachiai_schemas::election::{ContestOption, Text};
use tachiai_schemas::paper::{Officer, OfficerRole};
use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::staff::{Pending, Settled};
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Setting, Story};

const PASSPHRASE: &str = "three officers";

#[track_caller]
fn exits(outcome: Outcome, code: i32) -> Outcome {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// The officers of the count, with their keys in a folder.
struct Officers {
    folder: tempfile::TempDir,
}

impl Officers {
    fn new() -> (Self, Vec<Officer>) {
        let folder = tempfile::tempdir().unwrap();
        let listed = [("manager", OfficerRole::Manager), ("witness-1", OfficerRole::Witness), ("witness-2", OfficerRole::Witness)].map(|(name, role)| {
            let key = OfficerKey::create(&folder.path().join(name), name, &PASSPHRASE.into()).unwrap();
            Officer { name: name.to_owned(), role, key: key.public() }
        });
        (Self { folder }, listed.to_vec())
    }

    fn key(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A command of the commission about the election of a story, in JSON.
fn election(story: &Story, arguments: &[&str]) -> Outcome {
    let id = story.election().to_string();
    story.holding.staff().first.tachiai(&[&["--json", "election"], arguments, &["--election", &id]].concat()).unwrap()
}

/// A lot that these officers sign.
fn lot(story: &Story, officers: &Officers, chosen: &str, signing: &[&str]) -> Outcome {
    let id = story.election().to_string();
    let keys: Vec<PathBuf> = signing.iter().map(|name| officers.key(name)).collect();
    let mut arguments = vec!["--json", "election", "lot", "--contest", "mayor", "--chosen", chosen, "--election", &id];
    arguments.extend(["--manifest", story.holding.fingerprint(), "--passphrase-fd", "0", "--yes"]);
    keys.iter().for_each(|key| arguments.extend(["--key", key.to_str().unwrap()]));
    let secrets = format!("{PASSPHRASE}\n").repeat(signing.len());
    story.holding.staff().first.tachiai_with_secret(&secrets, &arguments).unwrap()
}

#[test]
fn heavy_a_candidate_who_dies_and_a_tie_that_a_lot_decides() {
    let (officers, listed) = Officers::new();
    let mut setting = Setting::of(5);
    setting.plan = Box::new(move |plan| plan.count_officers = listed);
    let mut story = Story::begin(setting);
    let seats: Vec<Seat> = (0..2).map(|elector| Seat::of(&story.scene, elector)).collect();
    seats.iter().for_each(|seat| drop(exits(seat.enrol(), 0)));
    let first = seats[0].vote(&story, "mayor=m4", "first.json");

    // Out by two officials; the second sees who it is.
    let asked: Pending = exits(election(&story, &["candidate-out", "--contest", "mayor", "--option", "m4", "--reason", "died"]), 3).json().unwrap();
    let waiting = exits(story.holding.staff().second.tachiai(&["approvals"]).unwrap(), 0);
    assert!(waiting.stdout.contains("Shomei Sakura") && waiting.stdout.contains("died"), "{}", waiting.stdout);
    let settled: Settled = story.holding.staff().second.ask(&["approve", &asked.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(matches!(settled, Settled::CandidateOut(_)));
    exits(election(&story, &["candidate-out", "--contest", "mayor", "--option", "m4", "--reason", "withdrawn"]), 1);
    exits(election(&story, &["candidate-out", "--contest", "mayor", "--option", "nobody", "--reason", "died"]), 64);
    exits(election(&story, &["candidate-out", "--contest", "mayor", "--option", "m4", "--reason", "bored"]), 64);
    let status = exits(story.holding.staff().first.tachiai(&["election", "status"]).unwrap(), 0);
    assert!(status.stdout.contains("out: Mayor") && status.stdout.contains("Shomei Sakura"), "{}", status.stdout);

    // Who voted before is told, and votes again; nobody votes for the dead.
    let url = story.scene.appliance.url();
    let ca = story.scene.appliance.ca();
    let check = [
        "--lang",
        "en",
        "receipt",
        "check",
        first.to_str().unwrap(),
        "--server",
        &url,
        "--ca",
        ca.to_str().unwrap(),
        "--manifest",
        story.holding.fingerprint(),
    ];
    let told = exits(Programs::beside_this().unwrap().run("tachiai", &check).unwrap(), 0);
    assert!(told.stdout.contains("may vote again") && told.stdout.contains("Shomei Sakura"), "{}", told.stdout);
    let refused = exits(seats[1].booth(&story, "vote", "1234", "mayor=m4", "second.json"), 1);
    assert!(refused.stderr.contains("a candidate no more"), "{}", refused.stderr);
    assert!(!seats[1].file("second.json").exists());
    seats[1].vote(&story, "mayor=m1", "second.json");
    let again = seats[0].vote(&story, "mayor=m2", "again.json");
    assert!(matches!(seats[0].check(&story, &again), BallotStatus::Counted { .. }));
    // One elector votes for nobody, one with an old program still for who is out: that vote is invalid.
    let mut blank = story.booth(2);
    story.vote(&mut blank, None);
    let mut old = story.booth(3);
    story.vote(&mut old, Some(3));

    let turnout: Turnout = exits(election(&story, &["turnout"]), 0).json().unwrap();
    assert_eq!((turnout.all.entitled, turnout.all.voted(), turnout.all.online), (5, 4, 4));
    exits(election(&story, &["result"]), 1);
    for act in ["close-online", "close-poll"] {
        story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    story.holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.holding.act("count").unwrap_or_else(|trouble| panic!("{trouble}"));

    // One vote each for two of them.
    let publish = exits(election(&story, &["publish"]), 1);
    assert!(publish.stdout.contains("lot-needed") && publish.stdout.contains("m1, m2"), "{}", publish.stdout);
    let outcome: OutcomeView = exits(election(&story, &["result"]), 0).json().unwrap();
    let mayor = &outcome.contests[0];
    assert_eq!(mayor.options.iter().map(|option| option.standing.as_str()).collect::<Vec<_>>(), ["tied", "tied", "below-minimum", "out"]);
    assert_eq!((mayor.valid.as_str(), mayor.blank, mayor.out.as_str(), mayor.minimum.as_deref()), ("2", 1, "1", Some("0.5")));
    exits(lot(&story, &officers, "m3", &["manager", "witness-1", "witness-2"]), 1);
    exits(lot(&story, &officers, "m1,m2", &["manager", "witness-1", "witness-2"]), 1);
    let some: Signing = exits(lot(&story, &officers, "m2", &["manager", "witness-1"]), 3).json().unwrap();
    assert_eq!((some.missing, some.witnesses_needed), (vec!["witness-2".to_owned()], 1));
    let all: Signing = exits(lot(&story, &officers, "m2", &["witness-2"]), 0).json().unwrap();
    assert!(all.recorded.is_some());
    exits(lot(&story, &officers, "m2", &["witness-2"]), 1);
    story.holding.act("publish").unwrap_or_else(|trouble| panic!("{trouble}"));

    let words = exits(story.holding.staff().first.tachiai(&["election", "result", "--election", &story.election().to_string()]).unwrap(), 0);
    assert!(words.stdout.contains("Kensho Hanako  elected by lot") && words.stdout.contains("legal minimum 0.5"), "{}", words.stdout);
    let record = story.scene.folder.join("record");
    story.holding.export(&record).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    exits(Programs::beside_this().unwrap().run("tachiai-verify", &[record.to_str().unwrap(), "--expect", story.holding.fingerprint()]).unwrap(), 0);
}

#[test]
fn heavy_a_contest_that_is_left_without_a_poll_says_so_everywhere() {
    let mut story = Story::new(2);
    let seat = Seat::of(&story.scene, 0);
    exits(seat.enrol(), 0);
    for option in ["m1", "m3", "m4"] {
        let asked: Pending = exits(election(&story, &["candidate-out", "--contest", "mayor", "--option", option, "--reason", "withdrawn"]), 3).json().unwrap();
        let _: Settled = story.holding.staff().second.ask(&["approve", &asked.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    let status = exits(story.holding.staff().first.tachiai(&["election", "status"]).unwrap(), 0);
    assert!(status.stdout.contains("without a poll") && status.stdout.contains("Mayor"), "{}", status.stdout);
    let vote = exits(seat.booth(&story, "vote", "1234", "mayor=m2", "receipt.json"), 0);
    assert!(vote.stderr.contains("no poll is held"), "{}", vote.stderr);
    for act in ["close-online", "close-poll"] {
        story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    story.holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    for act in ["count", "publish"] {
        story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    let id = story.election().to_string();
    let words = exits(story.holding.staff().first.tachiai(&["--lang", "ja", "election", "result", "--election", &id]).unwrap(), 0);
    assert!(words.stdout.contains("無投票") && words.stdout.contains("検証　花子  当選"), "{}", words.stdout);
    let record = story.scene.folder.join("record");
    story.holding.export(&record).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    exits(Programs::beside_this().unwrap().run("tachiai-verify", &[record.to_str().unwrap(), "--expect", story.holding.fingerprint()]).unwrap(), 0);
}

#[test]
fn an_election_in_which_nothing_is_voted_on_is_not_created() {
    let scene = tachiai_tests::story::Scene::set(Setting::of(1));
    let staff = scene.appoint();
    let mut appliance = scene.appliance;
    appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let mut spec = scene.plan.spec(&scene.city);
    let one = |id: &str| ContestOption { id: id.to_owned(), name: Text { ja: "唯一　候補".to_owned(), en: "Only Candidate".to_owned() } };
    let mut council = spec.contests[0].clone();
    spec.contests[0].options = vec![one("only")];
    let file = scene.folder.join("SPEC.toml");
    let mut create = |spec: &tachiai_schemas::spec::ElectionSpec| {
        std::fs::write(&file, toml::to_string(spec).unwrap()).unwrap();
        staff.first.tachiai(&["election", "create", file.to_str().unwrap()]).unwrap()
    };
    let refused = exits(create(&spec), 1);
    assert!(refused.stderr.contains("no vote is held") && refused.stderr.contains("Only Candidate"), "{}", refused.stderr);
    // With another contest that has a poll, it is said of the one that has none.
    council.id = "other".to_owned();
    spec.contests.push(council);
    let created = exits(create(&spec), 0);
    assert!(created.stdout.contains("election created") && created.stdout.contains("Mayor: no poll"), "{}", created.stdout);
}
