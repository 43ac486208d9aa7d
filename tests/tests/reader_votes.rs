//! Voting with a card in a reader, through a real pcscd: what goes right, and that what goes wrong with the card loses nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use tachiai_schemas::receipt::BallotStatus;
use tachiai_tests::appliance::Outcome;
use tachiai_tests::card::KeyPool;
use tachiai_tests::desk::{Conversation, Desk};
use tachiai_tests::story::Story;

/// A voter at a desk with a reader.
struct Booth {
    story: Story,
    desk: Desk,
}

const NOTHING: [(&str, &str); 2] =
    [("ja", "投票は記録されていません。これより前の投票の扱いは変わりません。"), ("en", "No ballot was recorded. What you voted before stands as it did.")];

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
        let outcome = booth.vote(lang, "mayor=m1", &["--reader-timeout", "1"]).expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
        let given_up = ["カードが1秒たっても応答しません", "The card has not answered for 1 seconds"][usize::from(lang == "en")];
        assert!(outcome.stderr.contains(given_up) && outcome.stderr.contains(nothing), "{outcome:?}");
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
    // What the card will sign, and for whom, stands there before the PIN.
    let terminal = terminal.expect("用途：ログイン、投票用の鍵の登録").expect("相手先：localhost");
    let terminal = terminal.expect("あと3回").secret("9999").expect("あと2回間違えるとロック").expect("あと2回").secret("1234");
    let Conversation { shown, code } =
        terminal.expect("カードをリーダーに置いたままにしてください").expect("投票が完了しました").expect("[y/N]").say("n").end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("9999") && !shown.contains("1234"), "{shown}");
    assert!(matches!(booth.fate("receipt.json"), BallotStatus::Counted { .. }));
    // Two wrong ones, and the last is kept.
    std::fs::remove_file(booth.receipt()).unwrap();
    let words = booth.vote_words("en", "mayor=m1", &[]);
    let terminal = booth.desk.terminal(&refs(&words)).expect("Purpose: log in; register a voting key").expect("Site: localhost");
    let terminal = terminal.expect("tries left: 3").secret("9998").expect("tries left: 2").secret("9997");
    let Conversation { shown, code } = terminal.expect("--last-try").expect("No ballot was recorded").end();
    assert_eq!(code, Some(5), "{shown}");
    // With a PIN from a descriptor nothing is asked and the try is kept as well; asked to, it is spent.
    booth.vote("en", "mayor=m1", &[]).expect(5).unwrap();
    ok(booth.vote("en", "mayor=m1", &["--last-try"]));
}

#[test]
fn an_enrolment_shows_its_purpose_its_site_and_whose_name_is_signed_before_it_is_signed() {
    let booth = Booth::new(1);
    let _card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    let name = booth.story.scene.electors[0].order(booth.story.scene.residents.validity()).attributes.name;
    let enrolled = || booth.vote("en", "mayor=m1", &[]).code == Some(0);
    for (lang, purpose, site, question, signing) in [
        ("ja", "用途：本人とマイナンバーカードの結び付け", "相手先：localhost", "この方の名前で署名して登録しますか？", "リーダーに置いたまま"),
        ("en", "Purpose: bind this card to its holder", "Site: localhost", "Sign and enrol in this name?", "leave it on the reader"),
    ] {
        let words = booth.words(lang, "card enrol", &[]);
        let asked = || {
            let terminal = booth.desk.terminal(&refs(&words)).expect(purpose).expect(site).expect("5").secret("YABU2026");
            terminal.expect(&name).expect(question)
        };
        let Conversation { shown, code } = asked().say("n").end();
        assert_eq!(code, Some(1), "{shown}");
        assert!(!shown.contains(signing), "{shown}");
        assert_eq!(enrolled(), lang == "en", "after a no in {lang}");
        let Conversation { shown, code } = asked().say("y").expect("3").secret("1234").expect(signing).end();
        assert_eq!(code, Some(0), "{shown}");
        assert!(!shown.contains("YABU2026") && !shown.contains("1234"), "{shown}");
    }
    assert!(enrolled());
    // A script is told what is signed, and asked nothing.
    let said = ok(booth.enrol(&[])).stderr;
    assert!(said.contains("Purpose: bind this card") && said.contains("Site: localhost") && !said.contains(&name), "{said}");
}

#[test]
fn a_card_pulled_at_any_moment_of_an_enrolment_enrols_nobody_and_it_is_said() {
    let mut booth = Booth::new(1);
    let card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    booth.desk.remove(0, card);
    for (pulled, commands) in (1..200).step_by(5).enumerate() {
        let (lang, nothing, away) =
            [("ja", "登録していません。", "途中でカードが離れました"), ("en", "Nothing was enrolled.", "The card was taken away")][pulled % 2];
        let card = booth.desk.put_back(0, &[&format!("remove-after:{commands}")]);
        let words = booth.words(lang, "card enrol", &["--password-fd", "0", "--pin-fd", "0"]);
        let outcome = booth.desk.run_with("YABU2026\n1234", &refs(&words));
        if outcome.code == Some(0) {
            assert!(pulled >= 5, "the card was pulled only {pulled} times");
            return;
        }
        booth.desk.gone(0, card);
        assert_eq!(outcome.code, Some(5), "{outcome:?}");
        assert!(outcome.stderr.contains(away) && outcome.stderr.contains(nothing), "after {commands} commands: {outcome:?}");
    }
    panic!("no enrolment came to its end");
}

#[test]
fn an_expired_authentication_certificate_is_said_before_a_vote_signs_anything() {
    let booth = Booth::new(1);
    let scene = &booth.story.scene;
    let mut order = scene.electors[0].order(scene.residents.validity());
    order.validity.not_after = tachiai_jpki::UnixTime::from_secs(tachiai_tests::voters::now().unix().unsigned_abs() - 60);
    let expired = order.issue(scene.residents.authorities(), &KeyPool::shared()).unwrap();
    let _card = booth.desk.insert(0, &expired, &[]);
    for ((lang, nothing), word) in NOTHING.into_iter().zip(["利用者証明用電子証明書の有効期限", "user authentication certificate expired"]) {
        let outcome = booth.vote(lang, "mayor=m1", &[]).expect(5).unwrap();
        assert!(outcome.stderr.contains(word) && outcome.stderr.contains(nothing), "{outcome:?}");
        assert!(!outcome.stderr.contains("localhost"), "{outcome:?}");
    }
}

#[test]
fn two_pins_from_one_descriptor_are_each_shown_to_their_own() {
    let booth = Booth::new(1);
    let _card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    let tries = || booth.desk.run(&["--json", "card", "info"]).ok().unwrap().json::<serde_json::Value>().unwrap()["tries"].clone();
    let run = |command: &str, secrets: &str, receipt: &str| {
        let mut words = booth.vote_words("en", "mayor=m1", &["--text-pin-fd", "0", "--pin-fd", "0"]);
        for word in &mut words {
            match word.as_str() {
                "vote" => command.clone_into(word),
                "receipt.json" => receipt.clone_into(word),
                _ => {}
            }
        }
        booth.desk.run_from_file(secrets, &refs(&words))
    };
    ok(run("vote", "5678\n1234\n", "voted.json"));
    ok(run("challenge", "5678\n1234\n", "challenged.json"));
    assert_eq!(tries(), serde_json::json!({ "authentication": 3, "signing": 5, "text": 3 }));
    // What does not look like a PIN costs no try of either, and the first that is wrong none of the second.
    run("vote", "5678\n123\n", "third.json").expect(5).unwrap();
    assert_eq!(tries()["text"], 3);
    run("vote", "1234\n5678\n", "third.json").expect(5).unwrap();
    assert_eq!(tries(), serde_json::json!({ "authentication": 3, "signing": 5, "text": 2 }));
}

/// Stands between the console and the appliance, and cuts the line instead of handing over an answer.
struct Line {
    port: u16,
    state: Arc<Mutex<Rounds>>,
}

#[derive(Default)]
struct Rounds {
    /// How often the console said something, after the appliance or first.
    said: usize,
    answered: bool,
    /// The answer after so many is the first that is swallowed, as everything afterwards.
    cut: Option<usize>,
}

impl Line {
    fn to(appliance: &str) -> Line {
        let appliance = appliance.strip_prefix("https://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = Arc::clone(&line.state);
        // Both end with the process.
        thread::spawn(move || {
            for console in listener.incoming() {
                let (console, server) = (console.unwrap(), TcpStream::connect(&appliance).unwrap());
                let ways = [(console.try_clone().unwrap(), server.try_clone().unwrap(), false), (server, console, true)];
                for (from, to, answers) in ways {
                    let state = Arc::clone(&state);
                    thread::spawn(move || Line::carry(from, to, answers, &state));
                }
            }
        });
        line
    }

    fn carry(mut from: TcpStream, mut to: TcpStream, answers: bool, state: &Mutex<Rounds>) {
        let mut bytes = [0; 16_384];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let mut rounds = state.lock().unwrap();
            if !answers && (rounds.answered || rounds.said == 0) {
                rounds.said += 1;
            }
            rounds.answered = answers;
            let cut = rounds.cut.is_some_and(|cut| rounds.said > cut || (rounds.said == cut && answers));
            drop(rounds);
            if cut || to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    }

    fn begin(&self, cut: Option<usize>) {
        *self.state.lock().unwrap() = Rounds { cut, ..Rounds::default() };
    }
}

#[test]
fn a_registration_whose_answer_is_lost_is_not_taken_for_somebody_elses() {
    let booth = Booth::new(1);
    let _card = booth.desk.insert(0, &booth.story.scene.card(0), &[]);
    ok(booth.enrol(&[]));
    let line = Line::to(&booth.story.scene.appliance.url());
    // On another device, which knows its holder too.
    let mut words = booth.words("en", "card enrol", &["--password-fd", "0", "--pin-fd", "0"]);
    words.iter_mut().filter(|word| *word == "state").for_each(|word| "other".clone_into(word));
    ok(booth.desk.run_with("YABU2026\n1234", &refs(&words)));
    let vote = |server: Option<&Line>, state: &str| {
        let mut words = booth.vote_words("en", "mayor=m1", &["--pin-fd", "0", "--json"]);
        let at = |word: &str| words.iter().position(|w| w == word).unwrap() + 1;
        let (url, memory) = (at("--server"), at("--state"));
        if let Some(line) = server {
            words[url] = format!("https://localhost:{}", line.port);
        }
        state.clone_into(&mut words[memory]);
        let _ = std::fs::remove_file(booth.receipt());
        booth.desk.run_with("1234", &refs(&words))
    };
    let careful = "that is not this device's";
    line.begin(None);
    ok(vote(Some(&line), "state"));
    let all = line.state.lock().unwrap().said;
    let (mut registered, mut lost) = (1, 0);
    for cut in (all.saturating_sub(8)..=all).rev() {
        line.begin(Some(cut));
        let outcome = vote(Some(&line), "state");
        assert_ne!(outcome.code, Some(0), "{outcome:?}");
        let outcome = ok(vote(None, "state"));
        let before = outcome.json::<serde_json::Value>().unwrap()["registered_before"].clone();
        assert_eq!(before["this_device"], true, "{outcome:?}");
        let before = before["seq"].as_u64().unwrap() + 1;
        assert!(!outcome.stderr.contains(careful), "after {cut} of {all}: {outcome:?}");
        lost += before - registered;
        registered = before + 1;
    }
    // Some of them had the registration recorded, and some had not come so far.
    assert!((1..9).contains(&lost), "{lost}");
    // Another device is told of, here and there.
    for (state, told) in [("other", true), ("other", false), ("state", true)] {
        let outcome = ok(vote(None, state));
        assert_eq!(outcome.stderr.contains(careful), told, "{state}: {outcome:?}");
    }
}
