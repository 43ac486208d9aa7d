use std::collections::BTreeSet;
use std::sync::Arc;

use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::{Birth, Identified};
use tachiai_schemas::roster::{Act, ChainId, Person, Stay};
use tachiai_schemas::shelter::import::{ImportKind, ImportMode, ImportOthers, ImportRows};
use tachiai_schemas::shelter::{Alike, ConflictKind, Extent, PeopleFound, PeopleSearch, PersonAct};
use tachiai_schemas::{CitizenId, Refusal};

use super::super::kept::{Kept, LookedBy};
use super::super::people::Sight;
use super::super::register::imports::Order;
use super::super::testing::{HELD, HELD_BY, Hall, LOST, REPLACEMENT, chain, person};

fn act(chain: Option<ChainId>, after: &[tachiai_schemas::HashBytes], shelter: &str, act: Act, person: Person) -> PersonAct {
    PersonAct { chain, after: after.to_vec(), shelter: shelter.parse().unwrap(), act, time: None, person }
}

/// Puts residents into the register as an import does: number, name, reading, and whether they are under protection.
pub async fn register(hall: &Hall, residents: &[(&str, &str, &str, Protection)]) {
    let mut csv = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,行政区,世帯番号,続柄,支援措置\n".to_owned();
    for (number, name, kana, protection) in residents {
        let protected = if *protection == Protection::Protected { "あり" } else { "" };
        csv += &format!("{number},{name},{kana},1950-04-01,女,養父市八鹿町1,八鹿,a,世帯主,{protected}\n");
    }
    let order = Order { mode: ImportMode::Apply, rows: ImportRows::default(), others: ImportOthers::default(), replaces: None, removes: None };
    hall.shelters.register().import("西村", ImportKind::Residents, csv.into_bytes(), order).await.unwrap();
}

async fn search(hall: &Hall, name: &str) -> PeopleFound {
    hall.event.search("受付", PeopleSearch { name: name.to_owned(), shelter: None, limit: 10 }).await.unwrap()
}

fn names(found: &PeopleFound) -> (Vec<String>, Vec<String>) {
    let people = found.people.iter().map(|view| view.counts.person.as_ref().unwrap().name.clone()).collect();
    (people, found.residents.iter().map(|resident| resident.number.clone()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_headquarters_enter_move_and_let_go_with_all_history() {
    let hall = Hall::new().await;
    let first = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, person("西村　花子"))).await.unwrap();
    let moved = hall.event.write_person("西村", Sight::All, act(Some(first.chain), &[first.entry], "school", Act::Moved, person("西村　花子"))).await.unwrap();
    let gone = Person { destination: "姉の家".to_owned(), ..person("西村　花子") };
    hall.event.write_person("西村", Sight::All, act(Some(first.chain), &[moved.entry], "school", Act::Out, gone)).await.unwrap();
    let view = hall.event.person("西村", Sight::All, first.chain).await.unwrap();
    let steps: Vec<_> = view.history.iter().map(|step| (step.act, step.shelter.as_str(), step.person.is_some())).collect();
    assert_eq!(steps, [(Act::In, "gym", true), (Act::Moved, "school", true), (Act::Out, "school", true)]);
    assert_eq!(hall.event.summary().unwrap().present, 0);
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let again = hall.event.person("西村", Sight::All, first.chain).await.unwrap();
    assert!(again == view);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_no_name_all_people_of_one_shelter_are_found_and_of_the_event_nobody() {
    let hall = Hall::new().await;
    for (shelter, name) in [("gym", "西村　花子"), ("school", "足立　健一"), ("gym", "藤原　美代子")] {
        hall.event.write_person("西村", Sight::All, act(None, &[], shelter, Act::In, person(name))).await.unwrap();
    }
    let all = |shelter: Option<&str>| PeopleSearch { name: String::new(), shelter: shelter.map(|id| id.parse().unwrap()), limit: 10 };
    let (mut people, residents) = names(&hall.event.search("西村", all(Some("gym"))).await.unwrap());
    people.sort();
    assert_eq!((people, residents), (vec!["藤原　美代子".to_owned(), "西村　花子".to_owned()], Vec::new()));
    assert_eq!(hall.event.search("西村", all(None)).await.err().map(|refused| refused.refusal), Some(Refusal::ShelterInvalid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_lost_registers_nobody_and_terminals_hear_of_it_by_a_hash() {
    let hall = Hall::new().await;
    let by_code = |citizen, identified| Person { citizen: Some(citizen), identified, ..person("西村　花子") };
    let arrive = |person| hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, person));
    let refused = arrive(by_code(LOST, Identified::CitizenId)).await.unwrap_err();
    assert_eq!(refused.refusal, Refusal::CitizenCodeLost);
    // Whoever shows a card is who they are, whatever became of a paper.
    arrive(by_code(LOST, Identified::CardPin)).await.unwrap();
    arrive(by_code(CitizenId([7; 16]), Identified::CitizenId)).await.unwrap();
    let gym = hall.terminal("gym-1", "gym").await;
    let size = hall.event.published().roster.len();
    let first = hall.event.news(&gym.name, 0, 1).await.unwrap();
    let last = hall.event.news(&gym.name, 1, size).await.unwrap();
    assert_eq!((first.refused, last.refused), (vec![], vec![tachiai_schemas::identity::case::refused(LOST)]));
}

/// Residents with the code that was lost, as the register still has it: one under protection, or not.
pub async fn register_lost(hall: &Hall, protection: Protection) {
    let protected = if protection == Protection::Protected { "あり" } else { "" };
    let csv = format!(
        "宛名番号,氏名,氏名カナ,生年月日,性別,住所,行政区,世帯番号,続柄,支援措置,市民ID\n5,西村　密,ニシムラ　ヒソカ,1950-04-01,女,養父市八鹿町1,八鹿,a,世帯主,{protected},{LOST}\n"
    );
    let order = Order { mode: ImportMode::Apply, rows: ImportRows::default(), others: ImportOthers::default(), replaces: None, removes: None };
    hall.shelters.register().import("西村", ImportKind::Residents, csv.into_bytes(), order).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_protected_stays_so_with_the_code_that_took_the_place_of_a_lost_one_and_is_the_resident() {
    let hall = Hall::new().await;
    register_lost(&hall, Protection::Protected).await;
    let arrived = Person { citizen: Some(REPLACEMENT), identified: Identified::CitizenId, ..person("西村　花子") };
    let other = Person { citizen: Some(CitizenId([7; 16])), identified: Identified::CitizenId, ..person("西村　別人") };
    let done = hall.event.write_person("受付", Sight::Open, act(None, &[], "gym", Act::In, arrived)).await.unwrap();
    hall.event.write_person("受付", Sight::Open, act(None, &[], "gym", Act::In, other)).await.unwrap();
    assert_eq!(done.chain, hall.event.handle_of_resident("5"));
    assert_eq!(names(&search(&hall, "西村").await).0, ["西村　別人"]);
    assert_eq!(hall.event.person("受付", Sight::Open, done.chain).await.err().map(|refused| refused.refusal), Some(Refusal::NotFound));
    assert!(hall.event.person("西村", Sight::All, done.chain).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_who_was_given_an_id_is_the_same_by_number_and_by_code_and_finds_the_own_entries() {
    let hall = Hall::new().await;
    register(&hall, &[("1", HELD_BY, "ニシムラ　モツ", Protection::Open), ("2", "西村　花子", "ニシムラ　ハナコ", Protection::Open)]).await;
    let by_number = Person { resident: Some("1".to_owned()), identified: Identified::CardPin, ..person(HELD_BY) };
    let done = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, by_number)).await.unwrap();
    let by_code = Person { citizen: Some(HELD), ..Person::unknown(Identified::CitizenId, Stay::Shelter) };
    let again = hall.event.write_person("西村", Sight::All, act(None, &[], "school", Act::In, by_code)).await;
    assert_eq!(again.unwrap_err().refusal, Refusal::PersonChanged, "the person is registered");
    assert_eq!(done.chain, hall.event.handle_of_resident("1"));
    assert_eq!(hall.shelters.own_entries(HELD).await.unwrap().len(), 1);
    let codes = BTreeSet::from([HELD]);
    let handles = |codes| hall.event.published().maybe(codes, &hall.shelters.register().numbers_of(codes)).iter().map(|group| group.chain).collect::<Vec<_>>();
    assert_eq!(handles(&codes), [done.chain], "the access list and an alert know the handle by the ID");
    let gym = hall.terminal("gym-1", "gym").await;
    let pack = super::telling::opened_pack(&gym.identity, &hall.event.pack("受付", &gym.name).await.unwrap());
    assert_eq!(pack.residents.iter().map(|resident| resident.citizen).collect::<Vec<_>>(), [Some(HELD), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_residents_who_are_alike_in_all_an_id_leads_to_neither() {
    let hall = Hall::new().await;
    register(&hall, &[("1", HELD_BY, "ニシムラ　モツ", Protection::Open), ("2", HELD_BY, "ニシムラ　モツ", Protection::Open)]).await;
    let by_code = Person { citizen: Some(HELD), ..Person::unknown(Identified::CitizenId, Stay::Shelter) };
    let done = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, by_code)).await.unwrap();
    assert_eq!(done.chain, hall.event.handle_of_citizen(&HELD));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_the_own_entries_by_any_code_and_nobody_elses() {
    let hall = Hall::new().await;
    let mine = CitizenId([7; 16]);
    let (card, typed) = (Identified::CardPin, Identified::Typed);
    // Who was typed may be anybody: what the reception wrote down of the ID is no card.
    for (citizen, name, identified) in [(mine, "西村　花子", card), (mine, "西村　次郎", typed), (CitizenId([8; 16]), "西村　太郎", card)] {
        let person = Person { citizen: Some(citizen), identified, ..person(name) };
        hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, person)).await.unwrap();
    }
    let own = hall.shelters.own_entries(mine).await.unwrap();
    assert_eq!((own.len(), own[0].event), (1, hall.event.id));
    let verdict = tachiai_verify::roster::own::verify(&own[0].entry, None).unwrap();
    assert!(verdict.fields.iter().any(|(name, value)| name == "name" && value.contains("花子")));
    let taken = hall.event.private.entries().filter(|entry| matches!(entry.as_ref().unwrap().1, Kept::OwnTaken { .. })).count();
    assert_eq!(taken, 1);
    assert!(hall.shelters.own_entries(CitizenId([9; 16])).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_on_an_old_screen_is_told_and_nothing_is_written() {
    let hall = Hall::new().await;
    let first = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, person("西村　花子"))).await.unwrap();
    let chain = Some(first.chain);
    hall.event.write_person("田中", Sight::All, act(chain, &[first.entry], "gym", Act::Edit, person("西村　華子"))).await.unwrap();
    let size = hall.event.published().roster.len();
    let late = hall.event.write_person("西村", Sight::All, act(chain, &[first.entry], "gym", Act::Out, person("西村　花子"))).await;
    assert_eq!(late.unwrap_err().refusal, Refusal::PersonChanged);
    // A resident who is entered twice is one: the second is told.
    let known = Person { resident: Some("77".to_owned()), ..person("田中　一") };
    hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, known.clone())).await.unwrap();
    assert_eq!(hall.event.write_person("田中", Sight::All, act(None, &[], "school", Act::In, known)).await.unwrap_err().refusal, Refusal::PersonChanged);
    assert_eq!(hall.event.published().roster.len(), size + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officials_at_one_screen_do_not_both_write() {
    let hall = Arc::new(Hall::new().await);
    let first = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, person("西村　花子"))).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let event = Arc::clone(&hall.event);
            let edit = act(Some(first.chain), &[first.entry], "gym", Act::Edit, person(&format!("西村　{n}")));
            tokio::spawn(async move { event.write_person("西村", Sight::All, edit).await.is_ok() })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += usize::from(task.await.unwrap());
    }
    assert_eq!((written, hall.event.summary().unwrap().conflicts), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_in_two_places_is_a_conflict_that_an_entry_after_both_settles() {
    let hall = Hall::new().await;
    let (mut gym, mut school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis();
    let (one, two) = (gym.act(chain(1), Act::In, &person("西村　花子"), at - 1000), school.act(chain(1), Act::In, &person("西村　花子"), at));
    hall.take(gym.hand_in(&hall, &[one], at)).await.unwrap();
    hall.take(school.hand_in(&hall, &[two], at)).await.unwrap();
    let conflicts = hall.event.conflicts("西村").await.unwrap();
    assert_eq!((conflicts.len(), conflicts[0].conflict, conflicts[0].heads.len()), (1, Some(ConflictKind::TwoPlaces), 2));
    assert_eq!((hall.event.summary().unwrap().present, conflicts[0].counts.shelter.as_str()), (1, "school"));
    let heads: Vec<_> = conflicts[0].heads.iter().map(|head| head.entry).collect();
    let half = hall.event.write_person("西村", Sight::All, act(Some(chain(1)), &heads[..1], "gym", Act::Edit, person("西村　花子"))).await;
    assert_eq!(half.unwrap_err().refusal, Refusal::PersonChanged);
    hall.event.write_person("西村", Sight::All, act(Some(chain(1)), &heads, "gym", Act::Edit, person("西村　花子"))).await.unwrap();
    assert!(hall.event.conflicts("西村").await.unwrap().is_empty());
    assert_eq!(hall.event.view().unwrap().shelters[0].totals.present, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_under_protection_is_found_and_whoever_is_shown_is_recorded() {
    let hall = Hall::new().await;
    let open = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, person("西村　花子"))).await.unwrap();
    let hidden = Person {
        protection: Protection::Protected, resident: Some("2".to_owned()), kana: "ニシムラ　カクレコ".to_owned(), ..person("西村　隠子")
    };
    let hidden = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, hidden)).await.unwrap();
    let residents = [
        ("1", "西村　太郎", "ニシムラ　タロウ", Protection::Open),
        ("2", "西村　隠子", "ニシムラ　カクレコ", Protection::Open),
        ("3", "西村　密", "ニシムラ　ヒソカ", Protection::Protected),
    ];
    register(&hall, &residents).await;
    for query in ["西村", "にしむら", "ﾆｼﾑﾗ", "nishimura"] {
        let found = search(&hall, query).await;
        assert_eq!(names(&found), (vec!["西村　花子".to_owned()], vec!["1".to_owned()]), "{query}");
        assert_eq!(found.extent, Extent::All);
    }
    assert_eq!(hall.event.person("受付", Sight::Open, hidden.chain).await.err().unwrap().refusal, Refusal::NotFound);
    assert!(hall.event.person("西村", Sight::All, hidden.chain).await.is_ok());
    assert!(hall.event.duplicates("西村").await.unwrap().is_empty());
    let looked: Vec<(String, LookedBy, Vec<ChainId>)> = hall
        .event
        .private
        .entries()
        .filter_map(|entry| match entry.unwrap().1 {
            Kept::LookedUp { by, how, handles } => Some((by, how, handles)),
            _ => None,
        })
        .collect();
    let shown = vec![open.chain, hall.event.handle_of_resident("1")];
    assert_eq!(looked[0], ("受付".to_owned(), LookedBy::Search, shown));
    assert_eq!(looked.iter().filter(|(by, how, handles)| by == "西村" && *how == LookedBy::Handle && handles == &[hidden.chain]).count(), 1);
    assert_eq!(looked.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_who_is_in_a_shelter_is_not_offered_again() {
    let hall = Hall::new().await;
    register(&hall, &[("1", "西村　太郎", "ニシムラ　タロウ", Protection::Open)]).await;
    assert_eq!(names(&search(&hall, "西村").await).1, ["1"]);
    let here = Person { resident: Some("1".to_owned()), ..person("西村　太郎") };
    hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, here)).await.unwrap();
    assert_eq!(names(&search(&hall, "西村").await), (vec!["西村　太郎".to_owned()], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_alike_are_shown_until_officials_find_them_to_be_two() {
    let hall = Hall::new().await;
    let one = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, person("髙橋　花子"))).await.unwrap();
    let alike = Person { name_jis: Some("髙橋　花子".to_owned()), address: "別の町".to_owned(), ..person("高橋　花子") };
    let two = hall.event.write_person("西村", Sight::All, act(None, &[], "school", Act::In, alike)).await.unwrap();
    hall.event.write_person("西村", Sight::All, act(None, &[], "school", Act::In, Person { birth: Birth::Unknown, ..person("髙橋　花子") })).await.unwrap();
    let found = hall.event.duplicates("西村").await.unwrap();
    let handles: BTreeSet<_> = found[0].people.iter().flat_map(|view| view.handles.clone()).collect();
    assert_eq!(handles, [one.chain, two.chain].into());
    // Less alike is whoever has the name, and of whom no birth is known.
    assert_eq!(found.iter().map(|group| (group.alike, group.people.len())).collect::<Vec<_>>(), [(Alike::NameAndBirth, 2), (Alike::Name, 3)]);
    assert_eq!((hall.event.doubles().unwrap(), hall.event.summary().unwrap().present), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_typed_with_a_name_and_an_age_is_shown_beside_whom_they_may_be() {
    let hall = Hall::new().await;
    let typed = |name: &str, age| Person { kana: String::new(), address: String::new(), birth: Birth::Years(age), ..person(name) };
    let known = Person { kana: "ニシムラ　ハナコ".to_owned(), ..person("西村　花子") };
    for (place, person) in [("gym", known), ("school", typed("西村　花子", 75)), ("school", typed("にしむら　はなこ", 77)), ("gym", typed("西村　花子", 30))]
    {
        hall.event.write_person("西村", Sight::All, act(None, &[], place, Act::In, person)).await.unwrap();
    }
    let found = hall.event.duplicates("西村").await.unwrap();
    assert_eq!(found.iter().map(|group| (group.alike, group.people.len())).collect::<Vec<_>>(), [(Alike::NameAndAge, 2), (Alike::ReadingAndAge, 2)]);
    assert_eq!(hall.event.doubles().unwrap(), 2, "two of four may be the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_under_protection_and_was_typed_twice_is_shown_to_the_headquarters_first() {
    let hall = Hall::new().await;
    register(&hall, &[("3", "西村　密", "ニシムラ　ヒソカ", Protection::Protected)]).await;
    let (mut gym, mut school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis();
    // One terminal was told the name and the birth, the other the name in kana and an age; neither knows whom the register protects.
    let one = gym.act(chain(1), Act::In, &Person { kana: String::new(), ..person("西村　密") }, at);
    let two = school.act(chain(2), Act::In, &Person { kana: String::new(), birth: Birth::Years(76), ..person("にしむら　ひそか") }, at);
    let (three, four) = (gym.act(chain(3), Act::In, &person("田中　一"), at), school.act(chain(4), Act::In, &person("田中　一"), at));
    hall.take(gym.hand_in(&hall, &[one, three], at)).await.unwrap();
    hall.take(school.hand_in(&hall, &[two, four], at)).await.unwrap();
    let found = hall.event.duplicates("西村").await.unwrap();
    assert_eq!(found.iter().map(|group| group.alike).collect::<Vec<_>>(), [Alike::Protected, Alike::NameAndBirth]);
    let handles: Vec<_> = found[0].people.iter().flat_map(|view| view.handles.clone()).collect();
    assert_eq!(handles, [chain(1), chain(2)]);
    assert_eq!((hall.event.doubles().unwrap(), hall.event.summary().unwrap().present), (2, 4));
    // Nobody but the headquarters is told how many may be doubles.
    assert_eq!(hall.event.view().unwrap().doubles, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_of_a_person_is_refused() {
    let hall = Hall::new().await;
    let good = || Person { name: "甲".to_owned(), ..Person::unknown(Identified::Typed, Stay::Home) };
    let wrong = [
        act(None, &[], "gym", Act::Out, good()),
        act(None, &[], "nowhere", Act::In, good()),
        act(None, &[], "gym", Act::In, Person { name: "あ".repeat(201), ..good() }),
        act(None, &[], "gym", Act::In, Person { note: "\u{7}".to_owned(), ..good() }),
        act(None, &[], "gym", Act::In, Person { birth: Birth::Years(131), ..good() }),
        act(None, &[], "gym", Act::In, Person { allergies: vec!["卵".to_owned(), "卵".to_owned()], ..good() }),
    ];
    for act in wrong {
        assert_eq!(hall.event.write_person("西村", Sight::All, act).await.unwrap_err().refusal, Refusal::ShelterInvalid);
    }
    let long: Vec<String> = (0..100).map(|n| format!("{n:03}{}", "\"".repeat(190))).collect();
    let huge = act(None, &[], "gym", Act::In, Person { allergies: long, ..good() });
    assert_eq!(hall.event.write_person("西村", Sight::All, huge).await.unwrap_err().refusal, Refusal::TooLarge);
    // The journals are none the worse for it.
    hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, good())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_register_protects_is_hidden_whatever_the_entry_says() {
    let hall = Hall::new().await;
    register(&hall, &[("3", "西村　密", "ニシムラ　ヒソカ", Protection::Protected)]).await;
    let by_number = Person { resident: Some("3".to_owned()), ..person("西村　花子") };
    let by_name = Person { kana: String::new(), ..person("西村 密") };
    let by_reading = Person { kana: "ニシムラヒソカ".to_owned(), ..person("西村　ひそか") };
    for hidden in [by_number, by_name, by_reading] {
        let done = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, hidden)).await.unwrap();
        assert_eq!(hall.event.person("受付", Sight::Open, done.chain).await.err().unwrap().refusal, Refusal::NotFound);
    }
    let other = Person { birth: Birth::Day("1950-04-02".parse().unwrap()), ..person("西村　密") };
    hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, other)).await.unwrap();
    assert_eq!(names(&search(&hall, "西村").await).0, ["西村　密"], "born on another day");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reception_writes_takes_no_protection_away() {
    let hall = Hall::new().await;
    register(&hall, &[("3", "西村　密", "ニシムラ　ヒソカ", Protection::Protected)]).await;
    let protection = async |chain| hall.event.person("西村", Sight::All, chain).await.unwrap().counts.person.unwrap().protection;
    let hidden = Person { protection: Protection::Protected, ..person("西村　隠子") };
    let listed = Person { resident: Some("3".to_owned()), ..person("西村　密") };
    for hidden in [hidden, listed] {
        let open = Person { protection: Protection::Open, ..hidden.clone() };
        let first = hall.event.write_person("西村", Sight::All, act(None, &[], "gym", Act::In, hidden)).await.unwrap();
        let edit = act(Some(first.chain), &[first.entry], "gym", Act::Edit, open.clone());
        let edited = hall.event.write_person("受付", Sight::Open, edit).await.unwrap();
        assert_eq!(protection(first.chain).await, Protection::Protected);
        // The headquarters may.
        let edit = act(Some(first.chain), &[edited.entry], "gym", Act::Edit, open);
        hall.event.write_person("西村", Sight::All, edit).await.unwrap();
        assert_eq!(protection(first.chain).await, Protection::Open);
    }
    // Where nobody is protected, nothing is added.
    let first = hall.event.write_person("受付", Sight::Open, act(None, &[], "gym", Act::In, person("西村　花子"))).await.unwrap();
    let edit = act(Some(first.chain), &[first.entry], "school", Act::Moved, person("西村　花子"));
    hall.event.write_person("受付", Sight::Open, edit).await.unwrap();
    assert_eq!(protection(first.chain).await, Protection::Open);
}
