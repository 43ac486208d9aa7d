//! Measures how fast a record is verified: `cargo run --release -p tachiai-verify --features testing --example ballots_per_s -- 20000`.
//!
//! Every slot registers once and votes once in one contest of five options; the figure is whole records, registrations and count included.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that fails panics")]

use std::time::Instant;

use tachiai_schemas::Slot;
use tachiai_schemas::election::Choice;
use tachiai_verify::testing::{Play, contest};
use tachiai_verify::{Options, verify_record};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let slots: u32 = arguments.next().map_or(10_000, |text| text.parse().unwrap());
    let folder = std::env::temp_dir().join(format!("tachiai-ballots-per-s-{slots}"));
    if !folder.exists() {
        let mut play = Play::with(1, (3, 2), vec![contest("mayor", 5, Choice::Exactly(1))], 4, slots, |manifest| {
            manifest.online_closes = manifest.opens.plus(10_000_000);
            manifest.poll_closes = manifest.online_closes;
        });
        play.ceremony();
        play.open();
        for slot in (0..slots).map(Slot) {
            play.vote(slot);
        }
        play.close();
        play.count();
        play.write(&folder);
    }
    for jobs in [1, 2, 3] {
        let start = Instant::now();
        let options = Options { jobs: std::num::NonZeroUsize::new(jobs), ..Options::default() };
        let verified = verify_record(&folder, &options).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!("{jobs} jobs: {} ballots in {seconds:.2} s, {:.0} ballots/s", verified.verdict.ballots, f64::from(slots) / seconds);
    }
}
