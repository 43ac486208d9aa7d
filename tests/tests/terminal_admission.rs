//! A terminal by commands alone: set up without a name by reception staff, seen by headquarters among those that ask, and admitted by its fingerprint as it was read out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use tachiai_schemas::roster::{CardRule, TerminalStatus};
use tachiai_tests::link::Link;
use tachiai_tests::reception::Drill;

#[test]
fn a_terminal_without_a_name_gets_one_and_is_admitted_by_the_fingerprint_that_was_read_out_and_by_no_other() {
    let drill = Drill::begin(4, CardRule::WithoutPin);
    let terminal = drill.unadmitted("somewhere");
    let event = drill.event.to_string();
    let init = ["init", "--event", &event, "--shelter", "gym"];
    let asked: Value = terminal.run(Link::Up, "", &init).expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    let (name, print) = (asked["terminal"].as_str().unwrap().to_owned(), asked["fingerprint"].as_str().unwrap().to_owned());
    assert!(name.starts_with("gym-") && name.len() == "gym-".len() + 4 && asked["admitted"] == json!(false), "{asked}");
    // Asked once more it is the same terminal.
    let again: Value = terminal.run(Link::Up, "", &init).expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!((&again["terminal"], &again["fingerprint"]), (&asked["terminal"], &asked["fingerprint"]));

    // Headquarters see it with its fingerprint.
    let list: Value = drill.headquarters.ask(&["shelter", "terminal", "list"]).unwrap();
    assert_eq!((list["terminals"].as_array().unwrap().len(), list["asking"].as_array().unwrap().len()), (0, 1), "{list}");
    assert_eq!(list["asking"][0]["request"]["terminal"], json!(name), "{list}");
    let seen = drill.headquarters.tachiai(&["shelter", "terminal", "list"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(seen.stdout.contains(&print), "{}", seen.stdout);

    // Another fingerprint, and a name that nobody asks under, admit nothing; nor does reception staff.
    let admit = ["shelter", "terminal", "admit", "--asking", &name, "--fingerprint"];
    let with = |print: &str| [&admit[..], &[print]].concat().iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let run = |official: &tachiai_tests::appliance::Official, words: &[String], code: i32| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        official.tachiai(&words).unwrap().expect(code).unwrap_or_else(|trouble| panic!("{trouble}"))
    };
    run(&drill.headquarters, &with("aaaa bbbb cccc dddd"), 1);
    let other = ["shelter", "terminal", "admit", "--asking", "hall-9999", "--fingerprint", &print].map(str::to_owned);
    run(&drill.headquarters, &other, 1);
    run(&drill.desk, &with(&print), 1);
    assert!(drill.view().terminals.is_empty());

    // As it is heard: in capitals, without spaces.
    run(&drill.headquarters, &with(&print.replace(' ', "").to_uppercase()), 0);
    let view = drill.view();
    assert_eq!((view.terminals.len(), view.terminals[0].status, view.terminals[0].terminal.as_str()), (1, TerminalStatus::Admitted, name.as_str()));
    assert!(view.asking.is_empty());

    // From then on it works as any other.
    terminal.run(Link::Up, "", &["sync", "--pack"]).expect(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    terminal.run(Link::Cut, "", &["in", "resident", "--number", "1", "--yes"]).expect(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    terminal.run(Link::Up, "", &["sync"]).expect(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(drill.view().totals.present, 1);
}
