//! `tachiai card` with a real pcscd: what it shows, which card it takes, and what it leaves behind, which is nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tachiai_jpki::{UnixTime, Validity};
use tachiai_tests::appliance::Outcome;
use tachiai_tests::card::{Form, Next};
use tachiai_tests::desk::{Conversation, Desk, card_of_hanako};

/// What stands on Hanako's card and is hers alone.
const PERSONAL: [&str; 6] = ["番号　花子", "花子", "養父", "yabu", "Yabu", "1980"];

fn nothing_personal(said: &str) {
    for word in PERSONAL {
        assert!(!said.contains(word), "{word}: {said}");
    }
}

fn ok(outcome: Outcome) -> String {
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).stdout
}

fn json(outcome: Outcome) -> Value {
    serde_json::from_str(&ok(outcome)).unwrap()
}

#[test]
fn card_info_shows_kind_certificates_and_tries_and_nothing_personal() {
    let desk = Desk::with(2);
    let _card = desk.insert(1, &card_of_hanako(|_| ()), &[]);
    let ja = ok(desk.run(&["--lang", "ja", "card", "info"]));
    for expected in [
        &desk.reader(1)[..],
        "マイナンバーカード (JPKIAPICCTOKEN2)",
        "利用者証明用電子証明書: 有効期間内",
        "署名用電子証明書: あります",
        "シリアル番号: 01",
        "RSA 2048",
        "利用者証明用の暗証番号（数字4桁）: あと3回",
        "署名用のパスワード（英数字6～16文字）: あと5回",
        "券面事項入力補助用の暗証番号（数字4桁）: あと3回",
    ] {
        assert!(ja.contains(expected), "{expected}: {ja}");
    }
    nothing_personal(&ja);
    let en = ok(desk.run(&["--lang", "en", "card", "info"]));
    for expected in ["My Number Card (JPKIAPICCTOKEN2)", "user authentication certificate: valid", "digital signature certificate: there", "tries left"] {
        assert!(en.contains(expected), "{expected}: {en}");
    }
    nothing_personal(&en);
    let said = json(desk.run(&["--json", "card", "info"]));
    assert_eq!((&said["kind"], &said["reader"]), (&"card".into(), &desk.reader(1).into()));
    assert_eq!(said["tries"], serde_json::json!({ "authentication": 3, "signing": 5, "text": 3 }));
    let certificate = &said["certificates"]["authentication"];
    assert_eq!((&certificate["there"], &certificate["validity"], &certificate["key"]), (&"yes".into(), &"valid".into(), &"RSA 2048".into()));
    assert!(certificate["issuer"].as_str().unwrap().contains("JPKI"));
    assert!(UnixTime::from_rfc3339(certificate["not_after"].as_str().unwrap()).is_some());
    assert_eq!(said["certificates"]["signing"], serde_json::json!({ "there": "yes", "needs": "signing" }));
    assert!(said.get("attributes").is_none());
    nothing_personal(&said.to_string());
}

#[test]
fn the_four_attributes_are_shown_only_with_their_pin() {
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    let wanted = ["card", "info", "--four-attributes", "--pin-fd", "0"];
    let said = ok(desk.run_with("5678", &[&["--lang", "ja"], &wanted[..]].concat()));
    for expected in ["番号　花子", "兵庫県養父市八鹿町八鹿1675", "1980年02月17日", "女"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let said = json(desk.run_with("5678", &[&["--json"], &wanted[..]].concat()));
    assert_eq!((&said["attributes"]["name"], &said["attributes"]["birth"]), (&"番号　花子".into(), &"1980-02-17".into()));
    let wrong = desk.run_with("0000", &[&["--lang", "en"], &wanted[..]].concat()).expect(5).unwrap();
    assert!(wrong.stderr.contains("Tries left before it is blocked: 2"), "{wrong:?}");
    nothing_personal(&format!("{wrong:?}"));
    // Nobody can be asked where there is no terminal, and the card has lost no try by it.
    desk.run(&["card", "info", "--four-attributes"]).expect(64).unwrap();
    assert_eq!(json(desk.run(&["--json", "card", "info"]))["tries"]["text"], 2);
}

#[test]
fn the_signing_certificate_shows_its_validity_after_its_password_and_nothing_else() {
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    let wanted = ["card", "info", "--signing-certificate", "--password-fd", "0"];
    for lang in ["ja", "en"] {
        let said = ok(desk.run_with("yabu2026", &[&["--lang", lang], &wanted[..]].concat()));
        assert!(said.matches("RSA 2048").count() == 2, "{said}");
        nothing_personal(&said);
    }
    let said = json(desk.run_with("YABU2026", &[&["--json"], &wanted[..]].concat()));
    assert_eq!(said["certificates"]["signing"]["validity"], "valid");
    nothing_personal(&said.to_string());
}

#[test]
fn certificates_that_are_missing_over_or_about_to_be_are_told_apart() {
    let desk = Desk::with(1);
    let now = tachiai_tests::voters::now().unix().unsigned_abs();
    let until = |seconds: i64| {
        move |order: &mut tachiai_tests::card::Order| {
            order.validity = Validity { not_before: order.validity.not_before, not_after: UnixTime::from_secs(now.saturating_add_signed(seconds)) };
        }
    };
    let show = |card: &tachiai_tests::card::Content| {
        let inserted = desk.insert(0, card, &[]);
        let said = (ok(desk.run(&["--lang", "ja", "card", "info"])), json(desk.run(&["--json", "card", "info"])));
        drop(inserted);
        said
    };
    let (said, value) = show(&card_of_hanako(until(-60)));
    assert!(said.contains("利用者証明用電子証明書: 期限切れ"), "{said}");
    assert_eq!(value["certificates"]["authentication"]["validity"], "expired");
    let (said, value) = show(&card_of_hanako(until(30 * 86_400)));
    assert!(said.contains("利用者証明用電子証明書: まもなく期限切れ"), "{said}");
    assert_eq!(value["certificates"]["authentication"]["validity"], "ends-soon");
    let (said, value) = show(&card_of_hanako(|order| order.password = None));
    assert!(said.contains("署名用電子証明書: ありません") && said.contains("署名用のパスワード（英数字6～16文字）: このカードにはありません"), "{said}");
    assert_eq!((&value["certificates"]["signing"]["there"], &value["tries"]["signing"]), (&"no".into(), &Value::Null));
}

#[test]
fn phones_are_called_by_their_names() {
    let desk = Desk::with(1);
    for (form, label, ja) in [(Form::Android, "JPKIAPGPSETOKEN", "Android"), (Form::IPhone, "JPKIAPIOSTOKEN", "iPhone")] {
        let card = desk.insert(0, &card_of_hanako(|order| order.form = form), &[]);
        let said = ok(desk.run(&["--lang", "ja", "card", "info"]));
        assert!(said.contains(label) && said.contains(ja), "{said}");
        if form == Form::Android {
            assert!(said.contains("利用者証明用電子証明書: 未確認（中身を読むには利用者証明用の暗証番号"), "{said}");
        }
        drop(card);
    }
}

#[test]
fn pins_that_are_blocked_or_have_one_try_left_are_said_in_words() {
    let desk = Desk::with(1);
    let card = desk.insert(0, &card_of_hanako(|_| ()), &["locked"]);
    let said = ok(desk.run(&["--lang", "ja", "card", "info"]));
    assert_eq!(said.matches("ロックされています").count(), 3, "{said}");
    let locked = desk.run_with("5678", &["--lang", "en", "card", "info", "--four-attributes", "--pin-fd", "0"]).expect(5).unwrap();
    assert!(locked.stderr.contains("is blocked"), "{locked:?}");
    for (lang, word) in [("ja", "窓口"), ("en", "counter")] {
        let wanted = ["--lang", lang, "card", "info", "--signing-certificate", "--password-fd", "0"];
        let locked = desk.run_with("YABU2026", &wanted).expect(5).unwrap();
        assert!(locked.stderr.contains(word) && locked.stderr.contains("tachiai card enrol-counter"), "{locked:?}");
    }
    drop(card);
    let _card = desk.put_back(0, &[]);
    let wanted = ["card", "info", "--four-attributes", "--pin-fd", "0"];
    for _ in 0..2 {
        desk.run_with("0000", &wanted).expect(5).unwrap();
    }
    let said = ok(desk.run(&["--lang", "ja", "card", "info"]));
    assert!(said.contains("あと1回（もう一度間違えるとロックされます）"), "{said}");
    // The last try is not spent unasked, not even on the right PIN.
    for (lang, word) in [("ja", "--last-try を付けて"), ("en", "again with --last-try")] {
        let kept = desk.run_with("5678", &[&["--lang", lang], &wanted[..]].concat()).expect(5).unwrap();
        assert!(kept.stderr.contains(word), "{kept:?}");
    }
    ok(desk.run_with("5678", &[&wanted[..], &["--last-try"]].concat()));
    assert_eq!(json(desk.run(&["--json", "card", "info"]))["tries"]["text"], 3);
}

#[test]
fn readers_are_listed_with_what_is_in_them_and_one_is_taken_by_its_name() {
    let desk = Desk::with(3);
    let card = card_of_hanako(|_| ());
    let _cards = [desk.insert(0, &card, &[]), desk.insert(2, &card_of_hanako(|order| order.form = Form::IPhone), &[])];
    let said = json(desk.run(&["--json", "card", "readers"]));
    let listed: Vec<(&str, &str)> =
        said["readers"].as_array().unwrap().iter().map(|reader| (reader["name"].as_str().unwrap(), reader["holds"].as_str().unwrap())).collect();
    let names: Vec<String> = (0..3).map(|index| desk.reader(index)).collect();
    for (name, holds) in names.iter().zip(["card", "nothing", "card"]) {
        assert!(listed.contains(&(name, holds)), "{listed:?}");
    }
    let said = ok(desk.run(&["--lang", "ja", "card", "readers"]));
    assert!(said.contains(&format!("{}: カードあり", names[0])) && said.contains(&format!("{}: カードなし", names[1])), "{said}");
    // By the whole name, and by a part of it in any case.
    assert_eq!(json(desk.run(&["--json", "card", "info", "--reader", &names[0]]))["kind"], "card");
    assert_eq!(json(desk.run(&["--json", "card", "info", "--reader", "READER B 00 00"]))["kind"], "iphone");
    // At a terminal the holder is asked.
    let Conversation { shown, code } = desk.terminal(&["--lang", "ja", "card", "info"]).expect("番号: ").say("7").expect("番号: ").say("2").end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("JPKIAPIOSTOKEN"), "{shown}");
}

#[test]
fn at_a_terminal_a_wrong_pin_is_asked_again_until_one_try_is_left_and_is_never_shown() {
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    let wanted = |lang| ["--lang", lang, "card", "info", "--four-attributes"];
    // A slip of the fingers costs nothing, a wrong PIN one try.
    let terminal = desk.terminal(&wanted("ja")).expect("あと3回").secret("56789").expect("数字4桁です").expect("あと3回").secret("0000");
    let Conversation { shown, code } = terminal.expect("あと2回間違えるとロック").expect("あと2回").secret("5678").end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("番号　花子"));
    assert!(!shown.contains("5678") && !shown.contains("0000"), "{shown}");
    let terminal =
        desk.terminal(&wanted("en")).expect("tries left: 3").secret("0001").expect("Tries left before it is blocked: 2").expect("tries left: 2").secret("0002");
    let Conversation { shown, code } = terminal.expect("--last-try").end();
    assert_eq!(code, Some(5), "{shown}");
    assert_eq!(json(desk.run(&["--json", "card", "info"]))["tries"]["text"], 1);
}

/// Asks the card, as the next program that comes, whether a PIN counts as verified; this program selects no application by itself.
fn status_word(desk: &Desk, commands: &[&str]) -> String {
    let mut command = Command::new("opensc-tool");
    command.args(["-c", "default", "-r", "0"]).args(commands.iter().flat_map(|apdu| ["-s", apdu]));
    desk.pcscd.used_by(command.env("LC_ALL", "C.UTF-8"));
    let said = Outcome::of(command).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}")).stdout;
    let (_, last) = said.rsplit_once("SW1=0x").unwrap_or_else(|| panic!("{said}"));
    let (first, second) = last.split_once(", SW2=0x").unwrap();
    first.to_owned() + &second[..2]
}

const SELECT_JPKI: &str = "00:A4:04:0C:0A:D3:92:F0:00:26:01:00:00:00:01";
const SELECT_SIGNING_PIN: &str = "00:A4:02:0C:02:00:1B";
const VERIFY_YABU2026: &str = "00:20:00:80:08:59:41:42:55:32:30:32:36";
const SELECT_SIGNING_CERTIFICATE: &str = "00:A4:02:0C:02:00:01";
const READ: &str = "00:B0:00:00:04";

#[test]
fn a_password_that_was_verified_counts_for_nobody_who_comes_afterwards() {
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    fs::write(desk.folder.path().join("password"), "YABU2026").unwrap();
    // What a program leaves behind that only disconnects: the next one may sign.
    status_word(&desk, &[SELECT_JPKI, SELECT_SIGNING_PIN, VERIFY_YABU2026]);
    assert_eq!(status_word(&desk, &[SELECT_SIGNING_CERTIFICATE, READ]), "9000");
    assert_eq!(status_word(&desk, &[SELECT_JPKI, SELECT_SIGNING_CERTIFICATE, READ]), "9000");
    // What this one leaves behind, after success and after an error.
    let wanted = ["card", "info", "--signing-certificate", "--password-fd", "0"];
    ok(desk.run_with("YABU2026", &wanted));
    assert_eq!(status_word(&desk, &[SELECT_JPKI, SELECT_SIGNING_CERTIFICATE, READ]), "6982");
    ok(desk.run_with("YABU2026", &wanted));
    assert_eq!(status_word(&desk, &[SELECT_SIGNING_CERTIFICATE]), "6A82", "an application is selected still");
    let enrol = ["card", "enrol", "--server", "https://localhost:1", "--ca", "ca.pem", "--state", "state", "--password-fd", "0", "--pin-fd", "0"];
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(desk.folder.path().join("ca.pem"), authority.pem()).unwrap();
    // Nobody listens at that address, and both secrets were verified by then.
    desk.run_with("YABU2026\n1234", &enrol).expect(4).unwrap();
    assert_eq!(status_word(&desk, &[SELECT_JPKI, SELECT_SIGNING_CERTIFICATE, READ]), "6982");
    // And when it is told to end while it asks for the PIN, after the password was verified.
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let waiting = desk.start_in_shell_until_it_asks(0, "3<password", &[&enrol[..8], &["--password-fd", "3", "--pin-fd", "0"]].concat());
        kill_process(Pid::from_raw(waiting.id().cast_signed()).unwrap(), signal).unwrap();
        let ended = waiting.ends();
        assert_eq!(ended.code, None, "{signal:?} must look as a signal to the shell: {ended:?}");
        // Not even the application is selected still: the card had no power.
        assert_eq!(status_word(&desk, &[SELECT_SIGNING_CERTIFICATE]), "6A82", "{signal:?}");
        assert_eq!(status_word(&desk, &[SELECT_JPKI, SELECT_SIGNING_CERTIFICATE, READ]), "6982", "{signal:?}");
    }
    // Nothing can be done about this one: the service resets the card, which forgets nothing by that.
    let waiting = desk.start_in_shell_until_it_asks(0, "3<password", &[&enrol[..8], &["--password-fd", "3", "--pin-fd", "0"]].concat());
    kill_process(Pid::from_raw(waiting.id().cast_signed()).unwrap(), Signal::KILL).unwrap();
    waiting.ends();
    assert_eq!(status_word(&desk, &[SELECT_JPKI, SELECT_SIGNING_CERTIFICATE, READ]), "9000");
}

#[test]
fn a_secret_stands_in_no_argument_no_core_dump_no_swap_and_no_message() {
    const SECRET: &str = "QXZV7KWJ3PLT";
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    let waiting = desk.start_until_it_asks(0, &["--lang", "en", "card", "info", "--signing-certificate", "--password-fd", "0"]);
    // The service stands still, and so the console does, with the secret in its memory.
    desk.pcscd.signal(Signal::STOP).unwrap();
    let waiting = waiting.takes(SECRET);
    // No process of this machine has it where others may see it; a process may end while it is looked at.
    let everywhere = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    for process in everywhere {
        for name in ["cmdline", "environ"] {
            let shown = fs::read(format!("/proc/{process}/{name}")).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&shown).contains(SECRET), "/proc/{process}/{name}");
        }
    }
    let of_process = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", waiting.id())).unwrap();
    let limit = of_process("limits").lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
    assert_eq!(limit.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{limit}");
    // A process that may not be dumped belongs to root in /proc, whoever runs it; as root it shows in nothing but this.
    let locked: u64 = of_process("status").lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap().trim().trim_end_matches(" kB").parse().unwrap();
    assert!(locked > 0, "no memory is locked");
    desk.pcscd.signal(Signal::CONT).unwrap();
    let wrong = waiting.ends().expect(5).unwrap();
    assert!(wrong.stderr.contains("Tries left before it is blocked: 4"), "{wrong:?}");
    assert!(!format!("{}{}", wrong.stdout, wrong.stderr).contains(SECRET), "{wrong:?}");
}

/// The mappings of a process in which this stands, and whether each is kept from swap.
fn places(process: u32, secret: &[u8]) -> Vec<(String, bool)> {
    let memory = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{process}/smaps")).unwrap();
    let mut mappings: Vec<(&str, bool)> = Vec::new();
    for line in maps.lines() {
        match line.strip_prefix("VmFlags:") {
            Some(flags) => mappings.last_mut().unwrap().1 = flags.split(' ').any(|flag| flag == "lo"),
            None if line.split(' ').next().is_some_and(|word| word.contains('-')) => mappings.push((line, false)),
            None => {}
        }
    }
    let holds = |line: &str| {
        let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        // What the system keeps for itself cannot be read.
        line.contains(" rw") && memory.read_exact_at(&mut bytes, start).is_ok() && bytes.windows(secret.len()).any(|window| window == secret)
    };
    mappings.into_iter().filter(|(line, _)| holds(line)).map(|(line, kept)| (line.to_owned(), kept)).collect()
}

#[test]
fn where_little_memory_may_be_locked_a_secret_lies_in_locked_memory_alone() {
    const SECRET: &str = "QXZV7KWJ3PLT";
    let desk = Desk::with(1);
    let _card = desk.insert(0, &card_of_hanako(|_| ()), &[]);
    let waiting = desk.start_limited_until_it_asks(0, 8192, &["--lang", "en", "card", "info", "--signing-certificate", "--password-fd", "0"]);
    desk.pcscd.signal(Signal::STOP).unwrap();
    let waiting = waiting.takes(SECRET);
    let status = fs::read_to_string(format!("/proc/{}/status", waiting.id())).unwrap();
    let of = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().trim_end_matches(" kB").parse::<u64>().unwrap();
    assert!((1..=8192).contains(&of("VmLck:")), "{status}");
    // Not the whole process.
    assert!(of("VmSize:") > 8192, "{status}");
    // The memory of a process that may not be dumped is shown to nobody but root.
    if rustix::process::geteuid().is_root() {
        let places = places(waiting.id(), SECRET.as_bytes());
        assert!(!places.is_empty() && places.iter().all(|(_, kept)| *kept), "{places:?}");
    }
    desk.pcscd.signal(Signal::CONT).unwrap();
    waiting.ends().expect(5).unwrap();
}

#[test]
fn a_card_that_cannot_be_enrolled_from_here_sends_its_holder_to_the_counter() {
    let desk = Desk::with(1);
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(desk.folder.path().join("ca.pem"), authority.pem()).unwrap();
    let enrol =
        |lang: &'static str| ["--lang", lang, "card", "enrol", "--server", "https://localhost:1", "--ca", "ca.pem", "--password-fd", "0", "--pin-fd", "0"];
    let missing = desk.insert(0, &card_of_hanako(|order| order.password = None), &[]);
    for (lang, word) in [("ja", "署名用電子証明書がありません"), ("en", "holds no digital signature certificate")] {
        let said = desk.run_with("YABU2026\n1234", &enrol(lang)).expect(5).unwrap().stderr;
        assert!(said.contains(word) && said.contains("tachiai card enrol-counter"), "{said}");
    }
    drop(missing);
    let now = tachiai_tests::voters::now().unix().unsigned_abs();
    let past = |order: &mut tachiai_tests::card::Order| order.validity.not_after = UnixTime::from_secs(now - 60);
    // The certificate for authentication is looked at first, and has another way out.
    let expired = desk.insert(0, &card_of_hanako(past), &[]);
    for (lang, word, what) in [("ja", "利用者証明用電子証明書の有効期限", "更新してください"), ("en", "user authentication certificate expired", "renewed")]
    {
        let said = desk.run_with("YABU2026\n1234", &enrol(lang)).expect(5).unwrap().stderr;
        assert!(said.contains(word) && said.contains(what), "{said}");
        // Nobody is told what would be signed, or that anything is.
        assert!(!said.contains("localhost") && !said.contains("leave it on the reader"), "{said}");
    }
    drop(expired);
    let mut mixed = card_of_hanako(|_| ());
    mixed.signing = card_of_hanako(past).signing;
    let _expired = desk.insert(0, &mixed, &[]);
    for (lang, word) in [("ja", "署名用電子証明書の有効期限"), ("en", "digital signature certificate expired")] {
        let said = desk.run_with("YABU2026\n1234", &enrol(lang)).expect(5).unwrap().stderr;
        assert!(said.contains(word) && said.contains("tachiai card enrol-counter"), "{said}");
    }
    assert_eq!(json(desk.run(&["--json", "card", "info"]))["tries"], serde_json::json!({ "authentication": 3, "signing": 5, "text": 3 }));
}

#[test]
fn a_card_of_the_next_generation_shows_its_own_name_and_the_pins_that_it_has() {
    let desk = Desk::with(1);
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/data/card/next-generation.toml")).unwrap();
    // Without a file that tells what the token is, and with a PIN of six digits.
    let text = text.replace("token_info = \"0006\"\n", "").replace("least = 4, most = 4", "least = 6, most = 6");
    let file = desk.folder.path().join("next.toml");
    fs::write(&file, &text).unwrap();
    let next = Next::from_toml(&text).unwrap();
    let change = |order: &mut tachiai_tests::card::Order| {
        order.generation = Some(next.clone());
        (order.pin, order.text_pin) = ("123456".to_owned(), "123456".to_owned());
    };
    let _card = desk.insert(0, &card_of_hanako(change), &[]);
    let info = |lang: &'static str| ["--lang", lang, "card", "info", "--card-generation", "next.toml"];
    let said = ok(desk.run(&info("ja")));
    for expected in
        ["カードの世代: 次期個人番号カード（仮の値）", "利用者証明用の暗証番号（数字6桁）: あと3回", "署名用のパスワード（英数字8～16文字）: あと5回"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("券面事項入力補助用") && !said.contains("JPKIAPICCTOKEN2"), "{said}");
    let said = json(desk.run(&["--json", "card", "info", "--card-generation", "next.toml"]));
    assert_eq!((&said["label"], &said["generation"]), (&Value::Null, &"次期個人番号カード（仮の値）".into()));
    assert_eq!(said["tries"], serde_json::json!({ "authentication": 3, "signing": 5 }));
    // The text is opened by the PIN that the card has, and that is the one that is asked for, wrong and blocked.
    let attributes = [&info("en")[..], &["--four-attributes"]].concat();
    let terminal = desk.terminal(&attributes).expect("user authentication PIN (6 digits) [tries left: 3]").secret("12345");
    let terminal = terminal.expect("This card's user authentication PIN has 6 digits").expect("tries left: 3").secret("999999");
    let terminal = terminal.expect("Wrong user authentication PIN").expect("tries left: 2").secret("123456");
    let Conversation { shown, code } = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("番号　花子") && !shown.contains("card text PIN"), "{shown}");
    let attributes = [&attributes[..], &["--pin-fd", "0", "--last-try"]].concat();
    for _ in 0..3 {
        desk.run_with("999999", &attributes).expect(5).unwrap();
    }
    let blocked = desk.run_with("123456", &attributes).expect(5).unwrap();
    assert!(blocked.stderr.contains("The user authentication PIN is blocked"), "{blocked:?}");
}
