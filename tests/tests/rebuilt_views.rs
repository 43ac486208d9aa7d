//! Views may be lost: deleted, spoilt or rebuilt, they come out of the journals as they were, and it is said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use tachiai_schemas::receipt::{BallotStatus, Receipt};
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::hand::Hand;
use tachiai_tests::story::Story;
use tachiai_tests::wire::Wire;

/// What anybody sees: the board and every ballot's fate; and that a known card still logs in and sees its slot.
#[derive(PartialEq, Debug)]
struct Seen {
    entries: Vec<Vec<u8>>,
    fates: Vec<BallotStatus>,
    slots: Vec<serde_json::Value>,
    staff: String,
}

struct Town {
    story: Story,
    receipts: Vec<Receipt>,
    hands: Vec<Hand>,
}

impl Town {
    fn settle() -> Town {
        let story = Story::new(3);
        let (client, wire) = (story.client(), Wire::public(&story.scene.appliance));
        let mut receipts = Vec::new();
        for elector in [0, 1] {
            let mut booth = story.booth(elector);
            receipts.push(story.vote(&mut booth, Some(1)));
            receipts.push(story.vote(&mut booth, Some(elector)));
        }
        let mut booth = story.booth(0);
        let cast = booth.cast(&[vec![2]]).unwrap();
        receipts.push(cast.receipt.clone());
        receipts.push(booth.challenge(&cast).unwrap().0);
        let _ = client;
        let hands = (0..3).map(|elector| Hand::with(story.scene.card(elector))).collect();
        let mut town = Town { story, receipts, hands };
        town.hands[2].enrol(&wire).json::<serde_json::Value>();
        town
    }

    fn see(&mut self) -> Seen {
        let (client, wire) = (self.story.client(), Wire::public(&self.story.scene.appliance));
        let copy = BoardCopy::fetch(&client, self.story.election());
        self.receipts.iter().for_each(|receipt| copy.assert_holds(receipt));
        let ballots = self.receipts.iter().filter_map(|receipt| receipt.ballot);
        let fates = ballots.map(|ballot| wire.get(&self.story.path(&format!("/ballots/{ballot}")), None).json()).collect();
        let slots = self.hands.iter_mut().map(|hand| {
            hand.log_in(&wire).json::<serde_json::Value>();
            wire.get(&self.story.path("/slot"), hand.token()).json()
        });
        let slots = slots.collect();
        let staff = self.story.scene.appliance.tachiaid(&["--json", "staff", "list"]).unwrap().ok().unwrap().stdout;
        Seen { entries: copy.entries, fates, slots, staff }
    }

    fn stop(&mut self) {
        self.story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    }

    fn start(&mut self) {
        self.story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    }

    fn sled(&self) -> PathBuf {
        self.story.scene.appliance.data().join("sled")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.story.scene.appliance.log()).unwrap()
    }
}

fn asides(data: &Path) -> Vec<String> {
    let names = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("sled") && name != "sled").collect()
}

#[test]
fn views_come_back_whole_when_their_folder_is_deleted_spoilt_or_rebuilt() {
    let mut town = Town::settle();
    let before = town.see();
    assert!(matches!(before.fates.last(), Some(BallotStatus::Challenged { .. })), "{:?}", before.fates);

    // Deleted.
    town.stop();
    fs::remove_dir_all(town.sled()).unwrap();
    let said_before = town.log().len();
    town.start();
    assert_eq!(town.see(), before);
    assert!(town.log()[said_before..].contains("the folder sled was not there"), "{}", &town.log()[said_before..]);

    // Spoilt: every file in it.
    town.stop();
    let data = town.story.scene.appliance.data();
    let asides_before = asides(&data);
    let mut spoilt = 0;
    for file in fs::read_dir(town.sled()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let length = fs::metadata(&file).unwrap().len().clamp(64, 4096);
        let garbage: Vec<u8> = (0..length).map(|n| (n * 131 + 7) as u8).collect();
        fs::write(&file, garbage).unwrap();
        spoilt += 1;
    }
    assert!(spoilt > 0);
    let said_before = town.log().len();
    town.start();
    assert_eq!(town.see(), before);
    // Nothing was deleted, and it is said where the spoilt one lies.
    let aside: Vec<_> = asides(&data).into_iter().filter(|name| !asides_before.contains(name)).collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(town.log()[said_before..].contains(&aside[0]), "{}", &town.log()[said_before..]);

    // Rebuilt by the command, which a running daemon refuses, and checked.
    let running = town.story.scene.appliance.tachiaid(&["--lang", "en", "rebuild"]).unwrap();
    assert!(matches!(running.code, Some(1 | 2)), "{running:?}");
    town.stop();
    let rebuilt = town.story.scene.appliance.tachiaid(&["--lang", "en", "rebuild"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(rebuilt.stdout.contains("sled"), "{}", rebuilt.stdout);
    town.story.scene.appliance.tachiaid(&["check"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    town.start();
    assert_eq!(town.see(), before);
}
