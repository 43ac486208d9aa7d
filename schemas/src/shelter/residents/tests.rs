use super::*;

const HEADER: &str = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,世帯番号,続柄,行政区,市民ID,支援措置\n";

fn today() -> Day {
    "2026-11-26".parse().unwrap()
}

fn take(rows: &str) -> Register {
    read(format!("{HEADER}{rows}").as_bytes(), today())
}

fn places(problems: &[crate::staff::RowProblem]) -> Vec<(u64, &str)> {
    problems.iter().map(|problem| (problem.line, problem.column.as_deref().unwrap_or_default())).collect()
}

#[test]
fn the_commented_example_is_read_without_an_error() {
    let Register { report, residents } = read(include_bytes!("../../../../tests/data/shelter/residents.csv"), today());
    assert_eq!(report.errors, []);
    assert_eq!((report.rows, report.taken), (residents.len() as u64, residents.len() as u64));
    assert!(residents.iter().any(|resident| resident.protection == Protection::Protected));
    assert!(residents.iter().any(|resident| resident.name_jis.is_some()));
    assert!(residents.iter().any(|resident| resident.birth.is_some_and(|day| !day.is_known())));
}

#[test]
fn everything_that_a_register_says_of_a_resident_is_taken() {
    let id = CitizenId([7; 16]);
    let residents = take(&format!("10,髙橋　﨑子,ﾀｶﾊｼ ｻｷｺ,昭和5年4月不詳日,女,養父市 八鹿町1,H1,世帯主,八鹿,{id},あり\n")).residents;
    let resident = &residents[0];
    assert_eq!((resident.number.as_str(), resident.name.as_str(), resident.name_jis.as_deref()), ("10", "髙橋　﨑子", Some("高橋　崎子")));
    assert_eq!((resident.kana.as_str(), resident.birth), ("タカハシ　サキコ", Some("1930-04-00".parse().unwrap())));
    assert_eq!((resident.sex, resident.address.as_str(), resident.household.as_str()), (Sex::Female, "養父市　八鹿町1", "H1"));
    assert_eq!((resident.relation, resident.district.as_str(), resident.citizen), (Relation::Head, "八鹿", Some(id)));
    assert_eq!(resident.protection, Protection::Protected);
}

#[test]
fn shift_jis_keeps_the_characters_of_windows_and_gives_the_same_register() {
    let text = format!("{HEADER}1,髙橋　﨑子,,明治45年7月29日,女,養父市1,,,,,\n");
    let (bytes, _, lossy) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!lossy);
    let (plain, japanese) = (read(text.as_bytes(), today()), read(&bytes, today()));
    assert_eq!((plain.report.encoding.as_str(), japanese.report.encoding.as_str()), ("utf-8", "shift_jis"));
    assert!(plain.residents == japanese.residents);
    assert_eq!(plain.residents[0].birth, Some("1912-07-29".parse().unwrap()));
}

#[test]
fn birth_dates_of_every_era_and_with_unknown_parts_are_read() {
    for (text, day) in [
        ("明治45年7月29日", "1912-07-29"),
        ("M1.1.25", "1868-01-25"),
        ("昭和5年不詳", "1930-00-00"),
        ("昭和5年不詳月不詳日", "1930-00-00"),
        ("昭和5年不詳月日", "1930-00-00"),
        ("昭和5年4月不詳", "1930-04-00"),
        ("昭和5年4月不詳日", "1930-04-00"),
        ("昭和5年4月", "1930-04-00"),
        ("1930-04-00", "1930-04-00"),
        ("19300000", "1930-00-00"),
        ("1999-09-09", "1999-09-09"),
    ] {
        assert_eq!(birth(text), Ok(Some(day.parse().unwrap())), "{text}");
    }
    for text in ["", "不詳", "不明", "00000000", "99999999", "0000-00-00"] {
        assert_eq!(birth(text), Ok(None), "{text}");
    }
    for text in ["明治0年1月1日", "昭和5年13月1日", "去年", "1930-02-29"] {
        assert_eq!(birth(text), Err(DayError::Unreadable), "{text}");
    }
    for text in ["大正1年7月29日", "昭和70年5月1日"] {
        assert!(matches!(birth(text), Err(DayError::NotOfEra(..))), "{text}");
    }
}

#[test]
fn a_bad_row_is_said_by_line_and_the_others_can_be_taken() {
    let Register { report, residents } = take(
        "1,山田　太郎,,2026-11-27,男,養父市1,,,,,\n\
         2,,,1980-04-01,男,養父市2,,,,,\n\
         3,鈴木　一,,1980-02-30,男,養父市3,,,,,\n\
         4,鈴木　二,,1980-04-01,x,養父市4,,,,,\n\
         4,鈴木　三,,1980-04-01,男,養父市5,,,,,\n\
         5,鈴木　四,,1980-04-01,男\n\
         6,鈴木　五,,1980-04-01,男,養父市7,,,,aaaa,\n\
         7,鈴木　六,,2026-11-26,男,養父市7,,,,,\n",
    );
    assert_eq!((report.rows, report.taken), (8, 2));
    assert_eq!(places(&report.errors), [(2, "生年月日"), (3, "氏名"), (4, "生年月日"), (6, "宛名番号"), (7, ""), (8, "市民ID")]);
    assert_eq!(residents.iter().map(|resident| resident.number.as_str()).collect::<Vec<_>>(), ["4", "7"]);
    assert_eq!(residents[0].sex, Sex::Unknown);
}

#[test]
fn what_a_person_should_look_at_is_a_warning_and_names_nobody() {
    let Register { report, residents } = take(
        "1,山田　太郎,,1950-04-01,男,養父市1,H1,世帯主,,,\n\
         2,山田　花子,,1952-04-01,女,養父市1,H1,世帯主,,,\n\
         3,山田　太郎,,1950-04-01,男,養父市1,H2,世帯主,,,\n\
         4,\u{e001}田　一,,不詳,男,養父市2,,,,,\n\
         5,𠮷田　二,,1950-04-01,男,養父市2,,,,,\n",
    );
    assert_eq!(report.errors, []);
    assert_eq!(places(&report.warnings), [(3, "続柄"), (4, ""), (5, "生年月日"), (5, "氏名"), (6, "氏名")]);
    assert_eq!(residents.iter().filter_map(|resident| resident.name_jis.as_deref()).collect::<Vec<_>>(), ["〓田　一", "吉田　二"]);
    assert!(report.warnings.iter().all(|problem| !problem.ja.contains("山田") && !problem.ja.contains("𠮷")));
}

#[test]
fn columns_that_are_missing_and_columns_that_are_not_used_are_said() {
    let Register { report, residents } = read("宛名番号,氏名,年金番号\n1,山田,2\n".as_bytes(), today());
    assert!(residents.is_empty());
    assert_eq!(places(&report.errors), [(1, "生年月日"), (1, "住所")]);
    assert_eq!(places(&report.warnings), [(1, "年金番号")]);
}

#[test]
fn a_hundred_thousand_rows_are_read_whole() {
    let mut csv = HEADER.to_owned();
    for number in 0..100_000 {
        csv.push_str(&format!(
            "{number},養父　太郎{number},ヤブ　タロウ,昭和{}年4月1日,男,兵庫県養父市八鹿町八鹿{number},{},世帯主,八鹿,,\n",
            number % 60 + 2,
            number / 3
        ));
    }
    let Register { report, residents } = read(csv.as_bytes(), today());
    assert_eq!((report.errors.len(), residents.len()), (0, 100_000));
    assert!(report.more > 0, "two heads of a household in most rows");
}

#[test]
fn the_example_has_every_column_that_is_read_and_no_mistake() {
    let Register { report, residents } = read(columns::example(&COLUMNS).as_bytes(), today());
    assert_eq!((report.errors.as_slice(), report.warnings.as_slice(), residents.len()), (&[][..], &[][..], 2));
}

#[test]
fn a_file_that_is_no_text_is_said_to_be_none_and_nothing_of_it_is_told() {
    for bytes in [&b"PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml"[..], b"%PDF-1.7\n%\xe2\xe3", b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x03\x00>"] {
        let Register { report, residents } = read(bytes, today());
        assert_eq!((report.encoding.as_str(), report.errors.len(), report.warnings.len(), residents.len()), ("binary", 1, 0, 0));
        assert!(report.errors[0].ja.contains("文字のファイルではありません"), "{:?}", report.errors);
    }
}
