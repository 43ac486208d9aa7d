//! Honest records hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tachiai_verify::testing::Play;
use tachiai_verify::{Options, verify_record};

#[test]
fn an_honest_record_holds() {
    let folder = tempfile::tempdir().unwrap();
    let play = Play::whole(1);
    play.write(folder.path());
    let verified = verify_record(folder.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(verified.verdict.counted, 8);
    assert_eq!(verified.verdict.ballots, 11);
    assert_eq!(verified.verdict.result.unwrap()[0].ballots, 8);
}
