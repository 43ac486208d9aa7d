use tachiai_schemas::Refusal;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::report::{Aspect, CodeCount, Grade, Graded, HowCounted, ReportContent, ReportOpened};
use tachiai_schemas::roster::{Act, Hlc, Need, Person};
use tachiai_schemas::shelter::PersonAct;
use tachiai_schemas::shelter::import::{ImportKind, ImportMode, ImportOthers, ImportRows};
use tachiai_schemas::shelter::overview::{Missing, ReportRequest};

use super::Sealed;
use crate::shelter::kept::{Kept, LookedBy};
use crate::shelter::people::Sight;
use crate::shelter::register::imports::Order;
use crate::shelter::testing::{Hall, chain, person};

async fn import(hall: &Hall, kind: ImportKind, file: &[u8]) {
    let order = Order { mode: ImportMode::Apply, rows: ImportRows::All, others: ImportOthers::Stay, replaces: None, removes: None };
    hall.shelters.register().import("西村", kind, file.to_vec(), order).await.unwrap();
}

async fn arrive(hall: &Hall, act: Act, person: Person) {
    let act = PersonAct { chain: None, after: Vec::new(), shelter: "gym".parse().unwrap(), act, time: None, person };
    hall.event.write_person("西村", Sight::All, act).await.unwrap();
}

fn numbers(missing: &Missing) -> Vec<(&str, u64, u64, Vec<&str>)> {
    let of = missing.districts.iter();
    of.map(|of| (of.district.as_str(), of.listed, of.arrived, of.missing.iter().map(|person| person.number.as_str()).collect())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_of_the_list_has_not_arrived_is_seen_by_district_and_that_it_was_seen_is_recorded() {
    let hall = Hall::new().await;
    import(&hall, ImportKind::Residents, include_bytes!("../../../../tests/data/shelter/residents.csv")).await;
    import(&hall, ImportKind::SupportList, include_bytes!("../../../../tests/data/shelter/support.csv")).await;
    let before = hall.event.missing("西村").await.unwrap();
    assert_eq!(numbers(&before), [("八鹿", 1, 0, vec!["2001"]), ("大屋", 1, 0, vec!["2004"]), ("関宮", 1, 0, vec!["2006"]), ("養父", 1, 0, vec![""])]);
    // One by the register's number, one by name and birth alone, one who is not in the register.
    arrive(&hall, Act::In, Person { resident: Some("2001".to_owned()), ..person("髙橋　﨑男") }).await;
    arrive(&hall, Act::In, Person { birth: Birth::Day("1978-03-30".parse().unwrap()), ..person("田中 さくら") }).await;
    arrive(&hall, Act::In, Person { birth: Birth::Day("1944-10-10".parse().unwrap()), ..person("山本進") }).await;
    // The same name, born on another day, is somebody else.
    arrive(&hall, Act::In, Person { birth: Birth::Day("1912-07-02".parse().unwrap()), ..person("渡邉　ミツ") }).await;
    let after = hall.event.missing("西村").await.unwrap();
    assert_eq!(numbers(&after), [("八鹿", 1, 1, vec![]), ("大屋", 1, 1, vec![]), ("関宮", 1, 0, vec!["2006"]), ("養父", 1, 1, vec![])]);
    let looked = hall.event.private.entries().filter_map(|entry| match entry.unwrap().1 {
        Kept::LookedUp { by, how: LookedBy::Missing, handles } => Some((by, handles)),
        _ => None,
    });
    let mitsu = hall.event.handle_of_resident("2006");
    assert_eq!(looked.last(), Some(("西村".to_owned(), vec![mitsu])));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_is_under_protection_only_the_number_is_told() {
    let hall = Hall::new().await;
    let residents = "宛名番号,氏名,生年月日,住所,行政区,支援措置\n7,佐藤　恵,1990-12-24,養父市1,養父,あり\n";
    import(&hall, ImportKind::Residents, residents.as_bytes()).await;
    import(&hall, ImportKind::SupportList, "宛名番号,区分,電話,支援者\n7,難病,079-1,区長\n".as_bytes()).await;
    let missing = hall.event.missing("西村").await.unwrap();
    let person = &missing.districts[0].missing[0];
    assert_eq!((person.number.as_str(), person.protection), ("7", Protection::Protected));
    assert!(person.name.is_empty() && person.address.is_empty() && person.birth.is_none());
    assert!(person.support.phone.is_empty() && person.support.helper.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_news_tell_treatments_to_the_shelter_in_which_they_were_and_to_no_other() {
    let hall = Hall::new().await;
    let content = ReportContent::Health { day: "2026-09-01".parse().unwrap(), counts: vec![CodeCount { code: 16, count: 3 }] };
    hall.event.write_report("西村", ReportRequest { shelter: "gym".parse().unwrap(), content, time: None }).await.unwrap();
    for (shelter, opened) in [("gym", true), ("school", false)] {
        let terminal = hall.terminal(shelter, shelter).await;
        let news = hall.event.news(&terminal.name, 0, 500).await.unwrap();
        assert_eq!(terminal.open(&news).into_iter().flatten().count(), usize::from(opened), "{shelter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_present_is_listed_without_the_names_of_those_under_protection_and_that_it_was_read_is_recorded() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let written = [
        gym.act(chain(1), Act::In, &person("西村　花子"), at),
        gym.act(chain(2), Act::In, &Person { protection: Protection::Protected, ..person("西村　恵") }, at),
        gym.act(chain(3), Act::In, &Person { kana: "アベ".to_owned(), ..person("阿部　一") }, at),
        gym.act(chain(4), Act::In, &person("西村　太郎"), at),
        gym.act(chain(4), Act::Out, &person("西村　太郎"), at),
    ];
    hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    let present = hall.event.present("西村", "gym".parse().unwrap()).await.unwrap();
    let names: Vec<&str> = present.people.iter().map(|view| view.counts.person.as_ref().unwrap().name.as_str()).collect();
    assert_eq!((names, present.totals.present), (vec!["阿部　一", "西村　花子"], 3));
    assert_eq!(present.terminals.iter().map(|terminal| (terminal.terminal.as_str(), terminal.entries)).collect::<Vec<_>>(), [("gym-1", 5)]);
    let looked = hall.event.private.entries().filter_map(|entry| match entry.unwrap().1 {
        Kept::LookedUp { by, how: LookedBy::Present, handles } => Some((by, handles)),
        _ => None,
    });
    assert_eq!(looked.last(), Some(("西村".to_owned(), vec![chain(3), chain(1)])));
    assert!(hall.event.present("西村", "school".parse().unwrap()).await.unwrap().people.is_empty());
    let nowhere = hall.event.present("西村", "nowhere".parse().unwrap()).await.map(drop).unwrap_err();
    assert_eq!(nowhere.refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn meals_are_counted_by_what_people_must_not_eat() {
    let hall = Hall::new().await;
    let with =
        |allergies: &[&str]| Person {
            allergies: allergies.iter().map(|food| (*food).to_owned()).collect(), needs: vec![Need::Food], ..person("西村　花子")
        };
    for _ in 0..3 {
        arrive(&hall, Act::In, person("西村　花子")).await;
    }
    arrive(&hall, Act::In, with(&["乳", "卵"])).await;
    arrive(&hall, Act::In, with(&["乳", "卵"])).await;
    arrive(&hall, Act::In, with(&["小麦"])).await;
    arrive(&hall, Act::In, with(&[])).await;
    arrive(&hall, Act::In, Person { birth: Birth::Day("2026-01-15".parse().unwrap()), ..person("西村　空") }).await;
    let report = ReportRequest { shelter: "gym".parse().unwrap(), content: ReportContent::Headcount { persons: 30, how: HowCounted::About }, time: None };
    hall.event.write_report("西村", report).await.unwrap();
    let meals = hall.event.meals();
    let gym = meals.iter().find(|meals| meals.shelter.as_str() == "gym").unwrap();
    assert_eq!((gym.persons, gym.plain, gym.infants, gym.to_ask, gym.heads), (8, 3, 1, 1, Some(30)));
    let without: Vec<(String, u64)> = gym.without.iter().map(|of| (of.without.join("・"), of.meals)).collect();
    assert_eq!(without, [("乳・卵".to_owned(), 2), ("小麦".to_owned(), 1)]);
    assert_eq!(meals.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reports_of_the_future() {
    let hall = Hall::new().await;
    let heads = || ReportContent::Headcount { persons: 30, how: HowCounted::Counted };
    let of = async |time: Hlc| hall.event.write_report("西村", ReportRequest { shelter: "gym".parse().unwrap(), content: heads(), time: Some(time) }).await;
    let now = hall.event.now();
    assert_eq!(of(now.plus_millis(3_600_000)).await.map(drop).unwrap_err().refusal, Refusal::ShelterInvalid);
    of(now.plus_millis(60_000)).await.unwrap();
    of(now.plus_millis(-3_600_000)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_report_of_a_kind_and_item_holds_and_what_is_sealed_is_for_the_headquarters() {
    let hall = Hall::new().await;
    let write = async |content| hall.event.write_report("西村", ReportRequest { shelter: "gym".parse().unwrap(), content, time: None }).await;
    let supply = |item: &str, stock| ReportContent::Supply { item: item.to_owned(), unit: "枚".to_owned(), stock, needed: 0 };
    write(supply("毛布", 40)).await.unwrap();
    write(supply("毛布", 35)).await.unwrap();
    write(supply("タオル", 9)).await.unwrap();
    write(ReportContent::Assessment { grades: vec![Graded { aspect: Aspect::Toilets, grade: Grade::D }] }).await.unwrap();
    write(ReportContent::Handover { text: "2階の方に8時の薬".to_owned() }).await.unwrap();
    write(ReportContent::Health { day: "2026-09-01".parse().unwrap(), counts: vec![CodeCount { code: 16, count: 3 }] }).await.unwrap();
    let all = hall.event.reports(Sealed::Opened).unwrap();
    assert_eq!(all.len(), 5);
    assert!(all.iter().any(|view| matches!(&view.report, tachiai_schemas::roster::Report::Supply { item, stock: 35, .. } if item == "毛布")));
    let treated = |sealed| hall.event.reports(sealed).unwrap().iter().filter(|view| matches!(view.opened, Some(ReportOpened::Health(_)))).count();
    let notes = |sealed| {
        let views = hall.event.reports(sealed).unwrap();
        views.iter().filter(|view| matches!(&view.opened, Some(ReportOpened::Handover(note)) if note.text.contains("8時"))).count()
    };
    assert_eq!((treated(Sealed::Opened), notes(Sealed::Opened)), (1, 1));
    // A reception sees that there is something, and what is not sealed.
    assert_eq!((treated(Sealed::Closed), notes(Sealed::Closed), hall.event.reports(Sealed::Closed).unwrap().len()), (0, 0, 5));
    // What is sealed does not stand in the roster.
    let roster = serde_json::to_string(&hall.event.view().unwrap()).unwrap();
    assert!(!roster.contains("8時の薬"));
    assert_eq!(hall.event.problems(), Vec::<String>::new());
    for bad in [supply("", 1), ReportContent::Assessment { grades: Vec::new() }, ReportContent::Handover { text: String::new() }] {
        assert_eq!(write(bad).await.map(drop).unwrap_err().refusal, Refusal::ShelterInvalid);
    }
    let elsewhere = ReportRequest { shelter: "nowhere".parse().unwrap(), content: supply("毛布", 1), time: None };
    assert_eq!(hall.event.write_report("西村", elsewhere).await.map(drop).unwrap_err().refusal, Refusal::ShelterInvalid);
}
