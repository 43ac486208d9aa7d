//! Judges from outside: what OpenSC, through a real pcscd, and OpenSSL say of a software card.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use tachiai_jpki::{BirthDate, FourAttributes, Substitutes, UnixTime, Validity, testing::TestCa};
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::card::{Content, KeyPool, Order};
use tachiai_tests::pcscd::{Inserted, Pcscd};

/// A card of Hanako's in the first of two readers.
struct Desk {
    pcscd: Pcscd,
    inserted: Option<Inserted>,
    content: Content,
    folder: tempfile::TempDir,
}

fn content() -> Content {
    let time = |text| UnixTime::from_rfc3339(text).unwrap();
    let validity = Validity { not_before: time("2026-04-01T00:00:00Z"), not_after: time("2031-02-17T14:59:59Z") };
    let (name, address) = ("番号　花子".to_owned(), "兵庫県養父市八鹿町八鹿1675".to_owned());
    let attributes = FourAttributes {
        name_substitutes: Substitutes::none_in(&name),
        address_substitutes: Substitutes::none_in(&address),
        birth_date: BirthDate::from_iso("1980-02-17").unwrap(),
        sex: tachiai_jpki::Sex::Female,
        name,
        address,
    };
    Order::usual(0, attributes, validity).issue(&TestCa::with_published_keys(validity).unwrap(), &KeyPool::shared()).unwrap()
}

impl Desk {
    fn new() -> Desk {
        let mut desk = Desk {
            pcscd: Pcscd::start(2).unwrap_or_else(|trouble| panic!("{trouble}")),
            inserted: None,
            content: content(),
            folder: tempfile::tempdir().unwrap(),
        };
        desk.content.write(&desk.folder.path().join("card.json")).unwrap();
        desk.insert(&[]);
        desk
    }

    fn insert(&mut self, arguments: &[&str]) {
        let card = self.folder.path().join("card.json");
        let inserted = self.pcscd.insert(&Programs::beside_this().unwrap(), 0, &card, arguments);
        self.inserted = Some(inserted.unwrap_or_else(|trouble| panic!("{trouble}")));
    }

    /// Runs a program of OpenSC at this desk.
    fn run(&self, program: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(program);
        self.pcscd.used_by(command.args(arguments).current_dir(self.folder.path()).env("LC_ALL", "C.UTF-8"));
        Outcome::of(command).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    #[track_caller]
    fn says(&self, program: &str, arguments: &[&str]) -> String {
        let Outcome { stdout, stderr, .. } = self.run(program, arguments).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        stdout + &stderr
    }
}

#[test]
fn opensc_knows_the_card_by_its_name_through_a_real_pcscd() {
    let desk = Desk::new();
    let said = desk.says("opensc-tool", &["-n"]);
    assert!(said.lines().any(|line| line == "jpki"), "{said}");
    let listed = desk.says("opensc-tool", &["-l"]);
    for (reader, card) in desk.pcscd.readers().iter().zip(["Yes", "No"]) {
        assert!(listed.lines().any(|line| line.contains(&reader.name) && line.contains(card)), "{listed}");
    }
}

#[test]
fn a_card_that_leaves_is_gone_and_one_that_comes_back_is_there() {
    let mut desk = Desk::new();
    let card = desk.inserted.take().unwrap();
    desk.pcscd.remove(0, card).unwrap_or_else(|trouble| panic!("{trouble}"));
    let empty = desk.run("opensc-tool", &["-n", "-r", "0"]);
    assert!(empty.stderr.contains("Card not present"), "{}{}", empty.stdout, empty.stderr);
    desk.insert(&[]);
    desk.says("opensc-tool", &["-n"]);
}

#[test]
fn a_card_stays_in_its_reader_when_pcscd_is_killed_and_started_again() {
    let mut desk = Desk::new();
    let before = desk.pcscd.readers().to_vec();
    desk.pcscd.kill().unwrap();
    let gone = desk.run("opensc-tool", &["-n"]);
    assert_ne!(gone.code, Some(0), "{}{}", gone.stdout, gone.stderr);
    desk.pcscd.restart().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(desk.pcscd.readers(), before);
    desk.pcscd.wait_for_card(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    desk.says("opensc-tool", &["-n"]);
}

#[test]
fn a_card_pulled_in_the_middle_leaves_its_reader_empty_and_its_process_ends() {
    let mut desk = Desk::new();
    let card = desk.inserted.take().unwrap();
    desk.pcscd.remove(0, card).unwrap_or_else(|trouble| panic!("{trouble}"));
    desk.insert(&["--fault", "remove-after:8"]);
    let removed = desk.run("pkcs15-tool", &["-D", "-r", "0"]);
    assert_ne!(removed.code, Some(0), "{}{}", removed.stdout, removed.stderr);
    let ended = desk.inserted.take().unwrap().wait();
    assert!(ended.unwrap_or_else(|trouble| panic!("{trouble}")).success());
    let empty = desk.run("opensc-tool", &["-n", "-r", "0"]);
    assert!(empty.stderr.contains("Card not present"), "{}{}", empty.stdout, empty.stderr);
}
