//! Somebody without a usable signing certificate is enrolled at the counter by two officials, and votes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::File;
use std::process::Command;

use serde_json::Value;
use tachiai_jpki::{BirthDate, UnixTime};
use tachiai_schemas::identity::{Enrolled, Standing};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_tests::appliance::{Official, Outcome};
use tachiai_tests::card::{Content, Order, PinState};
use tachiai_tests::desk::{Conversation, Desk, Terminal};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::Story;

/// A card of an elector to whom no signing certificate was issued, with one PIN for everything.
fn child(story: &Story, elector: usize) -> Content {
    let mut content = story.scene.card(elector);
    content.signing = None;
    content.text.pin = PinState::digits("1234");
    content
}

/// The official's command, with both PINs of the holder.
fn enrol(official: &Official, seat: &Seat, reason: &str, pins: &str) -> Outcome {
    let socket = seat.socket();
    let arguments = ["card", "enrol-counter", "--reason", reason, "--card", socket.to_str().unwrap(), "--text-pin-fd", "0", "--pin-fd", "0", "--yes"];
    official.tachiai_with_secret(pins, &[&["--json"], &arguments[..]].concat()).unwrap()
}

#[track_caller]
fn waits(outcome: Outcome) -> Pending {
    outcome.expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
}

#[track_caller]
fn refused(outcome: Outcome, exit: i32, code: &str) {
    let said: Value = outcome.expect(exit).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(said["code"], code, "{said}");
}

/// Votes with the PIN of the card's text as well, which says whose entry of the roll it is.
fn vote(story: &Story, seat: &Seat) -> Outcome {
    std::fs::write(seat.file("pin"), "1234\n1234").unwrap();
    let appliance = &story.scene.appliance;
    let mut process: Command = appliance.programs().command("tachiai").unwrap();
    process.stdin(File::open(seat.file("pin")).unwrap()).current_dir(seat.folder.path());
    process.args(["--lang", "en", "vote", "--server", &appliance.url(), "--ca"]).arg(appliance.ca()).arg("--card").arg(seat.socket());
    process.arg("--state").arg(seat.file("state")).args(["--election", &story.election().to_string(), "--manifest", story.holding.fingerprint()]);
    process.args(["--choice", "mayor=m1", "--pin-fd", "0", "--text-pin-fd", "0", "--yes", "--receipt"]).arg(seat.file("receipt.json"));
    Outcome::of(process).unwrap()
}

#[test]
fn who_has_no_signing_certificate_is_enrolled_by_two_officials_and_votes() {
    let mut story = Story::new(3);
    let (first, second) = (story.holding.staff().first.clone(), story.holding.staff().second.clone());
    let auditor = story.scene.appliance.staff("auditor", Role::Auditor).unwrap();
    let seat = Seat::with(&story.scene, &child(&story, 0), &[]);

    // The card alone can do nothing yet, and says why not.
    let missing = seat.enrol().expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(missing.stderr.contains("certificate"), "{}", missing.stderr);
    vote(&story, &seat).expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));

    // What the first official is refused: a reason that the card contradicts, one that is none, a wrong PIN, another role.
    refused(enrol(&first, &seat, "under-15", "1234\n1234"), 1, "reason-contradicted");
    let unknown = enrol(&first, &seat, "lost-interest", "1234\n1234");
    assert_eq!(unknown.code, Some(64), "{unknown:?}");
    let wrong = enrol(&first, &seat, "not-issued", "9999\n1234").expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(wrong.stdout.contains("Nothing was enrolled") && wrong.stdout.contains('2'), "{}", wrong.stdout);
    let wrong = enrol(&first, &seat, "not-issued", "1234\n9999").expect(5).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(wrong.stdout.contains("Nothing was enrolled"), "{}", wrong.stdout);
    refused(enrol(&auditor, &seat, "not-issued", "1234\n1234"), 1, "forbidden");

    // Read, it waits; nothing is bound before another official has approved, and a restart forgets nothing.
    let pending = waits(enrol(&first, &seat, "not-issued", "1234\n1234"));
    vote(&story, &seat).expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    refused(first.tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap(), 1, "same-official");
    let blind = auditor.tachiai(&["approve", &pending.id, "--yes"]).unwrap().expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(blind.stderr.contains("is not shown"), "{}", blind.stderr);
    let listed = second.tachiai(&["approvals"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(listed.stdout.contains(&pending.id) && listed.stdout.contains("no signing certificate was issued"), "{}", listed.stdout);
    let approved = second.tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let enrolled: Enrolled = approved.json().unwrap();
    // Nobody signs for a person who was not shown.
    for part in [&story.scene.electors[0].name, "card fingerprint: "] {
        assert!(approved.stderr.contains(part), "{part}: {approved:?}");
    }
    refused(enrol(&first, &seat, "not-issued", "1234\n1234"), 1, "already-enrolled");

    // The holder votes, and the fallback is listed for commission and auditor.
    vote(&story, &seat).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    for official in [&first, &auditor] {
        let list: Value = official.ask(&["card", "fallbacks"]).unwrap_or_else(|trouble| panic!("{trouble}"));
        let [fallback] = &list["fallbacks"].as_array().unwrap()[..] else { panic!("{list}") };
        assert_eq!(fallback["citizen"], enrolled.citizen.to_string());
        assert_eq!(fallback["fallback"]["reason"], "not-issued");
        assert_eq!(fallback["fallback"]["by"], serde_json::json!(["nishimura", "tanaka"]));
        assert_eq!(fallback["standing"], serde_json::to_value(Standing::Current).unwrap());
    }
    let words = first.tachiai(&["card", "fallbacks"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let elector = &story.scene.electors[0];
    assert!(words.stdout.contains("nishimura, tanaka"), "{}", words.stdout);
    assert!(!words.stdout.contains(&elector.name), "{}", words.stdout);

    // The appliance is still sound, and its views can be built anew.
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.tachiaid(&["check"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.tachiaid(&["rebuild"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let list: Value = first.ask(&["card", "fallbacks"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(list["fallbacks"].as_array().unwrap().len(), 1);
}

/// The counter: two officials, and a reader for each.
struct Counter {
    story: Story,
    desk: Desk,
}

/// Both languages, with what says that nobody was enrolled.
const NOBODY: [(&str, &str); 2] = [("ja", "登録していません。"), ("en", "othing was enrolled.")];

impl Counter {
    fn open() -> Counter {
        Counter { story: Story::new(3), desk: Desk::with(2) }
    }

    /// A card of the usual authority, of which something is other than usual.
    fn card(&self, elector: usize, change: impl FnOnce(&mut Order)) -> Content {
        let residents = &self.story.scene.residents;
        let mut order = self.story.scene.electors[elector].order(residents.validity());
        change(&mut order);
        order.issue(residents.authorities(), residents.pool()).unwrap()
    }

    fn words<'a>(&'a self, official: &'a Official, lang: &'a str, command: &[&'a str]) -> Vec<&'a str> {
        [&["--profile", official.profile().to_str().unwrap(), "--lang", lang], command].concat()
    }

    fn first(&self) -> &Official {
        &self.story.holding.staff().first
    }

    fn second(&self) -> &Official {
        &self.story.holding.staff().second
    }

    /// The first official's command as a script runs it, for the card in the first reader.
    fn script(&self, lang: &str, reason: &str) -> Outcome {
        let reader = self.desk.reader(0);
        let command = ["card", "enrol-counter", "--reason", reason, "--reader", &reader, "--text-pin-fd", "0", "--pin-fd", "0", "--yes"];
        self.desk.run_with("5678\n1234", &self.words(self.first(), lang, &command))
    }

    /// The first official's command at a terminal.
    fn terminal(&self, lang: &str, reason: &str) -> Terminal {
        let reader = self.desk.reader(0);
        self.desk.terminal(&self.words(self.first(), lang, &["card", "enrol-counter", "--reason", reason, "--reader", &reader]))
    }

    /// What the second official is shown of the only request, and how it ends after this answer.
    fn approve(&self, lang: &str, answer: &str) -> Conversation {
        let waiting: Value = self.second().ask(&["approvals"]).unwrap();
        let [pending] = &waiting["pending"].as_array().unwrap()[..] else { panic!("{waiting}") };
        let question = if lang == "ja" { "承認しますか？ [y/N] " } else { "Approve? [y/N] " };
        self.desk.terminal(&self.words(self.second(), lang, &["approve", pending["id"].as_str().unwrap()])).expect(question).say(answer).end()
    }

    /// The fingerprint that the second official sees with the card in their own reader.
    fn fingerprint(&self, reader: usize) -> String {
        let said = self.desk.run(&["--lang", "ja", "card", "info", "--reader", &self.desk.reader(reader)]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        after(&said.stdout, "カードの指紋: ")
    }

    #[track_caller]
    fn nothing_waits(&self) {
        assert_eq!(self.second().ask::<Value>(&["approvals"]).unwrap(), serde_json::json!({ "pending": [], "declined": [] }));
    }
}

/// The rest of the line after these words.
#[track_caller]
fn after(text: &str, words: &str) -> String {
    let rest = text.split_once(words).unwrap_or_else(|| panic!("{words}: {text}")).1;
    rest.lines().next().unwrap().trim_end().to_owned()
}

#[test]
fn at_two_terminals_both_officials_see_whom_they_enrol_and_compare_the_card() {
    let mut counter = Counter::open();
    let elector = counter.story.scene.electors[0].clone();
    let content = counter.card(0, |order| order.password = None);
    let card = counter.desk.insert(0, &content, &[]);

    // The first official and the holder, who reads what the card signs before the PIN.
    let Conversation { shown, code } = counter
        .terminal("ja", "not-issued")
        .expect("券面事項入力補助用")
        .secret("5678")
        .expect(&elector.name)
        .expect(&elector.address)
        .expect("カードの写真と見比べましたか？")
        .say("y")
        .expect("カードの持ち主の方へ：暗証番号を入力すると、カードは次の内容に署名します。")
        .expect("用途：窓口での利用登録（職員二名の確認による）")
        .expect("利用者証明用の暗証番号")
        .secret("1234")
        .end();
    assert_eq!(code, Some(3), "{shown}");
    assert!(!shown.contains("1234") && !shown.contains("5678"), "{shown}");
    let fingerprint = after(&shown, "カードの指紋: ");
    assert!(fingerprint.split('-').map(str::len).eq([4; 5]), "{fingerprint}");

    // The second official has the card in the own reader.
    counter.desk.remove(0, card);
    let card = counter.desk.insert(1, &content, &[]);
    assert_eq!(counter.fingerprint(1), fingerprint);
    let Conversation { shown, code } = counter.approve("ja", "n");
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("承認しませんでした。"), "{shown}");
    let Conversation { shown, code } = counter.approve("ja", "y");
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(after(&shown, "カードの指紋: "), fingerprint);
    for part in [&*elector.name, &elector.address, "窓口で行う理由: ", "カードを自分でリーダーに置き", "登録しました。市民ID: "] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("すでに別のカードで登録済み") && !shown.contains("これまでの登録"), "{shown}");
    counter.desk.remove(1, card);

    // With an accomplice's card under the same person's text both see that there is another.
    let _other = counter.desk.insert(0, &counter.card(0, |order| (order.number, order.password) = (2, None)), &[]);
    let both = [("ja", "すでに別のカードで登録済み: ", "承認しますか？ [y/N] "), ("en", "already enrolled with another card: ", "Approve? [y/N] ")];
    for (lang, words, _) in both {
        let read = counter.script(lang, "not-issued").expect(3).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert_eq!(after(&read.stdout, words), fingerprint);
    }
    let waiting: Value = counter.second().ask(&["approvals"]).unwrap();
    for (pending, (lang, words, question)) in waiting["pending"].as_array().unwrap().iter().zip(both) {
        let words_of_it = counter.words(counter.second(), lang, &["approve", pending["id"].as_str().unwrap()]);
        let Conversation { shown, code } = counter.desk.terminal(&words_of_it).expect(question).say("n").end();
        assert_eq!((code, after(&shown, words)), (Some(1), fingerprint.clone()));
    }
}

#[test]
fn who_changed_the_name_is_enrolled_again_with_the_same_card_and_both_officials_see_both_names() {
    let mut counter = Counter::open();
    let old = counter.story.scene.electors[0].name.clone();
    for (name, lang) in [(None, "ja"), (Some("朝来　改姓"), "en"), (Some("豊岡　改姓"), "ja")] {
        let content = counter.card(0, |order| {
            order.password = None;
            order.attributes.name = name.unwrap_or(&old).to_owned();
        });
        let card = counter.desk.insert(0, &content, &[]);
        let read = counter.script(lang, "not-issued").expect(3).unwrap_or_else(|trouble| panic!("{trouble}"));
        let Conversation { shown, code } = counter.approve(lang, "y");
        assert_eq!(code, Some(0), "{shown}");
        for screen in [&read.stdout, &shown] {
            match (name, lang) {
                (None, _) => assert!(!screen.contains("これまでの登録"), "{screen}"),
                (Some(_), "en") => assert_eq!(after(screen, "enrolled so far under the name: "), old),
                (Some(_), _) => assert_eq!(after(screen, "これまでの登録の氏名: "), "朝来　改姓"),
            }
        }
        assert!(shown.contains(name.unwrap_or(&old)), "{shown}");
        counter.desk.remove(0, card);
    }
    // One citizen all the time.
    let list: Value = counter.first().ask(&["card", "fallbacks"]).unwrap();
    let citizens: Vec<&Value> = list["fallbacks"].as_array().unwrap().iter().map(|fallback| &fallback["citizen"]).collect();
    assert!(citizens.len() == 3 && citizens.iter().all(|citizen| *citizen == citizens[0]), "{list}");
}

#[test]
fn a_reason_that_the_card_contradicts_is_asked_about_and_refused_to_a_script() {
    let mut counter = Counter::open();
    for (password, left, reason, words) in [
        (Some("YABU2026"), 5, "not-issued", ["署名用電子証明書が発行されています", "A signing certificate was issued"]),
        (Some("YABU2026"), 5, "under-15", ["署名用電子証明書が発行されています", "A signing certificate was issued"]),
        (Some("YABU2026"), 4, "password-blocked", ["ロックされていません（あと4回）", "not blocked (tries left: 4)"]),
        (None, 0, "password-blocked", ["署名用電子証明書が発行されていません", "No signing certificate was issued"]),
        (None, 0, "expired", ["署名用電子証明書が発行されていません", "No signing certificate was issued"]),
    ] {
        let mut content = counter.card(0, |order| order.password = password.map(str::to_owned));
        content.signing.iter_mut().for_each(|signing| signing.pin.left = left);
        let card = counter.desk.insert(0, &content, &[]);
        for ((lang, nobody), words) in NOBODY.into_iter().zip(words) {
            let outcome = counter.script(lang, reason);
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            assert!(outcome.stderr.contains(words) && outcome.stderr.contains(nobody), "{outcome:?}");
        }
        counter.nothing_waits();
        counter.desk.remove(0, card);
    }
    // Whoever forgot the password is asked about, and enrolled; a blocked one is no question.
    let card = counter.desk.insert(0, &counter.card(0, |_| ()), &[]);
    let Conversation { shown, code } = counter.terminal("ja", "password-blocked").expect("それでもこの理由で続けますか？").say("n").end();
    assert_eq!(code, Some(1), "{shown}");
    counter.nothing_waits();
    let Conversation { shown, code } = counter
        .terminal("en", "password-blocked")
        .expect("Go on with this reason nevertheless?")
        .say("y")
        .expect("tries left: 3]: ")
        .secret("5678")
        .expect("Did you compare the photograph?")
        .say("y")
        .expect("Purpose: enrolment at a counter")
        .expect("tries left: 3]: ")
        .secret("1234")
        .end();
    assert_eq!(code, Some(3), "{shown}");
    counter.desk.remove(0, card);
    let mut blocked = counter.card(1, |_| ());
    blocked.signing.as_mut().unwrap().pin.left = 0;
    let _card = counter.desk.insert(0, &blocked, &[]);
    counter.script("ja", "password-blocked").expect(3).unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[test]
fn whose_date_of_birth_is_unknown_is_enrolled_from_the_console() {
    let mut counter = Counter::open();
    for (elector, birth) in ["19800000", "19809900", "00000000"].into_iter().enumerate() {
        let content = counter.card(elector, |order| {
            order.password = None;
            order.attributes.birth_date = BirthDate::from_eight_digits(birth).unwrap();
        });
        let card = counter.desk.insert(0, &content, &[]);
        counter.script("ja", "not-issued").expect(3).unwrap_or_else(|trouble| panic!("{trouble}"));
        let Conversation { shown, code } = counter.approve("ja", "y");
        assert!(code == Some(0) && shown.contains(birth), "{shown}");
        counter.desk.remove(0, card);
    }
}

#[test]
fn a_card_pulled_at_any_moment_at_a_counter_enrols_nobody_and_both_languages_say_so() {
    let mut counter = Counter::open();
    let card = counter.desk.insert(0, &counter.card(0, |order| order.password = None), &[]);
    counter.desk.remove(0, card);
    for (pulled, commands) in (2..200).step_by(4).enumerate() {
        let (lang, nobody) = NOBODY[pulled % 2];
        let card = counter.desk.put_back(0, &[&format!("remove-after:{commands}")]);
        let outcome = counter.script(lang, "not-issued");
        if outcome.code == Some(3) {
            assert!(pulled >= 3, "the card was pulled only {pulled} times");
            return;
        }
        counter.desk.gone(0, card);
        assert_eq!(outcome.code, Some(5), "after {commands} commands: {outcome:?}");
        assert!(outcome.stderr.contains(nobody), "after {commands} commands: {outcome:?}");
        counter.nothing_waits();
    }
    panic!("the card was always pulled too early");
}

#[test]
fn an_authentication_certificate_that_has_expired_enrols_nobody_at_a_counter() {
    let counter = Counter::open();
    let now = tachiai_tests::voters::now().unix().unsigned_abs();
    let content = counter.card(0, |order| {
        order.password = None;
        order.validity.not_after = UnixTime::from_secs(now - 60);
    });
    let _card = counter.desk.insert(0, &content, &[]);
    for ((lang, nobody), words) in NOBODY.into_iter().zip(["期限", "expired"]) {
        let outcome = counter.script(lang, "not-issued");
        assert_eq!(outcome.code, Some(5), "{outcome:?}");
        assert!(outcome.stderr.contains(words) && outcome.stderr.contains(nobody), "{outcome:?}");
    }
    counter.nothing_waits();
    // No PIN was asked for.
    let tries: Value = counter.desk.run(&["--json", "card", "info"]).ok().unwrap().json().unwrap();
    assert_eq!((&tries["tries"]["text"], &tries["tries"]["authentication"]), (&Value::from(3), &Value::from(3)));
}
