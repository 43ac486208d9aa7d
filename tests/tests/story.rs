//! The harness itself: a story begins with an open election and ends with a verdict.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tachiai_tests::story::Story;

#[test]
fn a_whole_election_is_held_by_the_real_programs() {
    let story = Story::new(12).unwrap();
    for number in 0..12 {
        story.vote(number, Some(number % 3)).unwrap();
    }
    let record = story.publish().unwrap();
    let verdict = story.verify(&record).unwrap().ok().unwrap();
    assert!(verdict.stdout.contains("Mayor (12 ballots)"), "{}", verdict.stdout);
}
