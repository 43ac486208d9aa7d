use std::sync::Arc;

use tachiai_schemas::Refusal;
use tachiai_schemas::shelter::import::{ImportAnswer, ImportKind, ImportMode, ImportOthers, ImportRows};

use super::imports::Order;
use crate::refused::Refused;
use crate::shelter::testing::Hall;

const RESIDENTS: &[u8] = include_bytes!("../../../../tests/data/shelter/residents.csv");
const SUPPORT: &[u8] = include_bytes!("../../../../tests/data/shelter/support.csv");
const SHELTERS: &[u8] = include_bytes!("../../../../tests/data/shelter/yabu-evacuation.geojson");
const SITES: &[u8] = include_bytes!("../../../../tests/data/shelter/yabu-emergency.geojson");

fn order(mode: ImportMode) -> Order {
    Order { mode, rows: ImportRows::All, others: ImportOthers::Stay, replaces: None, removes: None }
}

/// Shows a file and applies what was shown.
async fn import(hall: &Hall, kind: ImportKind, file: &[u8]) -> Result<ImportAnswer, Refused> {
    let shown = hall.shelters.register().import("西村", kind, file.to_vec(), order(ImportMode::Show)).await?;
    let applied = Order { replaces: shown.replaces, removes: Some(shown.difference.removed), ..order(ImportMode::Apply) };
    hall.shelters.register().import("西村", kind, file.to_vec(), applied).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_shown_first_and_is_there_after_a_restart() {
    let hall = Hall::new().await;
    let register = hall.shelters.register().clone();
    let shown = register.import("西村", ImportKind::Facilities, SHELTERS.to_vec(), order(ImportMode::Show)).await.unwrap();
    assert_eq!((shown.difference.added, shown.replaces, register.facilities().len()), (53, None, 0));
    import(&hall, ImportKind::Facilities, SHELTERS).await.unwrap();
    let sites = import(&hall, ImportKind::Facilities, SITES).await.unwrap();
    assert_eq!((sites.difference.added, sites.difference.changed, sites.difference.removed, sites.difference.same), (130, 32, 0, 21));
    import(&hall, ImportKind::Residents, RESIDENTS).await.unwrap();
    let support = import(&hall, ImportKind::SupportList, SUPPORT).await.unwrap();
    assert_eq!(support.strangers, 1);
    drop(register);
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let register = hall.shelters.register();
    assert_eq!((register.facilities().len(), register.residents().all().len(), register.strangers().len()), (183, 8, 1));
    assert!(register.residents().by_number("2001").is_some_and(|resident| resident.support.is_some()));
    let standing = register.standing();
    assert_eq!(standing.imports.iter().map(|import| import.count).collect::<Vec<_>>(), [183, 8, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_bad_rows_is_taken_over_only_without_them_and_when_that_is_asked_for() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    let file = "宛名番号,氏名,生年月日,住所\n1,養父　一,1950-01-01,養父市1\n2,養父　二,2999-01-01,養父市2\n".as_bytes();
    let refused = register.import("西村", ImportKind::Residents, file.to_vec(), order(ImportMode::Apply)).await.unwrap_err();
    assert_eq!((refused.refusal, register.residents().all().len()), (Refusal::ImportInvalid, 0));
    let good = Order { rows: ImportRows::Good, ..order(ImportMode::Apply) };
    let answer = register.import("西村", ImportKind::Residents, file.to_vec(), good).await.unwrap();
    assert_eq!((answer.report.taken, answer.report.errors.len(), register.residents().all().len()), (1, 1, 1));
    let nothing = register.import("西村", ImportKind::Residents, b"nonsense".to_vec(), good).await.unwrap_err();
    assert_eq!(nothing.refusal, Refusal::ImportInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_came_in_between_is_not_overwritten() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    import(&hall, ImportKind::Residents, RESIDENTS).await.unwrap();
    let file = "宛名番号,氏名,生年月日,住所\n1,養父　一,1950-01-01,養父市1\n".as_bytes();
    let late = register.import("西村", ImportKind::Residents, file.to_vec(), order(ImportMode::Apply)).await.unwrap_err();
    assert_eq!((late.refusal, register.residents().all().len()), (Refusal::ChangedSince, 8));
    let answer = import(&hall, ImportKind::Residents, file).await.unwrap();
    assert_eq!((answer.difference.added, answer.difference.removed, register.residents().all().len()), (1, 8, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_not_whole_removes_nobody_unless_it_is_said_how_many() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    import(&hall, ImportKind::Residents, RESIDENTS).await.unwrap();
    // The first two lines of the same file, as a ward exports its own.
    let part = std::str::from_utf8(RESIDENTS).unwrap().lines().filter(|line| !line.starts_with('#')).take(3).collect::<Vec<_>>().join("\n");
    let shown = register.import("西村", ImportKind::Residents, part.clone().into_bytes(), order(ImportMode::Show)).await.unwrap();
    assert_eq!((shown.difference.removed, shown.difference.first.removed.len(), shown.difference.same), (6, 6, 2));
    for (removes, refusal) in [(None, Refusal::ImportLosesMany), (Some(5), Refusal::ImportLosesMany)] {
        let applied = Order { replaces: shown.replaces, removes, ..order(ImportMode::Apply) };
        let refused = register.import("西村", ImportKind::Residents, part.clone().into_bytes(), applied).await.unwrap_err();
        assert_eq!((refused.refusal, register.residents().all().len()), (refusal, 8));
    }
    import(&hall, ImportKind::Residents, part.as_bytes()).await.unwrap();
    assert_eq!(register.residents().all().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_how_many_go_binds_and_of_good_rows_alone_it_has_to_be_said() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    let line = |number: u32, birth: &str| format!("{number},養父　{number},{birth},養父市{number}\n");
    let head = "宛名番号,氏名,生年月日,住所\n".to_owned();
    let whole = (1..=30).fold(head.clone(), |file, number| file + &line(number, "1950-01-01"));
    import(&hall, ImportKind::Residents, whole.as_bytes()).await.unwrap();
    // One of thirty is less than a tenth: it left, or its row has a mistake.
    let left = (1..=29).fold(head.clone(), |file, number| file + &line(number, "1950-01-01"));
    let mistaken = left.clone() + &line(30, "2999-01-01");
    for (file, rows, removes, agreed) in [
        (&left, ImportRows::All, Some(0), false),
        (&left, ImportRows::All, Some(2), false),
        (&mistaken, ImportRows::Good, None, false),
        (&mistaken, ImportRows::Good, Some(2), false),
        (&mistaken, ImportRows::Good, Some(1), true),
        (&(head.clone() + &line(1, "1950-01-01")), ImportRows::Good, None, false),
    ] {
        let shown = register.import("西村", ImportKind::Residents, file.clone().into_bytes(), Order { rows, ..order(ImportMode::Show) }).await.unwrap();
        let applied = Order { rows, replaces: shown.replaces, removes, ..order(ImportMode::Apply) };
        let before = register.residents().all().len();
        let answer = register.import("西村", ImportKind::Residents, file.clone().into_bytes(), applied).await;
        let (said, after) = if agreed { (Ok(()), 29) } else { (Err(Refusal::ImportLosesMany), before) };
        assert_eq!((answer.map(|_| ()).map_err(|refused| refused.refusal), register.residents().all().len()), (said, after), "{rows:?} {removes:?}");
    }
    let twenty_eight = (1..=28).fold(head, |file, number| file + &line(number, "1950-01-01"));
    let shown = register.import("西村", ImportKind::Residents, twenty_eight.clone().into_bytes(), order(ImportMode::Show)).await.unwrap();
    let unsaid = Order { replaces: shown.replaces, ..order(ImportMode::Apply) };
    register.import("西村", ImportKind::Residents, twenty_eight.into_bytes(), unsaid).await.unwrap();
    assert_eq!(register.residents().all().len(), 28, "of a whole file so few go without being counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_stands_in_clear_on_the_disk() {
    let hall = Hall::new().await;
    import(&hall, ImportKind::Residents, RESIDENTS).await.unwrap();
    import(&hall, ImportKind::SupportList, SUPPORT).await.unwrap();
    let mut files = vec![hall.dir.path().to_owned()];
    let mut read = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|file| file.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for name in ["髙橋", "タカハシ", "田中", "歩行が困難"] {
            assert!(!bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{name} in {}", path.display());
        }
        read += 1;
    }
    assert!(read > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_residents_are_searched_at_once() {
    let hall = Hall::new().await;
    let mut csv = "宛名番号,氏名,氏名カナ,生年月日,住所,行政区\n".to_owned();
    let kana = ["ヤブ", "ヨウカ", "オオヤ", "セキノミヤ", "ニシムラ", "タナカ", "サトウ", "スズキ"];
    for number in 0..100_000_usize {
        csv.push_str(&format!("{number},養父　花子,{}　ハナコ{number},1950-04-01,養父市{number},八鹿\n", kana[number % kana.len()]));
    }
    import(&hall, ImportKind::Residents, csv.as_bytes()).await.unwrap();
    let residents = hall.shelters.register().residents();
    let start = std::time::Instant::now();
    for query in ["よ", "ヨウカ", "nishi", "たなか はなこ9", "ｾｷ"] {
        assert_eq!(residents.search(query, 20).0.len(), 20, "{query}");
    }
    let millis = start.elapsed().as_millis() / 5;
    assert!(millis < 20, "{millis} ms a search, without optimisation");
}
