//! A roll is imported whole or not at all, and everything that is wrong in it is named by its line at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use tachiai_schemas::staff::RollReport;
use tachiai_tests::appliance::Outcome;
use tachiai_tests::city::{Encoding, roll_csv};
use tachiai_tests::holding::Holding;
use tachiai_tests::story::{Scene, Setting};

/// Makes another row of a row.
type Change<'a> = &'a dyn Fn(&str) -> String;

struct Office {
    scene: Scene,
    holding: Holding,
}

impl Office {
    fn open(electors: usize) -> Office {
        let mut scene = Scene::set(Setting::of(electors));
        let staff = scene.appoint();
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        let holding = scene.create(staff);
        Office { scene, holding }
    }

    fn write(&self, name: &str, csv: &[u8]) -> PathBuf {
        let path = self.scene.folder.join(name);
        fs::write(&path, csv).unwrap();
        path
    }

    fn import(&self, global: &[&str], csv: &[u8]) -> Outcome {
        let path = self.write("new-roll.csv", csv);
        let id = self.holding.election.to_string();
        self.holding.staff().first.tachiai(&[global, &["election", "import-roll", path.to_str().unwrap(), "--yes", "--election", &id]].concat()).unwrap()
    }

    /// Imports a roll with mistakes, and gives the report; nothing may have changed.
    fn refuse(&self, csv: &[u8]) -> RollReport {
        let before = self.electors();
        let outcome = self.import(&["--json"], csv);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        let report: RollReport = serde_json::from_str(outcome.stdout.lines().next().unwrap()).unwrap();
        assert_eq!(report.electors, 0);
        assert!(!report.errors.is_empty());
        assert_eq!(self.electors(), before, "something was imported");
        report
    }

    fn electors(&self) -> u64 {
        self.holding.status().unwrap_or_else(|trouble| panic!("{trouble}")).electors
    }

    fn csv(&self, encoding: Encoding) -> Vec<u8> {
        roll_csv(&self.scene.city, &self.scene.electors, encoding)
    }

    /// The roll with some rows replaced, by their lines; the header is line 1.
    fn with_lines(&self, changes: &[(usize, Change<'_>)]) -> Vec<u8> {
        let text = String::from_utf8(self.csv(Encoding::Utf8)).unwrap();
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        for (line, change) in changes {
            lines[line - 1] = change(&lines[line - 1]);
        }
        (lines.join("\r\n") + "\r\n").into_bytes()
    }
}

fn field(row: &str, column: usize, value: &str) -> String {
    let mut fields: Vec<&str> = row.split(',').collect();
    fields[column] = value;
    fields.join(",")
}

#[test]
fn bad_rows_are_all_named_by_line_and_nothing_is_imported() {
    let office = Office::open(20);
    assert_eq!(office.electors(), 20);
    let rows: Vec<String> = String::from_utf8(office.csv(Encoding::Utf8)).unwrap().lines().map(ToOwned::to_owned).collect();
    let same_number = rows[2].split(',').next().unwrap().to_owned();
    let same_person = rows[4].clone();
    let csv = office.with_lines(&[
        (4, &|row| field(row, 1, "")),
        (6, &|row| field(row, 3, "1980-02-30")),
        (7, &|row| field(row, 3, "2999-01-01")),
        (8, &|row| field(row, 4, "男女")),
        (9, &|row| field(row, 6, "どこにもない区")),
        (10, &|row| row.to_owned() + ",余り"),
        (11, &|row| field(row, 0, "")),
        (13, &|row| field(row, 0, &same_number)),
        (15, &|row| field(&same_person, 0, row.split(',').next().unwrap())),
        (17, &|row| field(row, 5, "")),
    ]);
    let report = office.refuse(&csv);
    let lines: Vec<u64> = report.errors.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [4, 6, 7, 8, 9, 10, 11, 13, 15, 17], "{:#?}", report.errors);
    assert!(report.errors.iter().all(|problem| problem.en.starts_with(|c: char| c.is_ascii())), "{:#?}", report.errors);
    assert!(report.errors.iter().all(|problem| problem.ja.chars().any(|c| ('ぁ'..='ん').contains(&c))), "{:#?}", report.errors);
    let duplicates: Vec<&str> = report.errors.iter().filter(|problem| matches!(problem.line, 13 | 15)).map(|problem| problem.en.as_str()).collect();
    assert!(duplicates[0].contains("line 3") && duplicates[1].contains("line 5"), "{duplicates:?}");

    // People read the same.
    let said = office.import(&[], &csv);
    assert_eq!(said.code, Some(1));
    let all = said.stdout.clone() + &said.stderr;
    assert!(lines.iter().all(|line| all.contains(&format!("line {line}"))) && all.contains("Nothing was imported"), "{all}");
    assert_eq!(office.electors(), 20);
}

#[test]
fn files_that_are_no_roll_are_refused() {
    let office = Office::open(4);
    for csv in [
        &b""[..],
        b"\r\n",
        "氏名,住所\r\n養父 太郎,どこか\r\n".as_bytes(),
        b"PK\x03\x04\x14\x00\x06\x00 this is a spreadsheet",
        "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\r\n\"1,養父 太郎".as_bytes(),
        "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区,氏名\r\n".as_bytes(),
    ] {
        office.refuse(csv);
    }
    // A Shift_JIS file that was cut in the middle of a character.
    let sjis = office.csv(Encoding::ShiftJis);
    let cut = sjis.iter().rposition(|byte| *byte >= 0x80).unwrap();
    office.refuse(&sjis[..cut]);
}

#[test]
fn both_encodings_give_the_same_roll_and_a_later_import_replaces_the_earlier() {
    let office = Office::open(12);
    for (encoding, name) in [(Encoding::ShiftJis, "shift_jis"), (Encoding::Utf8, "utf-8")] {
        let outcome = office.import(&["--json"], &office.csv(encoding)).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        let report: RollReport = outcome.json().unwrap();
        assert_eq!((report.encoding.as_str(), report.rows, report.electors), (name, 12, 12));
        assert!(report.errors.is_empty() && report.warnings.is_empty(), "{report:#?}");
        assert_eq!(office.electors(), 12);
    }
    // A byte order mark, as spreadsheets write it, a comment, and fewer people.
    let text = String::from_utf8(office.csv(Encoding::Utf8)).unwrap();
    let few: Vec<&str> = text.lines().take(6).collect();
    let marked = format!("\u{feff}# 出力日 2026-11-22\r\n{}\r\n", few.join("\r\n"));
    office.import(&["--json"], marked.as_bytes()).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(office.electors(), 5);
    // What a person should look at is no error: a character that no JIS code has (外字).
    let odd = marked.replacen(few[1].split(',').nth(1).unwrap(), "𠮷\u{e000}田\u{3000}太郎", 1);
    let outcome = office.import(&["--json"], odd.as_bytes());
    let report: RollReport = serde_json::from_str(outcome.stdout.lines().next().unwrap()).unwrap();
    let about: Vec<u64> = report.warnings.iter().chain(&report.errors).map(|problem| problem.line).collect();
    assert!(!about.is_empty() && about.iter().all(|line| *line == 3), "{report:#?}");
}
