//! Two desks and an online voter race for one elector, many times, against a running appliance. Whoever wins, the history is one that could have happened one step
//! after the other: at most one hand-out is outstanding, a ballot is taken only before it and is then overridden, and every answer agrees with the board.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rand_core::{OsRng, RngCore};
use tachiai::card::{Card, LastTry, Pin};
use tachiai::failure::Failure;
use tachiai::poll::desk::Desk;
use tachiai::poll::officer::attest;
use tachiai::voter::Booth;
use tachiai_schemas::desk::LookFor;
use tachiai_schemas::paper::{Attested, LinkPolicy, PaperUndo, PlaceKind, UndoReason};
use tachiai_schemas::receipt::{BallotStatus, Receipt};
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Blob, HashBytes, LeafIndex, Refusal, Slot};
use tachiai_tests::card::{Content, Slot as Reader, SoftwareCard};
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::polling::Polling;
use tachiai_tests::story::{Setting, Story};

/// How often.
const ROUNDS: usize = 210;

/// How many electors take turns: an appliance takes twenty ballots of one slot at once.
const ELECTORS: usize = 14;

/// What was asked of the appliance, when, and what it said.
struct Step {
    began: Instant,
    ended: Instant,
    said: Result<Receipt, Option<Refusal>>,
}

impl Step {
    fn of(ask: impl FnOnce() -> Result<Receipt, Failure>) -> Step {
        let began = Instant::now();
        let said = ask().map_err(|failure| failure.code);
        Step { began, ended: Instant::now(), said }
    }

    fn leaf(&self) -> Option<LeafIndex> {
        self.said.as_ref().ok().map(|receipt| receipt.leaf)
    }
}

/// A card of an elector in a reader of a desk, with its certificate.
struct Shown {
    card: Card<Reader>,
    certificate: Vec<u8>,
}

impl Shown {
    fn of(content: Content) -> Shown {
        let mut card = Card::open(Reader::new("desk", SoftwareCard::new(content))).unwrap();
        let certificate = card.authentication_certificate().unwrap().to_vec();
        Shown { card, certificate }
    }

    /// A whole check-in: who it is, what the card signs, the hand-out.
    fn check_in(&mut self, desk: &Desk) -> Result<Receipt, Failure> {
        let looked = desk.look(&LookFor::Card(Blob(self.certificate.clone())))?;
        self.card.verify_pin(&Pin::new(&"1234".into()).unwrap(), LastTry::Keep).unwrap();
        let issue = desk.check_in(&mut self.card, 0, &looked, &self.certificate)?;
        desk.hand_out(&issue)
    }
}

/// Holds a round against the rules and the board; returns the hand-out that won, if one did.
fn judge(desks: &[Step; 2], vote: &Step, copy: &BoardCopy, slot: Slot) -> Option<LeafIndex> {
    let won: Vec<&Step> = desks.iter().filter(|step| step.said.is_ok()).collect();
    assert!(won.len() <= 1, "two hand-outs to one elector");
    let hand_out = won.first().and_then(|step| step.leaf());
    assert_eq!(copy.board.desk(slot).paper.map(|paper| paper.leaf), hand_out, "the board has another hand-out than the answers");
    for step in desks.iter().chain([vote]) {
        if let Ok(receipt) = &step.said {
            copy.assert_holds(receipt);
        }
    }
    // A refusal has its cause: a hand-out that was under way or done before the answer came.
    let winner = won.first();
    for lost in desks.iter().filter(|step| step.said.is_err()) {
        assert_eq!(lost.said.as_ref().unwrap_err(), &Some(Refusal::PaperHeld));
        assert!(winner.is_some_and(|winner| winner.began < lost.ended), "refused without a hand-out");
    }
    match &vote.said {
        Ok(receipt) => {
            let status = copy.board.ballot_status(receipt.ballot.unwrap().hash()).unwrap();
            match hand_out {
                Some(by) => {
                    assert!(receipt.leaf < by, "a ballot was taken after the hand-out");
                    assert_eq!(status, BallotStatus::Overridden { leaf: receipt.leaf, by });
                    // In the order of time where time decides.
                    assert!(winner.is_none_or(|winner| vote.began < winner.ended));
                }
                None => assert_eq!(status, BallotStatus::Counted { leaf: receipt.leaf }),
            }
        }
        Err(refusal) => {
            assert_eq!(*refusal, Some(Refusal::PaperHeld));
            assert!(winner.is_some_and(|winner| winner.began < vote.ended), "a ballot was refused without a hand-out");
        }
    }
    // Nobody who had ended before another began comes after it on the board.
    let recorded: Vec<&Step> = desks.iter().chain([vote]).filter(|step| step.said.is_ok()).collect();
    for first in &recorded {
        for second in &recorded {
            assert!(first.ended > second.began || first.leaf() < second.leaf(), "the board has turned the order of time around");
        }
    }
    hand_out
}

/// Waits for a time below so many milliseconds, so that every order comes about.
fn pause(below: u32) {
    thread::sleep(Duration::from_micros(u64::from(OsRng.next_u32() % (below * 1_000))));
}

fn race(desk: &Desk, shown: &mut Shown, barrier: &Barrier) -> Step {
    barrier.wait();
    pause(60);
    Step::of(|| shown.check_in(desk))
}

#[test]
fn heavy_two_desks_and_an_online_voter_race_for_one_elector_and_the_history_is_linearisable() {
    let folder = tempfile::tempdir().unwrap();
    let places = [("hall", PlaceKind::Early, LinkPolicy::Stop), ("school", PlaceKind::Early, LinkPolicy::Stop)];
    let polling = Polling::prepare(folder.path(), &places);
    let plan = polling.plan();
    let story = Story::begin(Setting { plan, ..Setting::of(ELECTORS) });
    let appliance = &story.scene.appliance;
    let officials = ["hall", "school"].map(|place| appliance.staff(&format!("poll-{place}"), Role::Poll).unwrap());
    let desks = [polling.desk(&story, &officials[0], "hall"), polling.desk(&story, &officials[1], "school")];
    let keys = polling.keys();
    let mut booths: Vec<Booth> = (0..ELECTORS).map(|elector| story.booth(elector)).collect();
    let mut cards: Vec<[Shown; 2]> = (0..ELECTORS).map(|elector| [(); 2].map(|()| Shown::of(story.scene.card(elector)))).collect();
    let client = story.client();
    let mut copy = BoardCopy::fetch(&client, story.election());
    let (mut before, mut refused, mut alone) = (0, 0, [0, 0]);
    let start = Instant::now();
    for round in 0..ROUNDS {
        let (booth, [first, second]) = (&mut booths[round % ELECTORS], &mut cards[round % ELECTORS]);
        let barrier = Barrier::new(3);
        let (one, other, vote) = thread::scope(|scope| {
            let one = scope.spawn(|| race(&desks[0], first, &barrier));
            let other = scope.spawn(|| race(&desks[1], second, &barrier));
            let vote = scope.spawn(|| {
                barrier.wait();
                // A hand-out takes three requests and a card, and a ballot one.
                pause(360);
                Step::of(|| booth.cast(&[vec![round % 4]]).map(|cast| cast.receipt))
            });
            (one.join().unwrap(), other.join().unwrap(), vote.join().unwrap())
        });
        copy.follow(&client);
        let looked = desks[0].look(&LookFor::Card(Blob(cards[round % ELECTORS][0].certificate.clone()))).unwrap();
        let slot = looked.found[0].slot;
        alone[0] += usize::from(one.said.is_ok());
        alone[1] += usize::from(other.said.is_ok());
        before += usize::from(vote.said.is_ok());
        refused += usize::from(vote.said.is_err());
        let hand_out = judge(&[one, other], &vote, &copy, slot).expect("two desks tried, and one is always first");
        // The paper comes back, for the next round; both desks say so, and one undo is recorded.
        let place = usize::from(copy.board.desk(slot).paper.unwrap().place);
        let undo = PaperUndo { opened: HashBytes::from(desks[0].known.opened), slot, leaf: hand_out, reason: UndoReason::Declined };
        let undo: Attested<PaperUndo> = attest(&polling.officers, &keys, undo).unwrap();
        let (undone, again) = thread::scope(|scope| {
            let [one, other] = [0, 1].map(|turn| {
                scope.spawn({
                    let (desk, undo) = (&desks[(place + turn) % 2], &undo);
                    move || desk.undo(undo).unwrap()
                })
            });
            (one.join().unwrap(), other.join().unwrap())
        });
        assert_eq!(undone.leaf, again.leaf);
        copy.follow(&client);
        assert_eq!(copy.board.desk(slot).paper, None);
    }
    eprintln!("{ROUNDS} rounds in {:?}: {before} ballots before the hand-out, {refused} refused; hand-outs by desk {alone:?}", start.elapsed());
    // Else this would have shown nothing.
    assert!(before > ROUNDS / 20 && refused > ROUNDS / 20 && alone.iter().all(|won| *won > ROUNDS / 20));
    // And the whole record verifies, once both days are closed and the rest is done.
    for desk in &desks {
        let close = attest(&polling.officers, &keys, desk.day(0).unwrap().draft).unwrap();
        desk.close_day(&close).unwrap();
    }
    story.holding.act("close-online").unwrap();
    story.holding.act("close-poll").unwrap();
    let record = folder.path().join("record");
    story.holding.export(&record).unwrap();
    let verified = appliance.programs().run("tachiai-verify", ["--partial", "--expect", story.holding.fingerprint(), record.to_str().unwrap()]).unwrap();
    // The count is still to come, which the verifier says.
    assert!(matches!(verified.code, Some(0 | 2)), "{verified:?}");
    assert_eq!(copy.board.paper_electors(), 0);
}
