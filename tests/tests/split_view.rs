//! An operator shows two boards under one key, and what becomes of it where there are witnesses; and how an honest board gets its cosignatures although one
//! witness is reached by stick only and another sleeps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::spec::WitnessesSpec;
use tachiai_tests::appliance::{Appliance, Outcome, Programs};
use tachiai_tests::onlooker::Onlooker;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Setting, Story};

fn programs() -> Programs {
    Programs::beside_this().unwrap()
}

fn verify(arguments: &[&str]) -> Outcome {
    programs().run("tachiai-verify", [arguments, &["--lang", "en"]].concat()).unwrap()
}

#[track_caller]
fn exits(outcome: Outcome, code: i32) -> Outcome {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Three witnesses, of whom two must cosign, and an election that lists them.
fn watched(electors: usize) -> (tempfile::TempDir, Vec<Onlooker>, Story) {
    let folder = tempfile::Builder::new().prefix("witnesses-").tempdir().unwrap();
    let onlooker = |n: usize| Onlooker::new(&programs(), &format!("witness.example/{n}"), &folder.path().join(n.to_string())).unwrap();
    let witnesses: Vec<Onlooker> = (1..=3).map(onlooker).collect();
    let keys = witnesses.iter().map(|witness| witness.key.clone()).collect();
    let plan = Box::new(|plan: &mut tachiai_tests::city::Plan| plan.witnesses = WitnessesSpec { quorum: 2, keys });
    let story = Story::begin(Setting { plan, ..Setting::of(electors) });
    (folder, witnesses, story)
}

fn feed(appliance: &Appliance, election: &str, witness: &str) -> Outcome {
    let ca = appliance.ca();
    let arguments = ["feed", "--lang", "en", "--board", &appliance.url(), "--election", election, "--ca", text(&ca), "--witness", witness];
    programs().run("tachiai-witness", arguments).unwrap()
}

fn act(story: &Story, act: &str) {
    story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
}

fn publish(story: &Story) {
    act(story, "close-online");
    act(story, "close-poll");
    story.holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    act(story, "count");
    act(story, "publish");
}

fn export(story: &Story, name: &str) -> PathBuf {
    let record = story.scene.folder.join(name);
    story.holding.export(&record).unwrap_or_else(|trouble| panic!("{trouble}"));
    record
}

#[test]
fn heavy_a_board_that_is_shown_in_two_forms_is_found_out_proved_and_gets_no_quorum() {
    let (_folder, witnesses, mut story) = watched(3);
    let election = story.election().to_string();
    let notice = story.holding.fingerprint().to_owned();
    let [first, second, _asleep] = &witnesses[..] else { panic!("three") };
    exits(first.watch(&story.scene.appliance, &election, Some(&notice)).unwrap(), 0);
    exits(first.look().unwrap(), 0);
    exits(second.watch(&story.scene.appliance, &election, Some(&notice)).unwrap(), 0);
    let (serving, address) = second.serve(|command| command).unwrap_or_else(|trouble| panic!("{trouble}"));
    exits(feed(&story.scene.appliance, &election, &address), 0);
    let mut seats: Vec<Seat> = (0..2).map(|elector| Seat::of(&story.scene, elector)).collect();
    for seat in &seats {
        exits(seat.enrol(), 0);
    }

    // The operator copies the appliance and runs both: one voter sees the one, the other voter the other.
    story.scene.appliance.stop().unwrap();
    let mut twin = story.scene.appliance.twin(&story.scene.folder.join("twin")).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    twin.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    seats[1].turn_to(&twin);
    let _kept = seats[0].vote(&story, "mayor=m1", "a.json");
    let deceived = seats[1].vote(&story, "mayor=m2", "b.json");

    // Two witnesses follow the first board, and refuse the other, at the same size and at a larger one.
    exits(first.look().unwrap(), 0);
    exits(feed(&story.scene.appliance, &election, &address), 0);
    let refused = exits(first.watch(&twin, &election, Some(&notice)).unwrap(), 1);
    assert!(refused.stdout.contains("EVIDENCE OF A FORK"), "{}", refused.stdout);
    exits(feed(&twin, &election, &address), 1);
    seats[1].vote(&story, "mayor=m2", "c.json");
    exits(first.watch(&twin, &election, Some(&notice)).unwrap(), 1);
    exits(feed(&twin, &election, &address), 1);
    exits(first.watch(&story.scene.appliance, &election, Some(&notice)).unwrap(), 0);
    exits(first.look().unwrap(), 0);

    // What they wrote convinces others, and only what is true.
    let evidence: Vec<PathBuf> = first.evidence().into_iter().chain(second.evidence()).collect();
    assert!(evidence.len() >= 3, "{evidence:?}");
    for file in &evidence {
        let said = exits(verify(&["fork", text(file), "--expect", &notice]), 0);
        assert!(said.stdout.contains("the evidence of a fork holds") && said.stdout.contains("is the expected one"), "{}", said.stdout);
        exits(verify(&["fork", text(file), "--expect", "aaaa-aaaa-aaaa-aaaa-aaaa"]), 1);
        exits(verify(&["fork", text(file)]), 2);
    }
    let altered = story.scene.folder.join("altered.json");
    let good = fs::read_to_string(&evidence[0]).unwrap();
    let at = good.find("\\n\\n").unwrap() - 10;
    let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
    fs::write(&altered, format!("{}{other}{}", &good[..at], &good[at + 1..])).unwrap();
    let said = exits(verify(&["fork", text(&altered)]), 1);
    assert!(said.stdout.contains("R113"), "{}", said.stdout);
    fs::write(&altered, "{}").unwrap();
    exits(verify(&["fork", text(&altered)]), 2);

    // The receipt of the deceived voter, against the other board and against a record of it.
    let own = story.scene.folder.join("own.json");
    let mut check = programs().command("tachiai").unwrap();
    check.args(["receipt", "check"]).arg(&deceived).args(["--server", &story.scene.appliance.url(), "--manifest", &notice, "--ca"]);
    check.arg(story.scene.appliance.ca()).arg("--evidence").arg(&own);
    exits(Outcome::of(check).unwrap(), 1);
    exits(verify(&["fork", text(&own), "--expect", &notice]), 0);
    let so_far = export(&story, "so-far");
    let told = story.scene.folder.join("told.json");
    exits(verify(&["receipt", text(&deceived), text(&so_far), "--partial", "--expect", &notice, "--evidence", text(&told)]), 1);
    exits(verify(&["fork", text(&told), "--expect", &notice]), 0);

    // The operator lets the first board vanish and publishes the other: no quorum ever cosigned it, and none will.
    drop(serving);
    story.scene.appliance.stop().unwrap();
    twin.stop().unwrap();
    twin.take_place_of(&story.scene.appliance).unwrap();
    twin.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    publish(&story);
    let record = export(&story, "record");
    exits(first.look().unwrap(), 1);
    let said = exits(verify(&[text(&record), "--expect", &notice]), 2);
    assert!(said.stdout.contains("INCOMPLETE: of the witnesses 0 cosigned the published board, 2 must have"), "{}", said.stdout);
    twin.stop().unwrap();
}

#[test]
fn heavy_two_of_three_witnesses_one_by_network_and_one_by_stick_make_a_record_whole() {
    let (folder, witnesses, mut story) = watched(3);
    let election = story.election().to_string();
    let notice = story.holding.fingerprint().to_owned();
    let [near, far, late] = &witnesses[..] else { panic!("three") };
    exits(near.watch(&story.scene.appliance, &election, Some(&notice)).unwrap(), 0);
    // Without the fingerprint the first sight is taken on trust, and said to be.
    let stick = folder.path().join("stick");
    fs::create_dir(&stick).unwrap();
    story.holding.staff().first.ask::<serde_json::Value>(&["election", "carry", text(&stick), "--election", &election]).unwrap();
    let mut watch = far.command("watch").unwrap();
    watch.arg("--stick").arg(&stick);
    let said = exits(Outcome::of(watch).unwrap(), 0);
    assert!(said.stdout.contains("taken on trust"), "{}", said.stdout);
    for elector in 0..3 {
        let mut booth = story.booth(elector);
        story.vote(&mut booth, Some(elector));
        exits(near.look().unwrap(), 0);
    }
    publish(&story);
    let status = story.holding.status().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(status.next_en.contains("(2 must; not yet"), "{}", status.next_en);
    let early = export(&story, "early");
    exits(verify(&[text(&early), "--expect", &notice]), 2);

    // One by network, one by stick; the third sleeps.
    exits(near.look().unwrap(), 0);
    let carry = || story.holding.staff().first.ask::<serde_json::Value>(&["election", "carry", text(&stick), "--election", &election]).unwrap();
    carry();
    exits(far.stick(&stick).unwrap(), 0);
    assert_eq!(carry()["cosigned"], 1);
    let record = export(&story, "record");
    let said = exits(verify(&[text(&record), "--expect", &notice]), 0);
    assert!(said.stdout.contains("witnesses: 3 (2 needed), cosigned at this size by: witness.example/1, witness.example/2"), "{}", said.stdout);
    assert!(said.stdout.contains("everything up to the publication existed by"), "{}", said.stdout);
    let json: serde_json::Value = exits(verify(&[text(&record), "--expect", &notice, "--json"]), 0).json().unwrap();
    assert_eq!(json["witnesses"]["bounds"].as_array().unwrap().last().unwrap()["milestone"], "published");

    // A citizen's own policy: two of the three are enough, or all of them are not.
    let policy = |name: &str, rule: &str| {
        let path = folder.path().join(name);
        let lines: String = (1..).zip(&witnesses).map(|(n, witness)| format!("witness w{n} {}\n", witness.key)).collect();
        fs::write(&path, format!("{lines}group all-of-them {rule} w1 w2 w3\nquorum all-of-them\n")).unwrap();
        path
    };
    let (two, all) = (policy("two.txt", "2"), policy("all.txt", "all"));
    exits(verify(&[text(&record), "--expect", &notice, "--policy", text(&two)]), 0);
    let said = exits(verify(&[text(&record), "--policy", text(&all)]), 2);
    assert!(said.stdout.contains("no cosignature by: witness.example/3"), "{}", said.stdout);

    // The third wakes up and is asked; its line serves those who have the record already.
    exits(late.watch(&story.scene.appliance, &election, Some(&notice)).unwrap(), 0);
    let (serving, address) = late.serve(|command| command).unwrap_or_else(|trouble| panic!("{trouble}"));
    exits(feed(&story.scene.appliance, &election, &address), 0);
    drop(serving);
    let fetched = folder.path().join("fetched.txt");
    fs::write(&fetched, story.client().get_bytes(&story.path("/cosigned")).unwrap()).unwrap();
    exits(verify(&[text(&record), "--policy", text(&all), "--cosignatures", text(&fetched)]), 0);
    exits(verify(&[text(&early), "--partial", "--policy", text(&all), "--cosignatures", text(&fetched)]), 0);

    // The cosignatures survive a restart with views that are made anew.
    story.scene.appliance.stop().unwrap();
    exits(story.scene.appliance.tachiaid(&["rebuild"]).unwrap(), 0);
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let again = export(&story, "again");
    exits(verify(&[text(&again), "--expect", &notice, "--policy", text(&all)]), 0);
    story.scene.appliance.stop().unwrap();
}
