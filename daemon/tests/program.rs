//! The program `tachiaid` as operators use it: exit codes, both languages, and the way from an empty folder to a daemon.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn tachiaid(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tachiaid"));
    command.args(arguments).env("LC_ALL", "C.UTF-8").env_remove("TACHIAID_CONFIG").stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn expect(code: i32, arguments: &[&str]) -> String {
    let output = tachiaid(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// A new appliance on free ports; gives the path of its configuration.
fn appliance(dir: &Path) -> PathBuf {
    let data = dir.join("data");
    let listen = ["--listen-public", "127.0.0.1:0", "--listen-staff", "127.0.0.1:0"];
    expect(0, &[&["init", "--data", data.to_str().unwrap(), "--host", "localhost", "127.0.0.1", "--crl", "not-required"], listen.as_slice()].concat());
    let config = data.join("tachiaid.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let mut table: toml::Table = text.parse().unwrap();
    // A disk that is nearly full must not fail a test of something else.
    table.insert("disk".to_owned(), toml::Value::Table([("limit_percent".to_owned(), 99.into()), ("ballast_mb".to_owned(), 1.into())].into_iter().collect()));
    std::fs::write(&config, table.to_string()).unwrap();
    config
}

/// A daemon that is killed when the test ends.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended as the test wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Daemon {
    /// Starts it, and waits for the line that says that it serves.
    fn start(config: &str) -> Self {
        let mut child = command(&["run", "--config", config]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("serving: public 127.0.0.1:"), "{line}");
        Self(child)
    }

    fn terminate(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.0.wait().unwrap().code()
    }
}

#[test]
fn wrong_usage_ends_with_64_and_help_with_0() {
    expect(64, &[]);
    expect(64, &["no-such-command"]);
    expect(64, &["run"]);
    expect(64, &["staff", "add", "x", "--role", "mayor", "--out", "x", "--config", "x"]);
    expect(64, &["init", "--data", "/nonexistent/x", "--host", "Vote.Example:8443"]);
    let help = expect(0, &["--help"]);
    assert!(help.contains("tachiaid init --data"), "{help}");
    for command in ["init", "run", "check", "rebuild", "check-config", "staff"] {
        assert!(expect(0, &[command, "--help"]).contains("Example"), "{command}");
    }
    expect(0, &["--version"]);
}

#[test]
fn a_configuration_that_cannot_be_read_ends_with_2_in_either_language() {
    let en = expect(2, &["run", "--config", "/nonexistent/tachiaid.toml"]);
    assert!(en.contains("cannot read"), "{en}");
    let ja = expect(2, &["run", "--config", "/nonexistent/tachiaid.toml", "--lang", "ja"]);
    assert!(ja.contains("読めません"), "{ja}");
}

#[test]
fn every_problem_of_a_configuration_is_named_with_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tachiaid.toml");
    std::fs::write(&path, "hosts = []\nmaster_key = 'nothing'\n[disk]\nlimit_percent = 0\n[cards]\ncrl = 'no'\n").unwrap();
    let said = expect(1, &["check-config", "--config", path.to_str().unwrap()]);
    for path in ["hosts:", "disk.limit_percent:", "cards.crl:"] {
        assert!(said.contains(path), "{path}: {said}");
    }
}

#[test]
fn a_new_appliance_says_what_is_still_missing() {
    let dir = tempfile::tempdir().unwrap();
    let config = appliance(dir.path());
    let said = expect(1, &["check-config", "--config", config.to_str().unwrap()]);
    assert!(said.starts_with("cards.anchors:"), "{said}");
}

#[test]
fn a_folder_is_not_made_into_an_appliance_twice() {
    let dir = tempfile::tempdir().unwrap();
    appliance(dir.path());
    let data = dir.path().join("data");
    let key = std::fs::read(data.join("master.key")).unwrap();
    expect(1, &["init", "--data", data.to_str().unwrap(), "--host", "localhost"]);
    assert_eq!(std::fs::read(data.join("master.key")).unwrap(), key);
}

#[test]
fn staff_is_kept_while_the_daemon_is_stopped_and_while_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let config = appliance(dir.path());
    let config = config.to_str().unwrap();
    let out = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (stopped, running, again) = (out("stopped"), out("running"), out("again"));

    expect(0, &["staff", "add", "甲", "--role", "commission", "--out", &stopped, "--server", "https://localhost:9443", "--config", config]);
    let profile = std::fs::read_to_string(dir.path().join("stopped/profile.toml")).unwrap();
    let profile: toml::Table = profile.parse().unwrap();
    assert_eq!(profile["server"].as_str(), Some("https://localhost:9443"));
    for key in ["ca", "cert", "key"] {
        assert!(dir.path().join("stopped").join(profile[key].as_str().unwrap()).is_file(), "{key}");
    }

    let daemon = Daemon::start(config);
    expect(0, &["staff", "add", "乙", "--role", "trustee", "--out", &running, "--config", config]);
    let said = expect(1, &["staff", "add", "乙", "--role", "trustee", "--out", &again, "--config", config]);
    assert!(said.contains("is on the staff list already"), "{said}");
    let listed = expect(0, &["staff", "list", "--config", config]);
    assert!(listed.contains("甲  commission") && listed.contains("乙  trustee"), "{listed}");
    expect(0, &["staff", "revoke", "甲", "--config", config]);
    expect(1, &["staff", "revoke", "甲", "--config", config]);
    // A second daemon, a check and a rebuild need the folder for themselves.
    for command in ["run", "check", "rebuild"] {
        let said = expect(1, &[command, "--config", config]);
        assert!(said.contains("another tachiaid"), "{command}: {said}");
    }
    assert_eq!(daemon.terminate(), Some(0));

    let listed: serde_json::Value = serde_json::from_str(&expect(0, &["staff", "list", "--json", "--config", config])).unwrap();
    assert_eq!(listed["staff"].as_array().unwrap().len(), 1);
    assert_eq!(listed["staff"][0]["name"], "乙");
    let report: serde_json::Value = serde_json::from_str(&expect(0, &["check", "--json", "--config", config])).unwrap();
    assert_eq!(report["good"], true);
    // Two added, one revoked, one start, and what is trusted of cards.
    assert_eq!(report["journals"][0]["entries"], 5);
    expect(0, &["rebuild", "--config", config]);
    assert_eq!(expect(0, &["staff", "list", "--config", config]).lines().count(), 1);
}

#[test]
fn another_master_key_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let config = appliance(dir.path());
    let key = dir.path().join("data/master.key");
    std::fs::write(&key, [7; 32]).unwrap();
    let said = expect(2, &["run", "--config", config.to_str().unwrap()]);
    assert!(said.contains("set master_key to the right file"), "{said}");
}

#[test]
fn a_daemon_killed_at_once_starts_again() {
    let dir = tempfile::tempdir().unwrap();
    let config = appliance(dir.path());
    let config = config.to_str().unwrap();
    let mut daemon = Daemon::start(config);
    daemon.0.kill().unwrap();
    daemon.0.wait().unwrap();
    assert_eq!(Daemon::start(config).terminate(), Some(0));
}
