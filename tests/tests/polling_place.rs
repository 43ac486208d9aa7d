//! A day at a polling place: cards and names, a wrong PIN, an elector who voted online before, undos, absentee papers, the day-close, a daemon that is killed; and a
//! link that is cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use serde_json::{Value, json};
use tachiai::card::{LastTry, Pin};
use tachiai::failure::Exit;
use tachiai::poll::queue::Queue;
use tachiai_schemas::desk::{LookFor, Search, VoteState};
use tachiai_schemas::election::Body;
use tachiai_schemas::entry::Entry;
use tachiai_schemas::paper::{LinkPolicy, PlaceKind};
use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::staff::{Pending, Role};
use tachiai_schemas::{Blob, Lang, LeafIndex};
use tachiai_tests::appliance::{Outcome, Programs, with_secret};
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::hand::Hand;
use tachiai_tests::link::Link;
use tachiai_tests::polling::PASSPHRASE;
use tachiai_tests::seat::Seat;
use tachiai_tests::town::{Town, ends, refused};
use tachiai_tests::wire::Wire;
use tachiaid::election::private::LookedBy;

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_day_at_a_polling_place() {
    let places = [("hall", PlaceKind::Early, LinkPolicy::Stop), ("school", PlaceKind::Day, LinkPolicy::Stop), ("post", PlaceKind::Absentee, LinkPolicy::Stop)];
    let mut town = Town::of(7, &places);
    let wire = Wire::public(&town.story.scene.appliance);

    // An elector votes online, files a declaration, and comes nevertheless. A wrong PIN hands nothing out.
    let zero = town.seat(0);
    let mut booth = town.story.booth(0);
    let online = town.story.vote(&mut booth, Some(1));
    let mut hand = Hand::with(town.story.scene.card(0));
    hand.log_in(&wire).json::<Value>();
    let birth = town.story.scene.electors[0].birth.to_string();
    let declaration = json!({ "reason": 1, "birth": birth, "oath": tachiai_schemas::declaration::oath(Lang::Ja) });
    wire.post(&town.story.path("/declaration"), hand.token(), &declaration).json::<Value>();
    let desk = town.polling.desk(&town.story, &town.desks[0], "hall");
    let look = |hand: &Hand| desk.look(&LookFor::Card(Blob(hand.certificate.clone()))).unwrap().found.remove(0);
    let seen = look(&hand);
    assert!(seen.bars.is_empty() && seen.declaration.as_ref().is_some_and(|declared| declared.reason.ja.contains("仕事")));
    assert_eq!(seen.contests[0].state, VoteState::Online { leaf: online.leaf, at: online.at });
    ends(town.check_in("hall", &zero, "4321", &[]), 5);
    assert_eq!(town.copy().board.paper_electors(), 0);
    let handed = ends(town.check_in("hall", &zero, "1234", &[]), 0);
    assert_eq!((&handed["replaced"], &handed["identified"], &handed["manner"]), (&json!(true), &json!("card"), &json!("own")));
    let by: LeafIndex = serde_json::from_value(handed["leaf"].clone()).unwrap();
    let status = town.copy().board.ballot_status(online.ballot.unwrap().hash()).unwrap();
    assert_eq!(status, BallotStatus::Overridden { leaf: online.leaf, by });
    refused(town.check_in("school", &zero, "1234", &[]), 1, "paper-held");
    assert_eq!(booth.cast(&[vec![2]]).map(drop).unwrap_err().code, Some(tachiai_schemas::Refusal::PaperHeld));
    let view = wire.get(&town.story.path("/declaration"), hand.token()).json::<Value>();
    assert_eq!(view["state"], json!({ "state": "used", "handout": by }), "{view}");
    assert!(matches!(look(&hand).contests[0].state, VoteState::Paper { channel: PlaceKind::Early, .. }));

    // By name it takes a colleague, who sees whom it is about.
    let by_name = |town: &Town| town.with_who("hall", &["check-in"], 1, &["--by-name", "no-card", "--yes"]);
    let waiting = ends(by_name(&town), 3);
    assert_eq!(ends(by_name(&town), 3)["id"], waiting["id"], "the same request is asked for once");
    let own = town.desks[0].tachiai(&["--json", "approve", waiting["id"].as_str().unwrap(), "--yes"]).unwrap();
    refused(own, 1, "same-official");
    let approved = town.approve(&waiting).expect(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(approved.stderr.contains(&town.story.scene.electors[1].name), "the colleague is not shown who it is: {}", approved.stderr);
    let handed = ends(by_name(&town), 0);
    assert_eq!((&handed["identified"], &handed["replaced"]), (&json!("name"), &json!(false)));
    refused(by_name(&town), 1, "paper-held");
    // Several fit, or nobody.
    let nobody = town.counter("hall").run(&["check-in"], "", &["--by-name", "no-card", "name=番号 花子", "--yes"]);
    ends(nobody, 1);
    // A polling place approves no act of the election.
    let close: Pending = town.story.holding.staff().first.tachiai(&["--json", "election", "close-online"]).unwrap().expect(3).unwrap().json().unwrap();
    assert!(!town.desks[1].tachiai(&["approvals"]).unwrap().ok().unwrap().stdout.contains(&close.id));

    // By proxy; the papers come back, which takes the manager and a witness; then again in the elector's own hand.
    let two = town.seat(2);
    ends(town.check_in("hall", &two, "1234", &["--manner", "proxy"]), 0);
    for officers in [&["manager"][..], &["witness-1", "witness-2"]] {
        refused(town.undo("hall", 2, "mistake", officers), 1, "officer-signatures");
    }
    ends(town.undo("school", 2, "mistake", &["manager", "witness-1"]), 1);
    ends(town.undo("hall", 2, "mistake", &["manager", "witness-2"]), 0);
    ends(town.undo("hall", 2, "mistake", &["manager", "witness-2"]), 1);
    ends(town.check_in("hall", &two, "1234", &[]), 0);

    // The daemon is killed between the evidence and the hand-out: nothing is lost, and nothing is there twice.
    let mut three = Hand::with(town.story.scene.card(3));
    three.enrol(&wire).json::<Value>();
    let looked = desk.look(&LookFor::Card(Blob(three.certificate.clone()))).unwrap();
    three.card.verify_pin(&Pin::new(&"1234".into()).unwrap(), LastTry::Keep).unwrap();
    let certificate = three.certificate.clone();
    let issue = desk.check_in(&mut three.card, 0, &looked, &certificate).unwrap();
    town.story.scene.appliance.kill().unwrap();
    assert_eq!(desk.hand_out(&issue).unwrap_err().exit, Exit::NoConnection);
    town.story.scene.appliance.start().unwrap();
    assert_eq!(desk.recorded(&issue).unwrap().map(|receipt| receipt.leaf), None);
    let receipt = desk.hand_out(&issue).unwrap();
    assert_eq!(desk.hand_out(&issue).unwrap().leaf, receipt.leaf);
    town.story.scene.appliance.kill().unwrap();
    town.story.scene.appliance.start().unwrap();
    assert_eq!(desk.hand_out(&issue).unwrap().leaf, receipt.leaf);
    assert_eq!(desk.recorded(&issue).unwrap().map(|receipt| receipt.leaf), Some(receipt.leaf));
    let handouts = town.copy().board.day(0, 0).unwrap().handouts();
    assert_eq!(handouts, 5);
    // The same evidence serves no other hand-out.
    let other = desk.key.sign(tachiai_schemas::paper::PaperIssue { manner: tachiai_schemas::paper::Manner::Braille, ..issue.body.clone() }).unwrap();
    assert_eq!(desk.hand_out(&other).unwrap_err().code, Some(tachiai_schemas::Refusal::PaperUnprepared));

    // Absentee papers are requested, sent with a colleague, and one of two comes back.
    refused(town.with_who("post", &["absentee", "send"], 4, &[]), 1, "absentee-step");
    ends(town.with_who("hall", &["absentee", "request"], 4, &["--kind", "away"]), 64);
    for elector in [4, 5] {
        ends(town.with_who("post", &["absentee", "request"], elector, &["--kind", "away"]), 0);
        let waiting = ends(town.with_who("post", &["absentee", "send"], elector, &[]), 3);
        town.approve(&waiting).expect(0).unwrap_or_else(|trouble| panic!("{trouble}"));
        ends(town.with_who("post", &["absentee", "send"], elector, &[]), 0);
    }
    ends(town.with_who("post", &["absentee", "receive"], 4, &[]), 0);
    let list = ends(town.counter("post").run(&["absentee", "list"], "", &[]), 0);
    assert_eq!(list["absentee"].as_array().unwrap().len(), 2);
    let search = |elector: usize| LookFor::Search(Search { number: Some(town.story.scene.electors[elector].resident_number()), ..Search::default() });
    let state = |elector: usize| desk.look(&search(elector)).unwrap().found[0].contests[0].state;
    assert!(matches!(state(4), VoteState::Received { .. }) && matches!(state(5), VoteState::Sent { .. }) && state(6) == VoteState::NotYet);

    // The days are closed with what was counted, which the board knows better.
    ends(town.signed("hall", &["day-close"], &["manager", "witness-1", "witness-2"], &["--in-box", "mayor=5"]), 1);
    let short = ends(town.signed("hall", &["day-close"], &["manager", "witness-1", "witness-2"], &["--in-box", "mayor=2"]), 1);
    assert!(short["error"].as_str().unwrap().contains("2 too few"), "{short}");
    let figures = ["--in-box", "mayor=3", "--taken-home", "mayor=1"];
    refused(town.signed("hall", &["day-close"], &["manager", "witness-1"], &figures), 1, "officer-signatures");
    let closed = ends(town.signed("hall", &["day-close"], &["manager", "witness-1", "witness-2"], &figures), 0);
    assert_eq!((&closed["close"]["electors"], &closed["close"]["with_card"], &closed["close"]["replaced"]), (&json!(4), &json!(3), &json!(1)), "{closed}");
    ends(town.signed("hall", &["day-close"], &["manager", "witness-1", "witness-2"], &figures), 1);
    let late = town.with_who("hall", &["check-in"], 6, &["--by-name", "no-card", "--yes"]);
    refused(late, 1, "day-closed");
    town.story.holding.act("close-online").unwrap();
    let open = town.story.holding.staff().first.tachiai(&["election", "close-poll"]).unwrap();
    assert!(open.code == Some(1) && open.stderr.contains("Place post"), "{open:?}");
    ends(town.signed("post", &["day-close"], &["manager", "witness-1", "witness-2"], &["--in-box", "mayor=2"]), 1);
    ends(town.signed("post", &["day-close"], &["manager", "witness-1", "witness-2"], &["--in-box", "mayor=1", "--taken-home", "mayor=1"]), 0);

    // What stands is what the journals give.
    let before = (look(&hand), state(4), desk.day(0).unwrap());
    town.story.scene.appliance.stop().unwrap();
    town.story.scene.appliance.tachiaid(&["check"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    town.story.scene.appliance.tachiaid(&["rebuild"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let looked = town.looked_up();
    town.story.scene.appliance.start().unwrap();
    assert!((look(&hand), state(4), desk.day(0).unwrap()) == before, "after a rebuild something else stands");
    assert!(looked.iter().filter(|(by, how, slots)| by == "poll-1" && *how == LookedBy::Card && *slots == 1).count() >= 6, "{looked:?}");
    assert!(looked.contains(&("poll-1".to_owned(), LookedBy::Search, 0)) && looked.contains(&("poll-1".to_owned(), LookedBy::AbsenteeList, 2)), "{looked:?}");

    // The record verifies, and the authority finds the evidence of every hand-out.
    town.story.holding.act("close-poll").unwrap();
    let folder = &town.story.scene.folder;
    let (record, evidence) = (folder.join("record"), folder.join("evidence"));
    town.story.holding.export(&record).unwrap();
    town.story.holding.export_evidence(&evidence).unwrap();
    assert!(evidence.join("papers/0").exists());
    let mut audit = Programs::beside_this().unwrap().command("tachiai-verify").unwrap();
    audit.arg("eligibility").arg(&record).arg(&evidence).arg(folder.join("files/roll.csv")).arg("--identity").arg(&town.authority);
    audit.args(["--expect", town.story.holding.fingerprint(), "--test-cards", "--partial", "--json"]);
    let audit = Outcome::of(audit).unwrap();
    assert!(audit.code == Some(0), "{audit:?}");
}

#[test]
fn a_desk_goes_on_as_the_manifest_says_while_the_link_is_cut() {
    let places = [("hall", PlaceKind::Early, LinkPolicy::Provisional), ("school", PlaceKind::Early, LinkPolicy::Stop)];
    let town = Town::of(4, &places);
    let cut = |place: &'static str, seat: &Seat, arguments: &[&str]| {
        let socket = seat.socket();
        let counter = town.counter(place);
        let card = ["--card", socket.to_str().unwrap(), "--pin-fd", "0", "--yes"];
        counter.run_by(town.desks[0].profile(), Link::Cut, &["check-in"], "1234", &[&card, arguments].concat())
    };
    let seats: Vec<Seat> = (0..3).map(|elector| town.seat(elector)).collect();
    // Both desks have learnt of the election before.
    for place in ["hall", "school"] {
        ends(town.counter(place).run(&["status"], "", &[]), 0);
    }

    // No network at all: the school hands out nothing, the hall papers in envelopes.
    let stopped = ends(cut("school", &seats[0], &[]), 4);
    assert!(stopped["error"].as_str().unwrap().contains("nothing is handed out while the link is cut"), "{stopped}");
    let who = |elector: usize| town.who(elector);
    assert!(ends(cut("hall", &seats[0], &[]), 4)["error"].as_str().unwrap().contains("birth=… through --who-fd"));
    // What is no date is entered by nobody later.
    for birth in ["birth=1980-99-99", "birth=2001-02-29"] {
        let said = ends(cut("hall", &seats[0], &["name=養父 花子", birth]), 64);
        assert!(said["error"].as_str().unwrap().contains("not a date"), "{said}");
    }
    for (number, elector) in [(1, 0), (2, 1), (3, 2)] {
        let who = who(elector);
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        let envelope = ends(cut("hall", &seats[elector], &who), 0)["provisional"].as_str().unwrap().to_owned();
        assert!(envelope.ends_with(&format!("-{number}")) && envelope.len() > 5, "{envelope}");
        ends(cut("hall", &seats[elector], &who), 1);
    }
    assert_eq!(town.copy().board.paper_electors(), 0);

    // Meanwhile one of them votes online, and another gets a paper at the school, whose link holds.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let mut booth = town.story.booth(1);
    town.story.vote(&mut booth, Some(0));
    ends(town.check_in("school", &seats[2], "1234", &[]), 0);
    let hand_in = || town.counter("hall").run(&["hand-in"], "", &[]);
    let said = ends(hand_in(), 3);
    let lines = said["provisional"].as_array().unwrap();
    assert_eq!(lines.iter().map(|line| line["fate"].as_str().unwrap()).collect::<Vec<_>>(), ["kept", "rejected", "rejected"], "{said}");
    assert!(lines[1]["en"].as_str().unwrap().contains("voted online after") && lines[2]["en"].as_str().unwrap().contains("handed out already"), "{said}");
    let id = lines[0]["waiting"].as_str().unwrap();
    town.desks[1].tachiai(&["--json", "approve", id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let said = ends(hand_in(), 0);
    assert_eq!(said["provisional"][0]["fate"], "entered", "{said}");
    assert_eq!(ends(hand_in(), 0)["provisional"], said["provisional"], "nothing is entered twice");
    let copy = town.copy();
    let leaf = said["provisional"][0]["leaf"].as_u64().unwrap();
    let Body::PaperIssued(issue) = Entry::from_bytes(&copy.entries[usize::try_from(leaf).unwrap()]).unwrap().body else { panic!("no hand-out") };
    assert_eq!((issue.body.manner, copy.board.paper_electors()), (tachiai_schemas::paper::Manner::Provisional, 2));

    // The line breaks just when the appliance answers: it has recorded, and the desk does not know.
    let (line, profile) = town.line();
    let mut desk = town.polling.desk(&town.story, &town.desks[0], "hall");
    desk.client = tachiai::profile::Profile::read(Some(&profile)).unwrap().client(Lang::En).unwrap();
    let mut hand = Hand::with(town.story.scene.card(3));
    hand.enrol(&Wire::public(&town.story.scene.appliance)).json::<Value>();
    let looked = desk.look(&LookFor::Card(Blob(hand.certificate.clone()))).unwrap();
    hand.card.verify_pin(&Pin::new(&"1234".into()).unwrap(), LastTry::Keep).unwrap();
    let certificate = hand.certificate.clone();
    let issue = desk.check_in(&mut hand.card, 0, &looked, &certificate).unwrap();
    let queue = Queue::of(&town.polling.state("hall"), town.story.election()).unwrap();
    queue.sending(&issue).unwrap();
    line.only(0);
    assert_eq!(desk.hand_out(&issue).unwrap_err().exit, Exit::NoConnection);
    line.cut(true);
    let said = ends(hand_in(), 0);
    let slot = copy.board.desk(issue.body.slot);
    assert_eq!(slot.paper, None);
    let recorded = town.copy().board.desk(issue.body.slot).paper.map(|paper| paper.leaf);
    assert!(recorded.is_some(), "the appliance had heard it");
    assert_eq!(said["under_way"][0]["recorded"], json!(recorded), "{said}");
    assert_eq!(ends(hand_in(), 0)["under_way"], json!([]));
}

#[test]
fn an_envelope_whose_answer_was_lost_is_entered_and_a_passing_refusal_rejects_none() {
    let town = Town::of(2, &[("hall", PlaceKind::Early, LinkPolicy::Provisional)]);
    let counter = town.counter("hall");
    ends(counter.run(&["status"], "", &[]), 0);
    let who = town.who(0);
    let who: Vec<&str> = who.iter().map(String::as_str).collect();
    ends(counter.run_by(town.desks[0].profile(), Link::Cut, &["check-in"], "", &[&["--by-name", "no-card", "--yes"], &who[..]].concat()), 0);
    let fate = |said: &Value| said["provisional"][0]["fate"].as_str().unwrap().to_owned();

    // Neither an official who may not do this nor a second window of the desk changes anything.
    let clerk = town.story.scene.appliance.staff("clerk-1", Role::Reception).unwrap();
    let said = ends(counter.run_by(clerk.profile(), Link::Up, &["hand-in"], "", &[]), 1);
    assert!(fate(&said) == "kept" && said["provisional"][0]["trouble"][1].as_str().unwrap().contains("role"), "{said}");
    let queue = Queue::of(&town.polling.state("hall"), town.story.election()).unwrap();
    let alone = queue.alone().unwrap();
    let said = ends(counter.run(&["hand-in"], "", &[]), 1);
    assert!(said["error"].as_str().unwrap().contains("at work"), "{said}");
    drop(alone);

    // The day is not closed over it.
    let close = || town.signed("hall", &["day-close"], &["manager", "witness-1", "witness-2"], &["--in-box", "mayor=1"]);
    let said = ends(close(), 1);
    assert!(said["error"].as_str().unwrap().contains("not entered yet (1)"), "{said}");

    // The board takes the hand-out, and the line breaks before the desk hears of it.
    let said = ends(counter.run(&["hand-in"], "", &[]), 3);
    town.desks[1].tachiai(&["--json", "approve", said["provisional"][0]["waiting"].as_str().unwrap(), "--yes"]).unwrap().ok().unwrap_or_else(|t| panic!("{t}"));
    let (line, profile) = town.line();
    let (client, election) = (town.story.client(), town.story.election());
    line.until(move || BoardCopy::fetch(&client, election).board.paper_electors() == 1);
    ends(counter.run_by(&profile, Link::Up, &["hand-in"], "", &[]), 4);
    assert_eq!(town.copy().board.paper_electors(), 1, "the appliance had heard it");
    assert_eq!(queue.still_open().unwrap().kept, 1);
    ends(close(), 1);
    let said = ends(counter.run(&["hand-in"], "", &[]), 0);
    assert_eq!(fate(&said), "entered", "{said}");
    let leaf = said["provisional"][0]["leaf"].as_u64().unwrap();
    let Body::PaperIssued(_) = Entry::from_bytes(&town.copy().entries[usize::try_from(leaf).unwrap()]).unwrap().body else { panic!("no hand-out") };
    assert_eq!(town.copy().board.paper_electors(), 1);
    // A hand-out whose outcome is unknown keeps the day open as well.
    let issue = queue.provisional().unwrap().remove(0).sent.unwrap();
    queue.sending(&issue).unwrap();
    assert!(ends(close(), 1)["error"].as_str().unwrap().contains("recorded (1)"));
    ends(counter.run(&["hand-in"], "", &[]), 0);
    assert!(!ends(close(), 0)["leaf"].is_null());
}

#[test]
fn keys_of_desks_and_officers_are_made_by_the_console_and_written_over_by_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let programs = Programs::beside_this().unwrap();
    let console = |arguments: &[&str], secret: &str| {
        let mut command = programs.command("tachiai").unwrap();
        command.args(["--lang", "en", "--json", "poll"]).args(arguments);
        with_secret(command, secret).unwrap()
    };
    let (desk, officer) = (folder.path().join("desk.key"), folder.path().join("manager.age"));
    let made = ends(console(&["key", "--out", path(&desk)], ""), 0);
    assert_eq!(made["key"].as_str().unwrap(), tachiai::poll::key::DeskKey::open(&desk).unwrap().public().to_string());
    ends(console(&["key", "--out", path(&desk)], ""), 2);
    let new = ["officer", "new", "--name", "投票 一郎", "--out", path(&officer), "--passphrase-fd", "0"];
    let short = console(&new, "kanri");
    assert!(short.code == Some(64) && short.stdout.contains("at least 12 characters, or 5 words") && !officer.exists(), "{short:?}");
    let made = ends(console(&new, PASSPHRASE), 0);
    let opened = tachiai::poll::officer::OfficerKey::open(&officer, &PASSPHRASE.into()).unwrap();
    assert_eq!((made["key"].as_str().unwrap(), made["name"].as_str().unwrap()), (opened.public().to_string().as_str(), "投票 一郎"));
    ends(console(&new, PASSPHRASE), 2);
    // The line for SPEC has the office that was named, or both are there to choose from.
    for (role, lines) in [(&["--role", "manager"][..], ["manager"].as_slice()), (&["--role", "witness"], &["witness"]), (&[], &["manager", "witness"])] {
        let out = folder.path().join(format!("{}.age", role.join("")));
        let mut command = programs.command("tachiai").unwrap();
        command.args(["--lang", "en", "poll", "officer", "new", "--name", "投票 一郎", "--passphrase-fd", "0", "--out"]).arg(&out).args(role);
        let said = with_secret(command, PASSPHRASE).unwrap().stdout;
        let printed: Vec<&str> = said.lines().filter_map(|line| line.split("role = \"").nth(1)?.split('"').next()).collect();
        assert_eq!(printed, lines, "{said}");
    }
}
