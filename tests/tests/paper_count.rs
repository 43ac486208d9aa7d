//! The evening of the count by the commands that people type: candidates who are out, contests without a poll, a tie and its lot, the result and the turnout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use tachiai::poll::key::DeskKey;
use tachiai::poll::officer::OfficerKey;
use tachiai_schemas::counting::{OutcomeView, Recorded, Signing, Turnout, TurnoutCell};
use tachiai_schemas::election::{ContestOption, Text};
use tachiai_schemas::paper::{LinkPolicy, Officer, OfficerRole, Place, PlaceKind, Session};
use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::staff::Pending;
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::city::Polls;
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
    let recorded: Recorded = story.holding.staff().second.ask(&["approve", &asked.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(recorded.election, story.election());
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
    let told = exits(Programs::beside_this().unwrap().run("tachiai", check).unwrap(), 0);
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
    assert!(publish.stdout.contains("lot-needed"), "{}", publish.stdout);
    let outcome: OutcomeView = exits(election(&story, &["result"]), 0).json().unwrap();
    let mayor = &outcome.contests[0];
    assert_eq!(mayor.options.iter().map(|option| option.standing.as_str()).collect::<Vec<_>>(), ["tied", "tied", "below-minimum", "out"]);
    assert_eq!((mayor.valid.as_str(), mayor.blank, mayor.out.as_str(), mayor.minimum.as_deref()), ("2", 1, "1", Some("0.5")));
    exits(lot(&story, &officers, "m3", &["manager", "witness-1", "witness-2"]), 1);
    exits(lot(&story, &officers, "m1,m2", &["manager", "witness-1", "witness-2"]), 1);
    // Who signs another lot than the others is refused, until two officials have dropped the one that was entered wrongly.
    exits(lot(&story, &officers, "m1", &["manager", "witness-1"]), 3);
    exits(lot(&story, &officers, "m1", &["manager"]), 1);
    let differs = exits(lot(&story, &officers, "m2", &["witness-2"]), 1);
    assert!(differs.stdout.contains("lot-differs"), "{}", differs.stdout);
    let id = story.election().to_string();
    let drop = ["election", "lot-drop", "--contest", "mayor", "--election", &id, "--reason"];
    let (first, second) = (&story.holding.staff().first, &story.holding.staff().second);
    exits(first.tachiai(&[&["--json"][..], &drop, &["wrong name", "--yes"]].concat()).unwrap(), 3);
    // The second official reads which lot it is and why the first one drops it, and is asked: nobody answers here, so it stays.
    let shown = exits(second.tachiai(&[&drop[..], &["so it is"]].concat()).unwrap(), 64);
    assert!(["chosen by lot: ", "signed by: ", "(why: wrong name)"].iter().all(|part| shown.stdout.contains(part)), "{}", shown.stdout);
    exits(second.tachiai(&[&["--json"][..], &drop, &["so it is", "--yes"]].concat()).unwrap(), 0);
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
    exits(Programs::beside_this().unwrap().run("tachiai-verify", [record.to_str().unwrap(), "--expect", story.holding.fingerprint()]).unwrap(), 0);
}

#[test]
fn heavy_a_contest_that_is_left_without_a_poll_says_so_everywhere() {
    let mut story = Story::new(2);
    let seat = Seat::of(&story.scene, 0);
    exits(seat.enrol(), 0);
    for option in ["m1", "m3", "m4"] {
        let asked: Pending = exits(election(&story, &["candidate-out", "--contest", "mayor", "--option", option, "--reason", "withdrawn"]), 3).json().unwrap();
        let _: Recorded = story.holding.staff().second.ask(&["approve", &asked.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
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
    let words = exits(story.holding.staff().first.tachiai(&["election", "result", "--election", &id]).unwrap(), 0);
    assert!(words.stdout.contains("No poll") && words.stdout.contains("Kensho Hanako  elected"), "{}", words.stdout);
    let record = story.scene.folder.join("record");
    story.holding.export(&record).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    exits(Programs::beside_this().unwrap().run("tachiai-verify", [record.to_str().unwrap(), "--expect", story.holding.fingerprint()]).unwrap(), 0);
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
    let create = |spec: &tachiai_schemas::spec::ElectionSpec| {
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

/// A polling place open since the election is, and its desk's key.
fn place(folder: &std::path::Path, officers: &[Officer], opens: tachiai_schemas::Timestamp) -> Place {
    let key = DeskKey::create(&folder.join("desk.key")).unwrap();
    Place {
        id: "city-hall".to_owned(),
        name: Text { ja: "市役所".to_owned(), en: "City hall".to_owned() },
        kind: PlaceKind::Early,
        key: key.public(),
        officers: officers.to_vec(),
        sessions: vec![Session { opens, closes: opens.plus(7 * 86_400) }],
        offline: LinkPolicy::Stop,
    }
}

/// A command of the desk.
fn poll(story: &Story, officers: &Officers, secret: &str, arguments: &[&str]) -> Outcome {
    let (key, state, id) = (officers.key("desk.key"), officers.key("desk"), story.election().to_string());
    let all = [&["--json", "poll"], arguments].concat();
    let desk = ["--desk", key.to_str().unwrap(), "--state", state.to_str().unwrap(), "--manifest", story.holding.fingerprint(), "--election", &id];
    story.holding.staff().first.tachiai_with_secret(secret, &[&all[..], &desk[..]].concat()).unwrap()
}

#[test]
fn heavy_mayor_council_and_a_question_in_one_session_are_handed_out_together_and_counted_apart() {
    let (officers, listed) = Officers::new();
    let folder = officers.folder.path().to_owned();
    let mut setting = Setting::of(12);
    setting.plan = Box::new(move |plan| {
        plan.polls = Polls::All;
        plan.places = vec![place(&folder, &listed, plan.opens)];
        plan.count_officers = listed;
    });
    let mut story = Story::begin(setting);
    let first = (0..12).find(|elector| story.scene.electors[*elector].district == 0).unwrap();
    let other = (0..12).find(|elector| story.scene.electors[*elector].district != 0).unwrap();
    let online = (0..12).find(|elector| *elector != first && *elector != other && story.scene.electors[*elector].district == 0).unwrap();

    // One votes online in all three, and two get all their papers by one hand-out each; the first of them had voted online before.
    let seats = [first, other].map(|elector| Seat::of(&story.scene, elector));
    seats.iter().for_each(|seat| drop(exits(seat.enrol(), 0)));
    let mut booth = story.booth(online);
    booth.cast(&[vec![1], vec![4], vec![0]]).unwrap_or_else(|failure| panic!("{failure}"));
    let mut before = story.booth(first);
    before.cast(&[vec![2], vec![2], vec![1]]).unwrap_or_else(|failure| panic!("{failure}"));
    for seat in &seats {
        exits(poll(&story, &officers, "1234", &["check-in", "--pin-fd", "0", "--yes", "--card", seat.socket().to_str().unwrap()]), 0);
    }
    let turnout: Turnout = exits(election(&story, &["turnout"]), 0).json().unwrap();
    assert_eq!((turnout.all.online, turnout.all.early, turnout.all.entitled), (1, 2, 12));
    // How it parts is said of the last full hour alone, in which nobody had voted, unless the story began before it.
    assert_eq!(turnout.parts.at.unix() % 3_600, 0, "{turnout:?}");
    assert!(turnout.parts.districts.iter().flatten().map(TurnoutCell::voted).sum::<u64>() <= turnout.parts.all.voted());
    assert!(turnout.parts.at < turnout.at && turnout.parts.size <= turnout.size);
    let csv = exits(story.holding.staff().first.tachiai(&["election", "turnout", "--csv"]).unwrap(), 0);
    assert!(csv.stdout.starts_with("kind,group,district,") && csv.stdout.contains("all,,,12,3,1,2,0,0"), "{}", csv.stdout);

    // The desk counts its box; the question has one paper, the others two.
    let keys = ["manager", "witness-1", "witness-2"].map(|name| officers.key(name));
    let passphrases = format!("{PASSPHRASE}\n").repeat(3);
    let close = |school: &str| {
        let mut arguments =
            vec!["day-close", "--session", "0", "--passphrase-fd", "0", "--yes", "--in-box", "mayor=2", "--in-box", "council=2", "--in-box", school];
        arguments.extend(["--taken-home", "mayor=0", "--taken-home", "council=0", "--taken-home", "school=0"]);
        keys.iter().for_each(|key| arguments.extend(["--officer", key.to_str().unwrap()]));
        poll(&story, &officers, &passphrases, &arguments)
    };
    exits(close("school=2"), 1);
    story.holding.act("close-online").unwrap_or_else(|trouble| panic!("{trouble}"));
    exits(close("school=1"), 0);
    story.holding.act("close-poll").unwrap_or_else(|trouble| panic!("{trouble}"));
    story.holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.holding.act("count").unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(exits(election(&story, &["publish"]), 1).stdout.contains("paper-count"));

    // Two officials count apart, by file and by options. The first error is found in the line of the mayor; wrong numbers of papers are refused at once.
    let council: String = (1..=20)
        .map(|number| {
            format!(
                "c{number} = {}\n",
                if number == 1 {
                    "\"1.5\""
                } else if number == 2 {
                    "\"0.5\""
                } else {
                    "0"
                }
            )
        })
        .collect();
    let file = officers.key("council.toml");
    std::fs::write(&file, format!("contest = \"council\"\nvalid = 2\nblank = 0\ninvalid = 0\n[votes]\n{council}")).unwrap();
    let id = story.election().to_string();
    let enter = |second: bool, arguments: &[&str]| {
        let staff = story.holding.staff();
        let official = if second { &staff.second } else { &staff.first };
        official.tachiai(&[&["election", "paper-count", "enter"], arguments, &["--election", &id]].concat()).unwrap()
    };
    let mayor = |m1: &'static str, valid: &'static str, blank: &'static str| {
        vec!["--contest", "mayor", "--vote", m1, "--vote", "m2=0", "--vote", "m3=0", "--vote", "m4=0", "--valid", valid, "--blank", blank, "--invalid", "0"]
    };
    exits(enter(false, &mayor("m1=2", "2", "1")), 1);
    exits(enter(false, &mayor("m1=2.3333", "2", "0")), 64);
    exits(enter(false, &["--contest", "mayor", "--vote", "m1=2", "--valid", "2", "--blank", "0", "--invalid", "0"]), 64);
    let waits = exits(enter(false, &mayor("m1=2", "2", "0")), 3);
    assert!(waits.stdout.contains("nishimura: entered a count") && !waits.stdout.contains("2.000"), "{}", waits.stdout);
    let shown = exits(story.holding.staff().second.tachiai(&["election", "paper-count", "show"]).unwrap(), 0);
    assert!(!shown.stdout.contains("2.000"), "the second official does not see the first one's figures: {}", shown.stdout);
    let differ = exits(enter(true, &mayor("m1=1", "1", "1")), 1);
    assert!(differ.stdout.contains("the two counts differ in: Tachiai Taro、valid、blank"), "{}", differ.stdout);
    exits(enter(true, &mayor("m1=1", "1", "1")), 3);
    exits(enter(false, &mayor("m1=1", "1", "1")), 0);
    exits(enter(false, &[file.to_str().unwrap()]), 3);
    exits(enter(true, &[file.to_str().unwrap()]), 0);
    let school = ["--contest", "school", "--vote", "for=0", "--vote", "against=1", "--valid", "1", "--blank", "0", "--invalid", "0"];
    exits(enter(false, &school), 3);
    // Nothing is signed that two officials have not agreed on.
    let sign = |contest: &str| {
        let mut arguments = vec!["--json", "election", "paper-count", "sign", "--contest", contest, "--passphrase-fd", "0", "--yes", "--election", &id];
        arguments.extend(["--manifest", story.holding.fingerprint()]);
        keys.iter().for_each(|key| arguments.extend(["--key", key.to_str().unwrap()]));
        story.holding.staff().first.tachiai_with_secret(&passphrases, &arguments).unwrap()
    };
    exits(sign("school"), 1);
    exits(enter(true, &school), 0);
    for contest in ["mayor", "council", "school"] {
        let signing: Signing = exits(sign(contest), 0).json().unwrap();
        assert!(signing.recorded.is_some());
    }

    // Each contest has its own votes, and those of a name that is shared are exact.
    let outcome: OutcomeView = exits(election(&story, &["result"]), 0).json().unwrap();
    let votes = |contest: usize, option: usize| {
        let option = &outcome.contests[contest].options[option];
        (option.online, option.paper.clone(), option.votes.clone())
    };
    assert_eq!(votes(0, 0), (0, "1".to_owned(), "1".to_owned()));
    assert_eq!(votes(0, 1), (1, "0".to_owned(), "1".to_owned()));
    assert_eq!(votes(1, 0), (0, "1.5".to_owned(), "1.5".to_owned()));
    assert_eq!(votes(1, 4), (1, "0".to_owned(), "1".to_owned()));
    assert_eq!((votes(2, 0).0, votes(2, 1).1), (1, "1".to_owned()));
    assert_eq!((outcome.contests[0].blank, outcome.contests[1].blank, outcome.contests[2].blank), (1, 0, 0));
    // A tie in a referendum needs no lot; the one for the mayor does.
    assert_eq!(outcome.open().map(|contest| contest.id.as_str()).collect::<Vec<_>>(), ["mayor"]);
    exits(lot(&story, &officers, "m1", &["manager", "witness-1", "witness-2"]), 0);
    story.holding.act("publish").unwrap_or_else(|trouble| panic!("{trouble}"));
    let record = story.scene.folder.join("record");
    story.holding.export(&record).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    exits(Programs::beside_this().unwrap().run("tachiai-verify", [record.to_str().unwrap(), "--expect", story.holding.fingerprint()]).unwrap(), 0);
}
