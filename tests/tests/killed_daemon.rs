//! The daemon is killed fifty times while votes stream in. Nothing that was acknowledged is ever missing, and the board extends every checkpoint that anybody saw.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Mutex;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use rand_core::{OsRng, RngCore};
use tachiai::failure::Exit;
use tachiai::voter::Booth;
use tachiai_schemas::receipt::Receipt;
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::story::{Story, until};

/// How often.
const ROUNDS: usize = 50;

/// How many vote at once.
const VOTERS: usize = 4;

/// Votes again and again until the connection breaks.
fn vote_on(booth: &mut Booth, receipts: &Mutex<Vec<Receipt>>) {
    for turn in 0.. {
        match booth.cast(&[vec![turn % 4]]) {
            Ok(cast) => receipts.lock().unwrap().push(cast.receipt),
            Err(failure) if failure.exit == Exit::NoConnection => return,
            Err(failure) => panic!("{failure}"),
        }
    }
}

#[test]
fn heavy_nothing_acknowledged_is_lost_when_the_daemon_is_killed_fifty_times() {
    let mut story = Story::new(VOTERS);
    let client = story.client();
    let mut booths: Vec<Booth> = (0..VOTERS).map(|elector| story.booth(elector)).collect();
    let mut copy = BoardCopy::fetch(&client, story.election());
    let mut acknowledged = 0;
    let mut rounds_with_votes = 0;
    for _ in 0..ROUNDS {
        let receipts = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let voters: Vec<_> = booths.iter_mut().map(|booth| scope.spawn(|| vote_on(booth, &receipts))).collect();
            // One kill in four comes at once, the others while ballots come in.
            if !OsRng.next_u32().is_multiple_of(4) {
                until("somebody votes", || !receipts.lock().unwrap().is_empty() || voters.iter().all(ScopedJoinHandle::is_finished));
            }
            // Not to wait for anything: the moment of the kill shall be any.
            thread::sleep(Duration::from_millis(u64::from(OsRng.next_u32() % 200)));
            story.scene.appliance.kill().unwrap();
        });
        story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        copy.follow(&client);
        let receipts = receipts.into_inner().unwrap();
        for receipt in &receipts {
            copy.assert_holds(receipt);
        }
        acknowledged += receipts.len();
        rounds_with_votes += usize::from(!receipts.is_empty());
    }
    // Else this would have shown nothing.
    eprintln!("{acknowledged} ballots acknowledged");
    assert!(rounds_with_votes >= ROUNDS / 2 && acknowledged >= 2 * ROUNDS, "{acknowledged} ballots in {rounds_with_votes} of {ROUNDS} rounds");
    let again = BoardCopy::fetch(&client, story.election());
    assert_eq!(again.entries, copy.entries);
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.tachiaid(&["check"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}
