//! The program as the commission runs it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tachiai_crypto::hash::Hash32;
use tachiai_jpki::Purpose;
use tachiai_schemas::Slot;
use tachiai_schemas::identity::FallbackReason;
use tachiai_verify::eligibility::testing::Town;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tachiai-verify"));
    command.current_dir(folder).args(["eligibility", "record", "evidence", "roll.csv"]).args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_verdict_lists_fallbacks_and_names_people_only_when_asked() {
    let (mut play, mut town) = Town::new(1);
    let card = town.card(Slot(3));
    let (binding, officials) = (town.counter(&card, &card.attributes, FallbackReason::NotIssued), Town::officials(&play, FallbackReason::NotIssued));
    town.register_with(&mut play, Slot(3), &card, |evidence| (evidence.binding, evidence.fallback) = (binding, Some(officials)));
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let fingerprint = play.board.fingerprint().unwrap().to_string();
    let usual = ["--identity", "authority.txt", "--test-cards", "--expect", &fingerprint];

    let output = run(folder.path(), &usual);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    for part in [
        "agree under the authorities and keys listed above. If these are J-LIS's, the electors are eligible.",
        "slot 3: no signing certificate was issued",
        "8 electors",
        "CAREFUL",
        "Taken on trust",
    ] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }
    for name in ["養父", "nishimura"] {
        assert!(!said(&output).contains(name), "{}", said(&output));
    }
    let output = run(folder.path(), &[&usual[..], &["--names", "--lang", "ja"]].concat());
    for part in [
        "上に挙げた認証局と鍵のもとで一致します。それらがJ-LISのものであれば、有権者の資格は正しいです。",
        "名簿 5 行目 養父　3子",
        "nishimura",
        "窓口で結び付けたカード",
    ] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }
    // Only who names authorities and keys is told that the electors are eligible, without an if.
    let authorities =
        [Purpose::UserAuthentication, Purpose::DigitalSignature].map(|purpose| Hash32::sha256(town.ca.authority(purpose).certificate()).to_string());
    let anchor = Hash32::sha256(&town.text.anchor_bytes().unwrap()).to_string();
    assert!(authorities.iter().chain([&anchor]).all(|hash| said(&output).contains(hash)), "{}", said(&output));
    let cards = ["--card-anchor", &authorities[0], "--card-anchor", &authorities[1]];
    let text = ["--text-anchor", &anchor];
    for (given, bare) in [(vec![], false), (cards.to_vec(), false), (text.to_vec(), false), ([&cards[..], &text].concat(), true)] {
        for (lang, line) in [("en", "Verdict: the electors are eligible.\n"), ("ja", "判定: 有権者の資格は正しいです。\n")] {
            let output = run(folder.path(), &[&usual[..], &given, &["--lang", lang]].concat());
            assert!(output.status.code() == Some(0) && said(&output).contains(&anchor), "{}", said(&output));
            assert_eq!(said(&output).ends_with(line), bare, "{}", said(&output));
        }
    }
    let output = run(folder.path(), &[&usual[..], &["--text-anchor", &"0".repeat(64)]].concat());
    assert!(output.status.code() == Some(2) && said(&output).contains("typing error"), "{}", said(&output));
    let output = run(folder.path(), &[&usual[..], &["--json"]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["verdict"], &json["registrations"], &json["trust"]), (&"holds".into(), &1.into(), &"fingerprint".into()));
    assert_eq!((&json["fallbacks"][0]["slot"], &json["fallbacks"][0]["fallback"]["reason"]), (&3.into(), &"not-issued".into()));
    assert!(!said(&output).contains("養父") && !said(&output).contains("nishimura"));
}

#[test]
fn the_exit_codes_tell_refuted_from_incomplete_and_from_wrong_usage() {
    let (mut play, mut town) = Town::new(2);
    town.register(&mut play, Slot(0));
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let usual = ["--identity", "authority.txt", "--test-cards"];
    assert_eq!(run(folder.path(), &usual).status.code(), Some(0));
    // Residents' cards are meant if nothing is said.
    let output = run(folder.path(), &["--identity", "authority.txt", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["verdict"]), (Some(2), &"incomplete".into()));
    let output = run(folder.path(), &["--identity", "authority.txt"]);
    assert!(output.status.code() == Some(2) && said(&output).contains("--test-cards"), "{}", said(&output));
    assert_eq!(run(folder.path(), &["--identity", "roll.csv"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["--identity", "nowhere"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(64));
    assert_eq!(run(folder.path(), &[&usual[..], &["--json", "--names"]].concat()).status.code(), Some(64));
    std::fs::write(folder.path().join("roll.csv"), town.csv().replace("養父　5子", "養父　五子")).unwrap();
    let output = run(folder.path(), &usual);
    assert!(output.status.code() == Some(1) && said(&output).contains("rule R702"), "{}", said(&output));
    std::fs::remove_file(folder.path().join("evidence/slots/0")).unwrap();
    let output = run(folder.path(), &usual);
    assert!(output.status.code() == Some(2) && said(&output).contains("slots/0 is missing"), "{}", said(&output));
}

#[test]
fn an_identity_under_a_passphrase_opens_the_evidence() {
    use age::secrecy::ExposeSecret;
    use std::io::Write;
    let (mut play, mut town) = Town::new(3);
    town.register(&mut play, Slot(0));
    town.end(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let mut recipient = age::scrypt::Recipient::new("correct horse".into());
    recipient.set_work_factor(4);
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
    let mut writer = encryptor.wrap_output(std::fs::File::create(folder.path().join("sealed.age")).unwrap()).unwrap();
    writer.write_all(town.authority.to_string().expose_secret().as_bytes()).unwrap();
    writer.finish().unwrap();
    for (passphrase, code) in [("correct horse\n", 0), ("wrong horse\n", 2)] {
        let secret = folder.path().join("passphrase");
        std::fs::write(&secret, passphrase).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tachiai-verify"));
        command.current_dir(folder.path()).args(["eligibility", "record", "evidence", "roll.csv", "--identity", "sealed.age", "--test-cards"]);
        let output = command.args(["--identity-passphrase-fd", "0"]).stdin(std::fs::File::open(&secret).unwrap()).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    }
}

#[test]
fn the_verdict_lists_hand_outs_without_a_card_and_electors_who_were_added() {
    let (mut play, mut town, places) = Town::with_places(9);
    let card = town.card(Slot(0));
    let (issue, evidence) = town.handout(&mut play, &places, (0, 0), Slot(0), &card);
    town.push_handout(&mut play, &places, issue, &evidence);
    let newcomer = town.add_elector(&mut play, Town::newcomer(1));
    let (issue, evidence) = town.handout_by_name(&play, &places, (0, 0), newcomer);
    let leaf = town.push_handout(&mut play, &places, issue, &evidence);
    places.close_all(&mut play);
    places.count(&mut play);
    let folder = tempfile::tempdir().unwrap();
    town.write(&play, folder.path());
    let usual = ["--identity", "authority.txt", "--test-cards"];
    let output = run(folder.path(), &usual);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    for part in [
        "the evidence of all 2 hand-outs of papers (1 by card, 1 by two officials)",
        &format!("leaf {leaf}, slot 8: no card, or not brought along"),
        "1 slots that were added after the opening",
        "what two officials at the polling place saw",
    ] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }
    assert!(!said(&output).contains("朝来"));
    let output = run(folder.path(), &[&usual[..], &["--names", "--lang", "ja"]].concat());
    assert!(said(&output).contains("枠 8（開始後に追加 朝来　1子）: カードなし・持参せず"), "{}", said(&output));
    let output = run(folder.path(), &[&usual[..], &["--json"]].concat());
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&verdict["papers"]["handouts"], &verdict["papers"]["with_card"], &verdict["added"]), (&2.into(), &1.into(), &serde_json::json!([8])));
    assert_eq!(verdict["papers"]["by_name"], serde_json::json!([{ "leaf": leaf, "slot": 8, "reason": "no-card" }]));
}
