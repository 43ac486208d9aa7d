//! The disk fills up while people vote: whoever votes then is told so, nothing that was acknowledged is lost, and after room was made it goes on.
//!
//! The data folder lies on a small disk in memory, which is mounted in a namespace of its own: the test runs itself again in there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use tachiai_schemas::Refusal;
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::hand::Hand;
use tachiai_tests::story::{Setting, Story};
use tachiai_tests::wire::Wire;

/// Tells the test that it is in the namespace.
const INSIDE: &str = "TACHIAI_STORY_IN_NAMESPACE";

const NAME: &str = "on_a_full_disk_nothing_is_recorded_and_nothing_lost";

#[test]
fn on_a_full_disk_nothing_is_recorded_and_nothing_lost() {
    if std::env::var_os(INSIDE).is_some() {
        return fill_up();
    }
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--mount").arg(std::env::current_exe().unwrap()).args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1");
    let output = command.output().expect("`unshare` (Debian: util-linux) is needed to mount a small disk");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the story in its namespace failed; it needs root or user namespaces:\n{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn mount(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs"]).arg(folder).status().unwrap();
    assert!(mounted.success(), "no disk in memory can be mounted at {}", folder.display());
}

/// Takes all the room that is left but for so many bytes.
fn fill(folder: &Path, leave: u64) {
    let disk = rustix::fs::statvfs(folder).unwrap();
    let room = (disk.f_bavail * disk.f_frsize).saturating_sub(leave);
    let mut file = File::options().create(true).append(true).open(folder.join("something-else")).unwrap();
    let block = vec![0x55; 64 << 10];
    for _ in 0..room / block.len() as u64 {
        file.write_all(&block).unwrap();
    }
}

fn fill_up() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("appliance/data");
    mount(&data);
    let setting = Setting::of(3);
    // The usual limit: at 80 % of the disk nothing is written any more.
    let configure: Box<dyn FnOnce(&mut toml::Table)> = Box::new(|table| {
        let disk = [("limit_percent".to_owned(), toml::Value::from(80)), ("ballast_mb".to_owned(), toml::Value::from(1))];
        table.insert("disk".to_owned(), toml::Value::Table(disk.into_iter().collect()));
    });
    let mut story = Story::begin(Setting { folder: Some(folder.path().to_owned()), configure, ..setting });
    let (client, wire) = (story.client(), Wire::public(&story.scene.appliance));
    let mut copy = BoardCopy::fetch(&client, story.election());
    let mut hand = Hand::arrive(story.scene.card(2), &wire);
    let mut booth = story.booth(0);
    let mut receipts = vec![story.vote(&mut booth, Some(0)), story.vote(&mut booth, Some(1))];

    for leave in [6 << 20, 0] {
        fill(&data, leave);
        let refused = booth.cast(&[vec![2]]).err().expect("nothing can be recorded on a full disk");
        assert_eq!(refused.code, Some(Refusal::ReadOnly), "{refused}");
        assert!(refused.ja.contains("ディスク") && refused.en.contains("disk"), "{} {}", refused.ja, refused.en);
        copy.follow(&client);
        receipts.iter().for_each(|receipt| copy.assert_holds(receipt));
        // A registration is refused the same way, with the status that clients know.
        let key = tachiai_crypto::signature::SecretKey::generate(&mut rand_core::OsRng);
        let fields = hand.fields(&wire, &copy, &key);
        let request = hand.registration(&fields, &key);
        let problem = wire.post(&story.path("/registrations"), hand.token(), &request).refused("read-only");
        assert_eq!(problem.status, 503);
    }
    assert!(story.scene.appliance.daemon().is_some());

    // Killed and started on the full disk: everything can be read.
    story.scene.appliance.kill().unwrap();
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    copy.follow(&client);
    receipts.iter().for_each(|receipt| copy.assert_holds(receipt));
    assert_eq!(booth.cast(&[vec![2]]).err().unwrap().code, Some(Refusal::ReadOnly));
    assert_eq!(wire.get("/healthz", None).status, 503, "a watching program must see that nothing can be recorded");

    // Room is made.
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    fs::remove_file(data.join("something-else")).unwrap();
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    receipts.push(story.vote(&mut booth, Some(3)));
    copy.follow(&client);
    receipts.iter().for_each(|receipt| copy.assert_holds(receipt));
    assert_eq!(copy.board.counted_ballots(), 1);
}
