//! Which ballot counts, against a model that keeps nothing but a list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::Body;
use tachiai_schemas::receipt::BallotStatus;
use tachiai_schemas::{LeafIndex, Slot};
use tachiai_verify::testing::Play;

#[derive(Debug, Clone, Copy)]
enum Step {
    Register(Slot),
    Vote(Slot),
    Challenge(Slot),
}

fn step() -> impl Strategy<Value = Step> {
    (0..3_u32, 0..6_u8).prop_map(|(slot, kind)| match kind {
        0 => Step::Register(Slot(slot)),
        1 => Step::Challenge(Slot(slot)),
        _ => Step::Vote(Slot(slot)),
    })
}

/// What happened to ballots, in order: slot, leaf, hash, and the leaf of the challenge.
type History = Vec<(Slot, LeafIndex, Hash32, Option<LeafIndex>)>;

/// The slot's last ballot counts, unless it was challenged (PROTOCOL §7.6).
fn current(history: &History, slot: Slot) -> Option<(LeafIndex, Hash32)> {
    let last = history.iter().rev().find(|(of, ..)| *of == slot)?;
    last.3.is_none().then_some((last.1, last.2))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_last_ballot_of_a_slot_counts_unless_it_was_challenged(steps in prop::collection::vec(step(), 1..24)) {
        let mut play = Play::new(80);
        play.ceremony();
        play.open();
        let mut history = History::new();
        for step in steps {
            match step {
                Step::Register(slot) => drop(play.register(slot)),
                Step::Vote(slot) => {
                    if !play.voters.contains_key(&slot) {
                        play.register(slot);
                    }
                    let (ballot, _) = play.ballot(slot);
                    let body = Body::Ballot(tachiai_schemas::election::BallotEntry { ballot: tachiai_schemas::Blob(ballot.bytes().to_vec()) });
                    prop_assert_eq!(play.check(body.clone()), Ok(()));
                    history.push((slot, play.push(body), ballot.hash(), None));
                }
                // The device has the current key only; an older ballot cannot be challenged with it.
                Step::Challenge(slot) => {
                    let own = play.voters.get(&slot).map(|voter| *voter.key.public().as_bytes());
                    let ballot = play.board.slot(slot).and_then(|state| state.ballot());
                    if let Some(ballot) = ballot.filter(|ballot| Some(ballot.voting_key) == own) {
                        let challenged = play.challenged(slot);
                        prop_assert_eq!(play.check(Body::Challenged(challenged.clone())), Ok(()));
                        let by = play.push(Body::Challenged(challenged));
                        history.iter_mut().find(|(_, leaf, ..)| *leaf == ballot.leaf).unwrap().3 = Some(by);
                    }
                }
            }
        }
        let counted: Vec<(Slot, LeafIndex)> = (0..3).map(Slot).filter_map(|slot| Some((slot, current(&history, slot)?.0))).collect();
        prop_assert_eq!(play.board.counted().collect::<Vec<_>>(), counted.clone());
        prop_assert_eq!(play.board.counted_ballots(), counted.len() as u64);
        for (slot, leaf, hash, challenged) in &history {
            let later = history.iter().find(|(of, other, ..)| of == slot && other > leaf).map(|(_, leaf, ..)| *leaf);
            let expected = match (challenged, later) {
                (Some(by), _) => BallotStatus::Challenged { leaf: *leaf, by: *by },
                (None, Some(by)) => BallotStatus::Superseded { leaf: *leaf, by },
                (None, None) => BallotStatus::Counted { leaf: *leaf },
            };
            prop_assert_eq!(play.board.ballot_status(*hash), Some(expected));
        }
        // The verifier and its preview agree with the fold.
        let folder = tempfile::tempdir().unwrap();
        play.close();
        play.count();
        play.write(folder.path());
        let verified = tachiai_verify::verify_record(folder.path(), &tachiai_verify::Options::default());
        prop_assert_eq!(verified.map(|verified| verified.verdict.counted).map_err(|failure| failure.to_string()), Ok(counted.len() as u64));
    }
}
