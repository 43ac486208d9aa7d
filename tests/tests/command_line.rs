//! What every program owes whoever types its name: help, a version, exit codes by the contract, both languages, JSON for scripts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_verify::testing::Play;

/// Every program, with its commands.
const PROGRAMS: [(&str, &[&[&str]]); 8] = [
    ("tachiaid", &[&["init"], &["run"], &["check"], &["rebuild"], &["check-config"], &["staff"], &["staff", "add"], &["staff", "list"], &["staff", "revoke"]]),
    (
        "tachiai",
        &[
            &["election"],
            &["election", "create"],
            &["election", "import-roll"],
            &["election", "add-trustee"],
            &["election", "ceremony"],
            &["election", "status"],
            &["election", "open"],
            &["election", "close-online"],
            &["election", "close-poll"],
            &["election", "count"],
            &["election", "publish"],
            &["election", "export-record"],
            &["election", "cosign"],
            &["election", "carry"],
            &["election", "export-evidence"],
            &["election", "papers"],
            &["election", "board"],
            &["election", "board", "list"],
            &["election", "board", "check"],
            &["election", "board", "verify"],
            &["election", "roll"],
            &["election", "roll", "list"],
            &["election", "roll", "find"],
            &["election", "roll", "show"],
            &["election", "roll", "correct"],
            &["election", "roll", "object"],
            &["election", "roll", "decide"],
            &["election", "roll", "export"],
            &["election", "paper-count"],
            &["election", "paper-count", "enter"],
            &["election", "paper-count", "show"],
            &["election", "paper-count", "sign"],
            &["election", "candidate-out"],
            &["election", "lot"],
            &["election", "result"],
            &["election", "turnout"],
            &["election", "declarations"],
            &["election", "envelopes"],
            &["election", "rehearse"],
            &["approve"],
            &["declare"],
            &["trustee", "new"],
            &["trustee", "commit"],
            &["trustee", "deal"],
            &["trustee", "confirm"],
            &["trustee", "state"],
            &["trustee", "decrypt"],
            &["trustee", "card"],
            &["trustee", "destroy"],
            &["card"],
            &["card", "info"],
            &["card", "readers"],
            &["card", "enrol"],
            &["poll"],
            &["poll", "key"],
            &["poll", "officer", "new"],
            &["poll", "check-in"],
            &["poll", "undo"],
            &["poll", "day-close"],
            &["poll", "status"],
            &["poll", "absentee", "request"],
            &["poll", "absentee", "send"],
            &["poll", "absentee", "receive"],
            &["poll", "absentee", "list"],
            &["poll", "hand-in"],
            &["poll", "set-aside"],
            &["shelter", "import", "facilities"],
            &["shelter", "import", "residents"],
            &["shelter", "import", "support"],
            &["shelter", "facilities"],
            &["shelter", "event", "declare"],
            &["shelter", "event", "list"],
            &["shelter", "event", "show"],
            &["shelter", "event", "close"],
            &["shelter", "open"],
            &["shelter", "state"],
            &["shelter", "terminal", "admit"],
            &["shelter", "terminal", "revoke"],
            &["shelter", "terminal", "list"],
            &["shelter", "terminal", "setup-file"],
            &["shelter", "person", "search"],
            &["shelter", "person", "show"],
            &["shelter", "person", "conflicts"],
            &["shelter", "person", "settle"],
            &["shelter", "person", "unsettle"],
            &["roster", "check"],
            &["shelter", "duplicates"],
            &["shelter", "link"],
            &["shelter", "safety"],
            &["shelter", "overview"],
            &["shelter", "missing"],
            &["shelter", "triage"],
            &["shelter", "meals"],
            &["shelter", "reports"],
            &["shelter", "report", "headcount"],
            &["shelter", "report", "supply"],
            &["shelter", "report", "assessment"],
            &["shelter", "report", "handover"],
            &["shelter", "report", "health"],
            &["shelter", "hand-in"],
            &["shelter", "aside", "list"],
            &["shelter", "aside", "show"],
            &["shelter", "aside", "take"],
            &["shelter", "aside", "drop"],
            &["shelter", "papers"],
            &["shelter", "questionnaire", "define"],
            &["shelter", "questionnaire", "show"],
            &["shelter", "questionnaire", "fill"],
            &["shelter", "questionnaire", "link"],
            &["reception"],
            &["reception", "init"],
            &["reception", "sync"],
            &["reception", "status"],
            &["reception", "clock"],
            &["reception", "out"],
            &["reception", "move"],
            &["reception", "edit"],
            &["reception", "paper"],
            &["reception", "list"],
            &["reception", "search"],
            &["reception", "show"],
            &["reception", "conflicts"],
            &["reception", "settle"],
            &["reception", "take-back"],
            &["reception", "roll-call"],
            &["reception", "headcount"],
            &["reception", "supplies"],
            &["reception", "assess"],
            &["reception", "health"],
            &["reception", "meals"],
            &["reception", "questionnaire"],
            &["reception", "state"],
            &["reception", "handover"],
            &["reception", "export"],
            &["reception", "confirm"],
            &["reception", "carry"],
            &["reception", "in", "card"],
            &["reception", "in", "citizen"],
            &["reception", "in", "resident"],
            &["reception", "in", "typed"],
            &["reception", "in", "household"],
            &["reception", "in", "family"],
            &["status"],
            &["journal"],
            &["shelter", "list"],
            &["shelter", "warnings"],
            &["questionnaire", "fill"],
            &["questionnaire", "show"],
            &["agency", "set"],
            &["agency", "list"],
            &["agency", "grant"],
            &["agency", "grants"],
            &["agency", "withdraw"],
            &["agency", "disclosures"],
            &["agency", "fetch"],
            &["agency", "pull"],
            &["disclose"],
            &["access", "list"],
            &["access", "own"],
            &["citizen", "link"],
            &["citizen", "erase"],
            &["access", "consent"],
            &["access", "desk-consent"],
            &["access", "alert"],
            &["access", "read"],
            &["access", "alerts"],
            &["access", "steps"],
            &["access", "fetch-steps"],
            &["vote"],
            &["challenge"],
            &["receipt", "check"],
            &["completions"],
            &["man"],
        ],
    ),
    ("tachiai-verify", &[&["ballot"], &["receipt"], &["fork"]]),
    ("tachiai-witness", &[&["init"], &["key"], &["watch"], &["follow"], &["stick"], &["serve"], &["feed"]]),
    ("tachiai-vcard", &[]),
    ("tachiai-demo", &[]),
    ("tachiai-load", &[]),
    ("tachiai-fuzz", &[]),
];

fn run(program: &str, arguments: &[&str]) -> Outcome {
    Programs::beside_this().unwrap().run(program, arguments).unwrap()
}

fn japanese(text: &str) -> bool {
    text.chars().any(|c| ('ぁ'..='ん').contains(&c))
}

#[test]
fn every_program_and_command_helps_tells_its_version_and_refuses_wrong_use() {
    for (program, commands) in PROGRAMS {
        let version = run(program, &["--version"]);
        assert_eq!(version.code, Some(0), "{version:?}");
        assert_eq!(version.stdout.trim(), format!("{program} {}", env!("CARGO_PKG_VERSION")));
        for command in std::iter::once(&&[][..]).chain(commands) {
            let help = run(program, &[*command, &["--help"]].concat());
            assert_eq!(help.code, Some(0), "{help:?}");
            assert!(help.stdout.contains("Usage") && help.stderr.is_empty(), "{help:?}");
            let wrong = run(program, &[*command, &["--no-such-option"]].concat());
            assert_eq!(wrong.code, Some(64), "{wrong:?}");
            assert!(wrong.stdout.is_empty() && wrong.stderr.contains("--no-such-option"), "{wrong:?}");
        }
    }
    for (program, wrong) in [
        ("tachiaid", &["no-such-command"][..]),
        ("tachiaid", &[]),
        ("tachiaid", &["run"]),
        ("tachiaid", &["init", "--data", "x"]),
        ("tachiai", &[]),
        ("tachiai", &["election"]),
        ("tachiai", &["vote"]),
        ("tachiai", &["approve"]),
        ("tachiai", &["poll"]),
        ("tachiai", &["poll", "key"]),
        ("tachiai", &["poll", "check-in"]),
        ("tachiai", &["poll", "check-in", "--desk", "x", "--manner", "by-heart"]),
        ("tachiai", &["poll", "day-close", "--desk", "x", "--officer", "y", "--in-box", "mayor"]),
        ("tachiai", &["poll", "undo", "--desk", "x", "--officer", "y"]),
        ("tachiai", &["poll", "check-in", "--desk", "x", "--by-name", "no-card", "--name", "y"]),
        ("tachiai", &["election", "roll", "show", "1"]),
        ("tachiai", &["election", "roll", "correct", "--strike", "--reason", "death", "--note", "x"]),
        ("tachiai", &["trustee", "decrypt", "--dir", "x", "--stick", "y"]),
        ("tachiai", &["trustee", "decrypt", "--dir", "x", "--stick", "y", "--expect", "not a fingerprint"]),
        ("tachiai-verify", &[]),
        ("tachiai-verify", &["receipt", "only-one"]),
        ("tachiai-verify", &["x", "--expect", "not a fingerprint"]),
        ("tachiai-verify", &["x", "--jobs", "0"]),
        ("tachiai-verify", &["x", "--cosignatures", "y"]),
        ("tachiai-witness", &[]),
        ("tachiai-witness", &["watch", "--state", "x"]),
        ("tachiai-witness", &["follow", "--state", "x", "--interval", "0"]),
        ("tachiai-vcard", &[]),
    ] {
        let outcome = run(program, wrong);
        assert_eq!(outcome.code, Some(64), "{outcome:?}");
    }
}

#[test]
fn help_and_what_is_wrong_with_a_line_are_told_in_japanese_to_who_asks_for_it() {
    for (program, commands) in &PROGRAMS[..4] {
        for command in std::iter::once(&&[][..]).chain(*commands) {
            let help = run(program, &[*command, &["--help", "--lang", "ja"]].concat());
            let english = ["Usage", "Options:", "[OPTIONS]", "Print ", "[default", "[possible", "Example", "Possible"]
                .into_iter()
                .filter(|word| help.stdout.contains(word));
            assert_eq!((help.code, english.collect::<Vec<_>>()), (Some(0), vec![]), "{help:?}");
            assert!(help.stdout.contains("使い方:") && help.stdout.contains("オプション:") && help.stderr.is_empty(), "{help:?}");
            let wrong = run(program, &[*command, &["--no-such-option", "--lang", "ja"]].concat());
            assert_eq!(wrong.code, Some(64), "{wrong:?}");
            assert!(wrong.stdout.is_empty() && wrong.stderr.starts_with("エラー: '--no-such-option'") && wrong.stderr.contains("使い方:"), "{wrong:?}");
        }
    }
    let json = run("tachiai", &["--json", "--lang", "ja", "no-such-command"]);
    let said: serde_json::Value = json.json().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(said["error"].as_str().is_some_and(|text| text.starts_with("エラー: 'no-such-command'")) && said["exit"] == 64, "{said}");
}

#[test]
fn a_shell_and_man_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run("tachiai", &["completions", shell]);
        assert!(script.code == Some(0) && ["import-roll", "approvals", "headcount"].iter().all(|word| script.stdout.contains(word)), "{script:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let said: serde_json::Value = run("tachiai", &["--json", "man", path]).ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(said["folder"], path);
    let page = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(page("tachiai.1").contains("Exit codes"));
    assert!(page("tachiai-election-import-roll.1").contains("preview") && page("tachiai.1").contains(".SH NAME"));
    let japanese = run("tachiai", &["--lang", "ja", "man", path]);
    assert!(japanese.code == Some(0) && page("tachiai.1").contains("終了コード") && page("tachiai-vote.1").contains(".SH 名前"), "{japanese:?}");
    let missing = run("tachiai", &["--lang", "en", "man", folder.path().join("missing").to_str().unwrap()]);
    assert!(missing.code == Some(2) && missing.stderr.contains("missing"), "{missing:?}");
}

#[test]
fn without_a_terminal_no_console_opens_and_the_commands_are_told() {
    let help = run("tachiai", &[]);
    assert!(help.code == Some(64) && help.stdout.is_empty() && help.stderr.contains("Usage") && help.stderr.contains("approvals"), "{help:?}");
    let json = run("tachiai", &["--json"]);
    let said: serde_json::Value = json.json().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((json.code, said["exit"].as_u64()), (Some(64), Some(64)));
}

#[test]
fn wrong_use_is_told_to_programs_in_json_and_to_people_who_ask_for_help_by_a_word() {
    for (program, wrong) in [
        ("tachiai", &["--json", "no-such-command"][..]),
        ("tachiai", &["election", "list", "--json", "--no-such-option"]),
        ("tachiai-verify", &["x", "--json", "--jobs", "0"]),
        ("tachiai-witness", &["--json", "no-such-command"]),
    ] {
        let outcome = run(program, wrong);
        let said: serde_json::Value = outcome.json().unwrap_or_else(|trouble| panic!("{trouble}"));
        assert_eq!((outcome.code, said["exit"].as_u64()), (Some(64), Some(64)), "{outcome:?}");
        assert!(said["error"].as_str().is_some_and(|text| text.contains("error:")) && outcome.stderr.is_empty(), "{outcome:?}");
    }
    for program in ["tachiai", "tachiai-verify"] {
        let help = run(program, &["help"]);
        assert!(help.code == Some(0) && help.stdout.contains("Usage"), "{help:?}");
    }
}

#[test]
fn failures_say_what_to_do_in_the_language_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let missing = missing.to_str().unwrap();
    let config = folder.path().join("bad.toml");
    fs::write(&config, "hosts = []\nunknown = 1\n[listen]\npublic = \"nowhere\"\n").unwrap();
    let config = config.to_str().unwrap();
    for (code, program, arguments) in [
        (2, "tachiaid", &["check-config", "--config", missing][..]),
        (1, "tachiaid", &["check-config", "--config", config]),
        (2, "tachiaid", &["run", "--config", config]),
        (64, "tachiai", &["--profile", missing, "election", "status"]),
        (2, "tachiai", &["receipt", "check", missing, "--server", "https://localhost:1", "--ca", missing]),
        (2, "tachiai", &["trustee", "state", "--dir", missing, "--stick", missing, "--passphrase-fd", "0"]),
        (2, "tachiai-verify", &[missing]),
        (2, "tachiai-verify", &["fork", missing]),
        (2, "tachiai-witness", &["key", "--state", missing]),
        (64, "tachiai-witness", &["init", "--name", "a b", "--state", missing]),
    ] {
        let [ja, en] = ["ja", "en"].map(|lang| run(program, &[arguments, &["--lang", lang]].concat()));
        assert_eq!((ja.code, en.code), (Some(code), Some(code)), "{ja:?} {en:?}");
        let [ja, en] = [ja, en].map(|outcome| outcome.stdout + &outcome.stderr);
        assert!(japanese(&ja), "{ja}");
        assert!(!japanese(&en), "{en}");
    }
    // Every problem of a configuration at once, by its path.
    let all = run("tachiaid", &["--lang", "en", "check-config", "--config", config]);
    let all = all.stdout + &all.stderr;
    assert!(["hosts", "unknown", "listen.public", "master_key"].iter().all(|path| all.contains(path)), "{all}");
    // Without --lang the locale decides.
    let mut command = Programs::beside_this().unwrap().command("tachiai-verify").unwrap();
    command.arg(missing).env("LC_ALL", "ja_JP.UTF-8");
    assert!(japanese(&Outcome::of(command).unwrap().stdout));
}

#[test]
fn nobody_listens_is_exit_code_4() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let key = rcgen::KeyPair::generate().unwrap();
    fs::write(&ca, rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap().pem()).unwrap();
    fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    let profile = folder.path().join("profile.toml");
    fs::write(&profile, "server = \"https://localhost:1\"\nca = \"ca.pem\"\ncert = \"ca.pem\"\nkey = \"key.pem\"\n").unwrap();
    for arguments in [&["election", "list"][..], &["approvals"], &["election", "status"]] {
        let outcome = run("tachiai", &[&["--lang", "en", "--profile", profile.to_str().unwrap()], arguments].concat());
        assert_eq!(outcome.code, Some(4), "{outcome:?}");
        assert!(outcome.stderr.contains("https://localhost:1"), "{outcome:?}");
    }
    let json = run("tachiai", &["--json", "--lang", "ja", "--profile", profile.to_str().unwrap(), "election", "list"]);
    let said: serde_json::Value = json.json().unwrap();
    assert_eq!((json.code, said["exit"].as_u64()), (Some(4), Some(4)));
    assert!(japanese(said["error"].as_str().unwrap()));
}

#[test]
fn json_is_one_object_whatever_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    fs::create_dir(&record).unwrap();
    let path = record.to_str().unwrap();
    let verdict = |arguments: &[&str]| {
        let outcome = run("tachiai-verify", &[&[path, "--json"], arguments].concat());
        (outcome.code.unwrap(), outcome.json::<serde_json::Value>().unwrap_or_else(|trouble| panic!("{trouble}")))
    };
    let (code, said) = verdict(&[]);
    assert_eq!(code, 2);
    assert!(said.is_object());
    let mut play = Play::whole(2);
    play.write(&record);
    let (code, said) = verdict(&[]);
    assert_eq!((code, &said["verdict"]), (0, &"holds".into()));
    let fingerprint = play.board.fingerprint().unwrap().to_string();
    assert_eq!(verdict(&["--expect", &fingerprint]).0, 0);
    let (code, said) = verdict(&["--expect", "aaaa-aaaa-aaaa-aaaa-aaaa"]);
    assert_eq!(code, 1);
    assert_ne!(said["verdict"], "holds");
    // A record that ends too early: a ballot more after the last entry was written.
    play.entries.pop();
    fs::remove_dir_all(&record).unwrap();
    play.write(&record);
    let (code, _) = verdict(&[]);
    assert_eq!(code, 2);
}

#[test]
fn a_reader_that_goes_away_is_no_reason_to_fail() {
    let tachiai = Programs::beside_this().unwrap().path("tachiai").unwrap();
    let line = format!("{{ sleep 0.3; '{}' --json --profile /nonexistent approvals; }} | true; test \"${{PIPESTATUS[0]}}\" = 64", tachiai.display());
    let output = std::process::Command::new("bash").args(["-c", &line]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}
