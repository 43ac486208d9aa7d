//! Every reader of foreign bytes takes its corpus and survives spoilt bytes; `make fuzz` goes on longer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tachiai_tests::fuzz::{Spoiler, Verdict, targets, try_one};

#[test]
fn every_reader_accepts_its_corpus() {
    for target in targets().unwrap() {
        for input in &target.corpus {
            let verdict = try_one(&target, input).unwrap_or_else(|finding| panic!("{finding}"));
            assert_eq!(verdict, Verdict::Accepted, "{}: {}", target.name, String::from_utf8_lossy(input));
        }
    }
}

#[test]
fn spoilt_bytes_cause_no_panic_and_have_no_second_form() {
    for target in targets().unwrap() {
        let mut spoiler = Spoiler::new(1);
        for _ in 0..1500 {
            try_one(&target, &spoiler.spoil(&target.corpus)).unwrap_or_else(|finding| panic!("{finding}: {:?}", String::from_utf8_lossy(&finding.input)));
        }
    }
}
