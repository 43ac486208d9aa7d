//! Voting with a card in a reader, through a real pcscd: what goes right, and that what goes wrong with the card loses nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tachiai_schemas::receipt::BallotStatus;
use tachiai_tests::appliance::Outcome;
use tachiai_tests::desk::{Conversation, Desk};
use tachiai_tests::story::Story;

/// A voter at a desk with a reader.
struct Booth {
    story: Story,
    desk: Desk,
}

const NOTHING: [(&str, &str); 2] = [
    ("ja", "投票は記録されていません。前に投票していれば、その投票がそのまま有効です。"),
    ("en", "No ballot was recorded. If you voted before, that ballot still counts."),
];

impl Booth {
    fn new(readers: usize) -> Booth {
        Booth { story: Story::new(2), desk: Desk::with(readers) }
    }

    /// The arguments of a command that uses card and appliance.
    fn words(&self, lang: &str, command: &str, more: &[&str]) -> Vec<String> {
        let appliance = &self.story.scene.appliance;
        let (url, ca) = (appliance.url(), appliance.ca().display().to_string());
        let line = ["--lang", lang].into_iter().chain(command.split(' ')).chain(["--server", &url, "--ca", &ca, "--state", "state"]);
        line.chain(more.iter().copied()).map(str::to_owned).collect()
    }

    fn vote_words(&self, lang: &str, choice: &str, more: &[&str]) -> Vec<String> {
        let election = self.story.election().to_string();
        let vote = ["--election", &election, "--manifest", self.story.holding.fingerprint(), "--choice", choice, "--yes", "--receipt", "receipt.json"];
        self.words(lang, "vote", &[&vote[..], more].concat())
    }

    fn enrol(&self, more: &[&str]) -> Outcome {
        let words = self.words("en", "card enrol", &[&["--password-fd", "0", "--pin-fd", "0"], more].concat());
        self.desk.run_with("YABU2026\n1234", &refs(&words))
    }

    fn vote(&self, lang: &str, choice: &str, more: &[&str]) -> Outcome {
        let words = self.vote_words(lang, choice, &[&["--pin-fd", "0"], more].concat());
        // A receipt is never written over.
        let _ = std::fs::remove_file(self.receipt());
        self.desk.run_with("1234", &refs(&words))
    }

    fn receipt(&self) -> PathBuf {
        self.desk.folder.path().join("receipt.json")
    }

    /// What became of the ballot of a receipt.
    fn fate(&self, receipt: &str) -> BallotStatus {
        let appliance = &self.story.scene.appliance;
        let (url, ca) = (appliance.url(), appliance.ca().display().to_string());
        let words = ["--json", "receipt", "check", receipt, "--server", &url, "--ca", &ca, "--manifest", self.story.holding.fingerprint()];
        self.desk.run(&words).ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
    }

    /// Casts a ballot whose receipt is kept under this name.
    fn vote_before(&self, choice: &str, kept: &str) {
        ok(self.vote("en", choice, &[]));
        std::fs::rename(self.receipt(), self.desk.folder.path().join(kept)).unwrap();
    }
}

fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[track_caller]
fn ok(outcome: Outcome) -> Outcome {
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}"))
}

#[test]
fn whoever_has_one_card_in_one_reader_names_neither() {
    let booth = Booth::new(2);
    let _card = booth.desk.insert(1, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    ok(booth.vote("ja", "mayor=m1", &[]));
    assert!(matches!(booth.fate("receipt.json"), BallotStatus::Counted { .. }));
    // Two cards: each votes by the name of its reader.
    let _other = booth.desk.insert(0, &booth.story.scene.card(1), &[]);
    booth.enrol(&[]).expect(5).unwrap();
    let name = booth.desk.reader(0);
    ok(booth.enrol(&["--reader", &name]));
    ok(booth.vote("ja", "mayor=m2", &["--reader", &name]));
    assert!(matches!(booth.fate("receipt.json"), BallotStatus::Counted { .. }));
}

#[test]
fn a_card_pulled_at_any_moment_of_a_vote_loses_nothing_and_the_voter_knows_whether_a_ballot_was_recorded() {
    let mut booth = Booth::new(1);
    let card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    booth.vote_before("mayor=m1", "first.json");
    booth.desk.remove(0, card);
    for (pulled, commands) in (2..200).step_by(4).enumerate() {
        let (lang, nothing) = NOTHING[pulled % 2];
        let card = booth.desk.put_back(0, &[&format!("remove-after:{commands}")]);
        let outcome = booth.vote(lang, "mayor=m2", &[]);
        if outcome.code == Some(0) {
            // All that the card had to do was done.
            assert!(matches!(booth.fate("receipt.json"), BallotStatus::Counted { .. }));
            assert!(matches!(booth.fate("first.json"), BallotStatus::Superseded { .. }));
            assert!(pulled >= 3, "the card was pulled only {pulled} times");
            return;
        }
        booth.desk.gone(0, card);
        assert_eq!(outcome.code, Some(5), "{outcome:?}");
        assert!(outcome.stderr.contains(nothing), "{outcome:?}");
        assert!(!booth.receipt().exists());
        assert!(matches!(booth.fate("first.json"), BallotStatus::Counted { .. }), "after {commands} commands");
    }
    panic!("no vote came to its end");
}

#[test]
fn a_service_killed_in_the_middle_of_a_vote_loses_nothing_and_the_next_vote_works() {
    let mut booth = Booth::new(1);
    let _card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    booth.vote_before("mayor=m1", "first.json");
    for (lang, nothing) in NOTHING {
        let words = booth.vote_words(lang, "mayor=m2", &["--pin-fd", "0"]);
        let waiting = booth.desk.start_until_it_asks(0, &refs(&words));
        booth.desk.pcscd.kill().unwrap();
        let outcome = waiting.goes_on("1234").expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert!(outcome.stderr.contains("pcscd") && outcome.stderr.contains(nothing), "{outcome:?}");
        assert!(matches!(booth.fate("first.json"), BallotStatus::Counted { .. }));
        booth.desk.pcscd.restart().unwrap();
        booth.desk.pcscd.wait_for_card(0).unwrap();
    }
    ok(booth.vote("en", "mayor=m2", &[]));
    assert!(matches!(booth.fate("first.json"), BallotStatus::Superseded { .. }));
}

#[test]
fn a_card_that_hangs_while_it_signs_is_given_up_and_nothing_is_lost() {
    let booth = Booth::new(1);
    let card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    drop(card);
    for (lang, nothing) in NOTHING {
        // A signature takes longer than this reader is waited for.
        let slow = booth.desk.pcscd.insert(&booth.desk.programs, 0, &booth.desk.folder.path().join("card-0.json"), &["--sign-delay", "8000"]).unwrap();
        let start = Instant::now();
        let outcome = booth.vote(lang, "mayor=m1", &["--reader-timeout", "1"]).expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
        assert!(outcome.stderr.contains(nothing), "{outcome:?}");
        drop(slow);
    }
    let _card = booth.desk.put_back(0, &[]);
    ok(booth.vote("en", "mayor=m1", &[]));
}

#[test]
fn a_card_that_signs_with_another_key_is_refused_as_a_card() {
    let booth = Booth::new(1);
    let card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    drop(card);
    let _card = booth.desk.put_back(0, &["wrong-key"]);
    for (lang, nothing) in NOTHING {
        let outcome = booth.vote(lang, "mayor=m1", &[]).expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert!(outcome.stderr.contains(nothing), "{outcome:?}");
    }
}

#[test]
fn at_a_terminal_the_card_is_waited_for_and_a_wrong_pin_is_asked_again() {
    let mut booth = Booth::new(1);
    let card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    booth.desk.remove(0, card);
    let words = booth.vote_words("ja", "mayor=m1", &[]);
    let terminal = booth.desk.terminal(&refs(&words)).expect("カードをリーダーに置いてください");
    let _card = booth.desk.put_back(0, &[]);
    let terminal = terminal.expect("あと3回").say("9999").expect("あと2回間違えるとロック").expect("あと2回").say("1234");
    let Conversation { shown, code } = terminal.expect("投票が完了しました").expect("[y/N]").say("n").end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("9999") && !shown.contains("1234"), "{shown}");
    assert!(matches!(booth.fate("receipt.json"), BallotStatus::Counted { .. }));
    // Two wrong ones, and the last is kept.
    std::fs::remove_file(booth.receipt()).unwrap();
    let words = booth.vote_words("en", "mayor=m1", &[]);
    let terminal = booth.desk.terminal(&refs(&words)).expect("tries left: 3").say("9998").expect("tries left: 2").say("9997");
    let Conversation { shown, code } = terminal.expect("--last-try").expect("No ballot was recorded").end();
    assert_eq!(code, Some(5), "{shown}");
    // With a PIN from a descriptor nothing is asked and the try is kept as well; asked to, it is spent.
    booth.vote("en", "mayor=m1", &[]).expect(5).unwrap();
    ok(booth.vote("en", "mayor=m1", &["--last-try"]));
}
