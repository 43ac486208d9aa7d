use proptest::prelude::*;
use proptest::sample::subsequence;

use super::super::shared::testing::{markers, people};
use super::super::shared::{FIELDS, Permitted};
use super::*;

const GOLDEN: &[u8] = include_bytes!("../../../tests/data/people.csv");

fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_table_of_every_field_is_the_one_that_is_kept() {
    let written = csv(&people(Permitted::all())).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(GOLDEN.to_vec()).unwrap());
}

#[test]
fn every_field_has_a_column_but_the_answers() {
    for field in FIELDS.iter().chain(&["note"]) {
        assert_eq!(COLUMNS.iter().any(|column| column.field == Some(field)), *field != "questionnaire", "{field}");
    }
}

#[test]
fn a_name_is_no_formula() {
    for (cell, written) in [("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("@x", "'@x"), ("-cmd", "'-cmd"), ("+81-79-555-0001", "+81-79-555-0001"), ("山田", "山田")]
    {
        assert_eq!(harmless(cell.to_owned()), written);
    }
}

proptest! {
    #[test]
    fn no_field_that_is_not_permitted_stands_in_a_table(fields in subsequence(FIELDS.to_vec(), 0..=FIELDS.len()), note: bool) {
        let permitted = Permitted::new(fields.iter().copied().chain(note.then_some("note"))).unwrap();
        let written = csv(&people(permitted.clone())).unwrap();
        let text = std::str::from_utf8(&written).unwrap();
        for (field, marker) in markers() {
            prop_assert_eq!(text.contains(marker), permitted.has(field) && field != "questionnaire", "{}", field);
        }
        let rows = rows(&written);
        let titles: Vec<&str> = COLUMNS.iter().filter(|column| column.field.is_none_or(|field| permitted.has(field))).map(|column| column.title).collect();
        prop_assert_eq!(&rows[0], &titles);
        prop_assert!(rows.len() == 3 && rows.iter().all(|row| row.len() == titles.len()));
    }

    #[test]
    fn what_is_written_is_read_again(name in "\\PC{0,20}", note in "[ -~\r\n\"]{0,20}") {
        let mut people = people(Permitted::new(["name", "note"]).unwrap());
        let one = people.people()[0].clone();
        people.give(one.chain, &Person { name: name.clone(), note: note.clone(), ..super::super::shared::testing::marked() }, one.shelter, one.since, None);
        let rows = rows(&csv(&people).unwrap());
        let cell = |title: &str| rows[3][rows[0].iter().position(|of| of == title).unwrap()].clone();
        prop_assert_eq!(cell("氏名"), harmless(name));
        prop_assert_eq!(cell("備考"), harmless(note));
    }
}
