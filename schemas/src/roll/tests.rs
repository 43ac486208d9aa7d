use crate::election::Text;
use crate::spec::ElectionSpec;
use encoding_rs::SHIFT_JIS;
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
fn a_file_that_is_cut_off_in_the_middle_of_a_character_is_said_to_be_and_not_read_as_another_encoding() {
    let text = format!("# 名簿\n{HEADER}1,山田　太郎,ヤマダ　タロウ,1980-04-01,男,養父市八鹿町1番地,1\n2,佐藤");
    for text in [text.clone(), format!("\u{feff}{text}")] {
        let whole = text.as_bytes();
        let import = import(&whole[..whole.len() - 1], &districts(), held());
        let [problem] = &import.report.errors[..] else { panic!("{:?}", import.report.errors) };
        assert_eq!((import.report.encoding.as_str(), problem.line, import.electors.is_none()), ("utf-8", 4, true));
        let at = whole.len() - "藤".len();
        assert!(problem.en.contains(&format!("byte {at}")) && problem.ja.contains(&format!("{at}バイト目")), "{problem:?}");
    }
    // In the middle of the file, too; and Shift_JIS stays what it is.
    let mut bytes = format!("{HEADER}1,山田　太郎,,1980-04-01,男,養父市1,1\n").into_bytes();
    bytes[HEADER.len() + 3] = 0xFF;
    assert!(import(&bytes, &districts(), held()).report.errors[0].en.contains("damaged"));
    let (japanese, ..) = SHIFT_JIS.encode(&text);
    assert_eq!(import(&japanese, &districts(), held()).report.encoding, "shift_jis");
}

#[test]
fn a_file_in_utf_16_is_named_as_that_and_told_how_to_be_saved_and_nothing_is_imported() {
    let text = format!("{HEADER}1,山田　太郎,ヤマダ　タロウ,1980-04-01,男,養父市八鹿町1番地,1\n");
    for marked in [format!("\u{feff}{text}"), text] {
        for bytes in [marked.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(), marked.encode_utf16().flat_map(u16::to_be_bytes).collect()] {
            let import = import(&bytes, &districts(), held());
            let [problem] = &import.report.errors[..] else { panic!("{:?}", import.report.errors) };
            assert_eq!((import.report.encoding.as_str(), problem.line, import.electors.is_none()), ("utf-16", 1, true));
            assert!(problem.ja.contains("UTF-8で保存し直してください") && problem.en.contains("Save it as UTF-8"), "{problem:?}");
            assert_eq!(text_of(&bytes).trim_start_matches('\u{feff}'), marked.trim_start_matches('\u{feff}'));
        }
    }
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

const STANDING: &str = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区,登録年月日,日本国民,停止,転出年月日,支援措置\n";

#[test]
fn what_the_register_says_of_the_right_to_vote_is_read_and_whoever_has_none_is_listed_without_being_an_elector() {
    let import = take(&format!(
        "{STANDING}1,養父　一,,1980-04-01,男,養父市1,1,R1.5.1,はい,なし,,なし\n\
         2,養父　二,,1980-04-01,男,養父市2,1,令和8年12月1日,1,,,1\n\
         3,養父　三,,1980-04-01,男,養父市3,1,,いいえ,公職選挙法第11条,2027/1/30,\n"
    ));
    assert_eq!(import.report.errors, []);
    assert_eq!((import.report.rows, import.report.electors, import.report.unqualified), (3, 1, 2));
    assert_eq!(import.lines, [2]);
    assert_eq!(import.electors.unwrap()[0].number, "1");
    let [one, two, three] = &import.listed[..] else { panic!("{} people", import.listed.len()) };
    assert_eq!(one.standing.since, Some("2019-05-01".parse().unwrap()));
    assert!(one.standing.suspended.is_none() && one.standing.protection == Protection::Open && two.standing.protection == Protection::Protected);
    assert_eq!(three.qualify(Day::of(held())).bars.len(), 3);
    let about: Vec<u64> = import.report.warnings.iter().map(|problem| problem.line).collect();
    assert_eq!(about, [3, 4]);
    assert!(import.report.warnings.iter().all(|problem| problem.ja.contains("条") && problem.en.contains("article")));
}

#[test]
fn a_bad_flag_or_date_and_two_columns_for_one_thing_are_errors() {
    let import = take(&format!("{STANDING}1,養父　一,,1980-04-01,男,養父市1,1,2026-02-30,たぶん,,13月,\n"));
    let columns: Vec<_> = import.report.errors.iter().filter_map(|problem| problem.column.as_deref()).collect();
    assert_eq!(columns, ["登録年月日", "転出年月日", "日本国民"]);
    assert!(import.listed.is_empty() && import.electors.is_none());
    for twice in ["登録年月日,住民となった年月日", "停止,停止", "国籍,日本国民"] {
        let import = take(&format!("宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区,{twice}\n1,養父　一,,1980-04-01,男,養父市1,1,,\n"));
        assert_eq!(import.report.errors.len(), 1, "{twice}: {:?}", import.report.errors);
        assert!(twice.ends_with(import.report.errors[0].column.as_deref().unwrap()));
    }
}

#[test]
fn lines_end_with_or_without_a_carriage_return_and_the_mark_does_not_matter() {
    let text = format!("{HEADER}1,髙橋　﨑子,,1980-04-01,女,養父市1,1\n");
    let plain = take(&text);
    for other in [text.replace('\n', "\r\n"), format!("\u{feff}{text}"), format!("\u{feff}# 出力\r\n{}", text.replace('\n', "\r\n"))] {
        assert!(take(&other).listed == plain.listed, "{other:?}");
    }
    // 髙 and 﨑 stand in Shift_JIS as Windows writes it, and stay what they are.
    let (bytes, _, lossy) = SHIFT_JIS.encode(&text);
    let japanese = import(&bytes, &districts(), held());
    assert!(!lossy && japanese.report.warnings.is_empty() && japanese.listed == plain.listed);
    assert_eq!(japanese.listed[0].elector.name, "髙橋　﨑子");
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

    #[test]
    fn a_roll_survives_being_written_and_read(
        people in prop::collection::vec(("[一-龠]{1,4}", "[ァ-ン\u{3000}]{0,5}", "[一-龠0-9,\"の]{1,8}", 0u8..5, prop::option::of(1u8..28), prop::bool::ANY), 1..20),
    ) {
        let people: Vec<Listed> = people.into_iter().zip(0..).map(|((name, kana, address, kind, day, protected), number): (_, u32)| {
            let day = day.map(|day| Day::new(2020, 2, day).unwrap());
            let elector = Elector {
                number: number.to_string(),
                name,
                kana: one_space(&kana),
                birth: "1980-04-00".to_owned(),
                sex: "2".to_owned(),
                address,
                district: u16::from(kind % 2),
            };
            let standing = Standing {
                since: day,
                nationality: [Nationality::NotSaid, Nationality::Japanese, Nationality::Other][usize::from(kind % 3)],
                suspended: (kind == 4).then(|| "刑, \"執行中\"".to_owned()).map(|text| one_space(&text)),
                left: day,
                protection: if protected { Protection::Protected } else { Protection::Open },
            };
            Listed { elector, standing }
        }).collect();
        let read = take(&to_csv(&people, &districts()));
        // Two of them may be the same person by chance.
        if read.report.errors.is_empty() {
            prop_assert!(read.listed == people);
        }
    }
}

#[test]
fn the_example_has_every_column_and_no_mistake() {
    let import = take(&crate::columns::example(&columns()));
    assert_eq!((import.report.errors.as_slice(), import.report.warnings.as_slice(), import.report.electors), (&[][..], &[][..], 2));
    assert_eq!(columns().len(), COLUMNS.len() + OPTIONAL.len());
}

#[test]
fn a_workbook_is_said_to_be_no_text_and_not_to_be_utf_16() {
    let import = take_bytes(b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00[Content_Types].xml");
    assert_eq!((import.report.encoding.as_str(), import.report.errors.len()), ("binary", 1));
}

fn take_bytes(bytes: &[u8]) -> Import {
    import(bytes, &districts(), held())
}
