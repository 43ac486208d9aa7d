//! Anyone takes a record away as one file: the server's bytes, the official's export and the folder are one record, and the verifier takes each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tachiai_tests::story::Story;
use tachiai_tests::wire::Wire;

/// An election with a vote, before its close.
fn story() -> Story {
    let story = Story::new(2);
    let mut booth = story.booth(0);
    story.vote(&mut booth, Some(1));
    story
}

fn verify(story: &Story, record: &Path) -> Result<serde_json::Value, String> {
    let programs = story.scene.appliance.programs();
    let record = record.to_str().unwrap();
    let outcome = programs.run("tachiai-verify", [record, "--partial", "--json", "--expect", story.holding.fingerprint()]).unwrap();
    outcome.ok().map(|said| serde_json::from_str(&said.stdout).unwrap()).map_err(|trouble| trouble.to_string())
}

#[test]
fn the_record_is_one_file_for_whoever_asks_and_the_same_as_the_export() {
    let story = story();
    let wire = Wire::public(&story.scene.appliance);
    let reply = wire.get(&story.path("/record.tar"), None);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/x-tar")));
    assert_eq!(reply.header("content-length").unwrap(), reply.body.len().to_string());
    let folder = tempfile::tempdir().unwrap();
    let [downloaded, exported, unpacked] = ["downloaded.tar", "exported.tar", "folder"].map(|name| folder.path().join(name));
    fs::write(&downloaded, &reply.body).unwrap();
    story.holding.export(&exported).unwrap();
    story.holding.export(&unpacked).unwrap();
    assert!(fs::read(&exported).unwrap() == reply.body, "the export is another archive");
    let verdicts = [&downloaded, &exported, &unpacked].map(|record| verify(&story, record).unwrap());
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0] && verdict["verdict"] == "holds"), "{verdicts:?}");
}

#[test]
fn a_download_that_broke_off_is_incomplete_and_says_so() {
    let story = story();
    let reply = Wire::public(&story.scene.appliance).get(&story.path("/record.tar"), None);
    let folder = tempfile::tempdir().unwrap();
    let half = folder.path().join("half.tar");
    fs::write(&half, &reply.body[..reply.body.len() / 2]).unwrap();
    let said = verify(&story, &half).unwrap_err();
    assert!(said.contains("ends early"), "{said}");
}

#[test]
fn a_download_while_the_board_grows_is_of_one_size() {
    let story = story();
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.tar");
    // A slow client: it has read nothing yet when the board grows.
    let url = format!("{}{}", story.scene.appliance.url(), story.path("/record.tar"));
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--limit-rate", "20k", "--cacert"])
        .arg(story.scene.appliance.ca())
        .arg("-o")
        .arg(&record)
        .arg(&url);
    let mut download = curl.spawn().unwrap();
    let mut booth = story.booth(1);
    story.vote(&mut booth, Some(0));
    assert!(download.wait().unwrap().success());
    assert_eq!(verify(&story, &record).unwrap()["verdict"], "holds");
}
