use crate::election::Text;
use crate::spec::ElectionSpec;
use proptest::prelude::*;

use super::*;

const HEADER: &str = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n";

fn districts() -> Vec<District> {
    [("1", "八鹿"), ("2", "養父")].map(|(id, ja)| District { id: id.to_owned(), name: Text { ja: ja.to_owned(), en: ja.to_owned() } }).into()
}

fn held() -> Timestamp {
    "2027-01-31T00:00:00Z".parse().unwrap()
}

fn take(csv: &str) -> Import {
    import(csv.as_bytes(), &districts(), held())
}

fn rows(body: &str) -> Import {
    take(&format!("{HEADER}{body}"))
}

#[test]
fn the_commented_example_is_imported() {
    let spec = ElectionSpec::from_toml(include_str!("../../../tests/data/spec.toml")).unwrap();
    let import = import(include_bytes!("../../../tests/data/roll.csv"), &spec.districts, spec.opens);
    assert_eq!(import.report.errors, []);
    assert_eq!(import.report.electors, import.electors.unwrap().len() as u64);
    assert!(import.report.electors > 0);
}

#[test]
fn utf8_with_a_mark_and_shift_jis_give_the_same_roll() {
    let text = format!("{HEADER}1,山田　太郎,ヤマダ　タロウ,1980-04-01,男,養父市八鹿町1番地,1\n");
    let plain = take(&text);
    let marked = import(format!("\u{feff}{text}").as_bytes(), &districts(), held());
    let (bytes, _, lossy) = SHIFT_JIS.encode(&text);
    assert!(!lossy);
    let japanese = import(&bytes, &districts(), held());
    assert_eq!((plain.report.encoding.as_str(), japanese.report.encoding.as_str()), ("utf-8", "shift_jis"));
    let plain = plain.electors.unwrap();
    assert!(plain == marked.electors.unwrap());
    assert!(plain == japanese.electors.unwrap());
}

#[test]
fn the_order_of_columns_is_free_and_others_are_said() {
    let import = take("投票区,備考,住所,性別,生年月日,氏名カナ,氏名,宛名番号\n2,x,養父市1,女,S55.4.1,,山田 花子,7\n");
    assert_eq!(import.report.errors, []);
    assert_eq!(import.report.warnings.len(), 1);
    let elector = &import.electors.unwrap()[0];
    assert_eq!((elector.name.as_str(), elector.birth.as_str(), elector.sex.as_str(), elector.district), ("山田　花子", "1980-04-01", "2", 1));
}

#[test]
fn every_bad_row_is_reported_and_nothing_is_imported() {
    let import = rows(
        "1,山田　太郎,,1980-04-01,男,養父市1,1\n\
         2,,,1980-04-01,男,養父市2,1\n\
         3,鈴木　一,,1980-02-30,男,養父市3,1\n\
         4,鈴木　二,,1980-04-01,x,養父市4,1\n\
         5,鈴木　三,,1980-04-01,男,養父市5,9\n\
         6,鈴木　四,,1980-04-01,男,養父市6\n\
         7,鈴木　五,,2027-02-01,女,養父市7,1\n",
    );
    assert!(import.electors.is_none());
    assert_eq!(import.report.electors, 0);
    assert_eq!(import.report.rows, 7);
    let lines: Vec<_> = import.report.errors.iter().map(|p| (p.line, p.column.as_deref())).collect();
    assert_eq!(lines, [(3, Some("氏名")), (4, Some("生年月日")), (5, Some("性別")), (6, Some("投票区")), (7, None), (8, Some("生年月日"))]);
}

#[test]
fn everything_wrong_with_one_row_is_said_at_once() {
    let import = rows(",,,,,,\n");
    let columns: Vec<_> = import.report.errors.iter().filter_map(|p| p.column.as_deref()).collect();
    assert_eq!(columns, ["宛名番号", "氏名", "生年月日", "性別", "住所", "投票区"]);
}

#[test]
fn the_same_person_in_two_rows_is_found_whatever_the_spaces() {
    let import = rows("1,山田　太郎,,1980-04-01,男,養父市 1,1\n2,山田  太郎,,S55.4.1,1,養父市　1,2\n");
    assert_eq!(import.report.errors.len(), 1);
    assert!(import.report.errors[0].en.contains("line 2"), "{:?}", import.report.errors);
}

#[test]
fn the_same_number_in_two_rows_is_found() {
    let import = rows("1,山田　太郎,,1980-04-01,男,養父市1,1\n1,山田　次郎,,1981-04-01,男,養父市1,1\n");
    assert_eq!(import.report.errors.len(), 1);
    assert_eq!(import.report.errors[0].column.as_deref(), Some("宛名番号"));
}

#[test]
fn a_gaiji_is_a_warning_with_its_line() {
    let import =
        rows("1,山\u{e000}　太郎,,1980-04-01,男,養父市1,1\n2,\u{20b9f}田　花子,,1980-04-01,女,養父市1,1\n3,辻\u{e0100}　一,,1980-04-01,女,養父市1,1\n");
    assert_eq!(import.report.errors, []);
    let lines: Vec<_> = import.report.warnings.iter().map(|p| p.line).collect();
    assert_eq!(lines, [2, 3, 4]);
}

#[test]
fn gaiji_and_broken_bytes_of_shift_jis_are_warnings() {
    let mut bytes = SHIFT_JIS.encode("宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n").0.into_owned();
    bytes.extend_from_slice(b"1,\xf0\x40,,1980-04-01,1,x,1\n2,A\xffB,,1980-04-01,1,y,1\n");
    let import = import(&bytes, &districts(), held());
    assert_eq!(import.report.errors, []);
    let lines: Vec<_> = import.report.warnings.iter().map(|p| p.line).collect();
    assert_eq!(lines, [2, 3]);
}

#[test]
fn a_missing_or_doubled_column_is_named() {
    let import = take("宛名番号,氏名,氏名,氏名カナ,生年月日,性別,投票区\n");
    let columns: Vec<_> = import.report.errors.iter().filter_map(|p| p.column.as_deref()).collect();
    assert_eq!(columns, ["氏名", "住所"]);
}

#[test]
fn an_empty_file_and_a_lone_header_are_errors() {
    assert_eq!(take("").report.errors.len(), 1);
    assert_eq!(take(HEADER).report.errors.len(), 1);
}

#[test]
fn a_field_with_a_control_character_or_without_end_is_refused() {
    let long = "長".repeat(MAX_FIELD + 1);
    let import = rows(&format!("1,\u{7},,1980-04-01,男,養父市1,1\n2,{long},,1980-04-01,男,養父市1,1\n3,\"山田\n太郎\",,1980-04-01,男,養父市1,1\n"));
    assert_eq!(import.report.errors.len(), 3, "{:?}", import.report.errors);
}

#[test]
fn a_flood_of_problems_is_cut_off() {
    let mut body = String::new();
    for _ in 0..5_000 {
        body.push_str(",,,,,,\n");
    }
    assert_eq!(rows(&body).report.errors.len(), MAX_PROBLEMS);
}

proptest! {
    #[test]
    fn no_bytes_make_the_import_fail_or_import_a_half(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut csv = HEADER.as_bytes().to_vec();
        csv.extend_from_slice(&bytes);
        let import = import(&csv, &districts(), held());
        match import.electors {
            Some(electors) => prop_assert_eq!(electors.len() as u64, import.report.rows),
            None => prop_assert!(!import.report.errors.is_empty() && import.report.electors == 0),
        }
    }

    #[test]
    fn a_roll_survives_its_csv(names in prop::collection::hash_set("[一-龠]{1,5}", 1..30)) {
        let mut csv = HEADER.to_owned();
        for (index, name) in names.iter().enumerate() {
            csv.push_str(&format!("{index},{name},,1980-04-01,1,養父市,1\n"));
        }
        let electors = take(&csv).electors.unwrap();
        prop_assert_eq!(electors.iter().map(|e| e.name.clone()).collect::<Vec<_>>(), names.into_iter().collect::<Vec<_>>());
    }
}
